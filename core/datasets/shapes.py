"""The synthetic data without their noise: two classes in a plane, every coordinate within [-3, 3] and about as large as 1.

Each shape takes a generator and the number of points and returns inputs (n, 2) and classes (n,), those of class 0 first. The exported scripts
(`core.export`) carry the same lines, and a test holds the two together bit for bit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Classes = NDArray[np.int64]
Shape = Callable[[np.random.Generator, int], tuple[Floats, Classes]]


def halves(points: int) -> Classes:
    """Return the classes of ``points`` points, half of them 0 and then half of them 1 (one more where the number is odd)."""
    return (np.arange(points) >= points // 2).astype(np.int64)


def circles(rng: np.random.Generator, points: int) -> tuple[Floats, Classes]:
    """Draw a circle of radius 0.75 (class 0) inside one of radius 1.5 (class 1)."""
    y = halves(points)
    angle = 2 * np.pi * rng.random(points)
    radius = np.where(y == 0, 0.75, 1.5)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1), y


def xor(rng: np.random.Generator, points: int) -> tuple[Floats, Classes]:
    """Draw four squares around the origin, from 0.1 to 1.5 along each axis; in class 0 the signs of the two inputs agree, in class 1 they differ."""
    y = halves(points)
    sign = np.where(rng.random(points) < 0.5, -1.0, 1.0)
    away = 0.1 + 1.4 * rng.random((points, 2))
    return np.stack([sign * away[:, 0], np.where(y == 0, sign, -sign) * away[:, 1]], axis=1), y


def gaussians(rng: np.random.Generator, points: int) -> tuple[Floats, Classes]:
    """Draw two round clouds of standard deviation 0.5 about (-0.75, -0.75) and (0.75, 0.75), cut off at three standard deviations.

    The best line errs on 1.7 % of the points: the standard normal's tail beyond 0.75 * sqrt(2) / 0.5 = 2.12.
    """
    y = halves(points)
    cloud = 0.5 * np.clip(rng.standard_normal((points, 2)), -3.0, 3.0)
    return np.where(y == 0, -0.75, 0.75)[:, None] + cloud, y


def spiral(rng: np.random.Generator, points: int) -> tuple[Floats, Classes]:
    """Draw two arms of Archimedes' spiral, half a turn apart, 1.25 turns out to radius 2.5; the root spreads points evenly along an arm."""
    y = halves(points)
    out = np.sqrt(rng.random(points))
    angle = 2.5 * np.pi * out + np.pi * y
    return np.stack([2.5 * out * np.cos(angle), 2.5 * out * np.sin(angle)], axis=1), y


def moons(rng: np.random.Generator, points: int) -> tuple[Floats, Classes]:
    """Draw two half circles of radius 1 that reach into each other, scikit-learn's make_moons moved to have its centre at the origin."""
    y = halves(points)
    angle = np.pi * rng.random(points)
    x1 = np.where(y == 0, np.cos(angle) - 0.5, 0.5 - np.cos(angle))
    x2 = np.where(y == 0, np.sin(angle) - 0.25, 0.25 - np.sin(angle))
    return np.stack([x1, x2], axis=1), y


SHAPES: Mapping[str, Shape] = MappingProxyType({"circles": circles, "xor": xor, "gaussians": gaussians, "spiral": spiral, "moons": moons})
