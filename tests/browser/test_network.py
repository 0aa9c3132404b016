"""A student's network goes away and comes back: the page says so, goes on in the hand, and nothing that the hand did is lost."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.browser.driving import CHARTS, READY, settle, visit
from tests.servers import cuttable

STATE = "() => document.querySelector('[data-testid=stApp]').dataset.testConnectionState"
MOVE = """index => {
  const input = document.querySelector('.lab-scrub input[type=range]')
  input.value = index
  for (const kind of ['input', 'change']) input.dispatchEvent(new Event(kind, { bubbles: true }))
  const said = () => document.querySelector('.lab-scrub output').textContent
  return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(said()))))
}"""


@pytest.fixture
def line(server):
    with cuttable(server) as found:
        yield found


def place(page):
    return parse_qs(urlsplit(page.url).query)


def test_what_is_dragged_without_a_network_is_kept_and_told_once_it_is_back(line, page):
    visit(page, f"{line.url}/diamond_and_circle?dc_penalty=l2&dc_lam=0.4", CHARTS["diamond_and_circle"])
    before = page.locator(".lab-scrub output").first.inner_text()
    line.cut()
    page.wait_for_function(f"() => ({STATE})() !== 'CONNECTED'", timeout=60_000)
    # The page says so, and lets itself be looked at.
    page.get_by_role("dialog").get_by_text("not responding").wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="detached")
    # The hand goes on, charts and readouts with it: a browser needs no server for that.
    said = page.evaluate(MOVE, 30)
    assert said != before
    page.wait_for_timeout(1500)
    line.mend()
    page.wait_for_selector(READY, timeout=90_000)
    page.wait_for_function("() => new URL(location.href).searchParams.get('dc_lam') !== '0.4'", timeout=90_000)
    settle(page, CHARTS["diamond_and_circle"])
    assert place(page)["dc_penalty"] == ["L2"]
    assert page.locator(".lab-scrub output").first.inner_text() == said
    assert page.locator("[data-testid=stException]").count() == 0


def test_a_training_goes_on_where_it_was_once_the_network_is_back(line, page):
    visit(page, f"{line.url}/training?tn_epochs=2000&tn_seed=57", CHARTS["training"])
    frame = "() => Number(document.querySelector('.lab-film')?.dataset.frame)"
    page.wait_for_function(f"() => ({frame})() > 5", timeout=90_000)
    line.cut()
    page.wait_for_function(f"() => ({STATE})() !== 'CONNECTED'", timeout=60_000)
    reached = page.evaluate(frame)
    line.mend()
    page.wait_for_selector(".lab-film[data-state=done]", timeout=180_000)
    assert page.evaluate(frame) >= reached
    assert place(page)["tn_seed"] == ["57"]
    assert page.locator("[data-testid=stException]").count() == 0
