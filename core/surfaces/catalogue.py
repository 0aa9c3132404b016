"""The catalogue: one entry a surface. A formula, its source, a window, a start, what is known of its minima; derivatives come from the formula.

Losses that a penalty should move have their minimum away from the origin.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike

from core._validate import finite
from core.errors import InvalidInput
from core.surfaces.data import LeastSquares, Logistic
from core.surfaces.surface import Formula, Surface
from core.surfaces.typed import parse_surface

__all__ = ["SURFACES", "parse_surface", "rotated_ravine"]

_STEEPEST = 10.0  # larger eigenvalue of both ravines
_CENTRE = (2.0, 1.0)


def _entry(
    key: str,
    label: str,
    formula: str,
    source: str,
    bounds: ArrayLike,
    start: ArrayLike,
    minima: ArrayLike = (),
    min_value: float = -math.inf,
) -> Surface:
    return Surface(key, label, Formula(formula, np.asarray(minima), min_value), source, np.asarray(bounds), np.asarray(start))


def rotated_ravine(condition: float = 25.0, tilt: float = 30.0) -> Surface:
    """Return a quadratic valley with its minimum at (2, 1), the eigenvalues 10 and 10 / condition, and the flat direction at an angle.

    Parameters
    ----------
    condition:
        Larger eigenvalue over the smaller one, 1 to 1e6.
    tilt:
        Angle of the flat direction from the w1 axis, in degrees.

    Raises
    ------
    InvalidInput
        Where an argument is not a number, or the condition out of range.
    """
    ratio, angle = finite(condition, "condition"), np.deg2rad(finite(tilt, "tilt"))
    if ratio.ndim or angle.ndim:
        raise InvalidInput("condition or tilt with an axis", "one number each", "Make one surface a condition number.")
    if not 1.0 <= ratio <= 1e6:
        raise InvalidInput(f"condition = {ratio:g}", "1 to 1e6", "Choose a condition number in that range.")
    # At 90 degrees floating point leaves a cosine of 6e-17, and weights that should not interact would.
    cos, sin = (0.0 if abs(turn) < 1e-15 else float(turn) for turn in (np.cos(angle), np.sin(angle)))
    small, large = _STEEPEST / float(ratio), _STEEPEST
    first = 0.5 * (small * cos**2 + large * sin**2)
    cross = (small - large) * cos * sin
    second = 0.5 * (small * sin**2 + large * cos**2)
    a, b = _CENTRE
    formula = f"{first!r}*(w1 - {a:g})**2 + (w1 - {a:g})*(w2 - {b:g})*{cross!r} + {second!r}*(w2 - {b:g})**2"
    return _entry(
        "rotated_ravine",
        "Rotated ravine",
        formula,
        "A quadratic with eigenvalues 10 and 10 / condition, turned by an angle; Nocedal and Wright (2006), Numerical Optimization, 3.3.",
        [(-4.0, 4.0), (-4.0, 4.0)],
        (-3.0, 2.0),
        [_CENTRE],
        0.0,
    )


def _named() -> tuple[Surface, ...]:
    square = [(-4.0, 4.0), (-4.0, 4.0)]
    return (
        _entry(
            "round_bowl",
            "Round bowl",
            "0.5*(w1 - 2)**2 + 0.5*(w2 - 1)**2",
            "The quadratic with the identity as its Hessian.",
            square,
            (-3.0, -2.5),
            [_CENTRE],
            0.0,
        ),
        _entry(
            "ravine",
            "Ravine",
            "0.1*(w1 - 2)**2 + 5*(w2 - 1)**2",
            "An axis-aligned quadratic with condition number 50; Polyak (1964), Some methods of speeding up the convergence of iteration methods.",
            square,
            (-3.0, 2.0),
            [_CENTRE],
            0.0,
        ),
        rotated_ravine(),
        _entry(
            "rosenbrock",
            "Rosenbrock's valley",
            "(1 - w1)**2 + 100*(w2 - w1**2)**2",
            "Rosenbrock (1960), An automatic method for finding the greatest or least value of a function, The Computer Journal 3.",
            [(-2.0, 2.0), (-1.0, 3.0)],
            (-1.2, 1.0),
            [(1.0, 1.0)],
            0.0,
        ),
        _entry(
            "beale",
            "Beale",
            "(1.5 - w1 + w1*w2)**2 + (2.25 - w1 + w1*w2**2)**2 + (2.625 - w1 + w1*w2**3)**2",
            "Beale (1958); problem 5 of Moré, Garbow and Hillstrom (1981), Testing unconstrained optimization software, ACM TOMS 7.",
            [(-4.5, 4.5), (-4.5, 4.5)],
            (1.0, 1.0),
            [(3.0, 0.5)],
            0.0,
        ),
        _entry(
            "himmelblau",
            "Himmelblau",
            "(w1**2 + w2 - 11)**2 + (w1 + w2**2 - 7)**2",
            "Himmelblau (1972), Applied Nonlinear Programming.",
            [(-5.0, 5.0), (-5.0, 5.0)],
            (0.0, -0.5),
            [
                (3.0, 2.0),
                (-2.805118086952745, 3.131312518250573),
                (-3.779310253377747, -3.283185991286169),
                (3.5844283403304917, -1.8481265269644036),
            ],
            0.0,
        ),
        _entry(
            "six_hump_camel",
            "Six-hump camel",
            "4*w1**2 - 2.1*w1**4 + w1**6/3 + w1*w2 - 4*w2**2 + 4*w2**4",
            "Dixon and Szegö (1978), The global optimization problem: an introduction, in Towards Global Optimisation 2.",
            [(-2.0, 2.0), (-1.2, 1.2)],
            (-1.0, 1.1),
            [(0.08984201310031806, -0.7126564030207396), (-0.08984201310031806, 0.7126564030207396)],
            -1.0316284534898774,
        ),
        _entry(
            "styblinski_tang",
            "Styblinski and Tang",
            "(w1**4 - 16*w1**2 + 5*w1 + w2**4 - 16*w2**2 + 5*w2)/2",
            "Styblinski and Tang (1990), Experiments in nonconvex optimization, Neural Networks 3.",
            [(-4.5, 4.5), (-4.5, 4.5)],
            (0.5, 4.0),
            [(-2.903534027771177, -2.903534027771177)],
            -78.33233140754282,
        ),
        _entry(
            "saddle",
            "Saddle",
            "w1**2 - w2**2/2",
            "The quadratic whose Hessian has the eigenvalues 2 and -1.",
            [(-3.0, 3.0), (-3.0, 3.0)],
            (2.5, 0.01),
        ),
        _entry(
            "monkey_saddle",
            "Monkey saddle",
            "w1**3 - 3*w1*w2**2",
            "Hilbert and Cohn-Vossen (1952), Geometry and the Imagination, 29. Its Hessian at the origin is 0.",
            [(-2.0, 2.0), (-2.0, 2.0)],
            (1.5, 0.01),
        ),
        _entry(
            "rastrigin",
            "Rastrigin",
            "20 + w1**2 - 10*cos(2*pi*w1) + w2**2 - 10*cos(2*pi*w2)",
            "Rastrigin (1974), Systems of Extremal Control; 121 minima in its window, of which the one at the origin is least.",
            [(-5.12, 5.12), (-5.12, 5.12)],
            (3.3, 2.3),
            [(0.0, 0.0)],
            0.0,
        ),
        _entry(
            "ackley",
            "Ackley",
            "20 + e - 20*exp(-0.2*sqrt((w1**2 + w2**2)/2)) - exp((cos(2*pi*w1) + cos(2*pi*w2))/2)",
            "Ackley (1987), A Connectionist Machine for Genetic Hillclimbing. Its least point, the origin, is the tip of a cone.",
            [(-5.0, 5.0), (-5.0, 5.0)],
            (3.4, 2.4),
            [(0.0, 0.0)],
            0.0,
        ),
        _entry(
            "two_basins",
            "Two basins, sharp and flat",
            "1 - exp(-((w1 + 2.5)**2 + (w2 - 1)**2)/0.245) - exp(-((w1 - 2.5)**2 + (w2 - 1)**2)/1.62)",
            "Two wells of equal depth and distance from the origin, of widths 0.35 and 0.9; after Hochreiter and Schmidhuber (1997), Flat Minima.",
            [(-4.5, 4.5), (-3.5, 4.5)],
            (0.5, 1.5),
            [(-2.4999998498428098, 1.0), (2.5, 1.0)],
            -1.9857513344767597e-07,
        ),
        _entry(
            "rugged_bowl",
            "Rugged bowl",
            "0.12*(w1 - 1)**2 + 0.12*(w2 - 0.5)**2 + 0.5"
            " - 0.60*exp(-((w1 + 2.2)**2 + (w2 + 1.6)**2)/0.12) - 0.70*exp(-((w1 + 1.6)**2 + (w2 - 2.1)**2)/0.14)"
            " - 0.75*exp(-((w1 - 0.4)**2 + (w2 + 2.3)**2)/0.18) - 0.50*exp(-((w1 - 2.8)**2 + (w2 + 1.1)**2)/0.14)"
            " - 0.50*exp(-((w1 - 2.5)**2 + (w2 - 2.4)**2)/0.16) - 0.30*exp(-((w1 + 0.8)**2 + (w2 - 0.3)**2)/0.12)",
            "A bowl with six small sharp wells; after the picture in Keskar et al. (2017), On Large-Batch Training for Deep Learning.",
            square,
            (-3.0, 3.2),
            [(0.9999999999495021, 0.49999999999439465)],
            0.49999999999959593,
        ),
        Surface(
            "linear_regression",
            "Linear regression: diabetes",
            LeastSquares("bmi", "s5"),
            "Half the mean squared error of disease progression on body mass index and log triglycerides, 442 patients; Efron et al. (2004).",
            np.array([(-0.8, 0.8), (-0.8, 0.8)]),
            np.array((-0.6, 0.6)),
        ),
        Surface(
            "logistic_regression",
            "Logistic regression: iris",
            Logistic(),
            "Mean log-loss of Iris versicolor against virginica on the length and width of the petals, 100 flowers; Fisher (1936).",
            np.array([(-2.0, 8.0), (-2.0, 8.0)]),
            np.array((-1.0, 0.0)),
        ),
    )


SURFACES: Mapping[str, Surface] = MappingProxyType({surface.key: surface for surface in _named()})
