"""A crowd of students: they come within some seconds, open labs, move a control every few seconds, some of them train, and they go."""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass

import websockets

from benchmarks.load.student import Full, Seen, Student
from tests.browser.driving import DRAWN

NEW_WEIGHTS = "New initial weights"


@dataclass(frozen=True)
class Plan:
    """What a crowd does.

    Attributes
    ----------
    students, training:
        How many there are, and how many of them have a training running all the time.
    seconds, coming:
        How long what they do is counted, and over how long they come before.
    every:
        Seconds between a student's moves of a control, give or take a third.
    scrubs:
        The share of moves that are a scrub let go; the others are a slider, a choice, a switch or a preset beside the charts.
    pages:
        The labs that they are spread over.
    change:
        The share of moves before which a student goes to another lab, as by a link.
    """

    students: int = 60
    training: int = 4
    seconds: float = 60.0
    coming: float = 60.0
    every: float = 3.0
    scrubs: float = 0.75
    pages: tuple[str, ...] = DRAWN
    change: float = 0.0


async def play(url: str, plan: Plan, seed: int = 0) -> tuple[Seen, list[Student]]:
    """Let a crowd in, and return what it met with while it was counted, and the students, still there."""
    coming, counted = Seen(), Seen()
    start = time.monotonic() + 0.5
    students = [Student(url, coming, 1000 * seed + i) for i in range(plan.students)]
    tasks = [asyncio.create_task(_live(student, i, plan, start, counted)) for i, student in enumerate(students)]
    await asyncio.gather(*tasks)
    counted.opened = coming.opened + counted.opened
    counted.full += coming.full
    counted.errors.update(coming.errors)
    return counted, students


async def leave(students: list[Student]) -> None:
    """Send everybody home."""
    await asyncio.gather(*(student.leave() for student in students), return_exceptions=True)


async def _live(student: Student, number: int, plan: Plan, start: float, counted: Seen) -> None:
    """Be one student until the time is over."""
    chance = random.Random(f"{number} {plan.students}")
    trains = number < plan.training
    page = "training" if trains else plan.pages[number % len(plan.pages)]
    begins, ends = start + plan.coming, start + plan.coming + plan.seconds
    await asyncio.sleep(max(0.0, start + plan.coming * number / plan.students - time.monotonic()))
    coming = student.seen
    while True:
        try:
            await student.open(page)
            break
        except Full:
            await asyncio.sleep(3.0)
            if time.monotonic() > ends:
                return
        except _TROUBLE as problem:
            coming.errors[f"opening {page}: {type(problem).__name__}: {problem}"] += 1
            return
    upcoming = time.monotonic() + chance.random() * plan.every
    trained = -1
    while (now := time.monotonic()) < ends:
        if now >= begins and student.seen is coming:
            student.seen = counted
        await asyncio.sleep(max(0.0, min(upcoming, ends) - now))
        if time.monotonic() >= ends:
            break
        upcoming += plan.every * chance.uniform(2 / 3, 4 / 3)
        try:
            if trains and student.states[-1:] == ["done"] and len(student.states) != trained:
                trained = len(student.states)
                await student.press(NEW_WEIGHTS)
            elif chance.random() < plan.change:
                await student.run(chance.choice(plan.pages))
            else:
                await student.move(1.0 if trains else plan.scrubs)
        except _TROUBLE as problem:
            student.seen.errors[f"{student.page}: {type(problem).__name__}: {problem}"] += 1
            return
        upcoming = max(upcoming, time.monotonic())


_TROUBLE = (OSError, TimeoutError, websockets.WebSocketException, StopIteration)
