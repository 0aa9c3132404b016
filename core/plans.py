"""Lesson plans of 10, 45 and 90 minutes: what to open, in which order, and what to do there. Each stop is a state of a lab, so a link."""

from __future__ import annotations

from dataclasses import dataclass

from core.knobs import Spec
from core.specs import (
    AdamAndAdamWSpec,
    BatchNormSpec,
    BiasVarianceSpec,
    ClaimsSpec,
    DiamondCircleSpec,
    DropoutSpec,
    FlatAndSharpSpec,
    PriorsSpec,
    RaceSpec,
    RightMixSpec,
    ShrinkageSpec,
    SmoothingSpec,
    StepByStepSpec,
    TrainingLabSpec,
)


@dataclass(frozen=True)
class Stop:
    """A part of a lesson: how many minutes it takes, what is opened, what it is called, and what to do there."""

    minutes: int
    spec: Spec
    title: str
    task: str


@dataclass(frozen=True)
class Plan:
    """A lesson: its title, who it is for, and its stops in order."""

    title: str
    audience: str
    stops: tuple[Stop, ...]

    @property
    def minutes(self) -> int:
        """How long it takes."""
        return sum(stop.minutes for stop in self.stops)


PLANS = (
    Plan(
        "Why L1 makes zeros",
        "A first look, in the middle of any lecture on regularization.",
        (
            Stop(5, DiamondCircleSpec(lam=0.0), "Push the ellipse", "Ask which weight goes first, then drag λ. Switch to L2 and ask again."),
            Stop(3, StepByStepSpec(), "The same in numbers", "Step through the table of L1 and stop before the second weight reaches zero."),
            Stop(2, ClaimsSpec(claim=29.0), "Is it always so?", "Let the class vote before you scroll to the verdict."),
        ),
    ),
    Plan(
        "From a penalty to a prediction",
        "One lesson of a statistics or machine learning course; least squares is known.",
        (
            Stop(8, DiamondCircleSpec(), "Corner or circle", "Predict with the lab's questions; then drag λ through the family."),
            Stop(10, ShrinkageSpec(), "Ten weights on real data", "Who survives? Choose λ by cross-validation, then read the twins below."),
            Stop(7, PriorsSpec(), "A penalty is a belief", "Add points by clicking and watch the prior give way."),
            Stop(10, BiasVarianceSpec(), "What it buys", "Find the λ of the least sum, then the one that training error would choose."),
            Stop(
                10,
                ClaimsSpec(topic="statistics", claim=27.0),
                "Three claims on trial",
                "Groups take a claim each, run it with other seeds, report.",
            ),
        ),
    ),
    Plan(
        "Regularising networks",
        "A double lesson of a deep learning course; gradient descent is known.",
        (
            Stop(10, SmoothingSpec(), "A penalty bends the surface", "Which minimum goes first, and what becomes of the largest stable rate?"),
            Stop(10, RaceSpec(), "Eight rules, one surface", "Play, rewind, take a step apart; then drag λ through the race."),
            Stop(10, AdamAndAdamWSpec(), "One decay, three ends", "Predict where AdamW ends before you play it."),
            Stop(15, TrainingLabSpec(), "Overfitting, seen and cured", "Drag λ, then p, through sixteen networks while they train."),
            Stop(15, DropoutSpec(), "Dropout inside", "Which units live, why the rest is scaled, and what it has to do with ridge."),
            Stop(10, BatchNormSpec(), "Batch norm", "How much larger may the rate be? And what becomes of weight decay?"),
            Stop(10, FlatAndSharpSpec(), "Flat and sharp", "Rank the networks by sharpness, then rescale one and rank again."),
            Stop(10, RightMixSpec(), "Settings together", "Find the best pair of λ and p, and how many others cannot be told from it."),
        ),
    ),
)
