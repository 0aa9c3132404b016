"""The page "Claims on trial" under AppTest: every claim opens, filters and seeds act, and what is not measured can be, alone or all of it."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from core.claims.catalogue import CLAIMS
from core.claims.choices import COUNT, SOURCES, TOPICS, VERDICTS
from core.claims.trial import Trial
from core.specs import ClaimsSpec
from core.specs.claims import VERDICT_KEYS
from core.studies import shelf
from tests.pages.engine import FakeEngine
from tests.pages.harness import Drawn, assert_full, ends, open_page, problems
from ui.compute.claims import entry, rulings, table_of

PAGE = "claims_on_trial"
KNOBS = ClaimsSpec.knobs()


def opened(app: AppTest) -> list[int]:
    """Return the numbers of the claims that are listed."""
    return [int(button.key.rpartition("-")[2]) for button in app.button if button.key.startswith("cl-open-")]


def text(app: AppTest) -> str:
    return " ".join(each.value for each in app.markdown)


def test_the_first_screen_has_a_claim_open_with_its_verdict_its_numbers_and_its_picture(drawn: Drawn, engine: FakeEngine):
    app = open_page(PAGE)
    assert_full(app, drawn, ["cl-chart"], [], [])
    assert opened(app) == list(CLAIMS)
    assert app.header[0].value == CLAIMS[7].statement
    assert CLAIMS[7].why in text(app)
    assert "| Measured | Result |" in text(app)
    assert engine.studies == []
    assert not any("Measure" in button.label for button in app.button)


def test_there_are_all_claims_of_the_curriculum_and_each_is_shipped():
    assert list(CLAIMS) == list(range(1, COUNT + 1))
    assert all(shelf.shipped(Trial(number)) is not None for number in CLAIMS)
    assert {letter for claim in CLAIMS.values() for letter in claim.source} == set(SOURCES)
    assert {claim.topic for claim in CLAIMS.values()} == set(TOPICS)
    assert {ruling.verdict for ruling in rulings(0).values() if ruling} == set(VERDICTS)


def test_every_claim_opens_by_its_button_and_says_something_of_its_own(drawn: Drawn):
    app = open_page(PAGE)
    alts = {}
    for number in CLAIMS:
        drawn.clear()
        next(button for button in app.button if button.key == f"cl-open-{number}").click().run()
        assert_full(app, drawn, ["cl-chart"], [], [])
        assert app.header[0].value == CLAIMS[number].statement
        assert drawn["cl-chart"]["name"] == f"claim-{number}"
        assert drawn["cl-chart"]["captions"]
        alts[number] = drawn["cl-chart"]["alt"]
        assert len(alts[number]) > 40
    assert len(set(alts.values())) == len(alts)


def test_filters_leave_the_claims_that_they_name_and_the_open_one_stays(drawn: Drawn):
    app = open_page(PAGE)
    found = rulings(0)
    for name in ("source", "topic", "verdict"):
        for value in ends(KNOBS[name]):
            app.session_state[ClaimsSpec.url_key(name)] = value
            app.run()
            assert problems(app) == []
            wanted = [
                number
                for number, claim in CLAIMS.items()
                if value == "all"
                or (name == "source" and value in claim.source)
                or (name == "topic" and value == claim.topic)
                or (name == "verdict" and found[number].verdict == VERDICT_KEYS[value])
            ]
            assert opened(app) == wanted
            assert app.header[0].value == CLAIMS[7].statement
        app.session_state[ClaimsSpec.url_key(name)] = KNOBS[name].default


def test_filters_that_leave_nothing_say_so(drawn: Drawn):
    empty = next((s, t) for s in SOURCES for t in TOPICS if not any(s in claim.source and t == claim.topic for claim in CLAIMS.values()))
    app = open_page(PAGE, cl_source=dict(KNOBS["source"].options)[empty[0]], cl_topic=TOPICS[empty[1]])
    assert problems(app) == []
    assert opened(app) == []
    assert any("Widen" in info.value for info in app.info)


def test_other_seeds_are_measured_on_request_alone_or_all_and_the_shipped_numbers_stay_until_then(drawn: Drawn, engine: FakeEngine):
    app = open_page(PAGE, cl_claim="23", cl_draw="set 3")
    assert problems(app) == []
    assert engine.studies == []
    assert "With the shipped seeds" in text(app)
    assert all("not measured" in button.label for button in app.button if button.key.startswith("cl-open-"))
    app.button(key="cl-trial-measure").click().run()
    assert engine.studies == [Trial(23, 2)]
    assert drawn["cl-trial-progress"]["study"] == Trial(23, 2).id
    engine.studies.clear()
    app = open_page(PAGE, cl_draw="set 3", cl_topic=TOPICS["batch_norm"])
    every = app.button(key="cl-all-measure")
    numbers = [number for number, claim in CLAIMS.items() if claim.topic == "batch_norm"]
    assert f"Measure {len(numbers)} claims" in every.label
    every.click().run()
    assert engine.studies[-2:] == [Trial(number, 2) for number in numbers[:2]]
    assert {"cl-all-0-progress", "cl-all-1-progress"} <= set(drawn)


@pytest.mark.parametrize("number", ["0", "47", "x", "7.4"])
def test_a_link_to_a_claim_that_there_is_none_of_is_named(drawn: Drawn, number: str):
    app = open_page(PAGE, cl_claim=number)
    assert problems(app) == []
    assert app.header[0].value == CLAIMS[7].statement
    assert bool(app.warning) == (number != "7.4"), "a number off its grid is brought to the nearest"


def test_the_table_has_every_quantity_of_every_claim():
    lines = table_of(rulings(0)).decode().strip().splitlines()
    assert len(lines) == 1 + sum(len(claim.quantities) for claim in CLAIMS.values())


def test_a_claim_without_numbers_is_listed_as_such():
    assert "not measured" in entry(23, None)
    assert ":material/help:" in entry(23, None)
