"""Searches side by side: four methods, each from several seeds, with equal budgets; and what the winner of each is worth with other luck."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Self

import numpy as np

from core._validate import Floats
from core.datasets import DATASETS
from core.errors import InvalidInput
from core.right_mix.methods import METHODS, ROUND, Tried
from core.right_mix.settings import SETTINGS, SPACES, Place, family
from core.studies.seeds import Effect, effect
from core.studies.study import AdaptiveStudy, Outcome, Part, seconds_of

REPEATS = 2
"""Networks a combination while searching: their mean validation loss is what the search is told."""
FRESH = 8
"""Networks of the winner with seeds that the search has not seen."""
UNEVEN = 1.7
"""Small families of many rules take longer than the plan of runs says: 74 s on two workers were 45 by it."""
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
        """One for each method: its searches go side by side, since families of many networks cost little more than those of few."""
        return len(METHODS)

    def following(self, lane: int, before: tuple[Outcome, ...]) -> Part | None:
        """Return a method's next family: combinations of one width of its searches' next rounds, or their winners with fresh seeds."""
        notes = [json.loads(outcome.note) for outcome in before]
        if notes and notes[-1]["rest"]:
            return self._part(lane, [_entry(each) for each in notes[-1]["rest"]], notes[-1]["fresh"])
        if notes and notes[-1]["fresh"]:
            return None
        wanted = [(seed, *each) for seed, tried in enumerate(self._trials(before)) for each in self._round(lane, seed, tried)]
        if wanted:
            return self._part(lane, wanted, fresh=False)
        winners = [min(tried, key=lambda trial: self.worth(trial.losses)) for tried in self._trials(before)]
        return self._part(lane, [(seed, winner.number, winner.place) for seed, winner in enumerate(winners)], fresh=True)

    def share(self, before: tuple[Outcome, ...]) -> float:
        """Return how much of a method's searches is done; the winners' own training counts as one round."""
        last = json.loads(before[-1].note) if before else {"fresh": False}
        if last["fresh"]:
            return 1.0 if not last["rest"] else 1.0 - 0.5 / (self.budget + ROUND)
        return sum(len(tried) for tried in self._trials(before)) / (self.searches * (self.budget + ROUND))

    def conclude(self, outcomes: tuple[Outcome, ...]) -> SearchResult:
        """Return the searches as far as they are there."""
        lanes: list[Lane] = []
        for i, method in enumerate(METHODS):
            own = [outcome for outcome in outcomes if outcome.note and json.loads(outcome.note)["lane"] == i]
            delivered = self._delivered(own)
            lanes += [Lane(method, seed, tuple(tried), delivered.get(seed, ())) for seed, tried in enumerate(self._trials(own))]
        return SearchResult(self, tuple(lanes))

    def table(self, result: SearchResult) -> list[str]:
        """Return the result in lines."""
        return [
            f"{method:9} best {np.round(np.sort(result.promised[i]), 4)}, with fresh seeds {np.round(result.delivered[i], 4)}"
            for i, method in enumerate(METHODS)
        ]

    @property
    def seconds(self) -> float:
        """About how long one core needs for it."""
        # A round is a family for each width, with all rules in them, as random search has them in its first one.
        lane = list(METHODS).index("random")
        part = self.following(lane, ())
        a_round = 0.0
        while part is not None:
            a_round += seconds_of(part)
            rest = [_entry(each) for each in json.loads(part.note)["rest"]]
            part = self._part(lane, rest, fresh=False) if rest else None
        return UNEVEN * self.lanes * (self.budget / ROUND + 1) * a_round

    def worth(self, losses: Iterable[float]) -> float:
        """Return what a combination's losses are worth: their mean, each capped, since a search cannot learn from what is infinite."""
        most = WORST * DATASETS[self.data].ignorance
        return float(np.mean([min(loss, most) if np.isfinite(loss) else most for loss in losses]))

    @property
    def given(self) -> dict[str, Any]:
        """The data, as `core.right_mix.settings` takes them."""
        return {"data": self.data, "data_seed": self.draw, "noise": self.noise}

    def _round(self, lane: int, seed: int, tried: Sequence[Trial]) -> list[tuple[int, Place]]:
        """Return numbers and combinations of a search's next round; none once its budget is spent or nothing is left to try."""
        if len(tried) >= self.budget:
            return []
        known: list[Tried] = [(trial.place, self.worth(trial.losses)) for trial in tried]
        wanted = METHODS[list(METHODS)[lane]](SPACES[self.space], self.budget, seed, known)
        return list(enumerate(wanted, len(tried)))

    def _part(self, lane: int, wanted: Sequence[Entry], fresh: bool) -> Part:
        """Return the first width's combinations as a family; the others are noted as the rest."""
        which = list(SETTINGS).index("units")
        width = wanted[0][2][which]
        now = [entry for entry in wanted if entry[2][which] == width]
        rest = [entry for entry in wanted if entry[2][which] != width]
        seeds = range(REPEATS, REPEATS + FRESH) if fresh else range(REPEATS)
        training = family([place for *_, place in now], seeds, self.given, self.epochs)
        return Part(training, every=self.epochs, note=json.dumps({"lane": lane, "fresh": fresh, "now": now, "rest": rest}))

    def _trials(self, outcomes: Sequence[Outcome]) -> list[list[Trial]]:
        """Return the trials of each of a method's searches, in order."""
        found: list[list[Trial]] = [[] for _ in range(self.searches)]
        for (seed, number, place), losses, fits in _told(outcomes, fresh=False):
            found[seed].append(Trial(number, place, losses, fits))
        return [sorted(tried, key=lambda trial: trial.number) for tried in found]

    def _delivered(self, outcomes: Sequence[Outcome]) -> dict[int, tuple[float, ...]]:
        """Return the losses of each search's winner with fresh seeds."""
        return {seed: losses for (seed, _, _), losses, _ in _told(outcomes, fresh=True)}

    @classmethod
    def shipped(cls) -> tuple[Self, ...]:
        """Return the page's first settings and those of its presets."""
        return (cls(), cls(space="three"), cls(data="breast_cancer", searches=3))


Entry = tuple[int, int, Place]
"""A search's seed, a trial's number and its combination."""


def _entry(noted: Sequence[Any]) -> Entry:
    seed, number, place = noted
    return int(seed), int(number), tuple(place)


def _told(outcomes: Sequence[Outcome], fresh: bool) -> Iterator[tuple[Entry, tuple[float, ...], tuple[float, ...]]]:
    """Yield what was trained, with its validation and training losses at the end; infinity for networks that diverged."""
    for outcome in outcomes:
        note = json.loads(outcome.note)
        if note["fresh"] != fresh:
            continue
        ends = [np.asarray(outcome.curves[name], dtype=float)[:, -1].reshape(len(note["now"]), -1) for name in ("val_loss", "train_loss")]
        val, train = (np.where(np.isfinite(each), each, np.inf) for each in ends)
        for noted, losses, fits in zip(note["now"], val, train, strict=True):
            yield _entry(noted), tuple(losses.tolist()), tuple(fits.tolist())
