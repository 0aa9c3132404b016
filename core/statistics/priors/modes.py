r"""The posterior's mode, found from its slope alone.

The log posterior is concave, so its slope along a line only falls, and the mode is where it changes sign: that place is cornered by secants, and by
halving wherever those are slow (the Illinois rule; Dowell and Jarratt, 1971, A modified regula falsi method). Where the slope jumps across zero at
w = 0, the mode is exactly 0. With two weights the same is done with the slope of the profile, the height of the best w2 for each w1, which is the
partial slope there. Nothing here knows of a penalty, of lambda, of a soft threshold or of sign patterns: it is the second, independent way to the
penalised minimum.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from core._validate import Floats, finite, not_negative
from core.errors import InvalidInput

# Doublings reach any root that floats can tell from infinity's side of sense. A dozen steps corner it; were each third of them, a halving, all that
# counts, so many would still leave 2^-60 of the bracket.
_DOUBLINGS, _STEPS = 64, 180
_ULP = np.finfo(np.float64).eps

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
        end = side * slope(side * high, side)
        rising = end > 0.0
        if not (rising & ~still).any():
            break
        high = np.where(rising, 2.0 * high, high)
    # What the slope is worth at either end; an end that stays twice counts half, so that the next secant falls on its side.
    begin, kept = side * slope(low, side), zero
    for step in range(_STEPS):
        wide = (high - low > _ULP * high) & ~still
        if not wide.any():
            break
        fall = begin - end
        secant = low + (high - low) * np.where(fall > 0.0, begin / np.where(fall > 0.0, fall, 1.0), 0.5)
        # Beside an end that is the root to rounding, the other end comes near in one step instead of one halving at a time.
        near = np.minimum(2.0 * _ULP * high, 0.5 * (high - low))
        middle = 0.5 * (low + high) if step % 3 == 2 else np.clip(secant, low + near, high - near)
        here = side * slope(side * middle, side)
        rising, falling = here > 0.0, here < 0.0
        begin, end = (
            np.where(rising, here, np.where(kept < 0.0, 0.5 * begin, begin)),
            np.where(falling, here, np.where(kept > 0.0, 0.5 * end, end)),
        )
        kept = np.where(rising, 1.0, -1.0)
        low, high = np.where(falling, low, middle), np.where(rising, high, middle)
    found: Floats = np.where(still, 0.0, side * 0.5 * (low + high))
    return found
