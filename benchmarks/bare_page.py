"""The peer of `benchmarks.interaction`: a bare Streamlit page with one slider and the same chart through `st.plotly_chart`."""

import sys
from pathlib import Path

import streamlit as st

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from core.diamond_circle import solve
from core.figures.constraint_plane import constraint_plane
from core.specs import DiamondCircleSpec

tilt = st.slider("Tilt", -90.0, 90.0, 30.0, 1.0)
# The same cached work as in the lab, so that what differs is the way to the screen.
figure = st.cache_resource(lambda tilt: constraint_plane(solve(DiamondCircleSpec(tilt=tilt))).graph(), show_spinner=False)(tilt)
st.plotly_chart(figure)
