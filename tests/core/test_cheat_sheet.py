"""The guide over every combination of answers: total, of one voice, monotone where it should be, and its numbers what they say; and the tables."""

import ast
import contextlib
import dataclasses
import io
import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from core.cheat_sheet import guide, logistic, starts, tables
from core.cheat_sheet.guide import LINEAR, NAMES, NETWORKS, PENALTIES, advise
from core.cheat_sheet.starts import DROPOUT, SAMPLES, begin, choose, decades_of, prior_lambda, stand_in, steps_of
from core.dropout.coadaptation import CoAdaptation
from core.dropout.noise import GradientNoise
from core.errors import InvalidInput
from core.figures.palette import PALETTE
from core.penalties import L1, L2
from core.specs import (
    CHEAT_SHEET_PRESETS,
    LABS,
    BatchNormSpec,
    CheatSheetSpec,
    DropoutSpec,
    FlatAndSharpSpec,
    RightMixSpec,
    ShrinkageSpec,
    TrainingLabSpec,
)
from core.statistics.shrinkage import solve
from core.statistics.shrinkage.design import standardised
from core.studies.shelf import shipped
from ui import narrative
from ui.links import address

ASKED = ("model", "samples", "features", "relevant", "correlation", "selection", "optimizer", "batch_norm")
KNOBS = CheatSheetSpec.knobs()
CHOICES = {name: [value for value, _ in KNOBS[name].options] or [False, True] for name in ASKED}
ALL = [CheatSheetSpec(**dict(zip(ASKED, values, strict=True))) for values in itertools.product(*CHOICES.values())]
ORDER = ("tens", "hundreds", "thousands")
answers = st.builds(CheatSheetSpec, **{name: st.sampled_from(values) for name, values in CHOICES.items()})
of_networks = answers.filter(lambda spec: spec.model in NETWORKS)


# ----------------------------------------------------------------------------------------------------------------- what to use


def test_every_combination_of_answers_has_an_answer_of_one_voice():
    assert len(ALL) == 5 * 3 * 3 * 3 * 3 * 2 * 5 * 2
    for spec in ALL:
        advice = advise(spec)
        use, leave = [reason.key for reason in advice.use], [reason.key for reason in advice.leave]
        assert len(set(use)) == len(use)
        assert len(set(leave)) == len(leave)
        assert not set(use) & set(leave), (spec, use, leave)
        assert set(use) | set(leave) <= set(NAMES)
        assert [key for key in use if key in PENALTIES] == [advice.penalty], "one penalty"
        assert len({reason.key for reason in advice.warnings}) == len(advice.warnings)
        assert any(reason.key == "biases" for reason in advice.warnings)


def said(spec: CheatSheetSpec) -> set[str]:
    return {reason.key for reason in advise(spec).warnings}


def test_what_the_mathematics_forbids_is_never_advised():
    for spec in ALL:
        advice, warned = advise(spec), said(spec)
        linear, sparse = spec.model in LINEAR, spec.selection or spec.relevant == "few"
        if linear:
            assert advice.penalty != "decay"
            assert not advice.uses("dropout")
            assert not advice.uses("batch_norm")
            assert {"standardise", "choose"} <= warned
            assert ("p > n" in warned) == (spec.features != "few")
            assert ("adamw" in warned) == (spec.optimizer == "adamw")
            assert (advice.penalty == "l1") <= (spec.correlation == "low"), "lasso on twins"
            assert (advice.penalty == "l2") == (not sparse), "ridge selects nothing"
            assert ("prox" in warned) == (sparse and spec.optimizer != "exact")
        else:
            assert not (advice.uses("dropout") and advice.uses("batch_norm") and spec.model != "recurrent"), "the variance shift"
            assert not (spec.model == "recurrent" and advice.uses("batch_norm"))
            zeros = spec.model == "network" and spec.selection
            assert (advice.penalty == "l1") == zeros
            assert ("coupled" in warned) == (spec.optimizer in ("adam", "exact") and not zeros)
            assert ("adamw" in warned) == (spec.optimizer == "adamw" and not zeros)
            assert (advice.penalty == "decay") == (spec.optimizer == "adamw" and not zeros)
            assert ("no closed form" in warned) == (spec.optimizer == "exact")
            assert ("scale" in warned) == (spec.batch_norm and spec.model != "recurrent")
        assert ("rate" in warned) <= (spec.optimizer in ("sgd", "momentum"))


def test_what_is_translated_makes_no_difference_to_the_answer():
    for spec in ALL[::97]:
        assert advise(spec.replace(lam=3.0, convention="ridge", alpha=2.0, rate=0.1)) == advise(spec)
    with pytest.raises(InvalidInput, match="CheatSheetSpec"):
        advise(ShrinkageSpec())


def test_every_rule_of_the_tables_fits_somewhere_and_none_hides_another_for_good():
    for table in (guide.BESIDE, guide.AGAINST, guide.WARNINGS):
        for rule in table:
            assert any(rule.fits(spec) for spec in ALL), rule.reason.key
    chosen = {advise(spec).use[0] for spec in ALL}
    assert chosen == {rule.reason for rule in guide.CHOICES}


# ----------------------------------------------------------------------------------------------------------- where to begin


@given(of_networks)
@settings(max_examples=150, deadline=None)
def test_networks_begin_with_numbers_that_belong_together(spec):
    advice = advise(spec)
    found = begin(spec, advice)
    shown = found.shown
    assert isinstance(shown, TrainingLabSpec)
    assert (found.dropout > 0.0) == advice.uses("dropout")
    assert (shown.lam, shown.dropout, shown.lr, shown.batch_norm) == (found.lam, found.dropout, found.lr, advice.uses("batch_norm"))
    assert shown.rule == guide.rule_of(spec)
    assert shown.patience > 0.0
    assert found.weight_decay == pytest.approx(0.0 if advice.penalty == "l1" else 2.0 * found.lam)
    # The lab's own grid has six values a decade.
    wanted = prior_lambda(SAMPLES[spec.samples], advice.penalty)
    if advice.penalty == "decay":
        wanted = 0.5 / (found.lr * steps_of(SAMPLES[spec.samples]))
    assert abs(np.log10(found.lam / wanted)) <= 1.0 / 12.0 + 1e-3
    labels = [start.label for start in found.numbers]
    assert len(set(labels)) == len(labels)
    assert ("weight_decay" in labels) == (advice.penalty != "l1")
    assert {snippet.title for snippet in found.snippets} >= {"PyTorch", "Keras", "MLX"}
    assert len(found.snippets) == (4 if spec.model == "network" else 3)
    for snippet in found.snippets:
        ast.parse(snippet.code)
    torch = found.snippets[0].code
    if spec.model != "network":
        assert f'"weight_decay": {2.0 * found.lam:.6g}' in torch
        assert ("nn.BatchNorm2d" in torch) == advice.uses("batch_norm")
        assert (f"nn.Dropout({found.dropout:.6g})" in torch) == advice.uses("dropout") or spec.model == "recurrent"
    else:
        assert f"lam = {found.lam!r}" in torch
        assert (f"nn.Dropout({found.dropout!r})" in torch) == advice.uses("dropout")


@given(of_networks)
@settings(max_examples=60, deadline=None)
def test_more_rows_never_ask_for_more_regularisation_and_batch_norm_never_for_more_dropout(spec):
    one = [begin(each, advise(each)) for each in (spec.replace(samples=size) for size in ORDER)]
    for fewer, more in itertools.pairwise(one):
        assert more.lam < fewer.lam
        assert more.dropout <= fewer.dropout
    with_norm, without = spec.replace(batch_norm=True), spec.replace(batch_norm=False)
    assert begin(with_norm, advise(with_norm)).dropout <= begin(without, advise(without)).dropout


def test_the_rates_of_dropout_are_those_that_courses_give_for_each_kind():
    def rate(**fields):
        spec = CheatSheetSpec(optimizer="adam", **fields)
        return begin(spec, advise(spec)).dropout

    assert 0.2 <= rate(model="recurrent") <= 0.3
    assert 0.4 <= rate(model="conv") <= 0.5
    assert all(0.1 <= rate(model="network", samples=size) <= 0.5 for size in ORDER)
    assert rate(model="network", samples="tens") == DROPOUT["tens"]


def test_a_prior_of_deviation_1_is_the_lambda_that_is_told():
    # Minus the log posterior of n rows over n, with unit noise: the prior's part at w, by its density.
    n, w = 80, 1.3
    gaussian = 0.5 * w**2
    laplace = np.sqrt(2.0) * abs(w)  # scale 1/sqrt(2), so that the deviation is 1
    assert prior_lambda(n, "l2") * w**2 == pytest.approx(gaussian / n)
    assert prior_lambda(n, "l1") * abs(w) == pytest.approx(laplace / n)


def test_adamws_decay_forgets_within_the_training():
    spec = CheatSheetSpec(model="network", optimizer="adamw")
    found = begin(spec, advise(spec))
    left = (1.0 - found.lr * found.weight_decay) ** steps_of(SAMPLES[spec.samples])
    assert 0.25 < left < 0.5, "about 1/e, but for the lab's grid"


LINEARS = [spec for spec in ALL if spec.model in LINEAR]


@given(st.sampled_from([spec for spec in LINEARS if spec.model == "linear"]))
@settings(max_examples=25, deadline=None)
def test_a_linear_model_begins_where_the_labs_own_path_and_folds_put_it(spec):
    advice = advise(spec)
    found = begin(spec, advice)
    data = stand_in(spec, advice.penalty)
    assert found.shown.replace(lam=0.0) == data
    ours = solve(data)
    choice = choose(data, classes=False)
    assert choice.lam[0] * (1 - 1e-5) <= found.lam <= choice.lam[-1] * (1 + 1e-6)
    said = next(start.why for start in found.numbers if start.label == "λ to begin with")
    assert ("lower end" in said) == (found.lam <= choice.lam[0] * (1 + 1e-5))
    if advice.penalty != "l2":
        top = np.abs(ours.design.X.T @ ours.design.y).max() / len(ours.design.y) / data.mix
        assert choice.lam[-1] == pytest.approx(top), "from there on all weights are 0"
    # The lab's axis is another one; its errors at its nearest lambdas are the same curve.
    errors = np.interp(np.log(choice.lam), np.log(ours.lam), ours.validation.mean)
    inside = (choice.lam > ours.lam[0]) & (choice.lam < ours.lam[-1])
    np.testing.assert_allclose(choice.error[inside], errors[inside], rtol=0.02)
    assert len(choice.lam) == 10 * round(np.log10(choice.lam[-1] / choice.lam[0])) + 1
    for snippet in found.snippets:
        ast.parse(snippet.code)
        assert f"lam, rho = {found.lam:.10g}, {found.rho:g}" in snippet.code or snippet.title == "scikit-learn"


@pytest.mark.parametrize(
    "spec",
    [
        CheatSheetSpec(),
        CheatSheetSpec(samples="tens", features="many", relevant="few", selection=True),
        CheatSheetSpec(correlation="twins", relevant="some", selection=True),
    ],
    ids=["ridge", "lasso", "elastic net"],
)
def test_the_scikit_learn_script_chooses_the_lambda_that_the_guide_begins_with(spec):
    found = begin(spec, advise(spec))
    names: dict = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(found.snippets[-1].code, names)
    choice = choose(stand_in(spec, advise(spec).penalty), classes=False)
    np.testing.assert_allclose(names["grid"], choice.lam, rtol=1e-9)
    at = names["simplest"] if spec.selection else names["best"]
    assert names["grid"][at] == pytest.approx(found.lam, rel=1e-5)


@given(st.sampled_from(LINEARS))
@settings(max_examples=60, deadline=None)
def test_the_stand_in_has_the_shape_that_was_described(spec):
    data = stand_in(spec, advise(spec).penalty)
    ratio = data.columns / data.rows
    assert {"few": ratio <= 0.25, "equal": ratio == 1.0, "many": ratio >= 1.5}[spec.features]
    share = data.relevant / data.columns
    assert {"few": share <= 0.15, "some": 0.4 <= share <= 0.6, "most": share == 1.0}[spec.relevant]
    assert decades_of(int(data.rows), int(data.columns)) == (3 if spec.features == "few" else 2)


def test_the_rate_that_is_told_is_the_edge_of_stability():
    for rule, beta in (("sgd", 0.0), ("momentum", 0.9)):
        spec = CheatSheetSpec(optimizer=rule)
        found = begin(spec, advise(spec))
        told = next(start.value for start in found.numbers if start.label == "Rate")
        limit = float(told.partition(";")[0].removeprefix("below "))
        ours = solve(stand_in(spec, "l2"))
        H = ours.design.X.T @ ours.design.X / len(ours.design.y) + 2.0 * found.lam * np.eye(len(ours.design.names))
        for share, grows in ((0.97, False), (1.03, True)):
            w, v = np.ones(len(H)), np.zeros(len(H))
            for _ in range(3000):
                v = beta * v - share * limit * (H @ w)
                w = np.clip(w + v, -1e6, 1e6)
            assert (np.abs(w).max() > 1.0) == grows, (rule, share)


# ------------------------------------------------------------------------------------------------------------- logistic


@given(st.integers(0, 10**6), st.sampled_from([0.0, 0.5, 1.0]), st.floats(0.02, 0.8))
@settings(max_examples=15, deadline=None)
def test_the_logistic_family_is_the_minimum_of_the_written_out_objective(seed, rho, share):
    rng = np.random.default_rng(seed)
    X = standardised(rng.normal(size=(50, 4)))[2]
    y = (X[:, 0] + rng.normal(size=50) > 0).astype(float)
    if not 0.0 < y.mean() < 1.0:
        return
    lam = share * logistic.top(X, y, rho)
    w, b = logistic.fit(X, y, rho, np.array([2.0 * lam, lam]))

    def objective(parts):
        v = parts[:4] - parts[4:8]
        score = X @ v + parts[-1]
        return np.mean(np.logaddexp(0.0, score) - y * score) + lam * (rho * parts[:8].sum() + (1.0 - rho) * (v**2).sum())

    best = minimize(objective, np.full(9, 0.1), bounds=[(0.0, None)] * 8 + [(None, None)], options={"ftol": 1e-14, "gtol": 1e-9, "maxfun": 10**5}).fun
    reached = objective(np.concatenate([np.maximum(w[1], 0.0), np.maximum(-w[1], 0.0), [b[1]]]))
    assert reached == pytest.approx(best, abs=1e-7)
    assert not (w[0] != 0.0).sum() > 4


def test_the_logistic_grid_begins_where_all_weights_are_zero():
    rng = np.random.default_rng(0)
    X = standardised(rng.normal(size=(60, 5)))[2]
    y = (X[:, 1] > 0.3).astype(float)
    at = logistic.top(X, y, 0.7)
    w, b = logistic.fit(X, y, 0.7, np.array([1.001 * at, 0.95 * at]))
    assert (w[0] == 0.0).all()
    assert (w[1] != 0.0).any()
    assert b[0] == pytest.approx(np.log(y.mean() / (1.0 - y.mean())), abs=1e-6), "the intercept is free"


@pytest.mark.parametrize(("y", "lam"), [(np.zeros(5), 0.1), (np.array([0.0, 1.0, 2.0, 1.0, 0.0]), 0.1), (np.array([0.0, 1.0, 1.0, 1.0, 0.0]), 0.0)])
def test_one_class_and_no_penalty_are_refused(y, lam):
    with pytest.raises(InvalidInput):
        logistic.fit(np.ones((5, 2)), y, 0.5, np.array([lam]))


def test_classes_are_cross_validated_by_hand_the_same():
    data = stand_in(CheatSheetSpec(model="logistic", samples="tens"), "l2")
    choice = choose(data, classes=True)
    assert choice.error.shape == choice.spread.shape == choice.lam.shape
    assert 0 < choice.best < len(choice.lam) - 1
    assert choice.simplest >= choice.best
    assert choice.error[-1] == pytest.approx(np.log(2.0), abs=0.1), "under a great penalty all that is left is the share of the classes"


# --------------------------------------------------------------------------------------------------------------- tables


@pytest.mark.parametrize("table", tables.TABLES, ids=lambda table: table.key)
def test_every_row_of_a_table_has_a_cell_for_each_column_in_a_few_words(table):
    questions = [question for question, _ in table.rows]
    assert len(set(questions)) == len(questions)
    for question, row in table.rows:
        assert len(row) == len(table.columns), question
        for cell in row:
            assert cell.text.endswith(".")
            assert len(cell.text) <= 90, cell.text
    for _, ink in table.columns:
        assert ink in PALETTE


@pytest.mark.parametrize(
    "cell", dict.fromkeys((cell.shown, cell.at) for cell in tables.cells()), ids=lambda each: f"{address(each[0])} {each[1]}"[:90]
)
def test_what_a_cell_points_at_is_a_heading_of_that_page(cell):
    shown, at = cell
    page = next(page for page, kind in LABS.items() if kind is type(shown))
    assert at in narrative.sections(page)


def test_what_links_show_of_trained_networks_comes_with_the_lab():
    """A reader who follows a link sees at once what the cell says: nothing has to be trained first."""
    asked = []
    for shown in (*tables.links(), *guide.links()):
        if isinstance(shown, BatchNormSpec):
            asked += [shown.sweep(), shown.map(), shown.smoothness(), shown.batches(), shown.orders(), shown.decay(), shown.unit_study()]
        elif isinstance(shown, FlatAndSharpSpec):
            asked += [shown.families(), shown.minima(), shown.rescaling()]
        elif isinstance(shown, RightMixSpec):
            asked += [shown.map("lam_p"), shown.map("rate_lam")]
        elif isinstance(shown, DropoutSpec):
            asked += [CoAdaptation(int(shown.width), shown.data), GradientNoise(shown.data)]
    assert len(asked) > 60
    for study in dict.fromkeys(asked):
        assert shipped(study) is not None, study


def test_numbers_in_cells_are_the_penalties_own():
    row = dict(tables.L1_AND_L2.rows)["A weight of 10 beside one of 1"]
    for cell, penalty in zip(row, (L1(), L2()), strict=True):
        assert cell.text == f"Costs {penalty.value(np.array([10.0])) / penalty.value(np.array([1.0])):g} times as much."


def test_presets_differ_and_each_is_answered():
    assert len(set(CHEAT_SHEET_PRESETS.values())) == len(CHEAT_SHEET_PRESETS)
    for spec in CHEAT_SHEET_PRESETS.values():
        assert begin(spec, advise(spec)).snippets
    fields = {field.name for field in dataclasses.fields(CheatSheetSpec)}
    assert set(ASKED) < fields
    assert starts.SAMPLES.keys() == set(CHOICES["samples"])
