"""Typed formulas: what they mean, what is refused and where, that nothing of them is ever executed, and that none takes long."""

from __future__ import annotations

import ast
import math
import random
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import mpmath
import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InvalidInput
from core.surfaces import SURFACES, parse_surface
from core.surfaces.formula import ALLOWED, CONSTANTS, EXTREMES, FUNCTIONS, expression
from core.surfaces.typed import _surface, typed, typed_quadratic
from tests.core.hostile_formulas import ENTRY, FUZZED, HOSTILE, fuzz, grown
from tests.core.problems import BULK

# Whatever the machine: a formula takes some milliseconds.
PATIENCE = 2.0

# --------------------------------------------------------------------------------------------------------- none executes, none hangs

WATCHED = (
    "exec",
    "compile",
    "import",
    "open",
    "os.",
    "subprocess.",
    "socket.",
    "ctypes.",
    "shutil.",
    "builtins.input",
    "code.",
    "pickle.",
    "object.__",
)
_seen: list[str] = []
_watching = False


def _audit(event: str, args: tuple[object, ...]) -> None:
    if _watching and event.startswith(WATCHED):
        _seen.append(f"{event} {args!r}"[:200])


sys.addaudithook(_audit)  # there is no way to take one away again: it is idle outside `watched`


@contextmanager
def watched() -> Iterator[list[str]]:
    """Note everything by which Python executes, imports, or reaches out."""
    global _watching
    _seen.clear()
    _watching = True
    try:
        yield _seen
    finally:
        _watching = False


@contextmanager
def bounded(seconds: float) -> Iterator[None]:
    """Stop what takes longer, wherever it is."""

    def stop(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)


def canary(*_: object) -> float:
    raise AssertionError("a formula has called a function of Python's")


def said(text: str, error: InvalidInput) -> str:
    """Return what was refused, once the sentence and its place are seen to be whole."""
    assert error.what
    assert error.remedy.endswith(".")
    assert len(str(error)) < 1000
    if error.place is not None:
        first, length = error.place
        assert 0 <= first <= max(len(text), 1)
        assert length >= 1
    return error.what


def tried(text: str) -> str:
    """Return what a text is refused with; "" where it is a surface, whose derivatives and LaTeX are then asked for too."""
    try:
        surface = parse_surface(text)
    except InvalidInput as error:
        return said(text, error)
    with np.errstate(all="raise"):  # nothing of it may reach a caller as a warning
        at = np.array([[0.3, -0.7], [1.1, 2.9], [0.0, 0.0]])
        assert surface.value(at).shape == (3,)
        assert surface.gradient(at).shape == (3, 2)
        assert surface.hessian(at).shape == (3, 2, 2)
    for opened, closed in ("{}", "()"):
        assert surface.latex.count(opened) == surface.latex.count(closed)
        assert surface.javascript.count(opened) == surface.javascript.count(closed)
    assert np.isfinite(surface.value(surface.start))
    return ""


@pytest.fixture
def _canaries(monkeypatch):
    """Functions that a text could call, were it ever evaluated, anywhere that a name is looked up."""
    import builtins

    from core.surfaces import _graph, _printed, formula
    from core.surfaces import typed as module

    for place in (builtins, formula, _graph, _printed, module):
        monkeypatch.setattr(place, "canary", canary, raising=False)


def test_there_are_two_hundred_hostile_formulas_and_each_is_another():
    assert len(set(HOSTILE)) == len(HOSTILE) >= 200


@pytest.mark.usefixtures("_canaries")
def test_no_hostile_formula_is_executed_or_hangs_and_each_gets_a_surface_or_a_sentence():
    tried("w1**2")
    entered = set()
    for text in HOSTILE:
        typed.cache_clear()
        _surface.cache_clear()
        with watched() as seen, bounded(PATIENCE):
            refused = tried(text)
        assert seen == [], f"{text[:80]!r} did {seen}"
        if not refused and len(text) < 20:
            entered.add(text)
    assert entered >= ENTRY
    assert not {text for text in entered if "_" in text or "'" in text or "." in text}


@pytest.mark.usefixtures("_canaries")
@pytest.mark.parametrize("batch", range(-(-FUZZED // 1000)))
def test_bulk_of_fuzzed_formulas_none_is_executed_or_hangs_and_each_gets_a_surface_or_a_sentence(batch):
    tried("w1**2")
    accepted = slow = 0
    for seed in range(1000 * batch, min(1000 * (batch + 1), FUZZED)):
        text = fuzz(seed)
        start = time.perf_counter()
        with watched() as seen, bounded(PATIENCE):
            refused = tried(text)
        slow = max(slow, time.perf_counter() - start)
        assert seen == [], f"{text[:80]!r} did {seen}"
        accepted += not refused
    # Else it would prove nothing.
    assert accepted > 150


def test_the_watch_sees_what_executes():
    with watched() as seen:
        eval("1 + 1")
    assert any(each.startswith(("exec", "compile")) for each in seen)
    with pytest.raises(TimeoutError), bounded(0.05):
        time.sleep(5.0)


# -------------------------------------------------------------------------------------------------------------------- what it means

MP = {name: getattr(mpmath, name) for name in ("sin", "cos", "tan", "tanh", "exp", "log", "sqrt", "pi", "e")}
MP |= {
    "abs": lambda z: abs(z) if not isinstance(z, mpmath.mpc) else mpmath.mpf("nan"),  # the size of a complex number would hide a hole
    "softplus": lambda z: mpmath.log1p(mpmath.exp(z)),
    "sigmoid": lambda z: 1 / (1 + mpmath.exp(-z)),
    "minimum": min,
    "maximum": max,
    "min": min,
    "max": max,
}


def high(text: str, a: object, b: object) -> mpmath.mpf:
    """A formula's value in 40 digits, as Python's own grammar reads the text; complex where it is no real number."""
    return eval(compile(ast.parse(text, mode="eval"), "", "eval"), {"__builtins__": {}} | MP, {"w1": a, "w2": b})


@given(st.integers(0, 10**9))
@settings(max_examples=max(60, BULK // 4), deadline=None, derandomize=True)
def test_value_gradient_and_hessian_are_those_of_mpmath_in_forty_digits(seed):
    """Python reads the text, mpmath evaluates and differentiates it by differences: nothing is shared with what is tested."""
    rng = random.Random(seed)
    text = grown(rng, rng.choice((2, 4, 6)), small=True)
    try:
        surface = parse_surface(text)
    except InvalidInput:
        return
    at = np.array([rng.uniform(-2.5, 2.5), rng.uniform(-2.5, 2.5)])
    with mpmath.workdps(40):
        point = [mpmath.mpf(float(each)) for each in at]
        try:
            values = [high(text, point[0] + i * mpmath.mpf("1e-6"), point[1] + j * mpmath.mpf("1e-6")) for i in (-1, 0, 1) for j in (-1, 0, 1)]
            if not all(isinstance(each, mpmath.mpf | int | float) and mpmath.isfinite(each) for each in values):
                return  # at or beside a hole: other tests
            # Central differences with a step of 1e-12 in 40 digits are right to 1e-24 times the third derivative, and to 1e-16 for the second.
            expected = {
                n: mpmath.diff(lambda a, b: mpmath.mpf(high(text, a, b)), tuple(point), n) for n in ((0, 0), (1, 0), (0, 1), (2, 0), (1, 1), (0, 2))
            }
        except (ZeroDivisionError, ValueError, TypeError, OverflowError):
            return
    value, gradient, hessian = surface.value(at), surface.gradient(at), surface.hessian(at)
    found = {(0, 0): value, (1, 0): gradient[0], (0, 1): gradient[1], (2, 0): hessian[0, 0], (1, 1): hessian[0, 1], (0, 2): hessian[1, 1]}
    size = max(1.0, *(abs(float(each)) for each in expected.values()))
    if size > 1e8:
        return  # beside a pole: what is left of sixteen digits says little
    for n, each in found.items():
        assert abs(float(expected[n]) - float(each)) <= 1e-7 * size, (text, at, n)


@given(st.integers(0, 10**9))
@settings(max_examples=max(30, BULK // 10), deadline=None, derandomize=True)
def test_the_graph_differentiates_as_sympy_does(seed):
    rng = random.Random(seed)
    text = grown(rng, 4, small=True)
    try:
        surface = parse_surface(text)
    except InvalidInput:
        return
    expr = expression(text)
    at = np.random.default_rng(seed).uniform(-2.5, 2.5, size=(5, 2))
    from core.surfaces._symbolic import derivatives

    if expr.has(sympy.zoo, sympy.nan, sympy.I):
        return
    made = derivatives(expr, "w1", "w2")
    with np.errstate(all="ignore"):
        value = np.broadcast_to(made.value(*at.T), (5,))
        slope = np.stack([np.broadcast_to(each, (5,)) for each in made.gradient(*at.T)], axis=-1)
    # SymPy simplifies: what it defines somewhere beyond a hole's edge is no business of this test.
    good = np.isfinite(surface.value(at)) & np.isfinite(value) & np.isfinite(slope).all(axis=-1) & np.isfinite(surface.gradient(at)).all(axis=-1)
    if not good.any():
        return
    scale = 1.0 + np.abs(slope[good]).max() + np.abs(value[good]).max()
    assert np.abs(surface.value(at) - value)[good].max() <= 1e-9 * scale, text
    assert np.abs(surface.gradient(at) - slope)[good].max() <= 1e-7 * scale, text


def test_a_typed_rosenbrock_is_the_built_in_one_to_twelve_digits():
    own, built_in = parse_surface("(1 - w1)**2 + 100*(w2 - w1**2)**2"), SURFACES["rosenbrock"]
    at = np.random.default_rng(0).uniform(-3.0, 3.0, size=(100_000, 2))
    a, b = at.T
    closed = (
        (1 - a) ** 2 + 100 * (b - a * a) ** 2,
        np.stack([-2 * (1 - a) - 400 * a * (b - a * a), 200 * (b - a * a)], axis=-1),
        np.stack([np.stack([2 - 400 * (b - 3 * a * a), -400 * a], axis=-1), np.stack([-400 * a, np.full_like(a, 200.0)], axis=-1)], axis=-2),
    )
    for name, written in zip(("value", "gradient", "hessian"), closed, strict=True):
        mine, theirs = getattr(own, name)(at), getattr(built_in, name)(at)
        size = np.maximum(1.0, np.abs(theirs))
        assert (np.abs(mine - theirs) / size).max() <= 1e-12
        assert (np.abs(mine - written) / np.maximum(1.0, np.abs(written).max(axis=tuple(range(1, written.ndim)), keepdims=True))).max() <= 1e-12


@pytest.mark.parametrize("text", [grown(random.Random(seed), 5, small=True) for seed in range(40)])
def test_the_javascript_says_the_same(text):
    """It is read here as Python, whose grammar it shares but for the names: Math is a stand-in."""
    try:
        surface = parse_surface(text)
    except InvalidInput:
        pytest.skip("a text that grew into no surface: what is refused, and why, is what the fuzz looks at")
    stand_in = SimpleNamespace(
        **{name: getattr(math, name) for name in ("sin", "cos", "tan", "tanh", "exp", "log", "sqrt", "log1p", "pow")},
        abs=abs,
        max=max,
        min=min,
        PI=math.pi,
        E=math.e,
    )
    for at in np.random.default_rng(1).uniform(-2.5, 2.5, size=(10, 2)):
        value = float(surface.value(at))
        if np.isfinite(value):
            said = eval(surface.javascript, {"__builtins__": {}, "Math": stand_in, "w1": float(at[0]), "w2": float(at[1])})
            assert said == pytest.approx(value, rel=1e-9, abs=1e-9)


OPERATIONS = {
    **{"add": np.add, "mul": np.multiply, "div": np.divide, "pow": np.power, "sqrt": np.sqrt, "exp": np.exp, "log": np.log, "sin": np.sin},
    **{"cos": np.cos, "tan": np.tan, "tanh": np.tanh, "absolute": np.abs, "signum": np.sign, "minimum": np.minimum, "maximum": np.maximum},
    "softplus": lambda z: np.log1p(np.exp(-np.abs(z))) + np.maximum(z, 0.0),
    "sigmoid": lambda z: 1.0 / (1.0 + np.exp(-z)),
    "step": lambda z: np.where(z > 0, 1.0, np.where(z < 0, 0.0, 0.5)),
}


def carried_out(program: dict, x: np.ndarray) -> list[np.ndarray]:
    """The six numbers of a program of the browser, as assets/plot/program.js makes them."""
    places = [x[:, 0], x[:, 1], *(np.full(len(x), each) for each in program["constants"])]
    assert program["names"] == ["w1", "w2"]
    for name, a, b, whole in program["code"]:
        assert a < len(places)
        assert b is None or b < len(places)
        places.append(places[a] ** whole if name == "int" else OPERATIONS[name](*(places[each] for each in (a, b) if each is not None)))
    return [places[each] for each in program["outputs"]]


@pytest.mark.parametrize("text", [*(grown(random.Random(seed), 5, small=True) for seed in range(60)), "maximum(w1, w2, 1 - w1)", "w1**-3 + w2**0.75"])
def test_the_browsers_program_gives_value_gradient_and_hessian_and_no_number_in_a_hole(text):
    try:
        surface = parse_surface(text)
    except InvalidInput:
        pytest.skip("a text that grew into no surface: what is refused, and why, is what the fuzz looks at")
    at = np.random.default_rng(6).uniform(-2.5, 2.5, size=(200, 2))
    with np.errstate(all="ignore"):
        found = carried_out(surface.browser["program"], at)
    value, gradient, hessian = surface.value(at), surface.gradient(at), surface.hessian(at)
    expected = (value, gradient[:, 0], gradient[:, 1], hessian[:, 0, 0], hessian[:, 0, 1], hessian[:, 1, 1])
    for mine, theirs in zip(found, expected, strict=True):
        good = np.isfinite(theirs) & np.isfinite(value)
        scale = 1.0 + np.abs(theirs[good])
        assert (np.abs(mine[good] - theirs[good]) <= 1e-8 * scale).all(), text
        assert not np.isfinite(mine[~np.isfinite(value)]).any()
    assert surface.browser["partial"] == surface.partial


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("(1 - w1)**2 + 100*(w2 - w1**2)**2", r"\left(1 - w_{1}\right)^{2} + 100\,\left(w_{2} - w_{1}^{2}\right)^{2}"),
        ("maximum(abs(w1), min(w2, 2))", r"\max\left(\left|w_{1}\right|, \min\left(w_{2}, 2\right)\right)"),
        ("-w1**2 - (w1 - w2)", r"-w_{1}^{2} - \left(w_{1} - w_{2}\right)"),
        ("2*3*w1/4", r"\frac{2 \cdot 3\,w_{1}}{4}"),
        ("exp(-w1**2)*sin(w2)**2", r"e^{-w_{1}^{2}}\,\sin^{2}\left(w_{2}\right)"),
        ("w1*-w2", r"w_{1}\,\left(-w_{2}\right)"),
        ("(w1 + w2)**0.5 + 1e-7", r"\sqrt{w_{1} + w_{2}} + 10^{-7}"),
        ("(w1**2)**3", r"\left(w_{1}^{2}\right)^{3}"),
    ],
)
def test_the_latex_is_what_was_written(text, latex):
    assert typed(text).latex == latex


# --------------------------------------------------------------------------------------------------------------------- its kinks


def test_minimum_and_maximum_take_two_or_more_and_go_by_their_short_names_too():
    at = np.random.default_rng(2).uniform(-3.0, 3.0, size=(500, 2))
    a, b = at.T
    np.testing.assert_array_equal(parse_surface("maximum(w1, w2, 1 - w1)").value(at), np.maximum(np.maximum(a, b), 1 - a))
    np.testing.assert_array_equal(parse_surface("min(w1, w2, 0.5, -w1)").value(at), np.minimum(np.minimum(np.minimum(a, b), 0.5), -a))
    assert (parse_surface("max(w1, w2)").value(at) == parse_surface("maximum(w1, w2)").value(at)).all()


def test_away_from_a_tie_slope_and_curvature_are_those_of_the_active_branch():
    surface = parse_surface("minimum(w1**2 + w2, 3*w1*w2, exp(w2))")
    at = np.random.default_rng(3).uniform(-2.0, 2.0, size=(2000, 2))
    a, b = at.T
    branches = np.stack([a * a + b, 3 * a * b, np.exp(b)])
    slopes = np.stack([np.stack([2 * a, np.ones_like(a)], axis=-1), np.stack([3 * b, 3 * a], axis=-1), np.stack([0 * a, np.exp(b)], axis=-1)])
    bends = np.zeros((3, len(a), 2, 2))
    bends[0, :, 0, 0] = 2.0
    bends[1, :, 0, 1] = bends[1, :, 1, 0] = 3.0
    bends[2, :, 1, 1] = np.exp(b)
    active = branches.argmin(axis=0)
    assert set(active) == {0, 1, 2}
    each = np.arange(len(a))
    np.testing.assert_allclose(surface.gradient(at), slopes[active, each], rtol=1e-13, atol=1e-13)
    np.testing.assert_allclose(surface.hessian(at), bends[active, each], rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize("text", ["maximum(w1, 3*w1)", "maximum(w1, 3*w1, 2*w1)", "abs(w1) + 2*w1", "w1 + maximum(0, w1, 2*w1)"])
def test_at_a_tie_of_a_convex_formula_the_gradient_is_a_subgradient(text):
    """Every line of a subgradient stays below: L(y) >= L(0) + g (y - 0)."""
    surface = parse_surface(text)
    slope = surface.gradient((0.0, 0.7))
    away = np.random.default_rng(4).uniform(-3.0, 3.0, size=(500, 2))
    assert (surface.value(away) >= surface.value((0.0, 0.7)) + (away - (0.0, 0.7)) @ slope - 1e-12).all()


def test_a_branch_that_is_not_taken_may_have_an_infinite_slope():
    surface = parse_surface("maximum(sqrt(abs(w1)), 1)")
    assert surface.gradient((0.0, 0.0)).tolist() == [0.0, 0.0]
    assert surface.hessian((0.0, 0.0)).tolist() == [[0.0, 0.0], [0.0, 0.0]]


# ------------------------------------------------------------------------------------------------------------------------ its holes


@pytest.mark.parametrize(
    ("text", "inside", "why"),
    [
        ("log(w1)", lambda a, b: a > 0, "log of a negative number, −1.5"),
        ("sqrt(w2 - w1) + w1", lambda a, b: b >= a, ""),
        ("1/w1 + w2", lambda a, b: a != 0, ""),
        ("w1**1.5", lambda a, b: a >= 0, "power 1.5 of a negative number, −1.5"),
        ("w2**-2", lambda a, b: b != 0, ""),
        ("log(1 - w1**2 - w2**2)", lambda a, b: a * a + b * b < 1, "log of a negative number, −5.25"),
        ("w2*sqrt(w1 + 1)", lambda a, b: a >= -1, "square root of a negative number, −0.5"),
        ("exp(400*w1**2) - exp(400*w1**2) + w2", None, "a number too large for any computer"),
        ("minimum(log(w1), 7)", lambda a, b: a > 0, "log of a negative number, −1.5"),
    ],
)
def test_where_a_formula_is_not_defined_there_is_a_hole_and_a_reason(text, inside, why):
    surface = parse_surface(text)
    at = np.random.default_rng(5).uniform(-3.0, 3.0, size=(2000, 2))
    at[:50, 0] = 0.0
    at[50:100, 1] = 0.0
    if inside is not None:
        assert surface.partial
        good = inside(*at.T)
        assert (np.isfinite(surface.value(at)) == good).all()
        assert np.isnan(surface.gradient(at)[~good]).all()
        assert np.isnan(surface.hessian(at)[~good]).all()
        assert all((surface.why_not(each) == "") == bool(fine) for each, fine in zip(at[:200], good[:200], strict=True))
    assert surface.why_not((-1.5, 2.0)) == why
    assert np.isfinite(surface.value(surface.start))
    assert np.isfinite(surface.gradient(surface.start)).all()


def test_the_start_is_the_windows_upper_right_or_the_nearest_point_that_is_no_hole():
    assert parse_surface("w1**2 + w2**2").start.tolist() == [2.0, 2.0]
    assert parse_surface("w1 + w2", [(0.0, 6.0), (-1.0, 2.0)]).start.tolist() == [5.0, 1.5]
    surface = parse_surface("log(1 - w1 - w2)")
    assert surface.start.sum() < 1.0
    assert np.hypot(*(surface.start - 2.0)) < np.hypot(1.5, 1.5) + 0.3


def test_nothing_that_is_defined_everywhere_is_said_to_have_holes():
    for text in ("w1**3 - w2", "exp(w1)/3", "(w1 + w2)**2*tanh(w1)", "maximum(w1, abs(w2))", "softplus(w1)*sigmoid(w2)", "cos(w1)/pi"):
        assert not parse_surface(text).partial
    for text in ("1/(1 + w1**2)", "tan(w1)", "log(w1)", "sqrt(w1)", "w1**0.5", "w1**-1"):
        assert parse_surface(text).partial


@pytest.mark.parametrize("bounds", [[(1.0, -1.0), (0.0, 1.0)], [(0.0, 1.0)], [(0.0, np.nan), (0.0, 1.0)], 5.0])
def test_a_window_that_is_none_is_refused(bounds):
    with pytest.raises(InvalidInput, match="bounds"):
        parse_surface("w1", bounds)


def test_what_is_refused_in_one_window_may_do_in_another():
    with pytest.raises(InvalidInput, match=r"almost anywhere.*log of a negative number"):
        parse_surface("log(w1 - 5)")
    assert parse_surface("log(w1 - 5)", [(4.0, 8.0), (-2.0, 2.0)]).partial
    with pytest.raises(InvalidInput, match=r"1e\+12|e\+1[3-9]"):
        parse_surface("w1**16", [(-8.0, 8.0), (-8.0, 8.0)])
    assert not parse_surface("w1**16", [(-1.0, 1.0), (-1.0, 1.0)]).partial


# ------------------------------------------------------------------------------------------------------------ what students get wrong


@pytest.mark.parametrize(
    ("text", "place", "remedy"),
    [
        ("w1^2", (2, 1), "**"),
        ("w1 + 2w2", (5, 2), "2*w2"),
        ("w_1 + w_2", (0, 3), "Write w1"),
        ("w1 + W2", (5, 2), "w2, in small letters"),
        ("x**2 + y**2", (0, 1), "w1 and w2"),
        ("ln(w1 + 4)", (0, 2), "log"),
        ("|w1|", (0, 1), "abs(w1)"),
        ("(w1 + w2", (0, 1), "Write )"),
        ("w1 + w2)", (7, 1), "Leave it out"),
        ("1,5*w1", (1, 1), "1.5"),
        ("maximum(w1 + 1,5)", None, ""),
        ("w1 − w2", (3, 1), "minus sign of the keyboard"),
        ("w1 × w2", (3, 1), "*"),
        ("w1²", (2, 1), "**2"),
        ("w1 w2", (3, 2), "Write *"),
        ("w1w2", (0, 4), "w1*w2"),
        ("2(w1 + w2)", (1, 1), "Write *"),
        ("w1(w2 + 1)", (2, 1), "w1*("),
        ("sin w1", (0, 3), "sin(w1)"),
        ("sin()", (0, 3), "sin(w1)"),
        ("maximum(w1)", (0, 11), "maximum(w1, w2)"),
        ("maximum(w1,)", (11, 1), "maximum(w1, w2)"),
        ("w1 +", (3, 1), "behind"),
        ("w1 + * w2", (3, 1), "behind"),
        ("e^w1", (1, 1), "**"),
        ("e**w1", (3, 2), "exp(w1)"),
        ("w1**w2", (4, 2), "exp(w2*log(w1))"),
        ("relu(w1)", (0, 4), "maximum(0, w1)"),
        ("sqrt(w1", (4, 1), "Write )"),
        ("w₁", (1, 1), "plain 1"),
        ("π*w1", (0, 1), "pi"),
        ("L = w1", (2, 1), "right-hand side"),
        ("np.sin(w1)", (2, 1), "sin(w1)"),
        ("  w1\n + w3", (8, 2), "w1 and w2"),
        ("w1*1.2.3", (6, 2), "Write *"),
    ],
)
def test_a_slip_is_marked_where_it_is_and_has_a_remedy_of_its_own(text, place, remedy):
    if place is None:
        assert tried(text) == ""
        return
    with pytest.raises(InvalidInput) as refusal:
        parse_surface(text)
    assert refusal.value.place == place
    assert remedy in refusal.value.remedy
    assert f"at character {place[0] + 1} of the formula" in refusal.value.what
    assert refusal.value.allowed


def test_what_is_allowed_names_every_part():
    for name in (*FUNCTIONS, *EXTREMES, *CONSTANTS, "w1", "w2", "+ - * / **"):
        assert name in ALLOWED


# ---------------------------------------------------------------------------------------------------------------------- quadratics


def test_a_typed_quadratic_gives_its_hessian_minimiser_and_floor():
    hessian, centre, floor = typed_quadratic("(w1 - 6)**2/2 + (w1 - 6)*(w2 + 4) + 2*(w2 + 4)**2 - 3")
    np.testing.assert_allclose(hessian, [[1.0, 1.0], [1.0, 4.0]], rtol=1e-14)
    np.testing.assert_allclose(centre, [6.0, -4.0], rtol=1e-12)
    assert floor == pytest.approx(-3.0)


@pytest.mark.parametrize(
    "text",
    [
        *("w1", "w1**2 - w2**2", "w1**2 + w2**4", "abs(w1) + w1**2 + w2**2", "w1**2 + maximum(w2**2, w2**2 + w1)", "(w1 - 99)**2 + w2**2"),
        *("999*w1**2 + w2**2", "1e-6*w1**2 + w2**2", "log(w1)", "w1**2", "5", "sqrt(w1**4) + w2**2 + 0*log(w1)"),
    ],
)
def test_what_is_no_quadratic_with_one_minimum_is_refused(text):
    with pytest.raises(InvalidInput, match="quadratic"):
        typed_quadratic(text)
