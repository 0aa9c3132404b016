"""The views of the lab "Diamond and circle"."""

from __future__ import annotations

from core import diamond_circle
from core.figures.constraint_plane import constraint_plane
from core.figures.diamond_hand import diamond_hand
from core.figures.diamond_panel import diamond_readouts
from core.figures.hand import Hand
from core.figures.penalised_surface import penalised_surface
from core.figures.support_plane import support_plane
from core.figures.weight_path import frame, weight_path
from core.specs import FOLLOWS, DiamondCircleSpec
from ui import plot
from ui.kept import kept, lazily


class DiamondCircleViews:
    """The lab's result and its four views and readouts, packed for the browser, each when it is first asked for.

    A page mounts them one by one, so the first is on its way while the next is drawn.
    """

    def __init__(self, spec: DiamondCircleSpec) -> None:
        self.result = diamond_circle.solve(spec)
        self._group = spec.prefix

    @lazily
    def hand(self) -> Hand:
        """What a hand takes hold of."""
        return diamond_hand(self.result, frame(self.result))

    @lazily
    def plane(self) -> bytes:
        """The constraint plane."""
        return plot.pack_chart(constraint_plane(self.result), name="constraint-plane", group=self._group, hand=self.hand)

    @lazily
    def path(self) -> bytes:
        """The weights along the scrub."""
        return plot.pack_chart(weight_path(self.result), name="weight-path", group=self._group, hand=self.hand)

    @lazily
    def support(self) -> bytes:
        """The support map."""
        return plot.pack_chart(support_plane(self.result), name="support-map", group=self._group, hand=self.hand)

    @lazily
    def surface(self) -> bytes:
        """The penalised surface."""
        return plot.pack_chart(penalised_surface(self.result), name="penalised-surface", group=self._group, hand=self.hand)

    @lazily
    def readouts(self) -> bytes:
        """The numbers beside the plane."""
        return plot.pack_readouts(diamond_readouts(self.result), group=self._group, hand=self.hand)


def diamond_circle_views(spec: DiamondCircleSpec) -> DiamondCircleViews:
    """Return everything that the lab "Diamond and circle" draws; where its scrub stands makes no difference."""
    return _diamond_circle_views(spec.replace(lam=0.0, budget=FOLLOWS))


# Results are frozen and their arrays are only read, so sessions share them; about 0.5 MB an entry.
@kept(256)
def _diamond_circle_views(spec: DiamondCircleSpec) -> DiamondCircleViews:
    return DiamondCircleViews(spec)
