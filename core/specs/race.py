"""The settings of the lab "Optimizer race"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar

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


def _entrant(key: str, runs: bool) -> Any:  # noqa: ANN401 - stands for a field of any type
    return knob(runs, RULES[key].label, help=RULES[key].source)


@dataclass(frozen=True)
class RaceSpec(Spec):
    """Settings of the lab "Optimizer race": a surface, a penalty and its treatment, who runs and at which rate, and where step and lambda stand."""

    prefix: ClassVar[str] = "rc"

    surface: str = surface_knob("rosenbrock")
    condition: float = condition_knob()
    formula: str = formula_knob("(1 - w1)**2 + 100*(w2 - w1**2)**2")
    middle1: float = middle_knob("w₁")
    middle2: float = middle_knob("w₂")
    half: float = half_knob()
    penalty: str = knob(
        "l2",
        "Penalty",
        options=tuple((key, penalty.label) for key, penalty in PENALTIES.items()),
        help="What lambda is the weight of. Drag λ to feel it.",
    )
    rho: float = knob(0.5, "Mix", bounds=(0.0, 1.0), quantum=0.05, latex=r"\rho", help="The L1 share of the elastic net: 0 is L2, 1 is L1.")
    treatment: str = knob(
        "subgradient",
        "Penalty acts",
        options=(
            ("subgradient", "in the gradient"),
            ("proximal", "by its prox"),
            ("decoupled", "as decay beside"),
            ("clamped", "clamped (a warning)"),
        ),
        help="In the gradient: the rule sees L + λR. By its prox: after the step, in the rule's own metric. As decay: beside the step. Clamped: a "
        "weight that a step takes across zero is zero for ever, as in a well-known playground. AdamW decays beside where others take it in the "
        "gradient.",
    )
    mode: str = knob(
        "fair",
        "Learning rates",
        options=(("fair", "each its best"), ("same", "all the same")),
        help="Each its best: every rule runs at the rate that ends lowest, found by trying 43 rates with the same number of gradients, for every λ.",
    )
    rate: float = knob(0.01, "Learning rate", bounds=(1e-4, 10.0), scale="log", quantum=10, latex=r"\eta", help="One rate for every rule.")
    steps: float = knob(200.0, "Gradients", bounds=(50.0, 400.0), quantum=50.0, help="How many gradients each rule may use.")
    noise: float = knob(
        0.0, "Gradient noise", bounds=(0.0, 10.0), quantum=0.1, latex=r"\sigma", help="Standard deviation of the noise in each gradient."
    )
    seed: float = knob(0.0, "Seed", bounds=(0.0, 99.0), quantum=1.0, help="Which noise. All rules and all λ meet the same.")
    focus: str = knob(
        "adam",
        "Take apart",
        options=tuple((key, rule.label) for key, rule in RULES.items()),
        help="The rule whose step is taken apart, and whose numbers are shown.",
    )
    crowd: bool = knob(
        False, "Count escapes", help="Run every rule 500 times with noise from the bottom where the start settles, and count the runs that leave it."
    )
    sgd: bool = _entrant("sgd", True)
    momentum: bool = _entrant("momentum", True)
    nesterov: bool = _entrant("nesterov", False)
    rmsprop: bool = _entrant("rmsprop", False)
    adagrad: bool = _entrant("adagrad", False)
    adam: bool = _entrant("adam", True)
    adamw: bool = _entrant("adamw", False)
    fista: bool = _entrant("fista", False)
    start1: float = coordinate_knob("Start, first weight", "Where all rules start. Click the map, or type.")
    start2: float = coordinate_knob("Start, second weight", "Where all rules start. Click the map, or type.")
    lam: float = knob(0.0, "lambda", bounds=(0.0, STRONGEST), hidden=True)
    step: float = knob(0.0, "step", bounds=(0.0, 400.0), quantum=1.0, hidden=True)

    def __post_init__(self) -> None:
        """Check the settings, and that a typed formula is a surface in its window."""
        super().__post_init__()
        chosen_surface(self.surface, self.condition, own_of(self))

    @property
    def entrants(self) -> tuple[str, ...]:
        """The keys of the rules that run: those switched on, and the one in focus."""
        return tuple(key for key in RULES if getattr(self, key) or key == self.focus)

    def treatment_of(self, key: str) -> Treatment:
        """Return how the penalty acts on a rule: AdamW is Adam with the decay beside it, so it never takes the penalty into its gradient."""
        treatment: Treatment = self.treatment  # type: ignore[assignment]  # one of the knob's options
        return "decoupled" if key == "adamw" and treatment == "subgradient" else treatment


RACE_PRESETS: Mapping[str, RaceSpec] = MappingProxyType(
    {
        "The valley": RaceSpec(),
        "A ravine": RaceSpec(surface="rotated_ravine", condition=100.0, nesterov=True, fista=True, focus="momentum"),
        "Exact zeros": RaceSpec(
            surface="rotated_ravine", penalty="l1", treatment="proximal", fista=True, adam=True, momentum=False, lam=1.28, focus="fista"
        ),
        "Adam and AdamW part": RaceSpec(surface="rotated_ravine", adamw=True, momentum=False, sgd=False, lam=1.0, focus="adamw"),
        "Stuck in a sharp minimum": RaceSpec(
            surface="rugged_bowl", start1=-2.2, start2=-1.6, noise=1.5, crowd=True, mode="same", rate=0.0501, focus="sgd"
        ),
        "Balanced on a saddle": RaceSpec(surface="saddle", start1=2.5, start2=0.0, noise=0.1, crowd=True, mode="same", rate=0.0501, focus="sgd"),
        "Too fast": RaceSpec(surface="ravine", mode="same", rate=0.2, momentum=True, focus="sgd"),
        "Real data": RaceSpec(surface="logistic_regression", penalty="elastic_net", treatment="proximal", fista=True, focus="adam"),
    }
)
