"""A surface that is typed: the box for its formula, the LaTeX that follows while one types, what is wrong and where, examples, and the window.

The box is a fragment of its own: while one types nothing else runs, and the charts stay at the last formula that could be drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import streamlit as st

from core.errors import InvalidInput
from core.knobs import Spec, Value
from core.specs.ground import OWN
from core.surfaces.formula import LENGTH
from core.surfaces.typed import typed
from ui import plot, stage, theatre
from ui.controls import Panel

Example = Mapping[str, Value]
_AROUND = 18  # characters shown on each side of what is wrong
_HINT = "Powers are w1**2, products 2*w1. Enter draws it; so does a short rest."

EXAMPLES: Mapping[str, Example] = MappingProxyType(
    {
        "Rosenbrock, typed": {"formula": "(1 - w1)**2 + 100*(w2 - w1**2)**2", "middle1": 0.0, "middle2": 1.0, "half": 2.0},
        "A hole, by log": {"formula": "w1**2 + w2**2 - log(2 - w1 - w2)", "middle1": 0.0, "middle2": 0.0, "half": 3.0},
        "A kink, by maximum": {"formula": "maximum(w1**2 + w2**2/4, 2 - w1 - w2)", "middle1": 0.0, "middle2": 0.0, "half": 3.0},
        "An egg box": {"formula": "sin(2*w1)**2 + sin(2*w2)**2 + (w1**2 + w2**2)/20", "middle1": 1.0, "middle2": 1.0, "half": 4.0},
    }
)
"""What teaches the syntax by example: title -> settings."""
QUADRATICS: Mapping[str, Example] = MappingProxyType(
    {
        "A tilted bowl": {"formula": "(w1 - 6)**2/2 + (w1 - 6)*(w2 + 4) + 2*(w2 + 4)**2"},
        "Least squares": {"formula": "((w1 + w2 - 3)**2 + (2*w1 - w2 - 6)**2)/4"},
        "A ravine": {"formula": "0.05*(w1 - 7)**2 + 5*(w2 - 2)**2"},
    }
)


def editor(panel: Panel[Any], spec: Spec, examples: Mapping[str, Example] = EXAMPLES, window: Sequence[str] = ("middle1", "middle2", "half")) -> None:
    """Show what a typed surface is set by, where the surface is one.

    Parameters
    ----------
    panel:
        The controls of the page.
    spec:
        The settings that are drawn.
    examples:
        Title -> settings, a click away.
    window:
        The knobs of the window, where the lab has any.
    """
    if panel.given("surface") != OWN:
        return
    prefix = spec.prefix
    with theatre.widgets(), st.container(key=f"lab-formula-{prefix}", border=True, gap="small"):
        if not stage.hides("formula"):
            st.fragment(_Box(panel, spec).show)()
            with st.container(key=f"{prefix}-formula-examples", horizontal=True, gap="small"):
                for i, (title, settings) in enumerate(examples.items()):
                    st.button(
                        title,
                        key=f"{prefix}-formula-example-{i}",
                        help=f"Type it for me: {str(settings['formula']).replace('*', chr(92) + '*')}",
                        disabled=panel.locked("formula"),
                        on_click=panel.set,
                        kwargs=dict(settings),
                    )
        if window:
            for column, name in zip(st.columns(len(window), gap="small"), window, strict=True):
                with column:
                    panel.widget(name)
    panel.say("formula", str(panel.given("formula")))


class _Box:
    """The box of one page: what is typed, and whether it can be drawn."""

    def __init__(self, panel: Panel[Any], spec: Spec) -> None:
        self._panel, self._spec = panel, spec
        self._key = f"{spec.prefix}-formula"
        self._address = spec.url_key("formula")

    def show(self) -> None:
        """Show the box and what it says of its text; on a commit, have the page follow."""
        if st.session_state.pop(f"{self._key}-meant", False):
            st.rerun()
        drawn = str(st.session_state.get(self._address, self._panel.given("formula")))
        # What has been typed is forgotten once something else has set the formula: an undo, a preset, an example.
        draft, of = st.session_state.get(f"{self._key}-draft", (drawn, drawn))
        text = draft if of == drawn else drawn
        error = self._wrong(text)
        plot.formula(
            text,
            st.session_state.get(f"{self._key}-count", 0),
            error,
            key=self._key,
            label="Your formula L(w1, w2)",
            hint=_HINT,
            longest=2 * LENGTH,
            locked=self._panel.locked("formula"),
            on_typed=self._typed,
            on_commit=self._commit,
        )
        st.latex(f"L(w) = {_latex(text) or _latex(drawn)}")

    def _typed(self, text: str, count: int) -> None:
        st.session_state[f"{self._key}-count"] = count
        drawn = str(st.session_state.get(self._address, self._panel.given("formula")))
        st.session_state[f"{self._key}-draft"] = (text, drawn)

    def _commit(self, text: str, count: int) -> None:
        self._typed(text, count)
        if self._panel.locked("formula") or self._wrong(text) is not None:
            return
        formula = typed(text).formula
        st.session_state[f"{self._key}-draft"] = (text, formula)
        if formula != st.session_state.get(self._address):
            self._panel.set(formula=formula)
            st.session_state[f"{self._key}-meant"] = True

    def _wrong(self, text: str) -> dict[str, str] | None:
        """Return what is wrong with a text, in parts, and where; None where it can be drawn."""
        try:
            typed(text)
            if self._spec.surface == OWN:  # type: ignore[attr-defined]  # of every lab that has a formula
                self._spec.replace(formula=text)
        except InvalidInput as error:
            what = error.what.removeprefix("formula has ")
            found = {"what": f"{what[:1].upper()}{what[1:]}.", "remedy": error.remedy, "allowed": f"Allowed: {error.allowed}."}
            found["kept"] = "The charts stay at the last formula that could be drawn."
            return found | (_around(text, *error.place) if error.place is not None else {})
        return None


def _around(text: str, at: int, length: int) -> dict[str, str]:
    """Return what is wrong in a text, and what stands around it, on one line."""
    flat = "".join(" " if each.isspace() else each if each.isprintable() else "\ufffd" for each in text)
    first, last = max(0, at - _AROUND), at + min(length, 2 * _AROUND)
    before = ("…" if first else "") + flat[first:at]
    after = flat[last : last + _AROUND] + ("…" if len(flat) > last + _AROUND else "")
    return {"before": before, "marked": flat[at:last] or " ", "after": after}


def _latex(text: str) -> str:
    try:
        return typed(text).latex
    except InvalidInput:
        return ""
