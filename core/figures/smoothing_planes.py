"""Figures: the surface as it is, and under its penalty. In: a Smoothing. Out: two planes, their minima, the point in focus; and the same in 3-D."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.figures.landscape import contours, shade, surface
from core.figures.minima_marks import minima_mark
from core.figures.paths import surface_plane
from core.figures.scene import Mark, Scene
from core.figures.smoothing_hand import POINT
from core.smoothing import Smoothing
from core.smoothing_words import minima_sentences

Floats = NDArray[np.float64]


def original_plane(result: Smoothing) -> Scene:
    """Return the loss alone, with its minima and the point that is looked at; a click moves the point."""
    land = result.landscape
    marks = (
        minima_mark(result.minima, result.surface.bounds, still=True),
        Mark("point", result.point, "dropout", "point", axes=(), symbol="ring", size=6, text="point", side="above"),
    )
    alt = f"Contours of {result.surface.label} without a penalty, a cross at each of its minima, a ring at the point in focus."
    blends = (shade(land, still=True), contours(land, still=True))
    said = "A cross at every minimum. Click to look at another point, or drag it." + land.note
    return Scene(surface_plane(result.surface), alt, marks, blends, (said,), caption_axes=(), pick=True, handles=(POINT,))


def penalised_plane(result: Smoothing) -> Scene:
    """Return loss and penalty, with the minima that are left, over the axis "lam"."""
    land, key = result.landscape, result.penalty.key
    marks = (
        minima_mark(result.minima, result.surface.bounds),
        Mark("segments", _way(result), key, "lowest minimum's way", axes=(), width=1.6),
        Mark("point", result.minimum, key, "lowest minimum", axes=("lam",), size=6.5),
        Mark("point", result.point, "dropout", "point", axes=(), symbol="ring", size=6),
    )
    alt = f"Contours of {result.surface.label} with its penalty; crosses at the minima that are left, a dot at the lowest. It moves with lambda."
    blends = (shade(land), contours(land))
    captions = tuple(said + land.note for said in minima_sentences(result))
    return Scene(surface_plane(result.surface), alt, marks, blends, captions, caption_axes=("lam",), handles=(POINT,))


def _way(result: Smoothing) -> Floats:
    """Return the lowest minimum's way as pairs of points: where another basin becomes the lowest, the way begins anew."""
    pairs = [np.stack([result.minimum[part][:-1], result.minimum[part][1:]], axis=1).reshape(-1, 2) for part in result.stretches]
    return np.concatenate([*pairs, np.repeat(result.minimum[:1], 2, axis=0)])


def original_surface(result: Smoothing) -> Scene:
    """Return the loss alone in 3-D."""
    figure, blend = surface(result.landscape, result.minimum[0], ink="dropout", still=True)
    return Scene(figure, f"{result.surface.label} as a surface in three dimensions, without a penalty.", blends=(blend,), aspect=0.8)


def penalised_surface(result: Smoothing) -> Scene:
    """Return loss and penalty in 3-D over the axis "lam"."""
    figure, blend = surface(result.landscape, result.minimum, ink=result.penalty.key)
    alt = f"{result.surface.label} with its penalty as a surface in three dimensions; it bends as lambda moves."
    return Scene(figure, alt, blends=(blend,), aspect=0.8)
