"""A step taken apart: the parts sum to the step that descend takes, and each is there only where it should be."""

import numpy as np
import pytest

from core.anatomy import PARTS, take_apart
from core.descent import TREATMENTS, descend
from core.optimizers import RULES, SGD, Adam, AdamW, Momentum
from core.penalties import L1, L2, ElasticNet
from core.surfaces import SURFACES

LAM = np.array([0.0, 0.3, 2.0])


@pytest.mark.parametrize("noise", [0.0, 0.5])
@pytest.mark.parametrize("treatment", TREATMENTS)
@pytest.mark.parametrize("key", RULES)
def test_the_parts_of_a_step_sum_to_the_step(key, treatment, noise):
    given = ((-1.5, 1.0), 0.02, 30, ElasticNet(0.5), LAM, treatment, noise, 2)
    rule = RULES[key](weight_decay=0.1)
    parts = take_apart(SURFACES["himmelblau"], rule, *given)
    run = descend(SURFACES["himmelblau"], rule, *given)
    np.testing.assert_allclose(parts.x, run.x, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(parts.arrows.sum(axis=2), np.diff(run.x, axis=1), rtol=1e-9, atol=1e-10)


def present(rule, penalty, treatment):
    arrows = take_apart(SURFACES["himmelblau"], rule, (-1.5, 1.0), 0.01, 12, penalty, 0.5, treatment).arrows
    return {part for i, part in enumerate(PARTS) if np.abs(arrows[:, :, i]).max() > 1e-9}


def test_each_part_is_there_only_where_it_acts():
    assert present(SGD(), None, "subgradient") == {"gradient"}
    assert present(SGD(), L2(), "subgradient") == {"gradient", "penalty"}
    assert present(SGD(), L2(), "decoupled") == {"gradient", "decay"}
    assert present(SGD(), L1(), "proximal") == {"gradient", "prox"}
    assert present(Momentum(), None, "subgradient") == {"gradient", "momentum"}
    assert present(RULES["fista"](), None, "subgradient") == {"gradient", "momentum"}
    assert present(RULES["rmsprop"](), None, "subgradient") == {"gradient", "preconditioner"}
    assert present(Adam(weight_decay=0.1), None, "subgradient") == {"gradient", "penalty", "momentum", "preconditioner"}
    assert present(AdamW(), None, "subgradient") == {"gradient", "momentum", "preconditioner", "decay"}


def test_the_parts_are_the_formulas_of_adamw():
    rule, lr = AdamW(weight_decay=0.2), 0.05
    found = take_apart(SURFACES["rosenbrock"], rule, (0.5, 1.5), lr, 8)
    x = found.x[0]
    gradients = SURFACES["rosenbrock"].gradient(x[:-1])
    m = v = np.zeros(2)
    for t in range(8):
        m, v = 0.9 * m + 0.1 * gradients[t], 0.999 * v + 0.001 * gradients[t] ** 2
        mean, size = m / (1 - 0.9 ** (t + 1)), np.sqrt(v / (1 - 0.999 ** (t + 1))) + 1e-8
        named = dict(zip(PARTS, found.arrows[0, t], strict=True))
        np.testing.assert_allclose(named["gradient"], -lr * gradients[t])
        np.testing.assert_allclose(named["momentum"], -lr * (mean - gradients[t]), atol=1e-12)
        np.testing.assert_allclose(named["preconditioner"], -lr * (mean / size - mean), rtol=1e-9)
        np.testing.assert_allclose(named["decay"], -lr * 0.2 * x[t], rtol=1e-9)


def test_a_run_that_left_has_no_parts_and_no_nan():
    found = take_apart(SURFACES["rosenbrock"], SGD(), (-1.2, 1.0), [1e-3, 1.0], 50)
    assert np.isfinite(found.arrows).all()
    assert np.abs(found.arrows[1, -1]).max() == 0.0
