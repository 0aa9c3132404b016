"""All claims by their numbers. Adding one is a function in one of these modules, or in a new module named here."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from types import MappingProxyType

from core.claims.claim import Claim

MODULES = (
    "beliefs",
    "columns",
    "curvature",
    "decay",
    "dropping",
    "expectation",
    "fits",
    "flatness",
    "geometry",
    "libraries",
    "mixing",
    "norms",
    "slowness",
    "surfaces",
    "tables",
    "zeros",
)
"""Where the experiments are: modules of this package."""


def _found() -> Mapping[int, Claim]:
    every = [each for name in MODULES for each in vars(importlib.import_module(f"core.claims.{name}")).values() if isinstance(each, Claim)]
    return MappingProxyType({each.number: each for each in sorted(every, key=lambda each: each.number)})


CLAIMS = _found()
"""Number -> claim, ascending."""
