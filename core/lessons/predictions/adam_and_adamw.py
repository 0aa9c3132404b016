"""Questions of the lab "Adam and AdamW"."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from core.adam_and_adamw import AdamAndAdamW, rule_of, solve
from core.lessons.question import Asked, amount, choice, question, size
from core.specs import AdamAndAdamWSpec
from core.wording import number as told

_MEMBER = 20  # of 31: a λ whose box is tighter than the page's own


@lru_cache(maxsize=8)
def _solved(spec: AdamAndAdamWSpec) -> AdamAndAdamW:
    return solve(spec)


def _result(spec: AdamAndAdamWSpec) -> AdamAndAdamW:
    # What is drawn and judged makes no difference to the runs.
    return _solved(spec.replace(lam=0.125, step=60.0, sgd=True, adam=True, adamw=True, circle=False, judge="unseen"))


def _at(result: AdamAndAdamW, spec: AdamAndAdamWSpec) -> tuple[float, AdamAndAdamWSpec]:
    lam = float(result.lam[_MEMBER])
    return lam, spec.replace(lam=lam, step=spec.steps)


@question("where AdamW ends")
def box(spec: AdamAndAdamWSpec) -> Asked | None:
    """Ask where AdamW's first weight is bound for: the box, not the ridge point."""
    result = _result(spec)
    lam, show = _at(result, spec)
    if not result.bowl.has_data:
        return None
    truth, ridge, free = float(result.bound[_MEMBER, 0]), float(result.ridge[_MEMBER, 0]), float(result.free[0])
    wall = 1.0 / float(result.decay[_MEMBER])
    noisy = f", under gradient noise of {told(spec.noise)}" if spec.noise > 0 else ""
    reason = (
        f"At {told(truth)}{noisy}. Without noise AdamW minimises the loss over the box |wᵢ| ≤ 1/weight_decay = {told(wall)}; the ridge point, "
        "where SGD and Adam with the "
        f"same decay end, has {told(ridge)}."
    )
    prompt = f"The loss is least at w₁ = {told(free)}. AdamW with weight_decay = 2λ = {told(2.0 * lam)}{noisy}, run to its end: what is w₁ then? (w₁)"
    far = 1.2 * max(float(np.abs(result.free).max()), 0.5)
    return amount(prompt, truth, reason, low=-far, high=far, tolerance=0.06 * far, show=show)


@question("who ends at ridge")
def ridge_rule(spec: AdamAndAdamWSpec) -> Asked | None:
    """Ask which of Adam with L2 and AdamW ends nearer to the ridge point."""
    result = _result(spec)
    lam, show = _at(result, spec)
    if not result.bowl.has_data or result.runs["adam"].diverged[_MEMBER] or result.runs["adamw"].diverged[_MEMBER]:
        return None
    far = {key: float(result.distance(key, result.ridge)[_MEMBER]) for key in ("adam", "adamw")}
    scale = max(float(np.abs(result.free).max()), 1e-9)
    truth = "same" if abs(far["adam"] - far["adamw"]) <= 1e-3 * scale else min(far, key=far.__getitem__)
    reason = (
        f"From the ridge point Adam + L2 ends {told(far['adam'])} away, AdamW {told(far['adamw'])}. In Adam + L2 the decay is part of the "
        "gradient and is divided with it; "
        "at rest that division drops out, and what is left is ridge's own condition."
    )
    prompt = (
        f"Both run {int(spec.steps)} steps with weight_decay = {told(2.0 * lam)}. Which of them ends nearer to the ridge point of λ = {told(lam)}?"
    )
    return choice(prompt, truth, reason, {"adam": "Adam + L2", "adamw": "AdamW", "same": "both as near"}, show=show)


@question("Adam's step without data")
def first_step(spec: AdamAndAdamWSpec) -> Asked | None:
    """Ask how many times as far Adam + L2 moves a weight eighty times as large where there is no data gradient: exactly as far."""
    large, small = 8.0, 0.1
    moved = {}
    decay = float(_result(spec).decay[_MEMBER])
    for key in ("adam", "adamw"):
        rule = rule_of(key, float(spec.beta2), np.array([[decay]]))
        x = np.array([[large, small]])
        new, _ = rule.step(x, np.zeros_like(x), rule.init(x), spec.adam_rate)
        moved[key] = np.abs(x - new)[0]
    truth, other = (float(moved[key][0] / moved[key][1]) for key in ("adam", "adamw"))
    reason = (
        f"{told(truth)} times: Adam divides the decay's gradient by its own size, so both weights move by the rate, "
        f"{told(float(moved['adam'][0]))}. AdamW takes a share of each "
        f"weight and moves the large one {told(other)} times as far."
    )
    prompt = (
        f"No data pull at all. Two weights, {told(large)} and {told(small)}, weight_decay = {told(decay)}, rate {told(spec.adam_rate)}. In its "
        "first step, how many times as far does "
        "Adam + L2 move the large weight as the small one? (times)"
    )
    return size(prompt, truth, reason, low=0.05, high=1000.0, tolerance=0.3)


@question("what weight_decay this lambda is")
def weight_decay(spec: AdamAndAdamWSpec) -> Asked | None:
    """Ask for PyTorch's weight_decay for a λ."""
    result = _result(spec)
    lam, show = _at(result, spec)
    truth = float(result.decay[_MEMBER])
    reason = (
        f"{told(truth)}: the gradient of λ|w|² is 2λw, and weight_decay multiplies w. In torch.optim.SGD and Adam it joins the gradient and is "
        "this penalty; in AdamW it acts "
        "beside the step, and is none."
    )
    prompt = f"The penalty is λ|w|² with λ = {told(lam)}. Which weight_decay in torch.optim.SGD is the same? (weight_decay)"
    return amount(prompt, truth, reason, low=0.0, high=5.0 * lam, step=lam / 20.0, tolerance=0.1 * lam, show=show)


QUESTIONS = (box, ridge_rule, first_step, weight_decay)
