"""All runs of this process: equal ones are one, each has who asked for it, and none is held longer than someone may come back to it."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from core.engine import plan, words
from core.engine.cluster import Cluster
from core.engine.dispatcher import Dispatcher
from core.engine.plan import Edit
from core.engine.run import Run
from core.engine.settings import Settings
from core.engine.studies import Studies
from core.engine.viewer import Viewer, gone
from core.errors import InvalidInput
from core.specs.training import TrainingSpec

SWEEP_SECONDS = 5.0
RETRY_SECONDS = 60.0
COMMANDS = ("edit", "pause", "resume", "cancel")


@dataclass(frozen=True)
class Ticket:
    """What a page is given for a run.

    Attributes
    ----------
    id:
        The run's name, in the address of its stream.
    viewer:
        The name of this session's viewers there.
    spec, edits:
        What the run is.
    shared:
        For a run made by an edit: how many messages of its film the run that was edited has, too.
    """

    id: str
    viewer: str
    spec: TrainingSpec
    edits: tuple[Edit, ...] = ()
    shared: int = 0

    @property
    def edited(self) -> int:
        """The last epoch before the last edit; 0 without one."""
        return self.edits[-1].epoch if self.edits else 0


@dataclass
class _Held:
    run: Run
    timer: asyncio.TimerHandle | None = None
    failed_at: float = field(default=0.0)


class Registry:
    """The runs. Everything here happens in the engine's loop.

    Parameters
    ----------
    settings:
        Caps, and how long runs are held.
    work:
        The module of what workers do.
    """

    def __init__(self, settings: Settings, work: str) -> None:
        self.settings = settings
        self.cluster = Cluster(self._cluster_changed, settings.workers, settings.nice, work)
        self.dispatcher = Dispatcher(self.cluster, self._moved)
        self.studies = Studies(settings, self.cluster, self.dispatcher, self._count)
        self._held: OrderedDict[str, _Held] = OrderedDict()
        self._latest: dict[str, str] = {}
        self._secret = secrets.token_bytes(16)
        self._watching = 0

    def token(self, session: str) -> str:
        """Return the name of a session's viewers, from which the session cannot be guessed."""
        return hashlib.sha256(self._secret + session.encode()).hexdigest()[:20]

    async def run(self) -> None:
        """Keep the cluster, and sweep, until cancelled."""
        keeping = asyncio.create_task(self.cluster.run())
        try:
            while True:
                await asyncio.sleep(SWEEP_SECONDS)
                self._sweep()
        finally:
            keeping.cancel()
            await asyncio.wait({keeping}, timeout=4)

    # ---------------------------------------------------------------------------------------------------------- what pages call

    def ensure(self, spec: TrainingSpec, token: str, edits: tuple[Edit, ...] = (), want: int = 0, data: bytes = b"") -> Ticket:
        """Have a run, its first link at least, and hold it for a while.

        Raises
        ------
        InvalidInput
            Where the session or all of them have too many runs under way.
        """
        if (spec.data == "given") != bool(data) or (data and not spec.data_hash):
            raise InvalidInput(f"data = {spec.data!r}", "'given' with the data and their hash, or a data set of the lab", "Pass both or none.")
        name = plan.run_id(spec, edits)
        held = self._held.get(name)
        run = held.run if held is not None else Run(spec, edits, self.cluster, self.dispatcher, self._settled, data)
        self._admit(run, token)
        if held is None:
            for other in self._held.values():
                run.adopt(other.run)
            held = self._held[name] = _Held(run)
        elif run.failure and time.monotonic() - held.failed_at > RETRY_SECONDS:
            run.retry()
        self._held.move_to_end(name)
        self._latest[token] = name
        run.owners[token] = None
        run.lingering = max(run.lingering, want)
        for other in self._held.values():  # nobody comes back to what was there before
            if other.run is not run and token in other.run.owners and not other.run.viewers and other.run.lingering:
                other.run.lingering = 0
                other.run.consider()
        if not run.viewers:
            self._hold(held)
        run.consider()
        return Ticket(name, token, spec, edits)

    def command(self, name: str, what: str, token: str, **values: Any) -> Ticket | None:  # noqa: ANN401 - an edit's values
        """Do something with a run; see `core.engine.runs.command`."""
        if what not in COMMANDS:
            raise InvalidInput(f"command {what!r}", "one of " + ", ".join(COMMANDS), "Name one of them.")
        if what != "edit" and values:
            raise InvalidInput(f"{what} with {min(values)}", f"{what} alone", "Leave it out.")
        run = self.held(name)
        if what == "edit":
            return self._edit(run, token, **values)
        if what == "pause":
            run.held[token] = words.paused
        elif what == "resume":
            if token in run.held:
                self._admit(run, token, resumed=True)
                del run.held[token]
            run.owners[token] = None
        else:
            run.held[token] = words.cancelled
            self._release(run, token)
            if run.target() < 0:
                run.drop()
        run.consider()
        return None

    def held(self, name: str) -> Run:
        """Return a run that is held here."""
        if name not in self._held:
            raise InvalidInput(f"run {name!r}", "a run that is held here", "Start it again.")
        return self._held[name].run

    def _edit(self, run: Run, token: str, epoch: int | None = None, **values: Any) -> Ticket | None:  # noqa: ANN401 - an edit's values
        at = min(max(0, run.computed), run.spec.epochs - 1) if epoch is None else epoch
        heads = [viewer.at for viewer in run.viewers if viewer.token == token and viewer.at >= 0]
        if epoch is None and heads:
            at = min(max(heads), max(0, run.computed))
            if not 0 < at < run.spec.epochs:
                return None
        edits = plan.edited(run.spec, run.edits, at, **values)
        ticket = self.ensure(run.spec, token, edits, data=run.data)
        return Ticket(ticket.id, token, run.spec, edits, shared=self._held[ticket.id].run.shared(run))

    # -------------------------------------------------------------------------------------------------------- what viewers call

    def attach(self, name: str, viewer: Viewer) -> None:
        """Let a viewer watch a run."""
        held = self._held.get(name)
        if held is None:
            if not self.studies.attach(name, viewer):
                viewer.dismiss(gone())
            return
        run = held.run
        try:
            if self._watching >= self.settings.viewers:
                raise InvalidInput(f"a {self._watching + 1}th viewer", f"at most {self.settings.viewers}", "Come back in a while.")
            if viewer.token not in run.owners and not run.over:
                self._admit(run, viewer.token)
        except InvalidInput as refusal:
            viewer.dismiss(run.state() | {"state": "full", "sentence": str(refusal)})
            return
        self._watching += 1
        self._held.move_to_end(name)
        run.owners[viewer.token] = None
        run.viewers.add(viewer)
        if held.timer is not None:
            held.timer.cancel()
            held.timer = None
        # Who comes back goes on where they were; what was wanted meanwhile is theirs to want again.
        run.lingering = 0
        viewer.on_want, viewer.on_exact, viewer.on_close = self._want, self._exact, self._detach
        viewer.watch(run)
        run.consider()

    def _count(self, change: int) -> bool:
        """Count viewers of studies among all; return False, and count none, where there are too many."""
        if change > 0 and self._watching >= self.settings.viewers:
            return False
        self._watching += change
        return True

    def _want(self, viewer: Viewer, epoch: int) -> None:
        run = viewer.run
        if run is not None and viewer in run.viewers:
            viewer.wanted = min(max(0, epoch), run.spec.epochs)
            viewer.wake()
            run.consider()

    def _exact(self, viewer: Viewer, epoch: int) -> None:
        run = viewer.run
        if run is not None and viewer in run.viewers:
            epoch = min(max(0, epoch), run.spec.epochs)
            viewer.wanted = max(viewer.wanted, epoch)
            viewer.wake()
            run.wish(viewer, epoch)
            run.consider()

    def _detach(self, viewer: Viewer) -> None:
        run = viewer.run
        if run is None or viewer not in run.viewers:
            return
        self._watching -= 1
        run.viewers.discard(viewer)
        run.forget(viewer)
        held = self._held.get(run.id)
        if not run.viewers and held is not None:
            if self._latest.get(viewer.token) == run.id:
                run.lingering = viewer.wanted
            self._hold(held)
        run.consider()

    # ------------------------------------------------------------------------------------------------------------------ its caps

    def _admit(self, run: Run, token: str, resumed: bool = False) -> None:
        """Make room for one more run of a session, or refuse it."""
        if run.over or (token in run.owners and not resumed):
            return
        if not run.done and (size := sum(held.run.size for held in self._held.values())) > self.settings.most_megabytes * 2**20:
            self._sweep()
            taken, most = f"{size / 2**20:.0f} MB of trainings", f"{self.settings.most_megabytes:.0f} MB for all visitors together"
            raise InvalidInput(taken, most, "Come back when others have ended, or take fewer networks.")
        under_way = [held.run for held in self._held.values() if not held.run.over and held.run.owners and held.run is not run]
        own = [each for each in under_way if token in each.owners and token not in each.held]
        self._make_room(own, self.settings.session_runs, "a visitor", token)
        self._make_room([each for each in under_way if each.owners], self.settings.all_runs, "all visitors together", None)

    def _make_room(self, runs: list[Run], cap: int, whose: str, token: str | None) -> None:
        unwatched = [run for run in runs if not run.viewers]
        excess = len(runs) - cap + 1
        if excess > len(unwatched):
            raise InvalidInput(
                f"{len(runs) + 1} trainings at once", f"{cap} for {whose}", "Wait until one has ended, or close another page that trains."
            )
        for run in unwatched[: max(0, excess)]:
            for owner in [token] if token is not None else list(run.owners):
                self._release(run, owner)

    def _release(self, run: Run, token: str) -> None:
        run.owners.pop(token, None)
        if not run.owners and not run.viewers:
            self._end(run)

    # ----------------------------------------------------------------------------------------------------------- its housekeeping

    def _hold(self, held: _Held) -> None:
        if held.timer is not None:
            held.timer.cancel()
        held.timer = asyncio.get_running_loop().call_later(self.settings.grace, self._grace_over, held)

    def _grace_over(self, held: _Held) -> None:
        held.timer = None
        if not held.run.viewers:
            self._end(held.run)

    def _end(self, run: Run) -> None:
        """Compute nothing more of a run. What there is of it stays as long as there is room."""
        run.owners.clear()
        run.held.clear()
        run.lingering = 0
        run.drop()
        if run.data:  # somebody's own: nothing of it stays
            self._held.pop(run.id, None)
        self._sweep()

    def _settled(self, run: Run) -> None:
        if run.failure and run.id in self._held:
            self._held[run.id].failed_at = time.monotonic()

    def _sweep(self) -> None:
        """Forget what nobody watches, the longest untouched first, until the rest fits."""
        size = sum(held.run.size for held in self._held.values())
        for name, held in list(self._held.items()):
            if size <= self.settings.megabytes * 2**20:
                break
            run = held.run
            if run.viewers or (run.owners and not run.over):
                continue
            if held.timer is not None:
                held.timer.cancel()
            run.drop()
            del self._held[name]
            size -= run.size
        self._latest = {token: name for token, name in self._latest.items() if name in self._held}

    def _cluster_changed(self) -> None:
        for held in self._held.values():
            held.run.tell()
        self.studies.tell()
        self.dispatcher.pump()

    def _moved(self) -> None:
        for held in self._held.values():
            if held.run.waits:
                held.run.tell()
        self.studies.tell(waiting=True)

    def census(self) -> list[dict[str, Any]]:
        """Return how all runs are, the longest untouched first."""
        return [
            held.run.state() | {"id": name, "links": held.run.links, "viewers": len(held.run.viewers), "bytes": held.run.size}
            for name, held in self._held.items()
        ]
