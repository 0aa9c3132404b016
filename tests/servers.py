"""Start the app on a free loopback port, a process of its own as in life, talk to it as a browser does, and put a proxy before it."""

from __future__ import annotations

import os
import signal
import socket
import socketserver
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

ROOT = Path(__file__).resolve().parent.parent
# A machine's own proxy is not for loopback.
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


# ------------------------------------------------------------------------------------------------------------------ servers


@contextmanager
def running(*args: str, base: str = "", env: Mapping[str, str] | None = None) -> Iterator[str]:
    """Run `streamlit run app.py` with further arguments; yield its address, base path included, without a slash at the end."""
    with process(*args, base=base, env=env) as (_, url):
        yield url


@contextmanager
def process(*args: str, base: str = "", env: Mapping[str, str] | None = None) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Run the app as `running` does; yield the process too."""
    port = free_port()
    # Workers that start while a page is timed would share its two cores; a test that fetches pages by the hundred comes for no place.
    env = {"LAB_ENGINE": "lazy", "LAB_PLACES": "0"} | dict(env or {})
    options = ["--server.address", "127.0.0.1", "--server.port", str(port), *(["--server.baseUrlPath", base] if base else []), *args]
    with started([sys.executable, "-m", "streamlit", "run", "app.py", *options], env, _address(port, base)) as found:
        yield found


@contextmanager
def running_workers(count: int, base: str = "") -> Iterator[str]:
    """Run the app in several processes behind one port, as `uvicorn app:app --workers`; yield its address."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "app:app", "--host", "127.0.0.1", "--port", str(port), "--workers", str(count), "--no-access-log"]
    with tempfile.TemporaryDirectory() as home:
        # Only `streamlit run` reads the STREAMLIT_ variables; any other server gets its settings from files, the user's among them.
        settings = Path(home) / ".streamlit" / "config.toml"
        settings.parent.mkdir()
        settings.write_text(f'[server]\nbaseUrlPath = "{base}"\n', encoding="utf-8")
        with started(command, {"HOME": home, "USERPROFILE": home, "LAB_PLACES": "0"}, _address(port, base)) as (_, url):
            yield url


def free_port() -> int:
    """Return a loopback port that nothing listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _address(port: int, base: str) -> str:
    return f"http://127.0.0.1:{port}/{base.strip('/')}".rstrip("/")


@contextmanager
def started(command: list[str], env: Mapping[str, str], url: str) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Run a command as a server; yield the process and ``url`` once that is healthy."""
    with tempfile.TemporaryFile() as log:
        # A session of its own: whatever happens, its children can be ended with it.
        server = subprocess.Popen(command, cwd=ROOT, env=os.environ | env, stdout=log, stderr=log, start_new_session=True)
        try:
            _await_health(server, url)
            yield server, url
        except Exception as problem:
            log.seek(0)
            problem.add_note(f"The server said: {log.read()[-3000:].decode(errors='replace')}")
            raise
        finally:
            end(server)


def healthy(url: str) -> bool:
    """Say whether a lab answers at an address."""
    with suppress(OSError):
        # The word counts: Streamlit answers an address that it does not know with its page, and 200.
        return get(f"{url}/_stcore/health").body == b"ok"
    return False


def _await_health(server: subprocess.Popen[bytes], url: str, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if server.poll() is not None:
            raise RuntimeError(f"the server ended with {server.returncode} before it answered")
        if healthy(url):
            return
        time.sleep(0.05)
    raise TimeoutError(f"no health at {url} after {seconds:g} s")


def end(server: subprocess.Popen[bytes]) -> None:
    """End a process that leads a session of its own, and whatever it has started."""
    if server.poll() is None:
        server.terminate()
        with suppress(subprocess.TimeoutExpired):
            server.wait(10)
    with suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGKILL)
    server.wait()


# ------------------------------------------------------------------------------------------------------------------ clients


@dataclass(frozen=True)
class Answer:
    """What came back for a request: the status, the headers by lower-case name, the body as it was sent (still compressed)."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def get(url: str, **headers: str) -> Answer:
    """Fetch an address; ``accept_encoding="gzip"`` is sent as ``Accept-Encoding``."""
    request = urllib.request.Request(url, headers={name.replace("_", "-"): value for name, value in headers.items()})
    try:
        with _DIRECT.open(request, timeout=20) as answer:
            return Answer(answer.status, {name.lower(): value for name, value in answer.headers.items()}, answer.read())
    except urllib.error.HTTPError as refusal:
        with refusal:
            return Answer(refusal.code, {name.lower(): value for name, value in refusal.headers.items()}, refusal.read())


@dataclass
class Session:
    """One visitor's websocket, and what the script sent over it."""

    socket: ClientConnection
    messages: list[ForwardMsg] = field(default_factory=list)

    def run(self, page: str = "", query: str = "") -> None:
        """Run the script for a page, as opening its address does, and collect its messages until it has finished."""
        ask = BackMsg()
        ask.rerun_script.page_name = page
        ask.rerun_script.query_string = query
        self.socket.send(ask.SerializeToString())
        end = time.monotonic() + 30
        while time.monotonic() < end:
            data = self.socket.recv(timeout=max(0.1, end - time.monotonic()))
            message = ForwardMsg.FromString(data if isinstance(data, bytes) else data.encode())
            self.messages.append(message)
            if message.WhichOneof("type") == "script_finished":
                return
        raise TimeoutError(f"the script for {page or 'home'!r} did not finish")

    def kinds(self) -> set[str]:
        """Return the kinds of elements that were sent."""
        return {str(message.delta.new_element.WhichOneof("type")) for message in self.messages if message.HasField("delta")}


@contextmanager
def session(url: str) -> Iterator[Session]:
    """Open a visitor's websocket, with the Origin that a browser on the same address would send."""
    place = urlsplit(url)
    stream = f"ws://{place.netloc}{place.path}/_stcore/stream"
    origin = Origin(f"http://{place.netloc}")
    with connect(stream, subprotocols=[Subprotocol("streamlit")], origin=origin, max_size=None, proxy=None, close_timeout=2) as socket:
        yield Session(socket)


# ------------------------------------------------------------------------------------------------------------ another site


class OtherSite(ThreadingHTTPServer):
    """A site that is not the lab's, with one page, whose text a test may change."""

    html = ""

    @property
    def port(self) -> int:
        """Return its port on loopback."""
        return int(self.server_address[1])


class _OnePage(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = self.server.html.encode() if isinstance(self.server, OtherSite) else b""
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@contextmanager
def other_site(html: str = "") -> Iterator[OtherSite]:
    """Run another site than the lab's on loopback; yield it."""
    with OtherSite(("127.0.0.1", 0), _OnePage) as site:
        site.html = html
        with _served(site):
            yield site


@contextmanager
def _served(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join(5)


# -------------------------------------------------------------------------------------------------------------------- proxy


class _Relay(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


@contextmanager
def proxied(upstream: str, prefix: str, strip: bool) -> Iterator[str]:
    """Put a reverse proxy before a server; yield the address under which a browser finds the app.

    Parameters
    ----------
    upstream:
        The server's address as `running` gives it.
    prefix:
        The path under which the proxy shows it, e.g. ``/class/lab``. All else is 404.
    strip:
        Take the prefix off before passing a request on; else the app must have it as its base path.
    """
    place = urlsplit(upstream)
    target = (str(place.hostname), int(place.port or 80))

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            _pass_on(self, target, prefix, strip)

    with _Relay(("127.0.0.1", 0), Handler) as server, _served(server):
        yield f"http://127.0.0.1:{server.server_address[1]}{prefix}"


def _pass_on(client: socketserver.StreamRequestHandler, target: tuple[str, int], prefix: str, strip: bool) -> None:
    """Serve one connection: change the request line, then copy bytes both ways, so that a websocket passes like anything else."""
    with suppress(OSError):
        method, _, rest = client.rfile.readline().partition(b" ")
        path = rest.partition(b" ")[0]
        head = list(iter(client.rfile.readline, b"\r\n"))
        if b"" in head or not method:
            return
        if path != prefix.encode() and not path.startswith(f"{prefix}/".encode()):
            client.wfile.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            return
        if strip:
            rest = rest[len(prefix) :] if path != prefix.encode() else b"/" + rest[len(prefix) :]
        if not any(line.lower().startswith(b"upgrade:") for line in head):
            # One request a connection, or the next request on it would keep its prefix.
            head = [line for line in head if not line.lower().startswith(b"connection:")] + [b"Connection: close\r\n"]
        with socket.create_connection(target, timeout=60) as server:
            server.sendall(method + b" " + rest + b"".join(head) + b"\r\n")
            back = threading.Thread(target=_copy, args=(server, client.connection), daemon=True)
            back.start()
            while data := client.rfile.read1(65536):
                server.sendall(data)
            with suppress(OSError):
                server.shutdown(socket.SHUT_WR)
            back.join(5)


def _copy(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    # Both ways are done, so that the thread that reads from the client ends as well.
    with suppress(OSError):
        sink.shutdown(socket.SHUT_RDWR)


# ------------------------------------------------------------------------------------------------------------- a bad network


class Line:
    """A visitor's way to a server, which can be cut: what is on it breaks off, and whoever comes is turned away until it is mended."""

    def __init__(self) -> None:
        self.url = ""
        self.whole = True
        self.open: set[socket.socket] = set()

    def cut(self) -> None:
        """Break everything off."""
        self.whole = False
        for each in list(self.open):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        """Let everybody through again."""
        self.whole = True


@contextmanager
def cuttable(upstream: str) -> Iterator[Line]:
    """Put a line before a server; yield it."""
    place, line = urlsplit(upstream), Line()

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            if not line.whole:
                return
            with suppress(OSError), socket.create_connection((str(place.hostname), int(place.port or 80)), timeout=60) as server:
                server.settimeout(None)
                both = {self.request, server}
                line.open |= both
                back = threading.Thread(target=_copy, args=(server, self.request), daemon=True)
                back.start()
                _copy(self.request, server)
                back.join(5)
                line.open -= both

    with _Relay(("127.0.0.1", 0), Handler) as server, _served(server):
        line.url = f"http://127.0.0.1:{server.server_address[1]}"
        yield line
