"""Class rooms in a database, so that several web processes share them: for a day, and without anything that says who somebody is.

SQLite in the user's state folder by default; ``LAB_CLASS`` names any other database by its SQLAlchemy URL, or is "off". A room's row holds what is
shown and the hash of the teacher's key; an answer's row the room, the question, a random number for the screen, and the value. All of it may be
called from any thread; what cannot be done is refused with a sentence.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from core import database
from core.classroom.room import DAY, LENGTH, MOST_ROOMS, MOST_SCREENS, Form, Place, Room, hashed, new_code, new_key, opens
from core.errors import InvalidInput

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine, MetaData, Table

VARIABLE = "LAB_CLASS"
SEAT_SECONDS = 30.0
"""A web process that has not counted its screens for so long has none."""
MOST_QUESTIONS = 200
"""Asked in one room."""
_TRIES = 6
_KEY_LETTERS = 128

_LOG = logging.getLogger(__name__)
T = TypeVar("T")


def gone() -> InvalidInput:
    """Return what is said of a room that is not there, or of a key that does not open it."""
    return InvalidInput("This class room", "one that is open", "Ask your teacher for the code, or open another one.")


def address() -> str:
    """Return the database's URL that the environment names, or that of a file beside the one of measurements; "" for none."""
    return database.address(VARIABLE, "class_rooms")


class Store:
    """Class rooms in one database.

    Parameters
    ----------
    url:
        SQLAlchemy's; "" refuses everything.
    clock:
        Seconds since the epoch.
    """

    def __init__(self, url: str, clock: Callable[[], float] = time.time) -> None:
        self._url = url
        self._clock = clock
        self._opened: tuple[Engine, MetaData] | None = None
        self._lock = threading.Lock()
        self._logged = False
        self.reads = 0
        """How often the database has been asked, for the benchmark."""

    # ----------------------------------------------------------------------------------------------------------- the teacher

    def open(self) -> tuple[str, str]:
        """Open a room; return its code and the teacher's key.

        Raises
        ------
        InvalidInput
            Where too many are open, or the database cannot be reached.
        """
        self.purge()
        key = new_key()
        code = next((code for _ in range(_TRIES) if self.find(code := new_code()) is None), "")
        if not code:
            raise InvalidInput("A new code", "one that no room has", "Try again.")

        def write(connection: Connection) -> None:
            from sqlalchemy import func, select

            rooms = self._table("class_rooms")
            row = {"code": code, "key_hash": hashed(key), "opened": self._clock(), **_columns(Place(), Form())}
            # Written before it is counted: SQLite has one writer at a time, so that two cannot both be the last one.
            connection.execute(rooms.insert().values(version=0, moved=0, answered=0, **row))
            if connection.execute(select(func.count()).select_from(rooms)).scalar_one() > MOST_ROOMS:
                raise InvalidInput("Another class room", f"at most {MOST_ROOMS} that are open at once", "Try again later.")

        self._reached(write)
        return code, key

    def publish(self, code: str, key: str, place: Place, form: Form) -> None:
        """Have a room show a place and ask a question, or none."""

        def write(connection: Connection) -> None:
            rooms, asked = self._table("class_rooms"), self._table("class_questions")
            columns = _columns(place, form) | {"version": rooms.c.version + 1, "moved": rooms.c.moved + 1}
            self._as_teacher(connection, code, key, columns)
            if form.name and not self._rows(connection, asked, code, form.name):
                if len(self._rows(connection, asked, code)) >= MOST_QUESTIONS:
                    raise InvalidInput("Another question", f"at most {MOST_QUESTIONS} in one class room", "Open another class room.")
                connection.execute(asked.insert().values(code=code, question=form.name, turn=0, revealed=False))

        self._reached(write)

    def reveal(self, code: str, key: str, question: str) -> None:
        """Give the answer to a question out: from now on it takes no answers."""
        self._change_question(code, key, question, lambda _: {"revealed": True})

    def again(self, code: str, key: str, question: str) -> None:
        """Ask a question anew; what was answered before is deleted."""

        def anew(connection: Connection) -> dict[str, Any]:
            answers = self._table("class_answers")
            connection.execute(answers.delete().where(answers.c.code == code, answers.c.question == question))
            return {"revealed": False, "turn": self._table("class_questions").c.turn + 1}

        self._change_question(code, key, question, anew)

    def close(self, code: str, key: str) -> None:
        """Close a room and delete all of it."""

        def write(connection: Connection) -> None:
            rooms = self._table("class_rooms")
            done = connection.execute(rooms.delete().where(rooms.c.code == code, rooms.c.key_hash == _hash_of(key)))
            if not done.rowcount:
                raise gone()
            self._forget_orphans(connection)

        self._reached(write)

    def is_teacher(self, code: str, key: str) -> bool:
        """Return whether a key opens a room."""

        def read(connection: Connection) -> bool:
            rooms = self._table("class_rooms")
            kept = connection.execute(rooms.select().where(rooms.c.code == code, rooms.c.opened > self._clock() - DAY)).one_or_none()
            return kept is not None and len(key) <= _KEY_LETTERS and opens(key, kept.key_hash)

        return self._reached(read)

    # ---------------------------------------------------------------------------------------------------------- the students

    def answer(self, code: str, question: str, turn: int, participant: str, text: str) -> None:
        """Keep a participant's answer to the question that the room asks, in place of an earlier one.

        Parameters
        ----------
        code, question, turn:
            The room, its question's name, and which time of asking it is.
        participant:
            What tells this screen from others.
        text:
            The answer, as `Form.written` gives it.

        Raises
        ------
        InvalidInput
            Where the room asks something else by now, has revealed the answer, or is full.
        """

        def write(connection: Connection) -> None:
            from sqlalchemy import and_, exists, func, select

            rooms, asked, answers = (self._table(name) for name in ("class_rooms", "class_questions", "class_answers"))
            open_still = exists().where(asked.c.code == code, asked.c.question == question, asked.c.turn == turn, asked.c.revealed.is_(False))
            here = and_(rooms.c.code == code, rooms.c.opened > self._clock() - DAY, rooms.c.question == question, open_still)
            # Counted first: the row is this writer's from here on, so that what follows is in order.
            if not connection.execute(rooms.update().where(here).values(answered=rooms.c.answered + 1)).rowcount:
                raise InvalidInput("This answer", "one to the question that the class is asked now", "Answer the question on your screen.")
            mine = and_(answers.c.code == code, answers.c.question == question, answers.c.turn == turn)
            if connection.execute(answers.update().where(mine, answers.c.participant == participant).values(value=text)).rowcount:
                return
            if connection.execute(select(func.count()).select_from(answers).where(mine)).scalar_one() >= MOST_SCREENS:
                raise InvalidInput(
                    "Another answer", f"at most {MOST_SCREENS} to one question", "The class room is full; look at your teacher's screen."
                )
            connection.execute(answers.insert().values(code=code, question=question, turn=turn, participant=participant, value=text))

        self._reached(write)

    def answer_of(self, code: str, question: str, turn: int, participant: str) -> str | None:
        """Return what a participant has answered; None for nothing."""

        def read(connection: Connection) -> str | None:
            answers = self._table("class_answers")
            wanted = (answers.c.code == code, answers.c.question == question, answers.c.turn == turn, answers.c.participant == participant)
            row = connection.execute(answers.select().where(*wanted)).one_or_none()
            return None if row is None else str(row.value)

        return self._reached(read)

    # ----------------------------------------------------------------------------------------------------------------- looking

    def find(self, code: str, but: str = "") -> Room | None:
        """Return a room; None where there is none of this code, or none any more.

        Parameters
        ----------
        code:
            Its code.
        but:
            A web process whose screens are not counted, since it counts them itself.
        """

        def read(connection: Connection) -> Room | None:
            from sqlalchemy import and_, func, select

            rooms, asked, seats = (self._table(name) for name in ("class_rooms", "class_questions", "class_seats"))
            now = self._clock()
            there = select(func.coalesce(func.sum(seats.c.screens), 0)).where(
                seats.c.code == rooms.c.code, seats.c.process != but, seats.c.at > now - SEAT_SECONDS
            )
            both = rooms.outerjoin(asked, and_(asked.c.code == rooms.c.code, asked.c.question == rooms.c.question))
            wanted = select(rooms, asked.c.turn, asked.c.revealed, there.scalar_subquery().label("joined")).select_from(both)
            row = connection.execute(wanted.where(rooms.c.code == code, rooms.c.opened > now - DAY)).one_or_none()
            return None if row is None else _room(row)

        return self._reached(read)

    def answers(self, code: str, question: str, turn: int) -> list[str]:
        """Return all answers to a question, without whose they are."""

        def read(connection: Connection) -> list[str]:
            from sqlalchemy import select

            answers = self._table("class_answers")
            wanted = select(answers.c.value).where(answers.c.code == code, answers.c.question == question, answers.c.turn == turn)
            return [str(value) for value in connection.execute(wanted).scalars()]

        return self._reached(read)

    def count_screens(self, code: str, process: str, screens: int) -> None:
        """Note how many screens of a room one web process has."""

        def write(connection: Connection) -> None:
            seats = self._table("class_seats")
            mine = (seats.c.code == code, seats.c.process == process)
            row = {"screens": screens, "at": self._clock()}
            if screens == 0:
                connection.execute(seats.delete().where(*mine))
            elif not connection.execute(seats.update().where(*mine).values(row)).rowcount:
                connection.execute(seats.insert().values(code=code, process=process, **row))

        self._reached(write)

    def purge(self) -> None:
        """Delete what is older than a day."""

        def write(connection: Connection) -> None:
            rooms = self._table("class_rooms")
            if connection.execute(rooms.delete().where(rooms.c.opened <= self._clock() - DAY)).rowcount:
                self._forget_orphans(connection)

        self._reached(write)

    # ------------------------------------------------------------------------------------------------------------------ inside

    def _as_teacher(self, connection: Connection, code: str, key: str, columns: dict[str, Any]) -> None:
        """Change a room's row, if the key opens it."""
        rooms = self._table("class_rooms")
        here = (rooms.c.code == code, rooms.c.key_hash == _hash_of(key), rooms.c.opened > self._clock() - DAY)
        if not connection.execute(rooms.update().where(*here).values(columns)).rowcount:
            raise gone()

    def _change_question(self, code: str, key: str, question: str, columns: Callable[[Connection], dict[str, Any]]) -> None:
        """Change a question's row, if the key opens the room."""

        def write(connection: Connection) -> None:
            rooms, asked = self._table("class_rooms"), self._table("class_questions")
            self._as_teacher(connection, code, key, {"version": rooms.c.version + 1, "answered": rooms.c.answered + 1})
            here = (asked.c.code == code, asked.c.question == question)
            if not connection.execute(asked.update().where(*here).values(columns(connection))).rowcount:
                raise InvalidInput("This question", "one that the class has been asked", "Show it to the class first.")

        self._reached(write)

    def _rows(self, connection: Connection, table: Table, code: str, question: str = "") -> list[Any]:
        wanted = table.select().where(table.c.code == code)
        return list(connection.execute(wanted.where(table.c.question == question) if question else wanted))

    def _forget_orphans(self, connection: Connection) -> None:
        """Delete what belongs to no room."""
        from sqlalchemy import select

        rooms = self._table("class_rooms")
        for name in ("class_answers", "class_questions", "class_seats"):
            table = self._table(name)
            connection.execute(table.delete().where(table.c.code.not_in(select(rooms.c.code))))

    def _reached(self, act: Callable[[Connection], T]) -> T:
        """Return what an act on the database returns, all of its changes made or none."""
        from sqlalchemy.exc import SQLAlchemyError

        if not self._url:
            raise InvalidInput("A class room", "a lab site that keeps class rooms", f"Ask whoever runs this site: {VARIABLE} is off.")
        try:
            engine, _ = self._connected()
            with engine.begin() as connection:
                self.reads += 1
                found = act(connection)
        except (SQLAlchemyError, OSError, ImportError) as problem:
            if not self._logged:
                # The URL may hold a password, and the database's own words may hold the URL.
                _LOG.warning("class rooms cannot be kept for now: the database of %s answers with %s", VARIABLE, type(problem).__name__)
            self._logged = True
            remedy = "Try again in a moment; whoever runs this site finds the reason in the server's log."
            raise InvalidInput("The class room's database", "one that answers", remedy) from problem
        self._logged = False
        return found

    def _table(self, name: str) -> Table:
        return self._connected()[1].tables[name]

    def _connected(self) -> tuple[Engine, MetaData]:
        with self._lock:
            if self._opened is None:
                self._opened = _open(self._url)
            return self._opened


def _open(url: str) -> tuple[Engine, MetaData]:
    import sqlalchemy as sa

    # Writers wait for one another anyway: a few connections, and a script that finds none free for five seconds says so.
    memory = sa.make_url(url).get_backend_name() == "sqlite" and sa.make_url(url).database in (None, "", ":memory:")
    engine = database.connected(url, **({} if memory else {"pool_size": 4, "max_overflow": 4, "pool_timeout": database.LONGEST_WAIT}))
    tables = sa.MetaData()
    sa.Table(
        "class_rooms",
        tables,
        sa.Column("code", sa.String(LENGTH), primary_key=True),
        sa.Column("key_hash", sa.String(64), nullable=False),
        sa.Column("opened", sa.Float, nullable=False, index=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("moved", sa.Integer, nullable=False),
        sa.Column("answered", sa.Integer, nullable=False),
        sa.Column("page", sa.String(64), nullable=False),
        sa.Column("query", sa.Text, nullable=False),
        sa.Column("shown", sa.Text, nullable=False),
        sa.Column("locked", sa.Text, nullable=False),
        sa.Column("question", sa.String(64), nullable=False),
        sa.Column("form", sa.Text, nullable=False),
    )
    sa.Table(
        "class_questions",
        tables,
        sa.Column("code", sa.String(LENGTH), primary_key=True),
        sa.Column("question", sa.String(64), primary_key=True),
        sa.Column("turn", sa.Integer, nullable=False),
        sa.Column("revealed", sa.Boolean, nullable=False),
    )
    sa.Table(
        "class_answers",
        tables,
        sa.Column("code", sa.String(LENGTH), primary_key=True),
        sa.Column("question", sa.String(64), primary_key=True),
        sa.Column("turn", sa.Integer, primary_key=True),
        sa.Column("participant", sa.String(32), primary_key=True),
        sa.Column("value", sa.String(40), nullable=False),
    )
    sa.Table(
        "class_seats",
        tables,
        sa.Column("code", sa.String(LENGTH), primary_key=True),
        sa.Column("process", sa.String(32), primary_key=True),
        sa.Column("screens", sa.Integer, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
    )
    # Two processes that begin at once both find nothing and both make it; what the slower one is told is no harm.
    try:
        tables.create_all(engine)
    except (sa.exc.OperationalError, sa.exc.ProgrammingError):
        tables.create_all(engine)
    return engine, tables


def _hash_of(key: str) -> str:
    return hashed(key[:_KEY_LETTERS])


def _columns(place: Place, form: Form) -> dict[str, Any]:
    said = json.dumps([list(form.values), [list(pair) for pair in form.options], form.unit, form.logarithmic]) if form.name else ""
    return {"page": place.page, "query": place.query, "shown": place.show, "locked": place.lock, "question": form.name, "form": said}


def _room(row: Any) -> Room:  # noqa: ANN401 - SQLAlchemy's
    place = Place(row.page, row.query, row.shown, row.locked)
    counts = {"version": row.version, "moved": row.moved, "answered": row.answered, "joined": int(row.joined)}
    return Room(row.code, row.opened, place=place, form=_form(row.question, row.form), turn=row.turn or 0, revealed=bool(row.revealed), **counts)


def _form(name: str, said: str) -> Form:
    """Return the question that a row holds; none where another release has written it in another way."""
    if not name:
        return Form()
    try:
        values, options, unit, logarithmic = json.loads(said)
        return Form(name, tuple(map(float, values)), tuple((str(key), str(label)) for key, label in options), str(unit), bool(logarithmic))
    except (ValueError, TypeError):
        return Form()
