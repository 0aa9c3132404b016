"""Stories: steps that differ, and sentences that are true of what their settings show, each computed from the lab's result."""

import re

import numpy as np
import pytest

from core import lessons
from core.specs import LABS


@pytest.mark.parametrize("page", lessons.STORIES)
def test_a_story_has_at_least_five_steps_of_two_sentences_and_settings_of_their_own(page):
    steps = lessons.STORIES[page]
    assert len(steps) >= 5
    assert len({step.spec for step in steps}) == len(steps), "every step moves something"
    assert len({step.title for step in steps}) == len(steps)
    for step in steps:
        assert type(step.spec) is LABS[page]
        sentences = re.findall(r"[.:?!](?:\s|$)", step.told)
        assert 2 <= len(sentences) <= 4, step.title
        assert 80 < len(step.told) < 330
        assert len(step.title) < 45
        # A number that is typed could be wrong of what is shown; settings' own names and "one" to "five hundred" in words aside.
        assert not re.search(r"\d", re.sub(r"L1|L2|1 − p|1/weight_decay|λ\|w\|²|2λ", "", step.told)), step.title


def step(page, at):
    return lessons.STORIES[page][at - 1].spec


def test_diamond_and_circle():
    from core.diamond_circle import solve

    def at(i):
        result = solve(step("diamond_and_circle", i))
        return result, result.member_at(step("diamond_and_circle", i))

    result, m = at(1)
    np.testing.assert_allclose(result.solution.w[m], result.problem.centre)
    result, m = at(2)
    assert result.solution.support[m].all()
    assert (np.abs(result.solution.w[m]) > 0).all()
    result, m = at(3)
    assert result.solution.support[m].sum() == 1
    held = ~result.solution.support[:, 0] & result.solution.support[:, 1]
    assert held.sum() > 20, "for a whole stretch"
    result, m = at(4)
    assert result.solution.support[m].all()
    result, m = at(5)
    assert sum(result.support.shares[name][m] for name in ("first_zero", "second_zero")) > 0.15
    result, m = at(6)
    assert any(event.kind == "crosses" for event in result.events)
    result, m = at(7)
    assert result.others


def test_smoothing_and_curvature():
    from core.smoothing import solve

    result = solve(step("smoothing_and_curvature", 1))
    there = np.flatnonzero(result.minima.exists[0])
    assert len(there) > 3
    sharpest = result.minima.w[0, there[result.minima.eigenvalues[0, there, 1].argmax()]]
    np.testing.assert_allclose(result.point, sharpest)
    assert result.minima.counts[-1] < result.minima.counts[0]
    result = solve(step("smoothing_and_curvature", 3))
    two = np.flatnonzero(result.minima.exists[0])[:2]
    assert len(two) == 2
    narrow, wide = sorted(two, key=lambda b: -result.minima.eigenvalues[0, b, 1])
    lasts = [int(np.flatnonzero(result.minima.exists[:, b])[-1]) for b in (narrow, wide)]
    assert lasts[1] < lasts[0], "the wide one goes first"
    result = solve(step("smoothing_and_curvature", 4))
    m = result.member_at(step("smoothing_and_curvature", 4))
    assert result.at_point.eigenvalues[0, 0] < 0.0
    np.testing.assert_allclose(result.at_point.eigenvalues[m] - result.at_point.eigenvalues[0], 2.0 * result.lam[m])
    result = solve(step("smoothing_and_curvature", 5))
    m = result.member_at(step("smoothing_and_curvature", 5))
    ratio = result.at_minimum[:, 1] / result.at_minimum[:, 0]
    assert ratio[m] < ratio[0]
    spec = step("smoothing_and_curvature", 6)
    prox, gradient = solve(spec), solve(spec.replace(treatment="subgradient"))
    m = prox.member_at(spec)
    assert prox.limit[m] > prox.limit[0]
    assert gradient.limit[m] < gradient.limit[0]
    spec = step("smoothing_and_curvature", 7)
    result = solve(spec)
    np.testing.assert_allclose(result.at_point.eigenvalues, result.at_point.eigenvalues[:1].repeat(len(result.lam), axis=0))
    assert result.minima.counts[-1] < result.minima.counts[0]


def test_step_by_step():
    from core.step_by_step import solve

    runs = {run.rule.key: run for run in solve(step("step_by_step", 3)).runs}
    assert [event.kind for event in runs["l1"].events] == ["clipped"]
    assert runs["l1"].events[0].step == 5
    later = {run.rule.key: run for run in solve(step("step_by_step", 4)).runs}
    assert "leaves" in {event.kind for event in later["l1"].events}
    alone = solve(step("step_by_step", 6)).alone
    assert alone.gone[1] < alone.gone[0]
    zero = solve(step("step_by_step", 7)).zero
    at = 20
    assert zero.bounces[0, at] > 3
    assert zero.w[1, at] == zero.w[2, at] == 0.0
    end = solve(step("step_by_step", 8)).zero
    assert end.w[1, 58] != 0.0
    assert end.w[2, 58] == 0.0


def test_optimizer_race():
    from core.race import crowd, solve

    plain, pushed = solve(step("optimizer_race", 2)), solve(step("optimizer_race", 3))
    m = pushed.member_at(step("optimizer_race", 3))
    assert len({round(float(run.objective[0, -1]), 6) for run in plain.runs.values()}) > 1, "different places"
    assert np.linalg.norm(pushed.bottom[m]) < np.linalg.norm(pushed.bottom[0])
    ravine = solve(step("optimizer_race", 4))
    assert ravine.runs["momentum"].objective[0, -1] < ravine.runs["sgd"].objective[0, -1]
    spec = step("optimizer_race", 5)
    sparse = solve(spec)
    assert sparse.zeros("fista")[sparse.member_at(spec)] >= 1
    fast = solve(step("optimizer_race", 6))
    assert fast.runs["sgd"].status[0] == "diverged"
    counted = crowd(solve(step("optimizer_race", 7)))
    assert counted is not None


def test_adam_and_adamw():
    from core.adam_and_adamw import solve

    result = solve(step("adam_and_adamw", 1))
    m, f = result.member_at(step("adam_and_adamw", 1)), result.frame_at(step("adam_and_adamw", 1))
    reach = np.linalg.norm(result.start - result.free)
    assert f > 0
    first = {key: result.runs[key].x[m, 1] - result.start for key in ("adam", "adamw")}
    np.testing.assert_allclose(np.abs(first["adam"]), 0.1, rtol=1e-6)
    np.testing.assert_allclose(first["adamw"] - first["adam"], -0.1 * result.decay[m] * result.start, rtol=1e-6)
    for key in ("sgd", "adam"):
        assert result.distance(key, result.ridge)[m] < 0.02 * reach
    assert result.distance("adamw", result.ridge)[m] > 0.1 * reach
    assert result.distance("adamw", result.box)[m] < 0.02 * reach
    noisy = solve(step("adam_and_adamw", 5))
    m = noisy.member_at(step("adam_and_adamw", 5))
    assert noisy.distance("adamw", noisy.soft_ridge)[m] < noisy.distance("adamw", noisy.box)[m]
    bare = solve(step("adam_and_adamw", 6))
    moved = {key: bare.first_step(key)[-1] for key in ("adam", "adamw")}
    assert moved["adam"][0] == pytest.approx(moved["adam"][1], rel=1e-6)


def test_shrinkage_paths():
    from core.statistics.shrinkage import solve
    from core.statistics.shrinkage.twins import correlations, twins

    early, rule = solve(step("shrinkage_paths", 1)), solve(step("shrinkage_paths", 3))
    kept = [int(rule.path.nonzero[rule.member_at(step("shrinkage_paths", i))]) for i in (1, 2, 3)]
    assert kept[0] < kept[2] < kept[1]
    assert early.path.nonzero[0] == len(early.design.names)
    ridge = solve(step("shrinkage_paths", 4))
    assert (ridge.path.nonzero == len(ridge.design.names)).all()
    assert any("says the same" in note for note in solve(step("shrinkage_paths", 5)).design.notes)
    spec = step("shrinkage_paths", 6)
    pair = twins(int(spec.twin_rows), spec.twin_lam, spec.twin_scaled, spec.rho)
    at = int(np.abs(correlations() - spec.r).argmin())
    one = pair.fates["l1"][at, :2].sum()
    assert one > 100
    assert pair.fates["elastic_net"][at, 2] > 390
    wide = solve(step("shrinkage_paths", 7))
    assert wide.design.X.shape[1] == 2 * wide.design.X.shape[0]


def test_priors_and_map():
    from core.statistics.priors.posteriors import solve

    def at(i):
        spec = step("priors_and_map", i)
        result = solve(spec)
        return result, result.member_at(spec)

    result, m = at(3)
    least = float(result.line.pull[0] / result.line.gram[0, 0])
    assert 0.0 < abs(float(result.line.mode[m, 0])) < abs(least)
    result, m = at(4)
    assert result.line.mode[m, 0] == 0.0
    result, m = at(5)
    assert result.line.mode[m, 0] == 0.0
    assert result.line.mean[m, 0] != 0.0
    assert result.line.zeros[m] == 0.0
    result, m = at(6)
    least = float(result.line.pull[0] / result.line.gram[0, 0])
    assert float(result.line.mode[m, 0]) == pytest.approx(least, rel=0.05)
    result, m = at(7)
    assert np.linalg.matrix_rank(result.plane.design) == 1
    assert (result.plane.shown[m] == 0.0).any(), "the diamond's corner"
    assert (result.other_plane.shown[m] != 0.0).all(), "the circle shares"


def test_bias_and_variance():
    from core.statistics.bias_variance.experiment import solve

    def at(i):
        spec = step("bias_and_variance", i)
        result = solve(spec)
        return result, result.member_at(spec)

    result, m = at(1)
    assert result.variance[m] > 10.0 * max(result.bias[m], 0.0)
    stiff, m = at(2)
    assert stiff.bias[m] > 5.0 * stiff.variance[m]
    right, m = at(3)
    assert abs(right.bias[m]) < 0.01
    assert right.variance[m] < right.noise
    free, m = at(4)
    assert abs(free.bias[m]) < 0.1 * free.variance[m]
    assert free.train.mean(axis=1)[m] < right.train.mean(axis=1)[2]
    assert free.test[m] > free.test[2]
    ridge, m = at(5)
    assert ridge.variance[m] < 0.1 * ridge.variance[0]
    assert ridge.bias[m] < ridge.variance[0] - ridge.variance[m]
    flat, m = at(6)
    assert flat.bias[m] > 10.0 * flat.variance[m]
    noise, m = at(7)
    assert noise.lam[noise.best] >= 0.1
    assert noise.noise > noise.bias[noise.best] + noise.variance[noise.best]


def test_training_names_what_its_settings_are():
    specs = [each.spec for each in lessons.STORIES["training"]]
    assert len(specs[0].values) == 16
    assert specs[0].values[0] == 0.0
    assert specs[1].epoch == specs[1].epochs
    assert specs[3].member == 15.0
    assert specs[4].axis == "dropout"
    assert (specs[5].penalty, specs[5].treatment) == ("l1", "proximal")
    assert len(specs[6].values) == 7
    assert specs[6].axis == "rule"


def test_dropout():
    from core.dropout.thinned import solve

    gone = step("dropout", 4)
    result = solve(gone)
    assert result.empty[gone.member, int(gone.batch) - 1] > 0
    learns = [(result.gradient[gone.member, int(gone.batch) - 1, weights] != 0.0).any() for weights, _ in result.places]
    assert learns == [False, False, True, True]
    batch, row = solve(step("dropout", 3)), solve(step("dropout", 5))
    at = step("dropout", 5).member
    assert row.flowing[at].mean() > max(0.6, batch.flowing[at].mean())


def test_batch_norm():
    from core.batch_norm.invariance import solve
    from core.lessons.measured import found

    spec = step("batch_norm", 1)
    sweep = found(spec.sweep())

    def trains(rate):
        return sweep.trains[int(np.abs(np.log(sweep.rates / rate)).argmin())].mean(axis=0)

    plain, normed = trains(spec.at_rate)
    assert plain < 0.5 < normed
    assert (trains(step("batch_norm", 2).at_rate) > 0.5).all()
    assert np.subtract(*found(spec.map()).shares.mean(axis=0)) < 0.0
    ray = solve(0).rays["exact"]
    assert np.ptp(ray.loss) < 1e-9
    decay = found(spec.decay())
    assert decay.raised(1).sure
    assert decay.raised(1).mean > 0.0
    assert np.median(decay.effective[-1, -1, :, 1]) > np.median(decay.effective[-1, 0, :, 1])


def test_flat_and_sharp_minima():
    from core.flatness.choices import FACTORS, HERE
    from core.flatness.matched import matched
    from core.flatness.words import correlations
    from core.lessons.measured import found

    first, other = (matched(found(step("flat_and_sharp_minima", i).families())) for i in (2, 3))
    assert first.families.members > 100
    here, end = (correlations(first, "top")[i].spearman for i in (5, first.stops - 1))
    assert abs(here - end) > 0.1, "another one at a common loss"
    assert abs(correlations(other, "top")[5].spearman - here) > 0.5, "and on another draw"
    assert abs(correlations(first, "filter")[5].spearman - here) > 0.1
    scaled = found(step("flat_and_sharp_minima", 6).rescaling())
    assert scaled.relu["top"][FACTORS.index(7.08)] > 5.0 * scaled.relu["top"][HERE]
    assert scaled.relu["differs"].max() < 1e-9


def test_right_mix():
    from core.lessons.measured import found
    from core.right_mix.importance import importance

    spec = step("right_mix", 3)
    result = found(spec.map("lam_p"))
    row, column = (int(np.abs(axis - value).argmin()) for axis, value in ((result.y, spec.p), (result.x, spec.lam)))
    corner = result.mean[row, column]
    assert corner > result.mean[row].min()
    assert corner > result.mean[:, column].min()
    rates = found(step("right_mix", 4).map("rate_lam"))
    slow = int(np.abs(np.log(rates.x / 0.001)).argmin())
    assert rates.mean[:, slow].min() > rates.mean.min()
    sgd = found(step("right_mix", 5).map("rate_lam"))
    assert abs(np.log10(sgd.x[sgd.best[1]] / rates.x[rates.best[1]])) > 0.5
    found_of = importance(found(step("right_mix", 7).search_study()))
    assert found_of is not None
    assert found_of.share.min() < 0.05 < found_of.share.max()
