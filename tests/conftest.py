"""What several test modules share."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.servers import running

# Small networks on two threads that others use too take ten times as long as on one; the engine's workers have one as well.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# Tests that are about what is kept name a database of their own.
os.environ["LAB_STORE"] = "off"
os.environ["LAB_CLASS"] = "off"


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Return the address of one app with its own settings, started for the first test that asks and shared by all."""
    with running() as url:
        yield url
