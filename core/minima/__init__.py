"""All local minima of L + lambda R in a window, tracked over a family of lambdas: which vanish, where, and which appear.

Seeds come from a grid and are polished by Newton steps; branches come from continuation in lambda, so that a minimum is the same one as
before because it was followed there, not because it is the nearest. Where a branch ends, its last steps shrink until the lambda is known.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from core._validate import Bools, Floats, family, finite
from core.errors import InvalidInput
from core.minima._continuation import Tracker
from core.minima._objective import Objective
from core.minima._seeds import MOST, seeds
from core.penalties import Penalty
from core.surfaces import Surface

__all__ = ["MOST", "Minima", "find_minima"]

_MOST_SEEDED = 81  # members whose grid is searched; between them, branches are followed


@dataclass(frozen=True, eq=False)
class Minima:
    """b branches of local minima over a family of k lambdas, the longest-lived first, the lowest first among equals.

    Attributes
    ----------
    lam:
        (k,) ascending.
    w:
        (k, b, 2) where each minimum is; at members where a branch does not exist, its nearest place.
    exists:
        (k, b) whether the branch exists at a member.
    objective, loss:
        (k, b) L + lam R and L there, likewise held where the branch does not exist.
    eigenvalues:
        (k, b, 2) of the Hessian of L there, ascending, likewise held.
    born, born_how:
        (b,) the lambda from which on a branch exists, and how it comes: "start" (it is there at the first lambda), "appears", or "enters" the window.
    ends, ends_how:
        (b,) the lambda up to which a branch exists, and how it goes: "end" (it is there at the last lambda), "vanishes", or "leaves" the window.
    counts:
        (k,) how many minima there are.
    """

    lam: Floats
    w: Floats
    exists: Bools
    objective: Floats
    loss: Floats
    eigenvalues: Floats
    born: Floats
    born_how: tuple[str, ...]
    ends: Floats
    ends_how: tuple[str, ...]
    counts: Floats


def find_minima(surface: Surface, penalty: Penalty | None, lam: ArrayLike, bounds: ArrayLike | None = None) -> Minima:
    """Return all local minima of L + lam R in a window, tracked over lam.

    Parameters
    ----------
    surface:
        L.
    penalty:
        R; none is R = 0. With a share of L1 a minimum may sit on an axis or at the origin; each is accepted by its own conditions: a Hessian that
        is positive definite on the weights that are not 0, and |dL/dw_i| <= lam l1 for each that is.
    lam:
        Penalty weights >= 0, (k,) strictly ascending, or a number.
    bounds:
        The window, (2, 2), one (low, high) row a weight; the surface's own if none is given.

    Raises
    ------
    InvalidInput
        Where an argument is out of its range.

    Notes
    -----
    A minimum is found where its basin holds a low point of an 81 x 81 grid at some lambda of the family (201 x 201 for one lambda alone), and is then
    followed through all of them; of a member that has more, the `MOST` lowest are. One that lives between two members only may be missed, and so may
    a kink of a typed formula, which has no Newton step. Where a branch begins and ends is known to 1e-7 of the largest lambda.
    """
    weight = family(lam, "lam")
    if not (np.diff(weight) > 0.0).all():
        raise InvalidInput("lam that does not ascend", "strictly ascending penalty weights", "Sort lam and leave repeated values out.")
    window = surface.bounds if bounds is None else finite(bounds, "bounds")
    if window.shape != (2, 2) or not (window[:, 0] < window[:, 1]).all():
        raise InvalidInput(f"bounds {window.tolist()}", "two rows (low, high) with low < high", "Pass one row a weight.")
    objective = Objective(surface, penalty, window)
    stride = -(-len(weight) // _MOST_SEEDED)
    members = np.unique(np.append(np.arange(0, len(weight), stride), len(weight) - 1))
    with np.errstate(all="ignore"):
        tracker = Tracker(objective, weight)
        tracker.run(dict(zip(members.tolist(), seeds(objective, weight[members]), strict=True)))
        return _collected(tracker, weight)


def _collected(tracker: Tracker, weight: Floats) -> Minima:
    objective, branches = tracker.objective, tracker.branches
    count = len(branches)
    w, exists = np.zeros((len(weight), count, 2)), np.zeros((len(weight), count), dtype=bool)
    for i, branch in enumerate(branches):
        (first, start), (last, stop) = branch.members[0], branch.members[-1]
        exists[first : last + 1, i] = True
        w[:first, i], w[last + 1 :, i] = start, stop
        w[first : last + 1, i] = [at for _, at in branch.members]
    loss = np.asarray(objective.surface._value(w), dtype=np.float64).reshape(len(weight), count)
    total = loss + weight[:, None] * (objective.l1 * np.abs(w).sum(axis=-1) + objective.l2 * (w**2).sum(axis=-1))
    eigenvalues = np.asarray(np.linalg.eigvalsh(objective.surface._hessian(w)), dtype=np.float64)
    born = np.array([branch.born for branch in branches])
    ends = np.array([branch.ends for branch in branches])
    lowest = total[exists.argmax(axis=0), np.arange(count)] if count else np.empty(0)
    order = np.lexsort((lowest, -exists.sum(axis=0)))
    pick = order.tolist()
    return Minima(
        lam=weight,
        w=w[:, order],
        exists=exists[:, order],
        objective=total[:, order],
        loss=loss[:, order],
        eigenvalues=eigenvalues[:, order],
        born=born[order] if count else born,
        born_how=tuple(branches[i].born_how for i in pick),
        ends=ends[order] if count else ends,
        ends_how=tuple(branches[i].ends_how for i in pick),
        counts=exists.sum(axis=1).astype(np.float64),
    )
