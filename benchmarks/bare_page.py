"""The peer of `benchmarks.interaction`: a bare Streamlit page with one slider and the same chart through `st.plotly_chart`."""

import sys
from pathlib import Path

import plotly.graph_objects as go
import streamlit as st

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from core.diamond_circle import DiamondCircle, solve
from core.figures.constraint_plane import constraint_plane, loss_contours
from core.specs import DiamondCircleSpec


def draw(result: DiamondCircle) -> go.Figure:
    """Return the plane with what Plotly would have to draw itself: the contours and the minimum."""
    minimum = {"type": "scatter", "x": result.problem.centre[:1], "y": result.problem.centre[1:], "mode": "markers"}
    return constraint_plane(result).graph().add_trace(loss_contours(result)).add_trace(minimum)


tilt = st.slider("Tilt", -90.0, 90.0, 30.0, 1.0)
# The same cached work as in the lab, so that what differs is the way to the screen.
figure = st.cache_resource(lambda tilt: draw(solve(DiamondCircleSpec(tilt=tilt))), show_spinner=False)(tilt)
st.plotly_chart(figure)
