"""Paths of lasso, elastic net and ridge: against scikit-learn, closed forms, finite differences and the written-out conditions."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import ElasticNet, Lasso, Ridge, enet_path, lars_path
from sklearn.model_selection import PredefinedSplit, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from core.datasets.real import columns
from core.errors import InvalidInput
from core.specs.shrinkage import SHRINKAGE_PRESETS, ShrinkageSpec
from core.statistics.shrinkage import solve
from core.statistics.shrinkage.data import neighbours, table, weights
from core.statistics.shrinkage.design import Design, design
from core.statistics.shrinkage.equivalents import glmnet, scikit_learn
from core.statistics.shrinkage.paths import axis, path
from core.statistics.shrinkage.validation import cross_validate, fold_of

RHOS = (0.05, 0.3, 0.5, 0.9, 1.0)


def of(key: str) -> Design:
    X, y = columns(key)
    return design(X, y, [f"c{j}" for j in range(X.shape[1])], "regression" if key == "diabetes" else "classification")


def random_design(seed: int, n: int, d: int) -> Design:
    rng = np.random.default_rng(seed)
    X = neighbours(rng.normal(size=(n, d)), 0.7)
    return design(X, X[:, 0] - 2.0 * X[:, -1] + rng.normal(size=n), [f"x{j}" for j in range(d)])


DIABETES, CELLS = of("diabetes"), of("breast_cancer")
DESIGNS = {"diabetes": DIABETES, "cells": CELLS, "wide": random_design(1, 20, 35), "square": random_design(2, 30, 12), "one": random_design(3, 9, 1)}


def lambdas(data: Design, rho: float, members: int = 201) -> np.ndarray:
    n = len(data.y)
    return axis(data.X.T @ data.X / n, data.X.T @ data.y / n, rho, members)


def violation(data: Design, rho: float, lam: np.ndarray, w: np.ndarray) -> float:
    """The optimality conditions from the rows themselves: |slope| <= lam rho at 0, else slope = lam (rho sign + 2 (1 - rho) w)."""
    worst = 0.0
    for strength, at in zip(lam, w, strict=True):
        slope = data.X.T @ (data.y - data.X @ at) / len(data.y)
        for j, each in enumerate(at):
            if each == 0.0:
                worst = max(worst, abs(slope[j]) - strength * rho)
            else:
                worst = max(worst, abs(slope[j] - strength * (rho * np.sign(each) + 2.0 * (1.0 - rho) * each)))
    return worst


# ------------------------------------------------------------------------------------------------------------------- paths


@pytest.mark.parametrize("rho", [0.0, *RHOS])
@pytest.mark.parametrize("name", DESIGNS)
def test_every_member_of_every_path_meets_the_written_out_conditions(name, rho):
    data = DESIGNS[name]
    found = path(data.X, data.y, rho, lambdas(data, rho, 41))
    assert violation(data, rho, found.lam, found.w) <= 1e-10
    assert found.kkt.max() <= 1e-8
    np.testing.assert_array_equal(found.nonzero, (found.w != 0.0).sum(axis=1))


@pytest.mark.parametrize("name", DESIGNS)
def test_lasso_has_the_knots_of_lars(name):
    data = DESIGNS[name]
    lam = lambdas(data, 1.0)
    found = path(data.X, data.y, 1.0, lam)
    knots, _, _ = lars_path(data.X, data.y, method="lasso", eps=1e-15)
    knots = knots[knots > lam[0] * (1.0 + 1e-9)]
    np.testing.assert_allclose([event.lam for event in found.events], knots, rtol=0.0, atol=1e-8)


def test_lasso_takes_and_drops_what_lars_takes_and_drops():
    found = path(CELLS.X, CELLS.y, 1.0, lambdas(CELLS, 1.0))
    knots, _, coefs = lars_path(CELLS.X, CELLS.y, method="lasso")
    assert any(event.kind == "leaves" for event in found.events), "else exits would not be tested"
    for i, event in enumerate(found.events):
        middle = (coefs[:, i] + coefs[:, i + 1]) / 2.0  # of the piece below the knot
        assert (middle[event.index] != 0.0) == (event.kind == "enters"), (i, knots[i], event)


@pytest.mark.parametrize("rho", RHOS)
@pytest.mark.parametrize("name", ["diabetes", "wide"])
def test_lasso_and_elastic_net_are_what_coordinate_descent_converges_to(name, rho):
    data = DESIGNS[name]
    lam = lambdas(data, rho, 15)[4:]
    _, theirs, _ = enet_path(data.X, data.y, alphas=lam * (2.0 - rho), l1_ratio=rho / (2.0 - rho), tol=1e-13, max_iter=1_000_000, precompute=False)
    ours = path(data.X, data.y, rho, lam).w
    np.testing.assert_allclose(ours, theirs[:, ::-1].T, rtol=0.0, atol=2e-6)


@pytest.mark.parametrize("rho", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("name", ["diabetes", "square"])
def test_at_every_event_of_the_elastic_net_exactly_that_weight_changes_between_zero_and_not(name, rho):
    """Solved anew by scikit-learn a little above and a little below."""
    data = DESIGNS[name]
    found = path(data.X, data.y, rho, lambdas(data, rho, 21)[8:])
    assert len(found.events) >= 4
    for event in found.events:
        kept = []
        for lam in (event.lam * (1.0 + 1e-5), event.lam * (1.0 - 1e-5)):
            model = ElasticNet(
                alpha=lam * (2.0 - rho), l1_ratio=rho / (2.0 - rho), fit_intercept=False, tol=1e-15, max_iter=1_000_000, selection="cyclic"
            )
            kept.append(np.abs(model.fit(data.X, data.y).coef_) > 1e-9)
        changed = np.flatnonzero(kept[0] != kept[1])
        np.testing.assert_array_equal(changed, [event.index])
        assert kept[1][event.index] == (event.kind == "enters")


@pytest.mark.parametrize("name", DESIGNS)
def test_ridge_is_scikit_learns(name):
    data = DESIGNS[name]
    lam = lambdas(data, 0.0, 11)
    ours = path(data.X, data.y, 0.0, lam)
    for strength, w in zip(lam, ours.w, strict=True):
        theirs = Ridge(alpha=2.0 * len(data.y) * strength, fit_intercept=False, solver="cholesky" if len(data.y) > 40 else "svd")
        np.testing.assert_allclose(w, theirs.fit(data.X, data.y).coef_, rtol=1e-7, atol=1e-9)
    assert not ours.events


@pytest.mark.parametrize("rho", [0.0, 0.5, 1.0])
def test_the_grid_of_lambda_begins_where_all_weights_are_zero_and_no_higher(rho):
    lam = lambdas(DIABETES, rho)
    found = path(DIABETES.X, DIABETES.y, rho, np.append(lam, 1.1 * lam[-1]))
    np.testing.assert_allclose(np.diff(np.log(lam)), np.log(lam[1] / lam[0]), rtol=1e-9)
    if rho > 0.0:
        assert (found.w[-2:] == 0.0).all()
        assert (path(DIABETES.X, DIABETES.y, rho, lam[-1:] * (1.0 - 1e-6)).w != 0.0).sum() == 1
        assert lam[-1] / lam[0] == pytest.approx(1e4)
    else:
        assert (found.w[-1] != 0.0).all()


def test_members_of_a_family_are_families_of_one():
    lam = lambdas(CELLS, 0.5, 31)
    whole = path(CELLS.X, CELLS.y, 0.5, lam)
    for i in (0, 11, 30):
        alone = path(CELLS.X, CELLS.y, 0.5, lam[i : i + 1])
        np.testing.assert_allclose(alone.w[0], whole.w[i], atol=1e-11)
        assert alone.df[0] == pytest.approx(whole.df[i], abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 10**6), st.integers(3, 25), st.integers(1, 12), st.sampled_from(RHOS), st.sampled_from(("plain", "twice", "sum", "bits", "whole"))
)
def test_ties_and_dependent_columns_neither_hang_nor_break_the_conditions(seed, n, d, rho, kind):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d))
    if kind == "twice":
        X = np.column_stack([X, 2.54 * X, -X[:, :1]])
    elif kind == "sum":
        X = np.column_stack([X, X.sum(axis=1)])
    elif kind == "bits":
        X = rng.integers(0, 2, size=(n, d)).astype(float)
    elif kind == "whole":
        X = np.round(X)
    y = X.sum(axis=1) if kind in ("bits", "whole") else X[:, 0] + rng.normal(size=n)
    try:
        data = design(X, y, [f"x{j}" for j in range(X.shape[1])])
    except InvalidInput:
        return
    found = path(data.X, data.y, rho, lambdas(data, rho, 25))
    assert np.isfinite(found.w).all()
    assert violation(data, rho, found.lam, found.w) <= 1e-9
    assert np.isfinite(found.df).all()
    assert (found.df <= found.nonzero + 1e-9).all()


def test_the_homotopy_itself_solves_almost_everything(monkeypatch):
    """The active set behind it is a safety net: on real data nothing falls into it."""
    from core.statistics.shrinkage import paths

    monkeypatch.setattr(paths._active_set, "minimise", lambda *_: pytest.fail("fell into the net"))
    for data in (DIABETES, CELLS):
        for rho in RHOS:
            path(data.X, data.y, rho, lambdas(data, rho))


@pytest.mark.parametrize(("rho", "lam"), [(1.5, [1.0]), (0.5, [0.0, 1.0]), (0.5, [2.0, 1.0]), (0.5, [np.nan]), (0.5, [])])
def test_paths_refuse_what_is_no_axis(rho, lam):
    with pytest.raises(InvalidInput):
        path(DIABETES.X, DIABETES.y, rho, np.array(lam))


# -------------------------------------------------------------------------------------------------------- degrees of freedom


@pytest.mark.parametrize("rho", [0.0, 0.4, 1.0])
def test_degrees_of_freedom_are_the_trace_of_the_fits_derivative(rho):
    """Central differences in every target. Between events the fit of lasso is linear in y, so this is exact for it, too."""
    data = DESIGNS["square"]
    lam = lambdas(data, rho, 9)[[2, 5]]
    found = path(data.X, data.y, rho, lam)
    trace = np.zeros(2)
    for i in range(len(data.y)):
        fits = []
        for step in (1e-6, -1e-6):
            y = data.y.copy()
            y[i] += step
            fits.append(path(data.X, y, rho, lam).w @ data.X[i])
        trace += (fits[0] - fits[1]) / 2e-6
    np.testing.assert_allclose(found.df, trace, rtol=1e-4)


def test_lassos_number_of_weights_is_an_unbiased_estimate_of_its_freedom():
    """The sum of cov(fit, y) / noise^2 over 600 redrawn targets (Efron's definition), within four standard errors."""
    data, noise = DESIGNS["square"], 0.7
    rng = np.random.default_rng(5)
    drawn = rng.normal(size=(600, len(data.y)))
    signal = data.X @ np.where(np.arange(12) % 4 == 0, 0.5, 0.0)
    lam = np.array([0.08])
    each, counts = [], []
    for e in drawn:
        found = path(data.X, signal + noise * e, 1.0, lam)
        each.append((data.X @ found.w[0] - signal) @ e / noise)
        counts.append(found.nonzero[0])
    gap = np.array(each) - np.array(counts)
    assert abs(gap.mean()) <= 4.0 * gap.std() / np.sqrt(len(gap))
    assert 2.0 < np.mean(counts) < 11.0


# ------------------------------------------------------------------------------------------------------------------- designs


def test_a_design_has_mean_zero_and_variance_one_and_can_be_undone():
    X, y = columns("diabetes")
    np.testing.assert_allclose(DIABETES.X.mean(axis=0), 0.0, atol=1e-12)
    np.testing.assert_allclose(DIABETES.X.std(axis=0), 1.0)
    np.testing.assert_allclose(DIABETES.X * DIABETES.scale + DIABETES.mean, X)
    again = DIABETES.apply(X, y)
    np.testing.assert_allclose(again[0], DIABETES.X, atol=1e-12)
    np.testing.assert_allclose(again[1], DIABETES.y, atol=1e-12)
    assert DIABETES.notes == ()


def test_empty_and_constant_columns_are_left_out_with_a_sentence_each():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(20, 4))
    X[:, 1], X[:, 2] = np.nan, -7.5
    found = design(X, X[:, 0], ["a", "b", "c", "d"])
    assert found.names == ("a", "d")
    assert found.kept.tolist() == [True, False, False, True]
    assert [note for note in found.notes if "'b' is empty in all 20 rows" in note]
    assert [note for note in found.notes if "'c' is −7.5 in every row" in note]
    assert np.isfinite(found.X).all()


def test_a_constant_that_rounding_lets_vary_is_still_a_constant():
    X = np.column_stack([np.linspace(0.0, 1.0, 30), 0.1 * 3 + np.tile([0.0, 5.55e-17], 15)])
    assert design(X, X[:, 0], ["a", "b"]).names == ("a",)


def test_a_repeated_column_is_named_with_the_one_it_repeats():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(30, 3))
    X = np.column_stack([X, 5.0 - 2.54 * X[:, 1]])
    (note,) = design(X, X[:, 0] + X[:, 1], ["a", "cm", "c", "inch"]).notes
    assert "'inch' says the same as 'cm'" in note
    assert "only the sum" in note


def test_a_column_that_is_a_sum_of_others_is_told():
    X = np.random.default_rng(0).normal(size=(30, 3))
    (note,) = design(np.column_stack([X, X @ [1.0, 2.0, 3.0]]), X[:, 0], list("abcd")).notes
    assert note.startswith("One column is a sum of multiples of others")


def test_fewer_rows_than_columns_is_told_and_lasso_keeps_at_most_so_many():
    data = DESIGNS["wide"]
    (note,) = data.notes
    assert "20 rows for 35 columns" in note
    assert "at most 19 weights" in note
    assert path(data.X, data.y, 1.0, lambdas(data, 1.0)).nonzero.max() <= 19


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda X, y: (X * np.where(np.eye(20, 3, dtype=bool), np.nan, 1.0), y), "'a' in 1 of 20 rows, 'b' in 1 of 20 rows, 'c' in 1"),
        (lambda X, y: (np.where(X > 1.0, np.inf, X), y), "missing or infinite values"),
        (lambda X, y: (X, np.where(y > 0, np.nan, y)), "a missing or infinite target"),
        (lambda X, y: (X, 0 * y + 3.0), "a target that is 3 in every row"),
        (lambda X, y: (0 * X, y), "3 columns, all empty or constant"),
        (lambda X, y: (X[:1], y[:1]), "a table of 1 rows"),
        (lambda X, y: (X[:, :0], y), "a table of shape"),
        (lambda X, y: (X, y[:-1]), "targets of shape"),
        (lambda X, y: ([*X.astype(str).tolist()[:-1], ["x", "y", "z"]], y), "a table that is not all numbers"),
    ],
)
def test_what_cannot_be_lived_with_is_refused_in_one_sentence_that_says_what(change, said):
    rng = np.random.default_rng(0)
    X, y = change(rng.normal(size=(20, 3)), rng.normal(size=20))
    with pytest.raises(InvalidInput, match="allowed is") as refused:
        design(X, y, ["a", "b", "c"][: np.shape(X)[1]])
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_one_class_only_is_refused_and_two_are_fitted_as_zero_and_one():
    X = np.random.default_rng(0).normal(size=(10, 2))
    with pytest.raises(InvalidInput, match="only the class 1 in 10 rows"):
        design(X, np.ones(10), ["a", "b"], "classification")
    with pytest.raises(InvalidInput, match="3 classes"):
        design(X, np.arange(10) % 3, ["a", "b"], "classification")
    found = design(X, np.where(np.arange(10) % 2, 5.0, 2.0), ["a", "b"], "classification")
    assert (found.y_mean, found.y_scale) == (0.5, 0.5)


# -------------------------------------------------------------------------------------------------------- cross-validation


@pytest.mark.parametrize(("rho", "member"), [(1.0, 60), (1.0, 20), (0.5, 60), (0.0, 60)])
def test_folds_are_standardised_and_fitted_by_their_own_rows_as_scikit_learn_would(rho, member):
    X, y = columns("diabetes")
    y = (y - y.mean()) / y.std()
    fold = fold_of(len(y), 10, np.random.default_rng(0))
    lam = lambdas(DIABETES, rho, 101)
    found = cross_validate(X, y, rho, lam, fold)
    theirs = []
    for i in range(10):  # Ridge's alpha hangs on the rows of the fold
        name, parameters = scikit_learn(rho, float(lam[member]), int((fold != i).sum()))
        model = {"Ridge": Ridge, "Lasso": Lasso, "ElasticNet": ElasticNet}[name](
            **parameters, **({} if name == "Ridge" else {"tol": 1e-12, "max_iter": 10**6})
        )
        split = PredefinedSplit(np.where(fold == i, 0, -1))
        theirs.append(-cross_val_score(make_pipeline(StandardScaler(), model), X, y, cv=split, scoring="neg_mean_squared_error")[0])
    np.testing.assert_allclose(found.folds[:, member], theirs, rtol=1e-7)
    assert found.mean[member] == pytest.approx(np.mean(theirs))
    assert found.error[member] == pytest.approx(np.std(theirs, ddof=1) / np.sqrt(10))


def test_the_two_choices_are_what_they_are_called():
    for spec in (ShrinkageSpec(), SHRINKAGE_PRESETS["More columns than rows"], ShrinkageSpec(penalty="l2", folds="5")):
        check = solve(spec).validation
        assert check.mean[check.best] == check.mean.min()
        limit = check.mean[check.best] + check.error[check.best]
        assert check.mean[check.simplest] <= limit
        assert (check.mean[check.simplest + 1 :] > limit).all()
        assert check.simplest >= check.best


def test_folds_divide_the_rows_and_their_sizes_differ_by_one_at_most():
    fold = fold_of(47, 10, np.random.default_rng(0))
    counts = np.bincount(fold)
    assert len(counts) == 10
    assert set(counts) == {4, 5}
    with pytest.raises(InvalidInput):
        cross_validate(np.eye(3), np.arange(3.0), 1.0, np.array([1.0]), np.zeros(3, dtype=int))


def test_a_column_that_is_constant_within_a_fold_gets_the_weight_zero_there():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(12, 2))
    X[:, 1] = 0.0
    X[0, 1] = 1.0
    fold = np.arange(12) % 6
    for rho in (0.0, 0.5, 1.0):
        assert np.isfinite(cross_validate(X, rng.normal(size=12), rho, np.geomspace(1e-3, 1.0, 5), fold).mean).all()


# --------------------------------------------------------------------------------------------------------------- the whole


@pytest.mark.parametrize("title", SHRINKAGE_PRESETS)
def test_errors_are_of_the_rows_they_are_said_to_be_of(title):
    found = solve(SHRINKAGE_PRESETS[title])
    rows = found.table
    for i in (0, 77, 200):
        raw = found.path.w[i] / found.design.scale

        def predicted(X, raw=raw):
            return found.design.y_mean + found.design.y_scale * ((X[:, found.design.kept] - found.design.mean) @ raw)

        y, y_test = rows.y, rows.y_test
        unit = found.design.y_scale**2
        assert found.train[i] == pytest.approx(((y - predicted(rows.X)) ** 2).mean() / unit)
        assert found.test[i] == pytest.approx(((y_test - predicted(rows.X_test)) ** 2).mean() / unit)
    best = np.linalg.lstsq(found.design.X, found.design.y, rcond=1e-10)[0]
    np.testing.assert_allclose(found.plain, best, atol=1e-8)
    assert found.plain_train <= found.train.min() + 1e-12


def test_presets_show_what_they_are_called():
    assert solve(SHRINKAGE_PRESETS["Ridge lets no one go"]).path.nonzero.min() == 10
    wide = solve(SHRINKAGE_PRESETS["More columns than rows"])
    assert wide.plain_train < 1e-20
    assert wide.test[wide.validation.simplest] < wide.plain_test
    assert "says the same as" in solve(SHRINKAGE_PRESETS["A copied column"]).design.notes[0]
    nothing = solve(SHRINKAGE_PRESETS["Nothing to find"])
    assert not nothing.truth.any()
    assert nothing.path.nonzero[nothing.validation.simplest] == 0 < nothing.path.nonzero[nothing.validation.best]


def test_a_copy_gets_half_from_ridge_and_from_the_elastic_net():
    for penalty in ("l2", "elastic_net"):
        found = solve(ShrinkageSpec(flaw="duplicate", penalty=penalty))
        np.testing.assert_allclose(found.path.w[:, -1], found.path.w[:, 2], atol=1e-12)
        assert np.abs(found.path.w[100, 2]) > 0.05
    lasso, whole = solve(ShrinkageSpec(flaw="duplicate")), solve(ShrinkageSpec())
    np.testing.assert_allclose(lasso.path.w[:, -1] + lasso.path.w[:, 2], whole.path.w[:, 2], atol=1e-10)


def test_synthetic_data_have_the_correlation_and_the_signal_that_they_say():
    rng = np.random.default_rng(0)
    X = neighbours(rng.normal(size=(200_000, 4)), 0.6)
    np.testing.assert_allclose(np.corrcoef(X.T), 0.6 ** np.abs(np.subtract.outer(np.arange(4), np.arange(4))), atol=0.01)
    for relevant in (1, 3, 4, 60):
        truth = weights(4, relevant, 0.6)
        assert (truth != 0.0).sum() == min(relevant, 4)
        assert (X @ truth).var() == pytest.approx(1.0, abs=0.02)
    assert not weights(4, 0, 0.6).any()


def test_rows_that_test_are_never_fitted_and_other_seeds_test_others():
    one, other = table(ShrinkageSpec()), table(ShrinkageSpec(seed=1.0))
    assert len(one.y) + len(one.y_test) == 442
    assert not {tuple(row) for row in one.X} & {tuple(row) for row in one.X_test}
    assert {tuple(row) for row in one.X_test} != {tuple(row) for row in other.X_test}


def test_the_scrub_stands_at_the_one_standard_error_choice_until_somebody_moves_it():
    found = solve(ShrinkageSpec())
    assert found.member_at(ShrinkageSpec()) == found.validation.simplest
    for i in (0, 100, 200):
        assert found.member_at(ShrinkageSpec(lam=float(f"{found.lam[i]:.6g}"))) == i


# -------------------------------------------------------------------------------------------------------------- elsewhere


@pytest.mark.parametrize("rho", [0.0, 0.25, 0.7, 1.0])
def test_parameters_of_glmnet_and_of_scikit_learn_give_the_same_objective_at_any_weights(rho):
    rng = np.random.default_rng(0)
    X, y, lam, n = rng.normal(size=(17, 4)), rng.normal(size=17), 0.37, 17
    given, (name, parameters) = glmnet(rho, lam), scikit_learn(rho, lam, n)
    for w in rng.normal(size=(5, 4)):
        loss, l1, l2 = float(((y - X @ w) ** 2).sum()), float(np.abs(w).sum()), float(w @ w)
        ours = loss / (2 * n) + lam * (rho * l1 + (1 - rho) * l2)
        assert loss / (2 * n) + given["lambda"] * ((1 - given["alpha"]) / 2 * l2 + given["alpha"] * l1) == pytest.approx(ours)
        if name == "Ridge":
            assert (loss + parameters["alpha"] * l2) / (2 * n) == pytest.approx(ours)
        else:
            ratio = parameters.get("l1_ratio", 1.0)
            assert loss / (2 * n) + parameters["alpha"] * (ratio * l1 + (1 - ratio) / 2 * l2) == pytest.approx(ours)


@pytest.mark.parametrize("rho", [0.0, 0.5, 1.0])
def test_scikit_learn_with_these_parameters_finds_the_labs_weights(rho):
    lam = lambdas(DIABETES, rho)[[40, 120]]
    for strength, w in zip(lam, path(DIABETES.X, DIABETES.y, rho, lam).w, strict=True):
        name, parameters = scikit_learn(rho, float(strength), len(DIABETES.y))
        careful = {} if name == "Ridge" else {"tol": 1e-13, "max_iter": 10**6}
        model = {"Ridge": Ridge, "Lasso": Lasso, "ElasticNet": ElasticNet}[name](**parameters, **careful)
        np.testing.assert_allclose(model.fit(DIABETES.X, DIABETES.y).coef_, w, atol=1e-6)


@pytest.mark.parametrize(
    "spec",
    [
        ShrinkageSpec(),
        ShrinkageSpec(penalty="l2", seed=7.0),
        ShrinkageSpec(penalty="elastic_net", rho=0.3, data="breast_cancer"),
        ShrinkageSpec(data="synthetic", columns=9.0, relevant=20.0, correlation=0.37, noise=0.7),
        ShrinkageSpec(data="synthetic", relevant=0.0),
        ShrinkageSpec(flaw="constant", penalty="elastic_net"),
        ShrinkageSpec(flaw="duplicate", penalty="l2"),
    ],
)
def test_the_script_prints_the_labs_weights(spec):
    from core.export.shrinkage import scikit_learn_code

    found = solve(spec)
    member = 120
    scope: dict[str, object] = {"print": lambda *_: None}
    exec(compile(scikit_learn_code(spec, float(found.lam[member]), len(found.design.y)), "script", "exec"), scope)
    theirs = scope["model"][-1].coef_
    if spec.flaw == "constant":
        assert theirs[-1] == 0.0
        theirs = theirs[:-1]
    np.testing.assert_allclose(theirs, found.path.w[member], atol=1e-6)
