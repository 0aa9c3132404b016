"""What batch normalisation does to networks that are being trained, measured: the loss along a step, what its units see, how its weights turn.

Everything is of whole families. Where a network is looked at as training sees it, batch normalisation takes the statistics of the points at hand and
leaves the running ones alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor

from core.networks import draws
from core.networks.family import Family
from core.networks.passes import Passes, Tape

if TYPE_CHECKING:
    from core.training import TrainingState

# Numbers of one layer's units that are held at once.
CHUNK = 2_000_000


class Gradient(NamedTuple):
    """The data loss (k,) of networks and its gradient (k, P)."""

    loss: Tensor
    gradient: Tensor


class Line(NamedTuple):
    """What happens along minus the gradient, at strides (k, T).

    Attributes
    ----------
    loss:
        (k, T)
    change:
        (k, T) the norm of g(w - t g) - g(w).
    cosine:
        (k, T) between the two.
    """

    loss: Tensor
    change: Tensor
    cosine: Tensor


class Turning(NamedTuple):
    """How the weights into hidden units turn in an epoch.

    Attributes
    ----------
    angle:
        (k,) root mean square over units and steps of the angle between a unit's weights before a step and after it.
    norm:
        (k,) root mean square over units of the norm of a unit's weights, before the epoch.
    away:
        (k,) root mean square over units of the angle between a unit's weights before the epoch and after it.
    """

    angle: Tensor
    norm: Tensor
    away: Tensor


def gradient_of(passes: Passes, family: Family, weights: Tensor, masks: Sequence[Tensor] | None = None) -> Gradient:
    """Return loss and gradient of networks (k, P) on all training points, as training sees them."""
    tape = passes.forward(weights, family.points.train, masks)
    targets = family.points.train_targets
    gradient = passes.backward(weights, tape, family.loss.error(tape.outputs, targets), masks)
    return Gradient(family.loss.value(tape.outputs, targets), gradient)


def weight_norm(family: Family, weights: Tensor) -> Tensor:
    """Return the Euclidean norm (k,) of all weights of the layers; biases, scales and shifts do not count."""
    plain = torch.from_numpy(family.layout.is_weight).to(weights.device)
    return weights[:, plain].square().sum(1).sqrt()


def along_gradient(family: Family, weights: Tensor, strides: Tensor, at: Gradient) -> Line:
    """Return what happens along minus the gradient: Santurkar et al. (2018), How does batch normalization help optimization?, section 3.1.

    Parameters
    ----------
    family:
        The networks' family.
    weights:
        (k, P)
    strides:
        (k, T) how often the gradient is taken away.
    at:
        Loss and gradient of the weights.
    """
    k, count = strides.shape
    step = max(1, CHUNK // max(1, family.points.train.shape[1] * max(family.layout.sizes) * k))
    switches = family.passes.normalised
    first = at.gradient[:, None]
    length = first.square().sum(2).sqrt()
    parts = []
    for i in range(0, count, step):
        some = strides[:, i : i + step]
        there = (weights[:, None] - some[:, :, None] * first).reshape(-1, weights.shape[1])
        passes = family.passes.of(None if switches is None else switches.repeat_interleave(some.shape[1], 0))
        loss, flat = gradient_of(passes, family, there)
        gradient = flat.view(k, -1, weights.shape[1])
        both = (gradient.square().sum(2).sqrt() * length).clamp(min=1e-30)
        parts.append(Line(loss.view(k, -1), (gradient - first).square().sum(2).sqrt(), (gradient * first).sum(2) / both))
    return Line(*(torch.cat(part, 1) for part in zip(*parts, strict=True)))


def under_dropout(family: Family, state: TrainingState, repeats: int) -> Tape:
    """Return what networks with batch normalisation compute in training, on ``repeats`` masks for each training point, as one batch."""
    crowd = family.points.train.repeat(1, repeats, 1)
    uniforms = draws.uniforms(family.seeds, 0, crowd.shape[1], sum(family.layout.hidden)).to(crowd.device) if family.drops else None
    return family.passes.forward(state.weights, crowd, None if uniforms is None else family.masks(uniforms))


def variances(tape: Tape) -> Tensor:
    """Return the variance (k, hidden units) of what each unit's normalisation was given."""
    norms = [norm for norm in tape.norms if norm is not None]
    return torch.cat([(norm.normal.var(1, correction=0, keepdim=True) / norm.inverse.square())[:, 0] for norm in norms], 1)


def by_formula(family: Family, state: TrainingState, tape: Tape) -> Tensor:
    """Return the same by formula, from what the units were before they were dropped; NaN where an activation stands between dropout and norm.

    Independent masks give a sum w'x the variance var(w'x) + p / (1 - p) sum_i w_i^2 E x_i^2, and a unit u of its own var(u) + p / (1 - p) E u^2: Li,
    Chen, Hu and Yang (2018), Understanding the disharmony between dropout and batch normalization by variance shift, section 3.
    """
    spec, layers = family.spec, family.layout.layers(state.weights)
    rates = torch.tensor(spec.values("dropout"), dtype=family.dtype, device=state.weights.device)[:, None]
    ratio = rates / (1.0 - rates)
    found = []
    for i, (weight, bias) in enumerate(layers[:-1]):
        if spec.dropout_place == "before":
            # The unit's own mask stands right before its norm.
            unit = torch.baddbmm(bias, tape.inputs[i], weight) if spec.norm_place == "before" else tape.active[i]
            found.append(unit.var(1, correction=0) + ratio * unit.square().mean(1))
        elif spec.norm_place == "before":
            # The masks of the layer before, if it has any, reach the norm through the weights alone.
            masked = i > 0 and spec.dropout_place == "after"
            x = tape.active[i - 1] if masked else tape.inputs[i]
            noise = ratio * torch.bmm(x.square().mean(1, keepdim=True), weight.square())[:, 0] if masked else 0.0
            found.append(torch.bmm(x, weight).var(1, correction=0) + noise)
        else:
            found.append(torch.full_like(tape.active[i][:, 0], torch.nan))
    return torch.cat(found, 1)


def recomputed(family: Family, weights: Tensor) -> Tensor:
    """Return statistics (k, 2, hidden units) of all training points at once, with nothing dropped, in the place of the running ones."""
    tape = family.passes.forward(weights, family.points.train)
    norms = [norm for norm in tape.norms if norm is not None]
    n = family.points.train.shape[1]
    mean, variance = torch.cat([norm.mean for norm in norms], 2), torch.cat([norm.variance for norm in norms], 2)
    return torch.cat([mean, variance * (n / max(1, n - 1))], 1)


def turning(family: Family, state: TrainingState) -> Turning:
    """Return how the weights into hidden units would turn in the next epoch; the state stays where it is."""
    before = _into_units(family, state.weights)
    at, angles = before, []
    for weights, _, _ in family.steps(state.weights, state.memories, state.running, state.epoch + 1, state.ended):
        now = _into_units(family, weights)
        angles.append(_angles(at, now).square().mean(1))
        at = now
    norm = torch.cat([part.square().sum(1) for part in before], 1).mean(1).sqrt()
    return Turning(torch.stack(angles).mean(0).sqrt(), norm, _angles(before, at).square().mean(1).sqrt())


def _into_units(family: Family, weights: Tensor) -> list[Tensor]:
    """Return the weights into each hidden layer's units, (k, in, units)."""
    return [weight for weight, _ in family.layout.layers(weights)[:-1]]


def _angles(one: list[Tensor], other: list[Tensor]) -> Tensor:
    """Return the angle (k, units) between a unit's weights here and there, from the chord of the two directions: exact where it is small."""
    chords = []
    for first, second in zip(one, other, strict=True):
        a, b = (part / part.square().sum(1, keepdim=True).sqrt().clamp(min=1e-30) for part in (first, second))
        chords.append((a - b).square().sum(1).sqrt())
    return 2.0 * torch.asin((0.5 * torch.cat(chords, 1)).clamp(max=1.0))
