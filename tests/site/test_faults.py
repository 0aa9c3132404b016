"""Every fault once on a site with students at work: `make faults` is the long form, with longer pauses and more of each."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path

import pytest

from benchmarks.load.student import Seen, Student
from tests.servers import process
from tests.site.faults import FAULTS, SETTINGS, left_running, ordeal, same, small_disk
from tests.site.topology import site

PAGE, MEASURE_ALL = "dropout", "Measure all"


def test_every_fault_is_survived_with_the_same_numbers_and_nothing_left_running(tmp_path, capsys):
    random.seed(time.time_ns())
    lines: list[str] = []
    with site(tmp_path, env=SETTINGS) as found:
        count = asyncio.run(ordeal(found, random.sample(FAULTS, len(FAULTS)), 2.0, lines.append))
        starts = {name: part.starts for name, part in found.parts.items()}
    with capsys.disabled():
        print(f"\n{count}")
    assert not count.lost, "\n".join([str(count), *lines, *count.lost])
    assert count.injected == count.survived == len(FAULTS)
    assert all(starts[name] >= 2 for name in ("proxy", "web-1", "scheduler", "worker-1")), "each was killed, and started again"
    assert left_running(tmp_path) == []


def test_films_are_compared_by_their_numbers():
    from core.wire import pack

    def film(value: float, cut: int) -> list[bytes]:
        curve = [[1.0, 2.0, value, 4.0]]
        return [pack({"curves": {"loss": [row[:cut] for row in curve]}}), pack({"curves": {"loss": [row[cut:] for row in curve]}})]

    assert same(film(3.0, 1), film(3.0, 2))
    assert not same(film(3.0, 1), film(3.0000002, 1))
    assert not same([], [])


def fill(filler: Path) -> None:
    """Leave no room on the disk where a file stands."""
    with filler.open("wb", buffering=0) as full, pytest.raises(OSError, match="No space left"):
        for _ in iter(lambda: full.write(b"x" * 4096), None):
            pass


def _parts(file: Path) -> int:
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        try:
            return int(connection.execute("select count(*) from study_parts").fetchone()[0])
        except sqlite3.OperationalError:  # nothing has been kept yet
            return 0


async def _measured(url: str, query: str, seconds: float = 120.0) -> Seen:
    """Have a student measure what a page offers, and wait until it is there."""
    seen = Seen()
    student = Student(url, seen, 1)
    await student.open(PAGE, query, assets=False)
    label = next(each.element.label for each in student.controls.values() if each.kind == "button" and each.element.label.startswith(MEASURE_ALL))
    await student.press(label)
    end = time.monotonic() + seconds
    # As the page's component does: where one is done, the script runs again, and shows the next ones or none.
    while student.films and time.monotonic() < end:
        await asyncio.sleep(0.3)
        if any(student.heard.get(run) and student.heard[run].states[-1:] == ["done"] for run in student.watched()):
            await student.run(student.page, student.query)
    assert not student.films, f"still measuring: {student.states[-5:]}"
    await student.leave()
    return seen


def test_a_full_disk_costs_the_keeping_alone_and_nothing_that_was_kept(tmp_path):
    disk = tmp_path / "disk"
    if not small_disk(disk, 2):
        pytest.skip("this machine mounts no disk of a given size")
    file, filler = disk / "studies.sqlite", disk / "filler"
    try:
        with process(env={"LAB_STORE": f"sqlite:///{file}", "LAB_PLACES": "0"}) as (_, url):
            seen = asyncio.run(_measured(url, "do_data=circles"))
            before = _parts(file)
            assert before > 0
            fill(filler)
            seen.errors += asyncio.run(_measured(url, "do_data=xor")).errors
            assert not seen.errors
            assert _parts(file) == before, "there was no room, and nothing was lost"
            filler.unlink()
            time.sleep(31.0)  # a database that refused is asked again after thirty seconds
            asyncio.run(_measured(url, "do_data=spiral"))
            assert _parts(file) > before
    finally:
        subprocess.run(["umount", disk], check=False)
