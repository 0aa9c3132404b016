"""The whole site, proxy and all, in a browser: what a student sees while parts of it are killed, and that the way goes on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.browser.driving import CHARTS, READY, settle, visit
from tests.servers import get
from tests.site.faults import SETTINGS
from tests.site.topology import Site, site


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site(tmp_path_factory.mktemp("site"), env=SETTINGS) as found:
        yield found


def counts(page: Page) -> None:
    """Have the page note every state of its connection, and every one of its film with what it says."""
    page.evaluate(
        """() => {
          window.connections = []
          window.sentences = []
          const app = document.querySelector('[data-testid=stApp]')
          new MutationObserver(() => window.connections.push(app.dataset.testConnectionState)).observe(app, { attributes: true })
          const film = () => document.querySelector('.lab-film')
          setInterval(() => film() && window.sentences.push(`${film().dataset.state} ${film().textContent}`), 50)
        }"""
    )


def test_a_killed_process_costs_a_moment_and_no_setting(whole, page):
    visit(page, f"{whole.url}/diamond_and_circle?dc_penalty=l2&dc_lam=0.4", CHARTS["diamond_and_circle"])
    counts(page)
    before = page.url
    for name in ("web-1", "web-2"):  # the student is on one of them
        whole.kill(name)
    page.wait_for_function("() => window.connections.some((state) => state !== 'CONNECTED')", timeout=60_000)
    settle(page, CHARTS["diamond_and_circle"])
    assert page.url == before
    # What is let go of before the new session has run its script for the first time is heard by nobody.
    for _ in range(30):
        page.locator(".lab-scrub input[type=range]").first.press("ArrowRight")
        page.wait_for_timeout(2000)
        if page.url != before:
            break
    assert page.url != before
    page.wait_for_selector(READY)
    assert page.locator("[data-testid=stException]").count() == 0


def test_a_training_says_that_its_engine_is_away_and_goes_on(whole, page):
    whole.await_well()
    visit(page, f"{whole.url}/training?tn_epochs=2000&tn_seed=41", CHARTS["training"])
    counts(page)
    page.wait_for_function("() => Number(document.querySelector('.lab-film')?.dataset.frame) >= 0", timeout=90_000)
    whole.kill("scheduler")
    page.wait_for_function("() => window.sentences.some((each) => /^away .*it will go on by itself/.test(each))", timeout=90_000)
    page.wait_for_selector(".lab-film[data-state=done]", timeout=180_000)
    whole.await_well()


def test_the_proxy_lets_nothing_of_the_inside_out_and_leads_a_browser_back_to_its_process(whole):
    assert get(f"{whole.url}/_stcore/metrics").status == 404
    assert get(f"{whole.url}/_stcore/script-health-check").status == 404
    assert get(f"{whole.url}/_stcore/health").body == b"ok"
    answers = [get(f"{whole.url}/", accept="text/html", accept_encoding="gzip") for _ in range(2)]
    assert all(answer.headers["content-encoding"] in ("gzip", "zstd") for answer in answers)
    assert all("lab_replica=" in answer.headers["set-cookie"] for answer in answers)
    assert "server" not in answers[0].headers
