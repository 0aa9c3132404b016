"""Questions of the lab "Smoothing and curvature"."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from core._validate import Floats
from core.lessons.question import Asked, amount, choice, question
from core.smoothing import Smoothing, solve
from core.specs import SmoothingSpec
from core.wording import number as told

_MEMBER = 30  # the λ asked about: a quarter of the axis, whose members stand at squares of even spaces
_SAME = 1e-9


@lru_cache(maxsize=16)
def _solved(spec: SmoothingSpec) -> Smoothing:
    return solve(spec)


def _result(spec: SmoothingSpec) -> Smoothing:
    return _solved(spec.replace(lam=0.0))


def _at(result: Smoothing, spec: SmoothingSpec) -> tuple[float, SmoothingSpec]:
    """Return the λ asked about, and the settings at which the page stands there."""
    lam = float(result.lam[_MEMBER])
    return lam, spec.replace(lam=lam)


def _point(result: Smoothing) -> str:
    return f"({told(float(result.point[0]))}, {told(float(result.point[1]))})"


def _condition(values: Floats) -> float:
    return float(values[1] / values[0]) if values[0] > 0.0 else float("inf")


@question("how far the eigenvalues move")
def shift(spec: SmoothingSpec) -> Asked | None:
    """Ask for the larger eigenvalue under the penalty: 2λ more under L2, and nothing under L1."""
    result = _result(spec)
    lam, show = _at(result, spec)
    if lam <= 0.0:
        return None
    before, after = (float(result.at_point.eigenvalues[i, 1]) for i in (0, _MEMBER))
    added = after - before
    reason = f"{told(before)} becomes {told(after)}: {told(added)} more, the same for both eigenvalues. " + (
        f"R = |w|² has the Hessian 2·1, not 1, so λ = {told(lam)} counts twice."
        if result.penalty.l1 == 0.0
        else "The L1 part is straight on either side of its crease: it tilts the surface and bends it nowhere."
    )
    named = dict(spec.knobs()["penalty"].options)[spec.penalty] + (f" with ρ = {told(spec.rho)}" if spec.penalty == "elastic_net" else "")
    prompt = (
        f"At the point {_point(result)} the loss's larger Hessian eigenvalue is {told(before)}. By how much is that of L + λR larger, with {named} "
        f"and λ = {told(lam)}? (in units of the curvature)"
    )
    return amount(prompt, added, reason, low=0.0, high=6.0 * lam, tolerance=0.25 * lam, show=show)


@question("whether conditioning improves")
def conditioning(spec: SmoothingSpec) -> Asked | None:
    """Ask whether the condition number at the point falls: not where the Hessian is indefinite."""
    result = _result(spec)
    lam, show = _at(result, spec)
    values = result.at_point.eigenvalues[[0, _MEMBER]]
    before, after = (_condition(each) for each in values)
    sizes = " and ".join(f"({told(float(each[0]))}, {told(float(each[1]))})" for each in values)
    bowls = [bool(each[0] > 0.0) for each in values]
    if bowls == [True, True]:
        truth = "same" if abs(after - before) <= _SAME * before else "better" if after < before else "worse"
        reason = f"The eigenvalues {sizes} make a condition number of {told(before, 4)} first, and of {told(after, 4)} then."
    else:
        truth = "becomes" if bowls == [False, True] else "none"
        reason = f"The eigenvalues {sizes}: at first there is no bowl, so there is no condition number to improve. " + (
            "λ lifts the lower one above 0." if truth == "becomes" else "The lower one is not above 0 even then."
        )
    options = {
        "better": "it falls: rounder",
        "same": "it stays",
        "worse": "it rises: more of a ravine",
        "becomes": "there was none: no bowl there before, one after",
        "none": "there is none before or after: no bowl there",
    }
    prompt = f"What becomes of the condition number of L + λR at the point {_point(result)} as λ goes from 0 to {told(lam)}?"
    return choice(prompt, truth, reason, options, show=show)


@question("the largest stable rate")
def stable(spec: SmoothingSpec) -> Asked | None:
    """Ask for the largest stable rate at the lowest minimum under the penalty."""
    result = _result(spec)
    lam, show = _at(result, spec)
    truth, bare = float(result.limit[_MEMBER]), float(result.limit[0])
    if not (np.isfinite(truth) and np.isfinite(bare) and truth > 0.0 and result.found[_MEMBER] and result.found[0]):
        return None
    treatment = dict(spec.knobs()["treatment"].options)[spec.treatment]
    steep = float(result.own[_MEMBER, 1])
    way = "lowers" if truth < bare else "raises" if truth > bare else "does not change"
    reason = (
        f"{told(truth)}, where it was {told(bare)} without a penalty: λ {way} it. The loss's own curvature at the lowest minimum is "
        f"{told(steep)} then, and "
        f"the penalty adds {told(float(result.shift[_MEMBER]))}; through the gradient that counts against the rate, through the prox for it."
    )
    prompt = (
        f"{dict(spec.knobs()['rule'].options)[spec.rule]}, the penalty {treatment}. At the lowest minimum the largest stable rate is "
        f"{told(bare)} with λ = 0. "
        f"What is it with λ = {told(lam)}? (rate)"
    )
    high = max(2.0 * bare, 8.0 / max(steep, 1e-12))
    return amount(prompt, truth, reason, low=0.0, high=max(high, 1.2 * truth), tolerance=0.06 * max(high, 1.2 * truth), show=show)


@question("when one minimum is left")
def one_left(spec: SmoothingSpec) -> Asked | None:
    """Ask for the λ from which on one minimum at most is left."""
    result = _result(spec)
    counts = result.minima.counts
    if counts[0] < 2 or counts[-1] > 1:
        return None
    last = int(np.flatnonzero(counts > 1)[-1])
    truth = float(result.lam[last + 1])
    most = float(result.lam[-1])
    reason = (
        f"{int(counts[0])} minima without a penalty, {int(counts[last])} up to λ = {told(float(result.lam[last]))}, one from {told(truth)} on. "
        "Which goes when depends on how deep it is and how far from the origin, not on how sharp it is alone."
    )
    prompt = f"The surface has {int(counts[0])} local minima. From which λ on does L + λR have only one? (λ, up to {told(most)})"
    return amount(
        prompt, truth, reason, low=0.0, high=most, tolerance=max(0.06 * most, float(truth - result.lam[last])), show=spec.replace(lam=truth)
    )


QUESTIONS = (shift, conditioning, stable, one_left)
