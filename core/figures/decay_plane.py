"""Figure: three rules with decay seen from above. In: an AdamAndAdamW. Out: their paths up to the step, and the points that they are bound for."""

from __future__ import annotations

import numpy as np

from core.adam_and_adamw import AdamAndAdamW
from core.adam_and_adamw_words import LABELS, end_sentences
from core.figures.landscape import contours, shade
from core.figures.paths import path_mark, surface_plane
from core.figures.scene import Mark, Scene
from core.landscapes import landscape

_BEYOND = 50.0  # windows: the size of a box that is not there, without decay
_SQUARE = np.array([(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)])
_TURN = np.linspace(0.0, 2.0 * np.pi, 97)[:-1]


def decay_plane(result: AdamAndAdamW) -> Scene:
    """Return the plane as a scene over the axes "lam" and "step"."""
    surface = result.bowl.surface
    land = landscape(surface)
    ridge_line, bound_line = result.curves
    # Names of what stands come first: the names at the heads of the runs keep out of their way.
    marks = [*_box(result), *_ball(result), Mark("text", result.ridge, "l2", "name of the ridge point", axes=("lam",), text="ridge", side="above")]
    marks.append(Mark("path", ridge_line, "l2", "ridge points", axes=(), width=1.6, dash="dot"))
    marks.append(Mark("path", bound_line, "adamw", "ends of AdamW", axes=(), width=1.6, dash="dot"))
    if result.bowl.has_data:
        marks.append(Mark("point", result.free, "loss", "free minimum", axes=(), symbol="cross", size=7, text="ŵ", side="below"))
    marks.append(Mark("point", result.start, "muted", "start", axes=(), symbol="ring", size=6, text="start", side="above"))
    marks += [path_mark(key, result.runs[key].x, name=LABELS[key]) for key in result.spec.entrants]
    if result.spec.noise > 0.0:
        marks.append(Mark("point", result.soft_ridge, "l2", "ridge point of the noise", axes=("lam",), symbol="cross", size=5))
    marks.append(Mark("point", result.bound, "adamw", "bound for", axes=("lam",), symbol="ring", size=8))
    marks.append(Mark("point", result.ridge, "l2", "ridge point", axes=("lam",), symbol="diamond", size=6))
    names = ", ".join(LABELS[key] for key in result.spec.entrants)
    alt = (
        f"Paths of {names} over the contours of the loss, all from one start, with the ridge point, the free minimum, and the box that AdamW "
        "keeps to; they move with the step and with lambda."
    )
    table = {
        "weight_decay": result.decay,
        "lambda": result.lam,
        "ridge": result.ridge,
        "box": result.box,
        **{f"end_{key}": result.runs[key].end for key in LABELS},
    }
    blends = (shade(land, still=True), contours(land, still=True))
    captions = tuple(end_sentences(result))
    return Scene(surface_plane(surface), alt, tuple(marks), blends, captions, table, aspect=0.9, caption_axes=("lam",), pick=True)


def _box(result: AdamAndAdamW) -> list[Mark]:
    """Return the box |w_i| <= 1 / weight_decay: one square and k sizes, with its name in the corner."""
    bounds = result.bowl.surface.bounds
    width = float(np.ptp(bounds[0]))
    half = np.minimum(1.0 / np.maximum(result.decay, 1e-300), _BEYOND * width)
    inset = 0.03 * width
    name = np.stack([np.maximum(-half, bounds[0, 0]) + 0.2 * inset, half - inset], axis=1)
    return [
        Mark("region", _SQUARE, "adamw", "box of AdamW", axes=("lam",), scale=half, width=1.8, dash="dashdot", fill=0.07),
        Mark("text", name, "adamw", "name of the box", axes=("lam",), text="box |wᵢ| ≤ 1/wd", side="right"),
    ]


def _ball(result: AdamAndAdamW) -> list[Mark]:
    """Return the L2 ball that AdamW does not keep to, where asked for: the circle through the ridge point."""
    if not result.spec.circle:
        return []
    radius = np.linalg.norm(result.ridge, axis=1)
    name = np.stack([np.zeros_like(radius), -radius], axis=1)
    return [
        Mark(
            "region",
            np.stack([np.cos(_TURN), np.sin(_TURN)], axis=1),
            "l2",
            "L2 ball",
            axes=("lam",),
            scale=radius,
            width=1.8,
            dash="dash",
            fill=0.06,
        ),
        Mark("text", name, "l2", "name of the ball", axes=("lam",), text="L2 ball: false", side="above"),
    ]
