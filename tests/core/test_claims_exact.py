"""Numbers of claims that have a closed form, or that something else can compute: each against what cannot share the experiment's bugs."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import lru_cache

import numpy as np
import pytest
import torch
from scipy import integrate, optimize, stats
from sklearn.linear_model import ElasticNet, Lasso, LogisticRegression, SGDClassifier

from core.bowls import bowl
from core.claims import columns, decay, geometry
from core.claims.catalogue import CLAIMS
from core.claims.curvature import _PULLS, _landscape
from core.claims.libraries import _default_shares
from core.claims.problems import generator, random_bowl, sparse_bowl, spread_out, turned
from core.claims.trial import Trial
from core.penalties import PENALTIES
from core.quadratic import Quadratic
from core.statistics.shrinkage.twins import two_weights
from core.studies import here
from core.studies.shelf import shipped
from core.support_map import support_map

MINE = (1, 2, 3, 5, 6, 7, 8, 9, 15, 16, 17, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 42, 43, 44, 45)


def findings(number):
    trial = Trial(number)
    return trial.conclude(here.run(trial)).findings


@lru_cache
def kept(number):
    return findings(number)


def value(number, name):
    return kept(number).values[name]


def line(number, name):
    return next(each.y for each in kept(number).picture.lines if each.name == name)


TRAINED = (22,)


@pytest.mark.parametrize("number", [*MINE, 11, *TRAINED])
def test_what_is_shipped_is_what_the_experiment_finds(number):
    trial = Trial(number)
    outcomes = shipped(trial)
    assert outcomes is not None
    for name, values in trial.conclude(outcomes).findings.values.items():
        again = value(number, name)
        if number in TRAINED:
            # Small batches are chaotic: another class of processor led one network of eight 1 % elsewhere. The middle one is where it was.
            apart = np.abs(values - again) / (np.abs(again) + 1e-6)
            assert np.median(apart) < 1e-3, name
            assert apart.max() < 0.1, name
        else:
            np.testing.assert_allclose(values, again, rtol=1e-3, atol=1e-6, err_msg=name)


@pytest.mark.parametrize("number", MINE)
def test_the_same_numbers_twice_bit_for_bit(number):
    first, second = kept(number), findings(number)
    assert first.note == second.note
    for name, values in first.values.items():
        assert values.tobytes() == second.values[name].tobytes(), name
    for one, other in zip((*first.picture.lines, *first.picture.groups), (*second.picture.lines, *second.picture.groups), strict=True):
        assert one.name == other.name
        assert getattr(one, "y", getattr(one, "values", None)).tobytes() == getattr(other, "y", getattr(other, "values", None)).tobytes()


@pytest.mark.parametrize("number", MINE)
def test_pictures_are_finite_and_fit_their_axes(number):
    picture = kept(number).picture
    for each in picture.lines:
        assert np.isfinite(each.y).all(), each.name
        assert (each.x if each.x.size else picture.x).shape[-1] == each.y.shape[-1]
    for each in picture.groups:
        assert np.isfinite(each.values).all(), each.name
    if "y" in picture.log:
        drawn = [each.y for each in picture.lines] + [each.values for each in picture.groups]
        assert min(values.min() for values in drawn) > 0.0


def test_experiments_have_at_least_eight_seeds_wherever_there_is_chance():
    for number in MINE:
        sizes = {name: values.size for name, values in kept(number).values.items()}
        if number == 32:
            assert sizes["others"] > 20
        elif number == 38:
            assert sizes == {"slips": 3, "printed": 1, "crossings": 12, "alone": 12}
        else:
            assert min(sizes.values()) >= 10, number


# ------------------------------------------------------------------------------------------------------- gradient and curvature


def test_the_three_ways_to_write_l2():
    np.testing.assert_allclose(value(17, "written"), 4.0, rtol=1e-8)
    np.testing.assert_allclose(value(17, "lab"), 2.0, rtol=1e-12)
    np.testing.assert_allclose(value(17, "half"), 1.0, rtol=1e-8)


def test_eigenvalues_at_the_moved_minimum_are_those_of_a_minimum_found_otherwise():
    # The first point's surface is Himmelblau's, from its first minimum (3, 2), and lambda ends at 2.
    def height(w):
        return (w[0] ** 2 + w[1] - 11.0) ** 2 + (w[0] + w[1] ** 2 - 7.0) ** 2 + 2.0 * (w[0] ** 2 + w[1] ** 2)

    def hessian(x, y):
        return np.array([[12.0 * x**2 + 4.0 * y - 42.0, 4.0 * (x + y)], [4.0 * (x + y), 12.0 * y**2 + 4.0 * x - 26.0]])

    found = optimize.minimize(height, (3.0, 2.0), method="Nelder-Mead", options={"xatol": 1e-10, "fatol": 1e-14}).x
    shift = np.linalg.eigvalsh(hessian(*found)) + 4.0 - np.linalg.eigvalsh(hessian(3.0, 2.0))
    assert line(2, "larger one, moved minimum")[0, -1] == pytest.approx(shift[1], rel=1e-5)
    np.testing.assert_allclose(line(2, "both, at the same point")[:, -1], 4.0, atol=1e-7)


def test_condition_numbers_are_those_of_a_library():
    for seed in (0, 7):
        rng = generator(3, seed)
        sizes = spread_out(rng, 0.1, 10.0, 6)
        signs = np.where(np.arange(6) < rng.integers(1, 4), -1.0, 1.0)
        for name, values in (("positive definite", sizes), ("indefinite", signs * sizes)):
            hessian = turned(rng, values)
            numbers = np.array([np.linalg.cond(hessian + 2.0 * lam * np.eye(6)) for lam in np.linspace(0.0, 5.0, 101)])
            np.testing.assert_allclose(line(3, name)[seed], numbers / numbers[0], rtol=1e-9)


def test_where_l2_moves_a_minimum():
    for seed in (0, 3):
        rng = generator(5, seed)
        problem = random_bowl(rng, 0.1, 5.0).train
        far = [np.linalg.norm(np.linalg.solve(problem.hessian + 2.0 * lam * np.eye(2), problem.hessian @ problem.centre)) for lam in _PULLS]
        np.testing.assert_allclose(line(5, "distance, bowls")[seed], np.array(far) / far[0], rtol=1e-9)
        # The lowest of all points of a grid, refined, for the surface with wells; the curvatures by second differences there.
        formula = _landscape(rng)
        w1, w2 = np.meshgrid(np.linspace(-4.0, 4.0, 401), np.linspace(-4.0, 4.0, 401))

        def height(w, lam, formula=formula):
            return eval(formula, {"exp": np.exp, "w1": w[0], "w2": w[1]}) + lam * (w[0] ** 2 + w[1] ** 2)

        ratios = []
        for lam in (0.0, float(_PULLS[8])):
            start = np.unravel_index(height((w1, w2), lam).argmin(), w1.shape)
            at = optimize.minimize(height, (w1[start], w2[start]), args=(lam,), method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-15}).x
            h = 1e-4
            bend = np.empty((2, 2))
            for i in range(2):
                for j in range(2):
                    a, b = h * np.eye(2)[i], h * np.eye(2)[j]
                    bend[i, j] = height(at + a + b, lam) - height(at + a - b, lam) - height(at - a + b, lam) + height(at - a - b, lam)
            values = np.linalg.eigvalsh(bend / (4.0 * h * h))
            ratios.append(values[1] / values[0])
        assert line(5, "ratio of curvatures, wells")[seed, 8] == pytest.approx(ratios[1] / ratios[0], rel=1e-4)


def test_shrinking_along_the_axes_is_a_linear_system_s():
    assert value(39, "formula").max() < 1e-12
    rng = generator(39, 4)
    lam, steep = float(spread_out(rng, 0.1, 2.0, 1)[0]), spread_out(rng, 0.1, 10.0, 5)
    left = np.sort(steep / (steep + 2.0 * lam))
    assert value(39, "unequal")[4] == pytest.approx(left[-1] / left[0], rel=1e-9)


# ------------------------------------------------------------------------------------------------------------------ L1 at zero


def _descent_by_hand(hessian, centre, lam, start, rate, steps, proximal):
    """Plain descent in plain Python floats."""
    path, (a, b) = [], start.tolist()
    for _ in range(steps):
        g1 = hessian[0][0] * (a - centre[0]) + hessian[0][1] * (b - centre[1])
        g2 = hessian[1][0] * (a - centre[0]) + hessian[1][1] * (b - centre[1])
        moved = []
        for w, g in ((a, g1), (b, g2)):
            if proximal:
                free = w - rate * g
                moved.append(math.copysign(max(abs(free) - rate * lam, 0.0), free))
            else:
                moved.append(w - rate * (g + lam * ((w > 0) - (w < 0))))
        a, b = moved
        path.append((a, b))
    return np.array(path)


@pytest.mark.parametrize("seed", [0, 5])
def test_zeros_and_bounces_of_a_descent_written_by_hand(seed):
    for number in (7, 8):
        rng = generator(number, seed)
        problem, lam, best = sparse_bowl(rng)
        rate = float(rng.uniform(0.2, 0.5) / np.linalg.eigvalsh(problem.train.hessian)[-1])
        start, i = rng.uniform(-3.0, 3.0, 2), int(np.flatnonzero(best == 0.0)[0])
        hessian, centre = problem.train.hessian.tolist(), problem.train.centre.tolist()
        tails = [_descent_by_hand(hessian, centre, lam, start, rate, 1200, way)[-500:, i] for way in (False, True)]
        if number == 7:
            assert [value(7, name)[seed] for name in ("subgradient", "proximal")] == [(tail == 0.0).mean() for tail in tails]
        else:
            changes = [100.0 * (tail[1:] * tail[:-1] < 0.0).mean() for tail in tails]
            np.testing.assert_allclose([value(8, name)[seed] for name in ("subgradient", "proximal")], changes, atol=0.5)
            assert value(8, "size")[seed] == pytest.approx(np.abs(tails[0]).max() / (rate * lam), rel=1e-6)


def test_sparse_bowls_have_the_minimum_that_a_scan_finds():
    for seed in range(4):
        problem, lam, best = sparse_bowl(generator(7, seed))
        i = int(np.flatnonzero(best == 0.0)[0])

        def height(w, problem=problem, lam=lam):
            away = w - problem.train.centre
            return 0.5 * ((away @ problem.train.hessian) * away).sum(axis=-1) + lam * np.abs(w).sum(axis=-1)

        grid = np.stack(np.meshgrid(np.linspace(-4.0, 4.0, 801), np.linspace(-4.0, 4.0, 801)), axis=-1)
        assert height(best) <= height(grid).min() + 1e-12
        assert np.abs(best - grid.reshape(-1, 2)[height(grid).argmin()]).max() < 0.02
        assert best[1 - i] != 0.0


def test_the_push_of_l1():
    np.testing.assert_allclose(value(6, "at_zero"), 2.0, rtol=1e-12)
    np.testing.assert_allclose(value(6, "push"), 1.0, rtol=1e-9)


def test_only_the_proximal_step_reaches_the_minimum_to_rounding():
    assert value(9, "proximal_far").max() < 1e-12
    assert value(9, "rounded_far").min() > 1e-6
    assert value(9, "subgradient_far").min() > 1e-6


# ------------------------------------------------------------------------------------------------------- diamonds and circles


def test_shares_of_corners_by_a_brute_scan():
    # Of 500 minima: the best of 40,000 points of the diamond's edges against its four corners.
    sides = np.linspace(0.0, 1.0, 10_001)[1:-1]
    edges = np.concatenate([np.stack([a * sides, b * (1.0 - sides)], axis=-1) for a in (1.0, -1.0) for b in (1.0, -1.0)])
    tips = np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
    for seed in (0, 3, 9):
        rng = generator(29, seed)
        condition = spread_out(rng, 1.0, 30.0, 1)[0]
        hessian = turned(rng, np.array([1.0, condition]))
        minima = np.random.default_rng(1).uniform(-3.0, 3.0, (500, 2))
        minima = minima[np.abs(minima).sum(axis=1) > 1.0]
        hits = 0
        for c in minima:
            heights = [(((w - c) @ hessian) * (w - c)).sum(axis=1).min() for w in (tips, edges)]
            hits += heights[0] <= heights[1]
        share = value(29, "one")[seed]
        assert abs(hits / len(minima) - share) < 4.0 * math.sqrt(share * (1.0 - share) / len(minima))


def test_zeros_of_l2_in_exact_fractions():
    seen = 0
    for seed, count in enumerate(value(30, "crossings")):
        problem = random_bowl(generator(30, seed), 0.1, 5.0).train
        (a, b), (_, d) = ([Fraction(x) for x in row] for row in problem.hessian.tolist())
        c = [Fraction(x) for x in problem.centre.tolist()]
        pull, det, zeros = (a * c[0] + b * c[1], b * c[0] + d * c[1]), a * d - b * b, 0
        for i in range(2):
            # w_i (det of H + 2 lam I) = det(H) c_i + 2 lam (H c)_i, a line in lambda.
            lam = -det * c[i] / (2 * pull[i])
            if Fraction(1, 1000) < lam < 1000:
                zeros += 1
                other = d if i == 0 else a
                assert (other + 2 * lam) * pull[i] - b * pull[1 - i] == 0
        assert zeros == count
        seen += zeros
    assert seen > 0


def test_a_shape_that_the_window_matters_for():
    problem = Quadratic(np.eye(2), np.zeros(2))
    near, far = (support_map(problem, PENALTIES["l1"](), ((-a, a), (-a, a)), budget=1.0).shares for a in (1.5, 30.0))
    corners = [shares["first_zero"][0] + shares["second_zero"][0] for shares in (near, far)]
    assert corners[1] > 0.9 > corners[0]
    assert geometry.WINDOW == ((-3.0, 3.0), (-3.0, 3.0))


# -------------------------------------------------------------------------------------------------------------------- libraries


def test_adam_of_torch_and_the_formulas():
    assert value(16, "coupled").max() < 1e-12
    assert value(16, "adamw").max() < 1e-12
    w = torch.tensor([5.0, 0.01], dtype=torch.float64, requires_grad=True)
    w.grad = torch.zeros_like(w)
    torch.optim.Adam([w], lr=0.1, weight_decay=0.3).step()
    # Without data the coupled decay moves every weight by the rate, whatever its size.
    np.testing.assert_allclose(w.detach().numpy(), [4.9, -0.09], atol=1e-6)


def test_defaults_of_scikit_learn_by_running_it():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 3))
    y = (X @ [2.0, -1.0, 0.0] + rng.normal(size=60) > 0.0).astype(int)
    made = LogisticRegression(tol=1e-10, max_iter=10_000).fit(X, y)
    wrong = stats.logistic.cdf(X @ made.coef_[0] + made.intercept_[0]) - y
    # C sum of losses + |w|^2 / 2: with no L1 in it the gradient is zero at the end.
    np.testing.assert_allclose(X.T @ wrong + made.coef_[0], 0.0, atol=1e-5)
    shares = _default_shares()
    assert shares["LogisticRegression"] == 0.0
    assert SGDClassifier().penalty == "l2"
    assert shares["SGDClassifier"] == 0.0
    assert shares["ElasticNet"] == ElasticNet().l1_ratio == 0.5
    assert shares["Lasso"] == 1.0
    assert kept(32).values["named"].tolist() == [1.0] * 4


# ------------------------------------------------------------------------------------------------------------------------ decay


def test_adam_and_adamw_end_where_torch_s_do():
    problem, weight_decay, start = decay._steep_bowl(generator(15, 2))
    ends = []
    for kind in (torch.optim.Adam, torch.optim.AdamW):
        w = torch.tensor(start, requires_grad=True)
        made = kind([w], lr=0.1, weight_decay=weight_decay)
        for _ in range(600):
            w.grad = torch.tensor(problem.train.hessian @ (w.detach().numpy() - problem.train.centre))
            made.step()
        ends.append(w.detach().numpy().copy())
    apart = np.linalg.norm(ends[0] - ends[1]) / max(np.linalg.norm(end) for end in ends)
    assert value(15, "apart")[2] == pytest.approx(apart, rel=1e-6)


def test_adamw_of_torch_ends_in_the_box_and_adam_at_ridge():
    problem = bowl(np.array([[1.0, 0.6], [0.6, 2.0]]), np.array([8.0, 1.0]), 0.6)
    rng = np.random.default_rng(3)
    box, ridge = (decay._ends(kind, [problem], 0.25, 0.0, rng)[0] for kind in ("AdamW", "Adam"))
    np.testing.assert_allclose(box, (4.0, 2.2), atol=0.05)
    H = problem.train.hessian
    np.testing.assert_allclose(ridge, np.linalg.solve(H + 0.25 * np.eye(2), H @ problem.train.centre), atol=0.02)


def test_boxes_are_those_of_a_bounded_minimiser():
    rng = generator(42, 0)
    for i in range(12):
        hessian = turned(rng, spread_out(rng, 0.5, 3.0, 2))
        centre = rng.choice([-1.0, 1.0], 2) * rng.uniform(5.0, 8.0, 2)
        rng.choice([-1.0, 1.0], 2), rng.uniform(2.0, 5.0, 2)

        def loss(w, hessian=hessian, centre=centre):
            return 0.5 * (w - centre) @ hessian @ (w - centre), hessian @ (w - centre)

        wall = optimize.minimize(loss, np.zeros(2), jac=True, bounds=[(-4.0, 4.0)] * 2, method="L-BFGS-B", options={"ftol": 1e-15, "gtol": 1e-10}).x
        ridge = np.linalg.solve(hessian + 0.25 * np.eye(2), hessian @ centre)
        # The end is as far from ridge as the wall is, but for what it is away from the wall.
        away = np.linalg.norm(wall - ridge) / np.linalg.norm(centre - ridge)
        assert abs(value(42, "ridge")[i] - away) <= value(42, "box")[i] + 1e-6


def test_unequal_decay_is_the_quotient_of_adam_s_scalings():
    rng = generator(43, 1)
    ratio = spread_out(rng, 4.0, 50.0, 1)[0]
    centre, start = rng.uniform(3.0, 8.0, 2), rng.uniform(-8.0, 0.0, 2)
    curvature, w = np.array([0.2, 0.2 * ratio]), start
    first, second, logs = np.zeros(2), np.zeros(2), []
    for t in range(1, 301):
        gradient = curvature * (w - centre) + 0.1 * w
        first, second = 0.9 * first + 0.1 * gradient, 0.99 * second + 0.01 * gradient**2
        root = np.sqrt(second / (1.0 - 0.99**t)) + 1e-8
        logs.append(np.log(root[1] / root[0]))
        w = w - 0.1 * first / (1.0 - 0.9**t) / root
    # A step with and without decay differs in its mean square as well, by a part of the whole.
    assert np.log(value(43, "unequal")[1]) == pytest.approx(np.mean(logs), abs=0.7)
    np.testing.assert_allclose(value(43, "beside"), 1.0, rtol=1e-9)


# ----------------------------------------------------------------------------------------------------------- priors and columns


def test_peaks_of_posteriors_in_closed_form_and_by_another_library():
    rng = generator(33, 6)
    X = rng.normal(size=(12, 2)) @ np.array([[1.0, 0.5], [0.0, 1.0]])
    sigma, deviation = float(rng.uniform(0.5, 2.0)), float(rng.uniform(0.2, 1.0))
    y = X @ rng.normal(size=2) + sigma * rng.normal(size=12)
    peak = np.linalg.solve(X.T @ X / sigma**2 + np.eye(2) / deviation**2, X.T @ y / sigma**2)
    ridge = np.linalg.solve(X.T @ X / 12.0 + 2.0 * sigma**2 / (2.0 * 12.0 * deviation**2) * np.eye(2), X.T @ y / 12.0)
    np.testing.assert_allclose(peak, ridge, rtol=1e-10)
    b = deviation / math.sqrt(2.0)
    lasso = Lasso(alpha=sigma**2 / (12.0 * b), fit_intercept=False, tol=1e-12, max_iter=100_000).fit(X, y).coef_

    def height(w):
        return ((y - w @ X.T) ** 2).sum() / (2.0 * sigma**2) + np.abs(w).sum() / b

    found = optimize.minimize(height, lasso + 0.1, method="Nelder-Mead", options={"xatol": 1e-10, "fatol": 1e-13, "maxiter": 4000}).x
    np.testing.assert_allclose(lasso, found, atol=1e-6)
    assert max(value(33, "gaussian")[6], value(33, "laplace")[6]) < 1e-12


def test_what_a_laplace_prior_believes_by_formula():
    near = (1.0 - math.exp(-0.1 * math.sqrt(2.0)), 2.0 * stats.norm.cdf(0.1) - 1.0)
    density = stats.laplace(scale=1.0 / math.sqrt(2.0))
    # With noise 1 the peak is the soft threshold of what is seen, at 1/b = sqrt(2).
    peak, _ = integrate.quad(
        lambda w: density.pdf(w) * (stats.norm.cdf(math.sqrt(2.0) - w) - stats.norm.cdf(-math.sqrt(2.0) - w)), -20, 20, points=[0]
    )
    for name, share in (("near", near[0]), ("gaussian", near[1]), ("peak", peak)):
        assert value(34, name).mean() == pytest.approx(share, abs=4.0 * math.sqrt(share / 200_000)), name
    assert (value(34, "zero") == 0.0).all()


def test_twins_are_kept_as_another_library_keeps_them():
    rng = np.random.default_rng(5)
    base = rng.normal(size=(20, 50, 3))
    for r in (0.9, 0.9999):
        for sample in base:
            X = np.stack([np.sqrt((1 + r) / 2) * sample[:, 0] + s * np.sqrt((1 - r) / 2) * sample[:, 1] for s in (1.0, -1.0)], axis=-1)
            y = X.sum(axis=1) / np.sqrt(2.0 * (1.0 + r)) + sample[:, 2]
            X, y = (X - X.mean(axis=0)) / X.std(axis=0), y - y.mean()
            H, q = X.T @ X / 50.0, X.T @ y / 50.0
            lasso = Lasso(alpha=0.2, fit_intercept=False, tol=1e-14, max_iter=10**6).fit(X, y).coef_
            net = ElasticNet(alpha=0.2 * 1.5, l1_ratio=0.5 / 1.5, fit_intercept=False, tol=1e-14, max_iter=10**6).fit(X, y).coef_
            np.testing.assert_allclose(two_weights(H, q, 0.2, 1.0), lasso, atol=1e-5)
            np.testing.assert_allclose(two_weights(H, q, 0.2, 0.5), net, atol=1e-6)
    assert np.allclose(value(31, "unit"), 1.0)


def test_ridge_steadies_by_the_amount_that_linear_systems_give():
    rng = generator(44, 3)
    for r in columns.R[:-2]:
        H, q = columns.twin_moments(rng, r)
        if r == 0.98:
            ridge, plain = (np.linalg.solve(H + 2.0 * lam * np.eye(2), q[..., None])[:, 0, 0] for lam in (0.2, 0.0))
            assert value(44, "steadier")[3] == pytest.approx(ridge.var(ddof=1) / plain.var(ddof=1), rel=1e-9)
    # Uncorrelated and standardised, each is divided by 1 + 2 lambda.
    assert value(44, "apart").mean() == pytest.approx(1.0 / 1.4**2, rel=0.05)


def test_bias_for_variance_by_sets_drawn_otherwise():
    # Ridge on Legendre polynomials by normal equations, with 4,000 sets of its own: what is exchanged at lambda = 10 for the sine.
    x = np.linspace(-1.0, 1.0, 15)
    nodes, weights = np.polynomial.legendre.leggauss(60)
    degrees = np.arange(1, 12)
    scale = np.sqrt(2.0 * degrees + 1.0)
    A, B = (np.polynomial.legendre.legvander(at, 11)[:, 1:] * scale for at in (x, nodes))
    from core.statistics.bias_variance.truths import TRUTHS

    truth = TRUTHS["sine"].value
    y = truth(x) + 0.3 * np.random.default_rng(77).normal(size=(4000, 15))
    centred, mean = A - A.mean(axis=0), y.mean(axis=1)
    parts = []
    for lam in (0.0, 10.0):
        w = np.linalg.solve(centred.T @ centred / 15.0 + 2.0 * lam * np.eye(11), centred.T @ (y - mean[:, None]).T / 15.0)
        fits = mean[:, None] + (w.T @ (B - A.mean(axis=0)).T)
        parts.append((((fits.mean(axis=0) - truth(nodes)) ** 2) @ weights / 2.0, fits.var(axis=0) @ weights / 2.0))
    exchanged = (parts[1][0] - parts[0][0]) / (parts[0][1] - parts[1][1])
    assert value(27, "strong")[[0, 4, 8]].mean() == pytest.approx(exchanged, rel=0.1)


# ---------------------------------------------------------------------------------------------------------------------- dropout


def test_what_masks_do_by_formula():
    np.testing.assert_allclose(value(35, "off"), 0.6, atol=0.005)
    np.testing.assert_allclose(value(35, "library"), 0.0, atol=0.005)
    np.testing.assert_allclose(value(35, "half"), 0.0, atol=0.005)
    rng = generator(36, 5)
    p, h = float(rng.uniform(0.1, 0.8)), rng.normal(size=10)
    weights = rng.normal(size=(10, 8))
    mean, after = np.zeros(10), np.zeros(8)
    for bits in range(1024):
        lives = np.array([bits >> i & 1 for i in range(10)])
        chance = (1.0 - p) ** lives.sum() * p ** (10 - lives.sum())
        mean += chance * lives * h
        after += chance * np.tanh((lives * h / (1.0 - p)) @ weights)
    np.testing.assert_allclose(mean, (1.0 - p) * h, rtol=1e-9)
    assert value(36, "plain")[5] == pytest.approx(np.abs(mean - h).max(), rel=1e-9)
    assert value(36, "next")[5] == pytest.approx(np.abs(after - np.tanh(h @ weights)).max(), rel=1e-9)


def test_how_many_networks_occur_by_formula():
    def expected(units, batches, p=0.2):
        kept_units = np.arange(units + 1)
        chance = (1.0 - p) ** kept_units * p ** (units - kept_units)
        each = np.array([math.comb(units, int(n)) for n in kept_units])
        return (each * (1.0 - (1.0 - chance) ** batches)).sum() / 2.0**units

    assert value(37, "long").mean() == pytest.approx(expected(13, 10_000), rel=0.01)
    assert value(37, "lab").mean() == pytest.approx(expected(13, 40), rel=0.1)
    assert value(37, "few").min() == 1.0
    assert value(37, "wide").max() <= 10_000 / 2.0**64


# ------------------------------------------------------------------------------------------------------------------ hand tables


def test_the_tables_in_fractions():
    printed = [("1.385", "0.395"), ("1.27115", "0.29105"), ("1.15845", "0.18814"), ("1.04687", "0.08626"), ("0.93640", "-0.0146")]
    w, slips, sign = [Fraction(3, 2), Fraction(1, 2)], 0, []
    for row in printed:
        w = [each - Fraction(1, 10) * (1 + each / 10) for each in w]
        for exact, text in zip(w, row, strict=True):
            decimals = len(text.partition(".")[2])
            slips += abs(exact - Fraction(text)) > Fraction(1, 2 * 10**decimals)
        sign.append(w[1] > 0)
    assert value(38, "slips").tolist() == [0.0, 0.0, float(slips)] == [0.0, 0.0, 3.0]
    assert sign == [True] * 4 + [False]
    assert value(38, "printed").tolist() == [1.0]
    assert line(38, "L2")[-1] == pytest.approx(float(w[1]), rel=1e-12)


def test_tenfold_weights_and_lone_weights():
    np.testing.assert_allclose(value(28, "penalty"), 100.0, rtol=1e-12)
    np.testing.assert_allclose(value(28, "push"), 10.0, rtol=1e-9)
    np.testing.assert_allclose(value(28, "l1"), 10.0, rtol=1e-12)
    np.testing.assert_allclose(value(45, "below"), 0.5, rtol=1e-12)
    np.testing.assert_allclose(line(45, "L1"), np.maximum(10.0 - 0.25 * np.arange(31.0), 0.0), atol=1e-9)
    assert line(45, "L2")[1] == pytest.approx(10.0 * (1.0 - 0.5 * 0.5))  # the course's convention: no 2


def test_all_of_these_are_there():
    assert set(MINE) <= set(CLAIMS)
