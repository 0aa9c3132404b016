import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import minimize
from sklearn.datasets import load_diabetes, load_iris
from sklearn.linear_model import LogisticRegression

from core.datasets import diabetes, iris
from core.errors import InvalidInput
from core.surfaces import SURFACES, Surface, parse_surface, rotated_ravine, typed

ROOT = Path(__file__).resolve().parents[2]
EPS = np.finfo(float).eps
EVERY = pytest.mark.parametrize("surface", SURFACES.values(), ids=list(SURFACES))
EXTRA = [rotated_ravine(1.0), rotated_ravine(1000.0, -45.0), rotated_ravine(10.0, 90.0), parse_surface("sin(w1)*tanh(w2) + abs(w1 - 0.1234)/3")]
EVERY_AND_MORE = pytest.mark.parametrize("surface", [*SURFACES.values(), *EXTRA], ids=lambda surface: surface.key)


def _points(surface: Surface, count: int = 1000, seed: int = 0) -> np.ndarray:
    low, high = surface.bounds.T
    at = low + np.random.default_rng(seed).random((count, 2)) * (high - low)
    # The kinks: Ackley's tip, and the line where the typed surface folds.
    away = np.abs(at[:, 0] - 0.1234) > 0.02 if surface.key == "typed" else np.linalg.norm(at, axis=-1) > 0.05
    return at[away]


def _differences(function: Callable[[np.ndarray], np.ndarray], at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Fourth-order central differences along both weights, on a new last axis, and a bound of their error.

    The error has two parts: rounding, eps |f| / h for each of the few terms, and truncation, which halving h divides by 16: the change from h to
    h/2 bounds what is left.
    """
    step = 2e-3

    def slope(h: float) -> np.ndarray:
        parts = [8 * (function(at + h * e) - function(at - h * e)) - function(at + 2 * h * e) + function(at - 2 * h * e) for e in np.eye(2)]
        return np.stack(parts, axis=-1) / (12 * h)

    coarse, fine = slope(step), slope(step / 2)
    size = np.abs(function(at)).max() + np.abs(coarse).max() * np.abs(at).max()
    return fine, np.abs(coarse - fine) + 8 * EPS * size / step


@EVERY_AND_MORE
def test_the_gradient_is_that_of_the_value_by_central_differences(surface: Surface) -> None:
    at = _points(surface)
    slope, error = _differences(surface.value, at)
    assert error.max() < 2e-6 * np.abs(slope).max()  # the test can see an error
    assert (np.abs(surface.gradient(at) - slope) <= error).all()


@EVERY_AND_MORE
def test_the_hessian_is_that_of_the_gradient_by_central_differences_and_symmetric(surface: Surface) -> None:
    at = _points(surface)
    bend, error = _differences(surface.gradient, at)
    assert error.max() < 1e-5 * max(np.abs(bend).max(), 1e-3)
    found = surface.hessian(at)
    assert (np.abs(found - bend) <= error).all()
    assert (found == np.swapaxes(found, -1, -2)).all()


def _written(key: str, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The surfaces once more, as their sources write them."""
    cos, sin = np.cos(np.pi / 6), np.sin(np.pi / 6)
    wells = [
        (-2.2, -1.6, 0.6, 0.12),
        (-1.6, 2.1, 0.7, 0.14),
        (0.4, -2.3, 0.75, 0.18),
        (2.8, -1.1, 0.5, 0.14),
        (2.5, 2.4, 0.5, 0.16),
        (-0.8, 0.3, 0.3, 0.12),
    ]
    tang = lambda x: 0.5 * (x**4 - 16 * x**2 + 5 * x)
    written = {
        "round_bowl": lambda: ((a - 2) ** 2 + (b - 1) ** 2) / 2,
        "ravine": lambda: (0.2 * (a - 2) ** 2 + 10 * (b - 1) ** 2) / 2,
        "rotated_ravine": lambda: 0.2 * (cos * (a - 2) + sin * (b - 1)) ** 2 + 5 * (cos * (b - 1) - sin * (a - 2)) ** 2,
        "rosenbrock": lambda: 100 * (b - a**2) ** 2 + (1 - a) ** 2,
        "beale": lambda: sum((y - a * (1 - b**i)) ** 2 for i, y in ((1, 1.5), (2, 2.25), (3, 2.625))),
        "himmelblau": lambda: (a**2 + b - 11) ** 2 + (a + b**2 - 7) ** 2,
        "six_hump_camel": lambda: (4 - 2.1 * a**2 + a**4 / 3) * a**2 + a * b + (-4 + 4 * b**2) * b**2,
        "styblinski_tang": lambda: tang(a) + tang(b),
        "saddle": lambda: a**2 - b**2 / 2,
        "monkey_saddle": lambda: ((a + 1j * b) ** 3).real,
        "rastrigin": lambda: 20 + a**2 + b**2 - 10 * (np.cos(2 * np.pi * a) + np.cos(2 * np.pi * b)),
        "ackley": lambda: -20 * np.exp(-0.2 * np.sqrt((a**2 + b**2) / 2)) - np.exp((np.cos(2 * np.pi * a) + np.cos(2 * np.pi * b)) / 2) + 20 + np.e,
        "two_basins": lambda: 1 - np.exp(-((a + 2.5) ** 2 + (b - 1) ** 2) / (2 * 0.35**2)) - np.exp(-((a - 2.5) ** 2 + (b - 1) ** 2) / (2 * 0.9**2)),
        "rugged_bowl": lambda: (
            0.5 + 0.12 * ((a - 1) ** 2 + (b - 0.5) ** 2) - sum(depth * np.exp(-((a - x) ** 2 + (b - y) ** 2) / width) for x, y, depth, width in wells)
        ),
    }
    return written[key]()


@pytest.mark.parametrize("key", [key for key in SURFACES if "regression" not in key])
def test_the_value_is_the_formula_of_the_source_written_out_once_more(key: str) -> None:
    at = _points(SURFACES[key])
    expected = _written(key, at[:, 0], at[:, 1])
    np.testing.assert_allclose(SURFACES[key].value(at), expected, rtol=1e-13, atol=1e-13 * np.abs(expected).max())


@pytest.mark.parametrize(
    ("key", "at", "value"),
    [
        ("rosenbrock", (-1.2, 1.0), 24.2),  # Rosenbrock's own start
        ("rosenbrock", (0.0, 0.0), 1.0),
        ("beale", (1.0, 1.0), 14.203125),  # 1.5^2 + 2.25^2 + 2.625^2, as in Moré, Garbow and Hillstrom
        ("himmelblau", (0.0, 0.0), 170.0),
        ("himmelblau", (-0.270845, -0.923039), 181.617),  # its local maximum
        ("six_hump_camel", (1.0, 1.0), 4 - 2.1 + 1 / 3 + 1),
        ("six_hump_camel", (1.70361, -0.796084), -0.2155),  # a local minimum
        ("styblinski_tang", (1.0, 1.0), -10.0),
        ("styblinski_tang", (2.746803, 2.746803), -50.0589),
        ("saddle", (1.0, 2.0), -1.0),
        ("monkey_saddle", (1.0, 1.0), -2.0),
        ("rastrigin", (1.0, 1.0), 2.0),
        ("rastrigin", (0.5, 0.5), 40.5),
        ("ackley", (1.0, 1.0), 3.6253849384403627),
        ("round_bowl", (0.0, 0.0), 2.5),
        ("ravine", (0.0, 0.0), 5.4),
        ("logistic_regression", (0.0, 0.0), np.log(2.0)),
        ("linear_regression", (0.0, 0.0), 0.5),
    ],
)
def test_values_away_from_the_minimum_are_those_of_the_literature(key: str, at: tuple[float, float], value: float) -> None:
    quoted = any(len(str(each)) > 6 for each in at)  # extrema quoted to six digits; their values to the last digit given
    np.testing.assert_allclose(SURFACES[key].value(at), value, rtol=1e-14, atol=5e-4 if quoted else 0.0)


@EVERY
def test_stated_minima_are_stationary_curve_upwards_and_have_the_stated_value(surface: Surface) -> None:
    scale = np.abs(surface.gradient(_points(surface))).max()
    assert surface.minima.shape == (len(surface.minima), 2)
    assert np.abs(surface.gradient(surface.minima)).max(initial=0.0) <= 1e-14 * scale
    if surface.key == "ackley":
        assert (surface.gradient((0.0, 0.0)) == 0.0).all()
    assert (np.linalg.eigvalsh(surface.hessian(surface.minima)) > 0.0).all()
    np.testing.assert_allclose(surface.value(surface.minima), surface.min_value, rtol=1e-14, atol=2e-7 if surface.key == "two_basins" else 1e-14)


@EVERY
def test_nothing_in_the_window_lies_below_the_stated_minimum(surface: Surface) -> None:
    ticks = 301 if surface.key == "logistic_regression" else 801
    axes = [np.linspace(low, high, ticks) for low, high in surface.bounds]
    grid = np.stack(np.meshgrid(*axes), axis=-1)
    height = surface.value(grid)
    if not len(surface.minima):
        assert surface.min_value == -np.inf
        assert height.min() < surface.value((0.0, 0.0))
        return
    assert height.min() >= surface.min_value - 1e-13
    # The lowest grid points are all next to a stated minimiser: none is missing.
    gap = [(high - low) / (ticks - 1) for low, high in surface.bounds]
    reach = 2 * float(np.abs(surface.hessian(surface.minima)).max()) * max(gap) ** 2
    if surface.key not in ("rosenbrock", "beale", "ackley"):  # a valley so flat, or a tip so sharp, that this says little
        low = grid[height <= surface.min_value + min(reach, 1e-3 * np.ptp(height))]
        away = np.linalg.norm(low[:, None] - surface.minima, axis=-1).min(axis=1)
        assert len(low)
        assert away.max() < 0.35


@EVERY
def test_the_window_holds_the_start_the_origin_and_the_minima(surface: Surface) -> None:
    for point in (surface.start, np.zeros(2), *surface.minima):
        assert (surface.bounds[:, 0] < point).all()
        assert (point < surface.bounds[:, 1]).all()
    assert surface.start.shape == (2,)
    assert surface.bounds.shape == (2, 2)
    assert surface.value(surface.start) > surface.min_value


@EVERY
@pytest.mark.parametrize("shape", [(2,), (0, 2), (5, 2), (3, 4, 2), (2, 1, 3, 2)])
def test_value_gradient_and_hessian_take_any_leading_axes(surface: Surface, shape: tuple[int, ...]) -> None:
    at = 0.5 * np.random.default_rng(2).normal(size=shape)
    assert np.shape(surface.value(at)) == shape[:-1]
    assert surface.gradient(at).shape == shape
    assert surface.hessian(at).shape == (*shape, 2)
    flat = at.reshape(-1, 2)
    for i, point in enumerate(flat):
        np.testing.assert_allclose(np.reshape(surface.value(at), -1)[i], surface.value(point), rtol=1e-13, atol=1e-13)
        np.testing.assert_allclose(surface.gradient(at).reshape(-1, 2)[i], surface.gradient(point), rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(surface.hessian(at).reshape(-1, 2, 2)[i], surface.hessian(point), rtol=1e-12, atol=1e-12)


@EVERY
def test_the_unchecked_functions_are_the_checked_ones(surface: Surface) -> None:
    at = _points(surface, 50)
    assert (surface._value(at) == surface.value(at)).all()
    assert (surface._gradient(at) == surface.gradient(at)).all()
    assert (surface._hessian(at) == surface.hessian(at)).all()


@EVERY
def test_every_surface_says_what_it_is(surface: Surface) -> None:
    assert SURFACES[surface.key] is surface
    assert surface.label
    assert surface.source.endswith(".")
    assert surface.latex
    assert "w_1" in surface.latex
    assert "w1" in surface.formula
    assert "w1" in surface.javascript
    with pytest.raises(ValueError, match="read-only"):
        surface.bounds[0, 0] = 5.0


@pytest.mark.parametrize("key", [key for key in SURFACES if key != "logistic_regression"])
def test_a_formula_typed_once_more_gives_the_same_surface(key: str) -> None:
    surface = SURFACES[key]
    typed = parse_surface(surface.formula)
    at = _points(surface, 1000)
    # Two ways to differentiate that share the parser alone: SymPy for the catalogue, the graph for what is typed.
    for one, other in ((typed.value, surface.value), (typed.gradient, surface.gradient), (typed.hessian, surface.hessian)):
        assert np.abs(one(at) - other(at)).max() <= 1e-12 * np.abs(other(at)).max()
    assert typed.minima.shape == (0, 2)
    assert typed.min_value == -np.inf


def test_there_are_the_surfaces_that_the_labs_name() -> None:
    assert list(SURFACES) == [
        *("round_bowl", "ravine", "rotated_ravine", "rosenbrock", "beale", "himmelblau", "six_hump_camel", "styblinski_tang", "saddle"),
        *("monkey_saddle", "rastrigin", "ackley", "two_basins", "rugged_bowl", "linear_regression", "logistic_regression"),
    ]
    assert len({surface.label for surface in SURFACES.values()}) == len(SURFACES)


@pytest.mark.parametrize("condition", [1.0, 3.0, 25.0, 1e4])
@pytest.mark.parametrize("tilt", [-70.0, 0.0, 30.0, 90.0])
def test_the_rotated_ravine_has_the_stated_eigenvalues_and_flat_direction(condition: float, tilt: float) -> None:
    hessian = rotated_ravine(condition, tilt).hessian((0.3, -4.0))
    np.testing.assert_allclose(np.linalg.eigvalsh(hessian), [10.0 / condition, 10.0], rtol=1e-11)
    flat = np.array([np.cos(np.deg2rad(tilt)), np.sin(np.deg2rad(tilt))])
    np.testing.assert_allclose(hessian @ flat, 10.0 / condition * flat, atol=1e-14)


@pytest.mark.parametrize(("condition", "tilt"), [(0.5, 0.0), (1e7, 0.0), (np.nan, 0.0), (2.0, np.inf), ([2.0, 3.0], 0.0), ("a", 0.0)])
def test_a_ravine_out_of_range_is_refused(condition: object, tilt: object) -> None:
    with pytest.raises(InvalidInput, match="allowed is"):
        rotated_ravine(condition, tilt)  # type: ignore[arg-type]


def test_the_saddles_hessian_is_the_textbooks_indefinite_one() -> None:
    assert np.linalg.eigvalsh(SURFACES["saddle"].hessian((1.0, 1.0))).tolist() == [-1.0, 2.0]
    assert (SURFACES["monkey_saddle"].hessian((0.0, 0.0)) == 0.0).all()


def test_the_two_basins_are_equal_in_depth_and_distance_and_differ_in_curvature() -> None:
    surface = SURFACES["two_basins"]
    np.testing.assert_allclose(surface.value(surface.minima), 0.0, atol=3e-7)
    np.testing.assert_allclose(np.linalg.norm(surface.minima, axis=1), np.sqrt(7.25), rtol=1e-6)
    sharp, flat = np.linalg.eigvalsh(surface.hessian(surface.minima))
    np.testing.assert_allclose(sharp, 1 / 0.35**2, rtol=1e-3)
    np.testing.assert_allclose(flat, 1 / 0.9**2, rtol=1e-3)


def test_at_ackleys_tip_gradient_and_hessian_are_finite_means_of_those_around() -> None:
    tip = SURFACES["ackley"]
    assert (tip.gradient((0.0, 0.0)) == 0.0).all()
    bend = tip.hessian((0.0, 0.0))
    # A cone of slope 20 * 0.2 / sqrt(2) has the tangential curvature slope / r, seen from four sides as slope / 2r times the identity.
    np.testing.assert_allclose(bend, 4 / np.sqrt(2) / (2 * np.sqrt(2) * 1e-4) * np.eye(2), rtol=6e-3, atol=1e-6)
    many = np.zeros((3, 2, 2))
    many[1] = 1.0
    assert (tip.gradient(many)[0] == 0.0).all()
    assert (tip.gradient(many)[1] == tip.gradient((1.0, 1.0))).all()


# ------------------------------------------------------------------------------------------------------------ surfaces of data


def test_linear_regression_is_half_the_mean_squared_error_on_the_raw_data() -> None:
    features, target = load_diabetes(return_X_y=True, scaled=False)
    X = features[:, [2, 8]]
    X, y = (X - X.mean(axis=0)) / X.std(axis=0), (target - target.mean()) / target.std()
    surface = SURFACES["linear_regression"]
    at = _points(surface, 50)
    np.testing.assert_allclose(surface.value(at), ((y - at @ X.T) ** 2).mean(axis=-1) / 2, rtol=1e-12)
    np.testing.assert_allclose(surface.minima[0], np.linalg.lstsq(X, y)[0], rtol=1e-12)
    np.testing.assert_allclose(diabetes("bmi", "s5")[0], X, rtol=1e-12, atol=1e-12)


def test_logistic_regression_is_the_mean_log_loss_on_the_raw_data() -> None:
    features, species = load_iris(return_X_y=True)
    X, y = features[species > 0][:, 2:], species[species > 0] - 1
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    surface = SURFACES["logistic_regression"]
    at = _points(surface, 50)
    chance = 1 / (1 + np.exp(-(at @ X.T)))
    np.testing.assert_allclose(surface.value(at), -np.where(y == 1, np.log(chance), np.log1p(-chance)).mean(axis=-1), rtol=1e-11)
    np.testing.assert_allclose(iris()[0], X, rtol=1e-13, atol=1e-13)
    assert iris()[1].tolist() == y.tolist()
    fitted = LogisticRegression(C=np.inf, fit_intercept=False, tol=1e-12, max_iter=10_000).fit(X, y)
    np.testing.assert_allclose(surface.minima, fitted.coef_, rtol=1e-5)


@pytest.mark.parametrize("key", ["linear_regression", "logistic_regression"])
def test_the_minima_of_data_are_those_that_an_independent_search_finds(key: str) -> None:
    surface = SURFACES[key]
    found = minimize(lambda w: float(surface.value(w)), surface.start, method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-15, "maxiter": 2000})
    np.testing.assert_allclose(found.x, surface.minima[0], atol=2e-6)
    assert found.fun >= surface.min_value - 1e-14
    assert np.abs(surface.gradient(surface.minima)).max() < 1e-15


def test_logistic_regression_stays_finite_far_away() -> None:
    surface = SURFACES["logistic_regression"]
    at = np.array([[1e5, -1e5], [-1e300, 1e300], [1e4, 1e4]])
    assert np.isfinite(surface.value(at)).all()
    assert np.isfinite(surface.gradient(at)).all()
    assert np.isfinite(surface.hessian(at)).all()


# ------------------------------------------------------------------------------------------------------------ typed surfaces


@pytest.mark.parametrize(
    ("text", "value", "slope"),
    [
        ("w1 + 2*w2", lambda a, b: a + 2 * b, lambda a, b: (1, 2)),
        ("-w1**2", lambda a, b: -(a**2), lambda a, b: (-2 * a, 0)),
        ("+w1 - -w2", lambda a, b: a + b, lambda a, b: (1, 1)),
        ("2**3*w1", lambda a, b: 8 * a, lambda a, b: (8, 0)),
        ("w1**2**2", lambda a, b: a**4, lambda a, b: (4 * a**3, 0)),
        ("w1/3 + w2/4", lambda a, b: a / 3 + b / 4, lambda a, b: (1 / 3, 1 / 4)),
        ("1/(1 + w1**2)", lambda a, b: 1 / (1 + a * a), lambda a, b: (-2 * a / (1 + a * a) ** 2, 0)),
        ("(1 + w1**2)**-1.5", lambda a, b: (1 + a * a) ** -1.5, lambda a, b: (-3 * a * (1 + a * a) ** -2.5, 0)),
        ("exp(-w1)*cos(pi*w2)", lambda a, b: np.exp(-a) * np.cos(np.pi * b), None),
        ("log(e + w1**2)", lambda a, b: np.log(np.e + a * a), lambda a, b: (2 * a / (np.e + a * a), 0)),
        ("sqrt(w1**2 + w2**2)", np.hypot, lambda a, b: (a / np.hypot(a, b), b / np.hypot(a, b))),
        ("sqrt(w1**2)", lambda a, b: np.abs(a), lambda a, b: (np.sign(a), 0)),
        ("abs(w1*w2)", lambda a, b: np.abs(a * b), lambda a, b: (np.abs(b) * np.sign(a), np.abs(a) * np.sign(b))),
        ("abs(log(w1**2 + 0.5))", lambda a, b: np.abs(np.log(a * a + 0.5)), None),
        ("tanh(w1) + sigmoid(w2)", lambda a, b: np.tanh(a) + 1 / (1 + np.exp(-b)), None),
        ("softplus(3*w1)", lambda a, b: np.log1p(np.exp(3 * a)), lambda a, b: (3 / (1 + np.exp(-3 * a)), 0)),
        ("tan(w1/4)", lambda a, b: np.tan(a / 4), None),
        ("5", lambda a, b: 5.0 + 0 * a, lambda a, b: (0, 0)),
        ("pi - e", lambda a, b: np.pi - np.e + 0 * a, lambda a, b: (0, 0)),
        (" w1 +\n w2 ", lambda a, b: a + b, lambda a, b: (1, 1)),
        ("1e-3*w1 + 1.5E2", lambda a, b: 1e-3 * a + 150, lambda a, b: (1e-3, 0)),
        ("0.5*w1**0.5**0", lambda a, b: 0.5 * a, lambda a, b: (0.5, 0)),
    ],
)
def test_a_typed_formula_means_what_python_means_by_it(text: str, value: Callable, slope: Callable | None) -> None:  # type: ignore[type-arg]
    surface = parse_surface(text)
    at = np.random.default_rng(3).uniform(-2.9, 2.9, size=(40, 2))
    np.testing.assert_allclose(surface.value(at), value(*at.T), rtol=1e-12, atol=1e-13)
    if slope:
        expected = np.stack(np.broadcast_arrays(*slope(*at.T), at[:, 0])[:2], axis=-1)
        np.testing.assert_allclose(surface.gradient(at), expected, rtol=1e-12, atol=1e-13)
    assert surface.bounds.tolist() == [[-3.0, 3.0], [-3.0, 3.0]]
    assert surface.hessian(at).shape == (40, 2, 2)


HOSTILE = {
    "__import__('os').system('ls')": 'character "\'" at character 12',
    "w1.__class__": r"character '\.' at character 3",
    "().__class__": r"character '\.' at character 3",
    "eval(w1)": "function 'eval'",
    "exec(w1)": "function 'exec'",
    "print(w1)": "function 'print'",
    "getattr(w1)": "function 'getattr'",
    "lambda: 1": "character ':'",
    "[w1 for w1 in w2]": "character '\\['",
    "{w1}": "character '{'",
    "f'{w1}'": 'character "\'"',
    '"w1"': "character '\"'",
    "w1; w2": "character ';'",
    "w1 = 2": "character '='",
    "(w1 := 2)": "character ':'",
    "w1, w2": "comma outside minimum and maximum at character 3",
    "w1 if w2 else 1": "no sign between two parts at character 4",
    "w1 and w2": "no sign between two parts at character 4",
    "not w1": "name 'not' at character 1",
    "w1 is w2": "no sign between two parts at character 4",
    "w1 in w2": "no sign between two parts at character 4",
    "await w1": "name 'await' at character 1",
    "yield": "name 'yield' at character 1",
    "w1 < w2": "character '<'",
    "w1 % 2": "character '%'",
    "w1 // 2": "not arithmetic",
    "w1 @ w2": "character '@'",
    "w1 & w2": "character '&'",
    "~w1": "character '~'",
    "w1!": "character '!'",
    "w1^2": r"character '\^' at character 3.*\*\*",
    "w1\\w2": r"character '\\",
    "\0": "character",
    "w₁": "character '₁' at character 2",
    "ｗ1": "character",
    "w1 # comment": "character '#'",
    "True": "name 'True' at character 1",
    "None + w1": "name 'None' at character 1",
    "...": r"character '\.' at character 1",
    "1j*w1": "letter right behind",
    "2w1": r"number 2 with a letter.*2\*",
    "3.5exp(w1)": "number 3.5 with a letter",
    "0x10": "letter right behind",
    "1_000": "letter right behind",
    "w1 w2": "no sign between two parts at character 4",
    "*w1": r"nothing before \* at character 1",
    "w1 +": r"nothing behind \+ at character 4",
    "(w1": "parenthesis that is not closed at character 1",
    "w1)": r"a \) without its \( at character 3",
    "": "empty",
    " \n ": "empty",
    "w3": "name 'w3' at character 1.*w1 and w2",
    "1 + x": "name 'x' at character 5",
    "sin": "sin without its argument",
    "sin()": "sin without its argument at character 1",
    "sin(w1)(w2)": "no sign between two parts at character 8",
    "sin(*w1)": r"nothing before \* at character 5",
    "sin(**w1)": r"nothing before \*\* at character 5",
    "sin(w1, w2)": "other than one argument",
    "w1**w2": "exponent that is not a small number at character 5",
    "w1**17": "exponent",
    "w1**-17": "exponent",
    "w1**(1 + w1 - w1)": "exponent",
    "9**9**9**9": "exponent",
    "((9**9)**9)**9": "number 1.97e\\+77",
    "2**-16**16": "number|exponent",
    "(1 + 1/999983)**16**16": "number|exponent",
    "((w1**16)**16)**16": "degree 256",
    "exp(exp(exp(10)))": "undefined or too large",
    "exp(1000)": "undefined or too large",
    "1e400*w1": "undefined or too large",
    "1e13*w1": "number 1e\\+13",
    "1e-13*w1": "number 1e-13",
    "9" * 500: "undefined or too large",
    "1/0": "division by 0 at character 3",
    "w1/0": "division by 0",
    "w1/(w2 - w2)": "almost anywhere.*division by 0",
    "0**-1": "undefined",
    "log(0)": "undefined",
    "log(-1)": "undefined",
    "sqrt(-1)": "undefined",
    "(-8)**(1/3)": "undefined",
    "tan(pi/2)": "number 1.63e\\+16",
    "sqrt(-w1**2)": "almost anywhere.*square root of a negative number",
    "exp(exp(w1 + w2))": "a formula that is",
    "(" * 59 + "w1" + ")" * 59 + "**(w2)": "exponent",
    "-" * 300 + "w1": "too deep",
    "(" * 290 + "w1" + ")" * 290: "too deep",
    "+".join(["w1"] * 150): "too long",
    "(" + ")+(".join(["+".join(["w1"] * 30)] * 5) + ")": "too long",
    "w1" + " " * 5 + "+w1" * 250: "characters",
    "*".join(f"(w1 + {i}*w2)" for i in range(1, 32)): "curvature takes",
    "(w1 + w2)**16": r"a formula that is 2.82e\+12 at w1 = -3, w2 = -3",
}


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text)[:40])
def test_what_is_no_formula_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(InvalidInput, match=HOSTILE[text]) as refusal:
        parse_surface(text)
    assert "allowed is" in str(refusal.value)
    assert refusal.value.remedy.endswith(".")


@pytest.mark.parametrize("text", [None, 5, b"w1", ["w1"]])
def test_what_is_no_text_is_refused(text: object) -> None:
    with pytest.raises(InvalidInput, match="text in w1 and w2"):
        parse_surface(text)  # type: ignore[arg-type]


def test_no_pile_of_allowed_parts_takes_long_or_leaves_the_limits() -> None:
    """Random formulas of the allowed alphabet, most of them nonsense, are refused or compiled."""
    rng = np.random.default_rng(4)
    pieces = ["w1", "w2", "9", "0.5", "pi", "+", "-", "*", "/", "**", "(", ")", "exp(", "sin(", "log(", "abs(", "sqrt("]
    passed = 0
    for _ in range(2000):
        text = "".join(rng.choice(pieces, size=rng.integers(1, 14)))
        try:
            surface = parse_surface(text)
        except InvalidInput:
            continue
        passed += 1
        assert np.isfinite(surface.value(_points(surface, 20))).all() or surface.partial
    assert passed > 50
    # The deepest that passes, and the longest.
    parse_surface("abs(" * 58 + "w1*w2" + ")" * 58)
    with pytest.raises(InvalidInput, match="curvature takes"):
        parse_surface("sin(" * 55 + "w1*w2" + ")" * 55)
    assert parse_surface("+".join(["w1"] * 125)).gradient((0.0, 0.0)).tolist() == [125.0, 0.0]
    assert typed.CALLS <= 2000


def test_long_fractions_become_floats() -> None:
    surface = parse_surface("w1*(((((1 + 1/999983)**16)**16)**16)**2) + w2")
    np.testing.assert_allclose(surface.gradient((0.0, 0.0)), [(1 + 1 / 999983) ** 8192, 1.0], rtol=1e-11)


def test_importing_the_surfaces_imports_neither_sympy_nor_scikit_learn() -> None:
    script = (
        "import sys; import core.surfaces, core.curvature; print(len(core.surfaces.SURFACES), *sorted({m.partition('.')[0] for m in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    names = done.stdout.split()
    assert names[0] == "16"
    assert set(names).isdisjoint({"sympy", "sklearn", "scipy", "pandas"})
