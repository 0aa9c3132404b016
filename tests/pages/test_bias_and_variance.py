"""The page "Bias and variance" under AppTest: every control at both ends, what a link restores, what a release leaves alone."""

import numpy as np
import pytest

from core.specs import BIAS_VARIANCE_PRESETS, BiasVarianceSpec
from core.statistics.bias_variance.experiment import lambdas, place_at, solve
from tests.pages.harness import Drawn, assert_full, ends, numbers, open_page

PAGE = "bias_and_variance"
CHARTS = ("bv-bundle", "bv-totals", "bv-profile", "bv-slice", "bv-trade", "bv-bases")
ITEMS = ("bv-numbers", "bv-numbers-at-x")
SCRUBS = ("lab-scrub-bv", "bv-place")
KNOBS = BiasVarianceSpec.knobs()


def assert_drawn(app, drawn: Drawn) -> None:
    assert_full(app, drawn, CHARTS, ITEMS, SCRUBS)


@pytest.mark.parametrize("axis", ["lam", "at"])
def test_every_control_can_stand_at_both_ends_and_something_finite_is_drawn(axis, drawn: Drawn):
    app = open_page(PAGE, bv_axis=axis)
    for name, knob in KNOBS.items():
        if knob.hidden or name == "axis":
            continue
        key = BiasVarianceSpec.url_key(name)
        for value in ends(knob):
            app.session_state[key] = value
            app.run()
            assert_drawn(app, drawn)
        app.session_state[key] = knob.default


@pytest.mark.parametrize("axis", ["lam", "at"])
def test_the_page_shows_a_widget_for_every_knob_that_acts(axis):
    app = open_page(PAGE, bv_axis=axis)
    kinds = (app.slider, app.select_slider, app.toggle, app.selectbox, app.get("segmented_control"))
    shown = {widget.key.removeprefix("bv_") for kind in kinds for widget in kind}
    assert shown == {name for name, knob in KNOBS.items() if not knob.hidden} - {"fixed" if axis == "lam" else "size"}


def test_a_link_restores_data_fit_and_places(drawn: Drawn):
    app = open_page(PAGE, bv_truth="step", bv_points="30", bv_basis="splines", bv_size="25", bv_lam="0.00237", bv_place="-0.3", bv_focus="7")
    spec = BiasVarianceSpec(truth="step", points=30.0, basis="splines", size=25.0, lam=0.00237, place=-0.3, focus=7.0)
    assert_drawn(app, drawn)
    result = solve(spec)
    assert drawn["lab-scrub-bv"]["at"] == result.member_at(spec)
    assert lambdas()[result.member_at(spec)] == 0.00237
    assert drawn["bv-place"]["at"] == place_at(spec) == 7
    points = next(mark for mark in drawn["bv-bundle"]["marks"] if mark["kind"] == "points")
    np.testing.assert_allclose(points["xy"], np.column_stack([result.x[6], result.y[6]]), rtol=1e-6)


@pytest.mark.parametrize(("axis", "move"), [("lam", {"bv_lam": 0.1, "bv_place": -0.5}), ("at", {"bv_at": 7.0, "bv_place": 0.9})])
def test_moving_a_scrub_sends_no_chart_again(axis, move, drawn: Drawn):
    app = open_page(PAGE, bv_axis=axis)
    before, places = {view: drawn[view] for view in (*CHARTS, *ITEMS)}, [drawn[scrub]["at"] for scrub in SCRUBS]
    for key, value in move.items():
        app.session_state[key] = value
    app.run()
    for view, message in before.items():
        for old, new in zip(numbers(message), numbers(drawn[view]), strict=True):
            np.testing.assert_array_equal(old, new)
    assert [drawn[scrub]["at"] for scrub in SCRUBS] != places


def test_another_set_in_focus_changes_the_bundle_alone(drawn: Drawn):
    app = open_page(PAGE)
    before = {view: drawn[view] for view in CHARTS}
    app.session_state["bv_focus"] = 9.0
    app.run()
    for view in CHARTS:
        same = all(np.array_equal(old, new) for old, new in zip(numbers(before[view]), numbers(drawn[view]), strict=True))
        assert same == (view != "bv-bundle"), view


def test_the_place_along_the_size_is_a_setting_of_its_own(drawn: Drawn):
    app = open_page(PAGE, bv_axis="at", bv_at="3")
    assert drawn["lab-scrub-bv"]["at"] == 3
    assert "on_commit_change" in drawn.callbacks["lab-scrub-bv"]
    app.session_state["bv_at"] = 12.0
    app.run()
    assert drawn["lab-scrub-bv"]["at"] == 12


def test_a_size_that_the_basis_does_not_have_is_brought_to_one_that_it_has(drawn: Drawn):
    app = open_page(PAGE, bv_basis="features", bv_size="30")
    assert_drawn(app, drawn)
    app.session_state["bv_basis"] = "legendre"
    app.run()
    assert_drawn(app, drawn)
    assert app.session_state["bv_size"] == 20.0


@pytest.mark.parametrize("title", BIAS_VARIANCE_PRESETS)
def test_a_preset_sets_everything_and_draws(title, drawn: Drawn):
    app = open_page(PAGE)
    next(button for button in app.button if button.label == title).click().run()
    assert_drawn(app, drawn)
    spec = BIAS_VARIANCE_PRESETS[title]
    result = solve(spec)
    np.testing.assert_array_equal(drawn["lab-scrub-bv"]["axis"]["values"], result.along.astype(np.float32))
    assert drawn["lab-scrub-bv"]["at"] == result.member_at(spec)
    for name in set(KNOBS) - {"fixed" if spec.axis == "lam" else "size"}:
        assert app.session_state[BiasVarianceSpec.url_key(name)] == getattr(spec, name), name


def test_what_it_says_is_what_the_result_says(drawn: Drawn):
    open_page(PAGE)
    result = solve(BiasVarianceSpec())
    sums = drawn["bv-totals"]["table"]["sum"]
    np.testing.assert_allclose(sums, result.bias + result.variance + result.noise, rtol=1e-12)
    np.testing.assert_allclose(drawn["bv-totals"]["table"]["test"], result.measured.mean(axis=1), rtol=1e-12)
