"""What all figures of this lab share: the two networks' looks, and lines of a median over seeds among the lines of each."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from core._validate import Floats
from core.batch_norm.common import NORMED, PLAIN
from core.batch_norm.words import NAMES
from core.figures.scene import Mark
from core.figures.template import axis

INKS = ("loss", "batch_norm")
DASHES = ("dash", "solid")
TAGS = ("without", "batch norm")
"""Short names, for the ends of lines."""
HEADS: tuple[Literal["ring"], Literal["diamond"]] = ("ring", "diamond")
BOTH = (PLAIN, NORMED)


def bounded(values: Floats, low: float, high: float) -> Floats:
    """Return values brought between the ends of a picture; what has diverged leaves it at the top."""
    found: Floats = np.clip(np.where(np.isfinite(values), values, high), low, high)
    return found


def median(values: Floats, along: int) -> Floats:
    """Return the median over seeds; infinite values count, so that a majority of diverged networks is one."""
    found: Floats = np.median(np.where(np.isnan(values), np.inf, values), axis=along)
    return found


def seeds(values: Floats, abscissa: Floats, which: int, axes: tuple[str, ...], width: float = 1.0) -> list[Mark]:
    """Return a thin line for each seed, values (..., s, m)."""
    return [
        Mark("path", values[..., i, :], INKS[which], f"{NAMES[which]}, seed {i}", axes=axes, width=width, dash=DASHES[which], abscissa=abscissa)
        for i in range(values.shape[-2])
    ]


def middle(values: Floats, abscissa: Floats, which: int, axes: tuple[str, ...], **look: Any) -> Mark:  # noqa: ANN401 - a mark's own fields
    """Return the thick line of the median (..., m), with its name."""
    shown: dict[str, Any] = {"width": 2.8, "dash": DASHES[which], "text": TAGS[which], "side": "free"} | look
    return Mark("path", values, INKS[which], f"{NAMES[which]}, median", axes=axes, abscissa=abscissa, **shown)


def log_axis(title: str, low: float, high: float, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - plotly's own
    """Return a logarithmic axis from low to high."""
    return axis(title, type="log", range=[float(np.log10(low)), float(np.log10(high))], exponentformat="power", dtick=1, **more)
