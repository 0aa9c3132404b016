"""The views of the lab "Optimizer race"."""

from __future__ import annotations

import dataclasses

from core import race
from core.export.race_table import race_csv
from core.figures.escape_bars import escape_bars
from core.figures.hand import Hand
from core.figures.race_curves import race_curves
from core.figures.race_hand import race_hand
from core.figures.race_panel import race_readouts
from core.figures.race_plane import race_plane
from core.figures.rate_curves import rate_curves
from core.figures.step_anatomy import step_anatomy
from core.specs.race import RaceSpec
from ui import plot
from ui.kept import kept, lazily


class RaceViews:
    """The race and its views, packed for the browser, each when it is first asked for."""

    def __init__(self, spec: RaceSpec) -> None:
        self.result = race.solve(spec, _run, _tuned)
        self._group = spec.prefix

    @lazily
    def hand(self) -> Hand:
        """What a hand takes hold of."""
        return race_hand(self.result)

    @lazily
    def plane(self) -> bytes:
        """The race from above."""
        return plot.pack_chart(race_plane(self.result), name="race", group=self._group, hand=self.hand)

    @lazily
    def curves(self) -> bytes:
        """The objective along the steps."""
        return plot.pack_chart(race_curves(self.result), name="race-curves", group=self._group, hand=self.hand)

    @lazily
    def rates(self) -> bytes:
        """The end over the learning rate."""
        return plot.pack_chart(rate_curves(self.result), name="rate-sensitivity", group=self._group, hand=self.hand)

    @lazily
    def anatomy(self) -> bytes:
        """One step taken apart."""
        return plot.pack_chart(step_anatomy(self.result), name="one-step", group=self._group, hand=self.hand)

    @lazily
    def readouts(self) -> bytes:
        """The numbers of the rule in focus."""
        return plot.pack_readouts(race_readouts(self.result), group=self._group, hand=self.hand)

    def csv(self) -> bytes:
        """Return the whole race as a table; made when it is asked for."""
        return race_csv(self.result)


def race_views(spec: RaceSpec) -> RaceViews:
    """Return everything that the race draws; where its scrubs stand makes no difference."""
    return _race_views(spec.replace(lam=0.0, step=0, crowd=False))


# Results are frozen and only read, so sessions share them; about 4 MB an entry, most of it the charts'.
@kept(64)
def _race_views(spec: RaceSpec) -> RaceViews:
    return RaceViews(spec)


# One rule of a race, whoever else runs and whatever is looked at: about 0.5 MB and 20 kB an entry.
_run = kept(256, key=lambda spec, key, _tune: (spec, key))(race.run_rule)
_tuned = kept(1024)(race.tuned)


def crowd_view(spec: RaceSpec) -> bytes | None:
    """Return the chart of 500 noisy runs a rule at the lambda in focus; none on a surface with one basin."""
    return _crowd_view(spec.replace(step=0, crowd=True))


@kept(128)
def _crowd_view(spec: RaceSpec) -> bytes | None:
    counted = race.crowd(dataclasses.replace(race_views(spec).result, spec=spec))
    return None if counted is None else plot.pack_chart(escape_bars(counted), name="escapes", group=spec.prefix)
