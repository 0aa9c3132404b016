"""From a table of numbers to a design that penalties are fair to: in standard deviations, with a sentence for whatever is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from core._validate import Bools, Floats, frozen
from core.errors import InvalidInput

# Columns whose correlation is 1 or -1 to this much say the same: products of a few thousand terms round to 1e-13.
SAME = 1e-12
# Below this fraction of the largest, a singular value is rounding: that many directions of the weights cost the loss nothing.
RANK = 1e-10
_NAMED = 4  # columns that a sentence lists by name


@dataclass(frozen=True, eq=False)
class Design:
    """Standardised data of one regression: every column with mean 0 and variance 1, the target too. n rows, d columns.

    Attributes
    ----------
    names:
        (d,) of the columns that are left.
    X, y:
        (n, d) and (n,), read-only.
    mean, scale:
        (d,) each column's mean and standard deviation (of n, not n - 1) before.
    y_mean, y_scale:
        The target's.
    kept:
        (d_given,) which of the given columns are left.
    notes:
        A sentence for each thing that is wrong with the data and can be lived with.
    """

    names: tuple[str, ...]
    X: Floats
    y: Floats
    mean: Floats
    scale: Floats
    y_mean: float
    y_scale: float
    kept: Bools
    notes: tuple[str, ...]

    def apply(self, X: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Return other rows (m, d_given), (m,) of the same columns in this design's units, (m, d) and (m,)."""
        return (X[:, self.kept] - self.mean) / self.scale, (y - self.y_mean) / self.y_scale


def design(X: ArrayLike, y: ArrayLike, names: Sequence[str], task: str = "regression") -> Design:
    """Return the design of a table.

    Parameters
    ----------
    X:
        (n, d) one row a sample. A column without any value (all NaN) is left out, and so is a constant one.
    y:
        (n,) targets: numbers, or for the task "classification" the numbers of classes, of which there must be two; they are fitted as 0 and 1.
    names:
        (d,) of the columns.
    task:
        "regression" or "classification".

    Raises
    ------
    InvalidInput
        For a table without rows or columns, values that are missing or not finite in a column that has others, a constant target, and one class only.
    """
    table, target = _table(X, y, names)
    empty: Bools = np.isnan(table).sum(axis=0) == len(table)
    _refuse_gaps(table[:, ~empty], [name for name, none in zip(names, empty, strict=True) if not none])
    target = _target(target, task)
    table = np.where(empty, 0.0, table)
    still = _constant(table) & ~empty
    kept = ~(empty | still)
    if not kept.any():
        raise InvalidInput(f"{len(names)} columns, all empty or constant", "at least one column that varies", "Add a column whose values differ.")
    left = [str(name) for name, stays in zip(names, kept, strict=True) if stays]
    mean, scale, standard = standardised(table[:, kept])
    middle, unit = float(target.mean()), float(target.std())
    notes = [*_left_out(names, empty, still, table), *_dependent(standard, left)]
    return Design(tuple(left), frozen(standard), frozen((target - middle) / unit), frozen(mean), frozen(scale), middle, unit, kept, tuple(notes))


def standardised(X: Floats) -> tuple[Floats, Floats, Floats]:
    """Return mean (d,), standard deviation (d,) and standardised columns (n, d); a column that is constant here becomes 0, its deviation 1."""
    mean = X.mean(axis=0)
    still = _constant(X)
    scale = np.where(still, 1.0, X.std(axis=0))
    standard = np.where(still, 0.0, (X - mean) / np.where(scale > 0.0, scale, 1.0))
    return mean, scale, standard


def _constant(X: Floats) -> Bools:
    """Return which columns are constant, (d,), to the rounding of their mean."""
    still: Bools = np.ptp(X, axis=0) <= 16 * np.finfo(np.float64).eps * np.abs(X).max(axis=0)
    return still


def _table(X: ArrayLike, y: ArrayLike, names: Sequence[str]) -> tuple[Floats, Floats]:
    try:
        table, target = np.asarray(X, dtype=np.float64), np.asarray(y, dtype=np.float64)
    except (TypeError, ValueError):
        raise InvalidInput("a table that is not all numbers", "numbers in rows of equal length", "Turn words into numbers first.") from None
    if table.ndim != 2 or table.shape[1] == 0:
        raise InvalidInput(f"a table of shape {table.shape}", "rows and at least one column", "Pass one row a sample and one column a feature.")
    n, d = table.shape
    if n < 2:
        raise InvalidInput(f"a table of {n} rows", "2 rows or more", "A mean and a deviation need two rows.")
    if target.shape != (n,):
        raise InvalidInput(f"targets of shape {target.shape}", f"one for each of the {n} rows", "Match the targets to the rows.")
    if len(names) != d:
        raise InvalidInput(f"{len(names)} names", f"one for each of the {d} columns", "Name every column once.")
    return table, target


def _refuse_gaps(table: Floats, names: Sequence[str]) -> None:
    missing = (~np.isfinite(table)).sum(axis=0)
    if not missing.any():
        return
    wrong = [f"'{names[j]}' in {missing[j]} of {len(table)} rows" for j in np.flatnonzero(missing).tolist()]
    more = f" and {len(wrong) - _NAMED} more" if len(wrong) > _NAMED else ""
    raise InvalidInput(
        f"missing or infinite values: {', '.join(wrong[:_NAMED])}{more}",
        "finite numbers",
        "Fill those values in, or leave those rows or columns out.",
    )


def _target(target: Floats, task: str) -> Floats:
    if not np.isfinite(target).all():
        bad = int((~np.isfinite(target)).sum())
        raise InvalidInput(f"a missing or infinite target in {bad} of {len(target)} rows", "finite numbers", "Leave those rows out.")
    if task not in ("regression", "classification"):
        raise InvalidInput(f"task {task!r}", "regression or classification", "Name one of the two.")
    if task == "classification":
        classes = np.unique(target)
        if len(classes) != 2:
            told = f"only the class {classes[0]:g}" if len(classes) == 1 else f"{len(classes)} classes"
            raise InvalidInput(
                f"{told} in {len(target)} rows",
                "rows of exactly two classes",
                "With one class there is nothing to tell apart: add rows of the other.",
            )
        labels: Floats = (target == classes[1]).astype(np.float64)
        return labels
    if _constant(target[:, None])[0]:
        raise InvalidInput(f"a target that is {target[0]:g} in every row", "a target that varies", "There is nothing to explain: choose another one.")
    return target


def _left_out(names: Sequence[str], empty: Bools, still: Bools, table: Floats) -> list[str]:
    n = len(table)
    said = [f"The column '{names[j]}' is empty in all {n} rows. It says nothing, so it is left out." for j in np.flatnonzero(empty).tolist()]
    for j in np.flatnonzero(still).tolist():
        value = f"{table[0, j]:g}".replace("-", "−")
        said.append(f"The column '{names[j]}' is {value} in every row. The intercept says that already, so it is left out.")
    return said


def _dependent(standard: Floats, names: Sequence[str]) -> list[str]:
    """Return sentences on columns that repeat others, and on what no data can decide."""
    n, d = standard.shape
    said, repeats = [], 0
    alike = np.abs(standard.T @ standard) / n >= 1.0 - SAME
    first = alike.argmax(axis=0)  # the first column that says the same; a column's own number where there is none before it
    for j in np.flatnonzero(first < np.arange(d)).tolist():
        repeats += 1
        said.append(
            f"The column '{names[j]}' says the same as '{names[first[j]]}', up to its unit. Least squares and lasso cannot tell them apart: only "
            "the sum of their weights is determined. Ridge and the elastic net give each half."
        )
    if n <= d:
        said.append(
            f"{n} rows for {d} columns: least squares fits these rows exactly in infinitely many ways, the shortest of which is shown. Lasso keeps "
            f"at most {n - 1} weights, since the intercept takes one of the {n}."
        )
    elif (missing := d - repeats - rank(standard)) > 0:
        said.append(
            f"{'One column is' if missing == 1 else f'{missing} columns are'} a sum of multiples of others: least squares is not unique, the "
            "shortest solution is shown."
        )
    return said


def rank(standard: Floats) -> int:
    """Return how many directions of the weights the rows determine."""
    sizes = np.linalg.svd(standard, compute_uv=False)
    return int((sizes > RANK * sizes[0]).sum())
