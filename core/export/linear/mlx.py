"""A penalised linear model in MLX: proximal gradient steps, accelerated (FISTA), in single precision."""

from __future__ import annotations

from core.export.linear.settings import Linear, head, imports, rows, scaled
from core.export.training.settings import Snippet

_STEPS = 3000


def mlx(settings: Linear) -> Snippet:
    """Return the script."""
    loss = (
        'nn.losses.binary_cross_entropy(X @ w, y, with_logits=True, reduction="mean")' if settings.logistic else "0.5 * mx.square(X @ w - y).mean()"
    )
    penalised = "mx.ones(d)" if not settings.logistic else "mx.array([1.0] * (d - 1) + [0.0])"
    body = f"""\
X, y = mx.array(X.astype(np.float32)), mx.array(y.astype(np.float32))
penalised = {penalised}
step = float(1 / steepest)


def data_loss(w):
    return {loss}


def prox(v):  # of the penalty, after each step: this is what makes zeros exact
    v_soft = mx.sign(v) * mx.maximum(mx.abs(v) - step * lam * rho * penalised, 0)
    return v_soft / (1 + 2 * step * lam * (1 - rho) * penalised)


slope = mx.grad(data_loss)
w, ahead, t = mx.zeros(d), mx.zeros(d), 1.0
for _ in range({_STEPS}):
    new = prox(ahead - step * slope(ahead))
    if ((ahead - new) * (new - w)).sum().item() > 0:  # momentum against the descent: begin anew
        t = 1.0
    t, before = (1 + (1 + 4 * t * t) ** 0.5) / 2, t
    ahead, moved, w = new + (before - 1) / t * (new - w), mx.abs(new - w).max().item(), new
    if moved < 1e-7:
        break
print(np.array(w))"""
    said = "MLX's rules have no proximal step, so it is written by hand. In single precision the lab's weights come out to 1e-3."
    code = "\n\n".join(
        [
            head(settings, said),
            imports(settings, "import mlx.core as mx", *(["import mlx.nn as nn"] if settings.logistic else [])),
            rows(settings),
            scaled(settings),
            body,
        ]
    )
    return Snippet("MLX", code + "\n", "MLX computes in single precision on a GPU; the seventh digit is rounding's.")
