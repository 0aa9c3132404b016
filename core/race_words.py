"""What the race says: every number computed from the runs."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np

from core.optimizers import RULES
from core.race import RUNS, Crowd, Race
from core.wording import number

_CERTIFICATE = Path(__file__).resolve().parent / "data" / "torch_deviation.json"


def standings(race: Race) -> list[str]:
    """Return one sentence a lambda: who ends lowest, and how far above the lowest point the others are."""
    sentences = []
    for i in range(len(race.lam)):
        gaps = {key: max(0.0, float(run.objective[i, -1] - race.floor[i])) for key, run in race.runs.items() if run.status[i] != "diverged"}
        gone = [RULES[key].label for key, run in race.runs.items() if run.status[i] == "diverged"]
        order = sorted(gaps, key=gaps.__getitem__)
        listed = [f"{RULES[key].label} {number(gaps[key])}" for key in order]
        if len(listed) > 1:
            listed[0] = f"{RULES[order[0]].label} is lowest, {number(gaps[order[0]])}"
        said = f"After {int(race.spec.steps)} gradients, above the lowest point: " + "; ".join(listed)
        if gone:
            said += ("; " if order else "") + f"{', '.join(gone)} diverged"
        zeros = {RULES[key].label: int(race.zeros(key)[i]) for key in race.runs if race.zeros(key)[i]}
        if zeros:
            said += ". Exact zeros: " + ", ".join(f"{name} {count}" for name, count in zeros.items())
        sentences.append(said + ".")
    return sentences


def focus_message(race: Race) -> list[str]:
    """Return how the run of the rule in focus ended, one sentence a lambda."""
    return [f"{RULES[race.spec.focus].label} at rate {number(float(rate))}. {message}" for rate, message in _focus(race)]


def _focus(race: Race) -> list[tuple[float, str]]:
    key = race.spec.focus
    return list(zip(race.rates[key], race.runs[key].message, strict=True))


@cache
def certificate() -> dict[str, float]:
    """Return each rule's largest deviation from torch.optim, as the tests measure it."""
    found: dict[str, float] = json.loads(_CERTIFICATE.read_text(encoding="utf-8"))["deviation"]
    return found


def certificate_sentence(key: str) -> str:
    """Return how a rule was checked against torch.optim."""
    shown = json.loads(_CERTIFICATE.read_text(encoding="utf-8"))
    if key not in shown["deviation"]:
        return f"{RULES[key].label}: torch.optim has none; tested against the recursion of its paper, and its ends against exact penalised minima."
    far = number(shown["deviation"][key])
    return f"{RULES[key].label}: at most {far} from torch.optim {shown['torch']} at any of {shown['steps']} steps, on random quadratics in float64."


def escape_sentence(crowd: Crowd) -> str:
    """Return what the crowd shows: who leaves most, who least, from where, and at which noise."""
    home = f"({', '.join(number(float(np.round(each, 3))) for each in crowd.home)})"
    if crowd.noise == 0.0:
        return f"Without noise all {RUNS} runs from {home} are one and the same run. Raise the gradient noise and see who leaves."
    shares = {RULES[key].label: each.share for key, each in crowd.counts.items()}
    order = sorted(shares, key=shares.__getitem__)
    said = f"From {home}, noise {number(crowd.noise)} a coordinate, λ = {number(crowd.lam)}: "
    if len(order) == 1 or shares[order[0]] == shares[order[-1]]:
        return said + f"{100 * shares[order[0]]:.1f} % of {RUNS} runs left, whatever the rule."
    return (
        said
        + f"of {RUNS} runs each, {order[-1]} left most often ({100 * shares[order[-1]]:.1f} %), {order[0]} least ({100 * shares[order[0]]:.1f} %)."
    )
