"""The experiment: 400 training sets, drawn and fitted at once for every member of a family, and what their fits have in common.

With f the truth, g_s the fit of set s, and g their mean, at each x

    E (y - g_s(x))^2 = sigma^2 + (E g_s(x) - f(x))^2 + var g_s(x) = noise + bias^2 + variance

Estimates are unbiased: the variance divides by S - 1, and from (g - f)^2 the part variance / S is taken, which is there because g is a mean of S
fits only. Over x they are integrated by Gauss and Legendre's rule for x uniform on [-1, 1]. Their sum is then, exactly, the noise plus the mean over
the sets of the integral of (g_s - f)^2. The test error knows nothing of all that: it is measured on points of its own, with noise of their own, for
each set.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from core._validate import Floats, frozen
from core.datasets.uploads import OwnData
from core.datasets.uploads.limits import OWN
from core.specs.bias_variance import BUNDLE, BiasVarianceSpec
from core.statistics.bias_variance.bases import BASES
from core.statistics.bias_variance.fits import Fits, ridge
from core.statistics.bias_variance.truths import TRUTHS

SETS, TESTS = 400, 20
BINS = 40
_A_DECADE, _LAMBDAS = 8, 60


@cache
def lambdas() -> Floats:
    """Return (61,) 0, and 60 lambdas up to 10, eight a decade, to three digits."""
    return frozen(np.array([0.0, *(float(f"{10 ** (1 - (_LAMBDAS - 1 - i) / _A_DECADE):.3g}") for i in range(_LAMBDAS))]))


def decades(lam: Floats) -> Floats:
    """Return log10 of lambda (...), 0 being where one more member of the family would stand."""
    lowest = lambdas()[1] / 10 ** (1.0 / _A_DECADE)
    logs: Floats = np.log10(np.maximum(lam, lowest))
    return logs


@cache
def grid() -> Floats:
    """Return (81,) the places where curves are drawn; every fourth of them is one where fits are counted."""
    return frozen(np.linspace(-1.0, 1.0, 81))


@cache
def quadrature() -> tuple[Floats, Floats]:
    """Return (64,) nodes and weights of a mean over [-1, 1]: 32 on each half, since a truth may jump at 0; exact for squares of degree 31."""
    nodes, weights = np.polynomial.legendre.leggauss(32)
    return frozen(np.concatenate([nodes - 1.0, nodes + 1.0]) / 2.0), frozen(np.tile(weights / 4.0, 2))


@dataclass(frozen=True, eq=False)
class Source:
    """What the training sets of own data are drawn from.

    Attributes
    ----------
    feature, target:
        Names.
    ends:
        The feature's least and largest value, which are x = -1 and x = 1.
    x, y:
        (N,) the rows that are drawn from, y standardised.
    held_x, held_y:
        (M,) the rows that are held back.
    """

    feature: str
    target: str
    ends: tuple[float, float]
    x: Floats
    y: Floats
    held_x: Floats
    held_y: Floats


Own = tuple[OwnData, int]
"""Somebody's own data, and the number of the feature that is x."""


@dataclass(frozen=True)
class Draws:
    """S training sets of n points and, for each, t points to test it on.

    Attributes
    ----------
    x:
        (S, n), or (1, n) where all sets share their places.
    y:
        (S, n).
    test_x, test_y:
        (S, t).
    """

    x: Floats
    y: Floats
    test_x: Floats
    test_y: Floats


def draw(spec: BiasVarianceSpec) -> Draws:
    """Draw the training and test sets of a spec; noise, truth and places are drawn apart, so that a change of one leaves the others alone."""
    n, truth = int(spec.points), TRUTHS[spec.truth].value
    places, noise, tests, test_noise = (np.random.default_rng([int(spec.seed), n, which]) for which in range(4))
    x = np.linspace(-1.0, 1.0, n)[None] if spec.design == "even" else places.uniform(-1.0, 1.0, (SETS, n))
    y = truth(x) + spec.noise * noise.normal(size=(SETS, n))
    test_x = tests.uniform(-1.0, 1.0, (SETS, TESTS))
    return Draws(x, y, test_x, truth(test_x) + spec.noise * test_noise.normal(size=(SETS, TESTS)))


@dataclass(frozen=True)
class BiasVariance:
    """What 400 training sets say. k members, S sets, g places of the grid, B sets of the bundle.

    Attributes
    ----------
    spec:
        The settings.
    lam, size:
        (k,) of each member; one of them is the same for all.
    rank:
        (k,) the least rank of the centred designs.
    truth:
        (g,) f on `grid`.
    mean, bias_at, variance_at:
        (k, g) the mean fit; bias^2 (unbiased, so it may lie below 0 by chance) and variance at each place.
    fits:
        (B, k, g).
    x, y:
        (B, n) the bundle's points.
    window:
        (low, high) of the picture: the truth, with room for its noise.
    counts:
        (k, 21, BINS) how many fits lie where at every fourth place, in equal bins over the window; what lies beyond is in the first and last bin.
    bias, variance:
        (k,) over all x.
    error:
        (k, S) the mean over x of (g_s - f)^2.
    deviation:
        (k, S) the mean over x of (g_s - mean fit)^2.
    train, measured:
        (k, S) mean squared residual on a set's own points, and on its test points.
    source:
        What own data the sets are drawn from, or None. Then ``truth`` and ``bias_at`` are 0 and mean nothing, ``bias`` is noise + bias^2 together,
        and means over x are means over the rows that are held back.
    """

    spec: BiasVarianceSpec
    lam: Floats
    size: Floats
    rank: Floats
    truth: Floats
    mean: Floats
    bias_at: Floats
    variance_at: Floats
    fits: Floats
    x: Floats
    y: Floats
    window: tuple[float, float]
    counts: Floats
    bias: Floats
    variance: Floats
    error: Floats
    deviation: Floats
    train: Floats
    measured: Floats
    source: Source | None = None

    @property
    def known(self) -> bool:
        """Whether truth and noise are known: not for somebody's own data."""
        return self.source is None

    @property
    def points(self) -> int:
        """Points of a training set."""
        return int(self.y.shape[1])

    @property
    def along(self) -> Floats:
        """(k,) the family axis: lambda or size."""
        return self.lam if self.spec.axis == "lam" else self.size

    @property
    def noise(self) -> float:
        """sigma^2; 0 for own data, of which only noise + bias^2 is known."""
        return float(self.spec.noise) ** 2 if self.known else 0.0

    @property
    def total(self) -> Floats:
        """(k,) bias^2 + variance + noise."""
        return self.bias + self.variance + self.noise

    @property
    def total_se(self) -> Floats:
        """(k,) standard error of the sum, over training sets."""
        return _standard_error(self.error)

    @property
    def test(self) -> Floats:
        """(k,) the measured test error."""
        mean: Floats = self.measured.mean(axis=1)
        return mean

    @property
    def test_se(self) -> Floats:
        """(k,) its standard error; a training set with its test points is one observation."""
        return _standard_error(self.measured)

    @property
    def gap(self) -> Floats:
        """(k,) measured test error minus the sum."""
        return self.test - self.total

    @property
    def gap_se(self) -> Floats:
        """(k,) the gap's standard error: both sides share their training sets, so it is that of their differences, set by set."""
        return _standard_error(self.measured - self.error)

    @property
    def best(self) -> int:
        """The member of the least sum."""
        return int(self.total.argmin())

    @property
    def heaviest(self) -> Floats:
        """(k,) the part of the variance that comes from one training set, the wildest."""
        every = self.deviation.sum(axis=1)
        share: Floats = np.where(every > 0.0, self.deviation.max(axis=1) / np.where(every > 0.0, every, 1.0), 0.0)
        return share

    def member_at(self, spec: BiasVarianceSpec) -> int:
        """Return the member nearest to where a spec's scrub stands."""
        if spec.axis == "lam":
            return int(np.abs(decades(self.lam) - decades(np.array(spec.lam))).argmin())
        return int(np.abs(self.size - spec.at).argmin())


def place_at(spec: BiasVarianceSpec) -> int:
    """Return which of the 21 places x is."""
    return int(np.abs(places() - spec.place).argmin())


def places() -> Floats:
    """Return (21,) the places where fits are counted."""
    return np.round(grid()[::4], 1)


def _standard_error(each: Floats) -> Floats:
    error: Floats = each.std(axis=1, ddof=1) / np.sqrt(each.shape[1])
    return error


def solve(spec: BiasVarianceSpec, own: Own | None = None) -> BiasVariance:
    """Draw, fit and measure the family of a spec, of somebody's own data where it asks for them.

    Raises
    ------
    InvalidInput
        Where own data are missing, or cannot be fitted here.
    """
    if spec.data == OWN:
        from core.statistics.bias_variance.resampled import resampled

        return resampled(spec, own)
    draws, truth = draw(spec), TRUTHS[spec.truth].value(grid())
    low, high = float(truth.min()), float(truth.max())
    room = 2.5 * spec.noise + 0.25 * (high - low)
    window = (low - room, high + room)
    parts = _parts(spec, draws, window)
    columns = {name: np.concatenate([part[name] for part in parts], axis=1 if name == "fits" else 0) for name in parts[0]}
    k = len(columns["bias"])
    along = spec.axis == "lam"
    lam = lambdas() if along else np.full(k, spec.fixed)
    size = np.full(k, spec.size) if along else np.arange(float(k))
    x = np.broadcast_to(draws.x, draws.y.shape)[:BUNDLE]
    return BiasVariance(spec, lam, size, truth=truth, x=x, y=draws.y[:BUNDLE], window=window, source=None, **columns)


def _parts(spec: BiasVarianceSpec, draws: Draws, window: tuple[float, float]) -> list[dict[str, Floats]]:
    """Return the measured columns, of all lambdas at once or of one size after the other."""
    basis = BASES[spec.basis]
    along = spec.axis == "lam"
    sizes, lam = ([int(spec.size)], lambdas()) if along else (list(range(basis.most + 1)), np.array([spec.fixed]))
    train, test, shown = (basis.columns(x, sizes[-1]) for x in (draws.x, draws.test_x, np.concatenate([grid(), quadrature()[0]])))
    parts = []
    for size in sizes:
        fits = ridge(train(size), draws.y, lam)
        part = _measured(fits, shown(size), spec.truth, window)
        part |= {"train": residual(fits, train(size), draws.y), "measured": residual(fits, test(size), draws.test_y)}
        parts.append(part)
    return parts


def _measured(fits: Fits, design: Floats, truth: str, window: tuple[float, float]) -> dict[str, Floats]:
    """Return what the fits of all sets have in common, for columns ``design`` at the grid's places and then the quadrature's."""
    nodes, weights = quadrature()
    k, sets, g = *fits.intercept.shape, len(grid())
    true = TRUTHS[truth].value(np.concatenate([grid(), nodes]))
    made: dict[str, Floats] = {name: np.empty((k, g)) for name in ("mean", "bias_at", "variance_at")}
    made |= {name: np.empty((k, sets)) for name in ("error", "deviation")}
    made |= {"bias": np.empty(k), "variance": np.empty(k), "fits": np.empty((BUNDLE, k, g)), "counts": np.empty((k, len(places()), BINS))}
    for j in range(k):  # a member at a time: 400 fits at 145 places stay in the processor's cache
        values = fits.at(design, j)
        made["fits"][:, j] = values[:BUNDLE, :g]
        made["counts"][j] = counted(values[:, :g:4], window)
        mean = values.mean(axis=0)
        made["error"][j] = _squared(values[:, g:] - true[g:], weights)
        values -= mean
        made["deviation"][j] = _squared(values[:, g:], weights)
        variance = np.einsum("sg,sg->g", values, values) / (sets - 1)
        bias = (mean - true) ** 2 - variance / sets
        made["mean"][j], made["bias_at"][j], made["variance_at"][j] = mean[:g], bias[:g], variance[:g]
        made["bias"][j], made["variance"][j] = bias[g:] @ weights, variance[g:] @ weights
    made["rank"] = np.full(k, float(fits.rank))
    return made


def _squared(values: Floats, weights: Floats) -> Floats:
    """Return (S,) the weighted mean square of values (S, q)."""
    weighted = values * np.sqrt(weights)
    mean: Floats = np.einsum("sq,sq->s", weighted, weighted)
    return mean


def residual(fits: Fits, design: Floats, y: Floats) -> Floats:
    """Return (k, S) the mean squared residual at the places that have the columns ``design``."""
    away = fits.each_at(design)
    away -= y
    mean: Floats = np.einsum("kst,kst->ks", away, away) / y.shape[1]
    return mean


def counted(values: Floats, window: tuple[float, float]) -> Floats:
    """Return (places, BINS) how many of values (S, places) lie in each bin."""
    low, high = window
    count = values.shape[1]
    which = np.clip((values - low) * (BINS / (high - low)), 0.0, BINS - 1.0).astype(np.int64) + BINS * np.arange(count)
    counted: Floats = np.bincount(which.ravel(), minlength=BINS * count).reshape(count, BINS).astype(np.float64)
    return counted
