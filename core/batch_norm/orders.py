"""Batch normalisation and dropout in one layer: the order, the shift of variance between training and use, and what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from core._validate import Floats
from core.batch_norm.common import Networks, curve, grid, last
from core.studies.seeds import Spread, spread
from core.studies.study import Measure, Outcome, Part

if TYPE_CHECKING:
    from core.training import TrainingState

ORDERS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "norm, activation, dropout": ("before", "after"),
        "norm, activation; dropout at the end": ("before", "last"),
        "dropout, norm, activation": ("before", "before"),
        "activation, norm, dropout": ("after", "after"),
        "activation, dropout, norm": ("after", "before"),
    }
)
"""What a hidden layer does, in order -> where norm and dropout stand; dropout "at the end" follows the last hidden layer alone."""

RATES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
"""Dropout rates."""
REPEATS = 8
"""Masks for each training point, where a variance under dropout is measured."""


@dataclass(frozen=True)
class OrderResult:
    """What came of each order.

    Attributes
    ----------
    study:
        Its settings.
    rates:
        (p,) dropout rates.
    unseen, fresh:
        (o, p, s) validation loss at the end, with the running statistics and with statistics of all training points computed anew, nothing dropped.
    alone:
        (p, s) validation loss of networks with dropout and without batch normalisation.
    shift, formula:
        (o, p, s, l) variance of what a norm is given in training over that in use, median over the units of a layer, and by formula; NaN where
        there is no formula, or where a whole layer is dead.
    """

    study: Orders
    rates: Floats
    unseen: Floats
    fresh: Floats
    alone: Floats
    shift: Floats
    formula: Floats

    def placement(self, i: int) -> Spread:
        """Return validation loss with the norm after the activation less that with the norm before it, by seed, at the i-th rate."""
        names = list(ORDERS)
        after, before = names.index("activation, norm, dropout"), names.index("norm, activation, dropout")
        return spread(self.unseen[after, i] - self.unseen[before, i])

    def cost(self, order: int, i: int) -> Spread:
        """Return what the running statistics cost: validation loss with them less that with fresh ones, by seed."""
        return spread(self.unseen[order, i] - self.fresh[order, i])


@dataclass(frozen=True)
class Orders(Networks):
    """All orders of norm, activation and dropout, for several dropout rates."""

    key: ClassVar[str] = "bn_orders"
    layers: int = 3
    rate: float = 0.1

    def parts(self) -> tuple[Part, ...]:
        """Return a family for each order, and one without batch normalisation: dropout rate x seed."""
        axes = grid(dropout=RATES, seed=range(self.seeds))
        measures = (Measure("shift", self.epochs, seconds=0.6), Measure("fresh", self.epochs, seconds=0.1))
        ordered = [
            Part(self.family(lr=self.rate, batch_norm=True, norm_place=norm, dropout_place=dropout, **axes), measures, ("val_loss",), self.epochs)
            for norm, dropout in ORDERS.values()
        ]
        return (*ordered, Part(self.family(lr=self.rate, **axes), (), ("val_loss",), self.epochs))

    def measure(self, measure: Measure, state: TrainingState) -> dict[str, NDArray[Any]]:
        """Return the shift of variance of each layer (k, l), or the validation loss (k,) with fresh statistics."""
        import dataclasses

        from core.networks import norms
        from core.networks.family import family_of

        family = family_of(state.spec, state.data)
        if measure.what == "fresh":
            fresh = dataclasses.replace(state, running=norms.recomputed(family, state.weights))
            return {"val_loss": family.evaluate(fresh)["val_loss"].astype(np.float32)}
        tape = norms.under_dropout(family, state, REPEATS)
        noisy, formula = norms.variances(tape), norms.by_formula(family, state, tape)
        quiet = norms.variances(family.passes.forward(state.weights, family.points.train, None, state.running))
        # A unit that is dead in use has a variance of 0 there: no ratio.
        alive = quiet > 1e-6 * quiet.amax(1, keepdim=True)
        found = {}
        for name, given in (("shift", noisy), ("formula", formula)):
            ratio = np.where(alive.cpu().numpy(), (given / quiet.clamp(min=1e-30)).double().cpu().numpy(), np.nan)
            layers = np.split(ratio, np.cumsum(family.layout.hidden)[:-1], axis=1)
            found[name] = np.stack([_median(layer) for layer in layers], axis=1).astype(np.float32)
        return found

    def conclude(self, outcomes: tuple[Outcome, ...]) -> OrderResult:
        """Return what came of each order."""
        shape = (len(RATES), self.seeds)
        *ordered, plain = outcomes
        unseen = np.stack([last(curve(each, "val_loss", *shape)) for each in ordered])
        fresh = np.stack([np.asarray(each.measured(1)["val_loss"], dtype=float).reshape(shape) for each in ordered])
        shift, formula = (
            np.stack([np.asarray(each.measured(0)[name], dtype=float).reshape(*shape, self.layers) for each in ordered])
            for name in ("shift", "formula")
        )
        return OrderResult(self, np.array(RATES), unseen, fresh, last(curve(plain, "val_loss", *shape)), shift, formula)

    def table(self, result: OrderResult) -> list[str]:
        """Return the result in lines."""
        i = RATES.index(0.5)
        lines = []
        for order, name in enumerate(ORDERS):
            shift = " ".join(f"{_one(result.shift[order, i, :, layer]):.3g}" for layer in range(self.layers))
            cost = result.cost(order, i)
            lines.append(
                f"p = 0.5, {name}: shift by layer {shift}; validation loss {np.median(result.unseen[order, i]):.3g}, of which the running "
                f"statistics cost {cost.mean:.2g} +- {cost.error:.2g}"
            )
        return lines


def _median(values: Floats) -> Floats:
    """Return the median (k,) of values (k, u) that are numbers; NaN where none is."""
    return np.array([_one(row) for row in values])


def _one(row: Floats) -> float:
    there = row[np.isfinite(row)]
    return float(np.median(there)) if there.size else float("nan")
