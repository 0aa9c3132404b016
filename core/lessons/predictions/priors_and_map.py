"""Questions of the lab "Priors and MAP"."""

from __future__ import annotations

from functools import lru_cache

from core.lessons.question import Asked, amount, choice, question, size
from core.specs import PriorsSpec
from core.statistics.priors.posteriors import SAMPLES, Beliefs, solve
from core.wording import number as told

_NARROW, _WIDE = 0.1, 1.0  # prior deviations that are asked about; the page opens between them


@lru_cache(maxsize=16)
def _solved(spec: PriorsSpec) -> Beliefs:
    return solve(spec)


def _under(spec: PriorsSpec, prior: str) -> Beliefs:
    return _solved(PriorsSpec(prior=prior, rho=spec.rho, sigma=spec.sigma, eps=spec.eps, seed=spec.seed, points=spec.points))


def _at(result: Beliefs, scale: float) -> tuple[int, float]:
    """Return the member nearest to a prior's deviation, and that deviation."""
    member = result.member_at(result.spec.replace(scale=scale))
    return member, float(f"{result.scale[member]:.6g}")


@question("which lambda a Laplace prior is")
def strength(spec: PriorsSpec) -> Asked | None:
    """Ask for the λ that a Laplace prior amounts to."""
    result = _under(spec, "laplace")
    member, scale = _at(result, _WIDE)
    if result.line.lam is None:
        return None
    truth, n = float(result.line.lam[member]), result.line.n
    gaussian = _under(spec, "gaussian").line.lam
    other = float(gaussian[member]) if gaussian is not None else float("nan")
    reason = (
        f"λ = σ²/(n b) with b = deviation/√2: {told(truth)}. It falls as points come in, since each has its say and the prior keeps one. A "
        "Gaussian of the same deviation would be "
        f"λ = σ²/(2 n s²) = {told(other)} of L2."
    )
    prompt = (
        f"A Laplace prior of standard deviation {told(scale)}, {n} point{'s' if n > 1 else ''}, noise σ = {told(spec.sigma)}. With which λ of "
        "L1 is the most probable weight the minimiser of L + λ|w|? (λ)"
    )
    return size(prompt, truth, reason, low=1e-4, high=100.0, tolerance=0.3, show=spec.replace(prior="laplace", scale=scale))


@question("samples that are exactly zero")
def exact_zeros(spec: PriorsSpec) -> Asked | None:
    """Ask how many samples of a Laplace posterior are exactly zero: none."""
    result = _under(spec, "laplace")
    member, scale = _at(result, _NARROW)
    truth, mode = float(result.line.zeros[member]), float(result.line.mode[member, 0])
    near = 100.0 * float(result.line.near_zero(spec.eps)[member, 0])
    reason = (
        f"{told(truth)}, though the most probable weight is {told(mode)}. The density has a crease at zero and no lump there: {told(near)} % of "
        f"the belief lies closer to 0 than {told(spec.eps)}, and none "
        "of it on 0."
    )
    prompt = (
        f"A Laplace prior of deviation {told(scale)}, {result.line.n} points, noise σ = {told(spec.sigma)}. Of {SAMPLES} samples of the slope from "
        "the posterior, how many are exactly 0? (samples)"
    )
    return amount(prompt, truth, reason, low=0.0, high=float(SAMPLES), step=20.0, tolerance=20.0, show=spec.replace(prior="laplace", scale=scale))


@question("mode and mean")
def mode_and_mean(spec: PriorsSpec) -> Asked | None:
    """Ask whether mode and mean of the slope are zero under a narrow Laplace prior."""
    result = _under(spec, "laplace")
    member, scale = _at(result, _NARROW)
    mode, mean = float(result.line.mode[member, 0]), float(result.line.mean[member, 0])
    truth = {(True, True): "both", (True, False): "mode", (False, True): "mean", (False, False): "neither"}[(abs(mode) < 1e-12, abs(mean) < 1e-12)]
    reason = f"The mode is {told(mode)}, the mean {told(mean)}. " + (
        "The mode sits on the crease; the mean weighs both sides, and the data make one heavier."
        if truth == "mode"
        else "Without data both sides weigh the same."
        if truth == "both"
        else "These data pull harder than the crease holds."
    )
    prompt = (
        f"A Laplace prior of deviation {told(scale)}, these points, noise σ = {told(spec.sigma)}. Which summary of the posterior of the slope "
        "is exactly zero?"
    )
    options = {"mode": "the mode (MAP) alone", "both": "mode and mean", "mean": "the mean alone", "neither": "neither"}
    return choice(prompt, truth, reason, options, show=spec.replace(prior="laplace", scale=scale))


@question("which prior believes in small weights")
def near_zero(spec: PriorsSpec) -> Asked | None:
    """Ask what a Laplace prior believes of weights near zero, beside a Gaussian of the same deviation."""
    result = _under(spec, "laplace")
    member, scale = _at(result, _WIDE)
    truth = 100.0 * float(result.line.prior.density.near_zero(spec.eps)[member])
    gaussian = 100.0 * float(result.other_line.prior.density.near_zero(spec.eps)[member])
    reason = (
        f"{told(truth)} %. A Gaussian of the same deviation has {told(gaussian)} %: the Laplace prior believes more in weights near zero, and "
        "in very large ones, but in neither case in zeros."
    )
    prompt = (
        f"A Laplace prior of standard deviation {told(scale)}, before any data. How probable is a weight closer to zero than ε = "
        f"{told(spec.eps)}? (%)"
    )
    return amount(prompt, truth, reason, low=0.0, high=100.0, step=1.0, tolerance=4.0, unit=" %", show=spec.replace(prior="laplace", scale=scale))


QUESTIONS = (strength, exact_zeros, mode_and_mean, near_zero)
