"""A study computed in this process: for tests, for commands, and for what is shipped. The numbers are the engine's, step by step."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from core.studies.parcels import outcome_bytes, outcome_of
from core.studies.steps import Step, begin, gather, steps_of, take
from core.studies.study import AdaptiveStudy, Outcome, Part, Study


def run(study: Study, progress: Callable[[int, int], None] | None = None) -> tuple[Outcome, ...]:
    """Return what came of each part.

    Parameters
    ----------
    study:
        What to compute.
    progress:
        Called after each part with how much is done, of how much.
    """
    if isinstance(study, AdaptiveStudy):
        return _adaptive(study, progress)
    plans = [(part, steps_of(part)) for part in study.parts()]
    total, done = sum(len(steps) for _, steps in plans), 0
    outcomes = []
    for part, steps in plans:
        outcomes.append(_taken(study, part, steps))
        done += len(steps)
        if progress is not None:
            progress(done, total)
    return tuple(outcomes)


def _adaptive(study: AdaptiveStudy, progress: Callable[[int, int], None] | None) -> tuple[Outcome, ...]:
    outcomes: list[Outcome] = []
    for lane in range(study.lanes):

        def told(before: tuple[Outcome, ...], lane: int = lane) -> None:
            if progress is not None:
                progress(round(100 * (lane + study.share(before))), 100 * study.lanes)

        outcomes += run_lane(study, lane, told)
    return tuple(outcomes)


def run_lane(study: AdaptiveStudy, lane: int, told: Callable[[tuple[Outcome, ...]], None] | None = None) -> tuple[Outcome, ...]:
    """Return what came of one lane's parts; ``told`` is called after each with those so far."""
    before: tuple[Outcome, ...] = ()
    while (part := study.following(lane, before)) is not None:
        # As it is after its travel to and from a worker, or a database.
        before = (*before, outcome_of(outcome_bytes(_taken(study, part, steps_of(part)))))
        if told is not None:
            told(before)
    return before


def _taken(study: Study, part: Part, steps: Sequence[Step]) -> Outcome:
    state, found = begin(part), []
    for step in steps:
        state, raw = take(study, part, state, step)
        found.append(raw)
    return gather(part, found)
