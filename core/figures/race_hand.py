"""What a hand takes hold of in "Optimizer race": the start of all runs."""

from __future__ import annotations

import dataclasses

import numpy as np

from core.figures.hand import Hand, Handle, Words, exact, ground_of
from core.figures.race_curves import HIGHEST, LOWEST
from core.figures.step_anatomy import present
from core.optimizers import RULES
from core.race import RATES, Race, entrant
from core.wire import Exact

SETS = ("start1", "start2")
START = Handle("start", "Start of all runs", "Drag the start, or move it with the arrow keys: all rules run from there.", SETS, "point", "loss")


def race_hand(race: Race) -> Hand:
    """Return the race in a hand."""
    spec = race.spec
    rules = [
        {
            "key": key,
            "label": RULES[key].label,
            "rule": dataclasses.asdict(entrant(key)),
            "treatment": spec.treatment_of(key),
            **exact(rates=race.rates[key]),
        }
        for key in race.runs
    ]
    given = {
        "surface": race.surface.browser,
        "rules": rules,
        "penalty": {"l1": race.penalty.l1, "l2": race.penalty.l2},
        "steps": int(spec.steps),
        "noise": None if race.noise is None else Exact(race.noise),
        "focus": spec.focus,
        "present": present(race),
        "lowest": LOWEST,
        "highest": HIGHEST,
        "fair": spec.mode == "fair",
        "caption": "Where your hand rests, each rule's best rate is found anew. Let go to read who ends lowest."
        if spec.mode == "fair"
        else "Let go to read who ends lowest.",
        "waits": "In your hand. Let go to read how it ends.",
        **exact(lam=race.lam, grid=RATES, floor=race.floor),
    }
    idle = "Drag the start on the map; arrow keys do the same."
    many = f"{len(race.runs)} rules at {len(race.lam)} λ"
    words = Words(
        idle,
        "In your hand: your browser runs every rule from here. Let go, and the server runs them, too.",
        f"{idle} Run by your browser and by the server, {many}: the ends differ by {{gap}} of the map's width.",
    )
    taken = np.stack([run.steps for run in race.runs.values()])
    ends = np.stack([run.x[:, -1] for run in race.runs.values()])
    ground = ground_of(spec, (*SETS, "lam", "step", "crowd"))
    values = {"start1": float(race.start[0]), "start2": float(race.start[1])}
    return Hand("start", ground, values, given, exact(ends=ends, taken=taken), words, (START,))
