"""The page "Adam and AdamW" under AppTest: every control at both ends, what a link restores, what a release keeps, what the code says."""

import numpy as np
import pytest

from core.adam_and_adamw import solve
from core.export.torch_decay import torch_snippets
from core.specs import ADAM_AND_ADAMW_PRESETS, AdamAndAdamWSpec
from tests.pages.harness import ends, numbers, open_page, problems, recording

PAGE = "adam_and_adamw"
CHARTS = ("aw-plane", "aw-decay", "aw-map-sgd", "aw-map-adam", "aw-map-adamw", "aw-rates")
KNOBS = AdamAndAdamWSpec.knobs()
SHAPES = {"steep1", "steep2", "coupling", "centre1", "centre2"}


@pytest.fixture
def drawn(monkeypatch):
    with recording(monkeypatch) as record:
        yield record


def assert_drawn(app, drawn):
    assert problems(app) == []
    for view in CHARTS:
        assert drawn[view]["marks"], f"{view} is empty"
        assert drawn[view]["alt"]
    for view, message in drawn.items():
        for array in numbers(message):
            assert np.isfinite(array).all(), f"{view} holds a NaN or an infinity"
    assert drawn["aw-table"]["cells"]
    assert drawn["aw-readouts"]["items"]
    assert drawn["aw-notes"]["items"]
    assert 0 <= drawn["aw-lam"]["at"] < 31
    assert 0 <= drawn["aw-step"]["at"] < 201


@pytest.mark.parametrize("surface", ["bowl", "diabetes"])
def test_every_control_can_stand_at_both_ends_and_something_finite_is_drawn(surface, drawn):
    app = open_page(PAGE, aw_surface=surface, aw_steps="500")
    for name, knob in KNOBS.items():
        if knob.hidden or name in ("surface", "steps") or (surface == "diabetes" and name not in ("rows", "draw", "judge", "noise", "adam_rate")):
            continue
        for value in ends(knob):
            app.session_state[AdamAndAdamWSpec.url_key(name)] = value
            app.run()
            assert_drawn(app, drawn)
        app.session_state[AdamAndAdamWSpec.url_key(name)] = knob.default


def test_the_page_shows_a_widget_for_every_knob_that_acts(drawn):
    def shown(**query):
        app = open_page(PAGE, aw_noise="1", **query)
        kinds = (app.slider, app.select_slider, app.toggle, app.selectbox, app.get("segmented_control"))
        return {widget.key.removeprefix("aw_") for kind in kinds for widget in kind}

    # The box of a formula is a component, which AppTest does not see: test_own_surface does.
    visible = {name for name, knob in KNOBS.items() if not knob.hidden and knob.kind != "formula"}
    assert shown() == visible - {"condition", "rows", "draw"}
    assert shown(aw_surface="diabetes") == visible - SHAPES - {"condition", "nearer"}
    assert shown(aw_surface="rotated_ravine") == visible - SHAPES - {"rows", "draw"}
    assert shown(aw_surface="none") == visible - SHAPES - {"condition", "rows", "draw", "nearer"}
    assert shown(aw_surface="own") == visible - SHAPES - {"condition", "rows", "draw"}


@pytest.mark.parametrize("title", ADAM_AND_ADAMW_PRESETS)
def test_a_preset_sets_everything_and_draws(title, drawn):
    app = open_page(PAGE)
    next(button for button in app.button if button.label == title).click().run()
    assert_drawn(app, drawn)
    spec = ADAM_AND_ADAMW_PRESETS[title]
    for name in KNOBS:
        assert app.session_state[AdamAndAdamWSpec.url_key(name)] == getattr(spec, name), name
    result = solve(spec)
    assert drawn["aw-lam"]["at"] == result.member_at(spec)
    assert drawn["aw-step"]["at"] == result.frame_at(spec)


def test_a_link_restores_loss_rules_start_step_and_lambda(drawn):
    app = open_page(
        PAGE, aw_surface="rotated_ravine", aw_condition="100", aw_sgd="false", aw_start1="-1.5", aw_start2="2", aw_step="300", aw_lam="0.5"
    )
    assert not app.warning
    spec = AdamAndAdamWSpec(surface="rotated_ravine", condition=100.0, sgd=False, start1=-1.5, start2=2.0, step=300.0, lam=0.5)
    result = solve(spec)
    marks = {mark["name"]: mark for mark in drawn["aw-plane"]["marks"]}
    np.testing.assert_allclose(marks["start"]["xy"], [-1.5, 2.0])
    assert {name for name, mark in marks.items() if mark["until"]} == {"Adam + L2", "AdamW"}
    assert drawn["aw-lam"]["at"] == result.member_at(spec)
    assert drawn["aw-step"]["at"] == result.frame_at(spec)
    np.testing.assert_array_equal(marks["AdamW"]["xy"], result.runs["adamw"].x.astype(np.float32))


def test_releases_of_both_scrubs_reach_the_settings_and_resend_no_chart(drawn, monkeypatch):
    from ui import plot

    app = open_page(PAGE)
    seen = {}
    original = plot.mount
    monkeypatch.setattr(plot, "mount", lambda packed, *, key, **callbacks: (seen.update({key: packed}), original(packed, key=key, **callbacks)))
    app.run()
    before = dict(seen)
    app.session_state["aw_lam"] = float(solve(AdamAndAdamWSpec()).lam[22])
    app.session_state["aw_step"] = 500.0
    app.run()
    assert drawn["aw-lam"]["at"] == 22
    assert drawn["aw-step"]["at"] == 100
    for view in (*CHARTS, "aw-table", "aw-readouts", "aw-notes"):
        assert seen[view] == before[view], f"a commit must not resend {view}"


def test_a_switch_of_the_page_leaves_the_maps_as_they_are(drawn, monkeypatch):
    """The maps cost most: what does not concern them must not make them anew."""
    from ui.compute import adam_and_adamw as compute

    open_page(PAGE)
    monkeypatch.setattr(compute.decay_maps, "solve_maps", lambda spec: pytest.fail("the maps were made anew"))
    app = open_page(PAGE, aw_circle="true", aw_adam="false", aw_steps="1000", aw_step="100", aw_lam="0.2", aw_adam_rate="0.2", aw_sgd_rate="0.05")
    assert_drawn(app, drawn)


def test_a_click_of_the_plane_sets_the_start_within_its_window(drawn):
    from unittest.mock import patch

    app = open_page(PAGE)
    pick = drawn.callbacks["aw-plane"]["on_pick_change"]
    for payload, expected in (({"x": 2.0, "y": 3.0, "count": 1}, (2.0, 3.0)), ({"x": 20.0, "y": -50.0, "count": 2}, (10.8, -6.3))):
        state = {"aw-plane": type("State", (), {"pick": payload})()}
        with patch("streamlit.session_state", state):
            pick()
        assert (state["aw_start1"], state["aw_start2"]) == pytest.approx(expected)
    assert problems(app) == []


def test_the_code_has_the_numbers_of_the_settings(drawn):
    app = open_page(PAGE, aw_sgd_rate="0.2", aw_adam_rate="0.0501", aw_lam="0.02")
    expected = [snippet.code for snippet in torch_snippets(0.2, 0.0501, 0.04, 0.99)]
    assert [block.value for block in app.code] == expected


def test_a_diverged_run_is_offered_a_stable_rate(drawn):
    app = open_page(PAGE, aw_sgd_rate="1", aw_adam_rate="10", aw_lam="0.3")
    button = app.button(key="aw-steady")
    button.click().run()
    assert_drawn(app, drawn)
    assert not any(each.key == "aw-steady" for each in app.button)
    assert app.session_state["aw_sgd_rate"] < 2 / 2.9
    assert app.session_state["aw_adam_rate"] < 2 / 0.6


def test_garbage_in_a_link_leads_to_defaults_and_a_notice(drawn):
    app = open_page(PAGE, aw_surface="rosenbrock", aw_beta2="1", aw_noise="loud")
    assert_drawn(app, drawn)
    assert len(app.warning) == 1
    assert "aw_noise = loud" in app.warning[0].value
