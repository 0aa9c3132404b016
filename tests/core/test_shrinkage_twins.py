"""Twins: two weights in closed form against exact solvers and scikit-learn, the variance of least squares against its formula, claims 31 and 44."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import Lasso

from core.errors import InvalidInput
from core.penalties import ElasticNet
from core.quadratic import Quadratic
from core.regularized import penalized
from core.statistics.shrinkage.twins import CM, FATES, INCH, METHODS, NOISE, SEED, correlations, twins, two_weights, variance

RESULT, MEASURED = twins(50, 0.2, True, 0.5), twins(50, 0.2, False, 0.5)
R = correlations().tolist()


def sample(which: int, r: float, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """One sample as rows, drawn here anew: both measurements per standard deviation of height, and the target."""
    z1, z2, e = np.random.default_rng(SEED).normal(size=(400, 3, rows))[which]
    u = np.column_stack([np.sqrt((1 + r) / 2) * z1 + sign * np.sqrt((1 - r) / 2) * z2 for sign in (1.0, -1.0)])
    return u, z1 + NOISE * e


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from((0.0, 0.3, 0.8, 1.0)), st.floats(1e-3, 2.0))
def test_two_weights_are_the_exact_minimiser(seed, rho, lam):
    rng = np.random.default_rng(seed)
    A = rng.normal(size=(2, 2))
    H, q = A @ A.T + 0.05 * np.eye(2), rng.normal(size=2)
    ours = two_weights(H[None], q[None], lam, rho)[0]
    exact = penalized(Quadratic(H, np.linalg.solve(H, q)), ElasticNet(rho), lam).w[0]
    np.testing.assert_allclose(ours, exact, atol=1e-9)
    np.testing.assert_array_equal(ours == 0.0, exact == 0.0)


@pytest.mark.parametrize("scaled", [True, False])
@pytest.mark.parametrize("r", [0.0, 0.7, 0.99])
def test_fits_are_those_of_the_samples_own_rows(scaled, r):
    result = RESULT if scaled else MEASURED
    at = R.index(r)
    for which in (0, 5, 399):
        u, y = sample(which, r, 50)
        u, y = u - u.mean(axis=0), y - y.mean()
        unit = 1.0 / u.std(axis=0) if scaled else np.array([CM, INCH])
        problem = Quadratic.from_least_squares(u * unit, y)
        for method, rho in (("l2", 0.0), ("elastic_net", 0.5), ("l1", 1.0)):
            exact = penalized(problem, ElasticNet(rho), 0.2).w[0] * unit
            np.testing.assert_allclose(result.effects[method][at, which], exact, atol=1e-8)
        np.testing.assert_allclose(result.effects["plain"][at, which], np.linalg.lstsq(u, y, rcond=None)[0], atol=1e-7)


def test_columns_have_the_correlation_that_they_are_said_to_have_and_the_target_both_equally():
    for r in (0.0, 0.5, 0.98):
        u, y = (np.concatenate(parts) for parts in zip(*(sample(i, r, 50) for i in range(400)), strict=True))
        assert np.corrcoef(u.T)[0, 1] == pytest.approx(r, abs=0.02)
        w = np.linalg.lstsq(u, y, rcond=None)[0]
        np.testing.assert_allclose(w, RESULT.truth[R.index(r)], atol=0.08)


def test_every_sample_has_one_fate():
    for result in (RESULT, MEASURED):
        for method in METHODS:
            assert result.fates[method].shape == (len(R), len(FATES))
            np.testing.assert_array_equal(result.fates[method].sum(axis=1), 400.0)
            assert not result.fates[method][:-1, 4].any(), "below r = 1 every sample has one answer"
    assert RESULT.fates["l1"][-1, 4] > 390.0
    assert RESULT.fates["plain"][-1, 4] == 400.0
    assert MEASURED.fates["l1"][-1, 4] == 0.0


def test_fates_count_zeros_of_the_weights():
    w = RESULT.effects["l1"][R.index(0.99)]
    counts = RESULT.fates["l1"][R.index(0.99)]
    assert counts[0] == ((w[:, 0] != 0) & (w[:, 1] == 0)).sum()
    assert counts[1] == ((w[:, 0] == 0) & (w[:, 1] != 0)).sum()
    assert counts[0] > 100 < counts[1], "claim 31: which one lasso keeps depends on the sample"


def test_claim_31_is_a_fair_coin_over_samples_when_standardised_and_no_coin_at_all_as_measured():
    cm, inch = RESULT.fates["l1"][R.index(0.999)][:2]
    assert abs(cm - inch) <= 3.0 * np.sqrt(cm + inch)
    assert cm + inch > 300
    assert MEASURED.fates["l1"][R.index(0.999)][0] > 390


def test_at_correlation_one_lasso_is_undecided_and_programs_take_the_column_that_they_begin_with():
    assert RESULT.accident == (1.0, 0.0)
    for which in (0, 17, 200):
        u, y = sample(which, 1.0, 50)
        assert (u[:, 0] == u[:, 1]).all()
        X = (u - u.mean(axis=0)) / u.std(axis=0)
        w = Lasso(alpha=0.2, tol=1e-12).fit(X, y - y.mean()).coef_
        assert w[0] > 0.1
        assert abs(w[1]) < 1e-9
    w = RESULT.effects["elastic_net"][-1]
    np.testing.assert_allclose(w[:, 0], w[:, 1], atol=1e-12)


@pytest.mark.parametrize("rows", [10, 50])
def test_the_variance_of_least_squares_is_that_of_the_formula(rows):
    """Within five standard errors at every r below 1; of ten rows the fourth moment is large, and so is its error."""
    result = twins(rows, 0.2, True, 0.5)
    found, error = result.variance("plain")
    low = np.array(R) < 1.0
    assert (np.abs(found - result.formula)[low] <= 5.0 * error[low]).all()
    assert np.isinf(result.formula[-1])


def test_claim_44_every_penalty_steadies_a_weight_under_collinearity():
    at = R.index(0.98)
    plain, plain_error = (each[at] for each in RESULT.variance("plain"))
    for method in ("l2", "elastic_net", "l1"):
        found, error = (each[at] for each in RESULT.variance(method))
        assert plain - found > 4.0 * np.hypot(plain_error, error), method
    assert plain / RESULT.variance("l2")[0][at] > 50.0
    none = R.index(0.0)
    assert RESULT.variance("plain")[0][none] / RESULT.variance("l2")[0][none] < 3.0


def test_the_standard_error_of_a_variance_is_what_it_is_for_normal_numbers():
    rng = np.random.default_rng(0)
    drawn = rng.normal(size=(3000, 400))
    found, error = variance(drawn)
    assert found.std() == pytest.approx(np.sqrt(2.0 / 399), rel=0.05)
    assert error.mean() == pytest.approx(np.sqrt(2.0 / 399), rel=0.05)


@pytest.mark.parametrize(("rows", "lam"), [(5, 0.1), (50, 0.0), (50, np.nan)])
def test_twins_refuse_what_has_no_answer(rows, lam):
    with pytest.raises(InvalidInput):
        twins(rows, lam, True, 0.5)
