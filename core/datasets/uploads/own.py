"""From a table to what is fitted: a target, features, and a sentence for everything that was done to them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from core._validate import Bools, Floats, frozen
from core.datasets.uploads.cells import shown
from core.datasets.uploads.limits import FEATURES, LEAST_ROWS, LEVELS, NAME
from core.datasets.uploads.table import Column, Table
from core.errors import InvalidInput

Role = Literal["number", "category", "out"]
Missing = Literal["drop", "mean", "median"]
ROLES: dict[Role, str] = {"number": "a number", "category": "a category", "out": "leave out"}
MISSING: dict[Missing, str] = {"drop": "leave the row out", "mean": "fill in the mean", "median": "fill in the median"}
_TARGETS = ("target", "y", "class", "label", "outcome", "response", "species", "diagnosis", "price", "quality")


@dataclass(frozen=True)
class Choice:
    """What is to be made of a table.

    Attributes
    ----------
    target:
        The number of its column.
    roles:
        What each column is taken as; the target's says whether it is a number or a class.
    missing:
        What becomes of rows with missing features; a category is filled with its most frequent value. Rows without a target are left out always.
    every_level:
        Whether each level of a category is a column of its own; else the first one is left out, which the intercept stands for.
    """

    target: int
    roles: tuple[Role, ...]
    missing: Missing = "drop"
    every_level: bool = False


@dataclass(frozen=True, eq=False)
class OwnData:
    """Somebody's own data, ready to be fitted. Two of them are equal where their digests are.

    Attributes
    ----------
    X:
        (n, d), in the table's units; a level of a category is 1 or 0.
    y:
        (n,) the target, or the numbers of its classes.
    features, target:
        Names of the columns and of the target.
    classes:
        Names of the classes in the order of their numbers; none for a number.
    said:
        What was done, in sentences.
    digest:
        A hash of all of it. It names results within a session and never stands in an address.
    """

    X: Floats
    y: Floats
    features: tuple[str, ...]
    target: str
    classes: tuple[str, ...]
    said: tuple[str, ...]
    digest: str = field(repr=False)

    def __eq__(self, other: object) -> bool:
        """Return whether all of it is equal."""
        return isinstance(other, OwnData) and self.digest == other.digest

    def __hash__(self) -> int:
        """Return a hash of all of it."""
        return hash(self.digest)

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self.y)

    @property
    def task(self) -> str:
        """What a network does with them: "regression", "binary" or "multiclass"."""
        return "regression" if not self.classes else "binary" if len(self.classes) == 2 else "multiclass"

    def standardised(self, *columns: int) -> tuple[Floats, Floats]:
        """Return columns (n, c) by number and the target (n,), all of mean 0 and variance 1; two classes are the numbers 0 and 1 before.

        Raises
        ------
        InvalidInput
            Where the target has more than two classes.
        """
        if len(self.classes) > 2:
            raise InvalidInput(
                f"the target '{self.target}' with {len(self.classes)} classes",
                "a number, or two classes",
                "Choose another target here; the lab Training takes more classes.",
            )
        X, y = self.X[:, list(columns)], self.y
        return (X - X.mean(axis=0)) / X.std(axis=0), (y - y.mean()) / y.std()

    @property
    def label(self) -> str:
        """What the target is, in a sentence."""
        return f"'{self.target}'" if len(self.classes) != 2 else f"'{self.target}' (1 for {self.classes[1]}, 0 for {self.classes[0]})"


def suggested(table: Table) -> Choice:
    """Return the choice that a table suggests: the target by its name or the last column that can be one, and every other column that says something.

    Raises
    ------
    InvalidInput
        Where no two columns can be fitted.
    """
    roles: list[Role] = [_role(column) for column in table.columns]
    usable = [j for j, role in enumerate(roles) if role != "out"]
    if len(usable) < 2:
        raise InvalidInput(
            f"a table in which {len(usable) or 'no'} column{'s' * (len(usable) != 1)} can be fitted",
            "two columns or more of numbers or of categories that vary",
            "Look at how the table was read: the sign between cells, the decimal sign, and the names.",
        )
    named = [j for j in usable if table.names[j].lower() in _TARGETS]
    return Choice((named or usable)[-1], tuple(roles))


def _role(column: Column) -> Role:
    return column.kind if column.kind in ("number", "category") else "out"


def own_data(table: Table, choice: Choice) -> OwnData:
    """Return what a choice makes of a table.

    Raises
    ------
    InvalidInput
        Where the target cannot be one, a category has too many levels, or too few rows or no columns are left.
    """
    if not 0 <= choice.target < len(table.columns) or len(choice.roles) != len(table.columns):
        raise InvalidInput("a choice for another table", f"a role for each of {len(table.columns)} columns", "Choose again.")
    said: list[str] = []
    target = table.columns[choice.target]
    y, classes, known = _target(target, choice.roles[choice.target])
    columns = [
        (column, role) for j, (column, role) in enumerate(zip(table.columns, choice.roles, strict=True)) if role != "out" and j != choice.target
    ]
    if not columns:
        raise InvalidInput("no feature", "one column or more besides the target", "Take a column as a number or as a category.")
    if gone := int((~known).sum()):
        said.append(f"{_rows(gone)} without a usable target {_were(gone)} left out.")
    kept = known.copy()
    if choice.missing == "drop":
        for column, role in columns:
            kept &= _known(column, role)
        if (gone := int((known & ~kept).sum())) > 0:
            said.append(f"{_rows(gone)} with a missing value {_were(gone)} left out.")
    if kept.sum() < LEAST_ROWS:
        raise InvalidInput(
            f"{_rows(int(kept.sum()))} without missing values of {table.rows}",
            f"{LEAST_ROWS} rows or more",
            "Fill missing values in instead of leaving rows out, leave a column out that is mostly empty, or add rows.",
        )
    made = [_made(column, role, kept, choice, said) for column, role in columns]
    names = _distinct([name for each, _ in made for name in each])
    X = np.concatenate([values for _, values in made], axis=1)
    varies = np.ptp(X, axis=0) > 16 * np.finfo(np.float64).eps * np.abs(X).max(axis=0)
    if not varies.any():
        raise InvalidInput("features that are the same in every row", "one that varies or more", "Take another column.")
    still = [name for name, does in zip(names, varies, strict=True) if not does]
    if still:
        said.append(f"{_listed(still)} {'are' if len(still) > 1 else 'is'} the same in every row that is left, and left out.")
    X, names = X[:, varies], [name for name, does in zip(names, varies, strict=True) if does]
    if len(names) > FEATURES:
        raise InvalidInput(f"{len(names)} columns to fit", f"at most {FEATURES}, a level of a category counted as one", "Leave columns out.")
    target_values = _target_values(y[kept], classes, target.name)
    left = [column.name for j, column in enumerate(table.columns) if choice.roles[j] == "out" and j != choice.target]
    if left:
        said.append(f"Not used: {_listed(left)}.")
    return _owned(X, target_values, tuple(names), target.name, classes, tuple(said))


def _owned(X: Floats, y: Floats, names: tuple[str, ...], target: str, classes: tuple[str, ...], said: tuple[str, ...]) -> OwnData:
    together = hashlib.sha256(repr((names, target, classes, X.shape)).encode("utf-8", "replace"))
    together.update(np.ascontiguousarray(X).tobytes() + np.ascontiguousarray(y).tobytes())
    return OwnData(frozen(X), frozen(y), names, target, classes, said, together.hexdigest())


def _target(column: Column, role: Role) -> tuple[Floats, tuple[str, ...], Bools]:
    """Return the target's values, its classes, and in which rows it is known."""
    if role == "number":
        return column.numbers, (), np.isfinite(column.numbers)
    if role != "category":
        raise InvalidInput(f"the target '{column.name}' left out", "a number or a category", "Say which of the two it is.")
    classes = _levels(column)
    place = {name: float(i) for i, name in enumerate(classes)}
    y = np.array([place.get(cell, np.nan) for cell in column.cells])
    return y, tuple(map(shown, classes)), np.isfinite(y)


def _target_values(y: Floats, classes: tuple[str, ...], name: str) -> Floats:
    if classes:
        counts = np.bincount(y.astype(np.int64), minlength=len(classes))
        if counts.min() < 2:
            rare = classes[int(counts.argmin())]
            raise InvalidInput(
                f"{int(counts.min())} rows of the class '{rare}'", "2 rows or more of each class", "Leave those rows out, or add some."
            )
    elif np.ptp(y) <= 16 * np.finfo(np.float64).eps * np.abs(y).max():
        raise InvalidInput(f"a target '{name}' that is the same in every row", "a target that varies", "Choose another one.")
    return y


def _levels(column: Column) -> list[str]:
    """Return a category's values: as numbers where all of them are, else by the alphabet."""
    found = list(column.levels)
    if not 2 <= len(found) <= LEVELS:
        raise InvalidInput(
            f"'{column.name}' with {len(found):,} different value{'s' * (len(found) != 1)}",
            f"2 to {LEVELS} in a category",
            "Take it as a number, or leave it out.",
        )
    if not column.wrong:
        values = dict(zip(column.cells, column.numbers.tolist(), strict=True))
        return sorted(found, key=lambda cell: values[cell])
    return sorted(found)


def _known(column: Column, role: Role) -> Bools:
    if role == "number":
        known: Bools = np.isfinite(column.numbers)
        return known
    return np.array([bool(cell) for cell in column.cells])


def _made(column: Column, role: Role, kept: Bools, choice: Choice, said: list[str]) -> tuple[list[str], Floats]:
    """Return the names and the values (n, c) of what a column becomes."""
    known = _known(column, role)[kept]
    gaps = int((~known).sum())
    if not known.any():
        raise InvalidInput(f"'{column.name}' without any value in the rows that are left", "some values", "Leave it out.")
    if role == "number":
        values = column.numbers[kept]
        if wrong := column.wrong:
            many = wrong != 1
            no_numbers = f"{wrong} cell{'s' * many} of '{column.name}' {'are no numbers' if many else 'is no number'}"
            said.append(f"{no_numbers} and count{'s' * (not many)} as missing.")
        if gaps:
            fill = float(np.mean(values[known]) if choice.missing == "mean" else np.median(values[known]))
            values = np.where(known, values, fill)
            said.append(f"{gaps} missing value{'s' * (gaps != 1)} of '{column.name}' filled with its {choice.missing}, {fill:.6g}.")
        return [column.name], values[:, None]
    levels = _levels(column)
    cells = [cell for cell, stays in zip(column.cells, kept.tolist(), strict=True) if stays]
    if gaps:
        # The most frequent value, the first of the order among equals.
        often = max(levels, key=lambda level: (cells.count(level), -levels.index(level)))
        cells = [cell or often for cell in cells]
        said.append(f"{gaps} missing value{'s' * (gaps != 1)} of '{column.name}' filled with the most frequent, '{shown(often)}'.")
    used = levels if choice.every_level else levels[1:]
    if not choice.every_level:
        said.append(f"'{column.name}' is one column a value; '{shown(levels[0])}' is what the others are compared with.")
    place = {level: j for j, level in enumerate(used)}
    values = np.zeros((len(cells), len(used)))
    for i, cell in enumerate(cells):
        if cell in place:
            values[i, place[cell]] = 1.0
    return [shown(f"{column.name} = {level}") for level in used], values


def _distinct(names: Sequence[str]) -> list[str]:
    """Return names that are all different: two levels may be alike where they have been cut."""
    taken: list[str] = []
    for name in names:
        number, other = 1, name
        while other in taken:
            number += 1
            other = f"{name[: NAME - 5]} ({number})"
        taken.append(other)
    return taken


def _rows(count: int) -> str:
    return f"{count} row{'s' * (count != 1)}"


def _were(count: int) -> str:
    return "were" if count != 1 else "was"


def _listed(names: Sequence[str], most: int = 6) -> str:
    cut = [f"'{name}'" for name in names[:most]]
    return ", ".join(cut) + (f" and {len(names) - most} more" if len(names) > most else "")
