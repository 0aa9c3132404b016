"""What a worker does: one link of a run, as a pure function from bytes to bytes.

Imported in the web process as well, which names these functions and never runs those that train: torch is imported by the first call, or by
`dask_setup` before it. What goes wrong leaves as a plain record: a pickled exception of torch's would import torch where it is read.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from core import wire
from core.datasets.uploads.dataset import arrived
from core.engine.plan import Leg
from core.errors import InvalidInput
from core.studies.steps import Step

Record = dict[str, Any]
"""``state`` bytes, ``messages`` of the film, ``alive`` members that train on; or ``refused`` or ``failed`` with a sentence."""

_LOG = logging.getLogger(__name__)
FAILED = "Training stopped because of a fault in the lab, not in these settings. It has been noted; other settings may work."


def link(spec: str, state: bytes | None, way: Sequence[Leg], keep: int, data: bytes = b"") -> Record:
    """Return the state at the end of a way, and the last ``keep`` messages of the film along it.

    Parameters
    ----------
    spec:
        A `TrainingSpec` as JSON, needed where ``state`` is None: the run begins here.
    state:
        The bytes of the state to go on from.
    way:
        Changes and epochs, one after the other.
    keep:
        How many messages are wanted, counted from the end; the start has one of its own.
    data:
        What `core.datasets.uploads.dataset.travelling` wrote, where the run begins here and the spec's data are "given". It is never logged.
    """
    return _told(lambda: _along(spec, state, way, keep, data), f"a link failed: {spec}")


def exact(spec: str, state: bytes | None, way: Sequence[Leg], data: bytes = b"") -> Record:
    """Return the frame alone at the end of a way, as the only one of ``messages``."""
    found = link(spec, state, way, 1, data)
    if "messages" not in found:
        return found
    return {"messages": [frame_alone(found["messages"][-1])]}


def study_step(study: str, part: int | dict[str, Any], step: Step, state: bytes | None) -> Record:
    """Return the state after a step of a part of a study, and what the step found; the record has ``state`` and ``found``.

    Parameters
    ----------
    study:
        A `core.studies.study.Study` as JSON.
    part, step:
        What is to be done; a part is named by its place among the study's, or written out (`core.studies.parcels.part_fields`).
    state:
        The bytes to go on from; None at the beginning.
    """

    def take_it() -> Record:
        from core.studies.parcels import part_of
        from core.studies.steps import begin, take
        from core.studies.study import study_of

        named = study_of(study)
        chosen = named.parts()[part] if isinstance(part, int) else part_of(part)
        at = begin(chosen) if state is None else _training().TrainingState.from_bytes(state)
        at, found = take(named, chosen, at, step)
        return {"state": at.to_bytes(), "found": found}

    return _told(take_it, f"a step of a study failed: {study}, part {part}, {step}")


def study_next(study: str, lane: int, before: Sequence[bytes]) -> Record:
    """Return the part that follows in a lane of an adaptive study; the record has ``part``, None at the lane's end.

    Parameters
    ----------
    study:
        A `core.studies.study.AdaptiveStudy` as JSON.
    lane:
        Which lane.
    before:
        What came of its parts so far (`core.studies.parcels.outcome_bytes`).
    """

    def ask() -> Record:
        from core.studies.parcels import outcome_of, part_fields
        from core.studies.study import AdaptiveStudy, study_of

        named = study_of(study)
        if not isinstance(named, AdaptiveStudy):
            raise InvalidInput(f"what follows in study {named.key!r}", "an adaptive study", "Ask for its parts.")
        part = named.following(lane, tuple(map(outcome_of, before)))
        return {"part": None if part is None else part_fields(part)}

    return _told(ask, f"a study could not go on: {study}, lane {lane}, after {len(before)} parts")


def _told(act: Callable[[], Record], failure: str) -> Record:
    """Return what a task finds; what goes wrong becomes a plain record."""
    try:
        return act()
    except InvalidInput as refusal:
        return {"refused": str(refusal)}
    except Exception:  # noqa: BLE001 - what it is must stay in the worker
        _LOG.exception("%s", failure)
        return {"failed": FAILED}


def frame_alone(raw: bytes) -> bytes:
    """Return a film message with its frame and no epochs."""
    message = wire.unpack(raw)
    message |= {"from": message["to"], "curves": {}, "profiles": {}}
    return wire.pack(_kept(message))


def without_frame(raw: bytes) -> bytes:
    """Return a film message without its frame."""
    return wire.pack(_kept(wire.unpack(raw) | {"frame": None}))


def _kept(node: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return an unpacked message whose arrays keep their types when they are packed again."""
    if isinstance(node, dict):
        return {key: _kept(value) for key, value in node.items()}
    return wire.Exact(node) if hasattr(node, "dtype") else node


def _along(spec: str, state: bytes | None, way: Sequence[Leg], keep: int, data: bytes) -> Record:
    from core.specs.training import TrainingSpec

    training = _training()
    messages: list[bytes] = []
    if state is None:
        at = training.start(TrainingSpec.from_json(spec), *((arrived(data),) if data else ()))
        if not way or keep > len(way):
            messages.append(training.advance(at, 0)[1].to_bytes())
    else:
        at = training.TrainingState.from_bytes(state)
        if not way:
            messages.append(training.advance(at, 0)[1].to_bytes())
    alive = None
    for i, (changes, epochs) in enumerate(way):
        if changes:
            at = training.edit(at, **dict(changes))
        at, snapshot = training.advance(at, epochs)
        if i >= len(way) - keep:
            messages.append(snapshot.to_bytes())
            alive = sum(status == "running" for status in snapshot.status)
    return {"state": at.to_bytes(), "messages": messages, "alive": alive}


def _training() -> Any:  # noqa: ANN401 - a module; tests that are about turns and not about networks put a cheaper one here
    from core import training

    return training


def build() -> str:
    """Return what a run's last digits depend on besides its code: torch's build and the class of processor."""
    import platform

    import torch

    device = torch.cuda.get_device_name(0) if torch.cuda.is_available() else ""
    return f"torch {torch.__version__} {platform.machine()} {torch.backends.cpu.get_cpu_capability()} {device}".strip()


def dask_setup(worker: object) -> None:
    """Make a worker ready before it is given any work: one thread, everything imported, one short run behind it."""
    import torch

    from core.specs.training import TrainingSpec

    torch.set_num_threads(1)
    with suppress(ImportError):
        import sklearn.datasets  # noqa: F401 - 0.5 s that the first run on real data would wait
    warm = link(TrainingSpec(epochs=2).to_json(), None, (((), 1),), 2)
    if warm.get("state") is not None:
        link("", warm["state"], (((), 1),), 1)
