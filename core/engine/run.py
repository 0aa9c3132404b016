"""One run: how far it is wanted, its next link, and its frames of single epochs. Everything here happens in the engine's loop."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from core.engine import plan, words
from core.engine.checkpoints import Checkpoints
from core.engine.cluster import Away, Cluster, Killed
from core.engine.dispatcher import Dispatcher, Job
from core.engine.film import Film
from core.engine.plan import Edit
from core.engine.viewer import State, Viewer
from core.engine.work import frame_alone
from core.errors import InvalidInput
from core.specs.training import TrainingSpec
from core.wire import header

FRAME_BYTES = 2 << 20
"""What frames of single epochs may take, so that the one looked at a moment ago is there."""
ATTEMPTS = 2
"""How many workers a link may take along before its run is given up."""


class Run:
    """A run, from its spec to the last message of its film.

    Parameters
    ----------
    spec, edits:
        What it is.
    cluster, dispatcher:
        Who computes it, and when.
    settled:
        Called with the run whenever it has come to its end, whatever that is.
    data:
        What goes with the spec to a worker that begins the run, where its data are somebody's own; else nothing.

    Attributes
    ----------
    viewers:
        Who watches.
    owners:
        Tokens of the sessions that asked for it, in the order of their asking.
    held:
        Tokens of those who have paused or cancelled, with what they are told.
    lingering:
        How far those wanted it who have just left, and may come back.
    links:
        How many links have been computed for it, those that it shares with others not counted.
    failure:
        Why it ended early, or "".
    """

    def __init__(
        self, spec: TrainingSpec, edits: tuple[Edit, ...], cluster: Cluster, dispatcher: Dispatcher, settled: Callable[[Run], None], data: bytes = b""
    ) -> None:
        self.id = plan.run_id(spec, edits)
        self.spec = spec
        self.edits = edits
        self.data = data
        self.chain = plan.chain(spec, edits)
        self.film = Film()
        self.checkpoints = Checkpoints()
        self.viewers: set[Viewer] = set()
        self.owners: dict[str, None] = {}
        self.held: dict[str, Callable[[int], str]] = {}
        self.lingering = 0
        self.links = 0
        self.failure = ""
        self._alive = True
        self._cluster = cluster
        self._dispatcher = dispatcher
        self._settled = settled
        self._job: Job | None = None
        self._attempts = self._deaths = 0
        self._wishes: dict[Viewer, int] = {}
        self._frames: OrderedDict[int, bytes] = OrderedDict()
        self._frame_job: Job | None = None
        self._frame_attempts = 0

    # --------------------------------------------------------------------------------------------------------------- how it is

    @property
    def done(self) -> int:
        """Return how many links are in the film."""
        return max(0, len(self.film.messages) - 1)

    @property
    def computed(self) -> int:
        """Return the last epoch in the film; -1 before the start."""
        return self.chain[self.done - 1].last if self.done else -1

    @property
    def over(self) -> bool:
        """Return whether nothing is left to compute of the film."""
        return bool(self.failure) or self.done == len(self.chain) or not self._alive

    @property
    def size(self) -> int:
        """Return the bytes that it holds."""
        return self.film.size + self.checkpoints.size + sum(map(len, self._frames.values()))

    @property
    def idle(self) -> bool:
        """Return whether it computes nothing and waits for nothing."""
        return self._job is None and self._frame_job is None

    @property
    def waits(self) -> bool:
        """Return whether it has a place in the queue that somebody is told."""
        return not self.done and self._job is not None

    def target(self) -> int:
        """Return how far it is wanted; -1 where nobody wants it."""
        wants = [viewer.wanted for viewer in self.viewers if viewer.token not in self.held]
        if any(token not in self.held for token in self.owners):
            wants.append(self.lingering)
        return max(wants, default=-1)

    def state(self, token: str = "") -> State:
        """Return what a viewer is told."""
        state, place, sentence = self._word(token)
        return {"state": state, "place": place, "computed": max(0, self.computed), "sentence": sentence}

    def _word(self, token: str) -> tuple[str, int, str]:
        if self.failure:
            return "failed", 0, self.failure
        if self.over:
            return "done", 0, "" if self._alive else words.ended(self.computed)
        if token in self.held:
            return "waiting", 0, self.held[token](max(0, self.computed))
        if self._cluster.state == "starting":
            return "starting", 0, words.STARTING
        if self._cluster.state == "away":
            return "away", 0, words.AWAY
        if not self._cluster.threads:
            return "away", 0, words.NO_WORKER
        if self._job is None:
            return "waiting", 0, ""
        if self.done:
            return "running", 0, ""
        place = self._dispatcher.place(self._job)
        return ("queued", place, words.queued(place)) if place else ("starting", 0, "")

    # ------------------------------------------------------------------------------------------------------------- its viewers

    def adopt(self, relative: Run) -> None:
        """Take over what another run has computed of what this one shares with it."""
        shared = 0
        for ours, theirs in zip(self.chain[: relative.done], relative.chain, strict=False):
            if ours.key != theirs.key:
                break
            shared += 1
        if shared > self.done:
            self.film = Film(relative.film.messages[: shared + 1])
            self.checkpoints = Checkpoints(relative.checkpoints.upto(shared - 1))
            self._alive = relative._alive or shared < relative.done

    def shared(self, relative: Run) -> int:
        """Return how many messages the film of this run has in common with another's, computed or not."""
        count = 0
        for ours, theirs in zip(self.chain, relative.chain, strict=False):
            if ours.key != theirs.key:
                break
            count += 1
        return count + 1 if count else 0

    def tell(self) -> None:
        """Tell the viewers how it is."""
        for viewer in self.viewers:
            viewer.tell(self.state(viewer.token))

    def consider(self) -> None:
        """Begin, continue or stop, as it is wanted now; then tell the viewers."""
        wanted = self._is_wanted()
        if wanted and self._job is None:
            self._job = Job(self._compute_link, express=not self.links)
            self._dispatcher.add(self._job)
        elif not wanted and self._job is not None and self._job.task is None:
            self._withdraw()
        self.tell()

    def drop(self) -> None:
        """Let go of everything that is waited for, a link that is being computed included."""
        self._withdraw()
        self._wishes.clear()
        if self._frame_job is not None:
            job, self._frame_job = self._frame_job, None
            self._dispatcher.withdraw(job)

    def _withdraw(self) -> None:
        job, self._job = self._job, None
        if job is not None:
            # Asked for again while a worker still has it, a task of the same name may never be answered.
            self._attempts += job.task is not None
            self._dispatcher.withdraw(job)

    def _is_wanted(self) -> bool:
        if self.over:
            return False
        target = self.target()
        # One link beyond the one that reaches the target, so that the next wish is met at once.
        return target >= 0 and (not self.done or self.chain[self.done - 1].first < target)

    def retry(self) -> None:
        """Try again what failed."""
        self.failure = ""
        self._attempts += 1
        self._deaths = 0

    # --------------------------------------------------------------------------------------------------------------- its links

    async def _compute_link(self) -> None:
        job = self._job
        i = self.done
        link = self.chain[i]
        near = self.checkpoints.nearest(i - 1)
        way = plan.legs(self.chain, near, link.last)
        express = 10 if job is not None and job.express else 0
        try:
            # Where a state was let go of, the way to it is walked again; it is another task then, with the same end.
            key = f"{link.key} {i - 1 - near} {self._attempts}"
            record = await self._cluster.compute(
                "link", self._begin(near), self.checkpoints[near], way, 1 if i else len(way) + 1, *self._given(near), key=key, priority=express
            )
        except Killed:
            self._attempts += 1
            self._deaths += 1
            record = {"failed": words.KILLED} if self._deaths >= ATTEMPTS else {}
        if job is not self._job:
            return  # withdrawn meanwhile
        self._job = None
        if record:
            self._take(i, record)
        self.consider()

    def _take(self, i: int, record: dict[str, Any]) -> None:
        if "state" not in record:
            self._fail(str(record.get("refused") or record.get("failed") or words.LOST))
            return
        self._deaths = 0
        self.links += 1
        self.checkpoints.keep(i, record["state"])
        self.film.add(record["messages"])
        self._alive = bool(record["alive"])
        for viewer in self.viewers:
            viewer.wake()
        self._look_at_wishes()
        if self.over:
            self._settled(self)

    def _begin(self, near: int) -> str:
        return self.spec.to_json() if near < 0 else ""

    def _given(self, near: int) -> tuple[bytes, ...]:
        return (self.data,) if near < 0 and self.data else ()

    def _fail(self, sentence: str) -> None:
        self.failure = sentence
        self._wishes.clear()
        self._settled(self)

    async def state_at(self, epoch: int) -> tuple[int, bytes]:
        """Return an epoch, the one asked for or the last that has been computed, and the state after it.

        Raises
        ------
        InvalidInput
            Where it cannot be had now.
        """
        epoch = min(max(0, epoch), max(0, self.computed))
        near, way, key = self._way_to(epoch)
        held = self.checkpoints[near]
        if held is not None and not way:
            return epoch, held
        try:
            record = await self._cluster.compute("link", self._begin(near), held, way, 0, *self._given(near), key=f"state {key}", priority=10)
        except (Killed, Away):
            record = {}
        if "state" not in record:
            raise InvalidInput(f"the weights of epoch {epoch}, which are not to be had now", "a run that can be computed", "Try again in a moment.")
        return epoch, record["state"]

    def _way_to(self, epoch: int) -> tuple[int, tuple[plan.Leg, ...], str]:
        """Return the link whose state is the nearest one before an epoch, what is to be done from there, and a name for that."""
        upto = max((i for i, link in enumerate(self.chain) if link.last <= epoch), default=-1)
        near = self.checkpoints.nearest(upto)
        way = plan.legs(self.chain, near, epoch)
        begin = self.chain[near].key if near >= 0 else self.chain[0].key
        return near, way, f"{begin} {near} {way}"

    # -------------------------------------------------------------------------------------------------------------- its frames

    def wish(self, viewer: Viewer, epoch: int) -> None:
        """Show a viewer the frame of exactly this epoch, when it has been computed."""
        self._wishes[viewer] = epoch
        self._look_at_wishes()

    def forget(self, viewer: Viewer) -> None:
        """Forget what a viewer wished for."""
        self._wishes.pop(viewer, None)

    def _look_at_wishes(self) -> None:
        for viewer, epoch in list(self._wishes.items()):
            frame = self._frame(epoch)
            if frame is not None:
                del self._wishes[viewer]
                viewer.show(frame)
        # The wish made last is met first; the others follow when that one is met.
        within = [epoch for epoch in self._wishes.values() if epoch <= self.computed]
        if within and self._frame_job is None:
            epoch = within[-1]

            async def compute() -> None:
                await self._compute_frame(epoch)

            self._frame_job = Job(compute, express=True)
            self._dispatcher.add(self._frame_job)

    def _frame(self, epoch: int) -> bytes | None:
        if epoch in self._frames:
            self._frames.move_to_end(epoch)
            return self._frames[epoch]
        if epoch > self.computed:
            return None
        for i, last in enumerate((0, *(link.last for link in self.chain[: self.done]))):
            if last == epoch:
                raw = self.film.messages[i].raw
                return None if header(raw)["frame"] is None else self._keep(epoch, frame_alone(raw))
        return None

    async def _compute_frame(self, epoch: int) -> None:
        if epoch not in self._wishes.values():  # nobody looks there any longer
            self._frame_job = None
            self._look_at_wishes()
            return
        near, way, key = self._way_to(epoch)
        key = f"{key} {self._frame_attempts}"
        try:
            record = await self._cluster.compute("exact", self._begin(near), self.checkpoints[near], way, *self._given(near), key=key, priority=10)
        except Killed:
            self._frame_attempts += 1
            record = {"failed": words.KILLED} if self._frame_attempts >= ATTEMPTS else {}
        self._frame_job = None
        if "messages" in record:
            self._frame_attempts = 0
            self._keep(epoch, record["messages"][0])
        elif record:  # it cannot be had; the film goes on without it
            self._wishes = {viewer: wish for viewer, wish in self._wishes.items() if wish != epoch}
        self._look_at_wishes()

    def _keep(self, epoch: int, frame: bytes) -> bytes:
        self._frames[epoch] = frame
        while len(self._frames) > 1 and sum(map(len, self._frames.values())) > FRAME_BYTES:
            self._frames.popitem(last=False)
        return frame
