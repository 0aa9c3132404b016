"""The story of the lab "Training": overfitting seen, cured and counted."""

from __future__ import annotations

from core.lessons.story import Step
from core.specs import TrainingLabSpec

STEPS = (
    Step(
        "Sixteen networks at once",
        "Press play. All sixteen learn from the same few noisy points and differ in λ alone; the first one has no penalty.",
        TrainingLabSpec(),
    ),
    Step(
        "Overfitting",
        "At the last epoch, without a penalty, the boundary winds around single points. The training loss is down, and the validation loss has "
        "turned "
        "up long ago.",
        TrainingLabSpec(epoch=400.0),
    ),
    Step(
        "A penalty holds it",
        "Drag λ: the boundary grows smoother, and the two curves come together. Somewhere in the middle the validation loss is lowest.",
        TrainingLabSpec(epoch=400.0, member=10.0),
    ),
    Step(
        "Too much of it",
        "At the largest λ the network says next to nothing. Both losses are high and equal: that is no overfitting, and no learning either.",
        TrainingLabSpec(epoch=400.0, member=15.0),
    ),
    Step(
        "Dropout does it otherwise",
        "The same data and the same network, and the sixteen differ in the dropout rate. Units that may be missing cannot agree on a single point.",
        TrainingLabSpec(axis="dropout", epoch=400.0, member=8.0),
    ),
    Step(
        "Exact zeros",
        "L1 by its prox makes weights exactly zero, so whole units fall silent. In the drawn network the missing lines are weights that are gone.",
        TrainingLabSpec(penalty="l1", data="circles", noise=0.2, points=200.0, member=8.0, epoch=400.0),
    ),
    Step(
        "A race over its own surface",
        "Seven rules train the same network from the same start. Their paths are drawn over a plane of the network's own loss, with the "
        "distance that "
        "the picture hides below.",
        TrainingLabSpec(axis="rule", lam=0.001, lr=0.0316, epochs=200.0, data="circles", noise=0.2, member=5.0, epoch=200.0),
    ),
)
