"""The four labs on somebody's own data: the diabetes data that somebody brings give what the lab's own give, and what is said of others is true."""

import numpy as np
import pytest
from sklearn.datasets import load_diabetes

from core import diamond_circle
from core.datasets import DIABETES_FEATURES
from core.datasets.uploads import Choice, own_csv, own_data, read_table, suggested
from core.datasets.uploads.dataset import TRAINED, arrived, own_dataset, travelling
from core.errors import InvalidInput
from core.export.shrinkage import scikit_learn_code
from core.lessons import asked
from core.specs import BiasVarianceSpec, DiamondCircleSpec, ShrinkageSpec, TrainingLabSpec
from core.specs.training_lab import with_own
from core.statistics import shrinkage
from core.statistics.bias_variance import experiment, words
from core.statistics.bias_variance.resampled import source_of


@pytest.fixture(scope="module")
def diabetes():
    """scikit-learn's diabetes data as a German spreadsheet saves them, read back."""
    X, y = load_diabetes(return_X_y=True, scaled=False)
    rows = [";".join(f"{float(value)!r}".replace(".", ",") for value in (*row, end)) for row, end in zip(X, y, strict=True)]
    table = read_table(("\ufeff" + ";".join([*DIABETES_FEATURES, "Verlauf"]) + "\r\n" + "\r\n".join(rows)).encode())
    return own_data(table, suggested(table))


def classes(count=3, rows=90):
    rng = np.random.default_rng(count)
    y = np.arange(rows) % count
    X = rng.normal(size=(rows, 3)) + y[:, None]
    lines = [",".join([*(f"{value:.5f}" for value in row), "abcdef"[end]]) for row, end in zip(X, y, strict=True)]
    table = read_table("u,v,w,class\n" + "\n".join(lines))
    return own_data(table, suggested(table))


# ---------------------------------------------------------------------------------------------------------- the same data, brought


@pytest.mark.parametrize("penalty", ["l1", "elastic_net", "l2"])
@pytest.mark.parametrize("flaw", ["none", "constant"])
def test_a_path_of_the_diabetes_data_is_the_same_whoever_brings_them(diabetes, penalty, flaw):
    ours = shrinkage.solve(ShrinkageSpec(penalty=penalty, seed=2.0, flaw=flaw))
    theirs = shrinkage.solve(ShrinkageSpec(penalty=penalty, seed=2.0, flaw=flaw, data="own"), diabetes)
    assert theirs.design.names == ours.design.names
    for name in ("lam", "w", "df", "kkt"):
        np.testing.assert_allclose(getattr(theirs.path, name), getattr(ours.path, name), rtol=1e-9, atol=1e-12)
    for name in ("train", "test", "plain"):
        np.testing.assert_allclose(getattr(theirs, name), getattr(ours, name), rtol=1e-9)
    np.testing.assert_allclose(theirs.validation.mean, ours.validation.mean, rtol=1e-9)
    assert theirs.validation.simplest == ours.validation.simplest


@pytest.mark.parametrize("axis", ["lam", "budget"])
@pytest.mark.parametrize(("first", "second"), [("bmi", "s5"), ("bmi", "bmi"), ("sex", "age")])
def test_the_plane_of_two_features_is_the_same_whoever_brings_them(diabetes, axis, first, second):
    places = list(DIABETES_FEATURES)
    ours = diamond_circle.solve(DiamondCircleSpec(data="diabetes", axis=axis, feature1=first, feature2=second))
    theirs = diamond_circle.solve(DiamondCircleSpec(data="own", axis=axis), (diabetes, places.index(first), places.index(second)))
    np.testing.assert_allclose(theirs.axis, ours.axis, rtol=1e-9)
    np.testing.assert_allclose(theirs.solution.w, ours.solution.w, rtol=1e-9, atol=1e-12)
    assert theirs.window == ours.window
    assert theirs.axis_names == (first, second)


def test_networks_train_the_same_whoever_brings_the_data(diabetes):
    from core.training import advance, start

    settings = {"data": "diabetes", "units": 8.0, "layers": 1.0}
    ours, mine = advance(start(TrainingLabSpec(**settings).training()), 15)
    own = with_own(TrainingLabSpec(**(settings | {"data": "own"})), diabetes)
    theirs, yours = advance(start(own.training(), arrived(travelling(diabetes))), 15)
    np.testing.assert_array_equal(theirs.weights.numpy(), ours.weights.numpy())
    for name, curve in mine.curves.items():
        np.testing.assert_array_equal(yours.curves[name], curve)
    np.testing.assert_array_equal(yours.frame["field"], mine.frame["field"])
    # In pieces, by way of bytes, as workers do it.
    again = type(theirs).from_bytes(advance(start(own.training(), arrived(travelling(diabetes))), 5)[0].to_bytes())
    np.testing.assert_array_equal(advance(again, 10)[0].weights.numpy(), ours.weights.numpy())


def test_the_script_of_a_path_gives_the_labs_weights_from_the_file_that_the_lab_saves(diabetes, tmp_path, monkeypatch):
    (tmp_path / "data.csv").write_text(own_csv(diabetes), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    spec = ShrinkageSpec(data="own", penalty="elastic_net", seed=4.0)
    found = shrinkage.solve(spec, diabetes)
    scope = {}
    exec(compile(scikit_learn_code(spec, float(found.lam[90]), len(found.design.y)), "script", "exec"), scope)
    np.testing.assert_allclose(scope["model"][-1].coef_, found.path.w[90], atol=1e-6)


def test_the_weights_of_a_network_on_own_data_are_saved_with_their_shapes(diabetes):
    import json

    from core.export.training_data import network_json
    from core.training import start

    own = with_own(TrainingLabSpec(data="own", units=6.0, layers=1.0), diabetes)
    state = start(own.training(), arrived(travelling(diabetes)))
    found = json.loads(network_json(own.training(), 3, state.weights.numpy(), own.dataset))
    text = json.dumps(found)
    assert "bmi" not in text
    first = next(np.array(value) for value in _arrays(found) if np.array(value).ndim == 2)
    assert first.shape == (6, 10)


def _arrays(node):
    """Yield the nested lists of numbers in JSON."""
    if isinstance(node, list) and node and isinstance(node[0], list):
        yield node
    elif isinstance(node, dict | list):
        for each in node.values() if isinstance(node, dict) else node:
            yield from _arrays(each)


# ------------------------------------------------------------------------------------------------------------ samples of own rows


@pytest.mark.parametrize("along", ["lam", "at"])
def test_noise_and_bias_squared_and_variance_sum_to_the_error_on_rows_that_no_set_has_seen(diabetes, along):
    spec = BiasVarianceSpec(data="own", axis=along, size=5.0, fixed=0.01, points=20.0)
    found = experiment.solve(spec, (diabetes, 2))
    source = found.source
    assert len(source.held_y) + len(source.y) == diabetes.rows
    # Ridge by its normal equations, a set at a time, for one member.
    member = 30 if along == "lam" else 4
    lam, size = float(found.lam[member]), int(found.size[member])
    rows = np.argsort(np.random.default_rng([0, 20, 5]).random((experiment.SETS, len(source.y))), axis=1)[:, :20]
    from numpy.polynomial import legendre

    def columns(x):
        return np.stack([np.sqrt(2 * j + 1) * legendre.legval(x, np.eye(size + 1)[j]) for j in range(1, size + 1)], axis=-1)

    fits = []
    for chosen in rows:
        A, y = columns(source.x[chosen]), source.y[chosen]
        middle = A.mean(axis=0)
        w = np.linalg.solve((A - middle).T @ (A - middle) + 2 * len(y) * lam * np.eye(size), (A - middle).T @ (y - y.mean()))
        fits.append(y.mean() + (columns(source.held_x) - middle) @ w)
    fits = np.array(fits)
    error = ((fits - source.held_y) ** 2).mean()
    variance = fits.var(axis=0, ddof=1).mean()
    np.testing.assert_allclose(found.variance[member], variance, rtol=1e-6)
    np.testing.assert_allclose(found.test[member], error, rtol=1e-6)
    np.testing.assert_allclose(found.total, found.test, rtol=1e-9)
    np.testing.assert_allclose(found.bias[member], error - variance, rtol=1e-5)


def test_x_is_the_feature_from_its_least_to_its_largest_value(diabetes):
    source = source_of(BiasVarianceSpec(data="own"), (diabetes, 2))
    column = diabetes.X[:, 2]
    assert source.ends == (column.min(), column.max())
    both = np.concatenate([source.x, source.held_x])
    assert (both.min(), both.max()) == (-1.0, 1.0)
    np.testing.assert_allclose(np.sort(both), np.sort(2 * (column - column.min()) / np.ptp(column) - 1))


def test_what_nobody_knows_of_own_rows_is_not_said(diabetes):
    found = experiment.solve(BiasVarianceSpec(data="own", size=3.0), (diabetes, 2))
    said = " ".join([*words.sum_sentences(found), *words.bundle_sentences(found), words.verdict(found), words.training_sentence(found)])
    assert "noise + bias²" in said
    assert "Nobody knows the truth" in said
    assert "from the truth" not in said
    assert "bias² " not in said.replace("noise + bias² ", "").replace("noise and bias² ", "")


# ------------------------------------------------------------------------------------------------------------- what a lab refuses


def test_each_lab_says_what_it_cannot_take(diabetes):
    three, two = classes(3), classes(2)
    for ask in (
        lambda own: shrinkage.solve(ShrinkageSpec(data="own"), own),
        lambda own: diamond_circle.solve(DiamondCircleSpec(data="own"), (own, 0, 1)),
        lambda own: experiment.solve(BiasVarianceSpec(data="own"), (own, 0)),
    ):
        with pytest.raises(InvalidInput, match="3 classes"):
            ask(three)
        ask(two)
    assert with_own(TrainingLabSpec(data="own"), three).dataset.outputs == 3
    few = read_table("a,b,y\n" + "\n".join(f"{k * 1.5},{k % 4},{k % 7}" for k in range(14)))
    with pytest.raises(InvalidInput, match="training sets of 40 points"):
        experiment.solve(BiasVarianceSpec(data="own", points=40.0), (own_data(few, suggested(few)), 0))
    lone = own_data(few, Choice(2, ("number", "out", "number")))
    with pytest.raises(InvalidInput, match="two columns or more"):
        own_dataset(lone)
    lines = (",".join(str((k * (j + 3)) % 17) for j in range(41)) for k in range(4_000))
    wide = read_table(",".join(f"x{j}" for j in range(41)) + "\n" + "\n".join(lines))
    large = own_data(wide, suggested(wide))
    assert large.X.size > TRAINED
    with pytest.raises(InvalidInput, match=r"at most \d+ rows of so many columns"):
        own_dataset(large)


def test_without_data_each_lab_asks_for_them():
    for ask in (
        lambda: shrinkage.solve(ShrinkageSpec(data="own")),
        lambda: diamond_circle.solve(DiamondCircleSpec(data="own")),
        lambda: experiment.solve(BiasVarianceSpec(data="own")),
        lambda: TrainingLabSpec(data="own").dataset,
    ):
        with pytest.raises(InvalidInput, match="Paste or upload it"):
            ask()


@pytest.mark.parametrize(
    ("page", "spec"),
    [
        ("shrinkage_paths", ShrinkageSpec),
        ("diamond_and_circle", DiamondCircleSpec),
        ("bias_and_variance", BiasVarianceSpec),
        ("training", TrainingLabSpec),
    ],
)
def test_nothing_is_asked_of_own_data_since_what_is_asked_is_remembered_for_everybody(page, spec):
    assert asked(page, spec(data="own")) == ()
    assert asked(page, spec()) != ()


def test_the_smallest_table_that_is_taken_makes_a_path():
    table = read_table("a,b,y\n" + "\n".join(f"{(k * 7) % 11},{k % 3},{k * 1.5}" for k in range(12)))
    own = own_data(table, Choice(2, ("number", "number", "number")))
    found = shrinkage.solve(ShrinkageSpec(data="own"), own)
    assert len(found.validation.folds) == len(found.design.y) == 9
    assert found.path.kkt.max() < 1e-9
