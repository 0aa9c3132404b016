"""What a hand may take hold of on the charts of a lab, and what the browser needs to answer it at once.

While a hand moves, a small solver in the browser (assets/plot/hand.js and the models beside it) computes what all charts of the page show. When it
lets go, core computes the same, and the page shows by how much the two differ. So a `Hand` carries three things: where the hand is (`values`), what
else the solver needs (`given`), and what core has found there (`answer`), in full precision.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

import numpy as np

from core.knobs import Spec, Value
from core.wire import Exact


@dataclass(frozen=True)
class Handle:
    """One thing to take hold of.

    Parameters
    ----------
    name:
        What the model calls it.
    label:
        What it is, for readers who do not see it.
    help:
        What moving it does; shown where a pointer rests.
    sets:
        The knobs that it sets; locked with any of them.
    shape:
        A ``point``, the ``end`` of an axis, or an ``edge``.
    colour:
        A name of the palette.
    """

    name: str
    label: str
    help: str
    sets: tuple[str, ...]
    shape: Literal["point", "end", "edge"] = "point"
    colour: str = "loss"


@dataclass(frozen=True)
class Words:
    """What is said beside the charts: at rest, while a hand moves, and once the two solvers are compared (with ``{gap}`` in it).

    ``alone`` stands for sentences about results in a page that has been taken along as a file, where nobody can compute them.
    """

    idle: str
    held: str
    checked: str
    alone: str = "Moved by hand, in a file: the lab itself has the words for it."


@dataclass(frozen=True, eq=False)
class Hand:
    """A lab in a hand.

    Parameters
    ----------
    model:
        Which of the browser's models answers: ``ellipse``, ``start``, ``point`` or ``beliefs``.
    ground:
        Names all settings but the values: views of another ground are another lab's state.
    values:
        Knob -> where it stands.
    given:
        What else the model needs.
    answer:
        What core has found, for the comparison; nothing where there is nothing to compare.
    words:
        What is said about it.
    handles:
        All there are, on whichever chart.
    """

    model: Literal["ellipse", "start", "point", "beliefs"]
    ground: str
    values: Mapping[str, Value]
    given: Mapping[str, Any]
    answer: Mapping[str, Any]
    words: Words
    handles: tuple[Handle, ...] = ()

    @property
    def stands(self) -> Mapping[str, Any]:
        """Where the hand is, as every view says of itself."""
        return MappingProxyType({"ground": self.ground, "values": dict(self.values)})


def ground_of(spec: Spec, names: tuple[str, ...]) -> str:
    """Return the name of a spec's settings with those of ``names`` left out."""
    first = type(spec)()
    rest = spec.replace(**{name: getattr(first, name) for name in names})
    return hashlib.blake2b(repr(rest).encode(), digest_size=9).hexdigest()


def exact(**columns: Any) -> dict[str, Exact]:  # noqa: ANN401 - anything that makes an array
    """Return arrays that travel in full precision."""
    return {name: Exact(np.asarray(column, dtype=np.float64)) for name, column in columns.items()}
