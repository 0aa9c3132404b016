"""Networks scaled so that their function stays: what that does to their curvature."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.curvature.networks import sharpness
from core.curvature.networks.data_loss import data_loss
from core.curvature.networks.hessian import exact
from core.curvature.networks.report import report

if TYPE_CHECKING:
    from core.networks.layout import Layout
    from core.training import TrainingState

Arrays = dict[str, NDArray[Any]]


def of_relu(state: TrainingState, factors: Sequence[float], radius: float, epsilon: float, names: Sequence[str], points: int, seed: int) -> Arrays:
    """Return numbers (m, names) of the network with its first layer times each factor and its second over it, and its loss along two directions.

    One is filter-normalised as the network was trained, and stays; the other is the same draw, normalised anew at each factor.
    """
    loss = data_loss(state, 0)
    weights = loss.weights.numpy()
    fixed = sharpness.filter_directions(loss, 1, seed)
    along = np.linspace(-1.0, 1.0, points)[:, None]
    numbers, raw, normalised = [], [], []
    for factor in factors:
        scaled = sharpness.rescaled(loss.layout, weights, 0, factor)
        there = loss.at(scaled)
        found = report(there, radius, epsilon).numbers | {"differs": sharpness.differing(loss, weights, scaled)}
        numbers.append([found[name] for name in names])
        raw.append(loss.values(scaled + along * fixed))
        normalised.append(loss.values(scaled + along * sharpness.filter_directions(there, 1, seed)))
    return {"numbers": np.array(numbers), "raw": np.array(raw, dtype=np.float32), "normalised": np.array(normalised, dtype=np.float32)}


def of_norm(state: TrainingState, factors: Sequence[float], names: Sequence[str]) -> Arrays:
    """Return numbers (m, names) of a network with batch normalisation, all weights before a norm times each factor."""
    loss = data_loss(state, 0)
    weights, before = loss.weights.numpy(), normed_weights(loss.layout)
    own = exact(loss)[np.ix_(before, before)]
    numbers = []
    for factor in factors:
        scaled = weights.copy()
        scaled[before] *= factor
        there = loss.at(scaled)
        hessian = exact(there)
        block = hessian[np.ix_(before, before)]
        height, slope = there.gradients(scaled[None])
        mean, top = sharpness.filter_curvature(hessian, sharpness.filter_scales(there))
        found = {
            "top": float(np.linalg.eigvalsh(hessian)[-1]),
            "filter": mean,
            "filter_top": top,
            "block": float(np.linalg.eigvalsh(block)[-1]),
            "deviation": float(np.abs(factor**2 * block - own).max() / max(float(np.abs(own).max()), 1e-300)),
            "pull": float(scaled[before] @ slope[0][before]),
            "norm": float(np.linalg.norm(scaled[before])),
            "loss": float(height[0]),
            "differs": sharpness.differing(loss, weights, scaled),
        }
        numbers.append([found[name] for name in names])
    return {"numbers": np.array(numbers)}


def normed_weights(layout: Layout) -> NDArray[np.int64]:
    """Return the places of all weights that stand before a batch normalisation, their biases too."""
    parts = [np.arange(weights.start, biases.stop) for weights, biases in layout.places[:-1]]
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)
