"""The views of the lab "Priors and MAP"."""

from __future__ import annotations

from core.figures.hand import Hand, exact
from core.figures.priors.common import line_readouts, line_window, plane_half, plane_readouts
from core.figures.priors.data_plane import ENDS, LINES, data_plane, lines_plane
from core.figures.priors.densities import bins, densities, objective, objective_grid, objective_top
from core.figures.priors.hand import priors_hand
from core.figures.priors.near_zero import bottom, estimates, evidence, heights, near_grid, near_zero
from core.figures.priors.weight_planes import GRID, weight_plane
from core.specs.priors import SCALES, PriorsSpec
from core.statistics.priors.posteriors import believed, solve
from ui import plot
from ui.kept import kept, lazily


class PriorsViews:
    """The lab's result and its views, packed for the browser, each when it is first asked for."""

    def __init__(self, spec: PriorsSpec) -> None:
        self.result = solve(spec, _believed)
        self._group = spec.prefix

    @lazily
    def hand(self) -> Hand:
        """What a hand takes hold of."""
        result = self.result
        grids = exact(edges=bins(result), grid=objective_grid(result), near=near_grid(), ends=ENDS)
        frames = {"window": line_window(result), "heights": heights(result), "bottom": bottom(result), "top": objective_top(result)}
        return priors_hand(result, grids | frames | {"half": self._half, "side": GRID, "count": LINES})

    @lazily
    def data(self) -> bytes:
        """The points and lines through the origin."""
        return plot.pack_chart(data_plane(self.result), name="data", group=self._group, hand=self.hand)

    @lazily
    def lines(self) -> bytes:
        """The points and lines of two weights."""
        return plot.pack_chart(lines_plane(self.result), name="lines", group=self._group, hand=self.hand)

    @lazily
    def densities(self) -> bytes:
        """Prior, likelihood and posterior of one weight."""
        return plot.pack_chart(densities(self.result), name="densities", group=self._group, hand=self.hand)

    @lazily
    def objective(self) -> bytes:
        """Loss and penalty over the same weight."""
        return plot.pack_chart(objective(self.result), name="objective", group=self._group, hand=self.hand)

    @lazily
    def near_zero(self) -> bytes:
        """How probable it is to be near zero."""
        return plot.pack_chart(near_zero(self.result), name="near-zero", group=self._group, hand=self.hand)

    @lazily
    def estimates(self) -> bytes:
        """Mode and mean over the scale."""
        return plot.pack_chart(estimates(self.result), name="mode-and-mean", group=self._group, hand=self.hand)

    @lazily
    def evidence(self) -> bytes:
        """The evidence over the scale."""
        return plot.pack_chart(evidence(self.result), name="evidence", group=self._group, hand=self.hand)

    @lazily
    def plane(self) -> bytes:
        """Two weights under the chosen prior."""
        return plot.pack_chart(weight_plane(self.result.plane, self._half), name="two-weights", group=self._group, hand=self.hand)

    @lazily
    def other_plane(self) -> bytes:
        """Two weights under the prior it is compared with."""
        return plot.pack_chart(weight_plane(self.result.other_plane, self._half), name="two-weights-compared", group=self._group, hand=self.hand)

    @lazily
    def line_numbers(self) -> bytes:
        """The numbers of one weight."""
        return plot.pack_readouts(line_readouts(self.result), group=self._group, hand=self.hand)

    @lazily
    def plane_numbers(self) -> bytes:
        """The numbers of two weights under the chosen prior."""
        return plot.pack_readouts(plane_readouts(self.result.plane, self.result.spec.eps), group=self._group, hand=self.hand, name="plane-numbers")

    @lazily
    def other_numbers(self) -> bytes:
        """The same under the prior it is compared with."""
        return plot.pack_readouts(
            plane_readouts(self.result.other_plane, self.result.spec.eps), group=self._group, hand=self.hand, name="other-numbers"
        )

    @lazily
    def _half(self) -> float:
        return plane_half(self.result)


def priors_views(spec: PriorsSpec) -> PriorsViews:
    """Return everything that the lab draws; where its scrub stands makes no difference."""
    return _priors_views(spec.replace(scale=SCALES[0]))


# Results are frozen and only read, so sessions share them; about 7 MB an entry with its posteriors.
@kept(32)
def _priors_views(spec: PriorsSpec) -> PriorsViews:
    return PriorsViews(spec)


# Another distance counts as near zero, or the two priors change places: the posteriors are the same.
_believed = kept(64)(believed)
