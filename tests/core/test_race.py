"""The race: every rule's run is the run it names, fair rates are the best of those tried, and everything drawn is finite."""

import io
import itertools

import numpy as np
import pandas as pd
import pytest

from core.curvature.stability import stable_rate
from core.descent import descend
from core.export.race_table import race_csv
from core.figures.escape_bars import escape_bars
from core.figures.race_curves import race_curves
from core.figures.race_panel import lambda_axis_of, race_readouts, step_axis
from core.figures.race_plane import race_plane
from core.figures.rate_curves import rate_curves
from core.figures.step_anatomy import step_anatomy
from core.lambdas import lambda_axis, member_at
from core.optimizers import RULES
from core.penalties import L1, L2, ElasticNet
from core.race import ONE_BASIN, RATES, crowd, entrant, solve
from core.race_words import certificate_sentence, escape_sentence, focus_message, standings
from core.regularized import penalized
from core.specs import RACE_PRESETS, RaceSpec
from core.surfaces import SURFACES
from core.wording import number
from tests.core.problems import Quadratic
from ui import plot

FIGURES = (race_plane, race_curves, rate_curves, step_anatomy)
ALL = dict.fromkeys(RULES, True)


def finite(node):
    """Whether every number of a packed scene is one; NaN passes `max`, so it is asked for by name."""
    from tests.pages.harness import unpack

    def walk(part):
        if isinstance(part, np.ndarray):
            return bool(np.isfinite(part).all())
        if isinstance(part, dict):
            return all(walk(each) for each in part.values())
        return all(walk(each) for each in part) if isinstance(part, list) else True

    return walk(unpack(plot.pack_chart(node, name="n", group="g")))


@pytest.mark.parametrize("mode", ["fair", "same"])
def test_every_run_is_the_descent_that_it_names(mode):
    race = solve(RaceSpec(surface="beale", penalty="elastic_net", treatment="proximal", mode=mode, steps=50, noise=0.5, seed=3, **ALL))
    assert list(race.runs) == list(RULES)
    for key, run in race.runs.items():
        for i in (0, 7, 30):
            alone = descend(race.surface, entrant(key), race.start, race.rates[key][i], 50, ElasticNet(0.5), race.lam[i], "proximal", 0.5, [3])
            np.testing.assert_array_equal(run.x[i], alone.x[0])


def test_fair_rates_end_no_higher_than_any_other_rate_that_was_tried():
    race = solve(RaceSpec(surface="himmelblau", steps=50))
    for key, run in race.runs.items():
        for i in (0, 15, 30):
            others = [descend(race.surface, entrant(key), race.start, rate, 50, L2(), race.lam[i]) for rate in RATES]
            ends = [np.inf if other.status[0] == "diverged" else other.objective[0, -1] for other in others]
            way = race.surface.value(race.start) - min(ends)
            assert run.objective[i, -1] <= min(ends) + 1e-12 * abs(way)
            lower = race.rates[key][i] > RATES
            assert all(end > min(ends) + 1e-12 * abs(way) for end, below in zip(ends, lower, strict=True) if below), "the lowest rate that does"


def test_adamw_is_adam_without_a_penalty_and_parts_from_it_with_one():
    race = solve(RaceSpec(surface="rotated_ravine", adamw=True, mode="same", rate=0.1))
    np.testing.assert_array_equal(race.runs["adam"].x[0], race.runs["adamw"].x[0])
    assert np.abs(race.runs["adam"].x[20] - race.runs["adamw"].x[20]).max() > 0.01


def test_the_lowest_point_of_a_quadratic_is_its_exact_penalised_minimum():
    for name, penalty in (("l1", L1()), ("l2", L2()), ("elastic_net", ElasticNet(0.5))):
        race = solve(RaceSpec(surface="rotated_ravine", penalty=name, steps=50))
        problem = Quadratic(race.surface.hessian((0.0, 0.0)), np.array([2.0, 1.0]))
        np.testing.assert_allclose(race.bottom, penalized(problem, penalty, race.lam).w, atol=1e-5)


def test_the_limit_is_that_of_the_curvature_at_the_lowest_point():
    race = solve(RaceSpec(surface="ravine", focus="momentum", steps=50))
    np.testing.assert_allclose(race.limit, stable_rate(RULES["momentum"](), "subgradient", 10.0, 2 * race.lam), rtol=1e-9)
    assert np.isnan(solve(RaceSpec(surface="ravine", focus="adam", steps=50)).limit).all()


def test_proximal_races_count_exact_zeros_and_subgradient_races_find_none():
    zeros = {}
    for treatment in ("proximal", "subgradient"):
        race = solve(RaceSpec(surface="rotated_ravine", penalty="l1", treatment=treatment, mode="same", rate=0.05))
        zeros[treatment] = race.zeros("sgd")
    assert zeros["proximal"].max() == 2
    assert zeros["subgradient"].sum() == 0


def test_the_axis_starts_without_a_penalty_and_ends_where_it_decides():
    for surface, penalty in itertools.product(SURFACES.values(), (L1(), L2(), ElasticNet(0.5))):
        lam = lambda_axis(surface, penalty)
        assert lam[0] == 0.0
        assert (np.diff(lam) > 0).all()
        assert member_at(lam, 1e9) == 30
        if surface.key not in ("saddle", "monkey_saddle"):
            grid = np.stack(np.meshgrid(*(np.linspace(low, high, 201) for low, high in surface.bounds)), axis=-1).reshape(-1, 2)
            least = grid[(surface.value(grid) + lam[-1] * penalty.value(grid)).argmin()]
            free = grid[surface.value(grid).argmin()]
            assert penalty.value(least) <= 0.1 * max(penalty.value(free), 0.5 * float(np.median(penalty.value(grid))))


def test_every_number_in_the_standings_is_that_of_a_run():
    race = solve(RaceSpec(surface="ravine", mode="same", rate=0.1995, steps=100))
    for i, said in enumerate(standings(race)):
        for key, run in race.runs.items():
            if run.status[i] == "diverged":
                assert RULES[key].label in said.partition("lowest point:")[2].rpartition(";")[2]
                assert said.endswith("diverged.")
            else:
                assert number(max(0.0, float(run.objective[i, -1] - race.floor[i]))) in said
    assert all("rate 0.2" in words for words in focus_message(race))


def test_a_run_that_diverges_says_why():
    race = solve(RaceSpec(surface="ravine", mode="same", rate=0.398, focus="sgd"))
    assert "|1 - 3.98| = 2.98 > 1" in focus_message(race)[0]


def test_certificates_are_those_of_the_tests():
    assert "10⁻¹⁶" in certificate_sentence("adam")
    assert "paper" in certificate_sentence("fista")


def test_crowds_are_counted_where_there_is_somewhere_to_go():
    spec = RACE_PRESETS["Stuck in a sharp minimum"].replace(steps=100)
    counted = crowd(solve(spec))
    assert counted is not None
    assert np.abs(counted.home - (-2.13, -1.56)).max() < 0.02
    assert {each.x.shape for each in counted.counts.values()} == {(500, 2)}
    assert "of 500 runs each" in escape_sentence(counted)
    assert finite(escape_bars(counted))
    assert escape_bars(counted).graph()
    still = crowd(solve(spec.replace(noise=0.0)))
    assert still is not None
    assert all(each.share == 0.0 for each in still.counts.values())
    assert "Without noise" in escape_sentence(still)
    assert all(crowd(solve(RaceSpec(surface=key, steps=50, crowd=True, momentum=False, adam=False, focus="sgd"))) is None for key in ONE_BASIN)


EXTREMES = [
    {"mode": "same", "rate": 1e-4},
    {"mode": "same", "rate": 10.0, "noise": 10.0},
    {"mode": "fair", "noise": 10.0},
    {"mode": "same", "rate": 10.0, "start1": 9.0, "start2": 9.0},
]


@pytest.mark.parametrize("extreme", EXTREMES, ids=str)
@pytest.mark.parametrize("surface", SURFACES)
def test_no_nan_no_infinity_and_no_empty_chart_at_the_extremes(surface, extreme):
    kinds = (("l1", "proximal", 1000.0), ("l2", "clamped", 1.0), ("elastic_net", "decoupled", 25.0), ("l2", "subgradient", 25.0))
    penalty, treatment, condition = kinds[(list(SURFACES).index(surface) + EXTREMES.index(extreme)) % len(kinds)]
    race = solve(RaceSpec(surface=surface, penalty=penalty, treatment=treatment, condition=condition, steps=50, **extreme, **ALL))
    for draw in FIGURES:
        scene = draw(race)
        assert finite(scene), draw
        assert scene.graph()
        assert scene.marks
    for readout in race_readouts(race):
        assert len(readout.values)
        if isinstance(readout.values, np.ndarray):
            assert np.isfinite(readout.values.astype(np.float32)).all(), readout.label
        else:
            assert not any("nan" in words or "inf" in words for words in readout.values), readout.values
    assert not any("nan" in words or "inf " in words for words in standings(race))


def test_the_parts_of_a_step_are_drawn_head_to_tail_and_end_where_the_step_ends():
    race = solve(RaceSpec(focus="adamw", adamw=True, steps=50))
    arrow, chain = step_anatomy(race).marks
    np.testing.assert_allclose(arrow.xy[:, :, 0], chain.xy[:, :, 0])
    np.testing.assert_allclose(arrow.xy[:, :, 1], chain.xy[:, :, -1])
    parts, drawn = race.anatomy.arrows[10, 20], np.diff(chain.xy[10, 20], axis=0)
    present = parts[np.abs(race.anatomy.arrows).max(axis=(0, 1, 3)) > 0]
    scale = drawn / np.where(present == 0, 1.0, present)
    assert np.ptp(scale[present != 0]) < 1e-6 * np.abs(scale).max(), "all parts share one scale"
    assert np.abs(chain.xy).max() <= 1.0 + 1e-9
    assert chain.xy.shape[1] == 51


def test_every_curve_is_the_gap_of_its_run_and_both_axes_fit_the_marks():
    race = solve(RaceSpec(steps=50))
    axes = {"lam": lambda_axis_of(race), "step": step_axis(race)}
    for draw in FIGURES:
        for mark in draw(race).marks:
            lead = mark.xy.shape[: len(mark.axes)]
            assert lead == tuple(len(axes[name].values) for name in mark.axes)
            if mark.until:
                assert mark.xy.shape[len(mark.axes)] == len(axes[mark.until].values)
    curves = {mark.name: mark.xy for mark in race_curves(race).marks if mark.kind == "path"}
    for key, run in race.runs.items():
        gap = run.objective - race.floor[:, None]
        shown = gap > 1e-9
        np.testing.assert_allclose(curves[RULES[key].label][shown], gap[shown], rtol=1e-9)


def test_the_table_of_a_race_holds_every_run_to_the_last_digit():
    race = solve(RaceSpec(surface="beale", steps=50))
    table = pd.read_csv(io.BytesIO(race_csv(race)))
    assert len(table) == 3 * 31 * 51
    part = table[(table.rule == "adam") & (table["lambda"] == race.lam[7])]
    np.testing.assert_array_equal(part[["w1", "w2"]].to_numpy(), race.runs["adam"].x[7])
    np.testing.assert_array_equal(part["objective"].to_numpy(), race.runs["adam"].objective[7])


@pytest.mark.parametrize("name", RACE_PRESETS)
def test_every_preset_is_a_race_in_which_something_happens(name):
    race = solve(RACE_PRESETS[name])
    for key, run in race.runs.items():
        assert np.ptp(run.x[race.member], axis=0).max() > 1e-3, key
