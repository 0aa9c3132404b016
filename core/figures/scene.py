"""A scene: a Plotly figure that stays, and marks that move over it as a family is scrubbed.

A family travels as columns: one float32 array a thing that moves, its leading dimensions the family's axes. The browser picks a
member and writes it over Plotly's axes, with no server and no Plotly in the loop. Everything here is plain data.

Where the family is still being trained, a film (`ui.plot.film`) brings its columns as they are computed, and a scene names them instead of holding
them. A *source* is the name of a film's column, of one of these kinds:

``"curves.train_loss"``
    (k, E + 1), a number for each member and epoch; NaN where nothing is computed yet.
``"profiles.gap"``
    (E + 1, k), the same kind of thing epoch first: at each epoch a curve along the family.
``"frame.weights"``
    an array of the film's frame: the newest one at or before the epoch where the group stands. (k, ...), or without k where all members share it.
``"sentences"``, ``"status"``
    words, one a member, as they were at the epoch where the group stands.

A mark's ``axes`` name the leading dimensions as ever: ``("member",)`` for a frame's column with members and for curves that grow along the epochs,
``("epoch",)`` for profiles, ``("member", "epoch")`` for a number that a readout takes from curves, ``()`` for what all members share. Nothing is
drawn of a column that has not come yet. The names "epoch" and "member" are those that `ui.plot.film` is told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from core.figures.hand import Handle

Floats = NDArray[np.float64]
Codes = NDArray[np.uint8]
Source = str

NOTHING: Floats = np.zeros((0, 2))
"""The column of a mark that has a source instead, or that is only there while a hand moves."""


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
    film:
        Whether a film fills this axis while it is computed: playing waits where nothing is computed yet and goes on when it comes, the rail shows how
        far the film reaches, and a hand may go beyond that, which asks for the film up to there.
    names:
        What members are called, instead of by their values; none for numbers.
    autoplay:
        Of an axis with ``film``: whether it plays by itself when it is first shown at its start, in a tab that is in sight, to eyes that want films.
    """

    name: str
    values: Floats
    label: str
    symbol: str = ""
    unit: str = ""
    marks: tuple[tuple[int, str], ...] = ()
    pace: float = 0.0
    names: tuple[str, ...] = ()
    film: bool = False
    autoplay: bool = False


@dataclass(frozen=True)
class Mark:
    """Something that moves, in data coordinates.

    Parameters
    ----------
    kind:
        ``point`` and ``text`` take ``xy`` (k, 2); ``path`` (open), ``region`` (closed, filled) and ``segments`` (pairs of vertices) take
        (k, m, 2); ``arrow`` (k, 2, 2), tail and head; ``chain`` (k, m + 1, 2), m arrows head to tail, each with its own of ``colours`` and ``texts``;
        ``cursor`` (k,), an upright line at x. ``field`` takes codes (k, ny, nx) of a picture, ``points`` a cloud (k, n, 2), ``bars`` heights (k, b),
        ``network`` weights (k, P), ``thinned`` gradients (k, P): see below.
    xy:
        The column, its leading dimensions those of ``axes``.
    colour:
        A name of the palette.
    source:
        The film's column that stands for ``xy``, which is then `NOTHING`. A path over epochs has ``axes=("member",)``, ``until="epoch"``, epochs as
        ``abscissa`` and a column of curves; a path of a frame's own, such as the fit of a regression, has neither.
    axes:
        The family axes of the leading dimensions; none for a mark that stands still.
    scale, origin:
        Where given, ``xy`` is one shape (m, 2) drawn at ``origin + scale[k] * xy``: a family of similar shapes costs k numbers.
    text:
        One label for all members, or one each; of a ``path`` it stands at its last vertex (at its head where it has one).
    side:
        Where the label stands; ``free`` is right, or elsewhere beside the point where another label stands.
    until:
        For a ``path``: the family axis that its vertices run along, not one of ``axes``. The path is drawn up to the vertex where that axis
        stands, the rest with the opacity ``ghost``. Such paths lie below the other marks, ghosts lowest; only their heads keep their place.
    head:
        For a ``path`` with ``until``: the symbol at the vertex where the axis stands. Labels of heads keep out of each other's way.
    abscissa:
        For a ``path``: (m,) shared x of all members; ``xy`` then holds heights alone, (k, m).
    colours, texts:
        For a ``chain``: a palette name and a label an arrow. For ``points``: a palette name a class, ``symbols`` going with them. For ``bars``: the
        colour of the bar of exact zeros, and ``text``, what they are called beside their number. For a ``network``: the colours of negative weights,
        of units and of the cross over dropped ones, and the labels of its inputs and then its outputs.
    symbols, classes, hollow:
        For ``points``: the symbol of each class (which are repeated when there are more classes), (n,) the class of each point, and (n,) whether it
        is drawn as a ring (validation) instead of filled (training). ``size`` is their radius.
    window:
        For a ``field``: x of the first and the last column of the grid and y of its first and last row, (x0, x1, y0, y1).
    window_source:
        For a ``field``: the film's column (4,) that stands for ``window``.
    palette, palette_dark:
        For a ``field``: (256, 4) RGBA of each code, on light and on dark; neighbouring pixels run into each other.
    edges:
        For a ``field``: levels of the codes at which a line of ``colour`` and ``width`` is drawn, e.g. 127.5, the decision boundary of two classes.
    bands:
        For a ``field`` of as many classes, 3 or more: a code is then ``class * (256 // bands) + ahead``, where ``ahead``, from 0 to
        ``256 // bands - 1``, says how far the class is ahead of the second (the difference of their probabilities), and a line of ``colour`` is
        drawn between classes, where they are equal.
    abscissa_source, zeros_source:
        For ``bars``: the film's columns of the edges (b + 1,), or (k, b + 1), instead of ``abscissa``; and of the exact zeros (k,), drawn as a bar of
        their own at 0 in the first of ``colours``, ``size`` pixels wide.
    layers, offsets:
        For a ``network``: units of each layer, the inputs first. Weights are codes from -127 to 127, 0 exactly zero, layer by layer (in, out) row by
        row, then the layer's biases; ``offsets`` says where each layer's block begins where other parameters lie between. Nodes stand in columns in
        the unit square of the axes. The width and strength of a line tell the size, its colour the sign (positive: ``colour``; the line of a negative
        one is broken in its middle, too); exact zeros are not drawn; a unit with no weight but zeros into it, or out of it, is dead and hollow. Of a
        layer at most 16 units are shown and the rest is told.
    more:
        For a ``network`` of which a part alone is in the column: how many units a layer has besides, to be told.
    dropped_source, dead_source:
        For a ``network``: the film's columns (k, H) of hidden units dropped in the last batch (not 0), which are crossed out, and (k, U) of all units
        that are dead, inputs and outputs too; where there is none, the weights in the column tell.
    alive, values, errors, stage, focus:
        For ``thinned``, a network while a batch with dropout runs through it: ``xy`` has the codes (k, P) of the gradient, laid out as a
        network's weights; ``alive`` (k, H) the share of the batch's rows in which each hidden unit lives, 0 to 255; ``values`` and ``errors``
        (k, U) the numbers in and below each unit. ``stage`` names a family axis: how far the batch has come, 0 at the inputs, L after the forward
        pass through L layers of connections, 2 L when it is back. ``focus`` is the number of a hidden unit with a ring around it. ``colours``: of
        negative gradients, of units, of dropout and of errors; ``colour`` of positive gradients.
    """

    kind: Literal["point", "text", "path", "region", "segments", "arrow", "chain", "cursor", "field", "points", "bars", "network", "thinned"]
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
    side: Literal["right", "left", "above", "below", "middle", "free"] = "right"
    until: str = ""
    ghost: float = 0.0
    head: Literal["", "circle", "cross", "diamond", "ring", "star"] = ""
    abscissa: Floats | None = None
    colours: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    source: Source = ""
    symbols: tuple[Literal["circle", "cross", "diamond", "ring", "star", "square", "triangle"], ...] = ("circle",)
    classes: NDArray[Any] | None = None
    hollow: NDArray[Any] | None = None
    window: tuple[float, float, float, float] = (0.0, 1.0, 0.0, 1.0)
    window_source: Source = ""
    palette: Codes | None = None
    palette_dark: Codes | None = None
    edges: tuple[float, ...] = ()
    bands: int = 0
    abscissa_source: Source = ""
    zeros_source: Source = ""
    layers: tuple[int, ...] = ()
    offsets: tuple[int, ...] = ()
    more: tuple[int, ...] = ()
    dropped_source: Source = ""
    dead_source: Source = ""
    alive: NDArray[Any] | None = None
    values: Floats | None = None
    errors: Floats | None = None
    stage: str = ""
    focus: int = -1


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
    source:
        For contours and shade: which of ``base``, ``by``, ``x``, ``y``, ``floor``, ``levels`` a film's columns stand for; see `sourced`.
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
    source: Mapping[str, Source] = field(default_factory=dict)

    @classmethod
    def sourced(
        cls, kind: Literal["contours", "shade"], source: Mapping[str, Source], *, colour: str = "loss", levels: Floats | None = None
    ) -> Blend:
        """Return a landscape whose grids a film brings, shared by all members.

        Parameters
        ----------
        kind:
            How it is drawn.
        source:
            Names of the film's columns for ``base`` (ny, nx), ``x`` (nx,), ``y`` (ny,), ``levels`` (n,) above the floor, and ``floor`` (1,), or the
            grid's least value where there is none.
        colour:
            A name of the palette.
        levels:
            (n,) heights above the floor, where they are no column.
        """
        none = np.zeros(0)
        return cls(kind, none, none, np.zeros((0, 0)), np.zeros((0, 0)), np.zeros(1), np.zeros(1), levels, colour=colour, axes=(), source=source)


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
        (k,) one sentence a member, shown below the chart; or none. A source in braces stands for its number or words where the group stands:
        ``"Training loss {curves.train_loss}, epoch {epoch}. {sentences}"``; so does the value of an axis of the group. A number that has not come
        is a dash.
    table:
        Column name -> (k,) or (k, ...) for the CSV download.
    aspect:
        Height over width.
    caption_axes, caption_shape:
        The family axes of the captions and their lengths, where the captions have several axes (flattened, last axis fastest).
    pick:
        Whether a click on the plane (not a drag) is reported to Python in data coordinates (`ui.plot.chart(on_pick=...)`).
    range:
        The film's column (4,) of x0, x1, y0, y1 that the axes of a flat figure follow, in data coordinates (of logarithmic axes as well); NaN leaves
        an end as it is. A hand that zooms has its way until it resets the view. Following costs what Plotly needs to draw its axes anew, so
        such a column should change rarely: in steps, not with each frame.
    handles:
        What a hand may take hold of on this chart (`core.figures.hand`).
    yields:
        Places of the figure's flat traces that are out of sight while a hand moves: marks of the same, called ``held-...``, move in their stead.
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
    range: Source = ""
    handles: tuple[Handle, ...] = ()
    yields: tuple[int, ...] = ()

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
    source:
        The film's column that stands for ``values``: numbers, e.g. ``"curves.zeros"`` with the axes ("member", "epoch") or ``"frame.zeros"`` with
        ("member",), or words, ``"sentences"`` or ``"status"`` with ("member",).
    name:
        What a hand's model calls it, where it follows a hand.
    """

    label: str
    values: Floats | Sequence[str] = ()
    digits: int = 4
    colour: str = "loss"
    help: str = ""
    axes: tuple[str, ...] = ("t",)
    shape: tuple[int, ...] = ()
    source: Source = ""
    name: str = ""


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
