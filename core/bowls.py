"""Quadratic losses of two weights as surfaces: given by their numbers, from a few rows of data, or none at all. No formula has to be compiled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from core._validate import Floats
from core.datasets import diabetes
from core.errors import InvalidInput
from core.quadratic import Quadratic
from core.specs.ground import chosen_surface
from core.surfaces import Surface
from core.surfaces.surface import NO_MINIMA, Formula, Function
from core.surfaces.typed import typed_quadratic

FEATURES = ("bmi", "s5")
PATIENTS = 442
_AROUND = 0.35  # of the distance of the free minimum: the room on each side of it and of the origin
_SMALLEST, _LARGEST = 0.5, 30.0  # distances of the free minimum that a window is made for
_NAMED = ("round_bowl", "ravine", "rotated_ravine")


@dataclass(frozen=True, eq=False)
class QuadraticForm:
    """The definition of a surface that is a quadratic: its value, gradient and Hessian written out."""

    quadratic: Quadratic

    @property
    def formula(self) -> str:
        """The formula in w1 and w2."""
        (a, b), (_, c) = self.quadratic.hessian.tolist()
        p, q = self.quadratic.centre.tolist()
        return f"{a / 2!r}*(w1 - {p!r})**2 + {b!r}*(w1 - {p!r})*(w2 - {q!r}) + {c / 2!r}*(w2 - {q!r})**2 + {self.quadratic.floor!r}"

    @property
    def latex(self) -> str:
        """The formula as LaTeX, in matrices."""
        (a, b), (_, c) = self.quadratic.hessian.tolist()
        p, q = self.quadratic.centre.tolist()
        bend, at = rf"\begin{{pmatrix}}{a:.4g}&{b:.4g}\\{b:.4g}&{c:.4g}\end{{pmatrix}}", rf"\begin{{pmatrix}}{p:.4g}\\{q:.4g}\end{{pmatrix}}"
        return rf"\tfrac12 (w - \hat w)^\top H (w - \hat w),\quad H = {bend},\quad \hat w = {at}"

    @property
    def javascript(self) -> str:
        """The formula as a JavaScript expression, which is written as in Python."""
        return self.formula

    @cached_property
    def functions(self) -> tuple[Function, Function, Function]:
        """Value, gradient and Hessian of points (..., 2)."""
        hessian, floor = self.quadratic.hessian, self.quadratic.floor
        (a, b), (_, c) = hessian.tolist()
        p, q = self.quadratic.centre.tolist()

        def value(x: Floats) -> Floats:
            u, v = x[..., 0] - p, x[..., 1] - q
            height: Floats = 0.5 * (a * u * u + 2.0 * b * u * v + c * v * v) + floor
            return height

        def gradient(x: Floats) -> Floats:
            u, v, slope = x[..., 0] - p, x[..., 1] - q, np.empty(x.shape)
            slope[..., 0] = a * u + b * v
            slope[..., 1] = b * u + c * v
            return slope

        return value, gradient, lambda x: np.broadcast_to(hessian, (*x.shape, 2)).copy()

    @property
    def browser(self) -> Mapping[str, Any]:
        """The program of the formula and its derivatives."""
        return Formula(self.formula).browser

    @property
    def minima(self) -> Floats:
        """The minimiser, (1, 2); none without curvature, where every point is one."""
        return self.quadratic.centre[None] if self.quadratic.is_definite else NO_MINIMA

    @property
    def min_value(self) -> float:
        """The value there."""
        return self.quadratic.floor


@dataclass(frozen=True, eq=False)
class Bowl:
    """A quadratic loss to train on, and one that stands for unseen data.

    Attributes
    ----------
    train, unseen:
        The two losses.
    surface, measure:
        The same as surfaces; the first has the window and the start.
    has_data:
        Whether there is a loss at all.
    """

    train: Quadratic
    unseen: Quadratic
    surface: Surface
    has_data: bool = True

    @cached_property
    def measure(self) -> Surface:
        """The loss of unseen data as a surface over the same window."""
        return Surface("unseen", "Unseen data", QuadraticForm(self.unseen), "", self.surface.bounds, self.surface.start)


def window_of(centre: Floats) -> Floats:
    """Return a square window (2, 2) that holds the origin and the free minimum, with room around both."""
    reach = float(np.clip(np.abs(centre).max(), _SMALLEST, _LARGEST))
    middle, half = np.clip(centre, -_LARGEST, _LARGEST) / 2.0, (0.5 + _AROUND) * reach
    return np.stack([middle - half, middle + half], axis=1)


def start_of(window: Floats) -> Floats:
    """Return where rules start in a window, (2,), to a decimal: its upper right, from where the three go different ways."""
    started: Floats = np.round(window[:, 0] + np.array([0.794, 0.904]) * (window[:, 1] - window[:, 0]), 1)
    return started


def bowl(hessian: Floats, centre: Floats, nearer: float) -> Bowl:
    """Return a made-up loss; its unseen data has the same curvature, and its minimum ``nearer`` of the way from the origin."""
    train = Quadratic(hessian, centre)
    window = window_of(train.centre)
    start = start_of(window)
    source = "A quadratic given by its curvatures and its minimum."
    return Bowl(train, Quadratic(hessian, nearer * train.centre), Surface("bowl", "Two coupled weights", QuadraticForm(train), source, window, start))


def named_bowl(key: str, condition: float, nearer: float) -> Bowl:
    """Return a quadratic of the catalogue, with unseen data as in `bowl`."""
    if key not in _NAMED:
        raise InvalidInput(f"loss {key!r}", "one of " + ", ".join(_NAMED), "Choose a quadratic.")
    given = chosen_surface(key, condition)
    train = Quadratic(given.hessian(given.start), given.minima[0])
    surface = Surface(key, given.label, QuadraticForm(train), given.source, given.bounds, given.start)
    return Bowl(train, Quadratic(train.hessian, nearer * train.centre), surface)


def own_bowl(formula: str, nearer: float) -> Bowl:
    """Return the quadratic that somebody has typed, with unseen data as in `bowl`.

    Raises
    ------
    InvalidInput
        Where the formula is no quadratic with a minimum.
    """
    hessian, centre, floor = typed_quadratic(formula)
    train, window = Quadratic(hessian, centre, floor), window_of(centre)
    surface = Surface("own", "Your own formula", QuadraticForm(train), "Typed.", window, start_of(window))
    return Bowl(train, Quadratic(hessian, nearer * train.centre), surface)


@lru_cache(maxsize=128)
def diabetes_bowl(rows: int, draw: int) -> Bowl:
    """Return least squares on a few patients, 1/(2n) |y - Xw|^2, judged on all the others.

    Parameters
    ----------
    rows:
        How many of the 442 patients are trained on.
    draw:
        Seed of the permutation whose first rows they are.
    """
    X, y = diabetes(*FEATURES)
    order = np.random.default_rng(draw).permutation(len(y))
    learned, left = order[:rows], order[rows:]
    train, unseen = Quadratic.from_least_squares(X[learned], y[learned]), Quadratic.from_least_squares(X[left], y[left])
    window = window_of(train.centre)
    start = start_of(window)
    source = "Half the mean squared error of disease progression on body mass index and log triglycerides; Efron et al. (2004)."
    return Bowl(train, unseen, Surface("diabetes", "Regression on a few patients", QuadraticForm(train), source, window, start))


def no_data() -> Bowl:
    """Return the loss that is 0 everywhere; in place of unseen data stands half the squared length of w."""
    flat = Quadratic(np.zeros((2, 2)), np.zeros(2))
    surface = Surface("none", "No data at all", QuadraticForm(flat), "L = 0.", np.array([(-2.0, 9.0), (-2.0, 9.0)]), np.array((8.0, 2.0)))
    return Bowl(flat, Quadratic(np.eye(2), np.zeros(2)), surface, has_data=False)
