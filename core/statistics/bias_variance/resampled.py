"""The experiment on somebody's own rows: training sets are samples of them, and what is not known of them is not claimed.

A quarter of the rows is held back. Each of 400 training sets is n of the others, drawn without replacement. With g_s the fit of set s, g their mean,
and (x, y) a row that is held back,

    mean over s of (y - g_s(x))^2 = (y - g(x))^2 + mean over s of (g_s(x) - g(x))^2

The second part is the variance, the first noise + bias^2: of rows whose truth is unknown nobody can tell the two apart. As where the truth is known,
the variance divides by S - 1, and variance / S is taken from the first part; so their sum is the measured error, exactly. Sets that share rows are
alike, and the more so the larger a part of the rows each has: the variance is that of drawing again from these rows, not from the world.
"""

from __future__ import annotations

import numpy as np

from core._validate import Floats
from core.errors import InvalidInput
from core.specs.bias_variance import BUNDLE, BiasVarianceSpec
from core.statistics.bias_variance.bases import BASES
from core.statistics.bias_variance.experiment import BINS, SETS, BiasVariance, Own, Source, counted, grid, lambdas, places, residual
from core.statistics.bias_variance.fits import Fits, ridge

HELD_SHARE = 4
MOST_HELD = 400
"""One row in so many is held back, and no more than that are looked at."""


def source_of(spec: BiasVarianceSpec, own: Own | None) -> Source:
    """Return the rows of a spec's sets: split by its draw, x from -1 to 1, the target standardised.

    Raises
    ------
    InvalidInput
        Where there are no data, too few rows for training sets of this size, or more than two classes.
    """
    if own is None:
        raise InvalidInput("your own data, which are not here", "a table in this session", "Paste or upload it.")
    data, feature = own
    _, y = data.standardised()
    column = data.X[:, feature]
    low, high = float(column.min()), float(column.max())
    x = np.clip(2.0 * ((column - low) / (high - low)) - 1.0, -1.0, 1.0)
    order = np.random.default_rng([int(spec.seed), 4]).permutation(len(y))
    held, rest = order[: len(y) // HELD_SHARE][:MOST_HELD], order[len(y) // HELD_SHARE :]
    n = int(spec.points)
    if n > len(rest) - 2:
        raise InvalidInput(
            f"training sets of {n} points from {len(rest)} rows",
            f"at most {len(rest) - 2} points",
            "Draw smaller training sets, or bring more rows.",
        )
    target = data.label if data.classes else data.target
    return Source(data.features[feature], target, (low, high), x[rest], y[rest], x[held], y[held])


def resampled(spec: BiasVarianceSpec, own: Own | None) -> BiasVariance:
    """Return the experiment on own rows."""
    source = source_of(spec, own)
    n = int(spec.points)
    rng = np.random.default_rng([int(spec.seed), n, 5])
    rows = np.argsort(rng.random((SETS, len(source.y))), axis=1)[:, :n]
    x, y = source.x[rows], source.y[rows]
    together = np.concatenate([source.y, source.held_y])
    low, high = float(np.quantile(together, 0.01)), float(np.quantile(together, 0.99))
    room = 0.15 * (high - low) or 1.0
    window = (low - room, high + room)
    basis, along = BASES[spec.basis], spec.axis == "lam"
    sizes, lam = ([int(spec.size)], lambdas()) if along else (list(range(basis.most + 1)), np.array([spec.fixed]))
    train, shown = (basis.columns(at, sizes[-1]) for at in (x, np.concatenate([grid(), source.held_x])))
    parts = []
    for size in sizes:
        fits = ridge(train(size), y, lam)
        parts.append(_measured(fits, shown(size), source.held_y, window) | {"train": residual(fits, train(size), y)})
    columns = {name: np.concatenate([part[name] for part in parts], axis=1 if name == "fits" else 0) for name in parts[0]}
    k = len(columns["bias"])
    return BiasVariance(
        spec,
        lambdas() if along else np.full(k, spec.fixed),
        np.full(k, spec.size) if along else np.arange(float(k)),
        truth=np.zeros(len(grid())),
        bias_at=np.zeros((k, len(grid()))),
        x=x[:BUNDLE],
        y=y[:BUNDLE],
        window=window,
        measured=columns["error"],
        source=source,
        **columns,
    )


def _measured(fits: Fits, design: Floats, held: Floats, window: tuple[float, float]) -> dict[str, Floats]:
    """Return what the fits of all sets have in common, for columns ``design`` at the grid's places and then the held rows'."""
    k, sets, g = *fits.intercept.shape, len(grid())
    made: dict[str, Floats] = {name: np.empty((k, g)) for name in ("mean", "variance_at")}
    made |= {name: np.empty((k, sets)) for name in ("error", "deviation")}
    made |= {"bias": np.empty(k), "variance": np.empty(k), "fits": np.empty((BUNDLE, k, g)), "counts": np.empty((k, len(places()), BINS))}
    for j in range(k):
        values = fits.at(design, j)
        made["fits"][:, j] = values[:BUNDLE, :g]
        made["counts"][j] = counted(values[:, :g:4], window)
        mean = values.mean(axis=0)
        made["error"][j] = ((values[:, g:] - held) ** 2).mean(axis=1)
        values -= mean
        made["deviation"][j] = (values[:, g:] ** 2).mean(axis=1)
        variance = np.einsum("sg,sg->g", values, values) / (sets - 1)
        made["mean"][j], made["variance_at"][j] = mean[:g], variance[:g]
        made["variance"][j] = variance[g:].mean()
        made["bias"][j] = ((mean[g:] - held) ** 2 - variance[g:] / sets).mean()
    made["rank"] = np.full(k, float(fits.rank))
    return made
