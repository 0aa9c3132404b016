"""Knobs: what a setting may be, said once.

A lab declares a frozen dataclass whose fields are made by `knob`. From that one declaration come the widget, its bounds, its
help, its URL key and its validation, and every spec that exists is a valid one.
"""

from __future__ import annotations

import dataclasses
import math
import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, ClassVar, Literal, Self

from core.errors import InvalidInput

Value = float | int | str | bool
Scale = Literal["linear", "log"]
Point = tuple[float, float]

MOST_POINTS = 24
NO_POINTS = "none"
# Two plain decimals; of a list of points no more than this is looked at.
_PAIR = re.compile(r"-?\d{1,9}(\.\d{0,9})?,-?\d{1,9}(\.\d{0,9})?", re.ASCII)
_LONGEST = 1000
_HUNDREDTHS = 2  # digits of a coordinate: finer than a pixel


@dataclass(frozen=True)
class Knob:
    """One setting: its default, what it may be, and how it is shown.

    A knob with ``options`` is a choice among strings, one with a ``bool`` default a switch, one with a ``plane`` a short list of points, one that
    says so a ``formula``, any other a number in ``bounds``.

    Parameters
    ----------
    default:
        The value of an untouched control.
    label:
        The control's label.
    bounds:
        (low, high), both allowed; for numbers only.
    scale:
        ``"log"`` spaces the reachable values geometrically, for numbers only.
    quantum:
        The step between reachable values; on a log scale the number of steps a decade. Numbers are rounded to it, so that 0.1 + 0.2 and 0.3 are
        one setting, with one link and one cache entry.
    unit, latex, help:
        Shown with the control.
    options:
        Value -> label, in order; for choices only.
    marks:
        (value, label) pairs worth jumping to.
    key:
        The URL key without the lab's prefix; the field's name where empty.
    family:
        Whether the knob can be the axis of a family.
    zero:
        Whether a number on a log scale may also be exactly 0, which comes before the lowest of the others.
    hidden:
        Kept in the URL, but set by a chart and not by a widget of its own.
    typed:
        Shown as a box to type a number in, any within the bounds, instead of a slider.
    plane:
        ((low, high), (low, high)) of x and y of a list of at most `MOST_POINTS` points, which is kept as text: ``"x,y;x,y"``, or ``"none"``.
        `points_of` reads it, `points_text` writes it.
    formula:
        Whether it is the formula of a surface, which is kept as it is typed, on one line.
    """

    default: Value
    label: str
    bounds: tuple[float, float] | None = None
    scale: Scale = "linear"
    quantum: float = 0.0
    unit: str = ""
    latex: str = ""
    help: str = ""
    options: tuple[tuple[str, str], ...] = ()
    marks: tuple[tuple[float, str], ...] = ()
    key: str = ""
    family: bool = False
    zero: bool = False
    hidden: bool = False
    typed: bool = False
    plane: tuple[tuple[float, float], tuple[float, float]] | None = None
    formula: bool = False

    @property
    def kind(self) -> Literal["choice", "switch", "number", "points", "formula"]:
        """What sort of value the knob takes."""
        if self.options:
            return "choice"
        if self.plane is not None:
            return "points"
        if self.formula:
            return "formula"
        return "switch" if isinstance(self.default, bool) else "number"

    @property
    def allowed(self) -> str:
        """The allowed values in words, for error messages."""
        if self.kind == "choice":
            return "one of " + ", ".join(value for value, _ in self.options)
        if self.kind == "switch":
            return "true or false"
        if self.plane is not None:
            (x_low, x_high), (y_low, y_high) = self.plane
            return f"none, or up to {MOST_POINTS} points x,y;x,y with x from {x_low:g} to {x_high:g} and y from {y_low:g} to {y_high:g}"
        if self.formula:
            return "a formula in w1 and w2"
        if self.bounds is None:
            return "any finite number"
        return f"{'0, or ' if self.zero else ''}a number from {self.bounds[0]:g} to {self.bounds[1]:g}"

    @property
    def reach(self) -> tuple[float, float] | None:
        """The lowest and the highest allowed number; None for other knobs."""
        return (0.0, self.bounds[1]) if self.zero and self.bounds is not None else self.bounds

    def grid(self) -> tuple[float, ...]:
        """Every reachable value of a log-scaled number, low to high, rounded to three significant digits."""
        if self.scale != "log" or self.bounds is None:
            raise InvalidInput(f"the grid of {self.label}", "a log-scaled, bounded knob", "Use bounds and quantum for linear knobs.")
        return (0.0, *_log_grid(*self.bounds, self.quantum)) if self.zero else _log_grid(*self.bounds, self.quantum)

    def clean(self, value: object, name: str) -> Value:
        """Return ``value`` as this knob stores it; raise InvalidInput where it is none of the allowed.

        Parameters
        ----------
        value:
            What a widget, a link or a caller gave.
        name:
            The field's name, for the message.
        """
        remedy = f"Set {name} to {self.allowed}."
        if self.kind == "choice":
            if isinstance(value, str) and any(value == option for option, _ in self.options):
                return value
            raise InvalidInput(f"{name} = {_shown(value)}", self.allowed, remedy)
        if self.kind == "switch":
            if isinstance(value, bool):
                return value
            raise InvalidInput(f"{name} = {_shown(value)}", self.allowed, remedy)
        if self.kind == "points":
            if isinstance(value, str) and (points := self._points(value)) is not None:
                return points_text(points)
            raise InvalidInput(f"{name} = {_shown(value)}", self.allowed, remedy)
        if self.kind == "formula":
            return _formula(value, name)
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise InvalidInput(f"{name} = {_shown(value)}", self.allowed, remedy)
        if self.zero and value == 0:
            return 0.0
        if self.bounds is not None and not self.bounds[0] <= value <= self.bounds[1]:
            raise InvalidInput(f"{name} = {_shown(value)}", self.allowed, remedy)
        return self._rounded(float(value))

    def parse(self, text: str, name: str) -> Value:
        """Return the value that ``text`` of a link stands for; raise InvalidInput where it stands for none."""
        remedy = f"Set {name} to {self.allowed}."
        if self.kind == "choice":
            for option, label in self.options:
                if text in (option, label):
                    return option
            raise InvalidInput(f"{name} = {_shown(text)}", self.allowed, remedy)
        if self.kind == "switch":
            if text.lower() in ("true", "false"):
                return text.lower() == "true"
            raise InvalidInput(f"{name} = {_shown(text)}", self.allowed, remedy)
        if self.kind in ("points", "formula"):
            return self.clean(text, name)
        try:
            number = float(text)
        except ValueError:
            raise InvalidInput(f"{name} = {_shown(text)}", self.allowed, remedy) from None
        return self.clean(number, name)

    def _points(self, text: str) -> tuple[Point, ...] | None:
        """Return the points that a text lists, as they are written; None where it is no list of allowed ones."""
        if text == NO_POINTS:
            return ()
        # Looked at before it is taken apart: a link may be long.
        if self.plane is None or len(text) > _LONGEST or len(pairs := text.split(";")) > MOST_POINTS:
            return None
        if not all(_PAIR.fullmatch(pair) for pair in pairs):
            return None
        points = tuple((float(x), float(y)) for x, y in (pair.split(",") for pair in pairs))
        inside = all(low <= value <= high for point in points for value, (low, high) in zip(point, self.plane, strict=True))
        return points if inside else None

    def _rounded(self, value: float) -> float:
        if self.bounds is None or self.quantum <= 0:
            return value
        if self.scale == "log":
            grid = [reachable for reachable in self.grid() if reachable > 0.0]
            i = min(max(bisect_left(grid, value), 1), len(grid) - 1)
            return min(grid[i - 1 : i + 1], key=lambda reachable: abs(math.log(reachable / value)))
        low, high = self.bounds
        # Counted from the low bound and cleaned to the quantum's own digits, so that the result prints as it was meant.
        digits = max(0, -math.floor(math.log10(self.quantum))) + 2
        return min(high, round(low + round((value - low) / self.quantum) * self.quantum, digits))


@cache
def _log_grid(first: float, last: float, a_decade: float) -> tuple[float, ...]:
    low, high = math.log10(first), math.log10(last)
    steps = round((high - low) * a_decade)
    values = (float(f"{10 ** (low + (high - low) * i / steps):.3g}") for i in range(steps + 1))
    return tuple(dict.fromkeys(values))


@cache
def _knobs(spec_type: type[Spec]) -> Mapping[str, Knob]:
    return MappingProxyType({field.name: field.metadata["knob"] for field in dataclasses.fields(spec_type) if "knob" in field.metadata})


def points_of(text: str) -> tuple[Point, ...]:
    """Return the points that a knob of points holds."""
    if text == NO_POINTS:
        return ()
    return tuple((float(x), float(y)) for x, y in (pair.split(",") for pair in text.split(";")))


def points_text(points: Sequence[Point]) -> str:
    """Return points as a knob keeps them, to a hundredth."""
    # Adding zero takes the sign off a rounded -0.
    return ";".join(",".join(f"{round(value, _HUNDREDTHS) + 0.0:g}" for value in point) for point in points) or NO_POINTS


def _formula(value: object, name: str) -> str:
    """Return a formula as it is kept: on one line."""
    from core.surfaces.typed import typed  # here, not above: the surfaces have settings of their own

    if not isinstance(value, str):
        raise InvalidInput(f"{name} = {_shown(value)}", "a formula in w1 and w2", f"Set {name} to a text such as w1**2 + w2**2.")
    try:
        return typed(value).formula
    except InvalidInput as error:
        raise InvalidInput(f"{name} has {error.what}", error.allowed, error.remedy, error.place) from None


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def knob(default: Value, label: str, **described: Any) -> Any:  # noqa: ANN401 - stands for a field of any type
    """Return a dataclass field that is described by a `Knob`; the arguments are the knob's."""
    return dataclasses.field(default=default, metadata={"knob": Knob(default, label, **described)})


@dataclass(frozen=True)
class Spec:
    """Base of all specs: frozen settings, each described by a knob and valid by construction.

    Raises
    ------
    InvalidInput
        From the constructor, naming the value, the allowed range and the remedy.
    """

    prefix: ClassVar[str] = ""
    former: ClassVar[Mapping[str, str]] = {}
    """Keys that links had in earlier versions, without the prefix -> the field that they set now. A link once made must open for good."""

    def __post_init__(self) -> None:
        """Store each value as its knob does, or refuse it."""
        for name, described in self.knobs().items():
            object.__setattr__(self, name, described.clean(getattr(self, name), name))
        for name, (low, high) in self.feasible().items():
            value = getattr(self, name)
            if not low <= value <= high:
                allowed = f"a number from {low:g} to {high:g} with the other settings as they are"
                raise InvalidInput(f"{name} = {value:g}", allowed, f"Set {name} to {allowed}.")

    @classmethod
    def knobs(cls) -> Mapping[str, Knob]:
        """Field name -> knob, in order of declaration."""
        return _knobs(cls)  # type: ignore[arg-type]  # mypy takes a dataclass's __hash__ for that of the class itself

    @classmethod
    def url_key(cls, name: str) -> str:
        """Return the URL key of a field: the lab's prefix and the knob's key."""
        described = cls.knobs()[name]
        return f"{cls.prefix}_{described.key or name}" if cls.prefix else described.key or name

    @classmethod
    def fields_by_key(cls) -> dict[str, str]:
        """Return URL key -> field, with the keys of earlier versions."""
        now = {cls.url_key(name): name for name in cls.knobs()}
        return {f"{cls.prefix}_{key}" if cls.prefix else key: name for key, name in cls.former.items()} | now

    def feasible(self) -> Mapping[str, tuple[float, float]]:
        """Field name -> (low, high) for limits that depend on other knobs; none unless a spec says so."""
        return {}

    def replace(self, **changes: Value) -> Self:
        """Return a copy with ``changes`` made, validated like any other spec."""
        return dataclasses.replace(self, **changes)
