"""Class rooms in a database: shared by two processes, gone after a day, full at their limits, closed to forged keys, and without a name in them."""

import re
import sqlite3
import threading

import pytest

from core.classroom import hub as hubs
from core.classroom import store as stores
from core.classroom.hub import Hub
from core.classroom.room import DAY, Form, Place, new_participant
from core.classroom.store import Store, address
from core.errors import InvalidInput

PLACE = Place("diamond_and_circle", "dc_tilt=40&dcq_on=2", "tilt", "lam")
FORM = Form("diamond_and_circle.2.0a1b", (0.0, 0.5, 1.0), unit=" %")
OTHER = Form("diamond_and_circle.1.0a1b", options=(("w1", "w₁"), ("both", "both")))


class Clock:
    def __init__(self):
        self.now = 1e9

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path / 'deep' / 'rooms.sqlite'}"


@pytest.fixture
def store(url, clock):
    return Store(url, clock)


def refused(act, *args):
    with pytest.raises(InvalidInput) as refusal:
        act(*args)
    assert len(str(refusal.value)) < 250
    return str(refusal.value)


def test_what_one_process_shows_the_other_sees_with_question_answers_and_reveal(url, clock):
    mine, theirs = Store(url, clock), Store(url, clock)
    code, key = mine.open()
    assert theirs.find(code).place == Place()
    mine.publish(code, key, PLACE, FORM)
    seen = theirs.find(code)
    assert (seen.place, seen.form, seen.version, seen.moved, seen.turn, seen.revealed) == (PLACE, FORM, 1, 1, 0, False)
    one, other = new_participant(), new_participant()
    theirs.answer(code, FORM.name, 0, one, "0.5")
    mine.answer(code, FORM.name, 0, other, "1.0")
    mine.answer(code, FORM.name, 0, one, "0.0")
    assert sorted(theirs.answers(code, FORM.name, 0)) == ["0.0", "1.0"], "a second answer replaces the first"
    assert mine.answer_of(code, FORM.name, 0, one) == "0.0"
    assert mine.answer_of(code, FORM.name, 0, new_participant()) is None
    assert theirs.find(code).answered == 3
    theirs.reveal(code, key, FORM.name)
    assert mine.find(code).revealed
    assert mine.find(code).moved == 1, "nobody's screen has to move for it"
    assert "asked now" in refused(mine.answer, code, FORM.name, 0, one, "1.0")


def test_a_question_keeps_its_answers_while_another_is_shown_and_loses_them_when_it_is_asked_again(store):
    code, key = store.open()
    me = new_participant()
    store.publish(code, key, PLACE, FORM)
    store.answer(code, FORM.name, 0, me, "0.5")
    store.publish(code, key, PLACE, OTHER)
    refused(store.answer, code, FORM.name, 0, me, "1.0")
    store.answer(code, OTHER.name, 0, me, "both")
    store.publish(code, key, PLACE, FORM)
    assert store.answers(code, FORM.name, 0) == ["0.5"]
    store.reveal(code, key, FORM.name)
    store.again(code, key, FORM.name)
    room = store.find(code)
    assert (room.turn, room.revealed) == (1, False)
    assert store.answers(code, FORM.name, 0) == store.answers(code, FORM.name, 1) == []
    refused(store.answer, code, FORM.name, 0, me, "0.5")
    store.answer(code, FORM.name, 1, me, "1.0")
    assert store.answers(code, OTHER.name, 0) == ["both"]


def test_a_room_is_gone_after_a_day_with_all_that_was_in_it(store, clock, url):
    code, key = store.open()
    store.publish(code, key, PLACE, FORM)
    store.answer(code, FORM.name, 0, new_participant(), "0.5")
    store.count_screens(code, "process", 7)
    clock.now += DAY - 1
    assert store.find(code) is not None
    clock.now += 2
    assert store.find(code) is None, "before anybody has cleaned up"
    for act, *args in ((store.publish, PLACE, FORM), (store.reveal, FORM.name), (store.again, FORM.name)):
        assert "one that is open" in refused(act, code, key, *args)
    refused(store.answer, code, FORM.name, 0, new_participant(), "0.5")
    assert not store.is_teacher(code, key)
    store.open()
    assert rows(url) == {"class_rooms": 1, "class_questions": 0, "class_answers": 0, "class_seats": 0}


def test_closing_a_room_deletes_it_and_leaves_others_alone(store, url):
    (code, key), (other, other_key) = store.open(), store.open()
    for each, its in ((code, key), (other, other_key)):
        store.publish(each, its, PLACE, FORM)
        store.answer(each, FORM.name, 0, new_participant(), "0.5")
    refused(store.close, code, other_key)
    store.close(code, key)
    assert store.find(code) is None
    assert store.answers(other, FORM.name, 0) == ["0.5"]
    assert rows(url) == {"class_rooms": 1, "class_questions": 1, "class_answers": 1, "class_seats": 0}
    refused(store.close, code, key)


def rows(url):
    with sqlite3.connect(url.removeprefix("sqlite:///")) as plain:
        names = [name for (name,) in plain.execute("select name from sqlite_master where type = 'table'")]
        return {name: plain.execute(f"select count(*) from {name}").fetchone()[0] for name in names}


@pytest.mark.parametrize("forged", ["", "0" * 64, "' or 1=1 --", "x" * 100_000, "\0", "ключ"])
def test_a_forged_key_changes_nothing(store, forged):
    code, key = store.open()
    store.publish(code, key, PLACE, FORM)
    before = store.find(code)
    for act, *args in ((store.publish, Place(), OTHER), (store.reveal, FORM.name), (store.again, FORM.name), (store.close,)):
        refused(act, code, forged, *args)
    assert not store.is_teacher(code, forged)
    assert store.find(code) == before
    assert store.is_teacher(code, key)


def test_neither_the_key_nor_anything_of_a_person_is_kept(store, url):
    code, key = store.open()
    store.publish(code, key, PLACE, FORM)
    store.answer(code, FORM.name, 0, new_participant(), "0.5")
    with sqlite3.connect(url.removeprefix("sqlite:///")) as plain:
        said = "\n".join(plain.iterdump())
        columns = {name: [row[1] for row in plain.execute(f"pragma table_info({name})")] for name in rows(url)}
    assert key not in said
    assert columns["class_answers"] == ["code", "question", "turn", "participant", "value"]
    assert columns["class_seats"] == ["code", "process", "screens", "at"]
    assert not re.search(r"\d+\.\d+\.\d+\.\d+|cookie|agent|name\b", said.replace("sqlite_autoindex", ""))


@pytest.mark.parametrize("text", ["'; drop table class_rooms; --", "0.5' or '1'='1", "\0", "🙂" * 10])
def test_what_looks_like_sql_is_a_text(store, text):
    code, key = store.open()
    store.publish(code, key, PLACE, FORM)
    store.answer(code, FORM.name, 0, text[:32], text[:40])
    assert store.answers(code, FORM.name, 0) == [text[:40]]
    assert store.find(text) is None
    assert store.find(code) is not None


def test_limits_of_rooms_answers_and_questions(store, monkeypatch):
    monkeypatch.setattr(stores, "MOST_ROOMS", 2)
    monkeypatch.setattr(stores, "MOST_SCREENS", 3)
    monkeypatch.setattr(stores, "MOST_QUESTIONS", 2)
    code, key = store.open()
    store.open()
    assert "at most 2 that are open" in refused(store.open)
    store.publish(code, key, PLACE, FORM)
    some = [new_participant() for _ in range(3)]
    for each in some:
        store.answer(code, FORM.name, 0, each, "0.5")
    assert "at most 3" in refused(store.answer, code, FORM.name, 0, new_participant(), "0.5")
    store.answer(code, FORM.name, 0, some[0], "1.0")
    assert store.find(code).answered == 4, "what was refused was not counted"
    store.publish(code, key, PLACE, OTHER)
    assert "at most 2" in refused(store.publish, code, key, PLACE, Form("training.1.0000", (0.0, 1.0)))
    assert store.find(code).form == OTHER, "a change that is refused changes nothing"


def test_answers_at_the_same_moment_from_two_processes_are_all_kept(url, clock):
    both = Store(url, clock), Store(url, clock)
    code, key = both[0].open()
    both[0].publish(code, key, PLACE, FORM)
    problems = []

    def send(store, count):
        for _ in range(count):
            try:
                store.answer(code, FORM.name, 0, new_participant(), "0.5")
            except InvalidInput as problem:
                problems.append(problem)

    threads = [threading.Thread(target=send, args=(both[i % 2], 20)) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert len(both[1].answers(code, FORM.name, 0)) == both[0].find(code).answered == 120


def test_screens_are_counted_over_all_processes_and_those_of_a_dead_one_no_more(store, clock):
    code, _ = store.open()
    store.count_screens(code, "one", 20)
    clock.now += 20
    store.count_screens(code, "two", 5)
    assert store.find(code).joined == 25
    assert store.find(code, but="two").joined == 20
    store.count_screens(code, "two", 6)
    clock.now += 11
    assert store.find(code).joined == 6
    store.count_screens(code, "two", 0)
    assert store.find(code).joined == 0


@pytest.mark.parametrize("wrong", ["", "sqlite:////proc/none/such/file.sqlite", "postgresql+nothing://x:secret@127.0.0.1:1/none", "no url at all"])
def test_a_database_that_is_off_or_away_is_said_in_a_sentence_without_its_address(wrong, caplog):
    store = Store(wrong)
    for act, *args in ((store.open,), (store.find, "BCDFGH"), (store.answer, "BCDFGH", FORM.name, 0, "x", "1"), (store.answers, "BCDFGH", "x", 0)):
        said = refused(act, *args)
        assert "secret" not in said
    assert "secret" not in caplog.text
    assert len(caplog.records) == (1 if wrong else 0), "said once"


def test_the_environment_names_the_database(monkeypatch, tmp_path):
    for given, wanted in (("off", ""), ("sqlite:///x.db", "sqlite:///x.db")):
        monkeypatch.setenv("LAB_CLASS", given)
        assert address() == wanted
    monkeypatch.delenv("LAB_CLASS")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert address() == f"sqlite:///{tmp_path}/regularization-lab/class_rooms.sqlite"


# --------------------------------------------------------------------------------------------------------------------- the hub


@pytest.fixture
def hub(store, clock):
    return Hub(store, clock)


def test_looks_within_half_a_second_cost_one_reading_however_many(hub, store, clock):
    code, _ = hub.open()
    clock.now += 10
    before = store.reads
    threads = [threading.Thread(target=hub.look, args=(code,)) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.reads == before + 1
    clock.now += 2 * hubs.INTERVAL + 0.01
    hub.look(code)
    assert store.reads == before + 2


def test_whoever_changes_a_room_sees_the_change_at_once(hub):
    code, key = hub.open()
    hub.publish(code, key, PLACE, FORM)
    assert hub.look(code).form == FORM
    hub.reveal(code, key)
    assert hub.look(code).revealed
    hub.again(code, key)
    assert hub.look(code).turn == 1
    hub.close(code, key)
    assert hub.look(code) is None
    refused(hub.reveal, code, key)


def test_codes_cannot_be_guessed_by_the_thousand(hub, clock):
    found = [f"{'BCDFGHJKMN'[i % 10]}{'BCDFGHJKMN'[i // 10 % 10]}BBBB" for i in range(100)]
    for code in found[:60]:
        assert hub.look(code) is None
    assert "wrong" in refused(hub.look, found[60])
    clock.now += 0.21
    assert hub.look(found[60]) is None
    refused(hub.look, found[61])


def test_rooms_moves_and_answers_have_a_pace(hub, clock):
    rooms = [hub.open() for _ in range(6)]
    assert "six a minute" in refused(hub.open)
    clock.now += 10
    hub.open()
    code, key = rooms[0]
    for _ in range(10):
        hub.publish(code, key, PLACE, FORM)
    assert "five a second" in refused(hub.publish, code, key, PLACE, FORM)
    clock.now += 1
    hub.publish(code, key, PLACE, FORM)
    room, me = hub.look(code), new_participant()
    for _ in range(5):
        hub.answer(room, me, 0.5)
    assert "one a second" in refused(hub.answer, room, me, 0.5)
    hub.answer(room, new_participant(), 1.0)
    clock.now += 1
    hub.answer(room, me, 1.0)


@pytest.mark.parametrize(
    ("participant", "answer"),
    [("", 0.5), ("x" * 32, 0.5), ("a" * 5000, 0.5), (None, 0.5), ("a" * 32, 0.3), ("a" * 32, float("nan")), ("a" * 32, "w1")],
)
def test_an_answer_that_no_screen_of_ours_sends_is_refused(hub, participant, answer):
    code, key = hub.open()
    hub.publish(code, key, PLACE, FORM)
    refused(hub.answer, hub.look(code), participant, answer)
    assert hub.store.answers(code, FORM.name, 0) == []


def test_what_is_remembered_of_strangers_is_bounded(hub, monkeypatch):
    monkeypatch.setattr(hubs, "_REMEMBERED", 50)
    for i in range(400):
        hub._entry(f"C{i}")
        hub._bucket_of(f"{i}")
    assert len(hub._known) <= 51
    assert len(hub._participants) <= 50
