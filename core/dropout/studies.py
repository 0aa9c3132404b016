"""What the lab "Dropout" measures on trained networks."""

from __future__ import annotations

from core.dropout.coadaptation import CoAdaptation
from core.dropout.noise import GradientNoise, RuleRates
from core.dropout.pace import Pace
from core.dropout.thinning import Thinning
from core.dropout.trapped import Trapped

STUDIES = (Thinning, CoAdaptation, GradientNoise, RuleRates, Trapped, Pace)
