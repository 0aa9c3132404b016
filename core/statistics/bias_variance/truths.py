"""True functions on [-1, 1]: what the points of a training set would lie on if there were no noise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from core._validate import Floats


@dataclass(frozen=True)
class Truth:
    """A function on [-1, 1].

    Attributes
    ----------
    label:
        Its name in a list.
    formula:
        What it is, in Unicode.
    value:
        x (...) -> f(x) (...).
    """

    label: str
    formula: str
    value: Callable[[Floats], Floats]


def _step(x: Floats) -> Floats:
    return np.where(x < 0.0, -0.7, 0.7)


TRUTHS: Mapping[str, Truth] = MappingProxyType(
    {
        "parabola": Truth("parabola", "f(x) = 2x² − 1", lambda x: 2.0 * x**2 - 1.0),
        "sine": Truth("sine", "f(x) = sin πx", lambda x: np.sin(np.pi * x)),
        "step": Truth("step", "f(x) = ±0.7, with a jump at 0", _step),
        "runge": Truth("Runge's", "f(x) = 1/(1 + 25x²)", lambda x: 1.0 / (1.0 + 25.0 * x**2)),
        "line": Truth("line", "f(x) = 0.8x", lambda x: 0.8 * x),
        "bump": Truth("bump", "f(x) = exp(−30(x − 0.3)²) + x/2", lambda x: np.exp(-30.0 * (x - 0.3) ** 2) + 0.5 * x),
    }
)
