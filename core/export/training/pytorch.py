"""The settings as a PyTorch script. It repeats the lab's own run, number by number, where nothing is dropped."""

from __future__ import annotations

import dataclasses

from core.export.training.data import batches_loop, data_block, data_imports, first_weights_comment, first_weights_draw
from core.export.training.settings import Settings, Snippet, arguments, indented, num, report, script
from core.optimizers import SGD, Adagrad, Adam, Nesterov, RMSprop

_ACTIVATIONS = {"relu": "nn.ReLU()", "tanh": "nn.Tanh()", "gelu": "nn.GELU()", "sigmoid": "nn.Sigmoid()", "linear": ""}
_OPTIMIZERS = {"sgd": "SGD", "momentum": "SGD", "nesterov": "SGD", "rmsprop": "RMSprop", "adagrad": "Adagrad", "adam": "Adam", "adamw": "AdamW"}


def pytorch(settings: Settings) -> Snippet:
    """Return the script."""
    missing: tuple[str, ...] = ()
    if settings.normalises and settings.spec.batch == 1:
        # In the lab a unit of such a batch is its shift, whatever the point.
        missing = ("nn.BatchNorm1d refuses a batch of one row, which has no variance; here a batch has two.",)
        settings = dataclasses.replace(settings, spec=settings.spec.replace(batch=2))
    code = script(
        settings,
        missing,
        _imports(settings),
        data_block(settings),
        _tensors(settings),
        _model(settings),
        _loss(settings),
        _optimizer(settings),
        _loop(settings),
    )
    return Snippet("PyTorch", code, _note(settings), missing)


def _imports(s: Settings) -> str:
    lines = ["import numpy as np", *([line] if (line := data_imports(s)) else []), "import torch", "from torch import nn", ""]
    lines.append(f"torch.manual_seed({s.spec.seed})" + ("  # for dropout" if s.drops else ""))
    if s.spec.precision == "float64":
        lines.append("torch.set_default_dtype(torch.float64)")
    return "\n".join(lines)


def _tensors(s: Settings) -> str:
    y = "torch.tensor(y)" if s.task == "multiclass" else "torch.tensor(y).to(torch.get_default_dtype())"
    return (
        f"inputs, targets = torch.tensor(X).to(torch.get_default_dtype()), {y}\n"
        "X_train, y_train, X_val, y_val = inputs[train], targets[train], inputs[val], targets[val]"
    )


def _model(s: Settings) -> str:
    lines, into = ["model = nn.Sequential("], s.inputs
    for i, units in enumerate(s.spec.hidden):
        made = {"norm": f"nn.BatchNorm1d({units})", "activation": _ACTIVATIONS[s.spec.activation], "dropout": f"nn.Dropout({num(s.spec.dropout)})"}
        parts = [f"nn.Linear({into}, {units})", *(made[stage] for stage in s.stages(i))]
        lines.append(f"    {', '.join(parts)},")
        into = str(units)
    weight, bias = first_weights_draw(s, "layer.in_features", "layer.out_features")
    return "\n".join(
        [
            *lines,
            f"    nn.Linear({into}, {s.outputs}),",
            ")",
            first_weights_comment(s),
            f"start = np.random.default_rng([{s.spec.seed}, 0])",
            "linear = [layer for layer in model if isinstance(layer, nn.Linear)]",
            "with torch.no_grad():",
            "    for layer in linear:",
            f"        layer.weight.copy_(torch.tensor({weight}).T)",
            f"        layer.bias.copy_(torch.tensor({bias}))",
        ]
    )


def _loss(s: Settings) -> str:
    of = {
        "binary": "nn.functional.binary_cross_entropy_with_logits(model(X)[:, 0], y)",
        "multiclass": "nn.functional.cross_entropy(model(X), y)",
        "regression": "0.5 * nn.functional.mse_loss(model(X)[:, 0], y)  # half the mean squared error",
    }[s.task]
    lines = ["def data_loss(X, y):", f"    return {of}"]
    if s.treatment == "none":
        return "\n".join(lines)
    weights = "weights = [layer.weight for layer in linear]"
    if s.spec.biases:
        weights += " + [layer.bias for layer in linear]"
        if s.normalises:
            weights += " + [layer.bias for layer in model if isinstance(layer, nn.BatchNorm1d)]"
    lines.append(f"lam = {num(s.spec.lam)}")
    if s.pulls and s.springs:
        lines.append(f"rho = {num(s.spec.rho)}")
    lines.append(weights)
    if s.treatment in ("subgradient", "clamped"):
        each = {
            (True, False): "w.abs().sum()",
            (False, True): "w.square().sum()",
            (True, True): "rho * w.abs().sum() + (1 - rho) * w.square().sum()",
        }[s.pulls, s.springs]
        lines += ["def penalty():", f"    return sum({each} for w in weights)"]
    return "\n".join(lines)


def _optimizer(s: Settings) -> str:
    lines = [f"lr = {num(s.spec.lr)}"]
    if s.key == "fista":
        return "\n".join([*lines, "t, iterate, before = 1.0, None, None  # FISTA: Beck and Teboulle (2009), section 4"])
    rule, given = s.rule, "model.parameters()"
    decay: float | None = s.decay or None
    own: dict[str, object] = {}
    if isinstance(rule, SGD):
        own = {"momentum": rule.momentum or None, "nesterov": True if isinstance(rule, Nesterov) else None}
    elif isinstance(rule, RMSprop):
        own = {"alpha": rule.alpha, "eps": rule.eps, "momentum": rule.momentum or None}
    elif isinstance(rule, Adagrad):
        own = {"lr_decay": rule.lr_decay or None, "initial_accumulator_value": rule.initial_accumulator_value or None, "eps": rule.eps}
    elif isinstance(rule, Adam):
        own = {"betas": f"({num(rule.betas[0])}, {num(rule.betas[1])})", "eps": rule.eps}
    if s.key == "adamw":
        decay = s.decay
        if _native(s):
            lines += ["others = [p for p in model.parameters() if all(p is not w for w in weights)]"]
            more = f"{num(decay)} + " if decay else ""
            given = f'[{{"params": weights, "weight_decay": {more}2 * lam}}, {{"params": others, "weight_decay": {num(decay)}}}]'
            decay = None
    return "\n".join([*lines, f"optimizer = torch.optim.{_OPTIMIZERS[s.key]}({given}, {arguments(lr='lr', **own, weight_decay=decay)})"])


def _native(s: Settings) -> bool:
    """Whether AdamW's own weight_decay is the penalty: decoupled, and L2 alone."""
    return s.key == "adamw" and s.treatment == "decoupled" and not s.pulls


def _loop(s: Settings) -> str:
    state = ["step = 0"] if s.treatment == "proximal" and _counts(s) else []
    if s.treatment == "clamped" and s.pulls:
        state.append("dead = [torch.zeros_like(w, dtype=torch.bool) for w in weights]")
    batch = batches_loop(s, _step(s, "X_train[rows]", "y_train[rows]")) if s.mini_batches else _step(s, "X_train", "y_train")
    return "\n".join(
        [
            *state,
            "history = []",
            f"for epoch in range(1, {s.spec.epochs + 1}):",
            "    model.train()",
            indented(batch),
            "    model.eval()",
            "    with torch.no_grad():",
            "        history.append((data_loss(X_train, y_train).item(), data_loss(X_val, y_val).item()))",
            *report(s),
        ]
    )


def _step(s: Settings, X: str, y: str) -> str:
    """Return the lines of one step: the gradient, the rule, and what the penalty does after it."""
    added = " + lam * penalty()" if s.treatment in ("subgradient", "clamped") else ""
    after = _after(s)
    fista = s.key == "fista"
    lines = [_LOOK_AHEAD] if fista else []
    lines += [
        "model.zero_grad()" if fista else "optimizer.zero_grad()",
        f"(data_loss({X}, {y}){added}).backward()" if added else f"data_loss({X}, {y}).backward()",
    ]
    if after and s.treatment in ("decoupled", "clamped"):
        lines.append("old = [w.detach().clone() for w in weights]" if not fista else _OLD)
    if fista:
        grad = f"(p.grad + {num(s.decay)} * p)" if s.decay else "p.grad"
        lines += ["with torch.no_grad():", "    for p in model.parameters():", f"        p -= lr * {grad}"]
    else:
        lines.append("optimizer.step()")
    if after:
        lines += ["with torch.no_grad():", indented(after)] if not fista else [indented(after)]
    return "\n".join(lines)


_LOOK_AHEAD = """\
with torch.no_grad():  # the gradient is taken ahead, at y = x + (t_before - 1) / t (x - x_before)
    before, iterate = iterate, [p.clone() for p in model.parameters()]
    if before is not None:
        t, t_before = (1 + (1 + 4 * t * t) ** 0.5) / 2, t
        for p, x, x_before in zip(model.parameters(), iterate, before):
            p.copy_(x + (t_before - 1) / t * (x - x_before))"""

_OLD = "old = [x for p, x in zip(model.parameters(), iterate) if any(p is w for w in weights)]"


def _after(s: Settings) -> str:
    """Return what the penalty does to the weights once the rule has moved them."""
    if s.treatment == "decoupled" and not _native(s):
        slope = {(True, False): "x.sign()", (False, True): "2 * x", (True, True): "(rho * x.sign() + (1 - rho) * 2 * x)"}[s.pulls, s.springs]
        return f"for w, x in zip(weights, old):  # beside the step: what the rule remembers never sees it\n    w -= lr * lam * {slope}"
    if s.treatment == "clamped" and s.pulls:
        return "\n".join(
            [
                "for w, x, zero in zip(weights, old, dead):",
                "    zero |= x * w < 0  # what crosses zero stays there: a warning, not a method",
                "    w[zero] = 0.0",
            ]
        )
    if s.treatment != "proximal":
        return ""
    lines = ["step += 1"] if _counts(s) else []
    lines += ["for w in weights:  # the prox of lambda R, each weight by the step that the rule gives it", *(f"    {line}" for line in _stride(s))]
    if s.pulls:
        lines.append(f"    w.copy_(w.sign() * (w.abs() - stride * lam{' * rho' if s.springs else ''}).clamp(min=0))")
    if s.springs:
        lines.append(f"    w /= 1 + 2 * stride * lam{' * (1 - rho)' if s.pulls else ''}")
    return "\n".join(lines)


def _counts(s: Settings) -> bool:
    """Whether the size of the step depends on how many there were."""
    rule = s.rule
    return isinstance(rule, Adam) or (isinstance(rule, SGD | RMSprop) and bool(rule.momentum)) or (isinstance(rule, Adagrad) and bool(rule.lr_decay))


def momentum_sum(s: Settings) -> str:
    """Return the sum of the weights with which momentum has counted the gradients, of ``step`` steps; "" without momentum."""
    rule = s.rule
    if not isinstance(rule, SGD) or not rule.momentum:
        return ""
    m = num(rule.momentum)
    total = f"(1 - {m}**step) / (1 - {m})"
    return f"(1 + {m} * {total})" if isinstance(rule, Nesterov) else total


def _stride(s: Settings) -> list[str]:
    rule = s.rule
    if isinstance(rule, RMSprop):
        times = f" * (1 - {num(rule.momentum)}**step) / (1 - {num(rule.momentum)})" if rule.momentum else ""
        return [f'stride = lr / (optimizer.state[w]["square_avg"].sqrt() + {num(rule.eps)}){times}']
    if isinstance(rule, Adagrad):
        slower = f" / (1 + (step - 1) * {num(rule.lr_decay)})" if rule.lr_decay else ""
        return [f'stride = lr / (optimizer.state[w]["sum"].sqrt() + {num(rule.eps)}){slower}']
    if isinstance(rule, Adam):
        return [f'stride = lr / ((optimizer.state[w]["exp_avg_sq"] / (1 - {num(rule.betas[1])}**step)).sqrt() + {num(rule.eps)})']
    total = momentum_sum(s)
    return [f"stride = lr * {total}"] if total else ["stride = lr"]


def _note(s: Settings) -> str:
    said = []
    if s.treatment == "subgradient" and s.springs and not s.pulls and s.key != "fista":
        said.append(f"The same as weight_decay = 2 lambda = {num(2.0 * s.strength)} on the weights, in every torch.optim rule but AdamW.")
    if s.treatment == "decoupled":
        said.append(
            "AdamW's weight_decay is 2 lambda, decoupled: not a term of the loss. Its default of 0.01 would act where none is named."
            if _native(s)
            else "torch.optim decouples decay in AdamW alone, so here it stands in the loop."
        )
    if s.key == "adamw" and s.treatment == "none":
        said.append("AdamW's default weight_decay is 0.01; it is 0 here." if s.decay == 0.0 else "")
    if s.treatment == "proximal":
        said.append("torch.optim has no proximal step: it follows the rule's own, scaled as the rule scales each weight.")
    if s.key == "fista":
        said.append("torch.optim has no FISTA: it is written out.")
    if s.task == "regression":
        said.append("nn.MSELoss has no half before the square; with it lambda and the rate mean something else.")
    if s.drops:
        said.append("nn.Dropout draws its own units, so the losses are the lab's in distribution and not number by number.")
    else:
        said.append("The same data, first weights and batches as in the lab: the losses agree to rounding.")
    return " ".join(part for part in said if part)
