"""A penalty in every convention: numbers typed in one are read as the lab's own, and said in all others.

The lab minimises L(w) + lambda (rho |w|_1 + (1 - rho) |w|_2^2), with no half before the square; L is a mean over the rows: 1/(2n) |y - Xw|^2, or the
mean log loss. So a setting is two numbers, the weight of |w|_1 and that of |w|_2^2, and every convention is a scaling of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from core.errors import InvalidInput
from core.statistics.shrinkage.equivalents import halved, scikit_learn
from core.wording import plain

Numbers = tuple[float, ...]


@dataclass(frozen=True)
class Setting:
    """A penalty in the lab's units.

    Attributes
    ----------
    l1, l2:
        The weights of |w|_1 and of |w|_2^2, beside a loss that is a mean; both finite and not negative.
    """

    l1: float
    l2: float

    @property
    def lam(self) -> float:
        """The lab's lambda."""
        return self.l1 + self.l2

    @property
    def rho(self) -> float:
        """The lab's L1 share; 0 where there is no penalty at all."""
        return self.l1 / self.lam if self.lam > 0.0 else 0.0


@dataclass(frozen=True)
class Size:
    """How many rows n there are, and how many of them a batch B has."""

    rows: int = 100
    batch: int = 32


@dataclass(frozen=True)
class Convention:
    """One way to write a penalty.

    Attributes
    ----------
    title:
        Whose it is.
    objective:
        What is minimised, in its own names.
    numbers:
        (field of the page's spec, the number's name in this convention), in order.
    code:
        How the numbers are typed, with a place {0}, {1} for each.
    says:
        Setting and size -> the numbers, or a sentence on why there are none.
    reads:
        The numbers and the size -> the setting. Where it is None the numbers are no penalty of the lab, and cannot be read.
    note:
        What to look out for, in a sentence; may be empty.
    """

    title: str
    objective: str
    numbers: tuple[tuple[str, str], ...]
    code: str
    says: Callable[[Setting, Size], Numbers | str]
    reads: Callable[[Numbers, Size], Setting] | None
    note: str = ""


@dataclass(frozen=True)
class Line:
    """A setting in one convention: ``numbers`` and ``code`` are empty where it has none, and ``why`` says so."""

    key: str
    convention: Convention
    numbers: Numbers
    code: str
    why: str


def _ridge_only(scale: Callable[[Size], float]) -> Callable[[Setting, Size], Numbers | str]:
    """Return what a convention says that has the L2 part alone, times ``scale``."""
    return lambda setting, size: (scale(size) * setting.l2,) if setting.l1 == 0.0 else _NO_L1


def _squares(scale: Callable[[Size], float]) -> Callable[[Numbers, Size], Setting]:
    return lambda numbers, size: Setting(0.0, numbers[0] / scale(size))


def _pair(setting: Setting) -> Numbers:
    """Return strength and L1 share with a half before the square."""
    return halved(setting.rho, setting.lam)


def _from_pair(strength: float, share: float) -> Setting:
    return Setting(strength * share, strength * (1.0 - share) / 2.0)


def _inverse(setting: Setting, size: Size) -> Numbers:
    strength, share = _pair(setting)
    return (1.0 / (size.rows * strength) if strength > 0.0 else math.inf), share


_NO_L1 = "It has no L1 part."
_NO_L2 = "It has no L2 part."

CONVENTIONS: Mapping[str, Convention] = MappingProxyType(
    {
        "lab": Convention(
            "This lab",
            "L + λ(ρ|w|₁ + (1 − ρ)|w|²)",
            (("lam", "λ"), ("rho", "ρ")),
            "λ = {0}, ρ = {1}",
            lambda setting, _: (setting.lam, setting.rho),
            lambda numbers, _: Setting(numbers[0] * numbers[1], numbers[0] * (1.0 - numbers[1])),
        ),
        "half": Convention(
            "Books with a half",
            "L + α/2 |w|²",
            (("alpha", "α"),),
            "α = {0}",
            _ridge_only(lambda _: 2.0),
            _squares(lambda _: 2.0),
            "With the half the gradient is αw, without it 2λw.",
        ),
        "ridge": Convention(
            "scikit-learn Ridge, and books with a sum of squares",
            "|y − Xw|² + α|w|²",
            (("alpha", "alpha"),),
            "Ridge(alpha={0})",
            _ridge_only(lambda size: scikit_learn(0.0, 1.0, size.rows)[1]["alpha"]),
            _squares(lambda size: scikit_learn(0.0, 1.0, size.rows)[1]["alpha"]),
            "A sum over the rows, not a mean: the same λ is an alpha that grows with n.",
        ),
        "lasso": Convention(
            "scikit-learn Lasso",
            "1/(2n) |y − Xw|² + α|w|₁",
            (("alpha", "alpha"),),
            "Lasso(alpha={0})",
            lambda setting, _: (setting.l1,) if setting.l2 == 0.0 else _NO_L2,
            lambda numbers, _: Setting(numbers[0], 0.0),
        ),
        "elastic_net": Convention(
            "scikit-learn ElasticNet",
            "1/(2n) |y − Xw|² + α(r|w|₁ + (1 − r)/2 |w|²), r the l1_ratio",
            (("alpha", "alpha"), ("l1_ratio", "l1_ratio")),
            "ElasticNet(alpha={0}, l1_ratio={1})",
            lambda setting, _: _pair(setting),
            lambda numbers, _: _from_pair(*numbers),
            "Its L2 part has a half, so l1_ratio is not ρ. Where it is 0, take Ridge: it is exact.",
        ),
        "glmnet": Convention(
            "glmnet",
            "1/(2n) |y − Xw|² + λ(α|w|₁ + (1 − α)/2 |w|²)",
            (("lam", "lambda"), ("l1_ratio", "alpha")),
            "lambda={0}, alpha={1}",
            lambda setting, _: _pair(setting),
            lambda numbers, _: _from_pair(*numbers),
            "For a target of standard deviation 1: glmnet divides by it inside, which shifts the L2 part against the L1 part.",
        ),
        "logistic": Convention(
            "scikit-learn LogisticRegression",
            "C · sum of log losses + r|w|₁ + (1 − r)/2 |w|², r the l1_ratio",
            (("inverse", "C"), ("l1_ratio", "l1_ratio")),
            "LogisticRegression(C={0}, l1_ratio={1})",
            _inverse,
            lambda numbers, size: _from_pair(1.0 / (size.rows * numbers[0]), numbers[1]),
            "C is an inverse: a larger one is a weaker penalty. The sum again: C shrinks as n grows. An L1 part needs another solver, such as saga.",
        ),
        "mlp": Convention(
            "scikit-learn MLPClassifier and MLPRegressor",
            "mean loss of a batch of B rows + α/(2B) |w|²",
            (("alpha", "alpha"),),
            "MLPClassifier(alpha={0})",
            _ridge_only(lambda size: 2.0 * size.batch),
            _squares(lambda size: 2.0 * size.batch),
            "It divides by the rows of each batch, so another batch size is another penalty.",
        ),
        "torch": Convention(
            "PyTorch weight_decay of SGD and Adam",
            "the gradient gets + weight_decay · w",
            (("weight_decay", "weight_decay"),),
            "torch.optim.SGD(..., weight_decay={0})",
            _ridge_only(lambda _: 2.0),
            _squares(lambda _: 2.0),
            "For cross-entropy, or half the mean square. It decays biases too, unless they are a group of their own.",
        ),
        "torch_mse": Convention(
            "PyTorch weight_decay with MSELoss",
            "1/n |y − Xw|² and + weight_decay · w",
            (("weight_decay", "weight_decay"),),
            "torch.optim.SGD(..., weight_decay={0})  # MSELoss",
            _ridge_only(lambda _: 4.0),
            _squares(lambda _: 4.0),
            "MSELoss is twice the lab's loss, so the penalty doubles with it.",
        ),
        "mlx": Convention(
            "MLX weight_decay of SGD",
            "the gradient gets + weight_decay · w",
            (("weight_decay", "weight_decay"),),
            "optim.SGD(..., weight_decay={0})",
            _ridge_only(lambda _: 2.0),
            _squares(lambda _: 2.0),
            "MLX's Adam has no weight_decay; with it the penalty goes into the loss.",
        ),
        "keras": Convention(
            "Keras regularizers",
            "loss + l1 |w|₁ + l2 |w|²",
            (("l1", "l1"), ("l2", "l2")),
            "keras.regularizers.L1L2(l1={0}, l2={1})",
            lambda setting, _: (setting.l1, setting.l2),
            lambda numbers, _: Setting(*numbers),
            "No half: the lab's own two weights, beside a mean cross-entropy.",
        ),
        "keras_mse": Convention(
            'Keras regularizers with loss="mse"',
            "1/n |y − Xw|² + l1 |w|₁ + l2 |w|²",
            (("l1", "l1"), ("l2", "l2")),
            "keras.regularizers.L1L2(l1={0}, l2={1})  # mse",
            lambda setting, _: (2.0 * setting.l1, 2.0 * setting.l2),
            lambda numbers, _: Setting(numbers[0] / 2.0, numbers[1] / 2.0),
            "Keras's \"mse\" is twice the lab's loss, so the penalty doubles with it.",
        ),
        "decoupled": Convention(
            "AdamW of PyTorch, Keras and MLX, and Keras's weight_decay",
            "w is multiplied by 1 − rate · weight_decay beside each step",
            (("weight_decay", "weight_decay"),),
            "AdamW(..., weight_decay={0})",
            _ridge_only(lambda _: 2.0),
            None,
            "No L2: a step pulls as hard as 2λw would under SGD, but Adam's own scaling never sees it, and the end is another point.",
        ),
    }
)
"""Key -> convention. Each is tested against the library itself."""

READABLE = tuple(key for key, convention in CONVENTIONS.items() if convention.reads is not None)
"""Those whose numbers can be typed."""


def read(key: str, numbers: Sequence[float], size: Size) -> Setting:
    """Return the setting that numbers typed in a convention stand for.

    Raises
    ------
    InvalidInput
        Where the convention cannot be read, there are too many or too few numbers, one is negative or not finite, a share is above 1, or C is 0.
    """
    if key not in READABLE:
        raise InvalidInput(f"convention {key!r}", "one of " + ", ".join(READABLE), "Type the numbers in one of them.")
    convention = CONVENTIONS[key]
    if len(numbers) != len(convention.numbers):
        raise InvalidInput(f"{len(numbers)} numbers", f"{len(convention.numbers)} of {convention.title}", "Give each of them once.")
    for (field, name), value in zip(convention.numbers, numbers, strict=True):
        low_open, high = field == "inverse", 1.0 if field in ("rho", "l1_ratio") else math.inf
        if not (0.0 < value <= high if low_open else 0.0 <= value <= high) or not math.isfinite(value):
            allowed = "a number above 0" if low_open else "a number from 0 to 1" if high == 1.0 else "a number of 0 or more"
            raise InvalidInput(f"{name} = {value:g}", allowed, f"Set {name} to {allowed}.")
    assert convention.reads is not None
    return convention.reads(tuple(float(value) for value in numbers), size)


def say(setting: Setting, size: Size) -> tuple[Line, ...]:
    """Return a setting in every convention."""
    lines = []
    for key, convention in CONVENTIONS.items():
        said = convention.says(setting, size)
        if isinstance(said, str):
            lines.append(Line(key, convention, (), "", said))
        else:
            lines.append(Line(key, convention, said, convention.code.format(*map(written, said)), ""))
    return tuple(lines)


def written(value: float) -> str:
    """Return a number as one types it, to eight digits."""
    return 'float("inf")' if math.isinf(value) else f"{value:.8g}"


# --------------------------------------------------------------------------------------------------------------------- dropout


@dataclass(frozen=True)
class Rate:
    """How a rate is typed somewhere: ``keeps`` says whether the number is the probability of keeping."""

    title: str
    code: str
    keeps: bool
    note: str = ""


RATES: tuple[Rate, ...] = (
    Rate("This lab", "p = {0}", False),
    Rate("PyTorch", "nn.Dropout(p={0})", False),
    Rate("Keras", "layers.Dropout(rate={0})", False),
    Rate("MLX", "nn.Dropout(p={0})", False),
    Rate("TensorFlow 1", "tf.nn.dropout(x, keep_prob={0})", True),
    Rate("Srivastava et al. (2014)", "r ~ Bernoulli({0})", True, "The paper multiplies weights by it at test time; libraries divide in training."),
)


@dataclass(frozen=True)
class Dropping:
    """A dropout rate in every convention, and what follows from it.

    Attributes
    ----------
    drop:
        The probability of dropping, 0 <= p < 1.
    """

    drop: float

    @property
    def keep(self) -> float:
        """The probability of keeping."""
        return 1.0 - self.drop

    @property
    def scale(self) -> float:
        """What survives is multiplied by, in training."""
        return 1.0 / self.keep

    @property
    def variance(self) -> float:
        """The variance of the noise on an input x, in units of x^2: p / (1 - p)."""
        return self.drop / self.keep

    @property
    def ridge(self) -> float:
        """The lambda of the same ridge on least squares, where every column has mean 0 and variance 1 and inputs are dropped: p / (2 (1 - p))."""
        return self.variance / 2.0

    def codes(self) -> tuple[tuple[Rate, str], ...]:
        """Return every convention with the number typed."""
        return tuple((rate, rate.code.format(written(round(self.keep if rate.keeps else self.drop, 12)))) for rate in RATES)


def dropping(meaning: str, rate: float) -> Dropping:
    """Return the rate that a number stands for which is the probability to "drop" or to "keep".

    Raises
    ------
    InvalidInput
        Where nothing would be kept, or the number is no probability.
    """
    drop = 1.0 - rate if meaning == "keep" else rate
    if not 0.0 <= drop < 1.0:
        allowed = "a number above 0, up to 1" if meaning == "keep" else "a number from 0 to below 1"
        raise InvalidInput(f"a rate of {rate:g} to {meaning}", allowed, f"Set it to {allowed}: something must be kept.")
    return Dropping(drop)


def consequences(found: Dropping) -> str:
    """Return what follows from a dropout rate, in sentences."""
    return (
        f"What survives is multiplied by {plain(found.scale)}, so that the mean stays. The noise on an input x has the variance "
        f"{plain(found.variance)} x². Dropping the inputs of least squares, on standardised columns, is ridge with λ = {plain(found.ridge)}, exactly."
    )
