"""Families of runs: against runs written out one by one, closed forms on quadratics, and the end points that theory names."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.descent import TREATMENTS, descend, ends
from core.errors import InvalidInput
from core.optimizers import RULES, SGD, Adam, AdamW
from core.penalties import L1, L2, ElasticNet
from core.quadratic import Quadratic
from core.regularized import penalized
from core.surfaces import SURFACES, parse_surface

# 1/2 (w - c)' H (w - c) of MATHS: H = [[1, .6], [.6, 2]], c = (8, 1).
BOX = parse_surface("(w1 - 8)**2 / 2 + 0.6*(w1 - 8)*(w2 - 1) + (w2 - 1)**2")
BOX_PROBLEM = Quadratic(np.array([[1.0, 0.6], [0.6, 2.0]]), np.array([8.0, 1.0]))
BOWL = parse_surface("w1**2 / 2 + w2**2 / 20")


def written_out(rule, gradient, start, lr, steps, penalty, lam, treatment):
    """One run, step by step, as MATHS.md words each treatment."""
    x, state, path, dead = (
        np.array(start, dtype=float),
        rule.init(np.array(start, dtype=float)),
        [np.array(start, dtype=float)],
        np.zeros(2, dtype=bool),
    )
    for _ in range(steps):
        at = rule.lookahead(x, state)
        slope = gradient(at)
        if treatment in ("subgradient", "clamped"):
            slope = slope + lam * penalty.gradient(at)
        new, state = rule.step(x, slope, state, lr)
        if treatment == "decoupled":
            new = new - lr * lam * penalty.gradient(x)
        if treatment == "proximal":
            metric = np.broadcast_to(rule.metric(state), (2,))
            new = np.array([float(penalty.prox([new[i]], lr * lam * metric[i])[0]) for i in range(2)])
        if treatment == "clamped" and lam * penalty.l1 > 0:
            dead |= np.sign(x) * np.sign(new) < 0
            new = np.where(dead, 0.0, new)
        x = new
        path.append(x)
    return np.array(path)


@pytest.mark.parametrize("treatment", TREATMENTS)
@pytest.mark.parametrize("key", RULES)
def test_a_family_is_its_members_run_one_by_one(key, treatment):
    surface, penalty = SURFACES["six_hump_camel"], ElasticNet(0.4)
    rng = np.random.default_rng(1)
    start, lr, lam = rng.uniform(-1, 1, (5, 2)), np.geomspace(1e-3, 0.03, 5), np.linspace(0, 0.8, 5)
    family = descend(surface, RULES[key](), start, lr, 40, penalty, lam, treatment)
    for i in range(5):
        alone = written_out(RULES[key](), surface.gradient, start[i], lr[i], 40, penalty, lam[i], treatment)
        np.testing.assert_allclose(family.x[i], alone, rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(family.loss[i], surface.value(alone), rtol=1e-9, atol=1e-11)
        np.testing.assert_allclose(family.objective[i], surface.value(alone) + lam[i] * penalty.value(alone), rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("treatment", TREATMENTS)
@pytest.mark.parametrize("key", RULES)
def test_ends_are_the_last_points_of_trajectories(key, treatment):
    for noise in (0.0, 0.3):
        given = {
            "start": (-1.0, 1.5),
            "lr": np.geomspace(1e-4, 3.0, 9),
            "steps": 60,
            "penalty": L1(),
            "lam": 0.2,
            "treatment": treatment,
            "noise": noise,
            "seed": 3,
        }
        whole, last = descend(SURFACES["rosenbrock"], RULES[key](), **given), ends(SURFACES["rosenbrock"], RULES[key](), **given)
        np.testing.assert_array_equal(last.x, whole.x[:, -1])
        np.testing.assert_array_equal(last.objective, whole.objective[:, -1])
        np.testing.assert_array_equal(last.diverged, whole.status == "diverged")


@pytest.mark.parametrize("treatment", ["subgradient", "proximal", "decoupled"])
def test_sgd_ends_at_the_ridge_point_under_every_treatment(treatment):
    expected = np.linalg.solve(BOX_PROBLEM.hessian + 2 * 0.3 * np.eye(2), BOX_PROBLEM.hessian @ BOX_PROBLEM.centre)
    run = descend(BOX, SGD(), (0.0, 0.0), 0.3, 400, L2(), 0.3, treatment)
    np.testing.assert_allclose(run.x[0, -1], expected, rtol=1e-10)
    assert run.status[0] == "converged"
    assert run.gradient_norm[0, -1] < 1e-8


@pytest.mark.parametrize("rule", [SGD(), RULES["fista"]()], ids=["ISTA", "FISTA"])
@pytest.mark.parametrize("penalty", [L1(), ElasticNet(0.5), L2()], ids=str)
def test_proximal_descent_ends_at_the_exact_penalised_minimum_zeros_included(rule, penalty):
    lam = np.linspace(0.0, 27.0, 28)
    exact = penalized(BOX_PROBLEM, penalty, lam)
    run = descend(BOX, rule, (-3.0, 3.0), 0.4, 3000, penalty, lam, "proximal")
    np.testing.assert_allclose(run.x[:, -1], exact.w, atol=1e-7)
    np.testing.assert_array_equal(run.x[:, -1] == 0.0, exact.w == 0.0)
    assert set(run.status) == {"converged"}
    assert penalty.l1 == 0 or (exact.w == 0.0).any()


def test_subgradient_steps_almost_never_give_an_exact_zero_and_proximal_steps_do():
    starts = np.random.default_rng(5).uniform(-2, 2, (200, 2))
    lam = 6.0
    assert (penalized(BOX_PROBLEM, L1(), lam).w == 0.0).sum() == 1
    bouncing = descend(BOX, SGD(), starts, 0.05, 800, L1(), lam, "subgradient")
    proximal = descend(BOX, SGD(), starts, 0.05, 800, L1(), lam, "proximal")
    assert (bouncing.x[:, -50:] == 0.0).sum() == 0
    assert (proximal.x[:, -1, 1] == 0.0).all()
    signs = np.sign(bouncing.x[:, -50:, 1])
    assert (np.abs(np.diff(signs, axis=1)) == 2).sum(axis=1).min() >= 5, "it bounces across the axis"


def test_a_clamped_weight_stays_dead_where_a_proximal_one_comes_back():
    # The second weight starts on the wrong side of zero: its minimum is at +1, the start at -1.
    clamped = descend(BOX, SGD(), (8.0, -1.0), 0.1, 300, L1(), 0.01, "clamped")
    proximal = descend(BOX, SGD(), (8.0, -1.0), 0.1, 300, L1(), 0.01, "proximal")
    assert clamped.x[0, -1, 1] == 0.0
    assert proximal.x[0, -1, 1] > 0.9
    assert "not to a minimum" in clamped.message[0]


def test_adam_with_decay_ends_at_the_ridge_point_and_adamw_at_the_minimum_over_a_box():
    adam = descend(BOX, Adam(weight_decay=0.25), (0.0, 0.0), 0.01, 20000)
    ridge = np.linalg.solve(BOX_PROBLEM.hessian + 0.25 * np.eye(2), BOX_PROBLEM.hessian @ BOX_PROBLEM.centre)
    np.testing.assert_allclose(adam.x[0, -1], ridge, atol=1e-4)
    adamw = descend(BOX, AdamW(weight_decay=0.25), (0.0, 0.0), 0.002, 40000)
    np.testing.assert_allclose(adamw.x[0, -1], (4.0, 2.2), atol=0.02)


def test_with_noise_adamw_ends_near_the_ridge_point_of_wd_sigma_over_two():
    sigma, wd = 10.0, 0.1
    run = ends(BOX, AdamW(weight_decay=wd), np.zeros((400, 2)), 0.01, 6000, noise=sigma, seed=11)
    ridge = np.linalg.solve(BOX_PROBLEM.hessian + wd * sigma * np.eye(2), BOX_PROBLEM.hessian @ BOX_PROBLEM.centre)
    error = 3 * run.x.std(axis=0) / np.sqrt(400)
    assert (np.abs(run.x.mean(axis=0) - ridge) < error + 0.05 * np.abs(ridge).max()).all(), (run.x.mean(axis=0), ridge, error)


def test_noise_of_a_member_depends_on_its_seed_alone():
    few = descend(BOWL, SGD(), np.zeros((3, 2)), 0.1, 20, noise=1.0, seed=4)
    many = descend(BOWL, SGD(), np.zeros((7, 2)), 0.1, 20, noise=1.0, seed=4)
    np.testing.assert_array_equal(few.x, many.x[:3])
    assert len(np.unique(many.x[:, -1, 0])) == 7
    twins = descend(BOWL, SGD(), (1.0, 1.0), 0.1, 20, noise=1.0, seed=[5, 6, 5])
    np.testing.assert_array_equal(twins.x[0], twins.x[2])
    assert not np.array_equal(twins.x[0], twins.x[1])


def test_noise_has_the_deviation_that_was_asked_for():
    flat = parse_surface("0*w1")
    run = descend(flat, SGD(), np.zeros((500, 2)), 1.0, 20, noise=0.7, seed=0)
    assert np.diff(run.x, axis=1).std() == pytest.approx(0.7, rel=0.02)


def test_divergence_is_a_status_with_a_reason_and_finite_numbers():
    run = descend(BOWL, SGD(), (1.0, 1.0), [0.5, 2.5, 1e9], 400)
    assert list(run.status) == ["converged", "diverged", "diverged"]
    assert "|1 - 2.5| = 1.5 > 1" in run.message[1]
    assert "below 2." in run.message[1]
    for each in (run.x, run.loss, run.objective, run.gradient_norm):
        assert np.isfinite(each).all()
    assert run.steps[2] == 0
    np.testing.assert_array_equal(run.x[2], np.ones((401, 2)))


def test_a_loss_without_a_floor_is_named_as_the_reason():
    run = descend(SURFACES["saddle"], SGD(), (1.0, 0.1), 0.1, 2000, L2(), 0.01)
    assert run.status[0] == "diverged"
    assert "without bound" in run.message[0]
    held = descend(SURFACES["saddle"], SGD(), (1.0, 0.1), 0.1, 4000, L2(), 5.0)
    assert held.status[0] == "converged"


def test_a_tiny_rate_is_running_and_not_converged():
    run = descend(BOWL, SGD(), (1.0, 1.0), [1e-12, 0.0], 50)
    assert set(run.status) == {"running"}
    assert "rate of 0" in run.message[1]


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(sorted(SURFACES)),
    st.sampled_from(sorted(RULES)),
    st.sampled_from(TREATMENTS),
    st.sampled_from([None, L1(), L2(), ElasticNet(0.5)]),
    st.sampled_from([0.0, 1e-6, 0.1, 1.0, 1e3]),
    st.sampled_from([0.0, 0.1, 1e4]),
    st.sampled_from([0.0, 1.0, 1e3]),
)
def test_every_number_is_finite_whatever_is_asked(surface, rule, treatment, penalty, lr, lam, noise):
    run = descend(SURFACES[surface], RULES[rule](), SURFACES[surface].start, lr, 30, penalty, lam, treatment, noise, 1)
    for each in (run.x, run.loss, run.objective, run.gradient_norm):
        assert np.isfinite(each).all()
    assert set(run.status) <= {"converged", "running", "diverged"}
    assert all(len(words) > 20 for words in run.message)


def test_hyperparameters_are_a_family_too():
    run = descend(BOX, AdamW(weight_decay=np.array([0.0, 0.25])), (0.0, 0.0), 0.05, 30)
    for i, decay in enumerate((0.0, 0.25)):
        np.testing.assert_allclose(run.x[i], descend(BOX, AdamW(weight_decay=decay), (0.0, 0.0), 0.05, 30).x[0], rtol=1e-13)


BAD = [
    ({"start": (1.0, 2.0, 3.0)}, "start"),
    ({"start": (np.nan, 0.0)}, "start"),
    ({"lr": -0.1}, "lr"),
    ({"lr": [[0.1]]}, "lr"),
    ({"lam": np.inf, "penalty": L2()}, "lam"),
    ({"steps": 0}, "steps"),
    ({"steps": 2.5}, "steps"),
    ({"treatment": "magic"}, "treatment"),
    ({"noise": -1.0}, "noise"),
    ({"seed": -1}, "seed"),
    ({"seed": 0.5}, "seed"),
    ({"lr": [0.1, 0.2], "lam": [0.1, 0.2, 0.3], "penalty": L2()}, "members"),
]


@pytest.mark.parametrize(("change", "named"), BAD, ids=str)
def test_bad_arguments_are_refused_by_name(change, named):
    given = {"start": (1.0, 1.0), "lr": 0.1, "steps": 5} | change
    with pytest.raises(InvalidInput, match=named):
        descend(BOWL, SGD(), **given)


def test_thousands_of_ends_are_found_block_by_block_with_every_family_cut_alike():
    k = 2500
    rng = np.random.default_rng(8)
    decay = rng.uniform(0, 0.5, k)
    given = {
        "start": rng.uniform(-2, 2, (k, 2)),
        "lr": rng.uniform(0, 0.01, k),
        "steps": 12,
        "penalty": L1(),
        "lam": rng.uniform(0, 1, k),
        "noise": 0.1,
        "seed": 2,
    }
    last = ends(SURFACES["rosenbrock"], AdamW(weight_decay=decay), **given)
    np.testing.assert_array_equal(last.x, descend(SURFACES["rosenbrock"], AdamW(weight_decay=decay), **given).x[:, -1])


@pytest.mark.parametrize("key", ["sgd", "momentum", "nesterov", "rmsprop", "adam", "fista"])
@pytest.mark.parametrize("penalty", [L1(), L2(), ElasticNet(0.5)], ids=str)
def test_proximal_steps_of_every_rule_end_at_the_penalised_minimum(key, penalty):
    """Also those of momentum: the prox is taken in the rule's own scaling, the sum of the weights of its buffer."""
    lam, rates = 1.5, {"sgd": 0.3, "momentum": 0.05, "nesterov": 0.05, "rmsprop": 2e-3, "adam": 0.002, "fista": 0.3}
    exact = penalized(BOX_PROBLEM, penalty, lam).w[0]
    given = ((exact + 0.5), rates[key], 12000, penalty, lam, "proximal")
    np.testing.assert_allclose(ends(BOX, RULES[key](weight_decay=0.0), *given).x[0], exact, atol=2e-3)


def test_decay_beside_momentum_ends_where_lambda_is_less():
    """Loshchilov and Hutter's SGDW too: the buffer sums gradients to 1 / (1 - 0.9) of one, the decay beside it stays as it is."""
    run = descend(BOX, RULES["momentum"](), (0.0, 0.0), 0.02, 4000, L2(), 1.0, "decoupled")
    np.testing.assert_allclose(run.x[0, -1], penalized(BOX_PROBLEM, L2(), 0.1).w[0], rtol=1e-6)
    assert "not to a minimum" in run.message[0]


def test_the_clamp_acts_only_where_l1_pulls():
    start = (8.0, -1.0)
    for penalty, lam in ((L1(), 0.0), (L2(), 0.01), (None, 0.0)):
        plain, clamped = (descend(BOX, SGD(), start, 0.1, 60, penalty, lam, treatment).x for treatment in ("subgradient", "clamped"))
        np.testing.assert_array_equal(clamped, plain)
    family = descend(BOX, SGD(), start, 0.1, 300, L1(), [0.0, 0.01], "clamped")
    assert family.x[0, -1, 1] > 0.9
    assert family.x[1, -1, 1] == 0.0
