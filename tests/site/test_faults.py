"""Every fault once on a site with students at work: `make faults` is the long form, with longer pauses and more of each."""

from __future__ import annotations

import asyncio
import random
import time

import pytest

from tests.site.disk import filled
from tests.site.faults import FAULTS, SETTINGS, left_running, ordeal, same
from tests.site.topology import site


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


def test_a_full_disk_costs_the_keeping_alone_and_nothing_that_was_kept(tmp_path):
    problems = filled(tmp_path)
    if problems is None:
        pytest.skip("this machine mounts no disk of a given size")
    assert problems == []
