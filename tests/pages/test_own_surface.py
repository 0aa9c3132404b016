"""A surface of one's own on its three pages under AppTest: typed, in a link, wrong, with holes, locked, undone."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.specs import AdamAndAdamWSpec, RaceSpec, SmoothingSpec
from core.specs.ground import OWN
from core.surfaces.typed import typed
from tests.pages.harness import Drawn, numbers, open_page, problems
from ui.formula import EXAMPLES, QUADRATICS
from ui.links import address, canonical

PAGES = {"optimizer_race": RaceSpec, "smoothing_and_curvature": SmoothingSpec, "adam_and_adamw": AdamAndAdamWSpec}
CHART = {"optimizer_race": "rc-plane", "smoothing_and_curvature": "sm-original", "adam_and_adamw": "aw-plane"}
EVERY = pytest.mark.parametrize("page", PAGES)
FORMULA = "2*(w1 - 1)**2 + (w2 + 1)**2"


def opened(page: str, **settings: str) -> AppTest:
    prefix = PAGES[page].prefix
    return open_page(page, **{f"{prefix}_surface": OWN}, **{f"{prefix}_{key}": value for key, value in settings.items()})


def box(page: str, drawn: Drawn) -> dict[str, Any]:
    return drawn[f"{PAGES[page].prefix}-formula"]


def tell(app: AppTest, drawn: Drawn, page: str, name: str, text: object, count: object = 1) -> None:
    """Do what the browser's trigger does: call the box's callback in the session, and run the page."""
    key = f"{PAGES[page].prefix}-formula"
    names = ("formula", "formula-draft", "formula-count", "formula-meant")
    held = [f"{PAGES[page].prefix}_formula", *(f"{PAGES[page].prefix}-{each}" for each in names[1:])]
    state: dict[str, Any] = {each: app.session_state[each] for each in held if each in app.session_state}
    state[key] = SimpleNamespace(typed=None, commit=None)
    setattr(state[key], name, {"text": text, "count": count})
    before = dict(state)
    with patch("streamlit.session_state", state):
        drawn.callbacks[key][f"on_{name}_change"]()
    for each, value in state.items():
        if each != key and (each not in before or before[each] is not value):
            app.session_state[each] = value
    app.run()
    assert problems(app) == []


@EVERY
def test_the_box_is_there_where_the_surface_is_ones_own_and_nowhere_else(page: str, drawn: Drawn) -> None:
    open_page(page)
    assert f"{PAGES[page].prefix}-formula" not in drawn
    app = opened(page)
    assert problems(app) == []
    said = box(page, drawn)
    assert said["text"] == PAGES[page]().formula
    assert said["error"] is None
    assert said["label"]
    assert f"$$\nL(w) = {typed(said['text']).latex}\n$$" in [each.value for each in app.latex]
    examples = QUADRATICS if page == "adam_and_adamw" else EXAMPLES
    assert [each.label for each in app.button if "formula-example" in str(each.key)] == list(examples)


@EVERY
def test_a_link_opens_with_its_formula_and_draws_it(page: str, drawn: Drawn) -> None:
    app = opened(page, formula=FORMULA)
    assert not app.warning
    assert problems(app) == []
    assert box(page, drawn)["text"] == FORMULA
    other = drawn[CHART[page]]["blends"]
    spec = PAGES[page](surface=OWN, formula=FORMULA)
    assert canonical(address(spec).partition("?")[2]) == address(spec).partition("?")[2]
    opened(page, formula="(w1 - 2)**2 + 3*(w2 + 2)**2")
    assert not np.array_equal(other[0]["base"], drawn[CHART[page]]["blends"][0]["base"])


@EVERY
def test_while_one_types_the_latex_follows_and_the_charts_stay_until_it_is_meant(page: str, drawn: Drawn) -> None:
    app = opened(page)
    spec, charts = PAGES[page](), {key: message for key, message in drawn.items() if message["kind"] == "chart"}
    tell(app, drawn, page, "typed", "w1**2 + w2**2")
    assert f"$$\nL(w) = {typed('w1**2 + w2**2').latex}\n$$" in [each.value for each in app.latex]
    assert (box(page, drawn)["text"], box(page, drawn)["count"]) == ("w1**2 + w2**2", 1)
    assert app.session_state[spec.url_key("formula")] == spec.formula
    for key, before in charts.items():
        for old, new in zip(numbers(before), numbers(drawn[key]), strict=True):
            np.testing.assert_array_equal(old, new)
    tell(app, drawn, page, "commit", " w1**2 +\n w2**2", 2)
    assert app.session_state[spec.url_key("formula")] == "w1**2 + w2**2"
    assert box(page, drawn)["text"] == " w1**2 +\n w2**2", "what has been typed stays as it is typed"
    assert not np.array_equal(charts[CHART[page]]["blends"][0]["base"], drawn[CHART[page]]["blends"][0]["base"])
    app.button(key=f"{spec.prefix}-undo").click().run()
    assert box(page, drawn)["text"] == spec.formula
    app.button(key=f"{spec.prefix}-formula-example-1").click().run()
    examples = QUADRATICS if page == "adam_and_adamw" else EXAMPLES
    assert box(page, drawn)["text"] == list(examples.values())[1]["formula"]
    assert problems(app) == []


@EVERY
def test_what_is_wrong_stays_in_the_box_is_marked_and_leaves_the_charts_alone(page: str, drawn: Drawn) -> None:
    app = opened(page, formula=FORMULA)
    base = drawn[CHART[page]]["blends"][0]["base"]
    for name in ("typed", "commit"):
        tell(app, drawn, page, name, "w1**2 + w2^2", 7)
        said = box(page, drawn)
        assert said["text"] == "w1**2 + w2^2"
        error = said["error"]
        assert (error["before"], error["marked"], error["after"]) == ("w1**2 + w2", "^", "2")
        assert "character 11" in error["what"]
        assert "**" in error["remedy"]
        assert "maximum" in error["allowed"]
        assert "last formula that could be drawn" in error["kept"]
        assert app.session_state[PAGES[page].url_key("formula")] == FORMULA
        np.testing.assert_array_equal(drawn[CHART[page]]["blends"][0]["base"], base)
        assert f"$$\nL(w) = {typed(FORMULA).latex}\n$$" in [each.value for each in app.latex]
    tell(app, drawn, page, "commit", "w1**2 + w2**2", 8)
    assert box(page, drawn)["error"] is None


@EVERY
@pytest.mark.parametrize("text", [5, None, ["w1"], "w1" * 2000, {"a": 1}])
def test_a_message_that_is_no_text_of_the_box_is_dropped(page: str, text: object, drawn: Drawn) -> None:
    app = opened(page)
    tell(app, drawn, page, "commit", text)
    assert box(page, drawn)["text"] == PAGES[page]().formula
    tell(app, drawn, page, "commit", "w1**2 + w2**2", "x")
    assert box(page, drawn)["text"] == PAGES[page]().formula


@EVERY
def test_a_link_with_no_formula_says_so_and_has_the_default(page: str, drawn: Drawn) -> None:
    app = opened(page, formula="__import__('os')")
    assert problems(app) == []
    assert "is not a formula in w1 and w2" in app.warning[0].value
    assert box(page, drawn)["text"] == PAGES[page]().formula


def test_a_formula_that_no_window_of_the_link_can_show_falls_back_and_leaves_the_box_to_mend_it(drawn: Drawn) -> None:
    app = opened("optimizer_race", formula="log(w1 - 7)")
    assert problems(app) == []
    assert "almost anywhere" in app.warning[0].value
    assert "The defaults are shown instead" in app.warning[0].value
    assert box("optimizer_race", drawn)["text"] == "log(w1 - 7)"
    app.session_state["rc_middle1"] = 9.0
    app.run()
    assert not app.warning
    assert drawn["rc-plane"]["figure"]["layout"]["xaxis"]["range"] == [6.0, 12.0]
    app.session_state["rc_middle1"] = 0.0
    app.run()
    assert "The last settings that could be used are shown instead" in app.warning[0].value
    assert drawn["rc-plane"]["figure"]["layout"]["xaxis"]["range"] == [6.0, 12.0]
    assert problems(app) == []


def test_another_formula_than_a_quadratic_is_refused_where_every_end_is_known_exactly(drawn: Drawn) -> None:
    app = opened("adam_and_adamw")
    tell(app, drawn, "adam_and_adamw", "commit", "w1**4 + w2**2")
    error = box("adam_and_adamw", drawn)["error"]
    assert "no quadratic" in error["what"]
    assert "Optimizer race" in error["remedy"]
    assert "marked" not in error
    app = opened("adam_and_adamw", formula="w1**4 + w2**2")
    assert "no quadratic" in app.warning[0].value
    assert problems(app) == []


@pytest.mark.parametrize("page", ["optimizer_race", "smoothing_and_curvature"])
def test_a_formula_with_a_hole_is_drawn_with_the_hole_alone_not_finite(page: str, drawn: Drawn) -> None:
    app = opened(page, formula="w1**2 + w2**2 - log(1 - w1 - w2)")
    assert problems(app) == []
    charts = {key: message for key, message in drawn.items() if message["kind"] == "chart"}
    holes = 0
    for message in charts.values():
        for blend in message["blends"]:
            holes += bool(np.isnan(blend["base"]).any())
            for array in numbers({name: value for name, value in blend.items() if name != "base"}):
                assert np.isfinite(array).all()
        for array in numbers([message["marks"], message["table"]]):
            assert np.isfinite(array).all()
    assert holes >= 2
    assert any("grey" in said for said in charts[CHART[page]]["captions"]["text"])


@pytest.mark.parametrize(("page", "names"), [("optimizer_race", ("start1", "start2")), ("smoothing_and_curvature", ("point1", "point2"))])
def test_a_point_in_a_hole_is_moved_out_and_the_page_says_so(page: str, names: tuple[str, str], drawn: Drawn) -> None:
    app = opened(page, formula="log(w1) + w2**2", **dict(zip(names, ("-2", "1"), strict=True)))
    assert problems(app) == []
    assert any("log of a negative number, −2" in each.value for each in app.info)
    app = opened(page, formula="log(w1) + w2**2", **dict(zip(names, ("2", "1"), strict=True)))
    assert not app.info


def test_the_window_of_a_formula_is_chosen_and_old_points_stay_within(drawn: Drawn) -> None:
    app = opened("optimizer_race", middle1="5", middle2="-4", half="2", start1="0", start2="0")
    assert problems(app) == []
    layout = drawn["rc-plane"]["figure"]["layout"]
    assert (layout["xaxis"]["range"], layout["yaxis"]["range"]) == ([3.0, 7.0], [-6.0, -2.0])
    start = next(mark for mark in drawn["rc-plane"]["marks"] if mark["name"] == "start")
    np.testing.assert_allclose(start["xy"], (3.0, -2.0))


@pytest.mark.parametrize("page", ["optimizer_race", "smoothing_and_curvature"])
def test_every_control_of_the_window_can_stand_at_both_ends(page: str, drawn: Drawn) -> None:
    app, spec = opened(page), PAGES[page]
    for name in ("middle1", "middle2", "half"):
        low, high = spec.knobs()[name].bounds
        for value in (low, high, spec.knobs()[name].default):
            app.session_state[spec.url_key(name)] = value
            app.run()
            assert problems(app) == []
            assert not app.warning
            at = {each: float(app.session_state[spec.url_key(each)]) for each in ("middle1", "middle2", "half")}
            layout = drawn[CHART[page]]["figure"]["layout"]
            for axis, middle in (("xaxis", "middle1"), ("yaxis", "middle2")):
                np.testing.assert_allclose(layout[axis]["range"], [at[middle] - at["half"], at[middle] + at["half"]])
            for message in drawn.values():
                for array in numbers(message):
                    assert np.isfinite(array).all()


@EVERY
def test_a_locked_formula_cannot_be_typed_and_a_hidden_one_is_not_shown(page: str, drawn: Drawn) -> None:
    prefix = PAGES[page].prefix
    app = open_page(page, **{f"{prefix}_surface": OWN, "lab_lock": "formula"})
    assert box(page, drawn)["locked"]
    assert all(each.disabled for each in app.button if "formula-example" in str(each.key))
    tell(app, drawn, page, "commit", "w1**2 + w2**2")
    assert app.session_state[f"{prefix}_formula"] == PAGES[page]().formula
    drawn.clear()
    app = open_page(page, **{f"{prefix}_surface": OWN, "lab_show": "surface"})
    assert f"{prefix}-formula" not in drawn
    assert problems(app) == []


@EVERY
def test_presets_and_reset_leave_ones_own_surface(page: str, drawn: Drawn) -> None:
    prefix = PAGES[page].prefix
    app = opened(page, formula=FORMULA)
    app.button(key=f"{prefix}-reset").click().run()
    assert app.session_state[f"{prefix}_surface"] != OWN
    assert app.session_state[f"{prefix}_formula"] == PAGES[page]().formula
    app.button(key=f"{prefix}-undo").click().run()
    assert box(page, drawn)["text"] == FORMULA
    assert problems(app) == []


@EVERY
def test_the_page_is_presented_with_its_formula(page: str, drawn: Drawn) -> None:
    app = open_page(page, **{f"{PAGES[page].prefix}_surface": OWN, "lab_view": "present", "lab_show": "surface.formula"})
    assert problems(app) == []
    assert box(page, drawn)["text"] == PAGES[page]().formula
