"""The settings as a scikit-learn script: MLPClassifier and MLPRegressor do less, and the script names all that they leave out."""

from __future__ import annotations

from core.export.training.data import data_block, data_imports
from core.export.training.settings import Settings, Snippet, arguments, num, report, script
from core.optimizers import SGD, Adam, Nesterov

_ACTIVATIONS = {"relu": "relu", "tanh": "tanh", "sigmoid": "logistic", "linear": "identity", "gelu": "relu"}


def scikit_learn(settings: Settings) -> Snippet:
    """Return the script."""
    missing = _missing(settings)
    name = _name(settings)
    imports = "\n".join(["import numpy as np", *([line] if (line := data_imports(settings)) else []), *_more_imports(settings, name)])
    code = script(settings, missing, imports, data_block(settings), _model(settings, name), _loop(settings, name))
    return Snippet("scikit-learn", code, _note(settings, name), missing)


def _name(s: Settings) -> str:
    return "MLPRegressor" if s.task == "regression" else "MLPClassifier"


def _more_imports(s: Settings, name: str) -> list[str]:
    lines = [f"from sklearn.neural_network import {name}"]
    return lines if s.task == "regression" else ["from sklearn.metrics import log_loss", *lines]


def _solver(s: Settings) -> str:
    return "sgd" if isinstance(s.rule, SGD) else "adam"


def _missing(s: Settings) -> tuple[str, ...]:
    name, said = _name(s), []
    if s.spec.activation == "gelu" and s.spec.hidden:
        said.append(f"{name} has no GELU; here ReLU takes its place.")
    if s.normalises:
        said.append(f"{name} has no batch normalisation; here there is none.")
    if s.drops:
        said.append(f"{name} has no dropout; here there is none.")
    if s.key not in ("sgd", "momentum", "nesterov", "adam"):
        said.append(f"{name} has no {s.rule.label}; here Adam takes its place, another method.")
    if s.pulls:
        half = "its L2 part alone" if s.springs else "no penalty"
        said.append(f"{name} has no L1 penalty; here there is {half}.")
    if s.springs and s.treatment in ("proximal", "decoupled"):
        said.append(f"{name} adds its L2 penalty to the loss and knows neither a proximal step nor decoupled decay.")
    if s.treatment != "none" and s.spec.biases:
        said.append(f"{name} never penalises biases.")
    if s.decay:
        said.append(f"{name} has no weight_decay; here it is counted into alpha, which spares the biases.")
    if s.spec.init_scale != 1.0:
        said.append(f"{name} draws its first weights itself; here they are not scaled.")
    return tuple(said)


def _model(s: Settings, name: str) -> str:
    rule = s.rule
    lines = [f"batch = min({s.spec.batch}, len(train))" if s.mini_batches else "batch = len(train)"]
    factor = []
    if s.springs:
        lines.append(f"lam = {num(s.spec.lam)}")
        if s.pulls:
            lines.append(f"rho = {num(s.spec.rho)}")
        factor.append("2 * lam * (1 - rho)" if s.pulls else "2 * lam")
    if s.decay:
        factor.append(num(s.decay))
    if factor:
        total = factor[0] if len(factor) == 1 else f"({' + '.join(factor)})"
        lines.append(f"alpha = {total} * batch  # alpha / 2 |w|^2 is divided by the rows of a batch")
    own: dict[str, object] = {}
    if isinstance(rule, SGD):
        own = {"momentum": rule.momentum, "nesterovs_momentum": isinstance(rule, Nesterov)}
    elif isinstance(rule, Adam):
        own = {"beta_1": rule.betas[0], "beta_2": rule.betas[1], "epsilon": rule.eps or None}
    else:
        own = {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-8}
    hidden = "(" + ", ".join(str(units) for units in s.spec.hidden) + ("," if len(s.spec.hidden) == 1 else "") + ")"
    given = [
        f"hidden_layer_sizes={hidden}",
        f'activation="{_ACTIVATIONS[s.spec.activation]}"',
        f'solver="{_solver(s)}"',
        f"alpha={'alpha' if factor else 0.0}",
        "batch_size=batch",
        f"learning_rate_init={num(s.spec.lr)}",
        *(arguments(**own).split(", ")),
        f"random_state={s.spec.seed}",
    ]
    return "\n".join([*lines, f"model = {name}(", *(f"    {each}," for each in given), ")"])


def _loop(s: Settings, name: str) -> str:
    lines = ["X_train, y_train, X_val, y_val = X[train], y[train], X[val], y[val]"]
    if s.task == "regression":
        lines += ["def data_loss(X, y):  # half the mean squared error", "    return 0.5 * np.mean((model.predict(X) - y) ** 2)"]
        fit = "model.partial_fit(X_train, y_train)"
    else:
        lines += ["def data_loss(X, y):", "    return log_loss(y, model.predict_proba(X), labels=classes)"]
        fit = "model.partial_fit(X_train, y_train, classes=classes)"
    if s.task != "regression":
        lines.append("classes = np.unique(y)")
    lines += [
        "history = []",
        f"for epoch in range(1, {s.spec.epochs + 1}):",
        f"    {fit}  # one epoch",
        "    history.append((data_loss(X_train, y_train), data_loss(X_val, y_val)))",
        *report(s),
    ]
    return "\n".join(lines)


def _note(s: Settings, name: str) -> str:
    said = [f"{name} draws its own first weights (Glorot and Bengio 2010), so its curves are others."]
    if s.springs:
        said.append(
            "Its alpha is 2 B lambda for batches of B rows, since it divides alpha / 2 |w|^2 by them; a last, smaller batch is penalised more."
        )
    else:
        said.append("Its default alpha is 0.0001, not 0.")
    if _solver(s) == "adam":
        said.append("Its epsilon stands beside the uncorrected root, so the first steps differ slightly where gradients are tiny.")
    elif s.key == "sgd":
        said.append("Its SGD has momentum 0.9 unless told otherwise.")
    if s.mini_batches:
        said.append("It shuffles in an order of its own.")
    return " ".join(said)
