"""What is searched: settings of a network, each with the values that it can take, and combinations of them as places on these grids.

Every value can be set in the lab "Training" as well, so that any network of a search can be opened there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from core.datasets import DATASETS
from core.optimizers import RULES
from core.penalties import PENALTIES
from core.specs.training import TrainingSpec
from core.specs.training_lab import TrainingLabSpec
from core.wording import number

Place = tuple[int, ...]
"""A combination: the place of each setting's value on its grid, in the order of `SETTINGS`."""

POINTS, SPLIT = 120, 0.5
"""Points of synthetic data, both parts together, and the share that is trained on, real data included."""
LAYERS = 2
RATIO = {"l2": 0.0, "l1": 1.0, "elastic_net": 0.5}
"""The L1 share of each penalty."""

_LAB = TrainingLabSpec.knobs()


@dataclass(frozen=True)
class Setting:
    """One setting that a search may choose.

    Attributes
    ----------
    key:
        Its name in `core.specs.training_lab.TrainingLabSpec`.
    label, symbol:
        What it is called, in words and before a value.
    values:
        What it can be; numbers ascend.
    start:
        The place of the value that it has where it is not searched, and where a search begins that changes one setting at a time.
    ordered:
        Whether neighbours among the values are alike.
    """

    key: str
    label: str
    symbol: str
    values: tuple[Any, ...]
    start: int
    ordered: bool

    def shown(self, place: int) -> str:
        """Return a value in words."""
        value = self.values[place]
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, str):
            return RULES[value].label if value in RULES else PENALTIES[value].label
        return number(float(value))


def _grid(key: str, low: float, high: float) -> tuple[float, ...]:
    return tuple(value for value in _LAB[key].grid() if value == 0.0 or low <= value <= high)


_LAMBDAS, _RATES = _grid("lam", 0.9e-5, 0.11), _grid("lr", 1e-3, 3.3)
SETTINGS: Mapping[str, Setting] = MappingProxyType(
    {
        setting.key: setting
        for setting in (
            Setting("lr", "learning rate", "η", _RATES, _RATES.index(0.01), True),
            Setting("lam", "penalty's weight", "λ", _LAMBDAS, 0, True),
            Setting("dropout", "dropout rate", "p", tuple(np.round(np.arange(16) * 0.05, 2).tolist()), 0, True),
            Setting("penalty", "penalty", "R", ("l2", "l1", "elastic_net"), 0, False),
            Setting("rule", "rule", "", ("sgd", "momentum", "adam"), 2, False),
            Setting("batch_norm", "batch norm", "", (False, True), 0, False),
            Setting("units", "units a layer", "", (8.0, 16.0, 32.0), 2, True),
        )
    }
)
"""Key -> setting, in the order of a `Place`."""

SPACES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"all": tuple(SETTINGS), "three": ("lr", "lam", "dropout"), "regularisers": ("lam", "dropout", "penalty")}
)
"""Which settings are searched together; the others stay at their starts."""

START: Place = tuple(setting.start for setting in SETTINGS.values())


def values_of(place: Place) -> dict[str, Any]:
    """Return key -> value of a combination."""
    return {key: setting.values[i] for (key, setting), i in zip(SETTINGS.items(), place, strict=True)}


def place_of(found: Mapping[str, int]) -> Place:
    """Return a combination in which some settings stand at these places and the others at their starts."""
    return tuple(found.get(key, setting.start) for key, setting in SETTINGS.items())


def described(place: Place, keys: Sequence[str] = tuple(SETTINGS)) -> str:
    """Return a combination in words."""
    said = []
    for (key, setting), i in zip(SETTINGS.items(), place, strict=True):
        if key in keys:
            said.append(f"{setting.symbol} = {setting.shown(i)}" if setting.symbol else f"{setting.label} {setting.shown(i)}")
    return ", ".join(said)


def family(places: Sequence[Place], seeds: Sequence[int], data: Mapping[str, Any], epochs: int) -> TrainingSpec:
    """Return combinations of equal width as one family, each with networks of ``seeds``, the seed fastest.

    Parameters
    ----------
    places:
        The combinations.
    seeds:
        Of initial weights and of dropout's draws.
    data:
        ``data``, ``data_seed`` and ``noise`` of `TrainingSpec`.
    epochs:
        How long they are trained.
    """
    each = [values_of(place) for place in places for _ in seeds]
    axes: dict[str, Any] = {name: tuple(values[name] for values in each) for name in ("lam", "dropout", "lr", "rule", "batch_norm")}
    (width,) = {int(values["units"]) for values in each}
    return TrainingSpec(
        **_data(data),
        **axes,
        rho=tuple(RATIO[values["penalty"]] for values in each),
        seed=tuple(seeds) * len(places),
        hidden=(width,) * LAYERS,
        penalty="elastic_net",
        treatment="proximal",
        epochs=epochs,
    )


def lab_spec(place: Place, data: Mapping[str, Any], epochs: int, seed: int = 0) -> TrainingLabSpec:
    """Return the settings of the lab "Training" that train a combination, with sixteen draws of the initial weights side by side, this seed first."""
    values = values_of(place)
    synthetic = DATASETS[data["data"]].synthetic
    return TrainingLabSpec(
        data=data["data"],
        points=float(POINTS),
        split=SPLIT,
        draw=float(data["data_seed"]),
        **({"noise": data["noise"]} if synthetic else {}),
        layers=float(LAYERS),
        **values,
        treatment="proximal",
        epochs=float(epochs),
        seed=float(seed),
        axis="seed",
        epoch=float(epochs),
    )


def _data(data: Mapping[str, Any]) -> dict[str, Any]:
    real = not DATASETS[data["data"]].synthetic
    return {
        "data": data["data"],
        "data_seed": data["data_seed"],
        "noise": 0.0 if real else data["noise"],
        "points": POINTS,
        "split": SPLIT,
    }
