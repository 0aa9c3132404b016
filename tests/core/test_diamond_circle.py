"""The lab "Diamond and circle": its losses, its family of solutions, where the scrub stands, and what each preset promises."""

from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from core.datasets import DIABETES_FEATURES, diabetes
from core.diamond_circle import MEMBERS, DiamondCircle, problem_of, solve, window_of
from core.penalties import PENALTIES
from core.specs import DIAMOND_CIRCLE_PRESETS, FOLLOWS, DiamondCircleSpec
from tests.core.problems import boundary, loss, violation, written_out

AXES = ("lam", "budget")
EVERYTHING = [
    pytest.param(spec.replace(axis=axis, penalty=penalty), id=f"{title}-{axis}-{penalty}")
    for title, spec in DIAMOND_CIRCLE_PRESETS.items()
    for axis in AXES
    for penalty in PENALTIES
]

solved = cache(solve)


def scanned(result: DiamondCircle, lam: float) -> np.ndarray:
    """The least of the written-out L + lam R over the plane: bounded searches along w1, each within one along w2."""
    reach = 2.0 * result.window[0][1]

    def best(fixed: float) -> tuple[float, float]:
        total = lambda other: float(loss(result.problem, np.array([fixed, other])) + lam * written_out(result.penalty, np.array([fixed, other])))
        found = minimize_scalar(total, bounds=(-reach, reach), method="bounded", options={"xatol": 1e-9})
        return min((total(0.0), 0.0), (float(found.fun), float(found.x)))

    outer = minimize_scalar(lambda w1: best(w1)[0], bounds=(-reach, reach), method="bounded", options={"xatol": 1e-9})
    w1 = min((best(0.0)[0], 0.0), (float(outer.fun), float(outer.x)))[1]
    return np.array([w1, best(w1)[1]])


# ------------------------------------------------------------------------------------------------ the loss


@pytest.mark.parametrize("tilt", [-90.0, -45.0, -17.0, 0.0, 30.0, 45.0, 90.0])
@pytest.mark.parametrize(("curvature", "condition"), [(2.0, 5.01), (0.2, 1.0), (10.0, 1000.0)])
def test_an_ellipse_is_flat_along_its_tilt_and_steep_across_it(tilt, curvature, condition):
    spec = DiamondCircleSpec(tilt=tilt, curvature=curvature, condition=condition, centre1=-1.5, centre2=0.8)
    hessian, angle = problem_of(spec).hessian, np.pi * tilt / 180
    along, across = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    np.testing.assert_allclose(hessian @ along, spec.curvature / spec.condition * along, atol=1e-14 * curvature)
    np.testing.assert_allclose(hessian @ across, spec.curvature * across, atol=1e-14 * curvature)
    # The same in the closed form of the double angle, which no rotation matrix enters.
    mean, half = spec.curvature * (1 + 1 / spec.condition) / 2, spec.curvature * (1 - 1 / spec.condition) / 2
    expected = [[mean - half * np.cos(2 * angle), -half * np.sin(2 * angle)], [-half * np.sin(2 * angle), mean + half * np.cos(2 * angle)]]
    np.testing.assert_allclose(hessian, expected, atol=1e-14 * curvature)
    assert problem_of(spec).centre.tolist() == [-1.5, 0.8]


@pytest.mark.parametrize("tilt", [-90.0, 0.0, 90.0])
def test_along_the_axes_the_weights_do_not_interact_at_all(tilt):
    hessian = problem_of(DiamondCircleSpec(tilt=tilt, condition=100.0)).hessian
    assert hessian[0, 1] == hessian[1, 0] == 0.0


@pytest.mark.parametrize(("first", "second"), [("bmi", "s5"), ("age", "sex"), ("s1", "s2"), ("bp", "bp")])
def test_the_loss_of_two_features_is_that_of_least_squares(first, second):
    X, y = diabetes(first, second)
    problem = problem_of(DiamondCircleSpec(data="diabetes", feature1=first, feature2=second))
    weights, *_ = np.linalg.lstsq(X, y, rcond=None)
    np.testing.assert_allclose(problem.centre, weights, atol=1e-10)
    for w in ([0.0, 0.0], [0.3, -0.2], weights, [-2.0, 1.5]):
        np.testing.assert_allclose(problem.value(w), ((y - X @ np.array(w)) ** 2).mean() / 2, rtol=1e-12)


def test_the_features_are_those_of_the_data_set_standardised():
    from sklearn.datasets import load_diabetes

    raw, target = load_diabetes(return_X_y=True, scaled=False, as_frame=True)
    for name in DIABETES_FEATURES:
        X, y = diabetes(name)
        np.testing.assert_allclose(X[:, 0], (raw[name] - raw[name].mean()) / raw[name].std(ddof=0), atol=1e-12)
        np.testing.assert_allclose(y, (target - target.mean()) / target.std(ddof=0), atol=1e-12)


# ------------------------------------------------------------------------------------------------ the family


@pytest.mark.parametrize("spec", EVERYTHING)
def test_a_family_has_201_members_from_nothing_up_each_certified(spec):
    result = solved(spec)
    assert len(result.axis) == MEMBERS == 201
    assert result.axis[0] == 0.0
    assert (np.diff(result.axis) > 0).all()
    held = result.solution.lam if spec.axis == "lam" else result.solution.budget
    np.testing.assert_array_equal(held, result.axis)
    assert result.solution.w.shape == (201, 2)
    assert (result.solution.kkt_residual <= 1e-9).all()


@pytest.mark.parametrize("spec", EVERYTHING)
def test_every_member_meets_the_written_out_optimality_conditions(spec):
    result = solved(spec)
    solution = result.solution
    for w, lam, budget in zip(solution.w, solution.lam, solution.budget, strict=True):
        if np.isinf(lam):
            assert not w.any()
            assert budget == 0.0
        else:
            assert violation(result.problem, result.penalty, w, lam, budget) <= 1e-9
    np.testing.assert_array_equal(solution.support, solution.w != 0.0)


@pytest.mark.parametrize("penalty", PENALTIES)
@pytest.mark.parametrize("title", ["A corner hit", "A near miss", "L2 crosses zero", "Real data"])
def test_a_searched_plane_has_its_minimum_where_the_solution_is(title, penalty):
    result = solved(DIAMOND_CIRCLE_PRESETS[title].replace(axis="lam", penalty=penalty, spacing="linear"))
    size = result.window[0][1]
    for member in (0, 5, 60, 140):
        found = scanned(result, float(result.axis[member]))
        np.testing.assert_allclose(result.solution.w[member], found, atol=3e-6 * size)


@pytest.mark.parametrize("penalty", PENALTIES)
@pytest.mark.parametrize("title", ["A corner hit", "A near miss", "L2 crosses zero", "Real data"])
def test_no_point_of_the_boundary_is_better_than_the_constrained_solution(title, penalty):
    result = solved(DIAMOND_CIRCLE_PRESETS[title].replace(axis="budget", penalty=penalty, spacing="linear"))
    for member in (3, 60, 120, 160):
        edge = boundary(result.penalty, float(result.axis[member]), np.linspace(0, 2 * np.pi, 40_001))
        losses, ours = loss(result.problem, edge), loss(result.problem, result.solution.w[member])
        assert result.solution.active[member]
        assert ours <= losses.min() + 1e-12
        assert losses.min() - ours < 1e-4 * (losses.max() - losses.min()), "the scan comes near"
    assert not result.solution.active[-1]
    np.testing.assert_allclose(result.solution.w[-1], result.problem.centre)


@pytest.mark.parametrize("spec", EVERYTHING)
def test_the_loss_column_is_the_loss_of_each_member(spec):
    result = solved(spec)
    np.testing.assert_allclose(result.loss, loss(result.problem, result.solution.w), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("spec", EVERYTHING)
def test_the_window_holds_the_minimum_of_the_loss_and_every_solution(spec):
    result = solved(spec)
    (low, high), other = result.window
    assert (low, high) == other
    assert low == -high
    assert (np.abs(result.problem.centre) <= 0.9 * high).all()
    assert (np.abs(result.solution.w) <= high).all()


def test_all_ellipses_share_one_window_so_that_pictures_can_be_compared():
    windows = {window_of(spec, problem_of(spec)) for spec in DIAMOND_CIRCLE_PRESETS.values() if spec.data == "synthetic"}
    assert windows == {((-5.0, 5.0), (-5.0, 5.0))}


@pytest.mark.parametrize("penalty", PENALTIES)
def test_a_solution_that_slides_far_along_a_flat_direction_stays_in_the_window(penalty):
    """With the valley at -50 degrees L1 trades 4 of w2 for 3.4 of w1, and ends far beyond the minimum on the first axis."""
    result = solved(DiamondCircleSpec(penalty=penalty, tilt=-50.0, condition=1000.0, centre1=4.0, centre2=4.0))
    assert (np.abs(result.solution.w) <= result.window[0][1]).all()
    reach = np.abs(solved(result.spec.replace(penalty="l1", spacing="log")).solution.w).max()
    assert reach > 7.0
    assert result.window[0][1] <= 1.5 * reach, "no more room than needed"


def test_the_overlay_holds_the_other_penalties_on_the_same_axis():
    for axis in AXES:
        result = solved(DiamondCircleSpec(axis=axis, overlay=True, rho=0.3))
        assert set(result.others) == {"l2", "elastic_net"}
        for key, (penalty, solution) in result.others.items():
            alone = solved(DiamondCircleSpec(axis=axis, penalty=key, rho=0.3))
            assert type(penalty) is PENALTIES[key]
            for member in (1, 40, 120):
                lam, budget = float(solution.lam[member]), float(solution.budget[member])
                assert violation(result.problem, alone.penalty, solution.w[member], lam, budget) <= 1e-9


def test_where_the_scrub_stands_does_not_change_the_family():
    here, there = solve(DiamondCircleSpec(lam=0.1)), solve(DiamondCircleSpec(lam=2.0, budget=1.0))
    np.testing.assert_array_equal(here.axis, there.axis)
    np.testing.assert_array_equal(here.solution.w, there.solution.w)


# ------------------------------------------------------------------------------------------------ events

# Each was once wrong: an event before the first step, two within a step of each other, one at the far end, a weight that starts at zero,
# a crossing that rounding had left at 1e-16.
FIELDS = ("penalty", "rho", "curvature", "condition", "tilt", "centre1", "centre2")
HARD = {
    "before the first step": ("elastic_net", 0.55, 0.893, 1000.0, 0.0, 2.05, -3.6),
    "close together": ("elastic_net", 0.35, 0.448, 158.0, -45.0, -3.3, 0.1),
    "at the far end": ("elastic_net", 0.25, 2.82, 141.0, 38.0, 3.3, -1.45),
    "both at once": ("l1", 0.5, 2.0, 5.01, -45.0, 1.5, 1.5),
    "starts at zero, L2": ("l2", 0.5, 2.0, 1.26, -17.0, 0.0, 3.95),
    "starts at zero, mixed": ("elastic_net", 0.4, 0.2, 3.98, -73.0, 0.0, -1.05),
    "small budget": ("elastic_net", 0.35, 2.82, 251.0, 54.0, -2.25, -3.6),
    "L2 crosses early": ("l2", 0.5, 0.317, 3.16, -61.0, 0.2, -2.65),
}
WITH_EVENTS = EVERYTHING + [
    pytest.param(DiamondCircleSpec(**dict(zip(FIELDS, hard, strict=True)), axis=axis, spacing=spacing), id=f"{name}-{axis}-{spacing}")
    for name, hard in HARD.items()
    for axis in AXES
    for spacing in ("linear", "log")
]


@pytest.mark.parametrize("spec", WITH_EVENTS)
def test_the_scrub_can_stand_exactly_where_a_weight_meets_zero(spec):
    result = solved(spec)
    assert len(result.axis) == 201
    assert (np.diff(result.axis) > 0).all()
    for event, member in zip(result.events, result.event_members, strict=True):
        where = event.lam if spec.axis == "lam" else event.budget
        if member < 0:
            assert not result.axis[0] <= where <= result.axis[-1]
            continue
        assert abs(result.axis[member] - where) <= 1e-12 * result.axis[-1]
        assert result.solution.w[member, event.index] == 0.0
        assert not result.solution.support[member, event.index]
        lam, budget = float(result.solution.lam[member]), float(result.solution.budget[member])
        assert violation(result.problem, result.penalty, result.solution.w[member], lam, budget) <= 1e-9


@pytest.mark.parametrize("spec", WITH_EVENTS)
def test_the_signs_on_both_sides_of_an_event_are_as_its_kind_says(spec):
    result = solved(spec)
    for event, member in zip(result.events, result.event_members, strict=True):
        sides = [member - 1, member + 1] if spec.axis == "lam" else [member + 1, member - 1]
        if member < 0 or not all(0 <= side < 201 and side not in result.event_members for side in sides):
            continue
        weaker, stronger = np.sign(result.solution.w[sides, event.index])
        if event.kind == "vanishes":
            assert weaker != 0.0
            assert stronger == 0.0
        elif event.kind == "returns":
            assert weaker == 0.0
            assert stronger != 0.0
        else:
            assert weaker * stronger == -1.0


@pytest.mark.parametrize("spec", WITH_EVENTS)
def test_between_events_no_weight_becomes_or_leaves_zero(spec):
    result = solved(spec)
    found = {(event.index, member) for event, member in zip(result.events, result.event_members, strict=True)}
    signs = np.sign(result.solution.w)
    # At lambda = 0 a weight may be zero because the minimum of the loss is, and at a budget of 0 under L2 because nothing else is allowed.
    first = 1 if spec.axis == "lam" or np.isinf(result.solution.lam[0]) else 0
    last = int(np.flatnonzero(result.solution.lam > 0)[-1])
    for i in range(2):
        for a, b in pairwise(range(first, last + 1)):
            if signs[a, i] != signs[b, i]:
                assert {(i, a), (i, b)} & found, f"w{i + 1} changes between members {a} and {b}"


# ------------------------------------------------------------------------------------------------ where the scrub stands


@pytest.mark.parametrize("spec", EVERYTHING)
def test_a_member_survives_the_way_through_the_link(spec):
    result = solved(spec)
    for member in range(201):
        back = result.member_at(spec.replace(**result.position(member)))
        if back != member:
            np.testing.assert_allclose(result.solution.w[back], result.solution.w[member], rtol=0, atol=1e-9 * result.window[0][1])


@pytest.mark.parametrize("spec", EVERYTHING)
def test_changing_the_axis_stays_at_the_same_solution(spec):
    result = solved(spec)
    other = solved(spec.replace(axis="budget" if spec.axis == "lam" else "lam"))
    for member in range(201):
        lam = float(result.solution.lam[member])
        there = other.member_at(spec.replace(**result.position(member) | {"axis": other.spec.axis, "budget": FOLLOWS}))
        if not 0.0 < lam <= other.solution.lam[np.isfinite(other.solution.lam)].max():
            continue  # the other axis ends before; its end is all that it can show
        # The solution moves continuously along the other axis, so it lies within a step of the member chosen.
        near = other.solution.w[max(there - 1, 0) : there + 2]
        step = np.linalg.norm(np.diff(near, axis=0), axis=1).max()
        assert np.linalg.norm(other.solution.w[there] - result.solution.w[member]) <= step + 1e-6 * result.window[0][1]


def test_a_budget_that_was_not_chosen_follows_lambda_and_one_that_was_does_not():
    result = solved(DiamondCircleSpec(axis="budget"))
    followed = result.member_at(DiamondCircleSpec(axis="budget", lam=1.0))
    assert abs(result.solution.lam[followed] - 1.0) < 0.1
    chosen = result.member_at(DiamondCircleSpec(axis="budget", lam=1.0, budget=float(result.axis[7])))
    assert chosen == 7
    assert solved(DiamondCircleSpec()).member_at(DiamondCircleSpec(budget=float(result.axis[7]), lam=0.0)) == 0


# ------------------------------------------------------------------------------------------------ what the presets promise


def at_preset(title: str, axis: str = "lam") -> tuple[DiamondCircle, int]:
    spec = DIAMOND_CIRCLE_PRESETS[title].replace(axis=axis)
    return solved(spec), solved(spec).member_at(spec)


@pytest.mark.parametrize("axis", AXES)
def test_a_corner_hit_shows_one_weight_at_exactly_zero(axis):
    result, member = at_preset("A corner hit", axis)
    assert result.spec.penalty == "l1"
    assert sorted(result.solution.support[member]) == [False, True]


@pytest.mark.parametrize("axis", AXES)
def test_a_near_miss_shows_l1_without_a_zero_for_a_long_time(axis):
    result, member = at_preset("A near miss", axis)
    assert result.spec.penalty == "l1"
    assert result.solution.active[member]
    assert result.solution.support[member].all()
    pushed = result.solution.lam > 0
    assert result.solution.support[pushed].all(axis=1).mean() > 0.5, "no zero along most of the way"


@pytest.mark.parametrize("axis", AXES)
def test_l2_crosses_zero_where_one_can_see_it(axis):
    result, member = at_preset("L2 crosses zero", axis)
    (event,), (where,) = result.events, result.event_members
    assert (result.spec.penalty, event.kind) == ("l2", "crosses")
    assert 20 < where < 180, "away from the ends of the axis"
    assert result.solution.w[member, event.index] * result.problem.centre[event.index] < 0.0, "the preset stands on the far side"


def test_a_round_ellipse_is_round():
    hessian = at_preset("A round ellipse")[0].problem.hessian
    np.testing.assert_allclose(hessian, hessian[0, 0] * np.eye(2), atol=1e-15)


def test_a_steep_ravine_is_steep():
    values = np.linalg.eigvalsh(at_preset("A steep ravine")[0].problem.hessian)
    assert values[1] / values[0] >= 100


def test_real_data_shows_two_features_that_both_count():
    result, member = at_preset("Real data")
    assert all(result.axis_names)
    assert result.axis_names[0] != result.axis_names[1]
    assert result.solution.support[member].all()
    assert 0.0 < result.problem.floor < 0.5, "half the variance of a standardised target"


@pytest.mark.parametrize("axis", AXES)
def test_twins_cannot_be_told_apart_by_l1(axis):
    result, member = at_preset("Twins", axis)
    assert not result.solution.unique[member]
    w = result.solution.w[member]
    for share in (0.0, 0.25, 1.0):
        other = np.array([share, 1.0 - share]) * w.sum()
        np.testing.assert_allclose(loss(result.problem, other), loss(result.problem, w), atol=1e-15)
        np.testing.assert_allclose(np.abs(other).sum(), np.abs(w).sum())
    l2 = solved(result.spec.replace(penalty="l2"))
    assert l2.solution.unique[1:100].all()
    np.testing.assert_allclose(l2.solution.w[1:100, 0], l2.solution.w[1:100, 1], rtol=1e-9)
