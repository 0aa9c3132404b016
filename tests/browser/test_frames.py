"""A lab in the frame of another site's page: refused unless its operator has named the site, and then it works, without cookies too."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.browser import chromium as found
from tests.browser.driving import CHARTS, READY
from tests.servers import OtherSite, other_site, running
from ui.headers import VARIABLE

pytestmark = pytest.mark.browser
LAB = "diamond_and_circle"
# As docs/embedding.md gives it to course sites.
SNIPPET = (
    '<iframe src="{src}" title="Diamond and circle, a lab on regularization" width="800" height="600" style="border: 0"'
    ' allow="fullscreen" loading="lazy"></iframe>'
)
READ = "() => [...document.querySelectorAll('.lab-readouts dd, .lab-caption')].map((node) => node.textContent).join('|')"
INK = """() => {
  const canvas = document.querySelector('.lab-moving');
  return canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.reduce((sum, value) => (sum * 31 + value) >>> 0, 0);
}"""
# A cookie that a frame of another site may keep wherever such cookies are allowed at all.
KEEPS_COOKIES = "() => { document.cookie = 'probe=1; SameSite=None; Secure; Path=/'; return document.cookie.includes('probe=1'); }"
HAS_STORAGE = "() => { try { return Boolean(localStorage); } catch { return false; } }"


@pytest.fixture(scope="module")
def course() -> Iterator[OtherSite]:
    """A course site: one page with a frame."""
    with other_site() as site:
        yield site


def address(course) -> str:
    """Return the course site's address: another site than the lab's, which is at 127.0.0.1."""
    return f"http://localhost:{course.port}"


@pytest.fixture(scope="module")
def framed(course) -> Iterator[str]:
    """Return the address of a lab that names the course site."""
    with running(env={VARIABLE: f"'self' {address(course)}"}) as url:
        yield url


@contextmanager
def with_cookies(chromium, folder) -> Iterator:
    """Start a browser in whose frames other sites may keep cookies; Playwright's own contexts refuse them, and storage as well."""
    settings = folder / "Default" / "Preferences"
    settings.parent.mkdir()
    settings.write_text('{"profile": {"cookie_controls_mode": 0, "block_third_party_cookies": false}}', encoding="utf-8")
    context = chromium.browser_type.launch_persistent_context(
        folder, executable_path=found.executable(), args=list(found.FLAGS), viewport={"width": 900, "height": 700}
    )
    try:
        yield context
    finally:
        context.close()


def opened(page, course, src):
    """Open the course's page with a frame; return the frame."""
    course.html = f'<!doctype html><html lang="en"><title>Week 4</title><body style="margin: 0"><h1>Week 4</h1>{SNIPPET.format(src=src)}'
    page.goto(address(course))
    return page.query_selector("iframe").content_frame()


def works(page, frame, charts=CHARTS[LAB]):
    """Drag the lab in a frame with the keys, and change a setting, and see the charts follow."""
    frame.wait_for_selector(READY, timeout=90_000)
    frame.wait_for_function("n => document.querySelectorAll('.lab-chart[data-drawn]').length >= n", arg=charts, timeout=90_000)
    ink, words = frame.evaluate(INK), frame.evaluate(READ)
    frame.locator(".lab-scrub input").first.focus()
    page.keyboard.press("End")
    frame.wait_for_function(f"before => ({READ})() !== before", arg=words, timeout=30_000)
    frame.wait_for_function(f"before => ({INK})() !== before", arg=ink, timeout=30_000)
    # The server is told, too: the link is another one.
    frame.wait_for_function("() => location.search.includes('dc_lam=')", timeout=30_000)
    words = frame.evaluate(READ)
    frame.get_by_role("button", name="A near miss").click()
    frame.wait_for_function(f"before => ({READ})() !== before", arg=words, timeout=30_000)
    assert frame.locator("[data-testid=stException]").count() == 0


def test_a_site_that_is_not_named_sees_nothing(chromium, server, course):
    page = chromium.new_page(viewport={"width": 900, "height": 700})
    refused = []
    page.on("console", lambda message: refused.append(message.text))
    frame = opened(page, course, f"{server}/{LAB}")
    page.wait_for_timeout(1500)
    assert frame.url.startswith("chrome-error:")
    assert any("frame-ancestors 'self'" in text for text in refused), refused
    page.close()


def test_a_site_that_is_named_has_a_lab_that_works_without_cookies_and_storage(chromium, framed, course):
    page = chromium.new_page(viewport={"width": 900, "height": 700})
    frame = opened(page, course, f"{framed}/{LAB}?embed=true")
    works(page, frame)
    assert not frame.evaluate(KEEPS_COOKIES)
    assert not frame.evaluate(HAS_STORAGE)
    page.close()


def test_it_works_with_them_too_and_keeps_none(chromium, framed, course, tmp_path):
    with with_cookies(chromium, tmp_path) as context:
        page = context.new_page()
        frame = opened(page, course, f"{framed}/{LAB}?embed=true")
        works(page, frame)
        assert context.cookies() == [], "the lab's own are for pages of its own site"
        assert frame.evaluate(KEEPS_COOKIES), "so the test before this one has seen them refused"
        assert frame.evaluate(HAS_STORAGE)


def test_in_a_frame_a_lab_is_compact_and_stays_so_on_the_way_to_another(chromium, framed, course):
    page = chromium.new_page(viewport={"width": 900, "height": 700})
    frame = opened(page, course, f"{framed}/{LAB}?embed=true")
    works(page, frame)
    assert not frame.locator("[data-testid=stSidebar]").is_visible()
    assert frame.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing is wider than the frame"
    scrub = frame.locator(".lab-scrub").first.bounding_box()
    assert scrub["width"] > 600
    frame.get_by_test_id("stExpandSidebarButton").click()
    frame.get_by_role("link", name="Step by step").first.click()
    frame.wait_for_url("**/step_by_step?embed=true*", timeout=90_000)
    frame.get_by_role("heading", name="Step by step", exact=True).wait_for(timeout=90_000)
    page.close()
