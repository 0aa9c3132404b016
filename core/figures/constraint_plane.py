"""Figure: the constraint plane. In: a DiamondCircle. Out: loss contours, the region, the level set that touches it, the forces at w."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.diamond_circle import DiamondCircle
from core.figures.diamond_hand import PLANE_GRID, grip, handles, movable
from core.figures.labels import weight_titles
from core.figures.palette import PALETTE, colour
from core.figures.scene import Blend, Mark, Scene
from core.figures.template import plane
from core.geometry import level_set, normal_cone, region_boundary
from core.penalties import Penalty
from core.quadratic import Quadratic
from core.regularized import Solution

Floats = NDArray[np.float64]
_ARROW = 0.16  # of the window's width: the arrows show directions, the readouts give sizes


def constraint_plane(result: DiamondCircle) -> Scene:
    """Return the plane of weights as a scene; every mark follows the scrub."""
    half = result.window[0][1]
    x_title, y_title = weight_titles(result.axis_names)
    grid, loss = _landscape(result.problem, half)
    blend = _blend(result, grid, loss, _levels(loss - result.problem.floor))
    marks = [grip(result)] if movable(result) else []
    marks += [Mark("point", result.problem.centre, "loss", "minimum", axes=(), symbol="cross", size=6.0, text="ŵ")]
    for key, (penalty, solution) in result.others.items():
        marks += [_region(key, penalty, solution, faint=True), *_solution(key, solution, penalty.label)]
    key = result.spec.penalty
    marks += [_region(key, result.penalty, result.solution), _touching(result), *_forces(result, half), *_solution(key, result.solution, "w")]
    alt = (
        f"Plane of two weights with contours of the loss, the {result.penalty.label} region, the level set through the regularised solution, "
        "minus the gradient and the normal cone there."
    )
    table = {
        "lambda": result.solution.lam,
        "budget": result.solution.budget,
        "w1": result.solution.w[:, 0],
        "w2": result.solution.w[:, 1],
        "loss": result.loss,
        "kkt_residual": result.solution.kkt_residual,
    }
    return Scene(plane(x_title, y_title, result.window), alt, tuple(marks), (blend,), table=table, handles=handles(result))


def _landscape(problem: Quadratic, half: float) -> tuple[Floats, Floats]:
    grid = np.linspace(-half, half, PLANE_GRID)
    points = np.stack(np.meshgrid(grid, grid), axis=-1)
    return grid, problem.value(points)


def _levels(above: Floats) -> Floats:
    """Return contour heights above the minimum, evenly spaced in distance from it: heights grow as squares."""
    return np.asarray(np.linspace(0.08, 0.95, 11) ** 2 * float(above.max()))


def loss_contours(result: DiamondCircle) -> dict[str, Any]:
    """Return the loss's contours as a Plotly trace, for pictures that have no moving layer."""
    grid, loss = _landscape(result.problem, result.window[0][1])
    levels = result.problem.floor + _levels(loss - result.problem.floor)
    # Plotly spaces contours evenly in z; drawn over the root of the height they come out evenly spaced in distance instead.
    height = np.sqrt(np.maximum(loss - loss.min(), 0.0))
    ends = np.sqrt(np.maximum(levels - loss.min(), 0.0))
    return {
        "type": "contour",
        "x": grid,
        "y": grid,
        "z": height,
        "customdata": loss,
        "contours": {"coloring": "lines", "start": float(ends[0]), "end": float(ends[-1]), "size": float((ends[-1] - ends[0]) / (len(ends) - 1))},
        "colorscale": [[0, colour("axis")], [1, colour("axis")]],
        "showscale": False,
        "line": {"width": 1},
        "hovertemplate": "w₁ %{x:.3g}, w₂ %{y:.3g}<br>loss %{customdata:.4g}<extra></extra>",
    }


def _blend(result: DiamondCircle, grid: Floats, loss: Floats, levels: Floats) -> Blend:
    """Return the contours as a landscape that the moving layer draws: the loss stands still, its sum with the penalty follows lambda."""
    points = np.stack(np.meshgrid(grid, grid), axis=-1)
    solution = result.solution
    if result.spec.contours == "loss":
        still = np.zeros(len(result.axis))
        return Blend("contours", grid, grid, loss, np.zeros_like(loss), still, still + result.problem.floor, levels)
    lam = np.minimum(solution.lam, 1e6)  # a budget of 0 has an infinite multiplier under L2; its picture is a point
    floor = result.loss + lam * solution.budget
    return Blend("contours", grid, grid, loss, result.penalty.value(points), lam, np.where(np.isfinite(floor), floor, 0.0), levels)


def _region(key: str, penalty: Penalty, solution: Solution, faint: bool = False) -> Mark:
    """Return the budget region. Diamonds and circles of all sizes are similar, so they travel as one shape and k sizes."""
    style: dict[str, Any] = {
        "name": f"region-{key}",
        "colour": key,
        "width": 1.5 if faint else 2.2,
        "fill": 0.05 if faint else 0.14,
        "dash": PALETTE[key].dash,
    }
    if penalty.l1 > 0 and penalty.l2 > 0:
        return Mark("region", region_boundary(penalty, solution.budget, 65), **style)
    shape = region_boundary(penalty, 1.0, 5 if penalty.l2 == 0 else 97)[0]
    size = solution.budget if penalty.l2 == 0 else np.sqrt(solution.budget)
    return Mark("region", shape, scale=size, **style)


def _touching(result: DiamondCircle) -> Mark:
    """Return the level set of the loss through the solution: one ellipse and k sizes."""
    problem = result.problem
    shape = level_set(problem, problem.floor + 1.0, 160)[0] - problem.centre
    size = np.sqrt(np.maximum(result.loss - problem.floor, 0.0))
    if not problem.is_definite:
        # At the floor the level set of a flat loss is the whole valley, so the two lines never shrink until they are shorter than the window.
        size = np.maximum(size, 4.0 * result.window[0][1] / np.abs(shape).max())
    return Mark(
        "path", np.vstack([shape, shape[:1]]), "loss", "level-set", scale=size, origin=(float(problem.centre[0]), float(problem.centre[1])), width=1.8
    )


def _forces(result: DiamondCircle, half: float) -> list[Mark]:
    """Return minus the gradient, and the edges of the normal cone that must hold it where the constraint binds."""
    w, length = result.solution.w, 2 * half * _ARROW
    pull = -result.problem.gradient(w)
    size = np.linalg.norm(pull, axis=-1, keepdims=True)
    scale = np.abs(result.problem.hessian @ result.problem.centre).max()
    direction = np.where(size > 1e-9 * max(scale, 1e-300), pull / np.maximum(size, 1e-300), 0.0)
    arrow = np.stack([w, w + length * direction], axis=1)
    edges = normal_cone(result.penalty, w)
    cone = np.stack([w, w + length * edges[:, 0], w + length * edges[:, 1]], axis=1)
    return [
        Mark("region", cone, result.spec.penalty, "normal-cone", width=1.2, pattern="hatch"),
        Mark("arrow", arrow, "loss", "pull", width=2.4, text="−∇L", side="above"),
    ]


def _solution(key: str, solution: Solution, label: str) -> list[Mark]:
    look: dict[str, dict[str, Any]] = {
        "l1": {"symbol": "diamond", "side": "right"},
        "l2": {"side": "below"},
        "elastic_net": {"symbol": "ring", "side": "left"},
    }
    return [
        Mark("path", solution.w, key, f"path-{key}", axes=(), width=1.3, dash="dot"),
        Mark("point", solution.w, key, f"solution-{key}", size=7.0, text=label, **look.get(key, {})),
    ]
