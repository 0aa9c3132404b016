"""What the four scripts of a linear model share: its settings, and the lines of NumPy before the framework's own."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import fill

from core.errors import InvalidInput
from core.export.shrinkage import loader, rows_code
from core.specs.shrinkage import ShrinkageSpec

TASKS = ("regression", "logistic")
DECADE = 10
"""Values of the grid in each decade."""


@dataclass(frozen=True)
class Linear:
    """A penalised linear model and the rows that it is fitted to.

    Parameters
    ----------
    task:
        "regression", 1/(2n) |y - Xw|^2 on a standardised target, or "logistic", the mean log loss with an intercept; numbers become classes by their
        sign, centred.
    data:
        The rows of the lab "Shrinkage paths", and its folds. Its penalty is not looked at.
    lam, rho:
        The penalty lambda (rho |w|_1 + (1 - rho) |w|_2^2), on standardised columns; never on the intercept.
    decades:
        How far down from its top the grid of the cross-validation goes.

    Raises
    ------
    InvalidInput
        Where the task is another, lambda is not above 0, rho no share, or the data have a flaw.
    """

    task: str
    data: ShrinkageSpec
    lam: float
    rho: float
    decades: int = 3

    def __post_init__(self) -> None:
        """Refuse what no script should be asked for."""
        if self.task not in TASKS:
            raise InvalidInput(f"task {self.task!r}", "regression or logistic", "Name one of the two.")
        if not 0.0 < self.lam < float("inf"):
            raise InvalidInput(f"lam = {self.lam:g}", "a number above 0", "Choose a penalty's weight above 0.")
        if self.data.flaw != "none":
            raise InvalidInput(f"a column too many ({self.data.flaw})", "none", "Leave the column out: the scripts do not look for it.")
        if not 0.0 <= self.rho <= 1.0:
            raise InvalidInput(f"rho = {self.rho:g}", "a number from 0 to 1", "Bring the L1 share into that range.")

    @property
    def logistic(self) -> bool:
        """Whether classes are fitted."""
        return self.task == "logistic"

    @property
    def name(self) -> str:
        """What the model is called."""
        penalty = {1.0: "L1", 0.0: "L2"}.get(self.rho, "elastic net")
        if self.logistic:
            return f"logistic regression with {penalty}"
        return {1.0: "lasso", 0.0: "ridge"}.get(self.rho, "elastic net")

    @property
    def grid(self) -> int:
        """How many values the grid has."""
        return DECADE * self.span + 1

    @property
    def span(self) -> int:
        """How many decades the grid has. Without an L1 part no lambda makes all weights 0: it begins farther up, and needs more of them."""
        return self.decades + (2 if self.rho == 0.0 else 0)


def head(settings: Linear, *sentences: str) -> str:
    """Return a script's first lines: the model, its objective, and ``sentences`` on what this framework does."""
    loss = "mean log loss" if settings.logistic else "1/(2n) |y - Xw|^2"
    lines = [
        f"# Regularization Lab: {settings.name}.",
        f"# Objective: {loss} + lambda (rho |w|_1 + (1 - rho) |w|_2^2), no half; the intercept is free.",
        *(fill(sentence, 118, initial_indent="# ", subsequent_indent="#   ") for sentence in sentences),
    ]
    return "\n".join(lines)


def imports(settings: Linear, *lines: str) -> str:
    """Return the imports, NumPy's and the data's first."""
    return "\n".join(["import numpy as np", *lines, *([load] if (load := loader(settings.data).strip()) else [])])


def rows(settings: Linear) -> str:
    """Return the lines that make X and y: the stand-in, to be replaced by one's own."""
    if not settings.logistic:
        target = "y = (y - y.mean()) / y.std()"
    elif settings.data.data == "breast_cancer":
        target = "y = y.astype(float)"
    else:
        target = "y = (y > y.mean()).astype(float)  # two classes"
    return f"# The lab's rows. Put your own X (n, d) and y (n,) here.\n{rows_code(settings.data)}{target}"


def scaled(settings: Linear) -> str:
    """Return the lines that standardise, and give n, lambda, rho, the longest safe step and, for classes, the intercept's column."""
    steep = "0.25 * np.linalg.norm(X, 2) ** 2 / n" if settings.logistic else "np.linalg.norm(X, 2) ** 2 / n"
    ones = ["X = np.column_stack([X, np.ones(len(X))])  # the last weight is the intercept, which is not penalised"] if settings.logistic else []
    return "\n".join(
        [
            "X = (X - X.mean(axis=0)) / X.std(axis=0)  # a penalty is fair to columns of one scale",
            *ones,
            "n, d = X.shape",
            f"lam, rho = {settings.lam:.10g}, {settings.rho:g}",
            f"steepest = {steep}  # the loss's largest curvature",
        ]
    )


STEPS = 20_000
"""A script takes no more steps; it stops when nothing moves any more."""
