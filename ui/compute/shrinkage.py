"""The views of the lab "Shrinkage paths"."""

from __future__ import annotations

from core.datasets.uploads import OwnData
from core.export.shrinkage import scikit_learn_code
from core.figures.scene import FamilyAxis
from core.figures.shrinkage import chosen, errors, path
from core.figures.shrinkage import twins as pictures
from core.figures.shrinkage.common import correlation_axis, lam_axis
from core.specs.shrinkage import FOLLOWS_THE_RULE, TWIN_SETTINGS, ShrinkageSpec
from core.statistics import shrinkage
from core.statistics.shrinkage.twins import twins
from core.statistics.shrinkage.words import target_note
from ui import plot, uploads
from ui.kept import kept, lazily

GROUP = ShrinkageSpec.prefix


class PathViews:
    """A path and its views, packed for the browser, each when it is first asked for."""

    def __init__(self, spec: ShrinkageSpec, own: OwnData | None = None) -> None:
        self.result = shrinkage.solve(spec) if own is None else shrinkage.solve(spec, own)
        self.axis = lam_axis(self.result)
        notes = (*self.result.design.notes, target_note(spec, own))
        self.notes = notes if own is None else tuple(map(uploads.escaped, notes))  # names that somebody gave are no Markdown

    @lazily
    def path(self) -> bytes:
        """The weights over lambda."""
        return plot.pack_chart(path.coefficient_path(self.result), name="coefficient-path", group=GROUP)

    @lazily
    def errors(self) -> bytes:
        """The errors over lambda."""
        return plot.pack_chart(errors.errors_over_lambda(self.result), name="errors", group=GROUP)

    @lazily
    def freedom(self) -> bytes:
        """The degrees of freedom over lambda."""
        return plot.pack_chart(errors.freedom_over_lambda(self.result), name="degrees-of-freedom", group=GROUP)

    @lazily
    def chosen(self) -> bytes:
        """The model at lambda beside least squares."""
        return plot.pack_chart(chosen.chosen_weights(self.result), name="chosen-model", group=GROUP)

    @lazily
    def numbers(self) -> bytes:
        """The numbers of the model at lambda."""
        return plot.pack_readouts(chosen.chosen_numbers(self.result), group=GROUP)

    def code(self, member: int) -> str:
        """Return the script for the model of a member."""
        return scikit_learn_code(self.result.spec, float(self.result.lam[member]), len(self.result.design.y))


class TwinViews:
    """The section on twins."""

    def __init__(self, spec: ShrinkageSpec) -> None:
        result = twins(int(spec.twin_rows), spec.twin_lam, spec.twin_scaled, spec.rho)
        self.axis: FamilyAxis = correlation_axis()
        self.fates = plot.pack_chart(pictures.twin_fates(result), name="twins", group=GROUP)
        self.cloud = plot.pack_chart(pictures.twin_cloud(result), name="twin-weights", group=GROUP)
        self.variance = plot.pack_chart(pictures.twin_variance(result), name="twin-variance", group=GROUP)

    def member_at(self, spec: ShrinkageSpec) -> int:
        """Return the member nearest to the spec's correlation."""
        return int(abs(self.axis.values - spec.r).argmin())


def path_views(spec: ShrinkageSpec, own: OwnData | None = None) -> PathViews:
    """Return the path's views, own data's for their session alone; where the scrubs stand and the twins' settings make no difference.

    Raises
    ------
    InvalidInput
        Where own data cannot be fitted.
    """
    fresh = ShrinkageSpec()
    rho = spec.rho if spec.penalty == "elastic_net" else fresh.rho
    twin = {name: getattr(fresh, name) for name in TWIN_SETTINGS}
    settled = spec.replace(**(twin | {"rho": rho, "lam": FOLLOWS_THE_RULE, "r": fresh.r}))
    return _path(settled) if own is None else uploads.of_session((settled, own), lambda: PathViews(settled, own))


def twin_views(spec: ShrinkageSpec) -> TwinViews:
    """Return the twins' views; all but their own settings and the mix makes no difference."""
    return _twins(ShrinkageSpec(**{name: getattr(spec, name) for name in TWIN_SETTINGS}))


# Results are frozen and only read, so sessions share them; about 1 MB an entry.
@kept(64)
def _path(spec: ShrinkageSpec) -> PathViews:
    return PathViews(spec)


@kept(32)
def _twins(spec: ShrinkageSpec) -> TwinViews:
    return TwinViews(spec)
