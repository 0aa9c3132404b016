"""The page "Training" under AppTest, with an engine that trains nothing: what it asks for, when it edits and when it starts again, what it draws."""

import numpy as np
import pytest

from core.datasets import DATASETS
from core.engine.plan import run_id
from core.specs import TRAINING_PRESETS, TrainingLabSpec
from tests.pages.harness import ends, numbers, open_page, problems

PAGE = "training"
VIEWS = ("tn-field", "tn-losses", "tn-profile", "tn-network", "tn-weights", "tn-scores")
KNOBS = TrainingLabSpec.knobs()


def assert_drawn(app, drawn):
    assert problems(app) == []
    for view in VIEWS:
        assert drawn[view]["marks"], f"{view} is empty"
        for array in numbers([drawn[view][part] for part in ("figure", "marks", "blends")]):
            assert np.isfinite(array).all(), f"{view} holds a NaN or an infinity"


def test_the_first_screen_is_overfitting_about_to_happen(drawn, engine):
    app = open_page(PAGE)
    assert_drawn(app, drawn)
    assert engine.asked == [TrainingLabSpec().training()]
    assert drawn["tn-epoch"]["axis"]["autoplay"]
    assert drawn["tn-member"]["at"] == 0
    assert drawn["tn-film"]["members"] == 16
    assert engine.asked[0].lam[0] == 0.0, "the member in focus is the one without a penalty"


@pytest.mark.parametrize("name", [name for name, knob in KNOBS.items() if not knob.hidden])
def test_every_control_can_stand_at_both_ends_and_something_finite_is_drawn(name, drawn, engine):
    link = {"tn_plane": "features", "tn_data": "wine"} if name in ("first", "second") else {}
    link |= {"tn_axis": "rule", "tn_surface": "pair"} if name in ("across", "upwards", "surface") else {}
    app = open_page(PAGE, **link)
    for value in ends(KNOBS[name]):
        app.session_state[TrainingLabSpec.url_key(name)] = value
        app.run()
        assert_drawn(app, drawn)
    assert engine.asked


@pytest.mark.parametrize("data", DATASETS)
@pytest.mark.parametrize("axis", [value for value, _ in KNOBS["axis"].options])
def test_every_data_set_is_drawn_along_every_axis(data, axis, drawn, engine):
    app = open_page(PAGE, tn_data=data, tn_axis=axis)
    assert_drawn(app, drawn)
    spec = TrainingLabSpec(data=data, axis=axis)
    assert engine.asked == [spec.training()]
    assert engine.asked[0].members == drawn["tn-film"]["members"] == len(spec.values) == len(drawn["tn-member"]["axis"]["values"])
    assert ("tn-race" in drawn) == (axis == "rule")


@pytest.mark.parametrize("name", TRAINING_PRESETS)
def test_every_preset_opens_with_its_run(name, drawn, engine):
    app = open_page(PAGE)
    next(button for button in app.button if button.label == name).click().run()
    assert_drawn(app, drawn)
    assert engine.asked[-1] == TRAINING_PRESETS[name].training()
    assert drawn["tn-member"]["at"] == TRAINING_PRESETS[name].member


def test_from_every_preset_one_can_go_to_every_other(drawn, engine):
    app = open_page(PAGE)
    names = list(TRAINING_PRESETS)
    for name in (each for first in names for then in names if then != first for each in (first, then)):
        next(button for button in app.button if button.label == name).click().run()
        assert problems(app) == []
        assert [warning.value for warning in app.warning if "allowed" in warning.value] == []
        assert drawn["tn-film"]["run"] == run_id(TRAINING_PRESETS[name].training())


def test_moving_the_scrubs_asks_for_no_run_and_sends_no_chart_again(drawn, engine):
    app = open_page(PAGE)
    before = {view: drawn[view] for view in VIEWS}
    app.session_state["tn_epoch"], app.session_state["tn_member"] = 120.0, 9.0
    app.run()
    assert len(engine.asked) == 1
    assert engine.commands == []
    assert (drawn["tn-epoch"]["at"], drawn["tn-member"]["at"]) == (120, 9)
    for view in VIEWS:
        for old, new in zip(numbers(before[view]), numbers(drawn[view]), strict=True):
            np.testing.assert_array_equal(old, new)


@pytest.mark.parametrize(("name", "value"), [("dropout", 0.3), ("lr", 0.1)])
def test_another_rate_on_the_way_is_an_edit_of_the_run_and_no_new_one(name, value, drawn, engine):
    app = open_page(PAGE)
    first = drawn["tn-film"]["run"]
    app.session_state[f"tn_{name}"] = value
    app.run()
    assert problems(app) == []
    assert next((what, values) for _, what, values in engine.commands) == ("edit", {name: value})
    assert len(engine.asked) == 1
    assert drawn["tn-film"]["run"] != first
    assert (drawn["tn-film"]["parent"], drawn["tn-film"]["shared"], drawn["tn-film"]["kept"]) == (first, 3, 17)


def test_anything_else_starts_a_run_of_its_own_and_leaves_the_old_one(drawn, engine):
    app = open_page(PAGE)
    first = drawn["tn-film"]["run"]
    app.session_state["tn_units"] = 8.0
    app.run()
    assert [spec.hidden for spec in engine.asked] == [(32, 32), (8, 8)]
    assert (first, "cancel", {}) in engine.commands
    assert drawn["tn-film"]["parent"] == ""


def test_training_again_keeps_the_initial_weights_and_another_button_draws_new_ones(drawn, engine):
    app = open_page(PAGE)
    app.button(key="tn-again").click().run()
    assert len(engine.asked) == 2
    assert engine.asked[0] == engine.asked[1]
    app.button(key="tn-new").click().run()
    assert engine.asked[2] == engine.asked[0].replace(seed=1)


def test_weights_and_history_can_be_saved(drawn, engine):
    app = open_page(PAGE, tn_epoch="30")
    labels = [button.label for button in app.get("download_button")]
    assert labels == ["Weights at epoch 30 as JSON", "History as CSV"]


def test_a_full_engine_is_said_in_words_and_the_page_stays(drawn, engine):
    engine.full = True
    app = open_page(PAGE)
    assert any("Close a tab" in each.value for each in app.warning)
    assert "tn-film" not in drawn
    assert drawn["tn-field"]["marks"]


def test_a_link_restores_data_network_axis_epoch_and_member(drawn, engine):
    app = open_page(
        PAGE, tn_data="iris", tn_axis="dropout", tn_layers="3", tn_units="8", tn_lam="0.01", tn_epoch="55", tn_member="4", tn_penalty="l1"
    )
    assert_drawn(app, drawn)
    spec = TrainingLabSpec(data="iris", axis="dropout", layers=3, units=8, lam=0.01, epoch=55, member=4, penalty="l1")
    assert engine.asked == [spec.training()]
    assert (drawn["tn-epoch"]["at"], drawn["tn-member"]["at"]) == (55, 4)


def test_a_weight_of_exactly_zero_can_be_linked_to(drawn, engine):
    app = open_page(PAGE, tn_axis="dropout", tn_lam="0")
    assert problems(app) == []
    assert engine.asked[0].lam == 0.0


def test_an_epoch_and_a_member_beyond_the_end_stand_at_the_end(drawn):
    open_page(PAGE, tn_epochs="100", tn_epoch="900", tn_axis="rule", tn_member="15")
    assert drawn["tn-epoch"]["at"] == 100
    assert drawn["tn-member"]["at"] == 6


def test_the_code_of_the_member_in_focus_stands_ready_in_four_frameworks(drawn):
    app = open_page(PAGE, tn_member="12")
    codes = [block.value for block in app.code]
    assert len(codes) == 4
    value = TrainingLabSpec().values[12]
    assert all(f"{value:g}" in code for code in codes[:3])
