"""What an experiment asks for: families to be trained and measures to be taken in a worker, and what becomes of their outcomes.

The same machinery as for studies: a request is made of parts, so that it can be computed here, or by the engine with progress shown.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.specs.training import TrainingSpec
from core.studies.study import Measure, Outcome, Part, Study

if TYPE_CHECKING:
    from core.training import TrainingState

Found = Mapping[str, Any]

_IDLE = TrainingSpec(points=4, hidden=(1,), epochs=1)
"""A family that nobody looks at: what needs no training needs only a worker."""
_APART = 1000
"""Between the seeds of two draws of a study."""
_AT_ONCE = 2
"""Parts that an experiment without networks is divided into: the engine computes two of a study side by side."""


def _nothing(measure: Measure, _state: TrainingState) -> dict[str, NDArray[Any]]:
    from core.errors import InvalidInput

    raise InvalidInput(f"measure {measure.what!r}", "none: this experiment reads curves alone", "Leave it out.")


@dataclass(frozen=True)
class Request:
    """What is to be computed.

    Attributes
    ----------
    parts:
        As in `core.studies.study.Study.parts`.
    conclude:
        Makes of the outcomes what the experiment is sent; without torch.
    measure:
        As in `core.studies.study.Study.measure`; called in a worker.
    """

    parts: tuple[Part, ...]
    conclude: Callable[[tuple[Outcome, ...]], Any]
    measure: Callable[[Measure, TrainingState], dict[str, NDArray[Any]]] = _nothing


def for_each(function: Callable[[int], Found], seeds: Sequence[int], seconds: float = 0.1) -> Request:
    """Ask for a function of a seed, once a seed; the experiment is sent name -> (s, ...) in the order of the seeds.

    Parameters
    ----------
    function:
        Pure; returns name -> number, or array of two or more, the same names and shapes for each seed.
    seeds:
        Whole numbers.
    seconds:
        About how long one call takes.
    """

    def measure(measure: Measure, _state: TrainingState) -> dict[str, NDArray[Any]]:
        return {name: np.asarray(value, dtype=np.float64) for name, value in function(measure.option("seed")).items()}

    def conclude(outcomes: tuple[Outcome, ...]) -> dict[str, NDArray[np.float64]]:
        taken: list[Any] = [None] * len(seeds)
        for i, outcome in enumerate(outcomes):
            taken[i :: len(outcomes)] = [outcome.measured(j) for j in range(len(outcome.measures))]
        return {name: _squeezed(np.stack([np.asarray(each[name], dtype=np.float64) for each in taken])) for name in taken[0]}

    dealt = [seeds[i::_AT_ONCE] for i in range(min(_AT_ONCE, len(seeds)))]
    parts = [Part(_IDLE, tuple(Measure("seed", 0, options=(("seed", seed),), seconds=seconds) for seed in own), curves=()) for own in dealt]
    return Request(tuple(parts), conclude, measure)


def _squeezed(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return numbers as (s,): on their travel they become arrays of one."""
    return values[:, 0] if values.shape[1:] == (1,) else values


def once(function: Callable[[], Found], seconds: float = 0.1) -> Request:
    """Ask for a function once; the experiment is sent name -> array."""

    def conclude(outcomes: tuple[Outcome, ...]) -> dict[str, NDArray[np.float64]]:
        return {name: np.asarray(value, dtype=np.float64) for name, value in outcomes[0].measured(0).items()}

    def measure(_measure: Measure, _state: TrainingState) -> dict[str, NDArray[Any]]:
        return {name: np.asarray(value, dtype=np.float64) for name, value in function().items()}

    return Request((Part(_IDLE, (Measure("once", 0, seconds=seconds),), curves=()),), conclude, measure)


def studied(study: Study, draw: int = 0, change: Callable[[TrainingSpec], TrainingSpec] | None = None) -> Request:
    """Ask for a study of a lab; the experiment is sent what it concludes.

    Parameters
    ----------
    study:
        With the settings of the lab, whose own seeds are those of the first draw.
    draw:
        Which set of seeds: of the initial weights and of the data.
    change:
        What is done to each of its families, to make another experiment of it.
    """

    def moved(part: Part) -> Part:
        family = part.training
        seed = tuple(each + _APART * draw for each in family.seed) if isinstance(family.seed, tuple) else family.seed + _APART * draw
        family = family.replace(seed=seed, data_seed=family.data_seed + _APART * draw)
        return dataclasses.replace(part, training=family if change is None else change(family))

    return Request(tuple(map(moved, study.parts())), study.conclude, study.measure)


def repeated(study: Study, draw: int, sets: int, change: Callable[[TrainingSpec], TrainingSpec] | None = None) -> Request:
    """Ask for a study of a lab on several draws of its data; the experiment is sent a tuple of what it concludes, one a data set.

    Seeds of initial weights on one data set agree about these data alone: how far they scatter says nothing of other data. A claim about networks
    is judged by data sets, each the mean of its seeds.

    Parameters
    ----------
    study, change:
        As for `studied`.
    draw:
        Which data sets; no two draws share one.
    sets:
        How many.
    """
    return together(*(studied(study, draw * sets + i, change) for i in range(sets)))


def trained(*parts: Part, measure: Callable[[Measure, TrainingState], dict[str, NDArray[Any]]] = _nothing) -> Request:
    """Ask for families; the experiment is sent their outcomes."""
    return Request(parts, lambda outcomes: outcomes, measure)


def together(*requests: Request) -> Request:
    """Ask for several things; the experiment is sent a tuple of what each alone would have sent."""
    parts = tuple(_named(part, i) for i, request in enumerate(requests) for part in request.parts)
    ends = np.cumsum([len(request.parts) for request in requests]).tolist()

    def conclude(outcomes: tuple[Outcome, ...]) -> tuple[Any, ...]:
        starts = [0, *ends[:-1]]
        return tuple(request.conclude(outcomes[start:end]) for request, start, end in zip(requests, starts, ends, strict=True))

    def measure(measure: Measure, state: TrainingState) -> dict[str, NDArray[Any]]:
        which, _, what = measure.what.partition("/")
        return requests[int(which)].measure(dataclasses.replace(measure, what=what), state)

    return Request(parts, conclude, measure)


def _named(part: Part, which: int) -> Part:
    """Return a part whose measures say whose they are."""
    return dataclasses.replace(part, measures=tuple(dataclasses.replace(each, what=f"{which}/{each.what}") for each in part.measures))
