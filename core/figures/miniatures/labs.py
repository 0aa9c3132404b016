"""The miniature of each page. In: nothing; what is drawn is what the lab itself computes at its first settings. Out: SVG."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType

import numpy as np

from core._validate import Floats
from core.figures.miniatures.sketch import Sketch


def diamond_and_circle() -> Sketch:
    """Draw the diamond, ellipses around the minimum, and the solution's way to the corner."""
    from core.diamond_circle import problem_of
    from core.penalties import PENALTIES
    from core.regularized import constrained
    from core.specs import DiamondCircleSpec

    problem = problem_of(DiamondCircleSpec(lam=1.2))
    budgets = np.linspace(0.05, 3.4, 60)
    found = constrained(problem, PENALTIES["l1"](), budgets)
    size = 1.3
    at = constrained(problem, PENALTIES["l1"](), size).w[0]
    sketch = Sketch("An ellipse touches a diamond at its corner.", (-2.2, 4.4), (-1.9, 3.2), equal=True)
    height = float(problem.value(at))
    for level in (0.15 * height, height, 2.6 * height):
        sketch.line(_ellipse(problem.hessian, problem.centre, level), "loss", 1.2, closed=True)
    sketch.line(size * np.array([[1, 0], [0, 1], [-1, 0], [0, -1]]), "l1", 2.0, closed=True, fill=0.15)
    return sketch.line(found.w[::-1], "l1", 1.2, dash=2).runner(found.w[::-1], "l1")


def _ellipse(hessian: Floats, centre: Floats, level: float) -> Floats:
    values, vectors = np.linalg.eigh(hessian)
    turn = np.linspace(0.0, 2.0 * np.pi, 60)
    circle = np.stack([np.cos(turn), np.sin(turn)], axis=1) * np.sqrt(2.0 * level / values)
    points: Floats = circle @ vectors.T + centre
    return points


def smoothing_and_curvature() -> Sketch:
    """Draw a slice through the rugged bowl without a penalty and with one."""
    from core.surfaces import SURFACES

    surface = SURFACES["rugged_bowl"]
    x = np.linspace(surface.bounds[0, 0], surface.bounds[0, 1], 121)
    points = np.stack([x, np.zeros_like(x)], axis=1)
    plain = surface.value(points)
    bent = plain + 0.5 * x**2
    words = "A rugged curve, and the same with a bowl added: its small minima are gone."
    sketch = Sketch(words, (x[0], x[-1]), (plain.min() - 0.2, 1.5 * plain.max()))
    way = np.stack([x, bent], axis=1)
    return sketch.line(np.stack([x, plain], axis=1), "loss", 1.6).line(way, "l2", 2.0, dash=1).runner(way[: np.argmin(bent) + 1], "l2")


def step_by_step() -> Sketch:
    """Draw the second weight of the course's tables, step by step."""
    from core.specs import STEP_BY_STEP_PRESETS
    from core.step_by_step import solve

    runs = {run.rule.key: run for run in solve(STEP_BY_STEP_PRESETS["The constant push"]).runs}
    paths = {key: np.stack([np.arange(len(runs[key].w)), runs[key].w[:, 0]], axis=1) for key in ("l1", "l2")}
    every = np.concatenate(list(paths.values()))
    sketch = Sketch("A weight that only the penalty pulls on: L1 takes an amount, L2 a share.", _span(every[:, 0]), _span(every[:, 1]))
    sketch.line([[0.0, 0.0], [every[:, 0].max(), 0.0]], "axis", 1.0)
    for key, path in paths.items():
        sketch.dots(path, key, 1.9)
    return sketch.runner(paths["l1"], "l1")


def optimizer_race() -> Sketch:
    """Draw three rules on Rosenbrock's valley."""
    from core.descent import descend
    from core.optimizers import RULES
    from core.surfaces import SURFACES

    surface = SURFACES["rosenbrock"]
    sketch = Sketch("Three rules descend a curved valley from one start.", (-1.6, 1.5), (-0.4, 1.6), equal=True)
    ways = {}
    for key, rate in (("sgd", 0.001), ("momentum", 0.001), ("adam", 0.1)):
        ways[key] = descend(surface, RULES[key](), surface.start, rate, 200).x[0]
    for dash, (key, way) in enumerate(ways.items()):
        sketch.line(way, key, 1.6, dash=dash)
    return sketch.dots([[1.0, 1.0]], "loss", 3.0, hollow=True).dots([surface.start], "loss", 2.6).runner(ways["adam"], "adam")


def adam_and_adamw() -> Sketch:
    """Draw where SGD, Adam and AdamW end under one decay: ridge, ridge, and the wall of a box."""
    from core.descent import descend
    from core.optimizers import RULES
    from core.surfaces import parse_surface

    bowl = parse_surface("0.5 * ((w1 - 8)**2 + 1.2 * (w1 - 8) * (w2 - 1) + 2 * (w2 - 1)**2)")
    sketch = Sketch("Adam with L2 ends at the ridge point, AdamW at the wall of a box.", (-1.0, 8.6), (-1.2, 5.2), equal=True)
    wall = 1.0 / 0.25
    sketch.line([[wall, -1.2], [wall, wall], [-1.0, wall]], "adamw", 1.0, dash=2)
    ways = {
        key: descend(bowl, RULES[key](weight_decay=0.25), np.zeros(2), rate, steps).x[0]
        for key, rate, steps in (("sgd", 0.1, 80), ("adam", 0.1, 500), ("adamw", 0.1, 500))
    }
    for dash, (key, way) in enumerate(ways.items()):
        sketch.line(way, key, 1.6, dash=dash)
    return sketch.dots([[8.0, 1.0]], "loss", 3.0, hollow=True).runner(ways["adamw"], "adamw")


def shrinkage_paths() -> Sketch:
    """Draw Lasso's weights on the diabetes data over lambda."""
    from core.specs import ShrinkageSpec
    from core.statistics.shrinkage import solve

    result = solve(ShrinkageSpec())
    w, x = result.path.w, np.log10(np.maximum(result.lam, result.lam[result.lam > 0].min()))
    sketch = Sketch("Ten weights over λ, leaving zero one after the other.", (x[0], x[-1]), (float(w.min()), float(w.max())))
    order = np.argsort(-np.abs(w).max(axis=0))
    for j in order:
        sketch.line(np.stack([x, w[:, j]], axis=1)[::4], "l1" if j == order[0] else "muted", 1.8 if j == order[0] else 1.1)
    return sketch.runner(np.stack([x, w[:, order[0]]], axis=1)[::-4], "l1")


def priors_and_map() -> Sketch:
    """Draw gaussian and Laplace priors of equal spread."""
    x = np.linspace(-3.0, 3.0, 121)
    gauss, laplace = np.exp(-(x**2) / 2.0) / np.sqrt(2.0 * np.pi), np.exp(-np.sqrt(2.0) * np.abs(x)) / np.sqrt(2.0)
    sketch = Sketch("A Gaussian and a Laplace prior of equal spread.", (-3.0, 3.0), (0.0, 0.75))
    way = np.stack([x, laplace], axis=1)
    return sketch.line(np.stack([x, gauss], axis=1), "l2", 1.8, dash=1).line(way, "l1", 1.8).runner(way[:61], "l1")


def bias_and_variance() -> Sketch:
    """Draw bias squared, variance and their sum with the noise over lambda."""
    from core.specs import BiasVarianceSpec
    from core.statistics.bias_variance.experiment import decades, solve

    result = solve(BiasVarianceSpec())
    x = decades(result.lam)
    total = result.total
    top = 2.2 * float(np.min(total))
    sketch = Sketch("Bias rises and variance falls with λ; their sum has a minimum between.", (x[0], x[-1]), (0.0, top))
    for values, ink, dash in ((result.bias, "bias", 0), (result.variance, "variance", 1), (total, "loss", 0)):
        sketch.line(np.stack([x, np.minimum(values, 1.4 * top)], axis=1), ink, 1.8, dash=dash)
    way = np.stack([x, np.minimum(total, 1.4 * top)], axis=1)
    return sketch.runner(way[np.argmax(total < 1.2 * top) : np.argmin(total) + 1], "loss")


def training() -> Sketch:
    """Draw the moons."""
    from core.datasets import DATASETS

    drawn = DATASETS["moons"].draw(120, 0.2)
    inputs, classes = drawn.train_inputs[0], drawn.train_targets
    sketch = Sketch("Two interleaved crescents of points, one a class.", _span(inputs[:, 0]), _span(inputs[:, 1]))
    for label, ink in ((0, "class0"), (1, "class1")):
        sketch.dots(inputs[classes == label], ink, 2.6, hollow=label == 1)
    return sketch


def dropout() -> Sketch:
    """Draw a batch's mask on the course's network of 3, 5, 4, 4 and 2 units."""
    from core.dropout.thinned import SIZES, solve
    from core.specs import DropoutSpec

    alive = solve(DropoutSpec()).lives[DropoutSpec().member, 0, 0]
    columns = [np.stack([np.full(n, float(i)), np.linspace(-0.5, 0.5, n) * (n - 1)], axis=1) for i, n in enumerate(SIZES)]
    lives = [np.ones(SIZES[0], dtype=bool), *np.split(alive, np.cumsum(SIZES[1:-1])[:-1]), np.ones(SIZES[-1], dtype=bool)]
    sketch = Sketch("A network of five layers, some of its units left out.", (-0.2, len(SIZES) - 0.8), (-2.4, 2.4))
    for here, there, begins, ends in zip(columns, columns[1:], lives, lives[1:], strict=False):
        for one in here[begins]:
            for other in there[ends]:
                sketch.line([one, other], "dropout", 0.7)
    for column, living in zip(columns, lives, strict=True):
        sketch.dots(column[living], "dropout", 4.0)
        if not living.all():
            sketch.dots(column[~living], "muted", 3.6, hollow=True)
    return sketch


def batch_norm() -> Sketch:
    """Draw the last training loss over the rate, with batch normalisation and without: the shipped sweep."""
    from core.batch_norm.common import NORMED, PLAIN
    from core.batch_norm.rates import RateSweep
    from core.studies import shelf

    study = RateSweep()
    found = study.conclude(shelf.shipped(study) or ())
    x, final = np.log10(found.rates), np.log10(np.clip(np.median(found.final, axis=1), 1e-3, 2.0))
    sketch = Sketch("Training loss over the learning rate: with batch norm larger rates still train.", _span(x), _span(final))
    for kind, ink, dash in ((PLAIN, "loss", 1), (NORMED, "batch_norm", 0)):
        sketch.line(np.stack([x, final[:, kind]], axis=1), ink, 1.9, dash=dash)
    return sketch.runner(np.stack([x, final[:, NORMED]], axis=1)[:-3], "batch_norm")


def flat_and_sharp_minima() -> Sketch:
    """Draw sharpness against the generalisation gap of a hundred networks: the shipped families."""
    from core.flatness.families import FlatFamilies
    from core.studies import shelf

    study = FlatFamilies()
    found = study.conclude(shelf.shipped(study) or ())
    x, y = np.log10(np.maximum(found.number("filter_top")[:, -1], 1e-3)), found.gap[:, -1]
    sketch = Sketch("A cloud of networks: sharper ones have the larger gap.", _span(x), _span(y))
    inks = {"lam": "l2", "dropout": "dropout", "batch": "batch", "norm": "batch_norm"}
    for axis, ink in inks.items():
        own = np.array(found.axis) == axis
        sketch.dots(np.stack([x, y], axis=1)[own], ink, 2.0)
    return sketch


def right_mix() -> Sketch:
    """Draw the map of lambda and p: the shipped one, brighter where the loss is lower."""
    from core.right_mix.maps import MixMap
    from core.studies import shelf

    study = MixMap()
    found = study.conclude(shelf.shipped(study) or ())
    rank = found.mean.ravel().argsort().argsort() / (found.mean.size - 1)
    places = np.stack(np.meshgrid(np.arange(16.0), np.arange(16.0)), axis=-1).reshape(-1, 2)
    sketch = Sketch("A map of two settings, darker where the loss is lower.", (-0.5, 15.5), (-0.5, 15.5), equal=True)
    sketch.cells(places, ["l2"] * len(places), 5.7, 1.0 - 0.92 * rank)
    row, column = found.best
    return sketch.dots([[column, row]], "paper", 3.0).dots([[column, row]], "loss", 3.0, hollow=True)


def claims_on_trial() -> Sketch:
    """Draw a square a claim, by its verdict with the shipped seeds."""
    from core.claims.catalogue import CLAIMS
    from core.claims.choices import CONDITION, FAILS, HOLDS
    from core.claims.trial import Trial
    from core.studies import shelf

    inks = {HOLDS: "dropout", CONDITION: "momentum", FAILS: "l1"}
    found = [(trial, shelf.shipped(trial)) for trial in map(Trial, CLAIMS)]
    verdicts = [trial.conclude(outcomes).verdict for trial, outcomes in found if outcomes is not None]
    order = sorted(verdicts, key=list(inks).index)
    places = np.array([[i % 8, -(i // 8)] for i in range(len(order))], dtype=float)
    sketch = Sketch("A square for each claim, by its verdict.", (-0.6, 7.6), (-5.6, 0.6))
    return sketch.cells(places, [inks[verdict] for verdict in order], 12.0)


def _span(values: Floats) -> tuple[float, float]:
    there = values[np.isfinite(values)]
    return float(there.min()), float(there.max())


_DRAWN: Mapping[str, Callable[[], Sketch]] = MappingProxyType(
    {
        function.__name__: function
        for function in (
            diamond_and_circle,
            smoothing_and_curvature,
            step_by_step,
            optimizer_race,
            adam_and_adamw,
            shrinkage_paths,
            priors_and_map,
            bias_and_variance,
            training,
            dropout,
            batch_norm,
            flat_and_sharp_minima,
            right_mix,
            claims_on_trial,
        )
    }
)
PAGES = tuple(_DRAWN)
"""The pages that have a miniature."""


@cache
def miniature(page: str) -> str:
    """Return a page's miniature as SVG, drawn once a process; "" where it has none."""
    return _DRAWN[page]().svg() if page in _DRAWN else ""
