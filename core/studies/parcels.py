"""Outcomes as messages: what is shipped, kept, and sent to a worker that is asked how a search goes on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from core import wire
from core.specs.training import TrainingSpec
from core.studies.study import Measure, Outcome, Part, tuples


def outcome_bytes(outcome: Outcome) -> bytes:
    """Return an outcome as a message of `core.wire`."""
    return wire.pack(packed(outcome))


def outcome_of(raw: bytes) -> Outcome:
    """Return the outcome that `outcome_bytes` wrote."""
    return revived(wire.unpack(raw))


def packed(outcome: Outcome) -> dict[str, Any]:
    """Return an outcome as what `core.wire` packs."""
    told = {"note": outcome.note, "training": outcome.training} if outcome.note else {}
    return told | {
        "epochs": wire.Exact(outcome.epochs),
        "curves": dict(outcome.curves),
        "status": list(outcome.status),
        "sentences": list(outcome.sentences),
        "measures": [None if found is None else {name: wire.Exact(values) for name, values in found.items()} for found in outcome.measures],
    }


def revived(part: Mapping[str, Any]) -> Outcome:
    """Return the outcome that `packed` wrote, after its travel."""
    curves = {name: np.asarray(values, dtype=float) for name, values in part["curves"].items()}
    told = part.get("note", ""), part.get("training", "")
    return Outcome(part["epochs"], curves, tuple(part["status"]), tuple(part["sentences"]), tuple(part["measures"]), *told)


def part_fields(part: Part) -> dict[str, Any]:
    """Return a part as plain values."""
    measures = [[each.what, each.epoch, each.members, each.options, each.seconds] for each in part.measures]
    return {"training": part.training.to_json(), "measures": measures, "curves": part.curves, "every": part.every, "note": part.note}


def part_of(fields: Mapping[str, Any]) -> Part:
    """Return the part that `part_fields` wrote, after its travel."""
    measures = tuple(Measure(*tuples(each)) for each in fields["measures"])
    return Part(TrainingSpec.from_json(fields["training"]), measures, tuple(fields["curves"]), fields["every"], fields["note"])
