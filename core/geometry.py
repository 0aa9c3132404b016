"""Curves of the constraint plane: regions {R(w) <= budget}, level sets of the loss, and normal cones. Two weights, a family at a time."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from core._validate import Floats, family, finite, vectors
from core.errors import InvalidInput
from core.penalties import Penalty
from core.quadratic import Quadratic

# A flat direction is drawn as this many times the ellipse's other half axis: straight on any screen.
LONG = 1e4


def region_boundary(penalty: Penalty, budget: ArrayLike, points: int = 128) -> Floats:
    """Return the closed boundary of {w : R(w) <= budget}, (k, points, 2); the last point repeats the first.

    The points are spread over the four quadrants; the four on the axes, a diamond's corners, are among them exactly.

    Parameters
    ----------
    penalty:
        The penalty.
    budget:
        Budgets >= 0, (k,) or a number; 0 gives the origin.
    points:
        Points on each boundary, at least 5.

    Notes
    -----
    Along a direction u the boundary is at the r with l1 |u|_1 r + l2 r^2 = budget.
    """
    limit = family(budget, "budget")[:, None]
    around = turns(points)
    linear = penalty.l1 * np.abs(around).sum(axis=-1)
    root = linear + np.sqrt(linear**2 + 4.0 * penalty.l2 * limit)
    radius = 2.0 * limit / np.where(root > 0.0, root, 1.0)
    return radius[..., None] * around


def level_set(problem: Quadratic, level: ArrayLike, points: int = 128) -> Floats:
    """Return the ellipse {w : L(w) = level}, (k, points, 2); the last point repeats the first.

    A flat direction of L is drawn as a half axis 1e4 times the other: two straight lines on any screen. A loss that is flat all over has no ellipse,
    and gives its centre.

    Parameters
    ----------
    problem:
        A loss of two weights.
    level:
        Losses >= the floor, (k,) or a number; one below it by rounding counts as the floor.
    points:
        Points on each ellipse, at least 5.
    """
    _plane(problem)
    given = np.atleast_1d(finite(level, "level"))
    if given.ndim > 1 or given.size == 0:
        raise InvalidInput(f"level of shape {given.shape}", "a number or a one-dimensional array (k,) with k >= 1", "Pass level as one family axis.")
    slack = 1e-9 * max(1.0, abs(problem.floor))
    if not given.min() >= problem.floor - slack:
        allowed = f"any number from the loss's floor {problem.floor:g} up"
        raise InvalidInput(f"level = {given.min():g}", allowed, "Pass the loss of some point.")
    values, vectors = problem.eigen
    if values[-1] == 0.0:
        return np.broadcast_to(problem.centre, (len(given), points, 2)).copy()
    axes = np.where(values > 0.0, 1.0 / np.sqrt(np.where(values > 0.0, values, 1.0)), LONG / np.sqrt(values[-1]))
    radius = np.sqrt(2.0 * np.maximum(given - problem.floor, 0.0))
    return problem.centre + radius[:, None, None] * ((turns(points) * axes) @ vectors.T)


def normal_cone(penalty: Penalty, w: ArrayLike) -> Floats:
    """Return the two edges of the normal cone of {R <= R(w)} at each point, (k, 2, 2): unit vectors, the clockwise edge first.

    Where the boundary is smooth both edges are its normal. At w = 0, where the region is a point, both are zero vectors.

    Parameters
    ----------
    penalty:
        The penalty.
    w:
        Points, (k, 2) or (2,).
    """
    at = np.atleast_2d(vectors(w, "w", 2))
    if at.ndim != 2:
        raise InvalidInput(f"w of shape {at.shape}", "shape (k, 2) or (2,)", "Pass one point a member of the family.")
    slope = penalty.l1 * np.sign(at) + 2.0 * penalty.l2 * at
    # A zero weight's subgradient is anything in [-l1, l1]; turning clockwise lowers w1's where w2 < 0, and so on around.
    spread = np.where(at == 0.0, penalty.l1, 0.0)
    spread[(at == 0.0).all(axis=-1)] = 0.0
    turn = np.sign(slope[:, ::-1]) * np.array([1.0, -1.0])
    edges = slope[:, None, :] + np.array([1.0, -1.0])[:, None] * (turn * spread)[:, None, :]
    length = np.sqrt((edges**2).sum(axis=-1, keepdims=True))
    units: Floats = edges / np.where(length > 0.0, length, 1.0)
    return units


def turns(count: int) -> Floats:
    """Return ``count`` unit vectors once around, (count, 2), the last repeating the first, those on the axes exact."""
    if not isinstance(count, int) or count < 5:
        raise InvalidInput(f"points = {count!r}", "a whole number >= 5", "Ask for at least the four points on the axes and the first again.")
    corners = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]])
    starts = np.round(np.arange(5) * (count - 1) / 4).astype(int)
    around = np.empty((count, 2))
    for i, corner in enumerate(corners):
        angle = 0.5 * np.pi * np.arange(starts[i + 1] - starts[i]) / (starts[i + 1] - starts[i])
        turned = np.array([-corner[1], corner[0]])
        around[starts[i] : starts[i + 1]] = np.cos(angle)[:, None] * corner + np.sin(angle)[:, None] * turned
    around[-1] = corners[0]
    return around


def _plane(problem: Quadratic) -> None:
    if problem.dim != 2:
        raise InvalidInput(f"a problem of {problem.dim} weights", "a problem of 2 weights", "Choose two of them for the plane.")
