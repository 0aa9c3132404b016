"""How rate and decay act together: the final loss over both for each rule, the valley in it, and the rate that serves each decay best."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from core._validate import Bools, Floats
from core.adam_and_adamw import chosen_bowl, chosen_start, decay_axis, of_loss, rule_of
from core.bowls import Bowl
from core.decay_ends import box_points, ridge_points
from core.descent import ends
from core.descent.loop import far_from
from core.optimizers import Rule
from core.plain_descent import PlainDescent
from core.quadratic import Quadratic
from core.specs.adam_and_adamw import TRIO, AdamAndAdamWSpec
from core.tuning import rate_decay_map

BUDGET, CELLS = 200, 61
RATES = np.geomspace(1e-3, 2.0, CELLS)
NOISES = 4  # noises that a noisy map is the mean of
# Ends count as equally good that differ by less than a thousandth of what the start had to lose and a tenth of what is left,
ALIKE, SHARE = 1e-3, 0.1
NEAR = 1.5  # and as near the best those with less than this times what it has left.
_LUCK = 0.1
_FEWEST = 8  # rates that a slope is taken from: half a decade


@dataclass(frozen=True)
class Valley:
    """How the best decay moves with the rate: d log(decay) / d log(rate), 0 where it does not, -1 where their product is what counts.

    Attributes
    ----------
    slope:
        Over the rates whose best end is near the best of all; NaN where they are too few, or where no decay is best.
    slope_below:
        Over the lower rates, which are too slow for the budget; NaN where there are too few.
    near, below:
        (r,) which rates these are.
    without:
        The share of the near rates at which the least decay of the map is as good as any.
    """

    slope: float
    slope_below: float
    near: Bools
    below: Bools
    without: float


@dataclass(frozen=True)
class RuleMap:
    """The end of one rule over rates and decays.

    Attributes
    ----------
    excess:
        (d, r) the judged loss at the end above its own least value, as a share of what it was at the start; inf where the run diverged.
    best_rate:
        (d,) for each decay the middle of the rates that end alike the best.
    best_decay:
        (r,) for each rate the middle of the decays that end alike the best.
    best:
        (decay, rate) of the least excess, the rate as in ``best_rate``.
    valley:
        What their course says.
    """

    excess: Floats
    best_rate: Floats
    best_decay: Floats
    best: tuple[float, float]
    valley: Valley


@dataclass(frozen=True)
class DecayMaps:
    """The maps of all rules, and their best rates.

    Attributes
    ----------
    decays, rates:
        (d,), (r,) the axes of the maps.
    maps:
        Rule -> its map.
    lam:
        (k,) the lambdas of the page's scrub.
    best_rates:
        Rule -> (k,) the rate that comes nearest to the rule's own end with ``gradients`` of them, from 28 starts around, without noise.
    gradients:
        That number: what plain descent needs to come within a ten thousandth.
    text_book:
        (k,) plain descent's best rate, 2 / (mu_min + mu_max + 4 lambda); inf where nothing pulls.
    """

    spec: AdamAndAdamWSpec
    decays: Floats
    rates: Floats
    maps: Mapping[str, RuleMap]
    lam: Floats
    best_rates: Mapping[str, Floats]
    gradients: int
    text_book: Floats


def best_run(cost: Floats, alike: float, share: float = 0.0) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return for each row of costs (m, n) the first and last column, (m,) each, of the run around the least whose costs are alike.

    Alike are costs that are above the least by at most ``alike`` and ``share`` of it.

    A row of infinite costs, where every run diverged, has its first column.
    """
    at, place = cost.argmin(axis=1), np.arange(cost.shape[1])
    least = cost[np.arange(len(cost)), at]
    other = ~(cost <= (least * (1.0 + share) + alike)[:, None]) | ~np.isfinite(least)[:, None]
    low = np.where(other & (place < at[:, None]), place, -1).max(axis=1) + 1
    high = np.where(other & (place > at[:, None]), place, cost.shape[1]).min(axis=1) - 1
    return low, high


def rule_map(excess: Floats, decays: Floats, rates: Floats) -> RuleMap:
    """Return what a map of excesses (d, r) says."""
    i = int(excess.min(axis=1).argmin())
    best_rate, best_decay = (_middle(cost, ticks) for cost, ticks in ((excess, rates), (excess.T, decays)))
    return RuleMap(
        excess,
        best_rate,
        best_decay,
        (float(decays[i]), float(best_rate[i])),
        _valley(excess, decays, rates, best_decay),
    )


def _middle(cost: Floats, ticks: Floats) -> Floats:
    """Return the geometric middle, (m,), of the ticks (n,) that serve each row of costs (m, n) alike the best."""
    low, high = best_run(cost, ALIKE, SHARE)
    middle: Floats = np.sqrt(ticks[low] * ticks[high])
    return middle


def _valley(excess: Floats, decays: Floats, rates: Floats, best_decay: Floats) -> Valley:
    least = excess.min(axis=0)
    # The best but for a tenth of the rates: at high ones a run swings to and fro, and may end well by luck.
    near = least <= NEAR * float(np.quantile(least, _LUCK)) + ALIKE if np.isfinite(least).mean() > _LUCK else least <= least.min()
    alike = least * (1.0 + SHARE) + ALIKE
    bare = excess[0] <= alike  # the least decay is as good as any
    inner = ~bare & (excess[-1] > alike) & np.isfinite(least)
    below = (np.arange(len(rates)) < int(np.argmax(near))) & inner
    without = float((bare & near).sum() / near.sum())
    return Valley(_slope(rates, best_decay, near & inner), _slope(rates, best_decay, below), near, below, without)


def _slope(rates: Floats, decays: Floats, chosen: Bools) -> float:
    """Return the median of the slopes between all pairs (Theil and Sen): a rate that ends well by luck, at some other decay, does not sway it."""
    if chosen.sum() < _FEWEST:
        return float("nan")
    x, y = np.log(rates[chosen]), np.log(decays[chosen])
    first, second = np.triu_indices(len(x), 1)
    return float(np.median((y[second] - y[first]) / (x[second] - x[first])))


def excess_of(bowl: Bowl, spec: AdamAndAdamWSpec, loss: Floats, start: Floats) -> Floats:
    """Return judged losses above their least value, as a share of what there was to lose at the start (or at the origin, or the free minimum)."""
    judged = judge_of(bowl, spec)
    first, *others = (judged.value(np.stack([start, np.zeros(2), bowl.train.centre])) - judged.floor).tolist()
    most = max(first, *others)
    unit = first if first > 1e-6 * most else most
    share: Floats = np.maximum(loss - judged.floor, 0.0) / (unit if unit > 0.0 else 1.0)
    return share


def judge_of(bowl: Bowl, spec: AdamAndAdamWSpec) -> Quadratic:
    """Return the loss that the maps judge ends by; without data the training loss has nothing to tell."""
    return bowl.unseen if spec.judge == "unseen" or not bowl.has_data else bowl.train


@dataclass(frozen=True)
class MapEnds:
    """Where the runs of one rule's map end, whatever judges them: x (n, d, r, 2) for each of n noises, and whether a run diverged (n, d, r)."""

    x: Floats
    diverged: Bools


Ends = Callable[[AdamAndAdamWSpec, str], MapEnds]
Rates = Callable[[AdamAndAdamWSpec], tuple[int, Mapping[str, Floats]]]


def map_decays(bowl: Bowl) -> Floats:
    """Return the decays (d,) of the maps."""
    decays: Floats = decay_axis(bowl)[-1] * np.geomspace(1e-3, 10.0, CELLS)
    return decays


def map_ends(spec: AdamAndAdamWSpec, key: str) -> MapEnds:
    """Run a rule at every rate and decay."""
    bowl = chosen_bowl(spec)
    start, decays = chosen_start(spec, bowl), map_decays(bowl)
    if key == "sgd" and spec.noise == 0.0:
        x = PlainDescent(bowl.train, start, RATES, decays[:, None]).after(BUDGET)[None]
        return MapEnds(x, _left(x, bowl))
    rule = partial(_made, key, float(spec.beta2))
    seeds = [int(spec.seed) + i for i in range(NOISES if spec.noise > 0.0 else 1)]
    found = [rate_decay_map(bowl.surface, rule, start, RATES, decays, BUDGET, spec.noise, seed) for seed in seeds]
    return MapEnds(np.stack([each.x for each in found]), np.stack([each.diverged for each in found]))


def _made(key: str, beta2: float, weight_decay: Floats) -> Rule:
    return rule_of(key, beta2, weight_decay)


def _left(x: Floats, bowl: Bowl) -> Bools:
    """Return whether points (..., 2) are so far away that their runs count as diverged, (...)."""
    gone: Bools = np.logical_not((np.abs(x) < far_from(bowl.surface)).all(axis=-1))
    return gone


def rates_of(spec: AdamAndAdamWSpec) -> tuple[int, Mapping[str, Floats]]:
    """Return the `best_rates` of a spec for every lambda of the page's scrub."""
    bowl = chosen_bowl(spec)
    return best_rates(bowl, chosen_start(spec, bowl), decay_axis(bowl), float(spec.beta2))


def solve_maps(spec: AdamAndAdamWSpec, ends_of: Ends = map_ends, rates: Rates = rates_of) -> DecayMaps:
    """Run every rule at every rate and decay, judge the ends, and find each rule's best rate for every lambda of the page's scrub.

    Parameters
    ----------
    ends_of, rates:
        `map_ends` and `rates_of`, or what remembers what they have found. Nothing is set in the settings they get that is nothing to them.
    """
    bowl = chosen_bowl(spec)
    start, axis = chosen_start(spec, bowl), decay_axis(bowl)
    decays = map_decays(bowl)
    measure = bowl.measure if judge_of(bowl, spec) is bowl.unseen else bowl.surface
    maps = {}
    noise = ("noise", "seed") if spec.noise > 0.0 else ()
    for key in TRIO:
        found = ends_of(of_loss(spec, *noise, *(("beta2",) if key != "sgd" else ())), key)
        with np.errstate(over="ignore", invalid="ignore"):
            loss = np.where(found.diverged, np.inf, measure.value(np.where(found.diverged[..., None], 0.0, found.x)))
            maps[key] = rule_map(excess_of(bowl, spec, loss.mean(axis=0), start), decays, RATES)
    gradients, best = rates(of_loss(spec, "beta2"))
    flattest, steepest = bowl.train.eigen[0][[0, -1]]
    with np.errstate(divide="ignore"):
        text_book = 2.0 / (flattest + steepest + 2.0 * axis)
    return DecayMaps(spec, decays, RATES, MappingProxyType(maps), axis / 2.0, MappingProxyType(best), gradients, text_book)


FINE = np.geomspace(1e-3, 10.0, 81)
RADII = (1.0, 0.4, 0.6, 0.8, 1.2, 1.4, 1.6)  # of the starts around, in turn
_STARTS, _CLOSE, _GRADIENTS, _ARRIVED = 28, 1e-4, (20, 100), 1e-10


def best_rates(bowl: Bowl, start: Floats, decay: Floats, beta2: float) -> tuple[int, Mapping[str, Floats]]:
    """Return how many gradients are given, and for each rule the rate (k,) that then is nearest to the rule's own end.

    Nearest in the root mean square over 28 starts around the free minimum, some as far from it as the page's start, some nearer, some farther: from
    one start alone the best rate of Adam is a matter of luck, of which swing ends where. Where several rates arrive to rounding, their middle.
    """
    low, high = bowl.train.eigen[0][[0, -1]]
    shrink = (high - low) / (high + low) if high > 0.0 else 0.0
    wanted = np.log(_CLOSE) / np.log(shrink) if 0.0 < shrink < 1.0 else 0.0
    gradients = int(np.clip(np.ceil(wanted), *_GRADIENTS))
    away = start - bowl.train.centre
    turn = 2.0 * np.pi * np.arange(_STARTS) / _STARTS
    around = np.stack([np.cos(turn) * away[0] - np.sin(turn) * away[1], np.sin(turn) * away[0] + np.cos(turn) * away[1]], axis=1)
    if not around.any():
        around = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    around *= np.resize(RADII, _STARTS)[:, None]
    scale = float(np.abs(bowl.train.centre).max() + np.abs(around).max())
    k, r = len(decay), len(FINE)
    starts = np.tile(bowl.train.centre + around, (k * r, 1))
    rates, decays = np.tile(np.repeat(FINE, _STARTS), k), np.repeat(decay, r * _STARTS)
    best = {}
    for key in TRIO:
        target = box_points(bowl.train, decay) if key == "adamw" else ridge_points(bowl.train, decay)
        if not bowl.has_data:
            target = np.zeros((k, 2))
        if key == "sgd":
            x = PlainDescent(bowl.train, starts, rates, decays).after(gradients)
            diverged = _left(x, bowl)
        else:
            last = ends(bowl.surface, rule_of(key, beta2, decays), starts, rates, gradients)
            x, diverged = last.x, last.diverged
        x = np.where(diverged[:, None], 0.0, x)
        far = np.linalg.norm(x.reshape(k, r, _STARTS, 2) - target[:, None, None, :], axis=-1)
        far = np.where(diverged.reshape(far.shape), 1e9, far)
        first, final = best_run(np.sqrt((far**2).mean(axis=-1)) / scale, _ARRIVED)
        best[key] = 0.5 * (FINE[first] + FINE[final])
    return gradients, best
