"""Batch size and the generalisation gap, with batch normalisation and without, over seeds and draws of the data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from core._validate import Floats
from core.batch_norm.common import NORMED, PLAIN, Networks, curve, grid, last
from core.studies.seeds import Spread, spread
from core.studies.study import Outcome, Part
from core.wording import number

SIZES = (2, 4, 8, 16, 32, 64)
DRAWS = 4


@dataclass(frozen=True)
class BatchResult:
    """Losses for each batch size.

    Attributes
    ----------
    study:
        Its settings.
    sizes, epochs:
        (b,) and (n,)
    train, val:
        (b, d, s, 2, n) loss curves for batch size, draw of the data, seed, without and with batch normalisation.
    """

    study: BatchSizes
    sizes: Floats
    epochs: Floats
    train: Floats
    val: Floats

    @property
    def gap(self) -> Floats:
        """(b, d, s, 2) validation less training loss at the end; NaN where a network has diverged."""
        ends: Floats = self.val[..., -1] - self.train[..., -1]
        return ends

    @property
    def unseen(self) -> Floats:
        """(b, d, s, 2) validation loss at the end."""
        return last(self.val)

    @property
    def matched(self) -> Floats:
        """(b, d, s, 2) the gap where both networks of a pair first have the same training loss: the lowest that both of them reach."""
        lowest = np.fmin.accumulate(self.train, axis=-1)
        level = lowest[..., -1].max(axis=-1)[..., None, None]
        reached = lowest <= level
        at = reached.argmax(axis=-1)
        gap = np.take_along_axis(self.val - self.train, at[..., None], -1)[..., 0]
        found: Floats = np.where(reached.any(axis=-1), gap, np.nan)
        return found

    def difference(self, what: Floats) -> tuple[Spread, ...]:
        """Return for each batch size the difference with less without batch normalisation, over draws: a draw's seeds are averaged first."""
        # Seeds share their draw's points, so that draws alone are independent of each other.
        return tuple(spread(_mean(each[..., NORMED] - each[..., PLAIN])) for each in what)


def _mean(values: Floats) -> Floats:
    """Return the mean over seeds (d, s) -> (d,), those that diverged left out; NaN where all have."""
    there = np.isfinite(values)
    count = there.sum(axis=1)
    total = np.where(there, values, 0.0).sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


@dataclass(frozen=True)
class BatchSizes(Networks):
    """The gap between validation and training loss against the batch size, with and without batch normalisation."""

    key: ClassVar[str] = "bn_batch_sizes"
    layers: int = 2
    rate: float = 0.05
    seeds: int = 4

    def parts(self) -> tuple[Part, ...]:
        """Return a family for each batch size and draw: seed x with or without."""
        axes = grid(seed=range(self.seeds), batch_norm=(False, True))
        every = max(1, self.epochs // 30)
        return tuple(
            Part(self.family(lr=self.rate, batch=size, data_seed=self.draw + draw, **axes), every=every) for size in SIZES for draw in range(DRAWS)
        )

    def conclude(self, outcomes: tuple[Outcome, ...]) -> BatchResult:
        """Return the losses."""
        shape = (len(SIZES), DRAWS, self.seeds, 2, -1)
        train, val = (np.stack([curve(each, name, self.seeds, 2) for each in outcomes]).reshape(shape) for name in ("train_loss", "val_loss"))
        return BatchResult(self, np.array(SIZES, dtype=float), outcomes[0].epochs.astype(float), train, val)

    def table(self, result: BatchResult) -> list[str]:
        """Return the result in lines."""
        lines = []
        each = zip(SIZES, result.difference(result.gap), result.difference(result.matched), result.difference(result.unseen), strict=True)
        for size, gap, matched, unseen in each:
            told = ", ".join(
                f"{name} {number(of.mean)} +- {number(of.error)}" for name, of in (("gap", gap), ("matched", matched), ("unseen", unseen))
            )
            lines.append(f"batches of {size}, with less without: {told}")
        return lines
