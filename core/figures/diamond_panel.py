"""What surrounds the charts of "Diamond and circle": the axis of its scrub, the numbers beside them, the certificate of each solution."""

from __future__ import annotations

import numpy as np

from core.diamond_circle import DiamondCircle
from core.diamond_circle_words import zero_sentences
from core.figures.labels import axis_symbol, event_label
from core.figures.scene import FamilyAxis, Readout


def diamond_axis(result: DiamondCircle) -> FamilyAxis:
    """Return the family's axis, with the members at which a weight becomes zero as marks."""
    lam = result.spec.axis == "lam"
    marks = [(member, event_label(event, result.spec.axis)) for event, member in zip(result.events, result.event_members, strict=True) if member >= 0]
    marks.append((0, "no penalty" if lam else "no budget"))
    marks.append((len(result.axis) - 1, "strongest" if lam else "widest"))
    label = "Drag λ, the weight of the penalty" if lam else "Drag the budget R(w) ≤ b"
    return FamilyAxis("t", result.axis, label, f"{axis_symbol(result.spec.axis)} =", marks=tuple(sorted(marks)))


def diamond_readouts(result: DiamondCircle) -> tuple[Readout, ...]:
    """Return what the panel beside the constraint plane shows, following the scrub."""
    solution = result.solution
    paid = result.loss - result.problem.floor
    return (
        Readout("w₁", solution.w[:, 0], colour="w1", name="w1"),
        Readout("w₂", solution.w[:, 1], colour="w2", name="w2"),
        Readout("λ", solution.lam, help="The penalty's weight, and the budget's multiplier: the loss saved per unit of budget.", name="lam"),
        Readout("budget R(w)", solution.budget, help="|w₁| + |w₂| for L1, w₁² + w₂² for L2, and the mix for the elastic net.", name="budget"),
        Readout("loss paid", np.maximum(paid, 0.0), help="Loss at the solution above the least loss there is.", name="paid"),
        Readout(
            "KKT residual",
            solution.kkt_residual,
            digits=2,
            help="The certificate: how far the solution is from meeting the optimality conditions, relative to the pull at 0.",
            name="kkt",
        ),
        Readout("Zero weights", zero_sentences(result), name="zeros"),
    )
