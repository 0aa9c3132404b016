"""Figures: all thinned networks of a trained one. In: Ensembles. Out: their answers, Monte Carlo averages, and how far one pass is from them."""

from __future__ import annotations

import numpy as np

from core._validate import Floats
from core.dropout.ensemble import BINS, SAMPLES
from core.dropout.study_words import ensemble_sentences, gap_sentences, misread_sentences
from core.dropout.thinning import KINDS, MOST, Ensembles
from core.figures.dropout.rates import cursor, line, over_p
from core.figures.palette import PALETTE
from core.figures.scene import FamilyAxis, Mark, Scene
from core.figures.template import axis, canvas

BOTH = ("ensemble", "p")
INKS = {"linear": "sgd", "one": "class5", "two": "class3"}
NAMES = {"linear": "two linear layers", "one": "one tanh layer", "two": "two tanh layers"}
_FLOOR = 1e-17


def units_axis() -> FamilyAxis:
    """Return the axis of the number of hidden units."""
    return FamilyAxis(
        "ensemble", np.arange(1.0, MOST + 1.0), "Hidden units N, each of which can be dropped", "N =", marks=((0, "one unit"), (11, "4,096 masks"))
    )


def thinned_shares(found: Ensembles, kind: str) -> Scene:
    """Return how the thinned networks' probabilities at one point are spread, with their averages and the one pass of the whole network."""
    k = KINDS.index(kind)
    average, geometric, scaled, misread = (found.point[k, :, :, i] for i in range(4))
    heights = found.histogram[k]
    shown = np.broadcast_to(np.array(1.06), average.shape)

    def named(x: Floats, height: float, ink: str, text: str) -> Mark:
        return Mark("text", np.stack([x, np.full(x.shape, height)], axis=-1), ink, text, axes=BOTH, text=text, side="free")

    marks = (
        Mark("bars", heights, "dropout", "thinned networks", axes=BOTH, abscissa=np.linspace(0.0, 1.0, BINS + 1), fill=0.6),
        Mark("cursor", average, "loss", "true average", axes=BOTH, width=2.6),
        Mark("cursor", geometric, "l2", "geometric average", axes=BOTH, width=2.0, dash="dash"),
        Mark("cursor", scaled, "l1", "scaled network", axes=BOTH, width=2.0, dash="dot"),
        named(average, 0.98, "loss", "true average"),
        named(geometric, 0.87, "l2", "geometric average"),
        named(scaled, 0.76, "l1", "weights × (1 − p)"),
        Mark("cursor", misread, "muted", "misread", axes=BOTH, width=1.4, dash="dashdot"),
        named(misread, 0.65, "muted", "weights × p"),
    )
    figure = canvas(
        xaxis=axis("probability of class 1 at one point", range=[0.0, 1.0]), yaxis=axis("share of the ensemble", range=[0.0, float(shown.max())])
    )
    alt = "How probable each answer of a thinned network is at one point, with their average and the answer of the network with scaled weights."
    said = ensemble_sentences(found, k)
    return Scene(figure, alt, marks, captions=tuple(said), caption_axes=BOTH, caption_shape=average.shape, aspect=0.66)


def running_average(found: Ensembles, kind: str) -> Scene:
    """Return Monte Carlo averages over more and more masks, inside two standard errors around the true average."""
    k = KINDS.index(kind)
    samples = np.array(SAMPLES, dtype=np.float64)
    average, scaled = found.point[k, :, :, 0], found.point[k, :, :, 2]
    band = 2.0 * found.error[k]
    around = np.concatenate([average[..., None] + band, (average[..., None] - band)[..., ::-1]], axis=-1)
    x = np.concatenate([samples, samples[::-1]])
    region = np.stack([np.broadcast_to(x, around.shape), np.clip(around, -0.2, 1.2)], axis=-1)
    ends = samples[[0, -1]]
    flat = {"axes": BOTH, "abscissa": ends}
    marks = (
        Mark("region", region, "dropout", "two standard errors", axes=BOTH, fill=0.16, width=0.0),
        Mark("path", np.repeat(average[..., None], 2, axis=-1), "loss", "true average", width=2.0, text="true average", side="free", **flat),  # type: ignore[arg-type]
        Mark("path", np.repeat(scaled[..., None], 2, axis=-1), "l1", "scaled", width=2.0, dash="dot", text="weights × (1 − p)", side="free", **flat),  # type: ignore[arg-type]
        Mark("path", found.running[k], "dropout", "Monte Carlo", axes=BOTH, abscissa=samples, width=2.2),
    )
    figure = canvas(
        xaxis=axis("masks averaged", type="log", range=[-0.05, float(np.log10(samples[-1])) + 0.95], dtick=1),
        yaxis=axis("probability", range=[-0.02, 1.02]),
    )
    alt = "The average over the first few random masks against their number, with a band of two standard errors around the true average."
    caption = (
        "The band is two standard errors, the deviation over all masks by the root of their number: a hundred times the masks for one more digit."
    )
    return Scene(figure, alt, marks, captions=(caption,), caption_axes=(), aspect=0.66)


def gap_against_units(found: Ensembles) -> Scene:
    """Return how far the averages are from the one pass against N, for all kinds of networks: exact ones lie at rounding."""
    units = np.arange(1.0, MOST + 1.0)
    marks: list[Mark] = [Mark("cursor", units, "muted", "N", axes=("ensemble",), width=1.4)]
    for k, kind in enumerate(KINDS):
        for gap, dash, what in ((found.average_gap, "solid", "probability"), (found.logit_gap, "dash", "logit")):
            heights = np.maximum(gap[k].T, _FLOOR)
            style = {"dash": dash, "text": f"{NAMES[kind]}, {what}" if kind == "two" else "", "side": "free", "width": 2.0}
            marks.append(Mark("path", heights, INKS[kind], f"{NAMES[kind]}, {what}", axes=("p",), abscissa=units, **style))  # type: ignore[arg-type]
    at = {"linear": 5.0, "one": 8.0}
    for kind, x in at.items():
        k = KINDS.index(kind)
        place = np.stack([np.full(len(found.p), x), np.maximum(found.logit_gap[k, int(x) - 1], 1e-17)], axis=-1)
        marks.append(
            Mark("text", place, INKS[kind], NAMES[kind], axes=("p",), text=f"{NAMES[kind]}, logit", side="above" if kind == "one" else "below")
        )
    figure = canvas(
        xaxis=axis("hidden units N", range=[0.7, 15.5], tickvals=[1, 3, 6, 9, 12]),
        yaxis=axis("mean distance to the one pass", type="log", range=[-17.6, 1.2], exponentformat="power", dtick=4),
    )
    alt = (
        "The distance between the ensemble's average and the scaled network against N, for probabilities and for logits, of three kinds of networks."
    )
    return Scene(figure, alt, tuple(marks), captions=tuple(gap_sentences(found)), caption_axes=("p",), aspect=0.7)


def gap_against_p(found: Ensembles, kind: str) -> Scene:
    """Return the distance of the true average from weights scaled by 1 - p, and by p, against p: at 0.5 nobody can tell them apart."""
    k = KINDS.index(kind)
    half = {
        "type": "line",
        "x0": 0.5,
        "x1": 0.5,
        "yref": "paper",
        "y0": 0,
        "y1": 1,
        "line": {"color": PALETTE["muted"].light, "width": 1, "dash": "dot"},
    }
    marks = (
        cursor(),
        line(found.misread_gap[k], "muted", "weights × p", axes=("ensemble",), dash="dashdot"),
        line(found.average_gap[k], "l1", "weights × (1 − p)", axes=("ensemble",), dash="solid"),
    )
    figure = over_p("mean distance to the true average", (-0.02, 0.62))
    figure["layout"]["shapes"] = [half]
    alt = "The distance between the true average and a network with scaled weights against p, scaled by the probability of keeping or of dropping."
    return Scene(figure, alt, marks, captions=tuple(misread_sentences(found, k)), caption_axes=("ensemble",), aspect=0.7)
