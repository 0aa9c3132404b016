"""Four ways to search: a grid, one setting at a time, at random, and Bayesian. Each says what to try next, from what has been found.

All are functions of their arguments alone, so a search that was interrupted goes on as if it had not been. Optuna is imported by the Bayesian way
alone, which runs in the engine's workers.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import numpy as np

from core.right_mix.settings import SETTINGS, START, Place, place_of

Tried = tuple[Place, float]
"""A combination and the loss that it came to."""

ROUND = 8
"""Combinations that are trained together before anything is concluded from them."""
LEVELS = 7
"""Values of a setting that are tried at once when one is changed at a time."""
STARTUP = 16
"""Random combinations before the Bayesian way begins to learn."""


def grid(space: Sequence[str], budget: int, seed: int, tried: Sequence[Tried]) -> list[Place]:
    """Return the next combinations of a full grid, in random order.

    As many levels of each setting as the budget allows, added in turns; they stand evenly, moved together by a random part of their distance, so that
    seeds are different grids of the same kind. A setting for which the budget allows one level stays at its start.
    """
    rng = np.random.default_rng([seed, 1])
    counts = dict.fromkeys(space, 1)
    grown = True
    while grown:
        grown = False
        for key in space:
            if counts[key] < len(SETTINGS[key].values) and np.prod(list(counts.values())) // counts[key] * (counts[key] + 1) <= budget:
                counts[key] += 1
                grown = True
    levels = {}
    for key, count in counts.items():
        size = len(SETTINGS[key].values)
        moved = rng.uniform()
        levels[key] = [SETTINGS[key].start] if count == 1 else sorted({int((i + moved) * size / count) for i in range(count)})
    cells = [place_of(dict(zip(levels, cell, strict=True))) for cell in itertools.product(*levels.values())]
    order = rng.permutation(len(cells))
    return [cells[i] for i in order[len(tried) : len(tried) + ROUND]]


def one_at_a_time(space: Sequence[str], budget: int, seed: int, tried: Sequence[Tried]) -> list[Place]:
    """Return the next combinations: all settings stay at the best found so far but one, whose values are tried.

    It begins where the lab begins, takes the settings in random order, over and over, and looks closer around the best value each time.
    """
    rng = np.random.default_rng([seed, 2])
    order = rng.permutation(len(space))
    if not tried:
        return [START]
    best = min(tried, key=lambda each: each[1])[0]
    known = {place for place, _ in tried}
    left = budget - len(tried)
    # Which setting is next is told by how many combinations there are: a pure function of them, whatever was tried by whom.
    turn = _turns(tried)
    for ahead in range(len(space)):
        key = space[order[(turn + ahead) % len(space)]]
        again = (turn + ahead) >= len(space)
        found = [place for place in _along(key, best, again, rng) if place not in known]
        if found:
            return found[: min(left, LEVELS)]
    return []


def _turns(tried: Sequence[Tried]) -> int:
    """Return how many settings have been tried, one after the other: changes of the setting that differs from the best before it."""
    turns, at = 0, 1
    while at < len(tried):
        best = min(tried[:at], key=lambda each: each[1])[0]
        changed = [i for i, (a, b) in enumerate(zip(tried[at][0], best, strict=True)) if a != b]
        end = at + 1
        while end < len(tried) and end - at < LEVELS and [i for i, (a, b) in enumerate(zip(tried[end][0], best, strict=True)) if a != b] == changed:
            end += 1
        turns, at = turns + 1, end
    return turns


def _along(key: str, best: Place, again: bool, rng: np.random.Generator) -> list[Place]:
    """Return combinations along one setting: spread over all its values, or, in later turns, those nearest to the best one."""
    which = list(SETTINGS).index(key)
    size = len(SETTINGS[key].values)
    if again:
        values = sorted(range(size), key=lambda i: (abs(i - best[which]), i))
    else:
        moved = rng.uniform()
        values = sorted({int((i + moved) * size / min(LEVELS, size)) for i in range(min(LEVELS, size))})
    return [(*best[:which], value, *best[which + 1 :]) for value in values if value != best[which]]


def random(space: Sequence[str], budget: int, seed: int, tried: Sequence[Tried]) -> list[Place]:
    """Return the next combinations, each setting drawn evenly from its values, independent of all others (Bergstra and Bengio 2012)."""
    return _drawn(space, seed, len(tried), min(ROUND, budget - len(tried)))


def _drawn(space: Sequence[str], seed: int, first: int, count: int) -> list[Place]:
    return [
        place_of({key: int(np.random.default_rng([seed, 3, number, i]).integers(len(SETTINGS[key].values))) for i, key in enumerate(space)})
        for number in range(first, first + count)
    ]


def bayesian(space: Sequence[str], budget: int, seed: int, tried: Sequence[Tried]) -> list[Place]:
    """Return the next combinations that a tree-structured Parzen estimator proposes (Bergstra et al. 2011; Optuna's), after random ones."""
    count = min(ROUND, budget - len(tried))
    if len(tried) < STARTUP:
        return _drawn(space, seed, len(tried), min(count, STARTUP - len(tried)))
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    grids: dict[str, optuna.distributions.BaseDistribution] = {}
    for key in space:
        size = len(SETTINGS[key].values)
        grids[key] = (
            optuna.distributions.IntDistribution(0, size - 1)
            if SETTINGS[key].ordered
            else optuna.distributions.CategoricalDistribution(tuple(range(size)))
        )
    named = [{key: place[list(SETTINGS).index(key)] for key in space} for place, _ in tried]
    # What the sampler draws depends on the search and on how far it is; what is under way counts as bad, so that a round is spread out.
    sampler = optuna.samplers.TPESampler(seed=1000 * seed + len(tried), n_startup_trials=STARTUP, constant_liar=True)
    study = optuna.create_study(sampler=sampler)
    study.add_trials(
        [optuna.trial.create_trial(params=params, distributions=grids, value=loss) for params, (_, loss) in zip(named, tried, strict=True)]
    )
    return [place_of(study.ask(grids).params) for _ in range(count)]


Method = Callable[[Sequence[str], int, int, Sequence[Tried]], list[Place]]
METHODS: Mapping[str, Method] = MappingProxyType({"grid": grid, "single": one_at_a_time, "random": random, "bayesian": bayesian})
"""Key -> way to search: (settings, budget, seed, what has been tried) -> the next combinations, none once there is nothing left to try."""

LABELS: Mapping[str, str] = MappingProxyType({"grid": "grid", "single": "one at a time", "random": "random", "bayesian": "Bayesian"})
