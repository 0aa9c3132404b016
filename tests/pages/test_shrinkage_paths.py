"""The page "Shrinkage paths" under AppTest: every control at both ends, what a link restores, what a release keeps and what it leaves alone."""

import numpy as np
import pytest

from core.specs import SHRINKAGE_PRESETS, ShrinkageSpec
from core.statistics.shrinkage import solve
from core.statistics.shrinkage.twins import correlations, twins
from tests.pages.harness import Drawn, assert_full, ends, open_page

PAGE = "shrinkage_paths"
CHARTS = ("sh-path", "sh-errors", "sh-chosen", "sh-freedom", "sh-fates", "sh-cloud", "sh-variance")
SCRUBS = ("lab-scrub-sh", "sh-r")
KNOBS = ShrinkageSpec.knobs()
SYNTHETIC = {"rows", "columns", "relevant", "correlation", "noise"}


def assert_drawn(app, drawn: Drawn) -> None:
    assert_full(app, drawn, CHARTS, ("sh-numbers",), SCRUBS)
    for view in CHARTS:
        assert drawn[view]["captions"]["text"][0]
    assert app.code[0].value.startswith("import numpy as np")
    assert app.info[0].value


@pytest.mark.parametrize("data", ["diabetes", "synthetic"])
def test_every_control_can_stand_at_both_ends_and_something_finite_is_drawn(data, drawn: Drawn):
    app = open_page(PAGE)
    app.session_state["sh_data"] = data
    app.run()
    assert_drawn(app, drawn)
    for name, knob in KNOBS.items():
        if name in SYNTHETIC and data != "synthetic":
            continue
        for value in ends(knob):
            app.session_state[ShrinkageSpec.url_key(name)] = value
            app.run()
            assert_drawn(app, drawn)
        app.session_state[ShrinkageSpec.url_key(name)] = data if name == "data" else knob.default


def test_the_page_shows_a_widget_for_every_knob_that_acts(drawn: Drawn):
    for data, missing in (("diabetes", SYNTHETIC), ("synthetic", set())):
        app = open_page(PAGE, sh_data=data)
        kinds = (app.slider, app.select_slider, app.toggle, app.selectbox, app.get("segmented_control"))
        shown = {widget.key.removeprefix("sh_") for kind in kinds for widget in kind}
        assert shown == {name for name, knob in KNOBS.items() if not knob.hidden} - missing


@pytest.mark.parametrize("title", SHRINKAGE_PRESETS)
def test_a_preset_sets_everything_and_draws(title, drawn: Drawn):
    app = open_page(PAGE)
    next(button for button in app.button if button.label == title).click().run()
    assert_drawn(app, drawn)
    spec = SHRINKAGE_PRESETS[title]
    for name in KNOBS:
        assert app.session_state[ShrinkageSpec.url_key(name)] == getattr(spec, name), name
    assert drawn["lab-scrub-sh"]["at"] == solve(spec).validation.simplest
    for note in solve(spec).design.notes:
        assert note in app.info[0].value


def test_a_link_restores_the_path_and_where_both_scrubs_stand(drawn: Drawn):
    app = open_page(PAGE, sh_data="breast_cancer", sh_penalty="Elastic net", sh_rho="0.25", sh_lam="0.01", sh_r="0.9", sh_twin_lam="0.501")
    assert not app.warning
    spec = ShrinkageSpec(data="breast_cancer", penalty="elastic_net", rho=0.25, lam=0.01)
    result = solve(spec)
    assert drawn["lab-scrub-sh"]["at"] == result.member_at(spec)
    points = next(mark for mark in drawn["sh-chosen"]["marks"] if mark["kind"] == "points")
    np.testing.assert_array_equal(points["xy"][..., 0], result.path.w.astype(np.float32))
    assert drawn["sh-r"]["at"] == correlations().tolist().index(0.9)
    bars = drawn["sh-fates"]["marks"][0]["xy"]
    np.testing.assert_array_equal(bars[:, ::2], twins(50, 0.501, True, 0.25).fates["l1"].astype(np.float32))
    assert "ElasticNet(" in app.code[0].value


def test_releases_of_the_scrubs_reach_the_settings_and_resend_no_chart(drawn: Drawn, monkeypatch):
    from ui import plot

    app = open_page(PAGE)
    seen = {}
    original = plot.mount
    monkeypatch.setattr(plot, "mount", lambda packed, *, key, **callbacks: (seen.update({key: packed}), original(packed, key=key, **callbacks)))
    app.run()
    before, code = dict(seen), app.code[0].value
    lam = drawn["lab-scrub-sh"]["axis"]["values"]
    app.session_state["sh_lam"] = float(f"{lam[31]:.6g}")
    app.session_state["sh_r"] = 0.5
    app.run()
    assert (drawn["lab-scrub-sh"]["at"], drawn["sh-r"]["at"]) == (31, 50)
    for view in (*CHARTS, "sh-numbers"):
        assert seen[view] == before[view], f"a release must not resend {view}"
    assert app.code[0].value != code, "the script is of the chosen model"


def test_twins_leave_the_path_as_it_is_and_the_path_the_twins(drawn: Drawn, monkeypatch):
    from ui.compute import shrinkage as compute

    open_page(PAGE)
    monkeypatch.setattr(compute.shrinkage, "solve", lambda spec: pytest.fail("the path was solved anew"))
    assert_drawn(open_page(PAGE, sh_twin_rows="80", sh_twin_lam="0.05", sh_twin_scaled="false", sh_rho="0.7", sh_lam="0.02"), drawn)
    monkeypatch.undo()


def test_other_data_leave_the_twins_as_they_are(drawn: Drawn, monkeypatch):
    from ui.compute import shrinkage as compute

    open_page(PAGE, sh_rho="0.5")
    monkeypatch.setattr(compute, "twins", lambda *_: pytest.fail("the twins were drawn anew"))
    open_page(PAGE, sh_penalty="Ridge", sh_seed="4", sh_folds="5", sh_r="0.3")


def test_garbage_in_a_link_leads_to_defaults_and_a_notice(drawn: Drawn):
    app = open_page(PAGE, sh_penalty="bridge", sh_lam="nan", sh_rows="many")
    assert_drawn(app, drawn)
    assert len(app.warning) == 1
    assert "sh_penalty = bridge" in app.warning[0].value
