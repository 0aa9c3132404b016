"""Sentences and formulas of the lab "Step by step", one a step, and what a whole story comes to. Every number in them is computed from the result."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal

from core.step_by_step import TOLERANCE, TREATMENTS, Alone, Event, Run, Slip, StepByStep, Zero, step_of
from core.wording import SUBSCRIPTS, plain

PRINTED = 5  # decimals: as many as the course prints
_WRITTEN = 11  # decimals of an exact value in a formula, which is all of them for the course's settings
_CUT = 7  # decimals of one that is longer, with dots for the others
_ROUND = Context(prec=400)
_POWERS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def rounded(value: Decimal) -> str:
    """Return an exact value as the tables show it: rounded half up to five decimals, no trailing zeros, never 0 for what is not."""
    shown = value.quantize(Decimal(1).scaleb(-PRINTED), ROUND_HALF_UP, _ROUND)
    return plain(float(value)) if shown == 0 and value != 0 else _plain(shown)


def written(value: Decimal) -> str:
    """Return an exact value with all its decimals if it has at most eleven; else the first seven, and dots for the others."""
    if value == value.quantize(Decimal(1).scaleb(-_WRITTEN), ROUND_DOWN, _ROUND):
        return _plain(value)
    short = value.quantize(Decimal(1).scaleb(-_CUT), ROUND_DOWN, _ROUND)
    return f"{plain(float(value))}…" if short == 0 else f"{short:f}…".replace("-", "−")


def _plain(value: Decimal) -> str:
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text.replace("-", "−")


def _put(text: str) -> str:
    """Return a number as it stands inside a formula: a negative one in brackets."""
    return f"({text})" if text.startswith("−") else text


def _signed(value: float | Decimal) -> str:
    return "(+1)" if value > 0 else "(−1)" if value < 0 else "0"


def _joined(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _times(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


# ------------------------------------------------------------------------------------------------ the tables


def rule_formula(result: StepByStep, run: Run) -> str:
    """Return a rule in symbols, by the spec's conventions."""
    two = "2" if result.spec.convention == "lab" else ""
    proximal = result.spec.at_zero == "proximal"
    pull = {"l1": "λ", "elastic_net": "λρ"}.get(run.rule.key, "")
    spring = {"l2": f"{two}λw", "elastic_net": f"{two}λ(1 − ρ)w"}.get(run.rule.key, "")
    inside = " + ".join(["g", *([f"{pull} sign w"] if pull and not proximal else []), *([spring] if spring else [])])
    step = f"w − η({inside})" if inside != "g" else "w − ηg"
    return f"shrink({step}, η{pull})" if pull and proximal else step


def formulas(result: StepByStep, run: Run) -> tuple[str, ...]:
    """Return (n + 1,) the rule with the numbers put in, for the step that led to each row."""
    start = "; ".join(f"w{SUBSCRIPTS[i]} starts at {written(run.exact[0][i])}" for i in range(2))
    return (start, *("; ".join(_formula(result, run, step, i) for i in range(2)) for step in range(1, len(run.exact))))


def _formula(result: StepByStep, run: Run, step: int, i: int) -> str:
    spec, rule, name = result.spec, run.rule, f"w{SUBSCRIPTS[i]}"
    old, new, free = run.exact[step - 1][i], run.exact[step][i], run.before[step][i]
    if run.diverged is not None and step >= run.diverged:
        return f"{name} is held at {written(old)}"
    rate, proximal = _plain(Decimal(repr(spec.rate))), spec.at_zero == "proximal"
    inside = [_plain(Decimal(repr((spec.gradient1, spec.gradient2)[i])))]
    if rule.pull and not proximal:
        inside.append(f"{_plain(rule.pull)}·{_signed(old)}")
    if rule.spring:
        two = "2·" if spec.convention == "lab" else ""
        inside.append(f"{two}{_plain(rule.spring / 2 if two else rule.spring)}·{_put(written(old))}")
    slope = f"({' + '.join(inside)})" if len(inside) > 1 else _put(inside[0])
    stepped = f"{written(old)} − {rate}·{slope}"
    if rule.pull and proximal:
        return (
            f"{name} = shrink({stepped}, {rate}·{_plain(rule.pull)}) = shrink({written(free)}, {_plain(Decimal(rate) * rule.pull)}) = {written(new)}"
        )
    if free != new:
        return f"{name}: {stepped} = {written(free)}, across zero, so clipped to {written(new)}"
    return f"{name} = {stepped} = {written(new)}"


def step_sentences(result: StepByStep) -> tuple[str, ...]:
    """Return (n + 1,) sentences: what each penalty took in a step, and what happened at zero."""
    first, *others = (_started(result), *(_shares(result, step) for step in range(1, len(result.axis))))
    told = [[first], *([sentence] for sentence in others)]
    for run in result.runs:
        for event in run.events:
            told[event.step].append(f"{run.rule.label}: {event_sentence(result, run, event)}")
        if run.diverged is not None:
            told[run.diverged].append(f"{run.rule.label} stops here: the next weight would lie beyond a million.")
    return tuple(" ".join(sentences) for sentences in told)


def _started(result: StepByStep) -> str:
    spec = result.spec
    parts = [f"{plain(spec.rate * gradient, 4)} off w{SUBSCRIPTS[i]}" for i, gradient in enumerate((spec.gradient1, spec.gradient2))]
    return f"The start. The loss alone will take {_joined(parts)} in every step; the penalty comes on top."


def _shares(result: StepByStep, step: int) -> str:
    """Return what the penalty's own part of a step was; it points towards zero."""
    if result.spec.lam == 0:
        return "λ = 0: there is no penalty, and every rule takes the same step."
    rate, parts = Decimal(repr(result.spec.rate)), []
    for run in result.runs[1:]:
        if run.diverged is not None and step >= run.diverged:
            continue
        if result.spec.at_zero == "proximal":
            # The L2 share acts before the gradient step, the L1 share after it and only on what is left.
            taken = [abs(rate * run.rule.spring * old) + abs(free - new) for old, free, new in zip(*_rows(run, step), strict=True)]
        else:
            taken = [abs(rate * (run.rule.spring * old + run.rule.pull * ((old > 0) - (old < 0)))) for old in run.exact[step - 1]]
        parts.append(f"{run.rule.label} {plain(float(taken[0]), 4)} on w₁ and {plain(float(taken[1]), 4)} on w₂")
    return f"The penalty's own pull in this step: {'; '.join(parts)}." if parts else ""


def _rows(run: Run, step: int) -> tuple[tuple[Decimal, Decimal], ...]:
    return run.exact[step - 1], run.before[step], run.exact[step]


def happens(event: Event) -> str:
    """Return what happens at zero in two or three words."""
    return {"clipped": "is clipped to 0", "crosses": "crosses 0", "lands": "becomes 0", "leaves": "leaves 0"}[event.kind]


def slip_sentence(slip: Slip) -> str:
    """Return what is wrong with an entry of the course."""
    return f"{_minus(slip.printed)} is a slip; exactly it is {written(slip.exact)}, which rounds to {_as_printed(slip.exact, slip.printed)}."


def event_sentence(result: StepByStep, run: Run, event: Event) -> str:
    """Return what happened to a weight at zero, and why; the rule's name belongs in front."""
    spec, i, held = result.spec, event.index, run.rule.pull > 0
    name, (old, free, new) = f"w{SUBSCRIPTS[i]}", (row[i] for row in _rows(run, event.step))
    gradient = Decimal(repr((spec.gradient1, spec.gradient2)[i]))
    stronger = abs(gradient) > run.rule.pull
    if event.kind == "clipped":
        shrunk = step_of(old, gradient, spec, run.rule, "proximal")
        return (
            f"the step leads {name} from {rounded(old)} across zero to {rounded(free)}, and the rule clips it to 0; "
            f"a subgradient step leaves it at {rounded(free)}, a proximal step ends at {rounded(shrunk)}."
        )
    if event.kind == "crosses":
        why = "a gradient step passes zero and does not stop there"
        if held:
            why = f"{_bound(run, gradient)}, so zero could not hold it" if stronger else f"L1 oversteps zero, though {_bound(run, gradient)}"
        return f"{name} crosses zero, from {rounded(old)} to {rounded(new)}; {why}."
    if event.kind == "lands":
        if not held or spec.at_zero != "proximal":
            return f"{name} lands exactly on zero, by coincidence of the numbers."
        reach = _plain(Decimal(repr(spec.rate)) * run.rule.pull)
        return f"{name} becomes exactly zero, since the gradient step ends at {rounded(free)}, no more than η{_strength(run)} = {reach} away."
    if not held:
        return f"{name} moves on from zero; nothing holds it there."
    if stronger:
        return f"{name} leaves zero for {rounded(new)}, since {_bound(run, gradient)}: the loss pulls harder than L1 can hold."
    return (
        f"{name} leaves zero for {rounded(new)} although {_bound(run, gradient)}: sign(0) counts as 0, so L1 lets go. A proximal step would hold it."
    )


def _bound(run: Run, gradient: Decimal) -> str:
    """Return whether the loss pulls harder than L1 can hold, as an inequality."""
    relation = ">" if abs(gradient) > run.rule.pull else "≤"
    return f"|g| = {_plain(abs(gradient))} {relation} {_strength(run)} = {_plain(run.rule.pull)}"


def _strength(run: Run) -> str:
    return "λρ" if run.rule.key == "elastic_net" else "λ"


def table_summary(result: StepByStep) -> str:
    """Return what the tables come to: the course's slips, its clip, who crosses zero, and whether anything diverges."""
    sentences = [*_course(result), *_next(result)]
    for run in result.runs[1:]:
        crossings = [f"w{SUBSCRIPTS[event.index]} in step {event.step}" for event in run.events if event.kind == "crosses"]
        if crossings and run.rule.key == "l2":
            listed = _joined(crossings[:3]) + (f" (and {_times(len(crossings) - 3, 'more time')})" if len(crossings) > 3 else "")
            sentences.append(f"L2 crosses zero: {listed}.")
        if run.diverged is not None:
            sentences.append(divergence(result, run.rule.label, run.rule.spring))
    return " ".join(sentences) or "No weight meets zero in these steps, and nothing diverges."


def _course(result: StepByStep) -> list[str]:
    told = [run for run in result.runs if run.printed]
    if not any(run.rule.key != "none" for run in told):
        return []
    entries, slips = sum(2 * len(run.printed) for run in told), [slip for run in told for slip in run.slips]
    if not slips:
        return [f"All {entries} entries that the course prints for these steps are right."]
    listed = [f"{_minus(slip.printed)} where {written(slip.exact)} rounds to {_as_printed(slip.exact, slip.printed)}" for slip in slips]
    kind = "is a slip" if len(slips) == 1 else "are slips"
    return [
        f"Of {entries} entries that the course prints for these steps, {entries - len(slips)} are right and {len(slips)} {kind}: {_joined(listed)}."
    ]


def _as_printed(value: Decimal, printed: str) -> str:
    """Return a value rounded to as many decimals as an entry of the course has."""
    return _minus(f"{value.quantize(Decimal(printed), ROUND_HALF_UP, _ROUND):f}")


def _minus(text: str) -> str:
    return text.replace("-", "−")


def _next(result: StepByStep) -> list[str]:
    """Return where a clipped weight goes in the step after its clip, whether or not the tables go that far."""
    said, spec = [], result.spec
    for run in result.runs:
        for event in [event for event in run.events if event.kind == "clipped"][:1]:
            gradient = Decimal(repr((spec.gradient1, spec.gradient2)[event.index]))
            onward = step_of(Decimal(0), gradient, spec, run.rule, "clip")
            clip = f"{run.rule.label}'s zero for w{SUBSCRIPTS[event.index]} in step {event.step} is a clip"
            if onward == 0:
                said.append(f"{clip}; the loss does not pull on that weight, so it stays.")
            elif abs(gradient) > run.rule.pull:
                said.append(f"{clip}, not a resting place: {_bound(run, gradient)}, so the next step leads to {rounded(onward)}.")
            else:
                said.append(
                    f"{clip}, not a resting place: sign(0) counts as 0, so the next step leads to {rounded(onward)}, though {_bound(run, gradient)}."
                )
    return said


def divergence(result: StepByStep, label: str, spring: Decimal | float) -> str:
    """Return why a rule diverges and what to do about it."""
    rate, spring = result.spec.rate, float(spring)
    grows = f"|1 − {plain(rate)}·{plain(spring)}| = {plain(abs(1 - rate * spring), 4)} > 1"
    return f"{label} diverges: every step multiplies by a number of size {grows}. Take a rate below {plain(2 / spring)}."


# ------------------------------------------------------------------------------------------------ the penalty alone


def alone_formulas(alone: Alone) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return (k,) formulas of L1 and (k,) of L2, with the numbers put in, for both weights."""
    l1, l2 = [], []
    for k, step in enumerate(alone.steps):
        t = int(step)
        first, second = [], []
        for i, weight in enumerate(alone.start):
            left = f"{plain(weight)} − {t}·{plain(alone.amount, 4)}"
            past = weight - t * alone.amount < -1e-9 * weight
            first.append(f"{left}, which is past zero: 0" if past else f"{left} = {plain(alone.l1[k, i], 5)}")
            power = f"{plain(weight)}·{_put(plain(alone.factor, 6))}{str(t).translate(_POWERS)}"
            second.append(f"{power} = {plain(alone.l2[k, i], 5)}" if abs(alone.l2[k, i]) < 1e6 else f"{power}, beyond a million")
        l1.append("; ".join(first))
        l2.append("; ".join(second))
    return tuple(l1), tuple(l2)


def alone_summary(result: StepByStep) -> str:
    """Return how long each penalty takes, and what each weight costs."""
    alone, (big, small) = result.alone, result.alone.start
    cost = (
        f"The L2 penalty of {plain(big)} is {_ratio(big**2)} times that of 1 and {_ratio((big / small) ** 2)} times that of {plain(small)}; "
        f"the L1 penalty {_ratio(big)} and {_ratio(big / small)} times."
    )
    if result.spec.lam == 0:
        return f"λ = 0: nothing shrinks. {cost}"
    gone = [f"{plain(weight)} is zero after {_times(step or 0, 'step')}" for weight, step in zip(alone.start, alone.gone, strict=True)]
    l1 = f"L1 subtracts {plain(alone.amount, 4)} in every step, whatever the weight: {_joined(gone)}."
    return f"{l1} {_l2_alone(result)} {cost}"


def _l2_alone(result: StepByStep) -> str:
    alone = result.alone
    factor = f"L2 multiplies by {plain(alone.factor, 6)} in every step"
    if alone.diverges:
        return divergence(result, "L2", 2 / result.stable_rate if result.stable_rate else 0.0)
    if alone.factor == 0.0:
        return f"{factor}: both weights are zero after one, an accident of this very rate."
    if alone.factor == -1.0:
        return f"{factor}: both weights change sign for ever and never shrink."
    faint = [
        f"{plain(weight)} is at most {plain(TOLERANCE)} after {_times(step or 0, 'step')}"
        for weight, step in zip(alone.start, alone.faint, strict=True)
    ]
    flips = ", so the sign changes each time" if alone.factor < 0 else ""
    return f"{factor}{flips}: never exactly zero; {_joined(faint)}."


def _ratio(value: float) -> str:
    return f"{value:,.4g}" if value < 1e4 else f"{value:,.0f}"


# ------------------------------------------------------------------------------------------------ three ways at zero


def zero_formulas(result: StepByStep) -> dict[str, tuple[str, ...]]:
    """Return treatment -> (n + 1,) formulas with the numbers put in, for the step that led to each row."""
    spec, zero = result.spec, result.zero
    shown: dict[str, tuple[str, ...]] = {}
    for i, treatment in enumerate(TREATMENTS):
        rows = [f"w starts at {plain(spec.begin)}"]
        for t in range(1, len(zero.centre)):
            old, new = float(zero.w[i, t - 1]), float(zero.w[i, t])
            stopped = zero.diverged[i]
            if stopped is not None and t >= stopped:
                rows.append(f"w is held at {plain(old)}")
                continue
            if treatment == "clamped" and zero.died is not None and t >= zero.died:
                rows.append("w = 0: it crossed zero in this very step" if t == zero.died else f"w = 0, for ever since step {zero.died}")
                continue
            centre = float(zero.centre[t - 1])
            pull = f"{plain(spec.curvature)}·({plain(old, 5)} − {_put(plain(centre))})"
            if treatment == "proximal":
                rows.append(f"w = shrink({plain(old, 5)} − {plain(spec.rate)}·{pull}, {plain(spec.rate)}·{plain(spec.lam)}) = {plain(new, 5)}")
            else:
                rows.append(f"w = {plain(old, 5)} − {plain(spec.rate)}·({pull} + {plain(spec.lam)}·{_signed(old)}) = {plain(new, 5)}")
        shown[treatment] = tuple(rows)
    return shown


def zero_counts(zero: Zero) -> tuple[str, ...]:
    """Return (n + 1,) counts so far: changes of sign, and rows that are exactly zero."""

    def said(t: int) -> str:
        parts = [
            f"{label}: {_times(int(zero.bounces[i, t]), 'change')} of sign, {_times(int(zero.zeros[i, t]), 'exact zero')}"
            for i, label in enumerate(TREATMENTS.values())
        ]
        return "; ".join(parts) + "."

    return tuple(said(t) for t in range(len(zero.centre)))


def zero_summary(result: StepByStep) -> str:
    """Return what becomes of the weight under each treatment."""
    zero, told = result.zero, []
    best, end = float(zero.best[-1]), len(zero.centre) - 1
    gone = [TREATMENTS[treatment] for treatment, step in zip(TREATMENTS, zero.diverged, strict=True) if step is not None]
    if gone:
        told.append(divergence(result, f"The weight ({_joined(gone)})", result.spec.curvature))
    for i, treatment in enumerate(TREATMENTS):
        if zero.diverged[i] is not None:
            continue
        back, count = zero.back[i], int(zero.zeros[i, -1])
        zeros = f"is exactly zero in {count} of {_times(end, 'row')}" if count else "is never exactly zero"
        ends = f"ends at {plain(float(zero.w[i, -1]))}"
        if treatment == "clamped" and zero.died is not None:
            lost = ", though the minimiser is not 0 in the end" if best != 0 else ""
            told.append(f"Clamped, it is set to zero for ever in step {zero.died}, when it first crosses{lost}.")
        elif treatment == "proximal" and back is not None:
            told.append(f"With proximal steps it {zeros}, comes back in step {back} and {ends}.")
        else:
            opening = {"subgradient": "Stepping across, the weight", "proximal": "With proximal steps it", "clamped": "Clamped, it"}[treatment]
            told.append(f"{opening} changes sign {_times(int(zero.bounces[i, -1]), 'time')} and {zeros}; it {ends}.")
    told.append(f"The minimiser is {plain(float(zero.best[0]))} before the loss moves and {plain(best)} after.")
    return " ".join(told)


SUMMARIES: dict[str, Callable[[StepByStep], str]] = {"tables": table_summary, "alone": alone_summary, "zero": zero_summary}
