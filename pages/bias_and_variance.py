"""Bias and variance: hundreds of training sets, their fits as a bundle, and what the error at a new point is made of."""

import streamlit as st

from core.figures.bias_variance.panel import family_axis, x_axis
from core.specs import BIAS_VARIANCE_PRESETS, BiasVarianceSpec
from core.statistics.bias_variance.experiment import place_at
from core.statistics.bias_variance.resampled import source_of
from ui import lessons, narrative, plot, uploads
from ui.compute.bias_variance import bias_variance_views, bundle_view

PAGE, GROUP = "bias_and_variance", "bv"
BASIS = "The basis is part of the penalty"

panel = lessons.panel(PAGE, BiasVarianceSpec)
head, stage = st.container(), st.container()
with head:
    spec = panel.spec()
    shown, own = uploads.bring(spec, lambda own: source_of(spec, (own, *uploads.features(own, "bv", 1))))
one = None if own is None else (own, *uploads.features(own, "bv", 1))
views = bias_variance_views(shown, one)
result = views.result

with stage:
    top, (left, right) = st.container(), st.columns(2, gap="medium")
    with left:
        narrative.show(PAGE, "The fits of many training sets")
        plot.chart(bundle_view(shown, one), key="bv-bundle", first=True)
    with top:
        axis = family_axis(result)
        plot.scrub(
            axis,
            result.member_at(spec),
            key="lab-scrub-bv",
            group=GROUP,
            on_commit=lambda member: panel.set(**{axis.name: float(axis.values[member])}),
        )
    with right:
        narrative.show(PAGE, "What the error is made of")
        plot.chart(views.totals, key="bv-totals")
    plot.readouts(views.numbers, key="bv-numbers")
    left, right = st.columns(2, gap="medium")
    with left:
        narrative.show(PAGE, "Where it comes from")
        plot.chart(views.profile, key="bv-profile")
    with right:
        narrative.show(PAGE, "All fits at one x")
        places = x_axis()
        plot.scrub(places, place_at(spec), key="bv-place", group=GROUP, on_commit=lambda at: panel.set(place=float(places.values[at])))
        plot.chart(views.slice, key="bv-slice")
        plot.readouts(views.numbers_at_x, key="bv-numbers-at-x")
    left, right = st.columns(2, gap="medium")
    with left:
        narrative.show(PAGE, "What is traded for what")
        plot.chart(views.trade, key="bv-trade")
    with right:
        narrative.show(PAGE, BASIS)
        plot.chart(views.bases, key="bv-bases")

with head:
    if not lessons.show(PAGE, panel, spec):
        narrative.show(PAGE)
    panel.presets(BIAS_VARIANCE_PRESETS)
with st.sidebar:
    panel.widget("data")
    if own is not None:
        uploads.choose_features(own, "bv", ("x: one feature",))
    panel.widgets(*(("points",) if own is not None else ("truth", "points", "noise", "design")), "basis", "axis")
    panel.widget("size" if spec.axis == "lam" else "fixed")
    panel.widgets("focus", "seed")
    panel.reset_and_undo()

narrative.rest(PAGE, BASIS)
lessons.finish(PAGE, panel, spec)
