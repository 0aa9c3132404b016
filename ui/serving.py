"""What the server sends besides Streamlit's own pages: the Plotly bundle and our assets, for good and compressed once.

Each address carries the content's hash, so a browser never asks twice and never keeps an old file.
"""

from __future__ import annotations

import gzip
import hashlib
import importlib.util
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from streamlit import config

ROOT = Path(__file__).resolve().parent.parent
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
    return served | {"plotly.min.js": bundle_path()}


@cache
def _content(name: str) -> tuple[bytes, bytes, str]:
    raw = _files()[name].read_bytes()
    return raw, gzip.compress(raw, 6), hashlib.sha256(raw).hexdigest()[:12]


def address(name: str) -> str:
    """Return a file's address relative to the app's root, e.g. ``lab/plot.js?v=1a2b3c``."""
    return f"lab/{name}?v={_content(name)[2]}"


async def _serve(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in _files():
        return PlainTextResponse("no such file", status_code=404)
    raw, squeezed, version = _content(name)
    headers = {"Vary": "Accept-Encoding", "ETag": f'"{version}"', "X-Content-Type-Options": "nosniff"}
    # A stale or missing version still gets the file, but is not told to keep it.
    headers["Cache-Control"] = FOREVER if request.query_params.get("v") == version else "no-cache"
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    media = TYPES[Path(name).suffix]
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(squeezed, media_type=media, headers=headers | {"Content-Encoding": "gzip"})
    return Response(raw, media_type=media, headers=headers)


def routes() -> list[BaseRoute]:
    """Return the routes for `st.App`, under the configured base path, which Streamlit does not add to them by itself."""
    base = str(config.get_option("server.baseUrlPath")).strip("/")
    return [Route(f"/{base}/lab/{{name}}" if base else "/lab/{name}", _serve)]
