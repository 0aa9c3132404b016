"""Points that a hand puts into "Priors and MAP" and takes away again."""

import pytest

from tests.browser.driving import CHARTS, GO, until, visit
from tests.browser.test_labs import click_map, listen, pickable, query, rest

pytestmark = pytest.mark.browser
LAB = "priors_and_map"


def said(page):
    return " ".join(page.locator(".lab-caption").all_inner_texts())


def test_a_click_adds_a_point_that_the_link_keeps_and_a_second_click_takes_it_away(page, server):
    complaints = listen(page)
    visit(page, f"{server}/{LAB}", CHARTS[LAB])
    rest(page, CHARTS[LAB])
    assert "5 points" in said(page)
    chart = pickable(page)
    data, units, _ = click_map(page, chart, 0.8, 0.85)
    assert until(lambda: "pr_points" in query(page), page=page)
    rest(page, CHARTS[LAB])
    x, y = (float(each) for each in query(page)["pr_points"].split(";")[-1].split(","))
    assert abs(x - data[0]) <= units[0] + 0.005
    assert abs(y - data[1]) <= units[1] + 0.005
    assert "6 points" in said(page)
    visit(page, page.url, CHARTS[LAB])
    rest(page, CHARTS[LAB])
    assert "6 points" in said(page)
    click_map(page, chart, 0.8, 0.85)
    assert until(lambda: "pr_points" not in query(page), page=page)
    rest(page, CHARTS[LAB])
    assert "5 points" in said(page)
    assert complaints == []


def test_without_points_the_page_says_that_the_posterior_is_the_prior_and_its_last_point_can_go(page, server):
    visit(page, f"{server}/{LAB}?pr_points=1,1", CHARTS[LAB])
    rest(page, CHARTS[LAB])
    page.locator(".st-key-pr-points-last button").click()
    assert until(lambda: query(page).get("pr_points") == "none", page=page)
    rest(page, CHARTS[LAB])
    page.evaluate(GO, ["scale", 60, True])
    rest(page, CHARTS[LAB])
    assert "without data the posterior is the prior" in said(page)
    assert "0 points" in said(page)
    assert page.get_by_test_id("stException").count() == 0
