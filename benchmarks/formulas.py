"""How long typed formulas take, by 20,000 fuzzed and the hostile ones made by hand: `python -m benchmarks.formulas`.

A text is taken apart, differentiated twice, and drawn on the 61 x 61 grid that it is first tried on, or refused; then the two labs that take any
formula solve some of those that are surfaces. Nothing is remembered between two texts. Times are of the processor: others may use the machine too.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable

import numpy as np

from core import race, smoothing
from core.errors import InvalidInput
from core.specs import RaceSpec, SmoothingSpec
from core.specs.ground import OWN
from core.surfaces import SURFACES, parse_surface
from core.surfaces.typed import _surface, typed
from tests.core.hostile_formulas import FUZZED, HOSTILE, fuzz

SOLVED = 150  # of the surfaces, by each lab
# What the lab promises.
PATIENCE, ANSWER, APART = 0.2, 3.0, 1e-12


def taken(text: str) -> tuple[float, bool]:
    """Return the seconds that a text takes, and whether it is a surface."""
    typed.cache_clear()
    _surface.cache_clear()
    start = time.process_time()
    try:
        parse_surface(text)
    except InvalidInput:
        return time.process_time() - start, False
    return time.process_time() - start, True


def row(name: str, texts: list[str]) -> tuple[float, list[str]]:
    """Print the row of some texts; return the worst time and the texts that are surfaces."""
    found = [(*taken(text), text) for text in texts]
    times = np.array([seconds for seconds, _, _ in found])
    worst = max(found)[2]
    surfaces = [text for _, accepted, text in found if accepted]
    shown = worst if len(worst) < 40 else f"{worst[:37]}..."
    numbers = "".join(f"{1e3 * each:>9.2f}" for each in (np.median(times), np.quantile(times, 0.99), times.max()))
    print(f"{name:<28}{len(texts):>8}{len(surfaces):>10}{numbers}  {shown!r}")
    return float(times.max()), surfaces


def solved(name: str, make: Callable[[str], RaceSpec | SmoothingSpec], solve: Callable[[str], object], texts: list[str]) -> float:
    """Print the row of a lab; return its worst time."""
    times = []
    for text in texts:
        try:
            make(text)
        except InvalidInput:
            continue
        start = time.process_time()
        solve(text)
        times.append((time.process_time() - start, text))
    seconds = np.array([each for each, _ in times])
    worst = max(times)[1]
    print(f"{name:<28}{len(times):>8}{np.median(seconds):>19.3f}{np.quantile(seconds, 0.99):>9.3f}{seconds.max():>9.3f}  {worst[:40]!r}")
    return float(seconds.max())


def _raced(text: str) -> object:
    result = race.solve(RaceSpec(surface=OWN, formula=text))
    return result.floor, result.limit, result.tuned, result.anatomy, result.landscape


def _smoothed(text: str) -> object:
    result = smoothing.solve(SmoothingSpec(surface=OWN, formula=text))
    return result.measured, result.predicted, result.landscape


def apart() -> float:
    """Return how far a typed Rosenbrock is from the built-in one: the largest of value, gradient and Hessian, each beside 1 or its own size."""
    own, built_in = parse_surface("(1 - w1)**2 + 100*(w2 - w1**2)**2"), SURFACES["rosenbrock"]
    at = np.random.default_rng(0).uniform(-3.0, 3.0, size=(100_000, 2))
    far = []
    for name in ("value", "gradient", "hessian"):
        mine, theirs = getattr(own, name)(at), getattr(built_in, name)(at)
        far.append(float((np.abs(mine - theirs) / np.maximum(1.0, np.abs(theirs))).max()))
    print(f"A typed Rosenbrock beside the built-in one at 100,000 points: value {far[0]:.1e}, gradient {far[1]:.1e}, Hessian {far[2]:.1e}")
    return max(far)


def main() -> int:
    """Print the tables; return 1 where a promise is broken."""
    taken("w1**2 + w2**2")
    print(f"{'texts':<28}{'':>8}{'surfaces':>10}{'median':>9}{'p99':>9}{'worst':>9}  worst [ms]")
    slowest, surfaces = row("made by hand", list(HOSTILE))
    again, more = row("fuzzed", [fuzz(seed) for seed in range(FUZZED)])
    surfaces += random.Random(0).sample(more, SOLVED)
    print(f"{'labs':<28}{'':>8}{'median':>19}{'p99':>9}{'worst':>9}  worst [s]")
    longest = max(
        solved("Optimizer race", lambda text: RaceSpec(surface=OWN, formula=text), _raced, surfaces),
        solved("Smoothing and curvature", lambda text: SmoothingSpec(surface=OWN, formula=text), _smoothed, surfaces),
    )
    return int(max(slowest, again) > PATIENCE or longest > ANSWER or apart() > APART)


if __name__ == "__main__":
    sys.exit(main())
