"""Does dropout's noise lead away from saddles and sharp minima? Noisy runs against descent on the same expected loss, counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from core._validate import Bools, Floats
from core.dropout.escapes import basins, saddle
from core.escapes import wilson
from core.specs.training import TrainingSpec
from core.studies.study import Measure, Outcome, Part, Study

if TYPE_CHECKING:
    from core.training import TrainingState

SADDLE_RATES = (0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5)
SADDLE_RUNS, SADDLE_STEPS = 150, 2000
BASIN_RATES = (0.02, 0.05, 0.1, 0.2, 0.3, 0.5)
LEARNING = (0.05, 0.1, 0.15, 0.2, 0.3, 0.4)
BASIN_RUNS, BASIN_STEPS, STARTS, MOST = 60, 500, 80, 8
LEARNING_AT_SADDLE = 0.1


@dataclass(frozen=True)
class Kept:
    """The minima at one p. Axes: minimum (m), learning rate (6).

    Attributes
    ----------
    p: probability of dropping.
    loss, top, limit, starts: (m,) expected loss, sharpness, the rate beyond which noise cannot rest there, and how many of the starts ended there.
    left: (m, 6) how many of `BASIN_RUNS` noisy runs settled elsewhere.
    control: (m, 6) whether descent without noise did.
    """

    p: float
    loss: Floats
    top: Floats
    limit: Floats
    starts: Floats
    left: Floats
    control: Bools

    @property
    def stable(self) -> Bools:
        """(m, 6) whether the rate is below the limit, so that noisy descent stays near in the mean square, as far as the minimum is a bowl."""
        below: Bools = np.array(LEARNING) < self.limit[:, None]
        return below


@dataclass(frozen=True)
class Escaped:
    """What came of it.

    Attributes
    ----------
    p, lowest, left, control: (8,) at the point of equal units: p, the lowest eigenvalue, how many of `SADDLE_RUNS` noisy runs left, and by how much
        the units of the run without noise came to differ.
    basins: the minima at each p of `BASIN_RATES`.
    """

    p: Floats
    lowest: Floats
    left: Floats
    control: Floats
    basins: tuple[Kept, ...]

    @property
    def shares(self) -> tuple[Floats, Floats, Floats]:
        """(8,) the share of noisy runs that left the point of equal units, and its 95 % interval."""
        ends = np.array([wilson(int(hits), SADDLE_RUNS) for hits in self.left])
        return self.left / SADDLE_RUNS, ends[:, 0], ends[:, 1]


@dataclass(frozen=True)
class Trapped(Study):
    """A saddle between two units, and the minima of three, each with noise and without."""

    key: ClassVar[str] = "dropout_escapes"

    def parts(self) -> tuple[Part, ...]:
        """Return a family that is not looked at: what is measured needs no training, only a worker."""
        measures = [Measure("saddle", 0, options=(("p", p),), seconds=2.0) for p in SADDLE_RATES]
        measures += [Measure("basins", 0, options=(("p", p),), seconds=3.0) for p in BASIN_RATES]
        return (Part(TrainingSpec(points=4, hidden=(1,), epochs=1), tuple(measures), curves=()),)

    def measure(self, measure: Measure, state: TrainingState) -> dict[str, NDArray[Any]]:
        """Return counts; the state plays no part."""
        p = measure.option("p")
        if measure.what == "saddle":
            at = saddle(p, LEARNING_AT_SADDLE, SADDLE_STEPS, SADDLE_RUNS)
            return {"saddle": np.array([at.lowest, at.highest, at.slope, at.left, at.control])}
        found = basins(p, LEARNING, BASIN_STEPS, BASIN_RUNS, STARTS, MOST)
        each = {name: np.asarray(getattr(found, name), dtype=np.float64) for name in ("loss", "top", "limit", "starts", "slope", "left")}
        return each | {"control": found.control}

    def conclude(self, outcomes: tuple[Outcome, ...]) -> Escaped:
        """Return saddle and minima by p."""
        (outcome,) = outcomes
        split = len(SADDLE_RATES)
        lowest, _, _, left, control = np.stack([outcome.measured(i)["saddle"] for i in range(split)], axis=1)
        kept = []
        for i, p in enumerate(BASIN_RATES):
            found = outcome.measured(split + i)
            loss, top, limit, starts, gone = (np.asarray(found[name], dtype=np.float64) for name in ("loss", "top", "limit", "starts", "left"))
            kept.append(Kept(p, loss, top, limit, starts, gone, found["control"] > 0))
        return Escaped(np.array(SADDLE_RATES), lowest, left, control, tuple(kept))

    def table(self, result: Escaped) -> list[str]:
        """Return all counts."""
        lines = ["equal units: p, lowest eigenvalue, left, control"]
        lines += [
            f"{p:.2f} {lowest:+.4f} {left:.0f}/{SADDLE_RUNS} {control:.1e}"
            for p, lowest, left, control in zip(result.p, result.lowest, result.left, result.control, strict=True)
        ]
        for kept in result.basins:
            lines.append(
                f"p = {kept.p}: loss, sharpness, limit, starts, left of {BASIN_RUNS} at rates {LEARNING} (* beyond the limit, ! control left)"
            )
            for i in range(len(kept.loss)):
                each = " ".join(
                    f"{left:.0f}{'' if stable else '*'}{'!' if gone else ''}"
                    for left, stable, gone in zip(kept.left[i], kept.stable[i], kept.control[i], strict=True)
                )
                lines.append(f"  {kept.loss[i]:.4f} {kept.top[i]:6.2f} {kept.limit[i]:.3f} {kept.starts[i]:3.0f}  {each}")
        return lines
