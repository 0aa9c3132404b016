"""Claims about flat and sharp minima of networks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core._validate import Floats
from core.claims.claim import Experiment, Findings, Quantity, at_least, at_most, claim, seeds_of
from core.claims.picture import Group, Line, Picture
from core.claims.request import trained
from core.flatness.families import FlatFamilies
from core.flatness.ranks import spearman
from core.specs import FlatAndSharpSpec
from core.specs.training import TrainingSpec
from core.studies.study import Measure, Part

if TYPE_CHECKING:
    from core.training import TrainingState

_CHECKPOINTS = (5, 10, 20, 40, 80, 160, 300)
_GROUP = 12
_FACTOR = 7.0
_SETS = 8
_RANKED = 16  # data sets over which sharpness is ranked: with eight the verdict hung on which ones they were
"""Draws of the data, by which a claim about networks is judged."""


def _sharpness(measure: Measure, state: TrainingState) -> dict[str, NDArray[Any]]:
    """Return the top eigenvalue of each network's data loss, raw and in units of the filters, the losses, and the first two after a rescaling."""
    from core.curvature.networks import sharpness
    from core.curvature.networks.data_loss import data_loss
    from core.curvature.networks.hessian import exact
    from core.networks.family import family_of

    losses = family_of(state.spec, state.data).evaluate(state)
    found = []
    for member in measure.members:
        loss = data_loss(state, member)
        row = []
        points = [loss]
        if measure.option("rescaled"):
            points.append(loss.at(sharpness.rescaled(loss.layout, loss.weights.numpy(), 0, _FACTOR)))
        for point in points:
            hessian = exact(point)
            row += [float(np.linalg.eigvalsh(hessian)[-1]), sharpness.filter_curvature(hessian, sharpness.filter_scales(point))[1]]
        found.append([*row, float(losses["train_loss"][member]), float(losses["val_loss"][member])])
    return {"numbers": np.array(found)}


def _measures(family: TrainingSpec, epochs: tuple[int, ...], rescaled: bool = False) -> tuple[Measure, ...]:
    groups = [tuple(range(i, min(i + _GROUP, family.members))) for i in range(0, family.members, _GROUP)]
    each = 0.07 if rescaled else 0.035
    return tuple(Measure("sharpness", epoch, group, (("rescaled", rescaled),), each * len(group)) for epoch in epochs for group in groups)


@claim(
    number=13,
    source="A",
    topic="l2",
    statement="L2 and dropout lead to flatter minima.",
    test="Networks on the moons with nothing added, with λ = 0.001 and with p = 0.2, from two equal seeds on each of eight data sets: the "
    "top eigenvalue of the data loss, compared where all three first have the same training loss, and at the end.",
    quantities={
        "l2": Quantity("sharpness with L2 over that without, at equal training loss", "doublings", "data set"),
        "dropout": Quantity("the same with dropout", "doublings", "data set"),
        "l2_end": Quantity("with L2, at the end of training", "doublings", "data set"),
        "dropout_end": Quantity("with dropout, at the end of training", "doublings", "data set"),
    },
    stated=(at_most("l2", -0.1, "mean"), at_most("dropout", -0.1, "mean")),
    condition="it is dropout; L2 as weak as here leaves minima no flatter where the networks fit equally well",
    conditional=(at_most("dropout", -0.1, "mean"),),
    shows=FlatAndSharpSpec(),
    spoil={"lam": 0.0, "p": 0.0},
)
def flatter_minima(draw: int, lam: float = 1e-3, p: float = 0.2) -> Experiment:
    """Compare sharpness at equal training loss; with ``lam`` and ``p`` of 0 nothing is added to any network.

    Cross-entropy flattens by itself as it falls, and regularised networks stop at higher losses: compared at the end, two effects are mixed. At
    equal loss dropout's networks are flatter, since the mean over masks adds a term that grows with the curvature. A small L2 keeps the weights
    small, and with them the scale on which curvature is measured; whether that makes a minimum flatter depends on where on its way it is looked at.
    """
    axes: dict[str, Any] = {"lam": (0.0, 0.0, lam, lam, 0.0, 0.0), "dropout": (0.0,) * 4 + (p, p)}
    families = [
        TrainingSpec(**FlatFamilies(draw=at).common(), batch=20, epochs=_CHECKPOINTS[-1], seed=seeds_of(at, 2) * 3, **axes)
        for at in seeds_of(draw, _SETS)
    ]
    parts = [Part(each, _measures(each, _CHECKPOINTS), curves=("train_loss",), every=each.epochs) for each in families]
    outcomes = yield trained(*parts, measure=_sharpness)
    rows = [np.asarray(found["numbers"]) for outcome in outcomes for found in outcome.measures]
    numbers = np.concatenate(rows).reshape(_SETS, len(_CHECKPOINTS), 3, 2, 4).transpose(1, 2, 0, 3, 4)
    top, loss = np.log2(numbers[..., 0]), np.log(np.maximum(numbers[..., 2], 1e-12))
    level = loss.min(axis=0).max(axis=0)
    matched = np.array(
        [[[_first_at(loss[:, kind, at, s], top[:, kind, at, s], level[at, s]) for s in range(2)] for at in range(_SETS)] for kind in range(3)]
    ).mean(axis=2)
    end = top[-1].mean(axis=2)
    values = {
        "l2": matched[1] - matched[0],
        "dropout": matched[2] - matched[0],
        "l2_end": end[1] - end[0],
        "dropout_end": end[2] - end[0],
    }
    names = (("nothing added", "loss"), ("λ = 0.001", "l2"), ("p = 0.2", "dropout"))
    lines = tuple(Line(name, numbers[:, i, :, :, 0].mean(axis=2).T, ink) for i, (name, ink) in enumerate(names))
    alt = "The top eigenvalue of the data loss over the epochs of training: networks with nothing added, with L2 and with dropout, eight data sets."
    picture = Picture(alt, "top eigenvalue", lines=lines, x=np.array(_CHECKPOINTS, dtype=float), across="epoch", log="xy")
    return Findings(values, picture)


def _first_at(loss: Floats, values: Floats, level: float) -> float:
    """Return values (c,) where losses (c,) first come down to a level, straight between checkpoints."""
    at = int((loss <= level + 1e-12).argmax())
    if at == 0:
        return float(values[0])
    share = (loss[at - 1] - level) / max(loss[at - 1] - loss[at], 1e-12)
    return float((1.0 - share) * values[at - 1] + share * values[at])


@claim(
    number=14,
    source="A",
    topic="l2",
    statement="Flatter minima generalise better.",
    test="ReLU networks on the moons that differ in λ, p or the size of the batch, eleven settings from two equal seeds on each of 16 data sets: "
    "the rank correlation of sharpness with the generalisation gap; and the same networks rescaled so that no output changes.",
    quantities={
        "raw": Quantity("rank correlation of the top eigenvalue with the gap", each="data set"),
        "fooled": Quantity("top eigenvalue after a rescaling that changes no output, over that before", "times", "data set"),
        "filter": Quantity("rank correlation of the filter-normalised eigenvalue with the gap", each="data set"),
        "steady": Quantity("filter-normalised eigenvalue after the rescaling, over that before", "times", "data set"),
    },
    stated=(at_least("raw", 0.2, "mean"), at_most("fooled", 1.1, "mean")),
    condition="sharpness is measured in units of the weights, so that a rescaling cannot change it, and the networks are of one kind",
    conditional=(at_least("filter", 0.2, "mean"), at_most("steady", 1.1, "mean"), at_least("steady", 0.9, "mean")),
    shows=FlatAndSharpSpec(measure="filter_top", factor=3.16),
    spoil={"sign": -1.0},
)
def flat_generalises(draw: int, sign: float = 1.0) -> Experiment:
    """Rank networks by sharpness and by gap; ``sign`` turns the gap over.

    Raw sharpness is no property of a function: scaling one ReLU layer up and the next one down leaves every output alone and makes any minimum as
    sharp as one likes (Dinh et al. 2017). Measured in units of each unit's own weights the scale drops out. What is left correlates with the gap
    among networks that differ in one thing, and correlation is all it is: what lowers the gap, such as λ, lowers the curvature too.
    """
    kinds = [(lam, 0.0) for lam in (0.0, 1e-4, 3e-4, 1e-3, 3e-3)] + [(0.0, p) for p in (0.1, 0.2, 0.3)]
    mixed: dict[str, Any] = {name: tuple(kind[i] for kind in kinds for _ in range(2)) for i, name in enumerate(("lam", "dropout"))}
    families = []
    for at in seeds_of(draw, _RANKED):
        common, seeds = FlatFamilies(draw=at, activation="relu").common() | {"epochs": 300}, seeds_of(at, 2)
        families.append(TrainingSpec(**common, batch=20, seed=seeds * len(kinds), **mixed))
        families += [TrainingSpec(**common, batch=size, seed=seeds) for size in (5, 50, 0)]
    parts = [Part(each, _measures(each, (each.epochs,), rescaled=True), curves=("train_loss",), every=each.epochs) for each in families]
    outcomes = yield trained(*parts, measure=_sharpness)
    rows = [np.asarray(found["numbers"]) for outcome in outcomes for found in outcome.measures]
    numbers = np.concatenate(rows).reshape(_RANKED, -1, 2, 6)
    gap = sign * (numbers[..., 5] - numbers[..., 4])
    values = {
        "raw": _ranks(numbers[..., 0], gap),
        "fooled": np.exp(np.log(numbers[..., 2] / numbers[..., 0]).mean(axis=(1, 2))),
        "filter": _ranks(numbers[..., 1], gap),
        "steady": np.exp(np.log(numbers[..., 3] / numbers[..., 1]).mean(axis=(1, 2))),
    }
    groups = (Group("raw", values["raw"], "loss"), Group("in units of the weights", values["filter"], "l2"))
    alt = "The rank correlation of sharpness with the generalisation gap, a dot a data set: raw, and in units of each unit's own weights."
    return Findings(values, Picture(alt, "rank correlation with the gap", groups=groups, level=(0.2, "asked for")))


def _ranks(sharp: Floats, gap: Floats) -> Floats:
    """Return (d,) the rank correlation of numbers (d, m, s) over the m settings, mean over seeds."""
    return np.array([np.mean([spearman(one[:, s], other[:, s]) for s in range(one.shape[1])]) for one, other in zip(sharp, gap, strict=True)])
