"""A surface: a function of two weights with its derivatives, and what is known about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import ArrayLike

from core._validate import Floats, frozen, vectors
from core.surfaces.formula import expression

if TYPE_CHECKING:
    from core.surfaces._symbolic import Derivatives

Function = Callable[[Floats], Floats]
NO_MINIMA = frozen(np.empty((0, 2)))


class Definition(Protocol):
    """What a surface is made of: a formula, or a formula and rows of data. All of it is found when first asked for."""

    @property
    def formula(self) -> str:
        """The formula in w1 and w2."""

    @property
    def latex(self) -> str:
        """The formula as LaTeX."""

    @property
    def javascript(self) -> str:
        """The formula as a JavaScript expression."""

    @property
    def browser(self) -> Mapping[str, Any]:
        """What the browser computes them from: ``program`` (`core.surfaces._listed.listed`), of data also ``rows`` (n, 3), x1, x2, y."""

    @property
    def functions(self) -> tuple[Function, Function, Function]:
        """Value, gradient and Hessian of points (..., 2)."""

    @property
    def minima(self) -> Floats:
        """Known global minimisers, (m, 2)."""

    @property
    def min_value(self) -> float:
        """The value there."""


@dataclass(frozen=True, eq=False)
class Surface:
    """A function L(w1, w2), its gradient and its Hessian, all three from one formula.

    Parameters
    ----------
    key:
        Name in `SURFACES`.
    label:
        Name in menus.
    definition:
        The formula behind it.
    source:
        Where it comes from.
    bounds:
        The window to look at, (2, 2): one row (low, high) a coordinate.
    start:
        Where descents start, (2,).

    Notes
    -----
    ``minima`` (m, 2) holds the known global minimisers (of "two_basins" both bottoms, equal to 1e-6) and ``min_value`` their value. A surface
    without a least value, such as a saddle, and a typed one, of which nothing is known, have no minima and a ``min_value`` of -inf.

    ``_value``, ``_gradient`` and ``_hessian`` are the same functions without the check of their argument, for inner loops: float64 points (..., 2)
    in, nothing asked, and NumPy's warnings on overflow left to the caller.
    """

    key: str
    label: str
    definition: Definition
    source: str
    bounds: Floats
    start: Floats

    def __post_init__(self) -> None:
        """Keep read-only copies of the arrays."""
        object.__setattr__(self, "bounds", frozen(np.asarray(self.bounds)))
        object.__setattr__(self, "start", frozen(np.asarray(self.start)))

    @property
    def formula(self) -> str:
        """The formula in w1 and w2; of a surface averaged over rows of data, that of one row."""
        return self.definition.formula

    @property
    def latex(self) -> str:
        """The formula as LaTeX, numbers shortened to five digits."""
        return self.definition.latex

    @property
    def javascript(self) -> str:
        """The formula as a JavaScript expression in w1 and w2."""
        return self.definition.javascript

    @property
    def browser(self) -> Mapping[str, Any]:
        """What the browser needs to compute value, gradient and Hessian where a hand goes, and its window."""
        return {**self.definition.browser, "bounds": self.bounds.tolist(), "partial": self.partial}

    @property
    def minima(self) -> Floats:
        """Known global minimisers, (m, 2)."""
        return self.definition.minima

    @property
    def min_value(self) -> float:
        """The least value, -inf where there is none or it is not known."""
        return self.definition.min_value

    @property
    def partial(self) -> bool:
        """Whether the formula may be undefined somewhere: the surface may have holes, where its value is no finite number."""
        return bool(getattr(self.definition, "partial", False))

    def why_not(self, point: ArrayLike) -> str:
        """Return in words why the formula has no value at a point (2,), such as "log of a negative number, −0.3"; "" where it has one."""
        why: Callable[[Floats], str] | None = getattr(self.definition, "why", None)
        return "" if why is None else why(vectors(point, "point", 2))

    @cached_property
    def _value(self) -> Function:
        return self.definition.functions[0]

    @cached_property
    def _gradient(self) -> Function:
        return self.definition.functions[1]

    @cached_property
    def _hessian(self) -> Function:
        return self.definition.functions[2]

    def value(self, x: ArrayLike) -> Floats:
        """Return L, shape (...), of points x (..., 2).

        Raises
        ------
        InvalidInput
            Where x is not finite or its last axis not 2 long.
        """
        at = vectors(x, "x", 2)
        with np.errstate(all="ignore"):
            return self._value(at)

    def gradient(self, x: ArrayLike) -> Floats:
        """Return the gradient, shape (..., 2), of points x (..., 2); at a kink the mean of the gradients around it."""
        at = vectors(x, "x", 2)
        with np.errstate(all="ignore"):
            return self._gradient(at)

    def hessian(self, x: ArrayLike) -> Floats:
        """Return the Hessian, shape (..., 2, 2), of points x (..., 2).

        At a point where the formula's own is not finite (the tip of Ackley's cone) it is the mean of those at four points 1e-4 around it: a large
        multiple of the identity at the tip of a cone, as a second difference over that distance would give.
        """
        at = vectors(x, "x", 2)
        with np.errstate(all="ignore"):
            return self._hessian(at)


@dataclass(frozen=True, eq=False)
class Formula:
    """A surface that is one formula in w1 and w2."""

    formula: str
    minima: Floats = field(default_factory=lambda: NO_MINIMA)
    min_value: float = -np.inf

    def __post_init__(self) -> None:
        """Keep a read-only copy of the minima."""
        object.__setattr__(self, "minima", frozen(np.reshape(np.asarray(self.minima, dtype=np.float64), (-1, 2))))

    @cached_property
    def latex(self) -> str:
        """The formula as LaTeX."""
        from core.surfaces import _symbolic

        return _symbolic.latex(expression(self.formula))

    @cached_property
    def javascript(self) -> str:
        """The formula as a JavaScript expression."""
        from core.surfaces import _symbolic

        return _symbolic.javascript(expression(self.formula))

    @property
    def browser(self) -> Mapping[str, Any]:
        """The program of the formula and its derivatives."""
        from core.surfaces import _listed  # here, not above: it needs what this module has

        return {"program": _listed.program(self.formula)}

    @cached_property
    def functions(self) -> tuple[Function, Function, Function]:
        """Value, gradient and Hessian of points (..., 2)."""
        made = derivatives(self.formula, "w1", "w2")
        if made.singular:
            return _value(made), _made_finite(_gradient(made)), _made_finite(_hessian(made))
        return _value(made), _gradient(made), _hessian(made)


_lock = Lock()


def derivatives(text: str, *names: str) -> Derivatives:
    """Return the compiled derivatives of a formula; each formula is compiled once, whichever session asks first."""
    with _lock:
        return _derivatives(text, names)


@lru_cache(maxsize=256)
def _derivatives(text: str, names: tuple[str, ...]) -> Derivatives:
    from core.surfaces import _symbolic

    return _symbolic.derivatives(expression(text, names), *names)


def _value(made: Derivatives) -> Function:
    def value(x: Floats) -> Floats:
        height: Floats = np.asarray(made.value(x[..., 0], x[..., 1]), dtype=np.float64)
        return height if height.shape == x.shape[:-1] else np.full(x.shape[:-1], height)

    return value


def _gradient(made: Derivatives) -> Function:
    def gradient(x: Floats) -> Floats:
        slope = np.empty(x.shape)
        slope[..., 0], slope[..., 1] = made.gradient(x[..., 0], x[..., 1])
        return slope

    return gradient


def _hessian(made: Derivatives) -> Function:
    def hessian(x: Floats) -> Floats:
        bend = np.empty((*x.shape, 2))
        bend[..., 0, 0], bend[..., 0, 1], bend[..., 1, 1] = made.hessian(x[..., 0], x[..., 1])
        bend[..., 1, 0] = bend[..., 0, 1]
        return bend

    return hessian


_AROUND = 1e-4 * np.array([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]])


def _made_finite(function: Function) -> Function:
    """Return a function that is replaced, where it is not finite, by its mean over four points around; what is still not finite stays."""

    def finite(x: Floats) -> Floats:
        with np.errstate(all="ignore"):
            result = function(x)
            good = np.isfinite(result)
            if good.all():
                return result
            bad = ~good.reshape(*x.shape[:-1], -1).all(axis=-1)
            result = np.array(result)
            result[bad] = function(x[bad][..., None, :] + _AROUND).mean(axis=x[bad].ndim - 1)
        return result

    return finite
