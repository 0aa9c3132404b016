"""What the charts of two settings share: where a value stands on an axis, its ticks, and the axes of the scrubs."""

from __future__ import annotations

from typing import Any

import numpy as np

from core._validate import Floats
from core.figures.scene import FamilyAxis
from core.figures.template import axis
from core.right_mix.maps import AXES, MapResult
from core.right_mix.settings import SETTINGS

SCRUBS = {"lam_p": ("lam", "p"), "rate_lam": ("rate", "lam2")}
"""Map -> the family axes of the settings across and upwards."""
TITLES = {"lam": "λ, weight of the penalty", "dropout": "p, probability of dropping", "lr": "learning rate η"}
_DRAG = {"lam": "Drag λ", "dropout": "Drag p", "lr": "Drag the learning rate"}


def positions(key: str, values: Floats) -> Floats:
    """Return where the values of a setting stand: logarithms, an exact 0 one step below the lowest of the others; a dropout rate as it is."""
    if key == "dropout":
        return values
    above = np.log10(values[values > 0.0])
    step = (above[-1] - above[0]) / (len(above) - 1)
    return np.concatenate([[above[0] - 1.5 * step], above]) if values[0] == 0.0 else above


def span(key: str, values: Floats) -> tuple[float, float]:
    """Return the window of an axis: half a cell beyond its ends."""
    at = positions(key, values)
    return float(at[0] - (at[1] - at[0]) / 2), float(at[-1] + (at[-1] - at[-2]) / 2)


def setting_axis(key: str, values: Floats, title: str = "", **options: Any) -> dict[str, Any]:  # noqa: ANN401 - plotly's own
    """Return the axis of a setting, under its own title or another one."""
    if key == "dropout":
        return axis(title or TITLES[key], **({"range": list(span(key, values)), "zeroline": False} | options))
    at = positions(key, values)
    low, high = int(np.ceil(np.log10(values[values > 0.0][0]) - 1e-9)), int(np.floor(at[-1] + 1e-9))
    ticks = [float(power) for power in range(low, high + 1)]
    words = [_power(int(power)) for power in ticks]
    if values[0] == 0.0:
        ticks, words = [float(at[0]), *ticks], ["0", *words]
    return axis(title or TITLES[key], **({"range": list(span(key, values)), "tickvals": ticks, "ticktext": words, "zeroline": False} | options))


def _power(power: int) -> str:
    return f"{10.0**power:g}" if -3 <= power <= 2 else f"10<sup>{power}</sup>".replace("-", "−")


def scrub_axes(result: MapResult) -> tuple[FamilyAxis, FamilyAxis]:
    """Return the axes of a map, with the best cell as a mark."""
    found = []
    best = result.best[::-1] if result.some else (0, 0)
    for name, key, values, at in zip(SCRUBS[result.study.kind], AXES[result.study.kind], (result.x, result.y), best, strict=True):
        marks = {0: "none"} if values[0] == 0.0 else {}
        marks[at] = "best"
        found.append(FamilyAxis(name, values, _DRAG[key], f"{SETTINGS[key].symbol} =", marks=tuple(sorted(marks.items()))))
    return found[0], found[1]


def cell_at(result: MapResult, x: float, y: float) -> tuple[float, float]:
    """Return the values of the cell nearest to a point of the chart."""
    across, upwards = AXES[result.study.kind]
    column = int(np.abs(positions(across, result.x) - x).argmin())
    row = int(np.abs(positions(upwards, result.y) - y).argmin())
    return float(result.x[column]), float(result.y[row])
