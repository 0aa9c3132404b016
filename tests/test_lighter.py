"""What Streamlit does with less is what it did."""

import asyncio
import socket
import threading
from asyncio import base_events

import pytest
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.runtime import Runtime
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


@pytest.fixture
def lightened(monkeypatch):
    """Have Streamlit do with less for one test; each name must be there before."""
    for owner, name in (
        (SafeSessionState, "filtered_state"),
        (AppSession, "_call_soon_on_event_loop"),
        (Runtime, "_enqueued_some_message"),
        (base_events, "_set_nodelay"),
    ):
        monkeypatch.setattr(owner, name, owner.__dict__[name])
    lighter.lighten()


def test_the_view_says_of_every_key_what_the_copy_says():
    app = AppTest.from_string(SCRIPT).run()
    assert not app.exception
    assert {"set", "none", "box", "number"} <= set(app.session_state["seen"])
    assert app.session_state["same"]
    assert app.session_state["strange"] == [False, False, False]
    assert app.session_state["listed"]


@pytest.mark.usefixtures("lightened")
def test_a_box_whose_value_is_none_in_the_session_stays_empty():
    app = AppTest.from_string("import streamlit as st\nst.session_state.setdefault('box', None)\nst.text_input('A box', 'given', key='box')").run()
    assert not app.exception
    assert app.text_input("box").value is None


@pytest.mark.usefixtures("lightened")
def test_what_is_replaced_is_replaced():
    assert callable(lighter._COPY)
    assert isinstance(SessionState.filtered_state, property)
    assert SafeSessionState.filtered_state.fget is lighter.View
    assert AppSession._call_soon_on_event_loop is lighter._add


class Counted:
    """A loop that counts how often it is woken from outside."""

    def __init__(self, loop):
        self.loop, self.woken = loop, 0

    def __getattr__(self, name):
        return getattr(self.loop, name)

    def call_soon_threadsafe(self, call):
        self.woken += 1
        return self.loop.call_soon_threadsafe(call)


def test_errands_of_many_threads_are_all_done_each_threads_in_its_order_and_the_loop_is_woken_seldom():
    async def all_of_them():
        loop, done = Counted(asyncio.get_running_loop()), []
        errands = lighter.Errands(loop)

        def work(name):
            for i in range(2000):
                errands.add(lambda i=i: done.append((name, i)))

        # The loop stands still while they ask: what was asked for then needs one call.
        threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        woken = loop.woken
        # And it runs while others do.
        threads = [threading.Thread(target=work, args=(name,)) for name in "efgh"]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            await asyncio.sleep(0)
        await asyncio.sleep(0.05)
        return done, woken

    done, woken = asyncio.run(all_of_them())
    assert woken == 1
    for name in "abcdefgh":
        assert [i for who, i in done if who == name] == list(range(2000))


def test_an_errand_that_fails_is_told_and_keeps_no_other_from_being_done():
    async def both():
        told, done = [], []
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: told.append(context["exception"]))
        errands = lighter.Errands(loop)
        errands.add(lambda: 1 // 0)
        errands.add(lambda: done.append(1))
        await asyncio.sleep(0.01)
        return told, done

    told, done = asyncio.run(both())
    assert [type(each) for each in told] == [ZeroDivisionError]
    assert done == [1]


def test_a_loop_that_is_closed_drops_errands():
    loop = asyncio.new_event_loop()
    loop.close()
    lighter.Errands(loop).add(lambda: None)


@pytest.mark.parametrize(("family", "host"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")])
@pytest.mark.usefixtures("lightened")
def test_small_messages_are_sent_at_once_over_a_listener_that_names_no_protocol(family, host):
    async def held_back() -> list[int]:
        found: asyncio.Queue[int] = asyncio.Queue()

        async def serve(reader, writer):
            found.put_nowait(writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        listener = socket.socket(family)  # as Streamlit and uvicorn make theirs
        try:
            listener.bind((host, 0))
        except OSError:
            pytest.skip(f"no {host} here")
        async with await asyncio.start_server(serve, sock=listener):
            _, writer = await asyncio.open_connection(*listener.getsockname()[:2])
            writer.close()
            return [await asyncio.wait_for(found.get(), 10)]

    assert all(asyncio.run(held_back()))
