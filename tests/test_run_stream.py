"""The stream of a run as a browser meets it: addresses, strangers, pace, nonsense, and the server's end."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psutil
import pytest
import uvicorn
from starlette.applications import Starlette
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from core import wire
from core.engine import runs
from core.engine.settings import Settings
from core.pace import Bucket
from core.specs.training import TrainingSpec
from tests.core.engine_stand_in import LOG
from tests.servers import ROOT, free_port, process
from ui import run_stream

BASE = "/class/lab"
SPEC = TrainingSpec(epochs=400)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of this process's own with nothing but the stream, over an engine that trains nothing."""
    os.environ[LOG] = str(tmp_path_factory.mktemp("stream") / "links.txt")
    runs.stop()
    runs.start(Settings(workers=1, nice=0), work="tests.core.engine_stand_in")
    config = uvicorn.Config(Starlette(routes=[run_stream.route(BASE)]), log_level="error", ws="websockets-sansio", lifespan="off")
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
    runs.stop()
    del os.environ[LOG]
    assert not thread.is_alive()


@contextmanager
def opened(place: str, name: str, viewer: str, n: int = 0, origin: str | None = None, base: str = BASE, **headers: str) -> Iterator[ClientConnection]:
    url = f"ws://{place}{base}/run/{name}?viewer={viewer}&n={n}"
    with connect(url, origin=f"http://{place}" if origin is None else origin or None, proxy=None, max_size=None, additional_headers=headers) as ws:
        yield ws


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def said(ws: ClientConnection, seconds: float = 30) -> dict[str, Any]:
    """Return the next thing that is sent, a film message with its size."""
    item = ws.recv(timeout=seconds)
    return json.loads(item) if isinstance(item, str) else wire.unpack(item) | {"size": len(item)}


def until(ws: ClientConnection, condition, seconds: float = 30) -> list[dict[str, Any]]:
    found, end = [], time.monotonic() + seconds
    while not found or not condition(found[-1]):
        found.append(said(ws, max(0.1, end - time.monotonic())))
    return found


def test_a_browser_gets_the_film_and_how_the_run_stands(address):
    ticket = runs.ensure(SPEC.replace(seed=1, epochs=60), "browser")
    with opened(address, ticket.id, ticket.viewer) as ws:
        ws.send(json.dumps({"want": 60}))
        found = until(ws, lambda item: item.get("to") == 60)
        film = [item for item in found if item.get("kind") == "film"]
        assert [item["from"] for item in film] == [-1, *(item["to"] for item in film[:-1])]
        assert all(set(item) == {"state", "place", "computed", "sentence"} for item in found if "state" in item)
        ws.send(json.dumps({"exact": 33}))
        exact = until(ws, lambda item: item.get("from") == item.get("to") == 33)[-1]
        assert exact["frame"]["epoch"] == 33
    with opened(address, ticket.id, ticket.viewer, n=len(film) - 2) as ws:
        ws.send(json.dumps({"want": 60}))
        again = [item["to"] for item in until(ws, lambda item: item.get("to") == 60) if item.get("kind") == "film"]
        assert again == [item["to"] for item in film[-2:]]


def test_no_more_is_sent_than_is_wanted_and_an_edit_goes_on_from_the_playhead(address):
    spec = SPEC.replace(seed=8, epochs=200)
    ticket = runs.ensure(spec, "looker", want=200)
    with opened(address, ticket.id, ticket.viewer) as ws:
        ws.send(json.dumps({"want": 40, "at": 33}))
        until(ws, lambda item: item.get("to", 0) >= 40)
        end = time.monotonic() + 1.0
        with suppress(TimeoutError):
            while time.monotonic() < end:
                assert isinstance(ws.recv(timeout=0.5), str), "how the run is may be said, but no more of it is sent"
        assert runs.command(ticket.id, "edit", "looker", lr=0.02).edits[0].epoch == 33
        ws.send(json.dumps({"want": 40, "at": 0}))
        ws.send(json.dumps({"exact": 7}))
        until(ws, lambda item: item.get("from") == item.get("to") == 7)
        assert runs.command(ticket.id, "edit", "looker", lr=0.02) is None, "at the start there is nothing to go on from"


def test_a_run_that_is_not_held_is_gone_and_the_stream_over(address):
    with opened(address, "0" * 20, "somebody") as ws:
        assert said(ws)["state"] == "gone"
        with pytest.raises(ConnectionClosed):
            said(ws)
        assert ws.close_code == 1000


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "", "http://127.0.0.1:1"])
def test_a_page_from_elsewhere_is_turned_away(address, origin):
    with pytest.raises(InvalidStatus) as refusal, opened(address, "x", "somebody", origin=origin):
        pass
    assert refusal.value.response.status_code == 403


def test_a_page_behind_a_proxy_that_says_its_name_is_let_in(address):
    with opened(address, "x", "somebody", origin="https://lab.example", **{"X-Forwarded-Host": "lab.example"}) as ws:
        assert said(ws)["state"] == "gone"


@pytest.mark.parametrize(
    "query", ["", "?viewer=", "?viewer=a%20b", "?viewer=" + "a" * 65, "?viewer=a&n=-1", "?viewer=a&n=many", "?viewer=a&n=1234567"]
)
def test_an_address_that_no_page_of_ours_makes_is_turned_away(address, query):
    with pytest.raises(InvalidStatus), connect(f"ws://{address}{BASE}/run/x{query}", origin=f"http://{address}", proxy=None):
        pass


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("no json", 1008),
        ("[1]", 1008),
        ("{}", 1008),
        ('{"want": 1.5}', 1008),
        ('{"want": true}', 1008),
        ('{"want": 1e400}', 1008),
        ('{"exact": -2}', 1008),
        ("[" * 200, 1008),
        (b"\x00", 1008),
        ('{"want": ' + " " * 300 + "1}", 1009),
    ],
)
def test_nonsense_closes_the_stream(address, message, code):
    ticket = runs.ensure(SPEC.replace(seed=2), "nonsense")
    with opened(address, ticket.id, ticket.viewer) as ws:
        ws.send(message)
        with pytest.raises(ConnectionClosed):
            until(ws, lambda item: False)
        assert ws.close_code == code


def test_unknown_wishes_are_ignored_and_far_ones_cut_to_the_film(address):
    ticket = runs.ensure(SPEC.replace(seed=3, epochs=10), "wishes")
    with opened(address, ticket.id, ticket.viewer) as ws:
        ws.send(json.dumps({"sing": 1}))
        ws.send(json.dumps({"want": 10**9, "exact": 10**9}))
        found = until(ws, lambda item: item.get("from") == item.get("to") == 10)
        assert found[-1]["frame"]["epoch"] == 10


def test_a_flood_of_wishes_closes_the_stream(address):
    ticket = runs.ensure(SPEC.replace(seed=4), "flood")
    with opened(address, ticket.id, ticket.viewer) as ws:
        with suppress(ConnectionClosed):
            for i in range(5000):
                ws.send(json.dumps({"want": i % 7}))
        with pytest.raises(ConnectionClosed):
            until(ws, lambda item: False)
    assert ws.close_code == 1008


def test_the_line_is_filled_no_faster_than_the_pace_and_what_waits_comes_without_frames_but_the_last(address):
    spec = SPEC.replace(seed=5, lam=(0.0,) * 32, epochs=40)  # frames of 96 KB
    ticket = runs.ensure(spec, "pace", want=40)
    end = time.monotonic() + 30
    while next(row for row in runs.census() if row["id"] == ticket.id)["state"] != "done":
        assert time.monotonic() < end
        time.sleep(0.02)
    start = time.monotonic()
    with opened(address, ticket.id, ticket.viewer) as ws:
        ws.send(json.dumps({"want": 40}))
        film = [item for item in until(ws, lambda item: item.get("to") == 40) if item.get("kind") == "film"]
    took = time.monotonic() - start
    assert film[1]["frame"] is None
    assert film[-1]["frame"]["epoch"] == 40
    assert len(film) == 41, "no epoch is left out"
    size = sum(item["size"] for item in film[:-1])
    assert size <= 2 * run_stream.BYTES_PER_SECOND + run_stream.BYTES_PER_SECOND * took


def test_a_state_does_not_wait_for_the_line():
    bucket = Bucket(100.0, 100.0)
    assert bucket.take(100) == 0
    assert 1.9 < bucket.take(200) <= 2.0, "a large message goes into debt, which is paid by waiting"


_SERVER = """
import os, sys
import uvicorn
from starlette.applications import Starlette
from core.engine import runs
from core.engine.settings import Settings
from core.specs.training import TrainingSpec
from ui import run_stream, serving

runs.start(Settings(workers=1, nice=0), work="tests.core.engine_stand_in")
ticket = runs.ensure(TrainingSpec(init_scale=0.2), "server")
print(ticket.id, ticket.viewer, flush=True)
app = Starlette(routes=[run_stream.route("/lab")], lifespan=serving.lifespan)
uvicorn.run(app, port=int(sys.argv[1]), log_level="error", ws="websockets-sansio")
"""


def test_an_open_stream_of_a_run_under_way_does_not_keep_the_server_from_its_end_and_nothing_is_left_behind():
    place = f"127.0.0.1:{(port := free_port())}"
    with subprocess.Popen([sys.executable, "-c", _SERVER, str(port)], cwd=ROOT, stdout=subprocess.PIPE) as server:
        try:
            name, viewer = server.stdout.readline().decode().split()
            end = time.monotonic() + 30
            while not listens(port):
                assert time.monotonic() < end
                time.sleep(0.05)
            with opened(place, name, viewer, base="/lab") as ws:
                ws.send(json.dumps({"want": 400}))
                until(ws, lambda item: item.get("to", 0) > 0)
                family = psutil.Process(server.pid).children(recursive=True)
                assert len(family) >= 3, "launcher, resource tracker, worker"
                server.send_signal(signal.SIGTERM)
                assert server.wait(10) in (0, -signal.SIGTERM)
                with pytest.raises(ConnectionClosed):
                    until(ws, lambda item: False)
                assert ws.close_code == 1012
            assert not psutil.wait_procs(family, timeout=10)[1]
        finally:
            server.kill()


@pytest.mark.parametrize("base", ["", "class/lab"])
def test_the_app_serves_the_stream_under_its_base_path_and_has_its_engine_started_before_anyone_asks(base):
    with process(base=base, env={"LAB_ENGINE": "", "LAB_WORKERS": "1", "LAB_NICE": "0"}) as (server, url):
        place = url.removeprefix("http://").partition("/")[0]
        with opened(place, "0" * 20, "somebody", base=f"/{base}/lab".replace("//", "/")) as ws:
            assert said(ws)["state"] == "gone"
        end = time.monotonic() + 30
        while not any("core.engine.launcher" in " ".join(child.cmdline()) for child in psutil.Process(server.pid).children()):
            assert time.monotonic() < end
            time.sleep(0.05)
        family = psutil.Process(server.pid).children(recursive=True)
        server.send_signal(signal.SIGTERM)
        assert server.wait(15) in (0, -signal.SIGTERM)
        assert not psutil.wait_procs(family, timeout=10)[1]
