"""A claim about what regularisation does to a fit's bias and variance."""

from __future__ import annotations

from core.claims.claim import Experiment, Findings, Quantity, at_most, claim, seeds_of
from core.claims.picture import Line, Picture
from core.claims.request import for_each
from core.specs import BiasVarianceSpec
from core.statistics.bias_variance.experiment import lambdas, solve

_TRUTHS = ("sine", "bump", "line", "parabola")
_SHOWN = slice(17, 53)
"""Of the lab's lambdas: where something happens."""


@claim(
    number=27,
    source="C",
    topic="statistics",
    statement="Regularisation adds a little bias and takes away more variance.",
    test="Twelve experiments of 400 training sets with 15 points, noise 0.3, polynomials of degree 11 with ridge, four truths: the squared bias "
    "added and the variance removed, against no penalty. At the λ of least error on new points, and at the lab's largest λ, 10.",
    quantities={
        "best": Quantity("bias added over variance removed, best λ", "", "experiment"),
        "strong": Quantity("bias added over variance removed, λ = 10", "", "experiment"),
        "gain": Quantity("error on new points with the best λ over that without", "", "experiment"),
    },
    stated=(at_most("best", 1.0), at_most("strong", 1.0)),
    condition="λ is chosen by the error on new data, and not too large",
    conditional=(at_most("best", 1.0), at_most("gain", 1.0)),
    shows=BiasVarianceSpec(size=11.0, lam=0.01),
    spoil={"worst": True},
)
def bias_for_variance(draw: int, worst: bool = False) -> Experiment:
    """Measure bias and variance of ridge fits over many training sets; with ``worst`` λ is the one of the largest error.

    A fit pulled towards zero follows the noise less, and the truth as well. From no penalty on, the first bit of λ always removes more variance
    than it adds squared bias, since the bias starts with the square of λ. There is a best λ, and beyond it bias grows faster than variance falls,
    until the fit is a level line. So the exchange is a gain only where λ is chosen for it.
    """

    def at(seed: int) -> dict[str, object]:
        spec = BiasVarianceSpec(truth=_TRUTHS[seed % len(_TRUTHS)], points=15.0, size=11.0, seed=float(seed % 100))
        found = solve(spec)
        member = int(found.test.argmax() if worst else found.test[1:].argmin() + 1)

        def exchange(i: int) -> float:
            return float((found.bias[i] - found.bias[0]) / (found.variance[0] - found.variance[i]))

        return {
            "best": exchange(member),
            "strong": exchange(-1),
            "gain": float(found.test[member] / found.test[0]),
            "bias": found.bias[_SHOWN],
            "variance": found.variance[_SHOWN],
            "error": (found.total - found.noise)[_SHOWN],
        }

    found = yield for_each(at, seeds_of(draw, 12), 0.1)
    lines = (
        Line("squared bias", found["bias"][0], "bias"),
        Line("variance", found["variance"][0], "variance"),
        Line("their sum", found["error"][0], "loss"),
    )
    alt = "Squared bias, variance and their sum along lambda for one truth: the variance falls, the bias rises, and the sum is least in between."
    picture = Picture(alt, "mean squared error", lines, x=lambdas()[_SHOWN], across="λ", log="x")
    return Findings({name: found[name] for name in ("best", "strong", "gain")}, picture)
