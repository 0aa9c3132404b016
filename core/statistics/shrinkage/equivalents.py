"""What the lab's lambda is called elsewhere: scikit-learn's and glmnet's parameters for the same minimiser.

The lab minimises 1/(2n) |y - Xw|^2 + lambda (rho |w|_1 + (1 - rho) |w|_2^2), the L2 term without a half. scikit-learn's Ridge has |y - Xw|^2 + alpha
|w|^2, its Lasso and ElasticNet have 1/(2n) |y - Xw|^2 + alpha (l1_ratio |w|_1 + (1 - l1_ratio)/2 |w|^2), and glmnet (Friedman, Hastie and Tibshirani
2010) has the same with the names lambda and alpha. glmnet divides the target by its standard deviation inside, which shifts its L2 part against its
L1 part; here the target's is 1.
"""

from __future__ import annotations

from collections.abc import Mapping


def scikit_learn(rho: float, lam: float, n: int) -> tuple[str, Mapping[str, float]]:
    """Return the class and its parameters for L1 share rho, lambda and n rows."""
    if rho == 0.0:
        return "Ridge", {"alpha": 2.0 * n * lam}
    if rho == 1.0:
        return "Lasso", {"alpha": lam}
    return "ElasticNet", {"alpha": lam * (2.0 - rho), "l1_ratio": rho / (2.0 - rho)}


def glmnet(rho: float, lam: float) -> Mapping[str, float]:
    """Return glmnet's lambda and alpha for L1 share rho and lambda."""
    return {"lambda": lam * (2.0 - rho), "alpha": rho / (2.0 - rho)}
