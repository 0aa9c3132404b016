"""Weight decay and batch normalisation: the norm of the weights, the effective rate, how far weights turn, and what becomes of the sharpness."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from core._validate import Floats
from core.batch_norm.common import Networks, curve, grid, last
from core.studies.seeds import Spread, spread
from core.studies.study import Measure, Outcome, Part

if TYPE_CHECKING:
    from core.training import TrainingState

LAMBDAS = (0.0, 1e-4, 3e-4, 1e-3, 2e-3, 4e-3, 8e-3)
"""weight_decay is twice that."""
EPOCHS = (0, 2, 5, 10, 15, 20, 25, 30, 40, 50, 60, 80, 100, 150)


@dataclass(frozen=True)
class DecayResult:
    """What weight decay did.

    Attributes
    ----------
    study:
        Its settings.
    lam, epochs:
        (m,) and (e,) epochs at which the weights were looked at.
    norm, angle, away:
        (e, m, s, 2) root mean square norm of a hidden unit's weights, of the angle by which a step turns them, and by which the epoch does.
    sharpness:
        (m, s, 2) largest eigenvalue of the data loss' Hessian at the end.
    train, val:
        (m, s, 2) losses at the end.
    residual:
        The largest |H v - mu v| of all the eigenpairs behind ``sharpness``, over the largest |mu| of their spectrum.
    """

    study: WeightDecay
    lam: Floats
    epochs: Floats
    norm: Floats
    angle: Floats
    away: Floats
    sharpness: Floats
    train: Floats
    val: Floats
    residual: float = 0.0

    @property
    def power(self) -> int:
        """The power of the norm that the rate is divided by."""
        return 1 if self.study.rule == "adam" else 2

    @property
    def effective(self) -> Floats:
        """(e, m, s, 2) the rate of the same network with weights of length 1, if only their direction counts: rate / norm^2, under Adam rate / norm.

        A gradient shrinks as 1 / norm, and so does the angle that a step of some length makes; a step of Adam knows no size of the gradient.
        """
        found: Floats = self.study.rate / np.maximum(self.norm, 1e-30) ** self.power
        return found

    @property
    def balance(self) -> Floats:
        """(m,) sqrt(2 rate weight_decay): the turning at which decay and gradient of a weight that only its direction counts of cancel under SGD.

        A step of length a, at right angles to a weight of length r, makes its square grow by a^2; decay takes 2 rate weight_decay r^2. They cancel
        where a / r is this; van Laarhoven (2017), L2 regularization versus batch and weight normalization.
        """
        found: Floats = np.sqrt(2.0 * self.study.rate * 2.0 * self.lam)
        return found

    def raised(self, which: int) -> Spread:
        """Return the logarithm to base 10 of the sharpness at the largest lambda over that at 0, by seed, without (0) or with (1)."""
        ends = np.maximum(self.sharpness[[0, -1], :, which], 1e-30)
        return spread(np.log10(ends[1] / ends[0]))


@dataclass(frozen=True)
class WeightDecay(Networks):
    """Weight decay on networks with batch normalisation and without."""

    key: ClassVar[str] = "bn_weight_decay"
    layers: int = 3
    width: int = 12
    rate: float = 0.1
    epochs: int = 60
    seeds: int = 5

    @property
    def looked(self) -> tuple[int, ...]:
        """The epochs whose turning is looked at, before each of them."""
        return tuple(sorted({epoch for epoch in EPOCHS if epoch < self.epochs} | {self.epochs}))

    def parts(self) -> tuple[Part, ...]:
        """Return one family: lambda x seed x with or without; the penalty acts on the weights alone, in the gradient."""
        axes = grid(lam=LAMBDAS, seed=range(self.seeds), batch_norm=(False, True))
        k = len(LAMBDAS) * self.seeds * 2
        turned = [Measure("turning", epoch, seconds=0.05) for epoch in self.looked]
        # The Hessian's largest eigenvalue of the first and the last lambda: what the claim is about.
        lines = np.arange(k).reshape(len(LAMBDAS), -1)
        tops = [
            Measure("sharpness", self.epochs, members=tuple(int(i) for i in lines[row, at : at + 2]), seconds=0.1)
            for row in range(len(LAMBDAS))
            for at in range(0, lines.shape[1], 2)
        ]
        return (Part(self.family(lr=self.rate, **axes), (*turned, *tops), every=self.epochs),)

    def measure(self, measure: Measure, state: TrainingState) -> dict[str, NDArray[Any]]:
        """Return norms and angles (k,), or the largest eigenvalues and residuals (members,) of the data loss' Hessian."""
        if measure.what == "sharpness":
            from core.curvature.networks import extreme_eigenvalues

            found = [extreme_eigenvalues(state, member, 1) for member in measure.members]
            return {"top": np.array([values[-1] for values, _ in found]), "residual": np.array([residuals[-1] for _, residuals in found])}
        from core.networks import norms
        from core.networks.family import family_of

        turned = norms.turning(family_of(state.spec, state.data), state)
        return {name: values.float().cpu().numpy() for name, values in turned._asdict().items()}

    def conclude(self, outcomes: tuple[Outcome, ...]) -> DecayResult:
        """Return what weight decay did."""
        (found,) = outcomes
        shape, count = (len(LAMBDAS), self.seeds, 2), len(self.looked)
        norm, angle, away = (
            np.stack([np.asarray(found.measured(i)[name], dtype=float).reshape(shape) for i in range(count)]) for name in ("norm", "angle", "away")
        )
        tops = [np.asarray(found.measured(i)["top"], dtype=float) for i in range(count, len(found.measures))]
        train, val = (last(curve(found, name, *shape)) for name in ("train_loss", "val_loss"))
        residual = max(float(np.max(found.measured(i)["residual"])) for i in range(count, len(found.measures)))
        sharp = np.concatenate(tops).reshape(shape)
        return DecayResult(self, np.array(LAMBDAS), np.array(self.looked, dtype=float), norm, angle, away, sharp, train, val, residual)

    def table(self, result: DecayResult) -> list[str]:
        """Return the result in lines."""
        lines = []
        for which, name in enumerate(("without", "with")):
            ends = np.median(result.sharpness[[0, -1], :, which], axis=1)
            norms = np.median(result.norm[-1][[0, -1], :, which], axis=1)
            raised = result.raised(which)
            lines.append(
                f"{name}: lambda 0 -> {LAMBDAS[-1]:g}: norm {norms[0]:.3g} -> {norms[1]:.3g}, sharpness {ends[0]:.3g} -> {ends[1]:.3g}, "
                f"log10 {raised.mean:.3g} +- {raised.error:.2g}, up in {raised.above} of {raised.of}"
            )
        return lines
