"""Claims that can be checked by hand: the iteration tables, and what penalties do to a weight that no data pulls on."""

from __future__ import annotations

import numpy as np

from core import bowls
from core._validate import Floats
from core.claims.claim import Experiment, Findings, Quantity, at_least, at_most, claim, seeds_of
from core.claims.picture import Group, Line, Picture
from core.claims.problems import generator, spread_out
from core.claims.request import for_each, once, together
from core.descent import descend
from core.optimizers import RULES
from core.penalties import PENALTIES
from core.specs import StepByStepSpec
from core.step_by_step import solve
from core.surfaces import Surface

_ALIKE = 1e-9


@claim(
    number=28,
    source="C",
    topic="l2",
    statement="Under L2 a weight of 10 is penalised 100 times as much as a weight of 1.",
    test="Twelve random λ and weights between a thousandth and a thousand: the penalty on ten times a weight over that on the weight itself; the "
    "same for the push, by central differences; and the penalty's ratio under L1.",
    quantities={
        "penalty": Quantity("penalty on a tenfold weight, L2", "times", "weight"),
        "push": Quantity("push on a tenfold weight, L2", "times", "weight"),
        "l1": Quantity("penalty on a tenfold weight, L1", "times", "weight"),
    },
    stated=(at_least("penalty", 100.0 - 1e-6), at_most("penalty", 100.0 + 1e-6)),
    shows=StepByStepSpec(story="alone", big=10.0, small=1.0, step=1.0),
    spoil={"penalty": "l1"},
)
def a_hundred_times(draw: int, penalty: str = "l2") -> Experiment:
    """Compare penalties of a weight and of ten times as much; ``penalty`` "l1" is the other one.

    Squares make 100 of 10, so the penalty's value is 100 times as large. What moves a weight is the slope, and that is 10 times as large: in a step
    each loses the same share of itself. Under L1 the value is 10 times as large and the push the same.
    """

    def at(seed: int) -> dict[str, float]:
        rng = generator(28, seed)
        lam, w = float(rng.uniform(0.01, 2.0)), spread_out(rng, 1e-3, 1e3, 1) * rng.choice([-1.0, 1.0])
        chosen = PENALTIES[penalty]()

        def push(at: Floats) -> float:
            step = 1e-3 * np.abs(at)
            return float(np.abs(lam * (chosen.value(at + step) - chosen.value(at - step)) / (2.0 * step))[0])

        ratio = {key: float(lam * each.value(10.0 * w) / (lam * each.value(w))) for key, each in (("penalty", chosen), ("l1", PENALTIES["l1"]()))}
        return {**ratio, "push": push(10.0 * w) / push(w)}

    found = yield for_each(at, seeds_of(draw, 12), 0.01)
    groups = (Group("L2 penalty", found["penalty"], "l2"), Group("L2 push", found["push"], "muted"), Group("L1 penalty", found["l1"], "l1"))
    alt = "How many times as much a tenfold weight costs: a hundred times under L2, whose push is ten times as strong, and ten times under L1."
    return Findings(dict(found), Picture(alt, "times as much", groups=groups, log="y"))


_TABLES = ("none", "l1", "l2")


@claim(
    number=38,
    source="D",
    topic="l2",
    statement="The printed iteration tables are right, and under L2 no weight crosses zero in them or elsewhere.",
    test="The three tables computed anew in decimals that are never rounded: printed entries that are off by more than half of their last digit. "
    "Then the same descent, gradient 1, sixty steps, from twelve random starts with random rate and λ: how often the L2 column changes sign; and "
    "without gradient.",
    quantities={
        "slips": Quantity("printed entries that are wrong", "", "table"),
        "printed": Quantity("changes of sign in the L2 table", "", "table"),
        "crossings": Quantity("changes of sign in sixty steps of L2 under a constant gradient", "", "start"),
        "alone": Quantity("the same without a gradient", "", "start"),
    },
    stated=(at_most("slips", 0.0), at_most("printed", 0.0), at_most("crossings", 0.0)),
    shows=StepByStepSpec(step=5.0),
    spoil={"gradient": 0.0},
)
def iteration_tables(draw: int, gradient: float = 1.0) -> Experiment:
    """Recompute the tables without rounding; with ``gradient`` 0 they are another table, of which nothing is printed.

    In the L2 table some entries of the first column are a digit off, as they become where rounded numbers are carried on. And its last entry of the
    second column is below zero: L2 pulls ever less as a weight shrinks, and the data's constant gradient carries it across. That L2 alone never
    crosses is true, for rates below 1/(2λ). L1's zero in the tables is a clip: a step across would leave less than nothing.
    """

    def tables() -> dict[str, list[float]]:
        runs = solve(StepByStepSpec(gradient1=gradient, gradient2=gradient)).runs
        l1, l2 = (next(run for run in runs if run.rule.key == key) for key in ("l1", "l2"))
        crosses = [float(sum(event.kind == "crosses" and event.index == i for event in l2.events)) for i in range(2)]
        return {
            "slips": [float(len(run.slips)) for run in runs if run.rule.key in _TABLES],
            "printed": [sum(crosses)] * 2,
            "l2": l2.w[:, 1].tolist(),
            "l1": l1.w[:, 1].tolist(),
        }

    def at(seed: int) -> dict[str, float]:
        rng = generator(38, seed)
        settings = {"rate": round(rng.uniform(0.05, 0.3), 2), "lam": round(rng.uniform(0.05, 0.5), 2), "start1": round(rng.uniform(0.2, 2.8), 1)}
        found = {}
        for name, slope in (("crossings", gradient), ("alone", 0.0)):
            runs = solve(StepByStepSpec(steps=60.0, gradient1=slope, gradient2=slope, **settings)).runs  # type: ignore[arg-type]
            events = next(run.events for run in runs if run.rule.key == "l2")
            found[name] = float(sum(event.kind == "crosses" and event.index == 0 for event in events))
        return found

    printed, found = yield together(once(tables, 0.02), for_each(at, seeds_of(draw, 12), 0.02))
    values = {"slips": printed["slips"], "printed": printed["printed"][:1], "crossings": found["crossings"], "alone": found["alone"]}
    lines = (Line("L1, clipped", printed["l1"], "l1"), Line("L2", printed["l2"], "l2"))
    alt = "The second weight of the tables, step by step in exact arithmetic: from a half down; at the fifth step L1 is clipped, L2 is below zero."
    note = f"{int(printed['slips'].sum())} printed entries are off, all of them {_where(printed['slips'])}."
    return Findings(values, Picture(alt, "weight", lines, x=np.arange(float(len(printed["l2"]))), across="step", level=(0.0, "zero")), note)


def _where(slips: Floats) -> str:
    names = {"none": "without penalty", "l1": "in the L1 table", "l2": "in the L2 table"}
    return " and ".join(names[key] for key, count in zip(_TABLES, slips, strict=True) if count) or "nowhere"


@claim(
    number=45,
    source="E",
    topic="l2",
    statement="A step on the L2 penalty multiplies a weight by a constant factor, a step on the L1 penalty subtracts a constant amount.",
    test="Twelve times 100 descents without data, from weights between a hundredth and a hundred, ten steps with a random rate and λ: the largest "
    "over the smallest factor of L2, and of the amounts that L1 takes from weights larger than a step. Beside it the same with data, and weights "
    "below a step.",
    quantities={
        "factor": Quantity("largest factor of L2 over the smallest", "", "setting"),
        "amount": Quantity("largest amount of L1 over the smallest", "", "setting"),
        "data": Quantity("share of L2's steps with another factor than 1 − 2ηλ, where data pull too", "", "setting"),
        "below": Quantity("what a proximal L1 step takes from a weight of half its size, over ηλ", "", "setting"),
    },
    stated=(at_most("factor", 1.0 + _ALIKE), at_most("amount", 1.0 + 1e-6)),
    shows=StepByStepSpec(story="alone", step=1.0),
    spoil={"penalties": ("l1", "l2")},
)
def multiplies_or_subtracts(draw: int, penalties: tuple[str, str] = ("l2", "l1")) -> Experiment:
    """Follow weights that no data pull on; ``penalties`` are the one that multiplies and the one that subtracts.

    L2's slope is in proportion to the weight, so a step leaves 1 − 2ηλ of it, whatever it is: large weights lose much, small ones little, and none
    reaches zero. L1's slope is always λ, so a step takes ηλ: a weight of any size reaches zero after |w|/ηλ steps, the last of which takes only
    what is left. That is the penalty's own doing; where data pull as well, a step is the sum of both.
    """

    def at(seed: int) -> dict[str, object]:
        rng = generator(45, seed)
        rate, lam = float(rng.uniform(0.05, 0.5)), float(rng.uniform(0.05, 0.5))
        start = spread_out(rng, 1e-2, 1e2, 200).reshape(100, 2) * rng.choice([-1.0, 1.0], (100, 2))
        flat, pulled = bowls.no_data().surface, bowls.bowl(np.eye(2), rng.uniform(1.0, 3.0, 2), 0.6).surface
        multiplying, subtracting = (PENALTIES[key]() for key in penalties)

        def factors(surface: Surface) -> Floats:
            path = descend(surface, RULES["sgd"](), start, rate, 10, multiplying, lam).x
            now, new = path[:, :-1], path[:, 1:]
            some = now != 0.0
            left: Floats = new[some] / now[some]
            return left

        path = descend(flat, RULES["sgd"](), start, rate, 10, subtracting, lam).x
        large = np.abs(path[:, :-1]) > rate * lam
        amounts = np.abs(path[:, 1:] - path[:, :-1])[large]
        small = 0.5 * rate * lam * np.ones(2)
        kept = descend(flat, RULES["sgd"](), small, rate, 1, PENALTIES["l1"](), lam, "proximal").x[0, -1]
        alone, both = factors(flat), factors(pulled)
        return {
            "factor": alone.max() / alone.min(),
            "amount": amounts.max() / amounts.min(),
            "data": (np.abs(both - (1.0 - 2.0 * rate * lam)) > 0.01).mean(),
            "below": (small - kept)[0] / (rate * lam),
        }

    found = yield for_each(at, seeds_of(draw, 12), 0.02)
    steps = np.arange(31.0)
    shown = solve(StepByStepSpec(story="alone", rate=0.5, lam=0.5, big=10.0, small=1.0)).alone
    lines = (
        Line("L2", np.interp(steps, shown.steps, shown.l2[:, 0]), "l2"),
        Line("L1", np.interp(steps, shown.steps, shown.l1[:, 0]), "l1"),
    )
    alt = "A weight of ten that no data pull on, step by step: L2 takes the same share each time and never all of it, L1 the same amount until zero."
    return Findings(dict(found), Picture(alt, "weight", lines, x=steps, across="step"))
