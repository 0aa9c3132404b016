"""The settings of the lab "Bias and variance"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar

from core.datasets.uploads.limits import OWN
from core.knobs import Spec, knob
from core.statistics.bias_variance.bases import BASES, MOST_SIZE
from core.statistics.bias_variance.truths import TRUTHS

LEAST_POINTS, MOST_POINTS = 5.0, 40.0
BUNDLE = 20
"""Training sets whose fits are kept to be drawn."""


@dataclass(frozen=True)
class BiasVarianceSpec(Spec):
    """Settings of the lab "Bias and variance": what is true, how it is sampled, what is fitted, and along which axis one looks."""

    prefix: ClassVar[str] = "bv"

    data: str = knob(
        "drawn",
        "Training sets",
        options=(("drawn", "from a known truth"), (OWN, "your own data")),
        help="Drawn from a known function, with noise; or 400 samples of the rows of a table that you paste or upload, whose truth nobody knows.",
    )
    truth: str = knob(
        "sine",
        "What is true",
        options=tuple((key, truth.label) for key, truth in TRUTHS.items()),
        help="The function that every training set is drawn from. In life nobody knows it, and nobody has 400 training sets.",
    )
    points: float = knob(
        15.0,
        "Points in a training set",
        bounds=(LEAST_POINTS, MOST_POINTS),
        quantum=1.0,
        latex="n",
        help="Each of the 400 training sets has as many.",
    )
    noise: float = knob(
        0.3,
        "Noise",
        bounds=(0.0, 1.0),
        quantum=0.05,
        latex=r"\sigma",
        help="The standard deviation of what is added to every point. No fit can get below its square.",
    )
    design: str = knob(
        "even",
        "The points' places",
        options=(("even", "evenly spaced"), ("drawn", "drawn anew")),
        help="The same evenly spaced places in every training set, so that only the noise differs; or drawn anew, uniformly, for each of them.",
    )
    basis: str = knob(
        "legendre",
        "Fit with",
        options=tuple((key, basis.label) for key, basis in BASES.items()),
        help="Legendre polynomials of mean square 1; plain powers of x; cubic splines, equally spaced knots; cosines of random frequency and phase.",
    )
    axis: str = knob(
        "lam",
        "Drag along",
        options=(("lam", "λ"), ("at", "degree or size")),
        help="λ with the size as it is, or the size with λ as it is.",
    )
    size: float = knob(
        13.0,
        "Degree, or number of functions",
        bounds=(0.0, float(MOST_SIZE)),
        quantum=1.0,
        latex="m",
        help="The degree of polynomials (20 at most), or how many splines or features. The intercept comes on top and is never penalised.",
    )
    fixed: float = knob(
        0.0,
        "Weight of the penalty",
        bounds=(1e-6, 10.0),
        scale="log",
        quantum=4.0,
        zero=True,
        latex=r"\lambda",
        help="Of λ|w|², the intercept left alone, while the degree or size is dragged.",
    )
    focus: float = knob(1.0, "Training set in focus", bounds=(1.0, float(BUNDLE)), quantum=1.0, help="Whose points and fit stand out.")
    seed: float = knob(0.0, "Draw", bounds=(0.0, 99.0), quantum=1.0, help="Another number, another 400 training sets.")
    lam: float = knob(0.0, "lambda", bounds=(0.0, 10.0), hidden=True)
    at: float = knob(1.0, "degree or size", bounds=(0.0, float(MOST_SIZE)), quantum=1.0, hidden=True)
    place: float = knob(0.5, "x", bounds=(-1.0, 1.0), quantum=0.1, hidden=True)

    def feasible(self) -> Mapping[str, tuple[float, float]]:
        """Return the sizes that the basis has."""
        most = float(BASES[self.basis].most)
        return {"size": (0.0, most), "at": (0.0, most)}


BIAS_VARIANCE_PRESETS: Mapping[str, BiasVarianceSpec] = MappingProxyType(
    {
        "Ridge in between": BiasVarianceSpec(),
        "A line through a parabola": BiasVarianceSpec(truth="parabola", points=20.0, noise=0.2, axis="at", at=1.0),
        "Degree 20 through 10 points": BiasVarianceSpec(points=10.0, noise=0.2, basis="monomials", size=20.0),
        "Places drawn anew": BiasVarianceSpec(points=20.0, design="drawn", size=9.0),
        "Splines": BiasVarianceSpec(truth="bump", points=30.0, noise=0.2, basis="splines", size=24.0),
        "Random features": BiasVarianceSpec(points=14.0, noise=0.1, basis="features", axis="at", at=13.0),
        "Nothing but noise": BiasVarianceSpec(truth="line", points=20.0, noise=1.0, size=8.0),
    }
)
