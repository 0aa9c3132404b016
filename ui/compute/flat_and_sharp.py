"""The views of the lab "Flat and sharp minima", each cached by the study that it is about and the settings that change it."""

from __future__ import annotations

import numpy as np

from core._validate import Floats
from core.errors import InvalidInput
from core.figures.flatness.correlations import rank_curves
from core.figures.flatness.panel import focus_readouts, minima_readouts, pair_readouts, scaling_readouts, within_readouts
from core.figures.flatness.rescaling import decay_dots, norm_curves, scaling_curves, valley
from core.figures.flatness.scatter import scatter_points, sharpness_scatter
from core.figures.flatness.settings import setting_dots
from core.figures.flatness.slices import between_lines, loss_slice
from core.figures.flatness.spectra import member_spectrum, shifted_spectra
from core.flatness.choices import MEASURES
from core.flatness.families import FlatFamilies
from core.flatness.matched import Matched, matched
from core.flatness.minima import FlatMinima, Minima
from core.flatness.ranks import Ranked
from core.flatness.rescaling import FlatRescaling
from core.flatness.words import correlations
from ui import plot, studies
from ui.kept import kept

GROUP, MINIMA, SCALING = "fs", "fs-minima", "fs-scaling"
"""Groups of charts: of the networks, of the minima, of the scaled networks. Each has scrubs of its own, which its charts' keys move."""


class FamilyViews:
    """Sharpness and gap, by one measure."""

    def __init__(self, picture: Matched, found: dict[str, list[Ranked]], name: str) -> None:
        self.picture = picture
        self.scatter = plot.pack_chart(sharpness_scatter(picture, name, found[name]), name="sharpness-and-gap", group=GROUP)
        self.ranks = plot.pack_chart(rank_curves(picture, found, name), name="rank-correlations", group=GROUP)
        self.settings = plot.pack_chart(setting_dots(picture, name), name="settings", group=GROUP)
        self.pairs = plot.pack_readouts(pair_readouts(picture, name), group=GROUP)
        self.points = scatter_points(picture, name)
        self.within = plot.pack_readouts(within_readouts(picture, name), group=GROUP)

    def nearest(self, level: int, x: float, y: float) -> int:
        """Return the network that stands nearest to a point of the scatter; the axis of sharpness counts by its logarithm."""
        points: Floats = self.points[level]
        there = points[:, 0] > 1e-20
        if x <= 0.0 or not there.any():
            return 0
        spread = [max(float(np.ptp(values)), 1e-9) for values in (np.log(points[there, 0]), points[there, 1])]
        far = ((np.log(points[:, 0]) - np.log(x)) / spread[0]) ** 2 + ((points[:, 1] - y) / spread[1]) ** 2
        return int(np.argmin(np.where(there, far, np.inf)))


class FocusViews:
    """What does not hang on the measure: the spectrum in focus, its numbers, weight decay under batch normalisation."""

    def __init__(self, picture: Matched) -> None:
        self.spectrum = plot.pack_chart(member_spectrum(picture.families), name="spectrum", group=GROUP)
        self.readouts = plot.pack_readouts(focus_readouts(picture.families), group=GROUP)
        self.decay = plot.pack_chart(decay_dots(picture.families), name="decay-and-norm", group=GROUP)


class MinimaViews:
    """The minimum of each lambda."""

    def __init__(self, result: Minima, biases: bool, kind: str, pair: str) -> None:
        self.shift = plot.pack_chart(shifted_spectra(result, biases), name="before-and-after", group=MINIMA)
        self.slice = plot.pack_chart(loss_slice(result, kind), name=f"slice-{kind}", group=MINIMA)
        self.between = plot.pack_chart(between_lines(result, pair), name="between-minima", group=MINIMA)
        self.readouts = plot.pack_readouts(minima_readouts(result, pair), group=MINIMA)


class ScalingViews:
    """The same function, scaled."""

    def __init__(self, study: FlatRescaling) -> None:
        result = studies.result(study)
        self.curves = plot.pack_chart(scaling_curves(result), name="rescaling", group=SCALING)
        self.valley = plot.pack_chart(valley(result), name="valley", group=SCALING)
        self.norm = plot.pack_chart(norm_curves(result), name="scale-before-norm", group=SCALING)
        self.readouts = plot.pack_readouts(scaling_readouts(result), group=SCALING)


# Results are frozen and only read, so sessions share them; about 1 MB an entry, and less for the others.
@kept(16)
def family_views(study: FlatFamilies, name: str) -> FamilyViews:
    """Return sharpness and gap by one measure."""
    return FamilyViews(_picture(study), _correlations(study), name)


@kept(16)
def focus_views(study: FlatFamilies) -> FocusViews:
    """Return the spectra of the networks and their numbers."""
    return FocusViews(_picture(study))


@kept(32)
def minima_views(study: FlatMinima, biases: bool, kind: str, pair: str) -> MinimaViews:
    """Return what there is around the minimum of each lambda."""
    return MinimaViews(studies.result(study), biases, kind, pair)


def early_minima_views(study: FlatMinima, biases: bool, kind: str, pair: str) -> MinimaViews | None:
    """Return the same of a study that is still being measured, its slices coarse; None while too little of it is there."""
    outcomes = studies.so_far(study)
    if outcomes is None:
        return None
    try:
        return MinimaViews(study.conclude(outcomes), biases, kind, pair)
    except (InvalidInput, IndexError, ValueError):
        return None


@kept(16)
def scaling_views(study: FlatRescaling) -> ScalingViews:
    """Return what scaling does."""
    return ScalingViews(study)


@kept(16)
def _picture(study: FlatFamilies) -> Matched:
    return matched(studies.result(study))


@kept(16)
def _correlations(study: FlatFamilies) -> dict[str, list[Ranked]]:
    picture = _picture(study)
    return {name: correlations(picture, name) for name in MEASURES}
