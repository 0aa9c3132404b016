"""Searches side by side: four methods, each from several seeds, with equal budgets; and what the winner of each is worth with other luck."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from core._validate import Floats
from core.errors import InvalidInput
from core.right_mix.methods import METHODS, ROUND, Tried
from core.right_mix.settings import SETTINGS, SPACES, START, Place, family, ignorance
from core.studies.seeds import Effect, effect
from core.studies.study import AdaptiveStudy, Outcome, Part, seconds_of

REPEATS = 2
"""Networks a combination while searching: their mean validation loss is what the search is told."""
FRESH = 8
"""Networks of the winner with seeds that the search has not seen."""
WORST = 10.0
"""Times the loss of knowing nothing: what a combination that diverges is told to have come to."""


@dataclass(frozen=True)
class Trial:
    """A combination that was trained.

    Attributes
    ----------
    number:
        Its place in its search, from 0.
    place:
        The combination.
    losses, train:
        Validation and training loss of each of its networks at the end; infinite where one diverged.
    """

    number: int
    place: Place
    losses: tuple[float, ...]
    train: tuple[float, ...]


@dataclass(frozen=True)
class Lane:
    """One search: its trials in order, and the winner's losses with fresh seeds, once they are there."""

    method: str
    seed: int
    trials: tuple[Trial, ...]
    delivered: tuple[float, ...]


@dataclass(frozen=True)
class SearchResult:
    """What the searches found.

    Attributes
    ----------
    study:
        Its settings.
    lanes:
        The searches, all seeds of a method one after the other; those that have just begun have few trials.
    """

    study: MixSearch
    lanes: tuple[Lane, ...]

    @cached_property
    def value(self) -> Floats:
        """(m, s, N) the loss of each trial, capped for what diverged; NaN where there is none."""
        found = np.full((len(METHODS), self.study.searches, self.study.budget), np.nan)
        for i, lane in enumerate(self.lanes):
            for trial in lane.trials:
                found[i // self.study.searches, i % self.study.searches, trial.number] = self.study.worth(trial.losses)
        return found

    @cached_property
    def best(self) -> Floats:
        """(m, s, N) the lowest loss up to each trial; it stays once a search has nothing left to try, and is NaN beyond what has been computed."""
        lowest: Floats = np.fmin.accumulate(self.value, axis=-1)
        for i, lane in enumerate(self.lanes):
            if not lane.delivered:
                lowest[i // self.study.searches, i % self.study.searches, len(lane.trials) :] = np.nan
        return lowest

    @cached_property
    def delivered(self) -> Floats:
        """(m, s) mean loss of each winner with fresh seeds; NaN where that is not there yet."""
        means = [self.study.worth(lane.delivered) if lane.delivered else np.nan for lane in self.lanes]
        return np.array(means).reshape(len(METHODS), self.study.searches)

    @property
    def promised(self) -> Floats:
        """(m, s) the lowest loss that each search saw."""
        whole: Floats = np.fmin.reduce(self.value, axis=-1)
        return whole

    def against(self, one: str, other: str, at: int | None = None) -> Effect:
        """Return by how much a method is lower than another in decades, paired by seed: of the best loss up to a trial, or of what was delivered."""
        keys = list(METHODS)
        found = self.delivered if at is None else self.best[..., at]
        with np.errstate(invalid="ignore", divide="ignore"):
            return effect(np.log10(found[keys.index(other)]) - np.log10(found[keys.index(one)]))

    def lane(self, method: str, seed: int) -> Lane:
        """Return one search."""
        return self.lanes[list(METHODS).index(method) * self.study.searches + seed]

    @property
    def complete(self) -> bool:
        """Whether all searches have come to their ends."""
        return all(lane.delivered for lane in self.lanes)


@dataclass(frozen=True)
class MixSearch(AdaptiveStudy):
    """Four methods search the same settings of the same networks with equal budgets.

    Parameters
    ----------
    data, draw, noise:
        The data, the seed of draw, split and batches, and the noise on each input of synthetic data.
    space:
        A key of `SPACES`: which settings are searched.
    budget:
        How many combinations a search may try.
    searches:
        How many seeds there are of each method.
    epochs:
        How long each network is trained.
    """

    key: ClassVar[str] = "mix_search"
    data: str = "moons"
    draw: int = 0
    noise: float = 0.35
    space: str = "all"
    budget: int = 64
    searches: int = 4
    epochs: int = 100

    def __post_init__(self) -> None:
        """Refuse what no engine should be asked for."""
        if self.space not in SPACES:
            raise InvalidInput(f"space = {self.space!r}", "one of " + ", ".join(SPACES), "Name one of them.")
        for name, high in (("budget", 256), ("searches", 16), ("epochs", 1000)):
            value = getattr(self, name)
            if not isinstance(value, int) or not 1 <= value <= high:
                raise InvalidInput(f"{name} = {value!r}", f"a whole number from 1 to {high}", f"Bring {name} into that range.")

    @property
    def lanes(self) -> int:
        """How many searches there are."""
        return len(METHODS) * self.searches

    def following(self, lane: int, before: tuple[Outcome, ...]) -> Part | None:
        """Return the family to be trained next in a search: combinations of one width of a round, or the winner with fresh seeds at its end."""
        notes = [json.loads(outcome.note) for outcome in before]
        if notes and notes[-1]["fresh"]:
            return None
        if notes and notes[-1]["rest"]:
            return self._part(lane, [(number, tuple(place)) for number, place in notes[-1]["rest"]])
        trials = self._trials(before)
        tried: list[Tried] = [(trial.place, self.worth(trial.losses)) for trial in trials]
        method = METHODS[list(METHODS)[lane // self.searches]]
        wanted = method(SPACES[self.space], self.budget, lane % self.searches, tried) if len(tried) < self.budget else []
        if wanted:
            return self._part(lane, list(enumerate(wanted, len(tried))))
        winner = min(trials, key=lambda trial: self.worth(trial.losses))
        return self._part(lane, [(winner.number, winner.place)], fresh=True)

    def share(self, before: tuple[Outcome, ...]) -> float:
        """Return how much of a search is done; the winner's own training counts as one round."""
        if before and json.loads(before[-1].note)["fresh"]:
            return 1.0
        return len(self._trials(before)) / (self.budget + ROUND)

    def conclude(self, outcomes: tuple[Outcome, ...]) -> SearchResult:
        """Return the searches as far as they are there."""
        found: list[list[Outcome]] = [[] for _ in range(self.lanes)]
        for outcome in outcomes:
            if outcome.note:
                found[json.loads(outcome.note)["lane"]].append(outcome)
        return SearchResult(self, tuple(self._lane(i, tuple(own)) for i, own in enumerate(found)))

    def table(self, result: SearchResult) -> list[str]:
        """Return the result in lines."""
        return [
            f"{method:9} best {np.round(np.sort(result.promised[i]), 4)}, with fresh seeds {np.round(result.delivered[i], 4)}"
            for i, method in enumerate(METHODS)
        ]

    @property
    def seconds(self) -> float:
        """About how long one core needs for it."""
        # A round makes two families of different widths, of the middle one about.
        typical = self._family([START] * (ROUND // 2), REPEATS)
        return self.lanes * (2 * self.budget / ROUND * seconds_of(typical) + 0.3)

    def worth(self, losses: Iterable[float]) -> float:
        """Return what a combination's losses are worth: their mean, each capped, since a search cannot learn from what is infinite."""
        most = WORST * ignorance(self.data)
        return float(np.mean([min(loss, most) if np.isfinite(loss) else most for loss in losses]))

    @property
    def given(self) -> dict[str, Any]:
        """The data, as `core.right_mix.settings` takes them."""
        return {"data": self.data, "data_seed": self.draw, "noise": self.noise}

    def _part(self, lane: int, wanted: Sequence[tuple[int, Place]], fresh: bool = False) -> Part:
        """Return the first width's combinations as a family; the others are noted as the rest."""
        which = list(SETTINGS).index("units")
        now = [(number, place) for number, place in wanted if place[which] == wanted[0][1][which]]
        rest = [(number, place) for number, place in wanted if place[which] != wanted[0][1][which]]
        part = self._family([place for _, place in now], FRESH if fresh else REPEATS, first=REPEATS if fresh else 0)
        note = {"lane": lane, "fresh": fresh, "now": now, "rest": rest}
        return Part(part.training, curves=part.curves, every=part.every, note=json.dumps(note))

    def _family(self, places: Sequence[Place], networks: int, first: int = 0) -> Part:
        training = family(places, range(first, first + networks), self.given, self.epochs)
        return Part(training, every=self.epochs)

    def _trials(self, outcomes: Sequence[Outcome]) -> list[Trial]:
        found = []
        for outcome in outcomes:
            note = json.loads(outcome.note)
            if note["fresh"]:
                continue
            val, train = (np.asarray(outcome.curves[name], dtype=float)[:, -1].reshape(len(note["now"]), -1) for name in ("val_loss", "train_loss"))
            for (number, place), losses, fits in zip(note["now"], _ends(val), _ends(train), strict=True):
                found.append(Trial(number, tuple(place), tuple(losses), tuple(fits)))
        return sorted(found, key=lambda trial: trial.number)

    def _lane(self, i: int, outcomes: tuple[Outcome, ...]) -> Lane:
        fresh = [outcome for outcome in outcomes if json.loads(outcome.note)["fresh"]]
        delivered = tuple(_ends(np.asarray(fresh[0].curves["val_loss"], dtype=float)[:, -1]).tolist()) if fresh else ()
        return Lane(list(METHODS)[i // self.searches], i % self.searches, tuple(self._trials(outcomes)), delivered)

    @classmethod
    def shipped(cls) -> tuple[Self, ...]:
        """Return the page's first settings and those of its presets."""
        return (cls(), cls(space="three"), cls(data="breast_cancer", searches=3))


def _ends(values: NDArray[Any]) -> NDArray[Any]:
    """Return losses with infinity for networks that diverged."""
    return np.where(np.isfinite(values), values, np.inf)
