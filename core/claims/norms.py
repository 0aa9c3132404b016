"""Claims about batch normalisation."""

from __future__ import annotations

from typing import Any

import numpy as np

from core._validate import Floats
from core.batch_norm.common import NORMED, PLAIN, curve, grid, last
from core.batch_norm.rates import RateScaleMap, RateSweep
from core.batch_norm.smoothness import Smoothness
from core.claims.claim import Experiment, Findings, Quantity, at_least, at_most, claim, seeds_of
from core.claims.picture import Group, Line, Picture
from core.claims.request import repeated, trained
from core.specs import BatchNormSpec
from core.specs.training import TrainingSpec
from core.studies.study import Part

_SPLITS = 8


def _alike(family: TrainingSpec) -> TrainingSpec:
    """Return a family in which no network is normalised, whatever it was to be."""
    return family.replace(batch_norm=(False,) * family.members)


@claim(
    number=22,
    source="B",
    topic="batch_norm",
    statement="Batch norm smooths the landscape.",
    test="The loss and its gradient along the step, at ten epochs of training, for three pairs of networks from equal seeds on each of eight "
    "splits. First as published, along steps that are multiples of the rate; then along steps that are equal shares of the weights' length.",
    quantities={
        "published": Quantity("change of the gradient per length of step (β), with batch norm over without, mean over training", "decades", "split"),
        "early": Quantity("change of the gradient in its own units over equal shares of the weights, first epochs", "decades", "split"),
    },
    stated=(at_most("published", -0.05, "mean"),),
    condition="steps are equal shares of the weights' length, and training has just begun",
    conditional=(at_most("early", -0.05, "mean"),),
    shows=BatchNormSpec(judge="gradient", steps="weights", epoch=1.0),
    spoil={"spoiled": True},
)
def smoother(draw: int, spoiled: bool = False) -> Experiment:
    """Compare how fast the gradient changes along the step, with batch normalisation and without; ``spoiled`` normalises none.

    A normalised network's loss does not change when its weights are scaled, so its gradients are as large as its weights are small, and a step of
    the same rate is another length for it. Measured along the raw step it can look rougher for that reason alone. Scale-matched steps compare what
    is alike: there the gradient is more predictive early on, and the advantage is gone once the plain network has found its way.
    """
    found = yield repeated(Smoothness(seeds=3), draw, _SPLITS, _alike if spoiled else None)

    def decades(judge: str, steps: str) -> Floats:
        """Return (split, epoch) the logarithm with the norm less that without, mean over seeds."""
        logs = np.log10(np.maximum([each.judged(judge, steps) for each in found], 1e-30))
        return np.asarray((logs[..., NORMED] - logs[..., PLAIN]).mean(axis=2))

    ratio, matched = decades("smoothness", "rate"), decades("gradient", "weights")
    values = {"published": ratio.mean(axis=1), "early": matched[:, :3].mean(axis=1)}
    lines = (Line("β along the step", ratio, "batch_norm"), Line("gradient, equal shares", matched, "l2"))
    alt = (
        "Over epochs, how much faster the gradient changes with batch normalisation than without, in decades: along the step, and over equal shares."
    )
    picture = Picture(alt, "decades, with over without", lines=lines, x=found[0].epochs, across="epoch", level=(0.0, "as smooth as without"))
    return Findings(values, picture)


@claim(
    number=23,
    source="B",
    topic="batch_norm",
    statement="Batch norm lets the learning rate be higher.",
    test="Networks of four hidden layers at nineteen rates, with and without it, from two equal seeds on each of four splits: the "
    "largest rate that still trains them.",
    quantities={"ratio": Quantity("largest rate that trains, with batch norm over without", "times", "seed")},
    stated=(at_least("ratio", 1.5),),
    shows=BatchNormSpec(),
    spoil={"spoiled": True},
)
def higher_rates(draw: int, spoiled: bool = False) -> Experiment:
    """Find the largest rate that trains, with batch normalisation and without; ``spoiled`` normalises none.

    Too large a step blows the weights up. A normalised layer does not mind: its output is the same for weights of any size, and its gradient
    shrinks as they grow, so the next step is relatively smaller. The network brakes itself.
    """
    found = yield repeated(RateSweep(seeds=2), draw, 4, _alike if spoiled else None)
    final = np.minimum(np.concatenate([each.final for each in found], axis=1), 10.0)
    lines = (
        Line("without", final[:, :, PLAIN].T, "loss"),
        Line("with batch norm", final[:, :, NORMED].T, "batch_norm"),
    )
    alt = (
        "The last training loss against the learning rate, with batch normalisation and without: eight networks each, and the loss that counts "
        "as trained."
    )
    level = (found[0].threshold, "trained")
    picture = Picture(alt, "last training loss", lines=lines, x=found[0].rates, across="learning rate", log="xy", level=level)
    return Findings({"ratio": np.nan_to_num(np.concatenate([each.largest[:, NORMED] / each.largest[:, PLAIN] for each in found]))}, picture)


@claim(
    number=24,
    source="B",
    topic="batch_norm",
    statement="Batch norm makes training less sensitive to the initial weights.",
    test="Nine initial scales from a tenth to ten times the usual one, at twelve rates, on four splits: how many of the scales train at "
    "the rate that suits each kind of network best.",
    quantities={"more": Quantity("scales of nine that train, with batch norm less without", "scales", "split")},
    stated=(at_least("more", 1.0, "mean"),),
    shows=BatchNormSpec(map_scale=0.1),
    spoil={"spoiled": True},
)
def any_start(draw: int, spoiled: bool = False) -> Experiment:
    """Count the initial scales that train, each kind at its best rate; ``spoiled`` normalises none.

    In a plain network of several layers the signal is multiplied by the scale once a layer, so a tenth leaves next to nothing and ten blows it up.
    A normalised layer divides the scale out again. What stays of it is the effective rate: larger weights move relatively less.
    """
    found = yield repeated(RateScaleMap(seeds=1), draw, 4, _alike if spoiled else None)
    reach = np.concatenate([each.trains.sum(axis=1) for each in found], axis=1)
    best = reach.mean(axis=1).argmax(axis=0)
    counts = np.stack([reach[best[kind], :, kind] for kind in (PLAIN, NORMED)], axis=1).astype(float)
    lines = tuple(
        Line(name, reach[:, :, kind].T.astype(float), ink)
        for kind, name, ink in ((PLAIN, "without", "loss"), (NORMED, "with batch norm", "batch_norm"))
    )
    alt = "How many of nine initial scales train a network, against the learning rate, with batch normalisation and without: four splits."
    picture = Picture(alt, "initial scales that train, of 9", lines=lines, x=found[0].rates, across="learning rate", log="x")
    return Findings({"more": counts[:, NORMED] - counts[:, PLAIN]}, picture)


LAMBDAS = (0.0, 1e-4, 1e-3, 1e-2, 1e-1)
_DRAWS = 32  # with sixteen the verdict hung on which ones they were


@claim(
    number=25,
    source="B",
    topic="batch_norm",
    statement="Batch norm regularises by itself, so that other regularisers can be weaker.",
    test="Two hidden layers of 16 units on a hundred points of moons and on half of the breast cancer data, 32 draws of each, with and "
    "without it, at five λ: the validation loss at the end without a penalty, and the λ with which it is lowest.",
    quantities={
        "moons": Quantity("validation loss with batch norm less without, moons", each="draw"),
        "cancer": Quantity("the same on breast cancer", each="draw"),
        "lam": Quantity("best λ with batch norm over best λ without, moons", "decades", "draw"),
    },
    stated=(at_most("moons", 0.0, "mean"), at_most("cancer", 0.0, "mean"), at_most("lam", -0.05, "mean")),
    condition="only its first half is meant: unseen data are fitted better with it",
    conditional=(at_most("moons", 0.0, "mean"), at_most("cancer", 0.0, "mean")),
    shows=BatchNormSpec(data="moons", pairs=16.0),
    spoil={"spoiled": True},
)
def regularises(draw: int, spoiled: bool = False) -> Experiment:
    """Compare what is unseen, and the best lambda, with batch normalisation and without; ``spoiled`` exchanges the two.

    The statistics of a batch carry the luck of the batch into every unit, a noise like dropout's, smaller for larger batches. It keeps a network
    from learning its few points by heart. Whether that helps depends on the data, the rule, the rate and the batch: the lab Batch norm shows
    networks under SGD, on the same data, that it costs a little. And a λ is found by trying either way: where the best one lies scatters so much
    from draw to draw that 32 draws hardly tell whether the norm moves it. Two other sets of 32 show the first half again, but not the second: best
    λ 0.19 ± 0.36 and 0.38 ± 0.43 decades lower.
    """
    common: dict[str, Any] = {"hidden": (16, 16), "lr": 0.01, "seed": draw, **grid(lam=LAMBDAS, batch_norm=(False, True))}
    moons: dict[str, Any] = {"data": "moons", "points": 300, "split": 1 / 3, "noise": 0.3, "batch": 20, "epochs": 200}
    cancer: dict[str, Any] = {"data": "breast_cancer", "noise": 0.0, "batch": 32, "epochs": 40}
    families = [TrainingSpec(**common, **data, data_seed=i) for data in (moons, cancer) for i in seeds_of(draw, _DRAWS)]
    outcomes = yield trained(*(Part(family, curves=("val_loss",), every=10) for family in families))
    least = np.stack([last(curve(each, "val_loss", len(LAMBDAS), 2)) for each in outcomes]).reshape(2, _DRAWS, len(LAMBDAS), 2)
    apart = (least[:, :, 0, NORMED] - least[:, :, 0, PLAIN]) * (-1.0 if spoiled else 1.0)
    decades = np.log10(np.maximum(np.array(LAMBDAS), 1e-5))
    best = decades[least[0].argmin(axis=1)]
    values = {"moons": apart[0], "cancer": apart[1], "lam": (best[:, NORMED] - best[:, PLAIN]) * (-1.0 if spoiled else 1.0)}
    groups = (Group("moons", values["moons"], "batch_norm"), Group("breast cancer", values["cancer"], "l2"))
    alt = "The validation loss with batch normalisation less that without, at the end of training: 32 draws of two data sets, a dot each."
    return Findings(values, Picture(alt, "validation loss, with less without", groups=groups, level=(0.0, "no difference")))
