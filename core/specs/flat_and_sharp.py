"""The settings of the lab "Flat and sharp minima"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from core.datasets import DATASETS
from core.flatness.choices import FACTORS, LAMBDAS, LEVELS, MEASURES
from core.knobs import Spec, knob

if TYPE_CHECKING:
    from core.flatness.families import FlatFamilies
    from core.flatness.minima import FlatMinima
    from core.flatness.rescaling import FlatRescaling

_MEMBERS = 200.0  # more than any of the lab's families has


def _place(default: float, label: str, last: float) -> Any:  # noqa: ANN401 - stands for a field of any type
    return knob(default, label, bounds=(0.0, last), quantum=1.0, hidden=True)


@dataclass(frozen=True)
class FlatAndSharpSpec(Spec):
    """Settings of the lab "Flat and sharp minima": the data, the networks, what is shown of them, and where the scrubs stand."""

    prefix: ClassVar[str] = "fs"

    data: str = knob(
        "moons",
        "Data",
        options=tuple((key, dataset.label) for key, dataset in DATASETS.items() if dataset.synthetic),
        help="Two classes in the plane. A third of the points is trained on.",
    )
    noise: float = knob(0.3, "Noise", bounds=(0.0, 0.6), quantum=0.05, latex=r"\sigma", help="Standard deviation of what is added to each input.")
    points: float = knob(300.0, "Points", bounds=(60.0, 900.0), quantum=30.0, help="Drawn in all; a third is trained on, the rest is unseen.")
    draw: float = knob(
        0.0, "Draw of the data", bounds=(0.0, 99.0), quantum=1.0, help="Other points. What holds on one draw need not hold on another."
    )
    units: float = knob(16.0, "Units a layer", bounds=(1.0, 20.0), quantum=1.0, help="Of both hidden layers: 16 make 337 weights.")
    activation: str = knob(
        "tanh",
        "Activation",
        options=(("tanh", "tanh"), ("relu", "ReLU"), ("gelu", "GELU")),
        help="The rescaling below always has ReLU: without it the function would not stay.",
    )
    lr: float = knob(0.01, "Learning rate", bounds=(0.001, 0.1), scale="log", quantum=4, latex=r"\eta", help="Of Adam, for all networks.")
    seeds: float = knob(6.0, "Seeds", bounds=(1.0, 10.0), quantum=1.0, help="Initial weights that each setting is trained from.")
    measure: str = knob("top", "Sharpness", options=tuple(MEASURES.items()), help="What stands on the scatter's lower axis.")
    biases: bool = knob(False, "Penalise biases too", help="Then every eigenvalue moves by 2λ exactly; without it by 0 to 2λ.")
    kind: str = knob(
        "random",
        "Slice along",
        options=(("random", "random"), ("hessian", "eigenvectors"), ("path", "its path")),
        help="Filter-normalised random directions, eigenvectors of the Hessian, or the plane of the path.",
    )
    pair: str = knob(
        "seed",
        "Line to",
        options=(("seed", "the other start, same λ"), ("plain", "λ = 0, same start")),
        help="The straight line from one minimum to another.",
    )
    level: float = _place(float(LEVELS), "level", float(LEVELS))
    member: float = _place(0.0, "member", _MEMBERS)
    lam: float = knob(0.001, "lambda", bounds=(LAMBDAS[0], LAMBDAS[-1]), hidden=True)
    factor: float = knob(1.0, "factor", bounds=(FACTORS[0], FACTORS[-1]), hidden=True)

    @property
    def lam_at(self) -> int:
        """The place of the nearest of `LAMBDAS`."""
        return min(range(len(LAMBDAS)), key=lambda i: abs(LAMBDAS[i] - self.lam))

    @property
    def factor_at(self) -> int:
        """The place of the nearest of `FACTORS`."""
        return min(range(len(FACTORS)), key=lambda i: abs(FACTORS[i] - self.factor))

    def _ground(self) -> dict[str, Any]:
        return {"data": self.data, "noise": self.noise, "points": int(self.points), "draw": int(self.draw), "units": int(self.units), "lr": self.lr}

    def families(self) -> FlatFamilies:
        """Return the study of sharpness and gap."""
        from core.flatness.families import FlatFamilies  # here, since studies import the package of this module

        return FlatFamilies(**self._ground(), activation=self.activation, seeds=int(self.seeds))

    def minima(self) -> FlatMinima:
        """Return the study of one minimum a lambda."""
        from core.flatness.minima import FlatMinima

        return FlatMinima(**self._ground(), activation=self.activation)

    def rescaling(self) -> FlatRescaling:
        """Return the study of scaled layers; it has ReLU whatever the others have."""
        from core.flatness.rescaling import FlatRescaling

        return FlatRescaling(**self._ground(), activation="relu")


FLAT_AND_SHARP_PRESETS: Mapping[str, FlatAndSharpSpec] = MappingProxyType(
    {
        "Does flat mean good?": FlatAndSharpSpec(),
        "At equal training loss": FlatAndSharpSpec(level=5.0),
        "Other points": FlatAndSharpSpec(draw=1.0, level=5.0),
        "Normalised": FlatAndSharpSpec(measure="filter"),
        "Along the path": FlatAndSharpSpec(kind="path", lam=3e-4),
        "Two starts, one λ": FlatAndSharpSpec(lam=5.5e-3, pair="seed", kind="hessian"),
        "Scaled seven times": FlatAndSharpSpec(factor=7.08, measure="filter"),
    }
)
