"""A page's run of the engine: started from its settings, edited on the way where that is what a change asks for, started again where it is gone."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import uuid4

import streamlit as st

from core.datasets.uploads import OwnData
from core.datasets.uploads.dataset import travelling
from core.engine import runs
from core.errors import InvalidInput
from core.specs.training import EDITABLE, TrainingSpec


@dataclass(frozen=True)
class Running:
    """A run that a page shows.

    Attributes
    ----------
    ticket:
        The engine's.
    spec:
        The settings that the page asked for last.
    parent:
        The run that this one goes on from, or "".
    data:
        The visitor's own data as they travel, or nothing.
    """

    ticket: runs.Ticket
    spec: TrainingSpec
    parent: str = ""
    data: bytes = field(default=b"", repr=False)


def running(spec: TrainingSpec, lab: str, own: OwnData | None = None) -> Running | None:
    """Return the run of a page's settings; None, with a notice, where the engine takes none.

    A change of lambda, dropout rate or learning rate alone goes on from where the film stands; any other starts a run of its own.

    Parameters
    ----------
    spec:
        What is to be trained.
    lab:
        The lab's prefix: a session has one run a lab.
    own:
        The visitor's own data, where the spec's are "given".
    """
    key = f"{lab}-run"
    now: Running | None = st.session_state.get(key)
    if now is not None and now.spec == spec:
        return now
    try:
        data = b"" if own is None else travelling(own)
        found = _edited(now, spec) or Running(runs.ensure(spec, session(), data=data), spec, data=data)
    except InvalidInput as refusal:
        st.warning(str(refusal))
        return None
    if now is not None and found.ticket.id != now.ticket.id:
        _leave(now)
    st.session_state[key] = found
    return found


def renew(lab: str) -> None:
    """Ask for a run again that the engine no longer knows, with the edits that were made to it; for callbacks."""
    key = f"{lab}-run"
    now: Running | None = st.session_state.get(key)
    if now is None:
        return
    try:
        ticket = runs.ensure(now.ticket.spec, session(), now.ticket.edits, data=now.data)
    except InvalidInput:
        del st.session_state[key]
    else:
        st.session_state[key] = Running(ticket, now.spec, data=now.data)


def restart(lab: str) -> None:
    """Forget a page's run, for callbacks: the next script starts its settings from the first epoch, with the same initial weights."""
    now: Running | None = st.session_state.pop(f"{lab}-run", None)
    if now is not None:
        _leave(now)


def forget_own() -> None:
    """Let go of the runs of the visitor's own data, for callbacks: their numbers are in the session with them."""
    for key, now in list(st.session_state.items()):
        if isinstance(now, Running) and now.data:
            restart(str(key).removesuffix("-run"))


def session() -> str:
    """Return this visitor's name with the engine."""
    name: str = st.session_state.setdefault("lab-session", uuid4().hex)
    return name


def _edited(now: Running | None, spec: TrainingSpec) -> Running | None:
    """Return the run that goes on with what has changed; None where that is no edit, or the run is over or gone."""
    if now is None:
        return None
    changes = {name: getattr(spec, name) for name in EDITABLE if getattr(spec, name) != getattr(now.spec, name)}
    # A value for each member in the place of one for all, or the other way round, is another family and not another value.
    if not changes or any(isinstance(getattr(each, name), tuple) for each in (now.spec, spec) for name in changes):
        return None
    if now.spec.members != spec.members or now.spec.replace(**changes) != spec:
        return None
    try:
        ticket = runs.command(now.ticket.id, "edit", session(), **changes)
    except InvalidInput:
        return None
    return None if ticket is None else Running(ticket, spec, now.ticket.id, now.data)


def _leave(now: Running) -> None:
    try:
        runs.command(now.ticket.id, "cancel", session())
    except InvalidInput:
        return  # it is gone already
