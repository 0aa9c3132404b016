"""What stands in a cell: a number, nothing, or words. Nothing is ever evaluated: a formula is a word that begins with "=".

Numbers are what people write in tables: digits of ASCII, one sign, a decimal point or comma, thousands in groups of three, a power of ten, a percent
sign. What Python would also take (``1_000``, ``0x1F``, digits of other scripts, ``nan``, ``inf``) is none.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Literal

import numpy as np

from core._validate import Floats
from core.datasets.uploads.limits import LARGEST, NAME

Decimal = Literal[".", ","]

MISSING = frozenset(("", "na", "n/a", "#n/a", "nan", "null", "none", "nil", "-", "--", "?", ".", "missing", "#null!", "\\n", "inf", "-inf", "+inf"))
"""What stands for nothing, in small letters; an infinite number is as good as none."""
ERRORS = frozenset(("#div/0!", "#value!", "#ref!", "#name?", "#num!", "#error!", "#getting_data", "#spill!", "#calc!"))
"""What spreadsheets write where they could not compute."""

_SIGN, _POWER = r"(?P<sign>[+-]?)", r"(?:[eE](?P<power>[+-]?\d{1,5}))?"
_NUMBER = {
    ".": re.compile(rf"{_SIGN}(?P<whole>\d{{1,3}}(?:(?P<gap>[,' ])\d{{3}})(?:(?P=gap)\d{{3}})*|\d*)(?:\.(?P<part>\d*))?{_POWER} ?%?", re.ASCII),
    ",": re.compile(rf"{_SIGN}(?P<whole>\d{{1,3}}(?:(?P<gap>[.' ])\d{{3}})(?:(?P=gap)\d{{3}})*|\d*)(?:,(?P<part>\d*))?{_POWER} ?%?", re.ASCII),
}
_PLAIN = re.compile(r"[+-]?\d{1,15}(?:\.\d{1,15})?", re.ASCII)  # most cells of most tables
_LONGEST = 60  # of a number: beyond this it is none, and no pattern looks at it
_SPACES = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u2212": "-", "\u2019": "'"})
# A comma that can only be a decimal one, and a point that can only be a decimal one.
_COMMA = re.compile(r"[+-]?(?:\d{1,3}(?:\.\d{3})+,\d+|\d+,(?:\d{1,2}|\d{4,})|\d{4,},\d+|0,\d+)(?:[eE][+-]?\d+)? ?%?", re.ASCII)
_POINT = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+\.\d+|\d*\.(?:\d{1,2}|\d{4,})|\d{4,}\.\d+|0?\.\d+)(?:[eE][+-]?\d+)? ?%?", re.ASCII)
_EITHER = re.compile(r"[+-]?\d{1,3},\d{3}", re.ASCII)
_DATE = re.compile(
    r"(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4})"
    r"(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?|\d{1,2}:\d{2}(?::\d{2})?",
    re.ASCII,
)
_FORMULA = re.compile(r"[=@\t\r]|[+-](?![\d.,])|[+-][\d.,]+[^\d.,eE% ]")
_RUN = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")  # what words begin with that a spreadsheet may take for a formula
_HARMLESS = {0x09: " ", 0x0A: " ", 0x0D: " "}


def number(cell: str, decimal: Decimal = ".") -> float:
    """Return the number that a cell is; NaN where it is none or nothing, infinity where it is too large for a number of the lab."""
    if decimal == "." and _PLAIN.fullmatch(cell):
        return float(cell)
    if len(cell) > _LONGEST:
        return math.nan
    found = _NUMBER[decimal].fullmatch(cell.translate(_SPACES) if not cell.isascii() else cell)
    if found is None or not (found["whole"] or found["part"]):
        return math.nan
    whole = "".join(character for character in found["whole"] if character.isdigit())
    value = float(f"{found['sign']}{whole or '0'}.{found['part'] or '0'}e{found['power'] or '0'}")
    return value if abs(value) <= LARGEST else math.inf


def numbers(cells: Sequence[str], decimal: Decimal) -> Floats:
    """Return (n,) the numbers of cells; NaN and infinity as in `number`."""
    known: dict[str, float] = {}
    out = np.empty(len(cells))
    for i, cell in enumerate(cells):
        value = known.get(cell)
        if value is None:
            value = number(cell, decimal)
            if len(known) < 10_000:
                known[cell] = value
        out[i] = value
    return out


def is_missing(cell: str) -> bool:
    """Return whether a cell says that there is nothing."""
    return len(cell) <= 13 and cell.lower() in MISSING


def is_error(cell: str) -> bool:
    """Return whether a cell is what a spreadsheet writes in the place of a result."""
    return cell[:1] == "#" and cell.lower() in ERRORS


def is_date(cell: str) -> bool:
    """Return whether a cell is a day or a time."""
    return len(cell) <= 40 and _DATE.fullmatch(cell) is not None


def is_formula(cell: str) -> bool:
    """Return whether a spreadsheet would compute a cell, or call a program for it, that is no plain number."""
    return cell[:1] in "=@+-\t\r" and bool(cell) and _FORMULA.match(cell) is not None


def decimal_of(cells: Iterable[str], default: Decimal) -> Decimal:
    """Return which sign stands before decimals: the one that cells can only be read with, else the default."""
    commas = points = 0
    for cell in cells:
        if len(cell) > _LONGEST:
            continue
        commas += "," in cell and _COMMA.fullmatch(cell) is not None
        points += "." in cell and _POINT.fullmatch(cell) is not None
    if commas == points:
        return default
    return "," if commas > points else "."


def guarded(text: str) -> str:
    """Return words as a spreadsheet shows them and computes nothing: with an apostrophe before what looks like a formula."""
    return f"'{text}" if text.lstrip(" \u00a0").startswith(_RUN) else text


def cleaned(text: str) -> str:
    """Return a cell on one line, without what is not to be seen: control characters, marks that turn the direction of writing, lone surrogates."""
    if text.isascii() and text.isprintable():
        return text.strip()
    flat = text.translate(_HARMLESS)
    return "".join(each for each in flat if unicodedata.category(each) not in ("Cc", "Cf", "Cs", "Co", "Cn")).strip()


def shown(text: str, most: int = NAME) -> str:
    """Return a name or cell as it may stand in any sentence, chart or table: cut, and without the brackets of HTML."""
    short = text if len(text) <= most else f"{text[: most - 1]}…"
    return short.replace("<", "‹").replace(">", "›")
