"""A lab as pictures and on paper: what is seen is what is saved and printed, chart by chart, and after that all is as before."""

import base64
import xml.etree.ElementTree as ET

import pytest

from tests.browser.driving import CHARTS, GO, LABS, SHEETS, film_settled, surface_settled, visit, wear
from tests.browser.sheets import sheets
from tests.browser.test_stage import TEXTS

pytestmark = pytest.mark.browser
SVG = "{http://www.w3.org/2000/svg}"
POINTS = 0.75  # a CSS pixel, in points
A4, LETTER = (595.3, 841.9), (612.0, 792.0)
ON_LETTER = ("adam_and_adamw", "step_by_step")
# A file has no fonts of the page's own. With the same one on the page, text can be compared too.
PLAIN = """addEventListener('DOMContentLoaded', () => document.documentElement.append(Object.assign(document.createElement('style'),
  {textContent: '*:not([data-testid=stIconMaterial]) { font-family: sans-serif !important; }'})))"""
# A chart in the corner of the window, on whole pixels, with nothing over it.
ALONE = """(chart) => {
  const canvas = chart.querySelector('.lab-canvas'), background = getComputedStyle(document.querySelector('.stApp')).backgroundColor;
  canvas.dataset.before = canvas.style.cssText;
  Object.assign(canvas.style, {width: `${canvas.clientWidth}px`, position: 'fixed', left: 0, top: 0, zIndex: 1e6, borderRadius: 0, background});
  for (let each = chart; each; each = each.parentElement) Object.assign(each.style, {transform: 'none', willChange: 'auto'});
}"""
BACK = "(chart) => { const canvas = chart.querySelector('.lab-canvas'); canvas.style.cssText = canvas.dataset.before; }"
# The share of a picture's pixels that are off: none within a pixel of theirs in the other picture is alike. Plotly rounds grid lines to whole
# pixels on the screen and not in a file, so that the very same pixel would be too much to ask for.
COMPARE = """async ([png, svg]) => {
  const load = async (src) => { const image = new Image(); image.src = src; await image.decode(); return image; };
  const pictures = [await load(`data:image/png;base64,${png}`), await load(`data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`)];
  const [one, other] = pictures, {width, height} = one;
  const [p, q] = pictures.map((image) => {
    const pen = Object.assign(document.createElement('canvas'), {width, height}).getContext('2d');
    pen.drawImage(image, 0, 0);
    return pen.getImageData(0, 0, width, height).data;
  });
  const off = (p, q) => {
    let count = 0;
    for (let y = 1; y + 1 < height; y++) for (let x = 1; x + 1 < width; x++) {
      const i = 4 * (y * width + x);
      let least = 255;
      for (let v = -1; v <= 1; v++) for (let u = -1; u <= 1; u++) {
        const j = i + 4 * (v * width + u);
        least = Math.min(least, Math.max(Math.abs(p[i] - q[j]), Math.abs(p[i + 1] - q[j + 1]), Math.abs(p[i + 2] - q[j + 2])));
      }
      count += least > 40;
    }
    return count / (width * height);
  };
  return {same: Math.abs(one.width - other.width) <= 1 && Math.abs(one.height - other.height) <= 1, off: Math.max(off(p, q), off(q, p))};
}"""
MOST_OFF = 0.01  # measured with the layer: up to 0.007 on these charts; without it 0.005 to 0.2
# An address at the upper and the lower end of every chart: a PDF says where its links are.
MARK = """() => document.querySelectorAll('.lab-chart .lab-canvas').forEach((canvas, i) => {
  for (const end of ['top', 'bottom']) {
    const link = Object.assign(document.createElement('a'), {href: `https://chart.test/${i}/${end}`, textContent: '.'});
    link.style.cssText = `position: absolute; left: 0; ${end}: 0; font-size: 4px; line-height: 1; z-index: 9`;
    canvas.append(link);
  }
})"""
BEFORE, AFTER = "() => dispatchEvent(new Event('beforeprint'))", "() => dispatchEvent(new Event('afterprint'))"
SIZES = "() => [...document.querySelectorAll('.lab-canvas')].map((each) => [each.clientWidth, each.clientHeight])"
VECTORS = """() => [...document.querySelectorAll('.lab-chart')].map((chart) => {
  const layer = chart.querySelector('.lab-sheet-layer');
  const shown = [...chart.querySelectorAll('.lab-moving, .gl-container, .lab-tools')].filter((each) => each.getClientRects().length);
  return {shown: shown.length, drawn: layer.querySelectorAll('path, image, text, use').length};
})"""


@pytest.fixture(scope="module", params=LABS)
def lab(request, chromium, server):
    """Return a lab's name and its page, drawn and at rest."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, color_scheme="light", accept_downloads=True)
    context.add_init_script(PLAIN)
    page, errors = context.new_page(), []
    page.on("pageerror", lambda error: errors.append(str(error)))
    visit(page, f"{server}/{request.param}", CHARTS[request.param])
    film_settled(page)
    surface_settled(page)
    still(page)
    yield request.param, page
    context.close()
    assert errors == []


def still(page):
    """Wait until no caption changes any more: a film that is being computed brings new ones."""
    before = None
    for _ in range(40):
        now = page.locator(".lab-caption").all_inner_texts()
        if now == before:
            return
        before = now
        page.wait_for_timeout(600)


def saved(page, chart):
    """Return the SVG that a chart's button saves."""
    with page.expect_download() as download:
        chart.get_by_role("button", name="SVG", exact=True).click()
    return download.value.path().read_text(encoding="utf-8")


def seen(chart, layer=True):
    """Return a chart's screenshot, with or without its moving layer, as base64."""
    chart.evaluate(ALONE)
    chart.evaluate("(chart, shown) => { chart.querySelector('.lab-moving').style.visibility = shown ? '' : 'hidden'; }", layer)
    try:
        return base64.b64encode(chart.locator(".lab-canvas").screenshot()).decode()
    finally:
        chart.evaluate("(chart) => { chart.querySelector('.lab-moving').style.visibility = ''; }")
        chart.evaluate(BACK)


def test_a_saved_picture_shows_what_is_seen_and_asks_for_nothing_else(lab):
    name, page = lab
    if not CHARTS[name]:
        pytest.skip("a page without charts")
    chart = page.locator(".lab-chart").first
    text = saved(page, chart)
    root = ET.fromstring(text)
    nodes = list(root.iter())
    references = [value for node in nodes for key, value in node.attrib.items() if key.rpartition("}")[2] in ("href", "src")]
    assert all(value.startswith(("#", "data:image/png;base64,")) for value in references), "nothing is fetched"
    assert not {node.tag.rpartition("}")[2] for node in nodes} & {"script", "foreignObject", "style"}
    assert "@import" not in text
    assert "url(http" not in text
    ids = [node.get("id") for node in nodes if node.get("id")]
    assert len(set(ids)) == len(ids)
    title, described = root.find(f"{SVG}title").text, root.find(f"{SVG}desc").text
    assert title.endswith(page.title().partition(" ·")[0]) or page.locator("h1").inner_text() in title
    assert described.startswith(chart.locator(".lab-canvas").get_attribute("aria-label"))
    assert chart.locator(".lab-caption").inner_text() in described
    assert page.url in "".join(root.find(f"{SVG}metadata").itertext())
    found = page.evaluate(COMPARE, [seen(chart), text])
    bare = page.evaluate(COMPARE, [seen(chart, layer=False), text])
    assert found["same"]
    assert found["off"] < MOST_OFF
    assert bare["off"] > 3 * found["off"], "a picture without the moving layer would be noticed"


def test_on_paper_every_chart_is_whole_as_vectors_and_has_its_size(lab):
    name, page = lab
    page.evaluate(MARK)
    before = page.evaluate(SIZES)
    for size, form in ((A4, "A4"), *([(LETTER, "Letter")] if name in ON_LETTER else [])):
        pages = sheets(page.pdf(format=form, print_background=True))
        assert all((sheet.width, sheet.height) == pytest.approx(size, abs=1.5) for sheet in pages), "upright"
        where = {address: i for i, sheet in enumerate(pages) for address in sheet.links if "chart.test" in address}
        assert len(where) == 2 * CHARTS[name], "no chart is left out"
        places = {address: rectangle for sheet in pages for address, rectangle in sheet.links.items()}
        tops = [where[f"https://chart.test/{i}/top"] for i in range(CHARTS[name])]
        assert tops == sorted(tops), "in the order of the page"
        for i in range(CHARTS[name]):
            top, bottom = f"https://chart.test/{i}/top", f"https://chart.test/{i}/bottom"
            assert where[top] == where[bottom], f"chart {i} is cut"
            height = places[top][3] - places[bottom][1]
            assert height <= 381 * POINTS
            assert height > 200 * POINTS, "not shrunk to make room for something wide"
            assert places[bottom][1] > 16 * 72 / 25.4, "above the margin"
        assert 1 <= len(pages) <= (12 if name in SHEETS else CHARTS[name] + 2)
    page.evaluate("() => document.querySelectorAll('a[href^=\"https://chart.test\"]').forEach((each) => each.remove())")
    # What a browser's window shows of it, and what it shows afterwards.
    page.evaluate(BEFORE)
    page.emulate_media(media="print")
    sheet = page.evaluate(SIZES)
    assert all(width <= 680 and height <= 381 for width, height in sheet)
    for each in page.evaluate(VECTORS):
        assert each["shown"] == 0
        assert each["drawn"] > 0
    assert not page.get_by_test_id("stSidebar").is_visible()
    assert page.locator(".lab-scrub input:visible, button:visible, [data-testid=stSlider]:visible").count() == 0
    assert page.locator(".lab-link").inner_text() == page.url
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.emulate_media(media="screen")
    page.evaluate(AFTER)
    page.wait_for_function(f"before => JSON.stringify(({SIZES})()) === JSON.stringify(before)", arg=before, timeout=10_000)
    assert page.locator(".lab-sheet-layer").count() == 0


@pytest.fixture
def dark(chromium, server):
    """Return a lab with a zoomed chart in the dark, its scrub at another place than the link's."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, color_scheme="dark", accept_downloads=True)
    context.add_init_script("window.printed = 0; window.print = () => (window.printed += 1)")
    page = context.new_page()
    visit(page, f"{server}/step_by_step", CHARTS["step_by_step"])
    page.evaluate("() => Plotly.relayout(document.querySelector('.lab-plotly'), {'xaxis.range': [1, 4], 'yaxis.range': [-1, 2]})")
    yield page
    context.close()


RANGES = "() => ['xaxis', 'yaxis'].map((name) => document.querySelector('.lab-plotly')._fullLayout[name].range.map(Number))"
INKS = """() => ({
  title: getComputedStyle(document.querySelector('.xtitle')).fill, words: getComputedStyle(document.querySelector('.lab-caption')).color,
  heading: getComputedStyle(document.querySelector('h2')).color, sheet: getComputedStyle(document.querySelector('.stApp')).backgroundColor,
})"""
PAPER = {"title": "rgb(27, 39, 51)", "words": "rgb(27, 39, 51)", "heading": "rgb(27, 39, 51)", "sheet": "rgb(255, 255, 255)"}


def test_the_dark_prints_as_ink_on_white_and_zoom_scrub_and_colours_are_as_before(dark):
    ranges, inks, chart = dark.evaluate(RANGES), dark.evaluate(INKS), dark.locator(".lab-chart").first
    picture, at = seen(chart), dark.locator(".lab-scrub input").first.input_value()
    dark.evaluate(BEFORE)
    dark.emulate_media(media="print", color_scheme="dark")
    assert dark.evaluate(INKS) == PAPER != inks
    assert dark.evaluate(RANGES) == ranges
    dark.emulate_media(media="screen", color_scheme="dark")
    dark.evaluate(AFTER)
    assert dark.evaluate(INKS) == inks
    assert dark.evaluate(RANGES) == ranges
    assert dark.locator(".lab-scrub input").first.input_value() == at
    assert seen(chart) == picture, "pixel by pixel"
    chart.get_by_role("button", name="Reset view").click()
    dark.wait_for_function(f"ranges => JSON.stringify(({RANGES})()) !== JSON.stringify(ranges)", arg=ranges)


@pytest.mark.parametrize("place", ["shrinkage_paths", "claims_on_trial?cl_claim=14", "cheat_sheet"])
def test_in_the_dark_every_word_is_printed_dark_on_white(chromium, server, place):
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, color_scheme="dark")
    page = context.new_page()
    visit(page, f"{server}/{place}", CHARTS[place.partition("?")[0]])
    page.evaluate(BEFORE)
    page.emulate_media(media="print", color_scheme="dark")
    texts = page.evaluate(TEXTS)
    assert len(texts) > 20
    assert [each for each in texts if each["contrast"] < 4.5] == []
    context.close()


def test_paper_and_files_follow_the_scrub(dark):
    chart, scrub = dark.locator(".lab-chart").first, dark.locator(".lab-scrub").first
    words = "() => document.querySelector('.lab-sheet-layer').innerHTML"
    found = []
    for place in (1, 6):
        dark.evaluate(GO, [scrub.get_attribute("data-axis"), place, False])
        dark.wait_for_timeout(150)
        dark.evaluate(BEFORE)
        sheet = dark.evaluate(words)
        dark.evaluate(AFTER)
        root = ET.fromstring(saved(dark, chart))
        assert scrub.locator("output").inner_text() in root.find(f"{SVG}desc").text
        found.append((sheet, ET.tostring(root.find(f"{SVG}g[@clip-path='url(#lab-frame)']"))))
    assert found[0][0] != found[1][0]
    assert found[0][1] != found[1][1]


def test_the_button_prints_and_the_sheet_says_what_was_set(dark):
    dark.get_by_role("button", name="Print", exact=True).click()
    assert dark.evaluate("window.printed") == 1
    dark.emulate_media(media="print", color_scheme="light")
    said = dark.locator(".lab-settings").first.inner_text()
    assert "Learning rate" in said
    assert "Steps" in said
    dark.emulate_media(media="screen")
    assert not dark.locator(".lab-settings").first.is_visible(), "on the screen the controls say it"


def test_of_a_long_table_paper_has_the_rows_around_the_place_that_is_looked_at(chromium, server):
    page = chromium.new_page()
    visit(page, f"{server}/adam_and_adamw", CHARTS["adam_and_adamw"])
    rows = page.locator(".lab-table tbody tr")
    page.evaluate(BEFORE)
    page.emulate_media(media="print")
    shown = [i for i in range(rows.count()) if rows.nth(i).is_visible()]
    assert len(shown) == 24 < rows.count()
    assert shown == list(range(shown[0], shown[0] + 24))
    assert page.locator("tr[aria-current]").is_visible()
    assert page.get_by_text(f"Rows {shown[0] + 1} to {shown[-1] + 1} of {rows.count()}.").is_visible()
    page.emulate_media(media="screen")
    page.evaluate(AFTER)
    assert all(rows.nth(i).is_visible() for i in range(rows.count()))
    page.close()


def test_a_theme_that_turns_while_paper_is_made_is_worn_afterwards(chromium, server):
    page = chromium.new_page(color_scheme="light")
    visit(page, f"{server}/step_by_step", CHARTS["step_by_step"])
    light = page.evaluate(INKS)
    page.evaluate(BEFORE)
    page.evaluate(AFTER)
    assert page.evaluate(INKS) == light
    wear(page, "dark")
    assert page.evaluate(INKS)["title"] == "rgb(232, 237, 242)"
    page.close()
