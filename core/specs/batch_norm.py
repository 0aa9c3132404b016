"""The settings of the lab "Batch norm"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from core.knobs import Spec, knob

if TYPE_CHECKING:
    from core.batch_norm.batches import BatchSizes
    from core.batch_norm.decay import WeightDecay
    from core.batch_norm.orders import Orders
    from core.batch_norm.rates import RateScaleMap, RateSweep
    from core.batch_norm.smoothness import Smoothness
    from core.batch_norm.unit import Unit


@dataclass(frozen=True)
class BatchNormSpec(Spec):
    """Settings of the lab "Batch norm": the networks, how they are trained, what is judged, and where the scrubs stand."""

    prefix: ClassVar[str] = "bn"

    data: str = knob(
        "breast_cancer",
        "Data",
        options=(("breast_cancer", "Breast cancer"), ("digits", "Digits"), ("wine", "Wine"), ("moons", "Moons"), ("spiral", "Spiral")),
        help="Three real data sets and two made-up ones. Half of each is trained on.",
    )
    draw: float = knob(0.0, "Draw", bounds=(0.0, 99.0), quantum=1.0, help="Which rows are trained on; another draw of the made-up data.")
    noise: float = knob(0.3, "Noise", bounds=(0.0, 1.0), quantum=0.05, latex=r"\sigma", help="On each input of the moons and the spiral.")
    layers: float = knob(4.0, "Hidden layers", bounds=(1.0, 6.0), quantum=1.0, help="Of the sweeps over the rate, the smoothness and the unit.")
    width: float = knob(16.0, "Units in each", bounds=(1.0, 32.0), quantum=1.0, help="One unit in each layer is allowed, and sad.")
    activation: str = knob(
        "relu", "Activation", options=(("relu", "ReLU"), ("tanh", "tanh"), ("gelu", "GELU"), ("sigmoid", "sigmoid")), help="After each hidden layer."
    )
    place: str = knob(
        "before",
        "The norm stands",
        options=(("before", "before the activation"), ("after", "after it")),
        help="Both are in use; the paper has it before.",
    )
    rule: str = knob(
        "sgd", "Rule", options=(("sgd", "SGD"), ("momentum", "Momentum"), ("adam", "Adam")), help="The sweeps cover rates that fit the rule."
    )
    rate: float = knob(
        0.1,
        "Learning rate",
        bounds=(1e-4, 10.0),
        scale="log",
        quantum=10,
        latex=r"\eta",
        help="Of everything but the sweeps over the rate. Both kinds of networks have the same.",
    )
    batch: str = knob(
        "32",
        "Points a batch",
        options=(("1", "1"), ("2", "2"), ("4", "4"), ("8", "8"), ("16", "16"), ("32", "32"), ("64", "64"), ("0", "all")),
        help="A batch of one point has no variance: each normalised unit is then its shift, whatever the point.",
    )
    epochs: float = knob(30.0, "Epochs", bounds=(5.0, 100.0), quantum=5.0, help="Passes over the data.")
    seeds: float = knob(6.0, "Seeds", bounds=(2.0, 10.0), quantum=1.0, help="Initial weights, the same for both kinds of networks.")
    judge: str = knob(
        "smoothness",
        "Judged by",
        options=(("loss", "loss"), ("gradient", "gradient"), ("smoothness", "smoothness β")),
        help="How far the loss varies along the step, how far the gradient changes, and the latter over the distance: Santurkar et al. (2018).",
    )
    steps: str = knob(
        "rate",
        "Steps are",
        options=(("rate", "multiples of the rate"), ("weights", "shares of the weights")),
        help="The same rate is another length for weights of another scale. Shares of the weights' norm are scale-matched.",
    )
    layer: str = knob("first", "Hidden layer", options=(("first", "the first"), ("last", "the last")), help="Whose unit is drawn.")
    unit: float = knob(1.0, "Unit", bounds=(1.0, 4.0), quantum=1.0, help="Among the four whose sums vary most.")
    seed: float = knob(0.0, "Network of the ray", bounds=(0.0, 99.0), quantum=1.0, help="Which small network the exact identities are shown on.")
    at_rate: float = knob(3.42, "rate", bounds=(1e-5, 100.0), hidden=True)
    map_rate: float = knob(0.5, "rate of the map", bounds=(1e-5, 100.0), hidden=True)
    map_scale: float = knob(1.0, "scale of the map", bounds=(1e-2, 100.0), hidden=True)
    epoch: float = knob(12.0, "epoch", bounds=(0.0, 100.0), quantum=1.0, hidden=True)
    size: float = knob(4.0, "batch size", bounds=(1.0, 128.0), quantum=1.0, hidden=True)
    pairs: float = knob(4.0, "batch size of the gap", bounds=(1.0, 128.0), quantum=1.0, hidden=True)
    turn: float = knob(12.0, "batch", bounds=(0.0, 100.0), quantum=1.0, hidden=True)
    p: float = knob(0.6, "dropout rate", bounds=(0.0, 0.95), hidden=True)
    lam: float = knob(0.008, "lambda", bounds=(0.0, 1.0), hidden=True)
    c: float = knob(3.16, "scale", bounds=(0.1, 10.0), hidden=True)

    # ------------------------------------------------------------------------------------------------------------ studies

    def _networks(self, *, layers: bool = True) -> dict[str, Any]:
        """Return the settings that all studies share; ``layers`` says whether the depth is the page's, or the study's own."""
        synthetic = self.data in ("moons", "spiral")
        shared = {
            "data": self.data,
            "draw": int(self.draw),
            # What does not act must not make another study.
            "noise": self.noise if synthetic else 0.3,
            "activation": self.activation,
            "width": int(self.width),
            "rule": self.rule,
            "batch": int(self.batch),
            "place": self.place,
            "epochs": int(self.epochs),
            "seeds": int(self.seeds),
        }
        return shared | ({"layers": int(self.layers)} if layers else {})

    def sweep(self) -> RateSweep:
        """Return the sweep of rates."""
        from core.batch_norm.rates import RateSweep

        return RateSweep(**self._networks())

    def map(self) -> RateScaleMap:
        """Return the map of rate and initial scale: two thirds of the epochs, and half of the seeds."""
        from core.batch_norm.rates import RateScaleMap

        return RateScaleMap(**self._networks() | {"epochs": max(5, round(2 * self.epochs / 3)), "seeds": max(2, int(self.seeds) // 2)})

    def smoothness(self) -> Smoothness:
        """Return the study of the loss along the step."""
        from core.batch_norm.smoothness import Smoothness

        return Smoothness(**self._networks(), rate=self.rate)

    def batches(self) -> BatchSizes:
        """Return the study of the batch size, on networks of two hidden layers at half the rate."""
        from core.batch_norm.batches import BatchSizes

        own = {"batch": BatchSizes.batch, "seeds": max(2, round(2 * self.seeds / 3))}
        return BatchSizes(**self._networks(layers=False) | own, layers=min(2, int(self.layers)), rate=_digits(self.rate / 2))

    def orders(self) -> Orders:
        """Return the study of orders, on networks of three hidden layers."""
        from core.batch_norm.orders import Orders

        own = {"place": Orders.place, "batch": max(2, int(self.batch)) if self.batch != "0" else 0}
        return Orders(**self._networks(layers=False) | own, layers=min(3, int(self.layers)), rate=self.rate)

    def decay(self) -> WeightDecay:
        """Return the study of weight decay, on narrow networks of three hidden layers, for twice the epochs."""
        from core.batch_norm.decay import WeightDecay

        own = {"width": min(12, int(self.width)), "epochs": int(2 * self.epochs), "seeds": max(2, int(self.seeds) - 1)}
        return WeightDecay(**self._networks(layers=False) | own, layers=min(3, int(self.layers)), rate=self.rate)

    def unit_study(self) -> Unit:
        """Return the network whose unit is drawn."""
        from core.batch_norm.unit import Unit

        return Unit(**self._networks() | {"seeds": Unit.seeds}, rate=self.rate)


def _digits(value: float) -> float:
    return float(f"{value:.3g}")


BATCH_NORM_PRESETS: Mapping[str, BatchNormSpec] = MappingProxyType(
    {
        "A deep network": BatchNormSpec(),
        "Two layers of tanh": BatchNormSpec(activation="tanh", layers=2.0),
        "Handwritten digits": BatchNormSpec(data="digits", seeds=4.0, at_rate=0.5),
        "Norm after the activation": BatchNormSpec(place="after"),
        "Adam": BatchNormSpec(rule="adam", rate=0.01, at_rate=0.01),
    }
)
