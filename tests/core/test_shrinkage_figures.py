"""Charts and sentences of the lab "Shrinkage paths": what is drawn is what was computed, and every number in a sentence is one of the result's."""

import itertools
import re

import numpy as np
import pytest

from core.figures.palette import PALETTE
from core.figures.scene import Scene
from core.figures.shrinkage import chosen, common, errors, path
from core.figures.shrinkage import twins as pictures
from core.specs.shrinkage import SHRINKAGE_PRESETS, ShrinkageSpec
from core.statistics.shrinkage import solve
from core.statistics.shrinkage.equivalents import glmnet, scikit_learn
from core.statistics.shrinkage.twins import twins
from core.statistics.shrinkage.words import (
    cloud_sentences,
    error_sentences,
    fate_sentences,
    freedom_sentences,
    listed,
    path_sentences,
    target_note,
    variance_sentences,
)
from core.wording import number
from tests.pages.harness import numbers, unpack
from ui.plot import pack_chart, pack_readouts

SPECS = {
    **SHRINKAGE_PRESETS,
    "two columns": ShrinkageSpec(data="synthetic", columns=2.0, rows=10.0),
    "ridge of cells": ShrinkageSpec(data="breast_cancer", penalty="l2", flaw="duplicate"),
}
RESULTS = {title: solve(spec) for title, spec in SPECS.items() if "win" not in title}
TWINS = {
    "scaled": twins(50, 0.2, True, 0.5),
    "measured": twins(50, 0.2, False, 0.5),
    "weak": twins(10, 0.001, True, 0.05),
    "strong": twins(200, 1.0, True, 0.95),
}
LASSO = RESULTS["Lasso on diabetes"]


def scenes() -> dict[str, Scene]:
    drawn = {}
    for title, result in RESULTS.items():
        drawn[f"path: {title}"] = path.coefficient_path(result)
        drawn[f"errors: {title}"] = errors.errors_over_lambda(result)
        drawn[f"freedom: {title}"] = errors.freedom_over_lambda(result)
        drawn[f"chosen: {title}"] = chosen.chosen_weights(result)
    for title, result in TWINS.items():
        drawn[f"fates: {title}"] = pictures.twin_fates(result)
        drawn[f"cloud: {title}"] = pictures.twin_cloud(result)
        drawn[f"variance: {title}"] = pictures.twin_variance(result)
    return drawn


SCENES = scenes()


@pytest.mark.parametrize("name", SCENES)
def test_every_chart_is_valid_finite_and_told_in_words(name):
    scene = SCENES[name]
    scene.graph()
    message = unpack(pack_chart(scene, name="x", group="sh"))
    for array in numbers(message):
        assert np.isfinite(array).all()
    assert scene.marks
    assert len(scene.alt) > 40
    assert {mark.colour for mark in scene.marks} <= set(PALETTE)
    members = len(TWINS["scaled"].r) if name.split(":")[0] in ("fates", "cloud", "variance") else 201
    assert len(scene.captions) == members
    for said in scene.captions:
        assert said.endswith((".", ")"))
        assert not re.search(r"nan|inf[^l]|None|  |\{|\}", said), said


@pytest.mark.parametrize(("rows", "lam", "scaled", "rho"), list(itertools.product((10, 175, 200), (0.001, 1.0), (True, False), (0.05, 0.95))))
def test_twins_at_the_ends_of_their_settings_are_drawn_and_told(rows, lam, scaled, rho):
    """With 175 rows and a lambda of 1 lasso keeps nothing at all in any sample: a variance of 0 on a logarithmic axis."""
    result = twins(rows, lam, scaled, rho)
    for scene in (pictures.twin_fates(result), pictures.twin_cloud(result), pictures.twin_variance(result)):
        for array in numbers(unpack(pack_chart(scene, name="x", group="sh"))):
            assert np.isfinite(array).all()
        assert not [said for said in scene.captions if re.search(r"nan|inf[^l]|None", said)]


@pytest.mark.parametrize("title", RESULTS)
def test_a_paths_rings_stand_at_its_events_and_its_points_at_its_members(title):
    result, scene = RESULTS[title], SCENES[f"path: {title}"]
    rings = [(trace["name"], x) for trace in scene.figure["data"] if trace["mode"] == "markers" for x in trace["x"]]
    assert sorted(rings) == sorted((event.kind, event.lam) for event in result.path.events)
    for mark in scene.marks[1:]:
        j = result.design.names.index(mark.name)
        np.testing.assert_array_equal(mark.xy[:, 1], result.path.w[:, j])
    lines = {trace["name"]: trace["y"] for trace in scene.figure["data"] if trace["mode"] == "lines"}
    assert sorted(lines) == sorted(result.design.names)


def test_named_columns_differ_in_colour_or_dash():
    for result in RESULTS.values():
        inks, dashes, front = common.inks(result)
        assert len({(inks[j], dashes[j]) for j in front}) == len(front)
        assert all(inks[j] == "muted" for j in range(len(inks)) if j not in front)


def test_names_that_are_too_close_move_apart_both_ways_and_others_stay():
    np.testing.assert_allclose(common.beside([0.5, 0.5, 0.9], 0.1), [0.45, 0.55, 0.9])
    np.testing.assert_allclose(common.beside([0.52, 0.5, 0.5], 0.1), [0.6066667, 0.4066667, 0.5066667], atol=1e-6)
    np.testing.assert_allclose(common.beside([0.0, 0.0], 0.1), [0.0, 0.1])
    assert np.diff(sorted(common.beside([1.0] * 11, 0.058))).min() >= 0.058 - 1e-12


def test_the_scrub_has_both_choices_of_cross_validation():
    axis = common.lam_axis(LASSO)
    assert dict(axis.marks) == {LASSO.validation.best: "least error", LASSO.validation.simplest: "one standard error"}
    nothing = solve(ShrinkageSpec(data="synthetic", relevant=0.0, seed=0.0))
    assert common.lam_axis(nothing).marks == ((200, "least error, by either rule"),)


def test_path_sentences_name_who_is_left_and_who_goes_next():
    said = path_sentences(LASSO)
    assert said[-1].endswith("all 10 weights are zero.")
    member = LASSO.validation.simplest
    kept = np.flatnonzero(LASSO.path.w[member])
    assert f"{len(kept)} of 10 weights are not zero" in said[member]
    for j in kept[:5]:
        assert LASSO.design.names[j] in said[member]
    following = min((event for event in LASSO.path.events if event.lam > LASSO.lam[member]), key=lambda event: event.lam)
    does = "becomes zero" if following.kind == "enters" else "comes back"
    assert f"{LASSO.design.names[following.index]} {does} next, at {number(following.lam)}" in said[member]
    assert path_sentences(RESULTS["Ridge lets no one go"])[0].startswith("λ = ")


def test_error_sentences_say_what_is_drawn_and_where_the_rules_choose():
    said = error_sentences(LASSO)
    check = LASSO.validation
    for i in (0, 120, check.best, check.simplest):
        for value in (LASSO.train[i], check.mean[i], LASSO.test[i]):
            assert number(float(value)) in said[i]
    assert "This is the least" in said[check.best]
    assert f"instead of {LASSO.path.nonzero[check.best]}" in said[check.simplest]
    assert sum("rule" in each for each in said) == 2


def test_freedom_sentences_count_weights():
    for title, text in (("Lasso on diabetes", "one on each"), ("Ridge lets no one go", "10 weights not zero")):
        assert text in freedom_sentences(RESULTS[title])[50]
    assert all("of the 29 that least squares spends" in each for each in freedom_sentences(RESULTS["More columns than rows"]))


def test_chosen_sentences_count_what_is_found_of_the_truth():
    result = RESULTS["More columns than rows"]
    member = result.validation.simplest
    right = ((result.path.w[member] != 0) & (result.truth != 0)).sum()
    assert f"Of the 6 that matter {right} {'is' if right == 1 else 'are'} kept" in SCENES["chosen: More columns than rows"].captions[member]
    assert "No column matters" in SCENES["chosen: Nothing to find"].captions[0]
    assert "shortest least-squares solution" in SCENES["chosen: A copied column"].captions[0]


def test_numbers_beside_the_code_are_the_parameters_of_both_libraries():
    for result in RESULTS.values():
        items = {item.label: item for item in chosen.chosen_numbers(result)}
        name, parameters = scikit_learn(result.spec.mix, float(result.lam[7]), len(result.design.y))
        assert items[f"scikit-learn {name}, alpha"].values[7] == parameters["alpha"]
        assert items["glmnet, lambda"].values[7] == glmnet(result.spec.mix, float(result.lam[7]))["lambda"]
        assert ("its l1_ratio" in items) == (name == "ElasticNet")
        for array in numbers(unpack(pack_readouts(chosen.chosen_numbers(result), group="sh"))):
            assert np.isfinite(array).all()


def test_bars_count_fates_and_the_cloud_holds_weights():
    result = TWINS["scaled"]
    bars = {mark.name: mark for mark in SCENES["fates: scaled"].marks if mark.kind == "bars"}
    assert list(bars) == ["lasso", "elastic net", "ridge"]
    np.testing.assert_array_equal(bars["lasso"].xy[:, ::2], result.fates["l1"])
    assert not bars["lasso"].xy[:, 1::2].any()
    clouds = {mark.name: mark for mark in SCENES["cloud: scaled"].marks if mark.kind == "points"}
    np.testing.assert_array_equal(clouds["lasso"].xy, result.effects["l1"][:, : pictures.DRAWN])


def test_twin_sentences_take_their_numbers_from_the_samples():
    result = TWINS["scaled"]
    at = int(np.argmin(np.abs(result.r - 0.99)))
    cm, inch, both, _, _ = result.fates["l1"][at].astype(int)
    assert f"only the centimetres in {cm}, only the inches in {inch}, both in {both}" in fate_sentences(result)[at]
    assert "fair coin" in fate_sentences(result)[at]
    assert "whole line of minimisers" in fate_sentences(result)[-1]
    assert "100 %" in fate_sentences(result)[-1]
    assert "2.54 times" in fate_sentences(TWINS["measured"])[-1]
    found, error = result.variance("plain")
    assert f"{number(float(found[at]), 2)} ± {number(float(error[at]), 1)} for least squares" in variance_sentences(result)[at]
    assert number(float(result.formula[at]), 3) in variance_sentences(result)[at]
    assert "least squares and lasso do not determine" in variance_sentences(result)[-1]
    assert "least squares does not determine" in variance_sentences(TWINS["measured"])[-1]
    median = np.median(np.abs(np.diff(result.effects["l1"][at], axis=1)))
    assert f"{number(float(median), 2)} for lasso" in cloud_sentences(result)[at]


def test_lists_are_cut_short():
    assert listed([]) == ""
    assert listed(["a"]) == "a"
    assert listed(["a", "b"]) == "a and b"
    assert listed(list("abcdefg")) == "a, b, c, d, e and 2 more"


def test_what_is_fitted_is_said():
    assert "linear probability model" in target_note(ShrinkageSpec(data="breast_cancer"))
    assert "true weights" in target_note(ShrinkageSpec(data="synthetic"))
