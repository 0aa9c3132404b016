"""Scale invariance, exactly: a small network in NumPy whose weights into hidden units are multiplied by c. No training, no torch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core._validate import Floats
from core.batch_norm.unit import EPS
from core.datasets import DATASETS
from core.networks.layout import Layout, initial
from core.specs.training import TrainingSpec

FACTORS = 61
HIDDEN = (12, 12)
POINTS = 120
_STEP = 1e-4
"""Of a central difference, as a share of the norm of the weights: errors of about 1e-8."""
KINDS = ("exact", "usual", "plain")
"""With batch normalisation and eps = 0, with its usual eps = 1e-5, and without."""


@dataclass(frozen=True)
class Ray:
    """What a network's loss does along the ray c w of the weights into its hidden units, all other parameters staying.

    Attributes
    ----------
    loss:
        (c,) L(c w).
    gradient:
        (c,) norm of the gradient by those weights.
    curvature:
        (c,) v'H v along a fixed unit direction v of those weights.
    radial:
        (c,) cosine between weights and gradient.
    """

    loss: Floats
    gradient: Floats
    curvature: Floats
    radial: Floats


@dataclass(frozen=True)
class Invariance:
    """The ray for each of `KINDS`.

    Attributes
    ----------
    factors:
        (c,) evenly spaced on a logarithmic scale, 1 in the middle.
    rays:
        Kind -> its ray.
    """

    factors: Floats
    rays: dict[str, Ray]

    @property
    def middle(self) -> int:
        """The place of c = 1."""
        return FACTORS // 2

    def gradient_error(self, kind: str) -> Floats:
        """Return (c,) how far c |grad(c w)| / |grad(w)| is from 1."""
        gradient = self.rays[kind].gradient
        found: Floats = np.abs(self.factors * gradient / gradient[self.middle] - 1.0)
        return found

    def curvature_error(self, kind: str) -> Floats:
        """Return (c,) how far c^2 v'H(c w)v / v'H(w)v is from 1."""
        curvature = self.rays[kind].curvature
        found: Floats = np.abs(self.factors**2 * curvature / curvature[self.middle] - 1.0)
        return found

    def loss_error(self, kind: str) -> Floats:
        """Return (c,) how far L(c w) / L(w) is from 1."""
        loss = self.rays[kind].loss
        found: Floats = np.abs(loss / loss[self.middle] - 1.0)
        return found


def solve(seed: int = 0, activation: str = "tanh") -> Invariance:
    """Return the rays of one network, drawn from a seed, on the moons."""
    factors = 10.0 ** np.linspace(-1.0, 1.0, FACTORS)
    sample = DATASETS["moons"].draw(2 * POINTS, 0.25, 0.5, seed)
    spec = TrainingSpec(hidden=HIDDEN, seed=seed, batch_norm=True)
    layout = Layout((2, *HIDDEN, 1), True)
    row = initial(spec, layout)[0]
    inputs, targets = np.reshape(sample.train_inputs, (-1, 2)), sample.train_targets
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence((seed, 19))))
    # Scales and shifts as after some training, so that nothing holds for them being 1 and 0 alone.
    for scale, shift in layout.norms:
        row[scale] = rng.uniform(0.5, 1.5, scale.stop - scale.start)
        row[shift] = rng.normal(0.0, 0.3, shift.stop - shift.start)
    scaled = np.zeros(layout.total, dtype=bool)
    for weights, biases in layout.places[:-1]:
        scaled[weights] = scaled[biases] = True
    direction = np.where(scaled, rng.standard_normal(layout.total), 0.0)
    direction /= np.linalg.norm(direction)
    rays = {}
    for kind, eps in zip(KINDS, (0.0, EPS, None), strict=True):
        found = [_at(layout, row, scaled, direction, float(c), inputs, targets, activation, eps) for c in factors]
        rays[kind] = Ray(*(np.array(column) for column in zip(*found, strict=True)))
    return Invariance(factors, rays)


def _at(
    layout: Layout, row: Floats, scaled: np.ndarray, direction: Floats, c: float, inputs: Floats, targets: Floats, activation: str, eps: float | None
) -> tuple[float, float, float, float]:
    at = np.where(scaled, c * row, row)
    loss, full = loss_and_gradient(layout, at, inputs, targets, activation, eps)
    gradient, weights = full[scaled], at[scaled]
    step = _STEP * float(np.linalg.norm(weights))
    ahead, behind = (loss_and_gradient(layout, at + sign * step * direction, inputs, targets, activation, eps)[1] for sign in (1.0, -1.0))
    curvature = float((ahead - behind) @ direction) / (2.0 * step)
    size = float(np.linalg.norm(gradient))
    radial = float(weights @ gradient) / (float(np.linalg.norm(weights)) * size) if size > 0.0 else 0.0
    return loss, size, curvature, radial


def loss_and_gradient(layout: Layout, row: Floats, inputs: Floats, targets: Floats, activation: str, eps: float | None) -> tuple[float, Floats]:
    """Return the mean log-loss of a network with one output, and its gradient (P,), in training mode.

    Parameters
    ----------
    layout, row:
        Where the weights lie, and the weights (P,).
    inputs, targets:
        (n, d) and (n,) of 0 and 1.
    activation:
        "tanh" or "relu".
    eps:
        What is added to each variance; None for a network without batch normalisation.
    """
    n = len(inputs)
    h, kept = inputs, []
    last = len(layout.places) - 1
    for i, (weights, biases) in enumerate(layout.places):
        matrix = row[weights].reshape(layout.sizes[i], layout.sizes[i + 1])
        z = h @ matrix + row[biases]
        if i == last:
            break
        normal, inverse, u = z, None, z
        if eps is not None:
            variance = z.var(axis=0)
            inverse = 1.0 / np.sqrt(variance + eps)
            normal = (z - z.mean(axis=0)) * inverse
            scale, shift = layout.norms[i]
            u = row[scale] * normal + row[shift]
        out = np.tanh(u) if activation == "tanh" else np.maximum(u, 0.0)
        kept.append((h, matrix, normal, inverse, out))
        h = out
    loss = float(np.mean(np.logaddexp(0.0, z[:, 0]) - targets * z[:, 0]))
    error = ((0.5 * (1.0 + np.tanh(0.5 * z[:, 0])) - targets) / n)[:, None]
    gradient = np.zeros_like(row)
    for i in range(last, -1, -1):
        weights, biases = layout.places[i]
        before = inputs if i == 0 else kept[i - 1][4]
        gradient[weights] = (before.T @ error).ravel()
        gradient[biases] = error.sum(axis=0)
        if i == 0:
            break
        matrix = row[weights].reshape(layout.sizes[i], layout.sizes[i + 1])
        _, _, normal, inverse, out = kept[i - 1]
        error = (error @ matrix.T) * (1.0 - out * out if activation == "tanh" else (out > 0.0))
        if inverse is not None:
            scale, shift = layout.norms[i - 1]
            by_scale, by_shift = (error * normal).sum(axis=0), error.sum(axis=0)
            gradient[scale], gradient[shift] = by_scale, by_shift
            error = row[scale] * inverse * (error - by_shift / n - normal * (by_scale / n))
    return loss, gradient
