"""The settings as an MLX script: the loop is written by hand there, so nearly everything can be said."""

from __future__ import annotations

from core.export.training.data import batches_loop, data_block, data_imports, first_weights_comment, first_weights_draw
from core.export.training.pytorch import momentum_sum
from core.export.training.settings import Settings, Snippet, arguments, indented, num, report, script
from core.optimizers import SGD, Adagrad, Adam, Nesterov, RMSprop

_ACTIVATIONS = {"relu": "nn.ReLU()", "tanh": "nn.Tanh()", "gelu": "nn.GELU()", "sigmoid": "nn.Sigmoid()", "linear": ""}
_OPTIMIZERS = {"sgd": "SGD", "momentum": "SGD", "nesterov": "SGD", "rmsprop": "RMSprop", "adagrad": "Adagrad", "adam": "Adam", "adamw": "AdamW"}


def mlx(settings: Settings) -> Snippet:
    """Return the script."""
    missing = _missing(settings)
    blocks = (
        _imports(settings),
        data_block(settings),
        _arrays(settings),
        _model(settings),
        _objective(settings),
        _optimizer(settings),
        _loop(settings),
    )
    return Snippet("MLX", script(settings, missing, *blocks), _note(settings), missing)


def _missing(s: Settings) -> tuple[str, ...]:
    rule, said = s.rule, []
    if s.spec.precision == "float64":
        said.append("MLX computes in float32 on a GPU; here it does everywhere.")
    if isinstance(rule, RMSprop) and rule.momentum:
        said.append("MLX's RMSprop has no momentum; here there is none.")
    if isinstance(rule, Adagrad) and rule.initial_accumulator_value:
        said.append("MLX's Adagrad begins with sums of 0; here it does too.")
    return tuple(said)


def _imports(s: Settings) -> str:
    tree = []
    if s.key == "fista" or _decay_in_loss(s):
        tree = [f"from mlx.utils import {', '.join([*(['tree_flatten'] if _decay_in_loss(s) else []), *(['tree_map'] if s.key == 'fista' else [])])}"]
    optim = [] if s.key == "fista" else ["import mlx.optimizers as optim"]
    lines = ["import mlx.core as mx", "import mlx.nn as nn", *optim, "import numpy as np", *tree]
    lines += [line] if (line := data_imports(s)) else []
    return "\n".join([*lines, "", f"mx.random.seed({s.spec.seed})"]) if s.drops else "\n".join(lines)


def _decay_in_loss(s: Settings) -> bool:
    """Whether the rule's own coupled decay has to stand in the loss: MLX's rules have none, apart from SGD and AdamW."""
    return bool(s.decay) and not isinstance(s.rule, SGD) and s.key != "adamw"


def _arrays(s: Settings) -> str:
    kind = "int32" if s.task == "multiclass" else "float32"
    return (
        f"X, y = X.astype(np.float32), y.astype(np.{kind})\n"
        "X_train, y_train, X_val, y_val = mx.array(X[train]), mx.array(y[train]), mx.array(X[val]), mx.array(y[val])"
    )


def _model(s: Settings) -> str:
    lines, into = ["model = nn.Sequential("], s.inputs
    for i, units in enumerate(s.spec.hidden):
        made = {"norm": f"nn.BatchNorm({units})", "activation": _ACTIVATIONS[s.spec.activation], "dropout": f"nn.Dropout({num(s.spec.dropout)})"}
        parts = [f"nn.Linear({into}, {units})", *(made[stage] for stage in s.stages(i))]
        lines.append(f"    {', '.join(parts)},")
        into = str(units)
    weight, bias = first_weights_draw(s, "into", "out")
    return "\n".join(
        [
            *lines,
            f"    nn.Linear({into}, {s.outputs}),",
            ")",
            first_weights_comment(s),
            f"start = np.random.default_rng([{s.spec.seed}, 0])",
            "for layer in model.layers:",
            "    if isinstance(layer, nn.Linear):",
            "        out, into = layer.weight.shape",
            f"        layer.weight = mx.array(({weight}).T.astype(np.float32))",
            f"        layer.bias = mx.array(({bias}).astype(np.float32))",
        ]
    )


def _objective(s: Settings) -> str:
    of = {
        "binary": 'nn.losses.binary_cross_entropy(model(X)[:, 0], y, with_logits=True, reduction="mean")',
        "multiclass": 'nn.losses.cross_entropy(model(X), y, reduction="mean")',
        "regression": "0.5 * mx.square(model(X)[:, 0] - y).mean()  # half the mean squared error",
    }[s.task]
    lines = ["def data_loss(X, y):", f"    return {of}"]
    if s.treatment != "none":
        lines.append(f"lam = {num(s.spec.lam)}")
        if s.pulls and s.springs:
            lines.append(f"rho = {num(s.spec.rho)}")
        lines.append('penalised = [(i, "weight") for i, layer in enumerate(model.layers) if isinstance(layer, nn.Linear)]')
        if s.spec.biases:
            lines.append('penalised += [(i, "bias") for i, layer in enumerate(model.layers) if isinstance(layer, nn.Linear | nn.BatchNorm)]')
    terms = ["data_loss(X, y)"]
    if s.treatment in ("subgradient", "clamped"):
        each = {
            (True, False): "mx.abs(w).sum()",
            (False, True): "mx.square(w).sum()",
            (True, True): "rho * mx.abs(w).sum() + (1 - rho) * mx.square(w).sum()",
        }[s.pulls, s.springs]
        lines += [
            "def penalty():",
            "    weights = [model.layers[i][name] for i, name in penalised]",
            f"    return sum({each} for w in weights)",
            "",
            "",
        ]
        terms.append("lam * penalty()")
    if _decay_in_loss(s):
        terms.append(f"{num(s.decay / 2)} * sum(mx.square(p).sum() for _, p in tree_flatten(model.trainable_parameters()))")
    return "\n".join([*lines, "def objective(model, X, y):", f"    return {' + '.join(terms)}"])


def _optimizer(s: Settings) -> str:
    lines = ["slope = nn.value_and_grad(model, objective)", f"lr = {num(s.spec.lr)}"]
    rule = s.rule
    if s.key == "fista":
        return "\n".join([*lines, "t, iterate, before = 1.0, None, None  # FISTA: Beck and Teboulle (2009), section 4"])
    own: dict[str, object] = {}
    rate = "lr"
    if isinstance(rule, SGD):
        own = {"momentum": rule.momentum or None, "weight_decay": s.decay or None}
        own["nesterov"] = True if isinstance(rule, Nesterov) and rule.momentum else None
    elif isinstance(rule, RMSprop):
        own = {"alpha": rule.alpha, "eps": rule.eps or 1e-30}
    elif isinstance(rule, Adagrad):
        own = {"eps": rule.eps or 1e-30}
        rate = f"lambda step: lr / (1 + {num(rule.lr_decay)} * step)" if rule.lr_decay else "lr"
    elif isinstance(rule, Adam):
        own = {"betas": f"[{num(rule.betas[0])}, {num(rule.betas[1])}]", "eps": rule.eps, "bias_correction": True}
        own["weight_decay"] = s.decay if s.key == "adamw" else None
    lines.append(f"optimizer = optim.{_OPTIMIZERS[s.key]}({arguments(learning_rate=rate, **own)})")
    return "\n".join(lines)


def _loop(s: Settings) -> str:
    state = ["step = 0"] if s.treatment == "proximal" and _counts(s) else []
    if s.treatment == "clamped" and s.pulls:
        state.append("dead = [mx.zeros(model.layers[i][name].shape, dtype=mx.bool_) for i, name in penalised]")
    if s.mini_batches:
        batch = batches_loop(s, "rows = mx.array(rows)\n" + _step(s, "X_train[rows]", "y_train[rows]"))
    else:
        batch = _step(s, "X_train", "y_train")
    return "\n".join(
        [
            *state,
            "history = []",
            f"for epoch in range(1, {s.spec.epochs + 1}):",
            "    model.train()",
            indented(batch),
            "    model.eval()",
            "    history.append((data_loss(X_train, y_train).item(), data_loss(X_val, y_val).item()))",
            *report(s),
        ]
    )


def _step(s: Settings, X: str, y: str) -> str:
    after = _after(s)
    lines = [_LOOK_AHEAD] if s.key == "fista" else []
    lines.append(f"_, gradients = slope(model, {X}, {y})")
    if after and s.treatment in ("decoupled", "clamped"):
        lines.append(
            'old = [iterate["layers"][i][name] for i, name in penalised]'
            if s.key == "fista"
            else "old = [model.layers[i][name] for i, name in penalised]"
        )
    if s.key == "fista":
        lines.append("model.update(tree_map(lambda p, g: p - lr * g, model.trainable_parameters(), gradients))")
    else:
        lines.append("optimizer.update(model, gradients)")
    lines += [after] if after else []
    lines.append("mx.eval(model.state)" if s.key == "fista" else "mx.eval(model.state, optimizer.state)")
    return "\n".join(lines)


_LOOK_AHEAD = """\
before, iterate = iterate, tree_map(lambda x: x, model.trainable_parameters())
if before is not None:  # the gradient is taken ahead, at y = x + (t_before - 1) / t (x - x_before)
    t, t_before = (1 + (1 + 4 * t * t) ** 0.5) / 2, t
    model.update(tree_map(lambda x, x_before: x + (t_before - 1) / t * (x - x_before), iterate, before))"""


def _after(s: Settings) -> str:
    if s.treatment == "decoupled":
        slope = {(True, False): "mx.sign(x)", (False, True): "2 * x", (True, True): "(rho * mx.sign(x) + (1 - rho) * 2 * x)"}[s.pulls, s.springs]
        return (
            "for (i, name), x in zip(penalised, old):  # beside the step: what the rule remembers never sees it\n"
            f"    model.layers[i][name] = model.layers[i][name] - lr * lam * {slope}"
        )
    if s.treatment == "clamped" and s.pulls:
        return (
            "for j, ((i, name), x) in enumerate(zip(penalised, old)):\n"
            "    dead[j] = dead[j] | (x * model.layers[i][name] < 0)  # what crosses zero stays there: a warning, not a method\n"
            "    model.layers[i][name] = mx.where(dead[j], 0.0, model.layers[i][name])"
        )
    if s.treatment != "proximal":
        return ""
    lines = ["step += 1"] if _counts(s) else []
    lines += ["for i, name in penalised:  # the prox of lambda R, each weight by the step that the rule gives it", "    w = model.layers[i][name]"]
    rule = s.rule
    if isinstance(rule, RMSprop | Adagrad | Adam):
        v = 'optimizer.state["layers"][i][name]["v"]'
        v = f"{v} / (1 - {num(rule.betas[1])}**step)" if isinstance(rule, Adam) else v
        slower = f" / (1 + (step - 1) * {num(rule.lr_decay)})" if isinstance(rule, Adagrad) and rule.lr_decay else ""
        lines.append(f"    stride = lr / (mx.sqrt({v}) + {num(rule.eps)}){slower}")
    else:
        total = momentum_sum(s)
        lines.append(f"    stride = lr * {total}" if total else "    stride = lr")
    if s.pulls:
        lines.append(f"    w = mx.sign(w) * mx.maximum(mx.abs(w) - stride * lam{' * rho' if s.springs else ''}, 0)")
    if s.springs:
        lines.append(f"    w = w / (1 + 2 * stride * lam{' * (1 - rho)' if s.pulls else ''})")
    return "\n".join([*lines, "    model.layers[i][name] = w"])


def _counts(s: Settings) -> bool:
    rule = s.rule
    return isinstance(rule, Adam) or (isinstance(rule, SGD) and bool(rule.momentum)) or (isinstance(rule, Adagrad) and bool(rule.lr_decay))


def _note(s: Settings) -> str:
    said = []
    if isinstance(s.rule, Adam):
        said.append("MLX's Adam and AdamW do not correct their bias unless told to: with the default betas their first step is 3.16 lr, not lr.")
    if s.key == "adamw":
        said.append("AdamW decays every parameter by 0.01 unless told otherwise.")
    if s.key == "adam" and s.treatment == "subgradient" and s.springs:
        said.append("MLX's Adam has no weight_decay: the penalty stands in the loss.")
    if isinstance(s.rule, Adagrad):
        said.append("Adagrad's default eps is 1e-8, PyTorch's 1e-10.")
    if s.key == "fista":
        said.append("MLX has no FISTA: it is written out.")
    if s.normalises:
        said.append("BatchNorm's momentum and eps mean what PyTorch's mean.")
    if s.drops:
        said.append("nn.Dropout draws its own units, so the losses are the lab's in distribution and not number by number.")
    said.append("MLX computes in float32, on the GPU of Apple silicon; its CPU build runs elsewhere.")
    return " ".join(said)
