"""The paths of a family over one plane of its own loss surface, and how far from the truth that plane is.

A path of hundreds of weights drawn in two dimensions has left the drawing: each frame therefore says how far every path is from the plane, what the
loss is at its end beside the plane's at the same place, and how much of its variance a random walk would have put into two components by itself.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from core._validate import Floats
from core.networks.updates import penalty_of

if TYPE_CHECKING:
    from core.networks.family import Family
    from core.training import TrainingState

FINEST, COARSEST = 31, 17
WORK = 4e8
"""Multiply-adds that the loss on one plane may cost; the grid is made coarser before it costs more."""
ROWS = 1000
"""Training points that the loss on the plane is a mean over, at most."""
LEVELS = 14


def race_frame(family: Family, state: TrainingState) -> dict[str, Any]:
    """Return name -> array of the race as it stands.

    paths
        (k, m, 2) each member's way in the plane, its last point where it is now.
    plane, plane_x, plane_y, levels
        The objective L + lambda R (of the first member's lambda) on the plane: (n, n), (n,), (n,); heights of contours.
    window
        (4,) what is looked at: x0, x1, y0, y1, as wide as it is high.
    path_0, head_0, off_0, ...
        The same a member: (m, 2) its way, (2,) its last point, (m, 2) its epochs and distances from the plane.
    off_plane, off_now, off_range
        (k, m) distance of each point from the plane; (k,) the last; the window of their chart. travelled (k,): the distance from the start.
    true_loss, plane_loss
        (k,) the objective at the last point, and at its foot on the plane.
    explained, null
        (2,) shares of the paths' variance along the two axes, and what random walks of the same shape give; (1,) each as explained_1, null_1, ...
    """
    now = state.weights.detach().cpu().double().numpy()
    points = state.path.points.astype(np.float64)
    if state.path.epochs[-1] != state.epoch:
        points = np.concatenate([points, now[:, None]], axis=1)
    points[:, -1] = now
    epochs = np.array([*(epoch for epoch in state.path.epochs if epoch != state.epoch), state.epoch], dtype=np.float64)
    origin, basis, explained = plane_of_paths(points, state.spec.race, state.spec.data_seed, state.spec.pair)
    flat = (points - origin) @ basis.T
    feet = origin + flat @ basis
    window = _window(flat)
    x = np.linspace(window[0], window[1], _resolution(family))
    y = np.linspace(window[2], window[3], len(x))
    grid = origin + np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2) @ basis
    surface = objective(family, grid).reshape(len(y), len(x))
    ends = objective(family, np.concatenate([now, feet[:, -1]]))
    k, spec_epochs = len(now), state.spec.epochs
    away = np.linalg.norm(points - feet, axis=2)
    null = random_walk_null(*points.shape[:2])
    bounded = np.minimum(surface, 1e6)
    return {
        "paths": flat.astype(np.float32),
        **{f"path_{i}": flat[i].astype(np.float32) for i in range(k)},
        **{f"head_{i}": flat[i, -1].astype(np.float32) for i in range(k)},
        **{f"off_{i}": np.stack([epochs, away[i]], axis=1).astype(np.float32) for i in range(k)},
        "plane": bounded.astype(np.float32),
        "plane_x": x.astype(np.float32),
        "plane_y": y.astype(np.float32),
        "floor": np.array([bounded.min()], dtype=np.float32),
        "levels": _levels(bounded).astype(np.float32),
        "window": np.array(window, dtype=np.float32),
        "off_plane": away.astype(np.float32),
        "off_now": away[:, -1].astype(np.float32),
        "off_range": np.array([0.0, 1.25 * spec_epochs, 0.0, _step_up(1.1 * float(away.max()))], dtype=np.float32),
        "travelled": np.linalg.norm(points[:, -1] - points[:, 0], axis=1).astype(np.float32),
        "true_loss": ends[:k].astype(np.float32),
        "plane_loss": ends[k:].astype(np.float32),
        "explained": explained.astype(np.float32),
        **{f"explained_{i + 1}": explained[i : i + 1].astype(np.float32) for i in (0, 1)},
        "null": null.astype(np.float32),
        **{f"null_{i + 1}": null[i : i + 1].astype(np.float32) for i in (0, 1)},
    }


def plane_of_paths(points: Floats, how: str, seed: int, pair: tuple[int, int] = (0, 1)) -> tuple[Floats, Floats, Floats]:
    """Return origin (P,), orthonormal basis (2, P) and the share of the variance along each, for paths (k, m, P).

    Parameters
    ----------
    points:
        The paths.
    how:
        "pca": the two principal components about the mean of all points, found from their Gram matrix, since there are fewer points than weights.
        "random": two random directions through the start of the first path. "pair": through that start and the ends of two paths.
    seed, pair:
        Of the random directions; the two paths.
    """
    rows = points.reshape(-1, points.shape[-1])
    if how == "random":
        origin = points[0, 0]
        raw = np.random.Generator(np.random.PCG64(np.random.SeedSequence((seed, 3)))).standard_normal((2, rows.shape[1]))
        basis = np.linalg.qr(raw.T)[0].T
        away = rows - origin
    elif how == "pair":
        origin = points[0, 0]
        basis = np.zeros((2, rows.shape[1]))
        for i, member in enumerate(pair):
            towards = points[member, -1] - origin
            towards = towards - (towards @ basis[0]) * basis[0]
            size = np.linalg.norm(towards)
            basis[i] = towards / size if size > 1e-9 else 0.0
        basis = _completed(basis, seed)
        away = rows - origin
    else:
        origin = rows.mean(axis=0)
        away = rows - origin
        values, vectors = np.linalg.eigh(away @ away.T)
        basis = np.zeros((2, rows.shape[1]))
        for i in (0, 1):
            if len(values) > i and values[-1 - i] > 1e-12 * max(values[-1], 1e-300):
                basis[i] = vectors[:, -1 - i] @ away / np.sqrt(values[-1 - i])
        basis = _completed(basis, seed)
        # The sense of an axis is a choice: all paths together run to the right, and the first member's beyond the last member's upwards.
        ends = points[:, -1] - points[:, 0]
        for i, towards in enumerate((ends.sum(axis=0), ends[0] - ends[-1])):
            if basis[i] @ towards < 0.0:
                basis[i] *= -1.0
    total = float((away**2).sum())
    explained: Floats = ((away @ basis.T) ** 2).sum(axis=0) / (total if total > 0.0 else 1.0)
    return origin, basis, explained


def objective(family: Family, rows: Floats) -> Floats:
    """Return L + lambda R (n,) of networks (n, P), on the training points; batch normalisation takes the statistics of these points.

    The dropout-free loss, and the first member's lambda: a race is between rules that minimise the same.
    """
    spec, points = family.spec, family.points
    weights = torch.tensor(rows, dtype=family.dtype, device=family.device)
    inputs, targets = points.train[:1, :ROWS], points.train_targets[:ROWS]
    outputs = _all_outputs(family, weights, inputs)
    loss = family.loss.value(outputs, targets)
    lam, penalty = spec.values("lam")[0], penalty_of(spec)
    if lam > 0.0:
        acted = weights[:, torch.from_numpy(family.layout.penalised(spec.biases)).to(family.device)]
        loss = loss + lam * (penalty.l1 * acted.abs().sum(1) + penalty.l2 * acted.square().sum(1))
    found: Floats = torch.nan_to_num(loss, nan=1e6, posinf=1e6).to("cpu", torch.float64).numpy()
    return found


@lru_cache(maxsize=256)
def random_walk_null(members: int, length: int) -> Floats:
    """Return the shares (2,) of the variance that the first two components of random walks from one start explain, in many dimensions.

    About the mean of all their points, as `plane_of_paths` counts. There the Gram matrix of a walk is C = min(s, t), and walks are orthogonal to
    each other: the contrasts between the walks carry C's eigenvalues, members - 1 times each, and their mean those of C centred. One long walk
    gives 61 % and 15 %; Antognini and Sohl-Dickstein (2018), PCA of high dimensional random walks with comparison to neural network training.
    """
    if length < 3:
        return np.zeros(2)
    steps = np.arange(length, dtype=np.float64)
    gram = np.minimum.outer(steps, steps)
    centred = gram - gram.mean(axis=0) - gram.mean(axis=1)[:, None] + gram.mean()
    values = np.concatenate([np.linalg.eigvalsh(centred)[-2:], np.repeat(np.linalg.eigvalsh(gram)[-2:], members - 1)])
    found: Floats = np.sort(values)[:-3:-1] / ((members - 1) * np.trace(gram) + np.trace(centred))
    return found


def _all_outputs(family: Family, weights: Tensor, inputs: Tensor) -> Tensor:
    """Return outputs of networks that are all built as the family's first member, statistics taken from the batch."""
    first = family.passes.normalised
    switches = None if first is None else first[:1].expand(len(weights), 1, 1)
    step = max(1, 1_000_000 // max(1, inputs.shape[1] * max(family.layout.sizes)))
    parts = []
    for i in range(0, len(weights), step):
        some = None if switches is None else switches[i : i + step]
        parts.append(family.passes.of(some).forward(weights[i : i + step], inputs).outputs)
    return torch.cat(parts)


def _completed(basis: Floats, seed: int) -> Floats:
    """Return an orthonormal basis even where the points span no plane yet, as at the start."""
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence((seed, 4))))
    for i in (0, 1):
        if not basis[i].any():
            new = rng.standard_normal(basis.shape[1])
            other = basis[1 - i]
            new -= (new @ other) * other
            basis[i] = new / np.linalg.norm(new)
    return basis


def _window(flat: Floats) -> tuple[float, float, float, float]:
    """Return a square around all points that grows by steps, so that the view stands still most of the time."""
    low, high = flat.reshape(-1, 2).min(axis=0), flat.reshape(-1, 2).max(axis=0)
    half = _step_up(max(0.62 * float((high - low).max()), 0.05))
    middle = np.round((low + high) / 2.0 / (0.25 * half)) * (0.25 * half)
    return float(middle[0] - half), float(middle[0] + half), float(middle[1] - half), float(middle[1] + half)


def _step_up(value: float) -> float:
    """Return the next power of 1.25: what grows little by little changes its window rarely."""
    return float(1.25 ** np.ceil(np.log(max(value, 1e-3)) / np.log(1.25)))


def _resolution(family: Family) -> int:
    one = min(ROWS, family.points.train.shape[1]) * family.layout.total
    return int(np.clip(np.sqrt(WORK / one), COARSEST, FINEST))


def _levels(surface: Floats) -> Floats:
    """Return heights above the floor, closer together near it."""
    floor, top = surface.min(), np.quantile(surface, 0.98)
    span = max(float(top - floor), 1e-9)
    found: Floats = span * (np.arange(1, LEVELS + 1) / LEVELS) ** 2
    return found
