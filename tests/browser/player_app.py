"""The app around `player_page`, for any ASGI server: its page and the lab's own files."""

from pathlib import Path

import streamlit as st

from ui import serving

app = st.App(Path(__file__).with_name("player_page.py"), routes=serving.routes())
