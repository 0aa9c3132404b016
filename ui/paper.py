"""A lab on paper: the button that prints it, and what stands on the sheet beside charts and prose. Layout is in assets/print.css."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.export.page_html import settings_html
from core.wire import pack
from ui import offline, plot


def offer() -> None:
    """Show the button that prints the page as it stands."""
    plot.mount(pack({"kind": "paper", "group": "lab-print"}), key="lab-print")


def sheet(head: DeltaGenerator) -> None:
    """Show what paper alone shows: the settings in words at the ``head`` of the page, and where it comes from at its foot.

    The browser fills in link and date when it prints.
    """
    known = offline.state()
    if known is not None and (settings := settings_html(known[1])):
        head.html(f'<div class="lab-paper">{settings}</div>')
    with st.container(key="lab-paper-foot"):
        st.html('<p class="lab-paper lab-foot">Regularization Lab, <span class="lab-date"></span>: <span class="lab-link"></span></p>')
