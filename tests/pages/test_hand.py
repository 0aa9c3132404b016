"""What a hand lets go of, as Python takes it: the settings, the address, what is locked, and what a stranger's browser may say."""

from types import SimpleNamespace
from unittest.mock import patch

import numpy as np
import pytest

from core import diamond_circle, race, smoothing
from core.figures.diamond_hand import diamond_hand, grip
from core.figures.hand import ground_of
from core.figures.weight_path import frame
from core.knobs import Spec
from core.specs import FOLLOWS, DiamondCircleSpec, PriorsSpec, RaceSpec, SmoothingSpec
from core.statistics.priors.posteriors import solve as believe
from tests.pages.harness import open_page, problems
from ui import plot

LABS = {
    "diamond_and_circle": ("dc", {"centre1": -1.13, "centre2": 0.84, "condition": 20.0, "tilt": -12.0}),
    "smoothing_and_curvature": ("sm", {"point1": 0.25, "point2": -1.5}),
    "optimizer_race": ("rc", {"start1": 0.4, "start2": 0.75}),
    "priors_and_map": ("pr", {"points": "1,1.5;-0.5,0.25"}),
}


def told(app, drawn, key, payload):
    """Let a component say something, as its callback hears it, and run the page."""
    commit = drawn.callbacks[key]["on_commit_change"]
    state = SimpleNamespace(commit=payload)
    with patch("streamlit.session_state", _State(app, key, state)):
        commit()
    return app.run()


class _State(dict):
    """The app's session, with one component's state in it."""

    def __init__(self, app, key, state):
        super().__init__()
        self.app, self.key, self.state = app, key, state

    def __getitem__(self, name):
        return self.state if name == self.key else self.app.session_state[name]

    def __setitem__(self, name, value):
        self.app.session_state[name] = value

    def get(self, name, default=None):
        return self[name] if name in self else default  # noqa: SIM401 - it is what `get` means here

    def __contains__(self, name):
        return name == self.key or name in self.app.session_state


@pytest.mark.parametrize("page", LABS)
def test_what_a_hand_lets_go_of_becomes_the_settings_and_every_chart_says_so(page, drawn):
    prefix, values = LABS[page]
    app = open_page(page)
    assert problems(app) == []
    before = drawn[f"{prefix}-hand"]
    told(app, drawn, f"{prefix}-hand", {"values": values, "count": 3})
    assert problems(app) == []
    message = drawn[f"{prefix}-hand"]
    assert message["answers"] == 3
    assert message["ground"] == before["ground"], "all settings but those of the hand are the same"
    for name, value in values.items():
        assert message["values"][name] == (pytest.approx(value) if isinstance(value, float) else value)
        assert app.session_state[f"{prefix}_{name}"] == message["values"][name]
    stands = [view["stands"] for view in drawn.values() if view.get("stands")]
    assert len(stands) >= 4
    assert all(each == {"ground": message["ground"], "values": message["values"]} for each in stands)


@pytest.mark.parametrize("page", LABS)
def test_what_a_stranger_says_for_a_hand_is_dropped_or_brought_within_bounds(page, drawn):
    prefix, values = LABS[page]
    app = open_page(page)
    first = dict(drawn[f"{prefix}-hand"]["values"])
    (name, *_), many = values, 10**9
    for payload in (
        None,
        [],
        {"values": 3},
        {"values": {"lam": 1.0, "__class__": 2}},
        {"values": {name: None}},
        {"values": {name: float("nan")}},
        {"values": {name: [1]}},
    ):
        told(app, drawn, f"{prefix}-hand", payload)
        assert problems(app) == []
        assert drawn[f"{prefix}-hand"]["values"] == first
    told(app, drawn, f"{prefix}-hand", {"values": dict.fromkeys(values, many), "count": "x"})
    assert problems(app) == [], "numbers far out are brought in, and a list of points that is none is dropped"


@pytest.mark.parametrize(
    ("spec", "hand", "free"),
    [
        (DiamondCircleSpec(), True, {"centre", "flat", "steep", "edge"}),
        (DiamondCircleSpec(data="diabetes"), True, {"edge"}),
        (DiamondCircleSpec(data="diabetes", feature2="bmi"), False, set()),
    ],
)
def test_what_can_be_taken_hold_of_follows_the_loss(spec, hand, free):
    result = diamond_circle.solve(spec)
    assert {handle.name for handle in diamond_hand(result, frame(result)).handles} == free
    assert bool(free) == hand


def test_what_is_locked_for_a_class_is_locked_in_the_hand(drawn, monkeypatch):
    held = diamond_hand(result := diamond_circle.solve(DiamondCircleSpec()), frame(result))
    panel = SimpleNamespace(knobs=DiamondCircleSpec.knobs(), set=lambda **_: None, locked=lambda *names: "tilt" in names)
    plot.hand(held, key="h", group="dc", panel=panel)
    assert drawn["h"]["locked"] == ["flat", "steep"]
    assert drawn["h"]["knobs"]["tilt"] == {"low": -90.0, "high": 90.0, "quantum": 1.0}
    assert drawn["h"]["knobs"]["condition"]["grid"][0] == 1.0


def test_a_hands_ground_is_all_settings_but_its_own():
    spec = DiamondCircleSpec(centre1=2.0, penalty="l2")
    same = ground_of(spec.replace(centre1=-1.0, tilt=3.0), ("centre1", "tilt"))
    assert same == ground_of(spec.replace(centre1=0.5, tilt=DiamondCircleSpec().tilt), ("centre1", "tilt"))
    assert same != ground_of(spec.replace(penalty="l1"), ("centre1", "tilt"))
    assert same != ground_of(spec, ())


def test_the_axes_that_are_taken_hold_of_are_the_half_axes_of_a_level_set():
    result = diamond_circle.solve(DiamondCircleSpec(condition=4.0, curvature=2.0, tilt=20.0, centre1=0.3, centre2=-0.2))
    centre, flat, _, steep = grip(result).xy
    problem = result.problem
    assert problem.value(flat) == pytest.approx(problem.value(steep)), "one level"
    assert (flat - centre) @ (steep - centre) == pytest.approx(0.0, abs=1e-12)
    assert problem.hessian @ (flat - centre) == pytest.approx(result.spec.curvature / result.spec.condition * (flat - centre)), (
        "along the flat eigenvector"
    )
    # A ravine is longer than any window: its end is where it leaves the window.
    result = diamond_circle.solve(DiamondCircleSpec(condition=1000.0))
    assert np.abs(grip(result).xy).max() <= result.window[0][1]


@pytest.mark.parametrize(
    ("lab", "specs"),
    [
        ("race", (RaceSpec(), RaceSpec(start1=0.5, start2=0.2))),
        ("smoothing", (SmoothingSpec(), SmoothingSpec(point1=0.5, point2=0.2))),
        ("priors", (PriorsSpec(), PriorsSpec(points="1,1"))),
        ("diamond", (DiamondCircleSpec(), DiamondCircleSpec(centre1=0.5))),
    ],
)
def test_a_hand_stands_where_the_result_does_and_its_answer_is_the_results(lab, specs):
    from core.figures.race_hand import race_hand
    from core.figures.smoothing_hand import smoothing_hand
    from ui.compute.priors import PriorsViews

    make = {
        "race": lambda spec: race_hand(race.solve(spec)),
        "smoothing": lambda spec: smoothing_hand(smoothing.solve(spec), (0.0, 1.0)),
        "priors": lambda spec: PriorsViews(spec).hand,
        "diamond": lambda spec: diamond_hand(diamond_circle.solve(spec), (0.0, 1.0)),
    }[lab]
    one, other = (make(spec) for spec in specs)
    assert one.ground == other.ground
    assert dict(one.values) != dict(other.values)
    assert one.answer.keys() == other.answer.keys()
    assert all(np.isfinite(each.values).any() for each in other.answer.values())
    if lab == "race":
        result = race.solve(specs[1])
        assert (other.answer["ends"].values[1] == list(result.runs.values())[1].x[:, -1]).all()
    if lab == "priors":
        assert (other.answer["line"].values[0] == believe(specs[1]).line.mode[:, 0]).all()


def test_every_value_of_a_hand_is_a_knob_of_its_lab():
    for spec, sets in ((DiamondCircleSpec(lam=0.0, budget=FOLLOWS), ("centre1", "tilt")), (RaceSpec(), ("start1",)), (PriorsSpec(), ("points",))):
        assert isinstance(spec, Spec)
        assert set(sets) <= set(spec.knobs())
