"""How sharp a minimum is, by several measures: none of them is the sharpness, and they disagree.

Raw measures look at a ball or a box of a fixed size around the weights; normalised ones scale every direction with the weights that it changes,
filter by filter, and so do not notice when one ReLU layer is scaled up and the next down. A filter is the weights into one unit; the biases of a
layer are one filter together, counted once, and so are batch normalisation's scales and its shifts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from core._validate import Floats
from core.curvature.networks.data_loss import DataLoss
from core.networks.layout import Layout

# Steps of an ascent, what its first step may cross in units of the region, and starts besides those that are given.
_STEPS, _FIRST, _RANDOM = 30, 4.0, 1


@dataclass(frozen=True)
class Rise:
    """By how much the loss can rise in a region around the weights.

    Attributes
    ----------
    first:
        At the one point that the gradient alone points to, as SAM's own step has it.
    most:
        The largest rise that projected ascents from several starts have found.
    to:
        (P,) the displacement where it was found.
    """

    first: float
    most: float
    to: Floats


def sam(loss: DataLoss, radius: float, starts: Floats | None = None, seed: int = 0) -> Rise:
    """Return SAM's sharpness: the largest rise within the ball |e| <= radius; at a quadratic minimum it is radius^2 mu_max / 2.

    Foret et al. (2021), Sharpness-aware minimization for efficiently improving generalization.

    Parameters
    ----------
    loss:
        Around the weights.
    radius:
        Of the ball.
    starts:
        (m, P) directions to start from besides the gradient's and a random one, both ways; the leading eigenvectors, say.
    seed:
        Of the random starts.
    """

    def project(moved: Floats) -> Floats:
        size = np.linalg.norm(moved, axis=1, keepdims=True)
        within: Floats = moved * np.minimum(1.0, radius / np.maximum(size, 1e-300))
        return within

    def longest(slopes: Floats) -> Floats:
        along: Floats = radius * slopes / np.maximum(np.linalg.norm(slopes, axis=1, keepdims=True), 1e-300)
        return along

    return _ascent(loss, project, longest, starts, seed)


def keskar(loss: DataLoss, epsilon: float, starts: Floats | None = None, seed: int = 0) -> Rise:
    """Return the largest rise within the box |e_i| <= epsilon (|w_i| + 1); Keskar's sharpness is 100 rise / (1 + loss), `keskar_percent`.

    Keskar et al. (2017), On large-batch training for deep learning: generalization gap and sharp minima, equation 3, over all weights.

    Parameters
    ----------
    loss:
        Around the weights.
    epsilon:
        Half the width of the box, in units of |w_i| + 1.
    starts, seed:
        As for `sam`.
    """
    half = epsilon * (np.abs(loss.weights.numpy()) + 1.0)

    def project(moved: Floats) -> Floats:
        clipped: Floats = np.clip(moved, -half, half)
        return clipped

    def longest(slopes: Floats) -> Floats:
        # Along the gradient in units of the box; what is steeper than the mean goes to a wall.
        scaled = slopes * half
        along: Floats = half * scaled / np.maximum(np.abs(scaled).mean(axis=1, keepdims=True), 1e-300)
        return along

    return _ascent(loss, project, longest, starts, seed)


def keskar_percent(rise: float, loss: float) -> float:
    """Return Keskar's sharpness of a rise above a loss."""
    return 100.0 * rise / (1.0 + loss)


def _ascent(loss: DataLoss, project: Callable[[Floats], Floats], longest: Callable[[Floats], Floats], starts: Floats | None, seed: int) -> Rise:
    """Climb from several starts at once; a step that does not rise is taken back and shortened."""
    here = loss.weights.numpy()
    base, slope = loss.gradients(loss.weights[None])
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence((seed, 7))))
    along = [slope, rng.standard_normal((_RANDOM, len(here)))]
    if starts is not None and len(starts):
        along += [np.asarray(starts), -np.asarray(starts)]
    moved = project(longest(np.concatenate(along)))
    heights, slopes = loss.gradients(here + moved)
    first = float(heights[0] - base[0])
    strides = np.full(len(moved), _FIRST)
    for _ in range(_STEPS):
        tried = project(moved + strides[:, None] * longest(slopes))
        there, tilts = loss.gradients(here + tried)
        better = there > heights
        moved = np.where(better[:, None], tried, moved)
        slopes = np.where(better[:, None], tilts, slopes)
        settled = np.abs(there - heights) <= 1e-6 * np.maximum(np.abs(there - base), 1e-300)
        heights = np.where(better, there, heights)
        strides = np.where(better, np.minimum(strides * 1.5, _FIRST), strides * 0.25)
        if (settled | (strides < 1e-4)).all():
            break
    best = int(np.argmax(heights))
    # The weights' own place is in every region.
    if not heights[best] > base[0]:
        return Rise(first, 0.0, np.zeros_like(here))
    return Rise(first, float(heights[best] - base[0]), moved[best])


# ------------------------------------------------------------------------------------------------------------------- filters


def filters(layout: Layout) -> NDArray[np.int64]:
    """Return (P,) the filter that each weight belongs to, counted from 0."""
    found = np.zeros(layout.total, dtype=np.int64)
    count = 0
    for (weights, biases), out in zip(layout.places, layout.sizes[1:], strict=True):
        found[weights] = count + np.arange(weights.stop - weights.start) % out
        found[biases] = count + out
        count += out + 1
    for scales, shifts in layout.norms:
        found[scales], found[shifts] = count, count + 1
        count += 2
    return found


def filter_scales(loss: DataLoss) -> Floats:
    """Return (P,) the root mean square of the filter that each weight belongs to: the standard deviation of a filter-normalised direction there."""
    which = filters(loss.layout)
    squares = np.bincount(which, loss.weights.numpy() ** 2)
    scales: Floats = np.sqrt(squares / np.bincount(which))[which]
    return scales


def filter_directions(loss: DataLoss, count: int, seed: int = 0) -> Floats:
    """Return random directions (count, P), each of whose filters is as long as the weights' own.

    Li et al. (2018), Visualizing the loss landscape of neural nets, section 4.
    """
    which = filters(loss.layout)
    draws = np.random.Generator(np.random.PCG64(np.random.SeedSequence((seed, 8)))).standard_normal((count, len(which)))
    own = np.sqrt(np.bincount(which, loss.weights.numpy() ** 2))
    lengths = np.stack([np.sqrt(np.bincount(which, row**2)) for row in draws])
    directions: Floats = draws * (own / np.maximum(lengths, 1e-300))[:, which]
    return directions


def filter_curvature(hessian: Floats, scales: Floats) -> tuple[float, float]:
    """Return the mean of d'Hd over filter-normalised random directions d, exactly, and the largest eigenvalue of the Hessian in units of the filters.

    Of a direction whose filters are uniform on spheres, E d_i d_j is the mean square of i's filter where i = j, and 0 elsewhere.

    Parameters
    ----------
    hessian:
        (P, P)
    scales:
        (P,) `filter_scales`.
    """
    return float((np.diag(hessian) * scales**2).sum()), float(np.linalg.eigvalsh(scales[:, None] * hessian * scales)[-1])


def filter_rises(loss: DataLoss, length: float, count: int = 64, seed: int = 0) -> Floats:
    """Return the rises (count,) of the loss along random filter-normalised directions, ``length`` times their own length away."""
    directions = filter_directions(loss, count, seed)
    rises: Floats = loss.values(loss.weights.numpy() + length * directions) - loss.values(loss.weights[None])[0]
    return rises


# ------------------------------------------------------------------------------------------------------------------ rescaling


def rescaled(layout: Layout, weights: Floats, layer: int, factor: float) -> Floats:
    """Return weights (P,) with a layer and its biases times ``factor``, the next layer's weights over it: with ReLU between, the same function.

    Dinh et al. (2017), Sharp minima can generalize for deep nets, section 4.
    """
    found = np.array(weights, dtype=np.float64)
    (own, biases), (following, _) = layout.places[layer], layout.places[layer + 1]
    found[own] *= factor
    found[biases] *= factor
    found[following] /= factor
    return found


def differing(loss: DataLoss, one: Floats, other: Floats) -> float:
    """Return the largest difference between the outputs of two networks on the training rows."""
    outputs = loss.outputs(torch.from_numpy(np.stack([one, other])))
    return float((outputs[0] - outputs[1]).abs().max())
