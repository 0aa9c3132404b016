"""A spec's points as tensors: what is trained on, what is validated on, and where the decision boundary is looked at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from core._validate import Floats
from core.datasets import DATASETS, Plane, Sample, plane_of
from core.datasets.sampling import parts_of
from core.specs.training import TrainingSpec

CLASSES = 20
"""Whole numbers of at most so many kinds are classes, anything else is a quantity."""


@dataclass(frozen=True, eq=False)
class Points:
    """The points of a family.

    Attributes
    ----------
    task, inputs, outputs:
        "binary", "multiclass" or "regression"; columns, and outputs of the network.
    train, val:
        (1 or k, n, d) inputs.
    train_targets, val_targets:
        (n,)
    sample, plane:
        The same as NumPy arrays, and the plane of the decision boundary; None for inputs of one column.
    """

    task: str
    inputs: int
    outputs: int
    train: Tensor
    val: Tensor
    train_targets: Tensor
    val_targets: Tensor
    sample: Sample
    plane: Plane | None


def points_of(spec: TrainingSpec, data: tuple[Floats, Floats] | None, dtype: torch.dtype, device: torch.device) -> Points:
    """Return the points of a spec, or of data that were given."""
    # Members that differ in something else meet one copy of the points.
    noise = np.array(spec.noise if isinstance(spec.noise, tuple) else (spec.noise,), dtype=np.float64)
    if data is None:
        dataset = DATASETS[spec.data]
        sample, task, outputs = dataset.draw(spec.points, noise, spec.split, spec.data_seed), dataset.task, dataset.outputs
    else:
        dataset = None
        task, targets, outputs = _task_of(data[1])
        rng = np.random.Generator(np.random.PCG64(spec.data_seed))
        sample = parts_of(rng, data[0], targets, task, spec.split, standardise=True).at(noise)
    columns = sample.train_inputs.shape[-1]
    plane = plane_of(sample, dataset, spec.plane) if columns > 1 else None

    def tensor(array: Floats) -> Tensor:
        whole = array.dtype.kind == "i"
        return torch.tensor(array, dtype=torch.int64 if whole else dtype, device=device)

    train, val = tensor(sample.train_inputs), tensor(sample.val_inputs)
    return Points(task, columns, outputs, train, val, tensor(sample.train_targets), tensor(sample.val_targets), sample, plane)


def _task_of(targets: Floats) -> tuple[str, Floats, int]:
    """Return task, targets and outputs of given data: whole numbers of few kinds are classes, counted from 0."""
    kinds, numbers = np.unique(targets, return_inverse=True)
    if len(kinds) > CLASSES or not (kinds == np.round(kinds)).all() or len(kinds) < 2:
        return "regression", targets, 1
    return ("binary", numbers.astype(np.float64), 1) if len(kinds) == 2 else ("multiclass", numbers.astype(np.float64), len(kinds))
