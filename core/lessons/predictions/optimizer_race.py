"""Questions of the lab "Optimizer race"."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from core.curvature.stability import stable_rate
from core.descent import descend
from core.lessons.question import Asked, choice, question, size
from core.optimizers import RULES, SGD
from core.penalties import L1
from core.race import Race, entrant, solve
from core.specs import RaceSpec
from core.wording import number as told

_MEMBER = 10  # the λ of the race that is asked about: not where a page opens
_TIE = 1e-6  # of the way from the start: ends closer than this are one


@lru_cache(maxsize=8)
def _solved(spec: RaceSpec) -> Race:
    return solve(spec)


def _race(spec: RaceSpec) -> Race:
    return _solved(spec.replace(lam=0.0, step=0.0, crowd=False))


def _lam(race: Race) -> float:
    return float(race.lam[min(_MEMBER, len(race.lam) - 1)])


@question("who is lowest at the end")
def winner(spec: RaceSpec) -> Asked | None:
    """Ask for the rule that ends lowest at another λ than the one on screen."""
    race = _race(spec)
    at = min(_MEMBER, len(race.lam) - 1)
    ends = {key: float(run.objective[at, -1]) for key, run in race.runs.items() if run.status[at] != "diverged"}
    if len(race.runs) < 2 or len(ends) < 1:
        return None
    order = sorted(ends, key=ends.__getitem__)
    way = abs(float(race.height(np.broadcast_to(race.start, (len(race.lam), 2)))[at]) - ends[order[0]])
    tied = [key for key in order if ends[key] - ends[order[0]] <= _TIE * way]
    truth = order[0] if len(tied) == 1 else "tie"
    listed = ", ".join(f"{RULES[key].label} {told(ends[key], 4)}" for key in order[:4])
    gone = [RULES[key].label for key in race.runs if key not in ends]
    first = (
        f"{RULES[order[0]].label} ends lowest." if len(tied) == 1 else f"The first {len(tied)} have arrived at the bottom, and nobody can be lower."
    )
    reason = f"{first} L + λR after {int(spec.steps)} gradients: {listed}." + (f" Diverged: {', '.join(gone)}." if gone else "")
    rates = "each at its best rate" if spec.mode == "fair" else f"all at the rate {told(spec.rate)}"
    prompt = f"λ = {told(_lam(race))}, {rates}, {int(spec.steps)} gradients each. Which rule ends at the lowest L + λR?"
    options = {key: RULES[key].label for key in race.runs} | {"tie": "several, to a millionth of the way"}
    return choice(prompt, truth, reason, options, show=spec.replace(lam=_lam(race), step=spec.steps))


@question("how far Adam's first step goes")
def first_step(spec: RaceSpec) -> Asked | None:
    """Ask how far Adam's first step moves a weight: by its rate, whatever the slope."""
    race = _race(spec)
    slope = race.surface.gradient(race.start[None])[0]
    i = int(np.abs(slope).argmax())
    rate = spec.rate if spec.mode == "same" else 0.1
    moved = descend(race.surface, entrant("adam"), race.start, rate, 1).x[0]
    truth = float(abs(moved[1, i] - moved[0, i]))
    if not np.isfinite(slope).all() or abs(slope[i]) < 1e-6 or truth <= 0.0:
        return None
    name, plain = f"w{'₁₂'[i]}", rate * abs(float(slope[i]))
    reason = (
        f"By {told(truth)}, which is its rate: the first gradient is divided by its own size, coordinate by coordinate. Plain descent with the "
        "same rate would move "
        f"{name} by {told(plain)}."
    )
    prompt = (
        f"At the start the loss's slope along {name} is {told(float(slope[i]))}. Adam runs at the rate {told(rate)}, λ = 0. How far does its "
        f"first step move {name}? (in units of w)"
    )
    low, high = rate / 300.0, max(30.0 * rate, 3.0 * plain)
    return size(
        prompt, truth, reason, low=min(low, plain / 3.0), high=high, tolerance=0.25, show=spec.replace(focus="adam", lam=0.0, step=1.0, adam=True)
    )


@question("how fast plain descent may go")
def limit(spec: RaceSpec) -> Asked | None:
    """Ask plain descent's largest stable rate at the bottom, L2 in the gradient."""
    race = _race(spec)
    hessian = race.surface.hessian(race.bottom[0])
    mu = float(np.linalg.eigvalsh(hessian)[1]) if np.isfinite(hessian).all() else 0.0
    if not mu > 0.0:
        return None
    lam = float(f"{0.3 * mu:.2g}")  # a penalty that counts beside the curvature
    truth = float(stable_rate(SGD(), "subgradient", mu, 2.0 * lam))
    bare = float(stable_rate(SGD(), "subgradient", mu, 0.0))
    reason = (
        f"2 / (μ + 2λ) = 2 / ({told(mu)} + {told(2.0 * lam)}) = {told(truth)}; without a penalty it is {told(bare)}. Beyond it every step along "
        "the steepest "
        "direction lands farther out on the other side."
    )
    prompt = (
        f"At the bottom of the loss the steepest curvature is μ = {told(mu)}. With L2 and λ = {told(lam)} in the gradient, up to which learning "
        "rate does plain descent "
        "not diverge there? (rate)"
    )
    return size(prompt, truth, reason, low=float(f"{0.02 / (mu + 2 * lam):.1g}"), high=20.0 / mu, tolerance=0.12)


@question("exact zeros by two ways")
def zeros(spec: RaceSpec) -> Asked | None:
    """Ask how many weights are exactly zero at the end where L1 acts through its subgradient."""
    race = _race(spec)
    slope = np.abs(race.surface.gradient(np.zeros((1, 2)))[0])
    if not np.isfinite(slope).all():
        return None  # a typed formula has a hole at the origin
    lam = float(f"{2.0 * max(float(slope.max()), 0.1):.2g}")
    steep = float(np.abs(np.linalg.eigvalsh(race.surface.hessian(np.zeros((1, 2)))[0])).max())
    rate = float(f"{min(0.05, 0.5 / max(steep, 1e-9)):.2g}")
    runs = {treatment: descend(race.surface, SGD(), race.start, rate, 400, L1(), lam, treatment) for treatment in ("subgradient", "proximal")}
    if any(run.status[0] == "diverged" for run in runs.values()):
        return None
    across, prox = (int((run.x[0, -1] == 0.0).sum()) for run in runs.values())
    if prox == 0:
        return None
    end = runs["subgradient"].x[0, -1]
    reason = (
        f"{across}: the last iterate is ({told(float(end[0]))}, {told(float(end[1]))}), since each step overshoots the axis by a little and "
        "comes back. By its prox "
        f"{prox} of the two would be exactly 0."
    )
    prompt = (
        f"L1 with λ = {told(lam)}, plain descent at the rate {told(rate)}, 400 gradients, the penalty in the gradient. How many of the two "
        "weights end at exactly 0?"
    )
    return choice(prompt, str(across), reason, {"0": "none", "1": "one", "2": "both"})


QUESTIONS = (winner, first_step, limit, zeros)
