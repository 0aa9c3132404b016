"""The lab "Step by step": the course's tables to the last digit, closed forms, and three ways at zero against loops written out here."""

import itertools
import math
from decimal import Decimal
from fractions import Fraction
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.specs import STEP_BY_STEP_PRESETS, StepByStepSpec
from core.step_by_step import LIMIT, TOLERANCE, TREATMENTS, Event, solve, step_of

solved = cache(solve)
KNOBS = StepByStepSpec.knobs()
# Worked out by hand, with long multiplication: the course's tables as they ought to be.
EXACT = {
    "none": [("1.4", "0.4"), ("1.3", "0.3"), ("1.2", "0.2"), ("1.1", "0.1"), ("1.0", "0.0")],
    "l1": [("1.39", "0.39"), ("1.28", "0.28"), ("1.17", "0.17"), ("1.06", "0.06"), ("0.95", "0")],
    "l2": [
        ("1.385", "0.395"),
        ("1.27115", "0.29105"),
        ("1.1584385", "0.1881395"),
        ("1.046854115", "0.086258105"),
        ("0.93638557385", "-0.01460447605"),
    ],
}


def runs(spec):
    return {run.rule.key: run for run in solved(spec).runs}


def fraction(value):
    return Fraction(repr(value))


def on_grid(name):
    low, high = KNOBS[name].bounds
    quantum = KNOBS[name].quantum
    return st.integers(0, round((high - low) / quantum)).map(lambda i: KNOBS[name].clean(low + i * quantum, name))


TABLES = st.builds(
    StepByStepSpec,
    **{name: on_grid(name) for name in ("rate", "lam", "start1", "start2", "gradient1", "gradient2", "rho", "steps")},
    convention=st.sampled_from(["course", "lab"]),
    at_zero=st.sampled_from(["clip", "subgradient", "proximal"]),
    elastic=st.just(True),
)


# ------------------------------------------------------------------------------------------------ the course's tables


@pytest.mark.parametrize("key", EXACT)
def test_the_defaults_are_the_courses_tables_to_the_last_digit(key):
    run = runs(StepByStepSpec())[key]
    assert run.exact == ((Decimal("1.5"), Decimal("0.5")), *((Decimal(first), Decimal(second)) for first, second in EXACT[key]))
    np.testing.assert_array_equal(run.w[1:], np.array(EXACT[key], dtype=float))


def test_three_entries_of_the_course_are_slips_and_no_others():
    slips = [slip for run in solved(StepByStepSpec()).runs for slip in run.slips]
    assert [(slip.rule, slip.step, slip.index, slip.printed, str(slip.exact)) for slip in slips] == [
        ("l2", 3, 0, "1.15845", "1.1584385"),
        ("l2", 4, 0, "1.04687", "1.046854115"),
        ("l2", 5, 0, "0.93640", "0.93638557385"),
    ]


def test_the_last_zero_of_l1_is_a_clip_a_subgradient_step_gives_minus_005_and_a_proximal_one_minus_003():
    for at_zero, end in (("clip", "0"), ("subgradient", "-0.05"), ("proximal", "-0.03")):
        assert runs(StepByStepSpec(at_zero=at_zero))["l1"].exact[5][1] == Decimal(end)
    run = runs(StepByStepSpec())["l1"]
    assert run.events == (Event(5, 1, "clipped"),)
    assert run.before[5][1] == Decimal("-0.05")


@pytest.mark.parametrize("at_zero", ["clip", "subgradient", "proximal"])
def test_with_a_gradient_stronger_than_lambda_the_weight_is_not_at_zero_one_step_later(at_zero):
    run = runs(StepByStepSpec(at_zero=at_zero, steps=6))["l1"]
    assert run.exact[6][1] < 0
    assert (Event(6, 1, "leaves") in run.events) == (at_zero == "clip")


def test_l2_crosses_zero_in_step_five():
    assert runs(StepByStepSpec())["l2"].events == (Event(5, 1, "crosses"),)


def test_the_courses_lambda_of_a_tenth_is_a_twentieth_in_the_labs_convention():
    ours = runs(StepByStepSpec(convention="lab", lam=0.05))
    assert ours["l2"].exact == runs(StepByStepSpec())["l2"].exact
    assert ours["l2"].printed
    assert len(ours["l2"].slips) == 3
    assert ours["l1"].printed == (), "L1 has one convention only, and its lambda is another one now"


@pytest.mark.parametrize(
    ("change", "left"),
    [
        ({}, {"none", "l1", "l2"}),
        ({"steps": 3.0}, {"none", "l1", "l2"}),
        ({"at_zero": "proximal"}, {"none", "l2"}),
        ({"lam": 0.2}, {"none"}),
        ({"convention": "lab"}, {"none", "l1"}),
        ({"start2": 0.45}, set()),
        ({"rate": 0.11}, set()),
        ({"gradient1": -1.0}, set()),
        ({"elastic": True}, {"none", "l1", "l2"}),
    ],
)
def test_the_course_is_compared_only_where_the_settings_are_its_own(change, left):
    shown = runs(StepByStepSpec(**change))
    assert {key for key, run in shown.items() if run.printed} == left
    assert all(len(run.printed) <= int(StepByStepSpec(**change).steps) for run in shown.values())


# ------------------------------------------------------------------------------------------------ any tables


@settings(max_examples=150, deadline=None)
@given(TABLES)
def test_without_a_penalty_and_under_l2_the_rows_are_the_closed_form_exactly(spec):
    rate, spring = fraction(spec.rate), fraction(spec.lam) * (2 if spec.convention == "lab" else 1)
    for i, (start, gradient) in enumerate(((spec.start1, spec.gradient1), (spec.start2, spec.gradient2))):
        w, g = fraction(start), fraction(gradient)
        for t, (free, shrunk) in enumerate(zip(runs(spec)["none"].exact, runs(spec)["l2"].exact, strict=True)):
            assert Fraction(free[i]) == w - t * rate * g
            stopped = runs(spec)["l2"].diverged
            if stopped is not None and t >= stopped:
                continue
            # The fixed point is -g / spring, and the distance to it shrinks by 1 - rate spring.
            expected = (w + g / spring) * (1 - rate * spring) ** t - g / spring if spring else w - t * rate * g
            assert Fraction(shrunk[i]) == expected


@settings(max_examples=150, deadline=None)
@given(TABLES)
def test_every_step_of_l1_and_of_the_elastic_net_is_what_its_treatment_says(spec):
    rate, lam = fraction(spec.rate), fraction(spec.lam)
    two = 2 if spec.convention == "lab" else 1
    for key, share in (("l1", Fraction(1)), ("elastic_net", fraction(spec.rho))):
        run = runs(spec)[key]
        pull, spring = lam * share, two * lam * (1 - share)
        for t in range(1, len(run.exact) if run.diverged is None else run.diverged):
            for i, gradient in enumerate((spec.gradient1, spec.gradient2)):
                old, new = Fraction(run.exact[t - 1][i]), Fraction(run.exact[t][i])
                smooth = old - rate * (fraction(gradient) + spring * old)
                if spec.at_zero == "proximal":
                    # Optimality of 1/2 (w - smooth)^2 + rate pull |w|, written out.
                    gap = smooth - new
                    assert gap == rate * pull * (1 if new > 0 else -1) if new else abs(gap) <= rate * pull
                    continue
                across = smooth - rate * pull * ((old > 0) - (old < 0))
                cut = spec.at_zero == "clip" and pull > 0 and old * across < 0
                assert new == (0 if cut else across)


@settings(max_examples=60, deadline=None)
@given(TABLES)
def test_the_elastic_net_is_l1_or_l2_at_the_ends_of_its_mix(spec):
    for rho, key in ((1.0, "l1"), (0.0, "l2")):
        shown = runs(spec.replace(rho=rho))
        assert shown["elastic_net"].exact == shown[key].exact


@settings(max_examples=100, deadline=None)
@given(TABLES)
def test_events_are_the_changes_of_sign_and_nothing_else(spec):
    for run in runs(spec).values():
        found = {(event.step, event.index): event.kind for event in run.events}
        assert len(found) == len(run.events)
        for t in range(1, len(run.exact)):
            for i in range(2):
                old, new = run.exact[t - 1][i], run.exact[t][i]
                kind = found.get((t, i))
                if (old > 0) - (old < 0) == (new > 0) - (new < 0):
                    assert kind is None
                elif new == 0:
                    assert kind == ("clipped" if run.before[t][i] != 0 and spec.at_zero == "clip" else "lands")
                else:
                    assert kind == ("leaves" if old == 0 else "crosses")


def test_sixty_steps_of_the_longest_decimals_are_still_exact():
    spec = StepByStepSpec(rate=0.37, lam=0.93, start1=-2.95, start2=2.85, gradient1=1.95, gradient2=-1.85, steps=60, elastic=True, rho=0.55)
    for convention, at_zero in itertools.product(("course", "lab"), ("clip", "subgradient", "proximal")):
        for run in solve(spec.replace(convention=convention, at_zero=at_zero)).runs:
            assert len(run.exact) == 61


def test_beyond_twice_the_inverse_curvature_l2_is_held_and_said_to_diverge_and_before_it_is_not():
    beyond = StepByStepSpec(rate=1.05, lam=1.0, convention="lab", steps=60, start1=3.0, gradient1=2.0)
    assert solved(beyond).stable_rate == 1.0
    for rate in (0.99, 1.0):
        assert not solve(beyond.replace(rate=rate)).diverged
    far = solve(beyond.replace(rate=1.5))
    run = far.runs[2]
    assert far.diverged
    assert run.diverged is not None
    assert np.abs(run.w).max() <= LIMIT
    assert (run.w[run.diverged :] == run.w[run.diverged - 1]).all()
    assert abs(1 - 1.5 * 2) * np.abs(run.w[run.diverged - 1]).max() > LIMIT / 2
    assert not solve(beyond.replace(rate=far.steady_rate)).diverged


def test_no_combination_of_extremes_gives_a_nan_or_leaves_the_limit():
    ends = {name: KNOBS[name].bounds for name in ("rate", "lam", "start1", "gradient1", "rho")}
    for values in itertools.product(*ends.values(), (-3.0, 0.0), (0.0, 2.0), ("course", "lab"), ("clip", "subgradient", "proximal")):
        given = dict(zip((*ends, "start2", "gradient2", "convention", "at_zero"), values, strict=True))
        for run in solve(StepByStepSpec(**given, elastic=True, steps=60)).runs:
            assert np.isfinite(run.w).all()
            assert np.abs(run.w).max() <= LIMIT


def test_a_step_by_itself_is_the_step_of_the_tables():
    spec = StepByStepSpec()
    rule = solved(spec).runs[1].rule
    assert [step_of(Decimal("0.06"), Decimal(1), spec, rule, way) for way in ("clip", "subgradient", "proximal")] == [
        Decimal(0),
        Decimal("-0.05"),
        Decimal("-0.03"),
    ]


# ------------------------------------------------------------------------------------------------ multiply or subtract


ALONE = [
    StepByStepSpec(story="alone", **settings)
    for settings in (
        {},
        {"convention": "lab"},
        {"rate": 0.5, "lam": 0.3},
        {"big": 100.0, "small": 1.0, "rate": 0.3},
        {"big": 1.0, "small": 0.001, "lam": 0.07},
        {"rate": 1.0, "lam": 1.0},
        {"rate": 1.0, "lam": 1.5},
        {"rate": 2.0, "lam": 1.0},
        {"rate": 2.0, "lam": 1.0, "convention": "lab"},
        {"lam": 0.0},
    )
]


@pytest.mark.parametrize("spec", ALONE, ids=str)
def test_the_lone_weights_are_those_of_a_loop_that_takes_every_step(spec):
    alone = solved(spec).alone
    rate, lam = fraction(spec.rate), fraction(spec.lam)
    amount, factor = rate * lam, 1 - rate * lam * (2 if spec.convention == "lab" else 1)
    assert alone.amount == pytest.approx(float(amount))
    assert alone.factor == pytest.approx(float(factor), abs=1e-15)
    places = {int(step): k for k, step in enumerate(alone.steps)}
    for i, weight in enumerate((spec.big, spec.small)):
        left, shrunk, gone, faint = fraction(weight), weight, None, None
        for t in range(int(alone.steps[-1]) + 1):
            gone = t if gone is None and left == 0 else gone
            faint = t if faint is None and abs(shrunk) <= TOLERANCE else faint
            if t in places:
                assert alone.l1[places[t], i] == pytest.approx(float(left), abs=1e-12)
                assert (alone.l1[places[t], i] == 0.0) == (left == 0)
                assert alone.l2[places[t], i] == pytest.approx(min(max(shrunk, -LIMIT), LIMIT), rel=1e-9)
            left = max(left - amount, Fraction(0))
            shrunk = float(factor) * shrunk if abs(shrunk) < 1e100 else shrunk
        assert alone.gone[i] == gone
        assert alone.faint[i] == faint
    assert alone.diverges == (abs(factor) > 1)


def test_the_defaults_take_a_thousand_steps_for_ten_and_one_for_a_hundredth():
    alone = solved(StepByStepSpec(story="alone")).alone
    assert alone.gone == (1000, 1)
    assert alone.faint == (math.ceil(math.log(1e-4) / math.log(0.99)), math.ceil(math.log(0.1) / math.log(0.99)))


def test_no_extreme_of_the_lone_weights_gives_a_nan_a_wild_number_or_more_than_a_few_hundred_members():
    ends = {name: KNOBS[name].bounds for name in ("rate", "lam", "big", "small")}
    ends["lam"] = (0.0, 0.01, 2.0)
    for values in itertools.product(*ends.values(), ("course", "lab")):
        result = solve(StepByStepSpec(story="alone", **dict(zip((*ends, "convention"), values, strict=True))))
        alone = result.alone
        assert np.isfinite(alone.l1).all()
        assert np.abs(alone.l2).max() <= LIMIT
        assert (np.diff(alone.steps) > 0).all()
        assert 2 <= len(alone.steps) <= 210
        assert alone.steps[-1] <= KNOBS["step"].bounds[1]
        for step in (*alone.gone, *alone.faint):
            assert step is None or float(step) in alone.steps


# ------------------------------------------------------------------------------------------------ three ways at zero


ZERO = [spec for spec in STEP_BY_STEP_PRESETS.values() if spec.story == "zero"] + [
    StepByStepSpec(story="zero", begin=-0.5, target=-0.02, moved=-0.6, rate=0.3),
    StepByStepSpec(story="zero", begin=0.0, target=0.3, moved=-0.3),
    StepByStepSpec(story="zero", lam=0.0, begin=0.5, target=-0.2),
]


def minimiser(h, c, lam):
    """By search, not by the formula."""
    from scipy.optimize import minimize_scalar

    pieces = [
        minimize_scalar(lambda w: 0.5 * h * (w - c) ** 2 + lam * abs(w), bounds=ends, method="bounded", options={"xatol": 1e-12})
        for ends in ((-2, 0), (0, 2))
    ]
    best = min(pieces, key=lambda piece: piece.fun)
    return 0.0 if 0.5 * h * c**2 <= best.fun + 1e-15 else best.x


@pytest.mark.parametrize("spec", ZERO, ids=str)
def test_each_way_takes_the_step_that_it_is_named_after(spec):
    zero = solved(spec).zero
    n, rate, lam, h = int(spec.length), spec.rate, spec.lam, spec.curvature
    assert zero.w.shape == (3, n + 1)
    died = False
    for t in range(n):
        c = spec.target if t < n // 2 else spec.moved
        assert zero.centre[t] == c
        for i, treatment in enumerate(TREATMENTS):
            old, new = zero.w[i, t], zero.w[i, t + 1]
            if zero.diverged[i] is not None and t + 1 >= zero.diverged[i]:
                assert new == old
                continue
            smooth = old - rate * h * (old - c)
            shrunk = math.copysign(max(abs(smooth) - rate * lam, 0.0), smooth)
            expected = shrunk if treatment == "proximal" else smooth - rate * lam * np.sign(old)
            if treatment == "clamped":
                if not died and old * expected < 0:
                    died = True
                    assert zero.died == t + 1
                    assert zero.crossed == pytest.approx(expected)
                expected = 0.0 if died else expected
            assert new == pytest.approx(expected, abs=1e-15, rel=1e-12)
    assert (zero.died is not None) == died


@pytest.mark.parametrize("spec", ZERO, ids=str)
def test_the_minimiser_shown_is_the_least_point_of_the_written_out_objective(spec):
    zero = solved(spec).zero
    for t, c in ((0, spec.target), (-1, spec.moved)):
        assert zero.best[t] == pytest.approx(minimiser(spec.curvature, c, spec.lam), abs=1e-6)


@pytest.mark.parametrize("spec", ZERO, ids=str)
def test_bounces_and_exact_zeros_are_counted_row_by_row(spec):
    zero = solved(spec).zero
    for i in range(3):
        bounces = zeros = 0
        back = None
        for t in range(1, zero.w.shape[1]):
            bounces += zero.w[i, t - 1] * zero.w[i, t] < 0
            zeros += zero.w[i, t] == 0.0
            back = t if back is None and zero.w[i, t - 1] == 0.0 and zero.w[i, t] != 0.0 else back
            assert (zero.bounces[i, t], zero.zeros[i, t]) == (bounces, zeros)
        assert zero.back[i] == back


def test_from_one_start_one_way_bounces_one_rests_and_comes_back_and_one_dies():
    zero = solved(STEP_BY_STEP_PRESETS["A weight comes back"]).zero
    across, proximal, clamped = range(3)
    assert zero.bounces[across, -1] > 10
    assert zero.zeros[across, -1] == 0
    assert zero.zeros[proximal, -1] > 10
    assert zero.bounces[proximal, -1] == 0
    assert zero.back[proximal] == 31
    assert abs(zero.w[proximal, -1] - zero.best[-1]) < 0.01
    assert zero.back[clamped] is None
    assert (zero.w[clamped, zero.died :] == 0.0).all()
    assert zero.best[-1] > 0.1


def test_the_three_ways_are_those_of_descend():
    from core.descent import descend
    from core.optimizers import RULES
    from core.penalties import L1
    from core.surfaces import parse_surface

    spec = StepByStepSpec(story="zero", moved=0.02)
    surface = parse_surface("0.5*(w1 - 0.02)**2 + 0.5*(w2 - 0.02)**2")
    for i, treatment in enumerate(TREATMENTS):
        found = descend(surface, RULES["sgd"](), np.array([0.12, 0.12]), spec.rate, 60, L1(), spec.lam, treatment)
        np.testing.assert_allclose(found.x[0, :, 0], solved(spec).zero.w[i], atol=1e-14)


def test_no_extreme_of_the_three_ways_gives_a_nan_or_leaves_the_limit():
    names = ("rate", "lam", "begin", "target", "moved", "curvature", "length")
    held = 0
    for values in itertools.product(*(KNOBS[name].bounds for name in names)):
        result = solve(StepByStepSpec(story="zero", **dict(zip(names, values, strict=True))))
        assert np.isfinite(result.zero.w).all()
        assert np.abs(result.zero.w).max() <= LIMIT
        assert result.diverged == any(step is not None for step in result.zero.diverged)
        if result.diverged:
            held += 1
            assert result.spec.rate > result.stable_rate
            assert not solve(result.spec.replace(rate=result.steady_rate)).diverged
    assert held > 0


# ------------------------------------------------------------------------------------------------ the scrub


@pytest.mark.parametrize("title", STEP_BY_STEP_PRESETS)
def test_every_step_of_the_axis_is_found_again_from_the_spec(title):
    spec = STEP_BY_STEP_PRESETS[title]
    result = solved(spec)
    for member in range(len(result.axis)):
        assert result.member_at(spec.replace(**result.position(member))) == member
    assert result.axis[result.member_at(spec)] == spec.step, "a preset stands where it says"


def test_a_step_beyond_the_end_stands_at_the_end():
    assert solved(StepByStepSpec()).member_at(StepByStepSpec(step=1e6)) == 5
