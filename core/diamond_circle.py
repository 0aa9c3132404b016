"""The lab "Diamond and circle": from its spec to a family of exact solutions, and to the sentences that are true of each member."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.datasets import DIABETES_FEATURES, diabetes
from core.path_events import ZeroEvent, zero_events
from core.penalties import PENALTIES, ElasticNet, Penalty
from core.quadratic import Quadratic
from core.regularized import Solution, constrained, penalized
from core.specs import FOLLOWS, DiamondCircleSpec
from core.support_map import SupportMap, support_map

Floats = NDArray[np.float64]
Window = tuple[tuple[float, float], tuple[float, float]]

MEMBERS = 201
_SYNTHETIC_HALF = 5.0  # the ellipse's minimum stays within 4 on both axes; one unit of margin


@dataclass(frozen=True)
class DiamondCircle:
    """A family of solutions along lambda or the budget, and what surrounds it. k members, first and last are the axis's ends.

    Attributes
    ----------
    spec: the settings, the scrub's position aside.
    problem: the quadratic loss.
    penalty: the chosen penalty; ``others`` holds the overlaid ones by key.
    axis: (k,) lambda or budget, ascending.
    solution: (k) exact solutions of the chosen penalty.
    others: key -> (penalty, solutions at the same axis values).
    events: where a weight becomes zero or crosses it, along lambda.
    event_members: (len(events),) the member that sits exactly on each event, -1 for one outside of the axis.
    support: the plane of unconstrained minima, by the support of the solution.
    window: ((low, high), (low, high)) of the plane of weights.
    loss: (k,) loss at each member, its floor included.
    axis_names: what the two weights belong to.
    """

    spec: DiamondCircleSpec
    problem: Quadratic
    penalty: Penalty
    axis: Floats
    solution: Solution
    others: Mapping[str, tuple[Penalty, Solution]]
    events: tuple[ZeroEvent, ...]
    event_members: tuple[int, ...]
    support: SupportMap
    window: Window
    loss: Floats
    axis_names: tuple[str, str]

    @property
    def family_key(self) -> str:
        """Return ``"lam"`` or ``"budget"``, the family's axis."""
        return self.spec.axis

    def member_at(self, spec: DiamondCircleSpec) -> int:
        """Return the member where ``spec`` stands: the nearest to its budget or, where that follows, to its lambda."""
        if self.spec.axis == "budget" and spec.budget != FOLLOWS:
            return int(np.argmin(np.abs(self.axis - spec.budget)))
        # Several budgets may share lambda = 0; the first of them is the one that just stops binding.
        return int(np.argmin(np.abs(np.minimum(self.solution.lam, 1e12) - spec.lam)))

    def position(self, member: int) -> dict[str, float]:
        """Return the spec's lambda and budget for a member, so that changing the axis stays at the same solution."""
        lam = float(f"{min(float(self.solution.lam[member]), 1e7):.7g}")
        return {"lam": lam, "budget": float(f"{self.axis[member]:.7g}") if self.spec.axis == "budget" else FOLLOWS}


def penalty_of(key: str, rho: float) -> Penalty:
    """Return a registered penalty, with the mix where it has one."""
    return ElasticNet(rho) if PENALTIES[key] is ElasticNet else PENALTIES[key]()


def problem_of(spec: DiamondCircleSpec) -> Quadratic:
    """Return the loss that a spec describes: an ellipse, or least squares on two features."""
    if spec.data == "diabetes":
        return Quadratic.from_least_squares(*diabetes(spec.feature1, spec.feature2))
    angle = np.deg2rad(spec.tilt)
    flat, steep = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    hessian = spec.curvature * (np.outer(flat, flat) / spec.condition + np.outer(steep, steep))
    return Quadratic((hessian + hessian.T) / 2, np.array([spec.centre1, spec.centre2]))


def solve(spec: DiamondCircleSpec) -> DiamondCircle:
    """Return the family of the lab for a spec; the scrub's position in the spec does not matter."""
    problem, penalty = problem_of(spec), penalty_of(spec.penalty, spec.rho)
    events = zero_events(problem, penalty, _lambdas(problem, penalty, "log", 4 * MEMBERS))
    axis, members = _with_events(_axis(problem, penalty, spec), [event.lam if spec.axis == "lam" else event.budget for event in events])
    others = {}
    if spec.overlay:
        for key in PENALTIES:
            if key != spec.penalty:
                other = penalty_of(key, spec.rho)
                others[key] = (other, _solve(problem, other, spec.axis, axis))
    solution = _solve(problem, penalty, spec.axis, axis)
    window = window_of(spec, problem)
    held = {"lam": axis} if spec.axis == "lam" else {"budget": axis}
    names = (DIABETES_FEATURES[spec.feature1], DIABETES_FEATURES[spec.feature2]) if spec.data == "diabetes" else ("", "")
    return DiamondCircle(
        spec=spec,
        problem=problem,
        penalty=penalty,
        axis=axis,
        solution=solution,
        others=others,
        events=events,
        event_members=members,
        support=support_map(problem, penalty, window, **held),
        window=window,
        loss=problem.value(solution.w),
        axis_names=names,
    )


def window_of(spec: DiamondCircleSpec, problem: Quadratic) -> Window:
    """Return a square around the origin that holds the unconstrained minimum with room to spare, the same for all synthetic ellipses."""
    half = _SYNTHETIC_HALF
    if spec.data != "synthetic":
        reach = 1.6 * float(np.abs(problem.centre).max())
        scale = 10.0 ** np.floor(np.log10(max(reach, 1e-6)))
        half = float(scale * min((step for step in (1.0, 1.5, 2.0, 3.0, 5.0, 7.5, 10.0) if step * scale >= reach), default=10.0))
    return ((-half, half), (-half, half))


def _solve(problem: Quadratic, penalty: Penalty, axis: str, values: Floats) -> Solution:
    return penalized(problem, penalty, values) if axis == "lam" else constrained(problem, penalty, values)


def _lambdas(problem: Quadratic, penalty: Penalty, spacing: str, members: int) -> Floats:
    """Lambdas from no penalty to all weights zero, or for a penalty that never gets there to a twentieth of the minimum's length."""
    pull = float(np.abs(problem.hessian @ problem.centre).max())
    steepest = float(np.linalg.eigvalsh(problem.hessian)[-1])
    far = 10.0 * steepest  # L2 shrinks by h / (h + 2 lambda): 1/21 in the steepest direction
    if penalty.l1 > 0 and pull > 0:
        vanished = 1.1 * pull / penalty.l1
        far = vanished if penalty.l2 == 0 else min(vanished, max(far, 1.1 * pull))
    far = far or 1.0
    if spacing == "log":
        return np.concatenate([[0.0], np.geomspace(1e-4 * far, far, members - 1)])
    return np.linspace(0.0, far, members)


def _axis(problem: Quadratic, penalty: Penalty, spec: DiamondCircleSpec) -> Floats:
    if spec.axis == "lam":
        return _lambdas(problem, penalty, spec.spacing, MEMBERS)
    enough = 1.2 * float(penalty.value(problem.centre)) or 1.0
    if spec.spacing == "log":
        return np.concatenate([[0.0], np.geomspace(1e-4 * enough, enough, MEMBERS - 1)])
    return np.linspace(0.0, enough, MEMBERS)


def _with_events(axis: Floats, values: list[float]) -> tuple[Floats, tuple[int, ...]]:
    """Move the member nearest to each event onto it, so that the scrub can stand exactly there."""
    axis, members = axis.copy(), []
    for value in values:
        if not axis[0] <= value <= axis[-1]:
            members.append(-1)
            continue
        nearest = int(np.argmin(np.abs(axis - value)))
        if 0 < nearest < len(axis) - 1 and nearest not in members:
            axis[nearest] = value
        members.append(nearest)
    return axis, tuple(members)
