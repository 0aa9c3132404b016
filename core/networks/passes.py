"""Forward and backward through a family, by hand: the same operations for one network and for thousands.

Every tensor has the family first. Inputs are (1 or k, n, d): one batch that all members meet, or one each. The backward pass is written out rather
than left to autograd: no graph is built, what the forward pass computed is used again, and all gradients land in one flat tensor.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from core.networks.layout import Layout

ORDER = ("norm", "activation", "dropout")
"""What a hidden layer does after its weights and biases, unless a spec says otherwise."""

BN_EPS, BN_MOMENTUM = 1e-5, 0.1
"""torch.nn.BatchNorm1d's defaults."""


class Activation(NamedTuple):
    """f(z), and its slope from z and h = f(z)."""

    value: Callable[[Tensor], Tensor]
    slope: Callable[[Tensor, Tensor], Tensor]


def _gelu_slope(z: Tensor, h: Tensor) -> Tensor:
    # d/dz z Phi(z) = Phi(z) + z phi(z); Hendrycks and Gimpel (2016), Gaussian error linear units.
    return 0.5 * (1.0 + torch.erf(z * 0.7071067811865476)) + z * torch.exp(-0.5 * z * z) * 0.3989422804014327


def _tanh(z: Tensor) -> Tensor:
    # 2 sigmoid(2 z) - 1 is the same function, three and a half times as fast on a processor as torch.tanh, and off by 1.7e-7 at most in float32.
    return 2.0 * torch.sigmoid(2.0 * z) - 1.0


ACTIVATIONS = {
    "relu": Activation(torch.relu, lambda z, h: (h > 0.0).to(h.dtype)),
    "tanh": Activation(_tanh, lambda z, h: 1.0 - h * h),
    "gelu": Activation(torch.nn.functional.gelu, _gelu_slope),
    "sigmoid": Activation(torch.sigmoid, lambda z, h: h * (1.0 - h)),
    "linear": Activation(lambda z: z, lambda z, h: torch.ones_like(h)),
}


@dataclass(frozen=True)
class Norm:
    """What batch normalisation did in one layer: the normalised units (k, n, units), and (k, 1, units) 1 / deviation, mean and variance."""

    normal: Tensor
    inverse: Tensor
    mean: Tensor
    variance: Tensor


class Tape(NamedTuple):
    """What a forward pass leaves for the backward pass, a list entry a hidden layer.

    Attributes
    ----------
    inputs:
        (k, n, in) what went into each layer's weights: the points, and what each hidden layer has handed on.
    sums:
        (k, n, units) what went into each activation.
    active:
        (k, n, units) what came out of it.
    norms:
        What batch normalisation did, or None.
    outputs:
        (k, n, outputs) the network's outputs, before any link function.
    """

    inputs: list[Tensor]
    sums: list[Tensor]
    active: list[Tensor]
    norms: list[Norm | None]
    outputs: Tensor


class Passes:
    """Forward and backward passes of a family.

    Parameters
    ----------
    layout:
        Where the weights lie.
    activation:
        A key of `ACTIVATIONS`.
    normalised:
        (k, 1, 1) which members have batch normalisation; None where none has.
    order:
        What a hidden layer does after its weights and biases (`TrainingSpec.order`).
    """

    def __init__(self, layout: Layout, activation: str, normalised: Tensor | None, order: tuple[str, ...] = ORDER) -> None:
        self.layout = layout
        self.order = order
        self._activation = activation
        self.activation = ACTIVATIONS[activation]
        self.normalised = None if normalised is not None and not bool(normalised.any()) else normalised
        self.all_normalised = self.normalised is not None and bool(self.normalised.all())
        # Whether the norm takes the bias before it away again: it does where nothing but a linear activation stands between the two.
        before = order[: order.index("norm")]
        self._inert = all(stage == "activation" and activation == "linear" for stage in before)

    def of(self, normalised: Tensor | None) -> Passes:
        """Return the same passes for other members: (k, 1, 1) which of those have batch normalisation."""
        return Passes(self.layout, self._activation, normalised, self.order)

    def forward(self, flat: Tensor, inputs: Tensor, masks: Sequence[Tensor] | None = None, running: Tensor | None = None) -> Tape:
        """Return all that the networks compute.

        Parameters
        ----------
        flat:
            (k, P) the weights.
        inputs:
            (1 or k, n, d).
        masks:
            What dropout multiplies each hidden layer's units by, (1 or k, n, units): 0, or 1 / (1 - p). None for none.
        running:
            (k, 2, sum of hidden units) running means and variances to normalise with, as in evaluation; None takes each batch's own.
        """
        layers, scales = self.layout.layers(flat), self.layout.scales(flat)
        h = inputs.expand(len(flat), -1, -1)
        tape = Tape([h], [], [], [], h)
        start = 0
        for i, (weight, bias) in enumerate(layers[:-1]):
            h = torch.baddbmm(bias, h, weight)
            norm = None
            for stage in self.order:
                if stage == "activation":
                    tape.sums.append(h)
                    h = self.activation.value(h)
                    tape.active.append(h)
                elif stage == "norm" and self.normalised is not None:
                    stop = start + h.shape[-1]
                    h, norm = self._normalise(h, scales[i], None if running is None else running[:, :, start:stop])
                    start = stop
                elif stage == "dropout" and masks is not None:
                    h = h * masks[i]
            tape.norms.append(norm)
            tape.inputs.append(h)
        return tape._replace(outputs=torch.baddbmm(layers[-1][1], h, layers[-1][0]))

    def backward(self, flat: Tensor, tape: Tape, error: Tensor, masks: Sequence[Tensor] | None = None) -> Tensor:
        """Return the gradients (k, P), from ``error`` (k, n, outputs): the derivative of each member's loss by its outputs."""
        gradient = torch.zeros_like(flat) if self.layout.batch_norm else torch.empty_like(flat)
        layers, into = self.layout.layers(flat), self.layout.layers(gradient)
        scales, scales_into = self.layout.scales(flat), self.layout.scales(gradient)
        for i in range(len(layers) - 1, -1, -1):
            into[i][0].copy_(torch.bmm(tape.inputs[i].transpose(1, 2), error))
            # Batch normalisation takes a bias before it away again. Its gradient is 0, and rounding's rest would be dust that Adam blows up.
            inert = self.normalised if i < len(layers) - 1 and self._inert else None
            if inert is None:
                into[i][1].copy_(error.sum(1, keepdim=True))
            elif not self.all_normalised:
                into[i][1].copy_(torch.where(inert, 0.0, error.sum(1, keepdim=True)))
            if i == 0:
                break
            error = torch.bmm(error, layers[i][0].transpose(1, 2))
            for stage in reversed(self.order):
                if stage == "activation":
                    error = error * self.activation.slope(tape.sums[i - 1], tape.active[i - 1])
                elif stage == "norm" and (norm := tape.norms[i - 1]) is not None:
                    error = self._through_norm(error, norm, scales[i - 1], scales_into[i - 1])
                elif stage == "dropout" and masks is not None:
                    error = error * masks[i - 1]
        return gradient

    def _normalise(self, z: Tensor, scale: tuple[Tensor, Tensor], running: Tensor | None) -> tuple[Tensor, Norm]:
        if running is None:
            variance, mean = torch.var_mean(z, 1, correction=0, keepdim=True)
        else:
            mean, variance = running[:, :1], running[:, 1:]
        inverse = torch.rsqrt(variance + BN_EPS)
        normal = (z - mean) * inverse
        out = torch.addcmul(scale[1], normal, scale[0])
        assert self.normalised is not None
        return (out if self.all_normalised else torch.where(self.normalised, out, z)), Norm(normal, inverse, mean, variance)

    def _through_norm(self, error: Tensor, norm: Norm, scale: tuple[Tensor, Tensor], into: tuple[Tensor, Tensor]) -> Tensor:
        # Ioffe and Szegedy (2015), Batch normalization, section 3, with the mean and the variance as functions of the batch.
        assert self.normalised is not None
        by_scale, by_shift = (error * norm.normal).sum(1, keepdim=True), error.sum(1, keepdim=True)
        n = error.shape[1]
        through = scale[0] * norm.inverse * (error - by_shift / n - norm.normal * (by_scale / n))
        if self.all_normalised:
            into[0].copy_(by_scale)
            into[1].copy_(by_shift)
            return through
        into[0].copy_(torch.where(self.normalised, by_scale, 0.0))
        into[1].copy_(torch.where(self.normalised, by_shift, 0.0))
        return torch.where(self.normalised, through, error)
