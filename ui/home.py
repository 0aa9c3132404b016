"""The home page's map of the labs and its lesson plans."""

from __future__ import annotations

import streamlit as st

from core.figures.miniatures.labs import miniature
from core.plans import PLANS, Plan
from ui import shell
from ui.links import address

_ACROSS = 3


def rooms() -> None:
    """Show every room as a card with a small picture of what it computes, by groups; pictures come last, since the first visitor waits for them."""
    places = {}
    for group in shell.GROUPS:
        own = [room for room in shell.ROOMS if room.group == group]
        if not own:
            continue
        st.header(group, anchor=False)
        for start in range(0, len(own), _ACROSS):
            for column, room in zip(st.columns(_ACROSS, gap="medium"), own[start : start + _ACROSS], strict=False):
                with column, st.container(border=True, key=f"room-{room.file}", height="stretch"):
                    places[room.file] = st.empty()
                    st.subheader(room.title, anchor=False)
                    st.markdown(f"{room.line} :small[About {room.minutes} minutes.]")
                    shell.link(room)
    for file, place in places.items():
        if picture := miniature(file):
            place.markdown(picture, unsafe_allow_html=True)


def plans() -> None:
    """Show the lesson plans, each folded: a numbered list of links with minutes and what to do."""
    for plan in PLANS:
        with st.expander(f"{plan.minutes} minutes: {plan.title}"):
            st.markdown(f"{plan.audience}\n\n{_listed(plan)}")


def _listed(plan: Plan) -> str:
    return "\n".join(f"1. **[{stop.title}]({address(stop.spec)})**, {stop.minutes} minutes. {stop.task}" for stop in plan.stops)
