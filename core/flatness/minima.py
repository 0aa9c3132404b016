"""One network trained to its minimum with each of thirteen lambdas, from two starts: spectra before and after L2, slices, lines between minima."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from core._validate import Bools, Floats
from core.flatness.choices import LAMBDAS
from core.flatness.families import EPSILON, RADIUS
from core.flatness.ground import Ground
from core.specs.training import TrainingSpec
from core.studies.study import Measure, Outcome, Part

if TYPE_CHECKING:
    from core.training import TrainingState

KINDS = ("random", "hessian", "path")
COARSE, FINE = 17, 51
SHARES = 41
PAIRS = ("seed", "plain")
"""Lines between minima: to the one from the other start with the same lambda, and to the one without a penalty from the same start."""
NUMBERS = (
    "top",
    "bottom",
    "top_residual",
    "bottom_residual",
    "trace",
    "negative",
    "sam",
    "keskar",
    "filter",
    "filter_top",
    "norm",
    "slope",
    "rest",
    "train",
    "val",
    "loss",
)
_REST = 65_535
_AT_ONCE = 4


@dataclass(frozen=True)
class FlatMinima(Ground):
    """Thirteen lambdas from two starts, all points in every step.

    Parameters
    ----------
    epochs:
        Trained to.
    start, other:
        Seeds of the initial weights.
    """

    key: ClassVar[str] = "flat_minima"

    epochs: int = 3000
    start: int = 0
    other: int = 1

    def parts(self) -> tuple[Part, ...]:
        """Return one family: the lambdas from one start, then the same from the other."""
        n = len(LAMBDAS)
        seeds = (self.start,) * n + (self.other,) * n
        # A constant rate leaves Adam swinging about a minimum: a third of the lab's rate comes three times as near.
        common = {**self.common(), "lr": float(f"{0.3 * self.lr:.3g}")}
        family = TrainingSpec(**common, epochs=self.epochs, batch=0, lam=LAMBDAS * 2, seed=seeds, race="pca")
        groups = [tuple(range(i, min(i + _AT_ONCE, n))) for i in range(0, n, _AT_ONCE)]
        end = self.epochs
        measures = [Measure("spectrum", end, group, seconds=0.1 * len(group)) for group in groups]
        measures += [Measure("shift", end, (0,), seconds=0.5), Measure("after", end, tuple(range(n)), seconds=0.5)]
        measures += [Measure("slice", end, tuple(range(n)), (("kind", kind), ("side", COARSE)), 0.3) for kind in KINDS]
        measures += [Measure("between", end, (), (("pair", pair),), 0.2) for pair in PAIRS]
        measures += [Measure("slice", end, group, (("kind", kind), ("side", FINE)), 0.2 * len(group)) for kind in KINDS for group in groups]
        return (Part(family, tuple(measures), every=max(1, self.epochs // 30)),)

    def measure(self, measure: Measure, state: TrainingState) -> dict[str, NDArray[Any]]:
        """Return what a measure finds; see `conclude`."""
        from core.curvature.networks import minima as found

        match measure.what:
            case "spectrum":
                return found.spectra(state, measure.members, RADIUS, EPSILON, NUMBERS)
            case "shift":
                return found.shifted(state, measure.members[0], LAMBDAS)
            case "after":
                return found.after(state, measure.members, LAMBDAS)
            case "between":
                return found.between(state, measure.option("pair"), len(LAMBDAS), SHARES)
            case _:
                return found.sliced(state, measure.members, measure.option("kind"), measure.option("side"), self.draw)

    def conclude(self, outcomes: tuple[Outcome, ...]) -> Minima:
        """Return what there is; slices are coarse until the fine ones are there."""
        (outcome,), (part,) = outcomes, self.parts()
        taken = [(measure, found) for measure, found in zip(part.measures, outcome.measures, strict=True) if found is not None]

        def of(what: str, **options: Any) -> list[Any]:  # noqa: ANN401 - plain values
            return [found for measure, found in taken if measure.what == what and all(measure.option(k) == v for k, v in options.items())]

        def joined(name: str, parts: list[Any]) -> Floats:
            found: Floats = np.concatenate([np.asarray(each[name], dtype=np.float64) for each in parts])
            return found

        spectra = of("spectrum")
        shift, after = of("shift")[0], of("after")[0]
        slices = {}
        for kind in KINDS:
            fine = of("slice", kind=kind, side=FINE)
            whole = sum(len(each["low"]) for each in fine) == len(LAMBDAS)
            parts = fine if whole else of("slice", kind=kind, side=COARSE)
            low, high = joined("low", parts)[:, None, None], joined("high", parts)[:, None, None]
            heights = np.exp(low + (high - low) * joined("codes", parts) / _REST)
            more = {name: joined(name, parts) for name in ("half", "centre", "bend", "path", "away", "explained", "null", "spread")}
            slices[kind] = Slices(kind, FINE if whole else COARSE, heights, **more)
        lines = {pair: np.asarray(of("between", pair=pair)[0]["lines"], dtype=np.float64) for pair in PAIRS}
        n = len(LAMBDAS)
        return Minima(
            self,
            {name: joined("numbers", spectra)[:, i] for i, name in enumerate(NUMBERS)},
            joined("spectrum", spectra),
            np.asarray(shift["weights_alone"], dtype=np.float64),
            float(np.max(shift["deviation"])),
            np.asarray(after["objective"], dtype=np.float64),
            np.asarray(after["weights"], dtype=np.int64)[0],
            slices,
            lines,
            np.array([status != "diverged" for status in outcome.status[:n]]),
        )

    def table(self, result: Minima) -> list[str]:
        """Return a line a lambda."""
        lines = [f"{'λ':>8}" + "".join(f"{name:>14}" for name in ("top", "bottom", "trace", "filter", "rest", "train", "val", "barrier"))]
        barrier = result.barrier("seed")
        for i, lam in enumerate(LAMBDAS):
            row = [float(result.numbers[name][i]) for name in ("top", "bottom", "trace", "filter", "rest", "train", "val")] + [float(barrier[i])]
            lines.append(f"{lam:>8g}" + "".join(f"{value:>14.4g}" for value in row))
        return lines


@dataclass(frozen=True, eq=False)
class Slices:
    """Slices through k networks along two directions each.

    Attributes
    ----------
    kind, side:
        "random", "hessian" or "path"; points along each side.
    heights:
        (k, side, side) training losses.
    half:
        (k,) half the width of the window, in units of the directions.
    centre:
        (k,) the loss in the middle, in double precision.
    bend:
        (k, 2) d'Hd along the two directions.
    path, away:
        (k, m, 2) the path in the plane, in units of the directions, and (k, m) how far off it each point is; m = 0 for other kinds.
    explained, null:
        (k, 2) shares of the path's variance along the two axes, and what a random walk gives.
    spread:
        (k, 2) rises of the loss one unit along 32 filter-normalised directions: mean and standard deviation; 0 for other kinds.
    """

    kind: str
    side: int
    heights: Floats
    half: Floats
    centre: Floats
    bend: Floats
    path: Floats
    away: Floats
    explained: Floats
    null: Floats
    spread: Floats


@dataclass(frozen=True, eq=False)
class Minima:
    """What was measured of k = 13 networks, one a lambda.

    Attributes
    ----------
    study:
        The settings.
    numbers:
        Name -> (k,), the names of `NUMBERS`.
    spectrum:
        (k, P) eigenvalues of the data loss at each network's own minimum, ascending.
    weights_alone:
        (k, P) eigenvalues of H + 2 lambda D at the minimum without a penalty, D the weights' places alone.
    deviation:
        The largest difference between the eigenvalues of H + 2 lambda 1 and those of H, plus 2 lambda.
    objective:
        (2, k, P) eigenvalues of H + 2 lambda D at each network's own minimum, D all places or the weights' alone.
    penalised:
        How many of the P places are weights.
    slices:
        Kind -> slices.
    lines:
        Pair -> (k, 4, shares): training loss and score, validation loss and score along the line.
    well:
        (k,) which have not diverged.
    """

    study: FlatMinima
    numbers: dict[str, Floats]
    spectrum: Floats
    weights_alone: Floats
    deviation: float
    objective: Floats
    penalised: int
    slices: dict[str, Slices]
    lines: dict[str, Floats]
    well: Bools

    @cached_property
    def shift(self) -> Floats:
        """(k,) 2 lambda."""
        return 2.0 * np.array(LAMBDAS)

    def before(self) -> Floats:
        """Return (P,) the spectrum without a penalty, at the minimum without one."""
        before: Floats = self.spectrum[0]
        return before

    def after(self, biases: bool) -> Floats:
        """Return (k, P) the spectrum of the penalised objective at the very same point."""
        return self.before() + self.shift[:, None] if biases else self.weights_alone

    def at_new(self, biases: bool) -> Floats:
        """Return (k, P) the spectrum of the penalised objective at the minimum that was trained with it (weights alone penalised)."""
        found: Floats = self.objective[0 if biases else 1]
        return found

    def barrier(self, pair: str) -> Floats:
        """Return (k,) by how much the training loss rises above the straight line between its ends."""
        loss = self.lines[pair][:, 0]
        share = np.linspace(0.0, 1.0, SHARES)
        chord = loss[:, :1] * (1.0 - share) + loss[:, -1:] * share
        rise: Floats = np.maximum((loss - chord).max(axis=1), 0.0)
        return rise
