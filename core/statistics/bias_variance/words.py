"""What the lab "Bias and variance" says: every number computed from the result on the screen."""

from __future__ import annotations

import numpy as np

from core.specs.bias_variance import BUNDLE
from core.statistics.bias_variance.bases import BASES
from core.statistics.bias_variance.experiment import SETS, BiasVariance
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
    m, n, rank = int(result.size[i]), result.points, int(result.rank[i])
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
        text = f"{beginning(result, i)}: {BUNDLE} of {SETS} fits. A fit is typically {spread} from their mean"
        text += f"{_mean(result, i)}."
        if beyond[i] > 0.0:
            text += f" {_percent(float(beyond[i]))} of what they reach lies outside the frame."
        said.append(text + choice(result, i))
    return said


def rest(result: BiasVariance) -> str:
    """Return what the part of the error is called that more training sets would not take away."""
    return "bias²" if result.known else "noise + bias²"


def _mean(result: BiasVariance, i: int) -> str:
    if not result.known:
        return ""
    if result.heaviest[i] > HEAVY:
        return ", and the wildest of all decides where that mean is"
    off = float(np.sqrt(max(float(result.bias[i]), 0.0)))
    return f", the mean {number(off, 2)} from the truth" if off > 1e-6 else ", and the mean is on the truth, but for chance"


def sum_sentences(result: BiasVariance) -> list[str]:
    """Return one sentence a member: the three parts, their sum, and what was measured."""
    return [_sum(result, i) + tail(result, i) for i in range(len(result.lam))]


def _sum(result: BiasVariance, i: int) -> str:
    if result.source is not None:
        parts = f"noise + bias² {small(float(result.bias[i]))} + variance {small(float(result.variance[i]))}"
        held = f"the error on {len(result.source.held_y)} rows that no set has seen"
        return (
            f"{beginning(result, i)}: {parts} = {small(float(result.total[i]))}, {held}; the target's variance is 1. Nobody knows the truth of your "
            "data, so noise and bias² cannot be told apart."
        )
    chance = " (below 0 by chance)" if result.bias[i] < -_TINY else ""
    parts = f"bias² {small(float(result.bias[i]))}{chance} + variance {small(float(result.variance[i]))} + noise {small(result.noise)}"
    text = f"{beginning(result, i)}: {parts} = {small(float(result.total[i]))}. "
    measured = f"Measured on points of their own: {small(float(result.test[i]))} ± {small(float(result.test_se[i]), 2)}"
    return text + f"{measured}; the two differ by {apart(result, i)}."


def apart(result: BiasVariance, i: int, unit: str = "standard errors") -> str:
    """Return how far the measured error is from the sum, in standard errors of their difference."""
    gap, error = float(result.gap[i]), float(result.gap_se[i])
    if abs(gap) <= _TINY or error <= _TINY:
        return "nothing but rounding"
    return f"{abs(gap) / error:.1f} {unit}"


def small(value: float, digits: int = 3) -> str:
    """Return a mean square in words; what is only rounding, of numbers near 1, is 0."""
    return "0" if abs(value) <= _TINY else number(value, digits)


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
    best, other = result.best, reference(result)
    text = f"Least error at {head(result, best)}"
    saved = 1.0 - float(result.total[best] / result.total[other]) if result.total[other] > _TINY else 0.0
    if best == other or saved <= _SLIGHT:
        return f"{text}; {_none(result)}."
    text += f". Compared with {_reference(result)}, "
    if result.heaviest[other] > HEAVY:
        return f"{text}whose average does not settle, the variance is only {small(float(result.variance[best]))}."
    bias = np.maximum(result.bias, 0.0)  # below 0 it is by chance
    more, less = float(bias[best] - bias[other]), float(result.variance[other] - result.variance[best])
    if less <= _TINY:
        text += f"{rest(result)} is {small(-more)} lower and variance {small(-less)} higher"
    elif more <= _TINY:
        text += f"variance is {small(less)} lower and {rest(result)} {f'{small(-more)} lower too' if more < -_TINY else 'no higher'}"
    else:
        text += f"{rest(result)} is {small(more)} higher and variance {small(less)} lower, {number(less / more, 2)} times as much"
    return text + f": the sum is {_percent(saved)} lower."


def reference(result: BiasVariance) -> int:
    """Return the member that the best one is compared with: no penalty, or the largest size."""
    return 0 if result.spec.axis == "lam" else len(result.lam) - 1


def _none(result: BiasVariance) -> str:
    return (
        "no λ of the scrub does noticeably better than none"
        if result.spec.axis == "lam"
        else "no smaller one does noticeably better than the largest"
    )


def _reference(result: BiasVariance) -> str:
    return "no penalty" if result.spec.axis == "lam" else head(result, reference(result))


def training_sentence(result: BiasVariance) -> str:
    """Return what the best member does to the error on a set's own points and on others (claim 46)."""
    best, other = result.best, reference(result)
    if best == other:
        return ""
    train, test = result.train.mean(axis=1), result.test
    how = "worse" if train[best] > train[other] else "no worse"
    unseen = "better" if test[best] < test[other] else "no better"
    return (
        f" It fits its own points {how} ({small(float(train[other]), 2)} → {small(float(train[best]), 2)}) "
        f"and unseen ones {unseen} ({small(float(test[other]), 2)} → {small(float(test[best]), 2)})."
    )


def basis_sentences(results: dict[str, BiasVariance]) -> list[str]:
    """Return one sentence a member: the same data and the same penalty's name, but other columns. The first result has the members."""
    first = next(iter(results.values()))
    bests = ", ".join(f"{small(float(each.total.min()))} with {BASES[key].label} ({head(each, each.best)})" for key, each in results.items())
    said = []
    for i in range(len(first.lam)):
        here = {key: float(each.total[i]) for key, each in results.items() if i < len(each.total)}
        errors = ", ".join(f"{small(value)} with {BASES[key].label}" for key, value in here.items())
        text = f"{beginning(first, i)}: {errors}."
        polynomials = [here[key] for key in ("legendre", "monomials") if key in here]
        if len(polynomials) == 2:
            one, other = polynomials
            same = abs(one - other) <= 1e-6 * max(one, other)
            text += " The same polynomials, and the same fits." if same else " The same polynomials, but another |w|² and so another fit."
        said.append(f"{text} Least: {bests}.")
    return said


def beginning(result: BiasVariance, i: int) -> str:
    """Return a member as a sentence begins with it."""
    text = head(result, i)
    return text[0].upper() + text[1:] if text[0] != "λ" else text


def _percent(share: float) -> str:
    if share > 0.9995:
        return "over 99.9\u00a0%"
    return f"{100.0 * share:.0f}\u00a0%" if 0.095 <= share < 0.995 else f"{number(100.0 * share, 3 if share > 0.5 else 2)}\u00a0%"
