"""The story of the lab "Smoothing and curvature": a penalty bends the surface, and what that is good for."""

from __future__ import annotations

from core.lessons.story import Step
from core.specs import SmoothingSpec

STEPS = (
    Step(
        "Many minima",
        "A bowl with bumps: every dent that you see on the left is a local minimum, and descent rests in whichever it meets. The point that is "
        "looked "
        "at is the sharpest of them.",
        SmoothingSpec(),
    ),
    Step(
        "They vanish one by one",
        "λ grows, the bowl of the penalty is added to the surface, and dents stop being minima where its slope wins. The chart of the minima follows "
        "each of them to its end.",
        SmoothingSpec(lam=1.0),
    ),
    Step(
        "Not the sharpest first",
        "Two basins of equal depth, equally far from the origin, one narrow and one wide. It is the wide one that vanishes first: its walls are less "
        "steep, so the same push is enough.",
        SmoothingSpec(surface="two_basins", lam=0.2),
    ),
    Step(
        "Both eigenvalues slide alike",
        "At one point the penalty adds the same amount, 2λ, to every eigenvalue of the Hessian. At a saddle one of them is negative, so there the "
        "first thing λ does is to make a bowl.",
        SmoothingSpec(surface="saddle", point1=0.0, point2=0.0, lam=0.5),
    ),
    Step(
        "A ravine becomes rounder",
        "Where both eigenvalues are positive, adding the same to both brings their ratio down. A rounder bowl lets descent shrink every direction at "
        "nearly one pace.",
        SmoothingSpec(surface="rotated_ravine", condition=100.0, share=0.95, lam=0.1),
    ),
    Step(
        "The price is the rate",
        "In the gradient the penalty adds to the steepest curvature as well, so the largest stable rate falls. Taken by its prox the same penalty "
        "lets the rate rise.",
        SmoothingSpec(surface="ravine", treatment="proximal", share=1.0, lam=0.1),
    ),
    Step(
        "L1 bends nothing",
        "L1 is straight on either side of its crease: no eigenvalue moves, the surface tilts towards the axes. What vanishes here vanishes by being "
        "tilted, and minima come to stand on an axis.",
        SmoothingSpec(surface="six_hump_camel", penalty="l1", treatment="proximal", lam=0.5),
    ),
)
