"""Rules over surfaces, a family at a time: every member takes its steps in the same few NumPy calls."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core._validate import Bools, Floats, finite, not_negative, vectors
from core.descent import _status
from core.descent.loop import Run, follow
from core.errors import InvalidInput
from core.optimizers import Array, Rule
from core.penalties import Penalty
from core.surfaces import Surface

Treatment = Literal["subgradient", "proximal", "decoupled", "clamped"]
TREATMENTS: tuple[Treatment, ...] = get_args(Treatment)
_BLOCK = 8192


@dataclass(frozen=True)
class Trajectories:
    """Where a family of runs went.

    Attributes
    ----------
    x:
        (k, T + 1, 2) the iterates, the start first; a run that diverged rests at its last iterate.
    loss, objective:
        (k, T + 1) L, and L + lam R.
    gradient_norm:
        (k, T + 1) norm of the objective's gradient; with an L1 term of its subgradient of least norm, which is 0 at a minimum.
    status:
        (k,) of "converged", "running", "diverged".
    steps:
        (k,) steps taken before a run left the window, or the domain of the surface's formula, for good; T for all others.
    beyond:
        (k, 2) where the next step of such a run would have led; 0 for all others, NaN where it led nowhere.
    """

    x: Floats
    loss: Floats
    objective: Floats
    gradient_norm: Floats
    status: NDArray[np.str_]
    steps: NDArray[np.int64]
    beyond: Floats = dataclasses.field(repr=False)
    run: Run = dataclasses.field(repr=False)

    @cached_property
    def message(self) -> NDArray[np.str_]:
        """(k,) a sentence on how each run ended, and why where it diverged."""
        return _status.messages(self.run, self.x, self.objective, self.gradient_norm, self.status, self.steps, self.beyond)


def descend(
    surface: Surface,
    rule: Rule,
    start: ArrayLike,
    lr: ArrayLike,
    steps: int,
    penalty: Penalty | None = None,
    lam: ArrayLike = 0.0,
    treatment: Treatment = "subgradient",
    noise: ArrayLike = 0.0,
    seed: ArrayLike = 0,
) -> Trajectories:
    """Return the trajectories of a family of k runs of one rule.

    Parameters
    ----------
    surface:
        The loss L.
    rule:
        The update rule. Its fields may be families too, (k,) or (k, 1). Its own ``weight_decay`` acts whatever ``lam`` is.
    start:
        (k, 2) or (2,).
    lr, lam, noise:
        (k,) or a number >= 0: learning rate, weight of the penalty, standard deviation of the gradient's noise in each coordinate.
    steps:
        T >= 1, the number of gradients.
    penalty:
        R; none leaves the objective at L.
    treatment:
        How the penalty acts. ``subgradient`` adds lam R' to the gradient that the rule sees. ``proximal`` takes the prox after the rule's step, in
        the rule's own metric: coordinate i by lr * metric_i * lam. ``decoupled`` takes lr lam R'(x) off beside the rule's step. ``clamped`` is
        ``subgradient`` that, where L1 pulls, sets a coordinate to zero for ever once a step would take it across zero: a warning, not a method.
    seed:
        An integer, from which every member draws noise of its own; or (k,) integers, one a member, and equal seeds mean equal noise.

    Raises
    ------
    InvalidInput
        Where an argument is out of range or the lengths of the families differ.

    Notes
    -----
    "sgd" with "proximal" is ISTA. The proximal step in a diagonal metric is that of Yun, Lozano and Yang (2021), Adaptive proximal gradient methods.
    """
    run, first, drawn = prepared(surface, rule, start, lr, steps, penalty, lam, treatment, noise, seed)
    course = follow(run, first, steps, drawn)
    path = np.moveaxis(course.x, 0, 1)
    with np.errstate(over="ignore", invalid="ignore"):
        loss, objective = _heights(run, path)
        slope = _least(run, np.moveaxis(course.gradients, 0, 1), path)
        norm = _bounded(np.hypot(slope[..., 0], slope[..., 1]))
    status = _status.judge(run, path, norm, course.taken, steps)
    return Trajectories(path, loss, objective, norm, status, course.taken, course.beyond, run)


@dataclass(frozen=True)
class Ends:
    """Where a family of runs ended: x (k, 2), loss and objective there (k,), and whether it diverged (k,)."""

    x: Floats
    loss: Floats
    objective: Floats
    diverged: Bools


def ends(
    surface: Surface,
    rule: Rule,
    start: ArrayLike,
    lr: ArrayLike,
    steps: int,
    penalty: Penalty | None = None,
    lam: ArrayLike = 0.0,
    treatment: Treatment = "subgradient",
    noise: ArrayLike = 0.0,
    seed: ArrayLike = 0,
) -> Ends:
    """Return where the runs of `descend` end, for maps of thousands: the same steps, none of them kept; arguments and errors are the same."""
    run, first, drawn = prepared(surface, rule, start, lr, steps, penalty, lam, treatment, noise, seed)
    # Blocks whose arrays stay in the processor's cache, and large enough that NumPy's work, in which other threads run, is most of it.
    parts = [slice(at, at + _BLOCK) for at in range(0, len(first), _BLOCK)]
    own = drawn is not None and drawn.shape[1] > 1
    courses = [follow(run.part(part), first[part], steps, drawn[:, part] if drawn is not None and own else drawn, record=False) for part in parts]
    last, taken = np.concatenate([course.last for course in courses]), np.concatenate([course.taken for course in courses])
    with np.errstate(over="ignore", invalid="ignore"):
        loss, objective = _heights(run, last[:, None, :])
    return Ends(last, loss[:, 0], objective[:, 0], taken < steps)


def prepared(
    surface: Surface,
    rule: Rule,
    start: ArrayLike,
    lr: ArrayLike,
    steps: int,
    penalty: Penalty | None,
    lam: ArrayLike,
    treatment: Treatment,
    noise: ArrayLike,
    seed: ArrayLike,
) -> tuple[Run, Floats, Floats | None]:
    """Check what `descend` was given; return the run, the starts (k, 2) and the noise, (T, k, 2) or (T, 1, 2) where all meet the same."""
    if treatment not in TREATMENTS:
        raise InvalidInput(f"treatment {treatment!r}", "one of " + ", ".join(TREATMENTS), "Choose how the penalty acts.")
    if isinstance(steps, bool) or not isinstance(steps, int | np.integer) or not 1 <= steps <= 100_000:
        raise InvalidInput(f"steps = {steps!r}", "an integer from 1 to 100000", "Pass the number of steps.")
    first, rate, strength, sigma, rule, seeds = _family(start, lr, lam, noise, seed, rule)
    run = Run(surface, rule, rate, penalty, strength if penalty is not None else 0.0 * strength, treatment, sigma)
    return run, first, _noise(sigma, seeds, steps)


def _heights(run: Run, path: Floats) -> tuple[Floats, Floats]:
    """Return L and L + lam R along paths (k, n, 2)."""
    loss = run.surface._value(path)
    penal: Floats | float = 0.0
    if run.penalty is not None:
        penal = run.lam * (run.penalty.l1 * np.abs(path).sum(axis=-1) + run.penalty.l2 * (path * path).sum(axis=-1))
    return _bounded(loss), _bounded(loss + penal)


def _bounded(heights: Floats) -> Floats:
    """Return finite numbers: what overflowed counts as the largest there is."""
    big = np.finfo(np.float64).max
    return np.nan_to_num(heights, nan=big, posinf=big, neginf=-big)


def _least(run: Run, gradient: Floats, x: Floats) -> Floats:
    """Return the least of all subgradients of L + lam R along paths (k, n, 2), given the gradient of L."""
    if not run.penalised:
        return gradient
    spring, pull = run.spring[:, :, None], run.pull[:, :, None]
    total: Floats = gradient + spring * x + pull * np.sign(x)
    if run.penalty is not None and run.penalty.l1 > 0.0:
        # At a zero weight any value of [-lam l1, lam l1] may be added: the one that leaves the least.
        total = np.where(x == 0.0, np.sign(gradient) * np.maximum(np.abs(gradient) - pull, 0.0), total)
    return total


def _noise(sigma: Floats, seeds: NDArray[np.int64] | int, steps: int) -> Floats | None:
    """Return (T, k, 2) noise, (T, 1, 2) where all members meet the same, or none where there is none.

    A member's noise depends on its seed (and, of one seed, on its place) alone.
    """
    if not sigma.any():
        return None
    k = len(sigma)
    if not isinstance(seeds, int) and (seeds == seeds[0]).all() and (sigma == sigma[0]).all():
        shared: Floats = np.random.default_rng(int(seeds[0])).standard_normal((steps, 1, 2)) * sigma[0]
        return shared
    drawn = np.empty((steps, k, 2))
    if isinstance(seeds, int):
        for i in range(k):
            drawn[:, i] = np.random.default_rng((seeds, i)).standard_normal((steps, 2))
    else:
        for seed in np.unique(seeds):
            drawn[:, seeds == seed] = np.random.default_rng(int(seed)).standard_normal((steps, 1, 2))
    return drawn * sigma


def drawn_noise(sigma: float, seed: int, steps: int) -> Floats:
    """Return the noise (T, 2) that `descend` adds to the gradients of all members of one seed."""
    noise = _noise(np.full((1, 1), sigma), np.array([seed]), steps)
    return np.zeros((steps, 2)) if noise is None else noise[:, 0]


def _family(
    start: ArrayLike, lr: ArrayLike, lam: ArrayLike, noise: ArrayLike, seed: ArrayLike, rule: Rule
) -> tuple[Floats, Floats, Floats, Floats, Rule, NDArray[np.int64] | int]:
    """Return everything with the family axis first: start (k, 2), then lr, lam, noise (k, 1), the rule, the seeds."""
    points = vectors(start, "start", 2)
    columns = {"lr": not_negative(lr, "lr"), "lam": not_negative(lam, "lam"), "noise": not_negative(noise, "noise"), "seed": finite(seed, "seed")}
    if points.ndim > 2:
        raise InvalidInput(f"start of shape {points.shape}", "shape (k, 2) or (2,)", "Pass one start a member.")
    for name, column in columns.items():
        if column.ndim > 1 or column.size == 0:
            raise InvalidInput(f"{name} of shape {column.shape}", "a number or a one-dimensional array (k,)", f"Pass {name} as one family axis.")
    whole = columns["seed"]
    if not ((whole >= 0) & (whole == np.floor(whole)) & (whole < 2**53)).all():
        raise InvalidInput(f"seed = {seed!r}", "integers >= 0", "Pass a whole number as the seed.")
    fields = {field.name: getattr(rule, field.name) for field in dataclasses.fields(rule) if _length(getattr(rule, field.name)) is not None}
    lengths = {"start": len(points)} if points.ndim == 2 else {}
    lengths |= {name: len(column) for name, column in columns.items() if column.ndim} | {name: _length(value) or 1 for name, value in fields.items()}
    k = max(lengths.values(), default=1)
    for name, length in lengths.items():
        if length not in (1, k):
            raise InvalidInput(f"{name} with {length} members beside {k} of others", f"1 or {k} members", "Give every family the same length.")
    if fields:
        rule = dataclasses.replace(rule, **{name: _upright(value) for name, value in fields.items()})
    points = np.array(np.broadcast_to(points, (k, 2)))
    rate, strength, sigma = (np.array(np.broadcast_to(columns[name], (k,)))[:, None] for name in ("lr", "lam", "noise"))
    seeds = np.broadcast_to(whole, (k,)).astype(np.int64) if whole.ndim else int(whole)
    return points, rate, strength, sigma, rule, seeds


def _length(value: Array) -> int | None:
    """Return how many members a hyperparameter has; none for one number."""
    parts = value if isinstance(value, tuple) else (value,)
    lengths = [len(part) for part in parts if np.ndim(part)]
    return max(lengths) if lengths else None


def _upright(value: Array) -> Array:
    """Return a hyperparameter's family (k,) as (k, 1), to broadcast against points."""
    if isinstance(value, tuple):
        return tuple(_upright(part) for part in value)
    return np.reshape(value, (-1, 1)) if np.ndim(value) else value
