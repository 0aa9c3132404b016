"""Parts of figures: a landscape. In: a Landscape. Out: its contours, its shade, and its 3-D surface, each blended where it is drawn."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.figures.palette import colour
from core.figures.scene import Blend
from core.figures.template import canvas
from core.landscapes import Landscape

Floats = NDArray[np.float64]
_LINES = 12  # height lines on a surface


def contours(land: Landscape, axis: str = "lam", ink: str = "loss", still: bool = False) -> Blend:
    """Return the contours of L + lam R along the family axis; ``still`` those of L alone, which do not move."""
    return _flat("contours", land, axis, ink, still)


def shade(land: Landscape, axis: str = "lam", ink: str = "loss", still: bool = False) -> Blend:
    """Return a tint of L + lam R, darkest on the floor, along the family axis; ``still`` that of L alone."""
    return _flat("shade", land, axis, ink, still)


def surface(land: Landscape, w: Floats, axis: str = "lam", ink: str = "l2", still: bool = False) -> tuple[dict[str, Any], Blend]:
    """Return a figure with the 3-D surface of L + lam R and a marker at points of it, and the blend that moves both.

    Parameters
    ----------
    land:
        The landscape; up to 61 points a side redraw in time.
    w:
        (k, 2) where the marker stands, one point a member; with ``still`` one point, (2,).
    axis:
        The family axis.
    ink:
        The marker's colour.
    still:
        Whether to show L alone, which does not move.
    """
    points = np.reshape(np.asarray(w, dtype=np.float64), (-1, 2))
    factor, floor = (np.zeros(1), np.array([_bare(land)])) if still else (land.lam, land.floor)
    added = 0.0 if land.penalty is None else factor * land.penalty.value(points)
    height = np.nan_to_num(land.surface.value(points) + added, nan=land.top)
    low, high = float(floor.min()), land.top
    lift = 0.05 * (high - low)  # keeps the marker from drowning in the surface
    # Plotly's height lines on a sheet with a hole hold the browser up for many seconds (seen: 19); without them it is drawn in a frame.
    lined = not np.isnan(land.loss).any()
    sheet: dict[str, Any] = {
        "type": "surface",
        "x": land.x,
        "y": land.y,
        "z": land.loss,
        "cmin": low,
        "cmax": high,
        "colorscale": "Cividis",
        "showscale": False,
        "contours": {"z": {"show": lined, "start": low, "end": high, "size": (high - low) / _LINES, "color": colour("axis"), "width": 1}},
        "hovertemplate": f"w₁ %{{x:.3g}}, w₂ %{{y:.3g}}<br>{'L' if still else 'L + λR'} %{{z:.4g}}<extra></extra>",
    }
    marker: dict[str, Any] = {
        "type": "scatter3d",
        "x": [0.0],
        "y": [0.0],
        "z": [0.0],
        "mode": "markers",
        "marker": {"size": 7, "color": colour(ink), "line": {"color": "#FFFFFF", "width": 2}},
        "hovertemplate": "w₁ %{x:.4g}, w₂ %{y:.4g}<extra></extra>",
    }
    figure = canvas(
        sheet,
        marker,
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        scene={
            "xaxis": _axis("w₁", land.window[0]),
            "yaxis": _axis("w₂", land.window[1]),
            "zaxis": _axis("", (low, high)),
            "dragmode": "turntable",
            "aspectmode": "manual",
            "aspectratio": {"x": 1, "y": 1, "z": 0.75},
            "camera": {"eye": {"x": 1.0, "y": 1.1, "z": 1.4}, "center": {"x": 0, "y": 0, "z": -0.14}, "up": {"x": 0, "y": 0, "z": 1}},
        },
    )
    stands = np.column_stack([points, np.clip(height + lift, low, high)])
    axes = () if still else (axis,)
    return figure, Blend("surface", land.x, land.y, land.loss, land.added, factor, floor, trace=0, point=stands, axes=axes)


def _flat(kind: Any, land: Landscape, axis: str, ink: str, still: bool) -> Blend:  # noqa: ANN401 - one of the literals of Blend
    if still:
        by = np.zeros_like(land.loss)
        return Blend(kind, land.x, land.y, land.loss, by, np.zeros(1), np.array([_bare(land)]), land.levels, colour=ink, axes=())
    return Blend(kind, land.x, land.y, land.loss, land.added, land.lam, land.floor, land.levels, colour=ink, axes=(axis,))


def _bare(land: Landscape) -> float:
    """Return the floor of the loss alone: the known minimum where there is one."""
    return float(min(np.nanmin(land.loss), land.surface.min_value if np.isfinite(land.surface.min_value) else np.inf))


def _axis(title: str, limits: tuple[float, float]) -> dict[str, object]:
    return {
        "title": {"text": title},
        "range": list(limits),
        "gridcolor": colour("grid"),
        "zerolinecolor": colour("axis"),
        "color": colour("loss"),
        "showspikes": False,
    }
