"""A training state as bytes: numbers and JSON, nothing that could run when it is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from core.errors import InvalidInput
from core.networks.family import device_of
from core.networks.paths import Path
from core.networks.updates import Memory
from core.optimizers import State
from core.specs.training import TrainingSpec
from core.wire import Exact, pack, unpack

if TYPE_CHECKING:
    from core.training import TrainingState

VERSION = 1


def pack_state(state: TrainingState) -> bytes:
    """Return the state as bytes."""
    message = {
        "kind": "state",
        "version": VERSION,
        "spec": state.spec.to_json(),
        "epoch": state.epoch,
        "weights": _out(state.weights),
        "memories": [
            {"step": memory.state.step, "first": _out(memory.state.first), "second": _out(memory.state.second), "dead": _out(memory.dead)}
            for memory in state.memories
        ],
        "running": _out(state.running),
        "ended": list(state.ended),
        "stopped": list(state.stopped),
        "best": [[repr(loss), epoch] for loss, epoch in state.best],
        "last_loss": [repr(loss) for loss in state.last_loss],
        "top": repr(state.top),
        "path": {"epochs": list(state.path.epochs), "points": Exact(state.path.points)},
        "data": None if state.data is None else [Exact(array) for array in state.data],
    }
    return pack(message)


def unpack_state(raw: bytes) -> dict[str, Any]:
    """Return the fields of the state that `pack_state` wrote, on the device that the spec asks for here.

    Raises
    ------
    InvalidInput
        Where the bytes are no state, or one of another version.
    """
    message = unpack(raw)
    if message.get("kind") != "state" or message.get("version") != VERSION:
        what = f"bytes of kind {message.get('kind')!r}, version {message.get('version')!r}"
        raise InvalidInput(what, f"a state, version {VERSION}", "Start the run again.")
    spec = TrainingSpec.from_json(message["spec"])
    data = None if message["data"] is None else (message["data"][0], message["data"][1])
    device = device_of(spec.device)
    memories = tuple(
        # The last gradient is not kept: every rule sees the next one before it is asked for anything.
        Memory(State(each["step"], 0.0, _in(each["first"], device), _in(each["second"], device)), _in(each["dead"], device).bool())
        for each in message["memories"]
    )
    return {
        "spec": spec,
        "epoch": message["epoch"],
        "weights": _in(message["weights"], device),
        "memories": memories,
        "running": _in(message["running"], device),
        "ended": tuple(message["ended"]),
        "stopped": tuple(message["stopped"]),
        "best": tuple((float(loss), epoch) for loss, epoch in message["best"]),
        "last_loss": tuple(float(loss) for loss in message["last_loss"]),
        "top": float(message["top"]),
        "path": Path(tuple(message["path"]["epochs"]), np.array(message["path"]["points"])),
        "data": data,
    }


def _out(value: Tensor | float) -> Any:  # noqa: ANN401 - an array, or the number as it is
    return Exact(value.cpu().numpy()) if isinstance(value, Tensor) else value


def _in(value: Any, device: torch.device) -> Any:  # noqa: ANN401 - a tensor, or the number as it is
    return torch.tensor(value, device=device) if isinstance(value, np.ndarray) else value
