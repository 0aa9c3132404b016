"""What the lab "Dropout" says: every number computed from the result on the screen."""

from __future__ import annotations

import itertools

import numpy as np

from core.dropout.least_squares import LeastSquares
from core.dropout.scaling import Scaling
from core.dropout.thinned import SIZES, Thinned
from core.wording import number

HIDDEN = sum(SIZES[1:-1])
CONNECTIONS = sum(a * b for a, b in itertools.pairwise(SIZES))


def unit_name(unit: int) -> tuple[int, int]:
    """Return the hidden layer, from 1, and the place in it, from 0, of a hidden unit counted from 1."""
    rest = unit - 1
    for layer, units in enumerate(SIZES[1:-1], start=1):
        if rest < units:
            return layer, rest
        rest -= units
    return len(SIZES) - 2, SIZES[-2] - 1


def batch_sentences(result: Thinned) -> list[str]:
    """Return what the network's picture shows, a sentence or two for each p and batch (flattened, batch fastest)."""
    spec, largest = result.spec, np.abs(result.gradient[:, :, result.is_connection]).max(axis=2)
    living = result.share.sum(axis=2)
    carrying = np.round(result.flowing * CONNECTIONS).astype(int)
    rows = int(spec.rows)
    said = []
    for i, p in enumerate(result.p.tolist()):
        for t in range(result.loss.shape[1]):
            alive = f"{living[i, t]:.0f}" if spec.masks == "batch" or rows == 1 else f"on average {living[i, t]:.1f}"
            text = f"p = {p:g}, batch {t + 1}: {alive} of {HIDDEN} units live, {carrying[i, t]} of {CONNECTIONS} connections carry gradient"
            text += f", at most {number(float(largest[i, t]), 2)}." if carrying[i, t] else "."
            said.append(text + _silence(result, i, t))
    return said


def _silence(result: Thinned, i: int, t: int) -> str:
    """Return why nothing, or little, is learned, where that is so."""
    empty = int(result.empty[i, t])
    if result.left[i] and float(np.abs(result.weights[i, t]).max()) > 30.0:
        return " The weights have left for good at this rate, so the network was stopped. Take a lower learning rate."
    if empty:
        return f" No unit of hidden layer {empty} lives: no signal passes, and nothing before it learns from this batch."
    if result.flowing[i, t] == 0.0:
        return " Every unit says 0 or has no slope: the network is dead, and only the outputs' biases learn."
    return ""


def loss_sentences(result: Thinned) -> list[str]:
    """Return how the losses went, one sentence a p."""
    said = []
    for p, first, end, mean in zip(
        result.p.tolist(), result.whole[:, 0].tolist(), result.end.tolist(), result.loss.mean(axis=1).tolist(), strict=True
    ):
        said.append(
            f"p = {p:g}: forty batches take the whole network from {number(first)} to {number(end)}; a thinned one has {number(mean)} on average."
        )
    return said


def scaling_sentences(result: Scaling) -> list[str]:
    """Return what the units sum to with and without a fix, one sentence or two a p."""
    n, masks = result.units, result.plain.shape[1]
    units = "1 unit" if n == 1 else f"{n} units"
    said = []
    for i, p in enumerate(result.p.tolist()):
        keep = 1.0 - p
        measured, error = float(result.plain[i].mean()), float(result.plain[i].std() / np.sqrt(masks))
        text = (
            f"p = {p:g}: without a fix {units} sum to {number(measured, 4)} ± {number(error, 2)} in training and to {number(result.full)} in a test"
        )
        if p == 0.0:
            said.append(text + ". Nothing is dropped, so there is nothing to mend.")
            continue
        inverted = float(result.inverted[i].mean())
        said.append(
            f"{text}. Divided by 1 − p in training: {number(inverted, 4)} against {number(result.full)}. Multiplied by 1 − p in the test: "
            f"{number(measured, 4)} against {number(result.full * keep)}."
        )
    return said


def variance_sentences(result: Scaling) -> list[str]:
    """Return the inverted sum's variance, measured and by formula, one sentence a p."""
    measured = result.inverted.var(axis=1)
    masks = result.plain.shape[1]
    return [
        f"p = {p:g}: variance {number(float(found), 4)} over {masks} masks, N x² p/(1 − p) = {number(float(formula), 4)}; its root is "
        f"{number(100.0 * float(np.sqrt(formula)) / result.full)} % of the signal."
        for p, found, formula in zip(result.p.tolist(), measured, result.variance, strict=True)
    ]


def ridge_sentences(result: LeastSquares) -> list[str]:
    """Return the identity in numbers, one sentence or two a p."""
    d = len(result.names)
    masks = f"all {2**d:,} masks" if d > 1 else "both masks"
    said = []
    for i, p in enumerate(result.p.tolist()):
        n = len(result.y)
        said.append(
            f"p = {p:g}, p/(1 − p) = {number(float(result.strength[i]))}: the mean over {masks} is {number(float(result.enumerated[i]) / n, 8)} a "
            f"row, the formula gives {number(float(result.formula[i]) / n, 8)}; they differ by {number(float(result.gap[i]), 1)} of it."
        )
    return said
