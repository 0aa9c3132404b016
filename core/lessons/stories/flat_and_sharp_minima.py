"""The story of the lab "Flat and sharp minima": how sharp minima are, by which measure, and whether that says how they generalise."""

from __future__ import annotations

from core.lessons.story import Step
from core.specs import FlatAndSharpSpec

STEPS = (
    Step(
        "Does flat mean good?",
        "More than a hundred networks, each a point: how sharp its minimum is, and how far validation lies above training. At the end of training "
        "some of them have got much farther than others.",
        FlatAndSharpSpec(),
    ),
    Step(
        "Compare what is comparable",
        "A loss that goes on falling flattens everything by itself. At a common training loss the networks are compared where they fit the data "
        "equally well, and the correlation is another one.",
        FlatAndSharpSpec(level=5.0),
    ),
    Step(
        "Other points, other answer",
        "The same networks on another draw of the data. A rank correlation that changes with the draw is no law.",
        FlatAndSharpSpec(draw=1.0, level=5.0),
    ),
    Step(
        "Which sharpness?",
        "Filter-normalised curvature measures a step in units of the weights themselves. The order of the networks changes with the measure.",
        FlatAndSharpSpec(measure="filter", level=5.0),
    ),
    Step(
        "What L2 does at a point",
        "Penalise the weights and look at the very same point: eigenvalues move up by between nothing and 2λ, since biases are left alone. At "
        "the new "
        "minimum the loss's own curvature is another one too.",
        FlatAndSharpSpec(lam=0.01),
    ),
    Step(
        "The same function, sharper",
        "One ReLU layer is scaled up and the next one down. Every output stays as it is, and the largest eigenvalue is many times what it was.",
        FlatAndSharpSpec(factor=7.08),
    ),
    Step(
        "Two minima, one valley",
        "The straight line between two minima shows whether a wall stands between them. Two starts with the same λ need not end in the same valley.",
        FlatAndSharpSpec(lam=5.5e-3, pair="seed", kind="hessian"),
    ),
)
