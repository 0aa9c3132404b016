"""Smoothing and curvature: the shift apart from the move, speeds predicted and measured, minima that go, and everything drawn finite."""

import numpy as np
import pytest

from core.figures.bifurcation import bifurcation
from core.figures.convergence import convergence
from core.figures.eigenvalue_lines import eigenvalue_lines
from core.figures.minima_marks import branch_runs
from core.figures.smoothing_panel import smoothing_axis, smoothing_readouts
from core.figures.smoothing_planes import original_plane, original_surface, penalised_plane, penalised_surface
from core.penalties import L1, L2
from core.quadratic import Quadratic
from core.regularized import penalized
from core.smoothing import MEMBERS, STEPS, solve
from core.smoothing_words import definiteness, minima_sentences, rate_sentences, shift_sentences
from core.specs import SMOOTHING_PRESETS, SmoothingSpec
from core.surfaces import SURFACES
from core.wording import number
from tests.core.test_race import finite

FIGURES = (original_plane, penalised_plane, original_surface, penalised_surface, eigenvalue_lines, bifurcation, convergence)
SMOOTH = [key for key in SURFACES if key not in ("ackley", "saddle", "monkey_saddle")]


@pytest.mark.parametrize("key", SURFACES)
def test_at_a_fixed_point_every_eigenvalue_slides_by_two_lambda(key):
    result = solve(SmoothingSpec(surface=key, point1=0.3, point2=0.4))
    hessian = result.surface.hessian(result.point)
    expected = np.linalg.eigvalsh(hessian + 2 * result.lam[:, None, None] * np.eye(2))
    np.testing.assert_allclose(result.at_point.eigenvalues, expected, rtol=1e-12, atol=1e-12 * np.abs(hessian).max())


def test_on_a_quadratic_the_minimum_moves_and_its_own_curvature_does_not():
    result = solve(SmoothingSpec(surface="rotated_ravine"))
    np.testing.assert_allclose(result.own, np.tile(result.own[0], (MEMBERS, 1)), rtol=1e-9)
    problem = Quadratic(result.surface.hessian((0.0, 0.0)), np.array([2.0, 1.0]))
    np.testing.assert_allclose(result.minimum, penalized(problem, L2(), result.lam).w, atol=1e-9)


def test_elsewhere_the_hessian_changes_on_its_own_and_the_page_tells_the_two_apart():
    result = solve(SmoothingSpec(surface="himmelblau"))
    hessian = result.surface.hessian(result.minimum)
    np.testing.assert_allclose(result.at_minimum, np.linalg.eigvalsh(hessian) + 2 * result.lam[:, None], rtol=1e-12)
    change = result.own - result.own[0]
    assert np.abs(change[20]).max() > 1.0
    for i in (5, 20, 40):
        assert number(2 * float(result.lam[i])) in shift_sentences(result)[i]
        assert number(float(change[i, 0])) in shift_sentences(result)[i]


@pytest.mark.parametrize("treatment", ["subgradient", "proximal", "decoupled"])
@pytest.mark.parametrize("rule", ["sgd", "momentum", "nesterov"])
def test_the_predicted_factor_is_the_measured_one_on_every_smooth_surface(rule, treatment):
    for key in SMOOTH:
        result = solve(SmoothingSpec(surface=key, rule=rule, treatment=treatment, share=0.6))
        apart = np.abs(result.predicted - result.measured)[result.settles]
        if rule != "sgd" and treatment == "proximal":
            # Momentum's prox grows into its scaling over the first steps, when a fast run is already done: its long run is tested with the limits.
            continue
        # Complex eigenvalues turn as they shrink, and a few lambdas' bends are felt 1e-4 windows away: nine in ten within three percent.
        assert np.quantile(apart, 0.9) < 0.03, (key, apart.max())


@pytest.mark.parametrize("rule", ["sgd", "momentum", "nesterov"])
def test_beyond_the_drawn_limit_a_run_grows_and_below_it_shrinks(rule):
    # Momentum's prox may go astray before it settles: its long run is tested with the limits.
    for treatment in ("subgradient", "proximal", "decoupled") if rule == "sgd" else ("subgradient", "decoupled"):
        below = solve(SmoothingSpec(surface="ravine", rule=rule, treatment=treatment, share=0.95))
        above = solve(SmoothingSpec(surface="ravine", rule=rule, treatment=treatment, share=1.05))
        limited = np.isfinite(below.limit) & (below.predicted < 0.98) & (above.predicted > 1.02)
        assert limited.sum() > 10 or below.strays.any()
        if below.strays.any():
            assert all("it rests where" in words for words in rate_sentences(below)[1:])
            continue
        assert (below.measured[limited] < 1.0).all()
        assert (above.measured[limited] > 1.0).all()
        assert all("beyond the limit" in words for words, finite in zip(rate_sentences(above), limited, strict=True) if finite)


def test_the_prox_raises_the_limit_until_there_is_none():
    result = solve(SmoothingSpec(surface="ravine", treatment="proximal"))
    finite_part = result.limit[np.isfinite(result.limit)]
    assert (np.diff(finite_part) > 0).all()
    np.testing.assert_array_equal(np.isinf(result.limit), 2 * result.lam >= 10.0 - 1e-9)
    np.testing.assert_allclose(finite_part, 2 / (10.0 - 2 * result.lam[: len(finite_part)]), rtol=1e-9)


def test_a_saddle_gets_a_minimum_where_its_lower_eigenvalue_passes_zero():
    result = solve(SmoothingSpec(surface="saddle", point1=0.0, point2=0.0))
    np.testing.assert_array_equal(result.found, 2 * result.lam > 1.0)
    assert result.minima.born[0] == pytest.approx(0.5, rel=1e-5)
    condition = result.at_point.condition_number
    i = int(np.argmin(np.abs(result.lam - 0.4)))
    shifted = (2 + 2 * result.lam[i]) / abs(-1 + 2 * result.lam[i])
    assert condition[i] == pytest.approx(shifted)
    assert condition[i] > condition[0] == 2.0
    said = minima_sentences(result)
    assert said[0].startswith("No minimum at λ = 0")
    assert "appeared at λ = 0.5" in said[-1]


def test_at_equal_depth_and_distance_the_wide_basin_goes_first():
    result = solve(SmoothingSpec(surface="two_basins"))
    minima = result.minima
    here = {("wide" if minima.w[0, b, 0] > 0 else "narrow"): float(minima.ends[b]) for b in range(2) if minima.exists[0, b]}
    assert set(here) == {"wide", "narrow"}
    assert here["wide"] < here["narrow"]


def test_the_counts_in_the_sentences_are_those_of_a_brute_force_grid():
    result = solve(SmoothingSpec())
    ticks = np.linspace(-4, 4, 1601)
    grid = np.stack(np.meshgrid(ticks, ticks), axis=-1)
    loss, cost = result.surface.value(grid), L2().value(grid)
    for i in (0, 12, 25, 60):
        z = loss + result.lam[i] * cost
        inner = z[1:-1, 1:-1]
        around = [z[1 + dy : 1600 + dy, 1 + dx : 1600 + dx] for dy in (-1, 0, 1) for dx in (-1, 0, 1) if dx or dy]
        count = int(np.all([inner < other for other in around], axis=0).sum())
        assert result.minima.counts[i] == count
        word = "One minimum" if count == 1 else f"{count} minima"
        assert minima_sentences(result)[i].startswith(word)


def test_l1_leaves_the_eigenvalues_at_a_point_alone_and_bounces_without_its_prox():
    bouncing = solve(SmoothingSpec(surface="six_hump_camel", penalty="l1"))
    np.testing.assert_array_equal(bouncing.at_point.eigenvalues, np.tile(bouncing.at_point.eigenvalues[0], (MEMBERS, 1)))
    assert bouncing.bounces[1:].any()
    assert any("bounces" in words for words in rate_sentences(bouncing))
    assert not solve(SmoothingSpec(surface="six_hump_camel", penalty="l1", treatment="proximal")).bounces.any()


def test_a_kink_of_the_loss_is_named_and_not_predicted():
    result = solve(SmoothingSpec(surface="ackley"))
    assert result.kinked.all()
    assert "kink" in rate_sentences(result)[0]
    assert not solve(SmoothingSpec(surface="rastrigin")).kinked.any()
    assert L1().l1 == 1.0


def test_the_point_is_the_sharpest_minimum_until_it_is_chosen():
    result = solve(SmoothingSpec())
    assert result.at_point.eigenvalues[0, 1] == pytest.approx(result.minima.eigenvalues[0][result.minima.exists[0]].max())
    np.testing.assert_allclose(solve(SmoothingSpec(point1=1.0, point2=-2.0)).point, (1.0, -2.0))
    np.testing.assert_allclose(solve(SmoothingSpec(point1=9.0, point2=-2.0)).point, (4.0, -2.0))


@pytest.mark.parametrize(
    ("values", "word"), [((1, 2), "positive definite"), ((-1, 2), "indefinite"), ((-2, -1), "negative definite"), ((0, 1), "singular")]
)
def test_definiteness_is_named(values, word):
    assert definiteness(np.array(values, dtype=float)) == word


def test_runs_of_existence_are_unbroken():
    assert branch_runs(np.array([True, True, False, True])) == [slice(0, 2), slice(3, 4)]
    assert branch_runs(np.zeros(3, dtype=bool)) == []


@pytest.mark.parametrize("share", [0.05, 1.05])
@pytest.mark.parametrize(
    ("penalty", "treatment", "rule"), [("l1", "proximal", "momentum"), ("l2", "subgradient", "sgd"), ("elastic_net", "decoupled", "nesterov")]
)
def test_no_nan_no_infinity_and_no_empty_chart_at_the_extremes(penalty, treatment, rule, share):
    for surface in SURFACES:
        result = solve(
            SmoothingSpec(surface=surface, penalty=penalty, treatment=treatment, rule=rule, share=share, condition=1000.0, point1=9.0, point2=9.0)
        )
        for draw in FIGURES:
            scene = draw(result)
            assert finite(scene), (draw, surface)
            assert scene.marks or scene.blends
            assert scene.graph()
        for readout in smoothing_readouts(result):
            assert len(readout.values) == MEMBERS
            if isinstance(readout.values, np.ndarray):
                assert np.isfinite(readout.values).all()
            else:
                assert not any("nan" in word or "inf" in word for word in readout.values)
        for said in (minima_sentences(result), shift_sentences(result), rate_sentences(result)):
            assert len(said) == MEMBERS
            assert not any("nan" in words or "inf " in words for words in said)


@pytest.mark.parametrize("name", SMOOTHING_PRESETS)
def test_presets_move_something_and_marks_fit_their_axis(name):
    result = solve(SMOOTHING_PRESETS[name])
    axis = smoothing_axis(result)
    assert len({index for index, _ in axis.marks}) == len(axis.marks)
    assert np.ptp(result.landscape.floor) > 0 or np.ptp(result.at_point.eigenvalues[:, 0]) > 0
    for draw in FIGURES:
        for mark in draw(result).marks:
            assert mark.xy.shape[: len(mark.axes)] == (MEMBERS,) * len(mark.axes)
    assert result.distance.shape == (MEMBERS, STEPS + 1)


def test_a_stretch_is_one_branch_and_the_lines_break_between_two():
    result = solve(SmoothingSpec(surface="two_basins"))
    assert len(result.stretches) >= 2
    for part in result.stretches:
        assert len(set(result.lowest[part].tolist())) == 1
        assert np.abs(np.diff(result.minimum[part], axis=0)).max(initial=0.0) < 0.7
    assert sum(part.stop - part.start for part in result.stretches) == int(result.found.sum())
    way = next(mark for mark in penalised_plane(result).marks if mark.name == "lowest minimum's way").xy
    assert np.linalg.norm(way[1::2] - way[::2], axis=-1).max() < 1.0
