"""The class room's own page: the two doors, the teacher's board with code, link and picture, the student's seat."""

from __future__ import annotations

import ipaddress
from html import escape
from urllib.parse import urlsplit

import streamlit as st

from core.classroom import hub as rooms
from core.classroom.room import LENGTH
from core.errors import InvalidInput
from core.export import qr
from ui import class_room, narrative


def show(page: str) -> None:
    """Show the page as the visitor needs it.

    Parameters
    ----------
    page:
        Its name, for its words.
    """
    now = class_room.here()
    if now is None:
        _doors(page)
    elif now.key:
        narrative.show(page, "Your class room")
        _board(now)
    else:
        narrative.show(page, "You are in")


def _doors(page: str) -> None:
    one, other = st.columns(2, gap="large")
    with one:
        narrative.show(page, "Open a class room")
        if found := class_room.offered():
            st.button(f"Go on with {found[0]}", key="lab-class-go-on", type="primary", icon=":material/login:", on_click=class_room.take, args=found)
        st.button("Open a class room", key="lab-class-open", type="secondary" if found else "primary", icon=":material/co_present:", on_click=_open)
    with other:
        narrative.show(page, "Join a class")
        with st.form("lab-class-door", border=False, enter_to_submit=True):
            st.text_input("Code", key="lab-class-code", max_chars=20, placeholder="6 letters", help=f"{LENGTH} letters, on your teacher's screen.")
            st.form_submit_button("Join", icon=":material/login:", on_click=_join)


def _board(now: class_room.Here) -> None:
    link = f"{_root()}{class_room.PAGE}?{class_room.KEY}={now.code}"
    words, picture = st.columns([3, 2], gap="large", vertical_alignment="center")
    with words:
        st.html(f'<p class="lab-class-code" aria-label="The code is {" ".join(now.code)}">{escape(now.code)}</p>')
        st.code(link, language=None)
        if here_alone(link):
            st.markdown(
                ":material/warning: This address means *this machine*: other machines reach the lab only under the machine's name or number in your "
                "network. Open the lab under that, and the link and the picture change with it."
            )
        st.button("Close the class room", key="lab-class-close", icon=":material/meeting_room:", on_click=class_room.close)
    with picture:
        st.markdown(qr.picture(link, f"QR code of {link}"), unsafe_allow_html=True)


def here_alone(link: str) -> bool:
    """Return whether an address can be reached from this machine alone, or names no machine at all."""
    host = urlsplit(link).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host in ("", "localhost") or host.endswith(".localhost")


def _root() -> str:
    """Return the address of the app's root as the browser knows it, with a slash at its end; "" where nobody says."""
    url = st.context.url or ""
    return url.partition("?")[0].rstrip("/").removesuffix(class_room.PAGE).rstrip("/") + "/" if url else ""


def _open() -> None:
    try:
        class_room.take(*rooms.hub().open())
    except InvalidInput as refusal:
        class_room.say(str(refusal))


def _join() -> None:
    class_room.join(str(st.session_state.get("lab-class-code", "")))
