"""What a study is: families to be trained, and what is measured of them. Plain values and no torch, so that pages can hold and compare studies.

The engine computes a study in steps (`core.studies.steps`); `core.studies.here` computes one in this process, and `core.studies.shelf` holds the
results that are there.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from core.errors import InvalidInput
from core.specs.training import TrainingSpec

if TYPE_CHECKING:
    from core.training import TrainingState

Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True)
class Measure:
    """One measurement of a family, a task of its own.

    Attributes
    ----------
    what:
        A name that the study's `measure` understands.
    epoch:
        After which epoch of the training; 0 is before the first.
    members:
        Which members; () for all.
    options:
        (name, value) pairs of plain values.
    seconds:
        About how long one core needs for it; more than a second should be two measures.
    """

    what: str
    epoch: int
    members: tuple[int, ...] = ()
    options: tuple[tuple[str, Any], ...] = ()
    seconds: float = 0.2

    def option(self, name: str, default: Any = None) -> Any:  # noqa: ANN401 - plain values of several types
        """Return an option's value."""
        return dict(self.options).get(name, default)


@dataclass(frozen=True)
class Part:
    """A family to be trained to its last epoch, and measured on the way.

    Attributes
    ----------
    training:
        The family.
    measures:
        What is measured; their results come in this order.
    curves:
        Which of a `core.training.Snapshot`'s curves are kept.
    every:
        Of those, epochs 0, every, 2 every, ... and the last one are kept.
    note:
        What an `AdaptiveStudy` has to know of this part when it reads its outcome; the outcome then carries it, and the family's settings.
    """

    training: TrainingSpec
    measures: tuple[Measure, ...] = ()
    curves: tuple[str, ...] = ("train_loss", "val_loss")
    every: int = 1
    note: str = ""

    def __post_init__(self) -> None:
        """Refuse a measurement after the end."""
        for measure in self.measures:
            if not 0 <= measure.epoch <= self.training.epochs:
                raise InvalidInput(f"a measure at epoch {measure.epoch}", f"0 to {self.training.epochs}", "Train for longer, or measure earlier.")


@dataclass(frozen=True)
class Outcome:
    """What came of a part, as far as it has been computed.

    Attributes
    ----------
    epochs:
        (n,) the epochs that the curves have values at.
    curves:
        Name -> (k, n).
    status, sentences:
        (k,) as in `core.training.Snapshot`; () before the first step.
    measures:
        What each measure returned; None for those that are not there yet.
    note, training:
        Of a part with a note: the note, and the family's settings as JSON.
    """

    epochs: NDArray[np.int64]
    curves: Arrays
    status: tuple[str, ...]
    sentences: tuple[str, ...]
    measures: tuple[Arrays | None, ...]
    note: str = ""
    training: str = ""

    def measured(self, i: int) -> Arrays:
        """Return what a measure returned.

        Raises
        ------
        InvalidInput
            Where it has not been taken yet.
        """
        found = self.measures[i]
        if found is None:
            raise InvalidInput(f"measure {i}", "one that has been taken", "Wait for it.")
        return found


class Study(ABC):
    """An experiment on trained networks; subclasses are frozen dataclasses whose fields, with a default each, are its settings.

    Two studies with equal fields are equal, and have the same results wherever they are computed.
    """

    key: ClassVar[str]
    """A name in snake_case that no other study has."""

    @abstractmethod
    def parts(self) -> tuple[Part, ...]:
        """Return the families to be trained and what is measured of them; cheap, and always the same."""

    def measure(self, measure: Measure, state: TrainingState) -> dict[str, NDArray[Any]]:
        """Return what a measure finds, name -> array; in a worker, where torch may be imported. Pure and deterministic."""
        raise InvalidInput(f"measure {measure.what!r} at epoch {state.epoch}", f"no measures: {self.key} reads curves alone", "Leave it out.")

    @abstractmethod
    def conclude(self, outcomes: tuple[Outcome, ...]) -> Any:  # noqa: ANN401 - a result of the study's own
        """Return the result, from one outcome for each part; without torch, in well under a tenth of a second."""

    def table(self, result: Any) -> list[str]:  # noqa: ANN401 - what conclude returned
        """Return the result as lines of text, for a terminal."""
        return [str(result)]

    @classmethod
    def shipped(cls) -> tuple[Self, ...]:
        """Return the settings whose results come with the lab: those that pages open with."""
        return (cls(),)

    def stands_in(self, other: Study) -> bool:
        """Return whether this study's result may be shown where another one of its kind has not been measured yet."""
        return type(other) is type(self)

    @property
    def seconds(self) -> float:
        """About how long one core needs for it."""
        return sum(map(seconds_of, self.parts()))

    def to_json(self) -> str:
        """Return the study as JSON, the same text for equal studies."""
        return json.dumps({"study": self.key, **dataclasses.asdict(self)}, sort_keys=True, separators=(",", ":"))  # type: ignore[call-overload]

    @property
    def id(self) -> str:
        """Return a name for exactly these settings."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()[:20]


class AdaptiveStudy(Study):
    """A study that decides on the way what to train next, such as a search: lanes side by side, each a sequence of parts.

    The next part of a lane is a pure function of the study and of what came of the lane's parts before, so a lane can go on anywhere, at any time,
    from outcomes that were kept. It is asked for in a worker.
    """

    @property
    @abstractmethod
    def lanes(self) -> int:
        """How many sequences there are."""

    @abstractmethod
    def following(self, lane: int, before: tuple[Outcome, ...]) -> Part | None:
        """Return the part of a lane that follows those that came ``before``, in order, with a note; None at the lane's end."""

    @abstractmethod
    def share(self, before: tuple[Outcome, ...]) -> float:
        """Return how much of a lane is done, 0 to 1."""

    def parts(self) -> tuple[Part, ...]:
        """Return the first part of each lane."""
        first = (self.following(lane, ()) for lane in range(self.lanes))
        return tuple(part for part in first if part is not None)


def seconds_of(part: Part) -> float:
    """Return about how long one core needs for a part."""
    from core.engine.plan import seconds

    epoch, picture = seconds(part.training)
    return part.training.epochs * epoch + picture + sum(measure.seconds for measure in part.measures)


def study_of(text: str) -> Study:
    """Return the study that `Study.to_json` wrote.

    Raises
    ------
    InvalidInput
        Where it names a study or a field that there is none of.
    """
    from core.studies.catalogue import studies

    given = json.loads(text)
    kind = studies().get(given.pop("study", ""))
    if kind is None:
        raise InvalidInput("a study by another name", "one of " + ", ".join(studies()), "Name one of them.")
    names = {field.name for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    if unknown := set(given) - names:
        raise InvalidInput(f"a field {min(unknown)!r}", "one of " + ", ".join(sorted(names)), "Leave it out.")
    return kind(**{name: tuples(value) for name, value in given.items()})


def tuples(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return JSON's lists as tuples."""
    return tuple(tuples(each) for each in value) if isinstance(value, Sequence) and not isinstance(value, str) else value
