r"""The penalties R(w): value, subgradient, prox and projection.

All are members of one family,

    R(w) = l1 |w|_1 + l2 |w|_2^2,      l1, l2 >= 0,

so each formula is written once, here, in terms of the two coefficients; a penalty is its coefficients and its names.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from core._validate import Floats, not_negative, vectors
from core.errors import InvalidInput
from core.knobs import Spec, knob


@dataclass(frozen=True)
class Penalty(Spec, ABC):
    """R(w) = l1 |w|_1 + l2 |w|_2^2; subclasses name the coefficients.

    Every method broadcasts over the leading axes and raises InvalidInput where an argument is not finite or of the wrong shape.
    """

    key: ClassVar[str]
    label: ClassVar[str]
    latex: ClassVar[str]

    def __post_init__(self) -> None:
        """Check the fields against their knobs, but keep them as given: a third is a third, only a slider rounds it."""
        for name, described in self.knobs().items():
            described.clean(getattr(self, name), name)
            object.__setattr__(self, name, float(getattr(self, name)))

    @property
    @abstractmethod
    def l1(self) -> float:
        """Coefficient of |w|_1."""

    @property
    @abstractmethod
    def l2(self) -> float:
        """Coefficient of |w|_2^2."""

    def value(self, w: ArrayLike) -> Floats:
        """Return R(w), shape (...), of points w (..., d)."""
        at = vectors(w, "w")
        total: Floats = (self.l1 * np.abs(at) + self.l2 * at**2).sum(axis=-1)
        return total

    def gradient(self, w: ArrayLike) -> Floats:
        """Return a subgradient of R, shape (..., d): l1 sign(w) + 2 l2 w, which is 0 at 0."""
        at = vectors(w, "w")
        slope: Floats = self.l1 * np.sign(at) + 2.0 * self.l2 * at
        return slope

    def prox(self, v: ArrayLike, step: ArrayLike) -> Floats:
        """Return argmin_w 1/2 |w - v|^2 + step R(w), shape (..., d): soft threshold, then shrink.

        Parameters
        ----------
        v:
            Points, (..., d).
        step:
            A number >= 0, or an array that broadcasts to v: (..., 1) for one step a point, (..., d) for a diagonal metric.

        Notes
        -----
        Coordinate by coordinate w = sign(v) max(|v| - step l1, 0) / (1 + 2 step l2); Parikh and Boyd (2014), Proximal Algorithms, 6.5.
        """
        at, stride = vectors(v, "v"), not_negative(step, "step")
        if not _broadcasts(stride.shape, at.shape):
            raise InvalidInput(f"step of shape {stride.shape} for v of shape {at.shape}", "a number, (..., 1) or (..., d)", "Match step to v.")
        return self._shrink(at, stride)

    def project(self, v: ArrayLike, budget: ArrayLike) -> Floats:
        """Return the nearest point of {w : R(w) <= budget} to v, shape (..., d), in closed form.

        Parameters
        ----------
        v:
            Points, (..., d).
        budget:
            A number >= 0, or an array that broadcasts to v's leading axes (...).

        Notes
        -----
        The projection is prox(v, lam) at the lam that spends the budget. On a known support of the m largest |v_i|, with D = 1 + 2 lam l2,
        R(prox) = budget reads D^2 = sum (l1 + 2 l2 |v_i|)^2 / (4 l2 budget + m l1^2); written for lam itself it loses no digits as l2 -> 0,
        where it becomes Duchi et al. (2008). The support comes from the sorted |v|: i belongs to it where R at lam = |v_i| / l1 is below the budget.
        """
        at, limit = vectors(v, "v"), not_negative(budget, "budget")
        if not _broadcasts(limit.shape, at.shape[:-1]):
            allowed = f"a number, or a shape that broadcasts to {at.shape[:-1]}"
            raise InvalidInput(f"budget of shape {limit.shape} for v of shape {at.shape}", allowed, "Pass one budget a point.")
        limit = np.broadcast_to(limit, at.shape[:-1])[..., None]
        size = np.abs(at)
        outside = self.value(at)[..., None] > limit
        l1, l2 = self.l1, self.l2
        with np.errstate(divide="ignore", invalid="ignore"):
            ordered = -np.sort(-size, axis=-1)
            count = np.arange(1, at.shape[-1] + 1)
            linear, square = ordered.cumsum(axis=-1), (ordered**2).cumsum(axis=-1)
            if l1 > 0.0:
                shrink = 1.0 + 2.0 * l2 * ordered / l1
                spent = l1 * (linear - count * ordered) / shrink + l2 * (square - 2.0 * ordered * linear + count * ordered**2) / shrink**2
                support = (spent < limit).sum(axis=-1, keepdims=True)
            else:
                support = np.full(limit.shape, at.shape[-1])
            last = np.maximum(support, 1) - 1
            excess = l1 * np.take_along_axis(linear, last, -1) + l2 * np.take_along_axis(square, last, -1) - limit
            room = 4.0 * l2 * limit + support * l1**2
            lam = 2.0 * excess / (room * (1.0 + np.sqrt(1.0 + 4.0 * l2 * excess / room)))
        lam = np.where(outside & (limit > 0.0), lam, 0.0)
        return np.where(limit > 0.0, np.where(outside, self._shrink(at, lam), at), 0.0)

    def _shrink(self, v: Floats, step: Floats) -> Floats:
        # Adding 0.0 turns the -0.0 of a cut negative weight into 0.0.
        cut: Floats = np.sign(v) * np.maximum(np.abs(v) - step * self.l1, 0.0) / (1.0 + 2.0 * step * self.l2) + 0.0
        return cut


@dataclass(frozen=True)
class L1(Penalty):
    """The lasso's penalty R(w) = |w|_1; its region is a diamond with corners on the axes."""

    key: ClassVar[str] = "l1"
    label: ClassVar[str] = "L1"
    latex: ClassVar[str] = r"\|w\|_1"

    @property
    def l1(self) -> float:
        """1."""
        return 1.0

    @property
    def l2(self) -> float:
        """0."""
        return 0.0


@dataclass(frozen=True)
class L2(Penalty):
    """Ridge's penalty R(w) = |w|_2^2, with no half before it; its region is a ball of radius sqrt(budget)."""

    key: ClassVar[str] = "l2"
    label: ClassVar[str] = "L2"
    latex: ClassVar[str] = r"\|w\|_2^2"

    @property
    def l1(self) -> float:
        """0."""
        return 0.0

    @property
    def l2(self) -> float:
        """1."""
        return 1.0


@dataclass(frozen=True)
class ElasticNet(Penalty):
    """R(w) = rho |w|_1 + (1 - rho) |w|_2^2; its region is a diamond when small and a circle when large.

    Raises
    ------
    InvalidInput
        From the constructor, where rho is not a number from 0 (L2) to 1 (L1).
    """

    key: ClassVar[str] = "elastic_net"
    label: ClassVar[str] = "Elastic net"
    latex: ClassVar[str] = r"\rho\,\|w\|_1 + (1-\rho)\,\|w\|_2^2"

    rho: float = knob(
        0.5,
        "Mix",
        bounds=(0.0, 1.0),
        quantum=0.01,
        latex=r"\rho",
        key="rho",
        marks=((0.0, "L2"), (1.0, "L1")),
        help="Share of L1 in the mix: 0 is L2, 1 is L1.",
    )

    @property
    def l1(self) -> float:
        """Coefficient of |w|_1: rho."""
        return self.rho

    @property
    def l2(self) -> float:
        """Coefficient of |w|_2^2: 1 - rho."""
        return 1.0 - self.rho


PENALTIES: Mapping[str, type[Penalty]] = MappingProxyType({penalty.key: penalty for penalty in (L1, L2, ElasticNet)})


def _broadcasts(shape: tuple[int, ...], to: tuple[int, ...]) -> bool:
    try:
        return np.broadcast_shapes(shape, to) == to
    except ValueError:
        return False
