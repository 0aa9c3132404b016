"""What a hand feels, in a real browser: `python -m benchmarks.interaction`.

Three tables: frame gaps while the scrub is dragged, beside the idle page's; a control's release to repaint, beside a bare one-slider page with
`st.plotly_chart` and the same chart; and what the lab adds to an empty page. Everything in one run and one browser, since times drift between runs.
"""

from __future__ import annotations

import sys
from statistics import median, quantiles

from playwright.sync_api import Browser, Page

from tests.browser.driving import READY, browser, count_messages, drag, idle, surface_settled, visit
from tests.servers import free_port, running, started

LAB = "diamond_and_circle"
REPEATS = 15
# What the lab promises: the idle frame rate, 1.3 times a bare page, 500 KB.
MOST_GAP, MOST_REPAINT, MOST_BYTES = 1.2, 1.3, 500_000

_ONLY_PLANE = ".stColumn .lab-chart { display: none } .stColumn:first-of-type [class*='dc-plane'] .lab-chart { display: block }"
_NO_SURFACE = "[class*='dc-surface'] { display: none }"
_SCENES = (
    ("one flat chart", "", _ONLY_PLANE),
    ("all flat charts", "", _NO_SURFACE),
    ("all flat charts, three penalties", "?dc_overlay=true", _NO_SURFACE),
    ("blended contours", "?dc_contours=objective&dc_overlay=true", _NO_SURFACE),
    ("everything, 3-D in view", "?dc_contours=objective", ""),
)

# The lines of the loss: a path of Plotly's on the bare page, on the lab's the moving layer's list, which is written anew when the chart is
# drawn anew. Either way the next frame shows it.
_WATCH = """
() => {
  const chart = document.querySelector('.lab-chart');
  const paths = () => [...document.querySelectorAll('.contourlayer path')].map((path) => path.getAttribute('d')).join('');
  const lines = () => chart ? chart.dataset.drawn : paths();
  window.repaint = new Promise((done) => {
    document.addEventListener('pointerup', () => {
      const start = performance.now(), before = lines();
      const look = () => {
        const now = lines();
        if (now && now !== before) requestAnimationFrame(() => done(performance.now() - start));
        else if (performance.now() - start < 15000) requestAnimationFrame(look);
        else done(NaN);
      };
      look();
    }, { once: true, capture: true });
  });
}
"""


def frames(chromium: Browser, url: str) -> bool:
    """Print frame gaps while dragging beside the idle page's; return whether the promise is kept."""
    print(f"\n{'dragging the scrub, one event a frame':42}{'idle ms':>9}{'drag ms':>9}{'p95 ms':>9}{'ratio':>7}{'sent':>6}")
    kept = True
    for name, query, style in _SCENES:
        page = chromium.new_page(viewport={"width": 1280, "height": 900 if style else 1800})
        messages = count_messages(page)
        visit(page, f"{url}/{LAB}{query}", 4)
        if style:
            page.add_style_tag(content=style)
        else:
            surface_settled(page)
        page.wait_for_timeout(1500)
        rest, sent = idle(page), messages["sent"]
        gaps = drag(page, release=False)
        ratio = median(gaps) / median(rest)
        kept &= ratio <= MOST_GAP or not style
        print(f"{name:42}{median(rest):9.1f}{median(gaps):9.1f}{quantiles(gaps, n=20)[-1]:9.1f}{ratio:7.2f}{messages['sent'] - sent:6d}")
        page.close()
    return kept


def release(page: Page, slider: str, share: float) -> float:
    """Move a slider's thumb by hand to ``share`` of its track; return the milliseconds from letting go to the repaint."""
    track = page.locator(slider)
    track.scroll_into_view_if_needed()
    box = track.bounding_box()
    if box is None:
        raise RuntimeError(f"no slider at {slider}")
    page.evaluate(_WATCH)
    page.mouse.move(box["x"] + box["width"] * share, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.up()
    took: float = page.evaluate("window.repaint")
    page.wait_for_selector(READY)
    page.wait_for_timeout(700)
    return took


def repaints(chromium: Browser, url: str, bare_url: str) -> bool:
    """Print the time from a control's release to the repaint, in turns with a bare page; return whether the promise is kept."""
    ours, bare = chromium.new_page(viewport={"width": 1280, "height": 900}), chromium.new_page(viewport={"width": 1280, "height": 900})
    visit(ours, f"{url}/{LAB}", 4)
    surface_settled(ours)
    bare.goto(bare_url)
    bare.wait_for_selector(".contourlayer path")
    times: dict[str, list[float]] = {"lab": [], "bare": []}
    for i in range(REPEATS + 2):
        share = 0.2 + 0.6 * ((7 * i) % (REPEATS + 2)) / (REPEATS + 2)
        pair = (release(ours, ".st-key-dc_tilt [role=group] > div", share), release(bare, "[data-testid=stSlider] [role=group] > div", share))
        if i >= 2:
            times["lab"].append(pair[0])
            times["bare"].append(pair[1])
    ratio = median(times["lab"]) / median(times["bare"])
    print(f"\n{'release to repaint':42}{'median ms':>10}{'min':>8}{'max':>8}")
    for name, label in (("lab", "the lab: four views, tilt slider"), ("bare", "bare page: one st.plotly_chart, one slider")):
        print(f"{label:42}{median(times[name]):10.0f}{min(times[name]):8.0f}{max(times[name]):8.0f}")
    print(f"{'ratio of medians':42}{ratio:10.2f}")
    ours.close()
    bare.close()
    return ratio <= MOST_REPAINT


def weight(chromium: Browser, url: str) -> bool:
    """Print what the lab sends beyond an empty page and the Plotly bundle; return whether the promise is kept."""
    print(f"\n{'first load, KB':42}{'websocket':>10}{'our assets':>11}{'sum':>8}")
    kept = True
    for query in ("", "?dc_overlay=true&dc_penalty=elastic_net&dc_contours=objective"):
        page = chromium.new_page()
        bodies: dict[str, int] = {}
        page.on(
            "response", lambda response, bodies=bodies: bodies.setdefault(response.url, len(response.body())) if "/lab/" in response.url else None
        )
        messages = count_messages(page)
        visit(page, f"{url}/{LAB}{query}", 4)
        surface_settled(page)
        assets = sum(size for address, size in bodies.items() if "plotly" not in address)
        total = messages["received_bytes"] + assets
        kept &= total <= MOST_BYTES
        print(f"{query or 'as it opens':42.42}{messages['received_bytes'] / 1e3:10.0f}{assets / 1e3:11.0f}{total / 1e3:8.0f}")
        page.close()
    return kept


def main() -> int:
    """Run all three; return 1 where a promise is broken."""
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", "benchmarks/bare_page.py", "--server.address", "127.0.0.1", "--server.port", str(port)]
    with running() as url, started(command, {}, f"http://127.0.0.1:{port}") as (_, bare_url), browser() as chromium:
        kept = [frames(chromium, url), repaints(chromium, url, bare_url), weight(chromium, url)]
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
