"""Data: what is drawn is a function of its arguments, the validation part teaches nothing, and scikit-learn says the same of its own files."""

import dataclasses

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from sklearn import datasets as theirs
from sklearn.decomposition import PCA
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

from core.datasets import DATASETS, Dataset, diabetes, iris, plane_of
from core.datasets.sampling import Sample, parts_of
from core.datasets.shapes import SHAPES
from core.errors import InvalidInput

KEYS = list(DATASETS)
SYNTHETIC = [key for key in KEYS if DATASETS[key].synthetic]
REAL = [key for key in KEYS if not DATASETS[key].synthetic]
LOADED = {key: getattr(theirs, f"load_{key}")(**({"scaled": False} if key == "diabetes" else {})) for key in REAL}

keys, synthetic = st.sampled_from(KEYS), st.sampled_from(SYNTHETIC)
points = st.integers(4, 400)
splits = st.floats(0.1, 0.9)
seeds = st.integers(0, 2**31 - 1)
bounded = settings(max_examples=60, deadline=None)


def rng(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def arrays(sample: Sample) -> list[np.ndarray]:
    return [getattr(sample, field.name) for field in dataclasses.fields(sample)]


# ------------------------------------------------------------------------------------------------ the registry


def test_the_registry_has_the_ten_data_sets_and_each_knows_its_own_key():
    assert KEYS == ["circles", "xor", "gaussians", "spiral", "moons", "breast_cancer", "digits", "wine", "iris", "diabetes"]
    for key, dataset in DATASETS.items():
        assert isinstance(dataset, Dataset)
        assert dataset.key == key
        assert dataset.label
        assert dataset.source.endswith(".")


@pytest.mark.parametrize("key", REAL)
def test_what_is_written_out_of_a_real_data_set_is_what_scikit_learn_ships(key):
    dataset, loaded = DATASETS[key], LOADED[key]
    assert (dataset.rows, dataset.inputs) == loaded.data.shape
    assert dataset.features == tuple(str(name) for name in loaded.feature_names)
    assert dataset.classes == tuple(str(name) for name in loaded.get("target_names", ()))
    assert dataset.task == ("regression" if key == "diabetes" else "binary" if len(dataset.classes) == 2 else "multiclass")
    assert dataset.outputs == (len(dataset.classes) if len(dataset.classes) > 2 else 1)


@pytest.mark.parametrize("key", SYNTHETIC)
def test_a_synthetic_data_set_has_two_inputs_two_classes_and_no_rows(key):
    dataset = DATASETS[key]
    assert (dataset.task, dataset.inputs, dataset.outputs, dataset.rows, len(dataset.features), len(dataset.classes)) == ("binary", 2, 1, 0, 2, 2)


def test_the_columns_that_other_labs_use_are_unchanged():
    for key, made in (("diabetes", diabetes("bmi", "s5")), ("iris", iris())):
        X, y = LOADED[key].data, LOADED[key].target
        X, y = (X[:, [2, 8]], (y - y.mean()) / y.std()) if key == "diabetes" else (X[50:, 2:], y[50:] - 1)
        np.testing.assert_allclose(made[0], StandardScaler().fit_transform(X), atol=1e-12)
        np.testing.assert_allclose(made[1], y, atol=1e-12)


# ------------------------------------------------------------------------------------------------ the draw


@bounded
@given(key=keys, points=points, noise=st.lists(st.floats(0, 5), min_size=1, max_size=3), split=splits, seed=seeds)
def test_a_draw_has_the_shapes_and_types_it_promises_and_cannot_be_written_to(key, points, noise, split, seed):
    dataset = DATASETS[key]
    sample = dataset.draw(points, np.array(noise), split, seed)
    (k, n, d), (also_k, m, also_d) = sample.train_inputs.shape, sample.val_inputs.shape
    assert k == also_k == len(noise)
    assert d == also_d == dataset.inputs
    assert n + m == (points if dataset.synthetic else dataset.rows)
    assert min(n, m) >= 2
    assert sample.train_targets.shape == (n,)
    assert sample.val_targets.shape == (m,)
    for array in arrays(sample):
        assert not array.flags.writeable
        assert np.isfinite(array).all()
    wanted = np.int64 if dataset.task == "multiclass" else np.float64
    assert sample.train_inputs.dtype == sample.val_inputs.dtype == np.float64
    assert sample.train_targets.dtype == sample.val_targets.dtype == wanted


@bounded
@given(key=keys, points=points, noise=st.floats(0, 5), split=splits, seed=seeds)
def test_equal_arguments_give_equal_bits_and_a_number_is_a_family_of_one(key, points, noise, split, seed):
    first = DATASETS[key].draw(points, noise, split, seed)
    DATASETS[key].draw(points + 1, noise, split, seed // 2)
    for other in (DATASETS[key].draw(points, noise, split, seed), DATASETS[key].draw(points, (noise,), split, seed)):
        for one, two in zip(arrays(first), arrays(other), strict=True):
            np.testing.assert_array_equal(one, two)


@bounded
@given(key=keys, noises=st.lists(st.floats(0.01, 5), min_size=2, max_size=5), seed=seeds)
def test_all_noises_are_one_draw_scaled(key, noises, seed):
    sample = DATASETS[key].draw(60, np.array([0.0, *noises]), 0.5, seed)
    for inputs in (sample.train_inputs, sample.val_inputs):
        added = (inputs[1:] - inputs[0]) / np.array(noises)[:, None, None]
        np.testing.assert_allclose(added, np.broadcast_to(added[:1], added.shape), atol=1e-11)
    alone = DATASETS[key].draw(60, noises[0], 0.5, seed)
    np.testing.assert_array_equal(alone.train_inputs[0], sample.train_inputs[1])


@pytest.mark.parametrize("key", KEYS)
def test_the_noise_is_standard_normal_times_its_width(key):
    from scipy.stats import kstest

    sample = DATASETS[key].draw(2000, np.array([0.0, 1.7]), 0.5, 3)
    added = np.concatenate([(inputs[1] - inputs[0]).ravel() for inputs in (sample.train_inputs, sample.val_inputs)]) / 1.7
    assert kstest(added, "norm").pvalue > 1e-3


@bounded
@given(key=keys, points=points, one=splits, two=splits, seed=seeds)
def test_a_larger_share_keeps_the_training_points_of_a_smaller_one_and_their_noise(key, points, one, two, seed):
    assume(key in SYNTHETIC)  # real inputs are standardised anew by each training part
    low, high = (DATASETS[key].draw(points, 0.3, split, seed) for split in sorted((one, two)))
    more = {tuple(row) for row in high.train_inputs[0]}
    assert {tuple(row) for row in low.train_inputs[0]} <= more


@bounded
@given(key=keys, points=points, split=splits, seed=seeds)
@example(key="moons", points=4, split=0.1, seed=0)
@example(key="moons", points=5, split=0.9, seed=0)
def test_the_split_is_stratified_to_the_row(key, points, split, seed):
    dataset = DATASETS[key]
    sample = dataset.draw(points, 0.0, split, seed)
    if dataset.task == "regression":
        assert abs(len(sample.train_targets) - split * dataset.rows) <= 0.5 + 1e-9
        return
    for label in range(len(dataset.classes)):
        train, val = (sample.train_targets == label).sum(), (sample.val_targets == label).sum()
        assert min(train, val) >= 1
        assert abs(train - split * (train + val)) <= max(0.5, 1 - split * (train + val), 1 - (1 - split) * (train + val)) + 1e-9
    if dataset.synthetic:
        all_targets = np.concatenate([sample.train_targets, sample.val_targets])
        assert abs((all_targets == 0).sum() - (all_targets == 1).sum()) <= 1


def test_the_shares_are_those_of_scikit_learns_stratified_split():
    for key in ("breast_cancer", "digits", "wine", "iris"):
        sample = DATASETS[key].draw(split=0.7)
        _, _, train, _ = train_test_split(LOADED[key].data, LOADED[key].target, train_size=0.7, stratify=LOADED[key].target, random_state=0)
        ours, peers = (np.bincount(np.asarray(targets, dtype=int)) for targets in (sample.train_targets, train))
        assert np.abs(ours - peers).max() <= 1


@settings(max_examples=40, deadline=None)
@given(
    task=st.sampled_from(["binary", "multiclass", "regression"]),
    rows=st.integers(4, 40),
    split=splits,
    seed=seeds,
    labels=st.integers(1, 4),
)
def test_any_rows_are_split_with_two_in_each_part_and_a_class_of_two_in_both(task, rows, split, seed, labels):
    source = rng(seed)
    y = source.standard_normal(rows) if task == "regression" else source.integers(0, labels if task == "multiclass" else 2, rows)
    parts = parts_of(source, source.standard_normal((rows, 3)), y, task, split, standardise=True)
    assert min(len(parts.train_targets), len(parts.val_targets)) >= 2
    assert len(parts.train_targets) + len(parts.val_targets) == rows
    values, counts = np.unique(y, return_counts=True)
    if task != "regression" and counts.min() >= 2 and len(values) >= 2:
        assert set(parts.train_targets) == set(parts.val_targets) == set(values)


# ------------------------------------------------------------------------------------------------ real data


@pytest.mark.parametrize("key", REAL)
@pytest.mark.parametrize(("split", "seed"), [(0.5, 0), (0.8, 7)])
def test_real_inputs_are_scikit_learns_standardised_by_the_training_rows(key, split, seed):
    X, y = LOADED[key].data, LOADED[key].target
    sample = DATASETS[key].draw(4, 0.0, split, seed)
    # The rows by the rule as it is documented: the first of each class in a permuted order, halves up.
    order = rng(seed).permutation(len(y))
    taken = np.zeros(len(y), dtype=bool)
    for group in [order] if key == "diabetes" else [order[y[order] == label] for label in np.unique(y)]:
        taken[group[: int(np.floor(split * len(group) + 0.5))]] = True
    scaler = StandardScaler().fit(X[taken])
    varies = X[taken].std(axis=0) > 0
    for part, inputs, targets in ((taken, sample.train_inputs, sample.train_targets), (~taken, sample.val_inputs, sample.val_targets)):
        rows = order[part[order]]
        expected = np.where(varies, scaler.transform(X[rows]), 0.0)
        np.testing.assert_allclose(inputs[0], expected, atol=1e-11)
        wanted = (y[rows] - y[taken].mean()) / y[taken].std() if key == "diabetes" else y[rows]
        np.testing.assert_allclose(targets, wanted, atol=1e-12)


@pytest.mark.parametrize("key", REAL)
def test_training_columns_have_mean_0_and_variance_1_or_are_0_throughout(key):
    sample = DATASETS[key].draw(split=0.6, seed=2)
    train, val = sample.train_inputs[0], sample.val_inputs[0]
    spread = train.std(axis=0)
    still = spread == 0.0
    np.testing.assert_allclose(train.mean(axis=0), 0.0, atol=1e-13)
    np.testing.assert_allclose(spread[~still], 1.0, atol=1e-12)
    assert (train[:, still] == 0.0).all()
    assert (val[:, still] == 0.0).all()
    assert still.any() == (key == "digits"), "corner pixels of the digits are blank in every picture"


@settings(max_examples=40, deadline=None)
@given(rows=st.integers(6, 40), split=splits, seed=seeds, scale=st.floats(1e-3, 1e3))
def test_the_validation_rows_teach_nothing(rows, split, seed, scale):
    X, y = rng(seed).standard_normal((rows, 3)), rng(seed + 1).standard_normal(rows)
    before = parts_of(rng(5), X, y, "regression", split, standardise=True)
    held = {tuple(row) for row in before.val_draw}
    moved, shifted = X.copy(), y.copy()
    draws = np.random.Generator(np.random.PCG64(5))
    draws.permutation(rows)
    for row, draw in enumerate(draws.standard_normal(X.shape)):
        if tuple(draw) in held:
            moved[row], shifted[row] = scale * X[row] + 10.0, scale * y[row] - 3.0
    after = parts_of(rng(5), moved, shifted, "regression", split, standardise=True)
    np.testing.assert_array_equal(before.train_clean, after.train_clean)
    np.testing.assert_array_equal(before.train_targets, after.train_targets)
    assert np.abs(before.val_clean - after.val_clean).max() > 0.0


def test_noise_is_added_in_standard_deviations_of_the_column():
    sample = DATASETS["wine"].draw(noise=(0.0, 0.5), seed=1)
    added = sample.train_inputs[1] - sample.train_inputs[0]
    assert np.abs(added.std(axis=0) - 0.5).max() < 0.2


# ------------------------------------------------------------------------------------------------ the shapes


@bounded
@given(key=synthetic, points=points, seed=seeds)
def test_a_clean_shape_is_within_3_about_as_large_as_1_and_half_of_each_class(key, points, seed):
    X, y = SHAPES[key](rng(seed), points)
    assert X.shape == (points, 2)
    assert np.abs(X).max() <= 3.0
    assert abs((y == 0).sum() - (y == 1).sum()) <= 1
    many, _ = SHAPES[key](rng(seed), 4000)
    assert 0.6 < np.sqrt((many**2).mean()) < 1.4
    np.testing.assert_allclose(many.mean(axis=0), 0.0, atol=0.12)


def nearest(points: np.ndarray, to: np.ndarray) -> np.ndarray:
    return np.sqrt(((points[:, None] - to[None]) ** 2).sum(axis=-1).min(axis=1))


@pytest.mark.parametrize(
    ("key", "made"),
    [
        ("moons", lambda n: [np.array(X) - [0.5, 0.25] if i == 0 else X for i, X in enumerate(theirs.make_moons(n, shuffle=False))]),
        ("circles", lambda n: [1.5 * X if i == 0 else 1 - X for i, X in enumerate(theirs.make_circles(n, factor=0.5, shuffle=False))]),
    ],
)
def test_moons_and_circles_lie_on_scikit_learns_and_cover_them(key, made):
    X, y = SHAPES[key](rng(11), 2000)
    peers, labels = made(4000)
    for label in (0, 1):
        assert nearest(X[y == label], peers[labels == label]).max() < 0.003
        assert nearest(peers[labels == label], X[y == label]).max() < 0.04


def test_xor_and_the_spiral_are_what_their_formulas_say():
    X, y = SHAPES["xor"](rng(3), 3000)
    np.testing.assert_array_equal(y == 1, X[:, 0] * X[:, 1] < 0)
    assert np.abs(X).min() >= 0.1
    X, y = SHAPES["spiral"](rng(3), 3000)
    radius = np.hypot(X[:, 0], X[:, 1])
    turned = np.arctan2(X[:, 1], X[:, 0]) - np.pi * y - np.pi * radius
    np.testing.assert_allclose(np.cos(turned), 1.0, atol=1e-12)
    assert radius.max() <= 2.5


def test_a_straight_line_errs_on_the_gaussians_as_often_as_the_normal_tail_says():
    from scipy.stats import norm

    X, y = SHAPES["gaussians"](rng(1), 5000)
    wrong = ((X.sum(axis=1) > 0) != (y == 1)).mean()
    assert abs(wrong - norm.sf(0.75 * np.sqrt(2) / 0.5)) < 0.006


# ------------------------------------------------------------------------------------------------ what is refused


@pytest.mark.parametrize(
    "bad",
    [
        {"points": 3},
        {"points": 5001},
        {"points": 100.0},
        {"points": True},
        {"noise": -0.1},
        {"noise": 5.1},
        {"noise": float("nan")},
        {"noise": ()},
        {"noise": [[1.0, 2.0]]},
        {"noise": "much"},
        {"split": 0.05},
        {"split": 0.95},
        {"split": float("nan")},
        {"split": "half"},
        {"seed": -1},
        {"seed": 2**31},
        {"seed": 0.5},
        {"points": 5000, "noise": np.linspace(0, 1, 4096)},
    ],
    ids=lambda bad: ",".join(bad),
)
def test_an_argument_beyond_its_range_is_refused_by_name(bad):
    with pytest.raises(InvalidInput) as refused:
        DATASETS["moons"].draw(**bad)
    assert next(reversed(bad)) in str(refused.value)


@pytest.mark.parametrize(
    ("X", "y", "task"),
    [
        (np.ones((3, 2)), np.zeros(3), "binary"),
        (np.ones((5, 2)), np.zeros(4), "binary"),
        (np.ones(5), np.zeros(5), "binary"),
        (np.ones((5, 2)), np.zeros(5), "ranking"),
        (np.full((5, 2), np.nan), np.zeros(5), "binary"),
    ],
)
def test_rows_that_do_not_fit_are_refused(X, y, task):
    with pytest.raises(InvalidInput):
        parts_of(rng(0), X, y, task, 0.5, standardise=True)


# ------------------------------------------------------------------------------------------------ planes


@bounded
@example(key="digits", seed=0, noise=0.0, choice=(0, 24))
@example(key="digits", seed=0, noise=1e-7, choice=(0, 24))
@example(key="digits", seed=0, noise=2e-6, choice=(0, 24))
@given(key=keys, seed=seeds, noise=st.floats(0, 2), choice=st.none() | st.tuples(st.integers(0, 63), st.integers(0, 63)))
def test_a_plane_is_orthonormal_and_its_window_is_square_round_and_holds_every_point(key, seed, noise, choice):
    dataset = DATASETS[key]
    columns = () if choice is None else tuple(i % dataset.inputs for i in choice)
    assume(len(set(columns)) == len(columns))
    sample = dataset.draw(80, (0.0, noise), 0.5, seed)
    plane = plane_of(sample, dataset, columns)
    np.testing.assert_allclose(plane.basis @ plane.basis.T, np.eye(2), atol=1e-12)
    (x0, x1), (y0, y1) = plane.window
    np.testing.assert_allclose(x1 - x0, y1 - y0, rtol=1e-9)
    flat = np.concatenate([plane.project(inputs).reshape(-1, 2) for inputs in (sample.train_inputs, sample.val_inputs)])
    assert (flat > [x0, y0]).all()
    assert (flat < [x1, y1]).all()
    span = np.ptp(flat, axis=0).max()
    if span > 1e-6 * max(1.0, np.abs(flat).max()):
        assert 1.0 < (x1 - x0) / span < 1.4
    else:
        assert 1.0 < x1 - x0 < 1.4, "columns that do not vary"
    assert all(len(f"{abs(edge):.10g}".replace(".", "").strip("0")) <= 3 for edge in (x0, x1, y0, y1))
    if columns:
        assert plane.labels == (dataset.features[columns[0]], dataset.features[columns[1]])


@pytest.mark.parametrize("key", ["breast_cancer", "digits", "wine", "iris", "diabetes"])
def test_principal_components_are_scikit_learns_up_to_the_sign_that_makes_the_largest_loading_positive(key):
    sample = DATASETS[key].draw(seed=4)
    plane = plane_of(sample, DATASETS[key])
    peer = PCA(2, svd_solver="full").fit(sample.train_inputs[0])
    signs = np.sign((plane.basis * peer.components_).sum(axis=1))
    np.testing.assert_allclose(plane.basis, signs[:, None] * peer.components_, atol=1e-9)
    np.testing.assert_allclose(plane.project(sample.val_inputs)[0], signs * peer.transform(sample.val_inputs[0]), atol=1e-8)
    for row, share, label in zip(plane.basis, peer.explained_variance_ratio_, plane.labels, strict=True):
        assert row[np.abs(row).argmax()] > 0
        assert f"({100 * share:.0f} % of the variance)" in label
    assert [label.partition(" (")[0] for label in plane.labels] == ["PC 1", "PC 2"]


@pytest.mark.parametrize("key", SYNTHETIC)
def test_two_inputs_are_their_own_plane(key):
    sample = DATASETS[key].draw(50, 0.2)
    plane = plane_of(sample, DATASETS[key])
    np.testing.assert_array_equal(plane.project(sample.train_inputs), sample.train_inputs)
    assert plane.labels == DATASETS[key].features


def test_the_plane_of_two_features_holds_the_others_at_their_mean():
    sample = DATASETS["wine"].draw(seed=1)
    plane = plane_of(sample, DATASETS["wine"], (12, 0))
    points = plane.grid(5)
    np.testing.assert_allclose(np.delete(points, [0, 12], axis=1), 0.0, atol=1e-12)
    np.testing.assert_array_equal(plane.project(sample.train_inputs)[0], sample.train_inputs[0][:, [12, 0]])


@bounded
@given(key=keys, n=st.integers(2, 12), seed=st.integers(0, 20))
def test_a_grid_runs_row_by_row_from_the_low_corner_to_the_high_one(key, n, seed):
    plane = plane_of(DATASETS[key].draw(60, 0.1, 0.5, seed), DATASETS[key])
    points = plane.grid(n)
    assert points.shape == (n * n, DATASETS[key].inputs)
    (x0, x1), (y0, y1) = plane.window
    flat = plane.project(points).reshape(n, n, 2)
    expected_x, expected_y = np.meshgrid(np.linspace(x0, x1, n), np.linspace(y0, y1, n))
    np.testing.assert_allclose(flat[..., 0], expected_x, atol=1e-9)
    np.testing.assert_allclose(flat[..., 1], expected_y, atol=1e-9)


@pytest.mark.parametrize("columns", [(0,), (0, 0), (0, 13), (-1, 2), (0, 1, 2)])
def test_columns_that_span_no_plane_are_refused(columns):
    with pytest.raises(InvalidInput, match="columns"):
        plane_of(DATASETS["wine"].draw(), DATASETS["wine"], columns)


@pytest.mark.parametrize("n", [1, 1001, 2.0, True])
def test_a_grid_of_no_size_is_refused(n):
    with pytest.raises(InvalidInput, match="grid"):
        plane_of(DATASETS["moons"].draw(), DATASETS["moons"]).grid(n)
