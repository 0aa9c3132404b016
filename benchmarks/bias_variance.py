"""400 training sets x 60 lambdas of degree-20 ridge beside scikit-learn and a plain loop: `python -m benchmarks.bias_variance`.

"fits" are ridge on all sets for all lambdas, and lambda = 0 besides, and what they predict at the places of the picture: what is promised, and what
the peers do on every 40th training set, their times scaled by 40. "all" is everything that the lab's page computes: the draws, the fits, bias,
variance and error of every fit, the measured test error, and the columns of the pictures; "busy" is the processor's time for it, which says more
where the machine is shared.
"""

from __future__ import annotations

import sys
import time

import numpy as np
from sklearn.linear_model import Ridge

from benchmarks.regularized import median_ms
from core._validate import Floats
from core.specs.bias_variance import BiasVarianceSpec
from core.statistics.bias_variance.bases import BASES
from core.statistics.bias_variance.experiment import SETS, Draws, draw, grid, lambdas, solve
from core.statistics.bias_variance.fits import ridge

SPEC = BiasVarianceSpec(points=30.0, design="drawn", size=20.0)
EVERY, REPEATS = 40, 15
# What the lab promises of the fits.
MOST_MS = 150.0


def fits_only(spec: BiasVarianceSpec, draws: Draws) -> Floats:
    """Return (61, S, places) our fits."""
    basis, m = BASES[spec.basis], int(spec.size)
    fits, design = ridge(basis.design(draws.x, m), draws.y, lambdas()), basis.design(grid(), m)
    return np.stack([fits.at(design, j) for j in range(len(lambdas()))])


def by_scikit_learn(spec: BiasVarianceSpec, draws: Draws) -> Floats:
    """Return (60, S / 40, places): an estimator a set and lambda, by its SVD."""
    basis, m, n = BASES[spec.basis], int(spec.size), int(spec.points)
    there, found = basis.design(grid(), m), []
    for x, y in zip(draws.x[::EVERY], draws.y[::EVERY], strict=True):
        design = basis.design(x, m)
        found.append([Ridge(alpha=2 * n * lam, solver="svd").fit(design, y).predict(there) for lam in lambdas()[1:]])
    return np.swapaxes(np.array(found), 0, 1)


def by_a_loop(spec: BiasVarianceSpec, draws: Draws) -> Floats:
    """Return (60, S / 40, places): least squares on rows with sqrt(2 n lambda) below them, one set and lambda after the other."""
    basis, m, n = BASES[spec.basis], int(spec.size), int(spec.points)
    there, found = basis.design(grid(), m), []
    for x, y in zip(draws.x[::EVERY], draws.y[::EVERY], strict=True):
        design, mean = basis.design(x, m), y.mean()
        centre = design.mean(axis=0)
        rows = []
        for lam in lambdas()[1:]:
            longer = np.vstack([design - centre, np.sqrt(2 * n * lam) * np.eye(m)])
            w = np.linalg.lstsq(longer, np.concatenate([y - mean, np.zeros(m)]), rcond=None)[0]
            rows.append((there - centre) @ w + mean)
        found.append(rows)
    return np.swapaxes(np.array(found), 0, 1)


def timed(call: object) -> tuple[Floats, float]:
    """Return what a peer finds and its time for all sets, in milliseconds."""
    start = time.perf_counter()
    found: Floats = call()  # type: ignore[operator]  # a lambda of this module's
    return found, 1e3 * (time.perf_counter() - start) * EVERY


def main() -> int:
    """Print the table; return 1 where the promise is broken."""
    kept = True
    print(f"{SETS} training sets x 60 lambdas, degree 20, places drawn anew; median of {REPEATS} (ours); peers on {SETS // EVERY} sets, scaled")
    print("{:<24}{:>8}{:>10}{:>12}{:>14}{:>18}{:>12}{:>16}{:>14}".format(*_HEADER))
    for basis in ("legendre", "monomials"):
        for n in (10.0, 20.0, 40.0):
            spec = SPEC.replace(basis=basis, points=n)
            draws = draw(spec)
            start = time.process_time()
            whole = median_ms(lambda spec=spec: solve(spec), REPEATS)
            busy = 1e3 * (time.process_time() - start) / REPEATS
            alone = median_ms(lambda spec=spec, draws=draws: fits_only(spec, draws), 5)
            ours = fits_only(spec, draws)[1:, ::EVERY]
            sklearn, sklearn_ms = timed(lambda spec=spec, draws=draws: by_scikit_learn(spec, draws))
            loop, loop_ms = timed(lambda spec=spec, draws=draws: by_a_loop(spec, draws))
            scale = np.abs(loop).max(axis=2)
            gap = max(float((np.abs(each - ours).max(axis=2) / scale).max()) for each in (sklearn, loop))
            print(
                f"{BASES[basis].label:<24}{n:>8.0f}{whole:>10.0f}{busy:>12.0f}{alone:>14.0f}{sklearn_ms:>18.0f}{loop_ms:>12.0f}"
                f"{sklearn_ms / alone:>9.0f}, {loop_ms / alone:>4.0f}{gap:>15.1e}"
            )
            kept &= alone <= MOST_MS
    result = solve(SPEC)
    at = slice(20, None)  # lambda of 1e-4 and more, where averages settle with places drawn anew
    score = result.gap[at] / result.gap_se[at]
    print(f"sum - measured test error, in its standard errors, over lambdas from {result.lam[at][0]:g}: {score.min():.2f} to {score.max():.2f}")
    print("kept" if kept else f"BROKEN: fits in at most {MOST_MS:g} ms")
    return 0 if kept else 1


_HEADER = ("basis", "points", "all [ms]", "busy [ms]", "fits [ms]", "sklearn [ms]", "loop [ms]", "fits: ratios", "apart by")

if __name__ == "__main__":
    sys.exit(main())
