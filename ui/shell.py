"""What every page shares: the list of labs, the way between them, the style."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from core.figures.palette import stylesheet
from ui import class_room, offline, paper, presenter, quick, stage, teach, theatre

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator
    from streamlit.navigation.page import StreamlitPage

_ROOT = Path(__file__).resolve().parent.parent
_PAGES = "lab-pages"


@dataclass(frozen=True)
class Room:
    """A page of the lab: its file in pages/, its title, its icon, its line and its group on the home page, the minutes a visit takes."""

    file: str
    title: str
    icon: str
    line: str
    group: str = ""
    minutes: int = 10


GROUPS = ("The penalty", "The path", "Data and beliefs", "Networks", "All of it together")
"""The parts of the home page's map, in order."""


HOME = Room("home", "Home", ":material/home:", "What the lab is for, and where to begin.")
ROOMS = (
    Room(
        "diamond_and_circle",
        "Diamond and circle",
        ":material/diamond:",
        "Why a corner makes a weight zero and a circle almost never does: push the ellipse against the region and watch where it touches.",
        "The penalty",
        10,
    ),
    Room(
        "smoothing_and_curvature",
        "Smoothing and curvature",
        ":material/landscape:",
        "A penalty bends the surface: eigenvalues slide by 2λ, contours round out, small minima vanish one by one. See which one goes first.",
        "The penalty",
        10,
    ),
    Room(
        "step_by_step",
        "Step by step",
        ":material/steps:",
        "Descent in numbers that can be checked by hand: a course's tables recomputed, and what each penalty does to a weight at zero.",
        "The path",
        10,
    ),
    Room(
        "optimizer_race",
        "Optimizer race",
        ":material/sports_score:",
        "Eight update rules from one start, each at its best rate: play, rewind, take a step apart, and drag λ through the whole race.",
        "The path",
        15,
    ),
    Room(
        "adam_and_adamw",
        "Adam and AdamW",
        ":material/balance:",
        "One weight decay, three rules, three ends: ridge for SGD and Adam, a box for AdamW; and maps of rate and decay together.",
        "The path",
        15,
    ),
    Room(
        "shrinkage_paths",
        "Shrinkage paths",
        ":material/show_chart:",
        "Every weight over λ, on real data: who goes first under lasso, elastic net and ridge, which λ to take, and what becomes of twins.",
        "Data and beliefs",
        15,
    ),
    Room(
        "priors_and_map",
        "Priors and MAP",
        ":material/psychology:",
        "A penalty is a belief: prior times likelihood, point by point. The most probable weight is the penalised minimum; the mean is another.",
        "Data and beliefs",
        15,
    ),
    Room(
        "bias_and_variance",
        "Bias and variance",
        ":material/scatter_plot:",
        "400 training sets at once: the bundle of their fits tightens as λ grows, and its mean leaves the truth. Find where the sum is least.",
        "Data and beliefs",
        10,
    ),
    Room(
        "training",
        "Training",
        ":material/hub:",
        "Sixteen small networks at once, while they train: drag λ or p through all of them, and see overfitting cured.",
        "Networks",
        20,
    ),
    Room(
        "dropout",
        "Dropout",
        ":material/blur_on:",
        "A new network for every batch: who lives, which connections learn, why the rest is scaled, and what the noise is good for.",
        "Networks",
        25,
    ),
    Room(
        "batch_norm",
        "Batch norm",
        ":material/tune:",
        "The same networks with and without it: which rates train, what a batch does to a unit, and what becomes of dropout and weight decay.",
        "Networks",
        25,
    ),
    Room(
        "flat_and_sharp_minima",
        "Flat and sharp minima",
        ":material/terrain:",
        "How sharp the minima of many networks are, and whether that says how they generalise: spectra, slices, a rescaling that fools sharpness.",
        "Networks",
        20,
    ),
    Room(
        "right_mix",
        "The right mix",
        ":material/search:",
        "Which λ goes with which p, which rate with which λ, and how to find out: maps with honest optima, and four ways to search side by side.",
        "All of it together",
        20,
    ),
    Room(
        "claims_on_trial",
        "Claims on trial",
        ":material/gavel:",
        "What five courses claim about regularization, each claim an experiment: what was asked for, what was measured, and whether it holds.",
        "All of it together",
        30,
    ),
    Room(
        "cheat_sheet",
        "Cheat sheet",
        ":material/fact_check:",
        "Say what your problem is like and get regularisers, starting values and code; all of them side by side; and every library's words for λ.",
        "All of it together",
        10,
    ),
    Room(
        "class_room",
        "Class room",
        ":material/co_present:",
        "Show a class what you see, on every screen: a code to join by, and what everybody predicts as points before the answer is out.",
        "All of it together",
        5,
    ),
)


@cache
def _source(file: str) -> str:
    return str(_ROOT / "pages" / f"{file}.py")


def pages() -> list[StreamlitPage]:
    """Return all pages, home first, each with an address of its own; made once a session, since each looks its file up on the disk."""
    kept: list[StreamlitPage] | None = st.session_state.get(_PAGES)
    if kept is None:
        home = st.Page(_source(HOME.file), title=HOME.title, icon=HOME.icon, default=True)
        kept = [home, *(st.Page(_source(room.file), title=room.title, icon=room.icon, url_path=room.file) for room in ROOMS)]
        st.session_state[_PAGES] = kept
    return kept


def run(page: StreamlitPage) -> None:
    """Run a page inside what stands around every page: the style, the title; while it is presented, the way to the others, which the sidebar has."""
    file = page.url_path or HOME.file
    quick.begin()
    class_room.attend(file)
    present = stage.begin(file)
    sheets = _style("style", "print", *(["frame"] if st.context.is_embedded else []))
    st.html(f"<style>{stylesheet(present=present)}{sheets}{presenter.style() if present else ''}</style>")
    links: DeltaGenerator | None = None
    if present:
        links, lessons = presenter.bar("" if page.title == HOME.title else page.title)
        theatre.raise_curtain(file, lessons)
        class_room.strip(file)
    else:
        theatre.lower_curtain()
        class_room.strip(file)
        if page.title != HOME.title:
            st.title(page.title)
    desk = None if present else teach.desk(file)
    if present or desk is not None or class_room.here() is not None:
        quick.hold()
    head = st.container(key="lab-paper-head")
    offline.begin(page.title)
    try:
        page.run()
        class_room.publish(file)
        with st.sidebar:
            offline.offer()
            if page.title != HOME.title:
                paper.offer()
            if not present:
                teach.offer(file, desk)
                presenter.offer()
        paper.sheet(head)
    finally:
        if links is not None:
            with links:
                for room in (HOME, *ROOMS):
                    st.page_link(_source(room.file), label=room.title, icon=room.icon)
        stage.finish()


def link(room: Room) -> None:
    """Show a link to a room."""
    st.page_link(_source(room.file), label=f"Open {room.title}", icon=room.icon)


@cache
def _style(*names: str) -> str:
    return "".join((_ROOT / "assets" / f"{name}.css").read_text(encoding="utf-8") for name in names)
