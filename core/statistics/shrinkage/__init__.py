"""Shrinkage paths: from the lab's spec to a family of penalised fits along lambda, with errors, choices and certificates."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core._validate import Floats
from core.datasets.uploads import OwnData
from core.specs.shrinkage import FOLLOWS_THE_RULE, ShrinkageSpec
from core.statistics.shrinkage.data import Table, table
from core.statistics.shrinkage.design import RANK, Design, design, rank
from core.statistics.shrinkage.paths import Path, axis, path
from core.statistics.shrinkage.validation import CrossValidation, cross_validate, fold_of

MEMBERS = 201


@dataclass(frozen=True, eq=False)
class Shrinkage:
    """A path and what surrounds it; k members, d columns. Errors are mean squares in units of the target's variance over the rows that are fitted.

    Attributes
    ----------
    spec:
        The settings, the scrub's position aside.
    table, design:
        The rows as they are, and as they are fitted.
    path:
        Fits along lambda, in standard deviations of the target per standard deviation of a column.
    validation:
        Cross-validated errors.
    train, test:
        (k,) errors on the rows that are fitted and on those held back.
    plain:
        (d,) least squares; the shortest solution where there are many.
    plain_train, plain_test:
        Its errors.
    truth:
        (d,) the true weights in the path's units, or None.
    """

    spec: ShrinkageSpec
    table: Table
    design: Design
    path: Path
    validation: CrossValidation
    train: Floats
    test: Floats
    plain: Floats
    plain_train: float
    plain_test: float
    truth: Floats | None

    @property
    def lam(self) -> Floats:
        """(k,) the axis of the scrub."""
        return self.path.lam

    @cached_property
    def rank(self) -> int:
        """How many directions of the weights the rows determine: the degrees of freedom of least squares."""
        return rank(self.design.X)

    def member_at(self, spec: ShrinkageSpec) -> int:
        """Return the member nearest to the spec's lambda, or the one-standard-error choice where nobody has chosen."""
        if spec.lam == FOLLOWS_THE_RULE:
            return self.validation.simplest
        return int(np.abs(np.log(self.lam) - np.log(spec.lam)).argmin())


def solve(spec: ShrinkageSpec, own: OwnData | None = None) -> Shrinkage:
    """Return all that the lab shows of a spec's path, of somebody's own data where it asks for them.

    Raises
    ------
    InvalidInput
        Where own data are missing, or cannot be fitted here.
    """
    rows = table(spec, own)
    fitted = design(rows.X, rows.y, rows.names, rows.task)
    X, y = fitted.X, fitted.y
    lam = axis(X.T @ X / len(y), X.T @ y / len(y), spec.mix, MEMBERS)
    found = path(X, y, spec.mix, lam)
    # The target's unit is fixed once, a constant; centre and scale of everything else are taken anew in each fold.
    fold = fold_of(len(y), min(int(spec.folds), len(y)), np.random.default_rng([int(spec.seed), 1]))
    validation = cross_validate(rows.X[:, fitted.kept], fitted.y, spec.mix, lam, fold)
    X_test, y_test = fitted.apply(rows.X_test, rows.y_test)
    plain = np.linalg.pinv(X, rcond=RANK) @ y
    truth = None if rows.truth is None else rows.truth[fitted.kept] * fitted.scale / fitted.y_scale
    return Shrinkage(
        spec,
        rows,
        fitted,
        found,
        validation,
        ((y - found.w @ X.T) ** 2).mean(axis=1),
        ((y_test - found.w @ X_test.T) ** 2).mean(axis=1),
        plain,
        float(((y - X @ plain) ** 2).mean()),
        float(((y_test - X_test @ plain) ** 2).mean()),
        truth,
    )
