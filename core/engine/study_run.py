"""One study on its way: its parts side by side, each step by step. Everything here happens in the engine's loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.engine import plan, words
from core.engine.cluster import Cluster, Killed
from core.engine.dispatcher import Dispatcher, Job
from core.engine.viewer import State, Viewer
from core.studies.parcels import outcome_bytes, part_fields, part_of
from core.studies.steps import Step, gather, steps_of
from core.studies.store import Place, Store, in_order
from core.studies.study import AdaptiveStudy, Outcome, Part, Study

ABREAST = 2
"""How many parts of a study are under way at once: it shares the workers with everyone else."""
ATTEMPTS = 2
"""How many workers a step may take along before its study is given up."""
THOUSAND = 1000


@dataclass(eq=False)
class _Lane:
    """Parts on their way, one after the other; most studies have one part a lane.

    Attributes
    ----------
    part, steps:
        The one under way; None before it is known.
    found:
        What its steps found so far.
    state:
        The bytes to go on from.
    done:
        What came of the parts before it.
    over:
        Whether no part follows.
    share:
        How much of a lane of an adaptive study is behind it, asked when a part ends: viewers are told of it far more often.
    """

    part: Part | None
    steps: tuple[Step, ...] = ()
    found: list[bytes] = field(default_factory=list)
    state: bytes | None = None
    done: list[Outcome] = field(default_factory=list)
    over: bool = False
    share: float = 0.0
    job: Job | None = None
    attempts: int = 0
    deaths: int = 0

    def follow(self, part: Part | None) -> None:
        """Go on with a part; None: there is no more."""
        self.part, self.steps = part, steps_of(part) if part is not None else ()
        self.found, self.state, self.over = [], None, part is None


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
    kept:
        Parts that are there already, by lane and number.
    store:
        Where finished parts are kept.

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
        kept: Mapping[Place, Outcome],
        store: Store,
    ) -> None:
        self.study = study
        self.viewers: set[Viewer] = set()
        self.owners: dict[str, None] = {}
        self.failure = ""
        self._lanes = _lanes(study, kept)
        self._closed = self.over  # what was there already
        self._store = store
        self._cluster = cluster
        self._dispatcher = dispatcher
        self._settled = settled
        self._key = plan.digest(study.to_json(), plan.code_version(studies=True))

    @property
    def done(self) -> int:
        """Return how much is behind it: steps, or thousandths of the lanes of a study that is not known in advance."""
        if isinstance(self.study, AdaptiveStudy):
            return sum(THOUSAND if lane.over else int(THOUSAND * lane.share) for lane in self._lanes)
        return sum(len(lane.steps) if lane.over else len(lane.found) for lane in self._lanes)

    @property
    def steps(self) -> int:
        """Return how much it is in all."""
        if isinstance(self.study, AdaptiveStudy):
            return THOUSAND * len(self._lanes)
        return sum(len(lane.steps) for lane in self._lanes)

    @property
    def ready(self) -> int:
        """Return how many things a page can draw: measures that have been taken, and families without any that have been trained."""
        measures = sum(lane.steps[i].measure >= 0 for lane in self._lanes if not lane.over for i in range(len(lane.found)))
        return measures + sum(len(outcome.measures) or 1 for lane in self._lanes for outcome in lane.done)

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
        """Return what there is of each part, lane by lane; of a study that is not known in advance the finished parts alone."""
        if isinstance(self.study, AdaptiveStudy):
            return tuple(outcome for lane in self._lanes for outcome in lane.done)
        return tuple(lane.done[0] if lane.part is None or lane.over else gather(lane.part, lane.found) for lane in self._lanes)

    def state(self) -> State:
        """Return what a viewer is told."""
        word, place, sentence = self._word()
        return {"state": word, "place": place, "done": self.done, "of": self.steps, "ready": self.ready, "sentence": sentence}

    def _word(self) -> tuple[str, int, str]:
        if self.failure:
            return "failed", 0, self.failure
        if self.over:  # it is kept as a whole before anybody is told that it is one
            return ("done" if self._closed else "running"), 0, ""
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
            idle = sorted((lane for lane in self._lanes if not lane.over and lane.job is None), key=lambda lane: len(lane.done))
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
            if lane.part is None:
                await self._ask(lane)
            elif len(lane.found) < len(lane.steps):
                await self._step(lane, lane.part)
            else:  # let go of while it was being kept
                await self._finish(lane, lane.part)

        lane.job = Job(compute)
        self._dispatcher.add(lane.job)

    async def _ask(self, lane: _Lane) -> None:
        """Find out which part follows."""
        before = [outcome_bytes(outcome) for outcome in lane.done]
        record = await self._computed("study_next", lane, "ask", self.study.to_json(), self._lanes.index(lane), before)
        if record is None:
            return
        if "part" in record:
            lane.follow(None if record["part"] is None else part_of(record["part"]))
        lane.job = None
        await self._go_on(record)

    async def _step(self, lane: _Lane, part: Part) -> None:
        """Go one step."""
        at = len(lane.found)
        named = part_fields(part) if isinstance(self.study, AdaptiveStudy) else self._lanes.index(lane)
        record = await self._computed("study_step", lane, at, self.study.to_json(), named, lane.steps[at], lane.state)
        if record is None:
            return
        if "found" in record:
            lane.deaths = 0
            lane.found.append(record["found"])
            lane.state = record["state"]
            if len(lane.found) == len(lane.steps):
                await self._finish(lane, part)
                return
        lane.job = None
        await self._go_on(record)

    async def _finish(self, lane: _Lane, part: Part) -> None:
        """Put a part behind its lane. It is kept before anybody is told of it: what a page has shown is not lost."""
        outcome = gather(part, lane.found)
        await asyncio.to_thread(self._store.keep, self.study, self._lanes.index(lane), len(lane.done), outcome)
        lane.done.append(outcome)
        lane.state = lane.job = None
        if isinstance(self.study, AdaptiveStudy):
            lane.part, lane.steps, lane.found = None, (), []
            lane.share = self.study.share(tuple(lane.done))
        else:
            lane.over = True
        await self._go_on({})

    async def _computed(self, what: str, lane: _Lane, at: object, *args: Any) -> dict[str, Any] | None:  # noqa: ANN401 - what the task takes
        """Return the record of a task; {} where its worker died and it is to be tried again, None where the job has been withdrawn meanwhile."""
        job = lane.job
        key = plan.digest(self._key, self._lanes.index(lane), len(lane.done), at, lane.attempts)
        try:
            record: dict[str, Any] = await self._cluster.compute(what, *args, key=key)
        except Killed:
            lane.attempts += 1
            lane.deaths += 1
            record = {"failed": words.KILLED} if lane.deaths >= ATTEMPTS else {}
        return record if job is lane.job else None

    async def _go_on(self, record: Mapping[str, Any]) -> None:
        """Go on after a task, or end where it was refused or failed."""
        if problem := record.get("refused") or record.get("failed"):
            self.failure = str(problem)
            self.drop()
        if self.over:
            if not self.failure:
                await asyncio.to_thread(self._store.close_off, self.study)
                self._closed = True
            self._settled(self)
        self.consider()


def _lanes(study: Study, kept: Mapping[Place, Outcome]) -> list[_Lane]:
    """Return the lanes of a study, as far as parts of it are there already."""
    if isinstance(study, AdaptiveStudy):
        before = [in_order(kept, i) for i in range(study.lanes)]
        return [_Lane(None, done=list(done), share=study.share(done)) for done in before]
    lanes = [_Lane(part, steps_of(part)) for part in study.parts()]
    for i, lane in enumerate(lanes):
        if (outcome := kept.get((i, 0))) is not None:
            lane.done.append(outcome)
            lane.over = True
    return lanes
