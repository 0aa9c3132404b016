"""Figures of the lab "Dropout": what is drawn is what was computed, in every Plotly property valid, and every sentence a plain one."""

import re

import numpy as np
import pytest

from core.dropout import thinned
from core.dropout.least_squares import least_squares
from core.dropout.scaling import scaling
from core.dropout.studies import STUDIES
from core.figures.dropout import ensemble, measured, network, ridge
from core.figures.dropout import scaling as signal
from core.figures.dropout.rates import batch_axis, rate_axis, stage_axis
from core.figures.palette import PALETTE
from core.figures.scene import Scene
from core.specs.dropout import STAGES, USUAL, DropoutSpec, rates
from core.studies import shelf
from tests.pages.harness import unpack
from ui.plot import pack_chart, pack_readouts, pack_table


def found(key: str) -> object:
    study = next(kind for kind in STUDIES if kind.key == key).shipped()[0]
    return study.conclude(shelf.shipped(study))


RESULT = thinned.solve(DropoutSpec())


def scenes() -> dict[str, Scene]:
    X = np.random.default_rng(0).normal(size=(30, 3)) * [1.0, 10.0, 100.0]
    squares = least_squares(("a", "b", "c"), X, X @ [1.0, 0.1, 0.02] + 1.0, rates())
    sums = scaling(rates(), 100)
    all_of_them, lean, gradients = found("dropout_ensembles"), found("dropout_coadaptation"), found("dropout_gradient_noise")
    rules, trapped, pace = found("dropout_rule_rates"), found("dropout_escapes"), found("dropout_pace")
    drawn = {
        "network": network.thinned_network(RESULT),
        "rows": network.thinned_network(thinned.solve(DropoutSpec(masks="row"))),
        "dead": network.thinned_network(thinned.solve(DropoutSpec(scale=0.0, activation="relu"))),
        "losses": network.batch_losses(RESULT),
        "share": network.gradient_share(RESULT),
        "signal": signal.signal_histogram(sums),
        "one unit": signal.signal_histogram(scaling(rates(), 1)),
        "moments": signal.signal_moments(sums),
        "ridge": ridge.ridge_paths(squares, "dropout"),
        "plain": ridge.ridge_paths(squares, "plain"),
        "units": ensemble.gap_against_units(all_of_them),
        "agreement": measured.unit_agreement(lean),
        "missed": measured.missed_unit(lean),
        "cosines": measured.gradient_cosines(gradients),
        "variance": measured.gradient_variance(gradients),
        "saddle": measured.saddle_escapes(trapped),
        "basins": measured.basin_escapes(trapped),
        "steps": measured.steps_to_target(pace),
        "times": measured.times_as_many(pace),
    }
    for kind in ("linear", "one", "two"):
        drawn |= {
            f"shares {kind}": ensemble.thinned_shares(all_of_them, kind),
            f"running {kind}": ensemble.running_average(all_of_them, kind),
            f"rates {kind}": ensemble.gap_against_p(all_of_them, kind),
        }
    for judge in ("train_loss", "val_loss"):
        drawn |= {f"rates {judge}": measured.best_rates_of(rules, judge), f"toll {judge}": measured.toll(rules, judge)}
    return drawn


SCENES = scenes()


@pytest.mark.parametrize("name", SCENES)
def test_every_figure_is_one_that_plotly_knows_and_that_travels(name):
    scene = SCENES[name]
    scene.graph()
    message = unpack(pack_chart(scene, name="n", group="do"))
    assert scene.alt.endswith(".")
    for mark in scene.marks:
        assert mark.colour in PALETTE
    shape = scene.caption_shape or (len(scene.captions),)
    assert len(scene.captions) == int(np.prod(shape))
    assert message["marks"] or scene.figure["data"]


@pytest.mark.parametrize("name", SCENES)
def test_every_sentence_is_a_plain_one(name):
    for sentence in set(SCENES[name].captions):
        assert not re.search(r"\bnan\b|\binf\b|None|  |—|e-\d", sentence), sentence
        assert sentence.endswith("."), sentence


def test_codes_keep_every_gradient_that_is_not_zero():
    codes = network.codes(RESULT.gradient)
    np.testing.assert_array_equal(codes == 0, RESULT.gradient == 0.0)
    np.testing.assert_array_equal(np.sign(codes), np.sign(RESULT.gradient))
    assert np.abs(codes).max() == 127


def test_the_network_travels_in_small_integers_and_its_numbers_as_they_are():
    (mark,) = unpack(pack_chart(SCENES["network"], name="n", group="do"))["marks"]
    assert mark["xy"].dtype == np.int8
    assert mark["alive"].dtype == np.uint8
    np.testing.assert_array_equal(mark["alive"] == 255, RESULT.lives[:, :, 0])
    np.testing.assert_array_equal(mark["values"], RESULT.values.astype(np.float32))
    np.testing.assert_array_equal(mark["errors"], RESULT.errors.astype(np.float32))
    assert (mark["stage"], mark["focus"], mark["layers"]) == ("stage", 0, [3, 5, 4, 4, 2])
    (rows,) = unpack(pack_chart(SCENES["rows"], name="n", group="do"))["marks"]
    assert ((rows["alive"] > 0) & (rows["alive"] < 255)).any()


def test_what_the_picture_says_of_live_units_and_connections_is_counted():
    said = SCENES["network"].captions
    for i, t in ((0, 0), (12, 4), (20, 7), (38, 30)):
        living, carrying = int(RESULT.lives[i, t, 0].sum()), int((RESULT.gradient[i, t][RESULT.is_connection] != 0).sum())
        assert f"{living} of 13 units live, {carrying} of 59 connections" in said[40 * i + t]
        assert ("no signal passes" in said[40 * i + t]) == (RESULT.empty[i, t] > 0)
    assert "the network is dead" in SCENES["dead"].captions[0]


def test_the_unit_in_numbers_can_be_checked_by_hand():
    for unit in (1, 5, 6, 13):
        spec = DropoutSpec(unit=float(unit), rows=1.0)
        result = thinned.solve(spec)
        shown = {item.label: item.values for item in network.unit_numbers(result)}
        z, after, error, gradient = shown["sum z"], shown["after dropout"], shown["its error"], shown["its gradient"]
        lives = result.draws[:, 0, unit - 1] >= result.p[:, None]
        np.testing.assert_allclose(after, np.where(lives, np.tanh(z) / (1 - result.p[:, None]), 0.0), atol=1e-12)
        assert [each == "lives" for each in shown["so it"]] == lives.ravel().tolist()
        layer, place = (1, unit - 1) if unit <= 5 else (2, unit - 6) if unit <= 9 else (3, unit - 10)
        before = {1: 0, 2: 3, 3: 8}[layer]
        other = min(place, (3, 5, 4)[layer - 1] - 1)
        # One flower: a connection's gradient is what comes in times the error.
        np.testing.assert_allclose(gradient, result.values[:, :, before + other] * error, atol=1e-12)
        weight = next(values for label, values in shown.items() if label.startswith("weight from"))
        np.testing.assert_allclose(shown["weight afterwards"], weight - spec.rate * gradient, atol=1e-12)
        np.testing.assert_allclose(shown["weight afterwards"][:, :-1], weight[:, 1:], atol=1e-12)
        pack_readouts(network.unit_numbers(result), group="do")


def test_the_usual_rates_are_one_click_away_on_the_axis_of_p():
    axis = rate_axis()
    assert [axis.values[i] for i, _ in axis.marks] == pytest.approx([rate for rate, _ in USUAL])
    assert batch_axis(40).pace > 0
    assert len(stage_axis().values) == len(STAGES) == 2 * 4 + 1


def test_tables_and_certificates_of_the_least_squares_say_what_was_computed():
    X = np.random.default_rng(1).normal(size=(20, 2))
    result = least_squares(("a", "b"), X, X @ [1.0, -1.0], rates())
    table = ridge.lambda_table(result)
    assert len(table.cells) == len(rates())
    centred = X - X.mean(axis=0)
    assert float(table.cells[20][2]) == pytest.approx((centred[:, 0] ** 2).sum() / 40, rel=1e-2)
    pack_table(table, group="do")
    pack_readouts(ridge.ridge_certificate(result), group="do")
