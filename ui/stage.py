"""How the page that runs is shown: what its address says of it, kept for the session, and what follows for its controls.

``lab_view`` holds for all pages of a session; ``lab_show`` and ``lab_lock`` name knobs of one page and are forgotten on another. All three
live in the session under these names, so whatever sets them there before a page's controls are made is obeyed.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import streamlit as st

from core.knobs import Spec
from core.stage import KEYS, LOCK, PRESENT, SHOW, VIEW, Shown, Stage, read
from ui import quick, theatre

LOCKED = "Locked by your teacher."
_RUN, _LAST, _NOTICE, _TOLD = "lab-stage-run", "lab-stage-last", "lab-stage-notice", "lab-stage-told"


@dataclass
class _Run:
    """The stage of a run, and which controls of it are shown: while presenting only a lab's main ones, unless the address names others."""

    page: str
    stage: Stage = field(default_factory=Stage)
    widgets: Shown = "all"
    spec: Spec | None = None


def begin(page: str) -> bool:
    """Take what the address says before a page runs; return whether it is presented.

    Parameters
    ----------
    page:
        The page's file name.
    """
    last: tuple[str, dict[str, str]] | None = st.session_state.get(_LAST)
    for key in KEYS:
        now = st.session_state.get(key)
        # A session that is new, or on another page, has the link's word; what was set meanwhile, and what holds everywhere, outlives the change.
        if last is None or last[0] != page:
            if key in st.query_params:
                texts = st.query_params.get_all(key)
                now = texts[0] if len(texts) == 1 else ""
            elif last is not None and (now is None or now == last[1][key]):
                now = last[1][key] if key == VIEW else ""
        elif now is None:
            now = last[1][key]
        if st.session_state.get(key) != (now or ""):
            st.session_state[key] = now or ""
    view, _ = read({VIEW: st.session_state[VIEW]}, ())
    st.session_state[_RUN] = _Run(page, Stage(present=view.present))
    return view.present


def take(spec_type: type[Spec]) -> Stage:
    """Return the stage of a lab, once its controls are known; names that it does not know are noted for the reader and left out."""
    run = _run()
    said = {key: str(st.session_state.get(key, "")) for key in KEYS}
    run.stage, remarks = read(said, tuple(spec_type.knobs()))
    if remarks:
        # A box that is new has the link's text until the run after: that is told once.
        if st.session_state.get(_TOLD) != said:
            st.session_state[_NOTICE] = (remarks, None)
        st.session_state[_TOLD] = said
        for key in KEYS:
            st.session_state[key] = run.stage.keys().get(key, "")
    run.widgets = run.stage.shown
    if run.stage.present and run.widgets == "all":
        run.widgets = theatre.knobs(run.page) or "all"
    if hidden := [name for name in spec_type.knobs() if hides(name)]:
        places = _places(spec_type, hidden)
        # A column of nothing else goes with it.
        places += [f'[data-testid="stColumn"]:has(> [data-testid="stVerticalBlock"] > {place}:only-child)' for place in places]
        st.html(f"<style>{','.join(places)}{{display:none}}</style>")
    return run.stage


def notice(spec: Spec) -> None:
    """Show what a link got wrong about the stage, until the reader changes something."""
    _run().spec = spec
    remarks, seen = st.session_state.get(_NOTICE, ((), None))
    if not remarks or seen not in (None, spec):
        st.session_state.pop(_NOTICE, None)
        return
    st.session_state[_NOTICE] = (remarks, spec)
    quick.hold()
    st.warning(f"This link asks for a view that this page does not have: {'; '.join(remarks)}. That part of it is left out.")


def now() -> Stage:
    """Return the stage of the page that runs."""
    return _run().stage


def spec() -> Spec | None:
    """Return the settings of the lab that runs; None on other pages."""
    return _run().spec


def hides(name: str) -> bool:
    """Return whether the widget of a knob is not shown."""
    return not Stage(shown=_run().widgets).shows(name)


def finish() -> None:
    """Render what only the address needs, after the page."""
    run = _run()
    if run.spec is None:
        # No lab has looked at it, and what is no view stays in no address.
        st.session_state[VIEW] = PRESENT if run.stage.present else ""
    st.session_state[_LAST] = (run.page, {key: str(st.session_state.get(key, "")) for key in KEYS})
    with st.container(key="lab-hidden-stage"):
        for key in KEYS:
            st.text_input(key, key=key, bind="query-params")


def turn(present: bool) -> None:
    """Begin or end presenting; for callbacks."""
    st.session_state[VIEW] = PRESENT if present else ""


def put(stage: Stage) -> None:
    """Show the page that runs in another way; for callbacks."""
    said = stage.keys()
    for key in (VIEW, SHOW, LOCK):
        st.session_state[key] = said.get(key, "")
    st.session_state.pop(_NOTICE, None)


def _run() -> _Run:
    run = st.session_state.get(_RUN)
    return run if isinstance(run, _Run) else _Run("")


def _places(spec_type: type[Spec], names: list[str]) -> list[str]:
    """Return CSS selectors of what shows these knobs: their widgets, and the boxes and buttons of those that a chart sets."""
    found = []
    for name in names:
        found += [f".st-key-{spec_type.url_key(name)}", f'[class*="st-key-{spec_type.prefix}-{name}-at-"]']
        if spec_type.knobs()[name].kind == "points":
            found.append(f".st-key-{spec_type.prefix}-{name}")
    return found
