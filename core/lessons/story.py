"""Guided stories: a lab's main theorem told in steps, each a title, two sentences and the settings that show it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core.knobs import Spec


@dataclass(frozen=True)
class Step:
    """One step of a story.

    Attributes
    ----------
    title:
        A few words.
    text:
        Two sentences; a function of the step's settings where they hold numbers, so that these are computed.
    spec:
        The settings that show it.
    """

    title: str
    text: str | Callable[[Any], str]
    spec: Spec

    @property
    def told(self) -> str:
        """The sentences."""
        return self.text if isinstance(self.text, str) else self.text(self.spec)
