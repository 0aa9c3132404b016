"""The settings of each lab: frozen, valid by construction, free of any front end."""

from core.specs.diamond_circle import DIAMOND_CIRCLE_PRESETS, FOLLOWS, DiamondCircleSpec

__all__ = ["DIAMOND_CIRCLE_PRESETS", "FOLLOWS", "DiamondCircleSpec"]
