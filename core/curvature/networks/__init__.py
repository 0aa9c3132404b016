"""Curvature of networks, of the data loss on the training rows: Hessians, the ends of spectra, sharpness, slices. This package imports torch.

In double precision, without dropout and penalty; batch normalisation takes the statistics of all training rows, so that the loss is a function of the
weights alone. Running statistics would be another function, one that training does not descend.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core._validate import Floats
from core.curvature.networks.data_loss import DataLoss, data_loss, unseen_loss
from core.curvature.networks.extremes import End, extremes, negatives, trace
from core.curvature.networks.hessian import exact

if TYPE_CHECKING:
    from core.training import TrainingState


def network_hessian(state: TrainingState, member: int) -> Floats:
    """Return the exact Hessian (P, P) of one member's data loss, laid out as `core.networks.layout` says.

    Raises
    ------
    InvalidInput
        Where there is no such member.
    """
    return exact(data_loss(state, member))


def extreme_eigenvalues(state: TrainingState, member: int, count: int, which: End = "LA") -> tuple[Floats, Floats]:
    """Return the ``count`` largest eigenvalues of one member's data loss, or with which="SA" the smallest, and their residuals.

    Parameters
    ----------
    state, member:
        A family in training, and which of it.
    count:
        How many.
    which:
        "LA", the largest, or "SA", the smallest: algebraically, so that these are the most negative ones.

    Returns
    -------
    tuple
        (count,) eigenvalues, ascending, and (count,) residuals |H v - mu v| over the largest |mu| seen.

    Raises
    ------
    InvalidInput
        Where there is no such member, or no such count.
    """
    values, _, residuals = extremes(data_loss(state, member), count, which)
    return values, residuals


__all__ = ["DataLoss", "data_loss", "exact", "extreme_eigenvalues", "extremes", "negatives", "network_hessian", "trace", "unseen_loss"]
