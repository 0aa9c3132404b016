"""What a lab is taught with: questions to predict before one looks, and a guided story, both kept in the link.

Keys of their own stand beside the lab's: ``<prefix>q_on`` is the question that is open, ``<prefix>q_<k>`` an answer that has been revealed, and
``<prefix>s_step`` the step of a story that runs. Nothing of it is in the address of a lab where neither is open, and nothing is computed.
"""

from __future__ import annotations

from typing import Any, TypeVar

import streamlit as st

from core.datasets.uploads.limits import is_own
from core.errors import InvalidInput
from core.knobs import Spec
from core.lessons import STORIES, Answer, Asked, ask, questions
from core.lessons.question import MOST
from core.wording import cited
from ui import class_room, quick, theatre
from ui.answers import box
from ui.controls import Panel

S = TypeVar("S", bound=Spec)

_VERDICTS = {"right": (":material/check_circle:", "Right"), "near": (":material/near_me:", "Near"), "off": (":material/cancel:", "Not so")}


def panel(page: str, spec_type: type[S]) -> Panel[S]:
    """Return the controls of a lab; a link that names a step of its story, and no settings of its own, opens with that step's."""
    prefix = spec_type.prefix
    key = f"{prefix}s_step"
    fresh = key not in st.session_state
    step = _number(key, len(STORIES[page]), "a step of this story", prefix)
    if step and fresh and not any(name.startswith(f"{prefix}_") for name in st.query_params):
        spec = STORIES[page][step - 1].spec
        for name in spec_type.knobs():
            st.session_state[spec_type.url_key(name)] = getattr(spec, name)
    if step or _kept(f"{prefix}q_on", prefix) or f"{prefix}-q-notice" in st.session_state:
        quick.hold()
    return Panel(spec_type)


def show(page: str, panel: Panel[S], spec: S) -> bool:
    """Show the way to questions and story, and the question that is open; return whether either is: then the page leaves its introduction out."""
    prefix, count = spec.prefix, len(questions(page))
    for key in st.query_params:
        if key.startswith((f"{prefix}q_", f"{prefix}s_")) and key not in _keys(prefix, count):
            _wrong(prefix, f"`{cited(key)}` is no question or step of this lab")
    on, step = _number(f"{prefix}q_on", count, "a question of this lab", prefix), _kept(f"{prefix}s_step")
    for which in range(1, count + 1):
        _kept(f"{prefix}q_{which}", prefix)
    with theatre.place("lessons"), st.container(key=f"lab-lessons-{prefix}", horizontal=True, gap="small"):
        st.button(
            "Close the questions" if on else "Predict",
            key=f"{prefix}-predict",
            icon=":material/psychology_alt:",
            on_click=_set,
            args=(prefix, {"q_on": "" if on else "1"}),
        )
        st.button(
            "End the story" if step else "Story",
            key=f"{prefix}-story",
            icon=":material/auto_stories:",
            on_click=_turn,
            args=(page, panel, 0 if step else 1),
        )
    if on:
        with theatre.place("question"), st.container(key=f"lab-question-{prefix}", border=True):
            _question(page, panel, spec, on)
    _notice(prefix, spec)
    return bool(on or step)


def finish(page: str, panel: Panel[S], spec: S) -> None:
    """Show the step of a story that runs, at the foot of the screen, and what only the address needs."""
    prefix = spec.prefix
    if step := _number(f"{prefix}s_step", len(STORIES[page]), "a step of this story", prefix):
        with st.container(key=f"lab-story-{prefix}"):
            _step(page, panel, spec, step)
    # A box writes the address from its second run on, so it is there before its key is needed; and it stays, empty, or its key would stay there.
    wanted = bool(_kept(f"{prefix}q_on"))
    with st.container(key=f"lab-hidden-lessons-{prefix}"):
        for i, key in enumerate(_keys(prefix, len(questions(page)))):
            if i < 2 or wanted or key in st.session_state:
                st.text_input(key, key=key, bind="query-params")
    panel.finish(spec)


# ----------------------------------------------------------------------------------------------------------------- questions


def _question(page: str, panel: Panel[S], spec: S, on: int) -> None:
    """Show one question: its slider or options until it is answered, then the truth, the score and the reason."""
    prefix, count, asked = spec.prefix, len(questions(page)), ask(page, on, spec)
    class_room.settle(page, prefix, on, asked)
    answers = {which: found for which in range(1, count + 1) if (found := _answer(page, spec, which)) is not None}
    points = sum(each.score(answer).points for each, answer in answers.values())
    with st.container(key=f"{prefix}-q-head", horizontal=True, gap="small", vertical_alignment="center"):
        # A teacher asks, and is not scored.
        scored = "" if (there := class_room.here()) is not None and there.teaches else f" · {points} of {MOST * count} points"
        st.markdown(f"**Question {on} of {count}**{scored}", width="stretch")
        for word, to, icon in (("Question before", on - 1, "chevron_left"), ("Next question", on + 1, "chevron_right")):
            st.button(
                word,
                key=f"{prefix}-q-{'before' if to < on else 'next'}",
                icon=f":material/{icon}:",
                disabled=not 1 <= to <= count,
                on_click=_set,
                args=(prefix, {"q_on": str(to)}),
            )
    if asked is None and is_own(spec):
        st.markdown(
            "Questions are about the lab's own data: what they compute is kept for every visitor, and what comes of yours is for nobody else."
        )
        return
    if asked is None:
        st.markdown(
            "With these settings there is nothing to ask here: what it is about is not there, or has not been measured yet. Change the "
            "settings, or go on."
        )
        return
    st.markdown(asked.prompt)
    if of_class := class_room.question(page, panel, spec, on, asked):
        if of_class == "asked":
            _cover(prefix, on, asked)
        return
    if on in answers:
        _revealed(panel, spec, asked, answers[on][1], on)
        return
    if on in st.session_state.get(f"{prefix}-q-again", ()):
        st.markdown(":small[Asked again: the settings are others now than when it was answered.]")
    key = f"{prefix}-q-{on}-{asked.token}"
    box(asked, key, prefix, "Reveal", "visibility", _reveal, prefix, on, asked, key)
    _cover(prefix, on, asked)


def _cover(prefix: str, on: int, asked: Asked) -> None:
    """Cover the lab below a question that is not answered yet: its charts may say what is to be predicted. A button shows it all the same."""
    key = f"{prefix}-q-seen"
    which = (on, asked.token)
    if st.session_state.get(key) == which:
        return
    # The style hides what follows the place of this key.
    with st.container(key=f"lab-cover-{prefix}", horizontal=True, gap="small", vertical_alignment="center"):
        st.markdown(":small[The lab is covered until then: it may give the answer away.]", width="content")
        st.button("Show the lab", key=f"{prefix}-q-peek", icon=":material/layers_clear:", on_click=st.session_state.__setitem__, args=(key, which))


def _revealed(panel: Panel[S], spec: S, asked: Asked, answer: Answer, on: int) -> None:
    prefix, score = spec.prefix, asked.score(answer)
    icon, verdict = _VERDICTS[score.verdict]
    with st.container(key=f"{prefix}-q-result"):
        st.markdown(f"{icon} **{verdict}: {score.points} of {MOST} points.** You said {asked.shown(answer)}; it is **{asked.shown(asked.truth)}**.")
        st.markdown(asked.reason)
    with st.container(key=f"{prefix}-q-then", horizontal=True, gap="small"):
        if asked.show not in (None, spec):
            st.button("Show me", key=f"{prefix}-q-show", icon=":material/my_location:", on_click=panel.adopt, args=(asked.show,))
        st.button("Answer again", key=f"{prefix}-q-retry", icon=":material/replay:", on_click=_set, args=(prefix, {f"q_{on}": ""}))


def _reveal(prefix: str, which: int, asked: Asked, key: str) -> None:
    """Keep the answer where the slider stands."""
    if (answer := st.session_state.get(key)) is not None:
        _set(prefix, {f"q_{which}": asked.kept(answer)})
        st.session_state.setdefault(f"{prefix}-q-again", set()).discard(which)


def _answer(page: str, spec: S, which: int) -> tuple[Asked, Answer] | None:
    """Return a question that has been answered, with the answer; one that was given to other settings is taken back."""
    prefix = spec.prefix
    key = f"{prefix}q_{which}"
    text = _kept(key)
    if not text:
        return None
    asked = ask(page, which, spec)
    # An answer that was written by hand names no question: it is one to the settings that it was first met at.
    met = st.session_state.setdefault(f"{prefix}-q-met", {})
    try:
        answer = asked.read(text) if asked is not None and met.setdefault((which, text), asked.token) == asked.token else None
    except InvalidInput as refusal:
        _wrong(prefix, f"`{key} = {cited(text)}` is not {refusal.allowed}")
        answer = None
    else:
        if answer is None:
            st.session_state.setdefault(f"{prefix}-q-again", set()).add(which)
    if asked is None or answer is None:
        st.session_state[key] = ""
        return None
    st.session_state[key] = asked.kept(answer)
    return asked, answer


# --------------------------------------------------------------------------------------------------------------------- story


def _step(page: str, panel: Panel[S], spec: S, at: int) -> None:
    count, prefix, step = len(STORIES[page]), spec.prefix, STORIES[page][at - 1]
    with st.container(key=f"{prefix}-s-words"):
        st.markdown(f"**{step.title}** · step {at} of {count}")
        st.markdown(step.told)
    with st.container(key=f"{prefix}-s-moves", horizontal=True, gap="small"):
        turns: list[tuple[str, str, int, str, str]] = [
            ("Previous", "chevron_left", at - 1, "Alt+P", "before"),
            ("Next", "chevron_right", at + 1, "Alt+N", "next"),
        ]
        for word, icon, to, keys, name in turns:
            st.button(
                word,
                key=f"{prefix}-s-{name}",
                icon=f":material/{icon}:",
                shortcut=keys,
                disabled=not 1 <= to <= count,
                type="primary" if to > at else "secondary",
                on_click=_turn,
                args=(page, panel, to),
            )
        if spec != step.spec:
            st.button("This step's settings", key=f"{prefix}-s-back", icon=":material/undo:", on_click=_turn, args=(page, panel, at))
        st.button("End", key=f"{prefix}-s-end", icon=":material/close:", on_click=_turn, args=(page, panel, 0))


def _turn(page: str, panel: Panel[Any], to: int) -> None:
    """Go to a step of the story and its settings; 0 ends it and leaves the settings as they are."""
    _set(panel.spec_type.prefix, {"s_step": str(to) if to else ""})
    if to:
        panel.adopt(STORIES[page][to - 1].spec)


# ----------------------------------------------------------------------------------------------------------------------- link


def _keys(prefix: str, count: int) -> list[str]:
    return [f"{prefix}s_step", f"{prefix}q_on", *(f"{prefix}q_{which}" for which in range(1, count + 1))]


def _kept(key: str, prefix: str = "") -> str:
    """Return what the session holds under a key, or the link where the session is new; with a prefix, note one that is given twice."""
    if key not in st.session_state and key in st.query_params:
        texts = st.query_params.get_all(key)
        if len(texts) > 1 and prefix:
            _wrong(prefix, f"`{key}` is given {len(texts)} times")
        st.session_state[key] = texts[0] if len(texts) == 1 else ""
    return str(st.session_state.get(key, ""))


def _number(key: str, most: int, what: str, prefix: str) -> int:
    """Return the number from 1 to ``most`` that is kept under a key; 0 where there is none, and a note where it is no such number."""
    text = _kept(key, prefix)
    if not text:
        return 0
    if text.isascii() and text.isdigit() and len(text) <= 3 and 1 <= int(text) <= most:
        return int(text)
    _wrong(prefix, f"`{key} = {cited(text)}` is not {what}, 1 to {most}")
    st.session_state[key] = ""
    return 0


def _set(prefix: str, changes: dict[str, str]) -> None:
    """Change what the address keeps, from a callback."""
    for name, text in changes.items():
        st.session_state[f"{prefix}{name}"] = text
    st.session_state.pop(f"{prefix}-q-notice", None)


def _wrong(prefix: str, said: str) -> None:
    wrong, _ = st.session_state.get(f"{prefix}-q-notice", ([], None))
    st.session_state[f"{prefix}-q-notice"] = ([*wrong, said] if said not in wrong else wrong, None)


def _notice(prefix: str, spec: Spec) -> None:
    """Show what a link got wrong about questions and story, until something is changed."""
    key = f"{prefix}-q-notice"
    wrong, seen = st.session_state.get(key, ([], None))
    if not wrong or seen not in (None, spec):
        st.session_state.pop(key, None)
        return
    st.session_state[key] = (wrong, spec)
    st.warning(f"This link asks for what is not there: {'; '.join(wrong[:4])}. It is left out.")
