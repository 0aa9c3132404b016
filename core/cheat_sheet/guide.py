"""The guide: answers about a problem -> which regularisers to use, at which starting values, why, and what to look out for.

The rules are tables: of `CHOICES` the first that fits answers, of `BESIDE`, `AGAINST` and `WARNINGS` all that fit do. Each shows its reason in a lab.
Starting values are computed in `core.cheat_sheet.starts`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.errors import InvalidInput
from core.knobs import Spec
from core.specs import (
    ADAM_AND_ADAMW_PRESETS,
    DROPOUT_PRESETS,
    RACE_PRESETS,
    SHRINKAGE_PRESETS,
    STEP_BY_STEP_PRESETS,
    TRAINING_PRESETS,
    AdamAndAdamWSpec,
    BatchNormSpec,
    BiasVarianceSpec,
    CheatSheetSpec,
    DropoutSpec,
    ShrinkageSpec,
    SmoothingSpec,
    TrainingLabSpec,
)

LINEAR = ("linear", "logistic")
NETWORKS = ("network", "conv", "recurrent")
PENALTIES = ("l1", "l2", "elastic_net", "decay")
NAMES = {
    "l1": "L1",
    "l2": "L2",
    "elastic_net": "Elastic net",
    "decay": "Decoupled weight decay",
    "dropout": "Dropout",
    "batch_norm": "Batch norm",
    "early_stopping": "Early stopping",
}
"""Key -> what a regulariser is called on the page."""
INKS = {"l1": "l1", "l2": "l2", "elastic_net": "elastic_net", "decay": "adamw", "dropout": "dropout", "batch_norm": "batch_norm"}
"""Key -> its colour of the law, for those that have one."""


@dataclass(frozen=True)
class Reason:
    """Why something is used, left out, or to be looked out for.

    Attributes
    ----------
    key:
        The regulariser, of `NAMES`; of a warning a word that tells it from others.
    text:
        Sentences.
    shown:
        The lab's settings that show it.
    """

    key: str
    text: str
    shown: Spec


@dataclass(frozen=True)
class Rule:
    """One line of the tables: where ``fits`` is true, ``reason`` stands."""

    fits: Callable[[CheatSheetSpec], bool]
    reason: Reason


@dataclass(frozen=True)
class Advice:
    """What the guide answers.

    Attributes
    ----------
    use, leave:
        What to use, and what to leave out; no regulariser is in both.
    warnings:
        What to look out for.
    """

    use: tuple[Reason, ...]
    leave: tuple[Reason, ...]
    warnings: tuple[Reason, ...]

    @property
    def penalty(self) -> str:
        """The one penalty that is advised, of `PENALTIES`."""
        return next(reason.key for reason in self.use if reason.key in PENALTIES)

    def uses(self, key: str) -> bool:
        """Whether a regulariser is advised."""
        return any(reason.key == key for reason in self.use)


def _linear(a: CheatSheetSpec) -> bool:
    return a.model in LINEAR


def _network(a: CheatSheetSpec) -> bool:
    return a.model in NETWORKS


def _normed(a: CheatSheetSpec) -> bool:
    return a.batch_norm and a.model in ("network", "conv")


def _sparse(a: CheatSheetSpec) -> bool:
    """Whether zeros are wanted: they are asked for, or few features matter."""
    return a.selection or a.relevant == "few"


def rule_of(a: CheatSheetSpec) -> str:
    """Return the rule that trains a network: that which was asked for, or Adam where none is."""
    return "adam" if a.optimizer == "exact" else a.optimizer


# --------------------------------------------------------------------------------------------------------------- what is chosen

CHOICES: tuple[Rule, ...] = (
    Rule(
        lambda a: _linear(a) and _sparse(a) and a.correlation != "low",
        Reason(
            "elastic_net",
            "Zeros are wanted and features move together. Of such a group lasso keeps one, which one is the sample's luck; the L2 part of the "
            "elastic "
            "net lets the group share its weight.",
            ShrinkageSpec(penalty="elastic_net", r=1.0),
        ),
    ),
    Rule(
        lambda a: _linear(a) and _sparse(a) and a.features == "many" and a.relevant == "most",
        Reason(
            "elastic_net",
            "Zeros are wanted, but more features matter than there are rows: lasso can keep at most n of them, the elastic net has no such limit.",
            ShrinkageSpec(data="synthetic", penalty="elastic_net", rows=30.0, columns=60.0, relevant=60.0, seed=3.0),
        ),
    ),
    Rule(
        lambda a: _linear(a) and _sparse(a),
        Reason(
            "l1",
            "Zeros are wanted, and features hardly move together: the corner of the diamond cuts weights to exactly zero, and λ says how many are "
            "left.",
            ShrinkageSpec(),
        ),
    ),
    Rule(
        _linear,
        Reason(
            "l2",
            "Most features matter a little and none has to go: shrinking all of them costs a little bias and takes away more variance.",
            BiasVarianceSpec(lam=0.01),
        ),
    ),
    Rule(
        lambda a: a.model == "network" and a.selection,
        Reason(
            "l1",
            "L1 by its prox gives weights that are exactly zero. A feature is out only when all its weights of the first layer are.",
            TRAINING_PRESETS["Exact zeros"],
        ),
    ),
    Rule(
        lambda a: a.optimizer == "adamw",
        Reason(
            "decay",
            "With AdamW the penalty is its weight_decay: it stands beside the step, so every weight shrinks by the same factor, whatever its "
            "gradients.",
            ADAM_AND_ADAMW_PRESETS["No data gradient"],
        ),
    ),
    Rule(
        _network,
        Reason(
            "l2",
            "An L2 term keeps weights small, and with them how fast the network's answer can change between two points.",
            TRAINING_PRESETS["Overfitting"],
        ),
    ),
)
"""Which penalty: the first that fits."""

BESIDE: tuple[Rule, ...] = (
    Rule(
        lambda a: a.model == "network" and not _normed(a),
        Reason(
            "dropout",
            "Units cannot lean on one another where any of them may be missing. Training takes more steps.",
            TrainingLabSpec(axis="dropout"),
        ),
    ),
    Rule(
        lambda a: a.model == "conv" and not _normed(a),
        Reason(
            "dropout",
            "Before the last layer: neighbouring pixels say the same, so a unit dropped inside a convolution is hardly missed.",
            DropoutSpec(p=0.45),
        ),
    ),
    Rule(
        lambda a: a.model == "recurrent",
        Reason(
            "dropout",
            "At a low rate, on what goes in and out: along time one mask for the whole sequence, or the memory is erased step by step.",
            DropoutSpec(p=0.25),
        ),
    ),
    Rule(
        _normed,
        Reason(
            "batch_norm",
            "It lets the rate rise, and the noise of the batches regularises a little, the more the smaller they are.",
            BatchNormSpec(),
        ),
    ),
    Rule(
        _network,
        Reason(
            "early_stopping",
            "Keep the weights of the epoch with the lowest validation loss. It costs nothing but rows for validation.",
            TrainingLabSpec(axis="seed", patience=30.0, epoch=400.0),
        ),
    ),
)
"""What else: all that fit."""

AGAINST: tuple[Rule, ...] = (
    Rule(
        lambda a: _linear(a) and _sparse(a),
        Reason(
            "l2",
            "Ridge alone keeps every feature: its weights shrink, and cross zero, but do not stay there.",
            SHRINKAGE_PRESETS["Ridge lets no one go"],
        ),
    ),
    Rule(
        lambda a: _linear(a) and not _sparse(a),
        Reason(
            "l1",
            "Zeros would be wrong where most features matter: lasso would pay for choosing as well as for shrinking.",
            ShrinkageSpec(data="synthetic", columns=30.0, relevant=30.0, rows=60.0),
        ),
    ),
    Rule(
        _linear,
        Reason(
            "dropout",
            "On least squares, dropping inputs is exactly a ridge that depends on the data; the ridge itself is cheaper and has no noise.",
            DropoutSpec(scaled=True),
        ),
    ),
    Rule(
        lambda a: _linear(a) and a.batch_norm,
        Reason(
            "batch_norm",
            "There is no hidden layer to normalise: standardise the columns once instead.",
            SHRINKAGE_PRESETS["Twins as measured"],
        ),
    ),
    Rule(
        _normed,
        Reason(
            "dropout",
            "Begin without it: dropout before a batch norm changes the variance between training and test. If it is needed, after the last norm.",
            BatchNormSpec(p=0.5),
        ),
    ),
    Rule(
        lambda a: a.model == "recurrent" and a.batch_norm,
        Reason(
            "batch_norm",
            "A recurrent layer sees other statistics at every step of time, and batches of sequences are small: layer normalisation does not ask "
            "the batch.",
            BatchNormSpec(size=2.0, pairs=2.0),
        ),
    ),
    Rule(
        lambda a: _network(a) and not (a.model == "network" and a.selection),
        Reason(
            "l1",
            "Single weights that are zero make a network neither smaller nor easier to read, unless whole units go.",
            TRAINING_PRESETS["Exact zeros"],
        ),
    ),
    Rule(
        lambda a: a.model == "network" and a.selection and a.optimizer == "adamw",
        Reason(
            "decay",
            "AdamW's weight_decay gives no zeros: set it to 0, the penalty is L1 by its prox.",
            ADAM_AND_ADAMW_PRESETS["No data gradient"],
        ),
    ),
)
"""What to leave out: all that fit."""

WARNINGS: tuple[Rule, ...] = (
    Rule(
        _linear,
        Reason(
            "standardise",
            "λ is fair only to columns of one scale: standardise them, or the column in the larger unit, whose weight is smaller, pays less.",
            SHRINKAGE_PRESETS["Twins as measured"],
        ),
    ),
    Rule(
        _linear,
        Reason(
            "choose",
            "The rows that are fitted always want λ = 0. Choose it on others: cross-validate the grid, each fold standardised by itself.",
            ShrinkageSpec(folds="5"),
        ),
    ),
    Rule(
        lambda a: _linear(a) and a.samples == "tens",
        Reason(
            "few rows",
            "With tens of rows the least cross-validated error is partly luck. The one-standard-error rule takes the largest λ that cannot be "
            "told from it.",
            SHRINKAGE_PRESETS["Nothing to find"],
        ),
    ),
    Rule(
        lambda a: _linear(a) and a.features != "few",
        Reason(
            "p > n",
            "With as many features as rows, or more, the fit without a penalty repeats its own rows and is not unique. Lasso keeps at most n "
            "weights.",
            SHRINKAGE_PRESETS["More columns than rows"],
        ),
    ),
    Rule(
        lambda a: _linear(a) and a.correlation == "twins",
        Reason(
            "twins",
            "Between copies lasso has no answer of its own: below a correlation of 1 the sample decides, at 1 the program. L2 gives each half.",
            SHRINKAGE_PRESETS["Identical twins"],
        ),
    ),
    Rule(
        lambda a: a.model == "logistic",
        Reason(
            "separable",
            "Classes that can be told apart have no minimum without a penalty: weights grow for ever. Any λ above 0 ends that.",
            RACE_PRESETS["Real data"],
        ),
    ),
    Rule(
        lambda a: _linear(a) and a.optimizer == "adamw",
        Reason(
            "adamw",
            "AdamW's decay is not L2: without noise it ends inside a box, not at the penalised minimum. The code below takes proximal steps instead.",
            ADAM_AND_ADAMW_PRESETS["AdamW is a box"],
        ),
    ),
    Rule(
        lambda a: _network(a) and a.optimizer == "adamw" and not (a.model == "network" and a.selection),
        Reason(
            "adamw",
            "AdamW's decay is not L2: without noise it holds every weight in a box of ± 1/weight_decay, and with noise it is near ridge.",
            ADAM_AND_ADAMW_PRESETS["AdamW is a box"],
        ),
    ),
    Rule(
        lambda a: _network(a) and rule_of(a) == "adam" and not (a.model == "network" and a.selection),
        Reason(
            "coupled",
            "torch.optim.Adam(weight_decay) is coupled: the decay goes through both moments, so each weight is decayed by the size of its own "
            "gradients. "
            "AdamW keeps it beside the step.",
            AdamAndAdamWSpec(step=300.0),
        ),
    ),
    Rule(
        lambda a: _network(a) and a.optimizer == "exact",
        Reason("no closed form", "A network has no closed form: Adam stands in below.", RACE_PRESETS["The valley"]),
    ),
    Rule(
        lambda a: a.optimizer in ("sgd", "momentum") and not _normed(a),
        Reason(
            "rate",
            "The rate must fall as λ rises: with the L2 term in the gradient SGD is stable below 2/(μmax + 2λ). By its prox it may go faster.",
            SmoothingSpec(surface="rotated_ravine", condition=100.0, share=1.05, lam=0.1),
        ),
    ),
    Rule(
        lambda a: (_linear(a) and _sparse(a) and a.optimizer != "exact") or (a.model == "network" and a.selection),
        Reason(
            "prox",
            "L1 in the gradient hardly ever gives an exact zero: the weight jumps across. The code below takes the proximal step.",
            STEP_BY_STEP_PRESETS["Bouncing"],
        ),
    ),
    Rule(
        _normed,
        Reason(
            "scale",
            "A normed layer computes the same whatever the length of its weights: weight decay does not make it simpler, it raises its effective "
            "rate, "
            "which is η/|w|².",
            BatchNormSpec(lam=0.02),
        ),
    ),
    Rule(
        lambda a: a.model in ("conv", "recurrent") and a.selection,
        Reason(
            "no features",
            "Which features matter is not told by zeros of such a network: one weight serves every place, or every step of time.",
            DROPOUT_PRESETS["A mask a batch"],
        ),
    ),
    Rule(
        lambda a: True,
        Reason(
            "biases",
            "Leave intercepts, biases and a norm's scales and shifts unpenalised: a penalty there moves the answer's level, not its complexity.",
            TrainingLabSpec(biases=True, lam=0.01, axis="seed", epoch=400.0),
        ),
    ),
)
"""What to look out for: all that fit."""


def advise(answers: CheatSheetSpec) -> Advice:
    """Return the guide's answer; every combination of answers has one.

    Parameters
    ----------
    answers:
        Of its fields the guide's alone are looked at.

    Raises
    ------
    InvalidInput
        For anything but a spec of the page.
    """
    if not isinstance(answers, CheatSheetSpec):
        raise InvalidInput(f"answers of type {type(answers).__name__}", "a CheatSheetSpec", "Pass the page's settings.")
    chosen = next(rule.reason for rule in CHOICES if rule.fits(answers))
    beside = tuple(rule.reason for rule in BESIDE if rule.fits(answers))
    leave = tuple(rule.reason for rule in AGAINST if rule.fits(answers))
    warnings = tuple(rule.reason for rule in WARNINGS if rule.fits(answers))
    return Advice((chosen, *beside), leave, warnings)


def links() -> tuple[Spec, ...]:
    """Return every state that a reason of the guide shows."""
    return tuple(dict.fromkeys(rule.reason.shown for table in (CHOICES, BESIDE, AGAINST, WARNINGS) for rule in table))
