"""What surrounds the charts of "Batch norm": the axes of its scrubs and the numbers beside them."""

from __future__ import annotations

import numpy as np

from core.batch_norm.batches import BatchResult
from core.batch_norm.common import NORMED, PLAIN
from core.batch_norm.decay import DecayResult
from core.batch_norm.invariance import FACTORS, Invariance
from core.batch_norm.orders import OrderResult
from core.batch_norm.rates import MapResult, RateResult
from core.batch_norm.smoothness import SmoothnessResult
from core.batch_norm.unit import Normalised
from core.batch_norm.words import (
    batch_verdict,
    decay_verdict,
    formula_sentence,
    loss_of,
    map_verdict,
    networks,
    radial_sentence,
    rate_verdict,
    smoothness_verdict,
)
from core.figures.scene import FamilyAxis, Readout
from core.wording import number


def rate_axis(result: RateResult) -> FamilyAxis:
    """Return the axis of the rate, with the largest rates that still train."""
    marks: dict[int, str] = {}
    for which, name in ((PLAIN, "largest without"), (NORMED, "largest with")):
        ends = result.largest[:, which]
        if np.isfinite(ends).any():
            marks.setdefault(int(np.abs(np.log(result.rates / np.nanmedian(ends))).argmin()), name)
    return FamilyAxis("at_rate", result.rates, "Drag the learning rate", "η =", marks=tuple(sorted(marks.items())))


def map_axes(result: MapResult) -> tuple[FamilyAxis, FamilyAxis]:
    """Return the axes of the map."""
    one = int(np.abs(np.log(result.scales)).argmin())
    return (
        FamilyAxis("map_rate", result.rates, "Learning rate", "η ="),
        FamilyAxis("map_scale", result.scales, "Initial weights, times", "×", marks=((one, "torch's own"),)),
    )


def epoch_axis(result: SmoothnessResult) -> FamilyAxis:
    """Return the axis of the epochs that networks are looked at."""
    return FamilyAxis("epoch", result.epochs, "Drag the epoch", "after epoch", marks=((0, "start"), (len(result.epochs) - 1, "end")))


def pairs_axis(result: BatchResult) -> FamilyAxis:
    """Return the axis of the batch size."""
    return FamilyAxis("pairs", result.sizes, "Drag the batch size", "B =")


def p_axis(result: OrderResult) -> FamilyAxis:
    """Return the axis of the dropout rate."""
    return FamilyAxis("p", result.rates, "Drag the dropout rate", "p =")


def lam_axis(result: DecayResult) -> FamilyAxis:
    """Return the axis of lambda."""
    return FamilyAxis("lam", result.lam, "Drag λ; weight_decay is 2λ", "λ =", marks=((0, "no decay"),))


def c_axis(result: Invariance) -> FamilyAxis:
    """Return the axis of the factor c."""
    return FamilyAxis("c", result.factors, "Multiply the weights into hidden units by", "c =", marks=((FACTORS // 2, "1"),))


def unit_axes(unit: Normalised) -> tuple[FamilyAxis, FamilyAxis]:
    """Return the axes of batch size and of batches in their order, the latter with a player."""
    turns = np.arange(1.0, unit.mean.shape[1] + 1.0)
    return (
        FamilyAxis("size", unit.sizes.astype(float), "Drag the batch size", "B ="),
        FamilyAxis("turn", turns, "One batch after another", "batch", pace=4.0),
    )


def rate_readouts(result: RateResult) -> tuple[Readout, ...]:
    """Return the verdict on claim "higher rates", what was trained, and the medians at the rate chosen."""
    shown = []
    for which, ink, name in ((NORMED, "batch_norm", "With batch norm"), (PLAIN, "loss", "Without")):
        for what, values, said in (("last loss", result.final, "the last training loss"), ("lowest", result.lowest, "the lowest one on the way")):
            losses = [loss_of(row) for row in values[..., which]]
            shown.append(Readout(f"{name}: {what}", losses, colour=ink, help=f"Median over seeds of {said}.", axes=("at_rate",)))
        learnt = [f"{count} of {result.study.seeds}" for count in result.trains[..., which].sum(axis=1)]
        shown.append(Readout(f"{name}: learnt", learnt, colour=ink, help="How many networks have learnt.", axes=("at_rate",)))
    return tuple(shown)


def notes(*pairs: tuple[str, str]) -> tuple[Readout, ...]:
    """Return sentences under their labels, the same wherever the scrubs stand."""
    return tuple(Readout(label, [text], axes=()) for label, text in pairs)


def rate_notes(result: RateResult) -> tuple[Readout, ...]:
    """Return the verdict and what was trained."""
    return notes(("Does it allow higher rates?", rate_verdict(result)), ("Trained", networks(result.study)))


def map_notes(result: MapResult) -> tuple[Readout, ...]:
    """Return the verdict and what was trained."""
    return notes(("Is it less sensitive to the start?", map_verdict(result)), ("Trained", networks(result.study)))


def smoothness_notes(result: SmoothnessResult, judge: str, steps: str) -> tuple[Readout, ...]:
    """Return the verdict and what was trained."""
    return notes(("Does it smooth the loss?", smoothness_verdict(result, judge, steps)), ("Trained", networks(result.study)))


def batch_notes(result: BatchResult) -> tuple[Readout, ...]:
    """Return the verdict and what was trained."""
    return notes(
        ("Does it regularise?", batch_verdict(result)),
        ("Trained", networks(result.study).replace(f"batches of {result.study.batch}", "several batch sizes")),
    )


def order_notes(result: OrderResult) -> tuple[Readout, ...]:
    """Return how near the formula is and what was trained."""
    return notes(("The formula", formula_sentence(result)), ("Trained", networks(result.study)))


def decay_notes(result: DecayResult) -> tuple[Readout, ...]:
    """Return the verdict on sharpness and what was trained."""
    certificate = f"The residuals of all eigenpairs are below {number(result.residual, 2)} of their spectrum."
    return notes(("Does decay flatten?", decay_verdict(result)), ("Trained", networks(result.study)), ("Certificate", certificate))


def ray_notes(result: Invariance) -> tuple[Readout, ...]:
    """Return the certificate of the gradient's direction."""
    return notes(("Weights and gradient are at right angles", radial_sentence(result)))
