"""What surrounds the charts of "Training": the axes of its scrubs and the numbers of the member in focus."""

from __future__ import annotations

import numpy as np

from core.figures.scene import FamilyAxis, Readout
from core.optimizers import RULES
from core.specs.training_lab import AXES, SYMBOLS, TrainingLabSpec

SECONDS = 18.0  # for all epochs at speed 1


def epoch_axis(spec: TrainingLabSpec) -> FamilyAxis:
    """Return the axis of the player, which a film fills."""
    last = int(spec.epochs)
    return FamilyAxis("epoch", np.arange(last + 1, dtype=np.float64), "Train", "epoch", pace=last / SECONDS, film=True, autoplay=True)


def member_axis(spec: TrainingLabSpec) -> FamilyAxis:
    """Return the axis of the family; rules are numbered."""
    if spec.axis == "rule":
        names = tuple(f"{RULES[rule].label}, η = {rate:g}" for rule, rate in zip(spec.values, spec.rates, strict=True))
        return FamilyAxis("member", np.arange(1.0, spec.members + 1.0), "Choose a rule", names=names)
    return FamilyAxis("member", np.array(spec.values, dtype=np.float64), f"Drag {AXES[spec.axis]}", SYMBOLS[spec.axis])


def training_readouts(spec: TrainingLabSpec) -> tuple[Readout, ...]:
    """Return the numbers of the member in focus at the epoch where the player stands."""
    both = ("member", "epoch")
    return (
        Readout("training loss", source="curves.train_loss", axes=both, colour="train"),
        Readout("validation loss", source="curves.val_loss", axes=both, colour="validation"),
        Readout("gap", source="curves.gap", axes=both, help="Validation loss less training loss: overfitting."),
        Readout("exact zeros", source="curves.zeros", axes=both, help="Share of the weights that are exactly zero.", colour=spec.penalty),
        Readout("|w|", source="curves.norm", axes=both, help="Euclidean norm of all weights, biases left out."),
        Readout("How it stands", source="sentences", axes=("member",)),
    )
