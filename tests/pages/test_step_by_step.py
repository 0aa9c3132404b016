"""The page "Step by step" under AppTest: its three stories, every control at both ends, what a link restores, what a release keeps."""

import numpy as np
import pytest

from core.specs import STEP_BY_STEP_PRESETS, StepByStepSpec
from core.step_by_step import solve
from tests.pages.harness import ends, numbers, open_page, problems

PAGE = "step_by_step"
CHARTS = ("st-first", "st-second")
VIEWS = (*CHARTS, "st-table", "st-readouts")
KNOBS = StepByStepSpec.knobs()
ACTS = {
    "tables": {"rate", "lam", "convention", "at_zero", "start1", "start2", "gradient1", "gradient2", "steps", "plot", "elastic", "rho"},
    "alone": {"rate", "lam", "convention", "big", "small"},
    "zero": {"rate", "lam", "begin", "target", "moved", "curvature", "length"},
}


def assert_drawn(app, drawn):
    assert problems(app) == []
    for view in CHARTS:
        assert drawn[view]["marks"], f"{view} is empty"
        for array in numbers([drawn[view][part] for part in ("figure", "marks", "table")]):
            assert np.isfinite(array).all(), f"{view} holds a NaN or an infinity"
    assert drawn["st-table"]["cells"]
    assert drawn["st-readouts"]["items"]
    assert 0 <= drawn["lab-scrub-st"]["at"] < len(drawn["lab-scrub-st"]["axis"]["values"])


@pytest.mark.parametrize("story", ACTS)
def test_every_control_can_stand_at_both_ends_and_something_finite_is_drawn(story, drawn):
    app = open_page(PAGE, st_story=story, st_elastic="true")
    for name in sorted(ACTS[story]):
        for value in ends(KNOBS[name]):
            app.session_state[StepByStepSpec.url_key(name)] = value
            app.run()
            assert_drawn(app, drawn)
        app.session_state[StepByStepSpec.url_key(name)] = True if name == "elastic" else KNOBS[name].default


@pytest.mark.parametrize("story", ACTS)
def test_a_story_shows_the_widgets_that_act_in_it_and_no_others(story, drawn):
    app = open_page(PAGE, st_story=story, st_elastic="true")
    kinds = (app.slider, app.select_slider, app.toggle, app.get("segmented_control"))
    shown = {widget.key for kind in kinds for widget in kind}
    assert shown == {StepByStepSpec.url_key(name) for name in ACTS[story] | {"story"}}


def test_the_first_visit_shows_the_courses_table_and_its_slips(drawn):
    app = open_page(PAGE)
    assert_drawn(app, drawn)
    assert [column["heading"] for column in drawn["st-table"]["columns"]][-3:] == ["L2 w₁", "course, w₁", "L2 w₂"]
    assert drawn["st-table"]["cells"][3][5:7] == ["1.15844", "1.15845"]
    (told,) = [item["words"]["text"] for item in drawn["st-readouts"]["items"] if item["label"] == "In all"]
    assert "3 are slips" in told[0]
    assert "is a clip" in told[0]
    assert "L2 crosses zero: w₂ in step 5" in told[0]


@pytest.mark.parametrize("title", STEP_BY_STEP_PRESETS)
def test_a_preset_sets_everything_and_draws(title, drawn):
    spec = STEP_BY_STEP_PRESETS[title]
    app = open_page(PAGE, st_story=spec.story, st_rate="0.7")
    next(button for button in app.button if button.label == title).click().run()
    assert_drawn(app, drawn)
    for name in KNOBS:
        assert app.session_state[StepByStepSpec.url_key(name)] == getattr(spec, name), name
    assert drawn["lab-scrub-st"]["at"] == solve(spec).member_at(spec)


def test_a_release_of_the_scrub_reaches_the_settings_and_keeps_every_chart_as_it_was(drawn, monkeypatch):
    from ui import plot

    app = open_page(PAGE, st_story="alone")
    seen = []
    original = plot.mount
    monkeypatch.setattr(plot, "mount", lambda packed, *, key, **callbacks: (seen.append((key, packed)), original(packed, key=key, **callbacks)))
    app.run()
    first = dict(seen)
    seen.clear()
    app.session_state["st_step"] = solve(StepByStepSpec(story="alone")).position(150)["step"]
    app.run()
    assert drawn["lab-scrub-st"]["at"] == 150
    for view in VIEWS:
        assert dict(seen)[view] == first[view], "a commit must not resend a chart"


def test_a_link_restores_start_step_and_lambda(drawn):
    app = open_page(PAGE, st_start1="-2.5", st_start2="0.75", st_step="3", st_lam="0.3", st_steps="12")
    assert not app.warning
    assert drawn["lab-scrub-st"]["at"] == 3
    assert drawn["st-table"]["cells"][0][1:3] == ["−2.5", "0.75"]
    assert len(drawn["st-table"]["cells"]) == 13
    assert "λ = 0.3" in drawn["st-table"]["title"]


def test_divergence_offers_a_rate_that_cures_it(drawn):
    app = open_page(PAGE, st_rate="1.5", st_lam="1", st_convention="lab", st_steps="40")
    assert_drawn(app, drawn)
    app.button(key="st-steady").click().run()
    assert_drawn(app, drawn)
    assert app.session_state["st_rate"] == 0.5
    assert "st-steady" not in {button.key for button in app.button}


@pytest.mark.parametrize("story", ACTS)
def test_where_nothing_diverges_no_cure_is_offered(story, drawn):
    assert "st-steady" not in {button.key for button in open_page(PAGE, st_story=story).button}


def test_changing_the_story_keeps_what_both_share_and_takes_no_zoom_along(drawn):
    app = open_page(PAGE, st_rate="0.3", st_lam="0.2")
    before = {view: drawn[view]["figure"]["layout"]["uirevision"] for view in CHARTS}
    for story in ("alone", "zero"):
        app.session_state["st_story"] = story
        app.run()
        assert_drawn(app, drawn)
        assert (app.session_state["st_rate"], app.session_state["st_lam"]) == (0.3, 0.2)
        assert all(drawn[view]["figure"]["layout"]["uirevision"] != before[view] for view in CHARTS)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"st_rate": "fast"}, "st_rate = fast"),
        ({"st_rate": "0"}, "from 0.01 to 2"),
        ({"st_steps": "1e9"}, "from 1 to 60"),
        ({"st_story": "tale"}, "one of tables, alone, zero"),
        ({"st_theta": "1"}, "st_theta` is no setting"),
    ],
)
def test_garbage_in_a_link_leads_to_defaults_and_a_notice_that_says_what_and_why(query, words, drawn):
    app = open_page(PAGE, **query)
    assert_drawn(app, drawn)
    assert words in app.warning[0].value
