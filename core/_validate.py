"""What the mathematics asks of an array, said once for the whole core."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.errors import InvalidInput

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def finite(value: ArrayLike, name: str) -> Floats:
    """Return ``value`` as a float64 array of finite real numbers.

    Raises
    ------
    InvalidInput
        Where it is ragged, holds anything but real numbers, or a NaN or an infinity.
    """
    remedy = f"Pass {name} as finite real numbers."
    try:
        given: NDArray[Any] = np.asarray(value)
    except ValueError:
        raise InvalidInput(f"{name} of uneven rows", "a rectangular array of finite real numbers", remedy) from None
    if given.dtype.kind not in "fiu":
        raise InvalidInput(f"{name} of type {given.dtype}", "finite real numbers", remedy)
    array = given.astype(np.float64, copy=False)
    if not np.isfinite(array).all():
        worst = array[~np.isfinite(array)].flat[0]
        raise InvalidInput(f"{name} contains {worst:g}", "finite real numbers", remedy)
    return array


def vectors(value: ArrayLike, name: str, dim: int | None = None) -> Floats:
    """Return ``value`` as finite points ``(..., d)``, with ``d = dim`` where ``dim`` is given."""
    array = finite(value, name)
    if array.ndim == 0 or array.shape[-1] == 0 or (dim is not None and array.shape[-1] != dim):
        size = "d" if dim is None else str(dim)
        raise InvalidInput(f"{name} of shape {array.shape}", f"shape (..., {size})", f"Put the {size} coordinates of {name} on the last axis.")
    return array


def not_negative(value: ArrayLike, name: str) -> Floats:
    """Return ``value`` as an array of finite numbers >= 0."""
    array = finite(value, name)
    if array.size and not array.min() >= 0.0:
        raise InvalidInput(f"{name} = {array.min():g}", "any finite number >= 0", f"Pass a {name} of 0 or more.")
    return array


def family(value: ArrayLike, name: str) -> Floats:
    """Return the axis ``(k,)`` of a family of numbers >= 0; a scalar is a family of one."""
    array = not_negative(value, name)
    if array.ndim > 1 or array.size == 0:
        raise InvalidInput(
            f"{name} of shape {array.shape}", "a number or a one-dimensional array (k,) with k >= 1", f"Pass {name} as one family axis."
        )
    return np.atleast_1d(array)


def frozen(array: Floats) -> Floats:
    """Return a read-only copy, so that what was derived from an array stays true of it."""
    copy = np.array(array, dtype=np.float64)
    copy.flags.writeable = False
    return copy
