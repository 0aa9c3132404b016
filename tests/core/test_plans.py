"""Lesson plans: they take the time that they say, and each stop says what to do at a state of its own."""

from core.plans import PLANS
from ui.links import address


def test_there_is_a_plan_for_ten_for_forty_five_and_for_ninety_minutes():
    assert [plan.minutes for plan in PLANS] == [10, 45, 90]


def test_every_stop_is_another_state_and_says_what_to_do():
    for plan in PLANS:
        assert len({address(stop.spec) for stop in plan.stops}) == len(plan.stops)
        assert plan.audience.endswith(".")
        for stop in plan.stops:
            assert stop.minutes > 0
            assert stop.task.endswith((".", "?"))
