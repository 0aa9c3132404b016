"""Scripts run in their turn; what is computed is computed once, beside them; and nobody waits for ever."""

import threading
import time

import pytest

from ui import lanes
from ui.kept import Kept, kept, lazily


def until(condition, seconds=10.0):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.002)
    return condition()


def together(*works):
    threads = [threading.Thread(target=work, daemon=True) for work in works]
    for thread in threads:
        thread.start()
    return threads


def ended(threads):
    for thread in threads:
        thread.join(20)
    return not any(thread.is_alive() for thread in threads)


@pytest.fixture
def narrow(monkeypatch):
    """Have one place for scripts and one for what takes long, and a short patience."""

    def narrowed(drawing=1, computing=1, patience=5.0):
        monkeypatch.setattr(lanes, "_DRAWING", lanes.Lane(drawing, patience))
        monkeypatch.setattr(lanes, "_COMPUTING", lanes.Lane(computing, patience))

    return narrowed


# --------------------------------------------------------------------------------------------------------------------- a lane


def test_places_are_given_in_the_order_of_asking_but_to_who_comes_back_first():
    lane, order = lanes.Lane(1, 10.0), []
    assert lane.enter()

    def come(name, first):
        assert lane.enter(first=first)
        order.append(name)
        lane.leave()

    threads = []
    for i, (name, first) in enumerate([("a", False), ("b", False), ("back", True), ("c", False)]):
        threads += together(lambda name=name, first=first: come(name, first))
        assert until(lambda i=i: len(lane._queue) == i + 1)
    lane.leave()
    assert ended(threads)
    assert order == ["back", "a", "b", "c"]
    assert lane.enter()


def test_never_more_than_its_places_are_taken_and_all_are_given_back():
    lane, now, most, guard = lanes.Lane(3, 20.0), [0], [0], threading.Lock()

    def work():
        for _ in range(30):
            assert lane.enter()
            with guard:
                now[0] += 1
                most[0] = max(most[0], now[0])
            time.sleep(0.0005)
            with guard:
                now[0] -= 1
            lane.leave()

    assert ended(together(*[work] * 12))
    assert (most[0], now[0], lane._free, len(lane._queue)) == (3, 0, 3, 0)


def test_who_has_waited_for_long_goes_on_without_a_place_and_takes_none_with_it():
    lane = lanes.Lane(1, 0.05)
    assert lane.enter()
    assert not lane.enter()
    assert not lane._queue
    lane.leave()
    assert lane.enter()


# --------------------------------------------------------------------------------------------------------- drawing and computing


def test_while_a_script_waits_or_computes_the_next_one_draws(narrow):
    narrow()
    for way in (lanes.aside, lanes.computing):
        waits, drawn = threading.Event(), threading.Event()

        def slow(way=way, waits=waits):
            with lanes.drawing(), way():
                assert waits.wait(10)

        def quick(drawn=drawn):
            with lanes.drawing():
                drawn.set()

        threads = together(slow)
        assert until(lambda: lanes._DRAWING._free == 1)
        threads += together(quick)
        assert drawn.wait(5), way.__name__
        waits.set()
        assert ended(threads)
        assert (lanes._DRAWING._free, lanes._COMPUTING._free) == (1, 1)


def test_an_error_gives_every_place_back_and_what_has_no_script_needs_none(narrow):
    narrow()
    with pytest.raises(ZeroDivisionError), lanes.drawing(), lanes.computing(), lanes.computing():
        raise ZeroDivisionError
    assert (lanes._DRAWING._free, lanes._COMPUTING._free) == (1, 1)
    with lanes.computing(), lanes.aside():
        assert (lanes._DRAWING._free, lanes._COMPUTING._free) == (1, 1)


# ------------------------------------------------------------------------------------------------------------------ what is kept


def test_what_many_ask_for_at_once_is_computed_once_and_all_get_the_same(narrow):
    narrow(2, 2)
    asked, found = [], []

    @kept(4)
    def work(number):
        asked.append(number)
        time.sleep(0.02)
        return [number]

    def script():
        with lanes.drawing():
            found.extend(work(number) for number in (1, 2))

    assert ended(together(*[script] * 12))
    assert sorted(asked) == [1, 2]
    assert len({id(each) for each in found}) == 2
    assert (lanes._DRAWING._free, lanes._COMPUTING._free) == (2, 2)


def test_the_one_that_nobody_has_asked_for_longest_is_forgotten_first():
    asked = []

    @kept(2, key=lambda number, _note: number)
    def work(number, note):
        asked.append((number, note))
        return number

    for number, note in [(1, "a"), (2, "b"), (1, "c"), (3, "d"), (1, "e"), (2, "f")]:
        assert work(number, note) == number
    assert asked == [(1, "a"), (2, "b"), (3, "d"), (2, "f")]
    work.clear()
    work(1, "again")
    assert asked[-1] == (1, "again")


def test_an_error_reaches_everybody_who_asked_and_is_not_remembered():
    tries, errors = [], []

    @kept(2)
    def work():
        tries.append(1)
        time.sleep(0.01)
        raise ValueError(len(tries))

    def script():
        try:
            work()
        except ValueError as error:
            errors.append(error)

    assert ended(together(*[script] * 4))
    assert len(errors) == 4
    with pytest.raises(ValueError, match=str(len(tries) + 1)):
        work()


def test_results_that_need_each_other_never_hold_each_other_up(narrow):
    """Few places, many scripts, results of results: nobody waits for a place that who is waited for has."""
    narrow(1, 1, 60.0)

    @kept(8)
    def inner(number):
        time.sleep(0.001)
        return number

    @kept(8)
    def outer(number):
        return inner(number % 2) + inner((number + 1) % 2)

    class Views:
        @lazily
        def first(self):
            return outer(1)

        @lazily
        def second(self):
            return self.first + outer(2)

    views = [Views(), Views()]

    def script(turn):
        with lanes.drawing():
            for number in range(6):
                assert outer((number + turn) % 4) == 1
                with lanes.aside():
                    time.sleep(0.0005)
            assert views[turn % 2].second == 2

    start = time.monotonic()
    assert ended(together(*[lambda turn=turn: script(turn) for turn in range(10)]))
    assert time.monotonic() - start < 20, "nobody has lost patience"
    assert (lanes._DRAWING._free, lanes._COMPUTING._free) == (1, 1)


def test_an_attribute_is_computed_when_asked_for_once_for_each_instance_and_keeps_its_name_and_words():
    class Views:
        def __init__(self):
            self.asked = []

        @lazily
        def chart(self):
            """The chart."""
            self.asked.append(1)
            time.sleep(0.01)
            return object()

    one, other = Views(), Views()
    found = []
    assert ended(together(*[lambda: found.append(one.chart)] * 6))
    assert len({id(each) for each in found}) == 1
    assert one.asked == [1]
    assert other.asked == []
    assert other.chart is not one.chart
    assert Views.chart.__doc__ == "The chart."


def test_a_kept_function_keeps_its_name_and_words():
    @kept(1)
    def work():
        """Work."""

    assert isinstance(work, Kept)
    assert (work.__name__, work.__doc__) == ("work", "Work.")
