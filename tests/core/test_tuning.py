"""Rates tried one by one, decays mapped, and escapes counted, each against runs of their own."""

import numpy as np
import pytest
from scipy.stats import binomtest

from core.curvature.stability import best_rate, stable_rate
from core.descent import descend
from core.errors import InvalidInput
from core.escapes import escapes, settle, wilson
from core.optimizers import RULES, SGD, Adam, AdamW, Momentum
from core.penalties import L2
from core.surfaces import SURFACES
from core.tuning import rate_decay_map, sensitivity

RAVINE = SURFACES["ravine"]
RATES = np.geomspace(1e-3, 1.0, 301)


def test_every_cell_of_a_sensitivity_is_a_run_of_its_own():
    rates, lam = np.geomspace(1e-4, 1e-2, 5), np.array([0.0, 0.5, 3.0])
    found = sensitivity(SURFACES["rosenbrock"], Momentum(), (-1.2, 1.0), rates, 50, L2(), lam, "proximal", noise=0.1, seed=4)
    for i, strength in enumerate(lam):
        for j, rate in enumerate(rates):
            run = descend(SURFACES["rosenbrock"], Momentum(), (-1.2, 1.0), rate, 50, L2(), strength, "proximal", 0.1, seed=[4])
            expected = np.inf if run.status[0] == "diverged" else run.objective[0, -1]
            assert found.objective[i, j] == expected


def test_descents_best_rate_is_the_one_of_the_text_book_and_falls_as_lambda_grows():
    lam = np.array([0.0, 1.0, 5.0])
    expected = best_rate(0.2, 10.0, 2 * lam)
    # As many steps as the slower eigenvector needs, and no more: converged to rounding, all rates tie.
    for i, steps in enumerate((250, 24, 9)):
        found = sensitivity(RAVINE, SGD(), (3.0, 2.0), RATES, steps, L2(), lam)
        assert found.best[i] == pytest.approx(expected[i], rel=0.05)
    assert (np.diff(found.best) < 0).all()


def test_rates_beyond_the_stability_limit_end_worse_than_they_started():
    found = sensitivity(RAVINE, SGD(), (3.0, 2.0), RATES, 2000, L2(), 0.0)
    limit = float(stable_rate(SGD(), "subgradient", 10.0))
    start = float(RAVINE.value((3.0, 2.0)))
    assert (found.objective[0, limit * 1.02 < RATES] > start).all()
    assert (found.objective[0, limit * 0.98 > RATES] < start).all()
    assert np.isinf(found.objective[0, -1])


def test_every_cell_of_a_map_is_a_run_of_its_own():
    rates, decays = np.geomspace(1e-3, 1.0, 4), np.array([0.0, 0.01, 0.3])
    for rule in (SGD, Adam, AdamW):
        found = rate_decay_map(RAVINE, rule, (-3.0, 2.0), rates, decays, 60, noise=0.2, seed=9)
        for i, decay in enumerate(decays):
            for j, rate in enumerate(rates):
                run = descend(RAVINE, rule(weight_decay=decay), (-3.0, 2.0), rate, 60, noise=0.2, seed=[9])
                assert found.loss[i, j] == (np.inf if run.status[0] == "diverged" else run.loss[0, -1])
        assert found.best_rate[1] == rates[found.loss[1].argmin()]


def test_a_map_can_be_judged_on_another_surface():
    found = rate_decay_map(RAVINE, SGD, (-3.0, 2.0), [0.1], [0.0], 500, measure=SURFACES["round_bowl"])
    assert found.loss[0, 0] == pytest.approx(float(SURFACES["round_bowl"].value((2.0, 1.0))), abs=1e-4)


def test_rates_out_of_order_are_refused():
    for rates in ([0.1, 0.1], [0.2, 0.1], [0.0, 0.1], []):
        with pytest.raises(InvalidInput, match="rates"):
            sensitivity(RAVINE, SGD(), (0.0, 0.0), rates, 10)


# ------------------------------------------------------------------------------------------------ escapes


def test_without_noise_nothing_leaves_a_minimum_or_a_saddle():
    for key, start in (("two_basins", (-2.5, 1.0)), ("saddle", (0.0, 0.0)), ("rugged_bowl", (-2.2, -1.6))):
        found = escapes(SURFACES[key], SGD(), start, 0.05, 100, 0.0, runs=20)
        assert (found.share, found.low) == (0.0, 0.0)


def test_noise_leaves_a_saddle_as_often_as_the_random_walk_that_it_is():
    """On -w2^2/2 a step is w <- (1 + lr) w - lr noise: any noise at all leaves, and 500 of 500 do."""
    found = escapes(SURFACES["saddle"], SGD(), (0.0, 0.0), 0.05, 200, 0.01)
    assert found.share == 1.0


def test_more_noise_leaves_a_sharp_minimum_more_often():
    shares = [escapes(SURFACES["rugged_bowl"], Momentum(), (-2.2, -1.6), 0.02, 200, noise, runs=200).share for noise in (0.1, 0.7, 2.0)]
    assert shares[0] == 0.0
    assert shares[0] < shares[1] < shares[2]


def test_points_settle_in_the_minimum_of_their_basin():
    surface = SURFACES["himmelblau"]
    there = settle(surface, surface.minima + np.array([0.3, -0.2]))
    np.testing.assert_allclose(there, surface.minima, atol=1e-5)


@pytest.mark.parametrize("hits", [0, 1, 17, 250, 499, 500])
def test_the_interval_is_wilsons(hits):
    expected = binomtest(hits, 500).proportion_ci(0.95, method="wilson")
    assert wilson(hits, 500) == pytest.approx((expected.low, expected.high), abs=1e-12)


@pytest.mark.parametrize("key", RULES)
def test_every_rule_can_be_counted(key):
    found = escapes(SURFACES["two_basins"], RULES[key](), (-2.5, 1.0), 0.02, 60, 1.0, runs=30)
    assert found.x.shape == (30, 2)
    assert 0.0 <= found.low <= found.share <= found.high <= 1.0
