"""A page that is being left does not call its reader back: what a scrub still has to send waits until another page stands there."""

import pytest

from tests.browser.driving import CHARTS, count_messages, settle, until, visit
from tests.browser.test_labs import query, rest

LAB = "diamond_and_circle"
# Let go of a scrub just before, or as soon as the way to another page has been taken, in the same turn of the browser.
RELEASE = """
const input = document.querySelector('.lab-scrub input');
input.value = Number(input.value) > 3 ? 1 : Number(input.max);
input.dispatchEvent(new Event('input', {bubbles: true}));
input.dispatchEvent(new Event('pointerup', {bubbles: true}));
"""
CLICK = "document.querySelector('[data-testid=stSidebar] a[href$=step_by_step]').click()"
LINK = f"() => {{ {CLICK}; {RELEASE} }}"
LATE_LINK = f"() => {{ {RELEASE} setTimeout(() => {CLICK}); }}"
BACK = f"() => {{ addEventListener('popstate', () => {{ {RELEASE} }}, {{once: true}}); history.back(); }}"
WAYS = {
    "link": (LINK, "/step_by_step", "Step by step"),
    "link after it": (LATE_LINK, "/step_by_step", "Step by step"),
    "back": (BACK, "/", "Regularization Lab"),
}


@pytest.fixture
def left(page, server):
    """Return a lab, come to from home."""
    visit(page, server)
    page.locator(f".st-key-room-{LAB} a").click()
    page.wait_for_url(f"**/{LAB}*")
    rest(page, CHARTS[LAB])
    return page


@pytest.mark.parametrize(("way", "path", "title"), WAYS.values(), ids=WAYS)
def test_what_a_scrub_sends_on_the_way_to_another_page_does_not_undo_the_way(left, way, path, title):
    left.evaluate(way)
    left.wait_for_function("title => document.querySelector('h1')?.textContent.includes(title)", arg=title)
    left.wait_for_timeout(1500)  # beyond the time for which it is held back
    assert left.evaluate("location.pathname") == path
    assert title in left.locator("h1").first.inner_text()
    left.go_back() if path != "/" else left.go_forward()
    left.wait_for_url(f"**/{LAB}*")
    settle(left, CHARTS[LAB])


def test_a_run_that_is_heard_of_after_back_leaves_no_entry_in_the_history(left):
    """The message of a run that was under way says which page it draws, and Streamlit writes that into the address."""
    entries = left.evaluate("history.length")
    left.evaluate("() => { addEventListener('popstate', () => history.pushState({}, '', '/diamond_and_circle'), {once: true}); history.back(); }")
    left.wait_for_function("() => document.querySelector('h1')?.textContent.includes('Regularization Lab')")
    assert left.evaluate("[location.pathname, history.length]") == ["/", entries]
    left.go_forward()
    left.wait_for_url(f"**/{LAB}*")


def test_a_link_that_stays_on_the_page_delays_what_is_sent_and_loses_nothing(left):
    counted = count_messages(left)
    left.reload()
    rest(left, CHARTS[LAB])
    before, sent = query(left), counted["sent"]
    left.evaluate(f"() => {{ document.querySelectorAll('[data-testid=stSidebarNav] a')[1].click(); {RELEASE} }}")
    assert until(lambda: query(left) != before, page=left)
    rest(left, CHARTS[LAB])
    assert counted["sent"] == sent + 2, "the link to the page itself, then the commit"
