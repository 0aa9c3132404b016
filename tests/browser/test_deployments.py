"""The lab in Chromium as sites run it: under a base path, in several workers, behind a proxy. The charts must be there each time."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest

from tests.browser.driving import CHARTS, visit
from tests.modules import needed
from tests.servers import proxied, running, running_workers
from ui import serving

pytestmark = pytest.mark.browser
BASE = "class/lab"
# From a deep link Streamlit's page does not know where the app's root is, and finds it by asking for these at every level.
PROBES = ("/_stcore/health", "/_stcore/host-config")
LAB, NAME = "step_by_step", "Step by step"


@contextmanager
def under_a_base_path() -> Iterator[str]:
    with running(base=BASE) as url:
        yield url


@contextmanager
def in_two_workers() -> Iterator[str]:
    with running_workers(2) as url:
        yield url


@contextmanager
def behind_a_proxy_that_strips_its_prefix() -> Iterator[str]:
    with running() as upstream, proxied(upstream, f"/{BASE}", strip=True) as url:
        yield url


@contextmanager
def behind_a_proxy_that_keeps_its_prefix() -> Iterator[str]:
    with running(base=BASE) as upstream, proxied(upstream, f"/{BASE}", strip=False) as url:
        yield url


DEPLOYMENTS = [under_a_base_path, in_two_workers, behind_a_proxy_that_strips_its_prefix, behind_a_proxy_that_keeps_its_prefix]


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=lambda deployment: deployment.__name__)
def test_every_visitor_sees_the_charts_and_nothing_comes_from_elsewhere(chromium, deployment):
    """Twice from cold, a deep link and then the way from the home page, in contexts of their own, so that neither finds the other's files."""
    with deployment() as url:
        for deep in (True, False):
            context = chromium.new_context(viewport={"width": 1280, "height": 900})
            page = context.new_page()
            asked, failed, problems = [], [], []
            page.on("request", lambda request, asked=asked: asked.append(request.url))
            page.on(
                "response",
                lambda answer, failed=failed: answer.status >= 400 and not answer.url.endswith(PROBES) and failed.append((answer.status, answer.url)),
            )
            page.on("pageerror", lambda error, problems=problems: problems.append(str(error)))
            if deep:
                visit(page, f"{url}/{LAB}", CHARTS[LAB])
            else:
                visit(page, f"{url}/")
                page.get_by_role("link", name=NAME).first.click()
                page.wait_for_url(f"{url}/{LAB}*")
                page.wait_for_function("n => document.querySelectorAll('.lab-chart[data-drawn]').length >= n", arg=CHARTS[LAB], timeout=90_000)
            assert page.get_by_test_id("stException").count() == 0
            ours = [urlsplit(address) for address in asked if "/lab/plot" in address]
            files = {f"{address.path}?{address.query}".rstrip("?") for address in ours}
            modules = {f"plot/{name}" for name in needed("mount.js")}
            assert files == {f"{urlsplit(url).path}/{serving.address(name)}" for name in (*modules, "plotly.min.js")}
            assert all(urlsplit(address).netloc == urlsplit(url).netloc for address in asked if address.startswith(("http", "ws"))), asked
            assert not failed
            assert not problems
            context.close()
