"""The page "Priors and MAP" under AppTest: every control at both ends, clicks, what a link restores."""

import numpy as np
import pytest

from core.knobs import MOST_POINTS, NO_POINTS, points_of
from core.specs import PRIORS_PRESETS, PriorsSpec
from core.stage import Stage
from core.statistics.priors.posteriors import solve
from tests.pages.harness import assert_full, ends, numbers, open_page, problems
from ui.controls import Panel

PAGE = "priors_and_map"
CHARTS = ("pr-data", "pr-densities", "pr-objective", "pr-estimates", "pr-near-zero", "pr-plane", "pr-other-plane", "pr-lines", "pr-evidence")
READOUTS = ("pr-numbers", "pr-plane-numbers", "pr-other-numbers")
KNOBS = PriorsSpec.knobs()


def assert_drawn(app, drawn):
    assert_full(app, drawn, CHARTS, READOUTS, ("lab-scrub-pr",))


def named(chart, name):
    return next(mark for mark in chart["marks"] if mark["name"] == name)


@pytest.mark.parametrize("points", [NO_POINTS, "1,1.5"])
def test_every_control_can_stand_at_both_ends_and_something_finite_is_drawn(points, drawn):
    app = open_page(PAGE, pr_prior="elastic_net", pr_points=points)
    for name, knob in KNOBS.items():
        if knob.kind == "points":
            continue
        key = PriorsSpec.url_key(name)
        before = app.session_state.get(key, knob.default)
        for value in ends(knob):
            app.session_state[key] = value
            app.run()
            assert_drawn(app, drawn)
        app.session_state[key] = before


def test_a_link_restores_prior_points_and_scale(drawn):
    app = open_page(PAGE, pr_prior="gaussian", pr_points="1,2;-1,-0.5", pr_scale="1.5", pr_sigma="0.5")
    spec = PriorsSpec(prior="gaussian", points="1,2;-1,-0.5", scale=1.5, sigma=0.5)
    assert_drawn(app, drawn)
    assert drawn["lab-scrub-pr"]["at"] == solve(spec).member_at(spec)
    np.testing.assert_allclose(named(drawn["pr-data"], "points")["xy"][0], [(1.0, 2.0), (-1.0, -0.5)])
    assert app.session_state["pr_points"] == "1,2;-1,-0.5"


def test_moving_the_scale_sends_no_chart_again(drawn):
    app = open_page(PAGE)
    before = {view: drawn[view] for view in CHARTS}
    app.session_state["pr_scale"] = 2.0
    app.run()
    for view in CHARTS:
        for old, new in zip(numbers(before[view]), numbers(drawn[view]), strict=True):
            np.testing.assert_array_equal(old, new)


@pytest.mark.parametrize("name", PRIORS_PRESETS)
def test_every_preset_opens(name, drawn):
    app = open_page(PAGE)
    next(button for button in app.button if button.label == name).click().run()
    assert_drawn(app, drawn)
    assert app.session_state["pr_points"] == PRIORS_PRESETS[name].points


def test_points_are_taken_away_by_buttons_and_come_back_with_undo(drawn):
    app = open_page(PAGE)
    count = len(points_of(PriorsSpec().points))
    app.button("pr-points-last").click().run()
    assert len(points_of(app.session_state["pr_points"])) == count - 1
    app.button("pr-points-all").click().run()
    assert app.session_state["pr_points"] == NO_POINTS
    assert app.button("pr-points-last").disabled
    assert_drawn(app, drawn)
    app.button("pr-undo").click().run()
    assert len(points_of(app.session_state["pr_points"])) == count - 1
    assert_drawn(app, drawn)


def test_a_click_adds_a_point_a_click_on_it_takes_it_away_and_a_full_plane_takes_no_more(monkeypatch):
    state: dict[str, object] = {}
    monkeypatch.setattr("ui.controls.st.session_state", state)
    panel = object.__new__(Panel)
    panel.spec_type, panel.knobs, panel.stage = PriorsSpec, PriorsSpec.knobs(), Stage()
    picked = panel.points_picker("points")
    state["pr_points"] = NO_POINTS
    picked(1.234, -0.501)
    assert state["pr_points"] == "1.23,-0.5"
    picked(50.0, -50.0)
    assert state["pr_points"] == "1.23,-0.5;3,-3", "a click beside the plane counts at its edge"
    picked(1.3, -0.55)
    assert state["pr_points"] == "3,-3"
    state["pr_points"] = ";".join(f"{i / 4 - 3:g},0" for i in range(MOST_POINTS))
    picked(0.1, 2.0)
    assert len(points_of(state["pr_points"])) == MOST_POINTS
    picked(-3.0, 0.0)
    assert len(points_of(state["pr_points"])) == MOST_POINTS - 1


@pytest.mark.parametrize("points", ["9,9", "1;1", "1,1;" * 24 + "1,1", "<b>", ""])
def test_a_link_with_impossible_points_is_named_and_its_defaults_are_shown(points, drawn):
    app = open_page(PAGE, pr_points=points)
    assert problems(app) == []
    (warning,) = app.warning
    assert "`pr_points =" in warning.value
    assert "up to 24 points" in warning.value
    assert len(named(drawn["pr-data"], "points")["xy"][0]) == len(points_of(PriorsSpec().points))
