"""Claims about dropout that networks decide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from core._validate import Floats
from core.claims.claim import Experiment, Findings, Quantity, at_least, at_most, claim, seeds_of
from core.claims.picture import Group, Line, Picture
from core.claims.request import for_each, repeated, trained
from core.dropout.coadaptation import RATES as LEANING_RATES
from core.dropout.coadaptation import CoAdaptation
from core.dropout.escapes import basins, saddle
from core.dropout.noise import GradientNoise, RuleRates
from core.dropout.pace import Pace, Steps
from core.flatness.ranks import spearman
from core.specs import DropoutSpec
from core.specs.training import TrainingSpec
from core.studies.study import Measure, Part

if TYPE_CHECKING:
    from core.training import TrainingState


_SETS = 8
"""Draws of the data, by which a claim about networks is judged."""


@dataclass(frozen=True)
class _Rules(RuleRates):
    """The lab's comparison of rules, with fewer seeds on each of more data sets."""

    seeds: ClassVar[int] = 2


@dataclass(frozen=True)
class _Steps(Pace):
    """The lab's count of steps, with the rates and the seeds that the claim needs."""

    rates: ClassVar[tuple[float, ...]] = (0.0, 0.2, 0.5)
    seeds: ClassVar[int] = 3


def _without(family: TrainingSpec) -> TrainingSpec:
    """Return a family in which nothing is dropped, whatever its members' p was to be."""
    return family.replace(dropout=(0.0,) * family.members)


@claim(
    number=10,
    source="A",
    topic="dropout",
    statement="Dropout's noise in the gradient leads out of saddles and out of sharp minima.",
    test="A network small enough for all masks to be counted, at a saddle of two equal units and in the minima of three: noisy runs against "
    "descent on "
    "the very same expected loss. Eight seeds; a run is counted where it settles elsewhere.",
    quantities={
        "saddle": Quantity("share of noisy runs that leave a saddle"),
        "control": Quantity("how far descent without noise comes from it"),
        "sharp": Quantity("share of noisy runs that leave a sharp minimum, at rates at which noise can rest there"),
        "beyond": Quantity("the same at rates beyond that limit"),
    },
    stated=(at_least("saddle", 0.9), at_most("control", 1e-6), at_least("sharp", 0.5)),
    condition="what is to be left is a saddle; minima are left only where the learning rate alone is nearly too large for them",
    conditional=(at_least("saddle", 0.9), at_most("control", 1e-6)),
    shows=DropoutSpec(),
    spoil={"p": 0.0},
)
def noise_leads_away(draw: int, p: float = 0.05) -> Experiment:
    """Count what leaves a saddle and sharp minima with dropout's noise and without; ``p`` = 0 has no noise.

    At a saddle any push grows, so noise of any size leads away, and descent without it stays for ever. In a minimum what the noise pushes is pulled
    back. It gets out only where the rate times the curvature is so large that the masks blow up the distance on average, and there descent is
    nearly unstable without noise too. The comparison must be with the same expected loss: dropout changes the loss as well, and its minima are
    others.
    """

    def run(seed: int) -> dict[str, float]:
        at = saddle(p, 0.1, 1000, 40, seed)
        found = basins(p, (0.1, 0.3), 400, 20, 40, 4, seed=seed)
        sharp = found.top >= np.median(found.top)
        rests = np.array([0.1, 0.3]) < found.limit[:, None]
        left = found.left / found.runs
        return {
            "saddle": at.left / at.runs,
            "control": at.control,
            "sharp": float(left[sharp[:, None] & rests].mean()) if (sharp[:, None] & rests).any() else 0.0,
            "beyond": float(left[~rests].mean()) if (~rests).any() else 0.0,
        }

    found = yield for_each(run, seeds_of(draw, 8), 1.5)
    groups = (
        Group("saddle", found["saddle"], "dropout"),
        Group("sharp minimum", found["sharp"], "l2"),
        Group("beyond its limit", found["beyond"], "l1"),
    )
    alt = "The share of runs with dropout's noise that leave a saddle, a sharp minimum, and a sharp minimum at a rate beyond its limit; a dot a seed."
    return Findings(found, Picture(alt, "share of noisy runs that leave", groups=groups))


@claim(
    number=11,
    source="A",
    topic="dropout",
    statement="At test time dropout stands for an ensemble of networks once the weights are scaled with the probability of dropping.",
    test="Networks of six tanh units trained with p = 0.2; all 64 thinned networks are enumerated, and their average probability is "
    "compared with one "
    "network whose weights are scaled. Eight data sets, four seeds and twenty unseen points each.",
    quantities={
        "dropping": Quantity("distance from the ensemble's average, weights scaled by the probability of dropping", each="data set"),
        "keeping": Quantity("the same, scaled by the probability of keeping", each="data set"),
    },
    stated=(at_most("dropping", 0.05, "mean"),),
    condition="the scale is the probability of keeping, and a few hundredths are near enough: the ensemble is approximated, not repeated",
    conditional=(at_most("keeping", 0.05, "mean"), at_least("keeping", 1e-6)),
    shows=DropoutSpec(p=0.2),
    spoil={"p": 0.5},
)
def scaled_weights(draw: int, p: float = 0.2) -> Experiment:
    """Enumerate all thinned networks and compare their average with one network with scaled weights, at a rate ``p``.

    A unit is there with probability 1 − p, so its mean contribution is 1 − p of it, and that is the factor. The slip is easy to make because some
    books write p for the probability of keeping, and p = 0.5 cannot tell the two apart. Even the right factor matches the average exactly only for
    linear networks, since the average of a curved function is not the function of the average.
    """
    common: dict[str, Any] = {"points": 100, "noise": 0.2, "hidden": (6,), "dropout": p, "lr": 0.03, "epochs": 200, "precision": "float64"}
    families = [TrainingSpec(**common, seed=seeds_of(at, 4), data_seed=at) for at in seeds_of(draw, _SETS)]

    def measure(_measure: Measure, state: TrainingState) -> dict[str, NDArray[Any]]:
        from core.networks import dropping

        found = dropping.ensembles(state)
        return {"dropping": found["misread_gap"], "keeping": found["average_gap"]}

    parts = (Part(family, (Measure("ensembles", family.epochs, seconds=0.3),), curves=()) for family in families)
    outcomes = yield trained(*parts, measure=measure)
    found = {name: np.array([np.mean(each.measured(0)[name]) for each in outcomes]) for name in ("dropping", "keeping")}
    groups = (Group("scaled by p", found["dropping"], "l1"), Group("scaled by 1 − p", found["keeping"], "dropout"))
    alt = "How far one network with scaled weights is from the average of all thinned networks: scaled by the chance of dropping, and of keeping."
    return Findings(found, Picture(alt, "distance in probability", groups=groups, log="y", level=(0.05, "near enough")))


@claim(
    number=12,
    source="A",
    topic="dropout",
    statement="Dropout keeps hidden units from co-adapting.",
    test="Networks of 16 units trained with and without dropout from equal seeds, eight of them on each of eight data sets: how strongly two units "
    "correlate, and how much the training loss rises when one unit is taken away.",
    quantities={
        "missed": Quantity("rise of the loss without one unit, p = 0.3 over p = 0", "doublings", "data set"),
        "alike": Quantity("mean correlation of two units, p = 0.5 less p = 0", each="data set"),
    },
    stated=(at_most("missed", -1.0, "mean"), at_most("alike", 0.0, "mean")),
    condition="it means that no single unit is missed any more, not that units become less alike",
    conditional=(at_most("missed", -1.0, "mean"),),
    shows=DropoutSpec(p=0.3),
    spoil={"spoiled": True},
)
def co_adaptation(draw: int, spoiled: bool = False) -> Experiment:
    """Measure how much units lean on each other, with dropout and without; ``spoiled`` drops nothing anywhere.

    With dropout a network may not rely on any one unit, so it spreads what it knows over several: taking one away costs little. Spreading is
    also repeating, and units that repeat each other are no less alike: reliance and likeness are two things, and the claim is about the first.
    """
    found = yield repeated(CoAdaptation(), draw, _SETS, _without if spoiled else None)
    rates, floor = list(LEANING_RATES), 1e-6
    rise, agreement = (np.stack([getattr(each, name) for each in found]) for name in ("rise", "agreement"))
    values = {
        "missed": np.log2(np.maximum(rise[:, rates.index(0.3)], floor) / np.maximum(rise[:, 0], floor)).mean(axis=1),
        "alike": (agreement[:, rates.index(0.5)] - agreement[:, 0]).mean(axis=1),
    }
    lines = (
        Line("correlation of two units", agreement.mean(axis=2), "dropout"),
        Line("loss of one unit, × 10", 10.0 * rise.mean(axis=2), "l1"),
    )
    alt = "Against p, how strongly hidden units correlate, and by how much the training loss rises without one unit: eight data sets."
    return Findings(values, Picture(alt, "correlation, and ten times the rise", lines=lines, x=found[0].p, across="p"))


@claim(
    number=19,
    source="B",
    topic="dropout",
    statement="Dropout makes gradients noisier.",
    test="The gradient of one batch under 24 random masks, at the weights of networks before and after training, for ten rates and eight "
    "seeds on each of eight data sets: medians over the seeds.",
    quantities={
        "start": Quantity("variance over squared mean at the start, p = 0.5, as a logarithm", "decades", "data set"),
        "after": Quantity("the same after training", "decades", "data set"),
        "rank": Quantity("rank correlation of that noise with p, after training", each="data set"),
    },
    stated=(at_least("start", -1.3, "mean"), at_least("after", -1.3, "mean"), at_least("rank", 0.5, "mean")),
    shows=DropoutSpec(),
    spoil={"spoiled": True},
)
def noisier_gradients(draw: int, spoiled: bool = False) -> Experiment:
    """Measure the variance of gradients over masks; ``spoiled`` drops nothing anywhere.

    Each mask gives the batch another gradient. At the start their variance grows like p/(1 − p), that of a unit's factor. After training the mean
    gradient is small and the masks still differ, so the noise outweighs it: this is what keeps dropout's training loss up.
    """
    found = yield repeated(GradientNoise(), draw, _SETS, _without if spoiled else None)
    rates, noise = found[0].p, np.stack([np.median(each.noise, axis=2) for each in found])
    half = int(np.argmin(np.abs(rates - 0.5)))
    ranks = [spearman(rates, each) for each in noise[:, 1]]
    logs = np.log10(np.maximum(noise[..., half], 1e-12))
    values = {"start": logs[:, 0], "after": logs[:, 1], "rank": np.nan_to_num(np.array(ranks))}
    lines = tuple(
        Line(name, np.maximum(noise[:, when, 1:], 1e-4), ink)
        for when, (name, ink) in enumerate((("at the start", "momentum"), ("after training", "dropout")))
    )
    alt = "The variance of a batch's gradient over masks, over the square of its mean, against p: at the start and after training, eight data sets."
    return Findings(values, Picture(alt, "variance / |mean|²", lines=lines, x=rates[1:], across="p", log="y"))


@claim(
    number=20,
    source="B",
    topic="dropout",
    statement="Adaptive rules bear dropout's noise better than SGD, which needs a lower rate.",
    test="SGD, momentum and Adam at eleven rates each, for four p and two seeds on each of eight data sets: each at its own best rate, by "
    "how much dropout raises the training loss, and how far SGD's best rate moves.",
    quantities={
        "little": Quantity("what dropout costs SGD, less what it costs Adam, p = 0.2", each="data set"),
        "much": Quantity("the same at p = 0.6", each="data set"),
        "rate": Quantity("move of SGD's best rate at p = 0.6", "decades", "data set"),
    },
    stated=(at_least("little", 0.005, "mean"), at_least("much", 0.005, "mean"), at_most("rate", -0.1, "mean")),
    condition="only its second half is meant: with much dropout SGD is best served by a lower rate",
    conditional=(at_most("rate", -0.1, "mean"),),
    shows=DropoutSpec(judge="train_loss"),
    spoil={"spoiled": True},
)
def adaptive_rules(draw: int, spoiled: bool = False) -> Experiment:
    """Give every rule its own best rate at every p and compare what dropout costs; ``spoiled`` drops nothing anywhere.

    A comparison at one rate for all says which rate was chosen. At its own best rate each rule averages the noise away as well as it can: SGD by
    smaller steps, Adam by its moments, which divide by the size of the noise and so keep the step as large as before. Which of them pays less for
    little dropout depends on the data; seeds on one data set agree about it, and the next data set says something else.
    """
    found = yield repeated(_Rules(), draw, _SETS, _without if spoiled else None)
    bests = [each.best["train_loss"] for each in found]
    cost = np.stack([(best.loss - best.loss[:, :1]).mean(axis=2) for best in bests])
    moved = np.array([(np.log10(best.own[0, 3]) - np.log10(best.own[0, 0])).mean() for best in bests])
    values = {"little": cost[:, 0, 1] - cost[:, 2, 1], "much": cost[:, 0, 3] - cost[:, 2, 3], "rate": moved}
    lines = tuple(Line(rule, cost[:, i], ink) for i, (rule, ink) in enumerate((("SGD", "sgd"), ("Momentum", "momentum"), ("Adam", "adam"))))
    alt = "By how much dropout raises the best training loss of SGD, momentum and Adam, each at its own best rate, against p: eight data sets."
    return Findings(values, Picture(alt, "what dropout adds to the loss", lines=lines, x=found[0].p, across="p"))


@claim(
    number=41,
    source="D",
    topic="dropout",
    statement="Training takes more steps with dropout.",
    test="Digits, three p, three rates and three seeds on each of eight splits: gradients until the validation loss is first at a target, each "
    "at the rate that gets there first; the mean over the lower half of the targets that every network of a split reaches.",
    quantities={
        "half": Quantity("steps with p = 0.5 over steps without", "doublings", "split"),
        "little": Quantity("the same with p = 0.2", "doublings", "split"),
    },
    stated=(at_least("half", 0.1, "mean"), at_least("little", 0.1, "mean")),
    condition="p is large: at p = 0.5",
    conditional=(at_least("half", 0.1, "mean"),),
    shows=DropoutSpec(p=0.5),
    spoil={"spoiled": True},
)
def more_steps(draw: int, spoiled: bool = False) -> Experiment:
    """Count the steps to one target for all; ``spoiled`` drops nothing anywhere.

    The target must be one that networks with and without dropout reach, and each must have its best rate, or the comparison is decided before it is
    run. Noise in the gradient slows the way down. How much depends on p and on how low the target is: a little dropout costs little.
    """
    found = yield repeated(_Steps(), draw, _SETS, _without if spoiled else None)
    doublings = np.stack([_doublings(each) for each in found])
    values = {name: doublings[:, at, -_SHARES // 2 :].mean(axis=1) for at, name in ((1, "little"), (2, "half"))}
    lines = tuple(Line(f"p = {p:g}", doublings[:, at], ink) for at, p, ink in ((1, 0.2, "value2"), (2, 0.5, "dropout")))
    alt = "How many times as many steps training takes with dropout, in doublings, against how far down the target lies: p of 0.2 and of 0.5."
    across = "target: 0 the highest, 1 the lowest that all reach"
    return Findings(values, Picture(alt, "doublings of the steps", lines=lines, x=np.linspace(0.0, 1.0, _SHARES), across=across))


_SHARES = 12


def _doublings(found: Steps) -> Floats:
    """Return (p, `_SHARES`) the doublings of the steps that dropout takes, mean over seeds, from the highest target to the lowest that all reach."""
    reached = [i for i in range(len(found.targets)) if not found.best(i)[1].any()]
    each = np.stack([np.log2(found.best(i)[0] / found.best(i)[0][:1]).mean(axis=1) for i in reached], axis=1)
    places = np.linspace(0.0, len(reached) - 1.0, _SHARES)
    return np.stack([np.interp(places, np.arange(len(reached)), row) for row in each])
