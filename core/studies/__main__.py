"""Measure studies here and say what they found: ``python -m core.studies [--write] [key ...]``.

Without --write the results are compared with those that come with the lab; with it they become those.
"""

from __future__ import annotations

import argparse
import sys
import time

import numpy as np

from core.studies import shelf
from core.studies.catalogue import studies
from core.studies.here import run
from core.studies.study import AdaptiveStudy, Outcome, Study


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return 1 where a shipped result is missing or another one."""
    parser = argparse.ArgumentParser(prog="python -m core.studies", description="Measure studies here and compare them with the shipped results.")
    parser.add_argument("keys", nargs="*", help="which studies; all by default: " + ", ".join(studies()))
    parser.add_argument("--write", action="store_true", help="write what the lab ships")
    given = parser.parse_args(arguments)
    if unknown := set(given.keys) - set(studies()):
        parser.error(f"no study {min(unknown)!r}; there are " + ", ".join(studies()))
    apart = 0
    for key in given.keys or studies():
        for study in studies()[key].shipped():
            apart += not _one(study, given.write)
    return 1 if apart else 0


def _one(study: Study, write: bool) -> bool:
    begun = time.perf_counter()
    outcomes = run(study, _progress)
    took = time.perf_counter() - begun
    sys.stdout.write(f"\r{study.key}: {took:.1f} s ({study.seconds:.0f} expected)\n")
    for line in study.table(study.conclude(outcomes)):
        sys.stdout.write(f"  {line}\n")
    if write:
        path = shelf.write(study, outcomes)
        sys.stdout.write(f"  written: {path.name}, {path.stat().st_size / 1024:.0f} KB\n")
        return True
    known = shelf.shipped(study)
    if known is not None and isinstance(study, AdaptiveStudy):
        of = len(outcomes)
        outcomes, known = alike(outcomes, known)
        sys.stdout.write(f"  {len(outcomes)} of {of} families have the settings of shipped ones\n")
    farthest = None if known is None else difference(outcomes, known)
    agrees = farthest is not None and farthest < 1e-3
    sys.stdout.write("  " + ("no result is shipped" if farthest is None else f"farthest from the shipped result: {farthest:.1e}") + "\n")
    return agrees


def alike(ours: tuple[Outcome, ...], theirs: tuple[Outcome, ...]) -> tuple[tuple[Outcome, ...], tuple[Outcome, ...]]:
    """Return the outcomes of families that both have.

    A search follows from its losses: where one network of thousands goes another way on another processor, the rest of its search does.
    """
    known = {outcome.training: outcome for outcome in theirs}
    both = [outcome for outcome in ours if outcome.training in known]
    return tuple(both), tuple(known[outcome.training] for outcome in both)


def difference(ours: tuple[Outcome, ...], theirs: tuple[Outcome, ...]) -> float:
    """Return the median relative difference of the array that differs most; infinite where something is missing.

    Medians, since a single network near the edge of stability may go another way on another processor.
    """
    farthest = 0.0 if ours else float("inf")
    for one, other in zip(ours, theirs, strict=True):
        pairs = [(one.curves[name], other.curves[name]) for name in one.curves]
        for found, known in zip(one.measures, other.measures, strict=True):
            if found is None or known is None or set(found) != set(known):
                return float("inf")
            pairs += [(found[name], known[name]) for name in found]
        for a, b in pairs:
            if a.shape != b.shape:
                return float("inf")
            first, second = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
            both = np.isfinite(first) & np.isfinite(second)
            if both.any():
                scale = np.median(np.abs(second[both])) or np.max(np.abs(second[both])) or 1.0
                farthest = max(farthest, float(np.median(np.abs(first - second)[both]) / scale))
    return farthest


def _progress(done: int, of: int) -> None:
    sys.stdout.write(f"\r{done}/{of}")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
