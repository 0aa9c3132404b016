"""The page "The right mix" under AppTest: every control at both ends, what is drawn, what a link restores, and the way to a trial's own networks."""

from urllib.parse import parse_qsl

import numpy as np
import pytest

from core.figures.right_mix.axes import positions
from core.right_mix.maps import MixMap
from core.right_mix.search import MixSearch
from core.right_mix.settings import values_of
from core.right_mix.words import ranked
from core.specs import RIGHT_MIX_PRESETS, RightMixSpec, TrainingLabSpec
from core.studies import shelf
from core.studies.steps import gather
from tests.pages.engine import FakeEngine
from tests.pages.harness import assert_full, ends, numbers, open_page, problems
from ui import studies as ui_studies
from ui.compute import right_mix as views
from ui.links import canonical, query_of

PAGE = "right_mix"
MAPS = tuple(f"rm-{what}-{kind}" for kind in ("lam_p", "rate_lam") for what in ("map", "row", "optima"))
CHARTS = (*MAPS, "rm-best", "rm-winners", "rm-trials", "rm-parallel", "rm-importance")
READOUTS = ("rm-notes-lam_p", "rm-notes-rate_lam", "rm-search-notes", "rm-trial")
SCRUBS = ("rm-lam", "rm-p", "rm-rate", "rm-lam2", "rm-n", "rm-rank")
KNOBS = RightMixSpec.knobs()


def drawn_in_full(app, drawn):
    assert_full(app, drawn, CHARTS, READOUTS, SCRUBS)


def test_the_first_screen_shows_what_is_shipped_and_asks_nothing_of_the_engine(drawn, engine: FakeEngine):
    app = open_page(PAGE)
    drawn_in_full(app, drawn)
    assert engine.studies == []
    assert not any("Measure" in button.label for button in app.button)


def test_every_control_can_stand_at_both_ends(drawn, engine: FakeEngine):
    app = open_page(PAGE)
    for name, knob in KNOBS.items():
        if knob.hidden:
            continue
        key = RightMixSpec.url_key(name)
        for value in ends(knob):
            app.session_state[key] = value
            app.run()
            drawn_in_full(app, drawn)
        app.session_state[key] = knob.default
    assert engine.studies == [], "nothing is measured without a click"


def test_a_link_restores_settings_and_all_scrubs(drawn):
    app = open_page(PAGE, rm_lam="0.0316", rm_p="0.3", rm_rate="0.126", rm_lam2="0.01", rm_n="40", rm_rank="7", rm_method="random", rm_search="2")
    drawn_in_full(app, drawn)
    for key, value in (("rm-lam", 0.0316), ("rm-p", 0.3), ("rm-rate", 0.126), ("rm-n", 40.0), ("rm-rank", 8.0)):
        axis = drawn[key]["axis"]["values"]
        assert drawn[key]["at"] == int(np.abs(axis - value).argmin())
    assert "random search" in drawn["rm-trials"]["alt"]


def test_moving_a_scrub_sends_no_chart_again(drawn):
    app = open_page(PAGE)
    before = {view: drawn[view] for view in CHARTS}
    for key, value in (("rm_lam", 0.01), ("rm_p", 0.5), ("rm_rate", 0.1), ("rm_n", 50.0), ("rm_rank", 3.0)):
        app.session_state[key] = value
        app.run()
    for view in CHARTS:
        for old, new in zip(numbers(before[view]), numbers(drawn[view]), strict=True):
            np.testing.assert_array_equal(old, new)


@pytest.mark.parametrize("name", RIGHT_MIX_PRESETS)
def test_every_preset_is_shipped_and_opens(name, drawn, engine: FakeEngine):
    app = open_page(PAGE)
    next(button for button in app.button if button.label == name).click().run()
    drawn_in_full(app, drawn)
    assert engine.studies == []
    assert not any("Measure" in button.label for button in app.button)
    spec = RIGHT_MIX_PRESETS[name]
    for study in (spec.map("lam_p"), spec.map("rate_lam"), spec.search_study()):
        assert shelf.shipped(study) is not None


def test_other_settings_are_measured_on_request_and_stopped(drawn, engine: FakeEngine):
    app = open_page(PAGE, rm_noise="0.1")
    drawn_in_full(app, drawn)
    buttons = [button.label for button in app.button if "Measure" in button.label]
    assert len(buttons) == 4, "one a section, and one for all of them"
    next(button for button in app.button if button.key == "rm-lam_p-measure").click().run()
    asked = RightMixSpec(noise=0.1).map("lam_p")
    assert engine.studies == [asked]
    assert drawn["rm-lam_p-progress"]["partial"]


def test_a_map_is_drawn_block_by_block_as_it_comes(drawn, monkeypatch):
    whole = shelf.shipped(MixMap())
    asked = RightMixSpec(noise=0.1).map("lam_p")
    there = tuple(outcome if i < 3 else gather(part, []) for i, (outcome, part) in enumerate(zip(whole, asked.parts(), strict=True)))
    monkeypatch.setattr(ui_studies, "so_far", lambda study: there if study == asked else None)
    app = open_page(PAGE, rm_noise="0.1")
    assert problems(app) == []
    z = drawn["rm-map-lam_p"]["figure"]["data"][0]["z"]
    assert [row[0] is None for row in z] == [False] * 12 + [True] * 4
    assert "Lowest so far" in drawn["rm-map-lam_p"]["captions"]["text"][0]


def test_searches_are_drawn_as_they_come(drawn, monkeypatch):
    whole = shelf.shipped(MixSearch())
    asked = RightMixSpec(noise=0.1).search_study()
    by_lane = MixSearch().conclude(whole)
    some = tuple(outcome for outcome in whole if '"fresh": false' in outcome.note)
    monkeypatch.setattr(ui_studies, "so_far", lambda study: some if study == asked else None)
    app = open_page(PAGE, rm_noise="0.1")
    assert problems(app) == []
    assert "Not all searches" in drawn["rm-search-notes"]["items"][0]["words"]["text"][0]
    assert len(drawn["rm-rank"]["axis"]["values"]) == len(by_lane.lane("bayesian", 0).trials)


def test_a_click_on_a_map_chooses_a_cell_and_one_on_a_trial_chooses_it(drawn):
    app = open_page(PAGE)
    result = views._map_views(MixMap()).result
    pick = views.MapViews(result).pick(lambda name, value: app.session_state.__setitem__(RightMixSpec.url_key(name), value))
    pick(float(positions("lam", result.x)[9]), 0.46)
    app.run()
    assert drawn["rm-lam"]["at"] == 9
    assert drawn["rm-p"]["at"] == 9
    found = views._search_views(MixSearch())
    lane = views.lane_views(found, "bayesian", 0)
    assert lane.nearest(1.0, 0.01) >= 0.0


def test_the_ten_best_trials_are_links(drawn):
    app = open_page(PAGE)
    lane = views._search_views(MixSearch()).result.lane("bayesian", 0)
    (listed,) = [each.value for each in app.markdown if each.value.startswith("1. [Trial")]
    lines = listed.splitlines()
    assert len(lines) == 10
    for line, trial in zip(lines, ranked(lane), strict=False):
        assert f"[Trial {trial.number + 1}](training?" in line
        assert " " not in line[line.index("(") : line.index(")")], "one address"


@pytest.mark.parametrize("rank", [0, 9, 63])
def test_a_trial_opens_in_the_lab_training_with_its_very_settings(rank, drawn):
    app = open_page(PAGE, rm_rank=str(rank))
    found = views._search_views(MixSearch()).result
    trial = ranked(found.lane("bayesian", 0))[rank]
    link = app.get("link_button")[0].proto
    assert link.label == f"Open trial {trial.number + 1} in the lab Training"
    address, _, query = link.url.partition("?")
    assert address == "training"
    assert canonical(query) == query, "a link in its best form is not sent elsewhere"
    given = dict(parse_qsl(query))
    spec = TrainingLabSpec(
        **{
            name: knob.parse(given[TrainingLabSpec.url_key(name)], name)
            for name, knob in TrainingLabSpec.knobs().items()
            if TrainingLabSpec.url_key(name) in given
        }
    )
    for name, value in values_of(trial.place).items():
        assert getattr(spec, name) == value
    other = open_page("training", **given)
    assert problems(other) == []
    assert query_of(spec) == query
