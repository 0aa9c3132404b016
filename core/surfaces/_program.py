"""A formula for the browser: value, gradient and Hessian as a list of operations on numbered places, which it carries out without evaluating code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy

_FUNCTIONS = ("exp", "log", "sin", "cos", "tan", "tanh", "absolute", "signum", "softplus", "sigmoid", "minimum", "maximum")
_MANY = ("minimum", "maximum")


@dataclass(frozen=True)
class Program:
    """Operations in order. Places are numbered: the variables, the constants, then one for the result of each operation.

    Attributes
    ----------
    names:
        The variables.
    constants:
        Their values.
    code:
        (operation, place, place or None, whole exponent or None) each; ``add``, ``mul``, ``div`` and ``pow`` of two places, ``int`` of a place and a
        whole exponent, and the named functions.
    outputs:
        The places of value, gradient and the Hessian's upper triangle.
    """

    names: tuple[str, ...]
    constants: tuple[float, ...]
    code: tuple[tuple[str, int, int | None, int | None], ...]
    outputs: tuple[int, ...]

    def plain(self) -> dict[str, Any]:
        """Return it as plain data for a message."""
        return {
            "names": list(self.names),
            "constants": list(self.constants),
            "code": [list(each) for each in self.code],
            "outputs": list(self.outputs),
        }


def program(expressions: list[sympy.Expr], names: tuple[str, ...]) -> Program:
    """Return the program of several expressions, which share what they have in common.

    Parameters
    ----------
    expressions:
        In the order of the outputs: what the first of them need is computed first.
    names:
        The variables' names.
    """
    return _Writer(names).write(expressions)


class _Writer:
    """Numbers every part of the expressions once."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names
        self.constants: dict[float, int] = {}
        self.shared: dict[Any, sympy.Expr] = {}
        self.known: dict[Any, tuple[str, int]] = {}
        self.code: list[tuple[str, tuple[str, int], tuple[str, int] | None, int | None]] = []

    def write(self, expressions: list[sympy.Expr]) -> Program:
        shared, rest = sympy.cse(expressions, order="none")
        # Parts are placed when they are first needed, so that the value alone costs no derivative.
        self.shared = dict(shared)
        outputs = [self.place(part) for part in rest]
        variables, constants = len(self.names), len(self.constants)
        starts = {"in": 0, "const": variables, "op": variables + constants}

        def number(place: tuple[str, int]) -> int:
            return starts[place[0]] + place[1]

        code = tuple((name, number(a), None if b is None else number(b), whole) for name, a, b, whole in self.code)
        return Program(self.names, tuple(self.constants), code, tuple(number(each) for each in outputs))

    def place(self, expr: sympy.Expr) -> tuple[str, int]:
        if expr not in self.known:
            self.known[expr] = self.made(expr)
        return self.known[expr]

    def made(self, expr: sympy.Expr) -> tuple[str, int]:
        if expr in self.shared:
            return self.place(self.shared[expr])
        if expr.is_Symbol:
            return "in", self.names.index(expr.name)
        if expr.is_number and not expr.free_symbols:
            return self.constant(float(expr))
        if expr.is_Add or expr.is_Mul:
            return self.folded("add" if expr.is_Add else "mul", list(expr.args))
        if expr.is_Pow:
            return self.power(expr.base, expr.exp)
        name = type(expr).__name__
        if name not in _FUNCTIONS:
            raise NotImplementedError(f"the browser has no function {name}")
        if name in _MANY:
            return self.folded(name, list(expr.args))
        return self.add(name, self.place(expr.args[0]))

    def constant(self, value: float) -> tuple[str, int]:
        return "const", self.constants.setdefault(value, len(self.constants))

    def folded(self, name: str, parts: list[sympy.Expr]) -> tuple[str, int]:
        total = self.place(parts[0])
        for part in parts[1:]:
            # A division is written as one: x * y**-1 would round twice.
            if name == "mul" and part.is_Pow and part.exp.is_number and part.exp.is_negative:
                total = self.add("div", total, self.place(part.base ** (-part.exp)))
            else:
                total = self.add(name, total, self.place(part))
        return total

    def power(self, base: sympy.Expr, exponent: sympy.Expr) -> tuple[str, int]:
        if exponent == sympy.Rational(1, 2):
            return self.add("sqrt", self.place(base))
        if exponent.is_negative:
            return self.add("div", self.constant(1.0), self.place(base ** (-exponent)))
        if exponent.is_Integer:
            return self.add("int", self.place(base), None, int(exponent))
        if base == sympy.E:
            return self.add("exp", self.place(exponent))
        return self.add("pow", self.place(base), self.place(exponent))

    def add(self, name: str, a: tuple[str, int], b: tuple[str, int] | None = None, whole: int | None = None) -> tuple[str, int]:
        self.code.append((name, a, b, whole))
        return "op", len(self.code) - 1
