"""The settings of the lab "Priors and MAP"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar

import numpy as np

from core._validate import Floats
from core.knobs import NO_POINTS, Spec, knob, points_of

# Where points may be; the weights of a line through such points are of the same size.
PLANE = ((-3.0, 3.0), (-3.0, 3.0))
# The prior's standard deviation: from one that leaves the data no say to one that leaves them all.
SCALES = (0.05, 10.0)
_FIVE = "-2,-0.9;-1.1,0.3;0.4,-0.5;1.2,0.9;2.1,0.4"


@dataclass(frozen=True)
class PriorsSpec(Spec):
    """Settings of the lab "Priors and MAP": a prior, the noise of the data, and the data themselves, which are clicked."""

    prefix: ClassVar[str] = "pr"

    prior: str = knob(
        "laplace",
        "Prior",
        options=(("gaussian", "Gaussian"), ("laplace", "Laplace"), ("elastic_net", "Elastic net")),
        help="What is believed about each weight before any data: minus its logarithm is the penalty, L2, L1 or their mix.",
    )
    rho: float = knob(
        0.5, "Mix", bounds=(0.0, 1.0), quantum=0.05, latex=r"\rho", help="The L1 share of the elastic net: 0 is the Gaussian, 1 the Laplace prior."
    )
    sigma: float = knob(
        0.8, "Noise", bounds=(0.1, 3.0), quantum=0.05, latex=r"\sigma", help="The standard deviation of each y about the line; it is taken as known."
    )
    eps: float = knob(
        0.1,
        "Near zero means closer than",
        bounds=(0.01, 1.0),
        scale="log",
        quantum=10,
        latex=r"\varepsilon",
        help="P(|w| < ε) is asked of the prior and of the posterior.",
    )
    seed: float = knob(0.0, "Draw of the samples", bounds=(0.0, 99.0), quantum=1.0, help="Which random numbers the samples are made of.")
    points: str = knob(_FIVE, "Points", plane=PLANE, hidden=True)
    scale: float = knob(0.25, "Standard deviation of the prior", bounds=SCALES, hidden=True)

    @property
    def data(self) -> Floats:
        """(n, 2) the points, x and y."""
        return data_of(self.points)


def data_of(points: str) -> Floats:
    """Return (n, 2) the points that a text writes, x and y."""
    return np.array(points_of(points), dtype=np.float64).reshape(-1, 2)


PRIORS_PRESETS: Mapping[str, PriorsSpec] = MappingProxyType(
    {
        "A mode at zero": PriorsSpec(),
        "The same under a Gaussian": PriorsSpec(prior="gaussian"),
        "Both in one": PriorsSpec(prior="elastic_net"),
        "No data yet": PriorsSpec(points=NO_POINTS, scale=1.0),
        "One point": PriorsSpec(points="1,1.5", scale=1.0),
        "All at one x": PriorsSpec(points="1.5,0.9;1.5,1.6;1.5,1.1;1.5,2", scale=1.0, sigma=0.4),
        "Plenty of data": PriorsSpec(
            scale=1.0,
            points="-2.8,-1.9;-2.5,-2.3;-2.1,-1.2;-1.8,-1.6;-1.4,-1.2;-1.1,-0.4;-0.7,-0.9;-0.4,0.1;0.2,0.3;0.5,0;0.9,1;1.3,0.6;1.6,1.6;2,1.2;2.4,2.1;2.8,1.9",
            sigma=0.4,
        ),
    }
)
