"""Dropout's noise against the SAME expected loss: a network small enough for every mask to be enumerated, from a saddle and from its minima.

The noisy run descends along the gradient of one random mask a step. Its control descends along the mean of that gradient over all masks: the same
expected loss, the same rate, no noise. What the two do differently is the noise's doing and nothing else's.

The network: one input, H tanh units, an output. With half the mean square as the loss, the mean over masks has a closed form, for the output is
linear in the mask: the loss without dropout plus p / (1 - p) times the mean of sum_j (v_j h_j)^2, over two; `expected_by_enumeration` checks it. A
little weight decay, the same for both, keeps the minima from running off to infinity.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core._validate import Bools, Floats
from core.dropout.least_squares import all_masks, chance

DECAY = 0.002
"""Times the sum of the squared weights and biases of the units, part of every loss here."""


@dataclass(frozen=True)
class Problem:
    """What is learned: inputs (n,) and targets (n,), by how many units, each dropped with probability p."""

    x: Floats
    y: Floats
    units: int
    p: float

    @property
    def size(self) -> int:
        """P: weight, bias and output weight of each unit, and the output's bias."""
        return 3 * self.units + 1

    def parts(self, w: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        """Return views of (..., P): input weights, biases and output weights (..., H), and the output's bias (...)."""
        h = self.units
        return w[..., :h], w[..., h : 2 * h], w[..., 2 * h : 3 * h], w[..., 3 * h]

    def hidden(self, w: Floats) -> Floats:
        """Return (..., n, H) what the hidden units say."""
        a, b, _, _ = self.parts(w)
        return np.tanh(self.x[:, None] * a[..., None, :] + b[..., None, :])

    def outputs(self, w: Floats) -> Floats:
        """Return (..., n) what the network says without dropout."""
        _, _, v, c = self.parts(w)
        said: Floats = (self.hidden(w) * v[..., None, :]).sum(axis=-1) + c[..., None]
        return said

    def loss(self, w: Floats, mask: Bools) -> Floats:
        """Return (...) the loss under a mask (..., H): half the mean square."""
        _, _, v, c = self.parts(w)
        scaled = v * mask / (1.0 - self.p)
        residual = (self.hidden(w) * scaled[..., None, :]).sum(axis=-1) + c[..., None] - self.y
        half: Floats = 0.5 * (residual**2).mean(axis=-1) + self._decay(w)
        return half

    def _decay(self, w: Floats) -> Floats:
        cost: Floats = DECAY * (w[..., : 3 * self.units] ** 2).sum(axis=-1)
        return cost

    def gradient(self, w: Floats, mask: Bools) -> Floats:
        """Return (..., P) the gradient of the loss under a mask (..., H)."""
        return self._gradient(w, mask / (1.0 - self.p), 0.0)

    def expected(self, w: Floats) -> Floats:
        """Return (...) the mean loss over all masks, in closed form."""
        _, _, v, _ = self.parts(w)
        spread = ((self.hidden(w) * v[..., None, :]) ** 2).sum(axis=-1).mean(axis=-1)
        mean: Floats = 0.5 * ((self.outputs(w) - self.y) ** 2).mean(axis=-1) + 0.5 * self.p / (1.0 - self.p) * spread + self._decay(w)
        return mean

    def expected_gradient(self, w: Floats) -> Floats:
        """Return (..., P) the gradient of `expected`: the mean of `gradient` over all masks."""
        return self._gradient(w, 1.0, self.p / (1.0 - self.p))

    def expected_by_enumeration(self, w: Floats) -> tuple[Floats, Floats]:
        """Return (...) and (..., P): the mean over all 2^H masks of the loss and of its gradient."""
        masks = all_masks(self.units)
        probable = chance(masks, np.array([self.p]))[0]
        loss = sum(share * self.loss(w, mask) for share, mask in zip(probable, masks, strict=True))
        slope = sum(share * self.gradient(w, mask) for share, mask in zip(probable, masks, strict=True))
        return np.asarray(loss), np.asarray(slope)

    def _gradient(self, w: Floats, factor: Floats | float, ridge: float) -> Floats:
        _, _, v, c = self.parts(w)
        n, h = len(self.x), self.hidden(w)
        through = v * factor
        residual = ((h * through[..., None, :]).sum(axis=-1) + c[..., None] - self.y)[..., None] / n
        slope = 1.0 - h * h
        back = residual * through[..., None, :] * slope
        by_v = (residual * h).sum(axis=-2) * factor
        if ridge:
            back = back + ridge / n * (v**2)[..., None, :] * h * slope
            by_v = by_v + ridge / n * v * (h**2).sum(axis=-2)
        by_a = (back * self.x[:, None]).sum(axis=-2)
        slopes = np.concatenate([by_a, back.sum(axis=-2), by_v, residual[..., 0].sum(axis=-1)[..., None]], axis=-1)
        slopes[..., : 3 * self.units] += 2.0 * DECAY * w[..., : 3 * self.units]
        return slopes

    def hessian(self, w: Floats) -> Floats:
        """Return (..., P, P) the second derivatives of `expected`, by central differences of its gradient (errors of 1e-9 or so)."""
        step = 1e-5 * np.eye(self.size)
        bend = (self.expected_gradient(w[..., None, :] + step) - self.expected_gradient(w[..., None, :] - step)) / 2e-5
        return 0.5 * (bend + np.swapaxes(bend, -1, -2))

    def noisy_limit(self, w: Floats) -> float:
        """Return the rate beyond which descent with a random mask a step cannot rest at a minimum (P,): the masks blow up what distance there is.

        Near the minimum a step is a product with I - rate H of the mask's own Hessian H. The mean square of the distance grows where the mean of
        (I - rate H) x (I - rate H) over all masks has an eigenvalue beyond 1. Without dropout that is 2 / the top eigenvalue; dropout lowers it.
        """
        masks = all_masks(self.units)
        probable, step = chance(masks, np.array([self.p]))[0], 1e-5 * np.eye(self.size)
        bends = [(self.gradient(w + step, mask) - self.gradient(w - step, mask)) / 2e-5 for mask in masks]
        ground = np.eye(self.size)

        def grows(rate: float) -> bool:
            moves = [ground - rate * 0.5 * (bend + bend.T) for bend in bends]
            mean = sum(share * np.kron(move, move) for share, move in zip(probable, moves, strict=True))
            return bool(np.abs(np.linalg.eigvals(mean)).max() > 1.0)

        low, high = 0.0, 2.5 / float(np.linalg.eigvalsh(self.hessian(w))[-1])
        for _ in range(16):
            middle = 0.5 * (low + high)
            low, high = (low, middle) if grows(middle) else (middle, high)
        return low

    def settle(self, w: Floats, rate: Floats | float, steps: int) -> Floats:
        """Return where plain descent on the expected loss is after so many steps, from points (..., P)."""
        for _ in range(steps):
            w = w - rate * self.expected_gradient(w)
        return w

    def noisy(self, w: Floats, rate: Floats | float, steps: int, rng: np.random.Generator) -> Floats:
        """Return where descent with a random mask a step is after so many steps, from points (..., P), each with masks of its own."""
        shape = (*w.shape[:-1], self.units)
        for _ in range(steps):
            w = w - rate * self.gradient(w, rng.random(shape) >= self.p)
        return w

    def bottom(self, w: Floats, rounds: int = 60) -> Floats:
        """Return stationary points below points (k, P): Newton steps with negative curvature turned round, each held to lower ground."""
        for _ in range(rounds):
            slope = self.expected_gradient(w)
            if np.abs(slope).max() < 1e-12:
                break
            size, turn = np.linalg.eigh(self.hessian(w))
            down = -np.einsum("kij,kj->ki", turn, np.einsum("kij,ki->kj", turn, slope) / np.maximum(np.abs(size), 1e-4))
            down *= np.minimum(1.0, 1.0 / np.maximum(np.linalg.norm(down, axis=1), 1e-12))[:, None]
            height, part = self.expected(w), np.ones(len(w))
            for _ in range(12):
                higher = ~(self.expected(w + part[:, None] * down) <= height + 1e-15)
                if not higher.any():
                    break
                part[higher] *= 0.5
            w = w + part[:, None] * down
        return w


def wave(points: int = 12) -> tuple[Floats, Floats]:
    """Return inputs and targets of one and a half waves, which few units can fit in several ways: x (n,) over [-3, 3] and y (n,)."""
    x = np.linspace(-3.0, 3.0, points)
    return x, np.sin(1.5 * x)


@dataclass(frozen=True)
class Saddle:
    """Two hidden units with equal weights, and what leaves them.

    Attributes
    ----------
    w: (P,) where descent from equal units comes to rest; of several such points the one with the lowest eigenvalue.
    lowest, highest: eigenvalues of the expected loss there; a saddle where the lowest is negative.
    slope: the largest derivative there.
    left: how many noisy runs end where the two units differ.
    runs: of how many.
    control: the largest difference between the two units' weights after as many steps without noise.
    """

    w: Floats
    lowest: float
    highest: float
    slope: float
    left: int
    runs: int
    control: float


def saddle(p: float, rate: float, steps: int, runs: int, seed: int = 0) -> Saddle:
    """Start where descent from two equal units comes to rest; count the noisy runs that leave it, and look whether the control does."""
    problem = Problem(*wave(), 2, p)
    spread = np.repeat(np.eye(4), (2, 2, 2, 1), axis=1)  # (4, P): one unit's weights and the output's bias to all weights
    # Starts that are equal stay equal: descent in four numbers instead of seven, from several of them, then Newton steps there.
    u = np.random.default_rng(seed).normal(size=(24, 4))
    for _ in range(3000):
        u = u - 0.05 * problem.expected_gradient(u @ spread) @ spread.T
    bend = spread @ problem.hessian(u @ spread) @ spread.T
    for _ in range(15):
        slope = problem.expected_gradient(u @ spread) @ spread.T
        u = u - np.einsum("kij,kj->ki", np.linalg.pinv(bend), slope)
        bend = spread @ problem.hessian(u @ spread) @ spread.T
    sizes, slope = np.linalg.eigvalsh(problem.hessian(u @ spread)), problem.expected_gradient(u @ spread)
    # Where descent from equal units comes to rest: level ground, and a minimum as far as equal units can see.
    rests = (np.abs(slope).max(axis=1) < 1e-9) & (np.linalg.eigvalsh(bend)[:, 0] > 0.0) & (np.abs(u).max(axis=1) < 50.0)
    chosen = int(np.where(rests, sizes[:, 0], np.inf).argmin())
    w, sizes = u[chosen] @ spread, sizes[chosen]
    ends = problem.settle(problem.noisy(np.tile(w, (runs, 1)), rate, steps, np.random.default_rng(seed)), rate, steps)
    plain = problem.settle(w, rate, 2 * steps)
    return Saddle(
        w,
        float(sizes[0]),
        float(sizes[-1]),
        float(np.abs(problem.expected_gradient(w)).max()),
        int((np.abs(problem.outputs(ends) - problem.outputs(w)).max(axis=-1) > 0.05).sum()),
        runs,
        float(np.abs(plain[0:6:2] - plain[1:6:2]).max()),
    )


@dataclass(frozen=True)
class Basins:
    """Minima of the expected loss, and what leaves them at each rate. Axes: minimum (m), rate (r).

    Attributes
    ----------
    loss, top: (m,) the expected loss, and its largest eigenvalue: the sharpness.
    limit: (m,) the rate beyond which noisy descent cannot rest there (`Problem.noisy_limit`).
    starts: (m,) how many of the starts ended there.
    slope: (m,) the largest derivative there.
    left: (m, r) how many noisy runs settle elsewhere.
    control: (m, r) whether descent without noise leaves, from a millionth beside the minimum.
    runs: noisy runs a minimum and rate.
    """

    loss: Floats
    top: Floats
    limit: Floats
    starts: Floats
    slope: Floats
    left: Floats
    control: Bools
    runs: int


def basins(p: float, rates: tuple[float, ...], steps: int, runs: int, starts: int, most: int, units: int = 3, seed: int = 0) -> Basins:
    """Find minima from many starts; run from each with noise and without, then let all settle gently and see who is somewhere else."""
    problem = Problem(*wave(), units, p)
    rng = np.random.default_rng(seed)
    found = problem.bottom(1.5 * rng.normal(size=(starts, problem.size)))
    height, size = problem.expected(found), np.linalg.eigvalsh(problem.hessian(found))
    good = (np.abs(problem.expected_gradient(found)).max(axis=1) < 1e-8) & (size[:, 0] > 1e-4)
    # Units can be exchanged and turned over: points of the same height with the same curvature are the same minimum.
    names = [f"{loss:.6f} {top:.3f}" for loss, top in zip(height, size[:, -1], strict=True)]
    counted: dict[str, list[int]] = {}
    for i in np.flatnonzero(good):
        counted.setdefault(names[i], []).append(int(i))
    chosen = sorted(sorted(counted.values(), key=len, reverse=True)[:most], key=lambda each: height[each[0]])
    at = found[[each[0] for each in chosen]]
    m, lr = len(at), np.array(rates, dtype=np.float64)
    begin = np.broadcast_to(at[:, None, None], (m, len(lr), runs, problem.size))
    ends = problem.noisy(begin, lr[:, None, None], steps, np.random.default_rng(seed + 1))
    beside = np.broadcast_to(at[:, None] + 1e-6, (m, len(lr), problem.size))
    plain = problem.settle(beside, lr[:, None], steps)
    firsts = [each[0] for each in chosen]
    top = np.asarray(size[firsts, -1], dtype=np.float64)
    gentle = 0.5 / top
    ends, plain = problem.settle(ends, gentle[:, None, None, None], 3 * steps), problem.settle(plain, gentle[:, None, None], 3 * steps)

    # What still crawls along a valley is taken to its bottom, a minimum at a time.
    def left(points: Floats) -> Bools:
        rested = (problem.bottom(each.reshape(-1, problem.size), 20).reshape(each.shape) for each in points)
        return np.stack([~_near(problem, each, home) for each, home in zip(rested, at, strict=True)])

    away, gone = left(ends), left(plain)
    slope: Floats = np.abs(problem.expected_gradient(at)).max(axis=1)
    shares = np.array([len(each) for each in chosen], dtype=np.float64)
    limit = np.array([problem.noisy_limit(each) for each in at])
    return Basins(height[firsts], top, limit, shares, slope, away.sum(axis=2).astype(np.float64), gone, runs)


def _near(problem: Problem, w: Floats, home: Floats) -> Bools:
    """Return (...) whether networks (..., P) say what the one at home says."""
    near: Bools = np.abs(problem.outputs(w) - problem.outputs(home)).max(axis=-1) < 0.02
    return near
