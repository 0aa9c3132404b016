"""Smoothing and curvature: what a penalty does to a surface's bends, to its minima, and to the speed of descent."""

import streamlit as st

from core.figures.smoothing_panel import smoothing_axis
from core.specs import SMOOTHING_PRESETS, SmoothingSpec
from ui import formula, lessons, narrative, plot
from ui.compute.smoothing import smoothing_views

PAGE, GROUP = "smoothing_and_curvature", "sm"

panel = lessons.panel(PAGE, SmoothingSpec)
head, own, stage = st.container(), st.container(), st.container()
with head:
    spec = panel.spec()
views = smoothing_views(spec)
result = views.result
bounds = result.surface.bounds.tolist()

with stage:
    top, (left, right) = st.container(), st.columns(2, gap="medium")
    with right:
        narrative.show(PAGE, "Loss plus penalty, L + λR")
        plot.chart(views.penalised, key="sm-penalised", first=True)
    with top:
        plot.scrub(
            smoothing_axis(result),
            result.member_at(spec),
            key="lab-scrub-sm",
            group=GROUP,
            on_commit=lambda member: panel.set(lam=float(result.lam[member])),
        )
    with left:
        narrative.show(PAGE, "The loss alone, L")
        plot.chart(views.original, key="sm-original", on_pick=panel.picker(("point1", "point2"), bounds))
        plot.hand(views.hand, key="sm-hand", group=GROUP, panel=panel)
    left, right = st.columns(2, gap="medium")
    with left:
        narrative.show(PAGE, "Eigenvalues slide")
        plot.chart(views.eigenvalues, key="sm-eigenvalues")
        narrative.show(PAGE, "How fast it converges")
        plot.chart(views.speed, key="sm-speed")
    with right:
        narrative.show(PAGE, "Which minima are left")
        plot.chart(views.branches, key="sm-branches")
        narrative.show(PAGE, "In numbers")
        plot.readouts(views.readouts, key="sm-readouts")
    left, right = st.columns(2, gap="medium")
    with left:
        narrative.show(PAGE, "The loss alone, in 3-D")
        plot.chart(views.original_3d, key="sm-original-3d")
    with right:
        narrative.show(PAGE, "With the penalty, in 3-D")
        plot.chart(views.penalised_3d, key="sm-penalised-3d")

with head:
    if not lessons.show(PAGE, panel, spec):
        narrative.show(PAGE)
    panel.presets(SMOOTHING_PRESETS)
with own:
    formula.editor(panel, spec)
    if result.displaced:
        st.info(result.displaced)
with st.sidebar:
    panel.widget("surface")
    if spec.surface == "rotated_ravine":
        panel.widget("condition")
    panel.widget("penalty")
    if spec.penalty == "elastic_net":
        panel.widget("rho")
    panel.widgets("rule", "treatment", "share")
    panel.point(("point1", "point2"), result.point.tolist(), bounds)
    panel.reset_and_undo()

narrative.formula(result.surface)
narrative.rest(PAGE)
lessons.finish(PAGE, panel, spec)
