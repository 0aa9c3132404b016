"""Families of networks against torch.nn, torch.optim and autograd."""

import dataclasses
import itertools

import numpy as np
import pytest
import torch

from core.errors import InvalidInput
from core.networks import draws
from core.networks.family import family_of
from core.networks.layout import initial
from core.networks.losses import LOSSES
from core.networks.passes import ACTIVATIONS
from core.optimizers import RULES
from core.specs.training import DROPOUT_PLACES, NORM_PLACES, TrainingSpec
from core.training import advance, start
from tests.core.torch_networks import loss_of, plain_network, row_of, train_plain

EXACT = TrainingSpec(precision="float64", data="moons", points=80, noise=0.2, hidden=(7, 5), batch=10, epochs=60, lr=0.02)
# Members of a family against the same networks alone: other sizes take other paths through the library that multiplies matrices.
ALONE = 2e-5


def family(spec):
    return family_of(spec, None)


# ------------------------------------------------------------------------------------------------------------------ gradients


@pytest.mark.parametrize("data", ["moons", "iris", "diabetes"])
@pytest.mark.parametrize("activation", list(ACTIVATIONS))
@pytest.mark.parametrize("batch_norm", [False, True, (True, False, True)], ids=str)
def test_the_backward_pass_is_the_gradient_that_autograd_finds(data, activation, batch_norm):
    spec = EXACT.replace(data=data, activation=activation, batch_norm=batch_norm, seed=(0, 1, 2), init_scale=(0.5, 1.0, 2.0), dropout=0.3)
    made = family(spec)
    weights = start(spec).weights + 0.1 * torch.randn(3, made.layout.total, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    inputs, targets = made.points.train[:, :20], made.points.train_targets[:20]
    masks = made.masks(draws.uniforms([0, 1, 2], 1, 20, 12))
    tape = made.passes.forward(weights, inputs, masks)
    found = made.passes.backward(weights, tape, made.loss.error(tape.outputs, targets), masks)
    wanted = weights.clone().requires_grad_()
    made.loss.value(made.passes.forward(wanted, inputs, masks).outputs, targets).sum().backward()
    torch.testing.assert_close(found, wanted.grad, rtol=1e-10, atol=1e-12)


ORDERS = list(itertools.product(NORM_PLACES, DROPOUT_PLACES))


@pytest.mark.parametrize(("norm_place", "dropout_place"), ORDERS)
@pytest.mark.parametrize("activation", ["relu", "tanh", "linear"])
@pytest.mark.parametrize("batch_norm", [True, (True, False, True)], ids=str)
def test_in_every_order_the_backward_pass_is_the_gradient_that_autograd_finds(norm_place, dropout_place, activation, batch_norm):
    spec = EXACT.replace(
        activation=activation, batch_norm=batch_norm, seed=(0, 1, 2), dropout=0.3, norm_place=norm_place, dropout_place=dropout_place
    )
    made = family(spec)
    weights = start(spec).weights + 0.1 * torch.randn(3, made.layout.total, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    inputs, targets = made.points.train[:, :20], made.points.train_targets[:20]
    masks = made.masks(draws.uniforms([0, 1, 2], 1, 20, 12))
    assert [bool((mask == 0).any()) for mask in masks] == [dropout_place != "last", True]
    tape = made.passes.forward(weights, inputs, masks)
    found = made.passes.backward(weights, tape, made.loss.error(tape.outputs, targets), masks)
    wanted = weights.clone().requires_grad_()
    made.loss.value(made.passes.forward(wanted, inputs, masks).outputs, targets).sum().backward()
    torch.testing.assert_close(found, wanted.grad, rtol=1e-10, atol=1e-12)


def test_the_order_of_a_hidden_layer_is_what_its_places_say():
    named = {(norm, drop): TrainingSpec(norm_place=norm, dropout_place=drop).order for norm, drop in ORDERS}
    assert named["before", "after"] == named["before", "last"] == ("norm", "activation", "dropout")
    assert named["after", "after"] == named["after", "last"] == ("activation", "norm", "dropout")
    assert named["before", "before"] == ("dropout", "norm", "activation")
    assert named["after", "before"] == ("activation", "dropout", "norm")


@pytest.mark.parametrize("changes", [{"norm_place": "between"}, {"dropout_place": ("after", "before")}], ids=str)
def test_a_place_that_there_is_none_of_is_refused(changes):
    with pytest.raises(InvalidInput, match="one of"):
        TrainingSpec(**changes)


def test_a_bias_that_the_norm_takes_away_is_not_moved_by_rounding_s_dust():
    """Adam divides a gradient by its own size: what should be 0 and is 1e-17 would move a bias by the whole rate."""
    for changes in ({}, {"activation": "linear", "norm_place": "after"}):
        spec = EXACT.replace(batch_norm=True, rule="adam", **changes)
        first = start(spec)
        after, _ = advance(first, 5)
        for _, bias in family(spec).layout.places[:-1]:
            assert torch.equal(after.weights[:, bias], first.weights[:, bias])
    for changes in ({"norm_place": "after"}, {"dropout_place": "before", "dropout": 0.3}):
        spec = EXACT.replace(batch_norm=True, rule="adam", **changes)
        after, _ = advance(start(spec), 5)
        for _, bias in family(spec).layout.places[:-1]:
            assert not (after.weights[:, bias] == start(spec).weights[:, bias]).any()


def test_in_a_batch_of_one_point_every_normalised_unit_is_its_shift():
    spec = EXACT.replace(batch_norm=True, batch=1, norm_place="after", epochs=3, seed=(0, 1))
    made = family(spec)
    weights = start(spec).weights
    weights = weights + 0.1 * torch.randn(weights.shape, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    tape = made.passes.forward(weights, made.points.train[:, :1])
    for i, (_, shift) in enumerate(made.layout.norms):
        assert torch.equal(tape.inputs[i + 1][:, 0], weights[:, shift])
    _, snapshot = advance(start(spec), 3)
    assert np.isfinite(snapshot.curves["train_loss"]).all()
    with pytest.raises(ValueError, match="more than 1 value"):
        torch.nn.BatchNorm1d(5)(torch.zeros(1, 5))


@pytest.mark.parametrize("task", list(LOSSES))
def test_losses_and_their_derivatives_are_those_of_torch(task):
    rng = torch.Generator().manual_seed(1)
    outputs = 3 * torch.randn(4, 30, 3 if task == "multiclass" else 1, dtype=torch.float64, generator=rng)
    targets = {
        "binary": torch.randint(0, 2, (30,), generator=rng).double(),
        "multiclass": torch.randint(0, 3, (30,), generator=rng),
        "regression": torch.randn(30, dtype=torch.float64, generator=rng),
    }[task]
    values, errors = LOSSES[task].value(outputs, targets), LOSSES[task].error(outputs, targets)
    for i in range(4):
        one = outputs[i].clone().requires_grad_()
        loss = loss_of(task, one, targets)
        loss.backward()
        torch.testing.assert_close(values[i], loss.detach())
        torch.testing.assert_close(errors[i], one.grad)


def test_scores_are_the_share_of_right_answers_and_r_squared():
    outputs = torch.tensor([[[2.0], [-1.0], [3.0], [-4.0]]])
    assert LOSSES["binary"].score(outputs, torch.tensor([1.0, 1.0, 1.0, 0.0])).item() == 0.75
    classes = torch.tensor([[[1.0, 0.0, 2.0], [0.0, 3.0, 1.0]]])
    assert LOSSES["multiclass"].score(classes, torch.tensor([2, 0])).item() == 0.5
    targets = torch.tensor([1.0, 2.0, 3.0, 4.0])
    assert LOSSES["regression"].score(targets[None, :, None], targets).item() == 1.0
    assert LOSSES["regression"].score(torch.full((1, 4, 1), 2.5), targets).item() == pytest.approx(0.0)


# ------------------------------------------------------------------------------------------- against torch.nn and torch.optim


def deviation(spec, epochs):
    state = start(spec)
    network, steps = train_plain(state, epochs)
    after, _ = advance(state, epochs)
    return float((after.weights[0].double() - row_of(network).double()).abs().max()), steps, after, network


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule != "fista"])
@pytest.mark.parametrize("data", ["moons", "iris", "diabetes"])
def test_two_hundred_steps_are_those_of_torch_optim(rule, data):
    spec = EXACT.replace(rule=rule, data=data, lam=0.003)
    rows = family(spec).points.train.shape[1]
    epochs = -(-200 // len(list(draws.batches(rows, spec.batch))))
    found, steps, _, _ = deviation(spec, epochs)
    assert steps >= 200
    assert found < 1e-9


@pytest.mark.parametrize(
    "changes",
    [
        {"dropout": 0.4},
        {"batch_norm": True},
        {"dropout": 0.25, "batch_norm": True, "activation": "relu"},
        *(
            {"dropout": 0.25, "batch_norm": True, "norm_place": norm, "dropout_place": drop, "activation": "relu" if drop == "after" else "tanh"}
            for norm, drop in itertools.product(NORM_PLACES, DROPOUT_PLACES)
        ),
        {"penalty": "l1", "lam": 0.002},
        {"penalty": "elastic_net", "lam": 0.002, "biases": True, "rho": 0.3},
        {"activation": "gelu", "hidden": (6, 5, 4)},
        {"activation": "sigmoid", "hidden": ()},
        {"init_scale": 3.0, "rule": "sgd", "batch": 0, "epochs": 200},
    ],
    ids=str,
)
def test_dropout_batch_norm_and_penalties_are_those_of_torch(changes):
    spec = EXACT.replace(**changes)
    epochs = 200 if spec.batch == 0 else 50
    found, steps, after, network = deviation(spec, epochs)
    assert steps >= 200
    assert found < 1e-8
    network.eval()
    made = family(spec)
    loss = loss_of(made.points.task, network(made.points.val[0]), made.points.val_targets).item()
    assert made.evaluate(after)["val_loss"][0] == pytest.approx(loss, rel=1e-7), "evaluated with the running statistics that torch keeps"


@pytest.mark.parametrize("rule", ["sgd", "momentum", "nesterov"])
def test_plain_rules_in_single_precision_stay_within_a_millionth_for_two_hundred_steps(rule):
    spec = EXACT.replace(rule=rule, precision="float32", lam=0.003, lr=0.01)
    found, steps, _, _ = deviation(spec, 50)
    assert steps == 200
    assert found < 1e-6


def test_initial_weights_have_the_spread_of_torch_nn_linear_and_scale_with_init_scale():
    spec = TrainingSpec(hidden=(200, 100), init_scale=(1.0, 2.5), precision="float64", data="breast_cancer")
    made = family(spec)
    drawn = torch.from_numpy(initial(spec, made.layout))
    torch.testing.assert_close(drawn[1], 2.5 * drawn[0])
    network = plain_network(spec.member(0), made, drawn[0])
    for linear in (module for module in network if isinstance(module, torch.nn.Linear)):
        bound = 1 / linear.in_features**0.5
        reference = torch.nn.Linear(linear.in_features, 10_000 // linear.in_features * 4).weight
        assert linear.weight.abs().max() <= bound
        assert linear.weight.std().item() == pytest.approx(reference.std().item(), rel=0.2)


# ------------------------------------------------------------------------------------------------------------------- families


FAMILY = TrainingSpec(
    points=120,
    batch=20,
    hidden=(9, 8),
    epochs=40,
    lam=(0.0, 1e-3, 1e-2, 0.05),
    dropout=(0.0, 0.5, 0.2, 0.2),
    lr=(0.01, 0.003, 0.02, 0.01),
    init_scale=(1.0, 0.5, 2.0, 1.0),
    seed=(0, 0, 3, 4),
    noise=(0.1, 0.2, 0.2, 0.4),
)


@pytest.mark.parametrize(
    "changes",
    [
        {"batch_norm": (False, True, False, True)},
        {"batch_norm": (False, True, False, True), "norm_place": "after", "dropout_place": "before"},
        {"batch_norm": True, "dropout_place": "last"},
        {"rule": ("adam", "sgd", "adamw", "momentum")},
        {"rule": ("fista", "sgd", "fista", "nesterov"), "batch": 0, "dropout": 0.0},
        {"penalty": "l1", "treatment": "proximal"},
        {"penalty": "l1", "treatment": "clamped", "rule": "rmsprop"},
        {"penalty": "elastic_net", "treatment": "decoupled", "biases": True},
        {"penalty": "elastic_net", "treatment": "proximal", "rho": (0.0, 0.3, 1.0, 0.5), "lam": (0.01, 0.02, 0.01, 0.0)},
        {"data": "iris", "activation": "relu"},
        {"data": "diabetes", "activation": "gelu", "batch_norm": True},
    ],
    ids=str,
)
@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_a_member_of_a_family_is_the_same_network_trained_alone(changes, precision):
    spec = FAMILY.replace(precision=precision, **changes)
    together, snapshot = advance(start(spec), 20)
    for i in range(spec.members):
        alone, single = advance(start(spec.member(i)), 20)
        scale = 1.0 + float(alone.weights.abs().max())
        layout, own = family(spec).layout, family(spec.member(i)).layout
        assert own.plain == layout.plain
        difference = (together.weights[i, : own.plain] - alone.weights[0, : own.plain]).abs().max() / scale
        assert float(difference) < (ALONE if precision == "float32" else 1e-10)
        np.testing.assert_allclose(snapshot.curves["val_loss"][i], single.curves["val_loss"][0], rtol=1e-3 if precision == "float32" else 1e-9)


def test_the_ends_of_the_mix_are_l1_and_l2():
    axes = {"lam": (0.01, 0.02), "dropout": 0.0, "lr": 0.01, "seed": (1, 2), "noise": 0.2, "init_scale": 1.0}
    axes |= {"precision": "float64", "treatment": "proximal"}
    for rho, key in ((0.0, "l2"), (1.0, "l1")):
        mixed, _ = advance(start(FAMILY.replace(**axes, penalty="elastic_net", rho=(rho, 0.5))), 20)
        plain, _ = advance(start(FAMILY.replace(**axes, penalty=key)), 20)
        torch.testing.assert_close(mixed.weights[0], plain.weights[0], rtol=1e-12, atol=1e-14)


def test_equal_seeds_start_equal_and_meet_the_same_masks_each_within_that_of_a_smaller_rate():
    spec = FAMILY.replace(seed=0, init_scale=1.0, dropout=(0.1, 0.4, 0.4, 0.8))
    assert (start(spec).weights == start(spec).weights[0]).all()
    low, middle, same, high = (mask[0] > 0 for mask in torch.cat(family(spec).masks(draws.uniforms([0], 3, 50, 17)), 2).split(1))
    assert torch.equal(middle, same)
    assert bool((high <= middle).all())
    assert bool((middle <= low).all())


def test_masks_drop_with_probability_p_and_keep_the_expected_unit():
    spec = TrainingSpec(dropout=(0.0, 0.2, 0.5, 0.9), hidden=(50,))
    masks = family(spec).masks(draws.uniforms([0], 1, 4000, 50))[0]
    for mask, p in zip(masks, spec.dropout, strict=True):
        share = float((mask == 0).float().mean())
        assert share == pytest.approx(p, abs=4 * (p * (1 - p) / 200_000) ** 0.5)
        assert float(mask.mean()) == pytest.approx(1.0, abs=0.03)
        assert set(np.round(np.unique(mask.numpy()), 4)) <= {0.0, round(1 / (1 - p), 4)}


def test_noise_as_the_axis_gives_each_member_its_own_points():
    made = family(TrainingSpec(noise=(0.0, 0.5)))
    assert made.points.train.shape[0] == 2
    assert not torch.equal(made.points.train[0], made.points.train[1])


def test_proximal_l1_gives_exact_zeros_where_subgradient_steps_give_none():
    spec = TrainingSpec(penalty="l1", lam=0.02, epochs=200, hidden=(16,), lr=0.05, rule="sgd")
    _, subgradient = advance(start(spec), 200)
    _, proximal = advance(start(spec.replace(treatment="proximal")), 200)
    assert subgradient.curves["zeros"][0, -1] == 0.0
    assert proximal.curves["zeros"][0, -1] > 0.2


def test_the_clamp_never_lets_a_weight_come_back():
    spec = TrainingSpec(penalty="l1", lam=0.01, epochs=100, hidden=(16,), treatment="clamped")
    state = start(spec)
    gone = None
    for _ in range(10):
        state, _ = advance(state, 10)
        now = state.weights == 0.0
        assert gone is None or bool((now | ~gone).all())
        gone = now
    assert bool(gone.any())


@pytest.mark.parametrize(("rows", "size", "wanted"), [(10, 4, [4, 4, 2]), (9, 4, [4, 5]), (8, 0, [8]), (5, 100, [5]), (2, 1, [2]), (3, 1, [1, 2])])
def test_batches_cover_every_point_once_and_none_of_one_point_comes_last(rows, size, wanted):
    found = list(draws.batches(rows, size))
    assert [batch.stop - batch.start for batch in found] == wanted
    assert [i for batch in found for i in range(batch.start, batch.stop)] == list(range(rows))


def test_members_that_do_not_use_batch_norm_keep_its_scales_untouched():
    spec = FAMILY.replace(batch_norm=(False, True, False, True), lam=0.01, biases=True, rule="adam")
    after, _ = advance(start(spec), 5)
    layout = family(spec).layout
    for i, used in enumerate(spec.batch_norm):
        scales = torch.cat([after.weights[i, scale] for scale, _ in layout.norms])
        assert bool((scales == 1.0).all()) != used


def test_fields_of_a_state_are_numbers_tuples_and_tensors_alone():
    state = start(FAMILY)
    for field in dataclasses.fields(state):
        assert type(getattr(state, field.name)).__name__ in {"TrainingSpec", "int", "float", "tuple", "Tensor", "Path", "NoneType"}
