"""The settings of the lab "Diamond and circle"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar

from core.datasets import DIABETES_FEATURES
from core.knobs import Spec, knob
from core.penalties import PENALTIES

_FEATURES = tuple(DIABETES_FEATURES.items())
FOLLOWS = -1.0
"""A budget that has not been chosen: it follows from lambda."""


@dataclass(frozen=True)
class DiamondCircleSpec(Spec):
    """Settings of the lab "Diamond and circle": a quadratic loss, a penalty, and where the scrub stands.

    The Hessian has eigenvalues ``curvature`` and ``curvature / condition``; ``tilt`` turns the flat direction from the w1 axis, in degrees.
    """

    prefix: ClassVar[str] = "dc"

    penalty: str = knob(
        "l1",
        "Penalty",
        options=tuple((key, penalty.label) for key, penalty in PENALTIES.items()),
        help="L1 is the sum of absolute weights (a diamond), L2 the sum of squares (a circle), the elastic net a mix of both.",
    )
    rho: float = knob(
        0.5,
        "Mix",
        bounds=(0.0, 1.0),
        quantum=0.05,
        latex=r"\rho",
        help="The L1 share of the elastic net: 0 is L2, 1 is L1. It acts where the elastic net is shown.",
    )
    overlay: bool = knob(False, "Overlay all three", help="Draw the regions and solutions of L1, L2 and elastic net on the same ellipses.")
    axis: str = knob(
        "lam",
        "Scrub along",
        options=(("lam", "lambda"), ("budget", "budget")),
        help="Push with a penalty lambda, or fence in with a budget. Each has a value of the other that gives the same solution.",
    )
    spacing: str = knob(
        "linear",
        "Spacing",
        options=(("linear", "linear"), ("log", "logarithmic")),
        help="Logarithmic spacing shows what happens at very small values, as in a steep ravine.",
    )
    contours: str = knob(
        "loss",
        "Contours of",
        options=(("loss", "the loss"), ("objective", "loss + penalty")),
        help="The loss stays as it is while lambda moves; the sum of loss and penalty is reshaped by it.",
    )
    data: str = knob(
        "synthetic",
        "Loss from",
        options=(("synthetic", "an ellipse"), ("diabetes", "diabetes data")),
        help="An ellipse of your own, or least squares with two features of real data: 442 patients, disease progression after a year.",
    )
    curvature: float = knob(
        2.0,
        "Steepness",
        bounds=(0.2, 10.0),
        scale="log",
        quantum=100,
        latex=r"\mu_{\mathrm{max}}",
        help="The Hessian's larger eigenvalue.",
        family=True,
    )
    condition: float = knob(
        5.01,
        "Condition number",
        bounds=(1.0, 1000.0),
        scale="log",
        quantum=100,
        latex=r"\kappa",
        marks=((1.0, "round"),),
        help="The Hessian's larger eigenvalue over its smaller one: 1 is a round bowl, 1000 a ravine.",
        family=True,
    )
    tilt: float = knob(
        30.0,
        "Tilt",
        bounds=(-90.0, 90.0),
        quantum=1.0,
        unit="°",
        help="The angle between the flat direction and the first axis. At 0 and 90 degrees the weights do not interact.",
        family=True,
    )
    centre1: float = knob(
        1.2, "Minimum, first weight", bounds=(-4.0, 4.0), quantum=0.01, latex=r"\hat w_1", help="Where the loss alone is least.", family=True
    )
    centre2: float = knob(
        2.4, "Minimum, second weight", bounds=(-4.0, 4.0), quantum=0.01, latex=r"\hat w_2", help="Where the loss alone is least.", family=True
    )
    feature1: str = knob("bmi", "First feature", options=_FEATURES, help="The feature whose weight is the first axis.")
    feature2: str = knob(
        "s5",
        "Second feature",
        options=_FEATURES,
        help="The feature whose weight is the second axis. Choose the same one twice to see what perfect collinearity does.",
    )
    lam: float = knob(0.25, "lambda", bounds=(0.0, 1e7), hidden=True)
    budget: float = knob(FOLLOWS, "budget", bounds=(FOLLOWS, 1e7), hidden=True)


DIAMOND_CIRCLE_PRESETS: Mapping[str, DiamondCircleSpec] = MappingProxyType(
    {
        "A corner hit": DiamondCircleSpec(tilt=30.0, condition=5.0, centre1=1.2, centre2=2.4, lam=1.2),
        "A near miss": DiamondCircleSpec(tilt=-45.0, condition=8.0, centre1=2.0, centre2=2.2, lam=0.4),
        "L2 crosses zero": DiamondCircleSpec(
            penalty="l2", tilt=-35.0, condition=11.2, curvature=2.5, centre1=0.5, centre2=-1.0, spacing="log", lam=0.5
        ),
        "A round ellipse": DiamondCircleSpec(condition=1.0, tilt=0.0, centre1=2.6, centre2=1.1, lam=1.0),
        "A steep ravine": DiamondCircleSpec(condition=200.0, tilt=60.0, centre1=2.0, centre2=3.0, spacing="log", lam=0.1),
        "Real data": DiamondCircleSpec(data="diabetes", feature1="bmi", feature2="s5", lam=0.15),
        "Twins": DiamondCircleSpec(data="diabetes", feature1="bmi", feature2="bmi", lam=0.1),
    }
)
