"""Families of networks beside plain loops: `python -m benchmarks.networks`.

One family of 64 networks (2-16-16-1, tanh, 500 points in batches of 50, Adam, L2) beside torch.nn with torch.optim and beside scikit-learn's
MLPClassifier, which train one network after the other. All on one thread of the processor, in turns, in one process; the same number of epochs each.
The family's time includes the losses and scores of both parts after every epoch; the plain loop is measured without and with them.
"""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable

import numpy as np
import torch
from sklearn.neural_network import MLPClassifier
from torch import nn

from core.networks.family import family_of
from core.specs.training import TrainingSpec
from core.training import advance, start

MEMBERS, EPOCHS, REPEATS = 64, 40, 7
# 500 points are trained on, as many are held back.
SPEC = TrainingSpec(
    data="moons", points=1000, noise=0.2, hidden=(16, 16), batch=50, lr=0.01, lam=tuple(np.geomspace(1e-6, 1e-2, MEMBERS).tolist()), epochs=EPOCHS
)
# What the lab promises: networks per second over those of a plain torch loop.
LEAST_RATIO = 15.0


def family() -> float:
    """Return seconds a network for a family trained together."""
    state = start(SPEC)
    begin = time.perf_counter()
    advance(state, EPOCHS)
    return (time.perf_counter() - begin) / MEMBERS


def plain(curves: bool) -> float:
    """Return seconds for one network as torch's own tutorials train it, with or without its losses after every epoch."""
    points = family_of(SPEC, None).points
    inputs, targets, val = points.train[0], points.train_targets[:, None], points.val[0]
    network = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 16), nn.Tanh(), nn.Linear(16, 1))
    optimizer, loss_of = torch.optim.Adam(network.parameters(), lr=0.01, weight_decay=1e-4), nn.BCEWithLogitsLoss()
    begin = time.perf_counter()
    for _ in range(EPOCHS):
        order = torch.randperm(len(inputs))
        for i in range(0, len(inputs), 50):
            rows = order[i : i + 50]
            optimizer.zero_grad()
            loss_of(network(inputs[rows]), targets[rows]).backward()
            optimizer.step()
        if curves:
            with torch.no_grad():
                loss_of(network(inputs), targets)
                loss_of(network(val), points.val_targets[:, None])
    return time.perf_counter() - begin


def scikit_learn() -> float:
    """Return seconds for one network as scikit-learn trains it."""
    points = family_of(SPEC, None).points
    peer = MLPClassifier(
        (16, 16),
        activation="tanh",
        solver="adam",
        alpha=1e-4,
        batch_size=50,
        learning_rate_init=0.01,
        max_iter=EPOCHS,
        n_iter_no_change=EPOCHS,
        tol=0,
    )
    inputs, targets = points.train[0].numpy(), points.train_targets.numpy()
    begin = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it has not converged, which is not asked for
        peer.fit(inputs, targets)
    return time.perf_counter() - begin


def main() -> int:
    """Print the table; return 1 where the promise is broken."""
    torch.set_num_threads(1)
    rows: dict[str, Callable[[], float]] = {
        "family of 64": family,
        "torch loop": lambda: plain(False),
        "torch loop with curves": lambda: plain(True),
        "scikit-learn MLPClassifier": scikit_learn,
    }
    for call in rows.values():
        call()
    times: dict[str, list[float]] = {name: [] for name in rows}
    for _ in range(REPEATS):
        for name, call in rows.items():  # in turns, so that what else the machine does meets all of them
            times[name].append(call())
    ours = float(np.median(times["family of 64"]))
    print(f"2-16-16-1, tanh, 500 points, batches of 50, Adam, L2; {EPOCHS} epochs, one thread, median of {REPEATS} turns")
    print(f"{'':<30}{'networks a second':>18}{'ms an epoch':>13}{'family is faster':>18}")
    for name, seconds in times.items():
        median = float(np.median(seconds))
        print(f"{name:<30}{1 / median:>18.1f}{1e3 * median / EPOCHS:>13.3f}{median / ours:>17.1f}x")
    ratio = float(np.median(times["torch loop"])) / ours
    print("kept" if ratio >= LEAST_RATIO else f"BROKEN: at least {LEAST_RATIO:g} times the networks of a plain loop")
    return 0 if ratio >= LEAST_RATIO else 1


if __name__ == "__main__":
    sys.exit(main())
