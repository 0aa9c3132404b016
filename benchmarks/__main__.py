"""Run every benchmark: `make bench`. The exit code is 1 where a promise of the lab is broken."""

import sys

from benchmarks import bias_variance, curvature, descent, engine, interaction, networks, regularized

print("Exact families beside scipy's SLSQP\n")
codes = [regularized.main()]
print("\nFamilies of descents beside torch.optim loops\n")
codes.append(descent.main())
print("\nFamilies of networks beside plain loops\n")
codes.append(networks.main())
print("\nCurvature of networks beside torch.func and loss-landscapes\n")
codes.append(curvature.main())
print("\nBias and variance beside scikit-learn and a plain loop\n")
codes.append(bias_variance.main())
print("\nThe engine\n")
codes.append(engine.main())
print("\nThe lab in a browser")
codes.append(interaction.main())
sys.exit(max(codes))
