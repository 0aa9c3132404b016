"""Figures and words of "The right mix": whole, early and lopsided results are all drawn, and every number said is the result's."""

import re

import numpy as np
import pytest

from core.figures.right_mix import searches, trials
from core.figures.right_mix.axes import cell_at, positions, scrub_axes, setting_axis, span
from core.figures.right_mix.maps import mix_map, row_losses, row_optima
from core.right_mix import words
from core.right_mix.importance import importance
from core.right_mix.maps import DRAWS, MapResult, MixMap
from core.right_mix.methods import METHODS
from core.right_mix.search import FRESH, Lane, MixSearch, SearchResult, Trial
from core.right_mix.settings import SETTINGS, SPACES, place_of
from tests.core.test_right_mix import made, scattered


def surface(slope: float = 0.5, noise: float = 0.01, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    x, y = np.meshgrid(np.arange(16.0), np.arange(16.0))
    base = 0.2 + 0.004 * ((x - (10.0 - slope * y)) ** 2 + 0.3 * (y - 4.0) ** 2)
    return base + rng.normal(0.0, noise, (DRAWS, 16, 16))


def found(budget: int = 20, searches_: int = 3, space: str = "all", delivered: bool = True, count: int | None = None) -> SearchResult:
    """Searches that have found something, or have just begun."""
    rng = np.random.default_rng(5)
    study = MixSearch(budget=budget, searches=searches_, space=space)
    lanes = []
    for key in METHODS:
        for seed in range(searches_):
            made_ = []
            for i in range(budget if count is None else count):
                place = place_of({name: int(rng.integers(len(SETTINGS[name].values))) for name in SPACES[space]})
                losses = tuple(float(v) for v in 0.3 + rng.exponential(0.2, 2))
                made_.append(Trial(i, place, losses if i % 7 else (np.inf, losses[0]), losses))
            lanes.append(Lane(key, seed, tuple(made_), (0.41,) * FRESH if delivered else ()))
    return SearchResult(study, tuple(lanes))


def all_scenes(result: MapResult):
    return [mix_map(result), row_losses(result), row_optima(result)]


@pytest.mark.parametrize("kind", ["lam_p", "rate_lam"])
def test_maps_are_drawn_whole_from_one_draw_and_with_what_is_there(kind):
    losses = surface()
    losses[0, 3, 3] = np.inf
    one = losses.copy()
    one[1:] = np.nan
    block = one.copy()
    block[:, 8:] = np.nan
    for each in (losses, one, block):
        result = made(each, kind)
        for scene in all_scenes(result):
            scene.graph()
            assert scene.alt
            assert scene.captions
        picture = mix_map(result)
        z = picture.figure["data"][0]["z"]
        empty = np.array([[value is None for value in row] for row in z])
        np.testing.assert_array_equal(empty, np.isnan(result.mean))
    for scene in all_scenes(made(losses, kind)):
        for mark in scene.marks:
            assert np.isfinite(mark.xy).all(), mark.name


def test_positions_are_logarithms_with_zero_one_step_below():
    at = positions("lam", np.array([0.0, 1e-4, 1e-3, 1e-2]))
    np.testing.assert_allclose(at, [-5.5, -4.0, -3.0, -2.0])
    np.testing.assert_allclose(positions("dropout", np.array([0.0, 0.5])), [0.0, 0.5])
    low, high = span("lr", np.array([1e-3, 1e-2, 1e-1]))
    assert (low, high) == (-3.5, -0.5)
    style = setting_axis("lam", MixMap().conclude(()).x)
    assert style["ticktext"][0] == "0"
    assert all(low <= tick <= high for tick in style["tickvals"] for low, high in [style["range"]])


def test_a_click_chooses_the_nearest_cell():
    result = made(surface())
    x = positions("lam", result.x)
    assert cell_at(result, x[7] + 0.04, 0.31) == (result.x[7], 0.3)
    assert cell_at(result, -99.0, 99.0) == (0.0, result.y[-1])
    axes = scrub_axes(result)
    assert [axis.name for axis in axes] == ["lam", "p"]
    row, column = result.best
    assert (column, "best") in axes[0].marks
    assert (row, "best") in axes[1].marks


def test_a_cell_s_sentence_says_its_own_mean_range_and_rank():
    result = made(surface())
    said = words.cell_sentences(result)
    assert len(said) == 256
    row, column = result.best
    best = said[16 * row + column]
    assert "This is the best cell" in best
    assert words.number(float(result.mean[row, column])) in best
    other = said[16 * 15 + 15]
    assert f"λ = 0.1, p = {result.y[15]:g}" in other
    assert words.number(float(result.drawn[:, 15, 15].max())) in other
    assert sum("cannot be told" in each for each in said) == int(result.level.sum()) - 1


def test_optima_are_told_with_what_cannot_be_told_from_them_and_edges_are_named():
    result = made(surface())
    said = words.best_sentence(result)
    assert f"{int(result.level.sum()) - 1} other cells" in said
    assert "edge" not in said
    beyond = surface() + 0.1 * (15.0 - np.arange(16.0))
    assert "edge" in words.best_sentence(made(beyond))
    one = surface()
    one[1:] = np.nan
    assert "how sure that is" in words.best_sentence(made(one))
    assert words.best_sentence(MixMap().conclude(())) == "Nothing is there yet."


def test_the_claim_about_dropout_and_decay_follows_the_numbers():
    lower = words.decay_and_dropout(made(surface(0.7, 1e-3)))
    assert re.search(r"p, the p of|at p = ", lower)
    assert "it is lower with dropout (" in lower
    assert "falls along p" in lower
    higher = words.decay_and_dropout(made(surface(-0.7, 1e-3)))
    assert "HIGHER, against the textbook" in higher
    assert "rises along p" in higher
    neither = words.decay_and_dropout(made(surface(0.0, 0.02, seed=1)))
    assert "no difference that 6 draws of the data can tell" in neither
    none = surface(0.5, 1e-3) + 0.2 * np.arange(16.0)[:, None]
    assert "no dropout at all" in words.decay_and_dropout(made(none))
    assert "rises along λ" in words.rate_and_decay(made(surface(-0.7, 1e-3), "rate_lam"))
    one = surface()
    one[1:] = np.nan
    assert words.decay_and_dropout(made(one)) == words.rate_and_decay(made(one)) == "One draw of the data cannot tell."


@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize("early", [False, True])
def test_searches_are_drawn_whole_and_early(space, early):
    result = found(space=space, delivered=not early, count=3 if early else None)
    lane = result.lane("single", 1)
    scenes = [searches.best_so_far(result), searches.winners(result), trials.trial_losses(result, lane), trials.parallel(result, lane)]
    for scene in (*scenes, trials.importance_bars(importance(result)), trials.importance_bars(None)):
        scene.graph()
        assert scene.alt
        for mark in scene.marks:
            assert np.isfinite(mark.xy).all()
    n = len(lane.trials)
    assert len(scenes[2].captions) == len(scenes[3].captions) == n
    assert [len(readout.values) for readout in trials.trial_readouts(result, lane)] == [n] * 11
    assert len(trials.rank_axis(lane).values) == n
    assert len(searches.trials_axis(result).values) == 20


def test_a_search_that_has_not_begun_is_an_empty_chart():
    result = MixSearch(budget=8, searches=2).conclude(())
    searches.best_so_far(result).graph()
    searches.winners(result).graph()
    assert words.race_verdict(result) == "Not all searches have come to their ends."
    assert words.race_sentences(result)[0] == "After 1 trials: not there yet."


def test_a_click_on_a_trial_chooses_it_and_ranks_run_from_the_best():
    result = found()
    lane = result.lane("bayesian", 2)
    points = trials.trial_points(result, lane)
    for rank in (0, 5, 19):
        x, y = points[rank]
        assert trials.nearest_trial(result, lane, x + 0.1, y * 1.001) == rank
    means = [np.mean(trial.losses) for trial in words.ranked(lane)]
    assert means == sorted(means)
    assert not np.isfinite(means[-1])
    assert "diverged" in words.trial_sentences(lane, "all")[-1]


def test_what_a_trial_was_is_said_in_full():
    lane = found().lane("random", 0)
    trial = words.ranked(lane)[0]
    said = words.trial_sentences(lane, "all")[0]
    assert said.startswith(f"Trial {trial.number + 1}: η = ")
    for key in SETTINGS:
        assert SETTINGS[key].shown(trial.place[list(SETTINGS).index(key)]) in said
    assert "batch norm" not in words.trial_sentences(lane, "three")[0]


def test_promises_and_races_are_told_in_the_result_s_numbers():
    result = found()
    said = words.promise_sentence(result)
    assert words.number(float(result.promised.mean())) in said
    assert words.number(0.41) in said
    verdict = words.race_verdict(result)
    assert "random search" in verdict
    assert "20 trials each" in verdict
    sentence = words.race_sentences(result)[-1]
    assert words.number(float(np.median(result.best[3, :, -1]))) in sentence


def test_what_settings_explain_is_said_from_the_greatest_on():
    result = scattered(lambda place, rng: 0.1 + 0.03 * place[0] + 0.05 * place[2] + float(rng.uniform()) * 0.1)
    said = words.importance_sentence(importance(result))
    assert said.index("learning rate") < said.index("dropout rate")
    assert "600 random trials" in said
    nothing = scattered(lambda place, rng: float(rng.uniform()))
    assert "No setting" in words.importance_sentence(importance(nothing)) or "%" in words.importance_sentence(importance(nothing))
    assert "Too few" in words.importance_sentence(None)
