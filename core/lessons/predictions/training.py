"""Questions of the lab "Training": what follows from its settings before anything is trained. Its films live in the browser."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from core.datasets import DATASETS
from core.lessons.question import Asked, amount, question, size
from core.penalties import L1
from core.specs import TrainingLabSpec
from core.wording import number as told

_P, _LAM, _BATCH = 0.4, 0.01, 16  # asked about where the settings have none


@lru_cache(maxsize=64)
def _rows(data: str, points: int, split: float, draw: int) -> int:
    """Return how many points are trained on."""
    return len(DATASETS[data].draw(points, 0.0, split, draw).train_targets)


def _network(spec: TrainingLabSpec) -> str:
    dataset, layers = DATASETS[spec.data], int(spec.layers)
    hidden = f"{layers} hidden layer{'s' if layers > 1 else ''} of {int(spec.units)} units" if layers else "no hidden layer"
    inputs, outputs = (f"{count} {name}{'s' if count > 1 else ''}" for count, name in ((dataset.inputs, "input"), (dataset.outputs, "output")))
    return f"{inputs}, {hidden}, {outputs}{', batch normalisation' if spec.batch_norm and layers else ''}"


@question("how many parameters")
def parameters(spec: TrainingLabSpec) -> Asked | None:
    """Ask for weights and biases of one network, beside the points that it learns from."""
    dataset, training = DATASETS[spec.data], spec.training()
    truth = training.parameters(dataset.inputs, dataset.outputs)
    rows = _rows(spec.data, int(spec.points), spec.split, int(spec.draw))
    layers = " + ".join(f"({into} + 1)·{out}" for into, out in training.layers(dataset.inputs, dataset.outputs))
    norm = f", and {2 * sum(training.hidden)} scales and shifts" if spec.batch_norm and training.hidden else ""
    reason = f"{layers}, the 1 being a bias{norm}: {truth:,}. It learns from {rows:,} points, {told(truth / rows)} parameters for each of them."
    prompt = f"The network has {_network(spec)}. How many numbers does training adjust? (weights and biases)"
    return size(prompt, float(truth), reason, low=1.0, high=1e5, tolerance=0.12)


@question("how many gradient steps")
def steps(spec: TrainingLabSpec) -> Asked | None:
    """Ask for steps of the rule until the last epoch, with batches."""
    rows = _rows(spec.data, int(spec.points), spec.split, int(spec.draw))
    batch = min(rows, _BATCH if spec.batch == "all" else int(spec.batch))
    each = math.ceil(rows / batch)
    # A last batch of one point, which has no variance, joins the one before it.
    each -= 1 if each > 1 and rows % batch == 1 else 0
    truth = each * int(spec.epochs)
    reason = (
        f"{rows:,} points in batches of {batch} are {each} steps an epoch, times {int(spec.epochs)} epochs: {truth:,}. With all points in one "
        "batch it is "
        f"{int(spec.epochs)}; so equal epochs are not equal numbers of steps."
    )
    prompt = f"{rows:,} points to train on, batches of {batch}, {int(spec.epochs)} epochs. How many steps does the rule take? (steps)"
    return size(prompt, float(truth), reason, low=10.0, high=1e6, tolerance=0.12)


@question("how far L1's prox reaches")
def reach(spec: TrainingLabSpec) -> Asked | None:
    """Ask for the size below which one proximal step of L1 sets a weight to zero."""
    lam = spec.lam or _LAM
    tried = np.geomspace(1e-9, 100.0, 200_001)
    gone = L1().prox(tried[:, None], spec.lr * lam)[:, 0] == 0.0
    truth = spec.lr * lam
    edge = float(tried[gone][-1]) if gone.any() else truth
    reason = (
        f"Up to ηλ = {told(edge)}: one step takes so much off every weight, and what is smaller becomes exactly 0. Over {int(spec.epochs)} "
        "steps that is up to "
        f"{told(truth * int(spec.epochs))} off a weight that the data do not defend."
    )
    prompt = (
        f"Plain descent, η = {told(spec.lr)}, L1 with λ = {told(lam)} by its prox. After the gradient step, up to which size does the prox make "
        "a weight exactly zero? (size of a weight)"
    )
    return size(prompt, truth, reason, low=1e-10, high=100.0, tolerance=0.3)


@question("how many thinned networks")
def thinned(spec: TrainingLabSpec) -> Asked | None:
    """Ask for the exponent of the number of networks that dropout can draw, and how many units live."""
    hidden = spec.training().hidden
    if not hidden:
        return None
    p, truth = spec.dropout or _P, sum(hidden)
    reason = (
        f"Each of the {truth} hidden units lives or not: 2 to the {truth} masks, about 10 to the {told(truth * math.log10(2.0))}. With p = "
        f"{told(p)} about {told(truth * (1.0 - p))} "
        f"units live in a batch, times 1/(1 − p) = {told(1.0 / (1.0 - p))}; {int(spec.epochs)} epochs meet next to none of all networks."
    )
    prompt = (
        f"The network has {_network(spec)}, and dropout with p = {told(p)} draws which hidden units live. How many different networks can it "
        "draw? Give the exponent of 2. (2 to the ...)"
    )
    return amount(prompt, float(truth), reason, low=0.0, high=256.0, step=2.0, tolerance=12.0)


@question("which weight_decay")
def weight_decay(spec: TrainingLabSpec) -> Asked | None:
    """Ask for PyTorch's weight_decay for the elastic net's or L2's square."""
    lam = spec.lam or _LAM
    regression = DATASETS[spec.data].task == "regression"
    truth = (4.0 if regression else 2.0) * lam
    reason = f"The gradient of λ|w|² is 2λw, so weight_decay = 2λ = {told(2.0 * lam)} beside this lab's loss. " + (
        f"torch's MSELoss has no half, so it is twice this lab's loss, and λ doubles with it: {told(truth)}."
        if regression
        else f"BCELoss and CrossEntropyLoss are this lab's own: {told(truth)}."
    )
    loss = "MSELoss" if regression else "cross-entropy"
    prompt = f"L2 with λ = {told(lam)}, plain SGD, and PyTorch's own {loss} on these data. Which weight_decay gives the same minimum? (weight_decay)"
    return amount(prompt, truth, reason, low=0.0, high=8.0 * lam, step=lam / 10.0, tolerance=0.15 * lam)


QUESTIONS = (parameters, steps, reach, thinned, weight_decay)
