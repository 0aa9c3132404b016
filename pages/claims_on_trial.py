"""Claims on trial: what five courses say, each claim an experiment with its numbers and a verdict that follows from them."""

import streamlit as st

from core.claims.catalogue import CLAIMS
from core.claims.trial import Trial
from core.specs import ClaimsSpec
from ui import narrative, plot, studies
from ui.compute.claims import address_of, entry, listed, origin, ruling_views, rulings, summary, table_of
from ui.controls import Panel

PAGE = "claims_on_trial"

panel = Panel(ClaimsSpec)
head, stage = st.container(), st.container()
with head:
    spec = panel.spec()
draw = int(spec.draw) - 1
found = rulings(draw)
shown = listed(spec, found)
claim = CLAIMS[int(spec.claim)]

with stage:
    choice, detail = st.columns([2, 3], gap="large")
    with detail:
        st.header(claim.statement, anchor=False)
        st.markdown(f":small[{origin(claim)}]")
        trial = studies.measured(Trial(claim.number, draw), key="cl-trial")
        views = ruling_views(trial)
        st.markdown(f"**{views.verdict}**" + ("" if trial.draw == draw else " :small[With the shipped seeds.]"))
        plot.chart(views.chart, key="cl-chart", first=True)
        st.markdown(views.table)
        narrative.show(PAGE, "How it was tried")
        st.markdown(claim.test)
        narrative.show(PAGE, "Why")
        st.markdown(claim.why)
        st.link_button("See it in its lab, at these settings", address_of(claim), icon=":material/open_in_new:")
    with choice:
        st.markdown(summary(found))
        studies.queue([Trial(number, draw) for number in shown], key="cl-all", what="claims")
        with st.container(height=760, key="cl-list"):
            for number in shown:
                st.button(
                    entry(number, found[number]),
                    key=f"cl-open-{number}",
                    type="primary" if number == claim.number else "tertiary",
                    width="stretch",
                    on_click=panel.set,
                    kwargs={"claim": float(number)},
                )
            if not shown:
                st.info("No claim is left by these filters. Widen one of them.")
        st.download_button(
            "All numbers as CSV", table_of(found), "claims.csv", "text/csv", key="cl-csv", icon=":material/download:", on_click="ignore"
        )

with head:
    narrative.show(PAGE)
with st.sidebar:
    panel.widgets("source", "topic", "verdict", "draw")
    panel.reset_and_undo()

narrative.rest(PAGE, "How it was tried", "Why")
panel.finish(spec)
