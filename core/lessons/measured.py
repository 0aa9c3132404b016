"""What a study found, for questions about networks: as the page shows it, or nothing where these settings have not been measured."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from core.errors import InvalidInput
from core.studies.shelf import SHELF
from core.studies.study import Study


def found(study: Study) -> Any:  # noqa: ANN401 - whatever the study concludes
    """Return what a study concludes; None where it has not been measured: a result that stands in for it answers another question."""
    try:
        return _concluded(study)
    except InvalidInput:
        return None


@lru_cache(maxsize=32)
def _concluded(study: Study) -> Any:  # noqa: ANN401 - whatever the study concludes
    outcomes = SHELF.get(study)
    if outcomes is None:  # raised and not returned, so that it is not remembered: it may be measured any time
        raise InvalidInput(f"study {study.id}", "one that has been measured", "Have it measured first.")
    return study.conclude(outcomes)
