"""What every student will ask for is computed before anybody does: the charts of all presets, which lessons, stories and plans open with.

They take a server some ten to thirty seconds, which it spends a chart at a time and only while no script is at work. So whoever opens a preset waits
for no computation, and what it remembers of them serves everyone.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from core.knobs import Spec
from core.specs import (
    ADAM_AND_ADAMW_PRESETS,
    BIAS_VARIANCE_PRESETS,
    DIAMOND_CIRCLE_PRESETS,
    DROPOUT_PRESETS,
    PRIORS_PRESETS,
    RACE_PRESETS,
    SHRINKAGE_PRESETS,
    SMOOTHING_PRESETS,
    STEP_BY_STEP_PRESETS,
    TRAINING_PRESETS,
)
from ui import lanes
from ui.compute import adam_and_adamw, bias_variance, diamond_circle, dropout, priors, race, shrinkage, smoothing, step_by_step, training
from ui.kept import lazily

_BREATH = 0.02

Views = Callable[[Any], object]
LABS: tuple[tuple[Mapping[str, Spec], tuple[Views, ...]], ...] = (
    (DIAMOND_CIRCLE_PRESETS, (diamond_circle.diamond_circle_views,)),
    (SMOOTHING_PRESETS, (smoothing.smoothing_views,)),
    (SHRINKAGE_PRESETS, (shrinkage.path_views, shrinkage.twin_views)),
    (STEP_BY_STEP_PRESETS, (step_by_step.step_by_step_views,)),
    (RACE_PRESETS, (race.race_views, lambda spec: race.crowd_view(spec) if spec.crowd else None)),
    (ADAM_AND_ADAMW_PRESETS, (adam_and_adamw.adam_and_adamw_views, adam_and_adamw.decay_map_views)),
    (TRAINING_PRESETS, (training.training_views,)),
    (DROPOUT_PRESETS, (dropout.network_views, dropout.scaling_views, dropout.ridge_views)),
    (PRIORS_PRESETS, (priors.priors_views,)),
    (BIAS_VARIANCE_PRESETS, (bias_variance.bias_variance_views, bias_variance.bundle_view)),
)
"""The labs that compute their charts when asked: their presets, and what a page asks for. The charts of the others come from studies."""


def work() -> None:
    """Compute it all between what scripts do; an error is logged, and the page that meets it again says what it says."""
    try:
        for _ in everything():
            time.sleep(_BREATH)
            while not lanes.idle():
                time.sleep(_BREATH)
    except Exception:  # nobody waits for it: the server goes on, and what is amiss is in its log
        logging.getLogger(__name__).exception("presets could not be computed ahead")


def everything() -> Iterator[str]:
    """Compute what the presets show, first the first of each lab, and yield after each chart what it is of."""
    for place in range(max(len(presets) for presets, _ in LABS)):
        for presets, functions in LABS:
            for title, spec in [*presets.items()][place : place + 1]:
                for function in functions:
                    views = function(spec)
                    yield title
                    for name, part in vars(type(views)).items():
                        if isinstance(part, lazily):
                            getattr(views, name)
                            yield f"{title}: {name}"
