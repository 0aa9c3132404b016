"""How the lab reaches a database: by its SQLAlchemy URL, SQLite in the user's state folder where none is named."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Engine

LONGEST_WAIT = 5.0
"""Seconds that a writer waits for another one."""


def address(variable: str, file: str) -> str:
    """Return the database's URL that the environment names, or that of a file in the user's state folder; "" for none.

    Parameters
    ----------
    variable:
        The environment's name for it; "off" there means none.
    file:
        The file's name without its ending.
    """
    given = os.environ.get(variable, "")
    if given:
        return "" if given == "off" else given
    try:
        state = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    except RuntimeError:  # a user without a home
        return ""
    return f"sqlite:///{state / 'regularization-lab' / f'{file}.sqlite'}"


def connected(url: str, **options: Any) -> Engine:  # noqa: ANN401 - SQLAlchemy's own
    """Return an engine with one pool of connections; the folder of a file is made.

    Parameters
    ----------
    url:
        SQLAlchemy's.
    options:
        Further arguments of `sqlalchemy.create_engine`.
    """
    import sqlalchemy as sa

    where = sa.make_url(url)
    if where.get_backend_name() != "sqlite":
        return sa.create_engine(where, pool_pre_ping=True, **options)
    if where.database:
        Path(where.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(where, pool_pre_ping=True, connect_args={"timeout": LONGEST_WAIT}, **options)
    # Readers do not wait for a writer, and a commit waits for the disk once.
    sa.event.listen(engine, "connect", _write_ahead)
    return engine


def _write_ahead(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's own
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
