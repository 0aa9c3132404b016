"""The class room under AppTest: two doors, one screen that leads and others that follow, questions for the class, and every way out."""

import random
import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core import lessons
from core.classroom import hub as rooms
from core.classroom.hub import Hub
from core.classroom.room import DAY, Form, Place, new_participant
from core.classroom.store import Store
from core.specs import LABS, DiamondCircleSpec
from tests.pages.harness import ROOT, Drawn, open_page, problems
from tests.pages.test_fuzz import TEXTS, assert_plain
from ui import class_desk, class_room, shell

ASKED = lessons.ask("diamond_and_circle", 2, DiamondCircleSpec())


class Clock:
    def __init__(self):
        self.now = 1e9

    def __call__(self):
        self.now += 0.3  # each look is a little later than the one before, and so a fresh one
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock, drawn: Drawn) -> Hub:
    made = Hub(Store(f"sqlite:///{tmp_path / 'rooms.sqlite'}", clock), clock)
    monkeypatch.setattr(rooms, "hub", lambda: made)
    return made


def words(app):
    return "\n".join(each.value for each in (*app.markdown, *app.info, *app.warning))


def press(app, key):
    found = [each for each in app.button if each.key == key]
    assert found, f"no button {key} among {[each.key for each in app.button]}"
    app = found[0].click().run()
    assert problems(app) == []
    return app


def buttons(app):
    return {each.key for each in app.button}


def go(app, page):
    app = app.switch_page(str(ROOT / "pages" / f"{page}.py")).run()
    assert problems(app) == []
    return app


def on(app):
    return app.title[0].value if len(app.title) else ""


def stay(app):
    """Let AppTest know where it is: a browser follows a script that goes to another page, and AppTest would run the old one again."""
    file = next((room.file for room in shell.ROOMS if room.title == on(app)), None)
    return app if file is None else app.switch_page(str(ROOT / "pages" / f"{file}.py"))


def follow(app):
    app.run()
    assert problems(app) == []
    return stay(app)


def opened(hub):
    app = press(open_page("class_room"), "lab-class-open")
    return app, app.session_state["lab_room"]


def joined(code, page="class_room"):
    """A student who has opened a link to a room: on the page that is shown there, else on the link's."""
    app = AppTest.from_file(str(ROOT / "ui" / "router.py"), default_timeout=60)
    app.query_params["lab_room"] = code
    app.run()
    assert problems(app) == []
    return stay(app) if on(app) != "Regularization Lab" or page == "home" else stay(go(app, page))


# -------------------------------------------------------------------------------------------------------------------- the doors


def test_a_visitor_in_no_room_meets_nothing_of_it(hub, drawn: Drawn):
    reads = hub.store.reads
    app = open_page("diamond_and_circle")
    assert "lab-class-line" not in drawn
    assert "lab_room" not in app.session_state
    assert hub.store.reads == reads


def test_a_teacher_opens_a_room_and_sees_code_link_and_picture(hub, drawn: Drawn):
    app, code = opened(hub)
    (link,) = [each.value for each in app.code]
    assert link == f"class_room?lab_room={code}"
    assert f">{code}</p>" in "".join(each.value for each in app.get("html"))
    assert f"QR code of {link}" in words(app)
    assert drawn["lab-class-line"]["code"] == code
    assert hub.is_teacher(code, drawn["lab-class-line"]["key"])
    key = drawn["lab-class-line"]["key"]
    assert key not in "".join(each.value for each in (*app.get("html"), *app.markdown, *app.code)), "it is in no place that a projector shows"


@pytest.mark.parametrize("typed", ["{}", " {} ", "lower"])
def test_a_student_joins_by_typing_the_code(hub, typed, drawn: Drawn):
    _, code = opened(hub)
    app = open_page("class_room")
    app.text_input(key="lab-class-code").set_value(code.lower() if typed == "lower" else typed.format(code))
    next(each for each in app.button if each.label == "Join").click()
    follow(app)
    assert problems(app) == []
    assert drawn["lab-class-line"]["code"] == code
    assert drawn["lab-class-line"]["key"] == ""
    assert "Wait for your teacher" in words(app)


@pytest.mark.parametrize("page", ["class_room", "diamond_and_circle", "home"])
def test_a_link_to_a_room_that_is_not_there_is_named_and_the_page_stays(hub, page):
    app = joined("BCDFGH", page)
    assert "The class room BCDFGH: allowed is one that is open" in words(app)
    assert not app.toggle or "Follow the teacher" not in [each.label for each in app.toggle]


@pytest.mark.parametrize("page", ["class_room", "training"])
def test_garbage_in_the_room_of_a_link_never_breaks_a_page(hub, page):
    rng = random.Random(page)
    for text in rng.sample((*TEXTS, "BCDFG", "BCDFGHJ", "b" * 5000), 8):
        app = joined(text, page)
        for each in app.info:
            assert_plain(each.value)


def test_a_site_without_class_rooms_says_so(hub):
    hub.store._url = ""
    app = press(open_page("class_room"), "lab-class-open")
    assert "LAB_CLASS is off" in words(app)
    joined("BCDFGH")


# ------------------------------------------------------------------------------------------------------------------- following


@pytest.mark.parametrize("page", LABS)
def test_every_lab_is_followed_with_its_settings(hub, page, drawn: Drawn):
    teacher, code = opened(hub)
    student = joined(code)
    kind = LABS[page]
    step = lessons.STORIES[page][2].spec if page in lessons.STORIES else kind()
    for name in kind.knobs():
        teacher.session_state[kind.url_key(name)] = getattr(step, name)
    teacher = go(teacher, page)
    room = hub.look(code)
    assert room.place.page == page
    assert kind(**room.place.values()) == step
    follow(student)
    assert problems(student) == []
    assert on(student) == on(teacher)
    assert {name: student.session_state[kind.url_key(name)] for name in kind.knobs() if kind.url_key(name) in student.session_state} == {
        name: getattr(step, name) for name in kind.knobs() if kind.url_key(name) in student.session_state
    }
    follow(student)
    assert on(student) == on(teacher), "and stays"


def test_settings_that_go_back_to_their_defaults_do_so_on_every_screen(hub):
    teacher, code = opened(hub)
    teacher.session_state["dc_tilt"] = 40.0
    teacher = go(teacher, "diamond_and_circle")
    student = joined(code)
    assert student.session_state["dc_tilt"] == 40.0
    teacher.session_state["dc_tilt"] = DiamondCircleSpec().tilt
    teacher.run()
    follow(student)
    assert student.session_state["dc_tilt"] == DiamondCircleSpec().tilt


def test_nothing_is_published_twice_and_the_page_with_the_code_never(hub):
    teacher, code = opened(hub)
    assert hub.look(code).version == 0
    teacher = go(teacher, "diamond_and_circle")
    teacher.run()
    teacher.run()
    assert hub.look(code).version == 1
    go(teacher, "class_room")
    assert hub.look(code).version == 1


def test_a_student_is_free_while_not_following_and_comes_back_to_where_the_teacher_is(hub):
    teacher, code = opened(hub)
    teacher = go(teacher, "diamond_and_circle")
    student = joined(code)
    student.toggle(key=f"lab-class-follows-{code}").set_value(False).run()
    student = go(student, "dropout")
    teacher.session_state["dc_tilt"] = 40.0
    teacher.run()
    follow(student)
    assert on(student) == "Dropout"
    student.toggle(key=f"lab-class-follows-{code}").set_value(True)
    follow(student)
    assert on(student) == "Diamond and circle"
    assert student.session_state["dc_tilt"] == 40.0


def test_a_student_who_follows_may_look_around_until_the_teacher_moves(hub):
    teacher, code = opened(hub)
    teacher = go(teacher, "diamond_and_circle")
    student = joined(code)
    student.session_state["dc_tilt"] = -20.0
    follow(student)
    assert student.session_state["dc_tilt"] == -20.0
    student = go(student, "dropout")
    assert on(student) == "Dropout"
    teacher.session_state["dc_rho"] = 0.25
    teacher.run()
    follow(student)
    assert on(student) == "Diamond and circle"


def test_a_teacher_who_is_not_followed_shows_nothing_until_the_switch_is_on_again(hub):
    teacher, code = opened(hub)
    teacher.toggle(key=f"lab-class-shown-{code}").set_value(False).run()
    teacher = go(teacher, "diamond_and_circle")
    assert hub.look(code).version == 0
    teacher.toggle(key=f"lab-class-shown-{code}").set_value(True).run()
    assert hub.look(code).place.page == "diamond_and_circle"


def test_steps_of_a_story_and_the_texts_of_a_teachers_view_are_followed(hub):
    teacher, code = opened(hub)
    teacher = go(teacher, "diamond_and_circle")
    teacher.session_state["lab_show"] = "tilt.penalty"
    teacher.session_state["lab_lock"] = "lam"
    press(teacher, "dc-story")
    place = hub.look(code).place
    assert (place.show, place.lock) == ("tilt.penalty", "lam")
    student = joined(code)
    assert student.session_state["lab_show"] == "tilt.penalty"
    assert student.session_state["lab_lock"] == "lam"
    assert student.session_state["dcs_step"] == "1"
    press(student, "lab-class-leave")
    assert student.session_state["lab_show"] == ""


def test_a_place_of_another_release_leaves_a_student_where_he_is(hub):
    code, key = hub.open()
    hub.store.publish(code, key, Place("a_page_to_come", "xx_a=1"), Form())
    student = joined(code)
    assert "Wait for your teacher" in words(student)


def test_a_room_that_is_closed_or_a_day_old_lets_everybody_go(hub, clock):
    teacher, code = opened(hub)
    teacher = go(teacher, "diamond_and_circle")
    student, other = joined(code), joined(code)
    press(go(teacher, "class_room"), "lab-class-close")
    follow(student)
    assert f"The class in {code} is over" in words(student)
    assert on(student) == "Diamond and circle"
    assert student.session_state["lab_room"] == ""
    teacher, code = opened(hub)
    other = joined(code)
    clock.now += DAY
    follow(other)
    assert "is over" in words(other)


# -------------------------------------------------------------------------------------------------------------- the browser's memory


def test_a_reload_of_the_teachers_browser_brings_the_room_back(hub, drawn: Drawn, monkeypatch):
    _, code = opened(hub)
    key = drawn["lab-class-line"]["key"]
    again = joined(code)
    assert drawn["lab-class-line"]["key"] == ""
    says(monkeypatch, {"code": code, "key": key})
    again.session_state["lab-try"] = True
    follow(again)
    assert drawn["lab-class-line"]["key"] == key
    assert [each.value for each in again.code] == [f"class_room?lab_room={code}"]


@pytest.mark.parametrize(
    "payload", [{"code": "{code}", "key": "0" * 64}, {"code": "<b>", "key": "x"}, {"code": 1, "key": []}, [], "x", {"code": "{code}", "me": "short"}]
)
def test_a_browser_that_remembers_nonsense_gets_nothing_for_it(hub, drawn: Drawn, monkeypatch, payload):
    _, code = opened(hub)
    student = joined(code)
    me = drawn["lab-class-line"]["me"]
    filled = (
        {name: value.format(code=code) if isinstance(value, str) else value for name, value in payload.items()}
        if isinstance(payload, dict)
        else payload
    )
    says(monkeypatch, filled)
    follow(student)
    assert problems(student) == []
    assert drawn["lab-class-line"]["key"] == ""
    assert drawn["lab-class-line"]["me"] == me


def says(monkeypatch, payload):
    """Have the browser say what it remembers before the next run: AppTest has no component that could."""
    real, said = class_room.attend, []

    class Line:
        known = payload

    def attend(page):
        if not said:
            said.append(page)
            import streamlit as st

            st.session_state["lab-class-line"] = Line()
            class_room._known()
            del st.session_state["lab-class-line"]
        real(page)

    monkeypatch.setattr(shell.class_room, "attend", attend)


def test_a_browser_with_the_key_of_an_open_room_is_offered_to_go_on(hub, drawn: Drawn, monkeypatch):
    code, key = hub.open()
    says(monkeypatch, {"code": code, "key": key})
    app = press(open_page("class_room"), "lab-class-go-on")
    assert drawn["lab-class-line"]["key"] == key
    assert app.session_state["lab_room"] == code


# ------------------------------------------------------------------------------------------------------------------- questions


def asking(hub):
    """A teacher who asks the second question of the first lab, with two students."""
    teacher, code = opened(hub)
    teacher.session_state["dcq_on"] = "2"
    teacher = go(teacher, "diamond_and_circle")
    return teacher, joined(code), joined(code), code


def send(app, code, value, hub):
    room = hub.look(code)
    app.session_state[f"dc-class-{room.form.name}-{room.turn}"] = value
    return press(app, "dc-q-reveal")


def test_a_class_predicts_the_teacher_sees_counts_and_the_truth_comes_with_the_reveal(hub, drawn: Drawn):
    teacher, one, other, code = asking(hub)
    truth = ASKED.shown(ASKED.truth)
    assert hub.look(code).form.name == f"diamond_and_circle.2.{ASKED.token}"
    drawn.clear()
    follow(one)
    assert "dc-tally" not in drawn, "a student's own screen has none"
    teacher.run()
    assert drawn["dc-tally"]["truth"] is None
    assert not re.search(rf"\*\*{re.escape(truth)}\*\*", words(teacher))
    assert ("of 400 points" in words(teacher), "of 400 points" in words(one)) == (False, True), "who asks is not scored"
    one, other = send(one, code, ASKED.values[10], hub), send(other, code, ASKED.values[200], hub)
    assert f"Sent: **{ASKED.shown(ASKED.values[10])}**" in words(one)
    one = send(one, code, ASKED.values[12], hub)
    assert sorted(hub.store.answers(code, f"diamond_and_circle.2.{ASKED.token}", 0)) == sorted(repr(ASKED.values[i]) for i in (12, 200))
    drawn.clear()
    for app in (one, other):
        follow(app)
        assert ASKED.reason not in words(app)
        assert "dc-tally" not in drawn
    press(teacher, "dc-q-tell")
    assert drawn["dc-tally"]["truth"] == {"label": truth, "value": ASKED.truth}
    assert ASKED.reason in words(teacher)
    for app, place in ((one, 12), (other, 200)):
        follow(app)
        score = ASKED.score(ASKED.values[place])
        assert f"{score.points} of 100 points.** You said {ASKED.shown(ASKED.values[place])}; it is **{truth}**" in words(app)
        assert ASKED.reason in words(app)
        assert app.session_state["dcq_2"] == ASKED.kept(ASKED.values[place]), "and stays in the student's own link"
    late = joined(code)
    assert f"The class has been told: it is **{truth}**" in words(late)


def test_asking_again_takes_answers_and_scores_back(hub, drawn: Drawn):
    teacher, one, _, code = asking(hub)
    one = send(one, code, ASKED.values[10], hub)
    teacher = press(teacher, "dc-q-tell")
    follow(one)
    teacher = press(teacher, "dc-q-anew")
    assert drawn["dc-tally"]["truth"] is None
    follow(one)
    assert "Sent" not in words(one)
    assert ASKED.reason not in words(one)
    assert one.session_state["dcq_2"] == ""
    one = send(one, code, ASKED.values[20], hub)
    press(teacher, "dc-q-tell")
    follow(one)
    assert f"You said {ASKED.shown(ASKED.values[20])}" in words(one)


def test_a_student_who_does_not_follow_or_has_other_settings_answers_alone(hub):
    _, one, other, code = asking(hub)
    one.session_state["dc_tilt"] = -45.0
    follow(one)
    other.toggle(key=f"lab-class-follows-{code}").set_value(False).run()
    for app in (one, other):
        assert [each.label for each in app.button if each.key == "dc-q-reveal"] == ["Reveal"]


def test_an_answer_sent_before_a_reload_is_known_after_it(hub, drawn: Drawn, monkeypatch):
    _, one, _, code = asking(hub)
    me = drawn["lab-class-line"]["me"]
    follow(one)
    me = drawn["lab-class-line"]["me"]
    send(one, code, ASKED.values[30], hub)
    again = joined(code)
    assert "Sent" not in words(again)
    says(monkeypatch, {"code": code, "me": me})
    follow(again)
    assert f"Sent: **{ASKED.shown(ASKED.values[30])}**" in words(again)


def test_every_lab_asks_a_class_its_questions(hub, drawn: Drawn):
    for page in ("dropout", "shrinkage_paths", "right_mix"):
        kind = LABS[page]
        teacher, code = opened(hub)
        for which in range(1, len(lessons.questions(page)) + 1):
            asked = lessons.ask(page, which, kind())
            teacher.session_state[f"{kind.prefix}q_on"] = str(which)
            teacher = go(teacher, page)
            if asked is None:
                continue
            room = hub.look(code)
            assert room.form.name == f"{page}.{which}.{asked.token}"
            tally = drawn[f"{kind.prefix}-tally"]
            assert sum(bar["count"] for bar in tally["empty"]["bars"]) == 0
            assert tally["truth"] is None
            hub.answer(room, new_participant(), asked.values[0] if asked.values else asked.options[0][0])
            teacher = press(teacher, f"{kind.prefix}-q-tell")
            assert drawn[f"{kind.prefix}-tally"]["truth"]["label"] == asked.shown(asked.truth)
            student = joined(code)
            assert asked.reason in words(student)


@pytest.mark.parametrize(
    ("link", "alone"),
    [
        ("http://127.0.0.1:8501/class_room?lab_room=X", True),
        ("http://[::1]:8501/", True),
        ("http://localhost/x", True),
        ("http://lab.localhost/x", True),
        ("class_room?lab_room=X", True),
        ("http://10.0.0.7:8501/", False),
        ("https://lab.example.org/class/", False),
    ],
)
def test_an_address_that_only_this_machine_reaches_is_known(link, alone):
    assert class_desk.here_alone(link) == alone
