"""Sentences and formulas of "Step by step": each equation is worked out again as printed, each number read back."""

import itertools
import re
from decimal import Decimal
from functools import cache

import numpy as np
import pytest

from core.specs import STEP_BY_STEP_PRESETS, StepByStepSpec
from core.step_by_step import TOLERANCE, TREATMENTS, solve
from core.step_by_step_words import (
    SUMMARIES,
    alone_formulas,
    alone_summary,
    event_sentence,
    formulas,
    rounded,
    rule_formula,
    slip_sentence,
    step_sentences,
    table_summary,
    written,
    zero_counts,
    zero_formulas,
    zero_summary,
)

solved = cache(solve)
SPECS = [pytest.param(spec, id=title) for title, spec in STEP_BY_STEP_PRESETS.items()] + [
    pytest.param(StepByStepSpec(**settings), id=name)
    for name, settings in {
        "proximal elastic": {"at_zero": "proximal", "elastic": True, "steps": 20.0, "lam": 0.5, "convention": "lab"},
        "across": {"at_zero": "subgradient", "elastic": True, "steps": 20.0, "lam": 0.7, "start1": -1.35, "gradient1": -0.4, "gradient2": 0.05},
        "proximal holds": {"at_zero": "proximal", "steps": 20.0, "lam": 1.0, "gradient1": 0.5, "gradient2": 0.5},
        "lets go": {"steps": 12.0, "lam": 1.0, "gradient1": 0.3, "gradient2": -0.3},
        "no penalty": {"lam": 0.0},
        "alone, nothing": {"story": "alone", "lam": 0.0},
        "alone, flips": {"story": "alone", "lam": 1.5, "rate": 1.0},
        "alone, for ever": {"story": "alone", "lam": 1.0, "rate": 2.0},
        "alone, diverges": {"story": "alone", "lam": 2.0, "rate": 2.0, "convention": "lab"},
        "zero, far": {"story": "zero", "rate": 2.0, "curvature": 10.0, "length": 200.0},
    }.items()
]
TABLES = [case for case in SPECS if case.values[0].story == "tables"]
ALONE = [case for case in SPECS if case.values[0].story == "alone"]
ZERO = [case for case in SPECS if case.values[0].story == "zero"]
SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")


def shrink(value, by):
    return np.sign(value) * max(abs(value) - by, 0.0)


def worked_out(expression):
    """What a printed expression comes to; the digits that dots stand for are missing."""
    plain = expression.replace("−", "-").replace("·", "*").replace("…", "").replace("(+1)", "(1)")
    plain = re.sub(r"[⁰¹²³⁴⁵⁶⁷⁸⁹]+", lambda found: "**" + found[0].translate(SUPERSCRIPTS), plain)
    assert re.fullmatch(r"(?:shrink|e[+-]|[\d.\s()*+,-])*", plain), plain
    return float(eval(plain, {"__builtins__": {}, "shrink": shrink}))


def said_of(result):
    """Everything that a story says."""
    sentences = [SUMMARIES[result.spec.story](result)]
    if result.spec.story == "tables":
        sentences += [*step_sentences(result), *(text for run in result.runs for text in formulas(result, run))]
        sentences += [event_sentence(result, run, event) for run in result.runs for event in run.events]
    elif result.spec.story == "alone":
        sentences += [text for texts in alone_formulas(result.alone) for text in texts]
    else:
        sentences += [*zero_counts(result.zero), *(text for texts in zero_formulas(result).values() for text in texts)]
    return sentences


# ------------------------------------------------------------------------------------------------ numbers


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("1.1584385", "1.15844"),
        ("0.936385573", "0.93639"),
        ("-0.01460447605", "−0.0146"),
        ("0.000005", "0.00001"),
        ("0.0000012", "1.2e−06"),
        ("-0.000000", "0"),
        ("100", "100"),
        ("0.950000", "0.95"),
    ],
)
def test_a_table_rounds_half_up_to_five_decimals_and_shows_zero_only_for_zero(value, text):
    assert rounded(Decimal(value)) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [("0.93638557385", "0.93638557385"), ("1.123456789012", "1.1234567…"), ("-0.5500", "−0.55"), ("0.000000000000123", "1.23e−13…"), ("0.00", "0")],
)
def test_a_formula_shows_all_digits_or_dots(value, text):
    assert written(Decimal(value)) == text


# ------------------------------------------------------------------------------------------------ formulas


@pytest.mark.parametrize("spec", TABLES)
def test_every_equation_of_the_tables_is_true_as_printed(spec):
    result, checked = solved(spec), 0
    for run in result.runs:
        texts = formulas(result, run)
        assert len(texts) == len(result.axis)
        for step, text in enumerate(texts):
            for i, part in enumerate(text.split("; ")):
                assert part.startswith(f"w{'₁₂'[i]}")
                if "starts at" in part or "held at" in part:
                    assert worked_out(part.split(" at ")[1]) == pytest.approx(float(run.exact[step][i]), abs=1e-7)
                    continue
                clipped = part.endswith(", across zero, so clipped to 0")
                sides = re.split(r" = ", re.sub(r"^w[₁₂](?: =|:) ", "", part).removesuffix(", across zero, so clipped to 0"))
                assert len(sides) >= 2
                scale = max(1.0, abs(float(run.exact[step - 1][i])))
                values = [worked_out(side) for side in sides]
                np.testing.assert_allclose(values, values[-1], atol=2e-6 * scale)
                assert values[-1] == pytest.approx(float((run.before if clipped else run.exact)[step][i]), abs=2e-7)
                assert clipped == any(event == (step, i, "clipped") for event in [(e.step, e.index, e.kind) for e in run.events])
                checked += 1
    assert checked > 5


def test_the_formulas_follow_the_conventions():
    def of(**settings):
        result = solved(StepByStepSpec(elastic=True, **settings))
        return [rule_formula(result, run) for run in result.runs]

    assert of() == ["w − ηg", "w − η(g + λ sign w)", "w − η(g + λw)", "w − η(g + λρ sign w + λ(1 − ρ)w)"]
    assert of(convention="lab")[2] == "w − η(g + 2λw)"
    assert of(at_zero="proximal")[1] == "shrink(w − ηg, ηλ)"
    assert of(at_zero="proximal")[3] == "shrink(w − η(g + λ(1 − ρ)w), ηλρ)"


@pytest.mark.parametrize("spec", ALONE)
def test_every_equation_of_the_lone_weights_is_true_as_printed(spec):
    alone = solved(spec).alone
    for texts, left in zip(alone_formulas(alone), (alone.l1, alone.l2), strict=True):
        assert len(texts) == len(alone.steps)
        for k, text in enumerate(texts):
            for i, part in enumerate(text.split("; ")):
                if part.endswith(", which is past zero: 0"):
                    assert worked_out(part.removesuffix(", which is past zero: 0")) <= 1e-9
                    assert left[k, i] == 0.0
                elif part.endswith(", beyond a million"):
                    assert abs(left[k, i]) == 1e6
                else:
                    expression, value = part.split(" = ")
                    assert worked_out(value) == pytest.approx(left[k, i], rel=1e-4, abs=1e-300)
                    assert worked_out(expression) == pytest.approx(left[k, i], rel=5e-3, abs=1e-9)


@pytest.mark.parametrize("spec", ZERO)
def test_every_equation_of_the_three_ways_is_true_as_printed(spec):
    result = solved(spec)
    for i, (treatment, texts) in enumerate(zero_formulas(result).items()):
        assert treatment == list(TREATMENTS)[i]
        assert len(texts) == len(result.axis)
        for t, text in enumerate(texts):
            if " = " not in text or "it crossed" in text or "for ever" in text:
                continue
            _, expression, value = text.split(" = ")
            scale = 30 * max(1.0, abs(result.zero.w[i, t - 1]))
            assert worked_out(value) == pytest.approx(result.zero.w[i, t], rel=1e-4, abs=1e-12)
            assert worked_out(expression) == pytest.approx(result.zero.w[i, t], abs=2e-4 * scale)


# ------------------------------------------------------------------------------------------------ sentences


@pytest.mark.parametrize("spec", SPECS)
def test_nothing_that_is_said_holds_a_nan_an_infinity_or_a_hyphen_for_a_minus(spec):
    for sentence in said_of(solved(spec)):
        assert sentence
        assert not re.search(r"nan|inf\b|Decimal|-\d|  ", sentence), sentence


def test_the_summary_of_the_course_names_its_slips_its_clip_and_the_crossing():
    text = table_summary(solved(StepByStepSpec()))
    assert "Of 22 entries that the course prints for these steps, 19 are right and 3 are slips" in text
    for printed, exact in (("1.15845", "1.1584385"), ("1.04687", "1.046854115"), ("0.93640", "0.93638557385")):
        assert f"{printed} where {exact} rounds to" in text
    assert "L1's zero for w₂ in step 5 is a clip, not a resting place: |g| = 1 > λ = 0.1, so the next step leads to −0.1." in text
    assert "L2 crosses zero: w₂ in step 5." in text
    assert "All 6 entries" in table_summary(solve(StepByStepSpec(steps=1)))
    assert "course" not in table_summary(solve(StepByStepSpec(rate=0.2)))


def test_a_slip_is_told_with_what_it_should_be():
    (first, *_) = [slip for run in solved(StepByStepSpec()).runs for slip in run.slips]
    assert slip_sentence(first) == "1.15845 is a slip; exactly it is 1.1584385, which rounds to 1.15844."


@pytest.mark.parametrize("spec", TABLES)
def test_each_step_tells_what_happens_at_zero_in_it_and_only_that(spec):
    result = solved(spec)
    sentences = step_sentences(result)
    assert len(sentences) == len(result.axis)
    words = {"clipped": "clips it to 0", "crosses": "crosses zero", "lands": "zero", "leaves": "from zero|leaves zero"}
    for step, sentence in enumerate(sentences):
        events = [(run, event) for run in result.runs for event in run.events if event.step == step]
        for run, event in events:
            assert re.search(words[event.kind], event_sentence(result, run, event))
            assert f"{run.rule.label}: {event_sentence(result, run, event)}" in sentence
        assert sentence.count("crosses zero") == sum(event.kind == "crosses" for _, event in events)


def test_a_weight_that_leaves_zero_is_told_why_by_the_strength_of_the_gradient():
    strong = solved(StepByStepSpec(steps=9.0))
    (leaving,) = [event for event in strong.runs[1].events if event.kind == "leaves"]
    assert "|g| = 1 > λ = 0.1" in event_sentence(strong, strong.runs[1], leaving)
    weak = solved(StepByStepSpec(steps=12.0, lam=1.0, gradient1=0.3, gradient2=-0.3))
    texts = [event_sentence(weak, weak.runs[1], event) for event in weak.runs[1].events if event.kind == "leaves"]
    assert texts
    assert all("|g| = 0.3 ≤ λ = 1" in text and "sign(0)" in text for text in texts)


def test_the_penaltys_share_of_a_step_is_what_lies_between_the_rules():
    result = solved(StepByStepSpec())
    numbers = [float(text) for text in re.findall(r"\d+\.\d+(?= on w)", step_sentences(result)[3])]
    old = [float(value) for value in result.runs[2].exact[2]]
    np.testing.assert_allclose(numbers, [0.01, 0.01, 0.01 * old[0], 0.01 * old[1]], rtol=5e-4)


def test_divergence_is_told_with_its_factor_and_a_remedy_that_works():
    spec = STEP_BY_STEP_PRESETS["L2 overshoots"]
    text = table_summary(solved(spec))
    assert "|1 − 1.5·2| = 2 > 1" in text
    below = float(re.search(r"Take a rate below ([\d.]+)\.", text)[1])
    assert not solve(spec.replace(rate=below - 0.01)).diverged
    assert "diverges" not in table_summary(solve(spec.replace(rate=below - 0.01)))


@pytest.mark.parametrize("spec", ALONE)
def test_how_long_each_penalty_takes_is_the_results(spec):
    result, text = solved(spec), alone_summary(solved(spec))
    for weight, gone, faint in zip(result.alone.start, result.alone.gone, result.alone.faint, strict=True):
        if gone is not None:
            assert f"{weight:g} is zero after {gone:,} step" in text
        if faint is not None and result.alone.factor != 0 and not result.alone.diverges:
            assert f"{weight:g} is at most {TOLERANCE:g} after {faint:,} step" in text
    assert ("diverges" in text) == result.alone.diverges


def test_ten_costs_l2_a_hundred_times_what_one_costs():
    assert "The L2 penalty of 10 is 100 times that of 1" in alone_summary(solved(StepByStepSpec(story="alone")))


@pytest.mark.parametrize("spec", ZERO)
def test_the_fate_of_the_weight_is_told_by_the_results_numbers(spec):
    result, text = solved(spec), zero_summary(solved(spec))
    zero = result.zero
    assert ("diverges" in text) == result.diverged
    if zero.diverged[0] is None:
        assert f"changes sign {zero.bounces[0, -1]} time" in text
    if zero.diverged[1] is None and zero.zeros[1, -1]:
        assert f"is exactly zero in {zero.zeros[1, -1]} of" in text
        assert ("comes back in step" in text) == (zero.back[1] is not None)
    if zero.diverged[2] is None and zero.died is not None:
        assert f"for ever in step {zero.died}," in text
    counts = zero_counts(zero)
    assert [int(n) for n in re.findall(r"(\d+) change", counts[-1])] == list(zero.bounces[:, -1])
    assert [int(n) for n in re.findall(r"(\d+) exact zero", counts[-1])] == list(zero.zeros[:, -1])


def test_every_story_can_be_told_at_the_extremes():
    knobs = StepByStepSpec.knobs()
    for story, rate, lam, convention, at_zero in itertools.product(
        SUMMARIES, knobs["rate"].bounds, (0.0, 0.01, 2.0), ("course", "lab"), ("clip", "subgradient", "proximal")
    ):
        spec = StepByStepSpec(story=story, rate=rate, lam=lam, convention=convention, at_zero=at_zero, elastic=True, steps=60.0, start2=0.0)
        for sentence in said_of(solve(spec)):
            assert not re.search(r"nan|inf\b", sentence)
