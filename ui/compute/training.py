"""The views of the lab "Training": none of them waits for a network, since their numbers come from the film while it is computed."""

from __future__ import annotations

from core.figures.scene import Scene
from core.figures.training.curves import training_losses, training_profile, training_scores
from core.figures.training.field import training_field
from core.figures.training.panel import training_readouts
from core.figures.training.race import race_numbers, training_distance, training_race
from core.figures.training.weights import training_histogram, training_network
from core.specs.training_lab import OwnTrainingLabSpec, TrainingLabSpec
from ui import plot, uploads
from ui.kept import kept, lazily


class TrainingViews:
    """The views of one family, packed for the browser, each when it is first asked for."""

    def __init__(self, spec: TrainingLabSpec) -> None:
        self.spec = spec

    @lazily
    def field(self) -> bytes:
        """The decision boundary and the points."""
        return self._chart(training_field(self.spec), "decision-boundary")

    @lazily
    def losses(self) -> bytes:
        """Training and validation loss along the epochs."""
        return self._chart(training_losses(self.spec), "losses")

    @lazily
    def scores(self) -> bytes:
        """How often the network is right."""
        return self._chart(training_scores(self.spec), "scores")

    @lazily
    def profile(self) -> bytes:
        """The losses of the whole family."""
        return self._chart(training_profile(self.spec), "family")

    @lazily
    def network(self) -> bytes:
        """The network with its weights."""
        return self._chart(training_network(self.spec), "network")

    @lazily
    def histogram(self) -> bytes:
        """The weights by size."""
        return self._chart(training_histogram(self.spec), "weights")

    @lazily
    def race(self) -> bytes:
        """The paths over a plane of the loss surface."""
        return self._chart(training_race(self.spec), "race")

    @lazily
    def distance(self) -> bytes:
        """How far the paths are from that plane."""
        return self._chart(training_distance(self.spec), "distance-from-plane")

    @lazily
    def readouts(self) -> bytes:
        """The numbers of the member in focus."""
        numbers = training_readouts(self.spec)
        return plot.pack_readouts((*numbers, *race_numbers()) if self.spec.axis == "rule" else numbers, group=self.spec.prefix)

    def _chart(self, scene: Scene, name: str) -> bytes:
        return plot.pack_chart(scene, name=name, group=self.spec.prefix)


def training_views(spec: TrainingLabSpec) -> TrainingViews:
    """Return everything that the lab draws; where its scrubs stand makes no difference."""
    settled = spec.replace(member=0.0, epoch=0.0)
    if isinstance(settled, OwnTrainingLabSpec):
        return uploads.of_session(settled, lambda: TrainingViews(settled))
    return _views(settled)


# Nothing of a run is kept here; about 60 KB an entry.
@kept(128)
def _views(spec: TrainingLabSpec) -> TrainingViews:
    return TrainingViews(spec)
