"""Conventions: round trips by property, and each conversion against the library itself, fitted at the converted number."""

import itertools
import os
import tempfile

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize
from sklearn.linear_model import ElasticNet as SkElasticNet
from sklearn.linear_model import Lasso, LogisticRegression, Ridge
from sklearn.neural_network import MLPRegressor

from core.cheat_sheet.conventions import CONVENTIONS, RATES, READABLE, Setting, Size, dropping, read, say
from core.errors import InvalidInput
from core.penalties import ElasticNet
from core.quadratic import Quadratic
from core.regularized import penalized

KERAS_HOME = tempfile.mkdtemp()
N, D = 40, 4
rng = np.random.default_rng(7)
X = rng.normal(size=(N, D)) @ np.array([[1.0, 0.6, 0.0, 0.0], [0.0, 0.8, 0.0, 0.0], [0.0, 0.0, 1.0, 0.3], [0.0, 0.0, 0.0, 1.0]])
X = (X - X.mean(axis=0)) / X.std(axis=0)
y = X @ np.array([1.0, -0.5, 0.2, 0.0]) + 0.5 * rng.normal(size=N)
y = (y - y.mean()) / y.std()
LABELS = (X[:, 0] - X[:, 2] + rng.normal(size=N) > 0).astype(float)
SETTINGS = [Setting(0.0, 0.15), Setting(0.2, 0.0), Setting(0.1, 0.05)]
SIZE = Size(N, 8)
of_keras = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def ours(setting: Setting) -> np.ndarray:
    """The lab's own minimiser of 1/(2n)|y - Xw|^2 + lambda R(w)."""
    return penalized(Quadratic.from_least_squares(X, y), ElasticNet(setting.rho), setting.lam).w[0]


def numbers(key: str, setting: Setting) -> tuple[float, ...]:
    (line,) = [line for line in say(setting, SIZE) if line.key == key]
    return line.numbers


def able(key: str) -> list[Setting]:
    """The settings that a convention can say."""
    return [setting for setting in SETTINGS if numbers(key, setting)]


def keras_at_hand():
    os.environ["KERAS_BACKEND"], os.environ["KERAS_HOME"] = "torch", KERAS_HOME
    return pytest.importorskip("keras", reason="Keras is not installed")


# ---------------------------------------------------------------------------------------------------------------- round trips

strengths = st.floats(1e-6, 1e3) | st.just(0.0)


@given(l1=strengths, l2=strengths, rows=st.integers(2, 10**6), batch=st.integers(1, 10**4))
def test_what_is_said_in_a_convention_reads_back(l1, l2, rows, batch):
    size, setting = Size(rows, batch), Setting(l1, l2)
    spoken = {line.key: line for line in say(setting, size)}
    assert set(spoken) == set(CONVENTIONS)
    for key in READABLE:
        line = spoken[key]
        assert bool(line.numbers) != bool(line.why)
        if line.numbers and np.isfinite(line.numbers).all():
            again = read(key, line.numbers, size)
            assert (again.l1, again.l2) == pytest.approx((l1, l2), rel=1e-9, abs=1e-14 * max(1.0, l1 + l2))


@given(key=st.sampled_from(READABLE), first=st.floats(1e-6, 1e3), second=st.floats(0.0, 1.0), rows=st.integers(2, 10**6))
def test_what_is_typed_in_a_convention_is_said_in_it_again(key, first, second, rows):
    typed = (first, second)[: len(CONVENTIONS[key].numbers)]
    (line,) = [each for each in say(read(key, typed, Size(rows)), Size(rows)) if each.key == key]
    assert line.numbers == pytest.approx(typed, rel=1e-9, abs=1e-12)


def test_every_convention_without_an_l1_part_says_so_and_none_is_silent():
    for line in say(Setting(0.1, 0.2), SIZE):
        assert line.numbers or line.why.endswith(".")
    assert {line.key for line in say(Setting(0.1, 0.2), SIZE) if line.numbers} == {"lab", "elastic_net", "glmnet", "logistic", "keras", "keras_mse"}


@pytest.mark.parametrize(
    ("key", "typed", "said"),
    [
        ("lab", (-1.0, 0.5), "λ = -1: allowed is a number of 0 or more"),
        ("lab", (1.0, 1.5), "ρ = 1.5: allowed is a number from 0 to 1"),
        ("logistic", (0.0, 0.5), "C = 0: allowed is a number above 0"),
        ("ridge", (float("nan"),), "alpha = nan"),
        ("ridge", (float("inf"),), "alpha = inf"),
        ("ridge", (1.0, 2.0), "2 numbers"),
        ("decoupled", (1.0,), "convention 'decoupled'"),
    ],
)
def test_what_is_no_number_of_a_convention_is_refused_with_a_sentence(key, typed, said):
    with pytest.raises(InvalidInput) as caught:
        read(key, typed, SIZE)
    assert said in str(caught.value)


# ---------------------------------------------------------------------------------------------------------------- scikit-learn


@pytest.mark.parametrize("setting", able("ridge"))
def test_ridge_at_the_converted_alpha_is_the_labs_minimum(setting):
    fitted = Ridge(alpha=numbers("ridge", setting)[0], fit_intercept=False, tol=1e-12).fit(X, y)
    np.testing.assert_allclose(fitted.coef_, ours(setting), atol=1e-10)


@pytest.mark.parametrize("setting", able("lasso"))
def test_lasso_at_the_converted_alpha_is_the_labs_minimum(setting):
    fitted = Lasso(alpha=numbers("lasso", setting)[0], fit_intercept=False, tol=1e-12, max_iter=100_000).fit(X, y)
    np.testing.assert_allclose(fitted.coef_, ours(setting), atol=1e-8)


@pytest.mark.parametrize("setting", SETTINGS[1:])
def test_elastic_net_at_the_converted_numbers_is_the_labs_minimum(setting):
    alpha, share = numbers("elastic_net", setting)
    fitted = SkElasticNet(alpha=alpha, l1_ratio=share, fit_intercept=False, tol=1e-12, max_iter=100_000).fit(X, y)
    np.testing.assert_allclose(fitted.coef_, ours(setting), atol=1e-8)


def logistic(setting: Setting) -> np.ndarray:
    """The minimum of the mean log loss + lambda R(w), weights split into two parts that are not negative, by L-BFGS-B."""

    def objective(parts):
        w = parts[:D] - parts[D : 2 * D]
        score = X @ w + parts[-1]
        slope = X.T @ (1.0 / (1.0 + np.exp(-score)) - LABELS) / N
        value = np.mean(np.logaddexp(0.0, score) - LABELS * score) + setting.l1 * parts[:-1].sum() + setting.l2 * (w**2).sum()
        pull = slope + 2.0 * setting.l2 * w
        tilt = np.mean(1.0 / (1.0 + np.exp(-score)) - LABELS)
        return value, np.concatenate([pull + setting.l1, -pull + setting.l1, [tilt]])

    bounds = [(0.0, None)] * (2 * D) + [(None, None)]
    found = minimize(
        objective, np.full(2 * D + 1, 0.1), jac=True, method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-15, "gtol": 1e-11, "maxiter": 5000}
    )
    return np.append(found.x[:D] - found.x[D : 2 * D], found.x[-1])


@pytest.mark.parametrize("setting", [Setting(0.0, 0.02), Setting(0.05, 0.0), Setting(0.03, 0.01)])
def test_logistic_regression_at_the_converted_C_is_the_minimum_of_the_written_out_objective(setting):
    C, share = numbers("logistic", setting)
    fitted = LogisticRegression(C=C, l1_ratio=share, solver="saga", tol=1e-12, max_iter=200_000).fit(X, LABELS)
    np.testing.assert_allclose(np.append(fitted.coef_[0], fitted.intercept_), logistic(setting), atol=2e-5)


def test_the_mlps_alpha_pulls_each_weight_by_2_lambda_w_whatever_the_batch():
    lam, rate = 0.03, 0.1
    for batch in (8, 20):
        (line,) = [line for line in say(Setting(0.0, lam), Size(N, batch)) if line.key == "mlp"]

        def stepped(alpha, rows=batch):
            shared = {"solver": "sgd", "momentum": 0.0, "learning_rate_init": rate, "batch_size": rows, "shuffle": False, "random_state": 0}
            model = MLPRegressor(hidden_layer_sizes=(3,), activation="tanh", alpha=alpha, max_iter=1, **shared)
            first = MLPRegressor(hidden_layer_sizes=(3,), activation="tanh", alpha=alpha, **(shared | {"learning_rate_init": 1e-300})).partial_fit(
                X[:rows], y[:rows]
            )
            return model.partial_fit(X[:rows], y[:rows]).coefs_, first.coefs_

        (plain, begin), (decayed, _) = stepped(0.0), stepped(line.numbers[0])
        for free, pulled, start in zip(plain, decayed, begin, strict=True):
            np.testing.assert_allclose(pulled - free, -rate * 2.0 * lam * start, atol=1e-12)


# ---------------------------------------------------------------------------------------------------------------- PyTorch


@pytest.mark.parametrize(("key", "half"), [("torch", 0.5), ("torch_mse", 1.0)])
@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_sgd_with_the_converted_weight_decay_ends_at_the_labs_minimum(key, half, momentum):
    setting = SETTINGS[0]
    w = torch.zeros(D, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=0.05, momentum=momentum, weight_decay=numbers(key, setting)[0])
    inputs, targets, loss = torch.tensor(X), torch.tensor(y), torch.nn.MSELoss()
    for _ in range(2500):
        optimizer.zero_grad()
        (half * loss(inputs @ w, targets)).backward()
        optimizer.step()
    np.testing.assert_allclose(w.detach().numpy(), ours(setting), atol=1e-9)


def test_adamw_pulls_as_hard_as_sgd_in_one_step_without_data_and_ends_elsewhere_with_them():
    setting, rate = SETTINGS[0], 0.05
    (decay,) = numbers("decoupled", setting)
    w = torch.tensor([2.0, -1.0], dtype=torch.float64, requires_grad=True)
    w.grad = torch.zeros(2, dtype=torch.float64)
    torch.optim.AdamW([w], lr=rate, weight_decay=decay).step()
    np.testing.assert_allclose(w.detach().numpy(), np.array([2.0, -1.0]) * (1 - rate * 2 * setting.l2), rtol=1e-12)
    inputs, targets = torch.tensor(X), torch.tensor(y)
    w = torch.zeros(D, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.AdamW([w], lr=0.001, weight_decay=decay)
    for _ in range(6000):
        optimizer.zero_grad()
        (0.5 * torch.nn.functional.mse_loss(inputs @ w, targets)).backward()
        optimizer.step()
    assert np.abs(w.detach().numpy() - ours(setting)).max() > 0.05


# ---------------------------------------------------------------------------------------------------------------- Keras, MLX


@of_keras
@pytest.mark.parametrize("key", ["keras", "keras_mse"])
@pytest.mark.parametrize("setting", SETTINGS, ids=str)
def test_the_labs_minimum_is_stationary_for_keras_with_the_converted_regularizer(key, setting):
    keras = keras_at_hand()
    l1, l2 = numbers(key, setting)
    w = ours(setting)
    layer = keras.layers.Dense(1, use_bias=False, kernel_regularizer=keras.regularizers.L1L2(l1=l1, l2=l2), dtype="float64")
    layer.build((None, D))
    layer.set_weights([w[:, None]])
    square = keras.losses.MeanSquaredError(dtype="float64")(y[:, None], layer(X))
    (square * (0.5 if key == "keras" else 1.0) + sum(layer.losses)).backward()
    slope = layer.kernel.value.grad.numpy()[:, 0]
    np.testing.assert_allclose(slope[w != 0.0], 0.0, atol=1e-7)
    assert (np.abs(slope[w == 0.0]) <= l1 + 1e-9).all(), "at 0 the regularizer's own slope is 0, and the data's lies within l1"


def test_mlx_sgd_with_the_converted_weight_decay_ends_at_the_labs_minimum():
    mx = pytest.importorskip("mlx.core", reason="MLX has no build for this machine")
    import mlx.optimizers as optim

    setting = SETTINGS[0]
    inputs, targets = mx.array(X.astype(np.float32)), mx.array(y.astype(np.float32))
    optimizer = optim.SGD(learning_rate=0.1, weight_decay=numbers("mlx", setting)[0])
    slope = mx.grad(lambda w: 0.5 * mx.square(inputs @ w - targets).mean())
    held = {"w": mx.zeros(D)}
    for _ in range(600):
        held = optimizer.apply_gradients({"w": slope(held["w"])}, held)
        mx.eval(held)
    np.testing.assert_allclose(np.array(held["w"]), ours(setting), atol=1e-5)


# ---------------------------------------------------------------------------------------------------------------- written out


@pytest.mark.parametrize("setting", SETTINGS, ids=str)
def test_the_labs_minimum_solves_what_glmnet_and_the_books_write(setting):
    w = ours(setting)
    slope = X.T @ (X @ w - y) / N
    strength, share = numbers("glmnet", setting)
    rest = slope + strength * (1.0 - share) * w
    np.testing.assert_allclose(rest[w != 0.0], -strength * share * np.sign(w[w != 0.0]), atol=1e-9)
    assert (np.abs(rest[w == 0.0]) <= strength * share + 1e-9).all()
    if half := numbers("half", setting):
        np.testing.assert_allclose(slope + half[0] * w, 0.0, atol=1e-9)


# ---------------------------------------------------------------------------------------------------------------- dropout


@given(st.floats(0.0, 0.99))
def test_a_rate_to_keep_is_one_less_the_rate_to_drop_everywhere(p):
    drop, keep = dropping("drop", p), dropping("keep", 1.0 - p)
    assert drop.drop == pytest.approx(keep.drop, abs=1e-12)
    assert drop.scale == pytest.approx(1.0 / (1.0 - p))
    for rate, code in drop.codes():
        typed = float(code.rpartition("=")[2].rpartition("(")[2].strip(" )"))
        assert typed == pytest.approx(1.0 - p if rate.keeps else p, abs=1e-7)


@pytest.mark.parametrize(("meaning", "rate"), [("drop", 1.0), ("keep", 0.0), ("drop", -0.1), ("keep", 1.2), ("drop", float("nan"))])
def test_a_rate_that_keeps_nothing_is_refused(meaning, rate):
    with pytest.raises(InvalidInput, match="something must be kept"):
        dropping(meaning, rate)


@of_keras
@pytest.mark.parametrize("library", [rate.title for rate in RATES if not rate.keeps and rate.title != "This lab"])
def test_each_library_drops_with_the_number_that_it_is_given_and_divides_by_what_it_keeps(library):
    found, ones = dropping("keep", 0.8), np.ones(50_000, dtype=np.float32)
    assert {rate.title: code for rate, code in found.codes()}[library].endswith("=0.2)")
    if library == "PyTorch":
        torch.manual_seed(0)
        out = torch.nn.Dropout(p=found.drop)(torch.tensor(ones)).numpy()
    elif library == "Keras":
        keras = keras_at_hand()
        out = keras.ops.convert_to_numpy(keras.layers.Dropout(rate=found.drop, seed=0)(ones, training=True))
    else:
        mx = pytest.importorskip("mlx.core", reason="MLX has no build for this machine")
        import mlx.nn as nn

        mx.random.seed(0)
        out = np.array(nn.Dropout(p=found.drop)(mx.array(ones)))
    assert (out == 0.0).mean() == pytest.approx(0.2, abs=0.01)
    np.testing.assert_allclose(np.unique(out), [0.0, found.scale], rtol=1e-6)
    assert out.var() == pytest.approx(found.variance, rel=0.05)


def test_dropped_inputs_on_standardised_least_squares_are_the_ridge_that_is_told():
    found = dropping("drop", 0.4)
    gram, pull = np.zeros((D, D)), np.zeros(D)
    for mask in itertools.product([0.0, 1.0], repeat=D):
        m = np.array(mask)
        share = np.prod(np.where(m == 1.0, found.keep, found.drop))
        thinned = X * m * found.scale
        gram, pull = gram + share * thinned.T @ thinned, pull + share * thinned.T @ y
    np.testing.assert_allclose(np.linalg.solve(gram, pull), ours(Setting(0.0, found.ridge)), atol=1e-10)
