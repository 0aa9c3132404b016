"""The closed form of plain descent beside the loop that takes every step."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.bowls import bowl
from core.descent import descend
from core.optimizers import SGD
from core.plain_descent import PlainDescent
from core.quadratic import Quadratic

NUMBERS = st.floats(-5.0, 5.0).map(lambda value: round(value, 3))


@settings(deadline=None)
@given(
    steep=st.floats(0.05, 4.0),
    flat=st.floats(0.05, 4.0),
    share=st.floats(-0.95, 0.95),
    centre=st.tuples(NUMBERS, NUMBERS),
    start=st.tuples(NUMBERS, NUMBERS),
    rates=st.lists(st.floats(0.0, 1.0), min_size=1, max_size=4),
    decay=st.floats(0.0, 3.0),
    steps=st.integers(1, 60),
)
def test_any_number_of_steps_is_where_the_loop_is_after_them(steep, flat, share, centre, start, rates, decay, steps):
    hessian = np.array([[steep, share * np.sqrt(steep * flat)], [share * np.sqrt(steep * flat), flat]])
    found = bowl(hessian, np.array(centre), 1.0)
    looped = descend(found.surface, SGD(weight_decay=decay), start, rates, steps)
    closed = PlainDescent(found.train, np.array(start), np.array(rates), decay)
    size = max(1.0, float(np.abs(looped.x).max()))
    for t in {1, steps // 2, steps}:
        there = t <= looped.steps  # a run that has left rests, in the loop
        # What rounding leaves at first, a run that leaves makes as many times larger as itself.
        growth = max(1.0, max(abs(1.0 - rate * (found.train.eigen[0][-1] + decay)) for rate in rates)) ** t
        np.testing.assert_allclose(closed.after(t)[there], looped.x[there, t], atol=1e-12 * size * growth)


@pytest.mark.parametrize("decay", [0.0, 0.5])
def test_a_direction_without_curvature_stays_unless_a_decay_moves_it(decay):
    ravine = Quadratic(np.diag([2.0, 0.0]), np.array([1.0, 0.0]))
    end = PlainDescent(ravine, np.array([3.0, 4.0]), 0.1, decay).after(7)
    assert end[1] == pytest.approx(4.0 * (1.0 - 0.1 * decay) ** 7, rel=1e-12)


def test_a_run_that_leaves_is_infinite_and_no_error():
    steep = Quadratic(np.diag([50.0, 1.0]), np.zeros(2))
    assert not np.isfinite(PlainDescent(steep, np.ones(2), 10.0, 0.0).after(2000)).all()
