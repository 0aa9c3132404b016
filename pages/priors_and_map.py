"""Priors and MAP: a penalty is a belief, and the penalised minimum is the most probable weight under it."""

import streamlit as st

from core.figures.priors.common import scale_axis
from core.specs import PRIORS_PRESETS, PriorsSpec
from ui import lessons, narrative, plot
from ui.compute.priors import priors_views

PAGE, GROUP = "priors_and_map", "pr"

panel = lessons.panel(PAGE, PriorsSpec)
head, stage = st.container(), st.container()
with head:
    spec = panel.spec()
views = priors_views(spec)
result = views.result

with stage:
    top, (left, right) = st.container(), st.columns(2, gap="medium")
    with right:
        narrative.show(PAGE, "Prior × likelihood")
        plot.chart(views.densities, key="pr-densities", first=True)
    with top:
        plot.scrub(
            scale_axis(result),
            result.member_at(spec),
            key="lab-scrub-pr",
            group=GROUP,
            on_commit=lambda member: panel.set(scale=float(f"{result.scale[member]:.6g}")),
        )
    with left:
        narrative.show(PAGE, "The data")
        plot.chart(views.data, key="pr-data", on_pick=panel.points_picker("points"))
        panel.point_buttons("points")
        plot.hand(views.hand, key="pr-hand", group=GROUP, panel=panel)
    with right:
        narrative.show(PAGE, "Loss + penalty, over the same weight")
        plot.chart(views.objective, key="pr-objective")
    narrative.show(PAGE, "In numbers")
    plot.readouts(views.line_numbers, key="pr-numbers")
    left, right = st.columns(2, gap="medium")
    with left:
        narrative.show(PAGE, "The mode may be zero, the mean is not")
        plot.chart(views.estimates, key="pr-estimates")
    with right:
        narrative.show(PAGE, "How much belief lies near zero?")
        plot.chart(views.near_zero, key="pr-near-zero")

    narrative.show(PAGE, "Two weights")
    left, right = st.columns(2, gap="medium")
    with left:
        plot.chart(views.plane, key="pr-plane")
        plot.readouts(views.plane_numbers, key="pr-plane-numbers")
    with right:
        plot.chart(views.other_plane, key="pr-other-plane")
        plot.readouts(views.other_numbers, key="pr-other-numbers")
    left, right = st.columns(2, gap="medium")
    with left:
        narrative.show(PAGE, "The lines that two weights believe in")
        plot.chart(views.lines, key="pr-lines")
    with right:
        narrative.show(PAGE, "Which prior do the data favour?")
        plot.chart(views.evidence, key="pr-evidence")

with head:
    if not lessons.show(PAGE, panel, spec):
        narrative.show(PAGE)
    panel.presets(PRIORS_PRESETS)
with st.sidebar:
    panel.widget("prior")
    if spec.prior == "elastic_net":
        panel.widget("rho")
    panel.widgets("sigma", "eps", "seed")
    panel.reset_and_undo()

narrative.rest(PAGE, "Two weights")
lessons.finish(PAGE, panel, spec)
