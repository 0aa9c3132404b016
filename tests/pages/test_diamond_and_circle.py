"""The page "Diamond and circle" under AppTest: every control at both ends, what is drawn, what a link may say."""

import numpy as np
import pytest

from core.diamond_circle import solve
from core.specs import DIAMOND_CIRCLE_PRESETS, DiamondCircleSpec
from tests.pages.harness import ends, numbers, open_page, problems

PAGE = "diamond_and_circle"
VIEWS = ("dc-plane", "dc-path", "dc-support", "dc-surface")
KNOBS = DiamondCircleSpec.knobs()


def assert_drawn(app, drawn):
    assert problems(app) == []
    for view in VIEWS:
        assert drawn[view]["marks"] or drawn[view]["blends"], f"{view} is empty"
        assert drawn[view]["alt"]
    for view in ("dc-plane", "dc-path", "dc-surface"):
        for array in numbers([drawn[view][part] for part in ("figure", "marks", "blends")]):
            assert np.isfinite(array).all(), f"{view} holds a NaN or an infinity"


@pytest.mark.parametrize("base", ["l1", "l2", "elastic_net"])
def test_every_control_can_stand_at_both_ends_and_something_finite_is_drawn(base, drawn):
    app = open_page(PAGE, dc_penalty=base)
    for name in KNOBS:
        if KNOBS[name].hidden or name == "penalty":
            continue
        for value in ends(KNOBS[name]):
            app.session_state[DiamondCircleSpec.url_key(name)] = value
            app.run()
            assert_drawn(app, drawn)
        app.session_state[DiamondCircleSpec.url_key(name)] = KNOBS[name].default


def test_the_page_shows_a_widget_for_every_knob_that_acts(drawn):
    app = open_page(PAGE, dc_penalty="elastic_net")
    shown = {widget.key for kind in (app.slider, app.select_slider, app.toggle, app.get("segmented_control"), app.number_input) for widget in kind}
    expected = {DiamondCircleSpec.url_key(name) for name in KNOBS} - {"dc_feature1", "dc_feature2"}
    assert expected <= shown
    data = open_page(PAGE, dc_data="diabetes")
    assert {"dc_feature1", "dc_feature2"} <= {widget.key for widget in data.selectbox}


@pytest.mark.parametrize("title", DIAMOND_CIRCLE_PRESETS)
def test_a_preset_sets_everything_and_draws(title, drawn):
    app = open_page(PAGE)
    next(button for button in app.button if button.label == title).click().run()
    assert_drawn(app, drawn)
    spec = DIAMOND_CIRCLE_PRESETS[title]
    for name in KNOBS:
        assert app.session_state[DiamondCircleSpec.url_key(name)] == getattr(spec, name), name
    assert drawn["lab-scrub-dc"]["at"] == solve(spec).member_at(spec)


def test_a_release_of_the_scrub_reaches_the_settings_and_keeps_every_chart_as_it_was(drawn, monkeypatch):
    from ui import plot

    app = open_page(PAGE)
    before = {view: drawn[view]["figure"] for view in VIEWS}
    seen = []
    original = plot.mount
    monkeypatch.setattr(plot, "mount", lambda packed, *, key, **callbacks: (seen.append((key, packed)), original(packed, key=key, **callbacks)))
    app.run()
    first = dict(seen)
    seen.clear()
    result = solve(DiamondCircleSpec())
    app.session_state["dc_lam"] = result.position(150)["lam"]
    app.run()
    assert drawn["lab-scrub-dc"]["at"] == 150
    for view in VIEWS:
        assert dict(seen)[view] == first[view], "a commit must not resend a chart"
        assert drawn[view]["figure"].keys() == before[view].keys()


def test_changing_the_axis_stays_at_the_same_solution(drawn):
    app = open_page(PAGE, dc_lam="0.7")
    at = drawn["lab-scrub-dc"]["at"]
    w = np.array([readout["values"][at] for readout in drawn["dc-readouts"]["items"][:2]])
    app.session_state["dc_axis"] = "budget"
    app.run()
    moved = drawn["lab-scrub-dc"]["at"]
    there = np.array([readout["values"][moved] for readout in drawn["dc-readouts"]["items"][:2]])
    assert np.abs(there - w).max() < 0.03, "one step of the budget axis"


def test_undo_takes_back_one_change_and_reset_all(drawn):
    app = open_page(PAGE)
    for tilt in (10.0, 20.0):
        app.slider(key="dc_tilt").set_value(tilt).run()
    app.button(key="dc-undo").click().run()
    assert app.session_state["dc_tilt"] == 10.0
    app.button(key="dc-undo").click().run()
    assert app.session_state["dc_tilt"] == KNOBS["tilt"].default
    assert app.button(key="dc-undo").disabled
    app.slider(key="dc_tilt").set_value(-45.0).run()
    app.button(key="dc-reset").click().run()
    assert app.session_state["dc_tilt"] == KNOBS["tilt"].default


@pytest.mark.parametrize(("text", "value"), [("l2", "l2"), ("L2", "l2"), ("Elastic net", "elastic_net")])
def test_a_link_may_name_a_choice_by_its_value_or_by_its_label(text, value, drawn):
    app = open_page(PAGE, dc_penalty=text)
    assert app.session_state["dc_penalty"] == value
    assert not app.warning


def test_a_link_with_a_number_between_the_reachable_ones_gets_the_nearest(drawn):
    app = open_page(PAGE, dc_condition="7.3", dc_tilt="12.4")
    assert app.session_state["dc_condition"] == pytest.approx(7.24, abs=0.005)
    assert not app.warning
    assert_drawn(app, drawn)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"dc_tilt": "steep"}, "dc_tilt = steep"),
        ({"dc_tilt": "400"}, "from -90 to 90"),
        ({"dc_centre1": "nan"}, "dc_centre1 = nan"),
        ({"dc_colour": "red"}, "dc_colour` is no setting"),
        ({"dc_tilt": ["1", "2"]}, "given 2 times"),
        ({"dc_penalty": "l7"}, "one of l1, l2, elastic_net"),
    ],
)
def test_garbage_in_a_link_leads_to_defaults_and_a_notice_that_says_what_and_why(query, words, drawn):
    app = open_page(PAGE, **query)
    assert_drawn(app, drawn)
    assert words in app.warning[0].value
    assert app.session_state["dc_tilt"] == KNOBS["tilt"].default


def test_a_notice_goes_away_with_the_next_change_and_the_valid_part_of_the_link_stays(drawn):
    app = open_page(PAGE, dc_tilt="steep", dc_centre1="2.5")
    assert app.warning
    assert app.session_state["dc_centre1"] == 2.5
    app.slider(key="dc_tilt").set_value(10.0).run()
    assert not app.warning
    assert app.session_state["dc_centre1"] == 2.5


def test_what_a_strangers_browser_commits_is_checked(drawn):
    """The component's message may hold anything; only an index of the axis is taken."""
    from unittest.mock import patch

    from ui import plot

    axis = solve(DiamondCircleSpec())
    taken = []
    from core.figures.diamond_panel import diamond_axis

    plot.scrub(diamond_axis(axis), 3, key="probe", group="g", on_commit=taken.append)
    commit = drawn.callbacks["probe"]["on_commit_change"]
    for payload in ({"index": 7}, {"index": -1}, {"index": 10**9}, {"index": "7"}, {"index": True}, {"index": 1.5}, None, [1], {}):
        with patch("streamlit.session_state", {"probe": type("State", (), {"commit": payload})()}):
            commit()
    assert taken == [7]
