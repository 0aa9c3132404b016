"""Cheat sheet: a guide that asks and answers, the regularisers side by side, and what a number is called elsewhere."""

import streamlit as st

from core.cheat_sheet.tables import EVERYTHING, L1_AND_DROPOUT, L1_AND_L2
from core.specs import CHEAT_SHEET_PRESETS, CheatSheetSpec
from ui import cheat_sheet, narrative
from ui.compute.cheat_sheet import ANSWERS, answer, follows, rate, translated, typed
from ui.controls import Panel
from ui.links import address
from ui.scripts import code

PAGE = "cheat_sheet"
CODE = "The code for these settings"

panel = Panel(CheatSheetSpec)
head, stage = st.container(), st.container()
with head:
    spec = panel.spec()
found = answer(spec)

with stage:
    narrative.show(PAGE, "What to use")
    left, right = st.columns(2, gap="medium")
    with left:
        leave = cheat_sheet.reasons("Leave out", found.advice.leave, named=True)
        st.html(cheat_sheet.reasons("Use", found.advice.use, named=True) + leave)
    with right:
        st.html(cheat_sheet.reasons("Look out for", found.advice.warnings, named=False))

    narrative.show(PAGE, "Where to begin")
    st.html(cheat_sheet.numbers(found.starts.numbers))
    st.markdown(found.starts.note)
    st.link_button("Open this in its lab", address(found.starts.shown), icon=":material/open_in_new:")

    code(found.starts.snippets, PAGE, CODE)

    narrative.show(PAGE, "Side by side")
    st.html(cheat_sheet.comparison(EVERYTHING))
    left, right = st.columns(2, gap="medium")
    with left:
        st.html(cheat_sheet.comparison(L1_AND_L2))
    with right:
        st.html(cheat_sheet.comparison(L1_AND_DROPOUT))

    narrative.show(PAGE, "The same number elsewhere")
    with st.container(key="cs-typed", horizontal=True, gap="small", vertical_alignment="bottom"):
        panel.widget("convention")
        for name, label in typed(spec):
            panel.widget(name, label)
        panel.widgets("rows", "batch")
    st.html(cheat_sheet.translations(translated(spec)))

    narrative.show(PAGE, "A dropout rate elsewhere")
    left, middle, _ = st.columns([1, 1, 2], gap="medium")
    with left:
        panel.widget("dropping")
    with middle:
        panel.widget("rate")
    st.html(cheat_sheet.rates(rate(spec)))
    st.markdown(follows(spec))

with head:
    narrative.show(PAGE)
    panel.presets(CHEAT_SHEET_PRESETS)
with st.sidebar:
    panel.widgets(*ANSWERS)
    panel.reset_and_undo()

narrative.rest(PAGE, CODE)
panel.finish(spec)
