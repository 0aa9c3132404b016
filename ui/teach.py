"""Teach with this page: a link is composed from the page as it stands, by choosing what is on the screen, what is locked, and what it opens with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import streamlit as st

from core.knobs import Spec
from core.lessons import STORIES, questions
from core.stage import Stage
from ui import stage
from ui.links import lesson

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

_NOTHING = "as it stands"
_OPEN = "lab-teach-open"


@dataclass(frozen=True)
class _Chosen:
    """What a teacher has chosen: how the page is shown, and the question or step that it opens with; 0 is none."""

    stage: Stage
    question: int = 0
    step: int = 0


def desk(page: str) -> DeltaGenerator | None:
    """Make the place of the panel above a page, where it is open; None where it is closed."""
    return st.container(key="lab-teach", border=True) if st.session_state.get(_OPEN) == page else None


def offer(page: str, desk: DeltaGenerator | None) -> None:
    """Show the button that opens the panel, on every page with controls, and the panel itself at its place.

    Parameters
    ----------
    page:
        The page's file name.
    desk:
        What `desk` returned before the page ran; nothing of the panel is made while it is closed.
    """
    spec = stage.spec()
    if spec is None:
        return
    st.button(
        "Close the teacher's panel" if desk is not None else "Teach with this page",
        key=f"{spec.prefix}-teach",
        icon=":material/school:",
        on_click=_turn,
        args=("" if desk is not None else page,),
    )
    if desk is not None:
        with desk:
            _panel(spec, page)


def _turn(page: str) -> None:
    st.session_state[_OPEN] = page


def _panel(spec: Spec, page: str) -> None:
    st.markdown("**Compose a link for your class.** It opens this page with all its settings as they stand now, and")
    left, right = st.columns(2, gap="medium")
    with left:
        chosen = _choose(spec, page)
    address = urljoin(str(st.context.url or ""), lesson(spec, chosen.stage, question=chosen.question, step=chosen.step))
    with right:
        st.markdown("The link" if st.context.url else "The link, relative to the lab's address")
        st.code(address, language=None, wrap_lines=True)
        with st.container(key=f"{spec.prefix}-teach-go", horizontal=True, gap="small"):
            st.link_button("Open in a new tab", address, icon=":material/open_in_new:")
            st.button("Show it here", key=f"{spec.prefix}-teach-here", icon=":material/preview:", on_click=_open, args=(spec, page, chosen))
            if stage.now() != Stage():
                st.button("All controls again", key=f"{spec.prefix}-teach-all", icon=":material/restart_alt:", on_click=_all, args=(spec,))
        st.markdown(
            ":small[Everything else on the page is kept. Hiding and locking help attention and are no security: who edits the address has every "
            "control again.]"
        )


def _choose(spec: Spec, page: str) -> _Chosen:
    """Show what can be chosen, beginning with how the page is shown now; return what is."""
    prefix, now = spec.prefix, stage.now()
    names = list(spec.knobs())
    labels = labels_of(type(spec))
    shown = names if now.shown == "all" else list(now.shown)
    chosen = st.multiselect(
        "shows these controls",
        names,
        shown,
        format_func=labels.__getitem__,
        key=f"{prefix}-teach-show",
        placeholder="none: the charts alone",
        wrap=True,
    )
    locked = st.multiselect(
        "locks these", names, list(now.locked), format_func=labels.__getitem__, key=f"{prefix}-teach-lock", placeholder="none", wrap=True
    )
    opens = _openings(page)
    opening = st.selectbox("opens", list(opens), key=f"{prefix}-teach-opens", help="A step of the story brings its own settings.")
    present = st.toggle("in large type, for the back of a room", now.present, key=f"{prefix}-teach-present")
    question, step = opens[opening]
    ordered = tuple(name for name in names if name in chosen)
    return _Chosen(Stage(present, "all" if len(ordered) == len(names) else ordered, tuple(name for name in names if name in locked)), question, step)


def labels_of(spec_type: type[Spec]) -> dict[str, str]:
    """Return the name of each control: its label, with the knob's own name where several have that label."""
    labels = {name: knob.label for name, knob in spec_type.knobs().items()}
    said: Sequence[str] = list(labels.values())
    return {name: f"{label} ({name})" if said.count(label) > 1 else label for name, label in labels.items()}


def _openings(page: str) -> dict[str, tuple[int, int]]:
    """Return what a page can open with, in words -> the number of the question, and that of the step."""
    opens = {_NOTHING: (0, 0)}
    if page in STORIES:
        opens |= {f"question {i}": (i, 0) for i in range(1, len(questions(page)) + 1)}
        opens |= {f"step {i} of the story: {step.title}": (0, i) for i, step in enumerate(STORIES[page], 1)}
    return opens


def _all(spec: Spec) -> None:
    """Show everything again, here and in the panel."""
    stage.put(Stage())
    for name in ("show", "lock", "present"):
        st.session_state.pop(f"{spec.prefix}-teach-{name}", None)


def _open(spec: Spec, page: str, chosen: _Chosen) -> None:
    """Show here what the link opens."""
    stage.put(chosen.stage)
    if page not in STORIES:
        return
    st.session_state[f"{spec.prefix}q_on"] = str(chosen.question or "")
    st.session_state[f"{spec.prefix}s_step"] = str(chosen.step or "")
    if chosen.step:
        for name in spec.knobs():
            st.session_state[spec.url_key(name)] = getattr(STORIES[page][chosen.step - 1].spec, name)
