"""What the lab "Flat and sharp minima" says: every number computed from what was measured."""

from __future__ import annotations

import numpy as np

from core._validate import Floats
from core.flatness.choices import FACTORS, HERE, LAMBDAS, MEASURES
from core.flatness.families import AXES, Families, settings
from core.flatness.matched import Matched
from core.flatness.minima import SHARES, Minima, Slices
from core.flatness.ranks import FEWEST, Ranked, ranked, spearman
from core.flatness.rescaling import Rescaling
from core.wording import number

PAIRS = (
    ("l2", "L2, λ = 0.001 against none", "λ = 0.001", "nothing added"),
    ("l2", "L2, λ = 0.01 against none", "λ = 0.01", "nothing added"),
    ("dropout", "Dropout, p = 0.3 against none", "p = 0.3", "nothing added"),
    ("dropout", "Dropout, p = 0.5 against none", "p = 0.5", "nothing added"),
    ("batch", "Batches of 5 against one batch", "batches of 5", "one batch"),
    ("batch_norm", "Batch norm against none", "batch norm", "nothing added"),
)
"""What is compared seed by seed: palette name, title, setting, and what it is compared with."""
TINY = 1e-9
"""A difference in outputs or a residual below it is rounding."""


def percent(share: float) -> str:
    """Return a share for a sentence."""
    return f"{100 * share:.0f} %"


def level_name(picture: Matched, i: int) -> str:
    """Return where the common level of training loss stands."""
    return "the end of training" if i >= len(picture.levels) else f"training loss {number(float(picture.levels[i]), 2)}"


# ----------------------------------------------------------------------------------------------------------------- the scatter


def correlations(picture: Matched, name: str) -> list[Ranked]:
    """Return the rank correlation of a measure and the gap at each level and at the end."""
    measure, gap, seed = picture.measure(name), picture.gap, picture.families.seed
    return [ranked(x, y, seed) for x, y in zip(measure, gap, strict=True)]


def rank_sentences(picture: Matched, name: str, found: list[Ranked]) -> list[str]:
    """Return what the scatter shows, one sentence or two a level."""
    said = []
    for i, each in enumerate(found):
        where = "At the end of training, each network as far as it got" if i == len(picture.levels) else _where(picture, i)
        if not np.isfinite(each.spearman):
            few = "no rank correlation is told of so few" if each.members < FEWEST else "all of them tie"
            said.append(f"{where}: {each.members} networks; {few}.")
            continue
        spread = "" if not np.isfinite(each.low) else f" (95 % over seeds: {number(each.low, 2)} to {number(each.high, 2)})"
        said.append(
            f"{where}: of {each.members} networks, {MEASURES[name]} and gap have the rank correlation {number(each.spearman, 2)}{spread}, "
            f"Kendall's τ {number(each.kendall, 2)}. {_verdict(each)} Gaps go from {number(float(np.nanmin(picture.gap[i])), 2)} to "
            f"{number(float(np.nanmax(picture.gap[i])), 2)}."
        )
    return said


def _where(picture: Matched, i: int) -> str:
    return f"Where each first comes down to a training loss of {number(float(picture.levels[i]), 2)}"


def _verdict(found: Ranked) -> str:
    if not np.isfinite(found.low):
        return "One seed does not tell how far that can be trusted."
    if found.low > 0.0:
        return "On this draw of the data the sharper ones do generalise worse."
    if found.high < 0.0:
        return "On this draw of the data it is the other way round: the sharper ones generalise better."
    return "So these seeds do not settle even the sign."


def within(picture: Matched, name: str) -> dict[str, list[str]]:
    """Return kind of setting -> the rank correlation among its own networks, a word a level."""
    measure, gap, axis = picture.measure(name), picture.gap, np.array(picture.families.axis)
    found = {}
    for key in AXES:
        values = [spearman(x[axis == key], y[axis == key]) for x, y in zip(measure, gap, strict=True)]
        found[key] = [number(value, 2) if np.isfinite(value) else "too few" for value in values]
    return found


def member_sentences(families: Families) -> list[str]:
    """Return what the spectrum of each network is like at the end, with the residuals of both ends."""
    said = []
    top, bottom = families.number("top")[:, -1], families.number("bottom")[:, -1]
    residuals = np.maximum(families.number("top_residual")[:, -1], families.number("bottom_residual")[:, -1])
    for i in range(families.members):
        if not families.well[i]:
            said.append(f"{families.name(i)} has diverged: there is no minimum to measure. Take a lower learning rate.")
            continue
        spectrum = families.spectra[i]
        largest = float(np.abs(spectrum).max())
        if largest < TINY:
            said.append(f"{families.name(i)}: all {len(spectrum)} eigenvalues are 0. The network is dead: no weight moves the loss.")
            continue
        negative = int(families.number("negative")[i, -1])
        half = int((spectrum > 0.01 * largest).sum())
        said.append(
            f"{families.name(i)}: the largest eigenvalue is {number(top[i])}, the smallest {number(bottom[i])} (residuals below "
            f"{number(max(float(residuals[i]), 1e-16), 1)} of the largest). {half} of {len(spectrum)} are above a hundredth of it, "
            f"{negative} are negative beyond rounding{': no true minimum' if negative and bottom[i] < -0.01 * largest else ''}."
        )
    return said


# ------------------------------------------------------------------------------------------------------------ setting by setting


def paired(picture: Matched, name: str, setting: str, base: str) -> Floats:
    """Return (l + 1, seeds) the natural logarithm of how many times as sharp a setting is, seed by seed; NaN where either does not get there."""
    titles = [each.name for each in settings()]
    raw = picture.measure(name)
    measure = np.log(np.where(raw > 0.0, raw, np.nan))
    of = picture.families.of
    found: Floats = measure[:, of == titles.index(setting)] - measure[:, of == titles.index(base)]
    return found


def setting_sentences(picture: Matched) -> list[str]:
    """Return what the dots are, one sentence or two a level."""
    said = []
    for i, reached in enumerate(picture.reached):
        whole = sum(bool(reached[picture.families.of == k].all()) for k in range(len(settings())))
        there = "" if whole == len(settings()) else f" {whole} of {len(settings())} settings get there with all their seeds and have a bar."
        said.append(f"A dot is a network, a bar the mean of a setting's seeds, at {level_name(picture, i)}.{there}")
    return said


def pair_words(picture: Matched, name: str) -> list[tuple[str, str, list[str]]]:
    """Return palette name, title, and how many times as sharp the first setting of each of `PAIRS` is, seed by seed, a text a level."""
    found = []
    for ink, title, setting, base in PAIRS:
        logs = paired(picture, name, setting, base)
        found.append((ink, title, [_times(row) for row in logs]))
    return found


def claim_sentence(picture: Matched, name: str) -> str:
    """Return whether L2 and dropout lead to flatter networks: at the end, and at the lowest training loss that all seeds of both come down to."""
    parts = []
    for _, title, setting, base in PAIRS[:4]:
        logs = paired(picture, name, setting, base)
        whole = np.flatnonzero(np.isfinite(logs[:-1]).all(axis=1))
        if len(whole):
            level = number(float(picture.levels[whole[-1]]), 2)
            matched = f"at a training loss of {level}, the lowest that all of both reach, {_times(logs[whole[-1]])}"
        else:
            matched = "no training loss is common to all of both"
        parts.append(f"{title.removesuffix(' against none')}: at the end {_times(logs[-1])}; {matched}.")
    return f"{MEASURES[name][0].upper()}{MEASURES[name][1:]}, beside the same seeds without. " + " ".join(parts)


def _times(logs: Floats) -> str:
    kept = logs[np.isfinite(logs)]
    if len(kept) == 0:
        return "not both get there"
    flatter = int((kept < 0.0).sum())
    middle = f"{number(float(np.exp(kept.mean())), 2)} times"
    if len(kept) == 1:
        return f"{middle}, one seed alone"
    spread = float(np.exp(kept.std(ddof=1)))
    return f"{middle} (×/÷ {number(spread, 2)}), flatter in {flatter} of {len(kept)}"


def decay_sentence(families: Families) -> str:
    """Return what weight decay does to raw and to normalised sharpness under batch normalisation, and to the size of the weights."""
    picture = Matched(families, np.zeros(0))
    raw, own = (paired(picture, name, "batch norm, λ = 0.01", "batch norm")[0] for name in ("top", "filter"))
    plain = paired(picture, "top", "λ = 0.01", "nothing added")[0]
    titles = [each.name for each in settings()]
    norm = np.log(families.number("norm")[:, -1])
    size = norm[families.of == titles.index("batch norm, λ = 0.01")] - norm[families.of == titles.index("batch norm")]
    return (
        f"With batch norm, λ = 0.01 makes the weights {_mean(size)} as long, and the top eigenvalue {_mean(raw)} as large ({_times(raw)}); the "
        f"filter-normalised curvature {_times(own)}. Without batch norm the top eigenvalue is {_times(plain)}. "
        + ("So weight decay raises the raw sharpness of a batch-norm network here." if _settled(raw) else "These seeds do not settle the raise.")
    )


def _mean(logs: Floats) -> str:
    kept = logs[np.isfinite(logs)]
    return f"{number(float(np.exp(kept.mean())), 2)} times" if len(kept) else "an unknown number of times"


def _settled(logs: Floats) -> bool:
    """Whether a rise is twice its standard error away from none."""
    kept = logs[np.isfinite(logs)]
    return len(kept) > 1 and bool(kept.mean() > 2.0 * kept.std(ddof=1) / np.sqrt(len(kept)))


# --------------------------------------------------------------------------------------------------------- before and after L2


def shift_sentences(result: Minima, biases: bool) -> list[str]:
    """Return what the penalty adds to the spectrum at the same point, and what the new minimum is like, one text a lambda."""
    before, after, new = result.before(), result.after(biases), result.at_new(biases)
    said = []
    for i, lam in enumerate(LAMBDAS):
        if lam == 0.0:
            told = f"the gradient that is left is {number(float(result.numbers['rest'][0]), 2)} long"
            said.append(f"λ = 0: nothing is added, and all three spectra are the one of the network trained without a penalty; {told}.")
            continue
        moved = after[i] - before
        if biases:
            first = f"at the same point all {len(before)} eigenvalues are larger by 2λ = {number(2 * lam)}, to {number(result.deviation, 1)}"
        else:
            first = (
                f"at the same point the {result.penalised} weights are penalised, the {len(before) - result.penalised} biases are not: eigenvalues "
                f"move by {number(max(float(moved.min()), 0.0), 2)} to {number(float(moved.max()), 2)}, within Weyl's 0 to 2λ = {number(2 * lam)}"
            )
        if not result.well[i]:
            said.append(f"λ = {lam:g}: {first}. The network trained with it has diverged.")
            continue
        top, own = float(new[i, -1]), float(result.spectrum[i, -1])
        said.append(
            f"λ = {lam:g}: {first}. At the minimum trained with λ the objective's largest eigenvalue is {number(top)}, of which the data loss "
            f"has {number(own)}; it had {number(float(before[-1]))} without a penalty. That change is the new place, not the 2λ."
        )
    return said


# ---------------------------------------------------------------------------------------------------------------------- slices


def slice_sentences(result: Minima, found: Slices) -> list[str]:
    """Return what a slice shows and hides, one text a lambda."""
    said = []
    for i, lam in enumerate(LAMBDAS):
        if not result.well[i]:
            said.append(f"λ = {lam:g} has diverged: there is no minimum to slice.")
            continue
        middle, coarse = float(found.centre[i]), "" if found.side >= 51 else f" Coarse: {found.side} × {found.side}."
        one, other = (number(float(each)) for each in found.bend[i])
        start = f"λ = {lam:g}: training loss {number(middle)} in the middle, which is the network itself."
        if found.kind == "random":
            rise, spread = (float(each) for each in found.spread[i])
            rest = (
                f" Two random directions are two of many: one filter length out the loss rises by {number(rise, 2)} ± {number(spread, 2)} along "
                f"32 of them. Curvature along these two: {one} and {other}."
            )
        elif found.kind == "hessian":
            rest = f" Curvature across {one}, the largest there is; upwards {other}, the most negative. Directions have length 1."
        else:
            far, share = float(found.away[i].max()), found.explained[i]
            rest = (
                f" The path has left this plane: it was up to {number(far, 2)} away from it. The plane holds {percent(float(share.sum()))} of its "
                f"variance; a random walk in so many dimensions gives {percent(float(found.null[i].sum()))} by itself."
            )
        said.append(start + rest + coarse)
    return said


def between_sentences(result: Minima, pair: str) -> list[str]:
    """Return what lies on the line between two minima, one text a lambda."""
    barrier = result.barrier(pair)
    said = []
    for i, lam in enumerate(LAMBDAS):
        own = f"λ = {lam:g}"
        if not result.well[i]:
            said.append(f"{own} has diverged: there is no line to draw.")
            continue
        if pair == "plain" and lam == 0.0:
            said.append(f"{own}: both ends are one and the same network. Drag λ.")
            continue
        loss, unseen = result.lines[pair][i, 0], result.lines[pair][i, 2]
        here, there = (f"{number(float(each[0]))} and {number(float(each[-1]))}" for each in (loss, unseen))
        one, other, middle = (percent(float(each)) for each in result.lines[pair][i, 3, [0, -1, SHARES // 2]])
        ends = f"training loss {here} at the ends, unseen {there}, unseen accuracy {one} and {other}, {middle} half way"
        high = float(barrier[i])
        wall = "no barrier" if high < 1e-3 else f"a barrier of {number(high, 2)} above the straight line between them"
        other = "the two starts" if pair == "seed" else "λ = 0 and this one"
        said.append(f"{own}, between {other}: {ends}; {wall}.")
    return said


# ------------------------------------------------------------------------------------------------------------------- rescaling


def scaling_sentences(result: Rescaling) -> list[str]:
    """Return what stays and what moves when two ReLU layers are scaled against each other, one text a factor."""
    relu = result.relu
    top, normal = relu["top"], relu["filter"]
    if not top[HERE] > TINY:
        return ["The network is dead: its spectrum is flat, and scaling it changes nothing."] * len(FACTORS)
    said = []
    for i, factor in enumerate(FACTORS):
        if i == HERE:
            said.append(
                f"a = 1, as trained: the largest eigenvalue is {number(float(top[i]))}, the filter-normalised curvature "
                f"{number(float(normal[i]))}. Drag a."
            )
            continue
        differs = float(relu["differs"][i])
        same = f"outputs differ by at most {number(differs, 1)}" if differs > 0.0 else "not one output changes"
        said.append(
            f"a = {number(factor)}: the function stays ({same}), the largest eigenvalue goes from {number(float(top[HERE]))} to "
            f"{number(float(top[i]))}, {number(float(top[i] / top[HERE]), 2)} times as much; filter-normalised curvature from "
            f"{number(float(normal[HERE]), 4)} to {number(float(normal[i]), 4)}."
        )
    return said


def norm_sentences(result: Rescaling) -> list[str]:
    """Return what scaling weights before a norm does, one text a factor."""
    norm = result.norm
    if not norm["block"][HERE] > TINY:
        return ["The network is dead: its spectrum is flat, and scaling it changes nothing."] * len(FACTORS)
    said = []
    for i, factor in enumerate(FACTORS):
        block, times = norm["block"], 1.0 / factor**2
        if i == HERE:
            said.append(
                f"c = 1, as trained: the part of the Hessian that belongs to weights before a norm has {number(float(block[i]))} as its largest."
            )
            continue
        said.append(
            f"c = {number(factor)}: the norm takes the factor away again, and outputs differ by at most {number(float(norm['differs'][i]), 1)}, the "
            f"work of its ε of 0.00001. The largest eigenvalue of that part goes from {number(float(block[HERE]))} to {number(float(block[i]))}, "
            f"{number(float(block[i] / block[HERE]))} times as much; 1/c² is {number(times)}."
        )
    return said
