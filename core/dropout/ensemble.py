"""The 2^N networks that dropout trains: all of them enumerated, their average, the network with scaled weights, and an average of a few.

Of a binary classifier, whose output before the link is the logit z of the probability s(z). The arithmetic average is that of the probabilities; the
normalised geometric one, of which papers speak, is s(the average of the logits).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core._validate import Bools, Floats
from core.dropout.least_squares import all_masks, chance
from core.dropout.thinned import ACTIVATIONS

SAMPLES = (1, 2, 3, 5, 8, 12, 20, 30, 50, 80, 120, 200, 300, 500, 800, 1200)
"""Sizes of the Monte Carlo averages."""
BINS = 25
"""Of the probabilities of all thinned networks at one point, over [0, 1]."""


def sigmoid(z: Floats) -> Floats:
    """Return 1 / (1 + exp(-z)), without overflow."""
    share: Floats = 0.5 * (1.0 + np.tanh(0.5 * z))
    return share


def logits(weights: Sequence[Floats], biases: Sequence[Floats], X: Floats, masks: Bools, factor: float, activation: str) -> Floats:
    """Return (masks, n) the logits of thinned networks.

    Parameters
    ----------
    weights, biases:
        (in, out) and (out,) of each layer.
    X:
        (n, d) points.
    masks:
        (masks, N) which of the hidden units, layer by layer, live.
    factor:
        What a living unit is multiplied by: 1 / (1 - p) for inverted dropout.
    activation:
        A key of `core.dropout.thinned.ACTIVATIONS`.
    """
    f = ACTIVATIONS[activation].value
    h: Floats = X[None]
    start = 0
    for weight, bias in zip(weights[:-1], biases[:-1], strict=True):
        h = f(h @ weight + bias)
        h = h * (factor * masks[:, None, start : start + weight.shape[1]])
        start += weight.shape[1]
    found: Floats = (h @ weights[-1] + biases[-1])[..., 0]
    return np.broadcast_to(found, (len(masks), len(X)))


@dataclass(frozen=True)
class Ensemble:
    """All thinned networks of one trained network, at n points.

    Attributes
    ----------
    average:
        (n,) the average of their probabilities, each as probable as its mask.
    geometric:
        (n,) s(the average of their logits).
    scaled:
        (n,) the probability of the whole network, which is one forward pass: weights scaled by the probability of KEEPING a unit.
    misread:
        (n,) the same with weights scaled by the probability of DROPPING one.
    logit, scaled_logit:
        (n,) the average of the logits, and the whole network's.
    deviation:
        (n,) the standard deviation of the probabilities over masks.
    """

    average: Floats
    geometric: Floats
    scaled: Floats
    misread: Floats
    logit: Floats
    scaled_logit: Floats
    deviation: Floats


def ensemble(weights: Sequence[Floats], biases: Sequence[Floats], X: Floats, p: float, activation: str) -> Ensemble:
    """Enumerate the 2^N thinned networks of a network trained with inverted dropout; see `logits`."""
    units = sum(weight.shape[1] for weight in weights[:-1])
    masks = all_masks(units)
    probable = chance(masks, np.array([p]))[0]
    z = logits(weights, biases, X, masks, 1.0 / (1.0 - p), activation)
    shares = sigmoid(z)
    average, logit = probable @ shares, probable @ z
    spread = np.sqrt(np.maximum(probable @ (shares - average) ** 2, 0.0))
    every = np.ones((1, units), dtype=bool)
    whole = logits(weights, biases, X, every, 1.0, activation)[0]
    # Inverted weights are the others over 1 - p: scaled by p instead of by 1 - p, what passes is p / (1 - p) times as much.
    misread = logits(weights, biases, X, every, p / (1.0 - p), activation)[0]
    return Ensemble(average, sigmoid(logit), sigmoid(whole), sigmoid(misread), logit, whole, spread)


def histogram(weights: Sequence[Floats], biases: Sequence[Floats], x: Floats, p: float, activation: str, bins: int = BINS) -> Floats:
    """Return (bins,) how probable it is that a thinned network's probability at the point x (d,) lies in each bin of [0, 1]."""
    masks = all_masks(sum(weight.shape[1] for weight in weights[:-1]))
    shares = sigmoid(logits(weights, biases, x[None], masks, 1.0 / (1.0 - p), activation)[:, 0])
    counted = np.bincount(np.minimum((shares * bins).astype(int), bins - 1), chance(masks, np.array([p]))[0], minlength=bins)
    return counted.astype(np.float64)


def monte_carlo(weights: Sequence[Floats], biases: Sequence[Floats], x: Floats, p: float, activation: str, seed: int = 0) -> Floats:
    """Return (S,) the average probability at x (d,) of the first 1, 2, 3, 5, ... of a sequence of random masks, the same draws for every p."""
    units = sum(weight.shape[1] for weight in weights[:-1])
    draws = np.random.Generator(np.random.PCG64(np.random.SeedSequence((seed, 5)))).random((SAMPLES[-1], units))
    shares = sigmoid(logits(weights, biases, x[None], draws >= p, 1.0 / (1.0 - p), activation)[:, 0])
    running: Floats = (np.cumsum(shares) / np.arange(1.0, len(shares) + 1.0))[np.array(SAMPLES) - 1]
    return running
