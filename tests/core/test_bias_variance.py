"""Bias and variance: bases, ridge on many training sets, and the experiment, each against something that cannot share their bugs."""

import dataclasses
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.interpolate import BSpline
from scipy.linalg import lstsq
from scipy.stats import kstest
from sklearn.linear_model import Ridge

from core.errors import InvalidInput
from core.specs import BIAS_VARIANCE_PRESETS, BiasVarianceSpec
from core.statistics.bias_variance.bases import BASES, features, legendre, monomials, splines
from core.statistics.bias_variance.experiment import BINS, SETS, TESTS, decades, draw, grid, lambdas, place_at, places, quadrature, solve
from core.statistics.bias_variance.fits import fit
from core.statistics.bias_variance.truths import TRUTHS

X = np.linspace(-1.0, 1.0, 57)
SETTINGS = st.builds(
    BiasVarianceSpec,
    truth=st.sampled_from(list(TRUTHS)),
    points=st.integers(8, 40).map(float),
    noise=st.sampled_from([0.1, 0.3, 0.8]),
    design=st.sampled_from(["even", "drawn"]),
    basis=st.sampled_from(list(BASES)),
    size=st.integers(0, 20).map(float),
    seed=st.integers(0, 99).map(float),
)


# ------------------------------------------------------------------------------------------------------------------ bases


@pytest.mark.parametrize("m", range(31))
def test_splines_are_scipys(m):
    degree = min(3, m)
    inner = np.linspace(-1.0, 1.0, m + 2 - degree)[1:-1]
    knots = np.concatenate([[-1.0] * (degree + 1), inner, [1.0] * (degree + 1)])
    np.testing.assert_allclose(splines(X, m), BSpline.design_matrix(X, knots, degree).toarray(), atol=1e-13)
    np.testing.assert_allclose(splines(X, m).sum(axis=-1), 1.0, atol=1e-13)


def test_legendre_polynomials_are_numpys_and_have_mean_square_one():
    expected = np.polynomial.legendre.legvander(X, 20)[:, 1:] * np.sqrt(2.0 * np.arange(1, 21) + 1.0)
    np.testing.assert_allclose(legendre(X, 20), expected, atol=1e-12)
    nodes, weights = np.polynomial.legendre.leggauss(40)
    columns = legendre(nodes, 20)
    np.testing.assert_allclose(columns.T @ (columns * weights[:, None]) / 2.0, np.eye(20), atol=1e-12)


@pytest.mark.parametrize("key", BASES)
def test_a_size_has_as_many_coefficients_as_it_says_and_columns_for_points_of_any_shape(key):
    basis, x = BASES[key], np.random.default_rng(0).uniform(-1.0, 1.0, (3, 5))
    for m in range(basis.most + 1):
        assert basis.design(x, m).shape == (3, 5, m + (key == "splines"))
        np.testing.assert_array_equal(basis.design(x, m)[1], basis.design(x[1], m))
    # With the constant the columns of a moderate size are independent: m + 1 directions.
    columns = np.column_stack([np.ones_like(X), basis.design(X, 8)])
    assert np.linalg.matrix_rank(columns) == 9


def test_polynomials_and_features_are_nested():
    for design in (legendre, monomials, features):
        np.testing.assert_array_equal(design(X, 20)[:, :7], design(X, 7))


# ------------------------------------------------------------------------------------------------------------------ ridge


@pytest.mark.parametrize("key", BASES)
@pytest.mark.parametrize("shared", [True, False])
def test_ridge_is_scikit_learns_with_alpha_2_n_lambda_and_a_free_intercept(key, shared):
    rng = np.random.default_rng(1)
    x, y = rng.uniform(-1.0, 1.0, (1 if shared else 4, 14)), rng.normal(size=(4, 14))
    lam = np.array([1e-4, 0.01, 1.0])
    found = fit(x, y, key, 6, lam)
    design = BASES[key].design
    for s in range(4):
        for i, each in enumerate(lam):
            peer = Ridge(alpha=2 * 14 * each, solver="cholesky").fit(design(x[0 if shared else s], 6), y[s])
            np.testing.assert_allclose(found.at(design(X, 6), i)[s], peer.predict(design(X, 6)), atol=1e-8)


@pytest.mark.parametrize("key", ["legendre", "monomials"])
def test_degree_20_through_10_points_passes_through_them_and_is_the_shortest(key):
    x = np.linspace(-1.0, 1.0, 10)
    y = np.random.default_rng(2).normal(size=(5, 10))
    found = fit(x, y, key, 20, 0.0)
    design = BASES[key].design(x, 20)
    np.testing.assert_allclose(found.at(design, 0), y, atol=1e-8)
    centred = design - design.mean(axis=0)
    for s in range(5):
        np.testing.assert_allclose(found.w[0, s], lstsq(centred, y[s] - y[s].mean())[0], atol=1e-7)
    assert found.rank == 9


@pytest.mark.parametrize("key", ["legendre", "monomials"])
def test_degree_20_on_40_points_is_numpys_polynomial_fit(key):
    x, rng = np.linspace(-1.0, 1.0, 40), np.random.default_rng(3)
    y = rng.normal(size=40)
    peer = np.polynomial.Chebyshev.fit(x, y, 20, domain=[-1, 1])
    np.testing.assert_allclose(fit(x, y, key, 20, 0.0).at(BASES[key].design(X, 20), 0)[0], peer(X), atol=1e-8)


def test_a_small_ridge_of_powers_is_exact_to_rounding():
    """In fractions, so that no floating point is shared: five points, a cubic, lambda = 1/8."""
    x = [Fraction(i, 4) for i in (-4, -2, 0, 1, 3)]
    y = [Fraction(v, 8) for v in (3, -5, 2, 7, 1)]
    n, m, lam = 5, 3, Fraction(1, 8)
    columns = [[each**j for each in x] for j in range(1, m + 1)]
    centred = [[each - sum(column) / n for each in column] for column in columns]
    away = [each - sum(y) / n for each in y]
    matrix = [[sum(a * b for a, b in zip(p, q, strict=True)) + (2 * n * lam if p is q else 0) for q in centred] for p in centred]
    right = [sum(a * b for a, b in zip(p, away, strict=True)) for p in centred]
    w = _solved(matrix, right)
    found = fit([float(each) for each in x], [float(each) for each in y], "monomials", m, float(lam))
    np.testing.assert_allclose(found.w[0, 0], [float(each) for each in w], rtol=1e-13)


def _solved(matrix, right):
    """Gauss and Jordan, in fractions."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for i in range(len(rows)):
        rows[i] = [each / rows[i][i] for each in rows[i]]
        for j in range(len(rows)):
            if j != i:
                rows[j] = [a - rows[j][i] * b for a, b in zip(rows[j], rows[i], strict=True)]
    return [row[-1] for row in rows]


@given(st.integers(0, 2**32 - 1), st.sampled_from(list(BASES)), st.integers(1, 20), st.integers(3, 25), st.sampled_from([1e-5, 1e-2, 1.0]))
@settings(max_examples=40, deadline=None)
def test_the_objective_is_level_at_the_fit(seed, key, m, n, lam):
    """The written-out objective, which knows nothing of singular values: no other fit nearby is better, in any direction."""
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(-1.0, 1.0, n), rng.normal(size=n)
    found, design = fit(x, y, key, m, lam), BASES[key].design(x, m)

    def objective(w, b):
        return ((y - b - design @ w) ** 2).sum() / (2 * n) + lam * (w**2).sum()

    w, b = found.w[0, 0], found.intercept[0, 0]
    least = objective(w, b)
    for _ in range(5):
        dw, db = rng.normal(size=w.shape), rng.normal()
        for step in (1e-3, 1.0):
            assert objective(w + step * dw, b + step * db) >= least - 1e-12
            assert objective(w - step * dw, b - step * db) >= least - 1e-12


def test_splines_where_some_have_no_point_stay_finite_and_the_shortest():
    found = fit([0.1, 0.2, 0.3], [[1.0, 2.0, 0.5]], "splines", 30, 0.0)
    assert np.isfinite(found.w).all()
    np.testing.assert_allclose(found.at(BASES["splines"].design(np.array([0.1, 0.2, 0.3]), 30), 0), [[1.0, 2.0, 0.5]], atol=1e-10)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"x": np.full(8, 0.3)}, "all 8 points of training set 0 at x = 0.3"),
        ({"x": np.linspace(-2, 2, 8)}, "numbers from -1 to 1"),
        ({"x": np.linspace(-1, 1, 7)}, "each point of each set"),
        ({"x": np.linspace(-1, 1, 8) * np.nan}, "nan"),
        ({"y": np.full((2, 8), np.inf)}, "inf"),
        ({"basis": "wavelets"}, "one of legendre, monomials, splines, features"),
        ({"size": 21}, "a whole number from 0 to 20"),
        ({"size": -1}, "a whole number from 0 to 20"),
        ({"size": 2.5}, "a whole number from 0 to 20"),
        ({"lam": -1.0}, "any finite number >= 0"),
        ({"lam": []}, "k >= 1"),
    ],
)
def test_what_cannot_be_fitted_is_refused_with_a_sentence(change, said):
    given_ = {"x": np.linspace(-1.0, 1.0, 8), "y": np.zeros((2, 8)), "basis": "legendre", "size": 3, "lam": 0.1} | change
    with pytest.raises(InvalidInput, match=said):
        fit(**given_)


def test_points_in_one_place_still_have_a_mean():
    assert fit([0.3, 0.3], [1.0, 3.0], "legendre", 0, 0.0).intercept[0, 0] == 2.0


# ------------------------------------------------------------------------------------------------------------- experiment


def test_the_quadrature_is_exact_for_polynomials_of_degree_60_and_for_a_jump_at_zero():
    nodes, weights = quadrature()
    for degree in (0, 1, 2, 30, 60):
        assert nodes**degree @ weights == pytest.approx(0.0 if degree % 2 else 1 / (degree + 1), abs=1e-14)
    assert np.where(nodes < 0, 3.0, 5.0) @ weights == pytest.approx(4.0)


def test_the_sum_of_the_parts_is_the_mean_of_every_sets_own_error():
    """An identity of the unbiased estimates, here from loops over sets fitted one by one, on a fine grid of their own."""
    spec = BiasVarianceSpec(truth="bump", points=12.0, basis="splines", size=7.0, design="drawn")
    result, draws = solve(spec), draw(spec)
    member = 40
    fine = (np.arange(4000) + 0.5) / 2000 - 1.0
    design, true = BASES["splines"].design(fine, 7), TRUTHS["bump"].value(fine)
    curves = np.stack(
        [
            Ridge(alpha=2 * 12 * result.lam[member], solver="cholesky").fit(BASES["splines"].design(x, 7), y).predict(design)
            for x, y in zip(draws.x, draws.y, strict=True)
        ]
    )
    mean = np.array([sum(column) / SETS for column in curves.T[::40]])
    np.testing.assert_allclose(mean, curves.mean(axis=0)[::40], rtol=1e-10)
    error = ((curves - true) ** 2).mean(axis=1)
    np.testing.assert_allclose(result.error[member], error, rtol=1e-4)
    assert result.bias[member] + result.variance[member] == pytest.approx(error.mean(), rel=1e-4)
    assert result.variance[member] == pytest.approx(curves.var(axis=0, ddof=1).mean(), rel=1e-4)


@pytest.mark.parametrize("key", ["legendre", "monomials", "splines", "features"])
def test_on_fixed_places_bias_and_variance_agree_with_their_formulas(key):
    """With fixed places a fit is H y, so that the mean is H f(x) and the variance sigma^2 |h(x)|^2: no draw at all."""
    spec = BiasVarianceSpec(truth="runge", points=14.0, noise=0.4, basis=key, size=9.0)
    result = solve(spec)
    x = np.linspace(-1.0, 1.0, 14)
    nodes = (np.arange(2000) + 0.5) / 1000 - 1.0
    design, at = BASES[key].design(x, 9), BASES[key].design(nodes, 9)
    centre = np.eye(14) - 1 / 14
    for member in (20, 40, 55):
        solved = np.linalg.solve(design.T @ centre @ design + 28 * result.lam[member] * np.eye(design.shape[1]), design.T @ centre)
        smoother = (at - design.mean(axis=0)) @ solved + 1 / 14
        away = smoother @ TRUTHS["runge"].value(x) - TRUTHS["runge"].value(nodes)
        square = smoother.T @ smoother / len(nodes)
        bias, variance = (away**2).mean(), 0.16 * np.trace(square)
        # The exact standard errors of both estimates for normal noise: 4 of them.
        size = 0.16 * np.sqrt(2.0 / (SETS - 1)) * np.linalg.norm(square)
        tilt = 2.0 * 0.4 / np.sqrt(SETS) * np.linalg.norm(smoother.T @ away / len(nodes))
        assert abs(result.variance[member] - variance) < 4.0 * size
        assert abs(result.bias[member] - bias) < 4.0 * np.hypot(tilt, size / np.sqrt(SETS)) + 1e-6


@given(SETTINGS)
@settings(max_examples=40, deadline=None, derandomize=True)
def test_the_sum_equals_the_measured_test_error_within_its_standard_error(spec):
    """Wherever averages settle, for 120 comparisons: one in 2,000 is farther off than 3.5 standard errors of the difference by chance."""
    result = solve(spec)
    for lam in (0.01, 0.1, 10.0):
        i = int(np.abs(result.lam - lam).argmin())
        if result.heaviest[i] < 0.1:
            assert abs(result.gap[i]) <= 3.5 * result.gap_se[i] + 1e-12, (spec, lam)


def test_differences_are_spread_like_a_standard_normal_over_seeds():
    """Neither too large, which a wrong part would make, nor too small, which a standard error that counts points as if they were fits would."""
    scores = []
    for seed in range(80):
        result = solve(BiasVarianceSpec(seed=float(seed), points=20.0, size=6.0))
        scores.append(float(result.gap[40] / result.gap_se[40]))
    assert kstest(scores, "norm").pvalue > 0.01
    assert 0.8 < np.std(scores) < 1.2


def test_the_test_error_has_a_standard_error_that_is_clustered_by_training_set():
    result = solve(BiasVarianceSpec(points=20.0, size=6.0))
    means = [solve(BiasVarianceSpec(points=20.0, size=6.0, seed=float(seed))).test[40] for seed in range(60)]
    assert np.std(means, ddof=1) == pytest.approx(result.test_se[40], rel=0.35)


def test_noise_and_truth_leave_the_places_alone_and_the_noise_only_scales():
    a, b = draw(BiasVarianceSpec(noise=0.2, design="drawn")), draw(BiasVarianceSpec(noise=0.4, design="drawn", truth="step"))
    np.testing.assert_array_equal(a.x, b.x)
    np.testing.assert_array_equal(a.test_x, b.test_x)
    np.testing.assert_allclose(2.0 * (a.y - np.sin(np.pi * a.x)), b.y - np.where(b.x < 0, -0.7, 0.7), atol=1e-12)
    assert a.y.shape == (SETS, 15)
    assert a.test_y.shape == (SETS, TESTS)


def test_a_family_along_the_size_has_the_members_that_lambda_has_at_that_size():
    along = solve(BiasVarianceSpec(axis="at", fixed=0.01, basis="features", design="drawn"))
    for m in (0, 3, 13, 30):
        single = solve(BiasVarianceSpec(size=float(m), basis="features", design="drawn"))
        i = int(np.abs(single.lam - 0.01).argmin())
        assert single.lam[i] == 0.01
        for name in ("mean", "bias_at", "variance_at", "error", "train", "measured", "counts"):
            np.testing.assert_allclose(getattr(along, name)[m], getattr(single, name)[i], rtol=1e-9, atol=1e-12, err_msg=name)
        np.testing.assert_allclose(along.fits[:, m], single.fits[:, i], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("title", BIAS_VARIANCE_PRESETS)
def test_every_preset_is_finite_counts_every_fit_and_keeps_training_error_growing_with_lambda(title):
    spec = BIAS_VARIANCE_PRESETS[title]
    result = solve(spec)
    for field in dataclasses.fields(result):
        value = getattr(result, field.name)
        if isinstance(value, np.ndarray):
            assert np.isfinite(value).all(), field.name
    assert (result.counts.sum(axis=-1) == SETS).all()
    train = result.train.mean(axis=1)
    growing = np.diff(train) if spec.axis == "lam" else -np.diff(train)
    assert (growing >= -1e-9).all()
    assert result.bias.shape == result.along.shape


def test_counts_are_numpys_histogram_inside_the_window():
    result = solve(BiasVarianceSpec(points=30.0, size=3.0, noise=0.1))
    low, high = result.window
    at = fit(draw(result.spec).x, draw(result.spec).y, "legendre", 3, float(result.lam[30])).at(BASES["legendre"].design(places(), 3), 0)
    for place in (0, 7, 20):
        np.testing.assert_array_equal(result.counts[30, place], np.histogram(at[:, place], bins=BINS, range=(low, high))[0])


def test_without_noise_and_with_a_truth_that_is_within_reach_nothing_is_left():
    result = solve(BiasVarianceSpec(truth="line", noise=0.0, size=3.0, design="drawn"))
    assert abs(result.total[0]) < 1e-20
    assert result.heaviest[0] <= 1.0
    assert result.total[-1] > 0.01


def test_a_line_through_a_parabola_is_wrong_whatever_the_data_and_degree_two_is_right():
    result = solve(BIAS_VARIANCE_PRESETS["A line through a parabola"])
    assert result.best == 2
    assert result.bias[1] > 50 * result.variance[1]
    assert abs(result.bias[2]) < 1e-4


def test_the_wildest_set_makes_most_of_the_variance_where_places_are_drawn_and_nothing_is_penalised():
    result = solve(BIAS_VARIANCE_PRESETS["Places drawn anew"])
    assert result.heaviest[0] > 0.5
    assert result.heaviest[result.best] < 0.05


def test_random_features_peak_where_they_are_as_many_as_points_and_fall_again_far_beyond():
    total = solve(BIAS_VARIANCE_PRESETS["Random features"]).total
    assert total[13:20].max() > 4 * total[:12][3:].min()
    assert total[30] < 0.4 * total[13:20].max()
    little = solve(BIAS_VARIANCE_PRESETS["Random features"].replace(fixed=1e-3)).total
    assert little[13:20].max() < 0.3 * total[13:20].max()


def test_lambdas_are_zero_and_sixty_of_three_digits_and_the_scrub_finds_each_of_them():
    lam = lambdas()
    assert len(lam) == 61
    assert lam[0] == 0.0
    assert lam[-1] == 10.0
    np.testing.assert_allclose(np.diff(decades(lam)), 0.125, atol=3e-3)
    result = solve(BiasVarianceSpec())
    for i, each in enumerate(lam):
        assert result.member_at(BiasVarianceSpec(lam=float(f"{each:.6g}"))) == i
    np.testing.assert_allclose(places(), np.linspace(-1, 1, 21), atol=1e-12)
    assert [place_at(BiasVarianceSpec(place=x)) for x in (-1.0, 0.0, 0.5, 1.0)] == [0, 10, 15, 20]
    np.testing.assert_allclose(grid()[::4], places(), atol=1e-12)


def test_a_size_that_a_basis_does_not_have_is_refused():
    with pytest.raises(InvalidInput, match="0 to 20"):
        BiasVarianceSpec(size=25.0)
    assert BiasVarianceSpec(size=25.0, basis="splines").size == 25.0
