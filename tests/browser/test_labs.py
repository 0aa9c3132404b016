"""What every lab with something to drag owes a hand, a keyboard, a link and a phone: parametrised, so that a new one is held to it too."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.browser.driving import CHARTS, DRAWN, GO, READY, count_messages, drag, film_settled, member, scrub_of, settle, until, visit
from tests.pages.test_fuzz import SPECS

# Lab by lab, so that the tests of one can share a page.
pytestmark = [pytest.mark.browser, pytest.mark.parametrize("lab", DRAWN, scope="module")]
# More members than the lab opens with, where a film would be over before a hand can stop it.
OPENED = {"step_by_step": "?st_steps=60"}
# Family axes that are not called as what they set.
NAMES = {"t": "lam"}
# A deep link's first two questions go to a path that does not exist; Streamlit then asks at the root.
HARMLESS = ("_stcore/health", "_stcore/host-config")
VIEWS = ".lab-chart, .lab-scrub, .lab-readouts, .lab-table"
TAG = f"() => document.querySelectorAll('{VIEWS}').forEach((node, i) => (node.tag = i + 1))"
TAGS = f"() => [...document.querySelectorAll('{VIEWS}')].map((node) => node.tag)"
# All that a page says about where it stands, but for the pictures.
SAID = """() => Object.fromEntries([
  ['scrubs', '.lab-scrub', (node) => `${node.dataset.axis} ${node.querySelector('input').value} ${node.querySelector('output').textContent}`],
  ['readouts', '.lab-readouts div', (node) => node.textContent],
  ['captions', '.lab-caption', (node) => node.textContent],
  ['rows', '.lab-table tr[aria-current=true]', (node) => node.textContent],
  ['numbers', '[data-testid=stSidebar] [data-testid=stNumberInput] input', (node) => node.value],
  ['chosen', '[data-testid=stSidebar] [role=radio][aria-checked=true]', (node) => node.textContent],
].map(([name, selector, text]) => [name, [...document.querySelectorAll(selector)].map(text)]))"""
PLACE = """([i, x, y]) => {
  const host = document.querySelectorAll('.lab-plotly')[i], box = host.getBoundingClientRect(), {xaxis, yaxis} = host._fullLayout;
  const at = (axis, share) => axis.range[0] + share * (axis.range[1] - axis.range[0]);
  const data = [at(xaxis, x), at(yaxis, y)];
  return {data, pixel: [box.left + xaxis._offset + xaxis.l2p(data[0]), box.top + yaxis._offset + yaxis.l2p(data[1])],
    units: [xaxis, yaxis].map((axis) => (axis.range[1] - axis.range[0]) / axis._length)};
}"""
# A checksum of the moving layer within ten pixels of a place on the screen.
PATCH = """([i, x, y]) => {
  const canvas = document.querySelectorAll('.lab-moving')[i], box = canvas.getBoundingClientRect(), ratio = canvas.width / box.width;
  const data = canvas.getContext('2d').getImageData(ratio * (x - box.left - 10), ratio * (y - box.top - 10), 20 * ratio, 20 * ratio).data;
  return data.reduce((sum, value) => (sum * 31 + value) >>> 0, 0);
}"""
FOCUSED = """() => {
  const node = document.activeElement;
  if (node.matches('.lab-scrub input')) return `scrub ${node.closest('.lab-scrub').dataset.axis}`;
  if (node.closest('.lab-scrub')) return `${node.closest('.lab-scrub').dataset.axis}: ${node.ariaLabel || node.textContent}`;
  if (node.matches('.lab-canvas')) return `chart ${[...document.querySelectorAll('.lab-canvas')].indexOf(node)}`;
  return node.closest('.lab-table tr') ? 'table' : '';
}"""

NOTE_KEYS = """() => {
  if (!window.keys) addEventListener('keydown', () => window.keys.push(performance.now()), true);
  window.keys = [];
}"""
RESTS = "() => window.keys.filter((at, i) => i && at - window.keys[i - 1] >= 245).length"


def prefix_of(lab):
    return SPECS[lab].prefix


def query(page):
    return {key: value[0] for key, value in parse_qs(urlsplit(page.url).query).items()}


def axes_of(page):
    """Return the family axes of a page's first four scrubs; that all of them reach the settings is tested page by page without a browser."""
    return [scrub.get_attribute("data-axis") for scrub in page.locator(".lab-scrub").all()[:4]]


def last_of(page, axis):
    return int(scrub_of(page, axis).get_attribute("max"))


def pickable(page):
    """Return the index of the chart that takes clicks, or None."""
    return page.evaluate("[...document.querySelectorAll('.lab-canvas')].findIndex((each) => each.classList.contains('lab-pick'))")


def rest(page, charts=0):
    """Wait until nothing has been on its way for a while."""
    page.wait_for_timeout(320)  # keys and releases from a script commit a quarter of a second later
    for _ in range(30):
        page.wait_for_selector(READY)
        before = page.url
        page.wait_for_timeout(150)
        if page.url == before and page.locator(READY).count():
            break
    settle(page, charts)
    film_settled(page)


def eventually(page, wanted):
    """Return what a page says once that is as wanted, or at last: widgets come after the script has ended."""
    until(lambda: page.evaluate(SAID) == wanted, page=page)
    return page.evaluate(SAID)


def click_map(page, chart, x, y):
    """Click a chart at a share of its axes; return the data coordinates of the place, their units a pixel, and the place."""
    page.locator(".lab-canvas").nth(chart).scroll_into_view_if_needed()
    page.wait_for_timeout(100)
    place = page.evaluate(PLACE, [chart, x, y])
    page.mouse.click(*place["pixel"])
    return place["data"], place["units"], place["pixel"]


def change_a_setting(page, charts):
    """Choose what is not chosen yet in the sidebar's first choice."""
    before = query(page)
    page.locator("[data-testid=stSidebar] [role=radio][aria-checked=false]").first.click()
    assert until(lambda: query(page) != before, page=page)
    rest(page, charts)


@pytest.fixture(scope="module")
def shared(warm, server, lab):
    """Return the lab, come to from home, in a page that several tests use one after the other: each takes it as the one before has left it."""
    page = warm.new_page()
    page.complaints, page.messages = listen(page), count_messages(page)
    visit(page, server)
    if lab in OPENED:
        page.goto(f"{server}/{lab}{OPENED[lab]}")
    else:
        page.locator(f".st-key-room-{lab} a").click()
        page.wait_for_url(f"**/{lab}*")
    settle(page, CHARTS[lab])
    yield page
    page.close()


@pytest.fixture(scope="session")
def stranger(chromium):
    """Return the context of somebody else, who has none of this visitor's cookies and notes."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    yield context
    context.close()


@pytest.fixture(scope="session")
def phone(chromium):
    """Return the context of a phone."""
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    yield context
    context.close()


@pytest.fixture
def opened(shared, lab):
    """Return the shared page at rest, whose console may say nothing."""
    rest(shared, CHARTS[lab])
    yield shared
    said = list(shared.complaints)
    shared.complaints.clear()
    assert said == []


def listen(page):
    """Return a list that fills with the page's errors from now on."""
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" and not harmless(said) else None)
    return complaints


def harmless(said):
    return "404" in said.text and said.location["url"].endswith(HARMLESS)


# ------------------------------------------------------------------------------------------------------------- a hand


def test_dragging_a_scrub_sends_nothing_a_release_commits_once_and_nothing_remounts(opened, lab):
    opened.evaluate(TAG)
    tags = opened.evaluate(TAGS)
    assert None not in tags
    for axis in axes_of(opened):
        key = f"{prefix_of(lab)}_{NAMES.get(axis, axis)}"
        opened.wait_for_timeout(300)
        before, said = dict(opened.messages), query(opened).get(key)
        drag(opened, steps=40, release=False, axis=axis)
        opened.wait_for_timeout(200)
        assert (opened.messages["sent"], opened.messages["received"]) == (before["sent"], before["received"]), f"{axis} speaks while it is dragged"
        index = round(0.6 * last_of(opened, axis))
        opened.evaluate(GO, [axis, index, True])
        assert until(lambda key=key, said=said: query(opened).get(key) not in (None, said), page=opened), f"{key} is not in the address"
        rest(opened, CHARTS[lab])
        assert opened.messages["sent"] == before["sent"] + 1
        assert member(opened, axis) == index, "the answer moves nothing"
        shown = re.fullmatch(r"\S+(?: =)? ([\d.]+)", opened.locator(f'.lab-scrub[data-axis="{axis}"] output').inner_text())
        # A member of a family is kept by its number, whatever its axis means.
        assert shown is None or float(query(opened)[key]) == (index if axis == "member" else pytest.approx(float(shown[1]), rel=1e-3))
        assert opened.evaluate(TAGS) == tags, "a component was remounted"


def test_a_shared_link_and_a_reload_show_the_same(opened, lab, stranger):
    change_a_setting(opened, CHARTS[lab])
    if (chart := pickable(opened)) >= 0:
        click_map(opened, chart, 0.3, 0.64)
        rest(opened, CHARTS[lab])
    for axis in axes_of(opened):
        opened.evaluate(GO, [axis, round(0.4 * last_of(opened, axis)), True])
        rest(opened, CHARTS[lab])
    here, link = opened.evaluate(SAID), opened.url
    assert all(here[name] for name in ("scrubs", "readouts", "chosen"))
    other = stranger.new_page()
    complaints = listen(other)
    visit(other, link, CHARTS[lab])
    assert eventually(other, here) == here
    rest(other, CHARTS[lab])
    assert query(other) == query(opened)
    assert other.evaluate(SAID) == here
    opened.reload()
    settle(opened, CHARTS[lab])
    assert eventually(opened, here) == here
    other.close()
    assert complaints == []


def test_a_click_on_the_map_moves_its_point_to_a_pixel(opened, lab):
    chart = pickable(opened)
    if chart < 0:
        pytest.skip("no chart of this lab takes clicks")
    opened.locator(".lab-canvas").nth(chart).scroll_into_view_if_needed()
    for x, y in [(0.31, 0.72), (0.8, 0.23)]:
        opened.wait_for_timeout(300)
        before, sent = query(opened), opened.messages["sent"]
        bare = opened.evaluate(PATCH, [chart, *opened.evaluate(PLACE, [chart, x, y])["pixel"]])
        data, units, pixel = click_map(opened, chart, x, y)
        assert until(lambda before=before: query(opened) != before, page=opened)
        rest(opened, CHARTS[lab])
        assert opened.messages["sent"] == sent + 1
        set_to = {key: float(value) for key, value in query(opened).items() if re.search(r"(start|point)[12]$", key)}
        if not set_to:
            pytest.skip("a click of this lab chooses a member of a family")
        assert [key[-1] for key in sorted(set_to)] == ["1", "2"]
        for value, wanted, unit in zip([set_to[key] for key in sorted(set_to)], data, units, strict=True):
            assert abs(value - wanted) <= unit + 1e-3
        assert opened.evaluate(PATCH, [chart, *pixel]) != bare, "the ring stands where the click was"
        boxes = [float(box.input_value()) for box in opened.locator("[data-testid=stSidebar] [data-testid=stNumberInput] input").all()[:2]]
        assert boxes == pytest.approx([set_to[key] for key in sorted(set_to)], abs=1e-3)


# --------------------------------------------------------------------------------------------------------- a keyboard


def test_tab_reaches_every_scrub_its_buttons_and_every_chart(opened, lab):
    wanted = {f"scrub {axis}" for axis in axes_of(opened)} | {f"chart {i}" for i in range(CHARTS[lab])}
    for axis in axes_of(opened):
        buttons = opened.locator(f'.lab-scrub[data-axis="{axis}"]').locator("button, select")
        wanted |= {f"{axis}: {button.get_attribute('aria-label') or button.inner_text()}" for button in buttons.all()}
    wanted |= {"table"} if opened.locator(".lab-table").count() else set()
    seen = set()
    opened.locator(f".st-key-{prefix_of(lab)}-preset-0 button").first.focus()
    for _ in range(150):
        opened.keyboard.press("Tab")
        seen.add(opened.evaluate(FOCUSED))
        if wanted <= seen:
            break
    assert wanted - seen == set()


def test_keys_step_jump_and_play_and_commit_once_when_they_rest(opened, lab):
    axes = axes_of(opened)
    for axis in axes:
        last, slider = last_of(opened, axis), scrub_of(opened, axis)
        slider.focus()
        for key, index in [("Home", 0), ("ArrowRight", 1), ("End", last), ("ArrowLeft", last - 1)]:
            opened.keyboard.press(key)
            assert member(opened, axis) == index, key
        rest(opened, CHARTS[lab])
        sent = opened.messages["sent"]
        opened.evaluate(NOTE_KEYS)
        for key in ("ArrowLeft", "Home", "ArrowRight", "ArrowRight"):
            opened.keyboard.press(key)
        assert member(opened, axis) == 2
        rest(opened, CHARTS[lab])
        assert member(opened, axis) == 2
        # On a machine that is busy otherwise the keys themselves may come so late that they rest in between.
        assert 1 <= opened.messages["sent"] - sent <= 1 + opened.evaluate(RESTS), "keys commit once when they rest"
    # The keys of a chart move the player where there is one.
    player = opened.locator(".lab-player").first.get_attribute("data-axis") if opened.locator(".lab-player").count() else axes[0]
    for where in (f'.lab-scrub[data-axis="{player}"] input', ".lab-canvas"):
        opened.locator(where).first.focus()
        opened.keyboard.press("Home")
        rest(opened, CHARTS[lab])
        sent, opening = opened.messages["sent"], opened.evaluate("document.querySelector('[data-testid=stMain]').scrollTop")
        opened.keyboard.press(" ")
        # Beyond 2, where the keys above have left it: stopping there again would be nothing new to send.
        assert until(lambda: member(opened, player) >= 3, page=opened), f"space plays from {where}"
        assert opened.messages["sent"] == sent
        opened.keyboard.press(" ")
        stopped = member(opened, player)
        rest(opened, CHARTS[lab])
        assert (member(opened, player), opened.messages["sent"]) == (stopped, sent + 1)
        assert stopped < last_of(opened, player)
        assert opened.evaluate("document.querySelector('[data-testid=stMain]').scrollTop") == opening, "space does not scroll the page"


# --------------------------------------------------------------------------------------------------------- and the way out


def test_back_is_the_page_before_whatever_was_moved_meanwhile(opened, lab):
    """The last of those that share a page: scrubs, settings, clicks, a reload and a preset lie behind it."""
    opened.locator(f".st-key-{prefix_of(lab)}-preset-1 button").first.click()
    rest(opened, CHARTS[lab])
    opened.go_back()
    opened.wait_for_function("() => document.querySelector('h1')?.textContent.includes('Regularization Lab')")
    assert urlsplit(opened.url).path in ("", "/")


# ------------------------------------------------------------------------------------------------ odd links, small screens


def test_garbage_in_the_address_shows_a_notice_and_the_whole_lab_and_on_a_phone_nothing_is_wider_than_the_screen(phone, server, lab):
    page, spec = phone.new_page(), SPECS[lab]
    complaints = listen(page)
    kinds = {knob.kind: spec.url_key(name) for name, knob in spec.knobs().items() if not knob.hidden}
    place = next(spec.url_key(name) for name, knob in spec.knobs().items() if knob.hidden and knob.kind == "number")
    garbage = "&".join([f"{kinds['number']}=steep", f"{kinds['choice']}=%00%ff", f"{place}=1e999", f"{spec.prefix}_x=1"])
    visit(page, f"{server}/{lab}?{garbage}", CHARTS[lab])
    notice = page.get_by_test_id("stAlert").filter(has_text="cannot be used").inner_text()
    for text in ("= steep", f"{kinds['choice']} =", "1e999", f"{spec.prefix}_x is no setting"):
        assert text in notice
    assert page.get_by_test_id("stException").count() == 0
    widths = page.evaluate(
        """() => [document.scrollingElement, document.querySelector('[data-testid=stMain]')].map((each) => each.scrollWidth)
        .concat([...document.querySelectorAll('.lab-chart canvas, .lab-plotly .main-svg')].map((each) => each.getBoundingClientRect().right))"""
    )
    assert page.evaluate("innerWidth") == 390
    assert max(widths) <= 391
    page.close()
    assert complaints == []
