"""The ends of a Hessian's spectrum, its trace, and how many of its eigenvalues are negative beyond rounding."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import torch
from scipy.sparse.linalg import ArpackNoConvergence, LinearOperator, eigsh

from core._validate import Floats
from core.curvature.networks.data_loss import DataLoss
from core.curvature.networks.hessian import exact
from core.curvature.networks.products import Products
from core.errors import InvalidInput

End = Literal["LA", "SA"]

WHOLE = 700
"""Weights up to which the whole spectrum takes less time than its ends by products."""
# Lanczos stops where its own estimate of |H v - mu v| is this share of |mu|: a tenth of what is promised.
_TOLERANCE = 1e-7


def extremes(loss: DataLoss, count: int, which: End = "LA") -> tuple[Floats, Floats, Floats]:
    """Return the largest ("LA") or smallest ("SA", most negative) eigenvalues, ascending (count,), their vectors (count, P) and residuals (count,).

    Residuals are |H v - mu v| for |v| = 1, over the largest |mu| that has been seen: how large the error of mu can be, as a share of the spectrum's
    size. Up to `WHOLE` weights from the exact Hessian, beyond that by Lanczos from a fixed start.

    Raises
    ------
    InvalidInput
        Where count is not from 1 to P - 1 (P where the whole spectrum is computed), or ``which`` is neither.
    """
    weights = len(loss.weights)
    most = weights if weights <= WHOLE else weights - 1
    if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= most:
        raise InvalidInput(f"count = {count!r}", f"1 to {most}", "Ask for fewer eigenvalues.")
    if which not in ("LA", "SA"):
        raise InvalidInput(f"which = {which!r}", "'LA' (largest) or 'SA' (smallest)", "Name one end of the spectrum.")
    products = Products(loss)
    if weights <= WHOLE:
        values, vectors = np.linalg.eigh(exact(loss))
        part = slice(-count, None) if which == "LA" else slice(0, count)
        size = float(np.abs(values).max())
        values, vectors = values[part], vectors[:, part].T
    else:
        values, vectors, size = _lanczos(products, count, which)
    moved = products.times(torch.from_numpy(np.ascontiguousarray(vectors))).numpy()
    size = max(size, float(np.abs(values).max()))
    residuals = np.linalg.norm(moved - values[:, None] * vectors, axis=1) / (size if size > 0.0 else 1.0)
    return values, vectors, residuals


def _lanczos(products: Products, count: int, which: End) -> tuple[Floats, Floats, float]:
    weights = products.layout.total
    start = np.random.Generator(np.random.PCG64(np.random.SeedSequence((weights, 5)))).standard_normal(weights)
    start /= np.linalg.norm(start)

    def product(vector: Floats) -> Floats:
        found: Floats = products.times(torch.from_numpy(np.ascontiguousarray(vector.reshape(1, -1)))).numpy()[0]
        return found

    first = product(start)
    size = float(np.linalg.norm(first))
    if size < 1e-300:  # a flat loss: Lanczos has no direction to go
        return np.zeros(count), np.eye(weights)[:count], 0.0
    operator = LinearOperator((weights, weights), matvec=product, dtype=np.float64)
    # Large eigenvalues stand apart, and a short basis needs the fewest products; the smallest ones crowd around 0.
    basis = min(weights, 2 * count + 6 if which == "LA" else max(2 * count + 1, 40))
    try:
        pairs: Any = eigsh(operator, k=count, which=which, v0=start, ncv=basis, tol=_TOLERANCE, maxiter=60 * max(1, weights // basis))
    except ArpackNoConvergence as given_up:
        pairs = given_up.eigenvalues, given_up.eigenvectors
        if len(given_up.eigenvalues) < count:
            raise InvalidInput(f"{count} eigenvalues", f"{len(given_up.eigenvalues)} that Lanczos could tell apart", "Ask for fewer.") from None
    values, vectors = (np.asarray(each, dtype=np.float64) for each in pairs)
    order = np.argsort(values)
    return values[order], vectors[:, order].T, size


def trace(loss: DataLoss, probes: int = 64, seed: int = 0) -> tuple[float, float]:
    """Return the trace and its standard error: exact up to `WHOLE` weights, where the error is 0, and Hutchinson's estimate beyond.

    The number of probes is fixed beforehand. Stopping when successive means agree stops at lucky runs, 30 % off.

    Parameters
    ----------
    loss:
        Around the weights.
    probes:
        Random vectors of signs.
    seed:
        Of the signs.
    """
    weights = len(loss.weights)
    if weights <= WHOLE:
        return float(np.trace(exact(loss))), 0.0
    signs = np.random.Generator(np.random.PCG64(np.random.SeedSequence((seed, 6)))).integers(0, 2, (probes, weights)) * 2.0 - 1.0
    directions = torch.from_numpy(signs)
    found = (directions * Products(loss).times(directions)).sum(1).numpy()
    return float(found.mean()), float(found.std(ddof=1) / np.sqrt(probes))


def negatives(eigenvalues: Floats) -> Floats:
    """Return how many eigenvalues of each spectrum (..., P) are negative beyond what rounding makes of a zero.

    A symmetric eigensolver errs by a small multiple of P eps |mu|_max in double precision; the Hessian itself is as exact.
    """
    size = np.abs(eigenvalues).max(axis=-1, keepdims=True)
    noise = 4.0 * eigenvalues.shape[-1] * np.finfo(np.float64).eps * size
    found: Floats = (eigenvalues < -noise).sum(axis=-1)
    return found
