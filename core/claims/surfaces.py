"""Claims about minima of a loss surface."""

from __future__ import annotations

import numpy as np

from core.claims.claim import Experiment, Findings, Quantity, at_most, claim, seeds_of
from core.claims.picture import Group, Picture
from core.claims.request import for_each
from core.minima import find_minima
from core.penalties import PENALTIES
from core.specs import SmoothingSpec
from core.surfaces.catalogue import parse_surface

_WIDTHS = (0.25, 0.5)
_WELL = "{depth:.6f} * exp(-((w1 - {x:.6f})**2 + (w2 - {y:.6f})**2) / {spread:.6f})"


def _survives(angle: float, distance: float, depths: tuple[float, float]) -> np.ndarray:
    """Return the lambdas (2,) at which the minima of a narrow and a wide well vanish, opposite each other at equal distances from the origin.

    A third well at the origin takes up what has vanished.
    """
    wells = [_WELL.format(depth=1.0, x=0.0, y=0.0, spread=2.0 * 0.4**2)]
    for sign, depth, width in zip((1.0, -1.0), depths, _WIDTHS, strict=True):
        x, y = sign * distance * np.cos(angle), sign * distance * np.sin(angle)
        wells.append(_WELL.format(depth=depth, x=x, y=y, spread=2.0 * width**2))
    surface = parse_surface("0 - " + " - ".join(wells))
    steepest = max(depth / (width * np.exp(0.5)) for depth, width in zip(depths, _WIDTHS, strict=True))
    lam = np.linspace(0.0, 0.75 * steepest / distance, 41)
    found = find_minima(surface, PENALTIES["l2"](), lam)
    ends = np.full(2, np.nan)
    for branch in range(len(found.ends)):
        along = found.w[0, branch] @ [np.cos(angle), np.sin(angle)]
        if found.exists[0, branch] and found.ends_how[branch] == "vanishes" and abs(along) > 0.5 * distance:
            ends[0 if along > 0.0 else 1] = found.ends[branch]
    return ends


@claim(
    number=4,
    source="A",
    topic="l2",
    statement="L2 removes small, sharp minima and leaves the wide ones.",
    test="Two wells opposite each other, one half as wide as the other, at equal distances from the origin, each followed over λ until it vanishes. "
    "Ten places, once with wells of equal depth, once with the sharp one eight times as shallow.",
    quantities={
        "equal": Quantity("λ at which the sharp minimum vanishes over that of the wide one, equal depths", "", "place"),
        "shallow": Quantity("the same where the sharp one is eight times as shallow", "", "place"),
    },
    stated=(at_most("equal", 1.0),),
    condition="the sharp minimum is also much the shallower one",
    conditional=(at_most("shallow", 1.0),),
    shows=SmoothingSpec(),
    spoil={"swapped": True},
)
def sharp_minima_vanish(draw: int, swapped: bool = False) -> Experiment:
    """Follow a sharp and a wide minimum over lambda; ``swapped`` takes the one for the other.

    What L2 must overcome is the steepest slope of the wall that keeps a minimum from the origin, about its depth over its width. At equal depth a
    sharp well has the steeper walls and lives longer: the wide one vanishes first. A sharp minimum goes first where it is shallow, or farther away.
    So which minima L2 removes depends on depth and distance, not on sharpness alone.
    """

    def at(seed: int) -> dict[str, float]:
        rng = np.random.default_rng([4, seed])
        angle, distance = rng.uniform(0.0, 2.0 * np.pi), rng.uniform(1.8, 2.4)
        equal, shallow = _survives(angle, distance, (1.0, 1.0)), _survives(angle, distance, (0.125, 1.0))
        return {"equal": equal[0] / equal[1], "shallow": shallow[0] / shallow[1]}

    found = yield for_each(at, seeds_of(draw, 10), 0.4)
    ratios = {name: 1.0 / values if swapped else values for name, values in found.items()}
    groups = (Group("equal depths", ratios["equal"], "loss"), Group("the sharp one shallow", ratios["shallow"], "l2"))
    alt = "The λ at which a sharp minimum vanishes over the λ at which a wide one does, for wells of equal depth and where the sharp one is shallow."
    return Findings(ratios, Picture(alt, "λ of the sharp one / λ of the wide one", groups=groups, log="y", level=(1.0, "they vanish together")))
