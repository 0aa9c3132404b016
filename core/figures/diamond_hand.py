"""What a hand takes hold of in "Diamond and circle": the loss's minimum, the ends of its ellipse's axes, the region's edge."""

from __future__ import annotations

import numpy as np

from core._validate import Floats
from core.diamond_circle import DiamondCircle
from core.figures.hand import Hand, Handle, Words, exact, ground_of
from core.figures.scene import Mark
from core.specs import FOLLOWS

SETS = ("centre1", "centre2", "curvature", "condition", "tilt")
_STEP = 0.05  # of an arrow key, on the plane of weights
PLANE_GRID, SURFACE_GRID = 61, 45

_CENTRE = Handle(
    "centre", "Minimum of the loss, ŵ", "Drag the minimum of the loss, or move it with the arrow keys.", ("centre1", "centre2"), "point", "loss"
)
_FLAT = Handle(
    "flat",
    "Flat axis of the ellipse",
    "Drag outwards for a longer ravine, around the minimum to turn it. Up and down stretch, left and right turn.",
    ("condition", "tilt"),
    "end",
    "loss",
)
_STEEP = Handle(
    "steep",
    "Steep axis of the ellipse",
    "Drag inwards for steeper walls, around the minimum to turn it. Up and down stretch, left and right turn.",
    ("curvature", "condition", "tilt"),
    "end",
    "loss",
)


def diamond_hand(result: DiamondCircle, frame: tuple[float, float]) -> Hand:
    """Return the lab in a hand.

    Parameters
    ----------
    result:
        The lab's family.
    frame:
        The weights that the chart of the path shows, (low, high).
    """
    spec = result.spec
    penalties = [(result.spec.penalty, result.penalty), *((key, penalty) for key, (penalty, _) in result.others.items())]
    given = {
        "axis": spec.axis,
        "half": result.window[0][1],
        "level": level(result),
        "step": _STEP,
        "contours": spec.contours,
        "plane": PLANE_GRID,
        "surface": SURFACE_GRID,
        "frame": list(frame),
        "penalties": [{"key": key, "l1": penalty.l1, "l2": penalty.l2} for key, penalty in penalties],
        "shares": "The shares are measured anew when you let go.",
        **exact(values=result.axis),
    }
    if not movable(result):
        (a, b), (_, d) = result.problem.hessian.tolist()
        given["problem"] = {"hessian": [a, b, d], "centre": result.problem.centre.tolist(), "floor": result.problem.floor}
    what = "ŵ, the ends of its ellipse's axes, or the region's edge" if movable(result) else "the region's edge"
    idle = f"Drag {what}; arrow keys do the same."
    words = Words(
        idle,
        "In your hand: your browser solves it, and all charts follow. Let go, and the server solves it, too.",
        f"{idle} Solved by your browser and by the server: they differ by {{gap}} in {len(result.axis)} solutions.",
    )
    return Hand(
        "ellipse",
        ground_of(spec.replace(lam=0.0, budget=FOLLOWS), SETS),
        {name: getattr(spec, name) for name in SETS},
        given,
        exact(w=result.solution.w),
        words,
        handles(result),
    )


def handles(result: DiamondCircle) -> tuple[Handle, ...]:
    """Return what can be taken hold of on the constraint plane: of a loss of data, which stands as the data are, the region's edge alone.

    A loss with a flat direction has many minima, and the browser's solver is none for it: nothing then.
    """
    edge = Handle(
        "edge", "Edge of the region", "Drag the region's edge: a smaller budget is a larger λ.", ("lam", "budget"), "edge", result.spec.penalty
    )
    if movable(result):
        return (_CENTRE, _FLAT, _STEEP, edge)
    return (edge,) if result.problem.is_definite else ()


def movable(result: DiamondCircle) -> bool:
    """Whether the loss is an ellipse of one's own."""
    return result.spec.data == "synthetic"


def level(result: DiamondCircle) -> float:
    """Return the height above the floor of the level set whose axes are taken hold of: of unit half axes where the curvature is 2."""
    return (result.window[0][1] / 5.0) ** 2


def grip(result: DiamondCircle) -> Mark:
    """Return the two half axes that are taken hold of, faint, from the minimum to their ends or to the window's edge."""
    spec, problem, half = result.spec, result.problem, 0.97 * result.window[0][1]
    angle = np.deg2rad(spec.tilt)
    flat, steep = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    size = np.sqrt(2.0 * level(result) / spec.curvature)
    ends = [_inside(problem.centre, direction, half) for direction in (size * np.sqrt(spec.condition) * flat, size * steep)]
    return Mark("segments", np.array([problem.centre, ends[0], problem.centre, ends[1]]), "loss", "grip", axes=(), width=1.2, dash="dot")


def _inside(centre: Floats, way: Floats, half: float) -> Floats:
    """Return where a half axis ends, or where it leaves the square of half side ``half``."""
    over = np.abs(centre + way) > half
    parts = (np.sign(way) * half - centre)[over] / way[over]
    return np.asarray(centre + max(float(parts.min(initial=1.0)), 0.02) * way)
