"""The settings of the lab "Step by step"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar

from core.knobs import Spec, knob

LAST_STEP = 2e6
"""No story of the lab runs longer: the largest lone weight needs a million steps of the smallest size."""


@dataclass(frozen=True)
class StepByStepSpec(Spec):
    """Settings of the lab "Step by step": which of its three stories is told, its numbers, and the step in focus.

    ``rate`` and ``lam`` act in every story. The defaults are those of the course whose tables the lab recomputes.
    """

    prefix: ClassVar[str] = "st"

    story: str = knob(
        "tables",
        "Story",
        options=(("tables", "The tables"), ("alone", "Multiply or subtract"), ("zero", "Three ways at zero")),
        help="Two weights under each penalty; a weight that only the penalty pulls on; and what L1 can do when a step crosses zero.",
    )
    rate: float = knob(0.1, "Learning rate", bounds=(0.01, 2.0), quantum=0.01, latex=r"\eta", help="How far a step goes, per unit of gradient.")
    lam: float = knob(0.1, "Penalty", bounds=(0.0, 2.0), quantum=0.01, latex=r"\lambda", help="The weight of the penalty.")
    convention: str = knob(
        "course",
        "L2 adds",
        options=(("course", "λw, as the course"), ("lab", "2λw, as this lab")),
        help="The gradient of λ|w|² is 2λw. The course leaves the 2 out, so its λ = 0.1 is 0.05 in this lab.",
    )
    at_zero: str = knob(
        "clip",
        "L1 at zero",
        options=(("clip", "clip, as the course"), ("subgradient", "step across"), ("proximal", "proximal")),
        help="What L1 does when a step would carry a weight across zero: cut it off there, let it cross, or shrink after the gradient step.",
    )
    start1: float = knob(1.5, "Start, first weight", bounds=(-3.0, 3.0), quantum=0.05, latex="w_1", help="Where the first weight begins.")
    start2: float = knob(0.5, "Start, second weight", bounds=(-3.0, 3.0), quantum=0.05, latex="w_2", help="Where the second weight begins.")
    gradient1: float = knob(
        1.0, "Gradient, first weight", bounds=(-2.0, 2.0), quantum=0.05, latex="g_1", help="The slope of the loss, always the same."
    )
    gradient2: float = knob(
        1.0, "Gradient, second weight", bounds=(-2.0, 2.0), quantum=0.05, latex="g_2", help="The slope of the loss, always the same."
    )
    steps: float = knob(5.0, "Steps", bounds=(1.0, 60.0), quantum=1.0, help="How many rows the tables have after the start.")
    elastic: bool = knob(False, "Elastic net too", help="Show the elastic net beside the other rules.")
    rho: float = knob(0.5, "Mix", bounds=(0.0, 1.0), quantum=0.05, latex=r"\rho", help="The L1 share of the elastic net: 0 is L2, 1 is L1.")
    plot: str = knob(
        "weights",
        "Plot",
        options=(("weights", "the weights"), ("taken", "what the penalty took")),
        help="The weights themselves, or how far each lies from where it would be without a penalty.",
    )
    big: float = knob(10.0, "Large weight", bounds=(1.0, 100.0), scale="log", quantum=10, latex="W", help="A large weight that no data pulls on.")
    small: float = knob(0.01, "Small weight", bounds=(0.001, 1.0), scale="log", quantum=10, latex="W", help="A small weight that no data pulls on.")
    begin: float = knob(0.12, "Start", bounds=(-1.0, 1.0), quantum=0.01, latex="w", help="Where the weight begins, for all three ways.")
    curvature: float = knob(1.0, "Steepness", bounds=(0.1, 10.0), scale="log", quantum=10, latex="h", help="How hard the loss ½h(w − c)² pulls.")
    target: float = knob(0.02, "Pulled to", bounds=(-1.0, 1.0), quantum=0.01, latex="c", help="Where the loss is least, in the first half.")
    moved: float = knob(0.25, "Later pulled to", bounds=(-1.0, 1.0), quantum=0.01, latex="c'", help="Where the loss is least in the second half.")
    length: float = knob(60.0, "Steps", bounds=(10.0, 200.0), quantum=2.0, help="How many steps; the loss moves after half of them.")
    step: float = knob(4.0, "step", bounds=(0.0, LAST_STEP), quantum=1.0, hidden=True)


STEP_BY_STEP_PRESETS: Mapping[str, StepByStepSpec] = MappingProxyType(
    {
        "The course's tables": StepByStepSpec(),
        "L1 leaves zero again": StepByStepSpec(steps=9.0, step=5.0),
        "L2 crosses zero": StepByStepSpec(steps=24.0, step=4.0, lam=0.5),
        "L2 overshoots": StepByStepSpec(rate=1.5, lam=1.0, convention="lab", gradient1=0.0, gradient2=0.0, steps=24.0, step=3.0),
        "The constant push": StepByStepSpec(
            start1=3.0, rate=0.5, lam=0.2, gradient1=0.0, gradient2=0.0, steps=40.0, elastic=True, plot="taken", step=4.0
        ),
        "A tiny weight": StepByStepSpec(story="alone", step=1.0),
        "Gone in one step": StepByStepSpec(story="alone", rate=1.0, lam=0.5, convention="lab", step=0.0),
        "A weight comes back": StepByStepSpec(story="zero", step=30.0),
        "Bouncing": StepByStepSpec(story="zero", rate=0.3, lam=0.2, begin=0.4, target=0.02, moved=0.02, step=8.0),
        "Too long a step": StepByStepSpec(story="zero", rate=1.2, curvature=2.0, target=0.25, step=10.0),
    }
)
