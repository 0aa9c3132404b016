"""What travels to the browser: packed as a reader in another language would unpack it, and mounted by a stub that knows no host."""

import json
import re
import struct
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from core.figures.palette import PALETTE, dark_values
from core.figures.scene import NOTHING, Blend, FamilyAxis, Mark, Readout, Scene, Table
from tests.pages.harness import unpack
from ui import plot, serving

SHAPES = [(0,), (1,), (3,), (2, 2), (5, 1, 2), (0, 2), (7, 3, 2, 1), ()]
TYPES = ["float64", "float32", "int64", "uint8", "bool"]


def scene(**changes: object) -> Scene:
    parts = {
        "figure": {"data": [{"type": "scatter", "x": np.arange(3.0), "y": [1, 2, 3]}], "layout": {"xaxis": {"range": [0, 1]}}},
        "alt": "Three points.",
        "marks": (Mark("point", np.arange(8.0).reshape(4, 2), "l1", "solution", text="w"),),
    }
    return Scene(**(parts | changes))


def header(packed: bytes) -> tuple[str, int]:
    """The JSON header as it stands, and where the numbers start."""
    (length,) = struct.unpack_from("<I", packed)
    return packed[4 : 4 + length].decode("utf-8"), 4 + length + -(4 + length) % 8


def places(node: object) -> list[list]:
    if isinstance(node, dict):
        return [node["@"]] if set(node) == {"@"} else [place for value in node.values() for place in places(value)]
    return [place for value in node for place in places(value)] if isinstance(node, list) else []


# ------------------------------------------------------------------------------------------------ arrays


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_arrays_of_every_type_and_shape_come_back_as_single_precision(kind, shape):
    column = (np.random.default_rng(0).uniform(0, 9, size=shape)).astype(kind)
    back = unpack(plot.pack_chart(scene(marks=(Mark("path", column, "l2"),)), name="n", group="g"))["marks"][0]["xy"]
    assert back.dtype == np.float32
    assert back.shape == column.shape
    np.testing.assert_array_equal(back, column.astype(np.float32))


@pytest.mark.parametrize("shape", [(1,), (201,), (201, 2)], ids=str)
def test_tables_keep_every_digit(shape):
    column = np.random.default_rng(1).normal(size=shape) * 1e-7
    back = unpack(plot.pack_chart(scene(table={"kkt_residual": column}), name="n", group="g"))["table"]["kkt_residual"]
    assert back.dtype == np.float64
    np.testing.assert_array_equal(back, column)


@given(st.lists(arrays.arrays(np.float32, arrays.array_shapes(max_dims=3, max_side=5), elements=st.floats(width=32)), min_size=1, max_size=6))
def test_any_columns_come_back_bit_for_bit_nan_and_infinity_too(columns):
    marks = tuple(Mark("path", column, "l1", f"m{i}") for i, column in enumerate(columns))
    back = unpack(plot.pack_chart(scene(marks=marks), name="n", group="g"))
    for mark, column in zip(back["marks"], columns, strict=True):
        np.testing.assert_array_equal(mark["xy"], column)


def test_every_array_starts_at_a_multiple_of_eight_and_ends_before_the_next():
    for extra in range(9):
        marks = tuple(Mark("path", np.arange(float(n + extra)), "l1", f"m{n}") for n in range(1, 6))
        packed = plot.pack_chart(scene(marks=marks, table={"t": np.arange(3.0)}, alt="x" * extra), name="n", group="g")
        text, start = header(packed)
        assert start % 8 == 0
        assert packed[4 + len(text.encode()) : start].strip(b" ") == b"", "padding is white space"
        found = places(json.loads(text))
        assert len(found) == 7
        end = 0
        for kind, offset, *shape in sorted(set(map(tuple, found)), key=lambda place: place[1]):
            assert (start + offset) % 8 == 0
            assert offset >= end
            end = offset + int(np.prod(shape)) * {"f4": 4, "f8": 8}[kind]
        assert end <= len(packed) - start < end + 8, "nothing is left over"


def test_equal_numbers_travel_once():
    grid = np.random.default_rng(0).normal(size=(40, 30))
    sizes = [
        len(plot.pack_chart(scene(marks=tuple(Mark("path", grid.copy(), "l1", f"m{n}") for n in range(count))), name="n", group="g"))
        for count in (1, 3)
    ]
    assert sizes[1] - sizes[0] < grid.size * 4 / 2
    back = unpack(plot.pack_chart(scene(marks=(Mark("path", grid, "l1"), Mark("path", grid.reshape(30, 40), "l2"))), name="n", group="g"))
    np.testing.assert_array_equal(back["marks"][0]["xy"], np.float32(grid))
    np.testing.assert_array_equal(back["marks"][1]["xy"], np.float32(grid).reshape(30, 40))


def test_columns_that_are_views_travel_as_they_look():
    grid = np.arange(24.0).reshape(4, 6)
    for view in (grid[:, ::2], grid.T, grid[::-1], np.asfortranarray(grid), np.broadcast_to(grid[0], (4, 6)), grid.astype(">f8")):
        back = unpack(plot.pack_chart(scene(marks=(Mark("path", view, "l1"),)), name="n", group="g"))
        np.testing.assert_array_equal(back["marks"][0]["xy"], view)


@pytest.mark.parametrize("broken", [{"aspect": float("nan")}, {"aspect": float("inf")}, {"figure": {"data": [], "layout": {"x": np.float64("nan")}}}])
def test_a_nan_outside_of_the_columns_is_refused_since_json_has_none(broken):
    with pytest.raises(ValueError, match="JSON"):
        plot.pack_chart(scene(**broken), name="n", group="g")


def test_numbers_and_text_of_the_header_survive_as_plain_json():
    figure = {"data": [{"type": "scatter", "x": (1, np.float32(0.5), np.int64(3)), "name": "λ ≤ ŵ₁ </script>"}], "layout": {"a": None, "b": True}}
    packed = plot.pack_chart(scene(figure=figure), name='quo"te', group="g")
    back = unpack(packed)
    assert back["figure"] == {"data": [{"type": "scatter", "x": [1, 0.5, 3], "name": "λ ≤ ŵ₁ </script>"}], "layout": {"a": None, "b": True}}
    assert back["name"] == 'quo"te'
    assert "λ" in header(packed)[0], "not escaped: two bytes instead of six"


# ------------------------------------------------------------------------------------------------ charts


def test_a_chart_carries_all_that_a_scene_says():
    blend = Blend(
        "contours", np.arange(3.0), np.arange(2.0), np.ones((2, 3)), np.zeros((2, 3)), np.arange(4.0), np.zeros(4), levels=np.array([1.0, 2.0])
    )
    mark = Mark("region", np.ones((5, 2)), "elastic_net", "r", scale=np.arange(4.0), origin=(1.0, -2.0), dash="dot", fill=0.1, pattern="hatch")
    back = unpack(plot.pack_chart(scene(marks=(mark,), blends=(blend,), aspect=0.7), name="plane", group="dc"))
    assert (back["kind"], back["name"], back["group"], back["alt"], back["aspect"]) == ("chart", "plane", "dc", "Three points.", 0.7)
    (sent,) = back["marks"]
    assert sent["colour"] == PALETTE["elastic_net"].light
    assert sent["origin"] == [1.0, -2.0]
    assert (sent["kind"], sent["name"], sent["axes"], sent["dash"], sent["fill"], sent["pattern"]) == ("region", "r", ["t"], "dot", 0.1, "hatch")
    np.testing.assert_array_equal(sent["scale"], [0, 1, 2, 3])
    (sent,) = back["blends"]
    assert sent["colour"] == PALETTE["loss"].light
    for name in ("x", "y", "base", "by", "factor", "floor", "levels"):
        np.testing.assert_array_equal(sent[name], getattr(blend, name))
    assert sent["point"] is None


def test_the_dark_value_of_every_colour_is_sent_along():
    back = unpack(plot.pack_chart(scene(), name="n", group="g"))
    assert back["inks"] == dark_values()
    assert {mark["colour"] for mark in back["marks"]} <= set(back["inks"])
    assert back["paper"] in back["inks"]


def test_equal_captions_and_labels_travel_once():
    captions = tuple(f"sentence {i // 50}" for i in range(201))
    labels = ["a", "b", "a", "a"]
    marks = (
        Mark("point", np.zeros((4, 2)), "l1", "many", text=labels),
        Mark("point", np.zeros((4, 2)), "l1", "one", text="w"),
        Mark("point", np.zeros((4, 2)), "l1"),
    )
    packed = plot.pack_chart(scene(captions=captions, marks=marks), name="n", group="g")
    assert packed.count(b"sentence 3") == 1
    back = unpack(packed)
    assert [back["captions"]["text"][i] for i in back["captions"]["index"]] == list(captions)
    many, one, none = (mark["text"] for mark in back["marks"])
    assert (many["text"], [many["text"][i] for i in many["index"]]) == (["a", "b"], labels)
    assert one == {"text": ["w"], "index": [0]}
    assert none == {"text": [], "index": []}


# ------------------------------------------------------------------------------------------------ readouts and the scrub


def test_readouts_carry_numbers_as_columns_and_words_once():
    words = ["w₁ is zero"] * 150 + ["no weight is zero"] * 51
    items = (
        Readout("w₁", np.linspace(0, 1, 201), colour="w1", digits=3, help="first"),
        Readout("Zeros", words),
        Readout("Many", np.array([np.nan, np.inf])),
    )
    packed = plot.pack_readouts(items, group="dc")
    assert packed.count(b"no weight is zero") == 1
    back = unpack(packed)
    assert (back["kind"], back["group"], back["inks"]) == ("readouts", "dc", dark_values())
    number, text, odd = back["items"]
    np.testing.assert_array_equal(number["values"], np.linspace(0, 1, 201).astype(np.float32))
    assert (number["label"], number["digits"], number["colour"], number["help"], number["axes"]) == ("w₁", 3, PALETTE["w1"].light, "first", ["t"])
    assert [text["words"]["text"][i] for i in text["words"]["index"]] == words
    assert np.isnan(odd["values"][0])
    assert np.isposinf(odd["values"][1])


@pytest.fixture
def mounted(monkeypatch):
    seen = {}
    monkeypatch.setattr(plot, "mount", lambda packed, *, key, **callbacks: seen.update({key: SimpleNamespace(message=unpack(packed), **callbacks)}))
    return seen


def test_a_scrub_carries_its_axis_its_marks_and_where_it_stands(mounted):
    axis = FamilyAxis("t", np.linspace(0, 2, 201), "Drag λ", "λ =", unit="nats", marks=((0, "no penalty"), (50, "w₁ becomes 0")))
    plot.scrub(axis, 17, key="s", group="dc", on_commit=lambda index: None)
    message = mounted["s"].message
    assert (message["kind"], message["group"], message["at"]) == ("scrub", "dc", 17)
    np.testing.assert_array_equal(message["axis"]["values"], axis.values.astype(np.float32))
    assert message["axis"]["marks"] == [[0, "no penalty"], [50, "w₁ becomes 0"]]
    assert (message["axis"]["label"], message["axis"]["symbol"], message["axis"]["unit"]) == ("Drag λ", "λ =", "nats")


def test_charts_and_readouts_mount_what_was_packed(mounted):
    plot.chart(plot.pack_chart(scene(), name="n", group="g"), key="c")
    plot.readouts(plot.pack_readouts((Readout("a", np.zeros(2)),), group="g"), key="r")
    assert (mounted["c"].message["kind"], mounted["r"].message["kind"]) == ("chart", "readouts")


def test_only_a_player_s_axis_has_a_pace(mounted):
    for pace in (0.0, 12.5):
        plot.scrub(FamilyAxis("step", np.arange(9.0), "Step", pace=pace), 0, key="s", group="g", on_commit=lambda index: None)
        assert mounted["s"].message["axis"]["pace"] == pace
        assert mounted["s"].message["axis"]["name"] == "step"


# ------------------------------------------------------------------------------------------------ several axes


def test_a_path_that_grows_carries_the_axis_of_its_vertices_its_head_and_its_shared_x():
    heights, steps = np.random.default_rng(2).normal(size=(3, 7)), np.arange(7.0)
    mark = Mark("path", heights, "l1", axes=("lam",), until="step", ghost=0.25, head="star", abscissa=steps, text=["a", "b", "a"])
    (sent,) = unpack(plot.pack_chart(scene(marks=(mark,)), name="n", group="g"))["marks"]
    assert (sent["axes"], sent["until"], sent["ghost"], sent["head"]) == (["lam"], "step", 0.25, "star")
    np.testing.assert_array_equal(sent["xy"], heights.astype(np.float32))
    np.testing.assert_array_equal(sent["abscissa"], steps)
    assert [sent["text"]["text"][i] for i in sent["text"]["index"]] == ["a", "b", "a"]
    assert mark.scale is None
    assert sent["scale"] is None


def test_a_chain_carries_a_colour_and_a_label_for_each_arrow():
    mark = Mark("chain", np.zeros((2, 3, 4, 2)), "loss", axes=("lam", "step"), colours=("l1", "l2", "loss"), texts=("gradient", "decay", "−lr·m̂"))
    (sent,) = unpack(plot.pack_chart(scene(marks=(mark,)), name="n", group="g"))["marks"]
    assert sent["xy"].shape == (2, 3, 4, 2)
    assert sent["colours"] == [PALETTE[name].light for name in ("l1", "l2", "loss")]
    assert sent["texts"] == ["gradient", "decay", "−lr·m̂"]
    assert set(sent["colours"]) <= set(dark_values())


def test_captions_and_words_of_several_axes_travel_flattened_with_their_shape_the_last_axis_fastest():
    lines = tuple(f"{i}{j}" for i in range(3) for j in range(4))
    packed = plot.pack_chart(scene(captions=lines, caption_axes=("lam", "step"), caption_shape=(3, 4)), name="n", group="g")
    captions = unpack(packed)["captions"]
    assert (captions["axes"], captions["shape"]) == (["lam", "step"], [3, 4])
    assert captions["text"][captions["index"][2 * 4 + 1]] == "21"
    (item,) = unpack(plot.pack_readouts((Readout("a", lines, axes=("lam", "step"), shape=(3, 4)),), group="g"))["items"]
    assert (item["words"]["axes"], item["words"]["shape"]) == (["lam", "step"], [3, 4])
    assert item["words"]["text"][item["words"]["index"][1 * 4 + 3]] == "13"


def test_what_has_one_axis_needs_no_shape():
    captions = unpack(plot.pack_chart(scene(captions=("a", "b", "b")), name="n", group="g"))["captions"]
    assert captions == {"text": ["a", "b"], "index": [0, 1, 1], "axes": ["t"], "shape": [3]}
    (item,) = unpack(plot.pack_readouts((Readout("a", ["x", "y"], axes=("lam",)),), group="g"))["items"]
    assert (item["words"]["axes"], item["words"]["shape"]) == (["lam"], [2])


# ------------------------------------------------------------------------------------------------ tables


def test_a_table_carries_its_headings_cells_and_remarks(mounted):
    table = Table("Steps", (("t", "muted"), ("w₁", "w1")), [["0", "1"], ["1", "0.5"]], axis="step", notes={(1, 1): "A slip: 0.6 in the course."})
    plot.table(plot.pack_table(table, group="g"), key="rows")
    message = mounted["rows"].message
    assert (message["kind"], message["group"], message["title"], message["axis"]) == ("table", "g", "Steps", "step")
    assert message["columns"] == [{"heading": "t", "colour": PALETTE["muted"].light}, {"heading": "w₁", "colour": PALETTE["w1"].light}]
    assert message["cells"] == [["0", "1"], ["1", "0.5"]]
    assert message["notes"] == [{"row": 1, "column": 1, "note": "A slip: 0.6 in the course."}]
    assert message["inks"] == dark_values()


# ------------------------------------------------------------------------------------------------ picks


def picks(mounted, monkeypatch, payload: object, **axes: object) -> list[tuple[float, float]]:
    """What a page hears when the browser says ``payload`` about a chart with these axes."""
    layout = {"xaxis": {"range": [-2, 2]}, "yaxis": {"range": [3.0, -1.0]}} | axes
    heard: list[tuple[float, float]] = []
    packed = plot.pack_chart(scene(figure={"data": [], "layout": layout}, pick=True), name="n", group="g")
    plot.chart(packed, key="plane", on_pick=lambda x, y: heard.append((x, y)))
    assert mounted["plane"].message["pick"] is True
    monkeypatch.setattr(plot.st, "session_state", {"plane": SimpleNamespace(pick=payload)})
    mounted["plane"].on_pick_change()
    return heard


@pytest.mark.parametrize("point", [(0.5, -0.25), (-2, 3), (0, 0), (-30.0, 60.0)], ids=str)
def test_a_pick_within_or_around_the_axes_reaches_the_page_in_data_coordinates(mounted, monkeypatch, point):
    (heard,) = picks(mounted, monkeypatch, {"x": point[0], "y": point[1], "count": 1})
    assert heard == point
    assert all(type(value) is float for value in heard)


ODD = [None, "0", True, [1], {"x": 1}, float("nan"), float("inf"), -float("inf"), 1e300, 10**400, 1000.0]


@pytest.mark.parametrize("value", ODD, ids=lambda value: str(value)[:12])
def test_anything_but_two_numbers_near_the_axes_is_dropped(mounted, monkeypatch, value):
    assert picks(mounted, monkeypatch, {"x": value, "y": 0.0}) == []
    assert picks(mounted, monkeypatch, {"x": 0.0, "y": value}) == []
    assert picks(mounted, monkeypatch, {"x": 0.0}) == []
    assert picks(mounted, monkeypatch, value) == []


def test_a_pick_on_a_logarithmic_axis_is_positive_and_near_its_decades(mounted, monkeypatch):
    log = {"type": "log", "range": [-3, 0]}
    assert picks(mounted, monkeypatch, {"x": 1e-2, "y": 1.0}, xaxis=log) == [(1e-2, 1.0)]
    for value in (0.0, -1.0, 1e90):
        assert picks(mounted, monkeypatch, {"x": value, "y": 1.0}, xaxis=log) == []


def test_an_axis_without_a_range_takes_any_ordinary_number(mounted, monkeypatch):
    assert picks(mounted, monkeypatch, {"x": 1e5, "y": 1.0}, xaxis={}) == [(1e5, 1.0)]
    assert picks(mounted, monkeypatch, {"x": 1e200, "y": 1.0}, xaxis={}) == []


def test_a_chart_that_nobody_listens_to_registers_nothing(mounted):
    plot.chart(plot.pack_chart(scene(pick=True), name="n", group="g"), key="c")
    assert vars(mounted["c"]).keys() == {"message"}


# ------------------------------------------------------------------------------------------------ films


def test_a_sourced_mark_names_its_columns_and_holds_none():
    mark = Mark("bars", NOTHING, "l1", axes=("member",), source="frame.histogram", abscissa_source="frame.edges", zeros_source="frame.zeros")
    (sent,) = unpack(plot.pack_chart(scene(marks=(mark,), range="frame.window"), name="n", group="g"))["marks"]
    assert (sent["source"], sent["abscissa_source"], sent["zeros_source"]) == ("frame.histogram", "frame.edges", "frame.zeros")
    assert sent["xy"].size == 0
    assert unpack(plot.pack_chart(scene(range="frame.window"), name="n", group="g"))["range"] == "frame.window"


def test_a_field_s_palettes_travel_as_bytes_one_for_light_and_one_for_dark():
    light = np.random.default_rng(0).integers(0, 256, (256, 4)).astype(np.uint8)
    dark = 255 - light
    mark = Mark("field", NOTHING, "loss", source="frame.field", window=(-1, 1, -2, 2), palette=light, palette_dark=dark, edges=(127.5,), bands=3)
    (sent,) = unpack(plot.pack_chart(scene(marks=(mark,)), name="n", group="g"))["marks"]
    for name, palette in (("palette", light), ("palette_dark", dark)):
        assert sent[name].dtype == np.uint8
        np.testing.assert_array_equal(sent[name], palette)
    assert (sent["window"], sent["edges"], sent["bands"]) == ([-1, 1, -2, 2], [127.5], 3)


def test_what_only_fields_clouds_bars_and_networks_say_does_not_travel_with_other_marks():
    (point,) = unpack(plot.pack_chart(scene(), name="n", group="g"))["marks"]
    assert not point.keys() & {"palette", "window", "layers", "offsets", "bands", "edges", "hollow", "symbols", "zeros_source", "dropped_source"}
    net = Mark("network", NOTHING, "l2", source="frame.weights", layers=(2, 16, 1), offsets=(0, 48), texts=("a", "b", "p"), colours=("l1", "loss"))
    cloud = Mark("points", np.zeros((3, 2)), "l1", classes=np.array([0, 1, 1]), hollow=np.array([True, False, True]), symbols=("square", "star"))
    sent, dots = unpack(plot.pack_chart(scene(marks=(net, cloud)), name="n", group="g"))["marks"]
    assert (sent["layers"], sent["offsets"], sent["texts"]) == ([2, 16, 1], [0, 48], ["a", "b", "p"])
    assert sent["colours"] == [PALETTE["l1"].light, PALETTE["loss"].light]
    assert (dots["classes"].tolist(), dots["hollow"].tolist(), dots["symbols"]) == ([0, 1, 1], [1, 0, 1], ["square", "star"])


def test_a_batch_in_a_thinned_network_travels_as_small_integers_and_says_what_it_hangs_on():
    codes, alive = np.array([[[-127, 0, 5, 1]]], dtype=np.int8), np.array([[[255, 128]]], dtype=np.uint8)
    values = np.array([[[0.25, -1.5, 3.0]]])
    mark = Mark("thinned", codes, "l1", axes=("p", "batch"), layers=(1, 2), alive=alive, values=values, errors=-values, stage="stage", focus=1)
    (sent,) = unpack(plot.pack_chart(scene(marks=(mark,)), name="n", group="g"))["marks"]
    for name, column in (("xy", codes), ("alive", alive)):
        assert sent[name].dtype == column.dtype
        np.testing.assert_array_equal(sent[name], column)
    np.testing.assert_array_equal(sent["errors"], -values)
    assert (sent["stage"], sent["focus"]) == ("stage", 1)
    (point,) = unpack(plot.pack_chart(scene(), name="n", group="g"))["marks"]
    assert not point.keys() & {"alive", "values", "errors", "stage", "focus"}


def test_a_landscape_that_a_film_brings_names_its_grids():
    source = {"base": "frame.plane", "x": "frame.plane_x", "y": "frame.plane_y", "levels": "frame.levels"}
    (sent,) = unpack(plot.pack_chart(scene(blends=(Blend.sourced("shade", source),)), name="n", group="g"))["blends"]
    assert sent["source"] == source
    assert sent["base"].size == sent["by"].size == 0
    np.testing.assert_array_equal(sent["factor"], [0])


def test_a_readout_may_take_its_number_from_a_film():
    (sent, plain) = unpack(plot.pack_readouts((Readout("gap", source="profiles.gap", digits=3), Readout("a", np.ones(2))), group="g"))["items"]
    assert (sent["source"], sent["digits"]) == ("profiles.gap", 3)
    assert "source" not in plain


def test_an_axis_says_whether_a_film_fills_it(mounted):
    plot.scrub(FamilyAxis("epoch", np.arange(9.0), "Epoch", pace=4.0, film=True, autoplay=True), 0, key="s", group="g", on_commit=lambda index: None)
    assert (mounted["s"].message["axis"]["film"], mounted["s"].message["axis"]["autoplay"]) == (True, True)


GONE = [({"run": "b", "count": 1}, 1), ({"run": "a"}, 0), ({}, 0), (None, 0), ("b", 0), ({"run": None}, 0), ({"run": ["b"]}, 0)]


@pytest.mark.parametrize(("payload", "calls"), GONE, ids=lambda value: str(value)[:20])
def test_a_film_carries_its_run_and_hears_that_this_one_is_gone_and_no_other(mounted, monkeypatch, payload, calls):
    heard = []
    plot.film("b", "token", 7, 16, 400, key="f", group="tr", on_gone=lambda: heard.append(1), parent="a", shared=3, kept=25)
    assert mounted["f"].message == {
        "kind": "film",
        "group": "tr",
        "run": "b",
        "viewer": "token",
        "parent": "a",
        "shared": 3,
        "kept": 25,
        "at": 7,
        "members": 16,
        "epochs": 400,
        "axis": "epoch",
        "member": "member",
    }
    monkeypatch.setattr(plot.st, "session_state", {"f": SimpleNamespace(gone=payload)})
    mounted["f"].on_gone_change()
    assert len(heard) == calls


# ------------------------------------------------------------------------------------------------ the stub


def test_the_stub_names_no_host_and_asks_for_files_that_the_server_has():
    stub = plot._STUB.format(plot=serving.address("plot/mount.js"), plotly=serving.address("plotly.min.js"))
    assert "://" not in stub
    assert not re.search(r"""["'`]/""", stub), "an address from the root would break under a base path"
    asked = re.findall(r'"(lab/[^"]+)"', stub)
    assert [re.sub("[0-9a-f]{12}", "#", address) for address in asked] == ["lab/plot/#/mount.js", "lab/plotly.min.js?v=#"]
    assert (Path(serving.ROOT) / "assets" / "plot" / "mount.js").is_file()
    assert len(stub) < 1000, "it travels with every message"
