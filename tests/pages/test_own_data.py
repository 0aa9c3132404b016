"""Own data on the four pages that take them: brought, looked at, used, forgotten; and what links, caches and other visitors have of them."""

import gzip
import json
import re
from base64 import b64decode
from urllib.parse import urlencode

import numpy as np
import pytest
import streamlit as st
from sklearn.datasets import load_diabetes

from core.datasets import DIABETES_FEATURES
from core.datasets.uploads import own_data, read_table, suggested
from core.specs import BiasVarianceSpec, DiamondCircleSpec, ShrinkageSpec, TrainingLabSpec
from core.specs.training import TrainingSpec
from core.statistics import shrinkage
from tests.pages.harness import Drawn, numbers, open_page, problems
from ui import links
from ui.compute import bias_variance, diamond_circle
from ui.compute import shrinkage as shrinkage_views
from ui.compute import training as training_views

PAGES = {
    "shrinkage_paths": (ShrinkageSpec, "sh-path"),
    "diamond_and_circle": (DiamondCircleSpec, "dc-plane"),
    "bias_and_variance": (BiasVarianceSpec, "bv-bundle"),
    "training": (TrainingLabSpec, "tn-field"),
}
SECRET = "heimlich"  # in a name of a column, so that it can be looked for
FILE = "datei-heimlich.csv"


def table(rows=80, classes=0, seed=0) -> str:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(rows, 4))
    y = X @ [1.0, -2.0, 0.5, 0.0] + rng.normal(size=rows)
    end = [f"{value:.6f}" for value in y] if not classes else ["abcdef"[k % classes] for k in range(rows)]
    names = [f"{SECRET} {k}" for k in range(4)]
    return ",".join([*names, "outcome"]) + "\n" + "\n".join(",".join([*(f"{v:.6f}" for v in row), last]) for row, last in zip(X, end, strict=True))


def diabetes() -> str:
    X, y = load_diabetes(return_X_y=True, scaled=False)
    return (
        ",".join([*DIABETES_FEATURES, "target"])
        + "\n"
        + "\n".join(",".join(repr(float(v)) for v in (*row, end)) for row, end in zip(X, y, strict=True))
    )


def without_data(page):
    spec, _ = PAGES[page]
    return open_page(page, **{f"{spec.prefix}_data": "own"})


def press(app, label):
    next(button for button in app.button if button.label == label).click().run()
    assert problems(app) == []


def brought(page, text=None, **settings):
    """Return a page on which a table has been uploaded and is in use."""
    app = without_data(page)
    for key, value in settings.items():
        app.session_state[key] = value
    app.file_uploader[0].set_value((FILE, (text or table()).encode(), "text/csv")).run()
    press(app, "Use these data")
    return app


def assert_finite(drawn):
    for view, message in drawn.items():
        if view != "dc-support":  # where labels that cannot be read have no place
            for array in numbers(message):
                assert np.isfinite(array).all(), view


def words(app):
    return " ".join([*(each.value for each in app.markdown), *(each.value for each in app.warning), *(each.label for each in app.expander)])


# ---------------------------------------------------------------------------------------------------------- a link without data


@pytest.mark.parametrize("page", PAGES)
def test_a_link_without_data_asks_for_them_and_shows_the_labs_own(page, drawn: Drawn):
    _spec, chart = PAGES[page]
    app = without_data(page)
    assert problems(app) == []
    assert not app.warning
    assert "a link has none of it" in words(app)
    assert "kept in the memory of this session alone" in words(app)
    shown = drawn[chart]
    open_page(page)
    assert json.dumps(shown, default=str) == json.dumps(drawn[chart], default=str)


# ------------------------------------------------------------------------------------------------------------- brought and used


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("way", ["upload", "paste"])
def test_a_table_is_looked_at_before_it_is_used(page, way, drawn: Drawn):
    app = without_data(page)
    before = json.dumps(drawn[PAGES[page][1]], default=str)
    if way == "upload":
        app.file_uploader[0].set_value((FILE, table().encode(), "text/csv")).run()
    else:
        app.text_area[0].set_value(table()).run()
        press(app, "Read this text")
    assert "80 rows, 5 columns" in words(app)
    preview = next(each.proto.body for each in app.get("html") if "lab-own" in each.proto.body)
    assert preview.count("<tr") == 2 + 8
    assert f"<th>{SECRET} 0</th>" in preview
    assert json.dumps(drawn[PAGES[page][1]], default=str) == before, "until it is used the page shows its own"
    press(app, "Use these data")
    assert json.dumps(drawn[PAGES[page][1]], default=str) != before
    assert "Your own data\\: 80 rows, 4 features for 'outcome'" in words(app)
    assert_finite(drawn)


@pytest.mark.parametrize("page", PAGES)
def test_what_is_forgotten_is_gone_from_the_session(page, drawn: Drawn):
    app = brought(page)
    assert SECRET in repr(app.session_state["lab-own"].table.names)
    press(app, "Forget my data")
    assert app.session_state["lab-own"].table is None
    assert app.session_state["lab-own"].used is None
    assert "lab-own-results" not in app.session_state
    assert "a link has none of it" in words(app)
    kept = dict(app.session_state._state.filtered_state.items())
    assert SECRET not in repr(kept)


@pytest.mark.parametrize("page", PAGES)
def test_a_file_that_is_no_table_is_a_sentence_and_leaves_the_page_as_it_was(page, drawn: Drawn):
    app = without_data(page)
    app.file_uploader[0].set_value(("x.xlsx", b"PK\x03\x04" + b"0" * 500, "application/zip")).run()
    assert problems(app) == []
    said = (
        "The file x.xlsx cannot be read as a table. An Excel workbook or another zip archive\\: allowed is a table as text \\(CSV\\). "
        "Open it in a spreadsheet and save the sheet as CSV."
    )
    assert [each.value for each in app.warning] == [said]
    app.file_uploader[0].set_value((FILE, table().encode(), "text/csv")).run()
    assert not app.warning
    press(app, "Use these data")
    app.file_uploader[0].set_value(("empty.csv", b"", "text/csv")).run()
    assert "An empty file" in app.warning[0].value
    assert "Your own data\\: 80 rows" in words(app), "what is in use stays"


def test_one_table_serves_all_four_labs_of_a_session(drawn: Drawn):
    app = brought("shrinkage_paths")
    used = app.session_state["lab-own"].used
    for page, (spec, _) in PAGES.items():
        app.session_state[spec.url_key("data")] = "own"
        app.switch_page(f"../pages/{page}.py").run()
        assert problems(app) == []
        assert "Your own data\\: 80 rows" in words(app), page
    assert app.session_state["lab-own"].used is used


def test_the_choices_are_there_again_on_another_page(drawn: Drawn):
    app = without_data("shrinkage_paths")
    app.file_uploader[0].set_value((FILE, table().encode(), "text/csv")).run()
    next(box for box in app.selectbox if box.label.startswith("The target")).set_value(1).run()
    next(box for box in app.multiselect if box.label == "Features that are numbers").set_value([0, 4]).run()
    press(app, "Use these data")
    app.session_state["dc_data"] = "own"
    app.switch_page("../pages/diamond_and_circle.py").run()
    assert next(box for box in app.selectbox if box.label.startswith("The target")).value == 1
    assert next(box for box in app.multiselect if box.label == "Features that are numbers").value == [0, 4]
    assert "2 features for 'heimlich 1'" in words(app)


def test_a_table_that_has_been_read_wrongly_is_read_in_another_way(drawn: Drawn):
    app = without_data("shrinkage_paths")
    app.text_area[0].set_value("a;b\n" + "\n".join(f"{k}.5;{k % 7}" for k in range(30))).run()
    press(app, "Read this text")
    assert "cells between semicolons" in words(app)
    next(box for box in app.selectbox if box.label == "The first row has names").set_value("no").run()
    assert "31 rows" in words(app)
    next(box for box in app.selectbox if box.label == "Cells are between").set_value(",").run()
    assert "1 column" in words(app)


@pytest.mark.parametrize("page", ["shrinkage_paths", "diamond_and_circle", "bias_and_variance"])
def test_a_target_that_a_lab_cannot_take_is_a_sentence(page, drawn: Drawn):
    app = brought(page, table(classes=3))
    assert "This lab cannot use these data" in app.warning[0].value
    assert "3 classes" in app.warning[0].value
    assert drawn[PAGES[page][1]]["marks"]


def test_every_control_stands_at_both_ends_with_own_data(drawn: Drawn):
    from tests.pages.harness import ends

    for page in ("shrinkage_paths", "diamond_and_circle", "bias_and_variance"):
        spec, chart = PAGES[page]
        app = brought(page)
        for name, knob in spec.knobs().items():
            if name == "data" or knob.hidden:
                continue
            for value in ends(knob):
                app.session_state[spec.url_key(name)] = value
                app.run()
                assert problems(app) == []
                assert "Your own data\\: 80 rows" in words(app)
                assert_finite(drawn)
                assert drawn[chart]["marks"]
            app.session_state[spec.url_key(name)] = knob.default


# ---------------------------------------------------------------------------------------------------------------- the same data


def test_the_diabetes_data_that_somebody_uploads_draw_the_labs_own_picture(drawn: Drawn):
    open_page("shrinkage_paths")
    ours = drawn["sh-path"]
    brought("shrinkage_paths", diabetes())
    np.testing.assert_allclose(drawn["sh-path"]["table"]["bmi"], ours["table"]["bmi"], rtol=1e-9, atol=1e-12)
    assert drawn["sh-path"]["captions"] == ours["captions"]
    open_page("diamond_and_circle", dc_data="diabetes")
    ours = drawn["dc-plane"]
    app = brought("diamond_and_circle", diabetes())
    first, second = (next(box for box in app.selectbox if box.label == label) for label in ("First feature", "Second feature"))
    assert (first.value, second.value) == (2, 8), "those that go farthest with the target"
    np.testing.assert_allclose(drawn["dc-plane"]["table"]["w1"], ours["table"]["w1"], rtol=1e-9, atol=1e-12)


def test_another_feature_is_another_plane(drawn: Drawn):
    app = brought("diamond_and_circle", diabetes())
    before = drawn["dc-plane"]["table"]["w1"]
    next(box for box in app.selectbox if box.label == "First feature").set_value(0).run()
    assert problems(app) == []
    assert not np.allclose(drawn["dc-plane"]["table"]["w1"], before)


def test_networks_are_trained_on_the_data_that_the_page_shows(drawn: Drawn, engine):
    from core.datasets.uploads.dataset import travelling

    brought("training")
    found = read_table(table())
    own = own_data(found, suggested(found))
    spec, data = engine.asked[-1], engine.data[-1]
    assert (spec.data, spec.data_hash, spec.points) == ("given", own.digest, 80)
    assert data == travelling(own)
    assert SECRET.encode() not in data
    assert isinstance(spec, TrainingSpec)


# ------------------------------------------------------------------------------------------------------------- what nobody else has


@pytest.mark.parametrize("page", PAGES)
def test_the_address_has_nothing_of_the_data(page, drawn: Drawn):
    app = brought(page)
    spec, _ = PAGES[page]
    settings = spec(**{name: app.session_state[spec.url_key(name)] for name in spec.knobs() if spec.url_key(name) in app.session_state})
    address = links.address(settings)
    assert f"{spec.prefix}_data=" in address
    own = app.session_state["lab-own"].used
    for text in (SECRET, own.digest[:8], "outcome"):
        assert text not in address
        assert text not in urlencode({key: app.query_params[key] for key in app.query_params}, doseq=True)


def test_no_cache_of_the_process_holds_own_data_or_what_came_of_them(drawn: Drawn):
    caches = (
        *(shrinkage_views._path, diamond_circle._diamond_circle_views, training_views._views),
        *(bias_variance._views, bias_variance._solved, bias_variance._bundle),
    )
    for page in PAGES:
        brought(page, table(seed=77))
    for cache in caches:
        for spec in cache._results:
            assert getattr(spec[0][0], "data", "") != "own", cache.__name__


def test_another_visitor_with_the_same_link_sees_nothing_of_them(drawn: Drawn):
    mine = brought("shrinkage_paths")
    assert SECRET in json.dumps(drawn["sh-path"], default=str)
    open_page("shrinkage_paths", sh_data="own")
    assert SECRET not in json.dumps(dict(drawn), default=str)
    assert mine.session_state["lab-own"].used is not None


def test_questions_of_own_data_are_not_asked(drawn: Drawn):
    app = brought("shrinkage_paths")
    app.session_state["shq_on"] = "1"
    app.run()
    assert problems(app) == []
    assert "Questions are about the lab's own data" in words(app)


# --------------------------------------------------------------------------------------------------------------------- the file


@pytest.fixture
def offered(monkeypatch):
    found, real = {}, st.download_button

    def button(label, data, file_name, *rest, **further):
        found[label] = (data, file_name, further.get("help", ""))
        return real(label, data, file_name, *rest, **further)

    monkeypatch.setattr(st, "download_button", button)
    return found


@pytest.mark.parametrize("page", ["shrinkage_paths", "diamond_and_circle", "bias_and_variance"])
def test_the_page_as_a_file_has_the_data_and_says_so(page, drawn: Drawn, offered):
    app = brought(page)
    make, _, help = offered["This page as a file"]
    assert "Your data are in it" in help
    html = make()
    assert "The data that it was made from are in this file" in html
    ((name, packed),) = re.findall(r'<a download="([^"]+)" href="data:text/csv;charset=utf-8;base64,([^"]+)"', html)
    assert name == "data.csv"
    back = read_table(b64decode(packed))
    own = app.session_state["lab-own"].used
    assert back.names == (*own.features, own.target)
    np.testing.assert_array_equal(np.column_stack([column.numbers for column in back.columns]), np.column_stack([own.X, own.y]))
    carried = [gzip.decompress(b64decode(each)) for each in re.findall(r'data-key="[^"]+"><script type="application/gzip">([^<]*)<', html)]
    assert any(SECRET.encode() in each for each in carried) or page == "bias_and_variance"
    assert "http://" not in html.partition("<main>")[0]


def test_a_page_on_the_labs_data_says_nothing_of_data_in_its_file(drawn: Drawn, offered):
    open_page("shrinkage_paths")
    make, _, help = offered["This page as a file"]
    assert "Your data" not in help
    assert "data:text/csv" not in make()


def test_the_data_are_saved_as_they_are_fitted(drawn: Drawn, offered):
    app = brought("shrinkage_paths")
    make, name, _ = offered["Save as fitted"]
    own = app.session_state["lab-own"].used
    assert name == "data.csv"
    back = read_table(make())
    np.testing.assert_array_equal(back.columns[-1].numbers, own.y)


def test_the_result_on_the_page_is_that_of_the_core(drawn: Drawn):
    app = brought("shrinkage_paths", sh_penalty="elastic_net")
    own = app.session_state["lab-own"].used
    result = shrinkage.solve(ShrinkageSpec(data="own", penalty="elastic_net"), own)
    assert drawn["lab-scrub-sh"]["at"] == result.validation.simplest
    np.testing.assert_array_equal(drawn["sh-path"]["table"][f"{SECRET} 1"], result.path.w[:, 1])


def test_a_text_that_is_refused_is_left_to_be_corrected(drawn: Drawn):
    app = without_data("shrinkage_paths")
    app.text_area[0].set_value('a,b\n1,"2\n3,4').run()
    press(app, "Read this text")
    assert "not closed" in app.warning[0].value
    assert app.text_area[0].value == 'a,b\n1,"2\n3,4'
    app.text_area[0].set_value(table()).run()
    press(app, "Read this text")
    assert not app.warning
    assert app.text_area[0].value == ""


def test_what_is_forgotten_on_another_page_takes_its_training_along(drawn: Drawn, engine):
    app = brought("training")
    mine = app.session_state["tn-run"]
    assert mine.data
    app.session_state["sh_data"] = "own"
    app.switch_page("../pages/shrinkage_paths.py").run()
    press(app, "Forget my data")
    assert "tn-run" not in app.session_state
    assert (mine.ticket.id, "cancel", {}) in engine.commands


def test_a_class_room_is_told_that_data_are_somebodys_own_and_nothing_of_them(drawn: Drawn):
    from ui import offline

    app = brought("shrinkage_paths")
    noted = app.session_state["lab-offline"]
    assert isinstance(noted, offline._Run)
    assert isinstance(noted.spec, ShrinkageSpec), "what is published is this: settings"
    assert noted.spec.data == "own"
    assert SECRET not in repr(noted.spec)
    assert SECRET not in repr(noted.settings)
