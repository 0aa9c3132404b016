"""The right mix: settings that the lab "Training" can show, ways to search, searches that go on where they were, maps with honest optima."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import training
from core.datasets import DATASETS
from core.errors import InvalidInput
from core.right_mix import methods
from core.right_mix.importance import explained, importance
from core.right_mix.maps import BLOCK, CELLS, DRAWS, MapResult, MixMap, places_along
from core.right_mix.methods import LEVELS, METHODS, ROUND
from core.right_mix.search import FRESH, REPEATS, Lane, MixSearch, SearchResult, Trial
from core.right_mix.settings import SETTINGS, SPACES, START, family, lab_spec, place_of, values_of
from core.studies import here
from core.studies.study import Outcome

NAMES = list(SETTINGS)
places = st.tuples(*(st.integers(0, len(setting.values) - 1) for setting in SETTINGS.values()))
MOONS = {"data": "moons", "data_seed": 3, "noise": 0.35}


def loss(place, weights=(1.0, 0.6, 0.4, 0.3, 0.3, 0.2, 0.1)):
    """A smooth function of a combination, lowest a third along every setting."""
    shares = [place[i] / (len(SETTINGS[key].values) - 1) for i, key in enumerate(NAMES)]
    return 0.1 + sum(w * (share - 1 / 3) ** 2 for w, share in zip(weights, shares, strict=True))


def searched(method, space, budget, seed, value=loss, stop=None):
    """All that a method tries, round by round."""
    tried = []
    while len(tried) < budget and (wanted := METHODS[method](space, budget, seed, tried)):
        tried += [(place, value(place)) for place in wanted]
        if stop is not None and len(tried) >= stop:
            break
    return tried


# ------------------------------------------------------------------------------------------------------------------ settings


@settings(max_examples=60, deadline=None)
@given(places)
def test_every_combination_can_be_opened_in_the_lab_training_as_it_is(place):
    values, lab = values_of(place), lab_spec(place, MOONS, 100, seed=1)
    for key, value in values.items():
        assert getattr(lab, key) == value, key
    one, ours = lab.training().member(0), family([place], (1,), MOONS, 100).member(0)
    for name in (
        "data",
        "points",
        "noise",
        "split",
        "data_seed",
        "hidden",
        "lr",
        "lam",
        "dropout",
        "rule",
        "batch_norm",
        "seed",
        "epochs",
        "treatment",
    ):
        assert getattr(one, name) == getattr(ours, name), name


@pytest.mark.parametrize("key", ["l1", "l2", "elastic_net"])
def test_the_lab_training_gives_the_very_networks_of_a_search(key):
    place = place_of({"lam": 14, "penalty": SETTINGS["penalty"].values.index(key), "dropout": 3, "units": 0})
    mine, _ = training.advance(training.start(family([place], (0, 1), MOONS, 100)), 20)
    theirs, _ = training.advance(training.start(lab_spec(place, MOONS, 100).training().replace(noise=0.35)), 20)
    np.testing.assert_allclose(mine.weights[0].numpy(), theirs.weights[0].numpy(), atol=2e-4)


def test_a_family_holds_each_combination_with_each_seed():
    some = [place_of({"lr": 3, "lam": 5}), place_of({"lr": 9, "penalty": 1, "rule": 0})]
    spec = family(some, (4, 5, 6), MOONS, 100)
    assert spec.members == 6
    assert spec.values("seed") == (4, 5, 6) * 2
    for i, place in enumerate(some):
        values = values_of(place)
        for j in range(3):
            member = spec.member(3 * i + j)
            assert (member.lr, member.lam, member.rule) == (values["lr"], values["lam"], values["rule"])
            assert member.rho == {"l2": 0.0, "l1": 1.0}[values["penalty"]]


# ------------------------------------------------------------------------------------------------------------------- methods


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("space", SPACES)
def test_a_method_stays_within_budget_space_and_rounds_and_is_a_function_of_its_seed(method, space):
    keys = SPACES[space]
    whole = searched(method, keys, 40, 1)
    assert 16 <= len(whole) <= 40
    assert len(whole) == 40 or method in ("grid", "single"), "the others never run out"
    for place, _ in whole:
        for key, i, setting in zip(NAMES, place, SETTINGS.values(), strict=True):
            assert 0 <= i < len(setting.values)
            assert key in keys or i == setting.start
    assert whole == searched(method, keys, 40, 1)
    assert whole != searched(method, keys, 40, 2)
    # What is proposed follows from what has been tried alone, wherever it is asked.
    half = whole[: 2 * ROUND] if method != "single" else searched(method, keys, 40, 1, stop=9)
    assert METHODS[method](keys, 40, 1, half) == [place for place, _ in whole[len(half) : len(half) + len(METHODS[method](keys, 40, 1, half))]]


def test_a_grid_is_full_and_its_levels_stand_evenly():
    for space, budget in (("three", 64), ("all", 64), ("regularisers", 32)):
        tried = [place for place, _ in searched("grid", SPACES[space], budget, 3)]
        assert len(set(tried)) == len(tried)
        levels = [sorted({place[NAMES.index(key)] for place in tried}) for key in SPACES[space]]
        assert len(tried) == np.prod([len(each) for each in levels]), "every combination of them"
        for key, each in zip(SPACES[space], levels, strict=True):
            if len(each) > 2:
                assert np.ptp(np.diff(each)) <= 1, key


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1000), st.sampled_from(list(SPACES)))
def test_one_at_a_time_changes_one_setting_of_the_best_so_far(seed, space):
    tried = []
    while len(tried) < 50 and (wanted := methods.one_at_a_time(SPACES[space], 50, seed, tried)):
        if tried:
            best = min(tried, key=lambda each: each[1])[0]
            changed = {i for place in wanted for i, (a, b) in enumerate(zip(place, best, strict=True)) if a != b}
            assert len(changed) == 1
            assert len(wanted) <= LEVELS
        else:
            assert wanted == [START]
        tried += [(place, loss(place)) for place in wanted]
    assert len({place for place, _ in tried}) == len(tried), "nothing twice"


def test_one_at_a_time_walks_to_the_minimum_where_settings_do_not_interact():
    tried = searched("single", SPACES["three"], 120, 0)
    best = min(tried, key=lambda each: each[1])[0]
    for key in SPACES["three"]:
        size = len(SETTINGS[key].values) - 1
        assert abs(best[NAMES.index(key)] / size - 1 / 3) <= 0.51 / size, key


def test_random_combinations_are_even_and_independent():
    tried = np.array([place for seed in range(40) for place, _ in searched("random", SPACES["all"], 64, seed)])
    assert len(np.unique(tried, axis=0)) > 0.99 * len(tried)
    for i, setting in enumerate(SETTINGS.values()):
        counts = np.bincount(tried[:, i], minlength=len(setting.values))
        expected = len(tried) / len(setting.values)
        assert ((counts - expected) ** 2 / expected).sum() < 2.2 * len(setting.values) + 8
    assert np.abs(np.corrcoef(tried.T) - np.eye(7)).max() < 0.08


def test_the_bayesian_way_learns():
    """On a smooth function, over seeds, the trials after the random ones are better than the random ones, and the end better than random search's."""
    later, ends = [], []
    for seed in range(8):
        bayesian = np.array([value for _, value in searched("bayesian", SPACES["all"], 64, seed)])
        random = np.array([value for _, value in searched("random", SPACES["all"], 64, seed)])
        np.testing.assert_array_equal(bayesian[:16], random[:16])
        later.append(np.median(bayesian[32:]) < np.median(random[32:]))
        ends.append(random.min() - bayesian.min())
    assert all(later)
    assert np.mean(ends) > 0.0


# ------------------------------------------------------------------------------------------------------------------- searches

SMALL = MixSearch(budget=12, searches=1, epochs=5, space="three")


@pytest.fixture(scope="module")
def outcomes() -> tuple[Outcome, ...]:
    return here.run(SMALL)


@pytest.fixture(scope="module")
def result(outcomes) -> SearchResult:
    return SMALL.conclude(outcomes)


def test_every_search_spends_its_budget_and_trains_its_winner_with_seeds_it_has_not_seen(result, outcomes):
    assert [lane.method for lane in result.lanes] == list(METHODS)
    for lane in result.lanes:
        assert [trial.number for trial in lane.trials] == list(range(len(lane.trials)))
        assert len(lane.trials) <= 12
        assert len(lane.delivered) == FRESH
        winner = min(lane.trials, key=lambda trial: SMALL.worth(trial.losses))
        fresh = next(o for o in outcomes if json.loads(o.note)["fresh"] and result.lanes[json.loads(o.note)["lane"]] is lane)
        assert json.loads(fresh.training)["seed"] == list(range(REPEATS, REPEATS + FRESH))
        assert [tuple(place) for *_, place in json.loads(fresh.note)["now"]] == [winner.place]
    assert result.complete


def test_a_trial_s_losses_are_those_of_its_networks_trained_alone(result):
    lane = result.lane("random", 0)
    for trial in (lane.trials[0], lane.trials[7]):
        _, snapshot = training.advance(training.start(family([trial.place], range(REPEATS), SMALL.given, SMALL.epochs)), SMALL.epochs)
        np.testing.assert_allclose(trial.losses, snapshot.curves["val_loss"][:, -1], rtol=1e-4)
        np.testing.assert_allclose(trial.train, snapshot.curves["train_loss"][:, -1], rtol=1e-4)


def test_a_search_that_was_interrupted_anywhere_goes_on_as_if_it_had_not_been(outcomes):
    for lane in range(SMALL.lanes):
        own = tuple(o for o in outcomes if json.loads(o.note)["lane"] == lane)
        shares = [SMALL.share(own[:n]) for n in range(len(own) + 1)]
        assert shares == sorted(shares)
        assert (shares[0], shares[-1]) == (0.0, 1.0)
        for n in range(len(own)):
            part = SMALL.following(lane, own[:n])
            assert part.note == own[n].note
            assert part.training.to_json() == own[n].training
        assert SMALL.following(lane, own) is None


def test_what_there_is_of_a_search_can_be_read(outcomes, result):
    some = outcomes[:1] + outcomes[-2:]
    early = SMALL.conclude(some)
    assert not early.complete
    assert np.isnan(early.best[1]).all()
    assert np.isfinite(early.best[0, 0, 0])
    assert np.isnan(early.best[0, 0, -1])
    assert SMALL.conclude(()).value.shape == (4, 1, 12)
    best = result.best
    assert (np.diff(best, axis=-1) <= 0.0).all()
    np.testing.assert_allclose(best[..., -1], result.promised)


def test_rounds_with_several_widths_are_families_one_after_the_other():
    study = MixSearch(budget=8, searches=1, epochs=2)
    part = study.following(2, ())
    note = json.loads(part.note)
    assert len(note["now"]) + len(note["rest"]) == 8
    widths = {SETTINGS["units"].values[place[NAMES.index("units")]] for *_, place in note["now"]}
    assert widths == {float(part.training.hidden[0])}
    assert part.training.members == REPEATS * len(note["now"])
    whole = here.run(study)
    numbers = [
        number for o in whole for _, number, _ in json.loads(o.note)["now"] if json.loads(o.note)["lane"] == 2 and not json.loads(o.note)["fresh"]
    ]
    assert sorted(numbers) == list(range(8))


def test_searches_of_a_method_share_families_and_find_what_they_would_alone():
    """Equal seeds, rounds and values: what the others try makes no difference to a search but for rounding."""
    study = MixSearch(budget=16, searches=3, epochs=5, space="regularisers")
    result = study.conclude(here.run(study))
    part = study.following(2, ())
    assert part.training.members == 3 * ROUND * REPEATS, "one width: a round of each search in one family"
    alone = MixSearch(budget=16, searches=1, epochs=5, space="regularisers")
    first = alone.conclude(here.run(alone))
    for method in METHODS:
        for one, other in zip(result.lane(method, 0).trials, first.lane(method, 0).trials, strict=True):
            assert one.place == other.place
            np.testing.assert_allclose(one.losses, other.losses, rtol=1e-4)
        assert len({trial.place for seed in range(3) for trial in result.lane(method, seed).trials}) > 20, "seeds search elsewhere"
    assert result.delivered.shape == (4, 3)


def test_what_diverges_is_worth_a_finite_bad_loss():
    most = 10.0 * np.log(2.0)
    assert SMALL.worth((np.inf, 0.2)) == pytest.approx((most + 0.2) / 2)
    assert SMALL.worth((np.nan,)) == SMALL.worth((1e9,)) == pytest.approx(most)
    assert MixSearch(data="diabetes").worth((np.inf,)) == pytest.approx(5.0)


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"space": "everything"}, "all"), ({"budget": 0}, "1 to 256"), ({"searches": 17}, "1 to 16"), ({"epochs": 2.5}, "whole number")],
)
def test_a_search_that_no_engine_should_run_is_refused(changes, said):
    with pytest.raises(InvalidInput, match=said):
        MixSearch(**changes)


def test_methods_are_compared_seed_by_seed_and_with_fresh_seeds():
    def lane(method, seed, best):
        trials = tuple(Trial(i, START, (best + 0.1 * (3 - i),) * 2, (0.1,) * 2) for i in range(4))
        return Lane(method, seed, trials, (1.1 * best,) * FRESH)

    study = MixSearch(budget=4, searches=3)
    bests = {"grid": (1.0, 2.0, 3.0), "single": (2.0, 4.0, 6.0), "random": (1.0, 2.0, 3.0), "bayesian": (2.0, 4.0, 6.0)}
    found = SearchResult(study, tuple(lane(key, i, value) for key, values in bests.items() for i, value in enumerate(values)))
    ahead = found.against("random", "single", 3)
    assert float(ahead.mean) == pytest.approx(np.log10(2.0))
    assert float(ahead.half) == pytest.approx(0.0, abs=1e-9)
    assert float(found.against("bayesian", "single", 3).mean) == pytest.approx(0.0)
    assert float(found.against("random", "single").mean) > 0.0


# ----------------------------------------------------------------------------------------------------------------- importance


def scattered(value, count=600, space="all", seed=0):
    rng = np.random.default_rng(seed)
    study = MixSearch(budget=256, searches=3, space=space)
    trials = []
    for i in range(count):
        place = place_of({key: int(rng.integers(len(SETTINGS[key].values))) for key in SPACES[space]})
        trials.append(Trial(i % 200, place, (value(place, rng),) * 2, (0.1,) * 2))
    lanes = [Lane("random", i, tuple(trials[200 * i : 200 * i + 200]), ()) for i in range(3)]
    return SearchResult(study, (*lanes, Lane("grid", 0, tuple(trials), ())))


def test_what_explains_everything_has_a_share_of_one_and_what_explains_nothing_none():
    found = importance(scattered(lambda place, rng: 0.1 + 0.01 * ((place[NAMES.index("dropout")] * 6) // 16)))
    assert found.trials == 600, "those of the random searches alone"
    share = dict(zip(found.keys, found.share, strict=True))
    assert share.pop("dropout") == pytest.approx(1.0)
    assert max(share.values()) < 0.02
    assert dict(zip(found.keys, found.low, strict=True))["lr"] == 0.0


def test_shares_of_settings_that_add_up_are_those_of_the_variance():
    """Where parts are small beside the noise, ranks are nearly linear in their sum, and shares are the parts of its variance."""

    def value(place, rng):
        return 0.5 * float(np.exp(0.2 * ((place[NAMES.index("rule")] == 1) + (place[NAMES.index("batch_norm")]) + rng.normal(0.0, 1.0))))

    shares = []
    for seed in range(6):
        found = importance(scattered(value, seed=seed))
        shares.append([dict(zip(found.keys, found.share, strict=True))[key] for key in ("rule", "batch_norm", "units")])
    variances = np.array([2 / 9, 1 / 4, 1.0])
    np.testing.assert_allclose(np.mean(shares, axis=0)[:2], variances[:2] / variances.sum(), atol=0.05)
    assert np.mean(shares, axis=0)[2] < 0.02


def test_importance_ranks_settings_as_an_independent_library_does():
    import optuna

    def value(place, rng):
        return loss(place) + float(rng.normal(0.0, 0.01))

    result = scattered(value)
    found = importance(result)
    study = optuna.create_study()
    grids = {key: optuna.distributions.IntDistribution(0, len(SETTINGS[key].values) - 1) for key in NAMES}
    for lane in result.lanes[:3]:
        for trial in lane.trials:
            params = dict(zip(NAMES, trial.place, strict=True))
            study.add_trial(optuna.trial.create_trial(params=params, distributions=grids, value=trial.losses[0]))
    evaluator = optuna.importance.FanovaImportanceEvaluator(n_trees=32, seed=0)
    theirs = optuna.importance.get_param_importances(study, evaluator=evaluator)
    ours = dict(zip(found.keys, found.share, strict=True))
    assert sorted(ours, key=ours.get)[-2:] == sorted(theirs, key=theirs.get)[-2:]


def test_too_few_trials_say_nothing():
    assert importance(SMALL.conclude(())) is None
    assert explained(np.zeros(10, dtype=int), np.arange(10.0)) == 0.0
    assert explained(np.arange(10) % 6, np.ones(10)) == 0.0


def test_epsilon_squared_is_its_definition_for_every_resample_at_once():
    from scipy.stats import rankdata

    rng = np.random.default_rng(7)
    group, values = rng.integers(0, 5, (6, 40)), rng.normal(size=(6, 40))
    for i, found in enumerate(explained(group, values)):
        ranks = rankdata(values[i])
        within = sum(((ranks[group[i] == g] - ranks[group[i] == g].mean()) ** 2).sum() for g in np.unique(group[i]))
        k = len(np.unique(group[i]))
        assert found == pytest.approx(1.0 - (within / (40 - k)) / (((ranks - ranks.mean()) ** 2).sum() / 39), abs=1e-12)


# ---------------------------------------------------------------------------------------------------------------------- maps


def made(losses: np.ndarray, kind: str = "lam_p") -> MapResult:
    study = MixMap(kind=kind)
    whole = study.conclude(())
    return MapResult(study, whole.x, whole.y, losses, losses / 2)


@pytest.mark.parametrize("kind", ["lam_p", "rate_lam"])
def test_a_cell_of_a_map_is_the_network_that_its_place_says(kind):
    study = MixMap(kind=kind, rule="sgd", penalty="l1", units=8)
    parts = study.parts()
    assert len(parts) == DRAWS * CELLS // BLOCK
    across, upwards = {"lam_p": ("lam", "dropout"), "rate_lam": ("lr", "lam")}[kind]
    result = study.conclude(())
    for row, column in ((0, 0), (5, 15), (15, 3)):
        member = parts[row // BLOCK].training.member(row % BLOCK * CELLS + column)
        assert getattr(member, across) == result.x[column]
        assert getattr(member, upwards) == result.y[row]
        assert (member.rule, member.rho, member.hidden, member.data_seed, member.seed) == ("sgd", 1.0, (8, 8), 0, 0)
    assert parts[-1].training.data_seed == parts[-1].training.member(0).seed == DRAWS - 1
    assert len(set(result.x)) == len(set(result.y)) == CELLS


def test_a_map_is_put_together_block_by_block_draw_by_draw():
    study = MixMap()
    outcomes = []
    for i in range(DRAWS * CELLS // BLOCK):
        ends = 100.0 * (i // 4) + (i % 4) * 64 + np.arange(64.0)
        curves = {name: np.stack([np.zeros(64), ends], axis=1) for name in ("val_loss", "train_loss")}
        outcomes.append(Outcome(np.array([0, 200]), curves, (), (), ()))
    result = study.conclude(tuple(outcomes))
    assert result.whole == DRAWS
    for draw in range(DRAWS):
        np.testing.assert_array_equal(result.loss[draw].ravel(), 100.0 * draw + np.arange(256.0))
    half = study.conclude((*outcomes[:5], Outcome(np.array([0, 10]), {}, (), (), ())))
    assert half.whole == 1
    assert np.isfinite(half.loss[1, :4]).all()
    assert np.isnan(half.loss[1, 4:]).all()
    np.testing.assert_array_equal(half.mean, result.loss[0].clip(max=half.most))
    first = study.conclude(tuple(outcomes[:2]))
    assert first.whole == 0
    assert first.some
    assert np.isnan(first.mean[8:]).all()
    assert np.isfinite(first.mean[:8]).all()
    assert not study.conclude(()).some


def test_best_cells_ridges_and_what_cannot_be_told_from_them():
    rng = np.random.default_rng(0)
    x, y = np.meshgrid(np.arange(16.0), np.arange(16.0))
    bowl = 0.2 + 0.004 * ((x - (12.0 - 0.5 * y)) ** 2 + (y - 4.0) ** 2)
    losses = bowl + rng.normal(0.0, 1.0, (DRAWS, 1, 1)) * 0.05 + rng.normal(0.0, 1e-4, (DRAWS, 16, 16))
    result = made(losses)
    assert result.best == (4, 10)
    np.testing.assert_array_equal(result.ridge, np.argmin(losses.mean(axis=0), axis=1))
    assert result.level[4, 10]
    assert result.level.sum() < 4, "draws move all cells together, so pairs tell small differences"
    noisy = made(losses + rng.normal(0.0, 0.2, losses.shape))
    assert noisy.level.sum() > 40
    # By hand: a cell's paired differences and Student's interval.
    from scipy import stats

    row, column = noisy.best
    for cell in ((0, 0), (4, 11), (15, 15)):
        apart = noisy.drawn[(slice(None), *cell)] - noisy.drawn[:, row, column]
        low = stats.ttest_1samp(apart, 0.0).confidence_interval(0.95).low
        assert noisy.level[cell] == (low <= 0.0)


def test_intervals_of_a_row_s_best_place_come_from_resampled_draws():
    rng = np.random.default_rng(1)
    losses = 1.0 + 0.01 * (np.arange(16.0) - 6.0) ** 2 + np.zeros((DRAWS, 16, 1))
    sharp = made(losses + rng.normal(0.0, 1e-5, losses.shape))
    np.testing.assert_array_equal(sharp.spread, np.full((16, 2), 6.0))
    vague = made(losses + rng.normal(0.0, 0.3, losses.shape))
    assert (vague.spread[:, 1] - vague.spread[:, 0]).mean() > 1.5
    assert (vague.spread[:, 0] <= vague.ridge + 1e-9).all()
    assert (vague.ridge <= vague.spread[:, 1] + 1e-9).all()


def test_a_ridge_that_falls_is_said_to_fall_and_one_that_does_not_is_not():
    rng = np.random.default_rng(2)
    x, y = np.meshgrid(np.arange(16.0), np.arange(16.0))
    for slope, sign in ((-0.6, -1.0), (0.0, 0.0), (0.6, 1.0)):
        base = 0.1 + 0.002 * (x - (8.0 + slope * (y - 8.0))) ** 2 + 0.0005 * (y - 8.0) ** 2
        result = made(base + rng.normal(0.0, 2e-3, (DRAWS, 16, 16)))
        assert float(result.trend.sign) == sign
        assert slope == 0.0 or float(result.moved.sign) in (sign, 0.0)


def test_a_row_that_is_best_by_luck_does_not_seem_to_have_moved():
    """Without any effect, the interval of the difference leaves 0 in about one of twenty maps, although the best row was chosen by its losses."""
    base = 0.1 + 0.002 * (np.arange(16.0) - 8.0) ** 2 + np.zeros((16, 1))
    wrong = sum(made(base + np.random.default_rng(seed).normal(0.0, 0.02, (DRAWS, 16, 16))).moved.sign != 0.0 for seed in range(300))
    assert wrong < 30


def test_rows_that_learn_nothing_are_left_out_of_the_trend():
    rng = np.random.default_rng(3)
    know_nothing = DATASETS["moons"].ignorance
    losses = np.full((DRAWS, 16, 16), know_nothing) + rng.uniform(0, 1e-3, (DRAWS, 16, 16))
    assert not np.isfinite(made(losses).trend.mean)
    losses[:, :4] = 0.1 + 0.01 * np.abs(np.arange(16.0) - np.array([9, 8, 7, 6.0])[:, None])
    assert float(made(losses).trend.mean) == pytest.approx(-1.0)


def test_values_of_the_maps_ascend_along_the_settings_grids():
    for key in ("lam", "dropout", "lr"):
        along = places_along(key)
        assert along[0] == 0
        assert along[-1] == len(SETTINGS[key].values) - 1
        assert sorted(set(along)) == list(along)
