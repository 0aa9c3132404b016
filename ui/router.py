"""The Streamlit script: the look of all pages, the way between them, and the net below them."""

from __future__ import annotations

import gc
import sys
from pathlib import Path
from typing import Literal

import streamlit as st

ROOT = Path(__file__).resolve().parent.parent
# Streamlit puts this script's own folder first on the path for each run, where a module of ours could shadow one of the standard library's, and takes
# it away again, unless it stands there already: app.py has put it last. Here is what AppTest does, which never loads app.py.
if sys.path[:1] == [str(ROOT / "ui")]:
    del sys.path[0]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from ui import lanes, shell  # noqa: E402 - needs the root on the path


@st.cache_resource
def _settle_memory() -> None:
    """Keep what is loaded for good out of every later garbage collection, and let a script's messages leave while it still runs."""
    gc.collect()
    gc.freeze()
    # The server's loop waits for the script's thread this long each time it has something to send; 5 ms by default, several times a run.
    sys.setswitchinterval(0.0005)


with lanes.drawing():
    # In a frame of another site the charts have the room; the settings are one click away.
    sidebar: Literal["auto", "collapsed"] = "collapsed" if st.context.is_embedded else "auto"
    st.set_page_config(page_title="Regularization Lab", page_icon=str(ROOT / "assets" / "icon.svg"), layout="wide", initial_sidebar_state=sidebar)
    shell.run(st.navigation(shell.pages(), position="sidebar", expanded=True))
_settle_memory()
