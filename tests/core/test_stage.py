"""How a page is shown: what an address says of it is read and written, whatever it says."""

import string

from hypothesis import given
from hypothesis import strategies as st

from core.specs import LABS
from core.stage import KEYS, LOCK, NONE, SHOW, VIEW, Stage, read

NAMES = tuple(LABS["diamond_and_circle"].knobs())
PARTS = st.lists(st.sampled_from(NAMES), unique=True).map(lambda chosen: tuple(name for name in NAMES if name in chosen))
STAGES = st.builds(Stage, st.booleans(), st.just("all") | PARTS, PARTS)
HOSTILE = st.text(max_size=60) | st.lists(st.sampled_from([*NAMES, "", "x", "`", "<b>", "\n", "-"]), max_size=40).map(".".join)


@given(STAGES)
def test_what_is_written_is_read_again(stage):
    assert read(stage.keys(), NAMES) == (stage, ())


def test_a_page_as_usual_says_nothing_and_none_is_not_all():
    assert Stage().keys() == {}
    assert Stage(shown=()).keys() == {SHOW: NONE}
    assert Stage(shown=()) != Stage()
    assert Stage(True, ("lam",), ("rho", "lam")).keys() == {VIEW: "present", SHOW: "lam", LOCK: "rho.lam"}


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(KEYS, HOSTILE)))
def test_any_text_gives_a_stage_of_known_names_and_short_plain_remarks(texts):
    stage, remarks = read(texts, NAMES)
    assert set(stage.locked) <= set(NAMES)
    assert stage.shown == "all" or set(stage.shown) <= set(NAMES)
    assert len(remarks) <= len(KEYS)
    assert all(len(remark) < 300 and "\n" not in remark for remark in remarks)
    assert read(stage.keys(), NAMES) == (stage, ()), "what is left has no fault"
    known = set(texts.get(SHOW, "").split(".")) & set(NAMES)
    if known and texts[SHOW] != NONE:
        assert set(stage.shown) == known, "what is right is kept"


def test_strange_names_are_named_and_left_out_and_a_page_never_loses_all_its_controls_to_a_typing_error():
    stage, remarks = read({SHOW: "lambda.`rho", LOCK: "lam.tilt.Tilt"}, NAMES)
    assert stage == Stage(shown="all", locked=tuple(name for name in NAMES if name in ("lam", "tilt")))
    assert remarks == (
        "`lambda`, `rho` in `lab_show` are no controls of this page",
        "`Tilt` in `lab_lock` is no control of this page",
    )
    assert read({VIEW: "huge"}, NAMES) == (Stage(), ("`lab_view = huge` is not `present`",))


def test_length_is_capped():
    for text in ("lam." * 100_000, "x" * 1_000_000, ".".join(string.ascii_letters) * 50):
        stage, remarks = read({SHOW: text, LOCK: text}, NAMES)
        assert stage == Stage()
        assert sum(map(len, remarks)) < 200
    many, remarks = read({LOCK: ".".join(["lam", *(f"n{i}" for i in range(200))])}, NAMES)
    assert many.locked == ("lam",)
    assert remarks == ("`n0`, `n1`, `n2` and 197 more in `lab_lock` are no controls of this page",)


def test_a_control_of_several_knobs_is_shown_with_one_of_them_and_locked_by_one_of_them():
    stage = Stage(shown=("lam",), locked=("budget",))
    assert stage.shows("lam", "budget")
    assert not stage.shows("rho")
    assert stage.shows(), "what sets no knob is always there"
    assert stage.locks("lam", "budget")
    assert not stage.locks("lam")
