"""Text in w1 and w2 -> a tree of allow-listed parts. What is made of the tree (numbers, derivatives, LaTeX, code) is made elsewhere.

Text is never evaluated, and no parser of a programming language ever sees it: the few lines below know numbers, a few names, arithmetic and a few
functions, and nothing else. Every limit is there so that no text, however written, makes the server work long.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NoReturn

from core.errors import InvalidInput

if TYPE_CHECKING:
    import sympy

LENGTH = 600
NODES = 250
DEPTH = 60
EXPONENT = 16.0
DEGREE = 32.0
LARGEST = 1e12  # of a number in a formula, and of a surface's height in its window; 1 / LARGEST is the smallest
ARGUMENTS = 12  # of minimum and maximum
_RAW = 4 * LENGTH  # characters with all blanks, that are looked at

FUNCTIONS: Mapping[str, Callable[[float], float]] = {
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
EXTREMES: Mapping[str, Callable[..., float]] = {"minimum": min, "maximum": max}
CONSTANTS: Mapping[str, float] = {"pi": math.pi, "e": math.e}
_ALIASES = {"min": "minimum", "max": "maximum"}
_OPERATORS: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "**": operator.pow,
}
ALLOWED = "w1, w2, numbers, pi, e, + - * / **, parentheses and " + ", ".join((*FUNCTIONS, *EXTREMES))

_NUMBER = re.compile(r"(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_NAME = re.compile(r"[A-Za-z_][A-Za-z_0-9]*", re.ASCII)
_POWERS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_SIGNS = {
    "^": "Write ** for a power: w1**2.",
    "×": "Write * for a product.",
    "·": "Write * for a product.",
    "⋅": "Write * for a product.",
    "÷": "Write / for a division.",
    "−": "Write the minus sign of the keyboard: -.",
    "–": "Write the minus sign of the keyboard: -.",
    "—": "Write the minus sign of the keyboard: -.",
    "|": "Write abs(w1) for |w1|.",
    "√": "Write sqrt(w1) for a square root.",
    "π": "Write pi.",
    "=": "Write the right-hand side alone: w1**2 + w2**2.",
    "[": "Write round parentheses: ( and ).",
    "]": "Write round parentheses: ( and ).",
    "{": "Write round parentheses: ( and ).",
    "}": "Write round parentheses: ( and ).",
    "₁": "Write w1, with a plain 1.",
    "₂": "Write w2, with a plain 2.",
    "<": "Write minimum(...) and maximum(...) for cases.",
    ">": "Write minimum(...) and maximum(...) for cases.",
    "!": "Write a factorial as a number: 24 for 4!.",
    "%": "Write a share as a number: 0.05 for 5 %.",
}
_WORDS = {
    "ln": "Write log(w1), which is the natural logarithm.",
    "log10": "Write log(w1)/log(10).",
    "log2": "Write log(w1)/log(2).",
    "sinh": "Write (exp(w1) - exp(-w1))/2.",
    "cosh": "Write (exp(w1) + exp(-w1))/2.",
    "relu": "Write maximum(0, w1).",
    "ReLU": "Write maximum(0, w1).",
    "sign": "Write w1/abs(w1), which has a hole at 0.",
    "sgn": "Write w1/abs(w1), which has a hole at 0.",
    "pow": "Write ** for a power: w1**2.",
    "power": "Write ** for a power: w1**2.",
    "sqr": "Write **2 for a square: w1**2.",
    "E": "Write e.",
    "Pi": "Write pi.",
    "PI": "Write pi.",
}

Kind = Literal["number", "weight", "constant", "minus", "+", "-", "*", "/", "**", "call"]


@dataclass(frozen=True)
class Part:
    """One part of a formula and what it is made of.

    Attributes
    ----------
    kind:
        What it is.
    parts:
        What it is made of, as written: two sides, or the arguments of a call.
    name:
        Of a weight, a constant, a function.
    written:
        A number as its text says it: whole or not.
    value:
        What it comes to where it has no weight in it; else None.
    degree:
        At most so high a power of the weights; what a function makes of it is not counted.
    place:
        Its first character in the text, counted from 0.
    """

    kind: Kind
    parts: tuple[Part, ...] = ()
    name: str = ""
    written: int | float = 0
    value: float | None = None
    degree: float = 0.0
    place: int = 0


def tree(text: str, names: tuple[str, ...] = ("w1", "w2")) -> Part:
    """Return the parts of a formula.

    Parameters
    ----------
    text:
        A formula such as ``"(1 - w1)**2 + 100*(w2 - w1**2)**2"``. Operators bind as in Python.
    names:
        The variables that it may use.

    Raises
    ------
    InvalidInput
        Where the text is no formula of the allowed parts, or too long, too deep or too large; the message says where, and so does its ``place``.
    """
    return _Parser(text, names).whole()


def expression(text: str, names: tuple[str, ...] = ("w1", "w2")) -> sympy.Expr:
    """Return the SymPy expression of a formula; arguments and errors are those of `tree`."""
    from core.surfaces import _symbolic  # here, not above: SymPy takes half a second that no page needs before its first surface

    return _symbolic.built(tree(text, names))


def cleaned(text: str) -> str:
    """Return a formula on one line, its type and length checked."""
    if not isinstance(text, str):
        raise InvalidInput(f"a formula of type {type(text).__name__}", "text in w1 and w2", "Write a formula such as (w1 - 1)**2 + w2**2.")
    flat = " ".join(text[: _RAW + 1].split())
    if not flat:
        raise InvalidInput("an empty formula", ALLOWED, "Write a formula such as (w1 - 1)**2 + w2**2.")
    if len(flat) > LENGTH or len(text) > _RAW:
        raise InvalidInput(f"a formula of {len(text)} characters", f"at most {LENGTH} characters", "Write a shorter formula.", (LENGTH, 1))
    return flat


@dataclass(frozen=True)
class _Token:
    kind: Literal["number", "name", "sign", "end"]
    text: str
    place: int


def _refuse(what: str, place: int, remedy: str, allowed: str = ALLOWED, length: int = 1) -> NoReturn:
    raise InvalidInput(f"{what} at character {place + 1} of the formula", allowed, remedy, (place, length))


def _tokens(text: str) -> list[_Token]:
    """Return the words of a text, in order, with an end behind them; places are those in the text as it was given."""
    found: list[_Token] = []
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
        elif number := _NUMBER.match(text, at):
            behind = text[number.end() : number.end() + 1]
            if behind.isascii() and (behind.isalpha() or behind == "_"):
                _stuck(text, number)
            found.append(_Token("number", number[0], at))
            at = number.end()
        elif name := _NAME.match(text, at):
            found.append(_Token("name", name[0], at))
            at = name.end()
        elif text[at] in "+-*/(),":
            sign = text[at : at + 2] if text.startswith("**", at) else text[at]
            if text.startswith("//", at):
                _refuse("an operation that is not arithmetic, //,", at, "Write / for a division.", length=2)
            found.append(_Token("sign", sign, at))
            at += len(sign)
        else:
            _strange(text, at)
    return [*found, _Token("end", "", len(text.rstrip()))]


def _stuck(text: str, number: re.Match[str]) -> NoReturn:
    written, end = number[0], number.end()
    behind = _NAME.match(text, end)
    word = behind[0] if behind else ""
    remedy = f"Write {written}*{word} for a product." if re.fullmatch(r"[A-Za-z]\w{0,8}", word, re.ASCII) else f"Write {written}* for a product."
    if word.startswith("_"):
        remedy = "Write a number's digits without marks between them: 1000."
    _refuse(f"the number {written[:20]} with a letter right behind it", number.start(), remedy, length=end - number.start() + 1)


def _strange(text: str, at: int) -> NoReturn:
    """Refuse a character that no formula has, with what to write in its place."""
    character = text[at]
    remedy = _SIGNS.get(character, "Leave it out.")
    if (digit := character.translate(_POWERS)) != character:
        remedy = f"Write **{digit} for a power."
    elif character == ".":
        remedy = "Write a point in a number alone, such as 0.5, and functions by their name alone: sin(w1)."
    elif character == "|" and text.count("|") % 2:
        remedy = "Write abs(...), with both parentheses, for |...|."
    elif remedy == "Leave it out." and (character.isalpha() or character.isnumeric()):
        remedy = "Write plain letters and digits, as they are on a keyboard."
    _refuse(f"the character {character!r}", at, remedy)


def _word(name: str, names: tuple[str, ...], called: bool) -> str:
    """Return what to write instead of a name that is not known."""
    weights = " and ".join(names)
    small = name.lower()
    if name in _WORDS:
        return _WORDS[name]
    if small in names or small in CONSTANTS or small in FUNCTIONS or small in EXTREMES:
        return f"Write {small}, in small letters."
    if small.replace("_", "") in names:
        return f"Write {small.replace('_', '')}, without a mark between w and its number."
    if small in ("x", "y", "x1", "x2", "a", "b", "w", "theta", "w0", "w3"):
        return f"Use {weights} for the weights."
    if re.fullmatch(r"(w[12]|pi|e){2,8}", name) and not called:
        return "Write * between factors: " + "*".join(re.findall(r"w[12]|pi|e", name)) + "."
    for known in (*FUNCTIONS, *EXTREMES):
        if name.startswith(known) and name[len(known) :] in names:
            return f"Write {known}({name[len(known) :]}), with parentheses."
    return "Use one of the named functions." if called else f"Use {weights} for the weights."


class _Parser:
    """One pass over the words of one text, by the grammar that Python has for arithmetic."""

    def __init__(self, text: str, names: tuple[str, ...]) -> None:
        cleaned(text)
        self.names, self.nodes, self.at = names, 0, 0
        self.text, self.tokens = text, _tokens(text)

    def whole(self) -> Part:
        """Return the whole formula."""
        part = self.sum(0)
        if self.now.kind != "end":
            self._beyond()
        return part

    @property
    def now(self) -> _Token:
        return self.tokens[self.at]

    def took(self, *signs: str) -> str:
        """Return a sign and go on, where it is one of these; else nothing."""
        if self.now.kind == "sign" and self.now.text in signs:
            self.at += 1
            return self.tokens[self.at - 1].text
        return ""

    def sum(self, depth: int) -> Part:
        left = self.product(depth)
        while sign := self.took("+", "-"):
            left = self.both(sign, left, self.product(depth))
        return left

    def product(self, depth: int) -> Part:
        left = self.factor(depth)
        while sign := self.took("*", "/"):
            left = self.both(sign, left, self.factor(depth))
        return left

    def factor(self, depth: int) -> Part:
        place = self.now.place
        self.deep(depth, place)
        if sign := self.took("+", "-"):
            inner = self.factor(depth + 1)
            if sign == "+":
                return inner
            return self.made(Part("minus", (inner,), value=None if inner.value is None else -inner.value, degree=inner.degree, place=place))
        base = self.atom(depth)
        if self.took("**"):
            return self.power(base, self.factor(depth + 1))
        return base

    def atom(self, depth: int) -> Part:
        token = self.now
        if token.kind == "number":
            self.at += 1
            return self.number(token)
        if token.kind == "name":
            self.at += 1
            return self.called(token, depth) if self.now.text == "(" else self.name(token)
        if self.took("("):
            if self.now.text == ")":
                _refuse("nothing between parentheses", token.place, "Write what belongs between them.", length=self.now.place - token.place + 1)
            inner = self.sum(depth + 1)
            self.close(token.place)
            return inner
        return self._missing()

    def close(self, opened: int) -> None:
        if self.took(")"):
            return
        if self.now.kind == "end":
            _refuse("a parenthesis that is not closed", opened, "Write ) where it ends.")
        self._beyond()

    def called(self, token: _Token, depth: int) -> Part:
        """Return a call; the parenthesis behind the name is next."""
        name, opened = _ALIASES.get(token.text, token.text), self.now.place
        if name in self.names or name in CONSTANTS:
            _refuse("two factors without a sign between them", opened, f"Write {name}*( for a product.")
        if name not in FUNCTIONS and name not in EXTREMES:
            what = f"the function {token.text[:20]!r}"
            _refuse(what, token.place, _word(token.text, self.names, called=True), length=len(token.text))
        self.at += 1
        self.deep(depth + 1, token.place)
        arguments: list[Part] = []
        while True:
            if self.now.text in (")", ",") and self.now.kind == "sign":
                example = f"{name}(w1, w2)" if name in EXTREMES else f"{name}(w1)"
                what = f"{name} without its argument" if not arguments else f"{name} with an argument missing"
                _refuse(what, self.now.place if arguments else token.place, f"Write {example}.", length=1 if arguments else len(token.text))
            arguments.append(self.sum(depth + 1))
            if not self.took(","):
                break
        self.close(opened)
        count, length = len(arguments), self.tokens[self.at - 1].place + 1 - token.place
        if name in FUNCTIONS and count != 1:
            comma = " A decimal number has a point: 1.5." if re.search(r"\d,\d", self.text) else ""
            _refuse(f"{name} with {count} arguments, other than one argument,", token.place, f"Write {name}(w1).{comma}", length=length)
        if name in EXTREMES and not 2 <= count <= ARGUMENTS:
            remedy = f"Write {name}(w1, w2)." if count < 2 else "Write one inside the other."
            _refuse(f"{name} with {count} argument{'s' * (count > 1)}", token.place, remedy, f"2 to {ARGUMENTS} arguments", length)
        values = [each.value for each in arguments if each.value is not None]
        value = None
        if len(values) == count:
            value = self.evaluated(lambda: EXTREMES[name](values) if name in EXTREMES else FUNCTIONS[name](values[0]), token.place, length)
        return self.made(Part("call", tuple(arguments), name, value=value, degree=max(each.degree for each in arguments), place=token.place))

    def number(self, token: _Token) -> Part:
        whole = token.text.isdigit()
        written = int(token.text) if whole else float(token.text)
        value = float(written) if not whole or written <= LARGEST else math.inf
        self.bounded(value, token.place, len(token.text))
        return self.made(Part("number", written=written, value=value, place=token.place))

    def name(self, token: _Token) -> Part:
        name = token.text
        if name in self.names:
            return self.made(Part("weight", name=name, degree=1.0, place=token.place))
        if name in CONSTANTS:
            return self.made(Part("constant", name=name, value=CONSTANTS[name], place=token.place))
        full = _ALIASES.get(name, name)
        if full in FUNCTIONS or full in EXTREMES:
            inside = self.now.text if self.now.kind in ("name", "number") else "w1"
            example = f"{full}(w1, w2)" if full in EXTREMES else f"{full}({inside[:12]})"
            _refuse(f"the function {full} without its argument", token.place, f"Write {example}.", length=len(name))
        _refuse(f"the name {name[:20]!r}", token.place, _word(name, self.names, called=False), length=len(name))

    def both(self, sign: str, left: Part, right: Part) -> Part:
        """Return two parts with + - * or / between them."""
        a, b = left.value, right.value
        degree = max(left.degree, right.degree) if sign in "+-" else left.degree + right.degree
        if degree > DEGREE:
            _refuse(f"a power of degree {degree:g}", left.place, "Use smaller powers.", f"degrees up to {DEGREE:g}")
        if sign == "/" and b == 0.0:
            _refuse("a division by 0", right.place, "Divide by something that is not 0.", "any divisor but 0")
        value = None
        if a is not None and b is not None:
            value = self.evaluated(lambda: _OPERATORS[sign](a, b), left.place, self.now.place - left.place)
        return self.made(Part(sign, (left, right), value=value, degree=degree, place=left.place))  # type: ignore[arg-type]  # one of the kinds

    def power(self, base: Part, exponent: Part) -> Part:
        n = exponent.value
        if n is None or abs(n) > EXPONENT:
            allowed = f"a number from {-EXPONENT:g} to {EXPONENT:g} as the exponent"
            remedy = "Use a smaller exponent." if n is not None else "Write exp(w2*log(w1)) for w1**w2."
            if n is None and base.value is not None:
                remedy = "Write exp(w1) for e**w1, and exp(w1*log(2)) for 2**w1."
            _refuse("an exponent that is not a small number", exponent.place, remedy, allowed, max(1, self.now.place - exponent.place))
        degree = base.degree * abs(n)
        if degree > DEGREE:
            _refuse(f"a power of degree {degree:g}", base.place, "Use smaller powers.", f"degrees up to {DEGREE:g}")
        a, value = base.value, None
        if a is not None:
            value = self.evaluated(lambda: a**n, base.place, self.now.place - base.place)
        return self.made(Part("**", (base, exponent), value=value, degree=degree, place=base.place))

    def made(self, part: Part) -> Part:
        self.nodes += 1
        if self.nodes > NODES:
            _refuse("a formula too long", part.place, "Write a shorter formula.", f"at most {NODES} numbers, names and operations")
        return part

    def deep(self, depth: int, place: int) -> None:
        if depth > DEPTH:
            _refuse("a formula too deep", place, "Use fewer parentheses and signs.", f"at most {DEPTH} levels")

    def evaluated(self, compute: Callable[[], Any], place: int, length: int) -> float:
        """Return what a part without weights comes to."""
        try:
            value = compute()
        except (ArithmeticError, ValueError):
            value = math.nan
        self.bounded(value, place, length)
        return float(value)

    def bounded(self, value: float | complex, place: int, length: int) -> None:
        allowed = f"real numbers of size 0, or {1 / LARGEST:g} to {LARGEST:g}"
        if isinstance(value, complex) or not math.isfinite(value):
            _refuse(
                "a number that is undefined or too large", place, "Use a smaller number, and no root or logarithm of a negative one.", allowed, length
            )
        if value != 0.0 and not 1.0 / LARGEST <= abs(value) <= LARGEST:
            _refuse(f"the number {value:.3g}", place, "Use a number of ordinary size.", allowed, length)

    def _missing(self) -> NoReturn:
        """Refuse a place where a number, a weight, a function or a parenthesis should be."""
        token, before = self.now, self.tokens[self.at - 1] if self.at else None
        if before is not None and before.kind == "sign" and before.text not in ("(", ","):
            _refuse(f"nothing behind {before.text}", before.place, f"Write what {before.text} acts on behind it.", length=len(before.text))
        if token.kind == "end":
            _refuse("the end where a number or a weight should be", token.place, "Write the rest of the formula.")
        if token.text == ")":
            _refuse("a ) without its (", token.place, "Leave it out, or write ( where it begins.")
        if token.text == ",":
            _refuse("a comma without anything before it", token.place, "Write what belongs before it.")
        _refuse(f"nothing before {token.text}", token.place, f"Write what {token.text} acts on before it.", length=len(token.text))

    def _beyond(self) -> NoReturn:
        """Refuse what stands where a sign or the end should be."""
        token = self.now
        if token.text == ")":
            _refuse("a ) without its (", token.place, "Leave it out, or write ( where it begins.")
        if token.text == ",":
            around = self.text[token.place - 1 : token.place + 2]
            remedy = "Write a decimal number with a point: 1.5." if re.fullmatch(r"\d,\d", around) else "Leave it out."
            _refuse("a comma outside minimum and maximum", token.place, remedy)
        _refuse("no sign between two parts", token.place, "Write * for a product, or + or - between them.", length=max(1, len(token.text)))
