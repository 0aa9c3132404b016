"""What a claim's figure shows, as plain values: lines over an axis, or points in groups. `core.figures.claims` draws it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from core._validate import Floats


@dataclass(frozen=True)
class Line:
    """A quantity along the picture's axis.

    Attributes
    ----------
    name:
        What it is called in the picture.
    y:
        (n,) or (s, n), a row a seed: the median is drawn, with a band from the lowest to the highest. What is not finite is left out.
    ink:
        A name of the palette.
    x:
        (n,) places of its own; the picture's where empty.
    points:
        Whether it is drawn as points without a line.
    """

    name: str
    y: Floats
    ink: str
    x: Floats = field(default_factory=lambda: np.zeros(0))
    points: bool = False


@dataclass(frozen=True)
class Group:
    """Numbers of one kind beside those of others: a dot each, their mean, and its 95 % interval."""

    name: str
    values: Floats
    ink: str


@dataclass(frozen=True)
class Picture:
    """A figure.

    Attributes
    ----------
    alt:
        What it shows, for readers who do not see it: a sentence of more than forty letters.
    lines, groups:
        What is drawn: the ones or the others.
    x:
        (n,) where the lines have values.
    across, upwards:
        Titles of the axes, with units; ``across`` is empty for groups.
    log:
        Which axes are logarithmic: "", "x", "y" or "xy".
    level:
        (value, words) of a level line that matters, such as a threshold; or none.
    at:
        (place, words) of upright lines, such as a stability limit.
    square:
        Whether both axes have equal units: for planes of two weights.
    """

    alt: str
    upwards: str
    lines: tuple[Line, ...] = ()
    groups: tuple[Group, ...] = ()
    x: Floats = field(default_factory=lambda: np.zeros(0))
    across: str = ""
    log: str = ""
    level: tuple[float, str] | None = None
    at: tuple[tuple[float, str], ...] = ()
    square: bool = False
