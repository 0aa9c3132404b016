"""Accessibility: axe finds nothing on any page, in light and dark, and every control has a name."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.driving import CHARTS, LABS, visit

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("place", ["", *LABS])
def test_axe_finds_no_violation(chromium, server, place, scheme):
    page = chromium.new_page(color_scheme=scheme)
    visit(page, f"{server}/{place}", CHARTS.get(place, 0))
    for summary in page.locator("summary").all():
        summary.click()
    page.wait_for_timeout(500)
    found = Axe().run(page).response["violations"]
    page.close()
    assert [(each["id"], [node["target"] for node in each["nodes"]][:3]) for each in found] == []


@pytest.mark.parametrize("place", LABS)
def test_every_chart_says_what_it_shows(page, server, place):
    visit(page, f"{server}/{place}", CHARTS[place])
    labels = [canvas.get_attribute("aria-label") for canvas in page.locator(".lab-canvas").all()]
    assert len(set(labels)) == CHARTS[place]
    assert all(len(label) > 40 for label in labels)
