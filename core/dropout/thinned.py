"""One small network with dropout, batch by batch, for every p at once: which units live, what flows forward, and which connections carry gradient.

A unit lives while its uniform draw is at least p, and what lives is divided by 1 - p. The draws do not depend on p, so that units go out one by one
as p rises, and every p meets the same batches from the same initial weights.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core._validate import Bools, Floats
from core.dropout.flowers import flowers
from core.specs.dropout import DropoutSpec, rates

SIZES = (3, 5, 4, 4, 2)
"""Units of each layer of the course's network, inputs and outputs included."""
BATCHES = 40
FAR = 300.0
"""A weight beyond it does not come back."""
_WEIGHTS, _UNITS, _ORDER = 0, 1, 2  # streams of chance: what one draws does not depend on the others


class Activation(NamedTuple):
    """f(z), and its slope from z and f(z)."""

    value: Callable[[Floats], Floats]
    slope: Callable[[Floats, Floats], Floats]


ACTIVATIONS: Mapping[str, Activation] = MappingProxyType(
    {
        "tanh": Activation(np.tanh, lambda z, h: 1.0 - h * h),
        "relu": Activation(lambda z: np.maximum(z, 0.0), lambda z, h: (z > 0.0).astype(np.float64)),
        "linear": Activation(lambda z: z, lambda z, h: np.ones_like(z)),
    }
)


class Layers(NamedTuple):
    """Weights, a list entry a layer: (k, in, out), and biases (k, 1, out)."""

    weights: list[Floats]
    biases: list[Floats]


class Passed(NamedTuple):
    """What one batch leaves, a list entry a layer.

    Attributes
    ----------
    inputs:
        (k, n, units) what goes into each layer: the batch, then hidden units after dropout.
    outputs:
        (k, n, outputs) shares of the classes.
    errors:
        (k, n, units) the derivative of the batch's mean loss by the sum in each unit of the hidden layers and of the outputs.
    gradient:
        The mean loss's derivative by weights and biases.
    loss:
        (k,) the batch's mean loss.
    """

    inputs: list[Floats]
    outputs: Floats
    errors: list[Floats]
    gradient: Layers
    loss: Floats


def passes(layers: Layers, inputs: Floats, targets: NDArray[np.int64], masks: Sequence[Floats] | None, activation: str) -> Passed:
    """Return what a batch does, forward and back, to k networks.

    Parameters
    ----------
    layers:
        The networks.
    inputs, targets:
        (n, d) rows and (n,) their classes.
    masks:
        What dropout multiplies each hidden layer's units by, (k, 1 or n, units): 0, or 1 / (1 - p). None for none.
    activation:
        A key of `ACTIVATIONS`.
    """
    f = ACTIVATIONS[activation]
    k, n, last = len(layers.weights[0]), len(inputs), len(layers.weights) - 1
    into = [np.broadcast_to(inputs, (k, *inputs.shape))]
    slopes: list[Floats] = []
    for i in range(last):
        z = into[i] @ layers.weights[i] + layers.biases[i]
        h = f.value(z)
        slopes.append(f.slope(z, h))
        into.append(h if masks is None else h * masks[i])
    shares = _softmax(into[last] @ layers.weights[last] + layers.biases[last])
    rows = np.arange(n)
    loss = -np.log(np.maximum(shares[:, rows, targets], 1e-300)).mean(axis=1)
    error = shares.copy()
    error[:, rows, targets] -= 1.0
    error /= n
    errors = [error]
    for i in range(last, 0, -1):
        error = error @ layers.weights[i].transpose(0, 2, 1)
        if masks is not None:
            error = error * masks[i - 1]
        error = error * slopes[i - 1]
        errors.insert(0, error)
    gradient = Layers(
        [h.transpose(0, 2, 1) @ each for h, each in zip(into, errors, strict=True)], [each.sum(axis=1, keepdims=True) for each in errors]
    )
    return Passed(into, shares, errors, gradient, loss)


def _softmax(z: Floats) -> Floats:
    shares: Floats = np.exp(z - z.max(axis=-1, keepdims=True))
    shares /= shares.sum(axis=-1, keepdims=True)
    return shares


def initial(seed: int, scale: float, sizes: Sequence[int] = SIZES) -> Layers:
    """Return one network's first weights (1, in, out), uniform within 1 / sqrt(units in) times ``scale``; biases too."""
    rng = _generator(seed, _WEIGHTS)
    weights, biases = [], []
    for a, b in itertools.pairwise(sizes):
        half = scale / np.sqrt(a)
        weights.append(half * rng.uniform(-1.0, 1.0, (1, a, b)))
        biases.append(half * rng.uniform(-1.0, 1.0, (1, 1, b)))
    return Layers(weights, biases)


def _generator(seed: int, stream: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence((seed, stream))))


@dataclass(frozen=True)
class Thinned:
    """Forty batches through the network, for every p. Axes: p (k), batch (T), then units or connections.

    Attributes
    ----------
    spec:
        What was asked for.
    p:
        (k,) probability of dropping.
    draws:
        (T, 1 or n, hidden) the uniform numbers that decide who lives.
    lives:
        (k, T, 1 or n, hidden) who does.
    rows:
        (T, n) which flowers each batch holds.
    values:
        (k, T, units) of the batch's first flower: its measurements, hidden units after dropout, shares of the species.
    errors:
        (k, T, units) derivatives of that flower's own loss by the sum in each unit; 0 for inputs. A gradient is their mean over the batch's flowers,
        each times what comes in.
    weights, gradient:
        (k, T, connections + biases) before the batch's step, laid out layer by layer: (in, out), then the biases.
    loss, whole:
        (k, T) the batch's mean loss, and (k, T) the mean loss of all hundred flowers without dropout, before the step.
    end:
        (k,) the latter after the last step.
    left:
        (k,) whether the weights left for good, so that the network was stopped.
    """

    spec: DropoutSpec
    p: Floats
    draws: Floats
    lives: Bools
    rows: NDArray[np.int64]
    values: Floats
    errors: Floats
    weights: Floats
    gradient: Floats
    loss: Floats
    whole: Floats
    end: Floats
    left: Bools

    @cached_property
    def places(self) -> tuple[tuple[slice, slice], ...]:
        """(weights, biases) of each layer in the last axis of ``weights`` and ``gradient``."""
        found, start = [], 0
        for a, b in itertools.pairwise(SIZES):
            found.append((slice(start, start + a * b), slice(start + a * b, start + (a + 1) * b)))
            start += (a + 1) * b
        return tuple(found)

    @cached_property
    def share(self) -> Floats:
        """(k, T, hidden) the share of the batch's rows in which a unit lives: 0 or 1 with one mask a batch."""
        share: Floats = self.lives.mean(axis=2)
        return share

    @cached_property
    def is_connection(self) -> Bools:
        """(connections + biases,) true for connections."""
        mask = np.zeros(self.weights.shape[-1], dtype=bool)
        for weights, _ in self.places:
            mask[weights] = True
        return mask

    @cached_property
    def flowing(self) -> Floats:
        """(k, T) the share of the connections whose gradient is not exactly 0."""
        share: Floats = (self.gradient[:, :, self.is_connection] != 0.0).mean(axis=2)
        return share

    @cached_property
    def ends_live(self) -> Floats:
        """(k, T) the share of the connections with a live unit, or an input or an output, at both ends in at least one row."""
        k, steps = self.loss.shape
        n = self.lives.shape[2]
        layers = [np.ones((k, steps, n, SIZES[0]), dtype=bool), *np.split(self.lives, np.cumsum(SIZES[1:-2]), axis=3)]
        layers.append(np.ones((k, steps, n, SIZES[-1]), dtype=bool))
        both = [(a[..., :, None] & b[..., None, :]).any(axis=2).reshape(k, steps, -1) for a, b in itertools.pairwise(layers)]
        share: Floats = np.concatenate(both, axis=2).mean(axis=2)
        return share

    @cached_property
    def empty(self) -> NDArray[np.int64]:
        """(k, T) the last hidden layer, from 1, that no row of the batch has a live unit in; 0 where there is none."""
        found = np.zeros(self.loss.shape, dtype=np.int64)
        start = 0
        for layer, units in enumerate(SIZES[1:-1], start=1):
            found[~self.lives[..., start : start + units].any(axis=(2, 3))] = layer
            start += units
        return found


def solve(spec: DropoutSpec) -> Thinned:
    """Train the network for forty batches at every p, from the same weights, with the same batches and the same draws."""
    X, species = flowers()
    p, n, one_each = rates(), int(spec.rows), spec.masks == "row"
    k, hidden = len(p), sum(SIZES[1:-1])
    seed = int(spec.seed)
    draws = _generator(seed, _UNITS).random((BATCHES, n if one_each else 1, hidden))
    lives = draws[None] >= p[:, None, None, None]
    factor = lives / (1.0 - p)[:, None, None, None]
    rows = _batches(_generator(seed, _ORDER), len(X), n)
    first = initial(seed, spec.scale)
    weights, biases = ([np.repeat(each, k, axis=0) for each in part] for part in first)
    layers = Layers(weights, biases)
    cuts = np.cumsum(SIZES[1:-2])
    left = np.zeros(k, dtype=bool)
    found: dict[str, list[Floats]] = {name: [] for name in ("values", "errors", "weights", "gradient", "loss", "whole")}
    for t in range(BATCHES):
        masks = np.split(factor[:, t], cuts, axis=2)
        passed = passes(layers, X[rows[t]], species[rows[t]], masks, spec.activation)
        found["values"].append(np.concatenate([h[:, 0] for h in (*passed.inputs, passed.outputs)], axis=1))
        found["errors"].append(np.concatenate([np.zeros((k, SIZES[0])), *(n * each[:, 0] for each in passed.errors)], axis=1))
        found["weights"].append(_flat(layers))
        found["gradient"].append(_flat(passed.gradient))
        found["loss"].append(passed.loss)
        found["whole"].append(loss_of(layers, spec.activation))
        flat, slope = found["weights"][-1], found["gradient"][-1]
        # Those that leave rest where they are: a step farther their numbers would be no numbers any more.
        left |= (np.abs(flat - spec.rate * slope) > FAR).any(axis=1)
        rate = np.where(left, 0.0, spec.rate)[:, None, None]
        layers = Layers(
            [w - rate * g for w, g in zip(layers.weights, passed.gradient.weights, strict=True)],
            [b - rate * g for b, g in zip(layers.biases, passed.gradient.biases, strict=True)],
        )
    columns = {name: np.stack(each, axis=1) for name, each in found.items()}
    return Thinned(spec, p, draws, lives, rows, end=loss_of(layers, spec.activation), left=left, **columns)


def loss_of(layers: Layers, activation: str) -> Floats:
    """Return (k,) the mean loss over all flowers, without dropout."""
    X, species = flowers()
    h = np.broadcast_to(X, (len(layers.weights[0]), *X.shape))
    for weight, bias in zip(layers.weights[:-1], layers.biases[:-1], strict=True):
        h = ACTIVATIONS[activation].value(h @ weight + bias)
    shares = _softmax(h @ layers.weights[-1] + layers.biases[-1])
    loss: Floats = -np.log(np.maximum(shares[:, np.arange(len(X)), species], 1e-300)).mean(axis=1)
    return loss


def _flat(layers: Layers) -> Floats:
    k = len(layers.weights[0])
    return np.concatenate([part.reshape(k, -1) for pair in zip(layers.weights, layers.biases, strict=True) for part in pair], axis=1)


def _batches(rng: np.random.Generator, rows: int, size: int) -> NDArray[np.int64]:
    """Return (T, size) row numbers: the data in a new order each time they have been met."""
    orders = [rng.permutation(rows) for _ in range(-(-BATCHES * size // rows))]
    return np.concatenate(orders)[: BATCHES * size].reshape(BATCHES, size)
