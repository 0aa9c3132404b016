"""Figure: how much of each weight the decay takes in a step. In: an AdamAndAdamW. Out: a line a weight over the steps, over rate x weight_decay."""

from __future__ import annotations

import numpy as np

from core.adam_and_adamw import AdamAndAdamW
from core.adam_and_adamw_words import decay_sentences
from core.figures.palette import PALETTE
from core.figures.scene import Mark, Scene
from core.figures.template import axis, canvas

LOWEST, HIGHEST = 1e-6, 1e6
_BEFORE = 0.8  # where the start stands on the logarithmic axis of steps


def effective_decay(result: AdamAndAdamW) -> Scene:
    """Return the effective decay as a scene over the axes "lam" and "step".

    In units of rate x weight_decay, so that plain descent and AdamW stand at 1 for every weight and every lambda, and Adam's two lines show what its
    moments make of it.
    """
    steps = np.maximum(result.kept.astype(np.float64), _BEFORE)
    taken = np.clip(result.runs["adam"].metric, LOWEST, HIGHEST)
    even = np.ones(2)
    marks = [
        Mark("cursor", steps, "muted", "step", axes=("step",), width=1.4),
        Mark("path", even, "adamw", "SGD + L2 and AdamW", axes=(), width=2.2, dash=PALETTE["adamw"].dash, abscissa=steps[[0, -1]]),
        Mark("text", np.array([np.sqrt(steps[0] * steps[-1]), 1.0]), "adamw", "even", axes=(), text="SGD + L2, AdamW: both weights", side="above"),
    ]
    for i, (ink, head) in enumerate((("w1", "circle"), ("w2", "diamond"))):
        name = f"Adam, {'w₁' if i == 0 else 'w₂'}"
        marks.append(
            Mark(
                "path",
                taken[:, :, i],
                ink,
                name,
                axes=("lam",),
                until="step",
                ghost=0.35,
                head=head,  # type: ignore[arg-type]  # one of the symbols
                width=2.4,
                dash=PALETTE[ink].dash,
                size=5.0,
                text=name,
                abscissa=steps,
            )
        )
    low, high = float(np.log10(min(taken.min(), 0.5))), float(np.log10(max(taken.max(), 2.0)))
    figure = canvas(
        xaxis=axis("step", type="log", range=[-0.15, float(np.log10(steps[-1])) + 0.45], dtick=1),
        yaxis=axis("decay / (rate · wd)", type="log", range=[low - 0.15, high + 0.2], exponentformat="power", dtick=1),
    )
    alt = "The share of each weight that the decay takes in a step, over rate times weight_decay: 1 for SGD and AdamW, one line a weight for Adam."
    return Scene(figure, alt, tuple(marks), captions=tuple(decay_sentences(result)), caption_axes=("lam",), aspect=0.62)
