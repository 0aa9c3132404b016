"""The cheat sheet under a hand, a keyboard and on a phone: what the labs' own browser tests ask of scrubs and charts is asked of words and tables."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.browser.driving import READY, calm, until, visit

pytestmark = pytest.mark.browser
LAB = "cheat_sheet"
SAID = "() => [...document.querySelectorAll('.lab-sheet, .lab-reasons, [data-testid=stMain] input')].map((node) => node.value ?? node.textContent)"
# What a keyboard must reach: links and boxes that are shown, the one that is chosen of each set of radio buttons.
STOPS = """[...document.querySelectorAll('[data-testid=stMain] a[href], [data-testid=stMain] input')]
  .filter((each) => each.checkVisibility() && each.type !== 'radio')"""


def query(page):
    return {key: value[0] for key, value in parse_qs(urlsplit(page.url).query).items()}


def said(page):
    return page.evaluate(SAID)


def rest(page):
    page.wait_for_selector(READY, timeout=90_000)
    page.locator(".lab-sheet").nth(5).wait_for()
    page.locator("[data-testid=stSidebar] [role=radio]").first.wait_for()
    calm(page)


def test_a_number_typed_by_keyboard_is_said_in_all_words_kept_in_the_address_and_shown_to_who_gets_the_link(page, server, chromium):
    visit(page, f"{server}/{LAB}?cs_convention=ridge")
    rest(page)
    box = page.locator(".st-key-cs_alpha input")
    box.focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("0.037")
    page.keyboard.press("Enter")
    assert until(lambda: query(page).get("cs_alpha") == "0.037", page=page)
    assert until(lambda: "Ridge(alpha=0.037)" in "".join(said(page)), page=page)
    assert "weight_decay=0.00037)" in "".join(said(page)), "alpha / n"
    assert box.input_value() == "0.037"
    here, link = said(page), page.url
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    other = context.new_page()
    visit(other, link)
    rest(other)
    assert until(lambda: said(other) == here, page=other)
    other.reload()
    rest(other)
    assert until(lambda: said(other) == here, page=other)
    context.close()


def test_an_answer_changes_the_advice_and_a_cell_opens_its_lab_from_the_keyboard_and_back_is_the_sheet(page, server):
    visit(page, f"{server}/{LAB}")
    rest(page)
    before = page.locator(".lab-reasons").first.inner_text()
    page.locator(".st-key-cs_relevant [role=radio]").filter(has_text="a few").click()
    assert until(lambda: page.locator(".lab-reasons").first.inner_text() != before, page=page)
    assert "L1" in page.locator(".lab-reasons").first.inner_text()
    assert query(page)["cs_relevant"] == "a few"
    link = page.locator(".lab-sheet td a").nth(6)
    place = link.get_attribute("href")
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{place.partition('?')[0]}**")
    page.wait_for_selector(READY)
    assert urlsplit(page.url).query == urlsplit(place).query
    page.go_back()
    rest(page)
    assert urlsplit(page.url).path.endswith(LAB)
    assert query(page)["cs_relevant"] == "a few"


def test_tab_reaches_every_answer_every_tab_every_link_and_every_box(page, server):
    visit(page, f"{server}/{LAB}")
    rest(page)
    page.locator("summary").first.click()
    calm(page)
    wanted = page.evaluate(f"() => {STOPS}.length")
    seen = set()
    page.locator(".st-key-cs-preset-0 button").first.focus()
    for _ in range(400):
        page.keyboard.press("Tab")
        at = page.evaluate(f"() => {STOPS}.indexOf(document.activeElement)")
        if at >= 0:
            seen.add(at)
        if len(seen) == wanted:
            break
    assert len(seen) == wanted > 100
    first = page.get_by_role("tab").first
    first.focus()
    page.keyboard.press("ArrowRight")
    assert page.get_by_role("tab").nth(1).get_attribute("aria-selected") == "true"


def test_on_a_phone_the_tables_stack_and_stay_tables_and_garbage_is_named(server, chromium):
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page, complaints = context.new_page(), []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    visit(page, f"{server}/{LAB}?cs_lam=steep&cs_model=%00%ff&cs_l1_ratio=1e999&cs_x=1")
    page.locator(".lab-sheet").nth(5).wait_for()
    notice = page.get_by_test_id("stAlert").filter(has_text="cannot be used").inner_text()
    for text in ("cs_lam = steep", "cs_model =", "1e999", "cs_x is no setting"):
        assert text in notice
    assert page.get_by_test_id("stException").count() == 0
    widths = page.evaluate(
        """() => [document.scrollingElement, document.querySelector('[data-testid=stMain]')].map((each) => each.scrollWidth)
        .concat([...document.querySelectorAll('.lab-sheet td, .lab-sheet code, .lab-reasons li')]
          .map((each) => each.getBoundingClientRect().right))"""
    )
    assert max(widths) <= 391
    table = page.get_by_role("table", name=re.compile("What each regulariser does"))
    assert table.get_by_role("row").count() == 11
    assert table.get_by_role("cell").count() == 60
    cell = page.locator(".lab-many td").first
    name = page.evaluate("(node) => getComputedStyle(node, '::before').content", cell.element_handle())
    assert re.sub(r'[" ]', "", name) == "L1:"
    context.close()
    assert complaints == []


def test_a_screen_reader_hears_a_cell_under_its_column_and_row(page, server):
    visit(page, f"{server}/{LAB}")
    rest(page)
    table = page.get_by_role("table", name=re.compile("What each regulariser does"))
    assert table.get_by_role("columnheader").count() == 7
    assert table.get_by_role("rowheader").count() == 10
    names = [link.inner_text() for link in table.get_by_role("link").all()]
    assert len(names) == 60
    assert all(": " in link.text_content() for link in table.get_by_role("link").all()[:12]), "where on the page it is seen is said too"
