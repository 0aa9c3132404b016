"""The story of the lab "Optimizer race": eight update rules from one start, and what a penalty changes."""

from __future__ import annotations

from core.lessons.story import Step
from core.specs import RaceSpec

STEPS = (
    Step(
        "A narrow valley",
        "All rules start from one point, each at the rate that serves it best, with the same number of gradients. Press play: into the valley is "
        "easy, along it is the race.",
        RaceSpec(),
    ),
    Step(
        "At the end of the valley",
        "After all gradients the rules stand at different places of the same valley. The curves on the right say how far it still is.",
        RaceSpec(step=200.0),
    ),
    Step(
        "The penalty moves the goal",
        "With L2 the lowest point of L + λR is nearer to the origin, and the valley has a steeper floor. Every rule runs to the new goal.",
        RaceSpec(lam=1.0, step=200.0),
    ),
    Step(
        "Momentum in a ravine",
        "A straight ravine, much steeper one way than the other. Plain descent has to choose between bouncing off the walls and creeping; momentum "
        "sums what agrees and cancels what swings.",
        RaceSpec(surface="rotated_ravine", condition=100.0, nesterov=True, fista=True, focus="momentum", step=60.0),
    ),
    Step(
        "Exact zeros by the prox",
        "L1 by its prox: after the gradient step each weight is moved towards zero and stays there if it would cross. The readouts count "
        "weights that "
        "are exactly zero.",
        RaceSpec(
            surface="rotated_ravine", penalty="l1", treatment="proximal", fista=True, adam=True, momentum=False, lam=1.28, focus="fista", step=200.0
        ),
    ),
    Step(
        "Too fast",
        "One rate for all, and for plain descent it is too large: every step along the steep direction lands farther out. The run stops, and the "
        "readouts say by which factor it grew.",
        RaceSpec(surface="ravine", mode="same", rate=0.251, momentum=True, focus="sgd", step=20.0),
    ),
    Step(
        "Noise finds the way out",
        "Without noise descent stays in the minimum in which it lands. With noise in its gradients some of five hundred runs leave it; the bars "
        "below "
        "count them, rule by rule.",
        RaceSpec(surface="rugged_bowl", start1=-2.2, start2=-1.6, noise=1.5, crowd=True, mode="same", rate=0.0501, focus="sgd", step=200.0),
    ),
)
