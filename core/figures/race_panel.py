"""What surrounds the charts of "Optimizer race": the axes of its scrubs, the numbers of the rule in focus, its certificate."""

from __future__ import annotations

import numpy as np

from core.figures.race_curves import HIGHEST
from core.figures.scene import FamilyAxis, Readout
from core.optimizers import RULES
from core.race import Race
from core.race_words import certificate_sentence, focus_message

SECONDS = 8.0  # for the whole race at speed 1


def step_axis(race: Race) -> FamilyAxis:
    """Return the axis of the player: steps from the start on."""
    last = int(race.spec.steps)
    return FamilyAxis("step", np.arange(last + 1, dtype=np.float64), "Play the race", "step", pace=last / SECONDS)


def lambda_axis_of(race: Race) -> FamilyAxis:
    """Return the axis of the penalty's weight."""
    return FamilyAxis("lam", race.lam, "Drag λ, the weight of the penalty", "λ =", marks=((0, "no penalty"), (len(race.lam) - 1, "strongest")))


def race_readouts(race: Race) -> tuple[Readout, ...]:
    """Return the numbers of the rule in focus, following both scrubs."""
    key = race.spec.focus
    run, label = race.runs[key], RULES[key].label
    both = ("lam", "step")
    bounded = {name: np.clip(values, -HIGHEST, HIGHEST) for name, values in (("loss", run.loss), ("sum", run.objective), ("norm", run.gradient_norm))}
    limits = ["none" if np.isnan(value) else "any" if np.isinf(value) else f"{value:.4g}" for value in race.limit]
    return (
        Readout("w₁", run.x[..., 0], axes=both, colour="w1", name="w1"),
        Readout("w₂", run.x[..., 1], axes=both, colour="w2", name="w2"),
        Readout("loss L", bounded["loss"], axes=both, name="loss"),
        Readout("L + λR", bounded["sum"], axes=both, help="The objective that the rules go down.", name="sum"),
        Readout(
            "|gradient|",
            bounded["norm"],
            axes=both,
            digits=3,
            help="Of the objective; under L1 the least of its subgradients, which is 0 at a minimum.",
            name="norm",
        ),
        Readout("rate", race.rates[key], axes=("lam",), colour=key, help="The learning rate of the rule in focus."),
        Readout(
            "largest stable rate",
            limits,
            axes=("lam",),
            help="At the lowest point, from the largest curvature there. Adaptive rules have no such limit.",
        ),
        Readout("exact zeros", race.zeros(key), axes=("lam",), help="Weights that are exactly zero at the end of the run.", name="zeros"),
        Readout(f"How {label} ended", focus_message(race), axes=("lam",), colour=key, name="ended"),
        Readout("Certificate", [certificate_sentence(key)], axes=()),
    )
