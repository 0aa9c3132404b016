"""A small picture as SVG: lines, areas and dots in data coordinates, and a dot that runs along a line while a hand or the focus is on it."""

from __future__ import annotations

from html import escape
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

WIDTH, HEIGHT, MARGIN = 168.0, 104.0, 7.0
_DASHES = ("", "5 3", "1.5 3", "6 3 1.5 3")


class Sketch:
    """Draw into a window of data coordinates.

    Parameters
    ----------
    alt:
        What it shows, in a sentence.
    x, y:
        (low, high) of the two axes.
    equal:
        Whether both axes have equal units; the window is then widened.
    """

    def __init__(self, alt: str, x: tuple[float, float], y: tuple[float, float], equal: bool = False) -> None:
        self._alt = alt
        (x0, x1), (y0, y1) = x, y
        scale = np.array([(WIDTH - 2 * MARGIN) / (x1 - x0), (HEIGHT - 2 * MARGIN) / (y1 - y0)])
        if equal:
            scale[:] = scale.min()
        self._scale, self._middle = scale, np.array([(x0 + x1) / 2, (y0 + y1) / 2])
        self._parts: list[str] = []

    def line(self, points: ArrayLike, ink: str, width: float = 1.8, dash: int = 0, closed: bool = False, fill: float = 0.0) -> Sketch:
        """Draw a line (m, 2), closed and filled where asked for."""
        dashed = f' stroke-dasharray="{_DASHES[dash]}"' if dash else ""
        filled = (
            f'style="fill:var(--law-{ink});fill-opacity:{fill:g};stroke:var(--law-{ink})"' if fill else f'style="fill:none;stroke:var(--law-{ink})"'
        )
        self._parts.append(f'<path d="{self._way(points)}{"Z" if closed else ""}" {filled} stroke-width="{width:g}"{dashed}/>')
        return self

    def dots(self, points: ArrayLike, ink: str, size: float = 2.2, hollow: bool = False) -> Sketch:
        """Draw dots (m, 2)."""
        style = f"fill:none;stroke:var(--law-{ink})" if hollow else f"fill:var(--law-{ink})"
        self._parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size:g}" style="{style}"/>' for x, y in self._at(points)]
        return self

    def cells(self, points: ArrayLike, inks: list[str], size: float, shares: ArrayLike | None = None) -> Sketch:
        """Draw squares (m, 2), each with an ink of its own, more or less opaque."""
        opaque = np.ones(len(inks)) if shares is None else np.asarray(shares, dtype=float)
        self._parts += [
            f'<rect x="{x - size / 2:.1f}" y="{y - size / 2:.1f}" width="{size:g}" height="{size:g}" '
            f'style="fill:var(--law-{ink});fill-opacity:{share:.2f}"/>'
            for (x, y), ink, share in zip(self._at(points), inks, opaque, strict=True)
        ]
        return self

    def runner(self, points: ArrayLike, ink: str) -> Sketch:
        """Draw a dot at the end of a line (m, 2); it runs along the line while the picture is looked at."""
        way = self._way(points)
        self._parts.append(
            f'<circle class="lab-runner" r="4" style="fill:var(--law-{ink});offset-path:path(\'{way}\');stroke:var(--law-paper);stroke-width:1.2"/>'
        )
        return self

    def svg(self) -> str:
        """Return the picture."""
        return (
            f'<svg class="lab-miniature" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" role="img" aria-label="{escape(self._alt)}" '
            f'preserveAspectRatio="xMidYMid meet">{"".join(self._parts)}</svg>'
        )

    def _at(self, points: ArrayLike) -> NDArray[Any]:
        given = np.asarray(points, dtype=float).reshape(-1, 2)
        given = given[np.isfinite(given).all(axis=1)]
        placed = (given - self._middle) * self._scale * np.array([1.0, -1.0]) + np.array([WIDTH, HEIGHT]) / 2
        # Nothing far outside: a line to there would be cut by the frame anyway.
        clipped: NDArray[Any] = np.clip(placed, -200.0, 400.0)
        return clipped

    def _way(self, points: ArrayLike) -> str:
        return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in self._at(points))
