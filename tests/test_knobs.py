"""Knobs and specs: every spec that exists is valid, and every message names value, range and remedy."""

from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidInput
from core.knobs import MOST_POINTS, NO_POINTS, Knob, Spec, knob, points_of, points_text
from core.specs import DIAMOND_CIRCLE_PRESETS, DiamondCircleSpec, PriorsSpec

SPECS = (DiamondCircleSpec, PriorsSpec)
PLANE = ((-3.0, 3.0), (-1.0, 2.0))


@dataclass(frozen=True)
class Toy(Spec):
    prefix = "toy"
    size: float = knob(1.0, "Size", bounds=(0.0, 4.0), quantum=0.1)
    speed: float = knob(1.0, "Speed", bounds=(0.01, 100.0), scale="log", quantum=10)
    shape: str = knob("round", "Shape", options=(("round", "Round one"), ("square", "Square one")))
    loud: bool = knob(False, "Loud", key="noise")
    dots: str = knob("1,1", "Dots", plane=PLANE)

    def feasible(self) -> Mapping[str, tuple[float, float]]:
        return {"size": (0.0, 2.0)} if self.shape == "square" else {}


@pytest.mark.parametrize(
    ("field", "value"),
    [("size", float("nan")), ("size", -1.0), ("size", "big"), ("size", True), ("speed", float("inf")), ("shape", "oval"), ("loud", 1)],
)
def test_a_refused_value_is_named_with_its_range_and_a_remedy(field, value):
    with pytest.raises(InvalidInput) as caught:
        Toy(**{field: value})
    message = str(caught.value)
    assert field in message
    assert repr(value) in message
    assert Toy.knobs()[field].allowed in message
    assert f"Set {field} to" in message


def test_limits_that_depend_on_other_knobs_are_held():
    assert Toy(size=3.0).size == 3.0
    with pytest.raises(InvalidInput, match="from 0 to 2"):
        Toy(size=3.0, shape="square")


@given(st.floats(0.0, 4.0))
def test_a_number_is_stored_as_the_nearest_reachable_value(value):
    stored = Toy(size=value).size
    assert abs(stored - value) <= 0.05 + 1e-12
    assert stored == Toy(size=stored).size
    assert abs(stored * 10 - round(stored * 10)) < 1e-9


def test_equal_settings_are_one_setting_whatever_way_they_were_reached():
    assert Toy(size=0.1 + 0.2) == Toy(size=0.3)
    assert hash(Toy(size=1)) == hash(Toy(size=1.0))


@given(st.floats(0.01, 100.0))
def test_a_log_scaled_number_moves_by_at_most_half_a_step(value):
    assert 10**-0.055 < Toy(speed=value).speed / value < 10**0.055


def test_the_log_grid_holds_both_ends_and_ascends():
    grid = Toy.knobs()["speed"].grid()
    assert (grid[0], grid[-1]) == (0.01, 100.0)
    assert list(grid) == sorted(set(grid))
    assert len(grid) == 41


@pytest.mark.parametrize("text", ["square", "Square one"])
def test_a_link_may_name_a_choice_by_value_or_by_label(text):
    assert Toy.knobs()["shape"].parse(text, "shape") == "square"


@given(st.text(max_size=30))
def test_any_text_of_a_link_is_a_valid_value_or_refused(text):
    for name, described in Toy.knobs().items():
        try:
            value = described.parse(text, name)
        except InvalidInput:
            continue
        assert getattr(Toy(**{name: value}), name) == value


def test_url_keys_carry_the_lab_and_may_differ_from_the_field():
    assert Toy.url_key("size") == "toy_size"
    assert Toy.url_key("loud") == "toy_noise"


def test_a_grid_is_only_there_for_bounded_log_scales():
    with pytest.raises(InvalidInput, match="log-scaled"):
        Knob(1.0, "x", bounds=(0.0, 1.0)).grid()


@pytest.mark.parametrize("spec", SPECS)
def test_every_knob_of_a_lab_has_a_valid_default_a_label_and_help(spec):
    assert spec() == spec(**{name: described.default for name, described in spec.knobs().items()})
    for name, described in spec.knobs().items():
        assert described.label, name
        assert described.clean(described.default, name) == described.default, "a default off its own grid would be in every address"
        assert described.help or described.hidden, name
        if described.kind == "number":
            assert described.bounds is not None, name
    assert len({spec.url_key(name) for name in spec.knobs()}) == len(spec.knobs())


def test_presets_differ_from_one_another():
    assert len(set(DIAMOND_CIRCLE_PRESETS.values())) == len(DIAMOND_CIRCLE_PRESETS)


def test_a_log_scaled_knob_with_a_zero_takes_exactly_zero_and_its_grid_and_nothing_between():
    described = Knob(0.0, "weight", bounds=(1e-3, 1.0), scale="log", quantum=1, zero=True)
    assert described.grid() == (0.0, 0.001, 0.01, 0.1, 1.0)
    assert described.reach == (0.0, 1.0)
    assert described.clean(0, "w") == 0.0
    assert described.parse("0", "w") == 0.0
    assert described.clean(0.0123, "w") == 0.01
    assert described.allowed.startswith("0, or a number from 0.001")
    with pytest.raises(InvalidInput):
        described.clean(1e-6, "w")


@given(st.floats(0.0, 1e6))
def test_a_typed_number_is_kept_as_it_was_typed(value):
    described = Knob(1.0, "alpha", bounds=(0.0, 1e6), typed=True)
    assert described.clean(value, "alpha") == value
    assert described.parse(repr(value), "alpha") == value
    with pytest.raises(InvalidInput, match="a number from 0 to 1e\\+06"):
        described.parse("-1", "alpha")


@given(st.lists(st.tuples(st.floats(-3.0, 3.0), st.floats(-1.0, 2.0)), max_size=MOST_POINTS))
def test_a_list_of_points_is_kept_as_text_to_a_hundredth_and_reads_back(points):
    kept = Toy(dots=points_text(points)).dots
    assert kept == points_text(points_of(kept))
    assert Toy(dots=kept).dots == kept
    assert len(points_of(kept)) == len(points)
    for (x, y), (u, v) in zip(points, points_of(kept), strict=True):
        assert max(abs(x - u), abs(y - v)) <= 0.005 + 1e-12


def test_no_points_are_a_word_and_rounding_is_done_once():
    assert points_of(Toy(dots=NO_POINTS).dots) == ()
    assert Toy(dots="1.004,-0.001;2.50,0").dots == "1,0;2.5,0"
    assert Toy.knobs()["dots"].parse("-3,2", "dots") == "-3,2"


@pytest.mark.parametrize(
    "text",
    [
        "",
        ";",
        "1",
        "1,2,3",
        "1;2",
        "1,1;",
        "nan,1",
        "1e0,1",
        "1,inf",
        "3.1,0",
        "0,2.5",
        " 1,1",
        "1, 1",
        "٣,1",
        "+1,1",
        "1,1;" * 24 + "1,1",
        "x" * 5000,
        "None",
    ],
)
def test_what_is_no_list_of_points_is_refused_with_a_sentence(text):
    with pytest.raises(InvalidInput, match="up to 24 points x,y;x,y with x from -3 to 3 and y from -1 to 2"):
        Toy(dots=text)
    with pytest.raises(InvalidInput, match="Set dots to none, or"):
        Toy.knobs()["dots"].parse(text, "dots")
