"""What a class would wait for, simulated: students who think, act and wait, before web processes that do one thing at a time.

The costs of a move are those that were measured of one student alone (docs/scaling.md); what is simulated is how they get into each other's way. Held
against `make load` it says how far such a model can be trusted, and so how many web processes more students want: `python -m benchmarks.load.model`.
"""

from __future__ import annotations

import heapq
import random
import sys
from dataclasses import dataclass
from statistics import median

EVERY = 3.0
"""Seconds between a student's moves, give or take a third, as `benchmarks.load.crowd` has it."""


@dataclass(frozen=True)
class Move:
    """A kind of move: its share of all, the seconds of processor that it takes at least, and those of computing on top of it, on average."""

    share: float
    least: float
    more: float = 0.0


MOVES = (
    Move(0.62, 0.008),  # a scrub that runs alone
    Move(0.15, 0.035),  # one that the whole page runs for
    Move(0.10, 0.045),  # a setting that somebody has had before, a preset
    Move(0.13, 0.045, 0.090),  # one that nobody has had
)
"""Of all labs with a quarter of the moves beside the charts; sending and reading the messages is in them."""


@dataclass(frozen=True)
class Told:
    """What came of it: replies a second, and the seconds within which half and 95 of 100 came."""

    rate: float
    half: float
    most: float


def simulate(students: int, web: int, moves: tuple[Move, ...] = MOVES, seconds: float = 600.0, seed: int = 0) -> Told:
    """Have students act for some time; each has one web process, which answers them in the order of asking."""
    chance = random.Random(seed)
    free = [0.0] * web
    asked = [(chance.uniform(0.0, EVERY), student) for student in range(students)]
    heapq.heapify(asked)
    waits = []
    while asked[0][0] < seconds:
        now, student = heapq.heappop(asked)
        (move,) = chance.choices(moves, [each.share for each in moves])
        begun = max(now, free[student % web])
        free[student % web] = done = begun + move.least + (chance.expovariate(1.0 / move.more) if move.more else 0.0)
        waits.append(done - now)
        heapq.heappush(asked, (max(done, now + EVERY * chance.uniform(2 / 3, 4 / 3)), student))
    waits.sort()
    return Told(len(waits) / seconds, median(waits), waits[int(0.95 * len(waits))])


def wanted(students: int, most: float = 0.3) -> int:
    """Return how many web processes it takes until 95 of 100 replies come within so many seconds."""
    web = max(1, students // 60)
    while simulate(students, web, seconds=max(30.0, 600.0 * 60 / students)).most > most:
        web += max(1, students // 600)
    return web


def main() -> int:
    """Print a table."""
    print(f"{'students':>10}{'web processes':>15}{'replies/s':>12}{'half within':>14}{'95 % within':>14}")
    for students in (60, 200, 1000, 10_000):
        for web in sorted({1, 2, wanted(students)} if students <= 200 else {wanted(students)}):
            told = simulate(students, web, seconds=max(30.0, 600.0 * 60 / students))
            print(f"{students:10}{web:15}{told.rate:12.1f}{1000 * told.half:11.0f} ms{1000 * told.most:11.0f} ms")
    return 0


if __name__ == "__main__":
    sys.exit(main())
