"""The posterior's mode beside the penalised minimum on 1,000 random problems, and beside scipy: `python -m benchmarks.priors`.

The peer is L-BFGS-B on minus the log posterior with its exact slope, the weights split into positive and negative parts where the prior has a corner.
"""

from __future__ import annotations

import sys
import time

import numpy as np
from scipy.optimize import minimize

from core._validate import Floats
from core.quadratic import Quadratic
from core.regularized import penalized
from core.statistics.priors.belief import LABELS, Prior, prior_of
from core.statistics.priors.modes import modes

PROBLEMS, PEERS = 1000, 100
# What the lab promises.
MOST_APART = 1e-8


def problem(rng: np.random.Generator, d: int) -> tuple[Floats, Floats, float]:
    """Return X, y and the noise of one problem: few points or many, columns that agree almost or not at all."""
    n = int(rng.integers(1, 25))
    design = rng.normal(size=(n, d)) * rng.uniform(0.3, 3.0)
    if d == 2 and rng.random() < 0.5:
        design[:, 1] = design[:, 0] + rng.uniform(0.05, 1.0) * design[:, 1]
    w = rng.normal(size=d) * (rng.random(d) < 0.7)
    sigma = float(rng.uniform(0.1, 2.0))
    return design, design @ w + sigma * rng.normal(size=n), sigma


def peer(gram: Floats, pull: Floats, a: float, c: float) -> Floats:
    """Return the mode as L-BFGS-B finds it."""
    d = len(pull)
    parts = np.hstack([np.eye(d), -np.eye(d)]) if a > 0.0 else np.eye(d)
    bounds = [(0.0, None)] * (2 * d) if a > 0.0 else None

    def height(x: Floats) -> tuple[float, Floats]:
        w = parts @ x
        slope = gram @ w - pull + 2.0 * c * w
        return float(0.5 * w @ gram @ w - pull @ w + c * w @ w + a * x.sum()), parts.T @ slope + a

    answer = minimize(height, np.zeros(parts.shape[1]), jac=True, method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-16, "gtol": 1e-12})
    return np.asarray(parts @ answer.x, dtype=np.float64)


def main() -> int:
    """Print the table; return 1 where the promise is broken."""
    print(f"{PROBLEMS} problems a row, {PEERS} of them by the peer; largest distance from the penalised minimum; seconds per 1,000 problems")
    print(f"{'prior':<14}{'weights':>8}{'zeros':>8}{'ours':>12}{'scipy':>12}{'ours [s]':>11}{'scipy [s]':>11}")
    worst = 0.0
    for key in LABELS:
        for d in (1, 2):
            rng = np.random.default_rng([34, d])
            given = [problem(rng, d) for _ in range(PROBLEMS)]
            family = prior_of(key, rng.uniform(0.05, 3.0, PROBLEMS), 0.5)
            gram = np.stack([design.T @ design / sigma**2 for design, _, sigma in given])
            pull = np.stack([design.T @ y / sigma**2 for design, y, sigma in given])
            start = time.perf_counter()
            found = modes(gram, pull, family.a, family.c)
            ours = time.perf_counter() - start
            exact = np.stack([_penalised(*each, family, i) for i, each in enumerate(given)])
            start = time.perf_counter()
            theirs = np.stack([peer(gram[i], pull[i], float(family.a[i]), float(family.c[i])) for i in range(PEERS)])
            seconds = (time.perf_counter() - start) * PROBLEMS / PEERS
            apart = float(np.abs(found - exact).max())
            worst = max(worst, apart) if apart <= MOST_APART else np.inf
            other = float(np.abs(theirs - exact[:PEERS]).max())
            print(f"{key:<14}{d:>8}{int((found == 0.0).sum()):>8}{apart:>12.1e}{other:>12.1e}{ours:>11.3f}{seconds:>11.2f}")
    kept = worst <= MOST_APART
    print("kept" if kept else f"BROKEN: mode and penalised minimum within {MOST_APART:g} on every problem")
    return 0 if kept else 1


def _penalised(design: Floats, y: Floats, sigma: float, family: Prior, i: int) -> Floats:
    lam = family.lam(sigma, len(y))[i]
    w: Floats = penalized(Quadratic.from_least_squares(design, y), family.penalty, lam).w[0]
    return w


if __name__ == "__main__":
    sys.exit(main())
