"""What the lab "Batch norm" says: every number computed from what was measured, an absent effect said to be absent."""

from __future__ import annotations

import numpy as np

from core._validate import Floats
from core.batch_norm.batches import BatchResult
from core.batch_norm.common import NORMED, PLAIN, Networks
from core.batch_norm.decay import DecayResult
from core.batch_norm.invariance import KINDS, Invariance
from core.batch_norm.orders import ORDERS, OrderResult
from core.batch_norm.rates import MapResult, RateResult
from core.batch_norm.smoothness import SmoothnessResult
from core.batch_norm.unit import Normalised, StatisticsNoise
from core.datasets import DATASETS
from core.specs.training import ACTIVATIONS
from core.studies.seeds import Spread, spread
from core.wording import number

NAMES = ("without", "with batch norm")
"""Of the two networks of a pair."""


# --------------------------------------------------------------------------------------------------------------------- all


def networks(study: Networks) -> str:
    """Return which networks a study trained, in one phrase."""
    batches = f"batches of {study.batch}" if study.batch else "all points at once"
    layers = f"{study.layers} hidden layer{'s' if study.layers > 1 else ''}"
    many = f"{layers} of {study.width} {ACTIVATIONS[study.activation]} unit{'s' if study.width > 1 else ''}"
    return f"{DATASETS[study.data].label}, {many}, {batches}, {study.epochs} epochs, {study.seeds} seeds"


def ranged(found: Spread) -> str:
    """Return a median with its range over seeds."""
    if not found.values.size:
        return "nothing"
    return f"{number(found.median)} ({number(found.low)} to {number(found.high)})"


def signed(found: Spread) -> str:
    """Return a mean difference with its standard error."""
    if found.values.size < 2:
        return "unknown, from too few networks"
    return f"{'+' if found.mean > 0 else ''}{number(found.mean)} ± {number(found.error, 2)}"


def times(logs: Spread) -> str:
    """Return a factor from logarithms to base 10: its median and its range."""
    return ranged(Spread(10.0**logs.values, logs.of))


def loss_of(values: Floats) -> str:
    """Return the median of last losses; of a median network that has diverged it says so."""
    middle = float(np.median(values))
    return number(middle) if np.isfinite(middle) else "diverged"


def _of(count: float, many: int) -> str:
    return f"{int(count)} of {many}"


def lonely(study: Networks) -> str:
    """Return what is to be said of batches of one point; nothing for others."""
    if study.batch != 1:
        return ""
    return (
        "In a batch of one point the variance is 0 and every normalised unit is its shift, whatever the point: the network with batch norm cannot "
        "see its inputs while it trains. PyTorch refuses such a batch. "
    )


# ------------------------------------------------------------------------------------------------------------------- rates


def rate_sentences(result: RateResult) -> list[str]:
    """Return what became of the networks at each rate, one sentence or two a rate."""
    said, many = [], result.study.seeds
    for i, rate in enumerate(result.rates.tolist()):
        learnt = result.trains[i].sum(axis=0)
        ends = [loss_of(result.final[i, :, which]) for which in (PLAIN, NORMED)]
        gone = [int((~np.isfinite(result.final[i, :, which])).sum()) for which in (PLAIN, NORMED)]
        left = f" Diverged: {gone[NORMED]} with, {gone[PLAIN]} without." if any(gone) else ""
        said.append(
            f"Rate {number(rate)}: {_of(learnt[NORMED], many)} networks learn with batch norm, {_of(learnt[PLAIN], many)} without; "
            f"median last training loss: {ends[NORMED]} with, {ends[PLAIN]} without.{left}"
        )
    return said


def rate_verdict(result: RateResult) -> str:
    """Return whether batch norm allows higher rates, and whether lower ones do as well."""
    study, many = result.study, result.study.seeds
    learnt = f"A network has learnt where its last training loss is below {number(result.threshold)}, half of what knowing nothing costs."
    reached = [int(np.isfinite(result.largest[:, which]).sum()) for which in (PLAIN, NORMED)]
    if min(reached) == 0:
        none = "of either kind" if max(reached) == 0 else f"with{'out' if reached[PLAIN] == 0 else ''} batch norm"
        return f"{lonely(study)}{learnt} No network {none} has, at any of these rates, so there is no largest rate to compare."
    ratio = result.ratio
    if not ratio.values.size:
        return f"{lonely(study)}{learnt} No seed has learnt at any rate in both kinds of networks, so there are no largest rates to compare."
    ends = [number(float(np.nanmedian(result.largest[:, which]))) for which in (PLAIN, NORMED)]
    least = "at least " if (result.largest[:, NORMED] == result.rates[-1]).any() else ""
    logs = spread(np.log10(ratio.values))
    # Neighbouring rates of the sweep cannot be told apart by it.
    step = float(np.log10(result.rates[1] / result.rates[0]))
    if not logs.sure or abs(logs.mean) < 0.5 * step:
        verdict = "No clear difference here"
    else:
        verdict = "Here batch norm allows higher rates" if logs.mean > 0 else "Here batch norm does NOT allow higher rates, on the contrary"
    high = (
        f"{verdict}: the largest rate that still trains is {least}{ends[NORMED]} with it and {ends[PLAIN]} without, a ratio of {ranged(ratio)} over "
        f"{ratio.values.size} of {many} seeds."
    )
    lower = result.lower
    low = ""
    if lower.values.size:
        much = f"it trains at rates {ranged(lower)} times lower in the same {study.epochs} epochs"
        low = f" At the low end {much}." if lower.low > 1.0 else " At the low end of these rates there is no clear difference."
    better = spread(result.best_unseen[:, NORMED] - result.best_unseen[:, PLAIN])
    unseen = ""
    if better.values.size > 1:
        clear = "" if better.sure else ", no clear difference"
        unseen = f" Each at its own best rate, the validation loss with batch norm differs by {signed(better)} from that without{clear}."
    lowest = [number(float(np.median(result.best[:, which]))) for which in (PLAIN, NORMED)]
    fit = f" The lowest training loss at any rate is {lowest[NORMED]} with it and {lowest[PLAIN]} without."
    return f"{lonely(study)}{high}{low}{fit}{unseen} {learnt}"


def map_sentence(result: MapResult, which: int) -> str:
    """Return how much of a map trains."""
    share = spread(100.0 * result.shares[:, which])
    return f"{share.median:.0f} % of this map train ({share.low:.0f} to {share.high:.0f} over {share.of} seeds)."


def map_verdict(result: MapResult) -> str:
    """Return whether batch norm makes networks less sensitive to rate and start."""
    gain = result.gain
    each = [spread(100.0 * result.shares[:, which]).mean for which in (PLAIN, NORMED)]
    points = signed(spread(100.0 * gain.values))
    many = f"{lonely(result.study)}{each[NORMED]:.0f} % of the cells train with batch norm, {each[PLAIN]:.0f} % without: {points} points"
    if not gain.sure:
        return f"{many}, which is no clear difference over {gain.of} seeds."
    reach = result.reach
    best = [float(reach[:, which].max()) for which in (PLAIN, NORMED)]
    wide = (
        f" At its most forgiving rate the network with batch norm trains from {number(best[NORMED])} of the {len(result.scales)} initial scales, "
        f"the one without from {number(best[PLAIN])}."
    )
    return f"{many} over {gain.of} seeds. {'Less' if gain.mean > 0 else 'MORE'} sensitive to where it starts, then, in this picture.{wide}"


def cell_sentences(result: MapResult) -> list[str]:
    """Return what became of each cell, rates first, then scales."""
    said = []
    for i, rate in enumerate(result.rates.tolist()):
        for j, scale in enumerate(result.scales.tolist()):
            ends = [loss_of(result.final[i, j, :, which]) for which in (PLAIN, NORMED)]
            said.append(
                f"Rate {number(rate)}, initial weights times {number(scale)}: median last training loss {ends[NORMED]} with, {ends[PLAIN]} without."
            )
    return said


# -------------------------------------------------------------------------------------------------------------- smoothness

_JUDGED = {
    ("loss", "rate"): "the loss varies along the step",
    ("loss", "weights"): "the loss varies along steps of equal shares of the weights",
    ("gradient", "rate"): "the gradient changes along the step",
    ("gradient", "weights"): "the gradient changes, as a share of itself",
    ("smoothness", "rate"): "the effective β is",
    ("smoothness", "weights"): "the effective β times |w|² is",
}


def smoothness_sentences(result: SmoothnessResult, judge: str, steps: str) -> list[str]:
    """Return, for each epoch, how the two kinds of networks compare."""
    said = []
    for epoch, ratio, losses in zip(result.epochs.tolist(), result.ratio(judge, steps), result.loss0, strict=True):
        at = [number(float(np.median(losses[:, which]))) for which in (PLAIN, NORMED)]
        what = _JUDGED[judge, steps]
        told = f"{what} {times(ratio)} times as {'large' if what.endswith('is') else 'much'} with batch norm as without"
        sure = "" if ratio.sure else ", which is no clear difference"
        said.append(f"After epoch {epoch:.0f}, at training losses of {at[NORMED]} with and {at[PLAIN]} without: {told}{sure}.")
    return said


def smoothness_verdict(result: SmoothnessResult, judge: str, steps: str) -> str:
    """Return at how many of the epochs batch norm is smoother, rougher, or neither."""
    ratios = result.ratio(judge, steps)
    smoother = sum(each.sure and each.mean < 0.0 for each in ratios)
    rougher = sum(each.sure and each.mean > 0.0 for each in ratios)
    many = len(ratios)
    if smoother == many:
        head = "By this number the loss is smoother with batch norm at all epochs looked at"
    elif rougher == many:
        head = "By this number batch norm does NOT smooth the loss: it is rougher at all epochs looked at"
    else:
        neither = many - smoother - rougher
        head = f"By this number the loss is smoother with batch norm at {smoother} of {many} epochs, rougher at {rougher}, and neither at {neither}"
    return (
        f"{lonely(result.study)}{head} ({result.study.seeds} seeds, rate {number(result.study.rate)}). The two kinds of networks stand at different "
        f"losses at equal epochs. {_at_equal_loss(result.matched(judge, steps), judge, steps)}"
    )


def _at_equal_loss(found: Spread, judge: str, steps: str) -> str:
    """Return how the two compare where they have the same training loss."""
    if found.values.size < 2:
        return "Their losses have no range in common, so that they cannot be compared at an equal one."
    what = _JUDGED[judge, steps]
    sure = "" if found.sure else ", which is no clear difference"
    return (
        f"At equal training loss, half way down what both have passed, {what} {times(found)} times as "
        f"{'large' if what.endswith('is') else 'much'} with batch norm as without{sure} ({_of(found.values.size, found.of)} seeds)."
    )


# ----------------------------------------------------------------------------------------------------------------- batches


def batch_sentences(result: BatchResult) -> list[str]:
    """Return the gap at each batch size, one sentence or two."""
    said = []
    gaps, matched, unseen = (result.difference(each) for each in (result.gap, result.matched, result.unseen))
    for i, size in enumerate(result.sizes.tolist()):
        means = [
            number(float(np.nanmean(result.gap[i, ..., which]))) if np.isfinite(result.gap[i, ..., which]).any() else "none"
            for which in (PLAIN, NORMED)
        ]
        said.append(
            f"Batches of {size:.0f}: the gap is {means[NORMED]} with batch norm and {means[PLAIN]} without, {signed(gaps[i])}; at equal training "
            f"loss {signed(matched[i])}; the validation loss differs by {signed(unseen[i])}."
        )
    return said


def batch_verdict(result: BatchResult) -> str:
    """Return whether batch norm regularises: its gap, the same at equal training loss, and its validation loss."""
    gaps, matched, unseen = (result.difference(each) for each in (result.gap, result.matched, result.unseen))
    draws = result.train.shape[1]

    def sizes(found: tuple[Spread, ...], sign: int) -> str:
        listed = [f"{size:.0f}" for size, each in zip(result.sizes.tolist(), found, strict=True) if each.sure and sign * each.mean > 0]
        return "none" if not listed else ", ".join(listed)

    less, more = sizes(gaps, -1), sizes(gaps, 1)
    even, wider = sizes(matched, -1), sizes(matched, 1)
    better, worse = sizes(unseen, -1), sizes(unseen, 1)
    return (
        f"Batch norm makes the gap smaller at batch sizes {less}, larger at {more}. A smaller gap may only mean a worse fit: compared where both "
        f"networks have the same training loss, it is smaller at {even}, larger at {wider}. The validation loss at the end is lower at {better}, "
        f"higher at {worse}. Counted are differences whose 95 % interval leaves 0 out, over {draws} draws of the data, {result.study.seeds} seeds "
        "each."
    )


def noise_sentences(noise: StatisticsNoise) -> list[str]:
    """Return how noisy a batch's statistics are, one sentence a batch size."""
    said = []
    for size, m, mf, v, vf in zip(noise.sizes.tolist(), noise.mean, noise.mean_formula, noise.variance, noise.variance_formula, strict=True):
        if size == 1:
            said.append("Batches of one point: the mean is the point itself, and the variance is 0.")
            continue
        said.append(
            f"Batches of {size}: the batch's mean varies with variance {number(float(m))} (by formula {number(float(mf))}), its variance with "
            f"{number(float(v))} ({number(float(vf))})."
        )
    return said


def unit_sentences(unit: Normalised) -> list[str]:
    """Return what a batch does to a unit, batch sizes first, then batches."""
    mean, deviation = float(unit.sums.mean()), float(unit.sums.std())
    flat = deviation < 1e-6 * (abs(mean) + 1e-300) or deviation == 0.0
    said = []
    for i, size in enumerate(unit.sizes.tolist()):
        for t in range(unit.mean.shape[1]):
            if flat:
                said.append("This unit gives the same for every point: there is nothing to divide by but eps, and what comes out is the shift.")
            elif size == 1:
                said.append(
                    f"A batch of one point: its mean is the point, its variance 0, and the unit gives its shift, {number(unit.shift)}, whatever "
                    "the point."
                )
            else:
                said.append(
                    f"This batch of {size} has mean {number(float(unit.mean[i, t]))} and deviation {number(float(unit.variance[i, t] ** 0.5))}; all "
                    f"points have {number(mean)} and {number(deviation)}, the running statistics {number(float(unit.running_mean[i, t]))} and "
                    f"{number(float(unit.running_variance[i, t] ** 0.5))} after {t + 1} batch{'es' if t else ''}."
                )
    return said


# ------------------------------------------------------------------------------------------------------------------ orders


def order_sentences(result: OrderResult) -> list[str]:
    """Return the shift of variance at each dropout rate."""
    said = []
    for i, p in enumerate(result.rates.tolist()):
        if p == 0.0:
            said.append("Nothing is dropped: training and use see the same variance, but for what the last batches have moved.")
            continue
        parts = []
        for order, name in enumerate(ORDERS):
            shift = _median(result.shift[order, i])
            parts.append(f"{name}: {number(shift)}" if np.isfinite(shift) else f"{name}: its units are dead")
        said.append(f"p = {number(p)}, variance in training over that in use, in the last layer: " + "; ".join(parts) + ".")
    return said


def _median(shift: Floats) -> float:
    last = shift[:, -1]
    return float(np.median(last[np.isfinite(last)])) if np.isfinite(last).any() else float("nan")


def cost_sentences(result: OrderResult) -> list[str]:
    """Return what the running statistics cost and what the place does, at each dropout rate."""
    said = []
    for i, p in enumerate(result.rates.tolist()):
        costs = [(name, result.cost(order, i)) for order, name in enumerate(ORDERS)]
        dear = [f"{name} {signed(cost)}" for name, cost in costs if cost.sure and cost.mean > 0]
        if len(dear) == len(costs):
            told = "Fresh statistics would lower the validation loss in every order: " + "; ".join(dear) + "."
        elif dear:
            told = "Fresh statistics would lower the validation loss clearly in: " + "; ".join(dear) + ". In the other orders they would not."
        else:
            told = "In no order would fresh statistics lower the validation loss clearly."
        place = result.placement(i)
        clear = "" if place.sure else ", no clear difference"
        said.append(
            f"p = {number(p)}. {told} After the activation instead of before it, the norm changes the validation loss by {signed(place)}{clear} "
            f"({place.values.size} seeds)."
        )
    return said


def formula_sentence(result: OrderResult) -> str:
    """Return how near measured shifts come to the formula."""
    apart = np.abs(result.shift / result.formula - 1.0)
    apart = apart[np.isfinite(apart)]
    if not apart.size:
        return "There is no unit alive to compare with the formula."
    return (
        f"Measured with 8 masks a point, the shift is within {number(100.0 * float(np.median(apart)))} % of the formula in half of the layers and "
        f"networks, within {number(100.0 * float(np.quantile(apart, 0.95)))} % in 95 of 100."
    )


# ------------------------------------------------------------------------------------------------------------------- decay


def decay_sentences(result: DecayResult) -> list[str]:
    """Return what each lambda did, one sentence or two."""
    said = []
    for i, lam in enumerate(result.lam.tolist()):
        norm, effective = (np.median(each[-1, i], axis=0) for each in (result.norm, result.effective))
        angle, away = (np.degrees(np.median(each[-1, i], axis=0)) for each in (result.angle, result.away))
        top = np.median(result.sharpness[i], axis=0)
        bound = (
            f"; decay and gradient would balance at {number(float(np.degrees(result.balance[i])))}°"
            if lam > 0.0 and result.study.rule == "sgd"
            else ""
        )
        turned = f"turned by {number(float(angle[NORMED]))}° a step and {number(float(away[NORMED]))}° an epoch{bound}"
        said.append(
            f"λ = {number(lam)} (weight_decay = {number(2 * lam)}), with batch norm: weights of norm {number(float(norm[NORMED]))}, effective rate "
            f"{number(float(effective[NORMED]))}, {turned}. Sharpness {number(float(top[NORMED]))} with, {number(float(top[PLAIN]))} without."
        )
    return said


def decay_verdict(result: DecayResult) -> str:
    """Return whether decay raises the sharpness of networks with batch norm, and of those without."""
    parts = []
    for which, name in ((NORMED, "with batch norm"), (PLAIN, "without")):
        raised = result.raised(which)
        change = times(raised)
        told = "raises" if raised.mean > 0 else "lowers"
        sure = (
            f"{told} the largest eigenvalue {change} times"
            if raised.sure
            else f"changes the largest eigenvalue {change} times, which is no clear change"
        )
        parts.append(f"{name} it {sure} (up in {_of(raised.above, raised.of)} seeds)")
    return (
        f"From λ = 0 to {number(float(result.lam[-1]))}: "
        + "; ".join(parts)
        + ". Where only the direction of weights counts, their Hessian grows as 1/|w|²: "
        "shorter weights make the same network look sharper."
    )


# -------------------------------------------------------------------------------------------------------------- invariance


def invariance_sentences(result: Invariance) -> list[str]:
    """Return, for each c, how exactly the loss stays and the gradient shrinks."""
    said = []
    loss, slope, bend = ({kind: each(kind) for kind in KINDS} for each in (result.loss_error, result.gradient_error, result.curvature_error))
    for i, c in enumerate(result.factors.tolist()):
        said.append(
            f"c = {number(c)}. With batch norm and eps = 0, L(cw) differs from L(w) by a share of {_small(loss['exact'][i])}, c|∇L(cw)| from "
            f"|∇L(w)| by {_small(slope['exact'][i])}, c² v'Hv by {_small(bend['exact'][i])}; with the usual eps = 10⁻⁵ by "
            f"{_small(loss['usual'][i])}, {_small(slope['usual'][i])} and {_small(bend['usual'][i])}. Without batch norm the loss is "
            f"{number(float(result.rays['plain'].loss[i]))} instead of {number(float(result.rays['plain'].loss[result.middle]))}."
        )
    return said


def radial_sentence(result: Invariance) -> str:
    """Return how much of the gradient points along the weights."""
    radial = {kind: abs(float(result.rays[kind].radial[result.middle])) for kind in KINDS}
    return (
        f"The cosine between weights and gradient is {_small(radial['exact'])} with eps = 0, {_small(radial['usual'])} with eps = 10⁻⁵, "
        f"{number(radial['plain'])} without batch norm."
    )


def _small(value: float) -> str:
    return "less than 10⁻¹²" if value < 1e-12 else number(float(value), 2)
