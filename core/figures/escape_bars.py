"""Figure: how often noise carries each rule away. In: a Crowd. Out: a bar a rule, with its 95 % interval."""

from __future__ import annotations

from core.figures.palette import colour
from core.figures.scene import Scene
from core.figures.template import axis, canvas
from core.optimizers import RULES
from core.race import Crowd
from core.race_words import escape_sentence


def escape_bars(crowd: Crowd) -> Scene:
    """Return the shares of runs that left as a scene."""
    keys = list(crowd.counts)
    found = [crowd.counts[key] for key in keys]
    bars = {
        "type": "bar",
        "orientation": "h",
        "y": [f"{RULES[key].label}  {100 * each.share:.1f} %" for key, each in zip(keys, found, strict=True)],
        "x": [100 * each.share for each in found],
        "marker": {"color": [colour(key) for key in keys]},
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": [100 * (each.high - each.share) for each in found],
            "arrayminus": [100 * (each.share - each.low) for each in found],
            "color": colour("muted"),
            "thickness": 1.6,
        },
        "hovertemplate": "%{y}: %{x:.1f} % left<extra></extra>",
    }
    figure = canvas(
        bars, xaxis=axis("runs that left, %", range=[0, 103]), yaxis=axis("", autorange="reversed"), margin={"l": 132, "r": 30, "t": 12, "b": 46}
    )
    alt = "The share of 500 noisy runs of each rule that left where they started, with 95 % intervals."
    return Scene(figure, alt, captions=(escape_sentence(crowd),), caption_axes=(), aspect=max(0.28, 0.1 + 0.07 * len(keys)))
