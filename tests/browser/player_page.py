"""A small page for `test_player.py`: one group with two axes, every kind of mark that grows with a step, a table, and a plane to click."""

import sys
from pathlib import Path

import numpy as np
import streamlit as st

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:] = [str(ROOT), *(entry for entry in sys.path if Path(entry or ".").resolve() != Path(__file__).resolve().parent)]

from core.figures.palette import stylesheet  # noqa: E402 - needs the root on the path
from core.figures.scene import Blend, FamilyAxis, Mark, Readout, Scene, Table  # noqa: E402
from core.figures.template import axis, canvas, plane  # noqa: E402
from ui import plot  # noqa: E402

GROUP, STEPS, LAMS = "play", 120, 5
WINDOW = ((-2.0, 2.0), (-1.0, 3.0))


def spiral(turn: float) -> np.ndarray:
    """(LAMS, STEPS + 1, 2) a path that winds into the origin, wider with lambda."""
    t = np.linspace(0, 1, STEPS + 1)
    size = np.linspace(0.8, 1.6, LAMS)[:, None] * (1 - 0.9 * t)
    return np.stack([size * np.cos(12 * t + turn), size * np.sin(12 * t + turn)], axis=-1)


def land() -> Scene:
    """The plane: a tint and contours that follow lambda, paths that follow both axes, and one path that leaves the picture."""
    x, y = np.linspace(*WINDOW[0], 61), np.linspace(*WINDOW[1], 61)
    base = np.hypot(*np.meshgrid(x, y)) ** 2
    lam = np.linspace(0, 1, LAMS)
    shared = {
        "x": x,
        "y": y,
        "base": base,
        "by": base,
        "factor": lam,
        "floor": np.zeros(LAMS),
        "levels": np.linspace(0.2, 3, 12) ** 2,
        "axes": ("lam",),
    }
    one, two = spiral(0.0), spiral(2.0)
    away = np.stack([np.linspace(0, 4e6, STEPS + 1), np.linspace(0, 3e9, STEPS + 1)], axis=-1)
    gap = np.where(np.arange(STEPS + 1)[:, None] % 7 == 3, np.nan, spiral(4.0)[0] + 0.5)
    arrows = np.stack([one[:, :-1], 0.5 * (one[:, :-1] + one[:, 1:]), one[:, 1:] + 0.3, one[:, 1:] + 0.3], axis=2)
    words = [f"{i}/{n}" for i in range(LAMS) for n in range(STEPS)]
    marks = (
        Mark("path", one, "l1", "one", axes=("lam",), until="step", ghost=0.25, head="circle", text="one"),
        Mark("path", two, "l2", "two", axes=("lam",), until="step", head="star", dash="dash", text=[f"two {i}" for i in range(LAMS)]),
        Mark("path", away, "dropout", "away", axes=(), until="step", ghost=0.2, head="diamond", text="away"),
        Mark("path", gap, "muted", "gap", axes=(), until="step"),
        Mark("chain", arrows, "loss", "parts", axes=("lam", "step"), colours=("l1", "l2", "elastic_net"), texts=("gradient", "decay", "nothing")),
        Mark("text", np.broadcast_to([-1.8, 2.7], (LAMS, STEPS, 2)), "loss", "member", axes=("lam", "step"), text=words),
        Mark("region", 1e7 * np.array([[-1, -1], [0, 1], [1, -1.0]]), "elastic_net", "vast", axes=(), fill=0.05),
    )
    captions = tuple(f"Member {i}, step {n}." for i in range(LAMS) for n in range(STEPS + 1))
    return Scene(
        plane("w₁", "w₂", WINDOW),
        "A plane with two paths that wind into the origin, drawn as far as the step goes, over a bowl.",
        marks,
        (Blend("contours", **shared), Blend("shade", **shared)),
        captions,
        table={"x": one, "step": np.arange(3.0)},
        caption_axes=("lam", "step"),
        caption_shape=(LAMS, STEPS + 1),
        pick=True,
    )


def curve() -> Scene:
    """Heights over shared x."""
    steps = np.arange(STEPS + 1.0)
    heights = np.exp(-np.linspace(1, 3, LAMS)[:, None] * steps / 40)
    marks = (
        Mark("path", heights, "l1", "loss", axes=("lam",), until="step", ghost=0.3, head="circle", abscissa=steps),
        Mark("cursor", steps, "muted", "cursor", axes=("step",)),
    )
    ranges = {"xaxis": axis("step", range=[0, STEPS]), "yaxis": axis("loss", range=[-3, 0.1], type="log")}
    return Scene(canvas(**ranges), "The loss along one path over the steps, on a logarithmic scale.", marks, aspect=0.5)


state = st.session_state
state.setdefault("step", 10)
state.setdefault("lam", 1)
state.setdefault("commits", 0)


def commit(name: str, index: int) -> None:
    state[name] = index
    state.commits += 1


def pick(x: float, y: float) -> None:
    state.picked = (x, y)


st.set_page_config(layout="wide")
st.html(f"<style>{stylesheet()}{(ROOT / 'assets' / 'style.css').read_text(encoding='utf-8')}</style>")
st.title("Player")
with st.container(key="lab-scrub-both"):
    steps = FamilyAxis("step", np.arange(STEPS + 1.0), "Step", "t =", marks=((60, "half way"),), pace=40.0)
    plot.scrub(steps, state.step, key="lab-scrub-step", group=GROUP, on_commit=lambda index: commit("step", index))
    lams = FamilyAxis("lam", np.linspace(0, 1, LAMS), "Penalty", "λ =")
    plot.scrub(lams, state.lam, key="lab-scrub-lam", group=GROUP, on_commit=lambda index: commit("lam", index))
left, right = st.columns(2)
with left:
    plot.chart(plot.pack_chart(land(), name="land", group=GROUP), key="land", on_pick=pick)
    st.text(f"commits {state.commits}, step {state.step}, lam {state.lam}, picked {state.get('picked')}")
with right:
    plot.chart(plot.pack_chart(curve(), name="curve", group=GROUP), key="curve")
    where = Readout("where", [f"{i} and {n}" for i in range(LAMS) for n in range(STEPS + 1)], axes=("lam", "step"), shape=(LAMS, STEPS + 1))
    height = Readout("x", spiral(0.0)[..., 0], axes=("lam", "step"))
    plot.readouts(plot.pack_readouts((where, height), group=GROUP), key="readouts")
    cells = [[str(n), f"{value:.4f}", f"{-value:.4f}"] for n, value in enumerate(spiral(0.0)[0, :, 0])]
    notes = {(4, 1): "The course rounds this.", (12, 2): "Here too."}
    rows = Table("Steps by hand", (("t", "muted"), ("w₁, first", "w1"), ("w₂", "w2")), cells, axis="step", notes=notes)
    plot.table(plot.pack_table(rows, group=GROUP), key="table")
