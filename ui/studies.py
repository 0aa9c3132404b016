"""What is measured on trained networks, for pages: what is there is drawn at once, what is not can be measured, with its progress shown."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import streamlit as st

from core.engine import runs
from core.errors import InvalidInput
from core.studies.shelf import SHELF
from core.studies.store import gathered, store
from core.studies.study import Outcome, Study
from core.wording import duration
from ui import plot
from ui.kept import kept
from ui.runs import session

S = TypeVar("S", bound=Study)
_ABREAST = 2
"""Studies of a queue that are measured at once: as many as the engine has workers by default."""


def measured(study: S, key: str, *, auto: bool = False, partial: bool = False) -> S:
    """Return the study whose result is to be drawn, and show, where this is called, how things are with the one that was asked for.

    That is the one asked for as soon as it has been measured. Until then it is the one this page showed last, or one that came with the lab, and a
    sentence says so, beside a button that has it measured.

    Parameters
    ----------
    study:
        With the settings that the page stands at.
    key:
        The key of this place on the page, with the lab's prefix.
    auto:
        Whether it is measured without being asked to: for studies of a second or two.
    partial:
        Whether the page draws what there is of it before it is whole (`so_far`).
    """
    last, asked = f"{key}-last", f"{key}-asked"
    pending: dict[str, Study] = st.session_state.setdefault(_pending(key), {})
    pending.pop(key, None)
    place = st.container(key=f"lab-measured-{key}")
    if SHELF.get(study) is not None:
        st.session_state[last] = study
        return study
    with place:
        if auto or st.session_state.get(asked) == study.id:
            _watch(study, key, partial)
        else:
            pending[key] = study
            st.button(
                _offer(study),
                key=f"{key}-measure",
                icon=":material/experiment:",
                on_click=lambda: st.session_state.update({asked: study.id}),
            )
        st.markdown(":small[Until then the charts show settings that have been measured before.]")
    return _known(study, st.session_state.get(last))


def everything(lab: str) -> None:
    """Show, where this is called, one button for all that could be measured on a page, where that is more than one thing; after all of it is drawn.

    Parameters
    ----------
    lab:
        The lab's prefix, with which the keys of its places begin.
    """
    waiting: dict[str, Study] = st.session_state.get(_pending(lab), {})
    st.session_state[_pending(lab)] = {}
    if len(waiting) < 2:
        return
    asked = {f"{key}-asked": study.id for key, study in waiting.items()}
    long = duration(sum(_seconds(study) for study in waiting.values()))
    st.button(
        f"Measure all {len(waiting)} sections with these settings ({long})",
        key=f"{lab}-measure-all",
        icon=":material/experiment:",
        on_click=st.session_state.update,
        args=(asked,),
    )


def queue(wanted: Sequence[Study], key: str, what: str) -> None:
    """Show, where this is called, a button that has several studies measured one after the other, two abreast, or how far that is.

    Parameters
    ----------
    wanted:
        The studies; those that have been measured are passed over.
    key:
        The key of this place on the page, with the lab's prefix.
    what:
        What they are called, in the plural.
    """
    waiting = [study for study in wanted if SHELF.get(study) is None]
    going = st.session_state.get(key) is True
    if not waiting:
        st.session_state.pop(key, None)
        return
    with st.container(key=f"lab-measured-{key}"):
        if not going:
            long = duration(sum(_seconds(study) for study in waiting) / _ABREAST)
            st.button(
                f"Measure {len(waiting)} {what} with these seeds ({long})",
                key=f"{key}-measure",
                icon=":material/experiment:",
                on_click=lambda: st.session_state.update({key: True}),
            )
            return
        there = len(wanted) - len(waiting)
        st.progress(there / len(wanted), f"{there} of {len(wanted)} {what} are measured")
        for i, study in enumerate(waiting[:_ABREAST]):
            _watch(study, f"{key}-{i}", partial=False, on_stop=lambda: st.session_state.pop(key, None))


def so_far(study: Study) -> tuple[Outcome, ...] | None:
    """Return what there is of a study, whole or not; None where nothing is."""
    if (known := SHELF.get(study) or runs.outcomes(study.id)) is not None:
        return known
    kept = store().parts(study)
    return gathered(study, kept)[0] if kept else None


def result(study: Study) -> Any:  # noqa: ANN401 - whatever the study concludes
    """Return what a study that has been measured concludes; kept, so that scripts compute it once."""
    return _result(study.id, study)


@kept(256, key=lambda name, _study: name)
def _result(name: str, _study: Study) -> Any:  # noqa: ANN401 - whatever the study concludes
    outcomes = SHELF.get(_study)
    if outcomes is None:
        raise InvalidInput(f"study {name}", "one that has been measured", "Have it measured first.")
    return _study.conclude(outcomes)


def _offer(study: Study) -> str:
    """Return what the button says: how long it takes, or, where a part of it has been kept, that it goes on."""
    kept = store().parts(study)
    done = gathered(study, kept)[1] if kept else 0.0
    if done == 0.0:
        return f"Measure with these settings ({duration(_seconds(study))})"
    return f"Go on measuring: {100.0 * done:.0f} % are there ({duration((1.0 - done) * _seconds(study))} more)"


@kept(1024)
def _seconds(study: Study) -> float:
    return study.seconds


def _pending(key: str) -> str:
    return f"{key.partition('-')[0]}-pending"


def _watch(study: Study, key: str, partial: bool, on_stop: Callable[[], object] | None = None) -> None:
    try:
        ticket = runs.study(study, session())
    except InvalidInput as refusal:
        st.warning(str(refusal))
        return

    def stop() -> None:
        st.session_state.pop(f"{key}-asked", None)
        if on_stop is not None:
            on_stop()
        runs.stop_study(ticket.id, session())

    plot.progress(ticket.id, ticket.viewer, key=f"{key}-progress", partial=partial, on_stop=stop)


def _known(study: S, last: object) -> S:
    """Return a study of the same kind that has been measured: the last one shown here, or one that is shipped, the first of those most alike."""

    def apart(other: S) -> int:
        return sum(getattr(other, field.name) != getattr(study, field.name) for field in dataclasses.fields(study))  # type: ignore[arg-type]

    for other in (last, *sorted(type(study).shipped(), key=apart)):
        if isinstance(other, type(study)) and other.stands_in(study) and SHELF.get(other) is not None:
            return other
    raise InvalidInput(f"the study {study.key}", "one with a shipped result", f"Write it with `python -m core.studies --write {study.key}`.")
