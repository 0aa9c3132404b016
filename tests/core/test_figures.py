"""Figures of the lab "Diamond and circle": what is drawn is what was solved, member by member, in the colours of the law."""

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from core.diamond_circle import DiamondCircle, solve
from core.figures.constraint_plane import constraint_plane
from core.figures.diamond_panel import diamond_axis, diamond_readouts
from core.figures.palette import PALETTE
from core.figures.penalised_surface import penalised_surface
from core.figures.scene import Mark, Scene
from core.figures.support_plane import support_plane
from core.figures.weight_path import weight_path
from core.penalties import PENALTIES
from core.specs import DIAMOND_CIRCLE_PRESETS, DiamondCircleSpec
from tests.core.problems import coefficients, loss, written_out
from ui.plot import pack_chart, pack_readouts

VIEWS = {"plane": constraint_plane, "path": weight_path, "support": support_plane, "surface": penalised_surface}
VARIANTS = (
    {"overlay": False, "contours": "loss"},
    {"overlay": True, "contours": "objective"},
    {"overlay": True, "contours": "objective", "penalty": "elastic_net"},
    {"overlay": False, "contours": "objective", "penalty": "l2", "spacing": "log"},
)
SPECS = [
    pytest.param(spec.replace(axis=axis, **variant), id=f"{title}-{axis}-{i}")
    for title, spec in DIAMOND_CIRCLE_PRESETS.items()
    for axis in ("lam", "budget")
    for i, variant in enumerate(VARIANTS)
]

solved = cache(solve)


@cache
def drawn(spec: DiamondCircleSpec, view: str) -> Scene:
    return VIEWS[view](solved(spec))


@cache
def graph(spec: DiamondCircleSpec, view: str) -> go.Figure:
    """The figure as Plotly's own object: building it fails on any property that Plotly does not know."""
    return drawn(spec, view).graph()


def mark(scene: Scene, name: str) -> Mark:
    (found,) = [found for found in scene.marks if found.name == name]
    return found


def vertices(found: Mark, k: int) -> np.ndarray:
    """Where a mark is drawn, member by member, (k, ..., 2), as its docstring says."""
    if found.scale is None:
        return found.xy
    assert found.scale.shape == (k,)
    return np.array(found.origin or (0.0, 0.0)) + found.scale[:, None, None] * found.xy


def distance(polygon: np.ndarray, point: np.ndarray) -> float:
    """Distance of a point to a polyline, (m, 2)."""
    start, step = polygon[:-1], np.diff(polygon, axis=0)
    length = (step**2).sum(axis=-1)
    along = np.clip(((point - start) * step).sum(axis=-1) / np.where(length > 0, length, 1.0), 0.0, 1.0)
    return float(np.linalg.norm(start + along[:, None] * step - point, axis=-1).min())


def slopes(result: DiamondCircle) -> np.ndarray:
    return (result.solution.w - result.problem.centre) @ result.problem.hessian


def turned(first: np.ndarray, second: np.ndarray) -> float:
    return float(first[0] * second[1] - first[1] * second[0])


def arrays(node: Any) -> Iterator[np.ndarray]:
    if isinstance(node, np.ndarray):
        yield node
    elif isinstance(node, dict):
        for value in node.values():
            yield from arrays(value)
    elif isinstance(node, list | tuple):
        for value in node:
            yield from arrays(value)


# ------------------------------------------------------------------------------------------------ every view


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("spec", SPECS)
def test_a_scene_is_finite_says_what_it_shows_and_has_a_row_for_every_member(spec, view):
    scene, k = drawn(spec, view), len(solved(spec).axis)
    assert len(scene.alt) > 40
    assert result_label(spec) in scene.alt
    assert scene.marks or scene.blends
    assert len({found.name for found in scene.marks}) == len(scene.marks), "names tell marks apart"
    for found in scene.marks:
        assert found.kind == "text" or np.isfinite(found.xy).all(), found.name
        assert not np.isinf(found.xy).any()
        assert len(found.text) == k or isinstance(found.text, str)
        if found.scale is not None:
            assert found.scale.shape == (k,)
            assert (found.scale >= 0).all()
            assert np.isfinite(found.scale).all()
        elif found.axes:
            assert found.xy.shape[0] == k, found.name
    for blend in scene.blends:
        assert blend.factor.shape == blend.floor.shape == (k,)
        assert blend.base.shape == blend.by.shape == (len(blend.y), len(blend.x))
        assert all(np.isfinite(array).all() for array in (blend.x, blend.y, blend.base, blend.by, blend.factor, blend.floor))
    assert len(scene.captions) in (0, k)
    assert all(len(column) == k for column in scene.table.values())
    for array in arrays(scene.figure["data"]):
        assert np.isfinite(array).all()


def result_label(spec: DiamondCircleSpec) -> str:
    return PENALTIES[spec.penalty].label


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("spec", SPECS)
def test_what_stands_still_has_the_colours_of_the_law_and_no_frames(spec, view):
    figure = graph(spec, view)
    assert not figure.frames
    assert figure.layout.uirevision == "keep", "zoom and camera survive"
    described = figure.to_dict()
    for trace in described["data"]:
        if trace["type"] == "surface":
            trace.pop("colorscale")  # a scale of heights is no idea of the law
    inks = {ink.light for ink in PALETTE.values()}
    used = re.findall(r"#[0-9A-Fa-f]{3,8}\b", json.dumps(described, default=lambda array: ""))
    assert used
    assert set(used) <= inks
    named = {found.colour for found in drawn(spec, view).marks} | {blend.colour for blend in drawn(spec, view).blends}
    assert named <= set(PALETTE)


@pytest.mark.parametrize("view", ["plane", "support"])
@pytest.mark.parametrize("spec", SPECS)
def test_planes_have_equal_units_on_both_axes_and_show_the_window(spec, view):
    layout = graph(spec, view).layout
    assert (layout.yaxis.scaleanchor, layout.yaxis.scaleratio) == ("x", 1)
    (x_range, y_range) = solved(spec).window
    assert tuple(layout.xaxis.range) == x_range
    assert tuple(layout.yaxis.range) == y_range


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("spec", SPECS)
def test_a_view_weighs_less_than_400_kilobytes_on_its_way(spec, view):
    assert len(pack_chart(drawn(spec, view), name=view, group="dc")) < 400_000


@pytest.mark.parametrize("spec", SPECS)
def test_all_readouts_and_the_axis_fit_into_a_hundred_kilobytes(spec):
    assert len(pack_readouts(diamond_readouts(solved(spec)), group="dc")) < 100_000


# ------------------------------------------------------------------------------------------------ the constraint plane


@pytest.mark.parametrize("spec", SPECS)
def test_the_solution_is_marked_at_w_for_every_penalty_shown(spec):
    result, scene = solved(spec), drawn(spec, "plane")
    shown = {spec.penalty: result.solution} | {key: solution for key, (_, solution) in result.others.items()}
    assert set(shown) == (set(PENALTIES) if spec.overlay else {spec.penalty})
    for key, solution in shown.items():
        np.testing.assert_array_equal(mark(scene, f"solution-{key}").xy, solution.w)
        assert mark(scene, f"solution-{key}").colour == key
        still = mark(scene, f"path-{key}")
        assert not still.axes, "the whole path stands still"
        np.testing.assert_array_equal(still.xy, solution.w)


@pytest.mark.parametrize("spec", SPECS)
def test_every_point_of_a_regions_boundary_spends_the_budget(spec):
    result, scene = solved(spec), drawn(spec, "plane")
    for key, (penalty, solution) in (dict(result.others) | {spec.penalty: (result.penalty, result.solution)}).items():
        edge = vertices(mark(scene, f"region-{key}"), len(result.axis))
        assert edge.shape[0] == len(result.axis)
        spent = written_out(penalty, edge)
        np.testing.assert_allclose(spent, np.broadcast_to(solution.budget[:, None], spent.shape), rtol=1e-12, atol=1e-15)
        # All around: the four corners on the axes are among the points.
        for direction in np.vstack([np.eye(2), -np.eye(2)]):
            tip = edge[-2 if spec.axis == "budget" else 1] @ direction
            assert tip.max() == pytest.approx(np.abs(edge[-2 if spec.axis == "budget" else 1]).max(), rel=1e-12)


@pytest.mark.parametrize("spec", SPECS)
def test_the_level_set_passes_through_the_solution(spec):
    result = solved(spec)
    curves = vertices(mark(drawn(spec, "plane"), "level-set"), len(result.axis))
    np.testing.assert_array_equal(curves[:, 0], curves[:, -1])
    # The two lines of a flat loss never meet quite: a fifth of a pixel on a screen of 400.
    rounding = (1e-7 if result.problem.is_definite else 1e-3) * result.window[0][1]
    for curve, w in zip(curves, result.solution.w, strict=True):
        # 160 chords of an ellipse lie inside it by 1 - cos(pi / 159) of the way to its centre.
        assert distance(curve, w) <= 2.5e-4 * np.linalg.norm(w - result.problem.centre) + rounding


@pytest.mark.parametrize("spec", SPECS)
def test_every_vertex_of_the_level_set_costs_what_the_solution_costs(spec):
    result = solved(spec)
    curves = vertices(mark(drawn(spec, "plane"), "level-set"), len(result.axis))
    above = loss(result.problem, curves) - result.problem.floor
    paid = loss(result.problem, result.solution.w) - result.problem.floor
    if result.problem.is_definite:
        np.testing.assert_allclose(above, np.broadcast_to(paid[:, None], above.shape), rtol=1e-9, atol=1e-14)
        return
    # Drawn as a very long ellipse: its waist is where the two lines are, and it reaches across the window even where they are one.
    away = np.abs(curves - result.problem.centre).max(axis=-1)
    assert (away.max(axis=-1) > 3 * result.window[0][1]).all()
    waist = away < 0.05 * away.max(axis=-1, keepdims=True)
    assert waist.any(axis=-1).all()
    np.testing.assert_allclose(above[waist], np.broadcast_to(paid[:, None], above.shape)[waist], rtol=1e-2, atol=2e-6 * paid.max())


@pytest.mark.parametrize("spec", SPECS)
def test_the_arrow_starts_at_w_and_points_down_the_loss(spec):
    result = solved(spec)
    arrow = mark(drawn(spec, "plane"), "pull")
    np.testing.assert_array_equal(arrow.xy[:, 0], result.solution.w)
    down, step = -slopes(result), arrow.xy[:, 1] - arrow.xy[:, 0]
    size = np.linalg.norm(down, axis=1)
    steep = size > 1e-8 * np.abs(result.problem.hessian @ result.problem.centre).max()
    assert steep.sum() > 100
    length = np.linalg.norm(step, axis=1)
    np.testing.assert_allclose(length[steep], length[steep][0], rtol=1e-9)
    assert 0.05 < length[steep][0] / result.window[0][1] < 0.5
    np.testing.assert_allclose(step[steep] / length[steep, None], down[steep] / size[steep, None], atol=1e-9)
    assert (length[size == 0.0] == 0.0).all()


@pytest.mark.parametrize("spec", SPECS)
def test_the_normal_cone_holds_the_arrow_wherever_the_penalty_acts(spec):
    result = solved(spec)
    cone = mark(drawn(spec, "plane"), "normal-cone").xy
    np.testing.assert_array_equal(cone[:, 0], result.solution.w)
    l1, l2 = coefficients(result.penalty)
    checked = 0
    for k, (w, slope, lam) in enumerate(zip(result.solution.w, slopes(result), result.solution.lam, strict=True)):
        if not w.any() or not lam > 0.0 or np.linalg.norm(slope) <= 1e-8 * np.abs(result.problem.hessian @ result.problem.centre).max():
            continue
        first, second = cone[k, 1:] - cone[k, 0]
        first, second, down = (v / np.linalg.norm(v) for v in (first, second, -slope))
        assert turned(first, down) >= -1e-7
        assert turned(down, second) >= -1e-7
        assert min(first @ down, second @ down) >= -1e-9
        # The edges are the extreme subgradients, written out: +-l1 at a zero weight.
        for edge in (first, second):
            ends = [l1 * np.array([np.sign(w[0]) or a, np.sign(w[1]) or b]) + 2 * l2 * w for a in (1, -1) for b in (1, -1)]
            assert min(np.abs(end / np.linalg.norm(end) - edge).max() for end in ends) < 1e-9
        assert (turned(first, second) > 1e-12) == bool(l1 > 0 and (w == 0).any()), "wide at corners, one direction elsewhere"
        checked += 1
    assert checked > 80


@pytest.mark.parametrize("spec", SPECS)
def test_contours_of_the_objective_blend_the_loss_and_the_penalty_on_the_grid(spec):
    result, scene = solved(spec), drawn(spec, "plane")
    if spec.contours == "loss":
        (still,) = scene.blends
        points = np.stack(np.meshgrid(still.x, still.y), axis=-1)
        np.testing.assert_allclose(still.base, loss(result.problem, points), rtol=1e-9, atol=1e-12)
        assert not still.factor.any(), "the loss does not move with lambda"
        np.testing.assert_array_equal(still.floor, np.full(len(result.axis), result.problem.floor))
        return
    (blend,) = scene.blends
    assert_blends(result, blend)
    assert (np.diff(blend.levels) > 0).all()
    assert blend.levels[0] > 0


def assert_blends(result, blend):
    points = np.stack(np.meshgrid(blend.x, blend.y), axis=-1)
    for k in (0, 1, 17, 100, 200):
        lam = float(result.solution.lam[k])
        if np.isinf(lam):
            assert blend.floor[k] == pytest.approx(loss(result.problem, np.zeros(2)))
            continue
        expected = loss(result.problem, points) + lam * written_out(result.penalty, points)
        np.testing.assert_allclose(blend.base + blend.factor[k] * blend.by, expected, rtol=1e-9, atol=1e-9 * np.abs(expected).max())
        w = result.solution.w[k]
        least = loss(result.problem, w) + lam * written_out(result.penalty, w)
        assert blend.floor[k] == pytest.approx(least, rel=1e-9, abs=1e-12)
        assert blend.floor[k] <= expected.min() + 1e-9 * np.abs(expected).max(), "no point of the grid lies below the minimum"


# ------------------------------------------------------------------------------------------------ the surface


@pytest.mark.parametrize("spec", SPECS)
def test_the_surface_blends_the_objective_and_its_marker_stands_on_the_minimum(spec):
    result, scene = solved(spec), drawn(spec, "surface")
    (blend,) = scene.blends
    assert_blends(result, blend)
    np.testing.assert_array_equal(blend.point[:, :2], result.solution.w)
    low, high = graph(spec, "surface").layout.scene.zaxis.range
    lift = blend.point[:, 2] - blend.floor
    seen = blend.floor < high
    assert (blend.point[:, 2] <= high).all()
    assert (lift[seen] > 0).all()
    assert (lift[seen] <= 0.06 * (high - low)).all(), "a hair above, so that it is not drowned"
    assert graph(spec, "surface").data[blend.trace].type == "surface"
    assert graph(spec, "surface").data[blend.trace + 1].type == "scatter3d"
    assert tuple(graph(spec, "surface").layout.scene.xaxis.range) == result.window[0]


# ------------------------------------------------------------------------------------------------ the path and the map


@pytest.mark.parametrize("spec", SPECS)
def test_the_path_draws_both_weights_over_the_axis_with_a_ring_on_every_event_it_holds(spec):
    result, scene = solved(spec), drawn(spec, "path")
    log = spec.spacing == "log"
    lines = {trace.name: trace for trace in graph(spec, "path").data if trace.mode == "lines"}
    for i, name in enumerate(("w₁", "w₂")):
        np.testing.assert_array_equal(lines[name].x, result.axis[int(log) :])
        np.testing.assert_array_equal(lines[name].y, result.solution.w[int(log) :, i])
        np.testing.assert_array_equal(mark(scene, f"w{i + 1}").xy, np.stack([result.axis, result.solution.w[:, i]], axis=-1))
    assert len(lines) == (6 if spec.overlay else 2)
    np.testing.assert_array_equal(mark(scene, "cursor").xy, result.axis)
    rings = [(trace.x[0], trace.text[0]) for trace in graph(spec, "path").data if trace.mode == "markers+text"]
    inside = [event for event, member in zip(result.events, result.event_members, strict=True) if member >= 0]
    assert [where for where, _ in rings] == [event.lam if spec.axis == "lam" else event.budget for event in inside]
    for (_, label), event in zip(rings, inside, strict=True):
        # Along a growing budget lambda falls, so what vanishes along lambda comes to life.
        words = {"vanishes": "becomes 0", "returns": "leaves 0", "crosses": "crosses 0"}
        if spec.axis == "budget":
            words |= {"vanishes": "leaves 0", "returns": "becomes 0"}
        assert label == f"w{'₁₂'[event.index]} {words[event.kind]}"
    low, high = graph(spec, "path").layout.yaxis.range
    assert low < result.solution.w.min() <= result.solution.w.max() < high
    x_low, x_high = (10 ** np.array(graph(spec, "path").layout.xaxis.range)) if log else graph(spec, "path").layout.xaxis.range
    assert x_low == pytest.approx(result.axis[int(log)])
    assert x_high == pytest.approx(result.axis[-1])


def inside(polygon: np.ndarray, point: np.ndarray) -> bool:
    """Whether a point lies in a convex polygon, whichever way round it goes."""
    edges = np.roll(polygon, -1, axis=0) - polygon
    side = [turned(edge, point - corner) for edge, corner in zip(edges, polygon, strict=True) if np.linalg.norm(edge) > 1e-12]
    return bool(side) and (min(side) > 0 or max(side) < 0)


@pytest.mark.parametrize("spec", SPECS)
def test_this_problems_minimum_lies_in_the_part_of_the_map_that_its_solution_belongs_to(spec):
    result, scene = solved(spec), drawn(spec, "support")
    (cross,) = graph(spec, "support").data
    np.testing.assert_array_equal([cross.x[0], cross.y[0]], result.problem.centre)
    ink = {(False, True): "w2", (True, False): "w1", (False, False): "muted"}  # of the weight that stays
    if not result.problem.is_definite:
        return  # many minima of a flat loss are one: the map shows the one that is marked by chance
    for k in range(3, 198, 6):
        if any(abs(k - member) <= 1 for member in result.event_members):
            continue  # on the border, to rounding
        parts = [found for found in scene.marks if found.kind == "region" and inside(found.xy[k], result.problem.centre)]
        colours = [found.colour for found in parts if found.name != "inactive"]
        zero = tuple(bool(value) for value in result.solution.w[k] != 0.0)
        slack = spec.axis == "budget" and result.solution.lam[k] == 0.0
        assert colours == ([] if slack or zero == (True, True) else [ink[zero]]), k
        if spec.axis == "budget" and abs(result.axis[k] / written_out(result.penalty, result.problem.centre) - 1) > 0.01:
            assert [found.name for found in parts].count("inactive") == slack


@pytest.mark.parametrize("spec", SPECS)
def test_labels_of_the_map_stand_inside_their_parts(spec):
    scene = drawn(spec, "support")
    for label in (found for found in scene.marks if found.kind == "text"):
        part = mark(scene, label.name.replace("label", "support"))
        assert part.colour == label.colour
        for k in np.flatnonzero(np.isfinite(label.xy).all(axis=-1))[::10]:
            assert inside(part.xy[k], label.xy[k])


# ------------------------------------------------------------------------------------------------ the panel


@pytest.mark.parametrize("spec", SPECS)
def test_the_readouts_are_the_solution_and_the_axis_marks_the_events(spec):
    result = solved(spec)
    shown = {readout.label: readout for readout in diamond_readouts(result)}
    np.testing.assert_array_equal(shown["w₁"].values, result.solution.w[:, 0])
    np.testing.assert_array_equal(shown["w₂"].values, result.solution.w[:, 1])
    np.testing.assert_array_equal(shown["λ"].values, result.solution.lam)
    np.testing.assert_allclose(shown["budget R(w)"].values, result.solution.budget)
    paid = loss(result.problem, result.solution.w) - loss(result.problem, result.problem.centre)
    np.testing.assert_allclose(shown["loss paid"].values, np.maximum(paid, 0.0), rtol=1e-9, atol=1e-12)
    assert (shown["KKT residual"].values <= 1e-9).all()
    assert all(readout.colour in PALETTE for readout in shown.values())
    axis = diamond_axis(result)
    np.testing.assert_array_equal(axis.values, result.axis)
    members = [member for member, _ in axis.marks]
    assert members == sorted(members)
    assert {0, len(result.axis) - 1} | {member for member in result.event_members if member >= 0} == set(members)
    assert all(label for _, label in axis.marks)
