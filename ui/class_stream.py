"""The stream of a class room to a browser: one WebSocket a page, ``lab/class/<code>``.

Out go texts: ``version`` and the outline of the place when a student's screen has something to catch up with; ``version``, ``joined``
and the ``tally`` of the question for the teacher's; ``{"closed": true}``; ``{"refused": sentence}``. In comes at most one, ``{"key": key}``,
which makes it the teacher's: a key in the address would stand in logs.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress

from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from core.classroom import hub as rooms
from core.classroom.room import code_of
from core.errors import InvalidInput
from core.pace import Bucket
from ui.doors import FULL, POLICY, same_host
from ui.run_stream import LONGEST_TEXT, TOO_LONG

KEY_SECONDS = 5.0
"""How long a teacher's screen may take to show its key."""
_TEXTS = 3  # that a browser may send, one of which says something


async def stream(websocket: WebSocket) -> None:
    """Serve one socket until either side has enough."""
    role = websocket.query_params.get("as", "student")
    try:
        code = code_of(websocket.path_params["code"])
    except InvalidInput:
        code = ""
    if not same_host(websocket.scope) or not code or role not in ("student", "teacher"):
        await websocket.close(POLICY)  # before it is accepted: 403
        return
    await websocket.accept()
    hub = rooms.hub()
    try:
        # Looked up before a watcher is made, so that guessing codes meets its limit here.
        room = await asyncio.to_thread(hub.look, code)
        if room is None:
            await _end(websocket, {"closed": True}, 1000)
            return
        if role == "teacher" and not await _has_key(websocket, code):
            await websocket.close(POLICY)
            return
        watcher = hub.watch(code, role == "teacher")
    except InvalidInput as refusal:
        await _end(websocket, {"refused": str(refusal)}, FULL)
        return
    except WebSocketDisconnect:
        return
    tasks = {asyncio.create_task(_listen(websocket)), asyncio.create_task(_speak(websocket, watcher))}
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if closing := max(task.result() for task in done):
            with suppress(RuntimeError, WebSocketDisconnect):
                await websocket.close(closing)
    finally:
        watcher.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _has_key(websocket: WebSocket, code: str) -> bool:
    """Return whether the first thing that the browser says is the room's key."""
    try:
        async with asyncio.timeout(KEY_SECONDS):
            said = json.loads(await websocket.receive_text())
    except (TimeoutError, ValueError, KeyError):
        return False
    key = said.get("key") if isinstance(said, dict) else None
    return isinstance(key, str) and await asyncio.to_thread(rooms.hub().is_teacher, code, key)


async def _listen(websocket: WebSocket) -> int:
    """Wait until the browser goes; nothing that it says is of interest. Return the code to close with, 0 where it has closed."""
    allowance = Bucket(1.0, _TEXTS)
    while True:
        message = await websocket.receive()
        if message["type"] != "websocket.receive":
            return 0
        if len(message.get("text") or "") > LONGEST_TEXT:
            return TOO_LONG
        if message.get("text") is None or not allowance.allows():
            return POLICY


async def _speak(websocket: WebSocket, watcher: rooms.Watcher) -> int:
    """Send what is new; return the code to close with, 0 where the browser has gone."""
    try:
        while True:
            text = await watcher.next()
            await websocket.send_text(text)
            if "closed" in json.loads(text):
                return 1000
    except (WebSocketDisconnect, RuntimeError, OSError):
        return 0


async def _end(websocket: WebSocket, said: dict[str, object], code: int) -> None:
    with suppress(RuntimeError, WebSocketDisconnect, OSError):
        await websocket.send_text(json.dumps(said))
        await websocket.close(code)


def route(root: str) -> WebSocketRoute:
    """Return the route, below the address ``root`` of what the server sends besides Streamlit's own pages."""
    return WebSocketRoute(f"{root}/class/{{code}}", stream)
