"""What a class costs: one follower, then two hundred, then two web processes on one SQLite file: `python -m benchmarks.class_room`.

Followers are what a browser is to the server: a socket of the class, and a session whose script runs when the room's version has changed. Nothing is
drawn, so that one machine can play all of them; its processors are shared by the server and the followers.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

import psutil
import uvicorn
from starlette.applications import Starlette
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin

from benchmarks.load.student import Seen, Student
from core.classroom import hub as hubs
from core.classroom.hub import AT_ONCE, INTERVAL, LONGEST_SPREAD, Hub
from core.classroom.room import Form, Place, new_participant
from core.classroom.store import Store
from tests.servers import free_port, process
from ui import class_stream

FOLLOWERS, MOVES, PAGE = 200, 5, "diamond_and_circle"
MOST_HEARD, MOST_READS = 1.0, 3 / INTERVAL
"""What the lab promises: seconds from a change to the last of 200 sockets, and questions to the store a second and process."""


@dataclass
class Follower:
    """One screen: the class's socket, and a session of the app where there is one."""

    room: ClientConnection
    session: Student | None = None
    code: str = ""
    heard: list[float] = field(default_factory=list)
    shown: list[float] = field(default_factory=list)

    async def follow(self, version: int, spread: float) -> None:
        """Wait for a version, and run the script for it as the component in a browser has it run."""
        while json.loads(await self.room.recv()).get("version", -1) < version:
            pass
        self.heard.append(time.monotonic())
        if self.session is not None:
            await asyncio.sleep(spread)
            await self.session.run(PAGE, f"lab_room={self.code}")
            self.shown.append(time.monotonic())


async def screen(url: str, code: str, with_script: bool) -> Follower:
    """Open one follower's sockets."""
    place = urlsplit(url)
    origin = Origin(f"http://{place.netloc}")
    room = await connect(f"ws://{place.netloc}{place.path}/lab/class/{code}", origin=origin, proxy=None, open_timeout=60)
    if not with_script:
        return Follower(room)
    session = Student(url, Seen(), seed=0)
    await session.join()
    await session.run(PAGE, f"lab_room={code}")
    return Follower(room, session, code)


async def lesson(urls: list[str], store: Store, count: int, with_script: bool, cost: float = 0.0) -> tuple[list[float], list[float]]:
    """Have ``count`` screens follow some moves; return the seconds until each heard of a move, and until each has shown it; ``cost`` is a run's."""
    code, key = await asyncio.to_thread(store.open)
    await asyncio.to_thread(store.publish, code, key, Place(PAGE, "dc_tilt=20"), Form())
    screens = [await screen(urls[i % len(urls)], code, with_script) for i in range(count)]
    heard, shown = [], []
    # As assets/plot/classroom.js does it, which waits a random part of what `Hub.spread` says.
    whole = min(LONGEST_SPREAD, max(0, count // len(urls) - AT_ONCE) * cost)
    spreads = [whole * i / count for i in range(count)]
    for move in range(MOVES):
        start = time.monotonic()
        await asyncio.to_thread(store.publish, code, key, Place(PAGE, f"dc_tilt={25 + 5 * move}"), Form())
        await asyncio.gather(*(each.follow(2 + move, spread) for each, spread in zip(screens, spreads, strict=True)))
        heard += [each.heard[-1] - start for each in screens]
        shown += [each.shown[-1] - start for each in screens if each.shown]
        await asyncio.sleep(0.5)
    await asyncio.to_thread(store.close, code, key)
    for each in screens:
        await each.room.close()
        if each.session is not None:
            await each.session.leave()
    return heard, shown


def streams(count: int) -> tuple[list[float], float, float]:
    """Measure the stream alone, in this process.

    Returns
    -------
    Seconds until a change is heard, processor seconds a minute at rest, and questions to the store a second.
    """
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'rooms.sqlite'}"
        hub = Hub(Store(url))
        hubs.hub = lambda: hub  # type: ignore[assignment]
        port = free_port()
        server = uvicorn.Server(
            uvicorn.Config(Starlette(routes=[class_stream.route("/lab")]), port=port, log_level="error", ws="websockets-sansio", lifespan="off")
        )
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.02)
        heard, _ = asyncio.run(lesson([f"http://127.0.0.1:{port}"], Store(url), count, with_script=False))
        processor, reads = asyncio.run(_at_rest(f"http://127.0.0.1:{port}", Store(url), hub, count))
        server.should_exit = True
        thread.join(10)
    return heard, processor, reads


async def _at_rest(url: str, store: Store, hub: Hub, count: int) -> tuple[float, float]:
    code, _ = await asyncio.to_thread(store.open)
    screens = [await screen(url, code, with_script=False) for _ in range(count)]
    await asyncio.sleep(1.5)
    before, reads, start = time.process_time(), hub.store.reads, time.monotonic()
    await asyncio.sleep(4.0)
    took = time.monotonic() - start
    found = (time.process_time() - before) / took * 60, (hub.store.reads - reads) / took
    for each in screens:
        await each.room.close()
    return found


def answers(count: int) -> float:
    """Return how many answers a second the store takes from eight threads at once."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{Path(folder) / 'rooms.sqlite'}")
        code, key = store.open()
        form = Form("training.1.0000", (0.0, 1.0))
        store.publish(code, key, Place(), form)

        def send() -> None:
            for _ in range(count // 8):
                store.answer(code, form.name, 0, new_participant(), "1.0")

        threads = [threading.Thread(target=send) for _ in range(8)]
        start = time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return count / (time.monotonic() - start)


def told(seconds: list[float]) -> str:
    """Return the middle and the last of some times."""
    return f"half by {1000 * median(seconds):6.0f} ms, all by {1000 * max(seconds):6.0f} ms" if seconds else "-"


def main() -> int:
    """Print the table; return 1 where a promise is broken."""
    broken = 0
    print(f"{MOVES} changes, published by another process than the one that has the screens; load of this machine: {psutil.getloadavg()[0]:.1f}\n")
    for count in (1, FOLLOWERS):
        heard, processor, reads = streams(count)
        print(f"stream alone, {count:3} screens:  heard {told(heard)}")
        print(f"    at rest {processor:.1f} processor s a minute, {reads:.1f} questions to the store a second")
        broken |= median(heard) > MOST_HEARD or reads > MOST_READS
    cost = 0.0
    for servers, count in ((1, 1), (1, FOLLOWERS), (2, FOLLOWERS)):
        with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
            url = f"sqlite:///{Path(folder) / 'rooms.sqlite'}"
            found = [stack.enter_context(process(env={"LAB_CLASS": url})) for _ in range(servers)]
            asyncio.run(lesson([at for _, at in found], Store(url), 2 * servers, with_script=True))  # what is loaded with a page's first run
            before = [sum(psutil.Process(each.pid).cpu_times()[:2]) for each, _ in found]
            heard, shown = asyncio.run(lesson([at for _, at in found], Store(url), count, with_script=True, cost=cost))
            spent = sum(sum(psutil.Process(each.pid).cpu_times()[:2]) - was for (each, _), was in zip(found, before, strict=True))
            runs = count * (MOVES + 1)
            cost = cost or spent / runs
            print(f"{servers} process(es), {count:3} screens:  heard {told(heard)};  shown {told(shown)}")
            print(f"    {1000 * spent / runs:.0f} processor ms a screen and change")
    print(f"\nanswers kept: {answers(400):.0f} a second")
    return int(broken)


if __name__ == "__main__":
    sys.exit(main())
