"""The comparison tables: what each regulariser does, side by side. Each cell is a few words and the state of a lab that shows them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from core.knobs import Spec
from core.penalties import L1, L2, Penalty
from core.specs import (
    DIAMOND_CIRCLE_PRESETS,
    DROPOUT_PRESETS,
    RACE_PRESETS,
    SHRINKAGE_PRESETS,
    SMOOTHING_PRESETS,
    STEP_BY_STEP_PRESETS,
    TRAINING_PRESETS,
    AdamAndAdamWSpec,
    BatchNormSpec,
    DiamondCircleSpec,
    DropoutSpec,
    FlatAndSharpSpec,
    PriorsSpec,
    RightMixSpec,
    ShrinkageSpec,
    SmoothingSpec,
    StepByStepSpec,
    TrainingLabSpec,
)


@dataclass(frozen=True)
class Cell:
    """What is said of one regulariser.

    Attributes
    ----------
    text:
        The words.
    shown:
        The lab's settings that show it.
    at:
        The heading on that page under which it is seen.
    """

    text: str
    shown: Spec
    at: str


@dataclass(frozen=True)
class Table:
    """A table: columns are regularisers, rows are questions.

    Attributes
    ----------
    key, caption:
        A word for its place in the page, and what it compares.
    columns:
        (name, colour of the law or "") of each.
    rows:
        (question, one cell a column), in order.
    """

    key: str
    caption: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]


def _ratio(penalty: Penalty, large: float, small: float) -> str:
    """Return how many times as much a weight costs as another."""
    return f"{float(penalty.value(np.array([large])) / penalty.value(np.array([small]))):.4g}"


# The states that several cells share.
_SPARSE = ShrinkageSpec(data="synthetic", rows=100.0, columns=30.0, relevant=5.0, correlation=0.1)
_DENSE = _SPARSE.replace(penalty="l2", rows=60.0, relevant=30.0, correlation=0.7)
_TWINS = "Twins: one height in centimetres and in inches"
_RIDGE = "On least squares dropout is ridge"
_CIRCLE = DiamondCircleSpec(penalty="l2", lam=0.5)
_RAVINE = SmoothingSpec(surface="rotated_ravine", condition=100.0, share=0.95, lam=0.1)
_STOPPED = TrainingLabSpec(axis="seed", patience=30.0, epoch=400.0)
_STEEP_FIRST = RACE_PRESETS["A ravine"].replace(step=40.0, focus="sgd")
_ZEROS = TRAINING_PRESETS["Exact zeros"].replace(epoch=400.0)
_AVERAGE = DropoutSpec()

_dc: Callable[..., Cell] = partial(Cell, at="The constraint plane")

EVERYTHING = Table(
    "everything",
    "What each regulariser does",
    (
        ("L1", "l1"),
        ("L2", "l2"),
        ("Elastic net", "elastic_net"),
        ("Dropout", "dropout"),
        ("Batch norm", "batch_norm"),
        ("Early stopping", "validation"),
    ),
    (
        (
            "On one weight",
            (
                Cell("Pushes with λ, whatever its size, to exactly zero.", STEP_BY_STEP_PRESETS["A tiny weight"], "The table"),
                Cell(
                    "Pulls with 2λw: multiplies it, and never reaches zero.", StepByStepSpec(story="alone", convention="lab", step=30.0), "The table"
                ),
                Cell("Both: a constant λρ, and a share 2λ(1 − ρ)w.", STEP_BY_STEP_PRESETS["The constant push"], "The table"),
                Cell("Lets its unit be missing, batch by batch, with probability p.", DROPOUT_PRESETS["A mask a batch"], "Which connections learn"),
                Cell("Its direction counts, its length does not.", BatchNormSpec(c=10.0), "The weights' length does not count"),
                Cell("Nothing. Training ends before it has grown.", _STOPPED, "Training and validation"),
            ),
        ),
        (
            "Best for",
            (
                Cell("A few features matter, and they hardly move together.", _SPARSE, "The weights over λ"),
                Cell("Many features matter a little, or move together.", _DENSE, "The weights over λ"),
                Cell(
                    "Groups of features that move together, few of which matter.", SHRINKAGE_PRESETS["Thirty columns of cells"], "The weights over λ"
                ),
                Cell("Wide networks on few rows.", TRAINING_PRESETS["Dropout cures it"], "Training and validation"),
                Cell("Deep networks, and rates that would not train without it.", BatchNormSpec(), "Higher rates"),
                Cell(
                    "Whatever is trained step by step, with rows to spare.",
                    TRAINING_PRESETS["Overfitting"].replace(patience=60.0),
                    "Training and validation",
                ),
            ),
        ),
        (
            "The solution",
            (
                _dc("Often on a corner of the diamond, where a weight is zero.", DIAMOND_CIRCLE_PRESETS["A corner hit"]),
                _dc("Nearer to the origin: each eigendirection keeps h/(h + 2λ).", _CIRCLE),
                _dc("On a rounded diamond: corners stay, sides bulge.", DiamondCircleSpec(penalty="elastic_net", lam=0.6)),
                Cell("On least squares a ridge, exactly. In a network nearly an average of thinned ones.", _AVERAGE, _RIDGE),
                Cell("The same function for every length of the weights.", BatchNormSpec(c=0.316), "The weights' length does not count"),
                Cell("A place on the way from the start to the minimum.", FlatAndSharpSpec(kind="path", lam=3e-4), "A slice of the loss"),
            ),
        ),
        (
            "The loss surface",
            (
                Cell(
                    "Tilted towards the axes and creased there; elsewhere as curved as before.",
                    SMOOTHING_PRESETS["Creases of L1"].replace(lam=1.0),
                    "Loss plus penalty, L + λR",
                ),
                Cell("Every eigenvalue of the Hessian rises by 2λ.", _RAVINE, "Eigenvalues slide"),
                Cell(
                    "Creased, and every eigenvalue up by 2λ(1 − ρ).",
                    SmoothingSpec(surface="six_hump_camel", penalty="elastic_net", lam=1.0),
                    "Eigenvalues slide",
                ),
                Cell("Another one for every mask. Whether minima are flatter is measured.", FlatAndSharpSpec(level=5.0), "Sharpness and gap"),
                Cell("Whether it is smoother along the step is measured.", BatchNormSpec(judge="smoothness", steps="weights"), "Along the step"),
                Cell("As it was.", FlatAndSharpSpec(kind="path", lam=0.001), "A slice of the loss"),
            ),
        ),
        (
            "The optimizer's path",
            (
                Cell(
                    "Onto an axis. In the gradient it bounces there, by the prox it stays.",
                    RACE_PRESETS["Exact zeros"].replace(step=80.0),
                    "The race",
                ),
                Cell("Faster where the loss curves up: its condition number falls.", _RAVINE, "How fast it converges"),
                Cell(
                    "Faster by the L2 part, onto the axes by the L1 part.",
                    RACE_PRESETS["Exact zeros"].replace(penalty="elastic_net", step=80.0),
                    "The race",
                ),
                Cell("Noisier: every batch has the gradient of another network.", DropoutSpec(p=0.5), "Noisier gradients"),
                Cell("As if the rate were η/|w|²: steps shrink as weights grow.", BatchNormSpec(), "Weight decay and the effective rate"),
                Cell("Cut off. Steep directions are learned by then, flat ones hardly.", _STEEP_FIRST, "The race"),
            ),
        ),
        (
            "Exact zeros",
            (
                Cell("Yes, by the prox or by coordinate descent.", _ZEROS, "Its weights"),
                _dc("No. A weight may cross zero; it does not stay.", DIAMOND_CIRCLE_PRESETS["L2 crosses zero"]),
                Cell("Yes, where the L1 part λρ outweighs the slope.", ShrinkageSpec(penalty="elastic_net"), "The weights over λ"),
                Cell("No. Units are zero, for a batch.", DropoutSpec(p=0.5, rows=1.0), "One unit in numbers"),
                Cell("No.", BatchNormSpec(layer="last"), "What it does to one unit"),
                Cell("No. What began small may still be small.", _STOPPED, "Its weights"),
            ),
        ),
        (
            "Columns that move together",
            (
                Cell("Keeps one of two copies; which one is the sample's luck.", ShrinkageSpec(r=0.98), _TWINS),
                Cell("Shares the weight, and is steady from sample to sample.", ShrinkageSpec(penalty="l2", r=1.0), "How steady a weight is"),
                Cell("Keeps the group, with like weights.", ShrinkageSpec(penalty="elastic_net", r=0.98), _TWINS),
                Cell("Shares, as ridge does: only the diagonal of X'X grows.", DropoutSpec(columns=8.0, scaled=True), _RIDGE),
                Cell("Leaves them: each unit is normalised by itself.", BatchNormSpec(unit=2.0), "What it does to one unit"),
                Cell("Their sum is learned early, their difference late.", _STEEP_FIRST, "The race"),
            ),
        ),
        (
            "Cost",
            (
                Cell("One λ. No closed form; a path costs little more than a fit.", ShrinkageSpec(), "Which λ?"),
                Cell(
                    "One λ; all ridge fits from one decomposition. No more than 2λw a step.",
                    SHRINKAGE_PRESETS["Ridge lets no one go"],
                    "What it spends",
                ),
                Cell("Two numbers, λ and ρ.", ShrinkageSpec(penalty="elastic_net", rho=0.25), "Which λ?"),
                Cell("A p for each layer, and more steps.", _AVERAGE, "Does training take longer?"),
                Cell("A scale and a shift for each unit, and batches that are not tiny.", BatchNormSpec(size=2.0), "Batch size and the gap"),
                Cell("Rows for validation and a patience; less training.", _STOPPED.replace(patience=100.0), "Training and validation"),
            ),
        ),
        (
            "As a prior",
            (
                Cell("Laplace on each weight: the mode can be zero, the mean is not.", PriorsSpec(), "The mode may be zero, the mean is not"),
                Cell("Gaussian on each weight, of deviation σ/√(2nλ).", PriorsSpec(prior="gaussian"), "Why the two are one"),
                Cell("A crease at zero, and Gaussian tails.", PriorsSpec(prior="elastic_net"), "Prior × likelihood"),
                Cell("On least squares Gaussian, tighter where a column's numbers are larger.", DropoutSpec(p=0.5), _RIDGE),
                Cell(
                    "None. A prior on the weights before it sets their length, not the function.",
                    BatchNormSpec(lam=0.02),
                    "Weight decay and the effective rate",
                ),
                Cell("None. Flat directions stay near the start, as under a ridge.", _STEEP_FIRST, "The race"),
            ),
        ),
        (
            "What goes wrong",
            (
                Cell("Large true weights are shrunk as well.", _SPARSE.replace(lam=0.15), "The model beside least squares"),
                Cell(
                    "In Adam it is coupled: each weight is decayed by the size of its gradients.",
                    AdamAndAdamWSpec(step=300.0),
                    "What the decay takes of each weight",
                ),
                Cell(
                    "Two numbers to choose, and each library has its own two.",
                    ShrinkageSpec(penalty="elastic_net", rho=0.75),
                    "The same model in scikit-learn and in glmnet",
                ),
                Cell("At a high p a layer may be left without any unit.", DROPOUT_PRESETS["A layer without units"], "Which connections learn"),
                Cell(
                    "A batch of one row has no variance, and dropout before it shifts what it expects.",
                    BatchNormSpec(size=1.0, p=0.6),
                    "With dropout: the order",
                ),
                Cell("With little patience a noisy curve ends it too early.", _STOPPED.replace(patience=10.0, batch="8"), "Training and validation"),
            ),
        ),
    ),
)

L1_AND_L2 = Table(
    "l1-l2",
    "L1 against L2, point by point",
    (("L1", "l1"), ("L2", "l2")),
    (
        (
            "The penalty",
            (_dc("λ|w|₁: a diamond.", DiamondCircleSpec(lam=0.5)), _dc("λ|w|²: a circle.", _CIRCLE)),
        ),
        (
            "A weight of 10 beside one of 1",
            (
                Cell(f"Costs {_ratio(L1(), 10.0, 1.0)} times as much.", StepByStepSpec(story="alone", small=1.0, step=5.0), "The table"),
                Cell(
                    f"Costs {_ratio(L2(), 10.0, 1.0)} times as much.",
                    StepByStepSpec(story="alone", small=1.0, convention="lab", step=5.0),
                    "The table",
                ),
            ),
        ),
        (
            "The push near zero",
            (
                Cell("As strong as anywhere.", STEP_BY_STEP_PRESETS["A tiny weight"], "The table"),
                Cell("Next to none.", STEP_BY_STEP_PRESETS["A tiny weight"].replace(convention="lab"), "The table"),
            ),
        ),
        (
            "Minima that lose a weight",
            (
                Cell("A whole region of them.", DiamondCircleSpec(lam=0.8), "Which minima lose a weight?"),
                Cell("A line: next to none.", DiamondCircleSpec(penalty="l2", lam=0.8), "Which minima lose a weight?"),
            ),
        ),
        (
            "The path over λ",
            (
                Cell("Straight pieces; one weight after the other is zero.", ShrinkageSpec(), "The weights over λ"),
                Cell("Smooth; all shrink, none goes.", SHRINKAGE_PRESETS["Ridge lets no one go"], "The weights over λ"),
            ),
        ),
        (
            "Two copies of a column",
            (
                Cell("Any split costs the same: no one answer.", ShrinkageSpec(r=1.0), "Who is kept"),
                Cell("Each gets half.", ShrinkageSpec(r=1.0, penalty="l2"), "Who is kept"),
            ),
        ),
        (
            "Another sample",
            (
                Cell("May keep other features.", ShrinkageSpec(r=0.9), "What either weighs"),
                Cell("Moves all weights a little.", ShrinkageSpec(r=0.9, penalty="l2"), "How steady a weight is"),
            ),
        ),
        (
            "Curvature",
            (
                Cell("Adds none off the axes.", SMOOTHING_PRESETS["Creases of L1"].replace(lam=0.5), "Eigenvalues slide"),
                Cell("Adds 2λ everywhere.", SmoothingSpec(lam=0.5), "Eigenvalues slide"),
            ),
        ),
        (
            "Gradient steps",
            (
                Cell("Need the prox for exact zeros.", STEP_BY_STEP_PRESETS["Bouncing"], "The table"),
                Cell("Are enough, at a rate below 2/(μmax + 2λ).", _RAVINE.replace(share=1.0), "How fast it converges"),
            ),
        ),
        (
            "Units of the columns",
            (
                Cell("Decide who is kept: standardise.", SHRINKAGE_PRESETS["Twins as measured"], "Who is kept"),
                Cell("Decide who is shrunk: standardise.", SHRINKAGE_PRESETS["Twins as measured"].replace(penalty="l2"), "Who is kept"),
            ),
        ),
        (
            "The prior",
            (
                Cell("Laplace: peaked at zero, long tails.", PriorsSpec(), "How much belief lies near zero?"),
                Cell("Gaussian: round at zero, short tails.", PriorsSpec(prior="gaussian"), "How much belief lies near zero?"),
            ),
        ),
    ),
)

L1_AND_DROPOUT = Table(
    "l1-dropout",
    "L1 against dropout, point by point",
    (("L1", "l1"), ("Dropout", "dropout")),
    (
        ("Acts on", (Cell("Weights.", _ZEROS, "Its weights"), Cell("Units.", DROPOUT_PRESETS["A mask a batch"], "Which connections learn"))),
        (
            "Chance",
            (
                Cell("None: the objective is fixed.", ShrinkageSpec(), "The weights over λ"),
                Cell("A new mask for every batch, or every row.", DROPOUT_PRESETS["A mask a row"], "Forty batches"),
            ),
        ),
        (
            "Zeros",
            (
                Cell("In the weights, for good.", _ZEROS, "The network"),
                Cell("In the units, for a batch.", DropoutSpec(stage=3.0), "Which connections learn"),
            ),
        ),
        (
            "At test time",
            (
                Cell("The weights as they are.", _ZEROS, "How often it is right"),
                Cell("All units; what survived in training was divided by 1 − p.", DropoutSpec(p=0.5), "Why what survives is scaled"),
            ),
        ),
        (
            "On least squares",
            (
                Cell("Lasso: some weights are zero.", _SPARSE, "The weights over λ"),
                Cell("A ridge that depends on the data: none is.", _AVERAGE, _RIDGE),
            ),
        ),
        (
            "How many models",
            (
                Cell("One.", _ZEROS, "The network"),
                Cell("About the average of 2^N thinned networks.", DropoutSpec(ensemble=8.0), "An ensemble of thinned networks"),
            ),
        ),
        (
            "Units that lean on each other",
            (
                Cell("May go on doing so.", _ZEROS, "The network"),
                Cell("Whether they do so less is measured.", DropoutSpec(width="32"), "Do units lean on each other?"),
            ),
        ),
        (
            "The number to choose",
            (
                Cell("λ, from 0 to where all weights are zero.", ShrinkageSpec(), "Which λ?"),
                Cell("p, from 0 to below 1; usually 10 to 50 %.", DropoutSpec(p=0.25), "The usual rates"),
            ),
        ),
        (
            "Training",
            (
                Cell("One prox more a step.", RACE_PRESETS["Exact zeros"].replace(step=80.0), "The race"),
                Cell("More steps, of noisier gradients.", DropoutSpec(judge="val_loss"), "Does training take longer?"),
            ),
        ),
        (
            "Together",
            (
                Cell("Which λ is best with dropout on is measured.", RightMixSpec(penalty="l1"), "Penalty and dropout together"),
                Cell("Which p is best beside a penalty is measured.", RightMixSpec(p=0.4), "Penalty and dropout together"),
            ),
        ),
    ),
)

TABLES = (EVERYTHING, L1_AND_L2, L1_AND_DROPOUT)


def cells() -> tuple[Cell, ...]:
    """Return every cell of every table."""
    return tuple(cell for table in TABLES for _, row in table.rows for cell in row)


def links() -> tuple[Spec, ...]:
    """Return every state that a cell promises, each once."""
    return tuple(dict.fromkeys(cell.shown for cell in cells()))
