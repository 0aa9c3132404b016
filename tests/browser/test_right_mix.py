"""The right mix under a hand: a map that fills while it is measured, is stopped and goes on; a trial that opens in the lab Training."""

import re

import pytest

from tests.browser.driving import CHARTS, READY, settle, until, visit
from tests.browser.test_labs import click_map, query, rest

pytestmark = pytest.mark.browser
LAB = "right_mix"
EMPTY = "(i) => document.querySelectorAll('.lab-plotly')[i].data[0].z.flat().filter((value) => value === null).length"
READOUTS = "[...document.querySelectorAll('.lab-readouts')].map((node) => node.textContent)"


def test_a_map_fills_block_by_block_can_be_stopped_and_goes_on_where_it_was(page, server):
    visit(page, f"{server}/{LAB}?rm_units=8&rm_epochs=100&rm_noise=0.2", CHARTS[LAB])
    place = page.locator(".st-key-lab-measured-rm-lam_p")
    assert page.evaluate(EMPTY, 0) == 0, "until then another map stands there, whole"
    place.get_by_role("button", name="Measure with these settings").click()
    bar = place.locator(".lab-progress")
    bar.wait_for(timeout=60_000)
    seen = set()
    assert until(lambda: seen.add(page.evaluate(EMPTY, 0)) or seen & {64, 128, 192}, 120, page), "a part of the map is there before the whole"
    place.get_by_role("button", name="Stop").click(timeout=30_000)
    place.get_by_role("button", name=re.compile("Measure with|Go on")).wait_for(timeout=30_000)
    place.get_by_role("button", name=re.compile("Measure with|Go on")).click()
    assert until(lambda: place.locator("button, progress").count() == 0, 240, page), "it is measured, and the line has gone"
    page.wait_for_selector(READY)
    assert until(lambda: page.evaluate(EMPTY, 0) == 0, page=page), "the chart is drawn a frame or more after its message has come"
    assert "6 draws of the data" in " ".join(page.evaluate(READOUTS))
    assert page.get_by_test_id("stException").count() == 0


def test_a_trial_that_is_clicked_opens_in_the_lab_training_with_its_settings(page, server):
    visit(page, f"{server}/{LAB}", CHARTS[LAB])
    rest(page, CHARTS[LAB])
    charts = page.evaluate("[...document.querySelectorAll('.lab-canvas')].map((each) => each.classList.contains('lab-pick'))")
    trials = [i for i, takes_clicks in enumerate(charts) if takes_clicks][2]
    click_map(page, trials, 0.3, 0.3)
    assert until(lambda: "rm_rank" in query(page), page=page)
    rest(page, CHARTS[LAB])
    link = page.get_by_role("link", name=re.compile("in the lab Training"))
    with page.context.expect_page() as opening:
        link.click()
    training = opening.value
    settle(training, CHARTS["training"])
    assert re.search(r"/training\?tn_", training.url)
    assert training.locator("h1").inner_text() == "Training"
    rate = next(text for text in page.locator(".lab-readouts div").all_inner_texts() if text.startswith("learning rate"))
    value = rate.split("\n")[-1]
    assert f"tn_lr={value}" in training.url or value == "0.01", "the default is left out"
    assert training.get_by_test_id("stAlert").filter(has_text="cannot be used").count() == 0
    training.close()
