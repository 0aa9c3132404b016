"""The lab "Diamond and circle" in a real browser: what a hand, a keyboard and a shared link do."""

import csv
import xml.etree.ElementTree as ET
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from core.diamond_circle import solve
from core.specs import DiamondCircleSpec
from tests.browser.driving import count_messages, drag, quiet, settle, surface_settled, until, visit

pytestmark = pytest.mark.browser
LAB = "diamond_and_circle"
SCRUB = ".lab-scrub input"
TAG = """() => document.querySelectorAll('.lab-chart, .lab-scrub, .lab-readouts').forEach((node, i) => (node.tag = i))"""
TAGS = """() => [...document.querySelectorAll('.lab-chart, .lab-scrub, .lab-readouts')].map((node) => node.tag)"""
LEFT = "document.querySelectorAll('.lab-plotly')[0]._fullLayout.xaxis.range[0]"
CAMERA = "() => document.querySelectorAll('.lab-plotly')[3]._fullLayout.scene._scene.getCamera().eye"


def readout(page, label):
    return page.evaluate(
        "label => [...document.querySelectorAll('.lab-readouts dt')].find((dt) => dt.textContent === label).nextSibling.textContent", label
    )


INK = """i => {
  const canvas = document.querySelectorAll('.lab-moving')[i];
  const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  let sum = 0;
  for (let k = 0; k < data.length; k += 4) sum = (sum * 31 + data[k] + 3 * data[k + 1] + 7 * data[k + 2] + 11 * data[k + 3]) >>> 0;
  return sum;
}"""
UNITS = """i => {
  const layout = document.querySelectorAll('.lab-plotly')[i]._fullLayout;
  return ['xaxis', 'yaxis'].map((axis) => layout[axis]._length / (layout[axis].range[1] - layout[axis].range[0]));
}"""


def ink(page, chart=0):
    """Return a checksum of a chart's moving layer."""
    return page.evaluate(INK, chart)


def hand_drag(page, chart, pixels):
    """Drag inside a chart, from below its middle to the right, as a hand does."""
    box = page.locator(".lab-canvas").nth(chart).bounding_box()
    x, y = box["x"] + 0.5 * box["width"], box["y"] + 0.7 * box["height"]
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(1, 9):
        page.mouse.move(x + pixels * step / 8, y)
        page.wait_for_timeout(30)
    page.mouse.up()
    page.wait_for_timeout(300)


def query(page):
    return {key: value[0] for key, value in parse_qs(urlsplit(page.url).query).items()}


@pytest.fixture
def lab(page, server):
    messages = count_messages(page)
    visit(page, f"{server}/{LAB}", 4)
    surface_settled(page)
    quiet(page, messages)
    page.messages = messages
    return page


def test_dragging_sends_nothing_and_a_release_commits_once(lab):
    before = dict(lab.messages)
    marks = [ink(lab, chart) for chart in range(3)]
    drag(lab, release=False)
    lab.wait_for_timeout(300)
    assert lab.messages["sent"] == before["sent"], "a websocket frame was sent while dragging"
    assert lab.messages["received"] == before["received"]
    assert all(ink(lab, chart) != marks[chart] for chart in range(3)), "every flat chart follows the scrub"
    lab.evaluate("document.querySelector('.lab-scrub input').dispatchEvent(new Event('change', {bubbles: true}))")
    last = solve(DiamondCircleSpec()).position(200)["lam"]
    assert until(lambda: query(lab).get("dc_lam") == f"{last:g}" or float(query(lab).get("dc_lam", "nan")) == last, page=lab)
    quiet(lab, lab.messages)
    assert lab.messages["sent"] == before["sent"] + 1


def test_a_real_mouse_drag_commits_once_too(lab):
    box = lab.locator(SCRUB).bounding_box()
    sent = lab.messages["sent"]
    lab.mouse.move(box["x"] + box["width"] * 0.1, box["y"] + box["height"] / 2)
    lab.mouse.down()
    for step in range(30):
        lab.mouse.move(box["x"] + box["width"] * (0.1 + 0.025 * step), box["y"] + box["height"] / 2)
    assert lab.messages["sent"] == sent
    lab.mouse.up()
    assert until(lambda: float(query(lab).get("dc_lam", "0")) > 2.0, page=lab)
    quiet(lab, lab.messages)
    assert lab.messages["sent"] == sent + 1


def test_nothing_remounts_and_zoom_and_camera_survive_commits_and_changes_of_the_loss(lab):
    lab.locator(".lab-chart").nth(3).scroll_into_view_if_needed()
    lab.evaluate(TAG)
    tags = lab.evaluate(TAGS)
    before = lab.evaluate(CAMERA)
    hand_drag(lab, 3, 90)
    eye = lab.evaluate(CAMERA)
    assert abs(eye["x"] - before["x"]) > 0.1, "a drag turns the surface"
    lab.locator(".lab-chart").first.scroll_into_view_if_needed()
    hand_drag(lab, 0, 60)
    left = lab.evaluate(LEFT)
    assert left < -5.3, "a drag moves the plane"
    lab.locator(".lab-chart").nth(3).scroll_into_view_if_needed()
    drag(lab)
    assert until(lambda: "dc_lam" in query(lab), page=lab)
    quiet(lab, lab.messages)
    lab.get_by_role("radio", name="Elastic net").click()
    assert until(lambda: "dc_penalty" in query(lab), page=lab)
    settle(lab, 4)
    surface_settled(lab)
    assert readout(lab, "w₁") == "0"
    quiet(lab, lab.messages)
    assert lab.evaluate(TAGS) == tags, "a component was remounted"
    after = lab.evaluate(CAMERA)
    assert all(abs(after[axis] - eye[axis]) < 1e-6 for axis in "xyz")
    assert lab.evaluate(LEFT) == pytest.approx(left)
    lab.locator(".lab-chart").first.get_by_role("button", name="Reset view").click()
    assert until(lambda: abs(lab.evaluate(LEFT) + 5) < 0.1, page=lab)


def test_the_surface_ends_where_the_scrub_ends_latest_value_wins(lab):
    lab.locator(".lab-chart").nth(3).scroll_into_view_if_needed()
    drag(lab, steps=60, release=False)
    surface_settled(lab)
    result = solve(DiamondCircleSpec())
    height = lab.evaluate("document.querySelectorAll('.lab-plotly')[3].data[0].z[0][0]")
    corner = result.problem.value([-5.0, -5.0]) + result.axis[-1] * 10.0
    assert height == pytest.approx(float(corner), rel=1e-5)


def test_keys_move_the_scrub_from_the_slider_and_from_a_chart(lab):
    value = lambda: int(lab.locator(SCRUB).input_value())
    lab.locator(SCRUB).focus()
    start = value()
    lab.keyboard.press("ArrowRight")
    assert value() == start + 1
    lab.keyboard.press("PageUp")
    assert value() > start + 10
    lab.keyboard.press("End")
    assert value() == 200
    assert until(lambda: readout(lab, "w₂") == "0", page=lab)
    lab.locator(".lab-canvas").first.focus()
    lab.keyboard.press("Home")
    assert value() == 0
    lab.keyboard.press("ArrowUp")
    assert value() == 1
    lab.keyboard.press("PageUp")
    assert value() == 21
    assert lab.locator(SCRUB).get_attribute("aria-valuetext").startswith("λ = 0.3")
    assert until(lambda: "dc_lam" in query(lab), page=lab), "keys commit when they rest"


def test_a_mark_is_one_click_away_and_stands_exactly_where_the_weight_becomes_zero(lab):
    lab.get_by_role("button", name="w₁ becomes 0").click()
    event = solve(DiamondCircleSpec()).events[0]
    assert until(lambda: abs(float(query(lab).get("dc_lam", "nan")) - event.lam) < 1e-6, page=lab)
    assert readout(lab, "w₁") == "0"
    assert "exactly zero, since |∂L/∂w₁|" in readout(lab, "Zero weights")


def test_play_runs_to_the_end_and_commits_once(lab):
    sent = lab.messages["sent"]
    lab.get_by_role("button", name="Play", exact=True).click()
    assert until(lambda: lab.locator(SCRUB).input_value() == "200", 20, lab)
    assert until(lambda: "dc_lam" in query(lab), page=lab)
    quiet(lab, lab.messages)
    assert lab.messages["sent"] == sent + 1


def test_settings_of_widgets_that_are_hidden_for_a_while_are_kept(lab):
    lab.get_by_role("button", name="A near miss").click()
    settle(lab, 4)
    lab.wait_for_timeout(500)
    lab.get_by_role("radio", name="diabetes data").click()
    lab.get_by_test_id("stSidebar").get_by_text("First feature").wait_for()
    lab.get_by_role("radio", name="an ellipse").click()
    lab.get_by_test_id("stSidebar").get_by_text("Condition number").wait_for()
    settle(lab, 4)
    lab.wait_for_timeout(500)
    assert query(lab)["dc_tilt"] == "-45"


def test_every_chart_can_be_saved_with_its_moving_layer_and_its_numbers(lab, tmp_path):
    def saved(button):
        with lab.expect_download() as download:
            button.click()
        target = Path(tmp_path) / download.value.suggested_filename
        download.value.save_as(target)
        return target

    tools = lab.locator(".lab-chart").first.locator(".lab-tools")
    picture = saved(tools.get_by_role("button", name="SVG"))
    assert picture.name == "constraint-plane.svg"
    root = ET.parse(picture).getroot()
    words = "".join(text for node in root.iter("{http://www.w3.org/2000/svg}text") for text in node.itertext())
    assert "−∇L" in words, "the moving layer is part of the picture"
    assert "w₁" in words, "so are Plotly's axes"
    raster = saved(tools.get_by_role("button", name="PNG")).read_bytes()
    assert raster.startswith(b"\x89PNG")
    assert len(raster) > 10_000
    rows = list(csv.DictReader(saved(tools.get_by_role("button", name="CSV")).read_text().splitlines()))
    result = solve(DiamondCircleSpec())
    assert len(rows) == len(result.axis)
    assert float(rows[50]["lambda"]) == result.solution.lam[50], "downloads keep full precision"
    assert float(rows[50]["w2"]) == result.solution.w[50, 1]
    surface = saved(lab.locator(".lab-chart").nth(3).get_by_role("button", name="PNG"))
    assert len(surface.read_bytes()) > 10_000


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_charts_wear_the_theme_from_the_first_picture_on(chromium, server, scheme):
    page = chromium.new_page(color_scheme=scheme)
    visit(page, f"{server}/{LAB}", 4)
    title = page.evaluate("getComputedStyle(document.querySelector('.xtitle')).fill")
    assert title == {"light": "rgb(27, 39, 51)", "dark": "rgb(232, 237, 242)"}[scheme]
    page.close()


def test_a_finger_scrolls_the_page_and_does_not_zoom_the_chart(chromium, server):
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    visit(page, f"{server}/{LAB}", 4)
    assert page.evaluate("document.querySelector('.lab-plotly')._fullLayout.dragmode") is False
    assert page.evaluate("getComputedStyle(document.querySelector('.lab-canvas')).touchAction") == "pan-y"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing is wider than the phone"
    context.close()


def test_with_reduced_motion_play_shows_stills(chromium, server):
    context = chromium.new_context(reduced_motion="reduce")
    page = context.new_page()
    visit(page, f"{server}/{LAB}", 4)
    page.evaluate("window.seen = new Set(); setInterval(() => window.seen.add(document.querySelector('.lab-scrub input').value), 5)")
    page.get_by_role("button", name="Play", exact=True).click()
    assert until(lambda: page.locator(SCRUB).input_value() == "200", 20, page)
    assert page.evaluate("window.seen.size") <= 13
    context.close()


def test_equal_units_on_both_axes_wherever_an_angle_matters(lab):
    for chart in (0, 2):
        units = lab.evaluate(UNITS, chart)
        assert units[0] == pytest.approx(units[1], rel=1e-3)


def test_the_lab_adds_at_most_500_kilobytes_to_an_empty_page(chromium, server):
    page, bodies = chromium.new_page(), {}
    page.on("response", lambda response: bodies.setdefault(response.url, response))
    messages = count_messages(page)
    visit(page, f"{server}/{LAB}", 4)
    surface_settled(page)
    ours = [response for url, response in bodies.items() if "/lab/" in url and "plotly" not in url]
    assert ours, "the chart component was served"
    total = messages["received_bytes"] + sum(len(response.body()) for response in ours)
    assert total <= 500_000, total
    assert not [url for url in bodies if not url.startswith((server, "blob:", "data:"))], "nothing comes from anywhere else"
    page.close()
