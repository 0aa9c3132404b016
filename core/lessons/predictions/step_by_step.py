"""Questions of the lab "Step by step"."""

from __future__ import annotations

import numpy as np

from core.lessons.question import Asked, amount, choice, question, size
from core.penalties import L2
from core.specs import StepByStepSpec
from core.step_by_step import StepByStep, solve
from core.wording import number as told

_MOST_STEPS = 1e6


def _result(spec: StepByStepSpec) -> StepByStep:
    return solve(spec)


@question("steps until L1 is done")
def until_gone(spec: StepByStepSpec) -> Asked | None:
    """Ask how many steps L1 alone needs to make the large weight zero."""
    alone = _result(spec).alone
    if alone.gone[0] is None:
        return None
    truth = alone.gone[0]
    left = spec.big * abs(alone.factor) ** truth
    reason = (
        f"L1 takes ηλ = {told(alone.amount)} a step, whatever is left, so {told(spec.big)} / {told(alone.amount)} rounded up: {truth:,} steps, "
        "and then exactly 0. "
        f"L2 multiplies by {told(alone.factor)} a step, and after as many has {told(left)} left."
        if not alone.diverges
        else f"L1 takes ηλ = {told(alone.amount)} a step, whatever is left: {truth:,} steps. "
        f"L2's factor {told(alone.factor)} makes its weight grow instead."
    )
    prompt = (
        f"A weight of {told(spec.big)} that no data pull on, η = {told(spec.rate)}, λ = {told(spec.lam)}. After how many steps has L1 made it "
        "exactly zero? (steps)"
    )
    show = spec.replace(story="alone", step=float(truth))
    return size(prompt, float(truth), reason, low=1.0, high=_MOST_STEPS, tolerance=0.12, show=show)


@question("what a large weight pays")
def penalised(spec: StepByStepSpec) -> Asked | None:
    """Ask how many times the small weight's L2 penalty the large one pays."""
    if spec.big <= spec.small:
        return None
    pays = L2().value(np.array([[spec.big], [spec.small]]))
    truth, ratio = float(pays[0] / pays[1]), spec.big / spec.small
    reason = (
        f"L2 takes squares: ({told(spec.big)} / {told(spec.small)})² = {told(truth)} times. L1 would take {told(ratio)} times as much, and its "
        "push is the same "
        f"for both; L2's push is {told(ratio)} times as strong on the large one."
    )
    prompt = f"L2 adds λw² to the loss. How many times as much does a weight of {told(spec.big)} add as one of {told(spec.small)}? (times)"
    show = spec.replace(story="alone", step=0.0)
    return size(prompt, truth, reason, low=1.0, high=1e10, tolerance=0.3, show=show)


@question("what L2 does to a weight in the tables")
def ridge_at_zero(spec: StepByStepSpec) -> Asked | None:
    """Ask whether the second weight keeps its side under L2 in the steps of the tables, crosses zero, or lands on it."""
    if spec.start2 == 0.0:
        return None
    run = next(run for run in _result(spec).runs if run.rule.key == "l2")
    ends = [pair[1] for pair in run.exact]
    crossed = [step for step in range(1, len(ends)) if ends[step - 1] * ends[step] < 0]
    landed = [step for step in range(1, len(ends)) if ends[step] == 0]
    truth = "crosses" if crossed and (not landed or crossed[0] < landed[0]) else "lands" if landed else "keeps"
    after = float(ends[-1])
    reason = {
        "crosses": f"It crosses in step {(crossed or [0])[0]}: L2's push fades near zero, so nothing stops the loss's own slope of "
        f"{told(spec.gradient2)} there. ",
        "lands": f"In step {(landed or [0])[0]} it lands on zero by coincidence of the numbers, and nothing would hold it there. ",
        "keeps": "It keeps its side in these steps: what L2 takes is a part of what is left. ",
    }[truth] + f"After {int(spec.steps)} steps it is {told(after, 4)}."
    prompt = (
        f"The tables: w₂ starts at {told(spec.start2)}, the loss's slope is {told(spec.gradient2)} all the time, η = {told(spec.rate)}, λ = "
        f"{told(spec.lam)}. "
        f"In {int(spec.steps)} steps, what does w₂ do under L2?"
    )
    options = {"keeps": "it keeps its side of zero", "lands": "it becomes exactly zero", "crosses": "it crosses zero"}
    return choice(prompt, truth, reason, options, show=spec.replace(story="tables", step=float((crossed or landed or [int(spec.steps)])[0])))


@question("how often the prox gives zero")
def proximal_zeros(spec: StepByStepSpec) -> Asked | None:
    """Ask in how many steps a proximal weight is exactly zero, where the subgradient's hardly ever is."""
    zero, n = _result(spec).zero, int(spec.length)
    if zero.diverged[1] is not None or spec.lam == 0.0:
        return None
    truth, across = int(zero.zeros[1, -1]), int(zero.zeros[0, -1])
    held = [abs(centre) * spec.curvature <= spec.lam for centre in (spec.target, spec.moved)]
    back = f" When the loss moves to {told(spec.moved)}, it {'stays' if held[1] else 'lets go'}."
    reason = (
        f"By its prox the weight is exactly 0 after {truth} of {n} steps, by subgradient steps after {across}. L1 holds a weight at 0 as long "
        "as the loss's slope "
        f"there, h|c| = {told(spec.curvature * abs(spec.target))}, is at most λ = {told(spec.lam)}.{back}"
    )
    prompt = (
        f"A weight starts at {told(spec.begin)}; the loss ½·{told(spec.curvature)}·(w − c)² pulls it to c = {told(spec.target)}, and after half "
        f"of the {n} steps to "
        f"c = {told(spec.moved)}. L1 with λ = {told(spec.lam)}, η = {told(spec.rate)}, by its prox: after how many of the steps is it exactly "
        f"zero? (steps, 0 to {n})"
    )
    return amount(
        prompt, float(truth), reason, low=0.0, high=float(n), step=1.0, tolerance=max(1.0, 0.08 * n), show=spec.replace(story="zero", step=n / 2.0)
    )


QUESTIONS = (until_gone, penalised, ridge_at_zero, proximal_zeros)
