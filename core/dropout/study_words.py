"""What the lab "Dropout" says of what was measured: effects are differences over seeds, with their 95 % intervals."""

from __future__ import annotations

import numpy as np

from core._validate import Floats
from core.dropout.coadaptation import Leaning
from core.dropout.noise import RULES, Noise, Rates
from core.dropout.pace import Steps
from core.dropout.thinning import Ensembles
from core.dropout.trapped import BASIN_RATES, BASIN_RUNS, SADDLE_RUNS, Escaped
from core.optimizers import RULES as ALL_RULES
from core.specs.dropout import rates
from core.studies.seeds import Effect
from core.wording import number

_EXACT = 1e-12  # what rounding leaves of an equality


def pm(found: Effect, *place: int) -> str:
    """Return a difference and half its interval, e.g. "−0.036 ± 0.01"."""
    mean, half = float(found.mean[place]), float(found.half[place])
    sign = "+" if mean > 0 else ""
    return f"{sign}{number(mean, 2)} ± {number(half, 2)}"


def _list(words: list[str]) -> str:
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]


def _at(p: list[float]) -> str:
    return "p = " + _list([f"{each:g}" for each in p])


# ------------------------------------------------------------------------------------------------------------------ ensembles


def ensemble_sentences(found: Ensembles, kind: int) -> list[str]:
    """Return what the ensemble says at the point shown, a sentence or two for each N and p (flattened, p fastest)."""
    said = []
    for n in range(1, found.point.shape[1] + 1):
        for i, p in enumerate(found.p.tolist()):
            average, geometric, scaled, _, deviation = found.point[kind, n - 1, i].tolist()
            masks = "2 masks" if n == 1 else f"{2**n:,} masks"
            if p == 0.0:
                said.append(f"N = {n}, p = 0: nothing is dropped, so all {masks} but one have no chance, and the three agree on {number(average)}.")
                continue
            said.append(
                f"N = {n}, p = {p:g}, {masks}: the true average is {number(average)} (deviation {number(deviation, 2)}), the geometric one "
                f"{number(geometric)}, the network with scaled weights says {number(scaled)}."
            )
    return said


def gap_sentences(found: Ensembles) -> list[str]:
    """Return which averages one pass of the scaled network hits, a sentence or two for each p."""
    said = []
    for i, p in enumerate(found.p.tolist()):
        linear, one, two = (float(found.logit_gap[k, :, i].max()) for k in range(3))
        several = float(found.logit_gap[2, 1:, i].mean())
        if p == 0.0:
            said.append("p = 0: without dropout there is one network, and nothing to average.")
            continue
        exact = [name for name, gap in (("linear networks", linear), ("one tanh layer", one)) if gap < _EXACT]
        text = (
            f"p = {p:g}: the average LOGIT (the geometric average) is exact for {_list(exact)}, to {number(max(linear, one), 1)}"
            if exact
            else f"p = {p:g}"
        )
        text += f"; two tanh layers miss it by {number(several, 2)} on average over N > 1, at most {number(two, 2)}. "
        gaps = [number(float(found.average_gap[k, :, i].mean()), 2) for k in range(3)]
        said.append(f"{text}The average PROBABILITY is exact for none: off by {_list(gaps)}.")
    return said


def misread_sentences(found: Ensembles, kind: int) -> list[str]:
    """Return how the two scalings compare, a sentence or two for each N."""
    half = int(np.abs(found.p - 0.5).argmin())
    said = []
    for n in range(1, found.point.shape[1] + 1):
        right, wrong = found.average_gap[kind, n - 1], found.misread_gap[kind, n - 1]
        apart = abs(float(right[half] - wrong[half]))
        text = (
            f"N = {n}. Weights are scaled by the probability of KEEPING a unit, 1 − p. Tried at p = 0.5 alone, p itself does as well: the two differ "
        )
        text += f"by {number(apart, 1)} there. "
        nearer = found.p[(wrong < right) & (np.abs(found.p - 0.5) > 1e-9)]
        nearer = nearer[nearer < 0.5]
        if nearer.size:
            between = f"p = {nearer.min():g}" if nearer.size == 1 else f"p = {nearer.min():g} to {nearer.max():g}"
            text += f"At {between} the wrong factor even comes nearer: an average of probabilities is less sure than "
            text += "one pass."
        else:
            text += "Everywhere below it the right factor comes nearer."
        said.append(text)
    return said


# --------------------------------------------------------------------------------------------------------------- co-adaptation


def relation_sentence(found: Leaning) -> str:
    """Return what dropout does to the correlation of hidden units."""
    change = found.of("agreement")
    less = [float(p) for p, sign in zip(found.p, change.sign, strict=True) if sign < 0]
    more = [float(p) for p, sign in zip(found.p, change.sign, strict=True) if sign > 0]
    text = f"Correlation, {found.width} units, {change.seeds} seeds: {number(float(found.agreement[0].mean()))} without dropout. "
    if less and not more:
        i = int(np.flatnonzero(found.p == less[-1])[0])
        text += f"It is lower at {_at(less)} ({pm(change, i)} at {less[-1]:g})."
    elif more and not less:
        i = int(np.flatnonzero(found.p == more[-1])[0])
        text += f"It is nowhere lower; at {_at(more)} it is HIGHER ({pm(change, i)} at {more[-1]:g}): what can be lost is told by several units."
    elif less and more:
        text += f"It is lower at {_at(less)} and higher at {_at(more)}."
    else:
        text += "No p changes it by more than the seeds do."
    return text


def lean_sentence(found: Leaning) -> str:
    """Return what dropout does to the loss of one unit."""
    change, loss = found.of("rise"), found.of("loss")
    less = [float(p) for p, sign in zip(found.p, change.sign, strict=True) if sign < 0]
    base = float(found.rise[0].mean())
    text = f"Without dropout, removing one of {found.width} units raises the training loss by {number(base, 2)} on average. "
    if less:
        i = int(np.flatnonzero(found.p == less[0])[0])
        last = int(np.flatnonzero(found.p == less[-1])[0])
        times = number(base / max(float(found.rise[last].mean()), 1e-12), 2)
        text += f"It costs less at {_at(less)}: {pm(change, i)} at {less[0]:g}, and at {less[-1]:g} it is {times} times smaller. "
    else:
        text += "No p changes that by more than the seeds do. "
    return text + f"The whole network's own loss pays for it: {pm(loss, len(found.p) - 1)} at {found.p[-1]:g}."


# ------------------------------------------------------------------------------------------------------------------------ noise


def noise_sentences(found: Noise) -> list[str]:
    """Return the cosines at the measured p nearest to each p of the lab."""
    said = []
    seeds = found.masks.shape[2]
    for p in rates().tolist():
        i = int(np.abs(found.p - p).argmin())
        start, end = found.masks[0, i], found.masks[1, i]
        two = float(found.batches[1, i].mean())
        said.append(
            f"p = {found.p[i]:g}, {seeds} seeds: two masks of one batch agree to a cosine of {_spread(start)} at the start and {_spread(end)} after "
            f"training (± the seeds' deviation); two batches "
            f"without dropout then to {number(two, 2)}."
        )
    return said


def _spread(values: Floats) -> str:
    return f"{number(float(values.mean()))} ± {number(float(values.std(ddof=1)), 1)}"


def rate_sentence(found: Rates, judge: str) -> str:
    """Return whether the best rate falls with p, for each rule."""
    move = found.best[judge].move()
    last = len(found.p) - 1
    said = []
    for r, rule in enumerate(RULES):
        times = number(10 ** float(move.mean[r, last]), 2)
        clear = "clear" if move.sign[r, last] else "within the seeds' spread"
        said.append(f"{ALL_RULES[rule].label} × {times} ({clear})")
    lower = [ALL_RULES[rule].label for r, rule in enumerate(RULES) if move.sign[r, last] < 0]
    if len(lower) == len(RULES):
        verdict = "All of them want a lower rate, not SGD alone."
    elif lower:
        verdict = f"A lower rate is best for {_list(lower)}" + (" alone." if len(lower) == 1 else ".")
    else:
        verdict = "None wants a lower rate beyond the seeds' spread."
    return f"From p = 0 to {found.p[last]:g} the best rate of each seed moves: {', '.join(said)}. {verdict}"


def toll_sentence(found: Rates, judge: str) -> str:
    """Return whether dropout costs SGD more than it costs Adam, each at its own best rate."""
    best = found.best[judge]
    against = best.against(RULES.index("adam"))
    said, verdicts = [], []
    for i, p in enumerate(found.p.tolist()):
        if p == 0.0:
            continue
        said.append(f"{pm(against, 0, i)} at p = {p:g}")
        verdicts.append(int(against.sign[0, i]))
    name = ALL_RULES["sgd"].label
    if all(each > 0 for each in verdicts):
        verdict = f"So {name} suffers more at every p measured."
    elif all(each < 0 for each in verdicts):
        verdict = f"So {name} suffers less at every p measured."
    elif any(each > 0 for each in verdicts) and any(each < 0 for each in verdicts):
        verdict = "More at one p and less at another: that adaptive rules bear dropout better does not hold here."
    elif any(each > 0 for each in verdicts):
        verdict = f"{name} suffers more at some p only."
    else:
        verdict = "That adaptive rules bear dropout better is not seen here."
    what = "training" if judge == "train_loss" else "validation"
    return f"What dropout adds to {name}'s best {what} loss beyond what it adds to Adam's: {', '.join(said)}, {best.loss.shape[2]} seeds. {verdict}"


# ----------------------------------------------------------------------------------------------------------------------- escapes


def saddle_sentence(found: Escaped) -> str:
    """Return who leaves the point of equal units."""
    left = [float(p) for p, hits in zip(found.p, found.left, strict=True) if hits > 0.95 * SADDLE_RUNS]
    held = [float(p) for p, low in zip(found.p, found.lowest, strict=True) if low > 0.0]
    never = (
        "the run without noise never leaves, at any p: its units stay equal to the last digit"
        if (found.control == 0.0).all()
        else "the control moved"
    )
    text = f"Two hidden units with equal weights; {never}. "
    if left:
        text += f"With noise the runs leave at {_at(left)}. "
    if held:
        lowest = number(float(found.lowest[list(found.p).index(held[0])]), 2)
        text += f"From p = {held[0]:g} on the point is no saddle any more (lowest eigenvalue {lowest}): "
        text += "dropout's own expected loss rewards two units that say the same, and holds them there."
    return text


def basin_sentences(found: Escaped) -> list[str]:
    """Return how sharpness goes with leaving, at the measured p nearest to each p of the lab."""
    each: list[str] = []
    for kept in found.basins:
        below, beyond = kept.stable, ~kept.stable
        gone, could = int(kept.left[below].sum()), int(below.sum()) * BASIN_RUNS
        sharp = f"{number(float(kept.top.min()), 2)} to {number(float(kept.top.max()), 2)}"
        text = f"p = {kept.p:g}, {len(kept.loss)} minima, sharpness {sharp}: at rates where the "
        text += f"masks do not blow up distances (filled) {gone} of {could:,} noisy runs left, without noise "
        text += "some" if (kept.control & below).any() else "none"
        if beyond.any():
            text += f"; beyond that limit (hollow) {int(kept.left[beyond].sum())} of {int(beyond.sum()) * BASIN_RUNS:,}"
        total = kept.left.sum(axis=1)
        if len(total) > 2 and np.ptp(total) > 0:
            text += f". Rank correlation of sharpness and leaving: {number(rank_correlation(kept.top, total), 2)} over {len(total)} minima"
        each.append(text + ".")
    nearest = np.abs(rates()[:, None] - np.array(BASIN_RATES)).argmin(axis=1)
    return [each[i] for i in nearest]


def rank_correlation(one: Floats, other: Floats) -> float:
    """Return Spearman's correlation, equal values sharing the mean of their ranks."""
    ranks = []
    for values in (one, other):
        _, place, count = np.unique(values, return_inverse=True, return_counts=True)
        ranks.append((np.cumsum(count) - (count - 1) / 2.0)[place])
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])


# -------------------------------------------------------------------------------------------------------------------------- pace


def pace_sentences(found: Steps) -> list[str]:
    """Return steps with and without dropout, and who never gets there, a sentence or two for each target."""
    said = []
    for t, target in enumerate(found.targets.tolist()):
        steps, never = found.best(t)
        more, n = found.more(t), steps.shape[1]
        text = f"To a validation loss of {target:.3f}: "
        if never[0] > n / 2:
            said.append(f"{text}without dropout {int(never[0])} of {n} seeds never get there; with it, at best p, {int(never.min())} do not.")
            continue
        text += f"{np.nanmedian(steps[0]):.0f} steps without dropout (median). "
        clear = []
        for i, p in enumerate(found.p.tolist()):
            if i and more.sign[i]:
                low, high = 2.0 ** (more.mean[i] - more.half[i]), 2.0 ** (more.mean[i] + more.half[i])
                clear.append(
                    f"{number(2.0 ** float(more.mean[i]), 2)} times as many at p = {p:g} ({number(float(low), 2)} to {number(float(high), 2)})"
                )
        rest = [float(p) for i, p in enumerate(found.p) if i and not more.sign[i]]
        text += f"{_list(clear)}. " if clear else ""
        text += f"No difference beyond the seeds' spread at {_at(rest)}. " if rest else ""
        lost = [f"{int(each)} of {n} at p = {p:g}" for each, p in zip(never, found.p.tolist(), strict=True) if each]
        said.append(text + (f"Never: {_list(lost)}; factors are of pairs that both get there." if lost else "All get there."))
    return said
