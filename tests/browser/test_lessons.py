"""Questions and stories in a browser: by keyboard alone, kept by the address and a reload, nothing that axe objects to, and no wider than a phone."""

from urllib.parse import parse_qs, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe

from core import lessons
from core.specs import LABS
from tests.browser.driving import CHARTS, READY, calm, settle, until, visit, wear

pytestmark = pytest.mark.browser


def query(page):
    return {key: value[0] for key, value in parse_qs(urlsplit(page.url).query).items()}


def tab_to(page, selector, limit=80):
    """Press Tab until something that the selector finds has the focus."""
    for _ in range(limit):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} is out of a keyboard's reach")


def violations(page):
    found = Axe().run(page).response["violations"]
    return [(each["id"], node["html"][:200]) for each in found for node in each["nodes"]]


def resting(page):
    page.wait_for_timeout(400)
    page.wait_for_selector(READY)


@pytest.mark.parametrize("lab", ["diamond_and_circle", "dropout"])
def test_questions_are_answered_by_keyboard_and_a_reload_keeps_the_score(page, server, lab):
    prefix, spec = LABS[lab].prefix, LABS[lab]()
    which = next(i for i in range(1, 5) if lessons.ask(lab, i, spec).kind == "number")
    asked = lessons.ask(lab, which, spec)
    visit(page, f"{server}/{lab}", CHARTS[lab])
    before = page.evaluate("history.length")
    page.locator(f".st-key-{prefix}-predict button").focus()
    page.keyboard.press("Enter")
    assert until(lambda: query(page).get(f"{prefix}q_on") == "1", page=page)
    for _ in range(which - 1):
        page.locator(f".st-key-{prefix}-q-next button").wait_for()
        now = query(page)[f"{prefix}q_on"]
        tab_to(page, f".st-key-{prefix}-q-next button")
        page.keyboard.press("Enter")
        assert until(lambda now=now: query(page).get(f"{prefix}q_on") == str(int(now) + 1), page=page)
        page.locator(f".st-key-{prefix}-predict button").focus()
    tab_to(page, f".st-key-lab-question-{prefix} input[type=range]")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    resting(page)
    tab_to(page, f".st-key-{prefix}-q-reveal button")
    page.keyboard.press("Enter")
    assert until(lambda: f"{prefix}q_{which}" in query(page), page=page)
    answer = asked.values[asked.values.index(asked.start) + 3]
    assert query(page)[f"{prefix}q_{which}"] == asked.kept(answer)
    score = f"{asked.score(answer).points} of 100 points"
    result = page.locator(f".st-key-{prefix}-q-result")
    assert score in result.inner_text()
    assert asked.reason[:40] in result.inner_text()
    assert page.evaluate("history.length") == before, "back is still the page before"
    page.reload()
    settle(page, CHARTS[lab])
    result.wait_for()
    assert score in result.inner_text()
    tab_to(page, f".st-key-{prefix}-q-show button") if asked.show else None
    for scheme in ("light", "dark"):
        wear(page, scheme)
        assert violations(page) == []


@pytest.mark.parametrize("lab", ["shrinkage_paths", "optimizer_race"])
def test_a_story_is_turned_by_keys_and_a_reload_finds_its_step_and_settings(page, server, lab):
    prefix, steps = LABS[lab].prefix, lessons.STORIES[lab]
    visit(page, f"{server}/{lab}?{prefix}s_step=2", CHARTS[lab])
    words = page.locator(f".st-key-lab-story-{prefix}")
    words.wait_for()
    assert steps[1].title in words.inner_text()
    before = page.evaluate("history.length")
    resting(page)
    page.keyboard.press("Alt+n")
    assert until(lambda: query(page).get(f"{prefix}s_step") == "3", page=page)
    assert until(lambda: steps[2].title in words.inner_text(), page=page)
    page.locator(".lab-canvas").first.focus()
    page.keyboard.press("Alt+n")
    assert until(lambda: query(page).get(f"{prefix}s_step") == "4", page=page), "from a chart as well"
    page.keyboard.press("Alt+p")
    assert until(lambda: query(page).get(f"{prefix}s_step") == "3", page=page)
    resting(page)
    here = query(page)
    page.reload()
    settle(page, CHARTS[lab])
    words.wait_for()
    assert steps[2].title in words.inner_text()
    assert query(page) == here
    assert page.evaluate("history.length") == before
    box = words.bounding_box()
    assert box["y"] + box["height"] <= 901, "at the foot of the screen, in sight"
    for scheme in ("light", "dark"):
        wear(page, scheme)
        assert violations(page) == []
    page.locator(f".st-key-{prefix}-s-end button").focus()
    page.keyboard.press("Enter")
    assert until(lambda: f"{prefix}s_step" not in query(page), page=page)


@pytest.mark.parametrize("link", ["diamond_and_circle?dcq_on=1&dcq_1=w2", "right_mix?rmq_on=1", "batch_norm?bns_step=6"])
def test_on_a_phone_nothing_is_wider_than_the_screen(chromium, server, link):
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    visit(page, f"{server}/{link}", 1)
    page.locator("[class*=st-key-lab-question], [class*=st-key-lab-story]").first.wait_for()
    calm(page)
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 391
    inside = "[class*=st-key-lab-question] *, [class*=st-key-lab-story] *"
    boxes = page.evaluate("inside => [...document.querySelectorAll(inside)].map((each) => each.getBoundingClientRect().right)", inside)
    assert max(boxes) <= 391
    context.close()
