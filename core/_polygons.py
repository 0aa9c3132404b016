"""Families of polygons (k, m, 2), padded to a common m by repeating the last vertex: clipping and area, all members at once."""

from __future__ import annotations

import numpy as np

from core._validate import Floats

Window = tuple[tuple[float, float], tuple[float, float]]


def rectangle(window: Window, k: int) -> Floats:
    """Return k copies of a window's four corners, counter-clockwise, (k, 4, 2)."""
    (left, right), (low, high) = window
    return np.tile(np.array([[left, low], [right, low], [right, high], [left, high]]), (k, 1, 1))


def clip(polygon: Floats, normal: Floats, offset: Floats) -> Floats:
    """Return the part of each polygon with normal . c <= offset (Sutherland and Hodgman 1974); nothing left is one point, repeated.

    Parameters
    ----------
    polygon:
        (k, m, 2).
    normal:
        (k, 2) or (2,); where it is 0 the half-plane is everything (offset >= 0) or nothing.
    offset:
        (k,) or a number.
    """
    side = (polygon * np.broadcast_to(normal, (len(polygon), 2))[:, None]).sum(axis=-1) - np.reshape(offset, (-1, 1))
    after, side_after = np.roll(polygon, -1, axis=1), np.roll(side, -1, axis=1)
    inside = side <= 0.0
    crosses = inside != (side_after <= 0.0)
    share = side / np.where(crosses, side - side_after, 1.0)
    cut = polygon + share[..., None] * (after - polygon)
    # Each vertex may emit itself and the cut behind it, in this order; what is emitted moves to the front.
    k, m = side.shape
    emitted = np.stack([inside, crosses], axis=-1).reshape(k, 2 * m)
    corners = np.stack([polygon, cut], axis=2).reshape(k, 2 * m, 2)
    count = emitted.sum(axis=1)
    order = np.argsort(~emitted, axis=1, kind="stable")
    last = np.maximum(count, 1)[:, None] - 1
    kept = np.minimum(np.arange(max(int(count.max()), 1)), last)
    return np.take_along_axis(corners, np.take_along_axis(order, kept, axis=1)[..., None], axis=1)


def clip_segment(start: Floats, end: Floats, window: Window) -> Floats:
    """Return the part of each segment in the window, (k, 2, 2); a segment that misses it becomes its start, twice (Liang and Barsky 1984)."""
    step = end - start
    first, last = np.zeros(len(start)), np.ones(len(start))
    inside = np.ones(len(start), dtype=bool)
    for axis, (low, high) in enumerate(window):
        along, at = step[:, axis], start[:, axis]
        moves = along != 0.0
        inside &= moves | ((low <= at) & (at <= high))
        shares = (np.array([[low], [high]]) - at) / np.where(moves, along, 1.0)
        first = np.where(moves, np.maximum(first, shares.min(axis=0)), first)
        last = np.where(moves, np.minimum(last, shares.max(axis=0)), last)
    inside &= first < last
    ends = np.where(inside, np.stack([first, last]), 0.0)
    return start[:, None] + ends.T[..., None] * step[:, None]


def area(polygon: Floats) -> Floats:
    """Return the area of each polygon, (k,), by the shoelace formula."""
    # About the first vertex, so that a small polygon far from the origin keeps its digits.
    x, y = np.moveaxis(polygon - polygon[:, :1], -1, 0)
    doubled: Floats = (x * np.roll(y, -1, axis=1) - y * np.roll(x, -1, axis=1)).sum(axis=1)
    return 0.5 * np.abs(doubled)
