"""From rows to what a network is trained and judged on: the split, the standardisation that knows the training part alone, and the noise."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core._validate import Floats, family, finite
from core.errors import InvalidInput

TASKS = ("binary", "multiclass", "regression")
NOISE = 5.0
SPLIT = (0.1, 0.9)
NUMBERS = 8_000_000
"""The most input numbers a sample may hold over all its noises: 64 MB."""


@dataclass(frozen=True, eq=False)
class Sample:
    """The points of a family of networks; all arrays are read-only.

    Attributes
    ----------
    train_inputs, val_inputs:
        (k, n, d) and (k, m, d): the same points under each of the k noises.
    train_targets, val_targets:
        (n,) and (m,): 0.0 or 1.0 (binary), class numbers as int64 (multiclass), standardised values (regression).
    """

    train_inputs: Floats
    train_targets: NDArray[Any]
    val_inputs: Floats
    val_targets: NDArray[Any]


@dataclass(frozen=True, eq=False)
class Parts:
    """A sample before its noise is scaled: clean inputs (n, d) and (m, d), standard normal draws of the same shapes, and the targets."""

    train_clean: Floats
    train_draw: Floats
    train_targets: NDArray[Any]
    val_clean: Floats
    val_draw: Floats
    val_targets: NDArray[Any]

    def at(self, noise: ArrayLike) -> Sample:
        """Return the sample under noise of these standard deviations (k,), or of one: the same draw, scaled by each of them.

        Raises
        ------
        InvalidInput
            Where a noise is not a number from 0 to 5, or there are so many of them that the sample would not fit.
        """
        scale = check_noise(noise)
        numbers = scale.size * (self.train_clean.size + self.val_clean.size)
        if numbers > NUMBERS:
            most = NUMBERS // (self.train_clean.size + self.val_clean.size)
            raise InvalidInput(f"{scale.size} widths of noise", f"at most {most} for data of this size", "Take fewer members or fewer points.")
        train = self.train_clean + scale[:, None, None] * self.train_draw
        val = self.val_clean + scale[:, None, None] * self.val_draw
        train.flags.writeable = val.flags.writeable = False
        return Sample(train, self.train_targets, val, self.val_targets)


def parts_of(rng: np.random.Generator, inputs: ArrayLike, targets: ArrayLike, task: str, split: float, standardise: bool) -> Parts:
    """Split rows, standardise them by their training part and draw their noise, in that order.

    Parameters
    ----------
    rng:
        Where split and noise come from.
    inputs, targets:
        (n, d) and (n,) with n >= 4; targets are 0 or 1 (binary), class numbers (multiclass) or values (regression).
    task:
        One of `TASKS`. The split is stratified for the two of classification: each class is in both parts if it has two rows.
    split:
        Share of each class (of all rows for regression) that is trained on, 0.1 to 0.9, rounded to whole rows and so that two rows at least are
        in each part.
    standardise:
        Whether inputs get mean 0 and variance 1 over the training part. A column that is constant there becomes 0 everywhere: nothing could be
        learnt from it. Targets of a regression are standardised in any case.

    Raises
    ------
    InvalidInput
        For shapes that do not fit, values that are not finite, or a split beyond its range.
    """
    X, y = finite(inputs, "inputs"), finite(targets, "targets")
    if X.ndim != 2 or X.shape[0] < 4 or X.shape[1] < 1 or y.shape != X.shape[:1]:
        raise InvalidInput(f"inputs of shape {X.shape} and targets of shape {y.shape}", "(n, d) and (n,) with n >= 4", "Pass one target a row.")
    if task not in TASKS:
        raise InvalidInput(f"task {task!r}", "one of " + ", ".join(TASKS), "Choose one of them.")
    share = check_split(split)
    order = rng.permutation(len(y))
    chosen = _chosen(y, order, share, stratified=task != "regression")
    train, val = order[chosen[order]], order[~chosen[order]]
    draw = rng.standard_normal(X.shape)
    if standardise:
        X = _standardised(X, train)
    if task == "regression":
        y = _standardised(y[:, None], train)[:, 0]
    made: list[NDArray[Any]] = [X[train], draw[train], _typed(y[train], task), X[val], draw[val], _typed(y[val], task)]
    for array in made:
        array.flags.writeable = False
    return Parts(*made)


def check_noise(noise: ArrayLike) -> Floats:
    """Return the standard deviations as an axis (k,) of numbers from 0 to 5."""
    scale = family(noise, "noise")
    if scale.max() > NOISE:
        raise InvalidInput(f"noise = {scale.max():g}", f"numbers from 0 to {NOISE:g}", "Pass less noise.")
    return scale


def check_split(split: float) -> float:
    """Return the share that is trained on, a number from 0.1 to 0.9."""
    low, high = SPLIT
    if isinstance(split, bool) or not isinstance(split, int | float | np.floating) or not low <= split <= high:
        raise InvalidInput(f"split = {split!r}", f"a number from {low:g} to {high:g}", "Train on a part and keep a part for validation.")
    return float(split)


def _chosen(y: Floats, order: NDArray[np.int64], share: float, *, stratified: bool) -> NDArray[np.bool_]:
    """Whether a row is trained on: the first of each class in the permuted order."""
    groups = [order[y[order] == label] for label in np.unique(y)] if stratified else [order]
    # Classes of one row each could leave a part without its two rows; they are then split like one class.
    counts = [_count(share, len(group), 1 if stratified else 2) for group in groups]
    if not 2 <= sum(counts) <= len(y) - 2:
        groups, counts = [order], [_count(share, len(y), 2)]
    chosen = np.zeros(len(y), dtype=np.bool_)
    for group, count in zip(groups, counts, strict=True):
        chosen[group[:count]] = True
    return chosen


def _count(share: float, rows: int, least: int) -> int:
    # Halves go up, so that 0.5 of 25 rows is 13 in every language a script may be written in.
    return min(max(math.floor(share * rows + 0.5), least), max(rows - least, least))


def _standardised(X: Floats, train: NDArray[np.int64]) -> Floats:
    mean, spread = X[train].mean(axis=0), X[train].std(axis=0)
    # A mean of equal numbers may be off by a rounding, and the spread then is dust and not 0.
    varies = spread > 1e-12 * np.abs(mean)
    out: Floats = np.where(varies, (X - mean) / np.where(varies, spread, 1.0), 0.0)
    return out


def _typed(y: Floats, task: str) -> NDArray[Any]:
    return y.astype(np.int64) if task == "multiclass" else y
