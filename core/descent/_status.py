"""How a run ended, and the sentence that says so."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core._validate import Floats
from core.descent.loop import Run
from core.wording import number

# A run has converged where the objective's gradient is this small beside the first one (or beside 1),
STILL = 1e-6
# or where it stands still: its last steps are shorter than this (beside the size of x), and its first steps were this many times longer. A tiny rate
# makes every step short, and is not done for that.
_SHORT, _LONGER = 1e-9, 1e4


def judge(run: Run, x: Floats, norm: Floats, taken: NDArray[np.int64], steps: int) -> NDArray[np.str_]:
    """Return each member's status, (k,)."""
    scale = STILL * np.maximum(1.0, norm[:, 0])
    flat = norm[:, -1] <= scale
    first, last = (np.abs(np.diff(part, axis=1)).max(axis=(1, 2)) for part in (x[:, :6], x[:, -21:]))
    still = (last <= _SHORT * (1.0 + np.abs(x[:, -1]).max(axis=-1))) & (first > _LONGER * last) & (steps > 25)
    settled = (flat | still) & (run.noise[:, 0] == 0.0)
    return np.where(taken < steps, "diverged", np.where(settled, "converged", "running"))


def messages(
    run: Run, x: Floats, objective: Floats, norm: Floats, status: NDArray[np.str_], taken: NDArray[np.int64], beyond: Floats
) -> NDArray[np.str_]:
    """Return each member's sentence, (k,)."""
    said = []
    for i, state in enumerate(status):
        if state == "diverged":
            said.append(_hole(run, int(taken[i]), beyond[i]) or _why(run, i, x[i], objective[i], int(taken[i])))
        elif state == "converged":
            said.append(_where(run, i, norm[i]))
        else:
            said.append(_still_going(run, i, norm[i]))
    return np.array(said)


def _where(run: Run, i: int, norm: Floats) -> str:
    scale = STILL * max(1.0, float(norm[0]))
    if norm[-1] <= scale:
        reached = int(np.argmax(norm <= scale))
        return f"Converged: the gradient of the objective is {norm[-1]:.2g}, below {scale:.0e} since step {reached}."
    return f"Converged, but not to a minimum of the objective: it stands still where the gradient's norm is {norm[-1]:.3g}."


def _still_going(run: Run, i: int, norm: Floats) -> str:
    steps = len(norm) - 1
    if run.noise[i, 0] > 0.0:
        return f"Running after {steps} steps: the gradient's noise of {run.noise[i, 0]:.3g} keeps it moving."
    if run.lr[i, 0] == 0.0:
        return "Running, but a learning rate of 0 moves nothing. Raise the rate."
    return f"Running: after {steps} steps the gradient's norm is {norm[-1]:.3g}, at the start it was {norm[0]:.3g}."


def _hole(run: Run, taken: int, beyond: Floats) -> str:
    """Say where and why a run left the domain of the surface's formula; "" where it did not."""
    if not run.surface.partial:
        return ""
    said = f"Diverged: step {taken + 1} left the formula's domain"
    if not np.isfinite(beyond).all():
        # A rule that looks ahead takes its gradient elsewhere; and at the edge of a root's domain the slope is infinite.
        return f"{said}: where it takes its gradient the slope is no finite number. Lower the rate, or start farther from the hole."
    why = run.surface.why_not(beyond)
    return why and f"{said} at ({number(float(beyond[0]))}, {number(float(beyond[1]))}): {why}. Lower the rate, or start elsewhere."


def _why(run: Run, i: int, x: Floats, objective: Floats, taken: int) -> str:
    """Say why a run left: a loss without a floor, or steps too long for the curvature they met."""
    left = f"Diverged at step {taken + 1}: "
    inside = np.abs(x) <= np.abs(run.surface.bounds).max()
    seen = x[: taken + 1][inside[: taken + 1].all(axis=-1)]
    bend = np.linalg.eigvalsh(np.nan_to_num(run.surface._hessian(seen))) if len(seen) else np.zeros((1, 2))
    spring = float(run.spring[i, 0])
    if not np.isfinite(run.surface.min_value) and objective[taken] < objective[0]:
        least = float(bend[:, 0].min())
        cure = "no rate can stop it"
        if run.penalty is not None and run.penalty.l2 > 0.0 and np.isfinite(least):
            cure += f"; where it went the curvature is as low as {least:.3g}, so try lambda above {-least / (2.0 * run.penalty.l2):.3g}"
        return f"{left}the loss falls without bound along its way; {cure}."
    steepest = float(bend[:, 1].max()) + (spring if run.treatment != "proximal" else 0.0)
    product = float(run.lr[i, 0]) * steepest
    if not steepest > 0.0 or not np.isfinite(product):
        return f"{left}the rate of {run.lr[i, 0]:.3g} throws it out of the window. Lower the rate."
    if product > 2.0:
        return (
            f"{left}rate {run.lr[i, 0]:.3g} times curvature {steepest:.3g} is {product:.3g}, and |1 - {product:.3g}| = {abs(1.0 - product):.3g} > 1, "
            f"so each step overshoots by more than the one before. Choose a rate below {2.0 / steepest:.3g}."
        )
    return f"{left}the rate of {run.lr[i, 0]:.3g} is too high for this rule, though {product:.3g} times the curvature it met. Lower the rate."
