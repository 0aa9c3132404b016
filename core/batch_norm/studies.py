"""All studies of this lab."""

from __future__ import annotations

from core.batch_norm.batches import BatchSizes
from core.batch_norm.decay import WeightDecay
from core.batch_norm.orders import Orders
from core.batch_norm.rates import RateScaleMap, RateSweep
from core.batch_norm.smoothness import Smoothness
from core.batch_norm.unit import Unit

STUDIES = (RateSweep, Unit, RateScaleMap, Smoothness, BatchSizes, Orders, WeightDecay)
