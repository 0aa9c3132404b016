"""The settings of each lab: frozen, valid by construction, free of any front end."""

from collections.abc import Mapping
from types import MappingProxyType

from core.knobs import Spec
from core.specs.adam_and_adamw import ADAM_AND_ADAMW_PRESETS, AdamAndAdamWSpec
from core.specs.batch_norm import BATCH_NORM_PRESETS, BatchNormSpec
from core.specs.bias_variance import BIAS_VARIANCE_PRESETS, BiasVarianceSpec
from core.specs.claims import ClaimsSpec
from core.specs.diamond_circle import DIAMOND_CIRCLE_PRESETS, FOLLOWS, DiamondCircleSpec
from core.specs.dropout import DROPOUT_PRESETS, DropoutSpec
from core.specs.flat_and_sharp import FLAT_AND_SHARP_PRESETS, FlatAndSharpSpec
from core.specs.priors import PRIORS_PRESETS, PriorsSpec
from core.specs.race import RACE_PRESETS, RaceSpec
from core.specs.right_mix import RIGHT_MIX_PRESETS, RightMixSpec
from core.specs.shrinkage import SHRINKAGE_PRESETS, ShrinkageSpec
from core.specs.smoothing import SMOOTHING_PRESETS, SmoothingSpec
from core.specs.step_by_step import STEP_BY_STEP_PRESETS, StepByStepSpec
from core.specs.training import TrainingSpec
from core.specs.training_lab import TRAINING_PRESETS, TrainingLabSpec

LABS: Mapping[str, type[Spec]] = MappingProxyType(
    {
        "diamond_and_circle": DiamondCircleSpec,
        "smoothing_and_curvature": SmoothingSpec,
        "step_by_step": StepByStepSpec,
        "optimizer_race": RaceSpec,
        "adam_and_adamw": AdamAndAdamWSpec,
        "shrinkage_paths": ShrinkageSpec,
        "priors_and_map": PriorsSpec,
        "bias_and_variance": BiasVarianceSpec,
        "training": TrainingLabSpec,
        "dropout": DropoutSpec,
        "batch_norm": BatchNormSpec,
        "flat_and_sharp_minima": FlatAndSharpSpec,
        "right_mix": RightMixSpec,
        "claims_on_trial": ClaimsSpec,
    }
)
"""Page -> the spec of its lab. So a spec alone says which page it opens (`ui.links.address`)."""

__all__ = [
    "ADAM_AND_ADAMW_PRESETS",
    "BATCH_NORM_PRESETS",
    "BIAS_VARIANCE_PRESETS",
    "DIAMOND_CIRCLE_PRESETS",
    "DROPOUT_PRESETS",
    "FLAT_AND_SHARP_PRESETS",
    "FOLLOWS",
    "LABS",
    "PRIORS_PRESETS",
    "RACE_PRESETS",
    "RIGHT_MIX_PRESETS",
    "SHRINKAGE_PRESETS",
    "SMOOTHING_PRESETS",
    "STEP_BY_STEP_PRESETS",
    "TRAINING_PRESETS",
    "AdamAndAdamWSpec",
    "BatchNormSpec",
    "BiasVarianceSpec",
    "ClaimsSpec",
    "DiamondCircleSpec",
    "DropoutSpec",
    "FlatAndSharpSpec",
    "PriorsSpec",
    "RaceSpec",
    "RightMixSpec",
    "ShrinkageSpec",
    "SmoothingSpec",
    "StepByStepSpec",
    "TrainingLabSpec",
    "TrainingSpec",
]
