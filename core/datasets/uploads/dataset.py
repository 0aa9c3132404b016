"""Own data as the lab Training sees a data set, and as they travel to the workers that train on them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from core import wire
from core._validate import Floats
from core.datasets.dataset import Dataset
from core.datasets.sampling import Sample, check_noise, check_split, parts_of
from core.datasets.uploads.limits import OWN
from core.datasets.uploads.own import OwnData
from core.errors import InvalidInput

TRAINED = 120_000
"""Numbers of the inputs that a training takes: they are part of every state that goes to a worker and comes back, 1 MB."""


@dataclass(frozen=True)
class OwnDataset(Dataset):
    """A data set of somebody's own; its points are drawn when they are asked for and kept nowhere."""

    own: OwnData = field(repr=False)

    def draw(self, points: int = 200, noise: ArrayLike = 0.0, split: float = 0.5, seed: int = 0) -> Sample:
        """Return the rows to train and to validate on, as `core.training` makes them of what `travelling` sends."""
        inputs, targets = trainable(self.own)
        rng = np.random.Generator(np.random.PCG64(seed))
        return parts_of(rng, inputs, targets, self.task, check_split(split), standardise=True).at(check_noise(noise))


def own_dataset(own: OwnData) -> OwnDataset:
    """Return own data as a data set.

    Raises
    ------
    InvalidInput
        Where there is one feature alone, which has no plane to draw a boundary in, or there are too many numbers.
    """
    rows, inputs = own.X.shape
    if inputs < 2:
        raise InvalidInput("one column of inputs", "two columns or more", "Take another feature with it: the boundary is drawn over a plane of two.")
    if rows * inputs > TRAINED:
        most = TRAINED // inputs
        raise InvalidInput(
            f"{rows} rows of {inputs} columns", f"at most {most} rows of so many columns", "Leave columns out, or take a sample of the rows."
        )
    outputs = len(own.classes) if own.task == "multiclass" else 1
    return OwnDataset(OWN, "your data", own.task, inputs, outputs, rows, own.features, own.classes, "Yours.", synthetic=False, own=own)


def trainable(own: OwnData) -> tuple[Floats, Floats]:
    """Return inputs (n, d) and targets (n,) such that a worker, which is told nothing else, knows what is to be done with them.

    It takes whole numbers of few kinds for classes. A quantity that has no other values is therefore shifted and stretched off them, which its
    standardisation takes back.
    """
    if own.classes or not np.array_equal(own.y, np.round(own.y)) or len(np.unique(own.y)) > 20:
        return own.X, own.y
    return own.X, 0.731 * (own.y - own.y.mean()) / own.y.std() + 0.137


def travelling(own: OwnData) -> bytes:
    """Return what goes to the workers: numbers alone, without any name."""
    inputs, targets = trainable(own)
    return wire.pack({"inputs": wire.Exact(np.asarray(inputs)), "targets": wire.Exact(np.asarray(targets))})


def arrived(raw: bytes) -> tuple[Floats, Floats]:
    """Return inputs and targets of what `travelling` sent.

    Raises
    ------
    InvalidInput
        Where the bytes are nothing of that kind.
    """
    message = wire.unpack(raw)
    if not {"inputs", "targets"} <= set(message):
        raise InvalidInput("bytes without inputs and targets", "what travelling returned", "Send them whole.")
    return np.array(message["inputs"]), np.array(message["targets"])
