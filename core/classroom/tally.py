"""What a class has answered, as counts: bars, points and a sentence. Nothing else of the answers leaves the server."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from core.classroom.room import Form
from core.wording import number

MOST_BARS = 24
MOST_POINTS = 500


@dataclass(frozen=True)
class Bar:
    """How often an answer was given: an option, or any of the numbers from ``low`` to ``high``, which belong to it both."""

    label: str
    count: int
    low: float = 0.0
    high: float = 0.0


@dataclass(frozen=True)
class Tally:
    """All answers to a question.

    Attributes
    ----------
    bars:
        One an option in their order, or at most `MOST_BARS` that together hold each value of the slider once.
    points:
        The numbers themselves, ascending: (value, how often); none for a choice. Whose they are nobody knows.
    answers:
        How many there are.
    sentence:
        What they say.
    """

    bars: tuple[Bar, ...]
    points: tuple[tuple[float, int], ...]
    answers: int
    sentence: str


def tally(form: Form, texts: Iterable[str]) -> Tally:
    """Return what was answered to a question; a text that is no answer to it is not counted.

    Parameters
    ----------
    form:
        The question.
    texts:
        The answers as they are kept, one a participant.
    """
    counts = Counter(answer for text in texts if (answer := form.read(text)) is not None)
    total = counts.total()
    if form.options:
        bars = tuple(Bar(said, counts[key]) for key, said in form.options)
        return Tally(bars, (), total, _of_options(bars, total))
    numbers = {float(value): count for value, count in counts.items()}
    ordered = tuple(sorted(numbers.items()))
    bars = tuple(
        Bar(_range(part, form.unit), sum(numbers.get(value, 0) for value in part), part[0], part[-1]) for part in parts(form.values, MOST_BARS)
    )
    return Tally(bars, ordered[:MOST_POINTS], total, _of_numbers(ordered, total, form.unit))


def parts(values: tuple[float, ...], most: int) -> list[tuple[float, ...]]:
    """Return a slider's values cut into runs of equal length, at most ``most``; only the last may be shorter."""
    size = math.ceil(len(values) / most) if values else 1
    return [values[i : i + size] for i in range(0, len(values), size)]


def _range(part: tuple[float, ...], unit: str) -> str:
    return f"{number(part[0])}{unit}" if len(part) == 1 else f"{number(part[0])} to {number(part[-1])}{unit}"


def _of_options(bars: tuple[Bar, ...], total: int) -> str:
    if not total:
        return "Nobody has answered yet."
    most = max(bar.count for bar in bars)
    first = [bar.label for bar in bars if bar.count == most]
    if total == 1:
        return "1 answer."
    if len(first) > 1:
        return f"{total} answers; most say {' or '.join(first)}, {most} each."
    if most == total:
        return f"{total} answers, all {first[0]}."
    return f"{total} answers; {most} of {total} {'say' if most > 1 else 'says'} {first[0]}."


def _of_numbers(ordered: tuple[tuple[float, int], ...], total: int, unit: str) -> str:
    if not total:
        return "Nobody has answered yet."
    if total == 1:
        return "1 answer."
    least, most = number(ordered[0][0]), number(ordered[-1][0])
    if least == most:
        return f"{total} answers, all {least}{unit}."
    if total < 4:
        return f"{total} answers from {least} to {most}{unit}."
    low, middle, high = (number(at_rank(ordered, share)) for share in (0.25, 0.5, 0.75))
    return f"{total} answers from {least} to {most}{unit}; the middle half from {low} to {high}, the middle one {middle}{unit}."


def at_rank(ordered: tuple[tuple[float, int], ...], share: float) -> float:
    """Return the least value that at least a ``share`` of all answers, 0 to 1, do not exceed."""
    needed, seen = share * sum(count for _, count in ordered), 0
    for value, count in ordered:
        seen += count
        if seen >= needed:
            return value
    return ordered[-1][0]
