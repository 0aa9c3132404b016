"""Training a family of networks: pure, resumable, deterministic.

`start` makes the state before the first epoch; `advance` takes it some epochs further and says what happened meanwhile. Both depend on nothing but
their arguments: 10 and 10 epochs give, bit for bit, what 20 give, on any worker with the same processor class and torch build.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from core._validate import Floats, finite
from core.errors import InvalidInput
from core.networks.family import Family, family_of
from core.networks.frames import frame_of
from core.networks.layout import initial
from core.networks.paths import Path
from core.networks.storage import pack_state, unpack_state
from core.networks.updates import Memory
from core.specs.training import EDITABLE, TrainingSpec
from core.wire import Exact, pack
from core.wording import number

Data = tuple[Floats, Floats]
"""Inputs (n, d) and targets (n,), as uploaded."""

# A run is over where a weight or the loss is this large: far beyond what comes back, far below overflow in single precision.
FAR = 1e6
# Of the loss of someone who knows nothing: what is higher is on its way out, or a spike, and must not flatten the other curves.
HIGHEST = 4.0
# What is drawn against the family axis as well as against the epochs.
PROFILES = ("train_loss", "val_loss", "gap", "zeros")


@dataclass(frozen=True)
class TrainingState:
    """A family somewhere on its way.

    Attributes
    ----------
    spec:
        What it is; edits made on the way included.
    epoch:
        Epochs trained.
    weights:
        (k, P) laid out as `core.networks.layout` says.
    memories:
        What each group of members with the same rule remembers.
    running:
        (k, 2, hidden units) batch normalisation's running means and variances; no units without it.
    ended:
        (k,) the epoch in which a member diverged or was stopped early, -1 for the others.
    stopped:
        (k,) which of those that have ended were stopped early.
    best:
        (k,) the lowest validation loss so far and its epoch.
    last_loss:
        (k,) training loss after the last epoch that ended well.
    top:
        The largest loss so far that belongs in the picture: where the curves' axis ends.
    path:
        Where the weights have been, where a spec asks for it.
    data:
        Data given to `start`; None for those of `core.datasets`.
    """

    spec: TrainingSpec
    epoch: int
    weights: Tensor
    memories: tuple[Memory, ...]
    running: Tensor
    ended: tuple[int, ...]
    stopped: tuple[bool, ...]
    best: tuple[tuple[float, int], ...]
    last_loss: tuple[float, ...]
    top: float
    path: Path
    data: Data | None = None

    def to_bytes(self) -> bytes:
        """Return the state as bytes that hold numbers and JSON alone."""
        return pack_state(self)

    @classmethod
    def from_bytes(cls, raw: bytes) -> TrainingState:
        """Return the state that `to_bytes` wrote.

        Raises
        ------
        InvalidInput
            Where the bytes are no state.
        """
        return cls(**unpack_state(raw))


@dataclass(frozen=True)
class Snapshot:
    """What happened in the epochs of one `advance`, and how things stand after them.

    Attributes
    ----------
    first, last:
        The epochs are first + 1 to last; (-1, 0) is the start.
    curves:
        Name -> (k, last - first): train_loss, val_loss, train_accuracy, val_accuracy (R^2 in regression), zeros (share of the weights that are
        exactly 0), norm (Euclidean, of all weights), gap (validation loss less training loss). NaN once a member has diverged.
    frame:
        What is drawn of the last epoch (`core.networks.frames`).
    status, sentences:
        (k,) "running", "stopped" (early) or "diverged", and what is to be said of a member.
    """

    first: int
    last: int
    curves: Mapping[str, Floats]
    frame: Mapping[str, Any]
    status: tuple[str, ...]
    sentences: tuple[str, ...]

    def to_bytes(self) -> bytes:
        """Return the message that a browser draws (`core.wire`)."""
        message = {
            "kind": "film",
            "from": self.first,
            "to": self.last,
            "curves": dict(self.curves),
            "profiles": {name: self.curves[name].T for name in PROFILES},
            "frame": {"epoch": self.last} | {name: Exact(value) if isinstance(value, np.ndarray) else value for name, value in self.frame.items()},
            "status": list(self.status),
            "sentences": list(self.sentences),
        }
        return pack(message)


def start(spec: TrainingSpec, data: Data | None = None) -> TrainingState:
    """Return a family before its first epoch.

    Parameters
    ----------
    spec:
        What to train.
    data:
        Inputs (n, d) and targets (n,) for a spec whose ``data`` is "given".

    Raises
    ------
    InvalidInput
        Where data are missing, superfluous, or not finite, or the spec asks for a device that there is none of.
    """
    if (spec.data == "given") != (data is not None):
        raise InvalidInput(
            f"data = {spec.data!r} {'without' if data is None else 'with'} data", "data exactly where data is 'given'", "Pass both or none."
        )
    if data is not None:
        data = (finite(data[0], "inputs"), finite(data[1], "targets"))
    family = family_of(spec, data)
    weights = torch.from_numpy(initial(spec, family.layout)).to(family.dtype).to(family.device)
    memories = tuple(group.begin(weights[list(group.rows)]) for group in family.groups((-1,) * spec.members))
    k = spec.members
    begun = (((-1,) * k), (False,) * k, ((float("inf"), 0),) * k, (0.0,) * k)
    state = TrainingState(spec, 0, weights, memories, family.running(), *begun, 0.0, Path.begin(spec, weights), data)
    row = family.evaluate(state)
    best = tuple((loss, 0) for loss in row["val_loss"].tolist())
    return dataclasses.replace(state, best=best, last_loss=tuple(row["train_loss"].tolist()), top=_top(family, 0.0, row))


def edit(state: TrainingState, **changes: float | tuple[float, ...]) -> TrainingState:
    """Return the same networks with another lambda, dropout rate or learning rate from here on; a tuple has a value for each member.

    Raises
    ------
    InvalidInput
        Where anything else is named, or a value is out of its range.
    """
    for name in changes:
        if name not in EDITABLE:
            raise InvalidInput(f"an edit of {name}", "one of " + ", ".join(EDITABLE), "Start a new run for anything else.")
    k = state.spec.members
    # A plain value in the place of the only axis would make the family one network.
    spread = {name: value if isinstance(value, tuple) or k == 1 else (value,) * k for name, value in changes.items()}
    spec = state.spec.replace(**spread)
    if spec.members != k:
        raise InvalidInput(f"an edit for {spec.members} members", f"{k}, as many as there are", "Give a value for each member.")
    groups = family_of(spec, state.data).groups(state.ended)
    memories = tuple(
        memory
        if group.treatment != "clamped" or len(memory.dead)
        else memory._replace(dead=torch.zeros_like(state.weights[list(group.rows)], dtype=torch.bool))
        for group, memory in zip(groups, state.memories, strict=True)
    )
    return dataclasses.replace(state, spec=spec, memories=memories)


def advance(state: TrainingState, epochs: int) -> tuple[TrainingState, Snapshot]:
    """Return the family after so many more epochs, and what happened in them.

    Parameters
    ----------
    state:
        What `start`, `edit` or `advance` returned.
    epochs:
        0 or more; training goes no further than the spec's ``epochs``. 0 says how things stand.

    Raises
    ------
    InvalidInput
        Where epochs is not a whole number >= 0.
    """
    if isinstance(epochs, bool) or not isinstance(epochs, int) or epochs < 0:
        raise InvalidInput(f"epochs = {epochs!r}", "a whole number >= 0", "Pass 0 for the state as it is.")
    family = family_of(state.spec, state.data)
    first = state.epoch
    rows: list[dict[str, Floats]] = []
    while state.epoch < min(first + epochs, state.spec.epochs):
        state, row = _epoch(family, state)
        rows.append(row)
    if not rows:
        rows.append(_shown(family.evaluate(state), state))
        first -= 1
    curves = {name: np.stack([row[name] for row in rows], axis=1) for name in rows[0]}
    status = tuple("stopped" if rests else "diverged" if epoch >= 0 else "running" for epoch, rests in zip(state.ended, state.stopped, strict=True))
    frame = frame_of(family, state, curves["val_loss"][:, -1])
    return state, Snapshot(first, state.epoch, curves, frame, status, tuple(_sentence(state, i) for i in range(state.spec.members)))


def _epoch(family: Family, state: TrainingState) -> tuple[TrainingState, dict[str, Floats]]:
    """Return the state after one more epoch, and its row of the curves (k,)."""
    number_of = state.epoch + 1
    weights, memories, running = family.epoch(state.weights, state.memories, state.running, number_of, state.ended)
    if any(epoch >= 0 for epoch in state.ended):  # those that have ended have rates of 0, but batch normalisation would go on counting
        rests = torch.tensor([epoch >= 0 for epoch in state.ended], device=running.device)[:, None, None]
        running = torch.where(rests, state.running, running)
    new = dataclasses.replace(state, epoch=number_of, weights=weights, memories=memories, running=running)
    row = family.evaluate(new)
    over = _beyond(weights, row["train_loss"]) & np.array([epoch < 0 for epoch in state.ended])
    if over.any():
        new = _end(family, state, new, over)
    loss = tuple(old if epoch >= 0 else float(now) for old, now, epoch in zip(state.last_loss, row["train_loss"], new.ended, strict=True))
    row = _shown(row, new)
    new = dataclasses.replace(new, last_loss=loss, top=_top(family, state.top, row), path=state.path.extended(number_of, new.weights))
    return _rested(new, row["val_loss"]), row


def _rested(state: TrainingState, val_loss: Floats) -> TrainingState:
    """Return the state with its best losses brought up to date, and at rest the members whose patience is over: early stopping."""
    each = zip(state.best, val_loss, state.ended, strict=True)
    best = tuple((float(now), state.epoch) if epoch < 0 and now < before[0] else before for before, now, epoch in each)
    over = [0 < state.spec.patience <= state.epoch - when and epoch < 0 for (_, when), epoch in zip(best, state.ended, strict=True)]
    if not any(over):
        return dataclasses.replace(state, best=best)
    ended = tuple(state.epoch if rests else epoch for rests, epoch in zip(over, state.ended, strict=True))
    stopped = tuple(before or rests for before, rests in zip(state.stopped, over, strict=True))
    return dataclasses.replace(state, best=best, ended=ended, stopped=stopped)


def _top(family: Family, before: float, row: dict[str, Floats]) -> float:
    """Return the largest loss so far that belongs in the picture."""
    losses = np.concatenate([row["train_loss"], row["val_loss"]])
    shown = losses[losses <= HIGHEST * family.loss.ignorance(family.points.outputs)]
    return max(before, float(shown.max())) if shown.size else before


def _beyond(weights: Tensor, loss: Floats) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return (k,) which members have left every bound; written so that NaN counts as beyond."""
    within = (weights.abs().amax(1) < FAR).cpu().numpy() & (loss < FAR)
    return ~within


def _end(family: Family, before: TrainingState, after: TrainingState, over: np.ndarray[Any, np.dtype[np.bool_]]) -> TrainingState:
    """Return the state in which the members that diverged stand where they stood before the epoch, for good; nothing of them is left to spread."""
    keep = torch.from_numpy(~over).to(after.weights.device)
    ended = tuple(after.epoch if gone else epoch for gone, epoch in zip(over, after.ended, strict=True))
    weights = torch.where(keep[:, None], after.weights, before.weights)
    running = torch.where(keep[:, None, None], after.running, before.running)
    memories = []
    for group, memory in zip(family.groups(ended), after.memories, strict=True):
        rows = list(group.rows)
        kept, fresh = keep[rows][:, None], group.begin(weights[rows])
        fields: dict[str, Any] = {
            name: torch.where(kept, value, getattr(fresh.state, name)) if isinstance(value := getattr(memory.state, name), Tensor) else value
            for name in ("gradient", "first", "second")
        }
        memories.append(memory._replace(state=memory.state._replace(**fields)))
    return dataclasses.replace(after, weights=weights, running=running, memories=tuple(memories), ended=ended)


def _shown(row: dict[str, Floats], state: TrainingState) -> dict[str, Floats]:
    """Return a row with the gap in it, and nothing where a member has diverged."""
    over = np.array([epoch >= 0 and not rests for epoch, rests in zip(state.ended, state.stopped, strict=True)])
    shown = {name: np.where(over, np.nan, values) for name, values in row.items()}
    return shown | {"gap": shown["val_loss"] - shown["train_loss"]}


def _sentence(state: TrainingState, i: int) -> str:
    if state.ended[i] < 0:
        return "Trained to the end." if state.epoch == state.spec.epochs else "In training."
    if state.stopped[i]:
        lowest, when = state.best[i]
        return f"Stopped early in epoch {state.ended[i]}: the validation loss was lowest, {number(lowest)}, in epoch {when}."
    lr, loss = state.spec.values("lr")[i], state.last_loss[i]
    return (
        f"Diverged in epoch {state.ended[i]}: at a rate of {number(lr)} the loss or a weight passed {number(FAR)}, from a training loss of "
        f"{number(loss)}. Take a lower rate, such as {number(lr / 10)}."
    )


__all__ = ["Data", "Snapshot", "TrainingState", "advance", "edit", "start"]
