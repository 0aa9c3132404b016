"""What claims are sorted by; on its own, so that settings can name it without importing the experiments."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

HOLDS, CONDITION, FAILS = "holds", "holds under a condition", "does not hold"
VERDICTS = (HOLDS, CONDITION, FAILS)

SOURCES: Mapping[str, str] = MappingProxyType(
    {"A": "Loss surfaces", "B": "Training networks", "C": "Statistical view", "D": "Cheat sheets", "E": "First steps"}
)
"""The courses by their letters; the names are ours and say what each is about."""

TOPICS: Mapping[str, str] = MappingProxyType(
    {
        "l2": "L2 and curvature",
        "l1": "L1 and zeros",
        "elastic_net": "Elastic net and columns",
        "dropout": "Dropout",
        "batch_norm": "Batch norm",
        "rules": "Optimizers and decay",
        "statistics": "Statistics",
        "search": "Settings and search",
    }
)

COUNT = 46
"""How many claims the courses make."""
DRAWS = 5
"""Sets of seeds that the page offers; the first is the one that comes with the lab."""
