"""What a table of somebody's own may be: caps that are checked before any work is done, and how they are said."""

from __future__ import annotations

BYTES = 2 * 2**20
"""Of a file. Together with the cap on cells it bounds the memory that reading takes to some 30 MB."""
PASTED = 300_000
"""Characters of a text that is pasted: it comes in one message, of which the server takes 1 MB."""
ROWS, COLUMNS, CELLS = 5_000, 100, 250_000
LINES = 20_000
"""Of a file, with blank lines and comments."""
CELL, LINE = 1_000, 100_000
"""Characters of a cell and of a line."""
NAME = 24
"""Characters of a column's name that are kept."""
LEAST_ROWS = 12
"""Rows that are left to fit: ten folds and a part held back want as many."""
FEATURES = 60
"""Columns that are fitted, the levels of categories counted one by one."""
LEVELS = 20
"""Different values of a category."""
LARGEST = 1e100
"""Numbers beyond this overflow when they are squared and summed."""

SAID = f"at most {BYTES // 2**20} MB, {ROWS:,} rows, {COLUMNS} columns and {CELLS:,} cells"

OWN = "own"
"""The value of a lab's setting that takes the visitor's own data: all that a link says of them."""
OWN_OPTION = (OWN, "Your own")
OWN_FILE = "data.csv"
"""The name under which they are saved, and looked for by scripts."""


def is_own(spec: object) -> bool:
    """Return whether settings are of a visitor's own data."""
    data = getattr(spec, "data", "")
    return isinstance(data, str) and data == OWN
