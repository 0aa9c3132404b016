"""All that is told of a network's sharpness at once, since the Hessian and its eigenvectors serve every measure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core._validate import Floats
from core.curvature.networks import sharpness
from core.curvature.networks.data_loss import data_loss
from core.curvature.networks.extremes import negatives
from core.curvature.networks.hessian import exact
from core.networks.family import family_of

if TYPE_CHECKING:
    from core.curvature.networks.data_loss import DataLoss
    from core.training import TrainingState


@dataclass(frozen=True)
class Report:
    """What is measured of one network.

    Attributes
    ----------
    numbers:
        top, bottom: the ends of the spectrum; top_residual, bottom_residual: of their eigenpairs, over the largest eigenvalue; trace; negative: how
        many eigenvalues are negative beyond rounding; sam, keskar: rises of the loss, Keskar's in per cent as published; filter, filter_top: mean
        curvature along filter-normalised directions, and the largest eigenvalue in units of the filters; norm: Euclidean, of all weights; slope: of
        the gradient; train, val: the network's losses as it would be used.
    spectrum:
        (P,) all eigenvalues, ascending.
    """

    numbers: dict[str, float]
    spectrum: Floats


def reports(state: TrainingState, members: Sequence[int], radius: float, epsilon: float) -> list[Report]:
    """Return what is measured of some members, with SAM's radius and half the width of Keskar's box."""
    losses = family_of(state.spec, state.data).evaluate(state)
    found = []
    for member in members:
        own = report(data_loss(state, member), radius, epsilon)
        own.numbers.update(train=float(losses["train_loss"][member]), val=float(losses["val_loss"][member]))
        found.append(own)
    return found


def report(loss: DataLoss, radius: float, epsilon: float) -> Report:
    """Return what is measured of one network, without what it is like on unseen points."""
    hessian = exact(loss)
    values, vectors = np.linalg.eigh(hessian)
    size = max(float(np.abs(values).max()), 1e-300)
    ends = np.array([0, -1])
    residuals = np.linalg.norm(hessian @ vectors[:, ends] - values[ends] * vectors[:, ends], axis=0) / size
    leading = vectors[:, -1:].T
    here, slope = loss.gradients(loss.weights[None])
    mean, top = sharpness.filter_curvature(hessian, sharpness.filter_scales(loss))
    box = sharpness.keskar(loss, epsilon, leading)
    numbers = {
        "top": float(values[-1]),
        "bottom": float(values[0]),
        "top_residual": float(residuals[1]),
        "bottom_residual": float(residuals[0]),
        "trace": float(values.sum()),
        "negative": float(negatives(values)),
        "sam": sharpness.sam(loss, radius, leading).most,
        "keskar": sharpness.keskar_percent(box.most, float(here[0])),
        "filter": mean,
        "filter_top": top,
        "norm": float(np.linalg.norm(loss.weights.numpy())),
        "slope": float(np.linalg.norm(slope)),
        "loss": float(here[0]),
    }
    return Report(numbers, values)
