"""The settings of the lab "Adam and AdamW"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar

from core.knobs import Spec, knob
from core.specs.ground import OWN, OWN_LABEL, UNSET, condition_knob, formula_knob
from core.surfaces.typed import typed_quadratic

TRIO = ("sgd", "adam", "adamw")
"""The rules of the lab, in the order of its pictures."""

SHAPES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "bowl": ("steep1", "steep2", "coupling", "centre1", "centre2"),
        "diabetes": ("rows", "draw"),
        "rotated_ravine": ("condition",),
        OWN: ("formula",),
    }
)
"""Loss -> the knobs that shape it."""

_FARTHEST = 60.0  # a coordinate of any of the lab's windows is below it


def _rate(label: str, latex: str, help: str) -> Any:  # noqa: ANN401 - stands for a field of any type
    return knob(0.1, label, bounds=(1e-3, 10.0), scale="log", quantum=10, latex=latex, help=help)


def _coordinate(label: str) -> Any:  # noqa: ANN401 - stands for a field of any type
    return knob(UNSET, label, bounds=(UNSET, _FARTHEST), quantum=0.001, help="Where all rules start. Click the plane, or type.", hidden=True)


@dataclass(frozen=True)
class AdamAndAdamWSpec(Spec):
    """Settings of the lab "Adam and AdamW": a quadratic loss, how the rules run, what the maps judge, and where step and lambda stand."""

    prefix: ClassVar[str] = "aw"

    surface: str = knob(
        "bowl",
        "Loss",
        options=(
            ("bowl", "Two coupled weights"),
            ("diabetes", "Regression on a few patients"),
            ("round_bowl", "Round bowl"),
            ("ravine", "Ravine"),
            ("rotated_ravine", "Rotated ravine"),
            ("none", "No data at all"),
            (OWN, OWN_LABEL),
        ),
        help="All of them quadratics, your own formula too, so that every end is known exactly. Without data the loss is 0 everywhere, and only the "
        "decay moves a weight.",
    )
    steep1: float = knob(1.0, "Curvature of w₁", bounds=(1.0, 4.0), quantum=0.1, latex="h_{11}", help="The loss's second derivative along w₁.")
    steep2: float = knob(2.0, "Curvature of w₂", bounds=(1.0, 4.0), quantum=0.1, latex="h_{22}", help="The loss's second derivative along w₂.")
    coupling: float = knob(
        0.6, "Coupling", bounds=(-0.95, 0.95), quantum=0.05, latex="h_{12}", help="How much the slope of one weight hangs on the other."
    )
    centre1: float = knob(8.0, "Free minimum, w₁", bounds=(-8.0, 8.0), quantum=0.1, help="Where the loss alone is least.")
    centre2: float = knob(1.0, "Free minimum, w₂", bounds=(-8.0, 8.0), quantum=0.1, help="Where the loss alone is least.")
    condition: float = condition_knob()
    formula: str = formula_knob("(w1 - 6)**2/2 + (w1 - 6)*(w2 + 4) + 2*(w2 + 4)**2")
    rows: float = knob(
        8.0, "Training patients", bounds=(6.0, 60.0), quantum=1.0, help="How many of the 442 patients are learned from. The others are unseen."
    )
    draw: float = knob(5.0, "Draw", bounds=(0.0, 99.0), quantum=1.0, help="Which patients. Another draw is another loss.")
    sgd_rate: float = _rate("Rate of SGD", r"\eta_{\mathrm{SGD}}", "The learning rate of plain descent.")
    adam_rate: float = _rate("Rate of Adam and AdamW", r"\eta", "One rate for both: nothing but the decay tells them apart.")
    beta2: str = knob(
        "0.99",
        "Memory of squares β₂",
        options=(("0.9", "0.9"), ("0.99", "0.99"), ("0.999", "0.999")),
        help="How long Adam and AdamW remember squared gradients. PyTorch's default is 0.999: the ends are the same, and take ten times the steps.",
    )
    steps: float = knob(2000.0, "Steps", bounds=(500.0, 6000.0), quantum=500.0, help="How many gradients each rule gets.")
    noise: float = knob(
        0.0, "Gradient noise", bounds=(0.0, 10.0), quantum=0.1, latex=r"\sigma", help="Standard deviation of the noise in each coordinate."
    )
    seed: float = knob(0.0, "Seed", bounds=(0.0, 99.0), quantum=1.0, help="Which noise. All rules and all λ meet the same.")
    sgd: bool = knob(True, "SGD + L2", help="Plain descent. Its weight_decay and an L2 term in the loss are one and the same.")
    adam: bool = knob(True, "Adam + L2", help="torch.optim.Adam: weight_decay goes into the gradient, and so through both moments.")
    adamw: bool = knob(True, "AdamW", help="torch.optim.AdamW: weight_decay acts beside the step.")
    circle: bool = knob(False, "The false picture", help="AdamW drawn as if it kept the weights in an L2 ball. Watch where it really goes.")
    judge: str = knob(
        "unseen",
        "Maps judge",
        options=(("unseen", "unseen data"), ("train", "training loss")),
        help="Which loss of the last iterate the maps show.",
    )
    nearer: float = knob(
        0.6,
        "Unseen minimum at",
        bounds=(0.0, 1.0),
        quantum=0.05,
        help="A made-up loss has no unseen data. In its place stands the same bowl, its minimum moved towards the origin: to this share of the way.",
    )
    start1: float = _coordinate("Start, first weight")
    start2: float = _coordinate("Start, second weight")
    lam: float = knob(0.125, "lambda", bounds=(0.0, 1e3), hidden=True)
    step: float = knob(60.0, "step", bounds=(0.0, 6000.0), quantum=1.0, hidden=True)

    def __post_init__(self) -> None:
        """Check the settings, and that a typed formula is a quadratic with a minimum."""
        super().__post_init__()
        if self.surface == OWN:
            typed_quadratic(self.formula)

    @property
    def entrants(self) -> tuple[str, ...]:
        """The rules that are drawn on the plane; all where none is switched on."""
        return tuple(key for key in TRIO if getattr(self, key)) or TRIO

    def rate_of(self, key: str) -> float:
        """Return the learning rate of a rule."""
        return self.sgd_rate if key == "sgd" else self.adam_rate


ADAM_AND_ADAMW_PRESETS: Mapping[str, AdamAndAdamWSpec] = MappingProxyType(
    {
        "Three ends": AdamAndAdamWSpec(),
        "Adam is ridge": AdamAndAdamWSpec(adamw=False, step=2000.0),
        "AdamW is a box": AdamAndAdamWSpec(sgd=False, circle=True, step=2000.0),
        "Noise makes AdamW ridge-like": AdamAndAdamWSpec(noise=8.0, sgd_rate=0.01, adam_rate=0.0501, steps=4000.0, step=4000.0, lam=0.02),
        "No data gradient": AdamAndAdamWSpec(surface="none", steps=500.0, step=20.0),
        "Maps": AdamAndAdamWSpec(surface="diabetes", lam=0.5, step=200.0),
    }
)
