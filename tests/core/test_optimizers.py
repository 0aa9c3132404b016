"""The update rules against torch.optim, step by step; against written-out recursions; on NumPy and torch arrays alike."""

import dataclasses
import json

import numpy as np
import pytest
import torch

from core.errors import InvalidInput
from core.optimizers import FISTA, RULES, SGD, Adagrad, Adam, AdamW, Momentum, Nesterov, RMSprop
from tests.core.torch_peers import CASES, CERTIFICATE, farthest, measured, peer


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_rule_matches_torch_optim_step_by_step_on_random_quadratics(case):
    assert farthest(case.name) <= 1e-12


def test_the_certificate_that_the_race_shows_is_what_is_measured():
    """Within a factor of ten: another processor rounds otherwise."""
    shown, found = json.loads(CERTIFICATE.read_text()), measured()
    assert shown["torch"] == torch.__version__.partition("+")[0]
    assert set(shown["deviation"]) == set(found)
    for key, far in found.items():
        assert far <= 10 * shown["deviation"][key] <= 1e-12


def test_every_rule_of_torch_is_compared_with_and_without_decay():
    compared = {(case.rule.key, bool(case.rule.weight_decay)) for case in CASES}
    assert compared == {(key, decays) for key in RULES if key != "fista" for decays in (False, True)}


@pytest.mark.parametrize("key", RULES)
def test_a_rule_does_on_torch_tensors_what_it_does_on_arrays(key):
    rule, rng = RULES[key](weight_decay=0.03), np.random.default_rng(3)
    x, lr = rng.normal(size=(4, 2)), 0.05
    tensor = torch.tensor(x)
    state, torch_state = rule.init(x), rule.init(tensor)
    for _ in range(20):
        x, state = rule.step(x, 2.0 * rule.lookahead(x, state) - 1.0, state, lr)
        tensor, torch_state = rule.step(tensor, 2.0 * rule.lookahead(tensor, torch_state) - 1.0, torch_state, lr)
        assert isinstance(tensor, torch.Tensor)
        np.testing.assert_allclose(tensor.numpy(), x, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("key", RULES)
def test_a_step_changes_neither_its_point_nor_its_state_in_place(key):
    rule = RULES[key]()
    x, gradient = np.array([1.0, -2.0]), np.array([0.3, 0.1])
    state = rule.step(x, gradient, rule.init(x), 0.1)[1]
    kept = [np.copy(part) for part in (x, gradient, state.first, state.second)]
    rule.step(x, gradient, state, 0.1)
    for before, after in zip(kept, (x, gradient, state.first, state.second), strict=True):
        np.testing.assert_array_equal(before, after)


FAMILIES = {
    "sgd": {"momentum": (0.0, 0.5, 0.9), "dampening": (0.0, 0.3, 0.6), "weight_decay": (0.0, 0.1, 0.2)},
    "momentum": {"momentum": (0.5, 0.8, 0.95), "weight_decay": (0.0, 0.1, 0.2)},
    "nesterov": {"momentum": (0.5, 0.8, 0.95), "weight_decay": (0.0, 0.1, 0.2)},
    "rmsprop": {"alpha": (0.9, 0.99, 0.5), "eps": (1e-8, 1e-3, 0.1), "momentum": (0.0, 0.5, 0.9), "weight_decay": (0.0, 0.1, 0.2)},
    "adagrad": {
        "lr_decay": (0.0, 0.1, 1.0),
        "initial_accumulator_value": (0.0, 0.1, 1.0),
        "eps": (1e-10, 1e-3, 0.1),
        "weight_decay": (0.0, 0.1, 0.2),
    },
    "adam": {"eps": (1e-8, 1e-3, 0.1), "weight_decay": (0.0, 0.1, 0.2)},
    "adamw": {"eps": (1e-8, 1e-3, 0.1), "weight_decay": (0.0, 0.1, 0.2)},
    "fista": {"weight_decay": (0.0, 0.1, 0.2)},
}


@pytest.mark.parametrize("key", RULES)
def test_hyperparameters_broadcast_over_a_family(key):
    """A family's member goes where a run of its own hyperparameters goes."""
    columns = FAMILIES[key]
    family = RULES[key](**{name: np.array(values)[:, None] for name, values in columns.items()})
    rates = np.array([0.01, 0.05, 0.1])[:, None]
    x = start = np.random.default_rng(0).normal(size=(3, 2))
    state = family.init(x)
    for _ in range(15):
        x, state = family.step(x, np.sin(3.0 * family.lookahead(x, state)), state, rates)
    for i in range(3):
        rule, one = RULES[key](**{name: values[i] for name, values in columns.items()}), start[i]
        alone = rule.init(one)
        for _ in range(15):
            one, alone = rule.step(one, np.sin(3.0 * rule.lookahead(one, alone)), alone, rates[i, 0])
        np.testing.assert_allclose(x[i], one, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("key", [key for key in RULES if key != "fista"])
def test_a_step_is_rate_times_metric_times_direction(key):
    rule = RULES[key](weight_decay=0.0)
    x, state = np.array([1.0, -2.0]), rule.init(np.zeros(2))
    for t in range(5):
        gradient = np.array([0.3 - 0.2 * t, 0.1 + t])
        new, state = rule.step(x, gradient, state, 0.1)
        np.testing.assert_allclose(x - new, 0.1 * rule.metric(state) * rule.direction(state), rtol=1e-12)
        x = new


def test_sgd_takes_decay_and_a_penalty_in_the_gradient_for_the_same_thing_and_adam_does_not():
    def run(rule, extra):
        x, state = np.array([2.0, -1.0]), rule.init(np.zeros(2))
        for _ in range(50):
            x, state = rule.step(x, np.array([3.0, 0.5]) * x - 1.0 + extra * x, state, 0.05)
        return x

    for rule in (SGD, Momentum, Nesterov, Adam):
        np.testing.assert_allclose(run(rule(weight_decay=0.2), 0.0), run(rule(weight_decay=0.0), 0.2), rtol=1e-12)
    assert np.abs(run(AdamW(weight_decay=0.2), 0.0) - run(AdamW(weight_decay=0.0), 0.2)).max() > 1e-3


def test_without_a_gradient_adam_moves_every_weight_by_the_rate_and_adamw_by_a_share_of_it():
    w, nothing = np.array([5.0, 0.01, -3.0]), np.zeros(3)
    coupled, decoupled = Adam(weight_decay=0.1), AdamW(weight_decay=0.1)
    np.testing.assert_allclose(w - coupled.step(w, nothing, coupled.init(w), 0.1)[0], 0.1 * np.sign(w), rtol=1e-4)
    np.testing.assert_allclose(w - decoupled.step(w, nothing, decoupled.init(w), 0.1)[0], 0.1 * 0.1 * w, rtol=1e-12)


def test_adams_first_step_is_the_rate_whatever_the_gradient():
    rule, g = Adam(), np.array([1e-5, 3.0, -2e4])
    np.testing.assert_allclose(rule.step(np.zeros(3), g, rule.init(g), 0.01)[0], -0.01 * np.sign(g), rtol=2e-3)


def test_fista_is_the_recursion_of_beck_and_teboulle():
    hessian, centre, lr = np.diag([1.0, 0.02]), np.array([2.0, -3.0]), 0.9
    x, y, t, expected = np.zeros(2), np.zeros(2), 1.0, []
    for _ in range(40):
        new = y - lr * hessian @ (y - centre)
        t_new = (1 + np.sqrt(1 + 4 * t**2)) / 2
        x, y, t = new, new + (t - 1) / t_new * (new - x), t_new
        expected.append(x)
    rule, at, found = FISTA(), np.zeros(2), []
    state = rule.init(at)
    for _ in range(40):
        at, state = rule.step(at, hessian @ (rule.lookahead(at, state) - centre), state, lr)
        found.append(at)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


BAD = [
    (SGD, {"momentum": 1.0}),
    (SGD, {"momentum": -0.1}),
    (SGD, {"weight_decay": np.nan}),
    (SGD, {"dampening": 1.5}),
    (Nesterov, {"dampening": 0.5}),
    (Adam, {"betas": (0.9, 1.0)}),
    (Adam, {"betas": (np.array([[0.5], [2.0]]), 0.9)}),
    (Adam, {"eps": -1e-8}),
    (RMSprop, {"alpha": np.inf}),
    (Adagrad, {"lr_decay": -1.0}),
    (AdamW, {"weight_decay": np.array([[0.1], [np.inf]])}),
]


@pytest.mark.parametrize(("rule", "given"), BAD, ids=str)
def test_hyperparameters_out_of_range_are_refused_by_name(rule, given):
    with pytest.raises(InvalidInput, match=next(iter(given))):
        rule(**given)


def test_every_rule_has_torchs_defaults():
    for key in RULES:
        if key == "fista":
            continue
        rule = RULES[key]()
        options = peer(rule, [torch.zeros(2, requires_grad=True)], None).defaults
        for field in dataclasses.fields(rule):
            if field.name != "momentum":
                assert getattr(rule, field.name) == options[field.name], (key, field.name)
    assert (Momentum().momentum, Nesterov().momentum, SGD().momentum) == (0.9, 0.9, 0.0)
