"""The right mix: which penalty goes with which dropout, which rate with which penalty, and four ways to search for it."""

import streamlit as st

from core.specs import RIGHT_MIX_PRESETS, RightMixSpec
from ui import lessons, narrative, plot, studies
from ui.compute.right_mix import lane_views, map_views, scrub, search_views

PAGE = "right_mix"

panel = lessons.panel(PAGE, RightMixSpec)
head, stage = st.container(), st.container()
with head:
    spec = panel.spec()


def keep(name: str, value: float) -> None:
    """Keep where a scrub stands."""
    panel.set(**{name: value})


def two_settings(kind: str, x: float, y: float, first: bool = False) -> None:
    """Draw a map of two settings, the loss along a row of it, and the best place of each row."""
    asked = spec.map(kind)
    views = map_views(studies.measured(asked, key=f"rm-{kind}", partial=True), asked)
    with st.container(key=f"lab-scrub-rm-{kind}"):
        views.scrubs(x, y, keep)
    left, right = st.columns(2, gap="medium")
    with left:
        plot.chart(views.map, key=f"rm-map-{kind}", first=first, on_pick=views.pick(keep))
    with right:
        plot.chart(views.row, key=f"rm-row-{kind}")
        plot.chart(views.optima, key=f"rm-optima-{kind}")
    plot.readouts(views.notes, key=f"rm-notes-{kind}")


with stage:
    with st.container():
        narrative.show(PAGE, "Penalty and dropout together")
        two_settings("lam_p", spec.lam, spec.p, first=True)
    with st.container():
        narrative.show(PAGE, "Rate and penalty together")
        two_settings("rate_lam", spec.rate, spec.lam2)
    with st.container():
        narrative.show(PAGE, "Four ways to search")
        asked = spec.search_study()
        searches = search_views(studies.measured(asked, key="rm-search", partial=True), asked)
        with st.container(key="lab-scrub-rm-n"):
            scrub(searches.axis, spec.n, keep)
        left, right = st.columns(2, gap="medium")
        with left:
            plot.chart(searches.best, key="rm-best")
        with right:
            plot.chart(searches.winners, key="rm-winners")
        plot.readouts(searches.notes, key="rm-search-notes")
    with st.container():
        narrative.show(PAGE, "Trial by trial")
        lane = lane_views(searches, spec.method, int(spec.search) - 1)
        with st.container(key="lab-scrub-rm-rank"):
            scrub(lane.axis, spec.rank + 1.0, lambda _, value: panel.set(rank=value - 1.0), whole=True)
        left, right = st.columns(2, gap="medium")
        with left:
            plot.chart(lane.losses, key="rm-trials", on_pick=lambda x, y: panel.set(rank=lane.nearest(x, y)))
            plot.readouts(lane.readouts, key="rm-trial")
            words, address = lane.link(spec.rank)
            st.link_button(words, address, icon=":material/open_in_new:")
            with st.expander("The ten best of this search, each a link to its networks"):
                st.markdown(lane.top)
        with right:
            plot.chart(lane.parallel, key="rm-parallel")
            narrative.show(PAGE, "Which settings matter")
            plot.chart(searches.importance, key="rm-importance")

with head:
    if not lessons.show(PAGE, panel, spec):
        narrative.show(PAGE)
    panel.presets(RIGHT_MIX_PRESETS)
    studies.everything("rm")
with st.sidebar:
    panel.widgets("data", *(("noise",) if spec.data in ("moons", "circles", "spiral") else ()), "draw", "epochs", "penalty", "rule", "units")
    panel.widgets("space", "budget", "searches", "method", "search")
    panel.reset_and_undo()

narrative.rest(PAGE)
lessons.finish(PAGE, panel, spec)
