"""The one chart component: a scene, a scrub or readouts, drawn in place by assets/plot.js.

What a family needs travels as bytes: a JSON header and one buffer of float32 columns. The browser scrubs through it without the
server; on release one commit comes back. Pages of a group name the same ``group``, and all its charts move together.
"""

from __future__ import annotations

import dataclasses
import json
import struct
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import streamlit as st

from core.figures.palette import PALETTE, colour, dark_values
from core.figures.scene import FamilyAxis, Readout, Scene
from ui import serving

# Seconds. About what a browser takes from a message to the painted chart; other sessions run meanwhile.
_HEAD_START = 0.04

# Streamlit sends a component's script with every message, so it is only this: the module comes from our own address, once. The app's
# own script tells where the app lives, whatever base path or proxy lies between.
_STUB = """
export default async function (component) {{
  const script = document.querySelector('script[type=module][src*="static/js/"]')
  const root = script ? script.src.replace(/static\\/js\\/.*$/, "") : document.baseURI
  const plot = await import(new URL("{plot}", root))
  return plot.mount(component, new URL("{plotly}", root).href)
}}
"""


def pack_chart(scene: Scene, *, name: str, group: str) -> bytes:
    """Return a scene as the bytes that `chart` mounts.

    Parameters
    ----------
    scene:
        What to draw.
    name:
        The chart's name, for downloads.
    group:
        The scrub's group.
    """
    marks = []
    for mark in scene.marks:
        fields = {field.name: getattr(mark, field.name) for field in dataclasses.fields(mark)}
        marks.append(
            fields | {"colour": colour(mark.colour), "text": _distinct([mark.text] if isinstance(mark.text, str) and mark.text else mark.text)}
        )
    blends = [dataclasses.asdict(blend) | {"colour": colour(blend.colour)} for blend in scene.blends]
    message = {
        "kind": "chart",
        "name": name,
        "group": group,
        "figure": scene.figure,
        "marks": marks,
        "blends": blends,
        "alt": scene.alt,
        "captions": _distinct(scene.captions) | {"axes": ["t"]},
        "table": {key: _Exact(np.asarray(column)) for key, column in scene.table.items()},
        "aspect": scene.aspect,
        "inks": dark_values(),
        "paper": PALETTE["paper"].light,
    }
    return _pack(message)


def pack_readouts(items: Sequence[Readout], *, group: str) -> bytes:
    """Return readouts as the bytes that `readouts` mounts."""
    listed = []
    for item in items:
        numeric = isinstance(item.values, np.ndarray)
        shown: dict[str, Any] = {"values": item.values} if numeric else {"words": _distinct([str(value) for value in item.values])}
        listed.append({"label": item.label, "digits": item.digits, "colour": colour(item.colour), "help": item.help, "axes": item.axes} | shown)
    return _pack({"kind": "readouts", "group": group, "items": listed, "inks": dark_values()})


def chart(packed: bytes, *, key: str, first: bool = False) -> None:
    """Draw a packed scene in place; zoom and camera survive every change of its data.

    Parameters
    ----------
    packed:
        What `pack_chart` returned.
    key:
        The component's key.
    first:
        Whether this is the chart that a hand on a control looks at. It gets a head start: the script rests while the chart travels and is
        painted, since whatever is sent meanwhile would be drawn before the browser paints anything.
    """
    mount(packed, key=key)
    if first:
        time.sleep(_HEAD_START)


def readouts(packed: bytes, *, key: str) -> None:
    """Show packed readouts, which follow the group's scrub."""
    mount(packed, key=key)


def scrub(axis: FamilyAxis, at: int, *, key: str, group: str, on_commit: Callable[[int], None]) -> None:
    """Show the slider that moves a group.

    Parameters
    ----------
    axis:
        The family axis it runs along.
    at:
        (index) where it stands, as Python knows it.
    key:
        The component's key.
    group:
        The charts that follow.
    on_commit:
        Called with the chosen index when the slider is let go, before the script runs again.
    """

    def commit() -> None:
        payload = st.session_state[key].commit
        st.session_state[f"{key}-answer"] = payload.get("count") if isinstance(payload, Mapping) else None
        # A component's message is a stranger's: anything but an index of this axis is dropped.
        if isinstance(payload, Mapping) and type(index := payload.get("index")) is int and 0 <= index < len(axis.values):
            on_commit(index)

    # Which commit this position answers: the browser passes over answers to commits that it has since overtaken.
    answer = count if isinstance(count := st.session_state.get(f"{key}-answer"), int) else None
    described = dataclasses.asdict(axis) | {"values": axis.values}
    mount(_pack({"kind": "scrub", "group": group, "axis": described, "at": at, "answer": answer}), key=key, on_commit_change=commit)


def mount(packed: bytes, *, key: str, **callbacks: Callable[[], None]) -> None:
    """Mount the component; the one seam where tests see what a page draws."""
    _component()(data=packed, key=key, **callbacks)


@st.cache_resource
def _component() -> Callable[..., Any]:
    stub = _STUB.format(plot=serving.address("plot.js"), plotly=serving.address("plotly.min.js"))
    return st.components.v2.component("lab_plot", js=stub, isolate_styles=False)


@dataclasses.dataclass(frozen=True)
class _Exact:
    """An array that keeps its full precision on the way, such as what people download."""

    values: np.ndarray[Any, Any]


def _distinct(strings: Sequence[str]) -> dict[str, Any]:
    """Return equal strings once, and an index for each member."""
    unique = list(dict.fromkeys(strings))
    place = {text: i for i, text in enumerate(unique)}
    return {"text": unique, "index": [place[text] for text in strings]}


def _pack(message: Mapping[str, Any]) -> bytes:
    """Return header length, JSON header, padding to 8 bytes, numbers; arrays in the header become ``{"@": [type, offset, ...shape]}``."""
    chunks: list[bytes] = []
    offset = 0

    def flatten(node: Any) -> Any:  # noqa: ANN401 - any JSON
        nonlocal offset
        if isinstance(node, np.ndarray | _Exact):
            exact = isinstance(node, _Exact)
            values = node.values if isinstance(node, _Exact) else node
            raw = np.ascontiguousarray(values, dtype="<f8" if exact else "<f4").tobytes()
            place = {"@": ["f8" if exact else "f4", offset, *values.shape]}
            raw += b"\0" * (-len(raw) % 8)
            chunks.append(raw)
            offset += len(raw)
            return place
        if isinstance(node, Mapping):
            return {key: flatten(value) for key, value in node.items()}
        if isinstance(node, list | tuple):
            return [flatten(value) for value in node]
        return node.item() if isinstance(node, np.generic) else node

    header = json.dumps(flatten(message), separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
    padding = b" " * (-(4 + len(header)) % 8)
    return struct.pack("<I", len(header)) + header + padding + b"".join(chunks)
