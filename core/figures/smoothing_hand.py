"""What a hand takes hold of in "Smoothing and curvature": the point where the curvature is looked at."""

from __future__ import annotations

import numpy as np

from core.figures.hand import Hand, Handle, Words, exact, ground_of
from core.smoothing import Smoothing
from core.smoothing_words import definiteness

SETS = ("point1", "point2")
POINT = Handle("point", "Point where the curvature is looked at", "Drag the point, or move it with the arrow keys.", SETS, "point", "dropout")
SIZES = ("smaller", "larger")
# One pair of eigenvalues of each kind, in the order in which the browser asks.
_KINDS = ((1.0, 1.0), (-1.0, -1.0), (-1.0, 1.0), (0.0, 1.0))


def smoothing_hand(result: Smoothing, frame: tuple[float, float]) -> Hand:
    """Return the lab in a hand.

    Parameters
    ----------
    result:
        The lab's family.
    frame:
        The eigenvalues that their chart shows, (low, high).
    """
    spec = result.spec
    given = {
        "surface": result.surface.browser,
        "l2": result.penalty.l2,
        "frame": list(frame),
        "names": list(SIZES),
        "kinds": [definiteness(np.array(pair)) for pair in _KINDS],
        "caption": "At the point in your hand the eigenvalues are {low} and {high}; the penalty's part of each is {shift}.",
        **exact(lam=result.lam),
    }
    idle = "Drag the point on either map; arrow keys do the same."
    words = Words(
        idle,
        "In your hand: your browser takes the Hessian here. Let go, and the server takes it, too.",
        f"{idle} Taken by your browser and by the server: the eigenvalues at {len(result.lam)} λ differ by {{gap}} of the largest.",
    )
    values = {"point1": float(result.point[0]), "point2": float(result.point[1])}
    ground = ground_of(spec, (*SETS, "lam"))
    return Hand("point", ground, values, given, exact(eigenvalues=result.at_point.eigenvalues), words, (POINT,))
