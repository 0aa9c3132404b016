"""Reading a table that somebody brings: any of the ways in which such files are written, explained where it is none, and bounded before it is read.

A file costs a few times its bytes: caps on bytes, lines and cells hold before anything is taken apart, and Python's csv module does that a record at
a time.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np

from core._validate import Floats
from core.datasets.uploads.cells import Decimal, cleaned, decimal_of, guarded, is_date, is_error, is_formula, is_missing, numbers, shown
from core.datasets.uploads.decoding import decoded
from core.datasets.uploads.limits import CELL, CELLS, COLUMNS, LEVELS, LINE, LINES, NAME, ROWS, SAID
from core.errors import InvalidInput

Kind = Literal["number", "category", "date", "text", "identifier", "constant", "empty"]
KINDS: dict[Kind, str] = {
    "number": "numbers",
    "category": "a category",
    "date": "dates",
    "text": "words",
    "identifier": "a name or number of each row",
    "constant": "the same everywhere",
    "empty": "empty",
}
DELIMITERS: dict[str, str] = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars", " ": "spaces"}
_ORDER = "\t;|, "  # the rarer a sign is inside numbers and words, the more it says
_LOOKED_AT = 60  # lines
_MOSTLY = 0.9
_SPANNED = 50  # lines of one record: beyond this a quote has not been closed


@dataclass(frozen=True, eq=False)
class Column:
    """One column of a table.

    Attributes
    ----------
    name:
        As it may be shown anywhere.
    cells:
        (n,) what stands in it, "" for nothing; on one line and without what cannot be seen.
    decimal:
        The sign before its decimals.
    """

    name: str
    cells: tuple[str, ...]
    decimal: Decimal

    @cached_property
    def numbers(self) -> Floats:
        """(n,) its numbers; NaN where there is none."""
        values = numbers(self.cells, self.decimal)
        return np.where(np.isfinite(values), values, np.nan)

    @cached_property
    def missing(self) -> int:
        """How many cells say nothing."""
        return sum(not cell for cell in self.cells)

    @cached_property
    def levels(self) -> Counter[str]:
        """How often each value stands in it, in the order of their coming."""
        return Counter(cell for cell in self.cells if cell)

    @cached_property
    def wrong(self) -> int:
        """How many cells are neither nothing nor a number."""
        return len(self.cells) - self.missing - int(np.isfinite(self.numbers).sum())

    @cached_property
    def kind(self) -> Kind:
        """What it seems to be."""
        said = len(self.cells) - self.missing
        if not said:
            return "empty"
        if len(self.levels) == 1:
            return "constant"
        if said - self.wrong >= _MOSTLY * said:
            return "identifier" if self._counts() else "number"
        if sum(is_date(cell) for cell in self.levels) >= _MOSTLY * len(self.levels):
            return "date"
        if len(self.levels) <= LEVELS and 2 * len(self.levels) <= said:
            return "category"
        return "identifier" if len(self.levels) == said and said >= LEVELS else "text"

    def _counts(self) -> bool:
        """Return whether it numbers the rows."""
        values = self.numbers
        return len(values) >= LEVELS and values[0] in (0.0, 1.0) and bool(np.all(np.diff(values) == 1.0))


@dataclass(frozen=True, eq=False)
class Table:
    """A table as it has been read.

    Attributes
    ----------
    columns:
        Its columns, all of the same length.
    delimiter, decimal, header:
        How it was read: the sign between cells, the one before decimals, and whether the first row has the names.
    written:
        How its letters are written: "UTF-8", "Windows-1252", ...
    said:
        What had to be done to read it, in sentences.
    digest:
        A hash of what was read.
    """

    columns: tuple[Column, ...]
    delimiter: str
    decimal: Decimal
    header: bool
    written: str
    said: tuple[str, ...]
    digest: str = field(repr=False)

    @property
    def rows(self) -> int:
        """How many rows it has, the names aside."""
        return len(self.columns[0].cells)

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names, all different."""
        return tuple(column.name for column in self.columns)

    def head(self, rows: int = 8, most: int = 24) -> list[tuple[str, ...]]:
        """Return the first rows, cells cut to ``most`` characters."""
        return [tuple(shown(column.cells[i], most) for column in self.columns) for i in range(min(rows, self.rows))]


def read_table(data: bytes | str, delimiter: str = "", decimal: Decimal | None = None, header: bool | None = None) -> Table:
    """Return the table of a file or of a text that has been pasted.

    Parameters
    ----------
    data:
        Its bytes, or the text.
    delimiter:
        The sign between cells, one of `DELIMITERS`; "" has it guessed.
    decimal:
        The sign before decimals; None has it guessed.
    header:
        Whether the first row has the names; None has it guessed.

    Raises
    ------
    InvalidInput
        Where it is no table, or more than the caps of `limits`; the sentence says what to do.
    """
    if delimiter not in ("", *DELIMITERS):
        raise InvalidInput(f"delimiter {delimiter[:5]!r}", "one of , ; tab | and space", "Choose one of them.")
    text, written, said = decoded(data)
    lines, notes, told = _lines(text)
    # Excel's "sep=" is believed where that sign is there at all.
    chosen = delimiter or (told if told and told in lines[0][1] else _delimiter(lines))
    rows, more = _rows(lines, chosen)
    rows, even = _even(rows)
    first = _is_header(rows) if header is None else header
    names, named = _names(rows[0] if first else (), len(rows[0]))
    body = rows[1:] if first else rows
    if len(body) < 2:
        raise InvalidInput(
            f"a table of {len(body)} row{'s' * (len(body) != 1)}", f"2 rows or more under the names, {SAID}", "Add rows, a sample each."
        )
    sign = decimal or decimal_of((cell for row in body[:500] for cell in row), "," if chosen == ";" else ".")
    cells = [tuple("" if is_missing(cell) or is_error(cell) else cell for cell in column) for column in zip(*body, strict=True)]
    columns = tuple(Column(name, column, sign) for name, column in zip(names, cells, strict=True))
    digest = hashlib.sha256(repr((names, sign)).encode("utf-8", "replace"))
    for column in cells:
        digest.update("\x1f".join(column).encode("utf-8", "replace") + b"\x1e")
    notes = (*said, *notes, *more, *even, *named, *_warnings(rows))
    return Table(columns, chosen, sign, first, written, notes, digest.hexdigest())


def _lines(text: str) -> tuple[list[tuple[int, str]], tuple[str, ...], str]:
    """Return the lines that say something with their numbers, what was left out, and the delimiter that the file names itself."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if (count := text.count("\n") + 1) > LINES:
        raise InvalidInput(f"{count:,} lines", SAID, "Take a sample of the rows.")
    longest = max(map(len, text.split("\n")))
    if longest > LINE:
        raise InvalidInput(
            f"a line of {longest:,} characters",
            f"at most {LINE:,} characters a line, and {COLUMNS} columns",
            "Look whether rows end with a line break, and leave columns out.",
        )
    notes: list[str] = []
    if zeros := text.count("\0"):
        text = text.replace("\0", "")
        notes.append(f"{zeros:,} null characters were left out.")
    named, comments, lines = "", 0, []
    quoted = False
    for i, line in enumerate(text.split("\n"), 1):
        bare = line.strip(" \x1a\ufeff")
        if i == 1 and (found := re.fullmatch(r'"?sep=(.)"?[,;\t|]*', line.strip("\ufeff "), re.IGNORECASE)) and found[1] in DELIMITERS:
            named = found[1]
        elif not quoted and bare.startswith("#") and not is_error(bare.split(",")[0]):
            comments += 1
        elif bare or quoted:
            # A tab at an end is an empty cell; what a byte order mark leaves at the start is nothing.
            lines.append((i, line.strip(" \x1a").removeprefix("\ufeff")))
            quoted ^= line.count('"') % 2 == 1
    if comments:
        notes.append(f"{comments:,} line{'s that begin' if comments != 1 else ' that begins'} with # {'were' if comments != 1 else 'was'} left out.")
    if not lines:
        raise InvalidInput(
            "a file without rows", "a table with a row a line", "Put the column names in the first line, and a sample in each other one."
        )
    return lines, tuple(notes), named


def _records(lines: Sequence[tuple[int, str]], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each record with the number of the line where it begins."""
    pulled: list[int] = []
    ended = False

    def source() -> Iterator[str]:
        nonlocal ended
        for number, line in lines:
            pulled.append(number)
            yield line + "\n"
        ended = True

    reader = csv.reader(source(), delimiter=delimiter, skipinitialspace=True)
    while True:
        pulled.clear()
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error:
            record, ended = [], True
        if ended or len(pulled) > _SPANNED:  # it looked for more where a record should have been complete
            raise InvalidInput(f'a quote (") in line {pulled[0]} that is not closed', "quotes in pairs", "Close it, double it, or take it out.")
        yield pulled[0], record


def _delimiter(lines: Sequence[tuple[int, str]]) -> str:
    """Return the sign that takes most of the first lines apart into the same number of cells; a comma where none does."""
    best, most = ",", 0.0
    for sign in _ORDER:
        counts: Counter[int] = Counter()
        try:
            for i, (_, record) in enumerate(_records(lines[: 4 * _LOOKED_AT], sign)):
                counts[len(record) - (not record[-1].strip() if record else 0)] += 1
                if i >= _LOOKED_AT:
                    break
        except InvalidInput:
            if not counts:
                continue
        cells, often = max(counts.items(), key=lambda item: (item[1], item[0]))
        share = often / counts.total()
        if cells > 1 and share >= _MOSTLY and most < _MOSTLY:
            return sign
        if cells > 1 and share > most:
            best, most = sign, share
    return best


def _rows(lines: Sequence[tuple[int, str]], delimiter: str) -> tuple[list[list[str]], tuple[str, ...]]:
    """Return the rows, all cells clean, and what was done to them."""
    rows: list[list[str]] = []
    cells = unseen = 0
    for number, record in _records(lines, delimiter):
        if len(record) > COLUMNS + 1 or (len(record) > COLUMNS and record[-1].strip()):
            raise InvalidInput(f"{len(record):,} columns in line {number}", SAID, "Leave columns out, or name the sign between cells.")
        if any(len(cell) > CELL for cell in record):
            raise InvalidInput(
                f"a cell of {max(map(len, record)):,} characters in line {number}",
                f"at most {CELL:,} characters a cell",
                "Look for a quote that is not closed, or leave that column out.",
            )
        row = [cleaned(cell) for cell in record]
        unseen += any("\n" not in cell and len(clean) < len(cell.strip()) for cell, clean in zip(record, row, strict=True))
        cells += len(row)
        if not any(row):
            continue
        rows.append(row)
        if len(rows) > ROWS + 1 or cells > CELLS + COLUMNS:
            raise InvalidInput(f"a table of more than {ROWS:,} rows or {CELLS:,} cells", SAID, "Take a sample of the rows, or leave columns out.")
    if not rows:
        raise InvalidInput("a table of empty cells", "a table with a row a line", "Fill it in.")
    return rows, (f"Characters that cannot be seen were taken out of {unseen:,} row{'s' * (unseen != 1)}.",) if unseen else ()


def _even(rows: list[list[str]]) -> tuple[list[list[str]], tuple[str, ...]]:
    """Return rows of equal length: empty cells at their ends are no column, a short row is filled, a long one refused."""
    widths = Counter(len(row) - next((i for i, cell in enumerate(reversed(row)) if cell), len(row)) for row in rows)
    usual = max(widths.items(), key=lambda item: (item[1], item[0]))[0]
    # Names may stand above columns that are empty at the end of most rows.
    width = max(usual, len(rows[0]) if len(rows[0]) <= usual or rows[0][-1] else usual)
    if width == 0:
        raise InvalidInput("a table of empty cells", "a table with a row a line", "Fill it in.")
    long = [i for i, row in enumerate(rows) if any(row[width:])]
    if long:
        share = len(long) / len(rows)
        if share > 0.2:
            raise InvalidInput(
                f"rows of {min(widths)} to {max(widths)} cells",
                "rows of the same number of cells",
                "Put text that holds the sign between cells in quotes.",
            )
        rows = [row for i, row in enumerate(rows) if i not in set(long)]
    short = sum(len(row) < width for row in rows)
    said = []
    if long:
        said.append(
            f"{len(long)} row{'s have' if len(long) != 1 else ' has'} more cells than the others and {'were' if len(long) != 1 else 'was'} left out."
        )
    if short:
        said.append(f"{short} row{'s have' if short != 1 else ' has'} fewer cells than the others: the rest counts as missing.")
    return [(row + [""] * (width - len(row)))[:width] for row in rows], tuple(said)


def _is_header(rows: list[list[str]]) -> bool:
    """Return whether the first row seems to have names: words where the rows below have others, and no number."""
    first = [cell for cell in rows[0] if cell]
    if not first or len(rows) < 2:
        return bool(first) and len(rows) > 1
    for decimal in (".", ","):
        if np.isfinite(numbers(first, decimal)).any():
            return False
    if any(is_date(cell) for cell in first):
        return False
    # A word that comes again below itself is a value.
    return not any(cell and any(row[j] == cell for row in rows[1:200]) for j, cell in enumerate(rows[0]))


def _names(first: Sequence[str], width: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return a name for each column, all different, and what had to be done for it."""
    names: list[str] = []
    empty = again = 0
    taken: set[str] = set()
    for j in range(width):
        # Names stand at the head of every file that the lab saves, where a spreadsheet would compute a formula.
        given = guarded(shown(first[j], NAME - 1)) if j < len(first) else ""
        empty += not given
        name = given or f"column {j + 1}"
        number = 1
        while name in taken:
            number += 1
            name = f"{(given or f'column {j + 1}')[: NAME - 5]} ({number})"
        again += number > 1
        taken.add(name)
        names.append(name)
    said = []
    if first and empty:
        said.append(f"{empty} column{'s have' if empty != 1 else ' has'} no name and {'are' if empty != 1 else 'is'} numbered.")
    if again:
        said.append(f"{again} name{'s come' if again != 1 else ' comes'} twice and {'have' if again != 1 else 'has'} got a number.")
    return tuple(names), tuple(said)


def _warnings(rows: list[list[str]]) -> tuple[str, ...]:
    """Return sentences on cells that are not what they look like."""
    said = []
    if formulas := sum(is_formula(cell) for row in rows for cell in row):
        said.append(f"{formulas:,} cell{'s are formulas: they are' if formulas != 1 else ' is a formula: it is'} shown as text and never computed.")
    if errors := sum(is_error(cell) for row in rows for cell in row):
        said.append(f"{errors:,} cell{'s are errors' if errors != 1 else ' is an error'} of a spreadsheet and count{'s' * (errors == 1)} as missing.")
    return tuple(said)
