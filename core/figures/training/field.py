"""Figure: what a network says of the plane of its inputs, and the points. In: the lab's settings. Out: a field of a film, clouds of points."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.datasets import Dataset, Plane, Sample, plane_of
from core.figures.palette import PALETTE
from core.figures.scene import NOTHING, Mark, Scene
from core.figures.template import plane as empty_plane
from core.specs.training_lab import TrainingLabSpec

SYMBOLS: tuple[Any, ...] = ("circle", "square", "diamond", "triangle", "star")
STRENGTH = 0.42
"""Opacity of a field where the network is certain; at a tie there is none."""
BINS = 9
"""A quantity is drawn in so many colours."""


def sample_of(spec: TrainingLabSpec) -> tuple[Dataset, Sample, Plane]:
    """Return the data of a lab's settings, the points of each member, and the plane that they are drawn in."""
    training = spec.training()
    dataset = spec.dataset
    sample = dataset.draw(training.points, np.array(training.noise, ndmin=1), training.split, training.data_seed)
    return dataset, sample, plane_of(sample, dataset, training.plane)


def training_field(spec: TrainingLabSpec) -> Scene:
    """Return the decision boundary, or the fit, of the member and the epoch where the group stands, as a scene."""
    dataset, sample, plane = sample_of(spec)
    (x0, x1), (y0, y1) = plane.window
    light, dark = (palette(dataset, mode) for mode in ("light", "dark"))
    lines = {"binary": (127.5,), "multiclass": (), "regression": ()}[dataset.task]
    classes = len(dataset.classes)
    field = Mark(
        "field",
        NOTHING,
        "loss",
        "decision field",
        axes=("member",),
        source="frame.field",
        window=(x0, x1, y0, y1),
        palette=light,
        palette_dark=dark,
        edges=lines,
        bands=classes if classes > 2 else 0,
        width=2.0,
    )
    of, own = _numbers(dataset, sample), sample.train_inputs.shape[0] > 1
    points = np.concatenate([plane.project(sample.val_inputs), plane.project(sample.train_inputs)], axis=1)
    cloud = Mark(
        "points",
        points if own else points[0],
        "loss",
        "points",
        axes=("member",) if own else (),
        classes=of,
        size=4.6 if len(of) < 400 else 3.2,
        colours=colours_of(dataset),
        symbols=SYMBOLS,
        hollow=np.arange(len(of)) < sample.val_inputs.shape[1],
    )
    what = "Predicted value" if dataset.task == "regression" else "Decision boundary"
    rest = "" if dataset.inputs == 2 else " The plane is a cut through their middle: points before and behind it are drawn on it."
    alt = f"{what} of the chosen network over a plane of the inputs of {dataset.label}, with the points; it moves with the epoch and the member."
    said = (
        "Variance explained: {curves.train_accuracy} of the filled points, trained on; {curves.val_accuracy} of the hollow ones, held back."
        if dataset.task == "regression"
        else "Rightly classified: {curves.train_accuracy} of the filled points, trained on; {curves.val_accuracy} of the hollow ones, held back."
    )
    return Scene(empty_plane(*plane.labels, plane.window), alt, (field, cloud), captions=(said + rest,), aspect=0.9, caption_axes=())


def colours_of(dataset: Dataset) -> tuple[str, ...]:
    """Return the palette names of the classes; a quantity goes from the second to the first."""
    return tuple(f"class{i}" for i in range(len(dataset.classes))) if dataset.classes else tuple(f"value{i}" for i in range(BINS))


def palette(dataset: Dataset, mode: str) -> NDArray[np.uint8]:
    """Return (256, 4) RGBA of a field's codes on a light or a dark ground."""
    codes = np.arange(256)
    if dataset.task == "multiclass":
        step = 256 // len(dataset.classes)
        which, sure = np.minimum(codes // step, len(dataset.classes) - 1), np.minimum((codes % step) / (step - 1), 1.0)
    else:
        which, sure = (codes > 127).astype(int), np.abs(codes - 127.5) / 127.5
    inks = np.array([_rgb(f"class{i}", mode) for i in range(max(2, len(dataset.classes)))])
    if dataset.task == "regression":
        rows: NDArray[np.uint8] = np.array(
            [[*_rgb(f"value{min(code * BINS // 256, BINS - 1)}", mode), round(255 * STRENGTH)] for code in codes], dtype=np.uint8
        )
        return rows
    found: NDArray[np.uint8] = np.concatenate([inks[which], np.round(255 * STRENGTH * sure)[:, None]], axis=1).astype(np.uint8)
    return found


def _numbers(dataset: Dataset, sample: Sample) -> NDArray[np.uint8]:
    """Return the class of each point, validation first; a quantity's is the ninth of the range that it lies in."""
    targets = np.concatenate([sample.val_targets, sample.train_targets]).astype(np.float64)
    if dataset.task != "regression":
        return targets.astype(np.uint8)
    low, high = sample.train_targets.min(), sample.train_targets.max()
    ninths: NDArray[np.uint8] = np.clip((targets - low) / (high - low) * BINS, 0, BINS - 1).astype(np.uint8)
    return ninths


def _rgb(name: str, mode: str) -> tuple[int, int, int]:
    ink = PALETTE[name].light if mode == "light" else PALETTE[name].dark
    return int(ink[1:3], 16), int(ink[3:5], 16), int(ink[5:7], 16)
