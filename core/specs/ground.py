"""What every lab on a loss surface asks for: which surface, and a point of it that follows the surface until a hand moves it."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from core._validate import Floats
from core.knobs import knob
from core.surfaces import SURFACES, Surface, rotated_ravine

UNSET = -99.0
"""A coordinate that has not been chosen: it follows from the surface."""


def surface_knob(default: str) -> Any:  # noqa: ANN401 - stands for a field of any type
    """Return the knob of a surface's key."""
    return knob(
        default,
        "Surface",
        options=tuple((key, surface.label) for key, surface in SURFACES.items()),
        help="The loss L: classic test functions, bowls and valleys, and the losses of two real regressions.",
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


def coordinate_knob(label: str, help: str) -> Any:  # noqa: ANN401 - stands for a field of any type
    """Return the hidden knob of one coordinate of a point that follows from the surface until it is chosen."""
    return knob(UNSET, label, bounds=(UNSET, 9.0), quantum=0.001, help=help, hidden=True)


@lru_cache(maxsize=256)
def chosen_surface(key: str, condition: float) -> Surface:
    """Return the surface that a spec names; the condition number is the rotated ravine's."""
    return rotated_ravine(condition) if key == "rotated_ravine" else SURFACES[key]


def chosen_point(surface: Surface, first: float, second: float, otherwise: Floats | None = None) -> Floats:
    """Return the point (2,) that two coordinates choose, inside the surface's window; what is unset is ``otherwise``'s, or the start's."""
    given = np.array([first, second])
    follows = surface.start if otherwise is None else otherwise
    return np.clip(np.where(given == UNSET, follows, given), surface.bounds[:, 0], surface.bounds[:, 1])
