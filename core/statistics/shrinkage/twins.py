"""One height, measured twice: in centimetres and in inches, over a family of correlations and many samples at once.

Two columns u1, u2 of variance 1 and correlation r are made of two independent ones, u = sqrt((1 + r)/2) z1 +- sqrt((1 - r)/2) z2, and the target is
z1 plus noise, that is (u1 + u2) / sqrt(2 (1 + r)) plus noise: by construction neither twin matters more than the other, and z1, z2 and the noise of
a sample are the same for every r. Two weights have a closed form, so 400 samples at every r are a few array operations.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from core._validate import Bools, Floats
from core.errors import InvalidInput

SAMPLES = 400
SEED = 11
NOISE = 1.0
CM, INCH = 10.0, 10.0 / 2.54
"""What a standard deviation of height is in the two units."""
FATES = ("only cm", "only inches", "both", "neither", "not decided")
METHODS = ("plain", "l2", "elastic_net", "l1")
_R = np.round(np.concatenate([np.linspace(0.0, 0.9, 91), np.arange(0.905, 0.9901, 0.005), [0.992, 0.994, 0.996, 0.998, 0.999, 1.0]]), 4)


def correlations() -> Floats:
    """Return (k,) the correlations of the family, closer to each other near 1; the last is exactly 1."""
    return _R.copy()


@dataclass(frozen=True, eq=False)
class Twins:
    """Fits of least squares ("plain"), ridge ("l2"), elastic net and lasso ("l1") at one lambda. k correlations, m samples.

    Attributes
    ----------
    rows, lam, scaled, rho:
        Rows of a sample, the penalty's weight, whether the columns are standardised, and the L1 share of the elastic net.
    r:
        (k,) correlations of the twins.
    effects:
        Method -> (k, m, 2): the weights of cm and inches per standard deviation of height, whatever the unit that was fitted.
    fates:
        Method -> (k, 5) how many samples keep what, in the order of `FATES`; "not decided" where many minimisers have the same objective.
    truth:
        (k,) the weight that either twin has in the target.
    accident:
        At correlation 1, of the samples in which lasso keeps anything: the shares in which coordinate descent gives all to cm when it starts with
        cm, and when it starts with inches.
    """

    rows: int
    lam: float
    scaled: bool
    rho: float
    r: Floats
    effects: Mapping[str, Floats]
    fates: Mapping[str, Floats]
    truth: Floats
    accident: tuple[float, float]

    def decided(self, method: str) -> bool:
        """Whether a method has one answer at r = 1, too: lasso as measured has, since a centimetre column costs less."""
        return method in ("l2", "elastic_net") or (method == "l1" and not self.scaled)

    def variance(self, method: str) -> tuple[Floats, Floats]:
        """Return the variance over samples of the weight of cm, (k,), and its standard error from the fourth moment, (k,)."""
        return variance(self.effects[method][:, :, 0])

    @property
    def formula(self) -> Floats:
        """(k,) the variance of least squares by formula, infinite at r = 1: noise^2 / ((n - 4)(1 - r^2)), the mean of an inverse Wishart matrix."""
        with np.errstate(divide="ignore"):
            formula: Floats = NOISE**2 / ((self.rows - 4) * (1.0 - self.r**2))
        return formula

    @property
    def inflation(self) -> Floats:
        """(k,) the variance inflation factor 1 / (1 - r^2)."""
        with np.errstate(divide="ignore"):
            inflation: Floats = 1.0 / (1.0 - self.r**2)
        return inflation


def twins(rows: int, lam: float, scaled: bool, rho: float, samples: int = SAMPLES) -> Twins:
    """Return the fits of every method to every sample at every correlation.

    Raises
    ------
    InvalidInput
        For fewer than 6 rows, which leave the variance of least squares without a mean of its own, or a lambda that is not positive.
    """
    if rows < 6:
        raise InvalidInput(f"{rows} rows", "6 or more", "Take larger samples.")
    if not lam > 0.0:
        raise InvalidInput(f"lam = {lam:g}", "a positive number", "Take a positive lambda.")
    r = correlations()
    H, q = _moments(rows, samples, r)
    unit = 1.0 / np.sqrt(np.stack([H[..., 0, 0], H[..., 1, 1]], axis=-1)) if scaled else np.broadcast_to([CM, INCH], q.shape)
    H, q = H * unit[..., :, None] * unit[..., None, :], q * unit
    effects, fates = {}, {}
    for method, share in zip(METHODS, (0.0, 0.0, rho, 1.0), strict=True):
        w = two_weights(H, q, 0.0 if method == "plain" else lam, share)
        undecided = (r == 1.0)[:, None] & (method == "plain" or (method == "l1" and scaled)) & (w != 0.0).any(axis=-1)
        effects[method] = w * unit
        fates[method] = _fates(w, undecided)
    accident = _accident(H[-1], q[-1], lam) if scaled else (1.0, 1.0)
    return Twins(rows, lam, scaled, rho, r, MappingProxyType(effects), MappingProxyType(fates), 1.0 / np.sqrt(2.0 * (1.0 + r)), accident)


def _moments(rows: int, samples: int, r: Floats) -> tuple[Floats, Floats]:
    """Return covariances of the twins (k, m, 2, 2) and with the target (k, m, 2), of samples drawn once for all r."""
    drawn = np.random.default_rng(SEED).normal(size=(samples, 3, rows))
    drawn[:, 2] = drawn[:, 0] + NOISE * drawn[:, 2]
    drawn -= drawn.mean(axis=2, keepdims=True)
    S = drawn @ drawn.transpose(0, 2, 1) / rows
    same, apart = np.sqrt((1.0 + r) / 2.0), np.sqrt((1.0 - r) / 2.0)
    turn = np.stack([np.stack([same, apart], axis=-1), np.stack([same, -apart], axis=-1)], axis=-2)
    H = turn[:, None] @ S[:, :2, :2] @ turn.transpose(0, 2, 1)[:, None]
    q = (turn[:, None] @ S[:, :2, 2:])[..., 0]
    return H, q


def two_weights(H: Floats, q: Floats, lam: float, rho: float) -> Floats:
    """Return argmin 1/2 w'Hw - q'w + lam (rho |w|_1 + (1 - rho) |w|^2) for every problem: H (..., 2, 2), q (..., 2) -> (..., 2).

    Nothing, one weight, or both, each sign pattern in closed form; one weight alone where it is a minimiser, the first where either is. Without a
    penalty and with equal columns the two share.
    """
    cut, ridge = lam * rho, 2.0 * lam * (1.0 - rho)
    a, b, c = H[..., 0, 0] + ridge, H[..., 1, 1] + ridge, H[..., 0, 1]
    w, open_ = np.zeros(q.shape), np.abs(q).max(axis=-1) > cut
    for i, own in ((0, a), (1, b)):
        alone = np.sign(q[..., i]) * np.maximum(np.abs(q[..., i]) - cut, 0.0) / own
        holds = np.abs(q[..., 1 - i] - c * alone) <= cut * (1.0 + 1e-12)
        take = open_ & holds & (alone != 0.0)
        w[..., i] = np.where(take, alone, w[..., i])
        open_ &= ~take
    det = a * b - c * c
    singular = det <= 1e-13 * a * b
    safe = np.where(singular, 1.0, det)
    for signs in ((1.0, 1.0), (1.0, -1.0), (-1.0, 1.0), (-1.0, -1.0)):
        one, other = q[..., 0] - cut * signs[0], q[..., 1] - cut * signs[1]
        both = np.stack([b * one - c * other, a * other - c * one], axis=-1) / safe[..., None]
        take = open_ & ~singular & ((np.sign(both) == signs).all(axis=-1) if cut > 0.0 else True)
        w = np.where(take[..., None], both, w)
        open_ &= ~take
    # Equal columns without a penalty: the shortest solution.
    share = q / (a + b)[..., None]
    return np.where((open_ & singular)[..., None], share, w)


def _fates(w: Floats, undecided: Bools) -> Floats:
    cm, inch = w[..., 0] != 0.0, w[..., 1] != 0.0
    kinds = (cm & ~inch, ~cm & inch, cm & inch, ~cm & ~inch)
    counts: Floats = np.stack([*((kind & ~undecided).sum(axis=1) for kind in kinds), undecided.sum(axis=1)], axis=1).astype(np.float64)
    return counts


def _accident(H: Floats, q: Floats, lam: float, sweeps: int = 50) -> tuple[float, float]:
    """Return the shares of samples (m, 2, 2), (m, 2) in which lasso's coordinate descent gives cm all, starting with cm and with inches."""
    shares = []
    for order in ((0, 1), (1, 0)):
        w = np.zeros(q.shape)
        for _ in range(sweeps):
            for i in order:
                rest = q[:, i] - H[:, i, 1 - i] * w[:, 1 - i]
                w[:, i] = np.sign(rest) * np.maximum(np.abs(rest) - lam, 0.0) / H[:, i, i]
        total = np.abs(w).sum(axis=1)
        kept = total > 0.0
        shares.append(float((np.abs(w[kept, 0]) > (1.0 - 1e-9) * total[kept]).mean()) if kept.any() else 0.0)
    return shares[0], shares[1]


def variance(values: Floats) -> tuple[Floats, Floats]:
    """Return the variance of values (k, m) over m and its standard error, from the fourth moment, (k,) each."""
    m = values.shape[1]
    away = values - values.mean(axis=1, keepdims=True)
    found = (away**2).sum(axis=1) / (m - 1)
    fourth = (away**4).mean(axis=1)
    error: Floats = np.sqrt(np.maximum(fourth - found**2 * (m - 3) / (m - 1), 0.0) / m)
    return found, error
