"""Optimizer race: every rule over one surface, from one start, with one penalty; each step in its parts."""

import streamlit as st

from core.figures.race_panel import lambda_axis_of, step_axis
from core.optimizers import RULES
from core.specs import RACE_PRESETS, RaceSpec
from ui import formula, lessons, narrative, plot
from ui.compute.race import crowd_view, race_views

PAGE, GROUP = "optimizer_race", "rc"

panel = lessons.panel(PAGE, RaceSpec)
head, own, stage = st.container(), st.container(), st.container()
with head:
    spec = panel.spec()
views = race_views(spec)
result = views.result
bounds = result.surface.bounds.tolist()

with stage:
    top, (left, right) = st.container(), st.columns(2, gap="medium")
    with left:
        narrative.show(PAGE, "The race")
        plot.chart(views.plane, key="rc-plane", first=True, on_pick=panel.picker(("start1", "start2"), bounds))
    with top, st.container(key="lab-scrub-rc-both"):
        play, drag = st.columns(2, gap="small")
        with play:
            step = min(int(spec.step), int(spec.steps))
            plot.scrub(step_axis(result), step, key="rc-step", group=GROUP, on_commit=lambda step: panel.set(step=step))
        with drag:
            plot.scrub(
                lambda_axis_of(result),
                result.member_at(spec),
                key="rc-lam",
                group=GROUP,
                on_commit=lambda member: panel.set(lam=float(result.lam[member])),
                whole=spec.crowd,
            )
    with left:
        plot.hand(views.hand, key="rc-hand", group=GROUP, panel=panel)
    with right:
        narrative.show(PAGE, "How far it is still to go")
        plot.chart(views.curves, key="rc-curves")
        narrative.heading(f"One step of {RULES[spec.focus].label}, taken apart")
        plot.chart(views.anatomy, key="rc-anatomy")
    left, right = st.columns(2, gap="medium")
    with left:
        narrative.heading(f"{RULES[spec.focus].label} in numbers")
        plot.readouts(views.readouts, key="rc-readouts")
        st.download_button("The whole race as CSV", views.csv, "race.csv", "text/csv", key="rc-csv", icon=":material/download:", on_click="ignore")
    with right:
        narrative.show(PAGE, "What the learning rate does")
        plot.chart(views.rates, key="rc-rates")
    if spec.crowd:
        with left:
            narrative.show(PAGE, "Who leaves, of 500")
            counted = crowd_view(spec)
            if counted is None:
                st.info(
                    "This surface has one basin: noise carries a run about in it, but there is nothing to leave. Try the rugged bowl or a saddle."
                )
            else:
                plot.chart(counted, key="rc-crowd")

with head:
    if not lessons.show(PAGE, panel, spec):
        narrative.show(PAGE)
    panel.presets(RACE_PRESETS)
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
    panel.widgets("treatment", "mode")
    if spec.mode == "same":
        panel.widget("rate")
    panel.widgets(*RULES)
    panel.widget("focus")
    panel.widgets("steps", "noise")
    if spec.noise > 0:
        panel.widget("seed")
    panel.widget("crowd")
    panel.point(("start1", "start2"), result.start.tolist(), bounds)
    panel.reset_and_undo()

narrative.formula(result.surface)
narrative.rest(PAGE)
lessons.finish(PAGE, panel, spec)
