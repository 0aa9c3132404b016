"""The settings of each lab: frozen, valid by construction, free of any front end."""

from core.specs.diamond_circle import DIAMOND_CIRCLE_PRESETS, FOLLOWS, DiamondCircleSpec
from core.specs.race import RACE_PRESETS, RaceSpec
from core.specs.step_by_step import STEP_BY_STEP_PRESETS, StepByStepSpec

__all__ = [
    "DIAMOND_CIRCLE_PRESETS",
    "FOLLOWS",
    "RACE_PRESETS",
    "STEP_BY_STEP_PRESETS",
    "DiamondCircleSpec",
    "RaceSpec",
    "StepByStepSpec",
]
