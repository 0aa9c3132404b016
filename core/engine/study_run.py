"""One study on its way: its parts side by side, each step by step. Everything here happens in the engine's loop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from core.engine import plan, words
from core.engine.cluster import Cluster, Killed
from core.engine.dispatcher import Dispatcher, Job
from core.engine.viewer import State, Viewer
from core.studies.steps import Step, gather, steps_of
from core.studies.study import Outcome, Part, Study

ABREAST = 2
"""How many parts of a study are under way at once: it shares the workers with everyone else."""
ATTEMPTS = 2
"""How many workers a step may take along before its study is given up."""


@dataclass(eq=False)
class _Lane:
    """A part on its way.

    Attributes
    ----------
    part, steps:
        What is to be done.
    found:
        What its steps found so far.
    state:
        The bytes to go on from.
    """

    part: Part
    steps: tuple[Step, ...]
    found: list[bytes] = field(default_factory=list)
    state: bytes | None = None
    job: Job | None = None
    attempts: int = 0
    deaths: int = 0

    @property
    def over(self) -> bool:
        return len(self.found) == len(self.steps)


class StudyRun:
    """A study, from its settings to its outcomes.

    Parameters
    ----------
    study:
        What to compute.
    cluster, dispatcher:
        Who computes it, and when.
    settled:
        Called with the run when it has come to its end, whatever that is.

    Attributes
    ----------
    viewers:
        Who watches.
    owners:
        Tokens of the sessions that asked for it.
    failure:
        Why it ended early, or "".
    """

    def __init__(
        self,
        study: Study,
        cluster: Cluster,
        dispatcher: Dispatcher,
        settled: Callable[[StudyRun], None],
    ) -> None:
        self.study = study
        self.viewers: set[Viewer] = set()
        self.owners: dict[str, None] = {}
        self.failure = ""
        self._lanes = [_Lane(part, steps_of(part)) for part in study.parts()]
        self._cluster = cluster
        self._dispatcher = dispatcher
        self._settled = settled
        self._key = plan.digest(study.to_json(), plan.code_version(studies=True))

    @property
    def done(self) -> int:
        """Return how many steps are behind it."""
        return sum(len(lane.found) for lane in self._lanes)

    @property
    def steps(self) -> int:
        """Return how many steps it has."""
        return sum(len(lane.steps) for lane in self._lanes)

    @property
    def ready(self) -> int:
        """Return how many measures have been taken; with those a page has something new to draw."""
        return sum(lane.steps[i].measure >= 0 for lane in self._lanes for i in range(len(lane.found)))

    @property
    def waits(self) -> bool:
        """Return whether it has a place in the queue that somebody is told."""
        return bool(self.viewers) and not self.done and any(lane.job is not None for lane in self._lanes)

    @property
    def over(self) -> bool:
        """Return whether nothing is left to compute."""
        return bool(self.failure) or all(lane.over for lane in self._lanes)

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """Return what there is of each part."""
        return tuple(gather(lane.part, lane.found) for lane in self._lanes)

    def state(self) -> State:
        """Return what a viewer is told."""
        word, place, sentence = self._word()
        return {"state": word, "place": place, "done": self.done, "of": self.steps, "ready": self.ready, "sentence": sentence}

    def _word(self) -> tuple[str, int, str]:
        if self.failure:
            return "failed", 0, self.failure
        if self.over:
            return "done", 0, ""
        if self._cluster.state == "starting":
            return "starting", 0, words.STARTING
        if self._cluster.state == "away":
            return "away", 0, words.AWAY
        if not self._cluster.threads:
            return "away", 0, words.NO_WORKER
        if not self.owners:
            return "stopped", 0, ""
        waiting = [lane.job for lane in self._lanes if lane.job is not None]
        place = min((self._dispatcher.place(job) for job in waiting), default=0)
        return ("queued", place, words.queued(place)) if place and not self.done else ("running", 0, "")

    def tell(self) -> None:
        """Tell the viewers how it is."""
        state = self.state()
        for viewer in self.viewers:
            viewer.tell(state)

    def consider(self) -> None:
        """Begin what can be begun, as long as somebody wants it."""
        if self.owners and not self.over:
            idle = [lane for lane in self._lanes if not lane.over and lane.job is None]
            for lane in idle[: max(0, ABREAST - sum(each.job is not None for each in self._lanes))]:
                self._begin(lane)
        self.tell()

    def drop(self) -> None:
        """Let go of what is under way; what has been found stays."""
        for lane in self._lanes:
            job, lane.job = lane.job, None
            if job is not None:
                # Asked for again while a worker still has it, a task of the same name may never be answered.
                lane.attempts += job.task is not None
                self._dispatcher.withdraw(job)

    def retry(self) -> None:
        """Try again what failed."""
        self.failure = ""
        for lane in self._lanes:
            lane.attempts += 1
            lane.deaths = 0

    def _begin(self, lane: _Lane) -> None:
        async def compute() -> None:
            await self._step(lane)

        lane.job = Job(compute)
        self._dispatcher.add(lane.job)

    async def _step(self, lane: _Lane) -> None:
        job, at = lane.job, len(lane.found)
        key = plan.digest(self._key, self._lanes.index(lane), at, lane.attempts)
        try:
            record = await self._cluster.compute("study_step", self.study.to_json(), self._lanes.index(lane), lane.steps[at], lane.state, key=key)
        except Killed:
            lane.attempts += 1
            lane.deaths += 1
            record = {"failed": words.KILLED} if lane.deaths >= ATTEMPTS else {}
        if job is not lane.job:
            return  # withdrawn meanwhile
        lane.job = None
        if "found" in record:
            lane.deaths = 0
            lane.found.append(record["found"])
            lane.state = None if lane.over else record["state"]
        elif record:
            self.failure = str(record.get("refused") or record.get("failed") or words.LOST)
            self.drop()
        if self.over:
            self._settled(self)
        self.consider()
