"""What the lab's settings choose among; on its own, so that settings can name it without importing the studies."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

MEASURES: Mapping[str, str] = MappingProxyType(
    {
        "top": "top eigenvalue",
        "trace": "trace",
        "sam": "SAM's sharpness",
        "keskar": "Keskar's sharpness",
        "filter": "filter-normalised curvature",
        "filter_top": "filter-normalised top eigenvalue",
    }
)
"""Measures of sharpness."""
LEVELS = 25
"""Common training losses at which networks are compared."""
LAMBDAS = (0.0, 1e-4, 1.7e-4, 3e-4, 5.5e-4, 1e-3, 1.7e-3, 3e-3, 5.5e-3, 1e-2, 1.7e-2, 3e-2, 5.5e-2)
"""Of the minima."""
FACTORS = tuple(float(f"{each:.3g}") for each in np.geomspace(0.1, 10.0, 41))
"""By which layers are scaled."""
HERE = FACTORS.index(1.0)
