"""From the bytes of a file to its text: what it is not is recognised by its first bytes, and how its letters are written by what they allow.

Nothing is unpacked or run: a zip archive of a petabyte costs as much as its first four bytes.
"""

from __future__ import annotations

import re

from core.datasets.uploads.limits import BYTES, LINES, SAID
from core.errors import InvalidInput

_CSV = "Open it in the program that made it and save it as CSV."
# First bytes -> what such a file is, and what to do.
_MAGIC: tuple[tuple[bytes, str, str], ...] = (
    (b"PK\x03\x04", "an Excel workbook or another zip archive", "Open it in a spreadsheet and save the sheet as CSV."),
    (b"PK\x05\x06", "an empty zip archive", _CSV),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel or Word file", "Open it in a spreadsheet and save the sheet as CSV."),
    (b"\x1f\x8b", "a gzip archive", "Unpack it first, and upload the CSV file in it."),
    (b"BZh", "a bzip2 archive", "Unpack it first, and upload the CSV file in it."),
    (b"\xfd7zXZ\x00", "an xz archive", "Unpack it first, and upload the CSV file in it."),
    (b"7z\xbc\xaf\x27\x1c", "a 7-zip archive", "Unpack it first, and upload the CSV file in it."),
    (b"Rar!", "a rar archive", "Unpack it first, and upload the CSV file in it."),
    (b"\x28\xb5\x2f\xfd", "a zstandard archive", "Unpack it first, and upload the CSV file in it."),
    (b"%PDF", "a PDF document", "Copy the table out of it into a spreadsheet and save that as CSV."),
    (b"\x89PNG", "a PNG picture", "Type the numbers into a spreadsheet and save it as CSV."),
    (b"\xff\xd8\xff", "a JPEG picture", "Type the numbers into a spreadsheet and save it as CSV."),
    (b"GIF8", "a GIF picture", "Type the numbers into a spreadsheet and save it as CSV."),
    (b"RIFF", "a sound, film or picture", "Upload a table as CSV."),
    (b"PAR1", "a Parquet file", _CSV),
    (b"ARROW1", "an Arrow file", _CSV),
    (b"\x89HDF", "an HDF5 file", _CSV),
    (b"\x93NUMPY", "a NumPy array", "Write it with numpy.savetxt and upload that."),
    (b"SQLite format 3", "an SQLite database", "Export the table as CSV."),
    (b"\x80\x02", "a Python pickle", "Write the table as CSV; pickles are never opened here."),
    (b"\x80\x03", "a Python pickle", "Write the table as CSV; pickles are never opened here."),
    (b"\x80\x04", "a Python pickle", "Write the table as CSV; pickles are never opened here."),
    (b"\x80\x05", "a Python pickle", "Write the table as CSV; pickles are never opened here."),
    (b"\x7fELF", "a program", "Upload a table as CSV."),
    (b"MZ\x90\x00", "a program", "Upload a table as CSV."),
    (b"{\\rtf", "a document in rich text", "Save the table in it as CSV."),
)
_WRITTEN: tuple[tuple[re.Pattern[str], str, str], ...] = (
    (re.compile(r"\s*<(?:!doctype html|html|head|body|table|script)\b", re.IGNORECASE), "a web page", "Copy the table from it and paste that here."),
    (re.compile(r"\s*<(?:\?xml|svg)\b", re.IGNORECASE), "an XML file", _CSV),
    (re.compile(r'\s*(?:\{\s*["}]|\[\s*[\[{])'), "JSON", _CSV),
)
_BOMS: tuple[tuple[bytes, str, str], ...] = (
    (b"\xef\xbb\xbf", "utf-8", "UTF-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le", "UTF-32"),
    (b"\x00\x00\xfe\xff", "utf-32-be", "UTF-32"),
    (b"\xff\xfe", "utf-16-le", "UTF-16"),
    (b"\xfe\xff", "utf-16-be", "UTF-16"),
)
_SAMPLE = 4_096
# What no text has: control characters but tab, line feed, form feed, carriage return and Ctrl-Z, with which old programs end a file.
_CONTROL = bytes(code for code in range(32) if code not in (0x09, 0x0A, 0x0C, 0x0D, 0x1A)) + b"\x7f"
_BINARY = 0.1  # of the bytes: a text with more control characters is none


def decoded(data: bytes | str) -> tuple[str, str, tuple[str, ...]]:
    """Return a file's text, how it is written, and what had to be done to read it, in sentences.

    Parameters
    ----------
    data:
        The bytes of a file, or a text that has been pasted.

    Raises
    ------
    InvalidInput
        Where it is empty, too large, or no text.
    """
    if len(data) > BYTES:  # before anything is looked at
        raise InvalidInput(f"a file of {_megabytes(len(data))} MB", SAID, "Take a sample of its rows, or leave columns out.")
    if isinstance(data, str):
        if not data.strip():
            raise InvalidInput("an empty text", "a table with a row a line", "Paste the table together with its column names.")
        text, how = data.encode("utf-8", "replace").decode("utf-8"), "pasted text"
        said: tuple[str, ...] = ()
        if len(text) > BYTES:
            raise InvalidInput(f"a text of {_megabytes(len(text))} MB", SAID, "Take a sample of its rows, or leave columns out.")
    else:
        if not data.strip():
            raise InvalidInput("an empty file", "a table with a row a line", "Choose the file that has the table.")
        for magic, what, remedy in _MAGIC:
            if data.startswith(magic):
                raise InvalidInput(what, "a table as text (CSV)", remedy)
        text, how, said = _read(data)
    for pattern, what, remedy in _WRITTEN:
        if pattern.match(text[:_SAMPLE]):
            raise InvalidInput(what, "a table as text (CSV)", remedy)
    if text.count("\n") + text.count("\r") > 2 * LINES:
        raise InvalidInput(f"more than {LINES:,} lines", SAID, "Take a sample of the rows.")
    return text, how, said


def _read(data: bytes) -> tuple[str, str, tuple[str, ...]]:
    for mark, codec, name in _BOMS:
        if data.startswith(mark):
            text = data[len(mark) :].decode(codec, "replace")
            lost = text.count("\ufffd")
            return text, name, (f"{lost} characters are no valid {name} and are shown as \ufffd.",) if lost else ()
    if (wide := _wide(data)) is not None:
        text = data.decode(wide, "replace")
        return text, "UTF-16", ("The file has no mark that says how it is written; its zeros say UTF-16.",)
    control = sum(data.count(bytes([code])) for code in _CONTROL)
    if control > max(_BINARY * len(data), 0) and control > 1:
        raise InvalidInput(f"a file that is no text ({control:,} of {len(data):,} bytes are control characters)", "a table as text (CSV)", _CSV)
    try:
        return data.decode("utf-8"), "UTF-8", ()
    except UnicodeDecodeError:
        return _western(data)


def _wide(data: bytes) -> str | None:
    """Return the UTF-16 that a file without a mark is written in, told by the zeros of its Latin letters; None where it is none."""
    sample = data[:_SAMPLE]
    zeros, each = (sample[0::2].count(0), sample[1::2].count(0)), len(sample) // 2
    if len(sample) < 4 or max(zeros) < 0.7 * each or min(zeros) > 0.1 * each:
        return None
    return "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"


def _western(data: bytes) -> tuple[str, str, tuple[str, ...]]:
    """Read what is no UTF-8 as Windows-1252, or Latin-1 where that has no such byte; line by line where some lines are UTF-8."""
    codec, name = ("cp1252", "Windows-1252") if not re.search(rb"[\x81\x8d\x8f\x90\x9d]", data) else ("latin-1", "Latin-1")
    if data.count(b"\n") > LINES:
        return data.decode(codec), name, (f"The file is no UTF-8, so it is read as {name}: look whether its letters are right.",)
    lines, both = [], 0
    for line in data.split(b"\n"):
        try:
            lines.append(line.decode("utf-8"))
            both += not line.isascii()
        except UnicodeDecodeError:
            lines.append(line.decode(codec))
    if both:
        mixed = f"Some lines are UTF-8 and some are not, which are read as {name}: look whether the letters are right."
        return "\n".join(lines), f"UTF-8 and {name} mixed", (mixed,)
    return "\n".join(lines), name, (f"The file is no UTF-8, so it is read as {name}: look whether its letters are right.",)


def _megabytes(count: int) -> str:
    return f"{count / 2**20:.1f}"
