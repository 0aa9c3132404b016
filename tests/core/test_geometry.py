import numpy as np
import pytest

from core.errors import InvalidInput
from core.geometry import level_set, normal_cone, region_boundary
from core.penalties import L1, L2, ElasticNet, Penalty
from core.quadratic import Quadratic
from core.regularized import constrained
from tests.core.problems import MIXES, TILTED, loss, random_problem, written_out

EVERY = pytest.mark.parametrize("penalty", MIXES, ids=str)


@EVERY
@pytest.mark.parametrize("count", [5, 64, 128, 129])
def test_the_boundary_spends_the_budget_closes_and_holds_the_corners(penalty: Penalty, count: int) -> None:
    budget = np.array([0.0, 1e-6, 0.5, 3.0])
    edge = region_boundary(penalty, budget, count)
    assert edge.shape == (4, count, 2)
    np.testing.assert_allclose(written_out(penalty, edge), np.broadcast_to(budget[:, None], (4, count)), rtol=1e-14)
    assert (edge[:, 0] == edge[:, -1]).all()
    for k in range(1, 4):
        for axis in (0, 1):
            on = edge[k, edge[k, :, axis] == 0.0][:, 1 - axis]
            assert {-1.0, 1.0} <= set(np.sign(on)), "the corners on the axes are among the points exactly"


@EVERY
def test_the_boundary_runs_once_around_counter_clockwise(penalty: Penalty) -> None:
    edge = region_boundary(penalty, 2.0)[0]
    turn = np.unwrap(np.arctan2(edge[:, 1], edge[:, 0]))
    assert (np.diff(turn) > 0).all()
    assert turn[-1] - turn[0] == pytest.approx(2 * np.pi)


def test_a_level_set_is_an_ellipse_of_that_level_about_the_centre() -> None:
    problem = Quadratic(TILTED, [0.5, -1.0], 0.25)
    levels = np.array([0.25, 0.5, 7.0])
    ellipse = level_set(problem, levels, 201)
    assert ellipse.shape == (3, 201, 2)
    np.testing.assert_allclose(loss(problem, ellipse), np.broadcast_to(levels[:, None], (3, 201)), rtol=1e-13)
    np.testing.assert_allclose(ellipse[:, 0], ellipse[:, -1], atol=1e-15)
    np.testing.assert_allclose(ellipse[:, :-1].mean(axis=1), np.broadcast_to([0.5, -1.0], (3, 2)), atol=1e-13)


def test_the_level_set_of_a_flat_loss_is_two_lines_on_any_screen() -> None:
    problem = Quadratic([[1.0, 1.0], [1.0, 1.0]], [1.0, 0.0])
    ellipse = level_set(problem, 0.5, 129)[0]
    width = (ellipse - problem.centre) @ [1.0, 1.0]
    length = (ellipse - problem.centre) @ [1.0, -1.0]
    assert np.ptp(length) >= 1e3
    # In the window: the loss is the level, to the ellipse's curvature over a ten-thousandth of its length.
    middle = np.argsort(np.abs(length))[:2]
    np.testing.assert_allclose(np.abs(width[middle]), 1.0, atol=1e-6)
    assert (level_set(Quadratic(np.zeros((2, 2)), [1.0, 2.0]), [0.0, 1.0], 9) == [1.0, 2.0]).all()


@EVERY
def test_the_normal_cone_holds_the_downhill_slope_of_every_binding_solution(penalty: Penalty) -> None:
    rng, corners = np.random.default_rng(0), 0
    for _ in range(60):
        problem = random_problem(rng, worst=2.0)
        enough = float(written_out(penalty, problem.centre))
        if enough == 0.0:
            continue
        found = constrained(problem, penalty, np.array([0.05, 0.3, 0.8]) * enough)
        first, second = np.moveaxis(normal_cone(penalty, found.w), 1, 0)
        np.testing.assert_allclose(np.hypot(*first.T), 1.0)
        pull = -(found.w - problem.centre) @ problem.hessian
        pull /= np.hypot(*pull.T)[:, None]
        # Counter-clockwise from the first edge, and clockwise from the second.
        assert (first[:, 0] * pull[:, 1] - first[:, 1] * pull[:, 0] >= -1e-7).all()
        assert (pull[:, 0] * second[:, 1] - pull[:, 1] * second[:, 0] >= -1e-7).all()
        assert ((first * pull).sum(axis=-1) > 0).all()
        smooth = found.support.all(axis=1) | (penalty.l1 == 0)
        np.testing.assert_array_equal(first[smooth], second[smooth])
        corners += np.count_nonzero(~smooth)
    assert corners > 0 or penalty.l1 == 0


def test_the_cones_of_the_diamonds_corners_are_quadrants() -> None:
    half = np.sqrt(0.5)
    cones = normal_cone(L1(), [[1.0, 0.0], [0.0, 2.0], [-1.0, 0.0], [0.0, -3.0]])
    np.testing.assert_allclose(cones[0], [[half, -half], [half, half]])
    np.testing.assert_allclose(cones[1], [[half, half], [-half, half]])
    np.testing.assert_allclose(cones[2], [[-half, half], [-half, -half]])
    np.testing.assert_allclose(cones[3], [[-half, -half], [half, -half]])
    # The elastic net's corners are blunter: (l1 + 2 l2 t, l1) = (1.5, .5) at t = 1.
    np.testing.assert_allclose(normal_cone(ElasticNet(), [1.0, 0.0])[0], np.array([[1.5, -0.5], [1.5, 0.5]]) / np.sqrt(2.5))
    np.testing.assert_allclose(normal_cone(L2(), [3.0, 4.0])[0], [[0.6, 0.8], [0.6, 0.8]])


@EVERY
def test_at_the_origin_there_is_no_cone_to_draw(penalty: Penalty) -> None:
    assert (normal_cone(penalty, [0.0, 0.0]) == 0.0).all()


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: region_boundary(L1(), -1.0), "budget = -1"),
        (lambda: region_boundary(L1(), 1.0, 4), "points = 4"),
        (lambda: region_boundary(L1(), 1.0, 7.5), "points = 7.5"),  # type: ignore[arg-type]
        (lambda: level_set(Quadratic(TILTED, [0.0, 0.0], 1.0), 0.5), "level = 0.5"),
        (lambda: level_set(Quadratic(TILTED, [0.0, 0.0]), np.nan), "level contains nan"),
        (lambda: level_set(Quadratic(TILTED, [0.0, 0.0]), [[1.0]]), r"level of shape \(1, 1\)"),
        (lambda: level_set(Quadratic(np.eye(3), np.zeros(3)), 1.0), "a problem of 3 weights"),
        (lambda: normal_cone(L1(), [1.0, 2.0, 3.0]), r"w of shape \(3,\)"),
        (lambda: normal_cone(L1(), np.zeros((2, 2, 2))), r"w of shape \(2, 2, 2\)"),
    ],
)
def test_what_cannot_be_drawn_is_refused(call, says: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InvalidInput, match=f"{says}.*: allowed is .+\\. .+\\."):
        call()
