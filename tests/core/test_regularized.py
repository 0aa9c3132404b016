import itertools

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.linear_model import Ridge, enet_path, lars_path

from core.errors import InvalidInput
from core.penalties import L1, L2, PENALTIES, ElasticNet, Penalty
from core.quadratic import Quadratic
from core.regularized import Solution, constrained, penalized
from tests.core.problems import BULK, MIXES, TILTED, boundary, loss, random_penalty, random_problem, violation, written_out

EVERY = pytest.mark.parametrize("penalty", MIXES, ids=str)
REGISTERED = pytest.mark.parametrize("penalty", [make() for make in PENALTIES.values()], ids=str)


def largest_lam(problem: Quadratic, penalty: Penalty) -> float:
    """A lambda that leaves little or nothing of the weights."""
    return float(np.abs(problem.hessian @ problem.centre).max()) / max(penalty.l1, 0.1) or 1.0


def worst(problem: Quadratic, penalty: Penalty, solution: Solution, constraint: bool) -> float:
    """The largest violation, by this file's own conditions; a budget of 0 has no finite multiplier under L2 and is left to its own test."""
    gaps = [
        violation(problem, penalty, solution.w[i], float(solution.lam[i]), float(solution.budget[i]) if constraint else None)
        for i in range(len(solution.w))
        if np.isfinite(solution.lam[i])
    ]
    gaps.append(float(solution.kkt_residual.max()))
    return max(gaps) if not np.isnan(gaps).any() else np.nan


def both_forms(problem: Quadratic, penalty: Penalty, rng: np.random.Generator) -> float:
    lam = np.append(0.0, largest_lam(problem, penalty) * 10 ** rng.uniform(-6, 0.5, 3))
    first = penalized(problem, penalty, lam)
    enough = float(written_out(penalty, first.w[0]))
    budget = np.concatenate([enough * rng.uniform(0, 1.2, 3), enough * 10 ** rng.uniform(-6, 0, 2)])
    second = constrained(problem, penalty, budget)
    return float(np.max([worst(problem, penalty, first, False), worst(problem, penalty, second, True)]))


# ------------------------------------------------------------------------------------------------- the certificate


def test_bulk_random_problems_are_solved_to_a_kkt_residual_of_1e_9() -> None:
    rng = np.random.default_rng(0)
    for i in range(BULK):
        problem = random_problem(rng, 2 if i % 10 else int(rng.integers(1, 51)))
        penalty = random_penalty(rng)
        assert both_forms(problem, penalty, rng) <= 1e-9, (i, penalty, problem)


@settings(max_examples=BULK // 2, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    angle=st.floats(0, np.pi),
    condition=st.floats(0, 6).map(lambda power: 10**power),
    size=st.sampled_from([1e-3, 1.0, 50.0]),
    centre=st.tuples(st.floats(-100, 100), st.floats(-100, 100)),
    rho=st.floats(0, 1),
    share=st.floats(1e-6, 1.3),
)
def test_bulk_of_whatever_hypothesis_thinks_of_is_solved_to_1e_9(angle, condition, size, centre, rho, share) -> None:  # type: ignore[no-untyped-def]
    turned = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    hessian = size * (turned * [1.0, 1 / condition]) @ turned.T
    problem, penalty = Quadratic((hessian + hessian.T) / 2, np.array(centre)), ElasticNet(rho)
    lam = share * largest_lam(problem, penalty)
    assert worst(problem, penalty, penalized(problem, penalty, [0.0, lam]), False) <= 1e-9
    enough = float(written_out(penalty, problem.centre))
    assert worst(problem, penalty, constrained(problem, penalty, [share * enough, enough]), True) <= 1e-9


@pytest.mark.parametrize("d", [2, 3, 8])
def test_the_certificate_sees_a_wrong_solution(d: int, monkeypatch: pytest.MonkeyPatch) -> None:
    # The certificate is computed from w: shift what the solver returns, and it must say so.
    from core.regularized import _active_set, _plane

    rng = np.random.default_rng(d)
    problem = random_problem(rng, d, worst=1.0)
    honest = (_plane if d == 2 else _active_set).penalized
    monkeypatch.setattr(_plane if d == 2 else _active_set, "penalized", lambda *a: honest(*a) + 1e-3)
    lam = 0.1 * largest_lam(problem, L1())
    assert penalized(problem, L1(), lam).kkt_residual[0] >= 1e-6
    monkeypatch.setattr(_plane if d == 2 else _active_set, "penalized", lambda *a: 0.0 * honest(*a))
    too_short = 0.9 * float(np.abs(problem.pull).max()) / problem.scale
    assert penalized(problem, L1(), lam).kkt_residual[0] == pytest.approx(too_short)


# ------------------------------------------------------------------------------------------------- independent oracles


AROUND = np.linspace(0.0, 2.0 * np.pi, 400_001)


@pytest.mark.parametrize(
    ("hessian", "centre", "budget"),
    [
        (TILTED, (0.5, -1.0), 0.4),
        (TILTED, (2.0, 1.0), 1.0),
        (TILTED, (2.0, 1.0), 0.1),
        ([[1.0, -1.2], [-1.2, 1.5]], (3.0, 0.5), 1.0),
        ([[1.0, 0.0], [0.0, 1.0]], (0.0, 2.0), 1.0),
        ([[3.0, 1.0], [1.0, 1.0]], (-2.0, -2.5), 2.0),
    ],
)
@REGISTERED
def test_no_point_of_the_boundary_is_better(penalty: Penalty, hessian, centre, budget: float) -> None:  # type: ignore[no-untyped-def]
    problem = Quadratic(hessian, centre)
    found = constrained(problem, penalty, budget)
    edge = boundary(penalty, budget, AROUND)
    paid = loss(problem, edge)
    best = edge[paid.argmin()]
    assert found.active[0]
    # Neighbours on the scan are 1.6e-5 apart, so the best of them is that close.
    # Its loss is higher by a square of that, or by a slope at a corner.
    assert np.abs(found.w[0] - best).max() <= 4e-5 * (1 + np.sqrt(budget))
    assert -1e-14 * (1 + paid.min()) <= paid.min() - loss(problem, found.w[0]) <= 1e-4 * (1 + paid.min())


@pytest.mark.parametrize("seed", range(12))
def test_no_point_of_the_boundary_is_better_on_random_ellipses(seed: int) -> None:
    rng = np.random.default_rng(seed)
    problem, penalty = random_problem(rng, worst=2.0), MIXES[seed % len(MIXES)]
    budget = float(rng.uniform(0.05, 0.9)) * float(written_out(penalty, problem.centre))
    found = constrained(problem, penalty, budget)
    paid = loss(problem, boundary(penalty, budget, AROUND)).min()
    assert abs(paid - float(loss(problem, found.w[0]))) <= 1e-8 * (1 + paid)


def test_l1_hits_a_corner_on_one_tilted_ellipse_and_misses_it_by_a_little_on_another() -> None:
    hit = constrained(Quadratic(TILTED, [0.5, -1.0]), L1(), 0.5)
    assert hit.w[0, 0] == 0.0
    assert hit.w[0, 1] == -0.5
    miss = constrained(Quadratic(TILTED, [2.0, 1.0]), L1(), 1.0)
    assert miss.support.all()
    # By hand: on w1 + w2 = 1 the slope along (1, -1) vanishes.
    slope = TILTED @ (miss.w[0] - [2.0, 1.0])
    assert abs(slope[0] - slope[1]) <= 1e-14


@pytest.mark.parametrize("d", [1, 2, 3, 4])
@REGISTERED
def test_the_penalised_minimiser_is_the_best_of_all_sign_patterns(penalty: Penalty, d: int) -> None:
    rng = np.random.default_rng(d)
    for _ in range(10):
        problem = random_problem(rng, d, worst=2.0)
        lam = largest_lam(problem, penalty) * 10 ** rng.uniform(-2, 0)
        found = penalized(problem, penalty, lam).w[0]
        best = np.inf
        for signs in itertools.product([-1.0, 0.0, 1.0], repeat=d):
            s = np.array(signs)
            on = s != 0
            w = np.zeros(d)
            block = problem.hessian[np.ix_(on, on)] + 2 * lam * penalty.l2 * np.eye(on.sum())
            w[on] = np.linalg.solve(block, (problem.hessian @ problem.centre)[on] - lam * penalty.l1 * s[on])
            value = float(loss(problem, w) + lam * written_out(penalty, w))
            if value < best:
                best, least = value, w
        np.testing.assert_allclose(found, least, atol=1e-9 * (1 + np.abs(least).max()))


def test_a_diagonal_hessian_gives_the_soft_threshold() -> None:
    curvature, centre = np.array([0.5, 4.0]), np.array([3.0, -0.2])
    lam = np.array([0.1, 0.6, 1.0, 2.0])
    found = penalized(Quadratic(np.diag(curvature), centre), L1(), lam)
    cut = lam[:, None] / curvature
    np.testing.assert_allclose(found.w, np.sign(centre) * np.maximum(np.abs(centre) - cut, 0.0), atol=1e-15)


def test_under_l2_each_eigendirection_shrinks_by_its_own_factor() -> None:
    problem = Quadratic(TILTED, [0.5, -1.0])
    lam = np.array([0.0, 0.3, 0.74375, 2.0])
    found = penalized(problem, L2(), lam)
    for i, value in enumerate(lam):
        np.testing.assert_allclose(found.w[i], np.linalg.solve(TILTED + 2 * value * np.eye(2), TILTED @ [0.5, -1.0]), atol=1e-15)
    assert found.w[1, 0] > 0.0 > found.w[3, 0], "w1 crosses zero on its way"
    assert abs(found.w[2, 0]) <= 1e-15


# ------------------------------------------------------------------------------------------------- budget and lambda


@EVERY
@pytest.mark.parametrize("d", [2, 5])
def test_lambda_is_what_a_little_more_budget_is_worth(penalty: Penalty, d: int) -> None:
    rng = np.random.default_rng(7)
    for _ in range(10):
        problem = random_problem(rng, d, worst=1.0)
        enough = float(written_out(penalty, problem.centre))
        if enough == 0.0:
            continue
        budget = np.array([0.1, 0.35, 0.8]) * enough
        step = 1e-5 * budget
        more, less = (loss(problem, constrained(problem, penalty, budget + way * step).w) for way in (1.0, -1.0))
        # A corner may lie within the step: the worth then lies between the multipliers of its ends.
        ends = [constrained(problem, penalty, budget + way * step).lam for way in (1.0, -1.0)]
        worth = (less - more) / (2 * step)
        slack = 1e-6 * (worth + 1e-3)
        assert (ends[0] - slack <= worth).all()
        assert (worth <= ends[1] + slack).all()


@EVERY
@pytest.mark.parametrize("d", [2, 6])
def test_a_budget_gives_the_lambda_that_gives_the_budget(penalty: Penalty, d: int) -> None:
    rng = np.random.default_rng(8)
    for _ in range(20):
        problem = random_problem(rng, d, worst=2.0)
        enough = float(written_out(penalty, problem.centre))
        if enough == 0.0:
            continue
        budget = np.linspace(0.02, 0.98, 9) * enough
        there = constrained(problem, penalty, budget)
        assert there.active.all()
        back = penalized(problem, penalty, there.lam)
        np.testing.assert_allclose(back.budget, budget, rtol=1e-10)
        np.testing.assert_allclose(back.w, there.w, atol=1e-10 * (1 + np.abs(problem.centre).max()))


@EVERY
@pytest.mark.parametrize("d", [2, 10])
def test_a_binding_budget_is_spent_to_rounding_even_where_w_is_steep_in_lambda(penalty: Penalty, d: int) -> None:
    rng = np.random.default_rng(14)
    for _ in range(20):
        basis = np.linalg.qr(rng.normal(size=(d, d)))[0]
        problem = Quadratic((basis * np.geomspace(1, 1e-6, d)) @ basis.T, 10 * rng.normal(size=d))
        budget = np.linspace(0.05, 0.999, 9) * float(written_out(penalty, problem.centre))
        np.testing.assert_allclose(written_out(penalty, constrained(problem, penalty, budget).w), budget, rtol=4e-15)


@EVERY
def test_more_budget_never_costs_more_lambda(penalty: Penalty) -> None:
    problem = Quadratic(TILTED, [2.0, -3.0])
    found = constrained(problem, penalty, np.linspace(0.0, 1.3 * float(written_out(penalty, problem.centre)), 201))
    assert (np.diff(found.lam[1:]) <= 1e-12).all()
    assert found.active[1]
    assert not found.active[-1]


# ------------------------------------------------------------------------------------------------- the edges


@EVERY
def test_a_family_of_one_is_a_point_of_the_family(penalty: Penalty) -> None:
    problem, axis = Quadratic(TILTED, [1.0, -2.0]), np.linspace(0.0, 2.0, 7)
    for solve in (penalized, constrained):
        together = solve(problem, penalty, axis)
        assert together.w.shape == (7, 2)
        for i in range(7):
            alone = solve(problem, penalty, float(axis[i]))
            assert alone.w.shape == (1, 2)
            for name in ("w", "lam", "budget", "active", "support", "unique"):
                np.testing.assert_allclose(getattr(alone, name)[0], getattr(together, name)[i], atol=1e-14)


@EVERY
@pytest.mark.parametrize("d", [2, 4])
def test_a_budget_that_does_not_bind_leaves_the_minimum_alone(penalty: Penalty, d: int) -> None:
    problem = random_problem(np.random.default_rng(9), d)
    found = constrained(problem, penalty, [1.0001 * float(written_out(penalty, problem.centre)), 1e12])
    assert (found.w == problem.centre).all()
    assert (found.lam == 0.0).all()
    assert not found.active.any()
    assert found.unique.all()


@pytest.mark.parametrize("d", [2, 3])
def test_a_budget_of_0_leaves_nothing_and_says_the_smallest_multiplier(d: int) -> None:
    problem = Quadratic(np.eye(d) + 0.5, np.arange(d) - 0.7)
    pull = np.abs((np.eye(d) + 0.5) @ (np.arange(d) - 0.7)).max()
    for penalty, lam in ((L1(), pull), (ElasticNet(0.25), pull / 0.25), (L2(), np.inf)):
        found = constrained(problem, penalty, [0.0, 1.0])
        assert (found.w[0] == 0.0).all()
        assert found.lam[0] == pytest.approx(lam, rel=1e-14)
        assert found.active[0]
        assert found.kkt_residual[0] == 0.0
        assert found.unique[0]
        if np.isfinite(lam):
            assert not penalized(problem, penalty, lam * (1 + 1e-12)).support.any()
            assert penalized(problem, penalty, lam * (1 - 1e-6)).support.any()


@EVERY
@pytest.mark.parametrize("d", [2, 3])
def test_a_minimum_at_the_origin_stays_there_and_nothing_acts(penalty: Penalty, d: int) -> None:
    problem = Quadratic(np.eye(d) + 0.5, np.zeros(d))
    for solve in (penalized, constrained):
        found = solve(problem, penalty, [0.0, 0.5, 1e6])
        assert (found.w == 0.0).all()
        assert not found.active.any()
        assert (found.kkt_residual == 0.0).all()
    assert (constrained(problem, penalty, [0.0, 1.0]).lam == 0.0).all()


@EVERY
def test_a_minimum_on_an_axis_keeps_its_zero_over_a_round_loss(penalty: Penalty) -> None:
    problem = Quadratic([[2.0, 0.0], [0.0, 2.0]], [0.0, -3.0])
    for found in (penalized(problem, penalty, [0.0, 0.1, 1.0]), constrained(problem, penalty, [0.1, 1.0, 2.0])):
        assert (found.w[:, 0] == 0.0).all()
        assert (found.w[:, 1] < 0.0).all()


@EVERY
@pytest.mark.parametrize("d", [2, 3])
def test_huge_and_tiny_lambdas_and_budgets_stay_finite_and_certified(penalty: Penalty, d: int) -> None:
    problem = random_problem(np.random.default_rng(10), d, worst=3.0)
    enough = float(written_out(penalty, problem.centre))
    for found in (
        penalized(problem, penalty, [0.0, 1e-300, 1e-12, 1e12, 1e100]),
        constrained(problem, penalty, enough * np.array([1e-12, 1e-6, 1 - 1e-6, 1 - 1e-12, 1 - 1e-15, 1.0])),
    ):
        assert np.isfinite(found.w).all()
        assert (found.kkt_residual <= 1e-9).all()
    assert np.abs(penalized(problem, penalty, 1e100).w).max() <= 1e-90


@pytest.mark.parametrize("d", [2, 3, 12])
@EVERY
def test_flat_losses_are_certified_too(penalty: Penalty, d: int) -> None:
    rng = np.random.default_rng(11)
    for i in range(15):
        X = rng.normal(size=(int(rng.integers(1, d + 2)), d))
        X[:, 1] = X[:, 0] * (1.0, -1.0, 2.0)[i % 3]
        problem = Quadratic.from_least_squares(X, rng.normal(size=len(X)))
        assert not problem.is_definite
        assert both_forms(problem, penalty, rng) <= 1e-9


@EVERY
@pytest.mark.parametrize("d", [2, 5])
def test_at_lambda_0_a_flat_loss_gives_the_limit_of_small_lambdas(penalty: Penalty, d: int) -> None:
    rng = np.random.default_rng(12)
    for _ in range(10):
        X = np.linalg.qr(rng.normal(size=(d, d)))[0][1:] * rng.uniform(1, 3, (d - 1, 1))
        problem = Quadratic.from_least_squares(X, rng.normal(size=d - 1))
        at = penalized(problem, penalty, [0.0, 1e-7 * largest_lam(problem, penalty)])
        np.testing.assert_allclose(at.w[0], at.w[1], atol=1e-4 * (1 + np.abs(at.w[1]).max()))
        assert not at.unique[0]
        # A loss at its floor, and no minimiser along the flat direction of a smaller penalty.
        assert float(loss(problem, at.w[0])) <= problem.floor + 1e-15
        flat = problem.eigen[1][:, 0]
        for step in (1e-3, -1e-3, 1e-6, -1e-6):
            assert written_out(penalty, at.w[0] + step * flat) >= written_out(penalty, at.w[0]) - 1e-12


def test_a_loss_that_is_flat_all_over_gives_the_origin() -> None:
    problem = Quadratic(np.zeros((2, 2)), [3.0, 4.0])
    for penalty in MIXES:
        for solve in (penalized, constrained):
            found = solve(problem, penalty, [0.0, 1.0])
            assert (found.w == 0.0).all()
            assert (found.kkt_residual == 0.0).all()
    assert list(penalized(problem, L1(), [0.0, 1.0]).unique) == [False, True]


@pytest.mark.parametrize("d", [2, 3])
def test_the_result_says_where_the_minimiser_is_not_unique(d: int) -> None:
    twins = np.eye(d)
    twins[:2, :2] = 1.0
    problem = Quadratic(twins, [1.0, 1.0, 0.5][:d])
    # Equal columns: L1 may split the weight as it likes, the strictly convex penalties may not.
    assert not penalized(problem, L1(), [0.0, 0.3]).unique.any()
    assert penalized(problem, L1(), 5.0).unique.all()
    assert not constrained(problem, L1(), [0.5, 1.0]).unique.any()
    for penalty in (L2(), ElasticNet()):
        assert list(penalized(problem, penalty, [0.0, 0.3]).unique) == [False, True]
        assert list(constrained(problem, penalty, [0.0, 0.5, 50.0]).unique) == [True, True, False]
    # Opposite columns likewise; columns of different length leave L1 the longer one.
    twins[0, 1] = twins[1, 0] = -1.0
    assert not penalized(Quadratic(twins, [1.0, -1.0, 0.5][:d]), L1(), 0.3).unique[0]
    twins[:2, :2] = [[1.0, 2.0], [2.0, 4.0]]
    longer = penalized(Quadratic(twins, [1.0, 1.0, 0.5][:d]), L1(), 0.3)
    assert longer.unique[0]
    assert longer.w[0, 0] == 0.0
    assert penalized(Quadratic(np.eye(d), np.ones(d)), L1(), [0.0, 1.0]).unique.all()


@pytest.mark.parametrize("flat", [[(1, 1, -2)], [(-2, 1, 1)], [(1, 1, -2, 0), (1, 0, 1, -2)], [(1, 1, -2, 0), (-2, 0, 1, 1)]], ids=str)
def test_weights_at_zero_may_only_leave_along_their_slope(flat: list[tuple[float, ...]]) -> None:
    # Every slope of L is at its limit at w = (1, 0, ...), so a flat move keeps |w|_1 if it lowers no weight that is 0.
    moves = np.array(flat, dtype=float)
    d = moves.shape[1]
    basis = np.linalg.qr(moves.T)[0]
    w = np.eye(d)[0]
    problem = Quadratic(np.eye(d) - basis @ basis.T, w + 0.25)
    found = penalized(problem, L1(), 0.25)
    assert found.kkt_residual[0] <= 1e-15
    turns = np.linspace(0, 2 * np.pi, 721)
    tried = [sign * moves[0] for sign in (1, -1)] if len(moves) == 1 else [np.cos(t) * moves[0] + np.sin(t) * moves[1] for t in turns]
    slides = any((move[1:] >= 0).all() for move in tried)
    assert bool(found.unique[0]) is not slides


def test_not_unique_means_that_another_minimiser_exists() -> None:
    # Three columns, the third the sum of the first two: whether L1 can slide along (1, 1, -1) depends on the signs at hand.
    rng = np.random.default_rng(13)
    seen = set()
    for _ in range(60):
        X = rng.normal(size=(6, 3))
        X[:, 2] = X[:, 0] * rng.choice([1.0, 0.5]) + X[:, 1] * rng.choice([1.0, 0.5, -0.5])
        problem = Quadratic.from_least_squares(X, rng.normal(size=6))
        lam = 0.2 * largest_lam(problem, L1())
        found = penalized(problem, L1(), lam)
        flat = problem.eigen[1][:, 0]
        steps = np.linspace(-1, 1, 2001)[:, None] * flat * 1e-3
        ties = np.abs(written_out(L1(), found.w[0] + steps) - written_out(L1(), found.w[0])) <= 1e-13
        assert bool(found.unique[0]) == (np.count_nonzero(ties) == 1)
        seen.add(bool(found.unique[0]))
    assert seen == {True, False}


@pytest.mark.parametrize("d", [2, 3])
@pytest.mark.parametrize("solve", [penalized, constrained])
@pytest.mark.parametrize(
    ("value", "says"),
    [
        (-1.0, "= -1"),
        ([0.0, -1e-9], "= -1e-09"),
        (np.nan, "contains nan"),
        (np.inf, "contains inf"),
        ([[1.0]], r"of shape \(1, 1\)"),
        ([], "of shape"),
        ("a", "of type"),
    ],
)
@REGISTERED
def test_bad_axes_are_refused_by_value_range_and_remedy(penalty: Penalty, value, says: str, solve, d: int) -> None:  # type: ignore[no-untyped-def]
    name = "lam" if solve is penalized else "budget"
    with pytest.raises(InvalidInput, match=f"{name} {says}.*: allowed is .+\\. .+\\."):
        solve(Quadratic(np.eye(d), np.ones(d)), penalty, value)


def test_what_is_no_problem_or_no_penalty_is_refused() -> None:
    with pytest.raises(InvalidInput, match="problem of type ndarray"):
        penalized(np.eye(2), L1(), 1.0)  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="penalty of type str"):
        constrained(Quadratic(np.eye(2), np.ones(2)), "l1", 1.0)  # type: ignore[arg-type]


# ------------------------------------------------------------------------------------------------- scikit-learn


def _data(seed: int, n: int, d: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d)) @ (np.eye(d) + 0.3 * rng.normal(size=(d, d)) / np.sqrt(d))
    y = X @ (rng.normal(size=d) * (rng.random(d) < 0.5)) + rng.normal(size=n)
    return X - X.mean(axis=0), y - y.mean()


@pytest.mark.parametrize(("n", "d"), [(60, 2), (60, 10), (200, 50)])
@pytest.mark.parametrize("penalty", [L1(), ElasticNet(0.3), ElasticNet(0.8)], ids=str)
def test_the_path_is_that_of_scikit_learn(penalty: Penalty, n: int, d: int) -> None:
    X, y = _data(d, n, d)
    problem = Quadratic.from_least_squares(X, y)
    lam = largest_lam(problem, penalty) * np.geomspace(0.9, 0.01, 12)
    rho = 1.0 if isinstance(penalty, L1) else penalty.rho  # type: ignore[attr-defined]
    _, coefficients, _ = enet_path(X, y, l1_ratio=rho / (2 - rho), alphas=lam * (2 - rho), tol=1e-10, max_iter=100_000)
    np.testing.assert_allclose(penalized(problem, penalty, lam).w, coefficients.T, atol=2e-5)
    assert ((np.abs(coefficients.T) > 1e-4) <= penalized(problem, penalty, lam).support).all()


@pytest.mark.parametrize(("n", "d"), [(60, 2), (200, 50)])
def test_l2_is_ridge_with_alpha_2_n_lambda(n: int, d: int) -> None:
    X, y = _data(d, n, d)
    lam = np.array([1e-3, 0.1, 3.0])
    found = penalized(Quadratic.from_least_squares(X, y), L2(), lam)
    for i in range(3):
        np.testing.assert_allclose(found.w[i], Ridge(alpha=2 * n * lam[i], fit_intercept=False).fit(X, y).coef_, atol=1e-11)


@pytest.mark.parametrize(("n", "d"), [(60, 2), (60, 10), (200, 50), (30, 50)])
def test_the_l1_solution_at_the_knots_of_lars_is_that_of_lars(n: int, d: int) -> None:
    X, y = _data(d, n, d)
    knots, _, coefficients = lars_path(X, y, method="lasso")
    inner = knots > 1e-6
    found = penalized(Quadratic.from_least_squares(X, y), L1(), knots[inner])
    np.testing.assert_allclose(found.w, coefficients.T[inner], atol=1e-8)


@pytest.mark.parametrize(("n", "d"), [(60, 10), (200, 50)])
@REGISTERED
def test_many_weights_meet_their_budget(penalty: Penalty, n: int, d: int) -> None:
    X, y = _data(d, n, d)
    problem = Quadratic.from_least_squares(X, y)
    budget = np.linspace(0.05, 0.95, 7) * float(written_out(penalty, problem.centre))
    found = constrained(problem, penalty, budget)
    assert found.active.all()
    np.testing.assert_allclose(written_out(penalty, found.w), budget, rtol=1e-13)
    np.testing.assert_allclose(penalized(problem, penalty, found.lam).w, found.w, atol=1e-10)
