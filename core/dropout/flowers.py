"""A hundred flowers: the three measurements that a network of three inputs tells two species of iris by.

Written out here, since asking scikit-learn would import it (a second, in which the first picture would wait); a test compares.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FEATURES = ("sepal length", "petal length", "petal width")
SPECIES = ("versicolor", "virginica")

# Millimetres: 50 Iris versicolor, then 50 Iris virginica. Fisher (1936), The use of multiple measurements in taxonomic problems.
_MILLIMETRES = (
    "70 64 69 55 65 57 63 49 66 52 50 59 60 61 56 67 56 58 62 56 59 61 63 61 64 66 68 67 60 57 55 55 58 60 54 60 67 63 56 55 55 61 58 50 56 57 57 62 "
    "51 57 63 58 71 63 65 76 49 73 67 72 65 64 68 57 58 64 65 77 77 60 69 56 77 63 67 72 62 61 64 72 74 79 64 63 61 77 63 64 60 69 67 69 58 68 67 67 "
    "63 65 62 59",
    "47 45 49 40 46 45 47 33 46 39 35 42 40 47 36 44 45 41 45 39 48 40 49 47 43 44 48 50 45 35 38 37 39 51 45 45 47 44 41 40 44 46 40 33 42 42 42 43 "
    "30 41 60 51 59 56 58 66 45 63 58 61 51 53 55 50 51 53 55 67 69 50 57 49 67 49 57 60 48 49 56 58 61 64 56 51 56 61 56 55 48 54 56 51 51 59 57 52 "
    "50 52 54 51",
    "14 15 15 13 15 13 16 10 13 14 10 15 10 14 13 14 15 10 15 11 18 13 15 12 13 14 14 17 15 10 11 10 12 16 15 16 15 13 13 13 12 14 12 10 13 12 13 13 "
    "11 13 25 19 21 18 22 21 17 18 18 25 20 19 21 20 24 23 18 22 23 15 23 20 20 18 21 18 18 18 21 16 19 20 22 15 14 23 24 18 18 21 24 23 19 23 25 23 "
    "19 20 23 18",
)


@cache
def flowers() -> tuple[Floats, NDArray[np.int64]]:
    """Return standardised measurements (100, 3), each column with mean 0 and variance 1, and the species (100,), 0 or 1."""
    X = np.array([[float(each) for each in column.split()] for column in _MILLIMETRES]).T
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    species = np.repeat(np.arange(2), 50)
    X.flags.writeable = species.flags.writeable = False
    return X, species
