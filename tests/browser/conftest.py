"""One Chromium for all browser tests of a process, a fresh page for each test.

Pages of tests share a context, so that Streamlit's and Plotly's files are fetched and compiled once; each has a session of its own. A test that
is about a first visit, a phone or a stranger opens a context of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.driving import browser as started


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep together, on one of several processes, what shares a page: the tests of a lab, or else of a file; those of `test_access` share nothing."""
    for item in items:
        lab = getattr(item, "callspec", None) and item.callspec.params.get("lab")  # type: ignore[attr-defined]
        name = str(lab) if isinstance(lab, str) else item.nodeid if "test_access" in item.nodeid else item.nodeid.partition("::")[0]
        item.add_marker(pytest.mark.xdist_group(name))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with started() as browser:
        yield browser


@pytest.fixture(scope="session")
def warm(chromium: Browser) -> Iterator[BrowserContext]:
    """Return the context of a visitor who has been here before."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, color_scheme="light", accept_downloads=True)
    context.set_default_timeout(90_000)  # a slow machine is no fault
    yield context
    context.close()


@pytest.fixture
def page(warm: BrowserContext) -> Iterator[Page]:
    """Return a page whose uncaught errors fail the test."""
    opened = warm.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    opened.close()
    assert errors == []
