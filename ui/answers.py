"""The box in which a question is answered: a slider or a few options, and a button."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from core.lessons import Asked


def box(asked: Asked, key: str, prefix: str, word: str, icon: str, act: Callable[..., None], *args: Any) -> None:  # noqa: ANN401 - the act's own
    """Show the box.

    Parameters
    ----------
    asked:
        The question.
    key:
        The session's key of the answer.
    prefix:
        The lab's.
    word, icon:
        The button's.
    act, args:
        What the button calls, and with what.
    """
    with st.container(key=f"{prefix}-q-answer", horizontal=True, gap="medium", vertical_alignment="bottom"):
        if asked.options:
            st.radio("Your answer", list(dict(asked.options)), index=None, format_func=asked.shown, horizontal=True, key=key)
        else:
            st.select_slider("Your answer", asked.values, asked.start, format_func=asked.shown, key=key)
        waiting = st.session_state.get(key) is None
        st.button(word, key=f"{prefix}-q-reveal", type="primary", icon=f":material/{icon}:", disabled=waiting, on_click=act, args=args)
