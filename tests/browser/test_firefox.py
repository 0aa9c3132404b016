"""The lab in Firefox: every page comes up whole and without a complaint, and in every lab keys and a hand on the scrub move what it shows."""

import io
import itertools
import time

import pytest
from PIL import Image

from core.specs import LABS as SPECS
from tests.browser import firefox
from tests.browser.driving import CHARTS, DRAWN, LABS, READY

pytestmark = pytest.mark.browser
SETTLED = f"""n => Boolean(document.querySelector('{READY}')) && document.querySelectorAll('.lab-chart[data-drawn]').length >= n
  && [...document.querySelectorAll('.lab-chart[data-surface]')]
    .every(c => c.dataset.surface === (document.querySelector(`.lab-scrub[data-axis="${{c.dataset.surfaceAxis}}"] input`)?.value ?? "0"))"""
# The scrub that keys and hands move first, and what follows it: a checksum of each moving layer, each surface's member, and all that is said.
MAIN = "(document.querySelector('.lab-player') ?? document.querySelector('.lab-scrub'))"
WHERE = f"() => Number({MAIN}.querySelector('input').value)"
SHOWN = """() => ({
  layers: [...document.querySelectorAll('.lab-moving')].map((canvas) => {
    if (!canvas.width || !canvas.height) return 0;
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let sum = 0;
    for (let i = 0; i < data.length; i += 4) if (data[i + 3]) sum = (sum * 31 + i + data[i] + data[i + 1] + data[i + 2]) >>> 0;
    return sum;
  }),
  surfaces: [...document.querySelectorAll('.lab-chart[data-surface]')].map((each) => each.dataset.surface),
  said: [...document.querySelectorAll('.lab-readouts dd, .lab-caption, .lab-table tr[aria-current=true]')].map((each) => each.textContent),
})"""
# In sight, and the focus on it; where its rail is and how many members it has.
RAIL = f"""() => {{
  const input = {MAIN}.querySelector('input');
  input.scrollIntoView({{ block: 'center' }});
  input.focus();
  const {{ left, top, width, height }} = input.getBoundingClientRect();
  return {{ left, width, y: top + height / 2, last: Number(input.max) }};
}}"""
# 3-D views one by one: in sight, and their boxes.
SCENE = """i => {
  const chart = [...document.querySelectorAll('.lab-chart')].filter((each) => each.querySelector('.lab-plotly')._fullLayout?.scene)[i];
  if (!chart) return null;
  chart.scrollIntoView({ block: 'center' });
  const { left, top, width, height } = chart.querySelector('.lab-canvas').getBoundingClientRect();
  return { x: left, y: top, width, height };
}"""
# What is empty: a chart without a line of Plotly's or without a pixel of its own.
EMPTY = """() => [...document.querySelectorAll('.lab-chart')]
  .filter((each) => !each.querySelector('.lab-plotly .main-svg') || each.querySelector('.lab-canvas').getBoundingClientRect().height < 60)
  .map((each) => each.querySelector('.lab-canvas').ariaLabel)"""


@pytest.fixture(scope="session")
def fox():
    with firefox.running() as started:
        yield started


@pytest.fixture
def tab(fox):
    with fox.tab() as opened:
        yield opened


def visit(tab, url, place):
    tab.open(f"{url}/{place}")
    tab.wait_for(SETTLED, CHARTS.get(place, 0))
    assert tab.evaluate("() => document.querySelectorAll('[data-testid=stException], [data-testid=stAlertContentError]').length") == 0
    assert "Traceback" not in tab.evaluate("() => document.body.innerText")
    assert tab.evaluate("() => document.querySelectorAll('.lab-chart').length") == CHARTS.get(place, 0)


def complaints(tab):
    """Return what a page complains of, but for what Firefox says where a library asks whether it could have WebAssembly, and is told no."""
    return [said for said in tab.complaints() if "WebAssembly" not in said and "wasm-unsafe-eval" not in said]


def colours(picture):
    """Return how many colours a picture has, fine shades apart."""
    small = Image.open(io.BytesIO(picture)).convert("RGB").quantize(64).convert("RGB")
    return len(small.getcolors(64))


def followed(tab, before, seconds=20.0):
    """Return what has changed on the page, once something of each kind that has to follow has."""
    end, now = time.monotonic() + seconds, before
    while time.monotonic() < end:
        now = tab.evaluate(SHOWN)
        if now["said"] != before["said"] and (now["layers"], now["surfaces"]) != (before["layers"], before["surfaces"]):
            break
        time.sleep(0.1)
    return {kind for kind in now if now[kind] != before[kind]}


@pytest.mark.parametrize("place", ["", *LABS])
def test_a_page_comes_up_whole_and_its_scrub_moves_what_it_shows(tab, server, place):
    visit(tab, server, place)
    assert colours(tab.picture()) > 8
    assert tab.evaluate(EMPTY) == []
    if place in DRAWN:
        rail, key = tab.evaluate(RAIL), f"{SPECS[place].prefix}_"
        before, opening = tab.evaluate(SHOWN), tab.evaluate(WHERE)
        tab.press(*(["Home", "ArrowRight", "ArrowRight"] if opening != 2 else ["End", "ArrowLeft"]))
        assert tab.evaluate(WHERE) == (2 if opening != 2 else rail["last"] - 1)
        assert "said" in followed(tab, before)
        assert len(followed(tab, before)) >= 2, "charts and words follow the keys"
        before, address = tab.evaluate(SHOWN), tab.evaluate("() => location.search")
        ends = [rail["left"] + share * rail["width"] for share in (0.2, 0.7)]
        tab.drag([(x, rail["y"]) for x in (ends[0], *(ends[0] + (ends[1] - ends[0]) * i / 12 for i in range(1, 13)))], hold=True)
        assert tab.evaluate(WHERE) == pytest.approx(0.7 * rail["last"], abs=1 + 0.04 * rail["last"])
        assert len(followed(tab, before)) >= 2, "charts and words follow a hand"
        tab.let_go()
        tab.wait_for("(key, before) => location.search !== before && location.search.includes(key)", key, address, seconds=30)
    for i in itertools.count():
        box = tab.evaluate(SCENE, i)
        if box is None:
            break
        time.sleep(0.4)
        assert colours(tab.picture(**box)) > 12, "a 3-D view is drawn"
    tab.wait_for(SETTLED, CHARTS.get(place, 0))
    assert complaints(tab) == []


def test_where_firefox_draws_no_3d_the_lab_says_so_and_the_rest_goes_on(server):
    lab = "diamond_and_circle"
    with firefox.running({"webgl.disabled": True}) as barred, barred.tab() as tab:
        visit(tab, server, lab)
        assert "this browser does not draw" in tab.evaluate("() => document.querySelector('.no-webgl').innerText")
        scene = "[...document.querySelectorAll('.lab-chart')].find((each) => each.querySelector('.no-webgl'))"
        offered = f"() => [...{scene}.querySelectorAll('.lab-tools button')].filter((each) => !each.hidden).map((each) => each.textContent)"
        assert set(tab.evaluate(offered)) <= {"CSV"}, "no picture of it is offered"
        before, last = tab.evaluate(SHOWN), tab.evaluate(RAIL)["last"]
        tab.press("End")
        assert tab.evaluate(WHERE) == last
        assert {"layers", "said"} <= followed(tab, before)
        # On paper there is no picture of it either, and no address that leads nowhere.
        sheet = tab.evaluate(
            f"() => {{ dispatchEvent(new Event('beforeprint')); return {scene}.querySelector('.lab-sheet-layer').children.length; }}"
        )
        assert sheet == 0
        tab.evaluate("() => dispatchEvent(new Event('afterprint'))")
        tab.wait_for(SETTLED, CHARTS[lab])
        assert complaints(tab) == []
