"""Every link that the lab shows opens the state that it promises: each is opened, and the spec that the page then has is compared."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

import core.specs
from core.cheat_sheet import guide, starts, tables
from core.claims.catalogue import CLAIMS
from core.knobs import Spec
from core.lessons import STORIES
from core.plans import PLANS
from tests.pages.harness import opened
from ui.links import address, canonical

PRESETS = [preset for name, presets in vars(core.specs).items() if name.endswith("_PRESETS") for preset in presets.values()]


def promised() -> Iterator[Spec]:
    """Yield every state that some link promises, each once."""
    plans = [stop.spec for plan in PLANS for stop in plan.stops]
    claims = [claim.shows for claim in CLAIMS.values()]
    begun = [starts.begin(answers, guide.advise(answers)).shown for answers in core.specs.CHEAT_SHEET_PRESETS.values()]
    stories = [step.spec for steps in STORIES.values() for step in steps]
    yield from dict.fromkeys((*PRESETS, *plans, *claims, *stories, *tables.links(), *guide.links(), *begun))


def named(spec: Spec) -> str:
    """Return a test's name for a state."""
    return address(spec)[:120]


@pytest.mark.parametrize("spec", list(promised()), ids=named)
def test_a_link_opens_the_state_that_it_promises(spec: Spec, monkeypatch: pytest.MonkeyPatch) -> None:
    page, query = urlsplit(address(spec))[2:4]
    assert canonical(query) == query, "a browser would be sent elsewhere first"
    app, seen = opened(page, query, monkeypatch)
    assert not [each.value for each in app.warning if "defaults are shown" in each.value]
    assert seen == spec
