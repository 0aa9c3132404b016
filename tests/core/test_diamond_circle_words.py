"""Sentences about solutions: every number in them is read back and compared, and what they say is true of what is on screen."""

import re
from functools import cache

import numpy as np
import pytest

from core.diamond_circle import DiamondCircle, solve
from core.diamond_circle_words import share_sentences, zero_sentences
from core.penalties import PENALTIES
from core.specs import DIAMOND_CIRCLE_PRESETS, DiamondCircleSpec
from core.wording import plain
from tests.core.problems import coefficients

solved = cache(solve)
AXES = ("lam", "budget")
SPECS = [
    pytest.param(spec.replace(axis=axis, penalty=penalty), id=f"{title}-{axis}-{penalty}")
    for title, spec in DIAMOND_CIRCLE_PRESETS.items()
    for axis in AXES
    for penalty in PENALTIES
] + [
    pytest.param(DiamondCircleSpec(axis=axis, **settings), id=f"{name}-{axis}")
    for name, settings in {
        "mix of 0": {"penalty": "elastic_net", "rho": 0.0},
        "mix of 1": {"penalty": "elastic_net", "rho": 1.0},
        "mix of 0.05": {"penalty": "elastic_net", "rho": 0.05, "spacing": "log"},
        "minimum at the origin, L1": {"centre1": 0.0, "centre2": 0.0},
        "minimum at the origin, L2": {"penalty": "l2", "centre1": 0.0, "centre2": 0.0},
        "minimum on an axis": {"centre1": 0.0, "tilt": 0.0},
        "minimum on an axis, L2": {"penalty": "l2", "centre1": 0.0, "tilt": 90.0},
        "minimum on an axis, tilted, L2": {"penalty": "l2", "centre1": 0.0, "tilt": -17.0},
        "steepest": {"condition": 1000.0, "curvature": 10.0, "tilt": -45.0, "centre1": -4.0, "centre2": 4.0},
        "flattest": {"condition": 1000.0, "curvature": 0.2, "tilt": 10.0, "centre1": 0.05, "centre2": -0.05},
    }.items()
    for axis in AXES
]
PRINTED = r"(?:\d+(?:\.\d+)?(?:e[+−]\d+)?|∞)"


def read(text: str) -> float:
    return np.inf if text == "∞" else float(text.replace("−", "-"))


def slope(result: DiamondCircle, member: int) -> np.ndarray:
    """Written-out gradient of the loss."""
    return result.problem.hessian @ (result.solution.w[member] - result.problem.centre)


def cases(result: DiamondCircle) -> list[tuple[int, str, np.ndarray, float]]:
    sentences = zero_sentences(result)
    assert len(sentences) == len(result.axis)
    return [(k, sentence, result.solution.w[k], float(result.solution.lam[k])) for k, sentence in enumerate(sentences)]


# ------------------------------------------------------------------------------------------------ numbers


@pytest.mark.parametrize("value", [0.0, 1.0, -2.5, 1e-17, -3.14159, 123456.0, 1e7, -0.00012345, 99999.0])
def test_a_number_reads_back_to_its_digits_and_has_a_true_minus(value):
    text = plain(value)
    assert "-" not in text
    assert ("−" in text[:1]) == (value < 0)
    assert read(text) == pytest.approx(value, rel=5e-3, abs=0)
    assert read(plain(value, 6)) == pytest.approx(value, rel=5e-6, abs=0)


def test_an_infinite_multiplier_is_a_symbol_and_trailing_zeros_are_dropped():
    assert plain(np.inf) == "∞"
    assert plain(2.0) == "2"
    assert plain(0.1 + 0.2) == "0.3"


# ------------------------------------------------------------------------------------------------ which weight is zero, and why


@pytest.mark.parametrize("spec", SPECS)
def test_a_sentence_names_exactly_the_weights_that_are_zero(spec):
    result = solved(spec)
    for _, sentence, w, lam in cases(result):
        zeros = [i for i in range(2) if w[i] == 0.0]
        if sentence.startswith(("λ = 0", "The minimum of the loss lies within")):
            assert lam == 0.0
        elif sentence.startswith("No weight is zero"):
            assert not zeros
        elif sentence.startswith(("Both weights are", "The budget is 0, so both")):
            assert zeros == [0, 1]
        else:
            named = re.match(r"w([₁₂]) is ", sentence)
            assert named, sentence
            assert zeros == ["₁₂".index(named[1])]


@pytest.mark.parametrize("spec", SPECS)
def test_every_inequality_is_true_as_printed_and_its_numbers_are_the_solutions(spec):
    result = solved(spec)
    l1 = coefficients(result.penalty)[0]
    for member, sentence, w, lam in cases(result):
        pull = np.abs(slope(result, member))
        scale = max(1.0, float(np.abs(result.problem.hessian @ result.problem.centre).max()))
        found = re.findall(rf"\|∂L/∂w([₁₂])\| = ({PRINTED}) ≤ (λρ?) = ({PRINTED})", sentence)
        assert len(found) == sentence.count("≤")
        assert sentence.count("=") == 2 * len(found) + len(re.findall(r"λ = 0[:.](?!\d)", sentence)), "no number goes unread"
        if sentence.startswith(("w₁ is exactly", "w₂ is exactly", "Both weights are exactly")):
            assert len(found) == (w == 0.0).sum()
        for subscript, left, symbol, right in found:
            i = "₁₂".index(subscript)
            assert w[i] == 0.0
            assert read(left) <= read(right), sentence
            assert read(left) == pytest.approx(pull[i], rel=5.1e-3, abs=1e-9 * scale)
            assert symbol == ("λ" if l1 == 1.0 else "λρ")
            assert read(right) == pytest.approx(lam * l1, rel=5.1e-3)


@pytest.mark.parametrize("spec", SPECS)
def test_a_doubt_is_raised_exactly_where_the_minimiser_is_not_unique(spec):
    result = solved(spec)
    for member, sentence, *_ in cases(result):
        assert ("one of many minimisers" in sentence) == (not result.solution.unique[member])


@pytest.mark.parametrize("spec", SPECS)
def test_a_slack_budget_says_so_and_only_then(spec):
    result = solved(spec)
    cost = float(result.penalty.value(result.problem.centre))
    for member, sentence, *_ in cases(result):
        says = "the constraint does not bind" in sentence
        assert says == (spec.axis == "budget" and result.solution.lam[member] == 0.0)
        if says and result.problem.is_definite:
            assert result.axis[member] >= cost * (1 - 1e-12)


@pytest.mark.parametrize("spec", SPECS)
def test_no_sentence_has_a_nan_an_exponential_plus_or_a_hyphen_for_a_minus(spec):
    result = solved(spec)
    for sentence in (*zero_sentences(result), *share_sentences(result)):
        assert sentence.endswith(".")
        assert "nan" not in sentence.lower()
        assert "inf" not in sentence.lower()
        assert not re.search(r"-\d", sentence)


@pytest.mark.parametrize("axis", AXES)
def test_nothing_is_penalised_at_a_lambda_of_zero(axis):
    result = solved(DiamondCircleSpec(axis=axis))
    free = np.flatnonzero(result.solution.lam == 0.0)
    assert free.size
    for member in free:
        start = "λ = 0: nothing is penalised" if axis == "lam" else "The minimum of the loss lies within the budget"
        assert zero_sentences(result)[member].startswith(start)


def test_a_budget_of_zero_has_a_finite_price_under_l1_and_none_under_l2():
    for penalty in PENALTIES:
        result = solved(DiamondCircleSpec(axis="budget", penalty=penalty))
        assert ("No finite λ" if penalty == "l2" else "Both weights are exactly zero, since") in zero_sentences(result)[0]
        assert np.isinf(result.solution.lam[0]) == (penalty == "l2")


@pytest.mark.parametrize("axis", AXES)
def test_under_l2_a_zero_is_passed_through_at_the_one_member_on_the_event(axis):
    result = solved(DIAMOND_CIRCLE_PRESETS["L2 crosses zero"].replace(axis=axis))
    passing = [k for k, sentence in enumerate(zero_sentences(result)) if "at this very λ and at no other near it" in sentence]
    assert passing == list(result.event_members)
    signs = np.sign(result.solution.w[passing[0] - 1 : passing[0] + 2, result.events[0].index])
    assert sorted(signs) == [-1.0, 0.0, 1.0]


@pytest.mark.parametrize("axis", AXES)
@pytest.mark.parametrize(("tilt", "centre"), [(0.0, (0.0, 2.0)), (90.0, (2.0, 0.0)), (30.0, (0.0, 0.0))])
def test_under_l2_a_weight_that_nothing_pulls_on_is_zero_all_along_and_not_by_coincidence(axis, tilt, centre):
    result = solved(DiamondCircleSpec(penalty="l2", axis=axis, tilt=tilt, centre1=centre[0], centre2=centre[1]))
    still = [i for i in range(2) if centre[i] == 0.0]
    assert (result.solution.w[:, still] == 0.0).all()
    acting = np.flatnonzero((result.solution.lam > 0) & np.isfinite(result.solution.lam))
    for member in acting:
        assert "zero at every λ > 0" in zero_sentences(result)[member]


def test_twins_are_told_to_be_interchangeable_where_the_slope_meets_lambda():
    result = solved(DIAMOND_CIRCLE_PRESETS["Twins"])
    member = result.member_at(result.spec)
    assert "one of many minimisers" in zero_sentences(result)[member]
    np.testing.assert_allclose(np.abs(slope(result, member)), result.solution.lam[member], rtol=1e-9)


# ------------------------------------------------------------------------------------------------ shares


def percentages(sentence: str) -> list[tuple[bool, float]]:
    """(is an upper limit, value) of each percentage, as a share."""
    return [(bool(less), float(value) / 100) for less, value in re.findall(r"(< )?(\d+(?:\.\d)?) %", sentence)]


@pytest.mark.parametrize("spec", SPECS)
def test_the_shares_printed_are_those_of_the_map_and_the_window_is_stated(spec):
    result = solved(spec)
    shares = result.support.shares
    half = result.window[0][1]
    for k, sentence in enumerate(share_sentences(result)):
        assert f"of the minima between −{half:g} and {half:g} on both axes" in sentence
        assert ("lie inside the budget" in sentence) == (spec.axis == "budget")
        if "only on the drawn lines" in sentence:
            assert coefficients(result.penalty)[0] == 0.0
            expected = [0.0]
            assert shares["first_zero"][k] == shares["second_zero"][k] == shares["both_zero"][k] == 0.0
        else:
            expected = [shares[name][k] for name in ("first_zero", "second_zero", "both_zero")]
            assert [text in sentence for text in ("w₁ = 0 for", "w₂ = 0 for", "both for")] == [True] * 3
        expected += [shares["inactive"][k]] if spec.axis == "budget" else []
        printed = percentages(sentence)
        assert len(printed) == len(expected), sentence
        for (limit, value), share in zip(printed, expected, strict=True):
            assert (0.0 < share < value) if limit else abs(value - share) <= 0.0005 + 1e-12
            assert value > 0.0 or share == 0.0, "0 % is said of nothing only"


@pytest.mark.parametrize("spec", SPECS)
def test_shares_add_up_to_the_whole_window(spec):
    result = solved(spec)
    shares = result.support.shares
    np.testing.assert_allclose(sum(shares.values()), 1.0, atol=1e-9)
    assert all((share >= 0.0).all() and (share <= 1.0 + 1e-12).all() for share in shares.values())


@pytest.mark.parametrize("penalty", PENALTIES)
@pytest.mark.parametrize("axis", AXES)
def test_shares_are_those_of_minima_drawn_at_random(axis, penalty):
    """Solve for 2,000 minima in the window, one by one, and count: within four standard deviations."""
    from core.quadratic import Quadratic
    from core.regularized import constrained, penalized

    result = solved(DIAMOND_CIRCLE_PRESETS["A corner hit"].replace(axis=axis, penalty=penalty))
    member, rng = 40, np.random.default_rng(0)
    counts = dict.fromkeys(result.support.shares, 0)
    for centre in rng.uniform(*result.window[0], size=(2000, 2)):
        solver = penalized if axis == "lam" else constrained
        found = solver(Quadratic(result.problem.hessian, centre), result.penalty, result.axis[member])
        first, second = found.support[0]
        name = "none_zero" if first and second else "second_zero" if first else "first_zero" if second else "both_zero"
        counts["inactive" if axis == "budget" and not found.active[0] else name] += 1
    for name, share in result.support.shares.items():
        deviation = 4 * np.sqrt(share[member] * (1 - share[member]) / 2000)
        assert abs(counts[name] / 2000 - share[member]) <= deviation + 1e-12, name
