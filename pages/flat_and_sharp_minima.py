"""Flat and sharp minima: how sharp trained networks are, by which measure, and whether that says how they generalise."""

import streamlit as st

from core.figures.flatness.panel import factor_axis, lambda_axis, level_axis, member_axis
from core.flatness.choices import FACTORS, LAMBDAS
from core.specs import FLAT_AND_SHARP_PRESETS, FlatAndSharpSpec
from ui import lessons, narrative, plot, studies
from ui.compute.flat_and_sharp import GROUP, MINIMA, SCALING, early_minima_views, family_views, focus_views, minima_views, scaling_views

PAGE = "flat_and_sharp_minima"

panel = lessons.panel(PAGE, FlatAndSharpSpec)
head, stage = st.container(), st.container()
with head:
    spec = panel.spec()

with stage:
    top, (left, right) = st.container(), st.columns(2, gap="medium")
    with top:
        families = studies.measured(spec.families(), key="fs-families")
    views, focus = family_views(families, spec.measure), focus_views(families)
    level, member = min(int(spec.level), views.picture.stops - 1), min(int(spec.member), views.picture.families.members - 1)
    with left:
        narrative.show(PAGE, "Sharpness and gap")
        panel.widget("measure")
        plot.chart(views.scatter, key="fs-scatter", first=True, on_pick=lambda x, y: panel.set(member=float(views.nearest(level, x, y))))
    with top, st.container(key="lab-scrub-fs-both"):
        common, which = st.columns(2, gap="small")
        with common:
            plot.scrub(level_axis(views.picture), level, key="fs-level", group=GROUP, on_commit=lambda at: panel.set(level=float(at)))
        with which:
            plot.scrub(member_axis(views.picture.families), member, key="fs-member", group=GROUP, on_commit=lambda at: panel.set(member=float(at)))
    with right:
        narrative.show(PAGE, "The rank correlation, at every common loss")
        plot.chart(views.ranks, key="fs-ranks")
        plot.readouts(views.within, key="fs-within")
        narrative.show(PAGE, "The spectrum of the network in focus")
        plot.chart(focus.spectrum, key="fs-spectrum")
        plot.readouts(focus.readouts, key="fs-readouts")
    with left:
        narrative.show(PAGE, "Setting by setting")
        plot.chart(views.settings, key="fs-settings")
        plot.readouts(views.pairs, key="fs-pairs")

    narrative.show(PAGE, "One minimum for each λ")
    minima = studies.measured(asked := spec.minima(), key="fs-minima", partial=True)
    shown = (spec.biases, spec.kind, spec.pair)
    around = (early_minima_views(asked, *shown) if minima != asked else None) or minima_views(minima, *shown)
    with st.container(key="lab-scrub-fs-minima"):
        plot.scrub(lambda_axis(), spec.lam_at, key="fs-lam", group=MINIMA, on_commit=lambda at: panel.set(lam=LAMBDAS[at]))
    before, beside = st.columns(2, gap="medium")
    with before:
        narrative.show(PAGE, "The spectrum before and after L2")
        panel.widget("biases")
        plot.chart(around.shift, key="fs-shift")
        narrative.show(PAGE, "The line between two minima")
        panel.widget("pair")
        plot.chart(around.between, key="fs-between")
    with beside:
        narrative.show(PAGE, "A slice of the loss")
        panel.widget("kind")
        plot.chart(around.slice, key="fs-slice")
        plot.readouts(around.readouts, key="fs-minimum")

    narrative.show(PAGE, "The same function, another sharpness")
    scaling = scaling_views(studies.measured(spec.rescaling(), key="fs-scaling"))
    with st.container(key="lab-scrub-fs-scaling"):
        plot.scrub(factor_axis(), spec.factor_at, key="fs-factor", group=SCALING, on_commit=lambda at: panel.set(factor=FACTORS[at]))
    moved, same = st.columns(2, gap="medium")
    with moved:
        narrative.show(PAGE, "Two ReLU layers against each other")
        plot.chart(scaling.curves, key="fs-curves")
        narrative.show(PAGE, "Weights before a norm")
        plot.chart(scaling.norm, key="fs-norm")
    with same:
        narrative.show(PAGE, "The valley, seen twice")
        plot.chart(scaling.valley, key="fs-valley")
        narrative.show(PAGE, "Weight decay under batch norm")
        plot.chart(focus.decay, key="fs-decay")
        plot.readouts(scaling.readouts, key="fs-scaled")

with head:
    if not lessons.show(PAGE, panel, spec):
        narrative.show(PAGE)
    panel.presets(FLAT_AND_SHARP_PRESETS)
    studies.everything(GROUP)
with st.sidebar:
    panel.widgets("data", "noise", "points", "draw", "units", "activation", "lr", "seeds")
    panel.reset_and_undo()

narrative.rest(PAGE, "One minimum for each λ", "The same function, another sharpness")
lessons.finish(PAGE, panel, spec)
