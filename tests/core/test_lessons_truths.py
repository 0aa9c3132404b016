"""The truth of every question, against a computation that shares nothing with the lab's: closed forms, loops, scans, scipy, scikit-learn, torch.

What is measured on networks is taken anew from the raw outcomes that lie in the repository.
"""

from __future__ import annotations

import itertools
import math
import re
from fractions import Fraction

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import norm, rankdata, spearmanr

from core import lessons
from core.lessons import Asked
from core.specs import (
    LABS,
    AdamAndAdamWSpec,
    BatchNormSpec,
    BiasVarianceSpec,
    DiamondCircleSpec,
    DropoutSpec,
    FlatAndSharpSpec,
    PriorsSpec,
    RaceSpec,
    RightMixSpec,
    ShrinkageSpec,
    SmoothingSpec,
    StepByStepSpec,
    TrainingLabSpec,
)
from core.studies.shelf import shipped
from core.surfaces import SURFACES

PAGE = {spec: page for page, spec in LABS.items()}
CHECKED: set[tuple[str, str]] = set()


def ask(spec, name: str) -> Asked:
    """Return a question by its name, and note that it is checked."""
    page = PAGE[type(spec)]
    names = [each.name for each in lessons.questions(page)]
    CHECKED.add((page, name))
    asked = lessons.ask(page, names.index(name) + 1, spec)
    assert asked is not None
    return asked


# ---------------------------------------------------------------------------------------------------------- diamond and circle

ELLIPSES = [DiamondCircleSpec(), DiamondCircleSpec(tilt=-45.0, condition=8.0, centre1=2.0, centre2=2.2, curvature=4.0)]
CROSSING = DiamondCircleSpec(tilt=-35.0, condition=11.2, curvature=2.5, centre1=0.5, centre2=-1.0)


def ellipse(spec):
    turn = math.radians(spec.tilt)
    flat, steep = np.array([math.cos(turn), math.sin(turn)]), np.array([-math.sin(turn), math.cos(turn)])
    return spec.curvature * (np.outer(flat, flat) / spec.condition + np.outer(steep, steep)), np.array([spec.centre1, spec.centre2])


def lasso_plane(H, c, lam, sweeps=4000):
    """Coordinate descent on 1/2 (w - c)'H(w - c) + lam |w|_1, for minima c (m, 2)."""
    c = np.atleast_2d(c)
    w = c.copy()
    pull = c @ H
    for _ in range(sweeps):
        for i in range(2):
            rest = pull[:, i] - H[i, 1 - i] * w[:, 1 - i]
            w[:, i] = np.sign(rest) * np.maximum(np.abs(rest) - lam, 0.0) / H[i, i]
    return w


@pytest.mark.parametrize("spec", [*ELLIPSES, CROSSING])
def test_the_first_zero_under_l1_is_where_coordinate_descent_first_meets_one(spec):
    H, c = ellipse(spec)
    asked = ask(spec, "which weight L1 makes zero first")
    for lam in np.linspace(0.0, 1.1 * np.abs(H @ c).max(), 1500)[1:]:
        w = lasso_plane(H, c, lam, 300)[0]
        # Signs are compared too: a weight may pass through zero between two values of lambda.
        gone = [i for i in range(2) if w[i] == 0.0 or w[i] * c[i] < 0.0]
        if gone:
            assert asked.truth == ("both" if len(gone) == 2 else f"w{gone[0] + 1}")
            return
    raise AssertionError("no weight became zero")


@pytest.mark.parametrize("spec", ELLIPSES)
def test_both_are_zero_from_the_lambda_on_at_which_coordinate_descent_stays_at_the_origin(spec):
    H, c = ellipse(spec)
    truth = ask(spec, "where L1 has made both zero").truth
    assert not lasso_plane(H, c, 1.001 * truth).any()
    assert lasso_plane(H, c, 0.999 * truth).any()


@pytest.mark.parametrize("spec", [*ELLIPSES, CROSSING, DiamondCircleSpec(tilt=0.0)])
def test_l2_crosses_zero_where_the_closed_form_changes_its_sign(spec):
    H, c = ellipse(spec)
    path = np.array([np.linalg.solve(H + 2.0 * lam * np.eye(2), H @ c) for lam in np.geomspace(1e-6, 1e3, 4000)])
    crossed = [i for i in range(2) if (np.sign(path[:, i]) != np.sign(c[i])).any()]
    assert ask(spec, "whether L2 crosses zero").truth == {(): "none", (0,): "w1", (1,): "w2"}.get(tuple(crossed), "both")


@pytest.mark.parametrize("spec", ELLIPSES)
def test_the_share_of_sparse_minima_is_that_of_random_ones(spec):
    H, c = ellipse(spec)
    asked = ask(spec, "the share of minima that lose a weight")
    lam = float(f"{0.5 * np.abs(H @ c).max():.3g}")
    minima = np.random.default_rng(0).uniform(-5.0, 5.0, (20_000, 2))
    share = 100.0 * (lasso_plane(H, minima, lam, 400) == 0.0).any(axis=1).mean()
    assert asked.truth == pytest.approx(share, abs=1.5)


# ----------------------------------------------------------------------------------------------------- smoothing and curvature

SURFACE = [
    SmoothingSpec(surface="himmelblau", point1=3.0, point2=2.0),
    SmoothingSpec(surface="saddle", point1=0.3, point2=-0.2),
    SmoothingSpec(surface="rugged_bowl", point1=-1.5, point2=2.0, penalty="elastic_net", rho=0.3),
]


def bends(spec, lam: float) -> np.ndarray:
    """Eigenvalues of the penalised objective's Hessian at the spec's point, by central differences of its value; off the creases."""
    share = {"l1": 1.0, "l2": 0.0}.get(spec.penalty, spec.rho)
    at, h = np.array([spec.point1, spec.point2]), 1e-4

    def value(x):
        return float(SURFACES[spec.surface].value(x)) + lam * (share * np.abs(x).sum() + (1.0 - share) * (x**2).sum())

    def second(i, j):
        e, f = np.eye(2)[i] * h, np.eye(2)[j] * h
        return (value(at + e + f) - value(at + e - f) - value(at - e + f) + value(at - e - f)) / (4.0 * h * h)

    return np.linalg.eigvalsh(np.array([[second(i, j) for j in range(2)] for i in range(2)]))


@pytest.mark.parametrize("spec", SURFACE)
def test_eigenvalues_move_as_differences_of_the_objective_do(spec):
    asked = ask(spec, "how far the eigenvalues move")
    assert asked.truth == pytest.approx(bends(spec, asked.show.lam)[1] - bends(spec, 0.0)[1], abs=2e-3 * max(1.0, abs(bends(spec, 0.0)).max()) / 10)


@pytest.mark.parametrize("spec", SURFACE)
def test_conditioning_is_judged_as_differences_judge_it(spec):
    asked = ask(spec, "whether conditioning improves")
    before, after = bends(spec, 0.0), bends(spec, asked.show.lam)
    wanted = ("better" if after[1] / after[0] < before[1] / before[0] else "worse") if before[0] > 0.0 else "becomes" if after[0] > 0.0 else "none"
    assert asked.truth == wanted


@pytest.mark.parametrize(
    "spec", [SmoothingSpec(surface="rotated_ravine"), SmoothingSpec(surface="ravine", treatment="proximal"), SmoothingSpec(surface="round_bowl")]
)
def test_a_loop_of_plain_descent_comes_in_below_the_stable_rate_and_goes_out_above_it(spec):
    asked = ask(spec, "the largest stable rate")
    from core.specs.ground import chosen_surface

    surface, lam = chosen_surface(spec.surface, spec.condition), asked.show.lam
    far = {}
    for share in (0.97, 1.03):
        x, rate = np.array([0.11, -0.07]), share * asked.truth
        for _ in range(3000):
            slope = surface.gradient(x)
            x = (x - rate * slope) / (1.0 + 2.0 * rate * lam) if spec.treatment == "proximal" else x - rate * (slope + 2.0 * lam * x)
            if not np.abs(x).max() < 1e6:
                break
        far[share] = float(np.abs(x).max())
    assert far[0.97] < 20.0
    assert not far[1.03] < 1e3


def test_one_minimum_is_left_where_descents_from_everywhere_meet():
    spec = SmoothingSpec()
    asked, surface = ask(spec, "when one minimum is left"), SURFACES["rugged_bowl"]
    starts = np.stack(np.meshgrid(*[np.linspace(low, high, 25) for low, high in surface.bounds]), axis=-1).reshape(-1, 2)

    def count(lam):
        x = starts.copy()
        for _ in range(6000):
            x = x - 0.02 * (surface.gradient(x) + 2.0 * lam * x)
        inside = ((x >= surface.bounds[:, 0]) & (x <= surface.bounds[:, 1])).all(axis=1)
        return len({tuple(np.round(each, 2) + 0.0) for each in x[inside]})

    assert count(1.002 * asked.truth) == 1
    assert count(asked.truth - 2.0 * asked.tolerance) > 1


# ---------------------------------------------------------------------------------------------------------------- step by step

STEPS = [StepByStepSpec(), StepByStepSpec(rate=0.25, lam=0.3, big=31.6, small=0.1, gradient2=-0.5, target=-0.01, moved=-0.02, convention="lab")]


@pytest.mark.parametrize("spec", STEPS)
def test_steps_until_l1_is_done_are_counted_one_by_one(spec):
    w, steps = Fraction(repr(spec.big)), 0
    while w > 0:
        w, steps = max(w - Fraction(repr(spec.rate)) * Fraction(repr(spec.lam)), 0), steps + 1
    assert ask(spec, "steps until L1 is done").truth == steps
    assert ask(spec, "what a large weight pays").truth == pytest.approx(spec.big**2 / spec.small**2)


@pytest.mark.parametrize("spec", [*STEPS, StepByStepSpec(gradient2=0.0), StepByStepSpec(gradient2=0.0, rate=1.0, lam=1.0)])
def test_what_l2_does_in_the_tables_is_what_a_loop_of_fractions_does(spec):
    w, told = Fraction(repr(spec.start2)), "keeps"
    spring = Fraction(repr(spec.lam)) * (2 if spec.convention == "lab" else 1)
    for _ in range(int(spec.steps)):
        new = w - Fraction(repr(spec.rate)) * (Fraction(repr(spec.gradient2)) + spring * w)
        told = "crosses" if w * new < 0 else "lands" if new == 0 and w != 0 else told
        if told != "keeps":
            break
        w = new
    assert ask(spec, "what L2 does to a weight in the tables").truth == told


@pytest.mark.parametrize("spec", STEPS)
def test_exact_zeros_of_the_prox_are_counted_step_by_step(spec):
    w, zeros = spec.begin, 0
    for t in range(int(spec.length)):
        w -= spec.rate * spec.curvature * (w - (spec.target if t < int(spec.length) // 2 else spec.moved))
        w = math.copysign(max(abs(w) - spec.rate * spec.lam, 0.0), w)
        zeros += w == 0.0
    assert ask(spec, "how often the prox gives zero").truth == zeros


# -------------------------------------------------------------------------------------------------------------- optimizer race

RACES = [
    RaceSpec(mode="same", rate=0.0501, surface="rotated_ravine"),
    RaceSpec(mode="same", rate=0.001, surface="rosenbrock"),
]


def run(key, slope, x, rate, steps):
    """A rule as its paper writes it."""
    m, v = np.zeros(2), np.zeros(2)
    for t in range(1, steps + 1):
        g = slope(x)
        if key == "sgd":
            x = x - rate * g
        elif key == "momentum":
            m = 0.9 * m + g
            x = x - rate * m
        else:
            m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
            x = x - rate * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
    return x


@pytest.mark.parametrize("spec", RACES)
def test_the_race_is_won_by_who_wins_when_the_rules_are_written_out(spec):
    from core.specs.ground import chosen_surface

    asked = ask(spec, "who is lowest at the end")
    surface, lam = chosen_surface(spec.surface, spec.condition), asked.show.lam
    ends = {}
    for key in ("sgd", "momentum", "adam"):
        x = run(key, lambda x: surface.gradient(x) + 2.0 * lam * x, surface.start, spec.rate, int(spec.steps))
        ends[key] = float(surface.value(x)) + lam * float((x**2).sum())
    low = min(ends.values())
    way = float(surface.value(surface.start)) + lam * float((surface.start**2).sum()) - low
    tied = [key for key in ends if ends[key] - low <= 1e-6 * way]
    assert asked.truth == (tied[0] if len(tied) == 1 else "tie")


@pytest.mark.parametrize(("spec", "rate"), [(RACES[0], 0.0501), (RACES[1], 0.001), (RaceSpec(), 0.1)])
def test_adams_first_step_is_its_rate(spec, rate):
    assert ask(spec, "how far Adam's first step goes").truth == pytest.approx(rate, rel=1e-6)


@pytest.mark.parametrize("spec", [RaceSpec(surface="ravine"), RaceSpec(surface="rotated_ravine", condition=100.0)])
def test_plain_descent_at_the_bottom_holds_below_the_limit_and_not_above(spec):
    from core.specs.ground import chosen_surface

    asked = ask(spec, "how fast plain descent may go")
    surface = chosen_surface(spec.surface, spec.condition)
    steep = np.linalg.eigvalsh(surface.hessian(surface.minima[0]))[1]
    lam = float(f"{0.3 * steep:.2g}")
    for share, comes in ((0.99, True), (1.01, False)):
        factor = abs(1.0 - share * asked.truth * (steep + 2.0 * lam))
        assert bool(factor < 1.0) is comes


def test_exact_zeros_of_the_subgradient_are_those_of_a_loop():
    spec = RaceSpec()
    asked, surface = ask(spec, "exact zeros by two ways"), SURFACES["rosenbrock"]
    lam, rate = 4.0, 0.0025
    assert "λ = 4" in asked.prompt
    assert "0.0025" in asked.prompt
    x = surface.start.copy()
    for _ in range(400):
        x = x - rate * (surface.gradient(x) + lam * np.sign(x))
    assert asked.truth == str(int((x == 0.0).sum()))


# ------------------------------------------------------------------------------------------------------------- Adam and AdamW

BOWLS = [AdamAndAdamWSpec(), AdamAndAdamWSpec(centre1=4.0, centre2=-3.0, coupling=-0.5, steep2=3.0, adam_rate=0.0501)]


def bowl(spec):
    return np.array([[spec.steep1, spec.coupling], [spec.coupling, spec.steep2]]), np.array([spec.centre1, spec.centre2])


@pytest.mark.parametrize("spec", BOWLS)
def test_adamw_is_bound_for_the_minimiser_over_its_box(spec):
    H, c = bowl(spec)
    asked = ask(spec, "where AdamW ends")
    wall = 1.0 / (2.0 * asked.show.lam)
    found = minimize(
        lambda w: 0.5 * (w - c) @ H @ (w - c), np.zeros(2), jac=lambda w: H @ (w - c), bounds=[(-wall, wall)] * 2, options={"ftol": 1e-15}
    )
    assert asked.truth == pytest.approx(found.x[0], abs=1e-5)


@pytest.mark.parametrize("spec", BOWLS)
def test_who_ends_nearer_to_ridge_is_found_by_running_both_as_torch_has_them(spec):
    torch = pytest.importorskip("torch")
    H, c = (torch.tensor(each, dtype=torch.float64) for each in bowl(spec))
    asked = ask(spec, "who ends at ridge")
    decay = 2.0 * asked.show.lam
    ridge = torch.linalg.solve(H + decay * torch.eye(2, dtype=torch.float64), H @ c)
    far = {}
    for key, kind in (("adam", torch.optim.Adam), ("adamw", torch.optim.AdamW)):
        w = torch.tensor([-1.0, 2.0], dtype=torch.float64, requires_grad=True)
        rule = kind([w], lr=spec.adam_rate, betas=(0.9, float(spec.beta2)), weight_decay=decay)
        for _ in range(int(spec.steps)):
            rule.zero_grad()
            (0.5 * (w - c) @ H @ (w - c)).backward()
            rule.step()
        far[key] = float((w.detach() - ridge).norm())
    assert asked.truth == min(far, key=far.get)


@pytest.mark.parametrize("spec", BOWLS)
def test_torchs_adam_moves_large_and_small_weights_alike_and_its_weight_decay_is_twice_lambda(spec):
    torch = pytest.importorskip("torch")
    asked = ask(spec, "what weight_decay this lambda is")
    w = torch.tensor([8.0, 0.1], dtype=torch.float64, requires_grad=True)
    w.grad = torch.zeros(2, dtype=torch.float64)
    before = w.detach().clone()
    torch.optim.Adam([w], lr=spec.adam_rate, weight_decay=asked.truth).step()
    moved = (before - w.detach()).abs()
    assert ask(spec, "Adam's step without data").truth == pytest.approx(float(moved[0] / moved[1]), rel=1e-5)
    v = torch.tensor([3.0], dtype=torch.float64, requires_grad=True)
    (asked.show.lam * v**2).sum().backward()
    assert asked.truth * 3.0 == pytest.approx(float(v.grad))


# ------------------------------------------------------------------------------------------------------------- shrinkage paths

TABLES = [ShrinkageSpec(), ShrinkageSpec(data="synthetic", seed=3.0, twin_rows=20.0, twin_lam=0.398, twin_scaled=False, rho=0.25)]


def rows(spec):
    from core.statistics.shrinkage.data import table

    found = table(spec)
    X, y = found.X - found.X.mean(axis=0), found.y - found.y.mean()
    return X / X.std(axis=0), y / y.std()


def fold_errors(spec, lam):
    """Mean squared error over folds of scikit-learn's elastic net, folds and standardisation written anew."""
    from sklearn.linear_model import ElasticNet
    from sklearn.preprocessing import StandardScaler

    from core.statistics.shrinkage.data import table

    found = table(spec)
    y = (found.y - found.y.mean()) / found.y.std()
    n, K = len(y), int(spec.folds)
    fold = np.random.default_rng([int(spec.seed), 1]).permutation(np.arange(n) % K)
    errors = []
    for k in range(K):
        scaler = StandardScaler().fit(found.X[fold != k])
        model = ElasticNet(alpha=lam * (2 - spec.rho), l1_ratio=spec.rho / (2 - spec.rho), tol=1e-9, max_iter=100_000)
        model.fit(scaler.transform(found.X[fold != k]), y[fold != k])
        errors.append(((y[fold == k] - model.predict(scaler.transform(found.X[fold == k]))) ** 2).mean())
    return float(np.mean(errors))


@pytest.mark.parametrize("spec", TABLES)
def test_the_elastic_net_keeps_as_many_weights_as_scikit_learns_where_its_own_folds_err_least(spec):
    from sklearn.linear_model import ElasticNet

    asked = ask(spec, "how many weights the elastic net keeps")
    lam = asked.show.lam
    X, y = rows(spec)
    model = ElasticNet(alpha=lam * (2 - spec.rho), l1_ratio=spec.rho / (2 - spec.rho), tol=1e-12, max_iter=1_000_000).fit(X, y)
    assert asked.truth == int((np.abs(model.coef_) > 1e-9).sum())
    here = fold_errors(spec, lam)
    assert all(here <= fold_errors(spec, lam * factor) + 1e-6 for factor in (0.7, 0.93, 1.07, 1.5))


@pytest.mark.parametrize("spec", TABLES)
def test_ridge_keeps_what_the_normal_equations_keep(spec):
    X, y = rows(spec)
    asked = ask(spec, "how many weights ridge keeps")
    w = np.linalg.solve(X.T @ X / len(y) + 2.0 * asked.show.lam * np.eye(X.shape[1]), X.T @ y / len(y))
    assert asked.truth == int((w != 0.0).sum()) == X.shape[1]


def twin_samples(spec, r):
    drawn = np.random.default_rng(11).normal(size=(400, 3, int(spec.twin_rows)))
    first, second = drawn[:, 0], drawn[:, 1]
    y = first + drawn[:, 2]
    X = np.stack([math.sqrt((1 + r) / 2) * first + side * math.sqrt((1 - r) / 2) * second for side in (1, -1)], axis=-1)
    X, y = X - X.mean(axis=1, keepdims=True), y - y.mean(axis=1, keepdims=True)
    return (X / X.std(axis=1, keepdims=True) if spec.twin_scaled else X * np.array([10.0, 10.0 / 2.54])), y


@pytest.mark.parametrize("spec", TABLES)
def test_twins_fare_as_with_scikit_learns_lasso(spec):
    from sklearn.linear_model import Lasso

    X, y = twin_samples(spec, 0.9)
    lasso = Lasso(alpha=spec.twin_lam, tol=1e-12, max_iter=1_000_000, fit_intercept=False)
    kept = np.array([np.abs(lasso.fit(each, target).coef_) > 1e-9 for each, target in zip(X, y, strict=True)])
    one = kept.sum(axis=1) == 1
    assert ask(spec, "how often lasso keeps one twin").truth == pytest.approx(100.0 * one.mean(), abs=0.51)
    if one.sum() >= 25:
        assert ask(spec, "which twin lasso keeps").truth == pytest.approx(100.0 * kept[one, 0].mean(), abs=1.0)


@pytest.mark.parametrize("spec", TABLES)
def test_correlation_inflates_the_variance_of_least_squares_as_numpys_has_it(spec):
    deviations = []
    for r in (0.9, 0.0):
        X, y = twin_samples(spec, r)
        unit = 1.0 / X.std(axis=1) if spec.twin_scaled else np.broadcast_to([10.0, 10.0 / 2.54], (400, 2))
        if spec.twin_scaled:  # effects are those of a standard deviation of the sample's own columns before they were standardised
            drawn = np.random.default_rng(11).normal(size=(400, 3, int(spec.twin_rows)))
            raw = math.sqrt((1 + r) / 2) * drawn[:, 0] + math.sqrt((1 - r) / 2) * drawn[:, 1]
            unit = np.stack([1.0 / raw.std(axis=1)] * 2, axis=1)
        w = np.array([np.linalg.lstsq(each, target, rcond=None)[0] for each, target in zip(X, y, strict=True)])
        deviations.append((w[:, 0] * unit[:, 0]).var(ddof=1))
    assert ask(spec, "how much variance correlation costs").truth == pytest.approx(deviations[0] / deviations[1], rel=1e-6)


# --------------------------------------------------------------------------------------------------------------- priors and MAP

BELIEFS = [PriorsSpec(), PriorsSpec(points="1,1.5;-1,-1.2;0.5,0.2", sigma=0.3, eps=0.316), PriorsSpec(points="none")]


def posterior(spec, scale):
    """The slope's density under a Laplace prior on a fine grid, by brute force."""
    w = np.linspace(-6.0, 6.0, 2_400_001)
    x, y = spec.data[:, 0], spec.data[:, 1]
    log = -np.abs(w) * math.sqrt(2.0) / scale
    for a, b in zip(x, y, strict=True):
        log = log - (b - a * w) ** 2 / (2.0 * spec.sigma**2)
    density = np.exp(log - log.max())
    return w, density / density.sum(), log


@pytest.mark.parametrize("spec", BELIEFS[:2])
def test_lambda_makes_the_penalised_minimum_the_highest_place_of_the_posterior(spec):
    asked = ask(spec, "which lambda a Laplace prior is")
    w, _, log = posterior(spec, asked.show.scale)
    x, y = spec.data[:, 0], spec.data[:, 1]
    objective = sum((b - a * w) ** 2 for a, b in zip(x, y, strict=True)) / (2.0 * len(x)) + asked.truth * np.abs(w)
    np.testing.assert_allclose(-log * spec.sigma**2 / len(x), objective, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("spec", BELIEFS)
def test_mode_and_mean_are_those_of_a_grid_and_no_sample_is_zero(spec):
    asked = ask(spec, "mode and mean")
    w, density, log = posterior(spec, asked.show.scale)
    mode, mean = abs(w[log.argmax()]) < 1e-9, abs(float(w @ density)) < 1e-9
    assert asked.truth == {(True, True): "both", (True, False): "mode", (False, False): "neither"}[(mode, mean)]
    assert ask(spec, "samples that are exactly zero").truth == 0.0


@pytest.mark.parametrize("spec", BELIEFS)
def test_a_laplace_priors_belief_near_zero_is_its_distribution_function(spec):
    asked = ask(spec, "which prior believes in small weights")
    assert asked.truth == pytest.approx(100.0 * (1.0 - math.exp(-spec.eps * math.sqrt(2.0) / asked.show.scale)), rel=1e-4)
    gaussian = 100.0 * (2.0 * norm.cdf(spec.eps / asked.show.scale) - 1.0)
    assert float(re.search(r"same deviation has ([\d.]+) %", asked.reason)[1]) == pytest.approx(gaussian, rel=0.01)


# ----------------------------------------------------------------------------------------------------------- bias and variance

TRADES = [BiasVarianceSpec(), BiasVarianceSpec(truth="parabola", points=20.0, noise=0.5, size=9.0, seed=4.0)]
FINE = np.linspace(-1.0, 1.0, 2001)


def fits(spec, size, lam):
    """(400, 2001) fits by the normal equations, on training sets drawn from the same numbers."""
    n = int(spec.points)
    x = np.linspace(-1.0, 1.0, n)
    from core.statistics.bias_variance.truths import TRUTHS

    truth = TRUTHS[spec.truth].value
    y = truth(x) + spec.noise * np.random.default_rng([int(spec.seed), n, 1]).normal(size=(400, n))

    def design(at):
        return np.polynomial.legendre.legvander(at, size)[:, 1:] * np.sqrt(2 * np.arange(1, size + 1) + 1.0)

    X = design(x)
    middle = X.mean(axis=0)
    A = np.concatenate([(X - middle) / math.sqrt(n), math.sqrt(2.0 * lam) * np.eye(size)])
    target = np.concatenate([((y - y.mean(axis=1, keepdims=True)) / math.sqrt(n)).T, np.zeros((size, 400))])
    w = np.linalg.lstsq(A, target, rcond=None)[0] if size else np.zeros((0, 400))
    return (y.mean(axis=1) + (design(FINE) - middle) @ w).T, truth(FINE)


def error(spec, size, lam):
    found, true = fits(spec, size, lam)
    return ((found - true) ** 2).mean(axis=1)


@pytest.mark.parametrize("spec", TRADES)
def test_the_best_degree_is_that_of_the_least_error_of_400_fits(spec):
    totals = [error(spec, size, 0.0).mean() for size in range(min(16, int(spec.points) - 1))]
    asked = ask(spec, "which size errs least")
    assert asked.truth == int(np.argmin(totals))


@pytest.mark.parametrize("spec", TRADES)
def test_what_ridge_saves_is_what_the_normal_equations_save(spec):
    asked = ask(spec, "what a penalty saves")
    size, lam = int(spec.size), asked.show.lam
    free, held = error(spec, size, 0.0), error(spec, size, lam)
    noise = spec.noise**2
    assert asked.truth == pytest.approx(100.0 * (held.mean() + noise) / (free.mean() + noise), rel=2e-3)
    for other in (0.6 * lam, 1.7 * lam):
        assert error(spec, size, other).mean() >= held.mean() - 1e-6
    found, true = fits(spec, size, lam)
    variance = found.var(axis=0, ddof=1).mean()
    parts = {"bias": ((found.mean(axis=0) - true) ** 2).mean() - variance / 400, "variance": variance, "noise": noise}
    assert ask(spec, "what the error is made of").truth == max(parts, key=parts.get)
    assert ask(spec, "how many sets the penalty serves").truth == pytest.approx(100.0 * (held < free).mean(), abs=0.3)


# -------------------------------------------------------------------------------------------------------------------- training

NETWORKS = [
    TrainingLabSpec(),
    TrainingLabSpec(data="diabetes", units=8.0, layers=3.0, batch_norm=True, lam=0.01, lr=0.1, batch="32", split=0.35, epochs=100.0),
    TrainingLabSpec(data="digits", layers=1.0, batch="64", dropout=0.25, points=40.0),
]


@pytest.mark.parametrize("spec", NETWORKS)
def test_parameters_are_counted_in_torch_modules(spec):
    torch = pytest.importorskip("torch")
    sizes = {"moons": (2, 1), "diabetes": (10, 1), "digits": (64, 10)}[spec.data]
    layers, into = [], sizes[0]
    for _ in range(int(spec.layers)):
        layers += [torch.nn.Linear(into, int(spec.units)), *([torch.nn.BatchNorm1d(int(spec.units))] if spec.batch_norm else [])]
        into = int(spec.units)
    layers.append(torch.nn.Linear(into, sizes[1]))
    assert ask(spec, "how many parameters").truth == sum(each.numel() for each in torch.nn.Sequential(*layers).parameters())
    assert ask(spec, "how many thinned networks").truth == int(spec.layers) * int(spec.units)


@pytest.mark.parametrize("spec", NETWORKS)
def test_steps_are_the_batches_that_training_really_takes(spec):
    from core.datasets import DATASETS
    from core.networks.draws import batches

    spec = spec if spec.batch != "all" else spec.replace(batch="16")
    training = spec.training()
    sample = DATASETS[training.data].draw(training.points, training.noise, training.split, training.data_seed)
    count = len(list(batches(len(sample.train_targets), training.batch)))
    assert ask(spec, "how many gradient steps").truth == count * spec.epochs


@pytest.mark.parametrize("spec", NETWORKS)
def test_the_prox_reaches_as_far_as_a_minimum_by_scan(spec):
    truth = ask(spec, "how far L1's prox reaches").truth
    lam = spec.lam or 0.01
    for share, gone in ((0.99, True), (1.01, False)):
        v = share * truth
        w = np.linspace(-v, 2 * v, 300_001)
        w[np.abs(w).argmin()] = 0.0
        best = w[(0.5 * (w - v) ** 2 + spec.lr * lam * np.abs(w)).argmin()]
        assert bool(abs(best) < 1e-3 * v) is gone


@pytest.mark.parametrize("spec", NETWORKS)
def test_weight_decay_has_the_slope_of_the_penalty_beside_torchs_own_loss(spec):
    torch = pytest.importorskip("torch")
    lam, truth = spec.lam or 0.01, ask(spec, "which weight_decay").truth
    # One weight, one point x = 1, y = 2: the minimum of the lab's loss with the penalty has no slope under torch's loss with weight_decay.
    w = torch.tensor(2.0 / (1.0 + 2.0 * lam), dtype=torch.float64, requires_grad=True)
    if spec.data == "diabetes":
        torch.nn.functional.mse_loss(w, torch.tensor(2.0, dtype=torch.float64)).backward()
        assert float(w.grad) + truth * w.item() == pytest.approx(0.0, abs=1e-12)
    else:
        assert truth == pytest.approx(2.0 * lam)


# --------------------------------------------------------------------------------------------------------------------- dropout

DROPS = [DropoutSpec(), DropoutSpec(units=25.0, masks="row", ensemble=9.0, kind="linear", rows=4.0)]


@pytest.mark.parametrize("spec", DROPS)
def test_a_sum_of_scaled_units_swings_as_random_masks_make_it(spec):
    live = np.random.default_rng(5).random((40_000, int(spec.units))) >= 0.8
    assert ask(spec, "how much a sum of units swings").truth == pytest.approx((live / 0.2).sum(axis=1).std(), rel=0.02)
    assert ask(spec, "how many thinned networks").truth == len(list(itertools.product((0, 1), repeat=int(spec.ensemble))))


@pytest.mark.parametrize("spec", DROPS)
def test_connections_that_learn_are_those_that_autograd_finds(spec):
    torch = pytest.importorskip("torch")
    from core.dropout.flowers import flowers
    from core.dropout.thinned import SIZES, solve
    from core.specs.dropout import rates

    X, species = (torch.tensor(np.asarray(each)) for each in flowers())
    result, at = solve(spec), int(np.abs(rates() - 0.5).argmin())
    shares = []
    for t in range(40):
        flat, layers, start = torch.tensor(result.weights[at, t]), [], 0
        for a, b in itertools.pairwise(SIZES):
            w = flat[start : start + a * b].reshape(a, b).clone().requires_grad_()
            layers.append((w, flat[start + a * b : start + (a + 1) * b]))
            start += (a + 1) * b
        h = X[result.rows[t]].double()
        lives, place = torch.tensor(result.lives[at, t]).double(), 0
        for i, (w, b) in enumerate(layers):
            h = h @ w + b
            if i < len(layers) - 1:
                h = torch.tanh(h) * lives[:, place : place + SIZES[i + 1]] / 0.5
                place += SIZES[i + 1]
        torch.nn.functional.cross_entropy(h, species[result.rows[t]].long()).backward()
        gradients = torch.cat([w.grad.ravel() for w, _ in layers])
        shares.append(float((gradients != 0).double().mean()))
    assert ask(spec, "how many connections learn").truth == pytest.approx(100.0 * np.mean(shares), abs=0.5)


@pytest.mark.parametrize("spec", DROPS)
def test_the_diagonal_grows_as_the_square_of_a_mask_does_on_average(spec):
    p = 0.8
    square = sum((p if not alive else 1 - p) * (alive / (1 - p)) ** 2 for alive in (0, 1))
    assert ask(spec, "what least squares feels of dropout").truth == pytest.approx(square)


def raw(study):
    outcomes = shipped(study)
    assert outcomes is not None
    return outcomes


@pytest.mark.parametrize("spec", DROPS)
def test_cosines_and_gaps_are_those_of_the_raw_measurements(spec):
    from core.dropout.noise import GradientNoise
    from core.dropout.thinning import Thinning

    (part,) = raw(GradientNoise())
    at = np.array(part.measured(0)["masks"]).reshape(10, 8)[6]
    assert ask(spec, "how alike two masks' gradients are").truth == pytest.approx(at.mean(), rel=1e-6)
    place = {"linear": 0, "one": 1, "two": 2}[spec.kind] * 12 + int(spec.ensemble) - 1
    gap = raw(Thinning())[place].measured(0)["average_gap"][32]  # p = 0.8 is the 33rd of 39 from 0 to 0.95
    assert ask(spec, "how wrong the scaled network is").truth == pytest.approx(100.0 * float(gap), rel=1e-5, abs=1e-9)


# ------------------------------------------------------------------------------------------------------------------ batch norm

NORMS = [BatchNormSpec(), BatchNormSpec(activation="tanh", layers=2.0)]


@pytest.mark.parametrize("spec", NORMS)
def test_the_gain_in_rate_is_that_of_the_raw_curves(spec):
    (part,) = raw(spec.sweep())
    ends = np.asarray(part.curves["train_loss"], dtype=float)[:, -1].reshape(19, int(spec.seeds), 2)
    trains = ends < 0.5 * math.log(2.0)
    rates = np.geomspace(1e-2, 10**1.5, 19)
    best = np.array([[max((rates[r] for r in range(19) if trains[r, s, k]), default=np.nan) for k in range(2)] for s in range(int(spec.seeds))])
    assert ask(spec, "how much faster one may go").truth == pytest.approx(np.nanmedian(best[:, 1] / best[:, 0]), rel=0.01)


def test_the_share_of_the_map_is_that_of_the_raw_curves():
    spec = BatchNormSpec()
    (part,) = raw(spec.map())
    ends = np.asarray(part.curves["train_loss"], dtype=float)[:, -1].reshape(12, 9, 3, 2)
    assert ask(spec, "how much of the map trains").truth == pytest.approx(100.0 * (ends[..., 1] < 0.5 * math.log(2.0)).mean(), abs=1e-9)


@pytest.mark.parametrize("seed", [0.0, 5.0])
def test_curvature_falls_with_the_square_of_the_length(seed):
    asked = ask(BatchNormSpec(seed=seed), "curvature of longer weights")
    assert asked.truth == pytest.approx(1.0 / asked.show.c**2, rel=1e-3)


def test_decay_sharpens_in_the_raw_eigenvalues():
    spec = BatchNormSpec()
    (part,) = raw(spec.decay())
    tops = np.concatenate([np.asarray(found["top"], dtype=float) for found in part.measures if "top" in found]).reshape(7, 5, 2)
    change = np.log10(tops[-1, :, 1] / tops[0, :, 1])
    from scipy.stats import ttest_1samp

    sure = ttest_1samp(change, 0.0).pvalue < 0.05
    assert ask(spec, "what weight decay does to sharpness").truth == ("unclear" if not sure else "sharper" if change.mean() > 0 else "flatter")


# ------------------------------------------------------------------------------------------------------- flat and sharp minima


def test_rescaling_multiplies_the_raw_top_eigenvalue():
    from core.flatness.rescaling import NUMBERS

    spec = FlatAndSharpSpec()
    relu = np.concatenate([np.asarray(found["numbers"], dtype=float) for found in raw(spec.rescaling())[0].measures])
    tops = relu[:, NUMBERS.index("top")]
    assert ask(spec, "the same function, scaled").truth == pytest.approx(tops[37] / tops[20], rel=1e-9)


@pytest.mark.parametrize("spec", [FlatAndSharpSpec(), FlatAndSharpSpec(draw=1.0, measure="filter")])
def test_the_rank_correlation_is_scipys(spec):
    from core.flatness.families import NUMBERS

    ends = []
    for part, outcome in zip(spec.families().parts(), raw(spec.families()), strict=True):
        last = [found["numbers"] for measure, found in zip(part.measures, outcome.measures, strict=True) if measure.epoch == 400]
        ends.append(np.concatenate(last).astype(float))
    numbers = np.concatenate(ends)
    measure = numbers[:, NUMBERS.index(spec.measure)]
    gap = numbers[:, NUMBERS.index("val")] - numbers[:, NUMBERS.index("train")]
    assert ask(spec, "whether flat means good").truth == pytest.approx(spearmanr(measure, gap).statistic, abs=1e-9)


def test_the_mean_shift_is_the_share_of_weights_among_the_parameters():
    spec = FlatAndSharpSpec()
    weights, every = 2 * 16 + 16 * 16 + 16, 2 * 16 + 16 * 16 + 16 + 33
    assert ask(spec, "how far eigenvalues move without biases").truth == pytest.approx(100.0 * weights / every, abs=0.05)


def test_the_new_minimum_is_flatter_in_the_raw_spectra():
    spec = FlatAndSharpSpec()
    (outcome,) = raw(spec.minima())
    tops = np.concatenate([np.asarray(found["spectrum"], dtype=float) for found in outcome.measures if found is not None and "spectrum" in found])[
        :, -1
    ]
    ratio = tops[9] / tops[0]
    assert ask(spec, "where the penalised minimum lies").truth == ("flatter" if ratio < 0.9 else "sharper" if ratio > 1.1 else "same")


# --------------------------------------------------------------------------------------------------------------- the right mix

MIXES = [RightMixSpec(), RightMixSpec(data="breast_cancer", searches=3.0)]


def maps(spec):
    """(6, 16, 16) validation losses of the raw outcomes, capped as what diverged counts."""
    ends = [np.asarray(outcome.curves["val_loss"], dtype=float)[:, -1] for outcome in raw(spec.map("lam_p"))]
    ignorance = math.log(2.0)
    found = np.concatenate(ends).reshape(6, 16, 16)
    return np.minimum(np.where(np.isfinite(found), found, np.inf), 10.0 * ignorance)


@pytest.mark.parametrize("spec", MIXES)
def test_the_maps_say_what_a_paired_t_interval_of_the_raw_losses_says(spec):
    from scipy.stats import t

    loss = maps(spec)
    row, column = np.unravel_index(loss.mean(axis=0).argmin(), (16, 16))
    apart = loss - loss[:, row, column][:, None, None]
    half = t.ppf(0.975, 5) * apart.std(axis=0, ddof=1) / math.sqrt(6)
    alike = apart.mean(axis=0) <= half
    alike[row, column] = True
    assert ask(spec, "how wide the optimum is").truth == alike.sum()
    moved = []
    for i in range(6):
        best = np.delete(loss, i, axis=0).mean(axis=0).min(axis=1).argmin()
        moved.append(int(loss[i, best].argmin()) - int(loss[i, 0].argmin()))
    interval = t.ppf(0.975, 5) * np.std(moved, ddof=1) / math.sqrt(6)
    sign = 0 if abs(np.mean(moved)) <= interval else np.sign(np.mean(moved))
    assert ask(spec, "which penalty goes with dropout").truth == {0: "unclear", 1: "higher", -1: "lower"}[int(sign)]


@pytest.mark.parametrize("spec", MIXES)
def test_searches_deliver_and_promise_what_their_raw_trials_say(spec):
    import json

    seen: dict[tuple[int, int], list[float]] = {}
    delivered: dict[tuple[int, int], float] = {}
    random_trials = []
    for outcome in raw(spec.search_study()):
        note = json.loads(outcome.note)
        ends = np.asarray(outcome.curves["val_loss"], dtype=float)[:, -1].reshape(len(note["now"]), -1)
        ends = np.minimum(np.where(np.isfinite(ends), ends, np.inf), 10.0 * math.log(2.0)).mean(axis=1)
        for (seed, _, place), loss in zip(note["now"], ends, strict=True):
            if note["fresh"]:
                delivered[note["lane"], seed] = float(loss)
            else:
                seen.setdefault((note["lane"], seed), []).append(float(loss))
                if note["lane"] == 2:
                    random_trials.append((place, float(loss)))
    means = [np.mean([delivered[lane, seed] for seed in range(int(spec.searches))]) for lane in range(4)]
    assert ask(spec, "which search wins").truth == ("grid", "single", "random", "bayesian")[int(np.argmin(means))]
    ratios = [delivered[key] / min(seen[key]) - 1.0 for key in delivered]
    assert ask(spec, "what a search promises").truth == pytest.approx(100.0 * np.median(ratios), rel=1e-6)
    # The share of the variance of the losses' ranks between the values of each setting, in at most six groups, less chance.
    keys = ("lr", "lam", "dropout", "penalty", "rule", "batch_norm", "units")
    sizes = [1 + max(place[i] for place, _ in random_trials) for i in range(len(keys))]
    from core.right_mix.settings import SETTINGS

    ranks = rankdata([loss for _, loss in random_trials])
    shares = {}
    for i, key in enumerate(keys):
        size = len(SETTINGS[key].values)
        assert sizes[i] <= size
        groups = [min(6, size) * place[i] // size for place, _ in random_trials]
        between = sum(
            len(own) * (np.mean(own) - ranks.mean()) ** 2 for g in set(groups) if (own := [r for r, h in zip(ranks, groups, strict=True) if h == g])
        )
        total = ((ranks - ranks.mean()) ** 2).sum()
        n, k = len(ranks), len(set(groups))
        shares[key] = 1.0 - (total - between) / (n - k) / (total / (n - 1))
    assert ask(spec, "which setting matters").truth == max(shares, key=shares.get)


def test_every_question_has_been_checked():
    """The last of the file: whoever adds a question adds an oracle."""
    every = {(page, each.name) for page in lessons.STORIES for each in lessons.questions(page)}
    if len(CHECKED) < len(every) // 2:
        pytest.skip("only some tests of this file were run")
    assert every - CHECKED == set()
