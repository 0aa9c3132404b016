"""The lab's entry: `streamlit run app.py`, or any ASGI server with `app:app`."""

from __future__ import annotations

import sys
from pathlib import Path

import streamlit as st

ROOT = Path(__file__).resolve().parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from ui import serving  # noqa: E402 - needs the root on the path

app = st.App(ROOT / "ui" / "router.py", routes=serving.routes(), lifespan=serving.lifespan)
