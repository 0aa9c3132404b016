"""Plain descent on a quadratic, in closed form: along each eigenvector of H a step multiplies, so any number of steps is one power.

With the weight decay d in the gradient, as torch.optim.SGD has it, a step is w <- w - lr (H (w - c) + d w). In the basis of H's eigenvectors, where H
is mu_i and the ridge point is z_i* = mu_i c_i / (mu_i + d),

    z_i(t) = z_i* + (1 - lr (mu_i + d))^t (z_i(0) - z_i*),

and a direction without curvature or decay stays as it is.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from core._validate import Floats
from core.quadratic import Quadratic


class PlainDescent:
    """A family of runs of plain descent without noise; all arguments broadcast against each other.

    Parameters
    ----------
    problem:
        The loss.
    start:
        (..., 2) where the runs begin.
    lr, decay:
        (...) their rates and weight decays.
    """

    def __init__(self, problem: Quadratic, start: Floats, lr: ArrayLike, decay: ArrayLike) -> None:
        curvature, self._axes = problem.eigen
        steep = curvature + np.asarray(decay, dtype=float)[..., None]
        self._rest = np.where(steep > 0.0, problem.pull @ self._axes / np.where(steep > 0.0, steep, 1.0), start @ self._axes)
        self._away = start @ self._axes - self._rest
        self._factor = 1.0 - np.asarray(lr, dtype=float)[..., None] * steep

    def after(self, steps: ArrayLike) -> Floats:
        """Return where the runs are after ``steps`` (...), (..., 2); infinite or NaN where a run has left what floats can tell."""
        with np.errstate(over="ignore", invalid="ignore"):
            eigen = self._rest + self._factor ** np.asarray(steps)[..., None] * self._away
            there: Floats = eigen @ self._axes.T
        return there
