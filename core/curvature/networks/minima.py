"""What "Flat and sharp minima" measures around minima: spectra, what a penalty adds to them, slices, lines. All of it as plain arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core._validate import Floats
from core.curvature.networks import sharpness, slices
from core.curvature.networks.data_loss import DataLoss, data_loss, unseen_loss
from core.curvature.networks.hessian import exact
from core.curvature.networks.report import reports
from core.networks.race import plane_of_paths, random_walk_null

if TYPE_CHECKING:
    from core.training import TrainingState

Arrays = dict[str, NDArray[Any]]
CODES = 65_535
_DIRECTIONS = 32
_ROOM = 1.15  # of a window around a path


def spectra(state: TrainingState, members: Sequence[int], radius: float, epsilon: float, names: Sequence[str]) -> Arrays:
    """Return the named numbers (m, names) and the spectra (m, P); "rest" is the length of the gradient of the loss with L2."""
    found = reports(state, members, radius, epsilon)
    for member, own in zip(members, found, strict=True):
        loss, lam = data_loss(state, member), float(state.spec.values("lam")[member])
        acted = loss.layout.penalised(biases=state.spec.biases)
        slope = loss.gradients(loss.weights[None])[1][0] + 2.0 * lam * acted * loss.weights.numpy()
        own.numbers["rest"] = float(np.linalg.norm(slope))
    numbers = np.array([[each.numbers[name] for name in names] for each in found])
    return {"numbers": numbers.astype(np.float32), "spectrum": np.array([each.spectrum for each in found], dtype=np.float32)}


def shifted(state: TrainingState, member: int, lam: Sequence[float]) -> Arrays:
    """Return the spectra (k, P) of H + 2 lambda D, D the weights' places alone, and how far H + 2 lambda 1 is from a shift by 2 lambda, (k,)."""
    loss = data_loss(state, member)
    hessian, acted = exact(loss), loss.layout.penalised(biases=False).astype(np.float64)
    own, one = np.linalg.eigvalsh(hessian), np.eye(len(hessian))
    alone = np.stack([np.linalg.eigvalsh(hessian + 2.0 * each * np.diag(acted)) for each in lam])
    deviation = [float(np.abs(np.linalg.eigvalsh(hessian + 2.0 * each * one) - own - 2.0 * each).max()) for each in lam]
    return {"weights_alone": alone.astype(np.float32), "deviation": np.array(deviation)}


def after(state: TrainingState, members: Sequence[int], lam: Sequence[float]) -> Arrays:
    """Return the spectra (2, k, P) of H + 2 lambda D at each member's own place, D all places or the weights' alone; and how many weights."""
    found: list[list[Floats]] = [[], []]
    acted = np.zeros(0)
    for member, each in zip(members, lam, strict=True):
        loss = data_loss(state, member)
        hessian, acted = exact(loss), loss.layout.penalised(biases=False).astype(np.float64)
        found[0].append(np.asarray(np.linalg.eigvalsh(hessian) + 2.0 * each, dtype=np.float64))
        found[1].append(np.asarray(np.linalg.eigvalsh(hessian + 2.0 * each * np.diag(acted)), dtype=np.float64))
    return {"objective": np.array(found, dtype=np.float32), "weights": np.array([int(acted.sum())])}


def between(state: TrainingState, pair: str, starts: int, shares: int) -> Arrays:
    """Return (k, 4, shares): loss and score of both parts on the line from each of the first ``starts`` members to its partner.

    The partner is the member with the same lambda from the other start ("seed"), or the line begins at the first member ("plain").
    """
    along = np.linspace(0.0, 1.0, shares)
    weights = state.weights.detach().to("cpu").double().numpy()
    lines = []
    for member in range(starts):
        one, other = (weights[member], weights[starts + member]) if pair == "seed" else (weights[0], weights[member])
        train, unseen = slices.line(data_loss(state, member), one, other, along), slices.line(unseen_loss(state, member), one, other, along)
        lines.append([train.loss, train.score, unseen.loss, unseen.score])
    return {"lines": np.array(lines, dtype=np.float32)}


def sliced(state: TrainingState, members: Sequence[int], kind: str, side: int, seed: int) -> Arrays:
    """Return slices of the loss around members; the logarithms of the losses as whole numbers between each slice's ends.

    "random": two filter-normalised directions. "hessian": the eigenvectors of the largest and of the most negative eigenvalue. "path": the two
    principal components of the member's path, the plane laid through its end.
    """
    rows = [_slice(state, member, kind, side, seed) for member in members]
    return {name: np.stack([row[name] for row in rows]) for name in rows[0]}


def _slice(state: TrainingState, member: int, kind: str, side: int, seed: int) -> Arrays:
    loss = data_loss(state, member)
    here = loss.weights.numpy()
    hessian = exact(loss)
    points = np.zeros((0, len(here)))
    spread = explained = null = np.zeros(2)
    half = 1.0
    if kind == "random":
        basis = sharpness.filter_directions(loss, 2, seed)
        rises = sharpness.filter_rises(loss, 1.0, _DIRECTIONS, seed)
        spread = np.array([rises.mean(), rises.std(ddof=1)])
    elif kind == "hessian":
        basis = np.linalg.eigh(hessian)[1][:, [-1, 0]].T
    else:
        points = np.concatenate([state.path.points[member].astype(np.float64), here[None]])
        _, basis, explained = plane_of_paths(points[None], "pca", 0)
        null = random_walk_null(1, len(points))
        half = _ROOM * max(float(np.abs((points - here) @ basis.T).max()), 1e-6)
    flat = (points - here) @ basis.T
    away = np.linalg.norm(points - here - flat @ basis, axis=1)
    grid = np.linspace(-half, half, side)
    grid[side // 2] = 0.0
    heights = np.log(np.maximum(slices.plane(loss, basis, grid, grid), 1e-12))
    low, high = float(heights.min()), float(heights.max())
    codes = np.round((heights - low) / max(high - low, 1e-12) * CODES).astype(np.uint16)
    bend = np.einsum("ip,pq,iq->i", basis, hessian, basis)
    plain = {"low": low, "high": high, "half": half, "centre": float(loss.values(here[None])[0])}
    vectors = {"bend": bend, "path": flat, "away": away, "explained": explained, "null": null, "spread": spread}
    return {"codes": codes, **{name: np.array(value) for name, value in plain.items()}, **{k: v.astype(np.float32) for k, v in vectors.items()}}


__all__ = ["DataLoss", "after", "between", "shifted", "sliced", "spectra"]
