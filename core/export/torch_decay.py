"""What PyTorch's ``weight_decay`` does in each optimizer: code with the settings' numbers in it. The tests run every snippet beside torch.optim."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Snippet:
    """What one of PyTorch's optimizers does with weight_decay.

    Attributes
    ----------
    title:
        The class's name.
    rule:
        The key of our own rule for it.
    made:
        The expression that makes it, of ``params``.
    update:
        Its step written out for a weight w with gradient g: statements that change w and the state named in ``state``; t counts from 1.
    state:
        The names of what it remembers; each starts at 0.
    note:
        What this is, in a sentence.
    """

    title: str
    rule: str
    made: str
    update: str
    state: tuple[str, ...]
    note: str

    @property
    def code(self) -> str:
        """Everything as one listing."""
        begin = f"{' = '.join(self.state)} = 0.0\n" if self.state else ""
        return f"optimizer = {self.made}\n\n# What one step does to a weight w with gradient g:\n{begin}{self.update}"


def torch_snippets(lr_sgd: float, lr: float, weight_decay: float, beta2: float) -> tuple[Snippet, ...]:
    """Return the snippets of SGD, Adam, AdamW, RMSprop and Adagrad.

    Parameters
    ----------
    lr_sgd, lr:
        The rate of SGD, and that of all others.
    weight_decay:
        2 lambda.
    beta2:
        Memory of Adam's second moment.
    """
    d, one, two, b2 = (f"{value:.6g}" for value in (weight_decay, lr_sgd, lr, beta2))
    coupled = f"g = g + {d} * w"
    moments = f"m = 0.9 * m + (1 - 0.9) * g\nv = {b2} * v + (1 - {b2}) * g**2\n"
    move = f"w = w - {two} * (m / (1 - 0.9**t)) / ((v / (1 - {b2}**t)) ** 0.5 + 1e-8)"
    betas = f"betas=(0.9, {b2}), weight_decay={d}"
    lam = f"{weight_decay / 2:.6g}"
    return (
        Snippet(
            "SGD",
            "sgd",
            f"torch.optim.SGD(params, lr={one}, weight_decay={d})",
            f"{coupled}  # the gradient of λ|w|² with λ = {lam}\nw = w - {one} * g",
            (),
            "Coupled, and the same as an L2 term in the loss, with momentum too.",
        ),
        Snippet(
            "Adam",
            "adam",
            f"torch.optim.Adam(params, lr={two}, {betas})",
            f"{coupled}  # before the moments: the decay is averaged and rescaled with the gradient\n{moments}{move}",
            ("m", "v"),
            "Coupled: an L2 term in the loss, so its end is ridge, but each weight is decayed by its own gradients' size.",
        ),
        Snippet(
            "AdamW",
            "adamw",
            f"torch.optim.AdamW(params, lr={two}, {betas})",
            f"w = w - {two} * {d} * w  # beside the step: the moments never see it\n{moments}{move}",
            ("m", "v"),
            "Decoupled: every weight shrinks by the same factor a step. The rate multiplies the decay, which the paper's own form leaves out.",
        ),
        Snippet(
            "RMSprop",
            "rmsprop",
            f"torch.optim.RMSprop(params, lr={two}, weight_decay={d})",
            f"{coupled}  # coupled, as in Adam\nv = 0.99 * v + (1 - 0.99) * g**2\nw = w - {two} * g / (v**0.5 + 1e-8)",
            ("v",),
            "Coupled: rescaled by the root of the squared gradients, as in Adam.",
        ),
        Snippet(
            "Adagrad",
            "adagrad",
            f"torch.optim.Adagrad(params, lr={two}, weight_decay={d})",
            f"{coupled}  # coupled, as in Adam\nv = v + g**2\nw = w - {two} * g / (v**0.5 + 1e-10)",
            ("v",),
            "Coupled: the more a weight has moved, the less it is decayed.",
        ),
    )
