"""What the lab "Adam and AdamW" says: every number computed from the runs."""

from __future__ import annotations

import numpy as np

from core._validate import Floats
from core.adam_and_adamw import AdamAndAdamW
from core.decay_maps import BUDGET, DecayMaps
from core.wording import number

LABELS = {"sgd": "SGD + L2", "adam": "Adam + L2", "adamw": "AdamW"}
UPRIGHT, DIAGONAL = 0.25, (-1.4, -0.6)  # slopes of a valley that is called so


def point(w: Floats) -> str:
    """Return a point for a sentence; what is nothing beside it is shown as 0."""
    return "(" + ", ".join(f"{0.0 if abs(each) < 5e-4 else each:.4g}".replace("-", "−") for each in w.tolist()) + ")"


def close(distance: float) -> str:
    """Return a distance for a sentence: below a ten thousandth it is said to be none."""
    return number(float(f"{distance:.2g}")) if distance >= 1e-4 else "less than 0.0001"


def decay_words(decay: float) -> str:
    """Return lambda and weight_decay."""
    return f"λ = {number(decay / 2)} (weight_decay = {number(decay)})"


def end_sentences(result: AdamAndAdamW) -> list[str]:
    """Return where the three rules end, one sentence or two a lambda."""
    return [_ends(result, i) for i in range(len(result.decay))]


def _ends(result: AdamAndAdamW, i: int) -> str:
    decay, noise = float(result.decay[i]), result.spec.noise
    said = f"{decay_words(decay)}, {'means of the last quarter of' if noise else 'after'} {int(result.spec.steps)} steps. "
    lost = [diverged(result, key, i) for key in LABELS if result.runs[key].diverged[i]]
    if decay == 0.0:
        where = "stay where they are: nothing moves them" if not result.bowl.has_data else f"are bound for the free minimum {point(result.free)}"
        return " ".join([f"{said}Without decay all three {where}.", *lost])
    kept = [key for key in ("sgd", "adam") if not result.runs[key].diverged[i]]
    apart = [f"{LABELS[key]} ends {close(float(result.distance(key, result.ridge)[i]))}" for key in kept]
    parts = [" and ".join(apart) + f" from the ridge point {point(result.ridge[i])}"] if apart else []
    if not result.runs["adamw"].diverged[i]:
        parts.append(_adamw(result, i))
    if not parts:
        return said + " ".join(lost)
    return " ".join([f"{said}{'; '.join(parts)}.", *lost])


def _adamw(result: AdamAndAdamW, i: int) -> str:
    ridge, own = (float(result.distance("adamw", each)[i]) for each in (result.ridge, result.bound))
    if not result.bowl.has_data:
        return f"AdamW ends {close(own)} from the origin"
    said = f"AdamW ends {close(ridge)} from it and {close(own)} from "
    if not result.spec.noise:
        return f"{said}the lowest point of its box |w| ≤ {number(1.0 / float(result.decay[i]))}, {point(result.box[i])}"
    soft = float(np.linalg.norm(result.bound[i] - result.soft_ridge[i]))
    strength = result.decay[i] * result.spec.noise / 2
    return (
        f"{said}{point(result.bound[i])}, where the noise has rounded its box. That point is {close(soft)} from the ridge point of "
        f"λ = weight_decay · σ/2 = {number(float(strength))}"
    )


def diverged(result: AdamAndAdamW, key: str, i: int) -> str:
    """Return why a rule's run left, and what to do."""
    decay, rate = float(result.decay[i]), result.spec.rate_of(key)
    left = f"{LABELS[key]} diverged at step {int(result.runs[key].taken[i]) + 1}: "
    if key == "sgd":
        what, steep = "curvature and decay", float(result.bowl.train.eigen[0][-1]) + decay
    else:
        what, steep = "decay", max(decay, 1e-300)
    return f"{left}rate {number(rate)} times {what} {number(steep)} is {number(rate * steep)} > 2. Choose a rate below {number(2.0 / steep)}."


def decay_sentences(result: AdamAndAdamW) -> list[str]:
    """Return how unequal Adam's decay of the two weights was, one sentence a lambda."""
    said = []
    for decay, unequal in zip(result.decay.tolist(), result.runs["adam"].unequal.tolist(), strict=True):
        if decay == 0.0:
            said.append("Without decay nothing is taken; the lines show what would be.")
            continue
        more, less = ("w₂", "w₁") if unequal >= 1.0 else ("w₁", "w₂")
        times = max(unequal, 1.0 / unequal)
        said.append(
            f"SGD + L2 and AdamW take rate × {number(decay)} of every weight in every step. Adam divides that by the root of its squared gradients: "
            f"over this run it took {number(times)} times as large a share of {more} as of {less}."
        )
    return said


def first_step_sentences(result: AdamAndAdamW) -> list[str]:
    """Return by how much a first step moves each weight where the data has no gradient, one sentence a lambda."""
    moves = {key: result.first_step(key) for key in LABELS}
    said = []
    for i, decay in enumerate(result.decay.tolist()):
        if decay == 0.0:
            said.append("Without decay and without data, nothing moves.")
            continue
        listed = "; ".join(f"{label} {pair(moves[key][i])}" for key, label in LABELS.items())
        said.append(f"With no gradient from the data, one step from {point(result.start)} moves the two weights by: {listed}.")
    return said


def pair(w: Floats) -> str:
    """Return a pair of sizes for a sentence, small ones too."""
    return f"{number(float(w[0]))} and {number(float(w[1]))}"


def shape(slope: float) -> str:
    """Return what a valley with this slope of log(decay) over log(rate) is called."""
    if abs(slope) <= UPRIGHT:
        return "upright: the best decay hardly depends on the rate"
    return "diagonal: what counts is rate times decay" if DIAGONAL[0] <= slope <= DIAGONAL[1] else "slanted"


def map_sentence(maps: DecayMaps, key: str) -> str:
    """Return where a rule ends best, and how its valley runs."""
    found = maps.maps[key]
    (decay, rate), valley, least = found.best, found.valley, float(found.excess.min())
    if not np.isfinite(least):
        return f"{LABELS[key]} diverged at every rate and decay."
    left = f"{number(100 * least)} % left of what the start had to lose"
    said = f"{LABELS[key]} ends best around rate {number(rate)} and decay {number(decay)}, with {left}. "
    if valley.without > 0.5:
        share = f"{100 * valley.without:.0f} %"
        return f"{said}At {share} of the rates that come near this, the least decay of the map is as good as any: there is no valley."
    if not np.isfinite(valley.slope):
        return f"{said}Too few rates come near this to tell how the valley runs."
    said += f"Near there the best decay goes as rate to the power {_power(valley.slope)}: {shape(valley.slope)}."
    if np.isfinite(valley.slope_below):
        said += f" At lower rates, too slow for {BUDGET} steps, the power is {_power(valley.slope_below)}: {shape(valley.slope_below)}."
    return said


def _power(slope: float) -> str:
    return f"{slope + 0.0:.2f}".replace("-0.00", "0.00").replace("-", "−")


def rate_sentences(maps: DecayMaps) -> list[str]:
    """Return the best rate of each rule, one sentence a lambda."""
    said = []
    for i, lam in enumerate(maps.lam.tolist()):
        book = float(maps.text_book[i])
        known = f" (2/(μ₁ + μ₂ + 4λ) is {number(book)})" if np.isfinite(book) else ""
        rates = {key: number(float(maps.best_rates[key][i])) for key in LABELS}
        if not np.isfinite(book):
            said.append(f"λ = {number(lam)}: nothing moves a weight, so no rate is better than another.")
            continue
        said.append(
            f"λ = {number(lam)}: the best rate of SGD + L2 is {rates['sgd']}{known}, of Adam + L2 {rates['adam']}, of AdamW {rates['adamw']}."
        )
    return said
