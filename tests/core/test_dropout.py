"""Dropout's exact mathematics against torch, scikit-learn and enumeration written anew: networks, scaling, ensembles, least squares, escapes."""

from itertools import pairwise, product

import numpy as np
import pytest
import scipy.stats
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_diabetes, load_iris
from sklearn.linear_model import Ridge
from torch import nn

from core.dropout import escapes, thinned
from core.dropout.ensemble import ensemble, histogram, logits, monte_carlo
from core.dropout.flowers import flowers
from core.dropout.least_squares import (
    all_masks,
    chance,
    expected_by_enumeration,
    least_squares,
    minimiser,
    penalised,
    plain_ridge,
)
from core.dropout.scaling import scaling
from core.dropout.study_words import rank_correlation
from core.errors import InvalidInput
from core.figures.dropout.network import expected_ends
from core.specs.dropout import DropoutSpec, rates
from core.studies.seeds import effect

ACTIVATIONS = {"tanh": torch.tanh, "relu": torch.relu, "linear": lambda z: z}
SPECS = {
    "a mask a batch": DropoutSpec(),
    "a mask a row": DropoutSpec(masks="row", rows=6.0, seed=1.0),
    "relu": DropoutSpec(activation="relu", rows=4.0, scale=2.0),
    "linear, one row": DropoutSpec(activation="linear", rows=1.0, rate=0.05),
}
PLACES = (0, 4, 12, 20, 34)  # of p


def weights_of(flat: np.ndarray) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """One network's row as torch tensors, cut anew."""
    found, start = [], 0
    for a, b in ((3, 5), (5, 4), (4, 4), (4, 2)):
        weight = torch.tensor(flat[start : start + a * b].reshape(a, b))
        bias = torch.tensor(flat[start + a * b : start + (a + 1) * b])
        found.append((weight.requires_grad_(), bias.requires_grad_()))
        start += (a + 1) * b
    return found


# ---------------------------------------------------------------------------------------------------------------- the network


def test_the_flowers_are_scikit_learns():
    X, species = flowers()
    data, target = load_iris(return_X_y=True)
    expected = data[50:, [0, 2, 3]]
    np.testing.assert_allclose(X, (expected - expected.mean(axis=0)) / expected.std(axis=0), atol=1e-13)
    np.testing.assert_array_equal(species, target[50:] - 1)


@pytest.mark.parametrize("name", SPECS)
def test_every_batch_is_what_torch_computes_forward_back_and_step(name):
    spec = SPECS[name]
    result = thinned.solve(spec)
    X, species = flowers()
    for i in PLACES:
        p = float(result.p[i])
        flat = result.weights[i, 0]
        for t in (0, 1, 7, 39):
            layers = weights_of(result.weights[i, t])
            if t <= 1:
                np.testing.assert_allclose(result.weights[i, t], flat, atol=1e-12, err_msg="the step before led elsewhere")
            x, y = torch.tensor(X[result.rows[t]]), torch.tensor(species[result.rows[t]])
            sums, says, h = [], [x], x
            start = 0
            for weight, bias in layers[:-1]:
                z = h @ weight + bias
                z.retain_grad()
                sums.append(z)
                alive = torch.tensor(result.draws[t, :, start : start + z.shape[1]] >= p, dtype=torch.float64)
                h = ACTIVATIONS[spec.activation](z) * alive / (1.0 - p)
                says.append(h)
                start += z.shape[1]
            z = h @ layers[-1][0] + layers[-1][1]
            z.retain_grad()
            loss = nn.functional.cross_entropy(z, y)
            loss.backward()
            np.testing.assert_allclose(result.loss[i, t], loss.item(), rtol=1e-9)
            gradient = torch.cat([each.grad.ravel() for pair in layers for each in pair]).numpy()
            np.testing.assert_allclose(result.gradient[i, t], gradient, atol=1e-12)
            said = torch.cat([each[0] for each in (*says, torch.softmax(z, 1))]).detach().numpy()
            np.testing.assert_allclose(result.values[i, t], said, atol=1e-12)
            errors = torch.cat([torch.zeros(3), *(len(x) * each.grad[0] for each in (*sums, z))]).numpy()
            np.testing.assert_allclose(result.errors[i, t], errors, atol=1e-12)
            flat = result.weights[i, t] - spec.rate * gradient


def test_training_forty_batches_is_torchs_sgd_with_the_same_masks():
    spec = SPECS["a mask a batch"]
    result = thinned.solve(spec)
    X, species = flowers()
    i, p = 12, 0.3
    layers = weights_of(result.weights[i, 0])
    optimizer = torch.optim.SGD([each for pair in layers for each in pair], lr=spec.rate)
    for t in range(40):
        h = torch.tensor(X[result.rows[t]])
        alive = np.split(result.draws[t, 0] >= p, [5, 9])
        for (weight, bias), lives in zip(layers[:-1], alive, strict=True):
            h = torch.tanh(h @ weight + bias) * torch.tensor(lives) / (1.0 - p)
        optimizer.zero_grad()
        nn.functional.cross_entropy(h @ layers[-1][0] + layers[-1][1], torch.tensor(species[result.rows[t]])).backward()
        optimizer.step()
        if t < 39:
            now = torch.cat([each.detach().ravel() for pair in layers for each in pair]).numpy()
            np.testing.assert_allclose(result.weights[i, t + 1], now, atol=1e-11)


def test_a_unit_lives_while_its_draw_is_at_least_p_so_units_go_out_one_by_one():
    for masks in ("batch", "row"):
        result = thinned.solve(DropoutSpec(masks=masks))
        assert result.lives[0].all()
        assert not (result.lives[1:] & ~result.lives[:-1]).any(), "nobody comes back as p rises"
        np.testing.assert_array_equal(result.lives[7], result.draws >= result.p[7])
        assert result.lives.shape[2] == (1 if masks == "batch" else 10)
        np.testing.assert_array_equal(result.draws, thinned.solve(DropoutSpec(masks=masks, rate=0.1)).draws)


def test_a_dropped_unit_says_nothing_and_no_connection_of_it_carries_gradient():
    result = thinned.solve(DropoutSpec())
    for i, t in ((12, 4), (20, 9), (28, 2)):
        gone = ~result.lives[i, t, 0]
        assert (result.values[i, t, 3:16][gone] == 0.0).all()
        assert (result.errors[i, t, 3:16][gone] == 0.0).all()
        start, before = 0, np.ones(3, dtype=bool)
        layers = [*np.split(~gone, [5, 9]), np.ones(2, dtype=bool)]
        for (a, b), after in zip(((3, 5), (5, 4), (4, 4), (4, 2)), layers, strict=True):
            block = result.gradient[i, t, start : start + a * b].reshape(a, b)
            assert (block[~before] == 0.0).all()
            assert (block[:, ~after] == 0.0).all()
            start, before = start + (a + 1) * b, after


def test_the_share_of_connections_whose_ends_live_is_the_mean_over_all_8192_masks():
    masks = np.array(list(product((False, True), repeat=13)))
    both = [(a[:, :, None] & b[:, None, :]).reshape(len(masks), -1) for a, b in ((np.ones((len(masks), 3), bool), masks[:, :5]),)]
    both += [
        (masks[:, a][:, :, None] & masks[:, b][:, None, :]).reshape(len(masks), -1)
        for a, b in ((slice(0, 5), slice(5, 9)), (slice(5, 9), slice(9, 13)))
    ]
    both.append((masks[:, 9:][:, :, None] & np.ones((len(masks), 1, 2), bool)).reshape(len(masks), -1))
    share = np.concatenate(both, axis=1).mean(axis=1)
    for p in (0.0, 0.3, 0.8):
        weight = (1.0 - p) ** masks.sum(axis=1) * p ** (13 - masks.sum(axis=1))
        assert expected_ends(np.array([p]))[0] == pytest.approx(weight @ share, abs=1e-12)
    result = thinned.solve(DropoutSpec())
    assert (result.flowing <= result.ends_live + 1e-12).all()


def test_a_layer_without_units_stops_the_signal_and_the_gradient():
    result = thinned.solve(DropoutSpec())
    assert (result.empty[0] == 0).all()
    assert (result.empty[-1] > 0).any()
    for i, t in np.argwhere(result.empty == 2)[:5]:
        weights, biases = result.places[1]
        first = result.gradient[i, t, : biases.stop]
        assert (first == 0.0).all(), "nothing before the empty layer learns"
        assert np.abs(result.gradient[i, t, biases.stop :]).max() > 0.0
        assert weights.start == 20


def test_a_network_of_zeros_is_dead_and_only_its_last_biases_learn():
    result = thinned.solve(DropoutSpec(scale=0.0))
    assert (result.flowing == 0.0).all()
    assert (result.gradient[:, :, :-2] == 0.0).all()
    assert (result.gradient[:, :, -2:] != 0.0).any()


def test_weights_that_leave_are_stopped_and_everything_stays_finite():
    result = thinned.solve(DropoutSpec(rate=10.0, scale=4.0, activation="linear"))
    assert result.left.any()
    for name in ("weights", "gradient", "loss", "whole", "values", "errors", "end"):
        assert np.isfinite(getattr(result, name)).all(), name


# -------------------------------------------------------------------------------------------------------------------- scaling


@pytest.mark.parametrize("units", [1, 2, 5, 9])
@pytest.mark.parametrize("p", [0.0, 0.3, 0.5, 0.95])
def test_inverted_dropout_keeps_the_mean_and_has_the_variance_of_the_formula_over_all_masks(units, p):
    x = 0.7
    masks = np.array(list(product((0, 1), repeat=units)))
    weight = (1.0 - p) ** masks.sum(axis=1) * p ** (units - masks.sum(axis=1))
    sums = (masks * x / (1.0 - p)).sum(axis=1)
    mean = weight @ sums
    assert mean == pytest.approx(units * x, rel=1e-12)
    found = scaling(np.array([p]), units, x, masks=10)
    assert weight @ (sums - mean) ** 2 == pytest.approx(found.variance[0], rel=1e-10, abs=1e-12)
    assert weight @ ((1.0 - p) * sums) == pytest.approx(found.mean[0])
    assert weight @ ((1.0 - p) * (sums - mean)) ** 2 == pytest.approx(found.plain_variance[0], rel=1e-10, abs=1e-12)


def test_a_hundred_units_at_one_half_give_fifty_without_a_fix():
    found = scaling(rates(), 100)
    at = int(np.flatnonzero(found.p == 0.5)[0])
    error = found.plain[at].std() / np.sqrt(found.plain.shape[1])
    assert abs(found.plain[at].mean() - 50.0) < 5 * error
    assert found.full == 100.0
    assert found.inverted[at].mean() == pytest.approx(2 * found.plain[at].mean())


def test_the_living_are_counted_as_a_plain_comparison_counts_them():
    p = np.array([0.0, 0.2, 0.5, 0.9])
    found = scaling(p, 30, seed=4, masks=50)
    draws = np.random.Generator(np.random.PCG64(np.random.SeedSequence((4, 3)))).random((50, 30), dtype=np.float32)
    np.testing.assert_array_equal(found.plain, np.stack([(draws >= each).sum(axis=1) for each in p]))
    with pytest.raises(InvalidInput):
        scaling(p, 0)


# -------------------------------------------------------------------------------------------------------------- least squares


def diabetes(d: int) -> tuple[np.ndarray, np.ndarray]:
    X, y = load_diabetes(return_X_y=True, scaled=False)
    X = X[:, [2, 8, 3, 4, 5, 6, 1, 7, 9, 0][:d]]
    return X - X.mean(axis=0), y - y.mean()


@pytest.mark.parametrize("d", [1, 3, 8])
def test_the_expected_loss_over_all_masks_is_ridge_with_the_datas_own_diagonal(d):
    X, y = diabetes(d)
    rng = np.random.default_rng(d)
    for p in (0.1, 0.3, 0.5, 0.9):
        w = rng.normal(size=d) * y.std() / X.std(axis=0)
        total = 0.0
        for mask in product((0, 1), repeat=d):
            share = (1 - p) ** sum(mask) * p ** (d - sum(mask))
            total += share * ((y - (np.array(mask) * X) @ w / (1 - p)) ** 2).sum()
        formula = ((y - X @ w) ** 2).sum() + p / (1 - p) * ((X**2).sum(axis=0) * w**2).sum()
        assert total == pytest.approx(formula, rel=1e-12)
        assert expected_by_enumeration(X, y, w[None], np.array([p]))[0] == pytest.approx(total, rel=1e-12)
        assert penalised(X, y, w[None], np.array([p]))[0] == pytest.approx(formula, rel=1e-12)


def test_a_mask_of_its_own_for_each_row_has_the_same_mean():
    rng = np.random.default_rng(5)
    X, y, w, p = rng.normal(size=(3, 3)), rng.normal(size=3), rng.normal(size=3), 0.35
    total = 0.0
    for bits in product((0, 1), repeat=9):
        mask = np.array(bits).reshape(3, 3)
        total += (1 - p) ** mask.sum() * p ** (9 - mask.sum()) * ((y - (mask * X) @ w / (1 - p)) ** 2).sum()
    assert total == pytest.approx(penalised(X, y, w[None], np.array([p]))[0], rel=1e-12)


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 5), st.floats(0.0, 0.95), st.integers(0, 1000))
def test_its_minimiser_is_the_written_out_one_and_nothing_near_it_is_lower(d, p, seed):
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(12, d)) * 10.0 ** rng.uniform(-2, 2, d), rng.normal(size=12)
    w = minimiser(X, y, np.array([p]))[0]
    gram = X.T @ X
    np.testing.assert_allclose((gram + p / (1 - p) * np.diag(np.diag(gram))) @ w, X.T @ y, rtol=1e-6, atol=1e-9 * np.abs(X.T @ y).max())
    least = penalised(X, y, w[None], np.array([p]))[0]
    for _ in range(5):
        near = w + rng.normal(size=d) * 0.1 / X.std(axis=0)
        assert penalised(X, y, near[None], np.array([p]))[0] >= least * (1 - 1e-12)


def test_both_ridges_are_scikit_learns_and_are_one_where_the_columns_are_equally_long():
    X, y = diabetes(5)
    p = np.array([0.0, 0.2, 0.6])
    found = least_squares(tuple("abcde"), X, y, p)
    size = np.sqrt((X**2).sum(axis=0))
    for i in (1, 2):
        strength = p[i] / (1 - p[i])
        scaled = Ridge(alpha=strength, fit_intercept=False).fit(X / size, y).coef_ / size
        np.testing.assert_allclose(found.dropout[i], scaled, rtol=1e-8)
        plain = Ridge(alpha=strength * (size**2).mean(), fit_intercept=False).fit(X, y).coef_
        np.testing.assert_allclose(found.plain[i], plain, rtol=1e-6)
        # The lab's convention: 1/(2n) |y - Xw|^2 + sum_j lambda_j w_j^2.
        w = found.dropout[i]
        slope = -X.T @ (y - X @ w) / len(y) + 2.0 * found.lam[i] * w
        np.testing.assert_allclose(slope, 0.0, atol=1e-9 * np.abs(X.T @ y / len(y)).max())
    alike = least_squares(tuple("abcde"), X / X.std(axis=0), y, p)
    np.testing.assert_allclose(alike.dropout, alike.plain, rtol=1e-8)
    assert found.gap.max() < 1e-12
    assert found.gradient.max() < 1e-10


def test_a_column_of_zeros_a_twin_and_p_of_zero_are_no_trouble():
    X, y = diabetes(3)
    X = np.column_stack([X, np.zeros(len(y)), X[:, 0]])
    found = least_squares(tuple("abcde"), X, y, rates())
    for each in (found.dropout, found.plain, found.enumerated, found.gap, found.gradient):
        assert np.isfinite(each).all()
    assert found.gap.max() < 1e-12
    np.testing.assert_allclose(found.dropout[5:, 0], found.dropout[5:, 4], rtol=1e-8)
    np.testing.assert_array_equal(plain_ridge(np.zeros((3, 2)), np.ones(3), np.ones(1)), np.zeros((1, 2)))


# ------------------------------------------------------------------------------------------------------------------ ensembles


def network(kind: str, seed: int = 0) -> tuple[list[np.ndarray], list[np.ndarray], str]:
    sizes = {"one": (2, 5, 1), "two": (2, 3, 3, 1), "linear": (2, 3, 3, 1), "unit": (2, 1, 1)}[kind]
    rng = np.random.default_rng(seed)
    weights = [rng.normal(size=pair) for pair in pairwise(sizes)]
    return weights, [rng.normal(size=size) for size in sizes[1:]], "linear" if kind == "linear" else "tanh"


def by_torch(weights, biases, activation, x, p):
    """Every thinned network's logit and how probable it is, one by one."""
    shares, found = [], []
    units = sum(weight.shape[1] for weight in weights[:-1])
    for bits in product((0.0, 1.0), repeat=units):
        h, start = torch.tensor(x), 0
        for weight, bias in zip(weights[:-1], biases[:-1], strict=True):
            h = ACTIVATIONS[activation](h @ torch.tensor(weight) + torch.tensor(bias))
            h = h * torch.tensor(bits[start : start + weight.shape[1]]) / (1 - p)
            start += weight.shape[1]
        found.append((h @ torch.tensor(weights[-1]) + torch.tensor(biases[-1]))[:, 0].numpy())
        shares.append((1 - p) ** sum(bits) * p ** (units - sum(bits)))
    return np.array(found), np.array(shares)


@pytest.mark.parametrize("kind", ["unit", "one", "two", "linear"])
@pytest.mark.parametrize("p", [0.0, 0.3, 0.5, 0.9])
def test_the_averages_are_those_of_all_thinned_networks_one_by_one(kind, p):
    weights, biases, activation = network(kind)
    x = np.random.default_rng(1).normal(size=(4, 2))
    z, share = by_torch(weights, biases, activation, x, p)
    found = ensemble(weights, biases, x, p, activation)
    probability = 1 / (1 + np.exp(-z))
    np.testing.assert_allclose(found.average, share @ probability, atol=1e-12)
    np.testing.assert_allclose(found.logit, share @ z, atol=1e-10)
    np.testing.assert_allclose(found.deviation, np.sqrt(share @ (probability - share @ probability) ** 2), atol=1e-7)
    # The normalised geometric mean of the two classes' probabilities.
    one, other = np.exp(-share @ np.logaddexp(0, -z)), np.exp(-share @ np.logaddexp(0, z))
    np.testing.assert_allclose(found.geometric, one / (one + other), atol=1e-10)
    counted = histogram(weights, biases, x[0], p, activation)
    np.testing.assert_allclose(counted, np.histogram(probability[:, 0], 25, (0, 1), weights=share)[0], atol=1e-12)


@pytest.mark.parametrize("p", [0.1, 0.3, 0.7])
def test_one_pass_is_the_geometric_average_for_linear_sums_and_for_nothing_else(p):
    x = np.random.default_rng(1).normal(size=(6, 2))
    for kind in ("one", "linear", "unit"):
        weights, biases, activation = network(kind)
        found = ensemble(weights, biases, x, p, activation)
        np.testing.assert_allclose(found.logit, found.scaled_logit, atol=1e-12)
        assert np.abs(found.average - found.scaled).max() > 1e-5
    weights, biases, activation = network("two")
    found = ensemble(weights, biases, x, p, activation)
    assert np.abs(found.logit - found.scaled_logit).max() > 1e-3
    assert np.abs(found.average - found.scaled).max() > 1e-3


def test_one_half_cannot_tell_keeping_from_dropping():
    weights, biases, activation = network("two")
    x = np.random.default_rng(2).normal(size=(6, 2))
    half = ensemble(weights, biases, x, 0.5, activation)
    np.testing.assert_allclose(half.misread, half.scaled, atol=1e-14)
    assert np.abs(ensemble(weights, biases, x, 0.3, activation).misread - half.scaled).max() > 1e-2


def test_monte_carlo_comes_to_the_true_average_within_its_error():
    weights, biases, activation = network("two")
    x = np.random.default_rng(3).normal(size=2)
    found = ensemble(weights, biases, x[None], 0.3, activation)
    far = [monte_carlo(weights, biases, x, 0.3, activation, seed)[-1] - found.average[0] for seed in range(20)]
    error = found.deviation[0] / np.sqrt(1200)
    assert np.abs(far).max() < 4 * error
    assert 0.5 * error < np.std(far) < 1.6 * error
    assert logits(weights, biases, x[None], np.zeros((1, 6), dtype=bool), 1.0, activation)[0, 0] == pytest.approx(biases[-1][0])


def test_too_many_masks_are_refused_and_the_rest_are_all_there():
    assert len({tuple(mask) for mask in all_masks(7).tolist()}) == 128
    np.testing.assert_allclose(chance(all_masks(9), np.array([0.0, 0.4, 1.0])).sum(axis=1), 1.0)
    with pytest.raises(InvalidInput):
        all_masks(13)


# -------------------------------------------------------------------------------------------------------------------- escapes


@pytest.mark.parametrize("units", [1, 2, 3])
@pytest.mark.parametrize("p", [0.0, 0.2, 0.7])
def test_the_controls_loss_and_gradient_are_the_means_over_all_masks(units, p):
    problem = escapes.Problem(*escapes.wave(), units, p)
    w = np.random.default_rng(units).normal(size=(4, problem.size))
    loss, slope = problem.expected_by_enumeration(w)
    np.testing.assert_allclose(problem.expected(w), loss, rtol=1e-12)
    np.testing.assert_allclose(problem.expected_gradient(w), slope, atol=1e-12)


def test_gradients_and_curvatures_of_the_small_network_are_torchs():
    x, y = escapes.wave()
    problem = escapes.Problem(x, y, 2, 0.3)
    tx, ty = torch.tensor(x), torch.tensor(y)

    def loss(w: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        h = torch.tanh(tx[:, None] * w[:2] + w[2:4])
        return 0.5 * ((h * w[4:6] * mask / 0.7).sum(1) + w[6] - ty).square().mean() + escapes.DECAY * w[:6].square().sum()

    def expected(w: torch.Tensor) -> torch.Tensor:
        return sum(0.7 ** sum(bits) * 0.3 ** (2 - sum(bits)) * loss(w, torch.tensor(bits)) for bits in product((0.0, 1.0), repeat=2))

    w = np.random.default_rng(3).normal(size=7)
    for bits in product((False, True), repeat=2):
        at = torch.tensor(w, requires_grad=True)
        loss(at, torch.tensor(bits, dtype=torch.float64)).backward()
        np.testing.assert_allclose(problem.gradient(w, np.array(bits)), at.grad.numpy(), atol=1e-12)
    hessian = torch.autograd.functional.hessian(expected, torch.tensor(w)).numpy()
    np.testing.assert_allclose(problem.hessian(w), hessian, atol=1e-7)
    assert problem.expected(w) == pytest.approx(expected(torch.tensor(w)).item())


def test_equal_units_part_under_noise_and_never_without_it():
    found = escapes.saddle(0.05, 0.1, 700, 12)
    assert found.control == 0.0
    assert found.slope < 1e-9
    assert found.lowest < -0.01
    assert found.left >= 10


def test_where_dropout_holds_equal_units_together_nobody_leaves():
    found = escapes.saddle(0.4, 0.1, 300, 12)
    assert found.lowest > 0.0
    assert found.control == 0.0
    assert found.left == 0


def test_minima_are_level_and_bent_upwards_and_gentle_noise_leaves_none_of_them():
    found = escapes.basins(0.2, (0.01,), 60, 4, 24, 3, units=2)
    assert len(found.loss) >= 2
    assert (np.diff(found.loss) >= 0).all()
    assert found.slope.max() < 1e-8
    assert found.left.max() == 0
    assert not found.control.any()
    assert found.starts.sum() <= 24


def test_the_rate_that_noise_can_bear_is_where_a_cloud_of_distances_starts_to_grow():
    problem = escapes.Problem(*escapes.wave(), 2, 0.3)
    w = problem.bottom(1.5 * np.random.default_rng(0).normal(size=(8, 7)))[0]
    limit, top = problem.noisy_limit(w), np.linalg.eigvalsh(problem.hessian(w))[-1]
    assert limit < 2.0 / top
    masks = np.array(list(product((False, True), repeat=2)))
    share = 0.7 ** masks.sum(axis=1) * 0.3 ** (2 - masks.sum(axis=1))

    def traces(rate: float) -> list[float]:
        """Of the covariance of the distance, step by step, each mask's Hessian as torch has it."""
        x, y = (torch.tensor(each) for each in escapes.wave())
        bends = []
        for mask in masks:
            scale = torch.tensor(mask, dtype=torch.float64) / 0.7

            def loss(at, scale=scale):
                h = torch.tanh(x[:, None] * at[:2] + at[2:4])
                return 0.5 * ((h * at[4:6] * scale).sum(1) + at[6] - y).square().mean() + escapes.DECAY * at[:6].square().sum()

            bends.append(torch.autograd.functional.hessian(loss, torch.tensor(w)).numpy())
        cloud, found = np.eye(7), []
        for _ in range(3000):
            cloud = sum(c * (np.eye(7) - rate * bend) @ cloud @ (np.eye(7) - rate * bend) for c, bend in zip(share, bends, strict=True))
            found.append(float(np.trace(cloud)))
        return found

    below, beyond = traces(0.98 * limit), traces(1.02 * limit)
    assert below[-1] < below[1000]
    assert beyond[-1] > beyond[1000]
    still = escapes.Problem(*escapes.wave(), 2, 0.0)
    at = still.bottom(1.5 * np.random.default_rng(0).normal(size=(8, 7)))[0]
    assert still.noisy_limit(at) == pytest.approx(2.0 / np.linalg.eigvalsh(still.hessian(at))[-1], rel=1e-3)


# ------------------------------------------------------------------------------------------------------------------- in words


def test_an_effect_is_students_interval_of_paired_differences():
    rng = np.random.default_rng(0)
    one, other = rng.normal(size=8), rng.normal(size=8) + 0.4
    interval = scipy.stats.ttest_rel(other, one).confidence_interval(0.95)
    found = effect((other - one)[None])
    np.testing.assert_allclose([found.mean[0] - found.half[0], found.mean[0] + found.half[0]], interval, rtol=1e-10)
    assert found.seeds == 8
    np.testing.assert_array_equal(effect(np.array([[1.0, 1.1, 0.9], [-1.0, 1.0, 0.0], [-2.0, -2.1, -2.0]])).sign, [1, 0, -1])
    assert np.isnan(effect(np.full((1, 3), np.nan)).mean[0])
    assert effect(np.full((1, 3), np.nan)).sign[0] == 0
    assert effect(np.array([[2.0, np.nan, np.nan]])).sign[0] == 0


def test_the_rank_correlation_is_scipys_with_ties():
    rng = np.random.default_rng(1)
    for _ in range(5):
        a, b = rng.integers(0, 5, 9).astype(float), rng.integers(0, 4, 9).astype(float)
        assert rank_correlation(a, b) == pytest.approx(scipy.stats.spearmanr(a, b).statistic)
