"""The one chart component: a scene, a scrub, readouts or a table, drawn in place by the modules of assets/plot.

What a family needs travels as bytes: a JSON header and one buffer of float32 columns. The browser scrubs through it without the
server; on release one commit comes back. Pages of a group name the same ``group``, and all its charts move together.
"""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Protocol

import numpy as np
import streamlit as st

from core import wire
from core.errors import InvalidInput
from core.figures.hand import Hand, Handle, Words
from core.figures.palette import PALETTE, colour, dark_values, strong
from core.figures.scene import Blend, FamilyAxis, Mark, Readout, Scene, Table
from core.knobs import Knob, Value
from core.wire import Exact, pack
from ui import lanes, offline, quick, serving, stage, theatre

# Seconds. About what a browser takes from a message to the painted chart; other sessions run meanwhile.
_HEAD_START = 0.04
# A pick this many windows beside a chart's own is nothing that a hand has zoomed out to.
_WINDOWS = 20.0
_HUGE = 1e12
# Fields of fields, clouds, bars and networks, and what they are on all other marks.
_OF_FEW = {
    field.name: field.default
    for field in dataclasses.fields(Mark)
    if field.name.startswith(("symbols", "classes", "hollow", "window", "palette", "edges", "bands", "layers", "offsets", "more"))
    or field.name in ("alive", "values", "errors", "stage", "focus")
    or field.name.endswith("_source")
}

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


def pack_chart(scene: Scene, *, name: str, group: str, hand: Hand | None = None) -> bytes:
    """Return a scene as the bytes that `chart` mounts.

    Parameters
    ----------
    scene:
        What to draw.
    name:
        The chart's name, for downloads.
    group:
        The scrub's group.
    hand:
        What it was computed for, where it follows a hand.
    """
    marks = []
    for mark in scene.marks:
        labels = [mark.text] if isinstance(mark.text, str) and mark.text else mark.text
        colours = {"colour": colour(mark.colour), "colours": [colour(name) for name in mark.colours]}
        codes = ("palette", "palette_dark", "alive", *(("xy",) if mark.kind == "thinned" else ()))
        exact = {name: wire.Exact(getattr(mark, name)) for name in codes if getattr(mark, name) is not None}
        marks.append(_said(mark) | colours | exact | {"text": _distinct(labels)})
    blends = [_fields(blend) | {"colour": colour(blend.colour)} for blend in scene.blends]
    message = {
        "kind": "chart",
        "name": name,
        "group": group,
        "figure": scene.figure,
        "marks": marks,
        "blends": blends,
        "alt": scene.alt,
        "captions": _words(scene.captions, scene.caption_axes, scene.caption_shape),
        "table": {key: wire.Exact(np.asarray(column, dtype=np.float64)) for key, column in scene.table.items()},
        "aspect": scene.aspect,
        "pick": scene.pick,
        "range": scene.range,
        "inks": dark_values(),
        "paper": PALETTE["paper"].light,
    }
    if hand is not None:
        message |= {
            "stands": hand.stands,
            "handles": [_fields(each) | {"colour": colour(each.colour)} for each in scene.handles],
            "yields": scene.yields,
        }
    return pack(message)


def pack_readouts(items: Sequence[Readout], *, group: str, hand: Hand | None = None, name: str = "numbers") -> bytes:
    """Return readouts as the bytes that `readouts` mounts; ``hand`` and ``name`` where they follow a hand."""
    listed = []
    for item in items:
        numeric = isinstance(item.values, np.ndarray)
        words = {} if numeric else _words([str(value) for value in item.values], item.axes, item.shape)
        shown: dict[str, Any] = {"values": item.values} if numeric else {"words": words}
        shown |= {"label": item.label, "digits": item.digits, "colour": colour(item.colour), "help": item.help, "axes": item.axes}
        listed.append(shown | ({"source": item.source} if item.source else {}) | ({"name": item.name} if item.name else {}))
    held = {} if hand is None else {"stands": hand.stands, "name": name}
    return pack({"kind": "readouts", "group": group, "items": listed, "inks": dark_values()} | held)


def pack_table(table: Table, *, group: str) -> bytes:
    """Return a table as the bytes that `table` mounts.

    Parameters
    ----------
    table:
        Its rows run along one family axis.
    group:
        The scrub's group.
    """
    message = {
        "kind": "table",
        "group": group,
        "title": table.title,
        "columns": [{"heading": heading, "colour": colour(name)} for heading, name in table.columns],
        "cells": [list(row) for row in table.cells],
        "axis": table.axis,
        "notes": [{"row": row, "column": column, "note": note} for (row, column), note in table.notes.items()],
        "inks": dark_values(),
    }
    return pack(message)


def chart(packed: bytes, *, key: str, first: bool = False, on_pick: Callable[[float, float], None] | None = None) -> None:
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
    on_pick:
        Called with x and y, in data coordinates, when a hand clicks the plane of a scene with ``pick``, before the script runs again.
    """

    def picked() -> None:
        payload = st.session_state[key].pick
        # A component's message is a stranger's: anything but a point in or around the chart's window is dropped.
        if on_pick is not None and isinstance(payload, Mapping) and (point := _point(payload, packed)) is not None:
            on_pick(*point)

    with theatre.place(key):
        offline.part("chart", packed, key)
        mount(packed, key=key, **({"on_pick_change": picked} if on_pick is not None else {}))
    if first:
        with lanes.aside():
            time.sleep(_HEAD_START)


def readouts(packed: bytes, *, key: str) -> None:
    """Show packed readouts, which follow the group's scrub."""
    with theatre.place(key):
        offline.part("readouts", packed, key)
        mount(packed, key=key)


def table(packed: bytes, *, key: str) -> None:
    """Show a packed table: the row where the group stands is marked, and a row that is chosen moves the group."""
    offline.part("table", packed, key)
    mount(packed, key=key)


def scrub(
    axis: FamilyAxis, at: int, *, key: str, group: str, on_commit: Callable[[int], None], sets: tuple[str, ...] = (), whole: bool = False
) -> None:
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
    sets:
        The knobs that it sets, where they do not have the axis's name.
    whole:
        Whether the page shows more that depends on where it stands than the views that follow it in the browser: code, a link, a table in words.
        Then the whole page runs when it is let go, and else only the scrub itself does (`quick`).
    """
    staged, sets, place = stage.now(), sets or (axis.name,), at

    def commit() -> None:
        nonlocal place
        payload = st.session_state[key].commit
        st.session_state[f"{key}-answer"] = payload.get("count") if isinstance(payload, Mapping) else None
        # A component's message is a stranger's: anything but an index of this axis is dropped.
        if isinstance(payload, Mapping) and type(index := payload.get("index")) is int and 0 <= index < len(axis.values):
            place = index
            on_commit(index)

    def show() -> None:
        # Which commit this position answers: the browser passes over answers to commits that it has since overtaken.
        answer = count if isinstance(count := st.session_state.get(f"{key}-answer"), int) else None
        message = {"kind": "scrub", "group": group, "axis": _fields(axis), "sets": sets, "at": place, "answer": answer}
        fixed = ({"locked": stage.LOCKED} if staged.locks(*sets) else {}) | ({} if staged.shows(*sets) else {"hidden": True})
        packed = pack(message | fixed)
        with theatre.place(key):
            offline.part("scrub", packed, key)
            mount(packed, key=key, on_commit_change=commit)

    follower = None if whole else quick.follower(sets)
    if follower is None:
        # A container as a fragment has one, so that a scrub that is now the one and now the other stays the same in the browser.
        with st.container():
            show()
        return
    again = False

    def alone() -> None:
        nonlocal again
        show()
        follower.boxes(sets, again=again)
        again = True

    st.fragment(alone)()


def hand(held: Hand, *, key: str, group: str, panel: Holder) -> None:
    """Let a hand take hold of what the group's charts show, and say how it stands, in one line.

    Parameters
    ----------
    held:
        The lab in a hand.
    key:
        The component's key.
    group:
        The charts that follow.
    panel:
        The lab's controls: what the hand sets, they set. What is locked, or hidden from a class, cannot be taken hold of.
    """
    if not held.handles:
        return
    knobs = panel.knobs

    def commit() -> None:
        payload = st.session_state[key].commit
        st.session_state[f"{key}-answers"] = payload.get("count") if isinstance(payload, Mapping) else None
        values = payload.get("values") if isinstance(payload, Mapping) else None
        if not isinstance(values, Mapping):
            return
        # A component's message is a stranger's: anything but allowed values of the knobs in this hand is dropped.
        chosen: dict[str, Value] = {}
        for name in held.values:
            if name in values:
                with suppress(InvalidInput):
                    chosen[name] = knobs[name].clean(_inside(knobs[name], values[name]), name)
        panel.set(**chosen)

    answers = count if isinstance(count := st.session_state.get(f"{key}-answers"), int) else None
    reach = {name: _reach(knobs[name]) for name in held.values}
    locked = [handle.name for handle in held.handles if panel.locked(*handle.sets) or not stage.now().shows(*handle.sets)]
    message = {"kind": "hand", "group": group, "model": held.model, "given": held.given, "answer": held.answer, "words": _fields(held.words)}
    packed = pack({**message, **held.stands, "knobs": reach, "locked": locked, "answers": answers})
    with theatre.place(key):
        offline.part("hand", packed, key)
        mount(packed, key=key, on_commit_change=commit)


def film(
    run: str,
    viewer: str,
    at: int,
    members: int,
    epochs: int,
    *,
    key: str,
    group: str,
    on_gone: Callable[[], None],
    parent: str = "",
    shared: int = 0,
    kept: int = 0,
    axis: str = "epoch",
    member: str = "member",
) -> None:
    """Show how a run of the engine stands, in one line, and bring what it computes to the group's charts.

    The browser opens a socket at ``lab/run/<run>`` for it; no script runs while snapshots come.

    Parameters
    ----------
    run, viewer:
        The run's id, and the token that lets this page see it.
    at:
        The epoch where the group's playhead stands, as Python knows it.
    members, epochs:
        How many networks are trained together, and for how long.
    key:
        The component's key, the same one while a page goes from run to run.
    group:
        The views that show the film; one film a group.
    on_gone:
        Called before the script runs again where the server knows no such run any more: start it again.
    parent, shared, kept:
        Of a run that continues another one: the other's id, how many of its first links are the same, and the last epoch that is. What the browser
        has of them it keeps.
    axis, member:
        What the family axes of epochs and of members are called.
    """

    def gone() -> None:
        payload = st.session_state[key].gone
        # A component's message is a stranger's, and may be about a run that this page has left.
        if isinstance(payload, Mapping) and payload.get("run") == run:
            on_gone()

    offline.streams()
    place = {"at": at, "members": members, "epochs": epochs, "axis": axis, "member": member}
    past = {"parent": parent, "shared": shared, "kept": kept}
    mount(pack({"kind": "film", "group": group, "run": run, "viewer": viewer} | past | place), key=key, on_gone_change=gone)


def progress(study: str, viewer: str, *, key: str, on_stop: Callable[[], None], partial: bool = False) -> None:
    """Show how far a study of the engine is, with a way to stop it; the script runs again when it is done.

    Parameters
    ----------
    study, viewer:
        The study's id, and the token that lets this page see it.
    key:
        The component's key.
    on_stop:
        Called before the script runs again where a hand stops it.
    partial:
        Whether the script runs again, too, each time there is a little more to draw.
    """

    def stop() -> None:
        payload = st.session_state[key].stop
        if isinstance(payload, Mapping) and payload.get("study") == study:
            on_stop()

    message = pack({"kind": "progress", "group": key, "study": study, "viewer": viewer, "partial": partial})
    mount(message, key=key, on_news_change=lambda: None, on_stop_change=stop)


def stage_manager(*, key: str) -> None:
    """Have charts drawn in the colours for the back of a room, and keys move the page's main scrub; shows the list of keys when asked."""
    light, dark = strong()
    mount(pack({"kind": "stage", "group": key, "light": light, "dark": dark}), key=key)


def formula(
    text: str,
    count: int,
    error: Mapping[str, str] | None,
    *,
    key: str,
    label: str,
    hint: str,
    longest: int,
    locked: bool,
    on_typed: Callable[[str, int], None],
    on_commit: Callable[[str, int], None],
) -> None:
    """Show a box to type a formula in.

    Parameters
    ----------
    text:
        What stands in it, unless a hand has typed since.
    count:
        The number of the browser's message that this answers.
    error:
        What is wrong with the text, in parts, all of them plain text; None where nothing is.
    key:
        The component's key.
    label, hint:
        The box's label, and what stands below it.
    longest:
        How many characters it takes.
    locked:
        Whether nothing can be typed.
    on_typed, on_commit:
        Called with the text and the message's number when the hand rests for a moment, and when what is typed is meant.
    """

    def told(name: str, act: Callable[[str, int], None]) -> None:
        payload = getattr(st.session_state[key], name)
        # A component's message is a stranger's: anything but a text that the box can hold is dropped.
        if not isinstance(payload, Mapping) or not isinstance(given := payload.get("text"), str) or len(given) > longest:
            return
        if type(number := payload.get("count")) is int:
            act(given, number)

    message = {"kind": "formula", "group": key, "text": text, "count": count, "error": error, "label": label, "hint": hint}
    packed = pack(message | {"longest": longest, "locked": locked})
    mount(packed, key=key, on_typed_change=lambda: told("typed", on_typed), on_commit_change=lambda: told("commit", on_commit))


def warm(*, key: str) -> None:
    """Have the browser fetch what charts need while it has nothing else to do; shows nothing."""
    mount(pack({"kind": "warm", "group": key}), key=key)


def mount(packed: bytes, *, key: str, **callbacks: Callable[[], None]) -> None:
    """Mount the component; the one seam where tests see what a page draws."""
    _component()(data=packed, key=key, **callbacks)


@st.cache_resource
def _component() -> Callable[..., Any]:
    stub = _STUB.format(plot=serving.address("plot/mount.js"), plotly=serving.address("plotly.min.js"))
    return st.components.v2.component("lab_plot", js=stub, isolate_styles=False)


class Holder(Protocol):
    """The controls of a lab, as a hand needs them."""

    knobs: Mapping[str, Knob]

    def set(self, **changes: Value) -> None:
        """Change settings from a callback."""

    def locked(self, *names: str) -> bool:
        """Return whether one of these knobs keeps its value."""


def _reach(knob: Knob) -> dict[str, Any]:
    """Return which numbers a knob may be, for a hand that moves it; nothing of one that holds no number."""
    if knob.reach is None:
        return {}
    low, high = knob.reach
    return {"low": low, "high": high, "quantum": knob.quantum} | ({"grid": Exact(np.array(knob.grid()))} if knob.scale == "log" else {})


def _inside(knob: Knob, value: object) -> object:
    """Return a number within its knob's bounds: a hand may be a rounding beyond them."""
    if knob.reach is None or isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return min(max(value, knob.reach[0]), knob.reach[1])


def _fields(described: FamilyAxis | Mark | Blend | Handle | Words) -> dict[str, Any]:
    """Return a description's fields; unlike `dataclasses.asdict` it copies no array."""
    return {field.name: getattr(described, field.name) for field in dataclasses.fields(described)}


def _said(mark: Mark) -> dict[str, Any]:
    """Return a mark's fields without those that only a few kinds have, where they say nothing."""
    return {name: value for name, value in _fields(mark).items() if name not in _OF_FEW or value is not _OF_FEW[name]}


def _words(strings: Sequence[str], axes: Sequence[str], shape: Sequence[int]) -> dict[str, Any]:
    """Return a sentence a member, flattened over ``axes``; one axis needs no shape."""
    return _distinct(strings) | {"axes": list(axes), "shape": list(shape) or [len(strings)]}


def _point(payload: Mapping[str, Any], packed: bytes) -> tuple[float, float] | None:
    """Return the picked point; None unless it is two finite numbers within or around the axes of the packed chart's figure."""
    layout = wire.header(packed)["figure"]["layout"]
    point: list[float] = []
    for name in ("x", "y"):
        value, axis = payload.get(name), layout.get(f"{name}axis", {})
        if not isinstance(value, int | float) or isinstance(value, bool) or not abs(value) < _HUGE:
            return None
        logarithmic = axis.get("type") == "log"
        if logarithmic and value <= 0:
            return None
        match axis.get("range"):
            case [int() | float() as one, int() | float() as other]:
                low, high = min(one, other), max(one, other)
                if abs((math.log10(value) if logarithmic else value) - (low + high) / 2) > (0.5 + _WINDOWS) * (high - low):
                    return None
        point.append(float(value))
    return point[0], point[1]


def _distinct(strings: Sequence[str]) -> dict[str, Any]:
    """Return equal strings once, and an index for each member."""
    unique = list(dict.fromkeys(strings))
    place = {text: i for i, text in enumerate(unique)}
    return {"text": unique, "index": [place[text] for text in strings]}
