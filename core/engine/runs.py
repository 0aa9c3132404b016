"""Runs for pages and for the server: `ensure` one, `command` it, `subscribe` to it.

All of it may be called from any thread. What is behind it lives in a thread and an event loop of its own, begun by the server's start or by the first
caller: a page under test has no server, and the server's own loop is left to its visitors.
"""

from __future__ import annotations

import asyncio
import atexit
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from core.engine.plan import Edit
from core.engine.registry import Registry, Ticket
from core.engine.settings import Settings
from core.engine.studies import StudyTicket
from core.engine.viewer import Viewer
from core.specs.training import TrainingSpec
from core.studies.store import store
from core.studies.study import Outcome, Study
from core.wire import unpack

__all__ = [
    "Edit",
    "Settings",
    "StudyTicket",
    "Ticket",
    "Viewer",
    "census",
    "command",
    "ensure",
    "history",
    "outcomes",
    "start",
    "state",
    "stop",
    "stop_study",
    "study",
    "subscribe",
    "weights",
]

T = TypeVar("T")
WORK = "core.engine.work"
ANSWER_SECONDS = 10.0


class _Engine:
    """The thread, its loop and its registry."""

    def __init__(self, settings: Settings, work: str) -> None:
        self.loop: asyncio.AbstractEventLoop = asyncio.new_event_loop()
        self.registry: Registry
        self._ready = threading.Event()
        self._main: asyncio.Task[None] | None = None
        self._thread = threading.Thread(target=self._live, args=(settings, work), name="engine", daemon=True)
        self._thread.start()
        self._ready.wait(ANSWER_SECONDS)

    def _live(self, settings: Settings, work: str) -> None:
        asyncio.set_event_loop(self.loop)
        with suppress(asyncio.CancelledError):
            self.loop.run_until_complete(self._serve(settings, work))
        with suppress(asyncio.CancelledError):
            self.loop.run_until_complete(self._rest())
        self.loop.close()

    async def _serve(self, settings: Settings, work: str) -> None:
        self.registry = Registry(settings, work)
        self._main = asyncio.current_task()
        self._ready.set()
        await self.registry.run()

    async def _rest(self) -> None:
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left, timeout=1)
        await self.loop.shutdown_asyncgens()

    def call(self, function: Callable[..., T], *args: Any, **kwargs: Any) -> T:  # noqa: ANN401 - whatever the function takes
        """Return what a function returns when it is called in the loop."""
        answer: Future[T] = Future()

        def act() -> None:
            try:
                answer.set_result(function(*args, **kwargs))
            except BaseException as problem:  # noqa: BLE001 - it is the caller's
                answer.set_exception(problem)

        self.loop.call_soon_threadsafe(act)
        return answer.result(ANSWER_SECONDS)

    def wait(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Return what a coroutine returns when it is run in the loop."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(ANSWER_SECONDS)

    def post(self, function: Callable[..., object], *args: Any) -> None:  # noqa: ANN401 - whatever the function takes
        """Have a function called in the loop, which may have ended."""
        with suppress(RuntimeError):
            self.loop.call_soon_threadsafe(function, *args)

    def stop(self, seconds: float) -> None:
        """End the workers and the thread."""
        if self._main is not None:
            self.post(self._main.cancel)
        self._thread.join(seconds)


_lock = threading.Lock()
_engine: _Engine | None = None


def start(settings: Settings | None = None, work: str = WORK) -> None:
    """Start the engine, unless it runs, and return before it is ready; `ensure` does as much."""
    _running(settings, work)


def stop(seconds: float = 6.0) -> None:
    """End the engine and its workers; a later call of anything here starts a new one."""
    global _engine
    with _lock:
        engine, _engine = _engine, None
    if engine is not None:
        engine.stop(seconds)


def _running(settings: Settings | None = None, work: str = WORK) -> _Engine:
    global _engine
    with _lock:
        if _engine is None:
            _engine = _Engine(settings or Settings.from_environment(), work)
        return _engine


# Interpreters without a server's end (a test, a notebook) end the workers here; should they not, its closed input ends the launcher.
atexit.register(stop, 2.0)


def ensure(spec: TrainingSpec, session: str, edits: tuple[Edit, ...] = (), want: int = 0, data: bytes = b"") -> Ticket:
    """Have a run of a spec, and hold it until its viewers have left.

    Equal specs with equal edits are one run, whoever asks. Its first epochs are computed at once, more of it when a viewer wants it.

    Parameters
    ----------
    spec:
        What to train.
    session:
        Whose it is, e.g. the visitor's session: caps are counted, and commands obeyed, by it.
    edits:
        Changes on the way, as a `Ticket` of an edited run names them.
    want:
        An epoch to compute up to before there is a viewer.
    data:
        Somebody's own data (`core.datasets.uploads.dataset.travelling`), where the spec's are "given" and named by their hash. The run and all that
        was computed of it are let go of once its last viewer has left and the grace period is over.

    Raises
    ------
    InvalidInput
        Where the session or all of them have too many runs under way.
    """
    engine = _running()
    return engine.call(lambda: engine.registry.ensure(spec, engine.registry.token(session), edits, want, data))


def command(id: str, what: str, session: str, **values: Any) -> Ticket | None:  # noqa: ANN401 - an edit's values
    """Do something with a run.

    Parameters
    ----------
    id:
        A ticket's.
    what:
        "pause" and "resume": whether what this session's viewers want counts. "cancel": compute nothing more for this session until it resumes,
        and let go of what is under way for it alone. "edit": another lambda, dropout rate or learning rate (``lam``, ``dropout``, ``lr``; a number,
        or one for each member) from ``epoch`` on, by default where the session's playhead stands, or the last one computed where it has none.
    session:
        Whose command it is.

    Returns
    -------
    Ticket or None
        For an edit the ticket of the run that goes on from there: another one, whose beginning the two share. None where the playhead stands at the
        start or at the end: there is nothing to go on from.

    Raises
    ------
    InvalidInput
        Where there is no such run or command, a value is out of its range, or an edit is one run too many.
    """
    engine = _running()
    return engine.call(lambda: engine.registry.command(id, what, engine.registry.token(session), **values))


def study(study: Study, session: str) -> StudyTicket:
    """Have a study computed, and hold it until its viewers have left; its outcomes come to `core.studies.shelf.SHELF`.

    Raises
    ------
    InvalidInput
        Where the session or all of them have too many under way.
    """
    engine = _running()
    kept = store().parts(study)  # here, and not in the loop, which waits for no database
    return engine.call(lambda: engine.registry.studies.ensure(study, engine.registry.token(session), kept))


def stop_study(id: str, session: str) -> None:
    """Compute nothing more of a study for a session."""
    engine = _running()
    engine.call(lambda: engine.registry.studies.cancel(id, engine.registry.token(session)))


def outcomes(id: str) -> tuple[Outcome, ...] | None:
    """Return what there is of a study that is under way; None where it is not."""
    engine = _running()
    return engine.call(lambda: engine.registry.studies.outcomes(id))


def subscribe(id: str, viewer: str, n: int = 0) -> Viewer:
    """Watch a run or a study, from the loop that will ask the viewer for the `next` thing to send.

    Parameters
    ----------
    id:
        A ticket's.
    viewer:
        The ticket's viewer.
    n:
        How many messages of the film are there already.
    """
    engine = _running()
    watching = Viewer(viewer, n, engine.post)
    engine.post(engine.registry.attach, id, watching)
    return watching


def weights(id: str, epoch: int) -> tuple[int, NDArray[Any]]:
    """Return an epoch and the weights (k, P) of all networks of a run after it, laid out as `core.networks.layout` says.

    Parameters
    ----------
    id:
        A ticket's.
    epoch:
        The epoch; the last one computed where that is not reached.

    Raises
    ------
    InvalidInput
        Where there is no such run, or nobody who could compute it now.
    """
    engine = _running()
    found, raw = engine.wait(engine.call(engine.registry.held, id).state_at(epoch))
    return found, unpack(raw)["weights"]


def history(id: str) -> dict[str, NDArray[Any]]:
    """Return name -> (k, E + 1) the curves of a run as far as they have been computed, the start first.

    Raises
    ------
    InvalidInput
        Where there is no such run.
    """
    engine = _running()
    messages = engine.call(lambda: list(engine.registry.held(id).film.messages))
    curves = [unpack(message.raw)["curves"] for message in messages]
    return {name: np.concatenate([part[name] for part in curves], axis=1) for name in curves[0]} if curves else {}


def state() -> str:
    """Return how the engine is: "off", "starting", "ready" or "away"."""
    engine = _engine
    return engine.registry.cluster.state if engine is not None else "off"


def census() -> list[dict[str, Any]]:
    """Return how all runs are: id, state, computed epoch, links computed, viewers, bytes."""
    engine = _running()
    return engine.call(engine.registry.census)
