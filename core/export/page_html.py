"""A page of the lab as one HTML file that needs no network: what the page mounts, the modules that draw it, and Plotly.

The modules are the app's own. A browser finds one from within another by name through an import map, since an address that is relative to another
module means nothing inside one file. Messages and Plotly are base64 of gzip, which today's browsers unpack themselves.
"""

from __future__ import annotations

import base64
import gzip
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

from core import wire
from core.errors import InvalidInput
from core.figures.palette import stylesheet
from core.knobs import Knob, Value
from core.wording import plain

_ENTRY = "alone.js"
# import { a } from "./b.js", import "./b.js", export ... from "../plot/b.js", import("./b.js")
_IMPORT = re.compile(r'(^(?:import|export)\b[^"\n]*|\bimport\()"\.{1,2}/(?:\w+/)*(\w+\.js)"', re.MULTILINE)
# Nothing is fetched from anywhere, whatever the file holds: only what it carries is run and shown.
_POLICY = "default-src 'none'; script-src 'unsafe-inline' data: blob:; style-src 'unsafe-inline'; img-src data: blob:; font-src data:"
_MARKS = ((re.compile(r"\*\*(.+?)\*\*", re.DOTALL), r"<strong>\1</strong>"), (re.compile(r"\*(.+?)\*", re.DOTALL), r"<em>\1</em>"))
_CODE = re.compile(r"`([^`]+)`")


@dataclass(frozen=True)
class Part:
    """One thing that a page mounts.

    Parameters
    ----------
    key:
        Its key on the page.
    kind:
        ``"chart"``, ``"scrub"``, ``"readouts"`` or ``"table"``.
    heading:
        The heading that it stands under; "" for none.
    message:
        The bytes that the component is given.
    """

    key: str
    kind: str
    heading: str
    message: bytes


@dataclass(frozen=True)
class Shown:
    """A page as it stands.

    Parameters
    ----------
    title:
        What the page is called.
    intro:
        Its first sentences, in Markdown with our own spans; not a stranger's.
    parts:
        What it mounts, in the order of the page.
    address:
        The link to it with these settings, relative to the lab's root.
    settings:
        (label, value) of the settings that it shows, in words.
    """

    title: str
    intro: str
    parts: Sequence[Part]
    address: str
    settings: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Kit:
    """What draws a page.

    Parameters
    ----------
    modules:
        File name -> source of the component's modules and of ``alone.js``, which begins.
    plotly:
        The Plotly bundle, gzipped.
    styles:
        Style sheets, joined.
    theme:
        Name of a theme's variable, e.g. ``"text-color"`` -> its colour on light and on dark.
    """

    modules: Mapping[str, str]
    plotly: bytes
    styles: str
    theme: Mapping[str, tuple[str, str]]


def page_html(shown: Shown, kit: Kit) -> str:
    """Return the file.

    Raises
    ------
    InvalidInput
        Where a module imports one that is not in the kit.
    """
    settings = f"<p>The settings when it was saved:</p>{settings_html(shown.settings)}" if shown.settings else ""
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<title>{escape(shown.title)} · Regularization Lab</title>
<style>{_theme(kit.theme)}{stylesheet()}
{kit.styles}</style>
<script type="importmap">{_import_map(kit.modules)}</script>
</head>
<body>
<main>
<h1>{escape(shown.title)}</h1>
<p class="intro">{_prose(shown.intro)}</p>
<p id="lab-wait">Nothing is drawn yet. That takes a moment; a browser from before 2023, or one without scripts, cannot.</p>
{"".join(_section(section) for section in arranged(shown.parts))}</main>
<footer>
<p>A page of the Regularization Lab, saved as it stood: what is on it moves without a network.
A click that sets a point, and what has to be computed for it, need the lab, where this page is
<code class="lab-address">{escape(shown.address)}</code>.</p>
{settings}
</footer>
<script type="application/gzip" id="lab-plotly">{_ascii(kit.plotly)}</script>
<script type="module">import "lab/{_ENTRY}";</script>
</body>
</html>
"""


def settings_html(settings: Sequence[tuple[str, str]]) -> str:
    """Return settings in words, (label, value) each, as a list that style and modules know; "" where there are none."""
    said = "".join(f"<div><dt>{escape(label)}</dt> <dd>{escape(value)}</dd></div>" for label, value in settings)
    return f'<dl class="lab-settings">{said}</dl>' if said else ""


@dataclass
class Block:
    """A heading with what stands under it."""

    heading: str
    parts: list[Part] = field(default_factory=list)


@dataclass
class Section:
    """Scrubs, and the blocks from the first one that follows them to the next that follows a new one; ``title`` is "" for none."""

    title: str = ""
    scrubs: list[Part] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)


def arranged(parts: Sequence[Part]) -> list[Section]:
    """Return a page's parts in the order of the file: each scrub before the first block in which something follows it.

    So a scrub stays in sight with what it moves, however long the page is. What stands before all scrubs joins the first ones' section, as does
    a scrub that nothing follows.
    """
    blocks: list[Block] = []
    scrubs = [part for part in parts if part.kind == "scrub"]
    moved = {part.key: _moves(part) for part in scrubs}
    first: dict[str, int] = {}
    for part in parts:
        if part.kind == "scrub":
            continue
        if not blocks or blocks[-1].heading != part.heading:
            blocks.append(Block(part.heading))
        blocks[-1].parts.append(part)
        followed = set(_follows(part))
        for key, what in moved.items():
            if what in followed:
                first.setdefault(key, len(blocks) - 1)
    sections = [Section()]
    headings = {block.heading for block in blocks}
    for i, block in enumerate(blocks):
        begun = [part for part in scrubs if first.get(part.key, 0) == i]
        # The heading of a whole section has only its scrub under it.
        title = next((part.heading for part in begun if part.heading not in headings), "")
        if begun and i and (title or sections[-1].scrubs):
            sections.append(Section(title))
        sections[-1].scrubs += begun
        sections[-1].blocks.append(block)
    if not blocks:
        sections[0].scrubs = scrubs
    return sections


def setting_in_words(knob: Knob, value: Value) -> str:
    """Return a setting's value as its control shows it."""
    if knob.kind == "choice":
        return dict(knob.options)[str(value)]
    if isinstance(value, bool):
        return "on" if value else "off"
    return value if isinstance(value, str) else f"{plain(float(value), 6)}{knob.unit}"


def _moves(part: Part) -> tuple[str, str]:
    """Return the group and the axis that a scrub moves."""
    header = wire.header(part.message)
    return header["group"], header["axis"]["name"]


def _follows(part: Part) -> Iterator[tuple[str, str]]:
    """Yield the group with each axis that a view follows."""
    header = wire.header(part.message)
    waiting: list[Any] = [{key: value for key, value in header.items() if key not in ("figure", "inks")}]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            for key, value in node.items():
                if key in ("axis", "until", "stage") and isinstance(value, str):
                    yield header["group"], value
                elif key == "axes":
                    yield from ((header["group"], axis) for axis in value)
                else:
                    waiting.append(value)
        elif isinstance(node, list):
            waiting += [each for each in node if isinstance(each, dict | list)]


def _section(section: Section) -> str:
    title = f"<h2>{escape(section.title)}</h2>\n" if section.title else ""
    scrubs = f'<div class="scrubs">\n{"".join(_view(part) for part in section.scrubs)}</div>\n' if section.scrubs else ""
    return f'<div class="part">\n{title}{scrubs}<div class="blocks">\n{"".join(_block(block) for block in section.blocks)}</div>\n</div>\n'


def _block(block: Block) -> str:
    """Return a block: its charts side by side, each with the numbers and the word of a hand that come after it, then its tables."""
    heading = f"<h2>{escape(block.heading)}</h2>\n" if block.heading else ""
    cells: list[str] = []
    for part in block.parts:
        if part.kind in ("readouts", "hand") and cells:
            cells[-1] += _view(part)
        elif part.kind != "table":
            cells.append(_view(part))
    tables = [_view(part) for part in block.parts if part.kind == "table"]
    kind = "block" + (" wide" if tables or len(cells) > 1 else "") + (" by-three" if cells and len(cells) % 3 == 0 else "")
    side_by_side = f'<div class="cells">\n{"".join(f"<div>{cell}</div>" for cell in cells)}</div>\n' if cells else ""
    return f'<div class="{kind}">\n{heading}{side_by_side}{"".join(tables)}</div>\n'


def _view(part: Part) -> str:
    # Without a time in it: equal pages are equal files.
    packed = _ascii(gzip.compress(part.message, 6, mtime=0))
    where = f'class="lab-view" data-kind="{escape(part.kind)}" data-key="{escape(part.key)}"'
    return f'<div {where}><script type="application/gzip">{packed}</script></div>\n'


def _ascii(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _import_map(modules: Mapping[str, str]) -> str:
    """Return the import map's JSON: ``lab/<file>`` -> the module as a data address."""

    def named(found: re.Match[str]) -> str:
        if found[2] not in modules:
            raise InvalidInput(f"an import of {found[2]}", "one of " + ", ".join(sorted(modules)), "Put the module into the kit.")
        return f'{found[1]}"lab/{found[2]}"'

    sources = {name: _IMPORT.sub(named, source) for name, source in modules.items()}
    return json.dumps({"imports": {f"lab/{name}": f"data:text/javascript;base64,{_ascii(text.encode())}" for name, text in sources.items()}})


def _theme(theme: Mapping[str, tuple[str, str]]) -> str:
    """Return the theme's variables. Not by light-dark(): the modules read a variable's text, which would be that word."""
    light, dark = ("".join(f"--st-{name}:{pair[i]};" for name, pair in theme.items()) for i in (0, 1))
    return f":root{{{light}}}@media (prefers-color-scheme: dark){{:root{{{dark}}}}}"


def _prose(text: str) -> str:
    """Return our own Markdown as HTML: code, bold, emphasis; spans are HTML already."""
    pieces = _CODE.split(text)
    for i, piece in enumerate(pieces):
        if i % 2:
            pieces[i] = f"<code>{escape(piece)}</code>"
    whole = "".join(pieces)
    for pattern, html in _MARKS:
        whole = pattern.sub(html, whole)
    return whole
