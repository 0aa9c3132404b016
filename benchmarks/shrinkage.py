"""Paths of 200 lambdas on the diabetes data beside scikit-learn's: `python -m benchmarks.shrinkage`.

Ours give every entry and exit exactly. lars_path gives lasso's knots alone; lasso_path and enet_path get the same lambdas and a tolerance at which
their answers agree with ours to 1e-6, since at the default one they are off by 1e-3.
"""

from __future__ import annotations

import sys

import numpy as np
from sklearn.linear_model import Ridge, enet_path, lars_path, lasso_path

from benchmarks.regularized import median_ms
from core._validate import Floats
from core.datasets.real import columns
from core.statistics.shrinkage.design import design
from core.statistics.shrinkage.paths import axis, path

MEMBERS, REPEATS, RHO = 200, 31, 0.5
# What the lab promises: 20 ms a path, a KKT residual of 1e-8, the knots of lars_path to 1e-8, and ridge 100 times as fast as a loop of
# scikit-learn's fits.
MOST_MS, MOST_KKT, MOST_KNOT, LEAST_RATIO = 20.0, 1e-8, 1e-8, 100.0

HEADER = ("penalty", "ours [ms]", "residual", "events", "peer", "peer [ms]", "ratio", "residual")


def residual(X: Floats, y: Floats, rho: float, lam: Floats, w: Floats) -> float:
    """Return the largest violation of the optimality conditions, measured the same for all; weights below a peer's tolerance count as zeros."""
    slope = (y - w @ X.T) @ X / len(y) - 2.0 * (1.0 - rho) * lam[:, None] * w
    cut = rho * lam[:, None]
    return float(np.where(w == 0.0, np.maximum(np.abs(slope) - cut, 0.0), np.abs(slope - cut * np.sign(w))).max())


def main() -> int:
    """Print the table; return 1 where a promise is broken."""
    raw, target = columns("diabetes")
    data = design(raw, target, [f"c{j}" for j in range(raw.shape[1])])
    X, y, n = data.X, data.y, len(data.y)
    print(f"{MEMBERS} lambdas, {X.shape[1]} columns, {n} rows; median of {REPEATS} (ours) and 5 (theirs)")
    print("{:<13}{:>9}{:>12}{:>8}  {:<24}{:>10}{:>8}{:>11}".format(*HEADER))
    kept = True
    for name, rho in (("ridge", 0.0), ("lasso", 1.0), ("elastic net", RHO)):
        lam = axis(X.T @ X / n, X.T @ y / n, rho, MEMBERS)
        ours = median_ms(lambda rho=rho, lam=lam: path(X, y, rho, lam), REPEATS)
        found = path(X, y, rho, lam)
        own = residual(X, y, rho, lam, found.w)
        kept &= ours <= MOST_MS and max(own, float(found.kkt.max())) <= MOST_KKT
        for peer, call in peers(X, y, rho, lam):
            theirs = median_ms(call, 5)
            answer = call()
            gap = f"{residual(X, y, rho, lam, answer):.1e}" if isinstance(answer, np.ndarray) else "knots"
            print(f"{name:<13}{ours:>9.2f}{own:>12.1e}{len(found.events):>8}  {peer:<24}{theirs:>10.2f}{theirs / ours:>8.1f}{gap:>11}")
            kept &= rho > 0.0 or theirs / ours >= LEAST_RATIO
        if rho == 1.0:
            knots = lars_path(X, y, method="lasso")[0]
            knots = knots[knots > lam[0]]
            apart = float(np.abs(np.array([event.lam for event in found.events]) - knots).max()) if len(knots) == len(found.events) else np.inf
            print(f"{'':13}{len(knots)} knots of lars_path, ours at most {apart:.1e} away")
            kept &= apart <= MOST_KNOT
    promise = f"at most {MOST_MS:g} ms and {MOST_KKT:g}, lars_path's knots to {MOST_KNOT:g}, ridge at least {LEAST_RATIO:g} times as fast"
    print("kept" if kept else f"BROKEN: {promise}")
    return 0 if kept else 1


def peers(X: Floats, y: Floats, rho: float, lam: Floats):  # noqa: ANN201 - a list of names and calls
    """Return the peers of a penalty: names and calls that return weights (k, d), or lars_path's knots."""
    if rho == 0.0:
        alphas = 2.0 * len(y) * lam
        return [(f"{len(lam)} fits of Ridge", lambda: np.stack([Ridge(alpha=alpha, fit_intercept=False).fit(X, y).coef_ for alpha in alphas]))]
    careful = {"tol": 1e-10, "max_iter": 100_000}
    if rho == 1.0:
        return [
            ("lars_path, knots alone", lambda: lars_path(X, y, method="lasso")),
            ("lasso_path, tol 1e-10", lambda: lasso_path(X, y, alphas=lam[::-1], **careful)[1][:, ::-1].T),
        ]
    ratio = rho / (2.0 - rho)
    return [("enet_path, tol 1e-10", lambda: enet_path(X, y, alphas=(lam * (2.0 - rho))[::-1], l1_ratio=ratio, **careful)[1][:, ::-1].T)]


if __name__ == "__main__":
    sys.exit(main())
