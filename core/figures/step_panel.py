"""What surrounds the charts of "Step by step": the axis of its scrub, the formulas with the numbers put in, and the table of each story."""

from __future__ import annotations

import numpy as np

from core.figures.labels import SUBSCRIPTS
from core.figures.scene import FamilyAxis, Readout, Table
from core.figures.step_views import first_of_each, ink_of
from core.step_by_step import LIMIT, TOLERANCE, TREATMENTS, Run, StepByStep
from core.step_by_step_words import (
    SUMMARIES,
    alone_formulas,
    event_sentence,
    formulas,
    happens,
    rounded,
    rule_formula,
    slip_sentence,
    step_sentences,
    zero_counts,
    zero_formulas,
)
from core.wording import plain

_MARKS = 6  # buttons at most beside the ends: more would not be read


def step_axis(result: StepByStep) -> FamilyAxis:
    """Return the axis of steps, with a player, and the steps worth jumping to."""
    last = len(result.axis) - 1
    found = {"tables": _table_marks, "alone": _alone_marks, "zero": _zero_marks}[result.spec.story](result)
    marks: dict[int, str] = {}
    for member, words in list(dict.fromkeys(found))[:_MARKS]:
        marks[member] = f"{marks[member]}, {words}" if member in marks else words
    marks = {0: "start", last: "end"} | marks
    labels = {
        "tables": "Step through the tables",
        "alone": "Step, with nothing but the penalty",
        "zero": "Step to zero, and see what L1 does there",
    }
    # A short table is read row by row; a long one runs through in some ten seconds.
    pace = max(1.25, last / (10.0 if result.spec.story == "tables" else 8.0))
    return FamilyAxis("step", result.axis, labels[result.spec.story], "step", marks=tuple(sorted(marks.items())), pace=pace)


def _table_marks(result: StepByStep) -> list[tuple[int, str]]:
    found: dict[tuple[str, str], tuple[int, str]] = {}
    for run in result.runs[1:]:
        for event in run.events:
            found.setdefault((run.rule.key, event.kind), (event.step, f"{run.rule.label}: w{SUBSCRIPTS[event.index]} {happens(event)}"))
    stops = [(run.diverged, f"{run.rule.label} diverges") for run in result.runs if run.diverged is not None]
    return [*stops, *sorted(found.values())]


def _alone_marks(result: StepByStep) -> list[tuple[int, str]]:
    alone = result.alone
    steps = {float(step): k for k, step in enumerate(alone.steps)}
    gone = [(step, f"L1: {plain(weight)} is 0") for weight, step in zip(alone.start, alone.gone, strict=True)]
    faint = [(step, f"L2: {plain(weight)} is small") for weight, step in zip(alone.start, alone.faint, strict=True)]
    return [(steps[float(step)], words) for step, words in gone + faint if step]


def _zero_marks(result: StepByStep) -> list[tuple[int, str]]:
    zero = result.zero
    moves = (len(zero.centre) - 1) // 2 if result.spec.moved != result.spec.target else None
    held = min((step for step in zero.diverged if step is not None), default=None)
    events = [(zero.died, "crosses 0"), (moves, "the loss moves"), (zero.back[1], "proximal comes back"), (held, "too far")]
    return [(step, words) for step, words in events if step is not None]


def step_readouts(result: StepByStep) -> tuple[Readout, ...]:
    """Return the formulas of the story with the numbers put in, what happens in the step, and what it all comes to."""
    k, story = len(result.axis), result.spec.story
    shown: list[tuple[str, tuple[str, ...], str]] = []
    if story == "tables":
        shown = [(f"{run.rule.label}:  {rule_formula(result, run)}", formulas(result, run), ink_of(run.rule.key)) for run in result.runs]
        shown.append(("In this step", step_sentences(result), "loss"))
    elif story == "alone":
        l1, l2 = alone_formulas(result.alone)
        two = "2" if result.spec.convention == "lab" else ""
        shown = [("L1 subtracts:  W − t·ηλ", l1, "l1"), (f"L2 multiplies:  W·(1 − {two}ηλ)ᵗ", l2, "l2")]
    else:
        rules = {
            "subgradient": "w − η(h(w − c) + λ sign w)",
            "proximal": "shrink(w − ηh(w − c), ηλ)",
            "clamped": "as stepping across, but 0 for ever after",
        }
        for treatment, rows in zero_formulas(result).items():
            shown.append((f"{TREATMENTS[treatment].capitalize()}:  {rules[treatment]}", rows, treatment))
        shown.append(("So far", zero_counts(result.zero), "loss"))
    shown.append(("In all", (SUMMARIES[story](result),) * k, "loss"))
    return tuple(Readout(label, words, colour=ink, axes=("step",)) for label, words, ink in shown)


def step_table(result: StepByStep) -> Table:
    """Return the rows of the story."""
    return {"tables": _tables, "alone": _alone, "zero": _zero}[result.spec.story](result)


def _tables(result: StepByStep) -> Table:
    columns: list[tuple[str, str]] = [("step", "muted")]
    cells = [[str(step)] for step in range(len(result.axis))]
    notes: dict[tuple[int, int], str] = {}
    for run in result.runs:
        for i in range(2):
            _weight_column(result, run, i, columns, cells, notes)
            if any(slip.index == i for slip in run.slips):
                _printed_column(run, i, columns, cells, notes)
    rates = f"η = {plain(result.spec.rate)}, λ = {plain(result.spec.lam)}"
    return Table(f"Exact values, rounded to five decimals ({rates})", tuple(columns), cells, "step", notes)


def _weight_column(
    result: StepByStep, run: Run, i: int, columns: list[tuple[str, str]], cells: list[list[str]], notes: dict[tuple[int, int], str]
) -> None:
    label = {"none": "None", "elastic_net": "Elastic"}.get(run.rule.key, run.rule.label)
    columns.append((f"{label} w{SUBSCRIPTS[i]}", ink_of(run.rule.key)))
    for step, row in enumerate(cells):
        row.append("stopped" if run.diverged is not None and step >= run.diverged else rounded(run.exact[step][i]))
    for event in first_of_each(run, i):
        notes[event.step, len(columns) - 1] = event_sentence(result, run, event)


def _printed_column(run: Run, i: int, columns: list[tuple[str, str]], cells: list[list[str]], notes: dict[tuple[int, int], str]) -> None:
    columns.append((f"course, w{SUBSCRIPTS[i]}", "muted"))
    for step, row in enumerate(cells):
        row.append(run.printed[step - 1][i].replace("-", "−") if 1 <= step <= len(run.printed) else "")
    for slip in run.slips:
        if slip.index == i:
            notes[slip.step, len(columns) - 1] = slip_sentence(slip)


def _alone(result: StepByStep) -> Table:
    alone = result.alone
    columns = [("step", "muted")]
    cells = [[f"{int(step)}"] for step in alone.steps]
    notes = {}
    places = {float(step): k for k, step in enumerate(alone.steps)}
    for key, left, ends, words in (
        ("l1", alone.l1, alone.gone, "is exactly zero from step {} on"),
        ("l2", alone.l2, alone.faint, f"is at most {plain(TOLERANCE)} from step {{}} on, and not zero"),
    ):
        for i, weight in enumerate(alone.start):
            columns.append((f"{key.upper()} {plain(weight)}", key))
            for k, row in enumerate(cells):
                row.append("stopped" if abs(left[k, i]) >= LIMIT else plain(left[k, i], 5))
            step = ends[i]
            if step and (key == "l1" or left[places[float(step)], i] != 0.0):
                notes[places[float(step)], len(columns) - 1] = f"{plain(weight)} {words.format(f'{step:,}')}."
    return Table("A large and a small weight without data", tuple(columns), cells, "step", notes)


def _zero(result: StepByStep) -> Table:
    zero = result.zero
    columns = (("step", "muted"), ("c", "loss"), *((label, treatment) for treatment, label in TREATMENTS.items()), ("minimiser", "loss"))
    cells = []
    notes: dict[tuple[int, int], str] = {}
    for t in range(len(zero.centre)):
        stopped = [step is not None and t >= step for step in zero.diverged]
        weights = ["stopped" if held else plain(float(w), 5) for held, w in zip(stopped, zero.w[:, t], strict=True)]
        cells.append([str(t), plain(float(zero.centre[t])), *weights, plain(float(zero.best[t]))])
    if zero.bounces[0, -1]:
        first = int(np.argmax(zero.bounces[0] > 0))
        notes[first, 2] = f"the first change of sign of {zero.bounces[0, -1]}."
    if zero.died is not None:
        notes[zero.died, 4] = f"the step to {plain(zero.crossed, 4)} would cross zero, so the weight is 0 from now on, whatever the loss does."
    back = zero.back[1]
    if back is not None:
        pull = result.spec.curvature * abs(float(zero.centre[back - 1]))
        notes[back, 3] = f"the loss now pulls with h|c| = {plain(pull)} > λ = {plain(result.spec.lam)}, so the weight leaves zero."
    return Table("One weight under L1, three ways", columns, cells, "step", notes)
