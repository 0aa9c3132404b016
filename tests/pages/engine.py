"""An engine that trains nothing: it says yes as the real one would, and remembers what it was asked for."""

from __future__ import annotations

from typing import Any

import pytest

from core.engine import runs
from core.engine.plan import edited, run_id
from core.errors import InvalidInput
from core.specs.training import TrainingSpec
from core.studies.study import Study


class FakeEngine:
    """Tickets as the registry gives them, with nobody behind them.

    Attributes
    ----------
    asked:
        Specs that runs were asked for.
    data:
        What was given with each of them.
    commands:
        (id, what, values) in order.
    full:
        Whether it refuses new runs and studies.
    studies, stopped:
        Studies that were asked for, and ids of those that were stopped.
    """

    def __init__(self) -> None:
        self.asked: list[TrainingSpec] = []
        self.data: list[bytes] = []
        self.commands: list[tuple[str, str, dict[str, Any]]] = []
        self.full = False
        self.studies: list[Study] = []
        self.stopped: list[str] = []
        self._tickets: dict[str, runs.Ticket] = {}

    def ensure(self, spec: TrainingSpec, session: str, edits: tuple[Any, ...] = (), want: int = 0, data: bytes = b"") -> runs.Ticket:
        if self.full:
            raise InvalidInput("9 runs of one visitor", "8 at once", "Close a tab.")
        self.asked.append(spec)
        self.data.append(data)
        return self._ticket(spec, edits, session)

    def command(self, id: str, what: str, session: str, **values: Any) -> runs.Ticket | None:
        self.commands.append((id, what, values))
        if id not in self._tickets:
            raise InvalidInput(f"run {id}", "a run that is under way", "Start it again.")
        if what != "edit":
            return None
        before = self._tickets[id]
        return self._ticket(before.spec, edited(before.spec, before.edits, 17, **values), session, shared=3)

    def study(self, study: Study, session: str) -> runs.StudyTicket:
        if self.full:
            raise InvalidInput("9 measurements at once", "8 for a visitor", "Wait until one has ended.")
        self.studies.append(study)
        return runs.StudyTicket(study.id, session[:8])

    def stop_study(self, id: str, session: str) -> None:
        self.stopped.append(id)

    def _ticket(self, spec: TrainingSpec, edits: tuple[Any, ...], session: str, shared: int = 0) -> runs.Ticket:
        ticket = runs.Ticket(run_id(spec, edits), session[:8], spec, edits, shared)
        self._tickets[ticket.id] = ticket
        return ticket


@pytest.fixture(autouse=True)
def engine(monkeypatch: pytest.MonkeyPatch) -> FakeEngine:
    """Stand for the engine in every test of a page."""
    fake = FakeEngine()
    monkeypatch.setattr(runs, "ensure", fake.ensure)
    monkeypatch.setattr(runs, "command", fake.command)
    monkeypatch.setattr(runs, "study", fake.study)
    monkeypatch.setattr(runs, "stop_study", fake.stop_study)
    monkeypatch.setattr(runs, "outcomes", lambda id: None)
    return fake
