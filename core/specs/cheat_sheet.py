"""The settings of the page "Cheat sheet": the answers that the guide asks for, and the numbers that are translated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar

from core.knobs import Spec, knob

_LEAST_KEPT = 0.001


def _typed(default: float, label: str, high: float, help: str, low: float = 0.0, **described: Any) -> Any:  # noqa: ANN401 - stands for a field of any type
    return knob(default, label, bounds=(low, high), help=help, typed=True, **described)


@dataclass(frozen=True)
class CheatSheetSpec(Spec):
    """Settings of the page "Cheat sheet". The fields down to ``batch_norm`` are the guide's answers, the others the translation's."""

    prefix: ClassVar[str] = "cs"

    model: str = knob(
        "linear",
        "Model",
        options=(
            ("linear", "Linear regression"),
            ("logistic", "Logistic regression"),
            ("network", "Small network"),
            ("conv", "Convolutional network"),
            ("recurrent", "Recurrent network"),
        ),
        help="What is to be fitted.",
    )
    samples: str = knob(
        "hundreds", "Samples", options=(("tens", "tens"), ("hundreds", "hundreds"), ("thousands", "thousands")), help="Rows to train on."
    )
    features: str = knob(
        "few", "Features", options=(("few", "few"), ("equal", "as many as rows"), ("many", "many more")), help="Beside the number of rows."
    )
    relevant: str = knob("most", "Likely to matter", options=(("few", "a few"), ("some", "about half"), ("most", "most")), help="Your guess.")
    correlation: str = knob(
        "low",
        "Features move together",
        options=(("low", "hardly"), ("groups", "in groups"), ("twins", "nearly copies")),
        help="Groups: correlations of about 0.7. Copies: of about 0.95.",
    )
    selection: bool = knob(False, "It must say which features matter", help="Because someone has to read the model, or measure fewer things.")
    optimizer: str = knob(
        "exact",
        "Optimizer",
        options=(
            ("exact", "Closed form or coordinate descent"),
            ("sgd", "SGD"),
            ("momentum", "Momentum"),
            ("adam", "Adam"),
            ("adamw", "AdamW"),
        ),
        help="What minimises it. A network has no closed form.",
    )
    batch_norm: bool = knob(False, "Batch normalisation is used", help="In hidden layers.")

    convention: str = knob(
        "lab",
        "I have numbers of",
        options=(
            ("lab", "this lab"),
            ("half", "a book with α/2 |w|²"),
            ("ridge", "Ridge, or a sum of squares"),
            ("lasso", "Lasso"),
            ("elastic_net", "ElasticNet"),
            ("glmnet", "glmnet"),
            ("logistic", "LogisticRegression"),
            ("mlp", "MLPClassifier or MLPRegressor"),
            ("torch", "PyTorch's weight_decay"),
            ("torch_mse", "PyTorch's weight_decay with MSELoss"),
            ("mlx", "MLX's weight_decay"),
            ("keras", "Keras regularizers"),
            ("keras_mse", 'Keras regularizers with "mse"'),
        ),
        help="The convention in which the numbers below are typed.",
    )
    lam: float = _typed(0.1, "λ", 1e6, "The penalty's weight: 0 or more.")
    rho: float = _typed(0.0, "ρ", 1.0, "The L1 share: 0 is L2, 1 is L1.")
    alpha: float = _typed(1.0, "alpha", 1e9, "The penalty's weight in this convention: 0 or more.")
    l1_ratio: float = _typed(0.5, "l1_ratio", 1.0, "From 0 (L2) to 1 (L1); with a half before the square it is not ρ.")
    inverse: float = _typed(1.0, "C", 1e9, "The inverse of the penalty's weight: above 0.", low=1e-9, key="c")
    weight_decay: float = _typed(0.01, "weight_decay", 1e6, "0 or more.")
    l1: float = _typed(0.01, "l1", 1e6, "The weight of |w|₁: 0 or more.")
    l2: float = _typed(0.01, "l2", 1e6, "The weight of |w|²: 0 or more.")
    rows: float = _typed(100.0, "Rows n", 1e9, "How many rows the model is fitted to.", low=1.0, quantum=1.0)
    batch: float = _typed(32.0, "Rows a batch B", 1e6, "What the MLP of scikit-learn divides by.", low=1.0, quantum=1.0)
    dropping: str = knob("drop", "The rate is to", options=(("drop", "drop"), ("keep", "keep")), help="Libraries of today drop; TensorFlow 1 kept.")
    rate: float = _typed(0.5, "Rate", 1.0, "A probability; something must be kept.")

    def feasible(self) -> Mapping[str, tuple[float, float]]:
        """Something must be kept."""
        return {"rate": (_LEAST_KEPT, 1.0) if self.dropping == "keep" else (0.0, 1.0 - _LEAST_KEPT)}


CHEAT_SHEET_PRESETS: Mapping[str, CheatSheetSpec] = MappingProxyType(
    {
        "Few features, many rows": CheatSheetSpec(),
        "Many features, few rows": CheatSheetSpec(samples="tens", features="many", relevant="few", selection=True),
        "Nearly copies": CheatSheetSpec(correlation="twins", relevant="some", selection=True),
        "Who is ill, and why": CheatSheetSpec(model="logistic", features="equal", relevant="few", correlation="groups", selection=True),
        "A small network with Adam": CheatSheetSpec(model="network", optimizer="adam"),
        "A network with batch norm": CheatSheetSpec(model="network", optimizer="momentum", batch_norm=True, samples="thousands"),
        "Images": CheatSheetSpec(model="conv", optimizer="adamw", batch_norm=True, samples="thousands", features="many"),
        "Sequences": CheatSheetSpec(model="recurrent", optimizer="adam", samples="thousands"),
    }
)
