"""The story of the lab "Diamond and circle": why a corner makes a weight zero and a circle almost never does."""

from __future__ import annotations

from core.lessons.story import Step
from core.specs import DiamondCircleSpec

STEPS = (
    Step(
        "The loss alone",
        "The ellipses are lines of equal loss around the best pair of weights, and nothing holds the weights back yet. The fence lies around the "
        "minimum, so the solution is the minimum.",
        DiamondCircleSpec(lam=0.0),
    ),
    Step(
        "A fence that touches",
        "A penalty allows less, so the diamond shrinks, and the solution moves to where the smallest ellipse still meets it. It stands on a "
        "side: both "
        "weights are smaller, and neither is zero.",
        DiamondCircleSpec(lam=0.25),
    ),
    Step(
        "Caught by the corner",
        "Shrink further and the ellipse meets the diamond at a corner, where one weight is exactly zero. A corner catches many slopes, so the "
        "solution "
        "stays there for a whole stretch of λ.",
        DiamondCircleSpec(lam=1.2),
    ),
    Step(
        "A circle has no corners",
        "The same loss under L2. The circle has one slope at each of its points, so a weight of exactly zero would need the ellipse to meet it "
        "just on "
        "an axis.",
        DiamondCircleSpec(penalty="l2", lam=1.2),
    ),
    Step(
        "Which minima lose a weight",
        "Ask it of every possible minimum at once: the coloured strips are those whose solution has a zero weight. Under L1 they are wide bands "
        "along "
        "the axes; under L2 they are lines.",
        DiamondCircleSpec(penalty="l1", condition=1.0, tilt=0.0, centre1=2.6, centre2=1.1, lam=1.0),
    ),
    Step(
        "Zero is not the end",
        "In a tilted ravine a weight under L2 can pass through zero and go on to the other side. So a weight may be zero for one λ under L2, "
        "but it does "
        "not stay.",
        DiamondCircleSpec(penalty="l2", tilt=-35.0, condition=11.2, curvature=2.5, centre1=0.5, centre2=-1.0, spacing="log", lam=0.5),
    ),
    Step(
        "Both at once",
        "The elastic net adds the two, and its region is a diamond with rounded sides. It keeps the corners, so it still makes zeros, and its "
        "sides bend "
        "as the circle does, so it still shares.",
        DiamondCircleSpec(penalty="elastic_net", lam=0.8, overlay=True),
    ),
)
