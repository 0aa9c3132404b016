"""Slices of the loss around a network: over a plane, or along the line between two networks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from core._validate import Floats
from core.curvature.networks.data_loss import DataLoss


@dataclass(frozen=True)
class Line:
    """The way between two networks.

    Attributes
    ----------
    shares:
        (n,) of the way, 0 at the first.
    loss, score:
        (n,) training loss, and accuracy or R^2, there.
    barrier:
        By how much the loss rises at most above the straight line between its values at the two ends.
    """

    shares: Floats
    loss: Floats
    score: Floats
    barrier: float


def plane(loss: DataLoss, basis: Floats, x: Floats, y: Floats, origin: Floats | None = None) -> Floats:
    """Return the loss (ny, nx) at origin + x_i basis_1 + y_j basis_2.

    At (0, 0) it is the loss at the origin to the last bit, wherever the grid has that point.

    Parameters
    ----------
    loss:
        Around the weights.
    basis:
        (2, P) the plane's directions, of any length.
    x, y:
        (nx,), (ny,) coordinates.
    origin:
        (P,) where the plane passes; the weights by default.
    """
    centre = loss.weights if origin is None else torch.from_numpy(np.asarray(origin, dtype=np.float64))
    first, second = torch.from_numpy(np.ascontiguousarray(basis, dtype=np.float64))
    across = torch.from_numpy(np.asarray(x, dtype=np.float64))[:, None] * first
    rows = [loss.values(torch.add(centre + up * second, across)) for up in np.asarray(y, dtype=np.float64).tolist()]
    heights: Floats = np.stack(rows)
    # A product of many matrices at once may round otherwise than one alone: the point that everyone compares is computed as everyone else does.
    heights[np.ix_(np.asarray(y) == 0.0, np.asarray(x) == 0.0)] = loss.values(centre[None])[0]
    return heights


def line(loss: DataLoss, start: Floats, end: Floats, shares: Floats) -> Line:
    """Return loss and score along the straight line from one network to another, (P,) each."""
    share = np.asarray(shares, dtype=np.float64)[:, None]
    heights, scores = loss.scores((1.0 - share) * start + share * end)
    chord = (1.0 - share[:, 0]) * heights[0] + share[:, 0] * heights[-1]
    return Line(share[:, 0], heights, scores, float(max((heights - chord).max(), 0.0)))
