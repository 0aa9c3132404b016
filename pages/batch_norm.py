"""Batch norm: with and without it from equal seeds; what it does to a unit, to rates, to the landscape, and together with dropout and decay."""

import streamlit as st

from core.figures.batch_norm import panel as axes
from core.figures.scene import FamilyAxis
from core.specs import BATCH_NORM_PRESETS, BatchNormSpec
from ui import lessons, narrative, plot, studies
from ui.compute import batch_norm as views

PAGE = "batch_norm"

panel = lessons.panel(PAGE, BatchNormSpec)
head, stage = st.container(), st.container()
with head:
    spec = panel.spec()


def scrubs(name: str, *along: tuple[FamilyAxis, str]) -> None:
    """Show scrubs side by side, each with the hidden knob that keeps it. They stay in sight while their section does."""
    with st.container(key=f"lab-scrub-bn-{name}"):
        for column, (axis, knob) in zip(st.columns(len(along), gap="small"), along, strict=True):
            with column:
                views.scrub(axis, getattr(spec, knob), lambda value, knob=knob: panel.set(**{knob: value}))


def beside(*charts: tuple[str, bytes], first: bool = False) -> None:
    """Show charts, by their keys, side by side."""
    for i, (column, (key, packed)) in enumerate(zip(st.columns(len(charts), gap="medium"), charts, strict=True)):
        with column:
            plot.chart(packed, key=key, first=first and i == 0)


with stage:
    with st.container():
        sweep = views.rate_views(studies.measured(spec.sweep(), "bn-sweep"))
        scrubs("rate", (axes.rate_axis(sweep.result), "at_rate"))
        beside(("bn-rates", sweep.curves), ("bn-losses", sweep.losses), first=True)
        plot.readouts(sweep.readouts, key="bn-rate-readouts")
        plot.readouts(sweep.notes, key="bn-rate-notes")
    with st.container():
        narrative.show(PAGE, "What it does to one unit")
        unit = views.unit_views(studies.measured(spec.unit_study(), "bn-unit"), spec.layer, int(spec.unit))
        scrubs("unit", *zip(axes.unit_axes(unit.result), ("size", "turn"), strict=True))
        left, right = st.columns(2, gap="medium")
        with left:
            plot.chart(unit.batch, key="bn-batch")
        with right:
            plot.chart(unit.path, key="bn-path")
            plot.chart(unit.noise, key="bn-noise")
    with st.container():
        narrative.show(PAGE, "Rate and initial scale together")
        maps = views.map_views(studies.measured(spec.map(), "bn-map"))
        scrubs("map", *zip(axes.map_axes(maps.result), ("map_rate", "map_scale"), strict=True))
        for column, packed, (ink, words) in zip(st.columns(2, gap="medium"), maps.maps, views.MAPS, strict=True):
            with column:
                st.markdown(f'<span class="law-{ink}">{words}</span>', unsafe_allow_html=True)
                plot.chart(packed, key=f"bn-map-{ink}", on_pick=panel.picker(("map_rate", "map_scale"), maps.window))
        plot.chart(maps.losses, key="bn-cell")
        plot.readouts(maps.notes, key="bn-map-notes")
    with st.container():
        narrative.show(PAGE, "Along the step")
        for column, name in zip(st.columns(2, gap="small"), ("judge", "steps"), strict=True):
            with column:
                panel.widget(name)
        smooth = views.smoothness_views(studies.measured(spec.smoothness(), "bn-smooth"), spec.judge, spec.steps)
        scrubs("smooth", (axes.epoch_axis(smooth.result), "epoch"))
        beside(("bn-step", smooth.line), ("bn-smoothness", smooth.numbers))
        plot.readouts(smooth.notes, key="bn-smooth-notes")
    with st.container():
        narrative.show(PAGE, "Batch size and the gap")
        pairs = views.batch_views(studies.measured(spec.batches(), "bn-gap"))
        scrubs("gap", (axes.pairs_axis(pairs.result), "pairs"))
        beside(("bn-gaps", pairs.gap), ("bn-batches", pairs.losses))
        plot.readouts(pairs.notes, key="bn-gap-notes")
    with st.container():
        narrative.show(PAGE, "With dropout: the order")
        orders = views.order_views(studies.measured(spec.orders(), "bn-orders"))
        scrubs("orders", (axes.p_axis(orders.result), "p"))
        beside(("bn-shift", orders.shift), ("bn-order-losses", orders.losses))
        plot.readouts(orders.notes, key="bn-order-notes")
    with st.container():
        narrative.show(PAGE, "The weights' length does not count")
        panel.widget("seed")
        ray = views.ray_views(int(spec.seed))
        scrubs("ray", (axes.c_axis(ray.result), "c"))
        beside(("bn-ray", ray.losses), ("bn-sizes", ray.sizes))
        plot.readouts(ray.notes, key="bn-ray-notes")
    with st.container():
        narrative.show(PAGE, "Weight decay and the effective rate")
        decay = views.decay_views(studies.measured(spec.decay(), "bn-decay"))
        scrubs("decay", (axes.lam_axis(decay.result), "lam"))
        beside(("bn-effective", decay.rates), ("bn-turning", decay.turning))
        left, right = st.columns(2, gap="medium")
        with left:
            plot.chart(decay.sharpness, key="bn-sharpness")
        with right:
            plot.readouts(decay.notes, key="bn-decay-notes")

with head:
    if not lessons.show(PAGE, panel, spec):
        narrative.show(PAGE)
    panel.presets(BATCH_NORM_PRESETS)
    studies.everything("bn")
with st.sidebar:
    panel.widgets("data", "draw", *(("noise",) if spec.data in ("moons", "spiral") else ()), "layers", "width", "activation", "place")
    panel.widgets("rule", "rate", "batch", "epochs", "seeds", "layer", "unit")
    panel.reset_and_undo()

narrative.rest(PAGE)
lessons.finish(PAGE, panel, spec)
