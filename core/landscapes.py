"""A surface and its penalty on a grid: what contours, shades and 3-D pictures of L + lambda R are drawn from.

The sum is affine in lambda, so two grids hold the whole family; only where it counts from, the floor, needs a number a member.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from core._validate import Floats, family, finite
from core.errors import InvalidInput
from core.penalties import Penalty
from core.surfaces import Surface
from core.surfaces.formula import LARGEST

POINTS = 61
_MOST_POINTS = 121
_TALLEST = LARGEST  # heights beyond travel as this: float32 ends at 3e38
_LINES = 14  # levels between the floor of the loss and its heights in the window
_FURTHER = 10  # levels above these, for what the penalty adds
_LOW, _HIGH = 0.005, 0.98  # shares of the window below the first and the last of the levels of the loss
_POWERS = (1.0, 6.0)


@dataclass(frozen=True, eq=False)
class Landscape:
    """L + lam R over a window, for a family of k lambdas.

    Attributes
    ----------
    surface, penalty:
        L and R; no penalty is R = 0.
    lam:
        (k,) penalty weights.
    x, y:
        (nx,), (ny,) coordinates of w1 and w2.
    loss, added:
        (ny, nx) L and R; L is NaN in a hole, where the surface's formula is not defined.
    floor:
        (k,) the least L + lam R of the grid, the origin and the surface's known minima.
    levels:
        (n,) ascending heights above the floor, the same for all members.
    top:
        Where a 3-D picture ends.
    """

    surface: Surface
    penalty: Penalty | None
    lam: Floats
    x: Floats
    y: Floats
    loss: Floats
    added: Floats
    floor: Floats
    levels: Floats
    top: float

    @property
    def window(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """The window, ((low, high), (low, high)) of w1 and w2."""
        return (float(self.x[0]), float(self.x[-1])), (float(self.y[0]), float(self.y[-1]))

    @property
    def note(self) -> str:
        """A sentence on what is drawn where the surface has no value, with a blank before it; "" where there is no such place."""
        return " Where it is grey the formula is not defined." if np.isnan(self.loss).any() else ""

    def objective(self, w: ArrayLike) -> Floats:
        """Return L + lam R, (k, ...), of points w (k, ..., 2), one lambda a leading index."""
        at = finite(w, "w")
        height = _bounded(np.nan_to_num(self.surface.value(at), nan=_TALLEST))
        if self.penalty is None:
            return height
        total: Floats = height + self.lam.reshape(-1, *([1] * (height.ndim - 1))) * self.penalty.value(at)
        return total


def landscape(
    surface: Surface, penalty: Penalty | None = None, lam: ArrayLike = 0.0, points: int = POINTS, bounds: ArrayLike | None = None
) -> Landscape:
    """Return a surface and its penalty on a grid.

    Parameters
    ----------
    surface:
        L.
    penalty:
        R; none is R = 0.
    lam:
        Penalty weights >= 0, (k,) or a number.
    points:
        Grid points along each weight, 3 to 121.
    bounds:
        The window, (2, 2), one (low, high) row a weight; the surface's own if none is given.

    Raises
    ------
    InvalidInput
        Where an argument is out of its range.
    """
    weight = family(lam, "lam")
    if not 3 <= points <= _MOST_POINTS:
        raise InvalidInput(f"points = {points}", f"3 to {_MOST_POINTS}", "Choose a coarser grid.")
    window = surface.bounds if bounds is None else finite(bounds, "bounds")
    if window.shape != (2, 2) or not (window[:, 0] < window[:, 1]).all():
        raise InvalidInput(f"bounds {window.tolist()}", "two rows (low, high) with low < high", "Pass one row a weight.")
    x, y = (np.linspace(low, high, points) for low, high in window)
    grid = np.stack(np.meshgrid(x, y), axis=-1)
    loss = _bounded(surface.value(grid))
    added = np.zeros_like(loss) if penalty is None else penalty.value(grid)
    known = np.vstack([surface.minima, np.zeros((1, 2))])
    known = known[((window[:, 0] <= known) & (known <= window[:, 1])).all(axis=-1)]
    low_loss = np.append(loss, _bounded(surface.value(known)))
    low_added = np.append(added, np.zeros(len(known)) if penalty is None else penalty.value(known))
    there = ~np.isnan(loss)
    if not there.any():
        raise InvalidInput("a window in which the surface has no value", "a window that it has one in", "Move the window.")
    low_loss, low_added = low_loss[~np.isnan(low_loss)], low_added[~np.isnan(low_loss)]
    drawn, beside = loss[there], added[there]
    floor = np.array([float((low_loss + each * low_added).min()) for each in weight])
    bare = float(low_loss.min())
    # The tallest point above the floor is convex in lambda: the largest is at one end of the family.
    ends = (int(np.argmin(weight)), int(np.argmax(weight)))
    tallest = max(float((drawn + weight[end] * beside).max() - floor[end]) for end in ends)
    levels = contour_levels(drawn - bare, tallest)
    return Landscape(surface, penalty, weight, x, y, loss, added, floor, levels, _top(drawn, bare, float(floor.max()), levels))


def contour_levels(above: Floats, tallest: float = 0.0) -> Floats:
    """Return heights for contours, ascending, (n,).

    They grow as a power of their number, t^p: p = 2 makes them evenly spaced in distance on a bowl. The power is the one for which the first level
    encloses half a percent of the grid and the fourteenth all but two: on Rosenbrock's valley, which falls over four decades, it comes to about 4,
    and lines are drawn in the valley as well as on its walls. The same law goes on up to ``tallest``, in wider steps where that is far up.

    Parameters
    ----------
    above:
        Heights of the loss above its floor, of any shape.
    tallest:
        The largest height that any member of the family reaches above its own floor.
    """
    low, high = (float(each) for each in np.quantile(above, [_LOW, _HIGH]))
    span = float(above.max())
    if not high > 1e-12 * max(span, 1e-300):
        # A plane with a hole or a tower in it, or no heights at all.
        high = max(span, tallest)
        if not high > 0.0:
            return np.array([1.0])
        low = 0.0
    power = float(np.clip(np.log(high / max(low, 1e-9 * high)) / np.log(_LINES), *_POWERS))
    levels = high * (np.arange(1, _LINES + 1) / _LINES) ** power
    reach = max(tallest, span)
    further = high * (np.arange(_LINES + 1, _LINES + _FURTHER + 1) / _LINES) ** power
    if reach > further[-1]:
        further = high * (reach / high) ** (np.arange(1, _FURTHER + 1) / _FURTHER) * (1.0 - 1e-9)
    return np.concatenate([levels, further[further < reach]])


def _top(loss: Floats, bare: float, highest_floor: float, levels: Floats) -> float:
    """Return the height where a 3-D picture ends.

    Heights stay as they are, since a compressed height would no longer be affine in lambda, and a bowl would no longer look like one. Walls are cut
    instead: at the height that nine tenths of the window stay below, at that of two thirds where the walls are so tall that the valley would look
    flat. As lambda grows the floor rises to at most the height of the origin, so that there is room above the highest floor as well.
    """
    above = loss - bare
    steep = float(np.quantile(above, 0.9)) > 4.0 * float(np.median(above))
    span = 1.15 * float(np.quantile(above, 2.0 / 3.0 if steep else 0.9))
    span = span if span > 0.0 else float(levels[-1])
    return max(bare + span, highest_floor + 0.35 * span)


def _bounded(height: Floats) -> Floats:
    """Return heights that can travel: a typed formula may have a pole between the points that were tried when it was read.

    What is no finite number is a hole, NaN.
    """
    given = np.asarray(height, dtype=np.float64)
    held: Floats = np.where(np.isfinite(given), np.clip(given, -_TALLEST, _TALLEST), np.nan)
    return held
