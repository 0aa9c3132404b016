"""All chance of a run, drawn from named streams: what an epoch draws depends on its number and its seed, not on what was drawn before.

So epochs can be computed in any chunks, on any worker, and a network draws the same in a family as alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

_DROPOUT, _ORDER = 1, 2


def _generator(seed: int, stream: int, epoch: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence((seed, stream, epoch))))


def order(seed: int, epoch: int, rows: int) -> Tensor:
    """Return the order (rows,) in which an epoch meets the training points."""
    return torch.from_numpy(_generator(seed, _ORDER, epoch).permutation(rows))


def uniforms(seeds: Sequence[int], epoch: int, rows: int, units: int) -> Tensor:
    """Return (seeds, rows, units) numbers in [0, 1), float32: a unit lives where its number is at least p, so that masks of a larger p lie within."""
    return torch.from_numpy(np.stack([_generator(seed, _DROPOUT, epoch).random((rows, units), dtype=np.float32) for seed in seeds]))


def batches(rows: int, size: int) -> Iterator[slice]:
    """Yield the batches of an epoch. A last batch of one point, which has no variance, joins the one before it."""
    size = rows if size == 0 else min(size, rows)
    starts = list(range(0, rows, size))
    if len(starts) > 1 and rows - starts[-1] == 1:
        starts.pop()
    for start, stop in zip(starts, [*starts[1:], rows], strict=True):
        yield slice(start, stop)
