"""What batch normalisation does to one unit of a trained network, batch by batch; and how noisy a batch's statistics are. In NumPy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from core._validate import Floats
from core.batch_norm.common import Networks
from core.errors import InvalidInput
from core.studies.study import Measure, Outcome, Part

if TYPE_CHECKING:
    from core.training import TrainingState

EPS, MOMENTUM = 1e-5, 0.1
SIZES = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128)
"""Batch sizes of the unit's family, as far as there are points."""
BATCHES = 25
"""Batches that follow each other; the running statistics begin before the first."""
DRAWN = 1500
"""Batches that the measured variances of the statistics are of: each is then right to 4 %."""


@dataclass(frozen=True)
class UnitResult:
    """What two hidden layers' norms are given, in a trained network.

    Attributes
    ----------
    study:
        Its settings.
    sums:
        (2, u, n) what the norm of each unit of the first and of the last hidden layer is given for each training point.
    scale, shift, mean, variance:
        (2, u) gamma and beta, and the running statistics after training.
    """

    study: Unit
    sums: Floats
    scale: Floats
    shift: Floats
    mean: Floats
    variance: Floats


@dataclass(frozen=True)
class Unit(Networks):
    """One network with batch normalisation, trained, and what its units are given."""

    key: ClassVar[str] = "bn_unit"
    rate: float = 0.1
    units: int = 4

    def parts(self) -> tuple[Part, ...]:
        """Return one network."""
        return (Part(self.family(lr=self.rate, batch_norm=True), (Measure("sums", self.epochs, seconds=0.1),), every=self.epochs),)

    def measure(self, measure: Measure, state: TrainingState) -> dict[str, NDArray[Any]]:
        """Return what the norms are given on the training points, from statistics of all of them."""
        from core.networks.family import family_of

        family = family_of(state.spec, state.data)
        tape = family.passes.forward(state.weights, family.points.train)
        starts = np.cumsum([0, *family.layout.hidden])
        found: dict[str, list[Any]] = {name: [] for name in ("sums", "scale", "shift", "mean", "variance")}
        scales = family.layout.scales(state.weights)
        for layer in (0, len(family.layout.hidden) - 1):
            norm = tape.norms[layer]
            assert norm is not None
            given = (norm.normal / norm.inverse + norm.mean)[0].T
            # The units whose sums vary most among the first: a dead one shows nothing.
            chosen = np.argsort(-given.var(1, correction=0).cpu().numpy(), kind="stable")[: self.units]
            place = starts[layer] + chosen
            found["sums"].append(given.cpu().numpy()[chosen])
            for name, part in zip(("scale", "shift"), scales[layer], strict=True):
                found[name].append(part[0, 0].cpu().numpy()[chosen])
            for i, name in enumerate(("mean", "variance")):
                found[name].append(state.running[0, i].cpu().numpy()[place])
        return {name: np.stack(values).astype(np.float32) for name, values in found.items()}

    def conclude(self, outcomes: tuple[Outcome, ...]) -> UnitResult:
        """Return what the units are given."""
        found = {name: np.asarray(values, dtype=np.float64) for name, values in outcomes[0].measured(0).items()}
        return UnitResult(self, **found)

    def table(self, result: UnitResult) -> list[str]:
        """Return the result in lines."""
        return [f"{result.sums.shape[2]} points; running variances of the first layer: {np.round(result.variance[0], 3)}"]


@dataclass(frozen=True)
class Normalised:
    """A unit met by batches of several sizes.

    Attributes
    ----------
    sums:
        (n,) what the unit gives for each training point, before its norm.
    scale, shift:
        gamma and beta.
    sizes:
        (b,) batch sizes.
    order:
        (t, n) the points as they come, in each epoch an order of its own, one after another; a batch takes the next ones.
    mean, variance:
        (b, t) of each batch, the variance as the norm divides by it (by B, not B - 1).
    running_mean, running_variance:
        (b, t) after each batch, from 0 and 1; the variance is the unbiased one, as torch keeps it.
    rows:
        b x t arrays of the batch's points, by number.
    """

    sums: Floats
    scale: float
    shift: float
    sizes: NDArray[np.int64]
    mean: Floats
    variance: Floats
    running_mean: Floats
    running_variance: Floats
    rows: tuple[tuple[NDArray[np.int64], ...], ...]

    def out(self, i: int, t: int, running: bool = False) -> Floats:
        """Return what the norm makes of the batch's points: with the batch's own statistics, or with the running ones."""
        mean = self.running_mean[i, t] if running else self.mean[i, t]
        variance = self.running_variance[i, t] if running else self.variance[i, t]
        found: Floats = self.scale * (self.sums[self.rows[i][t]] - mean) / np.sqrt(variance + EPS) + self.shift
        return found


def normalised(sums: Floats, scale: float, shift: float, seed: int = 0) -> Normalised:
    """Return a unit's batches of all sizes, in one order of points that all sizes share.

    Parameters
    ----------
    sums:
        (n,) what the unit gives for each training point.
    scale, shift:
        gamma and beta.
    seed:
        Of the order.
    """
    n = len(sums)
    sizes = np.array([size for size in SIZES if size <= n])
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence((seed, 17))))
    stream = np.concatenate([rng.permutation(n) for _ in range(-(-int(sizes[-1]) * BATCHES // n))])
    rows, means, variances, running = [], [], [], []
    for size in sizes.tolist():
        batches = stream[: size * BATCHES].reshape(BATCHES, size)
        values = sums[batches]
        mean, variance = values.mean(axis=1), values.var(axis=1)
        at = np.array([0.0, 1.0])
        kept = []
        for m, v in zip(mean.tolist(), (variance * size / max(1, size - 1)).tolist(), strict=True):
            at = at + MOMENTUM * (np.array([m, v]) - at)
            kept.append(at)
        rows.append(tuple(batches))
        means.append(mean)
        variances.append(variance)
        running.append(np.array(kept))
    kept_all = np.stack(running)
    return Normalised(sums, scale, shift, sizes, np.stack(means), np.stack(variances), kept_all[..., 0], kept_all[..., 1], tuple(rows))


@dataclass(frozen=True)
class StatisticsNoise:
    """How far a batch's statistics are off those of all points.

    Attributes
    ----------
    sizes:
        (b,)
    mean, variance:
        (b,) variance over batches of the batch's mean and of its variance, measured.
    mean_formula, variance_formula:
        (b,) the same by formula.
    """

    sizes: NDArray[np.int64]
    mean: Floats
    variance: Floats
    mean_formula: Floats
    variance_formula: Floats


def statistics_noise(sums: Floats, seed: int = 0) -> StatisticsNoise:
    """Return the noise of the statistics of batches (n,) drawn without replacement, measured and by formula.

    With k2 = sum (x - m)^2 / (n - 1): var(mean) = (1 / B - 1 / n) k2. The unbiased variance of a batch has the variance
    (1 / B - 1 / n) k4 + 2 (1 / (B - 1) - 1 / (n - 1)) k22, where k4 is Fisher's fourth statistic of all points and k22 Tukey's polykay: Tukey (1950),
    Some sampling simplified. The norm divides by B, hence ((B - 1) / B)^2 of it.

    Raises
    ------
    InvalidInput
        For fewer than four points, which have no fourth statistic.
    """
    if len(sums) < 4:
        raise InvalidInput(f"{len(sums)} points", "4 or more", "Take more data.")
    n = len(sums)
    sizes = np.array([size for size in SIZES if size <= n])
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence((seed, 18))))
    centred = sums - sums.mean()
    second, fourth = float(np.mean(centred**2)), float(np.mean(centred**4))
    k2 = second * n / (n - 1)
    k4 = n * n * ((n + 1) * fourth - 3 * (n - 1) * second**2) / ((n - 1) * (n - 2) * (n - 3))
    k22 = (n - 1) / (n + 1) * (k2 * k2 - k4 / n)
    # The first entries of a random order are a draw without replacement.
    shuffled = sums[rng.random((DRAWN, n)).argsort(axis=1)]
    means, variances = [], []
    for size in sizes.tolist():
        values = shuffled[:, :size]
        means.append(values.mean(axis=1).var())
        variances.append(values.var(axis=1).var())
    b = sizes.astype(np.float64)
    left = 1.0 / b - 1.0 / n
    spread = left * k4 + 2.0 * (1.0 / np.maximum(b - 1.0, 1.0) - 1.0 / (n - 1)) * k22
    # One point has no variance that could vary.
    of_variance = np.where(b > 1.0, np.maximum(spread, 0.0) * ((b - 1.0) / b) ** 2, 0.0)
    return StatisticsNoise(sizes, np.array(means), np.array(variances), left * k2, of_variance)
