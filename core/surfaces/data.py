"""Surfaces of real data: the loss of two weights over the rows of a data set, loaded when first used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from core._validate import Floats, frozen
from core.datasets import diabetes, iris
from core.surfaces._listed import program
from core.surfaces.formula import expression
from core.surfaces.surface import Formula, Function, derivatives
from core.wire import Exact

_POINTS = 128
_NEWTON = 50  # steps are plenty: from 0 the logistic problem takes eight


def _in_blocks(function: Function) -> Function:
    """Return a function of points (..., 2) that takes so many of them at a time that points x rows stay in the cache: four times as fast."""

    def blocked(x: Floats) -> Floats:
        points = x.reshape(-1, 2)
        if len(points) <= _POINTS:
            return function(x)
        parts = np.concatenate([function(points[at : at + _POINTS]) for at in range(0, len(points), _POINTS)])
        return parts.reshape(*x.shape[:-1], *parts.shape[1:])

    return blocked


@dataclass(frozen=True, eq=False)
class LeastSquares:
    """1/(2n) |y - Xw|^2 over two standardised columns of the diabetes data: a quadratic, written out in its sufficient statistics."""

    first: str
    second: str

    @cached_property
    def _quadratic(self) -> Formula:
        X, y = diabetes(self.first, self.second)
        hessian, pull, rest = X.T @ X / len(y), X.T @ y / len(y), float(y @ y) / (2 * len(y))
        minimum = np.asarray(np.linalg.solve(hessian, pull), dtype=np.float64)
        (a, b), (_, c) = hessian.tolist()
        p, q = pull.tolist()
        formula = f"{rest!r} - {p!r}*w1 - {q!r}*w2 + {a / 2!r}*w1**2 + {b!r}*w1*w2 + {c / 2!r}*w2**2"
        return Formula(formula, minimum[None], rest - 0.5 * float(pull @ minimum))

    @property
    def formula(self) -> str:
        """The quadratic, written out."""
        return self._quadratic.formula

    @property
    def latex(self) -> str:
        """The quadratic as LaTeX."""
        return self._quadratic.latex

    @property
    def javascript(self) -> str:
        """The quadratic as a JavaScript expression."""
        return self._quadratic.javascript

    @property
    def browser(self) -> Mapping[str, Any]:
        """The program of the quadratic and its derivatives."""
        return self._quadratic.browser

    @property
    def functions(self) -> tuple[Function, Function, Function]:
        """Value, gradient and Hessian of points (..., 2)."""
        return self._quadratic.functions

    @property
    def minima(self) -> Floats:
        """The least-squares solution, (1, 2)."""
        return self._quadratic.minima

    @property
    def min_value(self) -> float:
        """Half the mean squared residual."""
        return self._quadratic.min_value


class Logistic:
    """Mean over the rows of log(1 + exp(z)) - y z with z = x1 w1 + x2 w2, on two features of the iris data.

    SymPy differentiates the loss of one row in its score z; the chain rule through z = X w and the mean over the rows are matrix products.
    """

    row = "softplus(z) - y*z"

    @property
    def formula(self) -> str:
        """The loss of one row, with its features x1, x2 and its label y."""
        return self.row.replace("z", "(x1*w1 + x2*w2)")

    @cached_property
    def latex(self) -> str:
        """The mean over the rows, as LaTeX."""
        from core.surfaces import _symbolic

        inner = _symbolic.latex(expression(self.row, ("z", "y")))
        return rf"\frac{{1}}{{{len(self._data[1])}}}\sum_i \left[{inner}\right],\quad z = x_1 w_1 + x_2 w_2"

    @cached_property
    def javascript(self) -> str:
        """The loss of one row as a JavaScript expression in w1, w2, x1, x2 and y."""
        from core.surfaces import _symbolic

        return _symbolic.javascript(expression(self.formula, ("w1", "w2", "x1", "x2", "y")))

    @cached_property
    def _data(self) -> tuple[Floats, Floats]:
        return iris()

    @property
    def browser(self) -> Mapping[str, Any]:
        """The program of one row's loss in its score z, and the rows."""
        X, y = self._data
        return {"program": program(self.row, ("z", "y"), 1), "rows": Exact(np.column_stack([X, y]))}

    @cached_property
    def functions(self) -> tuple[Function, Function, Function]:
        """Value, gradient and Hessian of points (..., 2)."""
        X, y = self._data
        made = derivatives(self.row, "z", "y")
        across, mean = np.ascontiguousarray(X.T), X / len(y)
        pairs = np.stack([X[:, 0] ** 2, X[:, 0] * X[:, 1], X[:, 0] * X[:, 1], X[:, 1] ** 2], axis=-1) / len(y)

        def value(x: Floats) -> Floats:
            height: Floats = made.value(x @ across, y).mean(axis=-1)
            return height

        def gradient(x: Floats) -> Floats:
            slope: Floats = made.gradient(x @ across, y)[0] @ mean
            return slope

        def hessian(x: Floats) -> Floats:
            bend: Floats = (made.hessian(x @ across, y)[0] @ pairs).reshape(*x.shape, 2)
            return bend

        return _in_blocks(value), _in_blocks(gradient), _in_blocks(hessian)

    @cached_property
    def minima(self) -> Floats:
        """The minimiser, (1, 2), by Newton's method to rounding."""
        _, gradient, hessian = self.functions
        w = np.zeros(2)
        for _ in range(_NEWTON):
            w = w - np.linalg.solve(hessian(w), gradient(w))
        return frozen(w[None])

    @cached_property
    def min_value(self) -> float:
        """The loss there."""
        return float(self.functions[0](self.minima[0]))
