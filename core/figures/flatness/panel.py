"""What surrounds the charts of "Flat and sharp minima": the axes of its scrubs and the numbers beside them."""

from __future__ import annotations

import numpy as np

from core.figures.flatness.common import INKS, LABELS
from core.figures.flatness.slices import accuracies
from core.figures.scene import FamilyAxis, Readout
from core.flatness.choices import FACTORS, HERE, LAMBDAS, MEASURES
from core.flatness.families import Families, settings
from core.flatness.matched import Matched
from core.flatness.minima import Minima
from core.flatness.rescaling import Rescaling
from core.flatness.words import claim_sentence, level_name, pair_words, within


def level_axis(picture: Matched) -> FamilyAxis:
    """Return the axis of the common training loss, which ends with the end of training."""
    n = len(picture.levels)
    names = tuple(level_name(picture, i) for i in range(n + 1))
    return FamilyAxis("level", np.arange(float(n + 1)), "Drag to a common training loss", marks=((n // 2, "half way"), (n, "the end")), names=names)


def member_axis(families: Families) -> FamilyAxis:
    """Return the axis of the network in focus."""
    firsts = {each.axis: i * families.study.seeds for i, each in reversed(list(enumerate(settings())))}
    labels = {"lam": "L2", "dropout": "dropout", "batch": "batches", "norm": "batch norm"}
    marks = tuple((place, labels[axis]) for axis, place in sorted(firsts.items(), key=lambda item: item[1]))
    names = tuple(families.name(i) for i in range(families.members))
    return FamilyAxis("member", np.arange(float(families.members)), "Network in focus", marks=marks, names=names)


def lambda_axis() -> FamilyAxis:
    """Return the axis of the minima."""
    return FamilyAxis("lam", np.array(LAMBDAS), "Drag λ through thirteen minima", "λ =", marks=((0, "no penalty"), (5, "0.001"), (9, "0.01")))


def factor_axis() -> FamilyAxis:
    """Return the axis of the factor between two layers."""
    seven = int(np.abs(np.log(np.array(FACTORS) / 7.0)).argmin())
    return FamilyAxis("factor", np.array(FACTORS), "Scale one layer up, the next down", "×", marks=((HERE, "as trained"), (seven, "about 7")))


def within_readouts(picture: Matched, name: str) -> tuple[Readout, ...]:
    """Return the rank correlations within each kind of setting."""
    told = "Rank correlation of sharpness and gap among the networks of this kind alone, at the level of the first slider."
    return tuple(Readout(f"Within {LABELS[key]} alone", words, 2, INKS[key], told, ("level",)) for key, words in within(picture, name).items())


def pair_readouts(picture: Matched, name: str) -> tuple[Readout, ...]:
    """Return how many times as sharp settings are, seed by seed."""
    told = "Geometric mean over the seeds, how far they scatter, and in how many of them the first is flatter, at the level of the first slider."
    pairs = tuple(Readout(title, words, 2, ink, told, ("level",)) for ink, title, words in pair_words(picture, name))
    return (*pairs, Readout("Do L2 and dropout lead to flatter ones?", [claim_sentence(picture, name)], axes=()))


def focus_readouts(families: Families) -> tuple[Readout, ...]:
    """Return the numbers of the network in focus at the end of training."""
    axes = ("member",)

    def end(name: str) -> np.ndarray:
        return np.nan_to_num(families.number(name)[:, -1])

    shown = [Readout(f"{label[0].upper()}{label[1:]}", end(name), 3, axes=axes, help=_HELP[name]) for name, label in MEASURES.items()]
    shown += [
        Readout("Smallest eigenvalue", end("bottom"), 3, axes=axes),
        Readout("Residual of the top eigenpair", end("top_residual"), 2, axes=axes, help="|Hv − μv| over the largest |μ|: how exact the pair is."),
        Readout("Training loss", end("train"), 3, "train", axes=axes),
        Readout("Gap", np.nan_to_num(families.gap[:, -1]), 3, "validation", "Validation loss less training loss.", axes),
    ]
    return tuple(shown)


_HELP = {
    "top": "The largest eigenvalue of the data loss's Hessian.",
    "trace": "The sum of all eigenvalues.",
    "sam": "The largest rise of the loss within 0.05 of the weights.",
    "keskar": "100 times the largest rise within a box of 0.001 (|w| + 1) a weight, over 1 + loss.",
    "filter": "The mean curvature along random directions as long as the weights, filter by filter.",
    "filter_top": "The largest eigenvalue in units of the filters.",
}


def minima_readouts(result: Minima, pair: str) -> tuple[Readout, ...]:
    """Return the numbers of the minimum where lambda stands."""
    axes = ("lam",)
    kept = {name: np.nan_to_num(values) for name, values in result.numbers.items()}
    scores = np.nan_to_num(accuracies(result, pair))
    return (
        Readout("Top eigenvalue", kept["top"], 3, axes=axes, help="Of the data loss, at this network's own minimum."),
        Readout("Its residual", kept["top_residual"], 2, axes=axes, help="|Hv − μv| over the largest |μ|."),
        Readout("Smallest eigenvalue", kept["bottom"], 3, axes=axes),
        Readout(
            "Gradient left", kept["rest"], 2, axes=axes, help="Length of the gradient of the loss with its penalty: how near this is to a minimum."
        ),
        Readout("Filter-normalised curvature", kept["filter"], 3, "adamw", axes=axes),
        Readout("Training loss", kept["train"], 3, "train", axes=axes),
        Readout("Validation loss", kept["val"], 3, "validation", axes=axes),
        Readout("Validation accuracy, half way", scores[:, 2], 3, "validation", "Half way along the line between the two minima.", axes),
    )


def scaling_readouts(result: Rescaling) -> tuple[Readout, ...]:
    """Return the numbers of the scaled networks."""
    axes = ("factor",)
    return (
        Readout("Top eigenvalue, ReLU", result.relu["top"], 4, axes=axes),
        Readout("Filter-normalised, ReLU", result.relu["filter"], 4, "adamw", axes=axes),
        Readout("Outputs differ by", result.relu["differs"], 2, axes=axes, help="The largest difference on the training points: rounding."),
        Readout("Length of the weights", result.relu["norm"], 3, axes=axes),
        Readout(
            "Top before a norm", result.norm["block"], 4, "batch_norm", axes=axes, help="Of the Hessian's part that belongs to weights before a norm."
        ),
        Readout("⟨w, gradient⟩ there", result.norm["pull"], 2, "batch_norm", "Batch normalisation makes it 0, but for its ε.", axes),
    )
