"""The settings of the page "Claims on trial"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from core.claims.choices import CONDITION, COUNT, DRAWS, FAILS, HOLDS, SOURCES, TOPICS
from core.knobs import Spec, knob

VERDICT_KEYS = {"holds": HOLDS, "condition": CONDITION, "fails": FAILS}
"""Option of the knob -> verdict."""


@dataclass(frozen=True)
class ClaimsSpec(Spec):
    """Settings of the page "Claims on trial": which claims are listed, which one is open, and which seeds its experiment has."""

    prefix: ClassVar[str] = "cl"

    source: str = knob(
        "all",
        "Course",
        options=(("all", "all"), *((key, f"{key}: {name}") for key, name in SOURCES.items())),
        help="Five courses state these claims. The letters are those of the curriculum.",
    )
    topic: str = knob("all", "Topic", options=(("all", "all"), *TOPICS.items()), help="What a claim is about.")
    verdict: str = knob(
        "all", "Verdict", options=(("all", "all"), *VERDICT_KEYS.items()), help="What the experiments say, with the seeds that are chosen."
    )
    draw: str = knob(
        "1",
        "Seeds",
        options=tuple((str(i), "as shipped" if i == 1 else f"set {i}") for i in range(1, DRAWS + 1)),
        help="Every experiment runs over several seeds. Another set is another experiment of the same kind: a verdict should survive it.",
    )
    claim: float = knob(7.0, "claim", bounds=(1.0, float(COUNT)), quantum=1.0, hidden=True)
