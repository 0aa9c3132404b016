"""The settings of the lab "Shrinkage paths"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar

from core.datasets.uploads.limits import OWN_OPTION
from core.knobs import Spec, knob

FOLLOWS_THE_RULE = 0.0
"""The position of a scrub that nobody has moved: it stands at the one-standard-error choice."""
TWIN_SETTINGS = ("twin_rows", "twin_lam", "twin_scaled", "rho")
"""What the section on twins depends on, its scrub aside."""


@dataclass(frozen=True)
class ShrinkageSpec(Spec):
    """Settings of the lab "Shrinkage paths": data, a penalty, how lambda is chosen, and the twins."""

    prefix: ClassVar[str] = "sh"

    data: str = knob(
        "diabetes",
        "Data",
        options=(("diabetes", "Diabetes"), ("breast_cancer", "Breast cancer"), ("synthetic", "Synthetic"), OWN_OPTION),
        help="Diabetes: 442 patients, 10 columns. Breast cancer: 569 masses, 30 columns, the class fitted as 0 or 1. Synthetic: columns as below. "
        "Your own: a table that you paste or upload.",
    )
    penalty: str = knob(
        "l1",
        "Penalty",
        options=(("l1", "Lasso"), ("elastic_net", "Elastic net"), ("l2", "Ridge")),
        help="Lasso is L1, ridge is L2, the elastic net is both.",
    )
    rho: float = knob(0.5, "Mix", bounds=(0.05, 0.95), quantum=0.05, latex=r"\rho", help="The elastic net's L1 share, for the twins too.")
    flaw: str = knob(
        "none",
        "A column too many",
        options=(("none", "none"), ("constant", "constant"), ("duplicate", "a copy")),
        help="Adds a column that is 7 in every row, or the first of the strong columns once more in another unit.",
    )
    folds: str = knob(
        "10", "Folds", options=(("5", "5"), ("10", "10")), help="Of the cross-validation; each is standardised by its own training rows."
    )
    rows: float = knob(60.0, "Rows", bounds=(10.0, 400.0), quantum=1.0, latex="n", help="Of the synthetic training data; 500 more rows test it.")
    columns: float = knob(
        30.0, "Columns", bounds=(2.0, 60.0), quantum=1.0, latex="p", help="With more columns than rows least squares is not unique."
    )
    relevant: float = knob(6.0, "Columns that matter", bounds=(0.0, 60.0), quantum=1.0, help="At most all of them; the others' true weight is 0.")
    correlation: float = knob(
        0.5, "Correlation of neighbours", bounds=(0.0, 0.99), quantum=0.01, help="Columns i and j are correlated by its |i − j|-th power."
    )
    noise: float = knob(1.0, "Noise", bounds=(0.1, 5.0), quantum=0.1, latex=r"\sigma", help="Its standard deviation; that of the signal is 1.")
    seed: float = knob(0.0, "Seed", bounds=(0.0, 99.0), quantum=1.0, help="The draw of synthetic data, the rows that test, and the folds.")
    twin_rows: float = knob(50.0, "Rows of a twin sample", bounds=(10.0, 200.0), quantum=1.0, latex="n", help="Each of 400 samples has so many.")
    twin_lam: float = knob(
        0.2,
        "λ of the twins",
        bounds=(0.001, 1.0),
        scale="log",
        quantum=10,
        help="The same for lasso, elastic net and ridge, target and noise of deviation 1.",
    )
    twin_scaled: bool = knob(
        True, "Twins standardised", help="Off: centimetres and inches as measured; the same effect is a smaller weight in centimetres."
    )
    lam: float = knob(FOLLOWS_THE_RULE, "lambda", bounds=(0.0, 1e6), hidden=True)
    r: float = knob(0.98, "correlation of the twins", bounds=(0.0, 1.0), hidden=True)

    @property
    def mix(self) -> float:
        """The L1 share of the chosen penalty."""
        return {"l1": 1.0, "l2": 0.0}.get(self.penalty, self.rho)

    @property
    def label(self) -> str:
        """What the chosen penalty is called."""
        return dict(self.knobs()["penalty"].options)[self.penalty]


SHRINKAGE_PRESETS: Mapping[str, ShrinkageSpec] = MappingProxyType(
    {
        "Lasso on diabetes": ShrinkageSpec(),
        "Ridge lets no one go": ShrinkageSpec(penalty="l2"),
        "A copied column": ShrinkageSpec(flaw="duplicate"),
        "Thirty columns of cells": ShrinkageSpec(data="breast_cancer", penalty="elastic_net"),
        "More columns than rows": ShrinkageSpec(data="synthetic", rows=30.0, columns=60.0, seed=3.0),
        "Nothing to find": ShrinkageSpec(data="synthetic", relevant=0.0, seed=6.0),
        "Identical twins": ShrinkageSpec(r=1.0),
        "Twins as measured": ShrinkageSpec(twin_scaled=False),
    }
)
