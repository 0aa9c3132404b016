"""All studies by their keys, from the labs that have any."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from functools import cache

from core.studies.study import Study

MODULES = ("core.dropout.studies", "core.batch_norm.studies", "core.flatness.studies", "core.right_mix.studies", "core.claims.studies")
"""Each has a tuple ``STUDIES``. Imported when somebody asks, since they import this package."""


@cache
def studies() -> Mapping[str, type[Study]]:
    """Return key -> study."""
    found = [study for module in MODULES for study in importlib.import_module(module).STUDIES]
    return {study.key: study for study in found}
