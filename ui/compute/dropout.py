"""The views of the lab "Dropout"."""

from __future__ import annotations

from core.datasets.real import columns
from core.datasets.standardised import DIABETES_FEATURES
from core.dropout import thinned
from core.dropout.coadaptation import CoAdaptation
from core.dropout.least_squares import LeastSquares, least_squares
from core.dropout.noise import GradientNoise, RuleRates
from core.dropout.pace import Pace
from core.dropout.scaling import scaling
from core.dropout.thinning import Thinning
from core.dropout.trapped import Trapped
from core.figures.dropout import ensemble, measured, network, ridge
from core.figures.dropout import scaling as signal
from core.figures.scene import FamilyAxis, Scene
from core.specs.dropout import DropoutSpec, rates
from core.studies.study import Study
from ui import plot, studies
from ui.kept import kept, lazily

GROUP = DropoutSpec.prefix
# The columns of the diabetes data in the order in which they are taken: two that tell much, then those that say the same in other words.
_ORDER = ("bmi", "s5", "bp", "s1", "s2", "s3", "sex", "s4", "s6", "age")


class NetworkViews:
    """One batch after the other in the network of 3 - 5 - 4 - 4 - 2 units, packed for the browser, each view when it is first asked for."""

    def __init__(self, spec: DropoutSpec) -> None:
        self.result = thinned.solve(spec)

    @lazily
    def network(self) -> bytes:
        """The network with the batch's mask."""
        return plot.pack_chart(network.thinned_network(self.result), name="thinned-network", group=GROUP)

    @lazily
    def losses(self) -> bytes:
        """The losses along the batches."""
        return plot.pack_chart(network.batch_losses(self.result), name="batch-losses", group=GROUP)

    @lazily
    def share(self) -> bytes:
        """The share of the connections that carry gradient."""
        return plot.pack_chart(network.gradient_share(self.result), name="gradient-share", group=GROUP)

    @lazily
    def numbers(self) -> bytes:
        """One unit in numbers."""
        return plot.pack_readouts(network.unit_numbers(self.result), group=GROUP)


class ScalingViews:
    """The sum of many units."""

    def __init__(self, units: int) -> None:
        result = scaling(rates(), units)
        self.histogram = plot.pack_chart(signal.signal_histogram(result), name="signal", group=GROUP)
        self.moments = plot.pack_chart(signal.signal_moments(result), name="mean-and-variance", group=GROUP)


class RidgeViews:
    """Dropout on least squares beside plain ridge."""

    def __init__(self, result: LeastSquares) -> None:
        self.paths = {which: plot.pack_chart(ridge.ridge_paths(result, which), name=f"{which}-ridge", group=GROUP) for which in ("dropout", "plain")}
        self.table = plot.pack_table(ridge.lambda_table(result), group=GROUP)
        self.certificate = plot.pack_readouts(ridge.ridge_certificate(result), group=GROUP)


def network_views(spec: DropoutSpec) -> NetworkViews:
    """Return what the drawn network needs; where the scrubs stand and what the sections below show makes no difference."""
    kept = ("masks", "activation", "rows", "rate", "scale", "seed", "unit")
    return _network(DropoutSpec(**{name: getattr(spec, name) for name in kept}))


def scaling_views(spec: DropoutSpec) -> ScalingViews:
    """Return the section on scaling."""
    return _scaling(int(spec.units))


def ridge_views(spec: DropoutSpec) -> RidgeViews:
    """Return the section on least squares."""
    return _ridge(int(spec.columns), spec.scaled)


def ensemble_views(study: Thinning, kind: str) -> dict[str, bytes]:
    """Return the section on ensembles: "shares", "running", "units" and "rates"."""
    return _ensembles(study, kind)


def study_views(study: Study, judge: str = "") -> dict[str, bytes]:
    """Return the two charts of a study, "left" and "right"; rules are judged by the loss ``judge``."""
    return _measured(study, judge)


def target_axis(study: Pace) -> FamilyAxis:
    """Return the axis of the validation loss to be reached."""
    return measured.target_axis(studies.result(study))


# Results are frozen and only read, so sessions share them; about 1 MB an entry.
@kept(32)
def _network(spec: DropoutSpec) -> NetworkViews:
    return NetworkViews(spec)


@kept(64)
def _scaling(units: int) -> ScalingViews:
    return ScalingViews(units)


@kept(32)
def _ridge(d: int, scaled: bool) -> RidgeViews:
    names = list(DIABETES_FEATURES)
    taken = [names.index(name) for name in _ORDER[:d]]
    X, y = columns("diabetes")
    X = X[:, taken]
    if scaled:
        X = (X - X.mean(axis=0)) / X.std(axis=0)
    return RidgeViews(least_squares(tuple(DIABETES_FEATURES[name] for name in _ORDER[:d]), X, y, rates()))


@kept(32)
def _ensembles(study: Thinning, kind: str) -> dict[str, bytes]:
    found = studies.result(study)
    scenes = {
        "shares": ensemble.thinned_shares(found, kind),
        "running": ensemble.running_average(found, kind),
        "units": ensemble.gap_against_units(found),
        "rates": ensemble.gap_against_p(found, kind),
    }
    return {name: plot.pack_chart(scene, name=f"ensemble-{name}", group=GROUP) for name, scene in scenes.items()}


@kept(64)
def _measured(study: Study, judge: str) -> dict[str, bytes]:
    found = studies.result(study)
    scenes: tuple[Scene, Scene]
    match study:
        case CoAdaptation():
            scenes = measured.missed_unit(found), measured.unit_agreement(found)
        case GradientNoise():
            scenes = measured.gradient_cosines(found), measured.gradient_variance(found)
        case RuleRates():
            scenes = measured.best_rates_of(found, judge), measured.toll(found, judge)
        case Trapped():
            scenes = measured.saddle_escapes(found), measured.basin_escapes(found)
        case _:
            scenes = measured.steps_to_target(found), measured.times_as_many(found)
    return {side: plot.pack_chart(scene, name=f"{study.key}-{side}", group=GROUP) for side, scene in zip(("left", "right"), scenes, strict=True)}
