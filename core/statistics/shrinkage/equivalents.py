"""What the lab's lambda is called elsewhere: scikit-learn's and glmnet's parameters for the same minimiser.

The lab minimises 1/(2n) |y - Xw|^2 + lambda (rho |w|_1 + (1 - rho) |w|_2^2), the L2 term without a half. scikit-learn's Ridge has |y - Xw|^2 + alpha
|w|^2, its Lasso and ElasticNet have 1/(2n) |y - Xw|^2 + alpha (l1_ratio |w|_1 + (1 - l1_ratio)/2 |w|^2), and glmnet (Friedman, Hastie and Tibshirani
2010) has the same with the names lambda and alpha. glmnet divides the target by its standard deviation inside, which shifts its L2 part against its
L1 part; here the target's is 1.
"""

from __future__ import annotations

from collections.abc import Mapping


def halved(rho: float, lam: float) -> tuple[float, float]:
    """Return the strength and the L1 share where the L2 term has a half before it: alpha and l1_ratio of scikit-learn, lambda and alpha of glmnet."""
    return lam * (2.0 - rho), rho / (2.0 - rho)


def scikit_learn(rho: float, lam: float, n: int) -> tuple[str, Mapping[str, float]]:
    """Return the class and its parameters for L1 share rho, lambda and n rows."""
    if rho == 0.0:
        return "Ridge", {"alpha": 2.0 * n * lam}
    if rho == 1.0:
        return "Lasso", {"alpha": lam}
    alpha, share = halved(rho, lam)
    return "ElasticNet", {"alpha": alpha, "l1_ratio": share}


def glmnet(rho: float, lam: float) -> Mapping[str, float]:
    """Return glmnet's lambda and alpha for L1 share rho and lambda."""
    strength, share = halved(rho, lam)
    return {"lambda": strength, "alpha": share}
