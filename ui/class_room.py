"""A visitor in a class room: every screen that follows shows what the teacher's shows, and answers questions for the class.

`attend` and `strip` stand at the beginning of each run of the script and `publish` at its end; `settle` and `question` are asked by the lessons. A
visitor in no room meets none of it. What stays between runs is `Here`; of it the address holds the code alone (``lab_room``),
which the browser keeps there (assets/plot/classroom.js).
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, NoReturn

import streamlit as st
from streamlit.runtime.scriptrunner import RerunData, RerunException, get_script_run_ctx

from core.classroom import hub as rooms
from core.classroom.room import Form, Place, Room, code_of, is_participant, lesson_keys, new_participant, place_of
from core.classroom.tally import tally
from core.errors import InvalidInput
from core.knobs import Spec
from core.lessons import Asked
from core.stage import LOCK, SHOW
from core.wire import pack
from ui import links, offline, plot
from ui.answers import box
from ui.controls import Panel

KEY = "lab_room"
PAGE = "class_room"
_STATE = "lab-class"
_FORGET, _OFFER, _SAID = "lab-class-forget", "lab-class-offer", "lab-class-said"
_SAID_SECONDS = 8.0
_SOON = 64  # milliseconds over which screens need not be spread
_PAGES = Path(__file__).resolve().parent.parent / "pages"


@dataclass
class Here:
    """What a visitor's session knows of the room that it is in.

    Attributes
    ----------
    code:
        The room's.
    key:
        The teacher's key; "" for a student.
    me:
        What tells this screen's answers from others'.
    following:
        Of a student, whether the screen follows; of the teacher, whether it is shown.
    moved:
        The room's count of moves that this screen has made; -1 for none.
    sent:
        (question, turn) -> what was sent; None for nothing.
    settled:
        Questions whose score has been taken up.
    resumed:
        Whether answers may have been sent before this session began.
    asked:
        What the page asks the class in this run.
    published:
        What the room was last told.
    note:
        What was refused.
    began:
        (s) Of a run that follows the teacher, its thread's time at the beginning; 0 for any other run.
    """

    code: str
    key: str = ""
    me: str = field(default_factory=new_participant)
    following: bool = True
    moved: int = -1
    sent: dict[tuple[str, int], str | None] = field(default_factory=dict)
    settled: set[tuple[str, int]] = field(default_factory=set)
    resumed: bool = False
    asked: Form = field(default_factory=Form)
    published: tuple[Place, Form] | None = None
    note: str = ""
    began: float = 0.0

    @property
    def teaches(self) -> bool:
        """Whether this screen is shown to the class."""
        return bool(self.key) and self.following


def here() -> Here | None:
    """Return where this session is; None where it is in no room."""
    found = st.session_state.get(_STATE)
    return found if isinstance(found, Here) else None


def room() -> Room | None:
    """Return the room that this session is in, as it is now; None for none, or where it cannot be reached."""
    now = here()
    try:
        return None if now is None else rooms.hub().look(now.code)
    except InvalidInput:
        return None


# ------------------------------------------------------------------------------------------------------------ coming and going


def join(text: str) -> None:
    """Enter a room by what somebody has typed or opened; say why where that is not possible."""
    st.session_state[KEY] = ""
    try:
        code = code_of(text)
        if rooms.hub().look(code) is None:
            raise InvalidInput(f"The class room {code}", "one that is open", "Look at the code again on your teacher's screen.")
    except InvalidInput as refusal:
        say(str(refusal))
    else:
        st.session_state[KEY] = code
        st.session_state[_STATE] = Here(code)


def take(code: str, key: str) -> None:
    """Enter a room as its teacher."""
    st.session_state[KEY] = code
    st.session_state[_STATE] = Here(code, key)
    st.session_state.pop(_OFFER, None)


def leave(said: str = "") -> None:
    """Leave the room; a browser that was its teacher's forgets the key where the room is no more."""
    now = here()
    if now is not None:
        st.session_state[_FORGET] = "" if now.key and room() is not None else now.code
    st.session_state[KEY] = ""
    st.session_state.pop(_STATE, None)
    for key in (SHOW, LOCK):
        if st.session_state.get(key):
            st.session_state[key] = ""
    if said:
        say(said)


def close() -> None:
    """Close the room that this session teaches."""
    now = here()
    if now is not None and now.key:
        with _told(now):
            rooms.hub().close(now.code, now.key)
        if not now.note:
            leave(f"The class room {now.code} is closed, and all that was answered in it is deleted.")


def say(text: str) -> None:
    """Have a sentence shown above the title for a while."""
    st.session_state[_SAID] = (text, time.monotonic())


def offered() -> tuple[str, str] | None:
    """Return the code and key of a room that this browser opened before and that is open still."""
    found = st.session_state.get(_OFFER)
    return found if isinstance(found, tuple) else None


# ----------------------------------------------------------------------------------------------------- around every run of a page


def attend(page: str) -> None:
    """Begin a run of a page: enter the room that a link names, and bring a screen that follows to where the teacher is.

    Parameters
    ----------
    page:
        The page that is about to run.
    """
    if KEY not in st.session_state and KEY in st.query_params:
        join(st.query_params.get_all(KEY)[-1])
    now = here()
    if now is None:
        return
    now.asked = Form()
    try:
        found = rooms.hub().look(now.code)
    except InvalidInput as refusal:
        now.note = str(refusal)
        return
    if found is None:
        leave(f"The class in {now.code} is over. The page stays as it is, and is yours.")
        return
    if now.key or not now.following or found.moved == now.moved or not found.place.page:
        return
    target = _PAGES / f"{found.place.page}.py"
    if not target.is_file():  # a release with other pages runs beside this one
        return
    now.began = time.thread_time()
    _adopt(found.place)
    if found.place.page != page:
        _go(target)
    now.moved = found.moved


def strip(page: str) -> None:
    """Say where this screen stands, with the way out; before the page, which may take its time."""
    if KEY in st.session_state or page == PAGE:
        _bar(here(), room())
    text, since = st.session_state.get(_SAID, ("", 0.0))
    # In the runs of some seconds: a browser asks for one of its own when a room is left.
    if text and time.monotonic() - since < _SAID_SECONDS:
        st.info(text)


def publish(page: str) -> None:
    """End a run of a page: have the class shown what a teacher's page shows."""
    now = here()
    if now is not None and now.began:
        rooms.hub().took(time.thread_time() - now.began)
        now.began = 0.0
    if now is None or not now.teaches or page == PAGE:
        return
    _publish(now, page)
    if now.note:
        st.warning(now.note)
        now.note = ""


def _bar(now: Here | None, found: Room | None) -> None:
    with st.container(key="lab-class-bar", horizontal=True, gap="small", vertical_alignment="center"):
        message: dict[str, Any] = {
            "kind": "class",
            "group": "lab-class",
            "code": "",
            "key": "",
            "me": "",
            "forget": st.session_state.pop(_FORGET, ""),
        }
        if now is not None:
            message |= {"code": now.code, "key": now.key, "me": now.me, "version": found.version if found is not None else 0}
            # In powers of two: the line is not sent anew for a little more or less.
            spread = 1 << round(1000.0 * rooms.hub().spread(now.code)).bit_length()
            message |= {"following": now.following, "spread": 0 if now.key or spread < _SOON else spread}
        plot.mount(pack(message), key="lab-class-line", on_moved_change=lambda: None, on_over_change=lambda: None, on_known_change=_known)
        if now is None:
            return
        if now.key:
            st.toggle(
                "Follow me",
                value=now.following,
                key=f"lab-class-shown-{now.code}",
                on_change=_turn,
                help="Every screen that follows shows this page.",
            )
            st.page_link(_PAGES / f"{PAGE}.py", label="Code and link", icon=":material/qr_code:")
        else:
            key = f"lab-class-follows-{now.code}"
            st.toggle(
                "Follow the teacher", value=now.following, key=key, on_change=_turn, help="Off: this screen is yours. On again: where the teacher is."
            )
            st.button("Leave the class", key="lab-class-leave", icon=":material/logout:", on_click=leave)
    if now.note:
        st.warning(now.note)
        now.note = ""


def _turn() -> None:
    """Follow, or follow no more; for the toggle."""
    now = here()
    if now is not None:
        now.following = not now.following
        now.moved, now.published = -1, None


def _known() -> None:
    """Take up what the browser remembers after a reload: the teacher's key, or the number that its answers were sent under."""
    payload, now = st.session_state["lab-class-line"].known, here()
    if not isinstance(payload, Mapping):
        return
    code, key, me = (payload.get(name) for name in ("code", "key", "me"))
    if isinstance(code, str) and isinstance(key, str):
        try:
            if code_of(code) != code or not rooms.hub().is_teacher(code, key):
                st.session_state[_FORGET] = code[:20]
            elif now is not None and now.code == code:
                take(code, key)
            elif now is None:
                st.session_state[_OFFER] = (code, key)
        except InvalidInput:
            return
    elif now is not None and code == now.code and isinstance(me, str) and is_participant(me):
        now.me, now.resumed = me, True
        now.sent.clear()


def _go(target: Path) -> NoReturn:
    """Run another page in this session, as a click on its link does.

    Streamlit's own `st.switch_page` empties the address first, which it refuses to do where a box that is on every page is bound to it. It has no
    public word for this; a test of this pinned version sees that it does what it should.
    """
    context = get_script_run_ctx()
    if context is None:
        raise InvalidInput("A page without a session", "one that a browser has opened", "Open the lab in a browser.")
    page = next(each for each in context.pages_manager.get_pages().values() if each["script_path"] == str(target))
    raise RerunException(
        RerunData(
            query_string=context.query_string,
            page_script_hash=page["page_script_hash"],
            cached_message_hashes=context.cached_message_hashes,
            context_info=context.context_info,
        )
    )


def _adopt(place: Place) -> None:
    """Put a place into the session, as widgets will find it."""
    kind = place.spec_type
    if kind is not None:
        for name, value in place.values().items():
            st.session_state[kind.url_key(name)] = value
        for key, text in place.lesson().items():
            if text or key in st.session_state:
                st.session_state[key] = text
    for key, text in ((SHOW, place.show), (LOCK, place.lock)):
        if text or key in st.session_state:
            st.session_state[key] = text


def _publish(now: Here, page: str) -> None:
    """Have the class shown what this page shows, where that has changed."""
    spec = offline.spec()
    lesson = {key: str(st.session_state.get(key, "")) for key in lesson_keys(type(spec))} if spec is not None else {}
    with _told(now):
        show, lock = (str(st.session_state.get(key, "")) for key in (SHOW, LOCK))
        what = place_of(page, links.query_of(spec) if spec is not None else "", lesson, show, lock), now.asked
        if what != now.published:
            rooms.hub().publish(now.code, now.key, *what)
            now.published = what


@contextmanager
def _told(now: Here) -> Iterator[None]:
    """Take a refusal down for the strip."""
    try:
        yield
    except InvalidInput as refusal:
        now.note = str(refusal)


# ------------------------------------------------------------------------------------------------------------------ questions


def form_of(page: str, on: int, asked: Asked) -> Form:
    """Return a question as the room knows it."""
    return Form(f"{page}.{on}.{asked.token}", asked.values, asked.options, asked.unit, asked.scale == "log")


def settle(page: str, prefix: str, on: int, asked: Asked | None) -> None:
    """Bring a student's answer to where answers are scored once the class has been told; before that, an earlier one is set aside.

    Parameters
    ----------
    page, prefix:
        The lab.
    on:
        The question's number.
    asked:
        The question.
    """
    now, found = here(), room()
    if now is None or asked is None or now.key or not now.following or found is None or not found.asks(form_of(page, on, asked).name):
        return
    which, key = (found.form.name, found.turn), f"{prefix}q_{on}"
    if not found.revealed:
        if st.session_state.get(key) and which not in now.settled:
            st.session_state[key] = ""
        return
    text = _sent(now, found)
    if text is not None and which not in now.settled:
        now.settled.add(which)
        answer = found.form.read(text)
        if answer is not None:
            st.session_state[key] = asked.kept(answer)


def question(page: str, panel: Panel[Any], spec: Spec, on: int, asked: Asked) -> Literal["", "asked", "told"]:
    """Show what there is below a question's prompt in a class room; return how the class stands with it; "": no class, alone.

    Parameters
    ----------
    page, panel, spec:
        The lab and its settings.
    on:
        The question's number.
    asked:
        The question.
    """
    now, found = here(), room()
    if now is None or found is None:
        return ""
    form = form_of(page, on, asked)
    if now.teaches:
        now.asked = form
        # What this run is about to publish is asked from its first moment on.
        shown = found if found.asks(form.name) else replace(found, form=form, turn=0, revealed=False)
        _teach(panel, spec, asked, now, shown)
        return "told" if shown.revealed else "asked"
    if now.key or not now.following or not found.asks(form.name):
        return ""
    if not found.revealed:
        _predict(spec.prefix, asked, now, found)
        return "asked"
    if _sent(now, found) is not None:
        return ""
    _truth(spec, asked, "The class has been told")
    _show_me(panel, spec, asked)
    return "told"


def _teach(panel: Panel[Any], spec: Spec, asked: Asked, now: Here, found: Room) -> None:
    """Show the teacher what the class answers, and the way to reveal the truth."""
    form, prefix = found.form, spec.prefix
    truth: dict[str, Any] | None = None
    if found.revealed:
        truth = {"label": asked.shown(asked.truth)} | ({} if isinstance(asked.truth, str) else {"value": asked.truth})
    ends = (form.values[0], form.values[-1]) if form.values else (0.0, 1.0)
    message = {
        "kind": "tally",
        "group": f"{prefix}-tally",
        "code": now.code,
        "key": now.key,
        "question": form.name,
        "turn": found.turn,
        "empty": asdict(tally(form, ())),
        "options": bool(form.options),
        "low": ends[0],
        "high": ends[1],
        "logarithmic": form.logarithmic,
        "unit": form.unit,
        "truth": truth,
    }
    plot.mount(pack(message), key=f"{prefix}-tally")
    if found.revealed:
        _truth(spec, asked, "Revealed to the class")
    with st.container(key=f"{prefix}-q-class", horizontal=True, gap="small"):
        if found.revealed:
            _show_me(panel, spec, asked)
            st.button(
                "Ask again", key=f"{prefix}-q-anew", icon=":material/replay:", on_click=_again, help="Deletes the answers and asks the class anew."
            )
        else:
            st.button("Reveal to the class", key=f"{prefix}-q-tell", type="primary", icon=":material/visibility:", on_click=_reveal)


def _truth(spec: Spec, asked: Asked, lead: str) -> None:
    with st.container(key=f"{spec.prefix}-q-result"):
        st.markdown(f"{lead}: it is **{asked.shown(asked.truth)}**.")
        st.markdown(asked.reason)


def _show_me(panel: Panel[Any], spec: Spec, asked: Asked) -> None:
    if asked.show not in (None, spec):
        st.button("Show me", key=f"{spec.prefix}-q-show", icon=":material/my_location:", on_click=panel.adopt, args=(asked.show,))


def _predict(prefix: str, asked: Asked, now: Here, found: Room) -> None:
    """Show a student the box for an answer, and what has been sent."""
    key, text = f"{prefix}-class-{found.form.name}-{found.turn}", _sent(now, found)
    box(asked, key, prefix, "Send" if text is None else "Send again", "send", _send, found, key)
    answer = None if text is None else found.form.read(text)
    if answer is not None:
        st.markdown(
            f":material/check: Sent: **{asked.shown(answer)}**. It can be changed until your teacher reveals the answer; nobody sees whose it is."
        )
    else:
        st.markdown(":small[What you send appears on your teacher's screen as one point among many; nobody sees whose it is.]")


def _send(found: Room, key: str) -> None:
    now, answer = here(), st.session_state.get(key)
    if now is None or answer is None:
        return
    with _told(now):
        rooms.hub().answer(found, now.me, answer)
        now.sent[found.form.name, found.turn] = found.form.written(answer)


def _sent(now: Here, found: Room) -> str | None:
    """Return what this screen has sent for the room's question, in this session or before a reload."""
    which = (found.form.name, found.turn)
    if which not in now.sent and now.resumed:
        try:
            now.sent[which] = rooms.hub().store.answer_of(found.code, *which, now.me)
        except InvalidInput:
            return None
    return now.sent.get(which)


def _reveal() -> None:
    now = here()
    if now is not None:
        with _told(now):
            rooms.hub().reveal(now.code, now.key)


def _again() -> None:
    now = here()
    if now is not None:
        with _told(now):
            rooms.hub().again(now.code, now.key)
