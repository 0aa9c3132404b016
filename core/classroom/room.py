"""What a class room is: its code and key, the place that it shows, the question that it asks. Nothing here reads or writes anything."""

from __future__ import annotations

import hashlib
import hmac
import json
import math
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs, parse_qsl, urlencode

from core.errors import InvalidInput
from core.knobs import Spec, Value
from core.specs import LABS
from core.wording import cited

LETTERS = "BCDFGHJKMNPRTWXYZ"
"""Of a code: no two that look or sound alike from the back of a room, and no vowels, so that no words come of it."""
LENGTH = 6
DAY = 24 * 3600.0
"""Seconds after which a room is gone, with all that was answered in it."""
MOST_ROOMS = 200
"""Open at once in one database."""
MOST_SCREENS = 500
"""In one room: screens that follow, and answers to one question."""
LONGEST_QUERY = 8192
LONGEST_TEXT = 1000
"""Letters of what is carried without being understood."""

_MOST_FIELDS = 200
_NAME = re.compile(r"[a-z][a-z0-9_]{0,40}")
_PARTICIPANT = re.compile(r"[0-9a-f]{32}")
_QUESTION = re.compile(r"[a-z][a-z0-9_]{0,40}\.[0-9]{1,3}\.[0-9a-f]{4}")


def new_code() -> str:
    """Return a code for a room, drawn from the system's own chance."""
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


def new_key() -> str:
    """Return a teacher's key: 256 bits, as letters."""
    return secrets.token_hex(32)


def new_participant() -> str:
    """Return what tells one screen's answers from another's, and says nothing else."""
    return secrets.token_hex(16)


def is_participant(text: object) -> bool:
    """Return whether a text could be one that `new_participant` made."""
    return isinstance(text, str) and _PARTICIPANT.fullmatch(text) is not None


def hashed(key: str) -> str:
    """Return what is kept of a key: it opens nothing."""
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def opens(key: str, kept: str) -> bool:
    """Return whether a key is the one of which ``kept`` is the hash, in a time that tells nothing."""
    return hmac.compare_digest(hashed(key), kept)


def code_of(text: str) -> str:
    """Return the code that somebody has typed: small letters, blanks and hyphens do not matter.

    Raises
    ------
    InvalidInput
        Where it cannot be a code.
    """
    code = re.sub(r"[\s\-]+", "", text[:40]).upper()
    if len(code) == LENGTH and all(letter in LETTERS for letter in code):
        return code
    raise InvalidInput(f"The code `{cited(text)}`", f"{LENGTH} letters out of {LETTERS}", "Look at it again on your teacher's screen.")


# ----------------------------------------------------------------------------------------------------------------- the place


@dataclass(frozen=True)
class Place:
    """What a teacher's screen shows.

    Attributes
    ----------
    page:
        The page, "" before the first.
    query:
        Its settings as the query of a link to it, those at their defaults left out, with the open question and the story's step.
    show, lock:
        Which controls are shown and which are locked, as the page's own keys for that hold them.
    """

    page: str = ""
    query: str = ""
    show: str = ""
    lock: str = ""

    def __post_init__(self) -> None:
        """Refuse what no page of the lab makes."""
        if self.page and not _NAME.fullmatch(self.page):
            raise InvalidInput(f"page = {self.page[:40]!r}", "the name of a page", "Name a page of the lab.")
        for name, text, most in (("query", self.query, LONGEST_QUERY), ("show", self.show, LONGEST_TEXT), ("lock", self.lock, LONGEST_TEXT)):
            if len(text) > most:
                raise InvalidInput(f"{name} of {len(text)} letters", f"at most {most}", "Show fewer settings.")

    @property
    def spec_type(self) -> type[Spec] | None:
        """The page's settings; None where it has none, or is none that this version knows."""
        return LABS.get(self.page)

    def values(self) -> Mapping[str, Value]:
        """Return every setting of the page by its field's name; what the query lacks or gets wrong is at its default."""
        kind = self.spec_type
        if kind is None:
            return {}
        names, knobs = kind.fields_by_key(), kind.knobs()
        plain = kind()
        found: dict[str, Value] = {name: getattr(plain, name) for name in knobs}
        for key, texts in self._pairs().items():
            name = names.get(key)
            if name is None or len(texts) != 1:
                continue
            try:
                found[name] = knobs[name].parse(texts[0], name)
            except InvalidInput:
                continue  # a release with other settings runs beside this one
        return found

    def lesson(self) -> Mapping[str, str]:
        """Return the open question and the step of the story by their keys in an address; "" for none."""
        kind = self.spec_type
        if kind is None:
            return {}
        given = self._pairs()
        # A number of the page's own, or nothing: what there is no question for, the page names.
        return {key: text if (text := given.get(key, [""])[0]).isdecimal() and len(text) <= 3 else "" for key in lesson_keys(kind)}

    def outline(self) -> Mapping[str, object]:
        """Return the place as a browser takes it: its ``page``, its settings as numbers and texts ``at``, and the ``rest`` as one text."""
        return {"page": self.page, "at": dict(self.values()), "rest": json.dumps([dict(self.lesson()), self.show, self.lock])}

    def _pairs(self) -> Mapping[str, list[str]]:
        try:
            return parse_qs(self.query, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
        except ValueError:  # more than any page has
            return {}


def lesson_keys(kind: type[Spec]) -> tuple[str, str]:
    """Return the keys of a lab's open question and of its story's step."""
    return f"{kind.prefix}q_on", f"{kind.prefix}s_step"


def place_of(page: str, query: str, lesson: Mapping[str, str], show: str = "", lock: str = "") -> Place:
    """Return the place of a page with its settings, as a query, and what of its lesson is open.

    Parameters
    ----------
    page:
        Its name.
    query:
        Its settings.
    lesson:
        Key -> text of the open question and the story's step; empty ones are left out.
    show, lock:
        As `Place` has them; cut to what may be carried.
    """
    pairs = parse_qsl(query, keep_blank_values=True) + [(key, text) for key, text in lesson.items() if text]
    return Place(page, urlencode(pairs), show[:LONGEST_TEXT], lock[:LONGEST_TEXT])


# -------------------------------------------------------------------------------------------------------------- the question


@dataclass(frozen=True)
class Form:
    """A question as the room knows it: what tells it from all others, and every answer that there can be. The truth is not in it.

    Attributes
    ----------
    name:
        Page, number and token: the same question of other settings is another one. "" where nothing is asked.
    values:
        (m,) Every number that the slider can give, ascending; none for a choice.
    options:
        (key, what it says) of a choice.
    unit:
        Written after a number.
    logarithmic:
        Whether the slider's values are spaced by factors.
    """

    name: str = ""
    values: tuple[float, ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    unit: str = ""
    logarithmic: bool = False

    def __post_init__(self) -> None:
        """Refuse a question that could not be answered."""
        if not self.name:
            return
        if not _QUESTION.fullmatch(self.name):
            raise InvalidInput(f"question = {self.name[:60]!r}", "page.number.token", "Name a question of a lab.")
        rising = all(one < other for one, other in zip(self.values, self.values[1:], strict=False))
        few = len(self.values) <= 2000 and len(self.options) <= 20 and all(len(key) <= 40 and len(said) <= 200 for key, said in self.options)
        if bool(self.values) == bool(self.options) or not rising or not few or not all(map(math.isfinite, self.values)):
            raise InvalidInput("A question's answers", "numbers, ascending, or a few options", "Ask with a slider or with options.")

    def written(self, answer: float | str) -> str:
        """Return an answer as it is kept: the slider's own number, or an option's key.

        Raises
        ------
        InvalidInput
            Where the question has no such answer.
        """
        if isinstance(answer, str):
            if answer in dict(self.options):
                return answer
        elif self.values and math.isfinite(answer):
            nearest = min(self.values, key=lambda value: abs(value - answer))
            if abs(nearest - answer) <= 1e-4 * max(abs(nearest), abs(answer)) + 1e-12:
                return repr(nearest)
        raise InvalidInput("This answer", "one that the question's slider or options give", "Choose one of them.")

    def read(self, text: str) -> float | str | None:
        """Return the answer that is kept as ``text``; None where it is none of this question's."""
        if self.options:
            return text if text in dict(self.options) else None
        try:
            value = float(text)
        except ValueError:
            return None
        return value if value in self.values else None


@dataclass(frozen=True)
class Room:
    """A class room as all screens see it.

    Attributes
    ----------
    code:
        What students type.
    opened:
        (s) Since the epoch.
    version:
        Counts every change that screens are told of.
    moved:
        Counts the changes of the place.
    place:
        What the teacher shows.
    form:
        What is asked.
    turn:
        Counts how often questions have been opened for answers: one that is asked again is another one.
    revealed:
        Whether the answer is out.
    answered:
        Counts every answer that was given or changed.
    joined:
        Screens of students that are there, in all web processes together.
    """

    code: str
    opened: float
    version: int = 0
    moved: int = 0
    place: Place = field(default_factory=Place)
    form: Form = field(default_factory=Form)
    turn: int = 0
    revealed: bool = False
    answered: int = 0
    joined: int = 0

    def asks(self, name: str) -> bool:
        """Return whether the question of this name is the one that the room asks."""
        return bool(name) and self.form.name == name
