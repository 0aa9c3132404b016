"""The settings of the lab "Dropout"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar

import numpy as np

from core._validate import Floats
from core.knobs import Spec, knob

RATES = 39
USUAL: tuple[tuple[float, str], ...] = (
    (0.1, "10 %"),
    (0.2, "20 %"),
    (0.25, "25 %, recurrent"),
    (0.45, "45 %, convolutional"),
    (0.5, "50 %"),
)
"""What courses recommend: 20 to 30 % in recurrent layers, 40 to 50 % in convolutional ones, 10 to 50 % in all."""
STAGES = ("inputs", "layer 1", "layer 2", "layer 3", "outputs", "errors of the outputs", "back in layer 3", "back in layer 2", "back in layer 1")
"""Where a batch is on its way forward and back: what has been computed up to there is drawn."""


def rates() -> Floats:
    """Return (39,) the probabilities of dropping that every view of the lab has: 0 to 0.95."""
    return np.round(np.linspace(0.0, 0.95, RATES), 4)


@dataclass(frozen=True)
class DropoutSpec(Spec):
    """Settings of the lab "Dropout": the drawn network and its training, what the sections below show, and where the scrubs stand."""

    prefix: ClassVar[str] = "do"

    masks: str = knob(
        "batch",
        "A new mask for",
        options=(("batch", "each batch"), ("row", "each row")),
        help="Courses draw one mask a batch. Libraries draw one for each row of a batch: then a unit that is out for one flower lives for another.",
    )
    activation: str = knob("tanh", "Activation", options=(("tanh", "tanh"), ("relu", "ReLU"), ("linear", "linear")), help="After each hidden unit.")
    rows: float = knob(10.0, "Flowers a batch", bounds=(1.0, 50.0), quantum=1.0, help="With one of them the gradients can be checked by hand.")
    rate: float = knob(0.501, "Learning rate", bounds=(0.001, 10.0), scale="log", quantum=10, latex=r"\eta", help="Of plain descent, batch by batch.")
    scale: float = knob(
        1.0,
        "Initial weights, times",
        bounds=(0.0, 4.0),
        quantum=0.1,
        help="Times 1/√units in. At 0 all weights are zero, and the network is dead from the start.",
    )
    seed: float = knob(3.0, "Seed", bounds=(0.0, 99.0), quantum=1.0, help="Initial weights, the order of the flowers, and who lives.")
    unit: float = knob(
        1.0,
        "Hidden unit in numbers",
        bounds=(1.0, 13.0),
        quantum=1.0,
        help="Counted from the top of the first hidden layer.",
    )
    units: float = knob(100.0, "Units that are summed", bounds=(1.0, 400.0), quantum=1.0, help="Each gives the signal 1.")
    columns: float = knob(
        5.0,
        "Columns of the regression",
        bounds=(1.0, 10.0),
        quantum=1.0,
        help="Of the diabetes data, by what they tell. All 2^d masks are enumerated.",
    )
    scaled: bool = knob(
        False, "Standardised columns", help="Off: each in its own units, as measured. Plain ridge depends on units; dropout's ridge does not."
    )
    kind: str = knob(
        "two",
        "Networks of the ensemble",
        options=(("linear", "two linear layers"), ("one", "one tanh layer"), ("two", "two tanh layers")),
        help="Their N hidden units can all be dropped, in one layer or in two.",
    )
    data: str = knob(
        "moons",
        "Data of what is measured",
        options=(("moons", "Moons"), ("circles", "Circles"), ("xor", "XOR"), ("spiral", "Spiral")),
        help="Of the networks in which units, gradients and rules are compared. Moons come measured; others are measured here, on request.",
    )
    width: str = knob(
        "16", "Hidden units", options=(("8", "8"), ("16", "16"), ("32", "32"), ("64", "64")), help="Of the networks whose units are compared."
    )
    judge: str = knob(
        "train_loss",
        "Rules are judged by",
        options=(("train_loss", "training loss"), ("val_loss", "validation loss")),
        help="Without dropout, as the networks would be used.",
    )
    p: float = knob(0.3, "p", bounds=(0.0, 0.95), quantum=0.025, hidden=True)
    batch: float = knob(5.0, "batch", bounds=(1.0, 40.0), quantum=1.0, hidden=True)
    stage: float = knob(8.0, "stage", bounds=(0.0, 8.0), quantum=1.0, hidden=True)
    ensemble: float = knob(6.0, "units of the ensemble", bounds=(1.0, 12.0), quantum=1.0, hidden=True)
    target: float = knob(16.0, "target", bounds=(0.0, 29.0), quantum=1.0, hidden=True)

    @property
    def member(self) -> int:
        """The place of p among `rates`."""
        return int(np.abs(rates() - self.p).argmin())


DROPOUT_PRESETS: Mapping[str, DropoutSpec] = MappingProxyType(
    {
        "A mask a batch": DropoutSpec(),
        "A mask a row": DropoutSpec(masks="row"),
        "One flower, by hand": DropoutSpec(rows=1.0, rate=0.1),
        "A layer without units": DropoutSpec(p=0.75, batch=6.0),
        "Dead from the start": DropoutSpec(scale=0.0, activation="relu"),
        "No dropout": DropoutSpec(p=0.0),
    }
)
