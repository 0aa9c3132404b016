"""Claims about the gradient and the curvature of L2."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from core._validate import Floats
from core.claims.claim import Experiment, Findings, Quantity, at_least, at_most, claim, seeds_of
from core.claims.picture import Group, Line, Picture
from core.claims.problems import generator, random_bowl, spread_out, turned
from core.claims.request import for_each
from core.curvature import shifted_spectrum
from core.minima import find_minima
from core.penalties import PENALTIES
from core.regularized import penalized
from core.specs import SmoothingSpec, StepByStepSpec
from core.surfaces import SURFACES
from core.surfaces.catalogue import parse_surface

_L2 = PENALTIES["l2"]()
_STEPS = np.arange(41.0)
_LAM = np.linspace(0.0, 2.0, 21)
_MANY = np.linspace(0.0, 5.0, 101)
_CURVED = ("himmelblau", "six_hump_camel", "styblinski_tang")


def _slopes(value: Callable[[Floats], Floats], w: Floats, step: float = 1e-4) -> Floats:
    """Return the gradient (d,) of a function of (..., d) by central differences."""
    moves = step * np.eye(len(w))
    found: Floats = (value(w + moves) - value(w - moves)) / (2.0 * step)
    return found


@claim(
    number=1,
    source="A",
    topic="l2",
    statement="The gradient of λ|w|² is 2λw, and so every step of descent makes the weights smaller.",
    test="Twelve random λ with six random weights each: the lab's 2λw against central differences of λ times the sum of squares. Then forty steps "
    "of descent from near the origin, a quarter of the largest stable rate: once on a random bowl with the penalty, once on the penalty alone.",
    quantities={
        "gradient": Quantity("largest error of 2λw, over the largest slope by differences", "", "problem"),
        "data": Quantity("largest growth of the weights' length in a step, with data", "times", "problem"),
        "alone": Quantity("the same without data", "times", "problem"),
    },
    stated=(at_most("gradient", 1e-6), at_most("data", 1.0)),
    condition="no data pulls the other way: the penalty's own step shrinks every weight, but a step is taken on the sum of both",
    conditional=(at_most("gradient", 1e-6), at_most("alone", 1.0)),
    shows=StepByStepSpec(lam=0.5, start1=0.2, start2=1.5, gradient1=-1.0, gradient2=0.0, steps=24.0, step=12.0, convention="lab"),
    spoil={"sign": -1.0},
)
def shrinks_in_every_step(draw: int, sign: float = 1.0) -> Experiment:
    """Compare the gradient with differences, and follow the weights' length; ``sign`` -1 adds what should be subtracted.

    The gradient is as claimed, and a step along it alone multiplies every weight by 1 − 2ηλ. Descent steps along the sum of the data's gradient and
    the penalty's. A weight that the data wants larger grows until the two pulls are equal: what the penalty makes smaller is where it comes to
    rest.
    """

    def at(seed: int) -> dict[str, object]:
        rng = generator(1, seed)
        lam, w = float(rng.uniform(0.05, 0.5)), rng.normal(size=6)
        by_differences = _slopes(lambda v: lam * (v**2).sum(axis=-1), w)
        used = sign * lam * _L2.gradient(w)
        problem, begin = random_bowl(rng).train, 0.3 * rng.normal(size=2)
        rate = 0.5 / (problem.eigen[0][-1] + 2.0 * lam)
        lengths = {}
        for name, pulls in (("data", 1.0), ("alone", 0.0)):
            at_step = [begin]
            for _ in _STEPS[1:]:
                now = at_step[-1]
                at_step.append(now - rate * (pulls * problem.gradient(now) + sign * lam * _L2.gradient(now)))
            lengths[name] = np.linalg.norm(at_step, axis=1)
        growth = {name: (length[1:] / length[:-1]).max() for name, length in lengths.items()}
        relative = {f"{name}_path": length / length[0] for name, length in lengths.items()}
        return {"gradient": np.abs(used - by_differences).max() / np.abs(by_differences).max(), **growth, **relative}

    found = yield for_each(at, seeds_of(draw, 12), 0.02)
    lines = (Line("with data", found["data_path"], "loss"), Line("the penalty alone", found["alone_path"], "l2"))
    alt = "The length of the weights over forty steps of descent with L2, as a share of its first value: with data it grows, without it only falls."
    picture = Picture(alt, "length of w / at the start", lines, x=_STEPS, across="step", log="y", level=(1.0, "as at the start"))
    return Findings({name: found[name] for name in ("gradient", "data", "alone")}, picture)


def _second_differences(value: Callable[[Floats], Floats], w: Floats, step: float = 1e-2) -> Floats:
    """Return the Hessian (2, 2) of a function of (..., 2) by central second differences."""
    moves = step * np.eye(2)
    found = np.empty((2, 2))
    for i in range(2):
        for j in range(2):
            found[i, j] = value(w + moves[i] + moves[j]) - value(w + moves[i] - moves[j])
            found[i, j] += value(w - moves[i] - moves[j]) - value(w - moves[i] + moves[j])
    return found / (4.0 * step**2)


@claim(
    number=2,
    source="A",
    topic="l2",
    statement="L2 adds 2λ to every eigenvalue of the loss's Hessian.",
    test="Twelve random points on three curved surfaces, and λ from 0 to 2: the eigenvalues of the Hessian of L + λ|w|², by second differences of "
    "its values, less those of L. Beside it the Hessian of the sum at the minimum that L2 has moved, less that of L at the minimum where it was.",
    quantities={
        "same": Quantity("largest distance of a shift from 2λ, at the same point", "", "point"),
        "moved": Quantity("largest distance of a shift from 2λ, from the old minimum to the new one", "", "point"),
    },
    stated=(at_most("same", 1e-4),),
    shows=SmoothingSpec(surface="himmelblau", lam=1.0),
    spoil={"half": True},
)
def every_eigenvalue_moves(draw: int, half: bool = False) -> Experiment:
    """Take second differences of the penalised surface; with ``half`` the penalty is λ|w|²/2, as some books write it.

    The Hessian of λ|w|² is 2λ times the identity, which has no direction of its own: it moves all eigenvalues alike and turns no eigenvector. That
    is a statement about one point. L2 also moves the minimum, and on a surface that is no quadratic the loss's own Hessian is another there. With
    weights that are not penalised, such as biases, the shifts lie between 0 and 2λ.
    """

    def at(seed: int) -> dict[str, object]:
        rng = generator(2, seed)
        surface = SURFACES[_CURVED[seed % len(_CURVED)]]
        w = rng.uniform(surface.bounds[:, 0], surface.bounds[:, 1])
        share = 0.5 if half else 1.0
        own = np.linalg.eigvalsh(_second_differences(surface.value, w))
        shifts, moved, best = [], [], surface.minima[seed // len(_CURVED) % len(surface.minima)]
        first = np.linalg.eigvalsh(surface.hessian(best))
        for lam in _LAM:
            summed = _second_differences(lambda v, lam=lam: surface.value(v) + share * lam * _L2.value(v), w)  # type: ignore[misc]
            shifts.append(np.linalg.eigvalsh(summed) - own)
            for _ in range(12):
                bend = surface.hessian(best) + 2.0 * share * lam * np.eye(2)
                best = best - np.linalg.solve(bend, surface.gradient(best) + share * lam * _L2.gradient(best))
            moved.append(np.linalg.eigvalsh(surface.hessian(best)) + 2.0 * share * lam - first)
        far = {name: np.abs(np.array(each) - 2.0 * _LAM[:, None]).max() for name, each in (("same", shifts), ("moved", moved))}
        return {**far, "low": np.array(shifts)[:, 0], "high": np.array(shifts)[:, 1], "new": np.array(moved)[:, 1]}

    found = yield for_each(at, seeds_of(draw, 12), 0.05)
    lines = (
        Line("both, at the same point", np.concatenate([found["low"], found["high"]]), "l2"),
        Line("larger one, moved minimum", found["new"], "muted"),
    )
    alt = "How far the eigenvalues of the Hessian move as lambda grows: by two lambda at one point, by other amounts at the minimum, which moves."
    picture = Picture(alt, "shift of an eigenvalue", lines, x=_LAM, across="λ")
    return Findings({name: found[name] for name in ("same", "moved")}, picture)


@claim(
    number=3,
    source="A",
    topic="l2",
    statement="L2 improves the conditioning of the loss.",
    test="Twelve random Hessians of six weights with curvatures from 0.1 to 10, and the same with some of them negative, as at a point far from a "
    "minimum: the condition number of H + 2λI for 101 λ from 0 to 5, beside that of H.",
    quantities={
        "definite": Quantity("largest condition number over that without L2, all curvatures positive", "", "Hessian"),
        "indefinite": Quantity("the same with some negative", "", "Hessian"),
    },
    stated=(at_most("definite", 1.0), at_most("indefinite", 1.0)),
    condition="the Hessian has no negative eigenvalue, as at a minimum",
    conditional=(at_most("definite", 1.0),),
    shows=SmoothingSpec(surface="saddle", point1=0.0, point2=0.0, lam=0.4),
    spoil={"sign": -1.0},
)
def conditioning(draw: int, sign: float = 1.0) -> Experiment:
    """Follow condition numbers over lambda; ``sign`` -1 subtracts the shift.

    Adding 2λ above and below brings (μ_max + 2λ)/(μ_min + 2λ) nearer to 1, if μ_min is not negative. A negative eigenvalue is first pushed through
    zero: at λ = −μ/2 the Hessian is singular, and around there its condition number is worse than any that it had. Only a λ far beyond makes it
    small.
    """

    def at(seed: int) -> dict[str, object]:
        rng = generator(3, seed)
        sizes = spread_out(rng, 0.1, 10.0, 6)
        signs = np.where(np.arange(6) < rng.integers(1, 4), -1.0, 1.0)
        found: dict[str, object] = {}
        for name, values in (("definite", sizes), ("indefinite", signs * sizes)):
            hessian = turned(rng, values)
            # The lab's own shift, and twice as much taken off again where the sign is wrong.
            taken = (sign - 1.0) * 2.0 * _MANY[:, None, None] * np.eye(6)
            numbers = np.array([shifted_spectrum(hessian + off, lam).condition_number[0] for off, lam in zip(taken, _MANY, strict=True)])
            found |= {name: numbers.max() / numbers[0], f"{name}_path": numbers / numbers[0]}
        return found

    found = yield for_each(at, seeds_of(draw, 12), 0.05)
    lines = (Line("positive definite", found["definite_path"], "l2"), Line("indefinite", found["indefinite_path"], "loss"))
    alt = "The condition number of the Hessian with L2 over that without, along lambda: it falls where all curvatures are positive, else it peaks."
    picture = Picture(alt, "condition number / without L2", lines, x=_MANY, across="λ", log="y", level=(1.0, "as without L2"))
    return Findings({name: found[name] for name in ("definite", "indefinite")}, picture)


_PULLS = np.concatenate([[0.0], np.geomspace(0.01, 3.0, 16)])


def _landscape(rng: np.random.Generator) -> str:
    """Return the formula of a shallow bowl with two oblong wells."""
    x, y = rng.uniform(-1.5, 1.5, 2)
    terms = [f"0.05*(w1 - {x:.4f})**2 + 0.05*(w2 - {y:.4f})**2"]
    for _ in range(2):
        (x, y), (u, v) = rng.uniform(-2.5, 2.5, 2), rng.uniform(0.3, 1.2, 2)
        terms.append(f"{rng.uniform(0.4, 1.0):.4f}*exp(-(w1 - {x:.4f})**2/{u:.4f} - (w2 - {y:.4f})**2/{v:.4f})")
    return " - ".join(terms)


def _narrow(curvatures: Floats) -> Floats:
    """Return how many times as steep as flat a minimum is, (...), from curvatures (..., 2)."""
    ratio: Floats = curvatures.max(axis=-1) / curvatures.min(axis=-1)
    return ratio


@claim(
    number=5,
    source="A",
    topic="l2",
    statement="L2 draws the minimum towards the origin and makes the contours around it rounder.",
    test="Ten random tilted bowls and ten random surfaces with several wells, each with 17 λ from 0 to 3: the distance of the lowest minimum from "
    "the origin, and the ratio of the curvatures of L + λR there. Each as the most that it is over its value without L2.",
    quantities={
        "bowl_far": Quantity("distance from the origin over that without L2, bowls", "", "problem"),
        "bowl_narrow": Quantity("ratio of curvatures over that without L2, bowls", "", "problem"),
        "wells_far": Quantity("distance from the origin over that without L2, surfaces with wells", "", "problem"),
        "wells_narrow": Quantity("ratio of curvatures over that without L2, surfaces with wells", "", "problem"),
    },
    stated=tuple(at_most(name, 1.0) for name in ("bowl_far", "bowl_narrow", "wells_far", "wells_narrow")),
    condition="the loss is a quadratic, as far as the contours go; the way to the origin is the same for any",
    conditional=tuple(at_most(name, 1.0) for name in ("bowl_far", "bowl_narrow", "wells_far")),
    shows=SmoothingSpec(surface="rotated_ravine", condition=25.0, lam=1.0),
    spoil={"from_origin": 3.0},
)
def towards_the_origin(draw: int, from_origin: float = 0.0) -> Experiment:
    """Follow the lowest minimum over lambda; ``from_origin`` measures its distance from a point so many times as far out as the free minimum.

    That the lowest minimum of L + λ|w|² is never farther out at a larger λ holds for any loss at all: were it farther, the nearer one would have
    been better before. That its contours get rounder follows from equal shifts of unequal curvatures, if these stay as they are. Where the loss is
    no quadratic, the minimum moves to a place with another Hessian, or jumps to another well, and the contours there may be narrower.
    """

    def at(seed: int) -> dict[str, object]:
        rng = generator(5, seed)
        problem = random_bowl(rng, 0.1, 5.0).train
        found: dict[str, object] = {}
        w = penalized(problem, _L2, _PULLS).w
        bends = problem.eigen[0] + 2.0 * _PULLS[:, None]
        surface = parse_surface(_landscape(rng))
        minima = find_minima(surface, _L2, _PULLS)
        lowest = np.where(minima.exists, minima.objective, np.inf).argmin(axis=1)
        members = np.arange(len(_PULLS))
        wells = minima.w[members, lowest], minima.eigenvalues[members, lowest] + 2.0 * _PULLS[:, None]
        for name, (at_lam, curvatures) in {"bowl": (w, bends), "wells": wells}.items():
            far = np.linalg.norm(at_lam - from_origin * at_lam[0], axis=1)
            for what, values in (("far", far), ("narrow", _narrow(curvatures))):
                found |= {f"{name}_{what}": (values / values[0]).max(), f"{name}_{what}_path": values / values[0]}
        return found

    found = yield for_each(at, seeds_of(draw, 10), 0.25)
    lines = (
        Line("distance, bowls", found["bowl_far_path"], "l2"),
        Line("ratio of curvatures, bowls", found["bowl_narrow_path"], "loss"),
        Line("ratio of curvatures, wells", found["wells_narrow_path"], "muted"),
    )
    alt = "Along lambda: the minimum's distance from the origin falls, the ratio of curvatures falls on bowls, and not always on surfaces with wells."
    picture = Picture(alt, "over the value without L2", lines, x=_PULLS, across="λ", log="y", level=(1.0, "as without L2"))
    return Findings({name: found[name] for name in ("bowl_far", "bowl_narrow", "wells_far", "wells_narrow")}, picture)


@claim(
    number=17,
    source="B",
    topic="l2",
    statement="The gradient of the penalty 2λ|W|² is λW.",
    test="Twelve random λ with the random weights of a layer each: central differences of the penalty, entry by entry, over λW. Beside it those "
    "of λ|W|² and of λ|W|²/2, and what this lab takes for the gradient of λ|W|².",
    quantities={
        "written": Quantity("gradient of 2λ|W|² over λW", "", "layer"),
        "lab": Quantity("gradient of λ|W|² over λW, as this lab takes it", "", "layer"),
        "half": Quantity("gradient of λ|W|²/2 over λW", "", "layer"),
    },
    stated=(at_least("written", 0.99), at_most("written", 1.01)),
    shows=StepByStepSpec(convention="lab"),
    spoil={"factor": 0.5},
)
def gradient_of_two_lambda(draw: int, factor: float = 2.0) -> Experiment:
    """Take differences of a multiple of λ|W|²; ``factor`` 2 is the claim's.

    A square brings a factor 2 down, so the gradient of 2λ|W|² is 4λW, and λW is that of λ|W|²/2. Which factor stands before the square is a matter
    of taste; that penalty and gradient belong together is not. A library whose weight_decay adds λW to the gradient has the penalty λ|W|²/2, so the
    λ of this lab is half of it.
    """

    def at(seed: int) -> dict[str, float]:
        rng = generator(17, seed)
        lam, weights = float(rng.uniform(0.01, 1.0)), rng.normal(size=(3, 4)).ravel()

        def over(multiple: float) -> float:
            slope = _slopes(lambda w: multiple * lam * (w**2).sum(axis=-1), weights)
            return float(slope @ weights / (lam * weights @ weights))

        lab = lam * _L2.gradient(weights)
        return {"written": over(factor), "lab": float(lab @ weights / (lam * weights @ weights)), "half": over(0.5)}

    found = yield for_each(at, seeds_of(draw, 12), 0.01)
    groups = (Group("2λ|W|²", found["written"], "loss"), Group("λ|W|²", found["lab"], "l2"), Group("λ|W|²/2", found["half"], "muted"))
    alt = "The gradient of three ways to write the L2 penalty, over lambda times W: four for the claim's, two for this lab's, one with a half."
    return Findings(dict(found), Picture(alt, "gradient / λW", groups=groups, level=(1.0, "the gradient is λW")))
