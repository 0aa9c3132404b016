"""Questions of the lab "Bias and variance"."""

from __future__ import annotations

from functools import lru_cache

from core.lessons.question import Asked, amount, choice, question
from core.specs import BiasVarianceSpec
from core.statistics.bias_variance.bases import BASES
from core.statistics.bias_variance.experiment import SETS, BiasVariance, solve
from core.wording import number as told


@lru_cache(maxsize=8)
def _solved(spec: BiasVarianceSpec) -> BiasVariance:
    return solve(spec)


def _along(spec: BiasVarianceSpec, axis: str) -> BiasVariance:
    """Return the family along λ or the size, whichever the page shows; where scrubs stand makes no difference."""
    kept = ("truth", "points", "noise", "design", "basis", "seed", "size" if axis == "lam" else "fixed")
    return _solved(BiasVarianceSpec(axis=axis, **{name: getattr(spec, name) for name in kept}))


def _data(spec: BiasVarianceSpec) -> str:
    return f"{int(spec.points)} points, noise σ = {told(spec.noise)}"


@question("which size errs least")
def best_size(spec: BiasVarianceSpec) -> Asked | None:
    """Ask for the degree or size of the least expected error."""
    result = _along(spec, "at")
    at, basis = result.best, BASES[spec.basis]
    truth, most = float(result.size[at]), float(basis.most)
    total = result.total
    reason = (
        f"{basis.size} {int(truth)}: bias² {told(float(result.bias[at]))} + variance {told(float(result.variance[at]))} + noise "
        f"{told(result.noise)} = {told(float(total[at]))}. "
        f"At {int(result.size[-1])} the bias² is {told(max(float(result.bias[-1]), 0.0))}, and the variance {told(float(result.variance[-1]))}."
    )
    penalty = f"λ = {told(spec.fixed)}" if spec.fixed else "no penalty"
    prompt = (
        f"{_data(spec)}, fitted with {basis.label}, {penalty}. Which {basis.size if basis.size == 'degree' else 'number of functions'} has the "
        f"least expected error at a new point? (0 to {int(most)})"
    )
    return amount(prompt, truth, reason, low=0.0, high=most, step=1.0, tolerance=1.0, show=spec.replace(axis="at", at=truth))


@question("what a penalty saves")
def saved(spec: BiasVarianceSpec) -> Asked | None:
    """Ask for the error at the best λ as a share of that without a penalty."""
    result = _along(spec, "lam")
    total, at = result.total, result.best
    truth = 100.0 * float(total[at] / total[0])
    reason = (
        f"{told(truth)} %, at λ = {told(float(result.lam[at]))}: bias² goes from {told(max(float(result.bias[0]), 0.0))} to "
        f"{told(float(result.bias[at]))}, variance from "
        f"{told(float(result.variance[0]))} to {told(float(result.variance[at]))}."
        + (" Here no penalty is best." if at == 0 else " A little bias is paid for much variance.")
    )
    basis = BASES[spec.basis]
    prompt = (
        f"{_data(spec)}, {basis.label}, {basis.size} {int(spec.size)}. λ is chosen as well as can be. How large is the expected error then, of "
        "that at λ = 0? (% of it)"
    )
    show = spec.replace(axis="lam", lam=float(result.lam[at]))
    return amount(prompt, truth, reason, low=0.0, high=100.0, step=1.0, tolerance=6.0, unit=" %", show=show)


@question("what the error is made of")
def largest_part(spec: BiasVarianceSpec) -> Asked | None:
    """Ask for the largest of the three parts of the error at the best λ."""
    result = _along(spec, "lam")
    at = result.best
    parts = {"bias": max(float(result.bias[at]), 0.0), "variance": float(result.variance[at]), "noise": result.noise}
    truth = max(parts, key=parts.__getitem__)
    named = {"bias": "bias²", "variance": "variance", "noise": "noise, σ²"}
    reason = (
        f"{named[truth]}: " + ", ".join(f"{named[key]} {told(value)}" for key, value in parts.items()) + ". The last of them no fit can take away."
    )
    basis = BASES[spec.basis]
    prompt = f"{_data(spec)}, {basis.label}, {basis.size} {int(spec.size)}, and the best λ. Which part of the expected error is the largest?"
    return choice(prompt, truth, reason, named, show=spec.replace(axis="lam", lam=float(result.lam[at])))


@question("how many sets the penalty serves")
def served(spec: BiasVarianceSpec) -> Asked | None:
    """Ask, of 400 training sets, in how many the best λ is nearer to the truth than no penalty at all."""
    result = _along(spec, "lam")
    at = result.best
    if at == 0:
        return None
    better = int((result.error[at] < result.error[0]).sum())
    truth = 100.0 * better / SETS
    reason = f"In {better} of {SETS}, {told(truth)} %. The best λ is best on average over all training sets; " + (
        "in this one set or that the noise happens to suit the free fit." if better < SETS else "here it serves every one of them."
    )
    basis = BASES[spec.basis]
    prompt = (
        f"{_data(spec)}, {basis.label}, {basis.size} {int(spec.size)}. The λ that is best on average is used in each of {SETS} training sets. "
        "In how many is the fit nearer to the truth than without a penalty? (% of the sets)"
    )
    show = spec.replace(axis="lam", lam=float(result.lam[at]))
    return amount(prompt, truth, reason, low=0.0, high=100.0, step=1.0, tolerance=6.0, unit=" %", show=show)


QUESTIONS = (best_size, saved, largest_part, served)
