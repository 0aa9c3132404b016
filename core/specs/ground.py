"""What every lab on a loss surface asks for: which surface, and a point of it that follows the surface until a hand moves it."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple, Protocol

import numpy as np

from core._validate import Floats
from core.knobs import knob
from core.surfaces import SURFACES, Surface, parse_surface, rotated_ravine
from core.surfaces.typed import Typed, nearest
from core.wording import number

UNSET = -99.0
"""A coordinate that has not been chosen: it follows from the surface."""
OWN = "own"
"""The choice of a surface that is typed."""
OWN_LABEL = "Your own formula"
_FARTHEST, _WIDEST = 10.0, 10.0  # of the middle of a typed surface's window from 0, and half its width
TYPED_KNOBS = ("formula", "middle1", "middle2", "half")
"""The knobs of a surface that is typed."""


class Own(NamedTuple):
    """A typed surface: its formula, and the middle and half the width of its window."""

    formula: str
    middle1: float
    middle2: float
    half: float


class OnGround(Protocol):
    """Settings of a lab on a loss surface."""

    @property
    def surface(self) -> str: ...  # noqa: D102
    @property
    def formula(self) -> str: ...  # noqa: D102
    @property
    def middle1(self) -> float: ...  # noqa: D102
    @property
    def middle2(self) -> float: ...  # noqa: D102
    @property
    def half(self) -> float: ...  # noqa: D102


def surface_knob(default: str) -> Any:  # noqa: ANN401 - stands for a field of any type
    """Return the knob of a surface's key."""
    return knob(
        default,
        "Surface",
        options=(*((key, surface.label) for key, surface in SURFACES.items()), (OWN, OWN_LABEL)),
        help="The loss L: classic test functions, bowls and valleys, the losses of two real regressions, or a formula that you type.",
    )


def condition_knob() -> Any:  # noqa: ANN401 - stands for a field of any type
    """Return the knob of the rotated ravine's condition number."""
    return knob(
        25.1,
        "Condition number",
        bounds=(1.0, 1000.0),
        scale="log",
        quantum=20,
        latex=r"\kappa",
        help="The rotated ravine's larger eigenvalue over its smaller one: 1 is a round bowl, 1000 a steep ravine.",
        family=True,
    )


def formula_knob(default: str) -> Any:  # noqa: ANN401 - stands for a field of any type
    """Return the knob of a typed surface's formula."""
    return knob(default, "Your formula", formula=True, help="The loss L, typed: w1 and w2, numbers, + - * / ** and named functions.")


def middle_knob(weight: str) -> Any:  # noqa: ANN401 - stands for a field of any type
    """Return the knob of one coordinate of the middle of a typed surface's window."""
    return knob(
        0.0, f"Window's middle, {weight}", bounds=(-_FARTHEST, _FARTHEST), quantum=0.1, typed=True, help="Where the window on your formula is."
    )


def half_knob() -> Any:  # noqa: ANN401 - stands for a field of any type
    """Return the knob of half the width of a typed surface's window."""
    return knob(3.0, "Window's reach", bounds=(0.1, _WIDEST), quantum=0.1, typed=True, help="How far the window reaches to each side of its middle.")


def coordinate_knob(label: str, help: str) -> Any:  # noqa: ANN401 - stands for a field of any type
    """Return the hidden knob of one coordinate of a point that follows from the surface until it is chosen."""
    return knob(UNSET, label, bounds=(UNSET, _FARTHEST + _WIDEST), quantum=0.001, help=help, hidden=True)


def own_of(spec: OnGround) -> Own | None:
    """Return the typed surface of some settings; None where they have another."""
    return Own(spec.formula, spec.middle1, spec.middle2, spec.half) if spec.surface == OWN else None


def chosen_surface(key: str, condition: float, own: Own | None = None) -> Surface:
    """Return the surface that a spec names; the condition number is the rotated ravine's.

    Raises
    ------
    InvalidInput
        Where a typed formula is no surface in its window.
    """
    if own is not None:
        middle, half = np.array([own.middle1, own.middle2]), own.half
        return parse_surface(own.formula, np.stack([middle - half, middle + half], axis=1))
    return _ravine(condition) if key == "rotated_ravine" else SURFACES[key]


_ravine = lru_cache(maxsize=256)(rotated_ravine)


def chosen_point(surface: Surface, first: float, second: float, otherwise: Floats | None = None) -> Floats:
    """Return the point (2,) that two coordinates choose, inside the surface's window; what is unset is ``otherwise``'s, or the start's.

    A point in a hole of the surface gives way to the nearest that is in none.
    """
    at = _asked(surface, first, second, otherwise)
    return nearest(surface.definition, surface.bounds, at) if isinstance(surface.definition, Typed) else at


def displaced(surface: Surface, first: float, second: float, what: str, otherwise: Floats | None = None) -> str:
    """Return a sentence on a chosen point that lies in a hole, and on where it is instead; "" where it lies in none.

    Parameters
    ----------
    what:
        What the point is, such as "start".
    """
    asked, chosen = _asked(surface, first, second, otherwise), chosen_point(surface, first, second, otherwise)
    if (asked == chosen).all():
        return ""
    given, taken = ("(" + ", ".join(number(float(each)) for each in at) + ")" for at in (asked, chosen))
    why = surface.why_not(asked) or "its slope is no finite number there"
    return f"Your formula is not defined at the {what} {given}: {why}. In its place stands {taken}, the nearest point that will do. Click another."


def _asked(surface: Surface, first: float, second: float, otherwise: Floats | None) -> Floats:
    given = np.array([first, second])
    follows = surface.start if otherwise is None else otherwise
    return np.clip(np.where(given == UNSET, follows, given), surface.bounds[:, 0], surface.bounds[:, 1])
