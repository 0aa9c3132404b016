"""Rulings on claims as a table, for anyone's own tools."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from core.claims.claim import Ruling, interval
from core.claims.words import outcome


def claims_csv(rulings: Mapping[int, Ruling]) -> bytes:
    """Return rulings as CSV, one row a claim and quantity: what was measured, what was asked of it, and the verdict on the claim."""
    rows = []
    for number, ruling in rulings.items():
        claim = ruling.claim
        checks = {check.criterion.quantity: ("stated", check) for check in reversed(ruling.stated)}
        checks |= {check.criterion.quantity: ("condition", check) for check in ruling.conditional if check.criterion.quantity not in checks}
        for key, quantity in claim.quantities.items():
            values = np.asarray(ruling.findings.values[key], dtype=np.float64)
            low, high = interval(values)
            kind, check = checks.get(key, ("", None))
            rows.append(
                {
                    "claim": number,
                    "source": claim.source,
                    "topic": claim.topic,
                    "statement": claim.statement,
                    "verdict": ruling.verdict,
                    "condition": claim.condition,
                    "quantity": quantity.label,
                    "unit": quantity.unit,
                    "mean": float(values.mean()),
                    "low_95": low,
                    "high_95": high,
                    "least": float(values.min()),
                    "most": float(values.max()),
                    "count": len(values),
                    "asked_for": kind,
                    "asked": "" if check is None else f"{check.criterion.relation} {check.criterion.bound:g} ({check.criterion.over})",
                    "outcome": "" if check is None else outcome(check),
                }
            )
    text: str = pd.DataFrame(rows).to_csv(index=False)
    return text.encode()
