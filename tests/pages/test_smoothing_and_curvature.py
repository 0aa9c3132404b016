"""The page "Smoothing and curvature" under AppTest: every control at both ends, what is drawn, what a link restores."""

import numpy as np
import pytest

from core.smoothing import solve
from core.specs import SMOOTHING_PRESETS, SmoothingSpec
from core.surfaces import SURFACES
from tests.pages.harness import ends, numbers, open_page, problems

PAGE = "smoothing_and_curvature"
VIEWS = ("sm-original", "sm-penalised", "sm-eigenvalues", "sm-branches", "sm-speed", "sm-original-3d", "sm-penalised-3d")
KNOBS = SmoothingSpec.knobs()


def assert_drawn(app, drawn):
    assert problems(app) == []
    for view in VIEWS:
        assert drawn[view]["marks"] or drawn[view]["blends"], f"{view} is empty"
        for array in numbers([drawn[view][part] for part in ("figure", "marks", "blends", "table")]):
            assert np.isfinite(array).all(), f"{view} holds a NaN or an infinity"


@pytest.mark.parametrize("penalty", ["l1", "elastic_net"])
def test_every_control_can_stand_at_both_ends_and_something_finite_is_drawn(penalty, drawn):
    app = open_page(PAGE, sm_surface="rotated_ravine", sm_penalty=penalty)
    for name, knob in KNOBS.items():
        if knob.hidden or name == "penalty":
            continue
        key = SmoothingSpec.url_key(name)
        before = app.session_state.get(key, knob.default)
        for value in ends(knob):
            app.session_state[key] = value
            app.run()
            assert_drawn(app, drawn)
        app.session_state[key] = before


def test_a_link_restores_surface_point_and_lambda(drawn):
    app = open_page(PAGE, sm_surface="himmelblau", sm_point1="1.5", sm_point2="-2", sm_lam="12.5", sm_treatment="proximal")
    spec = SmoothingSpec(surface="himmelblau", point1=1.5, point2=-2.0, lam=12.5, treatment="proximal")
    assert_drawn(app, drawn)
    assert drawn["lab-scrub-sm"]["at"] == solve(spec).member_at(spec)
    ring = next(mark for mark in drawn["sm-original"]["marks"] if mark["name"] == "point")
    np.testing.assert_allclose(ring["xy"], (1.5, -2.0))


def test_moving_lambda_sends_no_chart_again(drawn):
    app = open_page(PAGE)
    before = {view: drawn[view] for view in VIEWS}
    app.session_state["sm_lam"] = 0.2
    app.run()
    for view in VIEWS:
        for old, new in zip(numbers(before[view]), numbers(drawn[view]), strict=True):
            np.testing.assert_array_equal(old, new)


@pytest.mark.parametrize("name", SMOOTHING_PRESETS)
def test_every_preset_opens(name, drawn):
    app = open_page(PAGE)
    next(button for button in app.button if button.label == name).click().run()
    assert_drawn(app, drawn)
    np.testing.assert_array_equal(drawn["lab-scrub-sm"]["axis"]["values"], solve(SMOOTHING_PRESETS[name]).lam.astype(np.float32))


@pytest.mark.parametrize("surface", SURFACES)
def test_the_formula_of_every_surface_is_written_out_with_its_source(surface):
    app = open_page(PAGE, sm_surface=surface)
    assert problems(app) == []
    chosen = solve(SmoothingSpec(surface=surface)).surface
    assert [each.value for each in app.latex] == [f"$$\nL(w) = {chosen.latex}\n$$"]
    assert any(each.value == chosen.source for each in app.markdown)
