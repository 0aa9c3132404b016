"""A surface that is typed, in a browser: the LaTeX follows, what is wrong is marked, Enter draws, the link keeps it; on a phone, too."""

import re
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.driving import CHARTS, GO, READY, settle, until, visit

pytestmark = pytest.mark.browser

PAGES = {"optimizer_race": "rc", "smoothing_and_curvature": "sm", "adam_and_adamw": "aw"}
OWN = "_surface=Your+own+formula"
BOX = ".lab-formula textarea"
LATEX = "[class*=st-key-lab-formula] .katex annotation"
# A checksum of the moving layer of the page's first chart.
LAYER = """() => {
  const canvas = document.querySelector('.lab-moving');
  const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  return data.reduce((sum, value) => (sum * 31 + value) >>> 0, 0);
}"""
# The pixel of the moving layer at a place of the first chart's axes, in data coordinates.
PIXEL = """([x, y]) => {
  const host = document.querySelector('.lab-plotly'), {xaxis, yaxis} = host._fullLayout, canvas = document.querySelector('.lab-moving');
  const ratio = canvas.width / canvas.getBoundingClientRect().width;
  const at = [xaxis._offset + xaxis.l2p(x), yaxis._offset + yaxis.l2p(y)].map((each) => Math.round(each * ratio));
  return [...canvas.getContext('2d').getImageData(...at, 1, 1).data];
}"""


def said(page):
    return page.locator(LATEX).first.text_content()


def drawn(page):
    return page.evaluate(LAYER)


def query(page):
    return {key: value[0] for key, value in parse_qs(urlsplit(page.url).query).items()}


@pytest.mark.parametrize("lab", PAGES)
def test_one_types_and_the_latex_follows_at_once_the_charts_after_enter(server, page, lab):
    key = f"{PAGES[lab]}_formula"
    visit(page, f"{server}/{lab}?{PAGES[lab]}{OWN}", CHARTS[lab])
    box = page.locator(BOX)
    before, first = drawn(page), box.input_value()
    box.focus()
    page.keyboard.press("Control+A")
    # As fast as a hand: none of the texts on the way rests long enough to be drawn.
    page.keyboard.type("3*(w1 - 1)**2 + (w2 + 1)**2/2", delay=15)
    assert until(lambda: "3" in said(page) and r"\frac" in said(page), page=page)
    assert page.locator(BOX).get_attribute("aria-invalid") == "false"
    page.keyboard.press("Enter")
    assert until(lambda: query(page).get(key) == "3*(w1 - 1)**2 + (w2 + 1)**2/2", page=page)
    settle(page, CHARTS[lab])
    assert until(lambda: drawn(page) != before, page=page)
    assert page.evaluate("() => document.activeElement.matches('.lab-formula textarea')"), "the hand stays in the box"
    # A reload keeps it, and undo has the one before.
    page.reload()
    settle(page, CHARTS[lab])
    assert until(lambda: page.locator(BOX).input_value() == "3*(w1 - 1)**2 + (w2 + 1)**2/2", page=page)
    page.locator(f".st-key-{PAGES[lab]}-formula-example-1 button:visible").first.click()
    assert until(lambda: query(page).get(key) not in (None, "3*(w1 - 1)**2 + (w2 + 1)**2/2"), page=page)
    settle(page, CHARTS[lab])
    page.locator(f".st-key-{PAGES[lab]}-undo button").click()
    assert until(lambda: page.locator(BOX).input_value() == "3*(w1 - 1)**2 + (w2 + 1)**2/2", page=page)
    assert first != "3*(w1 - 1)**2 + (w2 + 1)**2/2"


def test_a_rest_is_enough_and_what_is_typed_meanwhile_is_not_lost(server, page):
    visit(page, f"{server}/optimizer_race?rc{OWN}", 4)
    box = page.locator(BOX)
    box.focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("w1**2 + w2**2", delay=15)
    assert until(lambda: query(page).get("rc_formula") == "w1**2 + w2**2", page=page), "no Enter, no Tab: the hand rests"
    # While the page runs for it, the hand goes on.
    page.keyboard.type(" + w1*w2", delay=15)
    assert until(lambda: query(page).get("rc_formula") == "w1**2 + w2**2 + w1*w2", page=page)
    assert box.input_value() == "w1**2 + w2**2 + w1*w2"
    settle(page, 4)
    assert box.input_value() == "w1**2 + w2**2 + w1*w2"


@pytest.mark.parametrize("lab", PAGES)
def test_what_is_wrong_is_marked_at_its_place_and_the_charts_stay(server, page, lab):
    visit(page, f"{server}/{lab}?{PAGES[lab]}{OWN}", CHARTS[lab])
    box, before, address = page.locator(BOX), drawn(page), page.url
    shown = said(page)
    box.focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("w1**2 + w2^2", delay=15)
    assert until(lambda: box.get_attribute("aria-invalid") == "true", page=page)
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.wait_for_timeout(1500)  # longer than any rest that draws
    page.wait_for_selector(READY)
    assert box.input_value() == "w1**2 + w2^2"
    place = page.locator(".lab-formula-place")
    assert place.locator("mark").inner_text() == "^"
    line, caret = place.inner_text().split("\n")[:2]
    assert line.index("^") == caret.index("^")
    words = page.locator(".lab-formula-said")
    assert words.get_attribute("aria-live") == "polite"
    assert "character 11" in words.inner_text()
    assert "Write **" in words.inner_text()
    assert "minimum, maximum" in words.inner_text()
    assert words.get_attribute("id") in box.get_attribute("aria-describedby")
    assert drawn(page) == before
    assert page.url == address
    assert said(page) == shown
    box.focus()
    page.keyboard.press("End")
    page.keyboard.press("Backspace")
    page.keyboard.press("Backspace")
    page.keyboard.type("**2", delay=15)
    assert until(lambda: box.get_attribute("aria-invalid") == "false", page=page)
    assert page.locator(".lab-formula-place").count() == 0


def test_back_from_a_typed_surface_is_the_page_before(server, page):
    visit(page, f"{server}/smoothing_and_curvature", 7)
    page.goto(f"{server}/optimizer_race?rc{OWN}")
    settle(page, 4)
    page.locator(BOX).fill("w1**2 + 2*w2**2")
    page.keyboard.press("Enter")
    assert until(lambda: query(page).get("rc_formula") == "w1**2 + 2*w2**2", page=page)
    page.go_back()
    assert until(lambda: "smoothing_and_curvature" in page.url, page=page)
    settle(page, 7)


@pytest.mark.parametrize("lab", ["optimizer_race", "smoothing_and_curvature"])
def test_a_hole_is_grey_and_no_line_crosses_it(server, page, lab):
    prefix, formula = PAGES[lab], quote("w1**2 + w2**2 - log(2 - w1 - w2)")
    visit(page, f"{server}/{lab}?{prefix}{OWN}&{prefix}_formula={formula}", CHARTS[lab])
    assert until(lambda: page.evaluate(PIXEL, [2.6, 2.5])[3] > 0, page=page)
    inside = [page.evaluate(PIXEL, [2.9 - 0.07 * i, 2.9 - 0.03 * i]) for i in range(20)]
    assert {tuple(each) for each in inside} == {tuple(inside[0])}, "one grey all over"
    assert len(set(inside[0][:3])) == 1
    outside = {tuple(page.evaluate(PIXEL, [-2.9 + 0.2 * i, -0.7])) for i in range(14)}
    assert len(outside) > 3, "contours and a tint"
    assert "Where it is grey the formula is not defined" in page.locator(".lab-caption").first.inner_text()
    if lab == "smoothing_and_curvature":
        page.wait_for_function("() => [...document.querySelectorAll('.lab-chart[data-surface]')].length === 2", timeout=90_000)
        heights = page.evaluate("() => document.querySelector('.lab-chart[data-surface] .lab-plotly').data[0].z.flatMap((row) => [...row])")
        assert any(each is None or each != each for each in heights)
    # The scrub moves the contours over it, and the hole stays.
    axis = page.locator(".lab-scrub[data-axis=lam] input")
    page.evaluate(GO, ["lam", int(axis.get_attribute("max")), False])
    page.wait_for_timeout(300)
    assert page.evaluate(PIXEL, [2.6, 2.5]) == inside[0]


@pytest.mark.parametrize("settings", ["rc{own}&rc_mode=same&rc_rate=1&rc_fista=true", "sm{own}"])
def test_a_hand_computes_a_typed_surface_with_hole_and_kink_as_the_server_does(server, page, settings):
    lab = "optimizer_race" if settings.startswith("rc") else "smoothing_and_curvature"
    formula = f"{PAGES[lab]}_formula={quote('maximum(w1**2, w2**2) + w2 - log(2 - w1 - w2)')}"
    visit(page, f"{server}/{lab}?{settings.format(own=OWN)}&{formula}", CHARTS[lab])
    said = page.locator(".lab-hand").first
    for _ in range(2):
        # Each run that leaves the formula's domain leaves it at the same step, or the two would differ by a whole window.
        assert until(lambda: re.search(r"differ by (0|\S+ × 10⁻\S+) of", said.inner_text()) is not None, page=page), said.inner_text()
        page.locator(".lab-handle:visible").first.focus()
        page.keyboard.press("ArrowDown")
        page.wait_for_timeout(1500)
        page.wait_for_selector(READY)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("formula", ["w1**2 + w2**2 - log(2 - w1 - w2)", "(1 - w1)**2 + 100*(w2 - w1**2)**2"])
def test_a_phone_has_room_for_box_latex_and_error_and_no_axe_violation(server, chromium, scheme, formula):
    context = chromium.new_context(viewport={"width": 390, "height": 844}, color_scheme=scheme, has_touch=True)
    page = context.new_page()
    try:
        visit(page, f"{server}/optimizer_race?rc{OWN}&rc_formula={quote(formula)}", 4)
        page.locator(BOX).fill(f"{formula} + 2w1 - 3*(w2 - 1)**2 + sin(w1)")
        assert until(lambda: page.locator(".lab-formula-place").count() == 1, page=page)
        for selector in (BOX, ".lab-formula-said", ".lab-formula-place", "[class*=st-key-lab-formula] [data-testid=stMarkdownContainer]"):
            left, right = page.evaluate(
                "(selector) => { const box = document.querySelector(selector).getBoundingClientRect(); return [box.left, box.right]; }", selector
            )
            assert left >= 0
            assert right <= 390
        assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
        text = page.locator(".lab-formula-place").inner_text()
        assert re.search(r"2w", text)
        assert [(each["id"], [node["target"] for node in each["nodes"]][:3]) for each in Axe().run(page).response["violations"]] == []
    finally:
        context.close()
