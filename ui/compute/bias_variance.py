"""The views of the lab "Bias and variance"."""

from __future__ import annotations

from core.figures.bias_variance.bases import bases
from core.figures.bias_variance.bundle import bundle
from core.figures.bias_variance.panel import numbers, numbers_at_x
from core.figures.bias_variance.profile import profile
from core.figures.bias_variance.slice import slice_at
from core.figures.bias_variance.totals import totals
from core.figures.bias_variance.trade import trade
from core.specs.bias_variance import BiasVarianceSpec
from core.statistics.bias_variance import experiment
from core.statistics.bias_variance.bases import BASES
from core.statistics.bias_variance.experiment import BiasVariance, Own
from ui import plot, uploads
from ui.kept import kept, lazily

POLYNOMIALS = ("legendre", "monomials")


class BiasVarianceViews:
    """The lab's result and its views, packed for the browser, each when it is first asked for."""

    def __init__(self, spec: BiasVarianceSpec, own: Own | None = None) -> None:
        self._own = own
        self.result = _result(spec, own)
        self._group = spec.prefix

    @lazily
    def profile(self) -> bytes:
        """The parts of the error over x."""
        return plot.pack_chart(profile(self.result), name="error-over-x", group=self._group)

    @lazily
    def totals(self) -> bytes:
        """The parts of the error along the family."""
        return plot.pack_chart(totals(self.result), name="bias-variance", group=self._group)

    @lazily
    def slice(self) -> bytes:
        """All fits at one x."""
        return plot.pack_chart(slice_at(self.result), name="fits-at-x", group=self._group)

    @lazily
    def trade(self) -> bytes:
        """Bias squared against variance."""
        return plot.pack_chart(trade(self.result), name="trade", group=self._group)

    @lazily
    def bases(self) -> bytes:
        """The same experiment with polynomials in two bases, and in the chosen one."""
        spec, results = self.result.spec, {self.result.spec.basis: self.result}
        for key in POLYNOMIALS:
            if key not in results:
                most = float(BASES[key].most)
                results[key] = _result(spec.replace(basis=key, size=min(spec.size, most)), self._own)
        return plot.pack_chart(bases(results), name="bases", group=self._group)

    @lazily
    def numbers(self) -> bytes:
        """The parts of the error in numbers."""
        return plot.pack_readouts(numbers(self.result), group=self._group)

    @lazily
    def numbers_at_x(self) -> bytes:
        """The same at one x."""
        return plot.pack_readouts(numbers_at_x(self.result), group=self._group)


def bias_variance_views(spec: BiasVarianceSpec, own: Own | None = None) -> BiasVarianceViews:
    """Return everything that the lab draws but the bundle; where its scrubs stand and which training set is in focus make no difference."""
    settled = _settled(spec)
    return _views(settled) if own is None else uploads.of_session(("views", settled, own), lambda: BiasVarianceViews(settled, own))


def _settled(spec: BiasVarianceSpec) -> BiasVarianceSpec:
    # What does not act along the axis is taken out as well.
    idle = {"fixed": 0.0} if spec.axis == "lam" else {"size": 0.0}
    return spec.replace(lam=0.0, at=0.0, place=0.0, focus=1.0, **idle)


def _result(spec: BiasVarianceSpec, own: Own | None) -> BiasVariance:
    return _solved(spec) if own is None else uploads.of_session((spec, own), lambda: experiment.solve(spec, own))


# Results are frozen and only read, so sessions share them; about 2 MB an entry.
@kept(64)
def _solved(spec: BiasVarianceSpec) -> BiasVariance:
    return experiment.solve(spec)


@kept(64)
def _views(spec: BiasVarianceSpec) -> BiasVarianceViews:
    return BiasVarianceViews(spec)


def bundle_view(spec: BiasVarianceSpec, own: Own | None = None) -> bytes:
    """Return the bundle of fits, packed."""
    settled, focus = _settled(spec), int(spec.focus) - 1
    if own is None:
        return _bundle(settled, focus)
    return uploads.of_session(
        ("bundle", settled, own, focus), lambda: plot.pack_chart(bundle(_result(settled, own), focus), name="fits", group=spec.prefix)
    )


@kept(64)
def _bundle(spec: BiasVarianceSpec, focus: int) -> bytes:
    return plot.pack_chart(bundle(_solved(spec), focus), name="fits", group=spec.prefix)
