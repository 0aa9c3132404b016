"""Dropout: units left out at random, and what that does to signals, gradients, ensembles and least squares."""

import streamlit as st

from core.dropout.coadaptation import CoAdaptation
from core.dropout.noise import GradientNoise, RuleRates
from core.dropout.pace import Pace
from core.dropout.thinned import BATCHES
from core.dropout.thinning import Thinning
from core.dropout.trapped import Trapped
from core.figures.dropout.ensemble import units_axis
from core.figures.dropout.rates import batch_axis, rate_axis, stage_axis
from core.specs import DROPOUT_PRESETS, DropoutSpec
from ui import lessons, narrative, plot, studies
from ui.compute.dropout import ensemble_views, network_views, ridge_views, scaling_views, study_views, target_axis

PAGE, GROUP = "dropout", "do"
SQUARES = "On least squares dropout is ridge"

panel = lessons.panel(PAGE, DropoutSpec)


def pair(study: studies.Study, key: str, judge: str = "") -> None:
    """Draw the two charts of a study beside each other, once it has been measured."""
    charts = study_views(studies.measured(study, key=key), judge)
    for column, side in zip(st.columns(2, gap="medium"), ("left", "right"), strict=True):
        with column:
            plot.chart(charts[side], key=f"{key}-{side}")


head, stage = st.container(), st.container()
with head:
    spec = panel.spec()
views = network_views(spec)

with stage:
    top, (left, right) = st.container(), st.columns([1.55, 1.0], gap="medium")
    with left:
        plot.chart(views.network, key="do-network", first=True)
    with top, st.container(key="lab-scrub-do-both"):
        drag, play = st.columns([3, 2], gap="small")
        with drag:
            plot.scrub(rate_axis(), spec.member, key="do-p", group=GROUP, on_commit=lambda at: panel.set(p=float(rate_axis().values[at])))
        with play:
            at = int(spec.batch) - 1
            plot.scrub(batch_axis(BATCHES), at, key="do-batch", group=GROUP, on_commit=lambda at: panel.set(batch=at + 1.0))
    with left:
        plot.scrub(stage_axis(), int(spec.stage), key="do-stage", group=GROUP, on_commit=lambda at: panel.set(stage=float(at)))
    with right:
        narrative.show(PAGE, "Which connections learn")
        plot.chart(views.share, key="do-share")
        narrative.show(PAGE, "Forty batches")
        plot.chart(views.losses, key="do-losses")
    with left:
        narrative.show(PAGE, "One unit in numbers")
        panel.widget("unit")
        plot.readouts(views.numbers, key="do-numbers")

    narrative.show(PAGE, "Why what survives is scaled")
    signal = scaling_views(spec)
    left, right = st.columns(2, gap="medium")
    with left:
        plot.chart(signal.histogram, key="do-signal")
    with right:
        plot.chart(signal.moments, key="do-moments")

    narrative.show(PAGE, "An ensemble of thinned networks")
    choice, count = st.columns(2, gap="medium")
    with choice:
        panel.widget("kind")
    with count:
        at = int(spec.ensemble) - 1
        plot.scrub(units_axis(), at, key="do-ensemble", group=GROUP, on_commit=lambda at: panel.set(ensemble=at + 1.0))
    averages = ensemble_views(studies.measured(Thinning(), key="do-thinning"), spec.kind)
    for names in (("shares", "running"), ("units", "rates")):
        for column, name in zip(st.columns(2, gap="medium"), names, strict=True):
            with column:
                plot.chart(averages[name], key=f"do-thinning-{name}")

    narrative.show(PAGE, SQUARES)
    ridge = ridge_views(spec)
    left, right = st.columns(2, gap="medium")
    with left:
        plot.chart(ridge.paths["dropout"], key="do-ridge")
        plot.readouts(ridge.certificate, key="do-certificate")
    with right:
        plot.chart(ridge.paths["plain"], key="do-plain")
        panel.widgets("columns", "scaled")
    plot.table(ridge.table, key="do-lambdas")

    narrative.show(PAGE, "Do units lean on each other?")
    panel.widget("width")
    pair(CoAdaptation(int(spec.width), spec.data), "do-lean")
    narrative.show(PAGE, "Noisier gradients")
    pair(GradientNoise(spec.data), "do-noise")
    narrative.show(PAGE, "How each rule bears it")
    panel.widget("judge")
    pair(RuleRates(spec.data), "do-rules", spec.judge)
    narrative.show(PAGE, "Does the noise lead out of saddles and sharp minima?")
    pair(Trapped(), "do-escape")
    narrative.show(PAGE, "Does training take longer?")
    plot.scrub(target_axis(Pace()), int(spec.target), key="do-target", group=GROUP, on_commit=lambda at: panel.set(target=float(at)))
    pair(Pace(), "do-pace")

with head:
    if not lessons.show(PAGE, panel, spec):
        narrative.show(PAGE)
    panel.presets(DROPOUT_PRESETS)
    studies.everything(GROUP)
with st.sidebar:
    panel.widgets("masks", "activation", "rows", "rate", "scale", "seed", "units", "data")
    panel.reset_and_undo()

narrative.rest(PAGE, SQUARES)
lessons.finish(PAGE, panel, spec)
