"""What a process of `make claims` does: a module of its own, since a program's main module cannot be found by the processes that it starts."""

from __future__ import annotations

import time

from core.claims.trial import Trial
from core.studies.here import run
from core.studies.study import Outcome


def timed(trial: Trial) -> tuple[tuple[Outcome, ...], float]:
    """Return what came of a trial's parts, and the seconds that they took."""
    begun = time.perf_counter()
    return run(trial), time.perf_counter() - begun
