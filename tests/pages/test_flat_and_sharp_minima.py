"""The page "Flat and sharp minima" under AppTest: what is there at once, every control at both ends, links, releases, clicks on the cloud."""

from types import SimpleNamespace
from unittest.mock import patch

import numpy as np
import pytest

from core.flatness.choices import LEVELS, MEASURES
from core.flatness.families import FlatFamilies
from core.flatness.matched import matched
from core.flatness.minima import KINDS, PAIRS, FlatMinima
from core.specs import FLAT_AND_SHARP_PRESETS, FlatAndSharpSpec
from core.studies import shelf
from core.studies.study import Outcome
from tests.pages.harness import assert_full, ends, open_page
from ui.compute import flat_and_sharp as compute

PAGE = "flat_and_sharp_minima"
CHARTS = (
    *("fs-scatter", "fs-ranks", "fs-spectrum", "fs-settings", "fs-shift", "fs-slice"),
    *("fs-between", "fs-curves", "fs-valley", "fs-norm", "fs-decay"),
)
SCRUBS = ("fs-level", "fs-member", "fs-lam", "fs-factor")
NUMBERS = ("fs-within", "fs-pairs", "fs-readouts", "fs-minimum", "fs-scaled")
KNOBS = FlatAndSharpSpec.knobs()


def assert_drawn(app, drawn):
    assert_full(app, drawn, CHARTS, NUMBERS, SCRUBS)


def test_the_first_screen_is_full_and_asks_nothing_of_the_engine(drawn, engine):
    app = open_page(PAGE)
    assert_drawn(app, drawn)
    assert not app.warning
    assert engine.studies == []
    assert not [button for button in app.button if button.label.startswith("Measure")]
    assert drawn["fs-level"]["at"] == LEVELS, "it begins at the end of training, where the claim is usually looked at"


def test_every_control_can_stand_at_both_ends_and_something_finite_is_drawn(drawn, engine):
    app = open_page(PAGE)
    for name, knob in KNOBS.items():
        for value in ends(knob):
            app.session_state[FlatAndSharpSpec.url_key(name)] = value
            app.run()
            assert_drawn(app, drawn)
        app.session_state[FlatAndSharpSpec.url_key(name)] = knob.default


def test_the_page_shows_a_widget_for_every_knob(drawn):
    app = open_page(PAGE)
    kinds = (app.slider, app.select_slider, app.toggle, app.selectbox, app.get("segmented_control"))
    assert {widget.key.removeprefix("fs_") for kind in kinds for widget in kind} == {name for name, knob in KNOBS.items() if not knob.hidden}


@pytest.mark.parametrize("title", FLAT_AND_SHARP_PRESETS)
def test_a_preset_sets_everything_and_has_its_results_at_hand(title, drawn, engine):
    app = open_page(PAGE)
    next(button for button in app.button if button.label == title).click().run()
    assert_drawn(app, drawn)
    spec = FLAT_AND_SHARP_PRESETS[title]
    for name in KNOBS:
        assert app.session_state[FlatAndSharpSpec.url_key(name)] == getattr(spec, name), name
    asked = {button.key for button in app.button if button.label.startswith("Measure")}
    # The other draw comes with its families alone.
    assert asked == ({"fs-minima-measure", "fs-scaling-measure", "fs-measure-all"} if spec.draw else set())


def test_a_link_restores_what_is_shown_and_where_the_scrubs_stand(drawn):
    app = open_page(
        PAGE, fs_measure="keskar", fs_kind="path", fs_pair="plain", fs_biases="true", fs_level="7", fs_member="31", fs_lam="0.01", fs_factor="0.141"
    )
    assert not app.warning
    assert_drawn(app, drawn)
    assert [drawn[view]["at"] for view in SCRUBS] == [7, 31, 9, 3]
    assert drawn["fs-slice"]["name"] == "slice-path"
    assert drawn["fs-scatter"]["figure"]["layout"]["xaxis"]["title"]["text"] == MEASURES["keskar"]


def test_releases_of_all_scrubs_reach_the_settings_and_resend_no_chart(drawn, monkeypatch):
    from ui import plot

    app = open_page(PAGE)
    seen = {}
    original = plot.mount
    monkeypatch.setattr(plot, "mount", lambda packed, *, key, **callbacks: (seen.update({key: packed}), original(packed, key=key, **callbacks)))
    app.run()
    before = dict(seen)
    for name, value in (("level", 4.0), ("member", 77.0), ("lam", 0.055), ("factor", 10.0)):
        app.session_state[f"fs_{name}"] = value
    app.run()
    assert [drawn[view]["at"] for view in SCRUBS] == [4, 77, 12, 40]
    for view in (*CHARTS, *NUMBERS):
        assert seen[view] == before[view], f"a commit must not resend {view}"


def test_a_click_on_the_cloud_brings_the_nearest_network_into_focus(drawn):
    open_page(PAGE, fs_level="5")
    study = FlatFamilies()
    picture = matched(study.conclude(shelf.shipped(study)))
    x, y = picture.measure("top")[5], picture.gap[5]
    wanted = int(np.flatnonzero(np.isfinite(x))[20])
    state = {"fs-scatter": SimpleNamespace(pick={"x": float(x[wanted]) * 1.0001, "y": float(y[wanted]) + 1e-5, "count": 1})}
    with patch("streamlit.session_state", state):
        drawn.callbacks["fs-scatter"]["on_pick_change"]()
    assert state["fs_member"] == wanted
    views = compute.family_views(study, "top")
    gone = int(np.flatnonzero(~np.isfinite(x))[0]) if (~np.isfinite(x)).any() else None
    assert views.nearest(5, -1.0, 0.0) == 0
    assert gone is None or views.nearest(5, 1.0, 0.2) != gone


def test_other_networks_are_measured_on_request(drawn, engine):
    app = open_page(PAGE, fs_units="4")
    assert_drawn(app, drawn)
    assert engine.studies == []
    app.button(key="fs-families-measure").click().run()
    assert [type(study) for study in engine.studies[:1]] == [FlatFamilies]
    assert engine.studies[0].units == 4
    assert_drawn(app, drawn)


def test_slices_are_coarse_until_the_fine_ones_are_there():
    study = FlatMinima()
    (outcome,) = shelf.shipped(study)
    (part,) = study.parts()
    early = [None if measure.option("side") == 51 else found for measure, found in zip(part.measures, outcome.measures, strict=True)]
    half = Outcome(outcome.epochs, outcome.curves, outcome.status, outcome.sentences, tuple(early))
    for kind in KINDS:
        for pair in PAIRS:
            with patch.object(compute.studies, "so_far", lambda study: (half,)):
                assert compute.early_minima_views(study, False, kind, pair) is not None
    result = study.conclude((half,))
    assert {each.side for each in result.slices.values()} == {17}
    fine = study.conclude((outcome,))
    np.testing.assert_allclose(result.slices["hessian"].centre, fine.slices["hessian"].centre)
    for nothing in (None, (Outcome(outcome.epochs, outcome.curves, outcome.status, outcome.sentences, (None,) * len(part.measures)),)):
        with patch.object(compute.studies, "so_far", lambda study, nothing=nothing: nothing):
            assert compute.early_minima_views(study, False, "path", "seed") is None


def test_garbage_in_a_link_leads_to_defaults_and_a_notice(drawn):
    app = open_page(PAGE, fs_data="digits", fs_measure="volume", fs_lam="many")
    assert_drawn(app, drawn)
    assert len(app.warning) == 1
    assert "fs_lam = many" in app.warning[0].value
