"""Families along lambda, dropout, batch size, and lambda under batch normalisation: how sharp each network is on its way, and how it generalises."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from core._validate import Bools, Floats
from core.flatness.choices import MEASURES
from core.flatness.ground import Ground
from core.specs.training import TrainingSpec
from core.studies.study import Measure, Outcome, Part

if TYPE_CHECKING:
    from core.training import TrainingState

LAMBDAS = (0.0, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2)
RATES = (0.1, 0.2, 0.3, 0.5)
BATCHES = (5, 10, 50, 0)
BASE_BATCH = 20
NORMED = (0.0, 1e-4, 1e-3, 1e-2)
AXES: Mapping[str, str] = MappingProxyType({"lam": "λ", "dropout": "p", "batch": "batch", "norm": "batch norm, λ"})
"""What settings differ in; the network that all of them differ from has none of it, and batches of 20."""
NUMBERS = (*MEASURES, "bottom", "top_residual", "bottom_residual", "train", "val", "negative", "norm")
"""What is measured of each network at each checkpoint."""
RADIUS, EPSILON = 0.05, 1e-3
"""Of SAM's ball and of Keskar's box."""
CHECKPOINTS = 10
_SECONDS = 0.8  # of one measure, about


@dataclass(frozen=True)
class Setting:
    """One setting of the families: what it differs in, its value, and its name."""

    axis: str
    value: float
    name: str


def settings() -> tuple[Setting, ...]:
    """Return all settings in the order of the members."""
    plain = [Setting("lam", value, f"λ = {value:g}" if value else "nothing added") for value in LAMBDAS]
    plain += [Setting("dropout", value, f"p = {value:g}") for value in RATES]
    sizes = [Setting("batch", float(value), f"batches of {value}" if value else "one batch") for value in BATCHES]
    normed = [Setting("norm", value, f"batch norm, λ = {value:g}" if value else "batch norm") for value in NORMED]
    return (*plain, *sizes, *normed)


@dataclass(frozen=True)
class FlatFamilies(Ground):
    """Sharpness and generalisation gap of a hundred networks, at ten checkpoints of their training.

    Parameters
    ----------
    epochs:
        Trained to.
    seeds:
        Draws of the initial weights, for each setting.
    """

    key: ClassVar[str] = "flat_families"

    epochs: int = 400
    seeds: int = 6

    @classmethod
    def shipped(cls) -> tuple[Self, ...]:
        """Return the default and the same networks on another draw of the data, where the rank correlations are others."""
        return (cls(), cls(draw=1))

    def checkpoints(self) -> tuple[int, ...]:
        """Return the epochs at which sharpness is measured."""
        return tuple(int(each) for each in np.unique(np.round(np.geomspace(1, self.epochs, CHECKPOINTS)).astype(int)))

    def parts(self) -> tuple[Part, ...]:
        """Return lambda and p in one family, a family for each batch size, and one with batch normalisation."""
        common: dict[str, Any] = {**self.common(), "epochs": self.epochs}
        plain = [setting for setting in settings() if setting.axis in ("lam", "dropout")]
        lam = tuple(setting.value if setting.axis == "lam" else 0.0 for setting in plain for _ in range(self.seeds))
        rates = tuple(setting.value if setting.axis == "dropout" else 0.0 for setting in plain for _ in range(self.seeds))
        families = [TrainingSpec(**common, batch=BASE_BATCH, lam=lam, dropout=rates, seed=tuple(range(self.seeds)) * len(plain))]
        families += [TrainingSpec(**common, batch=size, seed=tuple(range(self.seeds))) for size in BATCHES]
        normed = tuple(value for value in NORMED for _ in range(self.seeds))
        families.append(TrainingSpec(**common, batch=BASE_BATCH, batch_norm=True, lam=normed, seed=tuple(range(self.seeds)) * len(NORMED)))
        return tuple(Part(each, self._measures(each), curves=("train_loss",), every=self.epochs) for each in families)

    def _measures(self, family: TrainingSpec) -> tuple[Measure, ...]:
        per = 0.12 if any(family.values("batch_norm")) else 0.055
        together = max(1, int(_SECONDS / per))
        groups = [tuple(range(i, min(i + together, family.members))) for i in range(0, family.members, together)]
        return tuple(Measure("sharpness", epoch, group, seconds=per * len(group)) for epoch in self.checkpoints() for group in groups)

    def measure(self, measure: Measure, state: TrainingState) -> dict[str, NDArray[Any]]:
        """Return the numbers (m, NUMBERS) of some members, and after the last epoch their spectra (m, P)."""
        from core.curvature.networks.report import reports

        found = reports(state, measure.members, RADIUS, EPSILON)
        numbers = np.array([[each.numbers[name] for name in NUMBERS] for each in found], dtype=np.float32)
        if measure.epoch < self.epochs:
            return {"numbers": numbers}
        return {"numbers": numbers, "spectrum": coded(np.array([each.spectrum for each in found]))}

    def conclude(self, outcomes: tuple[Outcome, ...]) -> Families:
        """Return all members in the order of `settings`, each setting with its seeds."""
        numbers, spectra, well = [], [], []
        for part, outcome in zip(self.parts(), outcomes, strict=True):
            columns: list[list[NDArray[Any]]] = [[] for _ in self.checkpoints()]
            places = {epoch: i for i, epoch in enumerate(self.checkpoints())}
            for i, measure in enumerate(part.measures):
                found = outcome.measured(i)
                columns[places[measure.epoch]].append(found["numbers"])
                if "spectrum" in found:
                    spectra += list(decoded(found["spectrum"]))
            numbers.append(np.stack([np.concatenate(column) for column in columns], axis=1).astype(np.float64))
            well.append(np.array([status != "diverged" for status in outcome.status]))
        return Families(self, np.concatenate(numbers), tuple(spectra), np.concatenate(well))

    def table(self, result: Families) -> list[str]:
        """Return a line a setting: means and standard deviations over the seeds at the end."""
        lines = [f"{'':<24}" + "".join(f"{name:>20}" for name in ("train", "gap", *MEASURES))]
        for i, setting in enumerate(settings()):
            own = result.of == i
            columns = [result.number("train")[own, -1], result.gap[own, -1], *(result.number(name)[own, -1] for name in MEASURES)]
            lines.append(f"{setting.name:<24}" + "".join(f"{np.mean(each):>11.3g} ± {np.std(each, ddof=1):<6.2g}" for each in columns))
        return lines


_LEAST, _DECADES = 1e-10, 14.0  # eigenvalues from 1e-10 to 1e4 in size
_SIGN = 32_768


def coded(spectra: Floats) -> NDArray[np.uint16]:
    """Return eigenvalues as their sign and the logarithm of their size in 16 bits, to a thousandth: what a picture of all of them needs."""
    size = np.clip(np.log10(np.maximum(np.abs(spectra), _LEAST) / _LEAST) / _DECADES, 0.0, 1.0)
    codes: NDArray[np.uint16] = (np.round(size * (_SIGN - 1)) + np.where(spectra < 0.0, _SIGN, 0)).astype(np.uint16)
    return codes


def decoded(codes: NDArray[np.uint16]) -> Floats:
    """Return the eigenvalues that `coded` was given; those below 1e-10 are 0."""
    whole = codes.astype(np.int64)
    place = whole % _SIGN
    values: Floats = np.where(place == 0, 0.0, _LEAST * 10.0 ** (_DECADES * place / (_SIGN - 1)))
    return np.where(whole >= _SIGN, -values, values)


@dataclass(frozen=True, eq=False)
class Families:
    """What was measured of n networks at c checkpoints.

    Attributes
    ----------
    study:
        The settings.
    numbers:
        (n, c, NUMBERS)
    spectra:
        (n) of (P,) eigenvalues at the end, ascending.
    well:
        (n,) which networks have not diverged.
    """

    study: FlatFamilies
    numbers: Floats
    spectra: tuple[Floats, ...]
    well: Bools

    @property
    def members(self) -> int:
        """How many networks, n."""
        return len(self.numbers)

    @cached_property
    def of(self) -> NDArray[np.int64]:
        """(n,) each member's setting."""
        return np.repeat(np.arange(len(settings())), self.study.seeds)

    @cached_property
    def seed(self) -> NDArray[np.int64]:
        """(n,) each member's seed."""
        return np.tile(np.arange(self.study.seeds), len(settings()))

    @cached_property
    def axis(self) -> tuple[str, ...]:
        """(n,) what each member differs in."""
        return tuple(settings()[i].axis for i in self.of)

    def number(self, name: str) -> Floats:
        """Return one of `NUMBERS` (n, c); NaN for members that have diverged."""
        found: Floats = np.where(self.well[:, None], self.numbers[:, :, NUMBERS.index(name)], np.nan)
        return found

    @cached_property
    def gap(self) -> Floats:
        """(n, c) validation loss less training loss."""
        return self.number("val") - self.number("train")

    def name(self, i: int) -> str:
        """Return what a member is called."""
        return f"{settings()[self.of[i]].name}, seed {self.seed[i]}"
