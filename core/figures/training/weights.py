"""Figures: the network with its weights, and their histogram. In: the lab's settings. Out: a network and bars of a film."""

from __future__ import annotations

from core.figures.scene import NOTHING, Mark, Scene
from core.figures.template import axis, canvas
from core.networks.layout import DRAWN_UNITS
from core.specs.training_lab import TrainingLabSpec


def training_network(spec: TrainingLabSpec) -> Scene:
    """Return the network as nodes and lines: width and strength tell a weight's size, colour its sign; exact zeros are left out."""
    dataset = spec.dataset
    sizes = (dataset.inputs, *spec.training().hidden, dataset.outputs)
    shown = tuple(min(units, DRAWN_UNITS) for units in sizes)
    outputs = dataset.classes if dataset.outputs > 1 else (dataset.classes[1] if dataset.classes else "value",)
    network = Mark(
        "network",
        NOTHING,
        "class1",
        "network",
        axes=("member",),
        source="frame.weights",
        dropped_source="frame.dropped",
        dead_source="frame.dead",
        layers=shown,
        more=tuple(units - drawn for units, drawn in zip(sizes, shown, strict=True)),
        colours=("class0", "muted", "dropout"),
        # Sixteen names fit beside the nodes; of more inputs none is named.
        texts=(*(dataset.features if dataset.inputs <= DRAWN_UNITS else ("",) * DRAWN_UNITS), *outputs),
    )
    hidden = {"visible": False, "fixedrange": True}
    figure = canvas(xaxis=axis("", range=[0.0, 1.0], **hidden), yaxis=axis("", range=[0.0, 1.0], **hidden), margin={"l": 8, "r": 8, "t": 8, "b": 8})
    alt = (
        f"The chosen network, {' - '.join(map(str, sizes))} units: lines are weights, wider the larger; a hollow unit is dead, a crossed one dropped."
    )
    caption = (
        "Largest weight {frame.scale}; {curves.zeros} of all are exactly zero. Hollow units are dead, crossed ones were dropped in the last batch."
    )
    return Scene(figure, alt, (network,), captions=(caption,), aspect=0.62, caption_axes=())


def training_histogram(spec: TrainingLabSpec) -> Scene:
    """Return how many weights there are of each size, those that are exactly zero in a bar of their own."""
    bars = Mark(
        "bars",
        NOTHING,
        spec.penalty,
        "weights",
        axes=("member",),
        source="frame.histogram",
        abscissa_source="frame.edges",
        zeros_source="frame.at_zero",
        colours=("loss",),
        text="exactly 0",
        fill=0.75,
        size=5.0,
    )
    figure = canvas(xaxis=axis("weight", range=[-1.0, 1.0]), yaxis=axis("weights", range=[0.0, 10.0]))
    alt = "A histogram of the chosen network's weights, without biases; weights that are exactly zero stand in a bar of their own."
    caption = "{frame.at_zero} weights are exactly zero."
    return Scene(figure, alt, (bars,), captions=(caption,), aspect=0.62, caption_axes=(), range="frame.weight_range")
