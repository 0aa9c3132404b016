"""All that the surfaces ask of SymPy: numbers, functions, derivatives, and code for NumPy, LaTeX and JavaScript.

SymPy takes half a second to import, so nothing imports this module before a surface is first used.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy
from numpy.typing import NDArray
from sympy.printing.jscode import JavascriptCodePrinter
from sympy.printing.latex import LatexPrinter
from sympy.printing.numpy import NumPyPrinter

from core.surfaces import _graph
from core.surfaces.formula import Part

Floats = NDArray[np.float64]
_LATEX_DIGITS = 5
_DIGITS = 10**15  # a fraction whose parts grow beyond this becomes a float: exact arithmetic on long fractions could go on for ever


class absolute(sympy.Function):  # type: ignore[misc]
    # SymPy's own Abs differentiates through real and imaginary parts wherever it cannot prove its argument real.
    nargs = 1

    def fdiff(self, argindex: int = 1) -> sympy.Expr:
        return signum(self.args[0])


class signum(sympy.Function):  # type: ignore[misc]
    nargs = 1

    def fdiff(self, argindex: int = 1) -> sympy.Expr:
        return sympy.S.Zero


class softplus(sympy.Function):  # type: ignore[misc]
    """log(1 + exp(z)), which as written overflows for z above 709."""

    nargs = 1

    def fdiff(self, argindex: int = 1) -> sympy.Expr:
        return sigmoid(self.args[0])


class sigmoid(sympy.Function):  # type: ignore[misc]
    """1 / (1 + exp(-z))."""

    nargs = 1

    def fdiff(self, argindex: int = 1) -> sympy.Expr:
        return self * (1 - self)


class maximum(sympy.Function):  # type: ignore[misc]
    """The larger of two; at a tie its derivative is the mean of both, a subgradient."""

    nargs = 2

    def fdiff(self, argindex: int = 1) -> sympy.Expr:
        a, b = self.args
        return (1 + signum(a - b if argindex == 1 else b - a)) / 2


class minimum(sympy.Function):  # type: ignore[misc]
    """The smaller of two."""

    nargs = 2

    def fdiff(self, argindex: int = 1) -> sympy.Expr:
        a, b = self.args
        return (1 - signum(a - b if argindex == 1 else b - a)) / 2


_RUNTIME = {
    "absolute": np.abs,
    "signum": np.sign,
    "softplus": _graph.softplus,
    "sigmoid": _graph.sigmoid,
    "power": _graph.power,
    "maximum": np.maximum,
    "minimum": np.minimum,
}
_FUNCTIONS: dict[str, Callable[[sympy.Expr], sympy.Expr]] = {
    "sin": sympy.sin,
    "cos": sympy.cos,
    "tan": sympy.tan,
    "tanh": sympy.tanh,
    "exp": sympy.exp,
    "log": sympy.log,
    "sqrt": sympy.sqrt,
    "abs": absolute,
    "softplus": softplus,
    "sigmoid": sigmoid,
}
_EXTREMES: dict[str, Callable[[sympy.Expr, sympy.Expr], sympy.Expr]] = {"minimum": minimum, "maximum": maximum}
_SIGNS: dict[str, Callable[[Any, Any], Any]] = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}


def symbol(name: str) -> sympy.Symbol:
    """Return a real variable."""
    return sympy.Symbol(name, real=True)


def constant(name: str) -> sympy.Expr:
    """Return pi or e, exactly."""
    return {"pi": sympy.pi, "e": sympy.E}[name]


def number(value: float) -> sympy.Expr:
    """Return a whole number exactly and any other as a float."""
    return sympy.Integer(value) if isinstance(value, int) else sympy.Float(value)


def exponent(value: float, written: sympy.Expr) -> sympy.Expr:
    """Return an exponent exactly where it is a whole number of halves, so that 0.5 is a square root."""
    return sympy.Rational(int(2 * value), 2) if float(2 * value).is_integer() else written


def function(name: str, argument: sympy.Expr) -> sympy.Expr:
    """Return one of the named functions of an expression."""
    return _FUNCTIONS[name](argument)


def built(part: Part) -> sympy.Expr:
    """Return the expression of a formula's parts, node by node; of constants, what is exact and short stays exact."""
    inner = [built(each) for each in part.parts]
    match part.kind:
        case "number":
            return number(part.written)
        case "constant":
            return constant(part.name)
        case "weight":
            return symbol(part.name)
        case "minus":
            return -inner[0]
        case "**":
            n = part.parts[1].value
            return _short(inner[0] ** (inner[1] if n is None else exponent(n, inner[1])), part.value)
        case "call" if part.name in _EXTREMES:
            return _short(functools.reduce(_EXTREMES[part.name], inner), part.value)
        case "call":
            return _short(function(part.name, inner[0]), part.value)
    return _short(_SIGNS[part.kind](inner[0], inner[1]), part.value)


def _short(exact: sympy.Expr, value: float | None) -> sympy.Expr:
    """Return a constant as it is where it is a short fraction or a symbol such as pi, and as a float where it has grown long."""
    long = value is not None and isinstance(exact, sympy.Rational) and max(abs(exact.p), exact.q) > _DIGITS
    return number(value) if long and value is not None else exact


class _Numpy(NumPyPrinter):  # type: ignore[misc]
    def _print_Pow(self, expr: sympy.Pow, rational: bool = False) -> str:
        if expr.exp.is_Integer and abs(int(expr.exp)) >= 3:
            power = f"power({self._print(expr.base)}, {abs(int(expr.exp))})"
            return power if expr.exp > 0 else f"(1.0/{power})"
        return str(super()._print_Pow(expr, rational=rational))


class _Latex(LatexPrinter):  # type: ignore[misc]
    def _as_ordered_terms(self, expr: sympy.Add, order: str | None = None) -> list[sympy.Expr]:
        # A sum starts with a positive term where it has one: w2 - w1^2, not -w1^2 + w2.
        terms = list(super()._as_ordered_terms(expr, order))
        first = next((i for i, term in enumerate(terms) if not term.could_extract_minus_sign()), 0)
        return [terms[first], *terms[:first], *terms[first + 1 :]]

    def _print_absolute(self, expr: sympy.Expr, exp: str | None = None) -> str:
        bars = rf"\left|{self._print(expr.args[0])}\right|"
        return bars if exp is None else f"{bars}^{{{exp}}}"

    def _print_softplus(self, expr: sympy.Expr, exp: str | None = None) -> str:
        inner = rf"\log\left(1 + e^{{{self._print(expr.args[0])}}}\right)"
        return inner if exp is None else rf"\left({inner}\right)^{{{exp}}}"

    def _print_maximum(self, expr: sympy.Expr, exp: str | None = None) -> str:
        return rf"\max{'' if exp is None else f'^{{{exp}}}'}\left({', '.join(map(self._print, expr.args))}\right)"

    def _print_minimum(self, expr: sympy.Expr, exp: str | None = None) -> str:
        return rf"\min{'' if exp is None else f'^{{{exp}}}'}\left({', '.join(map(self._print, expr.args))}\right)"

    def _print_sigmoid(self, expr: sympy.Expr, exp: str | None = None) -> str:
        return rf"\sigma{'' if exp is None else f'^{{{exp}}}'}\left({self._print(expr.args[0])}\right)"


class _JavaScript(JavascriptCodePrinter):  # type: ignore[misc]
    def _print_absolute(self, expr: sympy.Expr) -> str:
        return f"Math.abs({self._print(expr.args[0])})"

    def _print_maximum(self, expr: sympy.Expr) -> str:
        return f"Math.max({', '.join(map(self._print, expr.args))})"

    def _print_minimum(self, expr: sympy.Expr) -> str:
        return f"Math.min({', '.join(map(self._print, expr.args))})"

    def _print_softplus(self, expr: sympy.Expr) -> str:
        inner = self._print(expr.args[0])
        return f"(Math.max({inner}, 0) + Math.log1p(Math.exp(-Math.abs({inner}))))"

    def _print_sigmoid(self, expr: sympy.Expr) -> str:
        return f"(0.5 + 0.5*Math.tanh(0.5*({self._print(expr.args[0])})))"


def latex(expr: sympy.Expr) -> str:
    """Return an expression as LaTeX, its floats shortened to five digits."""
    short = expr.xreplace({each: sympy.Float(f"{float(each):.{_LATEX_DIGITS}g}") for each in expr.atoms(sympy.Float)})
    settings = {"symbol_names": {symbol("w1"): "w_1", symbol("w2"): "w_2"}, "full_prec": False}
    return str(_Latex(settings).doprint(short))


def javascript(expr: sympy.Expr) -> str:
    """Return an expression as JavaScript."""
    return str(_JavaScript().doprint(expr))


@dataclass(frozen=True)
class Derivatives:
    """An expression and its first and second derivatives, as NumPy functions of its variables."""

    value: Callable[..., Any]
    gradient: Callable[..., Any]
    hessian: Callable[..., Any]
    singular: bool


def derivatives(expr: sympy.Expr, *names: str) -> Derivatives:
    """Return an expression and its derivatives in the first of ``names`` or, where there are w1 and w2, in both.

    ``value`` gives one array, ``gradient`` a list of one for each variable, ``hessian`` those of the upper triangle, row by row; one that does not
    depend on any variable comes as a number. ``singular`` says whether the formula has parts that need not be finite, or smooth, everywhere.
    """
    variables = [symbol(name) for name in names]
    moving = [variable for variable in variables if variable.name in ("w1", "w2", "z")]
    slopes = [_plain(expr.diff(variable)) for variable in moving]
    bends = [_plain(slopes[i].diff(moving[j])) for i in range(len(moving)) for j in range(i, len(moving))]
    value, gradient, hessian = (_numpy(variables, each) for each in (expr, slopes, bends))
    return Derivatives(value, gradient, hessian, _singular(expr))


def _plain(expr: sympy.Expr) -> sympy.Expr:
    """Drop what a kink's second derivative leaves at the kink alone."""
    return expr.replace(sympy.DiracDelta, lambda *_: sympy.S.Zero) if expr.has(sympy.DiracDelta) else expr


def _numpy(variables: list[sympy.Symbol], expr: Any) -> Callable[..., Any]:  # noqa: ANN401 - an expression or a list of them
    settings = {"fully_qualified_modules": False, "inline": True, "allow_unknown_functions": True}
    made: Callable[..., Any] = sympy.lambdify(variables, expr, modules=[_RUNTIME, "numpy"], printer=_Numpy(settings), cse=True)
    return made


def _singular(expr: sympy.Expr) -> bool:
    odd = (power for power in expr.atoms(sympy.Pow) if power.base.free_symbols and not (power.exp.is_Integer and power.exp > 0))
    return any(odd) or expr.has(sympy.log, sympy.tan, sympy.Abs)
