"""Where things stand while a page is presented: its main chart as large as the screen allows, what moves it above, numbers and few controls beside.

The pages know nothing of it. What they show by these keys is put into places that were made before they ran; all else follows below.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import streamlit as st

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

_RUN = "lab-theatre-run"


@dataclass(frozen=True)
class Theatre:
    """What of a page stands on the first screen.

    Parameters
    ----------
    chart:
        The key of its main chart.
    scrubs:
        The keys of what moves it, beside each other.
    readouts:
        The keys of its numbers.
    knobs:
        The names of the controls that are shown where the address names none.
    heading:
        The main chart's heading on the page, which the chart takes along.
    square:
        Whether it is about as high as it is wide: then there is more room beside it.
    """

    chart: str
    scrubs: tuple[str, ...]
    readouts: tuple[str, ...]
    knobs: tuple[str, ...]
    heading: str = ""
    square: bool = False


THEATRES: Mapping[str, Theatre] = MappingProxyType(
    {
        "diamond_and_circle": Theatre(
            "dc-plane", ("lab-scrub-dc",), ("dc-readouts",), ("penalty", "overlay", "condition"), "The constraint plane", square=True
        ),
        "smoothing_and_curvature": Theatre(
            "sm-penalised", ("lab-scrub-sm",), ("sm-readouts",), ("surface", "penalty"), "Loss plus penalty, L + λR", square=True
        ),
        "step_by_step": Theatre("st-first", ("lab-scrub-st",), ("st-readouts",), ("story", "rate", "lam")),
        "optimizer_race": Theatre("rc-plane", ("rc-step", "rc-lam"), ("rc-readouts",), ("surface", "penalty", "focus"), "The race", square=True),
        "adam_and_adamw": Theatre("aw-plane", ("aw-step", "aw-lam"), ("aw-readouts",), ("surface", "noise"), "Three rules, three ends", square=True),
        "shrinkage_paths": Theatre("sh-path", ("lab-scrub-sh",), ("sh-numbers",), ("data", "penalty"), "The weights over λ"),
        "priors_and_map": Theatre("pr-densities", ("lab-scrub-pr",), ("pr-numbers",), ("prior", "sigma"), "Prior × likelihood"),
        "bias_and_variance": Theatre("bv-bundle", ("lab-scrub-bv",), ("bv-numbers",), ("truth", "points", "noise"), "The fits of many training sets"),
        "training": Theatre(
            "tn-field", ("tn-epoch", "tn-member"), ("tn-readouts",), ("axis", "data", "penalty"), "What the network says", square=True
        ),
        "dropout": Theatre("do-network", ("do-p", "do-batch"), ("do-numbers",), ("masks", "unit")),
        "batch_norm": Theatre("bn-rates", ("bn-at_rate",), ("bn-rate-readouts",), ("data", "rule")),
        "flat_and_sharp_minima": Theatre("fs-scatter", ("fs-level", "fs-member"), ("fs-readouts",), ("measure",), "Sharpness and gap"),
        "right_mix": Theatre("rm-map-lam_p", ("rm-lam", "rm-p"), ("rm-notes-lam_p",), ("data", "penalty"), "Penalty and dropout together"),
    }
)
"""Page -> its first screen. Pages that are read, not dragged, keep their own order."""
MAIN: Mapping[str, tuple[str, ...]] = MappingProxyType({"claims_on_trial": ("topic", "verdict"), "cheat_sheet": ("model", "optimizer")})
"""Page without a theatre -> the controls that are shown while it is presented."""


def knobs(page: str) -> tuple[str, ...]:
    """Return the names of a page's main controls."""
    return THEATRES[page].knobs if page in THEATRES else MAIN.get(page, ())


def raise_curtain(page: str, lessons: DeltaGenerator) -> None:
    """Make the places of a page that is presented; the way to questions and story is shown in ``lessons``."""
    places: dict[str, Any] = {"lessons": lessons, "question": st.container(key="lab-theatre-question")}
    st.session_state[_RUN] = places
    if (theatre := THEATRES.get(page)) is None:
        places["side"] = st.container(key="lab-theatre-side", horizontal=True)
        return
    with st.container(key="lab-theatre"):
        with st.container(key="lab-scrub-theatre"):
            columns = st.columns(len(theatre.scrubs), gap="small")
            places |= dict(zip(theatre.scrubs, columns, strict=True))
        left, right = st.columns([1, 1] if theatre.square else [8, 5], gap="medium")
        places[theatre.chart] = left
        with right:
            numbers, side, presets = (st.container(key=f"lab-theatre-{name}") for name in ("numbers", "side", "presets"))
            places |= dict.fromkeys(theatre.readouts, numbers)
            places |= {"side": side, "presets": presets}


def lower_curtain() -> None:
    """Forget the places: the next page is not presented."""
    st.session_state.pop(_RUN, None)


def place(key: str) -> AbstractContextManager[Any]:
    """Return where what has this key is shown: its place on the first screen while a page is presented, else where the page shows it."""
    places = st.session_state.get(_RUN) or {}
    return places.get(key) or nullcontext()


def widgets() -> AbstractContextManager[Any]:
    """Return where controls are shown: beside the main chart while a page is presented, else where the page shows them."""
    return place("side")


def headless(page: str, heading: str) -> bool:
    """Return whether a heading of a page is left out, since its chart stands elsewhere."""
    return bool(st.session_state.get(_RUN)) and page in THEATRES and THEATRES[page].heading == heading
