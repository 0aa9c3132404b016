"""Tables to read, as HTML: beside each other where there is room, stacked where there is none, with their roles written out."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape


def html_table(caption: str, head: Sequence[str], names: Sequence[str], rows: Sequence[Sequence[str]], kind: str = "") -> str:
    """Return a table. Its roles are written out: a browser forgets them where the style stacks the cells.

    Parameters
    ----------
    caption:
        What it is called.
    head:
        Headings of all columns, as HTML; "" for a first one that needs none to be seen.
    names:
        Names of the columns after the first, which stand before each cell where they are stacked.
    rows:
        Cells as HTML, the first of each row its heading.
    kind:
        Further classes.
    """
    top = "".join(f'<th scope="col" role="columnheader">{each or "<span class=lab-hush>What</span>"}</th>' for each in head)
    body = "".join(
        f'<tr role="row"><th scope="row" role="rowheader">{row[0]}</th>'
        + "".join(
            f'<td role="cell" data-name="{escape(name)}">{each}</td>' if each else '<td role="cell" class="lab-none"></td>'
            for name, each in zip(names, row[1:], strict=True)
        )
        + "</tr>"
        for row in rows
    )
    return (
        f'<div class="lab-sheet {kind}"><table role="table"><caption>{escape(caption)}</caption>'
        f'<thead role="rowgroup"><tr role="row">{top}</tr></thead><tbody role="rowgroup">{body}</tbody></table></div>'
    )
