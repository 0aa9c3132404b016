"""What is measured on request, as a hand meets it: the button, the progress, the stop, the result, a reload; and what is fetched beforehand."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.driving import CHARTS, READY, settle, until, visit, wear

pytestmark = pytest.mark.browser
LAB, SHORT, LONG = "batch_norm", "bn-sweep", "bn-gap"
# Settings that nothing is shipped for, two seeds of each network.
QUERY = "bn_seeds=2&bn_width=8"


def place(page, key):
    return page.locator(f".st-key-lab-measured-{key}")


def said(page):
    return page.evaluate("[...document.querySelectorAll('.lab-readouts')].map((node) => node.textContent)[0]")


def test_the_home_page_has_what_charts_need_fetched_while_it_is_read(chromium, server):
    page = chromium.new_page()
    visit(page, server)
    assert until(lambda: page.evaluate("typeof window.Plotly") == "object", 30, page)
    assert page.locator(".lab-chart").count() == 0
    page.close()


def test_a_study_is_measured_on_request_with_its_progress_and_its_result_is_drawn(page, server):
    visit(page, f"{server}/{LAB}?{QUERY}", CHARTS[LAB])
    short, long = place(page, SHORT), place(page, LONG)
    assert "settings that have been measured before" in short.inner_text()
    before = said(page)
    long.get_by_role("button").click()
    bar = long.locator(".lab-progress")
    bar.wait_for(timeout=90_000)
    assert until(lambda: bar.get_attribute("data-state") == "running", 60, page)
    for scheme in ("light", "dark"):
        wear(page, scheme)
        found = Axe().run(page, context="[class*='lab-measured']").response["violations"]
        assert [(each["id"], [node["target"] for node in each["nodes"]][:3]) for each in found] == []
    assert until(lambda: re.search(r"\d+ %", bar.inner_text()) is not None, 60, page)
    # Another one is measured meanwhile: they share the workers.
    short.get_by_role("button").click()
    assert until(lambda: short.locator("button, progress, p").count() == 0, 90, page), "it is measured, and the line has gone"
    page.wait_for_selector(READY)
    assert until(lambda: said(page) != before, page=page)
    # Whoever reloads has the short one at once.
    page.reload()
    settle(page, CHARTS[LAB])
    assert place(page, SHORT).locator("button").count() == 0
    # And the long one can be asked for again, and stopped.
    long.get_by_role("button").click()
    long.get_by_role("button", name="Stop").click(timeout=90_000)
    long.get_by_role("button", name="Measure with these settings").wait_for(timeout=90_000)
    assert page.get_by_test_id("stException").count() == 0
