"""A race as a table: every rule, lambda and step, for anyone's own tools."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.race import Race


def race_csv(race: Race) -> bytes:
    """Return the whole race as CSV, one row a rule, lambda and step, with the iterate, the loss, the objective and its gradient's norm."""
    parts = []
    for key, run in race.runs.items():
        k, stops = run.loss.shape
        parts.append(
            pd.DataFrame(
                {
                    "rule": key,
                    "lambda": np.repeat(race.lam, stops),
                    "rate": np.repeat(race.rates[key], stops),
                    "step": np.tile(np.arange(stops), k),
                    "w1": run.x[..., 0].ravel(),
                    "w2": run.x[..., 1].ravel(),
                    "loss": run.loss.ravel(),
                    "objective": run.objective.ravel(),
                    "gradient_norm": run.gradient_norm.ravel(),
                    "status": np.repeat(run.status, stops),
                }
            )
        )
    text: str = pd.concat(parts).to_csv(index=False)
    return text.encode()
