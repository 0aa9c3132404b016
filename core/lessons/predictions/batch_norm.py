"""Questions of the lab "Batch norm"."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from core.batch_norm.common import NORMED, PLAIN
from core.batch_norm.decay import DecayResult
from core.batch_norm.invariance import Invariance, solve
from core.batch_norm.rates import MapResult, RateResult
from core.lessons.measured import found
from core.lessons.question import Asked, amount, choice, question, size
from core.specs import BatchNormSpec
from core.wording import number as told

_C = 5.0  # the factor of the weights that is asked about


@lru_cache(maxsize=16)
def _ray(seed: int) -> Invariance:
    return solve(seed)


@question("how much faster one may go")
def rate_gain(spec: BatchNormSpec) -> Asked | None:
    """Ask for the largest rate that trains with batch normalisation over that without."""
    result: RateResult | None = found(spec.sweep())
    if result is None or not result.ratio.values.size:
        return None
    ratio = result.ratio
    with_it, without = (float(np.nanmedian(result.largest[:, which])) for which in (NORMED, PLAIN))
    reason = (
        f"{told(ratio.median)} times in the middle of {ratio.values.size} seeds ({told(ratio.low)} to {told(ratio.high)}): up to "
        f"{told(with_it)} with it, up to {told(without)} without. "
        "Where it trains at low rates anyway, it is slow and not wrong."
    )
    prompt = (
        f"{int(spec.layers)} hidden layers of {int(spec.width)}, {dict(spec.knobs()['rule'].options)[spec.rule]}, {int(spec.epochs)} epochs. "
        "How many times as large as without batch norm is the largest rate "
        "that still trains with it? (times, median over seeds)"
    )
    return size(prompt, ratio.median, reason, low=1e-4, high=1e4, tolerance=0.6, show=spec.replace(at_rate=with_it))


@question("how much of the map trains")
def trained_share(spec: BatchNormSpec) -> Asked | None:
    """Ask for the share of rates and initial scales that train with batch normalisation."""
    result: MapResult | None = found(spec.map())
    if result is None:
        return None
    plain, normed = (100.0 * float(each) for each in result.shares.mean(axis=0))
    reason = (
        f"{told(normed)} % with batch norm, {told(plain)} % without it. A scale of the weights before a norm makes no difference to what the "
        "layer says, so a bad start costs less."
    )
    cells = len(result.rates) * len(result.scales)
    prompt = (
        f"{cells} networks, {len(result.rates)} rates times {len(result.scales)} scales of the initial weights, from a tenth to ten times the "
        f"usual. With batch norm, how many of them train? (% of the networks; without it {told(plain)} % do)"
    )
    return amount(prompt, normed, reason, low=0.0, high=100.0, step=1.0, tolerance=8.0, unit=" %")


@question("curvature of longer weights")
def curvature(spec: BatchNormSpec) -> Asked | None:
    """Ask what becomes of the curvature when all weights before a norm are five times as long."""
    result = _ray(int(spec.seed))
    at = int(np.abs(result.factors - _C).argmin())
    c = float(result.factors[at])
    rays = result.rays["exact"]
    bend = rays.curvature / rays.curvature[result.middle]
    slope = float(rays.gradient[at] / rays.gradient[result.middle])
    truth = float(bend[at])
    reason = (
        f"{told(truth)} times, 1/c²; the gradient is {told(slope)} times as long, 1/c, and the loss the same. So sharpness can be had at any "
        "size by scaling weights, and the effective rate is the rate over |w|²."
    )
    prompt = (
        f"All weights before batch norms are multiplied by c = {told(c)}, and the network says what it said before. By which factor does the "
        "curvature of the loss along a direction of these weights change? (times)"
    )
    return size(prompt, truth, reason, low=1e-4, high=1e3, tolerance=0.3, show=spec.replace(c=float(f"{c:.4g}")))


@question("what weight decay does to sharpness")
def decay(spec: BatchNormSpec) -> Asked | None:
    """Ask whether weight decay makes a normed network's minimum sharper or flatter."""
    result: DecayResult | None = found(spec.decay())
    if result is None:
        return None
    raised, plain = result.raised(1), result.raised(0)
    if not np.isfinite(raised.mean):
        return None
    truth = "unclear" if not raised.sure else "sharper" if raised.mean > 0.0 else "flatter"
    lam = float(result.lam[-1])
    reason = (
        f"With batch norm the largest eigenvalue is {told(10.0**raised.mean)} times that at λ = 0 (higher in {raised.above} of {raised.of} "
        f"seeds), without it {told(10.0**plain.mean)} times. "
        "Decay shortens weights whose length does not count, and curvature grows as 1/|w|²."
    )
    prompt = (
        f"Networks with batch norm, trained with λ = {told(lam)} of weight decay and with none. Is the largest eigenvalue of the data loss's "
        "Hessian at the end larger with decay?"
    )
    options = {"sharper": "larger: sharper", "flatter": "smaller: flatter", "unclear": "it cannot be told over these seeds"}
    return choice(prompt, truth, reason, options, show=spec.replace(lam=lam))


QUESTIONS = (rate_gain, trained_share, curvature, decay)
