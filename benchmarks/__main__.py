"""Run every benchmark: `make bench`. The exit code is 1 where a promise of the lab is broken."""

import sys

from benchmarks import (
    bias_variance,
    curvature,
    descent,
    engine,
    first_paint,
    formulas,
    interaction,
    networks,
    priors,
    regularized,
    right_mix,
    shrinkage,
    uploads,
)

print("Exact families beside scipy's SLSQP\n")
codes = [regularized.main()]
print("\nShrinkage paths beside scikit-learn\n")
codes.append(shrinkage.main())
print("\nModes of posteriors beside penalised minima and scipy's L-BFGS-B\n")
codes.append(priors.main())
print("\nFamilies of descents beside torch.optim loops\n")
codes.append(descent.main())
print("\nTyped formulas\n")
codes.append(formulas.main())
print("\nFamilies of networks beside plain loops\n")
codes.append(networks.main())
print("\nCurvature of networks beside torch.func and loss-landscapes\n")
codes.append(curvature.main())
print("\nBias and variance beside scikit-learn and a plain loop\n")
codes.append(bias_variance.main())
print("\nMalformed files, and good ones beside pandas\n")
codes.append(uploads.main())
print("\nThe engine\n")
codes.append(engine.main())
print("\nMaps and searches on the engine\n")
codes.append(right_mix.main())
print("\nThe first paint\n")
codes.append(first_paint.main())
print("\nThe lab in a browser")
codes.append(interaction.main())
sys.exit(max(codes))
