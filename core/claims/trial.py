"""A claim's experiment as a study, so that the engine runs it, the shelf keeps it and the lab ships it like any other measurement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

from numpy.typing import NDArray

from core.claims.catalogue import CLAIMS
from core.claims.claim import Claim, Findings, Ruling, judged
from core.claims.request import Request
from core.claims.words import lines
from core.errors import InvalidInput
from core.studies.study import Measure, Outcome, Part, Study

if TYPE_CHECKING:
    from core.training import TrainingState


@dataclass(frozen=True)
class Trial(Study):
    """The experiment of one claim.

    Parameters
    ----------
    number:
        Which claim.
    draw:
        Which seeds, counted in sets from 0.
    spoiled:
        Whether the experiment is the wrong one on purpose (`Claim.spoil`): for tests.
    """

    key: ClassVar[str] = "claim"
    number: int = 1
    draw: int = 0
    spoiled: bool = False

    def __post_init__(self) -> None:
        """Refuse a claim that there is none of."""
        if self.number not in CLAIMS:
            raise InvalidInput(f"claim {self.number}", f"1 to {max(CLAIMS)}", "Name one of them.")
        if self.draw < 0:
            raise InvalidInput(f"draw = {self.draw}", "0 or more", "Count sets of seeds from 0.")

    @property
    def claim(self) -> Claim:
        """The claim."""
        return CLAIMS[self.number]

    def parts(self) -> tuple[Part, ...]:
        """Return what the experiment wants computed."""
        return self._request().parts

    def measure(self, measure: Measure, state: TrainingState) -> dict[str, NDArray[Any]]:
        """Return what the experiment measures."""
        return self._request().measure(measure, state)

    def conclude(self, outcomes: tuple[Outcome, ...]) -> Ruling:
        """Return the claim judged by what came of its experiment."""
        experiment = self.claim.begin(self.draw, self.spoiled)
        request = next(experiment)
        return judged(self.claim, _findings(experiment, request.conclude(outcomes)))

    def table(self, result: Ruling) -> list[str]:
        """Return the ruling in lines."""
        return lines(result)

    @classmethod
    def shipped(cls) -> tuple[Self, ...]:
        """Return every claim with the first seeds."""
        return tuple(cls(number) for number in CLAIMS)

    def stands_in(self, other: Study) -> bool:
        """Return whether the other is the same claim with other seeds."""
        return isinstance(other, Trial) and other.number == self.number

    def _request(self) -> Request:
        return next(self.claim.begin(self.draw, self.spoiled))


def _findings(experiment: Any, came: Any) -> Findings:  # noqa: ANN401 - a generator, and what its request concludes
    try:
        experiment.send(came)
    except StopIteration as end:
        found: Findings = end.value
        return found
    raise InvalidInput("an experiment that asks twice", "one request", "Put what it asks for together.")
