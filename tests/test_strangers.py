"""What one visitor can learn of another or do to them, what a fault tells, and whom the server talks to. docs/security.md names these tests."""

import http.client
import os
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

from core.classroom.hub import Hub
from core.classroom.room import Form, Place, new_participant
from core.classroom.store import Store
from core.engine import runs
from core.engine.settings import Settings
from core.errors import InvalidInput
from core.specs.training import TrainingSpec
from tests.core.engine_stand_in import LOG
from tests.servers import ROOT, Session, free_port, get, running, session, started

SECRET = "a-word-that-nobody-else-may-read"


def sent(visitor: Session) -> bytes:
    return b"".join(message.SerializeToString() for message in visitor.messages)


def session_id(visitor: Session) -> str:
    return next(message.new_session.initialize.session_id for message in visitor.messages if message.HasField("new_session"))


def files(visitor: Session) -> set[str]:
    """Return the addresses of the files that a page offers."""
    return {found.decode() for found in re.findall(rb"/media/[0-9a-f]+\.\w+", sent(visitor))}


# ------------------------------------------------------------------------------------------------------------------- sessions


def elements(visitor: Session) -> dict[tuple[int, ...], bytes]:
    """Return what stands on a page, place -> element; but files that are made when they are asked for, which have names of their own."""
    deltas = [message for message in visitor.messages if message.HasField("delta") and message.delta.HasField("new_element")]
    shown = {tuple(message.metadata.delta_path): message.delta.new_element for message in deltas}
    return {place: each.SerializeToString(deterministic=True) for place, each in shown.items() if not each.HasField("download_button")}


def test_two_visitors_see_nothing_of_each_others_state(server):
    with session(server) as first:
        first.run("diamond_and_circle")
        alone = elements(first)
    with session(server) as anna, session(server) as ben:
        anna.run("diamond_and_circle", "dc_lam=2.5&dc_penalty=L2&dc_tilt=20")
        ben.run("diamond_and_circle")
        assert elements(ben) == alone, "what she sets changes nothing on his page"
        assert elements(anna) != alone
        assert session_id(anna) != session_id(ben)
        assert session_id(anna).encode() not in sent(ben)


def test_a_session_has_a_name_that_cannot_be_guessed_and_a_wrong_one_opens_a_new_session(server):
    place = urlsplit(server)
    with session(server) as anna:
        anna.run("step_by_step")
        name = session_id(anna)
        assert UUID(name).version == 4
        for guess in (name[:-1] + ("0" if name[-1] != "0" else "1"), "0" * 36, "x"):
            protocols = [Subprotocol("streamlit"), Subprotocol("none"), Subprotocol(guess)]
            with connect(
                f"ws://{place.netloc}/_stcore/stream", subprotocols=protocols, origin=Origin(f"http://{place.netloc}"), proxy=None
            ) as socket:
                ben = Session(socket)
                ben.run("step_by_step")
                assert session_id(ben) not in (name, guess)
        anna.messages.clear()
        anna.run("cheat_sheet")
        assert session_id(anna) == name, "and hers goes on"


def test_a_file_to_download_has_a_name_made_from_all_of_it_and_goes_with_its_visitor(server):
    with session(server) as anna:
        anna.run("optimizer_race")
        offered = files(anna)
        for each in offered:
            assert len(Path(each).stem) >= 56, "a hash of the content: who can name it has it"
        for guess in ("/media/1.csv", "/media/" + "0" * 56 + ".csv", "/media/", "/media/..%2f..%2fapp.py", "/media/%2e%2e/app.py"):
            answer = get(f"{server}{guess}")
            assert answer.status in (400, 404) or answer.headers["content-type"].startswith("text/html"), guess
            assert b"streamlit run" not in answer.body


# ----------------------------------------------------------------------------------------------------------------------- runs


@pytest.fixture
def engine(tmp_path) -> Iterator[None]:
    """The engine, over workers that train nothing."""
    os.environ[LOG] = str(tmp_path / "links.txt")
    runs.stop()
    runs.start(Settings(workers=1, nice=0), work="tests.core.engine_stand_in")
    yield
    runs.stop()
    del os.environ[LOG]


def state(name: str) -> str:
    return next((str(row["state"]) for row in runs.census() if row["id"] == name), "gone")


def becomes(name: str, wanted: str) -> bool:
    end = time.monotonic() + 30
    while state(name) != wanted and time.monotonic() < end:
        time.sleep(0.02)
    return state(name) == wanted


def test_a_visitor_stops_or_holds_up_no_run_of_another_though_equal_runs_are_one(engine):
    spec = TrainingSpec(epochs=300)
    hers = runs.ensure(spec, "anna", want=300)
    his = runs.ensure(spec, "ben")
    assert hers.id == his.id
    assert hers.viewer != his.viewer
    assert "anna" not in hers.viewer, "a viewer's name does not give the session away"
    for what in ("pause", "cancel"):
        runs.command(his.id, what, "ben")
        runs.command(hers.id, what, "somebody who never asked for it")
    assert becomes(hers.id, "done")


def test_what_a_visitor_changes_in_a_shared_run_makes_a_run_of_their_own(engine):
    spec = TrainingSpec(epochs=300, seed=3)
    hers = runs.ensure(spec, "anna", want=300)
    his = runs.command(runs.ensure(spec, "ben").id, "edit", "ben", epoch=10, lr=0.02)
    assert his is not None
    assert his.id != hers.id
    assert runs.ensure(spec, "anna", want=300) == hers
    assert becomes(hers.id, "done")


# ---------------------------------------------------------------------------------------------------------------------- rooms


def test_the_key_of_one_class_room_opens_no_other(tmp_path):
    hub = Hub(Store(f"sqlite:///{tmp_path / 'rooms.sqlite'}"))
    place, form = Place("diamond_and_circle", "dcq_on=2"), Form("diamond_and_circle.2.0a1b", (0.0, 0.5, 1.0))
    (hers, her_key), (his, his_key) = hub.open(), hub.open()
    hub.publish(hers, her_key, place, form)
    for act in (
        lambda: hub.publish(hers, his_key, Place(), Form()),
        lambda: hub.reveal(hers, his_key),
        lambda: hub.again(hers, his_key),
        lambda: hub.close(hers, his_key),
    ):
        with pytest.raises(InvalidInput):
            act()
    assert not hub.is_teacher(hers, his_key)
    assert hub.is_teacher(hers, her_key)
    room = hub.look(hers)
    assert room is not None
    assert (room.place, room.form) == (place, form)
    hub.answer(hub.look(hers), new_participant(), 0.5)
    assert hub.store.answers(his, form.name, hub.look(his).turn) == [], "an answer stays in its room"


# --------------------------------------------------------------------------------------------------------------------- faults

_FAULTY = f"""
import os, sys
import uvicorn

def fail(*_, **__):
    raise ValueError("{SECRET}")

import core.step_by_step, ui.serving
from core.engine import runs
from streamlit.runtime.scriptrunner_utils.script_run_context import get_script_run_ctx
import ui.paper
ui.serving._answer = fail
runs.subscribe = fail
ui.paper.sheet = fail
uvicorn.run("app:app", port=int(sys.argv[1]), log_level="error", ws="websockets-sansio")
"""
# What would tell a reader how the lab is made, and where.
_TELLING = (SECRET.encode(), b"Traceback", b"ValueError", b"paper.py", b"site-packages", str(ROOT).encode())


@pytest.fixture(scope="module")
def faulty() -> Iterator[str]:
    """A server whose pages, files and sockets fail."""
    port = free_port()
    command = [sys.executable, "-c", _FAULTY, str(port)]
    with started(command, {"LAB_ENGINE": "lazy", "PYTHONPATH": str(ROOT)}, f"http://127.0.0.1:{port}") as (_, url):
        yield url


def test_a_page_that_fails_says_a_sentence_and_no_more(faulty):
    with session(faulty) as visitor:
        visitor.run("step_by_step")
        shown = [m.delta.new_element.exception for m in visitor.messages if m.HasField("delta") and m.delta.new_element.HasField("exception")]
        assert shown, "the page has failed, and says so"
        assert not any(each.stack_trace for each in shown)
        # Streamlit's first message names the script's file to every visitor; docs/security.md says so.
        said = b"".join(message.SerializeToString() for message in visitor.messages if not message.HasField("new_session"))
        assert not any(telling in said for telling in _TELLING)


def test_an_answer_that_fails_says_a_sentence_and_no_more(faulty):
    answer = get(f"{faulty}/lab/icon.svg")
    assert answer.status == 500
    assert answer.body.startswith(b"Something went wrong in the lab.")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert not any(telling in answer.body for telling in _TELLING)


def test_a_socket_that_fails_closes_and_says_nothing(faulty):
    place = urlsplit(faulty)
    with connect(f"ws://{place.netloc}/lab/run/x?viewer=a", origin=Origin(f"http://{place.netloc}"), proxy=None) as ws:
        with pytest.raises(ConnectionClosed):
            ws.recv(timeout=10)
        assert not ws.close_reason


@pytest.mark.parametrize(
    "path",
    [
        "/%00",
        "/%ff",
        "/a%0d%0aX-Evil:%201",
        "/%E2%82%AC?dc_penalty=l1",
        "/lab/plot/x/%00",
        "/lab/%00",
        "/media/%00",
        "/?dc_lam=%ff%00",
        "/lab/class/%00",
        "/%5C",
    ],
)
def test_no_address_makes_the_server_fail(server, path):
    connection = http.client.HTTPConnection(urlsplit(server).netloc, timeout=20)
    connection.request("GET", path)
    answer = connection.getresponse()
    assert answer.status < 500
    assert answer.headers["X-Evil"] is None
    assert b"Traceback" not in answer.read()
    connection.close()


@pytest.mark.parametrize(
    "path", ["/https:evil.example", "/%5C%5Cevil.example", "/x/%5C%5Cevil.example", "/http:%5C%5Cevil.example", "/javascript:alert(1)"]
)
def test_no_link_to_the_lab_leads_elsewhere(server, path):
    """The lab answers some links with their better form, relative to the address: the last part of the path must not become a host."""
    connection = http.client.HTTPConnection(urlsplit(server).netloc, timeout=20)
    connection.request("GET", f"{path}?dc_penalty=l1")
    answer = connection.getresponse()
    answer.read()
    connection.close()
    location = answer.headers["Location"]
    assert answer.status == 307 or location is None
    assert location is None or re.fullmatch(r"[\w%.()-]+", location), location


# ------------------------------------------------------------------------------------------------------------- whom it talks to

# Notes every name that is looked up and every connection that is made, before anything of the lab is imported.
_LISTENER = """
import os, sys
def hear(event, args, out=os.environ["LAB_TEST_CALLS"]):
    if event == "socket.getaddrinfo":
        host = args[0]
    elif event == "socket.connect":
        host = args[1][0] if isinstance(args[1], tuple) else "unix"
    elif event == "socket.gethostbyname":
        host = args[0]
    else:
        return
    with open(out, "a") as log:
        log.write(f"{event} {host}\\n")
sys.addaudithook(hear)
"""
_OWN = {"127.0.0.1", "::1", "localhost", "unix", "None", "b'127.0.0.1'", "0.0.0.0"}


def test_the_server_talks_to_nobody_whoever_calls(tmp_path):
    """No use is reported, and a page from elsewhere that tries a socket does not send Streamlit to ask for its own address."""
    (tmp_path / "sitecustomize.py").write_text(_LISTENER, encoding="utf-8")
    calls = tmp_path / "calls.txt"
    calls.touch()
    with running(env={"PYTHONPATH": str(tmp_path), "LAB_TEST_CALLS": str(calls)}) as url:
        place = urlsplit(url)
        with session(url) as visitor:
            for page in ("", "diamond_and_circle", "class_room", "cheat_sheet"):
                visitor.run(page)
        for origin in ("https://evil.example", "http://10.1.2.3"):
            with pytest.raises(InvalidStatus), connect(f"ws://{place.netloc}/_stcore/stream", origin=Origin(origin), proxy=None):
                pass
        behind = {"X-Forwarded-Host": "lab.example.org"}
        with connect(
            f"ws://{place.netloc}/_stcore/stream",
            subprotocols=[Subprotocol("streamlit")],
            origin=Origin("https://lab.example.org"),
            additional_headers=behind,
            proxy=None,
        ) as socket:
            visitor = Session(socket)
            visitor.run("step_by_step")
            assert visitor.kinds()
    heard = {line.split(" ", 1)[1] for line in calls.read_text(encoding="utf-8").splitlines()}
    assert heard <= _OWN, heard
