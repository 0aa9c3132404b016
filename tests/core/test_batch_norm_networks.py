"""What is measured of networks with batch normalisation, against torch.nn, autograd, enumerated masks and simulated weights."""

import dataclasses
import itertools

import numpy as np
import pytest
import torch

from core.networks import draws, norms
from core.networks.family import family_of
from core.specs.training import TrainingSpec
from core.training import advance, start
from tests.core.torch_networks import GivenDropout, loss_of, optimizer_of, plain_network, row_of

EXACT = TrainingSpec(precision="float64", points=60, hidden=(5, 4), batch=10, epochs=6, lr=0.1, rule="sgd", device="cpu")


def trained(spec, epochs=3):
    state, _ = advance(start(spec), epochs)
    return family_of(spec, None), state


def autograd(family, spec, row):
    """Return loss and gradient of one network by torch.nn and autograd, on all training points in training mode."""
    network = plain_network(spec, family, row)
    network.train()
    loss = loss_of(family.points.task, network(family.points.train[0]), family.points.train_targets)
    loss.backward()
    for part in network.parameters():
        part.data = part.grad
    return loss.item(), row_of(network)


@pytest.mark.parametrize("changes", [{"batch_norm": True}, {"batch_norm": False}, {"batch_norm": True, "norm_place": "after", "activation": "relu"}])
def test_loss_and_gradient_along_the_gradient_are_those_of_autograd(changes):
    spec = EXACT.replace(**changes, seed=(0, 1))
    family, state = trained(spec)
    at = norms.gradient_of(family.passes, family, state.weights)
    strides = torch.tensor([[0.05, 0.3, 2.0], [0.1, 0.2, 0.4]], dtype=torch.float64)
    line = norms.along_gradient(family, state.weights, strides, at)
    for i in range(2):
        loss, gradient = autograd(family, spec.member(i), state.weights[i])
        assert at.loss[i].item() == pytest.approx(loss, rel=1e-12)
        torch.testing.assert_close(at.gradient[i], gradient, rtol=1e-9, atol=1e-12)
        for j in range(3):
            there_loss, there = autograd(family, spec.member(i), state.weights[i] - strides[i, j] * gradient)
            assert line.loss[i, j].item() == pytest.approx(there_loss, rel=1e-10)
            assert line.change[i, j].item() == pytest.approx((there - gradient).norm().item(), rel=1e-8)
            assert line.cosine[i, j].item() == pytest.approx(torch.nn.functional.cosine_similarity(there, gradient, dim=0).item(), abs=1e-9)


def test_the_norm_of_the_weights_leaves_biases_scales_and_shifts_out():
    spec = EXACT.replace(batch_norm=True)
    family, state = trained(spec)
    network = plain_network(spec, family, state.weights[0])
    squares = sum(module.weight.square().sum() for module in network if isinstance(module, torch.nn.Linear))
    assert norms.weight_norm(family, state.weights)[0].item() == pytest.approx(squares.sqrt().item())


def inputs_of_norms(network, x):
    """Return what each BatchNorm1d of a network is given."""
    seen = []
    hooks = [
        module.register_forward_pre_hook(lambda _, given: seen.append(given[0].detach()))
        for module in network
        if isinstance(module, torch.nn.BatchNorm1d)
    ]
    with torch.no_grad():
        network(x)
    for hook in hooks:
        hook.remove()
    return seen


@pytest.mark.parametrize("norm_place", ["before", "after"])
@pytest.mark.parametrize("dropout_place", ["before", "after", "last"])
def test_variances_are_those_of_what_torch_s_norms_are_given(norm_place, dropout_place):
    spec = EXACT.replace(batch_norm=True, dropout=0.4, norm_place=norm_place, dropout_place=dropout_place)
    family, state = trained(spec)
    network = plain_network(spec, family, state.weights[0])
    network.train()
    tape = norms.under_dropout(family, state, 5)
    n = family.points.train.shape[1]
    masks = family.masks(draws.uniforms([0], 0, 5 * n, 9))
    for i, module in enumerate(module for module in network if isinstance(module, GivenDropout)):
        module.mask = masks[i][0]
    wanted = torch.cat([given.var(0, correction=0) for given in inputs_of_norms(network, family.points.train[0].repeat(5, 1))])
    torch.testing.assert_close(norms.variances(tape)[0], wanted, rtol=1e-9, atol=1e-12)
    # In use: the running statistics stand in, and nothing is dropped.
    for i, norm in enumerate(module for module in network if isinstance(module, torch.nn.BatchNorm1d)):
        part = slice(0, 5) if i == 0 else slice(5, 9)
        norm.running_mean, norm.running_var = state.running[0, 0, part].clone(), state.running[0, 1, part].clone()
    network.eval()
    wanted = torch.cat([given.var(0, correction=0) for given in inputs_of_norms(network, family.points.train[0])])
    quiet = family.passes.forward(state.weights, family.points.train, None, state.running)
    torch.testing.assert_close(norms.variances(quiet)[0], wanted, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("p", [0.1, 0.5, 0.95])
def test_the_formula_of_the_variance_under_dropout_is_the_sum_over_all_masks(p):
    """var(w'x) + p / (1 - p) sum_i w_i^2 E x_i^2, where every one of the 2^5 masks is written out with its probability."""
    spec = EXACT.replace(batch_norm=True, dropout=p)
    family, state = trained(spec)
    tape = norms.under_dropout(family, state, 1)
    found = norms.by_formula(family, state, tape)[0]
    weight, bias = (part[0] for part in family.layout.layers(state.weights)[1])
    x = tape.active[0][0]
    first, second, chance = 0.0, 0.0, 0.0
    for mask in itertools.product((0.0, 1.0), repeat=5):
        weighed = p ** mask.count(0.0) * (1 - p) ** mask.count(1.0)
        z = (x * torch.tensor(mask, dtype=torch.float64) / (1 - p)) @ weight + bias
        first, second, chance = first + weighed * z.mean(0), second + weighed * z.square().mean(0), chance + weighed
    assert chance == pytest.approx(1.0)
    torch.testing.assert_close(found[5:], second - first**2, rtol=1e-9, atol=1e-12)
    z = family.points.train[0] @ family.layout.layers(state.weights)[0][0][0]
    torch.testing.assert_close(found[:5], z.var(0, correction=0), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("norm_place", ["before", "after"])
def test_a_unit_s_own_dropout_adds_p_over_one_less_p_of_its_mean_square(norm_place):
    p = 0.3
    spec = EXACT.replace(batch_norm=True, dropout=p, norm_place=norm_place, dropout_place="before", hidden=(4,), batch=0)
    family, state = trained(spec)
    found = norms.by_formula(family, state, norms.under_dropout(family, state, 1))[0]
    network = plain_network(spec, family, state.weights[0])
    unit = network[0](family.points.train[0]).detach()
    unit = torch.tanh(unit) if norm_place == "after" else unit
    # A mask is 0 with chance p, and 1 / (1 - p) otherwise.
    mean, square = (1 - p) * unit.mean(0) / (1 - p), (1 - p) * (unit / (1 - p)).square().mean(0)
    torch.testing.assert_close(found, square - mean**2, rtol=1e-10, atol=1e-12)


def test_there_is_no_formula_past_an_activation_and_no_shift_where_dropout_is_last():
    after = EXACT.replace(batch_norm=True, dropout=0.4, norm_place="after")
    family, state = trained(after)
    assert torch.isnan(norms.by_formula(family, state, norms.under_dropout(family, state, 1))).all()
    last = EXACT.replace(batch_norm=True, dropout=0.4, dropout_place="last")
    family, state = trained(last)
    tape = norms.under_dropout(family, state, 3)
    torch.testing.assert_close(norms.by_formula(family, state, tape), norms.variances(tape), rtol=1e-9, atol=1e-12)


def test_recomputed_statistics_are_torch_s_cumulative_ones_after_one_pass():
    spec = EXACT.replace(batch_norm=True)
    family, state = trained(spec)
    network = plain_network(spec, family, state.weights[0])
    batch_norms = [module for module in network if isinstance(module, torch.nn.BatchNorm1d)]
    for module in batch_norms:
        module.momentum = None
    network.train()
    with torch.no_grad():
        network(family.points.train[0])
    found = norms.recomputed(family, state.weights)[0]
    torch.testing.assert_close(found[0], torch.cat([module.running_mean for module in batch_norms]), rtol=1e-10, atol=1e-12)
    torch.testing.assert_close(found[1], torch.cat([module.running_var for module in batch_norms]), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("batch_norm", [True, False])
def test_turning_is_what_the_weights_of_torch_optim_turn_by(batch_norm):
    spec = EXACT.replace(batch_norm=batch_norm, lam=0.01)
    family, state = trained(spec)
    before = state.weights.clone()
    found = norms.turning(family, state)
    assert torch.equal(state.weights, before), "the state stays"
    network = plain_network(spec, family, state.weights[0])
    linears = [module for module in network if isinstance(module, torch.nn.Linear)]
    others = [part for module in network if isinstance(module, torch.nn.BatchNorm1d) for part in module.parameters()]
    groups = [{"params": [module.weight for module in linears], "weight_decay": 0.02}, {"params": [*(module.bias for module in linears), *others]}]
    optimizer = optimizer_of(spec, groups, 0.0)

    def rows():
        return torch.cat([torch.nn.functional.pad(module.weight.detach().clone(), (0, 5 - module.in_features)) for module in linears[:-1]])

    def squared_angles(one, other):
        cosine = (one * other).sum(1) / (one.norm(dim=1) * other.norm(dim=1))
        return torch.arccos(cosine.clamp(-1, 1)).square().mean().item()

    first = at = rows()
    order = draws.order(spec.data_seed, 4, 30)
    angles = []
    for batch in draws.batches(30, 10):
        optimizer.zero_grad()
        loss_of("binary", network(family.points.train[0][order[batch]]), family.points.train_targets[order[batch]]).backward()
        optimizer.step()
        angles.append(squared_angles(at, rows()))
        at = rows()
    assert found.angle[0].item() == pytest.approx(np.mean(angles) ** 0.5, rel=1e-5)
    assert found.away[0].item() == pytest.approx(squared_angles(first, at) ** 0.5, rel=1e-5)
    assert found.norm[0].item() == pytest.approx(first.square().sum(1).mean().item() ** 0.5, rel=1e-10)


def test_an_epoch_is_its_last_step():
    spec = EXACT.replace(batch_norm=True, dropout=0.3)
    family, state = trained(spec)
    steps = list(family.steps(state.weights, state.memories, state.running, 4, state.ended))
    assert len(steps) == 3
    weights, _, running = family.epoch(state.weights, state.memories, state.running, 4, state.ended)
    assert torch.equal(steps[-1][0], weights)
    assert torch.equal(steps[-1][2], running)
    assert torch.equal(weights, advance(state, 1)[0].weights)


# --------------------------------------------------------------------------------------------------------------- invariance


@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_with_batch_norm_weights_and_gradient_are_at_right_angles_and_the_gradient_goes_as_one_over_c(activation, monkeypatch):
    monkeypatch.setattr("core.networks.passes.BN_EPS", 0.0)
    spec = EXACT.replace(batch_norm=True, activation=activation)
    family, state = trained(spec)
    # A unit that is dead or constant has no direction; these are neither.
    for layer, (place, _) in enumerate(family.layout.places[:-1]):
        at = norms.gradient_of(family.passes, family, state.weights)
        w, g = state.weights[0, place], at.gradient[0, place]
        assert abs(float(w @ g)) < 1e-12 * float(w.norm() * g.norm()), f"layer {layer}"
        for c in (0.01, 0.3, 7.0, 400.0):
            scaled = state.weights.clone()
            scaled[0, place] *= c
            there = norms.gradient_of(family.passes, family, scaled)
            assert there.loss[0].item() == pytest.approx(at.loss[0].item(), rel=1e-12)
            torch.testing.assert_close(there.gradient[0, place] * c, g, rtol=1e-8, atol=1e-14)


def test_each_unit_s_own_weights_are_at_right_angles_to_their_gradient_up_to_eps():
    spec = EXACT.replace(batch_norm=True)
    family, state = trained(spec)
    at = norms.gradient_of(family.passes, family, state.weights)
    for (weight, _), (slope, _) in zip(family.layout.layers(state.weights)[:-1], family.layout.layers(at.gradient)[:-1], strict=True):
        cosines = (weight * slope).sum(1) / (weight.norm(dim=1) * slope.norm(dim=1))
        assert float(cosines.abs().max()) < 1e-3, "eps = 1e-5 leaves a little"


# ------------------------------------------------------------------------------------------------------ torch.func's traps


@pytest.mark.filterwarnings("ignore:`torch.jit.script` is deprecated:DeprecationWarning")
def test_running_statistics_break_torch_func_and_are_moved_by_autograd_functional():
    """Why curvature takes the statistics of its own points: torch's running ones are written to where a transform may not write."""
    layer = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3), torch.nn.Linear(3, 1)).double()
    x = torch.randn(20, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    parameters = {name: part.detach() for name, part in layer.named_parameters()}

    def loss(given):
        return torch.func.functional_call(layer, given, (x,)).square().mean()

    with pytest.raises(RuntimeError, match=r"in-?place|mutat"):
        torch.func.hessian(loss)(parameters)
    layer[1].reset_running_stats()
    before = layer[1].running_mean.clone()
    names = list(parameters)
    torch.autograd.functional.hessian(lambda *given: loss(dict(zip(names, given, strict=True))), tuple(parameters.values()))
    assert not torch.equal(layer[1].running_mean, before), "moved by merely looking"


def test_measuring_moves_no_running_statistics_of_ours():
    from core.curvature.networks import extreme_eigenvalues

    spec = EXACT.replace(batch_norm=True, dropout=0.2)
    family, state = trained(spec)
    before = state.running.clone()
    at = norms.gradient_of(family.passes, family, state.weights)
    norms.along_gradient(family, state.weights, torch.ones(1, 2, dtype=torch.float64), at)
    norms.turning(family, state)
    norms.recomputed(family, state.weights)
    norms.under_dropout(family, state, 2)
    extreme_eigenvalues(state, 0, 1)
    assert torch.equal(state.running, before)


def test_decay_raises_the_curvature_of_a_network_whose_direction_alone_counts():
    """H(cw) = H(w) / c^2: shorter weights, the same function, a sharper Hessian."""
    from core.curvature.networks import network_hessian

    spec = EXACT.replace(batch_norm=True, hidden=(4,), lam=0.0)
    family, state = trained(spec)
    place = family.layout.places[0][0]
    shrunk = state.weights.clone()
    shrunk[0, place] *= 0.5
    other = dataclasses.replace(state, weights=shrunk)
    one, two = (network_hessian(each, 0)[place, place] for each in (state, other))
    np.testing.assert_allclose(two, 4.0 * one, rtol=2e-3, atol=1e-5 * np.abs(two).max())
