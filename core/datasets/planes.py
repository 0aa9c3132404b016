"""The plane in which a decision boundary is drawn: two features, or the two directions in which the training inputs vary most."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from core._validate import Floats, vectors
from core.errors import InvalidInput

if TYPE_CHECKING:
    from core.datasets.dataset import Dataset
    from core.datasets.sampling import Sample

_DUST = 1e-6

Window = tuple[tuple[float, float], tuple[float, float]]


@dataclass(frozen=True, eq=False)
class Plane:
    """A plane in the space of the inputs, and the square window of it that is looked at.

    Attributes
    ----------
    origin:
        (d,), the point at (0, 0).
    basis:
        (2, d), orthonormal rows.
    labels:
        What the two axes are.
    window:
        ((x0, x1), (y0, y1)) in the plane's coordinates, as wide as it is high, with every point of the sample in it.
    """

    origin: Floats
    basis: Floats
    labels: tuple[str, str]
    window: Window

    def project(self, inputs: ArrayLike) -> Floats:
        """Return the coordinates (..., 2) of the feet of inputs (..., d) on the plane."""
        out: Floats = (vectors(inputs, "inputs", self.origin.size) - self.origin) @ self.basis.T
        return out

    def grid(self, n: int) -> Floats:
        """Return points (n * n, d) of the plane, row by row from the low y upwards, each row from the low x on; the window's edges are in it."""
        if isinstance(n, bool) or not isinstance(n, int | np.integer) or not 2 <= n <= 1000:
            raise InvalidInput(f"a grid of {n!r}", "a whole number from 2 to 1000", "Take as many points a side.")
        (x0, x1), (y0, y1) = self.window
        x, y = np.linspace(x0, x1, n), np.linspace(y0, y1, n)
        flat = np.stack([np.tile(x, n), np.repeat(y, n)], axis=1)
        out: Floats = self.origin + flat @ self.basis
        return out


def plane_of(sample: Sample, dataset: Dataset | None = None, columns: tuple[int, ...] = ()) -> Plane:
    """Return the plane to draw a sample in, one for all its noises.

    Parameters
    ----------
    sample:
        The points; what is computed comes from the training inputs under all noises together, and only the window looks at the validation part too.
    dataset:
        Where the names of the features come from; without one they are numbered from 1.
    columns:
        Two features by number: the plane holds the others at their mean. () for the two principal components, or for the inputs themselves where
        there are just two. A component's sign is such that its largest loading is positive.

    Raises
    ------
    InvalidInput
        Where the columns are not two of the inputs' own.
    """
    train = sample.train_inputs.reshape(-1, sample.train_inputs.shape[-1])
    d = train.shape[1]
    names = dataset.features if dataset is not None else tuple(f"x{i + 1}" for i in range(d))
    if d < 2:
        raise InvalidInput(f"inputs of {d} column", "two columns or more", "Add a column.")
    if len(columns) not in (0, 2) or len(set(columns)) != len(columns) or not all(isinstance(i, int | np.integer) and 0 <= i < d for i in columns):
        raise InvalidInput(f"columns {tuple(columns)}", f"two different ones of 0 to {d - 1}, or none", "Name two columns by number.")
    if not columns and d > 2:
        origin, basis, shares = _principal(train)
        labels = (f"PC 1 ({100 * shares[0]:.0f} % of the variance)", f"PC 2 ({100 * shares[1]:.0f} % of the variance)")
    else:
        i, j = columns or (0, 1)
        origin, basis = train.mean(axis=0), np.zeros((2, d))
        origin[[i, j]] = 0.0
        basis[0, i] = basis[1, j] = 1.0
        labels = (names[i], names[j])
    origin.flags.writeable = basis.flags.writeable = False
    seen = np.concatenate([train, sample.val_inputs.reshape(-1, d)])
    return Plane(origin, basis, labels, _window((seen - origin) @ basis.T))


def _principal(train: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the mean, the two components and their shares of the variance."""
    mean = train.mean(axis=0)
    away = train - mean
    values, vectors_ = np.linalg.eigh(away.T @ away / len(away))
    basis: Floats = vectors_[:, [-1, -2]].T
    largest = np.abs(basis).argmax(axis=1)
    basis = basis * np.where(basis[[0, 1], largest] < 0.0, -1.0, 1.0)[:, None]
    total = values.sum()
    shares: Floats = np.clip(values[[-1, -2]], 0.0, None) / (total if total > 0.0 else 1.0)
    return mean, basis, shares


def _window(flat: Floats) -> Window:
    """Return a square of round numbers around points (n, 2), its sides a multiple of a step that is 1, 2 or 5 times a power of ten."""
    low, high = flat.min(axis=0), flat.max(axis=0)
    span = float((high - low).max())
    # Columns that hardly vary beside how large they are have nothing to show: a window of their dust could not be told from their rounding.
    if span <= _DUST * max(1.0, float(np.abs(flat).max())):
        span = 1.0
    step = _round_step(span / 25.0)
    # Two steps at the least are spare: the middle is moved by half a step at most, so every side keeps more than half a step.
    side = math.ceil(span / step) + 2
    (x0, x1), (y0, y1) = (_around(float(middle), step, side) for middle in (low + high) / 2.0)
    return (x0, x1), (y0, y1)


def _around(middle: float, step: float, side: int) -> tuple[float, float]:
    first = round(middle / step - side / 2.0)
    return _tidy(first * step), _tidy((first + side) * step)


def _round_step(about: float) -> float:
    power = 10.0 ** math.floor(math.log10(about))
    return next(multiple for multiple in (power, 2.0 * power, 5.0 * power, 10.0 * power) if multiple >= about * (1.0 - 1e-9))


def _tidy(value: float) -> float:
    return float(f"{value:.10g}")
