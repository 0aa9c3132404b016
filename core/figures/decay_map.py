"""Figure: the end of one rule over weight_decay x rate. In: DecayMaps. Out: the map, the best rate of each decay, the best cell, the page's own."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.adam_and_adamw_words import LABELS, map_sentence
from core.decay_maps import DecayMaps
from core.figures.palette import PALETTE, colour
from core.figures.scene import Mark, Scene
from core.figures.template import axis, canvas

Floats = NDArray[np.float64]
_LOW, _HIGH = -3.0, 0.3  # logarithms of the shares between which a tint can run: a thousandth of what the start had to lose, and twice of it
_LINE = 0.3  # between lines: a factor of two
_HOVER = 1e6


def decay_map(maps: DecayMaps, key: str, decay: Floats, rate: float) -> Scene:
    """Return a rule's map as a scene over the axis "lam".

    Parameters
    ----------
    maps:
        The maps.
    key:
        The rule.
    decay, rate:
        The page's family of decays, (k,), and the rule's rate there.
    """
    found, decays, rates = maps.maps[key], maps.decays, maps.rates
    # One scale for all rules, from the best end of any.
    least = min(float(each.excess.min()) for each in maps.maps.values())
    low = float(np.clip(_LINE * np.floor(np.log10(max(least, 1e-300)) / _LINE), _LOW, _HIGH - 4 * _LINE))
    height = np.log10(np.clip(found.excess, 10.0**low, 10.0**_HIGH))
    tint: dict[str, Any] = {
        "type": "contour",
        "x": decays,
        "y": rates,
        "z": height.T,
        "customdata": 100.0 * np.minimum(found.excess, _HOVER).T,
        "zmin": low,
        "zmax": _HIGH,
        "colorscale": [[0, colour("paper")], [1, colour("muted")]],
        "contours": {"coloring": "heatmap", "start": low + _LINE, "end": _HIGH - _LINE, "size": _LINE},
        "line": {"color": colour("axis"), "width": 0.7},
        "colorbar": {
            "thickness": 9,
            "outlinewidth": 0,
            "tickvals": [-3, -2, -1, 0],
            "ticktext": ["0.1 %", "1 %", "10 %", "100 %"],
            "tickfont": {"size": 11},
            "xpad": 4,
        },
        "hovertemplate": "weight_decay %{x:.3g}, rate %{y:.3g}<br>left %{customdata:.3g} %<extra></extra>",
    }
    figure = canvas(
        tint,
        xaxis=axis("weight_decay = 2λ", type="log", range=_ends(decays), exponentformat="power", dtick=1),
        yaxis=axis("learning rate", type="log", range=_ends(rates), exponentformat="power", dtick=1),
        margin={"l": 48, "r": 4, "t": 8, "b": 46},
    )
    here = np.stack([np.clip(decay, decays[0], decays[-1]), np.full(len(decay), np.clip(rate, rates[0], rates[-1]))], axis=1)
    marks = [
        Mark("segments", _lost(found.excess, decays, rates), "paper", "diverged", axes=(), width=1.0),
        Mark("path", found.best_rate, key, "best rate of each decay", axes=(), width=2.4, dash=PALETTE[key].dash, abscissa=decays),
        Mark("point", np.array(found.best), key, "best", axes=(), symbol="star", size=6),
        Mark("point", here, "loss", "here", axes=("lam",), symbol="ring", size=7, text="here", side="right"),
    ]
    alt = (
        f"Map of the loss that {LABELS[key]} ends at, over weight_decay and learning rate on logarithmic axes, light where it ends well, "
        "hatched where it diverged; a line follows the best rate of each decay."
    )
    table = {"weight_decay": decays, "best_rate": found.best_rate}
    return Scene(figure, alt, tuple(marks), captions=(map_sentence(maps, key),), table=table, caption_axes=(), aspect=0.92)


def _ends(ticks: Floats) -> list[float]:
    return [float(np.log10(ticks[0])), float(np.log10(ticks[-1]))]


def _lost(excess: Floats, decays: Floats, rates: Floats) -> Floats:
    """Return a line (2 m, 2) across every run of diverged rates, decay by decay: a hatch. One without length stands for none."""
    ends = []
    for decay, row in zip(decays.tolist(), ~np.isfinite(excess), strict=True):
        edges = np.flatnonzero(np.diff(np.concatenate([[0], row.astype(np.int8), [0]])))
        for first, last in zip(edges[::2], edges[1::2] - 1, strict=True):
            ends += [(decay, float(rates[first])), (decay, float(rates[last]))]
    return np.array(ends) if ends else np.array([(decays[0], rates[0])] * 2)
