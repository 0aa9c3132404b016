"""Where a weight becomes exactly zero, leaves zero, or crosses it on its way along lambda."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core._validate import Floats, family
from core.penalties import Penalty
from core.quadratic import Quadratic
from core.regularized import penalized

Ints = NDArray[np.intp]
Kind = Literal["vanishes", "returns", "crosses"]

# Each round cuts every bracket into this many; a dozen rounds take a grid's step to rounding.
CUTS = 16
# Brackets end at this fraction of lambda: a few roundings.
WIDTH = 1e-15
# A bracket narrower than this, relative to lambda, is one event seen through rounding.
SAME = 1e-11
# Where a weight is all but flat about its zero, signs flicker over this fraction of lambda.
FLICKER = 1e-7


@dataclass(frozen=True, eq=False)
class ZeroEvent:
    """One weight meets zero as lambda grows.

    Parameters
    ----------
    lam:
        Where, to about 1e-12 of itself.
    budget:
        R(w) there.
    index:
        Which weight.
    kind:
        "vanishes": not zero before, zero after. "returns": zero before, not after. "crosses": changes sign at this one lambda.
    w:
        The minimiser there, (d,); w[index] is exactly 0.0.
    """

    lam: float
    budget: float
    index: int
    kind: Kind
    w: Floats


def zero_events(problem: Quadratic, penalty: Penalty, lam: ArrayLike) -> tuple[ZeroEvent, ...]:
    """Return the events between the least and the largest of ``lam``, in order of lambda.

    For two weights the list is complete. For more, a weight that leaves zero and comes back between two neighbours of the grid goes unseen.

    Parameters
    ----------
    problem, penalty:
        As for `core.regularized.penalized`.
    lam:
        A grid of penalty weights >= 0, (k,), in any order.
    """
    grid = np.unique(family(lam, "lam"))
    if problem.dim == 2:
        # Between neighbouring critical values nothing changes: one look at each gap misses nothing.
        critical = _critical(problem, penalty)
        marks = np.unique(np.concatenate([grid[[0, -1]], critical[(grid[0] < critical) & (critical < grid[-1])]]))
        grid = np.union1d(grid, 0.5 * (marks[1:] + marks[:-1]))
    signs = np.sign(penalized(problem, penalty, grid).w)
    row, index = np.nonzero(signs[1:] != signs[:-1])
    low, high, before, after = grid[row], grid[row + 1], signs[row, index], signs[row + 1, index]
    for _ in range(60):
        wide = high - low > np.maximum(WIDTH * high, np.finfo(np.float64).tiny)
        if not wide.any():
            break
        low, high, before, after, index = _halved(problem, penalty, low, high, before, after, index)
    found = _merged(list(zip(index.tolist(), low.tolist(), high.tolist(), before.tolist(), after.tolist(), strict=True)))
    events = [_event(problem, penalty, *bracket) for bracket in found]
    return tuple(sorted(events, key=lambda event: (event.lam, event.index)))


def _halved(
    problem: Quadratic, penalty: Penalty, low: Floats, high: Floats, before: Floats, after: Floats, index: Ints
) -> tuple[Floats, Floats, Floats, Floats, Ints]:
    """Cut every bracket and keep the cuts across which its weight changes sign, all brackets in one family."""
    cuts = low[:, None] + (high - low)[:, None] * np.arange(CUTS + 1) / CUTS
    cuts[:, -1] = high
    w = penalized(problem, penalty, cuts[:, 1:-1].ravel()).w.reshape(len(low), CUTS - 1, -1)
    inner = np.sign(np.take_along_axis(w, index[:, None, None], axis=2)[..., 0])
    signs = np.concatenate([before[:, None], inner, after[:, None]], axis=1)
    changes = signs[:, 1:] != signs[:, :-1]
    # Within rounding of an event signs flicker: of a narrow bracket only the first change counts.
    narrow = high - low <= SAME * high
    first = changes & (np.cumsum(changes, axis=1) == 1)
    signs[narrow] = np.where(np.cumsum(np.pad(first[narrow], ((0, 0), (1, 0))), axis=1) > 0, after[narrow, None], before[narrow, None])
    row, column = np.nonzero(np.where(narrow[:, None], first, changes))
    return cuts[row, column], cuts[row, column + 1], signs[row, column], signs[row, column + 1], index[row]


def _event(problem: Quadratic, penalty: Penalty, index: int, low: float, high: float, before: float, after: float) -> ZeroEvent:
    kind: Kind = "vanishes" if after == 0.0 else "returns" if before == 0.0 else "crosses"
    lam = float(low if kind == "returns" else high)
    w = penalized(problem, penalty, lam).w[0]
    w[index] = 0.0
    return ZeroEvent(lam, float(penalty.value(w)), index, kind, w)


def _merged(found: list[tuple[int, float, float, float, float]]) -> list[tuple[int, float, float, float, float]]:
    """Join changes of one weight that only rounding tells apart; what is on both sides of them says what happened, or that nothing did."""
    kept: list[tuple[int, float, float, float, float]] = []
    for index, low, high, before, after in sorted(found):
        if kept and kept[-1][0] == index and low - kept[-1][2] <= FLICKER * high:
            _, low, _, before, _ = kept.pop()
        kept.append((index, low, high, before, after))
    return [bracket for bracket in kept if bracket[3] != bracket[4]]


def _critical(problem: Quadratic, penalty: Penalty) -> Floats:
    """Every lambda at which a sign pattern of two weights can end: roots of w_i's numerator, quadratic in lambda, for all signs."""
    hessian, pull, l1, l2 = problem.hessian, problem.pull, penalty.l1, penalty.l2
    roots = list(np.abs(pull) / l1) if l1 > 0.0 else []
    for i, j in ((0, 1), (1, 0)):
        for si in (1.0, -1.0):
            for sj in (1.0, -1.0):
                # (H_jj + 2 lam l2)(q_i - lam l1 s_i) - H_ij (q_j - lam l1 s_j)
                square = -2.0 * l2 * l1 * si
                linear = 2.0 * l2 * pull[i] - l1 * si * hessian[j, j] + l1 * sj * hessian[i, j]
                found = np.roots([square, linear, hessian[j, j] * pull[i] - hessian[i, j] * pull[j]])
                roots += list(found[found.imag == 0.0].real)
    return np.unique(roots)
