"""Claims about priors: what penalties believe about weights."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from core._validate import Floats
from core.claims.claim import Experiment, Findings, Quantity, at_least, at_most, claim, seeds_of
from core.claims.picture import Group, Line, Picture
from core.claims.problems import generator
from core.claims.request import for_each, once
from core.penalties import PENALTIES
from core.quadratic import Quadratic
from core.regularized import penalized
from core.specs import PriorsSpec
from core.statistics.priors.belief import prior_of
from core.statistics.priors.modes import modes
from core.statistics.priors.plane import PlanePosterior

_ROWS, _AROUND = 12, 2000
_KINDS = {"l2": "gaussian", "l1": "laplace"}


class _DataSet(NamedTuple):
    """A regression: X (n, 2), y (n,), the noise's and the prior's deviation, and moves (m, 2) to points around."""

    X: Floats
    y: Floats
    sigma: float
    deviation: float
    around: Floats


def _data_set(rng: np.random.Generator) -> _DataSet:
    X = rng.normal(size=(_ROWS, 2)) @ np.array([[1.0, 0.5], [0.0, 1.0]])
    sigma, deviation = float(rng.uniform(0.5, 2.0)), float(rng.uniform(0.2, 1.0))
    y = X @ rng.normal(size=2) + sigma * rng.normal(size=_ROWS)
    return _DataSet(X, y, sigma, deviation, rng.normal(size=(_AROUND, 2)) * 10.0 ** rng.uniform(-6.0, 0.5, (_AROUND, 1)))


def _height(data: _DataSet, w: Floats, kind: str) -> Floats:
    """Return the log posterior of weights w (..., 2), up to a constant, from a library's densities."""
    from scipy import stats  # slow to import, and pages import this module

    prior = stats.norm if kind == "gaussian" else stats.laplace
    scale = data.deviation if kind == "gaussian" else data.deviation / np.sqrt(2.0)
    likelihood = np.asarray(stats.norm.logpdf(data.y, loc=w @ data.X.T, scale=data.sigma)).sum(axis=-1)
    height: Floats = likelihood + np.asarray(prior.logpdf(w, scale=scale)).sum(axis=-1)
    return height


@claim(
    number=33,
    source="C",
    topic="statistics",
    statement="L2 is a Gaussian prior and L1 a Laplace prior: the most probable weights under them are the penalised minimum.",
    test="Twelve data sets of twelve rows and two columns, noise and prior of random width: the posterior's peak, found from its slope alone, "
    "against the minimum of the loss plus λR, with the λ that noise and prior make; and the height of the posterior there, by SciPy's densities, "
    "over 2,000 points around it at all distances. Beside it the posterior's mean.",
    quantities={
        "gaussian": Quantity("distance of peak and penalised minimum, Gaussian and L2", "", "data set"),
        "laplace": Quantity("distance of peak and penalised minimum, Laplace and L1", "", "data set"),
        "higher": Quantity("points around whose posterior is higher", "", "data set"),
        "mean": Quantity("distance of the posterior's mean from its peak, Laplace", "", "data set"),
    },
    stated=(at_most("gaussian", 1e-9), at_most("laplace", 1e-9), at_most("higher", 0.0)),
    shows=PriorsSpec(scale=1.0),
    spoil={"factor": 2.0},
)
def most_probable(draw: int, factor: float = 1.0) -> Experiment:
    """Compare peaks with penalised minima; ``factor`` 2 is the λ of a book that writes a half before its square, taken for ours.

    Minus the logarithm of the posterior is the squared error over 2σ² plus minus the logarithm of the prior: w²/2s² for a Gaussian, |w|/b for a
    Laplace prior. Over n/σ² that is the loss plus λR, with λ = σ²/2ns² for L2 and σ²/nb for L1. The peak is one point of the posterior, and not its
    middle: under a Laplace prior the peak may have a weight of zero, the mean has none.
    """

    def measured() -> dict[str, Floats]:
        sets = [_data_set(generator(33, seed)) for seed in seeds_of(draw, 12)]
        gram = np.array([each.X.T @ each.X / each.sigma**2 for each in sets])
        pull = np.array([each.X.T @ each.y / each.sigma**2 for each in sets])
        found = {"higher": np.zeros(len(sets))}
        for key, kind in _KINDS.items():
            priors = [prior_of(kind, each.deviation) for each in sets]
            a, c = (np.array([getattr(prior, name)[0] for prior in priors]) for name in ("a", "c"))
            peaks = modes(gram, pull, a, c)  # all at once: their halvings are what costs
            found[kind] = np.empty(len(sets))
            for i, (each, prior) in enumerate(zip(sets, priors, strict=True)):
                lam = factor * prior.lam(each.sigma, _ROWS)
                w = penalized(Quadratic.from_least_squares(each.X, each.y), PENALTIES[key](), lam).w[0]
                found[kind][i] = np.abs(peaks[i] - w).max()
                top = _height(each, w, kind)
                # Below their own rounding heights say nothing.
                found["higher"][i] += (_height(each, w + each.around, kind) > top + 1e-12 * abs(top)).sum()
            if kind == "laplace":
                posteriors = [PlanePosterior(gram[i], pull[i], a[i : i + 1], c[i : i + 1], peaks[i : i + 1]) for i in range(len(sets))]
                found["mean"] = np.linalg.norm([each.mean[0] for each in posteriors] - peaks, axis=1)
        return found

    found = yield once(measured, 0.4)
    groups = (
        Group("Gaussian and L2", np.maximum(found["gaussian"], 1e-17), "l2"),
        Group("Laplace and L1", np.maximum(found["laplace"], 1e-17), "l1"),
        Group("posterior's mean", found["mean"], "posterior"),
    )
    alt = "How far the posterior's peak is from the penalised minimum, on a logarithmic axis: nothing but rounding; its mean is somewhere else."
    return Findings(dict(found), Picture(alt, "distance", groups=groups, log="y"))


_SAMPLES, _NEAR = 20_000, 0.1
_BINS = np.linspace(-3.0, 3.0, 61)


@claim(
    number=34,
    source="C",
    topic="statistics",
    statement="A Laplace prior believes that most weights are exactly zero.",
    test="Ten times 20,000 weights from the lab's Laplace prior: the share that is exactly zero, and the share within a tenth of a standard "
    "deviation, beside a Gaussian of the same width. Then each weight is seen with noise of the prior's own width: the share whose most probable "
    "value is zero.",
    quantities={
        "zero": Quantity("share of weights that are exactly zero", "", "seed"),
        "near": Quantity("share within a tenth of a deviation of zero, Laplace", "", "seed"),
        "gaussian": Quantity("share within a tenth of a deviation of zero, Gaussian", "", "seed"),
        "peak": Quantity("share whose most probable value, seen with noise, is exactly zero", "", "seed"),
    },
    stated=(at_least("zero", 0.5),),
    shows=PriorsSpec(points="none", scale=1.0),
    spoil={"spike": 0.7},
)
def believes_in_zeros(draw: int, spike: float = 0.0) -> Experiment:
    """Draw weights from the prior and count zeros; ``spike`` sets that share of them to zero, which is another prior.

    A density gives a single value no probability. A Laplace prior believes weights to be small more often than a Gaussian of the same width, and
    large ones as well, but none of them to be zero. The exact zeros of the lasso come from the peak of the posterior, which its crease holds at
    zero, and not from a belief in zeros. Who believes that most weights are zero says so with a spike at zero and a slab beside it.
    """

    def at(seed: int) -> dict[str, object]:
        rng = generator(34, seed)
        laplace, gaussian = (prior_of(kind, 1.0) for kind in ("laplace", "gaussian"))
        uniforms = rng.uniform(size=(2, _SAMPLES))
        w = np.where(rng.random(_SAMPLES) < spike, 0.0, laplace.density.sample(*uniforms))
        other = gaussian.density.sample(*uniforms)
        seen = w + rng.normal(size=_SAMPLES)
        # One weight, seen once with noise 1: G = 1 and B = what is seen.
        peak = modes(np.ones((_SAMPLES, 1, 1)), seen[:, None], laplace.a, laplace.c)[:, 0]
        return {
            "zero": (w == 0.0).mean(),
            "near": (np.abs(w) < _NEAR).mean(),
            "gaussian": (np.abs(other) < _NEAR).mean(),
            "peak": (peak == 0.0).mean(),
            "laplace_bars": np.histogram(w, _BINS)[0] / (_SAMPLES * (_BINS[1] - _BINS[0])),
            "gaussian_bars": np.histogram(other, _BINS)[0] / (_SAMPLES * (_BINS[1] - _BINS[0])),
        }

    found = yield for_each(at, seeds_of(draw, 10), 0.05)
    lines = (Line("Laplace", found["laplace_bars"], "l1"), Line("Gaussian", found["gaussian_bars"], "l2"))
    alt = "How weights drawn from a Laplace and from a Gaussian prior of equal width spread around zero: peaked and flat, both without a spike."
    picture = Picture(alt, "density of drawn weights", lines, x=0.5 * (_BINS[1:] + _BINS[:-1]), across="weight / standard deviation")
    return Findings({name: found[name] for name in ("zero", "near", "gaussian", "peak")}, picture)
