"""Questions of the lab "The right mix"."""

from __future__ import annotations

import numpy as np

from core.lessons.measured import found
from core.lessons.question import Asked, amount, choice, question
from core.right_mix.importance import importance
from core.right_mix.maps import CELLS, MapResult
from core.right_mix.methods import LABELS, METHODS
from core.right_mix.search import FRESH, SearchResult
from core.right_mix.settings import SETTINGS
from core.specs import RightMixSpec
from core.wording import number as told


@question("which penalty goes with dropout")
def best_lam(spec: RightMixSpec) -> Asked | None:
    """Ask whether the best λ is lower with the best dropout rate than without dropout."""
    result: MapResult | None = found(spec.map("lam_p"))
    if result is None:
        return None
    moved = result.moved
    sign = int(moved.sign)
    truth = {1: "higher", -1: "lower"}.get(sign, "unclear")
    row, _ = result.best
    bare, best = (float(result.x[int(result.ridge[i])]) for i in (0, row))
    reason = (
        f"On the mean of the maps the best λ is {told(bare)} without dropout and {told(best)} at p = {told(float(result.y[row]))}. Draw by draw "
        f"it moves by {told(float(moved.mean))} ± {told(float(moved.half))} of {CELLS} cells"
        + (": the interval holds 0, so these data cannot tell." if sign == 0 else ".")
    )
    prompt = (
        f"Networks for every pair of λ and p, on {moved.seeds} draws of the data. With the dropout rate that is best, is the best λ lower than "
        "without dropout?"
    )
    options = {"lower": "lower", "higher": "higher", "unclear": "the draws cannot tell"}
    return choice(prompt, truth, reason, options, show=spec.replace(p=float(result.y[row]), lam=best))


@question("how wide the optimum is")
def level(spec: RightMixSpec) -> Asked | None:
    """Ask how many cells of the map cannot be told from its best."""
    result: MapResult | None = found(spec.map("lam_p"))
    if result is None:
        return None
    truth, cells = float(result.level.sum()), CELLS * CELLS
    row, column = result.best
    reason = (
        f"{int(truth)} of {cells}: the 95 % interval of their difference from the best, λ = {told(float(result.x[column]))} and p = "
        f"{told(float(result.y[row]))}, reaches 0. The bests of single draws lie in {len(set(result.bests))} different cells. "
        "A best cell is a place in a valley and no more."
    )
    prompt = (
        f"A map of {cells} pairs of λ and p, each judged by networks on {len(result.drawn)} draws of the data. How many of them cannot be told "
        "from the best one? (cells)"
    )
    return amount(
        prompt,
        truth,
        reason,
        low=0.0,
        high=float(cells),
        step=2.0,
        tolerance=16.0,
        show=spec.replace(p=float(result.y[row]), lam=float(result.x[column])),
    )


@question("which search wins")
def winner(spec: RightMixSpec) -> Asked | None:
    """Ask for the method whose winners are best with fresh seeds, on average over searches."""
    result: SearchResult | None = found(spec.search_study())
    if result is None or not result.complete:
        return None
    means = result.delivered.mean(axis=1)
    order = np.argsort(means)
    keys = list(METHODS)
    truth = keys[int(order[0])]
    against = result.against(keys[int(order[0])], keys[int(order[1])])
    listed = ", ".join(f"{LABELS[keys[int(i)]]} {told(float(means[int(i)]))}" for i in order)
    reason = (
        f"Mean loss of what each method delivers, trained anew: {listed}. Between the first two it is "
        f"{'a difference that the seeds bear out' if int(against.sign) > 0 else 'nothing that these few searches can tell from luck'}."
    )
    prompt = (
        f"Four methods try {spec.budget} combinations each, {int(spec.searches)} times over, and each winner is trained anew with {FRESH} fresh "
        "seeds. Whose winners have the lowest mean validation loss?"
    )
    return choice(prompt, truth, reason, dict(LABELS), show=spec.replace(n=float(spec.budget)))


@question("what a search promises")
def promise(spec: RightMixSpec) -> Asked | None:
    """Ask by how much a winner with fresh seeds is worse than what the search saw of it."""
    result: SearchResult | None = found(spec.search_study())
    if result is None or not result.complete:
        return None
    ratio = 100.0 * (result.delivered / result.promised - 1.0)
    truth = float(np.median(ratio))
    if not -50.0 <= truth <= 200.0:
        return None
    worse = int((ratio > 0.0).sum())
    reason = (
        f"{told(truth)} % in the middle of {ratio.size} searches, worse in {worse} of them. The lowest of many noisy losses is low by luck as "
        "well, and luck is not delivered."
    )
    prompt = (
        f"The best of {spec.budget} combinations was seen with a certain validation loss. Trained anew with fresh seeds, how far is its loss "
        "above that? (%, median over all searches; below 0 is better)"
    )
    return amount(prompt, truth, reason, low=-50.0, high=200.0, step=1.0, tolerance=10.0, unit=" %", show=spec.replace(n=float(spec.budget)))


@question("which setting matters")
def matters(spec: RightMixSpec) -> Asked | None:
    """Ask for the setting that explains most of the spread of the losses alone."""
    result: SearchResult | None = found(spec.search_study())
    if result is None or (told_of := importance(result)) is None:
        return None
    order = np.argsort(-told_of.share)
    keys = told_of.keys
    truth = keys[int(order[0])]
    listed = ", ".join(f"{SETTINGS[keys[int(i)]].label} {told(100.0 * float(told_of.share[int(i)]), 2)} %" for i in order[:3])
    reason = (
        f"Of the spread of {told_of.trials} random trials, each setting alone explains: {listed}; {told(100.0 * told_of.rest, 2)} % are "
        "settings together, and luck."
    )
    prompt = f"{told_of.trials} combinations drawn at random. Which of their settings explains most of the differences in validation loss by itself?"
    return choice(prompt, truth, reason, {key: SETTINGS[key].label for key in keys})


QUESTIONS = (best_lam, level, winner, promise, matters)
