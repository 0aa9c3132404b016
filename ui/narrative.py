"""The prose of a page: sections of assets/narrative/<page>.md, each under its own second-level heading."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import streamlit as st

from core.surfaces import Surface
from ui import offline, stage, theatre

_FOLDER = Path(__file__).resolve().parent.parent / "assets" / "narrative"


@cache
def sections(page: str) -> dict[str, str]:
    """Return heading -> text of a page's narrative, in order; text before the first heading stands under ``""``."""
    parts = re.split(r"^## +(.+)$", (_FOLDER / f"{page}.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {"": parts[0].strip()} | {title.strip(): body.strip() for title, body in zip(parts[1::2], parts[2::2], strict=True)}


def show(page: str, section: str = "") -> None:
    """Write one section under its heading; colours of the law are written as ``<span class="law-l1">``, hence HTML. The text is our own."""
    if theatre.headless(page, section):
        return
    if section:
        st.header(section, anchor=False)
    body = sections(page)[section]
    offline.prose(section, body)
    if body and not stage.now().present:
        st.markdown(body, unsafe_allow_html=True)


def heading(text: str) -> None:
    """Write a heading that is computed, over what has no text of its own."""
    st.header(text, anchor=False)
    offline.prose(text, "")


def rest(page: str, *shown: str) -> None:
    """Write every section with a text of its own but those ``shown`` already, each folded under its heading; those without are headings of charts."""
    if stage.now().present:
        return
    for title, body in sections(page).items():
        if title and body and title not in shown:
            with st.expander(title):
                st.markdown(body, unsafe_allow_html=True)


def formula(surface: Surface) -> None:
    """Write a surface's formula and where it comes from, folded."""
    with st.expander("The surface: its formula and its source"):
        st.latex(f"L(w) = {surface.latex}")
        st.markdown(surface.source)
