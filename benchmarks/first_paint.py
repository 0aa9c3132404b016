"""The first paint of the lab's home page from cold, beside that of `streamlit hello`: a server nobody has asked yet, a browser that knows nothing.

Told are the first paint of anything, and the first paint of the page's own words, which is what a reader waits for.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median

from playwright.sync_api import Browser

from tests.browser.driving import browser
from tests.servers import free_port, running, started

ROUNDS, MOST = 5, 1.5
WORDS = "[data-testid=stHeading] h1, [data-testid=stMarkdownContainer] p"


@contextmanager
def hello() -> Iterator[str]:
    """Run `streamlit hello`; yield its address."""
    port = free_port()
    options = ["--server.address", "127.0.0.1", "--server.port", str(port), "--server.headless", "true", "--browser.gatherUsageStats", "false"]
    with started([sys.executable, "-m", "streamlit", "hello", *options], {}, f"http://127.0.0.1:{port}") as (_, url):
        yield url


def paints(chromium: Browser, url: str) -> tuple[float, float]:
    """Return the seconds until anything is painted, and until words of the page are."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    try:
        page = context.new_page()
        page.goto(url, wait_until="commit")
        page.wait_for_selector(WORDS, timeout=120_000)
        # Of the frame after the next, in milliseconds since the way to the page was begun.
        words = page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))") / 1000
        first = page.evaluate("() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN") / 1000
        return first, words
    finally:
        context.close()


def main() -> int:
    """Print both, side by side; return 1 where the lab takes more than 1.5 times as long."""
    found: dict[str, list[tuple[float, float]]] = {"streamlit hello": [], "the lab's home page": []}
    with browser() as chromium:
        for _ in range(ROUNDS):
            for name, server in zip(found, (hello, running), strict=True):
                with server() as url:
                    found[name].append(paints(chromium, url))
    print(f"{'':22}{'anything':>12}{'its words':>12}   (seconds, medians of {ROUNDS}, server and browser cold)")
    middles = {name: [median(each) for each in zip(*times, strict=True)] for name, times in found.items()}
    for name, (first, words) in middles.items():
        print(f"{name:22}{first:12.2f}{words:12.2f}")
    ratios = [own / other for own, other in zip(middles["the lab's home page"], middles["streamlit hello"], strict=True)]
    print(f"{'ratio':22}{ratios[0]:12.2f}{ratios[1]:12.2f}   (at most {MOST} is wanted)")
    return int(max(ratios) > MOST)


if __name__ == "__main__":
    sys.exit(main())
