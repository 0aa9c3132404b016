"""What an operator can set of the engine."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Settings:
    """What an operator can set, by environment variables (docs/operating.md).

    Attributes
    ----------
    grace:
        Seconds that a run is held for after its last viewer has left (``LAB_GRACE``).
    session_runs, all_runs:
        How many runs a session, and all of them, may have under way (``LAB_SESSION_RUNS``, ``LAB_RUNS``).
    viewers:
        How many may watch at once (``LAB_VIEWERS``).
    megabytes, most_megabytes:
        What runs may take before those that nobody watches are forgotten, and before new ones are refused (``LAB_FILMS_MB``, ``LAB_MOST_MB``).
    workers, nice:
        Workers of a launcher of our own, and by how much everybody else goes first (``LAB_WORKERS``, ``LAB_NICE``).
    """

    grace: float = 20.0
    session_runs: int = 8
    all_runs: int = 400
    viewers: int = 2000
    megabytes: float = 256.0
    most_megabytes: float = 2048.0
    workers: int = max(2, min(8, (os.cpu_count() or 2) - 1))
    nice: int = 10

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Return the settings that the environment makes; what cannot be read is left at its default."""
        given = os.environ if environment is None else environment
        names = {
            "grace": "GRACE",
            "session_runs": "SESSION_RUNS",
            "all_runs": "RUNS",
            "viewers": "VIEWERS",
            "megabytes": "FILMS_MB",
            "most_megabytes": "MOST_MB",
            "workers": "WORKERS",
            "nice": "NICE",
        }
        found: dict[str, Any] = {}
        for name, variable in names.items():
            try:
                value = float(given.get(f"LAB_{variable}", ""))
            except ValueError:
                continue
            if value >= (1 if name == "workers" else 0):
                found[name] = value if name in ("grace", "megabytes", "most_megabytes") else int(value)
        return cls(**found)
