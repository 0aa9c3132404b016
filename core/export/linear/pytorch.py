"""A penalised linear model in PyTorch: proximal gradient steps, accelerated (FISTA), so that zeros are exact."""

from __future__ import annotations

from core.export.linear.settings import STEPS, Linear, head, imports, rows, scaled
from core.export.training.settings import Snippet


def pytorch(settings: Linear) -> Snippet:
    """Return the script."""
    loss = (
        "torch.nn.functional.binary_cross_entropy_with_logits(X @ w, y)"
        if settings.logistic
        else "0.5 * torch.nn.functional.mse_loss(X @ w, y)  # MSELoss is twice the lab's loss"
    )
    penalised = "torch.ones(d)" if not settings.logistic else "torch.cat([torch.ones(d - 1), torch.zeros(1)])"
    body = f"""\
torch.set_default_dtype(torch.float64)
X, y = torch.tensor(X), torch.tensor(y)
penalised = {penalised}
step = 1 / steepest


def data_loss(w):
    return {loss}


def prox(v):  # of the penalty, after each step: this is what makes zeros exact
    v_soft = torch.sign(v) * torch.relu(v.abs() - step * lam * rho * penalised)
    return v_soft / (1 + 2 * step * lam * (1 - rho) * penalised)


w, ahead, t = torch.zeros(d), torch.zeros(d), 1.0
for _ in range({STEPS}):
    (slope,) = torch.autograd.grad(data_loss(ahead.requires_grad_()), ahead)
    with torch.no_grad():
        new = prox(ahead - step * slope)
        if (ahead - new) @ (new - w) > 0:  # momentum against the descent: begin anew
            t = 1.0
        t, before = (1 + (1 + 4 * t * t) ** 0.5) / 2, t
        ahead, moved, w = new + (before - 1) / t * (new - w), (new - w).abs().max(), new
    if moved < 1e-13:
        break
print(w.numpy())"""
    said = (
        "PyTorch's rules have no proximal step: its own weight_decay = 2 lambda is the L2 part alone, and an L1 term in the loss gives no exact zero."
    )
    code = "\n\n".join(
        [
            head(settings, f"{said} Here the step is written by hand, and the lab's weights come out to 1e-6."),
            imports(settings, "import torch"),
            rows(settings),
            scaled(settings),
            body,
        ]
    )
    return Snippet("PyTorch", code + "\n", "The proximal step is four lines; the problem is convex, so there is one end, whatever the start.")
