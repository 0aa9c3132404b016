"""Figures: a batch in a thinned network, its losses, the share of connections that carry gradient. In: a Thinned. Out: scenes over p and batch."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from core._validate import Floats
from core.dropout.flowers import FEATURES, SPECIES
from core.dropout.thinned import ACTIVATIONS, SIZES, Thinned
from core.dropout.words import batch_sentences, loss_sentences, unit_name
from core.figures.dropout.rates import cursor, direct, line, over_p
from core.figures.palette import PALETTE
from core.figures.scene import Mark, Readout, Scene
from core.figures.template import axis, canvas
from core.specs.dropout import rates

BOTH = ("p", "batch")
_TOP = 2.0  # of the losses that are drawn


def thinned_network(result: Thinned) -> Scene:
    """Return the network with the batch's mask: live units with their numbers, connections as wide as their gradient, the rest as ghosts."""
    mark = Mark(
        "thinned",
        codes(result.gradient),  # type: ignore[arg-type]  # small integers
        "class1",
        "network",
        axes=BOTH,
        layers=SIZES,
        alive=np.round(255.0 * result.share).astype(np.uint8),
        values=result.values,
        errors=result.errors,
        stage="stage",
        focus=int(result.spec.unit) - 1,
        colours=("class0", "loss", "dropout", "muted"),
        texts=(*FEATURES, *SPECIES),
    )
    hidden = {"visible": False, "fixedrange": True}
    figure = canvas(
        xaxis=axis("", range=[0.0, 1.0], **hidden),
        yaxis=axis("", range=[-0.03, 1.0], **hidden),
        margin={"l": 4, "r": 4, "t": 4, "b": 4},
        dragmode=False,
    )
    alt = (
        "A network of 3 - 5 - 4 - 4 - 2 units and one batch in it: dropped units are crossed out and their connections dotted; the other "
        "connections are as wide as the gradient that they carry. Numbers in the units are what they say, numbers below them their errors."
    )
    said = batch_sentences(result)
    return Scene(figure, alt, (mark,), captions=tuple(said), caption_axes=BOTH, caption_shape=result.loss.shape, aspect=0.66)


def codes(gradient: Floats) -> NDArray[np.int8]:
    """Return -127 to 127 of each network's largest gradient; what is not exactly 0 is never 0."""
    largest = np.abs(gradient).max(axis=-1, keepdims=True)
    part = np.abs(gradient) / np.where(largest > 0.0, largest, 1.0)
    size = np.where(gradient == 0.0, 0.0, np.maximum(1.0, np.round(127.0 * part)))
    found: NDArray[np.int8] = (np.sign(gradient) * size).astype(np.int8)
    return found


def batch_losses(result: Thinned) -> Scene:
    """Return the loss of each batch under its mask, and of all flowers without dropout, up to the batch in focus."""
    batches = np.arange(1.0, result.loss.shape[1] + 1.0)
    top = float(min(_TOP, 1.1 * max(result.loss.max(), result.whole.max(), 0.75)))
    marks = [Mark("cursor", batches, "muted", "batch", axes=("batch",), width=1.4)]
    for heights, ink, name, head in ((result.loss, "dropout", "thinned", "circle"), (result.whole, "train", "whole", "diamond")):
        shown = np.minimum(heights, top)
        style = {"width": 2.4, "dash": PALETTE[ink].dash, "size": 5.0, "ghost": 0.25, "abscissa": batches}
        marks.append(Mark("path", shown, ink, name, axes=("p",), until="batch", head=head, **style))  # type: ignore[arg-type]  # one of the symbols
    figure = canvas(xaxis=axis("batch", range=[0.0, 1.0 + batches[-1]]), yaxis=axis("cross-entropy", range=[0.0, top]))
    figure["layout"]["annotations"] = direct(
        (0.4 * batches[-1], 0.93 * top, "● this batch, thinned", "dropout"), (0.4 * batches[-1], 0.82 * top, "◆ all, whole network", "train")
    )
    alt = "The loss of each batch under its own mask, and of all flowers without dropout, along the batches."
    return Scene(figure, alt, tuple(marks), captions=tuple(loss_sentences(result)), caption_axes=("p",), aspect=0.72)


def gradient_share(result: Thinned) -> Scene:
    """Return the share of the connections that carry gradient against p: in this batch, on average, and what the live ends alone would allow."""
    marks = (
        cursor(),
        line(
            expected_ends(rates()) if result.spec.masks == "batch" else result.ends_live.mean(axis=1), "muted", "both ends live", dash="dash", text=""
        ),
        line(result.flowing.mean(axis=1), "dropout", "mean of 40 batches", dash="solid", text=""),
        line(result.flowing.T, "loss", "this batch", axes=("batch",), width=1.8, text=""),
    )
    figure = over_p("share of connections", (-0.03, 1.06), wide=1.02)
    figure["layout"]["annotations"] = direct(
        (0.02, 0.27, "this batch", "loss"), (0.02, 0.16, "mean of forty", "dropout"), (0.02, 0.05, "both ends live (dashed)", "muted")
    )
    alt = "The share of the 59 connections that carry gradient, against p: in this batch, on average over forty, and the share whose two ends live."
    at = "A connection learns only where both its ends live and a live path leads on to the outputs and back to the inputs."
    return Scene(figure, alt, marks, captions=(at,), caption_axes=(), aspect=0.72)


def expected_ends(p: Floats) -> Floats:
    """Return (k,) the mean share of the connections whose two ends live: 1 - p beside inputs and outputs, its square between others."""
    counts = [a * b for a, b in itertools.pairwise(SIZES)]
    alone, between = counts[0] + counts[-1], sum(counts[1:-1])
    share: Floats = (alone * (1.0 - p) + between * (1.0 - p) ** 2) / (alone + between)
    return share


def unit_numbers(result: Thinned) -> tuple[Readout, ...]:
    """Return one hidden unit and one of its connections in numbers, following p and batch: what can be checked by hand."""
    spec = result.spec
    layer, place = unit_name(int(spec.unit))
    before = [0, *np.cumsum(SIZES)]
    unit, weights, biases = before[layer] + place, *result.places[layer - 1]
    into = result.weights[:, :, weights].reshape(*result.loss.shape, SIZES[layer - 1], SIZES[layer])[..., place]
    slope = result.gradient[:, :, weights].reshape(*result.loss.shape, SIZES[layer - 1], SIZES[layer])[..., place]
    below = result.values[:, :, before[layer - 1] : before[layer]]
    z = (into * below).sum(axis=-1) + result.weights[:, :, biases][..., place]
    other = min(place, SIZES[layer - 1] - 1)
    source = FEATURES[other] if layer == 1 else f"unit {other + 1} of layer {layer - 1}"
    w, g = into[..., other], slope[..., other]
    draw = result.draws[:, 0, int(spec.unit) - 1]
    rate = np.where(result.left, 0.0, spec.rate)[:, None]
    name = {"tanh": "tanh", "relu": "ReLU", "linear": "the same"}[spec.activation]
    lives = ["lives" if each else "dropped" for each in result.lives[:, :, 0, int(spec.unit) - 1].ravel()]
    return (
        Readout("its draw", draw, 3, "dropout", "A number between 0 and 1. The unit lives while it is at least p.", ("batch",)),
        Readout("so it", lives, colour="dropout", axes=BOTH, shape=result.loss.shape),
        Readout("sum z", z, 3, help="Weights times what comes in, and the bias.", axes=BOTH),
        Readout(f"{name} of z", ACTIVATIONS[spec.activation].value(z), 3, axes=BOTH),
        Readout("after dropout", result.values[:, :, unit], 3, "dropout", "0, or divided by 1 − p.", BOTH),
        Readout("its error", result.errors[:, :, unit], 3, "muted", "The derivative of this flower's own loss by z.", BOTH),
        Readout(f"weight from {source}", w, 4, axes=BOTH),
        Readout("its gradient", g, 3, "class1", "Of the batch's mean loss.", BOTH),
        Readout("step −η · gradient", -rate * g, 3, axes=BOTH),
        Readout("weight afterwards", w - rate * g, 4, axes=BOTH),
    )
