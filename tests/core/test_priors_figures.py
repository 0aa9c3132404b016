"""Figures and sentences of the lab "Priors and MAP": plotly accepts them, nothing is not finite, and what is said is true of the result."""

import dataclasses
import re

import numpy as np
import pytest

from core.figures.priors.common import line_readouts, line_window, plane_half, plane_readouts, scale_axis
from core.figures.priors.data_plane import data_plane, lines_plane
from core.figures.priors.densities import densities, objective
from core.figures.priors.near_zero import estimates, evidence, near_zero
from core.figures.priors.weight_planes import weight_plane
from core.specs.priors import PRIORS_PRESETS, PriorsSpec
from core.statistics.priors import words
from core.statistics.priors.posteriors import MEMBERS, solve

# The presets, and what a hand can make besides: a slope that no point tells, a slope of hundreds, one point twice.
SPECS = dict(PRIORS_PRESETS) | {
    "no slope": PriorsSpec(points="0,1;0,2"),
    "steep": PriorsSpec(points="0.01,3", sigma=0.1),
    "twice": PriorsSpec(points="-1,2;-1,2", prior="elastic_net", rho=1.0, sigma=3.0),
}


@pytest.fixture(scope="module", params=SPECS)
def result(request):
    return solve(SPECS[request.param])


def scenes(result):
    half = plane_half(result)
    alone = [figure(result) for figure in (data_plane, lines_plane, densities, objective, near_zero, estimates, evidence)]
    return [*alone, weight_plane(result.plane, half), weight_plane(result.other_plane, half)]


def test_plotly_accepts_every_figure_and_every_number_in_it_is_finite(result):
    for scene in scenes(result):
        scene.graph()
        for mark in scene.marks:
            assert np.isfinite(mark.xy).all(), mark.name
            assert mark.axes == () or len(mark.xy) == MEMBERS, mark.name
        for blend in scene.blends:
            assert all(np.isfinite(each).all() for each in (blend.base, blend.by, blend.factor, blend.floor))
        assert all(np.isfinite(column).all() for column in scene.table.values())
        assert len(scene.captions) in (1, MEMBERS)
        assert "nan" not in " ".join(scene.captions)


def test_both_charts_of_one_weight_have_the_same_weights_and_one_upright_line(result):
    above, below = densities(result), objective(result)
    assert above.figure["layout"]["xaxis"]["range"] == below.figure["layout"]["xaxis"]["range"]
    lines = [next(mark for mark in scene.marks if mark.name == "minimum-line").xy for scene in (above, below)]
    np.testing.assert_array_equal(*lines)
    mode = next(mark for mark in above.marks if mark.name == "mode").xy[:, 0]
    np.testing.assert_allclose(mode, lines[0], atol=words.AGREED)
    low, high = line_window(result)
    assert low < 0.0 < high
    assert ((mode >= low) & (mode <= high)).all()


def test_the_minimum_lies_on_the_objective_and_no_point_of_it_is_lower(result):
    scene = objective(result)
    marks = {mark.name: mark for mark in scene.marks}
    ring = marks["minimum"].xy
    if "objective" in marks:
        assert (marks["objective"].xy.min(axis=1) >= ring[:, 1] - 1e-9 * (1 + ring[:, 1])).all()
    curves = {mark.name: mark.xy for mark in densities(result).marks}
    assert curves["posterior"][..., 1].max() <= 1.0
    np.testing.assert_allclose(curves["posterior"][..., 1].max(axis=1), 1.0, atol=0.02)


def test_two_weights_show_mode_and_minimum_in_one_place(result):
    for found in (result.plane, result.other_plane):
        marks = {mark.name: mark for mark in weight_plane(found, plane_half(result)).marks}
        if found.n:
            np.testing.assert_allclose(marks["mode"].xy, marks["penalised minimum"].xy, atol=words.AGREED)
        assert np.abs(marks["mode"].xy).max() <= plane_half(result)


def test_readouts_say_something_for_every_member_and_jumps_lead_to_members(result):
    for item in (*line_readouts(result), *plane_readouts(result.plane, 0.1)):
        assert len(item.values) == MEMBERS
        assert all(str(each) for each in item.values)
    axis = scale_axis(result)
    assert all(0 <= member < MEMBERS for member, _ in axis.marks)
    assert [member for member, _ in axis.marks] == sorted({member for member, _ in axis.marks})


def test_the_mark_at_which_the_mode_leaves_zero_is_there():
    result = solve(PriorsSpec())
    member = next(member for member, label in scale_axis(result).marks if label == "the mode leaves 0")
    assert result.line.mode[member, 0] != 0.0
    assert result.line.mode[member - 1, 0] == 0.0


# ----------------------------------------------------------------------------------------------------------------- sentences


def test_a_formula_of_lambda_multiplies_out():
    for prior in ("gaussian", "laplace", "elastic_net"):
        result = solve(PriorsSpec(prior=prior))
        for i in (0, 50, 100):
            shown = words.formula(result.line.prior, 0.8, 5, i)
            _, term, value = (part.strip() for part in shown.split("="))
            value = float(
                re.sub(r" × 10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)", lambda found: "e" + found[1].translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")), value)
            )
            above, below = (np.prod([float(each) for each in re.findall(r"[\d.]+", part)]) for part in term.split("/"))
            assert above / below == pytest.approx(value, rel=0.01)
            assert value == pytest.approx(float(result.line.lam[i]), rel=0.06)


def test_sentences_say_what_the_result_holds():
    result = solve(PriorsSpec())
    i = result.member_at(PriorsSpec())
    assert "mode is exactly 0, its mean 0.1" in words.density_sentences(result)[i]
    assert "Of 2,000 samples none is exactly 0" in words.density_sentences(result)[i]
    assert words.objective_sentences(result)[i].endswith("one place.")
    assert "w = 0 itself has the probability 0" in words.near_sentences(result)[i]
    assert "(0, 0) with w₁ and w₂ exactly 0" in words.plane_sentences(result.plane)[i]
    assert "no weight exactly 0" in words.plane_sentences(result.other_plane)[i]
    saved = re.search(r"([\d.]+) % less", words.guess_sentences(result)[i])
    mode, mean = result.line.losses
    assert float(saved[1]) == pytest.approx(100 * (1 - mean[i] / mode[i]), rel=0.05)
    best = result.best[0]
    assert "here they are 1 times as probable" in words.evidence_sentences(result)[best]


def test_without_data_the_sentences_say_that_lambda_has_no_value():
    result = solve(PRIORS_PRESETS["No data yet"])
    assert "has no value" in words.objective_sentences(result)[0]
    assert "the posterior is the prior" in words.density_sentences(result)[0]
    assert words.formula(result.line.prior, 0.8, 0, 0).startswith("none")
    assert words.agreement(result.line, 0) == "no data, nothing to minimise"


def test_a_disagreement_would_be_said():
    result = solve(PriorsSpec(scale=1.0))
    wrong = dataclasses.replace(result.line)
    object.__setattr__(wrong, "mode", result.line.mode + 1e-3)
    said = words.objective_sentences(dataclasses.replace(result, line=wrong))
    assert said[-1].endswith("not one place.")
    assert "0.001" in words.agreement(wrong, -1)


def test_a_segment_of_modes_is_said():
    result = solve(PRIORS_PRESETS["One point"])
    i = result.member_at(result.spec)
    assert "every point of a segment" in words.plane_sentences(result.plane)[i]
    assert words.agreement(result.plane, i).startswith("a segment")
