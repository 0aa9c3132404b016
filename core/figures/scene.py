"""A scene: a Plotly figure that stays, and marks that move over it as a family is scrubbed.

A family travels as columns: one float32 array a thing that moves, its leading dimensions the family's axes. The browser picks a
member and writes it over Plotly's axes, with no server and no Plotly in the loop. Everything here is plain data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import plotly.graph_objects as go

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class FamilyAxis:
    """The axis that a scrub runs along.

    Parameters
    ----------
    name:
        The family axis's name; every mark with this axis follows the scrub.
    values:
        (k,) the axis's values, ascending.
    label:
        What the scrub is called, e.g. ``"lambda"``.
    symbol:
        What stands before the value, e.g. ``"λ ="``.
    unit:
        Shown behind the value.
    marks:
        (index, label) of members worth jumping to.
    pace:
        Members a second when played; 0 runs the whole axis in five seconds. An axis with a pace gets a player: to the start, a step back, play, a
        step forward, and a choice of speeds; space plays and the arrow keys step.
    """

    name: str
    values: Floats
    label: str
    symbol: str = ""
    unit: str = ""
    marks: tuple[tuple[int, str], ...] = ()
    pace: float = 0.0


@dataclass(frozen=True)
class Mark:
    """Something that moves, in data coordinates.

    Parameters
    ----------
    kind:
        ``point`` and ``text`` take ``xy`` (k, 2); ``path`` (open), ``region`` (closed, filled) and ``segments`` (pairs of vertices) take
        (k, m, 2); ``arrow`` (k, 2, 2), tail and head; ``chain`` (k, m + 1, 2), m arrows head to tail, each with its own of ``colours`` and ``texts``;
        ``cursor`` (k,), an upright line at x.
    xy:
        The column, its leading dimensions those of ``axes``.
    colour:
        A name of the palette.
    axes:
        The family axes of the leading dimensions; none for a mark that stands still.
    scale, origin:
        Where given, ``xy`` is one shape (m, 2) drawn at ``origin + scale[k] * xy``: a family of similar shapes costs k numbers.
    text:
        One label for all members, or one each; of a ``path`` it stands at its last vertex (at its head where it has one).
    until:
        For a ``path``: the family axis that its vertices run along, not one of ``axes``. The path is drawn up to the vertex where that axis
        stands, the rest with the opacity ``ghost``. Such paths lie below the other marks, ghosts lowest; only their heads keep their place.
    head:
        For a ``path`` with ``until``: the symbol at the vertex where the axis stands. Labels of heads keep out of each other's way.
    abscissa:
        For a ``path``: (m,) shared x of all members; ``xy`` then holds heights alone, (k, m).
    colours, texts:
        For a ``chain``: a palette name and a label an arrow.
    """

    kind: Literal["point", "text", "path", "region", "segments", "arrow", "chain", "cursor"]
    xy: Floats
    colour: str
    name: str = ""
    axes: tuple[str, ...] = ("t",)
    scale: Floats | None = None
    origin: tuple[float, float] | None = None
    width: float = 2.0
    dash: str = "solid"
    fill: float = 0.0
    pattern: Literal["", "hatch", "dots"] = ""
    symbol: Literal["circle", "cross", "diamond", "ring", "star"] = "circle"
    size: float = 6.0
    text: str | Sequence[str] = ""
    side: Literal["right", "left", "above", "below", "middle"] = "right"
    until: str = ""
    ghost: float = 0.0
    head: Literal["", "circle", "cross", "diamond", "ring", "star"] = ""
    abscissa: Floats | None = None
    colours: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Blend:
    """A landscape that is affine in one column: ``base + factor[k] * by``, blended where it is drawn.

    Parameters
    ----------
    kind:
        ``contours`` and ``shade`` (a smooth tint, darker towards the floor, that fades out at the highest of ``levels``) are drawn with the moving
        layer, in every frame; ``surface`` updates trace ``trace`` of the figure at its own pace.
    x, y:
        (nx,), (ny,) grid coordinates.
    base, by:
        (ny, nx) the two grids.
    factor:
        (k,) the weight of ``by``.
    floor:
        (k,) the landscape's minimum, from which ``levels`` count.
    levels:
        (n,) heights above the floor, ascending; for contours and shade.
    point:
        (k, 3) a point that moves with a surface, in trace ``trace + 1``.
    """

    kind: Literal["contours", "shade", "surface"]
    x: Floats
    y: Floats
    base: Floats
    by: Floats
    factor: Floats
    floor: Floats
    levels: Floats | None = None
    trace: int = 0
    point: Floats | None = None
    colour: str = "loss"
    axes: tuple[str, ...] = ("t",)


@dataclass(frozen=True)
class Scene:
    """One chart: what stands still, what moves, and what both say in words.

    Parameters
    ----------
    figure:
        The Plotly figure as plain data, ``data`` and ``layout``; its traces do not change while a family is scrubbed.
    alt:
        What the chart shows, for readers who do not see it.
    marks, blends:
        What moves, drawn in order.
    captions:
        (k,) one sentence a member, shown below the chart; or none.
    table:
        Column name -> (k,) or (k, ...) for the CSV download.
    aspect:
        Height over width.
    caption_axes, caption_shape:
        The family axes of the captions and their lengths, where the captions have several axes (flattened, last axis fastest).
    pick:
        Whether a click on the plane (not a drag) is reported to Python in data coordinates (`ui.plot.chart(on_pick=...)`).
    """

    figure: dict[str, Any]
    alt: str
    marks: tuple[Mark, ...] = ()
    blends: tuple[Blend, ...] = ()
    captions: tuple[str, ...] = ()
    table: Mapping[str, Floats] = field(default_factory=dict)
    aspect: float = 1.0
    caption_axes: tuple[str, ...] = ("t",)
    caption_shape: tuple[int, ...] = ()
    pick: bool = False

    def graph(self) -> go.Figure:
        """Return the figure as Plotly's own object, every property validated, for exports and tests."""
        import plotly.graph_objects as go  # here, not above: drawing on a page does not need it

        return go.Figure(self.figure)


@dataclass(frozen=True)
class Readout:
    """One number or word beside the charts, following the scrub.

    Parameters
    ----------
    label:
        What it is.
    values:
        (k,) numbers, or k strings; (k, ...) with several axes, strings flattened, last axis fastest.
    digits:
        Significant digits of a number.
    colour:
        A name of the palette for the label.
    axes:
        The family axes of the leading dimensions.
    shape:
        For strings with several axes: the axes' lengths.
    """

    label: str
    values: Floats | Sequence[str]
    digits: int = 4
    colour: str = "loss"
    help: str = ""
    axes: tuple[str, ...] = ("t",)
    shape: tuple[int, ...] = ()


@dataclass(frozen=True)
class Table:
    """Rows along one family axis; the row where the axis stands is marked and kept in sight.

    Parameters
    ----------
    title:
        What the rows are, for the caption and the download's name.
    columns:
        (heading, palette name) a column.
    cells:
        k rows of as many strings as there are columns.
    axis:
        The family axis of the rows.
    notes:
        (row, column) -> a remark on that cell, which is marked and explained below the table when its row is marked.
    """

    title: str
    columns: tuple[tuple[str, str], ...]
    cells: Sequence[Sequence[str]]
    axis: str = "t"
    notes: Mapping[tuple[int, int], str] = field(default_factory=dict)
