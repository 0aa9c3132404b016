"""Figures: loss and score along the epochs, and along the family. In: the lab's settings. Out: lines of a film's curves and profiles."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.figures.palette import PALETTE
from core.figures.scene import NOTHING, Mark, Scene
from core.figures.template import axis, canvas
from core.optimizers import RULES
from core.specs.training_lab import TrainingLabSpec

PARTS = {"train": "training", "val": "validation"}
INKS = {"train": "train", "val": "validation"}


def training_losses(spec: TrainingLabSpec) -> Scene:
    """Return training and validation loss of the member along the epochs."""
    figure = _over_epochs(spec, "loss", [0.0, 1.0])
    alt = "Training and validation loss of the chosen network along the epochs, up to the epoch where the player stands."
    caption = "Training {curves.train_loss}, validation {curves.val_loss}: a gap of {curves.gap}. {sentences}"
    return Scene(figure, alt, _parts(spec, "loss"), captions=(caption,), aspect=0.62, caption_axes=(), range="frame.loss_range")


def training_scores(spec: TrainingLabSpec) -> Scene:
    """Return the share of points that are right, or the variance explained, of the member along the epochs."""
    regression = spec.dataset.task == "regression"
    figure = _over_epochs(spec, "variance explained, R²" if regression else "share classified rightly", [-0.5 if regression else 0.3, 1.03])
    alt = "How often the chosen network is right on the training and on the validation points, along the epochs."
    return Scene(figure, alt, _parts(spec, "accuracy"), aspect=0.62)


def training_profile(spec: TrainingLabSpec) -> Scene:
    """Return the losses of all members at the epoch where the player stands, against the family's axis."""
    k = spec.members
    marks = [Mark("cursor", np.arange(k, dtype=np.float64), "muted", "member", axes=("member",), width=1.4)]
    for part, name in PARTS.items():
        ink = INKS[part]
        marks.append(
            Mark(
                "path",
                NOTHING,
                ink,
                f"{name} loss",
                axes=("epoch",),
                source=f"profiles.{part}_loss",
                abscissa=np.arange(k, dtype=np.float64),
                width=2.4,
                dash=PALETTE[ink].dash,
                text=name,
                side="free",
            )
        )
    marks.append(
        Mark(
            "point", NOTHING, "validation", "lowest validation loss", axes=(), source="frame.best", symbol="star", size=7, text="lowest", side="free"
        )
    )
    figure = canvas(xaxis=axis(_title(spec), range=[-0.5, 1.2 * k], **_ticks(spec)), yaxis=axis("loss", range=[0.0, 1.0]))
    alt = (
        f"Training and validation loss of all {k} networks at this epoch, against {_title(spec) or 'the rule'}; the lowest validation loss is marked."
    )
    caption = "The gap between the lines is overfitting. The star is the network that does best on points it has not seen, at this epoch."
    return Scene(figure, alt, tuple(marks), captions=(caption,), aspect=0.62, caption_axes=(), range="frame.profile_range")


def _over_epochs(spec: TrainingLabSpec, title: str, window: list[float]) -> dict[str, Any]:
    return canvas(xaxis=axis("epoch", range=[0.0, 1.18 * spec.epochs]), yaxis=axis(title, range=window))


def _parts(spec: TrainingLabSpec, what: str) -> tuple[Mark, ...]:
    epochs = np.arange(int(spec.epochs) + 1, dtype=np.float64)
    return tuple(
        Mark(
            "path",
            NOTHING,
            INKS[part],
            f"{name} {what}",
            axes=("member",),
            until="epoch",
            source=f"curves.{part}_{what}",
            abscissa=epochs,
            width=2.4,
            ghost=0.25,
            dash=PALETTE[INKS[part]].dash,
            head="circle" if part == "train" else "diamond",
            size=5.0,
            text=name,
            side="right",
        )
        for part, name in PARTS.items()
    )


def _title(spec: TrainingLabSpec) -> str:
    return {
        "lam": "penalty's weight λ",
        "dropout": "dropout rate p",
        "lr": "learning rate η",
        "noise": "noise σ",
        "seed": "initial weights, by seed",
        "rule": "",
    }[spec.axis]


def _ticks(spec: TrainingLabSpec) -> dict[str, Any]:
    """Return the axis's ticks: the family's values, every fifth where they are many."""
    named = [RULES[value].label if spec.axis == "rule" else f"{value:g}" for value in spec.values]
    step = 1 if spec.axis == "rule" else 5
    return {
        "tickmode": "array",
        "tickangle": -40 if spec.axis == "rule" else 0,
        "tickvals": list(range(0, len(named), step)),
        "ticktext": named[::step],
    }
