"""A data set as the labs see it: what it is, and a sample of it on demand."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from core.datasets import real
from core.datasets.sampling import Parts, Sample, check_noise, check_split, parts_of
from core.datasets.shapes import SHAPES
from core.errors import InvalidInput

POINTS = (4, 5000)
SEEDS = (0, 2**31 - 1)


@dataclass(frozen=True)
class Dataset:
    """What a data set is, without its rows: no file is read and nothing is drawn until `draw`.

    Attributes
    ----------
    key, label:
        Its name in `DATASETS` and on a page.
    task:
        "binary", "multiclass" or "regression".
    inputs, outputs:
        Columns of the inputs, and outputs of a network for it: 1, or the number of classes if they are more than two.
    rows:
        How many there are; 0 for synthetic data, which have as many as are asked for.
    features, classes:
        Names of the inputs, and of the classes in the order of their numbers; a regression has none.
    source:
        Where it comes from, a sentence.
    synthetic:
        Whether the points are drawn from a formula.
    """

    key: str
    label: str
    task: str
    inputs: int
    outputs: int
    rows: int
    features: tuple[str, ...]
    classes: tuple[str, ...]
    source: str
    synthetic: bool

    @property
    def ignorance(self) -> float:
        """The loss of who knows nothing but how often each answer is right, all being equally frequent; half the variance in regression."""
        return 0.5 if self.task == "regression" else math.log(max(2, self.outputs))

    def draw(self, points: int = 200, noise: ArrayLike = 0.0, split: float = 0.5, seed: int = 0) -> Sample:
        """Return points to train and to validate on; a function of its arguments alone.

        Shape, split and noise are drawn in this order from ``Generator(PCG64(seed))``: neither the noise nor another split moves the shape, and
        every noise scales the same standard normal draw, which belongs to a point whatever part that point is in.

        Parameters
        ----------
        points:
            Points of both parts together, 4 to 5000, half in each class. Real data are taken whole, whatever this says.
        noise:
            Standard deviation, 0 to 5, of the Gaussian noise added to each input; an array (k,) gives k variants of the same points. Real inputs are
            standardised first, so there it is in standard deviations of the column.
        split:
            Share to train on, 0.1 to 0.9, the same in each class.
        seed:
            A whole number from 0 on.

        Raises
        ------
        InvalidInput
            For an argument beyond its range.
        """
        if not self.synthetic:
            points = self.rows
        scale = check_noise(noise)
        return _parts(self.key, _whole("points", points, POINTS), check_split(split), _whole("seed", seed, SEEDS)).at(scale)


@lru_cache(maxsize=8)
def _parts(key: str, points: int, split: float, seed: int) -> Parts:
    # What is kept is small (1.8 MB for the digits): the family over noise is scaled anew at each draw.
    rng = np.random.Generator(np.random.PCG64(seed))
    if key in SHAPES:
        inputs, classes = SHAPES[key](rng, points)
        return parts_of(rng, inputs, classes, "binary", split, standardise=False)
    inputs, targets = real.columns(key)
    return parts_of(rng, inputs, targets, _task(key), split, standardise=True)


def _task(key: str) -> str:
    from core.datasets.catalogue import DATASETS  # here, not above: the catalogue is made of this module's class

    return DATASETS[key].task


def _whole(name: str, value: int, allowed: tuple[int, int]) -> int:
    low, high = allowed
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or not low <= value <= high:
        raise InvalidInput(f"{name} = {value!r}", f"a whole number from {low} to {high}", f"Bring {name} into that range.")
    return int(value)
