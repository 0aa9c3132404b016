"""Claims about diamonds and circles: where the contours of a loss first touch them."""

from __future__ import annotations

import numpy as np

from core.claims.claim import Experiment, Findings, Quantity, at_least, at_most, claim, seeds_of
from core.claims.picture import Line, Picture
from core.claims.problems import generator, random_bowl, spread_out, turned
from core.claims.request import for_each
from core.path_events import zero_events
from core.penalties import PENALTIES
from core.quadratic import Quadratic
from core.regularized import penalized
from core.specs import DiamondCircleSpec
from core.support_map import support_map

WINDOW = ((-3.0, 3.0), (-3.0, 3.0))
"""Where the minima lie that corners are counted of; the shares depend on it."""
BUDGETS = np.concatenate([np.geomspace(0.01, 1.5, 30), [1.0]])


@claim(
    number=29,
    source="C",
    topic="l1",
    statement="The contours of the loss first touch the L1 diamond at a corner, so that a weight is zero.",
    test="Twelve random ellipses, condition 1 to 30 and any tilt, their minimum anywhere from −3 to 3 in both weights, outside the diamond: the "
    "share of minima whose solution is a corner, exactly by areas. For the budget 1, for a hundredth of it, and for the circle of the same budget.",
    quantities={
        "one": Quantity("share of minima that end in a corner, budget 1", "", "ellipse"),
        "small": Quantity("the same, budget 0.01", "", "ellipse"),
        "circle": Quantity("share of minima that end on an axis, circle of budget 1", "", "ellipse"),
    },
    stated=(at_least("one", 0.95),),
    condition="the budget is small beside the distance of the loss's minimum, or in other words λ is large",
    conditional=(at_least("small", 0.95), at_most("circle", 0.0)),
    shows=DiamondCircleSpec(tilt=-45.0, condition=8.0, centre1=2.0, centre2=2.2, lam=0.4),
    spoil={"penalty": "l2"},
)
def corners(draw: int, penalty: str = "l1") -> Experiment:
    """Measure the areas of minima that lead to a corner; ``penalty`` "l2" has none.

    A corner is the solution for a whole cone of minima, an edge for the strip between two cones, no wider than the edge is long. From a window of
    minima both take a share, and which is larger hangs on the budget, the tilt and the condition. With a small diamond the strips are thin and
    almost every ellipse meets a corner. A circle has no corner: its weights are zero on lines of minima, which have no area.
    """

    def at(seed: int) -> dict[str, object]:
        rng = generator(29, seed)
        condition = spread_out(rng, 1.0, 30.0, 1)[0]
        problem = Quadratic(turned(rng, np.array([1.0, condition])), np.zeros(2))
        found = {}
        for name in (penalty, "l2"):
            shares = support_map(problem, PENALTIES[name](), WINDOW, budget=BUDGETS).shares
            found[name] = (shares["first_zero"] + shares["second_zero"] + shares["both_zero"]) / (1.0 - shares["inactive"])
        corner = found[penalty]
        return {"one": corner[-1], "small": corner[0], "circle": found["l2"][-1], "path": corner[:-1], "round": found["l2"][:-1]}

    found = yield for_each(at, seeds_of(draw, 12), 0.03)
    lines = (Line("diamond: a corner", found["path"], "l1"), Line("circle: an axis", found["round"], "l2"))
    alt = "The share of the loss's minima whose solution has a zero weight, along the budget: high for a small diamond, falling; none for a circle."
    picture = Picture(alt, "share of minima", lines, x=BUDGETS[:-1], across="budget", log="x")
    return Findings({name: found[name] for name in ("one", "small", "circle")}, picture)


@claim(
    number=30,
    source="C",
    topic="l2",
    statement="L2 never makes a weight exactly zero.",
    test="Sixteen random bowls of any tilt: the L2 minimum at 400 random λ between 0.001 and 1,000, its exact zeros counted; and on the whole "
    "range the λ at which a weight changes sign, where it is zero.",
    quantities={
        "zeros": Quantity("exact zeros at random λ", "", "problem"),
        "crossings": Quantity("values of λ at which a weight is zero", "", "problem"),
    },
    stated=(at_most("zeros", 0.0), at_most("crossings", 0.0)),
    condition="λ is none of the single values at which a weight of a tilted bowl passes through zero",
    conditional=(at_most("zeros", 0.0), at_most("crossings", 2.0)),
    shows=DiamondCircleSpec(penalty="l2", tilt=-35.0, condition=11.2, curvature=2.5, centre1=0.5, centre2=-1.0, spacing="log", lam=0.5),
    spoil={"penalty": "l1"},
)
def never_zero(draw: int, penalty: str = "l2") -> Experiment:
    """Look for exact zeros and for crossings along lambda; ``penalty`` "l1" has whole ranges of them.

    L2 shrinks along the axes of the bowl, each by a factor h/(h + 2λ). If the bowl is tilted a weight is a sum of two such terms, and where they
    have unlike signs and fade at different speeds it changes sign on the way, being zero at one λ. Nothing keeps it there: the next λ has it not
    zero again. L1 holds a weight at zero from some λ on.
    """

    def at(seed: int) -> dict[str, object]:
        rng = generator(30, seed)
        problem = random_bowl(rng, 0.1, 5.0).train
        chosen = PENALTIES[penalty]()
        zeros = (penalized(problem, chosen, spread_out(rng, 1e-3, 1e3, 400)).w == 0.0).sum()
        events = zero_events(problem, chosen, np.geomspace(1e-3, 1e3, 101))
        path = penalized(problem, chosen, _LAM).w[:, _likely(problem)]
        return {"zeros": float(zeros), "crossings": float(len(events)), "path": path / np.abs(path).max()}

    found = yield for_each(at, seeds_of(draw, 16), 0.02)
    crosses = found["crossings"] > 0.0
    shown = [*np.flatnonzero(crosses)[:3], *np.flatnonzero(~crosses)[:1]]
    lines = tuple(Line(f"bowl {i + 1}", found["path"][i], "l2" if crosses[i] else "muted") for i in shown)
    alt = "Weights of L2 minima along lambda, over their largest size: some pass through zero at one lambda and come back to it from the other side."
    note = f"{int(crosses.sum())} of {len(crosses)} bowls have such a λ."
    picture = Picture(alt, "weight / its largest size", lines, x=_LAM, across="λ", log="x", level=(0.0, "zero"))
    return Findings({name: found[name] for name in ("zeros", "crossings")}, picture, note)


_LAM = np.geomspace(1e-3, 1e2, 81)


def _likely(problem: Quadratic) -> int:
    """Return the weight that is most likely to cross: the one whose sign at the free minimum is not that of the loss's pull at zero."""
    against = problem.centre * problem.pull
    return int(np.argmin(against))
