"""Rulings in words: numbers with their spread, what was asked of them, and what follows."""

from __future__ import annotations

import math

import numpy as np

from core._validate import Floats
from core.claims.choices import CONDITION, FAILS
from core.claims.claim import Check, Quantity, Ruling, interval
from core.wording import number

_FEW = 4
"""Of fewer numbers the range says more than a mean with a wide interval."""


def told(quantity: Quantity, values: Floats) -> str:
    """Return a quantity's numbers: the mean with its 95 % interval, or the range where that is not defined, and how many there are."""
    unit = f" {quantity.unit}" if quantity.unit else ""
    count = "" if len(values) == 1 else f" ({len(values)} {quantity.each}s)"
    if len(values) == 1:
        return f"{_number(float(values[0]))}{unit}"
    low, high = interval(values)
    if len(values) < _FEW or math.isnan(low) or low == high:
        least, most = (float(np.min(values)), float(np.max(values)))
        return (f"{_number(least)}{unit}" if least == most else f"{_number(least)} to {_number(most)}{unit}") + count
    return f"{_number((low + high) / 2)} ± {_number((high - low) / 2, 2)}{unit}{count}"


def asked(check: Check, quantity: Quantity) -> str:
    """Return what was asked of a quantity."""
    unit = f" {quantity.unit}" if quantity.unit else ""
    who = "" if check.criterion.over == "mean" else f" for every {quantity.each}"
    return f"{check.criterion.relation} {number(check.criterion.bound)}{unit}{who}"


def outcome(check: Check) -> str:
    """Return how a criterion came out, in a word or two."""
    if check.met:
        return "met"
    return "contradicted" if check.contradicted else "not shown"


def verdict_sentence(ruling: Ruling) -> str:
    """Return the verdict with its reason."""
    if ruling.verdict == CONDITION:
        return f"Holds under a condition: {ruling.claim.condition}."
    if ruling.verdict == FAILS:
        missed = next(check for check in ruling.stated if not check.met)
        quantity = ruling.claim.quantities[missed.criterion.quantity]
        how = "the numbers say the opposite" if ruling.contradicted else "the numbers do not show it"
        return f"Does not hold: {how}. Asked for was {quantity.label} {asked(missed, quantity)}; it is {_range(missed)}."
    return "Holds as it is stated."


def lines(ruling: Ruling) -> list[str]:
    """Return a ruling for a terminal."""
    claim = ruling.claim
    said = [f"{claim.number:2} {claim.source}  {ruling.verdict.upper()}: {claim.statement}"]
    if ruling.verdict == CONDITION:
        said.append(f"     condition: {claim.condition}")
    for key, quantity in claim.quantities.items():
        line = f"     {quantity.label}: {told(quantity, ruling.findings.values[key])}"
        for words, checks in (("asked", ruling.stated), ("for the condition", ruling.conditional)):
            line += "".join(f"; {words}: {asked(check, quantity)}: {outcome(check)}" for check in checks if check.criterion.quantity == key)
        said.append(line)
    if ruling.findings.note:
        said.append(f"     {ruling.findings.note}")
    return said


def _range(check: Check) -> str:
    if math.isnan(check.low) or math.isnan(check.high):
        return "not measurable"
    return number(check.low) if check.low == check.high else f"{number(check.low)} to {number(check.high)}"


def _number(value: float, digits: int = 3) -> str:
    return "not measurable" if math.isnan(value) else number(value, digits)
