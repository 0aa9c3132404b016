"""Links that earlier versions have made, stored as they were then: each still opens with the values it was made for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core.knobs import Spec
from core.specs import LABS, StepByStepSpec
from tests.pages.harness import opened
from ui import links
from ui.links import canonical

STORED = json.loads((Path(__file__).parent / "stored_links.json").read_text(encoding="utf-8"))


def followed(page: str, query: str, monkeypatch: pytest.MonkeyPatch) -> tuple[Spec, list[str]]:
    """Return the spec that a page has when a link is opened as a browser does, and its notices."""
    app, spec = opened(page, canonical(query), monkeypatch)
    return spec, [each.value for each in app.warning if "cannot be used" in each.value]


@pytest.mark.parametrize("link", STORED, ids=lambda link: f"{link['page']}?{link['query']}"[:100])
def test_a_link_that_an_earlier_version_made_opens_with_its_values(link: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    spec, notices = followed(link["page"], link["query"], monkeypatch)
    assert notices == []
    assert type(spec) is LABS[link["page"]]
    assert {name: getattr(spec, name) for name in link["values"]} == link["values"]


def test_the_stored_set_has_links_of_every_lab():
    dragged = set(LABS) - {"claims_on_trial", "cheat_sheet"}
    assert {link["page"] for link in STORED} == dragged
    assert len({link["query"] for link in STORED}) == len(STORED) >= 40


def test_a_key_that_has_been_renamed_keeps_working(monkeypatch: pytest.MonkeyPatch) -> None:
    """A schema change for the sake of this test: the rate is said to have been called ``eta`` once."""
    monkeypatch.setattr(StepByStepSpec, "former", {"eta": "rate"})
    for cached in (links._keys, links._knobs):
        cached.cache_clear()
    try:
        assert canonical("st_eta=0.5&st_steps=9&st_v=1") == "st_rate=0.5&st_steps=9&st_v=1"
        assert canonical("st_eta=0.5&st_rate=0.7") == "st_eta=0.5&st_rate=0.7", "two settings of one field are the page's to judge"
        spec, notices = followed("step_by_step", "st_eta=0.5&st_steps=9", monkeypatch)
        assert notices == []
        assert (spec.rate, spec.steps) == (0.5, 9.0)  # type: ignore[attr-defined]
        monkeypatch.setattr(StepByStepSpec, "former", {})
        links._keys.cache_clear()
        spec, notices = followed("step_by_step", "st_eta=0.5&st_steps=9", monkeypatch)
        assert "`st_eta` is no setting of this lab" in notices[0]
    finally:
        links._keys.cache_clear()


def test_every_former_key_names_a_field_of_today():
    for spec in LABS.values():
        assert set(spec.former.values()) <= set(spec.knobs())
        assert not {f"{spec.prefix}_{key}" for key in spec.former} & {spec.url_key(name) for name in spec.knobs()}
