"""The data of a script: the same points, split, standardisation, noise, first weights and batches as in the lab, in a few lines of NumPy."""

from __future__ import annotations

from core.datasets.real import LOADERS
from core.datasets.shapes import SHAPES
from core.export.training.settings import Settings, indented, num

# The lines of core.datasets.shapes; a test holds the two together.
_LINES = {
    "circles": (
        "angle = 2 * np.pi * rng.random(points)",
        "radius = np.where(y == 0, 0.75, 1.5)",
        "X = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)",
    ),
    "xor": (
        "sign = np.where(rng.random(points) < 0.5, -1.0, 1.0)",
        "away = 0.1 + 1.4 * rng.random((points, 2))",
        "X = np.stack([sign * away[:, 0], np.where(y == 0, sign, -sign) * away[:, 1]], axis=1)",
    ),
    "gaussians": (
        "cloud = 0.5 * np.clip(rng.standard_normal((points, 2)), -3.0, 3.0)",
        "X = np.where(y == 0, -0.75, 0.75)[:, None] + cloud",
    ),
    "spiral": (
        "out = np.sqrt(rng.random(points))",
        "angle = 2.5 * np.pi * out + np.pi * y",
        "X = np.stack([2.5 * out * np.cos(angle), 2.5 * out * np.sin(angle)], axis=1)",
    ),
    "moons": (
        "angle = np.pi * rng.random(points)",
        "x1 = np.where(y == 0, np.cos(angle) - 0.5, 0.5 - np.cos(angle))",
        "x2 = np.where(y == 0, np.sin(angle) - 0.25, 0.25 - np.sin(angle))",
        "X = np.stack([x1, x2], axis=1)",
    ),
}


def data_block(settings: Settings) -> str:
    """Return the lines that make X, y and the row numbers ``train`` and ``val``."""
    spec = settings.spec
    lines = [f"rng = np.random.default_rng({spec.data_seed})"]
    real = spec.data not in SHAPES
    if not real:
        lines += [f"points = {spec.points}", "y = (np.arange(points) >= points // 2).astype(int)  # the first half is class 0", *_LINES[spec.data]]
    elif spec.data in LOADERS:
        units = ", scaled=False" if spec.data == "diabetes" else ""
        lines.append(f"X, y = {LOADERS[spec.data]}(return_X_y=True{units})")
    else:
        lines += [
            'table = np.loadtxt("data.csv", delimiter=",", skiprows=1)  # your file: the inputs, and the target in the last column',
            "X, y = table[:, :-1], table[:, -1]",
        ]
        if settings.task != "regression":
            lines.append("y = np.unique(y, return_inverse=True)[1]  # classes are counted from 0")
    share = num(spec.split)
    lines += [
        "",
        f"# {100 * spec.split:.4g} % of {'all rows' if settings.task == 'regression' else 'each class'} is trained on, the rest is for validation.",
        "order = rng.permutation(len(y))",
    ]
    if settings.task == "regression":
        lines += [f"count = min(max(int({share} * len(y) + 0.5), 2), len(y) - 2)", "train, val = order[:count], order[count:]"]
    else:
        lines += [
            "chosen = np.zeros(len(y), dtype=bool)",
            "for label in np.unique(y):",
            "    rows = order[y[order] == label]",
            f"    count = min(max(int({share} * len(rows) + 0.5), 1), max(len(rows) - 1, 1))",
            "    chosen[rows[:count]] = True",
            "train, val = order[chosen[order]], order[~chosen[order]]",
        ]
    if real:
        lines += [
            "",
            "# Standardised by the training part alone; a column that is constant there becomes 0.",
            "mean, std = X[train].mean(axis=0), X[train].std(axis=0)",
            "X = (X - mean) / np.where(std > 1e-12 * np.abs(mean), std, np.inf)",
        ]
        if settings.task == "regression":
            lines.append("y = (y - y[train].mean()) / y[train].std()")
    if spec.noise != 0.0:
        lines += ["", "# Noise on every input, of this standard deviation.", f"X = X + {num(spec.noise)} * rng.standard_normal(X.shape)"]
    return "\n".join(lines)


def data_imports(settings: Settings) -> str:
    """Return the import that the data need besides NumPy's, or nothing."""
    return f"from sklearn.datasets import {LOADERS[settings.spec.data]}" if settings.spec.data in LOADERS else ""


def first_weights_comment(settings: Settings) -> str:
    """Return the comment over the lines that set the first weights."""
    times = f", times {num(settings.spec.init_scale)}" if settings.spec.init_scale != 1.0 else ""
    return f"# The first weights, uniform within 1 / sqrt(inputs){times}: torch.nn.Linear's choice, drawn by NumPy so that they are the lab's."


def first_weights_draw(settings: Settings, into: str, out: str) -> tuple[str, str]:
    """Return the expressions that draw a layer's weights (in, out) and then its biases (out,) from ``start``."""
    scale = f"{num(settings.spec.init_scale)} * " if settings.spec.init_scale != 1.0 else ""
    return f"{scale}start.uniform(-1, 1, ({into}, {out})) / {into}**0.5", f"{scale}start.uniform(-1, 1, {out}) / {into}**0.5"


def batches_loop(settings: Settings, body: str) -> str:
    """Return the loop over an epoch's batches, ``rows`` being row numbers of the training part, or its one pass over all of them.

    The order is the lab's. A last batch of a single row joins the one before it: it would have no variance to normalise by.
    """
    order = f"order = np.random.default_rng([{settings.spec.data_seed}, 2, epoch]).permutation(len(train))"
    head = f"for rows in np.split(order, range({settings.spec.batch}, len(order) - 1, {settings.spec.batch})):"
    return "\n".join([order, head, indented(body)])
