"""What a family of networks is and how it is trained: plain values and tuples only, no torch, ready to travel as JSON."""

from __future__ import annotations

import dataclasses
import itertools
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, Self

from core.errors import InvalidInput
from core.optimizers import RULES
from core.penalties import PENALTIES

Number = float | tuple[float, ...]
Whole = int | tuple[int, ...]

ACTIVATIONS: Mapping[str, str] = MappingProxyType({"relu": "ReLU", "tanh": "tanh", "gelu": "GELU", "sigmoid": "sigmoid", "linear": "linear"})
TREATMENTS: Mapping[str, str] = MappingProxyType(
    {"subgradient": "in the gradient", "proximal": "by its prox", "decoupled": "as decay beside", "clamped": "clamped (a warning)"}
)
NORM_PLACES: Mapping[str, str] = MappingProxyType({"before": "before the activation", "after": "after the activation"})
DROPOUT_PLACES: Mapping[str, str] = MappingProxyType(
    {"after": "after norm and activation", "before": "before the norm", "last": "after the last hidden layer alone"}
)
PLANES: Mapping[str, str] = MappingProxyType(
    {"": "none", "pca": "principal components of the paths", "pair": "from the start to two members", "random": "two random directions"}
)

AXES = ("lam", "dropout", "lr", "noise", "init_scale", "batch_norm", "seed", "rule", "rho")
"""The fields that can be a family axis: a tuple has a value for each member."""

EDITABLE = ("lam", "dropout", "lr")
"""The fields that can change while a family trains, without a new start."""

MEMBERS, LAYERS, WIDTH, POINTS, EPOCHS = 4096, 6, 256, 5000, 5000
WEIGHTS = 8_000_000
"""Caps, so that no spec holds up the others: members, hidden layers, units a layer, points, epochs, and weights of all members together."""


@dataclass(frozen=True)
class TrainingSpec:
    """A family of multilayer perceptrons, its data and its training.

    Every field has a default. The fields of `AXES` take one value for all members or a tuple with one for each; all tuples have the same length.
    Members that share a seed share initial weights and dropout's draws, and all members meet the same batches in the same order: what differs
    between two members is what their axis says, and nothing else.

    Parameters
    ----------
    data:
        A key of `core.datasets.DATASETS`, or ``"given"`` for data passed to `core.training.start`; ``data_hash`` then names them.
    points, noise, split, data_seed:
        How many points are drawn (synthetic data), the standard deviation of the Gaussian noise added to each input, the share that is trained on,
        and the seed of draw and split.
    plane:
        Two columns of the inputs whose plane the decision boundary is drawn in, the others at their mean; () for two principal components.
    hidden, activation, batch_norm:
        Units of each hidden layer, what follows each of them, and whether there is batch normalisation in each hidden layer. It knows a unit's mean
        and variance from the batch: in a batch of one point the variance is 0, and every unit gives its shift, whatever the point. PyTorch refuses
        such a batch.
    dropout:
        Probability that a hidden unit is DROPPED; what survives is divided by 1 - p.
    norm_place, dropout_place:
        Whether batch normalisation stands "before" or "after" the activation, and dropout "after" both of them, "before" the norm, which then
        normalises what dropout has left, or after both in the "last" hidden layer alone. A network without batch normalisation leaves the norm out
        and keeps the order of the rest.
    init_scale, seed:
        Times torch.nn.Linear's own initial weights, drawn from this seed.
    rule, options, lr, batch:
        The update rule and (name, value) pairs of its hyperparameters, its rate, and points a batch (0: all).
    penalty, rho, lam, treatment, biases:
        The penalty R, the elastic net's mix, its weight lambda, how it acts (see `core.descent`), and whether biases are penalised.
    epochs, patience:
        Where training ends; and early stopping: a member rests once its validation loss has not fallen for so many epochs (0: never).
    device, precision:
        ``"auto"`` takes a GPU when there is one; ``"float32"`` or ``"float64"``.
    race, pair:
        Whether the paths of the weights are recorded, and over which plane of the loss surface they are drawn: "" (none), "pca", "random", or "pair",
        the plane through the start and the two members that ``pair`` names.

    Raises
    ------
    InvalidInput
        From the constructor, naming the value, the allowed range and the remedy.
    """

    data: str = "moons"
    points: int = 200
    noise: Number = 0.25
    split: float = 0.5
    data_seed: int = 0
    data_hash: str = ""
    plane: tuple[int, ...] = ()
    hidden: tuple[int, ...] = (16, 16)
    activation: str = "tanh"
    batch_norm: bool | tuple[bool, ...] = False
    dropout: Number = 0.0
    init_scale: Number = 1.0
    seed: Whole = 0
    rule: str | tuple[str, ...] = "adam"
    options: tuple[tuple[str, float], ...] = ()
    lr: Number = 0.01
    batch: int = 0
    penalty: str = "l2"
    rho: Number = 0.5
    lam: Number = 0.0
    treatment: str = "subgradient"
    biases: bool = False
    epochs: int = 400
    patience: int = 0
    device: str = "auto"
    precision: str = "float32"
    race: str = ""
    pair: tuple[int, int] = (0, 1)
    norm_place: str = "before"
    dropout_place: str = "after"

    def __post_init__(self) -> None:
        """Refuse what no engine should be asked for."""
        for name in ("hidden", "plane", "options", "pair"):
            if not isinstance(getattr(self, name), tuple):
                raise InvalidInput(f"{name} = {_shown(getattr(self, name))}", "a tuple", f"Pass {name} as a tuple.")
        from core.datasets import DATASETS

        _choice("data", self.data, (*DATASETS, "given"))
        _choice("activation", self.activation, ACTIVATIONS)
        _choice("penalty", self.penalty, PENALTIES)
        _choice("treatment", self.treatment, TREATMENTS)
        _choice("device", self.device, ("auto", "cpu", "cuda"))
        _choice("precision", self.precision, ("float32", "float64"))
        _choice("race", self.race, PLANES)
        _choice("norm_place", self.norm_place, NORM_PLACES)
        _choice("dropout_place", self.dropout_place, DROPOUT_PLACES)
        for rule in self._each("rule"):
            _choice("rule", rule, RULES)
        for switch in (self.biases, *self._each("batch_norm")):
            if not isinstance(switch, bool):
                raise InvalidInput(f"batch_norm or biases = {switch!r}", "true or false", "Pass True or False.")
        for name, (low, high) in _WHOLE.items():
            for value in self._each(name):
                _whole(name, value, low, high)
        for name, (lowest, highest) in _NUMBERS.items():
            for value in self._each(name):
                _number(name, value, lowest, highest)
        for name, limit in (("hidden", WIDTH), ("plane", POINTS)):
            for value in getattr(self, name):
                _whole(name, value, 1 if name == "hidden" else 0, limit)
        if len(self.hidden) > LAYERS:
            raise InvalidInput(f"{len(self.hidden)} hidden layers", f"0 to {LAYERS}", "Leave some out.")
        if len(self.plane) not in (0, 2) or len(set(self.plane)) != len(self.plane):
            raise InvalidInput(f"plane = {self.plane}", "two different columns, or none", "Name two columns of the inputs by number.")
        self._check_lengths()
        self._check_pair()
        self._check_options()
        self._check_size()

    # ------------------------------------------------------------------------------------------------------------ families

    @cached_property
    def members(self) -> int:
        """How many networks the family has."""
        return max((len(value) for name in AXES if isinstance(value := getattr(self, name), tuple)), default=1)

    def values(self, name: str) -> tuple[Any, ...]:
        """Return the value of a field of `AXES` for each member, ``members`` long."""
        value = getattr(self, name)
        return value if isinstance(value, tuple) else (value,) * self.members

    def member(self, i: int) -> Self:
        """Return the spec of one member alone."""
        if not 0 <= i < self.members:
            raise InvalidInput(f"member {i}", f"0 to {self.members - 1}", "Count members from 0.")
        alone = {name: value[i] for name in AXES if isinstance(value := getattr(self, name), tuple)}
        # A plane through two members is no plane of one.
        return self.replace(**alone, **({"race": "pca", "pair": (0, 1)} if self.race == "pair" else {}))

    def replace(self, **changes: Any) -> Self:  # noqa: ANN401 - fields of several types
        """Return a copy with ``changes`` made, validated like any other spec."""
        return dataclasses.replace(self, **changes)

    @property
    def order(self) -> tuple[str, ...]:
        """What a hidden layer does after its weights and biases, in this order: "norm", "activation" and "dropout"."""
        stages = ["norm", "activation"] if self.norm_place == "before" else ["activation", "norm"]
        stages.insert(stages.index("norm") if self.dropout_place == "before" else 2, "dropout")
        return tuple(stages)

    # -------------------------------------------------------------------------------------------------------------- travel

    def to_json(self) -> str:
        """Return the spec as JSON, the same text for equal specs."""
        return json.dumps(dataclasses.asdict(self), sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return the spec that `to_json` wrote.

        Raises
        ------
        InvalidInput
            Where the text is no JSON, names a field that there is none of, or holds what a spec cannot be.
        """
        try:
            given = json.loads(text)
        except ValueError:
            raise InvalidInput("a spec that is no JSON", "what to_json returned", "Send it whole.") from None
        if not isinstance(given, dict) or (unknown := set(given) - {field.name for field in dataclasses.fields(cls)}):
            what = f"a field {sorted(unknown)[0]!r}" if isinstance(given, dict) else "a spec that is no mapping"
            raise InvalidInput(what, "the fields of TrainingSpec", "Leave it out.") from None
        return cls(**{name: _tuples(value) for name, value in given.items()})

    # ---------------------------------------------------------------------------------------------------------------- size

    def layers(self, inputs: int, outputs: int) -> tuple[tuple[int, int], ...]:
        """Return (units in, units out) of each layer, for data with ``inputs`` columns and a network with ``outputs`` outputs."""
        sizes = (inputs, *self.hidden, outputs)
        return tuple(itertools.pairwise(sizes))

    def parameters(self, inputs: int, outputs: int) -> int:
        """Return how many weights and biases one member has, batch normalisation's scales and shifts included where any member uses it."""
        plain = sum(into * out + out for into, out in self.layers(inputs, outputs))
        return plain + (2 * sum(self.hidden) if any(self.values("batch_norm")) else 0)

    @property
    def rows(self) -> int:
        """How many points are trained on, about."""
        from core.datasets import DATASETS

        dataset = DATASETS.get(self.data)
        return max(1, round(self.split * (dataset.rows if dataset is not None and dataset.rows else self.points)))

    @property
    def cost(self) -> float:
        """Multiply-adds of an epoch, about: what a link of a run is measured by."""
        from core.datasets import DATASETS

        dataset = DATASETS.get(self.data)
        inputs, outputs = (dataset.inputs, dataset.outputs) if dataset is not None else (64, 10)
        return 3.0 * self.members * self.rows * self.parameters(inputs, outputs)

    # -------------------------------------------------------------------------------------------------------------- inside

    def _each(self, name: str) -> tuple[Any, ...]:
        value = getattr(self, name)
        return value if isinstance(value, tuple) else (value,)

    def _check_lengths(self) -> None:
        lengths = {name: len(value) for name in AXES if isinstance(value := getattr(self, name), tuple)}
        if len(set(lengths.values())) > 1:
            said = ", ".join(f"{name} of {length}" for name, length in lengths.items())
            raise InvalidInput(
                f"family axes of different lengths ({said})", "one length for all of them", "Give every tuple a value for each member."
            )
        if not 1 <= self.members <= MEMBERS or 0 in lengths.values():
            raise InvalidInput(f"a family of {0 if 0 in lengths.values() else self.members}", f"1 to {MEMBERS} members", "Shorten its axis.")

    def _check_pair(self) -> None:
        for i in self.pair:
            _whole("pair", i, 0, MEMBERS)
        if len(self.pair) != 2 or (self.race == "pair" and (max(self.pair) >= self.members or self.pair[0] == self.pair[1])):
            raise InvalidInput(f"pair = {self.pair}", f"two different members of 0 to {self.members - 1}", "Name two members of the family.")

    def _check_options(self) -> None:
        for entry in self.options:
            if not (isinstance(entry, tuple) and len(entry) == 2 and isinstance(entry[0], str)):
                raise InvalidInput(f"options = {self.options!r}", "(name, value) pairs", "Name a hyperparameter of the rule and its value.")
        for rule in set(self._each("rule")):
            rule_of(rule, self.options)
        for option in self.options:
            _of_some_rule(option)

    def _check_size(self) -> None:
        from core.datasets import DATASETS

        dataset = DATASETS.get(self.data)
        inputs, outputs = (dataset.inputs, dataset.outputs) if dataset is not None else (1, 1)
        if self.plane and dataset is not None and max(self.plane) >= inputs:
            raise InvalidInput(f"plane = {self.plane}", f"columns 0 to {inputs - 1} of {self.data}", "Name two columns that the data have.")
        weights = self.members * self.parameters(inputs, outputs)
        if weights > WEIGHTS:
            raise InvalidInput(f"{weights:,} weights in {self.members} networks", f"at most {WEIGHTS:,}", "Take fewer members or narrower layers.")


def rule_of(key: str, options: tuple[tuple[str, float], ...] = ()) -> Any:  # noqa: ANN401 - a Rule, whose hyperparameters may be arrays later
    """Return the rule of RULES with those of the options that it has; ``weight_decay`` is 0 unless an option says otherwise.

    Raises
    ------
    InvalidInput
        Where no rule has a hyperparameter of an option's name, or the rule refuses its value.
    """
    known = {field.name for rule in RULES.values() for field in dataclasses.fields(rule)} | {"beta1", "beta2"}
    for name, value in options:
        if name not in known - {"betas"}:
            raise InvalidInput(f"option {name!r}", "one of " + ", ".join(sorted(known - {"betas"})), "Leave it out.")
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise InvalidInput(f"option {name} = {value!r}", "a finite number", "Pass a number.")
    given: dict[str, Any] = dict(options)
    fields: dict[str, Any] = {field.name: field.default for field in dataclasses.fields(RULES[key])}
    taken: dict[str, Any] = {
        name: float(given.get(name, 0.0 if name == "weight_decay" else default)) for name, default in fields.items() if name != "betas"
    }
    if "betas" in fields:
        taken["betas"] = (float(given.get("beta1", 0.9)), float(given.get("beta2", 0.999)))
    return RULES[key](**taken)


def _of_some_rule(option: tuple[str, float]) -> None:
    """Refuse an option that every rule refuses, whether or not this spec has a rule that looks at it."""
    refusals = []
    for rule, kind in RULES.items():
        if option[0] in {field.name for field in dataclasses.fields(kind)} | ({"beta1", "beta2"} if hasattr(kind, "betas") else set()):
            try:
                rule_of(rule, (option,))
            except InvalidInput as refusal:
                refusals.append(refusal)
            else:
                return
    if refusals:
        raise refusals[0]


_WHOLE = {
    "points": (4, POINTS),
    "data_seed": (0, 2**31 - 1),
    "seed": (0, 2**31 - 1),
    "batch": (0, POINTS),
    "epochs": (1, EPOCHS),
    "patience": (0, EPOCHS),
}
_NUMBERS = {
    "noise": (0.0, 5.0),
    "split": (0.1, 0.9),
    "dropout": (0.0, 0.95),
    "init_scale": (0.0, 100.0),
    "lr": (1e-6, 100.0),
    "rho": (0.0, 1.0),
    "lam": (0.0, 100.0),
}


def _choice(name: str, value: object, allowed: Any) -> None:  # noqa: ANN401 - any collection of strings
    if not isinstance(value, str) or value not in allowed:
        named = ", ".join(repr(each) for each in allowed)
        raise InvalidInput(f"{name} = {_shown(value)}", f"one of {named}", f"Choose one of them as {name}.")


def _whole(name: str, value: object, low: int, high: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise InvalidInput(f"{name} = {_shown(value)}", f"a whole number from {low} to {high}", f"Bring {name} into that range.")


def _number(name: str, value: object, low: float, high: float) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise InvalidInput(f"{name} = {_shown(value)}", f"a number from {low:g} to {high:g}", f"Bring {name} into that range.")


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _tuples(value: Any) -> Any:  # noqa: ANN401 - any JSON
    return tuple(_tuples(each) for each in value) if isinstance(value, list) else value
