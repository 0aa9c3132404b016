"""The PyTorch code that the lab shows: run as it stands, beside torch.optim and beside our own rules."""

import numpy as np
import pytest
import torch

from core.export.torch_decay import torch_snippets
from core.optimizers import RULES
from tests.core.problems import random_problem

SETTINGS = [(0.02, 0.05, 0.25, 0.99), (0.01, 0.02, 0.587778, 0.999), (0.05, 0.1, 0.0, 0.99)]
TITLES = ("SGD", "Adam", "AdamW", "RMSprop", "Adagrad")


def snippet(title, settings):
    (found,) = [each for each in torch_snippets(*settings) if each.title == title]
    return found


@pytest.mark.parametrize("settings", SETTINGS)
@pytest.mark.parametrize("title", TITLES)
def test_every_snippet_does_what_torch_and_our_rule_do(title, settings):
    shown = snippet(title, settings)
    rng = np.random.default_rng(5)
    for _ in range(6):
        problem, start = random_problem(rng, d=3, worst=1.0), rng.normal(size=3)
        problem = type(problem)(problem.hessian / np.abs(np.linalg.eigvalsh(problem.hessian)).max(), problem.centre)
        parameter = torch.tensor(start, requires_grad=True)
        optimizer = eval(shown.made, {"torch": torch, "params": [parameter]})
        group = optimizer.param_groups[0]
        names = {"lr": "lr", "weight_decay": "weight_decay"} | ({"betas": "betas"} if title.startswith("Adam") else {})
        given = {name: group[name] for name in names}
        lr = given.pop("lr")
        rule = RULES[shown.rule](**given)
        ours, state = start, rule.init(start)
        space = dict.fromkeys(shown.state, 0.0) | {"w": start}
        update = compile(shown.update, title, "exec")
        for t in range(1, 101):
            optimizer.zero_grad()
            parameter.grad = torch.tensor(problem.gradient(parameter.detach().numpy()))
            optimizer.step()
            ours, state = rule.step(ours, problem.gradient(ours), state, lr)
            space |= {"g": problem.gradient(space["w"]), "t": t}
            exec(update, {}, space)
            theirs = parameter.detach().numpy()
            scale = max(1.0, np.abs(theirs).max())
            assert np.abs(space["w"] - theirs).max() <= 1e-12 * scale, f"step {t}"
            assert np.abs(ours - theirs).max() <= 1e-12 * scale, f"step {t}"


def test_the_settings_numbers_stand_in_the_code():
    for shown in torch_snippets(0.02, 0.05, 0.25, 0.99):
        assert "weight_decay=0.25" in shown.made
        assert "0.25 * w" in shown.update
        assert f"lr={0.02 if shown.title == 'SGD' else 0.05}" in shown.made
        assert shown.made in shown.code
        assert shown.update in shown.code
        compile(shown.code, shown.title, "exec")
        assert shown.note.endswith(".")
    assert tuple(shown.title for shown in torch_snippets(0.1, 0.1, 0.1, 0.9)) == TITLES


def test_only_adamw_keeps_the_decay_out_of_the_gradient():
    """Claim 16 of the lab's list, that Adam's weight_decay is decoupled, does not hold: a first step with no other gradient tells."""
    moved = {}
    for title in TITLES:
        parameter = torch.tensor([5.0, 0.01], dtype=torch.float64, requires_grad=True)
        optimizer = eval(snippet(title, (0.1, 0.1, 0.25, 0.99)).made, {"torch": torch, "params": [parameter]})
        parameter.grad = torch.zeros(2, dtype=torch.float64)
        optimizer.step()
        moved[title] = np.array([5.0, 0.01]) - parameter.detach().numpy()
    np.testing.assert_allclose(moved["Adam"], 0.1, rtol=1e-4)
    np.testing.assert_allclose(moved["Adagrad"], 0.1, rtol=1e-4)
    for title in ("SGD", "AdamW"):
        np.testing.assert_allclose(moved[title], 0.1 * 0.25 * np.array([5.0, 0.01]), rtol=1e-9)
    assert moved["RMSprop"][0] == pytest.approx(moved["RMSprop"][1], rel=1e-3)
