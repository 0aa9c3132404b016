"""Results that are there: those that come with the lab, and those computed since, as long as there is room.

The web process keeps them; equal studies are computed once, whoever asks. All of it may be called from any thread.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from core import wire
from core.studies.study import Outcome, Study

SHIPPED = Path(__file__).resolve().parent.parent / "data" / "studies"
MEGABYTES = 64.0


def write(study: Study, outcomes: Sequence[Outcome]) -> Path:
    """Write a study's outcomes to where shipped ones lie; return the file."""
    SHIPPED.mkdir(parents=True, exist_ok=True)
    path = _path(study)
    path.write_bytes(wire.pack({"study": study.to_json(), "parts": [_packed(outcome) for outcome in outcomes]}))
    return path


@lru_cache(maxsize=64)
def shipped(study: Study) -> tuple[Outcome, ...] | None:
    """Return the outcomes that come with the lab for exactly these settings, if there are any."""
    path = _path(study)
    if not path.exists():
        return None
    message = wire.unpack(path.read_bytes())
    if message["study"] != study.to_json():
        return None
    return tuple(_revived(part) for part in message["parts"])


def _path(study: Study) -> Path:
    return SHIPPED / f"{study.key}-{study.id[:10]}.bin"


def _packed(outcome: Outcome) -> dict[str, Any]:
    return {
        "epochs": wire.Exact(outcome.epochs),
        "curves": dict(outcome.curves),
        "status": list(outcome.status),
        "sentences": list(outcome.sentences),
        "measures": [{name: wire.Exact(values) for name, values in (found or {}).items()} for found in outcome.measures],
    }


def _revived(part: Mapping[str, Any]) -> Outcome:
    curves = {name: np.asarray(values, dtype=float) for name, values in part["curves"].items()}
    return Outcome(part["epochs"], curves, tuple(part["status"]), tuple(part["sentences"]), tuple(part["measures"]))


class Shelf:
    """Outcomes by study, the longest untouched forgotten first.

    Parameters
    ----------
    megabytes:
        What they may take together.
    """

    def __init__(self, megabytes: float = MEGABYTES) -> None:
        self._most = megabytes * 2**20
        self._held: OrderedDict[str, tuple[Study, tuple[Outcome, ...], int]] = OrderedDict()
        self._lock = threading.Lock()

    def put(self, study: Study, outcomes: tuple[Outcome, ...]) -> None:
        """Keep what came of a study."""
        with self._lock:
            self._held[study.id] = (study, outcomes, sum(map(_size, outcomes)))
            self._held.move_to_end(study.id)
            while len(self._held) > 1 and sum(size for *_, size in self._held.values()) > self._most:
                self._held.popitem(last=False)

    def get(self, study: Study) -> tuple[Outcome, ...] | None:
        """Return what came of a study, from here or as it was shipped."""
        with self._lock:
            if (held := self._held.get(study.id)) is not None:
                self._held.move_to_end(study.id)
                return held[1]
        return shipped(study)

    def has(self, name: str) -> bool:
        """Return whether there are outcomes, computed here, of a study of this id."""
        with self._lock:
            return name in self._held


def _size(outcome: Outcome) -> int:
    arrays = [outcome.epochs, *outcome.curves.values(), *(array for found in outcome.measures for array in (found or {}).values())]
    return sum(array.nbytes for array in arrays)


SHELF = Shelf()
"""The one of this process."""
