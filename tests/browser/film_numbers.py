"""The numbers of the film that `film_app` sends and `test_film` expects."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

MEMBERS, EPOCHS, LINK = 4, 120, 5
LAYERS = (2, 20, 2, 1)
PARAMETERS = sum((into + 1) * out for into, out in pairwise(LAYERS))
FORKED = 15  # epochs that steady runs and forks share: links 0 to 3


def loss_of(run: str, member: int, epoch: int) -> float:
    """Return the training loss; that of a fork is another one after the epochs that it shares."""
    return float((member + 1) * (0.1 + np.exp(-epoch / 30)) + (5 if run.startswith("fork") and epoch > FORKED else 0))


def weights_of(member: int, epoch: int) -> NDArray[np.int8]:
    """Return codes of weights: the last six times `member` units of the wide layer have none but zeros into them."""
    codes = (np.arange(PARAMETERS) * 37 + epoch) % 255 - 127
    into = codes[: 2 * LAYERS[1]].reshape(2, LAYERS[1])
    into[:, LAYERS[1] - 6 * member :] = 0
    return codes.astype(np.int8)
