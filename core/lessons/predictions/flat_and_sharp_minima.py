"""Questions of the lab "Flat and sharp minima"."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from core.flatness.choices import FACTORS, HERE, LAMBDAS, LEVELS, MEASURES
from core.flatness.families import FlatFamilies
from core.flatness.matched import Matched, matched
from core.flatness.minima import Minima
from core.flatness.ranks import ranked
from core.flatness.rescaling import Rescaling
from core.lessons.measured import found
from core.lessons.question import Asked, amount, choice, question, size
from core.specs import FlatAndSharpSpec
from core.wording import number as told

_FACTOR, _LAM = FACTORS[37], 0.01


@lru_cache(maxsize=8)
def _matched(study: FlatFamilies) -> Matched | None:
    families = found(study)
    return None if families is None else matched(families)


def _picture(study: FlatFamilies) -> Matched | None:
    # Asked first, so that what is not there is not remembered.
    return None if found(study) is None else _matched(study)


@question("the same function, scaled")
def scaled(spec: FlatAndSharpSpec) -> Asked | None:
    """Ask what scaling one ReLU layer up and the next one down does to the largest eigenvalue."""
    result: Rescaling | None = found(spec.rescaling())
    if result is None:
        return None
    at = FACTORS.index(_FACTOR)
    tops, filters = result.relu["top"], result.relu["filter"]
    truth = float(tops[at] / tops[HERE])
    reason = (
        f"From {told(float(tops[HERE]))} to {told(float(tops[at]))}, {told(truth)} times, while no output differs by more than "
        f"{told(float(result.relu['differs'].max()), 1)}. Filter-normalised curvature goes from "
        f"{told(float(filters[HERE]))} to {told(float(filters[at]))}: it is made so that this cannot fool it."
    )
    prompt = (
        f"In a ReLU network one layer's weights and biases are multiplied by {told(_FACTOR)}, and the next layer's weights divided by it: every "
        "output stays. By which factor does the Hessian's largest eigenvalue change? (times)"
    )
    return size(prompt, truth, reason, low=1e-3, high=1e4, tolerance=0.35, show=spec.replace(factor=_FACTOR))


@question("whether flat means good")
def correlation(spec: FlatAndSharpSpec) -> Asked | None:
    """Ask for the rank correlation of sharpness and gap at the end of training."""
    picture = _picture(spec.families())
    if picture is None:
        return None
    at = picture.stops - 1
    each = ranked(picture.measure(spec.measure)[at], picture.gap[at], picture.families.seed)
    if not np.isfinite(each.spearman):
        return None
    spread = f" (95 % over seeds: {told(each.low, 2)} to {told(each.high, 2)})" if np.isfinite(each.low) else ""
    way = (
        "the sharper networks have the larger gaps"
        if each.spearman > 0.15
        else "the sharper networks have the smaller gaps"
        if each.spearman < -0.15
        else "sharpness says little of the gap"
    )
    reason = (
        f"{told(each.spearman, 2)}{spread}, of {each.members} networks: {way}. It compares networks that have got differently far; at equal "
        "training loss it is another number, and so it is on another draw."
    )
    prompt = (
        f"{each.members} networks along λ, dropout, batch size and batch norm, at the end of their training. What is the rank correlation of "
        f"{MEASURES[spec.measure]} and generalisation gap? (from −1 to 1; flat means good if it is near 1)"
    )
    return amount(prompt, each.spearman, reason, low=-1.0, high=1.0, step=0.02, tolerance=0.12, show=spec.replace(level=float(LEVELS)))


@question("how far eigenvalues move without biases")
def partial_shift(spec: FlatAndSharpSpec) -> Asked | None:
    """Ask for the mean shift of the eigenvalues at one point where weights alone are penalised, as a share of 2λ."""
    result: Minima | None = found(spec.minima())
    if result is None:
        return None
    at = min(range(len(LAMBDAS)), key=lambda i: abs(LAMBDAS[i] - _LAM))
    moved = result.after(False)[at] - result.before()
    truth = 100.0 * float(moved.mean() / result.shift[at])
    count = len(moved)
    reason = (
        f"{told(truth)} % of 2λ on average: {result.penalised} of {count} parameters are penalised, and the trace grows by 2λ for each of them. "
        f"Single eigenvalues move by {told(100.0 * max(float(moved.min()), 0.0) / float(result.shift[at]))} to "
        f"{told(100.0 * float(moved.max()) / float(result.shift[at]))} % of it; with the biases it is 100 % for all."
    )
    prompt = (
        f"A trained network with {count} weights and biases. L2 with λ = {LAMBDAS[at]:g} is put on its weights alone, not on its "
        f"{count - result.penalised} biases. At the same point, how far do the Hessian's eigenvalues move on average? (% of 2λ)"
    )
    return amount(prompt, truth, reason, low=0.0, high=200.0, step=1.0, tolerance=5.0, unit=" %", show=spec.replace(lam=LAMBDAS[at]))


@question("where the penalised minimum lies")
def new_minimum(spec: FlatAndSharpSpec) -> Asked | None:
    """Ask what the data loss's own largest eigenvalue is at the minimum that was trained with a penalty."""
    result: Minima | None = found(spec.minima())
    if result is None:
        return None
    at = min(range(len(LAMBDAS)), key=lambda i: abs(LAMBDAS[i] - _LAM))
    if not (result.well[at] and result.well[0]):
        return None
    before, after = float(result.spectrum[0, -1]), float(result.spectrum[at, -1])
    truth = "flatter" if after < 0.9 * before else "sharper" if after > 1.1 * before else "same"
    reason = (
        f"The data loss alone has the largest eigenvalue {told(before)} at the minimum without a penalty and {told(after)} at the one trained "
        f"with λ = {LAMBDAS[at]:g}. The 2λ at one point is {told(float(result.shift[at]))}; this change is "
        "another place, where the loss has not been brought down as far."
    )
    prompt = (
        f"The network is trained to its minimum with λ = {LAMBDAS[at]:g}, and with none. Of the data loss alone, how is the Hessian's largest "
        "eigenvalue at the first minimum, beside the second?"
    )
    options = {"sharper": "larger by more than a tenth", "same": "the same, within a tenth", "flatter": "smaller by more than a tenth"}
    return choice(prompt, truth, reason, options, show=spec.replace(lam=LAMBDAS[at]))


QUESTIONS = (scaled, correlation, partial_shift, new_minimum)
