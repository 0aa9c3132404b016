"""Put all claims on trial and print the verdicts: ``python -m core.claims [--draw N] [--csv FILE] [number ...]``.

Two processes side by side; the same seeds give the same numbers.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

# Each experiment runs on one core, two side by side: threads of their own would only get into each other's way.
os.environ.setdefault("OMP_NUM_THREADS", "1")


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return 1 where an experiment could not be run."""
    from core.claims.catalogue import CLAIMS
    from core.claims.choices import VERDICTS
    from core.claims.timed import timed
    from core.claims.trial import Trial
    from core.export.claims_table import claims_csv

    parser = argparse.ArgumentParser(prog="python -m core.claims", description="Put the courses' claims on trial and print the verdicts.")
    parser.add_argument("numbers", nargs="*", type=int, help=f"which claims; all {len(CLAIMS)} by default")
    parser.add_argument("--draw", type=int, default=0, help="which set of seeds, from 0 (the one that comes with the lab)")
    parser.add_argument("--processes", type=int, default=min(2, os.cpu_count() or 1), help="how many experiments run side by side")
    parser.add_argument("--csv", type=Path, help="write the numbers to this file as well")
    given = parser.parse_args(arguments)
    if unknown := set(given.numbers) - set(CLAIMS):
        parser.error(f"no claim {min(unknown)}; there are 1 to {max(CLAIMS)}")
    if given.draw < 0:
        parser.error(f"--draw {given.draw}: sets of seeds are counted from 0")
    begun = time.perf_counter()
    trials = [Trial(number, given.draw) for number in given.numbers or CLAIMS]
    rulings = {}
    # The long ones first, so that none of them is left for the end.
    order = sorted(trials, key=lambda trial: -trial.seconds)
    with ProcessPoolExecutor(max(1, given.processes), mp_context=get_context("spawn")) as pool:
        for trial, (outcomes, took) in zip(order, pool.map(timed, order), strict=True):
            rulings[trial.number] = trial.conclude(outcomes)
            sys.stderr.write(f"\r{len(rulings)}/{len(trials)}: claim {trial.number} took {took:.1f} s ")
            sys.stderr.flush()
    sys.stderr.write("\n")
    for trial in trials:
        sys.stdout.write("\n".join(trial.table(rulings[trial.number])) + "\n")
    counts = Counter(ruling.verdict for ruling in rulings.values())
    sys.stdout.write("\n" + ", ".join(f"{counts[verdict]} {verdict}" for verdict in VERDICTS) + "\n")
    sys.stderr.write(f"{time.perf_counter() - begun:.0f} s with {given.processes} processes\n")
    if given.csv:
        given.csv.write_bytes(claims_csv({number: rulings[number] for number in sorted(rulings)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
