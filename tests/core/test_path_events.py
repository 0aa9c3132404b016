import numpy as np
import pytest
from sklearn.linear_model import lars_path

from core.errors import InvalidInput
from core.path_events import zero_events
from core.penalties import L1, L2, ElasticNet, Penalty
from core.quadratic import Quadratic
from core.regularized import penalized
from tests.core.problems import MIXES, TILTED, random_problem, violation, written_out

GRID = np.linspace(0.0, 3.0, 201)


def test_under_l2_w1_crosses_zero_at_the_lambda_worked_out_by_hand() -> None:
    # (2 + 2 lam)(-.4) = .9 (-1.55): lam = .74375
    (event,) = zero_events(Quadratic(TILTED, [0.5, -1.0]), L2(), GRID)
    assert event.kind == "crosses"
    assert event.index == 0
    assert event.lam == pytest.approx(0.74375, rel=1e-12)
    assert event.w[0] == 0.0
    assert event.w[1] == pytest.approx(-1.55 / 3.4875, rel=1e-12)
    assert event.budget == pytest.approx((1.55 / 3.4875) ** 2, rel=1e-12)


def test_under_l1_the_weights_vanish_at_the_lambdas_worked_out_by_hand() -> None:
    # Signs (+, -): w1 = 0 at 2(-.4 - lam) = .9(-1.55 + lam), lam = .595/2.9; then w2 at lam = 1.55.
    first, second = zero_events(Quadratic(TILTED, [0.5, -1.0]), L1(), GRID)
    assert (first.index, first.kind, second.index, second.kind) == (0, "vanishes", 1, "vanishes")
    assert first.lam == pytest.approx(0.595 / 2.9, rel=1e-12)
    assert second.lam == pytest.approx(1.55, rel=1e-12)
    assert (second.w == 0.0).all()
    assert second.budget == 0.0


def test_a_diagonal_hessian_drops_each_weight_at_its_own_threshold() -> None:
    curvature, centre = np.array([1.0, 0.3, 2.0, 5.0]), np.array([0.4, -2.0, 0.05, 0.9])
    for penalty in (L1(), ElasticNet(0.4)):
        events = zero_events(Quadratic(np.diag(curvature), centre), penalty, np.linspace(0, 20, 50))
        expected = np.abs(curvature * centre) / penalty.l1
        assert [event.index for event in events] == list(np.argsort(expected))
        np.testing.assert_allclose([event.lam for event in events], np.sort(expected), rtol=1e-12)
        assert {event.kind for event in events} == {"vanishes"}


@pytest.mark.parametrize("penalty", MIXES, ids=str)
def test_for_two_weights_the_ends_of_the_axis_are_grid_enough(penalty: Penalty) -> None:
    rng, kinds = np.random.default_rng(0), set()
    for _ in range(20):
        problem = random_problem(rng, worst=2.0)
        end = 1.3 * max(float(np.abs(problem.pull).max()) / max(penalty.l1, 0.1), 1e-3)
        events = zero_events(problem, penalty, [1e-4 * end, end])
        dense = np.geomspace(1e-4 * end, end, 20_001)
        signs = np.sign(penalized(problem, penalty, dense).w)
        row, index = np.nonzero(signs[1:] != signs[:-1])
        assert sorted(event.index for event in events) == sorted(index)
        for event in events:
            kinds.add(event.kind)
            at = row[index == event.index]
            assert ((dense[at] <= event.lam * (1 + 1e-9)) & (event.lam <= dense[at + 1] * (1 + 1e-9))).any()
    assert ("crosses" in kinds) == (penalty.l1 == 0)
    assert ("vanishes" in kinds) == (penalty.l1 > 0)


def test_a_return_between_two_members_of_the_grid_is_found_for_two_weights() -> None:
    problem = Quadratic([[0.40254, 1.0781], [1.0781, 3.33402]], [4.79653, -1.42966])
    end = 1.3 * float(np.abs(problem.pull).max())
    events = zero_events(problem, L1(), [0.0, 0.5 * end, end])
    # At half way and at the end w2 is 0. On the way w2 changes sign by way of an interval at zero, and is back for a twentieth of the axis only.
    assert [(event.index, event.kind) for event in events] == [(1, "vanishes"), (1, "returns"), (0, "vanishes"), (1, "vanishes")]
    assert events[3].lam - events[1].lam <= 0.05 * end


@pytest.mark.parametrize("d", [2, 5])
@pytest.mark.parametrize("penalty", MIXES, ids=str)
def test_each_event_is_exact_and_certified_and_the_weight_behaves_as_its_kind_says(penalty: Penalty, d: int) -> None:
    rng, seen = np.random.default_rng(d), 0
    for _ in range(15):
        problem = random_problem(rng, d, worst=2.0)
        end = 1.3 * max(float(np.abs(problem.pull).max()) / max(penalty.l1, 0.1), 1e-3)
        events = zero_events(problem, penalty, np.geomspace(1e-4 * end, end, 60))
        assert [event.lam for event in events] == sorted(event.lam for event in events)
        for event in events:
            seen += 1
            assert event.w[event.index] == 0.0
            assert violation(problem, penalty, event.w, event.lam) <= 1e-9
            assert event.budget == pytest.approx(float(written_out(penalty, event.w)))
            before, after = penalized(problem, penalty, event.lam * np.array([1 - 1e-7, 1 + 1e-7])).w[:, event.index]
            zeros = {"vanishes": (False, True), "returns": (True, False), "crosses": (False, False)}
            assert (before == 0.0, after == 0.0) == zeros[event.kind]
            if event.kind == "crosses":
                assert before * after < 0.0
    assert seen >= 5


@pytest.mark.parametrize(("n", "d"), [(60, 8), (100, 20)])
def test_lasso_events_are_the_knots_of_lars(n: int, d: int) -> None:
    rng = np.random.default_rng(d)
    X = rng.normal(size=(n, d)) @ (np.eye(d) + 0.6 * rng.normal(size=(d, d)) / np.sqrt(d))
    y = X @ rng.normal(size=d) + rng.normal(size=n)
    X, y = X - X.mean(axis=0), y - y.mean()
    knots = lars_path(X, y, method="lasso")[0][:-1]  # the last is lambda 0
    events = zero_events(Quadratic.from_least_squares(X, y), L1(), np.geomspace(1e-6, 2 * knots[0], 400))
    np.testing.assert_allclose([event.lam for event in events], knots[::-1], rtol=1e-9)


def test_a_weight_that_lars_drops_and_takes_up_again_vanishes_twice_and_returns_once() -> None:
    # From lambda = 0 up: w3 vanishes, returns with the other sign and vanishes for good.
    rng = np.random.default_rng(3)
    for _ in range(200):
        X, y = rng.normal(size=(8, 3)) @ rng.normal(size=(3, 3)), rng.normal(size=8)
        problem = Quadratic.from_least_squares(X, y)
        events = zero_events(problem, L1(), np.linspace(0, 1.1 * float(np.abs(problem.pull).max()), 300))
        if "returns" in {event.kind for event in events}:
            index = next(event.index for event in events if event.kind == "returns")
            assert [event.kind for event in events if event.index == index] == ["vanishes", "returns", "vanishes"]
            drops = np.sum(np.diff(lars_path(X, y, method="lasso")[0]) < 0)
            assert len(events) == drops
            return
    pytest.fail("no such path among 200 problems")


def test_a_minimum_on_an_axis_leaves_it_at_lambda_0() -> None:
    (event,) = (found for found in zero_events(Quadratic(TILTED, [0.0, 1.0]), L2(), GRID) if found.index == 0)
    assert event.kind == "returns"
    assert event.lam == 0.0


def test_a_minimum_at_the_origin_has_no_events() -> None:
    for penalty in MIXES:
        assert zero_events(Quadratic(TILTED, [0.0, 0.0]), penalty, GRID) == ()


def test_a_flat_loss_has_events_too() -> None:
    (event,) = zero_events(Quadratic([[1.0, 2.0], [2.0, 4.0]], [1.0, 1.0]), L1(), GRID * 10)
    assert (event.index, event.kind) == (1, "vanishes")
    assert event.lam == pytest.approx(6.0, rel=1e-12)


def test_a_grid_of_bad_lambdas_is_refused() -> None:
    with pytest.raises(InvalidInput, match="lam = -1"):
        zero_events(Quadratic(TILTED, [0.5, -1.0]), L1(), [-1.0, 1.0])
