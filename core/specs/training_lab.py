"""The settings of the lab "Training": one network, and which of its settings sixteen of them are trained along."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np

from core.datasets import DATASETS, Dataset
from core.datasets.uploads import OwnData
from core.datasets.uploads.dataset import OwnDataset, own_dataset
from core.datasets.uploads.limits import OWN, OWN_OPTION
from core.errors import InvalidInput
from core.knobs import Spec, knob
from core.optimizers import RULES
from core.penalties import PENALTIES
from core.specs.training import ACTIVATIONS, TREATMENTS, TrainingSpec

MEMBERS = 16
AXES: Mapping[str, str] = MappingProxyType(
    {
        "lam": "the penalty's weight λ",
        "dropout": "the dropout rate p",
        "lr": "the learning rate",
        "noise": "the width of the noise",
        "seed": "luck: the initial weights",
        "rule": "the rule: a race",
    }
)
SYMBOLS: Mapping[str, str] = MappingProxyType({"lam": "λ =", "dropout": "p =", "lr": "η =", "noise": "σ =", "seed": "seed", "rule": ""})
# Rates of the rules in a race, as multiples of the chosen one: about what each needs to end lowest after 100 epochs, on the median of six tasks.
SHARES: Mapping[str, float] = MappingProxyType(
    {"sgd": 30.0, "momentum": 10.0, "nesterov": 7.0, "rmsprop": 0.3, "adagrad": 7.0, "adam": 1.0, "adamw": 1.0}
)
RACERS = ("sgd", "momentum", "nesterov", "rmsprop", "adagrad", "adam", "adamw")


def _three_digits(values: np.ndarray[Any, np.dtype[np.float64]]) -> tuple[float, ...]:
    return tuple(float(f"{value:.3g}") for value in values)


FAMILIES: Mapping[str, tuple[float, ...]] = MappingProxyType(
    {
        "lam": (0.0, *_three_digits(np.geomspace(1e-5, 0.1, MEMBERS - 1))),
        "dropout": _three_digits(np.linspace(0.0, 0.75, MEMBERS)),
        "lr": _three_digits(np.geomspace(1e-3, 1.0, MEMBERS)),
        "noise": _three_digits(np.linspace(0.0, 0.75, MEMBERS)),
    }
)


@dataclass(frozen=True)
class TrainingLabSpec(Spec):
    """Settings of the lab "Training": data, network, rule, penalty, which setting is the family's axis, and where epoch and member stand."""

    prefix: ClassVar[str] = "tn"

    data: str = knob(
        "moons", "Data", options=(*((key, dataset.label) for key, dataset in DATASETS.items()), OWN_OPTION), help="Shapes, real data, and your own."
    )
    points: float = knob(120.0, "Points", bounds=(20.0, 1000.0), quantum=20.0, help="Drawn in all; the share below is trained on.")
    noise: float = knob(0.35, "Noise", bounds=(0.0, 1.0), quantum=0.05, latex=r"\sigma", help="Standard deviation of what is added to each input.")
    split: float = knob(0.5, "Share trained on", bounds=(0.1, 0.9), quantum=0.05, help="The rest is held back for validation.")
    draw: float = knob(0.0, "Draw of the data", bounds=(0.0, 99.0), quantum=1.0, help="Another number draws other points, split and batches.")
    plane: str = knob(
        "pca",
        "Plane of the boundary",
        options=(("pca", "principal components"), ("features", "two features")),
        help="Real data have more inputs than a plane. The others are held at their mean.",
    )
    first: float = knob(1.0, "Feature across", bounds=(1.0, 64.0), quantum=1.0, help="By number; the chart says its name.")
    second: float = knob(2.0, "Feature upwards", bounds=(1.0, 64.0), quantum=1.0, help="By number; the chart says its name.")
    layers: float = knob(2.0, "Hidden layers", bounds=(0.0, 4.0), quantum=1.0, help="None is a linear model.")
    units: float = knob(32.0, "Units a layer", bounds=(2.0, 64.0), quantum=2.0)
    activation: str = knob("tanh", "Activation", options=tuple(ACTIVATIONS.items()))
    batch_norm: bool = knob(False, "Batch normalisation", help="Before each activation.")
    scale: float = knob(1.0, "Initial scale", bounds=(0.1, 10.0), scale="log", quantum=10, help="Times PyTorch's own initial weights.")
    seed: float = knob(0.0, "Initial weights", bounds=(0.0, 99.0), quantum=1.0, help="Which draw of the initial weights and of dropout.")
    rule: str = knob("adam", "Rule", options=tuple((key, rule.label) for key, rule in RULES.items()))
    lr: float = knob(0.01, "Learning rate", bounds=(1e-4, 10.0), scale="log", quantum=10, latex=r"\eta", family=True)
    batch: str = knob("all", "Batch", options=(("all", "all points"), ("8", "8"), ("16", "16"), ("32", "32"), ("64", "64")), help="Points a step.")
    penalty: str = knob("l2", "Penalty", options=tuple((key, penalty.label) for key, penalty in PENALTIES.items()))
    rho: float = knob(0.5, "Mix", bounds=(0.0, 1.0), quantum=0.05, latex=r"\rho", help="The L1 share of the elastic net: 0 is L2, 1 is L1.")
    lam: float = knob(
        0.0, "Penalty's weight", bounds=(1e-6, 1.0), scale="log", quantum=6, zero=True, latex=r"\lambda", family=True, help="Of R in L + λR."
    )
    treatment: str = knob(
        "proximal",
        "Penalty acts",
        options=tuple(TREATMENTS.items()),
        help="By its prox it gives exact zeros under L1; in the gradient it hardly ever does; clamped, a weight that crosses zero is dead for ever.",
    )
    biases: bool = knob(False, "Penalise biases")
    dropout: float = knob(
        0.0, "Dropout rate", bounds=(0.0, 0.9), quantum=0.05, latex="p", family=True, help="The probability that a unit is DROPPED."
    )
    epochs: float = knob(400.0, "Epochs", bounds=(100.0, 2000.0), quantum=100.0)
    patience: float = knob(
        0.0,
        "Early stopping",
        bounds=(0.0, 200.0),
        quantum=10.0,
        help="Rest once validation has not improved for so many epochs; 0: never.",
    )
    axis: str = knob("lam", "Sixteen networks along", options=tuple(AXES.items()), help="What the family differs in. Everything else is the same.")
    surface: str = knob(
        "pca",
        "Plane of the race",
        options=(("pca", "where paths vary most"), ("pair", "through two rules"), ("random", "two random directions")),
        help="The plane of the network's own loss surface: that in which the paths vary most, that through the start and two rules, or any one.",
    )
    across: str = knob("sgd", "Across, to", options=tuple((key, RULES[key].label) for key in RACERS), help="The plane holds where this rule stands.")
    upwards: str = knob("adam", "Upwards, to", options=tuple((key, RULES[key].label) for key in RACERS), help="And where this one stands.")
    member: float = knob(0.0, "member", bounds=(0.0, MEMBERS - 1.0), quantum=1.0, hidden=True)
    epoch: float = knob(0.0, "epoch", bounds=(0.0, 2000.0), quantum=1.0, hidden=True)

    def feasible(self) -> Mapping[str, tuple[float, float]]:
        """Features are those that the data have, two different ones."""
        if self.data == OWN:  # whose columns are not known here; they are chosen by name, in the session
            return {}
        columns = float(self.dataset.inputs)
        return {"first": (1.0, columns - 1.0), "second": (min(self.first, columns - 1.0) + 1.0, columns)}

    @property
    def dataset(self) -> Dataset:
        """What is trained on.

        Raises
        ------
        InvalidInput
            For own data, which are not part of these settings.
        """
        if self.data == OWN:
            raise InvalidInput("your own data, which are not here", "a table in this session", "Paste or upload it.")
        return DATASETS[self.data]

    @property
    def values(self) -> tuple[Any, ...]:
        """The axis's value of each member."""
        if self.axis == "rule":
            return RACERS
        if self.axis == "seed":
            return tuple(int(self.seed) + i for i in range(MEMBERS))
        if self.axis == "lr" and self.rule in ("rmsprop", "adam", "adamw"):
            return _three_digits(np.geomspace(1e-4, 1.0, MEMBERS))
        return FAMILIES[self.axis]

    @property
    def members(self) -> int:
        """How many networks are trained together."""
        return len(self.values)

    @property
    def rates(self) -> tuple[float, ...]:
        """The learning rate of each member."""
        if self.axis == "rule":
            return tuple(float(f"{SHARES[rule] * self.lr:.3g}") for rule in RACERS)
        return self.values if self.axis == "lr" else (self.lr,) * self.members

    @property
    def columns(self) -> tuple[int, int]:
        """The two features of the plane, by number from 0."""
        return int(self.first) - 1, int(self.second) - 1

    def training(self) -> TrainingSpec:
        """Return what is trained: where scrubs stand makes no difference to it."""
        real = not self.dataset.synthetic
        one = TrainingSpec(
            data="given" if self.data == OWN else self.data,
            points=int(self.points),
            noise=self.noise if not real or self.axis == "noise" else 0.0,
            split=self.split,
            data_seed=int(self.draw),
            plane=self.columns if real and self.plane == "features" else (),
            hidden=(int(self.units),) * int(self.layers),
            activation=self.activation,
            batch_norm=self.batch_norm,
            dropout=self.dropout,
            init_scale=self.scale,
            seed=int(self.seed),
            rule=self.rule,
            lr=self.lr,
            batch=0 if self.batch == "all" else int(self.batch),
            penalty=self.penalty,
            rho=self.rho,
            lam=self.lam,
            treatment=self.treatment,
            biases=self.biases,
            epochs=int(self.epochs),
            patience=int(self.patience),
        )
        along: dict[str, Any] = {self.axis: self.values}
        if self.axis == "rule":
            pair = (RACERS.index(self.across), RACERS.index(self.upwards))
            # A plane needs two rules; with one named twice it is the plane in which the paths vary most.
            race = "pca" if self.surface == "pair" and pair[0] == pair[1] else self.surface
            along |= {"lr": self.rates, "race": race, "pair": pair if race == "pair" else (0, 1)}
        return one.replace(**along)


@dataclass(frozen=True)
class OwnTrainingLabSpec(TrainingLabSpec):
    """Settings of the lab "Training" together with somebody's own data, which no link and no cache of the process holds.

    Attributes
    ----------
    own:
        The data.
    pair:
        Two different features, by number from 0, for the plane of two features.
    """

    own: OwnDataset | None = None
    pair: tuple[int, int] = (0, 1)

    @property
    def dataset(self) -> Dataset:
        """The own data, or what the settings say."""
        return super().dataset if self.own is None else self.own

    @property
    def columns(self) -> tuple[int, int]:
        """The two features of the plane, by number from 0."""
        return self.pair

    def training(self) -> TrainingSpec:
        """Return what is trained; its data are named by their hash and passed beside it."""
        trained = super().training()
        return trained if self.own is None else trained.replace(points=self.own.rows, data_hash=self.own.own.digest)


def with_own(spec: TrainingLabSpec, own: OwnData, columns: tuple[int, ...] = (0, 1)) -> OwnTrainingLabSpec:
    """Return settings with somebody's own data.

    Raises
    ------
    InvalidInput
        Where the lab cannot train on them.
    """
    dataset = own_dataset(own)
    first, second = columns
    pair = (first, second) if first != second else (first, (first + 1) % dataset.inputs)
    return OwnTrainingLabSpec(**{name: getattr(spec, name) for name in spec.knobs()}, own=dataset, pair=pair)


TRAINING_PRESETS: Mapping[str, TrainingLabSpec] = MappingProxyType(
    {
        "Overfitting": TrainingLabSpec(),
        "Dropout cures it": TrainingLabSpec(axis="dropout"),
        "Exact zeros": TrainingLabSpec(penalty="l1", data="circles", noise=0.2, points=200.0, member=8.0),
        "Too fast": TrainingLabSpec(axis="lr", rule="sgd", activation="relu", data="diabetes", layers=1.0, scale=2.0, member=15.0),
        "Real data": TrainingLabSpec(data="breast_cancer", split=0.3, batch="32", epochs=200.0),
        "Handwriting": TrainingLabSpec(data="digits", split=0.2, batch="64", epochs=100.0, axis="dropout"),
        "A race of rules": TrainingLabSpec(axis="rule", lam=0.001, lr=0.0316, epochs=200.0, data="circles", noise=0.2, member=5.0),
        "Another start": TrainingLabSpec(axis="seed"),
    }
)
