"""torch.optim beside our rules: the peer of each, the settings that are compared, and how far the two part.

`python -m tests.core.torch_peers` measures anew what the race shows as its certificate.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch

from core.optimizers import RULES, Rule
from core.quadratic import Quadratic
from tests.core.problems import random_problem

STEPS = 120


@dataclass(frozen=True)
class Case:
    """A rule with settings, and the rate it runs at."""

    name: str
    rule: Rule
    lr: float


def _case(key: str, lr: float, **settings: object) -> Case:
    words = ", ".join(f"{name}={value}" for name, value in settings.items())
    return Case(f"{key}({words})", RULES[key](**settings), lr)  # type: ignore[arg-type]


# Betas stay where Adam settles: with (0.5, 0.9) it is chaotic near a minimum, and any two ways of rounding part (by 1e-8 after 120 steps).
CASES = [
    *(
        _case("sgd", 0.01, weight_decay=decay, momentum=momentum, dampening=damp)
        for decay in (0.0, 0.1)
        for momentum, damp in ((0.0, 0.0), (0.0, 0.5), (0.9, 0.0), (0.9, 0.5))
    ),
    *(_case("momentum", 0.01, weight_decay=decay, dampening=damp) for decay in (0.0, 0.1) for damp in (0.0, 0.5)),
    *(_case("nesterov", 0.01, weight_decay=decay, momentum=momentum) for decay in (0.0, 0.1) for momentum in (0.5, 0.9)),
    *(
        _case("rmsprop", 0.01, weight_decay=decay, momentum=momentum, alpha=alpha, eps=eps)
        for decay in (0.0, 0.1)
        for momentum, alpha, eps in ((0.0, 0.99, 1e-8), (0.9, 0.9, 1e-8), (0.0, 0.9, 1e-2))
    ),
    *(
        _case("adagrad", 0.1, weight_decay=decay, lr_decay=lr_decay, initial_accumulator_value=first, eps=eps)
        for decay in (0.0, 0.1)
        for lr_decay, first, eps in ((0.0, 0.0, 1e-10), (0.1, 0.1, 1e-3))
    ),
    *(
        _case(key, 0.02, weight_decay=decay, betas=betas, eps=eps)
        for key in ("adam", "adamw")
        for decay in (0.0, 0.1)
        for betas, eps in (((0.9, 0.999), 1e-8), ((0.8, 0.99), 1e-3))
    ),
]


def peer(rule: Rule, parameters: list[torch.Tensor], lr: float | None) -> torch.optim.Optimizer:
    """Return torch's optimizer with a rule's settings; without a rate, with all of torch's own defaults."""
    names = {"sgd": "SGD", "momentum": "SGD", "nesterov": "SGD", "rmsprop": "RMSprop", "adagrad": "Adagrad", "adam": "Adam", "adamw": "AdamW"}
    optimizer = getattr(torch.optim, names[rule.key])
    if lr is None:
        return optimizer(parameters)  # type: ignore[no-any-return]
    settings = {name: getattr(rule, name) for name in (field.name for field in dataclasses.fields(rule))}
    if rule.key == "nesterov":
        settings["nesterov"] = True
    return optimizer(parameters, lr=lr, **settings)  # type: ignore[no-any-return]


def torch_path(case: Case, problem: Quadratic, start: np.ndarray, steps: int) -> np.ndarray:
    """Return (steps + 1, d) of torch.optim with torch's own gradients of the written-out quadratic."""
    w = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    hessian, centre = torch.tensor(problem.hessian), torch.tensor(problem.centre)
    optimizer = peer(case.rule, [w], case.lr)
    path = [w.detach().numpy().copy()]
    for _ in range(steps):
        optimizer.zero_grad()
        (0.5 * (w - centre) @ hessian @ (w - centre)).backward()
        optimizer.step()
        path.append(w.detach().numpy().copy())
    return np.array(path)


def our_path(case: Case, problem: Quadratic, start: np.ndarray, steps: int) -> np.ndarray:
    """Return (steps + 1, d) of our rule."""
    x, state = start, case.rule.init(start)
    path = [x]
    for _ in range(steps):
        x, state = case.rule.step(x, problem.gradient(x), state, case.lr)
        path.append(x)
    return np.array(path)


def deviation(case: Case, problem: Quadratic, start: np.ndarray, steps: int) -> float:
    """Return the largest distance between the two paths at any step, beside the size of the path where that is above 1."""
    theirs = torch_path(case, problem, start, steps)
    return float(np.abs(our_path(case, problem, start, steps) - theirs).max() / max(1.0, np.abs(theirs).max()))


CERTIFICATE = Path(__file__).resolve().parent.parent.parent / "core" / "data" / "torch_deviation.json"


@cache
def farthest(name: str) -> float:
    """Return a case's largest deviation from torch.optim over a dozen random quadratics."""
    case = next(case for case in CASES if case.name == name)
    rng = np.random.default_rng(7)
    return max(deviation(case, random_problem(rng, d=3, worst=2.0), rng.normal(size=3), STEPS) for _ in range(12))


def measured() -> dict[str, float]:
    """Return each rule's largest deviation from torch.optim over all its cases."""
    return {key: max(farthest(case.name) for case in CASES if case.rule.key == key) for key in {case.rule.key: 0 for case in CASES}}


if __name__ == "__main__":
    CERTIFICATE.write_text(json.dumps({"torch": torch.__version__.partition("+")[0], "steps": STEPS, "deviation": measured()}, indent=2) + "\n")
    print(CERTIFICATE.read_text())
