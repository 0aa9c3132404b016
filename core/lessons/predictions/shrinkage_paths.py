"""Questions of the lab "Shrinkage paths"."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from core.lessons.question import Asked, amount, question, size
from core.specs.shrinkage import ShrinkageSpec
from core.statistics.shrinkage import Shrinkage, solve
from core.statistics.shrinkage.twins import SAMPLES, Twins, correlations, twins
from core.wording import number as told

_LOOSE, _TIGHT = 0.5, 0.9  # correlations of the twins that are asked about: neither is where the page opens


@lru_cache(maxsize=16)
def _solved(spec: ShrinkageSpec) -> Shrinkage:
    return solve(spec)


def _path(spec: ShrinkageSpec, penalty: str) -> Shrinkage:
    """Return the path of these data under a penalty, whichever the page shows."""
    kept = ("data", "rho", "flaw", "folds", "rows", "columns", "relevant", "correlation", "noise", "seed")
    return _solved(ShrinkageSpec(penalty=penalty, **{name: getattr(spec, name) for name in kept}))


@lru_cache(maxsize=16)
def _twins(rows: int, lam: float, scaled: bool, rho: float) -> Twins:
    return twins(rows, lam, scaled, rho)


def _pair(spec: ShrinkageSpec) -> Twins:
    return _twins(int(spec.twin_rows), spec.twin_lam, spec.twin_scaled, spec.rho)


def _at(r: float) -> int:
    return int(np.abs(correlations() - r).argmin())


@question("how many weights the elastic net keeps")
def kept_by_net(spec: ShrinkageSpec) -> Asked | None:
    """Ask for weights that are not zero under the elastic net where its cross-validated error is least; the page opens with lasso's path."""
    result, lasso = _path(spec, "elastic_net"), _path(spec, "l1")
    at, d = result.validation.best, len(result.design.names)
    truth, other = int(result.path.nonzero[at]), int(lasso.path.nonzero[lasso.validation.best])
    simple = int(result.path.nonzero[result.validation.simplest])
    reason = (
        f"At λ = {told(float(result.lam[at]))} it keeps {truth} of {d}, where lasso at its own best λ keeps {other}. One standard error "
        "further, where the error cannot be told "
        f"from the least, {simple} would do: the least error keeps more than are needed."
    )
    prompt = (
        f"The elastic net, ρ = {told(spec.rho)}, on these {d} columns, at the λ of its least cross-validated error. How many weights are not "
        f"zero? (weights, 0 to {d})"
    )
    show = spec.replace(penalty="elastic_net", lam=float(f"{result.lam[at]:.6g}"))
    return amount(prompt, float(truth), reason, low=0.0, high=float(d), step=1.0, tolerance=max(1.0, 0.07 * d), show=show)


@question("how many weights ridge keeps")
def kept_by_ridge(spec: ShrinkageSpec) -> Asked | None:
    """Ask for weights that are not zero under ridge at the largest λ of its path."""
    result = _path(spec, "l2")
    d, truth, lam = len(result.design.names), int(result.path.nonzero[-1]), float(result.lam[-1])
    w = np.abs(result.path.w[-1])
    reason = (
        f"Ridge keeps {truth} of {d}, the smallest of them at {told(float(w.min()))}. It multiplies along each direction of the data by h/(h + 2λ), "
        "which is small but never 0."
    )
    prompt = f"Ridge on the same {d} columns, with λ ten times the data's steepest curvature ({told(lam)}). How many weights are not zero? (weights)"
    show = spec.replace(penalty="l2", lam=float(f"{lam:.6g}"))
    return amount(prompt, float(truth), reason, low=0.0, high=float(d), step=1.0, tolerance=max(1.0, 0.05 * d), show=show)


@question("how often lasso keeps one twin")
def one_twin(spec: ShrinkageSpec) -> Asked | None:
    """Ask for the share of the samples in which lasso keeps exactly one of the twins."""
    found, at = _pair(spec), _at(_TIGHT)
    fates = found.fates["l1"][at]
    truth = 100.0 * float(fates[0] + fates[1]) / SAMPLES
    net = found.fates["elastic_net"][at]
    reason = (
        f"In {told(truth)} % of {SAMPLES} samples: centimetres alone in {int(fates[0])}, inches alone in {int(fates[1])}, both in {int(fates[2])}. "
        f"The elastic net with ρ = {told(spec.rho)} keeps both in {int(net[2])}."
    )
    # Counts of 400 samples have a standard error of 2.5 points at most.
    prompt = (
        f"One height, measured in centimetres and, with errors, in inches: correlation {_TIGHT:g}, {int(spec.twin_rows)} rows, λ = "
        f"{told(spec.twin_lam)}. In how many of {SAMPLES} samples does lasso keep exactly one of the two columns? (% of the samples)"
    )
    return amount(prompt, truth, reason, low=0.0, high=100.0, step=1.0, tolerance=8.0, unit=" %", show=spec.replace(r=_TIGHT))


@question("which twin lasso keeps")
def which_twin(spec: ShrinkageSpec) -> Asked | None:
    """Ask, of the samples in which lasso keeps one of the twins, the share that keeps centimetres."""
    found, at = _pair(spec), _at(_TIGHT)
    cm, inch = (float(each) for each in found.fates["l1"][at][:2])
    if cm + inch < 20.0:
        return None
    truth = 100.0 * cm / (cm + inch)
    why = (
        "Standardised columns are alike, so the sample's noise decides: a toss of a coin, and another sample keeps the other one."
        if spec.twin_scaled
        else "The columns are as measured: the same effect is a smaller weight in centimetres, which the penalty lets have more cheaply."
    )
    reason = f"Centimetres in {int(cm)} of the {int(cm + inch)} samples that keep one of them, {told(truth)} %. {why}"
    scaled = "both standardised" if spec.twin_scaled else "both as measured"
    prompt = (
        f"The same twins, correlation {_TIGHT:g}, {scaled}, {int(spec.twin_rows)} rows, λ = {told(spec.twin_lam)}. Where lasso keeps one of the "
        "two, how often is it centimetres? (%)"
    )
    return amount(prompt, truth, reason, low=0.0, high=100.0, step=1.0, tolerance=8.0, unit=" %", show=spec.replace(r=_TIGHT))


@question("how much variance correlation costs")
def inflation(spec: ShrinkageSpec) -> Asked | None:
    """Ask how many times as large least squares' variance is at a high correlation as at none."""
    found, at, other = _pair(spec), _at(_TIGHT), _at(_LOOSE)
    variance, _ = found.variance("plain")
    truth = float(variance[at] / variance[0])
    ridge, _ = found.variance("l2")
    reason = (
        f"{told(truth)} times; the formula 1/(1 − r²) says {told(float(found.inflation[at]))}, and only {told(float(found.inflation[other]))} at "
        f"r = {_LOOSE:g}. Ridge with λ = {told(spec.twin_lam)} lets it be {told(float(ridge[at] / ridge[0]))} times."
    )
    prompt = (
        f"Least squares with two columns, {int(spec.twin_rows)} rows. Their correlation goes from 0 to {_TIGHT:g}. How many times as large does the "
        "variance of a weight over samples become? (times)"
    )
    return size(prompt, truth, reason, low=0.5, high=100.0, tolerance=0.25, show=spec.replace(r=_TIGHT))


QUESTIONS = (kept_by_net, kept_by_ridge, one_twin, which_twin, inflation)
