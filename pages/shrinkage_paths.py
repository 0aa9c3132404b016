"""Shrinkage paths: every weight over lambda, which of them survive, how lambda is chosen, and what becomes of twins."""

import streamlit as st

from core.specs import SHRINKAGE_PRESETS, ShrinkageSpec
from ui import lessons, narrative, plot, uploads
from ui.compute.shrinkage import path_views, twin_views

PAGE, GROUP = "shrinkage_paths", "sh"
TWINS = "Twins: one height in centimetres and in inches"
CODE = "The same model in scikit-learn and in glmnet"

panel = lessons.panel(PAGE, ShrinkageSpec)
head, stage = st.container(), st.container()
with head:
    spec = panel.spec()
    shown, own = uploads.bring(spec, lambda own: path_views(spec, own))
views = path_views(shown, own)
member = views.result.member_at(spec)

with stage:
    top, (left, right) = st.container(), st.columns(2, gap="medium")
    with left:
        narrative.show(PAGE, "The weights over λ")
        plot.chart(views.path, key="sh-path", first=True)
    with top:
        plot.scrub(
            views.axis,
            member,
            key="lab-scrub-sh",
            group=GROUP,
            on_commit=lambda at: panel.set(lam=float(f"{views.axis.values[at]:.6g}")),
            whole=True,
        )
        st.info("  \n".join(views.notes))
    with right:
        narrative.show(PAGE, "Which λ?")
        plot.chart(views.errors, key="sh-errors")
    with left:
        narrative.show(PAGE, "The model beside least squares")
        plot.chart(views.chosen, key="sh-chosen")
    with right:
        narrative.show(PAGE, "What it spends")
        plot.chart(views.freedom, key="sh-freedom")

    narrative.show(PAGE, CODE)
    left, right = st.columns(2, gap="medium")
    with left:
        plot.readouts(views.numbers, key="sh-numbers")
    with right:
        st.code(views.code(member), language="python", wrap_lines=True)

    narrative.show(PAGE, TWINS)
    twins = twin_views(spec)
    plot.scrub(twins.axis, twins.member_at(spec), key="sh-r", group=GROUP, on_commit=lambda at: panel.set(r=float(twins.axis.values[at])))
    left, right = st.columns(2, gap="medium")
    with left:
        narrative.show(PAGE, "Who is kept")
        plot.chart(twins.fates, key="sh-fates")
    with right:
        narrative.show(PAGE, "What either weighs")
        plot.chart(twins.cloud, key="sh-cloud")
    with left:
        narrative.show(PAGE, "How steady a weight is")
        plot.chart(twins.variance, key="sh-variance")
    with right:
        panel.widgets("twin_rows", "twin_lam", "twin_scaled")

with head:
    if not lessons.show(PAGE, panel, spec):
        narrative.show(PAGE)
    panel.presets(SHRINKAGE_PRESETS)
with st.sidebar:
    panel.widgets("data", "penalty", "rho", "folds", "flaw")
    if shown.data == "synthetic":
        panel.widgets("rows", "columns", "relevant", "correlation", "noise")
    panel.widget("seed")
    panel.reset_and_undo()

narrative.rest(PAGE, TWINS, CODE)
lessons.finish(PAGE, panel, spec)
