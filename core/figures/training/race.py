"""Figures: rules racing over a plane of the network's own loss surface. In: the lab's settings. Out: a landscape and paths of a film."""

from __future__ import annotations

from core.figures.palette import PALETTE
from core.figures.paths import HEADS
from core.figures.scene import NOTHING, Blend, Mark, Readout, Scene
from core.figures.template import axis, canvas, plane
from core.optimizers import RULES
from core.specs.training_lab import RACERS, TrainingLabSpec

_GRIDS = {"base": "frame.plane", "x": "frame.plane_x", "y": "frame.plane_y", "levels": "frame.levels"}


def training_race(spec: TrainingLabSpec) -> Scene:
    """Return every rule's path so far over the plane, with the objective on it."""
    marks: list[Mark] = []
    for i, key in enumerate(RACERS):
        marks.append(Mark("path", NOTHING, key, RULES[key].label, axes=(), source=f"frame.path_{i}", width=2.4, dash=PALETTE[key].dash))
    for i, key in enumerate(RACERS):
        marks.append(
            Mark(
                "point",
                NOTHING,
                key,
                RULES[key].label,
                axes=(),
                source=f"frame.head_{i}",
                symbol=HEADS[key],
                size=6.0,
                text=RULES[key].label,
                side="free",
            )
        )
    blends = (Blend.sourced("shade", _GRIDS), Blend.sourced("contours", _GRIDS))
    titles = {
        "pca": ("first component of all paths", "second component"),
        "pair": (f"towards {RULES[spec.across].label}", f"towards {RULES[spec.upwards].label}, at right angles"),
        "random": ("a random direction", "another one"),
    }[spec.surface]
    alt = f"Paths of {', '.join(RULES[key].label for key in RACERS)} from the same initial weights, over a plane of the network's loss surface."
    share = (
        "The plane holds {frame.explained_1} and {frame.explained_2} of the paths' variance; random walks of this shape would give {frame.null_1} "
        "and {frame.null_2}. "
    )
    caption = (share if spec.surface == "pca" else "") + "The contours are the objective on the plane, which the paths have left: see how far below."
    figure = plane(*titles, ((-1.0, 1.0), (-1.0, 1.0)))
    return Scene(figure, alt, tuple(marks), blends, captions=(caption,), aspect=0.9, caption_axes=(), range="frame.window")


def training_distance(spec: TrainingLabSpec) -> Scene:
    """Return how far every path is from the plane that it is drawn on, along the epochs."""
    marks = tuple(
        Mark(
            "path",
            NOTHING,
            key,
            RULES[key].label,
            axes=(),
            source=f"frame.off_{i}",
            width=2.2,
            dash=PALETTE[key].dash,
            text=RULES[key].label,
            side="free",
        )
        for i, key in enumerate(RACERS)
    )
    figure = canvas(xaxis=axis("epoch", range=[0.0, 1.25 * spec.epochs]), yaxis=axis("distance from the plane", range=[0.0, 1.0]))
    alt = "The distance of each rule's weights from the plane on which its path is drawn, along the epochs."
    return Scene(figure, alt, marks, aspect=0.62, range="frame.off_range")


def race_numbers() -> tuple[Readout, ...]:
    """Return what the plane hides of the rule in focus."""
    return (
        Readout("objective, truly", source="frame.true_loss", axes=("member",), help="L + λR at the rule's weights."),
        Readout("on the plane below", source="frame.plane_loss", axes=("member",), help="L + λR at the foot of the rule's weights on the plane."),
        Readout("from the plane", source="frame.off_now", axes=("member",), help="Distance of the rule's weights from the plane."),
        Readout("from the start", source="frame.travelled", axes=("member",), help="Distance of the rule's weights from the initial ones."),
    )
