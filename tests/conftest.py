"""What several test modules share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.servers import running


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Return the address of one app with its own settings, started for the first test that asks and shared by all."""
    with running() as url:
        yield url
