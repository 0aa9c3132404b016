"""Diamond and circle: where the loss first touches the region, and which weights that makes zero."""

import streamlit as st

from core.figures.diamond_panel import diamond_axis
from core.specs import DIAMOND_CIRCLE_PRESETS, DiamondCircleSpec
from ui import lessons, narrative, plot
from ui.compute.diamond_circle import diamond_circle_views

PAGE, GROUP = "diamond_and_circle", "dc"

panel = lessons.panel(PAGE, DiamondCircleSpec)
head, stage = st.container(), st.container()
with head:
    spec = panel.spec()
views = diamond_circle_views(spec)
result = views.result

with stage:
    top, (left, right) = st.container(), st.columns(2, gap="medium")
    with left:
        narrative.show(PAGE, "The constraint plane")
        plot.chart(views.plane, key="dc-plane", first=True)
    with top:
        plot.scrub(
            diamond_axis(result),
            result.member_at(spec),
            key="lab-scrub-dc",
            group=GROUP,
            on_commit=lambda member: panel.set(**result.position(member)),
            sets=("lam", "budget"),
        )
    with left:
        plot.hand(views.hand, key="dc-hand", group=GROUP, panel=panel)
        plot.readouts(views.readouts, key="dc-readouts")
        narrative.show(PAGE, "The weights along the way")
        plot.chart(views.path, key="dc-path")
    with right:
        narrative.show(PAGE, "Which minima lose a weight?")
        plot.chart(views.support, key="dc-support")
        narrative.show(PAGE, "Loss plus penalty, L + λR")
        plot.chart(views.surface, key="dc-surface")

with head:
    if not lessons.show(PAGE, panel, spec):
        narrative.show(PAGE)
    panel.presets(DIAMOND_CIRCLE_PRESETS)
with st.sidebar:
    panel.widgets("penalty", "overlay")
    if spec.overlay or spec.penalty == "elastic_net":
        panel.widget("rho")
    panel.widgets("axis", "spacing", "contours", "data")
    panel.widgets(*(("feature1", "feature2") if spec.data == "diabetes" else ("condition", "tilt", "curvature", "centre1", "centre2")))
    panel.reset_and_undo()

narrative.rest(PAGE)
lessons.finish(PAGE, panel, spec)
