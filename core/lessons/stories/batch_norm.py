"""The story of the lab "Batch norm": with and without it from equal seeds."""

from __future__ import annotations

from core.lessons.story import Step
from core.specs import BatchNormSpec

STEPS = (
    Step(
        "A rate that fails",
        "Deep networks at many rates, from equal seeds, with batch norm and without. At this rate most of those without it do not train any more.",
        BatchNormSpec(),
    ),
    Step(
        "A rate that both can take",
        "At a lower rate both train. What batch norm buys is room: rates at which the other network diverges or stands still.",
        BatchNormSpec(at_rate=0.1),
    ),
    Step(
        "What a batch does to a unit",
        "In the section on one unit: each batch's own mean and deviation are taken out of the unit's sums. With small batches those two are "
        "noisy, so "
        "the same point gives another number in another batch.",
        BatchNormSpec(size=2.0, at_rate=0.1),
    ),
    Step(
        "A worse start costs less",
        "The map has rates across and scales of the initial weights upwards. With batch norm the region that trains is wider in both directions, "
        "since the length of the weights does not count.",
        BatchNormSpec(map_rate=0.5, map_scale=3.16),
    ),
    Step(
        "The length does not count",
        "Multiply the weights before a norm by c: the loss stays, the gradient is divided by c, the curvature by its square. So curvature says "
        "nothing here unless the length is fixed.",
        BatchNormSpec(c=10.0),
    ),
    Step(
        "So decay is a rate",
        "Weight decay shortens weights whose length does not count. The same step then turns them farther: decay raises the effective rate, and with "
        "it the raw sharpness.",
        BatchNormSpec(lam=0.008, at_rate=0.5),
    ),
    Step(
        "With dropout, order matters",
        "Dropout before a norm makes the variance of training another one than that of use, and the norm's running statistics are wrong for it. The "
        "chart of the shift compares the orders.",
        BatchNormSpec(p=0.5, at_rate=0.5),
    ),
)
