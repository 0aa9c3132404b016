"""What the lab "Smoothing and curvature" says: every number computed from the result."""

from __future__ import annotations

import numpy as np

from core.minima import MOST
from core.smoothing import Smoothing
from core.surfaces.typed import Typed
from core.wording import number

_SAME = 0.02  # relative difference below which a measured factor is the predicted one


def place(w: np.ndarray) -> str:
    """Return a point of the plane in words."""
    return f"({', '.join(number(float(np.round(each, 2)) + 0.0) for each in w)})"


def counted(count: int) -> str:
    """Return a number of minima in words."""
    return "no minimum" if count == 0 else "one minimum" if count == 1 else f"{count} minima" + (" or more" if count >= MOST else "")


def minima_sentences(result: Smoothing) -> list[str]:
    """Return one sentence a lambda: how many minima there are, which went last, which goes next."""
    minima = result.minima
    kinked = isinstance(result.surface.definition, Typed) and result.surface.definition.kinked
    gone = [(float(minima.ends[b]), b) for b in range(len(minima.ends)) if minima.ends_how[b] != "end"]
    came = [(float(minima.born[b]), b) for b in range(len(minima.born)) if minima.born_how[b] != "start"]
    said = []
    for i, lam in enumerate(result.lam):
        words = f"{counted(int(minima.counts[i])).capitalize()} at λ = {number(float(lam))}"
        words += f", {int(minima.counts[0]) or 'none'} at λ = 0." if i else "."
        past, future = [each for each in gone if each[0] <= lam], [each for each in gone if each[0] > lam]
        if past:
            at, b = max(past)
            words += f" The last to go was at {place(_last(result, b))}, at λ = {number(at)}."
        if future:
            at, b = min(future)
            words += f" The next goes at λ = {number(at)}, at {place(_last(result, b))}."
        elif not past and not came:
            words += " No λ of this scrub adds or removes one."
        born = [each for each in came if each[0] <= lam]
        if born:
            at, b = max(born)
            how = {"appears": "appeared", "enters": "came in from outside the window"}[minima.born_how[b]]
            words += f" One {how} at λ = {number(at)}."
        ahead = [each for each in came if each[0] > lam]
        if ahead:
            words += f" One more comes at λ = {number(min(ahead)[0])}."
        said.append(words + (" Minima on a kink of your formula have no curvature and are not counted." if kinked else ""))
    return said


def _last(result: Smoothing, branch: int) -> np.ndarray:
    """Return where a branch is when it is last seen."""
    last: np.ndarray = result.minima.w[np.flatnonzero(result.minima.exists[:, branch])[-1], branch]
    return last


def shift_sentences(result: Smoothing) -> list[str]:
    """Return one sentence a lambda: how much of the eigenvalues' change at the minimum is the shift, and how much the move."""
    said = []
    share = result.penalty.l2
    for i, lam in enumerate(result.lam):
        shift, moved = float(result.shift[i]), result.own[i] - result.own[0]
        if not result.found[i]:
            said.append(f"There is no minimum in the window at λ = {number(float(lam))}. At the chosen point every eigenvalue is {number(shift)} up.")
        elif share == 0.0:
            said.append(
                f"L1 adds nothing to the Hessian off its creases. Where the minimum has moved to, the loss's own eigenvalues are "
                f"{number(float(moved[0]))} and {number(float(moved[1]))} from those at λ = 0."
            )
        else:
            said.append(
                f"At any one point the penalty adds {number(shift)} to each eigenvalue. At the minimum, which moves, the loss's own eigenvalues "
                f"change by {number(float(moved[0]))} and {number(float(moved[1]))} on top of that."
            )
    return said


def rate_sentences(result: Smoothing) -> list[str]:
    """Return one sentence a lambda: the factor predicted from the curvature beside the one measured by running."""
    said = []
    label = result.rule.label
    for i in range(len(result.lam)):
        predicted, measured = float(result.predicted[i]), float(result.measured[i])
        rate = number(float(result.rate[i]))
        if not result.found[i]:
            said.append("No minimum in the window, so nothing to converge to.")
        elif result.bounces[i]:
            said.append(
                f"A weight is zero at the minimum, and a subgradient never settles on a crease: {label} bounces at rate {rate}. Take the prox."
            )
        elif result.strays[i]:
            share = number(1.0 - float(getattr(result.rule, "momentum", 0.0)))
            said.append(f"{label} sums its gradients, and decay beside it is not summed: at rate {rate} it rests where λ is {share} times this one.")
        elif result.kinked[i]:
            said.append(f"The loss has a kink at this minimum: no curvature predicts the speed, and {label} at rate {rate} circles the tip.")
        elif predicted > 1.0 + 1e-9:
            grows = "it grows at first and then goes elsewhere" if measured < 1.0 else f"it grows by {number(measured)} a step"
            said.append(f"{label} at rate {rate} is beyond the limit: predicted factor {number(predicted)} a step, and {grows}.")
        elif abs(predicted - measured) <= _SAME:
            said.append(f"{label} at rate {rate}: predicted factor {number(predicted)} a step, measured {number(measured)}.")
        else:
            said.append(
                f"{label} at rate {rate}: predicted factor {number(predicted)} a step, measured {number(measured)}. The run "
                "meets more of the surface than its curvature at the minimum, or is done before it finds its pace."
            )
    return said


def definiteness(eigenvalues: np.ndarray) -> str:
    """Return what a pair of eigenvalues makes of a point."""
    low, high = (float(each) for each in eigenvalues)
    tiny = 1e-12 * max(abs(low), abs(high), 1e-300)
    if low > tiny:
        return "positive definite"
    if high < -tiny:
        return "negative definite"
    return "indefinite" if low < -tiny and high > tiny else "singular"
