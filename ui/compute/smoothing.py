"""The views of the lab "Smoothing and curvature"."""

from __future__ import annotations

from core import smoothing
from core.figures.bifurcation import bifurcation
from core.figures.convergence import convergence
from core.figures.eigenvalue_lines import eigenvalue_lines, frame
from core.figures.hand import Hand
from core.figures.smoothing_hand import smoothing_hand
from core.figures.smoothing_panel import smoothing_readouts
from core.figures.smoothing_planes import original_plane, original_surface, penalised_plane, penalised_surface
from core.specs.smoothing import SmoothingSpec
from ui import plot
from ui.kept import kept, lazily


class SmoothingViews:
    """The lab's result and its views, packed for the browser, each when it is first asked for."""

    def __init__(self, spec: SmoothingSpec) -> None:
        self.result = smoothing.solve(spec, _ground)
        self._group = spec.prefix

    @lazily
    def hand(self) -> Hand:
        """What a hand takes hold of."""
        return smoothing_hand(self.result, frame(self.result))

    @lazily
    def original(self) -> bytes:
        """The loss alone."""
        return plot.pack_chart(original_plane(self.result), name="original", group=self._group, hand=self.hand)

    @lazily
    def penalised(self) -> bytes:
        """Loss and penalty."""
        return plot.pack_chart(penalised_plane(self.result), name="penalised", group=self._group, hand=self.hand)

    @lazily
    def original_3d(self) -> bytes:
        """The loss alone in 3-D."""
        return plot.pack_chart(original_surface(self.result), name="original-surface", group=self._group)

    @lazily
    def penalised_3d(self) -> bytes:
        """Loss and penalty in 3-D."""
        return plot.pack_chart(penalised_surface(self.result), name="penalised-surface", group=self._group)

    @lazily
    def eigenvalues(self) -> bytes:
        """The eigenvalues over lambda."""
        return plot.pack_chart(eigenvalue_lines(self.result), name="eigenvalues", group=self._group, hand=self.hand)

    @lazily
    def branches(self) -> bytes:
        """The minima over lambda."""
        return plot.pack_chart(bifurcation(self.result), name="minima", group=self._group)

    @lazily
    def speed(self) -> bytes:
        """The distance to the minimum over steps."""
        return plot.pack_chart(convergence(self.result), name="convergence", group=self._group)

    @lazily
    def readouts(self) -> bytes:
        """The numbers at the point and at the minimum."""
        return plot.pack_readouts(smoothing_readouts(self.result), group=self._group, hand=self.hand)


def smoothing_views(spec: SmoothingSpec) -> SmoothingViews:
    """Return everything that the lab draws; where its scrub stands makes no difference."""
    return _smoothing_views(spec.replace(lam=0.0))


# Results are frozen and only read, so sessions share them; about 1 MB an entry.
@kept(128)
def _smoothing_views(spec: SmoothingSpec) -> SmoothingViews:
    return SmoothingViews(spec)


# Minima are the same whoever descends to them; about 0.1 MB an entry.
_ground = kept(256)(smoothing.ground)
