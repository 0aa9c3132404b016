"""The exact Hessian of a network's data loss.

Without batch normalisation a row of the data meets the network alone, and its Hessian follows from what an injected change of each unit's sum does.
Let z_l = W_l' h_(l-1) + b_l be the sums of layer l, h_l = f(z_l), and let e_l be added to z_l. Then, for one row,

    J_(l, m)    = dz_m / de_l                           chained through the layers, J_(l, l) = 1
    delta_m     = dL / dz_m                             backpropagation
    curve_m     = f''(z_m) * (W_(m+1) delta_(m+1))      of a hidden layer, unit by unit
    C_(l, m)    = sum_r J_(l, r) diag(curve_r) J_(m, r)'  +  J_(l, out) L'' J_(m, out)'

is the second derivative by e_l and e_m, and with the bias as one more input, always 1,

    d2L / dW_l[i, j] dW_m[p, q] = h_(l-1)[i] h_(m-1)[p] C_(l, m)[j, q]  +  h_(l-1)[i] (dh_(m-1)[p] / de_l[j]) delta_m[q]      for l < m

(the second part is not there for l = m). Summed over the rows both parts are products of matrices: 350 weights on 500 rows take two hundredths of a
second. Batch normalisation ties the rows together; there the Hessian is its products with the axes (`Products`).

Bishop (1992), Exact calculation of the Hessian matrix for the multilayer perceptron, Neural Computation 4.
"""

from __future__ import annotations

import torch
from torch import Tensor

from core._validate import Floats
from core.curvature.networks.data_loss import DataLoss
from core.curvature.networks.products import BENDS, OUTPUT_BENDS, Products

# Numbers of the largest tensor that is held at once: 32 MB.
HELD = 4_000_000


def exact(loss: DataLoss) -> Floats:
    """Return the Hessian (P, P) at the member's weights, symmetric to the last bit."""
    found = Products(loss).times(torch.eye(loss.layout.total, dtype=torch.float64)) if loss.normalised else _by_products(loss)
    hessian: Floats = (0.5 * (found + found.T)).numpy()
    return hessian


def _by_products(loss: DataLoss) -> Tensor:
    layout = loss.layout
    units, rows = sum(layout.sizes[1:]), loss.inputs.shape[1]
    total = torch.zeros((layout.total, layout.total), dtype=torch.float64)
    widest = max(units * units, max(into + 1 for into in layout.sizes[:-1]) ** 2, max(layout.sizes[1:]) ** 2)
    for part in torch.split(torch.arange(rows), max(1, HELD // widest)):
        _add_rows(loss, part, total)
    return total


def _add_rows(loss: DataLoss, rows: Tensor, total: Tensor) -> None:
    """Add the part of some rows to the Hessian."""
    layout, flat = loss.layout, loss.weights[None]
    tape = loss.passes.forward(flat, loss.inputs[:, rows])
    layers = [weight[0] for weight, _ in layout.layers(flat)]
    last, share = len(layers) - 1, len(rows) / loss.inputs.shape[1]
    n = len(rows)
    # Layers are numbered from 0; before layer m the units are inputs[m], the bias's 1 beside them.
    ones = torch.ones((n, 1), dtype=torch.float64)
    before = [torch.cat([each[0].expand(n, -1), ones], 1) for each in tape.inputs]
    slopes = [loss.passes.activation.slope(z, h)[0] for z, h in zip(tape.sums, tape.active, strict=True)]
    # The mean over these rows times their share is their part of the mean over all.
    delta = [share * loss.loss.error(tape.outputs, loss.targets[rows])[0]]
    curves: list[Tensor] = []
    for m in range(last, 0, -1):
        reached = delta[0] @ layers[m].T
        curves.insert(0, BENDS[loss.activation](tape.sums[m - 1][0], tape.active[m - 1][0]) * reached)
        delta.insert(0, reached * slopes[m - 1])
    bend = share * OUTPUT_BENDS[loss.task](tape.outputs[0]) / n
    reach = _reaches(layers, slopes, n)
    for low in range(last + 1):
        for high in range(low, last + 1):
            second = torch.einsum("nju,nuv,nqv->njq", reach[low][last], bend, reach[high][last])
            for r in range(high, last):
                second = second + torch.bmm(reach[low][r] * curves[r][:, None], reach[high][r].transpose(1, 2))
            block = _outer(before[low], before[high]).T @ second.reshape(n, -1)
            i, p = before[low].shape[1], before[high].shape[1]
            j, q = second.shape[1], second.shape[2]
            block = block.view(i, p, j, q).permute(0, 2, 1, 3)
            if low < high:
                through = reach[low][high - 1] * slopes[high - 1][:, None]  # (n, j, p - 1): how the units before the higher layer move
                more = (_outer(before[low], delta[high]).T @ through.reshape(n, -1)).view(i, q, j, p - 1).permute(0, 2, 3, 1)
                block = torch.cat([block[:, :, :-1] + more, block[:, :, -1:]], 2)
            block = block.reshape(i * j, p * q)
            here, there = (slice(layout.places[m][0].start, layout.places[m][1].stop) for m in (low, high))
            total[here, there] += block
            if low < high:
                total[there, here] += block.T


def _reaches(layers: list[Tensor], slopes: list[Tensor], rows: int) -> list[dict[int, Tensor]]:
    """Return, for each layer l, m -> dz_m / de_l (rows, units of l, units of m) for every m from l on."""
    found = []
    for low, weight in enumerate(layers):
        units = weight.shape[1]
        reach = {low: torch.eye(units, dtype=torch.float64).expand(rows, units, units)}
        for high in range(low + 1, len(layers)):
            reach[high] = (reach[high - 1] * slopes[high - 1][:, None]) @ layers[high]
        found.append(reach)
    return found


def _outer(left: Tensor, right: Tensor) -> Tensor:
    return (left[:, :, None] * right[:, None, :]).reshape(len(left), -1)
