"""What a hand feels, in a real browser: `python -m benchmarks.interaction`.

Three tables: frame gaps while the scrubs of every lab are dragged and played, and while a hand drags what can be taken hold of on its charts, beside the idle page's; a control's release to repaint, beside a
bare one-slider page with `st.plotly_chart` and the same chart; and what the labs add to an empty page. Everything in one run and one browser,
since times drift between runs. An argument keeps the frame gaps of the labs whose name contains it, and nothing else.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from statistics import median, quantiles

from playwright.sync_api import Browser, Page

from core.optimizers import RULES
from tests.browser.driving import (
    CHARTS,
    LABS,
    READY,
    browser,
    carry,
    count_messages,
    drag,
    film_settled,
    idle,
    member,
    scrub_of,
    surface_settled,
    until,
    visit,
)
from tests.servers import free_port, running, started

LAB = "diamond_and_circle"
REPEATS = 15
# What the lab promises: the idle frame rate, 1.3 times a bare page, 500 KB.
MOST_GAP, MOST_REPAINT, MOST_BYTES = 1.2, 1.3, 500_000
FRAMES = 200


@dataclass(frozen=True)
class Ride:
    """A scrub that is moved by one member a frame, or played, or a handle that is dragged: in which lab, with which settings, along which axis.

    ``style`` hides what is not to be counted, and ``height`` is the window's.
    """

    lab: str
    name: str
    query: str = ""
    axis: str = "lam"
    style: str = ""
    height: int = 900
    play: bool = False
    hand: str = ""


_TALL = 2600  # a window that holds every chart of a lab
_ONLY_PLANE = ".stColumn .lab-chart { display: none } .stColumn:first-of-type [class*='dc-plane'] .lab-chart { display: block }"
_FLAT = {LAB: "[class*='dc-surface'] { display: none }", "smoothing_and_curvature": "[class*='-3d'] { display: none }"}
_ALL_RULES = "&".join(f"rc_{key}=true" for key in RULES)
_RIDES = (
    Ride(LAB, "one flat chart", axis="t", style=_ONLY_PLANE),
    Ride(LAB, "all flat charts", axis="t", style=_FLAT[LAB]),
    Ride(LAB, "all flat charts, three penalties", "?dc_overlay=true", "t", _FLAT[LAB]),
    Ride(LAB, "blended contours", "?dc_contours=objective&dc_overlay=true", "t", _FLAT[LAB]),
    Ride(LAB, "everything, 3-D in view", "?dc_contours=objective", "t", height=1800),
    Ride("smoothing_and_curvature", "λ, as it opens", style=_FLAT["smoothing_and_curvature"]),
    Ride("smoothing_and_curvature", "λ, every flat chart in sight", style=_FLAT["smoothing_and_curvature"], height=_TALL),
    Ride("smoothing_and_curvature", "λ, Rosenbrock", "?sm_surface=rosenbrock", style=_FLAT["smoothing_and_curvature"], height=_TALL),
    Ride("smoothing_and_curvature", "everything, 3-D in view", height=_TALL),
    Ride("step_by_step", "step, 60 rows, elastic net too", "?st_steps=60&st_elastic=true", "step"),
    Ride("step_by_step", "step, three ways, 200 rows", "?st_story=zero&st_length=200", "step"),
    Ride("step_by_step", "the same, played", "?st_story=zero&st_length=200&st_step=0", "step", play=True),
    Ride("optimizer_race", "λ, eight rules, at the end", f"?{_ALL_RULES}&rc_step=200"),
    Ride("optimizer_race", "λ, eight rules, every chart in sight", f"?{_ALL_RULES}&rc_step=200", height=_TALL),
    Ride("optimizer_race", "step, eight rules", f"?{_ALL_RULES}&rc_lam=1", "step"),
    Ride("optimizer_race", "step, eight rules, 400 gradients", f"?{_ALL_RULES}&rc_lam=1&rc_steps=400", "step", height=_TALL),
    Ride("optimizer_race", "eight rules, played", f"?{_ALL_RULES}&rc_lam=1", "step", play=True),
    Ride("adam_and_adamw", "λ, at the end", "?aw_step=6000"),
    Ride("adam_and_adamw", "λ, every chart in sight", "?aw_step=6000", height=_TALL),
    Ride("adam_and_adamw", "step", "", "step"),
    Ride("adam_and_adamw", "played", "?aw_step=0", "step", play=True),
    # At the last epoch the film is computed before it is dragged; from epoch 1 it does not play by itself, and is computed while it plays.
    Ride("training", "epoch, sixteen networks", "?tn_epoch=400", "epoch"),
    Ride("training", "λ, sixteen networks, every chart in sight", "?tn_epoch=400", "member", height=_TALL),
    Ride("training", "epoch, a race of seven rules", "?tn_axis=rule&tn_epochs=200&tn_epoch=200", "epoch", height=_TALL),
    Ride("training", "played while it is computed", "?tn_epoch=1", "epoch", play=True),
    Ride("dropout", "p, as it opens", axis="p"),
    Ride("dropout", "p, every chart in sight", axis="p", height=_TALL),
    Ride("dropout", "batches, played", "?do_batch=1", "batch", play=True),
    Ride("batch_norm", "learning rate, as it opens", axis="at_rate"),
    Ride("batch_norm", "rate of the maps, every chart in sight", axis="map_rate", height=_TALL),
    Ride("flat_and_sharp_minima", "common loss, as it opens", axis="level"),
    Ride("flat_and_sharp_minima", "λ of the minima, every chart in sight", axis="lam", height=_TALL),
    Ride("flat_and_sharp_minima", "factor of the rescaling", axis="factor", height=_TALL),
    Ride(LAB, "minimum in a hand, all flat charts", style=_FLAT[LAB], hand="centre"),
    Ride(LAB, "flat axis in a hand, three penalties, blended contours", "?dc_contours=objective&dc_overlay=true", style=_FLAT[LAB], hand="flat"),
    Ride(LAB, "minimum in a hand, 3-D in view", height=1800, hand="centre"),
    Ride("smoothing_and_curvature", "point in a hand, every flat chart", style=_FLAT["smoothing_and_curvature"], height=_TALL, hand="point"),
    Ride("optimizer_race", "start in a hand, three rules, every chart", height=_TALL, hand="start"),
    Ride("optimizer_race", "start in a hand, eight rules, 400 gradients", f"?{_ALL_RULES}&rc_steps=400&rc_step=400", height=_TALL, hand="start"),
    Ride("optimizer_race", "start in a hand, a loss of real data", "?rc_surface=logistic_regression", height=_TALL, hand="start"),
    Ride("priors_and_map", "point in a hand, as it opens", hand="point2"),
    Ride("priors_and_map", "point in a hand, every chart in sight", height=_TALL, hand="point2"),
)
_HEAVIER = {
    LAB: "?dc_overlay=true&dc_penalty=elastic_net&dc_contours=objective",
    "optimizer_race": f"?{_ALL_RULES}",
}

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


def frames(chromium: Browser, url: str, only: str = "") -> bool:
    """Print frame gaps while a scrub moves beside the idle page's; return whether the promise is kept."""
    print(f"\n{'a scrub moves, one member a frame':64}{'idle ms':>9}{'drag ms':>9}{'p95 ms':>9}{'ratio':>7}{'sent':>6}")
    kept = True
    for ride in _RIDES:
        if only not in ride.lab:
            continue
        page = chromium.new_page(viewport={"width": 1280, "height": ride.height})
        messages = count_messages(page)
        visit(page, f"{url}/{ride.lab}{ride.query}", CHARTS[ride.lab])
        film_settled(page)
        if ride.style:
            page.add_style_tag(content=ride.style)
        else:
            surface_settled(page)
        page.wait_for_timeout(1500)
        rest, sent = idle(page), messages["sent"]
        gaps = carried(page, ride.hand) if ride.hand else played(page, ride.axis) if ride.play else swept(page, ride.axis)
        ratio, spoke = median(gaps) / median(rest), messages["sent"] - sent
        kept &= not spoke and ratio <= MOST_GAP
        print(f"{ride.lab + ': ' + ride.name:64.64}{median(rest):9.1f}{median(gaps):9.1f}{quantiles(gaps, n=20)[-1]:9.1f}{ratio:7.2f}{spoke:6d}")
        page.close()
    return kept


def swept(page: Page, axis: str) -> list[float]:
    """Drag a scrub from end to end, by at least one member a frame, until there are enough frames; return the gaps between them."""
    last, gaps = int(scrub_of(page, axis).get_attribute("max") or 0), list[float]()
    while len(gaps) < FRAMES:
        gaps += drag(page, steps=min(last, FRAMES), release=False, axis=axis)
    return gaps


def carried(page: Page, handle: str) -> list[float]:
    """Take hold of a handle and move it about; return the gaps between frames."""
    return carry(page, handle, [(70 * math.sin(i / 12), 50 * math.sin(i / 7)) for i in range(FRAMES)], release=False)


def played(page: Page, axis: str) -> list[float]:
    """Play an axis; return the gaps between frames while the film runs."""
    start = member(page, axis)
    page.locator(f'.lab-scrub[data-axis="{axis}"]').get_by_role("button", name="Play", exact=True).click()
    until(lambda: member(page, axis) > start, page=page)
    gaps = idle(page, FRAMES)
    if page.get_by_role("button", name="Pause", exact=True).count() == 0:
        raise RuntimeError(f"the film along {axis} was over before it was measured")
    return gaps


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
    """Print what the labs send beyond an empty page and the Plotly bundle; return whether the first one keeps its promise."""
    print(f"\n{'first load, KB':64}{'websocket':>10}{'our assets':>11}{'sum':>8}")
    kept = True
    for lab, query in [(lab, "") for lab in LABS] + list(_HEAVIER.items()):
        page = chromium.new_page()
        bodies: dict[str, int] = {}
        page.on(
            "response", lambda response, bodies=bodies: bodies.setdefault(response.url, len(response.body())) if "/lab/" in response.url else None
        )
        messages = count_messages(page)
        visit(page, f"{url}/{lab}{query}", CHARTS[lab])
        surface_settled(page)
        assets = sum(size for address, size in bodies.items() if "plotly" not in address)
        total = messages["received_bytes"] + assets
        kept &= total <= MOST_BYTES or lab != LAB
        print(f"{lab + query:64.64}{messages['received_bytes'] / 1e3:10.0f}{assets / 1e3:11.0f}{total / 1e3:8.0f}")
        page.close()
    return kept


def main(only: str = "") -> int:
    """Run all three, or frame gaps alone for the labs that ``only`` names; return 1 where a promise is broken."""
    if only:
        with running() as url, browser() as chromium:
            return 0 if frames(chromium, url, only) else 1
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", "benchmarks/bare_page.py", "--server.address", "127.0.0.1", "--server.port", str(port)]
    with running() as url, started(command, {}, f"http://127.0.0.1:{port}") as (_, bare_url), browser() as chromium:
        kept = [frames(chromium, url), repaints(chromium, url, bare_url), weight(chromium, url)]
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
