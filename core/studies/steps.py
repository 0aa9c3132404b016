"""A part of a study in steps: how it is divided, what a worker does for one, and how what they found is put together.

A step trains some epochs or takes one measure, from bytes to bytes. How a part is divided depends on the part alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from core import wire
from core.engine.plan import seconds
from core.studies.study import Outcome, Part, Study

if TYPE_CHECKING:
    from core.training import TrainingState

STEP_SECONDS = 0.25
"""Work of one training step: long beside the way to a worker, short enough that nobody else waits for it."""


@dataclass(frozen=True)
class Step:
    """Epochs to be trained, or, where there are none, a measure to be taken.

    Attributes
    ----------
    epochs:
        How many.
    measure:
        The place of a measure in its part, -1 for training.
    """

    epochs: int = 0
    measure: int = -1


def steps_of(part: Part) -> tuple[Step, ...]:
    """Return all steps of a part: the epochs up to each measure, the measure, and the rest of the training."""
    epoch, picture = seconds(part.training)
    stride = max(1, int((STEP_SECONDS - min(picture, STEP_SECONDS / 2)) / epoch))
    order = sorted(range(len(part.measures)), key=lambda i: part.measures[i].epoch)
    steps: list[Step] = []
    at = 0
    for i, stop in [*((i, part.measures[i].epoch) for i in order), (-1, part.training.epochs)]:
        while at < stop:
            steps.append(Step(epochs=min(stride, stop - at)))
            at += steps[-1].epochs
        if i >= 0:
            steps.append(Step(measure=i))
    return tuple(steps)


def begin(part: Part) -> TrainingState:
    """Return a part's family before its first epoch."""
    from core import training

    return training.start(part.training)


def take(study: Study, part: Part, state: TrainingState, step: Step) -> tuple[TrainingState, bytes]:
    """Return the family after a step, and what the step found, as a message of `core.wire`."""
    from core import training

    if step.measure >= 0:
        found = study.measure(part.measures[step.measure], state)
        exact = {name: wire.Exact(np.ascontiguousarray(values)) for name, values in found.items()}
        return state, wire.pack({"measure": step.measure, "found": exact})
    fragments = []
    if state.epoch == 0:
        fragments.append(training.advance(state, 0)[1])
    state, snapshot = training.advance(state, step.epochs)
    fragments.append(snapshot)
    epochs = np.concatenate([np.arange(each.first + 1, each.last + 1) for each in fragments])
    kept = (epochs % part.every == 0) | (epochs == part.training.epochs)
    message: dict[str, Any] = {
        "epochs": wire.Exact(epochs[kept].astype(np.int64)),
        "curves": {name: np.concatenate([each.curves[name] for each in fragments], axis=1)[:, kept] for name in part.curves},
        "status": list(snapshot.status),
        "sentences": list(snapshot.sentences),
    }
    return state, wire.pack(message)


def gather(part: Part, fragments: Sequence[bytes]) -> Outcome:
    """Return what came of a part from what its steps found, in their order, all of them or the first ones."""
    trained: list[dict[str, Any]] = []
    measures: list[Any] = [None] * len(part.measures)
    for raw in fragments:
        message = wire.unpack(raw)
        if "measure" in message:
            measures[message["measure"]] = message["found"]
        else:
            trained.append(message)
    training = part.training.to_json() if part.note else ""
    if not trained:
        return Outcome(np.zeros(0, dtype=np.int64), {}, (), (), tuple(measures), part.note, training)
    epochs = np.concatenate([message["epochs"] for message in trained])
    curves = {name: np.concatenate([np.asarray(each["curves"][name], dtype=float) for each in trained], axis=1) for name in part.curves}
    last = trained[-1]
    return Outcome(epochs, curves, tuple(last["status"]), tuple(last["sentences"]), tuple(measures), part.note, training)
