"""The settings of the lab "The right mix"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from core.datasets import DATASETS
from core.knobs import Spec, knob

if TYPE_CHECKING:
    from core.right_mix.maps import MixMap
    from core.right_mix.search import MixSearch

_DATA = ("moons", "circles", "spiral", "breast_cancer", "wine", "diabetes")
BUDGETS = ("32", "64", "128")


@dataclass(frozen=True)
class RightMixSpec(Spec):
    """Settings of the lab "The right mix": data and networks, what the maps hold fixed, how is searched, and where the scrubs stand."""

    prefix: ClassVar[str] = "rm"

    data: str = knob(
        "moons",
        "Data",
        options=tuple((key, DATASETS[key].label) for key in _DATA),
        help="Made-up points, 60 to train on and 60 to judge by, or real data of which half is trained on.",
    )
    noise: float = knob(0.35, "Noise", bounds=(0.0, 1.0), quantum=0.05, latex=r"\sigma", help="On each input of made-up points.")
    draw: float = knob(0.0, "Draw of the data", bounds=(0.0, 90.0), quantum=1.0, help="The maps take this draw and the five that follow.")
    epochs: float = knob(
        200.0, "Epochs of the maps", bounds=(100.0, 400.0), quantum=100.0, help="Searches train for 100 where the maps have 100 or 200."
    )
    penalty: str = knob("l2", "Penalty of the maps", options=(("l2", "L2"), ("l1", "L1")), help="By its prox, so that L1 gives exact zeros.")
    rule: str = knob("adam", "Rule of the maps", options=(("sgd", "SGD"), ("momentum", "Momentum"), ("adam", "Adam")))
    units: str = knob("16", "Units a layer of the maps", options=(("8", "8"), ("16", "16"), ("32", "32")), help="Two hidden layers of tanh.")
    space: str = knob(
        "all",
        "Searched together",
        options=(("all", "seven settings"), ("three", "rate, λ and p"), ("regularisers", "λ, p and the penalty")),
        help="What is not searched stays at Adam, a rate of 0.01, no penalty, no dropout, 32 units, no batch norm.",
    )
    budget: str = knob("64", "Trials a search", options=tuple((each, each) for each in BUDGETS), help="The same for all four methods.")
    searches: float = knob(4.0, "Searches a method", bounds=(2.0, 8.0), quantum=1.0, help="Each from a seed of its own.")
    method: str = knob(
        "bayesian",
        "Trials shown of",
        options=(("grid", "grid"), ("single", "one at a time"), ("random", "random"), ("bayesian", "Bayesian")),
        help="Whose trials are drawn one by one below.",
    )
    search: float = knob(1.0, "Search", bounds=(1.0, 8.0), quantum=1.0, help="Which of its searches.")
    lam: float = knob(0.001, "lambda", bounds=(0.0, 1.0), hidden=True)
    p: float = knob(0.0, "dropout rate", bounds=(0.0, 0.95), hidden=True)
    rate: float = knob(0.01, "rate", bounds=(1e-5, 100.0), hidden=True)
    lam2: float = knob(0.0, "lambda of the second map", bounds=(0.0, 1.0), hidden=True)
    n: float = knob(16.0, "trials", bounds=(1.0, 128.0), quantum=1.0, hidden=True)
    rank: float = knob(0.0, "trial, from the best", bounds=(0.0, 127.0), quantum=1.0, hidden=True)

    def feasible(self) -> Mapping[str, tuple[float, float]]:
        """No search beyond those that there are."""
        return {"search": (1.0, self.searches)}

    def _data(self) -> dict[str, Any]:
        # What does not act must not make another study.
        return {"data": self.data, "draw": int(self.draw), "noise": self.noise if DATASETS[self.data].synthetic else 0.35}

    def map(self, kind: str) -> MixMap:
        """Return a map, of "lam_p" or "rate_lam"."""
        from core.right_mix.maps import MixMap

        return MixMap(kind=kind, **self._data(), penalty=self.penalty, rule=self.rule, units=int(self.units), epochs=int(self.epochs))

    def search_study(self) -> MixSearch:
        """Return the searches."""
        from core.right_mix.search import MixSearch

        epochs = 100 if self.epochs <= 200.0 else 200
        return MixSearch(**self._data(), space=self.space, budget=int(self.budget), searches=int(self.searches), epochs=epochs)


RIGHT_MIX_PRESETS: Mapping[str, RightMixSpec] = MappingProxyType(
    {
        "Moons": RightMixSpec(),
        "Three settings alone": RightMixSpec(space="three"),
        "Real data": RightMixSpec(data="breast_cancer", searches=3.0),
        "Plain SGD": RightMixSpec(rule="sgd", rate=0.1),
        "L1 instead of L2": RightMixSpec(penalty="l1"),
    }
)
