"""How numbers and weights are written in sentences, the same in every lab and in the readouts."""

from __future__ import annotations

import numpy as np

SUBSCRIPTS = "₁₂₃₄₅₆₇₈₉"
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def plain(value: float, digits: int = 3) -> str:
    """Return a number that reads back to its digits: ``digits`` significant ones, a true minus, no trailing zeros."""
    if np.isposinf(value):
        return "∞"
    return f"{value:.{digits}g}".replace("-", "−")


def number(value: float, digits: int = 3) -> str:
    """Return a number for running text: as `plain` does, but very small and very large ones as powers of ten."""
    if not np.isfinite(value) or value == 0.0 or 1e-3 <= abs(value) < 10.0**digits:
        return plain(value, digits)
    if 10.0**digits <= abs(value) < 1e6:
        return f"{value:.0f}".replace("-", "−")
    mantissa, power = f"{value:.1e}".split("e")
    return f"{mantissa.replace('-', '−')} × 10{str(int(power)).translate(_SUPERSCRIPTS)}"


def duration(seconds: float) -> str:
    """Return about how long something takes, as one would say it: "about 20 s", "about 3 min"."""
    if seconds < 1.5:
        return "about a second"
    if seconds < 90:
        step = 1 if seconds < 10 else 5
        return f"about {max(step, step * round(seconds / step))} s"
    return f"about {round(seconds / 60)} min"


_CITED = 40


def cited(text: str) -> str:
    """Return a stranger's text as it may stand inside a code span: short, on one line, without backticks."""
    printable = "".join(character for character in text if character.isprintable() and character != "`")
    return printable[:_CITED] + ("…" if len(printable) > _CITED else "")
