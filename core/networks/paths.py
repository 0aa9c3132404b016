"""Where the weights of a family have been: a bounded record that does not depend on how the epochs were cut into pieces."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from torch import Tensor

from core._validate import Floats
from core.specs.training import TrainingSpec

LENGTH = 48
"""Points of a path, at most twice as many as are kept after each thinning."""
NUMBERS = 2_000_000
"""Numbers of all paths together, at most: 8 MB."""


@dataclass(frozen=True, eq=False)
class Path:
    """Weights after some of the epochs, evenly spaced: every one, every second, every fourth ...

    Attributes
    ----------
    epochs:
        (m,) which.
    points:
        (k, m, P) float32; without members where no path is recorded.
    """

    epochs: tuple[int, ...]
    points: Floats

    @classmethod
    def begin(cls, spec: TrainingSpec, weights: Tensor) -> Path:
        """Return the record before the first epoch."""
        if not spec.race:
            return cls((), np.zeros((0, 0, 0), dtype=np.float32))
        return cls((0,), _single(weights)[:, None])

    def extended(self, epoch: int, weights: Tensor) -> Path:
        """Return the record with one more epoch in it, where that epoch is a multiple of the spacing."""
        if not self.epochs:
            return self
        length = max(8, min(LENGTH, NUMBERS // max(1, weights.numel())))
        spacing = 1
        while epoch > length * spacing:
            spacing *= 2
        kept = [i for i, each in enumerate(self.epochs) if each % spacing == 0]
        epochs, points = tuple(self.epochs[i] for i in kept), self.points if len(kept) == len(self.epochs) else self.points[:, kept]
        if epoch % spacing:
            return Path(epochs, points)
        return Path((*epochs, epoch), np.concatenate([points, _single(weights)[:, None]], axis=1))


def _single(weights: Tensor) -> Floats:
    array: Floats = weights.detach().cpu().float().numpy()
    return array
