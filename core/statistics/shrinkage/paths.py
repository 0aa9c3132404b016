"""Coefficient paths over lambda: ridge by one decomposition, lasso and elastic net by a homotopy that meets every entry and exit exactly.

The objective is 1/(2n) |y - Xw|^2 + lambda (rho |w|_1 + (1 - rho) |w|_2^2), given by H = X'X/n and q = X'y/n alone. With the set A of weights that
are not zero and their signs s, the minimiser is w_A = (H_AA + 2 lambda (1 - rho) I)^-1 (q_A - lambda rho s): linear in lambda for lasso (Efron,
Hastie, Johnstone and Tibshirani 2004, Least angle regression), a sum of simple fractions for the elastic net. The path is followed down from the
lambda at which all weights are zero; A changes where a weight reaches 0, or where the slope of one that is 0 reaches lambda rho.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core._validate import Floats
from core.errors import InvalidInput
from core.penalties import ElasticNet
from core.quadratic import Quadratic
from core.regularized import _active_set
from core.statistics.shrinkage.pieces import PIVOT, Piece

Ints = NDArray[np.intp]

# Beyond this residual a solution of the homotopy is solved again by the active set.
TRUSTED = 1e-11


@dataclass(frozen=True)
class Event:
    """What happens on a path as lambda falls: weight ``index`` "enters" (leaves 0) or "leaves" (becomes 0) at ``lam``."""

    index: int
    kind: str
    lam: float


@dataclass(frozen=True, eq=False)
class Path:
    """A family of k minimisers over d weights.

    Attributes
    ----------
    lam:
        (k,) ascending.
    w:
        (k, d); a weight that the penalty cuts is exactly 0.
    df:
        (k,) degrees of freedom: the trace of the matrix that makes the fit from y. Of lasso the number of weights that are not zero, an unbiased
        estimate (Zou, Hastie and Tibshirani 2007), of ridge the sum of h / (h + 2 lambda).
    nonzero:
        (k,) weights that are not zero.
    kkt:
        (k,) largest violation of the optimality conditions over max(1, max |q|), measured on w itself.
    events:
        Entries and exits, lambda falling.
    """

    lam: Floats
    w: Floats
    df: Floats
    nonzero: Ints
    kkt: Floats
    events: tuple[Event, ...]


def largest(q: Floats, rho: float) -> float:
    """Return the least lambda at which all weights are zero, max |q| / rho; rho > 0."""
    return float(np.abs(q).max()) / rho


def axis(H: Floats, q: Floats, rho: float, members: int = 201) -> Floats:
    """Return (members,) lambdas, ascending and evenly spaced in their logarithm.

    With an L1 part four decades down from where all weights are zero. Ridge never gets there: ten times the steepest curvature, where the steepest
    direction is down to 1/21, and seven decades down.
    """
    if rho > 0.0:
        top = largest(q, rho)
        return np.geomspace(1e-4 * top, top, members) if top > 0.0 else np.geomspace(1e-4, 1.0, members)
    steep = float(np.linalg.eigvalsh(H)[-1])
    return np.geomspace(1e-6 * steep, 10.0 * steep, members)


def path(X: Floats, y: Floats, rho: float, lam: Floats) -> Path:
    """Return the path of a design over lambdas > 0 (k,), ascending: ridge for rho = 0, lasso for 1, the elastic net between.

    Parameters
    ----------
    X, y:
        (n, d) and (n,), centred; columns that are all 0 keep the weight 0.
    rho:
        The L1 share, from 0 to 1.
    lam:
        (k,) positive, ascending.

    Raises
    ------
    InvalidInput
        Where rho or lam is out of its range.
    """
    if not 0.0 <= rho <= 1.0:
        raise InvalidInput(f"rho = {rho:g}", "a number from 0 to 1", "Bring the L1 share into that range.")
    if lam.ndim != 1 or not lam.size or not (np.isfinite(lam).all() and lam[0] > 0.0 and (np.diff(lam) >= 0.0).all()):
        raise InvalidInput("lam", "an ascending axis (k,) of positive numbers", "Sort the lambdas and leave out 0.")
    if rho == 0.0:
        return ridge(X, y, lam)
    H, q = X.T @ X / len(y), X.T @ y / len(y)
    return homotopy(H, q, rho, lam)


# --------------------------------------------------------------------------------------------------------------------- ridge


def ridge(X: Floats, y: Floats, lam: Floats) -> Path:
    """Return ridge's path by one singular value decomposition X = U d V': w = V d U'y / (d^2 + 2 n lambda) for all lambdas at once."""
    n = len(y)
    left, size, right = np.linalg.svd(X, full_matrices=False)
    along = size * (y @ left)
    share = size**2 + 2.0 * n * lam[:, None]
    w = (along / share) @ right
    pull = X.T @ y / n
    slope = w @ (X.T @ X / n) - pull + 2.0 * lam[:, None] * w
    scale = max(1.0, float(np.abs(pull).max()))
    df = (size**2 / share).sum(axis=1)
    return Path(lam, w, df, (w != 0.0).sum(axis=1), np.abs(slope).max(axis=1) / scale, ())


# ------------------------------------------------------------------------------------------------------------------ homotopy


def homotopy(H: Floats, q: Floats, rho: float, lam: Floats) -> Path:
    """Return the path of lasso or elastic net, 0 < rho <= 1, from H (d, d) and q (d,), over lam (k,) ascending."""
    w, df = np.zeros((len(lam), len(q))), np.zeros(len(lam))
    events: list[Event] = []
    now, floor = largest(q, rho), float(lam[0])
    left = int(np.searchsorted(lam, now, side="left"))  # members from here on are all zero
    piece, changed, barred = Piece(H, q, rho), -1, np.zeros(len(q), dtype=bool)
    for _ in range(60 * (len(q) + 1)):
        if not now > floor:
            break
        crossing = piece.next(now, floor, barred)
        then, index = crossing.lam, crossing.weight
        first = int(np.searchsorted(lam, then, side="left"))
        if first < left:
            w[first:left, piece.on], df[first:left] = piece.weights(lam[first:left]), piece.freedom(lam[first:left])
            left = first
        if index < 0:
            break
        # What enters and leaves, or leaves and enters, without lambda having moved is at its threshold to rounding: it rests until lambda has.
        moved = then < now * (1.0 - 1e-12)
        barred = np.zeros(len(q), dtype=bool) if moved else barred
        barred[index] = barred[index] or (index == changed and not moved)
        events.append(Event(index, "enters" if crossing.sign else "leaves", then))
        piece, now, changed = piece.after(crossing), then, index
    return _certified(H, q, rho, lam, w, df, tuple(events), left)


def _certified(H: Floats, q: Floats, rho: float, lam: Floats, w: Floats, df: Floats, events: tuple[Event, ...], left: int) -> Path:
    """Measure every member, and solve those again that the homotopy has not reached or has not got right to rounding."""
    scale = max(1.0, float(np.abs(q).max()))
    kkt = _residual(H, q, rho, lam, w) / scale
    again = kkt > TRUSTED
    again[:left] |= lam[:left] < largest(q, rho)
    if again.any():
        _solve_again(H, q, rho, lam, w, df, np.flatnonzero(again)[::-1])
        kkt = _residual(H, q, rho, lam, w) / scale
    return Path(lam, w, df, (w != 0.0).sum(axis=1), kkt, events)


def _solve_again(H: Floats, q: Floats, rho: float, lam: Floats, w: Floats, df: Floats, rows: Ints) -> None:
    """Solve members by the active set, in place, lambda falling."""
    problem, penalty = _problem(H, q), ElasticNet(rho)
    for row in rows.tolist():
        start = w[row + 1] if row + 1 < len(lam) else np.zeros(len(q))
        w[row] = _active_set.minimise(problem, penalty, float(lam[row]), start)
        on = np.flatnonzero(w[row])
        h = np.maximum(np.linalg.eigvalsh(H[np.ix_(on, on)]), 0.0) if on.size else np.zeros(0)
        ridge_part = 2.0 * lam[row] * (1.0 - rho)
        df[row] = float((h / (h + ridge_part)).sum()) if ridge_part > 0.0 else float((h > PIVOT).sum())


def _residual(H: Floats, q: Floats, rho: float, lam: Floats, w: Floats) -> Floats:
    """Return the largest violation of 0 in H w - q + lambda (rho d|w|_1 + 2 (1 - rho) w), (k,)."""
    slope = w @ H - q + 2.0 * (1.0 - rho) * lam[:, None] * w
    cut = rho * lam[:, None]
    worst: Floats = np.where(w == 0.0, np.maximum(np.abs(slope) - cut, 0.0), np.abs(slope + cut * np.sign(w))).max(axis=1)
    return worst


def _problem(H: Floats, q: Floats) -> Quadratic:
    values, vectors = np.linalg.eigh(H)
    steep = values > PIVOT * max(float(values[-1]), 1e-300)
    centre = vectors[:, steep] @ ((q @ vectors[:, steep]) / values[steep])
    return Quadratic(H, centre)
