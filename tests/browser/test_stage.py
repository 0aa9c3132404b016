"""A page in front of a class, in Chromium: what is read from the back row, what keys move, and what a link composed by clicks opens."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from core.specs import LABS as SPECS
from tests.browser.driving import CHARTS, DRAWN, LABS, calm, member, settle, until, visit, wear
from tests.browser.test_lessons import query, tab_to, violations
from ui import theatre

pytestmark = pytest.mark.browser
SMALLEST = 20.0  # CSS pixels on a screen of 1920 x 1080
# Every text that is seen: its size as it is drawn, for a chart draws a smaller picture and scales it, and its contrast with what lies behind it.
TEXTS = """() => {
  const pen = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgba = (css) => {
    pen.clearRect(0, 0, 1, 1); pen.fillStyle = css; pen.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data; return [r, g, b, a / 255];
  };
  const over = ([r, g, b, a], [x, y, z]) => [r * a + x * (1 - a), g * a + y * (1 - a), b * a + z * (1 - a)];
  const light = (rgb) => {
    const [r, g, b] = rgb.map((c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, other) => { const [low, high] = [light(one), light(other)].sort((a, b) => a - b); return (high + 0.05) / (low + 0.05); };
  const behind = (node) => {
    const layers = [];
    for (let each = node; each; each = each.parentElement) {
      const { width, height } = each.getBoundingClientRect();
      // A slider's value stands above its thumb, not on it.
      if (Math.max(width, height) >= 48 || each === node) layers.push(rgba(getComputedStyle(each).backgroundColor));
    }
    return layers.reverse().reduce((ground, layer) => over(layer, ground), [255, 255, 255]);
  };
  const found = [], walk = document.createTreeWalker(document.querySelector('[data-testid=stApp]'), NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const text = walk.currentNode.textContent.trim(), node = walk.currentNode.parentElement;
    if (!text || node.closest('style, script, [data-testid=stIconMaterial], .katex-mathml, .lab-hush')) continue;
    if (!node.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    const range = document.createRange(); range.selectNodeContents(walk.currentNode);
    const box = range.getBoundingClientRect();
    if (box.width < 3 || box.height < 3) continue;
    const style = getComputedStyle(node), picture = node.closest('.lab-plotly');
    const scale = picture ? Number(picture.style.transform.match(/scale\\(([^)]+)/)?.[1] ?? 1) : 1;
    let alpha = 1;
    for (let each = node; each; each = each.parentElement) alpha *= Number(getComputedStyle(each).opacity);
    const ground = behind(picture ? picture.parentElement : node), ink = rgba(picture ? style.fill : style.color);
    ink[3] *= alpha;
    const round = (value, parts) => Math.round(value * parts) / parts, size = round(parseFloat(style.fontSize) * scale, 10);
    found.push({ text: text.slice(0, 40), size, contrast: round(contrast(over(ink, ground), ground), 100) });
  }
  return found;
}"""
# What of the first screen is not on it; the caption belongs to the chart.
BELOW = """(selectors) => selectors.map((each) => [each, document.querySelector(each)?.getBoundingClientRect().bottom ?? 9999])
  .filter(([, bottom]) => bottom > innerHeight)"""
VISIBLE = "document.activeElement === document.body || document.activeElement.checkVisibility({visibilityProperty: true})"


@pytest.fixture(scope="module")
def hall(chromium):
    context = chromium.new_context(viewport={"width": 1920, "height": 1080}, color_scheme="light")
    yield context
    context.close()


@pytest.fixture
def screen(hall):
    page = hall.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    page.close()
    assert errors == []


@pytest.mark.parametrize("lab", LABS)
def test_a_lab_is_read_at_the_back_of_a_room(lab, screen, server):
    visit(screen, f"{server}/{lab}?lab_view=present", CHARTS[lab])
    screen.locator(".lab-keys-open").wait_for()
    for scheme in ("light", "dark"):
        wear(screen, scheme)
        texts = screen.evaluate(TEXTS)
        assert len(texts) > (20 if lab in DRAWN else 8)
        small = [each for each in texts if each["size"] < SMALLEST]
        assert small == []
        faint = [each for each in texts if each["contrast"] < 7.0]
        assert faint == []
    wear(screen, "light")
    assert violations(screen) == []
    if lab in theatre.THEATRES:
        first = theatre.THEATRES[lab]
        keys = [f".st-key-{key} {inner}" for key, inner in ((first.chart, ".lab-chart"), *((each, ".lab-scrub") for each in first.scrubs))]
        keys += [f".st-key-{key} .lab-readouts" for key in first.readouts]
        assert screen.evaluate(BELOW, keys) == []
        canvas = screen.locator(f".st-key-{first.chart} .lab-canvas").bounding_box()
        assert canvas["height"] >= 500, "the largest thing on the screen"
        before = screen.locator(".lab-scrub input").first.input_value()
        axis = screen.locator(".lab-scrub").first.get_attribute("data-axis")
        screen.keyboard.press("End" if before == "0" else "Home")
        screen.keyboard.press("ArrowRight")
        screen.keyboard.press("ArrowRight")
        screen.keyboard.press("ArrowLeft")
        last = int(screen.locator(".lab-scrub input").first.get_attribute("max"))
        assert member(screen, axis) == (last - 1 if before == "0" else 1)
    stops = []
    for _ in range(25):
        screen.keyboard.press("Tab")
        stops.append(screen.evaluate(VISIBLE))
    assert all(stops), "no hidden control has the focus"


def test_escape_leaves_and_keys_are_listed_and_another_page_is_presented_too(screen, server):
    visit(screen, f"{server}/diamond_and_circle?lab_view=present", 4)
    screen.locator(".lab-keys-open").wait_for()
    screen.keyboard.press("?")
    keys = screen.locator("dialog.lab-keys")
    assert keys.is_visible()
    assert "play or pause" in keys.inner_text()
    assert [each["id"] for each in Axe().run(screen).response["violations"]] == []
    screen.keyboard.press("Escape")
    assert until(lambda: not keys.is_visible(), page=screen)
    assert query(screen).get("lab_view") == "present", "the first Escape closes the list alone"
    screen.keyboard.press(" ")
    assert until(lambda: screen.locator(".lab-scrub .lab-play").first.get_attribute("title") == "Pause", page=screen)
    screen.keyboard.press(" ")
    screen.locator(".st-key-lab-pages button").click()
    screen.get_by_role("link", name="Shrinkage paths").click()
    screen.wait_for_url("**/shrinkage_paths?lab_view=present")
    settle(screen, CHARTS["shrinkage_paths"])
    screen.locator(".st-key-lab-theatre").wait_for()
    screen.reload()
    settle(screen, CHARTS["shrinkage_paths"])
    screen.locator(".st-key-lab-theatre").wait_for()
    screen.keyboard.press("Escape")
    assert until(lambda: "lab_view" not in query(screen), page=screen)
    screen.locator(".st-key-lab-theatre").wait_for(state="detached")
    assert screen.evaluate("getComputedStyle(document.documentElement).fontSize") == "16px"
    settle(screen, CHARTS["shrinkage_paths"])
    assert screen.locator(".lab-plotly").first.evaluate("node => node.style.transform") == ""
    screen.keyboard.press("Alt+Shift+P")
    assert until(lambda: query(screen).get("lab_view") == "present", page=screen)


def test_a_pick_and_a_hover_hit_what_is_under_the_pointer_in_a_scaled_chart(screen, server):
    visit(screen, f"{server}/optimizer_race?lab_view=present", CHARTS["optimizer_race"])
    canvas = screen.locator(".st-key-rc-plane .lab-canvas")
    wanted = canvas.evaluate(
        """(node) => {
          const { xaxis, yaxis } = node.querySelector('.js-plotly-plot, .lab-plotly')._fullLayout, box = node.getBoundingClientRect();
          const scale = Number(node.querySelector('.lab-plotly').style.transform.match(/scale\\(([^)]+)/)[1]);
          return [box.left + scale * (xaxis._offset + xaxis.d2p(0.5)), box.top + scale * (yaxis._offset + yaxis.d2p(2))];
        }"""
    )
    screen.mouse.click(*wanted)
    assert until(lambda: {"rc_start1", "rc_start2"} <= set(query(screen)), page=screen), "one after the other"
    assert abs(float(query(screen)["rc_start1"]) - 0.5) < 0.02
    assert abs(float(query(screen)["rc_start2"]) - 2.0) < 0.02


def test_a_link_composed_by_clicks_opens_the_same_state_for_somebody_else(page, server, chromium):
    visit(page, f"{server}/diamond_and_circle?dc_tilt=45&dc_lam=0.5", 4)
    page.locator(".st-key-dc-teach button").click()
    panel = page.locator(".st-key-lab-teach")
    panel.locator(".st-key-dc-teach-lock input").fill("Tilt")
    page.get_by_role("option", name="Tilt", exact=True).click()
    page.keyboard.press("Escape")
    panel.locator(".st-key-dc-teach-show").get_by_role("button", name="Clear all").click()
    for name in ("Penalty", "Tilt", "lambda"):
        panel.locator(".st-key-dc-teach-show input").fill(name)
        page.get_by_role("option", name=name, exact=True).click()
    page.keyboard.press("Escape")
    link = panel.locator("[data-testid=stCode] code")
    assert until(lambda: "lab_show=" in link.inner_text() and "lam" in link.inner_text().partition("lab_show=")[2], page=page)
    address = link.inner_text()
    assert address.startswith(f"{server}/diamond_and_circle?")
    calm(page)
    assert violations(page) == []
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    student = context.new_page()
    visit(student, address, 4)
    tilt, centre = student.locator(".st-key-dc_tilt"), student.locator(".st-key-dc_centre1")
    tilt.wait_for()
    opened = {key: value for key, value in query(student).items() if key != "dc_v"}
    assert opened == {"dc_tilt": "45", "dc_lam": "0.5", "lab_show": "penalty.tilt.lam", "lab_lock": "tilt"}
    assert not centre.is_visible()
    assert tilt.locator("input").first.is_disabled()
    assert student.locator(".lab-scrub input").is_enabled()
    student.locator(".st-key-dc-reset button").click()
    assert until(lambda: "dc_lam" not in query(student), page=student)
    assert query(student)["dc_tilt"] == "45"
    context.close()


def test_a_locked_scrub_rests_whatever_is_pressed(page, server):
    visit(page, f"{server}/optimizer_race?lab_lock=lam.step", CHARTS["optimizer_race"])
    assert all(each.is_disabled() for each in page.locator(".st-key-rc-step input, .st-key-rc-step button, .st-key-rc-lam input").all())
    page.locator(".lab-canvas").first.focus()
    for key in ("ArrowRight", "ArrowUp", "End", " "):
        page.keyboard.press(key)
    assert member(page, "step") == 0
    assert member(page, "lam") == 0


def test_controls_that_are_not_shown_leave_no_gap_and_no_stop_for_the_tab_key(page, server):
    prefix = SPECS["adam_and_adamw"].prefix
    visit(page, f"{server}/adam_and_adamw?lab_show=lam", CHARTS["adam_and_adamw"])
    page.locator(f".st-key-{prefix}-reset").wait_for()
    assert not page.locator(f".st-key-{prefix}_surface").is_visible()
    assert not page.locator(f".st-key-{prefix}_judge").is_visible()
    assert not page.locator(".st-key-aw-step").is_visible()
    assert page.locator(".st-key-aw-lam .lab-scrub").is_visible()
    tab_to(page, f".st-key-{prefix}-reset button")
