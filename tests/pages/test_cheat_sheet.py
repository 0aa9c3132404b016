"""The page "Cheat sheet" under AppTest: every control at both ends, typed numbers, what a link restores, and that every cell is a link."""

import re

import pytest
from streamlit.testing.v1 import AppTest

from core.cheat_sheet import tables
from core.cheat_sheet.conventions import CONVENTIONS, READABLE
from core.cheat_sheet.guide import advise
from core.cheat_sheet.starts import begin
from core.specs import CHEAT_SHEET_PRESETS, CheatSheetSpec
from tests.pages.harness import Drawn, ends, open_page, problems
from ui.links import address

PAGE = "cheat_sheet"
KNOBS = CheatSheetSpec.knobs()
NUMBERS = {field for convention in CONVENTIONS.values() if convention.reads for field, _ in convention.numbers}


def words(app: AppTest) -> str:
    return "".join(each.value for each in app.get("html"))


def assert_whole(app: AppTest) -> None:
    assert problems(app) == []
    assert [each.value for each in app.warning if "cannot be used" in each.value or "allowed" in each.value] == []
    said = words(app)
    assert said.count("<table") == 6
    assert said.count("<table") == said.count("</table>") == said.count("<caption>")
    assert "nan" not in said.lower().replace("finance", "")
    assert len(app.code) in (3, 4)
    assert len(app.tabs) == len(app.code)


def test_the_choices_of_the_translation_are_the_conventions_that_can_be_read():
    assert tuple(key for key, _ in KNOBS["convention"].options) == READABLE
    assert set(KNOBS) >= NUMBERS


def test_every_control_can_stand_at_both_ends(drawn: Drawn):
    app = open_page(PAGE)
    assert_whole(app)
    for name, knob in KNOBS.items():
        if name in NUMBERS:
            continue
        for value in ends(knob):
            app.session_state[CheatSheetSpec.url_key(name)] = value
            app.run()
            assert_whole(app)
        app.session_state[CheatSheetSpec.url_key(name)] = knob.default
    assert set(drawn) <= {"home-warm", "lab-print"}


@pytest.mark.parametrize("convention", READABLE)
def test_every_convention_asks_for_its_own_numbers_under_its_own_names_and_takes_their_ends(convention, drawn: Drawn):
    app = open_page(PAGE, cs_convention=convention)
    asked = {widget.key: widget.label for widget in app.number_input}
    wanted = {CheatSheetSpec.url_key(field): name for field, name in CONVENTIONS[convention].numbers}
    assert {key: label for key, label in asked.items() if key not in ("cs_rows", "cs_batch", "cs_rate")} == wanted
    for field, _ in CONVENTIONS[convention].numbers:
        for value in KNOBS[field].bounds or ():
            app.session_state[CheatSheetSpec.url_key(field)] = value
            app.run()
            assert_whole(app)


def test_the_page_shows_a_widget_for_every_answer(drawn: Drawn):
    app = open_page(PAGE)
    kinds = (app.selectbox, app.toggle, app.get("segmented_control"), app.number_input)
    shown = {widget.key.removeprefix("cs_") for kind in kinds for widget in kind}
    assert shown == set(KNOBS) - (NUMBERS - {"lam", "rho"})


@pytest.mark.parametrize("title", CHEAT_SHEET_PRESETS)
def test_a_preset_sets_everything_and_is_answered(title, drawn: Drawn):
    app = open_page(PAGE)
    next(button for button in app.button if button.label == title).click().run()
    assert_whole(app)
    spec = CHEAT_SHEET_PRESETS[title]
    for name in KNOBS:
        assert app.session_state[CheatSheetSpec.url_key(name)] == getattr(spec, name), name
    starts = begin(spec, advise(spec))
    assert [each.value for each in app.code] == [snippet.code.strip() for snippet in starts.snippets]
    for start in starts.numbers:
        assert start.value in words(app)
    for reason in (*advise(spec).use, *advise(spec).leave, *advise(spec).warnings):
        assert f'href="{address(reason.shown).replace("&", "&amp;")}"' in words(app)


def test_every_cell_of_every_comparison_is_a_link_to_what_shows_it(drawn: Drawn):
    said = words(open_page(PAGE))
    found = re.findall(r'<td role="cell" data-name="[^"]*">([^<]*) <a href="([^"]*)"', said)
    cells = tables.cells()
    assert len(found) == len(cells) > 100
    assert [(text, link.replace("&amp;", "&")) for text, link in found] == [(cell.text.replace("'", "&#x27;"), address(cell.shown)) for cell in cells]


def test_a_typed_number_is_said_in_all_other_words(drawn: Drawn):
    app = open_page(PAGE, cs_convention="ridge", cs_alpha="1", cs_rows="1000", cs_batch="10")
    said = words(app)
    for code in ("λ = 0.0005, ρ = 0", "Ridge(alpha=1)", "weight_decay=0.001)", "MLPClassifier(alpha=0.01)", "LogisticRegression(C=1, l1_ratio=0)"):
        assert code in said, code
    app.number_input(key="cs_alpha").set_value(3.5).run()
    assert "Ridge(alpha=3.5)" in words(app)
    app = open_page(PAGE, cs_dropping="keep", cs_rate="0.8")
    assert "nn.Dropout(p=0.2)" in words(app)
    assert "keep_prob=0.8" in words(app)
    assert any("λ = 0.125" in each.value for each in app.markdown)


def test_a_rate_that_keeps_nothing_is_not_reachable(drawn: Drawn):
    app = open_page(PAGE, cs_rate="1")
    assert problems(app) == []
    assert app.session_state["cs_rate"] == 0.999
    app = open_page(PAGE, cs_dropping="keep", cs_rate="0")
    assert app.session_state["cs_rate"] == 0.001


def test_garbage_in_a_link_leads_to_defaults_and_a_notice_that_names_what_is_allowed(drawn: Drawn):
    app = open_page(PAGE, cs_model="tree", cs_alpha="many", cs_l1_ratio="1.5", cs_c="0")
    assert problems(app) == []
    (warning,) = app.warning
    for text in ("cs_model = tree", "cs_alpha = many", "a number from 0 to 1e+09", "cs_l1_ratio = 1.5", "a number from 0 to 1`", "cs_c = 0"):
        assert text.rstrip("`") in warning.value, text


def test_where_there_is_nothing_to_leave_out_nothing_is_said_of_it(drawn: Drawn):
    app = open_page(PAGE, cs_model="Small network", cs_selection="true")
    assert_whole(app)
    assert advise(CheatSheetSpec(model="network", selection=True)).leave == ()
    assert "Leave out" not in words(app)


def test_a_code_that_lacks_something_says_so(drawn: Drawn):
    app = open_page(PAGE, cs_model="Small network", cs_optimizer="AdamW")
    assert any("has no dropout; here there is none." in each.value for each in app.warning)
