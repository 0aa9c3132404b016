"""Own data as CSV again, such that no spreadsheet computes anything in it."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import numpy as np

from core.datasets.uploads.cells import guarded
from core.datasets.uploads.own import OwnData


def csv_of(rows: Sequence[Sequence[str | float]], names: Sequence[str]) -> str:
    """Return rows under names as CSV; numbers read back to the last bit."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([guarded(name) for name in names])
    for row in rows:
        writer.writerow(
            [guarded(cell) if isinstance(cell, str) else f"{cell:.17g}" if float(f"{cell:.15g}") != cell else f"{cell:.15g}" for cell in row]
        )
    return out.getvalue()


def own_csv(own: OwnData) -> str:
    """Return own data as they are fitted, numbers alone: a column a feature, and the target last, a class by its number."""
    rows = np.column_stack([own.X, own.y]).tolist()
    return csv_of(rows, (*own.features, own.target))
