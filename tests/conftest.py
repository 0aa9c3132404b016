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
    parser.addoption("--cases", type=int, default=0, metavar="N", help="take N of each test's cases, others every day; 0: all of them")
    parser.addoption("--draw", default="", metavar="TEXT", help="which cases are taken, as a run's first lines say it")


def pytest_configure(config: pytest.Config) -> None:
    # Before processes are started, which get the same text: they would not agree beyond midnight.
    config.option.draw = config.option.draw or date.today().isoformat()


def pytest_report_header(config: pytest.Config) -> str | None:
    cases, draw = config.option.cases, config.option.draw
    return f"at most {cases} cases of each test; the same again: --cases {cases} --draw {draw}" if cases else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep of each test as many of its cases as are asked for, drawn by name, so that another test's cases do not matter."""
    if not config.option.cases:
        return
    tests: dict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        tests[item.nodeid.partition("[")[0]].append(item)
    drawn = {item for each in tests.values() for item in sorted(each, key=lambda item: _place(config, item))[: config.option.cases]}
    config.hook.pytest_deselected(items=[item for item in items if item not in drawn])
    items[:] = [item for item in items if item in drawn]


def _place(config: pytest.Config, item: pytest.Item) -> bytes:
    return hashlib.sha256(f"{config.option.draw} {item.nodeid}".encode()).digest()


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Return the address of one app with its own settings, started for the first test that asks and shared by all."""
    with running() as url:
        yield url
