"""What workers do in tests that are about turns and not about networks: `core.training`'s interface over a chain of hashes, and whoever watches it.

A state is the hash of all that has happened to it, epoch by epoch, so that it shows whether an edit came where it belongs. Some seeds misbehave.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from core import wire
from core.engine import runs, work
from core.engine.work import exact, link, study_next, study_step
from core.errors import InvalidInput
from core.specs.training import TrainingSpec
from core.studies import catalogue

__all__ = ["KILLS", "RAISES", "REFUSES", "Watch", "build", "computed", "dask_setup", "exact", "hashes", "link", "study_next", "study_step"]

KILLS, RAISES, REFUSES, DIVERGES = 666, 13, 14, 15
"""Values of ``data_seed`` with which a link kills its worker, fails, refuses, or diverges at epoch 30."""
LOG = "LAB_STAND_IN_LOG"


# ------------------------------------------------------------------------------------------------------------ in a worker


def dask_setup(worker: object) -> None:
    work._training = lambda: sys.modules[__name__]
    catalogue.MODULES = ("tests.core.small_studies",)
    sys.modules["core.training"] = sys.modules[__name__]
    import core

    core.training = sys.modules[__name__]  # type: ignore[attr-defined]


def build() -> str:
    return "stand-in"


@dataclass(frozen=True)
class TrainingState:
    spec: TrainingSpec
    epoch: int
    hash: str

    def to_bytes(self) -> bytes:
        return json.dumps([self.spec.to_json(), self.epoch, self.hash]).encode()

    @classmethod
    def from_bytes(cls, raw: bytes) -> TrainingState:
        spec, epoch, digest = json.loads(raw)
        return cls(TrainingSpec.from_json(spec), epoch, digest)


@dataclass(frozen=True)
class Snapshot:
    first: int
    state: TrainingState
    status: tuple[str, ...]

    @property
    def last(self) -> int:
        return self.state.epoch

    @property
    def sentences(self) -> tuple[str, ...]:
        return ("",) * len(self.status)

    @property
    def curves(self) -> dict[str, Any]:
        epochs = np.arange(self.first + 1, self.last + 1)
        return {"train_loss": np.tile(1.0 / (1.0 + epochs), (len(self.status), 1))}

    def to_bytes(self) -> bytes:
        k = self.state.spec.members
        return wire.pack(
            {
                "kind": "film",
                "from": self.first,
                "to": self.state.epoch,
                "curves": {"train_loss": np.zeros((k, self.state.epoch - self.first))},
                "profiles": {"gap": np.zeros((self.state.epoch - self.first, k))},
                "frame": {"epoch": self.state.epoch, "hash": self.state.hash, "weights": wire.Exact(np.zeros((k, 3000), np.int8))},
                "status": list(self.status),
                "sentences": [""] * k,
            }
        )


def start(spec: TrainingSpec) -> TrainingState:
    return TrainingState(spec, 0, hashlib.sha256(spec.replace(lam=0.0).to_json().encode()).hexdigest())


def edit(state: TrainingState, **changes: Any) -> TrainingState:
    return replace(state, spec=state.spec.replace(**changes))


def advance(state: TrainingState, epochs: int) -> tuple[TrainingState, Snapshot]:
    spec, first = state.spec, state.epoch
    if epochs:
        _note(f"{spec.to_json()} {first} {first + epochs}")
        time.sleep(0.02 if spec.init_scale == 1.0 else spec.init_scale)
        if spec.data_seed == KILLS:
            os.kill(os.getpid(), signal.SIGKILL)
        if spec.data_seed == RAISES:
            raise RuntimeError("a secret of the house")
        if spec.data_seed == REFUSES:
            raise InvalidInput("a stand-in", "nothing", "Give up.")
    for i in range(epochs):
        state = replace(state, epoch=first + i + 1, hash=hashlib.sha256(f"{state.hash} {spec.lam} {spec.lr} {spec.dropout}".encode()).hexdigest())
    over = spec.data_seed == DIVERGES and state.epoch >= 30
    return state, Snapshot(first if epochs else first - 1, state, ("diverged" if over else "running",) * spec.members)


def _note(line: str) -> None:
    if LOG in os.environ:
        with Path(os.environ[LOG]).open("a", encoding="utf-8") as log:
            log.write(f"{line} {os.getpid()}\n")


# -------------------------------------------------------------------------------------------------------------- in a test


def computed(spec: TrainingSpec) -> list[tuple[int, int]]:
    """Return (first, last) of each link that workers have computed of a spec, whatever became of it."""
    wanted = spec.to_json()
    lines = [line.rsplit(" ", 3) for line in Path(os.environ[LOG]).read_text(encoding="utf-8").splitlines()]
    return [(int(first), int(last)) for text, first, last, _ in lines if text == wanted]


def pids() -> Counter[int]:
    """Return how many links each worker has computed."""
    return Counter(int(line.rsplit(" ", 1)[1]) for line in Path(os.environ[LOG]).read_text(encoding="utf-8").splitlines())


def hashes(spec: TrainingSpec, *edits: tuple[int, dict[str, Any]]) -> list[str]:
    """Return the hash of each epoch of a run, worked out in one go."""
    state, found = start(spec), []
    digest = state.hash
    for epoch in range(spec.epochs + 1):
        found.append(digest)
        for at, changes in edits:
            if at == epoch:
                spec = spec.replace(**changes)
        digest = hashlib.sha256(f"{digest} {spec.lam} {spec.lr} {spec.dropout}".encode()).hexdigest()
    return found


class Watch:
    """A viewer with a loop of its own, as the server has; keeps all that it was sent."""

    def __init__(self, ticket: runs.Ticket, want: int | None = None, n: int = 0, token: str | None = None) -> None:
        self.states: list[dict[str, Any]] = []
        self.film: list[dict[str, Any]] = []
        self.raw: list[bytes] = []
        self.frames: list[dict[str, Any]] = []
        self.times: list[float] = []
        self._news = threading.Condition()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._listen(ticket.id, token or ticket.viewer, n)), daemon=True)
        self._thread.start()
        assert self._ready.wait(10)
        if want is not None:
            self.want(want)

    async def _listen(self, name: str, token: str, n: int) -> None:
        self._viewer = runs.subscribe(name, token, n)
        self._over = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._ready.set()
        ending = asyncio.create_task(self._over.wait())
        while True:
            coming = asyncio.create_task(self._viewer.next())
            await asyncio.wait({coming, ending}, return_when=asyncio.FIRST_COMPLETED)
            if not coming.done() or coming.result() is None:
                coming.cancel()
                ending.cancel()
                break
            self._take(coming.result())
        self._viewer.close()

    def _take(self, item: Any) -> None:
        with self._news:
            self.times.append(time.monotonic())
            if isinstance(item, str):
                self.states.append(json.loads(item))
            else:
                message = wire.unpack(item)
                if message["from"] == message["to"]:
                    self.frames.append(message)
                else:
                    self.film.append(message)
                    self.raw.append(item)
            self._news.notify_all()

    def want(self, epoch: int) -> None:
        self._viewer.want(epoch)

    def exact(self, epoch: int) -> None:
        self._viewer.exact(epoch)

    @property
    def state(self) -> dict[str, Any]:
        return self.states[-1] if self.states else {"state": "", "computed": 0, "place": 0, "sentence": ""}

    @property
    def epoch(self) -> int:
        return int(self.film[-1]["to"]) if self.film else -1

    def until(self, condition: Callable[[Watch], bool], seconds: float = 60) -> Watch:
        """Wait until a condition holds."""
        with self._news:
            assert self._news.wait_for(lambda: condition(self), seconds), f"not within {seconds} s: {self.states[-3:]}, {self.epoch}"
        return self

    def until_state(self, *names: str, seconds: float = 60) -> Watch:
        """Wait until the run is in one of these states, and all is here that was computed by then."""
        return self.until(lambda watch: watch.state["state"] in names and (watch.epoch >= watch.state["computed"] or not watch.film), seconds)

    def leave(self) -> None:
        """Stop watching."""
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(10)

    def __enter__(self) -> Watch:
        return self

    def __exit__(self, *_: object) -> None:
        if self._thread.is_alive():
            self.leave()
