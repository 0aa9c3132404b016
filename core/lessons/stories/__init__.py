"""The story of each lab, a module a page."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from core.lessons.stories import (
    adam_and_adamw,
    batch_norm,
    bias_and_variance,
    diamond_and_circle,
    dropout,
    flat_and_sharp_minima,
    optimizer_race,
    priors_and_map,
    right_mix,
    shrinkage_paths,
    smoothing_and_curvature,
    step_by_step,
    training,
)
from core.lessons.story import Step

STORIES: Mapping[str, tuple[Step, ...]] = MappingProxyType(
    {
        "diamond_and_circle": diamond_and_circle.STEPS,
        "smoothing_and_curvature": smoothing_and_curvature.STEPS,
        "step_by_step": step_by_step.STEPS,
        "optimizer_race": optimizer_race.STEPS,
        "adam_and_adamw": adam_and_adamw.STEPS,
        "shrinkage_paths": shrinkage_paths.STEPS,
        "priors_and_map": priors_and_map.STEPS,
        "bias_and_variance": bias_and_variance.STEPS,
        "training": training.STEPS,
        "dropout": dropout.STEPS,
        "batch_norm": batch_norm.STEPS,
        "flat_and_sharp_minima": flat_and_sharp_minima.STEPS,
        "right_mix": right_mix.STEPS,
    }
)
"""Page -> the steps of its story, in order; a link counts them from 1."""
