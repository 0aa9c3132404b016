"""Messages of arrays, read back by a reader that was written without looking at the writer."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from core.errors import InvalidInput
from core.wire import Exact, header, pack, unpack
from tests.pages.harness import unpack as independent

KINDS = ("float64", "float32", "uint8", "int8", "uint16", "int64")


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_what_is_exact_comes_back_bit_for_bit_with_its_type(kind, data):
    array = data.draw(arrays.arrays(kind, arrays.array_shapes(min_dims=0, max_dims=3, max_side=5)))
    for read in (unpack, independent):
        back = read(pack({"a": Exact(array), "deep": [{"b": Exact(array)}], "n": 3}))
        assert back["a"].dtype == array.dtype
        assert back["a"].shape == array.shape
        assert back["a"].tobytes() == back["deep"][0]["b"].tobytes() == array.tobytes()
        assert back["n"] == 3


def test_equal_numbers_travel_once():
    array = np.arange(1000.0)
    assert len(pack({"a": array, "b": array.copy()})) < len(pack({"a": array})) + 64


def test_the_header_is_read_without_the_numbers():
    assert header(pack({"a": np.zeros(4), "b": "x"})) == {"a": {"@": ["f4", 0, 4]}, "b": "x"}


@pytest.mark.parametrize("raw", [b"", b"\x05\0\0\0", b"\xff\xff\xff\xff12345678", pack({"a": np.arange(100.0)})[:60], b"\x02\0\0\0[]  "])
def test_bytes_that_are_no_message_are_refused_with_a_sentence(raw):
    with pytest.raises(InvalidInput, match="Send it whole"):
        unpack(raw)


def test_types_that_a_browser_cannot_read_are_refused():
    with pytest.raises(InvalidInput, match="complex128"):
        pack({"a": Exact(np.zeros(2, dtype=complex))})
