"""What a hand takes hold of in "Priors and MAP": the points of the data."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.figures.hand import Hand, Handle, Words, exact, ground_of
from core.specs.priors import PLANE, PriorsSpec
from core.statistics.priors.posteriors import Beliefs

SETS = ("points",)


def handles(result: Beliefs) -> tuple[Handle, ...]:
    """Return one handle a point, named after its place in the list."""
    help = "Drag the point, or move it with the arrow keys; a click, or Delete, takes it away."
    return tuple(Handle(f"point{i}", f"Point {i + 1} of {len(result.points)}", help, SETS, "point", "train") for i in range(len(result.points)))


def priors_hand(result: Beliefs, frames: dict[str, Any]) -> Hand:
    """Return the lab in a hand.

    Parameters
    ----------
    result:
        The lab's family.
    frames:
        What the charts show: their windows, grids and bins, by the names that the browser's model has for them.
    """
    spec, first = result.spec, PriorsSpec()
    both = (result.line, result.other_line)
    priors = [
        {
            "label": found.prior.label,
            "l1": found.prior.penalty.l1,
            "l2": found.prior.penalty.l2,
            **exact(a=found.prior.a, c=found.prior.c, strength=found.prior.strength, logZ=found.prior.density.log_normaliser),
        }
        for found in both
    ]
    given = {
        "sigma": spec.sigma,
        "eps": spec.eps,
        "plane": [list(side) for side in PLANE],
        "priors": priors,
        "sides": result.line.uniforms,
        "thirds": result.plane.uniforms,
        "caption": "In your hand. Let go to read it in words.",
        **exact(scale=result.scale),
        **frames,
    }
    idle = "Drag a point of the data; arrow keys do the same."
    words = Words(
        idle,
        "In your hand: your browser finds modes, means and samples anew. Let go, and the server finds them, too.",
        f"{idle} Found by your browser and by the server: the modes at {len(result.scale)} scales differ by {{gap}} at most.",
    )
    planes = (result.plane, result.other_plane)
    answer = exact(
        line=np.stack([found.mode[:, 0] for found in both]),
        plane=np.stack([found.mode for found in planes]),
        single=np.stack([found.unique for found in planes]),  # where there are more modes than one, each way finds one of them
    )
    ground = ground_of(spec.replace(scale=first.scale), SETS)
    return Hand("beliefs", ground, {"points": spec.points}, given, answer, words, handles(result))
