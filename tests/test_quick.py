"""A scrub that runs alone when it is let go of leaves the page as a run of the whole page would have."""

from __future__ import annotations

import asyncio
import json

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

from benchmarks.load.student import Seen, Student
from tests.browser.driving import DRAWN

# Scrubs at which more of a page changes than what follows them in the browser: code, a link, what is computed for where they stand.
WHOLE = {
    "shrinkage_paths": {"lam"},
    "adam_and_adamw": {"lam"},
    "training": {"epoch", "member"},
    "right_mix": {"rank"},
}


def told(student: Student) -> dict[tuple[int, ...], tuple[str, bytes]]:
    """Return what stands on the page, by its place: what it is called, and the message less what differs from run to run."""
    found = {}
    for place, data in student.said.items():
        message = ForwardMsg.FromString(data)
        if message.WhichOneof("type") == "ref_hash":
            found[place] = ("kept in the browser", message.ref_hash.encode())
            continue
        kind = str(message.delta.WhichOneof("type"))
        name = kind
        if kind == "new_element":
            name = str(message.delta.new_element.WhichOneof("type"))
            body = getattr(message.delta.new_element, name)
            name = f"{name} {getattr(body, 'id', '')} {getattr(body, 'label', '')}"
            if name.startswith("download_button"):
                body.deferred_file_id = ""  # a new one in each run, for the same file
            if getattr(body, "set_value", False):
                for field in ("value", "raw_value", "raw_values", "set_value"):  # said once, after it has been set: the browser knows from then on
                    if field in body.DESCRIPTOR.fields_by_name:
                        body.ClearField(field)
            message.delta.new_element.ClearField("has_one_shot_effect")
        found[place] = (name, message.delta.SerializeToString())
    return found


async def let_go(student: Student, axis: str, share: float) -> str:
    """Let a scrub go at a share of its range; return the fragment that ran alone, or "" where the whole page has."""
    scrub = next(each for each in student.controls.values() if each.kind == "scrub" and each.axis == axis)
    value = {"axis": axis, "index": round(share * (scrub.places - 1)), "count": 1000 + round(100 * share)}
    events = f"$$STREAMLIT_INTERNAL_KEY_{scrub.id}__events"
    sent = WidgetState(id=events, json_trigger_value=json.dumps([{"event": "commit", "value": value}]))
    await student.run(student.page, student.query, [sent], scrub.fragment)
    return scrub.fragment


async def walk(url: str, lab: str) -> tuple[set[str], set[str]]:
    """Let every scrub of a lab go under its defaults and each of its presets; return the axes that ran alone, and those that never did."""
    seen, alone, whole = Seen(), set(), set()
    student = Student(url, seen, 0)
    await student.open(lab, assets=False)
    try:
        presets = [each.element.label for each in student.controls.values() if each.kind == "button" and "-preset-" in each.id]
        for turn, preset in enumerate(["", *presets]):
            if preset:
                await student.press(preset)
            axes = [each.axis for each in student.controls.values() if each.kind == "scrub" and each.places > 1]
            # All of them as the lab opens; of each preset some, others of the next.
            for axis in axes[turn % 3 :: 3] if preset and len(axes) > 3 else axes:
                await let_go(student, axis, 0.3)  # the first of all has the whole page run: there is a way back from then on
                await student.run(lab)
                before = told(student)
                fragment = await let_go(student, axis, 0.8)
                (alone if fragment else whole).add(axis)
                after_itself = told(student)
                await student.run(lab)
                after_all = told(student)
                assert after_itself == after_all, f"{preset or 'as it opens'}: {axis}: {differ(after_itself, after_all)}"
                if fragment:
                    for name in differ(before, after_all):
                        assert name.endswith("Version of this link") or name.split()[0] in ("add_block", "number_input", "bidi_component"), name
    finally:
        await student.leave()
    assert not seen.errors
    return alone, whole - alone


def differ(one: dict[tuple[int, ...], tuple[str, bytes]], other: dict[tuple[int, ...], tuple[str, bytes]]) -> list[str]:
    return [one.get(place, other.get(place))[0] for place in sorted({*one, *other}) if one.get(place) != other.get(place)]


@pytest.mark.parametrize("lab", DRAWN)
def test_what_a_scrub_runs_alone_is_what_the_whole_page_would_have_said(server, lab):
    alone, whole = asyncio.run(walk(server, lab))
    assert whole <= WHOLE.get(lab, set())
    assert alone or lab == "training"


async def undone(url: str) -> tuple[list[float], list[bool]]:
    """Let the first lab's scrub go three times, then undo twice; return where lambda stood each time, and whether the scrub had run alone."""
    student, stood, alone = Student(url, Seen(), 0), [], []

    def lam() -> float:
        return next(state.double_value for name, state in student.values.items() if name.endswith("-dc_lam"))

    try:
        await student.open("diamond_and_circle", assets=False)
        for share in (0.2, 0.5, 0.8):
            alone.append(bool(await let_go(student, "t", share)))
            stood.append(lam())
        for _ in range(2):
            await student.press("Undo")
            stood.append(lam())
    finally:
        await student.leave()
    return stood, alone


def test_each_place_where_a_scrub_was_let_go_alone_is_a_step_of_the_way_back(server):
    stood, alone = asyncio.run(undone(server))
    assert alone == [False, True, True]
    first, second, third, back, further = stood
    assert first < second < third
    assert (back, further) == (second, first)
