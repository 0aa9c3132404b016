"""Weights and histories are read back by tools that are not ours."""

import io
import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from core.errors import InvalidInput
from core.export.training_data import history_csv, weights_json
from core.specs.training import TrainingSpec

SPEC = TrainingSpec(lam=(0.0, 0.1), hidden=(3,))
shapes = arrays.array_shapes(min_dims=1, max_dims=2, max_side=4)


@given(
    values=arrays.arrays(np.float64, shapes, elements=st.floats(allow_nan=False, allow_infinity=False)),
    single=arrays.arrays(np.float32, shapes, elements=st.floats(width=32, allow_nan=False, allow_infinity=False)),
)
def test_weights_read_back_bit_for_bit_in_their_shapes(values, single):
    read = json.loads(weights_json(SPEC, 1, [("layer1.weight", values), ("layer1.bias", single)]))
    assert TrainingSpec.from_json(json.dumps(read["spec"])) == SPEC.member(1)
    assert read["member"] == 1
    for given_array, layer, name in zip((values, single), read["layers"], ("layer1.weight", "layer1.bias"), strict=True):
        assert layer["name"] == name
        assert layer["shape"] == list(given_array.shape)
        again = np.array(layer["values"], dtype=given_array.dtype).reshape(layer["shape"])
        np.testing.assert_array_equal(again, given_array)


@given(values=arrays.arrays(np.float64, st.integers(1, 6), elements=st.floats()))
def test_a_history_reads_back_with_pandas_digit_for_digit_and_a_lost_value_is_an_empty_field(values):
    text = history_csv({"epoch": np.arange(len(values)), "train_loss": values, "val_loss": values / 2})
    table = pd.read_csv(io.StringIO(text))
    assert list(table.columns) == ["epoch", "train_loss", "val_loss"]
    np.testing.assert_array_equal(table["epoch"], np.arange(len(values)))
    np.testing.assert_array_equal(table["train_loss"].to_numpy(dtype=float), values)
    np.testing.assert_array_equal(table["val_loss"].to_numpy(dtype=float), values / 2)
    assert "nan" not in text


def test_epochs_are_counted_from_the_start_where_none_are_given():
    assert history_csv({"train_loss": [0.7, 0.5]}) == "epoch,train_loss\n0,0.7\n1,0.5\n"


@pytest.mark.parametrize(
    ("member", "layers"),
    [(2, []), (0, [("w", np.zeros(2)), ("w", np.zeros(2))]), (0, [("w", np.array([np.nan]))]), (0, [("w", np.array([np.inf]))])],
)
def test_what_json_cannot_say_is_refused(member, layers):
    with pytest.raises(InvalidInput):
        weights_json(SPEC, member, layers)


@pytest.mark.parametrize("columns", [{"a": [1.0], "b": [1.0, 2.0]}, {"a": [[1.0]]}])
def test_columns_of_different_lengths_are_refused(columns):
    with pytest.raises(InvalidInput, match="columns"):
        history_csv(columns)
