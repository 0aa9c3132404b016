"""What boxes look at instead of a copy of the session is the same session."""

from streamlit.runtime.state.safe_session_state import SafeSessionState
from streamlit.runtime.state.session_state import SessionState
from streamlit.testing.v1 import AppTest

from ui import lighter

SCRIPT = """
import streamlit as st
from streamlit.runtime.state import get_session_state
from ui import lighter

st.session_state.setdefault("set", 3)
st.session_state["none"] = None
st.text_input("A box", key="box", value="x")
st.number_input("A number", key="number", value=None)
st.slider("No key", 0, 5)
state = get_session_state()
st.session_state["seen"] = {key: value for key, value in lighter._COPY(state).items() if key != "seen"}
view = lighter.View(state)
st.session_state["same"] = all(key in view and view[key] == value for key, value in st.session_state["seen"].items())
st.session_state["strange"] = [key in view for key in ("absent", "", 3)]
st.session_state["listed"] = set(view) >= set(st.session_state["seen"]) and len(view) == len(list(view))
"""


def test_the_view_says_of_every_key_what_the_copy_says():
    app = AppTest.from_string(SCRIPT).run()
    assert not app.exception
    assert {"set", "none", "box", "number"} <= set(app.session_state["seen"])
    assert app.session_state["same"]
    assert app.session_state["strange"] == [False, False, False]
    assert app.session_state["listed"]


def test_a_box_whose_value_is_none_in_the_session_stays_empty():
    lighter.lighten()
    app = AppTest.from_string("import streamlit as st\nst.session_state.setdefault('box', None)\nst.text_input('A box', 'given', key='box')").run()
    assert not app.exception
    assert app.text_input("box").value is None


def test_streamlit_still_has_what_is_replaced():
    assert callable(lighter._COPY)
    assert isinstance(SessionState.filtered_state, property)
    lighter.lighten()
    assert SafeSessionState.filtered_state.fget is lighter.View
