"""What the page "Cheat sheet" says about its settings: the guide's answer with starting values and code, and the translation."""

from __future__ import annotations

from dataclasses import dataclass

from core.cheat_sheet.conventions import CONVENTIONS, Dropping, Line, Size, consequences, dropping, read, say
from core.cheat_sheet.guide import Advice, advise
from core.cheat_sheet.starts import Starts, begin
from core.specs import CheatSheetSpec
from ui.kept import kept

ANSWERS = ("model", "samples", "features", "relevant", "correlation", "selection", "optimizer", "batch_norm")
"""What the guide asks."""


@dataclass(frozen=True)
class Answer:
    """What the guide answers."""

    advice: Advice
    starts: Starts


def answer(spec: CheatSheetSpec) -> Answer:
    """Return the guide's answer; what is translated makes no difference to it."""
    return _answer(CheatSheetSpec(**{name: getattr(spec, name) for name in ANSWERS}))


def typed(spec: CheatSheetSpec) -> tuple[tuple[str, str], ...]:
    """Return the fields that are typed in the chosen convention, and what it calls them."""
    return CONVENTIONS[spec.convention].numbers


def translated(spec: CheatSheetSpec) -> tuple[Line, ...]:
    """Return the typed penalty in every convention."""
    size = Size(int(spec.rows), int(spec.batch))
    return say(read(spec.convention, [getattr(spec, field) for field, _ in typed(spec)], size), size)


def rate(spec: CheatSheetSpec) -> Dropping:
    """Return the typed dropout rate."""
    return dropping(spec.dropping, spec.rate)


def follows(spec: CheatSheetSpec) -> str:
    """Return what follows from the typed dropout rate."""
    return consequences(rate(spec))


# An answer is text; the longest takes a second of cross-validation.
@kept(256)
def _answer(spec: CheatSheetSpec) -> Answer:
    advice = advise(spec)
    return Answer(advice, begin(spec, advice))
