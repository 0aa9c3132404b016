"""What the links of a run are: a function of its spec and its edits alone, so that link i means the same to everyone who computes it.

A link is some epochs of training in one task. Its key is a hash of the link before it, the edit made between the two, and its epochs: runs that begin
alike share the keys of their beginning.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.metadata import version
from pathlib import Path

from core.errors import InvalidInput
from core.specs.training import EDITABLE, TrainingSpec

Value = float | tuple[float, ...]
Changes = tuple[tuple[str, Value], ...]
Leg = tuple[Changes, int]
"""Changes to be made, and then so many epochs."""

# A link is about 100 ms of work, so that curves move 8 times a second and nobody waits long for a turn; the first one answers a click.
LINK_SECONDS, OPENING_SECONDS = 0.1, 0.03
# Seconds that one core needs, measured on twelve kinds of specs and right to within a factor of two: for an epoch and for a step, whatever their
# size, for one more rule in a step, for each unit's value and each multiply-add in training, and the last two in a picture of so many points.
EPOCH, STEP, RULE, UNIT, MULTIPLY_ADD = 0.3e-3, 0.5e-3, 0.1e-3, 12e-9, 2e-11
PICTURED_UNIT, PICTURED_MULTIPLY_ADD, PICTURE = 3.2e-9, 9e-11, 36 * 36
# A film has at least so many frames.
FRAMES = 40

_ROOT = Path(__file__).resolve().parent.parent
# What can change the numbers of a run; a change here makes new keys.
_CODE = ("training.py", "networks", "optimizers.py", "penalties.py", "datasets", "specs/training.py", "wire.py", "engine/work.py", "engine/plan.py")

# Beside those, what the numbers of a study come from.
_STUDIES = ("studies", "curvature", "dropout", "batch_norm", "flatness", "right_mix")


@dataclass(frozen=True)
class Edit:
    """Another lambda, dropout rate or learning rate from an epoch on.

    Attributes
    ----------
    epoch:
        The last epoch without it.
    changes:
        (name, value) pairs of `EDITABLE`, a value a number or one for each member, sorted by name.
    """

    epoch: int
    changes: Changes


@dataclass(frozen=True)
class Link:
    """Epochs first + 1 to last of a run, after ``changes``; the first link of a run makes its start, too."""

    key: str
    first: int
    last: int
    changes: Changes = ()

    @property
    def leg(self) -> Leg:
        """Return what a worker is to do for it."""
        return self.changes, self.last - self.first


def edited(spec: TrainingSpec, edits: Sequence[Edit], epoch: int, **values: Value | None) -> tuple[Edit, ...]:
    """Return the edits of a run of ``spec`` after another one at ``epoch``; what was edited later did not happen.

    Raises
    ------
    InvalidInput
        Where a value is out of its range or not one for each member, nothing is changed, or the epoch is not within the training.
    """
    if isinstance(epoch, bool) or not isinstance(epoch, int) or not 0 <= epoch < spec.epochs:
        raise InvalidInput(f"an edit at epoch {epoch!r}", f"0 to {spec.epochs - 1}", "Rewind, or train for longer.")
    given = {name: _floats(value) for name, value in values.items() if value is not None}
    if unknown := set(given) - set(EDITABLE):
        raise InvalidInput(f"an edit of {min(unknown)}", "one of " + ", ".join(EDITABLE), "Start a new run for anything else.")
    earlier = tuple(edit for edit in edits if edit.epoch < epoch)
    before = settings(spec, edits, epoch)
    after = _changed(before, given)
    there = {name: getattr(after, name) for name in EDITABLE if getattr(after, name) != getattr(settings(spec, earlier, epoch), name)}
    if not there:
        return earlier
    return (*earlier, Edit(epoch, tuple(sorted(there.items()))))


def settings(spec: TrainingSpec, edits: Iterable[Edit], epoch: int) -> TrainingSpec:
    """Return the settings with which a run trains on after ``epoch``."""
    for edit in edits:
        if edit.epoch <= epoch:
            spec = _changed(spec, dict(edit.changes))
    return spec


def _floats(value: Value) -> Value:
    """Return a value as its own kind of number, so that 1 and 1.0 are one edit; what is no number is left for the spec to refuse."""
    if isinstance(value, list | tuple):
        return tuple(_floats(each) for each in value)  # type: ignore[misc]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _changed(spec: TrainingSpec, values: dict[str, Value]) -> TrainingSpec:
    k = spec.members
    # A plain value in the place of the only axis would make the family one network.
    spread = {name: value if isinstance(value, tuple) or k == 1 else (value,) * k for name, value in values.items() if value != getattr(spec, name)}
    changed = spec.replace(**spread)
    if changed.members != k:
        raise InvalidInput(f"an edit for {changed.members} members", f"{k}, as many as there are", "Give one value, or one for each member.")
    return changed


def stride(spec: TrainingSpec) -> tuple[int, int]:
    """Return how many epochs a link has, and how many the first one."""
    epoch, picture = seconds(spec)
    # Of a family so large that its picture takes longer than a link, training is half of the work.
    usual = max(1, min(int(max(LINK_SECONDS - picture, picture) / epoch), spec.epochs // FRAMES))
    return usual, max(1, min(int(OPENING_SECONDS / epoch), usual))


def seconds(spec: TrainingSpec) -> tuple[float, float]:
    """Return about how long an epoch takes on one core, and a picture of how things stand."""
    steps = math.ceil(spec.rows / spec.batch) if spec.batch else 1
    extras = 1 + (any(spec.values("dropout")) + any(spec.values("batch_norm"))) / 2
    units, rules = spec.members * sum(spec.hidden), len(set(spec.values("rule")))
    # Batch normalisation and its way back touch each unit's value three times as often, once more where some members have it and all compute it.
    switches = spec.values("batch_norm")
    touched = 3 if all(switches) else 4 if any(switches) else 1
    epoch = EPOCH + steps * (STEP * extras + RULE * (rules - 1)) + spec.rows * units * touched * UNIT + spec.cost * MULTIPLY_ADD
    return epoch, PICTURE * (units * PICTURED_UNIT + spec.cost / (3 * spec.rows) * PICTURED_MULTIPLY_ADD)


@lru_cache(maxsize=256)
def chain(spec: TrainingSpec, edits: tuple[Edit, ...] = ()) -> tuple[Link, ...]:
    """Return all links of a run, in order."""
    usual, opening = stride(spec)
    changes = {edit.epoch: edit.changes for edit in edits}
    stops = [*sorted(epoch for epoch in changes if epoch > 0), spec.epochs]
    key = digest(spec.to_json(), code_version())
    links: list[Link] = []
    at = 0
    for stop in stops:
        while at < stop:
            last = min(stop, at + (usual if links else opening))
            made = changes.get(at, ())
            key = digest(key, made, last - at)
            links.append(Link(key, at, last, made))
            at = last
    return tuple(links)


def legs(links: Sequence[Link], after: int, epoch: int) -> tuple[Leg, ...]:
    """Return the way from the state after link ``after`` (-1: from nothing) to ``epoch``, as it was before an edit there."""
    return tuple((link.changes, min(link.last, epoch) - link.first) for link in links[after + 1 :] if link.first < epoch)


def run_id(spec: TrainingSpec, edits: tuple[Edit, ...] = ()) -> str:
    """Return the name of a run: the same for equal specs and edits, under the same code."""
    return digest(spec.to_json(), [(edit.epoch, edit.changes) for edit in edits], code_version())[:20]


@cache
def code_version(studies: bool = False) -> str:
    """Return a hash of the code that the numbers of a run, or of a study, come from, and of the packages that they depend on."""
    together = hashlib.sha256(f"numpy {version('numpy')}".encode())
    for name in (*_CODE, *(_STUDIES if studies else ())):
        path = _ROOT / name
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            if file.exists():
                together.update(f"{file.relative_to(_ROOT)} ".encode() + file.read_bytes())
    return together.hexdigest()[:16]


def digest(*parts: object) -> str:
    """Return a name for what JSON can hold."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]
