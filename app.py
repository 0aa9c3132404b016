"""The lab's entry: `streamlit run app.py`, or any ASGI server with `app:app`."""

from __future__ import annotations

import sys
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

ROOT = Path(__file__).resolve().parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from core.errors import InvalidInput  # noqa: E402 - needs the root on the path
from ui import serving  # noqa: E402
from ui.headers import Framing, frame_ancestors  # noqa: E402
from ui.links import Links  # noqa: E402

try:
    framing = Middleware(Framing, frame_ancestors())
except InvalidInput as refusal:
    # A server that nobody may frame, or anybody, is not what was asked for: it does not start.
    sys.exit(str(refusal))

app = st.App(ROOT / "ui" / "router.py", routes=serving.routes(), lifespan=serving.lifespan, middleware=[framing, Middleware(Links)])
