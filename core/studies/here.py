"""A study computed in this process: for tests, for commands, and for what is shipped. The numbers are the engine's, step by step."""

from __future__ import annotations

from collections.abc import Callable

from core.studies.steps import begin, gather, steps_of, take
from core.studies.study import Outcome, Study


def run(study: Study, progress: Callable[[int, int], None] | None = None) -> tuple[Outcome, ...]:
    """Return what came of each part.

    Parameters
    ----------
    study:
        What to compute.
    progress:
        Called after each step with how many are done, of how many.
    """
    plans = [(part, steps_of(part)) for part in study.parts()]
    total, done = sum(len(steps) for _, steps in plans), 0
    outcomes = []
    for part, steps in plans:
        state = begin(part)
        found = []
        for step in steps:
            state, raw = take(study, part, state, step)
            found.append(raw)
            done += 1
            if progress is not None:
                progress(done, total)
        outcomes.append(gather(part, found))
    return tuple(outcomes)
