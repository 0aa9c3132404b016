"""A link as a QR picture: SVG that needs no network, dark on white whatever the theme, with the quiet zone that cameras want."""

from __future__ import annotations

from html import escape

QUIET = 4
"""Light modules around the picture (ISO/IEC 18004, 5.3.8)."""


def matrix(text: str) -> tuple[tuple[bool, ...], ...]:
    """Return the modules of a QR code that holds ``text``, row by row, without the quiet zone; True is dark. A sixth of it may be unreadable."""
    import segno  # when somebody first opens a class room

    return tuple(tuple(bool(module) for module in row) for row in segno.make_qr(text, error="m").matrix)


def picture(text: str, alt: str) -> str:
    """Return the picture of ``text`` as SVG.

    Parameters
    ----------
    text:
        What a camera is to read.
    alt:
        What the picture is called where it cannot be seen.
    """
    modules = matrix(text)
    size = len(modules) + 2 * QUIET
    runs = "".join(f"M{QUIET + start},{QUIET + y}h{end - start}v1h-{end - start}z" for y, row in enumerate(modules) for start, end in _runs(row))
    return (
        f'<svg class="lab-qr" role="img" aria-label="{escape(alt, quote=True)}" viewBox="0 0 {size} {size}" shape-rendering="crispEdges" '
        f'xmlns="http://www.w3.org/2000/svg"><path fill="#fff" d="M0,0h{size}v{size}h-{size}z"/><path fill="#000" d="{runs}"/></svg>'
    )


def _runs(row: tuple[bool, ...]) -> list[tuple[int, int]]:
    """Return (start, end) of each run of dark modules."""
    edges = [i for i in range(len(row) + 1) if (i > 0 and row[i - 1]) != (i < len(row) and row[i])]
    return list(zip(edges[::2], edges[1::2], strict=True))
