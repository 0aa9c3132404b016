"""Axis titles and short names that several figures share."""

from __future__ import annotations


def weight_titles(names: tuple[str, str]) -> tuple[str, str]:
    """Return the titles of the two weights' axes, with the features they belong to where there are any."""
    first, second = names
    return (f"w₁ ({first})" if first else "w₁", f"w₂ ({second})" if second else "w₂")


def axis_symbol(axis: str) -> str:
    """Return the symbol of a scrub axis."""
    return {"lam": "λ", "budget": "budget"}[axis]
