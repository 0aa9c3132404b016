"""The story of the lab "Step by step": descent in numbers that can be checked by hand."""

from __future__ import annotations

from core.lessons.story import Step
from core.specs import StepByStepSpec

STEPS = (
    Step(
        "Two weights, one slope",
        "Both weights feel the same slope in every step, and each rule of the table subtracts the same from both. What differs between the rows is "
        "what the penalty takes on top.",
        StepByStepSpec(step=1.0),
    ),
    Step(
        "L1 takes the same, L2 takes a share",
        "L1 takes as much from the small weight as from the large one. L2 takes in proportion, so from the small weight it takes hardly anything.",
        StepByStepSpec(step=3.0),
    ),
    Step(
        "The course's zero is a clip",
        "In the last row L1's small weight is zero because the rule cuts it off there. A plain subgradient step would have crossed to the other "
        "side.",
        StepByStepSpec(step=5.0),
    ),
    Step(
        "Nothing holds it there",
        "Take more steps: the loss pulls harder than L1 can hold, so the weight leaves zero at once, on the other side. A zero that lasts needs a "
        "slope that is no larger than λ.",
        StepByStepSpec(steps=9.0, step=7.0),
    ),
    Step(
        "Multiply or subtract",
        "Without any data, L2 multiplies a weight by the same factor again and again, and L1 subtracts the same amount. On the logarithmic axis one "
        "is a straight line, on the plain axis the other.",
        StepByStepSpec(story="alone", step=1.0),
    ),
    Step(
        "Large and small change places",
        "With L1 the small weight is gone long before the large one. With L2 both need the same number of steps for the same share, and neither ever "
        "arrives.",
        StepByStepSpec(story="alone", step=100.0),
    ),
    Step(
        "Three ways at zero",
        "One weight, pulled close to zero: the subgradient's step jumps over it again and again, and the prox puts the weight on it exactly. The "
        "clamp does so too, and forgets to let go.",
        StepByStepSpec(story="zero", step=20.0),
    ),
    Step(
        "A weight that comes back",
        "Now the loss wants the weight elsewhere. The proximal weight leaves zero as soon as the slope is larger than λ; the clamped one is dead for "
        "good.",
        StepByStepSpec(story="zero", step=58.0),
    ),
)
