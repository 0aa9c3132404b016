"""Where minima may be: the low points of a grid, polished by Newton steps that only go down."""

from __future__ import annotations

import numpy as np

from core._validate import Floats
from core.minima._objective import SETTLED, Indices, Objective, Points, together

_GRIDS = (81, 201)  # points along each weight: at least, for a whole family, and at most, for one lambda alone
_HEIGHTS = 61 * 81**2  # of a family's grids together
_TURNS = 40  # steps of at most one cell of the coarser grid: enough to walk half the window along a bent valley
SAME = 1e-5  # of the window's size: closer than this two polished points are one
MOST = 300  # minima of a member that are followed, the lowest ones: a typed formula may have a thousand; no surface of the catalogue has half as many


def seeds(objective: Objective, lam: Floats) -> list[Points]:
    """Return the minima that a grid leads to, for each of the lambdas."""
    start, member, cell = _low_points(objective, lam)
    start, sign, member = _patterns(objective, start, member, cell)
    stride = objective.size / (_GRIDS[0] - 1)
    polished = _downhill(objective, Points(start, sign, lam[member]), stride)
    at, good = objective.settled(polished, np.full(len(start), stride))
    good &= objective.accepted(at, objective.least_bend(at, objective.bends(at)))
    if objective.l1:
        # Where lambda is 0 nothing holds a weight at 0, but one that is 0 by symmetry will be held as soon as lambda is not.
        still = (at.lam[:, None] == 0.0) & (np.abs(at.w) <= SETTLED * objective.size)
        at = Points(np.where(still, 0.0, at.w), np.where(still, 0.0, np.where(at.lam[:, None] == 0.0, np.sign(at.w), at.sign)), at.lam)
    return [_lowest(objective, distinct(at.of(good & (member == j)), SAME * objective.size)) for j in range(len(lam))]


def _lowest(objective: Objective, at: Points) -> Points:
    return at if len(at.w) <= MOST else at.of(np.argsort(objective.value(at), kind="stable")[:MOST])


def distinct(at: Points, apart: float) -> Points:
    """Return each of several points at almost the same place once."""
    _, first = np.unique(np.round(at.w / apart), axis=0, return_index=True)
    at = Points(at.w[first], at.sign[first], at.lam[first])
    # Rounding may part two that are close to a half.
    twice = np.tril(together(at.w, at.w, apart), -1).any(axis=1)
    return at.of(np.asarray(~twice))


def _low_points(objective: Objective, lam: Floats) -> tuple[Floats, Indices, float]:
    """Return the grid points that are not above their eight neighbours, the member of each, and the size of a cell.

    The grid goes one cell beyond the window and has a line on each axis, where L1 folds the objective.
    """
    points = int(np.clip((_HEIGHTS / len(lam)) ** 0.5, *_GRIDS))
    lines = []
    for low, high in objective.window:
        cell = (high - low) / (points - 1)
        line = np.linspace(low - cell, high + cell, points + 2)
        line[np.argmin(np.abs(line))] = 0.0 if low <= 0.0 <= high else line[np.argmin(np.abs(line))]
        lines.append(line)
    grid = np.stack(np.meshgrid(*lines), axis=-1)
    loss = objective.surface._value(grid)
    loss = np.where(np.isfinite(loss), loss, np.inf)
    added = objective.l1 * np.abs(grid).sum(axis=-1) + objective.l2 * (grid**2).sum(axis=-1)
    height = loss + lam[:, None, None] * added
    across = np.minimum(np.minimum(height[:, :, :-2], height[:, :, 2:]), height[:, :, 1:-1])
    least = np.minimum(np.minimum(across[:, :-2], across[:, 2:]), across[:, 1:-1])
    middle = height[:, 1:-1, 1:-1]
    # On a plain that is level to rounding every point is low; one that is a minimum has a higher neighbour to each side.
    low = (
        (middle <= least)
        & (middle < np.maximum(height[:, 1:-1, :-2], height[:, 1:-1, 2:]))
        & (middle < np.maximum(height[:, :-2, 1:-1], height[:, 2:, 1:-1]))
    )
    member, row, column = np.nonzero(low)
    start = np.stack([lines[0][column + 1], lines[1][row + 1]], axis=-1)
    known = np.vstack([objective.surface.minima, np.zeros((1, 2))])
    known = known[objective.inside(known)]
    every = np.repeat(np.arange(len(lam)), len(known))
    start, member = np.vstack([start, np.tile(known, (len(lam), 1))]), np.concatenate([member, every])
    if objective.l1:
        on_axes, of = _low_on_axes(height, lines)
        start, member = np.vstack([start, on_axes]), np.concatenate([member, of])
    cell = max(float(np.diff(line).max()) for line in lines)
    return start, member, cell


def _low_on_axes(height: Floats, lines: list[Floats]) -> tuple[Floats, Indices]:
    """Return the low points along each axis, where a minimum may be held whatever lies beside it."""
    found, members = [], []
    for axis in (0, 1):
        line, other = lines[axis], lines[1 - axis]
        at = int(np.argmin(np.abs(other)))
        if other[at] != 0.0:
            continue
        along = height[:, at, :] if axis == 0 else height[:, :, at]
        member, index = np.nonzero((along[:, 1:-1] <= along[:, :-2]) & (along[:, 1:-1] <= along[:, 2:]))
        point = np.zeros((len(index), 2))
        point[:, axis] = line[index + 1]
        found.append(point)
        members.append(member)
    return (np.vstack(found), np.concatenate(members)) if found else (np.empty((0, 2)), np.empty(0, dtype=int))


def _patterns(objective: Objective, start: Floats, member: Indices, cell: float) -> tuple[Floats, Floats, Indices]:
    """Return each starting point with each sign pattern that a minimum near it may have: across the axes that it is close to, and on them."""
    if not objective.l1:
        return start, np.ones_like(start), member
    choices = []
    for first in (-1.0, 0.0, 1.0):
        for second in (-1.0, 0.0, 1.0):
            sign = np.broadcast_to([first, second], start.shape)
            near = np.abs(start) <= 1.5 * cell
            fits = ((np.sign(start) == sign) | near).all(axis=-1)
            moved = np.where(sign == 0.0, 0.0, np.where(np.sign(start) == sign, start, 0.25 * cell * sign))
            choices.append((moved[fits], sign[fits], member[fits]))
    return np.vstack([each[0] for each in choices]), np.vstack([each[1] for each in choices]), np.concatenate([each[2] for each in choices])


def _downhill(objective: Objective, at: Points, longest: float) -> Points:
    """Return where steps lead that never go up: Newton's, with the sizes of the eigenvalues, and at most as long as a radius that adapts."""
    w, radius = at.w.copy(), np.full(len(at.w), longest)
    height = objective.value(at)
    active = np.arange(len(w))
    for _ in range(_TURNS):
        now = Points(w[active], at.sign[active], at.lam[active])
        a, b, c = objective.bends(now)
        slopes = objective.free(objective.slopes(now), now)
        mean, spread = 0.5 * (a + c), np.hypot(0.5 * (a - c), b)
        turn = 0.5 * np.arctan2(2.0 * b, a - c)
        steep = np.stack([np.cos(turn), np.sin(turn)], axis=-1)
        flat = np.stack([-steep[:, 1], steep[:, 0]], axis=-1)
        tiny = 1e-12 * (np.abs(mean) + spread) + 1e-300
        step = np.zeros_like(slopes)
        for direction, bend in ((steep, mean + spread), (flat, mean - spread)):
            along = (direction * slopes).sum(axis=-1)
            step -= direction * (along / np.maximum(np.abs(bend), tiny))[:, None]
        length = np.linalg.norm(step, axis=-1)
        room = radius[active]
        step *= np.minimum(1.0, room / np.maximum(length, 1e-300))[:, None]
        # A cosine of 6e-17 must not move a weight that is held at 0.
        there = Points(now.w + objective.free(step, now), now.sign, now.lam)
        new = objective.value(there)
        rounding = 1e-14 * np.abs(height[active])
        down = new <= height[active] + rounding
        w[active] = np.where(down[:, None], there.w, now.w)
        height[active] = np.where(down, new, height[active])
        radius[active] = np.where(down, np.minimum(2.0 * room, longest), 0.25 * np.minimum(room, length))
        done = (length <= SETTLED * objective.size) | (radius[active] < SETTLED * objective.size) | ~np.isfinite(length)
        active = active[~done]
        if not len(active):
            break
    return Points(w, at.sign, at.lam)
