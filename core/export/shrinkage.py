"""The chosen model of the lab "Shrinkage paths" as a script for scikit-learn: the lab's own rows, and its weights to six digits. Tests run it."""

from __future__ import annotations

from core.datasets.uploads.limits import OWN, OWN_FILE
from core.specs.shrinkage import ShrinkageSpec
from core.statistics.shrinkage.equivalents import scikit_learn

_REAL = """X, y = load_{data}(return_X_y=True{units})
order = np.random.default_rng({seed}).permutation(len(y))
fit = order[len(y) // 4 :]
X, y = X[fit], y[fit]
"""
_OWN = """table = pd.read_csv("{file}")  # your data, as the lab saves them: numbers, the target last
X, y = table.iloc[:, :-1].to_numpy(float), table.iloc[:, -1].to_numpy(float)
order = np.random.default_rng({seed}).permutation(len(y))
fit = order[len(y) // 4 :]
X, y = X[fit], y[fit]
"""
_SYNTHETIC = """n, d, relevant, correlation = {rows}, {columns}, {relevant}, {correlation:g}
rng = np.random.default_rng({seed})
X = rng.normal(size=(n + 500, d))
for j in range(1, d):  # neighbours are correlated
    X[:, j] = correlation * X[:, j - 1] + np.sqrt(1 - correlation**2) * X[:, j]
truth, places = np.zeros(d), np.arange(relevant) * d // max(relevant, 1)
truth[places] = np.where(np.arange(relevant) % 2, -1.0, 1.0) * np.linspace(1.0, 0.4, relevant)
apart = np.abs(np.subtract.outer(np.arange(d), np.arange(d)))
truth /= np.sqrt(truth @ correlation**apart @ truth) or 1.0
y = (X @ truth + {noise:g} * rng.normal(size=n + 500))[:n]
X = X[:n]
"""
_FLAWS = {
    "none": "",
    "constant": "X = np.column_stack([X, np.full(len(X), 7.0)])\n",
    "duplicate": "X = np.column_stack([X, X[:, {column}] / 2.54])\n",
}


def scikit_learn_code(spec: ShrinkageSpec, lam: float, n: int) -> str:
    """Return a script that fits the chosen penalty at lambda with scikit-learn and prints ``model[-1].coef_``.

    Parameters
    ----------
    spec:
        Data and penalty.
    lam:
        The penalty's weight.
    n:
        Rows that are fitted.
    """
    name, parameters = scikit_learn(spec.mix, lam, n)
    given = ", ".join(f"{key}={value:.10g}" for key, value in parameters.items())
    careful = "" if name == "Ridge" else ", tol=1e-12, max_iter=1_000_000"
    return (
        f"import numpy as np\n{loader(spec)}from sklearn.linear_model import {name}\nfrom sklearn.pipeline import make_pipeline\n"
        f"from sklearn.preprocessing import StandardScaler\n\n{rows_code(spec)}y = (y - y.mean()) / y.std()\n\n"
        f"model = make_pipeline(StandardScaler(), {name}({given}{careful}))\nmodel.fit(X, y)\nprint(model[-1].coef_)\n"
    )


def loader(spec: ShrinkageSpec) -> str:
    """Return the import line of the rows that are fitted, or nothing."""
    if spec.data == OWN:
        return "import pandas as pd\n"
    return "" if spec.data == "synthetic" else f"from sklearn.datasets import load_{spec.data}\n"


def rows_code(spec: ShrinkageSpec) -> str:
    """Return the lines that make X and y of a spec's rows to fit, in their own units."""
    if spec.data == "synthetic":
        made = _SYNTHETIC.format(
            rows=int(spec.rows),
            columns=int(spec.columns),
            relevant=min(int(spec.relevant), int(spec.columns)),
            correlation=spec.correlation,
            noise=spec.noise,
            seed=int(spec.seed),
        )
    elif spec.data == OWN:
        made = _OWN.format(file=OWN_FILE, seed=int(spec.seed))
    else:
        made = _REAL.format(data=spec.data, units=", scaled=False" if spec.data == "diabetes" else "", seed=int(spec.seed))
    return made + _FLAWS[spec.flaw].format(column=2 if spec.data == "diabetes" else 0)
