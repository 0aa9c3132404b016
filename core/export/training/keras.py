"""The settings as a Keras 3 script. Keras can do most of them; where it cannot, the script says so in its first lines."""

from __future__ import annotations

from core.export.training.data import data_block, data_imports, first_weights_comment, first_weights_draw
from core.export.training.pytorch import momentum_sum
from core.export.training.settings import Settings, Snippet, arguments, num, report, script
from core.optimizers import FISTA, SGD, Adagrad, Adam, AdamW, Nesterov, RMSprop


def keras(settings: Settings) -> Snippet:
    """Return the script."""
    missing = _missing(settings)
    code = script(settings, missing, _imports(settings), data_block(settings), _model(settings), _training(settings))
    return Snippet("Keras", code, _note(settings), missing)


def _prox(s: Settings) -> bool:
    """Whether the proximal step can be a constraint: Keras applies one after each step, but it knows nothing of a rule's memory of squares."""
    return s.treatment == "proximal" and isinstance(s.rule, SGD | FISTA)


def _native_decay(s: Settings) -> bool:
    """Whether the penalty is Keras's weight_decay, which is decoupled in every rule."""
    return s.treatment == "decoupled" and not s.pulls


def _in_the_loss(s: Settings) -> bool:
    return s.treatment != "none" and not _prox(s) and not _native_decay(s)


def _missing(s: Settings) -> tuple[str, ...]:
    said = []
    instead = "here the penalty is added to the loss"
    if s.key == "fista":
        said.append("Keras has no FISTA; here SGD with Nesterov momentum 0.9 takes its place, another method.")
    if s.treatment == "proximal" and not _prox(s):
        said.append(f"Keras has no proximal step in the metric of {s.rule.label}; {instead}, which has the same minimum but gives no exact zeros.")
    if s.treatment == "clamped" and s.pulls:
        said.append(f"Keras has no clamp at zero; {instead} and weights may cross zero.")
    if s.treatment == "decoupled" and s.pulls:
        said.append(f"Keras decouples L2 decay alone; {instead}, so that the rule rescales it.")
    if s.key == "adamw" and s.decay and _native_decay(s):
        said.append(f"Keras's AdamW has one weight_decay; here the rule's own decay of {num(s.decay)} acts on what is penalised alone.")
    return tuple(said)


def _imports(s: Settings) -> str:
    lines = [
        "import os",
        "",
        'os.environ.setdefault("KERAS_BACKEND", "torch")  # "jax" and "tensorflow" will do as well',
        "import keras",
        "import numpy as np",
    ]
    lines += [line] if (line := data_imports(s)) else []
    lines += ["", f"keras.utils.set_random_seed({s.spec.seed})"]
    if s.spec.precision == "float64":
        lines.append('keras.config.set_floatx("float64")')
    return "\n".join(lines)


def _regularizer(l1: str, l2: str) -> str:
    if l1 and l2:
        return f"keras.regularizers.L1L2(l1={l1}, l2={l2})"
    return f"keras.regularizers.L1({l1})" if l1 else f"keras.regularizers.L2({l2})" if l2 else ""


def _model(s: Settings) -> str:
    lines = [f"lr = {num(s.spec.lr)}"]
    if s.treatment != "none":
        lines.append(f"lam = {num(s.spec.lam)}")
    if s.pulls and s.springs:
        lines.append(f"rho = {num(s.spec.rho)}")
    if _prox(s):
        lines += _constraint(s)
    both = s.pulls and s.springs
    l1 = ("lam * rho" if both else "lam") if _in_the_loss(s) and s.pulls else ""
    l2 = ("lam * (1 - rho)" if both else "lam") if _in_the_loss(s) and s.springs else ""
    # A coupled weight_decay adds weight_decay * w to the gradient of every parameter: an L2 term of half of it.
    half = num(s.decay / 2) if s.decay and not isinstance(s.rule, AdamW) else ""
    on_weights, on_scales = "", ""
    if l1 or l2 or half:
        on_weights = "penalty"
        lines.append(f"penalty = {_regularizer(l1, f'{l2} + {half}' if l2 and half else l2 or half)}")
    if half:
        on_scales = "decay"
        lines.append(f"decay = {_regularizer('', half)}  # the rule's own weight_decay, coupled, of every parameter")
    on_biases = on_weights if s.spec.biases else on_scales
    prox_weights = "Prox()" if _prox(s) else None
    prox_biases = prox_weights if s.spec.biases else None

    def dense(units: int) -> str:
        given = arguments(
            kernel_regularizer=on_weights or None, bias_regularizer=on_biases or None, kernel_constraint=prox_weights, bias_constraint=prox_biases
        )
        return f"    keras.layers.Dense({units}{', ' + given if given else ''}),"

    lines += ["model = keras.Sequential([", f"    keras.Input(({s.inputs},)),"]
    norm = arguments(momentum=0.9, epsilon=1e-5, beta_regularizer=on_biases or None, gamma_regularizer=on_scales or None, beta_constraint=prox_biases)
    made = {
        "norm": f"    keras.layers.BatchNormalization({norm}),",
        "activation": f'    keras.layers.Activation("{s.spec.activation}"),',
        "dropout": f"    keras.layers.Dropout({num(s.spec.dropout)}),",
    }
    for i, units in enumerate(s.spec.hidden):
        lines += [dense(units), *(made[stage] for stage in s.stages(i))]
    weight, bias = first_weights_draw(s, "into", "out")
    return "\n".join(
        [
            *lines,
            dense(s.outputs),
            "])",
            first_weights_comment(s),
            f"start = np.random.default_rng([{s.spec.seed}, 0])",
            "for layer in model.layers:",
            "    if isinstance(layer, keras.layers.Dense):",
            "        into, out = layer.kernel.shape",
            f"        layer.set_weights([{weight}, {bias}])",
        ]
    )


def _constraint(s: Settings) -> list[str]:
    total = "(1 + 0.9 * (1 - 0.9**step) / (1 - 0.9))" if s.key == "fista" else momentum_sum(s)
    lines = [
        "class Prox(keras.constraints.Constraint):",
        '    """The prox of lambda R, which Keras applies after each step of the rule."""',
        "",
        "    def __call__(self, w):",
    ]
    if total:
        lines += ["        step = keras.ops.cast(optimizer.iterations, w.dtype) + 1", f"        stride = lr * {total}"]
    else:
        lines.append("        stride = lr")
    if s.pulls:
        lines.append(f"        w = keras.ops.sign(w) * keras.ops.relu(keras.ops.abs(w) - stride * lam{' * rho' if s.springs else ''})")
    lines.append(f"        return w / (1 + 2 * stride * lam{' * (1 - rho)' if s.pulls else ''})" if s.springs else "        return w")
    return lines


def _optimizer(s: Settings) -> list[str]:
    rule = s.rule
    decay = "2 * lam" if _native_decay(s) else None
    rate = "lr"
    own: dict[str, object] = {}
    name = "SGD"
    if isinstance(rule, FISTA):
        own = {"momentum": 0.9, "nesterov": True}
    elif isinstance(rule, SGD):
        own = {"momentum": rule.momentum, "nesterov": True if isinstance(rule, Nesterov) else None}
    elif isinstance(rule, RMSprop):
        name, own = "RMSprop", {"rho": rule.alpha, "momentum": rule.momentum or None, "epsilon": _squared(rule.eps)}
    elif isinstance(rule, Adagrad):
        name, own = "Adagrad", {"initial_accumulator_value": rule.initial_accumulator_value, "epsilon": _squared(rule.eps)}
        if rule.lr_decay:
            rate = f"keras.optimizers.schedules.InverseTimeDecay(lr, decay_steps=1, decay_rate={num(rule.lr_decay)})"
    elif isinstance(rule, Adam):
        name, own = "AdamW" if s.key == "adamw" else "Adam", {"beta_1": rule.betas[0], "beta_2": rule.betas[1], "epsilon": rule.eps}
        if s.key == "adamw":
            decay = (f"{num(s.decay)} + 2 * lam" if s.decay else "2 * lam") if _native_decay(s) else num(s.decay)
    lines = [f"optimizer = keras.optimizers.{name}({arguments(learning_rate=rate, **own, weight_decay=decay)})"]
    if _native_decay(s):
        kept = '("kernel", "bias", "beta")' if s.spec.biases else '("kernel",)'
        lines.append(f"optimizer.exclude_from_weight_decay(var_list=[v for v in model.trainable_variables if v.name not in {kept}])")
    return lines


def _training(s: Settings) -> str:
    lines = _optimizer(s)
    kind = "float64" if s.spec.precision == "float64" else "float32"
    if s.task == "multiclass":
        lines.append("loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)")
    elif s.task == "binary":
        lines.append("loss = keras.losses.BinaryCrossentropy(from_logits=True)")
    else:
        lines += ["def loss(y, z):  # half the mean squared error", "    return keras.ops.mean(keras.ops.square(y - z)) / 2"]
    # A column of targets, so that Keras does not take (n,) against (n, 1) for all pairs.
    lines += [
        f'X = X.astype("{kind}")',
        *([] if s.task == "multiclass" else [f'y = y[:, None].astype("{kind}")']),
        "X_train, y_train, X_val, y_val = X[train], y[train], X[val], y[val]",
        "def data_loss(X, y):  # without the penalty, which Keras counts into the loss that it prints",
        "    return float(loss(y, model.predict_on_batch(X)))",
        "history = []",
        "class Report(keras.callbacks.Callback):",
        "    def on_epoch_end(self, epoch, logs=None):",
        "        history.append((data_loss(X_train, y_train), data_loss(X_val, y_val)))",
        "        epoch += 1  # Keras counts from 0",
        *report(s, 8),
    ]
    batch = str(s.spec.batch) if s.mini_batches else "len(train)"
    lines += [
        "model.compile(optimizer=optimizer, loss=loss)",
        f"model.fit(X_train, y_train, batch_size={batch}, epochs={s.spec.epochs}, callbacks=[Report()], verbose=0)",
    ]
    return "\n".join(lines)


def _squared(eps: float) -> float:
    return float(f"{eps**2:.12g}")


def _note(s: Settings) -> str:
    said = []
    if _in_the_loss(s):
        said.append("Keras's regularizers are lambda R itself: L2(0.01) adds 0.01 |w|^2 with no half, and L1L2 takes the two factors apart.")
    if _native_decay(s):
        said.append("Keras's weight_decay is decoupled in every rule and acts on all variables, so what is not penalised is excluded.")
    if _prox(s):
        said.append("A constraint is what Keras applies after each step, so the proximal step is one.")
    rule = s.rule
    if isinstance(rule, Adam):
        said.append(
            "Keras's default epsilon is 1e-7 and stands beside the uncorrected root, so the first steps differ slightly where gradients are tiny."
        )
        if s.key == "adamw":
            said.append("Its AdamW decays by 0.004 unless told otherwise.")
    elif isinstance(rule, RMSprop):
        said.append("Keras's defaults are rho 0.9 and epsilon 1e-7, and its epsilon stands under the root: PyTorch's, squared, comes nearest.")
    elif isinstance(rule, Adagrad):
        said.append("Keras's defaults are a first accumulator of 0.1 and epsilon 1e-7 under the root: PyTorch's, squared, comes nearest.")
    if s.normalises:
        said.append(
            "Batch normalisation's defaults are momentum 0.99 (PyTorch's 0.01) and epsilon 1e-3; its running variance is not the unbiased one."
        )
    if s.mini_batches:
        said.append("model.fit shuffles in an order of its own.")
    if s.drops:
        said.append("Dropout's rate is the probability of dropping, as here.")
    return " ".join(said) or "The same data and first weights as in the lab."
