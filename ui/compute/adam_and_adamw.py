"""The views of the lab "Adam and AdamW"."""

from __future__ import annotations

from core import adam_and_adamw, decay_maps
from core.decay_maps import DecayMaps
from core.figures.best_rates import best_rates
from core.figures.decay_map import decay_map
from core.figures.decay_panel import decay_notes, decay_readouts, end_table
from core.figures.decay_plane import decay_plane
from core.figures.effective_decay import effective_decay
from core.specs.adam_and_adamw import TRIO, AdamAndAdamWSpec
from ui import plot
from ui.kept import kept, lazily


class AdamAndAdamWViews:
    """The runs and their views, packed for the browser, each when it is first asked for."""

    def __init__(self, spec: AdamAndAdamWSpec) -> None:
        self.result = adam_and_adamw.solve(spec, _run)
        self._group = spec.prefix

    @lazily
    def plane(self) -> bytes:
        """The runs from above."""
        return plot.pack_chart(decay_plane(self.result), name="adam-and-adamw", group=self._group)

    @lazily
    def decay(self) -> bytes:
        """What the decay takes of each weight."""
        return plot.pack_chart(effective_decay(self.result), name="effective-decay", group=self._group)

    @lazily
    def readouts(self) -> bytes:
        """The numbers beside the plane."""
        return plot.pack_readouts(decay_readouts(self.result), group=self._group)

    @lazily
    def notes(self) -> bytes:
        """The first step without data, and the certificate."""
        return plot.pack_readouts(decay_notes(self.result), group=self._group)

    @lazily
    def table(self) -> bytes:
        """The end points."""
        return plot.pack_table(end_table(self.result), group=self._group)


class DecayMapViews:
    """The maps of rate x decay and the best rates, packed for the browser."""

    def __init__(self, spec: AdamAndAdamWSpec, maps: DecayMaps) -> None:
        decay = 2.0 * maps.lam
        self.maps = {
            key: plot.pack_chart(decay_map(maps, key, decay, spec.rate_of(key)), name=f"rate-decay-{key}", group=spec.prefix) for key in TRIO
        }
        self.rates = plot.pack_chart(best_rates(maps), name="best-rates", group=spec.prefix)


def adam_and_adamw_views(spec: AdamAndAdamWSpec) -> AdamAndAdamWViews:
    """Return everything that the lab draws but its maps; where its scrubs stand makes no difference."""
    return _views(spec.replace(lam=0.0, step=0.0, judge="unseen", nearer=0.0))


def decay_map_views(spec: AdamAndAdamWSpec) -> DecayMapViews:
    """Return the maps; where the scrubs stand and how long the page's own runs are makes no difference."""
    shown = {"circle": False, "sgd": True, "adam": True, "adamw": True}
    return _map_views(spec.replace(lam=0.0, step=0.0, steps=500.0, **shown))


# Results are frozen and only read, so sessions share them; about 2 MB an entry.
@kept(64)
def _views(spec: AdamAndAdamWSpec) -> AdamAndAdamWViews:
    return AdamAndAdamWViews(spec)


# About 0.3 MB an entry.
@kept(128)
def _map_views(spec: AdamAndAdamWSpec) -> DecayMapViews:
    return DecayMapViews(spec, _maps(spec.replace(sgd_rate=0.1, adam_rate=0.1)))


# The page's own rates are a mark on the maps, not a part of them.
@kept(128)
def _maps(spec: AdamAndAdamWSpec) -> DecayMaps:
    return decay_maps.solve_maps(spec, _ends, _rates)


# What one setting changes is seldom all of it: the parts are kept by what they depend on, 0.4 MB, 0.3 MB (with noise) and 2 kB each.
_run, _ends, _rates = kept(192)(adam_and_adamw.run_rule), kept(256)(decay_maps.map_ends), kept(512)(decay_maps.rates_of)
