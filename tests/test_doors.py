"""Who is let in: names, origins, lengths and floods, as strangers try them on a server."""

import asyncio
import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from core.classroom.store import Store
from core.datasets.uploads.limits import BYTES
from core.errors import InvalidInput
from tests.servers import ROOT, free_port, get, running, session
from ui import doors
from ui.doors import FILES_ARRIVING, FILES_HELD, VARIABLE, Doors, hosts, is_named

NAMED = "lab.example.org *.school.example"
CUT = {1009, 1006}
"""A message that is too long, and the same where the line is gone before its end has been sent."""
SOCKETS = ("_stcore/stream", "lab/run/00000000000000000000?viewer=somebody&n=0", "lab/class/BCDFGH")
LABELS = st.from_regex(r"[a-z][a-z0-9]{0,8}", fullmatch=True)
NAMES = st.lists(LABELS, min_size=1, max_size=4).map(".".join)


@pytest.fixture(scope="module")
def named() -> Iterator[str]:
    """A server that goes by names of its own."""
    with running(env={VARIABLE: NAMED}) as url:
        yield url


def ask(url: str, path: str = "/", method: str = "GET", body: bytes | None = None, **headers: str) -> tuple[int, http.client.HTTPMessage, bytes]:
    """Ask as no browser would: with any Host, any path."""
    place = urlsplit(url)
    connection = http.client.HTTPConnection(place.netloc, timeout=20)
    connection.putrequest(method, f"{place.path}{path}", skip_host=True, skip_accept_encoding=True)
    for name, value in ({"Host": place.netloc} | headers).items():
        if value:
            connection.putheader(name.replace("_", "-"), value)
    connection.endheaders(body)
    answer = connection.getresponse()
    try:
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


@contextmanager
def opened(url: str, path: str, origin: str | None, **headers: str) -> Iterator[ClientConnection]:
    place = urlsplit(url)
    asked = {"Origin": origin} if origin is not None else {}
    host = headers.pop("Host", None)
    with (
        socket.create_connection((place.hostname, place.port)) as line,
        connect(
            f"ws://{host or place.netloc}{place.path}/{path}",
            sock=line,
            subprotocols=[Subprotocol("streamlit")] if "_stcore" in path else None,
            additional_headers=asked | headers,
            proxy=None,
            max_size=None,
            close_timeout=2,
        ) as ws,
    ):
        yield ws


def refused(url: str, path: str, origin: str | None, **headers: str) -> bool:
    try:
        with opened(url, path, origin, **headers):
            return False
    except InvalidStatus as answer:
        return answer.response.status_code == 403


def healthy(url: str) -> bool:
    start = time.monotonic()
    return get(f"{url}/_stcore/health").body == b"ok" and time.monotonic() - start < 5


def ends(ws: ClientConnection) -> int | None:
    """Hear a socket to its end; return the code it closes with."""
    with suppress(ConnectionClosed):
        for _ in range(10_000):
            ws.recv(timeout=20)
    return ws.close_code


# ---------------------------------------------------------------------------------------------------------------------- names


@given(st.lists(NAMES | NAMES.map("*.{}".format) | st.sampled_from(["192.0.2.7", "[2001:db8::7]"]), max_size=4))
def test_names_are_taken_as_they_are_written(names):
    assert hosts({VARIABLE: "  ".join(names)}) == tuple(names)


def test_without_names_or_with_a_star_any_name_will_do():
    assert hosts({}) == hosts({VARIABLE: " "}) == hosts({VARIABLE: "*"}) == ()


@pytest.mark.parametrize(
    "given",
    [
        "https://lab.example.org",
        "lab.example.org:8501",
        "lab/x",
        "* a.org",
        "*.",
        "a..b",
        "-a.org",
        "ä.org",
        "[1]",
        "2001:db8::7",
        "a,b",
        "[192.0.2.7]",
    ],
)
def test_anything_else_is_refused_in_a_sentence(given):
    with pytest.raises(InvalidInput, match=r"LAB_HOSTS.*allowed is names.*Write the host alone"):
        hosts({VARIABLE: given})


@given(NAMES, NAMES, st.sampled_from(["", ":80", ":8501"]), st.sampled_from(["", "."]))
def test_a_name_is_itself_with_any_port_and_a_star_is_any_labels(name, other, port, dot):
    assert is_named(f"{name.upper()}{dot}{port}", [name])
    assert is_named(f"{name}{port}", [other]) is (name == other)
    assert is_named(f"{other}.{name}{dot}{port}", [f"*.{name}"])
    assert not is_named(f"{name}{port}", [f"*.{name}"])
    assert not is_named(f"{other}{name}{port}", [f"*.{name}"]) or f"{other}{name}".endswith(f".{name}")


@given(st.text())
def test_no_text_is_a_name_by_accident(text):
    assert is_named(text, ["lab.example.org"]) is (text.lower().partition(":")[0].removesuffix(".") == "lab.example.org" and is_port(text))


def is_port(text: str) -> bool:
    _, colon, port = text.partition(":")
    return not colon or (port.isdecimal() and port.isascii() and len(port) <= 5)


@pytest.mark.parametrize("host", ["lab.example.org", "LAB.example.org:81", "a.b.school.example:8443", "localhost:1", "127.0.0.1", "[::1]:8501"])
def test_a_named_server_answers_to_its_names_and_to_the_machine_it_is_on(named, host):
    assert ask(named, Host=host)[0] == 200
    assert not refused(named, "_stcore/stream", f"http://{host}".lower(), Host=host.lower())


@pytest.mark.parametrize(
    "host", ["evil.example", "lab.example.org.evil.example", "school.example", "192.0.2.7", "lab.example.org@evil.example", "a b", ""]
)
def test_a_named_server_answers_to_no_other(named, host):
    if host:
        status, headers, body = ask(named, Host=host)
        assert status == 421
        assert b"does not go by this name" in body
        assert host.encode() not in body
        assert headers["Content-Type"].startswith("text/plain")
    # A page there, whose name has come to mean this server's address, is for its browser of the same origin: only the name gives it away.
    if host.replace(".", "").isalnum():
        for path in SOCKETS:
            assert refused(named, path, f"http://{host}", Host=host), path
        assert refused(named, SOCKETS[0], f"http://{host}", Host=host, **{"X-Forwarded-Host": "lab.example.org"})


def test_a_forwarded_name_does_not_stand_in_for_a_wrong_one(named):
    assert ask(named, Host="evil.example", X_Forwarded_Host="lab.example.org")[0] == 421


def test_whoever_asks_for_the_health_needs_no_name(named):
    assert ask(named, "/_stcore/health", Host="10.0.0.7:8501")[::2] == (200, b"ok")


def test_without_names_every_one_will_do(server):
    assert ask(server, Host="classroom.local:8501")[0] == 200


@pytest.mark.parametrize("command", [["streamlit", "run", "app.py", "--server.port"], ["uvicorn", "app:app", "--port"]], ids=["streamlit", "uvicorn"])
def test_a_server_with_a_wrong_name_says_so_and_does_not_start(command):
    environment = os.environ | {VARIABLE: "https://lab.example.org", "LAB_ENGINE": "lazy"}
    ended = subprocess.run(
        [sys.executable, "-m", *command, str(free_port())], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode != 0
    assert "LAB_HOSTS: 'https://lab.example.org': allowed is names such as" in ended.stdout + ended.stderr
    assert "Traceback" not in ended.stdout + ended.stderr


# -------------------------------------------------------------------------------------------------------------------- origins


@pytest.mark.parametrize("path", SOCKETS)
@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://localhost:1", "http://127.0.0.1:1", "file://", "https://lab.example.org"])
def test_no_page_from_elsewhere_opens_a_socket(server, path, origin):
    """Streamlit itself would let any page of the same machine in, and ask the internet for its own address before it refuses another."""
    assert refused(server, path, origin)


@pytest.mark.parametrize("path", SOCKETS)
def test_a_page_of_the_lab_opens_each_also_behind_a_proxy_that_asks_by_another_name(server, path):
    assert not refused(server, path, f"http://{urlsplit(server).netloc}")
    assert not refused(server, path, "https://lab.example.org", **{"X-Forwarded-Host": "lab.example.org"})


@given(st.sampled_from(["http", "https"]), NAMES, NAMES, st.sampled_from(["", ":8501"]))
def test_a_page_is_the_labs_where_its_host_and_port_are(scheme, name, other, port):
    def asks(origin, host, forwarded=""):
        headers = [(b"origin", origin.encode()), (b"host", host.encode()), *([(b"x-forwarded-host", forwarded.encode())] if forwarded else [])]
        return doors.same_host({"headers": headers})

    assert asks(f"{scheme}://{name}{port}", f"{name.upper()}{port}")
    assert asks(f"{scheme}://{name}{port}", other, f"{name}{port}, 10.0.0.1")
    assert asks(f"{scheme}://{name}{port}", f"{other}{port}") is (name == other)
    assert not asks(f"{scheme}://{name}:1", f"{name}{port}")
    assert not asks("", f"{name}{port}")


# ------------------------------------------------------------------------------------------------------------- what is not there


@pytest.mark.parametrize("base", ["", "class/lab"])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "OPTIONS"])
def test_what_the_lab_does_not_have_is_not_there(base, method):
    async def app(scope, receive, send):
        raise AssertionError(scope["path"])

    for place in (
        *("_stcore/agent/openapi.json", "_stcore/agent/interact", "_stcore/agent/mcp", "_stcore/upload_file", "_stcore/script-health-check"),
        *("auth/login", "auth/logout", "oauth2callback", "_stcore/metrics", "_stcore/metrics/"),
    ):
        sent = []

        async def send(message, sent=sent):
            sent.append(message)

        path = f"/{base}/{place}".replace("//", "/")
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "headers": [],
            "client": ("10.0.0.9", 1),
        }
        asyncio.run(Doors(app, base=base)(scope, None, send))
        assert sent[0]["status"] == 404, place


# ----------------------------------------------------------------------------------------------------------------------- uploads


def uploading(sessions, length=100, method="PUT"):
    """Return the statuses of uploads that all arrive before any is answered."""
    statuses = []

    async def go():
        waiting = asyncio.Event()

        async def app(scope, receive, send):
            await waiting.wait()
            await send({"type": "http.response.start", "status": 204, "headers": []})

        doors = Doors(app)

        async def one(session):
            async def send(message):
                if message["type"] == "http.response.start":
                    statuses.append(message["status"])

            path = f"/_stcore/upload_file/{session}/file"
            headers = [(b"content-length", str(length).encode())]
            scope = {
                "type": "http",
                "method": method,
                "path": path,
                "raw_path": path.encode(),
                "query_string": b"",
                "headers": headers,
                "client": ("10.0.0.9", 1),
            }
            await doors(scope, None, send)

        tasks = [asyncio.create_task(one(session)) for session in sessions]
        await asyncio.sleep(0.01)
        waiting.set()
        await asyncio.gather(*tasks)
        assert not doors._arriving, "what has arrived is no longer on its way"

    asyncio.run(go())
    return statuses


def test_a_visitor_may_leave_a_few_files_and_all_of_them_together_have_so_many_on_their_way(monkeypatch):
    monkeypatch.setattr("ui.doors.held", lambda session: 0)
    assert uploading(["a"] * 5).count(429) == 5 - FILES_HELD
    assert uploading([f"s{k}" for k in range(FILES_ARRIVING + 4)]).count(503) == 4
    monkeypatch.setattr("ui.doors.held", lambda session: FILES_HELD)
    assert uploading(["a"]) == [429]
    assert uploading(["a"], method="DELETE") == [204]


@pytest.mark.parametrize("length", [BYTES + 10**6, 10**15, "x", "-1"])
def test_a_file_that_says_it_is_too_large_is_refused_before_it_comes(length):
    assert uploading(["a"], length=length) == [413]


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "OPTIONS"])
def test_a_file_can_only_be_left_or_taken_away(method):
    assert uploading(["a"], method=method) == [404]


def test_nobody_leaves_a_file_without_a_visit_of_theirs_and_its_token(server):
    """Streamlit asks for a token of the page's, and for a session that is there."""
    assert ask(server, "/_stcore/upload_file/a/b", "PUT", b"x" * 100, Content_Length="100")[0] == 403


def test_what_is_measured_is_told_on_the_machine_alone(server):
    assert ask(server, "/_stcore/metrics")[0] == 200
    for name in ("X_Forwarded_For", "Forwarded", "Via"):
        assert ask(server, "/_stcore/metrics", **{name: "127.0.0.1"})[0] == 404


# ------------------------------------------------------------------------------------------------------------------- too much


def test_an_address_that_is_longer_than_any_link_is_refused_and_one_of_the_longest_is_not(server):
    assert ask(server, f"/diamond_and_circle?x={'a' * 8000}")[0] == 200
    status, _, body = ask(server, f"/?x={'a' * 17_000}")
    assert (status, b"longer than any link" in body) == (414, True)
    assert ask(server, f"/{'%41' * 6000}")[0] == 414


@pytest.mark.parametrize(
    "flood", [b"GET /" + b"a" * 1_000_000, b"GET / HTTP/1.1\r\nHost: x\r\n" + b"".join(b"X-%d: y\r\n" % i for i in range(100_000))]
)
def test_a_megabyte_of_address_or_of_headers_ends_its_connection(server, flood):
    """uvicorn keeps at most 64 KB of a request that is not complete."""
    with socket.create_connection((urlsplit(server).hostname, urlsplit(server).port), timeout=20) as line:
        heard = b""
        with suppress(OSError):
            line.sendall(flood)
        with suppress(OSError):
            while data := line.recv(65536):
                heard += data
        assert heard[:12] in (b"HTTP/1.1 400", b"")
    assert healthy(server)


def test_visitors_who_never_finish_their_question_hold_up_nobody(server):
    with ExitStack() as stack:
        for _ in range(200):
            line = stack.enter_context(socket.create_connection((urlsplit(server).hostname, urlsplit(server).port)))
            line.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        assert healthy(server)
        assert get(f"{server}/diamond_and_circle").status == 200


def test_a_visitor_who_never_listens_holds_up_nobody(server):
    ask_again = BackMsg()
    ask_again.rerun_script.page_name = "dropout"
    with opened(server, SOCKETS[0], f"http://{urlsplit(server).netloc}") as deaf:
        for _ in range(40):
            deaf.send(ask_again.SerializeToString())
        with session(server) as other:
            other.run("step_by_step")
        assert healthy(server)


@pytest.fixture(scope="module")
def class_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """A server with a class room, and the room's code."""
    rooms = f"sqlite:///{tmp_path_factory.mktemp('rooms') / 'rooms.sqlite'}"
    with running(env={"LAB_CLASS": rooms}) as url:
        yield url, Store(rooms).open()[0]


@pytest.mark.parametrize(
    ("path", "message", "codes"),
    [
        (SOCKETS[0], b"\x00" * 1_500_000, {1009}),
        (SOCKETS[0], b"\x00" * 9_000_000, CUT),
        (SOCKETS[1], "x" * 9_000_000, CUT | {1000}),  # a run that nobody has may be over before it hears anything
        (SOCKETS[2], "x" * 1000, {1009}),
        (SOCKETS[2], "x" * 9_000_000, CUT),
    ],
)
def test_a_message_over_the_cap_closes_the_socket_that_it_came_by_and_no_other(class_site, path, message, codes):
    url, room = class_site
    with session(url) as other, opened(url, path.replace("BCDFGH", room), f"http://{urlsplit(url).netloc}") as ws:
        other.run("step_by_step")
        assert ends_of(ws, message) in codes
        other.messages.clear()
        other.run("step_by_step", "st_steps=40")
        assert other.kinds(), "the other visitor's page goes on"
    assert healthy(url)


def ends_of(ws: ClientConnection, message: str | bytes) -> int | None:
    with suppress(ConnectionClosed):
        ws.send(message)
    return ends(ws)


def test_a_page_that_sends_more_than_a_hand_can_is_shown_out_and_no_other(server):
    again = BackMsg()
    again.rerun_script.page_name = "claims_on_trial"
    with session(server) as other, opened(server, SOCKETS[0], f"http://{urlsplit(server).netloc}") as ws:
        other.run("step_by_step")
        with suppress(ConnectionClosed):
            for _ in range(2000):
                ws.send(again.SerializeToString())
        assert ends(ws) == 1008
        other.run("step_by_step")
    assert healthy(server)


def test_text_where_streamlit_speaks_bytes_closes_the_socket_without_a_traceback(server):
    with opened(server, SOCKETS[0], f"http://{urlsplit(server).netloc}") as ws:
        assert ends_of(ws, "text") == 1008


def test_bytes_that_are_no_message_close_the_socket(server):
    with opened(server, SOCKETS[0], f"http://{urlsplit(server).netloc}") as ws:
        assert ends_of(ws, b"\xff" * 100) == 1002
