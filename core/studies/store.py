"""What has been measured, on disk: finished parts of studies in a database, so that neither a restart nor another web process measures them again.

SQLite in the user's state folder by default; ``LAB_STORE`` names any other database by its SQLAlchemy URL, which several web processes can share, or
is "off". The lab goes on without a database that cannot be reached. All of it may be called from any thread.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, TypeVar

from core import database
from core.engine import plan
from core.studies.parcels import outcome_bytes, outcome_of
from core.studies.steps import gather
from core.studies.study import AdaptiveStudy, Outcome, Study

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine, Table

VARIABLE = "LAB_STORE"
DAYS = 90
"""What nobody has measured for so long is forgotten when a process opens the store."""
WHOLE = -1
"""The lane of the row that says that a study is whole."""
REST_SECONDS = 30.0
"""A database that could not be reached is left alone for so long."""

_LOG = logging.getLogger(__name__)
T = TypeVar("T")

Place = tuple[int, int]
"""A lane, and the number of a part in it."""


def address() -> str:
    """Return the database's URL that the environment names, or that of a file in the user's state folder; "" for none."""
    return database.address(VARIABLE, "studies")


class Store:
    """Finished parts of studies in one database; every method does nothing, or finds nothing, while that cannot be reached.

    Parameters
    ----------
    url:
        SQLAlchemy's; "" keeps nothing.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._opened: tuple[Engine, Table] | None = None
        self._rests_until = 0.0
        self._lock = threading.Lock()

    def keep(self, study: Study, lane: int, number: int, outcome: Outcome) -> None:
        """Keep what came of a part; one that is there already stays as it is."""
        self._insert(study, lane, number, outcome_bytes(outcome))

    def close_off(self, study: Study) -> None:
        """Note that all parts of a study are there."""
        self._insert(study, WHOLE, 0, b"")

    def parts(self, study: Study) -> dict[Place, Outcome]:
        """Return what is kept of a study."""
        return {place: outcome_of(raw) for place, raw in self._rows(study).items() if place[0] != WHOLE}

    def whole(self, study: Study) -> tuple[Outcome, ...] | None:
        """Return the outcomes of a study of which all parts are kept, lane by lane."""
        rows = self._rows(study)
        if (WHOLE, 0) not in rows:
            return None
        return tuple(outcome_of(rows[place]) for place in sorted(rows) if place[0] != WHOLE)

    def _rows(self, study: Study) -> dict[Place, bytes]:
        def read(connection: Connection, table: Table) -> dict[Place, bytes]:
            wanted = table.select().where(table.c.study == name_of(study))
            return {(row.lane, row.number): bytes(row.outcome) for row in connection.execute(wanted)}

        return self._reached(read) or {}

    def _insert(self, study: Study, lane: int, number: int, raw: bytes) -> None:
        row = {"study": name_of(study), "lane": lane, "number": number, "outcome": raw, "made": time.time()}

        def write(connection: Connection, table: Table) -> None:
            from sqlalchemy.exc import IntegrityError

            try:
                connection.execute(table.insert().values(row))
            except IntegrityError:
                connection.rollback()  # another process was faster; equal studies find the same

        self._reached(write)

    def _reached(self, act: Callable[[Connection, Table], T]) -> T | None:
        """Return what an act on the database returns, its changes committed; None, with a line in the log, where that refuses or is not there."""
        if not self._url or time.monotonic() < self._rests_until:
            return None
        from sqlalchemy.exc import SQLAlchemyError

        try:
            engine, table = self._open()
            with engine.connect() as connection:
                found = act(connection, table)
                connection.commit()
                return found
        except (SQLAlchemyError, OSError, ImportError) as problem:
            self._rests_until = time.monotonic() + REST_SECONDS
            # The URL may hold a password, and the database's own words may hold the URL.
            _LOG.warning("measurements are not kept for now: the database of %s answers with %s", VARIABLE, type(problem).__name__)
            return None

    def _open(self) -> tuple[Engine, Table]:
        with self._lock:
            if self._opened is None:
                self._opened = _open(self._url)
            return self._opened


def gathered(study: Study, kept: Mapping[Place, Outcome]) -> tuple[tuple[Outcome, ...], float]:
    """Return what kept parts make of a study, as `Study.conclude` takes it, and how much of it that is, 0 to 1."""
    if isinstance(study, AdaptiveStudy):
        lanes = [in_order(kept, lane) for lane in range(study.lanes)]
        return tuple(outcome for lane in lanes for outcome in lane), sum(map(study.share, lanes)) / len(lanes)
    parts = study.parts()
    outcomes = tuple(kept.get((i, 0)) or gather(part, []) for i, part in enumerate(parts))
    return outcomes, len(kept) / len(parts)


def in_order(kept: Mapping[Place, Outcome], lane: int) -> tuple[Outcome, ...]:
    """Return the parts of a lane up to the first that is missing."""
    found: list[Outcome] = []
    while (outcome := kept.get((lane, len(found)))) is not None:
        found.append(outcome)
    return tuple(found)


def _open(url: str) -> tuple[Engine, Table]:
    import sqlalchemy as sa

    engine = database.connected(url)
    table = sa.Table(
        "study_parts",
        sa.MetaData(),
        sa.Column("study", sa.String(40), primary_key=True),
        sa.Column("lane", sa.Integer, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("outcome", sa.LargeBinary, nullable=False),
        sa.Column("made", sa.Float, nullable=False),
    )
    with engine.begin() as connection:
        table.create(connection, checkfirst=True)
        connection.execute(table.delete().where(table.c.made < time.time() - DAYS * 86400.0))
    return engine, table


def name_of(study: Study) -> str:
    """Return a name for a study under this code: another release measures anew."""
    return plan.digest(study.to_json(), plan.code_version(studies=True))


@cache
def store() -> Store:
    """Return the store of this process."""
    return Store(address())
