"""Home: what the lab is for, the map of its rooms, and plans for lessons."""

import streamlit as st

from ui import home, narrative, plot

st.title("Regularization Lab")
narrative.show("home")
narrative.show("home", "Where to begin")
home.rooms()
narrative.show("home", "Lesson plans")
home.plans()
narrative.show("home", "How to get around")
narrative.show("home", "One convention everywhere")
plot.warm(key="home-warm")
