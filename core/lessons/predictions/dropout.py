"""Questions of the lab "Dropout"."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from core.dropout.noise import GradientNoise, Noise
from core.dropout.scaling import scaling
from core.dropout.thinned import SIZES, Thinned, solve
from core.dropout.thinning import KINDS, Ensembles, Thinning
from core.lessons.measured import found
from core.lessons.question import Asked, amount, question, size
from core.specs import DropoutSpec
from core.specs.dropout import rates
from core.wording import number as told

_HIGH, _HALF = 0.8, 0.5  # p that is asked about: the page opens elsewhere


def _place(p: float) -> int:
    return int(np.abs(rates() - p).argmin())


@lru_cache(maxsize=16)
def _solved(spec: DropoutSpec) -> Thinned:
    return solve(spec)


def _network(spec: DropoutSpec) -> Thinned:
    kept = ("masks", "activation", "rows", "rate", "scale", "seed")
    return _solved(DropoutSpec(**{name: getattr(spec, name) for name in kept}))


@question("how much a sum of units swings")
def swing(spec: DropoutSpec) -> Asked | None:
    """Ask for the standard deviation of a sum of scaled units."""
    units, at = int(spec.units), _place(_HIGH)
    result = scaling(rates(), units)
    truth, plain = float(np.sqrt(result.variance[at])), float(np.sqrt(result.plain_variance[at]))
    reason = (
        f"√(N p/(1 − p)) = {told(truth)}; in {result.plain.shape[1]:,} masks it was {told(float(result.inverted[at].std()))}. The division by 1 "
        f"− p repairs the mean, which is {units} as in a test, and "
        f"makes the swing larger: without it the sum is {told(float(result.mean[at]))} ± {told(plain)}."
    )
    prompt = (
        f"{units} units give the signal 1 each. p = {_HIGH:g}, and what survives is divided by 1 − p. Over masks, what is the standard "
        "deviation of their sum? (in units of the signal)"
    )
    return size(prompt, truth, reason, low=0.1, high=1000.0, tolerance=0.25, show=spec.replace(p=_HIGH))


@question("how many connections learn")
def learning(spec: DropoutSpec) -> Asked | None:
    """Ask for the share of the drawn network's connections that carry gradient in a batch, on average."""
    result, at = _network(spec), _place(_HALF)
    truth = 100.0 * float(result.flowing[at].mean())
    live = 100.0 * float(result.share[at].mean())
    reason = (
        f"{told(truth)} % on average over {result.flowing.shape[1]} batches, with {told(live)} % of the units living in a row: a connection "
        "needs both its ends, and a way through to the outputs."
        + (" With a mask for each row, some row of the batch has them more often." if spec.masks == "row" else "")
    )
    masks = "each batch" if spec.masks == "batch" else "each row"
    prompt = (
        f"The drawn network of {' - '.join(map(str, SIZES))} units, p = {_HALF:g}, a new mask for {masks}. In a batch, how many of its "
        "connections have a gradient that is not zero? (% of the connections, on average)"
    )
    return amount(prompt, truth, reason, low=0.0, high=100.0, step=1.0, tolerance=6.0, unit=" %", show=spec.replace(p=_HALF))


@question("how many thinned networks")
def networks(spec: DropoutSpec) -> Asked | None:
    """Ask how many networks the ensemble's units make."""
    units = int(spec.ensemble)
    truth = float(2**units)
    reason = (
        f"Each of the {units} units lives or not, so there are 2 to the {units} = {2**units:,}. They share their weights, and training meets "
        f"few of them; the drawn network above has {sum(SIZES[1:-1])} hidden units, and 2 to the {sum(SIZES[1:-1])}."
    )
    prompt = f"The hidden units of a network are {units}, and dropout may drop any of them. How many different thinned networks are there? (networks)"
    return size(prompt, truth, reason, low=1.0, high=1e5, tolerance=0.25)


@question("what least squares feels of dropout")
def ridge(spec: DropoutSpec) -> Asked | None:
    """Ask by what dropout multiplies the diagonal of X'X."""
    p = float(rates()[_place(_HIGH)])
    truth = 1.0 + p / (1.0 - p)
    half = float(rates()[_place(_HALF)])
    reason = (
        f"p/(1 − p) = {told(p / (1.0 - p))} times the diagonal comes on top, so {told(truth)} times. At p = {half:g} the penalty is exactly as "
        "large as the data's own diagonal: a column at right angles to "
        "the others has half its weight then."
    )
    prompt = (
        f"Least squares with dropout on its columns, p = {p:g}. Averaged over all masks it is ridge: by which factor is each entry on the "
        "diagonal of X'X multiplied? (times)"
    )
    return size(prompt, truth, reason, low=1.0, high=100.0, tolerance=0.15, show=spec.replace(p=p))


@question("how alike two masks' gradients are")
def alike(spec: DropoutSpec) -> Asked | None:
    """Ask for the cosine between the gradients of one batch under two masks, before training."""
    result: Noise | None = found(GradientNoise(spec.data))
    if result is None:
        return None
    at = int(np.abs(result.p - _HALF).argmin())
    truth, later = (float(result.masks[when, at].mean()) for when in (0, 1))
    low = int(np.abs(result.p - 0.1).argmin())
    reason = (
        f"{told(truth)} at the start, and {told(later)} after training; at p = {told(float(result.p[low]))} it is "
        f"{told(float(result.masks[0, low].mean()))}. Under either mask it is the same batch: the difference is noise that dropout adds."
    )
    prompt = (
        f"One batch of the {dict(spec.knobs()['data'].options)[spec.data].lower()} data, a network at its first weights, p = {_HALF:g}. The "
        "cosine between its gradients under two different masks is, on average? (cosine: 1 is the same direction, 0 a right angle)"
    )
    return amount(prompt, truth, reason, low=-1.0, high=1.0, step=0.02, tolerance=0.1)


@question("how wrong the scaled network is")
def shortcut(spec: DropoutSpec) -> Asked | None:
    """Ask how far the weight-scaled network is from the true average of all thinned networks."""
    result: Ensembles | None = found(Thinning())
    if result is None:
        return None
    kind, n, at = KINDS.index(spec.kind), int(spec.ensemble), _place(_HIGH)
    truth = 100.0 * float(result.average_gap[kind, n - 1, at])
    misread = 100.0 * float(result.misread_gap[kind, n - 1, at])
    reason = (
        f"{told(truth)} points of probability on average. If weights are scaled by p instead of 1 − p, as one course has it, it is "
        f"{told(misread)}; at p = 0.5 nobody could tell the two apart."
    )
    named = dict(spec.knobs()["kind"].options)[spec.kind]
    prompt = (
        f"{named[0].upper()}{named[1:]}, {n} hidden units, trained with p = {_HIGH:g}. One network with scaled weights stands in for the "
        f"average of all {2**n:,}. By how much do their probabilities differ on average? (points, 0 to 100)"
    )
    return amount(prompt, truth, reason, low=0.0, high=50.0, step=0.5, tolerance=1.5)


QUESTIONS = (swing, learning, networks, ridge, alike, shortcut)
