"""Results that are there: those that come with the lab, and those computed since, as long as there is room.

The web process keeps them; equal studies are computed once, whoever asks. All of it may be called from any thread.
"""

from __future__ import annotations

import threading
import time
import zlib
from collections import OrderedDict
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from core import wire
from core.studies.parcels import packed, revived
from core.studies.store import Store, store
from core.studies.study import Outcome, Study

SHIPPED = Path(__file__).resolve().parent.parent / "data" / "studies"
MEGABYTES = 64.0
AGAIN_SECONDS = 2.0
"""What the store did not have is not asked for again so soon."""


def write(study: Study, outcomes: Sequence[Outcome]) -> Path:
    """Write a study's outcomes to where shipped ones lie; return the file."""
    SHIPPED.mkdir(parents=True, exist_ok=True)
    path = _path(study)
    path.write_bytes(zlib.compress(wire.pack({"study": study.to_json(), "parts": [packed(outcome) for outcome in outcomes]}), 9))
    return path


@lru_cache(maxsize=64)
def shipped(study: Study) -> tuple[Outcome, ...] | None:
    """Return the outcomes that come with the lab for exactly these settings, if there are any."""
    path = _path(study)
    if not path.exists():
        return None
    message = wire.unpack(zlib.decompress(path.read_bytes()))
    if message["study"] != study.to_json():
        return None
    return tuple(revived(part) for part in message["parts"])


def _path(study: Study) -> Path:
    return SHIPPED / f"{study.key}-{study.id[:10]}.bin"


class Shelf:
    """Outcomes by study, the longest untouched forgotten first.

    Parameters
    ----------
    megabytes:
        What they may take together.
    kept:
        Where to look for what this process has not computed itself; by default the process's own `store`.
    """

    def __init__(self, megabytes: float = MEGABYTES, kept: Store | None = None) -> None:
        self._most = megabytes * 2**20
        self._kept = kept
        self._asked: dict[str, float] = {}
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
        """Return what came of a study, from here, as it was shipped, or as it was kept."""
        with self._lock:
            if (held := self._held.get(study.id)) is not None:
                self._held.move_to_end(study.id)
                return held[1]
        if (known := shipped(study)) is not None:
            return known
        return self._recalled(study)

    def _recalled(self, study: Study) -> tuple[Outcome, ...] | None:
        """Return what the store has, which is asked now and then: another process may have measured meanwhile."""
        now = time.monotonic()
        with self._lock:
            if now < self._asked.get(study.id, 0.0):
                return None
            self._asked = {name: until for name, until in self._asked.items() if until > now} | {study.id: now + AGAIN_SECONDS}
        found = (self._kept or store()).whole(study)
        if found is not None:
            self.put(study, found)
        return found

    def has(self, name: str) -> bool:
        """Return whether there are outcomes, computed here, of a study of this id."""
        with self._lock:
            return name in self._held


def _size(outcome: Outcome) -> int:
    arrays = [outcome.epochs, *outcome.curves.values(), *(array for found in outcome.measures for array in (found or {}).values())]
    return sum(array.nbytes for array in arrays)


SHELF = Shelf()
"""The one of this process."""
