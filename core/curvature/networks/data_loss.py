"""The data loss of one network as a function of its weights: what curvature is measured of.

Training rows, float64, no dropout, no penalty; batch normalisation takes the statistics of all training rows, not its running ones, so that the loss
is a function of the weights alone.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from core._validate import Floats
from core.errors import InvalidInput
from core.networks.family import family_of
from core.networks.layout import Layout
from core.networks.losses import Loss
from core.networks.passes import Passes

if TYPE_CHECKING:
    from core.training import TrainingState

# Numbers of one layer's units that are computed at once, float64: what is chunked by more would leave the cache, by less would be all overhead.
CHUNK = 100_000


@dataclass(frozen=True, eq=False)
class DataLoss:
    """The data loss around one member.

    Attributes
    ----------
    passes:
        The member's forward and backward passes, as a family of one shares them out.
    loss, task, activation:
        Of the task ("binary", "multiclass" or "regression"), and what follows each hidden layer.
    inputs, targets:
        (1, n, d) and (n,) the training rows.
    weights:
        (P,) where the member stands.
    """

    passes: Passes
    loss: Loss
    task: str
    activation: str
    inputs: Tensor
    targets: Tensor
    weights: Tensor

    @property
    def layout(self) -> Layout:
        """Where the weights lie."""
        return self.passes.layout

    @property
    def normalised(self) -> bool:
        """Whether the member has batch normalisation, which ties the rows together."""
        return self.passes.normalised is not None

    def at(self, weights: Tensor | Floats) -> DataLoss:
        """Return the same loss around other weights (P,)."""
        return dataclasses.replace(self, weights=torch.as_tensor(weights, dtype=torch.float64))

    def outputs(self, rows: Tensor, inputs: Tensor | None = None) -> Tensor:
        """Return the outputs (m, n, outputs) of networks with the weights ``rows`` (m, P), of the training rows unless other inputs are given."""
        return self._passes(len(rows)).forward(rows, self.inputs if inputs is None else inputs).outputs

    def value(self, weights: Tensor) -> Tensor:
        """Return the loss at weights (P,), a number that torch can differentiate."""
        return self.loss.value(self.outputs(weights[None]), self.targets)[0]

    def values(self, rows: Tensor | Floats) -> Floats:
        """Return the losses (m,) of networks with the weights ``rows`` (m, P), so many at once that they stay in the cache."""
        given = torch.as_tensor(rows, dtype=torch.float64)
        found = [self.loss.value(self._outputs(part), self.targets) for part in torch.split(given, self._at_once)]
        values: Floats = torch.cat(found).numpy()
        return values

    def scores(self, rows: Tensor | Floats) -> tuple[Floats, Floats]:
        """Return the losses and the scores (accuracy or R^2), (m,) each."""
        given = torch.as_tensor(rows, dtype=torch.float64)
        losses, scores = [], []
        for part in torch.split(given, self._at_once):
            outputs = self._outputs(part)
            losses.append(self.loss.value(outputs, self.targets))
            scores.append(self.loss.score(outputs, self.targets))
        return torch.cat(losses).numpy(), torch.cat(scores).numpy()

    def gradients(self, rows: Tensor | Floats) -> tuple[Floats, Floats]:
        """Return the losses (m,) and their gradients (m, P) of networks with the weights ``rows`` (m, P)."""
        given = torch.as_tensor(rows, dtype=torch.float64)
        losses, slopes = [], []
        for part in torch.split(given, self._at_once):
            passes = self._passes(len(part))
            tape = passes.forward(part, self.inputs)
            losses.append(self.loss.value(tape.outputs, self.targets))
            slopes.append(passes.backward(part, tape, self.loss.error(tape.outputs, self.targets)))
        return torch.cat(losses).numpy(), torch.cat(slopes).numpy()

    def _outputs(self, rows: Tensor) -> Tensor:
        """Return the outputs of the training rows, for many networks as fast as can be.

        tanh(z) is 2 s(2 z) - 1 with the logistic function s. Factor and shift go to weights and biases, so that the units, of which there are far
        more, are gone through once, and in place.
        """
        if self.activation != "tanh" or self.normalised:
            return self.outputs(rows)
        layers = self.layout.layers(rows)
        h = self.inputs.expand(len(rows), -1, -1)
        for i, (weight, bias) in enumerate(layers):
            into, out = 2.0 if i > 0 else 1.0, 2.0 if i < len(layers) - 1 else 1.0
            shift = bias - weight.sum(1, keepdim=True) if i > 0 else bias
            h = torch.baddbmm(out * shift, h, (into * out) * weight)
            if i < len(layers) - 1:
                h = h.sigmoid_()
        return h

    @property
    def _at_once(self) -> int:
        return max(1, CHUNK // (self.inputs.shape[1] * max(self.layout.sizes)))

    def _passes(self, members: int) -> Passes:
        switch = self.passes.normalised
        return self.passes if switch is None or members == 1 else self.passes.of(switch.expand(members, 1, 1))


def data_loss(state: TrainingState, member: int) -> DataLoss:
    """Return the data loss around one member of a family that is being trained.

    Raises
    ------
    InvalidInput
        Where there is no such member.
    """
    if isinstance(member, bool) or not isinstance(member, int) or not 0 <= member < state.spec.members:
        raise InvalidInput(f"member {member!r}", f"0 to {state.spec.members - 1}", "Count members from 0.")
    family = family_of(state.spec.replace(precision="float64", device="cpu", race=""), state.data)
    points, switches = family.points, family.passes.normalised
    own = points.train[min(member, len(points.train) - 1)][None]
    passes = family.passes.of(None if switches is None else switches[member : member + 1])
    weights = state.weights[member].detach().to("cpu", torch.float64)
    return DataLoss(passes, family.loss, points.task, state.spec.activation, own, points.train_targets, weights)


def unseen_loss(state: TrainingState, member: int) -> DataLoss:
    """Return the same loss on the validation rows, statistics of these rows for batch normalisation."""
    here = data_loss(state, member)
    points = family_of(state.spec.replace(precision="float64", device="cpu", race=""), state.data).points
    return dataclasses.replace(here, inputs=points.val[min(member, len(points.val) - 1)][None], targets=points.val_targets)
