"""What several test modules share."""

from __future__ import annotations

import hashlib
import os
from collections import defaultdict
from collections.abc import Iterator
from datetime import date

import pytest

from tests.servers import running

# Small networks on two threads that others use too take ten times as long as on one; the engine's workers have one as well.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# Tests that are about what is kept name a database of their own.
os.environ["LAB_STORE"] = "off"
os.environ["LAB_CLASS"] = "off"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--cases", type=int, default=0, metavar="N", help="of each test's cases take N, others every day; 0: all of them")
    parser.addoption("--one-in", type=int, default=1, metavar="K", help="of a file's tests take one in K, others every day")
    parser.addoption("--draw", default="", metavar="TEXT", help="which are taken, as a run's first lines say it")


def pytest_configure(config: pytest.Config) -> None:
    # Before processes are started, which get the same text: they would not agree beyond midnight.
    config.option.draw = config.option.draw or date.today().isoformat()


def pytest_report_header(config: pytest.Config) -> str | None:
    cases, one_in, draw = config.option.cases, config.option.one_in, config.option.draw
    return f"a part of the tests; the same again: --cases {cases} --one-in {one_in} --draw {draw}" if cases or one_in > 1 else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep of each file as many tests, and of each test as many of its cases, as are asked for."""

    def place(name: str) -> int:
        return int.from_bytes(hashlib.sha256(f"{config.option.draw} {name}".encode()).digest()[:8])

    files: dict[str, dict[str, list[pytest.Item]]] = defaultdict(lambda: defaultdict(list))
    for item in items:
        files[item.nodeid.partition("::")[0]][item.nodeid.partition("[")[0]].append(item)
    drawn: set[pytest.Item] = set()
    for tests in files.values():
        for name in sorted(tests, key=place)[: -(-len(tests) // config.option.one_in)]:
            drawn |= set(sorted(tests[name], key=lambda item: place(item.nodeid))[: config.option.cases or None])
    if left := [item for item in items if item not in drawn]:
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item in drawn]


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Return the address of one app with its own settings, started for the first test that asks and shared by all."""
    with running() as url:
        yield url
