"""The story of the lab "Dropout": a new network for every batch, and what its noise is good for."""

from __future__ import annotations

from core.lessons.story import Step
from core.specs import DropoutSpec

STEPS = (
    Step(
        "Who lives",
        "A batch begins: each hidden unit is dropped with probability p, and the ones that are left make a network of their own. The inputs are "
        "about "
        "to flow through it.",
        DropoutSpec(stage=0.0),
    ),
    Step(
        "Forward through the living",
        "What survives is divided by 1 − p, so that the next layer receives as much as usual on average. A dropped unit says nothing at all.",
        DropoutSpec(stage=3.0),
    ),
    Step(
        "Back through the living",
        "Errors flow back along the same connections. A connection with a dropped unit at either end has a gradient of exactly zero and rests "
        "in this "
        "batch.",
        DropoutSpec(),
    ),
    Step(
        "A layer without units",
        "With a large p it can happen that a whole layer is dropped. Then nothing of the inputs arrives at the outputs, no error comes back past the "
        "gap, and only what lies behind it still learns.",
        DropoutSpec(p=0.75, batch=6.0),
    ),
    Step(
        "A mask for each row",
        "Libraries draw a mask for every row of a batch. A unit that is out for one flower lives for another, so most connections learn something in "
        "each batch.",
        DropoutSpec(masks="row"),
    ),
    Step(
        "One network stands for all",
        "Small ensembles are enumerated below: every thinned network, their true average, and the one network with scaled weights that stands in for "
        "it. For linear networks the two are the same, for others nearly.",
        DropoutSpec(ensemble=10.0, kind="two", p=0.5),
    ),
    Step(
        "On least squares it is ridge",
        "Averaged over its masks, dropout on a regression is a ridge penalty whose strength follows each column's own size. The table gives the "
        "equivalent, and all masks are enumerated to prove it.",
        DropoutSpec(p=0.5, columns=5.0, scaled=True),
    ),
)
