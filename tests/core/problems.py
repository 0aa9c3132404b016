"""Random problems and written-out oracles. Nothing here uses the solver or its certificate."""

from __future__ import annotations

import os

import numpy as np

from core.penalties import L1, L2, ElasticNet, Penalty
from core.quadratic import Quadratic

BULK = int(os.environ.get("LAB_BULK", "500"))
MIXES = [L1(), L2(), ElasticNet(), ElasticNet(0.05), ElasticNet(0.97), ElasticNet(1 / 3)]
TILTED = np.array([[1.0, 0.9], [0.9, 2.0]])


def random_problem(rng: np.random.Generator, d: int = 2, worst: float = 6.0) -> Quadratic:
    """A rotated ellipse with a condition number up to 10**worst, at times with its minimum on an axis or at the origin."""
    basis = np.linalg.qr(rng.normal(size=(d, d)))[0] if rng.random() < 0.9 else np.eye(d)
    values = np.geomspace(1.0, 10 ** -rng.uniform(0, worst), d) * 10 ** rng.uniform(-2, 2)
    hessian = (basis * rng.permutation(values)) @ basis.T
    centre = rng.normal(size=d) * 10 ** rng.uniform(-1, 2)
    if rng.random() < 0.1:
        centre[rng.integers(d)] = 0.0
    if rng.random() < 0.02:
        centre[:] = 0.0
    return Quadratic((hessian + hessian.T) / 2, centre)


def random_penalty(rng: np.random.Generator) -> Penalty:
    return [L1(), L2(), ElasticNet(float(rng.uniform(0.01, 0.99)))][rng.integers(3)]


def written_out(penalty: Penalty, w: np.ndarray) -> np.ndarray:
    """R(w) as MATHS.md writes it, (...)."""
    one, two = np.abs(w).sum(axis=-1), (w**2).sum(axis=-1)
    if isinstance(penalty, L1):
        return one
    if isinstance(penalty, L2):
        return two
    assert isinstance(penalty, ElasticNet)
    return penalty.rho * one + (1 - penalty.rho) * two


def loss(problem: Quadratic, w: np.ndarray) -> np.ndarray:
    away = w - problem.centre
    return 0.5 * np.einsum("...i,ij,...j->...", away, problem.hessian, away) + problem.floor


def coefficients(penalty: Penalty) -> tuple[float, float]:
    if isinstance(penalty, ElasticNet):
        return penalty.rho, 1 - penalty.rho
    return (1.0, 0.0) if isinstance(penalty, L1) else (0.0, 1.0)


def violation(problem: Quadratic, penalty: Penalty, w: np.ndarray, lam: float, budget: float | None = None) -> float:
    """Largest violation of the optimality conditions over max(1, |H centre|_inf), weight by weight."""
    l1, l2 = coefficients(penalty)
    worst = 0.0
    slope = problem.hessian @ (w - problem.centre)
    for i in range(len(w)):
        pull = slope[i] + 2 * lam * l2 * w[i]
        gap = abs(pull + lam * l1 * np.sign(w[i])) if w[i] != 0 else max(abs(pull) - lam * l1, 0.0)
        worst = gap if not gap <= worst else worst  # a NaN is taken over, and stays
    if budget is not None:
        over = float(written_out(penalty, w)) - budget
        for gap in (max(over, 0.0), abs(lam * over), max(-lam, 0.0)):
            worst = gap if not gap <= worst else worst
    return worst / max(1.0, float(np.abs(problem.hessian @ problem.centre).max()))


def boundary(penalty: Penalty, budget: float, turns: np.ndarray) -> np.ndarray:
    """Points with R(w) = budget along the directions of the angles ``turns``; that they are is checked against the written-out penalty."""
    direction = np.stack([np.cos(turns), np.sin(turns)], axis=-1)
    l1, l2 = coefficients(penalty)
    a, b = l2 * (direction**2).sum(axis=-1), l1 * np.abs(direction).sum(axis=-1)
    edge = (2 * budget / (b + np.sqrt(b * b + 4 * a * budget)))[:, None] * direction
    assert np.abs(written_out(penalty, edge) - budget).max() <= 1e-13 * budget
    return edge
