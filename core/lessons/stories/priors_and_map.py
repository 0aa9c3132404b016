"""The story of the lab "Priors and MAP": a penalty is a belief, and the penalised minimum its most probable weight."""

from __future__ import annotations

from core.lessons.story import Step
from core.specs import PriorsSpec

STEPS = (
    Step(
        "A belief before any data",
        "No points yet: what is believed of the slope is the prior alone. Minus its logarithm, on the right, is the penalty.",
        PriorsSpec(points="none", scale=1.0),
    ),
    Step(
        "One point",
        "A point on the left multiplies the prior by its likelihood. The posterior lies between the two, and its highest place is the minimum "
        "of loss "
        "plus penalty.",
        PriorsSpec(points="1,1.5", scale=1.0),
    ),
    Step(
        "A Gaussian prior is L2",
        "Under a Gaussian prior the most probable slope is ridge's, smaller than least squares and not zero. The readouts give both, found in two "
        "ways that share nothing.",
        PriorsSpec(prior="gaussian"),
    ),
    Step(
        "A Laplace prior is L1",
        "The Laplace prior has a crease at zero, and these few points do not pull hard enough to leave it. The most probable slope is exactly zero.",
        PriorsSpec(),
    ),
    Step(
        "The mode is zero, the mean is not",
        "A posterior is more than its highest place. The mean weighs both sides of the crease, and the samples are never exactly zero.",
        PriorsSpec(scale=0.15, eps=0.0501),
    ),
    Step(
        "Belief loses to data",
        "With plenty of points the likelihood is narrow, and any prior of a sensible width says little against it. λ falls as the number of points "
        "rises.",
        PriorsSpec(
            scale=1.0,
            sigma=0.4,
            points="-2.8,-1.9;-2.5,-2.3;-2.1,-1.2;-1.8,-1.6;-1.4,-1.2;-1.1,-0.4;-0.7,-0.9;-0.4,0.1;0.2,0.3;0.5,0;0.9,1;1.3,0.6;1.6,1.6;2,1.2;2.4,2.1;2.8,1.9",
        ),
    ),
    Step(
        "When the data cannot decide",
        "All points stand at one x, so intercept and slope can trade with each other along a line. The prior decides: the circle shares between "
        "them, "
        "the diamond goes to a corner.",
        PriorsSpec(points="1.5,0.9;1.5,1.6;1.5,1.1;1.5,2", scale=1.0, sigma=0.4),
    ),
)
