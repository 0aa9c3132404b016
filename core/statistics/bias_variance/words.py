"""What the lab "Bias and variance" says: every number computed from the result on the screen."""

from __future__ import annotations

import numpy as np

from core.statistics.bias_variance.bases import BASES
from core.statistics.bias_variance.experiment import BUNDLE, SETS, BiasVariance
from core.wording import number

HEAVY = 0.1
"""A part of the variance that one set of 400 makes only where averages do not settle: of light tails it makes about 0.01."""
_TINY = 1e-12  # of squares near 1: rounding
_SLIGHT = 0.005  # a gain below half a percent is none to speak of


def head(result: BiasVariance, i: int) -> str:
    """Return a member in words: ``λ = 0.1`` or ``degree 7``."""
    if result.spec.axis == "lam":
        return f"λ = {number(float(result.lam[i]))}"
    m, size = int(result.size[i]), BASES[result.spec.basis].size
    return f"degree {m}" if size == "degree" else f"{m} {size if m != 1 else size[:-1]}"


def choice(result: BiasVariance, i: int) -> str:
    """Return what a fit without a penalty means where the data leave a choice; empty elsewhere."""
    m, n, rank = int(result.size[i]), int(result.spec.points), int(result.rank[i])
    if result.lam[i] > 0.0 or rank >= m:
        return ""
    if m + 1 > n:
        return f" {n} points cannot decide {m + 1} coefficients: of all w that fit them, the shortest is drawn."
    return f" The points of a set tell only {rank + 1} of {m + 1} coefficients apart: of all w that fit them, the shortest is drawn."


def bundle_sentences(result: BiasVariance) -> list[str]:
    """Return one sentence a member: what the bundle of fits does."""
    low, high = result.window
    beyond = ((result.fits < low) | (result.fits > high)).mean(axis=(0, 2))
    said = []
    for i in range(len(result.lam)):
        spread = number(float(np.sqrt(max(float(result.variance[i]), 0.0))), 2)
        text = f"{head(result, i).capitalize() if result.spec.axis == 'at' else head(result, i)}: "
        text += f"{BUNDLE} of {SETS} fits. A fit is typically {spread} from their mean"
        off = float(np.sqrt(max(float(result.bias[i]), 0.0)))
        text += f", the mean {number(off, 2)} from the truth." if off > 1e-6 else ", and the mean is on the truth, but for chance."
        if beyond[i] > 0.0:
            text += f" {_percent(float(beyond[i]))} of these curves lies outside the frame."
        said.append(text + choice(result, i))
    return said


def sum_sentences(result: BiasVariance) -> list[str]:
    """Return one sentence a member: the three parts, their sum, and what was measured."""
    return [_sum(result, i) + tail(result, i) for i in range(len(result.lam))]


def _sum(result: BiasVariance, i: int) -> str:
    parts = f"bias² {number(float(result.bias[i]))} + variance {number(float(result.variance[i]))} + noise {number(result.noise)}"
    text = f"{_start(result, i)}: {parts} = {number(float(result.total[i]))}. "
    measured = f"Measured on points of their own: {number(float(result.test[i]))} ± {number(float(result.test_se[i]), 2)}"
    return text + f"{measured}; the two differ by {apart(result, i)}."


def apart(result: BiasVariance, i: int) -> str:
    """Return how far the measured error is from the sum, in standard errors of their difference."""
    gap, error = float(result.gap[i]), float(result.gap_se[i])
    if abs(gap) <= _TINY or error <= _TINY:
        return "nothing but rounding"
    return f"{abs(gap) / error:.1f} standard errors"


def tail(result: BiasVariance, i: int) -> str:
    """Return a warning where one training set makes much of the variance; empty elsewhere."""
    if not result.heaviest[i] > HEAVY or result.variance[i] <= _TINY:
        return ""
    half = number(float(np.median(result.error[i])) + result.noise, 2)
    return (
        f" One training set of {SETS} makes {_percent(float(result.heaviest[i]))} of this variance: such an average does not settle, and its "
        f"expectation may not exist. Half of the sets are below {half}."
    )


def verdict(result: BiasVariance) -> str:
    """Return what the penalty, or a smaller model, adds in bias and takes in variance at the best member (claim 27)."""
    best = result.best
    other = 0 if result.spec.axis == "lam" else len(result.lam) - 1
    saved = 1.0 - float(result.total[best] / result.total[other]) if result.total[other] > 0.0 else 0.0
    if best == other or saved <= _SLIGHT:
        return f"{_start(result, best)} has the least error; {_none(result)}."
    more, less = float(result.bias[best] - result.bias[other]), float(result.variance[other] - result.variance[best])
    text = f"{_start(result, best)} has the least error. Compared with {_reference(result, other)}, "
    if result.heaviest[other] > HEAVY:
        return text + f"which has no average that settles, its variance is only {number(float(result.variance[best]))}."
    if more <= 0.0:
        text += f"both fall: bias² by {number(-more)}, within chance or not, and variance by {number(less)}"
    elif less <= 0.0:
        text += f"bias² is {number(more)} higher and variance {number(-less)} higher"
    else:
        text += f"bias² is {number(more)} higher and variance {number(less)} lower, {number(less / more, 2)} times as much"
    return text + f": the sum is {_percent(saved)} lower."


def _none(result: BiasVariance) -> str:
    return "no λ of the scrub does noticeably better than none" if result.spec.axis == "lam" else "none of the smaller ones does noticeably better"


def _reference(result: BiasVariance, other: int) -> str:
    return "no penalty" if result.spec.axis == "lam" else head(result, other)


def training_sentence(result: BiasVariance) -> str:
    """Return what the best member does to the error on a set's own points and on others (claim 46)."""
    best, other = result.best, 0 if result.spec.axis == "lam" else len(result.lam) - 1
    train = result.train.mean(axis=1)
    if best == other:
        return ""
    how = "worse" if train[best] > train[other] else "no worse"
    unseen = "better" if result.total[best] < result.total[other] else "no better"
    return (
        f" It fits its own points {how} ({number(float(train[other]), 2)} → {number(float(train[best]), 2)}) "
        f"and unseen ones {unseen} ({number(float(result.test[other]), 2)} → {number(float(result.test[best]), 2)})."
    )


def basis_sentences(results: dict[str, BiasVariance]) -> list[str]:
    """Return one sentence a member: the same data and the same penalty's name, but other columns. The first result has the members."""
    first = next(iter(results.values()))
    bests = ", ".join(f"{number(float(each.total.min()))} with {BASES[key].label} ({head(each, each.best)})" for key, each in results.items())
    said = []
    for i in range(len(first.lam)):
        here = {key: float(each.total[i]) for key, each in results.items() if i < len(each.total)}
        errors = ", ".join(f"{number(value)} with {BASES[key].label}" for key, value in here.items())
        text = f"{_start(first, i)}: {errors}."
        polynomials = [here[key] for key in ("legendre", "monomials") if key in here]
        if len(polynomials) == 2:
            one, other = polynomials
            same = abs(one - other) <= 1e-6 * max(one, other)
            text += " The same polynomials, and the same fits." if same else " The same polynomials, but another |w|² and so another fit."
        said.append(f"{text} Least: {bests}.")
    return said


def _start(result: BiasVariance, i: int) -> str:
    text = head(result, i)
    return text[0].upper() + text[1:] if text[0] != "λ" else text


def _percent(share: float) -> str:
    return f"{100.0 * share:.0f} %" if share >= 0.095 else f"{number(100.0 * share, 2)} %"
