"""What the server sends besides Streamlit's own pages: the Plotly bundle and our assets, for good and compressed once, and the streams of runs.

Each address carries the content's hash, so a browser never asks twice and never keeps an old file. The chart component's modules name each
other by relative address, so theirs carry one hash of them all, in the path: ``lab/plot/1a2b3c/mount.js`` finds ``lab/plot/1a2b3c/chart.js``.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import importlib.util
import os
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path

from starlette.formparsers import MultiPartParser
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from streamlit import config

from core.datasets.uploads.limits import BYTES
from core.engine import runs
from ui import admission, class_stream, memory, run_stream

ROOT = Path(__file__).resolve().parent.parent
_FIRST = 3.0  # seconds after its start in which a server has better to do: whoever has started it opens it
FOREVER = "public, max-age=31536000, immutable"
TYPES = {".js": "text/javascript", ".css": "text/css", ".png": "image/png", ".svg": "image/svg+xml"}


def bundle_path() -> Path:
    """Return the Plotly bundle's file, found without importing plotly (0.1 s and 20 MB that the server's start does not need)."""
    spec = importlib.util.find_spec("plotly")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("plotly is not installed; run `make setup`")
    return Path(spec.origin).parent / "package_data" / "plotly.min.js"


def _files() -> dict[str, Path]:
    served = {path.name: path for path in (ROOT / "assets").iterdir() if path.suffix in TYPES}
    modules = {f"plot/{path.name}": path for path in (ROOT / "assets" / "plot").glob("*.js")}
    return served | modules | {"plotly.min.js": bundle_path()}


@cache
def _content(name: str) -> tuple[bytes, bytes, str]:
    raw = _files()[name].read_bytes()
    return raw, gzip.compress(raw, 6), hashlib.sha256(raw).hexdigest()[:12]


@cache
def _modules_version() -> str:
    """Return one hash of all modules: a change to one of them moves them all."""
    together = hashlib.sha256()
    for name in sorted(name for name in _files() if name.startswith("plot/")):
        together.update(f"{name} {_content(name)[2]} ".encode())
    return together.hexdigest()[:12]


def address(name: str) -> str:
    """Return a file's address relative to the app's root, e.g. ``lab/plotly.min.js?v=1a2b3c`` or ``lab/plot/1a2b3c/mount.js``."""
    folder, _, module = name.rpartition("/")
    return f"lab/{folder}/{_modules_version()}/{module}" if folder else f"lab/{name}?v={_content(name)[2]}"


def text(name: str) -> str:
    """Return a file's text, e.g. of ``style.css``."""
    return _content(name)[0].decode("utf-8")


def squeezed(name: str) -> bytes:
    """Return a file gzipped, as it is sent."""
    return _content(name)[1]


def modules() -> dict[str, str]:
    """Return the chart component's modules: file name -> source."""
    return {name.removeprefix("plot/"): text(name) for name in _files() if name.startswith("plot/")}


async def _serve_file(request: Request) -> Response:
    name = request.path_params["name"]
    if "/" in name:  # a module without its version; Streamlit would answer with its page, and 200
        return _absent()
    return _answer(request, name, lambda: request.query_params.get("v") == _content(name)[2])


async def _serve_module(request: Request) -> Response:
    name = f"plot/{request.path_params['name']}"
    return _answer(request, name, lambda: request.path_params["version"] == _modules_version())


def _absent() -> Response:
    return PlainTextResponse("no such file", status_code=404)


def _answer(request: Request, name: str, current: Callable[[], bool]) -> Response:
    if name not in _files():
        return _absent()
    raw, squeezed, version = _content(name)
    headers = {"Vary": "Accept-Encoding", "ETag": f'"{version}"', "X-Content-Type-Options": "nosniff"}
    # A stale or missing version still gets the file, but is not told to keep it.
    headers["Cache-Control"] = FOREVER if current() else "no-cache"
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    media = TYPES[Path(name).suffix]
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(squeezed, media_type=media, headers=headers | {"Content-Encoding": "gzip"})
    return Response(raw, media_type=media, headers=headers)


def base_path() -> str:
    """Return the configured base path without slashes at its ends."""
    return str(config.get_option("server.baseUrlPath")).strip("/")


def routes(line: admission.Line | None = None) -> list[BaseRoute]:
    """Return the routes for `st.App`, under the configured base path, which Streamlit does not add to them by itself."""
    root = f"/{base}/lab" if (base := base_path()) else "/lab"
    streams: list[BaseRoute] = [run_stream.route(root), class_stream.route(root), admission.route(root, line or admission.Line(0))]
    return [*streams, Route(f"{root}/plot/{{version}}/{{name}}", _serve_module), Route(f"{root}/{{name:path}}", _serve_file)]


def _ahead() -> None:
    time.sleep(_FIRST)
    # Here, since it imports every lab, for which nobody who starts a server waits.
    from ui import ahead

    ahead.work()


@asynccontextmanager
async def lifespan(_app: object) -> AsyncIterator[None]:
    """Have the training engine ready before the first visitor asks for it, and end it with the server; then compute what presets show.

    ``LAB_ENGINE=lazy`` leaves its start to the first visitor who trains something, and the presets to whoever opens them.
    """
    memory.begin()
    # A table that somebody uploads stays in memory on its way: beyond this Starlette would write it to a file.
    MultiPartParser.spool_max_size = 2 * BYTES
    if os.environ.get("LAB_ENGINE") != "lazy":
        runs.start()
        threading.Thread(target=_ahead, name="ahead", daemon=True).start()
    ending = asyncio.create_task(memory.end_visits())
    try:
        yield
    finally:
        ending.cancel()
        await asyncio.to_thread(runs.stop)
