"""Where each weight of a network lies in its flat vector; no torch in here, so that the web process can read weights too.

A family's weights are one tensor (k, P). In a member's row the layers follow each other, each as its weights (in, out), row by row, and then its
biases (out); after the last layer come the scales and the shifts of batch normalisation, hidden layer by hidden layer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core._validate import Bools, Floats
from core.specs.training import TrainingSpec

if TYPE_CHECKING:
    from torch import Tensor


DRAWN_UNITS = 16
"""Units of a layer that are drawn: more would be a grey haze, and their weights a burden on the line."""


@dataclass(frozen=True)
class Layout:
    """The places of a network's weights.

    Parameters
    ----------
    sizes:
        Units of each layer, inputs and outputs included.
    batch_norm:
        Whether hidden layers have scales and shifts.
    """

    sizes: tuple[int, ...]
    batch_norm: bool

    @cached_property
    def places(self) -> tuple[tuple[slice, slice], ...]:
        """(weights, biases) of each layer."""
        found, start = [], 0
        for into, out in zip(self.sizes, self.sizes[1:], strict=False):
            found.append((slice(start, start + into * out), slice(start + into * out, start + into * out + out)))
            start += into * out + out
        return tuple(found)

    @cached_property
    def norms(self) -> tuple[tuple[slice, slice], ...]:
        """(scales, shifts) of each hidden layer; empty without batch normalisation."""
        found, start = [], self.plain
        for units in self.hidden if self.batch_norm else ():
            found.append((slice(start, start + units), slice(start + units, start + 2 * units)))
            start += 2 * units
        return tuple(found)

    @property
    def hidden(self) -> tuple[int, ...]:
        """Units of each hidden layer."""
        return self.sizes[1:-1]

    @cached_property
    def plain(self) -> int:
        """How many weights and biases there are, without batch normalisation's."""
        return int(self.places[-1][1].stop)

    @cached_property
    def total(self) -> int:
        """P, how many there are in all."""
        return self.plain + (2 * sum(self.hidden) if self.batch_norm else 0)

    @cached_property
    def is_weight(self) -> Bools:
        """(P,) true for the weights of the layers, false for biases, scales and shifts."""
        mask = np.zeros(self.total, dtype=bool)
        for weights, _ in self.places:
            mask[weights] = True
        return mask

    def penalised(self, biases: bool) -> Bools:
        """Return (P,) what a penalty acts on: the weights, and with ``biases`` the biases and shifts too; scales never."""
        mask = self.is_weight.copy()
        if biases:
            for _, bias in (*self.places, *self.norms):
                mask[bias] = True
        return mask

    def layers(self, flat: Tensor) -> list[tuple[Tensor, Tensor]]:
        """Return views of a family (k, P): (weights (k, in, out), biases (k, 1, out)) of each layer."""
        k = len(flat)
        shapes = zip(self.places, self.sizes, self.sizes[1:], strict=False)
        return [(flat[:, w].view(k, into, out), flat[:, b].view(k, 1, out)) for (w, b), into, out in shapes]

    def scales(self, flat: Tensor) -> list[tuple[Tensor, Tensor]]:
        """Return views of a family (k, P): (scales (k, 1, units), shifts (k, 1, units)) of each hidden layer."""
        return [(flat[:, scale][:, None], flat[:, shift][:, None]) for scale, shift in self.norms]

    def shown(self, most: int) -> NDArray[np.int64]:
        """Return (p,) the places of the weights and biases between the first ``most`` units of each layer, in the same order."""
        found = []
        for (weights, biases), into, out in zip(self.places, self.sizes, self.sizes[1:], strict=False):
            block = np.arange(weights.start, weights.stop).reshape(into, out)
            found += [block[:most, :most].ravel(), np.arange(biases.start, biases.stop)[:most]]
        return np.concatenate(found)

    def shown_units(self, most: int, hidden: bool = False) -> NDArray[np.int64]:
        """Return the numbers of the first ``most`` units of each layer among all units, or among the hidden ones."""
        sizes = self.hidden if hidden else self.sizes
        starts = np.cumsum([0, *sizes])[:-1]
        parts = [np.arange(start, start + min(units, most)) for start, units in zip(starts, sizes, strict=True)]
        return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)

    def named(self, row: Floats) -> Iterator[tuple[str, Floats]]:
        """Yield (name, array) of one member's row (P,), named and shaped as torch.nn's: weights are (out, in)."""
        for i, ((w, b), into, out) in enumerate(zip(self.places, self.sizes, self.sizes[1:], strict=False)):
            yield f"layer{i + 1}.weight", row[w].reshape(into, out).T
            yield f"layer{i + 1}.bias", row[b]
        for i, (scale, shift) in enumerate(self.norms):
            yield f"norm{i + 1}.weight", row[scale]
            yield f"norm{i + 1}.bias", row[shift]


def layout_of(spec: TrainingSpec, inputs: int, outputs: int) -> Layout:
    """Return the layout of a spec's networks for data with so many inputs and a network with so many outputs."""
    return _layout((inputs, *spec.hidden, outputs), any(spec.values("batch_norm")))


@lru_cache(maxsize=64)
def _layout(sizes: tuple[int, ...], batch_norm: bool) -> Layout:
    return Layout(sizes, batch_norm)


def initial(spec: TrainingSpec, layout: Layout) -> Floats:
    """Return a family's first weights (k, P).

    Each layer's weights and biases are uniform within 1 / sqrt(units in), torch.nn.Linear's own choice, times ``init_scale``; batch normalisation
    starts with scales of 1 and shifts of 0. A member's draws depend on its seed alone.
    """
    rows = {seed: _drawn(seed, layout) for seed in set(spec.values("seed"))}
    family: Floats = np.stack([rows[seed] for seed in spec.values("seed")])
    family[:, : layout.plain] *= np.array(spec.values("init_scale"))[:, None]
    return family


def _drawn(seed: int, layout: Layout) -> Floats:
    row = np.zeros(layout.total)
    draws = np.random.Generator(np.random.PCG64(np.random.SeedSequence((seed, 0)))).uniform(-1.0, 1.0, layout.plain)
    for (weights, biases), into in zip(layout.places, layout.sizes, strict=False):
        row[weights], row[biases] = draws[weights] / into**0.5, draws[biases] / into**0.5
    for scale, _ in layout.norms:
        row[scale] = 1.0
    return row
