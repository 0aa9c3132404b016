"""A disk that is full while studies are measured: keeping fails, and nothing else."""

from __future__ import annotations

import asyncio
import errno
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path

from benchmarks.load.student import Seen, Student
from tests.servers import process

PAGE, MEASURE_ALL = "dropout", "Measure all"
MEGABYTES = 2
AGAIN = 31.0
"""Seconds after which a database that has refused is asked again."""


def small_disk(folder: Path, megabytes: int) -> bool:
    """Mount a disk of so many megabytes; False where this machine does not allow it."""
    folder.mkdir(exist_ok=True)
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)], capture_output=True, check=False)
    return done.returncode == 0


def fill(filler: Path) -> None:
    """Leave no room on the disk where a file stands."""
    with filler.open("wb", buffering=0) as full:
        try:
            while full.write(b"x" * 4096):
                pass
        except OSError as problem:
            if problem.errno != errno.ENOSPC:
                raise


def parts(file: Path) -> int:
    """Return how many parts of studies a database keeps."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        try:
            return int(connection.execute("select count(*) from study_parts").fetchone()[0])
        except sqlite3.OperationalError:  # nothing has been kept yet
            return 0


async def measured(url: str, query: str, seconds: float = 120.0) -> Seen:
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
    if student.films:
        raise TimeoutError(f"still measuring: {student.states[-5:]}")
    await student.leave()
    return seen


def filled(folder: Path) -> list[str] | None:
    """Fill the disk of a server's studies between two of them, and empty it again; return what went wrong, None where no such disk can be mounted."""
    disk = folder / "disk"
    if not small_disk(disk, MEGABYTES):
        return None
    file, filler = disk / "studies.sqlite", disk / "filler"
    problems = []
    try:
        with process(env={"LAB_STORE": f"sqlite:///{file}", "LAB_PLACES": "0"}) as (_, url):
            seen = asyncio.run(measured(url, "do_data=circles"))
            before = parts(file)
            if not before:
                problems.append("nothing was kept while there was room")
            fill(filler)
            seen.errors += asyncio.run(measured(url, "do_data=xor")).errors
            problems += [f"{what} ({times} times)" for what, times in seen.errors.items()]
            if parts(file) != before:
                problems.append(f"{before} parts were kept, and {parts(file)} are left")
            filler.unlink()
            time.sleep(AGAIN)
            asyncio.run(measured(url, "do_data=spiral"))
            if parts(file) <= before:
                problems.append("nothing is kept now that there is room again")
    finally:
        subprocess.run(["umount", disk], check=False)
    return problems
