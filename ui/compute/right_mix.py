"""The views of the lab "The right mix", each kept for the study that it draws."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import streamlit as st

from core.errors import InvalidInput
from core.figures.right_mix import searches, trials
from core.figures.right_mix.axes import SCRUBS, cell_at, scrub_axes
from core.figures.right_mix.maps import mix_map, row_losses, row_optima
from core.figures.scene import FamilyAxis, Readout
from core.right_mix.importance import importance
from core.right_mix.maps import MapResult, MixMap
from core.right_mix.search import Lane, MixSearch, SearchResult, Trial
from core.right_mix.settings import SPACES, described, lab_spec
from core.right_mix.words import loss_words, map_trained, race_verdict, ranked, searched
from core.specs.right_mix import RightMixSpec
from ui import plot, studies
from ui.kept import kept, lazily
from ui.links import address

GROUP = RightMixSpec.prefix
TOP = 10
"""So many of the best trials are listed."""


class MapViews:
    """One map, packed for the browser."""

    def __init__(self, result: MapResult) -> None:
        kind = result.study.kind
        self.result = result
        self.map = plot.pack_chart(mix_map(result), name=f"map-{kind}", group=GROUP)
        self.row = plot.pack_chart(row_losses(result), name=f"row-{kind}", group=GROUP)
        self.optima = plot.pack_chart(row_optima(result), name=f"optima-{kind}", group=GROUP)
        self.notes = plot.pack_readouts((Readout("Trained", [map_trained(result)], axes=()),), group=GROUP)

    def scrubs(self, x: float, y: float, keep: Callable[[str, float], None]) -> None:
        """Show the scrubs of the map's two settings side by side, at the members nearest to these values."""
        for column, axis, value in zip(st.columns(2, gap="small"), scrub_axes(self.result), (x, y), strict=True):
            with column:
                scrub(axis, value, keep)

    def pick(self, keep: Callable[[str, float], None]) -> Callable[[float, float], None]:
        """Return what a click on the map calls."""

        def picked(x: float, y: float) -> None:
            for name, value in zip(SCRUBS[self.result.study.kind], cell_at(self.result, x, y), strict=True):
                keep(name, value)

        return picked


class SearchViews:
    """What holds for all searches, packed for the browser."""

    def __init__(self, result: SearchResult) -> None:
        self.result = result
        self.best = plot.pack_chart(searches.best_so_far(result), name="best-so-far", group=GROUP)
        self.winners = plot.pack_chart(searches.winners(result), name="winners", group=GROUP)
        self.importance = plot.pack_chart(trials.importance_bars(importance(result)), name="importance", group=GROUP)
        said = (("Better than one at a time?", race_verdict(result)), ("Searched", searched(result)))
        self.notes = plot.pack_readouts([Readout(label, [text], axes=()) for label, text in said], group=GROUP)
        self.axis = searches.trials_axis(result)


class LaneViews:
    """The trials of one search, packed for the browser."""

    def __init__(self, result: SearchResult, lane: Lane) -> None:
        self._result, self._lane = result, lane
        self.losses = plot.pack_chart(trials.trial_losses(result, lane), name="trials", group=GROUP)
        self.parallel = plot.pack_chart(trials.parallel(result, lane), name="parallel-coordinates", group=GROUP)
        self.readouts = plot.pack_readouts(trials.trial_readouts(result, lane), group=GROUP)
        self.axis = trials.rank_axis(lane)

    def nearest(self, x: float, y: float) -> float:
        """Return the rank of the trial nearest to a point of the chart of losses."""
        return float(trials.nearest_trial(self._result, self._lane, x, y))

    def link(self, rank: float) -> tuple[str, str]:
        """Return words and address of a link to the lab "Training" with the settings of a trial."""
        trial = ranked(self._lane)[min(int(rank), len(self._lane.trials) - 1)]
        return f"Open trial {trial.number + 1} in the lab Training", self._address(trial)

    @lazily
    def top(self) -> str:
        """The best trials as a list of links."""
        study = self._result.study
        lines = [
            f"{i}. [Trial {trial.number + 1}]({self._address(trial)}): {described(trial.place, SPACES[study.space])}; {loss_words(trial)}"
            for i, trial in enumerate(ranked(self._lane)[:TOP], 1)
        ]
        return "\n".join(lines)

    def _address(self, trial: Trial) -> str:
        study = self._result.study
        return address(lab_spec(trial.place, study.given, study.epochs))


def scrub(axis: FamilyAxis, value: float, keep: Callable[[str, float], None], *, whole: bool = False) -> None:
    """Show the scrub of an axis at the member nearest to a value; on release its own value is kept."""
    at, key = int(np.abs(axis.values - value).argmin()), f"{GROUP}-{axis.name}"
    plot.scrub(axis, at, key=key, group=GROUP, on_commit=lambda index: keep(axis.name, float(axis.values[index])), whole=whole)


def map_views(study: MixMap, asked: MixMap) -> MapViews:
    """Return a map's views: of what there is of the one that was asked for, once there is a first block of it."""
    return (_early_map(asked) if study != asked else None) or _map_views(study)


def search_views(study: MixSearch, asked: MixSearch) -> SearchViews:
    """Return the searches' views: of what there is of those that were asked for, once each has a few trials."""
    return (_early_searches(asked) if study != asked else None) or _search_views(study)


def lane_views(found: SearchViews, method: str, search: int) -> LaneViews:
    """Return the views of one search."""
    lane = found.result.lane(method, min(search, found.result.study.searches - 1))
    return _lane_views(found.result.study, len(lane.trials), found.result, lane)


def _early_map(study: MixMap) -> MapViews | None:
    outcomes = studies.so_far(study)
    if outcomes is None:
        return None
    result = study.conclude(outcomes)
    return MapViews(result) if result.some else None


def _early_searches(study: MixSearch) -> SearchViews | None:
    outcomes = studies.so_far(study)
    if outcomes is None:
        return None
    try:
        result = study.conclude(outcomes)
        return SearchViews(result) if all(len(lane.trials) > 1 for lane in result.lanes) else None
    except InvalidInput:
        return None


# Results are frozen and only read, so sessions share them; about 0.3 MB an entry.
@kept(32)
def _map_views(study: MixMap) -> MapViews:
    return MapViews(studies.result(study))


@kept(16)
def _search_views(study: MixSearch) -> SearchViews:
    return SearchViews(studies.result(study))


@kept(64, key=lambda study, trials_there, _result, lane: (study, trials_there, lane.method, lane.seed))
def _lane_views(study: MixSearch, trials_there: int, _result: SearchResult, lane: Lane) -> LaneViews:
    return LaneViews(_result, lane)
