"""The lab's tables: real ones, split into rows to fit and rows to test, and synthetic ones whose true weights are known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core._validate import Floats
from core.datasets.catalogue import DATASETS
from core.datasets.real import columns
from core.datasets.uploads import OwnData
from core.datasets.uploads.limits import OWN
from core.errors import InvalidInput
from core.specs.shrinkage import ShrinkageSpec

TEST_SHARE = 4  # one row in so many of real data is held back to test
TEST_ROWS = 500  # of synthetic data
# The first strong column of each table: the one that is copied, in another unit.
_COPIED = {"diabetes": 2, "breast_cancer": 0, "synthetic": 0}
_UNIT = 2.54
_ALWAYS = 7.0


@dataclass(frozen=True, eq=False)
class Table:
    """Rows to fit (n, d) and to test (m, d), in their own units.

    Attributes
    ----------
    names:
        (d,) of the columns.
    X, y, X_test, y_test:
        The rows.
    truth:
        (d,) the weights that synthetic targets were made with; None for real ones.
    task:
        "regression" or "classification".
    """

    names: tuple[str, ...]
    X: Floats
    y: Floats
    X_test: Floats
    y_test: Floats
    truth: Floats | None
    task: str


def table(spec: ShrinkageSpec, own: OwnData | None = None) -> Table:
    """Return the table of a spec, a function of it and, where it asks for them, of somebody's own data.

    Raises
    ------
    InvalidInput
        Where own data are missing, or their target has more than two classes.
    """
    rng = np.random.default_rng(int(spec.seed))
    if spec.data == "synthetic":
        found = _synthetic(spec, rng)
    elif spec.data == OWN:
        found = _parted(*_own(own), rng)
    else:
        task = "regression" if spec.data == "diabetes" else "classification"
        found = _parted(*columns(spec.data), DATASETS[spec.data].features, task, rng)
    return _spoiled(found, spec)


def _own(own: OwnData | None) -> tuple[Floats, Floats, tuple[str, ...], str]:
    if own is None:
        raise InvalidInput("your own data, which are not here", "a table in this session", "Paste or upload it.")
    own.standardised()  # which refuses more than two classes
    return own.X, own.y, own.features, "classification" if own.classes else "regression"


def _parted(X: Floats, y: Floats, names: tuple[str, ...], task: str, rng: np.random.Generator) -> Table:
    order = rng.permutation(len(y))
    test, fit = order[: len(y) // TEST_SHARE], order[len(y) // TEST_SHARE :]
    return Table(names, X[fit], y[fit], X[test], y[test], None, task)


def _synthetic(spec: ShrinkageSpec, rng: np.random.Generator) -> Table:
    """Draw Gaussian columns, neighbours correlated, and a target of the relevant ones plus noise: rows to fit first, then rows to test."""
    n, d = int(spec.rows), int(spec.columns)
    X = neighbours(rng.normal(size=(n + TEST_ROWS, d)), spec.correlation)
    truth = weights(d, int(spec.relevant), spec.correlation)
    y = X @ truth + spec.noise * rng.normal(size=len(X))
    return Table(tuple(f"x{j + 1}" for j in range(d)), X[:n], y[:n], X[n:], y[n:], truth, "regression")


def neighbours(normal: Floats, correlation: float) -> Floats:
    """Return standard normal columns whose neighbours have a correlation, from independent ones (n, d): each is a share of the one before."""
    X = normal.copy()
    own = np.sqrt(1.0 - correlation**2)
    for j in range(1, X.shape[1]):
        X[:, j] = correlation * X[:, j - 1] + own * X[:, j]
    return X


def weights(d: int, relevant: int, correlation: float) -> Floats:
    """Return the true weights (d,): falling in size, signs in turn, spread over the columns, such that the signal's variance is 1."""
    relevant = min(relevant, d)
    truth = np.zeros(d)
    if relevant:
        places = np.arange(relevant) * d // relevant
        truth[places] = np.where(np.arange(relevant) % 2, -1.0, 1.0) * np.linspace(1.0, 0.4, relevant)
        apart = np.abs(np.subtract.outer(np.arange(d), np.arange(d)))
        truth /= np.sqrt(truth @ correlation**apart @ truth)
    return truth


def _spoiled(found: Table, spec: ShrinkageSpec) -> Table:
    """Return a table with the column too many, where there is to be one."""
    if spec.flaw == "none":
        return found
    j = _COPIED.get(spec.data, 0)
    name = "always 7" if spec.flaw == "constant" else f"{found.names[j]} again"

    def added(X: Floats) -> Floats:
        more = np.full(len(X), _ALWAYS) if spec.flaw == "constant" else X[:, j] / _UNIT
        return np.column_stack([X, more])

    truth = None if found.truth is None else np.append(found.truth, 0.0)
    return Table((*found.names, name), added(found.X), found.y, added(found.X_test), found.y_test, truth, found.task)
