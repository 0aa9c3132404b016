"""What the lab "Priors and MAP" says: every number computed from the result."""

from __future__ import annotations

import numpy as np

from core.statistics.priors.belief import Prior
from core.statistics.priors.posteriors import SAMPLES, Beliefs, Posterior
from core.wording import number, plain

# The promise of the lab: two independent ways end this close together.
AGREED = 1e-8
_DUST = 1e-9


def formula(prior: Prior, sigma: float, n: int, i: int) -> str:
    """Return how lambda follows from noise and scale, with its numbers."""
    if n == 0:
        return "none: without data there is nothing to weigh the prior against"
    noise, lam = plain(sigma**2), number(float(prior.lam(sigma, n)[i]))
    if prior.penalty.l1 == 0.0:
        return f"σ²/(2ns²) = {noise}/(2 × {n} × {plain(float(prior.scale[i] ** 2))}) = {lam}"
    if prior.penalty.l2 == 0.0:
        return f"σ²/(nb) = {noise}/({n} × {plain(float(1.0 / prior.a[i]))}) = {lam}"
    return f"τσ²/n = {plain(float(prior.strength[i]))} × {noise}/{n} = {lam}"


def shape(prior: Prior, i: int) -> str:
    """Return a prior in words: its density and its scale."""
    s = number(float(prior.scale[i]))
    if prior.penalty.l1 == 0.0:
        return f"s = {s}"
    if prior.penalty.l2 == 0.0:
        return f"b = s/√2 = {number(float(1.0 / prior.a[i]))}"
    return f"s = {s}: exp(−{number(float(prior.a[i]))}|w| − {number(float(prior.c[i]))}w²)"


def weights(w: np.ndarray) -> str:
    """Return one weight or two as a reader reads them; an exact zero is called so."""
    parts = ["exactly 0" if each == 0.0 else number(float(each)) for each in w]
    return parts[0] if len(parts) == 1 else f"({', '.join(part.removeprefix('exactly ') for part in parts)})"


def middle(mean: np.ndarray, deviation: np.ndarray) -> str:
    """Return a mean as a reader reads it: what is rounding beside its own spread is 0."""
    return weights(np.where(np.abs(mean) < _DUST * deviation, 0.0, mean)).removeprefix("exactly ")


def density_sentences(result: Beliefs) -> list[str]:
    """Return one sentence a scale: where mode and mean are, and what the samples are."""
    line, said = result.line, []
    for i in range(len(result.scale)):
        mode, mean = line.mode[i], middle(line.mean[i], line.deviation[i])
        zeros = int(line.zeros[i])
        none = "none" if zeros == 0 else f"{zeros}"
        words = f"The posterior's mode is {weights(mode)}, its mean {mean}, give or take {number(float(line.deviation[i, 0]))}"
        if result.line.n == 0:
            words += ": without data the posterior is the prior"
        said.append(
            f"{words}. Of {SAMPLES:,} samples {none} {'is' if zeros < 2 else 'are'} exactly 0. Each curve is drawn with its highest point at 1."
        )
    return said


def agreement(found: Posterior, i: int) -> str:
    """Return how the two ways to the mode compare."""
    if found.penalised is None:
        return "no data, nothing to minimise"
    if not found.unique[i]:
        return f"a segment; heights {_gap(float(abs(found.higher[i])))}"
    return _gap(float(found.apart[i]))


def _gap(value: float) -> str:
    return "0, to the last bit" if value == 0.0 else number(value, 2)


def objective_sentences(result: Beliefs) -> list[str]:
    """Return one sentence a scale: what lambda is, and that both ways end at one place."""
    line, said = result.line, []
    for i in range(len(result.scale)):
        if line.penalised is None or line.lam is None:
            said.append(
                "Without data there is no loss, and λ = σ²/(n …) has no value: only the penalty is drawn. Its lowest point is 0, the prior's mode."
            )
            continue
        where, lam = weights(line.penalised.w[i]), number(float(line.lam[i]))
        apart = float(line.apart[i])
        verdict = "one place" if apart <= AGREED else "not one place"
        said.append(f"With λ = {lam} the lowest point of L + λR is {where}; the log posterior's slope changes sign {_gap_words(apart)}: {verdict}.")
    return said


def _gap_words(apart: float) -> str:
    return "there, to the last bit" if apart == 0.0 else f"{number(apart, 2)} beside it"


def near_sentences(result: Beliefs) -> list[str]:
    """Return one sentence a scale: how probable it is that a weight is near zero, before and after the data."""
    eps, said = result.spec.eps, []
    line, other = result.line, result.other_line
    before, beside, after = (found.near_zero(eps) for found in (line.prior.density, other.prior.density, line.density))
    counted = line.counted(eps)[:, 0]
    for i in range(len(result.scale)):
        error = float(np.sqrt(max(after[i] * (1.0 - after[i]), 0.0) / SAMPLES))
        said.append(
            f"|w| < {plain(eps)} has the probability {number(float(before[i]))} under the {line.prior.label} prior and {number(float(beside[i]))} "
            f"under the {other.prior.label} one of equal standard deviation; after the data {number(float(after[i]))}, by counting samples "
            f"{number(float(counted[i]))}, give or take {number(error, 1)}. As ε shrinks all of them go to 0: w = 0 itself has the probability 0."
        )
    return said


def guess_sentences(result: Beliefs) -> list[str]:
    """Return one sentence a scale: what guessing the mode and guessing the mean cost."""
    line, said = result.line, []
    mode, mean = line.losses
    for i in range(len(result.scale)):
        words = f"Expected squared error of guessing the mode: {number(float(mode[i]), 4)}; of guessing the mean: {number(float(mean[i]), 4)}"
        saved = 1.0 - float(mean[i] / mode[i])
        said.append(words + (f", {number(100.0 * saved, 2)} % less." if saved > 1e-9 else ", the same: mode and mean are one point here."))
    return said


def evidence_sentences(result: Beliefs) -> list[str]:
    """Return one sentence a scale: how much worse it explains the data than the best one."""
    line, other = result.line, result.other_line
    if line.n == 0:
        return ["Without data every prior explains them equally well."] * len(result.scale)
    said, best = [], result.best[0]
    gap = float(line.log_evidence.max() - other.log_evidence.max())
    ends = {0: " or less", len(result.scale) - 1: " or more"}
    for i in range(len(result.scale)):
        factor = number(float(np.exp(line.log_evidence[i] - line.log_evidence[best])), 2)
        said.append(
            f"The data are most probable at a standard deviation of {number(float(result.scale[best]))}{ends.get(best, '')}; here they are "
            f"{factor} times as probable. At its best the {line.prior.label} prior makes them {number(float(np.exp(gap)))} times as probable as the "
            f"{other.prior.label} one does."
        )
    return said


def plane_sentences(found: Posterior) -> list[str]:
    """Return one sentence a scale about two weights: the mode, whether it is on an axis, and how the two ways agree."""
    said = []
    for i in range(len(found.prior.scale)):
        if found.n == 0:
            said.append(f"{found.prior.label.capitalize()} prior without data: the posterior is the prior, with its mode at (0, 0).")
            continue
        if not found.unique[i]:
            said.append(
                f"{found.prior.label.capitalize()} prior: every point of a segment through {weights(found.shown[i])} is a mode, since all "
                f"points share one x and |w₁| + |w₂| does not tell them apart. The mean is one point, {middle(found.mean[i], found.deviation[i])}."
            )
            continue
        zero = [f"w{'₁₂'[j]}" for j in range(2) if found.mode[i, j] == 0.0]
        words = f"{found.prior.label.capitalize()} prior: mode {weights(found.mode[i])}"
        words += f" with {' and '.join(zero)} exactly 0" if zero else ", no weight exactly 0"
        said.append(
            f"{words}; mean {middle(found.mean[i], found.deviation[i])}. The penalised minimum lies {_gap_words(float(found.apart[i]))}.".replace(
                "beside it", "away"
            )
        )
    return said
