"""What surrounds the charts of "Adam and AdamW": the axes of its scrubs, the numbers beside them, the table of end points."""

from __future__ import annotations

import numpy as np

from core._validate import Floats
from core.adam_and_adamw import AdamAndAdamW
from core.adam_and_adamw_words import LABELS, close, first_step_sentences, point
from core.figures.effective_decay import HIGHEST
from core.figures.scene import FamilyAxis, Readout, Table
from core.race_words import certificate_sentence
from core.wording import number

SECONDS = 8.0  # for a whole run at speed 1


def step_axis(result: AdamAndAdamW) -> FamilyAxis:
    """Return the axis of the player: the steps that are kept, one by one at first."""
    return FamilyAxis("step", result.kept.astype(np.float64), "Play the run", "step", pace=len(result.kept) / SECONDS)


def lambda_axis_of(result: AdamAndAdamW) -> FamilyAxis:
    """Return the axis of lambda, with where the box reaches the free minimum."""
    last = len(result.lam) - 1
    marks = {0: "no decay", last: "strongest"}
    reach = float(np.abs(result.free).max())
    if result.bowl.has_data and reach > 0.0:
        marks.setdefault(int(np.abs(result.decay - 1.0 / reach).argmin()), "the box meets ŵ")
    return FamilyAxis("lam", result.lam, "Drag λ; weight_decay is 2λ", "λ =", marks=tuple(sorted(marks.items())))


def decay_readouts(result: AdamAndAdamW) -> tuple[Readout, ...]:
    """Return the numbers that follow both scrubs."""
    both = ("lam", "step")
    shown = [Readout("weight_decay", result.decay, axes=("lam",), help="What PyTorch's optimizers are given: 2λ.")]
    for key, label in LABELS.items():
        shown.append(Readout(f"{label}: to ridge", _far(result, key, result.ridge), 3, key, "Distance to the ridge point.", both))
    end = "Distance to the lowest point of its box, or under noise to where the noise has rounded it."
    shown.append(Readout("AdamW: to its end", _far(result, "adamw", result.bound), 3, "adamw", end, both))
    share = np.minimum(result.effective_decay("adam"), HIGHEST)
    words = "The share of this weight that the decay takes in a step, over the rate: weight_decay / (√v + ε)."
    for i, ink in enumerate(("w1", "w2")):
        shown.append(Readout(f"Adam takes of w{'₁₂'[i]}", share[:, :, i], 3, ink, words, both))
    shown.append(Readout("AdamW takes", result.decay, 3, "adamw", "Of every weight alike.", ("lam",)))
    return tuple(shown)


def decay_notes(result: AdamAndAdamW) -> tuple[Readout, ...]:
    """Return the words beside the numbers: the first step without data, and the certificate."""
    return (
        Readout("The first step, without data", first_step_sentences(result), axes=("lam",)),
        Readout("Certificate", [" ".join(certificate_sentence(key) for key in LABELS)], axes=()),
    )


def _far(result: AdamAndAdamW, key: str, target: Floats) -> Floats:
    far: Floats = np.linalg.norm(result.runs[key].x - target[:, None, :], axis=-1)
    return far


def end_table(result: AdamAndAdamW) -> Table:
    """Return the end points, a row a lambda."""
    noisy = result.spec.noise > 0.0
    bound = "rounded box" if noisy else "box"
    columns = [("λ", "loss"), ("weight_decay", "loss"), ("ridge point", "l2"), (bound, "adamw")]
    columns.append(("AdamW ends", "adamw"))
    columns += [(f"{label} to ridge", key) for key, label in LABELS.items()]
    columns.append((f"AdamW to {bound}", "adamw"))
    cells = []
    for i, decay in enumerate(result.decay.tolist()):
        row = [number(decay / 2), number(decay), point(result.ridge[i]), point(result.bound[i])]
        row.append(_held(result, "adamw", i) or point(result.runs["adamw"].end[i]))
        row += [_held(result, key, i) or _short(float(result.distance(key, result.ridge)[i])) for key in LABELS]
        row.append(_held(result, "adamw", i) or _short(float(result.away("adamw")[i])))
        cells.append(row)
    when = "the mean of the last quarter of" if noisy else "after"
    return Table(f"End points, {when} {int(result.spec.steps)} steps", tuple(columns), cells, "lam")


def _short(distance: float) -> str:
    return close(distance).replace("less than", "<")


def _held(result: AdamAndAdamW, key: str, i: int) -> str:
    return "diverged" if result.runs[key].diverged[i] else ""
