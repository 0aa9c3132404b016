import numpy as np
import pytest

from core._polygons import area, clip, clip_segment, rectangle
from core.errors import InvalidInput
from core.penalties import L1, L2, ElasticNet, Penalty
from core.quadratic import Quadratic
from core.regularized import constrained, penalized
from core.support_map import SupportMap, support_map
from tests.core.problems import MIXES, TILTED, written_out

WINDOW = ((-5.0, 4.0), (-3.0, 6.0))
ROUND, FLAT, TWINS = [[1.0, 0.0], [0.0, 1.0]], [[1.0, -2.0], [-2.0, 4.0]], [[1.0, 1.0], [1.0, 1.0]]
SHARES = {(True, True): "none_zero", (False, True): "first_zero", (True, False): "second_zero", (False, False): "both_zero"}


def inside(polygon: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Whether each point lies in a convex polygon (m, 2), by the signs of its edges' cross products; a polygon without area holds nothing."""
    edge = np.roll(polygon, -1, axis=0) - polygon
    cross = edge[:, 0] * (at[:, None, 1] - polygon[:, 1]) - edge[:, 1] * (at[:, None, 0] - polygon[:, 0])
    return ((cross >= 0).all(axis=1) | (cross <= 0).all(axis=1)) & (area(polygon[None])[0] > 1e-9)


def label(found: SupportMap, member: int, at: np.ndarray) -> list[tuple[tuple[bool, bool], bool]]:
    labels: list[tuple[tuple[bool, bool], bool]] = [((True, True), False)] * len(at)
    for region in found.regions[1:]:
        for i in np.flatnonzero(inside(region.polygon[member], at)):
            assert labels[i] == ((True, True), False), "no two regions in front of the window overlap"
            labels[i] = (region.support, region.inactive)
    return labels


@pytest.mark.parametrize("hessian", [TILTED, ROUND, [[1.0, -1.2], [-1.2, 1.5]], FLAT, TWINS, [[0.0, 0.0], [0.0, 2.0]]], ids=str)
@pytest.mark.parametrize("penalty", MIXES, ids=str)
@pytest.mark.parametrize("form", ["lam", "budget"])
def test_the_polygon_over_each_minimum_names_the_support_that_the_solver_finds(penalty: Penalty, hessian, form: str) -> None:  # type: ignore[no-untyped-def]
    axis = np.array([0.0, 0.3, 1.0, 4.0])
    found = support_map(Quadratic(hessian, [9.0, 9.0]), penalty, WINDOW, **{form: axis})
    minima = np.random.default_rng(0).uniform([-5, -3], [4, 6], (150, 2))
    labels = [label(found, k, minima) for k in range(len(axis))]
    for i, minimum in enumerate(minima):
        problem = Quadratic(hessian, minimum)
        solution = (penalized if form == "lam" else constrained)(problem, penalty, axis)
        for k in range(len(axis)):
            inactive = form == "budget" and not solution.active[k]
            if inactive and 0.99 < float(written_out(penalty, solution.w[k])) / axis[k] < 1.0:
                continue  # between a round region and the polygon that stands for it
            assert labels[k][i][1] == inactive
            if not inactive:
                assert labels[k][i][0] == tuple(solution.support[k])


@pytest.mark.parametrize("hessian", [TILTED, ROUND, FLAT, TWINS], ids=str)
@pytest.mark.parametrize("penalty", MIXES, ids=str)
@pytest.mark.parametrize("form", ["lam", "budget"])
def test_shares_add_up_and_are_those_of_the_polygons_counted_on_a_grid(penalty: Penalty, hessian, form: str) -> None:  # type: ignore[no-untyped-def]
    found = support_map(Quadratic(hessian, [0.0, 0.0]), penalty, WINDOW, **{form: [0.0, 0.5, 3.0, 60.0]})
    total = np.sum(list(found.shares.values()), axis=0)
    np.testing.assert_allclose(total, 1.0, rtol=1e-12)
    x, y = (low + (high - low) * (np.arange(300) + 0.5) / 300 for low, high in WINDOW)
    grid = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    for k in range(4):
        counted = dict.fromkeys(found.shares, 0.0)
        for region in found.regions[1:]:
            counted["inactive" if region.inactive else SHARES[region.support]] += inside(region.polygon[k], grid).mean()
        for name in ("first_zero", "second_zero", "both_zero", "inactive"):
            assert abs(found.shares[name][k] - counted[name]) <= 4e-3, (name, k)


def test_shares_of_a_round_loss_are_those_worked_out_by_hand() -> None:
    problem, window = Quadratic(ROUND, [0.0, 0.0]), ((-4.0, 4.0), (-4.0, 4.0))
    # Soft threshold: each weight is zero in a strip of half width lam.
    lam = np.array([0.5, 1.0, 3.0])
    shares = support_map(problem, L1(), window, lam=lam).shares
    np.testing.assert_allclose(shares["both_zero"], lam**2 / 16, rtol=1e-14)
    np.testing.assert_allclose(shares["first_zero"], lam * (4 - lam) / 16, rtol=1e-14)
    np.testing.assert_allclose(shares["none_zero"], (4 - lam) ** 2 / 16, rtol=1e-13)
    # Diamond of budget b: its own area 2 b^2, and from each corner a right-angled wedge, (4 - b)^2 until it meets the window's corners.
    budget = np.array([0.5, 1.0, 3.0])
    shares = support_map(problem, L1(), window, budget=budget).shares
    np.testing.assert_allclose(shares["inactive"], 2 * budget**2 / 64, rtol=1e-12)
    np.testing.assert_allclose(shares["first_zero"], 2 * (4 - budget) ** 2 / 64, rtol=1e-13)
    np.testing.assert_allclose(shares["second_zero"], shares["first_zero"], rtol=1e-13)
    assert (shares["both_zero"] == 0.0).all()


@pytest.mark.parametrize("penalty", MIXES, ids=str)
def test_the_inactive_share_is_the_area_of_the_budget_region_in_the_window(penalty: Penalty) -> None:
    budget = np.array([0.05, 1.0, 9.0, 30.0, 500.0])
    for window in (WINDOW, ((0.2, 2.0), (-1.0, 0.3))):
        share = support_map(Quadratic(TILTED, [0.0, 0.0]), penalty, window, budget=budget).shares["inactive"]
        x, y = (low + (high - low) * (np.arange(1000) + 0.5) / 1000 for low, high in window)
        values = written_out(penalty, np.stack(np.meshgrid(x, y), axis=-1))
        np.testing.assert_allclose(share, [(values <= b).mean() for b in budget], atol=3e-4)
    disc = support_map(Quadratic(TILTED, [0.0, 0.0]), L2(), ((-5.0, 5.0), (-5.0, 5.0)), budget=[1.0, 4.0]).shares["inactive"]
    np.testing.assert_allclose(disc, np.pi * np.array([1.0, 4.0]) / 100, rtol=1e-12)


@pytest.mark.parametrize("form", ["lam", "budget"])
def test_a_coordinate_of_the_l2_solution_is_zero_exactly_on_the_lines(form: str) -> None:
    axis = np.array([0.2, 1.0, 6.0])
    found = support_map(Quadratic(TILTED, [0.0, 0.0]), L2(), WINDOW, **{form: axis})
    assert found.lines.shape == (3, 2 if form == "lam" else 6, 2, 2)
    drawn = 0
    for k in range(3):
        for i in range(found.lines.shape[1]):
            start, end = found.lines[k, i]
            if (start == end).all():
                continue
            drawn += 1
            for share in (0.1, 0.45, 0.9):
                problem = Quadratic(TILTED, start + share * (end - start))
                w = (penalized if form == "lam" else constrained)(problem, L2(), axis[k]).w[0]
                assert abs(w[i % 2]) <= 1e-13
                assert abs(w[1 - i % 2]) >= 1e-3
            assert (found.lines[k, i] >= np.array(WINDOW)[:, 0] - 1e-12).all()
            assert (found.lines[k, i] <= np.array(WINDOW)[:, 1] + 1e-12).all()
    assert drawn >= 6
    assert support_map(Quadratic(TILTED, [0.0, 0.0]), L1(), WINDOW, **{form: axis}).lines.shape == (3, 0, 2, 2)


def test_a_family_is_its_members_side_by_side() -> None:
    problem, axis = Quadratic(TILTED, [0.0, 0.0]), np.linspace(0, 4, 9)
    for form in ("lam", "budget"):
        together = support_map(problem, ElasticNet(), WINDOW, **{form: axis})
        for k in range(9):
            alone = support_map(problem, ElasticNet(), WINDOW, **{form: axis[k]})
            for name, share in together.shares.items():
                assert share[k] == pytest.approx(alone.shares[name][0], abs=1e-14)


@pytest.mark.parametrize("form", ["lam", "budget"])
@pytest.mark.parametrize("penalty", MIXES, ids=str)
def test_polygons_are_finite_and_stay_in_the_window(penalty: Penalty, form: str) -> None:
    for hessian in (TILTED, FLAT, [[1.0, 0.0], [0.0, 1e-7]]):
        found = support_map(Quadratic(hessian, [0.0, 0.0]), penalty, WINDOW, **{form: np.geomspace(1e-9, 1e6, 40)})
        for region in found.regions:
            assert (region.polygon >= np.array(WINDOW)[:, 0] - 1e-9).all()
            assert (region.polygon <= np.array(WINDOW)[:, 1] + 1e-9).all()
        assert np.isfinite(found.lines).all()


def test_what_has_no_support_map_is_refused() -> None:
    plane = Quadratic(TILTED, [0.0, 0.0])
    for problem, window, held, says in (
        (Quadratic(np.eye(3), np.zeros(3)), WINDOW, {"lam": 1.0}, "a problem of 3 weights"),
        (plane, ((1.0, 1.0), (0.0, 1.0)), {"lam": 1.0}, "window = "),
        (plane, ((0.0, 1.0), (np.nan, 1.0)), {"lam": 1.0}, "window contains nan"),
        (plane, (0.0, 1.0), {"lam": 1.0}, "window = "),
        (plane, WINDOW, {}, "both of lam and budget, or neither"),
        (plane, WINDOW, {"lam": 1.0, "budget": 1.0}, "both of lam and budget, or neither"),
        (plane, WINDOW, {"lam": -1.0}, "lam = -1"),
        (plane, WINDOW, {"budget": np.nan}, "budget contains nan"),
    ):
        with pytest.raises(InvalidInput, match=f"{says}.*: allowed is .+\\. .+\\."):
            support_map(problem, L1(), window, **held)  # type: ignore[arg-type]


def test_clipping_keeps_the_half_and_pads_what_is_shorter() -> None:
    squares = rectangle(((0.0, 2.0), (0.0, 2.0)), 4)
    # Keep x <= 1, x + y <= 1, everything, nothing.
    kept = clip(squares, np.array([[1.0, 0.0], [1.0, 1.0], [0.0, 0.0], [0.0, 0.0]]), np.array([1.0, 1.0, 0.0, -1.0]))
    np.testing.assert_allclose(area(kept), [2.0, 0.5, 4.0, 0.0])
    assert (kept[3] == kept[3, 0]).all()
    assert not np.isnan(kept).any()


def test_a_segment_is_cut_at_the_window_and_one_outside_has_no_length() -> None:
    start, end = np.array([[-3.0, 0.0], [-3.0, 5.0], [0.0, 0.0], [5.0, -1.0]]), np.array([[3.0, 0.0], [3.0, 5.0], [0.0, 9.0], [5.0, 1.0]])
    cut = clip_segment(start, end, ((-1.0, 1.0), (-1.0, 1.0)))
    np.testing.assert_allclose(cut[0], [[-1.0, 0.0], [1.0, 0.0]])
    np.testing.assert_allclose(cut[2], [[0.0, 0.0], [0.0, 1.0]])
    assert (cut[[1, 3], 0] == cut[[1, 3], 1]).all()
