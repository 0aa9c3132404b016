"""What the lab "Bias and variance" says and draws: numbers against the result, sentences against what they claim."""

import dataclasses
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.figures.bias_variance.bases import bases
from core.figures.bias_variance.bundle import bundle
from core.figures.bias_variance.panel import along, family_axis, numbers, numbers_at_x, x_axis
from core.figures.bias_variance.profile import profile
from core.figures.bias_variance.slice import slice_at
from core.figures.bias_variance.totals import totals
from core.figures.bias_variance.trade import trade
from core.specs import BIAS_VARIANCE_PRESETS, BiasVarianceSpec
from core.specs.bias_variance import BUNDLE
from core.statistics.bias_variance.bases import BASES
from core.statistics.bias_variance.experiment import SETS, solve
from core.statistics.bias_variance.truths import TRUTHS
from core.statistics.bias_variance.words import (
    apart,
    basis_sentences,
    bundle_sentences,
    choice,
    head,
    small,
    sum_sentences,
    tail,
    training_sentence,
    verdict,
)
from core.wording import number

SCENES = (lambda result: bundle(result, 3), profile, totals, slice_at, trade, lambda result: bases({result.spec.basis: result}))


@pytest.fixture(scope="module")
def ridge():
    return solve(BiasVarianceSpec())


@pytest.fixture(scope="module")
def wild():
    return solve(BIAS_VARIANCE_PRESETS["Places drawn anew"])


def test_a_sum_is_said_with_its_parts_and_beside_what_was_measured(ridge):
    i = ridge.best
    said = sum_sentences(ridge)[i]
    for value in (ridge.bias[i], ridge.variance[i], 0.09, ridge.total[i], ridge.test[i]):
        assert number(float(value)) in said
    assert f"± {number(float(ridge.test_se[i]), 2)}" in said
    assert f"{abs(ridge.gap[i]) / ridge.gap_se[i]:.1f} standard errors" in said
    assert tail(ridge, i) == ""


def test_a_bias_below_zero_is_said_to_be_chance(ridge):
    assert ridge.bias[0] < 0.0
    assert "(below 0 by chance)" in sum_sentences(ridge)[0]
    assert "chance" not in sum_sentences(ridge)[ridge.best]


def test_the_verdict_on_claim_27_names_what_is_added_and_what_is_taken(ridge):
    best, said = ridge.best, verdict(ridge)
    assert said.startswith(f"Least error at {head(ridge, best)}. Compared with no penalty, ")
    more, less = ridge.bias[best] - max(ridge.bias[0], 0.0), ridge.variance[0] - ridge.variance[best]
    assert f"bias² is {number(more)} higher and variance {number(less)} lower, {number(less / more, 2)} times as much" in said
    assert less > more


def test_the_verdict_says_where_no_penalty_helps():
    flat = solve(BiasVarianceSpec(size=0.0))
    assert verdict(flat) == "Least error at λ = 0; no λ of the scrub does noticeably better than none."
    assert training_sentence(flat) == ""
    easy = solve(BiasVarianceSpec(truth="line", points=40.0, noise=0.05, size=1.0))
    assert "no λ of the scrub does noticeably better than none" in verdict(easy)


def test_the_verdict_does_not_subtract_from_an_average_that_does_not_settle(wild):
    said = verdict(wild)
    assert "does not settle" in said
    assert "times as much" not in said
    assert tail(wild, 0).startswith(f" One training set of {SETS} makes ")
    half = float(np.median(wild.error[0])) + wild.noise
    assert "the wildest of all decides" in bundle_sentences(wild)[0]
    assert "decides" not in bundle_sentences(wild)[wild.best]
    assert f"Half of the sets are below {number(half, 2)}." in tail(wild, 0)


def test_the_verdict_along_a_size_compares_with_the_largest():
    line = solve(BIAS_VARIANCE_PRESETS["A line through a parabola"])
    assert verdict(line).startswith("Least error at degree 2. Compared with degree 20, variance is ")
    assert "bias² no higher" in verdict(line)
    assert "over 99.9" in verdict(line)


def test_the_verdict_on_claim_46_reads_both_errors(ridge):
    train = ridge.train.mean(axis=1)
    said = training_sentence(ridge)
    assert f"its own points worse ({number(train[0], 2)} → {number(train[ridge.best], 2)})" in said
    assert f"unseen ones better ({number(ridge.test[0], 2)} → {number(ridge.test[ridge.best], 2)})" in said


def test_more_coefficients_than_points_are_said_at_lambda_zero_alone():
    result = solve(BIAS_VARIANCE_PRESETS["Degree 20 through 10 points"])
    said = bundle_sentences(result)
    assert said[0].endswith("10 points cannot decide 21 coefficients: of all w that fit them, the shortest is drawn.")
    assert "cannot decide" not in said[1]
    gaps = solve(BIAS_VARIANCE_PRESETS["Splines"].replace(design="drawn"))
    assert re.search(r"tell only \d+ of 25 coefficients apart", choice(gaps, 0))


def test_a_bundle_tells_its_width_and_what_lies_outside_the_frame(ridge):
    said = bundle_sentences(ridge)
    assert f"typically {number(np.sqrt(ridge.variance[0]), 2)} from their mean" in said[0]
    assert "outside the frame" in said[0]
    assert "outside the frame" not in said[ridge.best]
    low, high = ridge.window
    share = ((ridge.fits[:, 0] < low) | (ridge.fits[:, 0] > high)).mean()
    assert f"{number(100 * share, 2)}\u00a0% of what they reach" in said[0]


def test_two_bases_of_the_same_polynomials_are_told_apart_where_they_differ(ridge):
    powers = solve(BiasVarianceSpec(basis="monomials"))
    said = basis_sentences({"legendre": ridge, "monomials": powers})
    assert "the same fits" in said[0]
    assert "another fit" in said[40]
    assert f"{small(ridge.total[40])} with orthogonal polynomials, {small(powers.total[40])} with powers of x" in said[40]
    assert f"{small(powers.total.min())} with powers of x ({head(powers, powers.best)})" in said[40]


def test_rounding_is_zero_in_words():
    assert small(3e-31) == "0"
    assert small(-2e-5) == "−2.0 × 10⁻⁵"
    exact = solve(BiasVarianceSpec(truth="line", noise=0.0, size=3.0))
    assert apart(exact, 0) == "nothing but rounding"
    assert "NaN" not in " ".join(sum_sentences(exact) + bundle_sentences(exact))


@pytest.mark.parametrize("title", BIAS_VARIANCE_PRESETS)
@pytest.mark.parametrize("make", SCENES)
def test_every_figure_is_valid_for_plotly_finite_and_has_a_caption_a_member(make, title):
    result = solve(BIAS_VARIANCE_PRESETS[title])
    scene = make(result)
    scene.graph()
    axis = family_axis(result)
    assert len(scene.captions) == len(axis.values)
    assert scene.caption_axes == (axis.name,)
    lengths = {axis.name: len(axis.values), "place": 21}
    for mark in scene.marks:
        assert np.isfinite(mark.xy.astype(np.float32)).all()
        assert mark.xy.shape[: len(mark.axes)] == tuple(lengths[name] for name in mark.axes), mark.name
    assert len(scene.alt) > 40


@given(
    st.sampled_from(list(TRUTHS)),
    st.sampled_from(list(BASES)),
    st.sampled_from(["lam", "at"]),
    st.sampled_from([5.0, 40.0]),
    st.sampled_from([0.0, 1.0]),
    st.sampled_from([0.0, 20.0]),
)
@settings(max_examples=15, deadline=None)
def test_no_corner_of_the_settings_brings_a_nan_into_words_or_marks(truth, basis, axis, points, noise, size):
    result = solve(BiasVarianceSpec(truth=truth, basis=basis, axis=axis, points=points, noise=noise, size=size, design="drawn"))
    for field in dataclasses.fields(result):
        value = getattr(result, field.name)
        assert not isinstance(value, np.ndarray) or np.isfinite(value).all(), field.name
    for make in SCENES:
        scene = make(result)
        assert not re.search(r"\b(nan|inf|NaN)\b|∞", " ".join(scene.captions))
        for mark in scene.marks:
            assert np.isfinite(mark.xy.astype(np.float32)).all(), mark.name
    for readout in (*numbers(result), *numbers_at_x(result)):
        if isinstance(readout.values, np.ndarray):
            assert np.isfinite(readout.values.astype(np.float32)).all()


def test_the_bundle_shows_all_its_fits_and_the_points_of_the_one_in_focus(ridge):
    scene = bundle(ridge, 5)
    fits = [mark for mark in scene.marks if mark.name.startswith("fit ")]
    assert len(fits) == BUNDLE - 1
    assert "fit 6" not in {mark.name for mark in fits}
    points = next(mark for mark in scene.marks if mark.kind == "points")
    np.testing.assert_array_equal(points.xy, np.column_stack([ridge.x[5], ridge.y[5]]))
    one = next(mark for mark in scene.marks if mark.name == "one fit")
    inside = (ridge.fits[5] > ridge.window[0]) & (ridge.fits[5] < ridge.window[1])
    np.testing.assert_array_equal(one.xy[inside], ridge.fits[5][inside])


def test_the_stack_ends_at_the_sum_and_the_star_is_its_least(ridge):
    scene = totals(ridge)
    sums = next(mark for mark in scene.marks if mark.name == "sum").xy
    star = next(mark for mark in scene.marks if mark.name == "best").xy
    assert star[1] == sums.min() == ridge.total.min()
    assert star[0] == along(ridge)[ridge.best]
    np.testing.assert_array_equal(scene.table["bias2"] + scene.table["variance"] + scene.table["noise"], scene.table["sum"])


def test_nothing_of_the_path_lies_below_the_line_of_least_sum(ridge):
    scene = trade(ridge)
    path = next(mark for mark in scene.marks if mark.name == "the family").xy
    line = next(mark for mark in scene.marks if mark.text.startswith("sum ")).xy
    assert path.sum(axis=1).min() == pytest.approx(line[0].sum())


def test_the_scrub_can_jump_to_the_least_error_and_to_the_interpolation_threshold(ridge):
    assert (ridge.best, "least error") in family_axis(ridge).marks
    features = solve(BIAS_VARIANCE_PRESETS["Random features"])
    assert (13, "as many coefficients as points") in family_axis(features).marks
    many = solve(BiasVarianceSpec(axis="at", points=40.0))
    assert not any("points" in label for _, label in family_axis(many).marks)
    assert x_axis().values[0] == -1.0
