"""The lab "Batch norm": its small mathematics against torch.nn, enumeration and simulation; its studies on uneven settings; its sentences."""

import dataclasses
import itertools

import numpy as np
import pytest
import torch

from core.batch_norm import invariance, unit
from core.batch_norm.batches import DRAWS, SIZES, BatchResult, BatchSizes
from core.batch_norm.common import LEARNT, Networks, edge, grid, last
from core.batch_norm.decay import LAMBDAS, DecayResult, WeightDecay
from core.batch_norm.orders import ORDERS, Orders
from core.batch_norm.rates import MAP_RATES, RATES, SCALES, MapResult, RateResult, RateScaleMap, RateSweep, rates_of
from core.batch_norm.smoothness import RATES as STEPS
from core.batch_norm.smoothness import SHARES, Smoothness, SmoothnessResult
from core.batch_norm.studies import STUDIES
from core.batch_norm.unit import Unit
from core.batch_norm.words import (
    batch_verdict,
    decay_verdict,
    map_verdict,
    rate_sentences,
    rate_verdict,
    smoothness_verdict,
    unit_sentences,
)
from core.errors import InvalidInput
from core.networks.layout import Layout
from core.networks.losses import LOSSES
from core.studies.here import run
from core.studies.seeds import spread

# ---------------------------------------------------------------------------------------------------------------- one unit


def some_unit(n=40, scale=1.7, shift=-0.4, seed=0):
    rng = np.random.default_rng(seed)
    return unit.normalised(rng.gamma(2.0, 1.5, n), scale, shift)


def test_a_unit_s_batches_and_running_statistics_are_torch_s():
    found = some_unit()
    for i, size in enumerate(found.sizes.tolist()):
        if size == 1:
            continue
        norm = torch.nn.BatchNorm1d(1).double()
        with torch.no_grad():
            norm.weight.fill_(found.scale)
            norm.bias.fill_(found.shift)
        for t in range(found.mean.shape[1]):
            z = torch.tensor(found.sums[found.rows[i][t]])[:, None]
            norm.train()
            np.testing.assert_allclose(found.out(i, t), norm(z).detach()[:, 0], rtol=1e-12, atol=1e-12)
            assert found.running_mean[i, t] == pytest.approx(norm.running_mean.item(), rel=1e-10)
            assert found.running_variance[i, t] == pytest.approx(norm.running_var.item(), rel=1e-10)
            norm.eval()
            np.testing.assert_allclose(found.out(i, t, running=True), norm(z).detach()[:, 0], rtol=1e-10, atol=1e-12)


def test_batches_of_all_sizes_take_the_points_in_one_order_and_each_point_once_an_epoch():
    found = some_unit(n=24)
    for i, size in enumerate(found.sizes.tolist()):
        stream = np.concatenate(found.rows[i])
        assert len(stream) == size * unit.BATCHES
        for first in range(0, len(stream) - 23, 24):
            assert sorted(stream[first : first + 24]) == list(range(24))
    assert found.rows[1][0][0] == found.rows[2][0][0]


def test_in_a_batch_of_one_a_unit_is_its_shift_and_a_sentence_says_so():
    found = some_unit()
    assert found.sizes[0] == 1
    assert all((found.out(0, t) == found.shift).all() for t in range(unit.BATCHES))
    assert "whatever the point" in unit_sentences(found)[0]


def test_a_constant_unit_gives_its_shift_and_a_sentence():
    found = unit.normalised(np.full(30, 3.25), 2.0, 0.5)
    for i in range(len(found.sizes)):
        np.testing.assert_allclose(found.out(i, 3), 0.5, atol=1e-9)
    assert all("same for every point" in sentence for sentence in unit_sentences(found))
    noise = unit.statistics_noise(found.sums)
    assert np.abs(np.concatenate([noise.mean, noise.variance, noise.mean_formula, noise.variance_formula])).max() < 1e-20


@pytest.mark.parametrize("n", [5, 9, 12])
def test_the_noise_of_batch_statistics_by_formula_is_that_over_all_batches(n):
    """Every batch without replacement is written out: no draw, no first order."""
    sums = np.random.default_rng(n).gamma(1.5, 2.0, n)
    found = unit.statistics_noise(sums)
    for size, mean, variance in zip(found.sizes.tolist(), found.mean_formula, found.variance_formula, strict=True):
        batches = np.array([sums[list(rows)] for rows in itertools.combinations(range(n), size)])
        assert mean == pytest.approx(batches.mean(1).var(), rel=1e-10, abs=1e-13)
        assert variance == pytest.approx(batches.var(1).var(), rel=1e-9, abs=1e-12)


def test_measured_noise_is_near_the_formula_and_falls_as_one_over_b():
    found = unit.statistics_noise(np.random.default_rng(1).normal(size=500))
    kept = found.sizes > 1
    np.testing.assert_allclose(found.mean[kept], found.mean_formula[kept], rtol=0.15)
    np.testing.assert_allclose(found.variance[kept], found.variance_formula[kept], rtol=0.25)
    left = 1.0 - found.sizes / 500
    np.testing.assert_allclose(found.mean_formula * found.sizes / left, found.mean_formula[0] / left[0])


def test_too_few_points_for_the_noise_are_refused():
    with pytest.raises(InvalidInput, match="4 or more"):
        unit.statistics_noise(np.ones(3))


# -------------------------------------------------------------------------------------------------------------- invariance


@pytest.mark.parametrize("activation", ["tanh", "relu"])
@pytest.mark.parametrize("eps", [None, 0.0, 1e-5, 1e-1])
def test_loss_and_gradient_of_the_small_network_are_those_of_torch_nn(activation, eps):
    layout = Layout((2, 6, 5, 1), True)
    rng = np.random.default_rng(0)
    row, x, y = rng.normal(size=layout.total), rng.normal(size=(30, 2)), rng.integers(0, 2, 30).astype(float)
    modules = []
    for i in range(3):
        modules.append(torch.nn.Linear(layout.sizes[i], layout.sizes[i + 1]))
        if i < 2:
            modules += [torch.nn.BatchNorm1d(layout.sizes[i + 1], eps=eps or 1e-30)] if eps is not None else []
            modules.append(torch.nn.Tanh() if activation == "tanh" else torch.nn.ReLU())
    network = torch.nn.Sequential(*modules).double()
    named = dict(layout.named(row))
    linears, norms = ([module for module in network if isinstance(module, kind)] for kind in (torch.nn.Linear, torch.nn.BatchNorm1d))
    with torch.no_grad():
        for name, modules in (("layer", linears), ("norm", norms)):
            for i, module in enumerate(modules, 1):
                module.weight.copy_(torch.tensor(named[f"{name}{i}.weight"]))
                module.bias.copy_(torch.tensor(named[f"{name}{i}.bias"]))
    wanted = torch.nn.BCEWithLogitsLoss()(network(torch.tensor(x))[:, 0], torch.tensor(y))
    wanted.backward()
    loss, gradient = invariance.loss_and_gradient(layout, row, x, y, activation, eps)
    assert loss == pytest.approx(wanted.item(), rel=1e-13)
    found = dict(layout.named(gradient))
    for name, modules in (("layer", linears), ("norm", norms)):
        for i, module in enumerate(modules, 1):
            np.testing.assert_allclose(found[f"{name}{i}.weight"], module.weight.grad, rtol=1e-9, atol=1e-14)
            np.testing.assert_allclose(found[f"{name}{i}.bias"], module.bias.grad, rtol=1e-9, atol=1e-14)


@pytest.mark.parametrize("activation", ["tanh", "relu"])
@pytest.mark.parametrize("seed", [0, 5])
def test_with_eps_0_loss_gradient_and_curvature_obey_the_scaling_exactly(activation, seed):
    found = invariance.solve(seed, activation)
    assert found.loss_error("exact").max() < 1e-13
    assert found.gradient_error("exact").max() < 1e-11
    assert np.abs(found.rays["exact"].radial).max() < 1e-13
    if activation == "tanh":  # a kink between the two ends of a difference is no curvature
        assert found.curvature_error("exact").max() < 1e-8


def test_the_usual_eps_leaves_a_millionth_to_a_ten_thousandth_and_without_batch_norm_nothing_holds():
    found = invariance.solve(0)
    near = (found.factors > 0.5) & (found.factors < 3.0)
    left = found.gradient_error("usual")[near]
    assert 1e-6 < np.delete(left, found.middle - int(np.flatnonzero(near)[0])).min() < left.max() < 1e-3
    assert abs(found.rays["usual"].radial[found.middle]) < 1e-4
    assert found.loss_error("plain").max() > 0.05
    assert abs(found.rays["plain"].radial[found.middle]) > 1e-3


def test_the_curvature_of_the_ray_is_that_of_double_backward():
    found = invariance.solve(3)
    # The same network in torch, with its direction drawn in the same order.
    from core.datasets import DATASETS
    from core.networks.layout import initial
    from core.specs.training import TrainingSpec

    layout = Layout((2, *invariance.HIDDEN, 1), True)
    row = initial(TrainingSpec(hidden=invariance.HIDDEN, seed=3, batch_norm=True), layout)[0]
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence((3, 19))))
    for scale, shift in layout.norms:
        row[scale] = rng.uniform(0.5, 1.5, scale.stop - scale.start)
        row[shift] = rng.normal(0.0, 0.3, shift.stop - shift.start)
    scaled = np.zeros(layout.total, dtype=bool)
    for weights, biases in layout.places[:-1]:
        scaled[weights] = scaled[biases] = True
    direction = np.where(scaled, rng.standard_normal(layout.total), 0.0)
    direction /= np.linalg.norm(direction)
    sample = DATASETS["moons"].draw(2 * invariance.POINTS, 0.25, 0.5, 3)
    x, y = torch.tensor(np.reshape(sample.train_inputs, (-1, 2))), torch.tensor(sample.train_targets)
    w = torch.tensor(row, requires_grad=True)
    h = x
    for i, (weights, biases) in enumerate(layout.places):
        h = h @ w[weights].view(layout.sizes[i], -1) + w[biases]
        if i < 2:
            scale, shift = layout.norms[i]
            h = torch.tanh((h - h.mean(0)) / (h.var(0, correction=0) + unit.EPS).sqrt() * w[scale] + w[shift])
    (gradient,) = torch.autograd.grad(torch.nn.BCEWithLogitsLoss()(h[:, 0], y), w, create_graph=True)
    v = torch.tensor(direction)
    (moved,) = torch.autograd.grad(gradient @ v, w)
    assert found.rays["usual"].curvature[found.middle] == pytest.approx((moved @ v).item(), rel=1e-5)


# ------------------------------------------------------------------------------------------------------------------ common


def test_a_spread_leaves_out_what_diverged_and_counts_it():
    found = spread(np.array([1.0, 2.0, np.inf, 3.0, np.nan]))
    assert (found.mean, found.median, found.low, found.high) == (2.0, 2.0, 1.0, 3.0)
    assert (found.values.size, found.of, found.above) == (3, 5, 3)
    assert found.error == pytest.approx(1.0 / 3**0.5)
    assert not found.sure, "three values, 3.5 standard errors: not enough"
    assert spread(np.array([1.0, 1.2, 1.1])).sure
    assert not spread(np.array([1.0, -1.0])).sure
    assert not spread(np.array([5.0])).sure
    assert np.isnan(spread(np.array([np.nan])).mean)


def test_a_difference_is_told_where_scipy_s_test_finds_one():
    from scipy.stats import ttest_1samp

    rng = np.random.default_rng(0)
    for n in range(2, 30):
        values = rng.normal(0.8, 1.0, n)
        assert spread(values).sure == (ttest_1samp(values, 0.0).pvalue < 0.05)


def test_edges_are_the_ends_of_what_trains_and_nan_where_nothing_does():
    trains = np.array([[False, False], [True, False], [False, False], [True, False]])
    rates = np.array([1.0, 2.0, 3.0, 4.0])
    np.testing.assert_array_equal(edge(trains, rates, highest=True), [4.0, np.nan])
    np.testing.assert_array_equal(edge(trains, rates, highest=False), [2.0, np.nan])


def test_a_grid_has_every_combination_the_last_axis_fastest():
    assert grid(lr=(1.0, 2.0), batch_norm=(False, True)) == {"lr": (1.0, 1.0, 2.0, 2.0), "batch_norm": (False, True, False, True)}


@pytest.mark.parametrize(("data", "task", "outputs"), [("breast_cancer", "binary", 1), ("digits", "multiclass", 10), ("wine", "multiclass", 3)])
def test_knowing_nothing_costs_what_the_loss_says(data, task, outputs):
    assert RateSweep(data=data).ignorance == pytest.approx(LOSSES[task].ignorance(outputs))


def test_the_two_networks_of_a_pair_start_with_equal_weights():
    from core.networks.family import family_of
    from core.training import start

    (part,) = RateSweep(layers=2, width=3, seeds=2).parts()
    state = start(part.training)
    plain = family_of(part.training, None).layout.plain
    pairs = state.weights[:, :plain].view(-1, 2, plain)
    assert torch.equal(pairs[:, 0], pairs[:, 1])
    assert not torch.equal(pairs[0], pairs[1])


# ------------------------------------------------------------------------------------------------- what sentences conclude


def sweep(largest_plain, largest_normed, seeds=4):
    """Return a sweep in which networks learn from the fifth rate up to the given ones, by seed."""
    study = RateSweep(seeds=seeds)
    train = np.ones((RATES, seeds, 2, 3))
    for which, ends in enumerate((largest_plain, largest_normed)):
        for seed, end in enumerate(ends):
            train[4 : end + 1, seed, which, -1] = 0.01
            train[end + 2 :, seed, which, -1] = np.nan
    return RateResult(study, np.array(rates_of("sgd", RATES)), np.arange(3.0), train, train.copy())


def test_the_ratio_of_largest_rates_is_counted_by_seed():
    result = sweep((10, 10, 11, 10), (14, 14, 14, 13))
    rates = np.array(rates_of("sgd", RATES))
    np.testing.assert_allclose(result.largest, np.stack([rates[[10, 10, 11, 10]], rates[[14, 14, 14, 13]]], axis=1))
    np.testing.assert_allclose(result.ratio.values, [rates[14] / rates[10], rates[14] / rates[10], rates[14] / rates[11], rates[13] / rates[10]])
    assert "allows higher rates" in rate_verdict(result)
    assert "over 4 of 4 seeds" in rate_verdict(result)
    assert "Diverged: 0 with, 3 without" in rate_sentences(result)[12]


def test_where_rates_are_no_higher_the_sentence_says_so():
    assert "does NOT allow higher rates" in rate_verdict(sweep((14, 14, 13, 14), (10, 10, 10, 11)))
    assert "No clear difference here" in rate_verdict(sweep((12, 13, 12, 12), (12, 12, 13, 12)))
    assert "at least" in rate_verdict(sweep((10, 10, 10, 10), (18, 18, 18, 18)))


def test_a_sweep_in_which_nothing_learns_is_a_sentence():
    result = sweep((10, 10, 10, 10), (14, 14, 14, 14))
    train = result.train.copy()
    train[:, :, 1] = np.nan
    nothing = dataclasses.replace(result, train=train, val=train)
    assert "No network with batch norm has" in rate_verdict(nothing)
    assert "of either kind" in rate_verdict(dataclasses.replace(nothing, train=np.full_like(train, np.nan)))
    assert all("nan" not in sentence for sentence in rate_sentences(nothing))


def test_a_map_counts_the_cells_that_train():
    study = RateScaleMap(seeds=3)
    train = np.ones((MAP_RATES, len(SCALES), 3, 2, 2))
    train[:6, :, :, 1, -1] = 0.01
    train[:3, :, :, 0, -1] = 0.01
    result = MapResult(study, np.arange(1.0, MAP_RATES + 1), np.array(SCALES), np.arange(2.0), train)
    np.testing.assert_allclose(result.shares, [[0.25, 0.5]] * 3)
    assert "50 % of the cells train with batch norm, 25 % without" in map_verdict(result)
    assert "Less sensitive" in map_verdict(result)
    swapped = dataclasses.replace(result, train=train[..., ::-1, :])
    assert "MORE sensitive" in map_verdict(swapped)


def line(ratio):
    """Return a quadratic of curvature 1 without batch norm, and of ``ratio`` with it, looked at from a slope of 1."""
    study = Smoothness(seeds=3, rate=0.1)
    shape = (len(study.looked), 3, 2)
    bend = np.broadcast_to(np.array([1.0, ratio]) * np.array([0.9, 1.0, 1.1])[:, None], shape)
    ones = np.ones(shape)
    steps = {"rate": np.array(STEPS), "weights": np.array(SHARES)}
    # |t g| of each step: rate times its multiple, and shares of a norm of 2.
    far = {"rate": 0.1 * steps["rate"], "weights": 2.0 * steps["weights"]}
    loss = {name: 1.0 - each + 0.5 * bend[..., None] * each**2 for name, each in far.items()}
    change = {name: bend[..., None] * each for name, each in far.items()}
    return SmoothnessResult(study, np.array(study.looked, dtype=float), steps, ones, ones, 2.0 * ones, loss, change)


def test_on_a_quadratic_the_effective_smoothness_is_its_curvature():
    result = line(5.0)
    bend = np.array([[0.9, 4.5], [1.0, 5.0], [1.1, 5.5]])
    np.testing.assert_allclose(result.judged("smoothness", "rate")[0], bend)
    np.testing.assert_allclose(result.judged("smoothness", "weights")[0], 4.0 * bend, err_msg="times |w|^2")
    np.testing.assert_allclose(result.judged("gradient", "rate")[0], bend * 0.1 * STEPS[-1])
    values = 1.0 - 0.1 * np.array([0.0, *STEPS]) + 0.5 * 0.9 * (0.1 * np.array([0.0, *STEPS])) ** 2
    assert result.judged("loss", "rate")[0, 0, 0] == pytest.approx(np.ptp(values))


def test_smoothness_at_equal_loss_is_read_where_both_pass_the_same_loss():
    """Networks that walk down at different paces, and whose curvature is a power of their loss."""
    result = line(5.0)
    paces = np.array([0.5, 0.8])
    loss0 = 10.0 ** -(paces * np.arange(len(result.epochs))[:, None, None] * np.ones((1, 3, 1)))
    loss0[3, 0, 1] = loss0[2, 0, 1] * 1.5  # a step back is passed over
    factor = loss0[..., None] ** 0.3
    change = {name: values * factor for name, values in result.change.items()}
    found = dataclasses.replace(result, loss0=loss0, change=change).matched("smoothness", "rate")
    np.testing.assert_allclose(found.values, np.log10(5.0), atol=1e-9)
    assert result.matched("smoothness", "rate").values.size == 0, "without a range of losses there is nothing to compare"
    assert "no range in common" in smoothness_verdict(result, "smoothness", "rate")


def test_the_verdict_on_smoothness_follows_the_ratio():
    assert "does NOT smooth" in smoothness_verdict(line(5.0), "smoothness", "rate")
    assert "smoother with batch norm at all epochs" in smoothness_verdict(line(0.2), "smoothness", "weights")
    assert "at 0 of" in smoothness_verdict(line(1.0), "smoothness", "rate")


def test_the_gap_at_equal_training_loss_is_taken_where_both_first_have_it():
    study = BatchSizes(seeds=1)
    shape = (len(SIZES), DRAWS, 1, 2, 4)
    train, val = np.zeros(shape), np.zeros(shape)
    train[..., 0, :], val[..., 0, :] = [1.0, 0.5, 0.2, 0.1], [1.0, 0.6, 0.5, 0.9]
    train[..., 1, :], val[..., 1, :] = [1.0, 0.8, 0.5, 0.5], [1.0, 0.8, 0.5, 0.6]
    result = BatchResult(study, np.array(SIZES, dtype=float), np.arange(4.0), train, val)
    np.testing.assert_allclose(result.gap[0, 0, 0], [0.8, 0.1])
    np.testing.assert_allclose(result.matched[0, 0, 0], [0.1, 0.0])
    said = batch_verdict(result)
    assert "smaller at batch sizes 2, 4, 8, 16, 32, 64, larger at none" in said


def test_a_diverged_network_leaves_the_gap_without_a_number_and_the_sentences_whole():
    study = BatchSizes(seeds=2)
    rng = np.random.default_rng(0)
    train = rng.random((len(SIZES), DRAWS, 2, 2, 4))
    train[0, ..., 1, 2:] = np.nan
    result = BatchResult(study, np.array(SIZES, dtype=float), np.arange(4.0), train, train + 0.1)
    assert np.isnan(result.gap[0, ..., 1]).all()
    assert "nan" not in batch_verdict(result)


def test_decay_and_orthogonal_steps_balance_where_the_formula_says():
    """A weight whose gradient is at right angles to it and goes as 1 / |w|, under SGD with decay, simulated."""
    rng = np.random.default_rng(0)
    rate, lam = 0.1, 0.02
    w = rng.normal(size=200)
    for _ in range(6000):
        push = rng.normal(size=200)
        push -= w * (w @ push) / (w @ w)
        before = w
        w = w - rate * (0.8 * push / np.linalg.norm(push) / np.linalg.norm(w) + 2.0 * lam * w)
    turned = np.arccos(before @ w / np.linalg.norm(before) / np.linalg.norm(w))
    zeros = np.ones((1, len(LAMBDAS), 1, 2))
    result = DecayResult(WeightDecay(rate=rate), np.full(len(LAMBDAS), lam), np.zeros(1), zeros, zeros, zeros, zeros[0], zeros[0], zeros[0])
    assert turned == pytest.approx(result.balance[0], rel=0.02)


def test_the_effective_rate_is_that_of_the_same_network_with_weights_of_length_one():
    """With grad(cw) = grad(w) / c the direction moves as at length 1 with rate / |w|^2; where a step is the gradient's sign, with rate / |w|."""
    w, g = np.array([3.0, 4.0]), np.array([-0.8, 0.6])  # at right angles; g is the gradient at length 1
    shape = (1, len(LAMBDAS), 1, 2)
    for rule, step in (("sgd", g / 5.0), ("adam", np.sign(g))):
        ones = np.ones(shape)
        study = WeightDecay(rule=rule, rate=0.01)
        result = DecayResult(study, np.array(LAMBDAS), np.zeros(1), 5.0 * ones, ones, ones, ones[0], ones[0], ones[0])
        long = w - 0.01 * step
        short = w / 5.0 - result.effective[0, 0, 0, 0] * (g if rule == "sgd" else np.sign(g))
        np.testing.assert_allclose(long / np.linalg.norm(long), short / np.linalg.norm(short), rtol=1e-12)


def test_the_verdict_on_decay_says_what_became_of_the_sharpness():
    study = WeightDecay(seeds=4)
    shape = (len(LAMBDAS), 4, 2)
    sharp = np.ones(shape) * np.array([0.9, 1.0, 1.1, 1.05])[:, None]
    sharp[-1, :, 1] *= np.array([3.0, 4.0, 2.0, 3.0])
    ones = np.ones((1, *shape))
    result = DecayResult(study, np.array(LAMBDAS), np.zeros(1), ones, ones, ones, sharp, ones[0], ones[0])
    said = decay_verdict(result)
    assert "with batch norm it raises the largest eigenvalue 3 (2 to 4) times (up in 4 of 4 seeds)" in said
    assert "without it changes the largest eigenvalue 1 (1 to 1) times, which is no clear change" in said


# ------------------------------------------------------------------------------------------------------------------ studies

UNEVEN = {
    "one unit in one layer": {"width": 1, "layers": 1},
    "batches of one": {"batch": 1, "layers": 2, "width": 3},
    "all points at once, after the activation": {"batch": 0, "place": "after", "layers": 2, "width": 3},
    "a dead network": {"activation": "relu", "layers": 6, "width": 2, "rule": "momentum"},
}
FIGURES = {
    "bn_rate_sweep": ("rates", ("rate_curves", "rate_losses")),
    "bn_rate_scale_map": ("maps", ("scale_map", "cell_losses")),
    "bn_smoothness": ("smoothness", ("step_losses", "smooth_over_epochs")),
    "bn_batch_sizes": ("batches", ("gap_curves", "batch_losses")),
    "bn_orders": ("orders", ("shift_by_layer", "order_losses")),
    "bn_weight_decay": ("decay", ("effective_rates", "turnings", "sharpness_curve")),
}
MORE = {"scale_map": ((0,), (1,)), "step_losses": (("rate",), ("weights",)), "smooth_over_epochs": (("loss", "weights"), ("smoothness", "rate"))}


@pytest.mark.parametrize("uneven", UNEVEN)
@pytest.mark.parametrize("kind", [kind for kind in STUDIES if kind is not Unit], ids=lambda kind: kind.key)
def test_uneven_settings_give_sentences_and_finite_pictures(kind, uneven):
    import importlib

    study = kind(data="wine", epochs=2, seeds=2, **UNEVEN[uneven])
    result = study.conclude(run(study))
    module, names = FIGURES[kind.key]
    for name in names:
        for more in MORE.get(name, ((),)):
            scene = getattr(importlib.import_module(f"core.figures.batch_norm.{module}"), name)(result, *more)
            assert scene.graph().layout
            assert scene.alt
            for mark in scene.marks:
                assert np.isfinite(mark.xy).all(), (name, mark.name)
            assert all("nan" not in caption and caption[-1] in ".)" for caption in scene.captions), scene.captions[:3]
            for column in scene.table.values():
                assert np.isfinite(column).all(), name
    from core.figures.batch_norm import panel

    notes = {"bn_rate_sweep": "rate", "bn_rate_scale_map": "map", "bn_batch_sizes": "batch", "bn_orders": "order", "bn_weight_decay": "decay"}
    told = panel.smoothness_notes(result, "loss", "rate") if kind is Smoothness else getattr(panel, f"{notes[kind.key]}_notes")(result)
    assert all("nan" not in str(text) for note in told for text in note.values)
    if uneven == "batches of one" and kind in (RateSweep, RateScaleMap, Smoothness):
        assert "PyTorch refuses such a batch" in str(told[0].values)


@pytest.mark.parametrize("changes", [{}, {"width": 1, "layers": 1}, {"batch": 1}, {"place": "after"}], ids=str)
def test_the_unit_s_sums_are_what_its_norm_is_given(changes):
    study = Unit(data="wine", epochs=2, **changes)
    result = study.conclude(run(study))
    assert result.sums.shape[0] == 2
    assert result.sums.shape[1] == min(4, study.width)
    assert np.isfinite(result.sums).all()
    from core.figures.batch_norm.unit import noise_curves, statistics_path, unit_batch

    found = unit.normalised(result.sums[1, 0], float(result.scale[1, 0]), float(result.shift[1, 0]))
    for scene in (unit_batch(found), statistics_path(found), noise_curves(unit.statistics_noise(result.sums[1, 0]))):
        assert scene.graph().layout
        assert all(np.isfinite(mark.xy).all() for mark in scene.marks)


def test_every_order_has_a_family_of_its_own_and_dropout_alone_another():
    parts = Orders().parts()
    assert len(parts) == len(ORDERS) + 1
    assert len({(*part.training.order, part.training.dropout_place) for part in parts[:-1]}) == len(ORDERS)
    assert parts[-1].training.batch_norm is False


def test_all_shipped_studies_are_there_and_say_what_the_page_says():
    from core.studies import shelf

    for kind in STUDIES:
        assert issubclass(kind, Networks)
        for study in kind.shipped():
            outcomes = shelf.shipped(study)
            assert outcomes is not None, f"{study.key} is not shipped"
            assert study.table(study.conclude(outcomes))


def test_what_the_default_page_shows_of_the_claims_holds():
    """Claims 22 to 25 on the shipped networks: higher rates and less sensitivity hold in the deep one, and not in two layers of tanh."""
    from core.studies import shelf

    def concluded(study):
        return study.conclude(shelf.shipped(study))

    deep, shallow = concluded(RateSweep()), concluded(RateSweep(activation="tanh", layers=2))
    assert "allows higher rates" in rate_verdict(deep)
    assert deep.ratio.low > 1.5
    assert shallow.ratio.median < 1.0
    for study in RateSweep.shipped():
        assert np.median(concluded(study).best[:, 1]) > np.median(concluded(study).best[:, 0]), "the best rate fits better without"
    assert deep.lower.low > 1.0
    assert shallow.lower.high < 1.5
    assert concluded(RateScaleMap()).gain.mean > 0.3
    smooth = concluded(Smoothness())
    assert "smoother with batch norm at 0 of 8 epochs" in smoothness_verdict(smooth, "smoothness", "rate")
    digits = concluded(Smoothness(data="digits", seeds=4)).ratio("smoothness", "weights")
    assert digits[0].low > 0.0 > digits[-1].high, "rougher at the start, smoother at the end"
    for judge in ("loss", "gradient", "smoothness"):
        assert concluded(Smoothness(data="digits", seeds=4)).matched(judge, "weights").high < 0.0, "smoother at equal training loss"
        assert smooth.matched(judge, "weights").low > 0.0, "rougher at equal training loss"
    raised = concluded(WeightDecay()).raised(1)
    assert raised.sure
    assert raised.mean > 0.0


def test_last_losses_of_diverged_networks_are_infinite():
    np.testing.assert_array_equal(last(np.array([[1.0, 0.5], [2.0, np.nan]])), [0.5, np.inf])
    assert LEARNT == 0.5
