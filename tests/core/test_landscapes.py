import numpy as np
import pytest

from core.errors import InvalidInput
from core.figures.landscape import contours, shade, surface
from core.figures.scene import Scene
from core.landscapes import Landscape, contour_levels, landscape
from core.penalties import L1, L2, ElasticNet, Penalty
from core.surfaces import SURFACES, Surface, parse_surface
from tests.core.problems import written_out

EVERY = pytest.mark.parametrize("key", SURFACES)
PENALTIES = [None, L1(), L2(), ElasticNet(0.4)]
LAM = np.linspace(0.0, 3.0, 21)


@EVERY
@pytest.mark.parametrize("penalty", PENALTIES, ids=str)
def test_the_two_grids_are_the_loss_and_the_penalty_rows_along_w2(key: str, penalty: Penalty | None) -> None:
    land = landscape(SURFACES[key], penalty, LAM)
    assert land.loss.shape == land.added.shape == (61, 61)
    assert land.floor.shape == LAM.shape
    (low, high), (bottom, top) = SURFACES[key].bounds
    assert land.window == ((low, high), (bottom, top))
    point = np.array([land.x[40], land.y[7]])
    np.testing.assert_allclose(land.loss[7, 40], SURFACES[key].value(point))
    np.testing.assert_allclose(land.added[7, 40], 0.0 if penalty is None else written_out(penalty, point))


@EVERY
@pytest.mark.parametrize("penalty", PENALTIES, ids=str)
def test_nothing_drawn_lies_below_the_floor_and_the_floor_is_reached(key: str, penalty: Penalty | None) -> None:
    made = landscape(SURFACES[key], penalty, LAM)
    for lam, floor in zip(LAM, made.floor, strict=True):
        height = made.loss + lam * made.added
        assert height.min() >= floor
        # Between the grid's points there is at most what the curvature adds over half a cell, or the tip of Ackley's cone.
        assert floor >= height.min() - 0.1 * made.levels[-1] - 1e-9
    if penalty is None or key in ("rastrigin", "ackley"):
        stated = SURFACES[key].min_value
        assert made.floor[0] == pytest.approx(stated, abs=1e-12) or stated == -np.inf


@EVERY
@pytest.mark.parametrize("penalty", PENALTIES, ids=str)
def test_levels_ascend_and_show_both_the_valley_and_the_walls(key: str, penalty: Penalty | None) -> None:
    made = landscape(SURFACES[key], penalty, LAM)
    assert (np.diff(made.levels) > 0).all()
    assert (made.levels > 0).all()
    assert 12 <= len(made.levels) <= 24
    above = made.loss - made.floor[0]
    crossed = (above.min() < made.levels) & (made.levels < above.max())
    assert crossed.sum() >= 12
    # The first line encloses a small part of the window, the lines as a whole nearly all of it, and no two neighbours more than half.
    shares = np.array([(above < level).mean() for level in made.levels[crossed]])
    assert shares[0] < 0.1
    assert shares[-1] > 0.9
    assert np.diff(shares).max() < (0.8 if key == "two_basins" else 0.5)  # most of its window is a plain
    # At the other end of the family lines are left as well.
    last = made.loss + LAM[-1] * made.added - made.floor[-1]
    assert ((last.min() < made.levels) & (made.levels < last.max())).sum() >= 8


def test_on_a_round_bowl_lines_are_about_evenly_spaced_in_distance() -> None:
    radius = np.sqrt(2.0 * landscape(SURFACES["round_bowl"]).levels[:14])
    gaps = np.diff(radius)
    assert gaps.max() < 1.6 * gaps.min()


def test_on_rosenbrock_four_lines_run_in_the_valley() -> None:
    levels = landscape(SURFACES["rosenbrock"]).levels
    assert (levels < 30.0).sum() >= 4
    assert levels[-1] > 1000.0


@pytest.mark.parametrize("above", [np.zeros((5, 5)), np.pad([[1.0]], 20), 1.0 - np.pad([[1.0]], 20), np.full((4, 4), 1e12)])
def test_levels_of_what_has_no_shape_are_still_levels(above: np.ndarray) -> None:
    for tallest in (0.0, 5.0):
        levels = contour_levels(above, tallest)
        assert np.isfinite(levels).all()
        assert (levels > 0).all()
        assert (np.diff(levels) > 0).all()


@EVERY
def test_a_3d_picture_has_room_above_every_floor_and_cuts_walls(key: str) -> None:
    made = landscape(SURFACES[key], L2(), LAM)
    assert np.isfinite(made.top)
    assert made.top > made.floor.max()
    assert (made.loss < made.top).mean() > 0.6


def test_the_objective_at_points_is_loss_plus_lambda_times_penalty() -> None:
    made = landscape(SURFACES["himmelblau"], L1(), LAM)
    w = np.random.default_rng(0).normal(size=(len(LAM), 3, 2))
    np.testing.assert_allclose(made.objective(w), SURFACES["himmelblau"].value(w) + LAM[:, None] * np.abs(w).sum(axis=-1))
    alone = landscape(SURFACES["himmelblau"], None, LAM)
    np.testing.assert_allclose(alone.objective(w), SURFACES["himmelblau"].value(w))


@pytest.mark.parametrize("text", ["tan(w1)", "1/(w1 - 0.123456)", "5", "1/(0.0001 + (w1 - 0.1)**2 + (w2 - 0.1)**2)", "-w1**8", "0*w1"])
@pytest.mark.parametrize("bounds", [None, [(0.0, 1e-6), (-1e3, 1e3)]])
def test_what_a_typed_surface_does_between_the_lines_stays_finite(text: str, bounds: object) -> None:
    made = landscape(parse_surface(text), L2(), [0.0, 1e6], bounds=bounds)  # type: ignore[arg-type]
    figure, blend = surface(made, np.array([[0.0, 0.0], [0.5, 0.5]]))
    assert blend.point is not None
    for column in (made.loss, made.added, made.floor, made.levels, blend.point):
        assert np.isfinite(np.asarray(column, dtype=np.float32)).all()
    assert np.isfinite(made.top)
    assert figure["layout"]["scene"]["zaxis"]["range"][0] < figure["layout"]["scene"]["zaxis"]["range"][1]


@pytest.mark.parametrize("penalty", PENALTIES, ids=str)
@pytest.mark.parametrize("key", ["rosenbrock", "two_basins", "saddle", "logistic_regression"])
def test_the_parts_of_a_figure_carry_the_family_and_build(key: str, penalty: Penalty | None) -> None:
    made = landscape(SURFACES[key], penalty, LAM)
    for part, kind in ((contours, "contours"), (shade, "shade")):
        moving, still = part(made, "lam"), part(made, still=True)
        assert moving.kind == still.kind == kind
        assert moving.axes == ("lam",)
        assert still.axes == ()
        assert (moving.factor == LAM).all()
        assert still.factor.tolist() == [0.0]
        assert still.floor[0] <= made.loss.min()
        assert moving.levels is made.levels
    w = np.tile(made.surface.start, (len(LAM), 1))
    figure, blend = surface(made, w, "lam", "l1")
    assert blend.axes == ("lam",)
    assert blend.point is not None
    assert blend.point.shape == (len(LAM), 3)
    Scene(figure, "a surface", blends=(blend,)).graph()
    figure, blend = surface(made, made.surface.start, still=True)
    assert blend.axes == ()
    assert blend.point is not None
    assert blend.point.shape == (1, 3)


def test_the_marker_of_a_surface_stands_just_above_it() -> None:
    made = landscape(SURFACES["himmelblau"], L2(), LAM)
    w = np.tile([1.0, 2.0], (len(LAM), 1))
    _, blend = surface(made, w)
    assert blend.point is not None
    height = SURFACES["himmelblau"].value((1.0, 2.0)) + LAM * 5.0
    lift = blend.point[:, 2] - height
    assert (lift > 0).all()
    assert np.ptp(lift) < 1e-9


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"lam": -1.0}, "lam"),
        ({"lam": [[1.0]]}, "lam"),
        ({"points": 2}, "points"),
        ({"points": 500}, "points"),
        ({"bounds": [(0.0, 0.0), (0.0, 1.0)]}, "bounds"),
        ({"bounds": [0.0, 1.0]}, "bounds"),
    ],
)
def test_what_makes_no_landscape_is_refused(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        landscape(SURFACES["saddle"], L2(), **arguments)  # type: ignore[arg-type]


def test_a_landscape_is_a_plain_record() -> None:
    made = landscape(SURFACES["saddle"])
    assert isinstance(made, Landscape)
    assert isinstance(made.surface, Surface)
    assert landscape(SURFACES["saddle"], points=121).loss.shape == (121, 121)
