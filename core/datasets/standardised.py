"""A few standardised columns of real data, whole: what the labs of two weights fit. All of it ships with scikit-learn."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from core.errors import InvalidInput

Floats = NDArray[np.float64]

DIABETES_FEATURES: Mapping[str, str] = MappingProxyType(
    {
        "age": "age",
        "sex": "sex",
        "bmi": "body mass index",
        "bp": "blood pressure",
        "s1": "s1 total cholesterol",
        "s2": "s2 LDL",
        "s3": "s3 HDL",
        "s4": "s4 cholesterol ratio",
        "s5": "s5 log triglycerides",
        "s6": "s6 blood sugar",
    }
)
"""Column -> what it measures (Efron, Hastie, Johnstone and Tibshirani 2004, "Least angle regression")."""


@cache
def _diabetes() -> tuple[Floats, Floats]:
    from sklearn.datasets import load_diabetes  # here, not above: the import takes 0.6 s that the synthetic ellipses do not need

    features, target = load_diabetes(return_X_y=True, scaled=False)
    X, y = np.asarray(features, dtype=np.float64), np.asarray(target, dtype=np.float64)
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    y = (y - y.mean()) / y.std()
    X.flags.writeable = y.flags.writeable = False
    return X, y


def diabetes(*features: str) -> tuple[Floats, Floats]:
    """Return standardised columns of scikit-learn's diabetes data and the standardised target.

    Mean 0 and variance 1 each (scikit-learn's own scaling gives unit norm instead), so a weight is in standard deviations of disease
    progression per standard deviation of the feature, and no intercept is needed.

    Parameters
    ----------
    features:
        Names from `DIABETES_FEATURES`; the same name may be given twice.

    Returns
    -------
    X (442, len(features)), y (442,)

    Raises
    ------
    InvalidInput
        For a name that is no column.
    """
    names = list(DIABETES_FEATURES)
    for feature in features:
        if feature not in names:
            raise InvalidInput(f"feature {feature!r}", "one of " + ", ".join(names), "Choose two of the ten columns.")
    X, y = _diabetes()
    return X[:, [names.index(feature) for feature in features]], y


IRIS_FEATURES = ("petal length", "petal width")


@cache
def iris() -> tuple[Floats, Floats]:
    """Return petal length and width of Iris versicolor and Iris virginica, standardised, and which of the two a flower is.

    100 flowers, 50 of each, the mean 0 and the variance 1 in each column, so that no intercept is needed. The species overlap: the log-loss has a
    minimum at finite weights. The third species, setosa, is left out since it is separated from both by a wide gap.

    Returns
    -------
    X (100, 2), y (100,) of 0 (versicolor) and 1 (virginica)
    """
    from sklearn.datasets import load_iris  # here, not above, as for the diabetes data

    features, species = load_iris(return_X_y=True)
    X, y = np.asarray(features, dtype=np.float64)[50:, 2:], (np.asarray(species)[50:] == 2).astype(np.float64)
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    X.flags.writeable = y.flags.writeable = False
    return X, y
