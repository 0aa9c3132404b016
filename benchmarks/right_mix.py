"""How fast a map of the right mix comes: `python -m benchmarks.right_mix`.

A 16 x 16 map of lambda and p, 256 networks trained for 200 epochs, on an engine of two workers, from the click on: when its first block is there,
when the whole map is, and how long one core takes for the same networks trained one by one.
"""

from __future__ import annotations

import sys
import tempfile
import time

import torch

from benchmarks.engine import engine
from core import training
from core.engine import runs
from core.engine import studies as engine_studies
from core.right_mix.maps import BLOCK, CELLS, MixMap
from core.right_mix.methods import METHODS
from core.right_mix.search import MixSearch
from core.right_mix.settings import SPACES, START
from core.studies.shelf import Shelf
from core.studies.store import Store
from tests.core.engine_stand_in import Watch

MOST_SECONDS = 12.0
"""What the lab promises of 256 networks and 200 epochs on two cores."""
SAMPLE = 4


def first_map(study: MixMap) -> list[float]:
    """Return the seconds from the click until each block of the first draw is there to be drawn."""
    times: list[float] = []
    start = time.monotonic()
    with Watch(runs.study(study, "clicker")) as watch:
        for blocks in range(1, CELLS // BLOCK + 1):
            watch.until(lambda watch, blocks=blocks: watch.state.get("ready", 0) >= blocks, seconds=120)
            times.append(time.monotonic() - start)
    runs.stop_study(study.id, "clicker")
    return times


def one_by_one(study: MixMap) -> float:
    """Return the seconds for 256 networks trained one after the other on one core, from a few of them."""
    torch.set_num_threads(1)
    family = study.parts()[0].training
    start = time.perf_counter()
    for i in range(SAMPLE):
        training.advance(training.start(family.member(17 * i)), study.epochs)
    return (time.perf_counter() - start) / SAMPLE * CELLS**2


def first_trials(study: MixSearch) -> float:
    """Return the seconds from the click until every method has told of eight trials."""
    start = time.monotonic()
    with Watch(runs.study(study, "searcher")) as watch:

        def all_have_begun(_: Watch) -> bool:
            there = runs.outcomes(study.id)
            return there is not None and all(len(lane.trials) >= 1 for lane in study.conclude(there).lanes)

        watch.until(all_have_begun, seconds=120)
        found = time.monotonic() - start
    runs.stop_study(study.id, "searcher")
    return found


def proposals() -> float:
    """Return the milliseconds of the slowest round of proposals, the Bayesian one after 56 trials."""
    tried = [(START, 0.5 + 0.001 * i) for i in range(56)]
    METHODS["bayesian"](SPACES["all"], 64, 0, tried)
    start = time.perf_counter()
    METHODS["bayesian"](SPACES["all"], 64, 1, tried)
    return 1e3 * (time.perf_counter() - start)


def main() -> int:
    """Run all of it; return 1 where the promise is broken."""
    study = MixMap(noise=0.3)
    with tempfile.TemporaryDirectory() as folder:
        held = Store(f"sqlite:///{folder}/kept.sqlite")
        engine_studies.store = runs.store = lambda: held  # type: ignore[assignment,attr-defined]
        engine_studies.SHELF = Shelf(kept=held)  # type: ignore[attr-defined]
        with engine():
            first_map(MixMap(noise=0.3, epochs=100, units=8))  # the workers' own imports are no part of it
            times = first_map(study)
            searching = first_trials(MixSearch(noise=0.3))
    print(f"{'seconds from the click, two workers':60}{'':>9}{'promise':>9}")
    print(f"{'first 64 networks of the map drawn':60}{times[0]:9.2f}")
    print(f"{'256 networks, 200 epochs: the whole map':60}{times[-1]:9.2f}{MOST_SECONDS:9.0f}")
    print(f"{'the same networks one by one, on one core (from a few)':60}{one_by_one(study):9.1f}")
    print(f"{'sixteen searches: every one has told of a trial':60}{searching:9.2f}")
    print(f"{'milliseconds of a Bayesian round of eight proposals':60}{proposals():9.0f}")
    return 0 if times[-1] <= MOST_SECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
