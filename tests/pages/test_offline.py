"""What each lab gives to take along: a file with all that it shows, under its headings, in the order of the page."""

import base64
import gzip
import re
from html import unescape

import pytest
import streamlit as st

from tests.browser.driving import DRAWN
from tests.pages.harness import Drawn, open_page, problems, unpack
from ui import plot

LABEL = "This page as a file"
WITHOUT = ("home", "training", "cheat_sheet")


@pytest.fixture
def offered(monkeypatch):
    """Label -> (what makes the file, its name) of the download buttons of the last run."""
    found, real = {}, st.download_button

    def button(label, data, file_name, *rest, **further):
        found[label] = (data, file_name)
        return real(label, data, file_name, *rest, **further)

    monkeypatch.setattr(st, "download_button", button)
    return found


def views(html):
    """Return key -> message of a file, in its order."""
    found = re.findall(r'data-key="([^"]+)"><script type="application/gzip">([^<]*)<', html)
    return {key: gzip.decompress(base64.b64decode(packed)) for key, packed in found}


def headings(html):
    return [unescape(text) for text in re.findall(r"<h2>(.*?)</h2>", html)]


def same(one, other):
    return plot.pack(one) == plot.pack(other)


@pytest.mark.parametrize("lab", [lab for lab in DRAWN if lab != "training"])
def test_a_lab_offers_a_file_that_has_every_message_of_it(drawn: Drawn, offered, lab):
    app = open_page(lab)
    assert problems(app) == []
    make, name = offered[LABEL]
    assert name == f"{lab}.html"
    html = make()
    carried = {key: unpack(message) for key, message in views(html).items()}
    shown = {key: message for key, message in drawn.items() if message["kind"] in ("chart", "scrub", "readouts", "table", "hand")}
    assert set(carried) == set(shown)
    assert all(same(carried[key], shown[key]) for key in shown)
    # What a hand moves is there, and each heading over a chart once.
    assert len(set(headings(html))) == len(headings(html)) > 0
    assert f"<h1>{app.title[0].value}</h1>" in html
    assert len(html) < 5_000_000


@pytest.mark.parametrize("place", WITHOUT)
def test_a_page_that_nothing_moves_or_that_the_engine_feeds_offers_none(drawn: Drawn, offered, engine, place):
    assert problems(open_page(place)) == []
    assert LABEL not in offered


def test_the_file_has_the_settings_and_the_link_of_the_page_as_it_stands(drawn: Drawn, offered):
    app = open_page("diamond_and_circle", dc_penalty="l2", dc_lam="1.5")
    html = offered[LABEL][0]()
    assert problems(app) == []
    assert re.search(r"<code[^>]*>diamond_and_circle\?[^<]*dc_penalty=L2[^<]*dc_lam=1\.5", html)
    assert "<dt>Penalty</dt> <dd>L2</dd>" in html
    at = unpack(views(html)["lab-scrub-dc"])
    assert at["at"] == drawn["lab-scrub-dc"]["at"] > 0


def test_the_file_goes_by_the_order_of_the_page_and_not_of_the_script(drawn: Drawn, offered):
    open_page("smoothing_and_curvature")
    html = offered[LABEL][0]()
    keys = list(views(html))
    assert list(drawn).index("sm-penalised") < list(drawn).index("sm-original"), "the page draws first what a hand looks at"
    assert keys.index("lab-scrub-sm") < keys.index("sm-original") < keys.index("sm-penalised")
    assert headings(html)[:2] == ["The loss alone, L", "Loss plus penalty, L + λR"]
    open_page("adam_and_adamw")
    html = offered[LABEL][0]()
    first, second = (html.index(f"<h2>{heading}</h2>") for heading in ("Three rules, three ends", "What the decay takes of each weight"))
    assert first < html.index('data-key="aw-notes"') < second < html.index('data-key="aw-readouts"')


def test_headings_that_are_computed_are_in_the_file(drawn: Drawn, offered):
    open_page("step_by_step")
    assert "As it is: L1 is the straight line" not in headings(offered[LABEL][0]())
    open_page("step_by_step", st_story="alone")
    assert "As it is: L1 is the straight line" in headings(offered[LABEL][0]())
