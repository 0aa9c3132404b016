"""The views of the lab "Step by step"."""

from __future__ import annotations

from core import step_by_step
from core.figures.step_panel import step_readouts, step_table
from core.figures.step_views import FIRST, SECOND
from core.specs import StepByStepSpec
from ui import plot
from ui.kept import kept, lazily


class StepByStepViews:
    """The lab's result and what its story shows, packed for the browser, each when it is first asked for."""

    def __init__(self, spec: StepByStepSpec) -> None:
        self.result = step_by_step.solve(spec)
        self._group, self._story = spec.prefix, spec.story

    @lazily
    def first(self) -> bytes:
        """The number line, or the lone weights as they are."""
        return plot.pack_chart(FIRST[self._story](self.result), name=f"steps-{self._story}-line", group=self._group)

    @lazily
    def second(self) -> bytes:
        """The weights against the step."""
        return plot.pack_chart(SECOND[self._story](self.result), name=f"steps-{self._story}", group=self._group)

    @lazily
    def table(self) -> bytes:
        """The rows."""
        return plot.pack_table(step_table(self.result), group=self._group)

    @lazily
    def readouts(self) -> bytes:
        """The formulas with the numbers put in."""
        return plot.pack_readouts(step_readouts(self.result), group=self._group)


def step_by_step_views(spec: StepByStepSpec) -> StepByStepViews:
    """Return everything that the lab "Step by step" draws; which step is in focus makes no difference."""
    return _step_by_step_views(spec.replace(step=0.0))


# Results are only read, so sessions share them; about 0.2 MB an entry.
@kept(256)
def _step_by_step_views(spec: StepByStepSpec) -> StepByStepViews:
    return StepByStepViews(spec)
