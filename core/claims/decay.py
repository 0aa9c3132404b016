"""Claims about weight decay in adaptive rules: Adam with L2, and AdamW."""

from __future__ import annotations

from functools import partial

import numpy as np

from core._validate import Floats
from core.adam_and_adamw import rule_of
from core.bowls import Bowl, bowl, diabetes_bowl
from core.claims.claim import Experiment, Findings, Quantity, at_least, at_most, claim, seeds_of
from core.claims.picture import Group, Line, Picture
from core.claims.problems import generator, spread_out, turned
from core.claims.request import for_each, once
from core.decay_ends import box_points, ridge_points
from core.descent import descend
from core.optimizers import RULES, Rule
from core.penalties import PENALTIES, Penalty
from core.specs import AdamAndAdamWSpec
from core.tuning import rate_decay_map

_STEPS = 600


def _steep_bowl(rng: np.random.Generator) -> tuple[Bowl, float, Floats]:
    """Return a bowl whose free minimum lies outside the box of a weight decay, that decay, and a start (2,)."""
    hessian = turned(rng, spread_out(rng, 0.5, 3.0, 2))
    centre = rng.choice([-1.0, 1.0], 2) * rng.uniform(3.0, 8.0, 2)
    return bowl(hessian, centre, 0.6), float(rng.uniform(0.2, 0.5)), rng.uniform(-8.0, 8.0, 2)


@claim(
    number=15,
    source="A",
    topic="rules",
    statement="Adam with an L2 term in the loss and AdamW are two different methods.",
    test="Twelve random bowls, Adam with weight decay in the gradient and AdamW with the same decay, rate 0.1 and start, 600 steps: how far apart "
    "their ends are, and how far the first step takes them apart. The same for plain descent with its decay in the gradient and beside the step.",
    quantities={
        "apart": Quantity("distance of the two ends, over the larger one's from the origin", "", "bowl"),
        "first": Quantity("distance after the first step over its length", "", "bowl"),
        "plain": Quantity("distance of the ends of plain descent, decay in the gradient or beside", "", "bowl"),
    },
    stated=(at_least("apart", 0.05), at_most("plain", 1e-9)),
    shows=AdamAndAdamWSpec(),
    spoil={"rule": "sgd"},
)
def adam_is_not_adamw(draw: int, rule: str = "adam") -> Experiment:
    """Run both side by side; ``rule`` "sgd" takes plain descent for them.

    With plain descent it makes no difference whether λ|w|² is in the loss or 2λw is taken off beside the step. Adam divides what is in the gradient
    by the root of its mean square. So a decay in there is scaled with it, coordinate by coordinate, and one beside the step is not. The ends differ
    as well: Adam with L2 ends at the ridge solution, AdamW where its steady step and its decay cancel, which is another place.
    """

    def at(seed: int) -> dict[str, object]:
        problem, decay, start = _steep_bowl(generator(15, seed))
        coupled, beside = (RULES[key](weight_decay=decay) for key in (("adam", "adamw") if rule == "adam" else ("sgd", "sgd")))
        paths = [descend(problem.surface, each, start, 0.1, _STEPS).x[0] for each in (coupled, beside)]
        plain = [
            descend(problem.surface, RULES["sgd"](weight_decay=decay), start, 0.1, 200).x[0, -1],
            # lambda is half the decay, and the penalty acts beside the step.
            descend(problem.surface, RULES["sgd"](), start, 0.1, 200, _l2(), decay / 2.0, "decoupled").x[0, -1],
        ]
        ends = [path[-1] for path in paths]
        return {
            "apart": np.linalg.norm(ends[0] - ends[1]) / max(np.linalg.norm(end) for end in ends),
            "first": np.linalg.norm(paths[0][1] - paths[1][1]) / np.linalg.norm(paths[0][1] - start),
            "plain": np.linalg.norm(plain[0] - plain[1]),
            "first_path": paths[0],
            "second_path": paths[1],
        }

    found = yield for_each(at, seeds_of(draw, 12), 0.1)
    lines = (
        Line("Adam with L2", found["first_path"][0, :, 1], "adam", x=found["first_path"][0, :, 0]),
        Line("AdamW", found["second_path"][0, :, 1], "adamw", x=found["second_path"][0, :, 0]),
    )
    alt = "The paths of Adam with L2 and of AdamW over one bowl, from one start with one decay and one rate: they part, and end at different places."
    picture = Picture(alt, "second weight", lines, across="first weight", square=True)
    return Findings({name: found[name] for name in ("apart", "first", "plain")}, picture)


_COPIES, _NOISE = 32, 8.0
_BOX, _SOFT = 0.25, 0.04
"""Weight decays: one whose box keeps the free minima out, and one for which noise is strong."""


def _ends(kind: str, bowls: list[Bowl], decay: float, noise: float, rng: np.random.Generator) -> Floats:
    """Return where an optimizer of torch.optim ends on bowls (b), (b, 2): at a rate that falls or, with noise, as a mean over late steps and runs."""
    import torch

    hessians, centres = (torch.tensor(np.array([getattr(each.train, name) for each in bowls])) for name in ("hessian", "centre"))
    copies, steps, rate = (_COPIES, 1600, 0.05) if noise else (1, 1600, 0.1)
    w = torch.tensor(rng.uniform(-3.0, 3.0, (len(bowls), copies, 2)), requires_grad=True)
    made = getattr(torch.optim, kind)([w], lr=rate, weight_decay=decay, betas=(0.9, 0.99))
    total = torch.zeros_like(w)
    drawn = torch.from_numpy(rng.standard_normal((steps, len(bowls), copies, 2))) if noise else None
    for t in range(steps):
        with torch.no_grad():
            slope = torch.einsum("bij,bcj->bci", hessians, w - centres[:, None, :])
            w.grad = slope if drawn is None else slope + noise * drawn[t]
        if drawn is None:
            made.param_groups[0]["lr"] = rate * max(1.0 - t / (0.9 * steps), 1e-3)
        made.step()
        if t >= steps // 2:
            total += w.detach() / (steps - steps // 2)
    end: Floats = (total if noise else w.detach()).mean(dim=1).numpy()
    return end


@claim(
    number=42,
    source="D",
    topic="rules",
    statement="The weight_decay of AdamW is L2 regularization.",
    test="The installed torch.optim.AdamW with weight decay 0.25 on twelve random bowls, until it rests: its distance from the ridge solution of "
    "that decay, over that of the free minimum from it, and its distance from the minimum over the box |w| ≤ 1/0.25. With strong gradient noise, "
    "8, and decay 0.04: the distance of its mean from ridge with λ = 0.04 · 8/2, over that of the free minimum.",
    quantities={
        "ridge": Quantity("distance from ridge over that of the free minimum, no noise", "", "bowl"),
        "box": Quantity("distance from the minimum over the box, in the same unit", "", "bowl"),
        "noisy": Quantity("distance from a ridge whose λ follows from the noise, strong noise", "", "bowl"),
    },
    stated=(at_most("ridge", 0.05, "mean"),),
    condition="the gradient's noise is strong beside its mean, and λ is then the noise times weight_decay/2",
    conditional=(at_most("noisy", 0.15, "mean"), at_most("box", 0.1, "mean")),
    shows=AdamAndAdamWSpec(sgd=False, circle=True, step=2000.0),
    spoil={"kind": "Adam"},
)
def adamw_is_a_box(draw: int, kind: str = "AdamW") -> Experiment:
    """Let the installed AdamW come to rest and see where; ``kind`` "Adam" has its decay in the gradient.

    AdamW rests where its steady step and its decay cancel. Without noise the step of a coordinate is ±rate, whatever the slope, so a weight that
    the loss wants larger stops at 1/weight_decay: a box, not a ball, and inside the box there is no pull at all. Noise makes steps that grow with
    the slope again, and then weights shrink much as under L2, by an amount that noise and decay set together. Adam with weight_decay ends at the
    ridge solution.
    """

    def found_ends() -> dict[str, Floats]:
        rng = generator(42, draw)
        bowls, soft = [], []
        for _ in range(12):
            hessian = turned(rng, spread_out(rng, 0.5, 3.0, 2))
            bowls.append(bowl(hessian, rng.choice([-1.0, 1.0], 2) * rng.uniform(5.0, 8.0, 2), 0.6))
            soft.append(bowl(hessian, rng.choice([-1.0, 1.0], 2) * rng.uniform(2.0, 5.0, 2), 0.6))
        free = np.array([each.train.centre for each in bowls])
        ridge, box = (np.array([at(each.train, np.array([_BOX]))[0] for each in bowls]) for at in (ridge_points, box_points))
        unit = np.linalg.norm(free - ridge, axis=1)
        end = _ends(kind, bowls, _BOX, 0.0, rng)
        noisy = _ends(kind, soft, _SOFT, _NOISE, rng)
        soft_ridge = np.array([ridge_points(each.train, np.array([_SOFT * _NOISE]))[0] for each in soft])
        soft_unit = np.linalg.norm(np.array([each.train.centre for each in soft]) - soft_ridge, axis=1)
        return {
            "ridge": np.linalg.norm(end - ridge, axis=1) / unit,
            "box": np.linalg.norm(end - box, axis=1) / unit,
            "noisy": np.linalg.norm(noisy - soft_ridge, axis=1) / soft_unit,
        }

    found = yield once(found_ends, 1.5)
    groups = (
        Group("ridge, no noise", found["ridge"], "l2"),
        Group("box, no noise", found["box"], "adamw"),
        Group("ridge, strong noise", found["noisy"], "muted"),
    )
    alt = "How far AdamW ends from ridge and from the minimum over a box: far from ridge and in the box without noise, near another ridge with noise."
    return Findings(dict(found), Picture(alt, "distance / of the free minimum", groups=groups))


def _l2() -> Penalty:
    return PENALTIES["l2"]()


_RATES, _PATIENTS = np.geomspace(1e-3, 2.0, 25), 8


@claim(
    number=43,
    source="D",
    topic="rules",
    statement="An L2 penalty in the loss goes badly with Adam.",
    test="Badly is measured twice. Twelve random ravines, curvatures 4 to 50 times apart: how unequally Adam decays two weights, as the ratio of "
    "what the decay takes off each in a step, over 300 steps. And regressions on eight patients, twelve draws: the least loss on all other "
    "patients over 25 rates and 25 decays of Adam with L2 and of AdamW, each at its own best, 200 steps; badly is 5 % more than AdamW.",
    quantities={
        "unequal": Quantity("effective decay of the flat weight over that of the steep one, Adam with L2", "", "ravine"),
        "beside": Quantity("the same, AdamW", "", "ravine"),
        "worse": Quantity("unseen loss of Adam with L2 minus that of AdamW, over AdamW's", "", "draw"),
    },
    stated=(at_least("unequal", 2.0, "mean"), at_least("worse", 0.05, "mean")),
    condition="badly means that it decays weights unequally, and not that unseen data are served worse",
    conditional=(at_least("unequal", 2.0, "mean"), at_most("beside", 1.001)),
    shows=AdamAndAdamWSpec(surface="diabetes", lam=0.5, step=200.0),
    spoil={"rule": "sgd"},
)
def adam_and_l2(draw: int, rule: str = "adam") -> Experiment:
    """Measure effective decays, and losses where both are tuned; ``rule`` "sgd" takes plain descent for Adam.

    In the gradient the decay is divided by the root of the mean square, as all of the gradient is: a weight with large gradients is hardly decayed.
    That much is plain. Whether it harms is another question, and here the answer follows from the draws: on a small regression Adam with L2 ends at
    ridge, which is no bad place to end. That AdamW does better on deep networks has been found there, with many steps and much noise.
    """

    def at(seed: int) -> dict[str, object]:
        rng = generator(43, seed)
        ratio = spread_out(rng, 4.0, 50.0, 1)[0]
        ravine = bowl(np.diag([0.2, 0.2 * ratio]), rng.uniform(3.0, 8.0, 2), 0.6)
        unequal = {name: _unequal(ravine, key, rng.uniform(-8.0, 0.0, 2)) for name, key in (("unequal", rule), ("beside", "adamw"))}
        data = diabetes_bowl(_PATIENTS, seed)
        decays = np.geomspace(1e-3, 10.0, 25)
        least = {}
        for key in (rule, "adamw"):
            ends = rate_decay_map(data.surface, partial(_made, key), data.surface.start, _RATES, decays, 200, measure=data.measure)
            least[key] = ends.loss.min()
        return {**unequal, "worse": (least[rule] - least["adamw"]) / least["adamw"]}

    found = yield for_each(at, seeds_of(draw, 12), 0.15)
    groups = (
        Group("decay, Adam with L2", found["unequal"], "adam"),
        Group("decay, AdamW", found["beside"], "adamw"),
        Group("1 + unseen loss lost", 1.0 + found["worse"], "validation"),
    )
    alt = "How unequally Adam with L2 and AdamW decay two weights, and how much unseen loss Adam with L2 loses to AdamW when both are tuned."
    return Findings(dict(found), Picture(alt, "ratio", groups=groups, log="y", level=(1.0, "alike")))


def _made(key: str, weight_decay: Floats) -> Rule:
    return rule_of(key, 0.99, weight_decay)


def _unequal(ravine: Bowl, key: str, start: Floats, lr: float = 0.1, decay: float = 0.1, steps: int = 300) -> float:
    """Return the effective decay of the first weight over that of the second, a geometric mean over a run.

    In each step it is what a step without decay, from the same state, would have left more of the weight, as a share of it.
    """
    with_decay, without = rule_of(key, 0.99, decay), rule_of(key, 0.99, 0.0)
    x, state, logs = start, with_decay.init(start), []
    for _ in range(steps):
        gradient = ravine.train.gradient(x)
        kept, _ = without.step(x, gradient, state, lr)
        new, state = with_decay.step(x, gradient, state, lr)
        share = np.abs((kept - new) / x)
        logs.append(np.log(share[0] / share[1]))
        x = new
    return float(np.exp(np.mean(logs)))
