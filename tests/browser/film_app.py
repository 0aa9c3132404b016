"""The app around `film_page`, and an engine that only seems to be one: what a run brings follows from its id, its epoch and nothing else.

``/heard/<run>`` tells what browsers have said about a run. A run behaves as the first word of its id says:

steady   a link of five epochs every 30 ms as far as it is wanted
slow     one every 400 ms
stepped  the same as steady, but only as far as ``/let/<run>/<epoch>`` has last said, 10 at first
dropped  the same as steady, but the line is cut behind links 4 and 9, once each
gone     unknown here
queued   waits behind two others first
lean     the same as steady, without frames behind link 2
short    ends at epoch 60 and hangs up; it takes calls for single frames
failed   fails after two links
fork     the same as steady up to link 4, another film from there on
"""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from contextlib import suppress
from pathlib import Path

import numpy as np
import streamlit as st
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from core.wire import Exact, pack
from tests.browser.film_numbers import EPOCHS, LINK, loss_of, weights_of
from tests.browser.film_numbers import MEMBERS as K
from ui import serving

HEARD: dict[str, list[dict[str, object]]] = defaultdict(list)
LET: dict[str, int] = defaultdict(lambda: 10)
CUT: dict[str, set[int]] = defaultdict(set)
GRID = 41


def frame(run: str, epoch: int) -> dict[str, object]:
    """What a frame shows: a field that turns with the epoch, weights of which more are zero with each member."""
    x, y = np.meshgrid(np.linspace(-1, 1, GRID), np.linspace(-1, 1, GRID))
    angles = epoch / 40 + np.arange(K)
    field = np.stack([127.5 + 127 * np.tanh(3 * (x * np.cos(angle) + y * np.sin(angle))) for angle in angles]).astype(np.uint8)
    weights = np.stack([weights_of(k, epoch) for k in range(K)])
    heights, edges = np.histogram(weights[0][weights[0] != 0], bins=20, range=(-127, 127))
    top = 2.0 if epoch < 60 else 1.0
    return {
        "epoch": epoch,
        "field": Exact(field),
        "weights": Exact(weights),
        "dropped": Exact(np.tile(np.arange(22) % 5 == 0, (K, 1)).astype(np.uint8)),
        "histogram": np.tile(heights, (K, 1)),
        "edges": edges,
        "zeros": (weights == 0).sum(axis=1),
        "loss_range": np.array([0, EPOCHS, 0.01, top * 10]),
    }


def link(run: str, index: int) -> bytes:
    """The message of a link: link 0 is the start."""
    first, last = (-1, 0) if index == 0 else (LINK * (index - 1), LINK * index)
    epochs = np.arange(first + 1, last + 1)
    losses = np.array([[loss_of(run, k, epoch) for epoch in epochs] for k in range(K)])
    return pack(
        {
            "kind": "film",
            "from": first,
            "to": last,
            "curves": {"train_loss": losses, "val_loss": losses + 0.2},
            "profiles": {"gap": 0.2 + 0 * losses.T + np.arange(K) / 10},
            "frame": frame(run, last) if index % 2 == 0 and not (run.startswith("lean") and index > 2) else None,
            "status": ["running"] * (K - 1) + ["diverged" if last >= 50 else "running"],
            "sentences": [""] * (K - 1) + ["Its loss grew without bound." if last >= 50 else ""],
        }
    )


async def stream(socket: WebSocket) -> None:
    """Serve one browser."""
    run, viewer, sent = socket.path_params["run"], socket.query_params["viewer"], int(socket.query_params["n"])
    kind, heard, wanted = run.partition("-")[0], HEARD[run], {"epoch": -1}
    await socket.accept()
    heard.append({"viewer": viewer, "n": sent})

    async def tell(state: str, place: int = 0, sentence: str = "") -> None:
        await socket.send_text(json.dumps({"state": state, "place": place, "computed": LINK * max(0, sent - 1), "sentence": sentence}))

    async def listen() -> None:
        while True:
            message = json.loads(await socket.receive_text())
            heard.append(message)
            if "want" in message:
                wanted["epoch"] = message["want"]
            else:
                still = {"kind": "film", "from": message["exact"], "to": message["exact"], "frame": frame(run, message["exact"])}
                await socket.send_bytes(pack(still))

    listener = asyncio.create_task(listen())
    try:
        if kind == "gone":
            await tell("gone")
            return
        if kind == "queued":
            for place in (2, 1):
                await tell("queued", place)
                await asyncio.sleep(0.5)
        await tell("running")
        waiting = False
        while not listener.done():
            if kind == "short" and sent == 13:
                await tell("done")
                await asyncio.sleep(0.2)
                if CUT[run]:
                    await listener
                CUT[run].add(sent)
                return
            if kind == "failed" and sent == 2:
                await tell("failed", sentence="The worker was lost three times over this run.")
                await listener
            if kind == "dropped" and sent in {4, 9} - CUT[run]:
                CUT[run].add(sent)
                return
            limit = min(wanted["epoch"], LET[run]) if kind == "stepped" else wanted["epoch"]
            if sent <= EPOCHS // LINK and (sent == 0 or LINK * (sent - 1) < limit):
                if waiting:
                    await tell("running")
                waiting = False
                await socket.send_bytes(link(run, sent))
                sent += 1
                if sent > EPOCHS // LINK:
                    await tell("done")
            elif sent <= EPOCHS // LINK and not waiting:
                waiting = True
                await tell("waiting")
            await asyncio.sleep(0.4 if kind == "slow" else 0.03)
    except WebSocketDisconnect:
        pass
    finally:
        listener.cancel()
        with suppress(BaseException):
            await listener
        with suppress(RuntimeError, WebSocketDisconnect):
            await socket.close()


async def heard(request: Request) -> JSONResponse:
    """Tell what browsers have said about a run."""
    return JSONResponse(HEARD[request.path_params["run"]])


async def let(request: Request) -> JSONResponse:
    """Let a stepped run go on."""
    LET[request.path_params["run"]] = request.path_params["epoch"]
    return JSONResponse({})


ROUTES = [Route("/let/{run}/{epoch:int}", let), Route("/heard/{run}", heard), WebSocketRoute("/lab/run/{run}", stream)]
app = st.App(Path(__file__).with_name("film_page.py"), routes=[*ROUTES, *serving.routes()])
