"""The visitor's own data: brought by paste or upload, looked at, chosen from, used in four labs, forgotten.

They are in the session's state and nowhere else: no setting, no address and no cache of the process holds them or anything that was computed of them.
A link says that a lab shows "your own" data and nothing more, so whoever opens it is asked for theirs. What is computed goes into the session, too
(`of_session`), and with it.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any, TypeVar, cast

import numpy as np
import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.datasets.uploads import Choice, OwnData, Table, own_csv, own_data, read_table, suggested
from core.datasets.uploads.cells import Decimal, shown
from core.datasets.uploads.limits import OWN_FILE, PASTED, SAID, is_own
from core.datasets.uploads.own import MISSING, Missing, Role
from core.datasets.uploads.table import DELIMITERS, KINDS
from core.errors import InvalidInput
from core.knobs import Spec
from ui import lanes, offline, runs

S = TypeVar("S", bound=Spec)
T = TypeVar("T")

KEPT = (
    "Your data are kept in the memory of this session alone: they are in no link, no log, no file and no database, and no other visitor sees them. "
    "They are gone when you press *Forget*, when you load the page again, and two minutes after you close it."
)
_STATE, _RESULTS = "lab-own", "lab-own-results"
_ENTRIES = 16
_ACTIVE = re.compile(r"([\\`*_{}\[\]()#+!|<>$~:-])")


@dataclass
class _Brought:
    """What this session has been given."""

    table: Table | None = None
    raw: bytes | str | None = None  # until the table is used, so that it can be read in another way
    source: str = ""
    refused: str = ""
    used: OwnData | None = None
    choice: Choice | None = None  # that made it, where the table is still the same
    number: int = 0  # of tables so far: a new one gets new widgets
    tried: tuple[Choice, OwnData | InvalidInput] | None = field(default=None, repr=False)


def bring(spec: S, check: Callable[[OwnData], object]) -> tuple[S, OwnData | None]:
    """Show the visitor's own data, or the place to bring them, where a lab's settings ask for them.

    Parameters
    ----------
    spec:
        Settings with a field ``data``.
    check:
        Called with the data; raises InvalidInput where this lab cannot take them.

    Returns
    -------
    The settings to compute with, and the data: the settings with the lab's own data where there are none of the visitor's, and None.
    """
    if not is_own(spec):
        return spec, None
    now, said, own = _now(), "", None
    if now.used is not None:
        try:
            check(now.used)
        except InvalidInput as refusal:
            said = _sentence(refusal)
        else:
            own = now.used
    other = type(spec)()
    instead = dict(spec.knobs()["data"].options)[str(other.data)].lower()  # type: ignore[attr-defined]
    title = "Your own data" if own is None else f"Your own data: {own.rows} rows, {len(own.features)} features for '{own.target}'"
    with st.container(key=f"lab-own-box-{spec.prefix}"), st.expander(escaped(title), expanded=own is None, icon=":material/table:"):
        if now.table is None:
            st.markdown(f"Bring a table of your own: a link has none of it. Until then this page shows data of the lab ({instead}).")
        elif own is None:
            st.markdown(f"Say what is to be fitted, then press *Use these data*. Until then this page shows data of the lab ({instead}).")
        if said:
            st.warning(f"This lab cannot use these data. {escaped(said)}")
        _box(now)
    if own is None:
        return spec.replace(data=str(other.data)), None  # type: ignore[attr-defined]
    mine = own
    offline.carries(OWN_FILE, lambda: own_csv(mine))
    return spec, own


def features(own: OwnData, lab: str, count: int = 2) -> tuple[int, ...]:
    """Return which features of the visitor's data a lab shows, by number; by default those that go farthest with the target.

    They are chosen by `choose_features`, which a page may show later: the session knows what a hand has set before the widgets are shown again.
    """
    chosen = st.session_state.get(_features_key(own, lab))
    return chosen if isinstance(chosen, tuple) and len(chosen) == count else _foremost(own, count)


def choose_features(own: OwnData, lab: str, labels: Sequence[str]) -> None:
    """Show a choice among the features of the visitor's data for each label. No address holds it: names of columns are data."""
    now, key = features(own, lab, len(labels)), _features_key(own, lab)

    def chosen() -> None:
        st.session_state[key] = tuple(int(st.session_state[f"{key}-{i}"]) for i in range(len(labels)))

    for i, label in enumerate(labels):
        st.selectbox(label, range(len(own.features)), now[i], format_func=own.features.__getitem__, key=f"{key}-{i}", on_change=chosen)


def _features_key(own: OwnData, lab: str) -> str:
    return f"lab-own-{lab}-{own.digest[:8]}"


def _foremost(own: OwnData, count: int) -> tuple[int, ...]:
    y = own.y - own.y.mean()
    X = own.X - own.X.mean(axis=0)
    pull = np.abs(X.T @ y) / np.sqrt((X**2).sum(axis=0))
    order = np.argsort(-pull, kind="stable").tolist()
    return tuple(order[i % len(order)] for i in range(count))


def of_session(key: Hashable, make: Callable[[], T]) -> T:
    """Return what ``make`` returns, remembered under a key for this session alone; the oldest of some results is forgotten."""
    results: OrderedDict[Hashable, Any] = st.session_state.setdefault(_RESULTS, OrderedDict())
    if key not in results:
        with lanes.computing():
            results[key] = make()
        while len(results) > _ENTRIES:
            results.popitem(last=False)
    results.move_to_end(key)
    return cast("T", results[key])


def escaped(text: str) -> str:
    """Return text of the visitor's as Markdown that shows it as it is."""
    return _ACTIVE.sub(r"\\\1", text)


def _sentence(refusal: InvalidInput) -> str:
    text = str(refusal)
    return text[:1].upper() + text[1:]


# ------------------------------------------------------------------------------------------------------------------ its state


def _now() -> _Brought:
    found: _Brought = st.session_state.setdefault(_STATE, _Brought())
    return found


def forget() -> None:
    """Forget the data and all that came of them; for callbacks."""
    now = _now()
    st.session_state[_STATE] = _Brought(number=now.number + 1)
    st.session_state.pop(_RESULTS, None)
    runs.forget_own()


def take(data: bytes | str, source: str) -> None:
    """Read a table, or note why it is none; what is in use stays until another is used. For callbacks."""
    now = _now()
    now.refused = ""
    try:
        with lanes.computing():
            table = read_table(data)
    except InvalidInput as refusal:
        now.refused = f"{source} cannot be read as a table. {_sentence(refusal)}"
        return
    now.table, now.raw, now.source, now.tried, now.choice = table, data, source, None, None
    now.number += 1  # the boxes are empty again: a text in one would travel with every click


def _uploaded(key: str) -> None:
    file = st.session_state.get(key)
    if file is None:
        return
    take(file.getvalue(), f"The file {shown(file.name)}")
    if (now := _now()).refused:
        now.number += 1  # a text that is refused is left to be corrected, a file is not
    # What has been read is not kept a second time.
    if (context := get_script_run_ctx()) is not None:
        files: Any = context.uploaded_file_mgr
        files.remove_file(context.session_id, file.file_id)


def _pasted(key: str) -> None:
    text = str(st.session_state.get(key) or "")
    take(text, "The text")


def _again(number: int) -> None:
    """Read the table in another way."""
    now, at = _now(), f"lab-own-{number}"
    if now.raw is None:
        return
    header = {"yes": True, "no": False}.get(st.session_state[f"{at}-header"])
    decimal = {"point": ".", "comma": ","}.get(st.session_state[f"{at}-decimal"])
    try:
        with lanes.computing():
            table = read_table(now.raw, st.session_state[f"{at}-sign"], cast("Decimal | None", decimal), header)
    except InvalidInput as refusal:
        now.refused = _sentence(refusal)
    else:
        now.table, now.tried, now.choice, now.refused = table, None, None, ""


def _use(own: OwnData, choice: Choice) -> None:
    now = _now()
    now.used, now.choice, now.raw = own, choice, None
    st.session_state.pop(_RESULTS, None)


# -------------------------------------------------------------------------------------------------------------------- its box


def _box(now: _Brought) -> None:
    """Show where data are brought, what has come, and what is to be made of it."""
    at = f"lab-own-{now.number}"
    if now.refused:
        st.warning(escaped(now.refused))
    if now.table is None:
        _door(at)
        st.markdown(f":small[{KEPT}]")
        return
    table = now.table
    st.markdown(
        f"{escaped(now.source)}: **{table.rows:,} rows, {len(table.columns)} columns**, {table.written}, "
        f"cells between {DELIMITERS[table.delimiter]}, decimals after a {'point' if table.decimal == '.' else 'comma'}, "
        + ("names in the first row." if table.header else "no names: columns are numbered.")
    )
    if table.said:
        st.markdown("\n".join(f"- {escaped(each)}" for each in table.said))
    st.html(_preview(table))
    if now.raw is not None:
        _reading(now)
    _choices(now, at)
    st.markdown(f":small[{KEPT}]")
    with st.expander("Bring another table"):
        _door(at)


def _door(at: str) -> None:
    left, right = st.columns(2, gap="medium")
    with left:
        key = f"{at}-file"
        said = f"Text with a row a line: CSV, TSV and the like, {SAID}. A spreadsheet has to be saved as CSV first."
        st.file_uploader("Upload a table", key=key, help=said, on_change=_uploaded, args=(key,), max_upload_size=2)
    with right:
        key = f"{at}-text"
        st.text_area(
            "Or paste one",
            key=key,
            max_chars=PASTED,
            height=120,
            placeholder="height,weight,age\n1.80,81,34\n1.65,60,29",
            help="Copied from a spreadsheet it comes with tabs, which is fine.",
        )
        st.button("Read this text", key=f"{at}-read", icon=":material/content_paste_go:", on_click=_pasted, args=(key,))


def _reading(now: _Brought) -> None:
    """Show how the table was read, to be corrected."""
    at, number = f"lab-own-{now.number}", now.number
    with st.expander("It has been read wrongly?"):
        one, two, three = st.columns(3, gap="small")
        again: dict[str, Any] = {"on_change": _again, "args": (number,)}
        with one:
            names = {"": "as guessed"} | DELIMITERS
            st.selectbox("Cells are between", list(names), format_func=names.__getitem__, key=f"{at}-sign", **again)
        with two:
            st.selectbox("Decimals come after", ["as guessed", "point", "comma"], key=f"{at}-decimal", **again)
        with three:
            st.selectbox("The first row has names", ["as guessed", "yes", "no"], key=f"{at}-header", **again)


def _choices(now: _Brought, at: str) -> None:
    """Show what is to be fitted to what, and what that makes of the table."""
    table = now.table
    if table is None:
        return
    at = f"{at}-{table.digest[:8]}"
    try:
        guess = now.choice or suggested(table)
    except InvalidInput as refusal:
        st.warning(escaped(_sentence(refusal)))
        nothing: Role = "out"
        guess = Choice(len(table.columns) - 1, (nothing,) * len(table.columns))
    names, every = table.names, list(range(len(table.columns)))
    kinds: list[Role] = ["number", "category"]
    ways: list[Missing] = list(MISSING)
    # A pair of columns each, so that on a phone what belongs together stays together.
    left, right = st.columns(2, gap="medium")
    with left:
        target = st.selectbox("The target, to be explained", every, guess.target, format_func=names.__getitem__, key=f"{at}-target")
    with right:
        role = st.segmented_control(
            "It is",
            kinds,
            default=guess.roles[target] if guess.roles[target] in kinds else "number",
            required=True,
            format_func={"number": "a number", "category": "a class"}.__getitem__,
            key=f"{at}-role-{target}",
        )
    others = [j for j in every if j != target]
    left, right = st.columns(2, gap="medium")
    with left:
        given = [j for j in others if guess.roles[j] == "number"]
        numbers = st.multiselect("Features that are numbers", others, given, format_func=names.__getitem__, key=f"{at}-numbers-{target}")
    with right:
        given = [j for j in others if guess.roles[j] == "category"]
        groups = st.multiselect("Features that are categories", others, given, format_func=names.__getitem__, key=f"{at}-groups-{target}")
    left, right = st.columns(2, gap="medium", vertical_alignment="bottom")
    with left:
        missing = st.selectbox("A missing value", ways, ways.index(guess.missing), format_func=MISSING.__getitem__, key=f"{at}-missing")
    with right:
        each = st.toggle(
            "A column for every value of a category",
            guess.every_level,
            key=f"{at}-levels",
            help="Off: the first value has none, and the others are compared with it. On: least squares is not unique, a penalty decides.",
        )
    roles: tuple[Role, ...] = tuple(
        (role or "number") if j == target else "category" if j in groups else "number" if j in numbers else "out" for j in every
    )
    choice = Choice(target, roles, missing, bool(each))
    found = _tried(now, table, choice)
    if isinstance(found, InvalidInput):
        st.warning(escaped(_sentence(found)))
        own = None
    else:
        own = found
        what = f"{own.rows} rows, {len(own.features)} column{'s' * (len(own.features) != 1)} to fit {own.label}."
        st.markdown("\n".join(f"- {escaped(each)}" for each in (what, *own.said)))
    with st.container(key=f"{at}-buttons", horizontal=True, gap="small"):
        current = own is not None and own == now.used
        st.button(
            "These data are in use" if current else "Use these data",
            key=f"{at}-use",
            type="primary",
            icon=":material/check:",
            disabled=own is None or current,
            on_click=_use,
            args=(own, choice),
        )
        st.button("Forget my data", key=f"{at}-forget", icon=":material/delete_forever:", on_click=forget)
        if own is not None:
            st.download_button(
                "Save as fitted",
                lambda: own_csv(own),
                OWN_FILE,
                "text/csv",
                key=f"{at}-save",
                help="The rows and columns that are fitted, as CSV, the target last: what the lab's scripts read.",
                icon=":material/download:",
                on_click="ignore",
            )


def _tried(now: _Brought, table: Table, choice: Choice) -> OwnData | InvalidInput:
    if now.tried is None or now.tried[0] != choice:
        try:
            with lanes.computing():
                now.tried = (choice, own_data(table, choice))
        except InvalidInput as refusal:
            now.tried = (choice, refusal)
    return now.tried[1]


def _preview(table: Table) -> str:
    """Return the first rows as a table that scrolls by itself; every cell is text."""

    def row(tag: str, cells: Sequence[str]) -> str:
        return "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells)

    kinds = [
        KINDS[column.kind]
        + (f", {len(column.levels)} values" if column.kind == "category" else "")
        + (f", {column.missing} missing" if column.missing else "")
        for column in table.columns
    ]
    body = "".join(f"<tr>{row('td', cells)}</tr>" for cells in table.head())
    more = f"The first {min(8, table.rows)} of {table.rows:,} rows"
    return (
        f'<div class="lab-own" role="region" aria-label="{more}" tabindex="0"><table><caption>{more}</caption>'
        f'<thead><tr>{row("th", table.names)}</tr><tr class="lab-own-kind">{row("td", kinds)}</tr></thead><tbody>{body}</tbody></table></div>'
    )
