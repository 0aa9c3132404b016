"""A full lab in a browser: what a visitor reads, and that they get in by themselves, at the address they came for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.driving import READY, settle, visit
from tests.servers import process

pytestmark = pytest.mark.xdist_group("admission")
LINK = "step_by_step?st_lam=0.3"


@pytest.fixture(scope="module")
def small() -> Iterator[str]:
    with process(env={"LAB_PLACES": "1"}) as (_, url):
        yield url


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_visitor_of_a_full_lab_waits_and_is_let_in_at_the_address_they_came_for(small, chromium, scheme):
    first = chromium.new_context()
    inside = first.new_page()
    visit(inside, small)
    waits = chromium.new_context(color_scheme=scheme, viewport={"width": 390, "height": 700}).new_page()
    errors: list[str] = []
    waits.on("pageerror", lambda problem: errors.append(str(problem)))
    waits.goto(f"{small}/{LINK}")
    assert waits.get_by_role("heading").inner_text() == "The lab is full"
    waits.wait_for_function("() => document.querySelector('[role=status]').textContent === 'You are the next.'")
    assert not Axe().run(waits).response["violations"]
    assert waits.evaluate("document.documentElement.scrollWidth <= innerWidth")
    third = chromium.new_context().new_page()
    third.goto(small)
    third.wait_for_function("() => document.querySelector('[role=status]').textContent === 'You are number 2 in the line.'")
    inside.reload()
    settle(inside)  # a reader who loads the page again keeps the place
    first.close()
    waits.wait_for_selector(READY, timeout=60_000)
    settle(waits, 2)
    assert waits.url == f"{small}/{LINK}"
    assert third.get_by_role("heading").inner_text() == "The lab is full"
    assert not errors
    for each in (waits, third):
        each.context.close()
