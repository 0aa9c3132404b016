"""The stream of a run to a browser: one WebSocket a page, ``lab/run/<id>?viewer=<token>&n=<messages that are there already>``.

In come texts, ``{"want": epoch, "at": epoch}`` (how far the film is wanted, where the playhead stands) and ``{"exact": epoch}``; out go texts that
say how the run is, and messages of its film (`core.wire`) as far as it is wanted, paced so that a class of thirty fits into a school's line.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress

from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from core.engine import runs
from core.pace import Bucket
from ui.doors import POLICY, same_host

BYTES_PER_SECOND = 110_000
# Where more of the film waits than this, its frames are left out: curves arrive at once, and a frame that is looked at is asked for.
BEHIND = 2 * BYTES_PER_SECOND
LONGEST_TEXT = 256
TEXTS_PER_SECOND, TEXTS_AT_ONCE = 50, 100
TOO_LONG = 1009


async def stream(websocket: WebSocket) -> None:
    """Serve one socket until either side has enough."""
    token, sent = websocket.query_params.get("viewer", ""), websocket.query_params.get("n", "0")
    if not same_host(websocket.scope) or not (0 < len(token) <= 64 and token.isalnum()) or not (sent.isdecimal() and len(sent) <= 6):
        await websocket.close(POLICY)  # before it is accepted: 403
        return
    await websocket.accept()
    viewer = runs.subscribe(websocket.path_params["id"], token, int(sent))
    tasks = {asyncio.create_task(_listen(websocket, viewer)), asyncio.create_task(_speak(websocket, viewer))}
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        codes = [task.result() for task in done]
        if all(codes):
            with suppress(RuntimeError, WebSocketDisconnect):
                await websocket.close(max(codes))
    finally:
        viewer.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _listen(websocket: WebSocket, viewer: runs.Viewer) -> int:
    """Pass on what the browser wants; return the code to close with, 0 where it has closed."""
    allowance = Bucket(TEXTS_PER_SECOND, TEXTS_AT_ONCE)
    while True:
        message = await websocket.receive()
        if message["type"] != "websocket.receive":
            return 0
        text = message.get("text")
        if text is None or allowance.take(1):
            return POLICY
        if len(text) > LONGEST_TEXT:
            return TOO_LONG
        try:
            asked = json.loads(text)
        except ValueError:
            return POLICY
        if not isinstance(asked, dict) or not asked or not all(_is_epoch(asked[name]) for name in asked):
            return POLICY
        for name, epoch in asked.items():
            if name == "want":
                viewer.want(epoch)
            elif name == "exact":
                viewer.exact(epoch)
            elif name == "at":
                viewer.stand(epoch)


def _is_epoch(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and -1 <= value <= 10**9


async def _speak(websocket: WebSocket, viewer: runs.Viewer) -> int:
    """Send what there is, no faster than the line may be filled; return the code to close with, 0 where the browser has gone."""
    line = Bucket(BYTES_PER_SECOND, BYTES_PER_SECOND)
    try:
        while True:
            debt = line.take(0)
            try:
                # How the run is need not wait for the line.
                async with asyncio.timeout(debt or None):
                    item = await viewer.next(BEHIND, words=debt > 0)
            except TimeoutError:
                continue
            if item is None:
                return 1000
            if isinstance(item, str):
                await websocket.send_text(item)
            else:
                await websocket.send_bytes(item)
                line.take(len(item))
    except (WebSocketDisconnect, RuntimeError, OSError):
        return 0


def route(root: str) -> WebSocketRoute:
    """Return the route, below the address ``root`` of what the server sends besides Streamlit's own pages."""
    return WebSocketRoute(f"{root}/run/{{id}}", stream)
