"""What a page that is presented has above it: its title, the way to other pages, the list of keys, and the way out."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import streamlit as st

from ui import plot, serving, stage

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

KEYS = "Alt+Shift+P"


@cache
def style() -> str:
    """Return the style of a page that is presented."""
    return serving.text("present.css")


def bar(title: str) -> tuple[DeltaGenerator, DeltaGenerator]:
    """Show the bar; return where the links to all pages go, and where the way to questions and story does."""
    with st.container(key="lab-bar", horizontal=True, gap="small", vertical_alignment="center"):
        st.title(title or "Regularization Lab", anchor=False, width="stretch")
        lessons = st.container(key="lab-bar-lessons", horizontal=True, width="content")
        links = st.popover("Pages", icon=":material/menu:", key="lab-pages")
        plot.stage_manager(key="lab-stage")
        st.button(
            "Leave",
            key="lab-leave",
            icon=":material/close_fullscreen:",
            shortcut=KEYS,
            on_click=stage.turn,
            args=(False,),
        )
    return links, lessons


def offer() -> None:
    """Show the button that presents the page."""
    st.button(
        "Present",
        key="lab-present",
        icon=":material/slideshow:",
        shortcut=KEYS,
        on_click=stage.turn,
        args=(True,),
        help="Large type, few controls and high contrast, for the back of a room.",
    )
