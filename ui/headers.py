"""Which sites may show the lab in a frame: the header that tells browsers, and the setting behind it.

``LAB_FRAME_ANCESTORS`` lists them, the lab's own site alone unless told otherwise. docs/embedding.md says how a course site frames a lab.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.errors import InvalidInput

VARIABLE = "LAB_FRAME_ANCESTORS"
_SELF, _NONE = "'self'", "'none'"
# A scheme, a host whose first label may be a star, a port; no path, since browsers do not look at one here.
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_ORIGIN = re.compile(rf"https?://(?:\*\.)?{_LABEL}(?:\.{_LABEL})*(?::(?:\*|[1-9]\d{{0,4}}))?", re.IGNORECASE)
# What browsers from before Content-Security-Policy know, where it says the same.
_OLDER = {_SELF: "SAMEORIGIN", _NONE: "DENY"}


class Framing:
    """ASGI middleware: every page says which sites may frame it.

    Parameters
    ----------
    app:
        What answers.
    ancestors:
        The value of the policy's ``frame-ancestors``, as `frame_ancestors` returns it.
    """

    def __init__(self, app: ASGIApp, ancestors: str) -> None:
        self._app = app
        self._policy = f"frame-ancestors {ancestors}"
        self._older = _OLDER.get(ancestors)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and the policy back with a page."""

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                # A policy of whatever answered stays in force beside this one: browsers keep to both.
                if headers.get("content-type", "").startswith("text/html"):
                    headers.append("Content-Security-Policy", self._policy)
                    if self._older:
                        headers["X-Frame-Options"] = self._older
            await send(message)

        await self._app(scope, receive, sent if scope["type"] == "http" else send)


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
