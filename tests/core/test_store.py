"""What has been measured is kept: it comes back whole or in parts, from any process, and a database that fails costs nothing but the keeping."""

import threading
from pathlib import Path

import numpy as np
import pytest

from core.studies import catalogue, here, shelf, store
from core.studies.parcels import outcome_bytes, outcome_of, part_fields, part_of
from core.studies.shelf import Shelf
from core.studies.store import Store, address
from core.studies.study import Outcome, study_of
from tests.core.small_studies import Ages, Halving


@pytest.fixture(autouse=True)
def small(monkeypatch, tmp_path):
    monkeypatch.setattr(catalogue, "MODULES", ("tests.core.small_studies",))
    monkeypatch.setattr(shelf, "SHIPPED", tmp_path / "shipped")
    for cache in (catalogue.studies, shelf.shipped):
        cache.cache_clear()
    yield
    for cache in (catalogue.studies, shelf.shipped):
        cache.cache_clear()


@pytest.fixture(scope="module")
def found() -> tuple[Outcome, ...]:
    return here.run(Ages())


@pytest.fixture(scope="module")
def searched() -> tuple[Outcome, ...]:
    return here.run(Halving())


def url(folder: Path) -> str:
    return f"sqlite:///{folder / 'deep' / 'down' / 'studies.sqlite'}"


def same(one: Outcome, other: Outcome) -> bool:
    return outcome_bytes(one) == outcome_bytes(other)


def test_what_is_kept_comes_back_to_another_process_bit_for_bit(tmp_path, found):
    held = Store(url(tmp_path))
    assert held.parts(Ages()) == {}
    held.keep(Ages(), 0, 0, found[0])
    other = Store(url(tmp_path))
    assert list(other.parts(Ages())) == [(0, 0)]
    assert same(other.parts(Ages())[0, 0], found[0])
    assert other.whole(Ages()) is None, "half of it is there"
    held.keep(Ages(), 1, 0, found[1])
    assert other.whole(Ages()) is None, "nobody has said that this is all"
    held.close_off(Ages())
    assert all(same(*pair) for pair in zip(other.whole(Ages()), found, strict=True))
    assert other.parts(Ages(epochs=29)) == {}, "other settings have other results"


def test_two_processes_that_find_the_same_keep_it_once(tmp_path, found):
    stores = [Store(url(tmp_path)) for _ in range(4)]
    threads = [threading.Thread(target=each.keep, args=(Ages(), 0, 0, found[0])) for each in stores for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert list(Store(url(tmp_path)).parts(Ages())) == [(0, 0)]


def test_another_release_of_the_code_measures_anew(tmp_path, found, monkeypatch):
    held = Store(url(tmp_path))
    held.keep(Ages(), 0, 0, found[0])
    monkeypatch.setattr(store.plan, "code_version", lambda studies=False: "another")
    assert held.parts(Ages()) == {}


def test_what_nobody_has_measured_for_long_is_forgotten(tmp_path, found, monkeypatch):
    with monkeypatch.context() as past:
        past.setattr(store.time, "time", lambda: 1e9)
        Store(url(tmp_path)).keep(Ages(), 0, 0, found[0])
    assert Store(url(tmp_path)).parts(Ages()) == {}


@pytest.mark.parametrize("wrong", ["", "sqlite:////proc/none/such/file.sqlite", "postgresql+nothing://x:secret@127.0.0.1:1/none", "no url at all"])
def test_a_database_that_cannot_be_reached_keeps_nothing_and_stops_nobody(wrong, found, caplog):
    held = Store(wrong)
    held.keep(Ages(), 0, 0, found[0])
    held.close_off(Ages())
    assert held.parts(Ages()) == {}
    assert held.whole(Ages()) is None
    assert len(caplog.records) == (1 if wrong else 0), "said once"
    assert "secret" not in caplog.text


def test_the_environment_names_the_database(monkeypatch, tmp_path):
    for given, wanted in (("off", ""), ("sqlite:///x.db", "sqlite:///x.db")):
        monkeypatch.setenv("LAB_STORE", given)
        assert address() == wanted
    monkeypatch.delenv("LAB_STORE")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert address() == f"sqlite:///{tmp_path}/regularization-lab/studies.sqlite"


def test_the_shelf_finds_what_another_process_has_kept(tmp_path, found):
    mine = Shelf(kept=Store(url(tmp_path)))
    assert mine.get(Ages()) is None
    theirs = Store(url(tmp_path))
    for lane, outcome in enumerate(found):
        theirs.keep(Ages(), lane, 0, outcome)
    theirs.close_off(Ages())
    assert mine.get(Ages()) is None, "it has just been asked"
    mine._asked.clear()
    assert all(same(*pair) for pair in zip(mine.get(Ages()), found, strict=True))


# ----------------------------------------------------------------------------------------------------------- adaptive studies


def test_a_search_goes_on_from_any_part_and_finds_the_same(searched):
    study = Halving()
    assert study.conclude(searched) == ["0 0", "0 1", "0 2", "1 0", "1 1", "1 2"]
    rates = [float(__import__("json").loads(outcome.training)["lr"]) for outcome in searched]
    assert len(set(rates)) == 6, "each follows from what was found before"
    for lane in range(2):
        own = searched[3 * lane : 3 * lane + 3]
        for n in range(3):
            following = study.following(lane, tuple(outcome_of(outcome_bytes(each)) for each in own[:n]))
            assert following.training.to_json() == own[n].training
        assert study.following(lane, own) is None
    assert study.parts() == (study.following(0, ()), study.following(1, ()))


def test_a_part_travels_whole():
    for part in (*Ages().parts(), *Halving().parts()):
        assert part_of(part_fields(part)) == part
    assert study_of(Halving(rounds=2).to_json()) == Halving(rounds=2)


def test_outcomes_of_unfinished_measures_travel_as_unfinished(found):
    half = Outcome(found[0].epochs, found[0].curves, found[0].status, found[0].sentences, (None, found[0].measures[1]))
    back = outcome_of(outcome_bytes(half))
    assert back.measures[0] is None
    np.testing.assert_array_equal(back.measures[1]["age"], half.measures[1]["age"])


def test_searches_are_compared_where_they_trained_the_same(searched):
    from core.studies.__main__ import alike, difference

    other = (*searched[:2], Outcome(searched[2].epochs, searched[2].curves, (), (), (), "0 2", "another family"), *searched[3:5])
    ours, theirs = alike(searched, other)
    assert [outcome.note for outcome in ours] == [outcome.note for outcome in theirs] == ["0 0", "0 1", "1 0", "1 1"]
    assert difference(ours, theirs) == 0.0
    assert difference((), ()) == float("inf"), "nothing in common is no agreement"
