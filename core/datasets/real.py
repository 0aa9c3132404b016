"""The raw columns of the real data sets, read when they are first asked for."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LOADERS = {
    "breast_cancer": "load_breast_cancer",
    "digits": "load_digits",
    "wine": "load_wine",
    "iris": "load_iris",
    "diabetes": "load_diabetes",
}
"""Key -> the function of sklearn.datasets that reads it from scikit-learn's own files."""


@cache
def columns(key: str) -> tuple[Floats, Floats]:
    """Return inputs (n, d) in their own units and targets (n,), both read-only: class numbers, or disease progression for the diabetes data."""
    from sklearn import datasets  # here, not above: the import takes 0.6 s

    # Unscaled diabetes data: scikit-learn's own scaling uses all rows, the ones held back for validation too.
    units = {"scaled": False} if key == "diabetes" else {}
    inputs, targets = getattr(datasets, LOADERS[key])(return_X_y=True, **units)
    X, y = np.array(inputs, dtype=np.float64), np.array(targets, dtype=np.float64)
    X.flags.writeable = y.flags.writeable = False
    return X, y
