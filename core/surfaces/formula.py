"""Text in w1 and w2 -> an allow-listed syntax tree -> a SymPy expression that we build ourselves, node by node.

Text is never evaluated: Python's own parser gives a tree, and of that tree only numbers, a few names, arithmetic and a few functions are taken.
Every limit below is there so that no text, however written, makes the server work long: sizes are checked before SymPy sees a number.
"""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NoReturn

from core.errors import InvalidInput

if TYPE_CHECKING:
    import sympy

LENGTH = 600
NODES = 250
DEPTH = 60
EXPONENT = 16.0
DEGREE = 32.0
SLOPES = 800  # operations in the gradient: the product rule makes m factors into m^2 in the gradient and m^3 in the Hessian
LARGEST = 1e12  # of a number in a formula, and of a surface's height in its window; 1 / LARGEST is the smallest
_DIGITS = 10**15  # a fraction whose parts grow beyond this becomes a float: exact arithmetic on long fractions could go on for ever

_FUNCTIONS: Mapping[str, Callable[[float], float]] = {
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "tanh": math.tanh,
    "exp": math.exp,
    "log": math.log,
    "sqrt": math.sqrt,
    "abs": abs,
    "softplus": lambda z: max(z, 0.0) + math.log1p(math.exp(-abs(z))),
    "sigmoid": lambda z: 0.5 + 0.5 * math.tanh(0.5 * z),
}
_CONSTANTS: Mapping[str, float] = {"pi": math.pi, "e": math.e}
_OPERATORS: Mapping[type[ast.operator], tuple[str, Callable[[Any, Any], Any]]] = {
    ast.Add: ("+", operator.add),
    ast.Sub: ("-", operator.sub),
    ast.Mult: ("*", operator.mul),
    ast.Div: ("/", operator.truediv),
    ast.Pow: ("**", operator.pow),
}
_ALLOWED = "w1, w2, numbers, pi, e, + - * / **, parentheses and " + ", ".join(_FUNCTIONS)
# A number with a letter right behind it: 2w1, 0x10, 1_000. An exponent of ten (1e-3) is part of the number.
_STUCK = re.compile(r"(?<![A-Za-z_0-9.])(?>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?=[A-Za-z_])")


def expression(text: str, names: tuple[str, ...] = ("w1", "w2")) -> sympy.Expr:
    """Return the SymPy expression of a formula.

    Parameters
    ----------
    text:
        A formula such as ``"(1 - w1)**2 + 100*(w2 - w1**2)**2"``.
    names:
        The variables that it may use.

    Raises
    ------
    InvalidInput
        Where the text is no formula of the allowed parts, or too long, too deep or too large; the message says where.
    """
    return _Builder(cleaned(text), names).build()


def cleaned(text: str) -> str:
    """Return a formula on one line, its characters and its length checked."""
    if not isinstance(text, str):
        raise InvalidInput(f"a formula of type {type(text).__name__}", "text in w1 and w2", "Write a formula such as (w1 - 1)**2 + w2**2.")
    flat = " ".join(text.split())
    if not flat:
        raise InvalidInput("an empty formula", _ALLOWED, "Write a formula such as (w1 - 1)**2 + w2**2.")
    if len(flat) > LENGTH:
        raise InvalidInput(f"a formula of {len(flat)} characters", f"at most {LENGTH} characters", "Write a shorter formula.")
    strange = re.search(r"[^A-Za-z0-9_ .+\-*/()]", flat)
    if strange:
        remedy = "Write ** for a power." if strange[0] == "^" else "Leave it out."
        _refuse(f"the character {strange[0]!r}", strange.start(), remedy)
    stuck = _STUCK.search(flat)
    if stuck:
        _refuse(f"the number {stuck[0]} with a letter right behind it", stuck.start(), f"Write {stuck[0]}* for a product.")
    return flat


def _refuse(what: str, place: int, remedy: str, allowed: str = _ALLOWED) -> NoReturn:
    raise InvalidInput(f"{what} at character {place + 1} of the formula", allowed, remedy)


class _Builder:
    """One pass over one tree. Each node gives its expression, its value where it is a constant, and its degree as a polynomial."""

    def __init__(self, text: str, names: tuple[str, ...]) -> None:
        from core.surfaces import _symbolic  # here, not above: SymPy takes half a second that no page needs before its first surface

        self.symbolic = _symbolic
        self.text, self.names, self.nodes = text, names, 0

    def build(self) -> sympy.Expr:
        try:
            tree = ast.parse(self.text, mode="eval")
        except SyntaxError as error:
            place = min(max((error.offset or 1) - 1, 0), len(self.text))
            _refuse("something that does not read as a formula", place, "Look for a missing operator, operand or parenthesis there.")
        except (ValueError, RecursionError, MemoryError):
            raise InvalidInput("a formula too deep to read", f"at most {DEPTH} levels", "Use fewer parentheses and signs.") from None
        result, _, _ = self.visit(tree.body, 0)
        if not self.symbolic.is_real(result):
            raise InvalidInput(
                "a formula that is undefined or not real", "a real function of w1 and w2", "Look for a division by 0 or a root of < 0."
            )
        size = self.symbolic.slope_size(result)
        if size > SLOPES:
            raise InvalidInput(f"a formula with {size} operations in its gradient", f"at most {SLOPES}", "Use fewer factors in a product.")
        return result

    def visit(self, node: ast.expr, depth: int) -> tuple[sympy.Expr, float | None, float]:
        self.nodes += 1
        if depth > DEPTH:
            _refuse("a formula too deep", node.col_offset, "Use fewer parentheses and signs.", f"at most {DEPTH} levels")
        if self.nodes > NODES:
            _refuse("a formula too long", node.col_offset, "Write a shorter formula.", f"at most {NODES} numbers, names and operations")
        match node:
            case ast.Constant():
                return self.number(node)
            case ast.Name():
                return self.name(node)
            case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=operand):
                inner, value, degree = self.visit(operand, depth + 1)
                if isinstance(sign, ast.UAdd):
                    return inner, value, degree
                return -inner, None if value is None else -value, degree
            case ast.BinOp():
                return self.binary(node, depth)
            case ast.Call(func=ast.Name(id=name), args=[argument], keywords=[]) if name in _FUNCTIONS:
                return self.call(node, name, argument, depth)
            case ast.Call(func=ast.Name(id=name)) if name in _FUNCTIONS:
                _refuse(f"{name} with other than one argument", node.col_offset, f"Write {name}(...) with one argument.")
            case ast.Call(func=ast.Name(id=name)):
                _refuse(f"the function {name[:20]!r}", node.col_offset, "Use one of the named functions.")
            case _:
                _refuse("something that is no arithmetic", node.col_offset, "Write the formula with the allowed parts alone.")

    def number(self, node: ast.Constant) -> tuple[sympy.Expr, float, float]:
        written = node.value
        if isinstance(written, bool) or not isinstance(written, int | float):
            _refuse("something that is no number", node.col_offset, "Write plain numbers, such as 2 or 0.5.")
        value = float(written) if isinstance(written, float) or abs(written) <= LARGEST else math.inf
        self.bounded(value, node)
        return self.symbolic.number(written), value, 0.0

    def name(self, node: ast.Name) -> tuple[sympy.Expr, float | None, float]:
        if node.id in self.names:
            return self.symbolic.symbol(node.id), None, 1.0
        if node.id in _CONSTANTS:
            return self.symbolic.constant(node.id), _CONSTANTS[node.id], 0.0
        if node.id in _FUNCTIONS:
            _refuse(f"the function {node.id} without its argument", node.col_offset, f"Write {node.id}(...).")
        _refuse(f"the name {node.id[:20]!r}", node.col_offset, f"Use {' and '.join(self.names)} for the weights.")

    def binary(self, node: ast.BinOp, depth: int) -> tuple[sympy.Expr, float | None, float]:
        if type(node.op) not in _OPERATORS:
            _refuse("an operation that is not arithmetic", node.col_offset, "Use + - * / and **.")
        sign, apply = _OPERATORS[type(node.op)]
        left, a, left_degree = self.visit(node.left, depth + 1)
        right, b, right_degree = self.visit(node.right, depth + 1)
        degree = max(left_degree, right_degree) if sign in "+-" else left_degree + right_degree
        if sign == "**":
            if b is None or abs(b) > EXPONENT:
                allowed = f"a number from {-EXPONENT:g} to {EXPONENT:g} as the exponent"
                _refuse("an exponent that is not a small number", node.right.col_offset, "Use exp(...) for an exponent that varies.", allowed)
            degree, right = left_degree * abs(b), self.symbolic.exponent(b, right)
        if degree > DEGREE:
            _refuse(f"a power of degree {degree:g}", node.col_offset, "Use smaller powers.", f"degrees up to {DEGREE:g}")
        value = None
        if a is not None and b is not None:
            value = self.evaluated(lambda: apply(a, b), node)
        if sign == "/" and (b == 0.0 or self.symbolic.is_zero(right)):
            _refuse("a division by 0", node.col_offset, "Divide by something that is not 0.", "any divisor but 0")
        return self.short(apply(left, right), value), value, degree

    def call(self, node: ast.Call, name: str, argument: ast.expr, depth: int) -> tuple[sympy.Expr, float | None, float]:
        inner, value, degree = self.visit(argument, depth + 1)
        if value is not None:
            given = value
            value = self.evaluated(lambda: _FUNCTIONS[name](given), node)
        return self.short(self.symbolic.function(name, inner), value), value, degree

    def evaluated(self, compute: Callable[[], Any], node: ast.expr) -> float:
        """Return a constant's value, before SymPy is asked for it exactly."""
        try:
            value = compute()
        except (ArithmeticError, ValueError):
            value = math.nan
        self.bounded(value, node)
        return float(value)

    def bounded(self, value: float | complex, node: ast.expr) -> None:
        allowed = f"real numbers of size 0, or {1 / LARGEST:g} to {LARGEST:g}"
        if isinstance(value, complex) or not math.isfinite(value):
            _refuse("a number that is undefined or too large", node.col_offset, "Use a smaller number.", allowed)
        if value != 0.0 and not 1.0 / LARGEST <= abs(value) <= LARGEST:
            _refuse(f"the number {value:.3g}", node.col_offset, "Use a number of ordinary size.", allowed)

    def short(self, exact: sympy.Expr, value: float | None) -> sympy.Expr:
        """Return a constant as it is where it is a short fraction or a symbol such as pi, and as a float where it has grown long."""
        return exact if value is None or not self.symbolic.is_long(exact, _DIGITS) else self.symbolic.number(value)
