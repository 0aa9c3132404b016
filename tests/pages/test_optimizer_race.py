"""The page "Optimizer race" under AppTest: every control at both ends, what is drawn, what clicks and commits do."""

import numpy as np
import pytest

from core.race import solve
from core.specs import RACE_PRESETS, RaceSpec
from core.specs.ground import TYPED_KNOBS
from core.surfaces import SURFACES
from tests.pages.harness import ends, numbers, open_page, problems

PAGE = "optimizer_race"
VIEWS = ("rc-plane", "rc-curves", "rc-anatomy", "rc-rates")
KNOBS = RaceSpec.knobs()


def assert_drawn(app, drawn):
    assert problems(app) == []
    for view in VIEWS:
        assert drawn[view]["marks"], f"{view} is empty"
        for array in numbers([drawn[view][part] for part in ("figure", "marks", "blends")]):
            assert np.isfinite(array).all(), f"{view} holds a NaN or an infinity"


def test_every_control_can_stand_at_both_ends_and_something_finite_is_drawn(drawn):
    app = open_page(PAGE, rc_surface="rotated_ravine", rc_mode="same", rc_steps="50", rc_noise="0.5")
    for name, knob in KNOBS.items():
        # Every surface has a test of its own, and so has one that is typed (test_own_surface).
        if knob.hidden or name in ("mode", "crowd", "surface", *TYPED_KNOBS):
            continue
        key = RaceSpec.url_key(name)
        before = app.session_state[key]
        for value in ends(KNOBS[name]):
            app.session_state[key] = value
            app.run()
            assert_drawn(app, drawn)
        app.session_state[key] = before


@pytest.mark.parametrize("surface", SURFACES)
def test_every_surface_is_drawn_with_its_own_start_and_window(surface, drawn):
    app = open_page(PAGE, rc_surface=surface, rc_steps="50", rc_mode="same")
    assert_drawn(app, drawn)
    start = next(mark for mark in drawn["rc-plane"]["marks"] if mark["name"] == "start")
    np.testing.assert_allclose(start["xy"], SURFACES[surface].start, rtol=1e-6)
    layout = drawn["rc-plane"]["figure"]["layout"]
    np.testing.assert_allclose([layout["xaxis"]["range"], layout["yaxis"]["range"]], SURFACES[surface].bounds)
    assert layout["yaxis"]["scaleanchor"] == "x"


def test_a_link_restores_surface_rules_start_step_and_lambda(drawn):
    app = open_page(
        PAGE, rc_surface="beale", rc_sgd="false", rc_fista="true", rc_start1="2.5", rc_start2="-1.25", rc_step="37", rc_lam="2.2", rc_steps="100"
    )
    spec = RaceSpec(surface="beale", sgd=False, fista=True, start1=2.5, start2=-1.25, step=37, lam=2.2, steps=100)
    race = solve(spec)
    assert_drawn(app, drawn)
    assert drawn["rc-step"]["at"] == 37
    assert drawn["rc-lam"]["at"] == race.member_at(spec)
    paths = {mark["name"]: mark["xy"] for mark in drawn["rc-plane"]["marks"] if mark["until"]}
    assert list(paths) == ["Momentum", "Adam", "FISTA"]
    np.testing.assert_allclose(paths["FISTA"], race.runs["fista"].x.astype(np.float32))


def test_a_click_sets_the_start_inside_the_window_and_another_surface_takes_its_own(drawn):
    app = open_page(PAGE, rc_steps="50")
    app.session_state["rc_start1"], app.session_state["rc_start2"] = 1.5, 2.5
    app.run()
    start = next(mark for mark in drawn["rc-plane"]["marks"] if mark["name"] == "start")
    np.testing.assert_allclose(start["xy"], (1.5, 2.5))
    app.session_state["rc_start1"] = 9.0
    app.run()
    start = next(mark for mark in drawn["rc-plane"]["marks"] if mark["name"] == "start")
    np.testing.assert_allclose(start["xy"], (2.0, 2.5))
    assert problems(app) == []


def test_moving_step_and_lambda_sends_no_chart_again(drawn):
    app = open_page(PAGE, rc_steps="50")
    before = {view: drawn[view] for view in VIEWS}
    app.session_state["rc_step"], app.session_state["rc_lam"] = 20.0, 0.5
    app.run()
    assert drawn["rc-step"]["at"] == 20
    for view in VIEWS:
        for old, new in zip(numbers(before[view]), numbers(drawn[view]), strict=True):
            np.testing.assert_array_equal(old, new)


def test_a_step_beyond_the_end_stands_at_the_end(drawn):
    open_page(PAGE, rc_steps="50", rc_step="300")
    assert drawn["rc-step"]["at"] == 50


@pytest.mark.parametrize("name", RACE_PRESETS)
def test_every_preset_opens(name, drawn):
    app = open_page(PAGE, rc_steps="50")
    next(button for button in app.button if button.label == name).click().run()
    assert_drawn(app, drawn)
    assert drawn["rc-lam"]["at"] == solve(RACE_PRESETS[name]).member
    assert ("rc-crowd" in drawn) == RACE_PRESETS[name].crowd


def test_where_there_is_one_basin_the_page_says_that_there_is_nothing_to_leave(drawn):
    app = open_page(PAGE, rc_steps="50", rc_crowd="true")
    assert "rc-crowd" not in drawn
    assert any("one basin" in each.value for each in app.info)
