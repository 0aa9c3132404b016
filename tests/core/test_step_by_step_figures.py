"""Figures of "Step by step": what is drawn and tabled is what was computed, in the colours of the law, finite at every extreme."""

import itertools
import json
import random
import re
from functools import cache

import numpy as np
import pytest

from core.figures.against_step import spread
from core.figures.number_line import room
from core.figures.palette import PALETTE
from core.figures.step_panel import step_axis, step_readouts, step_table
from core.figures.step_views import FIRST, SECOND, first_of_each
from core.specs import STEP_BY_STEP_PRESETS, StepByStepSpec
from core.step_by_step import TREATMENTS, solve
from core.step_by_step_words import rounded
from tests.core.problems import BULK
from ui.plot import pack_chart, pack_readouts, pack_table

solved = cache(solve)
KNOBS = StepByStepSpec.knobs()
# Of each story; some thousand with `make fuzz`.
CORNERS = 340 if BULK > 1000 else 100
SPECS = [pytest.param(spec, id=title) for title, spec in STEP_BY_STEP_PRESETS.items()]
SPECS += [
    pytest.param(StepByStepSpec(elastic=True, steps=60.0, at_zero="proximal"), id="sixty steps of four rules"),
    pytest.param(StepByStepSpec(steps=1.0, start1=0.0, start2=0.0, gradient1=0.0, gradient2=0.0), id="nothing moves"),
    pytest.param(StepByStepSpec(story="alone", lam=0.0), id="alone, nothing"),
]


def mark(scene, name):
    (found,) = [found for found in scene.marks if found.name == name]
    return found


def arrays(node):
    if isinstance(node, np.ndarray):
        yield node
    elif isinstance(node, dict):
        for value in node.values():
            yield from arrays(value)
    elif isinstance(node, list | tuple):
        for value in node:
            yield from arrays(value)


def assert_finite(scene):
    for found in scene.marks:
        assert np.isfinite(found.xy).all(), found.name
    for array in arrays(scene.figure):
        assert array.dtype.kind not in "f" or np.isfinite(array).all()
    for axis in ("xaxis", "yaxis"):
        low, high = scene.figure["layout"][axis]["range"]
        assert np.isfinite([low, high]).all()
        assert high > low


@pytest.mark.parametrize("views", [FIRST, SECOND], ids=["first", "second"])
@pytest.mark.parametrize("spec", SPECS)
def test_a_scene_is_finite_valid_small_and_in_the_colours_of_the_law(views, spec):
    result = solved(spec)
    scene = views[spec.story](result)
    assert_finite(scene)
    assert len(scene.alt) > 40
    assert len({found.name for found in scene.marks}) == len(scene.marks)
    assert {found.colour for found in scene.marks} <= set(PALETTE)
    assert all(len(column) == len(result.axis) for column in scene.table.values())
    used = set(re.findall(r"#[0-9A-Fa-f]{3,8}\b", json.dumps(scene.graph().to_dict(), default=lambda array: "")))
    assert used <= {ink.light for ink in PALETTE.values()}
    assert len(pack_chart(scene, name="n", group="st")) < 60_000
    for found in scene.marks:
        if found.kind == "path":
            assert (found.until, found.axes, len(found.xy)) == ("step", (), len(result.axis))


@pytest.mark.parametrize("spec", [case for case in SPECS if case.values[0].story == "tables"])
def test_the_number_line_and_the_plot_draw_both_weights_of_every_rule(spec):
    result = solved(spec)
    line, plot = FIRST["tables"](result), SECOND["tables"](result.__class__(spec.replace(plot="weights")))
    short = {"none": "none", "l1": "L1", "l2": "L2", "elastic_net": "elastic"}
    rows = set()
    for run in result.runs:
        for i in range(2):
            way = mark(line, f"{run.rule.key}-{i + 1}").xy
            np.testing.assert_array_equal(way[:, 0], run.w[:, i])
            rows |= set(way[:, 1])
            column = mark(plot, f"{short[run.rule.key]} w{'₁₂'[i]}").xy
            np.testing.assert_array_equal(column, np.column_stack([result.axis, run.w[:, i]]))
    assert len(rows) == 2 * len(result.runs), "no two weights on one line"
    low, high = line.figure["layout"]["xaxis"]["range"]
    assert low < min(0.0, *(run.w.min() for run in result.runs))
    assert high > max(0.0, *(run.w.max() for run in result.runs))


def test_what_the_penalty_took_is_the_distance_from_the_rule_without_one():
    spec = STEP_BY_STEP_PRESETS["The constant push"]
    result = solved(spec)
    scene = SECOND["tables"](result)
    for run, name in zip(result.runs[1:], ("L1", "L2", "elastic"), strict=True):
        for i in range(2):
            np.testing.assert_array_equal(mark(scene, f"{name} w{'₁₂'[i]}").xy[:, 1], run.w[:, i] - result.runs[0].w[:, i])


def test_the_step_that_was_clipped_is_marked_where_it_led():
    (cross,) = [trace for trace in FIRST["tables"](solved(StepByStepSpec())).figure["data"] if trace["marker"]["symbol"] == "x-thin-open"]
    assert cross["x"] == [-0.05]


@pytest.mark.parametrize("spec", [case for case in SPECS if case.values[0].story == "alone"])
def test_the_logarithmic_plot_keeps_sizes_and_lets_zeros_leave_at_the_lower_edge(spec):
    result = solved(spec)
    scene = SECOND["alone"](result)
    bottom = 10 ** scene.figure["layout"]["yaxis"]["range"][0]
    for i, weight in enumerate(result.alone.start):
        for name, left in (("L1", result.alone.l1), ("L2", result.alone.l2)):
            heights, true = mark(scene, f"{name} {weight:g}").xy[:, 1], np.abs(left[:, i])
            seen = true >= bottom
            np.testing.assert_array_equal(heights[seen], true[seen])
            assert (heights[~seen] < bottom).all()


@pytest.mark.parametrize("spec", [case for case in SPECS if case.values[0].story == "zero"])
def test_the_three_ways_are_drawn_with_their_minimiser(spec):
    result = solved(spec)
    line, plot = FIRST["zero"](result), SECOND["zero"](result)
    for i, (treatment, name) in enumerate(TREATMENTS.items()):
        np.testing.assert_array_equal(mark(line, treatment).xy[:, 0], result.zero.w[i])
        np.testing.assert_array_equal(mark(plot, {"step across": "across"}.get(name, name)).xy[:, 1], result.zero.w[i])
    np.testing.assert_array_equal(mark(line, "minimiser").xy[:, 0], result.zero.best)


# ------------------------------------------------------------------------------------------------ the panel


@pytest.mark.parametrize("spec", SPECS)
def test_the_axis_has_a_player_and_marks_steps_of_the_result(spec):
    result = solved(spec)
    axis = step_axis(result)
    assert axis.name == "step"
    assert axis.pace > 0
    np.testing.assert_array_equal(axis.values, result.axis)
    members = [member for member, _ in axis.marks]
    assert members == sorted(set(members))
    assert {0, len(result.axis) - 1} <= set(members)
    assert all(0 <= member < len(result.axis) for member in members)
    if spec.story == "tables":
        told = {event.step for run in result.runs[1:] for event in run.events} | {run.diverged for run in result.runs}
        assert set(members) - {0, len(result.axis) - 1} <= told


@pytest.mark.parametrize("spec", SPECS)
def test_readouts_have_a_word_for_every_step(spec):
    result = solved(spec)
    shown = step_readouts(result)
    assert all(len(readout.values) == len(result.axis) and readout.axes == ("step",) and readout.colour in PALETTE for readout in shown)
    assert shown[-1].label == "In all"
    assert len(set(shown[-1].values)) == 1
    assert len(pack_readouts(shown, group="st")) < 100_000


@pytest.mark.parametrize("spec", SPECS)
def test_the_table_is_a_rectangle_with_a_row_a_step_and_notes_on_cells_that_exist(spec):
    result = solved(spec)
    table = step_table(result)
    assert table.axis == "step"
    assert len(table.cells) == len(result.axis)
    assert {len(row) for row in table.cells} == {len(table.columns)}
    assert [int(row[0].replace(",", "")) for row in table.cells] == [int(step) for step in result.axis]
    assert all(colour in PALETTE for _, colour in table.columns)
    for (row, column), note in table.notes.items():
        assert 0 <= row < len(table.cells)
        assert 0 < column < len(table.columns)
        assert note.endswith(".")
    assert len(pack_table(table, group="st")) < 60_000


def test_the_table_of_the_defaults_shows_the_course_beside_the_exact_values_and_marks_each_slip():
    table = step_table(solved(StepByStepSpec()))
    headings = [heading for heading, _ in table.columns]
    assert headings == ["step", "None w₁", "None w₂", "L1 w₁", "L1 w₂", "L2 w₁", "course, w₁", "L2 w₂"]
    assert [row[5] for row in table.cells] == ["1.5", "1.385", "1.27115", "1.15844", "1.04685", "0.93639"]
    assert [row[6] for row in table.cells] == ["", "1.385", "1.27115", "1.15845", "1.04687", "0.93640"]
    assert [row[7] for row in table.cells] == ["0.5", "0.395", "0.29105", "0.18814", "0.08626", "−0.0146"]
    assert [row[4] for row in table.cells] == ["0.5", "0.39", "0.28", "0.17", "0.06", "0"]
    assert {place for place in table.notes if place[1] == 6} == {(3, 6), (4, 6), (5, 6)}
    assert "clips it to 0" in table.notes[5, 4]
    assert "crosses zero" in table.notes[5, 7]


@pytest.mark.parametrize("spec", [case for case in SPECS if case.values[0].story == "tables"])
def test_every_cell_of_the_tables_is_the_exact_value_rounded(spec):
    result = solved(spec)
    table = step_table(result)
    columns = [j for j, (heading, _) in enumerate(table.columns) if re.search("w[₁₂]", heading) and "course" not in heading]
    runs = [(run, i) for run in result.runs for i in range(2)]
    for j, (run, i) in zip(columns, runs, strict=True):
        for step, row in enumerate(table.cells):
            stopped = run.diverged is not None and step >= run.diverged
            assert row[j] == ("stopped" if stopped else rounded(run.exact[step][i]))


def test_of_a_weight_that_swings_only_the_first_crossing_is_marked():
    run = solved(STEP_BY_STEP_PRESETS["L2 overshoots"]).runs[2]
    assert len([event for event in run.events if event.index == 0]) > 10
    assert [event.step for event in first_of_each(run, 0)] == [1]


# ------------------------------------------------------------------------------------------------ parts


def test_names_are_moved_apart_as_little_as_needed_and_stay_inside():
    rng = np.random.default_rng(0)
    for _ in range(300):
        places = list(rng.uniform(-0.2, 1.2, size=rng.integers(1, 9)))
        moved = spread(places, 0.06)
        assert all(-1e-12 <= place <= 1 + 1e-12 for place in moved)
        order = np.argsort(places, kind="stable")
        assert (np.diff(np.array(moved)[order]) >= 0.06 - 1e-9).all()
    assert spread([0.1, 0.5, 0.9], 0.06) == [0.1, 0.5, 0.9]


def test_a_range_holds_zero_and_is_never_empty():
    assert room([np.zeros(3)]) == [-1.0, 1.0]
    low, high = room([np.array([2.0, 3.0])])
    assert low < 0 < 3 < high


def test_every_story_is_drawn_at_many_corners_of_the_settings_in_bulk_a_thousand():
    rng = random.Random(0)
    ends = {name: knob.bounds or ([value for value, _ in knob.options] if knob.options else [True, False]) for name, knob in KNOBS.items()}
    for story, _ in itertools.product(dict(KNOBS["story"].options), range(CORNERS)):
        spec = StepByStepSpec(**{name: rng.choice(values) for name, values in ends.items()} | {"story": story})
        result = solve(spec)
        for scene in (FIRST[story](result), SECOND[story](result)):
            assert_finite(scene)
            pack_chart(scene, name="n", group="st")
            assert scene.marks
        assert "nan" not in str(step_table(result).cells).lower()
        step_readouts(result)
        assert 0 <= result.member_at(spec) < len(step_axis(result).values)
