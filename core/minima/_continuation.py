"""Branches of minima followed in lambda: forward from where they are found, backward to where they come from."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from core._validate import Bools, Floats
from core.minima._objective import SETTLED, Indices, Objective, Points, together
from core.minima._seeds import SAME

_FIRST = 2.0**-7  # of the way from member to member: a step that would have to be shorter has come to the end of its branch
_FINEST = 2e-8  # of the largest lambda: how exactly ends are then found
_EDGE = 1e-5  # of the window's size: a branch that ends this close to the edge has left
_NEAR = 1e-2  # of the window's size: how far from an axis a minimum may be when it is tried on it, and how far it may move
_TURNS = 400


@dataclass
class Branch:
    """One minimum over the members where it exists, and where it begins and ends."""

    members: list[tuple[int, Floats]] = field(default_factory=list)
    born: float = 0.0
    born_how: str = "start"
    ends: float = 0.0
    ends_how: str = ""


@dataclass(frozen=True)
class Walk:
    """Where m branches have got to, and whether that is the lambda they were sent to, (m,)."""

    at: Points
    reached: Bools


@dataclass(frozen=True)
class End:
    """An end of a branch that has yet to be found: somewhere between ``lam``, where it still exists, and the member ``toward``."""

    branch: Branch
    forward: bool
    w: Floats
    sign: Floats
    lam: float
    toward: int


class Tracker:
    """Follows all branches over the members, in order."""

    def __init__(self, objective: Objective, lam: Floats) -> None:
        self.objective, self.lam = objective, lam
        self.branches: list[Branch] = []
        self.finest = _FINEST * max(float(lam[-1]), 1e-300)
        self._alive: list[int] = []
        self._w, self._sign = np.empty((0, 2)), np.empty((0, 2))
        self._places: list[tuple[list[int], Floats]] = []
        self._open: list[End] = []

    def run(self, found: dict[int, Points]) -> None:
        """Track from the minima found at some members."""
        for j in range(len(self.lam)):
            if j:
                self._forward(j)
            if j in found:
                self._seed(found[j], j)
            self._places.append((list(self._alive), self._w))
            for i, w in zip(self._alive, self._w, strict=True):
                self.branches[i].members.append((j, w))
        for i in self._alive:
            self.branches[i].ends, self.branches[i].ends_how = float(self.lam[-1]), "end"
        self._refine()

    def _forward(self, j: int) -> None:
        walk = self._walk(self._points(self.lam[j - 1]), np.full(len(self._w), self.lam[j]))
        # Two branches at one place: one has slipped into the other's basin. The one that was followed first stays.
        same = self._same(walk.at.w, walk.at.w) & walk.reached
        slipped = np.tril(same, -1).any(axis=1)
        good = walk.reached & ~slipped
        for n in np.flatnonzero(~good):
            branch = self.branches[self._alive[n]]
            branch.ends, branch.ends_how = float(walk.at.lam[n]), "vanishes"
            if not walk.reached[n]:
                self._open.append(End(branch, True, walk.at.w[n], walk.at.sign[n], float(walk.at.lam[n]), j))
        self._alive = [i for i, still in zip(self._alive, good, strict=True) if still]
        self._w, self._sign = walk.at.w[good], walk.at.sign[good]

    def _seed(self, found: Points, j: int) -> None:
        """Start a branch at each found minimum that is on none yet, and follow it back to where it comes from."""
        new = ~self._same(found.w, self._w).any(axis=1)
        if not new.any():
            return
        w, sign = found.w[new], found.sign[new]
        self._w, self._sign = np.vstack([self._w, w]), np.vstack([self._sign, sign])
        fresh = [Branch() for _ in w]
        keep = self._backward(fresh, w, sign, j)
        ids = []
        for branch, met in zip(fresh, keep, strict=True):
            if met >= 0:
                # A branch that was lost on the way is found again here.
                old = self.branches[met]
                old.members += branch.members
                old.ends_how = ""
                self._open = [end for end in self._open if end.branch is not old or not end.forward]
            elif met == -1:
                self.branches.append(branch)
            ids.append(met if met >= 0 else len(self.branches) - 1 if met == -1 else -1)
        self._alive += ids
        real = np.array(self._alive) >= 0
        self._alive = [i for i in self._alive if i >= 0]
        self._w, self._sign = self._w[real], self._sign[real]

    def _backward(self, fresh: list[Branch], w: Floats, sign: Floats, j: int) -> list[int]:
        """Follow new branches back.

        Returns, for each, -1; or the number of the lost branch that it continues; or -2 where it comes from one that goes on.
        """
        result = [-1] * len(fresh)
        going = np.arange(len(fresh))
        w, sign = w.copy(), sign.copy()
        for i in range(j, 0, -1):
            start = Points(w[going], sign[going], np.full(len(going), self.lam[i]))
            walk = self._walk(start, np.full(len(going), self.lam[i - 1]))
            still = walk.reached.copy()
            ids, places = self._places[i - 1]
            meets = self._same(walk.at.w, places)
            for n, index in enumerate(going):
                branch = fresh[index]
                if not walk.reached[n]:
                    branch.born, branch.born_how = float(walk.at.lam[n]), "appears"
                    self._open.append(End(branch, False, walk.at.w[n], walk.at.sign[n], float(walk.at.lam[n]), i - 1))
                elif meets[n].any():
                    met = ids[int(meets[n].argmax())]
                    lost = self.branches[met].ends_how and self.branches[met].members[-1][0] == i - 1
                    result[index], still[n] = (met if lost else -2), False
                else:
                    branch.members.insert(0, (i - 1, walk.at.w[n]))
            w[going], sign[going] = walk.at.w, walk.at.sign
            going = going[still]
            if not len(going):
                break
        for index in going:
            fresh[index].born = float(self.lam[0])
        return result

    def _refine(self) -> None:
        """Walk on from where branches ended, all at once and in ever smaller steps, until the lambda is known."""
        window, size = self.objective.window, self.objective.size
        while self._open:
            ends, self._open = self._open, []
            start = Points(np.array([end.w for end in ends]), np.array([end.sign for end in ends]), np.array([end.lam for end in ends]))
            walk = self._walk(start, self.lam[[end.toward for end in ends]], self.finest)
            for n, end in enumerate(ends):
                at, w = float(walk.at.lam[n]), walk.at.w[n]
                if walk.reached[n] and self._goes_on(end, w, walk.at.sign[n]):
                    continue
                edge = np.minimum(w - window[:, 0], window[:, 1] - w).min() <= _EDGE * size
                if end.forward:
                    end.branch.ends, end.branch.ends_how = at, "leaves" if edge else "vanishes"
                else:
                    end.branch.born, end.branch.born_how = at, "enters" if edge else "appears"

    def _goes_on(self, end: End, w: Floats, sign: Floats) -> bool:
        """Return whether a branch that has reached the next member after all goes on there, and not as one that is known."""
        j = end.toward
        if self._same(w[None], self._places[j][1]).any():
            return False
        end.branch.members.insert(len(end.branch.members) if end.forward else 0, (j, w))
        beyond = j + 1 if end.forward else j - 1
        if 0 <= beyond < len(self.lam):
            self._open.append(End(end.branch, end.forward, w, sign, float(self.lam[j]), beyond))
        elif end.forward:
            end.branch.ends, end.branch.ends_how = float(self.lam[j]), "end"
        else:
            end.branch.born, end.branch.born_how = float(self.lam[j]), "start"
        return True

    def _points(self, lam: float) -> Points:
        return Points(self._w, self._sign, np.full(len(self._w), lam))

    def _same(self, one: Floats, other: Floats) -> Bools:
        return together(one, other, SAME * self.objective.size)

    def _walk(self, start: Points, stop: Floats, finest: float = 0.0) -> Walk:
        """Follow m branches to the lambdas ``stop`` (m,), each in steps as long as its tangent foresees them.

        A branch ends where a step would have to be shorter than ``finest`` or, where that is 0, than a small part of the way.
        """
        objective = self.objective
        here = Points(start.w.copy(), start.sign.copy(), start.lam.copy())
        step = stop - here.lam
        shortest = np.full(len(step), finest) if finest else _FIRST * np.abs(step)
        bend = objective.least_bend(here, objective.bends(here))
        going = np.arange(len(step))
        reached = np.zeros(len(step), dtype=bool)
        for _ in range(_TURNS):
            if not len(going):
                break
            now, end = here.of(going), stop[going]
            length = step[going]
            length = np.where(np.abs(length) > np.abs(end - now.lam), end - now.lam, length)
            last = length == end - now.lam
            foreseen = length[:, None] * objective.tangent(now)
            far = np.abs(foreseen).max(axis=-1)
            target = Points(now.w + foreseen, now.sign, np.where(last, end, now.lam + length))
            there, good = objective.settled(target, 0.5 * far + 10.0 * SETTLED * objective.size)
            # Of a branch that goes on the least curvature changes little; that of another basin is another.
            bends = objective.bends(there)
            new = objective.least_bend(there, bends)
            shift = 2.0 * objective.l2 * np.abs(length)
            good &= (new <= 4.0 * (bend[going] + shift)) & (4.0 * new >= bend[going] - shift)
            good &= objective.accepted(there, new)
            _move(here, bend, going[good], there.of(good), new[good])
            step[going] = np.where(good, 2.0 * length, 0.5 * length)
            reached[going[good & last]] = True
            stuck = ~good & (np.abs(length) <= shortest[going])
            gone = stuck.copy()
            if objective.l1 and stuck.any():
                gone[stuck] = ~self._turn(here, bend, step, going[stuck], stop[going[stuck]], shortest[going[stuck]])
            going = going[~(good & last) & ~gone]
        return Walk(here, reached)

    def _turn(self, here: Points, bend: Floats, step: Floats, which: Indices, stop: Floats, shortest: Floats) -> Bools:
        """Let branches that are stuck where L1 folds the objective change their sign pattern; return which could.

        A weight that has come to 0 is held there; one whose slope has outgrown lam l1 is set free, to the side that it is pulled to.
        """
        objective = self.objective
        now = here.of(which)
        onward = np.sign(stop - now.lam) * np.minimum(4.0 * shortest, np.abs(stop - now.lam))
        onto = np.where(np.abs(stop - now.lam) <= 4.0 * shortest, stop, now.lam + onward)
        near = np.full(len(which), _NEAR * objective.size)
        turned = np.zeros(len(which), dtype=bool)
        for i in (0, 1):
            free = now.sign[:, i] != 0.0
            ahead, _ = objective.settled(Points(now.w, now.sign, onto), near)
            sign, w = now.sign.copy(), np.where(free[:, None], now.w, ahead.w)
            sign[:, i] = np.where(free, 0.0, -np.sign(objective.surface._gradient(ahead.w)[:, i]))
            w[:, i] = 0.0
            there, good = objective.settled(Points(w, sign, onto), near)
            bends = objective.least_bend(there, objective.bends(there))
            good &= objective.accepted(there, bends) & ~turned & (np.abs(there.w - now.w).max(axis=-1) <= near)
            _move(here, bend, which[good], there.of(good), bends[good])
            step[which[good]] = (stop - here.lam[which])[good]
            turned |= good
        return turned


def _move(here: Points, bend: Floats, which: Indices, there: Points, new: Floats) -> None:
    here.w[which], here.sign[which], here.lam[which], bend[which] = there.w, there.sign, there.lam, new
