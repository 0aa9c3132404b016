"""A formula's derivatives without a symbolic library: a graph of shared operations, differentiated forwards, and run as a list of NumPy calls.

Each operation adds a fixed number of others to the graph for each derivative, so that the work grows with the length of the text and not with the
product rule's terms. What two derivatives have in common is there once. Griewank and Walther (2008), Evaluating Derivatives, chapters 2 and 3.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.surfaces.formula import CONSTANTS, Part
from core.wording import number

Floats = NDArray[np.float64]
Op = tuple[str, float]
"""An operation, and the number that belongs to it: a power's exponent; else 0."""

_BLOCK = 4096  # points at a time: what an operation leaves stays in the processor's cache


def power(base: Any, exponent: int) -> Any:  # noqa: ANN401 - arrays and numbers alike
    """Return a whole power by squaring: NumPy's own ``**`` costs twenty times as much beyond squares."""
    result: Any = None
    left = abs(exponent)
    while left:
        if left & 1:
            result = base if result is None else result * base
        left >>= 1
        if left:
            base = base * base
    return np.divide(1.0, result) if exponent < 0 else result


def _real_power(exponent: float, base: Any) -> Any:  # noqa: ANN401
    return np.power(base, exponent)


def softplus(z: Any) -> Any:  # noqa: ANN401
    """Return log(1 + exp(z)), which as written overflows for z above 709."""
    return np.maximum(z, 0.0) + np.log1p(np.exp(-np.abs(z)))


def sigmoid(z: Any) -> Any:  # noqa: ANN401
    """Return 1 / (1 + exp(-z))."""
    return 0.5 + 0.5 * np.tanh(0.5 * z)


def _pick(sign: Any, above: Any, below: Any) -> Any:  # noqa: ANN401
    """Return ``above`` where a sign is 1, ``below`` where it is -1, and between them, where it is 0, their mean: a subgradient at a kink."""
    return np.where(sign > 0.0, above, np.where(sign < 0.0, below, 0.5 * (above + below)))


_CALLS: dict[str, Callable[..., Any]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "minus": np.negative,
    "sqrt": np.sqrt,
    "exp": np.exp,
    "log": np.log,
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "tanh": np.tanh,
    "abs": np.abs,
    "sign": np.sign,
    "softplus": softplus,
    "sigmoid": sigmoid,
    "maximum": np.maximum,
    "minimum": np.minimum,
    "pick": _pick,
}
_HOLES = ("log", "sqrt", "tan", "/", "**")


def _call(op: Op) -> Callable[..., Any]:
    if op[0] != "**":
        return _CALLS[op[0]]
    return partial(power, exponent=int(op[1])) if op[1].is_integer() else partial(_real_power, op[1])


class Graph:
    """Operations on w1, w2 and numbers, each once; a node is its number, and what it is made of has smaller ones."""

    def __init__(self, names: tuple[str, ...] = ("w1", "w2")) -> None:
        self.ops: list[Op] = []
        self.args: list[tuple[int, ...]] = []
        self.known: list[float | None] = []
        self._found: dict[tuple[Op, tuple[int, ...], float | None], int] = {}
        self.weights = tuple(self._added((name, 0.0), (), None) for name in names)
        self._names = dict(zip(names, self.weights, strict=True))
        self.zero, self.one = self.number(0.0), self.number(1.0)

    def __len__(self) -> int:
        """How many nodes there are."""
        return len(self.ops)

    def number(self, value: float) -> int:
        """Return the node of a number."""
        return self._added(("number", 0.0), (), value)

    def node(self, name: str, *args: int, exponent: float = 0.0) -> int:
        """Return the node of an operation as it is; of numbers alone, what it comes to."""
        op = (name, exponent)
        values = [self.known[i] for i in args]
        if None not in values:
            with np.errstate(all="ignore"):
                value = float(_call(op)(*(np.float64(each) for each in values)))
            if math.isfinite(value):
                return self.number(value)
        if name in ("+", "*", "maximum", "minimum"):
            args = tuple(sorted(args))
        return self._added(op, args, None)

    def of(self, part: Part) -> int:
        """Return the node of a formula."""
        inner = [self.of(each) for each in part.parts]
        match part.kind:
            case "number":
                return self.number(float(part.written))
            case "constant":
                return self.number(CONSTANTS[part.name])
            case "weight":
                return self._names[part.name]
            case "call" if part.name in ("minimum", "maximum"):
                result = inner[0]
                for each in inner[1:]:
                    result = self.node(part.name, result, each)
                return result
            case "call":
                return self.node(part.name, inner[0])
            case "**":
                return self.power(inner[0], float(part.parts[1].value or 0.0))
            case _:
                return self.node(part.kind, *inner)

    def power(self, base: int, exponent: float) -> int:
        """Return a power by a number."""
        if exponent == 0.0:
            return self.one
        if exponent == 1.0:
            return base
        return self.node("sqrt", base) if exponent == 0.5 else self.node("**", base, exponent=exponent)

    # ------------------------------------------------------------------- what derivatives are made with: 0 and 1 leave no trace

    def plus(self, a: int, b: int) -> int:
        if a == self.zero or b == self.zero:
            return b if a == self.zero else a
        return self.node("+", a, b)

    def less(self, a: int, b: int) -> int:
        if b == self.zero:
            return a
        return self.zero if a == b else self.minus(b) if a == self.zero else self.node("-", a, b)

    def minus(self, a: int) -> int:
        if self.ops[a][0] == "minus":
            return self.args[a][0]
        return self.node("minus", a)

    def times(self, a: int, b: int) -> int:
        if self.zero in (a, b):
            return self.zero
        if self.one in (a, b):
            return b if a == self.one else a
        if self.known[b] is not None:
            a, b = b, a
        if self.known[a] is not None and self.ops[b][0] == "*":
            first, second = self.args[b]
            for factor, other in ((first, second), (second, first)):
                if self.known[factor] is not None:
                    return self.times(self.node("*", a, factor), other)
        return self.node("*", a, b)

    def over(self, a: int, b: int) -> int:
        if a == self.zero:
            return self.zero
        return a if b == self.one else self.node("/", a, b)

    # ------------------------------------------------------------------------------------------------------ derivatives

    def outputs(self, result: int, moving: int = 2) -> tuple[int, ...]:
        """Return the nodes of a value, of its slopes in the first ``moving`` weights, and of the upper triangle of its second derivatives."""
        weights = self.weights[:moving]
        slopes = [self.slope(result, weight) for weight in weights]
        return (result, *slopes, *(self.slope(slopes[i], weights[j]) for i in range(moving) for j in range(i, moving)))

    def slope(self, result: int, weight: int) -> int:
        """Return the node of a node's derivative in a weight, a subgradient at a kink."""
        count = result + 1
        needed = self.below((result,))
        slopes = {weight: self.one}
        for i in range(count):
            if i in needed and i != weight:
                inner = [slopes.get(each, self.zero) for each in self.args[i]]
                if any(each != self.zero for each in inner):
                    slopes[i] = self._rule(i, inner)
        return slopes.get(result, self.zero)

    def _rule(self, i: int, d: list[int]) -> int:
        """Return the derivative of a node, given those of what it is made of."""
        (name, exponent), args = self.ops[i], self.args[i]
        a = args[0]
        match name:
            case "+":
                return self.plus(d[0], d[1])
            case "-":
                return self.less(d[0], d[1])
            case "minus":
                return self.zero if d[0] == self.zero else self.minus(d[0])
            case "*":
                return self.plus(self.times(d[0], args[1]), self.times(a, d[1]))
            case "/":
                return self.over(self.less(d[0], self.times(i, d[1])), args[1])
            case "maximum":
                return self._picked(args, d[0], d[1])
            case "minimum":
                return self._picked(args, d[1], d[0])
            case "pick":
                return d[1] if d[1] == d[2] else self.node("pick", a, d[1], d[2])
        return self.times(self._outer(i, name, exponent, a), d[0])

    def _picked(self, args: tuple[int, ...], above: int, below: int) -> int:
        return above if above == below else self.node("pick", self.node("sign", self.node("-", *args)), above, below)

    def _outer(self, i: int, name: str, exponent: float, a: int) -> int:
        """Return the derivative of a function of one argument in that argument."""
        match name:
            case "**":
                return self.times(self.number(exponent), self.power(a, exponent - 1.0))
            case "sqrt":
                return self.node("/", self.number(0.5), i)
            case "exp":
                return i
            case "log":
                return self.node("/", self.one, a)
            case "sin":
                return self.node("cos", a)
            case "cos":
                return self.minus(self.node("sin", a))
            case "tan":
                return self.plus(self.one, self.node("**", i, exponent=2.0))
            case "tanh":
                return self.less(self.one, self.node("**", i, exponent=2.0))
            case "abs":
                return self.node("sign", a)
            case "softplus":
                return self.node("sigmoid", a)
            case "sigmoid":
                return self.times(i, self.less(self.one, i))
        return self.zero  # a sign

    def below(self, results: tuple[int, ...]) -> set[int]:
        """Return all nodes that these are made of, themselves included."""
        seen, waiting = set(results), list(results)
        while waiting:
            for each in self.args[waiting.pop()]:
                if each not in seen:
                    seen.add(each)
                    waiting.append(each)
        return seen

    def has_holes(self, result: int) -> bool:
        """Whether a node may be undefined somewhere: it has a logarithm, a root, a tangent, a divisor or a broken power of what moves."""
        for i in self.below((result,)):
            name, exponent = self.ops[i]
            moving = any(self.known[each] is None for each in self.args[i][-1:])
            if name in _HOLES and moving and not (name == "**" and exponent > 0.0 and exponent.is_integer()):
                return True
        return False

    def why(self, result: int, point: Floats) -> str:
        """Return in words why a node is not a finite number at a point (2,); "" where it is one."""
        values: dict[int, float] = {}
        for i in sorted(self.below((result,))):
            if i in self.weights:
                values[i] = float(point[self.weights.index(i)])
                continue
            if (known := self.known[i]) is not None:
                values[i] = known
                continue
            given = [np.float64(values[each]) for each in self.args[i]]
            with np.errstate(all="ignore"):
                values[i] = float(_call(self.ops[i])(*given))
            if not math.isfinite(values[i]):
                return _reason(self.ops[i], [float(each) for each in given])
        return ""

    def _added(self, op: Op, args: tuple[int, ...], known: float | None) -> int:
        key = (op, args, known)
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = len(self.ops)
            self.ops.append(op)
            self.args.append(args)
            self.known.append(known)
        return found


def _reason(op: Op, given: list[float]) -> str:
    (name, exponent), last = op, given[-1]
    if name == "log" and last <= 0.0:
        return "log of 0" if last == 0.0 else f"log of a negative number, {number(last)}"
    if name == "sqrt" and last < 0.0:
        return f"square root of a negative number, {number(last)}"
    if last == 0.0 and (name == "/" or (name == "**" and exponent < 0.0)):
        return "a division by 0"
    if name == "**" and last < 0.0 and not exponent.is_integer():
        return f"power {number(exponent)} of a negative number, {number(last)}"
    return "a number too large for any computer"


class Tape:
    """Some nodes of a graph as a list of NumPy calls, which reuse the places of what nobody needs any more."""

    def __init__(self, graph: Graph, results: tuple[int, ...]) -> None:
        order = sorted(graph.below(results))
        last = {each: i for i in order for each in graph.args[i]} | dict.fromkeys(results, len(graph))
        places: dict[int, int] = {}
        self._first: list[Any] = []
        self._weights: list[tuple[int, int]] = []
        self._calls: list[tuple[Callable[..., Any], int, int, int, int]] = []
        free: list[int] = []
        for i in order:
            known, args = graph.known[i], graph.args[i]
            if i in graph.weights or known is not None:
                places[i] = len(self._first)
                self._first.append(known)
                if known is None:
                    self._weights.append((places[i], graph.weights.index(i)))
                continue
            taken = [places[each] for each in args] + [-1] * (3 - len(args))
            for each in set(args):
                if last[each] == i and graph.known[each] is None and each not in graph.weights:
                    free.append(places[each])
            places[i] = free.pop() if free else len(self._first)
            if places[i] == len(self._first):
                self._first.append(None)
            self._calls.append((_call(graph.ops[i]), places[i], taken[0], taken[1], taken[2]))
        self._results = [places[each] for each in results]

    def __len__(self) -> int:
        """How many calls it takes."""
        return len(self._calls)

    def run(self, x: Floats) -> list[Floats]:
        """Return each result, (...), at points x (..., 2)."""
        shape = x.shape[:-1]
        flat = x.reshape(-1, 2)
        if len(flat) <= _BLOCK:
            return [_shaped(part, shape) for part in self._once(flat)]
        found = [np.empty(len(flat)) for _ in self._results]
        for at in range(0, len(flat), _BLOCK):
            for whole, part in zip(found, self._once(flat[at : at + _BLOCK]), strict=True):
                whole[at : at + _BLOCK] = part
        return [each.reshape(shape) for each in found]

    def _once(self, flat: Floats) -> list[Any]:
        places = self._first.copy()
        for place, weight in self._weights:
            places[place] = flat[:, weight]
        for call, to, a, b, c in self._calls:
            if b < 0:
                places[to] = call(places[a])
            elif c < 0:
                places[to] = call(places[a], places[b])
            else:
                places[to] = call(places[a], places[b], places[c])
        return [places[each] for each in self._results]


def _shaped(part: Any, shape: tuple[int, ...]) -> Floats:  # noqa: ANN401 - an array or a number
    if np.ndim(part) == 0:
        return np.full(shape, float(part))
    reshaped: Floats = np.asarray(part, dtype=np.float64).reshape(shape)
    return reshaped
