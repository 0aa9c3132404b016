"""Claims about columns: correlated ones, and how much each is shrunk."""

from __future__ import annotations

import numpy as np

from core._validate import Floats
from core.claims.claim import Experiment, Findings, Quantity, at_least, at_most, claim, seeds_of
from core.claims.picture import Line, Picture
from core.claims.problems import generator, spread_out, turned
from core.claims.request import for_each
from core.penalties import PENALTIES
from core.quadratic import Quadratic
from core.regularized import penalized
from core.specs import DiamondCircleSpec, ShrinkageSpec
from core.statistics.shrinkage.twins import CM, INCH, two_weights

ROWS, SAMPLES, LAM = 50, 200, 0.2
R = np.array([0.0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999, 0.9999])


def twin_moments(rng: np.random.Generator, r: float, unit: tuple[float, float] | None = None) -> tuple[Floats, Floats]:
    """Return X'X/n (m, 2, 2) and X'y/n (m, 2) of samples with two columns of correlation r and equal effect, and noise of the signal's size.

    The columns are standardised in each sample, or multiplied by ``unit``.
    """
    base = rng.normal(size=(SAMPLES, ROWS, 3))
    same, apart = np.sqrt((1.0 + r) / 2.0), np.sqrt((1.0 - r) / 2.0)
    X = np.stack([same * base[..., 0] + apart * base[..., 1], same * base[..., 0] - apart * base[..., 1]], axis=-1)
    y = X.sum(axis=-1) / np.sqrt(2.0 * (1.0 + r)) + base[..., 2]
    X, y = X - X.mean(axis=1, keepdims=True), y - y.mean(axis=1, keepdims=True)
    X = X / X.std(axis=1, keepdims=True) if unit is None else X * np.array(unit)
    return X.transpose(0, 2, 1) @ X / ROWS, (X.transpose(0, 2, 1) @ y[..., None])[..., 0] / ROWS


def _one_kept(w: Floats) -> Floats:
    """Return which samples (m,) keep exactly one of two weights (m, 2), of those that keep any."""
    kept: Floats = (w[(w != 0.0).any(axis=-1)] != 0.0).sum(axis=-1) == 1
    return kept


def _alike(w: Floats) -> float:
    """Return the smaller weight over the larger one, the mean over samples; less than 0 where their signs differ."""
    some = w[(w != 0.0).any(axis=-1)]
    size = np.abs(some)
    return float((np.sign(some.prod(axis=-1)) * size.min(axis=-1) / size.max(axis=-1)).mean())


@claim(
    number=31,
    source="C",
    topic="elastic_net",
    statement="Of correlated columns lasso keeps one at random, and the elastic net keeps all of them with similar weights.",
    test="Ten times 200 samples of 50 rows with two columns that matter alike, λ = 0.2, the elastic net half L1: how often lasso keeps exactly "
    "one, which, and how alike the net's two weights are. For the correlation 0.9, for 0.9999, and for the latter in centimetres and inches, not "
    "standardised.",
    quantities={
        "one": Quantity("share in which lasso keeps one alone, correlation 0.9", "", "draw"),
        "one_close": Quantity("share in which lasso keeps one alone, correlation 0.9999", "", "draw"),
        "first": Quantity("of these the share in which it is the first column", "", "draw"),
        "both": Quantity("share in which the net keeps both, correlation 0.9999", "", "draw"),
        "alike": Quantity("the net's smaller weight over its larger, correlation 0.9999", "", "draw"),
        "unit": Quantity("share in which it is the first one, that in centimetres", "", "draw"),
    },
    stated=(at_least("one", 0.9), at_least("first", 0.4, "mean"), at_most("first", 0.6, "mean"), at_least("both", 0.95), at_least("alike", 0.9)),
    condition="the columns are all but copies of each other, and standardised",
    conditional=(
        at_least("one_close", 0.9),
        at_least("first", 0.4, "mean"),
        at_most("first", 0.6, "mean"),
        at_least("both", 0.95),
        at_least("alike", 0.9),
    ),
    shows=ShrinkageSpec(r=0.999),
    spoil={"shares": (0.5, 1.0)},
)
def twins_kept(draw: int, shares: tuple[float, float] = (1.0, 0.5)) -> Experiment:
    """Fit pairs of columns; ``shares`` are the L1 shares of lasso and net, exchanged where the experiment is the wrong one.

    Whether lasso drops a twin hangs on what the twin adds: with a correlation of 0.9 it often adds enough to stay. Only near copies compete for one
    place, and which of them wins is decided by the noise of the sample; the method itself throws no dice. With exact copies any split has the same
    objective, and the order of the algorithm decides. In centimetres and inches the larger numbers need the smaller weight, and always win. The L2
    part of the net costs least where the two share.
    """

    def at(seed: int) -> dict[str, object]:
        rng = generator(31, seed)
        found: dict[str, object] = {}
        path = []
        for r in R:
            H, q = twin_moments(rng, r)
            lasso, net = (two_weights(H, q, LAM, share) for share in shares)
            path.append([_one_kept(lasso).mean(), _one_kept(net).mean()])
            if r == 0.9:
                found["one"] = path[-1][0]
        alone = lasso[(lasso != 0.0).sum(axis=-1) == 1]
        found |= {"one_close": path[-1][0], "both": 1.0 - path[-1][1], "alike": _alike(net)}
        found["first"] = (alone[:, 0] != 0.0).mean() if len(alone) else 0.0
        H, q = twin_moments(rng, R[-1], (CM, INCH))
        measured = two_weights(H, q, LAM, shares[0])
        found["unit"] = ((measured[:, 0] != 0.0) & (measured[:, 1] == 0.0)).mean()
        return {**found, "lasso_path": np.array(path)[:, 0], "net_path": np.array(path)[:, 1]}

    found = yield for_each(at, seeds_of(draw, 10), 0.05)
    lines = (Line("lasso", found["lasso_path"], "l1"), Line("elastic net", found["net_path"], "elastic_net"))
    alt = (
        "The share of samples in which one of two columns is kept alone, along one minus their correlation: lasso's rises to one, the net's is none."
    )
    picture = Picture(alt, "share that keeps one alone", lines, x=1.0 - R, across="1 − correlation", log="x")
    return Findings({name: values for name, values in found.items() if not name.endswith("path")}, picture)


@claim(
    number=44,
    source="D",
    topic="statistics",
    statement="L2 steadies the coefficients of collinear columns.",
    test="Ten times 200 samples of 50 rows with two columns of correlation 0.98 that matter alike: the variance of the first one's coefficient "
    "over samples, ridge with λ = 0.2 over least squares. The same with uncorrelated columns, and the mean coefficient over the true one.",
    quantities={
        "steadier": Quantity("variance by ridge over that by least squares, correlation 0.98", "", "draw"),
        "apart": Quantity("the same, correlation 0", "", "draw"),
        "mean": Quantity("mean coefficient by ridge over the true one, correlation 0.98", "", "draw"),
    },
    stated=(at_most("steadier", 0.1),),
    shows=ShrinkageSpec(penalty="l2"),
    spoil={"lam": 1e-6},
)
def steadies(draw: int, lam: float = LAM) -> Experiment:
    """Compare variances of coefficients over samples; with ``lam`` all but 0 there is no penalty.

    Two collinear columns leave the difference of their coefficients open: the loss is nearly flat along it, so noise moves it far. Ridge divides
    each direction's variance by (1 + 2λ/h)², which is much where the curvature h is small and little where it is large. The price is a bias, and
    along the flat direction it costs least when the two truly matter alike.
    """

    def at(seed: int) -> dict[str, object]:
        rng = generator(44, seed)
        ratio, means = [], []
        for r in R[:-2]:
            H, q = twin_moments(rng, r)
            plain, ridge = (two_weights(H, q, each, 0.0)[:, 0] for each in (0.0, lam))
            ratio.append(ridge.var(ddof=1) / plain.var(ddof=1))
            means.append(ridge.mean() * np.sqrt(2.0 * (1.0 + r)))
        i = int(np.flatnonzero(R == 0.98)[0])
        return {"steadier": ratio[i], "apart": ratio[0], "mean": means[i], "path": np.array(ratio)}

    found = yield for_each(at, seeds_of(draw, 10), 0.05)
    lines = (Line("ridge / least squares", found["path"], "l2"),)
    alt = "The variance of a coefficient by ridge over that by least squares, along one minus the correlation of two columns: least for near copies."
    picture = Picture(alt, "variance / least squares", lines, x=1.0 - R[:-2], across="1 − correlation", log="xy", level=(1.0, "as least squares"))
    return Findings({name: found[name] for name in ("steadier", "apart", "mean")}, picture)


_LAM = np.geomspace(0.01, 10.0, 31)


@claim(
    number=39,
    source="D",
    topic="l2",
    statement="L2 shrinks all weights by the same factor.",
    test="Twelve random bowls of five weights, curvatures from 0.1 to 10: along the axes of each, what is left of the free minimum at a random λ, "
    "the largest share over the smallest, and how far the shares are from h/(h + 2λ). The same on bowls with all five curvatures alike.",
    quantities={
        "unequal": Quantity("largest share left over the smallest", "times", "bowl"),
        "formula": Quantity("largest distance of a share from h/(h + 2λ)", "", "bowl"),
        "round": Quantity("largest share left over the smallest, equal curvatures", "times", "bowl"),
    },
    stated=(at_most("unequal", 1.01),),
    condition="the loss is equally curved in all directions, as with columns that are uncorrelated and standardised",
    conditional=(at_most("round", 1.01),),
    shows=DiamondCircleSpec(penalty="l2", condition=31.6, tilt=0.0, lam=0.5),
    spoil={"penalty": "l1"},
)
def same_factor(draw: int, penalty: str = "l2") -> Experiment:
    """Compare penalised with free minima along the axes of a bowl; ``penalty`` "l1" subtracts instead.

    The step of the penalty alone multiplies every weight by the same factor. Where the loss pulls as well, a direction of curvature h comes to rest
    at h/(h + 2λ) of its free value: one that the data determine well is hardly shrunk, one that they leave open almost to zero. That is how ridge
    removes variance and little else. Only a round loss is shrunk evenly.
    """

    def at(seed: int) -> dict[str, object]:
        rng = generator(39, seed)
        lam, steep = float(spread_out(rng, 0.1, 2.0, 1)[0]), spread_out(rng, 0.1, 10.0, 5)
        found: dict[str, object] = {}
        for name, values in (("unequal", steep), ("round", np.full(5, steep[0]))):
            away = rng.uniform(1.0, 3.0, 5) * rng.choice([-1.0, 1.0], 5)
            hessian = turned(rng, values) if name == "unequal" else np.diag(values)
            curvatures, axes = np.linalg.eigh(hessian)
            problem = Quadratic(hessian, axes @ away)
            left = penalized(problem, PENALTIES[penalty](), lam).w[0] @ axes / away
            found[name] = np.abs(left).max() / max(np.abs(left).min(), 1e-12)
            if name == "unequal":
                found["formula"] = np.abs(left - curvatures / (curvatures + 2.0 * lam)).max()
                path = penalized(problem, PENALTIES[penalty](), _LAM).w @ axes / away
                found |= {"flat": path[:, 0], "steep": path[:, -1]}
        return found

    found = yield for_each(at, seeds_of(draw, 12), 0.02)
    lines = (Line("steepest direction", found["steep"], "loss"), Line("flattest direction", found["flat"], "l2"))
    alt = "The share of the free minimum that L2 leaves in the steepest and the flattest direction of a bowl, along lambda: the flat one falls first."
    picture = Picture(alt, "share left", lines, x=_LAM, across="λ", log="x")
    return Findings({name: found[name] for name in ("unequal", "formula", "round")}, picture)
