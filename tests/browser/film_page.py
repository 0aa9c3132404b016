"""A small page for `test_film.py`: every kind of view that a film feeds, for the run that the address names."""

import sys
from pathlib import Path

import numpy as np
import streamlit as st

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:] = [str(ROOT), *(entry for entry in sys.path if Path(entry or ".").resolve() != Path(__file__).resolve().parent)]

from core.figures.palette import stylesheet  # noqa: E402 - needs the root on the path
from core.figures.scene import NOTHING, FamilyAxis, Mark, Readout, Scene  # noqa: E402
from core.figures.template import axis, canvas, plane  # noqa: E402
from tests.browser.film_numbers import EPOCHS, LAYERS, MEMBERS  # noqa: E402
from ui import plot  # noqa: E402

GROUP = "film"
CODES = np.arange(256)[:, None]
LIGHT = np.hstack([np.where(CODES < 128, (255, 120, 60), (70, 130, 255)), np.full((256, 1), 120)]).astype(np.uint8)
DARK = np.hstack([np.where(CODES < 128, (120, 40, 0), (0, 40, 120)), np.full((256, 1), 200)]).astype(np.uint8)


def boundary() -> Scene:
    rng = np.random.default_rng(0)
    cloud = rng.uniform(-0.9, 0.9, (600, 2))
    marks = (
        Mark(
            "field", NOTHING, "loss", axes=("member",), source="frame.field", window=(-1, 1, -1, 1), palette=LIGHT, palette_dark=DARK, edges=(127.5,)
        ),
        Mark(
            "points",
            cloud,
            "loss",
            axes=(),
            size=4,
            classes=(cloud[:, 0] > 0).astype(int),
            hollow=cloud[:, 1] > 0.5,
            colours=("l1", "l2"),
            symbols=("circle", "triangle"),
        ),
    )
    return Scene(plane("x₁", "x₂", ((-1.0, 1.0), (-1.0, 1.0))), "Which class the network gives each place, and the points.", marks, aspect=0.8)


def curves() -> Scene:
    epochs = np.arange(EPOCHS + 1.0)
    shared = {"axes": ("member",), "until": "epoch", "abscissa": epochs, "ghost": 0.3, "head": "circle"}
    marks = (
        Mark("path", NOTHING, "l1", source="curves.train_loss", text="train", **shared),
        Mark("path", NOTHING, "l2", source="curves.val_loss", dash="dash", text="validation", **shared),
    )
    figure = canvas(xaxis=axis("epoch", range=[0, EPOCHS]), yaxis=axis("loss", range=[-2, 1], type="log"))
    said = "Epoch {epoch}: training loss {curves.train_loss:3}. {sentences}"
    return Scene(figure, "Training and validation loss over the epochs.", marks, captions=(said,), aspect=0.6, range="frame.loss_range")


def net() -> Scene:
    blank = {"visible": False, "range": [0, 1]}
    mark = Mark(
        "network",
        NOTHING,
        "l2",
        axes=("member",),
        source="frame.weights",
        dropped_source="frame.dropped",
        layers=LAYERS,
        colours=("l1", "loss", "dropout"),
        texts=("x₁", "x₂", "p"),
    )
    return Scene(canvas(xaxis=blank, yaxis=blank), "The network: its units in columns, its weights as lines.", (mark,), aspect=0.7)


def histogram() -> Scene:
    mark = Mark(
        "bars",
        NOTHING,
        "loss",
        axes=("member",),
        source="frame.histogram",
        abscissa_source="frame.edges",
        zeros_source="frame.zeros",
        colours=("l1",),
        text="exact zeros",
    )
    figure = canvas(xaxis=axis("weight", range=[-130, 130]), yaxis=axis("how many", range=[0, 30]))
    return Scene(figure, "How the weights are spread, the exact zeros as a bar of their own.", (mark,), aspect=0.6)


def gap() -> Scene:
    mark = Mark("path", NOTHING, "loss", axes=("epoch",), source="profiles.gap", abscissa=np.arange(float(MEMBERS)))
    return Scene(canvas(xaxis=axis("member", range=[0, 3]), yaxis=axis("gap", range=[0, 1])), "The gap against the family.", (mark,), aspect=0.5)


state, asked = st.session_state, st.query_params
state.setdefault("run", asked.get("run", "steady-0"))
state.setdefault("epoch", int(asked.get("epoch", "0")))
state.setdefault("member", 0)
for name in ("runs", "commits", "gone"):
    state.setdefault(name, 0)
state.setdefault("parent", ("", 0))
state.runs += 1


def commit(name: str, index: int) -> None:
    state[name] = index
    state.commits += 1


def edit() -> None:
    state.parent = (state.run, 4)
    state.run = "fork-" + state.run


def gone() -> None:
    state.gone += 1
    state.run = state.run.replace("gone", "steady")


st.set_page_config(layout="wide")
st.html(f"<style>{stylesheet()}{(ROOT / 'assets' / 'style.css').read_text(encoding='utf-8')}</style>")
st.title("Film")
with st.container(key="lab-scrub-both"):
    epochs = FamilyAxis("epoch", np.arange(EPOCHS + 1.0), "Epoch", "t =", pace=40.0, film=True, autoplay="play" in asked)
    plot.scrub(epochs, state.epoch, key="lab-scrub-epoch", group=GROUP, on_commit=lambda index: commit("epoch", index))
    members = FamilyAxis("member", np.arange(float(MEMBERS)), "Member", "k =")
    plot.scrub(members, state.member, key="lab-scrub-member", group=GROUP, on_commit=lambda index: commit("member", index))
    parent, shared = state.parent
    place = {"at": state.epoch, "members": MEMBERS, "epochs": EPOCHS, "parent": parent, "shared": shared}
    plot.film(state.run, "a viewer", **place, key="film", group=GROUP, on_gone=gone)
st.button("Edit", on_click=edit)
st.text(f"runs {state.runs}, commits {state.commits}, gone {state.gone}, epoch {state.epoch}, of {state.run}")
left, right = st.columns(2)
with left:
    plot.chart(plot.pack_chart(boundary(), name="boundary", group=GROUP), key="boundary")
    plot.chart(plot.pack_chart(net(), name="network", group=GROUP), key="network")
with right:
    plot.chart(plot.pack_chart(curves(), name="curves", group=GROUP), key="curves")
    plot.chart(plot.pack_chart(histogram(), name="histogram", group=GROUP), key="histogram")
    plot.chart(plot.pack_chart(gap(), name="gap", group=GROUP), key="gap")
items = (
    Readout("train loss", source="curves.train_loss", digits=5),
    Readout("zeros", source="frame.zeros"),
    Readout("how it goes", source="sentences"),
)
plot.readouts(plot.pack_readouts(items, group=GROUP), key="readouts")
