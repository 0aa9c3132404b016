"""Reading somebody's own table: against Python's and pandas' readers and scikit-learn's preparation, and with files that are no good."""

import csv
import io
import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from core.datasets.uploads import Choice, own_csv, own_data, read_table, suggested
from core.datasets.uploads.cells import guarded, is_formula, number
from core.datasets.uploads.dataset import arrived, own_dataset, trainable, travelling
from core.datasets.uploads.limits import BYTES, CELL, COLUMNS, FEATURES, LEAST_ROWS, LEVELS, LINES, NAME, ROWS
from core.datasets.uploads.written import csv_of
from core.errors import InvalidInput
from tests.core.malformed import EACH, FAMILIES

MOST_MB = 60.0
"""What reading the largest file that is allowed may take; measured are 46."""
ALARM = 20.0  # seconds: a guard against hanging, no measure of speed


def table_of(rows, names=None, sign=",") -> str:
    names = names or [f"x{j}" for j in range(len(rows[0]))]
    return "\n".join([sign.join(names), *(sign.join(map(str, row)) for row in rows)]) + "\n"


def numbers_of(table):
    return np.column_stack([column.numbers for column in table.columns])


# ------------------------------------------------------------------------------------------------------------- three hundred files


@pytest.fixture(scope="module")
def outcomes():
    """What came of each file, read in a process of its own."""
    done = subprocess.run([sys.executable, "-m", "tests.core.malformed"], capture_output=True, text=True, timeout=500, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_three_hundred_malformed_files_of_sixty_kinds_each_get_a_preview_or_a_sentence(outcomes):
    assert len(outcomes) == len(FAMILIES) * EACH == 300
    assert len({each["name"].rpartition("-")[0] for each in outcomes}) == len(FAMILIES) >= 40
    assert [each for each in outcomes if each["kind"] not in ("preview", "sentence")] == []
    kinds = [each["kind"] for each in outcomes]
    assert min(kinds.count("preview"), kinds.count("sentence")) > 50
    for each in outcomes:
        if each["kind"] == "sentence":
            what, _, rest = each["said"].partition(": allowed is ")
            allowed, _, remedy = rest.partition(". ")
            assert what, each
            assert allowed, each
            assert remedy.endswith("."), each


def test_no_malformed_file_takes_much_memory_or_hangs(outcomes):
    assert max(each["peak_mb"] for each in outcomes) < MOST_MB
    assert max(each["seconds"] for each in outcomes) < ALARM
    # What is refused by a cap is refused before it is taken apart.
    assert max(each["peak_mb"] for each in outcomes if each["kind"] == "sentence") < 12.0


@pytest.mark.parametrize(
    ("family", "said"),
    [
        ("empty", "an empty file"),
        ("too_many_bytes", "MB"),
        ("million_columns", "characters"),
        ("thousand_columns", "columns in line 1"),
        ("million_rows", ""),
        ("zip_bomb", "zip archive"),
        ("gzip_bomb", "gzip"),
        ("xlsx", "save the sheet as CSV"),
        ("pickle", "pickle"),
        ("open_quote", "not closed"),
        ("other_formats", "CSV"),
    ],
)
def test_the_sentence_names_what_is_wrong(outcomes, family, said):
    found = [each for each in outcomes if each["name"].startswith(f"{family}-")]
    assert len(found) == EACH
    for each in found:
        assert each["kind"] == "sentence"
        assert said in each["said"]


# ---------------------------------------------------------------------------------------------------------------- round trips

finite = st.floats(-1e9, 1e9, allow_nan=False).map(lambda value: float(f"{value:.6g}") if abs(value) > 1e-9 else 0.0)


@st.composite
def files(draw):
    """A table of numbers, and a file that has it."""
    columns, rows = draw(st.integers(1, 6)), draw(st.integers(2, 12))
    values = np.array(draw(st.lists(st.lists(finite, min_size=columns, max_size=columns), min_size=rows, max_size=rows)))
    sign = draw(st.sampled_from([",", ";", "\t", "|"]))
    comma = sign != "," and draw(st.booleans())
    quoted = draw(st.booleans())
    names = draw(
        st.lists(st.from_regex(r"[A-Za-zäöüßéñ][A-Za-z äöüßéñ_]{0,15}[A-Za-z]", fullmatch=True), min_size=columns, max_size=columns, unique=True)
    )
    out = io.StringIO()
    writer = csv.writer(
        out, delimiter=sign, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL, lineterminator=draw(st.sampled_from(["\n", "\r\n", "\r"]))
    )
    writer.writerow(names)
    # Two decimals at least, or "1,234" could be either.
    for row in values:
        cells = [np.format_float_positional(value, trim="k", min_digits=2) for value in row]
        cells = [cell if "." in cell else f"{cell}.00" for cell in cells]
        writer.writerow([cell.replace(".", ",") if comma else cell for cell in cells])
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]))
    return names, values, sign, "," if comma else ".", out.getvalue().encode(encoding)


@settings(max_examples=150, deadline=None)
@given(files())
def test_whatever_the_delimiter_the_encoding_and_the_quotes_the_numbers_are_the_same(file):
    names, values, sign, decimal, raw = file
    # Where there is one column, nothing says what stands between cells: "1,50" could be two.
    found = read_table(raw, "" if len(names) > 1 else sign, decimal)
    assert [name.strip() for name in names] == list(found.names)
    if len(names) > 1:
        assert found.delimiter == sign
    np.testing.assert_array_equal(numbers_of(found), values)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**31), st.integers(2, 30), st.integers(2, 8))
def test_pandas_reads_the_same_numbers_from_a_good_file(seed, rows, columns):
    rng = np.random.default_rng(seed)
    raw = pd.DataFrame(rng.normal(scale=10.0 ** rng.integers(-5, 6), size=(rows, columns)), columns=[f"x{j}" for j in range(columns)]).to_csv(
        index=False
    )
    other = pd.read_csv(io.StringIO(raw))
    found = read_table(raw.encode())
    assert found.names == tuple(other.columns)
    np.testing.assert_allclose(numbers_of(found), other.to_numpy(), rtol=1e-15)  # its parser may be a rounding off


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.lists(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Cn", "Co", "Cs")), max_size=12), min_size=2, max_size=2),
        min_size=3,
        max_size=8,
    )
)
def test_words_come_back_as_pythons_own_reader_has_them(rows):
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([["a", "b"], *rows])
    try:
        found = read_table(out.getvalue().encode(), ",", header=True)
    except InvalidInput:
        return  # nothing but empty cells
    theirs = [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(out.getvalue()))][1:]
    theirs = [row for row in theirs if any(row)]
    kept = [[cell for cell, column in zip(row, found.columns, strict=False)] for row in theirs]
    ours = [list(row) for row in zip(*(column.cells for column in found.columns), strict=True)]
    for mine, other in zip(ours, kept, strict=False):
        for one, two in zip(mine, other, strict=False):
            assert one in (two, ""), "a cell is what it was, or says nothing"


# ----------------------------------------------------------------------------------------------------------------- single cells


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("5", 5.0),
        ("-5", -5.0),
        ("+5.5", 5.5),
        (".5", 0.5),
        ("5.", 5.0),
        ("1e3", 1000.0),
        ("1,234,567.5", 1234567.5),
        ("1 234", 1234.0),
        ("1'234", 1234.0),
        ("\u22125", -5.0),
        ("12 %", 12.0),
        ("007", 7.0),
    ],
)
def test_what_people_write_for_numbers_is_one(cell, value):
    assert number(cell) == value


@pytest.mark.parametrize(
    "cell",
    [
        "",
        "abc",
        "0x1F",
        "1_000",
        "١٢٣",
        "１２",
        "½",
        "nan",
        "inf",
        "Infinity",
        "1e",
        "e5",
        ".",
        "-",
        "--5",
        "1.2.3",
        "1,23,456",
        "=1+1",
        "+1+1",
        "5-",
        "1 2",
        "9" * 61,
    ],
)
def test_what_python_or_a_spreadsheet_might_take_for_a_number_is_none(cell):
    assert np.isnan(number(cell))


def test_a_number_that_no_square_can_hold_counts_as_missing():
    found = read_table(table_of([[1, "1e999"], [2, "-1e101"], [3, "5"], [4, "6"]]))
    assert found.columns[1].numbers.tolist()[2:] == [5.0, 6.0]
    assert np.isnan(found.columns[1].numbers[:2]).all()


@pytest.mark.parametrize(("text", "value"), [("1.234,5", 1234.5), ("3,5", 3.5), ("1.234", 1234.0), ("0,25", 0.25)])
def test_a_decimal_comma_takes_points_for_thousands(text, value):
    assert number(text, ",") == value


@pytest.mark.parametrize("cell", ["=1+1", "=cmd|' /C calc'!A0", "@SUM(A1)", "+1+1", "-2+3+cmd|'/C calc'!A0", "-a", "\t=1"])
def test_formulas_are_words_and_are_told(cell):
    assert is_formula(cell)
    assert np.isnan(number(cell))


@pytest.mark.parametrize("cell", ["-5", "+5", "-.5", "-1e5", "word", "a=b", "", "-5 %"])
def test_numbers_with_a_sign_are_no_formulas(cell):
    assert not is_formula(cell)


def test_nothing_that_is_saved_begins_as_a_formula():
    names = ["=1+1", "@x", "-y", "+z", " =1", "|a", "plain", "'quoted", "\u00a0=1"]
    text = csv_of([[1.0] * len(names), [-2.5] * len(names)], names)
    head, *rows = list(csv.reader(io.StringIO(text)))
    assert all(cell.lstrip(" \u00a0")[0] not in "=+-@|%\t\r" for cell in head)
    assert [[float(cell) for cell in row] for row in rows] == [[1.0] * len(names), [-2.5] * len(names)]
    assert guarded("plain") == "plain"


# --------------------------------------------------------------------------------------------------------------- how it is read


@pytest.mark.parametrize(
    ("raw", "delimiter", "decimal", "names"),
    [
        ("a;b\n1,5;2\n2,5;3\n", ";", ",", ("a", "b")),
        ("sep=;\na;b\n1;2\n3;4\n", ";", ",", ("a", "b")),
        ("a,b\n1.5,2\n2.5,3\n", ",", ".", ("a", "b")),
        ("a\tb\n1\t2\n3\t4\n", "\t", ".", ("a", "b")),
        ("a|b\n1|2\n3|4\n", "|", ".", ("a", "b")),
        ("a   b  c\n1 2     3\n 4   5 6  \n", " ", ".", ("a", "b", "c")),
        ("# a comment\n\na,b\n1,2\n\n# and another\n3,4\n", ",", ".", ("a", "b")),
        ("1,2\n3,4\n5,6\n", ",", ".", ("column 1", "column 2")),
        ("a,,a\n1,2,3\n4,5,6\n", ",", ".", ("a", "column 2", "a (2)")),
        ("a,b,\n1,2,\n3,4,\n", ",", ".", ("a", "b")),
        ('"a,b";"c"\n"1";"2"\n"3";"4"\n', ";", ",", ("a,b", "c")),
        ('a,b\n"two\nlines",2\nx,4\n', ",", ".", ("a", "b")),
    ],
)
def test_odd_delimiters_and_headers_are_taken(raw, delimiter, decimal, names):
    for end in ("\n", "\r\n", "\r"):
        found = read_table(raw.replace("\n", end).encode())
        assert (found.delimiter, found.decimal, found.names) == (delimiter, decimal, names)
        assert found.rows == 2 + raw.startswith("1,2")


@pytest.mark.parametrize(
    ("encoding", "written"),
    [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8"), ("utf-16", "UTF-16"), ("utf-16-le", "UTF-16"), ("utf-32", "UTF-32"), ("cp1252", "Windows-1252")],
)
def test_how_letters_are_written_is_found_and_told(encoding, written):
    raw = ("größe,naïve\n" + "\n".join(f"{k},{k * k}" for k in range(30))).encode(encoding)
    found = read_table(raw)
    assert (found.names, found.written) == (("größe", "naïve"), written)
    assert any("Windows-1252" in each for each in found.said) == (written == "Windows-1252")


def test_what_cannot_be_seen_is_taken_out_and_told():
    found = read_table("na\u202eme,b\n1\u200b,2\n3,4\0\n".encode())
    assert found.names == ("name", "b")
    assert numbers_of(found).tolist() == [[1.0, 2.0], [3.0, 4.0]]
    assert any("null" in each for each in found.said)
    assert any("cannot be seen" in each for each in found.said)


def test_a_name_is_short_and_no_html():
    found = read_table(table_of([[1, 2], [3, 4]], ["<b>bold</b>", "n" * 300]))
    assert found.names[0] == "‹b›bold‹/b›"
    assert len(found.names[1]) == NAME - 1
    assert read_table(table_of([[1, 2], [3, 4]], ["=1+1", "@SUM(A1)"])).names == ("'=1+1", "'@SUM(A1)")


def test_ragged_rows_are_told():
    found = read_table("a,b,c\n" + "1,2,3\n" * 10 + "4,5\n" + "6,7,8,9\n")
    assert found.rows == 11
    assert found.columns[2].cells[-1] == ""
    assert any("fewer cells" in each for each in found.said)
    assert any("more cells" in each for each in found.said)


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        ([f"{k * 1.5}" for k in range(30)], "number"),
        ([f"{k * 1.5}" for k in range(28)] + ["", "na"], "number"),
        ([str(k) for k in range(30)], "identifier"),
        ([f"id{k}" for k in range(30)], "identifier"),
        (["red", "green", "blue"] * 10, "category"),
        ([f"2020-01-{1 + k % 28:02}" for k in range(30)], "date"),
        ([f"some words {k % 25}" for k in range(30)], "text"),
        (["7"] * 30, "constant"),
        (["", "na", "#N/A"] * 10, "empty"),
    ],
)
def test_what_a_column_is_is_guessed(cells, kind):
    found = read_table("x,y\n" + "\n".join(f"{cell},{k % 7}" for k, cell in enumerate(cells)), header=True)
    assert found.columns[0].kind == kind


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("a,b\n" + "1,2\n" * ROWS, "a,b\n" + "1,2\n" * (ROWS + 1)),
        (table_of([[1] * COLUMNS] * 3), table_of([[1] * (COLUMNS + 1)] * 3)),
        (f"a,b\n{'x' * CELL},2\n3,4\n", f"a,b\n{'x' * (CELL + 1)},2\n3,4\n"),
        ("a,b\n1,2\n3,4" + "\n" * (LINES - 4), "a,b\n1,2\n3,4" + "\n#" * LINES),
        ("a,b\n1,2\n" + "3,4\n" + "#" + "x" * 90_000, b"a,b\n1,2\n" + b"3" * BYTES),
    ],
    ids=["rows", "columns", "cell", "lines", "bytes"],
)
def test_a_cap_is_met_to_the_last_one(good, bad):
    read_table(good)
    with pytest.raises(InvalidInput, match="allowed is"):
        read_table(bad)


# ------------------------------------------------------------------------------------------------------------- what is made of it


def mixed(n=60):
    rng = np.random.default_rng(3)
    height, town = rng.normal(170.0, 10.0, n), rng.choice(["Bonn", "Köln", "Ulm"], n)
    rows = [[f"{h:.4f}", t, f"{w:.4f}", f"{y:.4f}"] for h, t, w, y in zip(height, town, rng.normal(size=n), rng.normal(size=n), strict=True)]
    for k in (3, 17, 40):
        rows[k][0] = ""
    for k in (5, 17):
        rows[k][1] = "NA"
    rows[9][3] = "?"
    return read_table(table_of(rows, ["height", "town", "w", "y"])), rows


@pytest.mark.parametrize("strategy", ["mean", "median"])
@pytest.mark.parametrize("every", [False, True])
def test_filling_in_and_one_hot_are_scikit_learns(strategy, every):
    table, rows = mixed()
    found = own_data(table, Choice(3, ("number", "category", "number", "number"), strategy, every))
    there = [row for row in rows if row[3] != "?"]
    given = np.array([[np.nan if not row[0] else float(row[0])] for row in there])
    filled = SimpleImputer(strategy=strategy).fit_transform(given)
    towns = SimpleImputer(strategy="most_frequent", missing_values="NA").fit_transform(np.array([[row[1]] for row in there], dtype=object))
    hot = OneHotEncoder(drop=None if every else "first", sparse_output=False).fit_transform(towns)
    np.testing.assert_array_equal(found.X[:, :1], filled)
    np.testing.assert_array_equal(found.X[:, 1:-1], hot)
    assert found.features == ("height", *(f"town = {name}" for name in (["Bonn"] if every else []) + ["Köln", "Ulm"]), "w")
    X, y = found.standardised(*range(len(found.features)))
    np.testing.assert_allclose(X, StandardScaler().fit_transform(found.X), atol=1e-12)
    np.testing.assert_allclose(y, StandardScaler().fit_transform(found.y[:, None])[:, 0], atol=1e-12)
    assert "1 row without a usable target was left out." in found.said
    assert any(each.startswith("3 missing values of 'height' filled with its") for each in found.said)


def test_rows_with_gaps_are_left_out_and_counted():
    table, rows = mixed()
    found = own_data(table, Choice(3, ("number", "category", "number", "number")))
    kept = [row for row in rows if row[0] and row[1] != "NA" and row[3] != "?"]
    np.testing.assert_array_equal(found.y, [float(row[3]) for row in kept])
    assert "4 rows with a missing value were left out." in found.said


def test_the_target_and_the_features_are_suggested():
    rows = [[k, k % 3, f"id {k}", ("no", "yes")[k % 2], 5] for k in range(40)]
    found = read_table(table_of(rows, ["row", "a", "name", "diagnosis", "same"]))
    assert suggested(found) == Choice(3, ("out", "number", "out", "category", "out"))
    own = own_data(found, suggested(found))
    assert (own.classes, own.task, own.features) == (("no", "yes"), "binary", ("a",))
    assert own.y.tolist() == [float(k % 2) for k in range(40)]
    assert any("Not used: 'row', 'name', 'same'" in each for each in own.said)


@pytest.mark.parametrize(
    ("rows", "choice", "said"),
    [
        ([[k, k % 5] for k in range(LEAST_ROWS - 1)], Choice(1, ("number", "number")), f"{LEAST_ROWS} rows or more"),
        ([[k, 7] for k in range(30)], Choice(1, ("number", "number")), "a target that varies"),
        ([[7, k] for k in range(30)], Choice(1, ("number", "number")), "one that varies"),
        ([[f"w{k}", k] for k in range(30)], Choice(1, ("category", "number")), f"2 to {LEVELS} in a category"),
        ([[k, "ab"[k > 0]] for k in range(30)], Choice(1, ("number", "category")), "2 rows or more of each class"),
        ([[k, k] for k in range(30)], Choice(1, ("out", "number")), "one column or more"),
        ([[k] * (FEATURES + 1) + [k % 9] for k in range(30)], Choice(FEATURES + 1, ("number",) * (FEATURES + 2)), f"at most {FEATURES}"),
    ],
)
def test_what_cannot_be_fitted_is_refused_with_a_reason(rows, choice, said):
    table = read_table(table_of(rows), header=True)
    with pytest.raises(InvalidInput, match=said):
        own_data(table, choice)


def test_equal_data_are_equal_whatever_the_file_looked_like():
    rows = [[k * 1.5, k % 5] for k in range(30)]
    one = read_table(table_of(rows))
    two = read_table(table_of(rows, sign=";").replace("x0", '"x0"').encode("utf-16"))
    first, second = (own_data(table, suggested(table)) for table in (one, two))
    assert first == second
    assert hash(first) == hash(second)
    rows[3][0] += 1e-9
    other = read_table(table_of(rows))
    assert own_data(other, suggested(other)) != first


def test_what_is_saved_reads_back_as_the_same_data():
    table, _ = mixed()
    own = own_data(table, suggested(table))
    back = read_table(own_csv(own))
    again = own_data(back, Choice(len(own.features), ("number",) * (len(own.features) + 1)))
    np.testing.assert_array_equal(again.X, own.X)
    np.testing.assert_array_equal(again.y, own.y)


@pytest.mark.parametrize(
    ("target", "role", "task"), [([1, 2, 3, 4, 5], "number", "regression"), ([1, 2, 3], "category", "multiclass"), ([0, 1], "number", "regression")]
)
def test_a_worker_knows_from_the_numbers_alone_what_is_to_be_trained(target, role, task):
    import torch

    from core.networks.data import points_of
    from core.specs.training import TrainingSpec

    rows = [[k * 1.5, (k * 7) % 11, target[k % len(target)]] for k in range(40)]
    table = read_table(table_of(rows))
    own = own_data(table, Choice(2, ("number", "number", role)))
    dataset = own_dataset(own)
    assert own.task == task
    for sent, kept in zip(arrived(travelling(own)), trainable(own), strict=True):
        np.testing.assert_array_equal(sent, kept)
    points = points_of(TrainingSpec(data="given", data_hash=own.digest, noise=0.0), arrived(travelling(own)), torch.float64, torch.device("cpu"))
    assert (points.task, points.inputs, points.outputs) == (dataset.task, dataset.inputs, dataset.outputs)
    sample = dataset.draw(split=0.5, seed=0)
    np.testing.assert_array_equal(points.train[0].numpy(), sample.train_inputs[0])
    np.testing.assert_array_equal(points.train_targets.numpy(), sample.train_targets)
    assert b"x0" not in travelling(own)
