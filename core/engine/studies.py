"""All studies under way in this process: equal ones are one, and what has been found goes onto the shelf that pages read."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from core.engine.cluster import Cluster
from core.engine.dispatcher import Dispatcher
from core.engine.settings import Settings
from core.engine.study_run import StudyRun
from core.engine.viewer import Viewer, gone
from core.errors import InvalidInput
from core.studies.shelf import SHELF
from core.studies.store import Place, store
from core.studies.study import Outcome, Study

RETRY_SECONDS = 20.0


@dataclass(frozen=True)
class StudyTicket:
    """What a page is given for a study: its id, in the address of its stream, and the name of the session's viewers there."""

    id: str
    viewer: str


class Studies:
    """The studies under way. Everything here happens in the engine's loop.

    Parameters
    ----------
    settings:
        Caps, and how long a study is held that nobody watches.
    cluster, dispatcher:
        Who computes, and when; shared with all runs.
    watching:
        Called with +1 and -1 as viewers come and go; returns whether one more may come.
    """

    def __init__(self, settings: Settings, cluster: Cluster, dispatcher: Dispatcher, watching: Callable[[int], bool]) -> None:
        self._settings = settings
        self._cluster = cluster
        self._dispatcher = dispatcher
        self._watching = watching
        self._held: dict[str, StudyRun] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._failed_at: dict[str, float] = {}

    def ensure(self, study: Study, token: str, kept: Mapping[Place, Outcome]) -> StudyTicket:
        """Have a study computed, unless its outcomes are there, and hold it for a while; parts that have been ``kept`` are not computed again.

        Raises
        ------
        InvalidInput
            Where the session or all of them have too many under way.
        """
        ticket = StudyTicket(study.id, token)
        if SHELF.get(study) is not None:
            return ticket
        run = self._held.get(study.id)
        if run is None or token not in run.owners:
            self._admit(token)
        if run is None:
            run = self._held[study.id] = StudyRun(study, self._cluster, self._dispatcher, self._settled, kept, store())
        elif run.failure and time.monotonic() - self._failed_at.get(study.id, 0.0) > RETRY_SECONDS:
            run.retry()
        run.owners[token] = None
        if not run.viewers:
            self._hold(study.id)
        run.consider()
        return ticket

    def cancel(self, name: str, token: str) -> None:
        """Compute nothing more of a study for a session; what has been found stays for a while."""
        run = self._held.get(name)
        if run is not None:
            self._release(run, token)
            run.tell()

    def outcomes(self, name: str) -> tuple[Outcome, ...] | None:
        """Return what there is of a study that is under way."""
        run = self._held.get(name)
        return None if run is None else run.outcomes

    def attach(self, name: str, viewer: Viewer) -> bool:
        """Let a viewer watch a study; return whether there is one of this name here."""
        run = self._held.get(name)
        if run is None:
            if SHELF.has(name):
                viewer.dismiss(gone() | {"state": "done", "sentence": ""})
            return SHELF.has(name)
        if not self._watching(1):
            viewer.dismiss(run.state() | {"state": "full"})
            return True
        run.viewers.add(viewer)
        if (timer := self._timers.pop(name, None)) is not None:
            timer.cancel()

        def close(left: Viewer) -> None:
            if left in run.viewers:
                run.viewers.discard(left)
                self._watching(-1)
                if not run.viewers and name in self._held:
                    self._hold(name)

        viewer.on_close = close
        run.tell()
        return True

    def tell(self, waiting: bool = False) -> None:
        """Tell all viewers how things are, or those alone who wait for a first step."""
        for run in self._held.values():
            if not waiting or run.waits:
                run.tell()

    def _admit(self, token: str) -> None:
        """Make room for one more study of a session, or refuse it."""
        under_way = [run for run in self._held.values() if not run.over and run.owners]
        own = [run for run in under_way if token in run.owners]
        for runs, cap, whose in ((own, self._settings.session_runs, "a visitor"), (under_way, self._settings.all_runs, "all visitors together")):
            unwatched = [run for run in runs if not run.viewers]
            excess = len(runs) - cap + 1
            if excess > len(unwatched):
                raise InvalidInput(f"{len(runs) + 1} measurements at once", f"{cap} for {whose}", "Wait until one has ended.")
            for run in unwatched[: max(0, excess)]:
                for owner in list(run.owners):
                    self._release(run, owner)

    def _release(self, run: StudyRun, token: str) -> None:
        run.owners.pop(token, None)
        if not run.owners:
            run.drop()

    def _hold(self, name: str) -> None:
        if (timer := self._timers.pop(name, None)) is not None:
            timer.cancel()
        self._timers[name] = asyncio.get_running_loop().call_later(self._settings.grace, self._grace_over, name)

    def _grace_over(self, name: str) -> None:
        self._timers.pop(name, None)
        run = self._held.get(name)
        if run is not None and not run.viewers:
            run.drop()
            del self._held[name]
            self._failed_at.pop(name, None)

    def _settled(self, run: StudyRun) -> None:
        if run.failure:
            self._failed_at[run.study.id] = time.monotonic()
        else:
            SHELF.put(run.study, run.outcomes)
