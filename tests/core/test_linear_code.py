"""The exported scripts of linear models are run: their weights are the lab's own path's, or those of the written-out objective by scipy."""

import ast
import contextlib
import io
import os
import subprocess
import sys
import tempfile
from functools import cache

import numpy as np
import pytest
import torch
from scipy.optimize import minimize

from core.errors import InvalidInput
from core.export.linear_code import Linear, linear_snippets, rows_of
from core.specs.shrinkage import ShrinkageSpec
from core.statistics.shrinkage import solve
from core.statistics.shrinkage.data import table
from core.statistics.shrinkage.design import standardised
from core.statistics.shrinkage.paths import path
from core.statistics.shrinkage.validation import cross_validate, fold_of

KERAS_HOME = tempfile.mkdtemp()
TITLES = ("PyTorch", "Keras", "MLX", "scikit-learn")
# What each promises in its first lines or its note.
WITHIN = {"PyTorch": 1e-6, "Keras": 1e-3, "MLX": 1e-3, "scikit-learn": 1e-6}
WIDE = ShrinkageSpec(data="synthetic", rows=30.0, columns=60.0, relevant=4.0, correlation=0.3, seed=3.0, folds="5")
ALIKE = ShrinkageSpec(data="synthetic", rows=50.0, columns=10.0, correlation=0.9, seed=1.0, folds="5")
REGRESSIONS = {
    "lasso": Linear("regression", ShrinkageSpec(), 0.02, 1.0),
    "elastic net": Linear("regression", ALIKE, 0.05, 0.5),
    "ridge": Linear("regression", ALIKE, 0.03, 0.0),
    "wide lasso": Linear("regression", WIDE, 0.15, 1.0, 2),
    "wide ridge": Linear("regression", WIDE, 0.4, 0.0, 2),
}
LOGISTIC = {
    "L2": Linear("logistic", ShrinkageSpec(data="breast_cancer"), 0.02, 0.0),
    "L1": Linear("logistic", ALIKE, 0.03, 1.0),
    "elastic net": Linear("logistic", WIDE, 0.1, 0.5, 2),
}
CASES = {**{f"{name} regression": each for name, each in REGRESSIONS.items()}, **{f"logistic {name}": each for name, each in LOGISTIC.items()}}
of_keras = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@pytest.fixture(autouse=True)
def _single_precision_afterwards():
    yield
    torch.set_default_dtype(torch.float32)
    if "keras" in sys.modules:
        sys.modules["keras"].config.set_floatx("float32")


def run(title: str, settings: Linear) -> dict:
    (snippet,) = [each for each in linear_snippets(settings) if each.title == title]
    names: dict = {"__name__": "script"}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(snippet.code, f"<{title}>", "exec"), names)
    return names


def at_hand(title: str) -> None:
    if title == "Keras":
        os.environ["KERAS_BACKEND"], os.environ["KERAS_HOME"] = "torch", KERAS_HOME
        pytest.importorskip("keras", reason="Keras is not installed")
    if title == "MLX":
        pytest.importorskip("mlx.core", reason="MLX has no build for this machine")


@cache
def expected(settings: Linear) -> np.ndarray:
    """The weights, and the intercept of classes, in standard deviations of the columns."""
    found = table(settings.data)
    _, _, X = standardised(found.X)
    if not settings.logistic:
        y = (found.y - found.y.mean()) / found.y.std()
        return path(X, y, settings.rho, np.array([settings.lam])).w[0]
    y = (found.y > found.y.mean()).astype(float)
    n, d = X.shape

    def objective(parts):
        w = parts[:d] - parts[d:-1]
        score = X @ w + parts[-1]
        miss = 1.0 / (1.0 + np.exp(-score)) - y
        slope = X.T @ miss / n + 2.0 * settings.lam * (1.0 - settings.rho) * w
        value = np.mean(np.logaddexp(0.0, score) - y * score) + settings.lam * (settings.rho * parts[:-1].sum() + (1.0 - settings.rho) * (w**2).sum())
        pull = settings.lam * settings.rho
        return value, np.concatenate([slope + pull, -slope + pull, [miss.mean()]])

    bounds = [(0.0, None)] * (2 * d) + [(None, None)]
    options = {"ftol": 1e-16, "gtol": 1e-11, "maxiter": 20_000, "maxfun": 100_000}
    parts = minimize(objective, np.full(2 * d + 1, 0.01), jac=True, method="L-BFGS-B", bounds=bounds, options=options).x
    return np.append(parts[:d] - parts[d:-1], parts[-1])


def found(title: str, names: dict, logistic: bool) -> np.ndarray:
    if title == "scikit-learn":
        fitted = names["model"][-1]
        return np.append(fitted.coef_.ravel(), fitted.intercept_) if logistic else fitted.coef_
    return np.array(names["w"])


@of_keras
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("title", TITLES)
def test_a_script_finds_the_labs_own_weights_within_what_it_promises(title, case):
    at_hand(title)
    settings = CASES[case]
    names = run_without_the_grid(settings) if title == "scikit-learn" else run(title, settings)
    within = 5e-4 if title == "scikit-learn" and settings.logistic and settings.rho > 0.0 else WITHIN[title]
    got, wanted = found(title, names, settings.logistic), expected(settings)
    np.testing.assert_allclose(got, wanted, atol=within)
    if title != "scikit-learn" and settings.rho > 0.0:
        clear = np.abs(wanted) != 0.0 if not settings.logistic else np.abs(wanted) > 1e-6
        assert ((got != 0.0) == clear).mean() > 0.98, "zeros are exact"


def run_without_the_grid(settings: Linear) -> dict:
    """Run the model's own lines; the grid of saga is slow, and has a test of its own."""
    snippet = linear_snippets(settings)[3]
    names: dict = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(snippet.code.partition("# Which lambda?")[0], names)
    return names


@pytest.mark.parametrize("case", REGRESSIONS)
def test_the_grid_of_the_scikit_learn_script_is_cross_validated_as_in_the_lab(case):
    settings = REGRESSIONS[case]
    names = run("scikit-learn", settings)
    rows = table(settings.data)
    y = (rows.y - rows.y.mean()) / rows.y.std()
    fold = fold_of(len(y), int(settings.data.folds), np.random.default_rng([int(settings.data.seed), 1]))
    lab = cross_validate(rows.X, y, settings.rho, names["grid"], fold)
    np.testing.assert_allclose(names["error"], lab.mean, rtol=1e-6 if settings.rho > 0.0 else 2e-2)
    np.testing.assert_allclose(names["spread"], lab.error, rtol=1e-6 if settings.rho > 0.0 else 5e-2)
    if settings.rho > 0.0:
        assert (names["best"], names["simplest"]) == (lab.best, lab.simplest)
        _, _, X = standardised(rows.X)
        assert np.abs(X.T @ y).max() / len(y) / settings.rho == pytest.approx(names["top"]), "from there on all weights are 0"
        assert (path(X, y, settings.rho, names["grid"]).w[-1] == 0.0).all()


def test_the_grid_of_a_logistic_script_begins_where_all_weights_are_zero_and_takes_some_other():
    names = run("scikit-learn", LOGISTIC["L2"])
    assert 0 < names["best"] < len(names["grid"]) - 1
    assert names["simplest"] >= names["best"]
    assert np.abs(expected(Linear("logistic", ALIKE, run_top(ALIKE) * 1.001, 1.0))[:-1]).max() < 1e-6
    assert np.abs(expected(Linear("logistic", ALIKE, run_top(ALIKE) * 0.9, 1.0))[:-1]).max() > 1e-3


def run_top(data: ShrinkageSpec) -> float:
    """The script's own formula of the least lambda at which all weights are 0."""
    code = linear_snippets(Linear("logistic", data, 0.1, 1.0))[3].code
    names: dict = {}
    kept = [line for line in code.splitlines() if line.startswith(("n = len", "standard =", "top ="))]
    with contextlib.redirect_stdout(io.StringIO()):
        exec(code.partition("rho = ")[0] + "rho = 1\n" + "\n".join(kept), names)
    return float(names["top"])


@pytest.mark.parametrize("case", CASES)
def test_every_script_parses_and_begins_with_what_it_does_and_what_its_framework_lacks(case):
    for snippet in linear_snippets(CASES[case]):
        ast.parse(snippet.code)
        assert max(len(line) for line in snippet.code.splitlines()) <= 150
        first = snippet.code.partition("\n\n")[0]
        assert all(line.startswith("#") for line in first.splitlines())
        assert CASES[case].name in first
        if snippet.title != "scikit-learn":
            assert "proximal step" in first
            assert f"to {WITHIN[snippet.title]:.0e}".replace("e-0", "e-") in first.replace("\n#   ", " ")
        assert snippet.note.endswith(".")


def test_the_rows_of_a_script_are_as_many_as_the_lab_fits():
    for data in (ShrinkageSpec(), ShrinkageSpec(data="breast_cancer"), WIDE):
        assert rows_of(data) == len(solve(data).design.y)


@pytest.mark.parametrize(
    "fields",
    [
        {"task": "ranking"},
        {"lam": 0.0},
        {"lam": float("nan")},
        {"rho": 1.2},
        {"data": ShrinkageSpec(flaw="constant")},
    ],
)
def test_what_is_no_linear_model_is_refused(fields):
    with pytest.raises(InvalidInput):
        Linear(**({"task": "regression", "data": ShrinkageSpec(), "lam": 0.1, "rho": 0.5} | fields))


@pytest.mark.parametrize("title", TITLES)
def test_a_script_runs_by_itself(title, tmp_path):
    at_hand(title)
    (snippet,) = [each for each in linear_snippets(LOGISTIC["L2"] if title != "Keras" else LOGISTIC["L1"]) if each.title == title]
    place = tmp_path / "script.py"
    place.write_text(snippet.code, encoding="utf-8")
    environment = {**os.environ, "KERAS_HOME": KERAS_HOME}
    environment.pop("KERAS_BACKEND", None)
    done = subprocess.run([sys.executable, str(place)], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert done.stdout
