r"""The posterior's mode, found from its slope alone.

The log posterior is concave, so its slope along a line only falls, and the mode is where it changes sign: that place is cornered by halving. Where
the slope jumps across zero at w = 0, the mode is exactly 0. With two weights the same is done with the slope of the profile, the height of the best
w2 for each w1, which is the partial slope there. Nothing here knows of a penalty, of lambda, of a soft threshold or of sign patterns: it is the
second, independent way to the penalised minimum.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from core._validate import Floats, finite, not_negative
from core.errors import InvalidInput

# Doublings reach any root that floats can tell from infinity's side of sense; halvings then leave 2^-60 of the bracket.
_DOUBLINGS, _HALVINGS = 64, 60

Slope = Callable[[Floats, Floats], Floats]
"""The slope at w (...) on a side (...) of zero, 1 or -1; at w = 0 it is the slope towards that side."""


def modes(gram: ArrayLike, pull: ArrayLike, a: ArrayLike, c: ArrayLike) -> Floats:
    """Return argmax of -w'Gw/2 + B'w - a |w|_1 - c |w|^2 for many problems at once, (..., d), d being 1 or 2.

    Parameters
    ----------
    gram:
        G, (..., d, d): X'X / sigma^2.
    pull:
        B, (..., d): X'y / sigma^2.
    a, c:
        (...) the prior's exponents.
    """
    matrix, towards, crease, bend = finite(gram, "gram"), finite(pull, "pull"), not_negative(a, "a"), not_negative(c, "c")
    d = towards.shape[-1]
    if d not in (1, 2) or matrix.shape[-2:] != (d, d):
        raise InvalidInput(f"gram of shape {matrix.shape} and pull of shape {towards.shape}", "one weight or two", "Pass (..., d, d) and (..., d).")
    shape = np.broadcast_shapes(matrix.shape[:-2], towards.shape[:-1], crease.shape, bend.shape)
    own = [matrix[..., i, i] + 2.0 * bend for i in range(d)]

    def slope(i: int, w: Floats, side: Floats, across: Floats | float) -> Floats:
        steep: Floats = towards[..., i] - own[i] * w - across - crease * side
        return steep

    if d == 1:
        return _peak(lambda w, side: slope(0, w, side, 0.0), shape)[..., None]
    joint = matrix[..., 0, 1]

    def best(w1: Floats) -> Floats:
        return _peak(lambda w2, side: slope(1, w2, side, joint * w1), shape)

    first = _peak(lambda w1, side: slope(0, w1, side, joint * best(w1)), shape)
    return np.stack([first, best(first)], axis=-1)


def _peak(slope: Slope, shape: tuple[int, ...]) -> Floats:
    """Return where a falling slope changes sign, (...); exactly 0 where it jumps across zero there."""
    zero, one = np.zeros(shape), np.ones(shape)
    right, left = slope(zero, one), slope(zero, -one)
    side = np.where(right > 0.0, 1.0, -1.0)
    still = (right <= 0.0) & (left >= 0.0)
    low, high = zero, one
    for _ in range(_DOUBLINGS):
        rising = side * slope(side * high, side) > 0.0
        if not (rising & ~still).any():
            break
        high = np.where(rising, 2.0 * high, high)
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        rising = side * slope(side * middle, side) > 0.0
        low, high = np.where(rising, middle, low), np.where(rising, high, middle)
    found: Floats = np.where(still, 0.0, side * 0.5 * (low + high))
    return found
