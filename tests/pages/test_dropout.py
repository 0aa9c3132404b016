"""The page "Dropout" under AppTest: every control at both ends, what a link restores, what a release keeps and what it leaves alone."""

import numpy as np
import pytest

from core.dropout.thinned import solve
from core.specs import DROPOUT_PRESETS, DropoutSpec
from tests.pages.harness import Drawn, ends, numbers, open_page, problems

PAGE = "dropout"
CHARTS = (
    "do-network",
    "do-share",
    "do-losses",
    "do-signal",
    "do-moments",
    *(f"do-thinning-{name}" for name in ("shares", "running", "units", "rates")),
    "do-ridge",
    "do-plain",
    *(f"do-{study}-{side}" for study in ("lean", "noise", "rules", "escape", "pace") for side in ("left", "right")),
)
SCRUBS = {"do-p": 39, "do-batch": 40, "do-stage": 9, "do-ensemble": 12, "do-target": 30}
GAPS = {"do-escape-right", "do-pace-left"}  # minima that a p does not have, and runs that never get there, are no points
KNOBS = DropoutSpec.knobs()


def assert_drawn(app, drawn: Drawn) -> None:
    assert problems(app) == []
    for view in CHARTS:
        assert drawn[view]["marks"] or drawn[view]["figure"]["data"], f"{view} is empty"
        assert drawn[view]["alt"]
        assert drawn[view]["captions"]["text"][0]
    for view, message in drawn.items():
        if view not in GAPS:
            for array in numbers(message):
                assert np.isfinite(array).all(), f"{view} holds a NaN or an infinity"
    for scrub, members in SCRUBS.items():
        assert len(drawn[scrub]["axis"]["values"]) == members
        assert 0 <= drawn[scrub]["at"] < members
    assert drawn["do-lambdas"]["cells"]
    assert drawn["do-numbers"]["items"]
    assert drawn["do-certificate"]["items"]


def test_every_control_can_stand_at_both_ends_and_something_finite_is_drawn(drawn: Drawn):
    app = open_page(PAGE)
    assert_drawn(app, drawn)
    for name, knob in KNOBS.items():
        if knob.hidden:
            continue
        for value in ends(knob):
            app.session_state[DropoutSpec.url_key(name)] = value
            app.run()
            assert_drawn(app, drawn)
        app.session_state[DropoutSpec.url_key(name)] = knob.default


def test_the_page_shows_a_widget_for_every_knob_that_acts(drawn: Drawn):
    app = open_page(PAGE)
    kinds = (app.slider, app.select_slider, app.toggle, app.selectbox, app.get("segmented_control"))
    assert {widget.key.removeprefix("do_") for kind in kinds for widget in kind} == {name for name, knob in KNOBS.items() if not knob.hidden}


@pytest.mark.parametrize("title", DROPOUT_PRESETS)
def test_a_preset_sets_everything_and_draws(title, drawn: Drawn):
    app = open_page(PAGE)
    next(button for button in app.button if button.label == title).click().run()
    assert_drawn(app, drawn)
    spec = DROPOUT_PRESETS[title]
    for name in KNOBS:
        assert app.session_state[DropoutSpec.url_key(name)] == getattr(spec, name), name
    assert drawn["do-p"]["at"] == spec.member
    assert drawn["do-batch"]["at"] == spec.batch - 1


def test_presets_show_what_they_are_called():
    empty = DROPOUT_PRESETS["A layer without units"]
    assert solve(empty).empty[empty.member, int(empty.batch) - 1] > 0
    dead = DROPOUT_PRESETS["Dead from the start"]
    assert (solve(dead).flowing == 0.0).all()
    rows = solve(DROPOUT_PRESETS["A mask a row"]).share
    assert ((rows > 0.0) & (rows < 1.0)).any()


def test_a_link_restores_the_network_and_where_every_scrub_stands(drawn: Drawn):
    app = open_page(
        PAGE, do_p="0.5", do_batch="17", do_stage="3", do_ensemble="9", do_target="4", do_masks="row", do_rows="7", do_unit="6", do_kind="one"
    )
    assert not app.warning
    assert {name: drawn[name]["at"] for name in SCRUBS} == {"do-p": 20, "do-batch": 16, "do-stage": 3, "do-ensemble": 8, "do-target": 4}
    result = solve(DropoutSpec(masks="row", rows=7.0, unit=6.0))
    (mark,) = drawn["do-network"]["marks"]
    np.testing.assert_array_equal(mark["values"], result.values.astype(np.float32))
    assert mark["focus"] == 5


def test_releases_of_the_scrubs_reach_the_settings_and_resend_no_chart(drawn: Drawn, monkeypatch):
    from ui import plot

    app = open_page(PAGE)
    seen = {}
    original = plot.mount
    monkeypatch.setattr(plot, "mount", lambda packed, *, key, **callbacks: (seen.update({key: packed}), original(packed, key=key, **callbacks)))
    app.run()
    before = dict(seen)
    for name, value in (("p", 0.45), ("batch", 30.0), ("stage", 5.0), ("ensemble", 2.0), ("target", 9.0)):
        app.session_state[f"do_{name}"] = value
    app.run()
    assert (drawn["do-p"]["at"], drawn["do-batch"]["at"], drawn["do-target"]["at"]) == (18, 29, 9)
    for view in (*CHARTS, "do-lambdas", "do-numbers", "do-certificate"):
        assert seen[view] == before[view], f"a release must not resend {view}"


def test_other_sections_leave_the_network_as_it_is(drawn: Drawn, monkeypatch):
    from ui.compute import dropout as compute

    open_page(PAGE)
    monkeypatch.setattr(compute.thinned, "solve", lambda spec: pytest.fail("the network was trained anew"))
    app = open_page(PAGE, do_units="30", do_columns="3", do_kind="linear", do_width="64", do_judge="val_loss", do_p="0.6")
    assert_drawn(app, drawn)


def test_other_data_are_measured_on_request_and_until_then_the_shipped_ones_are_shown(drawn: Drawn):
    app = open_page(PAGE, do_data="xor")
    assert_drawn(app, drawn)
    asked = [button.key for button in app.button if button.label.startswith("Measure with these settings")]
    assert asked == ["do-lean-measure", "do-noise-measure", "do-rules-measure"]
    assert drawn["do-lean-left"]["captions"]["text"] == open_and_read("moons", drawn)


def open_and_read(data: str, drawn: Drawn) -> list[str]:
    open_page(PAGE, do_data=data)
    return drawn["do-lean-left"]["captions"]["text"]


def test_garbage_in_a_link_leads_to_defaults_and_a_notice(drawn: Drawn):
    app = open_page(PAGE, do_p="2", do_activation="softplus", do_rows="many")
    assert_drawn(app, drawn)
    assert len(app.warning) == 1
    assert "do_activation = softplus" in app.warning[0].value
