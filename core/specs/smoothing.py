"""The settings of the lab "Smoothing and curvature"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar

from core.descent import Treatment
from core.knobs import Spec, knob
from core.lambdas import STRONGEST
from core.optimizers import RULES
from core.penalties import PENALTIES
from core.specs.ground import (
    chosen_surface,
    condition_knob,
    coordinate_knob,
    formula_knob,
    half_knob,
    middle_knob,
    own_of,
    surface_knob,
)


@dataclass(frozen=True)
class SmoothingSpec(Spec):
    """Settings of the lab "Smoothing and curvature": a surface, a penalty, a point to look at, and a rule whose speed is predicted and measured."""

    prefix: ClassVar[str] = "sm"

    surface: str = surface_knob("rugged_bowl")
    condition: float = condition_knob()
    formula: str = formula_knob("maximum(w1**2/4 + w2**2, 2 - w1) + sin(2*w1)*sin(2*w2)")
    middle1: float = middle_knob("w₁")
    middle2: float = middle_knob("w₂")
    half: float = half_knob()
    penalty: str = knob(
        "l2",
        "Penalty",
        options=tuple((key, penalty.label) for key, penalty in PENALTIES.items()),
        help="L2 bends the surface everywhere alike; L1 tilts it towards the axes and creases it there, and leaves its Hessian alone.",
    )
    rho: float = knob(0.5, "Mix", bounds=(0.0, 1.0), quantum=0.05, latex=r"\rho", help="The L1 share of the elastic net: 0 is L2, 1 is L1.")
    rule: str = knob(
        "sgd",
        "Rule",
        options=tuple((key, RULES[key].label) for key in ("sgd", "momentum", "nesterov")),
        help="The rule whose speed near the minimum is predicted from the curvature, and measured by running it.",
    )
    treatment: str = knob(
        "subgradient",
        "Penalty acts",
        options=(("subgradient", "in the gradient"), ("proximal", "by its prox"), ("decoupled", "as decay beside")),
        help="The largest stable rate depends on it: in the gradient λ lowers it, by its prox λ raises it.",
    )
    share: float = knob(
        0.9,
        "Learning rate, share of the largest stable one",
        bounds=(0.05, 1.05),
        quantum=0.05,
        marks=((1.0, "the limit"),),
        help="Above 1 the run grows instead of shrinking. Where every rate is stable, the share is that of 2 over the largest curvature of the loss.",
    )
    point1: float = coordinate_knob("Point, first weight", "Where the curvature is looked at. Click the original surface, or type.")
    point2: float = coordinate_knob("Point, second weight", "Where the curvature is looked at. Click the original surface, or type.")
    lam: float = knob(0.0, "lambda", bounds=(0.0, STRONGEST), hidden=True)

    def __post_init__(self) -> None:
        """Check the settings, and that a typed formula is a surface in its window."""
        super().__post_init__()
        chosen_surface(self.surface, self.condition, own_of(self))

    @property
    def treated(self) -> Treatment:
        """How the penalty acts, as `core.descent` calls it."""
        treatment: Treatment = self.treatment  # type: ignore[assignment]  # one of the knob's options
        return treatment


SMOOTHING_PRESETS: Mapping[str, SmoothingSpec] = MappingProxyType(
    {
        "Minima vanish": SmoothingSpec(),
        "The wide one goes first": SmoothingSpec(surface="two_basins"),
        "A saddle becomes a bowl": SmoothingSpec(surface="saddle", point1=0.0, point2=0.0),
        "Conditioning": SmoothingSpec(surface="rotated_ravine", condition=100.0, share=0.95),
        "Four minima": SmoothingSpec(surface="himmelblau"),
        "Creases of L1": SmoothingSpec(surface="six_hump_camel", penalty="l1", treatment="proximal"),
        "The prox may go faster": SmoothingSpec(surface="ravine", treatment="proximal", share=1.0),
        "Real data": SmoothingSpec(surface="linear_regression"),
    }
)
