"""Figures: what a lambda costs and gains. In: a Shrinkage. Out: errors of fit, folds and test over lambda; degrees of freedom over lambda."""

from __future__ import annotations

import numpy as np

from core.figures.scene import Mark, Scene
from core.figures.shrinkage.common import band, choices, cursor, line, named, over_lam
from core.statistics.shrinkage import Shrinkage
from core.statistics.shrinkage.words import error_sentences, freedom_sentences


def errors_over_lambda(result: Shrinkage) -> Scene:
    """Return the errors on fitted rows, in the folds and on rows never used, with the two choices."""
    check, lam = result.validation, result.lam
    upper = check.mean + check.error
    tall = max(float(upper.max()), float(result.test.max()), float(result.train.max()))
    high = min(1.08 * tall, max(2.5, 3.0 * float(check.mean[-1])))  # what overfitting costs may be far above all that matters
    curves = ((result.train, "fitted rows", "train"), (check.mean, f"{len(check.folds)} folds", "validation"), (result.test, "test rows", "loss"))
    traces = [band(lam, np.maximum(check.mean - check.error, 0.0), upper, "validation")]
    traces += [line(lam, each, name, ink, {"loss": "dot"}.get(ink, "")) for each, name, ink in curves]
    marks = [cursor(result)]
    for each, name, ink in curves:
        height = np.minimum(each, 2.0 * high)
        marks.append(Mark("point", np.column_stack([lam, height]), ink, name, axes=("lam",), size=5.0, text=name, side="free"))
    least = min(float(each.min()) for each, _, _ in curves)
    low = 0.9 * least if least > 0.3 * high else 0.0
    figure = over_lam(result, "mean squared error", (low, high), *traces)
    figure["layout"]["shapes"], figure["layout"]["annotations"] = choices(result)
    alt = (
        f"{result.spec.label}: mean squared error over λ on the rows that are fitted, in {len(check.folds)} folds with a band of one standard "
        f"error, and on "
        "rows never used; dashed upright lines are the two choices."
    )
    table = {"lambda": lam, "fitted": result.train, "folds": check.mean, "standard error": check.error, "test": result.test}
    return Scene(figure, alt, tuple(marks), captions=tuple(error_sentences(result)), caption_axes=("lam",), aspect=0.72, table=table)


def freedom_over_lambda(result: Shrinkage) -> Scene:
    """Return degrees of freedom and weights that are not zero over lambda."""
    lam, found = result.lam, result.path
    d = len(result.design.names)
    steps = line(lam, found.nonzero.astype(np.float64), "weights not zero", "muted", "solid", 1.6)
    steps["line"] |= {"shape": "hv"}
    traces = [steps, line(lam, found.df, "degrees of freedom", result.spec.penalty, width=2.6)]
    marks = (
        cursor(result),
        Mark("point", np.column_stack([lam, found.nonzero]), "muted", "not zero", axes=("lam",), size=5.0, symbol="diamond"),
        Mark("point", np.column_stack([lam, found.df]), result.spec.penalty, "degrees of freedom", axes=("lam",), size=5.5),
    )
    high = 1.12 * max(float(found.nonzero.max()), float(found.df.max()), 1.0)
    figure = over_lam(result, "how many", (-0.04 * high, high), *traces)
    left, right = float(np.log10(lam[0])), float(np.log10(lam[-1]))
    same = result.spec.penalty == "l1"
    labels = [(left + 0.03 * (right - left), 0.19 * high, "degrees of freedom", result.spec.penalty)]
    labels += [(left + 0.03 * (right - left), 0.1 * high, "= weights not zero" if same else "weights not zero", "muted")]
    figure["layout"]["annotations"] = named(*labels)
    alt = f"{result.spec.label}: degrees of freedom and the number of weights that are not zero, of {d}, over λ."
    table = {"lambda": lam, "degrees of freedom": found.df, "not zero": found.nonzero.astype(np.float64)}
    return Scene(figure, alt, marks, captions=tuple(freedom_sentences(result)), caption_axes=("lam",), aspect=0.6, table=table)
