"""The plane of unconstrained minima, parted by which weights of the solution are zero.

Fix the Hessian H, the penalty and lam (or the budget), and let the minimum c of the loss roam the plane. The solution w is
optimal for exactly those c with H (c - w) = lam g, g a subgradient of R at w. The c that lead to a given pattern of zeros
therefore fill polygons, found here by clipping the window with half-planes rather than by solving on a grid.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike

from core._polygons import Window, area, clip, clip_segment, rectangle
from core._validate import Floats, family, finite, frozen
from core.errors import InvalidInput
from core.geometry import region_boundary
from core.penalties import Penalty
from core.quadratic import Quadratic

# Nodes of the quadrature of a curved region's area: 600 change the tenth digit, for the worst mix.
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(48)
# Corners of the drawn inactive region where it is curved.
_ROUND = 97


@dataclass(frozen=True, eq=False)
class Region:
    """Minima whose solutions have the same weights at zero.

    Parameters
    ----------
    support:
        Which weights of the solution are not zero.
    inactive:
        Whether the constraint does not bind here, so that the solution is the minimum itself.
    polygon:
        Its corners inside the window, (k, m, 2), the last repeated as padding; one point, repeated, where there is none.
    """

    support: tuple[bool, bool]
    inactive: bool
    polygon: Floats


@dataclass(frozen=True, eq=False)
class SupportMap:
    """The parts of a window of minima, for k penalty weights or budgets.

    Parameters
    ----------
    window:
        ((low, high), (low, high)), one pair a coordinate of the minimum.
    regions:
        From the back to the front, each drawn over those before. The first is the window itself, where both weights stay; no two others overlap.
    lines:
        L2 only, where zeros are too thin to have an area: segments on which w1 = 0 (even places) or w2 = 0 (odd), (k, n, 2, 2); n = 0 for the others.
        A segment outside the window has no length.
    shares:
        Of the window's area, (k,) each, adding up to 1: "none_zero", "first_zero", "second_zero", "both_zero", "inactive". Polygons are measured
        exactly, the curved inactive region by quadrature to ten digits.
    """

    window: Window
    regions: tuple[Region, ...]
    lines: Floats
    shares: Mapping[str, Floats]


def support_map(problem: Quadratic, penalty: Penalty, window: Window, *, lam: ArrayLike | None = None, budget: ArrayLike | None = None) -> SupportMap:
    """Part the plane of unconstrained minima by the support of the solution.

    Parameters
    ----------
    problem:
        Its Hessian is used, two weights; its centre is not: the minimum is the point of the plane.
    penalty:
        The penalty.
    window:
        The minima looked at, ((low, high), (low, high)). The shares depend on it.
    lam, budget:
        Exactly one of the two, (k,) or a number: of the penalised or of the constrained form.

    Raises
    ------
    InvalidInput
        For other than two weights, an empty window, or unless one of lam and budget is given.
    """
    if problem.dim != 2:
        raise InvalidInput(f"a problem of {problem.dim} weights", "a problem of 2 weights", "Choose two of them for the plane.")
    bounds = finite(window, "window")
    if bounds.shape != (2, 2) or not (bounds[:, 0] < bounds[:, 1]).all():
        raise InvalidInput(f"window = {window!r}", "((low, high), (low, high)) with low < high", "Pass the range of each coordinate.")
    (left, right), (low, high) = bounds.tolist()
    view: Window = ((left, right), (low, high))
    if lam is not None and budget is None:
        return _penalized(problem, penalty, view, family(lam, "lam"))
    if budget is not None and lam is None:
        return _constrained(problem, penalty, view, family(budget, "budget"))
    raise InvalidInput("both of lam and budget, or neither", "one of the two", "Pass lam= or budget=.")


def _penalized(problem: Quadratic, penalty: Penalty, window: Window, lam: Floats) -> SupportMap:
    """Half-planes of lam: a weight alone, w_i = t with sign s, needs s (Hc)_i >= lam l1, and its slope holds w_j at zero."""
    hessian, values = problem.hessian, problem.eigen[0]
    if not problem.is_definite:
        # At lam = 0 a flat loss has many minimisers; the solution shown is the limit of small lam.
        lam = np.maximum(lam, 1e-9 * (values[-1] or 1.0) * np.abs(window).max())
    k, determinant = len(lam), values[0] * values[1]
    whole, cut, shift = rectangle(window, k), lam * penalty.l1, 2.0 * lam * penalty.l2
    regions = [Region((True, True), False, whole)]
    for zero, alone in ((0, 1), (1, 0)):
        # (H + shift)_ii (Hc - H_i t)_j, in which the product's cancellation is done on paper.
        held = determinant * np.eye(2)[zero] + shift[:, None] * hessian[zero]
        for sign in (1.0, -1.0):
            polygon = clip(whole, -sign * hessian[alone], -cut)
            for side in (1.0, -1.0):
                room = hessian[alone, alone] - side * sign * hessian[zero, alone]
                room = 0.0 if abs(room) <= 1e-13 * values[-1] else room
                polygon = clip(polygon, side * held, cut * (room + shift))
            if not (zero == 0 and _tied(problem, penalty)) and _matters(problem, penalty, zero):
                regions.append(Region((zero == 1, zero == 0), False, polygon))
    polygon = whole
    for row in (*hessian, *-hessian):
        polygon = clip(polygon, row, cut)
    regions.append(Region((False, False), False, polygon))
    lines = np.zeros((k, 0, 2, 2))
    if penalty.l1 == 0.0:
        # w_i = 0 on a line through the origin.
        normals = [determinant * np.eye(2)[i] + shift[:, None] * hessian[i] for i in (0, 1)]
        lines = np.stack([_through(np.zeros((k, 2)), _turned(normal), window, both=True) for normal in normals], axis=1)
    return _measured(window, regions, lines, np.zeros(k))


def _constrained(problem: Quadratic, penalty: Penalty, window: Window, budget: Floats) -> SupportMap:
    """Cones at corners: a corner w0 of the region is the solution for the c with H (c - w0) in the cone of R's subgradients there."""
    hessian, k, l1, l2 = problem.hessian, len(budget), penalty.l1, penalty.l2
    whole, nothing = rectangle(window, k), budget[:, None, None] == 0.0
    point = np.broadcast_to(whole[:, :1], whole.shape)
    root = l1 + np.sqrt(l1**2 + 4.0 * l2 * budget)
    corner = 2.0 * budget / np.where(root > 0.0, root, 1.0)
    steep = l1 + 2.0 * l2 * corner
    regions = [Region((True, True), False, whole)]
    rays: dict[int, list[Floats]] = {0: [], 1: []}
    for zero, alone in ((0, 1), (1, 0)):
        for sign in (1.0, -1.0):
            at = np.zeros((k, 2))
            at[:, alone] = sign * corner
            polygon = clip(whole, -sign * hessian[alone], -sign * at @ hessian[alone])
            for side in (1.0, -1.0):
                normal = side * steep[:, None] * hessian[zero] - sign * l1 * hessian[alone]
                size = steep * np.abs(hessian[zero]).max() + l1 * np.abs(hessian[alone]).max()
                normal[np.abs(normal).max(axis=-1) <= 1e-13 * size] = 0.0
                polygon = clip(polygon, normal, (normal * at).sum(axis=-1))
            if not (zero == 0 and _tied(problem, penalty)) and _matters(problem, penalty, zero):
                # A budget of 0 leaves no corner alone: everything is both_zero.
                regions.append(Region((zero == 1, zero == 0), False, np.where(nothing, _like(point, polygon), polygon)))
            ahead = sign * _turned(np.tile(hessian[zero], (k, 1)))
            ahead *= 1.0 if ahead[0] @ hessian[alone] * sign >= 0.0 else -1.0
            rays[zero].append(_through(at, ahead, window, both=False))
    regions.append(Region((False, False), False, np.where(nothing, whole, point)))
    inactive, inside = _inactive(problem, penalty, window, budget)
    regions.append(Region((True, True), True, np.where(nothing, _like(point, inactive), inactive)))
    lines = np.zeros((k, 0, 2, 2))
    if l1 == 0.0:
        # Inside the circle the solution is the minimum, and w_i = 0 on the axis; from its ends on, along rays.
        for zero, alone in ((0, 1), (1, 0)):
            end = np.zeros((k, 2))
            end[:, alone] = corner
            rays[zero].append(clip_segment(-end, end, window))
        lines = np.stack([segment for pair in zip(rays[0], rays[1], strict=True) for segment in pair], axis=1)
    return _measured(window, regions, lines, np.where(budget > 0.0, inside, 0.0))


def _inactive(problem: Quadratic, penalty: Penalty, window: Window, budget: Floats) -> tuple[Floats, Floats]:
    """Minima that the budget can pay for: the region itself or, where L is flat, its shadow along the flat direction; polygons and areas."""
    values, vectors = problem.eigen
    polygon = rectangle(window, len(budget))
    if problem.is_definite:
        polygon = region_boundary(penalty, budget, 5 if penalty.l2 == 0.0 else _ROUND)[:, :-1]
        for axis, (low, high) in enumerate(window):
            polygon = clip(clip(polygon, np.eye(2)[axis], np.array(high)), -np.eye(2)[axis], np.array(-low))
        return polygon, _region_area(penalty, budget, window)
    if values[-1] > 0.0:
        reach = _reach(penalty, np.sort(np.abs(vectors[:, -1])), budget)
        polygon = clip(clip(polygon, vectors[:, -1], reach), -vectors[:, -1], reach)
    return polygon, area(polygon)


def _reach(penalty: Penalty, size: Floats, budget: Floats) -> Floats:
    """Return max u'w over R(w) <= budget, (k,), for |u| = size, ascending: w is the soft threshold of a multiple of u."""
    small, large = size
    l1, l2 = penalty.l1, penalty.l2
    one: Floats = large * 2.0 * budget / np.maximum(l1 + np.sqrt(l1**2 + 4.0 * l2 * budget), np.finfo(np.float64).tiny)
    if l2 == 0.0:
        return one
    # u scaled by t: both weights take part once t small > l1.
    stretch = np.sqrt((4.0 * l2 * budget + 2.0 * l1**2) / (small**2 + large**2))
    two = (stretch * (small**2 + large**2) - l1 * (small + large)) / (2.0 * l2)
    return np.where(stretch * small > l1, two, one)


def _region_area(penalty: Penalty, budget: Floats, window: Window) -> Floats:
    """Area of {R <= budget} in the window, (k,): Gauss quadrature of the boundary's height, quadrant by quadrant."""
    l1, l2 = penalty.l1, penalty.l2

    def height(x: Floats) -> Floats:
        left = np.maximum(budget[:, None] - l1 * x - l2 * x**2, 0.0)
        root = l1 + np.sqrt(l1**2 + 4.0 * l2 * left)
        y: Floats = 2.0 * left / np.where(root > 0.0, root, 1.0)
        return y

    total = np.zeros(len(budget))
    for first in (1.0, -1.0):
        for second in (1.0, -1.0):
            (x0, x1), (y0, y1) = (np.maximum(np.sort(sign * np.array(bounds)), 0.0) for sign, bounds in zip((first, second), window, strict=True))
            # The boundary is its own mirror image, so height also tells at which x it crosses y0 and y1.
            full = np.clip(height(np.array([[y1]])), x0, x1)
            end = np.clip(height(np.array([[y0]])), full, x1)
            # x runs to its end as 1 - (1 - u)^2, which takes the square root out of a circle's upright tangent.
            u = 0.5 * (1.0 - _NODES)
            x = end - (end - full) * u**2
            curved = ((height(x) - y0) * u * _WEIGHTS).sum(axis=-1) * (end - full)[:, 0]
            total += (full[:, 0] - x0) * (y1 - y0) + np.maximum(curved, 0.0)
    return total


def _measured(window: Window, regions: list[Region], lines: Floats, inside: Floats) -> SupportMap:
    (left, right), (low, high) = window
    names = {(False, True): "first_zero", (True, False): "second_zero", (False, False): "both_zero"}
    shares = {name: np.zeros(len(inside)) for name in ("none_zero", *names.values(), "inactive")}
    for region in regions[1:]:
        if not region.inactive:
            shares[names[region.support]] += area(region.polygon) / ((right - left) * (high - low))
    shares["inactive"] += inside / ((right - left) * (high - low))
    shares["none_zero"] = np.maximum(1.0 - np.sum(list(shares.values()), axis=0), 0.0)
    return SupportMap(window, tuple(regions), lines, MappingProxyType({name: frozen(share) for name, share in shares.items()}))


def _through(at: Floats, direction: Floats, window: Window, both: bool) -> Floats:
    """Return the part in the window of the ray from each point, or of the line through it."""
    far = 4.0 * (np.abs(window).max() + np.abs(at).max(axis=-1, keepdims=True))
    length = np.sqrt((direction**2).sum(axis=-1, keepdims=True))
    step = far * direction / np.where(length > 0.0, length, 1.0)
    return clip_segment(at - step if both else at, at + step, window)


def _turned(direction: Floats) -> Floats:
    return np.stack([-direction[:, 1], direction[:, 0]], axis=-1)


def _like(point: Floats, polygon: Floats) -> Floats:
    return np.broadcast_to(point[:, :1], polygon.shape)


def _tied(problem: Quadratic, penalty: Penalty) -> bool:
    """Whether either weight alone will do: equal columns under L1. The solver then keeps the first."""
    (a, b), (_, c) = problem.hessian
    return not problem.is_definite and penalty.l2 == 0.0 and bool(a > 0.0) and max(abs(abs(b) - a), abs(c - a)) <= 1e-12 * a


def _matters(problem: Quadratic, penalty: Penalty, zero: int) -> bool:
    """Whether a weight can be zero on more than a line: always with L1 in the mix, else only if the loss ignores it."""
    return penalty.l1 > 0.0 or not problem.hessian[zero].any()
