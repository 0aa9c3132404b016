"""What a training left behind, for anyone's own tools: the weights of one network as JSON, its history as CSV."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from core.datasets import DATASETS, Dataset
from core.errors import InvalidInput
from core.networks.layout import layout_of
from core.specs.training import TrainingSpec


def weights_json(spec: TrainingSpec, member: int, layers: Sequence[tuple[str, ArrayLike]]) -> str:
    """Return one network's weights as JSON: its settings, and each array's name, shape and values as nested lists.

    Parameters
    ----------
    spec, member:
        The family, and which of its networks.
    layers:
        (name, array) pairs, as they are to be written. Every number is written so that it reads back as the same double; one that is single
        precision reads back as the same float32.

    Raises
    ------
    InvalidInput
        Where there is no such member, two arrays have the same name, or a value is not finite, which JSON cannot say.
    """
    settings = json.loads(spec.member(member).to_json())
    names = [name for name, _ in layers]
    if len(set(names)) < len(names):
        raise InvalidInput(f"arrays named {', '.join(names)}", "a name for each array", "Name them apart.")
    written = []
    for name, values in layers:
        array = np.asarray(values, dtype=np.float64)
        if not np.isfinite(array).all():
            raise InvalidInput(f"values of {name} that are not finite", "finite numbers", "Export an epoch before the network diverged.")
        written.append({"name": name, "shape": list(array.shape), "values": array.tolist()})
    return json.dumps({"spec": settings, "member": member, "layers": written}, allow_nan=False, indent=1)


def network_json(spec: TrainingSpec, member: int, weights: ArrayLike, dataset: Dataset | None = None) -> str:
    """Return one network of a family as JSON, its arrays named and shaped as torch.nn's.

    Parameters
    ----------
    spec, member:
        The family, and which of its networks.
    weights:
        (k, P) the family's weights, laid out as `core.networks.layout` says.
    dataset:
        What was trained on, where it is none of the lab's own.
    """
    dataset = dataset or DATASETS[spec.data]
    layout = layout_of(spec, dataset.inputs, dataset.outputs)
    return weights_json(spec, member, list(layout.named(np.asarray(weights)[member])))


def history_csv(columns: Mapping[str, ArrayLike]) -> str:
    """Return curves as CSV, a column each and a row an epoch, every digit kept; what a network no longer had, NaN, is an empty field.

    Parameters
    ----------
    columns:
        Name -> (n,). Where none is named "epoch", a first column counts the rows from 0, the start.

    Raises
    ------
    InvalidInput
        Where the columns are not all of one length.
    """
    arrays = {name: np.asarray(values) for name, values in columns.items()}
    shapes = {array.shape for array in arrays.values()}
    if len(shapes) > 1 or any(len(shape) != 1 for shape in shapes):
        said = ", ".join(f"{name} {array.shape}" for name, array in arrays.items())
        raise InvalidInput(f"columns of shapes {said}", "(n,) for all of them", "Pass one value an epoch.")
    rows = next(iter(shapes))[0] if shapes else 0
    table = pd.DataFrame(({} if "epoch" in arrays else {"epoch": np.arange(rows)}) | arrays)
    text: str = table.to_csv(index=False, lineterminator="\n")
    return text
