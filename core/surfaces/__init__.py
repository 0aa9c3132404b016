"""Loss surfaces over two weights: each a formula with its source, window, start and known minima; derivatives come from the formula."""

from core.surfaces.catalogue import SURFACES, parse_surface, rotated_ravine
from core.surfaces.surface import Surface

__all__ = ["SURFACES", "Surface", "parse_surface", "rotated_ravine"]
