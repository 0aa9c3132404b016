"""The views of "Training": every source that they name is in the film, the colours mean what they say, and Plotly takes every figure."""

import re
from itertools import chain

import numpy as np
import pytest

from core.datasets import DATASETS
from core.figures.palette import PALETTE
from core.figures.training.curves import training_losses, training_profile, training_scores
from core.figures.training.field import BINS, colours_of, palette, sample_of, training_field
from core.figures.training.panel import epoch_axis, member_axis, training_readouts
from core.figures.training.race import race_numbers, training_distance, training_race
from core.figures.training.weights import training_histogram, training_network
from core.specs.training_lab import AXES, RACERS, TRAINING_PRESETS, TrainingLabSpec
from core.training import advance, start
from core.wire import unpack

ALWAYS = (training_field, training_losses, training_scores, training_profile, training_network, training_histogram)
RACE = (training_race, training_distance)


def scenes(spec):
    return [draw(spec) for draw in (*ALWAYS, *(RACE if spec.axis == "rule" else ()))]


def sources(spec):
    """Every name of a film's column in the views of a lab's settings, with the axes that it is read along."""
    for scene in scenes(spec):
        for mark in scene.marks:
            shared = (mark.abscissa_source, mark.window_source)
            yield from ((name, mark.axes) for name in (mark.source, mark.zeros_source, mark.dropped_source) if name)
            yield from ((name, ()) for name in shared if name)
        yield from ((name, ()) for blend in scene.blends for name in blend.source.values())
        yield from ((name, ("member",)) for caption in scene.captions for name in re.findall(r"\{([a-z_.0-9]+)\}", caption))
        if scene.range:
            yield scene.range, ()
    for readout in chain(training_readouts(spec), race_numbers() if spec.axis == "rule" else ()):
        if readout.source:
            yield readout.source, readout.axes


@pytest.mark.parametrize(
    "spec",
    [
        TrainingLabSpec(),
        TrainingLabSpec(axis="rule"),
        TrainingLabSpec(axis="rule", surface="pair"),
        TrainingLabSpec(axis="rule", surface="random"),
        TrainingLabSpec(data="iris", axis="dropout"),
        TrainingLabSpec(data="diabetes", axis="noise"),
        TrainingLabSpec(layers=0),
        TrainingLabSpec(data="digits", units=64),
    ],
    ids=str,
)
def test_every_source_that_a_view_names_comes_with_the_film(spec):
    _, snapshot = advance(start(spec.training()), 3)
    message = unpack(snapshot.to_bytes())
    k = spec.members
    found = list(sources(spec))
    assert len(found) > 20
    for name, axes in found:
        kind, _, column = name.partition(".")
        if kind in ("sentences", "status", "epoch", "member"):
            continue
        array = message[kind][column]
        shape = np.shape(array)
        if kind == "curves":
            assert shape == (k, 3), name
        elif kind == "profiles":
            assert shape == (3, k), name
        elif axes == ("member",) and shape and shape[0] not in (1, k):
            pytest.fail(f"{name} of shape {shape} is not one a member")


@pytest.mark.parametrize("axis", AXES)
@pytest.mark.parametrize("data", DATASETS)
def test_plotly_takes_every_figure_and_points_lie_in_the_window(data, axis):
    spec = TrainingLabSpec(data=data, axis=axis)
    for scene in scenes(spec):
        scene.graph()
        assert scene.alt.endswith(".")
    field, cloud = training_field(spec).marks
    x0, x1, y0, y1 = field.window
    assert x1 - x0 == pytest.approx(y1 - y0)
    assert (cloud.xy[..., 0] >= x0).all()
    assert (cloud.xy[..., 1] <= y1).all()
    assert len(cloud.classes) == cloud.xy.shape[-2] == len(cloud.hollow)
    _, sample, _ = sample_of(spec)
    assert cloud.hollow.sum() == sample.val_targets.size
    assert cloud.classes.max() < len(cloud.colours)
    if DATASETS[data].task != "regression":
        np.testing.assert_array_equal(cloud.classes[~cloud.hollow], sample.train_targets)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_a_tie_of_two_classes_is_clear_and_certainty_has_the_colour_of_its_class(mode):
    rgba = palette(DATASETS["moons"], mode)
    assert rgba[127, 3] <= 2
    assert rgba[128, 3] <= 2
    for code, name in ((0, "class0"), (255, "class1")):
        assert "#{:02X}{:02X}{:02X}".format(*rgba[code, :3]) == getattr(PALETTE[name], mode)
        assert rgba[code, 3] == rgba[:, 3].max()


@pytest.mark.parametrize("data", ["iris", "digits"])
def test_codes_of_several_classes_have_the_colour_of_their_class_and_a_tie_has_none(data):
    classes = len(DATASETS[data].classes)
    rgba, step = palette(DATASETS[data], "light"), 256 // classes
    for i in range(classes):
        assert "#{:02X}{:02X}{:02X}".format(*rgba[i * step, :3]) == PALETTE[f"class{i}"].light
        assert rgba[i * step, 3] == 0
        assert rgba[i * step + step - 1, 3] == rgba[:, 3].max()


def test_a_quantity_is_drawn_in_colours_that_grow_lighter():
    names = colours_of(DATASETS["diabetes"])
    assert len(names) == BINS
    assert len({PALETTE[name].light for name in names}) == BINS


def test_scrubs_run_over_all_epochs_and_all_members():
    for spec in TRAINING_PRESETS.values():
        assert len(epoch_axis(spec).values) == spec.epochs + 1
        assert epoch_axis(spec).film
        assert len(member_axis(spec).values) == spec.members
        assert spec.training().members == spec.members
    assert TrainingLabSpec(axis="rule").values == RACERS


def test_the_axis_alone_tells_the_members_of_a_family_apart():
    for axis in AXES:
        spec = TrainingLabSpec(axis=axis).training()
        assert isinstance(getattr(spec, axis), tuple)
        assert [
            name for name in ("lam", "dropout", "lr", "noise", "init_scale", "batch_norm", "seed", "rule") if isinstance(getattr(spec, name), tuple)
        ] == (["lr", "rule"] if axis == "rule" else [axis])


def test_the_default_state_is_overfitting_and_its_cure_is_on_the_axis():
    """N2: without a penalty validation turns and parts from training; along lambda it comes back."""
    spec = TrainingLabSpec().training()
    _, film = advance(start(spec), spec.epochs)
    train, val = film.curves["train_loss"], film.curves["val_loss"]
    assert val[0, -1] > 2 * val[0].min()
    assert val[0, -1] - train[0, -1] > 1.0
    cured = val[:, -1].argmin()
    assert 0 < cured < spec.members - 1
    assert val[cured, -1] < 0.35 * val[0, -1]
    assert abs(val[cured, -1] - train[cured, -1]) < 0.25


def test_the_preset_that_is_too_fast_diverges_at_its_end_and_trains_at_its_start():
    spec = TRAINING_PRESETS["Too fast"].training()
    _, film = advance(start(spec), 30)
    assert film.status[0] == film.status[5] == "running"
    assert film.status[-1] == "diverged"
    assert "Take a lower rate" in film.sentences[-1]
