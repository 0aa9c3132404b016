"""Adam and AdamW: every run is the descent that it names, and every end point is found again by other means."""

import numpy as np
import pytest
from scipy.optimize import lsq_linear, minimize

from core.adam_and_adamw import FRAMES, chosen_bowl, decay_axis, follow, frames, rule_of, solve
from core.bowls import PATIENTS, QuadraticForm, bowl, diabetes_bowl, named_bowl, no_data, window_of
from core.datasets import diabetes
from core.decay_ends import arc_points, box_points, ridge_points
from core.descent import descend
from core.errors import InvalidInput
from core.optimizers import AdamW
from core.quadratic import Quadratic
from core.specs import ADAM_AND_ADAMW_PRESETS, AdamAndAdamWSpec
from core.specs.adam_and_adamw import TRIO
from core.surfaces.formula import expression
from core.surfaces.surface import Formula

H, C = np.array([[1.0, 0.6], [0.6, 2.0]]), np.array([8.0, 1.0])
DECAYS = np.linspace(0.0, 1.0, 31) ** 2
DEFAULT = AdamAndAdamWSpec()
AT = 15  # the member with weight_decay 0.25


@pytest.fixture(scope="module")
def default():
    return solve(DEFAULT)


def problems(count=40):
    rng = np.random.default_rng(3)
    for _ in range(count):
        rows = rng.normal(size=(3, 2))
        yield Quadratic(rows.T @ rows / 3 + 0.02 * np.eye(2), rng.normal(size=2) * 10 ** rng.uniform(-1, 1.2))


# ------------------------------------------------------------------------------------------------ losses


@pytest.mark.parametrize("made", [lambda: bowl(H, C, 0.6), lambda: diabetes_bowl(8, 5), lambda: named_bowl("rotated_ravine", 40.0, 0.5), no_data])
def test_a_bowl_is_the_quadratic_that_its_formula_says(made):
    found = made()
    points = np.random.default_rng(0).normal(size=(200, 2)) * 3
    for quadratic in (found.train, found.unseen):
        form = QuadraticForm(quadratic)
        written = Formula(form.formula)
        expression(form.formula)
        for ours, theirs in zip(form.functions, written.functions, strict=True):
            np.testing.assert_allclose(ours(points), theirs(points), rtol=1e-9, atol=1e-9)
        away = points - quadratic.centre
        np.testing.assert_allclose(form.functions[1](points), away @ quadratic.hessian, atol=1e-12)
        assert "pmatrix" in form.latex
        assert form.javascript
    low, high = found.surface.bounds.T
    assert ((low <= found.surface.start) & (found.surface.start <= high)).all()
    assert ((low <= found.train.centre) & (found.train.centre <= high)).all()
    assert ((low < 0) & (high > 0)).all()


def test_made_up_unseen_data_is_the_same_bowl_nearer_the_origin():
    found = bowl(H, C, 0.6)
    np.testing.assert_array_equal(found.unseen.hessian, found.train.hessian)
    np.testing.assert_allclose(found.unseen.centre, [4.8, 0.6])


def test_patients_are_learned_from_or_unseen_and_never_both():
    found = diabetes_bowl(8, 5)
    X, y = diabetes("bmi", "s5")
    order = np.random.default_rng(5).permutation(PATIENTS)
    assert len(y) == PATIENTS
    w = np.array([0.3, -0.2])
    for quadratic, rows in ((found.train, order[:8]), (found.unseen, order[8:])):
        rest = y[rows] - X[rows] @ w
        assert quadratic.value(w) == pytest.approx(float(rest @ rest) / (2 * len(rows)), rel=1e-12)


def test_a_catalogue_surface_is_itself_and_others_are_refused():
    from core.surfaces import SURFACES

    points = np.random.default_rng(1).normal(size=(20, 2))
    for key in ("round_bowl", "ravine", "rotated_ravine"):
        np.testing.assert_allclose(named_bowl(key, 25.0, 0.6).surface.value(points), SURFACES[key].value(points), rtol=1e-12, atol=1e-12)
    with pytest.raises(InvalidInput, match="rosenbrock"):
        named_bowl("rosenbrock", 1.0, 0.5)


def test_windows_hold_the_origin_and_the_minimum_wherever_it_is():
    for centre in ((0.0, 0.0), (8.0, -8.0), (-0.01, 3.0), (25.0, 1.0)):
        window = window_of(np.array(centre))
        assert (window[:, 0] < np.minimum(centre, 0.0)).all()
        assert (window[:, 1] > np.maximum(centre, 0.0)).all()
        assert np.ptp(np.diff(window)) < 1e-9, "a square"


# ------------------------------------------------------------------------------------------------ end points


def test_ridge_points_are_where_slope_and_decay_cancel():
    for problem in problems():
        for decay, w in zip(DECAYS, ridge_points(problem, DECAYS), strict=True):
            expected = np.linalg.solve(problem.hessian + decay * np.eye(2), problem.hessian @ problem.centre)
            np.testing.assert_allclose(w, expected, rtol=1e-9, atol=1e-11)


def test_box_points_are_those_of_a_bounded_least_squares_solver():
    for problem in problems():
        root = np.linalg.cholesky(problem.hessian).T
        found = box_points(problem, DECAYS)
        for decay, w in zip(DECAYS[1:], found[1:], strict=True):
            expected = lsq_linear(root, root @ problem.centre, (-1 / decay, 1 / decay), method="bvls", tol=1e-14).x
            np.testing.assert_allclose(w, expected, atol=1e-9 / decay)
        np.testing.assert_allclose(found[0], problem.centre)


def test_the_box_of_the_text_ends_at_4_and_2_point_2():
    np.testing.assert_allclose(box_points(Quadratic(H, C), np.array([0.25]))[0], [4.0, 2.2], rtol=1e-12)


@pytest.mark.parametrize("sigma", [0.1, 1.0, 10.0])
def test_arc_points_are_the_least_of_the_loss_with_the_written_out_arcs(sigma):
    for problem in problems(15):
        found = arc_points(problem, DECAYS, sigma)
        np.testing.assert_allclose(found[0], problem.centre, rtol=1e-9)
        for decay, w in list(zip(DECAYS, found, strict=True))[1::6]:

            def height(v, decay=decay, problem=problem):
                arcs = sigma / decay * (1 - np.sqrt(np.maximum(1 - (decay * v) ** 2, 0.0))).sum()
                return 0.5 * (v - problem.centre) @ problem.hessian @ (v - problem.centre) + arcs

            wall = (1 - 1e-12) / decay
            theirs = minimize(height, np.zeros(2), bounds=[(-wall, wall)] * 2, method="L-BFGS-B", options={"ftol": 1e-15, "gtol": 1e-10})
            assert height(w) <= theirs.fun + 1e-9 * max(1.0, abs(theirs.fun))
            slope = problem.hessian @ (w - problem.centre)
            np.testing.assert_allclose(slope / np.hypot(slope, sigma), -decay * w, atol=1e-7)


def test_the_arc_is_ridge_for_small_weights_and_the_wall_of_the_box_without_noise():
    problem, decay = Quadratic(H, 0.01 * C), np.array([0.1, 0.25])
    np.testing.assert_allclose(arc_points(problem, decay, 4.0), ridge_points(problem, 4.0 * decay), rtol=1e-4)
    problem = Quadratic(H, C)
    np.testing.assert_allclose(arc_points(problem, decay, 1e-5), box_points(problem, decay), atol=1e-3)


# ------------------------------------------------------------------------------------------------ runs


@pytest.mark.parametrize("noise", [0.0, 1.5])
def test_every_run_is_the_descent_that_it_names(noise):
    spec = DEFAULT.replace(steps=500.0, noise=noise, seed=7.0, beta2="0.999")
    result = solve(spec)
    for key in TRIO:
        for i in (0, AT, 30):
            rule = rule_of(key, 0.999, float(result.decay[i]))
            alone = descend(result.bowl.surface, rule, result.start, spec.rate_of(key), 500, noise=noise, seed=[7])
            np.testing.assert_array_equal(result.runs[key].x[i], alone.x[0][result.kept])
            expected = alone.x[0, -125:].mean(axis=0) if noise else alone.x[0, -1]
            np.testing.assert_allclose(result.runs[key].end[i], expected, rtol=1e-12, atol=1e-12)


def test_frames_begin_with_single_steps_and_end_with_the_last():
    for steps in (500, 2000, 6000):
        kept = frames(steps)
        assert len(kept) == FRAMES
        assert kept[:6].tolist() == [0, 1, 2, 3, 4, 5]
        assert kept[-1] == steps
        assert (np.diff(kept) >= 1).all()


def test_without_noise_sgd_and_adam_end_at_the_ridge_point_and_adamw_in_the_corner_of_its_box(default):
    ridge = np.array([np.linalg.solve(H + decay * np.eye(2), H @ C) for decay in default.decay])
    assert default.decay[AT] == 0.25
    np.testing.assert_allclose(default.ridge, ridge, rtol=1e-12)
    assert default.distance("sgd", ridge).max() < 1e-9
    assert default.distance("adam", ridge).max() < 0.03
    np.testing.assert_allclose(default.runs["adamw"].end[AT], [4.0, 2.2], atol=0.01)
    assert default.distance("adamw", ridge)[AT] > 2.0
    # A decay whose box holds the free minimum leaves AdamW where the loss alone is least.
    np.testing.assert_allclose(default.runs["adamw"].end[8], C, atol=0.02)


def test_pytorchs_own_memory_of_squares_has_the_same_ends_and_takes_longer():
    slow, quick = (solve(DEFAULT.replace(beta2=beta2)) for beta2 in ("0.999", "0.99"))
    assert quick.away("adamw")[AT] < 0.01 < slow.away("adamw")[AT]
    assert slow.away("adam")[AT] < 1e-6
    assert solve(DEFAULT.replace(beta2="0.999", steps=6000.0)).away("adamw")[AT] < 0.04


@pytest.mark.parametrize("sigma", [2.0, 8.0])
def test_under_noise_adamw_ends_where_the_arc_penalty_says(sigma):
    """20,000 steps at a small rate, since the mean of a noisy run is itself noisy."""
    problem = Quadratic(H, C)
    decay = np.array([0.04, 0.111, 0.25, 1.0])
    x = np.tile([1.0, 5.0], (4, 1))
    rule = AdamW(weight_decay=decay[:, None])
    state, rng, total = rule.init(x), np.random.default_rng(0), np.zeros((4, 2))
    for t in range(20_000):
        x, state = rule.step(x, problem.gradient(x) + sigma * rng.standard_normal(2), state, 0.02)
        total += x if t >= 5000 else 0.0
    mean = total / 15_000
    np.testing.assert_allclose(mean, arc_points(problem, decay, sigma), atol=0.1)
    box = box_points(problem, decay)
    assert np.linalg.norm(mean - box, axis=1)[2] > 0.5, "no longer the box"
    assert np.linalg.norm(ridge_points(problem, decay * 8.0) - arc_points(problem, decay, 8.0), axis=1)[0] < 0.1


def test_sgds_weight_decay_is_an_l2_term_of_lambda_half_of_it():
    from core.penalties import L2

    result = solve(DEFAULT.replace(steps=500.0))
    penalised = descend(result.bowl.surface, rule_of("sgd", 0.99, 0.0), result.start, 0.1, 500, L2(), result.lam)
    np.testing.assert_allclose(result.runs["sgd"].x, penalised.x[:, result.kept], rtol=1e-10, atol=1e-10)


def test_adams_effective_decay_is_the_decays_own_part_of_its_step():
    """Adam's first moment, split by running two of them: one fed the data's gradients, one fed the decay alone."""
    result = solve(DEFAULT.replace(steps=500.0))
    decay, beta1, beta2, lr = 0.25, 0.9, 0.99, 0.1
    x, data, pull, square = result.start.copy(), np.zeros(2), np.zeros(2), np.zeros(2)
    for t in range(1, 60):
        gradient = H @ (x - C)
        data = beta1 * data + (1 - beta1) * gradient
        pull = beta1 * pull + (1 - beta1) * decay * x
        square = beta2 * square + (1 - beta2) * (gradient + decay * x) ** 2
        scaling = 1.0 / (np.sqrt(square / (1 - beta2**t)) + 1e-8)
        taken = lr * scaling * pull / (1 - beta1**t)
        x = x - lr * scaling * data / (1 - beta1**t) - taken
        frame = int(np.flatnonzero(result.kept == t)[0]) if t in result.kept else None
        if frame is not None:
            np.testing.assert_allclose(result.runs["adam"].x[AT, frame], x, rtol=1e-9)
            mean = pull / (1 - beta1**t) / decay
            np.testing.assert_allclose(result.effective_decay("adam")[AT, frame], taken / (lr * mean), rtol=1e-7)
    for key in ("sgd", "adamw"):
        np.testing.assert_array_equal(result.effective_decay(key)[AT], 0.25)


def test_the_first_step_without_data_is_the_rate_for_adam_and_a_share_of_the_weight_for_the_others(default):
    for i in (3, AT, 30):
        decay = default.decay[i]
        np.testing.assert_allclose(default.first_step("adam")[i], 0.1, rtol=1e-5)
        for key in ("sgd", "adamw"):
            np.testing.assert_allclose(default.first_step(key)[i], 0.1 * decay * np.abs(default.start), rtol=1e-9)
    assert not any(default.first_step(key)[0].any() for key in TRIO)


def test_without_data_adam_walks_along_a_diagonal_and_the_others_towards_the_origin():
    result = solve(ADAM_AND_ADAMW_PRESETS["No data gradient"])
    moved = result.runs["adam"].x[AT, 8] - result.start
    assert moved[0] == pytest.approx(moved[1], rel=0.15)
    for key in ("sgd", "adamw"):
        way = result.runs[key].x[AT, 8]
        assert way[0] / way[1] == pytest.approx(result.start[0] / result.start[1], rel=1e-9)
    np.testing.assert_array_equal(result.runs["adam"].x[0, -1], result.start)
    np.testing.assert_array_equal(result.ridge[0], result.start)
    assert not result.ridge[1:].any()


def test_a_run_beyond_its_limit_is_told_from_one_below_it_and_cured():
    result = solve(DEFAULT.replace(sgd_rate=1.0, adam_rate=10.0, steps=500.0))
    steep = np.linalg.eigvalsh(H)[1] + result.decay
    np.testing.assert_array_equal(result.runs["sgd"].diverged, 1.0 * steep > 2.0)
    assert not result.runs["adam"].diverged.any()
    np.testing.assert_array_equal(result.runs["adamw"].diverged, 10.0 * result.decay > 2.05)
    cure = result.cure(20)
    assert set(cure) == {"sgd_rate", "adam_rate"}
    healed = solve(DEFAULT.replace(steps=500.0, **cure))
    assert not any(run.diverged[20] for run in healed.runs.values())
    assert result.cure(0) == {"sgd_rate": 0.631}
    assert healed.cure(20) == {}


def test_the_axis_starts_without_decay_and_ends_with_a_small_box():
    for spec in (DEFAULT, DEFAULT.replace(surface="diabetes"), DEFAULT.replace(surface="none"), DEFAULT.replace(centre1=0.0, centre2=0.0)):
        found = chosen_bowl(spec)
        axis = decay_axis(found)
        assert axis[0] == 0.0
        assert (np.diff(axis) > 0).all()
        if found.has_data:
            assert 1.0 / axis[-1] <= max(0.15 * np.abs(found.train.centre).max(), 0.08)


def test_members_and_frames_are_the_nearest(default):
    assert default.member_at(DEFAULT) == AT
    assert default.member_at(DEFAULT.replace(lam=1e3)) == 30
    assert default.kept[default.frame_at(DEFAULT.replace(step=2000.0))] == 2000
    assert default.frame_at(DEFAULT.replace(step=3.0)) == 3


def test_follow_keeps_what_it_is_asked_for():
    found = chosen_bowl(DEFAULT)
    run = follow(found, rule_of("adam", 0.99, np.array([0.1, 0.2])), found.surface.start, 0.1, 50, 0.0, 0, np.array([0, 1, 7, 50]))
    assert run.x.shape == run.metric.shape == (2, 4, 2)
    first = 1.0 / (np.abs(H @ (found.surface.start - C) + 0.1 * found.surface.start) + 1e-8)
    np.testing.assert_allclose(run.metric[0, 0], first, rtol=1e-9)
    np.testing.assert_array_equal(run.metric[0, 0], run.metric[0, 1])
