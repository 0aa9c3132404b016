"""Figure: the support map. In: a DiamondCircle. Out: the plane of unconstrained minima, parted by which weights of the solution are zero."""

from __future__ import annotations

import numpy as np

from core._polygons import area
from core.diamond_circle import DiamondCircle
from core.diamond_circle_words import share_sentences
from core.figures.diamond_hand import handles
from core.figures.palette import colour
from core.figures.scene import Mark, Scene
from core.figures.template import plane
from core.support_map import Region

_LOOK = {(True, False): ("w1", "hatch", "w₂ = 0"), (False, True): ("w2", "dots", "w₁ = 0"), (False, False): ("muted", "hatch", "both 0")}


def support_plane(result: DiamondCircle) -> Scene:
    """Return the plane of unconstrained minima as a scene: regions are exact polygons, one family member at a time."""
    centre = result.problem.centre
    here = {
        "type": "scatter",
        "x": centre[:1],
        "y": centre[1:],
        "mode": "markers",
        "marker": {"symbol": "cross", "size": 11, "color": colour("loss")},
        "hovertemplate": "ŵ of this problem<br>%{x:.4g}, %{y:.4g}<extra></extra>",
    }
    figure = plane("minimum of the loss, first weight", "minimum of the loss, second weight", result.window, here)
    marks = []
    for i, region in enumerate(result.support.regions):
        marks += _part(region, i, result)
    for i in range(result.support.lines.shape[1]):
        marks.append(Mark("segments", result.support.lines[:, i], "w1" if i % 2 else "w2", f"line-{i}", width=2.0))
    marks.append(Mark("point", centre, "loss", "here", axes=(), symbol="cross", size=5.5))
    alt = (
        f"Plane of unconstrained minima, coloured by the support of the {result.penalty.label} solution at this "
        f"{'lambda' if result.spec.axis == 'lam' else 'budget'}: where w1 is zero, where w2 is zero, where both are, where neither is."
    )
    held = tuple(each for each in handles(result) if each.name == "centre")
    return Scene(figure, alt, tuple(marks), captions=share_sentences(result), handles=held, yields=(0,))


def _part(region: Region, i: int, result: DiamondCircle) -> list[Mark]:
    if region.inactive:
        return [Mark("region", region.polygon, result.spec.penalty, "inactive", width=1.6, fill=0.08)]
    if region.support not in _LOOK:
        return []
    ink, pattern, label = _LOOK[region.support]
    middle = region.polygon.mean(axis=1)
    span = region.polygon.max(axis=1) - region.polygon.min(axis=1)
    half = result.window[0][1]
    # The area tells a part that is wide from one that only runs far, across the plane.
    legible = area(region.polygon) > 0.16 * half * span.max(axis=-1)
    return [
        Mark("region", region.polygon, ink, f"support-{i}", width=1.0, pattern=pattern),  # type: ignore[arg-type]
        Mark("text", np.where(legible[:, None], middle, np.nan), ink, f"label-{i}", text=label, side="middle"),
    ]
