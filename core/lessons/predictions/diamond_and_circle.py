"""Questions of the lab "Diamond and circle"."""

from __future__ import annotations

import numpy as np

from core.diamond_circle import problem_of, window_of
from core.lessons.question import Asked, amount, choice, question
from core.path_events import zero_events
from core.penalties import L1, L2
from core.quadratic import Quadratic
from core.regularized import penalized
from core.specs import FOLLOWS, DiamondCircleSpec
from core.support_map import support_map
from core.wording import number as told

_GRID = 801


def _pull(problem: Quadratic) -> float:
    """Return max |H c|: the λ from which on L1 leaves nothing."""
    return float(np.abs(problem.hessian @ problem.centre).max())


def _reach(problem: Quadratic) -> float:
    """Return an upper bound of the pull: the steepest curvature times the minimum's distance."""
    return float(problem.eigen[0][-1] * np.linalg.norm(problem.centre))


def _settled(problem: Quadratic) -> bool:
    """Whether there is one minimum, and it is not the origin: else there is nothing to push on."""
    return bool(problem.is_definite) and _pull(problem) > 1e-9


def _where(problem: Quadratic) -> str:
    return f"ŵ = ({told(float(problem.centre[0]))}, {told(float(problem.centre[1]))})"


@question("which weight L1 makes zero first")
def first_zero(spec: DiamondCircleSpec) -> Asked | None:
    """Ask for the weight that is zero first along λ, which need not be the smaller one."""
    problem = problem_of(spec)
    if not _settled(problem) or (np.abs(problem.centre) < 1e-12).any():
        return None
    top = _pull(problem)
    events = zero_events(problem, L1(), np.concatenate([[0.0], np.geomspace(1e-4 * top, 1.1 * top, _GRID)]))
    first = min((event.lam for event in events), default=top)
    which = sorted({event.index for event in events if event.lam <= first * (1.0 + 1e-9)})
    truth = "both" if len(which) == 2 else f"w{which[0] + 1}" if which else "both"
    slope = problem.hessian @ problem.centre
    smaller = int(np.abs(problem.centre).argmin())
    verdict = "both go together" if truth == "both" else f"w{'₁₂'[which[0]]} goes first, at λ = {told(first)}"
    surprise = " The smaller weight is not the first: the tilt of the ellipse decides." if truth == f"w{2 - smaller}" else ""
    reason = (
        f"With L1 {verdict}. What counts is the slope that holds each weight, H ŵ = ({told(float(slope[0]))}, {told(float(slope[1]))}), "
        f"not the size of ŵ alone.{surprise}"
    )
    prompt = f"The loss alone is least at {_where(problem)}. λ of an L1 penalty grows from 0. Which weight is exactly zero first?"
    show = spec.replace(penalty="l1", axis="lam", lam=float(f"{first:.7g}"), budget=FOLLOWS)
    return choice(prompt, truth, reason, {"w1": "w₁", "w2": "w₂", "both": "both at the same λ"}, show=show)


@question("where L1 has made both zero")
def all_zero(spec: DiamondCircleSpec) -> Asked | None:
    """Ask for the λ at which L1 leaves nothing: the largest slope at the origin."""
    problem = problem_of(spec)
    if not _settled(problem):
        return None
    slope, truth = problem.hessian @ problem.centre, _pull(problem)
    reason = (
        f"Both weights rest at 0 as soon as λ holds the steeper of the two slopes there: max |H ŵ| = max(|{told(float(slope[0]))}|, "
        f"|{told(float(slope[1]))}|) = {told(truth)}. From then on no larger λ changes anything."
    )
    prompt = f"The minimum of the loss is {_where(problem)}. From which λ on has L1 made both weights exactly zero? (λ, in units of the loss's slope)"
    show = spec.replace(penalty="l1", axis="lam", lam=float(f"{truth:.7g}"), budget=FOLLOWS)
    return amount(prompt, truth, reason, low=0.0, high=_reach(problem), tolerance=0.08 * _reach(problem), show=show)


@question("whether L2 crosses zero")
def ridge_crosses(spec: DiamondCircleSpec) -> Asked | None:
    """Ask whether a weight passes through zero under L2 on its way to the origin."""
    problem = problem_of(spec)
    if not _settled(problem) or (np.abs(problem.centre) < 1e-12).any():
        return None
    top = 30.0 * float(problem.eigen[0][-1])
    crossed = {event.index for event in zero_events(problem, L2(), np.concatenate([[0.0], np.geomspace(1e-5 * top, top, _GRID)]))}
    truth = {(): "none", (0,): "w1", (1,): "w2"}.get(tuple(sorted(crossed)), "both")
    end = penalized(problem, L2(), 0.1 * top).w[0]
    if truth == "none":
        reason = f"No weight changes its sign: at λ = {told(0.1 * top)} they are ({told(float(end[0]))}, {told(float(end[1]))}), smaller but never 0."
    else:
        names = " and ".join(f"w{'₁₂'[i]}" for i in sorted(crossed))
        reason = (
            f"{names} passes through zero and goes on: the coordinates of the ellipse's axes shrink, each in its own proportion h/(h + 2λ), and a "
            "weight is a mixture of both. So under L2 a weight can be zero at one λ, and is not at the next."
        )
    prompt = f"Now L2, from λ = 0 up. The loss is least at {_where(problem)}. Which weight changes its sign on the way to the origin?"
    options = {"none": "neither of them", "w1": "w₁", "w2": "w₂", "both": "both"}
    return choice(prompt, truth, reason, options, show=spec.replace(penalty="l2", axis="lam", spacing="log", budget=FOLLOWS))


@question("the share of minima that lose a weight")
def sparse_share(spec: DiamondCircleSpec) -> Asked | None:
    """Ask, of all minima in the window, how many lose a weight under L1 at half the λ that leaves nothing of this one."""
    problem = problem_of(spec)
    if not _settled(problem):
        return None
    window = window_of(spec, problem)
    lam = float(f"{0.5 * _pull(problem):.3g}")
    shares = support_map(problem, L1(), window, lam=lam).shares
    truth = 100.0 * float(sum(shares[name][0] for name in ("first_zero", "second_zero", "both_zero")))
    both = 100.0 * float(shares["both_zero"][0])
    half = told(window[0][1])
    reason = (
        f"{told(truth)} % of the square lose at least one weight, {told(both)} % both. Under L2 with the same λ it is 0 %: there a zero weight "
        "needs a "
        "minimum exactly on a line."
    )
    prompt = (
        f"Move the minimum anywhere in the square from −{half} to {half}, keep the ellipse's shape, and take L1 with λ = {told(lam)}. In what part "
        "of the square does the solution have at least one weight at exactly zero? (% of the area)"
    )
    show = spec.replace(penalty="l1", axis="lam", lam=lam, budget=FOLLOWS)
    return amount(prompt, truth, reason, low=0.0, high=100.0, step=1.0, tolerance=6.0, unit=" %", show=show)


QUESTIONS = (first_zero, all_zero, ridge_crosses, sparse_share)
