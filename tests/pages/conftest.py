"""What every test of a page draws on."""

from collections.abc import Iterator

import pytest

from tests.pages.engine import engine
from tests.pages.harness import Drawn, recording

__all__ = ["drawn", "engine"]


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Iterator[Drawn]:
    """What the pages of a test mount, recorded instead of mounted."""
    with recording(monkeypatch) as record:
        yield record
