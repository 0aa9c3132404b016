"""Training as a student sees it, in a real browser: `python -m benchmarks.live`.

From the click to the first snapshot with a warm engine, what then comes by the socket and what moves on the screen, script runs while it does, and
a lab's slider while both workers train beside the same slider while they rest. Everything in one run, one server and one browser.
"""

from __future__ import annotations

import sys
from statistics import median, quantiles
from typing import Any

from playwright.sync_api import Browser, Page

from benchmarks.interaction import release
from tests.browser.driving import CHARTS, READY, browser, count_messages, surface_settled, visit
from tests.servers import running

# What the lab promises: milliseconds from click to snapshot, updates a second, bytes a second to one browser, slowdown of a slider.
MOST_FIRST, LEAST_CURVES, LEAST_FIELDS, MOST_BYTES, MOST_SLOWDOWN = 400.0, 8.0, 2.0, 128_000.0, 2.0
CLICKS, WATCHED, RELEASES = 20, 8.0, 15

# Notes when each message of a run's socket came, and how large it was.
_LISTEN = """
(() => {
  const Native = window.WebSocket;
  window.filmMessages = [];
  window.WebSocket = class extends Native {
    constructor(...given) {
      super(...given);
      if (!String(given[0]).includes("/lab/run/")) return;
      const opened = performance.now();
      this.addEventListener("message", ({ data }) => {
        const size = typeof data === "string" ? 0 : data.byteLength ?? data.size;
        window.filmMessages.push([performance.now(), size, opened]);
      });
    }
  };
  document.addEventListener("click", () => (window.clicked = performance.now()), true);
})()
"""
# Counts, frame by frame, how often the epoch moves on the screen and how often the picture below it does.
_WATCH = """
async (seconds) => {
  const output = document.querySelector('.lab-scrub[data-axis="epoch"] output');
  const canvas = document.querySelector('[class*="tn-field"] canvas.lab-moving');
  const look = () => canvas.getContext("2d", { willReadFrequently: true }).getImageData(0, 0, canvas.width, canvas.height).data;
  const print = () => look().reduce((hash, value, i) => (i % 997 ? hash : (hash * 31 + value) | 0), 0);
  const end = performance.now() + 1000 * seconds;
  let epochs = 0, fields = 0, text = output.textContent, picture = print(), due = 0;
  while (performance.now() < end) {
    await new Promise(requestAnimationFrame);
    if (output.textContent !== text) (epochs++, (text = output.textContent));
    if (performance.now() > due) {
      due = performance.now() + 60;
      const now = print();
      if (now !== picture) (fields++, (picture = now));
    }
  }
  return [epochs / seconds, fields / seconds];
}
"""


def first_snapshots(page: Page) -> list[float]:
    """Return milliseconds from a click that draws new initial weights to the first snapshot of their run."""
    times = []
    for _ in range(CLICKS):
        page.evaluate("window.filmMessages = []; window.clicked = Infinity")
        page.get_by_role("button", name="New initial weights").click()
        # Of the new run's socket: what is still on its way from the run before does not count.
        page.wait_for_function("() => window.filmMessages.some(([time, size, opened]) => size > 0 && opened > window.clicked)", timeout=20_000)
        times.append(page.evaluate("window.filmMessages.find(([time, size, opened]) => size > 0 && opened > window.clicked)[0] - window.clicked"))
        page.wait_for_selector(READY)
        page.wait_for_timeout(600)
    return times


def while_it_plays(page: Page, messages: dict[str, Any]) -> dict[str, float]:
    """Return what a second brings while a run is computed and played: snapshots, bytes, epochs and fields drawn, messages to the server."""
    page.get_by_role("button", name="New initial weights").click()
    page.wait_for_function("() => window.filmMessages.length > 0", timeout=20_000)
    # A click on a control does not play; a fresh run plays from its start.
    play = page.locator('.lab-scrub[data-axis="epoch"]').get_by_role("button", name="Play", exact=True)
    page.locator('.lab-scrub[data-axis="epoch"]').get_by_role("button", name="To the start").click()
    page.wait_for_timeout(1500)
    if play.count():
        play.click()
    page.wait_for_timeout(500)
    page.evaluate("window.filmMessages = []")
    sent = messages["sent"]
    epochs, fields = page.evaluate(_WATCH, WATCHED)
    came = page.evaluate("window.filmMessages.filter(([time, size]) => size > 0)")
    busiest = max(sum(size for time, size, _ in came if start <= time < start + 1000) for start, *_ in came)
    return {
        "snapshots": len(came) / WATCHED,
        "bytes": sum(size for _, size, _ in came) / WATCHED,
        "busiest": busiest,
        "epochs": epochs,
        "fields": fields,
        "reruns": messages["sent"] - sent,
    }


def slowdown(chromium: Browser, url: str) -> tuple[list[float], list[float]]:
    """Return milliseconds from a slider's release to its repaint, while the workers rest and while both train."""
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    visit(page, f"{url}/diamond_and_circle", 4)
    surface_settled(page)
    shares = [0.2 + 0.6 * ((7 * i) % (RELEASES + 2)) / (RELEASES + 2) for i in range(RELEASES + 2)]
    slider = ".st-key-dc_tilt [role=group] > div"
    rest = [release(page, slider, share) for share in shares][2:]
    others = [chromium.new_page() for _ in range(2)]
    for i, other in enumerate(others):
        other.goto(f"{url}/training?tn_data=digits&tn_units=64&tn_layers=4&tn_batch=8&tn_epochs=2000&tn_seed={i + 1}&tn_v=1")
        other.wait_for_selector(READY)
        last = other.locator('.lab-scrub[data-axis="epoch"]').get_by_role("button", name="To the end")
        last.click()
    page.wait_for_timeout(4000)
    busy = [release(page, slider, share) for share in shares][2:]
    for other in (*others, page):
        other.close()
    return rest, busy


def main() -> int:
    """Print the table; return 1 where a promise is broken."""
    with running() as url, browser() as chromium:
        page = chromium.new_page(viewport={"width": 1280, "height": 900})
        page.add_init_script(_LISTEN)
        messages = count_messages(page)
        visit(page, f"{url}/training", CHARTS["training"])
        page.wait_for_function("() => window.filmMessages.length > 2", timeout=60_000)
        first = first_snapshots(page)
        flow = while_it_plays(page, messages)
        page.close()
        rest, busy = slowdown(chromium, url)
    rows = [
        ("click to first snapshot, ms: median", median(first), f"at most {MOST_FIRST:g}"),
        ("click to first snapshot, ms: 95 of 100", quantiles(first, n=20)[-1], ""),
        ("snapshots a second by the socket", flow["snapshots"], ""),
        ("curves: epochs drawn a second", flow["epochs"], f"at least {LEAST_CURVES:g}"),
        ("boundaries drawn a second", flow["fields"], f"at least {LEAST_FIELDS:g}"),
        ("KB a second, mean", flow["bytes"] / 1e3, f"at most {MOST_BYTES / 1e3:g}"),
        ("KB in the busiest second", flow["busiest"] / 1e3, ""),
        ("messages to the server meanwhile (each a script run)", flow["reruns"], "0"),
        ("slider to repaint, workers at rest, ms", median(rest), ""),
        ("slider to repaint, both training, ms", median(busy), ""),
        ("ratio", median(busy) / median(rest), f"at most {MOST_SLOWDOWN:g}"),
    ]
    print(f"{'':58}{'measured':>10}   promised")
    for name, value, promised in rows:
        print(f"{name:58}{value:10.1f}   {promised}")
    kept = (
        median(first) <= MOST_FIRST
        and flow["epochs"] >= LEAST_CURVES
        and flow["fields"] >= LEAST_FIELDS
        and flow["bytes"] <= MOST_BYTES
        and median(busy) <= MOST_SLOWDOWN * median(rest)
    )
    print("kept" if kept else "BROKEN")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
