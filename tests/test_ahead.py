"""What is computed ahead is what pages ask for."""

from collections import Counter
from urllib.parse import parse_qsl

import pytest

from tests.pages.harness import open_page, problems
from ui import ahead, kept, links


@pytest.mark.parametrize("lab", range(len(ahead.LABS)))
def test_a_page_that_opens_with_a_preset_computes_none_of_its_charts(lab, monkeypatch):
    presets, functions = ahead.LABS[lab]
    title, spec = [*presets.items()][-1]
    monkeypatch.setattr(ahead, "LABS", (({title: spec}, functions),))
    assert len(set(ahead.everything())) > 1
    computed: Counter[str] = Counter()
    there = kept.lazily.__get__

    def noted(self, instance, owner):
        if instance is not None:
            computed[f"{type(instance).__name__}.{self._name}"] += 1  # only what is not there yet comes here
        return there(self, instance, owner)

    monkeypatch.setattr(kept.lazily, "__get__", noted)
    page, _, query = links.address(spec).partition("?")
    app = open_page(page, **dict(parse_qsl(query)))
    assert problems(app) == []
    assert computed == Counter()


def test_an_error_is_logged_and_is_none_of_the_servers(monkeypatch, caplog):
    def broken(_spec):
        raise ValueError("no such chart")

    monkeypatch.setattr(ahead, "LABS", ((ahead.LABS[0][0], (broken,)),))
    ahead.work()
    assert "computed ahead" in caplog.text
