"""A penalised linear or logistic regression as code in PyTorch, Keras, MLX and scikit-learn."""

from __future__ import annotations

from core.export.linear.keras import keras
from core.export.linear.mlx import mlx
from core.export.linear.pytorch import pytorch
from core.export.linear.scikit_learn import scikit_learn
from core.export.linear.settings import Linear
from core.export.training.settings import Snippet
from core.specs.shrinkage import ShrinkageSpec

__all__ = ["Linear", "linear_snippets", "rows_of"]

_ROWS = {"diabetes": 442, "breast_cancer": 569}
_TESTED = 4  # one row in so many of real data is held back


def rows_of(data: ShrinkageSpec) -> int:
    """Return how many rows are fitted."""
    return int(data.rows) if data.data == "synthetic" else _ROWS[data.data] - _ROWS[data.data] // _TESTED


def linear_snippets(settings: Linear) -> tuple[Snippet, ...]:
    """Return the scripts, PyTorch, Keras, MLX and scikit-learn in this order; each prints the weights in standard deviations of the columns."""
    return pytorch(settings), keras(settings), mlx(settings), scikit_learn(settings, rows_of(settings.data))
