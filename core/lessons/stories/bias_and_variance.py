"""The story of the lab "Bias and variance": what an error at a new point is made of, and what a penalty trades."""

from __future__ import annotations

from core.lessons.story import Step
from core.specs import BiasVarianceSpec

STEPS = (
    Step(
        "One truth, many training sets",
        "Twenty fits are drawn of four hundred, each to training points with noise of their own. Each fit follows its own noise, and their bundle is "
        "wide: variance.",
        BiasVarianceSpec(),
    ),
    Step(
        "Too stiff",
        "Now a line through a parabola: all fits agree, and all of them are wrong in the same way. The bundle is tight, and its mean is far from the "
        "truth: bias.",
        BiasVarianceSpec(truth="parabola", points=20.0, noise=0.2, axis="at", at=1.0),
    ),
    Step(
        "Flexible enough",
        "One degree more, and the mean of the fits lies on the truth. What is left is a little variance and the noise, which nobody can fit.",
        BiasVarianceSpec(truth="parabola", points=20.0, noise=0.2, axis="at", at=2.0),
    ),
    Step(
        "Too free",
        "At a high degree the mean still lies on the truth, and single fits are wild between the points. The training error falls all the way; the "
        "error at new points does not.",
        BiasVarianceSpec(truth="parabola", points=20.0, noise=0.2, axis="at", at=16.0),
    ),
    Step(
        "Ridge in between",
        "Instead of a smaller degree, a penalty: the bundle tightens, and its mean hardly leaves the truth. A little bias has bought off much "
        "variance.",
        BiasVarianceSpec(lam=0.1),
    ),
    Step(
        "Too much of it",
        "With a large λ all fits are nearly flat. They agree, and they are wrong: bias again.",
        BiasVarianceSpec(lam=10.0),
    ),
    Step(
        "Nothing but noise",
        "Where the truth is simple and the noise is large, almost any freedom is used for following noise. The best λ is large here, and the "
        "floor of "
        "the error is the noise itself.",
        BiasVarianceSpec(truth="line", points=20.0, noise=1.0, size=8.0, lam=1.0),
    ),
)
