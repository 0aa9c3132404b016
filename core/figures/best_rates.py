"""Figure: the learning rate that serves each lambda best. In: DecayMaps. Out: a line a rule over lambda, and the text book's for plain descent."""

from __future__ import annotations

import numpy as np

from core.adam_and_adamw_words import LABELS, rate_sentences
from core.decay_maps import FINE, DecayMaps
from core.figures.palette import PALETTE
from core.figures.paths import HEADS
from core.figures.scene import Mark, Scene
from core.figures.template import axis, canvas


def best_rates(maps: DecayMaps) -> Scene:
    """Return the best rates as a scene over the axis "lam"."""
    marks = [Mark("cursor", maps.lam, "muted", "lambda", axes=("lam",), width=1.4)]
    book = np.clip(maps.text_book, FINE[0], FINE[-1])
    marks.append(Mark("path", book, "muted", "text book", axes=(), width=5.0, dash="dot", abscissa=maps.lam))
    for key, label in LABELS.items():
        rates = maps.best_rates[key]
        look = {"width": 2.2, "dash": PALETTE[key].dash, "ghost": 0.4, "head": HEADS[key], "size": 6.0}
        marks.append(Mark("path", rates, key, label, axes=(), until="lam", abscissa=maps.lam, text=label, **look))
    every = np.concatenate([book, *maps.best_rates.values()])
    figure = canvas(
        xaxis=axis("λ = weight_decay / 2", range=[0, 1.04 * float(maps.lam[-1])]),
        yaxis=axis(
            "best learning rate",
            type="log",
            range=[float(np.log10(every.min())) - 0.2, float(np.log10(every.max())) + 0.3],
            exponentformat="power",
            dtick=1,
        ),
    )
    alt = "The best learning rate of each rule over lambda; a broad dotted line is 2 over the sum of both curvatures and 4 lambda."
    table = {"lambda": maps.lam, "text_book": book, **{key: maps.best_rates[key] for key in LABELS}}
    return Scene(figure, alt, tuple(marks), captions=tuple(rate_sentences(maps)), caption_axes=("lam",), table=table, aspect=0.62)
