"""Priors, posteriors, modes and samples, held against quadrature, closed forms, grids, counting and the penalised solver."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import erf, erfc
from scipy.stats import norm

from core.errors import InvalidInput
from core.knobs import NO_POINTS
from core.quadratic import Quadratic
from core.regularized import penalized
from core.specs.priors import PRIORS_PRESETS, PriorsSpec
from core.statistics.priors.belief import LABELS, Prior, prior_of
from core.statistics.priors.folded import Folded
from core.statistics.priors.modes import modes
from core.statistics.priors.plane import PlanePosterior
from core.statistics.priors.posteriors import MEMBERS, solve

RNG = np.random.default_rng(7)
# Wide, narrow, far in the tail, purely exponential, on either side of zero, both sides far away.
DENSITIES = [
    (1.0, 0.5, 0.3),
    (1e-5, 0.01, 28.0),
    (0.0, 0.0, 3.0),
    (0.0, -1.0, 3.0),
    (4.0, 9.0, 2.0),
    (100.0, -50.0, 80.0),
    (1e4, 3.0, 400.0),
    (2.0, 0.0, 0.0),
]


def integral(function, density):
    """Integrate over the whole line, cut at the crease and at multiples of the width so that no peak is missed."""
    middle, spread = float(density.mean), float(np.sqrt(density.variance))
    cuts = np.unique([0.0, *(middle + i * spread for i in (-40, -12, -5, -2, 0, 2, 5, 12, 40))])
    return sum(quad(function, *ends, epsabs=1e-15, epsrel=1e-12, limit=200)[0] for ends in itertools.pairwise(cuts))


# ------------------------------------------------------------------------------------------------------------ one weight


@pytest.mark.parametrize(("p", "b", "a"), DENSITIES)
def test_normaliser_moments_and_probabilities_are_those_of_quadrature(p, b, a):
    found = Folded(p, b, a)
    height = lambda w: np.exp(-0.5 * p * w**2 + b * w - a * abs(w) - float(found.log_normaliser))
    middle, spread = float(found.mean), float(np.sqrt(found.variance))
    assert integral(height, found) == pytest.approx(1.0, abs=1e-11)
    assert integral(lambda w: w * height(w), found) == pytest.approx(middle, abs=1e-9 * spread + 1e-12)
    assert integral(lambda w: (w - middle) ** 2 * height(w), found) == pytest.approx(spread**2, rel=1e-8)
    assert float(found.square) == pytest.approx(spread**2 + middle**2, rel=1e-12)
    for eps in (0.1 * spread, spread, abs(middle) + spread):
        expected = quad(height, -eps, 0.0, epsabs=1e-15)[0] + quad(height, 0.0, eps, epsabs=1e-15)[0]
        assert float(found.near_zero(eps)) == pytest.approx(expected, rel=1e-8, abs=1e-14)


@settings(max_examples=60, deadline=None)
@given(st.floats(1e-3, 1e3), st.floats(-30, 30), st.floats(0, 60), st.floats(1e-6, 1 - 1e-6), st.floats(1e-6, 1 - 1e-6))
def test_a_sample_is_where_the_distribution_function_says(p, b, a, side, size):
    found = Folded(p, b, a)
    drawn = float(found.sample(side, size))
    share = float(found.positive)
    expected = 1.0 - share * size if side < share else (1.0 - share) * size
    assert float(found.below(drawn)) == pytest.approx(expected, rel=1e-9, abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(st.floats(1e-3, 1e3), st.floats(-30, 30), st.floats(0, 60))
def test_the_density_is_a_mixture_of_two_halves_of_gaussians(p, b, a):
    """Against scipy's normal distribution, where that has digits."""
    found, root = Folded(p, b, a), np.sqrt(p)
    right, left = norm((b - a) / p, 1 / root), norm((b + a) / p, 1 / root)
    log_right = right.logsf(0.0) + 0.5 * p * right.mean() ** 2
    log_left = left.logcdf(0.0) + 0.5 * p * left.mean() ** 2
    assert float(found.log_normaliser) == pytest.approx(np.logaddexp(log_right, log_left) + 0.5 * np.log(2 * np.pi / p), rel=1e-9, abs=1e-7)
    assert float(found.positive) == pytest.approx(1.0 / (1.0 + np.exp(np.clip(log_left - log_right, -700, 700))), abs=1e-7)
    assert float(found.variance) > 0.0


@pytest.mark.parametrize("key", LABELS)
def test_every_prior_is_normalised_and_has_the_standard_deviation_it_is_asked_for(key):
    scale = np.geomspace(0.05, 10.0, 9)
    for rho in (0.0, 0.05, 0.5, 0.95, 1.0):
        prior = prior_of(key, scale, rho)
        np.testing.assert_allclose(np.sqrt(prior.density.variance), scale, rtol=1e-11)
        np.testing.assert_allclose(prior.density.mean, 0.0, atol=1e-14)
        for i in (0, 4, 8):
            height = lambda w, i=i, prior=prior: float(np.exp(prior.density.log_density(w)[i]))
            ends = 40.0 * scale[i]
            assert quad(height, 0.0, ends, limit=200, points=[scale[i], 4 * scale[i]])[0] == pytest.approx(0.5, abs=1e-9)


def test_the_priors_are_the_densities_that_books_write():
    w, scale = np.array([-2.0, -0.3, 0.0, 0.01, 1.7]), np.array([0.6])
    b = scale / np.sqrt(2.0)
    laplace, gaussian = prior_of("laplace", scale), prior_of("gaussian", scale)
    np.testing.assert_allclose(laplace.density.log_density(w), np.log(np.exp(-np.abs(w) / b) / (2 * b)), atol=1e-12)
    np.testing.assert_allclose(gaussian.density.log_density(w), norm(0.0, scale).logpdf(w), atol=1e-12)
    np.testing.assert_allclose(laplace.density.near_zero(0.1), 1.0 - np.exp(-0.1 / b), rtol=1e-12)
    np.testing.assert_allclose(gaussian.density.near_zero(0.1), erf(0.1 / (scale * np.sqrt(2.0))), rtol=1e-12)
    net = prior_of("elastic_net", scale, 0.3)
    a, c = float(net.a[0]), float(net.c[0])
    half = np.sqrt(np.pi / c) / 2 * np.exp(a**2 / (4 * c)) * erfc(a / (2 * np.sqrt(c)))
    assert float(net.density.log_normaliser[0]) == pytest.approx(np.log(2 * half), abs=1e-12)
    assert a / c == pytest.approx(0.3 / 0.7)


def test_near_zero_the_laplace_prior_has_a_fixed_multiple_of_the_gaussian_and_both_vanish_with_eps():
    scale = np.array([0.2, 1.0, 5.0])
    eps = 1e-7 * scale
    laplace, gaussian = (prior_of(key, scale).density.near_zero(eps) for key in ("laplace", "gaussian"))
    np.testing.assert_allclose(laplace / gaussian, np.sqrt(np.pi), rtol=1e-6)
    assert (prior_of("laplace", scale).density.near_zero(0.0) == 0.0).all()


def test_samples_move_with_the_scale_and_are_spread_as_the_density_says():
    scale = np.array([0.3, 0.31])
    uniforms = RNG.random((2, 50_000))
    prior = prior_of("laplace", scale)
    found = Folded(5.0 + 2 * prior.c[:, None], 2.0, prior.a[:, None])
    drawn = found.sample(*uniforms)
    assert (drawn != 0.0).all()
    assert np.median(np.abs(drawn[1] - drawn[0])) < 0.01
    for row, density in ((0, Folded(5.0, 2.0, prior.a[0])), (1, Folded(5.0, 2.0, prior.a[1]))):
        ordered = density.below(np.sort(drawn[row]))
        assert np.abs(ordered - np.arange(1, 50_001) / 50_000).max() < 1.95 / np.sqrt(50_000)  # Kolmogorov and Smirnov, 1 in 1,000


@pytest.mark.parametrize(
    ("terms", "word"),
    [((0.0, 0.0, 0.0), "normalised"), ((0.0, 3.0, 2.0), "normalised"), ((-1.0, 0.0, 1.0), "precision"), ((np.nan, 0.0, 1.0), "nan")],
)
def test_what_is_no_density_is_refused_with_a_sentence(terms, word):
    with pytest.raises(InvalidInput, match=word):
        Folded(*terms)


@pytest.mark.parametrize(
    "bad",
    [{"key": "cauchy", "scale": 1.0}, {"key": "laplace", "scale": 0.0}, {"key": "laplace", "scale": [[1.0]]}, {"key": "gaussian", "scale": np.inf}],
)
def test_what_is_no_prior_is_refused_with_a_sentence(bad):
    with pytest.raises(InvalidInput, match="allowed is"):
        prior_of(**bad)


def test_without_data_lambda_is_refused_with_the_reason():
    with pytest.raises(InvalidInput, match="nothing to weigh"):
        prior_of("laplace", 1.0).lam(0.5, 0)


# ----------------------------------------------------------------------------------------------------------------- modes


def random_problem(rng, d):
    """A problem as they come: few points or many, columns that agree almost or not at all, weak noise or strong."""
    n = int(rng.integers(1, 25))
    X = rng.normal(size=(n, d)) * rng.uniform(0.3, 3.0)
    if d == 2 and rng.random() < 0.5:
        X[:, 1] = X[:, 0] + rng.uniform(0.05, 1.0) * X[:, 1]
    w = rng.normal(size=d) * (rng.random(d) < 0.7)
    sigma = rng.uniform(0.1, 2.0)
    return X, X @ w + sigma * rng.normal(size=n), sigma


@pytest.mark.parametrize("key", LABELS)
def test_mode_and_penalised_minimum_agree_on_random_problems(key):
    """The promise: 1e-8 on 1,000 problems; here 1,000 for each prior, half with one weight and half with two."""
    rng, worst, zeros = np.random.default_rng(33), 0.0, 0
    for d in (1, 2):
        problems = [random_problem(rng, d) for _ in range(500)]
        families = [prior_of(key, rng.uniform(0.05, 3.0, 100), rho) for rho in (0.1, 0.3, 0.5, 0.7, 0.9)]
        priors = [Prior(key, each.rho, each.scale[i : i + 1], each.strength[i : i + 1]) for each in families for i in range(100)]
        gram = np.stack([X.T @ X / sigma**2 for X, _, sigma in problems])
        pull = np.stack([X.T @ y / sigma**2 for X, y, sigma in problems])
        found = modes(gram, pull, np.concatenate([prior.a for prior in priors]), np.concatenate([prior.c for prior in priors]))
        for w, (X, y, sigma), prior in zip(found, problems, priors, strict=True):
            solution = penalized(Quadratic.from_least_squares(X, y), prior.penalty, prior.lam(sigma, len(y)))
            if solution.unique[0]:
                worst = max(worst, float(np.abs(w - solution.w[0]).max()))
                assert ((w == 0.0) == (solution.w[0] == 0.0)).all()
            zeros += int((w == 0.0).sum())
    assert worst <= 1e-8
    assert (zeros > 100) == (key != "gaussian"), "corners have been met"


@pytest.mark.parametrize("key", LABELS)
def test_no_weight_nearby_is_more_probable_than_the_mode(key):
    """Against the product of densities as it is written, in the data themselves."""
    rng = np.random.default_rng(5)
    for d in (1, 2):
        X, y, sigma = random_problem(rng, d)
        prior = prior_of(key, 0.4, 0.6)
        mode = modes(X.T @ X / sigma**2, X.T @ y / sigma**2, prior.a, prior.c)[0]

        def log_posterior(w, X=X, y=y, sigma=sigma, prior=prior):
            likelihood = norm(X @ w, sigma).logpdf(y).sum()
            return likelihood + float(sum(prior.density.log_density(each)[0] for each in w))

        top = log_posterior(mode)
        for size in (1e-4, 1e-2, 1.0):
            for step in rng.normal(size=(40, d)):
                assert log_posterior(mode + size * step) <= top + 1e-9 * abs(top)


def test_a_mode_is_exactly_zero_just_where_the_pull_is_no_more_than_the_crease():
    edge = np.array([1.999, 2.0, 2.001])
    assert (modes([[4.0]], edge[:, None], 2.0, 0.0)[:, 0] == 0.0).tolist() == [True, True, False]


def test_modes_of_more_weights_are_refused_with_a_sentence():
    with pytest.raises(InvalidInput, match="one weight or two"):
        modes(np.eye(3), np.zeros(3), 1.0, 0.0)


# ----------------------------------------------------------------------------------------------------------- two weights


def plane(x, y, sigma, key, scale, rho=0.5):
    X = np.stack([np.ones_like(x), x], axis=-1)
    gram, pull, prior = X.T @ X / sigma**2, X.T @ y / sigma**2, prior_of(key, scale, rho)
    return PlanePosterior(gram, pull, prior.a, prior.c, modes(gram, pull, prior.a, prior.c))


CASES = {
    "usual": (np.array([-2.0, -1.1, 0.4, 1.2, 2.1]), np.array([-0.9, 0.3, -0.5, 0.9, 0.4]), 0.8),
    "none": (np.zeros(0), np.zeros(0), 0.8),
    "collinear": (np.full(24, 1.0), np.full(24, 1.0), 0.1),
    "one": (np.array([1.5]), np.array([1.2]), 0.1),
    "strong": (np.linspace(-3, 3, 24), np.linspace(-3, 2, 24), 0.1),
}
SCALE = np.geomspace(0.05, 10.0, 7)


@pytest.mark.parametrize("case", CASES)
def test_two_gaussian_weights_have_their_closed_form(case):
    found = plane(*CASES[case], "gaussian", SCALE)
    for i in range(len(SCALE)):
        precision = found.gram + np.eye(2) / SCALE[i] ** 2
        covariance = np.linalg.inv(precision)
        np.testing.assert_allclose(found.mean[i], covariance @ found.pull, atol=1e-7)
        np.testing.assert_allclose(found.deviation[i], np.sqrt(np.diag(covariance)), rtol=1e-7)
        expected = np.log(2 * np.pi) - 0.5 * np.linalg.slogdet(precision)[1] + 0.5 * found.pull @ covariance @ found.pull
        assert float(found.log_normaliser[i]) == pytest.approx(expected, abs=1e-7)
        spread = np.sqrt(np.diag(covariance))
        middle = covariance @ found.pull
        share = norm.cdf((0.2 - middle) / spread) - norm.cdf((-0.2 - middle) / spread)
        np.testing.assert_allclose(found.near_zero(0.2)[i], share, atol=1e-6)


@pytest.mark.parametrize("key", ["laplace", "elastic_net"])
@pytest.mark.parametrize("case", CASES)
def test_integrating_the_weights_in_the_other_order_gives_the_same(key, case):
    """The same posterior with its weights exchanged meets other creases, panels and conditionals."""
    one = plane(*CASES[case], key, SCALE, 0.8)
    other = PlanePosterior(one.gram[::-1, ::-1], one.pull[::-1], one.a, one.c, one.mode[:, ::-1])
    np.testing.assert_allclose(one.log_normaliser, other.log_normaliser, atol=1e-6)
    np.testing.assert_allclose(one.mean, other.mean[:, ::-1], atol=1e-6)
    np.testing.assert_allclose(one.deviation, other.deviation[:, ::-1], rtol=1e-6)


def test_two_laplace_weights_have_the_mean_that_a_fine_grid_has():
    found = plane(*CASES["usual"], "laplace", np.array([0.3]))
    nodes, weights = np.polynomial.legendre.leggauss(200)
    axis = np.concatenate([2.5 * nodes - 2.5, 2.5 * nodes + 2.5])  # a panel on either side of the crease
    mass = np.tile(2.5 * weights, 2)
    w1, w2 = np.meshgrid(axis, axis, indexing="ij")
    x, y, sigma = CASES["usual"]
    log_height = -((y - w1[..., None] - w2[..., None] * x) ** 2).sum(axis=-1) / (2 * sigma**2) - np.sqrt(2.0) / 0.3 * (np.abs(w1) + np.abs(w2))
    height = np.exp(log_height) * mass[:, None] * mass
    np.testing.assert_allclose(found.mean[0], [(height * w1).sum() / height.sum(), (height * w2).sum() / height.sum()], atol=1e-8)
    constant = float(y @ y) / (2 * sigma**2)
    assert float(found.log_normaliser[0]) == pytest.approx(np.log(height.sum()) + constant, abs=1e-7)


@pytest.mark.parametrize("case", CASES)
def test_samples_of_two_weights_are_spread_as_the_posterior_says(case):
    found = plane(*CASES[case], "laplace", np.array([0.3, 3.0]))
    m = 20_000
    drawn = found.sample(np.random.default_rng(1).random((3, m)))
    assert drawn.shape == (2, m, 2)
    assert (drawn != 0.0).all()
    errors = (drawn.mean(axis=1) - found.mean) / (found.deviation / np.sqrt(m))
    assert np.abs(errors).max() < 4.5
    share = found.near_zero(0.1)
    counted = (np.abs(drawn) < 0.1).mean(axis=1)
    assert (np.abs(counted - share) < 4.5 * np.sqrt(share * (1 - share) / m) + 1e-4).all()
    np.testing.assert_allclose(drawn.std(axis=1) / found.deviation, 1.0, atol=0.06)


# --------------------------------------------------------------------------------------------------------- the whole lab


@pytest.mark.parametrize("name", PRIORS_PRESETS)
def test_every_preset_has_modes_that_agree_and_numbers_that_are_finite(name):
    result = solve(PRIORS_PRESETS[name])
    for found in (result.line, result.plane, result.other_line, result.other_plane):
        assert found.apart[found.unique].max(initial=0.0) <= 1e-8
        assert np.abs(found.higher).max() <= 1e-10
        for array in (found.mode, found.mean, found.deviation, found.samples, found.log_evidence, *found.losses, found.near_zero(0.1)):
            assert np.isfinite(array).all()
        assert (found.zeros == 0.0).all()
        assert (found.losses[0] >= found.losses[1] * (1 - 1e-12)).all(), "no guess beats the mean under squared error"
        assert len(found.mode) == MEMBERS


def test_the_laplace_mode_is_exactly_zero_while_mean_and_samples_are_not():
    result = solve(PriorsSpec())
    i = result.member_at(PriorsSpec())
    assert result.line.mode[i, 0] == 0.0
    assert abs(result.line.mean[i, 0]) > 0.05
    assert (result.line.samples[i] != 0.0).all()
    assert (result.other_line.mode[i] != 0.0).all()


def test_lambda_follows_from_noise_and_scale():
    result = solve(PriorsSpec(sigma=0.5))
    np.testing.assert_allclose(result.line.lam, 0.25 * np.sqrt(2.0) / (5 * result.scale))
    np.testing.assert_allclose(result.other_line.lam, 0.25 / (2 * 5 * result.scale**2))


@pytest.mark.parametrize("key", ["laplace", "gaussian", "elastic_net"])
def test_the_evidence_is_the_integral_of_likelihood_times_prior(key):
    spec = PriorsSpec(prior=key)
    result = solve(spec)
    x, y = result.points.T
    for i in (10, 50, 90):
        prior = prior_of(key, result.scale[i], spec.rho)
        product = lambda w, prior=prior: np.exp(norm(w * x, spec.sigma).logpdf(y).sum() + float(prior.density.log_density(w)[0]))
        expected = sum(quad(product, *ends, epsabs=1e-18, epsrel=1e-11)[0] for ends in ((-6, -0.2), (-0.2, 0), (0, 0.3), (0.3, 1), (1, 6)))
        assert float(result.line.log_evidence[i]) == pytest.approx(np.log(expected), abs=1e-8)


@pytest.mark.parametrize("points", [NO_POINTS, "0,1;0,-2", "0,0", "1,1.5", "1,1;1,2", "3,3;3,3;3,3"])
@pytest.mark.parametrize("key", LABELS)
def test_no_points_points_without_a_slope_and_points_at_one_x_have_proper_posteriors(points, key):
    result = solve(PriorsSpec(points=points, prior=key, sigma=0.1))
    for found in (result.line, result.plane, result.other_line, result.other_plane):
        assert np.isfinite(found.mean).all()
        assert (found.deviation > 0.0).all()
        assert (found.deviation <= found.prior.scale[:, None] * (1 + 1e-6)).all() or points != NO_POINTS
        assert found.apart[found.unique].max(initial=0.0) <= 1e-8
        assert np.abs(found.higher).max() <= 1e-9
    if points in (NO_POINTS, "0,1;0,-2", "0,0"):
        np.testing.assert_allclose(result.line.deviation[:, 0], result.scale, rtol=1e-8)
        np.testing.assert_allclose(result.line.log_evidence, result.line.log_evidence[0], atol=1e-9)


def test_where_the_mode_is_a_segment_the_result_says_so():
    result = solve(PriorsSpec(points="1,1.5", scale=1.0))
    i = result.member_at(result.spec)
    assert not result.plane.unique[i]
    assert result.other_plane.unique[i]
    assert abs(result.plane.higher[i]) <= 1e-12
    assert np.abs(result.plane.segments[i, :, ::-1] - result.plane.segments[i, ::-1]).max() <= 1e-12, "for x = 1 the weights may change places"
    middle = result.plane.segments[i].mean(axis=0)
    problem, penalty, lam = result.plane.problem, result.plane.prior.penalty, result.plane.lam[i]
    heights = [float(problem.value(w) + lam * penalty.value(w)) for w in (middle, *result.plane.segments[i], result.plane.mode[i])]
    np.testing.assert_allclose(heights, heights[0], atol=1e-12)
