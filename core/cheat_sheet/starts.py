"""Starting values of what the guide advises, computed, and the code that has them.

Linear models: on a stand-in, made-up rows of the shape that was described, a grid of lambdas from where the penalty has won, and the cross-validated
choice. Networks: from a Gaussian prior of standard deviation 1 on each weight, lambda = 1 / (2 n); under AdamW from how long its decay remembers.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core._validate import Floats
from core.cheat_sheet import logistic
from core.cheat_sheet.guide import LINEAR, Advice, rule_of
from core.export.layers import Layers, layer_snippets
from core.export.linear.settings import DECADE
from core.export.linear_code import Linear, linear_snippets
from core.export.training.settings import Snippet
from core.export.training_code import training_snippets
from core.knobs import Spec
from core.specs import CheatSheetSpec, RaceSpec, ShrinkageSpec, TrainingLabSpec
from core.specs.dropout import USUAL
from core.specs.training_lab import SHARES
from core.statistics.shrinkage.data import table
from core.statistics.shrinkage.design import design
from core.statistics.shrinkage.paths import largest
from core.statistics.shrinkage.validation import cross_validate, fold_of
from core.wording import number, plain

SAMPLES = {"tens": 50, "hundreds": 500, "thousands": 5000}
"""The rows that each answer stands for."""
ROWS = {"tens": 40.0, "hundreds": 200.0, "thousands": 400.0}
COLUMNS = {"tens": 8.0, "hundreds": 20.0, "thousands": 40.0}
"""The stand-in's size where features are few; the lab has at most 60 columns, so with more features it has fewer rows."""
ALIKE = {"low": 0.1, "groups": 0.7, "twins": 0.95}
"""The correlation of neighbours that each answer stands for."""
NOISE = 0.5
"""Beside a signal of deviation 1."""
SHARE = {"low": 0.9, "groups": 0.7, "twins": 0.5}
"""The elastic net's L1 share: the more columns say the same, the more its L2 part has to do."""
RATE = 0.01
"""Adam's learning rate in the lab "Training"; the others' are multiples of it."""
BATCH, EPOCHS, PATIENCE = 32, 200, 30
DROPOUT = {"tens": USUAL[4][0], "hundreds": 0.3, "thousands": USUAL[0][0]}
"""Of dense layers 10 to 50 %, less where there are more rows to learn from."""
ELSEWHERE = {"conv": USUAL[3][0], "recurrent": USUAL[2][0]}
"""The middle of what courses recommend for these kinds."""


@dataclass(frozen=True)
class Start:
    """One value: what it is, what to begin with, and where that comes from."""

    label: str
    value: str
    why: str


@dataclass(frozen=True)
class Starts:
    """Where to begin.

    Attributes
    ----------
    numbers:
        The values, in words.
    note:
        What they were computed on, in sentences.
    shown:
        The lab's settings that have these values.
    lam, rho:
        The penalty lambda (rho |w|_1 + (1 - rho) |w|_2^2).
    dropout, lr:
        The probability of dropping, and the rate; None for a linear model.
    snippets:
        The code.
    """

    numbers: tuple[Start, ...]
    note: str
    shown: Spec
    lam: float
    rho: float
    dropout: float | None
    lr: float | None
    snippets: tuple[Snippet, ...]

    @property
    def weight_decay(self) -> float:
        """What the L2 part is as a weight_decay: 2 lambda (1 - rho)."""
        return 2.0 * self.lam * (1.0 - self.rho)


def begin(answers: CheatSheetSpec, advice: Advice) -> Starts:
    """Return the starting values and the code of what was advised for these answers."""
    return _linear(answers, advice) if answers.model in LINEAR else _network(answers, advice)


# ------------------------------------------------------------------------------------------------------------ linear models


def stand_in(answers: CheatSheetSpec, penalty: str) -> ShrinkageSpec:
    """Return made-up rows of the shape that was described, with the advised penalty."""
    if answers.features == "few":
        rows, columns = ROWS[answers.samples], COLUMNS[answers.samples]
    else:
        columns = 60.0 if answers.features == "many" or answers.samples != "tens" else 30.0
        rows = columns if answers.features == "equal" else {"tens": 20.0, "hundreds": 30.0, "thousands": 40.0}[answers.samples]
    relevant = {"few": max(1.0, round(columns / 10.0)), "some": round(columns / 2.0), "most": columns}[answers.relevant]
    return ShrinkageSpec(
        data="synthetic",
        penalty=penalty,
        rho=SHARE[answers.correlation],
        folds="5",
        rows=rows,
        columns=columns,
        relevant=float(relevant),
        correlation=ALIKE[answers.correlation],
        noise=NOISE,
    )


@dataclass(frozen=True, eq=False)
class Choice:
    """A grid and what cross-validation chooses on it.

    Attributes
    ----------
    data:
        The stand-in.
    lam:
        (k,) the grid, ascending.
    error, spread:
        (k,) the cross-validated error and its standard error.
    steepest:
        The loss's largest curvature on standardised columns.
    """

    data: ShrinkageSpec
    lam: Floats
    error: Floats
    spread: Floats
    steepest: float

    @property
    def best(self) -> int:
        """The member of least error."""
        return int(len(self.lam) - 1 - np.argmin(self.error[::-1]))

    @cached_property
    def simplest(self) -> int:
        """The largest lambda within one standard error of the least."""
        return int(np.flatnonzero(self.error <= self.error[self.best] + self.spread[self.best])[-1])


def grid(top: float, rho: float, rows: int, columns: int) -> Floats:
    """Return the lambdas to try, ascending, ten a decade: three decades down from the top, two where columns are as many as rows; two more for L2."""
    decades = decades_of(rows, columns) + (2 if rho == 0.0 else 0)
    return np.geomspace(10.0**-decades * top, top, DECADE * decades + 1)


def decades_of(rows: int, columns: int) -> int:
    """Return how far down a grid with an L1 part goes: with fewer rows than columns the lower end only repeats the rows."""
    return 3 if columns < rows else 2


def choose(data: ShrinkageSpec, classes: bool) -> Choice:
    """Return the grid and the cross-validated errors of a stand-in, for its targets or for their classes."""
    made = table(data)
    fitted = design(made.X, made.y, made.names)
    rho, n = data.mix, len(made.y)
    fold = fold_of(n, int(data.folds), np.random.default_rng([int(data.seed), 1]))
    curvature = float(np.linalg.norm(fitted.X, 2)) ** 2 / n
    if classes:
        y = (made.y > made.y.mean()).astype(np.float64)
        lam = grid(logistic.top(fitted.X, y, rho), rho, n, int(data.columns))
        return Choice(data, lam, *logistic.cross_validate(made.X, y, rho, lam, fold), curvature / 4.0)
    top = largest(fitted.X.T @ fitted.y / n, rho) if rho > 0.0 else 10.0 * curvature
    lam = grid(top, rho, n, int(data.columns))
    validated = cross_validate(made.X, fitted.y, rho, lam, fold)
    return Choice(data, lam, validated.mean, validated.error, curvature)


def _linear(answers: CheatSheetSpec, advice: Advice) -> Starts:
    data = stand_in(answers, advice.penalty)
    classes = answers.model == "logistic"
    choice = choose(data, classes)
    zeros = data.mix > 0.0
    # Where no model beats the empty one for sure, one standard error away is the empty one: not a place to begin.
    simple = zeros and choice.simplest < len(choice.lam) - 1
    at = choice.simplest if simple else choice.best
    lam, rho = float(f"{choice.lam[at]:.6g}"), data.mix
    rows, columns = int(data.rows), int(data.columns)
    where = (
        ("max |x'y|/n" if rho == 1.0 else "max |x'y|/(nρ)") + ", where all weights are 0"
        if zeros
        else f"{'2.5' if classes else '10'} μmax, where the steepest direction keeps 1/21"
    )
    numbers = [
        Start("λ, the grid", f"{number(choice.lam[0])} to {number(choice.lam[-1])}, {len(choice.lam)} values", f"down from {where}"),
        Start(
            "λ to begin with",
            number(lam),
            _chosen(simple, at == 0),
        ),
    ]
    if 0.0 < rho < 1.0:
        numbers.append(
            Start(
                "ρ, the L1 share",
                f"{plain(rho)}; then {plain(rho - 0.2)} and {plain(min(rho + 0.2, 1.0))}",
                "less, the more columns repeat each other",
            )
        )
    if answers.optimizer in ("sgd", "momentum"):
        steep = choice.steepest + 2.0 * lam * (1.0 - rho)
        limit = (2.0 if answers.optimizer == "sgd" else 2.0 * 1.9) / steep
        formula = "2/(μmax + 2λ(1 − ρ))" if answers.optimizer == "sgd" else "2 · 1.9/(μmax + 2λ(1 − ρ))"
        numbers.append(Start("Rate", f"below {number(limit)}; begin with {number(limit / 2.0)}", f"{formula}, on standardised columns"))
    matter = min(int(data.relevant), columns)
    note = (
        f"Computed on a stand-in: {rows} rows of {columns} columns, {'all' if matter == columns else matter} of which matter, neighbours "
        f"correlated by {plain(data.correlation)}, noise {plain(data.noise)} times the signal. The code makes the same rows; yours have another λ."
    )
    if classes:
        shown: Spec = RaceSpec(
            surface="logistic_regression", penalty=data.penalty, rho=rho if 0.0 < rho < 1.0 else 0.5, treatment="proximal", fista=True
        )
    else:
        shown = data.replace(lam=lam)
    settings = Linear("logistic" if classes else "regression", data, lam, rho, decades_of(rows, columns))
    return Starts(tuple(numbers), note, shown, lam, rho, None, None, linear_snippets(settings))


def _chosen(simple: bool, lowest: bool) -> str:
    """Return how lambda was chosen, and what it means where that is the grid's lower end."""
    if simple:
        return "cross-validation: the largest within one standard error of the least error"
    return "cross-validation: the least error" + (", at the grid's lower end: with data like these hardly any penalty is wanted" if lowest else "")


# ---------------------------------------------------------------------------------------------------------------- networks


def prior_lambda(n: int, penalty: str) -> float:
    """Return the lambda beside a mean loss of n rows that a prior of standard deviation 1 on each weight is: 1/(2n) Gaussian, sqrt(2)/n Laplace."""
    return float(np.sqrt(2.0)) / n if penalty == "l1" else 0.5 / n


def steps_of(n: int) -> int:
    """Return how many steps the training has."""
    return EPOCHS * -(-n // BATCH)


def _network(answers: CheatSheetSpec, advice: Advice) -> Starts:
    n, rule, penalty = SAMPLES[answers.samples], rule_of(answers), advice.penalty
    lr = RATE * SHARES[rule]
    lam = prior_lambda(n, penalty) if penalty != "decay" else 0.5 / (lr * steps_of(n))
    dropout = 0.0
    if advice.uses("dropout"):
        dropout = ELSEWHERE.get(answers.model, DROPOUT[answers.samples])
    shown = TrainingLabSpec(
        axis="seed",
        points=float(min(1000, 2 * n)),
        batch=str(BATCH),
        epochs=float(EPOCHS),
        patience=float(PATIENCE),
        batch_norm=advice.uses("batch_norm"),
        rule=rule,
        lr=lr,
        penalty="l1" if penalty == "l1" else "l2",
        lam=lam,
        treatment={"l1": "proximal", "decay": "decoupled"}.get(penalty, "subgradient"),
        dropout=dropout,
        epoch=float(EPOCHS),
    )
    # The lab's own values, so that the link, the numbers and the code say the same.
    lam, lr, dropout = shown.lam, shown.lr, shown.dropout
    if answers.model == "network":
        snippets = training_snippets(shown.training(), 0)
    else:
        snippets = layer_snippets(Layers(answers.model, dropout, 2.0 * lam, rule, lr, advice.uses("batch_norm")))
    return Starts(
        tuple(_network_numbers(answers, advice, rule, lam, lr, dropout)),
        _network_note(answers, n, penalty),
        shown,
        lam,
        1.0 if penalty == "l1" else 0.0,
        dropout,
        lr,
        snippets,
    )


def _network_numbers(answers: CheatSheetSpec, advice: Advice, rule: str, lam: float, lr: float, dropout: float) -> list[Start]:
    n = SAMPLES[answers.samples]
    tries = f"then {number(lam / 10.0)} to {number(10.0 * lam)}, two a decade"
    if advice.penalty == "decay":
        twice = f"then {number(lam / 5.0)} to {number(20.0 * lam)}, two a decade"
        numbers = [
            Start(
                "weight_decay",
                f"{number(2.0 * lam)}; {twice}",
                f"1/(rate · steps): in {steps_of(n)} steps a weight that no data hold is down to 1/e",
            )
        ]
    elif advice.penalty == "l1":
        numbers = [Start("λ", f"{number(lam)}; {tries}", f"a Laplace prior of deviation 1 on each weight, n = {n}: √2/n")]
    else:
        numbers = [
            Start("λ", f"{number(lam)}; {tries}", f"a Gaussian prior of deviation 1 on each weight, n = {n}: 1/(2n)"),
            Start("weight_decay", number(2.0 * lam), "2λ, for a cross-entropy or half a mean square"),
        ]
    times = "" if SHARES[rule] == 1.0 else f"{plain(SHARES[rule])} times "
    numbers.append(Start("Rate", number(lr), f"{times}that of Adam in the lab; try three times as much, and a third"))
    if dropout > 0.0:
        usual = {"conv": "40 to 50 %", "recurrent": "20 to 30 %"}.get(answers.model, "10 to 50 %")
        numbers.append(Start("p to drop", f"{plain(dropout)}, so {plain(1.0 - dropout)} to keep", f"of the usual {usual}"))
    numbers.append(Start("Patience", f"{PATIENCE} epochs", "without a lower validation loss"))
    return numbers


def _network_note(answers: CheatSheetSpec, n: int, penalty: str) -> str:
    said = [f"For {n} rows in batches of {BATCH}, {EPOCHS} epochs."]
    if answers.model == "network":
        said.append("The code trains the very network that the link opens.")
        if n > 500:
            said.append("The lab has at most 500 rows to train on, so there the penalty of more rows is shown on fewer.")
    else:
        said.append("The code is a fragment with the advised layers; scikit-learn has neither convolutions nor recurrent layers.")
        said.append("The link shows the same numbers on a small dense network.")
    if penalty != "decay":
        said.append("A mean loss is n times as strong against a prior, so λ falls as 1/n.")
    return " ".join(said)
