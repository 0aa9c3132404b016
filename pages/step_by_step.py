"""Step by step: descent in numbers that can be checked by hand, and what each penalty does to a weight near zero."""

import streamlit as st

from core.figures.step_panel import step_axis
from core.specs import STEP_BY_STEP_PRESETS, StepByStepSpec
from ui import lessons, narrative, plot
from ui.compute.step_by_step import step_by_step_views

PAGE, GROUP = "step_by_step", "st"
# Story -> the headings of its two charts, and the knobs that act in it beside those of all stories.
HEADINGS = {
    "tables": ("On the number line", "Against the step"),
    "alone": ("As it is: L1 is the straight line", "On a logarithmic axis: L2 is the straight line"),
    "zero": ("Three ways on the number line", "Bouncing, staying, coming back"),
}
KNOBS = {
    "tables": ("convention", "at_zero", "start1", "start2", "gradient1", "gradient2", "steps", "plot", "elastic"),
    "alone": ("convention", "big", "small"),
    "zero": ("begin", "target", "moved", "curvature", "length"),
}

panel = lessons.panel(PAGE, StepByStepSpec)
head, stage = st.container(), st.container()
with head:
    spec = panel.spec()
views = step_by_step_views(spec)
result = views.result
first, second = HEADINGS[spec.story]

with stage:
    top, (left, right) = st.container(), st.columns(2, gap="medium")
    # The course's tables are as wide as the page; the rows of the other stories leave room beside them.
    below, beside = (st.container(), st.container()) if spec.story == "tables" else st.columns(2, gap="medium")
    with left:
        narrative.heading(first)
        plot.chart(views.first, key="st-first", first=True)
    with top:
        plot.scrub(
            step_axis(result),
            result.member_at(spec),
            key="lab-scrub-st",
            group=GROUP,
            on_commit=lambda member: panel.set(**result.position(member)),
        )
    with right:
        narrative.heading(second)
        plot.chart(views.second, key="st-second")
    with below:
        narrative.show(PAGE, "The table")
        plot.table(views.table, key="st-table")
    with beside:
        narrative.show(PAGE, "The step, with the numbers put in")
        plot.readouts(views.readouts, key="st-readouts")
        if result.diverged and (rate := result.steady_rate) is not None:
            st.button(f"Take a rate of {rate:g}, which is stable", key="st-steady", on_click=panel.set, kwargs={"rate": rate})

with head:
    if not lessons.show(PAGE, panel, spec):
        narrative.show(PAGE)
    panel.widget("story")
    panel.presets({title: preset for title, preset in STEP_BY_STEP_PRESETS.items() if preset.story == spec.story})
with st.sidebar:
    panel.widgets("rate", "lam", *KNOBS[spec.story])
    if spec.story == "tables" and spec.elastic:
        panel.widget("rho")
    panel.reset_and_undo()

narrative.rest(PAGE)
lessons.finish(PAGE, panel, spec)
