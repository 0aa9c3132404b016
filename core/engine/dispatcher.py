"""Whose turn it is: runs share the workers link by link, in the order of their asking."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from core.engine.cluster import Away, Cluster

EXPRESS_IN_A_ROW = 3
"""After so many first links and single frames an ordinary link has its turn, if one waits: a class that scrubs must not hold up one that trains."""

_LOG = logging.getLogger(__name__)


@dataclass(eq=False)
class Job:
    """Something to be computed when its turn has come.

    Attributes
    ----------
    work:
        Called when it has; it asks the cluster, and takes what comes of it.
    express:
        Whether it goes before ordinary links.
    """

    work: Callable[[], Awaitable[None]]
    express: bool = False
    task: asyncio.Task[None] | None = field(default=None, repr=False)


class Dispatcher:
    """Hands jobs to the cluster, no more at once than keep its workers busy, so that what waits can still be withdrawn, counted and reordered.

    Parameters
    ----------
    cluster:
        Who computes.
    moved:
        Called when the queue has moved.
    """

    def __init__(self, cluster: Cluster, moved: Callable[[], None]) -> None:
        self._cluster = cluster
        self._moved = moved
        self._express: deque[Job] = deque()
        self._ordinary: deque[Job] = deque()
        self._flying: set[Job] = set()
        self._row = 0

    def add(self, job: Job) -> None:
        """Put a job at the end of its queue."""
        (self._express if job.express else self._ordinary).append(job)
        self.pump()

    def withdraw(self, job: Job) -> None:
        """Forget a job: one that waits is not begun, one that is being computed is let go of."""
        for queue in (self._express, self._ordinary):
            if job in queue:
                queue.remove(job)
        if job.task is not None:
            job.task.cancel()
        self.pump()

    def place(self, job: Job) -> int:
        """Return how many jobs are in front of a job that waits, itself included; 0 where it does not wait."""
        if job in self._express:
            return 1 + self._express.index(job)
        return 1 + len(self._express) + self._ordinary.index(job) if job in self._ordinary else 0

    def pump(self) -> None:
        """Begin what can be begun."""
        begun = False
        while (job := self._next()) is not None:
            self._flying.add(job)
            job.task = asyncio.create_task(self._fly(job))
            # Not at the end of the task's own code: one that is cancelled before its first step has none.
            job.task.add_done_callback(lambda _, job=job: self._land(job))  # type: ignore[misc]
            begun = True
        if begun:
            self._moved()

    def _next(self) -> Job | None:
        threads = self._cluster.threads
        # One more than can be computed at once waits at the scheduler, so that a worker that is done has its next link a millisecond later. First
        # links and frames go there as well when all are busy: the scheduler takes them first.
        room = threads + 1 if threads else 0
        if self._express and len(self._flying) < room + threads and not (self._ordinary and self._row >= EXPRESS_IN_A_ROW):
            self._row += 1
            return self._express.popleft()
        if self._ordinary and len(self._flying) < room:
            self._row = 0
            return self._ordinary.popleft()
        return None

    async def _fly(self, job: Job) -> None:
        try:
            await job.work()
        except Away:
            # Before all others when there is someone to compute it.
            job.task = None
            (self._express if job.express else self._ordinary).appendleft(job)
            await asyncio.sleep(0.05)
        except Exception:  # noqa: BLE001 - the queue goes on, whatever one job did
            _LOG.exception("a job was lost")

    def _land(self, job: Job) -> None:
        self._flying.discard(job)
        self.pump()
