"""The story of the lab "Adam and AdamW": one weight decay, three rules, three ends."""

from __future__ import annotations

from core.lessons.story import Step
from core.specs import AdamAndAdamWSpec

STEPS = (
    Step(
        "Three rules set out",
        "SGD, Adam and AdamW start from one point with the same weight_decay. Adam and AdamW part in the very first step: both move by their rate, "
        "and AdamW takes a share of each weight besides.",
        AdamAndAdamWSpec(step=5.0),
    ),
    Step(
        "Two of them meet",
        "At the end SGD and Adam stand on the ridge point, the minimum of L + λ|w|². AdamW, with the very same number, stands somewhere else.",
        AdamAndAdamWSpec(step=2000.0),
    ),
    Step(
        "AdamW's end is a box",
        "AdamW moves each weight by about its rate and takes a share of the weight away, so a weight rests where the two are equal: |w| = "
        "1/weight_decay. It minimises the loss over that box; the circle is the false picture.",
        AdamAndAdamWSpec(sgd=False, circle=True, step=2000.0),
    ),
    Step(
        "More decay, smaller box",
        "With more decay the box tightens around the origin, and AdamW's end slides along its wall. The ridge point shrinks in another direction.",
        AdamAndAdamWSpec(step=2000.0, lam=0.4),
    ),
    Step(
        "Noise rounds the box",
        "With strong gradient noise the square root in Adam's step is nearly constant, and AdamW's decay acts as a penalty again. It ends near the "
        "ridge point of another λ, which grows with the noise.",
        AdamAndAdamWSpec(noise=8.0, sgd_rate=0.01, adam_rate=0.0501, steps=4000.0, step=4000.0, lam=0.02),
    ),
    Step(
        "Without data",
        "Only the decay moves the weights now. Adam divides it by its own size and takes the same from every weight; AdamW and SGD take a share.",
        AdamAndAdamWSpec(surface="none", steps=500.0, step=20.0),
    ),
    Step(
        "Rate and decay together",
        "The maps show the loss on unseen patients over rate and decay. For SGD and Adam the two hang together otherwise than for AdamW: see where "
        "the valley lies.",
        AdamAndAdamWSpec(surface="diabetes", lam=0.5, step=200.0),
    ),
)
