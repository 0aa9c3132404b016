"""Sentences about each member of the lab "Diamond and circle". Every number in them is computed from the result on screen."""

from __future__ import annotations

import numpy as np

from core.diamond_circle import DiamondCircle
from core.wording import SUBSCRIPTS, plain


def zero_sentences(result: DiamondCircle) -> tuple[str, ...]:
    """Return (k,) sentences: which weight is zero, and the inequality that makes it so."""
    solution, penalty = result.solution, result.penalty
    gradient = result.problem.gradient(solution.w)
    pulled = np.abs(result.problem.pull) > 1e-12 * result.problem.scale
    return tuple(
        _zero_sentence(
            solution.w[k],
            gradient[k],
            float(solution.lam[k]),
            float(solution.budget[k]),
            penalty.l1,
            bool(solution.unique[k]),
            _slack(result, k),
            pulled,
        )
        for k in range(len(result.axis))
    )


def share_sentences(result: DiamondCircle) -> tuple[str, ...]:
    """Return (k,) sentences: the share of each support in the window of minima looked at."""
    (low, high), _ = result.window
    shares = result.support.shares
    window = f"of the minima between {plain(low)} and {plain(high)} on both axes"
    sentences = []
    for k in range(len(result.axis)):
        parts = [
            f"w₁ = 0 for {_percent(shares['first_zero'][k])}",
            f"w₂ = 0 for {_percent(shares['second_zero'][k])}",
            f"both for {_percent(shares['both_zero'][k])}",
        ]
        inside = f"; {_percent(shares['inactive'][k])} lie inside the budget" if result.spec.axis == "budget" else ""
        if result.penalty.l1 == 0 and shares["both_zero"][k] == 0:
            sentences.append(f"L2 makes a weight exactly zero only on the drawn lines: a share of 0 % {window}{inside}.")
        else:
            sentences.append(f"{', '.join(parts)} {window}{inside}.")
    return tuple(sentences)


def _percent(share: float) -> str:
    if 0 < share < 0.001:
        return "< 0.1 %"
    return f"{100 * share:.1f} %"


def _slack(result: DiamondCircle, k: int) -> bool:
    return result.spec.axis == "budget" and not bool(result.solution.active[k])


def _zero_sentence(w: np.ndarray, gradient: np.ndarray, lam: float, budget: float, l1: float, unique: bool, slack: bool, pulled: np.ndarray) -> str:
    doubt = "" if unique else " The loss is flat in one direction here, so this is one of many minimisers."
    zeros = [i for i in range(2) if w[i] == 0.0]
    if budget == 0.0 and np.isinf(lam):
        return "The budget is 0, so both weights are 0. No finite λ does that to L2: its pull 2λw dies with the weight."
    if slack:
        return "The minimum of the loss lies within the budget: the constraint does not bind and λ = 0." + doubt
    if lam == 0.0:
        return "λ = 0: nothing is penalised, and the solution is the minimum of the loss." + doubt
    if not zeros:
        if l1 == 0.0:
            return "No weight is zero: under L2 the pull 2λw fades as a weight shrinks, so it comes close to zero and does not stay there." + doubt
        return "No weight is zero: the touching point lies on a side, where each |∂L/∂w| equals the penalty's own pull." + doubt
    if l1 == 0.0:
        which = "Both weights are" if len(zeros) == 2 else f"w{SUBSCRIPTS[zeros[0]]} is"
        if not pulled[zeros].any():
            return f"{which} zero at every λ > 0: the loss does not pull at zero, so L2 has nothing to shrink." + doubt
        return f"{which} zero at this very λ and at no other near it: under L2 a weight passes through zero and does not stay." + doubt
    pull = f"λ = {plain(lam)}" if l1 == 1.0 else f"λρ = {plain(lam * l1)}"
    # Held by the tie itself at the λ where a weight has just become zero: both sides agree to rounding.
    reasons = [f"|∂L/∂w{SUBSCRIPTS[i]}| = {plain(min(abs(float(gradient[i])), lam * l1))} ≤ {pull}" for i in zeros]
    which = "Both weights are" if len(zeros) == 2 else f"w{SUBSCRIPTS[zeros[0]]} is"
    return f"{which} exactly zero, since {' and '.join(reasons)}: leaving zero would cost more penalty than it saves loss." + doubt
