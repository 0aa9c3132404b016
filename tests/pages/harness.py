"""A page under AppTest, with everything that it draws recorded: AppTest itself sees a component only as an unknown element."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.knobs import Knob, Spec
from ui import plot
from ui.controls import Panel

ROOT = Path(__file__).resolve().parent.parent.parent


def unpack(packed: bytes) -> dict[str, Any]:
    """Return a packed message with its arrays, as the browser reads it; written anew here so that the two cannot share a bug."""
    (length,) = struct.unpack_from("<I", packed)
    start = (4 + length + 7) // 8 * 8

    def revive(node: dict[str, Any]) -> Any:
        if "@" not in node:
            return node
        kind, offset, *shape = node["@"]
        size = int(np.prod(shape))
        return np.frombuffer(
            packed, dtype={"f4": "<f4", "f8": "<f8", "u1": "u1", "i1": "i1", "u2": "<u2", "i8": "<i8"}[kind], count=size, offset=start + offset
        ).reshape(shape)

    message: dict[str, Any] = json.loads(packed[4 : 4 + length].decode(), object_hook=revive)
    return message


class Drawn(dict[str, dict[str, Any]]):
    """Key -> message of everything mounted in the last run; ``callbacks`` holds what each component may call."""

    def __init__(self) -> None:
        super().__init__()
        self.callbacks: dict[str, Any] = {}


@contextmanager
def recording(monkeypatch: pytest.MonkeyPatch) -> Iterator[Drawn]:
    """Record what pages mount instead of mounting it."""
    drawn = Drawn()

    def mount(packed: bytes, *, key: str, **callbacks: Any) -> None:
        drawn[key] = unpack(packed)
        drawn.callbacks[key] = callbacks

    monkeypatch.setattr(plot, "mount", mount)
    yield drawn


def open_page(name: str, **query: str | list[str]) -> AppTest:
    """Return an AppTest of the app on the page ``name`` with a link's settings, after its first run."""
    app = AppTest.from_file(str(ROOT / "ui" / "router.py"), default_timeout=60)
    for key, value in query.items():
        app.query_params[key] = value
    if name == "home":
        return app.run()
    return app.switch_page(str(ROOT / "pages" / f"{name}.py")).run()


def opened(page: str, query: str, monkeypatch: pytest.MonkeyPatch) -> tuple[AppTest, Spec]:
    """Return a page that a link has opened, and the settings that it then has."""
    seen: list[Spec] = []
    finish = Panel.finish

    def noted(panel: Panel[Spec], at: Spec) -> None:
        seen.append(at)
        finish(panel, at)

    monkeypatch.setattr(Panel, "finish", noted)
    app = open_page(page, **dict(parse_qsl(query, keep_blank_values=True)))
    assert problems(app) == []
    return app, seen[-1]


def numbers(node: Any) -> Iterator[np.ndarray]:
    """Yield every array of a message."""
    if isinstance(node, np.ndarray):
        yield node
    elif isinstance(node, dict):
        for value in node.values():
            yield from numbers(value)
    elif isinstance(node, list):
        for value in node:
            yield from numbers(value)


def assert_full(app: AppTest, drawn: Drawn, charts: Iterable[str], items: Iterable[str], scrubs: Iterable[str]) -> None:
    """Assert that a page has no problem, draws all its charts and nothing that is not finite, that readouts say something and scrubs stand."""
    assert problems(app) == []
    for view in charts:
        assert drawn[view]["marks"], f"{view} is empty"
        assert drawn[view]["alt"]
    for view, message in drawn.items():
        for array in numbers(message):
            assert np.isfinite(array).all(), f"{view} holds a NaN or an infinity"
    for view in items:
        assert drawn[view]["items"]
    for view in scrubs:
        assert 0 <= drawn[view]["at"] < len(drawn[view]["axis"]["values"])


def ends(knob: Knob) -> list[Any]:
    """Return the values at the ends of a control: all of a choice's, both of a switch's, the bounds of a number."""
    if knob.kind == "choice":
        return [value for value, _ in knob.options]
    return [True, False] if knob.kind == "switch" else list(knob.bounds or ())


def problems(app: AppTest) -> list[str]:
    """Return what a student must never see."""
    return [error.message for error in app.exception] + [error.value for error in app.error]
