"""How smooth the loss is along the step that training takes: Santurkar et al. (2018), and the same with steps that fit the weights' own scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from core._validate import Floats
from core.batch_norm.common import NORMED, PLAIN, Networks, grid
from core.studies.seeds import Spread, spread
from core.studies.study import Measure, Outcome, Part

if TYPE_CHECKING:
    from core.training import TrainingState

RATES = tuple(float(f"{step:.3g}") for step in np.geomspace(0.25, 8.0, 16))
"""Steps along the gradient, as multiples of the learning rate."""
SHARES = tuple(float(f"{share:.3g}") for share in np.geomspace(0.003, 0.3, 16))
"""Steps as shares of the norm of all weights: scale-matched."""
EPOCHS = (0, 1, 2, 4, 7, 12, 20, 30, 50, 100)
STEPS = ("rate", "weights")
JUDGES = ("loss", "gradient", "smoothness")


@dataclass(frozen=True)
class SmoothnessResult:
    """The loss along the gradient's direction, at several epochs.

    Attributes
    ----------
    study:
        Its settings.
    epochs:
        (e,)
    steps:
        "rate" or "weights" -> (T,) multiples of the learning rate, or shares of the norm of all weights.
    loss0, slope, norm:
        (e, s, 2) loss, norm of the gradient and norm of the weights where the step begins.
    loss, change:
        "rate" or "weights" -> (e, s, 2, T) loss after the step, and the norm of g(w - t g) - g(w).
    """

    study: Smoothness
    epochs: Floats
    steps: dict[str, Floats]
    loss0: Floats
    slope: Floats
    norm: Floats
    loss: dict[str, Floats]
    change: dict[str, Floats]

    def judged(self, judge: str, steps: str) -> Floats:
        """Return (e, s, 2) one number a network and epoch.

        "loss" is the range of the loss over the steps; "gradient" the largest |g(w - t g) - g(w)|, in units of the gradient itself where steps are
        scale-matched; "smoothness" the largest |g(w - t g) - g(w)| / |t g|, the effective beta, times |w|^2 where steps are scale-matched: both are
        then the same for c w as for w, if the network is.
        """
        change = self.change[steps]
        if judge == "loss":
            every = np.concatenate([self.loss0[..., None], self.loss[steps]], axis=-1)
            return _floats(every.max(axis=-1) - every.min(axis=-1))
        slope = np.maximum(self.slope[..., None], 1e-30)
        if judge == "gradient":
            return _floats((change / slope if steps == "weights" else change).max(axis=-1))
        if steps == "rate":
            return _floats((change / (self.study.rate * self.steps["rate"] * slope)).max(axis=-1))
        # |t g| = share |w|, so that change / |t g| |w|^2 = change |w| / share.
        return _floats((change * self.norm[..., None] / self.steps["weights"]).max(axis=-1))

    def ratio(self, judge: str, steps: str) -> tuple[Spread, ...]:
        """Return, for each epoch, the logarithm to base 10 of the number with batch normalisation over that without, by seed."""
        judged = np.maximum(self.judged(judge, steps), 1e-30)
        return tuple(spread(np.log10(each[:, NORMED] / each[:, PLAIN])) for each in judged)

    def matched(self, judge: str, steps: str) -> Spread:
        """Return the same logarithm at equal training loss, by seed: half way, on a logarithmic scale, between the ends that both have passed.

        Between the epochs looked at, the number's logarithm is taken to be straight in that of the lowest loss so far; a pair whose losses have no
        range in common is left out.
        """
        numbers = np.log10(np.maximum(self.judged(judge, steps), 1e-30))
        losses = np.log10(np.maximum(np.fmin.accumulate(self.loss0, axis=0), 1e-30))
        low, high = losses[-1].max(axis=1), losses[0].min(axis=1)
        found = np.full(losses.shape[1], np.nan)
        for seed in np.flatnonzero(low < high):
            half = 0.5 * (low[seed] + high[seed])
            plain, normed = (_at(half, losses[:, seed, which], numbers[:, seed, which]) for which in (PLAIN, NORMED))
            found[seed] = normed - plain
        return spread(found)


def _at(level: float, losses: Floats, numbers: Floats) -> float:
    """Return the number where falling losses (e,) pass a level; epochs that found no lower loss are passed over."""
    lower = np.concatenate([[True], np.diff(losses) < 0.0])
    return float(np.interp(level, losses[lower][::-1], numbers[lower][::-1]))


@dataclass(frozen=True)
class Smoothness(Networks):
    """Loss and gradient along the step direction during training, with and without batch normalisation."""

    key: ClassVar[str] = "bn_smoothness"
    rate: float = 0.1

    @property
    def looked(self) -> tuple[int, ...]:
        """The epochs at which networks are looked at, the last one among them."""
        return tuple(sorted({epoch for epoch in EPOCHS if epoch < self.epochs} | {self.epochs}))

    def parts(self) -> tuple[Part, ...]:
        """Return one family: seed x with or without."""
        measures = tuple(Measure("line", epoch, seconds=0.3) for epoch in self.looked)
        return (Part(self.family(lr=self.rate, **grid(seed=range(self.seeds), batch_norm=(False, True))), measures, every=1),)

    def measure(self, measure: Measure, state: TrainingState) -> dict[str, NDArray[Any]]:
        """Return loss and gradient along the gradient of the loss of all training points, with their own statistics."""
        import torch

        from core.networks import norms
        from core.networks.family import family_of

        family = family_of(state.spec, state.data)
        at = norms.gradient_of(family.passes, family, state.weights)
        slope, norm = at.gradient.square().sum(1).sqrt(), norms.weight_norm(family, state.weights)
        by_rate = (self.rate * torch.tensor(RATES, dtype=family.dtype, device=slope.device)).expand(len(slope), -1)
        by_share = torch.tensor(SHARES, dtype=family.dtype, device=slope.device) * (norm / slope.clamp(min=1e-30))[:, None]
        found = {"loss0": at.loss, "slope": slope, "norm": norm}
        for name, strides in (("rate", by_rate), ("weights", by_share)):
            line = norms.along_gradient(family, state.weights, strides, at)
            found |= {f"{name}_loss": line.loss, f"{name}_change": line.change}
        return {name: values.to("cpu", torch.float32).numpy() for name, values in found.items()}

    def conclude(self, outcomes: tuple[Outcome, ...]) -> SmoothnessResult:
        """Return the lines."""
        (found,) = outcomes

        def stacked(name: str) -> Floats:
            rows = [np.asarray(found.measured(i)[name], dtype=float) for i in range(len(self.looked))]
            return np.stack([row.reshape(self.seeds, 2, *row.shape[1:]) for row in rows])

        loss, change = ({name: stacked(f"{name}_{what}") for name in STEPS} for what in ("loss", "change"))
        steps = {"rate": np.array(RATES), "weights": np.array(SHARES)}
        return SmoothnessResult(self, np.array(self.looked, dtype=float), steps, stacked("loss0"), stacked("slope"), stacked("norm"), loss, change)

    @classmethod
    def shipped(cls) -> tuple[Self, ...]:
        """Return the page's first settings and those of the handwritten digits, where the answer is another one."""
        return (cls(), cls(data="digits", seeds=4))

    def table(self, result: SmoothnessResult) -> list[str]:
        """Return the result in lines."""
        lines = []
        for steps in STEPS:
            for judge in JUDGES:
                ratios = [10.0**each.median for each in result.ratio(judge, steps)]
                lines.append(f"{judge} by {steps}, with over without: " + " ".join(f"{value:.2g}" for value in ratios))
        return lines


def _floats(values: Any) -> Floats:  # noqa: ANN401 - NumPy's own reductions are of any type
    return np.asarray(values, dtype=np.float64)
