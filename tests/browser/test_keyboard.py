"""Every page by keyboard alone: round with Tab, back with Shift and Tab, then once more, and on the way each kind of control does its work.

From the moment a page is open nothing but keys is pressed. What keys do to scrubs and charts in every detail is in `test_labs` and `test_player`,
questions and stories are in `test_lessons`, the stage's own keys in `test_stage`.
"""

import pytest

from tests.browser.driving import CHARTS, LABS, calm, settle, until, visit
from tests.browser.test_labs import SAID, rest

pytestmark = pytest.mark.browser
# More than any page has stops.
MOST = 700
# What the walk knows of the page: a number on each stop, what it looks like with the focus and without, and whether it is to be seen.
WALK = """() => {
  const CLICKED = 'a[href], button, input, select, textarea, summary, [tabindex], [contenteditable=true]';
  const STYLES = ['outlineStyle', 'outlineWidth', 'outlineColor', 'boxShadow', 'borderTopColor', 'borderBottomColor', 'backgroundColor', 'color',
    'textDecorationLine', 'opacity', 'visibility', 'fill', 'stroke', 'clipPath', 'height'];
  const KINDS = {
    scrub: '.lab-scrub input', play: '.lab-play:is([aria-label=Play], [aria-label=Pause])', step: '.lab-play[aria-label^=Step]', speed: '.lab-speed',
    mark: '.lab-marks button', chart: '.lab-canvas', row: '.lab-table tr', slider: '[data-testid=stSlider] input',
    selectbox: '[data-testid=stSelectbox] input', choice: '[role=radio]', switch: 'input[type=checkbox]', number: 'input[type=number]',
    tab: '[role=tab]', expander: 'summary', help: 'button[aria-label^="Help for"]', preset: '[class*=-preset-] button',
    download: '[data-testid=stDownloadButton] button', copy: '[data-testid=stCode] button',
  };
  const seen = (node) => {
    const { width, height } = node.getBoundingClientRect();
    return width > 0 && height > 0 && node.checkVisibility({ visibilityProperty: true }) && !node.closest('[inert], [aria-hidden=true]');
  };
  const named = (node) => {
    const key = [...(node.closest('[class*=st-key-]')?.classList ?? [])].find((each) => each.startsWith('st-key-')) ?? '';
    return [node.localName, key, (node.ariaLabel || node.textContent || node.value || '').trim().slice(0, 40)].join(' ');
  };
  // A control that is hidden behind what is drawn for it shows the focus there: around it, or in its label.
  const looks = (node) => {
    const nodes = [node, ...(node.closest('label')?.querySelectorAll('*') ?? [])];
    for (let each = node.parentElement, i = 0; each && i < 4; each = each.parentElement, i++) nodes.push(each);
    const worn = (each, part) => { const style = getComputedStyle(each, part); return STYLES.map((name) => style[name]).join(); };
    return nodes.flatMap((each) => [null, '::before', '::after'].map((part) => worn(each, part))).join(';');
  };
  const within = (node, hit) => {
    if (!hit || node.contains(hit) || node.closest('label')?.contains(hit)) return Boolean(hit);
    for (let each = node, i = 0; each && i < 6; each = each.parentElement, i++) if (each === hit) return true;
    return false;
  };
  // Whether a place of it is on the screen and nothing lies over that.
  const onScreen = (at) => {
    const node = at.closest('[data-testid=stSlider]') ?? at;  // the input of a thumb is drawn nowhere, and wider than that
    const box = node.getBoundingClientRect(), left = Math.max(0, box.left), width = Math.min(innerWidth, box.right) - left;
    const top = Math.max(0, box.top), height = Math.min(innerHeight, box.bottom) - top, parts = [0.5, 0.1, 0.9];
    if (width <= 0 || height <= 0) return false;
    return parts.some((x) => parts.some((y) => within(node, document.elementFromPoint(left + x * width, top + y * height))));
  };
  // Of radio buttons, and of what arrow keys go along, one is a stop.
  const ALONG = '[role=tab], [role=option], [data-testid=stSelectbox] *, [data-testid=stNumberInput] *, .lab-table *';
  const CONTROLS = 'a, button, input, select, textarea, summary';
  const along = (node) => node.matches('[role=radio]') || (node.tabIndex < 0 ? node.matches(ALONG) || !node.matches(CONTROLS)
    : node.type === 'radio' && !node.checked);
  let count = 0, last;
  window.walk = {
    look() {
      const node = document.activeElement, plain = [];
      for (const each of document.getAnimations()) if (each instanceof CSSTransition) each.finish();  // it is looked at when it has faded in
      if (last && last.node !== node && last.node.isConnected && looks(last.node) === last.worn) plain.push(named(last.node));
      if (node === document.body) return (last = undefined), { stop: 0, plain, name: '', kind: '', onScreen: true };
      node.stop ??= ++count;
      last = { node, worn: looks(node) };
      const kind = Object.keys(KINDS).find((each) => node.matches(KINDS[each])) ?? '';
      return { stop: node.stop, plain, name: named(node), kind, onScreen: onScreen(node) };
    },
    missed: () => [...document.querySelectorAll(CLICKED)].filter((node) => seen(node) && !node.disabled && !node.stop && !along(node)).map(named),
  };
}"""
LOOK = "() => window.walk.look()"
FOCUS = "document.activeElement"
SCRUBS = "() => [...document.querySelectorAll('.lab-scrub input')].map((each) => each.value).join()"
# Of the scrub that the focus is in.
HERE = f"() => {{ const input = {FOCUS}.closest('.lab-scrub').querySelector('input'); return [Number(input.value), Number(input.max)]; }}"


@pytest.fixture(scope="module")
def desk(chromium):
    """Return the context of somebody who has no mouse."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, color_scheme="light", accept_downloads=True)
    context.set_default_timeout(90_000)
    yield context
    context.close()


@pytest.fixture
def keys(desk):
    opened = desk.new_page()
    errors = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    opened.close()
    assert errors == []


def opened(page, server, place):
    """Open a page that is walked; wait until all of it is there."""
    visit(page, f"{server}/{place}", CHARTS.get(place.partition("?")[0], 0))
    page.locator("[data-testid=stSidebarNav] a").filter(has_text="Class room").wait_for()
    resting(page, place)
    page.evaluate(WALK)


def resting(page, place):
    rest(page, CHARTS.get(place.partition("?")[0], 0))
    controls = "document.querySelectorAll('button, input, select, summary, a').length"
    before = -1
    for _ in range(20):
        now = page.evaluate(controls)
        if now == before:
            break
        before = now
        page.wait_for_timeout(300)
    calm(page)


def round_trip(page, key):
    """Press a key that goes from stop to stop until it has left the page; return the stops."""
    stops = []
    for _ in range(MOST):
        page.keyboard.press(key)
        stop = page.evaluate(LOOK)
        if stop["stop"] == 0 or (stops and stop["stop"] == stops[0]["stop"]):
            return [*stops, stop] if stop["stop"] == 0 else stops
        assert not stops or stop["stop"] != stops[-1]["stop"], f"{key} does not leave {stop['name']}"
        stops.append(stop)
    raise AssertionError(f"{key} goes round and round: {[each['name'] for each in stops[-12:]]}")


def stops(walked):
    return [each["stop"] for each in walked if each["stop"] and each["kind"] != "copy"]


def focused(page):
    return page.evaluate(f"() => {FOCUS} !== document.body")


def value(page):
    return page.evaluate(f"() => {FOCUS}.value")


def attribute(page, name):
    return page.evaluate("name => document.activeElement.getAttribute(name)", name)


def changes(page, script, before, what, seconds=30.0):
    """Hold that what a script says becomes something else than it was."""
    assert until(lambda: page.evaluate(script) != before, seconds, page), what


def commits(page, address, what):
    assert until(lambda: page.url != address, 30, page), f"{what} is not in the address"


# ------------------------------------------------------------------------------------------------- what keys do to each kind


def scrub(page):
    said, (now, last) = page.evaluate(SAID), page.evaluate(HERE)
    page.keyboard.press("Home" if now == last else "End")
    assert page.evaluate(HERE)[0] == (0 if now == last else last)
    changes(page, SAID, said, "what is said follows the scrub")


def play(page):
    name = attribute(page, "aria-label")
    page.keyboard.press("Enter")
    if name == "Play":
        before = page.evaluate(HERE)
        changes(page, HERE, before, "it plays", 60)
        page.keyboard.press("Enter") if attribute(page, "aria-label") == "Pause" else None
    assert until(lambda: attribute(page, "aria-label") == "Play", page=page)


def step(page):
    (now, last), forward = page.evaluate(HERE), attribute(page, "aria-label") == "Step forward"
    page.keyboard.press("Enter")
    assert page.evaluate(HERE)[0] == (min(now + 1, last) if forward else max(now - 1, 0))
    return forward  # of the two, the one back is not the last


def speed(page):
    before = value(page)
    page.keyboard.press("ArrowDown")
    assert float(value(page)) > float(before)
    page.keyboard.press("ArrowUp")
    assert value(page) == before


def mark(page):
    page.keyboard.press("Enter")
    wanted = attribute(page, "title").removeprefix("Go to ")
    shown = page.evaluate(f"() => {FOCUS}.closest('.lab-scrub').querySelector('output').textContent")
    assert shown == wanted


def chart(page):
    before = page.evaluate(SCRUBS)
    if not before:
        return  # a chart that stands still is looked at
    page.keyboard.press("ArrowLeft")
    if page.evaluate(SCRUBS) == before:
        page.keyboard.press("ArrowRight")
    changes(page, SCRUBS, before, "the keys of a chart move its scrub")


def row(page):
    at = f"() => Number({FOCUS}.dataset.row)"
    before = page.evaluate(at)
    page.keyboard.press("ArrowDown")
    if page.evaluate(at) == before:
        page.keyboard.press("ArrowUp")
    assert abs(page.evaluate(at) - before) == 1
    page.keyboard.press("Enter")
    assert until(lambda: attribute(page, "aria-current") == "true", page=page)


def slider(page):
    before, address = value(page), page.url
    page.keyboard.press("ArrowRight")
    if value(page) == before:
        page.keyboard.press("ArrowLeft")
    assert value(page) != before
    commits(page, address, "a slider's value")


def selectbox(page):
    before, address = value(page), page.url
    page.keyboard.press("ArrowDown")
    assert until(lambda: attribute(page, "aria-expanded") == "true", page=page)
    page.keyboard.press("Escape")
    assert until(lambda: attribute(page, "aria-expanded") == "false", page=page), "Escape closes the list"
    assert (value(page), page.url) == (before, address), "and chooses nothing"
    for key in ("ArrowDown", "ArrowDown", "Enter"):
        page.keyboard.press(key)
        page.wait_for_timeout(150)
    if page.url == address:
        for key in ("ArrowDown", "ArrowUp", "Enter"):
            page.keyboard.press(key)
            page.wait_for_timeout(150)
    commits(page, address, "what a list offers")


def choice(page):
    text, address = f"() => {FOCUS}.textContent", page.url
    chosen = page.evaluate(f"() => {FOCUS}.closest('[data-testid=stButtonGroup]').querySelector('[aria-checked=true]').textContent")
    ways = ["ArrowRight"] * 8 + ["ArrowLeft"] * 8
    for key in ways:
        page.keyboard.press(key)
        if page.evaluate(text) != chosen:
            break
    page.keyboard.press(" ")
    commits(page, address, "a choice")
    assert attribute(page, "aria-checked") == "true"
    # And back again, for a choice may change the page that is walked.
    for key in reversed(ways):
        if page.evaluate(text) == chosen:
            break
        page.keyboard.press(key)
    page.keyboard.press(" ")
    assert until(lambda: (page.evaluate(text), attribute(page, "aria-checked")) == (chosen, "true"), page=page)


def switch(page):
    on = f"() => {FOCUS}.checked"
    before, address = page.evaluate(on), page.url
    page.keyboard.press(" ")
    assert page.evaluate(on) is not before
    commits(page, address, "a switch")


def number(page):
    before, address = value(page), page.url
    page.keyboard.press("ArrowUp")
    if value(page) == before:
        page.keyboard.press("ArrowDown")
    assert value(page) != before
    page.keyboard.press("Enter")
    commits(page, address, "a number")


def tab(page):
    text = f"() => {FOCUS}.textContent"
    before = page.evaluate(text)
    page.keyboard.press("ArrowRight")
    changes(page, text, before, "arrows go along tabs")
    if attribute(page, "aria-selected") != "true":
        page.keyboard.press("Enter")
    assert until(lambda: attribute(page, "aria-selected") == "true", page=page)


def expander(page):
    unfolded = f"() => {FOCUS}.closest('details').open"
    assert page.evaluate(unfolded) is False
    page.keyboard.press("Enter")
    assert until(lambda: page.evaluate(unfolded), page=page)
    return False  # one after the other: what is in them is walked as well


def explained(page):
    shown = "() => Boolean([...document.querySelectorAll('[role=tooltip]')].find((each) => each.checkVisibility() && each.textContent.trim()))"
    if not page.evaluate(shown):
        page.keyboard.press("Enter")
    assert until(lambda: page.evaluate(shown), 10, page), "help is shown"
    page.keyboard.press("Escape")
    assert until(lambda: not page.evaluate(shown), 10, page), "Escape takes it away"


def preset(page):
    if attribute(page, "class") and page.evaluate(f"() => {FOCUS}.closest('[class*=-preset-]').className.includes('-preset-0')"):
        return False  # the first is often how the lab opens
    address = page.url
    page.keyboard.press("Enter")
    commits(page, address, "a preset")
    return True


def download(page):
    with page.expect_download() as come:
        page.keyboard.press("Enter")
    assert come.value.suggested_filename


def copy(page):
    face = f"() => {FOCUS}.outerHTML"
    before = page.evaluate(face)
    page.keyboard.press("Enter")
    changes(page, face, before, "it says that it has copied")


WORK = {
    "scrub": scrub, "play": play, "step": step, "speed": speed, "mark": mark, "chart": chart, "row": row, "slider": slider, "selectbox": selectbox,
    "choice": choice, "switch": switch, "number": number, "tab": tab, "expander": expander, "help": explained, "preset": preset, "download": download,
    "copy": copy,
}  # fmt: skip


@pytest.mark.parametrize("place", ["", *LABS])
def test_tab_goes_round_a_page_and_keys_work_every_kind_of_control(keys, server, place):
    opened(keys, server, place)
    there = round_trip(keys, "Tab")
    assert len(there) > 20
    assert keys.evaluate("() => window.walk.missed()") == [], "out of a keyboard's reach"
    back = round_trip(keys, "Shift+Tab")
    # Streamlit shows what copies code while the code has the focus: from behind it is a step past the code.
    assert stops(back) == stops(reversed(there))
    assert [each["name"] for each in (*there, *back) if not each["onScreen"]] == [], "the focus is on the screen, and nothing lies over it"
    assert sorted({name for each in (*there, *back) for name in each["plain"]}) == [], "the focus is seen"
    done, kinds = set(), {each["kind"] for each in there} - {""}
    keys.keyboard.press("Tab")  # from before the page to before its first stop
    for _ in range(MOST):
        keys.keyboard.press("Tab")
        stop = keys.evaluate(LOOK)
        if stop["stop"] == 0:
            break
        kind = stop["kind"]
        if kind in WORK and kind not in done:
            if WORK[kind](keys) is not False:
                done.add(kind)
            resting(keys, place)
            # Streamlit bars a button while its file is made: the focus goes then, its place does not, for the walk goes on from there.
            assert focused(keys) or kind == "download", f"the focus is lost after {stop['name']}"
            assert keys.get_by_test_id("stException").count() == 0, stop["name"]
    assert not focused(keys), "the end of the page is reached"
    assert kinds - done <= {"expander"}


# ---------------------------------------------------------------------------------------------------------- ways in and out


def tab_to(page, selector, limit=120, key="Tab"):
    """Press Tab until something that the selector finds has the focus."""
    for _ in range(limit):
        page.keyboard.press(key)
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} is out of a keyboard's reach")


def test_the_first_stop_skips_to_the_page_and_a_card_opens_its_lab(keys, server):
    opened(keys, server, "")
    keys.keyboard.press("Tab")
    keys.keyboard.press("Enter")
    keys.keyboard.press("Tab")
    assert keys.evaluate(f"() => Boolean({FOCUS}.closest('[data-testid=stMain]'))"), "past all links"
    tab_to(keys, ".st-key-room-step_by_step a")
    keys.keyboard.press("Enter")
    keys.wait_for_url("**/step_by_step*")
    settle(keys, CHARTS["step_by_step"])
    tab_to(keys, ".lab-scrub input")


def test_the_list_of_pages_and_the_choices_of_a_link_open_and_close_by_keys(keys, server):
    lab = "step_by_step"
    opened(keys, server, lab)
    tab_to(keys, ".st-key-st-teach button")
    keys.keyboard.press("Enter")
    desk, field = keys.locator(".st-key-lab-teach"), ".st-key-st-teach-lock input"
    desk.wait_for()
    tab_to(keys, field)
    keys.keyboard.press("ArrowDown")
    offered = keys.locator("[role=option]")
    assert until(lambda: offered.count() > 3, page=keys)
    keys.keyboard.press("Escape")
    assert until(lambda: offered.count() == 0, page=keys), "Escape closes the list"
    keys.keyboard.press("ArrowDown")
    keys.keyboard.press("ArrowDown")
    keys.keyboard.press("Enter")
    assert until(lambda: "lab_lock=" in desk.locator("[data-testid=stCode] code").inner_text(), page=keys)
    keys.keyboard.press("Escape")
    keys.goto(f"{server}/{lab}?lab_view=present")
    settle(keys, CHARTS[lab])
    tab_to(keys, ".st-key-lab-pages button")
    links = keys.locator("[data-testid=stPopoverBody] a")
    keys.keyboard.press("Enter")
    assert until(lambda: links.count() > 10, page=keys)
    keys.keyboard.press("Escape")
    assert until(lambda: links.count() == 0, page=keys), "Escape closes the list"
    assert "lab_view=present" in keys.url, "and leaves the page as it is"
    assert keys.evaluate(f"() => {FOCUS}.matches('.st-key-lab-pages button')"), "the focus is back where it was"
    keys.keyboard.press("Enter")
    assert until(lambda: links.count() > 10, page=keys)
    tab_to(keys, "[data-testid=stPopoverBody] a[href*=shrinkage_paths]")
    keys.keyboard.press("Enter")
    keys.wait_for_url("**/shrinkage_paths*")
