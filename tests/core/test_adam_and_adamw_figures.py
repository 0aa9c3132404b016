"""What the lab "Adam and AdamW" draws and says: finite at every extreme, on its axes, and every number that of a result."""

import re

import numpy as np
import pytest

from core.adam_and_adamw import solve
from core.adam_and_adamw_words import (
    LABELS,
    close,
    decay_sentences,
    end_sentences,
    first_step_sentences,
    map_sentence,
    pair,
    point,
    rate_sentences,
    shape,
)
from core.decay_maps import FINE, solve_maps
from core.figures.best_rates import best_rates
from core.figures.decay_map import decay_map
from core.figures.decay_panel import decay_notes, decay_readouts, end_table, lambda_axis_of, step_axis
from core.figures.decay_plane import decay_plane
from core.figures.effective_decay import effective_decay
from core.specs import ADAM_AND_ADAMW_PRESETS, AdamAndAdamWSpec
from core.specs.adam_and_adamw import TRIO
from core.wording import number
from tests.pages.harness import numbers, unpack
from ui import plot

KNOBS = AdamAndAdamWSpec.knobs()
SURFACES = [key for key, _ in KNOBS["surface"].options]
EXTREMES = [
    {"sgd_rate": 1e-3, "adam_rate": 1e-3, "beta2": "0.9", "circle": True},
    {"sgd_rate": 10.0, "adam_rate": 10.0, "beta2": "0.999", "nearer": 0.0},
    {"sgd_rate": 10.0, "adam_rate": 10.0, "noise": 10.0, "beta2": "0.9", "seed": 99.0, "circle": True},
    {"noise": 0.1, "judge": "train", "condition": 1000.0, "rows": 6.0, "draw": 99.0, "steep1": 4.0, "steep2": 1.0, "coupling": 0.95},
    {"noise": 10.0, "judge": "train", "condition": 1.0, "rows": 60.0, "draw": 0.0, "coupling": -0.95, "steep1": 1.0, "steep2": 1.0, "nearer": 1.0},
    {"centre1": 0.0, "centre2": 0.0, "start1": 0.0, "start2": 0.0, "judge": "train", "sgd": False, "adam": False, "adamw": False},
    {"centre1": -8.0, "centre2": -8.0, "start1": 60.0, "start2": -90.0, "beta2": "0.999", "sgd": False, "rows": 6.0, "draw": 4.0},
]


def packed(scene):
    return unpack(plot.pack_chart(scene, name="n", group="g"))


def assert_finite(scene):
    message = packed(scene)
    for array in numbers(message):
        assert np.isfinite(array).all()
    assert scene.graph()
    assert scene.marks
    assert_plain(scene.captions)


def assert_plain(sentences):
    for said in sentences:
        assert said
        assert not re.search(r"\b(nan|inf)\b|nan|e[+-]\d\d", said), said


def scenes(spec, maps=True):
    result = solve(spec)
    yield decay_plane(result)
    yield effective_decay(result)
    if maps:
        found = solve_maps(spec)
        for key in TRIO:
            yield decay_map(found, key, result.decay, spec.rate_of(key))
        yield best_rates(found)


@pytest.mark.parametrize("extreme", EXTREMES, ids=lambda extreme: "-".join(extreme))
@pytest.mark.parametrize("surface", SURFACES)
def test_no_nan_no_infinity_and_no_empty_chart_at_the_extremes(surface, extreme):
    spec = AdamAndAdamWSpec(surface=surface, steps=500.0, **extreme)
    for scene in scenes(spec):
        assert_finite(scene)
    result = solve(spec)
    for readout in (*decay_readouts(result), *decay_notes(result)):
        if isinstance(readout.values, np.ndarray):
            assert np.isfinite(readout.values.astype(np.float32)).all(), readout.label
        else:
            assert_plain(readout.values)
    assert_plain([cell for row in end_table(result).cells for cell in row])


@pytest.mark.parametrize("title", ADAM_AND_ADAMW_PRESETS)
def test_every_preset_draws_something_that_moves(title):
    spec = ADAM_AND_ADAMW_PRESETS[title]
    result = solve(spec)
    for scene in scenes(spec):
        assert_finite(scene)
    at = result.member_at(spec)
    for key in spec.entrants:
        assert np.ptp(result.runs[key].x[at], axis=0).max() > 0.1
    assert abs(result.lam[at] - spec.lam) <= 0.1 * spec.lam, "the lambda that is asked for is on the axis, or nearly"
    assert result.kept[result.frame_at(spec)] == pytest.approx(spec.step, rel=0.05)


def test_marks_stand_on_the_axes_of_the_scrubs():
    spec = AdamAndAdamWSpec(noise=1.0, circle=True)
    result = solve(spec)
    axes = {"lam": lambda_axis_of(result), "step": step_axis(result)}
    for scene in scenes(spec):
        for mark in scene.marks:
            lead = (mark.scale if mark.scale is not None else mark.xy).shape[: len(mark.axes)]
            assert lead == tuple(len(axes[name].values) for name in mark.axes)
            if mark.until:
                assert mark.xy.shape[len(mark.axes)] == len(axes[mark.until].values)
        if scene.captions:
            assert len(scene.captions) == (len(axes["lam"].values) if scene.caption_axes else 1)


def test_the_plane_shows_the_runs_and_the_points_that_they_are_bound_for():
    result = solve(AdamAndAdamWSpec(sgd=False))
    marks = {mark.name: mark for mark in decay_plane(result).marks}
    assert "SGD + L2" not in marks
    np.testing.assert_array_equal(marks["AdamW"].xy, result.runs["adamw"].x)
    np.testing.assert_array_equal(marks["ridge point"].xy, result.ridge)
    np.testing.assert_array_equal(marks["bound for"].xy, result.box)
    np.testing.assert_allclose(marks["box of AdamW"].scale[1:], np.minimum(1.0 / result.decay[1:], 50 * 13.6))
    assert marks["box of AdamW"].scale[0] > 100.0, "without decay there is no wall in sight"
    assert "L2 ball" not in marks
    ball = {mark.name: mark for mark in decay_plane(solve(AdamAndAdamWSpec(circle=True))).marks}["L2 ball"]
    np.testing.assert_allclose(ball.scale, np.linalg.norm(result.ridge, axis=1))
    # Every end is drawn on the curve of ends of a finer family.
    for points, line in ((result.ridge, result.curves[0]), (result.bound, result.curves[1])):
        assert np.linalg.norm(points[:, None] - line[None], axis=-1).min(axis=1).max() < 0.15


def test_adams_lines_are_its_scaling_and_the_even_line_is_at_one():
    result = solve(AdamAndAdamWSpec())
    marks = {mark.name: mark for mark in effective_decay(result).marks}
    for i, name in enumerate(("Adam, w₁", "Adam, w₂")):
        np.testing.assert_allclose(marks[name].xy * result.decay[:, None], result.effective_decay("adam")[:, :, i], rtol=1e-12)
    np.testing.assert_array_equal(marks["SGD + L2 and AdamW"].xy, 1.0)


def test_a_map_is_drawn_light_where_it_ends_well_and_hatched_where_it_diverged():
    maps = solve_maps(AdamAndAdamWSpec())
    scene = decay_map(maps, "sgd", 2.0 * maps.lam, 0.1)
    tint = scene.figure["data"][0]
    excess = maps.maps["sgd"].excess
    assert np.asarray(tint["z"]).shape == (61, 61)
    finite = np.isfinite(excess) & (excess < 1.0)
    np.testing.assert_allclose(10.0 ** np.asarray(tint["z"]).T[finite], excess[finite], rtol=1e-9)
    scales = {(decay_map(maps, key, 2.0 * maps.lam, 0.1).figure["data"][0]["zmin"], 0.3) for key in TRIO}
    assert len(scales) == 1, "one scale for all rules"
    lines = next(mark for mark in scene.marks if mark.name == "diverged").xy.reshape(-1, 2, 2)
    covered = sum(int(((maps.rates >= low) & (maps.rates <= high)).sum()) for (_, low), (_, high) in lines)
    assert covered == int((~np.isfinite(excess)).sum())
    here = next(mark for mark in scene.marks if mark.name == "here").xy
    np.testing.assert_allclose(here[1:, 0], np.clip(2.0 * maps.lam[1:], maps.decays[0], maps.decays[-1]))
    np.testing.assert_allclose(here[:, 1], 0.1)


def test_best_rates_lie_within_what_was_tried():
    maps = solve_maps(AdamAndAdamWSpec(surface="none"))
    for mark in best_rates(maps).marks:
        if mark.kind == "path":
            assert (mark.xy >= FINE[0]).all()
            assert (mark.xy <= FINE[-1]).all()


# ------------------------------------------------------------------------------------------------ words


def test_every_number_about_the_ends_is_that_of_a_run():
    result = solve(AdamAndAdamWSpec())
    said = end_sentences(result)
    assert "all three are bound for the free minimum (8, 1)" in said[0]
    for i in (5, 15, 30):
        for key in ("sgd", "adam"):
            assert f"{LABELS[key]} ends {close(float(np.linalg.norm(result.runs[key].end[i] - result.ridge[i])))}" in said[i]
        assert point(result.ridge[i]) in said[i]
        assert point(result.box[i]) in said[i]
        assert f"weight_decay = {number(float(result.decay[i]))}" in said[i]
        assert close(float(np.linalg.norm(result.runs["adamw"].end[i] - result.box[i]))) in said[i]


def test_under_noise_the_sentence_names_the_rounded_box_and_its_ridge():
    result = solve(AdamAndAdamWSpec(noise=8.0, steps=500.0))
    said = end_sentences(result)[6]
    assert "means of the last quarter of 500 steps" in said
    assert f"λ = weight_decay · σ/2 = {number(float(result.decay[6] * 4.0))}" in said
    assert close(float(np.linalg.norm(result.bound[6] - result.soft_ridge[6]))) in said


def test_a_diverged_run_says_why_and_what_to_do():
    result = solve(AdamAndAdamWSpec(sgd_rate=1.0, adam_rate=10.0, steps=500.0))
    said = end_sentences(result)[20]
    steep = float(np.linalg.eigvalsh([[1.0, 0.6], [0.6, 2.0]])[1] + result.decay[20])
    assert f"SGD + L2 diverged at step {int(result.runs['sgd'].taken[20]) + 1}: rate 1 times curvature and decay {number(steep)}" in said
    assert f"Choose a rate below {number(2.0 / steep)}" in said
    assert f"Choose a rate below {number(2.0 / float(result.decay[20]))}" in said
    assert "diverged" in end_table(result).cells[20]


def test_unequal_decay_is_told_with_its_ratio():
    result = solve(AdamAndAdamWSpec())
    said = decay_sentences(result)
    for i in (10, 30):
        ratio = float(result.runs["adam"].unequal[i])
        assert f"{number(max(ratio, 1 / ratio))} times as large a share of {'w₂' if ratio >= 1 else 'w₁'}" in said[i]


def test_the_first_step_is_told_for_each_rule():
    result = solve(AdamAndAdamWSpec())
    said = first_step_sentences(result)
    assert "nothing moves" in said[0]
    for key, label in LABELS.items():
        assert f"{label} {pair(result.first_step(key)[15])}" in said[15]


def test_valleys_are_called_by_their_slope():
    assert shape(0.0).startswith("upright")
    assert shape(-1.0).startswith("diagonal")
    assert shape(-0.45) == "slanted"
    maps = solve_maps(AdamAndAdamWSpec())
    for key in TRIO:
        said = map_sentence(maps, key)
        assert number(maps.maps[key].best[0]) in said
        assert number(maps.maps[key].best[1]) in said
        assert shape(maps.maps[key].valley.slope) in said
    assert "upright" in map_sentence(maps, "adam")
    assert "diagonal" in map_sentence(maps, "sgd")
    assert "there is no valley" in map_sentence(solve_maps(AdamAndAdamWSpec(judge="train")), "adam")


def test_best_rates_are_told_with_the_text_books():
    maps = solve_maps(AdamAndAdamWSpec())
    for i, said in enumerate(rate_sentences(maps)):
        assert number(float(maps.text_book[i])) in said
        assert all(number(float(maps.best_rates[key][i])) in said for key in TRIO)
    assert "no rate is better" in rate_sentences(solve_maps(AdamAndAdamWSpec(surface="none")))[0]


def test_the_table_has_a_row_a_lambda_and_a_cell_a_column():
    table = end_table(solve(AdamAndAdamWSpec()))
    assert len(table.cells) == 31
    assert {len(row) for row in table.cells} == {len(table.columns)}
    assert table.cells[15][:4] == ["0.125", "0.25", "(6.226, 1.362)", "(4, 2.2)"]
