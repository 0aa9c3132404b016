"""The largest stable rates: growth above them and decay below, found by running; the predicted factor against the measured one."""

import numpy as np
import pytest

from core.curvature.stability import best_rate, contraction, has_limit, stable_rate
from core.descent import descend
from core.errors import InvalidInput
from core.optimizers import FISTA, RULES, SGD, Momentum, Nesterov
from core.penalties import L2
from core.surfaces import parse_surface

STEEP, FLAT = 8.0, 0.5
BOWL = parse_surface(f"{STEEP / 2}*w1**2 + {FLAT / 2}*w2**2")
RULED = [SGD(), SGD(momentum=0.5), Momentum(), Nesterov(momentum=0.5), Nesterov(), FISTA()]
LINEAR = ["subgradient", "decoupled", "proximal"]


def growth(rule, treatment, rate, lam, steps=3000):
    """The factor a step, measured over the last part of a run on the bowl, by the size of the pair of iterates."""
    x = descend(BOWL, rule, (1e-3, 1e-3), rate, steps, L2(), lam, treatment).x[0]
    size = np.linalg.norm(np.hstack([x[1:], x[:-1]]), axis=-1)
    alive = np.flatnonzero((size > 1e-250) & (size < 1e6))
    # The slope of the logarithm: complex eigenvalues turn as they shrink, so two points alone would catch them at different phases.
    part = alive[max(len(alive) - 600, len(alive) // 3) :]
    return float(np.exp(np.polyfit(part, np.log(size[part]), 1)[0]))


@pytest.mark.parametrize("lam", [0.0, 0.7])
@pytest.mark.parametrize("treatment", LINEAR)
@pytest.mark.parametrize("rule", RULED, ids=lambda rule: f"{rule.key} {getattr(rule, 'momentum', '')}")
def test_a_run_shrinks_at_1_99_and_grows_at_2_01_parts_of_the_limit(rule, treatment, lam):
    limit = float(stable_rate(rule, treatment, STEEP, 2 * lam))
    if treatment == "proximal" and getattr(rule, "momentum", 0.0) == 0.9 and lam:
        assert limit == np.inf, "in momentum's own scaling the prox outweighs the curvature"
        assert all(growth(rule, treatment, rate / STEEP, lam) < 1.0 for rate in (1.0, 10.0, 100.0))
        return
    assert np.isfinite(limit)
    assert growth(rule, treatment, limit * 1.99 / 2, lam) < 1.0
    assert growth(rule, treatment, limit * 2.01 / 2, lam) > 1.0


def test_the_limits_are_those_of_the_text_books():
    for lam in (0.0, 0.7):
        assert stable_rate(SGD(), "subgradient", STEEP, 2 * lam) == pytest.approx(2 / (STEEP + 2 * lam))
        assert stable_rate(SGD(), "decoupled", STEEP, 2 * lam) == pytest.approx(2 / (STEEP + 2 * lam))
        assert stable_rate(SGD(), "proximal", STEEP, 2 * lam) == pytest.approx(2 / (STEEP - 2 * lam))
    assert stable_rate(Momentum(), "subgradient", STEEP) == pytest.approx(2 * 1.9 / STEEP)
    assert stable_rate(Nesterov(), "subgradient", STEEP) == pytest.approx(2 * 1.9 / (2.8 * STEEP))
    assert stable_rate(FISTA(), "proximal", STEEP) == pytest.approx(4 / (3 * STEEP))
    assert stable_rate(Nesterov(), "subgradient", STEEP) < stable_rate(SGD(), "subgradient", STEEP)


@pytest.mark.parametrize("rate", [0.1, 3.0, 1e4])
def test_proximal_descent_is_stable_at_any_rate_once_the_penalty_outweighs_the_curvature(rate):
    lam = STEEP / 2
    assert stable_rate(SGD(), "proximal", STEEP, 2 * lam) == np.inf
    x = descend(BOWL, SGD(), (1.0, 1.0), rate, 3000, L2(), lam * 1.001, "proximal").x[0]
    assert np.linalg.norm(x[-1]) < 1.0


@pytest.mark.parametrize("treatment", LINEAR)
@pytest.mark.parametrize("rule", RULED[:-1], ids=lambda rule: f"{rule.key} {getattr(rule, 'momentum', '')}")
def test_the_predicted_factor_is_the_measured_one(rule, treatment):
    for lam in (0.0, 0.4):
        for share in (0.2, 0.6, 0.97, 1.03):
            rate = share * min(float(stable_rate(rule, treatment, STEEP, 2 * lam)), 3.0 / STEEP)
            predicted = float(contraction(rule, treatment, [FLAT, STEEP], 2 * lam, rate))
            assert growth(rule, treatment, rate, lam) == pytest.approx(predicted, rel=6e-3)


def test_at_the_limit_the_predicted_factor_is_one():
    for rule in RULED:
        for treatment in LINEAR:
            for shift in (0.0, 1.3):
                limit = stable_rate(rule, treatment, STEEP, shift)
                if np.isinf(limit):
                    limit = np.array(1e3)
                    assert contraction(rule, treatment, [STEEP], shift, limit) < 1.0
                    continue
                assert contraction(rule, treatment, [STEEP], shift, limit) == pytest.approx(1.0, abs=1e-9)


def test_a_rules_own_decay_counts_as_curvature():
    assert stable_rate(SGD(weight_decay=0.4), "subgradient", STEEP) == pytest.approx(2 / (STEEP + 0.4))


@pytest.mark.parametrize("key", ["rmsprop", "adagrad", "adam", "adamw"])
def test_adaptive_rules_and_the_clamp_have_no_such_limit(key):
    assert not has_limit(RULES[key](), "subgradient")
    assert np.isnan(stable_rate(RULES[key](), "subgradient", STEEP))
    assert np.isnan(stable_rate(SGD(), "clamped", STEEP))
    with pytest.raises(InvalidInput):
        contraction(RULES[key](), "subgradient", [1.0], 0.0, 0.1)


def test_the_best_rate_is_the_one_that_shrinks_both_ends_alike():
    rate = float(best_rate(FLAT, STEEP, 0.6))
    assert rate == pytest.approx(2 / (FLAT + STEEP + 4 * 0.3))
    grid = np.linspace(0.5, 1.5, 1001) * rate
    factors = contraction(SGD(), "subgradient", [FLAT, STEEP], 0.6, grid)
    assert grid[np.argmin(factors)] == pytest.approx(rate, rel=2e-3)
    assert np.isnan(best_rate(-1.0, 2.0, 0.5))
