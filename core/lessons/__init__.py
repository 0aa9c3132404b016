"""What makes a lab one that can be taught with: questions to predict, and guided stories. No front end.

`asked` and `ask` pose a page's questions of its settings; `STORIES` has the steps of each page's story.
"""

from __future__ import annotations

import importlib
from functools import cache, lru_cache

from core.datasets.uploads.limits import is_own
from core.errors import InvalidInput
from core.knobs import Spec
from core.lessons.question import Answer, Asked, Question, Score
from core.lessons.stories import STORIES
from core.lessons.story import Step

__all__ = ["STORIES", "Answer", "Asked", "Question", "Score", "Step", "ask", "asked", "questions"]


class _Nothing(Exception):
    """These settings leave nothing to ask."""


@cache
def questions(page: str) -> tuple[Question, ...]:
    """Return a lab's questions; their numbers in links count from 1.

    Raises
    ------
    InvalidInput
        Where the page is no lab.
    """
    if page not in STORIES:
        raise InvalidInput(f"page = {page!r}", "one of " + ", ".join(STORIES), "Name a lab.")
    # Imported when a lab is first asked about: each needs its own lab's mathematics, and no page needs that of all labs.
    found: tuple[Question, ...] = importlib.import_module(f"core.lessons.predictions.{page}").QUESTIONS
    return found


def ask(page: str, which: int, spec: Spec) -> Asked | None:
    """Return a lab's question, ``which`` counting from 1, asked of settings; None where they leave nothing to ask.

    The same settings are asked once; what could not be asked yet, since it has not been measured, is tried again each time.
    """
    if is_own(spec):
        return None  # what is asked is remembered for everybody, and somebody's own data are for nobody else
    try:
        return _ask(page, which, spec)
    except _Nothing:
        return None


def asked(page: str, spec: Spec) -> tuple[Asked, ...]:
    """Return all questions of a lab that its settings leave to ask."""
    each = (ask(page, which, spec) for which in range(1, len(questions(page)) + 1))
    return tuple(one for one in each if one is not None)


@lru_cache(maxsize=1024)
def _ask(page: str, which: int, spec: Spec) -> Asked:
    found = questions(page)[which - 1].ask(spec)
    if found is None:  # raised, since what is raised is not remembered
        raise _Nothing
    return found
