"""Questions and stories on the pages under AppTest: what opens them, what is revealed, what the address keeps, and what a bad link gets."""

import random

import pytest

from core import lessons
from core.specs import LABS, DiamondCircleSpec, ShrinkageSpec
from tests.pages.harness import Drawn, open_page, problems
from tests.pages.test_fuzz import TEXTS, assert_plain
from ui.links import canonical, query_of

# Nothing trains here: pages of networks have an engine that takes notes.
pytestmark = pytest.mark.usefixtures("engine")
STEPS = [(page, at) for page, steps in lessons.STORIES.items() for at in range(1, len(steps) + 1)]


def button(app, key):
    return next(each for each in app.button if each.key == key)


def words(app) -> str:
    return "\n".join(each.value for each in app.markdown)


def spec_of(app, page):
    kind = LABS[page]
    return kind(**{name: app.session_state[kind.url_key(name)] for name in kind.knobs() if kind.url_key(name) in app.session_state})


def kept(app, page) -> dict[str, str]:
    """What the address keeps of questions and story."""
    prefix = LABS[page].prefix
    return {each.key: each.value for each in app.text_input if each.key.startswith((f"{prefix}q_", f"{prefix}s_")) and each.value}


# ------------------------------------------------------------------------------------------------------------------- questions


@pytest.mark.parametrize("page", lessons.STORIES)
def test_questions_open_are_answered_and_revealed_with_score_and_reason_and_the_address_keeps_them(page, drawn: Drawn):
    prefix, count = LABS[page].prefix, len(lessons.questions(page))
    app = open_page(page)
    assert kept(app, page) == {}
    assert not [each for each in app.button if "-q-" in each.key], "closed until asked for"
    button(app, f"{prefix}-predict").click().run()
    assert kept(app, page) == {f"{prefix}q_on": "1"}
    total = 0
    for which in range(1, count + 1):
        asked = lessons.ask(page, which, spec_of(app, page))
        assert asked is not None
        assert asked.prompt in words(app)
        assert asked.reason not in words(app), "not before it is answered"
        assert f"Question {which} of {count}" in words(app)
        place = f"{prefix}-q-{which}-{asked.token}"
        if asked.kind == "choice":
            assert button(app, f"{prefix}-q-reveal").disabled, "nothing chosen yet"
            answer = asked.options[-1][0]
            next(each for each in app.radio if each.key == place).set_value(answer).run()
        else:
            answer = asked.values[len(asked.values) // 3]
            next(each for each in app.select_slider if each.key == place).set_value(answer).run()
        button(app, f"{prefix}-q-reveal").click().run()
        assert problems(app) == []
        score = asked.score(answer)
        total += score.points
        assert asked.reason in words(app)
        assert f"{score.points} of 100 points" in words(app)
        assert f"· {total} of {100 * count} points" in words(app)
        assert asked.shown(answer) in words(app)
        assert asked.shown(asked.truth) in words(app)
        assert kept(app, page)[f"{prefix}q_{which}"] == asked.kept(answer)
        if which < count:
            button(app, f"{prefix}-q-next").click().run()
    assert button(app, f"{prefix}-q-next").disabled
    button(app, f"{prefix}-predict").click().run()
    assert set(kept(app, page)) == {f"{prefix}q_{which}" for which in range(1, count + 1)}, "closed, and the answers stay"
    assert problems(app) == []


def test_a_link_with_answers_opens_with_their_scores_and_show_me_keeps_them(drawn: Drawn):
    spec = DiamondCircleSpec()
    asked = lessons.ask("diamond_and_circle", 2, spec)
    assert asked is not None
    assert asked.show is not None
    app = open_page("diamond_and_circle", dcq_on="2", dcq_2=asked.kept(3.0), dcq_1="w2")
    first = lessons.ask("diamond_and_circle", 1, spec)
    assert first is not None
    points = asked.score(3.0).points + first.score("w2").points
    assert f"· {points} of 400 points" in words(app)
    button(app, "dc-q-show").click().run()
    assert spec_of(app, "diamond_and_circle") == asked.show
    assert asked.reason in words(app)
    assert not [each for each in app.button if each.key == "dc-q-show"], "there is nothing more to show"
    button(app, "dc-q-retry").click().run()
    assert asked.reason not in words(app)
    assert "dcq_2" not in kept(app, "diamond_and_circle")


def test_other_settings_take_an_answer_back_and_say_so(drawn: Drawn):
    app = open_page("diamond_and_circle", dcq_on="1", dcq_1="w1")
    assert "**Right" in words(app)
    app.session_state["dc_tilt"] = -45.0
    app.run()
    assert "**Right" not in words(app)
    assert "Asked again" in words(app)
    assert "dcq_1" not in kept(app, "diamond_and_circle")
    assert not app.warning


def test_an_answer_that_was_given_to_other_settings_is_not_scored_against_these(drawn: Drawn):
    other = lessons.ask("diamond_and_circle", 1, DiamondCircleSpec(tilt=-45.0))
    assert other is not None
    app = open_page("diamond_and_circle", dcq_on="1", dcq_1=other.kept("w1"))
    assert "· 0 of 400 points" in words(app)
    assert "Asked again" in words(app)


def test_a_scrub_leaves_answers_alone(drawn: Drawn):
    app = open_page("diamond_and_circle", dcq_on="1", dcq_1="w1")
    app.session_state["dc_lam"] = 1.0
    app.run()
    assert "**Right" in words(app)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"dcq_on": "9"}, "`dcq_on = 9` is not a question of this lab, 1 to 4"),
        ({"dcq_on": "one"}, "`dcq_on = one` is not a question"),
        ({"dcq_on": "1", "dcq_1": "w3"}, "`dcq_1 = w3` is not one of w1, w2, both"),
        ({"dcq_on": "2", "dcq_2": "-7"}, "`dcq_2 = -7` is not a number from 0 to"),
        ({"dcq_7": "1"}, "`dcq_7` is no question or step"),
        ({"dcs_step": "99"}, "`dcs_step = 99` is not a step of this story, 1 to 7"),
        ({"dcs_stop": "1"}, "`dcs_stop` is no question or step"),
        ({"dcq_on": ["1", "2"]}, "`dcq_on` is given 2 times"),
    ],
)
def test_what_a_link_gets_wrong_is_named_and_left_out(query, said, drawn: Drawn):
    app = open_page("diamond_and_circle", **query)
    assert problems(app) == []
    assert len(app.warning) == 1
    assert said in app.warning[0].value
    assert_plain(app.warning[0].value)


@pytest.mark.parametrize("page", lessons.STORIES)
def test_garbage_in_the_new_keys_never_breaks_a_page(page, drawn: Drawn):
    rng, prefix = random.Random(page), LABS[page].prefix
    for case in range(6):
        query = {f"{prefix}q_on": rng.choice(("1", "2", "3", *TEXTS)), f"{prefix}s_step": rng.choice(("1", "2", *TEXTS))}
        query |= {f"{prefix}q_{which}": rng.choice((*TEXTS, "1e999", "nan", "-1", "0.5~zzzz", "~", "1~", "9" * 400)) for which in range(1, 5)}
        query |= {f"{prefix}q_{rng.choice(('x', '', '99', '<b>'))}": rng.choice(TEXTS)}
        app = open_page(page, **query)
        assert problems(app) == [], (case, query)
        for warning in app.warning:
            assert_plain(warning.value)


# ----------------------------------------------------------------------------------------------------------------------- story


@pytest.mark.parametrize(("page", "at"), STEPS)
def test_a_step_alone_opens_its_settings_and_a_step_with_settings_keeps_them(page, at, drawn: Drawn):
    kind, step = LABS[page], lessons.STORIES[page][at - 1]
    app = open_page(page, **{f"{kind.prefix}s_step": str(at)})
    assert problems(app) == []
    assert not [each.value for each in app.warning if "This link" in each.value or "defaults" in each.value]
    assert spec_of(app, page) == step.spec
    assert f"**{step.title}** · step {at} of {len(lessons.STORIES[page])}" in words(app)
    assert step.told in words(app)
    # A browser is sent to the settings as well, so that a reload finds them.
    sent = canonical(f"{kind.prefix}s_step={at}")
    assert sent == "&".join(filter(None, (f"{kind.prefix}s_step={at}", query_of(step.spec))))
    assert canonical(sent) == sent


@pytest.mark.parametrize("page", lessons.STORIES)
def test_a_story_is_turned_by_its_buttons_and_ends_where_it_stands(page, drawn: Drawn):
    prefix, steps = LABS[page].prefix, lessons.STORIES[page]
    app = open_page(page)
    button(app, f"{prefix}-story").click().run()
    assert kept(app, page) == {f"{prefix}s_step": "1"}
    assert button(app, f"{prefix}-s-before").disabled
    button(app, f"{prefix}-s-next").click().run()
    button(app, f"{prefix}-s-next").click().run()
    button(app, f"{prefix}-s-before").click().run()
    assert problems(app) == []
    assert kept(app, page) == {f"{prefix}s_step": "2"}
    assert spec_of(app, page) == steps[1].spec
    button(app, f"{prefix}-s-end").click().run()
    assert kept(app, page) == {}
    assert spec_of(app, page) == steps[1].spec, "the settings stay"
    assert f"**{steps[1].title}** · step" not in words(app)


def test_a_setting_that_a_hand_changes_keeps_the_words_and_one_button_goes_back(drawn: Drawn):
    step = lessons.STORIES["shrinkage_paths"][3]
    app = open_page("shrinkage_paths", shs_step="4", sh_penalty="Ridge", sh_lam="0.001")
    assert spec_of(app, "shrinkage_paths") == ShrinkageSpec(penalty="l2", lam=0.001)
    assert step.told in words(app)
    button(app, "sh-s-back").click().run()
    assert spec_of(app, "shrinkage_paths") == step.spec
    assert not [each for each in app.button if each.key == "sh-s-back"]
    app.session_state["sh_folds"] = "5"
    app.run()
    assert step.told in words(app)
    assert kept(app, "shrinkage_paths") == {"shs_step": "4"}


def test_nothing_is_asked_while_the_questions_are_closed(drawn: Drawn, monkeypatch):
    from ui import lessons as shown

    def never(*_):
        raise AssertionError("a question was asked")

    monkeypatch.setattr(shown, "ask", never)
    app = open_page("bias_and_variance", bvq_1="3")
    assert problems(app) == []
