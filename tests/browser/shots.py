"""Screenshots of every page at 390, 1280 and 1920 px, light and dark, into build/shots: `make shots`, then look at them."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.browser.driving import CHARTS, LABS, browser, surface_settled, visit
from tests.servers import running

ROOT = Path(__file__).resolve().parent.parent.parent
PLACES = {
    "home": "",
    **{lab: lab for lab in LABS},
    "diamond_overlay_budget": "diamond_and_circle?dc_overlay=true&dc_axis=budget&dc_budget=1.6",
    "diamond_data": "diamond_and_circle?dc_data=diabetes+data&dc_contours=loss+%2B+penalty&dc_lam=0.2",
    "diamond_elastic_log": "diamond_and_circle?dc_penalty=Elastic+net&dc_spacing=logarithmic&dc_condition=200&dc_tilt=60&dc_lam=0.3",
    "diamond_bad_link": "diamond_and_circle?dc_tilt=steep&dc_colour=red",
}


def main(only: str = "") -> None:
    """Take every screenshot, full height; ``only`` keeps those whose name contains it."""
    folder = ROOT / "build" / "shots"
    folder.mkdir(parents=True, exist_ok=True)
    with running() as url, browser() as chromium:
        for width in (390, 1280, 1920):
            for scheme in ("light", "dark"):
                context = chromium.new_context(viewport={"width": width, "height": 1000}, color_scheme=scheme)  # type: ignore[arg-type]
                page = context.new_page()
                for name, place in PLACES.items():
                    if only and only not in f"{name}-{width}-{scheme}":
                        continue
                    lab = place.partition("?")[0]
                    visit(page, f"{url}/{place}", CHARTS.get(lab, 0))
                    height = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
                    page.set_viewport_size({"width": width, "height": min(max(height + 40, 700), 8000)})
                    page.wait_for_timeout(1200)
                    surface_settled(page)
                    page.screenshot(path=folder / f"{name}-{width}-{scheme}.png")
                    page.set_viewport_size({"width": width, "height": 1000})
                context.close()
    print(f"{len(list(folder.glob('*.png')))} pictures in {folder}")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "")
