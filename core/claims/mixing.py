"""Claims about settings together: rates, penalties, dropout, and how to search for them."""

from __future__ import annotations

from typing import Any

import numpy as np

from core._validate import Floats
from core.batch_norm.common import curve, grid, last
from core.claims.claim import Experiment, Findings, Quantity, at_least, at_most, claim, seeds_of
from core.claims.picture import Group, Line, Picture
from core.claims.request import for_each, studied, trained
from core.datasets import DATASETS
from core.flatness.ranks import spearman
from core.right_mix.maps import MixMap
from core.right_mix.methods import METHODS
from core.right_mix.search import WORST, MixSearch
from core.specs import RightMixSpec, TrainingLabSpec
from core.specs.training import TrainingSpec
from core.studies.study import Part

_MOONS: dict[str, Any] = {"data": "moons", "points": 120, "noise": 0.35, "hidden": (16, 16), "rule": "adam"}


def _ends(outcomes: tuple[Any, ...], *shape: int) -> Floats:
    """Return the last validation losses (draw, ...) of families of one shape, capped where a network diverged."""
    return np.stack([np.minimum(last(curve(each, "val_loss", *shape)), WORST * np.log(2.0)) for each in outcomes])


@claim(
    number=18,
    source="B",
    topic="search",
    statement="The best learning rate moves when λ does.",
    test="Networks on the moons at sixteen rates and sixteen λ, on six draws of the data: the rank correlation of the rate with the lowest "
    "validation loss with "
    "λ, draw by draw, of those λ with which anything is learnt.",
    quantities={"rank": Quantity("rank correlation of the best rate with λ", each="draw")},
    stated=(at_least("rank", 0.2, "mean"),),
    shows=RightMixSpec(),
    spoil={"spoiled": True},
)
def rate_moves(draw: int, spoiled: bool = False) -> Experiment:
    """Find the best rate for each lambda in the lab's own map; ``spoiled`` sets all lambda to 0.

    A penalty bends the loss by 2λ in every direction and moves its minimum, so the rate that gets there best is another one. Two things pull: the
    largest stable rate falls as λ rises, and a network that λ keeps from overfitting may be trained faster without harm. Which of them wins depends
    on the network. That the best rate stays where it was is the exception, and tuning one at a time ends beside the best pair.
    """
    study = MixMap(kind="rate_lam")
    found = yield studied(study, draw, (lambda family: family.replace(lam=0.0)) if spoiled else None)
    rows = np.flatnonzero(np.min(found.mean, axis=1) < 0.95 * DATASETS[study.data].ignorance)
    ranks = np.array([np.nan_to_num(spearman(rows.astype(float), each[rows])) for each in found.ridges])
    lines = (Line("best rate", found.x[found.ridges[:, 1:].astype(int)], "l2"),)
    alt = "The learning rate with the lowest validation loss against lambda: the median and the range over six draws of the data."
    return Findings({"rank": ranks}, Picture(alt, "best learning rate", lines=lines, x=found.y[1:], across="λ", log="xy"))


_DECAYS = tuple(float(f"{lam:.3g}") for lam in np.geomspace(1e-5, 1e-1, 13))


@claim(
    number=21,
    source="B",
    topic="dropout",
    statement="With dropout on, less weight decay is best.",
    test="Networks on the moons at thirteen λ, with p of 0, 0.2 and 0.4, thirty-two draws: the λ of the lowest validation loss with dropout "
    "over that without, draw by draw.",
    quantities={
        "little": Quantity("best λ with p = 0.2 over that without dropout", "decades", "draw"),
        "much": Quantity("the same with p = 0.4", "decades", "draw"),
    },
    stated=(at_most("little", 0.0, "mean"), at_most("much", 0.0, "mean")),
    condition="p is small, as 0.2",
    conditional=(at_most("little", 0.0, "mean"),),
    shows=RightMixSpec(),
    spoil={"turned": True},
)
def less_decay(draw: int, turned: bool = False) -> Experiment:
    """Find the best lambda with dropout and without, on the same draws; ``turned`` compares the wrong way round.

    Both take freedom from the network, so with one of them less is needed of the other. The valley is long and shallow: many pairs of λ and p
    cannot be told from the best one, and on a single draw the best λ can lie anywhere along it. The effect shows on average over draws, and rarely
    on one.
    """
    draws, seeds, rates = seeds_of(draw, 32), (draw,), (0.0, 0.2, 0.4)
    axes: dict[str, Any] = grid(dropout=rates, lam=_DECAYS, seed=seeds)
    families = [TrainingSpec(**_MOONS, **axes, lr=0.01, data_seed=i, epochs=200) for i in draws]
    outcomes = yield trained(*(Part(family, curves=("val_loss",), every=family.epochs) for family in families))
    least = _ends(outcomes, len(rates), len(_DECAYS), len(seeds)).mean(axis=3)
    best = np.log10(np.array(_DECAYS))[least.argmin(axis=2)]
    sign = -1.0 if turned else 1.0
    values = {"little": sign * (best[:, 1] - best[:, 0]), "much": sign * (best[:, 2] - best[:, 0])}
    lines = tuple(Line(f"p = {p:g}", least[:, i], ink) for i, (p, ink) in enumerate(zip(rates, ("loss", "value2", "dropout"), strict=True)))
    alt = "The validation loss against lambda for three dropout rates: the median over all draws of the data, and their range."
    return Findings(values, Picture(alt, "validation loss", lines=lines, x=np.array(_DECAYS), across="λ", log="x"))


@claim(
    number=26,
    source="B",
    topic="search",
    statement="Random or Bayesian search beats changing one setting at a time.",
    test="Searches over seven settings of networks on the moons with 24 trials each: one setting at a time from sensible values, random, "
    "and Bayesian. Six "
    "draws of the data; the winner of each search is trained again with eight fresh seeds.",
    quantities={
        "random": Quantity("loss of random search's winner over that of one at a time", "decades", "draw"),
        "bayesian": Quantity("loss of Bayesian search's winner over that of one at a time", "decades", "draw"),
    },
    stated=(at_most("random", 0.0, "mean"), at_most("bayesian", 0.0, "mean")),
    shows=RightMixSpec(),
    spoil={"budget": 1},
)
def searches(draw: int, budget: int = 24) -> Experiment:
    """Run three ways to search with equal budgets and judge their winners with fresh seeds; ``budget`` is that of one at a time.

    One setting at a time gets stuck where two settings must move together, and it finds what sensible defaults with one change can give. Random
    search spends most of its trials far from sensible, and with few trials in many settings that costs more than the freedom brings. Where nobody
    knows sensible values, or the budget is large, the order can be another one.
    """

    def run(seed: int) -> dict[str, float]:
        return {method: _delivered(method, seed, budget if method == "single" else 24) for method in ("single", "random", "bayesian")}

    found = yield for_each(run, seeds_of(draw, 6), 4.0)
    logs = {name: np.log10(values) for name, values in found.items()}
    values = {name: logs[name] - logs["single"] for name in ("random", "bayesian")}
    inks = (("single", "one_at_a_time"), ("random", "random_search"), ("bayesian", "bayesian"))
    groups = tuple(Group({"single": "one at a time"}.get(name, name), found[name], ink) for name, ink in inks)
    alt = "The validation loss of the winner of each search, trained again with eight fresh seeds: one setting at a time, random and Bayesian search."
    return Findings(values, Picture(alt, "validation loss with fresh seeds", groups=groups, log="y"))


def _delivered(method: str, draw: int, budget: int) -> float:
    """Return what the winner of one search comes to with fresh seeds."""
    from core.studies.here import run_lane

    study = MixSearch(draw=draw, budget=budget, searches=1, epochs=60)
    lane = list(METHODS).index(method)
    return float(study.conclude(run_lane(study, lane)).delivered[lane, 0])


_STRENGTHS = (0.0, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1)


@claim(
    number=46,
    source="E",
    topic="statistics",
    statement="With a penalty the training data are fitted worse and unseen data better.",
    test="Networks on 80 points of the moons at eight λ, twelve draws with two seeds each: the training and the validation loss at the λ that is "
    "best on the other eleven draws. And with the largest λ on ten times as many points, six draws.",
    quantities={
        "train": Quantity("training loss at a λ chosen on other draws, less that at λ = 0", each="draw"),
        "unseen": Quantity("validation loss there, less that at λ = 0", each="draw"),
        "too_much": Quantity("validation loss at the largest λ and with many points, less that at λ = 0", each="draw"),
    },
    stated=(at_least("train", 0.0, "mean"), at_most("unseen", -0.01, "mean"), at_most("too_much", 0.0, "mean")),
    condition="λ has been chosen well, on data of its own, and the data are few",
    conditional=(at_least("train", 0.0, "mean"), at_most("unseen", -0.01, "mean")),
    shows=TrainingLabSpec(),
    spoil={"size": 1000},
)
def worse_and_better(draw: int, size: int = 80) -> Experiment:
    """Compare training and validation loss with a lambda that was chosen on other draws; ``size`` is how many points there are.

    A penalty can only raise the training loss of the minimum, by what it keeps the weights from doing. Unseen data gain as long as what it keeps
    them from is learning the noise. With data enough there is nothing to be gained, and beyond the best λ both losses rise. The λ must be chosen on
    other data than those that judge it, or luck is counted as gain.
    """
    draws, seeds = seeds_of(draw, 12), seeds_of(draw, 2)
    axes: dict[str, Any] = grid(lam=_STRENGTHS, seed=seeds)
    families = [TrainingSpec(**_MOONS | {"points": size}, **axes, lr=0.01, data_seed=i, epochs=300) for i in draws]
    strong: dict[str, Any] = grid(lam=(0.0, _STRENGTHS[-1]), seed=seeds)
    many = [TrainingSpec(**_MOONS | {"points": 800}, **strong, lr=0.01, data_seed=i, epochs=100) for i in draws[:6]]
    outcomes = yield trained(*(Part(family, every=family.epochs) for family in (*families, *many)))
    train, val = (
        np.stack([last(curve(each, name, len(_STRENGTHS), len(seeds))).mean(axis=1) for each in outcomes[: len(draws)]])
        for name in ("train_loss", "val_loss")
    )
    plenty = np.stack([last(curve(each, "val_loss", 2, len(seeds))).mean(axis=1) for each in outcomes[len(draws) :]])
    others = (val.sum(axis=0) - val) / (len(val) - 1)
    chosen, rows = others.argmin(axis=1), np.arange(len(val))
    values = {
        "train": train[rows, chosen] - train[:, 0],
        "unseen": val[rows, chosen] - val[:, 0],
        "too_much": plenty[:, 1] - plenty[:, 0],
    }
    lines = (Line("training", train[:, 1:], "train"), Line("unseen", val[:, 1:], "validation"))
    alt = "Training and validation loss against lambda: the median over twelve draws of the data and their range."
    return Findings(values, Picture(alt, "loss", lines=lines, x=np.array(_STRENGTHS[1:]), across="λ", log="x"))
