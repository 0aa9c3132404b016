"""Figures of "Step by step". In: a StepByStep. Out: the two charts of each of its stories."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from core.figures.against_step import Line, against_step, level
from core.figures.labels import SUBSCRIPTS
from core.figures.number_line import Symbol, Track, number_line
from core.figures.scene import Scene
from core.step_by_step import TOLERANCE, TREATMENTS, Event, Run, StepByStep
from core.step_by_step_words import happens

_SYMBOLS: tuple[Symbol, Symbol] = ("circle", "diamond")
_SHORT = {"none": "none", "l1": "L1", "l2": "L2", "elastic_net": "elastic"}
_FLOOR = TOLERANCE / 100
_ASPECT = 0.66  # of both charts, which stand side by side


def ink_of(key: str) -> str:
    """Return the palette name of a rule: no penalty is the loss alone."""
    return "loss" if key == "none" else key


def first_of_each(run: Run, index: int) -> list[Event]:
    """Return what first happens to a weight at zero, each kind once: one that swings to and fro crosses zero in every step."""
    found: dict[str, Event] = {}
    for event in run.events:
        if event.index == index:
            found.setdefault(event.kind, event)
    return list(found.values())


def table_line(result: StepByStep) -> Scene:
    """Return both weights under each rule on a number line."""
    tracks = []
    for row, run in enumerate(result.runs):
        for i in range(2):
            cut = tuple((event.step, float(run.before[event.step][i])) for event in run.events if event.kind == "clipped" and event.index == i)
            name = f"w{SUBSCRIPTS[i]}"
            tracks.append(Track(row, ink_of(run.rule.key), run.w[:, i], f"{run.rule.key}-{i + 1}", name, _SYMBOLS[i], 1 - 2 * i, cut))
    rows = [run.rule.label for run in result.runs]
    figure, marks = number_line(rows, tracks, "weight", "keep-tables")
    alt = f"Number lines of two weights, a row each for {', '.join(rows)}: points that step along and leave a trail; crosses mark steps cut at zero."
    return Scene(figure, alt, marks, table=_columns(result), aspect=_ASPECT)


def table_plot(result: StepByStep) -> Scene:
    """Return both weights under each rule against the step, or what each penalty took from them."""
    taken = result.spec.plot == "taken"
    free = result.runs[0].w
    lines = []
    for run in result.runs[1:] if taken else result.runs:
        for i in range(2):
            rings = () if taken else tuple((event.step, happens(event)) for event in first_of_each(run, i))
            heights = run.w[:, i] - free[:, i] if taken else run.w[:, i]
            lines.append(Line(ink_of(run.rule.key), heights, f"{_SHORT[run.rule.key]} w{SUBSCRIPTS[i]}", _SYMBOLS[i], rings=rings))
    title = "weight − weight without penalty" if taken else "weight"
    figure, marks = against_step(result.axis, lines, title, f"keep-tables-{result.spec.plot}")
    what = "How far each penalty has moved two weights from where they would be without it" if taken else "Two weights under each rule"
    alt = f"{what}, against the step; lines are named at their right end and drawn up to the step in focus; rings mark what happens at zero."
    return Scene(figure, alt, marks, table=_columns(result), aspect=_ASPECT)


def _columns(result: StepByStep) -> dict[str, np.ndarray]:
    columns = {f"{run.rule.key}_w{i + 1}": run.w[:, i] for run in result.runs for i in range(2)}
    return {"step": result.axis} | columns


def alone_plot(result: StepByStep, logarithmic: bool) -> Scene:
    """Return the large and the small weight under the penalty alone: straight under L1 as they are, straight under L2 on a logarithmic axis."""
    alone = result.alone
    lines = []
    for key, left in (("l1", alone.l1), ("l2", alone.l2)):
        for i, weight in enumerate(alone.start):
            heights = np.abs(left[:, i]) if logarithmic else left[:, i]
            lines.append(Line(key, heights, f"{_SHORT[key]} {weight:g}", _SYMBOLS[i]))
    title = "|W|, logarithmic" if logarithmic else "W"
    figure, marks = against_step(alone.steps, lines, title, f"keep-alone-{logarithmic}", _FLOOR if logarithmic else None)
    if logarithmic:
        figure["layout"]["shapes"] = [level(f"{TOLERANCE:g}", TOLERANCE)]
    shape = "on a logarithmic axis, where multiplying is a straight line" if logarithmic else "where subtracting is a straight line"
    alt = f"A weight of {alone.start[0]:g} and one of {alone.start[1]:g} against the step, pulled on by L1 or L2 alone, {shape}."
    table = {"step": alone.steps, "l1_large": alone.l1[:, 0], "l1_small": alone.l1[:, 1], "l2_large": alone.l2[:, 0], "l2_small": alone.l2[:, 1]}
    return Scene(figure, alt, marks, table=table, aspect=_ASPECT)


def alone_line(result: StepByStep) -> Scene:
    """Return the lone weights as they are."""
    return alone_plot(result, logarithmic=False)


def alone_log(result: StepByStep) -> Scene:
    """Return the lone weights on a logarithmic axis."""
    return alone_plot(result, logarithmic=True)


def zero_line(result: StepByStep) -> Scene:
    """Return one weight under three treatments on a number line, with the minimiser that it should reach."""
    zero, names = result.zero, [*TREATMENTS.values(), "minimiser"]
    tracks = [Track(i, treatment, zero.w[i], treatment, "w") for i, treatment in enumerate(TREATMENTS)]
    tracks.append(Track(len(TREATMENTS), "loss", zero.best, "minimiser", symbol="diamond"))
    figure, marks = number_line(names, tracks, "weight", "keep-zero")
    alt = f"Number lines of one weight under L1, a row each for {', '.join(names)}: points that step along and leave a trail."
    return Scene(figure, alt, marks, table=_zero_columns(result), aspect=_ASPECT)


def zero_plot(result: StepByStep) -> Scene:
    """Return one weight under three treatments against the step."""
    zero = result.zero
    lines = [Line("muted", zero.best, "minimiser", still=True)]
    for i, (treatment, name) in enumerate(TREATMENTS.items()):
        rings = [(zero.died, "crosses zero and is set to 0 for ever")] if treatment == "clamped" and zero.died is not None else []
        back = zero.back[i]
        rings += [(back, "comes back")] if treatment == "proximal" and back is not None else []
        lines.append(Line(treatment, zero.w[i], {"subgradient": "across"}.get(treatment, name), rings=tuple(rings)))
    figure, marks = against_step(result.axis, lines, "weight", "keep-zero")
    alt = "One weight under L1 against the step, three ways from one start: stepping across, proximal, clamped; dotted, the minimiser."
    return Scene(figure, alt, marks, table=_zero_columns(result), aspect=_ASPECT)


def _zero_columns(result: StepByStep) -> dict[str, np.ndarray]:
    zero = result.zero
    columns = {treatment: zero.w[i] for i, treatment in enumerate(TREATMENTS)}
    return {"step": result.axis} | columns | {"centre": zero.centre, "minimiser": zero.best}


FIRST: Mapping[str, Callable[[StepByStep], Scene]] = {"tables": table_line, "alone": alone_line, "zero": zero_line}
SECOND: Mapping[str, Callable[[StepByStep], Scene]] = {"tables": table_plot, "alone": alone_log, "zero": zero_plot}
