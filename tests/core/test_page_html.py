"""A page as one file: whole, well-formed, asking nobody for anything, and arranged so that a scrub stands over what it moves."""

import base64
import gzip
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from core.errors import InvalidInput
from core.export.page_html import Kit, Part, Shown, arranged, page_html, setting_in_words
from core.specs import DiamondCircleSpec
from core.wire import pack
from ui import offline, serving

VOID = {"meta", "br", "img", "input", "link", "hr"}


class Reader(HTMLParser):
    """Reads a file, and notes tags that do not close, texts, and what scripts hold."""

    def __init__(self, html):
        super().__init__()
        self.open, self.wrong, self.scripts, self.texts, self.fetched = [], [], [], [], []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.fetched += [value for name, value in attrs if name in ("src", "href")]
        if tag == "script":
            self.scripts.append((dict(attrs), ""))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)

    def handle_data(self, data):
        if self.open and self.open[-1] == "script":
            self.scripts[-1] = (self.scripts[-1][0], self.scripts[-1][1] + data)
        else:
            self.texts.append(data)


def scrub(key, axis, group="g", heading=""):
    return Part(key, "scrub", heading, pack({"kind": "scrub", "group": group, "axis": {"name": axis, "values": [0, 1]}, "at": 0}))


def chart(key, *axes, group="g", heading="", until=""):
    marks = [{"axes": list(axes), "until": until, "xy": np.zeros((2, 2))}]
    return Part(key, "chart", heading, pack({"kind": "chart", "group": group, "figure": {"axis": "no"}, "marks": marks}))


def page(*parts, title="A page", intro="", address="page", settings=()):
    return Shown(title, intro, parts, address, settings)


def carried(text):
    return gzip.decompress(base64.b64decode(text))


# Names that SVG and its metadata have in a file, which nothing fetches.
NAMESPACES = {"http://www.w3.org/2000/svg", "http://purl.org/dc/elements/1.1/", "http://www.w3.org/1999/02/22-rdf-syntax-ns"}
PARTS = (scrub("s", "lam"), chart("one", "lam", heading="First"), chart("two", "lam", heading="Second"))


def test_the_file_is_well_formed_and_carries_every_message_all_modules_and_plotly_and_asks_for_nothing():
    kit = offline._kit()
    html = page_html(page(*PARTS), kit)
    read = Reader(html)
    assert (read.open, read.wrong, read.fetched) == ([], [], [])
    messages = [carried(text) for attrs, text in read.scripts if attrs.get("type") == "application/gzip" and "id" not in attrs]
    assert messages == [part.message for part in PARTS]
    (bundle,) = [carried(text) for attrs, text in read.scripts if attrs.get("id") == "lab-plotly"]
    assert bundle == serving.bundle_path().read_bytes()
    (found,) = [json.loads(text)["imports"] for attrs, text in read.scripts if attrs.get("type") == "importmap"]
    assert set(found) == {f"lab/{path.name}" for path in (serving.ROOT / "assets" / "plot").glob("*.js")} | {"lab/alone.js"}
    sources = {name: base64.b64decode(address.removeprefix("data:text/javascript;base64,")).decode() for name, address in found.items()}
    for source in sources.values():
        imported = re.findall(r'^(?:import|export\b[^"\n]*\bfrom)\b[^"\n]*"([^"]+)"', source, re.MULTILINE)
        late = re.findall(r'\bimport\("([^"]+)"\)', source)
        assert set(imported + late) <= set(found)
        assert len(late) == len(re.findall(r"\bimport\(", source)), "an import that the map was not made for"
    # Reachable from where it begins, or something would be carried for nothing.
    reached, waiting = set(), ["lab/alone.js"]
    while waiting:
        if (name := waiting.pop()) not in reached:
            reached.add(name)
            waiting += re.findall(r'(?:^import\b[^"\n]*|\bimport\()"([^"]+)"', sources[name], re.MULTILINE)
    assert reached == set(found)
    addresses = set(re.findall(r"(?:https?|wss?)://[\w./-]*", "".join([html, *sources.values()])))
    assert addresses <= NAMESPACES
    assert 1_500_000 < len(html) < 2_500_000
    assert "default-src 'none'" in html


def test_both_schemes_have_every_variable_that_modules_and_styles_read():
    kit = offline._kit()
    used = set(re.findall(r"--st-([a-z-]+)", kit.styles + "".join(kit.modules.values())))
    assert used <= set(kit.theme)
    html = page_html(page(*PARTS), kit)
    light, dark = re.search(r":root\{(--st-[^}]*)\}@media \(prefers-color-scheme: dark\)\{:root\{([^}]*)\}\}", html).groups()
    assert [re.findall(r"(--st-[a-z-]+):", each) for each in (light, dark)] == [[f"--st-{name}" for name in kit.theme]] * 2
    assert "--law-l1:light-dark(" in html
    assert "undefined" not in light + dark
    assert "None" not in light + dark


def test_equal_pages_are_equal_files():
    kit = offline._kit()
    assert page_html(page(*PARTS), kit) == page_html(page(*PARTS), kit)


def test_words_from_outside_stay_words():
    kit = Kit({"alone.js": ""}, b"", "", {})
    evil = "<script>alert(1)</script>"
    html = page_html(page(title=evil, address=evil, settings=[(evil, evil)]), kit)
    assert evil not in html
    assert html.count("&lt;script&gt;") == 5


def test_the_introduction_keeps_its_emphasis_and_its_colours():
    kit = Kit({"alone.js": ""}, b"", "", {})
    html = page_html(page(intro='**Drag λ** until *one* is `a < b`: <span class="law-l1">L1</span>'), kit)
    assert '<strong>Drag λ</strong> until <em>one</em> is <code>a &lt; b</code>: <span class="law-l1">L1</span>' in html


def test_a_module_that_is_missing_is_named():
    with pytest.raises(InvalidInput, match=r"other\.js"):
        page_html(page(), Kit({"alone.js": 'import { a } from "../plot/other.js";'}, b"", "", {}))


def test_a_scrub_stands_before_the_first_block_that_follows_it_and_a_heading_of_its_own_goes_with_it():
    parts = (
        scrub("late", "r", heading="Twins"),
        scrub("early", "lam"),
        scrub("other", "r", group="h"),
        chart("a", "lam", heading="A"),
        chart("b", heading="B", until="lam"),
        chart("c", "lam", "r", heading="C"),
        chart("d", "r", group="h", heading="D"),
        scrub("idle", "nothing"),
    )
    sections = [(s.title, [p.key for p in s.scrubs], [b.heading for b in s.blocks]) for s in arranged(parts)]
    assert sections == [("", ["early", "idle"], ["A", "B"]), ("Twins", ["late"], ["C"]), ("", ["other"], ["D"])]


def test_what_stands_before_the_first_scrub_shares_its_section():
    (section,) = arranged([scrub("s", "lam"), chart("still", heading="Still"), chart("moved", "lam", heading="Moved")])
    assert ([part.key for part in section.scrubs], [block.heading for block in section.blocks]) == (["s"], ["Still", "Moved"])


def test_nothing_is_lost_where_there_is_only_a_scrub():
    assert [[part.key for part in section.scrubs] for section in arranged([scrub("s", "lam")])] == [["s"]]


def test_settings_are_said_as_their_controls_show_them():
    knobs = DiamondCircleSpec.knobs()
    assert setting_in_words(knobs["penalty"], "l1") == dict(knobs["penalty"].options)["l1"]
    assert setting_in_words(knobs["overlay"], True) == "on"
    assert setting_in_words(knobs["overlay"], False) == "off"
    assert setting_in_words(knobs["tilt"], -30.0) == "−30°"
