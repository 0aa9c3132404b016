"""What the lab "The right mix" says: every number computed from what was trained, an absent effect said to be absent."""

from __future__ import annotations

import numpy as np

from core.datasets import DATASETS
from core.right_mix.importance import Importance
from core.right_mix.maps import AXES, CELLS, RATES, MapResult, places_along
from core.right_mix.methods import LABELS, METHODS
from core.right_mix.search import FRESH, REPEATS, Lane, SearchResult, Trial
from core.right_mix.settings import SETTINGS, SPACES, described
from core.studies.seeds import Effect
from core.wording import number

LUCKS = "draws of the data"


# ---------------------------------------------------------------------------------------------------------------------- maps


def shown_value(key: str, place: int) -> str:
    """Return a value of a setting with its symbol, for a place of sixteen along its grid."""
    return f"{SETTINGS[key].symbol} = {SETTINGS[key].shown(places_along(key)[place])}"


def map_trained(result: MapResult) -> str:
    """Return which networks a map trained, in one phrase."""
    study = result.study
    rate = f" at a rate of {number(RATES[study.rule])}" if "lr" not in AXES[study.kind] else ""
    said = f"{DATASETS[study.data].label}, two layers of {study.units} tanh units, {SETTINGS['rule'].shown(_place('rule', study.rule))}{rate}"
    penalty = SETTINGS["penalty"].shown(_place("penalty", study.penalty))
    whole = f"{result.whole} {LUCKS}" if result.whole != 1 else "one draw of the data"
    return f"{said}, {penalty}, {study.epochs} epochs, {CELLS}² networks on each of {whole}"


def cell_sentences(result: MapResult) -> list[str]:
    """Return what became of each cell, row by row."""
    across, upwards = AXES[result.study.kind]
    least = result.mean[result.best] if result.some else np.nan
    said = []
    for row in range(CELLS):
        for column in range(CELLS):
            where = f"{shown_value(across, column)}, {shown_value(upwards, row)}"
            losses = result.drawn[:, row, column]
            if np.isnan(losses).any():
                said.append(f"{where}: not trained yet.")
                continue
            over = f" ({number(float(losses.min()))} to {number(float(losses.max()))} over {len(losses)} {LUCKS})" if len(losses) > 1 else ""
            gone = int((losses >= result.most).sum())
            diverged = f" Diverged or as bad on {gone} of them." if gone else ""
            if (row, column) == result.best:
                rank = "This is the best cell."
            elif len(losses) > 1 and result.level[row, column]:
                rank = f"It cannot be told from the best cell, {number(float(least))}."
            else:
                rank = f"The best cell has {number(float(least))}."
            said.append(f"{where}: validation loss {number(float(losses.mean()))}{over}.{diverged} {rank}")
    return said


def best_sentence(result: MapResult) -> str:
    """Return where the optimum is and how sure that is."""
    if not result.some:
        return "Nothing is there yet."
    across, upwards = AXES[result.study.kind]
    row, column = result.best
    where = f"{shown_value(across, column)}, {shown_value(upwards, row)}"
    if len(result.drawn) < 2:
        return f"Lowest so far at {where}, on one draw of the data: how sure that is, only further draws can tell."
    alike = int(result.level.sum())
    own = len(set(result.bests))
    edge = " The best cell lies on the edge: better ones may lie beyond." if _at_edge(result) else ""
    told = "no other cell" if alike == 1 else f"{alike - 1} other cells of {CELLS**2 - 1}"
    return (
        f"Lowest at {where}: {number(float(result.mean[row, column]))} on average over {len(result.drawn)} {LUCKS}, whose own optima are {own} "
        f"different cells. From it {told} cannot be told apart (95 % interval of the paired difference).{edge}"
    )


def _at_edge(result: MapResult) -> bool:
    """Whether the best cell lies where a map ends that could go on: not at a lambda or p of 0."""
    row, column = result.best
    x, y = result.x, result.y
    return (column == CELLS - 1 or (column == 0 and x[0] > 0.0)) or (row == CELLS - 1 or (row == 0 and y[0] > 0.0))


def decay_and_dropout(result: MapResult) -> str:
    """Return the verdict on "with dropout, the best weight decay is lower", for a map of lambda and p."""
    if len(result.drawn) < 2:
        return "One draw of the data cannot tell."
    moved, trend = result.moved, result.trend
    row = result.best[0]
    best = [SETTINGS["lam"].shown(places_along("lam")[round(float(result.ridge[i]))]) for i in (0, row)]
    if row == 0:
        return f"The best cell has no dropout at all, so there is none to compare with. {_trend(trend, 'λ', 'p')}"
    first = f"In the mean map the best λ is {best[0]} without dropout and {best[1]} at p = {number(float(result.y[row]))}, the p of the best cell"
    cells = f"{number(float(moved.mean), 2)} ± {number(float(moved.half), 2)} cells"
    if not moved.sign:
        verdict = f"there is no difference that {moved.seeds} {LUCKS} can tell ({cells})"
    else:
        verdict = f"it is {'lower' if moved.sign < 0 else 'HIGHER, against the textbook'} with dropout ({cells}, {moved.seeds} {LUCKS})"
    return f"{first}. Draw by draw, at the p that the other draws call best, {verdict}. {_trend(trend, 'λ', 'p')}"


def rate_and_decay(result: MapResult) -> str:
    """Return the verdict on "the best learning rate moves with lambda", for a map of the rate and lambda."""
    if len(result.drawn) < 2:
        return "One draw of the data cannot tell."
    return f"Rows that learn nothing are left out. {_trend(result.trend, 'learning rate', 'λ')}"


def _trend(found: Effect, what: str, along: str) -> str:
    mean, half = float(found.mean), float(found.half)
    if not np.isfinite(mean):
        return "Too few rows learn anything to see a trend."
    cells = f"rank correlation {number(mean, 2)} ± {number(half, 2)}"
    if not abs(mean) > half:
        return f"The best {what} shows no clear trend along {along} ({cells})."
    return f"The best {what} {'falls' if mean < 0 else 'rises'} along {along} ({cells})."


def _place(key: str, value: object) -> int:
    return SETTINGS[key].values.index(value)


# -------------------------------------------------------------------------------------------------------------------- searches


def searched(result: SearchResult) -> str:
    """Return what was searched, in one phrase."""
    study = result.study
    names = ", ".join(SETTINGS[key].label for key in SPACES[study.space])
    return (
        f"{DATASETS[study.data].label}, {study.epochs} epochs; {names}; {study.budget} combinations a search, {REPEATS} networks each, "
        f"{study.searches} searches a method"
    )


def race_sentences(result: SearchResult) -> list[str]:
    """Return how the methods stand after each number of trials."""
    said = []
    for at in range(result.study.budget):
        best = result.best[..., at]
        there = [(key, best[i]) for i, key in enumerate(METHODS) if np.isfinite(best[i]).all()]
        if not there:
            said.append(f"After {at + 1} trials: not there yet.")
            continue
        medians = ", ".join(f"{LABELS[key]} {number(float(np.median(values)))}" for key, values in there)
        said.append(f"After {at + 1} trial{'s' if at else ''}, median over searches: {medians}.")
    return said


def race_verdict(result: SearchResult) -> str:
    """Return the verdict on "random or Bayesian search beats changing one setting at a time", after all trials and with fresh seeds."""
    if not result.complete:
        return "Not all searches have come to their ends."
    said = []
    for key in ("random", "bayesian"):
        seen, fresh = result.against(key, "single", result.study.budget - 1), result.against(key, "single")
        said.append(f"{LABELS[key]} search {_compared(seen)} on the trials, {_compared(fresh)} with fresh seeds")
    return (
        f"Against changing one setting at a time, with {result.study.budget} trials each and paired over {result.study.searches} searches: "
        f"{'; '.join(said)}."
    )


def _compared(found: Effect) -> str:
    """Return a difference of logarithms of losses, positive where the first is lower."""
    mean, half = float(found.mean), float(found.half)
    if not np.isfinite(mean):
        return "cannot be compared"
    share = f"{number(100.0 * abs(1.0 - 10.0**-mean), 2)} %"
    if not abs(mean) > half:
        return f"cannot be told apart ({share} {'lower' if mean > 0 else 'higher'} on average)"
    return f"ends {share} {'lower' if mean > 0 else 'HIGHER'}"


def promise_sentence(result: SearchResult) -> str:
    """Return how much of what the winners promised was luck."""
    if not result.complete:
        return "The winners are trained again once all searches have ended."
    promised, delivered = float(np.mean(result.promised)), float(np.mean(result.delivered))
    worse = int((result.delivered > result.promised).sum())
    return (
        f"The {result.promised.size} winners promised a validation loss of {number(promised)} on average, the lowest of {result.study.budget}. "
        f"{FRESH} networks of each with seeds that the search had not seen came to {number(delivered)}; {worse} of them were worse than promised."
    )


def trial_sentences(lane: Lane, space: str) -> list[str]:
    """Return what each trial of a search was and came to, the best first."""
    keys = SPACES[space]
    return [f"Trial {trial.number + 1}: {described(trial.place, keys)}. Validation loss {loss_words(trial)}." for trial in ranked(lane)]


def loss_words(trial: Trial) -> str:
    """Return the losses of a trial's networks."""
    each = " and ".join("diverged" if not np.isfinite(loss) else number(loss) for loss in trial.losses)
    return f"{each} ({len(trial.losses)} networks)"


def ranked(lane: Lane) -> list[Trial]:
    """Return the trials of a search, the best first; those that diverged come last."""
    return sorted(lane.trials, key=lambda trial: (float(np.mean(trial.losses)), trial.number))


def importance_sentence(found: Importance | None) -> str:
    """Return which setting matters most, and how much no setting explains alone."""
    if found is None:
        return "Too few random trials to say which settings matter."
    order = np.argsort(-found.share)
    sure = [i for i in order if found.low[i] > 0.0]
    if not sure:
        return f"No setting explains alone more of the spread than chance would, on {found.trials} random trials."
    named = ", ".join(f"{SETTINGS[found.keys[i]].label} {number(100 * float(found.share[i]), 2)} %" for i in sure)
    rest = f"{number(100 * found.rest, 2)} % are due to settings together and to luck"
    return f"Of the spread of ranks over {found.trials} random trials, alone: {named}. {rest}."
