"""The exported scripts are run, not read: what they compute is the lab's own training, which shares no line with them."""

import ast
import contextlib
import io
import os
import re
import subprocess
import sys
import tempfile
from functools import cache

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.datasets import DATASETS
from core.errors import InvalidInput
from core.export.training.data import data_block, data_imports
from core.export.training.settings import settings_of
from core.export.training_code import Snippet, training_snippets
from core.networks.layout import layout_of
from core.optimizers import RULES
from core.penalties import PENALTIES
from core.specs.training import ACTIVATIONS, TREATMENTS, TrainingSpec
from core.training import advance, start

TITLES = ("PyTorch", "Keras", "MLX", "scikit-learn")
SMALL = TrainingSpec(points=60, hidden=(5, 4), epochs=4, lr=0.03, precision="float64", device="cpu", data_seed=3, seed=2)
KERAS_HOME = tempfile.mkdtemp()


@pytest.fixture(autouse=True)
def _single_precision_afterwards():
    yield
    torch.set_default_dtype(torch.float32)


def snippet(title: str, spec: TrainingSpec, member: int = 0) -> Snippet:
    (found,) = [each for each in training_snippets(spec, member) if each.title == title]
    return found


def run(title: str, spec: TrainingSpec) -> dict:
    """Return the names that a script leaves behind."""
    names: dict = {"__name__": "script"}
    with contextlib.redirect_stdout(io.StringIO()) as said:
        exec(compile(snippet(title, spec).code, f"<{title}>", "exec"), names)
    assert len(names["history"]) == spec.epochs
    last = names["history"][-1]
    if spec.epochs % max(1, spec.epochs // 10) == 0:
        assert said.getvalue().splitlines()[-1] == f"epoch {spec.epochs:4d}: train loss {last[0]:.4f}, validation loss {last[1]:.4f}"
    return names


@cache
def trained(spec: TrainingSpec) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Return the lab's own (epochs, 2) losses and its weights by torch.nn's names and shapes."""
    state, snapshot = advance(start(spec), spec.epochs)
    history = np.stack([snapshot.curves["train_loss"][0], snapshot.curves["val_loss"][0]], axis=1)
    dataset = DATASETS[spec.data]
    return history, dict(layout_of(spec, dataset.inputs, dataset.outputs).named(state.weights[0].numpy()))


# Keras turns torch tensors into arrays in a way that NumPy 2 warns of.
of_keras = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def keras_is_at_hand() -> None:
    os.environ["KERAS_BACKEND"], os.environ["KERAS_HOME"] = "torch", KERAS_HOME
    pytest.importorskip("keras", reason="Keras is not installed")


# ------------------------------------------------------------------------------------------------ text


def test_there_is_a_script_for_each_of_the_four_frameworks():
    snippets = training_snippets(TrainingSpec(), 0)
    assert tuple(each.title for each in snippets) == TITLES
    assert all(each.note.endswith(".") for each in snippets)


pairs = st.sampled_from(
    [
        ("weight_decay", 0.1),
        ("momentum", 0.5),
        ("beta1", 0.8),
        ("alpha", 0.9),
        ("lr_decay", 0.1),
        ("initial_accumulator_value", 0.2),
    ]
)


@settings(max_examples=100, deadline=None)
@given(
    data=st.sampled_from([*DATASETS, "given"]),
    hidden=st.lists(st.integers(1, 9), max_size=3).map(tuple),
    activation=st.sampled_from(list(ACTIVATIONS)),
    batch_norm=st.booleans(),
    dropout=st.sampled_from([0.0, 0.5]),
    init_scale=st.sampled_from([1.0, 0.3]),
    rule=st.sampled_from(list(RULES)),
    options=st.lists(pairs, max_size=2).map(tuple),
    batch=st.sampled_from([0, 16]),
    penalty=st.sampled_from(list(PENALTIES)),
    rho=st.sampled_from([0.0, 0.3, 1.0]),
    lam=st.sampled_from([0.0, 0.01]),
    treatment=st.sampled_from(list(TREATMENTS)),
    biases=st.booleans(),
    noise=st.sampled_from([0.0, 0.2]),
    task=st.sampled_from([("binary", 1), ("multiclass", 3), ("regression", 1)]),
)
def test_every_setting_gives_four_scripts_that_parse_and_name_what_they_leave_out(rule, options, task, **fields):
    for each in training_snippets(TrainingSpec(rule=rule, options=options, **fields), 0, *task):
        ast.parse(each.code)
        assert "=None" not in each.code.replace("logs=None", "")
        head = each.code.partition("\n\n")[0].replace("\n#   ", " ").splitlines()
        assert [line.removeprefix("# NOT THE SAME HERE: ") for line in head if "NOT THE SAME" in line] == list(each.missing)
        assert all(sentence.endswith(".") for sentence in each.missing)
        if each.title == "PyTorch":
            assert each.missing == ()


def test_each_member_of_a_family_has_its_own_script():
    spec = TrainingSpec(lam=(0.0, 0.25), dropout=(0.5, 0.0), lr=(0.1, 0.2))
    first, second = snippet("PyTorch", spec, 0).code, snippet("PyTorch", spec, 1).code
    assert "network 1 of 2" in first
    assert "nn.Dropout(0.5)" in first
    assert "lam =" not in first
    assert "lr = 0.1" in first
    assert "network 2 of 2" in second
    assert "Dropout" not in second
    assert "lam = 0.25" in second
    with pytest.raises(InvalidInput, match="member 2"):
        training_snippets(spec, 2)
    with pytest.raises(InvalidInput, match="task"):
        training_snippets(TrainingSpec(data="given"), 0, "ranking")


@pytest.mark.parametrize(
    ("fields", "title", "said"),
    [
        ({"rule": "rmsprop", "lam": 0.1, "treatment": "proximal"}, "Keras", "no proximal step in the metric of RMSprop"),
        ({"rule": "fista"}, "Keras", "no FISTA"),
        ({"penalty": "l1", "lam": 0.1, "treatment": "clamped"}, "Keras", "no clamp"),
        ({"penalty": "l1", "lam": 0.1, "treatment": "decoupled"}, "Keras", "L2 decay alone"),
        ({"rule": "rmsprop", "options": (("momentum", 0.9),)}, "MLX", "no momentum"),
        ({"rule": "adagrad", "options": (("initial_accumulator_value", 0.1),)}, "MLX", "sums of 0"),
        ({"penalty": "l1", "lam": 0.1}, "scikit-learn", "no L1 penalty; here there is no penalty"),
        ({"penalty": "elastic_net", "lam": 0.1}, "scikit-learn", "its L2 part alone"),
        ({"dropout": 0.5}, "scikit-learn", "no dropout"),
        ({"batch_norm": True}, "scikit-learn", "no batch normalisation"),
        ({"activation": "gelu"}, "scikit-learn", "no GELU"),
        ({"rule": "adagrad"}, "scikit-learn", "no Adagrad"),
        ({"lam": 0.1, "biases": True}, "scikit-learn", "never penalises biases"),
        ({"init_scale": 2.0}, "scikit-learn", "not scaled"),
    ],
)
def test_what_a_framework_cannot_do_is_said_and_not_glossed_over(fields, title, said):
    assert any(said in sentence for sentence in snippet(title, TrainingSpec(**fields)).missing)


# ------------------------------------------------------------------------------------------------ data


@pytest.mark.parametrize("key", list(DATASETS))
@pytest.mark.parametrize(("points", "noise", "split", "seed"), [(60, 0.25, 0.5, 0), (37, 0.0, 0.7, 5), (5, 1.0, 0.1, 1)])
def test_a_script_makes_the_labs_own_points(key, points, noise, split, seed):
    described = settings_of(TrainingSpec(data=key, points=points, noise=noise, split=split, data_seed=seed), 0, "", 0)
    names: dict = {"np": np}
    exec(f"{data_imports(described)}\n{data_block(described)}", names)
    sample = DATASETS[key].draw(points, noise, split, seed)
    for part in ("train", "val"):
        np.testing.assert_array_equal(names["X"][names[part]], getattr(sample, f"{part}_inputs")[0])
        np.testing.assert_array_equal(names["y"][names[part]], getattr(sample, f"{part}_targets"))


def test_a_script_reads_data_that_were_given_from_a_file(tmp_path, monkeypatch):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((40, 3))
    y = 3.0 + 2.0 * (X[:, 0] > 0)
    np.savetxt(tmp_path / "data.csv", np.column_stack([X, y]), delimiter=",", header="a,b,c,class", comments="", fmt="%.17g")
    monkeypatch.chdir(tmp_path)
    spec = SMALL.replace(data="given", batch_norm=True)
    history, _ = (advance(start(spec, (X, y)), spec.epochs)[1].curves[f"{part}_loss"][0] for part in ("train", "val"))
    np.testing.assert_allclose([train for train, _ in run("PyTorch", spec)["history"]], history, rtol=1e-9)


# ------------------------------------------------------------------------------------------------ PyTorch

RULES_AND_OPTIONS = [
    ("sgd", ()),
    ("sgd", (("momentum", 0.8),)),
    ("momentum", ()),
    ("nesterov", ()),
    ("rmsprop", (("alpha", 0.9),)),
    ("rmsprop", (("momentum", 0.5),)),
    ("adagrad", (("lr_decay", 0.1), ("initial_accumulator_value", 0.1))),
    ("adam", (("beta1", 0.8), ("beta2", 0.99))),
    ("adamw", ()),
    ("adamw", (("weight_decay", 0.1),)),
    ("fista", ()),
    ("fista", (("weight_decay", 0.1),)),
]
# Every rule with every treatment; the penalties take turns, so that each treatment meets each of them four times.
PENALISED = [
    SMALL.replace(rule=rule, options=options, treatment=treatment, penalty=list(PENALTIES)[(i + j) % 3], lam=0.02, lr=0.02)
    for i, (rule, options) in enumerate(RULES_AND_OPTIONS)
    for j, treatment in enumerate(TREATMENTS)
]
OTHERS = [
    SMALL,
    SMALL.replace(batch=7),
    SMALL.replace(points=58, batch=4),  # 29 rows: the last batch of one joins the one before it
    SMALL.replace(batch=1),
    SMALL.replace(batch=500),
    SMALL.replace(hidden=()),
    SMALL.replace(hidden=(3,), init_scale=2.5, noise=0.0),
    SMALL.replace(batch_norm=True, lam=0.05, biases=True, penalty="elastic_net", rho=0.3),
    SMALL.replace(batch_norm=True, batch=8, activation="relu", biases=True, lam=0.01, treatment="proximal", penalty="l1"),
    SMALL.replace(batch_norm=True, rule="fista", lam=0.01, treatment="decoupled"),
    SMALL.replace(batch_norm=True, batch=8, norm_place="after", lam=0.01, biases=True),
    SMALL.replace(batch_norm=True, rule="adamw", lam=0.3, biases=True),
    SMALL.replace(rule="adam", options=(("weight_decay", 0.2),), lam=0.1, penalty="l1"),
    SMALL.replace(activation="gelu", data="spiral", split=0.7),
    SMALL.replace(activation="sigmoid", data="circles", rule="nesterov"),
    SMALL.replace(activation="linear", data="xor"),
    SMALL.replace(data="gaussians", lam=0.1, treatment="proximal", penalty="elastic_net", rho=0.0),
    SMALL.replace(data="breast_cancer", lam=0.01, batch=50, penalty="l1"),
    SMALL.replace(data="digits", lam=0.01, batch=300, epochs=1),
    SMALL.replace(data="wine", lam=0.01, rule="momentum", treatment="clamped", penalty="l1"),
    SMALL.replace(data="iris", rule="fista", lr=0.1),
    SMALL.replace(data="diabetes", lam=0.02, batch=20, batch_norm=True),
]


def named(spec: TrainingSpec) -> str:
    default = TrainingSpec()
    return ",".join(str(getattr(spec, name)) for name in TrainingSpec.__dataclass_fields__ if getattr(spec, name) != getattr(default, name))


@pytest.mark.parametrize("spec", [*PENALISED, *OTHERS], ids=named)
def test_the_pytorch_script_repeats_the_labs_training_number_by_number(spec):
    names = run("PyTorch", spec)
    history, weights = trained(spec)
    np.testing.assert_allclose(names["history"], history, rtol=1e-8)
    made = {name: value.numpy() for name, value in names["model"].state_dict().items() if name.endswith(("weight", "bias"))}
    linear = [index for index, layer in enumerate(names["model"]) if isinstance(layer, torch.nn.Linear)]
    for number, index in enumerate(linear):
        for part in ("weight", "bias"):
            np.testing.assert_allclose(made[f"{index}.{part}"], weights[f"layer{number + 1}.{part}"], rtol=1e-6, atol=1e-9)
            np.testing.assert_array_equal(made[f"{index}.{part}"] == 0.0, weights[f"layer{number + 1}.{part}"] == 0.0)


def test_in_single_precision_the_pytorch_script_stays_within_rounding_of_the_lab():
    spec = SMALL.replace(precision="float32", batch=10, lam=0.01, rule="momentum")
    np.testing.assert_allclose(run("PyTorch", spec)["history"], trained(spec)[0], rtol=1e-4)


def test_dropout_in_the_pytorch_script_is_torch_nns_after_every_activation():
    names = run("PyTorch", SMALL.replace(dropout=0.4, batch_norm=True, activation="relu"))
    kinds = [type(layer).__name__ for layer in names["model"]]
    assert kinds == ["Linear", "BatchNorm1d", "ReLU", "Dropout", "Linear", "BatchNorm1d", "ReLU", "Dropout", "Linear"]
    assert [layer.p for layer in names["model"] if isinstance(layer, torch.nn.Dropout)] == [0.4, 0.4]
    assert np.isfinite(names["history"]).all()
    assert names["history"] == run("PyTorch", SMALL.replace(dropout=0.4, batch_norm=True, activation="relu"))["history"], "seeded"


@pytest.mark.parametrize(
    ("places", "hidden"),
    [
        (("before", "last"), ["BatchNorm1d", "ReLU", "Linear", "BatchNorm1d", "ReLU", "Dropout"]),
        (("before", "before"), ["Dropout", "BatchNorm1d", "ReLU", "Linear", "Dropout", "BatchNorm1d", "ReLU"]),
        (("after", "after"), ["ReLU", "BatchNorm1d", "Dropout", "Linear", "ReLU", "BatchNorm1d", "Dropout"]),
        (("after", "before"), ["ReLU", "Dropout", "BatchNorm1d", "Linear", "ReLU", "Dropout", "BatchNorm1d"]),
    ],
    ids=str,
)
def test_norm_and_dropout_stand_in_the_scripts_where_the_settings_put_them(places, hidden):
    spec = SMALL.replace(dropout=0.4, batch_norm=True, activation="relu", norm_place=places[0], dropout_place=places[1])
    kinds = [type(layer).__name__ for layer in run("PyTorch", spec)["model"]]
    assert kinds == ["Linear", *hidden, "Linear"]
    for title, words in (
        ("Keras", {"Linear": "Dense", "BatchNorm1d": "BatchNormalization", "ReLU": "Activation", "Dropout": "Dropout"}),
        ("MLX", {"Linear": "Linear", "BatchNorm1d": "BatchNorm", "ReLU": "ReLU", "Dropout": "Dropout"}),
    ):
        code = snippet(title, spec).code
        model = code[code.index("Sequential(") : code.index("start = ")]
        found = re.findall(r"(?:nn|layers)\.(Dense|Linear|BatchNorm\w*|ReLU|Activation|Dropout)\(", model)
        assert found == [words[kind] for kind in kinds], title
    first = snippet("PyTorch", spec).code.splitlines()[0]
    if places[0] == "after" or places[1] == "before":
        assert " then " in first


def test_a_batch_of_one_row_which_pytorch_refuses_becomes_one_of_two_and_the_script_says_so():
    found = snippet("PyTorch", SMALL.replace(batch_norm=True, batch=1))
    assert "refuses a batch of one row" in found.missing[0]
    assert "NOT THE SAME HERE" in found.code
    assert np.isfinite(run("PyTorch", SMALL.replace(batch_norm=True, batch=1))["history"]).all()


def test_what_dropout_does_in_the_script_is_what_it_does_in_the_lab():
    # Other draws, so other numbers; but the ends lie much nearer to each other than to those of another rate.
    spec = SMALL.replace(points=200, hidden=(16,), activation="linear", epochs=150, lr=0.02, dropout=0.5, noise=0.8, rule="sgd")
    ours, other = trained(spec)[0][-1, 0], trained(spec.replace(dropout=0.9))[0][-1, 0]
    assert abs(run("PyTorch", spec)["history"][-1][0] - ours) < 0.25 * abs(other - ours)


# ------------------------------------------------------------------------------------------------ Keras

# Where epsilon stands in Keras matters for weights of tiny gradients; with next to none the two agree to rounding.
TINY = (("eps", 1e-14),)
KERAS = [
    SMALL.replace(epochs=3, **fields)
    for fields in (
        {"rule": "sgd", "lr": 0.1},
        {"rule": "momentum", "lam": 0.02},
        {"rule": "nesterov", "lam": 0.02, "penalty": "elastic_net", "rho": 0.3, "biases": True, "batch_norm": True},
        {"rule": "rmsprop", "lam": 0.02, "penalty": "l1", "options": (("alpha", 0.95), *TINY)},
        {"rule": "rmsprop", "options": (("momentum", 0.5), *TINY)},
        {"rule": "adagrad", "options": (("lr_decay", 0.1), ("initial_accumulator_value", 0.1), *TINY), "data": "wine"},
        {"rule": "adam", "lam": 0.05, "data": "iris", "activation": "gelu", "options": TINY},
        {"rule": "adam", "options": (("weight_decay", 0.3), *TINY), "data": "diabetes", "lam": 0.01, "batch_norm": True},
        {"rule": "adamw", "lam": 0.3, "options": TINY},
        {"rule": "adamw", "options": (("weight_decay", 0.3), *TINY)},
        {"rule": "momentum", "lam": 0.3, "treatment": "decoupled", "biases": True, "batch_norm": True},
        {"rule": "momentum", "batch_norm": True, "norm_place": "after"},
        {"rule": "sgd", "lam": 0.05, "treatment": "proximal", "penalty": "l1", "lr": 0.2},
        {"rule": "momentum", "lam": 0.05, "treatment": "proximal", "penalty": "elastic_net", "biases": True},
        {"rule": "nesterov", "lam": 0.05, "treatment": "proximal", "penalty": "l2", "data": "diabetes"},
    )
]


def run_keras(spec: TrainingSpec) -> dict:
    keras_is_at_hand()
    import keras

    assert keras.backend.backend() == "torch"
    before = keras.config.floatx()
    try:
        return run("Keras", spec)
    finally:
        keras.config.set_floatx(before)


@of_keras
@pytest.mark.parametrize("spec", KERAS, ids=named)
def test_the_keras_script_repeats_the_labs_training_on_full_batches(spec):
    names = run_keras(spec)
    history, weights = trained(spec)
    assert snippet("Keras", spec).missing == ()
    # Its running variances are not the unbiased ones, which evaluation sees; the weights do not.
    np.testing.assert_allclose(np.array(names["history"]), history, rtol=5e-3 if spec.batch_norm else 1e-6)
    dense = [layer for layer in names["model"].layers if type(layer).__name__ == "Dense"]
    for number, layer in enumerate(dense):
        kernel, bias = layer.get_weights()
        np.testing.assert_allclose(kernel.T, weights[f"layer{number + 1}.weight"], rtol=1e-5, atol=1e-6)  # its rate is kept in single precision
        np.testing.assert_allclose(bias, weights[f"layer{number + 1}.bias"], rtol=1e-5, atol=1e-6)  # its rate is kept in single precision


@of_keras
@pytest.mark.parametrize("rule", ["rmsprop", "adagrad", "adam", "adamw"])
def test_with_the_usual_epsilon_keras_parts_from_the_lab_by_little(rule):
    spec = SMALL.replace(rule=rule, lam=0.02)
    np.testing.assert_allclose(run_keras(spec)["history"], trained(spec)[0], rtol=1e-3)


@of_keras
def test_the_keras_script_runs_with_dropout_and_mini_batches_and_drags_in_no_torchvision():
    spec = TrainingSpec(points=60, epochs=2, batch=10, dropout=0.3, batch_norm=True, data="wine", device="cpu")
    assert np.isfinite(run_keras(spec)["history"]).all()
    assert not {"torchvision", "tensorflow", "jax"} & set(sys.modules)


@of_keras
@pytest.mark.parametrize(
    "fields",
    [
        {"rule": "fista", "treatment": "proximal", "penalty": "l1"},
        {"rule": "adam", "treatment": "proximal", "penalty": "elastic_net"},
        {"rule": "adamw", "options": (("weight_decay", 0.1),)},
        {"treatment": "clamped", "penalty": "l1"},
        {"treatment": "decoupled", "penalty": "l1"},
    ],
)
def test_what_keras_cannot_do_still_runs_without_it(fields):
    spec = SMALL.replace(lam=0.05, **fields)
    assert snippet("Keras", spec).missing
    assert np.isfinite(run_keras(spec)["history"]).all()


# ------------------------------------------------------------------------------------------------ MLX

MLX = [
    SMALL.replace(precision="float32", **fields)
    for fields in (
        {"rule": "sgd", "lam": 0.02, "batch": 8},
        {"rule": "sgd", "options": (("weight_decay", 0.2), ("momentum", 0.5))},
        {"rule": "momentum", "lam": 0.05, "treatment": "proximal", "penalty": "elastic_net", "batch_norm": True, "batch": 10},
        {"rule": "nesterov", "lam": 0.02, "penalty": "l1", "treatment": "clamped"},
        {"rule": "sgd", "batch_norm": True, "batch": 10, "norm_place": "after"},
        {"rule": "rmsprop", "lam": 0.02, "treatment": "proximal", "penalty": "l1", "data": "wine"},
        {"rule": "adagrad", "options": (("lr_decay", 0.1),), "lam": 0.02, "treatment": "proximal", "penalty": "l2"},
        {"rule": "adam", "lam": 0.02, "biases": True, "batch_norm": True, "penalty": "elastic_net", "data": "diabetes"},
        {"rule": "adam", "options": (("weight_decay", 0.2),), "lam": 0.02, "treatment": "proximal", "penalty": "l1"},
        {"rule": "adamw", "lam": 0.2, "options": (("weight_decay", 0.1),), "activation": "gelu"},
        {"rule": "fista", "lam": 0.05, "treatment": "proximal", "penalty": "l1", "data": "iris"},
        {"rule": "fista", "lam": 0.05, "treatment": "decoupled", "batch": 9},
        {"rule": "fista", "lam": 0.05, "options": (("weight_decay", 0.1),), "activation": "sigmoid"},
    )
]


@pytest.mark.parametrize("spec", MLX, ids=named)
def test_the_mlx_script_repeats_the_labs_training_in_single_precision(spec):
    pytest.importorskip("mlx.core", reason="MLX has no build for this machine")
    assert snippet("MLX", spec).missing == ()
    names = run("MLX", spec)
    np.testing.assert_allclose(names["history"], trained(spec)[0], rtol=2e-4)


@pytest.mark.parametrize(
    "fields",
    [
        {"dropout": 0.4, "batch": 8},
        {"rule": "rmsprop", "options": (("momentum", 0.5),), "treatment": "proximal", "penalty": "l1"},
        {"rule": "adagrad", "options": (("initial_accumulator_value", 0.1),)},
    ],
)
def test_what_mlx_does_in_a_way_of_its_own_still_runs(fields):
    pytest.importorskip("mlx.core", reason="MLX has no build for this machine")
    assert np.isfinite(run("MLX", SMALL.replace(lam=0.05, **fields))["history"]).all()


# ------------------------------------------------------------------------------------------------ scikit-learn


def start_like_the_lab(monkeypatch, spec: TrainingSpec) -> None:
    """Give scikit-learn the lab's first weights, for which it has no argument."""
    from sklearn.neural_network._multilayer_perceptron import BaseMultilayerPerceptron

    draws = np.random.default_rng([spec.seed, 0])

    def first(self, fan_in, fan_out, dtype):
        return draws.uniform(-1, 1, (fan_in, fan_out)) / fan_in**0.5, draws.uniform(-1, 1, fan_out) / fan_in**0.5

    monkeypatch.setattr(BaseMultilayerPerceptron, "_init_coef", first)


@pytest.mark.parametrize(
    "spec",
    [
        SMALL.replace(epochs=6, **fields)
        for fields in (
            {"rule": "sgd", "lr": 0.1, "lam": 0.1},
            {"rule": "momentum", "lam": 0.05, "activation": "relu"},
            {"rule": "nesterov", "lam": 0.05, "activation": "sigmoid", "data": "wine"},
            {"rule": "adam", "lam": 0.05, "data": "diabetes"},
            {"rule": "adam", "data": "iris", "hidden": (6,), "activation": "linear"},
        )
    ],
    ids=named,
)
def test_the_scikit_learn_script_repeats_the_labs_training_once_it_starts_from_the_same_weights(spec, monkeypatch):
    start_like_the_lab(monkeypatch, spec)
    assert snippet("scikit-learn", spec).missing == ()
    np.testing.assert_allclose(run("scikit-learn", spec)["history"], trained(spec)[0], rtol=1e-5)


def test_scikit_learns_alpha_is_twice_lambda_times_the_rows_of_a_batch():
    names = run("scikit-learn", SMALL.replace(lam=0.05, batch=10))
    assert names["model"].alpha == pytest.approx(2 * 10 * 0.05)
    assert run("scikit-learn", SMALL.replace(lam=0.05))["model"].alpha == pytest.approx(2 * 30 * 0.05)
    assert run("scikit-learn", SMALL.replace(lam=0.05, penalty="elastic_net", rho=0.4))["model"].alpha == pytest.approx(2 * 30 * 0.05 * 0.6)


@pytest.mark.parametrize(
    "fields", [{"dropout": 0.5, "batch_norm": True, "rule": "adagrad"}, {"hidden": ()}, {"penalty": "l1", "lam": 0.1, "batch": 7}]
)
def test_what_scikit_learn_cannot_do_still_runs_without_it(fields):
    assert np.isfinite(run("scikit-learn", SMALL.replace(**fields))["history"]).all()


# ------------------------------------------------------------------------------------------------ as a student runs them


@pytest.mark.parametrize("title", TITLES)
def test_a_script_runs_by_itself_and_prints_its_losses(title, tmp_path):
    if title == "Keras":
        keras_is_at_hand()
    if title == "MLX":
        pytest.importorskip("mlx.core", reason="MLX has no build for this machine")
    path = tmp_path / "script.py"
    path.write_text(snippet(title, TrainingSpec(points=60, epochs=20, lam=0.01, batch=10, device="cpu")).code, encoding="utf-8")
    environment = {**os.environ, "KERAS_HOME": KERAS_HOME}
    environment.pop("KERAS_BACKEND", None)
    done = subprocess.run([sys.executable, str(path)], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == 10
    assert lines[0].startswith("epoch    2: train loss 0.")
    assert done.stderr == ""
