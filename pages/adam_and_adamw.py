"""Adam and AdamW: one decay, three rules, three different ends; and what rate and decay do together."""

import streamlit as st

from core.adam_and_adamw_words import LABELS
from core.export.torch_decay import torch_snippets
from core.figures.decay_panel import lambda_axis_of, step_axis
from core.specs import ADAM_AND_ADAMW_PRESETS, AdamAndAdamWSpec
from core.specs.adam_and_adamw import SHAPES
from ui import formula, lessons, narrative, plot
from ui.compute.adam_and_adamw import adam_and_adamw_views, decay_map_views

PAGE, GROUP = "adam_and_adamw", "aw"
panel = lessons.panel(PAGE, AdamAndAdamWSpec)
head, own, stage = st.container(), st.container(), st.container()
with head:
    spec = panel.spec()
views = adam_and_adamw_views(spec)
result = views.result
bounds = result.bowl.surface.bounds.tolist()

with stage:
    top, (left, right) = st.container(), st.columns(2, gap="medium")
    with left:
        narrative.show(PAGE, "Three rules, three ends")
        plot.chart(views.plane, key="aw-plane", first=True, on_pick=panel.picker(("start1", "start2"), bounds))
    with top, st.container(key="lab-scrub-aw-both"):
        play, drag = st.columns(2, gap="small")
        with play:
            frame = result.frame_at(spec)
            plot.scrub(step_axis(result), frame, key="aw-step", group=GROUP, on_commit=lambda at: panel.set(step=float(result.kept[at])))
        with drag:
            member = result.member_at(spec)
            plot.scrub(
                lambda_axis_of(result),
                member,
                key="aw-lam",
                group=GROUP,
                on_commit=lambda at: panel.set(lam=float(result.lam[at])),
                whole=True,
            )
    with right:
        narrative.show(PAGE, "What the decay takes of each weight")
        plot.chart(views.decay, key="aw-decay")
        plot.readouts(views.readouts, key="aw-readouts")
    with left:
        if cure := result.cure(member):
            listed = " and ".join(f"{value:g}" for value in cure.values())
            st.button(f"Take a rate of {listed}, which is stable", key="aw-steady", on_click=panel.set, kwargs=cure)
        plot.readouts(views.notes, key="aw-notes")
    narrative.show(PAGE, "Where they end, for every λ")
    plot.table(views.table, key="aw-table")
    narrative.show(PAGE, "Rate and decay together")
    choice, share = st.columns(2, gap="medium")
    with choice:
        panel.widget("judge")
    if spec.judge == "unseen" and spec.surface not in ("diabetes", "none"):
        with share:
            panel.widget("nearer")
    maps = decay_map_views(spec)
    for column, (key, label) in zip(st.columns(3, gap="small"), LABELS.items(), strict=True):
        with column:
            st.markdown(f'<span class="law-{key}">{label}</span>', unsafe_allow_html=True)
            plot.chart(maps.maps[key], key=f"aw-map-{key}")
    lower, beside = st.columns(2, gap="medium")
    with lower:
        narrative.show(PAGE, "The best rate moves with λ")
        plot.chart(maps.rates, key="aw-rates")
    with beside:
        narrative.show(PAGE, "What PyTorch's weight_decay does")
        snippets = torch_snippets(spec.sgd_rate, spec.adam_rate, float(result.decay[member]), float(spec.beta2))
        for tab, snippet in zip(st.tabs([snippet.title for snippet in snippets]), snippets, strict=True):
            with tab:
                st.code(snippet.code, language="python", wrap_lines=True)
                st.write(snippet.note)

with head:
    if not lessons.show(PAGE, panel, spec):
        narrative.show(PAGE)
    panel.presets(ADAM_AND_ADAMW_PRESETS)
with own:
    formula.editor(panel, spec, formula.QUADRATICS, window=())
with st.sidebar:
    shapes = [name for name in SHAPES.get(spec.surface, ()) if name != "formula"]
    panel.widgets("surface", *shapes, "sgd_rate", "adam_rate", "beta2", "steps", "noise")
    if spec.noise > 0:
        panel.widget("seed")
    panel.widgets(*LABELS, "circle")
    panel.point(("start1", "start2"), result.start.tolist(), bounds)
    panel.reset_and_undo()

narrative.rest(PAGE)
lessons.finish(PAGE, panel, spec)
