"""The lab "Flat and sharp minima": rank correlations, equal losses, and studies small enough to be measured in a test, uneven ones too."""

import dataclasses
import itertools

import numpy as np
import pytest
from scipy import stats

from core.figures.flatness.correlations import rank_curves
from core.figures.flatness.panel import (
    factor_axis,
    focus_readouts,
    lambda_axis,
    level_axis,
    member_axis,
    minima_readouts,
    pair_readouts,
    scaling_readouts,
    within_readouts,
)
from core.figures.flatness.rescaling import decay_dots, norm_curves, scaling_curves, valley
from core.figures.flatness.scatter import sharpness_scatter
from core.figures.flatness.settings import setting_dots
from core.figures.flatness.slices import between_lines, loss_slice
from core.figures.flatness.spectra import member_spectrum, shifted_spectra
from core.flatness import families as lab
from core.flatness import minima as around
from core.flatness import words
from core.flatness.choices import FACTORS, HERE, LAMBDAS, MEASURES
from core.flatness.families import NUMBERS, Families, FlatFamilies, coded, decoded, settings
from core.flatness.matched import matched
from core.flatness.minima import FlatMinima
from core.flatness.ranks import ranked, spearman
from core.flatness.rescaling import FlatRescaling
from core.specs import FLAT_AND_SHARP_PRESETS, FlatAndSharpSpec
from core.studies import shelf
from core.studies.here import run

# -------------------------------------------------------------------------------------------------------------- correlations


@pytest.mark.parametrize("ties", [False, True])
def test_rank_correlations_are_scipys(ties):
    rng = np.random.default_rng(1)
    x = rng.standard_normal(60)
    y = x + rng.standard_normal(60)
    if ties:
        x, y = np.round(x), np.round(y)
    found = ranked(x, y, np.arange(60) % 6)
    assert found.spearman == pytest.approx(stats.spearmanr(x, y).statistic)
    assert spearman(x, y) == pytest.approx(found.spearman)
    assert found.kendall == pytest.approx(stats.kendalltau(x, y).statistic)
    assert found.low < found.spearman < found.high


def test_the_interval_is_that_of_resampled_seeds_with_all_their_networks():
    rng = np.random.default_rng(2)
    seeds = np.repeat(np.arange(3), 5)
    x = rng.standard_normal(15)
    y = x + rng.standard_normal(15)
    every = []  # all 27 ways to draw three seeds
    for drawn in itertools.product(range(3), repeat=3):
        rows = np.concatenate([np.flatnonzero(seeds == seed) for seed in drawn])
        every.append(stats.spearmanr(x[rows], y[rows]).statistic)
    found = ranked(x, y, seeds)
    assert found.low == pytest.approx(np.quantile(every, 0.025, method="nearest"), abs=0.05)
    assert found.high == pytest.approx(np.quantile(np.repeat(every, 20), 0.975), abs=0.05)
    # Members that share a seed are not independent: a crowd of copies is no evidence.
    copied = ranked(np.tile(x, 10), np.tile(y, 10), np.tile(seeds, 10))
    assert copied.high - copied.low == pytest.approx(found.high - found.low, abs=1e-9)


def test_too_few_and_ties_have_no_correlation_and_one_seed_no_interval():
    assert np.isnan(ranked(np.arange(4.0), np.arange(4.0), np.arange(4)).spearman)
    assert np.isnan(ranked(np.ones(9), np.arange(9.0), np.arange(9)).spearman)
    assert np.isnan(spearman(np.arange(4.0), np.arange(4.0)))
    one = ranked(np.arange(9.0), np.arange(9.0), np.zeros(9, dtype=int))
    assert one.spearman == pytest.approx(1.0)
    assert np.isnan(one.low)
    holed = ranked(np.array([np.nan, *range(9)]), np.array([*range(9), np.nan]), np.arange(10))
    assert holed.members == 8


# ------------------------------------------------------------------------------------------------------------- equal losses


def made_up(train, top, seeds=1):
    """Families whose numbers are written down: train and top (n, c)."""
    n = len(settings()) * seeds
    numbers = np.ones((n, train.shape[1], len(NUMBERS)))
    numbers[:, :, NUMBERS.index("train")] = train
    numbers[:, :, NUMBERS.index("top")] = top
    numbers[:, :, NUMBERS.index("val")] = train + 0.5
    study = dataclasses.replace(FlatFamilies(), seeds=seeds)
    return Families(study, numbers, tuple(np.ones(7) for _ in range(n)), np.ones(n, dtype=bool))


def test_networks_are_compared_where_their_loss_first_comes_down_to_a_level():
    n = len(settings())
    # Sharpness is a power of the training loss, the same for all; but half of the networks train for longer. At equal loss they are equal.
    train = np.stack([np.geomspace(0.7, 0.4 / (1 + i), 9) for i in range(n)])
    picture = matched(made_up(train, 3.0 * train**2))
    at = picture.measure("top")
    assert np.ptp(at[-1]) > 0.1, "at the end they look different"
    for i, level in enumerate(picture.levels):
        own = at[i][np.isfinite(at[i])]
        np.testing.assert_allclose(own, 3.0 * level**2, rtol=1e-9)
        assert (np.isfinite(at[i]) == (train[:, -1] <= level)).all()
    np.testing.assert_allclose(picture.gap[np.isfinite(picture.gap)], 0.5)


def test_a_loss_that_rises_again_counts_where_it_first_came_down():
    n = len(settings())
    train = np.tile([0.7, 0.5, 0.2, 0.6, 0.1], (n, 1))
    top = np.tile([1.0, 2.0, 3.0, 4.0, 5.0], (n, 1))
    picture = matched(made_up(train, top))
    between = picture.levels[(picture.levels < 0.5) & (picture.levels > 0.2)]
    at = picture.measure("top")[: len(picture.levels)][(picture.levels < 0.5) & (picture.levels > 0.2)]
    assert len(between) > 3
    assert ((at >= 2.0) & (at <= 3.0)).all()


def test_the_sentence_says_when_the_claim_fails_and_when_it_holds():
    n, seeds = len(settings()), 4
    train = np.tile(np.geomspace(0.7, 0.1, 6), (n * seeds, 1))
    rng = np.random.default_rng(0)
    for sign, said in ((1.0, "generalise worse"), (-1.0, "the other way round")):
        gap = rng.random(n * seeds)
        top = np.tile(np.exp(sign * gap)[:, None], (1, 6))
        families = made_up(train, top, seeds)
        families.numbers[:, :, NUMBERS.index("val")] = train + gap[:, None]
        picture = matched(families)
        found = words.correlations(picture, "top")
        assert said in words.rank_sentences(picture, "top", found)[-1]
        assert found[-1].spearman == pytest.approx(sign)
    families = made_up(train, top, seeds)
    families.numbers[:, :, NUMBERS.index("val")] = train + rng.random(n * seeds)[:, None]
    picture = matched(families)
    assert "do not settle even the sign" in words.rank_sentences(picture, "top", words.correlations(picture, "top"))[-1]


def test_seed_by_seed_factors_are_means_of_logarithms():
    n, seeds = len(settings()), 3
    top = np.ones((n * seeds, 4))
    titles = [each.name for each in settings()]
    strong = titles.index("λ = 0.01") * seeds
    top[strong : strong + 3] = np.array([0.25, 0.5, 1.0])[:, None]
    picture = matched(made_up(np.tile(np.geomspace(0.7, 0.1, 4), (n * seeds, 1)), top, seeds))
    (found,) = [told for _, title, told in words.pair_words(picture, "top") if title == "L2, λ = 0.01 against none"]
    assert found[-1] == "0.5 times (×/÷ 2), flatter in 2 of 3"


# ------------------------------------------------------------------------------------------------- studies, measured in a test


@pytest.fixture
def quick(monkeypatch):
    """The studies' own lists, shorter."""
    monkeypatch.setattr(lab, "CHECKPOINTS", 3)
    monkeypatch.setattr(around, "FINE", 9)
    monkeypatch.setattr(around, "COARSE", 5)


def scenes(families=None, minima=None, scaling=None):
    if families is not None:
        picture = matched(families)
        found = {name: words.correlations(picture, name) for name in MEASURES}
        yield from (sharpness_scatter(picture, "top", found["top"]), rank_curves(picture, found, "filter"), setting_dots(picture, "sam"))
        yield from (member_spectrum(families), decay_dots(families))
        assert focus_readouts(families)
        assert within_readouts(picture, "top")
        assert pair_readouts(picture, "keskar")
        assert len(level_axis(picture).names) == picture.stops
        assert len(member_axis(families).names) == families.members
    if minima is not None:
        yield from (shifted_spectra(minima, True), shifted_spectra(minima, False))
        yield from (loss_slice(minima, kind) for kind in around.KINDS)
        yield from (between_lines(minima, pair) for pair in around.PAIRS)
        assert minima_readouts(minima, "seed")
    if scaling is not None:
        yield from (scaling_curves(scaling), norm_curves(scaling), valley(scaling))
        assert scaling_readouts(scaling)


def assert_drawn(found):
    for scene in found:
        scene.graph()
        assert scene.alt
        for mark in scene.marks:
            assert np.isfinite(mark.xy).all(), mark.name
        for caption in scene.captions:
            assert "nan" not in caption.lower().replace("finance", "")
            assert "inf" not in caption.lower().split()


UNEVEN = [
    {"units": 1},
    {"points": 12, "data": "gaussians", "noise": 0.0},
    {"units": 1, "activation": "relu", "lr": 0.1},
]


@pytest.mark.parametrize("changes", UNEVEN, ids=["one unit", "four points", "one dead unit"])
def test_uneven_families_give_sentences_and_pictures(changes, quick):
    study = FlatFamilies(**({"units": 2, "points": 24, "epochs": 6, "seeds": 2} | changes))
    families = study.conclude(run(study))
    assert families.members == 2 * len(settings())
    assert_drawn(scenes(families=families))
    assert len(study.table(families)) == len(settings()) + 1


@pytest.mark.parametrize("changes", [{"units": 1}, {"units": 2, "activation": "relu", "lr": 0.1}], ids=["one unit", "relu"])
def test_uneven_minima_and_rescalings_give_sentences_and_pictures(changes, quick):
    minima = FlatMinima(**({"points": 24, "epochs": 6} | changes))
    assert_drawn(scenes(minima=minima.conclude(run(minima))))
    scaling = FlatRescaling(**({"points": 24, "epochs": 6} | changes | {"activation": "relu"}))
    found = scaling.conclude(run(scaling))
    assert_drawn(scenes(scaling=found))
    assert minima.table(minima.conclude(run(minima)))
    assert scaling.table(found)


def test_a_diverged_network_is_told_and_left_out():
    families = made_up(np.tile(np.geomspace(0.7, 0.1, 4), (len(settings()), 1)), np.ones((len(settings()), 4)))
    families.well[3] = False
    assert_drawn(scenes(families=families))
    said = words.member_sentences(families)
    assert "has diverged" in said[3]
    assert "has diverged" not in said[2]
    assert not np.isfinite(matched(families).gap[-1, 3])


def test_a_dead_network_is_called_dead():
    families = made_up(np.full((len(settings()), 4), 0.69), np.zeros((len(settings()), 4)))
    flat = dataclasses.replace(families, spectra=tuple(np.zeros(7) for _ in families.spectra))
    assert_drawn(scenes(families=flat))
    assert all("dead" in sentence for sentence in words.member_sentences(flat))


# ---------------------------------------------------------------------------------------------------------- what is shipped


@pytest.fixture(scope="module")
def results():
    found = {}
    for kind in (FlatFamilies, FlatMinima, FlatRescaling):
        for study in kind.shipped():
            outcomes = shelf.shipped(study)
            assert outcomes is not None, f"python -m core.studies --write {kind.key}"
            found[study] = study.conclude(outcomes)
    return found | {kind: found[kind()] for kind in (FlatFamilies, FlatMinima, FlatRescaling)}


def test_the_page_opens_with_what_is_shipped_and_every_preset_needs_nothing_else():
    for title, spec in FLAT_AND_SHARP_PRESETS.items():
        assert spec.families() in FlatFamilies.shipped()
        if title != "Other points":
            assert spec.families() == FlatFamilies()
            assert spec.minima() == FlatMinima()
            assert spec.rescaling() == FlatRescaling()
    assert FlatAndSharpSpec(activation="gelu").rescaling().activation == "relu"


def test_every_eigenpair_that_is_shown_is_one(results):
    for name in ("top_residual", "bottom_residual"):
        assert (results[FlatFamilies].number(name) < 1e-6).all()
        assert (results[FlatMinima].numbers[name] < 1e-6).all()
    assert (results[FlatRescaling].relu["top_residual"] < 1e-6).all()


def test_the_shift_is_two_lambda_and_without_the_biases_within_weyls_bounds(results):
    result = results[FlatMinima]
    assert result.deviation < 1e-12
    np.testing.assert_allclose(result.after(True) - result.before(), np.tile(result.shift[:, None], (1, len(result.before()))), atol=1e-12)
    moved = result.after(False) - result.before()
    # Spectra are shipped in single precision.
    noise = 4e-7 * np.abs(result.before()).max()
    assert moved.min() > -noise
    assert (moved.max(axis=1) < result.shift + noise).all()


def test_the_function_stays_while_raw_sharpness_moves(results):
    relu, norm = results[FlatRescaling].relu, results[FlatRescaling].norm
    assert relu["differs"].max() < 1e-12
    for name in ("filter", "filter_top"):
        np.testing.assert_allclose(relu[name], relu[name][HERE], rtol=1e-9)
    assert relu["top"][-1] > 10 * relu["top"][HERE]
    np.testing.assert_allclose(norm["block"][20:] * np.array(FACTORS)[20:] ** 2, norm["block"][HERE], rtol=0.02)


def test_slices_agree_with_the_loss_in_their_middle_and_are_fine(results):
    for kind in around.KINDS:
        found = results[FlatMinima].slices[kind]
        assert found.side == around.FINE
        middle = found.heights[:, found.side // 2, found.side // 2]
        # The pictures travel as whole numbers of 16 bits on a logarithmic scale.
        np.testing.assert_allclose(middle, found.centre, rtol=5e-4)
    assert len(lambda_axis().values) == len(LAMBDAS)
    assert factor_axis().values[HERE] == 1.0


def test_the_shipped_pictures_are_whole(results):
    assert_drawn(scenes(results[FlatFamilies], results[FlatMinima], results[FlatRescaling]))


def test_another_draw_of_the_data_turns_the_sign_at_a_common_loss_as_the_page_says(results):
    signs = []
    for study in FlatFamilies.shipped():
        found = words.correlations(matched(results[study]), "top")[:-1]
        shared = [each for each in found if each.members >= 54]
        assert len(shared) > 5
        signs.append(np.median([each.spearman for each in shared]))
    assert signs[0] < -0.3
    assert signs[1] > 0.1


def test_spectra_travel_in_sixteen_bits_to_a_thousandth():
    spectrum = np.array([-3.0, -1e-5, -1e-12, 0.0, 2e-9, 0.1, 40.0])
    found = decoded(coded(spectrum))
    np.testing.assert_allclose(found, spectrum, rtol=1e-3, atol=1e-9)
    assert (np.sign(found) * np.sign(spectrum) >= 0).all()


def test_weight_decay_raises_raw_sharpness_under_batch_norm_in_every_seed_and_lowers_it_without(results):
    picture = matched(results[FlatFamilies])
    with_norm = words.paired(picture, "top", "batch norm, λ = 0.01", "batch norm")[-1]
    without = words.paired(picture, "top", "λ = 0.01", "nothing added")[-1]
    assert (with_norm > 0.0).all()
    assert (without < 0.0).all()
    assert "raises the raw sharpness" in words.decay_sentence(results[FlatFamilies])
