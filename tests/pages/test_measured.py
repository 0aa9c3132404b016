"""What pages show of studies: what is there at once, the rest on request, with its progress, and nothing lost meanwhile."""

from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from core.studies import catalogue, here, shelf
from core.studies.shelf import Shelf
from core.studies.store import Store, gathered
from tests.core.small_studies import Ages, Halving
from tests.pages.engine import FakeEngine
from tests.pages.harness import Drawn, problems
from ui import studies as ui_studies


def script() -> None:
    import streamlit as st

    from tests.core.small_studies import Ages
    from ui import studies

    wanted = Ages(epochs=int(st.session_state.get("epochs", 30)))
    found = studies.measured(wanted, key="t-ages", auto=bool(st.session_state.get("auto")), partial=bool(st.session_state.get("auto")))
    st.session_state["drawn"] = found
    st.metric("result", studies.result(found))


@pytest.fixture
def app(monkeypatch, tmp_path, drawn: Drawn) -> AppTest:
    monkeypatch.setattr(catalogue, "MODULES", ("tests.core.small_studies",))
    monkeypatch.setattr(shelf, "SHIPPED", tmp_path)
    fresh = Shelf()
    monkeypatch.setattr(ui_studies, "SHELF", fresh)
    for cache in (catalogue.studies, shelf.shipped):
        cache.cache_clear()
    ui_studies._result.clear()
    shelf.write(Ages(), here.run(Ages()))
    yield AppTest.from_function(script, default_timeout=30)
    for cache in (catalogue.studies, shelf.shipped):
        cache.cache_clear()


def two() -> None:
    import streamlit as st

    from tests.core.small_studies import Ages
    from ui import studies

    top = st.container()
    for name, seeds in (("t-one", (0, 1, 2)), ("t-two", (0, 1))):
        studies.measured(Ages(seeds=seeds, epochs=int(st.session_state.get("epochs", 30))), key=name)
    with top:
        studies.everything("t")


def words(app: AppTest) -> str:
    return " ".join(text.value for text in app.markdown)


def test_what_is_shipped_is_drawn_at_once_and_nothing_is_asked_of_the_engine(app: AppTest, engine: FakeEngine, drawn: Drawn):
    app.run()
    assert not problems(app)
    assert app.metric[0].value == "60.0"
    assert not app.button
    assert not words(app)
    assert engine.studies == []
    assert "t-ages-progress" not in drawn


def test_other_settings_are_measured_on_request_and_the_old_ones_stay_until_then(app: AppTest, engine: FakeEngine, drawn: Drawn):
    app.session_state["epochs"] = 20
    app.run()
    assert app.metric[0].value == "60.0"
    assert "Until then" in words(app)
    assert "about" in app.button[0].label
    assert engine.studies == []
    app.button[0].click().run()
    assert engine.studies == [Ages(epochs=20)]
    assert drawn["t-ages-progress"]["study"] == Ages(epochs=20).id
    assert app.session_state["drawn"] == Ages()
    ui_studies.SHELF.put(Ages(epochs=20), here.run(Ages(epochs=20)))
    drawn.clear()
    app.run()
    assert app.metric[0].value == "40.0"
    assert not words(app)
    assert "t-ages-progress" not in drawn
    app.session_state["epochs"] = 25
    app.run()
    assert app.session_state["drawn"] == Ages(epochs=20), "what was shown last stays"
    app.session_state["epochs"] = 30
    assert app.run().metric[0].value == "60.0"


def test_a_study_that_is_stopped_is_let_go_of_and_can_be_asked_for_again(app: AppTest, engine: FakeEngine, drawn: Drawn, monkeypatch):
    app.session_state["epochs"] = 20
    app.run()
    app.button[0].click().run()
    stop = drawn.callbacks["t-ages-progress"]["on_stop_change"]
    state = {"t-ages-asked": Ages(epochs=20).id, "t-ages-progress": SimpleNamespace(stop={"study": "another's", "count": 1})}
    monkeypatch.setattr("streamlit.session_state", state)
    stop()
    assert engine.stopped == [], "about a study that this page has left"
    state["t-ages-progress"].stop = {"study": Ages(epochs=20).id, "count": 2}
    stop()
    assert engine.stopped == [Ages(epochs=20).id]
    assert "t-ages-asked" not in state


def test_a_full_engine_is_a_sentence(app: AppTest, engine: FakeEngine):
    engine.full = True
    app.session_state["epochs"] = 20
    app.run()
    app.button[0].click().run()
    assert not problems(app)
    assert "Wait until one has ended" in app.warning[0].value
    assert app.metric[0].value == "60.0"


def test_a_short_study_begins_without_being_asked_for(app: AppTest, engine: FakeEngine, drawn: Drawn):
    app.session_state["epochs"] = 20
    app.session_state["auto"] = True
    app.run()
    assert engine.studies == [Ages(epochs=20)]
    assert drawn["t-ages-progress"]["partial"] is True
    assert not app.button


def test_all_that_could_be_measured_on_a_page_is_one_click(app: AppTest, engine: FakeEngine, drawn: Drawn):
    app = AppTest.from_function(two, default_timeout=30)
    ui_studies.SHELF.put(Ages(seeds=(0, 1)), here.run(Ages(seeds=(0, 1))))
    app.run()
    assert not app.button
    app.session_state["epochs"] = 20
    app.run()
    assert [button.key for button in app.button] == ["t-measure-all", "t-one-measure", "t-two-measure"]
    assert "all 2 sections" in app.button[0].label
    app.button[0].click().run()
    assert engine.studies == [Ages(epochs=20), Ages(seeds=(0, 1), epochs=20)]
    assert not app.button
    assert {"t-one-progress", "t-two-progress"} <= set(drawn)
    ui_studies.SHELF.put(Ages(epochs=25), here.run(Ages(epochs=25)))
    app.session_state["epochs"] = 25
    app.run()
    assert [button.key for button in app.button] == ["t-two-measure"], "of one thing there is one button"


def test_what_was_kept_of_a_study_is_drawn_and_the_button_goes_on_with_it(app: AppTest, monkeypatch, tmp_path):
    held = Store(f"sqlite:///{tmp_path / 'kept.sqlite'}")
    monkeypatch.setattr(ui_studies, "store", lambda: held)
    half = Ages(epochs=20)
    held.keep(half, 0, 0, here.run(half)[0])
    app.session_state["epochs"] = 20
    app.run()
    assert not problems(app)
    assert app.button[0].label.startswith("Go on measuring: 50 %")
    there = ui_studies.so_far(half)
    assert there[0].measured(0)["age"][0] == 20.0
    assert there[1].epochs.size == 0
    assert ui_studies.so_far(Ages(epochs=21)) is None


def test_how_much_of_a_search_was_kept_counts_its_lanes():
    whole = here.run(Halving())
    kept = {(lane, number): whole[3 * lane + number] for lane, number in ((0, 0), (0, 1), (1, 0), (1, 2))}
    outcomes, share = gathered(Halving(), kept)
    assert Halving().conclude(outcomes) == ["0 0", "0 1", "1 0"], "what comes after a gap is of no use"
    assert share == 0.5
