"""What the lab "Shrinkage paths" says: every number computed from the result on the screen."""

from __future__ import annotations

import numpy as np

from core.datasets.uploads import OwnData
from core.datasets.uploads.limits import OWN
from core.specs.shrinkage import ShrinkageSpec
from core.statistics.shrinkage import Shrinkage
from core.statistics.shrinkage.twins import Twins
from core.wording import number

_LISTED = 5
CALLED = {"plain": "least squares", "l2": "ridge", "elastic_net": "the elastic net", "l1": "lasso"}


def listed(names: list[str]) -> str:
    """Return names as a list, long ones cut short."""
    if len(names) > _LISTED + 1:  # "and 1 more" would be no shorter than the name
        return ", ".join(names[:_LISTED]) + f" and {len(names) - _LISTED} more"
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def lam_label(lam: float) -> str:
    """Return lambda as a sentence begins with it."""
    return f"λ = {number(lam)}"


def path_sentences(result: Shrinkage) -> list[str]:
    """Return which weights are left, largest first, one sentence or two a member."""
    names, d = result.design.names, len(result.design.names)
    weights = "the one weight is" if d == 1 else f"all {d} weights are"
    events = sorted(result.path.events, key=lambda event: event.lam)
    said = []
    for lam, w, nonzero in zip(result.lam.tolist(), result.path.w, result.path.nonzero.tolist(), strict=True):
        order = [names[j] for j in np.argsort(-np.abs(w), kind="stable") if w[j] != 0.0]
        if result.spec.penalty == "l2":
            zero = d - nonzero
            text = f"{lam_label(lam)}: {zero or 'none'} of {d} {'weights are' if zero > 1 else 'weights is'} zero"
            said.append(f"{text}. The largest: {listed(order[:3])}.")
        elif nonzero == 0:
            said.append(f"{lam_label(lam)}: {weights} zero.")
        else:
            text = f"{lam_label(lam)}: {nonzero} of {d} weights {'is' if nonzero == 1 else 'are'} not zero: {listed(order)}."
            after = next((event for event in events if event.lam > lam), None)
            if after is not None:
                does = "becomes zero" if after.kind == "enters" else "comes back"  # events are told as lambda falls; here it grows
                text += f" As λ grows, {names[after.index]} {does} next, at {number(after.lam)}."
            said.append(text)
    return said


def freedom_sentences(result: Shrinkage) -> list[str]:
    """Return the degrees of freedom in words, one sentence a member."""
    whole = result.rank
    said = []
    for lam, df, nonzero in zip(result.lam.tolist(), result.path.df.tolist(), result.path.nonzero.tolist(), strict=True):
        text = f"{lam_label(lam)}: {number(df)} degrees of freedom of the {whole} that least squares spends, {_count(nonzero, 'weight')} not zero."
        if result.spec.penalty == "l1":
            text += " Lasso spends one on each: it shrinks what it keeps, and that pays for the search."
        elif nonzero:
            text += f" That is {number(df / nonzero, 2)} for each of them."
        said.append(text)
    return said


def error_sentences(result: Shrinkage) -> list[str]:
    """Return the errors in words, one sentence or two a member."""
    check = result.validation
    least, simplest = result.path.nonzero[check.best], result.path.nonzero[check.simplest]
    said = []
    for i, lam in enumerate(result.lam.tolist()):
        text = (
            f"{lam_label(lam)}: error {number(float(result.train[i]))} on the rows that are fitted, {number(float(check.mean[i]))} ± "
            f"{number(float(check.error[i]), 2)} in {len(check.folds)} folds, {number(float(result.test[i]))} on rows never used; the target's "
            f"variance is 1."
        )
        if i == check.best == check.simplest:
            text += f" Least error and simplest model within one standard error are the same: {_count(int(least), 'weight')}."
        elif i == check.best:
            text += f" This is the least, with {_count(int(least), 'weight')}; the one-standard-error rule takes {_count(int(simplest), 'weight')}."
        elif i == check.simplest:
            text += (
                f" The one-standard-error rule ends here, with {_count(int(simplest), 'weight')} instead of {least}: the largest λ whose error is "
                f"within {number(float(check.error[check.best]), 2)} of the least."
            )
        said.append(text)
    return said


def chosen_sentences(result: Shrinkage) -> list[str]:
    """Return the chosen model beside least squares, one sentence or two a member."""
    plain = float(np.abs(result.plain).sum())
    which = "least squares" if result.rank == len(result.plain) else "the shortest least-squares solution"
    said = []
    for i, lam in enumerate(result.lam.tolist()):
        size = float(np.abs(result.path.w[i]).sum())
        text = f"{lam_label(lam)}: the weights' sizes sum to {number(size)}, those of {which} to {number(plain)}."
        text += f" On rows never used its error is {number(float(result.test[i]))}; least squares has {number(result.plain_test)}."
        if result.truth is not None:
            text += _found(result.path.w[i] != 0.0, result.truth != 0.0)
        said.append(text)
    return said


def _found(kept: np.ndarray, true: np.ndarray) -> str:
    right, wrong = int((kept & true).sum()), int((kept & ~true).sum())
    if not true.any():
        return f" No column matters, and {_count(wrong, 'weight')} {'is' if wrong == 1 else 'are'} kept."
    return f" Of the {int(true.sum())} that matter {right} {'is' if right == 1 else 'are'} kept, and {wrong} of the {int((~true).sum())} others."


def _count(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def target_note(spec: ShrinkageSpec, own: OwnData | None = None) -> str:
    """Return what is fitted."""
    if spec.data == OWN and own is not None:
        rows = f"{own.rows} rows, one in four of them held back to test."
        if own.classes:
            return (
                f"The target is {own.label}, standardised, and it is fitted by least squares: the linear probability model. A weight is per standard "
                f"deviation of its column. {rows}"
            )
        return f"The target is {own.label}, in standard deviations; a weight is per standard deviation of its column. {rows}"
    if spec.data == "diabetes":
        return "The target is the disease a year on, in standard deviations; a weight is per standard deviation of its column."
    if spec.data == "breast_cancer":
        return (
            "The target is 1 for a benign mass and 0 for a malignant one, standardised, and it is fitted by least squares: the linear probability "
            "model. A weight is per standard deviation of its column."
        )
    return "The target is a sum of multiples of some columns plus noise, standardised; rings show the true weights."


# ---------------------------------------------------------------------------------------------------------------------- twins


def correlation_label(r: float) -> str:
    """Return the twins' correlation as a sentence begins with it."""
    return f"r = {number(r, 4)}"


def fate_sentences(result: Twins) -> list[str]:
    """Return which twin lasso keeps, and what the others do, one sentence or more a correlation."""
    said = []
    samples = int(result.fates["l1"][0].sum())
    for i, r in enumerate(result.r.tolist()):
        cm, inch, both, neither, open_ = (int(count) for count in result.fates["l1"][i])
        net = result.fates["elastic_net"][i]
        if open_:
            cm_first, inch_first = result.accident
            said.append(
                "r = 1: the two are one column, and lasso's answer is a whole line of minimisers: only the sum of the weights is decided. What a "
                "program returns is an accident of the program: coordinate descent that starts with centimetres gives them all in "
                f"{100 * cm_first:.0f} % of the samples, one that starts with inches in {100 * inch_first:.0f} %. The elastic net keeps both in "
                f"{int(net[2])} of {samples}, with equal weights."
            )
            continue
        text = f"{correlation_label(r)}: of {samples} samples lasso keeps only the centimetres in {cm}, only the inches in {inch}, both in {both}"
        text += f", neither in {neither}." if neither else "."
        text += f" The elastic net keeps both in {int(net[2])}, ridge in {int(result.fates['l2'][i][2])}."
        if result.scaled and cm + inch >= 20:
            gap, error = (cm - inch) / (cm + inch), 1.0 / np.sqrt(cm + inch)
            fair = "as a fair coin would: which one it is depends on the sample" if abs(gap) <= 2.0 * error else "not as a fair coin would"
            text += f" Where it keeps one, it is the centimetres in {100 * cm / (cm + inch):.0f} % ± {50 * error:.0f} %, {fair}."
        elif not result.scaled and cm > 2 * inch and cm >= 20:
            text += " As measured, a centimetre column is 2.54 times as large, so that the same effect is a smaller weight there, and a cheaper one."
        said.append(text)
    return said


def cloud_sentences(result: Twins) -> list[str]:
    """Return how far the two weights of a sample are apart, method by method, one sentence a correlation."""
    said = []
    for i, r in enumerate(result.r.tolist()):
        parts = []
        for method in ("l1", "elastic_net", "l2", "plain"):
            w = result.effects[method][i]
            parts.append(f"{number(float(np.median(np.abs(w[:, 0] - w[:, 1]))), 2)} for {CALLED[method]}")
        text = f"{correlation_label(r)}: either twin's true weight is {number(float(result.truth[i]))}. "
        text += f"In the median sample the two differ by {listed(parts)}."
        if r == 1.0:
            text += " Of the many least-squares solutions the shortest is shown" + (
                ", of lasso's the one at its end in centimetres." if result.scaled else "."
            )
        said.append(text)
    return said


def variance_sentences(result: Twins) -> list[str]:
    """Return the variance of one twin's weight, measured and by formula, one sentence or two a correlation: claim 44."""
    found = {method: result.variance(method) for method in CALLED}
    said = []
    for i, r in enumerate(result.r.tolist()):
        own = {method: f"{number(float(v[i]), 2)} ± {number(float(e[i]), 1)}" for method, (v, e) in found.items()}
        if r == 1.0:
            free = [CALLED[method] for method in ("plain", "l1") if not result.decided(method)]
            rest = [f"{own[method]} for {CALLED[method]}" for method in ("l2", "elastic_net", "l1") if result.decided(method)]
            verb = "does" if len(free) == 1 else "do"
            said.append(f"r = 1: {listed(free)} {verb} not determine the weight at all, so there is no variance. Of the others: {listed(rest)}.")
            continue
        others = f"{own['l2']} for ridge, {own['elastic_net']} for the elastic net and {own['l1']} for lasso"
        text = f"{correlation_label(r)}, inflation 1/(1 − r²) = {number(float(result.inflation[i]))}: "
        text += f"the variance of the centimetres' weight is {own['plain']} "
        text += f"for least squares (by formula {number(float(result.formula[i]), 3)}), {others}."
        (plain, plain_error), (l2, l2_error) = ((float(v[i]), float(e[i])) for v, e in (found["plain"], found["l2"]))
        ratio = plain / l2
        apart = plain - l2 > 2.0 * float(np.hypot(plain_error, l2_error))
        text += f" Ridge divides it by {number(ratio, 2)}" + ("." if apart else ", no more than chance could.")
        said.append(text)
    return said
