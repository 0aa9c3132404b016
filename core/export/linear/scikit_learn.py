"""A penalised linear model for scikit-learn: the model at lambda, and the cross-validated grid from which lambda is taken."""

from __future__ import annotations

from core.cheat_sheet.conventions import Setting, Size, say
from core.export.linear.settings import Linear, head, imports, rows
from core.export.training.settings import Snippet


def scikit_learn(settings: Linear, n: int) -> Snippet:
    """Return the script; ``n`` is how many rows are fitted."""
    key, made, step, name = _model(settings)
    spoken = {line.key: line for line in say(Setting(settings.lam * settings.rho, settings.lam * (1.0 - settings.rho)), Size(n))}
    value = spoken[key].numbers[0]
    blocks = [
        head(settings, f"scikit-learn's {name} says lambda in a way of its own; the line below translates it for n rows."),
        imports(
            settings,
            f"from sklearn.linear_model import {name}",
            "from sklearn.model_selection import GridSearchCV, PredefinedSplit",
            "from sklearn.pipeline import make_pipeline",
            "from sklearn.preprocessing import StandardScaler",
        ),
        rows(settings),
        f"rho = {settings.rho:g}\nmodel = make_pipeline(StandardScaler(), {made.format(f'{value:.10g}')})\nmodel.fit(X, y)\nprint(model[-1].coef_)",
        _grid(settings, step),
    ]
    return Snippet("scikit-learn", "\n\n".join(blocks) + "\n", _note(settings, name))


def _model(s: Linear) -> tuple[str, str, str, str]:
    """Return the convention's key, the model with a place for its number, the grid's parameter as a function of ``grid``, and the class."""
    share = s.rho / (2.0 - s.rho)
    exact = "tol=1e-12, max_iter=1_000_000"
    if s.logistic:
        # lbfgs has no L1; saga has both.
        solver = 'solver="lbfgs", tol=1e-10, max_iter=10_000' if s.rho == 0.0 else 'solver="saga", tol=1e-8, max_iter=200_000'
        made = f"LogisticRegression(C={{0}}, l1_ratio={share:.10g}, {solver})"
        return "logistic", made, '"logisticregression__C": 1 / (n * (2 - rho) * grid)', "LogisticRegression"
    if s.rho == 0.0:
        return "ridge", "Ridge(alpha={0})", '"ridge__alpha": 2 * n * grid', "Ridge"
    if s.rho == 1.0:
        return "lasso", f"Lasso(alpha={{0}}, {exact})", '"lasso__alpha": grid', "Lasso"
    return "elastic_net", f"ElasticNet(alpha={{0}}, l1_ratio={share:.10g}, {exact})", '"elasticnet__alpha": (2 - rho) * grid', "ElasticNet"


def _grid(s: Linear, parameter: str) -> str:
    folds = int(s.data.folds)
    centred = "X - X.mean(axis=0)"
    lines = [
        "# Which lambda? A grid down from where the penalty has won, and the lab's own folds; each is standardised by itself.",
        "# Columns and target in standard deviations.",
        "n = len(y)",
        f"standard = ({centred}) / X.std(axis=0)",
    ]
    if s.rho > 0.0:
        lines += ["top = np.abs(standard.T @ (y - y.mean())).max() / n / rho  # from here on all weights are 0"]
    else:
        times = "2.5" if s.logistic else "10"  # the log loss's largest curvature is a quarter of it
        lines += [f"top = {times} * np.linalg.norm(standard, 2) ** 2 / n  # the steepest direction keeps 1/21"]
    score = '"neg_log_loss"' if s.logistic else '"neg_mean_squared_error"'
    # Ridge's n is that of the rows fitted; folds have fewer, and GridSearchCV knows one number for all.
    n = "n" if s.rho > 0.0 and not s.logistic else f"n * {folds - 1} / {folds}"
    grid = parameter if n == "n" else parameter.replace("2 * n", f"2 * {n}").replace("(n *", f"({n} *")
    lines += [
        f"grid = np.geomspace({10.0**-s.span:g} * top, top, {s.grid})",
        f"folds = PredefinedSplit(np.random.default_rng([{int(s.data.seed)}, 1]).permutation(np.arange(n) % {folds}))",
        f"search = GridSearchCV(model, {{{grid}}}, cv=folds, scoring={score}, refit=False)",
        "search.fit(X, y)",
        'error = -search.cv_results_["mean_test_score"]',
        f'spread = search.cv_results_["std_test_score"] * np.sqrt(1 / {folds - 1})  # of that mean',
        "best = error.argmin()",
        "simplest = np.flatnonzero(error <= error[best] + spread[best])[-1]  # within one standard error",
        'print(f"least error at lambda = {grid[best]:.4g}; one standard error: {grid[simplest]:.4g}")',
    ]
    return "\n".join(lines)


def _note(s: Linear, name: str) -> str:
    said = [f"{name} repeats the lab's weights to {'four' if s.logistic and s.rho > 0.0 else 'eight' if not s.logistic else 'six'} digits."]
    said.append("The pipeline standardises each fold by its own rows; standardising before the split would let the folds see each other.")
    return " ".join(said)
