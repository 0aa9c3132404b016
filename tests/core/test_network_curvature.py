"""Curvature of networks against oracles that share nothing with it: torch.nn's double backward, differences, enumeration, dense scans."""

import dataclasses
import itertools

import numpy as np
import pytest
import torch
from torch import nn

import core.curvature
from core.curvature import extreme_eigenvalues, network_hessian
from core.curvature.networks import data_loss, exact, extremes, negatives, slices, trace, unseen_loss
from core.curvature.networks import hessian as by_products
from core.curvature.networks import products as moving
from core.curvature.networks import sharpness as sharp
from core.curvature.networks.products import Products
from core.curvature.networks.report import report
from core.curvature.networks.scaling import normed_weights
from core.errors import InvalidInput
from core.networks import passes
from core.networks.family import family_of
from core.specs.training import TrainingSpec
from core.training import advance, start
from tests.core.torch_networks import loss_of, plain_network

SMALL = {"data": "moons", "points": 60, "hidden": (4, 3), "precision": "float64", "device": "cpu", "epochs": 30}


def trained(epochs=20, **changes):
    spec = TrainingSpec(**(SMALL | {"epochs": max(epochs, 1)} | changes))
    return advance(start(spec), epochs)[0] if epochs else start(spec)


def torch_gradient(network, loss):
    """The gradient in the family's order, with its graph kept."""
    linears = [module for module in network if isinstance(module, nn.Linear)]
    norms = [module for module in network if isinstance(module, nn.BatchNorm1d)]
    given = [part for linear in linears for part in (linear.weight, linear.bias)] + [part for norm in norms for part in (norm.weight, norm.bias)]
    found = torch.autograd.grad(loss, given, create_graph=True)
    return given, torch.cat([slope.T.reshape(-1) if slope.dim() == 2 else slope for slope in found])


def flat(parts):
    return torch.cat([part.T.reshape(-1) if part.dim() == 2 else part for part in parts])


def double_backward(state, member=0):
    """The Hessian as a course would get it: the gradient's graph, walked backwards once for each weight."""
    spec = state.spec.member(member)
    family = family_of(spec.replace(precision="float64"), state.data)
    network = plain_network(spec, family, state.weights[member].double()).train()
    loss = loss_of(family.points.task, network(family.points.train[0]), family.points.train_targets)
    given, slope = torch_gradient(network, loss)
    rows = []
    for each in slope:
        found = torch.autograd.grad(each, given, retain_graph=True, allow_unused=True) if each.requires_grad else [None] * len(given)
        rows.append(flat([torch.zeros_like(part) if row is None else row for row, part in zip(found, given, strict=True)]))
    return torch.stack(rows).detach().numpy()


def differences(loss, step=1e-5):
    """The Hessian from central differences of the hand-written gradient."""
    moved = np.eye(len(loss.weights)) * step
    here = loss.weights.numpy()
    return (loss.gradients(here + moved)[1] - loss.gradients(here - moved)[1]) / (2 * step)


NETWORKS = [
    {"activation": "tanh"},
    {"activation": "relu"},
    {"activation": "gelu"},
    {"activation": "sigmoid", "hidden": (5,)},
    {"activation": "linear", "hidden": ()},
    {"data": "iris", "points": 100},
    {"data": "diabetes", "hidden": (3,)},
    {"hidden": (1, 1)},
    {"batch_norm": True},
    {"batch_norm": True, "activation": "relu", "hidden": (4,)},
    {"batch_norm": True, "norm_place": "after"},
    {"batch_norm": True, "data": "iris", "hidden": (3, 3)},
]


@pytest.mark.parametrize("changes", NETWORKS, ids=lambda changes: "-".join(str(value) for value in changes.values()))
def test_the_hessian_is_that_of_double_backward_of_differences_and_its_own_transpose(changes):
    state = trained(**changes)
    found = network_hessian(state, 0)
    oracle = double_backward(state)
    size = np.abs(oracle).max()
    np.testing.assert_allclose(found, oracle, rtol=0, atol=1e-10 * size)
    np.testing.assert_array_equal(found, found.T)
    loss = data_loss(state, 0)
    one_by_one = Products(loss).times(torch.eye(len(found), dtype=torch.float64)).numpy()
    np.testing.assert_allclose(one_by_one, oracle, rtol=0, atol=1e-10 * size)
    # A difference of gradients across a kink of ReLU is no second derivative.
    if changes.get("activation") != "relu":
        np.testing.assert_allclose(found, differences(loss), rtol=0, atol=2e-6 * size)


def test_the_hessian_does_not_depend_on_how_much_is_computed_at_once(monkeypatch):
    state, normed = trained(), trained(batch_norm=True)
    whole, with_norm = network_hessian(state, 0), network_hessian(normed, 0)
    monkeypatch.setattr(by_products, "HELD", 500)
    monkeypatch.setattr(moving, "CHUNK", 300)
    np.testing.assert_allclose(network_hessian(state, 0), whole, rtol=0, atol=1e-15)
    np.testing.assert_allclose(network_hessian(normed, 0), with_norm, rtol=0, atol=1e-12)


def test_members_of_a_family_have_their_own_weights_points_and_norms():
    state = trained(seed=(0, 1, 0), noise=(0.1, 0.1, 0.4), batch_norm=(False, True, True))
    for member in range(3):
        oracle = double_backward(state, member)
        found = network_hessian(state, member)
        inert = len(found) - len(oracle)  # scales and shifts that a network without norms does not look at
        assert inert == (14 if member == 0 else 0)
        np.testing.assert_allclose(found[: len(oracle), : len(oracle)], oracle, rtol=0, atol=1e-10 * np.abs(oracle).max())
        assert not found[len(oracle) :].any()
    for member in (3, -1, True, 0.0):
        with pytest.raises(InvalidInput, match="member"):
            network_hessian(state, member)


def test_single_precision_training_is_measured_in_double():
    state = trained(precision="float32")
    oracle = double_backward(state)
    np.testing.assert_allclose(network_hessian(state, 0), oracle, rtol=0, atol=1e-10 * np.abs(oracle).max())


# --------------------------------------------------------------------------------------------------- a trap of torch.func


def torch_func_hessian(network, inputs, targets):
    """torch.func.hessian of a torch.nn network, in the family's order."""
    named = dict(network.named_parameters())
    sizes = {name: part.shape for name, part in named.items()}

    def split(row):
        parts = row.split([size.numel() for size in sizes.values()])
        return {name: part.view(size) for (name, size), part in zip(sizes.items(), parts, strict=True)}

    def loss(row):
        return nn.BCEWithLogitsLoss()(torch.func.functional_call(network, split(row), inputs)[:, 0], targets)

    row = torch.cat([part.detach().reshape(-1) for part in named.values()])
    slope = torch.func.grad(loss)

    def along(direction):
        return torch.func.jvp(slope, (row,), (direction,))[1]

    step, axes = 1e-5, torch.eye(len(row), dtype=row.dtype)
    oracle = torch.stack([(slope(row + step * axis) - slope(row - step * axis)) / (2 * step) for axis in axes])
    return torch.func.hessian(loss)(row).detach(), torch.func.vmap(along)(axes).detach(), oracle.detach()


# torch itself calls what it deprecates.
@pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated:DeprecationWarning")
@pytest.mark.parametrize("norm", [lambda: nn.BatchNorm1d(6, track_running_stats=False), lambda: nn.LayerNorm(6)], ids=["batch", "layer"])
def test_torch_func_hessian_is_silently_wrong_for_affine_norms_and_forward_over_reverse_is_not(norm):
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(2, 6), norm(), nn.Tanh(), nn.Linear(6, 1)).double().train()
    with torch.no_grad():
        for part in network[1].parameters():
            part.add_(0.5 * torch.randn_like(part))
    inputs = torch.randn(30, 2, dtype=torch.float64)
    wrong, right, oracle = torch_func_hessian(network, inputs, (inputs[:, 0] > 0).double())
    size = oracle.abs().max()
    assert (right - oracle).abs().max() < 1e-6 * size
    assert (wrong - oracle).abs().max() > 0.02 * size, "torch has mended this: say so on the page"


# -------------------------------------------------------------------------------------------------------- batch normalisation


@pytest.fixture
def without_epsilon(monkeypatch):
    monkeypatch.setattr(passes, "BN_EPS", 0.0)


@pytest.mark.parametrize("factor", [0.2, 3.0])
def test_under_batch_normalisation_the_scale_of_the_weights_does_not_matter_and_curvature_is_over_its_square(factor, without_epsilon):
    state = trained(batch_norm=True)
    loss = data_loss(state, 0)
    before = normed_weights(loss.layout)
    weights = loss.weights.numpy()
    (height,), (slope,) = loss.gradients(weights[None])
    assert abs(weights[before] @ slope[before]) < 1e-14
    scaled = weights.copy()
    scaled[before] *= factor
    there = loss.at(scaled)
    (same,), (moved,) = there.gradients(scaled[None])
    assert same == pytest.approx(height, abs=1e-13)
    np.testing.assert_allclose(moved[before], slope[before] / factor, atol=1e-13)
    own, other = exact(loss)[np.ix_(before, before)], exact(there)[np.ix_(before, before)]
    np.testing.assert_allclose(other, own / factor**2, rtol=0, atol=1e-10 * np.abs(other).max())
    # The weights' own direction is flat to second order along themselves: w'Hw = -<w, gradient> = 0.
    assert abs(weights[before] @ own @ weights[before]) < 1e-12


def test_the_epsilon_of_the_norm_leaves_a_little_of_the_scale():
    loss = data_loss(trained(batch_norm=True), 0)
    before = normed_weights(loss.layout)
    slope = loss.gradients(loss.weights[None])[1][0]
    assert 1e-9 < abs(loss.weights.numpy()[before] @ slope[before]) < 1e-3


def test_batch_normalisation_of_one_row_has_no_variance_and_a_finite_hessian():
    state = trained(0, batch_norm=True, points=4, split=0.1, data="gaussians", hidden=(3,))
    assert data_loss(state, 0).inputs.shape[1] <= 2
    lone = data_loss(state, 0)
    lone = dataclasses.replace(lone, inputs=lone.inputs[:, :1], targets=lone.targets[:1])
    hessian = exact(lone)
    assert np.isfinite(hessian).all()
    before = normed_weights(lone.layout)
    assert not np.abs(hessian[np.ix_(before, before)]).max() > 1e-12, "the norm takes everything away, so nothing before it moves the loss"
    assert all(np.isfinite(value) for value in report(lone, 0.05, 1e-3).numbers.values())


# ------------------------------------------------------------------------------------------------------- ends of the spectrum


def test_the_ends_of_small_and_of_large_spectra_come_with_residuals_and_are_those_of_the_whole():
    for hidden in ((4, 3), (30, 24)):
        state = trained(hidden=hidden, points=80)
        whole = np.linalg.eigvalsh(network_hessian(state, 0))
        assert (len(whole) > 700) == (hidden == (30, 24))
        for which, oracle in (("LA", whole[-3:]), ("SA", whole[:3])):
            values, residuals = extreme_eigenvalues(state, 0, 3, which)
            np.testing.assert_allclose(values, oracle, rtol=0, atol=1e-8 * np.abs(whole).max())
            assert values.shape == residuals.shape == (3,)
            assert (residuals < 1e-6).all()
        values, vectors, residuals = extremes(data_loss(state, 0), 1)
        hessian = network_hessian(state, 0)
        by_hand = np.linalg.norm(hessian @ vectors[0] - values[0] * vectors[0]) / np.abs(whole).max()
        assert residuals[0] == pytest.approx(by_hand, abs=1e-12)
        np.testing.assert_array_equal(extreme_eigenvalues(state, 0, 1)[0], extreme_eigenvalues(state, 0, 1)[0])


def test_a_dead_network_has_a_flat_spectrum_and_no_error():
    for hidden in ((4, 3), (30, 24)):
        spec = TrainingSpec(**(SMALL | {"hidden": hidden, "init_scale": 0.0, "activation": "relu", "data": "diabetes"}))
        state = start(spec)
        loss = data_loss(state, 0)
        silent = loss.at(np.where(np.arange(len(loss.weights)) < 5, -1.0, 0.0) * 0.0)
        values, residuals = extreme_eigenvalues(state, 0, 1)
        assert np.isfinite(values).all()
        assert np.isfinite(residuals).all()
        if hidden == (4, 3):
            found = report(silent, 0.05, 1e-3).numbers
            assert all(np.isfinite(value) for value in found.values())


@pytest.mark.parametrize(("count", "which"), [(0, "LA"), (10_000, "LA"), (1.0, "LA"), (True, "LA"), (1, "LM")])
def test_a_count_or_an_end_that_there_is_none_of_is_refused(count, which):
    with pytest.raises(InvalidInput):
        extreme_eigenvalues(trained(0), 0, count, which)


def test_the_trace_of_a_small_network_is_exact_and_of_a_large_one_lies_within_its_error():
    small = data_loss(trained(), 0)
    assert trace(small) == (pytest.approx(np.trace(exact(small))), 0.0)
    large = data_loss(trained(hidden=(30, 24), points=80), 0)
    oracle = np.trace(exact(large))
    away = []
    for seed in range(12):
        value, error = trace(large, probes=24, seed=seed)
        assert error > 0.0
        away.append((value - oracle) / error)
    assert np.abs(away).max() < 4.5
    assert np.abs(np.mean(away)) < 1.5, "unbiased"


def test_negative_eigenvalues_are_counted_beyond_rounding_only():
    # Two inputs that are one: the loss is convex and its Hessian singular, so no eigenvalue is truly negative.
    rng = np.random.default_rng(0)
    column = rng.standard_normal((50, 1))
    spec = TrainingSpec(**(SMALL | {"data": "given", "hidden": (), "noise": 0.0}))
    state = start(spec, (np.repeat(column, 6, axis=1), column[:, 0] + 0.1 * rng.standard_normal(50)))
    whole = np.linalg.eigvalsh(network_hessian(state, 0))
    single = np.linalg.eigvalsh(network_hessian(state, 0).astype(np.float32))
    assert negatives(whole) == 0
    assert (single < 0.0).any(), "in single precision the zeros are noise of either sign"
    assert np.abs(single[:5]).max() < 3.5e-6 * single.max()
    np.testing.assert_array_equal(negatives(np.array([[-1.0, 0.0, 2.0], [-1e-17, 0.0, 2.0]])), [1, 0])


# --------------------------------------------------------------------------------------------------------- L2 and the spectrum


@pytest.mark.parametrize("lam", [1e-3, 0.2])
def test_l2_at_the_same_point_shifts_all_eigenvalues_by_2_lambda_and_with_free_biases_by_less(lam):
    loss = data_loss(trained(), 0)
    hessian = exact(loss)
    own = np.linalg.eigvalsh(hessian)
    shifted = np.linalg.eigvalsh(hessian + 2 * lam * np.eye(len(own)))
    np.testing.assert_allclose(shifted, own + 2 * lam, rtol=0, atol=5e-15 * np.abs(own).max())
    alone = np.linalg.eigvalsh(hessian + 2 * lam * np.diag(loss.layout.penalised(biases=False).astype(float)))
    shift = alone - own
    assert shift.min() > -1e-13
    assert shift.max() < 2 * lam + 1e-13
    assert shift.max() - shift.min() > 0.2 * lam, "not uniform"
    assert shift.sum() == pytest.approx(2 * lam * loss.layout.penalised(biases=False).sum())


# ---------------------------------------------------------------------------------------------------------------- sharpness


def quadratic(centre=False):
    """A linear model of a quantity: its loss is exactly quadratic. Around its minimum, or away from it."""
    rng = np.random.default_rng(3)
    inputs = rng.standard_normal((40, 2)) * (1.0, 3.0)
    spec = TrainingSpec(**(SMALL | {"data": "given", "hidden": (), "noise": 0.0}))
    loss = data_loss(start(spec, (inputs, inputs @ (1.0, -0.5) + rng.standard_normal(40))), 0)
    if not centre:
        return loss
    hessian, slope = exact(loss), loss.gradients(loss.weights[None])[1][0]
    return loss.at(loss.weights.numpy() - np.linalg.solve(hessian, slope))


def test_sam_at_a_quadratic_minimum_is_the_radius_squared_times_half_the_top_eigenvalue():
    loss = quadratic(centre=True)
    found = sharp.sam(loss, 0.3)
    assert found.most == pytest.approx(0.3**2 * np.linalg.eigvalsh(exact(loss))[-1] / 2, rel=1e-6)
    assert np.linalg.norm(found.to) <= 0.3 * (1 + 1e-12)
    assert loss.values(loss.weights.numpy()[None] + found.to)[0] - loss.values(loss.weights[None])[0] == pytest.approx(found.most)


def test_sam_beside_a_minimum_is_the_largest_rise_of_a_dense_scan_and_its_first_step_is_less():
    loss = quadratic()
    rng = np.random.default_rng(0)
    scan = rng.standard_normal((200_000, 3))
    scan *= 0.5 / np.linalg.norm(scan, axis=1, keepdims=True)  # a convex loss is largest on the sphere
    oracle = (loss.values(loss.weights.numpy() + scan) - loss.values(loss.weights[None])[0]).max()
    found = sharp.sam(loss, 0.5)
    assert oracle <= found.most <= oracle * (1 + 1e-3)
    slope = loss.gradients(loss.weights[None])[1][0]
    step = 0.5 * slope / np.linalg.norm(slope)
    assert found.first == pytest.approx(loss.values(loss.weights.numpy()[None] + step)[0] - loss.values(loss.weights[None])[0])
    assert found.first <= found.most


def test_keskars_box_on_a_quadratic_has_its_maximum_in_a_corner():
    for centre in (False, True):
        loss = quadratic(centre)
        weights = loss.weights.numpy()
        half = 0.1 * (np.abs(weights) + 1.0)
        corners = np.array(list(itertools.product((-1.0, 1.0), repeat=3))) * half
        oracle = (loss.values(weights + corners) - loss.values(weights[None])[0]).max()
        found = sharp.keskar(loss, 0.1)
        assert found.most == pytest.approx(oracle, rel=1e-9)
        assert (np.abs(found.to) <= half * (1 + 1e-12)).all()
    assert sharp.keskar_percent(0.5, 1.0) == 25.0


def test_no_point_of_a_dense_scan_of_a_small_network_rises_above_what_the_ascents_find():
    loss = data_loss(trained(60, hidden=(1,), lr=0.05), 0)
    weights = loss.weights.numpy()
    rng = np.random.default_rng(1)
    base = loss.values(weights[None])[0]
    ball = rng.standard_normal((40_000, len(weights)))
    ball *= 0.3 / np.linalg.norm(ball, axis=1, keepdims=True)
    box = rng.uniform(-1, 1, (40_000, len(weights)))
    box = np.where(rng.random((40_000, 1)) < 0.5, np.sign(box), box) * 0.05 * (np.abs(weights) + 1)
    assert sharp.sam(loss, 0.3).most >= (loss.values(weights + ball) - base).max() * (1 - 1e-4)
    assert sharp.keskar(loss, 0.05).most >= (loss.values(weights + box) - base).max() * (1 - 1e-9)


def test_ascents_from_other_seeds_find_the_same_maximum():
    loss = data_loss(trained(200, hidden=(8, 8)), 0)
    leading = extremes(loss, 1)[1]
    found = [(sharp.sam(loss, 0.05, leading, seed).most, sharp.keskar(loss, 1e-3, leading, seed).most) for seed in range(3)]
    np.testing.assert_allclose(found[1:], [found[0]] * 2, rtol=2e-3)


# ------------------------------------------------------------------------------------------------------ filters and rescaling


def test_filters_are_the_weights_into_a_unit_and_the_biases_of_a_layer_each_once():
    layout = data_loss(trained(0, batch_norm=True), 0).layout
    which = sharp.filters(layout)
    for (weights, biases), into, out in zip(layout.places, layout.sizes, layout.sizes[1:], strict=False):
        block = which[weights].reshape(into, out)
        assert (block == block[0]).all()
        assert len(set(block[0])) == out
        assert len(set(which[biases])) == 1
    assert len(set(which)) == sum(out + 1 for out in layout.sizes[1:]) + 2 * len(layout.norms)
    assert sorted(set(which)) == list(range(len(set(which))))


def test_every_filter_of_a_direction_is_as_long_as_the_weights_own():
    loss = data_loss(trained(), 0)
    which, weights = sharp.filters(loss.layout), loss.weights.numpy()
    directions = sharp.filter_directions(loss, 3, seed=4)
    for each in set(which):
        np.testing.assert_allclose(np.linalg.norm(directions[:, which == each], axis=1), np.linalg.norm(weights[which == each]))
    np.testing.assert_array_equal(directions, sharp.filter_directions(loss, 3, seed=4))


def test_the_mean_curvature_along_filter_normalised_directions_is_known_exactly():
    loss = data_loss(trained(), 0)
    hessian = exact(loss)
    mean, top = sharp.filter_curvature(hessian, sharp.filter_scales(loss))
    directions = sharp.filter_directions(loss, 20_000)
    drawn = np.einsum("ip,pq,iq->i", directions, hessian, directions)
    assert abs(drawn.mean() - mean) < 4.5 * drawn.std() / np.sqrt(len(drawn))
    scales = sharp.filter_scales(loss)
    assert top == pytest.approx(np.linalg.eigvalsh(np.diag(scales) @ hessian @ np.diag(scales))[-1])
    # Both ways, so that the slope cancels: the mean rise is half the mean curvature times the square of the way.
    ways = np.stack([sharp.filter_rises(loss, length, 500) for length in (1e-3, -1e-3)]).mean(axis=0)
    bends = np.einsum("ip,pq,iq->i", directions := sharp.filter_directions(loss, 500), hessian, directions)
    np.testing.assert_allclose(ways, 0.5e-6 * bends, rtol=1e-2, atol=1e-10)


@pytest.mark.parametrize("layer", [0, 1])
def test_scaling_two_relu_layers_leaves_the_function_and_normalised_sharpness_and_moves_raw_sharpness(layer):
    loss = data_loss(trained(200, activation="relu", hidden=(6, 6)), 0)
    weights = loss.weights.numpy()
    at = {factor: report(loss.at(sharp.rescaled(loss.layout, weights, layer, factor)), 0.05, 1e-3).numbers for factor in (1.0, 0.25, 7.0)}
    for factor in (0.25, 7.0):
        scaled = sharp.rescaled(loss.layout, weights, layer, factor)
        assert sharp.differing(loss, weights, scaled) < 1e-12
        assert sharp.differing(unseen_loss(trained(0, activation="relu", hidden=(6, 6)), 0), weights, scaled) < 1e-12
        for name in ("filter", "filter_top"):
            assert at[factor][name] == pytest.approx(at[1.0][name], rel=1e-9)
        assert at[factor]["top"] > 1.2 * at[1.0]["top"]
    # The second derivatives of the scaled blocks themselves: H_ii over the square, H_jj times it.
    one, other = exact(loss), exact(loss.at(sharp.rescaled(loss.layout, weights, layer, 7.0)))
    own = slice(loss.layout.places[layer][0].start, loss.layout.places[layer][1].stop)
    following = loss.layout.places[layer + 1][0]
    np.testing.assert_allclose(other[own, own], one[own, own] / 49, rtol=0, atol=1e-12)
    np.testing.assert_allclose(other[following, following], one[following, following] * 49, rtol=0, atol=1e-10 * np.abs(other).max())


def test_under_tanh_the_same_rescaling_changes_the_function():
    loss = data_loss(trained(), 0)
    assert sharp.differing(loss, loss.weights.numpy(), sharp.rescaled(loss.layout, loss.weights.numpy(), 0, 7.0)) > 0.01


# -------------------------------------------------------------------------------------------------------------------- slices


@pytest.mark.parametrize("changes", [{}, {"batch_norm": True}, {"activation": "relu"}])
def test_a_slice_has_the_loss_in_its_middle_to_the_last_bit_and_dhd_as_its_curvature(changes):
    loss = data_loss(trained(hidden=(8, 8), points=200, **changes), 0)
    basis = np.linalg.qr(np.random.default_rng(0).standard_normal((len(loss.weights), 2)))[0].T
    step = 1e-4
    grid = np.array([-step, 0.0, step])
    found = slices.plane(loss, basis, grid, grid)
    assert found[1, 1] == loss.values(loss.weights[None])[0]
    hessian = exact(loss)
    if "activation" not in changes:
        for i, three in enumerate((found[1], found[:, 1])):
            assert (three[0] - 2 * three[1] + three[2]) / step**2 == pytest.approx(basis[i] @ hessian @ basis[i], rel=1e-3, abs=1e-6)
    rows = loss.weights.numpy() + np.array([[step * b for b in (a * basis[0] + c * basis[1])] for c in (-1, 0, 1) for a in (-1, 0, 1)])
    np.testing.assert_allclose(found.ravel(), loss.values(rows), rtol=1e-13)


@pytest.mark.parametrize("changes", [{}, {"batch_norm": True}, {"data": "iris"}, {"data": "diabetes", "hidden": ()}])
def test_a_slice_agrees_with_networks_evaluated_one_by_one(changes):
    state = trained(**changes)
    loss = data_loss(state, 0)
    basis = sharp.filter_directions(loss, 2)
    x, y = np.linspace(-1, 1, 5), np.linspace(-0.5, 0.5, 3)
    found = slices.plane(loss, basis, x, y, origin=loss.weights.numpy() + 0.1)
    family = family_of(state.spec, None)
    for j, i in ((0, 0), (2, 4), (1, 3)):
        row = torch.from_numpy(loss.weights.numpy() + 0.1 + x[i] * basis[0] + y[j] * basis[1])
        network = plain_network(state.spec, family, row).train()
        assert found[j, i] == pytest.approx(
            loss_of(family.points.task, network(family.points.train[0]), family.points.train_targets).item(), rel=1e-10
        )


def test_a_line_begins_and_ends_at_its_networks_and_a_convex_loss_has_no_barrier():
    state = trained(60, seed=(0, 1), hidden=(6,))
    loss = data_loss(state, 0)
    one, other = state.weights.numpy()
    found = slices.line(loss, one, other, np.linspace(0, 1, 21))
    heights, scores = loss.scores(state.weights)
    np.testing.assert_allclose(found.loss[[0, -1]], heights)
    np.testing.assert_allclose(found.score[[0, -1]], scores)
    chord = np.linspace(heights[0], heights[1], 21)
    assert found.barrier == pytest.approx(max((found.loss - chord).max(), 0.0))
    convex = data_loss(trained(0, hidden=()), 0)
    assert slices.line(convex, np.array([3.0, -2.0, 1.0]), np.array([-4.0, 1.0, 0.5]), np.linspace(0, 1, 21)).barrier == 0.0


# --------------------------------------------------------------------------------------------------------------- stable names


def test_the_stable_names_live_in_core_curvature_and_no_others():
    assert core.curvature.network_hessian is network_hessian
    assert {"network_hessian", "extreme_eigenvalues"} <= set(core.curvature.__all__)
    with pytest.raises(AttributeError, match="nothing_there"):
        _ = core.curvature.nothing_there
