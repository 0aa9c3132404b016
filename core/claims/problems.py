"""Random problems for the claims: bowls whose curvature, tilt and minimum are drawn."""

from __future__ import annotations

import numpy as np

from core import bowls
from core._validate import Floats
from core.bowls import Bowl
from core.penalties import PENALTIES
from core.regularized import penalized


def generator(claim: int, seed: int) -> np.random.Generator:
    """Return the random numbers of one claim and one seed; no two claims share any."""
    return np.random.default_rng([claim, seed])


def turned(rng: np.random.Generator, eigenvalues: Floats) -> Floats:
    """Return a symmetric matrix (d, d) with these eigenvalues (d,) and random axes."""
    axes = np.linalg.qr(rng.normal(size=(len(eigenvalues), len(eigenvalues))))[0]
    matrix: Floats = (axes * eigenvalues) @ axes.T
    return 0.5 * (matrix + matrix.T)


def spread_out(rng: np.random.Generator, low: float, high: float, count: int) -> Floats:
    """Return (count,) numbers between low and high whose logarithms are uniform."""
    drawn: Floats = np.exp(rng.uniform(np.log(low), np.log(high), count))
    return drawn


def random_bowl(rng: np.random.Generator, low: float = 0.5, high: float = 3.0, reach: float = 3.0) -> Bowl:
    """Return a quadratic of two weights: curvatures between low and high, any tilt, the minimum anywhere within ``reach``."""
    hessian = turned(rng, spread_out(rng, low, high, 2))
    return bowls.bowl(hessian, rng.uniform(-reach, reach, 2), 0.6)


def sparse_bowl(rng: np.random.Generator) -> tuple[Bowl, float, Floats]:
    """Return a bowl and a lambda at which exactly one weight of the L1 minimum is zero, well inside, and that minimum (2,).

    Well inside: the loss pulls on that weight with less than 0.9 of lambda.
    """
    while True:
        found = random_bowl(rng)
        lam = float(rng.uniform(0.2, 0.8) * np.abs(found.train.pull).max())
        w = penalized(found.train, PENALTIES["l1"](), lam).w[0]
        zero = w == 0.0
        if zero.sum() == 1 and abs(found.train.gradient(w)[zero][0]) < 0.9 * lam and np.abs(w).max() > 0.2:
            return found, lam, w
