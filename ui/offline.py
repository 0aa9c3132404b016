"""A lab as one file to take along: what a run of the script shows is noted while it is shown, and made into a file when somebody asks for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import streamlit as st
from streamlit import config

from core.export.page_html import Kit, Part, Shown, page_html
from core.figures.palette import BACKGROUNDS
from core.knobs import Spec
from ui import links, serving

_KEY = "lab-offline"
Place = tuple[int, ...]
"""Where something stands: its number in its container, after that container's own place."""
_FOLDER = serving.ROOT / "assets" / "offline"


@dataclass
class _Run:
    """What has been noted of a run of a page."""

    title: str
    intro: str = ""
    noted: list[tuple[Place, str | Part]] = field(default_factory=list)
    streamed: bool = False
    spec: Spec | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    data: tuple[str, Callable[[], str]] | None = None

    def shown(self) -> Shown:
        """Return all of it, as it goes into a file."""
        address = "" if self.spec is None else links.address(self.spec)
        return Shown(
            self.title,
            self.intro,
            tuple(self.parts()),
            address,
            tuple(self.settings.items()),
            None if self.data is None else (self.data[0], self.data[1]()),
        )

    def parts(self) -> list[Part]:
        """Return what is mounted in the order of the page, which is not that of the script, each under the heading before it."""
        parts: list[Part] = []
        heading = ""
        for _, each in sorted(self.noted, key=lambda entry: entry[0]):
            if isinstance(each, str):
                heading = each
            else:
                parts.append(replace(each, heading=heading))
        return parts


def begin(title: str) -> None:
    """Begin to note what a page shows."""
    st.session_state[_KEY] = _Run(title)


def prose(heading: str, text: str) -> None:
    """Note a heading; without one, the text is the page's introduction."""
    if (run := _run()) is not None:
        if heading:
            run.noted.append((_place(), heading))
        else:
            run.intro = text


def part(kind: str, packed: bytes, key: str) -> None:
    """Note what is mounted; what is mounted again, by itself, stands where it stood."""
    if (run := _run()) is None:
        return
    for i, (place, each) in enumerate(run.noted):
        if isinstance(each, Part) and each.key == key:
            run.noted[i] = (place, Part(key, kind, "", packed))
            return
    run.noted.append((_place(), Part(key, kind, "", packed)))


def streams() -> None:
    """Note that what the page shows comes from the engine while it is looked at: a file would not have it."""
    if (run := _run()) is not None:
        run.streamed = True


def settings(spec: Spec, said: Mapping[str, str]) -> None:
    """Note the page's settings, and those of them that it shows: label -> value in words."""
    if (run := _run()) is not None:
        run.spec, run.settings = spec, said


def carries(name: str, csv: Callable[[], str]) -> None:
    """Note that the page is built on data of the visitor's own, which go into its file: the name under which they are saved, and what writes them."""
    if (run := _run()) is not None:
        run.data = (name, csv)


def spec() -> Spec | None:
    """Return the settings that the page has noted in this run; None before that, and for a page without any."""
    run = _run()
    return None if run is None else run.spec


def state() -> tuple[str, Sequence[tuple[str, str]]] | None:
    """Return the address of the page as it stands, relative to the lab's root, and its settings in words; None where it has none."""
    run = _run()
    return None if run is None or run.spec is None else (links.address(run.spec), tuple(run.settings.items()))


def offer() -> None:
    """Show the button that saves the page, where there is something on it that a hand can move without the engine."""
    run, known = _run(), state()
    if run is None or run.spec is None or known is None or run.streamed:
        return
    if not any(isinstance(each, Part) and each.kind == "scrub" for _, each in run.noted):
        return
    # What a scrub has moved since then is in the run's notes too, so they are read when the button is pressed.
    address = known[0]
    st.download_button(
        "This page as a file",
        lambda: page_html(run.shown(), _kit()),
        f"{address.partition('?')[0]}.html",
        "text/html",
        key=f"{run.spec.prefix}-offline",
        help="One HTML file of about 3 MB that any browser opens without a network: charts, sliders, tables and numbers move as they do here."
        + (" **Your data are in it**: whoever you give it to has them." if run.data else ""),
        icon=":material/download:",
        on_click="ignore",
    )


def _run() -> _Run | None:
    run = st.session_state.get(_KEY)
    return run if isinstance(run, _Run) else None


def _place() -> Place:
    """Return where what is shown next will stand. Streamlit has no public word for it; a test of this pinned version sees that it says the truth."""
    cursor = st._main._active_dg._cursor
    return () if cursor is None else tuple(cursor.delta_path)


def _kit() -> Kit:
    primary = tuple(str(config.get_option(f"theme.{scheme}.primaryColor")) for scheme in ("light", "dark"))
    text = tuple(str(config.get_option(f"theme.{scheme}.textColor")) for scheme in ("light", "dark"))
    (paper, shade), (paper_dark, shade_dark) = BACKGROUNDS["light"], BACKGROUNDS["dark"]
    line = "color-mix(in srgb, var(--st-text-color) 20%, transparent)"
    return Kit(
        modules=serving.modules() | {"alone.js": (_FOLDER / "alone.js").read_text(encoding="utf-8")},
        plotly=serving.squeezed("plotly.min.js"),
        styles=serving.text("style.css") + serving.text("print.css") + (_FOLDER / "page.css").read_text(encoding="utf-8"),
        theme={
            "primary-color": (primary[0], primary[1]),
            "text-color": (text[0], text[1]),
            "background-color": (paper, paper_dark),
            "secondary-background-color": (shade, shade_dark),
            "border-color": (line, line),
        },
    )
