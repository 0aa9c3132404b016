"""The lab's entry: `streamlit run app.py`, or any ASGI server with `app:app`."""

from __future__ import annotations

import sys
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

ROOT = Path(__file__).resolve().parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from ui import serving  # noqa: E402 - needs the root on the path
from ui.links import Links  # noqa: E402

app = st.App(ROOT / "ui" / "router.py", routes=serving.routes(), lifespan=serving.lifespan, middleware=[Middleware(Links)])
