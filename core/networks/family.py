"""A family at work: what does not change between epochs, made once for a spec, and the epoch itself."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from typing import Any, Protocol

import torch
from torch import Tensor

from core._validate import Floats
from core.errors import InvalidInput
from core.networks import draws
from core.networks.data import Points, points_of
from core.networks.layout import layout_of
from core.networks.losses import LOSSES
from core.networks.passes import BN_MOMENTUM, Passes, Tape
from core.networks.updates import Group, Memory, groups_of
from core.specs.training import TrainingSpec

# Numbers of one layer's units that are computed at once: more would not stay in a core's cache (256 KB), less would be all overhead.
CHUNK = 60_000


class Standing(Protocol):
    """The part of a training state that evaluation looks at."""

    @property
    def weights(self) -> Tensor:
        """The weights (k, P)."""

    @property
    def running(self) -> Tensor:
        """Batch normalisation's running statistics (k, 2, units)."""


class Family:
    """The machinery of one spec on one device."""

    def __init__(self, spec: TrainingSpec, data: tuple[Floats, Floats] | None) -> None:
        self.spec = spec
        self.device = device_of(spec.device)
        self.dtype = torch.float64 if spec.precision == "float64" else torch.float32
        self.points: Points = points_of(spec, data, self.dtype, self.device)
        self.layout = layout_of(spec, self.points.inputs, self.points.outputs)
        self.loss = LOSSES[self.points.task]
        switches = torch.tensor(spec.values("batch_norm"), device=self.device)[:, None, None]
        self.passes = Passes(self.layout, spec.activation, switches if self.layout.batch_norm else None, spec.order)
        self._groups: dict[tuple[bool, ...], tuple[Group, ...]] = {}
        self._prepare_dropout()

    # ------------------------------------------------------------------------------------------------------------- parts

    def groups(self, ended: Sequence[int]) -> tuple[Group, ...]:
        """Return the members by rule; those that have ended, with an epoch >= 0, are given a rate of 0."""
        alive = tuple(epoch < 0 for epoch in ended)
        if alive not in self._groups:
            penalised = torch.from_numpy(self.layout.penalised(self.spec.biases)).to(self.dtype).to(self.device)
            self._groups = {alive: groups_of(self.spec, penalised, torch.tensor(alive, device=self.device))}
        return self._groups[alive]

    def running(self) -> Tensor:
        """Return batch normalisation's first running statistics (k, 2, units): means of 0, variances of 1; no units without it."""
        units = sum(self.layout.hidden) if self.layout.batch_norm else 0
        first = torch.zeros((self.spec.members, 2, units), dtype=self.dtype, device=self.device)
        first[:, 1] = 1.0
        return first

    def _prepare_dropout(self) -> None:
        given = self.spec.values("dropout")
        rates = torch.tensor(given, dtype=torch.float32)
        self.drops = bool((rates > 0.0).any()) and bool(self.layout.hidden)
        seeds = list(dict.fromkeys(self.spec.values("seed")))
        self.seeds = seeds
        self._stream = torch.tensor([seeds.index(seed) for seed in self.spec.values("seed")])
        same = bool((rates == rates[0]).all())
        kept = torch.tensor([1.0 / (1.0 - p) for p in given], dtype=torch.float64)
        self._rates = (rates[:1] if same else rates)[:, None, None].to(self.device)
        self._scaling = (kept[:1] if same else kept)[:, None, None].to(self.dtype).to(self.device)
        if self.spec.dropout_place == "last" and len(self.layout.hidden) > 1:
            last = torch.zeros(sum(self.layout.hidden), dtype=torch.bool, device=self.device)
            last[-self.layout.hidden[-1] :] = True
            self._rates = torch.where(last, self._rates, 0.0)
            self._scaling = torch.where(last, self._scaling, 1.0)

    def masks(self, uniforms: Tensor) -> list[Tensor]:
        """Return what each hidden layer's units are multiplied by, (1 or k, n, units), for numbers (seeds, n, all units) of `draws.uniforms`."""
        if len(self.seeds) > 1:
            uniforms = uniforms[self._stream.to(uniforms.device)]
        kept = (uniforms >= self._rates) * self._scaling
        return list(torch.split(kept, list(self.layout.hidden), dim=2))

    @cached_property
    def _both(self) -> tuple[Tensor, int]:
        return torch.cat([self.points.train, self.points.val], 1), self.points.train.shape[1]

    # ------------------------------------------------------------------------------------------------------------- epochs

    def epoch(
        self, weights: Tensor, memories: tuple[Memory, ...], running: Tensor, number: int, ended: Sequence[int]
    ) -> tuple[Tensor, tuple[Memory, ...], Tensor]:
        """Return weights, memories and running statistics after one more epoch, the ``number``-th, counted from 1."""
        (last,) = deque(self.steps(weights, memories, running, number, ended), maxlen=1)
        return last

    def steps(
        self, weights: Tensor, memories: tuple[Memory, ...], running: Tensor, number: int, ended: Sequence[int]
    ) -> Iterator[tuple[Tensor, tuple[Memory, ...], Tensor]]:
        """Yield the same after each step of the epoch."""
        groups, rows = self.groups(ended), self.points.train.shape[1]
        order = draws.order(self.spec.data_seed, number, rows).to(self.device)
        inputs, targets = self.points.train[:, order], self.points.train_targets[order]
        uniforms = draws.uniforms(self.seeds, number, rows, sum(self.layout.hidden)).to(self.device) if self.drops else None
        held = list(memories)
        for batch in draws.batches(rows, self.spec.batch):
            masks = None if uniforms is None else self.masks(uniforms[:, batch])
            at = self._looked_ahead(weights, groups, held)
            tape = self.passes.forward(at, inputs[:, batch], masks)
            gradient = self.passes.backward(at, tape, self.loss.error(tape.outputs, targets[batch]), masks)
            weights = self._stepped(weights, gradient, groups, held)
            if self.passes.normalised is not None:
                running = _moved(running, tape, batch.stop - batch.start)
            yield weights, tuple(held), running

    def last_masks(self, number: int) -> Tensor | None:
        """Return which units lived in the last batch of an epoch, at its last point: bool (1 or k, units); None where nothing was dropped."""
        if not self.drops or number < 1:
            return None
        rows = self.points.train.shape[1]
        return torch.cat(self.masks(draws.uniforms(self.seeds, number, rows, sum(self.layout.hidden)).to(self.device)[:, -1:]), 2)[:, 0] > 0.0

    def _looked_ahead(self, weights: Tensor, groups: tuple[Group, ...], memories: list[Memory]) -> Tensor:
        if not any(group.looks_ahead for group in groups):
            return weights
        at = weights.clone()
        for group, memory in zip(groups, memories, strict=True):
            rows = list(group.rows)
            at[rows] = group.rule.lookahead(weights[rows], memory.state)
        return at

    def _stepped(self, weights: Tensor, gradient: Tensor, groups: tuple[Group, ...], memories: list[Memory]) -> Tensor:
        if len(groups) == 1:
            weights, memories[0] = groups[0].step(weights, gradient, memories[0])
            return weights
        new = torch.empty_like(weights)
        for i, group in enumerate(groups):
            rows = list(group.rows)
            new[rows], memories[i] = group.step(weights[rows], gradient[rows], memories[i])
        return new

    # --------------------------------------------------------------------------------------------------------- evaluation

    def evaluate(self, state: Standing) -> dict[str, Floats]:
        """Return a row of the curves, each (k,): losses and scores of the networks as they would be used, without dropout."""
        both, rows = self._both
        running = state.running if self.passes.normalised is not None else None
        outputs = self.outputs(state.weights, both, running)
        row: dict[str, Any] = {}
        for name, part, targets in (("train", slice(rows), self.points.train_targets), ("val", slice(rows, None), self.points.val_targets)):
            row[f"{name}_loss"] = self.loss.value(outputs[:, part], targets)
            row[f"{name}_accuracy"] = self.loss.score(outputs[:, part], targets)
        plain = state.weights[:, torch.from_numpy(self.layout.is_weight).to(self.device)]
        row["zeros"] = (plain == 0.0).to(self.dtype).mean(1)
        row["norm"] = plain.square().sum(1).sqrt()
        return {name: values.to("cpu", torch.float64).numpy() for name, values in row.items()}

    def outputs(self, weights: Tensor, inputs: Tensor, running: Tensor | None) -> Tensor:
        """Return the outputs (k, n, outputs), computed so many members at a time that nothing grows large."""
        step = max(1, CHUNK // max(1, inputs.shape[1] * max(self.layout.sizes)))
        parts = []
        for i in range(0, len(weights), step):
            some = slice(i, i + step)
            shared = inputs if len(inputs) == 1 else inputs[some]
            passes = self.passes if len(weights) <= step or self.passes.normalised is None else self._part(some)
            parts.append(passes.forward(weights[some], shared, None, None if running is None else running[some]).outputs)
        return parts[0] if len(parts) == 1 else torch.cat(parts)

    def _part(self, some: slice) -> Passes:
        switches = self.passes.normalised
        return self.passes.of(None if switches is None else switches[some])


def _moved(running: Tensor, tape: Tape, rows: int) -> Tensor:
    """Return the running statistics after a batch; the variance is the unbiased one, as torch.nn.BatchNorm1d keeps it."""
    norms = [norm for norm in tape.norms if norm is not None]
    mean = torch.cat([norm.mean for norm in norms], 2)
    variance = torch.cat([norm.variance for norm in norms], 2) * (rows / max(1, rows - 1))
    return running + BN_MOMENTUM * (torch.cat([mean, variance], 1) - running)


def device_of(name: str) -> torch.device:
    """Return the device a spec asks for: "auto" is a GPU where there is one.

    Raises
    ------
    InvalidInput
        Where a GPU is asked for and there is none.
    """
    if name == "cuda" and not torch.cuda.is_available():
        raise InvalidInput('device = "cuda" on a machine without a GPU', '"cpu" or "auto"', 'Pass "auto".')
    return torch.device("cuda" if name != "cpu" and torch.cuda.is_available() else "cpu")


def family_of(spec: TrainingSpec, data: tuple[Floats, Floats] | None) -> Family:
    """Return the machinery of a spec, the same one again for the same spec; data that are given are looked at each time."""
    return Family(spec, data) if data is not None else _kept(spec)


@lru_cache(maxsize=16)
def _kept(spec: TrainingSpec) -> Family:
    return Family(spec, None)
