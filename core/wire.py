"""Messages of arrays, as they travel to the browser and between processes: a JSON header, then the numbers.

Little endian: the header's length (4 bytes), the header, spaces up to a multiple of 8, then each array padded to 8 bytes. In the header an array is
``{"@": [type, offset, ...shape]}``, its offset counted from where the numbers begin. assets/plot/messages.js reads the same.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import InvalidInput

Array = NDArray[Any]

_TYPES = {"f4": "<f4", "f8": "<f8", "u1": "|u1", "i1": "|i1", "u2": "<u2", "i8": "<i8"}
_KEPT = {"float64": "f8", "float32": "f4", "uint8": "u1", "int8": "i1", "uint16": "u2", "int64": "i8", "bool": "u1"}


@dataclass(frozen=True)
class Exact:
    """An array that keeps its type on the way: what people download, the codes of a picture, the state of a run."""

    values: Array


def pack(message: Mapping[str, Any]) -> bytes:
    """Return a message as bytes.

    Parameters
    ----------
    message:
        Anything that JSON can hold, and NumPy arrays, which travel as float32 (a chart draws no more), or as they are in `Exact`.
        Equal numbers travel once.
    """
    chunks: list[bytes] = []
    places: dict[bytes, int] = {}  # equal numbers: a tint and its contours, curves over the same steps
    offset = 0

    def flatten(node: Any) -> Any:  # noqa: ANN401 - any JSON
        nonlocal offset
        if isinstance(node, np.ndarray | Exact):
            values, kind = (node.values, _KEPT.get(node.values.dtype.name)) if isinstance(node, Exact) else (node, "f4")
            if kind is None:
                raise InvalidInput(f"an array of {values.dtype} in a message", "one of " + ", ".join(_KEPT), "Convert it before it is packed.")
            raw = np.ascontiguousarray(values, dtype=_TYPES[kind]).tobytes()
            if raw not in places:
                places[raw] = offset
                padded = raw + b"\0" * (-len(raw) % 8)
                chunks.append(padded)
                offset += len(padded)
            return {"@": [kind, places[raw], *values.shape]}
        if isinstance(node, Mapping):
            return {key: flatten(value) for key, value in node.items()}
        if isinstance(node, list | tuple):
            return [flatten(value) for value in node]
        return node.item() if isinstance(node, np.generic) else node

    header = json.dumps(flatten(message), separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
    padding = b" " * (-(4 + len(header)) % 8)
    return struct.pack("<I", len(header)) + header + padding + b"".join(chunks)


def unpack(raw: bytes) -> dict[str, Any]:
    """Return the message that `pack` made bytes of, its arrays read-only views of ``raw``.

    Raises
    ------
    InvalidInput
        Where the bytes are no such message.
    """
    try:
        (length,) = struct.unpack_from("<I", raw)
        start = 8 * ((4 + length + 7) // 8)

        def revive(node: dict[str, Any]) -> Any:  # noqa: ANN401 - any JSON
            if "@" not in node:
                return node
            kind, offset, *shape = node["@"]
            count = int(np.prod(shape)) if shape else 1
            return np.frombuffer(raw, dtype=_TYPES[kind], count=count, offset=start + offset).reshape(shape)

        message = json.loads(raw[4 : 4 + length].decode(), object_hook=revive)
    except (ValueError, KeyError, struct.error) as problem:
        raise InvalidInput(f"a message of {len(raw)} bytes that cannot be read ({problem})", "what pack returned", "Send it whole.") from None
    if not isinstance(message, dict):
        raise InvalidInput("a message that is no mapping", "what pack returned", "Send it whole.")
    return message


def header(raw: bytes) -> dict[str, Any]:
    """Return the header alone, arrays still as ``{"@": ...}``."""
    (length,) = struct.unpack_from("<I", raw)
    found: dict[str, Any] = json.loads(raw[4 : 4 + length])
    return found
