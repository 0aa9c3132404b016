"""Figures: norm, activation and dropout in each order. In: an OrderResult. Out: the shift of variance by layer, and validation losses against p."""

from __future__ import annotations

import numpy as np

from core._validate import Floats
from core.batch_norm.orders import ORDERS, OrderResult
from core.batch_norm.words import cost_sentences, order_sentences
from core.figures.batch_norm.pairs import log_axis
from core.figures.scene import Mark, Scene
from core.figures.template import axis, canvas

HIGHEST = 60.0
"""Shifts are drawn up to here: where nearly all is dropped they leave the picture."""
INKS = ("batch_norm", "muted", "adam", "w2", "w1")
DASHES = ("solid", "dot", "dash", "dashdot", "dash")
SHORT = ("norm, act, drop", "drop at the end", "drop, norm, act", "act, norm, drop", "act, drop, norm")
SYMBOLS = ("diamond", "ring", "cross", "circle", "star")


def _central(values: Floats, along: int) -> Floats:
    """Return the median of what is finite; 1 where nothing is."""
    moved = np.moveaxis(values, along, -1)
    flat = moved.reshape(-1, moved.shape[-1])
    found = [np.median(row[np.isfinite(row)]) if np.isfinite(row).any() else 1.0 for row in flat]
    return np.array(found).reshape(moved.shape[:-1])


def shift_by_layer(result: OrderResult) -> Scene:
    """Return the variance in training over that in use, by layer, as a scene over the axis "p"; rings are the formula."""
    layers = np.arange(1.0, result.shift.shape[-1] + 1.0)
    shift, formula = (np.clip(_central(each, 2), 1e-3, HIGHEST) for each in (result.shift, result.formula))
    top = min(1.6 * float(shift.max()), 0.9 * HIGHEST)
    marks = [Mark("path", np.ones(2), "muted", "no shift", axes=(), width=1.2, dash="dot", abscissa=np.array([0.8, layers[-1] + 0.2]))]
    for i, (ink, dash) in enumerate(zip(INKS, DASHES, strict=True)):
        marks.append(
            Mark("path", shift[i], ink, list(ORDERS)[i], axes=("p",), width=2.6, dash=dash, abscissa=layers, text=SHORT[i], side="free", size=5.0)
        )
        if np.isfinite(result.formula[i]).any():
            rings = np.stack([np.broadcast_to(layers, formula[i].shape), formula[i]], axis=-1)
            marks.append(
                Mark(
                    "points",
                    rings,
                    ink,
                    f"{list(ORDERS)[i]}, by formula",
                    axes=("p",),
                    symbols=("circle",),
                    colours=(ink,),
                    hollow=np.ones(len(layers)),
                    size=5,
                )
            )
    figure = canvas(
        xaxis=axis("hidden layer", range=[0.8, float(layers[-1]) + (1.3 if len(layers) > 1 else 0.8)], tickmode="array", tickvals=layers),
        yaxis=log_axis("variance in training / in use", 0.6, max(3.0, top)) | {"dtick": "D2"},
    )
    alt = (
        "Variance of what each norm is given, in training over in use, by hidden layer on a logarithmic axis, one line for each order of norm, "
        "activation and dropout; rings are the formula."
    )
    table = {"layer": layers} | {name: shift[i].T for i, name in enumerate(ORDERS)}
    return Scene(figure, alt, tuple(marks), captions=tuple(order_sentences(result)), caption_axes=("p",), table=table, aspect=0.72)


def order_losses(result: OrderResult) -> Scene:
    """Return the validation loss against the dropout rate as a scene over the axis "p": lines with running statistics, crosses with fresh ones."""
    unseen, fresh, alone = _central(result.unseen, 2), _central(result.fresh, 2), _central(result.alone, 1)
    marks = [Mark("cursor", result.rates, "muted", "p", axes=("p",), width=1.6)]
    for i, (ink, dash) in enumerate(zip(INKS, DASHES, strict=True)):
        marks.append(Mark("path", unseen[i], ink, list(ORDERS)[i], axes=(), width=2.4, dash=dash, abscissa=result.rates, text=SHORT[i], side="free"))
        marks.append(Mark("path", fresh[i], ink, f"{list(ORDERS)[i]}, fresh statistics", axes=(), width=1.0, dash=dash, abscissa=result.rates))
    marks.append(
        Mark("path", alone, "loss", "dropout alone", axes=(), width=2.0, dash="dash", abscissa=result.rates, text="dropout alone", side="free")
    )
    every = np.concatenate([unseen.ravel(), fresh.ravel(), alone])
    figure = canvas(
        xaxis=axis("dropout rate p", range=[0.0, 1.42 * float(result.rates[-1])]),
        yaxis=log_axis("validation loss", 0.8 * float(every.min()), 1.2 * float(every.max())) | {"dtick": "D2"},
    )
    alt = (
        "Validation loss against the dropout rate for each order on a logarithmic axis, broad with the running statistics and narrow with fresh ones."
    )
    table = {"p": result.rates, "dropout_alone": alone} | {name: unseen[i] for i, name in enumerate(ORDERS)}
    return Scene(figure, alt, tuple(marks), captions=tuple(cost_sentences(result)), caption_axes=("p",), table=table, aspect=0.72)
