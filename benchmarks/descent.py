"""Families of descents beside torch.optim loops, and the maps of rate x decay: `python -m benchmarks.descent`.

Our side runs every lambda of a rule at once; torch runs one lambda after the other, with its own autograd over the written-out objective and one
thread. Both take the same steps, and the largest distance between their ends is printed beside the times.
"""

from __future__ import annotations

import dataclasses
import sys
import time
from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray

from core.datasets import iris
from core.descent import descend
from core.optimizers import RULES, Rule
from core.penalties import L2
from core.surfaces import SURFACES
from core.tuning import rate_decay_map

Floats = NDArray[np.float64]
RATES = {"sgd": 1e-3, "momentum": 2e-4, "nesterov": 2e-4, "rmsprop": 0.01, "adagrad": 0.3, "adam": 0.05, "adamw": 0.05}
LAM, STEPS, REPEATS = np.linspace(0.0, 1.0, 31), 200, 15
# What the lab promises, in milliseconds; and how many times faster than the loops.
MOST = {"rosenbrock": 150.0, "logistic_regression": 400.0}
LEAST_RATIO, MOST_MAP = 50.0, 1500.0
_CLASSES = {"sgd": "SGD", "momentum": "SGD", "nesterov": "SGD", "rmsprop": "RMSprop", "adagrad": "Adagrad", "adam": "Adam", "adamw": "AdamW"}


def median_ms(call: Callable[[], object], repeats: int) -> float:
    """Return the median wall time of a call in milliseconds."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return 1e3 * float(np.median(times))


def ours(key: str, surface: str) -> Floats:
    """Return the ends of one rule's whole family, (31, 2)."""
    given = SURFACES[surface]
    return descend(given, RULES[key](weight_decay=0.0), given.start, RATES[key], STEPS, L2(), LAM).x[:, -1]


def _torch_loss(surface: str) -> Callable[[torch.Tensor], torch.Tensor]:
    if surface == "rosenbrock":
        return lambda w: (1 - w[0]) ** 2 + 100 * (w[1] - w[0] ** 2) ** 2
    rows, labels = (torch.tensor(np.array(part)) for part in iris())
    return lambda w: torch.nn.functional.binary_cross_entropy_with_logits(rows @ w, labels)


def theirs(key: str, surface: str) -> Floats:
    """Return the same ends by torch.optim, one lambda after the other."""
    loss, rule = _torch_loss(surface), RULES[key](weight_decay=0.0)
    found = []
    for lam in LAM:
        w = torch.tensor(np.array(SURFACES[surface].start), requires_grad=True)
        optimizer = _peer(rule, w, RATES[key])
        for _ in range(STEPS):
            optimizer.zero_grad()
            (loss(w) + lam * (w * w).sum()).backward()
            optimizer.step()
        found.append(w.detach().numpy().copy())
    return np.array(found)


def _peer(rule: Rule, w: torch.Tensor, lr: float) -> torch.optim.Optimizer:
    settings = {field.name: getattr(rule, field.name) for field in dataclasses.fields(rule)}
    if rule.key == "nesterov":
        settings["nesterov"] = True
    made: torch.optim.Optimizer = getattr(torch.optim, _CLASSES[rule.key])([w], lr=lr, **settings)
    return made


def main() -> int:
    """Print the tables; return 1 where a promise is broken."""
    torch.set_num_threads(1)
    kept = True
    print(f"{len(RATES)} rules x {len(LAM)} lambdas x {STEPS} steps; median of {REPEATS} (ours) and 1 (torch.optim loops)")
    print(f"{'surface':<22}{'rule':<11}{'ours [ms]':>10}{'torch [ms]':>12}{'ratio':>8}{'apart':>10}")
    for surface, most in MOST.items():
        ours("sgd", surface)  # the formula is compiled on first use
        sums = [0.0, 0.0]
        for key in RATES:
            mine = median_ms(lambda key=key, surface=surface: ours(key, surface), REPEATS)  # type: ignore[misc]
            start = time.perf_counter()
            other = theirs(key, surface)
            loops = 1e3 * (time.perf_counter() - start)
            apart = float(np.abs(ours(key, surface) - other).max())
            sums[0], sums[1] = sums[0] + mine, sums[1] + loops
            kept &= apart < 1e-6
            print(f"{surface:<22}{key:<11}{mine:>10.1f}{loops:>12.0f}{loops / mine:>8.0f}{apart:>10.1e}")
        print(f"{surface:<22}{'all':<11}{sums[0]:>10.1f}{sums[1]:>12.0f}{sums[1] / sums[0]:>8.0f}")
        kept &= sums[0] <= most and sums[1] / sums[0] >= LEAST_RATIO
    print(f"\n61 x 61 rates x decays, {STEPS} steps, sgd + adam + adamw")
    for surface in ("rotated_ravine", "rosenbrock", "linear_regression", "logistic_regression"):
        given = SURFACES[surface]
        axes = np.geomspace(1e-4, 1.0, 61), np.geomspace(1e-4, 1.0, 61)
        took = median_ms(
            lambda given=given, axes=axes: [rate_decay_map(given, RULES[key], given.start, *axes, STEPS) for key in ("sgd", "adam", "adamw")], 3
        )  # type: ignore[misc]
        print(f"{surface:<22}{took:>10.0f} ms")
        kept &= took <= MOST_MAP
    print("kept" if kept else f"BROKEN: at most {MOST} ms, at least {LEAST_RATIO:g} times the loops, ends within 1e-6, maps at most {MOST_MAP:g} ms")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
