r"""Where rules with weight decay end on a quadratic, exactly: the ridge point, the minimiser over a box, and what noise makes of the box.

With H the Hessian, c the free minimum, d the weight decay and lambda = d / 2:

    SGD and Adam (decay in the gradient)   H (w - c) + d w = 0                      the ridge point of lambda
    AdamW, no noise                        sign(g_i) = -d w_i, or g_i = 0 inside    the minimiser over |w_i| <= 1 / d
    AdamW, noise sigma a coordinate        g_i / sqrt(g_i^2 + sigma^2) = -d w_i     the minimiser of the arc penalty below

AdamW rests where its step and its decay cancel: m_i / sqrt(v_i) = -d w_i. There m is the gradient g and v is g^2 + sigma^2, for small rates and long
memories. That is the condition for a minimum of

    L(w) + sigma / d sum_i (1 - sqrt(1 - d^2 w_i^2)),

whose penalty is an arc of a circle in each coordinate. For small w it is (sigma d / 2) w^2: ridge with lambda = sigma d / 2. As sigma falls to 0 it
becomes the wall of the box.
"""

from __future__ import annotations

import itertools

import numpy as np

from core._validate import Floats
from core.quadratic import Quadratic

_ROUNDS = 200  # of Newton's method; a dozen are usual, more where a weight is pressed against its wall
_ALMOST = 0.95  # of the way to the wall that one step may take


def ridge_points(problem: Quadratic, decay: Floats) -> Floats:
    """Return (H + d I)^-1 H c, (k, 2), of decays (k,); the free minimum where both H and d are 0."""
    shifted = problem.hessian + decay[:, None, None] * np.eye(problem.dim)
    found: Floats = np.tile(problem.centre, (len(decay), 1))
    good = (decay > 0.0) | problem.is_definite
    found[good] = np.linalg.solve(shifted[good], np.broadcast_to(problem.pull, (int(good.sum()), problem.dim))[..., None])[..., 0]
    return found


def box_points(problem: Quadratic, decay: Floats) -> Floats:
    """Return the minimiser over the box |w_i| <= 1/d, (k, 2), of decays (k,); without decay there is no box, and it is the free minimum.

    Every face is tried: weights free or at one of their two walls. Of the candidates inside, the one with the least loss.
    """
    with np.errstate(divide="ignore"):
        half = np.where(decay > 0.0, 1.0 / np.maximum(decay, 1e-300), np.inf)
    hessian, centre = problem.hessian, problem.centre
    best, least = np.zeros((len(decay), 2)), np.full(len(decay), np.inf)
    for sides in itertools.product((None, -1.0, 1.0), repeat=2):
        w = np.tile(centre, (len(decay), 1))
        for i, side in enumerate(sides):
            if side is not None:
                w[:, i] = side * np.minimum(half, 1e150)
        if (sides[0] is None) != (sides[1] is None):
            free = 0 if sides[0] is None else 1
            if hessian[free, free] > 0.0:
                w[:, free] = centre[free] - hessian[0, 1] / hessian[free, free] * (w[:, 1 - free] - centre[1 - free])
        inside = (np.abs(w) <= half[:, None] * (1.0 + 1e-12)).all(axis=1)
        with np.errstate(over="ignore", invalid="ignore"):
            loss = np.where(inside, np.nan_to_num(problem.value(w), nan=np.inf, posinf=np.inf), np.inf)
        better = loss < least
        best[better], least[better] = w[better], loss[better]
    return best


def arc_points(problem: Quadratic, decay: Floats, sigma: float) -> Floats:
    """Return the minimiser of the loss with the arc penalty, (k, 2), of decays (k,): where AdamW ends under noise. ``sigma`` > 0.

    Newton's method from the origin, with steps that stay off the wall and halve until the objective falls.
    """
    hessian, pull = problem.hessian, problem.pull
    d = decay[:, None]
    w = np.zeros((len(decay), 2))
    w[decay == 0.0] = problem.centre

    def height(w: Floats) -> Floats:
        # sigma / d (1 - sqrt(1 - u^2)) with u = d w, written so that nothing cancels for small u or divides by d = 0.
        u = d * w
        arc = sigma * d * w * w / (1.0 + np.sqrt(np.maximum(1.0 - u * u, 0.0)))
        total: Floats = 0.5 * ((w @ hessian) * w).sum(axis=1) - w @ pull + arc.sum(axis=1)
        return total

    for _ in range(_ROUNDS):
        left = np.sqrt(1.0 - (d * w) ** 2)
        slope = w @ hessian - pull + sigma * d * w / left
        if np.abs(slope).max() <= 1e-13 * problem.scale:
            break
        bend = hessian + np.eye(2) * (sigma * d / left**3)[:, None, :]
        determinant = bend[:, 0, 0] * bend[:, 1, 1] - bend[:, 0, 1] ** 2
        safe = np.where(determinant > 0.0, determinant, 1.0)
        step = -np.stack(
            [bend[:, 1, 1] * slope[:, 0] - bend[:, 0, 1] * slope[:, 1], bend[:, 0, 0] * slope[:, 1] - bend[:, 0, 1] * slope[:, 0]], axis=1
        )
        step = np.where(determinant[:, None] > 0.0, step / safe[:, None], 0.0)
        # The largest share of the step that keeps |d w| below 1 in both weights.
        with np.errstate(divide="ignore", invalid="ignore"):
            room = np.where(step != 0.0, (1.0 - np.sign(step) * d * w) / np.maximum(np.abs(d * step), 1e-300), np.inf).min(axis=1)
        share = np.minimum(1.0, _ALMOST * room)
        now = height(w)
        # Heights say nothing below their own rounding; there Newton's step is trusted.
        rounding = 1e-15 * (np.abs(now) + problem.scale)
        for _ in range(30):
            worse = height(w + share[:, None] * step) > now + rounding
            if not worse.any():
                break
            share = np.where(worse, share / 2.0, share)
        w = w + share[:, None] * np.where(np.isfinite(step), step, 0.0)
    return w
