"""What is drawn of a family as it stands: the decision field, the weights, who was dropped, the histogram; and the race over its loss surface.

All small integers where the eye sees no more: 16 networks of 337 weights and their fields are 30 KB.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core._validate import Floats
from core.networks.layout import DRAWN_UNITS, Layout
from core.networks.race import race_frame

if TYPE_CHECKING:
    from core.networks.family import Family
    from core.training import TrainingState

GRID = 32
"""Points a side of the decision field."""
BINS = 41
LEVELS = 255
TOPS = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)


def frame_of(family: Family, state: TrainingState, val_loss: Floats) -> dict[str, Any]:
    """Return name -> array of what is drawn of a state whose validation losses (k,) are known.

    field
        u1 (k, 32, 32), rows from the low y up: 255 times the probability of class 1; or the winning class times `class_step` plus how far its
        probability is ahead of the second's; or the predicted value between the targets' extremes.
    weights, scale
        i1 (k, p) and (k,): sign times 1 to 127 of |w| / scale, 0 for what is exactly 0. Of the first 16 units of each layer, layer by layer as in
        `core.networks.layout`, without batch normalisation's; the scale is of all.
    dead, dropped
        u1 (k, u), of the units drawn: those with no weight but zeros into them, or out of them; u1 (1 or k, h): the hidden units dropped at the last
        point of the last batch.
    histogram, edges, at_zero
        (k, 41) weights a bin, those that are exactly 0 left out and counted in ``at_zero`` (k,); (42,) the bins, the same for all members.
    loss_range, profile_range, weight_range
        (4,) the windows of the loss curves, of losses against the family axis, and of the histogram, in steps that change rarely.
    best
        (2,) the member with the lowest validation loss, and that loss; shown on the family axis.
    """
    frame: dict[str, Any] = {"field": _field(family, state)} if family.points.plane is not None else {}
    rows = state.weights.to("cpu", torch.float64).numpy()
    plain = rows[:, : family.layout.plain]
    shown = family.layout.shown(DRAWN_UNITS)
    frame["weights"], frame["scale"] = _codes(plain, shown)
    frame["dead"] = _dead(family.layout, plain)[:, family.layout.shown_units(DRAWN_UNITS)].astype(np.uint8)
    alive = family.last_masks(state.epoch)
    hidden = family.layout.shown_units(DRAWN_UNITS, hidden=True)
    dropped = np.zeros((1, sum(family.layout.hidden)), dtype=bool) if alive is None else (~alive).cpu().numpy()
    frame["dropped"] = dropped[:, hidden].astype(np.uint8)
    frame |= _histogram(rows[:, family.layout.is_weight])
    top = _round_up(1.04 * state.top, TOPS)
    frame["loss_range"] = np.array([0.0, 1.18 * state.spec.epochs, 0.0, top], dtype=np.float32)
    frame["profile_range"] = np.array([-0.5, 1.2 * len(rows), 0.0, top], dtype=np.float32)
    if np.isfinite(val_loss).any():
        frame["best"] = np.array([np.nanargmin(val_loss), np.nanmin(val_loss)], dtype=np.float32)
    if state.spec.race:
        frame |= race_frame(family, state)
    return frame


def class_step(classes: int) -> int:
    """Return how many codes of a field a class has: its first is a tie, its last certainty."""
    return 256 // classes


def _field(family: Family, state: TrainingState) -> NDArray[np.uint8]:
    plane, points = family.points.plane, family.points
    assert plane is not None
    grid = torch.tensor(plane.grid(GRID), dtype=family.dtype, device=family.device)[None]
    outputs = family.outputs(state.weights, grid, state.running if family.passes.normalised is not None else None)
    if points.task == "binary":
        codes = torch.sigmoid(outputs[..., 0]) * LEVELS
    elif points.task == "multiclass":
        shares, winners = torch.softmax(outputs, -1).topk(2, -1)
        step = class_step(points.outputs)
        codes = winners[..., 0] * step + ((shares[..., 0] - shares[..., 1]) * (step - 1)).round()
    else:
        low, high = points.train_targets.min(), points.train_targets.max()
        codes = (outputs[..., 0] - low) / (high - low) * LEVELS
    return _bytes(codes.round()).reshape(len(state.weights), GRID, GRID)


def _bytes(codes: Tensor) -> NDArray[np.uint8]:
    return torch.nan_to_num(codes, nan=0.0).clamp(0, LEVELS).to("cpu", torch.uint8).numpy()


def _codes(plain: Floats, shown: NDArray[np.int64]) -> tuple[NDArray[np.int8], Floats]:
    scale = np.abs(plain).max(axis=1, initial=0.0)
    drawn = plain[:, shown]
    part = np.abs(drawn) / np.where(scale > 0.0, scale, 1.0)[:, None]
    # What is not exactly 0 is never 0 here, however small.
    sizes = np.where(drawn == 0.0, 0.0, np.maximum(1.0, np.round(127.0 * part)))
    return (np.sign(drawn) * sizes).astype(np.int8), scale.astype(np.float32)


def _dead(layout: Layout, plain: Floats) -> NDArray[np.bool_]:
    """Return (k, units) which units have no weight but zeros into them, or out of them."""
    alive = [np.ones((len(plain), units), dtype=bool) for units in layout.sizes]
    for i, ((place, _), into, out) in enumerate(zip(layout.places, layout.sizes, layout.sizes[1:], strict=False)):
        there = (plain[:, place] != 0.0).reshape(len(plain), into, out)
        alive[i] &= there.any(axis=2)
        alive[i + 1] &= there.any(axis=1)
    found: NDArray[np.bool_] = ~np.concatenate(alive, axis=1)
    return found


def _histogram(weights: Floats) -> dict[str, Any]:
    """Return counts a member over bins around 0 that all members share, as wide as the largest weight asks for."""
    half = _round_up(float(np.abs(weights).max()) or 1.0)
    edges = np.linspace(-half, half, BINS + 1)
    exact = weights == 0.0
    place = np.clip(((weights + half) * (BINS / (2.0 * half))).astype(np.int64), 0, BINS - 1)
    counts = np.zeros((len(weights), BINS), dtype=np.float32)
    for row, (bins, zero) in enumerate(zip(place, exact, strict=True)):
        counts[row] = np.bincount(bins[~zero], minlength=BINS)
    at_zero = exact.sum(axis=1).astype(np.float32)
    top = _round_up(1.05 * float(max(counts.max(), at_zero.max())), TOPS)
    window = np.array([-half, half, 0.0, top], dtype=np.float32)
    return {"histogram": counts, "edges": edges.astype(np.float32), "at_zero": at_zero, "weight_range": window}


def _round_up(value: float, digits: tuple[float, ...] = (1.0, 2.0, 5.0, 10.0)) -> float:
    """Return the next number that is one of ``digits`` times a power of ten."""
    power = 10.0 ** np.floor(np.log10(max(value, 1e-12)))
    return float(next(power * digit for digit in digits if power * digit >= value * (1 - 1e-12)))
