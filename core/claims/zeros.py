"""Claims about L1 at zero: the constant push, exact zeros, and what a step does there."""

from __future__ import annotations

import dataclasses

import numpy as np

from core._validate import Floats
from core.bowls import Bowl
from core.claims.claim import Experiment, Findings, Quantity, at_least, at_most, claim, seeds_of
from core.claims.picture import Group, Line, Picture
from core.claims.problems import generator, sparse_bowl, spread_out
from core.claims.request import for_each
from core.descent import Treatment, descend
from core.optimizers import RULES
from core.penalties import PENALTIES
from core.specs import RaceSpec, StepByStepSpec

_SIZES = np.geomspace(1e-6, 1e3, 37)
_TAIL = 500
_SHOWN = 60


@claim(
    number=6,
    source="A",
    topic="l1",
    statement="L1 pushes a weight with the same force however large it is.",
    test="Twelve random λ and weights between a millionth and a thousand, of either sign: the slope of λ|w| by central differences, and the lab's "
    "own, the largest over the smallest. At exactly zero the differences to either side.",
    quantities={
        "push": Quantity("largest push over the smallest", "", "problem"),
        "lab": Quantity("the same by the lab's gradient", "", "problem"),
        "towards": Quantity("share of the pushes that point to zero", "", "problem"),
        "at_zero": Quantity("gap between the slopes right and left of zero, over λ", "", "problem"),
    },
    stated=(at_most("push", 1.0 + 1e-6), at_most("lab", 1.0 + 1e-6), at_least("towards", 1.0)),
    shows=StepByStepSpec(story="alone", step=1.0),
    spoil={"penalty": "l2"},
)
def constant_push(draw: int, penalty: str = "l1") -> Experiment:
    """Take differences of a penalty at weights of all sizes; ``penalty`` "l2" is the other one.

    |w| has the slope 1 right of zero and −1 left of it, wherever that is; w² has the slope 2w, which fades as the weight does. So L1 goes on
    pushing a small weight as hard as a large one, and gets it to zero. At zero itself the slope jumps by 2λ: any value between is a subgradient,
    and a weight stays there as long as the loss pulls with less than λ.
    """

    def at(seed: int) -> dict[str, object]:
        rng = generator(6, seed)
        lam, power = float(rng.uniform(0.01, 2.0)), {"l1": 1, "l2": 2}[penalty]
        w = spread_out(rng, 1e-6, 1e3, len(_SIZES)) * rng.choice([-1.0, 1.0], len(_SIZES))
        steps = 0.1 * np.abs(w)
        slopes = lam * (np.abs(w + steps) ** power - np.abs(w - steps) ** power) / (2.0 * steps)
        lab = lam * PENALTIES[penalty]().gradient(w)
        tiny = 1e-6
        gap = (tiny**power - 0.0) / tiny - (0.0 - tiny**power) / tiny
        return {
            "push": np.abs(slopes).max() / np.abs(slopes).min(),
            "lab": np.abs(lab).max() / np.abs(lab).min(),
            "towards": (slopes * w > 0.0).mean(),
            "at_zero": gap,
            "l1_line": np.ones_like(_SIZES),
            "l2_line": np.abs(PENALTIES["l2"]().gradient(_SIZES)),
        }

    found = yield for_each(at, seeds_of(draw, 12), 0.01)
    lines = (Line("L1", found["l1_line"][0], "l1"), Line("L2", found["l2_line"][0], "l2"))
    alt = "The push of a penalty on a weight over lambda, along the weight's size from a millionth to a thousand: level for L1, a rising line for L2."
    picture = Picture(alt, "push / λ", lines, x=_SIZES, across="|w|", log="xy")
    return Findings({name: found[name] for name in ("push", "lab", "towards", "at_zero")}, picture)


def _path(problem: Bowl, start: Floats, lr: float, lam: float, treatment: Treatment, penalty: str = "l1", steps: int = 1200) -> Floats:
    """Return the path (steps + 1, 2) of plain descent with a penalty."""
    path: Floats = descend(problem.surface, RULES["sgd"](), start, lr, steps, PENALTIES[penalty](), lam, treatment).x[0]
    return path


def _setting(number: int, seed: int) -> tuple[Bowl, float, Floats, int, Floats, float]:
    """Return a bowl, a lambda, the L1 minimum (2,), which weight of it is zero, a start (2,) that is no multiple of the step, and a stable rate."""
    rng = generator(number, seed)
    problem, lam, best = sparse_bowl(rng)
    rate = float(rng.uniform(0.2, 0.5) / problem.train.eigen[0][-1])
    return problem, lam, best, int(np.flatnonzero(best == 0.0)[0]), rng.uniform(-3.0, 3.0, 2), rate


@claim(
    number=7,
    source="A",
    topic="l1",
    statement="With L1, gradient descent drives weights to exactly zero.",
    test="Twelve random bowls with a λ at which one weight of the minimum is zero; plain descent from a random start, 1,200 steps at a random "
    "stable rate. Of the last 500 iterates, the share in which that weight is exactly 0.0: with λ sign(w) in the gradient, and with the soft "
    "threshold.",
    quantities={
        "subgradient": Quantity("iterates with an exact zero, sign in the gradient", "", "problem"),
        "proximal": Quantity("iterates with an exact zero, proximal step", "", "problem"),
        "left": Quantity("median size of that weight over ηλ, sign in the gradient", "", "problem"),
    },
    stated=(at_least("subgradient", 0.99),),
    condition="the penalty acts by a proximal step, the soft threshold, and not through the gradient",
    conditional=(at_least("proximal", 0.99),),
    shows=StepByStepSpec(story="zero", step=30.0),
    spoil={"penalty": "l2"},
)
def exact_zeros(draw: int, penalty: str = "l1") -> Experiment:
    """Count exact zeros along two ways to descend; ``penalty`` "l2" has none.

    A subgradient step takes ηλ off whatever is there. Only by chance does that land on zero, as from a start that is a whole number of such steps
    away; else the weight is carried across and back for ever, and is about as large as a step. The proximal step asks for the minimum of the
    penalty and the distance moved: whatever would be carried across stays at exactly zero. That is why code for L1 counts small weights as zeros,
    or uses a proximal method.
    """

    def at(seed: int) -> dict[str, object]:
        problem, lam, _, i, start, rate = _setting(7, seed)
        ways: tuple[Treatment, Treatment] = ("subgradient", "proximal")
        tails = {way: _path(problem, start, rate, lam, way, penalty)[-_TAIL:, i] for way in ways}
        return {way: (tail == 0.0).mean() for way, tail in tails.items()} | {"left": np.median(np.abs(tails["subgradient"])) / (rate * lam)}

    found = yield for_each(at, seeds_of(draw, 12), 0.1)
    groups = (Group("sign in the gradient", found["subgradient"], "subgradient"), Group("proximal step", found["proximal"], "proximal"))
    alt = "The share of the last 500 iterates in which a weight that should be zero is exactly zero: none by the subgradient, all by proximal steps."
    return Findings(dict(found), Picture(alt, "share of iterates with an exact zero", groups=groups))


@claim(
    number=8,
    source="A",
    topic="l1",
    statement="Under L1 the path bounces to and fro across an axis.",
    test="Twelve random bowls with a λ at which one weight of the minimum is zero; plain descent, 1,200 steps from a random start. Over the last "
    "500: how often that weight changes sign in 100 steps, and its largest size over ηλ. With the sign in the gradient, at half the rate, and "
    "proximal.",
    quantities={
        "subgradient": Quantity("changes of sign in 100 steps, sign in the gradient", "", "problem"),
        "proximal": Quantity("changes of sign in 100 steps, proximal step", "", "problem"),
        "size": Quantity("largest size of that weight over ηλ, sign in the gradient", "", "problem"),
        "halved": Quantity("how much smaller it is at half the rate", "times", "problem"),
    },
    stated=(at_least("subgradient", 1.0), at_least("proximal", 1.0)),
    condition="the penalty's sign is in the gradient; a proximal step lands on the axis and stays",
    conditional=(at_least("subgradient", 1.0), at_most("proximal", 0.0)),
    shows=StepByStepSpec(story="zero", rate=0.3, lam=0.2, begin=0.4, target=0.02, moved=0.02, step=8.0),
    spoil={"penalty": "l2"},
)
def bounces(draw: int, penalty: str = "l1") -> Experiment:
    """Count changes of sign along the paths; ``penalty`` "l2" has no crease to bounce at.

    The subgradient jumps from λ to −λ where the weight crosses zero, however near that is, so the step back is as long as the step there: about ηλ.
    The bouncing belongs to the method and not to L1. It shrinks with the rate and is gone with a proximal step.
    """

    def at(seed: int) -> dict[str, object]:
        problem, lam, _, i, start, rate = _setting(8, seed)
        path = _path(problem, start, rate, lam, "subgradient", penalty)[:, i]
        slow = _path(problem, start, rate / 2.0, lam, "subgradient", penalty)[:, i]
        proximal = _path(problem, start, rate, lam, "proximal", penalty)[:, i]

        def changes(w: Floats) -> float:
            return float(100.0 * (w[-_TAIL:-1] * w[1 - _TAIL :] < 0.0).mean())

        size, small = (np.abs(w[-_TAIL:]).max() for w in (path, slow))
        return {
            "subgradient": changes(path),
            "proximal": changes(proximal),
            "size": size / (rate * lam),
            "halved": size / small,
            "bouncing": path[-_SHOWN:] / (rate * lam),
            "resting": proximal[-_SHOWN:] / (rate * lam),
        }

    found = yield for_each(at, seeds_of(draw, 12), 0.1)
    lines = (
        Line("sign in the gradient", found["bouncing"][0], "subgradient"),
        Line("proximal step", found["resting"][0], "proximal"),
    )
    alt = "The weight that should be zero over the last sixty steps of one run, in lengths of a step: it bounces by the subgradient, else it rests."
    picture = Picture(alt, "weight / ηλ", lines, x=np.arange(float(_SHOWN)), across="step of the last sixty", level=(0.0, "zero"))
    return Findings({name: found[name] for name in ("subgradient", "proximal", "size", "halved")}, picture)


_ROUNDING = 1e-3


@dataclasses.dataclass(frozen=True)
class _Rounded:
    """The corner of |w| rounded off: sqrt(w^2 + eps^2), which has a gradient everywhere."""

    eps: float = _ROUNDING

    def gradient(self, w: Floats) -> Floats:
        slope: Floats = w / np.sqrt(w**2 + self.eps**2)
        return slope


@claim(
    number=9,
    source="A",
    topic="l1",
    statement="L1 has no gradient at zero, so minimising it takes a subgradient method or a proximal one.",
    test="Twelve random bowls with a λ at which one weight of the minimum is zero, from a random start: 1,200 steps with the subgradient, 400 "
    "proximal ones, and 2,500 of ordinary descent on √(w² + ε²) in place of |w|, ε a thousandth. The distance of the end from the exact minimum, "
    "and exact zeros.",
    quantities={
        "rounded_far": Quantity("distance of the end over that of the start, rounded |w|", "", "problem"),
        "subgradient_far": Quantity("distance of the end over that of the start, subgradient", "", "problem"),
        "proximal_far": Quantity("distance of the end over that of the start, proximal", "", "problem"),
        "rounded_zero": Quantity("exact zeros at the end, rounded |w|", "", "problem"),
        "subgradient_zero": Quantity("exact zeros at the end, subgradient", "", "problem"),
        "proximal_zero": Quantity("exact zeros at the end, proximal", "", "problem"),
    },
    stated=(at_least("rounded_far", 0.03), at_most("subgradient_far", 0.03), at_most("proximal_far", 0.03)),
    condition="exact zeros are wanted, and of the two it is the proximal one that gives them",
    conditional=(at_most("rounded_zero", 0.0), at_most("subgradient_zero", 0.0), at_least("proximal_zero", 1.0), at_most("proximal_far", 1e-6)),
    shows=RaceSpec(surface="rotated_ravine", penalty="l1", treatment="proximal", fista=True, adam=True, momentum=False, lam=1.28, focus="fista"),
    spoil={"treatment": "decoupled"},
)
def needs_a_method(draw: int, treatment: Treatment = "proximal") -> Experiment:
    """Minimise an L1 objective three ways; ``treatment`` "decoupled" takes the subgradient off beside the step in place of the prox.

    Getting near the minimum takes neither: rounding the corner of |w| off gives an ordinary gradient, and its minimum is within about ε of the true
    one. A subgradient step gets within about ηλ. What neither gives is a weight that is exactly zero. For that something must know of the corner:
    the proximal step, or a solver that tries which weights are zero, as coordinate descent and the exact path do.
    """

    def at(seed: int) -> dict[str, object]:
        problem, lam, best, i, start, _ = _setting(9, seed)
        # The rounded corner bends by lambda over epsilon: the rate that is stable there serves all three.
        rate = 1.0 / (problem.train.eigen[0][-1] + lam / _ROUNDING)
        slow, rounded, w = 0.02 / problem.train.eigen[0][-1], _Rounded(), start
        hessian, centre, blunt = problem.train.hessian, problem.train.centre, _Rounded(0.1)
        for _ in range(200):  # quick steps first, the last ones as short as the corner needs
            w = w - 10.0 * slow * (hessian @ (w - centre) + lam * blunt.gradient(w))
        for _ in range(2300):
            w = w - rate * (hessian @ (w - centre) + lam * rounded.gradient(w))
        found: dict[str, object] = {}
        ends = {
            "rounded": w,
            "subgradient": _path(problem, start, slow, lam, "subgradient", steps=1200)[-1],
            "proximal": _path(problem, start, 20.0 * slow, lam, treatment, steps=400)[-1],
        }
        for name, end in ends.items():
            found |= {f"{name}_far": np.linalg.norm(end - best) / np.linalg.norm(start - best), f"{name}_zero": float(end[i] == 0.0)}
        return found

    found = yield for_each(at, seeds_of(draw, 12), 0.12)
    groups = (
        Group("rounded |w|", np.maximum(found["rounded_far"], 1e-16), "loss"),
        Group("subgradient", np.maximum(found["subgradient_far"], 1e-16), "subgradient"),
        Group("proximal", np.maximum(found["proximal_far"], 1e-16), "proximal"),
    )
    alt = "How near three ways to minimise an L1 objective come to its minimum, as a share of the start's distance, on a logarithmic axis."
    return Findings(dict(found), Picture(alt, "distance of the end / of the start", groups=groups, log="y", level=(0.03, "near")))
