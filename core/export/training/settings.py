"""What a script has to say: one member's settings with everything resolved, and the script itself."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from textwrap import fill
from typing import cast

from core.datasets import DATASETS
from core.errors import InvalidInput
from core.optimizers import Rule
from core.penalties import PENALTIES, ElasticNet, Penalty
from core.specs.training import ACTIVATIONS, TrainingSpec, rule_of


@dataclass(frozen=True)
class Snippet:
    """A script for one framework.

    Attributes
    ----------
    title:
        The framework's name.
    code:
        The script, whole: it runs as it stands where the framework is installed.
    note:
        How the framework's conventions and defaults differ, in sentences.
    missing:
        What of the settings the framework cannot do, a sentence each saying what the script does instead. The script begins with the same
        sentences. Empty where the script says everything.
    """

    title: str
    code: str
    note: str
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Settings:
    """One member's settings.

    Parameters
    ----------
    spec:
        Of this member alone.
    member, members:
        Its number in its family, from 0, and how many there are.
    task, outputs:
        "binary", "multiclass" or "regression", and the network's outputs.
    """

    spec: TrainingSpec
    member: int
    members: int
    task: str
    outputs: int

    @property
    def inputs(self) -> str:
        """How many inputs there are, as a script writes it: a number, or what is known once data that were given are read."""
        dataset = DATASETS.get(self.spec.data)
        return str(dataset.inputs) if dataset is not None else "X.shape[1]"

    @property
    def strength(self) -> float:
        """Lambda."""
        return float(cast(float, self.spec.lam))

    @cached_property
    def rule(self) -> Rule:
        """The update rule with its hyperparameters."""
        rule: Rule = rule_of(self.key, self.spec.options)
        return rule

    @property
    def key(self) -> str:
        """The rule's key."""
        return str(self.spec.rule)

    @cached_property
    def penalty(self) -> Penalty:
        """The penalty R."""
        return ElasticNet(float(cast(float, self.spec.rho))) if self.spec.penalty == ElasticNet.key else PENALTIES[self.spec.penalty]()

    @property
    def treatment(self) -> str:
        """How the penalty acts, "none" where lambda is 0. AdamW never takes it into its gradient: there it stands beside the step."""
        if self.spec.lam == 0.0:
            return "none"
        return "decoupled" if self.key == "adamw" and self.spec.treatment == "subgradient" else self.spec.treatment

    @property
    def pulls(self) -> bool:
        """Whether the penalty has an L1 part."""
        return self.treatment != "none" and self.penalty.l1 > 0.0

    @property
    def springs(self) -> bool:
        """Whether the penalty has an L2 part."""
        return self.treatment != "none" and self.penalty.l2 > 0.0

    @property
    def decay(self) -> float:
        """The rule's own weight_decay, which acts on every parameter and is no part of the penalty."""
        return float(self.rule.weight_decay)

    @property
    def mini_batches(self) -> bool:
        """Whether an epoch has several steps (one where the batch holds all points, which a script finds out by itself)."""
        return self.spec.batch > 0

    @property
    def drops(self) -> bool:
        """Whether any unit is ever dropped."""
        return self.spec.dropout != 0.0 and bool(self.spec.hidden)

    @property
    def normalises(self) -> bool:
        """Whether there is batch normalisation."""
        return bool(self.spec.batch_norm) and bool(self.spec.hidden)

    def stages(self, layer: int) -> tuple[str, ...]:
        """Return what a hidden layer, counted from 0, does after its weights and biases, in order: of "norm", "activation" and "dropout"."""
        drops = self.drops and (self.spec.dropout_place != "last" or layer == len(self.spec.hidden) - 1)
        there = {"norm": self.normalises, "activation": self.spec.activation != "linear", "dropout": drops}
        return tuple(stage for stage in self.spec.order if there[stage])

    @property
    def every(self) -> int:
        """Epochs from one printed line to the next."""
        return max(1, self.spec.epochs // 10)

    def describe(self) -> str:
        """Return the first lines of a script: what it trains."""
        spec = self.spec
        dataset = DATASETS.get(spec.data)
        name = dataset.label if dataset is not None else "your data"
        of = f", network {self.member + 1} of {self.members}" if self.members > 1 else ""
        sizes = "-".join(str(units) for units in (dataset.inputs if dataset is not None else "d", *spec.hidden, self.outputs))
        activation = [ACTIVATIONS[spec.activation]] if spec.hidden else []
        norm = ["batch normalisation"] if self.normalises else []
        drop = [f"dropout {num(spec.dropout)}"] if self.drops else []
        alone = spec.dropout_place == "last" and len(spec.hidden) > 1 and bool(drop)
        drop = [f"{drop[0]} in the last hidden layer"] if alone else drop
        said = {"norm": norm, "activation": activation, "dropout": [] if alone else drop}
        # In the usual order the activation, which is always there, is named first; another order is said to be one.
        usual = spec.order == TrainingSpec().order or not norm
        ordered = " then ".join(word for stage in spec.order for word in said[stage])
        words = [*activation, *norm, *drop] if usual else [f"{ordered} in each hidden layer", *(drop if alone else ())]
        net = f"{sizes} ({', '.join(words)})" if words else sizes
        lines = [f"# Regularization Lab{of}: {name}, a network {net}, {self.rule.label} at {num(spec.lr)}."]
        if self.treatment == "none":
            return "\n".join([*lines, "# No penalty: lambda is 0."])
        formula = {"l1": "|w|_1", "l2": "|w|_2^2, with no half before it", "elastic_net": "rho |w|_1 + (1 - rho) |w|_2^2"}[self.penalty.key]
        over = (
            "the weights, the biases and batch normalisation's shifts"
            if spec.biases and self.normalises
            else ("the weights and the biases" if spec.biases else "the weights alone")
        )
        lines.append(f"# Objective: loss + lambda R(w) with R(w) = {formula}; w are {over}.")
        return "\n".join(lines)


def settings_of(spec: TrainingSpec, member: int, task: str, outputs: int) -> Settings:
    """Return the settings of one member; ``task`` and ``outputs`` are those of data that were given, and are known for all others.

    Raises
    ------
    InvalidInput
        Where there is no such member, or no such task.
    """
    dataset = DATASETS.get(spec.data)
    if dataset is not None:
        task, outputs = dataset.task, dataset.outputs
    if task not in ("binary", "multiclass", "regression"):
        raise InvalidInput(f"task {task!r}", "binary, multiclass or regression", "Name what the data ask for.")
    return Settings(spec.member(member), member, spec.members, task, outputs)


def num(value: object) -> str:
    """Return a number as a script writes it, every digit of it kept."""
    return repr(float(value)) if isinstance(value, int | float) and not isinstance(value, bool) else repr(value)


def arguments(**given: object) -> str:
    """Return ``name=value, ...`` with those that are None left out; text stands as it is."""
    said = (
        (name, value if isinstance(value, str) else num(value) if not isinstance(value, bool) else repr(value))
        for name, value in given.items()
        if value is not None
    )
    return ", ".join(f"{name}={value}" for name, value in said)


def script(settings: Settings, missing: tuple[str, ...], *blocks: str) -> str:
    """Return a script: what it trains, what it cannot say, and its blocks with an empty line between them."""
    head = [
        settings.describe(),
        *(fill(f"NOT THE SAME HERE: {sentence}", 118, initial_indent="# ", subsequent_indent="#   ") for sentence in missing),
    ]
    return _spaced("\n\n".join(["\n".join(head), *(block.strip("\n") for block in blocks if block.strip())])) + "\n"


def _spaced(text: str) -> str:
    """Return the text with two empty lines around every function and class of its own."""
    out: list[str] = []
    inside = False
    for line in text.splitlines():
        begins = line.startswith(("def ", "class "))
        if begins or (inside and line and not line.startswith(" ")):
            while out and not out[-1]:
                out.pop()
            out += ["", ""]
        if line and not line.startswith(" "):
            inside = begins
        out.append(line)
    return "\n".join(out)


def report(settings: Settings, by: int = 4) -> list[str]:
    """Return the lines that print the last entry of ``history`` every so many epochs, moved to the right."""
    line = 'print(f"epoch {epoch:4d}: train loss {history[-1][0]:.4f}, validation loss {history[-1][1]:.4f}")'
    lines = [line] if settings.every == 1 else [f"if epoch % {settings.every} == 0:", f"    {line}"]
    return [" " * by + each for each in lines]


def indented(text: str, by: int = 4) -> str:
    """Return the text moved to the right."""
    return "\n".join(" " * by + line if line else line for line in text.splitlines())
