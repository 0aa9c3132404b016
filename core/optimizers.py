"""The update rules side by side, each as its paper writes it, for NumPy and torch arrays alike.

A rule turns the gradients g_1, g_2, ... into moves. All are of one shape,

    x <- x - lr * metric(state) * direction(state),

where `observe` folds a gradient into the state; each rule says what it observes, which way it goes, and how it scales a coordinate. The
hyperparameters are torch.optim's, with its names, defaults and conventions, and every rule matches torch.optim step by step to rounding. They
may be arrays that broadcast against x, such as (k, 1) for one value a member of a family x (k, d).
"""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple

from core.errors import InvalidInput

Array = Any
"""A float, or a NumPy or torch array: only arithmetic is asked of it."""


class State(NamedTuple):
    """What a rule remembers between steps; arrays have the shape of x.

    Attributes
    ----------
    step:
        Number of gradients seen.
    gradient:
        The last gradient, with coupled decay in it.
    first:
        Momentum's buffer, Adam's first moment, or FISTA's iterate before.
    second:
        Running mean or sum of squared gradients.
    """

    step: int
    gradient: Array
    first: Array
    second: Array


@dataclass(frozen=True)
class Rule(ABC):
    """An update rule.

    Parameters
    ----------
    weight_decay:
        Coupled: weight_decay * x is added to the gradient before anything else, as torch.optim does. Decoupled in `AdamW` alone. In the lab's
        convention weight_decay = 2 lambda is the L2 penalty lambda |x|^2.

    Raises
    ------
    InvalidInput
        From the constructor, where a hyperparameter is out of its range.
    """

    key: ClassVar[str]
    label: ClassVar[str]
    source: ClassVar[str]
    decay_is_decoupled: ClassVar[bool] = False

    weight_decay: Array = 0.0

    def __post_init__(self) -> None:
        """Refuse hyperparameters out of their range."""
        for field in dataclasses.fields(self):
            given = getattr(self, field.name)
            for value in given if isinstance(given, tuple) else (given,):
                if field.name in _BELOW_ONE:
                    _within(field.name, value, (value >= 0.0) & (value < 1.0), "a number >= 0 and < 1")
                elif not isinstance(value, bool):
                    _within(field.name, value, (value >= 0.0) & (value < float("inf")), "a finite number >= 0")

    def init(self, x: Array) -> State:
        """Return the state before the first step from x (..., d)."""
        return State(0, 0.0 * x, 0.0 * x, 0.0 * x)

    def lookahead(self, x: Array, state: State) -> Array:
        """Return where the next gradient is to be taken, (..., d): x itself, unless the rule extrapolates first."""
        return x

    @abstractmethod
    def observe(self, gradient: Array, state: State) -> State:
        """Return the state after one more gradient (..., d), coupled decay already in it."""

    def direction(self, state: State) -> Array:
        """Return the way of the step, (..., d), before each coordinate is scaled."""
        return state.gradient

    def metric(self, state: State) -> Array:
        """Return the step's own scaling, a number or (..., d): a coordinate moves by lr * metric * direction.

        A proximal step after it uses lr * metric as the step of each coordinate: the prox in the rule's own metric. Momentum that sums gradients
        instead of averaging them scales the step by the sum of its weights; with anything less in the prox its runs would end elsewhere.
        """
        return 1.0

    def move(self, state: State) -> Array:
        """Return the step per unit of rate, (..., d): metric * direction."""
        scaling, way = self.metric(state), self.direction(state)
        return way if isinstance(scaling, float) and scaling == 1.0 else scaling * way

    def step(self, x: Array, gradient: Array, state: State, lr: Array) -> tuple[Array, State]:
        """Return (x, state) after one step.

        Parameters
        ----------
        x, gradient:
            (..., d) the point, and the gradient at ``lookahead(x, state)``.
        state:
            What `init` or the step before returned.
        lr:
            The learning rate, a number or an array that broadcasts to x.
        """
        state = self.observe(self._coupled(gradient, x), state)
        return x - lr * self.move(state), state

    def _coupled(self, gradient: Array, x: Array) -> Array:
        return gradient if _is_zero(self.weight_decay) else gradient + self.weight_decay * x


@dataclass(frozen=True)
class SGD(Rule):
    """x <- x - lr g; with momentum x <- x - lr b, b <- momentum b + (1 - dampening) g.

    The buffer starts as the first gradient, undamped; dampening acts with momentum only (both torch.optim.SGD's conventions).
    """

    key: ClassVar[str] = "sgd"
    label: ClassVar[str] = "SGD"
    source: ClassVar[str] = "Robbins and Monro (1951); torch.optim.SGD"

    momentum: Array = 0.0
    dampening: Array = 0.0

    def observe(self, gradient: Array, state: State) -> State:
        """Update the buffer: b <- momentum b + (1 - dampening) g."""
        if _is_zero(self.momentum) or state.step == 0:
            buffer = gradient
        else:
            fresh = gradient if _is_zero(self.dampening) else (1.0 - self.dampening * (self.momentum != 0.0)) * gradient
            buffer = self.momentum * state.first + fresh
        return State(state.step + 1, gradient, buffer, state.second)

    def direction(self, state: State) -> Array:
        """Return b over the sum of its weights: the averaged gradient."""
        return state.first / self.metric(state)

    def metric(self, state: State) -> Array:
        """Return the sum of the buffer's weights, 1 + momentum + momentum^2 + ... with the damped ones counted less; 1 without momentum."""
        return 1.0 if _is_zero(self.momentum) else self._weights(state)

    def move(self, state: State) -> Array:
        """Return b."""
        return state.first

    def _weights(self, state: State) -> Array:
        fresh = 1.0 - self.dampening * (self.momentum != 0.0)
        oldest = self.momentum ** (state.step - 1)
        return oldest + fresh * (1.0 - oldest) / (1.0 - self.momentum)


@dataclass(frozen=True)
class Momentum(SGD):
    """The heavy ball: x <- x - lr b, b <- momentum b + g."""

    key: ClassVar[str] = "momentum"
    label: ClassVar[str] = "Momentum"
    source: ClassVar[str] = "Polyak (1964), Some methods of speeding up the convergence of iteration methods; torch.optim.SGD(momentum=0.9)"

    momentum: Array = 0.9


@dataclass(frozen=True)
class Nesterov(Momentum):
    """x <- x - lr (g + momentum b), b <- momentum b + g: the buffer of the step to come, seen from x.

    Sutskever et al. (2013) write it in other variables; torch's form, used here, takes the gradient at x.
    """

    key: ClassVar[str] = "nesterov"
    label: ClassVar[str] = "Nesterov"
    source: ClassVar[str] = (
        "Nesterov (1983); Sutskever et al. (2013), On the importance of initialization and momentum; torch.optim.SGD(nesterov=True)"
    )

    def __post_init__(self) -> None:
        """Refuse dampening, as torch does: the look ahead would be wrong."""
        super().__post_init__()
        if not _is_zero(self.dampening):
            raise InvalidInput(f"dampening = {self.dampening} with Nesterov momentum", "0", "Leave dampening out, or use the rule momentum.")

    def metric(self, state: State) -> Array:
        """Return the sum of the weights, 1 + momentum times that of the buffer."""
        return 1.0 + self.momentum * self._weights(state)

    def move(self, state: State) -> Array:
        """Return g + momentum b."""
        return state.gradient + self.momentum * state.first

    def direction(self, state: State) -> Array:
        """Return the averaged gradient."""
        return self.move(state) / self.metric(state)


@dataclass(frozen=True)
class RMSprop(Rule):
    """x <- x - lr g / (sqrt(v) + eps), v <- alpha v + (1 - alpha) g^2; with momentum the scaled gradients are what is accumulated."""

    key: ClassVar[str] = "rmsprop"
    label: ClassVar[str] = "RMSprop"
    source: ClassVar[str] = "Hinton (2012), Neural networks for machine learning, lecture 6e; torch.optim.RMSprop"

    alpha: Array = 0.99
    eps: Array = 1e-8
    momentum: Array = 0.0

    def observe(self, gradient: Array, state: State) -> State:
        """Update v <- alpha v + (1 - alpha) g^2, and the buffer of scaled gradients."""
        second = self.alpha * state.second + (1.0 - self.alpha) * gradient * gradient
        scaled = gradient / (second**0.5 + self.eps)
        buffer = scaled if _is_zero(self.momentum) else self.momentum * state.first + scaled
        return State(state.step + 1, gradient, buffer, second)

    def metric(self, state: State) -> Array:
        """Return 1 / (sqrt(v) + eps), with momentum times the sum of its weights."""
        scaling = 1.0 / (state.second**0.5 + self.eps)
        return scaling if _is_zero(self.momentum) else scaling * (1.0 - self.momentum**state.step) / (1.0 - self.momentum)

    def direction(self, state: State) -> Array:
        """Return the step per unit of rate before its scaling."""
        return state.gradient if _is_zero(self.momentum) else state.first / self.metric(state)

    def move(self, state: State) -> Array:
        """Return the buffer: its gradients are scaled already, each by the metric of its own time."""
        return state.first


@dataclass(frozen=True)
class Adagrad(Rule):
    """x <- x - lr / (1 + (t - 1) lr_decay) g / (sqrt(sum of g^2) + eps)."""

    key: ClassVar[str] = "adagrad"
    label: ClassVar[str] = "Adagrad"
    source: ClassVar[str] = "Duchi, Hazan and Singer (2011), Adaptive subgradient methods; torch.optim.Adagrad"

    lr_decay: Array = 0.0
    initial_accumulator_value: Array = 0.0
    eps: Array = 1e-10

    def init(self, x: Array) -> State:
        """Return a state whose sum of squares is ``initial_accumulator_value``."""
        return State(0, 0.0 * x, 0.0 * x, 0.0 * x + self.initial_accumulator_value)

    def observe(self, gradient: Array, state: State) -> State:
        """Add g^2 to the sum."""
        return State(state.step + 1, gradient, state.first, state.second + gradient * gradient)

    def metric(self, state: State) -> Array:
        """Return 1 / (1 + (t - 1) lr_decay) / (sqrt(sum) + eps)."""
        scaling = 1.0 / (state.second**0.5 + self.eps)
        return scaling if _is_zero(self.lr_decay) else scaling / (1.0 + (state.step - 1) * self.lr_decay)


@dataclass(frozen=True)
class Adam(Rule):
    """x <- x - lr m^ / (sqrt(v^) + eps), with m^ = m / (1 - beta1^t) and v^ = v / (1 - beta2^t).

    Its weight_decay is COUPLED, as in torch.optim.Adam: it enters the moments and is scaled by them.
    """

    key: ClassVar[str] = "adam"
    label: ClassVar[str] = "Adam"
    source: ClassVar[str] = "Kingma and Ba (2015), Adam: a method for stochastic optimization, algorithm 1; torch.optim.Adam"

    betas: tuple[Array, Array] = (0.9, 0.999)
    eps: Array = 1e-8

    def observe(self, gradient: Array, state: State) -> State:
        """Update m <- beta1 m + (1 - beta1) g and v <- beta2 v + (1 - beta2) g^2."""
        beta1, beta2 = self.betas
        first = beta1 * state.first + (1.0 - beta1) * gradient
        second = beta2 * state.second + (1.0 - beta2) * gradient * gradient
        return State(state.step + 1, gradient, first, second)

    def direction(self, state: State) -> Array:
        """Return m^, the bias-corrected mean gradient."""
        return state.first / (1.0 - self.betas[0] ** state.step)

    def metric(self, state: State) -> Array:
        """Return 1 / (sqrt(v^) + eps)."""
        return 1.0 / ((state.second / (1.0 - self.betas[1] ** state.step)) ** 0.5 + self.eps)


@dataclass(frozen=True)
class AdamW(Adam):
    """Adam on the loss alone, and beside it x <- (1 - lr weight_decay) x: the decay does not pass through the moments."""

    key: ClassVar[str] = "adamw"
    label: ClassVar[str] = "AdamW"
    source: ClassVar[str] = "Loshchilov and Hutter (2019), Decoupled weight decay regularization, algorithm 2; torch.optim.AdamW"
    decay_is_decoupled: ClassVar[bool] = True

    weight_decay: Array = 0.01

    def step(self, x: Array, gradient: Array, state: State, lr: Array) -> tuple[Array, State]:
        """Decay x, then take Adam's step; see `Rule.step`."""
        state = self.observe(gradient, state)
        kept = x if _is_zero(self.weight_decay) else (1.0 - lr * self.weight_decay) * x
        return kept - lr * self.move(state), state


@dataclass(frozen=True)
class FISTA(Rule):
    """x_{k+1} = y_k - lr g(y_k), y_k = x_k + (t_{k-1} - 1) / t_k (x_k - x_{k-1}), t_k = (1 + sqrt(1 + 4 t_{k-1}^2)) / 2, t_0 = 1.

    With the proximal treatment this is FISTA; without a penalty it is Nesterov's accelerated gradient method. The gradient is wanted at
    ``lookahead(x, state)``. It has no decay of its own.
    """

    key: ClassVar[str] = "fista"
    label: ClassVar[str] = "FISTA"
    source: ClassVar[str] = "Beck and Teboulle (2009), A fast iterative shrinkage-thresholding algorithm, section 4"

    def init(self, x: Array) -> State:
        """Return a state whose iterate before the first is the first."""
        return State(0, 0.0 * x, x, 1.0)

    def lookahead(self, x: Array, state: State) -> Array:
        """Return y = x + (t_{k-1} - 1) / t_k (x - x_{k-1})."""
        return x if state.step == 0 else x + ((state.second - 1.0) / _next_t(state.second)) * (x - state.first)

    def observe(self, gradient: Array, state: State) -> State:
        """Count the step; t moves on from the second step, since y_1 = x_1."""
        t = state.second if state.step == 0 else _next_t(state.second)
        return State(state.step + 1, gradient, state.first, t)

    def step(self, x: Array, gradient: Array, state: State, lr: Array) -> tuple[Array, State]:
        """Take a gradient step from the point looked ahead at; see `Rule.step`."""
        ahead = self.lookahead(x, state)
        state = self.observe(self._coupled(gradient, ahead), state)
        return ahead - lr * state.gradient, state._replace(first=x)


def _next_t(t: float) -> float:
    # t_k of Beck and Teboulle, (4.2).
    return float((1.0 + (1.0 + 4.0 * t * t) ** 0.5) / 2.0)


RULES: Mapping[str, type[Rule]] = MappingProxyType({rule.key: rule for rule in (SGD, Momentum, Nesterov, RMSprop, Adagrad, Adam, AdamW, FISTA)})

_BELOW_ONE = ("momentum", "dampening", "alpha", "betas")


def _is_zero(value: Array) -> bool:
    """Whether a hyperparameter is the plain number 0, so that its term can be left out."""
    return isinstance(value, int | float) and value == 0


def _within(name: str, value: Array, inside: Array, allowed: str) -> None:
    good = inside if isinstance(inside, bool) else bool(inside.all())
    if not good:
        raise InvalidInput(f"{name} = {value}", allowed, f"Set {name} to {allowed}.")
