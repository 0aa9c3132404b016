"""The simulated class beside what is known of lines."""

import numpy as np
import pytest

from benchmarks.load.model import EVERY, MOVES, Move, simulate, wanted


def test_one_student_waits_for_nobody():
    told = simulate(1, 1, (Move(1.0, 0.02),))
    assert told.half == pytest.approx(0.02)
    assert told.most == pytest.approx(0.02)
    assert told.rate == pytest.approx(1.0 / EVERY, rel=0.05)


def test_too_many_get_what_the_server_can_give():
    mean = sum(each.share * (each.least + each.more) for each in MOVES)
    assert simulate(500, 1).rate == pytest.approx(1.0 / mean, rel=0.05)


@pytest.mark.parametrize("load", [0.3, 0.6, 0.8])
def test_of_many_students_with_one_kind_of_run_the_line_is_that_of_arrivals_at_random(load):
    # Arrivals at random, runs of one length: each begins where it comes or where the one before ends (Lindley, 1952, The theory of queues with a
    # single server). So many students that each is gone for long make such a line.
    run, students = 0.01, 2000
    told = simulate(students, 1, (Move(1.0, run * load * EVERY / (students * run)),), seconds=400.0)
    served = load * EVERY / students
    waits, free, rng = [], 0.0, np.random.default_rng(0)
    for arrival in np.cumsum(rng.exponential(served / load, 200_000)):
        free = max(arrival, free) + served
        waits.append(free - arrival)
    assert told.half == pytest.approx(np.median(waits), rel=0.15)
    assert told.most == pytest.approx(np.quantile(waits, 0.95), rel=0.15)


def test_the_least_number_of_processes_is_found():
    web = wanted(120)
    assert simulate(120, web, seconds=300.0).most <= 0.3 < simulate(120, web - 1, seconds=300.0).most
