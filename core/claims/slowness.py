"""The claim about how fast penalised descents are."""

from __future__ import annotations

import numpy as np

from core.claims.claim import Experiment, Findings, Quantity, at_least, claim, seeds_of
from core.claims.picture import Group, Picture
from core.claims.request import for_each
from core.descent import descend
from core.optimizers import RULES
from core.penalties import PENALTIES
from core.quadratic import Quadratic
from core.regularized import penalized
from core.specs import RaceSpec
from core.surfaces.catalogue import parse_surface

_STEPS, _NEAR = 2000, 1e-6


@claim(
    number=40,
    source="D",
    topic="l1",
    statement="L1 makes optimization slower.",
    test="Descent on twelve random bowls with condition numbers up to thirty, at half the largest stable rate: steps until the objective is "
    "within a millionth "
    "of its minimum for good, without a penalty, with L1 by subgradient steps, by proximal steps, and with L2.",
    quantities={
        "subgradient": Quantity("steps with L1 by subgradients over steps without a penalty", "doublings", "bowl"),
        "proximal": Quantity("the same by proximal steps", "doublings", "bowl"),
        "l2": Quantity("the same with L2", "doublings", "bowl"),
    },
    stated=(at_least("subgradient", 0.5, "mean"), at_least("proximal", 0.5, "mean")),
    condition="its slope is taken as it stands, by subgradient steps; proximal steps lose nothing",
    conditional=(at_least("subgradient", 0.5, "mean"),),
    shows=RaceSpec(surface="rotated_ravine", penalty="l1", treatment="proximal", fista=True, lam=1.28, focus="fista"),
    spoil={"lam": 0.0},
)
def l1_is_slow(draw: int, lam: float = 0.6) -> Experiment:
    """Count steps to a millionth of the minimum with each penalty; with a ``lam`` of 0 there is none.

    The slope of |w| does not fade at zero, so with a fixed rate a subgradient step hops across for ever and never settles closer than the hop. A
    proximal step ends exactly there, and once a weight is zero there is one direction less to descend in: it is no slower than without a penalty,
    often faster. L2 adds 2λ to every curvature and speeds descent up. It is the treatment that is slow, not the penalty.
    """

    def run(seed: int) -> dict[str, float]:
        rng = np.random.default_rng([40, seed])
        angle, steep, flat = rng.uniform(0.0, np.pi), rng.uniform(1.0, 4.0), rng.uniform(4.0, 30.0)
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        hessian = turn @ np.diag([steep, steep / flat]) @ turn.T
        centre, start = rng.uniform(-2.0, 2.0, 2), rng.uniform(-2.9, 2.9, 2)
        (a, b), (_, c) = hessian
        u, v = f"(w1 - ({centre[0]:.12f}))", f"(w2 - ({centre[1]:.12f}))"
        surface = parse_surface(f"{a / 2:.12f} * {u}**2 + ({b:.12f}) * {u} * {v} + {c / 2:.12f} * {v}**2")
        bowl = Quadratic(hessian, centre)
        taken = {}
        for name, key, treatment in (
            ("none", "l2", "subgradient"),
            ("subgradient", "l1", "subgradient"),
            ("proximal", "l1", "proximal"),
            ("l2", "l2", "subgradient"),
        ):
            weight = 0.0 if name == "none" else lam
            penalty = PENALTIES[key]()
            rate = 1.0 / (steep + (2.0 * weight if key == "l2" else 0.0))
            least = penalized(bowl, penalty, weight).w[0]
            bottom = float(bowl.value(least) + weight * penalty.value(least))
            path = descend(
                surface,
                RULES["sgd"](),
                start,
                rate,
                _STEPS,
                penalty,
                weight,
                treatment,  # type: ignore[arg-type]  # one of the treatments
            )
            above = path.objective[0] - bottom
            far = np.flatnonzero(~(above <= _NEAR * (1.0 + abs(bottom))))
            taken[name] = float(far[-1] + 2) if far.size else 1.0
        return {name: np.log2(taken[name] / taken["none"]) for name in ("subgradient", "proximal", "l2")}

    found = yield for_each(run, seeds_of(draw, 12), 0.25)
    groups = (
        Group("L1, subgradient", found["subgradient"], "subgradient"),
        Group("L1, proximal", found["proximal"], "l1"),
        Group("L2", found["l2"], "l2"),
    )
    alt = (
        "Steps of descent until the objective is within a millionth of its minimum, over those without a penalty, for three treatments: twelve bowls."
    )
    return Findings(found, Picture(alt, "doublings of the steps", groups=groups, level=(0.0, "as many as without")))
