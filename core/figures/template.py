"""One look for every chart: margins, axes and type, on a transparent ground so that the page's theme shows through."""

from __future__ import annotations

from typing import Any

from core.figures.palette import colour


def axis(title: str, **overrides: Any) -> dict[str, Any]:  # noqa: ANN401 - plotly's own open-ended options
    """Return a cartesian axis in the house style; ``overrides`` are plotly's axis options."""
    style: dict[str, Any] = {
        "title": {"text": title, "standoff": 6},
        "gridcolor": colour("grid"),
        "zerolinecolor": colour("axis"),
        "zerolinewidth": 1,
        "linecolor": colour("axis"),
        "ticks": "outside",
        "ticklen": 4,
        "tickcolor": colour("axis"),
        "automargin": True,
    }
    return style | overrides


def canvas(*traces: Any, **layout: Any) -> dict[str, Any]:  # noqa: ANN401 - plotly's own open-ended options
    """Return a figure in the house style: ``traces`` are plotly's traces and ``layout`` its layout options, as plain data.

    Plain, because building graph objects validates each property anew at every change: 5 ms a figure, where writing it out takes 0.1.
    The tests build the graph object of every figure instead (`Scene.graph`).
    """
    style: dict[str, Any] = {
        "template": "none",
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"size": 13, "color": colour("loss")},
        "margin": {"l": 52, "r": 14, "t": 12, "b": 46},
        "showlegend": False,
        "hovermode": "closest",
        # Constant: what the reader has zoomed, hidden or turned survives every change of the data.
        "uirevision": "keep",
    }
    return {"data": list(traces), "layout": style | layout}


def plane(x_title: str, y_title: str, window: tuple[tuple[float, float], tuple[float, float]], *traces: Any) -> dict[str, Any]:  # noqa: ANN401 - plotly's own
    """Return an empty plane with equal units on both axes, where angles mean what they seem to.

    Parameters
    ----------
    x_title, y_title:
        Axis titles.
    window:
        ((low, high), (low, high)) of the two axes.
    traces:
        Plotly's traces, as plain data.
    """
    (x_low, x_high), (y_low, y_high) = window
    return canvas(
        *traces,
        xaxis=axis(x_title, range=[x_low, x_high], constrain="domain"),
        yaxis=axis(y_title, range=[y_low, y_high], scaleanchor="x", scaleratio=1, constrain="domain"),
    )
