"""Questions to predict: what an answer is worth, what a link keeps of it, and that no question gives itself away or outlives its settings."""

import random
import re

import numpy as np
import pytest

from core import lessons, specs
from core.errors import InvalidInput
from core.lessons.question import Asked, amount, choice, size, tidy
from core.specs import BatchNormSpec, DiamondCircleSpec, ShrinkageSpec

SHEETS = {"claims_on_trial", "cheat_sheet"}
LABS = {page: spec for page, spec in specs.LABS.items() if page not in SHEETS}
EACH = [(page, which) for page in LABS for which in range(1, len(lessons.questions(page)) + 1)]
# Settings under which every question's truth or prompt is another one: what matters to it has been changed.
OTHERS = {
    "diamond_and_circle": {"tilt": -40.0, "centre1": 2.0, "condition": 12.6, "curvature": 4.0},
    "smoothing_and_curvature": {"surface": "himmelblau", "rule": "momentum"},
    "step_by_step": {"rate": 0.2, "lam": 0.3, "big": 31.6, "gradient2": 0.5, "target": 0.2},
    "optimizer_race": {"surface": "rotated_ravine", "mode": "same", "rate": 0.0251},
    "adam_and_adamw": {"centre1": 4.0, "coupling": -0.5, "adam_rate": 0.0251},
    "shrinkage_paths": {"data": "breast_cancer", "twin_rows": 20.0, "twin_lam": 0.398, "twin_scaled": False},
    "priors_and_map": {"sigma": 0.3, "eps": 0.3, "points": "1,1.5;-1,-1.2"},
    "bias_and_variance": {"truth": "bump", "noise": 0.6, "size": 9.0, "basis": "splines"},
    "training": {"data": "diabetes", "units": 8.0, "lr": 0.1, "lam": 0.1, "batch": "8", "epochs": 100.0},
    "dropout": {"units": 25.0, "masks": "row", "ensemble": 9.0, "kind": "one"},
    "batch_norm": {"activation": "tanh", "layers": 2.0, "seed": 3.0},
    "flat_and_sharp_minima": {"draw": 1.0, "measure": "filter"},
    "right_mix": {"data": "breast_cancer", "searches": 3.0},
}


def number(truth=3.0, **more) -> Asked:
    return amount("How many?", truth, "So many.", **{"low": 0.0, "high": 10.0, "step": 0.1, "tolerance": 0.5} | more)


# --------------------------------------------------------------------------------------------------------------------- answers


@pytest.mark.parametrize("asked", [number(), size("How large?", 20.0, "So large.", low=0.1, high=1e4, tolerance=0.2)])
def test_the_truth_is_worth_all_points_and_they_fall_with_the_distance_to_nothing(asked: Asked):
    assert asked.score(asked.truth) == lessons.Score("right", 100)
    for side in (1, -1):
        way = [asked.score(value).points for value in sorted(asked.values, reverse=side < 0) if (value - asked.truth) * side >= 0]
        assert way == sorted(way, reverse=True)
        assert way[0] == 100
        assert way[-1] == 0
    assert {asked.score(value).verdict for value in asked.values} == {"right", "near", "off"}


def test_an_answer_at_its_tolerance_is_right_three_of_them_near_and_more_off():
    asked = number()
    found = {value: asked.score(value) for value in (3.5, 3.6, 4.5, 4.6, 6.0)}
    assert [score.verdict for score in found.values()] == ["right", "near", "near", "off", "off"]
    assert [score.points for score in found.values()] == [100, 96, 60, 56, 0]


def test_a_ratio_is_off_as_far_above_as_below():
    asked = size("How large?", 10.0, "So large.", low=0.1, high=1e3, tolerance=0.25)
    assert asked.score(20.0) == asked.score(5.0)
    assert asked.score(12.5).verdict == "right"
    assert asked.score(12.6).verdict == "near"


def test_a_choice_is_right_or_not():
    asked = choice("Which?", "b", "Since.", {"a": "the first", "b": "the second"})
    assert (asked.score("b").points, asked.score("a").points) == (100, 0)
    assert asked.shown("a") == "the first"
    assert asked.kind == "choice"


def test_what_a_link_keeps_reads_back_and_is_no_answer_to_another_question():
    asked, other = number(), number(truth=4.0)
    assert asked.read(asked.kept(2.5)) == 2.5
    assert other.read(asked.kept(2.5)) is None
    assert other.read("2.5") == 2.5, "written by hand, without a token"
    picked, again = (choice(prompt, "a", "Since.", {"a": "one", "b": "two"}) for prompt in ("Which?", "Which now?"))
    assert picked.read(picked.kept("b")) == "b"
    assert again.read(picked.kept("b")) is None


@pytest.mark.parametrize("text", ["", "x", "nan", "inf", "-1", "11", "1e999", "<b>", "a~", "2,5"])
def test_garbage_is_refused_with_what_is_allowed(text):
    with pytest.raises(InvalidInput, match="0 to 10"):
        number().read(text)
    with pytest.raises(InvalidInput, match="one of a, b"):
        choice("Which?", "a", "Since.", {"a": "one", "b": "two"}).read("c" + text)


def test_a_question_that_cannot_be_answered_right_is_refused():
    for wrong in ({"truth": 11.0}, {"truth": float("nan")}, {"truth": 3.0, "high": 0.0}):
        with pytest.raises((InvalidInput, ValueError)):
            number(**wrong)
    with pytest.raises(InvalidInput, match="one of a, b"):
        choice("Which?", "c", "Since.", {"a": "one", "b": "two"})


def test_the_slider_starts_where_the_prompt_says_whatever_the_truth_is():
    assert len({number(truth=truth).start for truth in (1.0, 3.0, 9.0)}) == 1
    assert len({amount(f"Question {i}?", 3.0, "", low=0.0, high=10.0).start for i in range(8)}) > 3


@pytest.mark.parametrize(("value", "down"), [(0.034, 0.02), (7.0, 5.0), (1.0, 1.0), (199.0, 100.0)])
def test_steps_are_round_numbers(value, down):
    assert tidy(value) == down


# ------------------------------------------------------------------------------------------------------------------- questions


def test_every_lab_asks_at_least_three_questions_of_its_first_settings():
    assert set(lessons.STORIES) == set(LABS)
    for page, spec in LABS.items():
        found = lessons.asked(page, spec())
        assert len(found) >= 3
        assert len({each.prompt for each in found}) == len(found)
        assert len({each.name for each in lessons.questions(page)}) == len(lessons.questions(page))


@pytest.mark.parametrize(("page", "which"), EACH)
def test_a_question_can_be_answered_right_names_its_unit_and_has_a_reason(page, which):
    asked = lessons.ask(page, which, LABS[page]())
    assert asked is not None
    assert asked.score(asked.truth).points == 100
    answers = asked.values if asked.kind == "number" else tuple(dict(asked.options))
    assert max(asked.score(answer).points for answer in answers) == 100, "some place of the slider is right"
    assert min(asked.score(answer).points for answer in answers) < 50, "not every one is"
    assert asked.prompt.count("?") >= 1
    if asked.kind == "number":
        assert re.search(r"\([^()]+\)$", asked.prompt), "the unit stands in brackets at the end"
    else:
        assert len(asked.options) >= 2
    assert len(asked.reason) > 60
    for text in (asked.prompt, asked.reason):
        assert "nan" not in text
        assert "None" not in text
        assert "{" not in text
        assert not text.startswith(" ")
        assert "  " not in text


def test_sliders_do_not_start_at_the_answer():
    asked = [each for page, spec in LABS.items() for each in lessons.asked(page, spec()) if each.kind == "number"]
    lucky = [each.prompt for each in asked if each.score(each.start).verdict == "right"]
    assert len(lucky) <= 0.12 * len(asked), "no more than chance would have it"


@pytest.mark.parametrize("page", LABS)
def test_what_shows_the_answer_leaves_every_question_of_the_lab_as_it_was(page):
    """Else the score would be gone as soon as a student looks."""
    spec = LABS[page]()
    every = range(1, len(lessons.questions(page)) + 1)
    before = [lessons.ask(page, which, spec) for which in every]
    for asked in before:
        if asked is not None and asked.show is not None:
            after = [lessons.ask(page, which, asked.show) for which in every]
            assert [each and each.token for each in after] == [each and each.token for each in before], asked.prompt


@pytest.mark.parametrize(("page", "which"), EACH)
def test_other_settings_are_another_question(page, which):
    """Not canned: what is asked, or what is true, follows the settings. Where those have not been measured, nothing is asked at all."""
    spec = LABS[page]()
    asked, other = lessons.ask(page, which, spec), lessons.ask(page, which, spec.replace(**OTHERS[page]))
    assert asked is not None
    assert other is None or other.token != asked.token or lessons.questions(page)[which - 1].name in CONSTANT


# Their truth is a theorem's, whatever the settings, or follows one that has one measured value.
CONSTANT = {"what least squares feels of dropout", "how alike two masks' gradients are", "curvature of longer weights"}


@pytest.mark.parametrize("page", [page for page in LABS if page not in ("optimizer_race", "adam_and_adamw")])
def test_random_settings_never_break_a_question(page):
    rng, spec = random.Random(page), LABS[page]
    for _ in range(8):
        chosen = {}
        for name, knob in spec.knobs().items():
            if rng.random() < 0.5:
                continue
            if knob.kind == "choice":
                chosen[name] = rng.choice(knob.options)[0]
            elif knob.kind == "switch":
                chosen[name] = rng.random() < 0.5
            elif knob.kind == "number" and knob.bounds is not None and knob.bounds[0] > -50:
                low, high = knob.bounds
                chosen[name] = rng.choice(knob.grid()) if knob.scale == "log" else rng.choice((low, high, rng.uniform(low, high)))
        try:
            settings = spec(**chosen)
        except InvalidInput:
            continue
        for asked in lessons.asked(page, settings):
            assert asked.score(asked.truth).points == 100
            answers = asked.values if asked.kind == "number" else tuple(dict(asked.options))
            assert max(asked.score(answer).points for answer in answers) == 100, asked.prompt


def test_what_has_not_been_measured_is_not_asked_and_is_asked_once_it_is(monkeypatch):
    from core.lessons import measured

    spec = BatchNormSpec(draw=77.0)
    assert lessons.ask("batch_norm", 1, spec) is None
    outcomes = measured.SHELF.get(BatchNormSpec().sweep())
    monkeypatch.setattr(measured, "SHELF", type("Shelf", (), {"get": staticmethod(lambda study: outcomes)}))
    assert lessons.ask("batch_norm", 1, spec) is not None, "the refusal was not remembered"
    lessons._ask.cache_clear()
    measured._concluded.cache_clear()


def test_no_page_but_a_lab_has_questions():
    with pytest.raises(InvalidInput, match="home"):
        lessons.questions("home")


def test_the_same_question_is_computed_once():
    lessons._ask.cache_clear()
    spec = ShrinkageSpec(seed=7.0)
    first = lessons.ask("shrinkage_paths", 2, spec)
    assert lessons.ask("shrinkage_paths", 2, spec) is first
    assert np.isfinite(lessons.asked("diamond_and_circle", DiamondCircleSpec())[1].truth)
