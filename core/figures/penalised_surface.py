"""Figure: the penalised surface in 3-D. In: a DiamondCircle. Out: loss plus penalty over the plane of weights, with its minimum."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.diamond_circle import DiamondCircle
from core.figures.diamond_hand import SURFACE_GRID
from core.figures.palette import colour
from core.figures.scene import Blend, Scene
from core.figures.template import canvas


def penalised_surface(result: DiamondCircle) -> Scene:
    """Return the surface as a scene: two grids travel, the browser blends them at the chosen lambda."""
    half, problem, solution = result.window[0][1], result.problem, result.solution
    grid = np.linspace(-half, half, SURFACE_GRID)
    points = np.stack(np.meshgrid(grid, grid), axis=-1)
    loss, penalty = problem.value(points), result.penalty.value(points)
    lam = np.minimum(solution.lam, 1e6)
    minimum = result.loss + lam * np.where(np.isfinite(solution.budget), solution.budget, 0.0)
    top = float(problem.floor + 1.15 * np.quantile(loss - problem.floor, 0.9) + 1e-9)
    floor = float(problem.floor)
    surface: dict[str, Any] = {
        "type": "surface",
        "x": grid,
        "y": grid,
        "z": loss,
        "cmin": floor,
        "cmax": top,
        "colorscale": "Cividis",
        "showscale": False,
        "contours": {"z": {"show": True, "start": floor, "end": top, "size": (top - floor) / 12, "color": colour("axis"), "width": 1}},
        "hovertemplate": "w₁ %{x:.3g}, w₂ %{y:.3g}<br>L + λR %{z:.4g}<extra></extra>",
    }
    least: dict[str, Any] = {
        "type": "scatter3d",
        "x": [0.0],
        "y": [0.0],
        "z": [0.0],
        "mode": "markers",
        "marker": {"size": 7, "color": colour(result.spec.penalty), "line": {"color": "#FFFFFF", "width": 2}},
        "hovertemplate": "minimum<br>w₁ %{x:.4g}, w₂ %{y:.4g}<extra></extra>",
    }
    figure = canvas(
        surface,
        least,
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        scene={
            "xaxis": _axis("w₁", (-half, half)),
            "yaxis": _axis("w₂", (-half, half)),
            "zaxis": _axis("", (floor, top)),
            "dragmode": "turntable",
            "aspectmode": "manual",
            "aspectratio": {"x": 1, "y": 1, "z": 0.75},
            "camera": {"eye": {"x": 1.0, "y": 1.1, "z": 1.4}, "center": {"x": 0, "y": 0, "z": -0.14}, "up": {"x": 0, "y": 0, "z": 1}},
        },
    )
    lift = 0.05 * (top - problem.floor)  # keeps the marker from drowning in the surface
    point = np.column_stack([solution.w, np.minimum(minimum + lift, top)])
    blend = Blend("surface", grid, grid, loss, penalty, lam, minimum, trace=0, point=point)
    alt = f"Surface of loss plus lambda times the {result.penalty.label} penalty over the two weights; a marker sits at its minimum."
    return Scene(figure, alt, blends=(blend,), aspect=0.8)


def _axis(title: str, limits: tuple[float, float]) -> dict[str, object]:
    return {
        "title": {"text": title},
        "range": list(limits),
        "gridcolor": colour("grid"),
        "zerolinecolor": colour("axis"),
        "color": colour("loss"),
        "showspikes": False,
    }
