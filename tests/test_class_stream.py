"""The stream of a class room as a browser meets it: strangers, forged keys, full rooms, what a student never hears, and two processes on one file."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
import uvicorn
from starlette.applications import Starlette
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from core.classroom import hub as hubs
from core.classroom.hub import Hub
from core.classroom.room import DAY, Form, Place, new_participant
from core.classroom.store import Store
from ui import class_stream

PLACE = Place("diamond_and_circle", "dcq_on=2")
FORM = Form("diamond_and_circle.2.0a1b", (0.0, 0.5, 1.0))


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path / 'rooms.sqlite'}"


@pytest.fixture
def hub(url, monkeypatch) -> Hub:
    made = Hub(Store(url))
    monkeypatch.setattr(hubs, "hub", lambda: made)
    return made


@pytest.fixture
def client(hub) -> Iterator[str]:
    """A server of this process's own with nothing but the stream; its address."""
    config = uvicorn.Config(Starlette(routes=[class_stream.route("/x/lab")]), log_level="error", ws="websockets-sansio", lifespan="off")
    server = uvicorn.Server(config)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        end = time.monotonic() + 10
        while not server.started:
            assert time.monotonic() < end
            time.sleep(0.01)
        yield f"127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join(10)
    assert not thread.is_alive(), "the streams of a class do not hold up the server's end"


@contextmanager
def joined(client, code, role="", origin=None) -> Iterator[ClientConnection]:
    url = f"ws://{client}/x/lab/class/{code}{role}"
    with connect(url, origin=f"http://{client}" if origin is None else origin or None, proxy=None, close_timeout=2) as ws:
        yield ws


def hear(ws):
    return json.loads(ws.recv(timeout=10))


def told(version, place):
    """What a student's screen hears: which of its settings a place changes, and nothing about answers."""
    return {"version": version, "page": place.page, "at": dict(place.values()), "rest": json.dumps([dict(place.lesson()), place.show, place.lock])}


def closes(ws) -> int | None:
    """Hear a stream to its end; return the code that it closes with."""
    try:
        for _ in range(1000):
            ws.recv(timeout=10)
    except ConnectionClosed:
        return ws.close_code
    raise AssertionError("it goes on and on")


def until(ws, condition, most=80):
    for _ in range(most):
        said = hear(ws)
        if condition(said):
            return said
    raise AssertionError("it was never said")


@pytest.mark.parametrize("origin", ["", "http://evil.example", "null", "http://127.0.0.1:1"])
def test_a_page_from_elsewhere_is_turned_away(client, hub, origin):
    code, _ = hub.open()
    with pytest.raises(InvalidStatus) as refusal, joined(client, code, origin=origin):
        pass
    assert refusal.value.response.status_code == 403


@pytest.mark.parametrize("address", ["short", "AEIOUA", "BCDFGHJ", "BCDFG%00", "%27or1=1", "BCDFGH?as=headmaster"])
def test_an_address_that_no_page_of_ours_makes_is_turned_away(client, address):
    with pytest.raises(InvalidStatus), joined(client, address):
        pass


def test_a_room_that_is_not_there_is_over_at_once(client):
    with joined(client, "BCDFGH") as ws:
        assert hear(ws) == {"closed": True}
        assert closes(ws) == 1000


@pytest.mark.parametrize("said", ['{"key": "%s"}' % ("0" * 64), "no json", "[]", '{"key": 5}', "{}", '"key"'])
def test_a_teachers_stream_asks_for_the_key(client, hub, said):
    code, _ = hub.open()
    with joined(client, code, "?as=teacher") as ws:
        ws.send(said)
        assert closes(ws) == 1008


def test_a_change_reaches_students_and_answers_reach_the_teacher_alone(client, hub):
    code, key = hub.open()
    with joined(client, code) as student, joined(client, code, "?as=teacher") as teacher:
        teacher.send(json.dumps({"key": key}))
        assert hear(student) == told(0, Place())
        until(teacher, lambda said: said["joined"] == 1)
        hub.publish(code, key, PLACE, FORM)
        assert hear(student) == told(1, PLACE)
        assert until(teacher, lambda said: said["version"] == 1 and said["tally"])["tally"]["answers"] == 0
        for answer in (0.5, 0.5, 1.0):
            hub.answer(hub.look(code), new_participant(), answer)
        tally = until(teacher, lambda said: (said["tally"] or {}).get("answers") == 3)["tally"]
        assert tally["points"] == [[0.5, 2], [1.0, 1]]
        assert [bar["count"] for bar in tally["bars"]] == [0, 2, 1]
        assert set(tally) == {"question", "turn", "bars", "points", "answers", "sentence"}
        hub.reveal(code, key)
        assert hear(student) == told(2, PLACE), "and nothing of the answers in between"
        hub.close(code, key)
        assert hear(student) == {"closed": True}
        until(teacher, lambda said: "closed" in said)


def test_a_screen_that_leaves_is_counted_no_more(client, hub):
    code, key = hub.open()
    with joined(client, code, "?as=teacher") as teacher:
        teacher.send(json.dumps({"key": key}))
        with joined(client, code), joined(client, code):
            until(teacher, lambda said: said["joined"] == 2)
        until(teacher, lambda said: said["joined"] == 0)
    end = time.monotonic() + 5
    while hub._known[code].poller is not None and time.monotonic() < end:
        time.sleep(0.02)
    reads = hub.store.reads
    time.sleep(3 * hubs.INTERVAL)
    assert hub.store.reads == reads, "nobody looks, nobody reads"


def test_a_full_room_says_so(client, hub, monkeypatch):
    monkeypatch.setattr(hubs, "MOST_SCREENS", 2)
    code, key = hub.open()
    with joined(client, code) as one, joined(client, code) as other, joined(client, code) as late, joined(client, code, "?as=teacher") as teacher:
        hear(one), hear(other)
        assert "at most 2" in hear(late)["refused"]
        teacher.send(json.dumps({"key": key}))
        assert until(teacher, lambda said: said["joined"] == 2), "the teacher always gets in"
    monkeypatch.setattr(hubs, "MOST_SOCKETS", 1)
    with joined(client, code) as one, joined(client, code) as late:
        hear(one)
        assert "on this server" in hear(late)["refused"]


@pytest.mark.parametrize("flood", [["x"] * 10, ["x" * 500], [b"\x00"]])
def test_a_browser_that_talks_is_put_out(client, hub, flood):
    code, _ = hub.open()
    with joined(client, code) as ws:
        hear(ws)
        for each in flood:
            ws.send(each)
        assert closes(ws) in (1008, 1009)


def test_many_screens_are_served_by_one_poller(client, hub):
    code, key = hub.open()
    with ExitStack() as stack:
        opened = [stack.enter_context(joined(client, code)) for _ in range(40)]
        for ws in opened:
            hear(ws)
        start, before = time.monotonic(), hub.store.reads
        time.sleep(1.5)
        rate = (hub.store.reads - before) / (time.monotonic() - start)
        assert rate < 2 / hubs.INTERVAL, "reads and a count now and then, whatever the number of screens"
        hub.publish(code, key, PLACE, FORM)
        assert [hear(ws)["version"] for ws in opened] == [1] * 40


def test_what_another_process_publishes_reaches_the_screens_of_this_one(client, hub, url):
    other = Store(url)
    code, key = other.open()
    with joined(client, code) as student:
        hear(student)
        start = time.monotonic()
        threading.Thread(target=other.publish, args=(code, key, PLACE, FORM)).start()
        assert hear(student) == told(1, PLACE)
        assert time.monotonic() - start < 4 * hubs.INTERVAL + 1.0
        other._clock = lambda: time.time() + DAY + 1
        hub.store._clock = other._clock
        assert hear(student) == {"closed": True}, "a day later"
