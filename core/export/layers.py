"""Convolutional and recurrent networks as short fragments: the advised layers, what is decayed, and the optimizer. scikit-learn has neither."""

from __future__ import annotations

from dataclasses import dataclass

from core.errors import InvalidInput
from core.export.training.settings import Snippet

KINDS = ("conv", "recurrent")
RULES = ("sgd", "momentum", "adam", "adamw")
IMAGES, SEQUENCES, OUTPUTS = (4, 32, 32, 3), (4, 20, 8), {"conv": 10, "recurrent": 1}
"""What the fragments take, rows first and channels last, and how many outputs they have."""


@dataclass(frozen=True)
class Layers:
    """What a fragment is to say.

    Parameters
    ----------
    kind:
        "conv" or "recurrent".
    dropout:
        The probability of dropping; 0 leaves dropout out.
    weight_decay:
        2 lambda, or AdamW's own.
    rule, lr:
        "sgd", "momentum", "adam" or "adamw", and its rate.
    batch_norm:
        Whether convolutions are normalised. Recurrent layers never are.

    Raises
    ------
    InvalidInput
        For another kind or rule, or numbers out of their range.
    """

    kind: str
    dropout: float
    weight_decay: float
    rule: str
    lr: float
    batch_norm: bool = False

    def __post_init__(self) -> None:
        """Refuse what no fragment can say."""
        for name, allowed in (("kind", KINDS), ("rule", RULES)):
            if getattr(self, name) not in allowed:
                raise InvalidInput(f"{name} {getattr(self, name)!r}", "one of " + ", ".join(allowed), "Choose one of them.")
        if not (0.0 <= self.dropout < 1.0 and 0.0 <= self.weight_decay < float("inf") and 0.0 < self.lr < float("inf")):
            raise InvalidInput("a fragment's numbers", "0 <= dropout < 1, weight_decay >= 0, lr > 0", "Bring them into their range.")

    @property
    def lam(self) -> float:
        """Lambda where the decay is an L2 term."""
        return self.weight_decay / 2.0


def layer_snippets(settings: Layers) -> tuple[Snippet, ...]:
    """Return the fragments, PyTorch, Keras and MLX in this order; each prints the shape of what it says about a batch."""
    return pytorch(settings), keras(settings), mlx(settings)


def _n(value: float) -> str:
    return f"{value:.6g}"


def pytorch(s: Layers) -> Snippet:
    """Return the fragment for PyTorch."""
    drop = f"nn.Dropout({_n(s.dropout)}), " if s.dropout else ""
    if s.kind == "conv":
        norm = ("nn.BatchNorm2d(32), ", "nn.BatchNorm2d(64), ") if s.batch_norm else ("", "")
        model = f"""\
model = nn.Sequential(
    nn.Conv2d(3, 32, 3, padding=1), {norm[0]}nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(32, 64, 3, padding=1), {norm[1]}nn.ReLU(), nn.AdaptiveAvgPool2d(1),
    nn.Flatten(), {drop}nn.Linear(64, 10),
)"""
        batch = "torch.randn(4, 3, 32, 32)"
    else:
        between = f", dropout={_n(s.dropout)}" if s.dropout else ""
        model = f"""\
class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(8, 32, num_layers=2, batch_first=True{between})  # dropout between the two layers, not along time
        self.drop, self.head = nn.Dropout({_n(s.dropout)}), nn.Linear(32, 1)

    def forward(self, x):
        states, _ = self.lstm(x)
        return self.head(self.drop(states[:, -1]))


model = Network()"""
        batch = "torch.randn(4, 20, 8)"
    name = {"sgd": "SGD", "momentum": "SGD", "adam": "Adam", "adamw": "AdamW"}[s.rule]
    more = ", momentum=0.9" if s.rule == "momentum" else ""
    code = f"""\
import torch
from torch import nn

{model}

# Matrices and filters are decayed; biases, and a norm's scales and shifts, are not.
decayed = [p for p in model.parameters() if p.ndim > 1]
others = [p for p in model.parameters() if p.ndim <= 1]
groups = [{{"params": decayed, "weight_decay": {_n(s.weight_decay)}}}, {{"params": others, "weight_decay": 0.0}}]
optimizer = torch.optim.{name}(groups, lr={_n(s.lr)}{more})

print(tuple(model({batch}).shape))
"""
    return Snippet("PyTorch", code, "model.eval() before you judge: dropout rests then, and a norm takes its running statistics.")


def keras(s: Layers) -> Snippet:
    """Return the fragment for Keras."""
    coupled = s.rule != "adamw"
    reg = ", kernel_regularizer=decay" if coupled else ""
    if s.kind == "conv":
        norm = "    keras.layers.BatchNormalization(),\n" if s.batch_norm else ""
        drop = f"    keras.layers.Dropout({_n(s.dropout)}),\n" if s.dropout else ""
        relu = '    keras.layers.Activation("relu"),\n'
        layers = (
            "    keras.Input((32, 32, 3)),\n"
            f'    keras.layers.Conv2D(32, 3, padding="same"{reg}),\n{norm}{relu}    keras.layers.MaxPooling2D(),\n'
            f'    keras.layers.Conv2D(64, 3, padding="same"{reg}),\n{norm}{relu}    keras.layers.GlobalAveragePooling2D(),\n'
            f"{drop}    keras.layers.Dense(10{reg}),\n"
        )
        batch = "(4, 32, 32, 3)"
    else:
        both = f", dropout={_n(s.dropout)}, recurrent_dropout={_n(s.dropout)}" if s.dropout else ""
        recurrent = ", recurrent_regularizer=decay" if coupled else ""
        layers = f"    keras.Input((20, 8)),\n    keras.layers.LSTM(32{both}{reg}{recurrent}),\n    keras.layers.Dense(1{reg}),\n"
        batch = "(4, 20, 8)"
    name = {"sgd": "SGD", "momentum": "SGD", "adam": "Adam", "adamw": "AdamW"}[s.rule]
    more = ", momentum=0.9" if s.rule == "momentum" else "" if coupled else f", weight_decay={_n(s.weight_decay)}"
    made = f"decay = keras.regularizers.L2({_n(s.lam)})  # lambda: half of weight_decay\n" if coupled else ""
    excluded = (
        ""
        if coupled
        else 'kept = ("kernel", "recurrent_kernel")\noptimizer.exclude_from_weight_decay('
        "var_list=[v for v in model.trainable_variables if v.name not in kept])\n"
    )
    code = f"""\
import os

os.environ.setdefault("KERAS_BACKEND", "torch")  # "jax" and "tensorflow" will do as well
import keras

{made}model = keras.Sequential([
{layers}])
optimizer = keras.optimizers.{name}(learning_rate={_n(s.lr)}{more})
model.build()
optimizer.build(model.trainable_variables)
{excluded}
print(tuple(model(keras.random.normal({batch}), training=False).shape))
"""
    note = "Keras's weight_decay is decoupled in every rule; an L2 term is a regularizer." if coupled else "Keras's AdamW decays all variables."
    if s.kind == "recurrent" and s.dropout:
        note += " Its recurrent_dropout keeps one mask along a whole sequence."
    return Snippet("Keras", code, note)


def mlx(s: Layers) -> Snippet:
    """Return the fragment for MLX."""
    if s.kind == "conv":
        norm = ("nn.BatchNorm(32), ", "nn.BatchNorm(64), ") if s.batch_norm else ("", "")
        drop = f"nn.Dropout({_n(s.dropout)}), " if s.dropout else ""
        model = f"""\
model = nn.Sequential(
    nn.Conv2d(3, 32, 3, padding=1), {norm[0]}nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(32, 64, 3, padding=1), {norm[1]}nn.ReLU(), lambda x: x.mean(axis=(1, 2)),
    {drop}nn.Linear(64, 10),
)"""
        batch = "(4, 32, 32, 3)"
    else:
        model = f"""\
class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm, self.drop, self.head = nn.LSTM(8, 32), nn.Dropout({_n(s.dropout)}), nn.Linear(32, 1)

    def __call__(self, x):
        states, _ = self.lstm(self.drop(x))
        return self.head(self.drop(states[:, -1]))


model = Network()"""
        batch = "(4, 20, 8)"
    rate = _n(s.lr)
    if s.rule == "adamw":
        decayed = f"optim.AdamW({rate}, weight_decay={_n(s.weight_decay)})"
        optimizer = f"optimizer = optim.MultiOptimizer([{decayed}, optim.AdamW({rate}, weight_decay=0.0)], [lambda name, w: w.ndim > 1])"
        penalty = ""
    else:
        made = {"sgd": f"optim.SGD({rate})", "momentum": f"optim.SGD({rate}, momentum=0.9)", "adam": f"optim.Adam({rate}, bias_correction=True)"}
        optimizer = f"optimizer = {made[s.rule]}"
        penalty = f"""

def penalty(model):  # to be added to the loss: lambda |w|^2 over matrices and filters
    return {_n(s.lam)} * sum(mx.square(p).sum() for _, p in tree_flatten(model.trainable_parameters()) if p.ndim > 1)

"""
    tree = "" if s.rule == "adamw" else "from mlx.utils import tree_flatten\n"
    code = f"""\
import mlx.core as mx
import mlx.nn as nn
import mlx.optimizers as optim
{tree}
{model}
{penalty}
{optimizer}
model.eval()
print(tuple(model(mx.random.normal({batch})).shape))
"""
    return Snippet("MLX", code, "MLX's Adam corrects no bias unless told to; images have their channels last.")
