"""Settings as code: one network of a family as scripts that train it in PyTorch, Keras, MLX and scikit-learn."""

from __future__ import annotations

from core.export.training.keras import keras
from core.export.training.mlx import mlx
from core.export.training.pytorch import pytorch
from core.export.training.scikit_learn import scikit_learn
from core.export.training.settings import Snippet, settings_of
from core.specs.training import TrainingSpec

__all__ = ["Snippet", "training_snippets"]


def training_snippets(spec: TrainingSpec, member: int = 0, task: str = "binary", outputs: int = 1) -> tuple[Snippet, ...]:
    """Return the scripts for one member's settings, PyTorch, Keras, MLX and scikit-learn in this order.

    All four make the same points, split and standardise them in the same way, and all but scikit-learn's start from the lab's own first weights.

    Parameters
    ----------
    spec:
        A family.
    member:
        Which of its networks, counted from 0.
    task, outputs:
        Of data that were given (``spec.data`` is "given"), for which the scripts read a file; known for all others, and then not looked at.

    Raises
    ------
    InvalidInput
        Where there is no such member or task.
    """
    settings = settings_of(spec, member, task, outputs)
    return pytorch(settings), keras(settings), mlx(settings), scikit_learn(settings)
