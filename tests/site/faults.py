"""Faults of every kind on a site with students at work, and what becomes of them: `make faults`, and in short form a test.

Bystanders move controls and trainers wait for a training while something is killed, paused, filled or cut. Survived is a fault after which the whole
site is well again, every bystander has moved a control, and every training has come to its end with the numbers that it has undisturbed.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import websockets

from benchmarks.load.student import Seen, Student
from core.wire import unpack
from tests.servers import Line, cuttable
from tests.site.disk import filled
from tests.site.topology import Site, site

BYSTANDERS, EPOCHS = 4, 200
PATIENCE = 120.0
_TROUBLE = (OSError, TimeoutError, websockets.WebSocketException)


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong.

    Attributes
    ----------
    name:
        What it is.
    happen:
        Makes it happen, given the site, the students' line to it and the seconds that a pause takes; returns once it is over or under way.
    """

    name: str
    happen: Callable[[Site, Line, float], None]


def _kill(part: str) -> Fault:
    return Fault(f"{part.rstrip('-1')} killed", lambda found, _line, _pause: found.kill(part))


def _pause(part: str) -> Fault:
    def happen(found: Site, _line: Line, seconds: float) -> None:
        pids = [each.pid for each in found.tree(part)]
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)
        time.sleep(seconds)
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)

    return Fault(f"{part.rstrip('-1')} paused", happen)


def _worker_process(found: Site, _line: Line, _seconds: float) -> None:
    """Kill the process that computes, below its nanny."""
    if pids := found.workers():
        os.kill(random.choice(pids), signal.SIGKILL)


def _cut(_found: Site, line: Line, seconds: float) -> None:
    line.cut()
    time.sleep(seconds)
    line.mend()


FAULTS = (
    Fault("computing process killed", _worker_process),
    _kill("worker-1"),
    _kill("scheduler"),
    _kill("web-1"),
    _kill("proxy"),
    _pause("worker-1"),
    _pause("scheduler"),
    _pause("web-1"),
    _pause("proxy"),
    Fault("students' network cut", _cut),
)
"""What is done to the site and to its students' line; a full disk is a matter of one server (`tests.site.disk`)."""


@dataclass
class Count:
    """Faults injected, survived and lost, and what was lost with them."""

    injected: int = 0
    survived: int = 0
    lost: list[str] = field(default_factory=list)
    again: list[float] = field(default_factory=list)

    def __str__(self) -> str:
        slowest = f"; a student went on after at most {max(self.again):.1f} s" if self.again else ""
        return f"{self.injected} faults injected, {self.survived} survived, {len(self.lost)} lost{slowest}"


async def go_on(student: Student) -> float:
    """Move a control, coming back as often as the connection is lost; return the seconds it took."""
    start = time.monotonic()
    while True:
        try:
            await asyncio.wait_for(student.move(), 30)
        except _TROUBLE:
            if time.monotonic() - start > PATIENCE:
                raise
            with suppress(*_TROUBLE):
                await student.recover(5.0)
        else:
            return time.monotonic() - start


async def trained(student: Student) -> list[bytes]:
    """Wait for the end of the training that a student's page shows, as the page does; return the messages of its film."""
    start = time.monotonic()
    while time.monotonic() - start < PATIENCE:
        for run in student.watched():
            heard = student.heard.get(run)
            # How it is comes before its film, which has the line's pace.
            if heard and heard.states[-1:] == ["done"] and heard.messages and unpack(heard.messages[-1]).get("to") == EPOCHS:
                return heard.messages
        try:
            if student.gone:
                await student.again()
            elif not student.connected:
                await student.recover(5.0)
        except _TROUBLE:
            pass
        await asyncio.sleep(0.2)
    raise TimeoutError(f"no end after {PATIENCE:g} s; states {student.states[-5:]}")


def numbers(messages: list[bytes]) -> dict[str, np.ndarray]:
    """Return the curves of a film, its messages joined."""
    found: dict[str, list[np.ndarray]] = {}
    for message in messages:
        for name, curve in unpack(message).get("curves", {}).items():
            found.setdefault(name, []).append(np.asarray(curve))
    return {name: np.concatenate(curves, axis=-1) for name, curves in found.items()}


def same(one: list[bytes], other: list[bytes]) -> bool:
    """Say whether two films show the same numbers, bit for bit."""
    left, right = numbers(one), numbers(other)
    return bool(left) and left.keys() == right.keys() and all(np.array_equal(left[name], right[name], equal_nan=True) for name in left)


async def ordeal(found: Site, faults: list[Fault], pause: float, say: Callable[[str], None] = lambda _: None) -> Count:
    """Have faults happen one after the other while students work; return what became of them."""
    with cuttable(found.url) as line:
        return await _ordeal(found, line, faults, pause, say)


async def _ordeal(found: Site, line: Line, faults: list[Fault], pause: float, say: Callable[[str], None]) -> Count:
    count, seen = Count(), Seen()
    students = [Student(line.url, seen, i) for i in range(BYSTANDERS)]
    for student, page in zip(students, ("diamond_and_circle", "step_by_step", "training", "bias_and_variance"), strict=True):
        await student.open(page, assets=False)
    films: dict[int, list[bytes]] = {}
    for number, fault in enumerate(faults):
        count.injected += 1
        trainer = Student(line.url, seen, 100 + number)
        await _open(trainer, number)
        await asyncio.sleep(random.uniform(0.2, 1.5))
        begun = time.monotonic()
        happening = asyncio.to_thread(fault.happen, found, line, pause)
        results = await asyncio.gather(happening, *(go_on(each) for each in students), trained(trainer), return_exceptions=True)
        problems = [str(each) or type(each).__name__ for each in results if isinstance(each, BaseException)]
        count.again += [each for each in results if isinstance(each, float)]
        try:
            await asyncio.to_thread(found.await_well, PATIENCE)
        except TimeoutError as problem:
            problems.append(str(problem))
        if isinstance(results[-1], list):
            films[number] = results[-1]
        count.survived += not problems
        count.lost += [f"{fault.name}: {problem}" for problem in problems]
        say(f"  {fault.name:26} {'survived' if not problems else 'LOST'} in {time.monotonic() - begun:5.1f} s {'; '.join(problems)[:200]}")
        await trainer.leave()
    # Undisturbed, once nobody holds the runs any more: what is computed anew is the same.
    await asyncio.sleep(GRACE + 2.0)
    for number, film in films.items():
        trainer = Student(line.url, seen, 200 + number)
        await _open(trainer, number)
        if not same(film, await trained(trainer)):
            count.survived -= 1
            count.lost.append(f"{faults[number].name}: the training ended with other numbers")
        await trainer.leave()
    count.lost += [f"{what} ({times} times)" for what, times in seen.errors.items()]
    await asyncio.gather(*(each.leave() for each in students))
    return count


GRACE = 1.0
"""Seconds for which a run is held that nobody watches: short, so that equal settings are computed again."""
SETTINGS = {"LAB_GRACE": str(GRACE), "LAB_PLACES": "0"}


async def _open(student: Student, number: int) -> None:
    """Open the training whose initial weights have this number; the site may still be coming back."""
    for _ in range(60):
        try:
            await student.open("training", f"tn_seed={number % 100}&tn_epochs={EPOCHS}", assets=False)
        except _TROUBLE:
            await asyncio.sleep(1.0)
        else:
            return


def left_running(folder: Path) -> list[str]:
    """Return the processes that a site has left behind: those whose environment names its folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if str(folder).encode() in (path / "environ").read_bytes() and int(path.name) != os.getpid():
                found.append(f"{path.name}: {(path / 'cmdline').read_bytes().replace(bytes(1), b' ').decode(errors='replace')[:150]}")
    return found


def main() -> int:
    """Have every fault happen some times, in a random order; print the count; return 1 where one was lost or anything is left running."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=3, help="how often each fault happens")
    options.add_argument("--pause", type=float, default=10.0, help="seconds that a process is paused")
    options.add_argument("--seed", type=int, default=0)
    given = options.parse_args()
    random.seed(given.seed)
    faults = [fault for _ in range(given.rounds) for fault in random.sample(FAULTS, len(FAULTS))]
    with tempfile.TemporaryDirectory(prefix="lab-faults-") as folder:
        with site(Path(folder), env=SETTINGS) as found:
            count = asyncio.run(ordeal(found, faults, given.pause, lambda line: print(line, flush=True)))
        left = left_running(Path(folder))
        if (problems := filled(Path(folder))) is not None:
            count.injected += 1
            count.survived += not problems
            count.lost += [f"disk full: {problem}" for problem in problems]
            print(f"  {'disk full':26} {'survived' if not problems else 'LOST'}")
    print(f"\n{count}; {len(left)} processes left running")
    for what in [*count.lost, *left]:
        print(f"  {what}")
    return int(bool(count.lost or left))


if __name__ == "__main__":
    sys.exit(main())
