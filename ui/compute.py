"""Cached calls into core, keyed by spec. What a page mounts is packed once and shared by everyone with the same settings."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from core import diamond_circle
from core.figures.constraint_plane import constraint_plane
from core.figures.diamond_panel import diamond_readouts
from core.figures.penalised_surface import penalised_surface
from core.figures.support_plane import support_plane
from core.figures.weight_path import weight_path
from core.specs import FOLLOWS, DiamondCircleSpec
from ui import plot


@dataclass(frozen=True)
class DiamondCircleViews:
    """The lab's result and its four views and readouts, packed for the browser."""

    result: diamond_circle.DiamondCircle
    plane: bytes
    path: bytes
    support: bytes
    surface: bytes
    readouts: bytes


def diamond_circle_views(spec: DiamondCircleSpec) -> DiamondCircleViews:
    """Return everything that the lab "Diamond and circle" draws; where its scrub stands makes no difference."""
    return _diamond_circle_views(spec.replace(lam=0.0, budget=FOLLOWS))


# Results are frozen and their arrays are only read, so sessions share them; about 0.5 MB an entry.
@st.cache_resource(max_entries=256, show_spinner=False)
def _diamond_circle_views(spec: DiamondCircleSpec) -> DiamondCircleViews:
    result = diamond_circle.solve(spec)
    group = spec.prefix
    return DiamondCircleViews(
        result,
        plane=plot.pack_chart(constraint_plane(result), name="constraint-plane", group=group),
        path=plot.pack_chart(weight_path(result), name="weight-path", group=group),
        support=plot.pack_chart(support_plane(result), name="support-map", group=group),
        surface=plot.pack_chart(penalised_surface(result), name="penalised-surface", group=group),
        readouts=plot.pack_readouts(diamond_readouts(result), group=group),
    )
