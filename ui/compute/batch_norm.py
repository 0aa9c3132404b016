"""The views of the lab "Batch norm", each kept for the study that it draws."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from core.batch_norm import invariance, unit
from core.batch_norm.batches import BatchResult, BatchSizes
from core.batch_norm.decay import DecayResult, WeightDecay
from core.batch_norm.orders import OrderResult, Orders
from core.batch_norm.rates import MapResult, RateResult, RateScaleMap, RateSweep
from core.batch_norm.smoothness import Smoothness, SmoothnessResult
from core.batch_norm.unit import Unit, UnitResult
from core.figures.batch_norm import panel
from core.figures.batch_norm.batches import batch_losses, gap_curves
from core.figures.batch_norm.decay import effective_rates, sharpness_curve, turnings
from core.figures.batch_norm.invariance import ray_losses, ray_sizes
from core.figures.batch_norm.maps import cell_losses, scale_map
from core.figures.batch_norm.orders import order_losses, shift_by_layer
from core.figures.batch_norm.rates import rate_curves, rate_losses
from core.figures.batch_norm.smoothness import smooth_over_epochs, step_losses
from core.figures.batch_norm.unit import noise_curves, statistics_path, unit_batch
from core.figures.scene import FamilyAxis
from core.specs.batch_norm import BatchNormSpec
from ui import plot, studies
from ui.kept import kept, lazily

GROUP = BatchNormSpec.prefix
MAPS = (("batch_norm", "With batch norm"), ("loss", "Without"))
"""Colour and name of each map, in their order on the page."""


def scrub(axis: FamilyAxis, value: float, keep: Callable[[float], None]) -> None:
    """Show the scrub of an axis at the member nearest to a value; on release its own value is kept."""
    at = int(np.abs(axis.values - value).argmin())
    plot.scrub(axis, at, key=f"{GROUP}-{axis.name}", group=GROUP, on_commit=lambda index: keep(float(axis.values[index])))


class RateViews:
    """The sweep of rates, packed for the browser."""

    def __init__(self, study: RateSweep) -> None:
        self.result: RateResult = studies.result(study)
        self.curves = plot.pack_chart(rate_curves(self.result), name="batch-norm-rates", group=GROUP)
        self.losses = plot.pack_chart(rate_losses(self.result), name="batch-norm-losses", group=GROUP)
        self.readouts = plot.pack_readouts(panel.rate_readouts(self.result), group=GROUP)
        self.notes = plot.pack_readouts(panel.rate_notes(self.result), group=GROUP)


class UnitViews:
    """One unit and its batches, packed for the browser."""

    def __init__(self, study: Unit, layer: str, number: int) -> None:
        found: UnitResult = studies.result(study)
        place = (0 if layer == "first" else 1, min(number, found.sums.shape[1]) - 1)
        self.result = unit.normalised(found.sums[place], float(found.scale[place]), float(found.shift[place]))
        noise = unit.statistics_noise(found.sums[place])
        self.batch = plot.pack_chart(unit_batch(self.result), name="batch-norm-unit", group=GROUP)
        self.path = plot.pack_chart(statistics_path(self.result), name="batch-statistics", group=GROUP)
        self.noise = plot.pack_chart(noise_curves(noise), name="statistics-noise", group=GROUP)


class MapViews:
    """The maps of rate and initial scale, packed for the browser."""

    def __init__(self, study: RateScaleMap) -> None:
        self.result: MapResult = studies.result(study)
        # A click may set what the map has, from its first cell to its last.
        self.window = [(float(values[0]), float(values[-1])) for values in (self.result.rates, self.result.scales)]
        self.maps = tuple(plot.pack_chart(scale_map(self.result, which), name=f"batch-norm-map-{which}", group=GROUP) for which in (1, 0))
        self.losses = plot.pack_chart(cell_losses(self.result), name="batch-norm-cell", group=GROUP)
        self.notes = plot.pack_readouts(panel.map_notes(self.result), group=GROUP)


class SmoothnessViews:
    """The loss along the step, packed for the browser."""

    def __init__(self, study: Smoothness, judge: str, steps: str) -> None:
        self.result: SmoothnessResult = studies.result(study)
        self.line = plot.pack_chart(step_losses(self.result, steps), name="batch-norm-step", group=GROUP)
        self.numbers = plot.pack_chart(smooth_over_epochs(self.result, judge, steps), name="batch-norm-smoothness", group=GROUP)
        self.notes = plot.pack_readouts(panel.smoothness_notes(self.result, judge, steps), group=GROUP)


class BatchViews:
    """Batch size and gap, packed for the browser."""

    def __init__(self, study: BatchSizes) -> None:
        self.result: BatchResult = studies.result(study)
        self.gap = plot.pack_chart(gap_curves(self.result), name="batch-norm-gap", group=GROUP)
        self.losses = plot.pack_chart(batch_losses(self.result), name="batch-norm-batches", group=GROUP)
        self.notes = plot.pack_readouts(panel.batch_notes(self.result), group=GROUP)


class OrderViews:
    """Norm, activation and dropout in each order, packed for the browser."""

    def __init__(self, study: Orders) -> None:
        self.result: OrderResult = studies.result(study)
        self.shift = plot.pack_chart(shift_by_layer(self.result), name="variance-shift", group=GROUP)
        self.losses = plot.pack_chart(order_losses(self.result), name="orders", group=GROUP)
        self.notes = plot.pack_readouts(panel.order_notes(self.result), group=GROUP)


class DecayViews:
    """Weight decay, packed for the browser."""

    def __init__(self, study: WeightDecay) -> None:
        self.result: DecayResult = studies.result(study)
        self.rates = plot.pack_chart(effective_rates(self.result), name="effective-rate", group=GROUP)
        self.turning = plot.pack_chart(turnings(self.result), name="turning", group=GROUP)
        self.sharpness = plot.pack_chart(sharpness_curve(self.result), name="sharpness", group=GROUP)
        self.notes = plot.pack_readouts(panel.decay_notes(self.result), group=GROUP)


class RayViews:
    """The weights times c, packed for the browser."""

    def __init__(self, seed: int) -> None:
        self.result = invariance.solve(seed)

    @lazily
    def losses(self) -> bytes:
        """The loss along c w."""
        return plot.pack_chart(ray_losses(self.result), name="scale-invariance", group=GROUP)

    @lazily
    def sizes(self) -> bytes:
        """Gradient and curvature."""
        return plot.pack_chart(ray_sizes(self.result), name="gradient-and-scale", group=GROUP)

    @lazily
    def notes(self) -> bytes:
        """The certificate of the gradient's direction."""
        return plot.pack_readouts(panel.ray_notes(self.result), group=GROUP)


# Results are frozen and only read, so sessions share them; 0.1 to 0.5 MB an entry. Studies are equal where their settings are.
@kept(32)
def rate_views(study: RateSweep) -> RateViews:
    """Return the sweep's views."""
    return RateViews(study)


@kept(32)
def unit_views(study: Unit, layer: str, number: int) -> UnitViews:
    """Return the views of a unit of the first or the last hidden layer."""
    return UnitViews(study, layer, number)


@kept(32)
def map_views(study: RateScaleMap) -> MapViews:
    """Return the maps' views."""
    return MapViews(study)


@kept(32)
def smoothness_views(study: Smoothness, judge: str, steps: str) -> SmoothnessViews:
    """Return the views of the loss along the step."""
    return SmoothnessViews(study, judge, steps)


@kept(32)
def batch_views(study: BatchSizes) -> BatchViews:
    """Return the views of batch size and gap."""
    return BatchViews(study)


@kept(32)
def order_views(study: Orders) -> OrderViews:
    """Return the orders' views."""
    return OrderViews(study)


@kept(32)
def decay_views(study: WeightDecay) -> DecayViews:
    """Return the views of weight decay."""
    return DecayViews(study)


@kept(32)
def ray_views(seed: int) -> RayViews:
    """Return the views of scale invariance."""
    return RayViews(seed)
