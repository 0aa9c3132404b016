"""Maps of two settings: lambda and the dropout rate, or the learning rate and lambda, every cell a network, on several draws of the data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from types import MappingProxyType
from typing import Any, ClassVar, Self

import numpy as np

from core._validate import Bools, Floats
from core.datasets import DATASETS
from core.right_mix.settings import SETTINGS, Place, family, place_of
from core.specs.training import TrainingSpec
from core.studies.seeds import Effect, effect
from core.studies.study import Outcome, Part, Study

CELLS = 16
BLOCK = 4
"""Rows of the map that are trained as one family: what of a map is not there yet comes a block at a time."""
DRAWS = 6
WORST = 10.0
"""Times the loss of knowing nothing: what diverged counts as."""
RESAMPLES, SEED = 2000, 0
RATES: Mapping[str, float] = MappingProxyType({"sgd": 0.316, "momentum": 0.1, "adam": 0.01})
"""A learning rate that suits each rule, where a map does not vary it."""

AXES: Mapping[str, tuple[str, str]] = MappingProxyType({"lam_p": ("lam", "dropout"), "rate_lam": ("lr", "lam")})
"""Map -> the settings across and upwards."""


@cache
def places_along(key: str) -> tuple[int, ...]:
    """Return the places of sixteen values of a setting, on its grid, as evenly as it allows; the first is the lowest, the last the highest."""
    size = len(SETTINGS[key].values)
    return tuple(int(i) for i in np.round(np.linspace(0, size - 1, CELLS)))


@dataclass(frozen=True)
class MapResult:
    """A map as far as it has been measured.

    Attributes
    ----------
    study:
        Its settings.
    x, y:
        (16,) the values across and upwards.
    loss, train:
        (r, 16, 16) validation and training loss at the end, a map a draw of the data, ``[draw, y, x]``; infinite where a network diverged, NaN where
        nothing is there yet.
    """

    study: MixMap
    x: Floats
    y: Floats
    loss: Floats
    train: Floats

    @property
    def whole(self) -> int:
        """How many draws are there as a whole."""
        return int((~np.isnan(self.loss)).all(axis=(1, 2)).sum())

    @property
    def most(self) -> float:
        """What a loss counts as at most."""
        return WORST * DATASETS[self.study.data].ignorance

    @cached_property
    def drawn(self) -> Floats:
        """(w, 16, 16) the draws that are there as a whole, capped; of one that is not, if there is no other, what there is of it."""
        whole = self.loss[(~np.isnan(self.loss)).all(axis=(1, 2))]
        return np.minimum(whole if len(whole) else self.loss[:1], self.most)

    @cached_property
    def mean(self) -> Floats:
        """(16, 16) the mean over the draws; NaN where nothing is there."""
        found: Floats = self.drawn.mean(axis=0)
        return found

    @property
    def some(self) -> bool:
        """Whether there is anything to be drawn."""
        return bool(np.isfinite(self.mean).any())

    @cached_property
    def best(self) -> tuple[int, int]:
        """The place (row, column) of the lowest mean."""
        return divmod(int(np.nanargmin(self.mean)), CELLS)

    @cached_property
    def bests(self) -> list[tuple[int, int]]:
        """The same for each draw alone."""
        return [divmod(int(np.nanargmin(each)), CELLS) for each in self.drawn if np.isfinite(each).any()]

    @cached_property
    def level(self) -> Bools:
        """(16, 16) the cells that cannot be told from the best one: the 95 % interval of their paired difference over draws reaches 0."""
        if len(self.drawn) < 2:
            return np.zeros((CELLS, CELLS), dtype=bool)
        row, column = self.best
        apart = effect(np.moveaxis(self.drawn - self.drawn[:, row, column][:, None, None], 0, -1))
        alike: Bools = ~(apart.mean > apart.half)
        alike[row, column] = True
        return alike

    @cached_property
    def ridge(self) -> Floats:
        """(16,) the place across of the lowest mean in each row; NaN of a row that is not there."""
        return _lowest(self.mean)

    @cached_property
    def ridges(self) -> Floats:
        """(w, 16) the same for each draw alone."""
        return np.array([_lowest(each) for each in self.drawn])

    @cached_property
    def spread(self) -> Floats:
        """(16, 2) the 95 % interval of `ridge`, from resampled draws; NaN where there are fewer than two."""
        if len(self.drawn) < 2:
            return np.full((CELLS, 2), np.nan)
        rng = np.random.default_rng(SEED)
        chosen = rng.integers(len(self.drawn), size=(RESAMPLES, len(self.drawn)))
        counts = np.stack([(chosen == i).sum(axis=1) for i in range(len(self.drawn))], axis=1).astype(float)
        means = np.tensordot(counts / len(self.drawn), self.drawn, axes=1)
        found: Floats = np.quantile(means.argmin(axis=-1), (0.025, 0.975), axis=0).T
        return found

    @cached_property
    def moved(self) -> Effect:
        """Over draws, by how many cells the best place across is further right in the best row than in the lowest row.

        Which row is best is asked of the other draws: a row that is chosen for its luck would lie about where its best place is.
        """
        if len(self.drawn) < 2:
            return effect(np.full(1, np.nan))
        others = (self.drawn.sum(axis=0) - self.drawn) / (len(self.drawn) - 1)
        rows = others.min(axis=2).argmin(axis=1)
        return effect(self.ridges[np.arange(len(rows)), rows] - self.ridges[:, 0])

    @cached_property
    def trend(self) -> Effect:
        """Over draws, the rank correlation of the best place across with the rows, of those rows that learn anything."""
        rows = np.flatnonzero(np.min(self.mean, axis=1) < 0.95 * DATASETS[self.study.data].ignorance) if self.whole else np.arange(0)
        if len(rows) < 3:
            return effect(np.full(max(1, len(self.drawn)), np.nan))
        return effect(np.array([_rank_correlation(rows.astype(float), each[rows]) for each in self.ridges]))


@dataclass(frozen=True)
class MixMap(Study):
    """A 16 x 16 map of the validation loss over two settings, on several draws of the data.

    Parameters
    ----------
    kind:
        A key of `AXES`.
    data, draw, noise:
        The data, the seed of the first draw, and the noise on each input of synthetic data.
    penalty, rule, units:
        What all networks have.
    epochs:
        How long they are trained.
    """

    key: ClassVar[str] = "mix_map"
    kind: str = "lam_p"
    data: str = "moons"
    draw: int = 0
    noise: float = 0.35
    penalty: str = "l2"
    rule: str = "adam"
    units: int = 16
    epochs: int = 200

    def parts(self) -> tuple[Part, ...]:
        """Return the blocks of rows of the first draw, then of the next."""
        return tuple(Part(self._family(block, draw), every=self.epochs) for draw in range(DRAWS) for block in range(0, CELLS, BLOCK))

    def conclude(self, outcomes: tuple[Outcome, ...]) -> MapResult:
        """Return the map as far as it is there."""
        maps = {name: np.full((DRAWS, CELLS, CELLS), np.nan) for name in ("val_loss", "train_loss")}
        for i, outcome in enumerate(outcomes):
            if not outcome.epochs.size or outcome.epochs[-1] != self.epochs:
                continue
            draw, block = divmod(i, CELLS // BLOCK)
            for name, found in maps.items():
                ends = np.asarray(outcome.curves[name], dtype=float)[:, -1]
                found[draw, block * BLOCK : (block + 1) * BLOCK] = np.where(np.isfinite(ends), ends, np.inf).reshape(BLOCK, CELLS)
        across, upwards = AXES[self.kind]
        x, y = (np.array([SETTINGS[key].values[i] for i in places_along(key)], dtype=float) for key in (across, upwards))
        return MapResult(self, x, y, maps["val_loss"], maps["train_loss"])

    def table(self, result: MapResult) -> list[str]:
        """Return the result in lines."""
        row, column = result.best
        return [
            f"best {result.x[column]:g}, {result.y[row]:g}: {result.mean[row, column]:.4f}; {int(result.level.sum())} cells cannot be told from it",
            f"best across by row: {np.round(result.ridge).astype(int)}, moved {result.moved.mean:+.2f} ± {result.moved.half:.2f} cells",
        ]

    def stands_in(self, other: Study) -> bool:
        """Return whether both are maps of the same settings."""
        return isinstance(other, MixMap) and other.kind == self.kind

    def place(self, row: int, column: int) -> Place:
        """Return the combination of a cell."""
        across, upwards = AXES[self.kind]
        given = {"penalty": self.penalty, "rule": self.rule, "units": float(self.units), "lr": RATES[self.rule]}
        fixed = {key: SETTINGS[key].values.index(value) for key, value in given.items()}
        return place_of(fixed | {across: places_along(across)[column], upwards: places_along(upwards)[row]})

    def given(self, draw: int = 0) -> dict[str, Any]:
        """Return the data of a draw, as `core.right_mix.settings` takes them."""
        return {"data": self.data, "data_seed": self.draw + draw, "noise": self.noise}

    def _family(self, block: int, draw: int) -> TrainingSpec:
        places = [self.place(row, column) for row in range(block, block + BLOCK) for column in range(CELLS)]
        return family(places, (draw,), self.given(draw), self.epochs)

    @classmethod
    def shipped(cls) -> tuple[Self, ...]:
        """Return the page's first settings and those of its presets."""
        changes: tuple[dict[str, Any], ...] = ({}, {"data": "breast_cancer"}, {"rule": "sgd"}, {"penalty": "l1"})
        return tuple(cls(kind=kind, **changed) for changed in changes for kind in AXES)


def _lowest(values: Floats) -> Floats:
    """Return (n,) the place of the lowest value in each row (n, m); NaN of a row that is not there."""
    there = ~np.isnan(values).all(axis=1)
    found = np.full(len(values), np.nan)
    found[there] = np.nanargmin(values[there], axis=1)
    return found


def _rank_correlation(one: Floats, other: Floats) -> float:
    from scipy.stats import rankdata

    a, b = (rankdata(each) - (len(each) + 1) / 2 for each in (one, other))
    size = np.sqrt((a @ a) * (b @ b))
    return float(a @ b / size) if size > 0.0 else 0.0
