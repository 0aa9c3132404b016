"""What the lab "Dropout" measures on trained families: units that agree, units that are missed, gradients under two masks, all thinned networks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from core._validate import Floats
from core.dropout.ensemble import SAMPLES, ensemble, histogram, monte_carlo
from core.networks import draws
from core.networks.family import Family, family_of

if TYPE_CHECKING:
    from core.training import TrainingState

POINTS = 20
"""Validation points at which all thinned networks are enumerated."""


def agreement(state: TrainingState) -> Floats:
    """Return (k,) the mean absolute correlation of two hidden units of one layer over the training points, without dropout.

    Units that never change have no correlation and are left out; where fewer than two change in every layer it is NaN.
    """
    family = family_of(state.spec, state.data)
    tape = family.passes.forward(state.weights, family.points.train, None)
    total, pairs = torch.zeros(len(state.weights), dtype=torch.float64), torch.zeros(len(state.weights), dtype=torch.float64)
    for h in tape.active:
        centred = h.to(torch.float64) - h.to(torch.float64).mean(1, keepdim=True)
        size = centred.square().sum(1).sqrt()
        alive = size > 1e-6 * h.shape[1] ** 0.5
        unit = torch.where(alive[:, None, :], centred / torch.where(alive, size, 1.0)[:, None, :], 0.0)
        alike = (unit.transpose(1, 2) @ unit).abs()
        count = alive.sum(1).to(torch.float64)
        total += (alike.sum((1, 2)) - count) / 2.0
        pairs += count * (count - 1.0) / 2.0
    return torch.where(pairs > 0, total / pairs, torch.nan).numpy()


def missed(state: TrainingState) -> tuple[Floats, Floats, Floats]:
    """Return (k,) the training loss without dropout, and by how much it rises when one hidden unit is removed: on average over units, and at most."""
    family = family_of(state.spec, state.data)
    inputs, targets = family.points.train, family.points.train_targets
    sizes, k = family.layout.hidden, len(state.weights)
    whole = [torch.ones((1, 1, units), dtype=family.dtype) for units in sizes]
    base = family.loss.value(family.passes.forward(state.weights, inputs, whole).outputs, targets)
    rises = torch.zeros((k, sum(sizes)), dtype=torch.float64)
    place = 0
    for layer, units in enumerate(sizes):
        for unit in range(units):
            masks = [each.clone() for each in whole]
            masks[layer][..., unit] = 0.0
            rises[:, place] = (family.loss.value(family.passes.forward(state.weights, inputs, masks).outputs, targets) - base).to(torch.float64)
            place += 1
    return base.to(torch.float64).numpy(), rises.mean(1).numpy(), rises.max(1).values.numpy()


def gradient_noise(state: TrainingState, pairs: int, rows: int) -> dict[str, Floats]:
    """Return how much gradients differ, each (k,), at the family's weights.

    masks
        The mean cosine between the gradients of one batch under two masks, over ``pairs`` pairs (a mask for each row, as in training).
    batches
        The mean cosine between the gradients of two batches of ``rows`` points without dropout.
    noise
        The variance of a batch's gradient over masks, over the square of the mean gradient's length.
    """
    family = family_of(state.spec, state.data)
    k, units = len(state.weights), sum(family.layout.hidden)
    n = family.points.train.shape[1]
    cosines, others = torch.zeros(k, dtype=torch.float64), torch.zeros(k, dtype=torch.float64)
    order = draws.order(state.spec.data_seed, 1, n)
    first = order[:rows]
    found = []
    for i in range(pairs):
        both = []
        for side in range(2):
            uniforms = draws.uniforms(family.seeds, 100_000 + 2 * i + side, rows, units)
            both.append(_gradient(family, state.weights, first, family.masks(uniforms)))
        cosines += _cosine(*both)
        found += both
        here, there = np.random.default_rng((state.spec.data_seed, i)).permutation(n)[: 2 * rows].reshape(2, -1)
        others += _cosine(*(_gradient(family, state.weights, torch.from_numpy(each), None) for each in (here, there)))
    stacked = torch.stack(found)
    mean = stacked.mean(0)
    count = len(found)
    variance = ((stacked - mean).square().sum(2).sum(0)) / (count - 1)
    # The mean of a few gradients is longer than the expected one, by the variance of a mean.
    length = (mean.square().sum(1) - variance / count).clamp(min=1e-30)
    return {"masks": (cosines / pairs).numpy(), "batches": (others / pairs).numpy(), "noise": (variance / length).numpy()}


def _gradient(family: Family, weights: Tensor, rows: Tensor, masks: list[Tensor] | None) -> Tensor:
    inputs, targets = family.points.train[:, rows], family.points.train_targets[rows]
    tape = family.passes.forward(weights, inputs, masks)
    return family.passes.backward(weights, tape, family.loss.error(tape.outputs, targets), masks).to(torch.float64)


def _cosine(one: Tensor, other: Tensor) -> Tensor:
    cosine: Tensor = (one * other).sum(1) / (one.norm(dim=1) * other.norm(dim=1)).clamp(min=1e-30)
    return cosine


def ensembles(state: TrainingState) -> dict[str, Floats]:
    """Return what all thinned networks of each member say of `POINTS` validation points beside its one whole network.

    average_gap, logit_gap, misread_gap
        (k,) the mean distance over the points between the true average of the probabilities and the network with scaled weights; between the average
        logit and that network's; and between the true average and a network scaled by the wrong probability.
    losses
        (k, 3) mean loss of the true average, of the geometric one, and of the scaled network.
    point
        (k, 5) at the point where the two differ most over all members: average, geometric average, scaled, misread, and the deviation over masks.
    histogram, running
        (k, bins) and (k, samples) at that point, `core.dropout.ensemble.histogram` and `monte_carlo`; hundredths of per mille.
    """
    family = family_of(state.spec, state.data)
    X = family.points.val[0, :POINTS].to(torch.float64).numpy()
    targets = family.points.val_targets[:POINTS].to(torch.float64).numpy()
    rows, rates = state.weights.to(torch.float64), state.spec.values("dropout")
    layers = [(weight.numpy(), bias[:, 0].numpy()) for weight, bias in family.layout.layers(rows)]
    found = []
    for i, p in enumerate(rates):
        weights, biases = [weight[i] for weight, _ in layers], [bias[i] for _, bias in layers]
        found.append(ensemble(weights, biases, X, p, state.spec.activation))
    gaps = np.stack([np.abs(each.average - each.scaled) for each in found])
    worst = int(gaps.mean(axis=0).argmax())
    out: dict[str, list[Floats]] = {name: [] for name in ("losses", "point", "histogram", "running")}
    for i, (each, p) in enumerate(zip(found, rates, strict=True)):
        weights, biases = [weight[i] for weight, _ in layers], [bias[i] for _, bias in layers]
        shares = [np.clip(share, 1e-12, 1.0 - 1e-12) for share in (each.average, each.geometric, each.scaled)]
        out["losses"].append(np.array([-np.where(targets > 0.5, np.log(share), np.log1p(-share)).mean() for share in shares]))
        out["point"].append(np.array([part[worst] for part in (each.average, each.geometric, each.scaled, each.misread, each.deviation)]))
        out["histogram"].append(histogram(weights, biases, X[worst], p, state.spec.activation))
        out["running"].append(monte_carlo(weights, biases, X[worst], p, state.spec.activation))
    assert len(out["running"][0]) == len(SAMPLES)
    return {
        "average_gap": gaps.mean(axis=1),
        "logit_gap": np.stack([np.abs(each.logit - each.scaled_logit) for each in found]).mean(axis=1),
        "misread_gap": np.stack([np.abs(each.average - each.misread) for each in found]).mean(axis=1),
        **{name: np.stack(values) for name, values in out.items()},
    }
