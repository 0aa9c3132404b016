"""Home: what the lab is for, and the way to each room."""

import streamlit as st

from ui import narrative, plot, shell

st.title("Regularization Lab")
narrative.show("home")
for room in shell.ROOMS:
    with st.container(border=True, key=f"room-{room.file}"):
        st.header(room.title, anchor=False)
        st.markdown(room.line)
        shell.link(room)
narrative.show("home", "How to get around")
narrative.show("home", "One convention everywhere")
plot.warm(key="home-warm")
