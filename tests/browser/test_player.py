"""A group with two axes in a real browser: the player, paths that grow, clicks on the plane, the table. The page is `player_page`."""

import base64
import csv
import re
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator

import numpy as np
import pytest

from core.wire import pack
from tests.browser.driving import be_patient, count_messages, drag, member, quiet, scrub_of, until, visit, wear
from tests.servers import free_port, started

pytestmark = pytest.mark.browser
SVG = "{http://www.w3.org/2000/svg}"
PACE, LAST = 40, 120
# Every index that the player shows, with the milliseconds at which it was first seen.
WATCH = """() => {
  const input = document.querySelector('.lab-scrub[data-axis="step"] input');
  window.seen = [];
  const look = (time) => {
    if (!window.seen.length || window.seen.at(-1)[0] !== input.value) window.seen.push([input.value, time]);
    requestAnimationFrame(look);
  };
  look(performance.now());
}"""
# A clock of its own: every frame comes 20 ms after the one before, however long the machine takes for it.
CLOCK = """() => {
  const real = window.requestAnimationFrame.bind(window);
  let now = performance.now(), last;
  window.requestAnimationFrame = (call) => real((time) => {
    if (time !== last) now += 20;
    last = time;
    call(now);
  });
}"""
# Pixels of a chart's moving layer near a colour, at full strength.
INK = """([i, hex]) => {
  const canvas = document.querySelectorAll('.lab-moving')[i];
  const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  const want = [1, 3, 5].map((k) => parseInt(hex.slice(k, k + 2), 16));
  let count = 0;
  for (let k = 0; k < data.length; k += 4) count += data[k + 3] > 240 && want.every((value, j) => Math.abs(data[k + j] - value) < 24);
  return count;
}"""
PLACE = """([i, x, y]) => {
  const host = document.querySelectorAll('.lab-plotly')[i], box = host.getBoundingClientRect(), {xaxis, yaxis} = host._fullLayout;
  return [box.left + xaxis._offset + xaxis.l2p(x), box.top + yaxis._offset + yaxis.l2p(y)];
}"""
UNIT = "document.querySelectorAll('.lab-plotly')[0]._fullLayout.xaxis._length / 4"
SCROLLED = "document.querySelector('[data-testid=stMain]').scrollTop"
L1 = "#B84A00"


@pytest.fixture(scope="module")
def app() -> Iterator[str]:
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "tests.browser.player_app:app", "--host", "127.0.0.1", "--port", str(port), "--no-access-log"]
    with started(command, {}, f"http://127.0.0.1:{port}") as (_, url):
        yield url


def opened(page, app):
    page.messages = count_messages(page)
    visit(page, app, 2)
    quiet(page, page.messages, 200)
    return page


@pytest.fixture
def lab(page, app):
    return opened(page, app)


def said(page):
    """Return what Python knows: commits, step, lam, and the picked point."""
    text = page.get_by_text("commits ").inner_text()
    commits, step, lam, picked = re.fullmatch(r"commits (\d+), step (\d+), lam (\d+), picked (.*)", text).groups()
    return int(commits), int(step), int(lam), None if picked == "None" else tuple(float(part) for part in picked.strip("()").split(","))


def press(page, name):
    page.locator(".lab-player").get_by_role("button", name=name, exact=True).click()


# ------------------------------------------------------------------------------------------------ the player

AXIS = {
    "name": "step",
    "values": [0.0, 1.0, 2.0],
    "label": "Step",
    "symbol": "",
    "unit": "",
    "marks": [],
    "pace": 0.0,
    "film": False,
    "autoplay": False,
    "names": [],
}


@pytest.mark.parametrize(("speed", "factor"), [("¼×", 0.25), ("1×", 1), ("4×", 4)])
def test_play_advances_at_the_axis_s_pace_times_the_chosen_speed(lab, speed, factor):
    lab.get_by_label("Speed").select_option(speed)
    lab.evaluate(CLOCK)
    lab.evaluate(WATCH)
    press(lab, "Play")
    target = 10 + min(60, int(PACE * factor))
    lab.wait_for_function("target => window.seen.some(([index]) => Number(index) >= target)", arg=target, timeout=20_000)
    seen = [(int(index), when) for index, when in lab.evaluate("window.seen")]
    indices = [index for index, _ in seen]
    assert indices == sorted(indices)
    assert indices[0] == 10, "play goes on from where the scrub stands"
    first, last = seen[1], next(entry for entry in seen if entry[0] >= target)
    rate = 1000 * (last[0] - first[0]) / (last[1] - first[1])
    # Within the member that is rounded away at either end.
    assert abs(rate - PACE * factor) * (last[1] - first[1]) / 1000 <= 2.0


def test_nothing_is_sent_while_it_plays_and_a_pause_commits_once(lab):
    before = dict(lab.messages)
    # A step, and play before it has rested: in one go, since a busy machine takes its time between two keys.
    lab.evaluate(
        """() => {
          const scrub = document.querySelector('.lab-scrub[data-axis="step"]'), input = scrub.querySelector('input');
          input.value = 1;
          for (const name of ['input', 'change']) input.dispatchEvent(new Event(name, { bubbles: true }));
          scrub.querySelector('[title="Play"]').click();
        }"""
    )
    lab.wait_for_timeout(700)
    assert (lab.messages["sent"], lab.messages["received"]) == (before["sent"], before["received"])
    assert said(lab)[0] == 0
    press(lab, "Pause")
    stopped = member(lab, "step")
    assert stopped > 11
    assert until(lambda: said(lab)[:2] == (1, stopped), page=lab)
    lab.wait_for_timeout(600)
    assert lab.messages["sent"] == before["sent"] + 1
    assert member(lab, "step") == stopped, "the answer moves nothing"


def test_play_stops_at_the_end_commits_once_and_begins_again_from_the_start(lab):
    lab.get_by_label("Speed").select_option("4×")
    press(lab, "Play")
    assert until(lambda: said(lab)[:2] == (1, LAST), 20, lab)
    assert lab.get_by_role("button", name="Pause").count() == 0
    lab.evaluate(WATCH)
    press(lab, "Play")
    assert until(lambda: lab.evaluate("window.seen.length") > 3, page=lab)
    assert int(lab.evaluate("window.seen[1][0]")) < 30


def test_the_buttons_step_and_jump(lab):
    be_patient(lab)
    for name, index in [("Step forward", 11), ("Step forward", 12), ("Step back", 11), ("To the end", LAST), ("To the start", 0), ("Step back", 0)]:
        press(lab, name)
        assert member(lab, "step") == index
    assert until(lambda: said(lab)[1] == 0, page=lab)
    assert said(lab)[0] == 1, "clicks that follow each other are one commit"


def test_an_axis_without_a_pace_has_no_player(lab):
    plain = lab.locator(".lab-scrub[data-axis=lam]")
    assert [button.get_attribute("aria-label") for button in plain.get_by_role("button").all()] == ["Play"]
    assert plain.get_by_role("combobox").count() == 0


def test_every_control_of_the_player_has_a_name_and_is_reached_with_tab(lab):
    lab.locator(".lab-player button").first.focus()
    names = []
    for _ in range(7):
        names.append(lab.evaluate("document.activeElement.ariaLabel || document.activeElement.labels?.[0]?.textContent"))
        lab.keyboard.press("Tab")
    assert names == ["To the start", "Step back", "Play", "Step forward", "To the end", "Speed", "Step"]


@pytest.mark.parametrize("where", [".lab-scrub[data-axis=step] input", ".lab-canvas"])
def test_space_plays_and_pauses_from_the_slider_and_from_a_chart(lab, where):
    lab.locator(where).first.focus()
    scrolled = lab.evaluate(SCROLLED)
    lab.keyboard.press(" ")
    assert until(lambda: member(lab, "step") > 14, page=lab)
    lab.keyboard.press(" ")
    stopped = member(lab, "step")
    assert until(lambda: said(lab)[:2] == (1, stopped), page=lab)
    assert lab.evaluate(SCROLLED) == scrolled, "space does not scroll the page"


def test_on_a_chart_the_keys_left_and_right_step_and_up_and_down_move_the_other_scrub(lab):
    be_patient(lab)
    lab.locator(".lab-canvas").first.focus()
    for key, step, lam in [
        ("ArrowRight", 11, 1),
        ("ArrowUp", 11, 2),
        ("ArrowUp", 11, 3),
        ("ArrowLeft", 10, 3),
        ("PageUp", 22, 3),
        ("PageDown", 10, 3),
        ("ArrowDown", 10, 2),
        ("End", LAST, 2),
        ("Home", 0, 2),
    ]:
        lab.keyboard.press(key)
        assert (member(lab, "step"), member(lab, "lam")) == (step, lam), key
    assert until(lambda: said(lab)[:3] == (2, 0, 2), page=lab), "each scrub commits once when the keys rest"


def test_a_hand_on_the_slider_pauses_the_film(lab):
    press(lab, "Play")
    assert until(lambda: member(lab, "step") > 12, page=lab)
    box = scrub_of(lab, "step").bounding_box()
    lab.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + box["height"] / 2)
    lab.mouse.down()
    lab.wait_for_timeout(400)
    assert abs(member(lab, "step") - 60) <= 2
    assert said(lab)[0] == 0
    lab.mouse.up()
    assert until(lambda: said(lab)[0] == 1, page=lab)
    assert lab.get_by_role("button", name="Pause").count() == 0


def test_with_reduced_motion_the_film_is_ten_stills(chromium, app):
    context = chromium.new_context(reduced_motion="reduce")
    page = opened(context.new_page(), app)
    press(page, "To the start")
    page.get_by_label("Speed").select_option("4×")
    page.evaluate(WATCH)
    press(page, "Play")
    assert until(lambda: member(page, "step") == LAST, 20, page)
    assert 5 <= len(page.evaluate("window.seen")) <= 12
    context.close()


def test_on_a_phone_buttons_are_large_enough_for_a_finger_and_nothing_is_wider_than_the_screen(chromium, app):
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = opened(context.new_page(), app)
    for control in page.locator(".lab-scrub button:visible, .lab-scrub select:visible, .lab-scrub input:visible").all():
        box = control.bounding_box()
        assert min(box["width"], box["height"]) >= 44
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    context.close()


# ------------------------------------------------------------------------------------------------ what moves


def test_readouts_captions_and_labels_follow_both_axes(lab):
    drag(lab, steps=5, axis="lam")
    drag(lab, steps=5, axis="step")
    assert until(lambda: lab.locator(".lab-readouts dd").first.inner_text() == "4 and 120", page=lab)
    assert lab.locator(".lab-caption").first.inner_text() == "Member 4, step 120."
    press(lab, "Step back")
    assert until(lambda: lab.locator(".lab-caption").first.inner_text() == "Member 4, step 119.", page=lab)
    svg = download(lab, "SVG").read_text()
    assert ">4/119</text>" in svg
    assert ">two 4</text>" in svg


def test_a_path_has_more_ink_the_further_the_step_and_the_same_after_a_way_there_and_back(lab):
    amounts = {}
    for index in [0, 10, 37, 61, 120, 61, 37, 10, 0]:
        lab.evaluate(
            """(i) => { const input = document.querySelector('.lab-scrub[data-axis=step] input');
            input.value = i; input.dispatchEvent(new Event('input', {bubbles: true})); }""",
            index,
        )
        lab.wait_for_timeout(60)
        now = lab.evaluate(INK, [1, L1])
        assert amounts.setdefault(index, now) == pytest.approx(now, rel=0.02, abs=3), "what was drawn on the way leaves no trace"
    assert amounts[10] < amounts[37] < amounts[61] < amounts[120]
    assert amounts[120] > 300


def test_the_rest_of_a_path_is_a_ghost(lab):
    shown = """() => { const canvas = document.querySelectorAll('.lab-moving')[1];
      const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
      let count = 0; for (let k = 3; k < data.length; k += 4) count += data[k] > 40 && data[k] < 110; return count; }"""
    press(lab, "To the start")
    lab.wait_for_timeout(200)
    ghost = lab.evaluate(shown)
    press(lab, "To the end")
    lab.wait_for_timeout(200)
    assert ghost > 3 * lab.evaluate(shown), "at the end nothing of it is left but the edges of lines"


def test_the_moving_layer_in_a_file_stays_near_the_picture_whatever_the_data(lab):
    drag(lab, steps=5, axis="step")
    lab.wait_for_timeout(300)
    root = ET.parse(download(lab, "SVG")).getroot()
    stage = root.find(f".//{SVG}g[@clip-path='url(#lab-frame)']")
    paths = [node.get("d") for node in stage.iter(f"{SVG}path")]
    numbers = [float(number) for path in paths for number in re.findall(r"-?\d+\.?\d*(?:e[+-]?\d+)?", path)]
    assert len(paths) > 20
    assert max(map(abs, numbers)) < 3000
    assert "NaN" not in "".join(paths)
    (image,) = stage.iter(f"{SVG}image")
    assert image.get("href").startswith("data:image/png;base64,")
    assert len(download(lab, "PNG").read_bytes()) > 10_000


def test_a_line_towards_a_point_far_away_is_drawn_to_the_edge(lab):
    press(lab, "To the end")
    lab.wait_for_timeout(200)
    left, top = lab.evaluate(PLACE, [0, 0.0, 2.9])
    box = lab.locator(".lab-moving").first.bounding_box()
    green = lab.evaluate(
        """([x, y]) => { const canvas = document.querySelector('.lab-moving');
        const pixels = canvas.getContext('2d').getImageData(x - 4, y, 9, 1).data;
        return [...Array(9).keys()].some((i) => pixels[4 * i + 3] > 200 && pixels[4 * i + 1] > pixels[4 * i] + 60); }""",
        [round(left - box["x"]), round(top - box["y"])],
    )
    assert green


def test_contours_lie_at_their_height_and_the_tint_on_its_grid(lab):
    found = lab.evaluate(
        """async () => {
          const address = performance.getEntriesByType('resource').map((each) => each.name).find((name) => name.endsWith('/contours.js'));
          const {contourLines, tint} = await import(address);
          const n = 81, grid = Float64Array.from({length: n}, (_, i) => -1 + (2 * i) / (n - 1)), z = new Float32Array(n * n);
          for (let j = 0; j < n; j++) for (let i = 0; i < n; i++) z[j * n + i] = grid[i] ** 2 + grid[j] ** 2;
          const ring = (lines) => lines.map((line) => [...line]);
          const rough = new Float32Array(n * n);
          for (let j = 0; j < n; j++)
            for (let i = 0; i < n; i++) rough[j * n + i] = z[j * n + i] + 0.3 * Math.cos(20 * grid[i]) * Math.cos(17 * grid[j]);
          const picture = tint(z, n, n, 0, [0.1, 0.5, 1], '#102030', 0.5);
          const pen = picture.getContext('2d'), alpha = (x, y) => pen.getImageData(x, y, 1, 1).data[3];
          let ms = Infinity;
          for (let i = 0; i < 20; i++) {
            const start = performance.now();
            contourLines(rough, grid, grid, Array.from({length: 20}, (_, l) => l / 12));
            ms = Math.min(ms, performance.now() - start);
          }
          return {bowl: ring(contourLines(z, grid, grid, [0.25, 0.81])), rough: ring(contourLines(rough, grid, grid, [0.4])),
            alphas: [alpha(40, 40), alpha(40, 30), alpha(0, 0), alpha(0, 40)], ms};
        }"""
    )
    for level, line in zip([0.25, 0.81], found["bowl"], strict=True):
        points = np.array([value if value is not None else np.nan for value in line], dtype=float).reshape(-1, 2)
        starts = np.flatnonzero(np.isnan(points[:, 0]))
        assert list(starts) == [0], "a circle is one line"
        ring = points[1:]
        np.testing.assert_allclose(ring[0], ring[-1], atol=1e-12)
        np.testing.assert_allclose(np.hypot(*ring.T), np.sqrt(level), atol=2e-4)
        turned = np.unwrap(np.arctan2(ring[:, 1], ring[:, 0]))
        assert abs(turned[-1] - turned[0]) == pytest.approx(2 * np.pi)
    rough = np.array([value if value is not None else np.nan for value in found["rough"][0]], dtype=float).reshape(-1, 2)
    rough = rough[np.isfinite(rough[:, 0])]
    heights = rough[:, 0] ** 2 + rough[:, 1] ** 2 + 0.3 * np.cos(20 * rough[:, 0]) * np.cos(17 * rough[:, 1])
    assert len(rough) > 300
    np.testing.assert_allclose(heights, 0.4, atol=0.02)
    centre, near, corner, edge = found["alphas"]
    assert centre == pytest.approx(127, abs=2)
    assert centre > near > edge == corner == 0
    assert found["ms"] < 40, "a few milliseconds; the least of twenty, since others use the processor too"


# ------------------------------------------------------------------------------------------------ clicks on the plane


def test_a_click_on_the_plane_reaches_python_in_data_coordinates_to_a_pixel(lab):
    unit = lab.evaluate(UNIT)
    for x, y in [(1.25, 0.5), (-1.5, 2.5)]:
        lab.mouse.click(*lab.evaluate(PLACE, [0, x, y]))
        assert until(lambda x=x: said(lab)[3] is not None and abs(said(lab)[3][0] - x) < 0.1, page=lab)
        assert np.hypot(said(lab)[3][0] - x, said(lab)[3][1] - y) < 1.5 / unit
    lab.keyboard.press("ArrowRight")
    assert member(lab, "step") == 11, "the keys belong to the chart that was clicked"


def test_a_drag_a_double_click_and_a_click_beside_the_axes_are_no_picks(lab):
    x, y = lab.evaluate(PLACE, [0, 1.0, 2.0])
    lab.mouse.dblclick(x, y)
    lab.wait_for_timeout(600)
    lab.mouse.move(x, y)
    lab.mouse.down()
    lab.mouse.move(x + 40, y + 20, steps=5)
    lab.mouse.up()
    lab.wait_for_timeout(400)
    box = lab.locator(".lab-canvas").first.bounding_box()
    lab.mouse.click(box["x"] + 8, box["y"] + 8)
    lab.mouse.click(*lab.evaluate(PLACE, [1, 50.0, -1.0]))
    lab.wait_for_timeout(600)
    assert said(lab)[3] is None
    lab.mouse.click(*lab.evaluate(PLACE, [0, 1.0, 1.0]))
    assert until(lambda: said(lab)[3] is not None, page=lab)
    assert said(lab)[3] == pytest.approx((1.0, 1.0), abs=0.02), "after a pan as before"


def test_a_tap_is_a_pick_too(chromium, app):
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = opened(context.new_page(), app)
    page.locator(".lab-canvas").first.scroll_into_view_if_needed()
    page.evaluate("document.querySelectorAll('[data-testid=stMain]').forEach((each) => (each.scrollTop = 200))")
    page.wait_for_timeout(300)
    page.touchscreen.tap(*page.evaluate(PLACE, [0, -1.0, 0.0]))
    assert until(lambda: said(page)[3] is not None, page=page)
    assert said(page)[3] == pytest.approx((-1.0, 0.0), abs=0.03)
    context.close()


# ------------------------------------------------------------------------------------------------ the table


CURRENT = ".lab-table tr[aria-current=true]"
IN_SIGHT = """() => { const row = document.querySelector('.lab-table tr[aria-current=true]').getBoundingClientRect(),
  box = document.querySelector('.lab-table-box').getBoundingClientRect(), head = document.querySelector('.lab-table thead').getBoundingClientRect();
  return row.top >= head.bottom - 2 && row.bottom <= box.bottom + 2; }"""


def test_the_row_of_the_step_is_marked_and_kept_in_sight_without_moving_the_page(lab):
    scrolled = lab.evaluate(SCROLLED)
    for name, row in [("To the end", LAST), ("To the start", 0), ("Step forward", 1)]:
        press(lab, name)
        assert until(lambda row=row: lab.locator(f"{CURRENT} th").inner_text() == str(row), page=lab)
        assert lab.locator(CURRENT).count() == 1
        assert lab.evaluate(IN_SIGHT)
    press(lab, "Play")  # three seconds for all of it: there is time for a hand on a busy machine
    assert until(lambda: member(lab, "step") > 30, page=lab)
    press(lab, "Pause")
    assert until(lambda: lab.evaluate(IN_SIGHT), page=lab)
    assert lab.evaluate(SCROLLED) == scrolled


def test_a_row_is_a_place_to_go_to_by_click_and_by_key(lab):
    lab.get_by_role("table", name="Steps by hand").locator("tbody tr").nth(7).click()
    assert until(lambda: said(lab)[:2] == (1, 7), page=lab)
    assert member(lab, "step") == 7
    lab.locator(CURRENT).focus()
    lab.keyboard.press("ArrowDown")
    lab.keyboard.press("ArrowDown")
    assert member(lab, "step") == 7, "the focus moves first"
    lab.keyboard.press("Enter")
    assert until(lambda: said(lab)[:2] == (2, 9), page=lab)
    assert member(lab, "step") == 9


def test_a_remark_is_marked_in_its_cell_and_shown_where_its_row_stands(lab):
    assert lab.locator(".lab-noted").count() == 2
    assert lab.locator(".lab-noted").first.get_attribute("title") == "The course rounds this."
    assert lab.locator(".lab-note").inner_text() == ""
    lab.locator(".lab-table tbody tr").nth(4).click()
    assert until(lambda: lab.locator(".lab-note").inner_text() == "† w₁, first: The course rounds this.", page=lab)


def test_the_table_can_be_saved(lab, tmp_path):
    rows = list(csv.reader(download(lab, "CSV", ".lab-table").read_text().splitlines()))
    assert rows[0] == ["t", "w₁, first", "w₂"]
    assert rows[1][:2] == ["0", "0.8000"]
    assert len(rows) == LAST + 2


def test_a_chart_s_columns_with_several_axes_become_several_columns_of_the_file(lab):
    rows = list(csv.reader(download(lab, "CSV", ".lab-chart").read_text().splitlines()))
    assert rows[0][:3] == ["x 1", "x 2", "x 3"]
    assert rows[0][-1] == "step"
    assert {len(row) for row in rows} == {2 * (LAST + 1) + 1}
    assert [row[-1] for row in rows[1:]] == ["0", "1", "2", "", ""]
    assert float(rows[1][0]) == pytest.approx(0.8)


# ------------------------------------------------------------------------------------------------ as before


def test_nothing_remounts_when_a_scrub_commits(lab):
    lab.evaluate("document.querySelectorAll('.lab-chart, .lab-scrub, .lab-table').forEach((node, i) => (node.tag = i + 1))")
    drag(lab, steps=5, axis="lam")
    assert until(lambda: said(lab)[2] == 4, page=lab)
    lab.wait_for_timeout(500)
    tags = lab.evaluate("[...document.querySelectorAll('.lab-chart, .lab-scrub, .lab-table')].map((node) => node.tag)")
    assert tags == [1, 2, 3, 4, 5]


def test_a_cleanup_of_a_call_that_new_data_have_overtaken_takes_nothing_out_of_a_hand(lab):
    """Streamlit runs it where a call's data are replaced before its module has been awaited; a busy browser is such a place."""
    packed = base64.b64encode(pack({"kind": "scrub", "group": "overtaken", "axis": AXIS, "at": 1, "answer": None})).decode()
    found = lab.evaluate(
        """async (packed) => {
          const url = performance.getEntriesByType('resource').map(({ name }) => name).find((name) => name.endsWith('/mount.js'));
          const { mount } = await import(url), parentElement = document.createElement('div');
          document.body.append(parentElement);
          const data = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
          const unmount = mount({ data, parentElement, setTriggerValue() {} }, new URL('../../', url).href);
          const input = parentElement.querySelector('input');
          input.focus();
          unmount();
          const held = document.activeElement === input && input.isConnected;
          parentElement.remove();
          const inside = parentElement.contains(input);
          unmount();
          unmount();
          return [held, inside, parentElement.childElementCount];
        }""",
        packed,
    )
    assert found == [True, True, 0]


def test_axe_finds_no_violation_in_the_player_and_the_table_in_light_and_in_dark(lab):
    from axe_playwright_python.sync_playwright import Axe

    for scheme in ("light", "dark"):
        wear(lab, scheme)
        found = Axe().run(lab, context=".stMainBlockContainer").response["violations"]
        assert [(scheme, each["id"], [node["target"] for node in each["nodes"]][:3]) for each in found] == []


def download(page, name, within=".lab-chart"):
    with page.expect_download() as saved:
        page.locator(within).first.get_by_role("button", name=name, exact=True).click()
    return saved.value.path()
