"""`start` and `advance`: pure, resumable, deterministic, and honest about members that diverge."""

import json

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.datasets import DATASETS
from core.errors import InvalidInput
from core.networks.family import family_of
from core.networks.frames import GRID, class_step
from core.networks.race import objective, plane_of_paths, random_walk_null
from core.optimizers import RULES
from core.specs.training import AXES, EPOCHS, MEMBERS, TrainingSpec
from core.training import TrainingState, advance, edit, start
from core.wire import unpack

SMALL = TrainingSpec(points=60, batch=16, hidden=(6, 5), epochs=40, lam=(0.0, 0.01, 0.1), dropout=(0.0, 0.3, 0.3), seed=(0, 0, 7))
VARIETIES = (
    {},
    {"batch_norm": True},
    {"rule": ("adam", "fista", "nesterov"), "penalty": "l1", "treatment": "proximal"},
    {"penalty": "elastic_net", "treatment": "clamped", "rule": "rmsprop"},
    {"race": "pca", "rule": ("sgd", "adagrad", "adamw")},
    {"data": "iris", "activation": "relu", "noise": (0.0, 0.1, 0.5)},
    {"lr": (1e-3, 100.0, 0.01), "rule": "sgd", "data": "diabetes"},
    {"rho": (0.0, 0.5, 1.0), "penalty": "elastic_net", "treatment": "proximal", "lam": 0.02},
)


def equal(one: TrainingState, other: TrainingState) -> bool:
    """Whether two states are the same, bit for bit, whatever their parts are called."""
    return one.to_bytes() == other.to_bytes()


# -------------------------------------------------------------------------------------------------------------------- purity


@pytest.mark.parametrize("changes", VARIETIES, ids=str)
def test_ten_and_ten_epochs_are_twenty_bit_for_bit_through_bytes_too(changes):
    begin = start(SMALL.replace(**changes))
    whole, film = advance(begin, 20)
    first, head = advance(begin, 10)
    second, tail = advance(TrainingState.from_bytes(first.to_bytes()), 10)
    assert equal(whole, second)
    assert equal(begin, start(SMALL.replace(**changes))), "the state that one started from is as it was"
    for name, column in film.curves.items():
        np.testing.assert_array_equal(column, np.concatenate([head.curves[name], tail.curves[name]], axis=1))
    for name, column in film.frame.items():
        np.testing.assert_array_equal(column, tail.frame[name])
    assert (film.first, film.last, head.last, tail.first) == (0, 20, 10, 10)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, 9), min_size=1, max_size=6), st.sampled_from(VARIETIES))
def test_any_chunks_end_in_the_same_state(chunks, changes):
    state = begin = start(SMALL.replace(**changes))
    for chunk in chunks:
        state, _ = advance(TrainingState.from_bytes(state.to_bytes()), chunk)
    assert equal(state, advance(begin, sum(chunks))[0])


def test_another_family_before_it_leaves_a_run_as_it_was():
    alone, _ = advance(start(SMALL), 8)
    half, _ = advance(start(SMALL), 4)
    advance(start(SMALL.replace(seed=(5, 6, 7), dropout=0.5)), 3)
    torch.manual_seed(1)
    np.random.seed(1)
    assert equal(advance(half, 4)[0], alone)


def test_training_goes_no_further_than_the_spec_says():
    done, film = advance(start(SMALL), 1000)
    assert done.epoch == film.last == SMALL.epochs
    again, still = advance(done, 5)
    assert equal(again, done)
    assert still.curves["train_loss"].shape == (3, 1)


def test_no_epochs_say_how_things_stand():
    state, film = advance(start(SMALL), 0)
    assert (film.first, film.last) == (-1, 0)
    np.testing.assert_allclose(film.curves["train_loss"][:, 0], state.last_loss)


@pytest.mark.parametrize("epochs", [-1, 2.0, True, "3", None])
def test_epochs_that_are_no_count_are_refused(epochs):
    with pytest.raises(InvalidInput, match="whole number >= 0"):
        advance(start(SMALL), epochs)


@pytest.mark.parametrize("raw", [b"", b"nonsense", b"\x80\x04\x95pickle"])
def test_bytes_that_are_no_state_are_refused(raw):
    with pytest.raises(InvalidInput):
        TrainingState.from_bytes(raw)


# --------------------------------------------------------------------------------------------------------------------- edits


def test_an_edit_changes_what_follows_and_nothing_else():
    half, _ = advance(start(SMALL), 10)
    edited = edit(half, lam=(0.0, 0.01, 0.5))
    assert torch.equal(edited.weights, half.weights)
    after, _ = advance(edited, 10)
    plain, _ = advance(half, 10)
    torch.testing.assert_close(after.weights[:2], plain.weights[:2])
    assert not torch.allclose(after.weights[2], plain.weights[2])
    assert float(after.weights[2].square().sum()) < float(plain.weights[2].square().sum())


def test_a_plain_value_in_the_place_of_the_axis_keeps_every_member():
    spec = TrainingSpec(points=40, hidden=(4,), epochs=20, lam=(0.0, 0.1))
    state = edit(start(spec), lam=0.05)
    assert state.spec.members == 2
    assert state.spec.lam == (0.05, 0.05)


@pytest.mark.parametrize("changes", [{"lam": -1.0}, {"lam": (0.1, 0.2)}, {"seed": 3}, {"dropout": 1.5}, {"lr": 0.0}, {"lr": float("nan")}], ids=str)
def test_an_edit_that_no_run_could_follow_is_refused(changes):
    with pytest.raises(InvalidInput):
        edit(start(SMALL), **changes)


def test_a_run_that_is_clamped_only_after_an_edit_remembers_from_there_on():
    spec = SMALL.replace(penalty="l1", treatment="clamped", lam=(0.0, 0.0, 0.0))
    state, _ = advance(edit(advance(start(spec), 3)[0], lam=0.05), 20)
    assert bool((state.weights == 0.0).any())


# ---------------------------------------------------------------------------------------------------------------- divergence


def test_a_member_that_diverges_ends_with_a_sentence_while_the_others_go_on():
    spec = SMALL.replace(rule="sgd", data="diabetes", lr=(0.01, 50.0, 0.01), activation="relu", dropout=0.0, seed=0, lam=0.0)
    state, film = advance(start(spec), 30)
    assert film.status == ("running", "diverged", "running")
    assert "rate of 50" in film.sentences[1]
    assert "Take a lower rate, such as 5." in film.sentences[1]
    assert film.sentences[0] == film.sentences[2] == "In training."
    assert bool(torch.isfinite(state.weights).all())
    ended = state.ended[1]
    assert np.isfinite(film.curves["val_loss"][1, : ended - 1]).all()
    assert np.isnan(film.curves["val_loss"][1, ended - 1 :]).all()
    alone, _ = advance(start(spec.member(0)), 30)
    torch.testing.assert_close(state.weights[0], alone.weights[0], rtol=1e-4, atol=1e-5)
    later, _ = advance(state, 10)
    torch.testing.assert_close(later.weights[1], state.weights[1], rtol=0, atol=0)


@pytest.mark.parametrize("rule", list(RULES))
@pytest.mark.parametrize("treatment", ["subgradient", "proximal", "decoupled", "clamped"])
def test_no_rule_lets_what_is_not_finite_out(rule, treatment):
    spec = SMALL.replace(
        rule=rule, treatment=treatment, penalty="elastic_net", lr=(0.01, 100.0, 3.0), lam=(0.01, 1.0, 100.0), activation="linear", data="diabetes"
    )
    state, film = advance(start(spec), 40)
    assert bool(torch.isfinite(state.weights).all())
    for name, column in film.frame.items():
        assert np.isfinite(column).all(), name


def test_a_member_whose_patience_is_over_rests_where_it_is_and_says_when_it_was_best():
    spec = TrainingSpec(points=60, noise=0.4, hidden=(16,), lr=0.05, epochs=300, patience=20, lam=(0.0, 0.05), batch_norm=True)
    state, film = advance(start(spec), 300)
    assert film.status[0] == "stopped"
    stop, losses = state.ended[0], film.curves["val_loss"][0]
    best = int(losses[:stop].argmin()) + 1
    assert stop == best + 20
    assert f"in epoch {best}." in film.sentences[0]
    np.testing.assert_array_equal(losses[stop - 1 :], losses[stop - 1])
    free, _ = advance(start(spec.replace(patience=0)), stop)
    torch.testing.assert_close(state.weights[0], free.weights[0], rtol=0, atol=0)


def test_an_option_is_refused_where_no_rule_takes_it_and_taken_where_one_does():
    TrainingSpec(rule="sgd", options=(("dampening", 0.1), ("momentum", 0.5)))
    with pytest.raises(InvalidInput):
        TrainingSpec(rule="adam", options=(("momentum", 1.5),))


# --------------------------------------------------------------------------------------------------------------------- specs


BAD = [
    {"data": "mnist"}, {"data": None}, {"hidden": (0,)}, {"hidden": (300,)}, {"hidden": (8,) * 7}, {"hidden": ("8",)},
    {"activation": "swish"}, {"dropout": 1.0}, {"dropout": (0.1, -0.1)}, {"lr": 0.0}, {"lr": float("inf")}, {"lam": -0.1}, {"lam": "0.1"},
    {"rule": "lion"}, {"rule": ("sgd", "lbfgs")}, {"penalty": "l3"}, {"treatment": "magic"}, {"epochs": 0}, {"epochs": EPOCHS + 1},
    {"points": 3}, {"points": 10**6}, {"split": 1.0}, {"noise": 9.0}, {"seed": -1}, {"seed": 1.5}, {"batch": -2}, {"batch_norm": 1},
    {"biases": "yes"}, {"device": "tpu"}, {"precision": "float16"}, {"race": "3d"},
    {"race": "pair", "rule": ("sgd", "adam"), "pair": (0, 2)}, {"race": "pair", "rule": ("sgd", "adam"), "pair": (1, 1)},
    {"plane": (0,)}, {"plane": (0, 0)}, {"plane": (0, 7)},
    {"patience": -1}, {"options": (("momentun", 0.5),)}, {"options": (("momentum", 1.5),)}, {"options": ("momentum",)},
    {"lam": (0.1, 0.2), "lr": (0.1, 0.2, 0.3)}, {"lam": ()}, {"lam": (0.0,) * (MEMBERS + 1)},
    {"lam": (0.0,) * MEMBERS, "hidden": (256, 256)}, {"init_scale": -1.0},
]  # fmt: skip


@pytest.mark.parametrize("changes", BAD, ids=lambda changes: str(changes)[:60])
def test_a_spec_that_no_engine_should_run_is_refused_with_value_range_and_remedy(changes):
    with pytest.raises(InvalidInput) as refusal:
        TrainingSpec(**changes)
    assert refusal.value.what
    assert refusal.value.allowed
    assert refusal.value.remedy.endswith(".")
    assert len(str(refusal.value)) < 400


@given(st.data())
def test_specs_travel_as_json_and_equal_specs_as_equal_text(data):
    changes = {
        "hidden": data.draw(st.lists(st.integers(1, 9), max_size=3).map(tuple)),
        "lam": data.draw(st.one_of(st.floats(0, 100), st.lists(st.floats(0, 100), min_size=3, max_size=3).map(tuple))),
        "rule": data.draw(st.sampled_from([*RULES, ("sgd", "adam", "adamw")])),
        "options": data.draw(st.sampled_from([(), (("beta1", 0.5),), (("momentum", 0.5), ("eps", 1e-6))])),
        "batch_norm": data.draw(st.sampled_from([True, False, (True, False, True)])),
        "data": data.draw(st.sampled_from(list(DATASETS))),
    }
    spec = TrainingSpec(**changes)
    assert TrainingSpec.from_json(spec.to_json()) == spec
    assert TrainingSpec(**changes).to_json() == spec.to_json()
    assert [spec.member(i).members for i in range(spec.members)] == [1] * spec.members


@pytest.mark.parametrize("text", ["", "[]", "{", '{"lambda": 1}', '{"lam": "x"}', '{"hidden": 5}', '{"hidden": [[3]]}', "null"])
def test_json_that_is_no_spec_is_refused(text):
    with pytest.raises(InvalidInput):
        TrainingSpec.from_json(text)


def test_every_axis_takes_a_value_for_each_member():
    values = {"lam": (0.0, 1.0), "dropout": (0.1, 0.2), "lr": (0.1, 0.2), "noise": (0.0, 1.0), "init_scale": (1.0, 2.0), "batch_norm": (True, False)}
    values["rho"] = (0.0, 1.0)
    for name in AXES:
        given = values.get(name, ("sgd", "adam") if name == "rule" else (1, 2))
        spec = TrainingSpec(**{name: given})
        assert spec.members == 2
        assert getattr(spec.member(1), name) == given[1]


def test_a_gpu_is_refused_in_words_where_there_is_none():
    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    with pytest.raises(InvalidInput, match='Pass "auto"'):
        start(SMALL.replace(device="cuda"))


def test_data_are_given_exactly_where_the_spec_says_so():
    rng = np.random.default_rng(0)
    inputs, targets = rng.normal(size=(50, 3)), rng.integers(0, 3, 50).astype(float)
    with pytest.raises(InvalidInput):
        start(TrainingSpec(data="given"))
    with pytest.raises(InvalidInput):
        start(TrainingSpec(), (inputs, targets))
    with pytest.raises(InvalidInput):
        start(TrainingSpec(data="given"), (np.full((50, 3), np.nan), targets))
    state = start(TrainingSpec(data="given", data_hash="x", epochs=20), (inputs, targets))
    back, film = advance(TrainingState.from_bytes(advance(state, 5)[0].to_bytes()), 5)
    assert equal(back, advance(state, 10)[0])
    assert family_of(back.spec, back.data).points.outputs == 3
    assert film.curves["train_loss"].shape == (1, 5)


# -------------------------------------------------------------------------------------------------------------------- frames


@pytest.mark.parametrize("data", ["moons", "iris", "diabetes"])
def test_the_field_is_what_each_network_says_of_the_plane(data):
    spec = SMALL.replace(data=data)
    state, film = advance(start(spec), 10)
    made = family_of(spec, None)
    x, y = (np.linspace(low, high, GRID) for low, high in made.points.plane.window)
    for member, row, column in [(0, 3, 20), (2, 30, 5)]:
        at = made.points.plane.origin + np.array([x[column], y[row]]) @ made.points.plane.basis
        out = made.outputs(state.weights, torch.tensor(at, dtype=torch.float32)[None, None], None)[member, 0].double().numpy()
        code = int(film.frame["field"][member, row, column])
        if data == "moons":
            assert abs(code - 255 / (1 + np.exp(-out[0]))) <= 0.51
        elif data == "iris":
            assert code // class_step(3) == out.argmax()
        else:
            low, high = made.points.train_targets.min().item(), made.points.train_targets.max().item()
            assert abs(code - np.clip((out[0] - low) / (high - low), 0, 1) * 255) <= 0.51


def test_codes_of_weights_say_exactly_which_are_zero():
    spec = SMALL.replace(penalty="l1", lam=(0.0, 0.02, 0.1), treatment="proximal", rule="sgd", lr=0.1)
    state, film = advance(start(spec), 40)
    layout = family_of(spec, None).layout
    plain = state.weights[:, : layout.plain].numpy()
    assert (layout.shown(16) == np.arange(layout.plain)).all(), "all of a small network is drawn"
    codes, scale = film.frame["weights"].astype(float), film.frame["scale"]
    np.testing.assert_array_equal(codes == 0, plain == 0)
    assert (plain == 0).any()
    np.testing.assert_allclose(codes / 127 * scale[:, None], plain, atol=float(scale.max()) / 127)


def test_of_a_wide_network_the_first_units_are_sent_and_the_dead_are_told_by_all_weights():
    spec = TrainingSpec(
        data="digits", hidden=(40, 20), penalty="l1", lam=(0.003, 0.02), treatment="proximal", rule="sgd", lr=0.3, batch=64, epochs=12
    )
    state, film = advance(start(spec), 12)
    layout = family_of(spec, None).layout
    named = [dict(layout.named(row)) for row in state.weights.numpy()]
    assert film.frame["weights"].shape == (2, 17 * 16 + 17 * 16 + 17 * 10)
    for i, arrays in enumerate(named):
        first = film.frame["weights"][i, : 16 * 16].reshape(16, 16)
        np.testing.assert_array_equal(first == 0, arrays["layer1.weight"].T[:16, :16] == 0)
        second = film.frame["weights"][i, 17 * 16 : 17 * 16 + 16 * 16].reshape(16, 16)
        np.testing.assert_array_equal(np.sign(second), np.sign(arrays["layer2.weight"].T[:16, :16]))
        nothing = (arrays["layer1.weight"] == 0).all(axis=1) | (arrays["layer2.weight"] == 0).all(axis=0)
        np.testing.assert_array_equal(film.frame["dead"][i, 16:32] == 1, nothing[:16])
    assert film.frame["dead"].any()
    assert film.frame["dropped"].shape == (1, 32)


def test_the_histogram_counts_every_weight_once_and_exact_zeros_apart():
    spec = SMALL.replace(penalty="l1", lam=(0.0, 0.02, 0.1), treatment="proximal", rule="sgd", lr=0.1)
    state, film = advance(start(spec), 40)
    weights = state.weights[:, family_of(spec, None).layout.is_weight].numpy().astype(float)
    for i in range(3):
        wanted, _ = np.histogram(weights[i][weights[i] != 0], bins=film.frame["edges"].astype(float))
        assert film.frame["histogram"][i].sum() + film.frame["at_zero"][i] == weights.shape[1]
        assert np.abs(wanted - film.frame["histogram"][i]).sum() <= 2, "bins as NumPy makes them, but for a weight on an edge"


def test_dropped_units_are_those_of_the_last_mask():
    spec = SMALL.replace(dropout=(0.0, 0.5, 0.9))
    _, film = advance(start(spec), 3)
    assert film.frame["dropped"].shape == (3, 11)
    assert film.frame["dropped"][0].sum() == 0
    assert 0 < film.frame["dropped"][1:].sum() < 22


def test_a_snapshot_travels_to_the_browser_whole():
    _, film = advance(start(SMALL), 7)
    message = unpack(film.to_bytes())
    assert (message["kind"], message["from"], message["to"]) == ("film", 0, 7)
    np.testing.assert_array_equal(message["curves"]["val_loss"], film.curves["val_loss"].astype(np.float32))
    np.testing.assert_allclose(message["profiles"]["gap"], (film.curves["val_loss"] - film.curves["train_loss"]).T, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(message["frame"]["field"], film.frame["field"])
    assert message["frame"]["epoch"] == 7
    json.dumps(message["sentences"], allow_nan=False)


# ---------------------------------------------------------------------------------------------------------------------- race


RACE = TrainingSpec(
    points=60, hidden=(6,), epochs=60, rule=("sgd", "momentum", "adam"), lr=(0.1, 0.05, 0.02), lam=0.01, race="pca", precision="float64"
)


def test_the_plane_is_the_one_that_svd_finds_and_its_numbers_are_true():
    state, film = advance(start(RACE), 30)
    frame, made = film.frame, family_of(RACE, None)
    rows = state.path.points.astype(float).copy()
    rows[:, -1] = state.weights.numpy()
    flat = rows.reshape(-1, rows.shape[-1])
    away = flat - flat.mean(axis=0)
    _, sizes, axes = np.linalg.svd(away, full_matrices=False)
    np.testing.assert_allclose(frame["explained"], (sizes**2 / (sizes**2).sum())[:2], rtol=1e-4)
    wanted = (away @ axes[:2].T).reshape(*rows.shape[:2], 2)
    np.testing.assert_allclose(np.abs(frame["paths"]), np.abs(wanted), atol=1e-4)
    off = np.sqrt(np.maximum((away**2).sum(axis=1) - (wanted.reshape(-1, 2) ** 2).sum(axis=1), 0))
    np.testing.assert_allclose(frame["off_plane"].reshape(-1), off, atol=1e-4)
    for i in range(3):
        inputs, targets = made.points.train[0].numpy(), made.points.train_targets.numpy()
        named = dict(made.layout.named(state.weights[i].numpy()))
        z = np.tanh(inputs @ named["layer1.weight"].T + named["layer1.bias"]) @ named["layer2.weight"].T + named["layer2.bias"]
        data_loss = np.mean(np.log1p(np.exp(-np.where(targets > 0.5, z[:, 0], -z[:, 0]))))
        penalty = 0.01 * sum((named[name] ** 2).sum() for name in ("layer1.weight", "layer2.weight"))
        assert frame["true_loss"][i] == pytest.approx(data_loss + penalty, rel=1e-5)
    x0, x1, y0, y1 = frame["window"]
    assert (frame["paths"][..., 0] > x0).all()
    assert (frame["paths"][..., 1] < y1).all()
    assert x1 - x0 == pytest.approx(y1 - y0)


def test_the_grid_holds_the_objective_where_its_axes_say():
    state, film = advance(start(RACE.replace(rule="sgd", lr=(0.1, 0.1, 0.1), seed=(0, 1, 2))), 20)
    frame, made = film.frame, family_of(state.spec, None)
    points = state.path.points.astype(float).copy()
    points[:, -1] = state.weights.numpy()
    origin, basis, _ = plane_of_paths(points, "pca", 0)
    at = origin + np.array([frame["plane_x"][4], frame["plane_y"][9]], dtype=float) @ basis
    assert frame["plane"][9, 4] == pytest.approx(objective(made, at[None])[0], rel=1e-4)


def test_paths_keep_evenly_spaced_epochs_however_long_the_run():
    state, film = advance(start(RACE.replace(epochs=500)), 333)
    epochs = state.path.epochs
    assert len(set(np.diff(epochs))) == 1
    assert 20 <= len(epochs) <= 50
    assert film.frame["paths"].shape[1] == len(epochs) + (epochs[-1] != 333)


def test_a_plane_through_two_members_holds_the_start_and_both():
    _, film = advance(start(RACE.replace(race="pair", pair=(2, 0))), 30)
    off = film.frame["off_plane"]
    np.testing.assert_allclose([off[0, 0], off[0, -1], off[2, -1]], 0.0, atol=1e-6)
    assert off[1, -1] > 1e-3
    assert film.frame["head_2"][1] == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("members", [1, 2, 5])
def test_random_walks_explain_what_walks_that_are_drawn_do(members):
    rng = np.random.default_rng(0)
    walks = np.concatenate([np.zeros((members, 1, 20_000)), rng.standard_normal((members, 39, 20_000)).cumsum(axis=1)], axis=1).reshape(-1, 20_000)
    away = walks - walks.mean(axis=0)
    values = np.linalg.eigvalsh(away @ away.T)
    np.testing.assert_allclose(random_walk_null(members, 40), values[:-3:-1] / values.sum(), atol=0.01)


def test_one_long_walk_explains_61_and_15_percent():
    np.testing.assert_allclose(random_walk_null(1, 2000), [0.61, 0.15], atol=0.005)
