"""Reading three hundred malformed files, and the largest good ones beside pandas: `python -m benchmarks.uploads`.

Each file is read in a process of its own; memory is the peak above what was there before, so it has what the reader, the preparation and the saving
take together.
"""

from __future__ import annotations

import io
import sys

import numpy as np
import pandas as pd

from benchmarks.regularized import median_ms
from core.datasets.uploads import read_table
from tests.core.malformed import FAMILIES, corpus, measured, outcome

MOST_MB, MOST_SECONDS = 60.0, 2.0
"""What the lab promises of any file."""


def main() -> int:
    """Print the tables; return 1 where a promise is broken."""
    outcome(b"a,b\n" + b"1,2\n3,4\n" * 20)  # whatever is imported on the way is there before anything is measured
    found = [(name.rpartition("-")[0], len(data), measured(data)) for name, data in corpus()]
    print(f"{'family':<26}{'bytes':>10}{'previews':>10}{'sentences':>11}{'peak [MB]':>11}{'worst [ms]':>12}")
    for family in FAMILIES:
        these = [(size, each) for name, size, each in found if name == family]
        kinds = [each["kind"] for _, each in these]
        peak, seconds = (max(float(each[key]) for _, each in these) for key in ("peak_mb", "seconds"))
        counts = f"{kinds.count('preview'):>10}{kinds.count('sentence'):>11}"
        print(f"{family:<26}{max(size for size, _ in these):>10}{counts}{peak:>11.1f}{1000 * seconds:>12.1f}")
    kinds = [each["kind"] for _, _, each in found]
    peak, seconds = (max(float(each[key]) for _, _, each in found) for key in ("peak_mb", "seconds"))
    print(
        f"{len(found)} files: {kinds.count('preview')} previews, {kinds.count('sentence')} sentences; "
        f"at most {peak:.1f} MB and {1000 * seconds:.0f} ms"
    )
    print("\nGood files, 5,000 rows, beside pandas [ms]")
    for columns in (4, 12, 30):
        raw = pd.DataFrame(np.random.default_rng(0).normal(size=(5_000, columns)).round(4)).to_csv(index=False).encode()
        ours, theirs = median_ms(lambda raw=raw: read_table(raw), 5), median_ms(lambda raw=raw: pd.read_csv(io.BytesIO(raw)), 5)
        print(f"{columns:>4} columns, {len(raw) / 1e6:.1f} MB: {ours:>8.1f}{theirs:>8.1f}")
    return int(not (kinds.count("preview") + kinds.count("sentence") == len(found) and peak < MOST_MB and seconds < MOST_SECONDS))


if __name__ == "__main__":
    sys.exit(main())
