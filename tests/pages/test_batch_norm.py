"""The page "Batch norm" under AppTest: what is there at once, every control at both ends, what a link restores, what a release keeps."""

import numpy as np
import pytest

from core.batch_norm.studies import STUDIES
from core.specs import BATCH_NORM_PRESETS, BatchNormSpec
from tests.pages.harness import assert_full, ends, open_page, problems

PAGE = "batch_norm"
CHARTS = (
    *("bn-rates", "bn-losses", "bn-batch", "bn-path", "bn-noise", "bn-map-batch_norm", "bn-map-loss", "bn-cell", "bn-step", "bn-smoothness"),
    *("bn-gaps", "bn-batches", "bn-shift", "bn-order-losses", "bn-ray", "bn-sizes", "bn-effective", "bn-turning", "bn-sharpness"),
)
SCRUBS = {
    **{"bn-at_rate": "at_rate", "bn-size": "size", "bn-turn": "turn", "bn-map_rate": "map_rate", "bn-map_scale": "map_scale"},
    **{"bn-epoch": "epoch", "bn-pairs": "pairs", "bn-p": "p", "bn-lam": "lam", "bn-c": "c"},
}
NOTES = ("bn-rate-notes", "bn-map-notes", "bn-smooth-notes", "bn-gap-notes", "bn-order-notes", "bn-ray-notes", "bn-decay-notes")
KNOBS = BatchNormSpec.knobs()


def assert_drawn(app, drawn):
    assert_full(app, drawn, CHARTS, NOTES, SCRUBS)


def test_the_first_screen_is_full_and_asks_nothing_of_the_engine(drawn, engine):
    app = open_page(PAGE)
    assert_drawn(app, drawn)
    assert not app.warning
    assert engine.studies == []
    assert not [button for button in app.button if button.label.startswith("Measure")]


def test_every_control_can_stand_at_both_ends_and_something_finite_is_drawn(drawn, engine):
    app = open_page(PAGE)
    for name, knob in KNOBS.items():
        if knob.hidden:
            continue
        for value in ends(knob):
            app.session_state[BatchNormSpec.url_key(name)] = value
            app.run()
            assert_drawn(app, drawn)
        app.session_state[BatchNormSpec.url_key(name)] = knob.default


def test_the_page_shows_a_widget_for_every_knob_that_acts(drawn):
    def shown(**query):
        app = open_page(PAGE, **query)
        kinds = (app.slider, app.select_slider, app.toggle, app.selectbox, app.get("segmented_control"))
        return {widget.key.removeprefix("bn_") for kind in kinds for widget in kind}

    visible = {name for name, knob in KNOBS.items() if not knob.hidden}
    assert shown() == visible - {"noise"}
    assert shown(bn_data="moons") == visible


@pytest.mark.parametrize("title", BATCH_NORM_PRESETS)
def test_a_preset_sets_everything_and_has_its_sweep_at_hand(title, drawn, engine):
    app = open_page(PAGE)
    next(button for button in app.button if button.label == title).click().run()
    assert_drawn(app, drawn)
    spec = BATCH_NORM_PRESETS[title]
    for name in KNOBS:
        assert app.session_state[BatchNormSpec.url_key(name)] == getattr(spec, name), name
    assert not any(button.key == "bn-sweep-measure" for button in app.button)


def test_other_networks_are_measured_on_request(drawn, engine):
    app = open_page(PAGE, bn_width="8")
    keys = ("bn-sweep", "bn-unit", "bn-map", "bn-smooth", "bn-gap", "bn-orders", "bn-decay")
    assert {button.key for button in app.button if button.label.startswith("Measure")} == {f"{key}-measure" for key in keys} | {"bn-measure-all"}
    app.button(key="bn-smooth-measure").click().run()
    assert_drawn(app, drawn)
    assert engine.studies == [BatchNormSpec(width=8.0).smoothness()]
    assert "bn-smooth-progress" in drawn
    app.button(key="bn-measure-all").click().run()
    assert {study.key for study in engine.studies} == {kind.key for kind in STUDIES}


def test_what_does_not_act_asks_for_no_other_study():
    default = BatchNormSpec()
    for changes in ({"noise": 0.7}, {"judge": "loss"}, {"steps": "weights"}, {"seed": 4.0}, {"at_rate": 1.0}, {"unit": 3.0}, {"layer": "last"}):
        other = default.replace(**changes)
        for name in ("sweep", "map", "smoothness", "batches", "orders", "decay", "unit_study"):
            assert getattr(other, name)() == getattr(default, name)()
    assert default.replace(rate=0.2).sweep() == default.sweep()
    assert default.replace(rate=0.2).decay() != default.decay()
    assert {type(getattr(default, name)()) for name in ("sweep", "map", "smoothness", "batches", "orders", "decay", "unit_study")} == set(STUDIES)


def test_a_link_restores_where_the_scrubs_stand(drawn):
    wanted = {"at_rate": 0.1, "map_rate": 3.0, "map_scale": 5.0, "epoch": 20.0, "size": 16.0}
    wanted |= {"pairs": 32.0, "turn": 3.0, "p": 0.2, "lam": 0.001, "c": 0.1}
    app = open_page(PAGE, **{f"bn_{name}": str(value) for name, value in wanted.items()})
    assert not app.warning
    for view, name in SCRUBS.items():
        values = drawn[view]["axis"]["values"]
        assert drawn[view]["at"] == np.abs(values - wanted[name]).argmin(), name


def test_releases_of_all_scrubs_reach_the_settings_and_resend_no_chart(drawn, monkeypatch):
    from ui import plot

    app = open_page(PAGE)
    seen = {}
    original = plot.mount
    monkeypatch.setattr(plot, "mount", lambda packed, *, key, **callbacks: (seen.update({key: packed}), original(packed, key=key, **callbacks)))
    app.run()
    before = dict(seen)
    for view, name in SCRUBS.items():
        app.session_state[f"bn_{name}"] = float(drawn[view]["axis"]["values"][2])
    app.run()
    for view in SCRUBS:
        assert drawn[view]["at"] == 2
    for view in (*CHARTS, *NOTES, "bn-rate-readouts"):
        assert seen[view] == before[view], f"a commit must not resend {view}"


def test_a_click_of_a_map_sets_rate_and_scale(drawn):
    from unittest.mock import patch

    app = open_page(PAGE)
    pick = drawn.callbacks["bn-map-loss"]["on_pick_change"]
    state = {"bn-map-loss": type("State", (), {"pick": {"x": 2.0, "y": 0.5, "count": 1}})()}
    with patch("streamlit.session_state", state):
        pick()
    assert (state["bn_map_rate"], state["bn_map_scale"]) == (2.0, 0.5)
    assert problems(app) == []


def test_garbage_in_a_link_leads_to_defaults_and_a_notice(drawn, engine):
    app = open_page(PAGE, bn_data="iris", bn_batch="3", bn_layers="many")
    assert_drawn(app, drawn)
    assert len(app.warning) == 1
    assert "bn_layers = many" in app.warning[0].value
