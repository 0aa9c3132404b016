"""What every answer tells a browser: what a page may do and load, which sites may show it in a frame, what leaves it with a link.

``LAB_FRAME_ANCESTORS`` lists the sites, the lab's own alone unless told otherwise. docs/embedding.md says how a course site frames a lab, and
docs/security.md what the rest keeps out. Strict-Transport-Security is not among it: the proxy that has the certificate says it.
"""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import logging
import os
import re
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.errors import InvalidInput

VARIABLE = "LAB_FRAME_ANCESTORS"
_SELF, _NONE = "'self'", "'none'"
LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
"""One label of a host's name, as a regular expression."""
# A scheme, a host whose first label may be a star, a port; no path, since browsers do not look at one here.
_ORIGIN = re.compile(rf"https?://(?:\*\.)?{LABEL}(?:\.{LABEL})*(?::(?:\*|[1-9]\d{{0,4}}))?", re.IGNORECASE)
# What browsers from before Content-Security-Policy know, where it says the same.
_OLDER = {_SELF: "SAMEORIGIN", _NONE: "DENY"}

_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    # A link holds all that a reader has set, and may hold a class room's code: no other site hears of it.
    "Referrer-Policy": "no-referrer",
    # Another site's page can show a page in a frame, if it may, but read, run or draw nothing of ours.
    "Cross-Origin-Resource-Policy": "same-origin",
}
_PAGES = {
    # Whoever opened the lab's window has no hold on it. Browsers ask this of a window alone, not of a frame.
    "Cross-Origin-Opener-Policy": "same-origin",
    # What a lab never needs. Not listed, and so the page's own and its frame's to give: fullscreen, clipboard-write (the copy button of scripts).
    "Permissions-Policy": ", ".join(
        f"{name}=()"
        for name in (
            *("accelerometer", "camera", "clipboard-read", "display-capture", "geolocation", "gyroscope", "hid", "magnetometer", "microphone"),
            *("midi", "payment", "serial", "usb"),
        )
    ),
}
# What is no page is none when somebody opens its address: nothing in it runs. An image of ours may style itself.
_ELSE = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
_FAILED = b"Something went wrong in the lab. What it was is in the server's log; loading the page again often helps."

_log = logging.getLogger(__name__)


class Headers:
    """ASGI middleware, the outermost: what every answer says to a browser, and a sentence in the place of an answer that failed.

    Parameters
    ----------
    app:
        What answers.
    ancestors:
        The value of the policy's ``frame-ancestors``, as `frame_ancestors` returns it.
    """

    def __init__(self, app: ASGIApp, ancestors: str) -> None:
        self._app = app
        self._page = {"Content-Security-Policy": policy(ancestors)} | _PAGES
        if ancestors in _OLDER:
            self._page["X-Frame-Options"] = _OLDER[ancestors]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and the headers back with the answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def sent(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                self._say(message)
            await send(message)

        try:
            await self._app(_anew(scope), receive, sent)
        except Exception:  # whatever it was is logged, and no stranger reads it
            if begun:
                raise
            _log.exception("An answer failed")
            headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(_FAILED)), (b"cache-control", b"no-store")]
            await sent({"type": "http.response.start", "status": 500, "headers": headers})
            await send({"type": "http.response.body", "body": _FAILED})

    def _say(self, start: Message) -> None:
        headers = MutableHeaders(scope=start)
        headers.update(_ALWAYS)
        # A policy of whatever answered stays in force beside ours: browsers keep to both.
        if headers.get("content-type", "").startswith("text/html"):
            own = headers.get("Content-Security-Policy")
            headers.update(self._page)
            if own:
                headers.append("Content-Security-Policy", own)
        elif start["status"] != 304:  # whose headers take the place of those that came with what the browser has kept, a page's as well
            headers.append("Content-Security-Policy", _ELSE)


def _anew(scope: Scope) -> Scope:
    """Return a request for a page without its question whether the page has changed: its headers may have, and "not modified" has no type to tell."""
    headers = scope["headers"]
    if not any(name == b"accept" and b"text/html" in value for name, value in headers):
        return scope
    return {**scope, "headers": [each for each in headers if each[0] not in (b"if-none-match", b"if-modified-since")]}


def policy(ancestors: str) -> str:
    """Return what a page may do, load and be part of, as a browser reads it.

    Each line was found by leaving it out: tests/browser/test_strangers.py opens every page with it and hears of everything that is refused.
    """
    return "; ".join(
        (
            "default-src 'none'",
            # No 'unsafe-inline' and no 'unsafe-eval': Streamlit's page has one script of its own in it, known by its hash, and nothing here evaluates
            # text. A component's script comes over the socket and is imported as a blob, which only a script that already runs can make.
            f"script-src 'self' blob: {' '.join(inline_scripts(_streamlits_page()))}".rstrip(),
            # 'unsafe-inline' for styles alone: Streamlit writes its own into the page while it runs, Plotly too, and `st.html` ours.
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",  # Plotly's picture of a chart is a blob until it is saved
            "font-src 'self' data:",  # Plotly's, for its own buttons
            "connect-src 'self'",  # sockets to the same host as well
            "worker-src 'none'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'none'",
            f"frame-ancestors {ancestors}",
        )
    )


def inline_scripts(page: str) -> list[str]:
    """Return the hashes of the scripts that stand in a page itself, as a policy names them."""
    found: list[str] = []

    class Scripts(HTMLParser):
        inside = False

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            self.inside = tag == "script" and "src" not in dict(attrs)

        def handle_data(self, data: str) -> None:
            if self.inside:
                found.append(f"'sha256-{base64.b64encode(hashlib.sha256(data.encode()).digest()).decode()}'")

        def handle_endtag(self, tag: str) -> None:
            self.inside = False

    reader = Scripts()
    reader.feed(page)
    reader.close()
    return found


def _streamlits_page() -> str:
    """Return the page that Streamlit sends, as the installed package has it: another version has another script in it."""
    spec = importlib.util.find_spec("streamlit")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("streamlit is not installed; run `make setup`")
    return (Path(spec.origin).parent / "static" / "index.html").read_text(encoding="utf-8")


def frame_ancestors(environment: Mapping[str, str] = os.environ) -> str:
    """Return the sites that may frame the lab, as a browser reads them.

    Parameters
    ----------
    environment:
        Where the setting is looked up.

    Raises
    ------
    InvalidInput
        Where it is set to anything but ``'self'``, ``'none'``, ``*`` or origins.
    """
    wanted = environment.get(VARIABLE, "").split() or [_SELF]
    # Quotes are easily lost in a shell.
    wanted = [{"self": _SELF, "none": _NONE}.get(each.lower().strip("'"), each) for each in wanted]
    alone = len(wanted) == 1
    for each in wanted:
        if not (each == _SELF or (alone and each in (_NONE, "*")) or _ORIGIN.fullmatch(each)):
            raise InvalidInput(
                f"{VARIABLE}: {each!r}",
                f"{_SELF}, origins such as https://moodle.example.org or https://*.example.org, with blanks between them; or {_NONE} or * alone",
                "Name the course site by its scheme and host, without a path.",
            )
    return " ".join(wanted)
