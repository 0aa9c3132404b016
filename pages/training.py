"""Training: sixteen networks at once, while they are trained; one setting apart."""

import streamlit as st

from core.figures.training.panel import epoch_axis, member_axis
from core.specs import TRAINING_PRESETS, TrainingLabSpec
from core.specs.training_lab import with_own
from ui import lessons, narrative, plot, runs, uploads
from ui.compute.training import training_views
from ui.scripts import downloads, scripts

PAGE, GROUP = "training", "tn"
CODE = "The code for exactly these settings"

panel = lessons.panel(PAGE, TrainingLabSpec)


def again() -> None:
    """Rewind, and train the settings as they are from the same initial weights."""
    runs.restart(GROUP)
    panel.set(epoch=0.0)


head, stage = st.container(), st.container()
with head:
    spec = panel.spec()
    shown, own = uploads.bring(spec, lambda own: with_own(spec, own))
if own is not None:
    shown = with_own(spec, own, uploads.features(own, "tn"))
views, given = training_views(shown), None if own is None else shown.dataset
at, member = min(int(spec.epoch), int(spec.epochs)), min(int(spec.member), spec.members - 1)

with stage:
    top, line, (left, right) = st.container(), st.container(), st.columns(2, gap="medium")
    # First of all: the run begins, and its film is on its way, while the charts are drawn.
    if (run := runs.running(shown.training(), GROUP, own)) is not None:
        with line:
            ticket = run.ticket
            came = {"parent": run.parent, "shared": ticket.shared, "kept": ticket.edited, "on_gone": lambda: runs.renew(GROUP)}
            plot.film(ticket.id, ticket.viewer, at, spec.members, int(spec.epochs), key="tn-film", group=GROUP, **came)
    with left:
        narrative.show(PAGE, "What the network says")
        plot.chart(views.field, key="tn-field", first=True)
    with top, st.container(key="lab-scrub-tn-both"):
        play, drag = st.columns(2, gap="small")
        with play:
            plot.scrub(epoch_axis(spec), at, key="tn-epoch", group=GROUP, on_commit=lambda at: panel.set(epoch=float(at)), whole=True)
        with drag:
            plot.scrub(member_axis(spec), member, key="tn-member", group=GROUP, on_commit=lambda at: panel.set(member=float(at)), whole=True)
    with right:
        narrative.show(PAGE, "Training and validation")
        plot.chart(views.losses, key="tn-losses")
        narrative.show(PAGE, "All of them at this epoch")
        plot.chart(views.profile, key="tn-profile")
    if spec.axis == "rule":
        with left:
            narrative.show(PAGE, "The race over the network's own loss surface")
            plot.chart(views.race, key="tn-race")
        with right:
            narrative.show(PAGE, "How far the paths are from that plane")
            plot.chart(views.distance, key="tn-distance")
    with left:
        narrative.show(PAGE, "The network")
        plot.chart(views.network, key="tn-network")
        narrative.show(PAGE, "Its weights")
        plot.chart(views.histogram, key="tn-weights")
    with right:
        narrative.show(PAGE, "How often it is right")
        plot.chart(views.scores, key="tn-scores")
        narrative.show(PAGE, "In numbers")
        plot.readouts(views.readouts, key="tn-readouts")
        if run is not None:
            downloads(run.ticket.id, shown.training(), member, at, GROUP, given)

with head:
    if not lessons.show(PAGE, panel, spec):
        narrative.show(PAGE)
    panel.presets(TRAINING_PRESETS)
with st.sidebar:
    panel.widgets("axis", "data")
    if shown.dataset.synthetic:
        panel.widgets("points", *(name for name in ("noise",) if name != spec.axis))
    else:
        panel.widgets("plane", *(("first", "second") if spec.plane == "features" and own is None else ()))
        if own is not None and spec.plane == "features":
            uploads.choose_features(own, "tn", ("Feature across", "Feature upwards"))
    panel.widgets("split", "layers", "units", "activation", "batch_norm")
    panel.widgets(*(name for name in ("rule", "lr") if name != spec.axis), "batch", "penalty")
    if spec.penalty == "elastic_net":
        panel.widget("rho")
    panel.widgets(*(name for name in ("lam", "dropout") if name != spec.axis), "treatment", "biases", "epochs", "patience", "scale", "seed", "draw")
    if spec.axis == "rule":
        panel.widgets("surface", *(("across", "upwards") if spec.surface == "pair" else ()))
    fixed, new = panel.locked("seed"), {"seed": (spec.seed + 1.0) % 100.0}
    st.button("New initial weights", key="tn-new", icon=":material/casino:", disabled=fixed, on_click=panel.set, kwargs=new)
    st.button("Train again from the start", key="tn-again", icon=":material/replay:", on_click=again)
    panel.reset_and_undo()

scripts(shown.training(), member, PAGE, CODE, given)
narrative.rest(PAGE, CODE)
lessons.finish(PAGE, panel, spec)
