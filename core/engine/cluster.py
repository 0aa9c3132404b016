"""The connection to the workers: made, watched, and made again when it is lost.

Where ``DASK_SCHEDULER_ADDRESS`` is set, it leads to that cluster; otherwise to a launcher process of our own, which is started anew when it dies. A
client of Dask's that loses its scheduler goes on "connecting" for half a minute while its submits hang, so a lost one is left behind at once.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import importlib
import logging
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from core.engine import words
from core.engine.plan import digest

ROOT = Path(__file__).resolve().parent.parent.parent
ADDRESS = "DASK_SCHEDULER_ADDRESS"
WATCH_SECONDS = 0.1
COUNT_SECONDS = 2.0
# A scheduler that does not say for so long how many workers it has is as good as gone, even on a machine with much else to do.
SILENCE_SECONDS = 30.0
START_SECONDS = 120.0
# A task that is not answered for so long is asked after; most take a quarter of a second.
PATIENCE_SECONDS = 4.0
LONGEST_REST = 5.0

_LOG = logging.getLogger(__name__)


class Away(Exception):
    """The cluster went away before it answered."""


class Killed(Exception):
    """The worker died while it computed the answer."""


class _Lost(Exception):
    """The scheduler knows nothing of a task that was sent to it: seen now and then where tasks are let go of while others are sent."""


@dataclass
class _Connection:
    client: Any
    build: str
    threads: int
    deaf: bool = False
    lost: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Cluster:
    """Computes functions on workers, whoever they are at the moment.

    Parameters
    ----------
    changed:
        Called whenever `state` or `threads` may have changed.
    workers, nice:
        How many workers a launcher of our own starts, and by how much everybody else goes first.
    work:
        The module with ``link``, ``exact``, ``build`` and ``dask_setup`` (see `core.engine.work`).

    Attributes
    ----------
    state:
        "starting" before the first connection, "ready", or "away".
    threads:
        How many tasks can be computed at once.
    launcher:
        The process of our own, where there is one.
    """

    def __init__(self, changed: Callable[[], None], workers: int, nice: int = 10, work: str = "core.engine.work") -> None:
        self.state = "starting"
        self.launcher: subprocess.Popen[bytes] | None = None
        self.work: ModuleType = importlib.import_module(work)
        self._changed = changed
        self._workers = workers
        self._nice = nice
        self._connection: _Connection | None = None
        self._farewells: set[asyncio.Task[None]] = set()

    @property
    def threads(self) -> int:
        """Return how many tasks can be computed at once: 0 while there is no one to compute them."""
        return self._connection.threads if self._connection is not None else 0

    @property
    def build(self) -> str:
        """Return what the workers' numbers depend on besides the code."""
        return self._connection.build if self._connection is not None else ""

    # ------------------------------------------------------------------------------------------------------------ computing

    async def compute(self, name: str, *args: Any, key: str, priority: int = 0) -> Any:  # noqa: ANN401 - what the function returns
        """Return what a function of the work module returns.

        Raises
        ------
        Away
            Where the connection was lost first.
        Killed
            Where the worker died.
        """
        connection = self._connection
        if connection is None:
            raise Away
        # The same work at two builds may differ in the last digits, so it has two names.
        named = f"{name}-{digest(key, connection.build)}"
        try:
            return await self._answer(connection, name, args, named, priority)
        except _Lost:
            _LOG.warning("the scheduler has lost %s: it is asked for again", named)
        try:
            return await self._answer(connection, name, args, f"{name}-{digest(key, connection.build, 'again')}", priority)
        except _Lost:
            _LOG.warning("the scheduler hears nothing of this client any longer: another one is made")
            connection.deaf = True
            raise Away from None

    async def _answer(self, connection: _Connection, name: str, args: tuple[Any, ...], named: str, priority: int) -> Any:  # noqa: ANN401 - what the function returns
        """Return what a function of the work module returns, as the task ``named``; raise `_Lost` where the scheduler knows of no such task."""
        from distributed import KilledWorker
        from distributed.client import ClosedClientError

        future = answer = None
        try:
            future = connection.client.submit(getattr(self.work, name), *args, key=named, priority=priority)
            answer = asyncio.ensure_future(future.result())
            missed = 0
            while not (await asyncio.wait({answer, connection.lost}, timeout=PATIENCE_SECONDS, return_when=asyncio.FIRST_COMPLETED))[0]:
                # Twice, since a task may have been sent that has not been unpacked there yet.
                missed = 0 if await _known(connection.client, named) else missed + 1
                if missed == 2:
                    raise _Lost
            if not answer.done() or answer.cancelled():
                raise Away
            return answer.result()
        except (Away, _Lost):
            raise
        except KilledWorker:
            raise Killed from None
        except (OSError, concurrent.futures.CancelledError, ClosedClientError):  # what Dask says when the scheduler has gone
            raise Away from None
        except Exception:  # noqa: BLE001 - Dask's own, since the work raises none
            _LOG.exception("the cluster gave no answer")
            return {"failed": words.LOST}
        finally:
            if answer is not None:
                answer.cancel()
            if future is not None:  # a failed key would stay failed as long as anyone holds it
                future.release()

    # ----------------------------------------------------------------------------------------------------------- supervision

    async def run(self) -> None:
        """Keep a connection until cancelled."""
        rest = 0.2
        try:
            while True:
                try:
                    await self._connect()
                    rest = 0.2
                    await self._watch()
                except (OSError, RuntimeError, TimeoutError) as problem:
                    _LOG.warning("the training engine is away: %s", problem)
                    await asyncio.sleep(rest)
                    rest = min(2 * rest, LONGEST_REST)
                finally:
                    self._disconnect()
        finally:
            if self._farewells:
                await asyncio.wait(self._farewells, timeout=1)

    async def _connect(self) -> None:
        address = os.environ.get(ADDRESS) or await self._launch()
        distributed = await asyncio.to_thread(_imported)
        client = distributed.Client(address, asynchronous=True, set_as_default=False, timeout=10, name="lab")
        try:
            await client
            threads = sum((await client.nthreads()).values())
            while not threads:
                self._come_to("away" if self.state == "away" else "starting")
                await asyncio.sleep(0.2)
                threads = sum((await client.nthreads()).values())
            builds = sorted(set((await client.run(self.work.build)).values()))
            if len(builds) > 1:
                _LOG.warning("workers differ, so runs may differ in their last digits: %s", builds)
        except BaseException:
            self._leave(client)
            raise
        self._connection = _Connection(client, " + ".join(builds), threads)
        self._come_to("ready")

    async def _launch(self) -> str:
        """Start a launcher and return the address that it says."""
        command = [sys.executable, "-m", "core.engine.launcher", "--workers", str(self._workers), "--nice", str(self._nice)]
        command += ["--work", self.work.__name__]
        # A session of its own: a Ctrl-C at the terminal is ours to pass on, by closing its input.
        launcher = subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
            env=os.environ | {"DASK_LOGGING__DISTRIBUTED": "critical", "PYTHONDONTWRITEBYTECODE": "1"},
        )
        self.launcher = launcher
        assert launcher.stdout is not None
        loop = asyncio.get_running_loop()
        line: asyncio.Future[bytes] = loop.create_future()
        handle = launcher.stdout.fileno()

        def read() -> None:
            # The line is short and written at once, so it arrives whole.
            loop.remove_reader(handle)
            if not line.done():
                line.set_result(os.read(handle, 200))

        loop.add_reader(handle, read)
        try:
            address = (await asyncio.wait_for(line, START_SECONDS)).decode().strip()
        finally:
            loop.remove_reader(handle)
        if not address:
            raise RuntimeError(f"the launcher ended with {launcher.wait()} before it was ready")
        return address

    async def _watch(self) -> None:
        """Return when the launcher has ended or the scheduler is gone."""
        connection = self._connection
        assert connection is not None
        counting = asyncio.create_task(self._count(connection))
        try:
            # Beside the count, which may hang for as long as Dask tries to reach a scheduler that has gone.
            while connection.client.status == "running" and not (connection.deaf or self._ended() or counting.done()):
                await asyncio.sleep(WATCH_SECONDS)
        finally:
            counting.cancel()
            await asyncio.gather(counting, return_exceptions=True)

    def _ended(self) -> bool:
        return self.launcher is not None and self.launcher.poll() is not None

    async def _count(self, connection: _Connection) -> None:
        """Count the workers now and then; return or fail where the scheduler says nothing."""
        while True:
            await asyncio.sleep(COUNT_SECONDS)
            threads = sum((await asyncio.wait_for(connection.client.nthreads(), SILENCE_SECONDS)).values())
            if threads != connection.threads:
                connection.threads = threads
                self._changed()

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            if not connection.lost.done():
                connection.lost.set_result(None)
            self._leave(connection.client)
        launcher, self.launcher = self.launcher, None
        if launcher is not None:
            _end(launcher)
        self._come_to("away")

    def _leave(self, client: Any) -> None:  # noqa: ANN401 - Dask's client
        farewell = asyncio.ensure_future(_farewell(client))
        self._farewells.add(farewell)
        farewell.add_done_callback(self._farewells.discard)

    def _come_to(self, state: str) -> None:
        if state != self.state:
            self.state = state
            self._changed()


async def _known(client: Any, named: str) -> bool:  # noqa: ANN401 - Dask's client
    """Return whether the scheduler knows of a task; where it cannot be asked just now, nothing is concluded from that."""
    try:
        async with asyncio.timeout(SILENCE_SECONDS):
            return bool(await client.run_on_scheduler(holds, named=named))
    except Exception:  # noqa: BLE001 - Dask's own; a scheduler that has gone is noticed elsewhere
        return True


def holds(named: str, dask_scheduler: Any = None) -> bool:  # noqa: ANN401 - Dask's scheduler
    """Return whether a scheduler holds a task; called there."""
    return named in dask_scheduler.tasks


async def _farewell(client: Any) -> None:  # noqa: ANN401 - Dask's client
    try:
        with suppress(Exception):
            async with asyncio.timeout(2):
                # The public way waits two seconds for a scheduler that may be no more, and goes on looking for it.
                await client._close(fast=True)
    finally:
        # Or its finalizer would close it once more, in whichever thread it is collected.
        client.status = "closed"


def _end(launcher: subprocess.Popen[bytes]) -> None:
    """Close a launcher's input, at which it ends, and let go of it."""
    for stream in (launcher.stdin, launcher.stdout):
        if stream is not None:
            with suppress(OSError):
                stream.close()
    try:
        launcher.wait(2)
    except subprocess.TimeoutExpired:
        launcher.kill()
        launcher.wait()


def _imported() -> ModuleType:
    """Import Dask, half a second in which the loop can go on, with its own log turned down: what matters in it is said by us."""
    import dask

    # States of large families are as large as they are.
    dask.config.set({"logging": {"distributed": "critical"}, "distributed.admin.large-graph-warning-threshold": "1GB"})
    import distributed

    return distributed
