"""What one web process knows of its class rooms: each is read from the store by one poller, however many screens look, and only while some do.

Script threads call `look` and the commands; sockets `watch`. Everything that strangers can ask for has a limit, and beyond it a sentence.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from uuid import uuid4

from core.classroom.room import MOST_SCREENS, Form, Place, Room, is_participant
from core.classroom.store import Store, address, gone
from core.classroom.tally import tally
from core.errors import InvalidInput
from core.pace import Bucket

INTERVAL = 0.25
"""Seconds between two looks of a poller into the store."""
HEARTBEAT = 10.0
"""Seconds after which a process counts its screens anew, though nothing has changed."""
MOST_SOCKETS = 2000
"""Screens in all rooms of one web process."""
AT_ONCE = 8
"""Screens that may ask for a run of the script in the same instant."""
LONGEST_SPREAD = 15.0
_REMEMBERED = 4000  # rooms, and participants, of whom something is remembered here
_FRESH = 2 * INTERVAL  # a room that was read so long ago is known still


@dataclass
class _Known:
    """A room as this process saw it last."""

    moves: Bucket
    answers: Bucket
    room: Room | None = None
    others: int = 0  # screens of students in other processes
    at: float = -1e9
    reading: threading.Lock = field(default_factory=threading.Lock)
    watchers: set[Watcher] = field(default_factory=set)
    poller: asyncio.Task[None] | None = None
    wake: asyncio.Event | None = None
    counted: tuple[int, float] = (0, -1e9)  # the screens that the store knows of, and since when
    told: tuple[tuple[object, ...], str] = ((), "")  # what a tally was made of, and what teachers are told of it
    shown: tuple[int, str] = (-1, "")  # a version of the room, and what students are told of it

    @property
    def joined(self) -> int:
        """Screens of students in all processes together."""
        return self.others + self.screens

    @property
    def screens(self) -> int:
        """Screens of students that look at the room through this process."""
        return sum(not watcher.teacher for watcher in list(self.watchers))  # a copy: the loop may add one meanwhile


class Watcher:
    """One socket's view of a room: the newest text for it, older ones passed over."""

    def __init__(self, code: str, teacher: bool, leave: Callable[[Watcher], None]) -> None:
        self.code = code
        self.teacher = teacher
        self._leave = leave
        self._text = ""
        self._said = ""
        self._event = asyncio.Event()

    def tell(self, text: str) -> None:
        """Have a text sent, unless it is the last one that was."""
        self._text = text
        if text != self._said:
            self._event.set()

    async def next(self) -> str:
        """Return what is to be sent next, once there is something."""
        while True:
            await self._event.wait()
            self._event.clear()
            if self._text != self._said:
                self._said = self._text
                return self._text

    def close(self) -> None:
        """Look no more."""
        self._leave(self)


class Hub:
    """The class rooms of one web process.

    Parameters
    ----------
    store:
        Where rooms are kept.
    clock:
        Seconds, from anywhere.
    """

    def __init__(self, store: Store, clock: Callable[[], float] = time.monotonic) -> None:
        self.store = store
        self.process = uuid4().hex
        self._clock = clock
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._pool = ThreadPoolExecutor(2, thread_name_prefix="class-room")
        self._openings = Bucket(0.1, 6.0, clock)
        self._strangers = Bucket(5.0, 60.0, clock)
        self._run_seconds = 0.03
        self._participants: OrderedDict[str, Bucket] = OrderedDict()

    # ------------------------------------------------------------------------------------------------------------ any thread

    def look(self, code: str) -> Room | None:
        """Return a room as it was at most half a second ago; None where there is none.

        Raises
        ------
        InvalidInput
            Where the store cannot be reached, or codes are being guessed.
        """
        known = self._entry(code)
        if self._clock() - known.at > _FRESH:
            with known.reading:
                if self._clock() - known.at > _FRESH:
                    if known.room is None and not self._strangers.allows():
                        raise InvalidInput("One more code", "a few that are wrong in a minute", "Wait a moment, and look at the code again.")
                    self._read(code, known)
        return known.room

    def open(self) -> tuple[str, str]:
        """Open a room; return its code and the teacher's key."""
        if not self._openings.allows():
            raise InvalidInput("Another class room", "six a minute", "Wait ten seconds.")
        code, key = self.store.open()
        self._read(code, self._entry(code))
        return code, key

    def publish(self, code: str, key: str, place: Place, form: Form) -> None:
        """Have a room show a place and ask a question, or none."""
        known = self._entry(code)
        if not known.moves.allows():
            raise InvalidInput("So many changes", "five a second", "Wait a moment; the class is shown your next change.")
        self.store.publish(code, key, place, form)
        self._changed(code, known)

    def reveal(self, code: str, key: str) -> None:
        """Give the answer to the room's question out."""
        self.store.reveal(code, key, self._asked(code))
        self._changed(code, self._entry(code))

    def again(self, code: str, key: str) -> None:
        """Ask the room's question anew."""
        self.store.again(code, key, self._asked(code))
        self._changed(code, self._entry(code))

    def close(self, code: str, key: str) -> None:
        """Close a room and delete all of it."""
        self.store.close(code, key)
        self._changed(code, self._entry(code))

    def answer(self, room: Room, participant: str, answer: float | str) -> None:
        """Keep a participant's answer to the question that a room asks.

        Raises
        ------
        InvalidInput
            Where it is no answer to it, comes too soon after the last one, or too late.
        """
        text = room.form.written(answer)
        if not is_participant(participant):
            raise InvalidInput("This screen", "one that has joined the class room", "Load the page again.")
        if not self._bucket_of(participant).allows() or not self._entry(room.code).answers.allows():
            raise InvalidInput("So many answers", "one a second", "Wait a moment, and send it again.")
        self.store.answer(room.code, room.form.name, room.turn, participant, text)

    def is_teacher(self, code: str, key: str) -> bool:
        """Return whether a key opens a room; False, too, where too many keys have been tried."""
        return self._strangers.allows() and self.store.is_teacher(code, key)

    def took(self, seconds: float) -> None:
        """Note what one screen's run of the script has cost the processor."""
        self._run_seconds += 0.1 * (min(seconds, 1.0) - self._run_seconds)

    def spread(self, code: str) -> float:
        """Return the seconds over which the screens of a room had better ask for their runs.

        All at once they would be served side by side, and each as late as the last; one after the other, half of them have theirs in half the time.
        """
        return min(LONGEST_SPREAD, max(0, self._entry(code).screens - AT_ONCE) * self._run_seconds)

    # ------------------------------------------------------------------------------------------------------- the server's loop

    def watch(self, code: str, teacher: bool) -> Watcher:
        """Return a view of a room for a socket; from the server's loop only.

        Raises
        ------
        InvalidInput
            Where the room, or this server, has as many as it takes.
        """
        self._loop = asyncio.get_running_loop()
        known = self._entry(code)
        if not teacher and known.joined >= MOST_SCREENS:
            raise InvalidInput("Another screen", f"at most {MOST_SCREENS} in a class room", "Look at your teacher's screen.")
        if sum(len(each.watchers) for each in list(self._known.values())) >= MOST_SOCKETS:
            raise InvalidInput("Another screen", f"at most {MOST_SOCKETS} on this server", "Look at your teacher's screen.")
        watcher = Watcher(code, teacher, self._leave)
        known.watchers.add(watcher)
        if known.poller is None:
            known.wake = asyncio.Event()
            known.poller = asyncio.create_task(self._poll(code, known))
        else:
            self._tell(known)
        return watcher

    def _leave(self, watcher: Watcher) -> None:
        if (known := self._known.get(watcher.code)) is not None:
            known.watchers.discard(watcher)

    async def _poll(self, code: str, known: _Known) -> None:
        """Look into the store, and tell all watchers what is new, until nobody watches any more."""
        loop, wake = asyncio.get_running_loop(), known.wake
        try:
            while known.watchers and wake is not None:
                wake.clear()
                with suppress(InvalidInput):  # a database that is away for a while comes back, or the operator reads of it
                    await loop.run_in_executor(self._pool, self._tick, code, known)
                    self._tell(known)
                if known.room is None and known.at > -1e9:
                    break  # they have been told; a room that is closed stays so
                with suppress(TimeoutError):
                    async with asyncio.timeout(INTERVAL):
                        await wake.wait()
        finally:
            known.poller = known.wake = None
        if known.counted[0]:
            with suppress(InvalidInput):
                await loop.run_in_executor(self._pool, self.store.count_screens, code, self.process, 0)
            known.counted = (0, -1e9)

    def _tick(self, code: str, known: _Known) -> None:
        """Read the room and the answers to its question, and count the screens that are here; in a thread."""
        with known.reading:
            self._read(code, known)
        room, now = known.room, self._clock()
        if room is None:
            return
        screens, (counted, since) = known.screens, known.counted
        if (screens != counted and now - since > 4 * INTERVAL) or (screens and now - since > HEARTBEAT):
            self.store.count_screens(code, self.process, screens)
            known.counted = (screens, now)
        made_of = (room.form.name, room.turn, room.answered)
        if any(watcher.teacher for watcher in list(known.watchers)) and made_of != known.told[0]:
            found = tally(room.form, self.store.answers(code, room.form.name, room.turn)) if room.form.name else None
            known.told = (made_of, json.dumps({"question": room.form.name, "turn": room.turn} | asdict(found) if found is not None else None))

    def _tell(self, known: _Known) -> None:
        """Tell all watchers how the room is; in the loop."""
        room = known.room
        if room is None:
            student = teacher = json.dumps({"closed": True})
        else:
            if known.shown[0] != room.version:
                known.shown = (room.version, json.dumps({"version": room.version, **room.place.outline()}))
            student = known.shown[1]
            teacher = f'{{"version": {room.version}, "joined": {known.joined}, "tally": {known.told[1] or "null"}}}'
        for watcher in list(known.watchers):
            watcher.tell(teacher if watcher.teacher else student)

    # ------------------------------------------------------------------------------------------------------------------ inside

    def _entry(self, code: str) -> _Known:
        with self._lock:
            known = self._known.get(code)
            if known is None:
                known = self._known[code] = _Known(Bucket(5.0, 10.0, self._clock), Bucket(100.0, MOST_SCREENS + 100.0, self._clock))
            self._known.move_to_end(code)
            for old in list(self._known) if len(self._known) > _REMEMBERED else ():
                if len(self._known) <= _REMEMBERED // 2:
                    break
                if not self._known[old].watchers and old != code:
                    del self._known[old]
            return known

    def _read(self, code: str, known: _Known) -> None:
        room = self.store.find(code, self.process)
        known.others = 0 if room is None else room.joined
        known.room = None if room is None else replace(room, joined=known.joined)
        known.at = self._clock()

    def _changed(self, code: str, known: _Known) -> None:
        """Take up what this process has changed itself, at once."""
        with known.reading:
            self._read(code, known)
        if self._loop is not None and known.wake is not None:
            with suppress(RuntimeError):  # the server is ending
                self._loop.call_soon_threadsafe(known.wake.set)

    def _asked(self, code: str) -> str:
        room = self.look(code)
        if room is None:
            raise gone()
        return room.form.name

    def _bucket_of(self, participant: str) -> Bucket:
        with self._lock:
            bucket = self._participants.setdefault(participant, Bucket(1.0, 5.0, self._clock))
            self._participants.move_to_end(participant)
            while len(self._participants) > _REMEMBERED:
                self._participants.popitem(last=False)
            return bucket


@cache
def hub() -> Hub:
    """Return the hub of this process."""
    return Hub(Store(address()))
