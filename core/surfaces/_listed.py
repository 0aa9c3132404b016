"""A formula for the browser: value, gradient and Hessian as a list of operations on numbered places, which it carries out without evaluating code."""

from __future__ import annotations

from typing import Any

from core.surfaces._graph import Graph
from core.surfaces.formula import tree

_NAMES = {"abs": "absolute", "sign": "signum", "+": "add", "*": "mul", "/": "div"}


def program(text: str, names: tuple[str, ...] = ("w1", "w2"), moving: int = 2) -> dict[str, Any]:
    """Return the list of a formula that has no holes, with its derivatives in the first ``moving`` of its variables."""
    graph = Graph(names)
    return listed(graph, graph.outputs(graph.of(tree(text, names)), moving), partial=False)


def listed(graph: Graph, outputs: tuple[int, ...], partial: bool) -> dict[str, Any]:
    """Return value, gradient and Hessian, in that order, as plain data.

    Places are numbered: the variables, the constants, then one for the result of each operation. ``code`` has (operation, place, place or None, whole
    exponent or None) each: ``add``, ``mul``, ``div`` and ``pow`` of two places, ``int`` of a place and a whole exponent, and the named functions.

    Parameters
    ----------
    outputs:
        The nodes of the value, of its two slopes, and of the Hessian's upper triangle.
    partial:
        Whether the formula has holes: then a slope is no number where the value is none.
    """
    return _Writer(graph).write(outputs, partial)


class _Writer:
    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.places: dict[int, tuple[str, int]] = {node: ("in", i) for i, node in enumerate(graph.weights)}
        self.constants: dict[float, int] = {}
        self.code: list[tuple[str, tuple[str, int], tuple[str, int] | None, int | None]] = []

    def write(self, outputs: tuple[int, ...], partial: bool) -> dict[str, Any]:
        value, *rest = outputs
        found = [self.placed(value)]
        # What comes first needs nothing of what comes later: the browser stops where it has what it is asked for.
        for part in (rest[:2], rest[2:]):
            places = [self.placed(node) for node in part]
            if partial:
                nothing = self.add("mul", found[0], self.constant(0.0))
                places = [self.add("add", place, nothing) for place in places]
            found += places
        variables, constants = len(self.graph.weights), len(self.constants)
        starts = {"in": 0, "const": variables, "op": variables + constants}

        def number(place: tuple[str, int]) -> int:
            return starts[place[0]] + place[1]

        code = [[name, number(a), None if b is None else number(b), whole] for name, a, b, whole in self.code]
        return {
            "names": [self.graph.ops[node][0] for node in self.graph.weights],
            "constants": list(self.constants),
            "code": code,
            "outputs": [number(each) for each in found],
        }

    def placed(self, node: int) -> tuple[str, int]:
        """Return the place of a node, once all that it is made of has one: smaller nodes come first."""
        for each in sorted(self.graph.below((node,))):
            if each not in self.places:
                known = self.graph.known[each]
                self.places[each] = self.made(each) if known is None else self.constant(known)
        return self.places[node]

    def made(self, node: int) -> tuple[str, int]:
        (name, exponent), args = self.graph.ops[node], [self.places[each] for each in self.graph.args[node]]
        match name:
            case "minus":
                return self.less(args[0])
            case "-":
                return self.add("add", args[0], self.less(args[1]))
            case "pick":
                # What is above counts wholly, half at a tie, or not at all.
                share = self.add("step", args[0])
                return self.add("add", args[2], self.add("mul", share, self.add("add", args[1], self.less(args[2]))))
            case "**" if exponent.is_integer():
                whole = self.add("int", args[0], None, abs(int(exponent)))
                return whole if exponent > 0.0 else self.add("div", self.constant(1.0), whole)
            case "**":
                return self.add("pow", args[0], self.constant(exponent))
        return self.add(_NAMES.get(name, name), args[0], args[1] if len(args) > 1 else None)

    def less(self, place: tuple[str, int]) -> tuple[str, int]:
        return self.add("mul", place, self.constant(-1.0))

    def constant(self, value: float) -> tuple[str, int]:
        return "const", self.constants.setdefault(value, len(self.constants))

    def add(self, name: str, a: tuple[str, int], b: tuple[str, int] | None = None, whole: int | None = None) -> tuple[str, int]:
        self.code.append((name, a, b, whole))
        return "op", len(self.code) - 1
