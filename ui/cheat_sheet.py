"""The cheat sheet's tables and reasons as HTML: real tables, every cell with a link, stacked where there is no room beside each other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from html import escape

from core.cheat_sheet.conventions import Dropping, Line
from core.cheat_sheet.guide import INKS, NAMES, Reason
from core.cheat_sheet.starts import Start
from core.cheat_sheet.tables import Table
from core.knobs import Spec
from ui import shell
from ui.links import address
from ui.tables import html_table


@cache
def comparison(table: Table) -> str:
    """Return a comparison table: a row a question, a column a regulariser."""
    head = ["", *(_inked(name, ink) for name, ink in table.columns)]
    names = [name for name, _ in table.columns]
    rows = [
        [escape(question), *(f"{escape(cell.text)} {_link(cell.shown, cell.at)}" for cell in row)]  # a line a row
        for question, row in table.rows
    ]
    return html_table(table.caption, head, names, rows, "lab-many" if len(names) > 3 else "")


def reasons(title: str, given: Sequence[Reason], named: bool) -> str:
    """Return reasons as a list under a heading; ``named`` says whether each begins with its regulariser."""
    if not given:
        return ""
    items = "".join(
        f"<li>{_inked(NAMES[reason.key], INKS.get(reason.key, '')) + '. ' if named else ''}{escape(reason.text)} {_link(reason.shown)}</li>"
        for reason in given
    )
    return f'<div class="lab-reasons"><h3>{escape(title)}</h3><ul>{items}</ul></div>'


def numbers(given: Iterable[Start]) -> str:
    """Return starting values as a table."""
    rows = [[escape(start.label), f"<strong>{escape(start.value)}</strong>", escape(start.why)] for start in given]
    return html_table("Starting values", ["", "Begin with", "Where it comes from"], ["Begin with", "Where it comes from"], rows)


def translations(lines: Iterable[Line]) -> str:
    """Return a penalty in every convention, as a table."""
    rows = [
        [
            escape(line.convention.title),
            f"<code>{escape(line.code)}</code>" if line.code else escape(line.why),
            escape(line.convention.objective),
            escape(line.convention.note),
        ]
        for line in lines
    ]
    names = ["Type", "It minimises", "Look out"]
    return html_table("The same penalty in every convention", ["", *names], names, rows, "lab-codes")


def rates(found: Dropping) -> str:
    """Return a dropout rate in every convention, as a table."""
    rows = [
        [escape(rate.title), f"<code>{escape(code)}</code>", "kept" if rate.keeps else "dropped", escape(rate.note)] for rate, code in found.codes()
    ]
    names = ["Type", "The number is what is", "Look out"]
    return html_table("The same dropout rate in every convention", ["", *names], names, rows, "lab-codes")


def _inked(name: str, ink: str) -> str:
    return f'<span class="law-{ink}">{escape(name)}</span>' if ink else f"<strong>{escape(name)}</strong>"


def _link(shown: Spec, at: str = "") -> str:
    """Return a link to a state: the lab's name, and for those who cannot see the table what is seen there."""
    place = address(shown)
    room = next(room for room in shell.ROOMS if room.file == place.partition("?")[0])
    more = f'<span class="lab-hush">: {escape(at)}</span>' if at else ""
    title = f' title="{escape(at)}"' if at else ""
    return f'<a href="{escape(place)}"{title}>{escape(room.title)}{more}</a>'
