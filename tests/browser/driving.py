"""What browser tests, benchmarks and screenshots do with a page: open it, wait until it is drawn, drag its scrub, count its messages."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal

from playwright.sync_api import Browser, Locator, Page, sync_playwright

from tests.browser import chromium

READY = "[data-testid=stApp][data-test-connection-state=CONNECTED][data-test-script-state=notRunning]"
LABS = (
    "diamond_and_circle",
    "smoothing_and_curvature",
    "shrinkage_paths",
    "step_by_step",
    "optimizer_race",
    "adam_and_adamw",
    "training",
    "dropout",
    "batch_norm",
    "flat_and_sharp_minima",
    "right_mix",
    "priors_and_map",
    "bias_and_variance",
    "claims_on_trial",
    "cheat_sheet",
    "class_room",
)
CHARTS = {
    "diamond_and_circle": 4,
    "smoothing_and_curvature": 7,
    "shrinkage_paths": 7,
    "step_by_step": 2,
    "optimizer_race": 4,
    "adam_and_adamw": 6,
    "training": 6,
    "dropout": 21,
    "batch_norm": 19,
    "flat_and_sharp_minima": 11,
    "right_mix": 11,
    "priors_and_map": 9,
    "bias_and_variance": 6,
    "claims_on_trial": 1,
    "cheat_sheet": 0,
    "class_room": 0,
}
SHEETS = ("claims_on_trial", "cheat_sheet", "class_room")
"""Pages that are read: nothing on them is dragged."""
DRAWN = tuple(lab for lab in LABS if lab not in SHEETS)
"""The labs with charts and something to drag."""


@contextmanager
def browser() -> Iterator[Browser]:
    """Start a headless Chromium."""
    with sync_playwright() as play:
        started = play.chromium.launch(executable_path=chromium.executable(), args=list(chromium.FLAGS))
        try:
            yield started
        finally:
            started.close()


def visit(page: Page, url: str, charts: int = 0) -> None:
    """Open an address and wait until the script rests and ``charts`` charts are drawn."""
    page.goto(url)
    settle(page, charts)


def settle(page: Page, charts: int = 0) -> None:
    """Wait until the script rests and at least ``charts`` charts are drawn."""
    page.wait_for_selector(READY, timeout=90_000)
    page.wait_for_function("n => document.querySelectorAll('.lab-chart[data-drawn]').length >= n", arg=charts, timeout=90_000)


def surface_settled(page: Page) -> None:
    """Wait until every 3-D view shows the position of the scrub that it follows."""
    page.wait_for_function(
        """() => [...document.querySelectorAll('.lab-chart[data-surface]')]
            .every(c => c.dataset.surface === (document.querySelector(`.lab-scrub[data-axis="${c.dataset.surfaceAxis}"] input`)?.value ?? "0"))""",
        timeout=90_000,
    )


def film_settled(page: Page) -> None:
    """Wait until a film, where there is one, shows the frame of exactly the epoch where its scrub stands."""
    page.wait_for_function(
        """() => [...document.querySelectorAll('.lab-film')]
            .every((film) => film.dataset.frame === (document.querySelector('.lab-scrub[data-axis="epoch"] input')?.value ?? ''))""",
        timeout=90_000,
    )


def calm(page: Page) -> None:
    """Wait until nothing fades or unfolds any more."""
    page.wait_for_function(
        """() => document.getAnimations().every((each) => each.playState !== 'running' || each.effect.getComputedTiming().endTime === Infinity)"""
    )


def wear(page: Page, scheme: Literal["light", "dark"]) -> None:
    """Put a settled page into a colour scheme, as the system does at dusk, and wait until every chart has been drawn in it."""
    turns = "[...document.querySelectorAll('.lab-chart')].map((each) => Number(each.dataset.drawn))"
    before, other = page.evaluate(turns), not page.evaluate("scheme => matchMedia(`(prefers-color-scheme: ${scheme})`).matches", scheme)
    page.emulate_media(color_scheme=scheme)
    if other:
        page.wait_for_function(f"before => {turns}.every((turn, i) => turn > before[i])", arg=before, timeout=90_000)
    page.wait_for_function("scheme => getComputedStyle(document.querySelector('[data-testid=stApp]')).colorScheme === scheme", arg=scheme)
    calm(page)


def quiet(page: Page, counted: dict[str, Any], milliseconds: int = 400) -> None:
    """Wait until no websocket frame has come or gone for a while, longer than a key or a release waits before it commits."""
    before = None
    for _ in range(40):
        now = (counted["sent"], counted["received"])
        if now == before:
            return
        before = now
        page.wait_for_timeout(milliseconds)


def count_messages(page: Page) -> dict[str, Any]:
    """Count what goes over Streamlit's own websocket: ``sent``, ``received``, ``sent_bytes``, ``received_bytes``; attach before `visit`."""
    counted: dict[str, Any] = {"sent": 0, "received": 0, "sent_bytes": 0, "received_bytes": 0, "sent_payloads": []}

    def frames(kind: str) -> Callable[[str | bytes], None]:
        def count(payload: str | bytes) -> None:
            counted[kind] += 1
            counted[f"{kind}_bytes"] += len(payload)
            if kind == "sent":
                counted["sent_payloads"].append(bytes(payload) if isinstance(payload, bytes) else payload.encode())

        return count

    def watch(socket: Any) -> None:
        if "/_stcore/" not in socket.url:
            return  # a run's stream
        socket.on("framesent", frames("sent"))
        socket.on("framereceived", frames("received"))

    page.on("websocket", watch)
    return counted


# Drives the slider from inside the page, one event a frame, and notes the gaps between frames.
_DRAG = """
async ({steps, release, axis}) => {
  const input = document.querySelector(axis ? `.lab-scrub[data-axis="${axis}"] input` : '.lab-scrub input');
  const last = Number(input.max), gaps = [];
  const frame = () => new Promise(requestAnimationFrame);
  let before = await frame();
  for (let i = 0; i <= steps; i++) {
    input.value = Math.round(last * i / steps);
    input.dispatchEvent(new Event('input', {bubbles: true}));
    const now = await frame();
    gaps.push(now - before);
    before = now;
  }
  if (release) input.dispatchEvent(new Event('change', {bubbles: true}));
  return gaps;
}
"""
# Puts a scrub at a member, as a hand does; with `release`, lets go of it.
GO = """([axis, index, release]) => {
  const input = document.querySelector(`.lab-scrub[data-axis="${axis}"] input`);
  input.value = index;
  input.dispatchEvent(new Event('input', {bubbles: true}));
  if (release) input.dispatchEvent(new Event('change', {bubbles: true}));
}"""
_IDLE = """
async (frames) => {
  const gaps = [];
  let before = await new Promise(requestAnimationFrame);
  for (let i = 0; i < frames; i++) {
    const now = await new Promise(requestAnimationFrame);
    gaps.push(now - before);
    before = now;
  }
  return gaps;
}
"""


def drag(page: Page, steps: int = 200, release: bool = True, axis: str = "") -> list[float]:
    """Drag a scrub, the page's first or that of a family axis, across its whole range; return the gaps between frames in milliseconds."""
    gaps: list[float] = page.evaluate(_DRAG, {"steps": steps, "release": release, "axis": axis})
    return gaps


# Takes hold of a handle from inside the page and moves it along a path of pixels from where it stood, one event a frame.
CARRY = """
async ({name, path, release}) => {
  const handle = [...document.querySelectorAll(`[data-handle="${name}"]`)].find((each) => !each.hidden);
  const frame = () => new Promise(requestAnimationFrame), gaps = [];
  if (!handle.carried) handle.scrollIntoView({block: 'center'});
  await frame();
  const box = handle.getBoundingClientRect();
  handle.carried ||= {x: (box.left + box.right) / 2, y: (box.top + box.bottom) / 2, last: [0, 0], fresh: true};
  const {x, y, fresh} = handle.carried;
  const send = (type, [dx, dy]) => handle.dispatchEvent(new PointerEvent(type, {bubbles: true, cancelable: true, pointerId: 1, isPrimary: true,
    button: type === 'pointermove' ? -1 : 0, buttons: 1, clientX: x + dx, clientY: y + dy}));
  if (fresh) send('pointerdown', [0, 0]);
  handle.carried.fresh = false;
  let before = await frame();
  for (const spot of path) {
    send('pointermove', (handle.carried.last = spot));
    const now = await frame();
    gaps.push(now - before);
    before = now;
  }
  if (release) {
    send('pointerup', handle.carried.last);
    handle.carried = undefined;
  }
  return gaps;
}
"""


def carry(page: Page, handle: str, path: Sequence[Sequence[float]], release: bool = True) -> list[float]:
    """Take hold of a handle, move it along ``path``, pixels from where it stood, and let go; return the gaps between frames in milliseconds."""
    gaps: list[float] = page.evaluate(CARRY, {"name": handle, "path": [list(spot) for spot in path], "release": release})
    return gaps


_PATIENT = """() => {
  const real = window.setTimeout.bind(window);
  window.setTimeout = (call, delay, ...rest) => real(call, delay === 250 ? 1500 : delay, ...rest);
}"""


def be_patient(page: Page) -> None:
    """Have keys and clicks commit a second and a half after the last one, not a quarter: a slow machine's pauses between them are then no rest."""
    page.evaluate(_PATIENT)


def scrub_of(page: Page, axis: str) -> Locator:
    """Return the slider of a family axis."""
    return page.locator(f'.lab-scrub[data-axis="{axis}"] input')


def member(page: Page, axis: str) -> int:
    """Return where the scrub of a family axis stands."""
    return int(scrub_of(page, axis).input_value())


def idle(page: Page, frames: int = 200) -> list[float]:
    """Return the gaps between frames of the page at rest, in milliseconds."""
    gaps: list[float] = page.evaluate(_IDLE, frames)
    return gaps


def until(condition: Callable[[], bool], seconds: float = 30.0, page: Page | None = None) -> bool:
    """Wait until ``condition`` holds, at most ``seconds``; return whether it does."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        if page is not None:
            page.wait_for_timeout(50)
        else:
            time.sleep(0.05)
    return condition()
