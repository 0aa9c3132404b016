"""A typed surface with holes, or with kinks: descents that step into one, landscapes, minima and the labs on top of them."""

from __future__ import annotations

import numpy as np
import pytest

from core import race, smoothing
from core.anatomy import take_apart
from core.descent import TREATMENTS, descend, ends
from core.errors import InvalidInput
from core.figures.race_plane import race_plane
from core.figures.smoothing_planes import original_plane, original_surface, penalised_plane, penalised_surface
from core.lambdas import lambda_axis
from core.landscapes import landscape
from core.minima import MOST, find_minima
from core.optimizers import RULES, SGD
from core.penalties import L1, L2
from core.race_words import focus_message, standings
from core.specs import AdamAndAdamWSpec, RaceSpec, SmoothingSpec
from core.specs.ground import OWN, chosen_surface, own_of
from core.surfaces import parse_surface
from core.surfaces.typed import Typed

BARRIER = "w1**2 + w2**2 - log(1 - w1 - w2)"
HOLES = ("log(w1) + w2**2", "sqrt(w1 + 1) + w2**2", "1/w1 + w2**2", "(w1 + 2)**1.5*w2**2", "tan(w1)**2 + w2**2", BARRIER, "w2**2 - log(w1**2)")


# ------------------------------------------------------------------------------------------------------------------------ descents


def test_a_step_into_a_hole_ends_the_run_where_it_was_with_a_sentence_that_says_where_and_why():
    surface = parse_surface("w1 - log(w1)/2 + w2**2")  # its minimum at w1 = 0.5; slope 1 - 1/(2 w1)
    run = descend(surface, SGD(), (1.0, 0.5), [0.1, 2.5], 200)
    # By hand: from 1 the slope is 0.5, and 1 - 2.5*0.5 = -0.25; from 0.5, w2 goes to 0.5 - 2.5*1 = -2.
    assert run.status.tolist() == ["converged", "diverged"]
    assert run.steps.tolist() == [200, 0]
    assert (run.x[1] == (1.0, 0.5)).all()
    assert run.beyond[1].tolist() == [-0.25, -2.0]
    assert run.message[1] == (
        "Diverged: step 1 left the formula's domain at (−0.25, −2): log of a negative number, −0.25. Lower the rate, or start elsewhere."
    )


@pytest.mark.parametrize("text", HOLES)
@pytest.mark.parametrize("key", RULES)
def test_no_run_ever_stands_in_a_hole_and_every_number_of_it_is_finite(text, key):
    surface = parse_surface(text)
    rates = np.geomspace(1e-3, 30.0, 12)
    for treatment in TREATMENTS:
        given = (surface, RULES[key](weight_decay=0.0), surface.start, rates, 40, L2(), 0.1, treatment)
        run, last, parts = descend(*given), ends(*given), take_apart(*given)
        assert np.isfinite(surface.value(run.x)).all()
        for array in (run.x, run.loss, run.objective, run.gradient_norm, parts.arrows, parts.x):
            assert np.isfinite(array).all()
        assert np.abs(run.loss).max() < 1e300
        np.testing.assert_array_equal(last.x, run.x[:, -1])
        np.testing.assert_array_equal(last.diverged, run.status == "diverged")
        np.testing.assert_array_equal(parts.x, run.x)
        for i in np.flatnonzero(run.status == "diverged"):
            beyond = run.beyond[i]
            if np.isfinite(beyond).all() and surface.why_not(beyond):
                assert f"step {run.steps[i] + 1} left the formula's domain" in run.message[i]
                assert surface.why_not(beyond) in run.message[i]
            # The last step is the rule's own: it is taken again from where the run rests.
            assert run.steps[i] < 40
            assert (run.x[i, run.steps[i] :] == run.x[i, -1]).all()


def test_a_rule_that_looks_ahead_into_a_hole_stops_there_with_a_sentence():
    run = descend(parse_surface("sqrt(w1)*2 + w2**2"), RULES["fista"](), (0.5, 1.0), np.geomspace(0.05, 2.0, 30), 60)
    gone = run.status == "diverged"
    assert gone.any()
    assert all("left the formula's domain" in said for said in run.message[gone])


def test_a_run_on_a_formula_without_holes_is_what_it_was_without_the_question():
    plain = parse_surface("(1 - w1)**2 + 100*(w2 - w1**2)**2")
    same = parse_surface("(1 - w1)**2 + 100*(w2 - w1**2)**2 + 0*sqrt(w1 + 1e6)")
    assert (plain.partial, same.partial) == (False, True)
    for key, rule in RULES.items():
        one, other = (descend(each, rule(), (-1.2, 1.0), [1e-3, 1e-2, 1.0], 80) for each in (plain, same))
        np.testing.assert_allclose(one.x, other.x, rtol=1e-9, err_msg=key)
        assert one.status.tolist() == other.status.tolist()


# ---------------------------------------------------------------------------------------------------------------------- landscapes


@pytest.mark.parametrize("text", HOLES)
def test_a_hole_is_left_out_of_the_landscape_of_its_floor_its_levels_and_the_lambdas(text):
    surface, lam = parse_surface(text), np.array([0.0, 0.5, 4.0])
    land = landscape(surface, L2(), lam)
    grid = np.stack(np.meshgrid(land.x, land.y), axis=-1)
    assert (np.isnan(land.loss) == ~np.isfinite(surface.value(grid))).all()
    there = ~np.isnan(land.loss)
    assert there.any()
    for i, each in enumerate(lam):
        assert land.floor[i] <= (land.loss + each * land.added)[there].min()
    assert np.isfinite(land.levels).all()
    assert (np.diff(land.levels) > 0.0).all()
    assert land.floor.max() < land.top < 1e13
    assert bool(land.note) == (~there).any()
    for penalty in (L1(), L2()):
        axis = lambda_axis(surface, penalty)
        assert np.isfinite(axis).all()
        assert (np.diff(axis) > 0.0).all()


def test_a_window_without_any_value_is_refused():
    with pytest.raises(InvalidInput, match="no value"):
        landscape(parse_surface("log(w1)"), bounds=[(-3.0, -1.0), (0.0, 1.0)])


def test_level_ground_has_an_axis_of_lambdas_too():
    assert lambda_axis(parse_surface("5"), L2())[-1] == 1.0


# -------------------------------------------------------------------------------------------------------------------------- minima


def test_the_minimum_beside_a_barrier_is_that_of_its_closed_form_for_every_lambda():
    """By symmetry w1 = w2 = t: 2 (1 + lam) t + 1 / (1 - 2 t) = 0, a quadratic in t."""
    lam = np.linspace(0.0, 3.0, 13)
    found = find_minima(parse_surface(BARRIER), L2(), lam)
    assert found.counts.tolist() == [1.0] * len(lam)
    a = 2.0 * (1.0 + lam)
    t = (a - np.sqrt(a * a + 8.0 * a)) / (4.0 * a)
    np.testing.assert_allclose(found.w[:, 0], np.stack([t, t], axis=-1), atol=1e-9)


def test_of_more_minima_than_can_be_followed_the_lowest_are():
    surface = parse_surface("sin(9*w1)*sin(9*w2) + w1/9", [(-10.0, 10.0), (-10.0, 10.0)])
    found = find_minima(surface, L2(), 0.0)
    assert found.counts[0] == MOST
    # Each cell of the pattern has one, 7 % apart along w1: the lowest are those on the left.
    assert found.w[0, :, 0].max() < 0.0


# --------------------------------------------------------------------------------------------------------------------------- labs


@pytest.mark.parametrize("text", [*HOLES, "maximum(abs(w1 - 1), abs(w2))", "minimum((w1 - 1)**2, (w1 + 1)**2) + w2**2", "5", "w1", "exp(w1*w2)"])
def test_the_race_and_the_smoothing_lab_run_on_it_with_finite_numbers(text):
    raced = race.solve(RaceSpec(surface=OWN, formula=text, fista=True, steps=50.0))
    assert raced.displaced == ""
    for array in (raced.bottom, raced.floor, raced.anatomy.arrows, *(run.objective for run in raced.runs.values())):
        assert np.isfinite(array).all()
    assert np.isfinite(raced.surface.value(raced.bottom)).all()
    assert (raced.landscape.note in said for said in race_plane(raced).captions)
    for said in (*standings(raced), *focus_message(raced)):
        assert "nan" not in said.lower()
        assert "inf" not in said.lower().replace("infinite", "")
    smooth = smoothing.solve(SmoothingSpec(surface=OWN, formula=text))
    assert np.isfinite(smooth.at_point.eigenvalues).all()
    assert np.isfinite(smooth.surface.value(smooth.minimum)).all()
    for scene in (original_plane(smooth), penalised_plane(smooth), original_surface(smooth), penalised_surface(smooth)):
        for blend in scene.blends:
            assert np.isfinite(blend.floor).all()
            assert (np.isnan(blend.base) == np.isnan(smooth.landscape.loss)).all()


@pytest.mark.parametrize("text", [*HOLES, "5", "1e11*w1", "w1**16 + 1e-12*w2", "exp(-w1**2)/1e12"])
@pytest.mark.parametrize("penalty", ["l1", "l2"])
def test_every_lambda_of_a_scrub_is_a_setting(text, penalty):
    given = {"surface": OWN, "formula": text, "penalty": penalty, "half": 2.0}
    for spec, solve in ((RaceSpec(**given), race.ground), (SmoothingSpec(**given), smoothing.solve)):
        lam = solve(spec).lam
        assert lam[-1] > 0.0
        assert spec.replace(lam=float(lam[-1])).lam == pytest.approx(lam[-1])


def test_a_typed_rosenbrock_is_raced_on_as_the_built_in_one():
    given = {"steps": 100.0, "mode": "same", "rate": 1e-3, "start1": -1.2, "start2": 1.0, "adam": True}
    own = race.solve(RaceSpec(surface=OWN, formula="(1 - w1)**2 + 100*(w2 - w1**2)**2", middle1=0.0, middle2=1.0, half=2.0, **given))
    built_in = race.solve(RaceSpec(surface="rosenbrock", **given))
    assert own.surface.bounds.tolist() == built_in.surface.bounds.tolist()
    for key, run in own.runs.items():
        np.testing.assert_allclose(run.x, built_in.runs[key].x[:, : run.x.shape[1]][: len(run.x)], rtol=1e-9, atol=1e-12)
        assert run.status.tolist() == built_in.runs[key].status.tolist()


def test_a_start_or_a_point_in_a_hole_gives_way_to_the_nearest_that_is_in_none_and_says_so():
    raced = race.solve(RaceSpec(surface=OWN, formula="log(w1) + w2**2", start1=-1.0, start2=0.5, steps=50.0))
    assert np.isfinite(raced.surface.value(raced.start))
    assert np.abs(raced.start - (0.0, 0.5)).max() <= 0.3
    assert "not defined at the start (−1, 0.5): log of a negative number, −1." in raced.displaced
    smooth = smoothing.solve(SmoothingSpec(surface=OWN, formula="sqrt(w1) + w2**2", point1=0.0, point2=1.0))
    assert "the point (0, 1): its slope is no finite number there" in smooth.displaced
    assert np.isfinite(smooth.at_point.eigenvalues).all()
    assert race.solve(RaceSpec(start1=1.0, start2=1.0, steps=50.0)).displaced == ""


@pytest.mark.parametrize("spec_type", [RaceSpec, SmoothingSpec])
def test_settings_with_a_formula_that_is_no_surface_do_not_exist(spec_type):
    assert spec_type(surface=OWN).surface == OWN
    with pytest.raises(InvalidInput, match="character '\\^' at character 3"):
        spec_type(formula="w1^2")
    with pytest.raises(InvalidInput, match="almost anywhere"):
        spec_type(surface=OWN, formula="log(w1 - 7)")
    spec = spec_type(surface=OWN, formula=" log(w1\n- 7) ", middle1=8.0, half=2.0)
    assert spec.formula == "log(w1 - 7)"
    assert spec_type(formula="log(w1 - 7)").surface != OWN  # it is not looked at
    with pytest.raises(InvalidInput, match="text such as"):
        spec_type(formula=5)
    surface = chosen_surface(spec.surface, spec.condition, own_of(spec))
    assert surface.bounds.tolist() == [[6.0, 10.0], [-2.0, 2.0]]
    assert isinstance(surface.definition, Typed)


def test_adam_and_adamw_take_a_quadratic_and_no_other_formula():
    from core.adam_and_adamw import chosen_bowl, solve

    spec = AdamAndAdamWSpec(surface=OWN, formula="(w1 - 8)**2/2 + 0.6*(w1 - 8)*(w2 - 1) + (w2 - 1)**2", steps=500.0)
    own, built_in = chosen_bowl(spec), chosen_bowl(spec.replace(surface="bowl"))
    np.testing.assert_allclose(own.train.hessian, built_in.train.hessian, rtol=1e-12)
    np.testing.assert_allclose(own.train.centre, built_in.train.centre, rtol=1e-12)
    mine, theirs = solve(spec), solve(spec.replace(surface="bowl"))
    for key, run in mine.runs.items():
        np.testing.assert_allclose(run.x, theirs.runs[key].x, rtol=1e-9, atol=1e-9)
    with pytest.raises(InvalidInput, match="no quadratic"):
        AdamAndAdamWSpec(surface=OWN, formula="w1**4 + w2**2")
    assert AdamAndAdamWSpec(formula="w1**4 + w2**2").surface == "bowl"
