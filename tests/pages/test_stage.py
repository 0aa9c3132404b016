"""What a link shows and locks on every lab, what presenting leaves, and what a teacher's link opens."""

import random
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest

import core.specs
from core import lessons
from core.errors import InvalidInput
from core.knobs import Spec
from core.specs import LABS
from core.stage import KEYS, LOCK, NONE, SHOW, VIEW, Stage, read
from tests.pages.harness import ROOT, Drawn, open_page, problems
from tests.pages.test_lessons import button
from ui import plot, theatre
from ui import stage as staged
from ui.controls import Panel
from ui.links import canonical, lesson, query_of
from ui.narrative import sections
from ui.teach import labels_of

# Nothing trains here: pages of networks have an engine that takes notes.
pytestmark = pytest.mark.usefixtures("engine")
PRESETS = {type(next(iter(presets.values()))): list(presets.values()) for name, presets in vars(core.specs).items() if name.endswith("_PRESETS")}


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[Spec]:
    """The spec of each run."""
    specs: list[Spec] = []
    finish = Panel.finish
    monkeypatch.setattr(Panel, "finish", lambda panel, spec: (specs.append(spec), finish(panel, spec))[1])
    return specs


def opened(page, spec=None, **keys):
    query = parse_qs(query_of(spec), keep_blank_values=True) if spec is not None else {}
    return open_page(page, **{key: texts[0] for key, texts in query.items()}, **keys)


def widgets(app):
    found = [*app.slider, *app.select_slider, *app.selectbox, *app.toggle, *app.number_input, *app.button_group, *app.text_input]
    return {each.key: each for each in found if each.key}


def other(page):
    """A state of a lab that is not its first."""
    return next((preset for preset in PRESETS.get(LABS[page], ()) if preset != LABS[page]()), LABS[page]())


def style(app):
    return "".join(each.proto.body for each in app.get("html"))


# --------------------------------------------------------------------------------------------------------------- shown, locked


@pytest.mark.parametrize("page", LABS)
def test_controls_that_are_not_shown_keep_their_values_in_the_spec_and_in_the_address(page, drawn: Drawn, seen):
    spec = other(page)
    usual = opened(page, spec)
    all_of_it = set(widgets(usual))
    app = opened(page, spec, **{SHOW: NONE})
    assert problems(app) == []
    assert seen[-1] == spec
    assert set(widgets(app)) == all_of_it, "each is there for its address's sake"
    hidden = style(app)
    for name, knob in LABS[page].knobs().items():
        if not knob.hidden and knob.kind != "points":
            assert f".st-key-{LABS[page].url_key(name)}," in hidden.replace("{", ",")
    for key, message in drawn.items():
        if message["kind"] == "scrub":
            assert message["hidden"], key
    app.run()
    assert seen[-1] == spec
    first = next(name for name, knob in LABS[page].knobs().items() if not knob.hidden and knob.kind != "points")
    app = opened(page, spec, **{SHOW: first})
    assert f".st-key-{LABS[page].url_key(first)}," not in style(app).replace("{", ",")


@pytest.mark.parametrize("page", LABS)
def test_locked_controls_are_disabled_and_say_so_and_no_preset_undo_reset_or_drag_moves_them(page, drawn: Drawn, seen):
    kind, spec = LABS[page], other(page)
    names = tuple(kind.knobs())
    app = opened(page, spec, **{LOCK: ".".join(names)})
    assert problems(app) == []
    assert seen[-1] == spec
    shown = [widget for key, widget in widgets(app).items() if key in {kind.url_key(name) for name, knob in kind.knobs().items() if not knob.hidden}]
    assert shown
    for widget in shown:
        if widget.type != "text_input":
            assert widget.disabled, widget.key
            assert widget.help.startswith(staged.LOCKED), widget.key
    for key in [each.key for each in app.button if each.key and each.key.startswith((f"{kind.prefix}-preset-", f"{kind.prefix}-reset"))]:
        button(app, key).click().run()
        assert problems(app) == []
        assert seen[-1] == spec, key
    assert {message["locked"] for message in drawn.values() if message["kind"] == "scrub"} <= {staged.LOCKED}


@pytest.mark.parametrize("page", [page for page, kind in LABS.items() if kind in PRESETS])
def test_a_preset_changes_all_but_what_is_locked(page, drawn: Drawn, seen):
    kind = LABS[page]
    presets = PRESETS[kind]
    at = max(range(len(presets)), key=lambda i: sum(getattr(presets[i], name) != getattr(kind(), name) for name in kind.knobs()))
    moved = [name for name in kind.knobs() if getattr(presets[at], name) != getattr(kind(), name)]
    locked = moved[0]
    app = open_page(page, **{LOCK: locked})
    key = f"{kind.prefix}-preset-{at}"
    if key not in {each.key for each in app.button}:
        pytest.skip("this page shows its presets by story")
    button(app, key).click().run()
    assert problems(app) == []
    assert getattr(seen[-1], locked) == getattr(kind(), locked)
    for name in moved[1:]:
        if name not in seen[-1].feasible():
            assert getattr(seen[-1], name) == getattr(presets[at], name), name
    button(app, f"{kind.prefix}-undo").click().run()
    assert getattr(seen[-1], locked) == getattr(kind(), locked)


@pytest.mark.parametrize("page", [page for page in LABS if page in theatre.THEATRES])
def test_each_scrub_says_which_knobs_it_sets_so_that_it_can_be_locked(page, drawn: Drawn, monkeypatch):
    kind, told, scrub = LABS[page], {}, plot.scrub

    def noted(axis, at, *, key, sets=(), **rest):
        told[key] = (set(sets or (axis.name,)), len(axis.values), at)
        scrub(axis, at, key=key, sets=sets, **rest)

    monkeypatch.setattr(plot, "scrub", noted)
    changed: list[str] = []
    monkeypatch.setattr(Panel, "set", lambda panel, **changes: changed.extend(changes))
    app = open_page(page)
    assert problems(app) == []
    assert told
    for key, (names, count, at) in told.items():
        assert names <= set(kind.knobs()), key
        changed.clear()
        monkeypatch.setattr("ui.plot.st", SimpleNamespace(session_state={key: SimpleNamespace(commit={"index": (at + 1) % count, "count": 1})}))
        drawn.callbacks[key]["on_commit_change"]()
        assert changed, key
        assert set(changed) <= names, key


def test_what_a_click_would_set_is_kept_where_it_is_locked(drawn: Drawn):
    app = open_page("optimizer_race", **{LOCK: "start1"})
    boxes = {each.key: each for each in app.number_input if each.key.startswith("rc-start")}
    assert [box.disabled for box in boxes.values()] == [True, False]
    app = open_page("priors_and_map", **{LOCK: "points"})
    assert all(each.disabled for each in app.button if each.key.startswith("pr-points-"))


def test_a_lock_that_comes_while_a_page_is_used_keeps_the_value_that_a_hand_has_set(drawn: Drawn, seen):
    app = open_page("diamond_and_circle")
    next(each for each in app.slider if each.key == "dc_tilt").set_value(45.0).run()
    assert seen[-1].tilt == 45.0
    app.session_state[LOCK] = "tilt"
    app.run()
    assert seen[-1].tilt == 45.0
    assert next(each for each in app.slider if each.key == "dc_tilt").disabled
    button(app, "dc-reset").click().run()
    assert seen[-1].tilt == 45.0
    app.session_state[LOCK] = ""
    app.run()
    button(app, "dc-reset").click().run()
    assert seen[-1].tilt == LABS["diamond_and_circle"]().tilt


# --------------------------------------------------------------------------------------------------------------------- the link


def test_names_that_a_page_does_not_have_are_named_until_something_is_changed(drawn: Drawn):
    app = open_page("diamond_and_circle", **{SHOW: "penalty.lambda", LOCK: "tn_lam.tilt", VIEW: "huge"})
    (said,) = [each.value for each in app.warning]
    for name in ("`lambda`", "`tn_lam`", "`lab_show`", "`lab_view = huge`"):
        assert name in said
    next(each for each in app.slider if each.key == "dc_centre1").set_value(2.0).run()
    assert not app.warning
    # A box shows what is meant from its second run on.
    assert app.session_state[SHOW] == "penalty"
    assert app.session_state[LOCK] == "tilt"
    assert app.session_state[VIEW] == ""


def test_presenting_holds_on_all_pages_and_what_is_shown_and_locked_on_its_own_alone(drawn: Drawn):
    app = open_page("diamond_and_circle", **{VIEW: "present", SHOW: "penalty", LOCK: "penalty"})
    for key in (VIEW, SHOW, LOCK):
        del app.query_params[key]
    app.switch_page(str(ROOT / "pages" / "smoothing_and_curvature.py")).run()
    assert problems(app) == []
    assert {key: app.session_state[key] for key in KEYS} == {VIEW: "present", SHOW: "", LOCK: ""}
    app.switch_page(str(ROOT / "pages" / "home.py")).run()
    assert problems(app) == []
    assert app.session_state[VIEW] == "present"
    button(app, "lab-leave").click().run()
    assert app.session_state[VIEW] == ""
    button(app, "lab-present").click().run()
    assert app.session_state[VIEW] == "present"


@pytest.mark.parametrize("page", LABS)
def test_presenting_shows_everything_that_is_drawn_and_no_prose_and_keeps_the_settings(page, drawn: Drawn, seen):
    spec = other(page)
    opened(page, spec)
    usual = {key: message["kind"] for key, message in drawn.items()}
    drawn.clear()
    app = opened(page, spec, **{VIEW: "present"})
    assert problems(app) == []
    assert seen[-1] == spec
    assert {key: message["kind"] for key, message in drawn.items()} == usual | {"lab-stage": "stage"}
    intro = sections(page)[""]
    assert intro
    assert intro not in [each.value for each in app.markdown]
    if page in theatre.THEATRES:
        first = theatre.THEATRES[page]
        assert {first.chart, *first.scrubs, *first.readouts} <= set(drawn)
        assert not first.heading or first.heading in sections(page)
        assert first.heading not in [each.value for each in app.header]
    assert set(theatre.knobs(page)) <= {name for name, knob in LABS[page].knobs().items() if not knob.hidden}
    assert theatre.knobs(page)


def stages(kind, rng):
    names = list(kind.knobs())

    def some():
        chosen = rng.sample(names, rng.randrange(len(names) + 1))
        return tuple(name for name in names if name in chosen)

    return Stage(rng.random() < 0.5, "all" if rng.random() < 0.3 else some(), some())


@pytest.mark.parametrize("page", LABS)
def test_a_composed_link_opens_that_very_state(page, drawn: Drawn, seen):
    kind, rng = LABS[page], random.Random(page)
    specs = [*PRESETS.get(kind, ()), kind()]
    for turn in range(4):
        spec, wanted = rng.choice(specs), stages(kind, rng)
        question = step = 0
        if page in lessons.STORIES:
            question = rng.randrange(len(lessons.questions(page)) + 1) if turn % 2 else 0
            step = 0 if turn % 2 else rng.randrange(len(lessons.STORIES[page]) + 1)
        link = lesson(spec, wanted, question=question, step=step)
        place, query = urlsplit(link)[2:4]
        assert place == page
        assert canonical(query) == query, "a browser would be sent elsewhere first"
        assert len(link) < 8192
        app = open_page(page, **{key: texts[0] for key, texts in parse_qs(query, keep_blank_values=True).items()})
        assert problems(app) == []
        assert not [each.value for each in app.warning if "This link" in each.value]
        assert seen[-1] == (lessons.STORIES[page][step - 1].spec if step else spec)
        assert read({key: app.session_state[key] for key in KEYS}, kind.knobs()) == (wanted, ())
        if page in lessons.STORIES:
            assert app.session_state[f"{kind.prefix}q_on"] == str(question or "")
            assert app.session_state[f"{kind.prefix}s_step"] == str(step or "")


def test_a_link_to_what_a_lab_does_not_have_is_refused():
    spec = LABS["diamond_and_circle"]()
    for wrong in ({"question": 99}, {"step": -1}):
        with pytest.raises(InvalidInput, match="of diamond_and_circle: allowed is 0 to"):
            lesson(spec, Stage(), **wrong)
    for stage in (Stage(shown=("lambda",)), Stage(locked=("tn_lam",))):
        with pytest.raises(InvalidInput, match="the control"):
            lesson(spec, stage)
    with pytest.raises(InvalidInput, match="0 to 0"):
        lesson(LABS["cheat_sheet"](), Stage(), step=1)


@pytest.mark.parametrize("page", LABS)
def test_controls_have_names_that_tell_them_apart(page):
    labels = labels_of(LABS[page])
    assert len(set(labels.values())) == len(labels)


@pytest.mark.parametrize("page", ["diamond_and_circle", "cheat_sheet"])
def test_the_panel_composes_a_link_and_shows_it_here(page, drawn: Drawn, seen):
    kind, spec = LABS[page], other(page)
    app = opened(page, spec)
    assert not app.multiselect, "closed until it is opened"
    button(app, f"{kind.prefix}-teach").click().run()
    assert problems(app) == []
    show, lock = app.multiselect
    assert show.value == list(kind.knobs())
    names = list(kind.knobs())[1:4]
    show.set_value(names)
    lock.set_value(names[:1]).run()
    wanted = Stage(shown=tuple(names), locked=(names[0],))
    assert lesson(spec, wanted) in [each.value for each in app.code]
    if page in lessons.STORIES:
        app.selectbox(key=f"{kind.prefix}-teach-opens").set_value("question 2").run()
        assert any(each.value.endswith(lesson(spec, wanted, question=2)) for each in app.code)
    button(app, f"{kind.prefix}-teach-here").click().run()
    assert problems(app) == []
    assert read({key: app.session_state[key] for key in KEYS}, kind.knobs()) == (wanted, ())
    assert seen[-1] == spec
    if page in lessons.STORIES:
        assert app.session_state[f"{kind.prefix}q_on"] == "2"
    button(app, f"{kind.prefix}-teach-all").click().run()
    assert read({key: app.session_state[key] for key in KEYS}, kind.knobs()) == (Stage(), ())
