"""Run every benchmark: `make bench`. The exit code is 1 where a promise of the lab is broken."""

import sys

from benchmarks import interaction, regularized

print("Exact families beside scipy's SLSQP\n")
codes = [regularized.main()]
print("\nThe lab in a browser")
codes.append(interaction.main())
sys.exit(max(codes))
