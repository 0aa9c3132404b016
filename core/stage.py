"""How a page is shown to others: large or not, which of its controls are there, and which of them cannot be moved.

Three keys of an address say so on every page: ``lab_view=present``, ``lab_show`` and ``lab_lock``, the latter two names of the page's knobs with dots
between them. It is a help to attention and no security: whoever edits the address has every control again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from core.wording import cited

VIEW, SHOW, LOCK = "lab_view", "lab_show", "lab_lock"
KEYS = (VIEW, SHOW, LOCK)
PRESENT = "present"
NONE = "-"
_LONGEST = 2000
_NAMED = 3  # of the names that a link got wrong

Shown = tuple[str, ...] | Literal["all"]


@dataclass(frozen=True)
class Stage:
    """How a page is shown.

    Parameters
    ----------
    present:
        Whether it is for the back of a room: large type, few controls, high contrast.
    shown:
        The knobs whose controls are on the screen, or ``"all"``.
    locked:
        The knobs that keep their values, whatever is clicked.
    """

    present: bool = False
    shown: Shown = "all"
    locked: tuple[str, ...] = ()

    def shows(self, *names: str) -> bool:
        """Return whether a control that sets these knobs is shown: it is where one of them is."""
        return self.shown == "all" or not names or any(name in self.shown for name in names)

    def locks(self, *names: str) -> bool:
        """Return whether a control that sets these knobs is locked: it is where one of them is."""
        return any(name in self.locked for name in names)

    def keys(self) -> dict[str, str]:
        """Return what an address says of it; nothing of what is as usual."""
        shown = "" if self.shown == "all" else ".".join(self.shown) or NONE
        found = {VIEW: PRESENT if self.present else "", SHOW: shown, LOCK: ".".join(self.locked)}
        return {key: text for key, text in found.items() if text}


def read(texts: Mapping[str, str], names: Collection[str]) -> tuple[Stage, tuple[str, ...]]:
    """Return the stage that an address asks for, and in words what it asks for in vain.

    Parameters
    ----------
    texts:
        What the address says under each of `KEYS`; any text at all.
    names:
        The page's knobs, in order.
    """
    remarks: list[str] = []
    view, show, lock = (texts.get(key, "") for key in KEYS)
    if view not in ("", PRESENT):
        remarks.append(f"`{VIEW} = {cited(view)}` is not `{PRESENT}`")
    shown: Shown = "all"
    if show == NONE:
        shown = ()
    elif show:
        # Where no name is known there is nothing to show, and a page without controls would be a riddle.
        shown = _known(SHOW, show, names, remarks) or "all"
    return Stage(view == PRESENT, shown, _known(LOCK, lock, names, remarks)), tuple(remarks)


def _known(key: str, text: str, names: Collection[str], remarks: list[str]) -> tuple[str, ...]:
    """Return the names that a text lists, in the order of ``names``, and note those that are none."""
    if len(text) > _LONGEST:
        remarks.append(f"`{key}` is longer than {_LONGEST} letters")
        return ()
    given = [name for name in text.split(".") if name]
    strange = list(dict.fromkeys(name for name in given if name not in names))
    if strange:
        more = f" and {len(strange) - _NAMED} more" if len(strange) > _NAMED else ""
        remarks.append(f"{_listed(strange[:_NAMED])}{more} in `{key}` {'are no controls' if len(strange) > 1 else 'is no control'} of this page")
    return tuple(name for name in names if name in given)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{cited(name)}`" for name in names)
