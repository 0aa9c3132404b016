"""The lab "Diamond and circle": from its spec to a family of exact solutions, and to the sentences that are true of each member."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.datasets import DIABETES_FEATURES, diabetes
from core.datasets.uploads import OwnData
from core.datasets.uploads.limits import OWN
from core.errors import InvalidInput
from core.path_events import ZeroEvent, zero_events
from core.penalties import PENALTIES, ElasticNet, Penalty
from core.quadratic import Quadratic
from core.regularized import Solution, _certificate, constrained, penalized
from core.specs import FOLLOWS, DiamondCircleSpec
from core.support_map import SupportMap, support_map

Floats = NDArray[np.float64]
Own = tuple[OwnData, int, int]
"""Somebody's own data, and which two of their features the weights belong to, by number; the same one twice is allowed."""
Window = tuple[tuple[float, float], tuple[float, float]]

MEMBERS = 201
_COARSE = 25  # members are enough to see how far a path of solutions reaches
_START = 1e-9  # of the largest lambda: a weight seen to leave zero before this was zero at the minimum of the loss, to rounding
_SAME = 1e-12  # of the axis: events closer than this share a member
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
    events: where a weight becomes zero, leaves it or crosses it along lambda; one that starts at zero has no event there.
    event_members: (len(events),) the member that sits exactly on each event, its weight exactly 0.0; -1 for one outside of the axis.
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
    window: Window
    loss: Floats
    axis_names: tuple[str, str]

    @cached_property
    def support(self) -> SupportMap:
        """The plane of unconstrained minima, by the support of the solution: found when first asked for, since only one view shows it."""
        return support_map(self.problem, self.penalty, self.window, **{self.spec.axis: self.axis})

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


def problem_of(spec: DiamondCircleSpec, own: Own | None = None) -> Quadratic:
    """Return the loss that a spec describes: an ellipse, or least squares on two features, of somebody's own data where it asks for them.

    Raises
    ------
    InvalidInput
        Where own data are missing, or their target has more than two classes.
    """
    if spec.data == OWN:
        if own is None:
            raise InvalidInput("your own data, which are not here", "a table in this session", "Paste or upload it.")
        data, first, second = own
        return Quadratic.from_least_squares(*data.standardised(first, second))
    if spec.data == "diabetes":
        return Quadratic.from_least_squares(*diabetes(spec.feature1, spec.feature2))
    angle = np.deg2rad(spec.tilt)
    # At 90 degrees floating point leaves a cosine of 6e-17, and weights that should not interact would.
    cos, sin = (0.0 if abs(turn) < 1e-15 else float(turn) for turn in (np.cos(angle), np.sin(angle)))
    flat, steep = np.array([cos, sin]), np.array([-sin, cos])
    hessian = spec.curvature * (np.outer(flat, flat) / spec.condition + np.outer(steep, steep))
    return Quadratic((hessian + hessian.T) / 2, np.array([spec.centre1, spec.centre2]))


def solve(spec: DiamondCircleSpec, own: Own | None = None) -> DiamondCircle:
    """Return the family of the lab for a spec; the scrub's position in the spec does not matter."""
    problem, penalty = problem_of(spec, own), penalty_of(spec.penalty, spec.rho)
    lambdas = _lambdas(problem, penalty, "log", 4 * MEMBERS)
    events = tuple(event for event in zero_events(problem, penalty, lambdas) if event.lam > _START * lambdas[-1])
    axis, members = _with_events(_axis(problem, penalty, spec), [event.lam if spec.axis == "lam" else event.budget for event in events])
    others = {}
    if spec.overlay:
        for key in PENALTIES:
            if key != spec.penalty:
                other = penalty_of(key, spec.rho)
                others[key] = (other, _solve(problem, other, spec.axis, axis))
    solution = _on_events(_solve(problem, penalty, spec.axis, axis), problem, penalty, spec.axis, events, members)
    window = window_of(spec, problem)
    names = (DIABETES_FEATURES[spec.feature1], DIABETES_FEATURES[spec.feature2]) if spec.data == "diabetes" else ("", "")
    if spec.data == OWN and own is not None:
        names = (own[0].features[own[1]], own[0].features[own[2]])
    return DiamondCircle(
        spec=spec,
        problem=problem,
        penalty=penalty,
        axis=axis,
        solution=solution,
        others=others,
        events=events,
        event_members=members,
        window=window,
        loss=problem.value(solution.w),
        axis_names=names,
    )


def window_of(spec: DiamondCircleSpec, problem: Quadratic) -> Window:
    """Return a square around the origin that holds the unconstrained minimum with room to spare, and the solutions of all penalties.

    It is the same for all synthetic ellipses but the few whose solutions slide far along a flat direction.
    """
    penalties = [penalty_of(key, spec.rho) for key in PENALTIES]
    paths = [penalized(problem, penalty, _lambdas(problem, penalty, "log", _COARSE)).w for penalty in penalties]
    reach, half = 1.05 * float(np.abs(paths).max()), _SYNTHETIC_HALF
    if spec.data != "synthetic":
        reach, half = max(reach, 1.6 * float(np.abs(problem.centre).max()), 1e-6), 0.0
    if reach > half:
        scale = 10.0 ** np.floor(np.log10(reach))
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
    """Move a member near each event onto it, so that the scrub can stand exactly there; the ends stay, and no event takes another's member."""
    fixed, free = [axis[0], axis[-1]], axis[1:-1]
    for value in values:
        if axis[0] <= value <= axis[-1] and np.abs(np.array(fixed) - value).min() > _SAME * axis[-1]:
            fixed.append(value)
            free = np.delete(free, np.argmin(np.abs(free - value)))
    moved = np.sort(np.concatenate([fixed, free]))
    return moved, tuple(int(np.argmin(np.abs(moved - value))) if axis[0] <= value <= axis[-1] else -1 for value in values)


def _on_events(
    solution: Solution, problem: Quadratic, penalty: Penalty, axis: str, events: tuple[ZeroEvent, ...], members: tuple[int, ...]
) -> Solution:
    """Take the rounding out of each weight that meets zero at a member, and certify what is then shown."""
    w = solution.w.copy()
    for event, member in zip(events, members, strict=True):
        if member >= 0:
            w[member, event.index] = 0.0
    if axis == "lam":
        budget, violation = penalty.value(w), _certificate.stationarity(problem, penalty, w, solution.lam)
    else:
        budget, violation = solution.budget, _certificate.constraint(problem, penalty, w, solution.lam, solution.budget)
    return replace(solution, w=w, budget=budget, support=w != 0.0, kkt_residual=violation / problem.scale)
