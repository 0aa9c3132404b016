"""What the lab's charts share: the axes of its scrubs, lines that follow them, the numbers beside the charts."""

from __future__ import annotations

from typing import Any

import numpy as np

from core._validate import Floats
from core.figures.palette import PALETTE, colour
from core.figures.scene import FamilyAxis, Mark, Readout
from core.figures.template import axis
from core.statistics.bias_variance.bases import BASES
from core.statistics.bias_variance.experiment import BiasVariance, Source, decades, grid, places
from core.statistics.bias_variance.words import apart, small
from core.wording import number

# Beyond a chart's frame by so many of its heights nothing is told from farther: coordinates stay where a canvas can hold them.
_BEYOND = 3.0
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def family_axis(result: BiasVariance) -> FamilyAxis:
    """Return the axis of lambda or of the size, with its best member one click away."""
    best, last = result.best, len(result.lam) - 1
    if result.spec.axis == "lam":
        marks = {0: "no penalty", last: "strongest", best: "least error"}
        return FamilyAxis("lam", result.lam, "Drag λ, the weight of the penalty", "λ =", marks=tuple(sorted(marks.items())))
    basis, enough = BASES[result.spec.basis], result.points - 1
    marks = {0: "the mean alone"} | ({enough: "as many coefficients as points"} if enough <= last else {}) | {best: "least error"}
    label = "Drag the degree" if basis.size == "degree" else f"Drag the number of {basis.size}"
    return FamilyAxis("at", result.size, label, "degree" if basis.size == "degree" else f"{basis.size}:", marks=tuple(sorted(marks.items())))


def x_of(result: BiasVariance, right: float) -> dict[str, Any]:
    """Return a chart's axis of x, up to ``right``: of own data the feature's own numbers stand at its ends and between."""
    ticks = [-1.0, -0.5, 0.0, 0.5, 1.0]
    if result.source is None:
        return axis("x", range=[-1.04, right], zeroline=False, tickvals=ticks)
    low, high = result.source.ends
    texts = [number(low + (high - low) * (at + 1.0) / 2.0) for at in ticks]
    return axis(result.source.feature, range=[-1.04, right], zeroline=False, tickvals=ticks, ticktext=texts)


def x_axis() -> FamilyAxis:
    """Return the axis of the place that is looked at."""
    return FamilyAxis("place", places(), "Drag x", "x =")


def along(result: BiasVariance) -> Floats:
    """Return (k,) where the members stand in a chart along the family: log10 of lambda, or the size."""
    return decades(result.lam) if result.spec.axis == "lam" else result.size


def along_axis(result: BiasVariance, room: float) -> dict[str, Any]:
    """Return the axis of such a chart; ``room`` is what it is longer for labels, in parts of its length."""
    x = along(result)
    ends = [float(x[0]) - 0.01 * float(np.ptp(x)), float(x[-1]) + room * float(np.ptp(x))]
    if result.spec.axis == "at":
        return axis(BASES[result.spec.basis].size, range=ends, zeroline=False, tickvals=list(range(0, len(x), 5)))
    powers = range(-5, 2, 2)
    ticks, texts = [float(x[0]), *map(float, powers)], ["0", *(_power(power) for power in powers)]
    return axis("λ", range=ends, zeroline=False, tickvals=ticks, ticktext=texts)


def _power(power: int) -> str:
    return f"10{str(power).translate(_SUPERSCRIPTS)}" if power < -2 else f"{10.0**power:g}"


def within(values: Floats, window: tuple[float, float]) -> Floats:
    """Return heights to be drawn: what is far outside the frame is brought nearer, where it is not seen either."""
    low, high = window
    room = _BEYOND * (high - low)
    brought: Floats = np.clip(values, low - room, high + room)
    return brought


def curve(heights: Floats, ink: str, name: str, axes: tuple[str, ...], **options: Any) -> Mark:  # noqa: ANN401 - a mark's own
    """Return a curve over x that follows the scrub: heights (k, g), or (g,) with no axes."""
    settings: dict[str, Any] = {"width": 2.2, "dash": PALETTE[ink].dash, "text": name, "side": "free"} | options
    return Mark("path", heights, ink, name, axes=axes, abscissa=grid(), **settings)


def named(x: float, y: float, text: str, ink: str) -> dict[str, Any]:
    """Return a direct label as a figure's annotation, left end at x."""
    return {"x": x, "y": y, "text": text, "showarrow": False, "xanchor": "left", "font": {"color": colour(ink), "size": 12.5}}


def numbers(result: BiasVariance) -> tuple[Readout, ...]:
    """Return the parts of the error, their sum, and what was measured."""
    axes = (family_axis(result).name,)

    def with_error(values: Floats, errors: Floats) -> list[str]:
        return [f"{small(float(value))} ± {small(float(error), 2)}" for value, error in zip(values, errors, strict=True)]

    members = range(len(result.lam))
    if result.source is not None:
        return _own_numbers(result, result.source, axes)
    chance = "Unbiased: what 400 sets cannot help but add is taken off, so it may lie below 0 by chance."
    return (
        Readout("bias²", [small(float(each)) for each in result.bias], axes=axes, colour="bias", help=chance),
        Readout(
            "variance", [small(float(each)) for each in result.variance], axes=axes, colour="variance", help="Over training sets, the mean over x."
        ),
        Readout("noise σ²", [small(result.noise)] * len(members), axes=axes, colour="muted", help="What no fit can get below."),
        Readout("sum", with_error(result.total, result.total_se), axes=axes, help="± one standard error over the training sets."),
        Readout(
            "test error",
            with_error(result.test, result.test_se),
            axes=axes,
            colour="validation",
            help="Measured: 20 fresh points for each of the 400 fits. ± one standard error; a fit with its points is one observation.",
        ),
        Readout(
            "difference", [apart(result, i, "SE") for i in members], axes=axes, help="Of test error and sum, in standard errors of it, set by set."
        ),
        Readout("training error", [small(float(each)) for each in result.train.mean(axis=1)], axes=axes, colour="train"),
        Readout(
            "largest set's part",
            [f"{100 * each:.1f} %" for each in result.heaviest],
            axes=axes,
            colour="variance",
            help="Of the variance; 1/400 if all were alike.",
        ),
    )


def _own_numbers(result: BiasVariance, source: Source, axes: tuple[str, ...]) -> tuple[Readout, ...]:
    """Return the numbers of own data: noise and bias^2 cannot be told apart, and the sum is what was measured."""

    def each(values: Floats) -> list[str]:
        return [small(float(value)) for value in values]

    held = f"On {len(source.held_y)} rows that are held back; the target's variance is 1."
    together = "Together: of your data nobody knows the truth. What the mean of 400 fits misses."
    share = [f"{100 * part:.1f} %" for part in result.heaviest]
    return (
        Readout("noise + bias²", each(result.bias), axes=axes, colour="bias", help=together),
        Readout("variance", each(result.variance), axes=axes, colour="variance", help="Over samples of your rows; sets that share rows are alike."),
        Readout("test error", each(result.total), axes=axes, colour="validation", help=f"Their sum, exactly. {held}"),
        Readout("training error", each(result.train.mean(axis=1)), axes=axes, colour="train"),
        Readout("largest set's part", share, axes=axes, colour="variance", help="Of the variance; 1/400 if all were alike."),
    )


def numbers_at_x(result: BiasVariance) -> tuple[Readout, ...]:
    """Return truth, mean fit and the parts of the error at the place that is looked at; of own data what can be told there."""
    axes = (family_axis(result).name, "place")
    every = slice(None, None, 4)
    if result.source is not None:
        low, high = result.source.ends
        feature = low + (high - low) * (places() + 1.0) / 2.0
        return (
            Readout(result.source.feature, feature, 4, axes=("place",)),
            Readout("mean fit", result.mean[:, every], 3, "bias", axes=axes),
            Readout("variance here", result.variance_at[:, every], 3, "variance", axes=axes),
        )
    return (
        Readout("truth", result.truth[every], 3, axes=("place",)),
        Readout("mean fit", result.mean[:, every], 3, "bias", axes=axes),
        Readout("bias² here", result.bias_at[:, every], 3, "bias", axes=axes),
        Readout("variance here", result.variance_at[:, every], 3, "variance", axes=axes),
    )
