"""The story of the lab "Shrinkage paths": who goes first, how λ is chosen, what becomes of twins."""

from __future__ import annotations

from core.lessons.story import Step
from core.specs import ShrinkageSpec

STEPS = (
    Step(
        "Everything pays rent",
        "Each line is the weight of one column of the diabetes data, and λ is the rent that every weight pays. As λ falls from right to left, the "
        "columns move in one after the other, the most useful first.",
        ShrinkageSpec(lam=0.3),
    ),
    Step(
        "The error has a bottom, and a plateau",
        "With a small λ all columns are in, and the model follows the noise of its own rows. The cross-validated error falls, rests on a wide "
        "plateau, "
        "and hardly rises again: the data are many, the columns few.",
        ShrinkageSpec(lam=0.01),
    ),
    Step(
        "The simplest model that is as good",
        "Errors of folds scatter, so the least of them is partly luck. The one-standard-error rule takes the largest λ that cannot be told from "
        "it, and "
        "fewer columns stay.",
        ShrinkageSpec(),
    ),
    Step(
        "Ridge lets no one go",
        "The square of a weight costs next to nothing near zero, so no weight is worth giving up. All lines bend towards zero and none arrives: "
        "less of "
        "everybody instead of fewer.",
        ShrinkageSpec(penalty="l2", lam=0.5),
    ),
    Step(
        "A column that says the same",
        "Now one column stands in the data twice, in two units. Lasso only knows what the two are worth together, and which of them gets it is an "
        "accident of the algorithm; the note above the chart says so.",
        ShrinkageSpec(flaw="duplicate", lam=0.02),
    ),
    Step(
        "Twins, and who keeps both",
        "One height in centimetres and in inches, in hundreds of samples. Lasso often keeps one of the twins and drops the other, while the "
        "elastic net "
        "keeps both with similar weights.",
        ShrinkageSpec(penalty="elastic_net", r=0.99),
    ),
    Step(
        "More columns than rows",
        "With twice as many columns as rows least squares fits anything at all. A penalty still gives one answer, and cross-validation finds a λ at "
        "which it predicts.",
        ShrinkageSpec(data="synthetic", rows=30.0, columns=60.0, seed=3.0),
    ),
)
