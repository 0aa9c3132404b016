"""What the lab "Flat and sharp minima" measures on trained networks."""

from __future__ import annotations

from core.flatness.families import FlatFamilies
from core.flatness.minima import FlatMinima
from core.flatness.rescaling import FlatRescaling

STUDIES = (FlatFamilies, FlatMinima, FlatRescaling)
