"""Products of the Hessian with directions: the forward and the backward pass, differentiated along directions, by hand.

Whatever the passes compute at the member's weights is computed once and kept; a product costs about one more forward and one more backward pass.
Directions are many at once: what moves is (n, c, units), rows first, so that all directions of a layer are one product of matrices.

Pearlmutter (1994), Fast exact multiplication by the Hessian, Neural Computation 6: its operator R{} is the derivative along a direction.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from core.curvature.networks.data_loss import DataLoss
from core.networks.passes import Norm

# f'' from z and h = f(z).
BENDS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "relu": lambda z, h: torch.zeros_like(h),
    "tanh": lambda z, h: -2.0 * h * (1.0 - h * h),
    "gelu": lambda z, h: (2.0 - z * z) * torch.exp(-0.5 * z * z) * 0.3989422804014327,
    "sigmoid": lambda z, h: h * (1.0 - h) * (1.0 - 2.0 * h),
    "linear": lambda z, h: torch.zeros_like(h),
}
# The second derivative (n, outputs, outputs) of each row's loss by the outputs (n, outputs).
OUTPUT_BENDS: dict[str, Callable[[Tensor], Tensor]] = {
    "binary": lambda z: (torch.sigmoid(z) * torch.sigmoid(-z))[:, :, None],
    "multiclass": lambda z: torch.diag_embed(z.softmax(1)) - z.softmax(1)[:, :, None] * z.softmax(1)[:, None],
    "regression": lambda z: torch.ones_like(z)[:, :, None],
}
# Numbers of what moves in one layer, computed at once: what stays in a core's cache.
CHUNK = 100_000


class _Moving(NamedTuple):
    """What directions do to one hidden layer: (n, c, units) into the activation and normalised, and (c, units) to 1 / deviation."""

    sums: Tensor
    normal: Tensor | None
    inverse: Tensor | None


class Products:
    """The Hessian of a data loss at its weights, as what it does to directions.

    Parameters
    ----------
    loss:
        The loss, around the member's weights.
    """

    def __init__(self, loss: DataLoss) -> None:
        self.loss, self.layout = loss, loss.layout
        flat = loss.weights[None]
        self._stages = [stage for stage in loss.passes.order if stage != "dropout" and (stage != "norm" or loss.normalised)]
        self._weights = [weight[0] for weight, _ in self.layout.layers(flat)]
        self._scales = [scale[0, 0] for scale, _ in self.layout.scales(flat)]
        tape = loss.passes.forward(flat, loss.inputs)
        self._inputs = [each[0] for each in tape.inputs]
        self._sums = [each[0] for each in tape.sums]
        self._norms: list[Norm | None] = tape.norms
        pairs = list(zip(tape.sums, tape.active, strict=True))
        self._slopes = [loss.passes.activation.slope(z, h)[0] for z, h in pairs]
        self._bends = [BENDS[loss.activation](z, h)[0] for z, h in pairs]
        self._flat = loss.activation in ("relu", "linear")
        self.rows = loss.inputs.shape[1]
        self._bend = OUTPUT_BENDS[loss.task](tape.outputs[0]) / self.rows
        self._errors, self._middles = self._backward(loss.loss.error(tape.outputs, loss.targets)[0])

    def times(self, directions: Tensor) -> Tensor:
        """Return H v (c, P) for directions v (c, P)."""
        at_once = max(1, CHUNK // (self.rows * max(self.layout.sizes)))
        return torch.cat([self._times(part) for part in torch.split(directions, at_once)])

    def _backward(self, error: Tensor) -> tuple[list[Tensor], list[list[Tensor]]]:
        """Return the loss's derivative by each layer's sums, and within each hidden layer by what comes out of each stage, the last one first."""
        errors: list[Tensor] = [error]
        middles: list[list[Tensor]] = []
        for i in range(len(self._weights) - 1, 0, -1):
            error, inside = errors[0] @ self._weights[i].T, []
            for stage in reversed(self._stages):
                inside.append(error)
                error = (
                    error * self._slopes[i - 1]
                    if stage == "activation"
                    else self._scales[i - 1] * self._norm(i - 1).inverse[0] * self._core(error, i - 1)
                )
            errors.insert(0, error)
            middles.insert(0, inside)
        return errors, middles

    def _norm(self, i: int) -> Norm:
        norm = self._norms[i]
        assert norm is not None
        return norm

    def _core(self, error: Tensor, i: int) -> Tensor:
        normal = self._norm(i).normal[0]
        return error - error.mean(0) - normal * (error * normal).mean(0)

    def _times(self, directions: Tensor) -> Tensor:
        # Whether a row of the Hessian is asked for or a product of a vector, what follows is the same.
        c = len(directions)
        layers, scales = self.layout.layers(directions), self.layout.scales(directions)
        found = torch.zeros_like(directions)
        into, scales_into = self.layout.layers(found), self.layout.scales(found)
        moving, moved, h = self._forward(layers, scales, c)
        # The derivative of the error at the outputs, and then backwards.
        error = torch.einsum("nuv,ncv->ncu", self._bend, h)
        for i in range(len(self._weights) - 1, -1, -1):
            own, given = self._errors[i], self._inputs[i]
            n, units, inside = len(own), own.shape[1], given.shape[1]
            by_weight = (given.T @ error.reshape(n, -1)).view(inside, c, units).transpose(0, 1)
            if i > 0:
                by_weight = by_weight + (moved[i - 1].reshape(n, -1).T @ own).view(c, inside, units)
            into[i][0].copy_(by_weight)
            into[i][1].copy_(error.sum(0)[:, None])
            if i == 0:
                break
            turned = layers[i][0].permute(2, 0, 1).reshape(units, -1)
            error = (error @ self._weights[i].T).add_((own @ turned).view(n, c, inside))
            for stage, given_error in zip(reversed(self._stages), self._middles[i - 1], strict=True):
                if stage == "activation":
                    error.mul_(self._slopes[i - 1][:, None])
                    if not self._flat:
                        error.addcmul_((given_error * self._bends[i - 1])[:, None], moving[i - 1].sums)
                else:
                    error = self._through_norm(error, given_error, moving[i - 1], i - 1, scales[i - 1][0][:, 0], scales_into[i - 1])
        return found

    def _forward(
        self, layers: list[tuple[Tensor, Tensor]], scales: list[tuple[Tensor, Tensor]], c: int
    ) -> tuple[list[_Moving], list[Tensor], Tensor]:
        """Return what moves within each hidden layer, what comes out of each, and at the outputs."""
        moving: list[_Moving] = []
        moved: list[Tensor] = []
        h = torch.zeros(0)
        for i, (weight, bias) in enumerate(layers):
            given = self._inputs[i]
            n, inside, units = len(given), given.shape[1], weight.shape[2]
            along = torch.addmm(bias.reshape(-1), given, weight.transpose(0, 1).reshape(inside, -1)).view(n, c, units)
            h = along if i == 0 else along.add_(h @ self._weights[i])
            if i == len(layers) - 1:
                break
            sums, normal, inverse = h, None, None
            for stage in self._stages:
                if stage == "activation":
                    sums = h
                    h = h * self._slopes[i][:, None]
                else:
                    norm = self._norm(i)
                    own, one_over = norm.normal[0][:, None], norm.inverse[0]
                    shared = (own * h).mean(0)
                    normal = (h - h.mean(0)).addcmul_(own, shared, value=-1.0).mul_(one_over)
                    inverse = -one_over * one_over * shared
                    h = torch.addcmul(scales[i][1][:, 0], normal, self._scales[i]).addcmul_(own, scales[i][0][:, 0])
            moving.append(_Moving(sums, normal, inverse))
            moved.append(h)
        return moving, moved, h

    def _through_norm(self, error: Tensor, given: Tensor, moving: _Moving, i: int, scale: Tensor, into: tuple[Tensor, Tensor]) -> Tensor:
        """Return the derivative of `Passes._through_norm` along the directions; ``scale`` (c, units) is their part in the scales."""
        assert moving.normal is not None
        assert moving.inverse is not None
        norm, own = self._norm(i), self._scales[i]
        normal, inverse = norm.normal[0], norm.inverse[0]
        by_scale = (given * normal).mean(0)
        moved_by_scale = (error * normal[:, None]).mean(0) + (given[:, None] * moving.normal).mean(0)
        into[0].copy_(self.rows * moved_by_scale[:, None])
        into[1].copy_(error.sum(0)[:, None])
        core = self._core(given, i)[:, None]
        moved_core = (error - error.mean(0)).addcmul_(moving.normal, by_scale, value=-1.0).addcmul_(normal[:, None], moved_by_scale, value=-1.0)
        return moved_core.mul_(own * inverse).addcmul_(core, scale * inverse + own * moving.inverse)
