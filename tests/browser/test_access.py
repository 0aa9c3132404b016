"""Accessibility: axe finds nothing on any page, in light and dark, and every chart says what it shows."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.driving import CHARTS, LABS, visit, wear

pytestmark = pytest.mark.browser


# The theme changes colours and nothing else that axe looks at.
ONLY_COLOURS = {"runOnly": ["color-contrast", "link-in-text-block"]}
# What labs show only when asked: their other stories, 500 runs counted, a notice.
ASKED = (
    "diamond_and_circle?dc_tilt=steep",
    "step_by_step?st_story=alone",
    "step_by_step?st_story=zero&st_rate=1.2&st_curvature=2&st_step=10",
    "optimizer_race?rc_surface=rugged_bowl&rc_noise=1&rc_crowd=true&rc_step=40",
    "optimizer_race?rc_surface=own&rc_formula=w1**2-log(w1%2Bw2)",
)


@pytest.mark.parametrize("place", ["", *LABS, *ASKED])
def test_every_chart_says_what_it_shows_and_axe_finds_no_violation_in_light_and_in_dark(page, server, place):
    lab = place.partition("?")[0]
    visit(page, f"{server}/{place}", CHARTS.get(lab, 0))
    if lab:
        # Widgets come after the script has ended.
        page.locator("[data-testid=stSidebar] input, [data-testid=stSidebar] [role=radio], .st-key-lab-class-open button").first.wait_for()
    labels = [canvas.get_attribute("aria-label") for canvas in page.locator(".lab-canvas").all()]
    assert len(set(labels)) == CHARTS.get(lab, 0) or place in ASKED
    assert all(len(label) > 40 for label in labels)
    for summary in page.locator("summary").all():
        summary.click()
    for scheme, options in (("light", {}), ("dark", ONLY_COLOURS)):
        wear(page, scheme)
        found = Axe().run(page, options=options).response["violations"]
        assert [(scheme, each["id"], [node["target"] for node in each["nodes"]][:3]) for each in found] == []
