"""A surface that somebody has typed: its formula, its window, where it is not defined, and what is refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from core._validate import Bools, Floats, finite
from core.errors import InvalidInput
from core.surfaces import _printed
from core.surfaces._graph import Graph, Tape
from core.surfaces._listed import listed
from core.surfaces.formula import LARGEST, cleaned, tree
from core.surfaces.surface import NO_MINIMA, Function, Surface

TYPED_BOUNDS = np.array([[-3.0, 3.0], [-3.0, 3.0]])
KEY = "typed"
CALLS = 400
"""Operations that a formula's Hessian may take; a page asks for some hundred thousand points of it."""
GENTLEST, STEEPEST, FARTHEST = 0.01, 100.0, 30.0
"""Of a typed quadratic: its least and largest curvature, and how far from 0 its minimum is, at most."""
_PROBES = np.array([[np.cos(turn), np.sin(turn)] for turn in 0.1 + np.arange(12) * np.pi / 6]) * np.linspace(0.3, 2.0, 12)[:, None]
_TICKS = 61
_LEAST = 4  # points of that grid, with their neighbours, where a formula must have a value
# Where a descent starts: two thirds of the way from the middle of the window to its upper right.
_START = 2.0 / 3.0
_AROUND = 1e-4 * np.array([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]])


class Typed:
    """The definition of a typed surface. Value, gradient and Hessian are NaN where the formula is not a finite real number.

    Raises
    ------
    InvalidInput
        Where the text is no formula, or one whose derivatives are too long.
    """

    minima = NO_MINIMA
    min_value = -np.inf

    def __init__(self, text: str) -> None:
        self._tree = tree(text)
        self.formula = cleaned(text)
        graph = self._graph = Graph()
        self._height = graph.of(self._tree)
        self._outputs = graph.outputs(self._height)
        slopes, bends = self._outputs[1:3], self._outputs[3:]
        self.partial = graph.has_holes(self._height)
        shown = (self._height,) if self.partial else ()
        self._tapes = (Tape(graph, (self._height,)), Tape(graph, (*shown, *slopes)), Tape(graph, (*shown, *bends)))
        self.calls = len(self._tapes[2])
        if self.calls > CALLS:
            raise InvalidInput(f"a formula whose curvature takes {self.calls} operations", f"at most {CALLS}", "Write a shorter formula.")
        self.kinked = any(graph.ops[each][0] in ("abs", "maximum", "minimum") for each in graph.below((self._height,)))
        """Whether the formula has kinks, where its slope jumps."""
        constants = [graph.known[each] for each in bends]
        self.bends: tuple[float, float, float] | None = None if None in constants else tuple(constants)  # type: ignore[assignment]
        """The Hessian's entries (11, 12, 22) where they are the same everywhere: the formula is a quadratic."""

    @cached_property
    def latex(self) -> str:
        """The formula as LaTeX, as it was written."""
        return _printed.latex(self._tree)

    @cached_property
    def javascript(self) -> str:
        """The formula as a JavaScript expression."""
        return _printed.javascript(self._tree)

    @cached_property
    def browser(self) -> Mapping[str, Any]:
        """The formula and its derivatives as a program of the browser."""
        return {"program": listed(self._graph, self._outputs, self.partial)}

    @property
    def functions(self) -> tuple[Function, Function, Function]:
        """Value, gradient and Hessian of points (..., 2)."""
        return self._value, self._gradient, self._hessian

    def why(self, point: Floats) -> str:
        """Return in words why the formula is not a finite number at a point (2,); "" where it is one."""
        return self._graph.why(self._height, point)

    def _value(self, x: Floats) -> Floats:
        with np.errstate(all="ignore"):
            return self._tapes[0].run(x)[0]

    def _gradient(self, x: Floats) -> Floats:
        def whole(parts: list[Floats]) -> Floats:
            slope = np.empty((*parts[0].shape, 2))
            slope[..., 0], slope[..., 1] = parts
            return slope

        return self._defined(x, 1, whole)

    def _hessian(self, x: Floats) -> Floats:
        def whole(parts: list[Floats]) -> Floats:
            bend = np.empty((*parts[0].shape, 2, 2))
            bend[..., 0, 0], bend[..., 0, 1], bend[..., 1, 1] = parts
            bend[..., 1, 0] = bend[..., 0, 1]
            return bend

        return self._defined(x, 2, whole)

    def _defined(self, x: Floats, which: int, whole: Callable[[list[Floats]], Floats]) -> Floats:
        """Return derivatives: NaN in a hole; at a point where the formula has a value and they are not finite, their mean over four around it."""
        with np.errstate(all="ignore"):
            parts = self._tapes[which].run(x)
            if not self.partial:
                return whole(parts)
            height, found = parts[0], whole(parts[1:])
            axes = tuple(range(found.ndim - which, found.ndim))
            bad, hole = ~np.isfinite(found).all(axis=axes), ~np.isfinite(height)
            tip = bad & ~hole
            if tip.any():
                around = x[tip][..., None, :] + _AROUND
                found[tip] = whole(self._tapes[which].run(around)[1:]).mean(axis=x[tip].ndim - 1)
            if hole.any():
                found[hole] = np.nan
        return found


# Some 0.3 MB an entry for the longest of formulas.
@lru_cache(maxsize=64)
def typed(text: str) -> Typed:
    """Return the definition of a typed formula; each text is taken apart once."""
    return Typed(text)


def parse_surface(text: str, bounds: ArrayLike = TYPED_BOUNDS) -> Surface:
    """Return the surface of a typed formula in w1 and w2.

    Numbers, w1, w2, pi, e, + - * / ** with small constant exponents, parentheses, and sin, cos, tan, tanh, exp, log, sqrt, abs, softplus, sigmoid,
    minimum and maximum are allowed. The text is taken apart and never evaluated as code. Nothing is known of its minima.

    Where it is not a finite real number (the logarithm of a negative number) the surface has a hole: its value, gradient and Hessian are NaN there.

    Parameters
    ----------
    text:
        The formula.
    bounds:
        The window, (2, 2), one (low, high) row a coordinate; -3 to 3 if none is given.

    Raises
    ------
    InvalidInput
        Where the text is no such formula, or is nowhere in the window a finite real number, or is larger than 1e12 somewhere in it; the message says
        where and what to do.
    """
    window = finite(bounds, "bounds")
    if window.shape != (2, 2) or not (window[:, 0] < window[:, 1]).all():
        raise InvalidInput(f"bounds {window.tolist()}", "two rows (low, high) with low < high", "Pass one row a weight.")
    return _surface(cleaned(text) and text, tuple(map(tuple, window.tolist())))


@lru_cache(maxsize=64)
def _surface(text: str, bounds: tuple[tuple[float, float], ...]) -> Surface:
    definition, window = typed(text), np.array(bounds)
    points = np.stack(np.meshgrid(*(np.linspace(low, high, _TICKS) for low, high in window)), axis=-1)
    height = definition._value(points)
    with np.errstate(invalid="ignore"):
        tall = np.isfinite(height) & (np.abs(height) > LARGEST)
    there = f"for w1 from {window[0, 0]:g} to {window[0, 1]:g} and w2 from {window[1, 0]:g} to {window[1, 1]:g}"
    if tall.any():
        w1, w2 = points[tall][0]
        what = f"a formula that is {height[tall][0]:.3g} at w1 = {w1:.3g}, w2 = {w2:.3g}"
        raise InvalidInput(what, f"numbers up to {LARGEST:g} {there}", "Use smaller powers, or a smaller window.")
    good = np.isfinite(height)
    if _inner(good).sum() < _LEAST:
        w1, w2 = points[~good][0]
        what = (
            f"a formula that is not a finite real number almost anywhere; at w1 = {w1:.3g}, w2 = {w2:.3g} it has {definition.why(points[~good][0])}"
        )
        remedy = "Keep roots, logarithms and divisors away from 0 and below, or move the window."
        raise InvalidInput(what, f"a number somewhere {there}", remedy)
    return Surface(KEY, "Your own formula", definition, "Typed.", window, _start(definition, window))


def _start(definition: Typed, window: Floats) -> Floats:
    middle, half = window.mean(axis=1), np.ptp(window, axis=1) / 2.0
    return nearest(definition, window, middle + _START * half)


def nearest(definition: Typed, window: Floats, wanted: Floats) -> Floats:
    """Return a point (2,) where the formula has a value and a slope: the wanted one, else the nearest of a grid, not on a hole's very edge."""
    if np.isfinite(definition._value(wanted)) and np.isfinite(definition._gradient(wanted)).all():
        return wanted
    points = np.stack(np.meshgrid(*(np.linspace(low, high, _TICKS) for low, high in window)), axis=-1)
    good = np.isfinite(definition._value(points))
    inner = _inner(good)
    there = points[inner if inner.any() else good]
    found: Floats = there[np.hypot(*(there - wanted).T).argmin()]
    return found


def _inner(good: Bools) -> Bools:
    """Return which points of a grid have four good neighbours: a formula that is defined on a line alone is no surface."""
    inner = good.copy()
    inner[1:] &= good[:-1]
    inner[:-1] &= good[1:]
    inner[:, 1:] &= good[:, :-1]
    inner[:, :-1] &= good[:, 1:]
    return inner


def typed_quadratic(text: str) -> tuple[Floats, Floats, float]:
    """Return the Hessian (2, 2), the minimiser (2,) and the least value of a typed formula that is a quadratic with a minimum.

    Raises
    ------
    InvalidInput
        Where it is another formula, or one whose curvatures or minimiser are out of range.
    """
    definition = typed(text)
    allowed = "a quadratic in w1 and w2 with one minimum, since this lab knows where each rule ends exactly"
    remedy = "Write a sum of squares and products of w1 and w2, or take the formula to the Optimizer race."
    if definition.bends is None or definition.partial:
        raise InvalidInput("a formula that is no quadratic", allowed, remedy)
    a, b, c = definition.bends
    hessian = np.array([[a, b], [b, c]])
    low, high = (float(each) for each in np.linalg.eigvalsh(hessian))
    if not (low * (1.0 + 1e-9) >= GENTLEST and high <= STEEPEST * (1.0 + 1e-9)):
        allowed += f", of curvatures from {GENTLEST:g} to {STEEPEST:g}"
        raise InvalidInput(f"a quadratic whose curvatures are {low:.3g} and {high:.3g}", allowed, remedy)
    # One Newton step from anywhere, and another for what the first has rounded.
    centre = np.zeros(2)
    for _ in range(2):
        centre = centre - np.linalg.solve(hessian, definition._gradient(centre))
    if not np.abs(centre).max() <= FARTHEST:
        raise InvalidInput(
            f"a quadratic with its minimum at ({centre[0]:.3g}, {centre[1]:.3g})", f"a minimum within {FARTHEST:g} of 0 along each weight", remedy
        )
    floor = float(definition._value(centre))
    # A kink hides between constant curvatures: abs(w1) + w1**2. What is a quadratic is its own Taylor series everywhere.
    away = _PROBES * (1.0 + np.abs(centre).max())
    height, written = definition._value(centre + away), 0.5 * ((away @ hessian) * away).sum(axis=-1) + floor
    if not (np.abs(height - written) <= 1e-9 * (np.abs(height).max() + abs(floor))).all():
        raise InvalidInput("a formula that is no quadratic", allowed, remedy)
    return hessian, centre, floor
