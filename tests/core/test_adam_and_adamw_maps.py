"""Rate and decay together: every cell is a run of its own, valleys are measured on maps whose valley is known, best rates against the text book."""

import numpy as np
import pytest

from core.adam_and_adamw import chosen_bowl, chosen_start, decay_axis, rule_of
from core.curvature.stability import best_rate
from core.decay_maps import ALIKE, BUDGET, CELLS, FINE, NOISES, RADII, RATES, best_rates, best_run, judge_of, rule_map, solve_maps
from core.descent import descend
from core.specs import AdamAndAdamWSpec
from core.specs.adam_and_adamw import TRIO

DEFAULT = AdamAndAdamWSpec()


@pytest.fixture(scope="module")
def default():
    return solve_maps(DEFAULT)


@pytest.mark.parametrize(
    "spec",
    [DEFAULT, DEFAULT.replace(judge="train"), DEFAULT.replace(surface="diabetes", beta2="0.999"), DEFAULT.replace(noise=1.0, seed=3.0)],
    ids=["unseen", "train", "diabetes", "noise"],
)
def test_every_cell_of_a_map_is_a_run_of_its_own(spec):
    maps, bowl = solve_maps(spec), chosen_bowl(spec)
    start, judged = chosen_start(spec, bowl), judge_of(bowl, spec)
    assert (len(maps.rates), len(maps.decays), BUDGET) == (CELLS, CELLS, 200)
    seeds = range(int(spec.seed), int(spec.seed) + NOISES) if spec.noise else [0]
    for key in TRIO:
        for i, j in ((0, 10), (30, 30), (40, 45), (60, 60)):
            left = []
            for seed in seeds:
                rule = rule_of(key, float(spec.beta2), float(maps.decays[i]))
                run = descend(bowl.surface, rule, start, maps.rates[j], BUDGET, noise=spec.noise, seed=[seed])
                left.append(np.inf if run.status[0] == "diverged" else float(judged.value(run.x[0, -1])) - judged.floor)
            expected = np.mean(left) / (float(judged.value(start)) - judged.floor)
            assert maps.maps[key].excess[i, j] == pytest.approx(expected, rel=1e-6, abs=1e-12)


def test_plain_descent_diverges_on_its_map_beyond_two_over_curvature_and_decay(default):
    steep = np.linalg.eigvalsh([[1.0, 0.6], [0.6, 2.0]])[1]
    product = default.rates[None, :] * (steep + default.decays[:, None])
    lost = ~np.isfinite(default.maps["sgd"].excess)
    assert not lost[product < 2.0].any()
    assert lost[product > 2.4].all()
    assert np.isfinite(default.maps["adam"].excess).all()
    assert not np.isfinite(default.maps["adamw"].excess[default.rates[None, :] * default.decays[:, None] > 2.4]).any()


def test_on_a_converged_map_the_best_decay_is_that_of_the_exact_ridge_points(default):
    bowl = chosen_bowl(DEFAULT)
    fine = np.geomspace(0.01, 10.0, 2000)
    hessian, centre = bowl.train.hessian, bowl.train.centre
    judged = [float(bowl.unseen.value(np.linalg.solve(hessian + decay * np.eye(2), hessian @ centre))) for decay in fine]
    for key in ("sgd", "adam"):
        found = default.maps[key]
        assert found.best[0] == pytest.approx(fine[int(np.argmin(judged))], rel=0.2)
        assert abs(found.valley.slope) < 0.1
        assert found.valley.without == 0.0


def test_with_too_few_steps_rate_times_decay_is_what_counts_for_sgd_and_adamw(default):
    for key in ("sgd", "adamw"):
        assert -1.4 < default.maps[key].valley.slope_below < -0.6
    without = solve_maps(DEFAULT.replace(surface="none"))
    for key in ("sgd", "adamw"):
        assert without.maps[key].valley.slope == pytest.approx(-1.0, abs=0.1), "the end is (1 - rate decay)^200 of the start, whatever each of them"


def test_the_training_loss_never_asks_for_decay():
    maps = solve_maps(DEFAULT.replace(judge="train"))
    for key in TRIO:
        assert maps.maps[key].valley.without == 1.0
        assert np.isnan(maps.maps[key].valley.slope)
        best = maps.maps[key].excess.min(axis=1)
        assert best[0] <= best.min() + ALIKE


@pytest.mark.parametrize("power", [0.0, -1.0, -0.5, 0.7])
def test_the_slope_of_a_valley_that_is_known_is_found(power):
    rates, decays = np.geomspace(1e-3, 1.0, 61), np.geomspace(1e-4, 1e2, 61)
    bottom = 0.1 * (rates / 0.03) ** power
    excess = 0.02 + 0.1 * np.log(decays[:, None] / bottom[None, :]) ** 2 + 0.001 * np.log(rates[None, :] / 0.03) ** 2
    found = rule_map(excess, decays, rates)
    assert found.valley.slope == pytest.approx(power, abs=0.05)
    assert found.best[0] == pytest.approx(0.1, rel=0.3)
    assert found.best[1] == pytest.approx(0.03, rel=1.2)


def test_a_rule_is_scored_by_its_best_rates_not_by_a_lucky_one():
    rates, decays = np.geomspace(1e-3, 1.0, 61), np.geomspace(1e-3, 1.0, 61)
    excess = np.full((61, 61), 0.5)
    excess[30, 20:50] = 0.1
    excess[50, 59] = 1e-6
    found = rule_map(excess, decays, rates)
    assert found.valley.near[20:50].all()
    assert found.valley.slope == pytest.approx(0.0, abs=1e-9)


def test_a_map_on_which_all_diverged_has_no_valley():
    ticks = np.geomspace(1e-3, 1.0, 61)
    found = rule_map(np.full((61, 61), np.inf), ticks, ticks)
    assert np.isnan(found.valley.slope)
    assert np.isfinite(found.best_rate).all()
    assert np.isfinite(found.best_decay).all()


def test_the_best_run_is_the_stretch_around_the_least():
    cost = np.array([[5.0, 1.0, 1.0, 1.0005, 3.0, 1.0], [np.inf] * 6, [9.0, 8.0, 7.0, 6.0, 5.0, 4.0], [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]])
    low, high = best_run(cost, 1e-3)
    assert low.tolist() == [1, 0, 5, 0]
    assert high.tolist() == [3, 0, 5, 0]


@pytest.mark.parametrize("spec", [DEFAULT, DEFAULT.replace(surface="ravine"), DEFAULT.replace(surface="diabetes")], ids=lambda spec: spec.surface)
def test_descents_best_rate_is_the_text_books_and_falls_with_lambda(spec):
    maps, bowl = solve_maps(spec), chosen_bowl(spec)
    low, high = np.linalg.eigvalsh(bowl.train.hessian)
    expected = best_rate(low, high, 2.0 * maps.lam)
    np.testing.assert_allclose(maps.text_book, expected, rtol=1e-12)
    np.testing.assert_allclose(maps.best_rates["sgd"], expected, rtol=0.25)
    assert maps.best_rates["sgd"][-1] < 0.9 * maps.best_rates["sgd"][0]
    assert maps.best_rates["adamw"][-1] < 0.8 * maps.best_rates["adamw"][8]


def test_best_rates_come_nearest_to_the_rules_own_ends():
    bowl = chosen_bowl(DEFAULT)
    start, decay = chosen_start(DEFAULT, bowl), decay_axis(bowl)[[20]]
    gradients, best = best_rates(bowl, start, decay, 0.99)
    ridge = np.linalg.solve(bowl.train.hessian + decay[0] * np.eye(2), bowl.train.pull)
    away = start - bowl.train.centre
    turns = 2 * np.pi * np.arange(28) / 28
    starts = [
        bowl.train.centre + size * np.array([np.cos(a) * away[0] - np.sin(a) * away[1], np.sin(a) * away[0] + np.cos(a) * away[1]])
        for a, size in zip(turns, np.resize(RADII, 28), strict=True)
    ]
    for key in ("sgd", "adam"):
        far = []
        for rate in FINE:
            runs = [descend(bowl.surface, rule_of(key, 0.99, float(decay[0])), first, rate, gradients).x[0, -1] for first in starts]
            far.append(np.sqrt(np.mean([((end - ridge) ** 2).sum() for end in runs])))
        assert FINE[int(np.argmin(far))] == pytest.approx(best[key][0], rel=1e-12)


def test_rates_of_the_maps_hold_the_stability_limit():
    assert RATES[0] < 2.0 / (2.28 + 1.0) < RATES[-1]
