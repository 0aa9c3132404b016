"""A lab saved as a file and opened from the disk: no network, no server, and it moves."""

import xml.etree.ElementTree as ET

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.driving import CHARTS, GO, carry, visit

pytestmark = pytest.mark.browser

# Two scrubs, one of them a player; a surface in 3-D.
MOVED = {"adam_and_adamw": ("step", "lam"), "diamond_and_circle": ("t",)}
READ = "() => [...document.querySelectorAll('.lab-readouts dd, .lab-caption')].map((node) => node.textContent).join('|')"
INK = """(key) => {
  const canvas = document.querySelector(`[data-key="${key}"] .lab-moving`);
  return canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.reduce((sum, value) => (sum * 31 + value) >>> 0, 0);
}"""
ALL_DRAWN = "(n) => document.querySelectorAll('.lab-chart[data-drawn]').length === n && !document.querySelector('#lab-wait')"
TURNS = "() => [...document.querySelectorAll('.lab-chart')].map((each) => Number(each.dataset.drawn))"


@pytest.fixture(scope="module")
def saved(chromium, server, tmp_path_factory):
    """Lab -> the file that its button saves."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, color_scheme="light", accept_downloads=True)
    folder, files = tmp_path_factory.mktemp("saved"), {}
    for lab in MOVED:
        page = context.new_page()
        visit(page, f"{server}/{lab}", CHARTS[lab])
        with page.expect_download() as download:
            page.get_by_role("button", name="This page as a file").click()
        assert download.value.suggested_filename == f"{lab}.html"
        files[lab] = folder / f"{lab}.html"
        download.value.save_as(files[lab])
        page.close()
    context.close()
    return files


@pytest.fixture
def alone(chromium):
    """Return a page without a network, and what it complains of or asks for."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, color_scheme="light")
    context.set_offline(True)
    page, wrong = context.new_page(), []
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda request: None if request.url.startswith(("file:", "blob:", "data:")) else wrong.append(request.url))
    yield page, wrong
    context.close()


@pytest.mark.parametrize("lab", MOVED)
def test_a_saved_lab_moves_without_a_network_and_axe_finds_nothing_in_light_and_in_dark(alone, saved, lab):
    page, wrong = alone
    page.goto(saved[lab].as_uri())
    page.wait_for_function(ALL_DRAWN, arg=CHARTS[lab], timeout=30_000)
    for axis in MOVED[lab]:
        scrub = page.locator(f'.lab-scrub[data-axis="{axis}"] input')
        last, now = int(scrub.get_attribute("max")), int(scrub.input_value())
        before = page.evaluate(READ)
        # A hand lets go, too: what would be sent to the lab goes nowhere.
        page.evaluate(GO, [axis, last if now < last else 0, True])
        page.wait_for_function(f"before => ({READ})() !== before", arg=before, timeout=10_000)
        before = page.evaluate(READ)
        page.locator(".lab-canvas").first.focus()
        scrub.focus()
        page.keyboard.press("Home")
        page.keyboard.press("PageUp")
        page.wait_for_function(f"before => ({READ})() !== before", arg=before, timeout=10_000)
        page.wait_for_timeout(350)  # keys commit when they rest
        assert int(scrub.input_value()) == max(1, round(last / 10))
    axis = MOVED[lab][-1]
    at = page.locator(f'.lab-scrub[data-axis="{axis}"] input').input_value()
    assert Axe().run(page).response["violations"] == []
    turns = page.evaluate(TURNS)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(f"before => ({TURNS})().every((turn, i) => turn > before[i])", arg=turns, timeout=30_000)
    assert page.locator(f'.lab-scrub[data-axis="{axis}"] input').input_value() == at, "dusk does not rewind"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(17, 23, 30)"
    assert Axe().run(page).response["violations"] == []
    assert wrong == []


def test_a_saved_surface_in_three_dimensions_follows_its_scrub(alone, saved):
    page, wrong = alone
    page.goto(saved["diamond_and_circle"].as_uri())
    page.wait_for_function(ALL_DRAWN, arg=CHARTS["diamond_and_circle"], timeout=30_000)
    surface = page.locator(".lab-chart[data-surface]")
    surface.scroll_into_view_if_needed()
    heights = "() => document.querySelector('.lab-chart[data-surface] .lab-plotly').data[0].z.flatMap((row) => [...row]).reduce((a, b) => a + b, 0)"
    before = page.evaluate(heights)
    page.evaluate(GO, ["t", 150, False])
    page.wait_for_function("() => document.querySelector('.lab-chart[data-surface]').dataset.surface === '150'", timeout=30_000)
    assert page.evaluate(heights) > before, "a penalty lifts the surface"
    assert wrong == []


def test_a_saved_lab_can_be_taken_hold_of(alone, saved):
    page, wrong = alone
    page.goto(saved["diamond_and_circle"].as_uri())
    page.wait_for_function(ALL_DRAWN, arg=CHARTS["diamond_and_circle"], timeout=30_000)
    page.wait_for_function("() => document.querySelector('.lab-hand')?.dataset.gap !== undefined", timeout=30_000)
    before = page.evaluate(READ)
    carry(page, "centre", [[-4 * i, 3 * i] for i in range(15)])
    page.wait_for_timeout(600)
    after = page.evaluate(READ)
    assert after != before
    assert "the lab itself has the words" in after
    assert "server solves it" not in page.locator(".lab-hand").inner_text()
    assert wrong == []


def test_a_saved_player_plays(alone, saved):
    page, wrong = alone
    page.goto(saved["adam_and_adamw"].as_uri())
    page.wait_for_function(ALL_DRAWN, arg=CHARTS["adam_and_adamw"], timeout=30_000)
    step = page.locator('.lab-scrub[data-axis="step"]')
    step.get_by_role("button", name="To the start").click()
    ink = page.evaluate(INK, "aw-plane")
    step.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function("() => Number(document.querySelector('.lab-scrub[data-axis=step] input').value) > 3", timeout=10_000)
    step.get_by_role("button", name="Pause").click()
    page.wait_for_timeout(100)
    assert page.evaluate(INK, "aw-plane") != ink
    assert wrong == []


def test_a_saved_chart_can_be_saved_as_a_picture_and_printed(alone, saved):
    page, wrong = alone
    page.goto(saved["adam_and_adamw"].as_uri())
    page.wait_for_function(ALL_DRAWN, arg=CHARTS["adam_and_adamw"], timeout=30_000)
    with page.expect_download() as download:
        page.locator(".lab-chart").first.get_by_role("button", name="SVG", exact=True).click()
    root = ET.parse(download.value.path()).getroot()
    told = "".join(root.find("{http://www.w3.org/2000/svg}metadata").itertext())
    assert "adam_and_adamw" in told, "the lab's link, not the file's"
    assert "file:" not in told
    assert "Loss: Two coupled weights" in root.find("{http://www.w3.org/2000/svg}desc").text
    page.evaluate("() => dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.locator(".lab-sheet-layer").count() == CHARTS["adam_and_adamw"]
    assert page.locator(".lab-scrub input:visible, button:visible").count() == 0
    assert page.evaluate("Math.max(...[...document.querySelectorAll('.lab-canvas')].map((each) => each.clientWidth))") <= 680
    assert wrong == []
