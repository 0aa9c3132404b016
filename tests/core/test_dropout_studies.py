"""What the lab "Dropout" measures on trained networks, against plain torch and NumPy; and what its shipped results say."""

from itertools import pairwise, product

import numpy as np
import pytest
import torch

from core import training
from core.dropout import noise, study_words
from core.dropout.coadaptation import CoAdaptation, Leaning
from core.dropout.ensemble import SAMPLES
from core.dropout.noise import GradientNoise, Rates, RuleRates, best_of
from core.dropout.pace import Pace, Steps
from core.dropout.studies import STUDIES
from core.dropout.thinning import KINDS, Thinning
from core.dropout.trapped import BASIN_RUNS, Trapped
from core.networks import dropping
from core.specs.dropout import rates
from core.specs.training import TrainingSpec
from core.studies import here, shelf
from core.studies.study import Study, study_of


def trained(**changes) -> training.TrainingState:
    spec = TrainingSpec(data="moons", points=60, hidden=(5, 3), activation="tanh", seed=(0, 1), epochs=10, lr=0.03, batch=10, precision="float64")
    state, _ = training.advance(training.start(spec.replace(**changes)), 10)
    return state


def layers(state: training.TrainingState, i: int) -> list[tuple[np.ndarray, np.ndarray]]:
    row, start, found = state.weights[i].numpy(), 0, []
    sizes = (2, *state.spec.hidden, 1)
    for a, b in pairwise(sizes):
        found.append((row[start : start + a * b].reshape(a, b), row[start + a * b : start + (a + 1) * b]))
        start += (a + 1) * b
    return found


def points(state: training.TrainingState) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    from core.networks.family import family_of

    family = family_of(state.spec, None)
    return family.points.train[0].numpy(), family.points.train_targets.numpy(), family.points.val[0].numpy()


def loss_of(state: training.TrainingState, i: int, masks: list[np.ndarray]) -> float:
    X, y, _ = points(state)
    h = X
    parts = layers(state, i)
    for (weight, bias), mask in zip(parts[:-1], masks, strict=True):
        h = np.tanh(h @ weight + bias) * mask
    z = (h @ parts[-1][0] + parts[-1][1])[:, 0]
    return float(np.mean(np.logaddexp(0, z) - y * z))


def test_agreement_is_numpys_correlation_of_the_units_of_each_layer():
    state = trained(dropout=(0.0, 0.4))
    X, _, _ = points(state)
    found = dropping.agreement(state)
    for i in range(2):
        h, all_pairs = X, []
        for weight, bias in layers(state, i)[:-1]:
            h = np.tanh(h @ weight + bias)
            matrix = np.abs(np.corrcoef(h.T))
            all_pairs += list(matrix[np.triu_indices(len(matrix), 1)])
        assert found[i] == pytest.approx(np.mean(all_pairs), abs=1e-5)


def test_one_hidden_unit_has_nobody_to_agree_with():
    assert np.isnan(dropping.agreement(trained(hidden=(1,)))).all()
    loss, rise, worst = dropping.missed(trained(hidden=(1,)))
    np.testing.assert_allclose(rise, worst)
    assert np.isfinite(loss).all()


def test_a_unit_is_missed_by_as_much_as_the_loss_rises_without_it():
    state = trained(dropout=(0.0, 0.4))
    loss, rise, worst = dropping.missed(state)
    for i in range(2):
        whole = [np.ones(5), np.ones(3)]
        base = loss_of(state, i, whole)
        rises = []
        for layer, units in enumerate((5, 3)):
            for unit in range(units):
                masks = [each.copy() for each in whole]
                masks[layer][unit] = 0.0
                rises.append(loss_of(state, i, masks) - base)
        assert loss[i] == pytest.approx(base, rel=1e-5)
        assert rise[i] == pytest.approx(np.mean(rises), rel=1e-4)
        assert worst[i] == pytest.approx(max(rises), rel=1e-4)


def test_without_dropout_two_masks_are_one_and_with_more_of_it_gradients_agree_less():
    state = trained(dropout=(0.0, 0.1, 0.3, 0.6, 0.9), seed=0)
    found = dropping.gradient_noise(state, 6, 12)
    assert found["masks"][0] == pytest.approx(1.0)
    assert found["noise"][0] == pytest.approx(0.0, abs=1e-12)
    assert (np.diff(found["masks"]) < 0).all()
    assert (np.diff(found["noise"][:4]) > 0).all()
    assert (np.abs(found["batches"]) <= 1.0 + 1e-9).all()


def test_the_ensembles_of_trained_networks_are_those_of_torch_mask_by_mask():
    state = trained(dropout=(0.2, 0.5), hidden=(3, 2), activation="tanh", seed=0)
    _, _, val = points(state)
    X = torch.tensor(val[: dropping.POINTS])
    found = dropping.ensembles(state)
    for i, p in enumerate((0.2, 0.5)):
        parts = [(torch.tensor(weight), torch.tensor(bias)) for weight, bias in layers(state, i)]

        def answer(mask, factor, parts=parts):
            h, start = X, 0
            for weight, bias in parts[:-1]:
                h = torch.tanh(h @ weight + bias) * torch.tensor(mask[start : start + weight.shape[1]]) * factor
                start += weight.shape[1]
            return (h @ parts[-1][0] + parts[-1][1])[:, 0]

        share = [(1 - p) ** sum(mask) * p ** (5 - sum(mask)) for mask in product((0.0, 1.0), repeat=5)]
        z = torch.stack([answer(mask, 1 / (1 - p)) for mask in product((0.0, 1.0), repeat=5)])
        weight = torch.tensor(share, dtype=torch.float64)[:, None]
        average, whole = (weight * torch.sigmoid(z)).sum(0), answer((1.0,) * 5, 1.0)
        misread = torch.sigmoid(answer((1.0,) * 5, p / (1 - p)))
        assert found["average_gap"][i] == pytest.approx((average - torch.sigmoid(whole)).abs().mean().item(), rel=1e-6)
        assert found["logit_gap"][i] == pytest.approx(((weight * z).sum(0) - whole).abs().mean().item(), rel=1e-6)
        assert found["misread_gap"][i] == pytest.approx((average - misread).abs().mean().item(), rel=1e-6)


# ------------------------------------------------------------------------------------------------------------------- shipped


def shipped(kind: type[Study]) -> list[tuple[Study, object]]:
    return [(study, study.conclude(shelf.shipped(study))) for study in kind.shipped()]


@pytest.mark.parametrize("kind", STUDIES, ids=lambda kind: kind.key)
def test_what_pages_open_with_is_shipped_and_travels(kind):
    for study in kind.shipped():
        outcomes = shelf.shipped(study)
        assert outcomes is not None, f"python -m core.studies --write {study.key}"
        assert study_of(study.to_json()) == study
        assert study.table(study.conclude(outcomes))
        assert len(outcomes) == len(study.parts())


def test_a_study_computed_here_is_the_shipped_one():
    study = CoAdaptation(8)
    ours, theirs = study.conclude(here.run(study)), study.conclude(shelf.shipped(study))
    for name in ("agreement", "rise", "loss"):
        np.testing.assert_allclose(np.median(getattr(ours, name), axis=1), np.median(getattr(theirs, name), axis=1), rtol=0.05)


def test_one_pass_is_exact_where_theory_says_so_at_every_p_and_n():
    ((_, found),) = shipped(Thinning)
    linear, one, two = (KINDS.index(kind) for kind in ("linear", "one", "two"))
    assert found.logit_gap[linear].max() < 1e-12
    assert found.logit_gap[one].max() < 1e-12
    assert found.logit_gap[two, 1:, 4:-2].min() > 1e-4, "two layers of tanh are exact nowhere"
    assert found.average_gap[:, :, 4:-2].min() > 1e-4, "the average of probabilities is hit by none"
    np.testing.assert_allclose(found.average_gap[:, :, 0], 0.0, atol=1e-12)
    half = int(np.abs(rates() - 0.5).argmin())
    np.testing.assert_allclose(found.misread_gap[:, :, half], found.average_gap[:, :, half], rtol=1e-5)
    assert (found.misread_gap[:, :, 4] > 2 * found.average_gap[:, :, 4]).all()


def test_monte_carlo_averages_lie_where_their_error_bars_say():
    ((_, found),) = shipped(Thinning)
    far = np.abs(found.running - found.point[..., :1]) / np.maximum(found.error, 2e-5)
    assert (far[..., 4:] < 2.0).mean() > 0.8
    assert found.running.shape[-1] == len(SAMPLES)
    np.testing.assert_allclose(found.histogram.sum(axis=-1), 1.0, atol=1e-3)


def test_units_are_missed_less_with_dropout_at_every_width_but_agree_more_in_narrow_networks():
    """The textbook effect, judged by differences between equal seeds; where its usual reading fails, that is a result as well."""
    for study, found in shipped(CoAdaptation):
        assert found.of("rise").mean[3] < 0.0
        assert found.of("rise").sign[3] == -1.0
        if study.width <= 16:
            assert found.of("agreement").sign[-1] == 1.0
        if study.width == 64:
            assert found.of("agreement").sign[-1] == -1.0
        assert "HIGHER" in study_words.relation_sentence(found) or study.width > 16


def test_gradients_agree_less_the_more_is_dropped():
    ((_, found),) = shipped(GradientNoise)
    np.testing.assert_allclose(found.masks[:, 0], 1.0, atol=1e-6)
    for when in range(2):
        assert (np.diff(found.masks[when].mean(axis=1)) < 0.0).all()
    assert (found.masks[1, 1:].mean(axis=1) < found.masks[0, 1:].mean(axis=1)).all(), "masks turn gradients more after training"


def test_equal_units_never_part_without_noise_and_sharp_minima_are_left_only_where_it_says():
    ((_, found),) = shipped(Trapped)
    assert (found.control == 0.0).all()
    assert (found.left[found.lowest > 0.0] == 0).all(), "a minimum is not left"
    assert (found.left[:3] > 140).all()
    share, low, high = found.shares
    assert ((low <= share) & (share <= high)).all()
    for kept in found.basins:
        assert not (kept.control & kept.stable).any(), "the control stays wherever it is stable"
        assert (kept.left <= BASIN_RUNS).all()


def test_dropout_takes_longer_to_a_loss_that_everyone_reaches():
    ((_, found),) = shipped(Pace)
    reached = [t for t in range(len(found.targets)) if not found.best(t)[1].any()]
    more = found.more(reached[-1])
    assert more.sign[-1] == 1.0
    never = [found.best(t)[1].sum() for t in range(len(found.targets))]
    assert never[0] == 0
    assert (np.diff(never) >= 0).all(), "a lower loss is reached by no more"


# -------------------------------------------------------------------------------------------------------------------- concluded


def test_the_best_rate_is_the_one_with_the_lowest_mean_and_costs_compare_equal_seeds():
    rng = np.random.default_rng(0)
    grids = np.geomspace(0.01, 1.0, 33).reshape(3, 11)
    loss = rng.uniform(1.0, 2.0, (3, 4, 11, 6))
    loss[0, 1, 7] = 0.5
    loss[1, 2, 3] = np.inf
    best = best_of(grids, loss)
    assert best.rate[0, 1] == grids[0, 7]
    np.testing.assert_array_equal(best.loss[0, 1], np.full(6, 0.5))
    np.testing.assert_allclose(best.cost().mean[0, 1], (0.5 - best.loss[0, 0]).mean())
    np.testing.assert_allclose(best.against(2).mean[2], 0.0)
    assert best.own[1, 2, 0] == grids[1, loss[1, 2, :, 0].argmin()]
    result = Rates(np.array(noise.RULE_RATES), grids, loss, loss[::-1])
    for judge in ("train_loss", "val_loss"):
        for sentence in (study_words.rate_sentence(result, judge), study_words.toll_sentence(result, judge)):
            assert "nan" not in sentence
            assert "inf" not in sentence


def test_runs_that_never_reach_a_target_are_counted_and_do_not_spoil_the_rest():
    steps = np.full((3, 6, 10, 30), np.nan)
    steps[1, :, :, 0] = 20.0
    steps[1, 5, :, 0] = 40.0
    steps[0, 0, :5, 1] = 60.0
    steps[2, 5, 5:, 1] = 90.0
    found = Steps(np.linspace(0, 0.5, 6), np.array([0.003, 0.01, 0.03]), 5, np.linspace(0.4, 0.1, 30), steps, np.full((3, 6, 10), 0.2))
    assert found.more(0).mean[5] == pytest.approx(1.0)
    best, never = found.best(1)
    assert never.tolist() == [5, 10, 10, 10, 10, 5]
    assert np.isnan(found.more(1).mean[5]), "no seed reaches it both ways"
    said = study_words.pace_sentences(found)
    assert "2 times as many at p = 0.5" in said[0]
    assert "Never: 5 of 10 at p = 0" in said[1]
    assert "10 of 10 seeds never get there" in said[5]
    assert not any("nan" in each for each in said)
    assert np.isfinite(best[0, :5]).all()


def test_an_effect_that_is_not_there_is_said_not_to_be():
    rng = np.random.default_rng(2)
    even = Leaning(16, np.array([0.0, 0.3, 0.5]), *(rng.uniform(0.4, 0.6, (3, 8)) for _ in range(4)))
    assert "No p changes it" in study_words.relation_sentence(even)
    assert "No p changes that" in study_words.lean_sentence(even)


@pytest.mark.parametrize("kind", [RuleRates, Pace, GradientNoise], ids=lambda kind: kind.key)
def test_every_family_of_a_study_starts(kind):
    for part in kind().parts():
        assert part.training.members <= 400
        assert part.training.epochs > 0
