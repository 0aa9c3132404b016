"""The fragments of convolutional and recurrent networks run, say shapes, drop with the advised rate and decay what they say they decay."""

import contextlib
import io
import itertools
import os
import tempfile

import pytest

from core.errors import InvalidInput
from core.export.layers import KINDS, OUTPUTS, RULES, Layers, layer_snippets

KERAS_HOME = tempfile.mkdtemp()
CASES = [
    Layers(kind, dropout, 0.004, rule, 0.03, batch_norm)
    for (kind, rule), (dropout, batch_norm) in zip(
        itertools.product(KINDS, RULES), itertools.cycle([(0.45, False), (0.0, True), (0.25, True)]), strict=False
    )
]
of_keras = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def run(title: str, settings: Layers) -> dict:
    if title == "Keras":
        os.environ["KERAS_BACKEND"], os.environ["KERAS_HOME"] = "torch", KERAS_HOME
        pytest.importorskip("keras", reason="Keras is not installed")
    if title == "MLX":
        pytest.importorskip("mlx.core", reason="MLX has no build for this machine")
    (snippet,) = [each for each in layer_snippets(settings) if each.title == title]
    names: dict = {"__name__": "script"}
    with contextlib.redirect_stdout(io.StringIO()) as said:
        exec(compile(snippet.code, f"<{title}>", "exec"), names)
    assert said.getvalue().strip() == f"(4, {OUTPUTS[settings.kind]})"
    return names


@pytest.mark.parametrize("settings", CASES, ids=str)
def test_the_pytorch_fragment_drops_and_decays_as_advised(settings):
    import torch

    names = run("PyTorch", settings)
    model, optimizer = names["model"], names["optimizer"]
    kind = {"sgd": "SGD", "momentum": "SGD", "adam": "Adam", "adamw": "AdamW"}[settings.rule]
    assert type(optimizer).__name__ == kind
    decayed, others = optimizer.param_groups
    assert (decayed["weight_decay"], others["weight_decay"], decayed["lr"]) == (0.004, 0.0, 0.03)
    assert decayed.get("momentum", 0.0) == (0.9 if settings.rule == "momentum" else 0.0)
    assert {id(p) for p in decayed["params"] + others["params"]} == {id(p) for p in model.parameters()}
    assert all(p.ndim > 1 for p in decayed["params"])
    rates = {layer.p for layer in model.modules() if isinstance(layer, torch.nn.Dropout)}
    assert rates <= {settings.dropout}
    assert bool(rates) or settings.dropout == 0.0
    norms = [layer for layer in model.modules() if isinstance(layer, torch.nn.BatchNorm2d)]
    assert len(norms) == (2 if settings.batch_norm and settings.kind == "conv" else 0)


@of_keras
@pytest.mark.parametrize("settings", CASES, ids=str)
def test_the_keras_fragment_drops_and_decays_as_advised(settings):
    names = run("Keras", settings)
    model, optimizer = names["model"], names["optimizer"]
    matrices = [v for v in model.trainable_variables if len(v.shape) > 1]
    if settings.rule == "adamw":
        assert optimizer.weight_decay == 0.004
        assert {v.path for v in model.trainable_variables if optimizer._use_weight_decay(v)} == {v.path for v in matrices}
        assert model.losses == []
    else:
        assert optimizer.weight_decay is None
        squares = sum(float((v.value.detach() ** 2).sum()) for v in matrices)
        assert float(sum(each.detach() for each in model.losses)) == pytest.approx(0.002 * squares, rel=1e-5)
    rates = [layer.rate for layer in model.layers if type(layer).__name__ == "Dropout"]
    rates += [layer.dropout for layer in model.layers if type(layer).__name__ == "LSTM"]
    assert set(rates) <= {settings.dropout}
    assert rates or settings.dropout == 0.0


@pytest.mark.parametrize("settings", CASES, ids=str)
def test_the_mlx_fragment_drops_and_decays_as_advised(settings):
    names = run("MLX", settings)
    import mlx.core as mx
    from mlx.utils import tree_flatten, tree_map

    model = names["model"]
    parameters = dict(tree_flatten(model.trainable_parameters()))
    if settings.rule == "adamw":
        before = {name: mx.array(value) for name, value in parameters.items()}
        names["optimizer"].update(model, tree_map(lambda p: mx.zeros_like(p), model.trainable_parameters()))
        for name, value in tree_flatten(model.trainable_parameters()):
            shrunk = before[name] * (1 - 0.03 * 0.004) if before[name].ndim > 1 else before[name]
            assert mx.allclose(value, shrunk, rtol=1e-6, atol=0).item(), name
    else:
        squares = sum(mx.square(p).sum().item() for p in parameters.values() if p.ndim > 1)
        assert names["penalty"](model).item() == pytest.approx(0.002 * squares, rel=1e-5)


@pytest.mark.parametrize("fields", [{"kind": "dense"}, {"rule": "fista"}, {"dropout": 1.0}, {"lr": 0.0}, {"weight_decay": float("nan")}])
def test_what_no_fragment_can_say_is_refused(fields):
    with pytest.raises(InvalidInput):
        Layers(**({"kind": "conv", "dropout": 0.4, "weight_decay": 0.1, "rule": "sgd", "lr": 0.1} | fields))
